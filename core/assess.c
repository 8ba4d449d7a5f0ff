// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts -> health of links, redundancy and qualities of a peering.
 */
#include <zebra.h>

#include "core/assess.h"
#include "core/limits.h"
#include "core/partner.h"
#include "core/plan.h"

static enum er_role twin_of(enum er_role role)
{
	return role == ER_PRIMARY ? ER_SECONDARY : ER_PRIMARY;
}

static uint64_t prefixes_present(const struct er_pair_facts *f, enum er_role role)
{
	if (er_partner_has(f, role))
		return f->session[role]->accepted;
	return (uint64_t)f->rib->both + f->rib->only[role];
}

static uint64_t prefixes_drained(const struct er_pair_facts *f, enum er_role role)
{
	return er_partner_has(f, role) ? f->session[role]->partner.drained : f->rib->drained[role];
}

static bool link_runs(const struct er_pair_facts *f, enum er_role role)
{
	return er_plan_runs(f->config, f->peering, role, f->family);
}

bool er_link_is_established(const struct er_pair_facts *f, enum er_role role)
{
	return !f->bgpd_lost && er_plan_runs_here(f->config, f->peering, role, f->family) &&
	       f->session[role]->state == ER_SESSION_ESTABLISHED;
}

bool er_link_has_prefixes(const struct er_pair_facts *f, enum er_role role)
{
	return (er_link_is_established(f, role) || er_partner_is_seen(f, role)) &&
	       prefixes_present(f, role) > 0;
}

bool er_link_is_drained(const struct er_pair_facts *f, enum er_role role)
{
	uint64_t drained = prefixes_drained(f, role);

	return er_link_has_prefixes(f, role) && drained > 0 &&
	       drained * ER_DRAIN_QUORUM >= prefixes_present(f, role);
}

static bool both_established(const struct er_pair_facts *f)
{
	return er_link_is_established(f, ER_PRIMARY) && er_link_is_established(f, ER_SECONDARY);
}

bool er_links_differ(const struct er_pair_facts *f)
{
	const struct er_rib_facts *rib = f->rib;

	return both_established(f) &&
	       (rib->only[ER_PRIMARY] || rib->only[ER_SECONDARY] || rib->path_differs ||
		rib->out_only[ER_PRIMARY] || rib->out_only[ER_SECONDARY]);
}

bool er_links_agree(const struct er_pair_facts *f)
{
	return both_established(f) && !er_links_differ(f) && f->rib->both > 0;
}

/*
 * The session's own count and the RIB's presence are reported one after the
 * other: a link is empty when both say so.
 */
static bool carries_prefixes(const struct er_pair_facts *f, enum er_role role)
{
	return (er_link_is_established(f, role) || er_partner_is_seen(f, role)) &&
	       (f->session[role]->accepted > 0 || prefixes_present(f, role) > 0);
}

static struct er_link_assessment verdict(enum er_health health, enum er_reason reason)
{
	return (struct er_link_assessment){ .health = health, .reason = reason };
}

/* The link runs no session: why? */
static struct er_link_assessment assess_inactive(const struct er_pair_facts *f, enum er_role role)
{
	if (er_plan_is_shut(f->config, f->peering, role))
		return verdict(ER_LINK_INACTIVE, ER_REASON_SHUTDOWN);
	return verdict(ER_LINK_INACTIVE, ER_REASON_UNCONFIGURED);
}

static struct er_link_assessment assess_established(const struct er_pair_facts *f,
						    enum er_role role)
{
	if (f->flapping[role])
		return verdict(ER_LINK_HELD, ER_REASON_HELD);
	if (!carries_prefixes(f, role) && (f->fresh[role] || carries_prefixes(f, twin_of(role))))
		return verdict(ER_LINK_IDLE, ER_REASON_IDLE);
	if (er_link_is_drained(f, role))
		return verdict(ER_LINK_DRAINED, ER_REASON_DRAINED);
	return verdict(ER_LINK_UP, ER_REASON_NONE);
}

static bool interface_is_unfit(const struct er_interface_facts *i)
{
	switch (i->state) {
	case ER_IF_UNCONFIGURED: /* routing finds the way */
	case ER_IF_UP:
		return false;
	case ER_IF_MISSING:
	case ER_IF_DOWN:
	case ER_IF_WRONG_VRF:
		return true;
	}
	return false;
}

/* The first that applies. */
static struct er_link_assessment assess_link(const struct er_pair_facts *f, enum er_role role)
{
	const struct er_interface_facts *interface = f->interface[role];
	const struct er_session_facts *session = f->session[role];

	if (!link_runs(f, role))
		return assess_inactive(f, role);
	if (er_partner_has(f, role))
		return er_partner_assess(f, role);
	if (f->bgpd_lost)
		return verdict(ER_LINK_DOWN, ER_REASON_BGPD_LOST);
	if (interface_is_unfit(interface))
		return verdict(ER_LINK_DOWN, ER_REASON_INTERFACE);
	if (session->state == ER_SESSION_ESTABLISHED)
		return assess_established(f, role);
	if (interface->state == ER_IF_UP && !interface->address_present[f->family])
		return verdict(ER_LINK_DOWN, ER_REASON_ADDRESS);
	if (session->state == ER_SESSION_ABSENT)
		return verdict(ER_LINK_DOWN, ER_REASON_ABSENT);
	return verdict(ER_LINK_DOWN, ER_REASON_SESSION);
}

