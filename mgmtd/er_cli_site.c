// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of Global Reach: "site", "global-reach" and what becomes of sites
 * that are not declared.  "description" is in er_cli.c.
 */

#include <zebra.h>
#include "compat.h"

#include "asn.h"
#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/er_nodes.h"

#include "mgmtd/er_cli_site_clippy.c"

#define SITE_STR                                                                                  \
	"A site of yours that is reached over Global Reach\n"                                     \
	"Name of the site\n"

DEFPY_YANG_NOSH(er_site, er_site_cmd,
	"site NAME$er_site",
	SITE_STR)
{
	return er_cli_enter(vty, ER_SITE_NODE, "site", "name", er_site);
}

DEFPY_YANG(er_no_site, er_no_site_cmd,
	"no site NAME$er_site",
	NO_STR
	SITE_STR)
{
	return er_cli_remove(vty, "site", "name", er_site);
}

DEFPY_YANG_NOSH(er_exit_site, er_exit_site_cmd,
	"exit-site",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

DEFPY_YANG(er_site_as, er_site_as_cmd,
	"[no] as ASNUM$as",
	NO_STR
	"An AS that routes of the site end with\n"
	AS_STR)
{
	char value[ASN_STRING_MAX_SIZE];

	snprintf(value, sizeof(value), "%u", as);
	return er_cli_item(vty, "./as", !!no, value);
}

DEFPY_YANG(er_site_prefix, er_site_prefix_cmd,
	"[no] prefix <A.B.C.D/M$ipv4|X:X::X:X/M$ipv6>",
	NO_STR
	"What may be heard from the site: this and all within it (without any: everything)\n"
	"IPv4 prefix\n"
	"IPv6 prefix\n")
{
	return er_cli_prefix_item(vty, "./prefix", !!no, ipv4_str ? ipv4_str : ipv6_str);
}

DEFPY_YANG(er_site_circuit, er_site_circuit_cmd,
	"[no] circuit NAME$er_circuit",
	NO_STR
	"A circuit on which the site may be heard (without any: all)\n"
	"Name of the circuit\n")
{
	return er_cli_circuit_item(vty, !!no, er_circuit);
}

#define PREFERENCE_STR                                                                            \
	"When the private WAN has a way to the site, too\n"                                       \
	"Over ExpressRoute (default)\n"                                                           \
	"Over either: local-preference 100, as routes of the WAN have\n"                          \
	"Over the WAN: local-preference 95\n"

DEFPY_YANG(er_site_preference, er_site_preference_cmd,
	"preference <prefer|equal|backup>$what",
	PREFERENCE_STR)
{
	return er_cli_leaf(vty, "./preference", false, what);
}

DEFPY_YANG(er_no_site_preference, er_no_site_preference_cmd,
	"no preference [<prefer|equal|backup>$what]",
	NO_STR
	PREFERENCE_STR)
{
	return er_cli_no_leaf(vty, "./preference", what);
}

#define MAXIMUM_STR                                                                               \
	"Refuse more prefixes than this, of each circuit and address family\n"                    \
	"Prefixes; 80 % of them warn\n"

DEFPY_YANG(er_maximum, er_maximum_cmd,
	"maximum-prefixes (1-100000)$maximum",
	MAXIMUM_STR)
{
	return er_cli_leaf(vty, "./maximum-prefixes", false, maximum_str);
}

DEFPY_YANG(er_no_maximum, er_no_maximum_cmd,
	"no maximum-prefixes [(1-100000)$maximum]",
	NO_STR
	MAXIMUM_STR)
{
	return er_cli_no_leaf(vty, "./maximum-prefixes", maximum_str);
}

DEFPY_YANG(er_same_as, er_same_as_cmd,
	"[no] same-as",
	NO_STR
	"The site has our own AS: accept it in routes of the site's prefixes\n")
{
	return er_cli_leaf(vty, "./same-as", !!no, "true");
}

/*
 * global-reach NAME
 */
#define JOINT_STR                                                                                 \
	"A Global Reach connection: one of our circuits, joined to another one\n"                 \
	"Name of the connection\n"

DEFPY_YANG_NOSH(er_joint, er_joint_cmd,
	"global-reach NAME$er_joint",
	JOINT_STR)
{
	return er_cli_enter(vty, ER_JOINT_NODE, "global-reach", "name", er_joint);
}

DEFPY_YANG(er_no_joint, er_no_joint_cmd,
	"no global-reach NAME$er_joint",
	NO_STR
	JOINT_STR)
{
	return er_cli_remove(vty, "global-reach", "name", er_joint);
}

DEFPY_YANG_NOSH(er_exit_joint, er_exit_joint_cmd,
	"exit-global-reach",
	LEAVE_STR)
{
	return er_cli_leave(vty);
}

DEFPY_YANG(er_joint_shutdown, er_joint_shutdown_cmd,
	"[no] shutdown",
	NO_STR
	"Keep the configuration, but do not watch the connection\n")
{
	return er_cli_leaf(vty, "./shutdown", !!no, "true");
}

#define JOINT_CIRCUIT_STR                                                                         \
	"Our circuit, on this router\n"                                                           \
	"Name of the circuit\n"

DEFPY_YANG(er_joint_circuit, er_joint_circuit_cmd,
	"circuit NAME$er_circuit",
	JOINT_CIRCUIT_STR)
{
	if (!er_names_circuit_ok(vty, "./circuit", er_circuit))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_leaf(vty, "./circuit", false, er_circuit);
}

DEFPY_YANG(er_no_joint_circuit, er_no_joint_circuit_cmd,
	"no circuit [NAME$er_circuit]",
	NO_STR
	JOINT_CIRCUIT_STR)
{
	return er_cli_no_leaf(vty, "./circuit", er_circuit);
}

#define REMOTE_STR  "The circuit at the other end, for the reader\n"
#define REMOTE_TEXT "Its name or service key\n"

DEFPY_YANG(er_remote, er_remote_cmd,
	"remote-circuit LINE...",
	REMOTE_STR
	REMOTE_TEXT)
{
	return er_cli_text(vty, "./remote-circuit", argv, argc, 1);
}

DEFPY_YANG(er_no_remote, er_no_remote_cmd,
	"no remote-circuit",
	NO_STR
	REMOTE_STR)
{
	return er_cli_no_text(vty, "./remote-circuit", argv, argc, 2);
}

ALIAS_YANG(er_no_remote, er_no_remote_text_cmd,
	"no remote-circuit LINE...",
	NO_STR
	REMOTE_STR
	REMOTE_TEXT)

DEFPY_YANG(er_joint_site, er_joint_site_cmd,
	"[no] site NAME$er_site",
	NO_STR
	"A site at the other end\n"
	"Name of the site\n")
{
	if (no ? !er_cli_value_ok(vty, "./site", er_site)
	       : !er_names_site_ok(vty, "./site", er_site))
		return CMD_WARNING_CONFIG_FAILED;
	return er_cli_item(vty, "./site", !!no, er_site);
}

#define JOINT_SUBNET_STR                                                                          \
	"IPv4 subnet that joins the two circuits\n"                                               \
	"A /29 that is used neither in a virtual network nor on premises\n"

DEFPY_YANG(er_joint_subnet, er_joint_subnet_cmd,
	"ipv4-subnet A.B.C.D/M$subnet",
	JOINT_SUBNET_STR)
{
	return er_cli_leaf(vty, "./ipv4-subnet", false, subnet_str);
}

DEFPY_YANG(er_no_joint_subnet, er_no_joint_subnet_cmd,
	"no ipv4-subnet [A.B.C.D/M$subnet]",
	NO_STR
	JOINT_SUBNET_STR)
{
	return er_cli_no_leaf(vty, "./ipv4-subnet", subnet_str);
}

#define UNDECLARED_STR                                                                            \
	"Routes from an AS that is no site's (when not given: accepted, and told of)\n"           \
	"Accept them, and do not tell of them\n"                                                  \
	"Refuse them, and tell of them\n"

DEFPY_YANG(er_undeclared, er_undeclared_cmd,
	"undeclared-sites <accept|refuse>$what",
	UNDECLARED_STR)
{
	return er_cli_leaf(vty, "./undeclared-sites", false, what);
}

DEFPY_YANG(er_no_undeclared, er_no_undeclared_cmd,
	"no undeclared-sites [<accept|refuse>$what]",
	NO_STR
	UNDECLARED_STR)
{
	return er_cli_no_leaf(vty, "./undeclared-sites", what);
}

static void er_install_site(void)
{
	er_install(ER_SITE_NODE, &er_site_as_cmd);
	er_install(ER_SITE_NODE, &er_site_prefix_cmd);
	er_install(ER_SITE_NODE, &er_site_circuit_cmd);
	er_install(ER_SITE_NODE, &er_site_preference_cmd);
	er_install(ER_SITE_NODE, &er_no_site_preference_cmd);
	er_install(ER_SITE_NODE, &er_maximum_cmd);
	er_install(ER_SITE_NODE, &er_no_maximum_cmd);
	er_install(ER_SITE_NODE, &er_same_as_cmd);
	er_install(ER_SITE_NODE, &er_exit_site_cmd);
}

static void er_install_joint(void)
{
	er_install(ER_JOINT_NODE, &er_joint_shutdown_cmd);
	er_install(ER_JOINT_NODE, &er_joint_circuit_cmd);
	er_install(ER_JOINT_NODE, &er_no_joint_circuit_cmd);
	er_install(ER_JOINT_NODE, &er_remote_cmd);
	er_install(ER_JOINT_NODE, &er_no_remote_cmd);
	er_install(ER_JOINT_NODE, &er_no_remote_text_cmd);
	er_install(ER_JOINT_NODE, &er_joint_site_cmd);
	er_install(ER_JOINT_NODE, &er_joint_subnet_cmd);
	er_install(ER_JOINT_NODE, &er_no_joint_subnet_cmd);
	er_install(ER_JOINT_NODE, &er_exit_joint_cmd);
}

void er_cli_site_init(void)
{
	er_install(ER_NODE, &er_site_cmd);
	er_install(ER_NODE, &er_no_site_cmd);
	er_install(ER_NODE, &er_joint_cmd);
	er_install(ER_NODE, &er_no_joint_cmd);
	er_install(ER_NODE, &er_undeclared_cmd);
	er_install(ER_NODE, &er_no_undeclared_cmd);
	er_install_site();
	er_install_joint();
}
