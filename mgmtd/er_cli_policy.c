// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of policy: what may come in, what goes out, and which circuit
 * is preferred for what.
 */

#include <zebra.h>
#include "compat.h"

#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "prefix.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/er_nodes.h"
#include "yang/er_xpath.h"

#include "mgmtd/er_cli_policy_clippy.c"

int er_cli_item(struct vty *vty, const char *list, bool no, const char *value)
{
	char entry[XPATH_MAXLEN];

	if (!no) {
		nb_cli_enqueue_change(vty, list, NB_OP_CREATE, value);
		return er_cli_apply(vty);
	}
	/* the bare leaf-list would be its only entry, whichever that is, or none */
	snprintf(entry, sizeof(entry), "%s[.='%s']", list, value);
	nb_cli_enqueue_change(vty, entry, NB_OP_DESTROY, NULL);
	return er_cli_apply(vty);
}

int er_cli_circuit_item(struct vty *vty, bool no, const char *circuit)
{
	if (no ? !er_cli_value_ok(vty, "./circuit", circuit)
	       : !er_names_circuit_ok(vty, "./circuit", circuit))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_item(vty, "./circuit", no, circuit);
}

/*
 * community NAME value AA:NN
 */
#define COMMUNITY_STR                                                                             \
	"Your own name for a community\n"                                                         \
	"The name: small letters, digits, '-'\n"
#define VALUE_STR                                                                                 \
	"What it stands for\n"                                                                    \
	"The community, as in 12076:20001\n"

DEFPY_YANG(er_community, er_community_cmd,
	"community NAME$er_community value AA:NN$value",
	COMMUNITY_STR
	VALUE_STR)
{
	char xpath[XPATH_MAXLEN];

	if (!er_names_own_ok(vty, "./community/name", er_community))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./community[name='%s']/value", er_community);
	return er_cli_leaf(vty, xpath, false, value);
}

DEFPY_YANG(er_no_community, er_no_community_cmd,
	"no community NAME$er_community [value AA:NN$value]",
	NO_STR
	COMMUNITY_STR
	VALUE_STR)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), "./community[name='%s']/value", er_community);
	if (!er_cli_value_ok(vty, "./community/name", er_community) ||
	    !er_cli_is_value(vty, xpath, value))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_remove(vty, "community", "name", er_community);
}

/*
 * route-filter NAME
 */
#define FILTER_STR                                                                                \
	"What may come in, by community\n"                                                        \
	"Name of the route filter\n"

DEFPY_YANG_NOSH(er_filter, er_filter_cmd,
	"route-filter NAME$er_filter",
	FILTER_STR)
{
	return er_cli_enter(vty, ER_FILTER_NODE, "route-filter", "name", er_filter);
}

DEFPY_YANG(er_no_filter, er_no_filter_cmd,
	"no route-filter NAME$er_filter",
	NO_STR
	FILTER_STR)
{
	return er_cli_remove(vty, "route-filter", "name", er_filter);
}

