// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last transitions.
 *
 * In memory and in the file a transition is one and the same JSON object.  Each
 * belongs to one object, and pushes out nothing but that object's own while
 * others have fewer: ER_HISTORY_EACH of an object are kept, ER_HISTORY_ALL
 * together.  The file is appended to and, when it has twice as many lines as are
 * kept, written anew.  A line that cannot be understood (a kill in the middle of
 * it, an editor) is left out: the others count.
 */
#include <zebra.h>

#include <fcntl.h>

#include "lib/json.h"
#include "libfrr.h"
#include "log.h"
#include "memory.h"
#include "typesafe.h"
#include "vty.h"

#include "core/history.h"
#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_errors.h"
#include "erouted/er_history.h"
#include "erouted/er_show.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, HISTORY_OBJECT, "object with a history");
DEFINE_MTYPE_STATIC(EROUTED, HISTORY_TRANSITION, "transition");

/* Longer lines are none of ours. */
#define LINE_LEN 4096

PREDECL_DLIST(everyones);
PREDECL_DLIST(owns);
PREDECL_HASH(objects);

struct transition {
	struct everyones_item in_everyones;
	struct owns_item in_own;
	struct object *object;
	struct json_object *entry;
	int64_t mono_ms; /* -1: of an earlier run */
};

DECLARE_DLIST(everyones, struct transition, in_everyones);
DECLARE_DLIST(owns, struct transition, in_own);

/* A circuit, a VPN backup, or what has a name of its own: a site, a connection, a probe. */
struct object {
	struct objects_item item;
	char name[16 + ER_NAME_LEN]; /* with its kind in front */
	struct owns_head own;
};

static int object_cmp(const struct object *a, const struct object *b)
{
	return strcmp(a->name, b->name);
}

static uint32_t object_hash(const struct object *object)
{
	return string_hash_make(object->name);
}

DECLARE_HASH(objects, struct object, item, object_cmp, object_hash);

/* All of them, and those of each object: the oldest is the first. */
static struct everyones_head all = INIT_DLIST(all);
static struct objects_head objects = INIT_HASH(objects);
/* In the file. */
static size_t n_lines;

static const char *string_of(struct json_object *entry, const char *name)
{
	struct json_object *member;

	/* null is no object at all */
	if (!json_object_object_get_ex(entry, name, &member) || !member)
		return "";
	return json_object_get_string(member);
}

static int64_t number_of(struct json_object *entry, const char *name)
{
	struct json_object *member;

	return json_object_object_get_ex(entry, name, &member) ? json_object_get_int64(member) : 0;
}

/*
 * Keeping
 */
/* "name" is the rule in a verdict of the audit, which is about the circuit. */
static struct object *object_of(struct json_object *entry)
{
	const char *vpn = string_of(entry, "vpnBackup"), *name = string_of(entry, "name");
	struct object key = {}, *object;

	if (vpn[0])
		snprintf(key.name, sizeof(key.name), "vpn-backup %s", vpn);
	else if (name[0] && strcmp(string_of(entry, "aspect"), "audit"))
		snprintf(key.name, sizeof(key.name), "name %s", name);
	else
		snprintf(key.name, sizeof(key.name), "circuit %s", string_of(entry, "circuit"));
	object = objects_find(&objects, &key);
	if (object)
		return object;
	object = XCALLOC(MTYPE_HISTORY_OBJECT, sizeof(*object));
	strlcpy(object->name, key.name, sizeof(object->name));
	owns_init(&object->own);
	objects_add(&objects, object);
	return object;
}

static void drop(struct transition *t)
{
	struct object *object = t->object;

	everyones_del(&all, t);
	owns_del(&object->own, t);
	json_object_free(t->entry);
	XFREE(MTYPE_HISTORY_TRANSITION, t);
	if (owns_count(&object->own))
		return;
	objects_del(&objects, object);
	owns_fini(&object->own);
	XFREE(MTYPE_HISTORY_OBJECT, object);
}

/* The oldest of an object that has the most; never the newest. */
static struct transition *least_needed(void)
{
	struct transition *t;
	struct object *object;
	size_t most = 0;

	frr_each (objects, &objects, object)
		most = MAX(most, owns_count(&object->own));
	frr_each (everyones, &all, t)
		if (owns_count(&t->object->own) == most)
			break;
	return t;
}

static const char *const object_names[] = { "circuit", "vpnBackup", "peering", "family",
					    "link",    "gateway",   "aspect",  "name" };

static bool same_aspect(struct json_object *a, struct json_object *b)
{
	for (size_t i = 0; i < array_size(object_names); i++)
		if (strcmp(string_of(a, object_names[i]), string_of(b, object_names[i])))
			return false;
	return true;
}

/* How long the state before was one: since the object's last transition of this kind. */
static void add_lasted(struct transition *t)
{
	struct transition *before = owns_last(&t->object->own);

	while (before && !same_aspect(before->entry, t->entry))
		before = owns_prev(&t->object->own, before);
	if (!before)
		return;
	json_object_int_add(t->entry, "lasted",
			    er_history_lasted_s((struct er_time){ before->mono_ms,
								  number_of(before->entry, "at") },
						(struct er_time){ t->mono_ms,
								  number_of(t->entry, "at") },
						before->mono_ms >= 0 && t->mono_ms >= 0));
}

