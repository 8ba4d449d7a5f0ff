// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What erouted knows, as OpenMetrics text: of its parts and of circuits.
 *
 * All samples of a metric stand together, so each metric walks the circuits.
 * States are one sample per value, 1 for the one that is: "gauge" and not
 * "stateset", which older readers do not know.  Names of circuits need no escaping:
 * the model allows none that would.
 */
#include <zebra.h>

#include "core/text.h"
#include "erouted/er_audit.h"
#include "erouted/er_metrics.h"
#include "erouted/er_show.h"
#include "erouted/erouted.h"

struct metric;

struct labels {
	const char *circuit, *peering, *family;
	const char *link; /* NULL: of the peering */
	struct er_peering_key key;
};

typedef void (*peering_cb)(FILE *out, const struct metric *metric, const struct labels *labels,
			   const struct er_peering_view *view);
typedef void (*session_cb)(FILE *out, const struct metric *metric, const struct labels *labels,
			   const struct er_session_view *view, enum er_role role,
			   const struct er_peering_view *peering);

struct metric {
	struct er_metric base;
	peering_cb peering;
	session_cb session;
};

/*
 * Writing
 */
/* The format that is being written. */
static bool is_open_metrics;

void er_metric_head(FILE *out, const struct er_metric *metric)
{
	const char *total = metric->counter && !is_open_metrics ? "_total" : "";

	fprintf(out, "# TYPE expressroute_%s%s %s\n# HELP expressroute_%s%s %s.\n", metric->name,
		total, metric->counter ? "counter" : "gauge", metric->name, total, metric->help);
}

static void begin(FILE *out, const struct er_metric *metric, const char *labels)
{
	fprintf(out, "expressroute_%s%s", metric->name, metric->counter ? "_total" : "");
	if (labels[0])
		fprintf(out, "{%s}", labels);
}

void er_metric_sample(FILE *out, const struct er_metric *metric, const char *labels, int64_t value)
{
	begin(out, metric, labels);
	fprintf(out, " %" PRId64 "\n", value);
}

void er_metric_millionths(FILE *out, const struct er_metric *metric, const char *labels,
			  int64_t millionths)
{
	begin(out, metric, labels);
	fprintf(out, " %" PRId64 ".%06" PRId64 "\n", millionths / 1000000, millionths % 1000000);
}

void er_metric_state(FILE *out, const struct er_metric *metric, const char *labels,
		     const char *state, bool is)
{
	char more[ER_LABELS_LEN];

	strlcpy(more, labels, sizeof(more));
	er_metric_label(more, "state", state);
	er_metric_sample(out, metric, more, is);
}

/* extra: one more label, or NULL. */
static void sample(FILE *out, const struct metric *metric, const struct labels *labels,
		   const char *extra, const char *value_of_extra, int64_t value)
{
	char text[ER_LABELS_LEN] = "";

	er_metric_label(text, "circuit", labels->circuit);
	er_metric_label(text, "peering", labels->peering);
	er_metric_label(text, "family", labels->family);
	if (labels->link)
		er_metric_label(text, "link", labels->link);
	if (extra)
		er_metric_label(text, extra, value_of_extra);
	er_metric_sample(out, &metric->base, text, value);
}

/*
 * Of a peering
 */
static void redundancy(FILE *out, const struct metric *metric, const struct labels *labels,
		       const struct er_peering_view *view)
{
	for (enum er_redundancy r = ER_DOWN; r <= ER_INACTIVE; r++)
		sample(out, metric, labels, "state", er_redundancy_str(r),
		       view->assessment.redundancy == r);
}

static void drained(FILE *out, const struct metric *metric, const struct labels *labels,
		    const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->assessment.drained);
}

static void asymmetric(FILE *out, const struct metric *metric, const struct labels *labels,
		       const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->assessment.asymmetric);
}

static void flapping(FILE *out, const struct metric *metric, const struct labels *labels,
		     const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->assessment.flapping);
}

static void state_seconds(FILE *out, const struct metric *metric, const struct labels *labels,
			  const struct er_peering_view *view)
{
	const struct er_seconds *seconds = &view->seconds[ER_SINCE_START];

	sample(out, metric, labels, "state", "redundant", seconds->redundant);
	sample(out, metric, labels, "state", "degraded", seconds->degraded);
	sample(out, metric, labels, "state", "down", seconds->down);
}

static void prefixes(FILE *out, const struct metric *metric, const struct labels *labels,
		     const struct er_peering_view *view)
{
	for (enum er_direction d = ER_ADVERTISED; d < ER_DIRECTIONS; d++)
		sample(out, metric, labels, "direction", er_direction_str(d), view->limit[d].count);
}

static void prefix_limit(FILE *out, const struct metric *metric, const struct labels *labels,
			 const struct er_peering_view *view)
{
	for (enum er_direction d = ER_ADVERTISED; d < ER_DIRECTIONS; d++)
		if (view->limit[d].limit)
			sample(out, metric, labels, "direction", er_direction_str(d),
			       view->limit[d].limit);
}

static void held(FILE *out, const struct metric *metric, const struct labels *labels,
		 const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->rib.held);
}

