// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Print the command table of a vtysh, ours or the distribution's, one JSON
 * object per node, and end it.
 *
 * Preloaded, it takes the place of libfrr's vty_init_vtysh(), which vtysh calls
 * when all nodes and commands are there and nothing has been connected yet.
 */

#include <zebra.h>

#include "command.h"
#include "command_graph.h"
#include "graph.h"
#include "json.h"
#include "vty.h"

static struct json_object *dump_commands(const struct cmd_node *node)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < vector_active(node->cmd_vector); i++) {
		const struct cmd_element *cmd = vector_slot(node->cmd_vector, i);
		struct json_object *obj = json_object_new_object();

		json_object_string_add(obj, "name", cmd->name);
		json_object_string_add(obj, "string", cmd->string);
		json_object_string_add(obj, "doc", cmd->doc ? cmd->doc : "");
		json_object_int_add(obj, "daemon", cmd->daemon);
		json_object_int_add(obj, "attr", cmd->attr);
		json_object_array_add(list, obj);
	}
	return list;
}

/*
 * A token as one string, without its help: where two commands give one word
 * different help texts, the order of a hash table, hence of addresses, decides
 * which one is shown.  The commands' own texts are compared instead.
 */
static char *token_label(const struct graph_node *gn)
{
	const struct cmd_token *token = gn->data;
	bool is_command = vector_active(gn->from) && !vector_active(gn->to);

	if (is_command)
		return asprintfrr(MTYPE_TMP, "command %s",
				  ((const struct cmd_element *)gn->data)->string);
	return asprintfrr(MTYPE_TMP, "%d %u %d %s|%lld-%lld|%s", token->type, token->attr,
			  token->allowrepeat, token->text ? token->text : "", (long long)token->min,
			  (long long)token->max, token->varname ? token->varname : "");
}

static int index_of(const struct graph *graph, const struct graph_node *gn)
{
	unsigned int i;

	for (i = 0; i < vector_active(graph->nodes); i++)
		if (vector_slot(graph->nodes, i) == gn)
			return i;
	return -1;
}

static struct json_object *dump_graph(const struct graph *graph)
{
	struct json_object *list = json_object_new_array();
	unsigned int i, j;

	for (i = 0; i < vector_active(graph->nodes); i++) {
		const struct graph_node *gn = vector_slot(graph->nodes, i);
		struct json_object *obj = json_object_new_object();
		struct json_object *next = json_object_new_array();
		char *label = token_label(gn);

		for (j = 0; j < vector_active(gn->to); j++)
			json_object_array_add(next,
					      json_object_new_int(
						      index_of(graph, vector_slot(gn->to, j))));
		json_object_string_add(obj, "label", label);
		json_object_object_add(obj, "next", next);
		json_object_array_add(list, obj);
		XFREE(MTYPE_TMP, label);
	}
	return list;
}

void vty_init_vtysh(void)
{
	unsigned int i;

	for (i = 0; i < vector_active(cmdvec); i++) {
		struct cmd_node *node = vector_slot(cmdvec, i);
		struct json_object *obj;

		if (!node)
			continue;
		cmd_finalize_node(node);

		obj = json_object_new_object();
		json_object_int_add(obj, "node", node->node);
		json_object_string_add(obj, "name", node->name);
		json_object_string_add(obj, "prompt", node->prompt ? node->prompt : "");
		json_object_int_add(obj, "parent", node->parent_node);
		json_object_object_add(obj, "commands", dump_commands(node));
		json_object_object_add(obj, "graph", dump_graph(node->cmdgraph));
		puts(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN));
		json_object_put(obj);
	}
	fflush(stdout);
	_exit(0);
}
