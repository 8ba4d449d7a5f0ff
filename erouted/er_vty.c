// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute ..., clear expressroute ..., expressroute import ...; those of
 * VPN backups are in er_vpn_vty.c, of Global Reach in er_site_vty.c, of paths in
 * er_path_vty.c, of the audit in er_show_audit.c, of drain by the operator in
 * er_drain_vty.c
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"
#include "memory.h"
#include "northbound.h"

#include "core/text.h"
#include "erouted/er_audit.h"
#include "erouted/er_drain.h"
#include "erouted/er_history.h"
#include "erouted/er_paths.h"
#include "erouted/er_show.h"
#include "erouted/er_site.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"
#include "erouted/er_vty_clippy.c"

#define ER_STR	    "ExpressRoute\n"
#define CIRCUIT_STR "A circuit\n"
#define NAME_STR    "Name of the circuit\n"

const struct er_circuit_config *er_find_circuit(struct vty *vty, const char *name, bool json)
{
	const struct er_circuit_config *config = er_core_config(er_core, name);

	if (config)
		return config;
	if (json)
		vty_json(vty, json_object_new_object());
	else
		vty_out(vty, "%% There is no circuit '%s': 'show expressroute' has all\n", name);
	return NULL;
}

/*
 * JSON: the state tree, or a part of it
 */
static int json_tree(struct vty *vty, const char *circuit)
{
	return er_json_show(vty, er_state_tree(circuit, true), "circuit");
}

static void remove_other_children(struct lyd_node *parent, const char *list, const char *keep)
{
	struct lyd_node *node, *next;

	for (node = lyd_child(parent); node; node = next) {
		next = node->next;
		if (!strcmp(node->schema->name, list) &&
		    strcmp(lyd_get_value(lyd_child(node)), keep))
			lyd_free_tree(node);
	}
}

static int json_peering(struct vty *vty, const char *type)
{
	struct lyd_node *tree = er_state_tree(NULL, true), *circuit;
	struct json_object *json;

	LY_LIST_FOR (lyd_child(tree), circuit)
		remove_other_children(circuit, "peering", type);
	json = er_json_from_tree(tree);
	lyd_free_all(tree);
	return vty_json(vty, json);
}

static int add_circuit_summary(const struct er_circuit_config *config, void *arg)
{
	struct lyd_node *tree = er_state_tree(config->name, false);
	const struct lyd_node *circuit = er_nb_child(tree, "circuit");
	const struct lyd_node *state = circuit ? er_nb_child(circuit, "state") : NULL;

	if (state)
		json_object_object_add(arg, config->name, er_json_from_tree(state));
	lyd_free_all(tree);
	return 0;
}

static int json_summary(struct vty *vty)
{
	struct json_object *json = json_object_new_object();
	struct json_object *circuits = json_object_new_object();

	er_core_foreach(er_core, add_circuit_summary, circuits);
	json_object_object_add(json, "circuit", circuits);
	return vty_json(vty, json);
}

static struct json_object *parity_of(const struct lyd_node *peering)
{
	const struct lyd_node *state = er_nb_child(peering, "state"), *family, *parity;
	struct json_object *json = json_object_new_object();

	LY_LIST_FOR (state ? lyd_child(state) : NULL, family) {
		parity = er_nb_child(family, "parity");
		if (parity)
			json_object_object_add(json, lyd_get_value(lyd_child(family)),
					       er_json_from_tree(parity));
	}
	return json;
}

static int json_parity(struct vty *vty, const char *name)
{
	struct lyd_node *tree = er_state_tree(name, false);
	const struct lyd_node *circuit = er_nb_child(tree, "circuit"), *peering;
	struct json_object *json = json_object_new_object();

	LY_LIST_FOR (circuit ? lyd_child(circuit) : NULL, peering)
		if (!strcmp(peering->schema->name, "peering"))
			json_object_object_add(json, lyd_get_value(lyd_child(peering)),
					       parity_of(peering));
	lyd_free_all(tree);
	return vty_json(vty, json);
}

/*
 * Commands
 */
