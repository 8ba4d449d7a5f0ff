// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose a route is, and whether that one may send it.
 */
#include <zebra.h>

#include "lib/memory.h"

#include "core/limits.h"
#include "core/mgroup.h"
#include "core/site.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_SITES, "ExpressRoute sites");

/* Whom an AS belongs to; sorted by AS, then site. */
struct owner {
	uint32_t as;
	size_t site;
};

struct site {
	struct er_site_config *config;
	bool heard; /* on the circuit that asks */
};

struct er_sites {
	struct site *site;
	size_t n;
	struct owner *owner;
	size_t n_owners;
	bool refuse_undeclared;
};

/*
 * Paths.
 */
bool er_as_is_microsofts(uint32_t as)
{
	return as == ER_MICROSOFT_AS ||
	       as - ER_MICROSOFT_RESERVED_FIRST <=
		       ER_MICROSOFT_RESERVED_LAST - ER_MICROSOFT_RESERVED_FIRST;
}

struct er_path_origin er_path_origin(const struct er_path *path, uint32_t own_as)
{
	struct er_path_origin origin = {};

	for (unsigned int s = 0; s < path->n; s++) {
		const struct er_segment *segment = &path->segment[s];

		for (unsigned int i = 0; i < segment->n; i++) {
			uint32_t as = segment->as[i];

			origin.own |= own_as && as == own_as;
			if (!er_as_is_microsofts(as))
				origin.as = as;
		}
	}
	return origin;
}

/*
 * Sites.
 */
static void *copy(const void *from, size_t size)
{
	return size ? memcpy(XMALLOC(MTYPE_ER_SITES, size), from, size) : NULL;
}

struct er_site_config *er_site_config_copy(const struct er_site_config *from)
{
	struct er_site_config *config = copy(from, sizeof(*from));

	config->as = copy(from->as, from->n_as * sizeof(*from->as));
	config->prefix = copy(from->prefix, from->n_prefixes * sizeof(*from->prefix));
	config->circuit = copy(from->circuit, from->n_circuits * sizeof(*from->circuit));
	return config;
}

void er_site_config_free(struct er_site_config **config)
{
	if (!*config)
		return;
	XFREE(MTYPE_ER_SITES, (*config)->as);
	XFREE(MTYPE_ER_SITES, (*config)->prefix);
	XFREE(MTYPE_ER_SITES, (*config)->circuit);
	XFREE(MTYPE_ER_SITES, *config);
}

bool er_site_may_be_heard(const struct er_site_config *config, const char *circuit)
{
	for (size_t i = 0; i < config->n_circuits; i++)
		if (strmatch(config->circuit[i], circuit))
			return true;
	return !config->n_circuits;
}

int er_site_prefix_of(const struct er_site_config *config, const struct prefix *prefix)
{
	int longest = -1;

	for (size_t i = 0; i < config->n_prefixes; i++) {
		const struct prefix *outer = &config->prefix[i];

		if (outer->family != prefix->family || !prefix_match(outer, prefix))
			continue;
		if (longest < 0 || outer->prefixlen > config->prefix[longest].prefixlen)
			longest = i;
	}
	return longest;
}

uint32_t er_site_local_pref(const struct er_site_config *config, bool passive)
{
	uint32_t less = passive ? ER_LOCAL_PREF_SITE_PASSIVE : 0;

	switch (config->preference) {
	case ER_SITE_EQUAL:
		return ER_LOCAL_PREF_SITE_EQUAL - less;
	case ER_SITE_BACKUP:
		return ER_LOCAL_PREF_SITE_BACKUP - less;
	case ER_SITE_PREFER:
	case ER_SITE_PREFERENCES:
		break;
	}
	return 0;
}

static int owner_cmp(const void *a, const void *b)
{
	const struct owner *oa = a, *ob = b;

	return numcmp(oa->as, ob->as) ?: numcmp(oa->site, ob->site);
}

static void add_owners(struct er_sites *sites)
{
	size_t n = 0;

	for (size_t i = 0; i < sites->n; i++)
		n += sites->site[i].config->n_as;
	if (!n)
		return;
	sites->owner = XCALLOC(MTYPE_ER_SITES, n * sizeof(*sites->owner));
	for (size_t i = 0; i < sites->n; i++)
		for (size_t j = 0; j < sites->site[i].config->n_as; j++)
			sites->owner[sites->n_owners++] =
				(struct owner){ sites->site[i].config->as[j], i };
	qsort(sites->owner, n, sizeof(*sites->owner), owner_cmp);
}