static void standby_ready(FILE *out, const struct metric *metric, const struct labels *labels,
			  const struct er_peering_view *view)
{
	struct er_standby_view standby;

	if (er_core_standby(er_core, &labels->key, &standby))
		sample(out, metric, labels, "for", standby.circuit, standby.ready);
}

static void refused(FILE *out, const struct metric *metric, const struct labels *labels,
		    const struct er_peering_view *view)
{
	if (!view->rib.refused_known)
		return;
	for (enum er_rule rule = ER_RULE_NONE + 1; rule < ER_RULES; rule++)
		if (view->rib.refused[rule])
			sample(out, metric, labels, "rule", er_rule_str(rule),
			       view->rib.refused[rule]);
}

/*
 * Of a session
 */
static void established(FILE *out, const struct metric *metric, const struct labels *labels,
			const struct er_session_view *view, enum er_role role,
			const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->facts.state == ER_SESSION_ESTABLISHED);
}

static void established_time(FILE *out, const struct metric *metric, const struct labels *labels,
			     const struct er_session_view *view, enum er_role role,
			     const struct er_peering_view *peering)
{
	if (view->facts.established_wall)
		sample(out, metric, labels, NULL, NULL, view->facts.established_wall);
}

static void bfd_up(FILE *out, const struct metric *metric, const struct labels *labels,
		   const struct er_session_view *view, enum er_role role,
		   const struct er_peering_view *peering)
{
	if (view->facts.bfd != ER_BFD_UNKNOWN && view->facts.bfd != ER_BFD_DISABLED)
		sample(out, metric, labels, NULL, NULL, view->facts.bfd == ER_BFD_UP);
}

static void health(FILE *out, const struct metric *metric, const struct labels *labels,
		   const struct er_session_view *view, enum er_role role,
		   const struct er_peering_view *peering)
{
	for (enum er_health h = ER_LINK_INACTIVE; h <= ER_LINK_UP; h++)
		sample(out, metric, labels, "state", er_health_str(h),
		       view->assessment.health == h);
}

static void operator_drain(FILE *out, const struct metric *metric, const struct labels *labels,
			   const struct er_session_view *view, enum er_role role,
			   const struct er_peering_view *peering)
{
	struct er_own_view own;

	er_own_drain(er_core, labels->circuit, role, &own);
	for (enum er_own_phase phase = ER_OWN_NONE; phase <= ER_OWN_SAFE; phase++)
		sample(out, metric, labels, "phase", er_own_phase_str(phase), own.phase == phase);
}

static void flaps(FILE *out, const struct metric *metric, const struct labels *labels,
		  const struct er_session_view *view, enum er_role role,
		  const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->flaps);
}

static void accepted(FILE *out, const struct metric *metric, const struct labels *labels,
		     const struct er_session_view *view, enum er_role role,
		     const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->facts.accepted);
}

static void advertised(FILE *out, const struct metric *metric, const struct labels *labels,
		       const struct er_session_view *view, enum er_role role,
		       const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->facts.advertised);
}

static void drained_prefixes(FILE *out, const struct metric *metric, const struct labels *labels,
			     const struct er_session_view *view, enum er_role role,
			     const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL,
	       view->spec.mode == ER_PARTNER ? view->facts.partner.drained
					     : peering->rib.drained[role]);
}

static void interface_up(FILE *out, const struct metric *metric, const struct labels *labels,
			 const struct er_session_view *view, enum er_role role,
			 const struct er_peering_view *peering)
{
	if (view->spec.mode != ER_PARTNER)
		sample(out, metric, labels, NULL, NULL, view->interface.state == ER_IF_UP);
}

/* clang-format off */
static const struct metric metrics[] = {
	{ .base = { "peering_redundancy", "1 for what the redundancy of the peering is" },
	  .peering = redundancy },
	{ .base = { "peering_drained", "Microsoft has drained a link" },
	  .peering = drained },
	{ .base = { "peering_asymmetric", "The two links do not carry the same prefixes or paths" },
	  .peering = asymmetric },
	{ .base = { "peering_flapping", "A link is held down because it flapped" },
	  .peering = flapping },
	{ .base = { "peering_state_seconds", "Seconds in each state since erouted started", .counter = true },
	  .peering = state_seconds },
	{ .base = { "peering_prefixes", "Prefixes of the link that has more, as the limit counts them" },
	  .peering = prefixes },
	{ .base = { "peering_prefix_limit", "Prefixes that Microsoft or the operator allows" },
	  .peering = prefix_limit },
	{ .base = { "peering_held_prefixes", "Prefixes held back at the limit" },
	  .peering = held },
	{ .base = { "peering_refused_prefixes", "Prefixes that inbound policy refuses now, by rule" },
	  .peering = refused },
	{ .base = { "peering_standby_ready", "The circuit could take over from the preferred one: healthy, with the same prefixes" },
	  .peering = standby_ready },
	{ .base = { "link_health", "1 for what the health of the link is" },
	  .session = health },
	{ .base = { "link_operator_drain", "1 for how far the drain by the operator is" },
	  .session = operator_drain },
	{ .base = { "link_interface_up", "The interface of the link is up" },
	  .session = interface_up },
	{ .base = { "session_established", "The BGP session is established" },
	  .session = established },
	{ .base = { "session_established_time_seconds", "When the BGP session was established, since the epoch" },
	  .session = established_time },
	{ .base = { "session_bfd_up", "The BFD session is up" },
	  .session = bfd_up },
	{ .base = { "session_flaps", "How often the session was lost since the counters were cleared", .counter = true },
	  .session = flaps },
	{ .base = { "session_accepted_prefixes", "Prefixes accepted from Microsoft" },
	  .session = accepted },
	{ .base = { "session_advertised_prefixes", "Prefixes advertised to Microsoft" },
	  .session = advertised },
	{ .base = { "session_drained_prefixes", "Accepted prefixes that Microsoft marks as drained" },
	  .session = drained_prefixes },
};
/* clang-format on */

