// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results of probes -> loss, round trip, jitter and quality of paths; counters
 * -> rates.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/printfrr.h"

#include "core/internal.h"
#include "core/mgroup.h"
#include "core/paths.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_PATH, "ExpressRoute path probe");

/* RFC 3550, 6.4.1 and A.8: the gain of jitter's filter is 1/16. */
#define JITTER_GAIN 16

PREDECL_RBTREE_UNIQ(er_path_tree);

struct er_path_probe {
	struct er_path_tree_item item;
	struct er_path_config config;
	struct er_path_window window;
	enum er_quality quality;
	enum er_quality told; /* the last one that was; UNKNOWN: none */
	char reason[ER_TEXT_LEN];
	uint64_t sent, lost;
	int64_t since_ms;
};

struct er_paths {
	struct er_path_tree_head tree;
};

static int path_cmp(const struct er_path_probe *a, const struct er_path_probe *b)
{
	return strcmp(a->config.name, b->config.name);
}

DECLARE_RBTREE_UNIQ(er_path_tree, struct er_path_probe, item, path_cmp);

/*
 * Measuring
 */
static void add_jitter(struct er_path_window *window, uint32_t rtt_us)
{
	uint32_t differs = rtt_us > window->last_us ? rtt_us - window->last_us
						    : window->last_us - rtt_us;

	if (window->last_us) {
		/* J += (D - J) / 16, in sixteenths and rounded */
		window->jitter_16 += differs - (window->jitter_16 + JITTER_GAIN / 2) / JITTER_GAIN;
		window->has_jitter = true;
	}
	window->last_us = rtt_us;
}

void er_path_result(struct er_path_window *window, bool replied, uint32_t rtt_us)
{
	rtt_us = replied ? MAX(rtt_us, 1) : 0;
	if (replied)
		add_jitter(window, rtt_us);
	window->rtt_us[window->next] = rtt_us;
	window->next = (window->next + 1) % ER_PATH_WINDOW;
	window->n = MIN(window->n + 1, ER_PATH_WINDOW);
}

void er_path_measure(const struct er_path_window *window, struct er_path_measure *measure)
{
	uint64_t sum = 0;

	memset(measure, 0, sizeof(*measure));
	measure->sent = window->n;
	for (unsigned int i = 0; i < window->n; i++) {
		uint32_t rtt_us = window->rtt_us[i];

		if (!rtt_us) {
			measure->lost++;
			continue;
		}
		sum += rtt_us;
		measure->rtt_min = measure->rtt_min ? MIN(measure->rtt_min, rtt_us) : rtt_us;
		measure->rtt_max = MAX(measure->rtt_max, rtt_us);
	}
	if (measure->sent > measure->lost)
		measure->rtt_mean = sum / (measure->sent - measure->lost);
	if (measure->sent)
		measure->loss_percent = (measure->lost * 100 + measure->sent - 1) / measure->sent;
	measure->has_jitter = window->has_jitter;
	measure->jitter_us = window->jitter_16 / JITTER_GAIN;
}

/*
 * Judging
 */
/* Is it reached, or not undercut enough by what was poor before? */
static bool exceeds(uint64_t value, uint64_t threshold, enum er_quality before)
{
	if (!threshold)
		return false;
	if (before != ER_QUALITY_POOR)
		return value >= threshold;
	return value * 100 > threshold * (100 - ER_PATH_HYSTERESIS_PERCENT);
}

static void say(char *reason, size_t len, const char *format, ...) PRINTFRR(3, 4);

static void say(char *reason, size_t len, const char *format, ...)
{
	size_t at = strlen(reason);
	va_list args;

	if (at)
		at += snprintf(reason + at, len - at, ", ");
	if (at >= len)
		return;
	va_start(args, format);
	vsnprintfrr(reason + at, len - at, format, args);
	va_end(args);
}

enum er_quality er_path_judge(const struct er_path_threshold *threshold,
			      const struct er_path_measure *m, enum er_quality before,
			      char *reason, size_t len)
{
	reason[0] = '\0';
	if (m->sent < ER_PATH_RESULTS_MIN)
		return ER_QUALITY_UNKNOWN;
	if (exceeds(m->loss_percent, threshold->loss_percent, before))
		say(reason, len, "loss %u %% (threshold %u %%)", m->loss_percent,
		    threshold->loss_percent);
	if (exceeds(m->rtt_mean, threshold->rtt_us, before))
		say(reason, len, "round trip %u ms (threshold %u ms)", m->rtt_mean / 1000,
		    threshold->rtt_us / 1000);
	if (m->has_jitter && exceeds(m->jitter_us, threshold->jitter_us, before))
		say(reason, len, "jitter %u ms (threshold %u ms)", m->jitter_us / 1000,
		    threshold->jitter_us / 1000);
	return reason[0] ? ER_QUALITY_POOR : ER_QUALITY_GOOD;
}

