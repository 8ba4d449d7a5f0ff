// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths and their probes -> the YANG state tree.
 */
#include <zebra.h>

#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_paths.h"
#include "erouted/er_state.h"

void er_state_add_measure(struct lyd_node *node, const struct er_path_measure *measure)
{
	if (!measure->sent)
		return;
	er_state_add_number(node, "loss", measure->loss_percent);
	if (measure->rtt_mean) {
		er_state_add_number(node, "rtt-minimum", measure->rtt_min);
		er_state_add_number(node, "rtt-mean", measure->rtt_mean);
		er_state_add_number(node, "rtt-maximum", measure->rtt_max);
	}
	if (measure->has_jitter)
		er_state_add_number(node, "jitter", measure->jitter_us);
}

static void add_path(const struct er_path_use *use, void *arg)
{
	char words[ER_PATH_WORDS_LEN];
	struct lyd_node *node;

	er_path_words(&use->key, words, sizeof(words));
	node = er_state_new_entry(arg, "path", words);
	er_state_add(node, "kind", er_path_kind_str(use->key.kind));
	er_state_add_text(node, "interface", use->ifname);
	er_state_add_bool(node, "shared-interface", use->shared);
	if (!use->known)
		return;
	er_state_add_number(node, "in-octets", use->counters.in_octets);
	er_state_add_number(node, "in-packets", use->counters.in_packets);
	er_state_add_number(node, "out-octets", use->counters.out_octets);
	er_state_add_number(node, "out-packets", use->counters.out_packets);
	if (!use->rate.known)
		return;
	er_state_add_number(node, "in-rate", use->rate.in_bits);
	er_state_add_number(node, "out-rate", use->rate.out_bits);
	if (use->has_share)
		er_state_add_number(node, "share", use->share);
}

struct walk {
	struct lyd_node *top;
	bool with_config;
};

static int add_probe(const struct er_path_config *config, void *arg)
{
	const struct walk *walk = arg;
	struct er_probe_way way;
	struct er_path_view view;
	struct lyd_node *state;

	if (walk->with_config)
		er_state_add_config(walk->top, "path-probe", config->name);
	state = er_state_inner(er_state_entry(walk->top, "path-probe", config->name), "state");
	er_core_path(er_core, config->name, &view);
	er_path_way(config, &way);
	er_state_add(state, "quality", er_quality_str(view.quality));
	er_state_add_text(state, "reason", view.reason);
	er_state_add_number(state, "since", MAX(er_now().mono_ms - view.since_mono_ms, 0) / 1000);
	er_state_add_address(state, "target", &way.target);
	er_state_add_text(state, "interface", way.ifname);
	er_state_add_text(state, "problem", way.problem);
	er_state_add_number(state, "sent", view.sent);
	er_state_add_number(state, "lost", view.lost);
	er_state_add_measure(state, &view.measure);
	return 0;
}

void er_path_state_add(struct lyd_node *top, bool with_config)
{
	struct walk walk = { top, with_config };

	er_core_foreach_path(er_core, add_probe, &walk);
	er_paths_foreach(add_path, er_state_inner(top, "state"));
}

struct lyd_node *er_path_state_tree(void)
{
	struct lyd_node *top;

	if (lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &top))
		return NULL;
	er_path_state_add(top, true);
	return top;
}
