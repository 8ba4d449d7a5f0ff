// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which regions a circuit reaches.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/reach.h"

static const char *sku_name(enum er_sku sku)
{
	switch (sku) {
	case ER_SKU_LOCAL:
		return "Local";
	case ER_SKU_STANDARD:
		return "Standard";
	case ER_SKU_PREMIUM:
		return "Premium";
	}
	return "?";
}

static bool has_local_region(const struct er_circuit_config *config)
{
	for (unsigned int i = 0; i < ER_LOCAL_REGIONS; i++)
		if (config->local_region[i][0])
			return true;
	return false;
}

static enum er_reach reach_of_local(const struct er_circuit_config *config,
				    const struct er_catalogue_entry *entry)
{
	if (!has_local_region(config))
		return ER_REACH_UNKNOWN;
	for (unsigned int i = 0; i < ER_LOCAL_REGIONS; i++)
		if (config->local_region[i][0] &&
		    er_entry_of_region(entry, config->local_region[i]))
			return ER_REACH_YES;
	return ER_REACH_NO;
}

/* A geography that no region has says nothing: it is mistyped, perhaps. */
static enum er_reach reach_of_standard(const struct er_circuit_config *config,
				       const struct er_catalogue *catalogue,
				       const struct er_catalogue_entry *entry)
{
	char geography[ER_TEXT_LEN];

	er_slug(config->geography, geography, sizeof(geography));
	if (!geography[0] || !entry->geography[0])
		return ER_REACH_UNKNOWN;
	if (strmatch(entry->geography, geography))
		return ER_REACH_YES;
	return er_catalogue_has(catalogue, ER_NAMES_GEOGRAPHY, geography) ? ER_REACH_NO
									  : ER_REACH_UNKNOWN;
}

static enum er_reach reach_of(const struct er_circuit_config *config,
			      const struct er_catalogue *catalogue,
			      const struct er_catalogue_entry *entry)
{
	switch (config->sku) {
	case ER_SKU_LOCAL:
		return reach_of_local(config, entry);
	case ER_SKU_STANDARD:
		return reach_of_standard(config, catalogue, entry);
	case ER_SKU_PREMIUM:
		return ER_REACH_YES;
	}
	return ER_REACH_UNKNOWN;
}

/* The region's entry; one that knows its geography, if any does. */
static const struct er_catalogue_entry *entry_of(const struct er_catalogue *catalogue,
						 const char *region)
{
	const struct er_catalogue_entry *found = NULL;

	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *entry = er_catalogue_at(catalogue, i);

		if (!er_entry_of_region(entry, region))
			continue;
		if (entry->geography[0])
			return entry;
		if (!found)
			found = entry;
	}
	return found;
}

enum er_reach er_reach(const struct er_circuit_config *config,
		       const struct er_catalogue *catalogue, const char *region)
{
	const struct er_catalogue_entry *entry;

	if (config->sku == ER_SKU_PREMIUM)
		return ER_REACH_YES;
	entry = entry_of(catalogue, region);
	return entry ? reach_of(config, catalogue, entry) : ER_REACH_UNKNOWN;
}

/*
 * Regions that a filter allows, by what the circuit makes of them: "a, b" as far
 * as there is room, and how many there are.
 */
struct regions {
	size_t n, shown;
	size_t room; /* for names, with NUL */
	char names[ER_TEXT_LEN];
};

static void add_region(struct regions *r, const char *name)
{
	size_t used = strlen(r->names);

	r->n++; /* not shown: for want of room, or nobody asks for names */
	if (r->shown + 1 != r->n || used + strlen(", ") + strlen(name) >= r->room)
		return;
	snprintfrr(r->names + used, r->room - used, "%s%s", used ? ", " : "", name);
	r->shown++;
}

/* The catalogue's regions, in the order of their names. */
struct region {
	const char *name;
	const struct er_catalogue_entry *entry; /* as entry_of() finds it */
	bool seen;
};

struct all_regions {
	struct region *region;
	size_t n;
};

static int region_cmp(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct region *region_of(const struct all_regions *all, const char *name)
{
	struct region wanted = { .name = name };

	return bsearch(&wanted, all->region, all->n, sizeof(*all->region), region_cmp);
}

static void note_entry(const struct all_regions *all, const char *name,
		       const struct er_catalogue_entry *entry)
{
	struct region *region = region_of(all, name);

	if (region && (!region->entry || (!region->entry->geography[0] && entry->geography[0])))
		region->entry = entry;
}

/* Once for all: a filter may allow thousands of communities. */
static struct all_regions all_regions(const struct er_catalogue *catalogue)
{
	struct all_regions all = { .n = er_catalogue_names(catalogue, ER_NAMES_REGION, NULL, 0) };
	const char **names = XCALLOC(MTYPE_TMP, (all.n + 1) * sizeof(*names));

	all.region = XCALLOC(MTYPE_TMP, (all.n + 1) * sizeof(*all.region));
	er_catalogue_names(catalogue, ER_NAMES_REGION, names, all.n);
	for (size_t i = 0; i < all.n; i++)
		all.region[i].name = names[i];
	XFREE(MTYPE_TMP, names);
	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *entry = er_catalogue_at(catalogue, i);

		note_entry(&all, entry->region, entry);
		note_entry(&all, entry->also_region, entry);
	}
	return all;
}