/* mono_ms: when it was, -1 when it is of an earlier run.  The entry is ours then. */
static void keep(struct json_object *entry, int64_t mono_ms)
{
	struct transition *t = XCALLOC(MTYPE_HISTORY_TRANSITION, sizeof(*t));

	t->entry = entry;
	t->mono_ms = mono_ms;
	t->object = object_of(entry);
	if (!json_object_object_get_ex(entry, "lasted", NULL))
		add_lasted(t);
	owns_add_tail(&t->object->own, t);
	everyones_add_tail(&all, t);
	if (owns_count(&t->object->own) > ER_HISTORY_EACH)
		drop(owns_first(&t->object->own));
	if (everyones_count(&all) > ER_HISTORY_ALL)
		drop(least_needed());
}

/*
 * The file
 */
static void path_of(char *path, size_t len, const char *suffix)
{
	snprintf(path, len, "%s/erouted-history.jsonl%s", frr_libstatedir, suffix);
}

/* One write, so that a kill leaves whole lines; false: errno tells. */
static bool write_line(int fd, struct json_object *entry)
{
	char line[LINE_LEN];
	int len = snprintf(line, sizeof(line), "%s\n",
			   json_object_to_json_string_ext(entry, JSON_C_TO_STRING_PLAIN));

	return len < (int)sizeof(line) && write(fd, line, len) == len;
}

static bool write_all(int fd)
{
	struct transition *t;

	frr_each (everyones, &all, t)
		if (!write_line(fd, t->entry))
			return false;
	return true;
}

static void write_anew(const char *path)
{
	char new_path[512];
	bool written;
	int fd;

	path_of(new_path, sizeof(new_path), ".new");
	fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	written = fd >= 0 && write_all(fd);
	if (fd >= 0 && close(fd) < 0)
		written = false;
	if (!written || rename(new_path, path) < 0)
		zlog_warn("cannot write %s: %m", path);
	n_lines = everyones_count(&all);
}

