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
	const char *circuit, *link, *phase;
	struct er_own_memory memory = {};
	struct json_object *forced;
	uint64_t since;

	if (!er_persist_string(json, "circuit", &circuit) ||
	    !er_persist_string(json, "link", &link) || !er_persist_string(json, "phase", &phase) ||
	    !er_persist_number(json, "since", &since) || since > INT64_MAX ||
	    !json_object_object_get_ex(json, "forced", &forced) ||
	    !json_object_is_type(forced, json_type_boolean))
		return false;
	if (!circuit[0] || strlcpy(memory.circuit, circuit, ER_NAME_LEN) >= ER_NAME_LEN ||
	    !er_role_parse(link, &memory.role) || !er_own_phase_parse(phase, &memory.said))
		return false;
	memory.forced = json_object_get_boolean(forced);
	memory.since_wall = since;
	er_own_restore(er_core, &memory);
	return true;
}

void er_drain_load(struct json_object *json)
{
	er_persist_list(json, DRAINS, load_drain);
}
