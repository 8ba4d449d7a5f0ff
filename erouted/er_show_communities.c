// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute communities: the catalogue in use, and the operator's own
 * names.
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"
#include "termtable.h"

#include "core/text.h"
#include "erouted/er_show.h"

/* clang-format off */
static const char *const kind_names[ER_KINDS] = {
	[ER_KIND_SERVICE] = "service",
	[ER_KIND_PRIVATE_REGION] = "private-region",
	[ER_KIND_REGION] = "region",
	[ER_KIND_SERVICE_IN_REGION] = "service-in-region",
	[ER_KIND_OTHER] = "other",
};

static const char *const noun[] = {
	[ER_NAMES_SERVICE] = "service",
	[ER_NAMES_REGION] = "region",
	[ER_NAMES_GEOGRAPHY] = "geography",
};
/* clang-format on */

/* What is asked for: NULL, everything. */
struct wanted {
	const char *service, *region, *geography;
};

static bool is_wanted(const struct wanted *wanted, const struct er_catalogue_entry *entry)
{
	return (!wanted->service || !strcmp(wanted->service, entry->service)) &&
	       (!wanted->region || !strcmp(wanted->region, entry->region)) &&
	       (!wanted->geography || !strcmp(wanted->geography, entry->geography));
}

static bool wants_all(const struct wanted *wanted)
{
	return !wanted->service && !wanted->region && !wanted->geography;
}

/* The operator's name for it, or NULL. */
static const char *own_name(er_community community)
{
	const struct er_own_names *own = er_policy_names();

	for (size_t i = 0; i < own->n; i++)
		if (own->name[i].community == community)
			return own->name[i].name;
	return NULL;
}

/*
 * JSON
 */
static void json_add_text(struct json_object *json, const char *name, const char *value)
{
	if (value && value[0])
		json_object_string_add(json, name, value);
}

static struct json_object *entry_json(const struct er_catalogue_entry *entry)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "kind", kind_names[entry->kind]);
	json_add_text(json, "service", entry->service);
	json_add_text(json, "serviceName", entry->service_name);
	json_add_text(json, "region", entry->region);
	json_add_text(json, "regionName", entry->region_name);
	json_add_text(json, "geography", entry->geography);
	json_add_text(json, "geographyName", entry->geography_name);
	json_add_text(json, "name", own_name(entry->community));
	json_object_boolean_add(json, "authorization", entry->authorization);
	return json;
}

static void json_own_names(struct json_object *list)
{
	const struct er_own_names *own = er_policy_names();
	char buf[ER_COMMUNITY_STRLEN];
	struct json_object *json;

	for (size_t i = 0; i < own->n; i++) {
		if (er_catalogue_find(er_communities(), own->name[i].community))
			continue;
		json = json_object_new_object();
		json_object_string_add(json, "kind", "own");
		json_object_string_add(json, "name", own->name[i].name);
		json_object_object_add(list, er_community_str(own->name[i].community, buf), json);
	}
}

static int show_json(struct vty *vty, const struct wanted *wanted)
{
	struct json_object *json = json_object_new_object();
	struct json_object *list = json_object_new_object();
	const struct er_catalogue *catalogue = er_communities();
	char buf[ER_COMMUNITY_STRLEN];

	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *entry = er_catalogue_at(catalogue, i);

		if (is_wanted(wanted, entry))
			json_object_object_add(list, er_community_str(entry->community, buf),
					       entry_json(entry));
	}
	if (wants_all(wanted))
		json_own_names(list);
	json_object_int_add(json, "communities", er_catalogue_count(catalogue));
	if (er_communities_imported())
		json_object_int_add(json, "imported", er_communities_imported());
	json_add_text(json, "problem", er_communities_problem());
	json_object_object_add(json, "community", list);
	return vty_json(vty, json);
}

/*
 * Screen
 */
