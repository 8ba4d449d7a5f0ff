// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute vpn-backup ..., expressroute switchover|failover-test|resolve ...
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"
#include "northbound.h"

#include "core/limits.h"
#include "erouted/er_show.h"
#include "erouted/er_vpn.h"
#include "erouted/er_vpn_vty_clippy.c"

#define ER_STR	 "ExpressRoute\n"
#define VPN_STR	 "A site-to-site VPN as backup\n"
#define NAME_STR "Name of the VPN backup\n"

static const struct er_vpn_config *find_vpn(struct vty *vty, const char *name, bool json)
{
	const struct er_vpn_config *config = er_vpn_config(er_core, name);

	if (config)
		return config;
	if (json)
		vty_json(vty, json_object_new_object());
	else
		vty_out(vty,
			"%% There is no VPN backup '%s': 'show expressroute vpn-backup' has all\n",
			name);
	return NULL;
}

/*
 * JSON: the state tree, or a part of it
 */
static int json_tree(struct vty *vty, const char *name)
{
	return er_json_show(vty, er_vpn_state_tree(name, true), "vpn-backup");
}

static int json_test(struct vty *vty, const char *name)
{
	struct lyd_node *tree = er_vpn_state_tree(name, false);
	const struct lyd_node *vpn = er_nb_child(tree, "vpn-backup");
	const struct lyd_node *state = vpn ? er_nb_child(vpn, "state") : NULL;
	const struct lyd_node *test = state ? er_nb_child(state, "test") : NULL;
	struct json_object *json;

	json = test ? er_json_from_tree(test) : json_object_new_object();
	lyd_free_all(tree);
	return vty_json(vty, json);
}

/*
 * Show
 */
DEFPY(show_expressroute_vpns, show_expressroute_vpns_cmd,
      "show expressroute vpn-backup [detail$detail] [json$json]",
      SHOW_STR ER_STR VPN_STR
      "All there is to know\n"
      JSON_STR)
{
	if (json)
		return json_tree(vty, NULL);
	er_show_vpns(vty, !!detail);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_vpn, show_expressroute_vpn_cmd,
      "show expressroute vpn-backup NAME$er_vpn [detail$detail] [json$json]",
      SHOW_STR ER_STR VPN_STR NAME_STR
      "All there is to know\n"
      JSON_STR)
{
	const struct er_vpn_config *config = find_vpn(vty, er_vpn, !!json);

	if (!config)
		return CMD_WARNING;
	if (json)
		return json_tree(vty, er_vpn);
	er_show_vpn(vty, config, !!detail);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_vpn_prefixes, show_expressroute_vpn_prefixes_cmd,
      "show expressroute vpn-backup NAME$er_vpn <uncovered$uncovered|more-specifics> [json$json]",
      SHOW_STR ER_STR VPN_STR NAME_STR
      "ExpressRoute's prefixes without a path over the VPN\n"
      "The VPN's prefixes within one of ExpressRoute's\n"
      JSON_STR)
{
	struct er_wire_ask ask = {
		.ask = uncovered ? ER_ASK_UNCOVERED : ER_ASK_MORE_SPECIFIC,
		.peering.peering = ER_VPN,
	};

	if (!find_vpn(vty, er_vpn, !!json))
		return CMD_WARNING;
	strlcpy(ask.peering.circuit, er_vpn, sizeof(ask.peering.circuit));
	return er_ask_vty(vty, &ask, !!json, er_show_vpn_prefixes);
}

DEFPY(show_expressroute_vpn_test, show_expressroute_vpn_test_cmd,
      "show expressroute vpn-backup NAME$er_vpn test [json$json]",
      SHOW_STR ER_STR VPN_STR NAME_STR
      "The last failover test\n"
      JSON_STR)
{
	const struct er_vpn_config *config = find_vpn(vty, er_vpn, !!json);

	if (!config)
		return CMD_WARNING;
	if (json)
		return json_test(vty, er_vpn);
	er_show_vpn_test(vty, config);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_vpn_bgp_config, show_expressroute_vpn_bgp_config_cmd,
      "show expressroute vpn-backup NAME$er_vpn bgp-config",
      SHOW_STR ER_STR VPN_STR NAME_STR
      "The same in plain FRR's configuration\n")
{
	const struct er_vpn_config *config = find_vpn(vty, er_vpn, false);

	if (!config)
		return CMD_WARNING;
	er_show_vpn_config(vty, config);
	return CMD_SUCCESS;
}