/*
 * Probes
 */
int er_path_key_cmp(const struct er_path_key *a, const struct er_path_key *b)
{
	if (a->kind != b->kind)
		return numcmp(a->kind, b->kind);
	if (a->kind == ER_PATH_INTERNET)
		return strcmp(a->ifname, b->ifname);
	return strcmp(a->session.circuit, b->session.circuit)
		       ?: numcmp(a->session.peering, b->session.peering)
		       ?: numcmp(a->session.role, b->session.role);
}

struct er_paths *er_paths_new(void)
{
	struct er_paths *paths = XCALLOC(MTYPE_ER_PATH, sizeof(*paths));

	er_path_tree_init(&paths->tree);
	return paths;
}

static struct er_path_probe *find(const struct er_core *core, const char *name)
{
	struct er_path_probe key = {};

	strlcpy(key.config.name, name, sizeof(key.config.name));
	return er_path_tree_find(&core->paths->tree, &key);
}

static void path_free(struct er_paths *paths, struct er_path_probe *path)
{
	er_path_tree_del(&paths->tree, path);
	XFREE(MTYPE_ER_PATH, path);
}

void er_paths_free(struct er_paths **paths)
{
	struct er_path_probe *path;

	while ((path = er_path_tree_first(&(*paths)->tree)))
		path_free(*paths, path);
	er_path_tree_fini(&(*paths)->tree);
	XFREE(MTYPE_ER_PATH, *paths);
}

static void view_of(const struct er_path_probe *path, struct er_path_view *view)
{
	memset(view, 0, sizeof(*view));
	view->quality = path->quality;
	er_path_measure(&path->window, &view->measure);
	strlcpy(view->reason, path->reason, sizeof(view->reason));
	view->sent = path->sent;
	view->lost = path->lost;
	view->since_mono_ms = path->since_ms;
}

static void tell(struct er_path_probe *path, enum er_quality before, struct er_decisions *out)
{
	struct er_notice *n = er_decisions_add(out);

	n->type = ER_NOTICE_PATH_QUALITY;
	n->session = path->config.key.session;
	strlcpy(n->name, path->config.name, sizeof(n->name));
	n->path_key = path->config.key;
	view_of(path, &n->path);
	n->previous_quality = before;
	strlcpy(n->reason, path->reason, sizeof(n->reason));
	path->told = path->quality;
}

/* Good, after nothing was known, is what is expected: nobody is told. */
static void set_quality(struct er_path_probe *path, enum er_quality quality, int64_t now_ms,
			struct er_decisions *out)
{
	enum er_quality before = path->quality;

	if (quality == before)
		return;
	path->quality = quality;
	path->since_ms = now_ms;
	if (quality == ER_QUALITY_POOR || before == ER_QUALITY_POOR)
		tell(path, before, out);
}

static void judge(struct er_path_probe *path, int64_t now_ms, struct er_decisions *out)
{
	struct er_path_measure measure;
	enum er_quality quality;

	er_path_measure(&path->window, &measure);
	quality = er_path_judge(&path->config.threshold, &measure, path->quality, path->reason,
				sizeof(path->reason));
	set_quality(path, quality, now_ms, out);
}

/* Another path, or another target: what was measured is not of this. */
static bool measures_the_same(const struct er_path_config *a, const struct er_path_config *b)
{
	return a->has_path == b->has_path && !er_path_key_cmp(&a->key, &b->key) &&
	       a->key.session.family == b->key.session.family &&
	       !ipaddr_cmp(&a->target, &b->target) && a->tcp_port == b->tcp_port;
}

/* What was measured, and told, holds no more: `why`. */
static void forget(struct er_path_probe *path, const char *why, int64_t now_ms,
		   struct er_decisions *out)
{
	memset(&path->window, 0, sizeof(path->window));
	path->quality = ER_QUALITY_UNKNOWN;
	path->sent = path->lost = 0;
	path->since_ms = now_ms;
	strlcpy(path->reason, why, sizeof(path->reason));
	if (path->told != ER_QUALITY_UNKNOWN)
		tell(path, path->told, out);
	path->reason[0] = '\0';
}

static void on_config(struct er_core *core, const struct er_path_config *config,
		      struct er_decisions *out)
{
	struct er_path_probe *path = find(core, config->name);

