// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screen of paths: does anything for Azure still cross the internet, what does
 * each path carry, and how good is it?
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"
#include "northbound.h"
#include "termtable.h"

#include "core/text.h"
#include "erouted/er_paths.h"
#include "erouted/er_show.h"
#include "erouted/er_vpn.h"

#define WORD_LEN   16
#define NUMBER_LEN 32
/* Prefixes that are named; JSON has all. */
#define NAMED 8

/*
 * Numbers for people: three digits and a bit
 */
static const char *scaled(uint64_t value, const char *unit, char *buf, size_t len)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P" };
	double scaled = value;
	size_t i = 0;

	for (; scaled >= 1000 && i + 1 < array_size(prefixes); i++)
		scaled /= 1000;
	snprintf(buf, len, i ? "%.1f %s%s" : "%.0f %s%s", scaled, prefixes[i], unit);
	return buf;
}

static const char *milliseconds(uint32_t us, char *buf, size_t len)
{
	snprintf(buf, len, "%u.%01u", us / 1000, us % 1000 / 100);
	return buf;
}

/*
 * Does anything cross the internet?
 */
static void add_prefixes(const struct er_circuit_config *config, const struct er_peering_key *key,
			 const struct er_peering_view *view, void *arg)
{
	const struct er_rib_facts *rib = &view->rib;
	uint64_t *sum = arg;

	*sum += rib->both + rib->only[ER_PRIMARY] + rib->only[ER_SECONDARY];
}

static int add_circuit(const struct er_circuit_config *config, void *arg)
{
	er_foreach_peering(config, NULL, add_prefixes, arg);
	return 0;
}

/* What goes over a VPN now, by BGP or as a static prefix. */
static int add_over_vpn(const struct er_vpn_config *config, void *arg)
{
	struct er_static_view route;
	struct er_vpn_view view;
	uint64_t *sum = arg;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		if (er_vpn_view(er_core, config->name, family, er_now(), &view))
			*sum += view.rib.over_vpn;
	for (size_t i = 0; er_vpn_static_view(config, i, &route); i++)
		*sum += route.state == ER_ROUTE_INSTALLED;
	return 0;
}

static void verdict(const struct er_asked *asked, char *buf, size_t len)
{
	uint64_t known = 0, over_vpn = 0;

	er_core_foreach(er_core, add_circuit, &known);
	er_vpn_foreach(er_core, add_over_vpn, &over_vpn);
	if (asked->problem[0])
		snprintf(buf, len, "not known: %s", asked->problem);
	else if (!known && over_vpn)
		snprintf(buf, len,
			 "none of the %" PRIu64
			 " %s that go over a VPN; nothing is learnt over ExpressRoute",
			 over_vpn, er_prefixes(over_vpn));
	else if (!known)
		snprintf(buf, len,
			 "all of it, where there is a route: nothing is learnt over ExpressRoute");
	else if (asked->n)
		snprintf(buf, len,
			 "%zu of %" PRIu64
			 " %s learnt over ExpressRoute, whose best path leads elsewhere",
			 asked->n, known, er_prefixes(known));
	else
		snprintf(buf, len, "none of the %" PRIu64 " %s learnt over ExpressRoute", known,
			 er_prefixes(known));
}

static void show_verdict(struct vty *vty, const struct er_asked *asked)
{
	char text[2 * ER_TEXT_LEN];
	unsigned int at;

	verdict(asked, text, sizeof(text));
	at = vty_out(vty, "Azure over the internet: ");
	er_show_wrapped(vty, at, 2, text);
	for (size_t i = 0; i < MIN(asked->n, NAMED); i++) {
		const struct er_wire_answer *a = &asked->answer[i];

		snprintfrr(text, sizeof(text), "%pFX (%s %s): %s", &a->prefix, a->session.circuit,
			   er_peering_type_str(a->session.peering), a->text);
		vty_out(vty, "  ");
		er_show_wrapped(vty, 2, 4, text);
	}
	if (asked->n > NAMED)
		vty_out(vty, "  and %zu more\n", asked->n - NAMED);
}

/*
 * Paths
 */
static void add_path(const struct er_path_use *use, void *arg)
{
	char words[ER_PATH_WORDS_LEN], in[NUMBER_LEN], out[NUMBER_LEN],
		in_rate[NUMBER_LEN] = "-", out_rate[NUMBER_LEN] = "-", share[NUMBER_LEN] = "-",
		interface[ER_IFNAME_LEN + sizeof(" (shared)")] = "-";
	struct ttable *table = arg;

	er_path_words(&use->key, words, sizeof(words));
	if (use->ifname[0])
		snprintf(interface, sizeof(interface), "%s%s", use->ifname,
			 use->shared ? " (shared)" : "");
	if (!use->known) {
		ttable_add_row(table, "%s|%s|-|-|-|-|-", words, interface);
		return;
	}
	if (use->rate.known) {
		scaled(use->rate.in_bits, "bit/s", in_rate, sizeof(in_rate));
		scaled(use->rate.out_bits, "bit/s", out_rate, sizeof(out_rate));
	}
	if (use->has_share)
		snprintf(share, sizeof(share), "%u %%", use->share);
	ttable_add_row(table, "%s|%s|%s|%s|%s|%s|%s", words, interface,
		       scaled(use->counters.in_octets, "B", in, sizeof(in)), in_rate,
		       scaled(use->counters.out_octets, "B", out, sizeof(out)), out_rate, share);
}