static void show_origin(struct vty *vty)
{
	time_t imported = er_communities_imported();
	size_t n = er_catalogue_count(er_communities());
	char when[32];
	struct tm tm;

	vty_out(vty, "%zu %s, ", n, er_plural(n, "community", "communities"));
	if (imported) {
		strftime(when, sizeof(when), "%F %T", localtime_r(&imported, &tm));
		vty_out(vty, "imported %s\n", when);
	} else {
		vty_out(vty, "as published when frr-expressroute was built\n");
	}
	if (er_communities_problem()[0])
		vty_out(vty, "WARNING: %s\n", er_communities_problem());
	vty_out(vty, "\n");
}

static const char *or_dash(const char *slug)
{
	return slug && slug[0] ? slug : "-";
}

static void add_row(struct ttable *table, er_community community, const char *service,
		    const char *region, const char *geography, const char *note)
{
	char buf[ER_COMMUNITY_STRLEN];

	ttable_add_row(table, "%s|%s|%s|%s|%s", er_community_str(community, buf), or_dash(service),
		       or_dash(region), or_dash(geography), note);
}

static void entry_row(struct ttable *table, const struct er_catalogue_entry *entry)
{
	const char *own = own_name(entry->community);
	char note[ER_TEXT_LEN] = "";

	if (entry->kind == ER_KIND_PRIVATE_REGION)
		strlcpy(note, "private peering", sizeof(note));
	else if (entry->authorization)
		strlcpy(note, "needs authorization", sizeof(note));
	if (own) {
		strlcat(note, note[0] ? ", own name: " : "own name: ", sizeof(note));
		strlcat(note, own, sizeof(note));
	}
	add_row(table, entry->community, entry->service, entry->region, entry->geography, note);
}

static size_t add_rows(struct ttable *table, const struct wanted *wanted)
{
	const struct er_catalogue *catalogue = er_communities();
	const struct er_own_names *own = er_policy_names();
	char note[ER_TEXT_LEN];
	size_t rows = 0;

	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *entry = er_catalogue_at(catalogue, i);

		if (!is_wanted(wanted, entry))
			continue;
		entry_row(table, entry);
		rows++;
	}
	for (size_t i = 0; wants_all(wanted) && i < own->n; i++) {
		if (er_catalogue_find(catalogue, own->name[i].community))
			continue;
		snprintf(note, sizeof(note), "own name: %s", own->name[i].name);
		add_row(table, own->name[i].community, NULL, NULL, NULL, note);
		rows++;
	}
	return rows;
}

static void show_text(struct vty *vty, const struct wanted *wanted)
{
	struct ttable *table = er_table_new();

	if (wants_all(wanted))
		show_origin(vty);
	ttable_add_row(table, "Community|Service|Region|Geography|");
	if (add_rows(table, wanted)) {
		er_table_show(vty, table);
		return;
	}
	vty_out(vty, "None.\n");
	ttable_del(table);
}

/* A name that is none of the catalogue's, with those that may be meant. */
static bool name_known(struct vty *vty, enum er_catalogue_names which, const char *name, bool json)
{
	char near[ER_TEXT_LEN];

	if (!name || er_catalogue_has(er_communities(), which, name))
		return true;
	if (json) {
		vty_json(vty, json_object_new_object());
		return false;
	}
	er_catalogue_near(er_communities(), which, name, near, sizeof(near));
	vty_out(vty, "%% There is no %s '%s' in the catalogue", noun[which], name);
	if (near[0])
		vty_out(vty, ": do you mean %s?\n", near);
	else
		vty_out(vty, "; TAB lists all of them\n");
	return false;
}

int er_show_communities(struct vty *vty, const char *service, const char *region,
			const char *geography, bool json)
{
	struct wanted wanted = { service, region, geography };

	if (!name_known(vty, ER_NAMES_SERVICE, service, json) ||
	    !name_known(vty, ER_NAMES_REGION, region, json) ||
	    !name_known(vty, ER_NAMES_GEOGRAPHY, geography, json))
		return CMD_WARNING;
	if (json)
		return show_json(vty, &wanted);
	show_text(vty, &wanted);
	return CMD_SUCCESS;
}
