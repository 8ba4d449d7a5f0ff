// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was last said of each peering and its seconds in each state, kept over
 * a restart in FRR's state directory, so that nothing is said twice and
 * availability is not forgotten.
 *
 * A kill right after a notice must not have it said again: each change is
 * written at once, without waiting for the disk, which a process need not
 * survive.  What a crash of the machine needs, a write that has reached the
 * disk, comes a while later, now and then, and at exit.  Both are atomic.  A file
 * that cannot be understood is reported and replaced.
 *
 * What the file tells of a circuit that has not come back is kept, too: mgmtd
 * may bring it later.  It is dropped when it is too old to be of any month that
 * is still told of.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "libfrr.h"
#include "log.h"

#include "core/text.h"
#include "erouted/er_drain.h"
#include "erouted/er_errors.h"
#include "erouted/er_site.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

#define FORMAT_VERSION 1
/* What follows from a change goes out first. */
#define DELAY_MS 2
/* A twentieth of our time at most goes into writing. */
#define SHARE 20
/* From a change, and from the last time, until it is on the disk. */
#define DISK_S	       10
#define DISK_REFRESH_S 300
/* Two months: this one and the last. */
#define TOO_OLD_S (62 * 86400)

static char state_path[512];
char *er_state_paths[] = { state_path, NULL };

static struct event *t_write, *t_disk;
/* When the next write may begin. */
static int64_t rested_ms;

static const char *const period_names[ER_PERIODS] = {
	[ER_SINCE_START] = "sinceStart",
	[ER_THIS_MONTH] = "thisMonth",
	[ER_LAST_MONTH] = "lastMonth",
};

/*
 * Saving
 */
static struct json_object *seconds_json(const struct er_seconds *seconds)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "redundant", seconds->redundant);
	json_object_int_add(json, "degraded", seconds->degraded);
	json_object_int_add(json, "down", seconds->down);
	return json;
}

static void save_peering(const struct er_peering_key *key, enum er_redundancy redundancy,
			 const struct er_seconds seconds[ER_PERIODS], int64_t wall_s, void *arg)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "circuit", key->circuit);
	json_object_string_add(json, "peering", er_peering_type_str(key->peering));
	json_object_string_add(json, "family", er_family_str(key->family));
	json_object_string_add(json, "redundancy", er_redundancy_str(redundancy));
	json_object_int_add(json, "saved", wall_s);
	for (size_t i = 0; i < ER_PERIODS; i++)
		json_object_object_add(json, period_names[i], seconds_json(&seconds[i]));
	json_object_array_add(arg, json);
}

static void save_standby(const struct er_peering_key *key, int64_t carried_wall, void *arg)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "circuit", key->circuit);
	json_object_string_add(json, "peering", er_peering_type_str(key->peering));
	json_object_string_add(json, "family", er_family_str(key->family));
	json_object_int_add(json, "carried", carried_wall);
	json_object_array_add(arg, json);
}

static struct json_object *memory(void)
{
	struct json_object *json = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *standbys = json_object_new_array();

	json_object_int_add(json, "version", FORMAT_VERSION);
	json_object_int_add(json, "saved", er_now().wall_s);
	er_core_remember(er_core, er_now(), save_peering, list);
	json_object_object_add(json, "peerings", list);
	er_standby_remember(er_core, er_now(), save_standby, standbys);
	json_object_object_add(json, "standbys", standbys);
	er_vpn_save(json);
	er_drain_save(json);
	er_site_save(json);
	return json;
}

static bool write_file(const char *path, struct json_object *json)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool written;

	if (fd < 0)
		return false;
	written = json_object_to_fd(fd, json, JSON_C_TO_STRING_PLAIN) == 0;
	return close(fd) == 0 && written;
}

static void write_now(void)
{
	int64_t begin_ms = er_now().mono_ms;
	struct json_object *json = memory();
	char new_path[sizeof(state_path) + 4];

	snprintf(new_path, sizeof(new_path), "%s.new", state_path);
	if (!write_file(new_path, json) || rename(new_path, state_path) < 0)
		zlog_warn("cannot write %s: %m", state_path);
	json_object_free(json);

	rested_ms = er_now().mono_ms + SHARE * (er_now().mono_ms - begin_ms);
}

static void write_soon(struct event *event)
{
	write_now();
}

static void write_to_disk(void)
{
	struct json_object *json = memory();

	frr_daemon_state_save(&json);
	/* libfrr frees it, unless it cannot even begin */
	if (json)
		json_object_free(json);
}

static void disk_timer(struct event *event)
{
	write_to_disk();
	event_add_timer(er_loop, disk_timer, NULL, DISK_REFRESH_S, &t_disk);
}

void er_persist_changed(void)
{
	int64_t wait_ms = MAX(rested_ms - er_now().mono_ms, DELAY_MS);

	/* nothing is known yet that the file does not have */
	if (!er_nb_config_known())
		return;

	event_add_timer_msec(er_loop, write_soon, NULL, wait_ms, &t_write);
	if (!t_disk || event_timer_remain_second(t_disk) > DISK_S) {
		event_cancel(&t_disk);
		event_add_timer(er_loop, disk_timer, NULL, DISK_S, &t_disk);
	}
}

void er_persist_now(void)
{
	if (!er_nb_config_known())
		return;

	event_cancel(&t_write);
	write_now();
}

/*
 * Loading
 */
static uint64_t file_saved;   /* when the file was, seconds since the epoch */
static unsigned int left_out; /* entries that cannot be understood */

bool er_persist_string(struct json_object *json, const char *name, const char **value)
{
	struct json_object *member;

	if (!json_object_object_get_ex(json, name, &member) ||
	    !json_object_is_type(member, json_type_string))
		return false;
	*value = json_object_get_string(member);
	return true;
}

