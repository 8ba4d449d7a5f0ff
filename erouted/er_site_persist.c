// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was said of sites and connections, kept over a restart.  er_persist.c has the file.
 */
#include <zebra.h>

#include "lib/json.h"

#include "core/text.h"
#include "erouted/er_site.h"

#define JOINTS "globalReach"
#define SITES  "siteRefusals"

static void save_joint(const struct er_joint_memory *memory, void *arg)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "name", memory->joint);
	json_object_string_add(json, "circuit", memory->circuit);
	json_object_string_add(json, "family", er_family_str(memory->family));
	json_object_string_add(json, "state", er_joint_state_str(memory->said));
	json_object_boolean_add(json, "asymmetric", memory->asymmetric);
	json_object_boolean_add(json, "incomplete", memory->incomplete);
	json_object_boolean_add(json, "seen", memory->seen);
	json_object_int_add(json, "since", memory->since_wall);
	json_object_int_add(json, "saved", memory->wall_s);
	json_object_array_add(arg, json);
}

static void save_site(const struct er_site_memory *memory, void *arg)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "site", memory->site);
	json_object_string_add(json, "circuit", memory->circuit);
	json_object_string_add(json, "family", er_family_str(memory->family));
	json_object_int_add(json, "told", memory->told);
	json_object_int_add(json, "saved", memory->wall_s);
	json_object_array_add(arg, json);
}

void er_site_save(struct json_object *json)
{
	struct json_object *joints = json_object_new_array(), *sites = json_object_new_array();

	er_joint_remember(er_core, er_now(), save_joint, joints);
	json_object_object_add(json, JOINTS, joints);
	er_site_remember(er_core, er_now(), save_site, sites);
	json_object_object_add(json, SITES, sites);
}

static bool load_joint(struct json_object *json)
{
	struct er_joint_memory memory = {};
	const char *state;

	if (!er_persist_name(json, "name", memory.joint) ||
	    !er_persist_name(json, "circuit", memory.circuit) ||
	    !er_persist_family(json, &memory.family) || !er_persist_string(json, "state", &state) ||
	    !er_joint_state_parse(state, &memory.said) ||
	    !er_persist_bool(json, "asymmetric", &memory.asymmetric) ||
	    !er_persist_bool(json, "incomplete", &memory.incomplete) ||
	    !er_persist_bool(json, "seen", &memory.seen) ||
	    !er_persist_moment(json, "since", &memory.since_wall) ||
	    !er_persist_moment(json, "saved", &memory.wall_s))
		return false;
	if (!er_persist_is_old(memory.wall_s))
		er_joint_restore(er_core, &memory);
	return true;
}

static bool load_site(struct json_object *json)
{
	struct er_site_memory memory = {};

	if (!er_persist_name(json, "site", memory.site) ||
	    !er_persist_name(json, "circuit", memory.circuit) ||
	    !er_persist_family(json, &memory.family) ||
	    !er_persist_u32(json, "told", &memory.told) ||
	    !er_persist_moment(json, "saved", &memory.wall_s))
		return false;
	if (!er_persist_is_old(memory.wall_s))
		er_site_restore(er_core, &memory);
	return true;
}

void er_site_load(struct json_object *json)
{
	er_persist_list(json, JOINTS, load_joint);
	er_persist_list(json, SITES, load_site);
}
