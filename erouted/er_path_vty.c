// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute paths
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"

#include "erouted/er_paths.h"
#include "erouted/er_show.h"
#include "erouted/er_path_vty_clippy.c"

DEFPY(show_expressroute_paths, show_expressroute_paths_cmd,
      "show expressroute paths [json$json]",
      SHOW_STR
      "ExpressRoute\n"
      "What each path towards Azure carries, and how good it is\n"
      JSON_STR)
{
	struct er_wire_ask ask = { .ask = ER_ASK_ELSEWHERE };

	return er_ask_vty(vty, &ask, !!json, er_show_paths);
}

void er_path_vty_init(void)
{
	install_element(VIEW_NODE, &show_expressroute_paths_cmd);
}
