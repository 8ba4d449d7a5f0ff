// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of a "path-probe".  "description" is in er_cli.c.
 */

#include <zebra.h>
#include "compat.h"

#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/er_nodes.h"

#include "mgmtd/er_cli_path_clippy.c"

#define PROBE_STR                                                                                 \
	"A light probe that measures one path towards Azure\n"                                    \
	"Name of the probe\n"

DEFPY_YANG_NOSH(er_probe, er_probe_cmd,
	"path-probe NAME$er_probe",
	PROBE_STR)
{
	return er_cli_enter(vty, ER_PROBE_NODE, "path-probe", "name", er_probe);
}

DEFPY_YANG(er_no_probe, er_no_probe_cmd,
	"no path-probe NAME$er_probe",
	NO_STR
	PROBE_STR)
{
	return er_cli_remove(vty, "path-probe", "name", er_probe);
}

DEFPY_YANG_NOSH(er_exit_probe, er_exit_probe_cmd,
	"exit-path-probe",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

/*
 * target
 */
#define TARGET_STR                                                                                \
	"What is to answer (over a link Microsoft's end of it, when not given)\n"                 \
	"IPv4 address\n"                                                                          \
	"IPv6 address\n"
#define PROTOCOL_STR                                                                              \
	"By an ICMP echo (default)\n"                                                             \
	"By a TCP connection, closed at once; a refusal is an answer\n"                           \
	"TCP port\n"

DEFPY_YANG(er_target, er_target_cmd,
	"target <A.B.C.D$v4|X:X::X:X$v6> [<icmp$icmp|tcp (1-65535)$port>]",
	TARGET_STR
	PROTOCOL_STR)
{
	nb_cli_enqueue_change(vty, "./target", NB_OP_MODIFY, v4_str ? v4_str : v6_str);
	nb_cli_enqueue_change(vty, "./tcp-port", port_str ? NB_OP_MODIFY : NB_OP_DESTROY, port_str);
	return er_cli_apply(vty);
}

static bool er_is_tcp(struct vty *vty)
{
	const char *port = er_cli_value(vty, "./tcp-port");

	if (port)
		vty_out(vty, "%% target icmp: Not removed: it is tcp %s.\n", port);
	return port;
}

DEFPY_YANG(er_no_target, er_no_target_cmd,
	"no target [<A.B.C.D$v4|X:X::X:X$v6> [<icmp$icmp|tcp (1-65535)$port>]]",
	NO_STR
	TARGET_STR
	PROTOCOL_STR)
{
	if (!er_cli_is_value(vty, "./target", v4_str ? v4_str : v6_str) ||
	    !er_cli_is_value(vty, "./tcp-port", port_str) || (icmp && er_is_tcp(vty)))
		return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, "./tcp-port", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./target", NB_OP_DESTROY, NULL);
	return er_cli_apply(vty);
}

/*
 * via
 */
#define VIA_STR "The path that is measured\n"
#define LINK_STR                                                                                  \
	"A link of a circuit\n"                                                                   \
	"Name of the circuit\n"                                                                   \
	"Peering of the link\n"                                                                   \
	"Azure private peering (default)\n"                                                       \
	"Microsoft peering\n"                                                                     \
	"The link\n"                                                                              \
	"Primary link\n"                                                                          \
	"Secondary link\n"
#define GATEWAY_STR                                                                               \
	"A tunnel of a VPN backup\n"                                                              \
	"Name of the VPN backup\n"                                                                \
	"The gateway at its end\n"                                                                \
	"First instance\n"                                                                        \
	"Second instance\n"
#define INTERNET_STR                                                                              \
	"The public internet\n"                                                                   \
	"The interface that leads there\n"                                                        \
	"Name of the interface\n"

/* The leaves below "via"; each is set, or (NULL) not there. */
struct via {
	const char *circuit, *peering, *link, *vpn, *gateway, *interface;
};

static void er_enqueue_via(struct vty *vty, const char *xpath, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
}

static int er_set_via(struct vty *vty, const struct via *via)
{
	er_enqueue_via(vty, "./via/circuit", via->circuit);
	er_enqueue_via(vty, "./via/peering", via->peering);
	er_enqueue_via(vty, "./via/link", via->link);
	er_enqueue_via(vty, "./via/vpn-backup", via->vpn);
	er_enqueue_via(vty, "./via/gateway", via->gateway);
	er_enqueue_via(vty, "./via/interface", via->interface);
	return er_cli_apply(vty);
}

DEFPY_YANG(er_via_circuit, er_via_circuit_cmd,
	"via circuit NAME$er_circuit [peering <private|microsoft>$type] link <primary|secondary>$role",
	VIA_STR
	LINK_STR)
{
	if (!er_names_circuit_ok(vty, "./via/circuit", er_circuit))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_via(vty,
			  &(struct via){ .circuit = er_circuit, .peering = type, .link = role });
}

DEFPY_YANG(er_via_vpn, er_via_vpn_cmd,
	"via vpn-backup NAME$er_vpn gateway <0|1>$instance",
	VIA_STR
	GATEWAY_STR)
{
	if (!er_names_vpn_ok(vty, "./via/vpn-backup", er_vpn))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_via(vty, &(struct via){ .vpn = er_vpn, .gateway = instance });
}

DEFPY_YANG(er_via_internet, er_via_internet_cmd,
	"via internet interface IFNAME$ifname",
	VIA_STR
	INTERNET_STR)
{
	return er_set_via(vty, &(struct via){ .interface = ifname });
}

/* Another kind of path is measured than the one that is to be removed. */
static bool er_is_another(struct vty *vty, const char *kind)
{
	static const char *const kinds[] = { "circuit", "vpn-backup", "interface" };
	char path[32];

	for (size_t i = 0; i < array_size(kinds); i++) {
		snprintf(path, sizeof(path), "./via/%s", kinds[i]);
		if (strcmp(kinds[i], kind) == 0 || !er_cli_value(vty, path))
			continue;
		vty_out(vty, "%% via %s: Not removed: it is %s %s.\n", kind, kinds[i],
			er_cli_value(vty, path));
		return true;
	}
	return false;
}

DEFPY_YANG(er_no_via, er_no_via_cmd,
	"no via",
	NO_STR
	VIA_STR)
{
	return er_set_via(vty, &(struct via){});
}

DEFPY_YANG(er_no_via_circuit, er_no_via_circuit_cmd,
	"no via circuit NAME$er_circuit [peering <private|microsoft>$type] link <primary|secondary>$role",
	NO_STR
	VIA_STR
	LINK_STR)
{
	if (er_is_another(vty, "circuit") || !er_cli_is_value(vty, "./via/circuit", er_circuit) ||
	    !er_cli_is_value(vty, "./via/peering", type ? type : "private") ||
	    !er_cli_is_value(vty, "./via/link", role))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_via(vty, &(struct via){});
}

DEFPY_YANG(er_no_via_vpn, er_no_via_vpn_cmd,
	"no via vpn-backup NAME$er_vpn gateway <0|1>$instance",
	NO_STR
	VIA_STR
	GATEWAY_STR)
{
	if (er_is_another(vty, "vpn-backup") || !er_cli_is_value(vty, "./via/vpn-backup", er_vpn) ||
	    !er_cli_is_value(vty, "./via/gateway", instance))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_via(vty, &(struct via){});
}

DEFPY_YANG(er_no_via_internet, er_no_via_internet_cmd,
	"no via internet interface IFNAME$ifname",
	NO_STR
	VIA_STR
	INTERNET_STR)
{
	if (er_is_another(vty, "interface") || !er_cli_is_value(vty, "./via/interface", ifname))
		return CMD_WARNING_CONFIG_FAILED;
	return er_set_via(vty, &(struct via){});
}

/*
 * interval, threshold
 */
#define INTERVAL_STR                                                                              \
	"From one probe to the next (default 10)\n"                                               \
	"Seconds\n"

DEFPY_YANG(er_interval, er_interval_cmd,
	"interval (1-3600)$interval",
	INTERVAL_STR)
{
	return er_cli_leaf(vty, "./interval", false, interval_str);
}

DEFPY_YANG(er_no_interval, er_no_interval_cmd,
	"no interval [(1-3600)$interval]",
	NO_STR
	INTERVAL_STR)
{
	return er_cli_no_leaf(vty, "./interval", interval_str);
}

#define THRESHOLD_STR "From when on the path is poor\n"
#define LOSS_STR                                                                                  \
	"Lost probes, of the last 30\n"                                                           \
	"Percent\n"
#define RTT_STR                                                                                   \
	"Their mean round trip\n"                                                                 \
	"Milliseconds\n"
#define JITTER_STR                                                                                \
	"The mean deviation of their round trips\n"                                               \
	"Milliseconds\n"

DEFPY_YANG(er_threshold_loss, er_threshold_loss_cmd,
	"threshold loss (1-100)$loss",
	THRESHOLD_STR
	LOSS_STR)
{
	return er_cli_leaf(vty, "./threshold/loss", false, loss_str);
}

DEFPY_YANG(er_no_threshold_loss, er_no_threshold_loss_cmd,
	"no threshold loss [(1-100)$loss]",
	NO_STR
	THRESHOLD_STR
	LOSS_STR)
{
	return er_cli_no_leaf(vty, "./threshold/loss", loss_str);
}

DEFPY_YANG(er_threshold_rtt, er_threshold_rtt_cmd,
	"threshold rtt (1-60000)$rtt",
	THRESHOLD_STR
	RTT_STR)
{
	return er_cli_leaf(vty, "./threshold/rtt", false, rtt_str);
}

DEFPY_YANG(er_no_threshold_rtt, er_no_threshold_rtt_cmd,
	"no threshold rtt [(1-60000)$rtt]",
	NO_STR
	THRESHOLD_STR
	RTT_STR)
{
	return er_cli_no_leaf(vty, "./threshold/rtt", rtt_str);
}

DEFPY_YANG(er_threshold_jitter, er_threshold_jitter_cmd,
	"threshold jitter (1-60000)$jitter",
	THRESHOLD_STR
	JITTER_STR)
{
	return er_cli_leaf(vty, "./threshold/jitter", false, jitter_str);
}

DEFPY_YANG(er_no_threshold_jitter, er_no_threshold_jitter_cmd,
	"no threshold jitter [(1-60000)$jitter]",
	NO_STR
	THRESHOLD_STR
	JITTER_STR)
{
	return er_cli_no_leaf(vty, "./threshold/jitter", jitter_str);
}

void er_cli_path_init(void)
{
	er_install(ER_NODE, &er_probe_cmd);
	er_install(ER_NODE, &er_no_probe_cmd);
	er_install(ER_PROBE_NODE, &er_target_cmd);
	er_install(ER_PROBE_NODE, &er_no_target_cmd);
	er_install(ER_PROBE_NODE, &er_via_circuit_cmd);
	er_install(ER_PROBE_NODE, &er_via_vpn_cmd);
	er_install(ER_PROBE_NODE, &er_via_internet_cmd);
	er_install(ER_PROBE_NODE, &er_no_via_cmd);
	er_install(ER_PROBE_NODE, &er_no_via_circuit_cmd);
	er_install(ER_PROBE_NODE, &er_no_via_vpn_cmd);
	er_install(ER_PROBE_NODE, &er_no_via_internet_cmd);
	er_install(ER_PROBE_NODE, &er_interval_cmd);
	er_install(ER_PROBE_NODE, &er_no_interval_cmd);
	er_install(ER_PROBE_NODE, &er_threshold_loss_cmd);
	er_install(ER_PROBE_NODE, &er_no_threshold_loss_cmd);
	er_install(ER_PROBE_NODE, &er_threshold_rtt_cmd);
	er_install(ER_PROBE_NODE, &er_no_threshold_rtt_cmd);
	er_install(ER_PROBE_NODE, &er_threshold_jitter_cmd);
	er_install(ER_PROBE_NODE, &er_no_threshold_jitter_cmd);
	er_install(ER_PROBE_NODE, &er_exit_probe_cmd);
}