	if (!path) {
		path = XCALLOC(MTYPE_ER_PATH, sizeof(*path));
		path->config = *config;
		path->since_ms = core->now.mono_ms;
		er_path_tree_add(&core->paths->tree, path);
		return;
	}
	if (!measures_the_same(&path->config, config))
		forget(path, "its path or target was changed", core->now.mono_ms, out);
	path->config = *config;
	judge(path, core->now.mono_ms, out);
}

static void on_config_gone(struct er_core *core, const char *name, struct er_decisions *out)
{
	struct er_path_probe *path = find(core, name);

	if (!path)
		return;
	forget(path, "its path-probe was removed", core->now.mono_ms, out);
	path_free(core->paths, path);
}

static void on_result(struct er_core *core, const struct er_event *ev, struct er_decisions *out)
{
	struct er_path_probe *path = find(core, ev->path.name);

	if (!path)
		return;
	if (!ev->path.sent) {
		memset(&path->window, 0, sizeof(path->window));
		path->reason[0] = '\0';
		set_quality(path, ER_QUALITY_UNKNOWN, core->now.mono_ms, out);
		return;
	}
	path->sent++;
	path->lost += !ev->path.replied;
	er_path_result(&path->window, ev->path.replied, ev->path.rtt_us);
	judge(path, core->now.mono_ms, out);
}

void er_paths_handle(struct er_core *core, const struct er_event *ev, struct er_decisions *out)
{
	if (ev->type == ER_EV_PATH_CONFIG)
		on_config(core, ev->path_config, out);
	else if (ev->type == ER_EV_PATH_CONFIG_GONE)
		on_config_gone(core, ev->circuit, out);
	else if (ev->type == ER_EV_PATH)
		on_result(core, ev, out);
}

/*
 * Reading
 */
int er_core_foreach_path(const struct er_core *core, er_path_cb cb, void *arg)
{
	const struct er_path_probe *path;
	int ret;

	frr_each (er_path_tree_const, &core->paths->tree, path) {
		ret = cb(&path->config, arg);
		if (ret)
			return ret;
	}
	return 0;
}

const struct er_path_config *er_core_path_config(const struct er_core *core, const char *name)
{
	const struct er_path_probe *path = find(core, name);

	return path ? &path->config : NULL;
}

bool er_core_path(const struct er_core *core, const char *name, struct er_path_view *view)
{
	const struct er_path_probe *path = find(core, name);

	if (path)
		view_of(path, view);
	return path;
}

static bool is_over(const struct er_path_probe *path, const struct er_path_key *key)
{
	return path->config.has_path && !er_path_key_cmp(&path->config.key, key) &&
	       path->config.key.session.family == key->session.family;
}

enum er_quality er_path_quality(const struct er_core *core, const struct er_path_key *key)
{
	enum er_quality worst = ER_QUALITY_UNKNOWN;
	const struct er_path_probe *path;

	frr_each (er_path_tree_const, &core->paths->tree, path)
		if (is_over(path, key))
			worst = MAX(worst, path->quality);
	return worst;
}

bool er_path_is_probed(const struct er_core *core, const struct er_path_key *key)
{
	const struct er_path_probe *path;

	frr_each (er_path_tree_const, &core->paths->tree, path)
		if (is_over(path, key))
			return true;
	return false;
}

/*
 * Counters
 */
static bool went_back(const struct er_counters *now, const struct er_counters *before)
{
	return now->in_octets < before->in_octets || now->out_octets < before->out_octets ||
	       now->in_packets < before->in_packets || now->out_packets < before->out_packets;
}

void er_traffic_take(struct er_traffic *traffic, const struct er_counters *counters, int64_t now_ms)
{
	if (!traffic->known || went_back(counters, &traffic->now)) {
		traffic->known = true;
		traffic->base = traffic->next_base = *counters;
		traffic->base_ms = traffic->next_base_ms = now_ms;
	} else if (now_ms - traffic->next_base_ms >= ER_PATH_SAMPLE_MS) {
		traffic->base = traffic->next_base;
		traffic->base_ms = traffic->next_base_ms;
		traffic->next_base = *counters;
		traffic->next_base_ms = now_ms;
	}
	traffic->now = *counters;
	traffic->now_ms = now_ms;
}

void er_traffic_rate(const struct er_traffic *traffic, struct er_rate *rate)
{
	int64_t ms = traffic->now_ms - traffic->base_ms;

	memset(rate, 0, sizeof(*rate));
	if (!traffic->known || ms < ER_PATH_RATE_MIN_MS)
		return;
	rate->known = true;
	rate->in_bits = (traffic->now.in_octets - traffic->base.in_octets) * 8000 / ms;
	rate->out_bits = (traffic->now.out_octets - traffic->base.out_octets) * 8000 / ms;
}
