// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link that ends on another router.
 */
#include <zebra.h>

#include "core/guard.h"
#include "core/limits.h"
#include "core/partner.h"
#include "core/plan.h"

bool er_partner_has(const struct er_pair_facts *f, enum er_role role)
{
	return er_plan_has_partner(f->config, f->peering, role, f->family);
}

bool er_partner_is_seen(const struct er_pair_facts *f, enum er_role role)
{
	return !f->bgpd_lost && er_partner_has(f, role) &&
	       !er_plan_is_shut(f->config, f->peering, role) &&
	       f->session[role]->state == ER_SESSION_ESTABLISHED;
}

static struct er_link_assessment unknown(enum er_reason reason)
{
	return (struct er_link_assessment){ .health = ER_LINK_UNKNOWN, .reason = reason };
}

/*
 * Of each prefix a router tells its iBGP neighbors one path, unless it is to tell
 * all: when ours is its best, it says nothing of its own.  A link that is as good
 * as ours is told of, a passive one need not be; nor is one of several circuits,
 * which a site-of-origin tells of, when another is better.
 */
static bool may_be_hidden(const struct er_pair_facts *f, enum er_role role)
{
	if (f->session[role]->partner.all_paths)
		return false;
	return f->config->site_of_origin[0] ||
	       (er_link_has_prefixes(f, !role) && er_plan_is_passive(f->config, role));
}

static struct er_link_assessment assess_without_routes(const struct er_pair_facts *f,
						       enum er_role role)
{
	if (f->fresh[role])
		return unknown(ER_REASON_PARTNER_UNSEEN);
	if (f->session[role]->partner.unclear)
		return unknown(ER_REASON_PARTNER_UNCLEAR);
	if (f->session[role]->partner.unmarked)
		return unknown(ER_REASON_PARTNER_UNMARKED);
	if (may_be_hidden(f, role))
		return unknown(ER_REASON_PARTNER_HIDDEN);
	return (struct er_link_assessment){ .health = ER_LINK_DOWN, .reason = ER_REASON_PARTNER };
}

struct er_link_assessment er_partner_assess(const struct er_pair_facts *f, enum er_role role)
{
	if (f->bgpd_lost)
		return unknown(ER_REASON_BGPD_LOST);
	if (!er_partner_is_seen(f, role))
		return unknown(ER_REASON_PARTNER_UNSEEN);
	if (!er_link_has_prefixes(f, role))
		return assess_without_routes(f, role);
	if (er_link_is_drained(f, role))
		return (struct er_link_assessment){ .health = ER_LINK_DRAINED,
						    .reason = ER_REASON_DRAINED };
	return (struct er_link_assessment){ .health = ER_LINK_UP };
}

static bool is_within(unsigned int value, unsigned int first, unsigned int last)
{
	return first <= value && value <= last;
}

/* Microsoft marks all that it sends on Microsoft peering; nothing else of its own there. */
static enum er_peering_type peering_of(er_community community)
{
	unsigned int value = community & 0xffff;

	if (community >> 16 != ER_MICROSOFT_AS)
		return ER_PEERING_TYPES;
	if (is_within(value, ER_COMMUNITY_SERVICE_FIRST, ER_COMMUNITY_SERVICE_LAST) ||
	    is_within(value, ER_COMMUNITY_REGION_FIRST, ER_COMMUNITY_REGION_LAST))
		return ER_MICROSOFT;
	return ER_PRIVATE;
}

enum er_peering_type er_partner_peering(const struct prefix *prefix, const er_community *community,
					size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum er_peering_type peering = peering_of(community[i]);

		if (peering != ER_PEERING_TYPES)
			return peering;
	}
	if (er_guard_prefix(ER_MICROSOFT, prefix) != ER_RULE_NONE)
		return ER_PRIVATE;
	return ER_PEERING_TYPES;
}

bool er_partner_is_own_drained(const struct er_pair_facts *f, enum er_role role)
{
	uint64_t drained = f->session[role]->partner.own_drained;

	return er_partner_has(f, role) && er_link_has_prefixes(f, role) && drained > 0 &&
	       drained * ER_DRAIN_QUORUM >= f->session[role]->accepted;
}

/* ER_SITE_EQUAL and ER_SITE_BACKUP, over the active link and the passive one. */
static bool is_drained_site(uint32_t local_pref)
{
	uint32_t healthy = local_pref + ER_LOCAL_PREF_SITE_DRAINED;

	return healthy == ER_LOCAL_PREF_SITE_EQUAL ||
	       healthy == ER_LOCAL_PREF_SITE_EQUAL - ER_LOCAL_PREF_SITE_PASSIVE ||
	       healthy == ER_LOCAL_PREF_SITE_BACKUP ||
	       healthy == ER_LOCAL_PREF_SITE_BACKUP - ER_LOCAL_PREF_SITE_PASSIVE;
}

bool er_partner_drains(uint32_t local_pref, bool drained, bool of_site)
{
	if (of_site && is_drained_site(local_pref))
		return true;
	return local_pref == (drained ? ER_LOCAL_PREF_BOTH_DRAINED : ER_LOCAL_PREF_OWN_DRAINED);
}

/* A region-preference lifts what carries its community, on both routers. */
bool er_partner_disagrees(const struct er_session_spec *spec, uint32_t local_pref, bool drained)
{
	if (er_partner_drains(local_pref, drained, false))
		return false;
	if (drained)
		return local_pref != spec->local_pref_drained;
	return local_pref != spec->local_pref && local_pref < ER_LOCAL_PREF_REGION;
}
