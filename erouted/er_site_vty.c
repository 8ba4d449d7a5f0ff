// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute site ..., show expressroute global-reach ...
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"

#include "erouted/er_show.h"
#include "erouted/er_site.h"
#include "erouted/er_site_vty_clippy.c"

#define ER_STR "ExpressRoute\n"

/* command: what it is called in the command that has all of them */
static int no_such(struct vty *vty, const char *what, const char *command, const char *name,
		   bool json)
{
	if (json)
		vty_json(vty, json_object_new_object());
	else
		vty_out(vty, "%% There is no %s '%s': 'show expressroute %s' has all\n", what,
			name, command);
	return CMD_WARNING;
}

DEFPY(show_expressroute_site, show_expressroute_site_cmd,
      "show expressroute site [NAME$er_site] [json$json]",
      SHOW_STR ER_STR
      "What is heard from your sites over Global Reach\n"
      "Name of the site\n"
      JSON_STR)
{
	const struct er_site_config *config = NULL;

	if (er_site) {
		config = er_core_site_config(er_core, er_site);
		if (!config)
			return no_such(vty, "site", "site", er_site, !!json);
	}
	if (json)
		return er_json_show(vty, er_site_state_tree(er_site), "site");
	config ? er_show_site(vty, config) : er_show_sites(vty);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_joint, show_expressroute_joint_cmd,
      "show expressroute global-reach [NAME$er_joint] [json$json]",
      SHOW_STR ER_STR
      "The Global Reach connections of your circuits\n"
      "Name of the connection\n"
      JSON_STR)
{
	const struct er_joint_config *config = NULL;

	if (er_joint) {
		config = er_core_joint_config(er_core, er_joint);
		if (!config)
			return no_such(vty, "Global Reach connection", "global-reach", er_joint,
				       !!json);
	}
	if (json)
		return er_json_show(vty, er_joint_state_tree(er_joint), "global-reach");
	config ? er_show_joint(vty, config) : er_show_joints(vty);
	return CMD_SUCCESS;
}

void er_site_vty_init(void)
{
	install_element(VIEW_NODE, &show_expressroute_site_cmd);
	install_element(VIEW_NODE, &show_expressroute_joint_cmd);
}
