// SPDX-License-Identifier: GPL-2.0-or-later
#include <zebra.h>

#include "northbound.h"

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

/* switchover, failover-test, failover-test-abort, resolve */
int er_nb_vpn(struct nb_cb_rpc_args *args)
{
	if (!yang_dnode_exists(args->input, "vpn-backup"))
		return NB_OK;
	snprintf(args->errmsg, args->errmsg_len, "There is no VPN backup '%s'.",
		 yang_dnode_get_string(args->input, "vpn-backup"));
	return NB_ERR_NOT_FOUND;
}
