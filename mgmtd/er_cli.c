// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of "expressroute" and the levels below it.
 */

#include <zebra.h>
#include "compat.h"

#include "asn.h"
#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/er_nodes.h"
#include "yang/er_xpath.h"

#include "mgmtd/er_cli_clippy.c"

#define ER_STR	      "Azure ExpressRoute\n"
#define CIRCUIT_STR   "ExpressRoute circuit\n"
#define CIRCUIT_NAME  "Name of the circuit\n"
#define PEERING_STR   "Peering of the circuit\n"
#define PRIVATE_STR   "Azure private peering\n"
#define MICROSOFT_STR "Microsoft peering\n"
#define LINK_STR      "Link of the peering\n"
#define PRIMARY_STR   "Primary link\n"
#define SECONDARY_STR "Secondary link\n"

int er_cli_leaf(struct vty *vty, const char *xpath, bool no, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, no ? NB_OP_DESTROY : NB_OP_MODIFY, no ? NULL : value);
	return er_cli_apply(vty);
}

int er_cli_text(struct vty *vty, const char *xpath, struct cmd_token **argv, int argc, int from)
{
	char *text = argv_concat(argv, argc, from);
	int ret;

	nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, text);
	ret = er_cli_apply(vty);
	XFREE(MTYPE_TMP, text);
	return ret;
}

int er_cli_no_leaf(struct vty *vty, const char *xpath, const char *value)
{
	if (!er_cli_is_value(vty, xpath, value))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_leaf(vty, xpath, true, NULL);
}

int er_cli_no_text(struct vty *vty, const char *xpath, struct cmd_token **argv, int argc, int from)
{
	char *text = argc > from ? argv_concat(argv, argc, from) : NULL;
	int ret = er_cli_no_leaf(vty, xpath, text);

	XFREE(MTYPE_TMP, text);
	return ret;
}

/* the model knows an AS number as one number, so 1.10 becomes 65546 */
int er_cli_as(struct vty *vty, const char *xpath, as_t as)
{
	char value[ASN_STRING_MAX_SIZE];

	snprintf(value, sizeof(value), "%u", as);
	return er_cli_leaf(vty, xpath, false, value);
}

int er_cli_no_as(struct vty *vty, const char *xpath, const as_t *as)
{
	char value[ASN_STRING_MAX_SIZE];

	if (as)
		snprintf(value, sizeof(value), "%u", *as);
	return er_cli_no_leaf(vty, xpath, as ? value : NULL);
}

/*
 * expressroute
 */
DEFPY_YANG_NOSH(er_enter, er_enter_cmd,
	"expressroute",
	ER_STR)
{
	VTY_PUSH_XPATH(ER_NODE, ER_XPATH);
	return CMD_SUCCESS;
}

DEFPY_YANG(er_no, er_no_cmd,
	"no expressroute",
	NO_STR
	ER_STR)
{
	return er_cli_remove_all(vty);
}

