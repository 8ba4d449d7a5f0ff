// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute ..., clear expressroute ...
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"
#include "memory.h"
#include "northbound.h"

#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/erouted.h"
#include "erouted/er_vty_clippy.c"

#define ER_STR	    "ExpressRoute\n"
#define CIRCUIT_STR "A circuit\n"
#define NAME_STR    "Name of the circuit\n"

static const struct er_circuit_config *find_circuit(struct vty *vty, const char *name, bool json)
{
	const struct er_circuit_config *config = er_core_config(er_core, name);

	if (config)
		return config;
	if (json)
		vty_json(vty, json_object_new_object());
	else
		vty_out(vty, "%% There is no circuit '%s'\n", name);
	return NULL;
}

/*
 * JSON: the state tree, or a part of it
 */
static int json_tree(struct vty *vty, const char *circuit)
{
	struct lyd_node *tree = er_state_tree(circuit, true);
	struct json_object *json = er_json_from_tree(tree);

	/* a reader need not ask whether there is any */
	if (!json_object_object_get_ex(json, "circuit", NULL))
		json_object_object_add(json, "circuit", json_object_new_object());
	lyd_free_all(tree);
	return vty_json(vty, json);
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
	const struct er_circuit_config *config = find_circuit(vty, er_circuit, !!json);

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
	const struct er_circuit_config *config = find_circuit(vty, er_circuit, !!json);

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
	const struct er_circuit_config *config = find_circuit(vty, er_circuit, false);

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
      "Flaps, filtered prefixes, hold-downs and availability\n"
      CIRCUIT_STR NAME_STR)
{
	if (er_circuit && !find_circuit(vty, er_circuit, false))
		return CMD_WARNING;
	er_event_clear(er_circuit ? er_circuit : "");
	return CMD_SUCCESS;
}

/*
 * TAB after "circuit"
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

static const struct cmd_variable_handler circuit_handlers[] = {
	{ .varname = "er_circuit", .completions = complete_circuits },
	{ .completions = NULL },
};

void er_vty_init(void)
{
	cmd_variable_handler_register(circuit_handlers);

	install_element(VIEW_NODE, &show_expressroute_cmd);
	install_element(VIEW_NODE, &show_expressroute_summary_cmd);
	install_element(VIEW_NODE, &show_expressroute_circuits_cmd);
	install_element(VIEW_NODE, &show_expressroute_circuit_cmd);
	install_element(VIEW_NODE, &show_expressroute_parity_cmd);
	install_element(VIEW_NODE, &show_expressroute_bgp_config_cmd);
	install_element(VIEW_NODE, &show_expressroute_peering_cmd);
	install_element(ENABLE_NODE, &clear_expressroute_counters_cmd);
}
