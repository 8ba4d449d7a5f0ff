// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of "vpn-backup" and "gateway" below it.  What they share with a
 * peering (session, timers, route-map, ...) is in er_cli.c and er_cli_policy.c.
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

#include "mgmtd/er_cli_vpn_clippy.c"

/* a value, or back to the default */
static void er_set(struct vty *vty, const char *path, const char *value)
{
	nb_cli_enqueue_change(vty, path, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
}

/* two leaves that one line sets */
static int er_set_pair(struct vty *vty, const char *path, const char *value, const char *second,
		       const char *its_value)
{
	er_set(vty, path, value);
	er_set(vty, second, its_value);
	return er_cli_apply(vty);
}

#define VPN_STR                                                                                   \
	"Site-to-site VPN as a backup of private peerings\n"                                      \
	"Name of the VPN backup\n"

DEFPY_YANG_NOSH(er_vpn, er_vpn_cmd,
	"vpn-backup NAME$er_vpn",
	VPN_STR)
{
	return er_cli_enter(vty, ER_VPN_NODE, "vpn-backup", "name", er_vpn);
}

DEFPY_YANG(er_no_vpn, er_no_vpn_cmd,
	"no vpn-backup NAME$er_vpn",
	NO_STR
	VPN_STR)
{
	return er_cli_remove(vty, "vpn-backup", "name", er_vpn);
}

DEFPY_YANG_NOSH(er_exit_vpn, er_exit_vpn_cmd,
	"exit-vpn-backup",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

DEFPY_YANG(er_vpn_circuit, er_vpn_circuit_cmd,
	"[no] circuit NAME$er_circuit",
	NO_STR
	"A circuit whose private peering is backed\n"
	"Name of the circuit\n")
{
	return er_cli_circuit_item(vty, !!no, er_circuit);
}

DEFPY_YANG(er_advertise_more, er_advertise_more_cmd,
	"[no] advertise more-specifics",
	NO_STR
	"What is advertised to Microsoft\n"
	"Prefixes within those that the circuits advertise, too\n")
{
	return er_cli_leaf(vty, "./advertise/more-specifics", !!no, "true");
}

DEFPY_YANG(er_vpn_prefix, er_vpn_prefix_cmd,
	"[no] prefix <A.B.C.D/M$ipv4|X:X::X:X/M$ipv6>",
	NO_STR
	"A prefix behind the tunnels that no gateway announces\n"
	"IPv4 prefix\n"
	"IPv6 prefix\n")
{
	return er_cli_prefix_item(vty, ipv4_str ? "./ipv4-prefix" : "./ipv6-prefix", !!no,
				  ipv4_str ? ipv4_str : ipv6_str);
}

#define PROBE_STR "How the gateways are probed\n"
#define PROBE_INTERVAL_STR                                                                        \
	"From one probe to the next\n"                                                            \
	"Milliseconds (1000 when not given)\n"                                                    \
	"A gateway is down when so many in a row are lost\n"                                      \
	"Probes (3 when not given)\n"

DEFPY_YANG(er_vpn_probe, er_vpn_probe_cmd,
	"probe interval (100-60000) [multiplier (1-20)]",
	PROBE_STR
	PROBE_INTERVAL_STR)
{
	return er_set_pair(vty, "./probe/interval", interval_str, "./probe/multiplier",
			   multiplier_str);
}

DEFPY_YANG(er_no_vpn_probe, er_no_vpn_probe_cmd,
	"no probe interval [(100-60000) [multiplier (1-20)]]",
	NO_STR
	PROBE_STR
	PROBE_INTERVAL_STR)
{
	if (!er_cli_is_value(vty, "./probe/interval", interval_str) ||
	    !er_cli_is_value(vty, "./probe/multiplier", multiplier_str))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_pair(vty, "./probe/interval", NULL, "./probe/multiplier", NULL);
}

#define MORE_STR                                                                                  \
	"Prefixes of the VPN within one of ExpressRoute's, which pull its traffic away\n"         \
	"Let them in, list and notify them (default)\n"                                           \
	"Keep them out as long as ExpressRoute covers them\n"

DEFPY_YANG(er_more_specifics, er_more_specifics_cmd,
	"more-specifics <warn|suppress>$what",
	MORE_STR)
{
	return er_cli_leaf(vty, "./more-specifics", false, what);
}

DEFPY_YANG(er_no_more_specifics, er_no_more_specifics_cmd,
	"no more-specifics [<warn|suppress>$what]",
	NO_STR
	MORE_STR)
{
	return er_cli_no_leaf(vty, "./more-specifics", what);
}

/*
 * pin
 */
#define PIN_STR "Keep the tunnels on the internet: host routes to the gateways' addresses\n"
#define PIN_NEXT_HOP_STR                                                                          \
	"Over a router on the internet's side, one in each family\n"                              \
	"IPv4 address\n"                                                                          \
	"IPv6 address\n"
#define PIN_INTERFACE_STR                                                                         \
	"Over an interface\n"                                                                     \
	"Name of the interface\n" PIN_NEXT_HOP_STR
#define PIN_DEFAULT_STR "As the default route outside ExpressRoute and the tunnels goes\n"

#define PIN_IPV4 "./pin/ipv4-next-hop"
#define PIN_IPV6 "./pin/ipv6-next-hop"

/* keep: a next hop that is not given, of the other family, stays */
static int er_pin(struct vty *vty, const char *mode, const char *ifname, const char *ipv4,
		  const char *ipv6, bool keep)
{
	er_set(vty, "./pin/mode", mode);
	er_set(vty, "./pin/interface", ifname);
	if (ipv4 || !keep)
		er_set(vty, PIN_IPV4, ipv4);
	if (ipv6 || !keep)
		er_set(vty, PIN_IPV6, ipv6);
	return er_cli_apply(vty);
}

/* A line goes: with it all of the pin, unless there is a line of the other family. */
static int er_no_pin_line(struct vty *vty, const char *ipv4, const char *ipv6)
{
	if (ipv4 && er_cli_value(vty, PIN_IPV6))
		return er_cli_leaf(vty, PIN_IPV4, true, NULL);
	if (ipv6 && er_cli_value(vty, PIN_IPV4))
		return er_cli_leaf(vty, PIN_IPV6, true, NULL);
	return er_pin(vty, NULL, NULL, NULL, NULL, false);
}

DEFPY_YANG(er_pin_interface, er_pin_interface_cmd,
	"pin interface IFNAME$ifname [next-hop <A.B.C.D$ipv4|X:X::X:X$ipv6>]",
	PIN_STR
	PIN_INTERFACE_STR)
{
	const char *before = er_cli_value(vty, "./pin/interface");
	bool same = before && strmatch(before, ifname);

	return er_pin(vty, "interface", ifname, ipv4_str, ipv6_str, same && (ipv4_str || ipv6_str));
}

DEFPY_YANG(er_no_pin_interface, er_no_pin_interface_cmd,
	"no pin interface [IFNAME$ifname [next-hop <A.B.C.D$ipv4|X:X::X:X$ipv6>]]",
	NO_STR
	PIN_STR
	PIN_INTERFACE_STR)
{
	if (!er_cli_is_value(vty, "./pin/mode", "interface") ||
	    !er_cli_is_value(vty, "./pin/interface", ifname) ||
	    !er_cli_is_value(vty, PIN_IPV4, ipv4_str) || !er_cli_is_value(vty, PIN_IPV6, ipv6_str))
		return CMD_WARNING_CONFIG_FAILED;
	return er_no_pin_line(vty, ipv4_str, ipv6_str);
}

DEFPY_YANG(er_pin_next_hop, er_pin_next_hop_cmd,
	"pin next-hop <A.B.C.D$ipv4|X:X::X:X$ipv6>",
	PIN_STR
	PIN_NEXT_HOP_STR)
{
	const char *before = er_cli_value(vty, "./pin/mode");

	return er_pin(vty, "next-hop", NULL, ipv4_str, ipv6_str,
		      before && strmatch(before, "next-hop"));
}

DEFPY_YANG(er_no_pin_next_hop, er_no_pin_next_hop_cmd,
	"no pin next-hop [<A.B.C.D$ipv4|X:X::X:X$ipv6>]",
	NO_STR
	PIN_STR
	PIN_NEXT_HOP_STR)
{
	if (!er_cli_is_value(vty, "./pin/mode", "next-hop") ||
	    !er_cli_is_value(vty, PIN_IPV4, ipv4_str) || !er_cli_is_value(vty, PIN_IPV6, ipv6_str))
		return CMD_WARNING_CONFIG_FAILED;
	return er_no_pin_line(vty, ipv4_str, ipv6_str);
}

DEFPY_YANG(er_pin_default, er_pin_default_cmd,
	"pin default-route",
	PIN_STR
	PIN_DEFAULT_STR)
{
	return er_pin(vty, "default-route", NULL, NULL, NULL, false);
}

DEFPY_YANG(er_no_pin, er_no_pin_cmd,
	"no pin [default-route$mode]",
	NO_STR
	PIN_STR
	PIN_DEFAULT_STR)
{
	if (!er_cli_is_value(vty, "./pin/mode", mode))
		return CMD_WARNING_CONFIG_FAILED;
	return er_pin(vty, NULL, NULL, NULL, NULL, false);
}

/*
 * Activation and return
 */
#define ACTIVATE_STR "When traffic moves to the VPN although ExpressRoute may have a path\n"
#define RULE_STR                                                                                  \
	"When no link of any circuit carries traffic (default)\n"                                 \
	"On command only\n"
#define BELOW_STR                                                                                 \
	"When fewer links than this are healthy, of all circuits\n"                               \
	"Links, two for each circuit at most\n"

static int er_set_rule(struct vty *vty, const char *rule, const char *links)
{
	return er_set_pair(vty, "./activation/rule", rule, "./activation/minimum-links", links);
}

DEFPY_YANG(er_activate, er_activate_cmd,
	"activate <all-down|operator>$rule",
	ACTIVATE_STR
	RULE_STR)
{
	return er_set_rule(vty, rule, NULL);
}

DEFPY_YANG(er_activate_below, er_activate_below_cmd,
	"activate links-below (1-255)$links",
	ACTIVATE_STR
	BELOW_STR)
{
	return er_set_rule(vty, "links-below", links_str);
}

DEFPY_YANG(er_no_activate, er_no_activate_cmd,
	"no activate [<all-down|operator>$rule]",
	NO_STR
	ACTIVATE_STR
	RULE_STR)
{
	if (!er_cli_is_value(vty, "./activation/rule", rule))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_rule(vty, NULL, NULL);
}

DEFPY_YANG(er_no_activate_below, er_no_activate_below_cmd,
	"no activate links-below [(1-255)$links]",
	NO_STR
	ACTIVATE_STR
	BELOW_STR)
{
	if (!er_cli_is_value(vty, "./activation/rule", "links-below") ||
	    !er_cli_is_value(vty, "./activation/minimum-links", links_str))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_rule(vty, NULL, NULL);
}

DEFPY_YANG(er_activate_drained, er_activate_drained_cmd,
	"[no] activate drained",
	NO_STR
	ACTIVATE_STR
	"Also when Microsoft drains a link\n")
{
	return er_cli_leaf(vty, "./activation/on-drained", !!no, "true");
}

DEFPY_YANG(er_activate_asymmetric, er_activate_asymmetric_cmd,
	"[no] activate asymmetric",
	NO_STR
	ACTIVATE_STR
	"Also when the links of a circuit do not carry the same\n")
{
	return er_cli_leaf(vty, "./activation/on-asymmetric", !!no, "true");
}

DEFPY_YANG(er_activate_quality, er_activate_quality_cmd,
	"[no] activate quality",
	NO_STR
	ACTIVATE_STR
	"Also when path-probes measure every link as poor, and the VPN not\n")
{
	return er_cli_leaf(vty, "./activation/on-quality", !!no, "true");
}

#define RETURN_STR                                                                                \
	"What Microsoft is to send over while the VPN is active\n"                                \
	"The VPN: the circuits advertise nothing then (default)\n"                                \
	"ExpressRoute: the circuits go on advertising\n"

DEFPY_YANG(er_return_path, er_return_path_cmd,
	"return-path <vpn|expressroute>$path",
	RETURN_STR)
{
	return er_cli_leaf(vty, "./return-path", false, path);
}

DEFPY_YANG(er_no_return_path, er_no_return_path_cmd,
	"no return-path [<vpn|expressroute>$path]",
	NO_STR
	RETURN_STR)
{
	return er_cli_no_leaf(vty, "./return-path", path);
}

#define RESTORE_STR                                                                               \
	"When traffic returns to ExpressRoute\n"                                                  \
	"When it has worked for so long\n"                                                        \
	"Seconds (60 when not given)\n"                                                           \
	"What that grows to while ExpressRoute flaps\n"                                           \
	"Seconds (3600 when not given)\n"

DEFPY_YANG(er_restore, er_restore_cmd,
	"restore hold (0-86400) [maximum (0-86400)]",
	RESTORE_STR)
{
	return er_set_pair(vty, "./restore/hold", hold_str, "./restore/maximum", maximum_str);
}

DEFPY_YANG(er_no_restore, er_no_restore_cmd,
	"no restore hold [(0-86400) [maximum (0-86400)]]",
	NO_STR
	RESTORE_STR)
{
	if (!er_cli_is_value(vty, "./restore/hold", hold_str) ||
	    !er_cli_is_value(vty, "./restore/maximum", maximum_str))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_pair(vty, "./restore/hold", NULL, "./restore/maximum", NULL);
}

#define TEST_STR                                                                                  \
	"How often the failover is to be tested: warns when the last test is older\n"             \
	"Days (92 when not given), 0: never warn\n"

DEFPY_YANG(er_test_interval, er_test_interval_cmd,
	"test-interval (0-3650)$days",
	TEST_STR)
{
	return er_cli_leaf(vty, "./test-interval", false, days_str);
}

DEFPY_YANG(er_no_test_interval, er_no_test_interval_cmd,
	"no test-interval [(0-3650)$days]",
	NO_STR
	TEST_STR)
{
	return er_cli_no_leaf(vty, "./test-interval", days_str);
}

/*
 * gateway <0|1>
 */
#define GATEWAY_STR                                                                               \
	"A VPN gateway, or an instance of an active-active one\n"                                 \
	"First instance\n"                                                                        \
	"Second instance\n"

DEFPY_YANG_NOSH(er_gateway, er_gateway_cmd,
	"gateway <0|1>$instance",
	GATEWAY_STR)
{
	return er_cli_enter(vty, ER_GATEWAY_NODE, "gateway", "instance", instance);
}

DEFPY_YANG(er_no_gateway, er_no_gateway_cmd,
	"no gateway <0|1>$instance",
	NO_STR
	GATEWAY_STR)
{
	return er_cli_remove(vty, "gateway", "instance", instance);
}

DEFPY_YANG_NOSH(er_exit_gateway, er_exit_gateway_cmd,
	"exit-gateway",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

#define ADDRESS_STR                                                                               \
	"Public address of the gateway: what is pinned\n"                                         \
	"IPv4 address\n"                                                                          \
	"IPv6 address\n"                                                                          \
	"DNS name, as in vpngw1.example.com\n"

DEFPY_YANG(er_gateway_address, er_gateway_address_cmd,
	"address <A.B.C.D|X:X::X:X|NAME>$address",
	ADDRESS_STR)
{
	return er_cli_leaf(vty, "./address", false, address);
}

DEFPY_YANG(er_no_gateway_address, er_no_gateway_address_cmd,
	"no address [<A.B.C.D|X:X::X:X|NAME>$address]",
	NO_STR
	ADDRESS_STR)
{
	return er_cli_no_leaf(vty, "./address", address);
}

#define TUNNEL_STR                                                                                \
	"Tunnel to the gateway\n"                                                                 \
	"Name of the interface; it need not exist yet\n"

DEFPY_YANG(er_gateway_interface, er_gateway_interface_cmd,
	"interface IFNAME$ifname",
	TUNNEL_STR)
{
	return er_cli_leaf(vty, "./interface", false, ifname);
}

DEFPY_YANG(er_no_gateway_interface, er_no_gateway_interface_cmd,
	"no interface [IFNAME$ifname]",
	NO_STR
	TUNNEL_STR)
{
	return er_cli_no_leaf(vty, "./interface", ifname);
}

/* ./ipv4-NAME and ./ipv6-NAME are lines that both begin with NAME */
static int er_address(struct vty *vty, const char *name, const char *ipv4, const char *ipv6)
{
	char path[XPATH_MAXLEN];

	snprintf(path, sizeof(path), "./%s-%s", ipv4 ? "ipv4" : "ipv6", name);
	return er_cli_leaf(vty, path, false, ipv4 ? ipv4 : ipv6);
}

/* without an address both go */
static int er_no_address(struct vty *vty, const char *name, const char *ipv4, const char *ipv6)
{
	char path4[XPATH_MAXLEN], path6[XPATH_MAXLEN];

	snprintf(path4, sizeof(path4), "./ipv4-%s", name);
	snprintf(path6, sizeof(path6), "./ipv6-%s", name);
	if (ipv4)
		return er_cli_no_leaf(vty, path4, ipv4);
	if (ipv6)
		return er_cli_no_leaf(vty, path6, ipv6);
	return er_set_pair(vty, path4, NULL, path6, NULL);
}

#define FAMILIES_STR                                                                              \
	"IPv4 address\n"                                                                          \
	"IPv6 address\n"
#define BGP_NEIGHBOR_STR "BGP address of the gateway, one in each family\n" FAMILIES_STR
#define LOCAL_STR	 "Our address on the session, one in each family\n" FAMILIES_STR
#define GATEWAY_PROBE_STR                                                                         \
	"Address that must reply to an ICMP echo through the tunnel\n" FAMILIES_STR

DEFPY_YANG(er_neighbor, er_neighbor_cmd,
	"neighbor <A.B.C.D$ipv4|X:X::X:X$ipv6>",
	BGP_NEIGHBOR_STR)
{
	return er_address(vty, "neighbor", ipv4_str, ipv6_str);
}

DEFPY_YANG(er_no_neighbor, er_no_neighbor_cmd,
	"no neighbor [<A.B.C.D$ipv4|X:X::X:X$ipv6>]",
	NO_STR
	BGP_NEIGHBOR_STR)
{
	return er_no_address(vty, "neighbor", ipv4_str, ipv6_str);
}

DEFPY_YANG(er_local_address, er_local_address_cmd,
	"local-address <A.B.C.D$ipv4|X:X::X:X$ipv6>",
	LOCAL_STR)
{
	return er_address(vty, "local-address", ipv4_str, ipv6_str);
}

DEFPY_YANG(er_no_local_address, er_no_local_address_cmd,
	"no local-address [<A.B.C.D$ipv4|X:X::X:X$ipv6>]",
	NO_STR
	LOCAL_STR)
{
	return er_no_address(vty, "local-address", ipv4_str, ipv6_str);
}

DEFPY_YANG(er_gateway_probe, er_gateway_probe_cmd,
	"probe <A.B.C.D$ipv4|X:X::X:X$ipv6>",
	GATEWAY_PROBE_STR)
{
	return er_address(vty, "probe", ipv4_str, ipv6_str);
}

DEFPY_YANG(er_no_gateway_probe, er_no_gateway_probe_cmd,
	"no probe [<A.B.C.D$ipv4|X:X::X:X$ipv6>]",
	NO_STR
	GATEWAY_PROBE_STR)
{
	return er_no_address(vty, "probe", ipv4_str, ipv6_str);
}

#define REMOTE_AS_STR "AS of the gateway (65515 when not given)\n" AS_STR

DEFPY_YANG(er_remote_as, er_remote_as_cmd,
	"remote-as ASNUM$as",
	REMOTE_AS_STR)
{
	return er_cli_as(vty, "./remote-as", as);
}

DEFPY_YANG(er_no_remote_as, er_no_remote_as_cmd,
	"no remote-as [ASNUM$as]",
	NO_STR
	REMOTE_AS_STR)
{
	return er_cli_no_as(vty, "./remote-as", as_str ? &as : NULL);
}

#define MULTIHOP_STR                                                                              \
	"How far away the neighbor may be (2 when not given)\n"                                   \
	"TTL; 1: on the tunnel's own subnet\n"

DEFPY_YANG(er_multihop, er_multihop_cmd,
	"ebgp-multihop (1-255)$ttl",
	MULTIHOP_STR)
{
	return er_cli_leaf(vty, "./ebgp-multihop", false, ttl_str);
}

DEFPY_YANG(er_no_multihop, er_no_multihop_cmd,
	"no ebgp-multihop [(1-255)$ttl]",
	NO_STR
	MULTIHOP_STR)
{
	return er_cli_no_leaf(vty, "./ebgp-multihop", ttl_str);
}

static void er_install_vpn(void)
{
	er_install(ER_VPN_NODE, &er_vpn_circuit_cmd);
	er_install(ER_VPN_NODE, &er_advertise_more_cmd);
	er_install(ER_VPN_NODE, &er_gateway_cmd);
	er_install(ER_VPN_NODE, &er_no_gateway_cmd);
	er_install(ER_VPN_NODE, &er_vpn_prefix_cmd);
	er_install(ER_VPN_NODE, &er_vpn_probe_cmd);
	er_install(ER_VPN_NODE, &er_no_vpn_probe_cmd);
	er_install(ER_VPN_NODE, &er_more_specifics_cmd);
	er_install(ER_VPN_NODE, &er_no_more_specifics_cmd);
	er_install(ER_VPN_NODE, &er_pin_interface_cmd);
	er_install(ER_VPN_NODE, &er_no_pin_interface_cmd);
	er_install(ER_VPN_NODE, &er_pin_next_hop_cmd);
	er_install(ER_VPN_NODE, &er_no_pin_next_hop_cmd);
	er_install(ER_VPN_NODE, &er_pin_default_cmd);
	er_install(ER_VPN_NODE, &er_no_pin_cmd);
	er_install(ER_VPN_NODE, &er_activate_cmd);
	er_install(ER_VPN_NODE, &er_no_activate_cmd);
	er_install(ER_VPN_NODE, &er_activate_below_cmd);
	er_install(ER_VPN_NODE, &er_no_activate_below_cmd);
	er_install(ER_VPN_NODE, &er_activate_drained_cmd);
	er_install(ER_VPN_NODE, &er_activate_asymmetric_cmd);
	er_install(ER_VPN_NODE, &er_activate_quality_cmd);
	er_install(ER_VPN_NODE, &er_return_path_cmd);
	er_install(ER_VPN_NODE, &er_no_return_path_cmd);
	er_install(ER_VPN_NODE, &er_restore_cmd);
	er_install(ER_VPN_NODE, &er_no_restore_cmd);
	er_install(ER_VPN_NODE, &er_test_interval_cmd);
	er_install(ER_VPN_NODE, &er_no_test_interval_cmd);
	er_install(ER_CIRCUIT_NODE, &er_test_interval_cmd);
	er_install(ER_CIRCUIT_NODE, &er_no_test_interval_cmd);
	er_install(ER_VPN_NODE, &er_exit_vpn_cmd);
}

static void er_install_gateway(void)
{
	er_install(ER_GATEWAY_NODE, &er_gateway_address_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_gateway_address_cmd);
	er_install(ER_GATEWAY_NODE, &er_gateway_interface_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_gateway_interface_cmd);
	er_install(ER_GATEWAY_NODE, &er_neighbor_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_neighbor_cmd);
	er_install(ER_GATEWAY_NODE, &er_local_address_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_local_address_cmd);
	er_install(ER_GATEWAY_NODE, &er_remote_as_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_remote_as_cmd);
	er_install(ER_GATEWAY_NODE, &er_multihop_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_multihop_cmd);
	er_install(ER_GATEWAY_NODE, &er_gateway_probe_cmd);
	er_install(ER_GATEWAY_NODE, &er_no_gateway_probe_cmd);
	er_install(ER_GATEWAY_NODE, &er_exit_gateway_cmd);
}

void er_cli_vpn_init(void)
{
	er_install(ER_NODE, &er_vpn_cmd);
	er_install(ER_NODE, &er_no_vpn_cmd);
	er_install_vpn();
	er_install_gateway();
}
