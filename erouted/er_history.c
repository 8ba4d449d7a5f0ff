// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last transitions.
 *
 * In memory and in the file a transition is one and the same JSON object.  The
 * file is appended to and, when it has twice as many lines as are kept, written
 * anew.  A line that cannot be understood (a kill in the middle of it, an
 * editor) is left out: the others count.
 */
#include <zebra.h>

#include <fcntl.h>

#include "lib/json.h"
#include "libfrr.h"
#include "log.h"
#include "vty.h"

#include "core/history.h"
#include "core/text.h"
#include "erouted/er_errors.h"
#include "erouted/er_history.h"
#include "erouted/er_show.h"

/* A busy month of a circuit; some 300 bytes each. */
#define KEPT 1000
/* Longer lines are none of ours. */
#define LINE_LEN 4096

/* A ring: the oldest is at `first`. */
static struct json_object *kept[KEPT];
static size_t first, n_kept;
/* In the file. */
static size_t n_lines;

static struct json_object *nth(size_t i)
{
	return kept[(first + i) % KEPT];
}

static void keep(struct json_object *entry)
{
	if (n_kept == KEPT) {
		json_object_free(kept[first]);
		kept[first] = entry;
		first = (first + 1) % KEPT;
		return;
	}
	kept[(first + n_kept++) % KEPT] = entry;
}

static const char *string_of(struct json_object *entry, const char *name)
{
	struct json_object *member;

	/* null is no object at all */
	if (!json_object_object_get_ex(entry, name, &member) || !member)
		return "";
	return json_object_get_string(member);
}

static int64_t at_of(struct json_object *entry)
{
	struct json_object *member;

	return json_object_object_get_ex(entry, "at", &member) ? json_object_get_int64(member) : 0;
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
	for (size_t i = 0; i < n_kept; i++)
		if (!write_line(fd, nth(i)))
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
	n_lines = n_kept;
}

static void append(struct json_object *entry)
{
	char path[512];
	int fd;

	path_of(path, sizeof(path), "");
	if (n_lines >= 2 * KEPT) {
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

static bool is_understood(struct json_object *entry)
{
	static const char *const names[] = { "aspect", "state" };
	struct json_object *member;

	if (!json_object_is_type(entry, json_type_object) ||
	    !json_object_object_get_ex(entry, "at", &member) ||
	    !json_object_is_type(member, json_type_int) || json_object_get_int64(member) < 0 ||
	    json_object_get_int64(member) > AT_MAX)
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
			keep(entry);
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
	while (n_kept)
		json_object_free(nth(--n_kept));
	first = n_lines = 0;
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
	struct er_transition t;

	er_transition_of(n, &t);
	json_object_int_add(entry, "at", er_now().wall_s);
	add_object(entry, n, &t);
	json_object_string_add(entry, "aspect", t.aspect);
	json_object_string_add(entry, "state", t.state);
	if (t.before[0])
		json_object_string_add(entry, "before", t.before);
	if (t.text[0])
		json_object_string_add(entry, "text", t.text);
	keep(entry);
	append(entry);
}

/*
 * Reading
 */
static const char *const object_names[] = { "circuit", "vpnBackup", "peering", "family",
					    "link",    "gateway",   "aspect",  "name" };

static bool same_aspect(struct json_object *a, struct json_object *b)
{
	for (size_t i = 0; i < array_size(object_names); i++)
		if (strcmp(string_of(a, object_names[i]), string_of(b, object_names[i])))
			return false;
	return true;
}

/* Seconds since the object's last transition of this kind; -1: not known. */
static int64_t lasted(size_t i)
{
	for (size_t j = i; j-- > 0;)
		if (same_aspect(nth(i), nth(j)))
			return MAX(at_of(nth(i)) - at_of(nth(j)), 0);
	return -1;
}

static bool is_of(struct json_object *entry, const char *name)
{
	return !name || !strcmp(string_of(entry, "circuit"), name) ||
	       !strcmp(string_of(entry, "vpnBackup"), name) ||
	       !strcmp(string_of(entry, "name"), name);
}

struct json_object *er_history_json(const char *name)
{
	struct json_object *list = json_object_new_array(), *copy;
	int64_t seconds;

	for (size_t i = 0; i < n_kept; i++) {
		if (!is_of(nth(i), name))
			continue;
		copy = NULL;
		json_object_deep_copy(nth(i), &copy, NULL);
		seconds = lasted(i);
		if (seconds >= 0)
			json_object_int_add(copy, "lasted", seconds);
		json_object_array_add(list, copy);
	}
	return list;
}

/*
 * "private primary ipv4 session established, after 00:01:12: 172.16.0.2";
 * "private ipv4 global-reach ams-fra established, was not-seen";
 * "audit ERC-4 fail, was pass: private ipv4 primary: the session runs without BFD"
 */
static void sentence(size_t i, char *buf, size_t len)
{
	struct json_object *entry = nth(i);
	const char *link = string_of(entry, "link"), *before = string_of(entry, "before");
	const char *gateway = string_of(entry, "gateway"), *text = string_of(entry, "text");
	const char *name = string_of(entry, "name"), *family = string_of(entry, "family");
	char interval[ER_INTERVAL_LEN];
	int64_t seconds = lasted(i);
	size_t at;

	at = snprintf(buf, len, "%s%s%s%s%s%s%s%s%s%s%s %s", string_of(entry, "peering"),
		      string_of(entry, "peering")[0] ? " " : "", gateway[0] ? "gateway " : "",
		      gateway, link, link[0] || gateway[0] ? " " : "", family,
		      family[0] ? " " : "", string_of(entry, "aspect"), name[0] ? " " : "", name,
		      string_of(entry, "state"));
	if (before[0] && at < len)
		at += snprintf(buf + at, len - at, ", was %s", before);
	if (seconds >= 0 && at < len)
		at += snprintf(buf + at, len - at, "%s %s", before[0] ? " for" : ", after",
			       er_interval(seconds, interval, sizeof(interval)));
	if (text[0] && at < len)
		snprintf(buf + at, len - at, ": %s", text);
}

/* "2026-11-27 15:04:05 ", local time as in the log, and the object's name */
static unsigned int show_head(struct vty *vty, struct json_object *entry)
{
	const char *circuit = string_of(entry, "circuit"), *vpn = string_of(entry, "vpnBackup");
	time_t at = at_of(entry);
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

int er_show_history(struct vty *vty, const char *name, bool json)
{
	char text[2 * ER_TEXT_LEN];
	struct json_object *root;
	size_t shown = 0;

	if (json) {
		root = json_object_new_object();
		json_object_object_add(root, "history", er_history_json(name));
		return vty_json(vty, root);
	}
	for (size_t i = 0; i < n_kept; i++) {
		if (!is_of(nth(i), name))
			continue;
		sentence(i, text, sizeof(text));
		er_show_wrapped(vty, show_head(vty, nth(i)), 4, text);
		shown++;
	}
	if (!shown)
		vty_out(vty, "Nothing has changed yet%s%s\n", name ? " of " : "", name ? name : "");
	return CMD_SUCCESS;
}