/*
 * Requests
 */
static int ask_for(struct vty *vty, const struct er_vpn_request *request)
{
	char why[ER_TEXT_LEN];

	if (er_vpn_ask_for(request, why, sizeof(why)))
		return CMD_SUCCESS;
	vty_out(vty, "%% %s\n", why);
	return CMD_WARNING;
}

DEFPY(expressroute_switchover, expressroute_switchover_cmd,
      "expressroute switchover NAME$er_vpn to <vpn$vpn [for (1-86400)$seconds]|expressroute>",
      ER_STR
      "Move traffic between ExpressRoute and its backup\n"
      NAME_STR
      "Where to\n"
      "Onto the VPN\n"
      "Return by itself\n"
      "After so many seconds\n"
      "Back to ExpressRoute\n")
{
	struct er_vpn_request request = {
		.ask = vpn ? ER_VPN_TO_VPN : ER_VPN_TO_EXPRESSROUTE,
		.seconds = seconds,
	};

	strlcpy(request.vpn, er_vpn, sizeof(request.vpn));
	return ask_for(vty, &request);
}

DEFPY(expressroute_failover_test, expressroute_failover_test_cmd,
      "expressroute failover-test NAME$er_vpn [(5-3600)$seconds] [force$force]",
      ER_STR
      "Move traffic to the VPN, measure, and move it back\n"
      NAME_STR
      "Seconds of traffic on the VPN (default 30)\n"
      "Although prefixes have no path over the VPN\n")
{
	struct er_vpn_request request = {
		.ask = ER_VPN_TEST,
		.seconds = seconds ? seconds : ER_TEST_SECONDS,
		.force = !!force,
	};

	strlcpy(request.vpn, er_vpn, sizeof(request.vpn));
	if (ask_for(vty, &request) != CMD_SUCCESS)
		return CMD_WARNING;
	vty_out(vty,
		"The test has begun: 'show expressroute vpn-backup %s test' tells how it goes\n",
		er_vpn);
	return CMD_SUCCESS;
}

DEFPY(expressroute_failover_abort, expressroute_failover_abort_cmd,
      "expressroute failover-test NAME$er_vpn abort",
      ER_STR
      "Move traffic to the VPN, measure, and move it back\n"
      NAME_STR
      "End the test: move it back now\n")
{
	struct er_vpn_request request = { .ask = ER_VPN_TEST_ABORT };

	strlcpy(request.vpn, er_vpn, sizeof(request.vpn));
	return ask_for(vty, &request);
}

DEFPY(expressroute_resolve, expressroute_resolve_cmd,
      "expressroute resolve [NAME$er_vpn]",
      ER_STR
      "Look up the names of VPN gateways now\n"
      NAME_STR)
{
	if (er_vpn && !find_vpn(vty, er_vpn, false))
		return CMD_WARNING;
	er_resolve_now(er_vpn);
	return CMD_SUCCESS;
}

void er_vpn_vty_init(void)
{
	install_element(VIEW_NODE, &show_expressroute_vpns_cmd);
	install_element(VIEW_NODE, &show_expressroute_vpn_cmd);
	install_element(VIEW_NODE, &show_expressroute_vpn_prefixes_cmd);
	install_element(VIEW_NODE, &show_expressroute_vpn_test_cmd);
	install_element(VIEW_NODE, &show_expressroute_vpn_bgp_config_cmd);
	install_element(ENABLE_NODE, &expressroute_switchover_cmd);
	install_element(ENABLE_NODE, &expressroute_failover_test_cmd);
	install_element(ENABLE_NODE, &expressroute_failover_abort_cmd);
	install_element(ENABLE_NODE, &expressroute_resolve_cmd);
}
