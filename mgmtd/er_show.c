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

/* circuit, peering, link, vpn-backup, gateway: the list's name and its key */
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

/* one of two lines with the same words, of IPv4 and IPv6: behind "ipv4-" in the leaf's name */
static void er_show_of_family(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	vty_out(vty, "%*s%s %s\n", er_indent(dnode), "", dnode->schema->name + strlen("ipv4-"),
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
 * A line with intervals turns BFD on, so what turns it off comes after it.  It is
 * on by default in a peering, and off in a VPN backup.
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
	if (!enabled && (begun || defaults || !yang_dnode_is_default(dnode, "enabled")))
		vty_out(vty, "%*sno bfd\n", indent, "");
	else if (enabled && !begun && !yang_dnode_is_default(dnode, "enabled"))
		vty_out(vty, "%*sbfd\n", indent, "");
}

/*
 * Two leaves in one line, the second one when it is not its default.
 */
static void er_show_pair(struct vty *vty, const struct lyd_node *dnode, const char *first,
			 const char *second, bool defaults)
{
	vty_out(vty, "%*s%s %s %s", er_indent(dnode), "", dnode->schema->name, first,
		yang_dnode_get_string(dnode, "%s", first));
	if (defaults || !yang_dnode_is_default(dnode, second))
		vty_out(vty, " %s %s", second, yang_dnode_get_string(dnode, "%s", second));
	vty_out(vty, "\n");
}

static void er_show_probe(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_pair(vty, dnode, "interval", "multiplier", defaults);
}

static void er_show_restore(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_pair(vty, dnode, "hold", "maximum", defaults);
}

/* the line that comes or goes with a boolean */
static void er_show_flag(struct vty *vty, const struct lyd_node *leaf, const char *words,
			 bool defaults)
{
	if (defaults || !yang_dnode_is_default(leaf, NULL))
		vty_out(vty, "%*s%s%s\n", er_indent(leaf), "",
			yang_dnode_get_bool(leaf, NULL) ? "" : "no ", words);
}

static void er_show_advertise_more(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	er_show_flag(vty, dnode, "advertise more-specifics", defaults);
}

static void er_show_activation(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	if (defaults || !yang_dnode_is_default(dnode, "rule")) {
		vty_out(vty, "%*sactivate %s", er_indent(dnode), "",
			yang_dnode_get_string(dnode, "rule"));
		if (yang_dnode_exists(dnode, "minimum-links"))
			vty_out(vty, " %s", yang_dnode_get_string(dnode, "minimum-links"));
		vty_out(vty, "\n");
	}
	er_show_flag(vty, yang_dnode_get(dnode, "on-drained"), "activate drained", defaults);
	er_show_flag(vty, yang_dnode_get(dnode, "on-asymmetric"), "activate asymmetric", defaults);
	er_show_flag(vty, yang_dnode_get(dnode, "on-quality"), "activate quality", defaults);
}

/* a line for each next hop, or one without */
static void er_show_pin(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	static const char *const next_hops[] = { "ipv4-next-hop", "ipv6-next-hop" };
	const char *mode = yang_dnode_get_string(dnode, "mode");
	char way[64];
	bool shown = false;

	if (strmatch(mode, "none")) {
		vty_out(vty, "%*sno pin\n", er_indent(dnode), "");
		return;
	}
	way[0] = '\0';
	if (strmatch(mode, "interface"))
		snprintf(way, sizeof(way), " interface %s",
			 yang_dnode_get_string(dnode, "interface"));
	else if (strmatch(mode, "default-route"))
		strlcpy(way, " default-route", sizeof(way));
	for (size_t i = 0; i < array_size(next_hops); i++) {
		if (!yang_dnode_exists(dnode, next_hops[i]))
			continue;
		vty_out(vty, "%*spin%s next-hop %s\n", er_indent(dnode), "", way,
			yang_dnode_get_string(dnode, "%s", next_hops[i]));
		shown = true;
	}
	if (!shown)
		vty_out(vty, "%*spin%s\n", er_indent(dnode), "", way);
}

static void er_show_metrics(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	if (!yang_dnode_exists(dnode, "port"))
		return;
	vty_out(vty, "%*smetrics port %s", er_indent(dnode), "",
		yang_dnode_get_string(dnode, "port"));
	if (yang_dnode_exists(dnode, "address"))
		vty_out(vty, " address %s", yang_dnode_get_string(dnode, "address"));
	vty_out(vty, "\n");
}

static void er_show_target(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	const struct lyd_node *port = yang_dnode_get(lyd_parent(dnode), "tcp-port");

	vty_out(vty, "%*starget %s", er_indent(dnode), "", lyd_get_value(dnode));
	if (port)
		vty_out(vty, " tcp %s", lyd_get_value(port));
	else if (defaults)
		vty_out(vty, " icmp");
	vty_out(vty, "\n");
}

static void er_show_via(struct vty *vty, const struct lyd_node *dnode, bool defaults)
{
	int indent = er_indent(dnode);

	if (yang_dnode_exists(dnode, "circuit")) {
		vty_out(vty, "%*svia circuit %s", indent, "",
			yang_dnode_get_string(dnode, "circuit"));
		if (defaults || !yang_dnode_is_default(dnode, "peering"))
			vty_out(vty, " peering %s", yang_dnode_get_string(dnode, "peering"));
		vty_out(vty, " link %s\n", yang_dnode_get_string(dnode, "link"));
	} else if (yang_dnode_exists(dnode, "vpn-backup")) {
		vty_out(vty, "%*svia vpn-backup %s gateway %s\n", indent, "",
			yang_dnode_get_string(dnode, "vpn-backup"),
			yang_dnode_get_string(dnode, "gateway"));
	} else if (yang_dnode_exists(dnode, "interface")) {
		vty_out(vty, "%*svia internet interface %s\n", indent, "",
			yang_dnode_get_string(dnode, "interface"));
	}
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
		NODE(ER_XPATH_METRICS, er_show_metrics),
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
		NODE(ER_XPATH_SITE_OF_ORIGIN, er_show_leaf),
		NODE(ER_XPATH_STANDBY_INTERVAL, er_show_leaf),
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
		NODE(ER_XPATH_LINK_PARTNER, er_show_leaf),
		NODE(ER_XPATH_REGION_PREF, er_show_region_preference),
		ENTRY(ER_XPATH_VPN),
		NODE(ER_XPATH_VPN_DESCRIPTION, er_show_leaf),
		NODE(ER_XPATH_VPN_SHUTDOWN, er_show_switch),
		NODE(ER_XPATH_VPN_VRF, er_show_leaf),
		NODE(ER_XPATH_VPN_CIRCUIT, er_show_leaf),
		NODE(ER_XPATH_VPN_ROUTER_AS, er_show_leaf),
		NODE(ER_XPATH_VPN_SESSION, er_show_leaf),
		NODE(ER_XPATH_VPN_PASSWORD, er_show_leaf),
		NODE(ER_XPATH_VPN_TIMERS, er_show_timers),
		NODE(ER_XPATH_VPN_BFD, er_show_bfd),
		NODE(ER_XPATH_VPN_ROUTE_MAP_IN, er_show_route_map_in),
		NODE(ER_XPATH_VPN_ROUTE_MAP_OUT, er_show_route_map_out),
		NODE(ER_XPATH_VPN_ADVERTISE_MORE, er_show_advertise_more),
		NODE(ER_XPATH_VPN_ADVERTISE_IPV4, er_show_item_of),
		NODE(ER_XPATH_VPN_ADVERTISE_IPV6, er_show_item_of),
		ENTRY(ER_XPATH_GATEWAY),
		NODE(ER_XPATH_GATEWAY_SHUTDOWN, er_show_switch),
		NODE(ER_XPATH_GATEWAY_ADDRESS, er_show_leaf),
		NODE(ER_XPATH_GATEWAY_INTERFACE, er_show_leaf),
		NODE(ER_XPATH_GATEWAY_IPV4, er_show_of_family),
		NODE(ER_XPATH_GATEWAY_IPV6, er_show_of_family),
		NODE(ER_XPATH_GATEWAY_LOCAL_IPV4, er_show_of_family),
		NODE(ER_XPATH_GATEWAY_LOCAL_IPV6, er_show_of_family),
		NODE(ER_XPATH_GATEWAY_AS, er_show_leaf),
		NODE(ER_XPATH_GATEWAY_MULTIHOP, er_show_leaf),
		NODE(ER_XPATH_GATEWAY_PROBE_IPV4, er_show_of_family),
		NODE(ER_XPATH_GATEWAY_PROBE_IPV6, er_show_of_family),
		NODE(ER_XPATH_VPN_PREFIX_IPV4, er_show_of_family),
		NODE(ER_XPATH_VPN_PREFIX_IPV6, er_show_of_family),
		NODE(ER_XPATH_VPN_PROBE, er_show_probe),
		NODE(ER_XPATH_VPN_MORE_SPECIFICS, er_show_leaf),
		NODE(ER_XPATH_PIN, er_show_pin),
		NODE(ER_XPATH_ACTIVATION, er_show_activation),
		NODE(ER_XPATH_RETURN_PATH, er_show_leaf),
		NODE(ER_XPATH_RESTORE, er_show_restore),
		NODE(ER_XPATH_TEST_INTERVAL, er_show_leaf),
		ENTRY(ER_XPATH_SITE),
		NODE(ER_XPATH_SITE_DESCRIPTION, er_show_leaf),
		NODE(ER_XPATH_SITE_AS, er_show_leaf),
		NODE(ER_XPATH_SITE_PREFIX, er_show_leaf),
		NODE(ER_XPATH_SITE_CIRCUIT, er_show_leaf),
		NODE(ER_XPATH_SITE_PREFERENCE, er_show_leaf),
		NODE(ER_XPATH_SITE_MAXIMUM, er_show_leaf),
		NODE(ER_XPATH_SITE_SAME_AS, er_show_switch),
		ENTRY(ER_XPATH_JOINT),
		NODE(ER_XPATH_JOINT_DESCRIPTION, er_show_leaf),
		NODE(ER_XPATH_JOINT_SHUTDOWN, er_show_switch),
		NODE(ER_XPATH_JOINT_CIRCUIT, er_show_leaf),
		NODE(ER_XPATH_JOINT_REMOTE, er_show_leaf),
		NODE(ER_XPATH_JOINT_SITE, er_show_leaf),
		NODE(ER_XPATH_JOINT_IPV4, er_show_leaf),
		NODE(ER_XPATH_UNDECLARED, er_show_leaf),
		ENTRY(ER_XPATH_PROBE),
		NODE(ER_XPATH_PROBE_DESCRIPTION, er_show_leaf),
		NODE(ER_XPATH_PROBE_TARGET, er_show_target),
		NODE(ER_XPATH_PROBE_VIA, er_show_via),
		NODE(ER_XPATH_PROBE_INTERVAL, er_show_leaf),
		NODE(ER_XPATH_PROBE_LOSS, er_show_leaf_of),
		NODE(ER_XPATH_PROBE_RTT, er_show_leaf_of),
		NODE(ER_XPATH_PROBE_JITTER, er_show_leaf_of),
		{ .xpath = NULL },
	},
};