DEFPY(show_expressroute, show_expressroute_cmd,
      "show expressroute [json$json]",
      SHOW_STR ER_STR JSON_STR)
{
	if (json)
		return json_tree(vty, NULL);
	er_show_all(vty, NULL, false);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_summary, show_expressroute_summary_cmd,
      "show expressroute summary [json$json]",
      SHOW_STR ER_STR
      "One line per circuit\n"
      JSON_STR)
{
	if (json)
		return json_summary(vty);
	er_show_summary(vty);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_circuits, show_expressroute_circuits_cmd,
      "show expressroute circuit [detail$detail] [json$json]",
      SHOW_STR ER_STR CIRCUIT_STR
      "All there is to know\n"
      JSON_STR)
{
	if (json)
		return json_tree(vty, NULL);
	er_show_all(vty, NULL, !!detail);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_circuit, show_expressroute_circuit_cmd,
      "show expressroute circuit NAME$er_circuit [detail$detail] [json$json]",
      SHOW_STR ER_STR CIRCUIT_STR NAME_STR
      "All there is to know\n"
      JSON_STR)
{
	const struct er_circuit_config *config = er_find_circuit(vty, er_circuit, !!json);

	if (!config)
		return CMD_WARNING;
	if (json)
		return json_tree(vty, er_circuit);
	er_show_circuit(vty, config, !!detail);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_parity, show_expressroute_parity_cmd,
      "show expressroute circuit NAME$er_circuit parity [json$json]",
      SHOW_STR ER_STR CIRCUIT_STR NAME_STR
      "How the two links compare, prefix by prefix\n"
      JSON_STR)
{
	const struct er_circuit_config *config = er_find_circuit(vty, er_circuit, !!json);

	if (!config)
		return CMD_WARNING;
	if (json)
		return json_parity(vty, er_circuit);
	er_show_parity(vty, config);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_bgp_config, show_expressroute_bgp_config_cmd,
      "show expressroute circuit NAME$er_circuit bgp-config",
      SHOW_STR ER_STR CIRCUIT_STR NAME_STR
      "The same in plain FRR's configuration\n")
{
	const struct er_circuit_config *config = er_find_circuit(vty, er_circuit, false);

	if (!config)
		return CMD_WARNING;
	er_show_bgp_config(vty, config);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_peering, show_expressroute_peering_cmd,
      "show expressroute peering <private|microsoft>$type [detail$detail] [json$json]",
      SHOW_STR ER_STR
      "One peering of every circuit\n"
      "Azure private peering\n"
      "Microsoft peering\n"
      "All there is to know\n"
      JSON_STR)
{
	if (json)
		return json_peering(vty, type);
	er_show_all(vty, type, !!detail);
	return CMD_SUCCESS;
}

DEFPY(clear_expressroute_counters, clear_expressroute_counters_cmd,
      "clear expressroute counters [circuit NAME$er_circuit]",
      CLEAR_STR ER_STR
      "Flaps, filtered prefixes and hold-downs\n"
      CIRCUIT_STR NAME_STR)
{
	if (er_circuit && !er_find_circuit(vty, er_circuit, false))
		return CMD_WARNING;
	er_event_clear(er_circuit ? er_circuit : "");
	return CMD_SUCCESS;
}

DEFPY(clear_expressroute_availability, clear_expressroute_availability_cmd,
      "clear expressroute availability [circuit NAME$er_circuit]",
      CLEAR_STR ER_STR
      "Seconds in each state, of this and last month, too\n"
      CIRCUIT_STR NAME_STR)
{
	if (er_circuit && !er_find_circuit(vty, er_circuit, false))
		return CMD_WARNING;
	er_event_clear_availability(er_circuit ? er_circuit : "");
	return CMD_SUCCESS;
}

/*
 * Policy
 */
DEFPY(show_expressroute_communities, show_expressroute_communities_cmd,
      "show expressroute communities [{service NAME$er_service|region NAME$er_region|geography NAME$er_geography}] [json$json]",
      SHOW_STR ER_STR
      "What Microsoft's communities stand for\n"
      "Those of one service\n"
      "Name of the service\n"
      "Those of one region\n"
      "Name of the region\n"
      "Those of one geography\n"
      "Name of the geography\n"
      JSON_STR)
{
	return er_show_communities(vty, er_service, er_region, er_geography, !!json);
}

DEFPY(show_expressroute_filters, show_expressroute_filters_cmd,
      "show expressroute route-filter [detail$detail] [json$json]",
      SHOW_STR ER_STR
      "What is let in, by community\n"
      "All there is to know\n"
      JSON_STR)
{
	return er_show_filters(vty, NULL, !!detail, !!json);
}

