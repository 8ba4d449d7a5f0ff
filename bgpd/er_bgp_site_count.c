// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each site has sent over a circuit, counted in the walks of er_bgp_count.c
 * and told to erouted where it has changed.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp_site.h"

/* Nobody's: Azure's, our own, or nothing has come over this link. */
#define NOBODY (-1)

void er_site_count_begin(struct er_bgp_peering *peering)
{
	struct er_bgp_sites *sites = peering->sites;

	for (size_t i = 0; i <= sites->n; i++) {
		memset(&sites->site[i].counting, 0, sizeof(sites->site[i].counting));
		if (sites->site[i].covered)
			memset(sites->site[i].covered, 0,
			       er_sites_get(sites->sites, i)->n_prefixes * sizeof(bool));
	}
}

static bool overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family && (prefix_match(a, b) || prefix_match(b, a));
}

static bool overlaps_any(const struct prefix *prefix, const struct prefix *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (overlaps(prefix, &all[i]))
			return true;
	return false;
}

static void note_overlap(struct er_site_facts *facts, const struct prefix *prefix)
{
	facts->overlaps++;
	if (facts->n_overlaps < ER_SITE_EXAMPLES)
		prefix_copy(&facts->overlap[facts->n_overlaps++], prefix);
}

/* A VNet's prefix that is a site's or a joint's as well; a default route overlaps with nothing. */
static void count_azure(struct er_bgp_sites *sites, const struct prefix *prefix)
{
	if (!prefix->prefixlen)
		return;
	for (size_t i = 0; i < sites->n; i++) {
		const struct er_site_config *config = er_sites_get(sites->sites, i);

		if (overlaps_any(prefix, config->prefix, config->n_prefixes))
			note_overlap(&sites->site[i].counting, prefix);
	}
	if (overlaps_any(prefix, sites->subnet, sites->n_subnets))
		note_overlap(&sites->site[sites->n].counting, prefix);
}

static void note_covered(struct er_bgp_sites *sites, size_t site, const struct prefix *prefix)
{
	const struct er_site_config *config = er_sites_get(sites->sites, site);

	for (size_t i = 0; i < config->n_prefixes; i++)
		if (config->prefix[i].family == prefix->family &&
		    prefix_match(&config->prefix[i], prefix))
			sites->site[site].covered[i] = true;
}

static void note_example(struct er_site_facts *facts, const struct prefix *prefix, uint32_t as,
			 enum er_rule rule)
{
	struct er_site_example *example = &facts->example[facts->n_examples];

	if (facts->n_examples == ER_SITE_EXAMPLES)
		return;
	prefix_copy(&example->prefix, prefix);
	example->as = as;
	example->rule = rule;
	facts->n_examples++;
}

/* None that has a name: it is on its way in, perhaps. */
static void count_refused(struct er_site_facts *facts, const struct prefix *prefix, uint32_t as,
			  enum er_rule rule)
{
	switch (rule) {
	case ER_RULE_NONE:
		return;
	case ER_RULE_SITE_PREFIX:
		facts->refused_prefix++;
		break;
	case ER_RULE_SITE_LIMIT:
		facts->refused_limit++;
		break;
	case ER_RULE_UNDECLARED_SITE:
		facts->refused_undeclared++;
		break;
	default:
		facts->refused_other++;
		break;
	}
	note_example(facts, prefix, as, rule);
}

static void count_accepted(struct er_bgp_sites *sites, size_t site, const struct prefix *prefix,
			   uint32_t as)
{
	if (site < sites->n)
		note_covered(sites, site, prefix);
	else
		note_example(&sites->site[site].counting, prefix, as, ER_RULE_NONE);
}

/* Of the same site over both links, once. */
static void count_both(struct er_bgp_sites *sites, size_t site, const struct prefix *prefix,
		       uint32_t as, const struct er_received received[ER_ROLES])
{
	struct er_site_facts *facts = &sites->site[site].counting;
	const struct er_received *primary = &received[ER_PRIMARY];
	const struct er_received *secondary = &received[ER_SECONDARY];

	/* with a partner each router has rules of its own, and tells of them */
	if ((!primary->accepted && !secondary->accepted) || primary->partner || secondary->partner)
		count_refused(facts, prefix, as, primary->rule ?: secondary->rule);
	if (!primary->accepted && !secondary->accepted)
		return;
	if (primary->accepted && secondary->accepted)
		facts->both++;
	else
		facts->only[primary->accepted ? ER_PRIMARY : ER_SECONDARY]++;
	count_accepted(sites, site, prefix, as);
}