DEFPY_YANG_NOSH(er_exit, er_exit_cmd,
	"exit-expressroute",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

/*
 * circuit NAME
 */
DEFPY_YANG_NOSH(er_circuit, er_circuit_cmd,
	"circuit NAME$er_circuit",
	CIRCUIT_STR
	CIRCUIT_NAME)
{
	return er_cli_enter(vty, ER_CIRCUIT_NODE, "circuit", "name", er_circuit);
}

DEFPY_YANG(er_no_circuit, er_no_circuit_cmd,
	"no circuit NAME$er_circuit",
	NO_STR
	CIRCUIT_STR
	CIRCUIT_NAME)
{
	return er_cli_remove(vty, "circuit", "name", er_circuit);
}

DEFPY_YANG_NOSH(er_exit_circuit, er_exit_circuit_cmd,
	"exit-circuit",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

DEFPY_YANG(er_description, er_description_cmd,
	"description LINE...",
	"Free text\n"
	"The text\n")
{
	return er_cli_text(vty, "./description", argv, argc, 1);
}

DEFPY_YANG(er_no_description, er_no_description_cmd,
	"no description",
	NO_STR
	"Free text\n")
{
	return er_cli_no_text(vty, "./description", argv, argc, 2);
}

ALIAS_YANG(er_no_description, er_no_description_text_cmd,
	"no description LINE...",
	NO_STR
	"Free text\n"
	"The text\n")

DEFPY_YANG(er_shutdown, er_shutdown_cmd,
	"[no] shutdown",
	NO_STR
	"Keep the configuration, but run no session of it\n")
{
	return er_cli_leaf(vty, "./shutdown", !!no, "true");
}

DEFPY_YANG(er_service_key, er_service_key_cmd,
	"service-key UUID$uuid",
	"GUID by which Microsoft and the provider know the circuit\n"
	"As in 12345678-90ab-cdef-1234-567890abcdef\n")
{
	return er_cli_leaf(vty, "./service-key", false, uuid);
}

DEFPY_YANG(er_no_service_key, er_no_service_key_cmd,
	"no service-key [UUID$uuid]",
	NO_STR
	"GUID by which Microsoft and the provider know the circuit\n"
	"As in 12345678-90ab-cdef-1234-567890abcdef\n")
{
	return er_cli_no_leaf(vty, "./service-key", uuid);
}

DEFPY_YANG(er_provider, er_provider_cmd,
	"provider LINE...",
	"Connectivity provider\n"
	"Name of the provider\n")
{
	return er_cli_text(vty, "./provider", argv, argc, 1);
}

DEFPY_YANG(er_no_provider, er_no_provider_cmd,
	"no provider",
	NO_STR
	"Connectivity provider\n")
{
	return er_cli_no_text(vty, "./provider", argv, argc, 2);
}

ALIAS_YANG(er_no_provider, er_no_provider_text_cmd,
	"no provider LINE...",
	NO_STR
	"Connectivity provider\n"
	"Name of the provider\n")

DEFPY_YANG(er_peering_location, er_peering_location_cmd,
	"peering-location LINE...",
	"Where the provider meets Microsoft\n"
	"Name of the place, e.g. Amsterdam\n")
{
	return er_cli_text(vty, "./peering-location", argv, argc, 1);
}

DEFPY_YANG(er_no_peering_location, er_no_peering_location_cmd,
	"no peering-location",
	NO_STR
	"Where the provider meets Microsoft\n")
{
	return er_cli_no_text(vty, "./peering-location", argv, argc, 2);
}

ALIAS_YANG(er_no_peering_location, er_no_peering_location_text_cmd,
	"no peering-location LINE...",
	NO_STR
	"Where the provider meets Microsoft\n"
	"Name of the place, e.g. Amsterdam\n")

DEFPY_YANG(er_geography, er_geography_cmd,
	"geography LINE...",
	"Geopolitical region of the peering location\n"
	"Name of the region, e.g. Europe\n")
{
	return er_cli_text(vty, "./geography", argv, argc, 1);
}

DEFPY_YANG(er_no_geography, er_no_geography_cmd,
	"no geography",
	NO_STR
	"Geopolitical region of the peering location\n")
{
	return er_cli_no_text(vty, "./geography", argv, argc, 2);
}

ALIAS_YANG(er_no_geography, er_no_geography_text_cmd,
	"no geography LINE...",
	NO_STR
	"Geopolitical region of the peering location\n"
	"Name of the region, e.g. Europe\n")

#define MODEL_STR                                                                                 \
	"How the site reaches Microsoft's edge\n"                                                 \
	"Co-located at a cloud exchange\n"                                                        \
	"Point-to-point Ethernet\n"                                                               \
	"Any-to-any network (IPVPN)\n"                                                            \
	"ExpressRoute Direct: a port pair on Microsoft's edge\n"

DEFPY_YANG(er_model, er_model_cmd,
	"connectivity-model <cloud-exchange|point-to-point|any-to-any|direct>$model",
	MODEL_STR)
{
	return er_cli_leaf(vty, "./connectivity-model", false, model);
}

DEFPY_YANG(er_no_model, er_no_model_cmd,
	"no connectivity-model [<cloud-exchange|point-to-point|any-to-any|direct>$model]",
	NO_STR
	MODEL_STR)
{
	return er_cli_no_leaf(vty, "./connectivity-model", model);
}

#define SKU_STR                                                                                   \
	"SKU of the circuit (standard when not given)\n"                                          \
	"The regions in or near the metro\n"                                                      \
	"The regions of one geopolitical area\n"                                                  \
	"All regions\n"

DEFPY_YANG(er_sku, er_sku_cmd,
	"sku <local|standard|premium>$sku",
	SKU_STR)
{
	return er_cli_leaf(vty, "./sku", false, sku);
}

DEFPY_YANG(er_no_sku, er_no_sku_cmd,
	"no sku [<local|standard|premium>$sku]",
	NO_STR
	SKU_STR)
{
	return er_cli_no_leaf(vty, "./sku", sku);
}

DEFPY_YANG(er_bandwidth, er_bandwidth_cmd,
	"bandwidth (50-100000)",
	"Bandwidth of the circuit\n"
	"Mbit/s\n")
{
	return er_cli_leaf(vty, "./bandwidth", false, bandwidth_str);
}

DEFPY_YANG(er_no_bandwidth, er_no_bandwidth_cmd,
	"no bandwidth [(50-100000)]",
	NO_STR
	"Bandwidth of the circuit\n"
	"Mbit/s\n")
{
	return er_cli_no_leaf(vty, "./bandwidth", bandwidth_str);
}

DEFPY_YANG(er_port_pair, er_port_pair_cmd,
	"direct port-pair LINE...",
	"ExpressRoute Direct\n"
	"The port pair that the circuit runs on\n"
	"Name of the ExpressRoute Direct resource\n")
{
	return er_cli_text(vty, "./direct/port-pair", argv, argc, 2);
}

DEFPY_YANG(er_no_port_pair, er_no_port_pair_cmd,
	"no direct port-pair",
	NO_STR
	"ExpressRoute Direct\n"
	"The port pair that the circuit runs on\n")
{
	return er_cli_no_text(vty, "./direct/port-pair", argv, argc, 3);
}

ALIAS_YANG(er_no_port_pair, er_no_port_pair_text_cmd,
	"no direct port-pair LINE...",
	NO_STR
	"ExpressRoute Direct\n"
	"The port pair that the circuit runs on\n"
	"Name of the ExpressRoute Direct resource\n")

DEFPY_YANG(er_port_speed, er_port_speed_cmd,
	"direct port-speed <10|100>$speed",
	"ExpressRoute Direct\n"
	"Speed of each of the two ports\n"
	"10 Gbit/s\n"
	"100 Gbit/s\n")
{
	return er_cli_leaf(vty, "./direct/port-speed", false, speed);
}

DEFPY_YANG(er_no_port_speed, er_no_port_speed_cmd,
	"no direct port-speed [<10|100>$speed]",
	NO_STR
	"ExpressRoute Direct\n"
	"Speed of each of the two ports\n"
	"10 Gbit/s\n"
	"100 Gbit/s\n")
{
	return er_cli_no_leaf(vty, "./direct/port-speed", speed);
}

/* both at once: a port pair needs its model, so the model could go only last */
DEFPY_YANG(er_no_direct, er_no_direct_cmd,
	"no direct",
	NO_STR
	"ExpressRoute Direct\n")
{
	nb_cli_enqueue_change(vty, "./direct/port-pair", NB_OP_DESTROY, NULL);
	return er_cli_leaf(vty, "./direct/port-speed", true, NULL);
}

DEFPY_YANG(er_preference, er_preference_cmd,
	"preference (0-255)",
	"Preference between circuits: the higher one carries the traffic\n"
	"Preference (0 when not given)\n")
{
	return er_cli_leaf(vty, "./preference", false, preference_str);
}

DEFPY_YANG(er_no_preference, er_no_preference_cmd,
	"no preference [(0-255)]",
	NO_STR
	"Preference between circuits: the higher one carries the traffic\n"
	"Preference (0 when not given)\n")
{
	return er_cli_no_leaf(vty, "./preference", preference_str);
}

#define REDUNDANCY_STR "How the two links share the traffic\n"
#define ACTIVE_PASSIVE_STR                                                                        \
	"One link carries the traffic as long as it is healthy\n"                                 \
	"Choose it (primary when not given)\n" PRIMARY_STR SECONDARY_STR

DEFPY_YANG(er_redundancy, er_redundancy_cmd,
	"redundancy <active-active|active-passive$passive [active <primary|secondary>$link]>",
	REDUNDANCY_STR
	"Both links carry traffic (default)\n"
	ACTIVE_PASSIVE_STR)
{
	nb_cli_enqueue_change(vty, "./redundancy/mode", NB_OP_MODIFY,
			      passive ? "active-passive" : "active-active");
	return er_cli_leaf(vty, "./redundancy/active-link", !link, link);
}

DEFPY_YANG(er_no_redundancy, er_no_redundancy_cmd,
	"no redundancy [<active-active|active-passive [active <primary|secondary>$link]>$mode]",
	NO_STR
	REDUNDANCY_STR
	"Both links carry traffic (default)\n"
	ACTIVE_PASSIVE_STR)
{
	if (!er_cli_is_value(vty, "./redundancy/mode", mode) ||
	    !er_cli_is_value(vty, "./redundancy/active-link", link))
		return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, "./redundancy/mode", NB_OP_DESTROY, NULL);
	return er_cli_leaf(vty, "./redundancy/active-link", true, NULL);
}

/*
 * peering <private|microsoft>
 */
DEFPY_YANG_NOSH(er_peering, er_peering_cmd,
	"peering <private|microsoft>$type",
	PEERING_STR
	PRIVATE_STR
	MICROSOFT_STR)
{
	return er_cli_enter(vty, ER_PEERING_NODE, "peering", "type", type);
}

DEFPY_YANG(er_no_peering, er_no_peering_cmd,
	"no peering <private|microsoft>$type",
	NO_STR
	PEERING_STR
	PRIVATE_STR
	MICROSOFT_STR)
{
	return er_cli_remove(vty, "peering", "type", type);
}

DEFPY_YANG_NOSH(er_exit_peering, er_exit_peering_cmd,
	"exit-peering",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

DEFPY_YANG(er_vrf, er_vrf_cmd,
	"vrf NAME$name",
	"VRF that the sessions run in\n"
	"Name of the VRF\n")
{
	return er_cli_leaf(vty, "./vrf", false, name);
}

DEFPY_YANG(er_no_vrf, er_no_vrf_cmd,
	"no vrf [NAME$name]",
	NO_STR
	"VRF that the sessions run in\n"
	"Name of the VRF\n")
{
	return er_cli_no_leaf(vty, "./vrf", name);
}

DEFPY_YANG(er_vlan, er_vlan_cmd,
	"vlan (1-4094)",
	"VLAN of the peering (with QinQ: the inner one)\n"
	"VLAN id\n")
{
	return er_cli_leaf(vty, "./vlan", false, vlan_str);
}

DEFPY_YANG(er_no_vlan, er_no_vlan_cmd,
	"no vlan [(1-4094)]",
	NO_STR
	"VLAN of the peering (with QinQ: the inner one)\n"
	"VLAN id\n")
{
	return er_cli_no_leaf(vty, "./vlan", vlan_str);
}

DEFPY_YANG(er_s_tag, er_s_tag_cmd,
	"s-tag (1-4094)",
	"Outer VLAN with QinQ\n"
	"VLAN id, the same for all peerings of a circuit\n")
{
	return er_cli_leaf(vty, "./s-tag", false, s_tag_str);
}

DEFPY_YANG(er_no_s_tag, er_no_s_tag_cmd,
	"no s-tag [(1-4094)]",
	NO_STR
	"Outer VLAN with QinQ\n"
	"VLAN id, the same for all peerings of a circuit\n")
{
	return er_cli_no_leaf(vty, "./s-tag", s_tag_str);
}

DEFPY_YANG(er_router_as, er_router_as_cmd,
	"router-as ASNUM$as",
	"AS that Microsoft expects here (that of 'router bgp' when not given)\n"
	AS_STR)
{
	return er_cli_as(vty, "./router-as", as);
}

DEFPY_YANG(er_no_router_as, er_no_router_as_cmd,
	"no router-as [ASNUM$as]",
	NO_STR
	"AS that Microsoft expects here (that of 'router bgp' when not given)\n"
	AS_STR)
{
	return er_cli_no_as(vty, "./router-as", as_str ? &as : NULL);
}

#define SESSION_STR                                                                               \
	"Who owns the BGP neighbors\n"                                                            \
	"They are created for you (default)\n"                                                    \
	"They are the operator's own\n"

DEFPY_YANG(er_session, er_session_cmd,
	"session <managed|attached>$session",
	SESSION_STR)
{
	return er_cli_leaf(vty, "./session", false, session);
}

DEFPY_YANG(er_no_session, er_no_session_cmd,
	"no session [<managed|attached>$session]",
	NO_STR
	SESSION_STR)
{
	return er_cli_no_leaf(vty, "./session", session);
}

DEFPY_YANG(er_password, er_password_cmd,
	"password WORD",
	"TCP MD5 password of the sessions\n"
	"The password\n")
{
	return er_cli_leaf(vty, "./password", false, password);
}

DEFPY_YANG(er_no_password, er_no_password_cmd,
	"no password [WORD$password]",
	NO_STR
	"TCP MD5 password of the sessions\n"
	"The password\n")
{
	return er_cli_no_leaf(vty, "./password", password);
}

#define TIMERS_STR                                                                                \
	"BGP timers (the MSEE's are 60 and 180)\n"                                                \
	"Keepalive in seconds, 3 or more towards the MSEE\n"                                      \
	"Hold time in seconds, 10 or more there, at least three times the keepalive\n"

DEFPY_YANG(er_timers, er_timers_cmd,
	"timers (0-65535)$keepalive (0-65535)$hold",
	TIMERS_STR)
{
	nb_cli_enqueue_change(vty, "./timers/keepalive", NB_OP_MODIFY, keepalive_str);
	return er_cli_leaf(vty, "./timers/hold", false, hold_str);
}

DEFPY_YANG(er_no_timers, er_no_timers_cmd,
	"no timers [(0-65535)$keepalive (0-65535)$hold]",
	NO_STR
	TIMERS_STR)
{
	if (!er_cli_is_value(vty, "./timers/keepalive", keepalive_str) ||
	    !er_cli_is_value(vty, "./timers/hold", hold_str))
		return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, "./timers/keepalive", NB_OP_DESTROY, NULL);
	return er_cli_leaf(vty, "./timers/hold", true, NULL);
}

#define BFD_INTERVAL_STR                                                                          \
	"Required minimum receive interval\n"                                                     \
	"Milliseconds (300 when not given)\n"                                                     \
	"Desired minimum transmit interval\n"                                                     \
	"Milliseconds (300 when not given)\n"                                                     \
	"How many packets may be lost\n"                                                          \
	"Packets (3 when not given)\n"

DEFPY_YANG(er_bfd, er_bfd_cmd,
	"bfd [{receive-interval (10-60000)$receive|transmit-interval (10-60000)$transmit|detect-multiplier (2-255)$multiplier}]",
	"Watch the sessions by BFD (default in a peering)\n"
	BFD_INTERVAL_STR)
{
	if (receive_str)
		nb_cli_enqueue_change(vty, "./bfd/receive-interval", NB_OP_MODIFY, receive_str);
	if (transmit_str)
		nb_cli_enqueue_change(vty, "./bfd/transmit-interval", NB_OP_MODIFY, transmit_str);
	if (multiplier_str)
		nb_cli_enqueue_change(vty, "./bfd/detect-multiplier", NB_OP_MODIFY, multiplier_str);
	return er_cli_leaf(vty, "./bfd/enabled", false, "true");
}

DEFPY_YANG(er_no_bfd, er_no_bfd_cmd,
	"no bfd",
	NO_STR
	"Watch the sessions by BFD (default in a peering)\n")
{
	return er_cli_leaf(vty, "./bfd/enabled", false, "false");
}

DEFPY_YANG(er_no_bfd_interval, er_no_bfd_interval_cmd,
	"no bfd {receive-interval$receive [(10-60000)$its_receive]|transmit-interval$transmit [(10-60000)$its_transmit]|detect-multiplier$multiplier [(2-255)$its_multiplier]}",
	NO_STR
	"Watch the sessions by BFD (default in a peering)\n"
	BFD_INTERVAL_STR)
{
	if (!er_cli_is_value(vty, "./bfd/receive-interval", its_receive_str) ||
	    !er_cli_is_value(vty, "./bfd/transmit-interval", its_transmit_str) ||
	    !er_cli_is_value(vty, "./bfd/detect-multiplier", its_multiplier_str))
		return CMD_WARNING_CONFIG_FAILED;
	if (receive)
		nb_cli_enqueue_change(vty, "./bfd/receive-interval", NB_OP_DESTROY, NULL);
	if (transmit)
		nb_cli_enqueue_change(vty, "./bfd/transmit-interval", NB_OP_DESTROY, NULL);
	if (multiplier)
		nb_cli_enqueue_change(vty, "./bfd/detect-multiplier", NB_OP_DESTROY, NULL);
	return er_cli_apply(vty);
}

/*
 * link <primary|secondary>
 */
DEFPY_YANG_NOSH(er_link, er_link_cmd,
	"link <primary|secondary>$role",
	LINK_STR
	PRIMARY_STR
	SECONDARY_STR)
{
	return er_cli_enter(vty, ER_LINK_NODE, "link", "role", role);
}

DEFPY_YANG(er_no_link, er_no_link_cmd,
	"no link <primary|secondary>$role",
	NO_STR
	LINK_STR
	PRIMARY_STR
	SECONDARY_STR)
{
	return er_cli_remove(vty, "link", "role", role);
}

DEFPY_YANG_NOSH(er_exit_link, er_exit_link_cmd,
	"exit-link",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

DEFPY_YANG(er_interface, er_interface_cmd,
	"interface IFNAME$ifname",
	"Interface that ends the link\n"
	"Name of the interface; it need not exist yet\n")
{
	return er_cli_leaf(vty, "./interface", false, ifname);
}

DEFPY_YANG(er_no_interface, er_no_interface_cmd,
	"no interface [IFNAME$ifname]",
	NO_STR
	"Interface that ends the link\n"
	"Name of the interface; it need not exist yet\n")
{
	return er_cli_no_leaf(vty, "./interface", ifname);
}

DEFPY_YANG(er_ipv4_subnet, er_ipv4_subnet_cmd,
	"ipv4-subnet A.B.C.D/M$subnet",
	"IPv4 subnet of the link: first address ours, second Microsoft's\n"
	"A /30\n")
{
	return er_cli_leaf(vty, "./ipv4-subnet", false, subnet_str);
}

DEFPY_YANG(er_no_ipv4_subnet, er_no_ipv4_subnet_cmd,
	"no ipv4-subnet [A.B.C.D/M$subnet]",
	NO_STR
	"IPv4 subnet of the link: first address ours, second Microsoft's\n"
	"A /30\n")
{
	return er_cli_no_leaf(vty, "./ipv4-subnet", subnet_str);
}

DEFPY_YANG(er_ipv6_subnet, er_ipv6_subnet_cmd,
	"ipv6-subnet X:X::X:X/M$subnet",
	"IPv6 subnet of the link: first address ours, second Microsoft's\n"
	"A /126\n")
{
	return er_cli_leaf(vty, "./ipv6-subnet", false, subnet_str);
}

DEFPY_YANG(er_no_ipv6_subnet, er_no_ipv6_subnet_cmd,
	"no ipv6-subnet [X:X::X:X/M$subnet]",
	NO_STR
	"IPv6 subnet of the link: first address ours, second Microsoft's\n"
	"A /126\n")
{
	return er_cli_no_leaf(vty, "./ipv6-subnet", subnet_str);
}

/*
 * metrics port N [address A]
 */
#define METRICS_STR                                                                               \
	"Metrics for Prometheus over HTTP, without authentication\n"                              \
	"Port to listen at\n"                                                                     \
	"A TCP port\n"
#define METRICS_ADDRESS_STR                                                                       \
	"Address to listen at (default 127.0.0.1)\n"                                              \
	"An IPv4 address of this router\n"                                                        \
	"An IPv6 address of this router\n"

DEFPY_YANG(er_metrics, er_metrics_cmd,
	"metrics port (1-65535)$port [address <A.B.C.D$v4|X:X::X:X$v6>]",
	METRICS_STR
	METRICS_ADDRESS_STR)
{
	const char *address = v4_str ?: v6_str;

	nb_cli_enqueue_change(vty, "./metrics/port", NB_OP_MODIFY, port_str);
	nb_cli_enqueue_change(vty, "./metrics/address", address ? NB_OP_MODIFY : NB_OP_DESTROY,
			      address);
	return er_cli_apply(vty);
}

DEFPY_YANG(er_no_metrics, er_no_metrics_cmd,
	"no metrics [port (1-65535)$port [address <A.B.C.D$v4|X:X::X:X$v6>]]",
	NO_STR
	METRICS_STR
	METRICS_ADDRESS_STR)
{
	if (!er_cli_is_value(vty, "./metrics/port", port_str) ||
	    !er_cli_is_value(vty, "./metrics/address", v4_str ?: v6_str))
		return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, "./metrics/address", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./metrics/port", NB_OP_DESTROY, NULL);
	return er_cli_apply(vty);
}

/* clang-format off */
#define NODE(_name, _node, _parent, _prompt)                                                      \
	{                                                                                         \
		.name = _name,                                                                    \
		.node = (enum node_type)(_node),                                                  \
		.parent_node = (enum node_type)(_parent),                                         \
		.prompt = _prompt,                                                                \
	}

static struct cmd_node er_nodes[] = {
	NODE("expressroute", ER_NODE, CONFIG_NODE, ER_PROMPT),
	NODE("expressroute circuit", ER_CIRCUIT_NODE, ER_NODE, ER_CIRCUIT_PROMPT),
	NODE("expressroute peering", ER_PEERING_NODE, ER_CIRCUIT_NODE, ER_PEERING_PROMPT),
	NODE("expressroute link", ER_LINK_NODE, ER_PEERING_NODE, ER_LINK_PROMPT),
	NODE("expressroute route-filter", ER_FILTER_NODE, ER_NODE, ER_FILTER_PROMPT),
	NODE("expressroute vpn-backup", ER_VPN_NODE, ER_NODE, ER_VPN_PROMPT),
	NODE("expressroute gateway", ER_GATEWAY_NODE, ER_VPN_NODE, ER_GATEWAY_PROMPT),
	NODE("expressroute site", ER_SITE_NODE, ER_NODE, ER_SITE_PROMPT),
	NODE("expressroute global-reach", ER_JOINT_NODE, ER_NODE, ER_JOINT_PROMPT),
	NODE("expressroute path-probe", ER_PROBE_NODE, ER_NODE, ER_PROBE_PROMPT),
};
/* clang-format on */

/* each note for vtysh has its node */
#define INSTALL_DESCRIPTION(_node)                                                                \
	do {                                                                                      \
		er_install(_node, &er_description_cmd);                                           \
		er_install(_node, &er_no_description_cmd);                                        \
		er_install(_node, &er_no_description_text_cmd);                                   \
	} while (0)

static void er_install_descriptions(void)
{
	INSTALL_DESCRIPTION(ER_CIRCUIT_NODE);
	INSTALL_DESCRIPTION(ER_FILTER_NODE);
	INSTALL_DESCRIPTION(ER_VPN_NODE);
	INSTALL_DESCRIPTION(ER_SITE_NODE);
	INSTALL_DESCRIPTION(ER_JOINT_NODE);
	INSTALL_DESCRIPTION(ER_PROBE_NODE);
}

static void er_install_circuit(void)
{
	er_install(ER_CIRCUIT_NODE, &er_shutdown_cmd);
	er_install(ER_CIRCUIT_NODE, &er_service_key_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_service_key_cmd);
	er_install(ER_CIRCUIT_NODE, &er_provider_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_provider_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_provider_text_cmd);
	er_install(ER_CIRCUIT_NODE, &er_peering_location_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_peering_location_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_peering_location_text_cmd);
	er_install(ER_CIRCUIT_NODE, &er_geography_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_geography_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_geography_text_cmd);
	er_install(ER_CIRCUIT_NODE, &er_model_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_model_cmd);
	er_install(ER_CIRCUIT_NODE, &er_sku_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_sku_cmd);
	er_install(ER_CIRCUIT_NODE, &er_bandwidth_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_bandwidth_cmd);
	er_install(ER_CIRCUIT_NODE, &er_port_pair_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_port_pair_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_port_pair_text_cmd);
	er_install(ER_CIRCUIT_NODE, &er_port_speed_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_port_speed_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_direct_cmd);
	er_install(ER_CIRCUIT_NODE, &er_preference_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_preference_cmd);
	er_install(ER_CIRCUIT_NODE, &er_redundancy_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_redundancy_cmd);
	er_install(ER_CIRCUIT_NODE, &er_peering_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_peering_cmd);
	er_install(ER_CIRCUIT_NODE, &er_exit_circuit_cmd);
}

static void er_install_peering(void)
{
	er_install(ER_PEERING_NODE, &er_shutdown_cmd);
	er_install(ER_PEERING_NODE, &er_vrf_cmd);
	er_install(ER_PEERING_NODE, &er_no_vrf_cmd);
	er_install(ER_PEERING_NODE, &er_vlan_cmd);
	er_install(ER_PEERING_NODE, &er_no_vlan_cmd);
	er_install(ER_PEERING_NODE, &er_s_tag_cmd);
	er_install(ER_PEERING_NODE, &er_no_s_tag_cmd);
	er_install(ER_PEERING_NODE, &er_router_as_cmd);
	er_install(ER_PEERING_NODE, &er_no_router_as_cmd);
	er_install(ER_PEERING_NODE, &er_session_cmd);
	er_install(ER_PEERING_NODE, &er_no_session_cmd);
	er_install(ER_PEERING_NODE, &er_password_cmd);
	er_install(ER_PEERING_NODE, &er_no_password_cmd);
	er_install(ER_PEERING_NODE, &er_timers_cmd);
	er_install(ER_PEERING_NODE, &er_no_timers_cmd);
	er_install(ER_PEERING_NODE, &er_bfd_cmd);
	er_install(ER_PEERING_NODE, &er_no_bfd_cmd);
	er_install(ER_PEERING_NODE, &er_no_bfd_interval_cmd);
	er_install(ER_PEERING_NODE, &er_link_cmd);
	er_install(ER_PEERING_NODE, &er_no_link_cmd);
	er_install(ER_PEERING_NODE, &er_exit_peering_cmd);
}

static void er_install_vpn(void)
{
	er_install(ER_VPN_NODE, &er_shutdown_cmd);
	er_install(ER_VPN_NODE, &er_vrf_cmd);
	er_install(ER_VPN_NODE, &er_no_vrf_cmd);
	er_install(ER_VPN_NODE, &er_router_as_cmd);
	er_install(ER_VPN_NODE, &er_no_router_as_cmd);
	er_install(ER_VPN_NODE, &er_session_cmd);
	er_install(ER_VPN_NODE, &er_no_session_cmd);
	er_install(ER_VPN_NODE, &er_password_cmd);
	er_install(ER_VPN_NODE, &er_no_password_cmd);
	er_install(ER_VPN_NODE, &er_timers_cmd);
	er_install(ER_VPN_NODE, &er_no_timers_cmd);
	er_install(ER_VPN_NODE, &er_bfd_cmd);
	er_install(ER_VPN_NODE, &er_no_bfd_cmd);
	er_install(ER_VPN_NODE, &er_no_bfd_interval_cmd);
	er_install(ER_GATEWAY_NODE, &er_shutdown_cmd);
}

static void er_install_link(void)
{
	er_install(ER_LINK_NODE, &er_shutdown_cmd);
	er_install(ER_LINK_NODE, &er_interface_cmd);
	er_install(ER_LINK_NODE, &er_no_interface_cmd);
	er_install(ER_LINK_NODE, &er_ipv4_subnet_cmd);
	er_install(ER_LINK_NODE, &er_no_ipv4_subnet_cmd);
	er_install(ER_LINK_NODE, &er_ipv6_subnet_cmd);
	er_install(ER_LINK_NODE, &er_no_ipv6_subnet_cmd);
	er_install(ER_LINK_NODE, &er_exit_link_cmd);
}

void er_cli_init(void)
{
	for (size_t i = 0; i < array_size(er_nodes); i++) {
		install_node(&er_nodes[i]);
		install_default(er_nodes[i].node);
	}

	install_element(CONFIG_NODE, &er_enter_cmd);
	install_element(CONFIG_NODE, &er_no_cmd);
	er_install(ER_NODE, &er_circuit_cmd);
	er_install(ER_NODE, &er_no_circuit_cmd);
	er_install(ER_NODE, &er_metrics_cmd);
	er_install(ER_NODE, &er_no_metrics_cmd);
	er_install(ER_NODE, &er_exit_cmd);
	er_install_descriptions();
	er_install_circuit();
	er_install_peering();
	er_install_link();
	er_install_vpn();
	er_cli_partner_init();
	er_cli_policy_init();
	er_cli_vpn_init();
	er_cli_site_init();
	er_cli_path_init();
	er_names_init();
}