struct walk {
	FILE *out;
	const struct metric *metric;
};

static void add_sessions(const struct walk *walk, struct labels *labels,
			 const struct er_peering_key *key, const struct er_peering_view *peering)
{
	struct er_session_key session = { .peering = key->peering, .family = key->family };
	struct er_session_view view;

	strlcpy(session.circuit, key->circuit, sizeof(session.circuit));
	for (session.role = ER_PRIMARY; session.role < ER_ROLES; session.role++) {
		if (!er_core_session(er_core, &session, er_now(), &view) || !view.configured)
			continue;
		labels->link = er_role_str(session.role);
		walk->metric->session(walk->out, walk->metric, labels, &view, session.role,
				      peering);
	}
}

static void add_peering(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, void *arg)
{
	const struct walk *walk = arg;
	struct labels labels = {
		.circuit = config->name,
		.peering = er_peering_type_str(key->peering),
		.family = er_family_str(key->family),
		.key = *key,
	};

	if (walk->metric->peering)
		walk->metric->peering(walk->out, walk->metric, &labels, view);
	else
		add_sessions(walk, &labels, key, view);
}

static int add_circuit(const struct er_circuit_config *config, void *arg)
{
	er_foreach_peering(config, NULL, add_peering, arg);
	return 0;
}

static void gauge(FILE *out, const char *name, const char *help, int64_t value)
{
	struct er_metric metric = { .name = name, .help = help };

	er_metric_head(out, &metric);
	er_metric_sample(out, &metric, "", value);
}

static void add_daemon(FILE *out)
{
	static const struct er_metric build_info = {
		.name = "build_info",
		.help = "Version of erouted and of the FRR that it was built for",
	};
	struct er_channel_view channel;

	er_channel_view(&channel);
	er_metric_head(out, &build_info);
	er_metric_sample(out, &build_info,
			 "version=\"" PACKAGE_VERSION "\",frr_version=\"" ER_FRR_VERSION "\"", 1);
	gauge(out, "start_time_seconds", "When erouted started, since the epoch",
	      er_now().wall_s - (er_now().mono_ms - er_started_ms) / 1000);
	gauge(out, "bgpd_connected", "The module in bgpd is connected and in step",
	      channel.state == ER_CHANNEL_CONNECTED);
	gauge(out, "zebra_connected", "zebra is connected", er_zebra_connected());
}

/*
 * The audit: of a circuit as a whole
 */
static int add_score(const struct er_circuit_config *config, void *arg)
{
	struct er_audit audit;

	er_core_audit(er_core, config->name, er_now(), &audit);
	if (audit.score >= 0)
		fprintf(arg, "expressroute_audit_score{circuit=\"%s\"} %d\n", config->name,
			audit.score);
	return 0;
}

static int add_verdicts(const struct er_circuit_config *config, void *arg)
{
	struct er_audit audit;

	er_core_audit(er_core, config->name, er_now(), &audit);
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++)
		for (enum er_found v = 0; v < ER_FOUNDS; v++)
			fprintf(arg,
				"expressroute_audit_verdict{circuit=\"%s\",rule=\"%s\",verdict=\"%s\"} %d\n",
				config->name, er_audit_rule_str(rule), er_found_str(v),
				audit.finding[rule].verdict == v);
	return 0;
}

static void add_audit(FILE *out)
{
	static const struct er_metric score = {
		"audit_score",
		"0 to 100, over the rules of the audit that apply; absent when none does",
	};
	static const struct er_metric verdict = {
		"audit_verdict",
		"1 for what a rule of the audit has found",
	};

	er_metric_head(out, &score);
	er_core_foreach(er_core, add_score, out);
	er_metric_head(out, &verdict);
	er_core_foreach(er_core, add_verdicts, out);
}

char *er_metrics_text(bool open_metrics, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	is_open_metrics = open_metrics;
	add_daemon(out);
	for (size_t i = 0; i < array_size(metrics); i++) {
		er_metric_head(out, &metrics[i].base);
		er_core_foreach(er_core, add_circuit, &(struct walk){ out, &metrics[i] });
	}
	add_audit(out);
	er_metrics_vpn(out);
	er_metrics_site(out);
	er_metrics_path(out);
	fprintf(out, "# EOF\n");
	fclose(out);
	return text;
}
