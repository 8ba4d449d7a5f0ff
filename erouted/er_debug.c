// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debug expressroute ...: one libfrr debug record per subsystem.  Set in
 * configuration mode they show up in erouted's running configuration.
 */
#include <zebra.h>

#include "command.h"

#include "erouted/erouted.h"
#include "erouted/er_debug_clippy.c"

struct debug er_dbg_events = { 0, "debug expressroute events", "ExpressRoute events" };
struct debug er_dbg_zebra = { 0, "debug expressroute zebra", "ExpressRoute zebra" };
struct debug er_dbg_bgpd = { 0, "debug expressroute bgpd", "ExpressRoute bgpd" };
struct debug er_dbg_vpn = { 0, "debug expressroute vpn", "ExpressRoute VPN backups" };
struct debug er_dbg_nb = { 0, "debug expressroute northbound", "ExpressRoute northbound" };

#define ER_STR "ExpressRoute\n"

DEFPY(debug_expressroute, debug_expressroute_cmd,
      "[no] debug expressroute [{events$events|zebra$zebra|bgpd$bgpd|northbound$nb|vpn$vpn}]",
      NO_STR DEBUG_STR ER_STR
      "What the rules are told and asked\n"
      "Interfaces, addresses and next hops\n"
      "The channel to bgpd's module\n"
      "Configuration from mgmtd\n"
      "Routes, names and probes of VPN backups\n")
{
	uint32_t mode = DEBUG_NODE2MODE(vty->node);
	bool all = !events && !zebra && !bgpd && !nb && !vpn;

	if (all || events)
		DEBUG_MODE_SET(&er_dbg_events, mode, !no);
	if (all || zebra)
		DEBUG_MODE_SET(&er_dbg_zebra, mode, !no);
	if (all || bgpd)
		DEBUG_MODE_SET(&er_dbg_bgpd, mode, !no);
	if (all || nb)
		DEBUG_MODE_SET(&er_dbg_nb, mode, !no);
	if (all || vpn)
		DEBUG_MODE_SET(&er_dbg_vpn, mode, !no);
	return CMD_SUCCESS;
}

DEFUN_NOSH(show_debugging_expressroute, show_debugging_expressroute_cmd,
	   "show debugging [expressroute]",
	   SHOW_STR DEBUG_STR ER_STR)
{
	vty_out(vty, "ExpressRoute debugging status:\n");
	cmd_show_lib_debugs(vty);
	return CMD_SUCCESS;
}

void er_debug_init(void)
{
	debug_install(&er_dbg_events);
	debug_install(&er_dbg_zebra);
	debug_install(&er_dbg_bgpd);
	debug_install(&er_dbg_nb);
	debug_install(&er_dbg_vpn);

	install_element(ENABLE_NODE, &debug_expressroute_cmd);
	install_element(CONFIG_NODE, &debug_expressroute_cmd);
	install_element(ENABLE_NODE, &show_debugging_expressroute_cmd);
}
