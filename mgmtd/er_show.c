// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration as commands: each callback prints one node of the model
 * so that er_cli.c reads it back to the same.
 */

#include <zebra.h>
#include "compat.h"

#include "northbound.h"
#include "northbound_cli.h"
#include "yang.h"

#include "mgmtd/er_mgmt.h"
#include "yang/er_xpath.h"

/* one column for "expressroute", one for each list around the node */
static int er_indent(const struct lyd_node *dnode)
{
	int indent = 1;

	for (dnode = lyd_parent(dnode); dnode; dnode = lyd_parent(dnode))
		if (dnode->schema->nodetype == LYS_LIST)
			indent++;
	return indent;
}

static void er_show_expressroute(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "!\nexpressroute\n");
}

static void er_show_expressroute_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, "exit-expressroute\n!\n");
}

/* circuit, peering, link: the list's name and its key */
static void er_show_entry(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*s%s %s\n", er_indent(dnode), "", dnode->schema->name,
		lyd_get_value(lyd_child(dnode)));
}

static void er_show_entry_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, "%*sexit-%s\n", er_indent(dnode), "", dnode->schema->name);
}

/* most leaves: the leaf's name and its value */
static void er_show_leaf(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*s%s %s\n", er_indent(dnode), "", dnode->schema->name, lyd_get_value(dnode));
}

/* leaves of a container that the command names as well */
static void er_show_leaf_of(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*s%s %s %s\n", er_indent(dnode), "", lyd_parent(dnode)->schema->name,
		dnode->schema->name, lyd_get_value(dnode));
}

/* entries of a leaf-list: the container's name and the value */
static void er_show_item_of(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*s%s %s\n", er_indent(dnode), "", lyd_parent(dnode)->schema->name,
		lyd_get_value(dnode));
}

/* entries of a filter */
static void er_show_allow(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*sallow %s %s\n", er_indent(dnode), "", dnode->schema->name,
		lyd_get_value(dnode));
}

static void er_show_allow_in_region(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*sallow service %s region %s\n", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "service"), yang_dnode_get_string(dnode, "region"));
}

static void er_show_community(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*scommunity %s value %s\n", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "name"), yang_dnode_get_string(dnode, "value"));
}

/* the circuits are in the order of their positions, which are the key */
static void er_show_region_preference(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	const struct lyd_node *child;

	vty_out(vty, "%*sregion-preference %s circuit", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "target"));
	LY_LIST_FOR (lyd_child(dnode), child)
		if (strmatch(child->schema->name, "circuit"))
			vty_out(vty, " %s", yang_dnode_get_string(child, "name"));
	vty_out(vty, "\n");
}

static void er_show_route_map_in(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*sroute-map %s in\n", er_indent(dnode), "", lyd_get_value(dnode));
}

static void er_show_route_map_out(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*sroute-map %s out\n", er_indent(dnode), "", lyd_get_value(dnode));
}

/* leaves below "advertise" whose commands are not named as they are */
static void er_show_advertise(struct vty *vty, const struct lyd_node *dnode, const char *words)
{
	vty_out(vty, "%*sadvertise %s %s\n", er_indent(dnode), "", words, lyd_get_value(dnode));
}

static void er_show_ipv4_list(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_advertise(vty, dnode, "prefix-list");
}

static void er_show_ipv6_list(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_advertise(vty, dnode, "ipv6 prefix-list");
}

static void er_show_ipv4_limit(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_advertise(vty, dnode, "limit ipv4");
}

static void er_show_ipv6_limit(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_advertise(vty, dnode, "limit ipv6");
}

static void er_show_priority(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*sadvertise priority %s %s\n", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "prefix"), yang_dnode_get_string(dnode, "value"));
}

static void er_show_switch(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*s%s%s\n", er_indent(dnode), "",
		yang_dnode_get_bool(dnode, NULL) ? "" : "no ", dnode->schema->name);
}

static void er_show_redundancy(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*sredundancy %s", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "mode"));
	if (yang_dnode_exists(dnode, "active-link"))
		vty_out(vty, " active %s", yang_dnode_get_string(dnode, "active-link"));
	vty_out(vty, "\n");
}

static void er_show_timers(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	if (!yang_dnode_exists(dnode, "keepalive") || !yang_dnode_exists(dnode, "hold"))
		return;
	vty_out(vty, "%*stimers %s %s\n", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "keepalive"), yang_dnode_get_string(dnode, "hold"));
}

/*
 * A line with intervals turns BFD on, so what turns it off comes after it.
 */
static void er_show_bfd(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	static const char *const names[] = { "receive-interval", "transmit-interval",
					     "detect-multiplier" };
	bool enabled = yang_dnode_get_bool(dnode, "enabled");
	int indent = er_indent(dnode);
	bool begun = false;

	for (size_t i = 0; i < array_size(names); i++) {
		const struct lyd_node *leaf = yang_dnode_get(dnode, names[i]);

		if (!leaf || (!defaults && yang_dnode_is_default(leaf, NULL)))
			continue;
		if (!begun)
			vty_out(vty, "%*sbfd", indent, "");
		begun = true;
		vty_out(vty, " %s %s", names[i], lyd_get_value(leaf));
	}
	if (begun)
		vty_out(vty, "\n");
	if (!enabled)
		vty_out(vty, "%*sno bfd\n", indent, "");
}

