// SPDX-License-Identifier: GPL-2.0-or-later
/* Names -> communities: see filter.h. */
#include <zebra.h>

#include "core/filter.h"
#include "core/limits.h"
#include "core/mgroup.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_FILTER, "ExpressRoute compiled route filter");
DEFINE_MTYPE_STATIC(ER_CORE, ER_FILTER_PROBLEM, "ExpressRoute route filter problems");

/* A filter on its way. */
struct compiler {
	const struct er_catalogue *catalogue;
	const struct er_own_names *own;
	struct er_filter *filter;
	size_t size; /* room for so many communities */
};

/* ------------------------------------------------------------------ *
 * names of the operator
 * ------------------------------------------------------------------ */

static const struct er_own_name *own_find(const struct er_own_names *own, const char *name)
{
	for (size_t i = 0; own && i < own->n; i++)
		if (strcmp(own->name[i].name, name) == 0)
			return &own->name[i];
	return NULL;
}

/* A number, or a name of the operator's. */
static bool community_of(const char *text, const struct er_own_names *own, er_community *community)
{
	const struct er_own_name *name;

	if (er_community_parse(text, community))
		return true;
	name = own_find(own, text);
	if (name)
		*community = name->community;
	return name != NULL;
}

static void own_near(const struct er_own_names *own, const char *text, char *buf, size_t len)
{
	size_t n = own ? own->n : 0;
	const char **name = XCALLOC(MTYPE_TMP, (n + 1) * sizeof(*name));

	for (size_t i = 0; i < n; i++)
		name[i] = own->name[i].name;
	er_names_near(name, n, text, buf, len);
	XFREE(MTYPE_TMP, name);
}

void er_community_name(er_community community, const struct er_catalogue *catalogue,
		       const struct er_own_names *own, char *buf, size_t len)
{
	const struct er_catalogue_entry *entry;

	for (size_t i = 0; own && i < own->n; i++) {
		if (own->name[i].community == community) {
			strlcpy(buf, own->name[i].name, len);
			return;
		}
	}
	entry = er_catalogue_find(catalogue, community);
	if (entry)
		er_catalogue_describe(entry, buf, len);
	else
		buf[0] = '\0';
}

/* ------------------------------------------------------------------ *
 * filters
 * ------------------------------------------------------------------ */

static void add(struct compiler *c, er_community community)
{
	struct er_filter *filter = c->filter;

	if (filter->n == c->size) {
		c->size = c->size ? c->size * 2 : 16;
		filter->community = XREALLOC(MTYPE_ER_FILTER, filter->community,
					     c->size * sizeof(*filter->community));
	}
	filter->community[filter->n++] = community;
}

/* near: "" or names that may be meant */
static void add_problem(struct compiler *c, const char *near, const char *format, ...)
	PRINTFRR(3, 4);

static void add_problem(struct compiler *c, const char *near, const char *format, ...)
{
	struct er_filter *filter = c->filter;
	char *text;
	va_list ap;

	filter->problem = XREALLOC(MTYPE_ER_FILTER_PROBLEM, filter->problem,
				   (filter->n_problems + 1) * sizeof(*filter->problem));
	text = filter->problem[filter->n_problems++];
	va_start(ap, format);
	vsnprintfrr(text, ER_TEXT_LEN, format, ap);
	va_end(ap);
	if (*near) {
		strlcat(text, "; near it: ", ER_TEXT_LEN);
		strlcat(text, near, ER_TEXT_LEN);
	}
}

static void add_unknown(struct compiler *c, enum er_catalogue_names which, const char *slug)
{
	char near[ER_TEXT_LEN];

	er_catalogue_near(c->catalogue, which, slug, near, sizeof(near));
	add_problem(c, near, "%s %s is not in the catalogue",
		    which == ER_NAMES_SERVICE ? "service" : "region", slug);
}

/* Global communities of the service, else those of all regions. */
static void add_service(struct compiler *c, const char *service)
{
	for (int regional = 0; regional < 2; regional++) {
		size_t before = c->filter->n;

		for (size_t i = 0; i < er_catalogue_count(c->catalogue); i++) {
			const struct er_catalogue_entry *e = er_catalogue_at(c->catalogue, i);

			if (er_entry_of_service(e, service) && (*e->region != '\0') == regional)
				add(c, e->community);
		}
		if (c->filter->n > before)
			return;
	}
	add_unknown(c, ER_NAMES_SERVICE, service);
}

static bool is_region(const struct er_catalogue_entry *entry)
{
	return entry->kind == ER_KIND_REGION || entry->kind == ER_KIND_PRIVATE_REGION;
}

/* Returns how many there are, of which at most `size` are written. */
static size_t region_communities(const struct er_catalogue *catalogue, const char *region,
				 er_community *community, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *e = er_catalogue_at(catalogue, i);

		if (!is_region(e) || !er_entry_of_region(e, region))
			continue;
		if (n < size)
			community[n] = e->community;
		n++;
	}
	return n;
}

static void add_region(struct compiler *c, const char *region)
{
	er_community community[ER_TARGET_COMMUNITIES];
	size_t n = region_communities(c->catalogue, region, community, array_size(community));

	for (size_t i = 0; i < MIN(n, array_size(community)); i++)
		add(c, community[i]);
	if (n)
		return;
	if (er_catalogue_has(c->catalogue, ER_NAMES_REGION, region))
		add_problem(c, "", "region %s has no community of its own in the catalogue",
			    region);
	else
		add_unknown(c, ER_NAMES_REGION, region);
}