bool er_persist_name(struct json_object *json, const char *name, char value[ER_NAME_LEN])
{
	const char *text;

	return er_persist_string(json, name, &text) &&
	       strlcpy(value, text, ER_NAME_LEN) < ER_NAME_LEN;
}

bool er_persist_family(struct json_object *json, enum er_family *family)
{
	const char *text;

	return er_persist_string(json, "family", &text) && er_family_parse(text, family);
}

bool er_persist_number(struct json_object *json, const char *name, uint64_t *value)
{
	struct json_object *member;
	int64_t number;

	if (!json_object_object_get_ex(json, name, &member) ||
	    !json_object_is_type(member, json_type_int))
		return false;
	number = json_object_get_int64(member);
	if (number < 0)
		return false;
	*value = number;
	return true;
}

bool er_persist_u32(struct json_object *json, const char *name, uint32_t *value)
{
	uint64_t number;

	if (!er_persist_number(json, name, &number) || number > UINT32_MAX)
		return false;
	*value = number;
	return true;
}

bool er_persist_bool(struct json_object *json, const char *name, bool *value)
{
	struct json_object *member;

	if (!json_object_object_get_ex(json, name, &member) ||
	    !json_object_is_type(member, json_type_boolean))
		return false;
	*value = json_object_get_boolean(member);
	return true;
}

bool er_persist_moment(struct json_object *json, const char *name, int64_t *wall_s)
{
	uint64_t value;

	if (!er_persist_number(json, name, &value) || value > INT64_MAX)
		return false;
	*wall_s = value;
	return true;
}

void er_persist_list(struct json_object *json, const char *name,
		     bool (*load_entry)(struct json_object *entry))
{
	struct json_object *list, *entry;

	/* a file of before it was kept has none */
	if (!json_object_object_get_ex(json, name, &list))
		return;
	if (!json_object_is_type(list, json_type_array)) {
		left_out++;
		return;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		if (!json_object_is_type(entry, json_type_object) || !load_entry(entry))
			left_out++;
	}
}

bool er_persist_is_old(int64_t wall_s)
{
	return er_now().wall_s - wall_s >= TOO_OLD_S;
}

static bool get_seconds(struct json_object *json, const char *name, struct er_seconds *seconds)
{
	struct json_object *member;

	return json_object_object_get_ex(json, name, &member) &&
	       json_object_is_type(member, json_type_object) &&
	       er_persist_number(member, "redundant", &seconds->redundant) &&
	       er_persist_number(member, "degraded", &seconds->degraded) &&
	       er_persist_number(member, "down", &seconds->down);
}

static bool get_key(struct json_object *json, struct er_peering_key *key)
{
	const char *peering;

	return er_persist_name(json, "circuit", key->circuit) && key->circuit[0] &&
	       er_persist_string(json, "peering", &peering) &&
	       er_peering_type_parse(peering, &key->peering) &&
	       er_persist_family(json, &key->family);
}

static bool load_standby(struct json_object *json)
{
	struct er_peering_key key = {};
	int64_t carried;

	if (!get_key(json, &key) || !er_persist_moment(json, "carried", &carried))
		return false;
	er_standby_restore(er_core, &key, carried);
	return true;
}

static bool load_peering(struct json_object *json)
{
	uint64_t saved = file_saved;
	struct er_seconds seconds[ER_PERIODS];
	struct er_peering_key key = {};
	enum er_redundancy redundancy;
	const char *word;

	if (!get_key(json, &key) || !er_persist_string(json, "redundancy", &word) ||
	    !er_redundancy_parse(word, &redundancy))
		return false;
	for (size_t i = 0; i < ER_PERIODS; i++)
		if (!get_seconds(json, period_names[i], &seconds[i]))
			return false;

	/* a file of before the peerings had times of their own has one for all */
	if (json_object_object_get_ex(json, "saved", NULL) &&
	    !er_persist_number(json, "saved", &saved))
		return false;
	if (!er_persist_is_old(saved))
		er_core_restore(er_core, &key, redundancy, seconds, saved);
	return true;
}

static bool load(struct json_object *json)
{
	uint64_t format;

	if (!er_persist_number(json, "version", &format) || format != FORMAT_VERSION ||
	    !er_persist_number(json, "saved", &file_saved) ||
	    !json_object_object_get_ex(json, "peerings", NULL))
		return false;

	/* what one entry says depends on no other: what is understood is kept */
	er_drain_load(json);
	er_persist_list(json, "peerings", load_peering);
	er_persist_list(json, "standbys", load_standby);
	er_vpn_load(json);
	er_site_load(json);
	return true;
}

void er_persist_setup(void)
{
	snprintf(state_path, sizeof(state_path), "%s/erouted.json", frr_libstatedir);
}

void er_persist_load(void)
{
	struct json_object *json;
	struct stat st;

	if (stat(state_path, &st) < 0 && errno == ENOENT)
		return;

	json = frr_daemon_state_load();
	if (!json_object_is_type(json, json_type_object) || !load(json))
		flog_warn(EC_ER_STATE_FILE,
			  "%s cannot be understood: starting without the memory of before",
			  state_path);
	else if (left_out)
		flog_warn(EC_ER_STATE_FILE, "%s: %u %s cannot be understood and left out",
			  state_path, left_out, er_plural(left_out, "entry", "entries"));
	json_object_free(json);
}

void er_persist_fini(void)
{
	event_cancel(&t_write);
	event_cancel(&t_disk);
	/* an exit before the configuration came must not forget the circuits */
	if (er_nb_config_known())
		write_to_disk();
}