DEFPY(show_expressroute_filter, show_expressroute_filter_cmd,
      "show expressroute route-filter NAME$er_filter [detail$detail] [json$json]",
      SHOW_STR ER_STR
      "What is let in, by community\n"
      "Name of the route-filter\n"
      "All there is to know\n"
      JSON_STR)
{
	return er_show_filters(vty, er_filter, !!detail, !!json);
}

DEFPY(show_expressroute_limits, show_expressroute_limits_cmd,
      "show expressroute limits [json$json]",
      SHOW_STR ER_STR
      "How many prefixes a peering may carry, and does\n"
      JSON_STR)
{
	return er_show_limits(vty, !!json);
}

DEFPY(show_expressroute_route, show_expressroute_route_cmd,
      "show expressroute route <A.B.C.D$v4|A.B.C.D/M$v4_net|X:X::X:X$v6|X:X::X:X/M$v6_net> [json$json]",
      SHOW_STR ER_STR
      "What each rule makes of a route\n"
      "An address\n"
      "A prefix\n"
      "An address\n"
      "A prefix\n"
      JSON_STR)
{
	const char *text = v4_str ?: v4_net_str ?: v6_str ?: v6_net_str;
	struct er_wire_ask ask = { .ask = ER_ASK_ROUTE };

	if (!text || !str2prefix(text, &ask.prefix)) {
		vty_out(vty,
			"%% '%s' is neither an address nor a prefix, as in 10.1.0.1 or 10.1.0.0/16\n",
			text ?: "");
		return CMD_WARNING;
	}
	apply_mask(&ask.prefix);
	return er_ask_vty(vty, &ask, !!json, er_show_route);
}

DEFPY(show_expressroute_held, show_expressroute_held_cmd,
      "show expressroute held-prefixes [circuit NAME$er_circuit] [json$json]",
      SHOW_STR ER_STR
      "What is not advertised because of a limit\n"
      CIRCUIT_STR NAME_STR JSON_STR)
{
	struct er_wire_ask ask = { .ask = ER_ASK_HELD };

	if (er_circuit) {
		if (!er_find_circuit(vty, er_circuit, !!json))
			return CMD_WARNING;
		strlcpy(ask.peering.circuit, er_circuit, sizeof(ask.peering.circuit));
	}
	return er_ask_vty(vty, &ask, !!json, er_show_held);
}

/* ... or was, as far as is kept. */
static bool is_known(const char *name)
{
	return er_core_config(er_core, name) || er_vpn_config(er_core, name) ||
	       er_core_site_config(er_core, name) || er_core_joint_config(er_core, name) ||
	       er_core_path_config(er_core, name) || er_history_tells_of(name);
}

DEFPY(show_expressroute_history, show_expressroute_history_cmd,
      "show expressroute history [NAME$er_history] [json$json]",
      SHOW_STR ER_STR
      "What has changed, with the reasons\n"
      "Name of a circuit, VPN backup, site or Global Reach connection\n"
      JSON_STR)
{
	if (er_history && !json && !is_known(er_history)) {
		vty_out(vty,
			"%% There is nothing called '%s', now or in what is kept: 'show expressroute history' has all\n",
			er_history);
		return CMD_WARNING;
	}
	return er_show_history(vty, er_history, !!json);
}

DEFPY(expressroute_import, expressroute_import_cmd,
      "expressroute import communities FILENAME$path [extend$extend]",
      ER_STR
      "Read a file\n"
      "Microsoft's communities, as Azure lists them\n"
      "The whole path of a file that user frr can read\n"
      "Add to what is there instead of replacing it\n")
{
	struct er_import import;

	if (!er_communities_import(path, !!extend, &import)) {
		vty_out(vty, "%% %s\n%% The catalogue is as before\n", import.text);
		return CMD_WARNING;
	}
	vty_out(vty, "%zu %s read from %s; the catalogue has %zu now\n", import.listed,
		er_plural(import.listed, "community", "communities"), path, import.now);
	return CMD_SUCCESS;
}

/*
 * TAB after "circuit", "route-filter", "service" and the like.  vtysh asks
 * every daemon, so mgmtd's commands have these, too.
 */
static int complete_circuit(const struct er_circuit_config *config, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, config->name));
	return 0;
}

