// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "partner": a link that ends on another router of ours.
 */

#include <zebra.h>
#include "compat.h"

#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/er_nodes.h"

#include "mgmtd/er_cli_partner_clippy.c"

#define LINK_STR      "Link of the peering\n"
#define PRIMARY_STR   "Primary link\n"
#define SECONDARY_STR "Secondary link\n"
#define PARTNER_STR                                                                               \
	"Another router of ours that ends this link, instead of an interface here\n"              \
	"IPv4 address of the iBGP neighbor\n"                                                     \
	"IPv6 address of the iBGP neighbor\n"

DEFPY_YANG(er_partner, er_partner_cmd,
	"partner <A.B.C.D$v4|X:X::X:X$v6>",
	PARTNER_STR)
{
	return er_cli_leaf(vty, "./partner", false, v4_str ?: v6_str);
}

DEFPY_YANG(er_no_partner, er_no_partner_cmd,
	"no partner [<A.B.C.D$v4|X:X::X:X$v6>]",
	NO_STR
	PARTNER_STR)
{
	return er_cli_no_leaf(vty, "./partner", v4_str ?: v6_str);
}

/* the same in one line, which stays where it is */
static const char *partner_of(const char *role)
{
	return strmatch(role, "primary") ? "./link[role='primary']/partner"
					 : "./link[role='secondary']/partner";
}

DEFPY_YANG(er_link_partner, er_link_partner_cmd,
	"link <primary|secondary>$role partner <A.B.C.D$v4|X:X::X:X$v6>",
	LINK_STR
	PRIMARY_STR
	SECONDARY_STR
	PARTNER_STR)
{
	return er_cli_leaf(vty, partner_of(role), false, v4_str ?: v6_str);
}

DEFPY_YANG(er_no_link_partner, er_no_link_partner_cmd,
	"no link <primary|secondary>$role partner [<A.B.C.D$v4|X:X::X:X$v6>]",
	NO_STR
	LINK_STR
	PRIMARY_STR
	SECONDARY_STR
	PARTNER_STR)
{
	return er_cli_no_leaf(vty, partner_of(role), v4_str ?: v6_str);
}

void er_cli_partner_init(void)
{
	er_install(ER_LINK_NODE, &er_partner_cmd);
	er_install(ER_LINK_NODE, &er_no_partner_cmd);
	er_install(ER_PEERING_NODE, &er_link_partner_cmd);
	er_install(ER_PEERING_NODE, &er_no_link_partner_cmd);
}