static void append(struct json_object *entry)
{
	char path[512];
	int fd;

	path_of(path, sizeof(path), "");
	if (n_lines >= 2 * MAX(everyones_count(&all), ER_HISTORY_EACH)) {
		write_anew(path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || !write_line(fd, entry))
		zlog_warn("cannot write %s: %m", path);
	else
		n_lines++;
	if (fd >= 0)
		close(fd);
}

/* The end of the year 9999: later years have no four digits, and some no calendar. */
#define AT_MAX INT64_C(253402300799)

static bool has_number(struct json_object *entry, const char *name)
{
	struct json_object *member;

	return json_object_object_get_ex(entry, name, &member) &&
	       json_object_is_type(member, json_type_int) && json_object_get_int64(member) >= 0 &&
	       json_object_get_int64(member) <= AT_MAX;
}

static bool is_understood(struct json_object *entry)
{
	static const char *const names[] = { "aspect", "state" };
	struct json_object *member;

	if (!json_object_is_type(entry, json_type_object) || !has_number(entry, "at"))
		return false;
	/* earlier versions did not keep it */
	if (json_object_object_get_ex(entry, "lasted", NULL) && !has_number(entry, "lasted"))
		return false;
	for (size_t i = 0; i < array_size(names); i++)
		if (!json_object_object_get_ex(entry, names[i], &member) ||
		    !json_object_is_type(member, json_type_string))
			return false;
	return true;
}

void er_history_load(void)
{
	struct json_object *entry;
	char path[512], line[LINE_LEN];
	size_t bad = 0;
	FILE *file;

	path_of(path, sizeof(path), "");
	file = fopen(path, "re");
	if (!file) {
		if (errno != ENOENT)
			zlog_warn("cannot read %s: %m", path);
		return;
	}
	for (; fgets(line, sizeof(line), file); n_lines++) {
		entry = json_tokener_parse(line);
		if (is_understood(entry)) {
			keep(entry, -1);
			continue;
		}
		json_object_free(entry);
		bad++;
	}
	fclose(file);
	if (!bad)
		return;
	flog_warn(EC_ER_STATE_FILE, "%s: %zu %s cannot be understood and left out", path, bad,
		  er_plural(bad, "line", "lines"));
	write_anew(path);
}

void er_history_fini(void)
{
	while (everyones_count(&all))
		drop(everyones_first(&all));
	everyones_fini(&all);
	objects_fini(&objects);
	n_lines = 0;
}

/*
 * Adding
 */
static void add_object(struct json_object *entry, const struct er_notice *n,
		       const struct er_transition *t)
{
	const struct er_session_key *key = &n->session;
	bool vpn = key->peering == ER_VPN;

	/* of a path over the internet there is neither */
	if (key->circuit[0])
		json_object_string_add(entry, vpn ? "vpnBackup" : "circuit", key->circuit);
	if (n->type == ER_NOTICE_AUDIT)
		json_object_string_add(entry, "name", er_audit_rule_str(n->audit.rule));
	/* of a link in all its peerings and families */
	if (n->type == ER_NOTICE_OWN_DRAIN) {
		json_object_string_add(entry, "link", er_role_str(key->role));
		return;
	}
	if (!vpn && !t->circuit && key->circuit[0])
		json_object_string_add(entry, "peering", er_peering_type_str(key->peering));
	if (!t->circuit)
		json_object_string_add(entry, "family", er_family_str(key->family));
	if (n->name[0])
		json_object_string_add(entry, "name", n->name);
	if (t->link && vpn)
		json_object_int_add(entry, "gateway", key->role);
	else if (t->link && key->circuit[0])
		json_object_string_add(entry, "link", er_role_str(key->role));
}

void er_history_add(const struct er_notice *n)
{
	struct json_object *entry = json_object_new_object();
	struct er_time now = er_now();
	struct er_transition t;

	er_transition_of(n, &t);
	json_object_int_add(entry, "at", now.wall_s);
	add_object(entry, n, &t);
	json_object_string_add(entry, "aspect", t.aspect);
	json_object_string_add(entry, "state", t.state);
	if (t.before[0])
		json_object_string_add(entry, "before", t.before);
	if (t.text[0])
		json_object_string_add(entry, "text", t.text);
	keep(entry, now.mono_ms);
	append(entry);
}

/*
 * Reading
 */
static bool is_of(struct json_object *entry, const char *name)
{
	return !name || !strcmp(string_of(entry, "circuit"), name) ||
	       !strcmp(string_of(entry, "vpnBackup"), name) ||
	       !strcmp(string_of(entry, "name"), name);
}

/* Each has "lasted", seconds in the state before, where that is known. */
static struct json_object *history_json(const char *name)
{
	struct json_object *list = json_object_new_array();
	struct transition *t;

	frr_each (everyones, &all, t)
		if (is_of(t->entry, name))
			json_object_array_add(list, json_object_get(t->entry));
	return list;
}

/*
 * "private primary ipv4 session established, after 00:01:12: 172.16.0.2";
 * "private ipv4 global-reach ams-fra established, was not-seen";
 * "audit ERC-4 fail, was pass: private ipv4 primary: the session runs without BFD"
 */
static void sentence(struct json_object *entry, char *buf, size_t len)
{
	const char *link = string_of(entry, "link"), *before = string_of(entry, "before");
	const char *gateway = string_of(entry, "gateway"), *text = string_of(entry, "text");
	const char *name = string_of(entry, "name"), *family = string_of(entry, "family");
	char interval[ER_INTERVAL_LEN];
	size_t at;

	at = snprintf(buf, len, "%s%s%s%s%s%s%s%s%s%s%s %s", string_of(entry, "peering"),
		      string_of(entry, "peering")[0] ? " " : "", gateway[0] ? "gateway " : "",
		      gateway, link, link[0] || gateway[0] ? " " : "", family,
		      family[0] ? " " : "", string_of(entry, "aspect"), name[0] ? " " : "", name,
		      string_of(entry, "state"));
	if (before[0] && at < len)
		at += snprintf(buf + at, len - at, ", was %s", before);
	if (json_object_object_get_ex(entry, "lasted", NULL) && at < len)
		at += snprintf(buf + at, len - at, "%s %s", before[0] ? " for" : ", after",
			       er_interval(number_of(entry, "lasted"), interval, sizeof(interval)));
	if (text[0] && at < len)
		snprintf(buf + at, len - at, ": %s", text);
}

/* "2026-11-27 15:04:05 ", local time as in the log, and the object's name */
static unsigned int show_head(struct vty *vty, struct json_object *entry)
{
	const char *circuit = string_of(entry, "circuit"), *vpn = string_of(entry, "vpnBackup");
	time_t at = number_of(entry, "at");
	char when[32], head[32 + ER_NAME_LEN];
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&at, &tm));
	snprintf(head, sizeof(head), "%s  %s%s  ", when, vpn[0] ? "VPN " : "",
		 vpn[0]	      ? vpn
		 : circuit[0] ? circuit
			      : "internet");
	vty_out(vty, "%s", head);
	return strlen(head);
}

bool er_history_tells_of(const char *name)
{
	struct transition *t;

	frr_each (everyones, &all, t)
		if (is_of(t->entry, name))
			return true;
	return false;
}

int er_show_history(struct vty *vty, const char *name, bool json)
{
	char text[ER_JOINED_LEN + ER_TEXT_LEN];
	struct json_object *root;
	struct transition *t;
	size_t shown = 0;

	if (json) {
		root = json_object_new_object();
		json_object_object_add(root, "history", history_json(name));
		return vty_json(vty, root);
	}
	frr_each (everyones, &all, t) {
		if (!is_of(t->entry, name))
			continue;
		sentence(t->entry, text, sizeof(text));
		er_show_wrapped(vty, show_head(vty, t->entry), 4, text);
		shown++;
	}
	if (!shown)
		vty_out(vty, "Nothing has changed yet%s%s\n", name ? " of " : "", name ? name : "");
	return CMD_SUCCESS;
}