static void complete_circuits(vector comps, struct cmd_token *token)
{
	er_core_foreach(er_core, complete_circuit, comps);
}

static int complete_vpn(const struct er_vpn_config *config, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, config->name));
	return 0;
}

static void complete_vpns(vector comps, struct cmd_token *token)
{
	er_vpn_foreach(er_core, complete_vpn, comps);
}

static int complete_site(const struct er_site_config *config, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, config->name));
	return 0;
}

static void complete_sites(vector comps, struct cmd_token *token)
{
	er_core_foreach_site(er_core, complete_site, comps);
}

static int complete_joint(const struct er_joint_config *config, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, config->name));
	return 0;
}

static void complete_joints(vector comps, struct cmd_token *token)
{
	er_core_foreach_joint(er_core, complete_joint, comps);
}

/* whatever has a history */
static void complete_all(vector comps, struct cmd_token *token)
{
	complete_circuits(comps, token);
	complete_vpns(comps, token);
	complete_sites(comps, token);
	complete_joints(comps, token);
}

static int complete_filter(const struct er_policy_filter *filter, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, filter->config.name));
	return 0;
}

static void complete_filters(vector comps, struct cmd_token *token)
{
	er_policy_foreach_filter(complete_filter, comps);
}

static void complete_names(vector comps, enum er_catalogue_names which)
{
	size_t n = er_catalogue_names(er_communities(), which, NULL, 0);
	const char **list = XCALLOC(MTYPE_TMP, n * sizeof(*list));

	er_catalogue_names(er_communities(), which, list, n);
	for (size_t i = 0; i < n; i++)
		vector_set(comps, XSTRDUP(MTYPE_COMPLETION, list[i]));
	XFREE(MTYPE_TMP, list);
}

static void complete_services(vector comps, struct cmd_token *token)
{
	complete_names(comps, ER_NAMES_SERVICE);
}

static void complete_regions(vector comps, struct cmd_token *token)
{
	complete_names(comps, ER_NAMES_REGION);
}

static void complete_geographies(vector comps, struct cmd_token *token)
{
	complete_names(comps, ER_NAMES_GEOGRAPHY);
}

static const struct cmd_variable_handler handlers[] = {
	{ .varname = "er_circuit", .completions = complete_circuits },
	{ .varname = "er_vpn", .completions = complete_vpns },
	{ .varname = "er_history", .completions = complete_all },
	{ .varname = "er_site", .completions = complete_sites },
	{ .varname = "er_joint", .completions = complete_joints },
	{ .varname = "er_filter", .completions = complete_filters },
	{ .varname = "er_service", .completions = complete_services },
	{ .varname = "er_region", .completions = complete_regions },
	{ .varname = "er_geography", .completions = complete_geographies },
	{ .completions = NULL },
};

void er_vty_init(void)
{
	cmd_variable_handler_register(handlers);

	er_vpn_vty_init();
	er_site_vty_init();
	er_audit_vty_init();
	er_path_vty_init();
	er_drain_vty_init();
	install_element(VIEW_NODE, &show_expressroute_cmd);
	install_element(VIEW_NODE, &show_expressroute_summary_cmd);
	install_element(VIEW_NODE, &show_expressroute_circuits_cmd);
	install_element(VIEW_NODE, &show_expressroute_circuit_cmd);
	install_element(VIEW_NODE, &show_expressroute_parity_cmd);
	install_element(VIEW_NODE, &show_expressroute_bgp_config_cmd);
	install_element(VIEW_NODE, &show_expressroute_peering_cmd);
	install_element(VIEW_NODE, &show_expressroute_communities_cmd);
	install_element(VIEW_NODE, &show_expressroute_filters_cmd);
	install_element(VIEW_NODE, &show_expressroute_filter_cmd);
	install_element(VIEW_NODE, &show_expressroute_limits_cmd);
	install_element(VIEW_NODE, &show_expressroute_route_cmd);
	install_element(VIEW_NODE, &show_expressroute_held_cmd);
	install_element(VIEW_NODE, &show_expressroute_history_cmd);
	install_element(ENABLE_NODE, &clear_expressroute_counters_cmd);
	install_element(ENABLE_NODE, &clear_expressroute_availability_cmd);
	install_element(ENABLE_NODE, &expressroute_import_cmd);
}
