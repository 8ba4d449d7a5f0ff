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