static void add_service_in_region(struct compiler *c, const char *service, const char *region)
{
	size_t before = c->filter->n;
	bool global = false;

	for (size_t i = 0; i < er_catalogue_count(c->catalogue); i++) {
		const struct er_catalogue_entry *e = er_catalogue_at(c->catalogue, i);

		if (!er_entry_of_service(e, service))
			continue;
		if (er_entry_of_region(e, region))
			add(c, e->community);
		global = global || !*e->region;
	}
	if (c->filter->n > before)
		return;
	if (!er_catalogue_has(c->catalogue, ER_NAMES_SERVICE, service))
		add_unknown(c, ER_NAMES_SERVICE, service);
	else if (!er_catalogue_has(c->catalogue, ER_NAMES_REGION, region))
		add_unknown(c, ER_NAMES_REGION, region);
	else if (global)
		add_problem(c, "",
			    "service %s is global: it has no community of its own in region %s",
			    service, region);
	else
		add_problem(c, "", "service %s has no community in region %s", service, region);
}

static void add_community(struct compiler *c, const char *text)
{
	er_community community;
	char near[ER_TEXT_LEN];

	if (community_of(text, c->own, &community)) {
		add(c, community);
		return;
	}
	own_near(c->own, text, near, sizeof(near));
	add_problem(c, near,
		    "%s is neither a community, as in %u:5010, nor a configured name of one", text,
		    ER_MICROSOFT_AS);
}

static int community_cmp(const void *a, const void *b)
{
	const er_community *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Sorted, each once. */
static void tidy(struct er_filter *filter)
{
	size_t n = 0;

	if (filter->n)
		qsort(filter->community, filter->n, sizeof(*filter->community), community_cmp);
	for (size_t i = 0; i < filter->n; i++)
		if (!n || filter->community[n - 1] != filter->community[i])
			filter->community[n++] = filter->community[i];
	filter->n = n;
}

void er_filter_compile(const struct er_filter_config *config, const struct er_catalogue *catalogue,
		       const struct er_own_names *own, struct er_filter *filter)
{
	struct compiler c = { .catalogue = catalogue, .own = own, .filter = filter };

	memset(filter, 0, sizeof(*filter));
	for (size_t i = 0; i < config->n; i++) {
		const struct er_filter_item *item = &config->item[i];

		switch (item->type) {
		case ER_ITEM_SERVICE:
			add_service(&c, item->service);
			break;
		case ER_ITEM_REGION:
			add_region(&c, item->region);
			break;
		case ER_ITEM_SERVICE_IN_REGION:
			add_service_in_region(&c, item->service, item->region);
			break;
		case ER_ITEM_COMMUNITY:
			add_community(&c, item->service);
			break;
		}
	}
	tidy(filter);
}

void er_filter_fini(struct er_filter *filter)
{
	XFREE(MTYPE_ER_FILTER, filter->community);
	XFREE(MTYPE_ER_FILTER_PROBLEM, filter->problem);
	memset(filter, 0, sizeof(*filter));
}

size_t er_filter_added(const struct er_filter *was, const struct er_filter *now)
{
	size_t added = 0, w = 0;

	for (size_t i = 0; i < now->n; i++) {
		while (w < was->n && was->community[w] < now->community[i])
			w++;
		added += w == was->n || was->community[w] != now->community[i];
	}
	return added;
}

/* ------------------------------------------------------------------ *
 * regions
 * ------------------------------------------------------------------ */

/* Names that a target may mean: regions and the operator's own. */
static void target_near(const char *target, const struct er_catalogue *catalogue,
			const struct er_own_names *own, char *buf, size_t len)
{
	size_t regions = er_catalogue_names(catalogue, ER_NAMES_REGION, NULL, 0);
	size_t n = regions + (own ? own->n : 0);
	const char **name = XCALLOC(MTYPE_TMP, (n + 1) * sizeof(*name));

	er_catalogue_names(catalogue, ER_NAMES_REGION, name, regions);
	for (size_t i = regions; i < n; i++)
		name[i] = own->name[i - regions].name;
	er_names_near(name, n, target, buf, len);
	XFREE(MTYPE_TMP, name);
}

size_t er_region_target(const char *target, const struct er_catalogue *catalogue,
			const struct er_own_names *own,
			er_community community[ER_TARGET_COMMUNITIES], char *problem, size_t len)
{
	size_t n = region_communities(catalogue, target, community, ER_TARGET_COMMUNITIES);
	char near[ER_TEXT_LEN];

	problem[0] = '\0';
	if (n)
		return MIN(n, (size_t)ER_TARGET_COMMUNITIES);
	if (community_of(target, own, community))
		return 1;
	if (er_catalogue_has(catalogue, ER_NAMES_REGION, target)) {
		snprintf(problem, len, "region %s has no community of its own in the catalogue",
			 target);
		return 0;
	}
	target_near(target, catalogue, own, near, sizeof(near));
	snprintf(problem, len,
		 "%s is neither a region of the catalogue nor a community or a configured name of one%s%s",
		 target, *near ? "; near it: " : "", near);
	return 0;
}

uint32_t er_region_local_pref(const struct er_region_config *region, const char *circuit)
{
	for (size_t i = 0; i < region->n; i++)
		if (strcmp(region->circuit[i], circuit) == 0)
			return ER_LOCAL_PREF_REGION +
			       ER_LOCAL_PREF_STEP * (uint32_t)(region->n - i);
	return 0;
}