static void sort_regions(const struct er_circuit_config *config, const struct er_filter *filter,
			 const struct er_catalogue *catalogue, struct regions *no,
			 struct regions *unknown)
{
	struct all_regions all = all_regions(catalogue);

	for (size_t i = 0; i < filter->n; i++) {
		const struct er_catalogue_entry *entry = er_catalogue_find(catalogue,
									   filter->community[i]);
		struct region *region = entry ? region_of(&all, entry->region) : NULL;
		enum er_reach reach;

		if (!region || region->seen)
			continue;
		region->seen = true;
		reach = reach_of(config, catalogue, region->entry);
		if (reach == ER_REACH_NO)
			add_region(no, region->name);
		else if (reach == ER_REACH_UNKNOWN)
			add_region(unknown, region->name);
	}
	XFREE(MTYPE_TMP, all.region);
}

/* "a Standard circuit in Europe" */
static void describe_circuit(const struct er_circuit_config *config, char *buf, size_t len)
{
	const char (*region)[ER_NAME_LEN] = config->local_region;

	if (config->sku == ER_SKU_STANDARD)
		snprintfrr(buf, len, "a Standard circuit in %.30s", config->geography);
	else if (region[0][0] && region[1][0])
		snprintfrr(buf, len, "a Local circuit of %.30s and %.30s", region[0], region[1]);
	else
		snprintfrr(buf, len, "a Local circuit of %.30s",
			   region[0][0] ? region[0] : region[1]);
}

/* What comes before the names; the longest leaves room for some. */
static void begin_text(const struct er_circuit_config *config, const char *filter_name, char *buf,
		       size_t len)
{
	char circuit[ER_TEXT_LEN];

	describe_circuit(config, circuit, sizeof(circuit));
	snprintfrr(buf, len,
		   "route-filter %s allows regions that %s does not reach: ", filter_name, circuit);
}

static void warn_out_of_reach(const struct regions *no, const char *begin, char *buf, size_t len)
{
	char more[32] = "";

	if (no->n > no->shown)
		snprintfrr(more, sizeof(more), " and %zu more", no->n - no->shown);
	snprintfrr(buf, len, "%s%s%s", begin, no->names, more);
}

/* What is configured, but no name of the catalogue: *which says whose. */
static const char *unknown_name(const struct er_circuit_config *config,
				const struct er_catalogue *catalogue,
				enum er_catalogue_names *which)
{
	char geography[ER_TEXT_LEN];

	if (config->sku == ER_SKU_STANDARD) {
		*which = ER_NAMES_GEOGRAPHY;
		er_slug(config->geography, geography, sizeof(geography));
		return er_catalogue_has(catalogue, *which, geography) ? NULL : config->geography;
	}
	*which = ER_NAMES_REGION;
	for (unsigned int i = 0; i < ER_LOCAL_REGIONS; i++)
		if (config->local_region[i][0] &&
		    !er_catalogue_has(catalogue, *which, config->local_region[i]))
			return config->local_region[i];
	return NULL;
}

static bool warn_of_name(const struct er_circuit_config *config,
			 const struct er_catalogue *catalogue, char *buf, size_t len)
{
	enum er_catalogue_names which;
	const char *name = unknown_name(config, catalogue, &which);
	char slug[ER_TEXT_LEN], near[ER_TEXT_LEN / 2];

	if (!name)
		return false;
	er_slug(name, slug, sizeof(slug));
	er_catalogue_near(catalogue, which, slug, near, sizeof(near));
	snprintfrr(buf, len, "%s %.60s is not in the catalogue%s%s%s",
		   which == ER_NAMES_GEOGRAPHY ? "geography" : "local-region", name,
		   near[0] ? " (did you mean " : "", near, near[0] ? "?)" : "");
	return true;
}

static bool is_configured(const struct er_circuit_config *config)
{
	return config->sku == ER_SKU_LOCAL ? has_local_region(config) : config->geography[0];
}

size_t er_reach_warnings(const struct er_circuit_config *config, const char *filter_name,
			 const struct er_filter *filter, const struct er_catalogue *catalogue,
			 char (*warning)[ER_TEXT_LEN], size_t size)
{
	struct regions no = {}, unknown = {};
	char begin[ER_TEXT_LEN];
	size_t n = 0;

	if (!size || config->sku == ER_SKU_PREMIUM)
		return 0;
	begin_text(config, filter_name, begin, sizeof(begin));
	no.room = sizeof(begin) - strlen(begin) - strlen(" and 9999 more");
	sort_regions(config, filter, catalogue, &no, &unknown);
	if (!is_configured(config)) {
		if (!unknown.n)
			return 0;
		snprintfrr(warning[0], ER_TEXT_LEN,
			   "route-filter %s allows regions; to know whether a %s circuit reaches them, configure its %s",
			   filter_name, sku_name(config->sku),
			   config->sku == ER_SKU_LOCAL ? "local-region" : "geography");
		return 1;
	}
	if ((no.n || unknown.n) && warn_of_name(config, catalogue, warning[n], ER_TEXT_LEN))
		n++;
	if (no.n && n < size)
		warn_out_of_reach(&no, begin, warning[n++], ER_TEXT_LEN);
	return n;
}
