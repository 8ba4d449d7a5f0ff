// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the operator has drained, kept over a restart.  er_persist.c has the file.
 */
#include <zebra.h>

#include "lib/json.h"

#include "core/text.h"
#include "erouted/er_drain.h"

#define DRAINS "operatorDrains"

static void save(const struct er_own_memory *memory, void *arg)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "circuit", memory->circuit);
	json_object_string_add(json, "link", er_role_str(memory->role));
	json_object_string_add(json, "phase", er_own_phase_str(memory->said));
	json_object_boolean_add(json, "forced", memory->forced);
	json_object_int_add(json, "since", memory->since_wall);
	json_object_array_add(arg, json);
}

void er_drain_save(struct json_object *json)
{
	struct json_object *list = json_object_new_array();

	er_own_remember(er_core, save, list);
	json_object_object_add(json, DRAINS, list);
}

static bool load_drain(struct json_object *json)
{
	struct er_own_memory memory = {};
	const char *link, *phase;

	if (!er_persist_name(json, "circuit", memory.circuit) || !memory.circuit[0] ||
	    !er_persist_string(json, "link", &link) || !er_role_parse(link, &memory.role) ||
	    !er_persist_string(json, "phase", &phase) || !er_own_phase_parse(phase, &memory.said) ||
	    !er_persist_bool(json, "forced", &memory.forced) ||
	    !er_persist_moment(json, "since", &memory.since_wall))
		return false;
	er_own_restore(er_core, &memory);
	return true;
}

void er_drain_load(struct json_object *json)
{
	er_persist_list(json, DRAINS, load_drain);
}