/*
 * Probes
 */
static void add_measured(struct ttable *table, const struct er_path_config *config,
			 const char *words, const char *target, const struct er_path_view *view)
{
	const struct er_path_measure *m = &view->measure;
	char min[NUMBER_LEN], mean[NUMBER_LEN], max[NUMBER_LEN], jitter[NUMBER_LEN];
	char rtt[3 * NUMBER_LEN] = "-", word[WORD_LEN];
	const char *quality = er_quality_str(view->quality);

	if (m->rtt_mean)
		snprintf(rtt, sizeof(rtt), "%s/%s/%s", milliseconds(m->rtt_min, min, sizeof(min)),
			 milliseconds(m->rtt_mean, mean, sizeof(mean)),
			 milliseconds(m->rtt_max, max, sizeof(max)));
	ttable_add_row(table, "%s|%s|%s|%s|%s|%u %%|%s", config->name, words, target, rtt,
		       m->has_jitter ? milliseconds(m->jitter_us, jitter, sizeof(jitter)) : "-",
		       m->loss_percent,
		       view->quality == ER_QUALITY_POOR ? er_upper(quality, word, sizeof(word))
							: quality);
}

static int add_probe(const struct er_path_config *config, void *arg)
{
	char words[ER_PATH_WORDS_LEN] = "-", target[IPADDR_STRING_SIZE + 8] = "-";
	struct ttable *table = arg;
	struct er_probe_way way;
	struct er_path_view view;

	er_core_path(er_core, config->name, &view);
	er_path_way(config, &way);
	if (config->has_path)
		er_path_words(&config->key, words, sizeof(words));
	if (!IS_IPADDR_NONE(&way.target))
		snprintfrr(target, sizeof(target), "%pIA%s", &way.target,
			   config->tcp_port ? " tcp" : "");
	if (view.measure.sent)
		add_measured(table, config, words, target, &view);
	else
		ttable_add_row(table, "%s|%s|%s|-|-|-|%s", config->name, words, target,
			       er_quality_str(view.quality));
	return 0;
}

static int say_probe(const struct er_path_config *config, void *arg)
{
	struct er_lines *lines = arg;
	char text[2 * ER_TEXT_LEN];
	struct er_probe_way way;
	struct er_path_view view;

	er_core_path(er_core, config->name, &view);
	er_path_way(config, &way);
	if (way.problem[0]) {
		snprintf(text, sizeof(text), "path-probe %s: %s", config->name, way.problem);
		er_show_line(lines, text);
	}
	if (view.reason[0]) {
		snprintf(text, sizeof(text), "path-probe %s: poor: %s", config->name, view.reason);
		er_show_line(lines, text);
	}
	return 0;
}

static int count_probe(const struct er_path_config *config, void *arg)
{
	return 1;
}

static void count_path(const struct er_path_use *use, void *arg)
{
	size_t *n = arg;

	++*n;
}

static void show_tables(struct vty *vty)
{
	struct er_lines lines = { vty, "To know:" };
	struct ttable *table;
	size_t n = 0;

	er_paths_foreach(count_path, &n);
	if (n) {
		vty_out(vty, "\n");
		table = er_table_new();
		ttable_add_row(table, "Path|Interface|In|now|Out|now|Share");
		er_paths_foreach(add_path, table);
		er_table_show(vty, table);
	}
	if (!er_core_foreach_path(er_core, count_probe, NULL))
		return;
	vty_out(vty, "\n");
	table = er_table_new();
	ttable_add_row(table, "Probe|Path|Target|RTT ms|Jitter|Loss|Quality");
	er_core_foreach_path(er_core, add_probe, table);
	er_table_show(vty, table);
	er_core_foreach_path(er_core, say_probe, &lines);
}

static int json_paths(struct vty *vty, const struct er_asked *asked)
{
	struct lyd_node *tree = er_path_state_tree();
	struct json_object *json = er_json_from_tree(tree), *state, *list, *one, *paths = NULL;
	char text[2 * ER_TEXT_LEN];

	lyd_free_all(tree);
	/* as the other shows have it: what is asked for at the top */
	if (json_object_object_get_ex(json, "state", &state) &&
	    json_object_object_get_ex(state, "path", &paths))
		json_object_object_add(json, "path", json_object_get(paths));
	json_object_object_del(json, "state");
	list = json_object_new_array();
	for (size_t i = 0; i < asked->n; i++) {
		const struct er_wire_answer *a = &asked->answer[i];

		one = json_object_new_object();
		json_object_string_add(one, "circuit", a->session.circuit);
		json_object_string_add(one, "peering", er_peering_type_str(a->session.peering));
		json_object_string_addf(one, "prefix", "%pFX", &a->prefix);
		json_object_string_add(one, "bestPath", a->text);
		json_object_array_add(list, one);
	}
	verdict(asked, text, sizeof(text));
	json_object_string_add(json, "azureOverInternet", text);
	json_object_object_add(json, "elsewhere", list);
	if (asked->problem[0])
		json_object_string_add(json, "problem", asked->problem);
	return vty_json(vty, json);
}

int er_show_paths(struct vty *vty, const struct er_asked *asked)
{
	if (asked->json)
		return json_paths(vty, asked);
	show_verdict(vty, asked);
	show_tables(vty);
	return CMD_SUCCESS;
}
