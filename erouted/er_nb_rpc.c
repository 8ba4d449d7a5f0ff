// SPDX-License-Identifier: GPL-2.0-or-later
#include <zebra.h>

#include "northbound.h"

#include "erouted/er_drain.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

int er_nb_clear_counters(struct nb_cb_rpc_args *args)
{
	const char *circuit = "";

	if (yang_dnode_exists(args->input, "circuit"))
		circuit = yang_dnode_get_string(args->input, "circuit");

	if (circuit[0] && !er_core_config(er_core, circuit)) {
		snprintf(args->errmsg, args->errmsg_len, "There is no circuit '%s'.", circuit);
		return NB_ERR_NOT_FOUND;
	}

	er_event_clear(circuit);
	return NB_OK;
}

/* The text of a fault goes to whoever called. */
int er_nb_import(struct nb_cb_rpc_args *args)
{
	const char *file = yang_dnode_get_string(args->input, "file");
	bool extend = yang_dnode_exists(args->input, "mode") &&
		      !strcmp(yang_dnode_get_string(args->input, "mode"), "extend");
	struct er_import import;
	char count[24];

	if (!er_communities_import(file, extend, &import)) {
		strlcpy(args->errmsg, import.text, args->errmsg_len);
		return NB_ERR_VALIDATION;
	}

	snprintf(count, sizeof(count), "%zu", import.listed);
	lyd_new_term(args->output, NULL, "communities", count, LYD_NEW_VAL_OUTPUT, NULL);
	return NB_OK;
}

/*
 * VPN backups: what an operator may ask for is er_core's to say.
 */
static int vpn_request(struct nb_cb_rpc_args *args, struct er_vpn_request *request)
{
	if (er_vpn_ask_for(request, args->errmsg, args->errmsg_len))
		return NB_OK;
	return NB_ERR_VALIDATION;
}

int er_nb_switchover(struct nb_cb_rpc_args *args)
{
	struct er_vpn_request request = { .ask = ER_VPN_TO_EXPRESSROUTE };

	er_nb_get_string(args->input, "vpn-backup", request.vpn, sizeof(request.vpn));
	if (!strcmp(yang_dnode_get_string(args->input, "to"), "vpn"))
		request.ask = ER_VPN_TO_VPN;
	request.seconds = er_nb_get_number(args->input, "time-limit");
	return vpn_request(args, &request);
}

int er_nb_failover_test(struct nb_cb_rpc_args *args)
{
	struct er_vpn_request request = { .ask = ER_VPN_TEST };

	er_nb_get_string(args->input, "vpn-backup", request.vpn, sizeof(request.vpn));
	request.seconds = er_nb_get_number(args->input, "duration");
	er_nb_get_bool(args->input, "force", &request.force);
	return vpn_request(args, &request);
}

int er_nb_failover_abort(struct nb_cb_rpc_args *args)
{
	struct er_vpn_request request = { .ask = ER_VPN_TEST_ABORT };

	er_nb_get_string(args->input, "vpn-backup", request.vpn, sizeof(request.vpn));
	return vpn_request(args, &request);
}

int er_nb_vpn_resolve(struct nb_cb_rpc_args *args)
{
	char vpn[ER_NAME_LEN] = "";

	er_nb_get_string(args->input, "vpn-backup", vpn, sizeof(vpn));
	if (vpn[0] && !er_vpn_config(er_core, vpn)) {
		snprintf(args->errmsg, args->errmsg_len, "There is no VPN backup '%s'.", vpn);
		return NB_ERR_NOT_FOUND;
	}
	er_resolve_now(vpn[0] ? vpn : NULL);
	return NB_OK;
}

/*
 * Drain by the operator, likewise.
 */
static int own_request(struct nb_cb_rpc_args *args, bool drain)
{
	struct er_own_request request = { .drain = drain };
	const char *link = NULL;

	er_nb_get_string(args->input, "circuit", request.circuit, sizeof(request.circuit));
	if (yang_dnode_exists(args->input, "link"))
		link = yang_dnode_get_string(args->input, "link");
	if (drain)
		er_nb_get_bool(args->input, "force", &request.force);
	if (er_drain_ask_for(&request, link, args->errmsg, args->errmsg_len))
		return NB_OK;
	return NB_ERR_VALIDATION;
}

int er_nb_drain(struct nb_cb_rpc_args *args)
{
	return own_request(args, true);
}

int er_nb_undrain(struct nb_cb_rpc_args *args)
{
	return own_request(args, false);
}