static bool is_own_drained(const struct er_pair_facts *f, enum er_role role)
{
	return f->own_drained[role] || er_partner_is_own_drained(f, role);
}

/* No fault, but not healthy either. */
static void assess_own_drain(const struct er_pair_facts *f, enum er_role role,
			     struct er_link_assessment *link)
{
	if (!is_own_drained(f, role) || link->reason == ER_REASON_UNCONFIGURED ||
	    link->reason == ER_REASON_BGPD_LOST)
		return;
	if (link->health == ER_LINK_UP)
		link->health = ER_LINK_DRAINED;
	link->reason = ER_REASON_OWN_DRAINED;
}

static enum er_redundancy assess_redundancy(const struct er_pair_facts *f,
					    const struct er_link_assessment link[ER_ROLES])
{
	unsigned int up = 0, passable = 0;

	if (!link_runs(f, ER_PRIMARY) && !link_runs(f, ER_SECONDARY))
		return ER_INACTIVE;

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		up += link[r].health == ER_LINK_UP;
		passable += link[r].health >= ER_LINK_IDLE;
	}
	if (up == ER_ROLES)
		return ER_REDUNDANT;
	return passable ? ER_DEGRADED : ER_DOWN;
}

/* Most severe first is the order of enum er_reason; the primary's on a tie. */
static void assess_reason(struct er_assessment *a)
{
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		enum er_reason reason = a->link[r].reason;

		if (reason == ER_REASON_NONE)
			continue;
		if (a->reason == ER_REASON_NONE || reason < a->reason) {
			a->reason = reason;
			a->culprit = r;
		}
	}
}

/* A partner is another router, but only while it is seen it is known to be there. */
static enum er_unprotected assess_unprotected(const struct er_pair_facts *f,
					      const struct er_link_assessment assessed[ER_ROLES])
{
	const struct er_link_config *link = f->config->peering[f->peering].link;
	uint32_t port = f->interface[ER_PRIMARY]->port_ifindex;

	if (!link_runs(f, ER_PRIMARY) || !link_runs(f, ER_SECONDARY))
		return ER_PROTECTED;
	for (enum er_role r = 0; r < ER_ROLES; r++)
		if (er_partner_has(f, r))
			return assessed[r].health == ER_LINK_UNKNOWN ? ER_PROTECTION_UNKNOWN
								     : ER_PROTECTED;
	if (port != 0 && port == f->interface[ER_SECONDARY]->port_ifindex)
		return ER_SINGLE_INTERFACE;
	if (link[ER_PRIMARY].ifname[0] &&
	    strmatch(link[ER_PRIMARY].ifname, link[ER_SECONDARY].ifname))
		return ER_SINGLE_INTERFACE;
	return ER_SINGLE_ROUTER;
}

static bool advertises_by_plan(const struct er_pair_facts *f)
{
	const struct er_peering_config *peering = &f->config->peering[f->peering];
	int family = f->family == ER_IPV4 ? AF_INET : AF_INET6;

	if (peering->advertise_list[f->family][0])
		return true;
	for (size_t i = 0; i < peering->n_advertise; i++)
		if (peering->advertise[i].family == family)
			return true;
	return false;
}

bool er_advertises_nothing(const struct er_pair_facts *f)
{
	bool established = false;

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		if (!er_link_is_established(f, r))
			continue;
		if (f->fresh[r] || f->session[r]->advertised)
			return false;
		established = true;
	}
	return established && !f->rib->held && advertises_by_plan(f);
}

void er_assess_limits(const struct er_pair_facts *f, struct er_limit_view limit[ER_DIRECTIONS])
{
	struct er_limit_view *out = &limit[ER_ADVERTISED], *in = &limit[ER_RECEIVED];
	bool held = false;

	memset(limit, 0, sizeof(*limit) * ER_DIRECTIONS);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		if (!er_link_is_established(f, r))
			continue;
		out->count = MAX(out->count, f->session[r]->advertised);
		in->count = MAX(in->count, f->session[r]->accepted);
		held = f->rib->held > 0;
	}
	out->limit = er_plan_limit(f->config, f->peering, f->family);
	in->limit = er_limit(f->config->sku, f->peering, f->family, ER_RECEIVED);
	for (enum er_direction d = 0; d < ER_DIRECTIONS; d++)
		limit[d].level = er_limit_level(limit[d].count, limit[d].limit);
	/*
	 * The sessions' counts and the RIB's facts are reported one after the
	 * other; only what would be advertised is held back, and only when as
	 * many as may be are admitted.
	 */
	if (held && out->limit) {
		out->level = ER_LIMIT_FULL;
		out->count = MAX(out->count, out->limit);
	}
}

void er_assess(const struct er_pair_facts *f, struct er_assessment *a)
{
	memset(a, 0, sizeof(*a));
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		a->link[r] = assess_link(f, r);
		a->link[r].drained = er_link_is_drained(f, r);
		assess_own_drain(f, r, &a->link[r]);
		a->drained |= a->link[r].drained;
		a->flapping |= link_runs(f, r) && f->flapping[r];
	}
	a->redundancy = assess_redundancy(f, a->link);
	assess_reason(a);
	a->asymmetric = f->parity_settled && er_links_differ(f);
	a->unprotected = assess_unprotected(f, a->link);
}