DEFPY_YANG_NOSH(er_exit_filter, er_exit_filter_cmd,
	"exit-route-filter",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

#define ALLOW_STR  "Let in what carries this community\n"
#define REGION_STR "Name of the region, as in west-europe\n"

/* what is taken away need not mean anything any more */
static bool er_service_ok(struct vty *vty, bool no, const char *service, const char *region)
{
	if (no && !region)
		return er_cli_value_ok(vty, "./service", service);
	if (no)
		return er_cli_value_ok(vty, "./service-in-region/service", service) &&
		       er_cli_value_ok(vty, "./service-in-region/region", region);
	if (!region)
		return er_names_service_ok(vty, "./service", service);
	return er_names_service_in_region_ok(vty, service, region);
}

DEFPY_YANG(er_allow_service, er_allow_service_cmd,
	"[no] allow service NAME$er_service [region NAME$er_region]",
	NO_STR
	ALLOW_STR
	"A service of Microsoft\n"
	"Name of the service, as in exchange-online\n"
	"In one region only\n"
	REGION_STR)
{
	char entry[XPATH_MAXLEN];

	if (!er_service_ok(vty, !!no, er_service, er_region))
		return CMD_WARNING_CONFIG_FAILED;
	if (!er_region)
		return er_cli_item(vty, "./service", !!no, er_service);
	snprintf(entry, sizeof(entry), "./service-in-region[service='%s'][region='%s']",
		 er_service, er_region);
	nb_cli_enqueue_change(vty, entry, no ? NB_OP_DESTROY : NB_OP_CREATE, NULL);
	return er_cli_apply(vty);
}

DEFPY_YANG(er_allow_region, er_allow_region_cmd,
	"[no] allow region NAME$er_region",
	NO_STR
	ALLOW_STR
	"All that is in a region\n"
	REGION_STR)
{
	if (no ? !er_cli_value_ok(vty, "./region", er_region)
	       : !er_names_region_ok(vty, "./region", er_region))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_item(vty, "./region", !!no, er_region);
}

DEFPY_YANG(er_allow_community, er_allow_community_cmd,
	"[no] allow community NAME$er_community",
	NO_STR
	ALLOW_STR
	"A community\n"
	"A number, as in 12076:5010, or your own name for one\n")
{
	if (no ? !er_cli_value_ok(vty, "./community", er_community)
	       : !er_names_community_ok(vty, "./community", er_community))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_item(vty, "./community", !!no, er_community);
}

/*
 * region-preference TARGET circuit NAME...
 */
#define PREFERENCE_STR                                                                            \
	"Which circuits carry the traffic for a region\n"                                         \
	"A region, a community, or your own name for one\n"
#define ORDER_STR                                                                                 \
	"The circuits in their order; they replace those that were there\n"                       \
	"Names of circuits, the best first\n"

static bool er_circuits_ok(struct vty *vty, struct cmd_token **names, int n)
{
	for (int i = 0; i < n; i++)
		if (!er_cli_value_ok(vty, "./region-preference/circuit/name", names[i]->arg))
			return false;
	return true;
}

DEFPY_YANG(er_region_preference, er_region_preference_cmd,
	"region-preference TARGET$er_region circuit NAME$er_circuit...",
	PREFERENCE_STR
	ORDER_STR)
{
	if (!er_names_target_ok(vty, "./region-preference/target", er_region) ||
	    !er_circuits_ok(vty, argv + 3, argc - 3))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_set_circuits(vty, er_region, argv + 3, argc - 3);
}

DEFPY_YANG(er_no_region_preference, er_no_region_preference_cmd,
	"no region-preference TARGET$er_region",
	NO_STR
	PREFERENCE_STR)
{
	return er_cli_remove(vty, "region-preference", "target", er_region);
}

DEFPY_YANG(er_no_region_preference_circuit, er_no_region_preference_circuit_cmd,
	"no region-preference TARGET$er_region circuit NAME$er_circuit...",
	NO_STR
	PREFERENCE_STR
	ORDER_STR)
{
	if (!er_cli_value_ok(vty, "./region-preference/target", er_region) ||
	    !er_cli_are_circuits(vty, er_region, argv + 4, argc - 4))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_remove(vty, "region-preference", "target", er_region);
}

/*
 * circuit NAME
 */
DEFPY_YANG(er_local_region, er_local_region_cmd,
	"[no] local-region NAME$er_region",
	NO_STR
	"A region that a circuit of SKU local reaches, at most two\n"
	REGION_STR)
{
	if (no ? !er_cli_value_ok(vty, "./local-region", er_region)
	       : !er_names_region_ok(vty, "./local-region", er_region))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_item(vty, "./local-region", !!no, er_region);
}

/*
 * peering <private|microsoft>
 */

/* stands for a name that was refused */
#define REFUSED "expressroute-refused"

static bool er_has_entries(const struct vty *vty, const char *filter)
{
	char xpath[XPATH_MAXLEN];
	const struct lyd_node *node;

	snprintf(xpath, sizeof(xpath), ER_XPATH_FILTER_FMT, filter);
	node = yang_dnode_get(vty->candidate_config->dnode, xpath);
	/* beside its name */
	return node && lyd_child(node)->next;
}

/*
 * The name of a filter, route-map or prefix-list that restricts a peering.  A
 * line of a file that is refused is left out, and without it the peering would
 * be open.  What nobody has made refuses everything: a name of that kind
 * stands in.
 */
static int er_restriction(struct vty *vty, const char *path, const char *name)
{
	char stand_in[64] = REFUSED;

	if (!er_cli_reading_file(vty) || er_cli_value_ok(vty, path, name))
		return er_cli_leaf(vty, path, false, name);
	for (unsigned int n = 2; er_has_entries(vty, stand_in); n++)
		snprintf(stand_in, sizeof(stand_in), REFUSED "-%u", n);
	er_cli_refuse(vty, path, stand_in, "Stands in for it and refuses everything.");
	return er_cli_leaf(vty, path, false, stand_in);
}

DEFPY_YANG(er_peering_filter, er_peering_filter_cmd,
	"route-filter NAME$er_filter",
	"What is accepted from Microsoft (without it: nothing on Microsoft peering)\n"
	"Name of the route filter\n")
{
	return er_restriction(vty, "./route-filter", er_filter);
}

DEFPY_YANG(er_no_peering_filter, er_no_peering_filter_cmd,
	"no route-filter [NAME$er_filter]",
	NO_STR
	"What is accepted from Microsoft (without it: nothing on Microsoft peering)\n"
	"Name of the route filter\n")
{
	return er_cli_no_leaf(vty, "./route-filter", er_filter);
}

#define ROUTE_MAP_STR "A route-map of your own, behind the rules of ExpressRoute\n"
#define WAY_STR                                                                                   \
	"For what is accepted from Microsoft\n"                                                   \
	"For what is advertised to Microsoft\n"

DEFPY_YANG(er_route_map, er_route_map_cmd,
	"route-map RMAP_NAME$name <in$in|out>",
	ROUTE_MAP_STR
	"Name of the route-map; as long as it is not there, it refuses everything\n"
	WAY_STR)
{
	return er_restriction(vty, in ? "./route-map-in" : "./route-map-out", name);
}

DEFPY_YANG(er_no_route_map, er_no_route_map_cmd,
	"no route-map [RMAP_NAME$name] <in$in|out>",
	NO_STR
	ROUTE_MAP_STR
	"Name of the route-map; as long as it is not there, it refuses everything\n"
	WAY_STR)
{
	return er_cli_no_leaf(vty, in ? "./route-map-in" : "./route-map-out", name);
}

#define PREPEND_STR "Make Microsoft prefer another circuit: prepend our AS on both links\n"
#define PASSIVE_STR "Make Microsoft prefer the active link: prepend our AS on the passive one\n"
#define COPIES_STR  "Copies of our AS\n"

DEFPY_YANG(er_prepend, er_prepend_cmd,
	"prepend (1-10)",
	PREPEND_STR
	COPIES_STR)
{
	return er_cli_leaf(vty, "./prepend", false, prepend_str);
}

DEFPY_YANG(er_no_prepend, er_no_prepend_cmd,
	"no prepend [(1-10)]",
	NO_STR
	PREPEND_STR
	COPIES_STR)
{
	return er_cli_no_leaf(vty, "./prepend", prepend_str);
}

DEFPY_YANG(er_passive_prepend, er_passive_prepend_cmd,
	"passive-prepend (1-10)",
	PASSIVE_STR
	COPIES_STR)
{
	return er_cli_leaf(vty, "./passive-prepend", false, passive_prepend_str);
}

DEFPY_YANG(er_no_passive_prepend, er_no_passive_prepend_cmd,
	"no passive-prepend [(1-10)]",
	NO_STR
	PASSIVE_STR
	COPIES_STR)
{
	return er_cli_no_leaf(vty, "./passive-prepend", passive_prepend_str);
}

/*
 * A prefix as libyang writes it, for predicates, which are compared as text.
 * libyang would take host bits away without a word.
 */
static bool er_prefix(struct vty *vty, const char *path, const char *typed, char *text, size_t size)
{
	char rule[BUFSIZ];
	struct prefix given, masked;

	if (!str2prefix(typed, &given))
		return false;
	prefix_copy(&masked, &given);
	apply_mask(&masked);
	snprintfrr(text, size, "%pFX", &masked);
	if (prefix_same(&given, &masked) || er_cli_reading_file(vty))
		return true;
	snprintf(rule, sizeof(rule), "The prefix has host bits set. Is it %s?", text);
	er_cli_refuse(vty, path, typed, rule);
	return false;
}

int er_cli_prefix_item(struct vty *vty, const char *list, bool no, const char *typed)
{
	char text[PREFIX_STRLEN];

	if (!er_prefix(vty, list, typed, text, sizeof(text)))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_item(vty, list, no, text);
}

#define ADVERTISE_STR "What is advertised to Microsoft\n"
#define PREFIXES_STR                                                                              \
	"IPv4 prefix\n"                                                                           \
	"IPv6 prefix\n"

DEFPY_YANG(er_advertise, er_advertise_cmd,
	"[no] advertise <A.B.C.D/M$ipv4|X:X::X:X/M$ipv6>",
	NO_STR
	ADVERTISE_STR
	PREFIXES_STR)
{
	return er_cli_prefix_item(vty,
				  ipv4_str ? "./advertise/ipv4-prefix" : "./advertise/ipv6-prefix",
				  !!no, ipv4_str ? ipv4_str : ipv6_str);
}

#define LIST_STR "What a prefix-list of bgpd permits\n"

DEFPY_YANG(er_advertise_list, er_advertise_list_cmd,
	"advertise prefix-list PREFIXLIST4_NAME$name",
	ADVERTISE_STR
	LIST_STR
	"Name of the prefix-list\n")
{
	return er_restriction(vty, "./advertise/ipv4-prefix-list", name);
}

DEFPY_YANG(er_no_advertise_list, er_no_advertise_list_cmd,
	"no advertise prefix-list [PREFIXLIST4_NAME$name]",
	NO_STR
	ADVERTISE_STR
	LIST_STR
	"Name of the prefix-list\n")
{
	return er_cli_no_leaf(vty, "./advertise/ipv4-prefix-list", name);
}

DEFPY_YANG(er_advertise_ipv6_list, er_advertise_ipv6_list_cmd,
	"advertise ipv6 prefix-list PREFIXLIST6_NAME$name",
	ADVERTISE_STR
	"IPv6\n"
	LIST_STR
	"Name of the prefix-list\n")
{
	return er_restriction(vty, "./advertise/ipv6-prefix-list", name);
}

DEFPY_YANG(er_no_advertise_ipv6_list, er_no_advertise_ipv6_list_cmd,
	"no advertise ipv6 prefix-list [PREFIXLIST6_NAME$name]",
	NO_STR
	ADVERTISE_STR
	"IPv6\n"
	LIST_STR
	"Name of the prefix-list\n")
{
	return er_cli_no_leaf(vty, "./advertise/ipv6-prefix-list", name);
}

#define LIMIT_STR                                                                                 \
	"Never advertise more prefixes, if Microsoft takes more\n"                                \
	"IPv4\n"                                                                                  \
	"IPv6\n"                                                                                  \
	"Prefixes\n"

DEFPY_YANG(er_advertise_limit, er_advertise_limit_cmd,
	"advertise limit <ipv4$ipv4|ipv6> (1-10000)$limit",
	ADVERTISE_STR
	LIMIT_STR)
{
	return er_cli_leaf(vty, ipv4 ? "./advertise/ipv4-limit" : "./advertise/ipv6-limit", false,
			   limit_str);
}

DEFPY_YANG(er_no_advertise_limit, er_no_advertise_limit_cmd,
	"no advertise limit <ipv4$ipv4|ipv6> [(1-10000)$limit]",
	NO_STR
	ADVERTISE_STR
	LIMIT_STR)
{
	return er_cli_no_leaf(vty, ipv4 ? "./advertise/ipv4-limit" : "./advertise/ipv6-limit",
			      limit_str);
}

#define PRIORITY_STR                                                                              \
	"What stays when there is more than the limit\n"                                          \
	"This IPv4 prefix and all within it\n"                                                    \
	"This IPv6 prefix and all within it\n"                                                    \
	"Priority: the higher one stays; 0 when not given\n"

DEFPY_YANG(er_advertise_priority, er_advertise_priority_cmd,
	"advertise priority <A.B.C.D/M$ipv4|X:X::X:X/M$ipv6> (1-255)$value",
	ADVERTISE_STR
	PRIORITY_STR)
{
	char xpath[XPATH_MAXLEN], text[PREFIX_STRLEN];

	if (!er_prefix(vty, "./advertise/priority/prefix", ipv4_str ? ipv4_str : ipv6_str, text,
		       sizeof(text)))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./advertise/priority[prefix='%s']/value", text);
	return er_cli_leaf(vty, xpath, false, value_str);
}

DEFPY_YANG(er_no_advertise_priority, er_no_advertise_priority_cmd,
	"no advertise priority <A.B.C.D/M$ipv4|X:X::X:X/M$ipv6> [(1-255)$value]",
	NO_STR
	ADVERTISE_STR
	PRIORITY_STR)
{
	char xpath[XPATH_MAXLEN], text[PREFIX_STRLEN];

	if (!er_prefix(vty, "./advertise/priority/prefix", ipv4_str ? ipv4_str : ipv6_str, text,
		       sizeof(text)))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./advertise/priority[prefix='%s']/value", text);
	if (!er_cli_is_value(vty, xpath, value_str))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./advertise/priority[prefix='%s']", text);
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return er_cli_apply(vty);
}

DEFPY_YANG(er_site_of_origin, er_site_of_origin_cmd,
	"site-of-origin ASN:NN_OR_IP-ADDRESS:NN$origin",
	"Mark what Microsoft sends over this circuit with an extended community\n"
	"The same on both routers of the circuit, and of no other one\n")
{
	return er_cli_leaf(vty, "./site-of-origin", false, origin);
}

DEFPY_YANG(er_no_site_of_origin, er_no_site_of_origin_cmd,
	"no site-of-origin [ASN:NN_OR_IP-ADDRESS:NN$origin]",
	NO_STR
	"Mark what Microsoft sends over this circuit with an extended community\n"
	"The same on both routers of the circuit, and of no other one\n")
{
	return er_cli_no_leaf(vty, "./site-of-origin", origin);
}

static void er_install_top(void)
{
	er_install(ER_NODE, &er_community_cmd);
	er_install(ER_NODE, &er_no_community_cmd);
	er_install(ER_NODE, &er_filter_cmd);
	er_install(ER_NODE, &er_no_filter_cmd);
	er_install(ER_NODE, &er_region_preference_cmd);
	er_install(ER_NODE, &er_no_region_preference_cmd);
	er_install(ER_NODE, &er_no_region_preference_circuit_cmd);
}

static void er_install_filter(void)
{
	er_install(ER_FILTER_NODE, &er_allow_service_cmd);
	er_install(ER_FILTER_NODE, &er_allow_region_cmd);
	er_install(ER_FILTER_NODE, &er_allow_community_cmd);
	er_install(ER_FILTER_NODE, &er_exit_filter_cmd);
}

static void er_install_peering(void)
{
	er_install(ER_PEERING_NODE, &er_peering_filter_cmd);
	er_install(ER_PEERING_NODE, &er_no_peering_filter_cmd);
	er_install(ER_PEERING_NODE, &er_route_map_cmd);
	er_install(ER_PEERING_NODE, &er_no_route_map_cmd);
	er_install(ER_PEERING_NODE, &er_prepend_cmd);
	er_install(ER_PEERING_NODE, &er_no_prepend_cmd);
	er_install(ER_PEERING_NODE, &er_passive_prepend_cmd);
	er_install(ER_PEERING_NODE, &er_no_passive_prepend_cmd);
	er_install(ER_PEERING_NODE, &er_advertise_cmd);
	er_install(ER_PEERING_NODE, &er_advertise_list_cmd);
	er_install(ER_PEERING_NODE, &er_no_advertise_list_cmd);
	er_install(ER_PEERING_NODE, &er_advertise_ipv6_list_cmd);
	er_install(ER_PEERING_NODE, &er_no_advertise_ipv6_list_cmd);
	er_install(ER_PEERING_NODE, &er_advertise_limit_cmd);
	er_install(ER_PEERING_NODE, &er_no_advertise_limit_cmd);
	er_install(ER_PEERING_NODE, &er_advertise_priority_cmd);
	er_install(ER_PEERING_NODE, &er_no_advertise_priority_cmd);
}

static void er_install_vpn(void)
{
	er_install(ER_VPN_NODE, &er_route_map_cmd);
	er_install(ER_VPN_NODE, &er_no_route_map_cmd);
	er_install(ER_VPN_NODE, &er_advertise_cmd);
}

void er_cli_policy_init(void)
{
	er_install_top();
	er_install_filter();
	er_install(ER_CIRCUIT_NODE, &er_local_region_cmd);
	er_install(ER_CIRCUIT_NODE, &er_site_of_origin_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_site_of_origin_cmd);
	er_install_peering();
	er_install_vpn();
}