static void count_one(struct er_bgp_sites *sites, size_t site, const struct prefix *prefix,
		      uint32_t as, enum er_role role, const struct er_received *received)
{
	struct er_site_facts *facts = &sites->site[site].counting;

	if (!received->accepted) {
		count_refused(facts, prefix, as, received->rule);
		return;
	}
	facts->only[role]++;
	count_accepted(sites, site, prefix, as);
}

static int site_of(const struct er_bgp_peering *peering, enum er_role role,
		   const struct prefix *prefix, const struct er_received *received, uint32_t *as)
{
	const struct aspath *path = received->attr->aspath;

	if (received->partner)
		return er_site_of_partners(peering, received->partner, prefix, path, as);
	return er_site_of(peering->session[role], prefix, path, as);
}

void er_site_count(struct er_bgp_peering *peering, struct bgp_dest *dest,
		   const struct er_received received[ER_ROLES])
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	struct er_bgp_sites *sites = peering->sites;
	int site[ER_ROLES] = { NOBODY, NOBODY };
	uint32_t as[ER_ROLES] = {};
	bool azure = false;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!received[role].attr)
			continue;
		site[role] = site_of(peering, role, prefix, &received[role], &as[role]);
		azure |= !as[role] && received[role].accepted;
	}
	if (azure)
		count_azure(sites, prefix);
	if (site[ER_PRIMARY] == site[ER_SECONDARY]) {
		if (site[ER_PRIMARY] != NOBODY)
			count_both(sites, site[ER_PRIMARY], prefix, as[ER_PRIMARY], received);
		return;
	}
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (site[role] != NOBODY)
			count_one(sites, site[role], prefix, as[role], role, &received[role]);
}

static void find_missing(const struct er_bgp_peering *peering, struct er_bgp_site *site,
			 const struct er_site_config *config)
{
	int family = peering->key.family == ER_IPV4 ? AF_INET : AF_INET6;
	struct er_site_facts *facts = &site->counting;

	for (size_t i = 0; i < config->n_prefixes; i++) {
		if (config->prefix[i].family != family || site->covered[i])
			continue;
		facts->missing++;
		if (facts->n_missing < ER_SITE_EXAMPLES)
			prefix_copy(&facts->missing_prefix[facts->n_missing++], &config->prefix[i]);
	}
}

/* One that was let in and never came to be stored, or is another's now, takes room. */
static bool has_ghosts(const struct er_bgp_peering *peering, const struct er_bgp_site *site)
{
	uint32_t accepted = site->counted.both;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (peering->session[role])
			accepted += site->counted.only[role];
	return site->admission && er_admission_admitted(site->admission) > accepted;
}

void er_site_count_done(struct er_bgp_peering *peering)
{
	struct er_bgp_sites *sites = peering->sites;
	bool ghosts = false;

	for (size_t i = 0; i <= sites->n; i++) {
		struct er_bgp_site *site = &sites->site[i];

		if (i < sites->n && er_sites_is_heard(sites->sites, i))
			find_missing(peering, site, er_sites_get(sites->sites, i));
		site->counted = site->counting;
		ghosts |= has_ghosts(peering, site);
	}
	sites->known = true;
	if (ghosts && er_count_is_current(peering))
		er_site_readmit(peering);
	er_site_say(peering, false);
}

static bool has_changed(const struct er_bgp_site *site)
{
	return !site->was_reported ||
	       memcmp(&site->counted, &site->reported, sizeof(site->counted));
}

static void say_one(const struct er_bgp_peering *peering, size_t i)
{
	struct er_bgp_sites *sites = peering->sites;
	struct er_bgp_site *site = &sites->site[i];
	struct er_wire_msg msg = { .type = ER_WIRE_SITE_STATE };

	msg.site_state.peering = peering->key;
	if (i < sites->n)
		strlcpy(msg.site_state.site, er_sites_get(sites->sites, i)->name,
			sizeof(msg.site_state.site));
	msg.site_state.facts = site->counted;
	er_channel_send(&msg);
	site->reported = site->counted;
	site->was_reported = true;
}

void er_site_say(struct er_bgp_peering *peering, bool always)
{
	struct er_bgp_sites *sites = peering->sites;
	bool any = always;

	if (!sites || !sites->known)
		return;
	for (size_t i = 0; i < sites->n; i++) {
		if (!always && !has_changed(&sites->site[i]))
			continue;
		/* where it may not be heard, only when it is */
		if (!er_sites_is_heard(sites->sites, i) &&
		    !memcmp(&sites->site[i].counted, &sites->site[i].reported,
			    sizeof(sites->site[i].counted)) &&
		    !sites->site[i].counted.n_examples)
			continue;
		say_one(peering, i);
		any = true;
	}
	if (any || has_changed(&sites->site[sites->n]))
		say_one(peering, sites->n);
}
