// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Use and quality of paths, as OpenMetrics text.
 */
#include <zebra.h>

#include "core/text.h"
#include "erouted/er_metrics.h"
#include "erouted/er_paths.h"

/* What a metric is of: one of these functions writes its samples. */
struct metric {
	struct er_metric base;
	/* of what the interface has carried */
	uint64_t (*counter)(const struct er_counters *counters);
	void (*probe)(FILE *out, const struct er_metric *metric, const char *labels,
		      const struct er_path_view *view);
};

/*
 * Counters
 */
static uint64_t in_octets(const struct er_counters *counters)
{
	return counters->in_octets;
}

static uint64_t in_packets(const struct er_counters *counters)
{
	return counters->in_packets;
}

static uint64_t out_octets(const struct er_counters *counters)
{
	return counters->out_octets;
}

static uint64_t out_packets(const struct er_counters *counters)
{
	return counters->out_packets;
}

/*
 * Probes
 */
static void quality(FILE *out, const struct er_metric *metric, const char *labels,
		    const struct er_path_view *view)
{
	for (enum er_quality q = ER_QUALITY_UNKNOWN; q < ER_QUALITIES; q++)
		er_metric_state(out, metric, labels, er_quality_str(q), view->quality == q);
}

static void sent(FILE *out, const struct er_metric *metric, const char *labels,
		 const struct er_path_view *view)
{
	er_metric_sample(out, metric, labels, view->sent);
}

static void lost(FILE *out, const struct er_metric *metric, const char *labels,
		 const struct er_path_view *view)
{
	er_metric_sample(out, metric, labels, view->lost);
}

/* Of the window: a millionth is precise enough. */
static void loss(FILE *out, const struct er_metric *metric, const char *labels,
		 const struct er_path_view *view)
{
	const struct er_path_measure *m = &view->measure;

	if (m->sent)
		er_metric_millionths(out, metric, labels, m->lost * 1000000LL / m->sent);
}

static void rtt(FILE *out, const struct er_metric *metric, const char *labels,
		const struct er_path_view *view)
{
	if (view->measure.rtt_mean)
		er_metric_millionths(out, metric, labels, view->measure.rtt_mean);
}

static void rtt_minimum(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_path_view *view)
{
	if (view->measure.rtt_min)
		er_metric_millionths(out, metric, labels, view->measure.rtt_min);
}

static void rtt_maximum(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_path_view *view)
{
	if (view->measure.rtt_max)
		er_metric_millionths(out, metric, labels, view->measure.rtt_max);
}

static void jitter(FILE *out, const struct er_metric *metric, const char *labels,
		   const struct er_path_view *view)
{
	if (view->measure.has_jitter)
		er_metric_millionths(out, metric, labels, view->measure.jitter_us);
}

/* clang-format off */
static const struct metric metrics[] = {
	{ .base = { "path_receive_bytes", "Bytes received over the interface of the path", .counter = true },
	  .counter = in_octets },
	{ .base = { "path_receive_packets", "Packets received over the interface of the path", .counter = true },
	  .counter = in_packets },
	{ .base = { "path_transmit_bytes", "Bytes sent over the interface of the path", .counter = true },
	  .counter = out_octets },
	{ .base = { "path_transmit_packets", "Packets sent over the interface of the path", .counter = true },
	  .counter = out_packets },
	{ .base = { "path_quality", "1 for what the quality of the path is, as the probe measures it" },
	  .probe = quality },
	{ .base = { "path_probes", "Probes sent over the path", .counter = true },
	  .probe = sent },
	{ .base = { "path_probes_lost", "Those of them without an answer", .counter = true },
	  .probe = lost },
	{ .base = { "path_loss_ratio", "Lost probes of the last ones" },
	  .probe = loss },
	{ .base = { "path_rtt_seconds", "Mean round trip of the last probes" },
	  .probe = rtt },
	{ .base = { "path_rtt_minimum_seconds", "Shortest round trip of the last probes" },
	  .probe = rtt_minimum },
	{ .base = { "path_rtt_maximum_seconds", "Longest round trip of the last probes" },
	  .probe = rtt_maximum },
	{ .base = { "path_jitter_seconds", "Mean deviation of successive round trips (RFC 3550)" },
	  .probe = jitter },
};
/* clang-format on */

/*
 * Walking
 */
struct walk {
	FILE *out;
	const struct metric *metric;
};

static void add_path_labels(char labels[ER_LABELS_LEN], const struct er_path_key *key)
{
	char words[ER_PATH_WORDS_LEN];

	er_path_words(key, words, sizeof(words));
	er_metric_label(labels, "path", words);
	er_metric_label(labels, "kind", er_path_kind_str(key->kind));
}

static void add_use(const struct er_path_use *use, void *arg)
{
	const struct walk *walk = arg;
	char labels[ER_LABELS_LEN] = "";

	if (!use->known)
		return;
	add_path_labels(labels, &use->key);
	er_metric_label(labels, "interface", use->ifname);
	er_metric_sample(walk->out, &walk->metric->base, labels,
			 walk->metric->counter(&use->counters));
}

static int add_probe(const struct er_path_config *config, void *arg)
{
	const struct walk *walk = arg;
	char labels[ER_LABELS_LEN] = "";
	struct er_path_view view;

	if (!config->has_path || !er_core_path(er_core, config->name, &view))
		return 0;
	er_metric_label(labels, "path_probe", config->name);
	add_path_labels(labels, &config->key);
	walk->metric->probe(walk->out, &walk->metric->base, labels, &view);
	return 0;
}

void er_metrics_path(FILE *out)
{
	for (size_t i = 0; i < array_size(metrics); i++) {
		struct walk walk = { out, &metrics[i] };

		er_metric_head(out, &metrics[i].base);
		if (metrics[i].counter)
			er_paths_foreach(add_use, &walk);
		else
			er_core_foreach_path(er_core, add_probe, &walk);
	}
}