/* clang-format off */
#define ENTRY(_xpath)								\
	{									\
		.xpath = _xpath,						\
		.cbs = { .cli_show = er_show_entry, .cli_show_end = er_show_entry_end }, \
	}
#define NODE(_xpath, _show) { .xpath = _xpath, .cbs = { .cli_show = _show } }

const struct frr_yang_module_info er_mgmt_yang_info = {
	.name = ER_YANG_MODULE,
	.ignore_cfg_cbs = true,
	.nodes = {
		{
			.xpath = ER_XPATH,
			.cbs = {
				.cli_show = er_show_expressroute,
				.cli_show_end = er_show_expressroute_end,
			},
		},
		NODE(ER_XPATH_COMMUNITY, er_show_community),
		ENTRY(ER_XPATH_FILTER),
		NODE(ER_XPATH_FILTER_DESCRIPTION, er_show_leaf),
		NODE(ER_XPATH_FILTER_SERVICE, er_show_allow),
		NODE(ER_XPATH_FILTER_REGION, er_show_allow),
		NODE(ER_XPATH_FILTER_IN_REGION, er_show_allow_in_region),
		NODE(ER_XPATH_FILTER_COMMUNITY, er_show_allow),
		ENTRY(ER_XPATH_CIRCUIT),
		NODE(ER_XPATH_DESCRIPTION, er_show_leaf),
		NODE(ER_XPATH_CIRCUIT_SHUTDOWN, er_show_switch),
		NODE(ER_XPATH_SERVICE_KEY, er_show_leaf),
		NODE(ER_XPATH_PROVIDER, er_show_leaf),
		NODE(ER_XPATH_PEERING_LOCATION, er_show_leaf),
		NODE(ER_XPATH_GEOGRAPHY, er_show_leaf),
		NODE(ER_XPATH_MODEL, er_show_leaf),
		NODE(ER_XPATH_SKU, er_show_leaf),
		NODE(ER_XPATH_LOCAL_REGION, er_show_leaf),
		NODE(ER_XPATH_BANDWIDTH, er_show_leaf),
		NODE(ER_XPATH_PORT_PAIR, er_show_leaf_of),
		NODE(ER_XPATH_PORT_SPEED, er_show_leaf_of),
		NODE(ER_XPATH_PREFERENCE, er_show_leaf),
		NODE(ER_XPATH_REDUNDANCY, er_show_redundancy),
		ENTRY(ER_XPATH_PEERING),
		NODE(ER_XPATH_PEERING_SHUTDOWN, er_show_switch),
		NODE(ER_XPATH_VRF, er_show_leaf),
		NODE(ER_XPATH_VLAN, er_show_leaf),
		NODE(ER_XPATH_S_TAG, er_show_leaf),
		NODE(ER_XPATH_ROUTER_AS, er_show_leaf),
		NODE(ER_XPATH_SESSION, er_show_leaf),
		NODE(ER_XPATH_PASSWORD, er_show_leaf),
		NODE(ER_XPATH_TIMERS, er_show_timers),
		NODE(ER_XPATH_BFD, er_show_bfd),
		NODE(ER_XPATH_PEERING_FILTER, er_show_leaf),
		NODE(ER_XPATH_ROUTE_MAP_IN, er_show_route_map_in),
		NODE(ER_XPATH_ROUTE_MAP_OUT, er_show_route_map_out),
		NODE(ER_XPATH_PREPEND, er_show_leaf),
		NODE(ER_XPATH_PASSIVE_PREPEND, er_show_leaf),
		NODE(ER_XPATH_ADVERTISE_IPV4_LIST, er_show_ipv4_list),
		NODE(ER_XPATH_ADVERTISE_IPV6_LIST, er_show_ipv6_list),
		NODE(ER_XPATH_ADVERTISE_IPV4_LIMIT, er_show_ipv4_limit),
		NODE(ER_XPATH_ADVERTISE_IPV6_LIMIT, er_show_ipv6_limit),
		NODE(ER_XPATH_PRIORITY, er_show_priority),
		NODE(ER_XPATH_ADVERTISE_IPV4, er_show_item_of),
		NODE(ER_XPATH_ADVERTISE_IPV6, er_show_item_of),
		ENTRY(ER_XPATH_LINK),
		NODE(ER_XPATH_LINK_SHUTDOWN, er_show_switch),
		NODE(ER_XPATH_LINK_INTERFACE, er_show_leaf),
		NODE(ER_XPATH_LINK_IPV4, er_show_leaf),
		NODE(ER_XPATH_LINK_IPV6, er_show_leaf),
		NODE(ER_XPATH_REGION_PREF, er_show_region_preference),
		{ .xpath = NULL },
	},
};