struct er_sites *er_sites_new(const struct er_site_config *const *config, size_t n,
			      const char *circuit, bool refuse_undeclared)
{
	struct er_sites *sites = XCALLOC(MTYPE_ER_SITES, sizeof(*sites));

	sites->refuse_undeclared = refuse_undeclared;
	sites->n = n;
	if (n)
		sites->site = XCALLOC(MTYPE_ER_SITES, n * sizeof(*sites->site));
	for (size_t i = 0; i < n; i++) {
		sites->site[i].config = er_site_config_copy(config[i]);
		sites->site[i].heard = er_site_may_be_heard(config[i], circuit);
	}
	add_owners(sites);
	return sites;
}

void er_sites_free(struct er_sites **sites)
{
	if (!*sites)
		return;
	for (size_t i = 0; i < (*sites)->n; i++)
		er_site_config_free(&(*sites)->site[i].config);
	XFREE(MTYPE_ER_SITES, (*sites)->site);
	XFREE(MTYPE_ER_SITES, (*sites)->owner);
	XFREE(MTYPE_ER_SITES, *sites);
}

size_t er_sites_count(const struct er_sites *sites)
{
	return sites->n;
}

const struct er_site_config *er_sites_get(const struct er_sites *sites, size_t site)
{
	return sites->site[site].config;
}

bool er_sites_is_heard(const struct er_sites *sites, size_t site)
{
	return sites->site[site].heard;
}

/*
 * Whose?  An AS may be that of several sites: then it is the one that has the
 * longest prefix around the route; else one that may send any; else the first.
 */
struct search {
	const struct prefix *prefix;
	bool found;
	size_t site;
	int length; /* of its prefix; -1: it may send any, -2: not this one */
};

static void try(const struct er_sites *sites, size_t site, struct search *search)
{
	const struct er_site_config *config = sites->site[site].config;
	int at = er_site_prefix_of(config, search->prefix);
	int length = at >= 0 ? config->prefix[at].prefixlen : config->n_prefixes ? -2 : -1;

	if (search->found && search->length >= length)
		return;
	search->found = true;
	search->site = site;
	search->length = length;
}

static void search_owners(const struct er_sites *sites, uint32_t as, struct search *search)
{
	size_t low = 0, high = sites->n_owners;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sites->owner[middle].as < as)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < sites->n_owners && sites->owner[low].as == as; low++)
		try(sites, sites->owner[low].site, search);
}

/* Of those with our own AS, only one that has the prefix. */
static void search_same_as(const struct er_sites *sites, struct search *search)
{
	for (size_t i = 0; i < sites->n; i++)
		if (sites->site[i].config->same_as &&
		    er_site_prefix_of(sites->site[i].config, search->prefix) >= 0)
			try(sites, i, search);
}

enum er_origin er_site_classify(const struct er_sites *sites, const struct er_path_origin *path,
				const struct prefix *prefix, size_t *site)
{
	struct search search = { .prefix = prefix };

	*site = 0;
	if (path->own)
		search_same_as(sites, &search);
	else if (!path->as)
		return ER_ORIGIN_AZURE;
	else
		search_owners(sites, path->as, &search);
	*site = search.site;
	if (search.found)
		return ER_ORIGIN_SITE;
	return path->own ? ER_ORIGIN_REFLECTED : ER_ORIGIN_UNDECLARED;
}

static bool may_send(const struct site *site, const struct prefix *prefix)
{
	if (!site->heard || !prefix->prefixlen)
		return false;
	return !site->config->n_prefixes || er_site_prefix_of(site->config, prefix) >= 0;
}

enum er_rule er_site_judge(const struct er_sites *sites, const struct er_path_origin *path,
			   const struct prefix *prefix, enum er_origin *origin, size_t *site)
{
	*origin = er_site_classify(sites, path, prefix, site);
	switch (*origin) {
	case ER_ORIGIN_REFLECTED:
		return ER_RULE_OWN_AS;
	case ER_ORIGIN_SITE:
		return may_send(&sites->site[*site], prefix) ? ER_RULE_NONE : ER_RULE_SITE_PREFIX;
	case ER_ORIGIN_UNDECLARED:
		return sites->refuse_undeclared ? ER_RULE_UNDECLARED_SITE : ER_RULE_NONE;
	case ER_ORIGIN_AZURE:
	case ER_ORIGINS:
		break;
	}
	return ER_RULE_NONE;
}
