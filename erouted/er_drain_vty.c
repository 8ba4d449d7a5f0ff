// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * expressroute drain ..., expressroute undrain ...
 */
#include <zebra.h>

#include "command.h"

#include "erouted/er_drain.h"
#include "erouted/er_drain_vty_clippy.c"

#define ER_STR	    "ExpressRoute\n"
#define CIRCUIT_STR "A circuit\n"
#define NAME_STR    "Name of the circuit\n"
#define LINK_STR    "Only one of its links\n"

static int ask_for(struct vty *vty, struct er_own_request *request, const char *link)
{
	char why[ER_TEXT_LEN];

	if (er_drain_ask_for(request, link, why, sizeof(why)))
		return CMD_SUCCESS;
	vty_out(vty, "%% %s\n", why);
	return CMD_WARNING;
}

DEFPY(expressroute_drain, expressroute_drain_cmd,
      "expressroute drain circuit NAME$er_circuit [link <primary|secondary>$role] [force$force]",
      ER_STR
      "Move traffic off for maintenance of your own\n"
      CIRCUIT_STR NAME_STR LINK_STR
      "The primary link\n"
      "The secondary link\n"
      "Although no other link is healthy\n")
{
	struct er_own_request request = { .drain = true, .force = !!force };

	strlcpy(request.circuit, er_circuit, sizeof(request.circuit));
	if (ask_for(vty, &request, role) != CMD_SUCCESS)
		return CMD_WARNING;
	vty_out(vty,
		"Traffic is being moved: 'show expressroute circuit %s' tells when it is safe to shut down\n",
		er_circuit);
	return CMD_SUCCESS;
}

DEFPY(expressroute_undrain, expressroute_undrain_cmd,
      "expressroute undrain circuit NAME$er_circuit [link <primary|secondary>$role]",
      ER_STR
      "Let traffic return after maintenance of your own\n"
      CIRCUIT_STR NAME_STR LINK_STR
      "The primary link\n"
      "The secondary link\n")
{
	struct er_own_request request = { .drain = false };

	strlcpy(request.circuit, er_circuit, sizeof(request.circuit));
	return ask_for(vty, &request, role);
}

void er_drain_vty_init(void)
{
	install_element(ENABLE_NODE, &expressroute_drain_cmd);
	install_element(ENABLE_NODE, &expressroute_undrain_cmd);
}
