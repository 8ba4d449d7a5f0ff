// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our configuration nodes and the commands that enter and leave them.
 * A new node is a number in mgmtd/er_nodes.h and a row here.
 */

#include <zebra.h>

#include "command.h"

#include "vtysh/vtysh.h"

struct er_vtysh_node {
	struct cmd_node node;
	struct cmd_element enter; /* in the parent node */
	struct cmd_element leave; /* in the node */
};

static int er_vtysh_enter(const struct cmd_element *self, struct vty *vty, int argc,
			  struct cmd_token *argv[]);
static int er_vtysh_leave(const struct cmd_element *self, struct vty *vty, int argc,
			  struct cmd_token *argv[]);
static int er_vtysh_end(const struct cmd_element *self, struct vty *vty, int argc,
			struct cmd_token *argv[]);

/* mgmtd alone is inside our nodes: nobody else is told of entering or leaving */
#define COMMAND(_name, _func, _daemons, _string, _doc)                                            \
	{                                                                                         \
		.name = _name,                                                                    \
		.func = _func,                                                                    \
		.daemon = _daemons,                                                               \
		.string = _string,                                                                \
		.doc = _doc,                                                                      \
	}

#define NODE(_node, _parent, _prompt, _word, _args, _doc)                                         \
	{                                                                                         \
		.node = {                                                                         \
			.name = _word,                                                            \
			.node = (enum node_type)(_node),                                          \
			.parent_node = (enum node_type)(_parent),                                 \
			.prompt = _prompt,                                                        \
		},                                                                                \
		.enter = COMMAND("er_vtysh_" _word "_cmd", er_vtysh_enter, VTYSH_MGMTD,           \
				 _word _args, _doc),                                              \
		.leave = COMMAND("er_vtysh_exit_" _word "_cmd", er_vtysh_leave, VTYSH_MGMTD,      \
				 "exit-" _word, "Leave this level of the configuration\n"),       \
	}

/* in the order of er_nodes.h; word, arguments and help as in mgmtd/ */
static struct er_vtysh_node er_vtysh_nodes[] = {
	NODE(ER_NODE, CONFIG_NODE, ER_PROMPT, "expressroute", "", "Azure ExpressRoute\n"),
	NODE(ER_CIRCUIT_NODE, ER_NODE, ER_CIRCUIT_PROMPT, "circuit", " NAME$er_circuit",
	     "ExpressRoute circuit\n"
	     "Name of the circuit\n"),
	NODE(ER_PEERING_NODE, ER_CIRCUIT_NODE, ER_PEERING_PROMPT, "peering",
	     " <private|microsoft>$type",
	     "Peering of the circuit\n"
	     "Azure private peering\n"
	     "Microsoft peering\n"),
	NODE(ER_LINK_NODE, ER_PEERING_NODE, ER_LINK_PROMPT, "link", " <primary|secondary>$role",
	     "Link of the peering\n"
	     "Primary link\n"
	     "Secondary link\n"),
	NODE(ER_FILTER_NODE, ER_NODE, ER_FILTER_PROMPT, "route-filter", " NAME$er_filter",
	     "What may come in, by community\n"
	     "Name of the route filter\n"),
	NODE(ER_VPN_NODE, ER_NODE, ER_VPN_PROMPT, "vpn-backup", " NAME$er_vpn",
	     "Site-to-site VPN as a backup of private peerings\n"
	     "Name of the VPN backup\n"),
	NODE(ER_GATEWAY_NODE, ER_VPN_NODE, ER_GATEWAY_PROMPT, "gateway", " <0|1>$instance",
	     "A VPN gateway, or an instance of an active-active one\n"
	     "First instance\n"
	     "Second instance\n"),
	NODE(ER_SITE_NODE, ER_NODE, ER_SITE_PROMPT, "site", " NAME$er_site",
	     "A site of yours that is reached over Global Reach\n"
	     "Name of the site\n"),
	NODE(ER_JOINT_NODE, ER_NODE, ER_JOINT_PROMPT, "global-reach", " NAME$er_joint",
	     "A Global Reach connection: one of our circuits, joined to another one\n"
	     "Name of the connection\n"),
	NODE(ER_PROBE_NODE, ER_NODE, ER_PROBE_PROMPT, "path-probe", " NAME$er_probe",
	     "A light probe that measures one path towards Azure\n"
	     "Name of the probe\n"),
};

_Static_assert(array_size(er_vtysh_nodes) == ER_NODE_END - ER_NODE,
	       "each node of er_nodes.h has one row in er_vtysh_nodes[]");

static const struct cmd_element exit_cmd =
	COMMAND("er_vtysh_exit_cmd", er_vtysh_leave, VTYSH_MGMTD, "exit",
		"Exit current mode and down to previous mode\n");
static const struct cmd_element quit_cmd =
	COMMAND("er_vtysh_quit_cmd", er_vtysh_leave, VTYSH_MGMTD, "quit",
		"Exit current mode and down to previous mode\n");
static const struct cmd_element end_cmd = COMMAND("er_vtysh_end_cmd", er_vtysh_end,
						  VTYSH_REALLYALL, "end",
						  "End current mode and change to enable mode\n");

static int er_vtysh_enter(const struct cmd_element *self, struct vty *vty, int argc,
			  struct cmd_token *argv[])
{
	vty->node = container_of(self, struct er_vtysh_node, enter)->node.node;
	return CMD_SUCCESS;
}

static int er_vtysh_leave(const struct cmd_element *self, struct vty *vty, int argc,
			  struct cmd_token *argv[])
{
	vty->node = node_parent(vty->node);
	return CMD_SUCCESS;
}

static int er_vtysh_end(const struct cmd_element *self, struct vty *vty, int argc,
			struct cmd_token *argv[])
{
	vty->node = ENABLE_NODE;
	return CMD_SUCCESS;
}

const struct cmd_node *er_vtysh_entered(const struct cmd_element *cmd)
{
	size_t i;

	for (i = 0; i < array_size(er_vtysh_nodes); i++)
		if (cmd == &er_vtysh_nodes[i].enter)
			return &er_vtysh_nodes[i].node;
	return NULL;
}

static void er_vtysh_install(struct er_vtysh_node *row)
{
	_install_element(row->node.parent_node, &row->enter);
	_install_element(row->node.node, &row->leave);
	_install_element(row->node.node, &exit_cmd);
	_install_element(row->node.node, &quit_cmd);
	_install_element(row->node.node, &end_cmd);
}

/* Called by vtysh_init_vty() when FRR's nodes are installed. */
void vtysh_init_cmd(void)
{
	size_t i;

	/* a generated table attaches to a node that is there and still empty */
	for (i = 0; i < array_size(er_vtysh_nodes); i++)
		install_node(&er_vtysh_nodes[i].node);

	er_vtysh_init_tables();

	for (i = 0; i < array_size(er_vtysh_nodes); i++)
		er_vtysh_install(&er_vtysh_nodes[i]);
}
