// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts of one circuit -> a verdict for each rule: pure.
 *
 * Each rule looks at all that it is about and keeps the worst it finds, and the
 * first of equals.  What is not known (no contact with bgpd) is left out: a rule
 * that finds nothing else is not applicable.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/audit_rules.h"
#include "core/guard.h"
#include "core/limits.h"
#include "core/plan.h"
#include "core/text.h"

#define DAY_S INT64_C(86400)

/*
 * Findings
 */
void er_found(struct er_finding *f, enum er_found verdict, const char *advice, const char *fmt, ...)
{
	va_list ap;

	if (f->evidence[0] && verdict <= f->verdict)
		return;
	f->verdict = verdict;
	f->advice = advice;
	va_start(ap, fmt);
	vsnprintfrr(f->evidence, sizeof(f->evidence), fmt, ap);
	va_end(ap);
}

int64_t er_audit_days_since(const struct er_audit_facts *facts, int64_t wall_s)
{
	return MAX(facts->now_wall - wall_s, 0) / DAY_S;
}

/*
 * Looking at the peerings of a circuit
 */
bool er_audit_pair_runs(const struct er_audit_pair *pair)
{
	return pair->link[ER_PRIMARY].runs || pair->link[ER_SECONDARY].runs;
}

static bool both_run(const struct er_audit_pair *pair)
{
	return pair->link[ER_PRIMARY].runs && pair->link[ER_SECONDARY].runs;
}

static bool is_seen(const struct er_audit_pair *pair)
{
	return pair->known && er_audit_pair_runs(pair);
}

static bool both_established(const struct er_audit_pair *pair)
{
	return is_seen(pair) && both_run(pair) && pair->link[ER_PRIMARY].established &&
	       pair->link[ER_SECONDARY].established;
}

static unsigned int count_established(const struct er_audit_facts *facts, bool of_partners)
{
	unsigned int n = 0;

	FOREACH_PAIR(p, f)
	FOREACH_ROLE(r)
	n += is_seen(&facts->pair[p][f]) && facts->pair[p][f].link[r].established &&
	     facts->pair[p][f].link[r].partner == of_partners;
	return n;
}

static bool any_established(const struct er_audit_facts *facts)
{
	return count_established(facts, false) || count_established(facts, true);
}

bool er_audit_peering_runs(const struct er_audit_facts *facts, enum er_peering_type p)
{
	return er_audit_pair_runs(&facts->pair[p][ER_IPV4]) ||
	       er_audit_pair_runs(&facts->pair[p][ER_IPV6]);
}

/* Why a rule about sessions has found nothing. */
static void nothing_established(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	{
		if (er_audit_pair_runs(&facts->pair[p][f]) && !facts->pair[p][f].known) {
			NOTHING(finding, "not known: bgpd has not told of the sessions");
			return;
		}
	}
	NOTHING(finding, "no session is established");
}

#define PLACE_FMT   "%s %s"
#define PLACE(p, f) er_peering_type_str(p), er_family_str(f)

/*
 * ERC-1: two circuits at diverse locations
 */
static void locations(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_others *others = &facts->others;
	const char *here = facts->config->peering_location;

	if (!others->n)
		er_found(finding, ER_FOUND_WARN,
			 "Order a second circuit at another peering location; if it ends on another router, this rule is met there.",
			 "no other circuit ends on this router; one that ends on another router cannot be seen");
	else if (!here[0])
		er_found(finding, ER_FOUND_WARN, "Configure 'peering-location' of each circuit.",
			 "its peering-location is not configured");
	else if (others->elsewhere[0])
		PASSED(finding, "%.100s; circuit %s is at %.80s", here, others->elsewhere,
		       others->location);
	else if (others->unplaced)
		er_found(finding, ER_FOUND_WARN, "Configure 'peering-location' of each circuit.",
			 "of %u other %s the peering-location is not configured", others->unplaced,
			 others->unplaced == 1 ? "circuit" : "circuits");
	else
		er_found(finding, ER_FOUND_FAIL, "Order a circuit at another peering location.",
			 "every circuit of this router is at %.100s", here);
}

/*
 * ERC-2: two edge devices
 */
static void edges(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	{
		const struct er_audit_pair *pair = &facts->pair[p][f];

		if (!both_run(pair))
			continue;
		if (pair->unprotected == ER_SINGLE_INTERFACE)
			er_found(finding, ER_FOUND_FAIL,
				 "Give each link an interface of its own, better on a router of its own.",
				 PLACE_FMT ": both links run over one interface", PLACE(p, f));
		else if (pair->unprotected == ER_SINGLE_ROUTER)
			er_found(finding, ER_FOUND_WARN, "End the two links on two routers.",
				 PLACE_FMT ": both links end on this router", PLACE(p, f));
		else
			PASSED(finding, PLACE_FMT ": the links end on two routers", PLACE(p, f));
	}
	NOTHING(finding,
		"only one link ends on this router: where the other one ends cannot be seen from here");
}

/*
 * ERC-3: active-active
 */
static void active_active(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_circuit_config *config = facts->config;
	bool both = false;

	FOREACH_PAIR(p, f)
	both |= both_run(&facts->pair[p][f]);
	if (!both)
		NOTHING(finding, "only one link is used on this router");
	else if (config->mode == ER_ACTIVE_ACTIVE)
		PASSED(finding, "active-active");
	else
		er_found(finding, ER_FOUND_WARN,
			 "Use 'redundancy active-active', unless something behind this router cannot bear two ways.",
			 "active-passive: %s carries nothing while %s works",
			 er_role_str(config->active == ER_PRIMARY ? ER_SECONDARY : ER_PRIMARY),
			 er_role_str(config->active));
}

/*
 * ERC-4: BFD
 */
static void link_bfd(struct er_finding *finding, enum er_peering_type p, enum er_family f,
		     enum er_role r, enum er_bfd_state state)
{
	if (state == ER_BFD_DISABLED)
		er_found(finding, ER_FOUND_FAIL,
			 "Enable 'bfd' (of an attached session: on the neighbor): without it a dead link is noticed when the hold time ends.",
			 PLACE_FMT " %s: the session runs without BFD", PLACE(p, f),
			 er_role_str(r));
	else if (state == ER_BFD_UP)
		return;
	else
		er_found(finding, ER_FOUND_FAIL,
			 "Look with 'show bfd peers'; BFD has to be on at Microsoft's side, too.",
			 PLACE_FMT " %s: the session is established, BFD is %s", PLACE(p, f),
			 er_role_str(r), er_bfd_state_str(state));
}

static void bfd(const struct er_audit_facts *facts, struct er_finding *finding)
{
	unsigned int n = 0;

	FOREACH_PAIR(p, f)
	{
		const struct er_audit_pair *pair = &facts->pair[p][f];

		FOREACH_ROLE(r)
		{
			if (!is_seen(pair) || !pair->link[r].established ||
			    pair->link[r].bfd == ER_BFD_UNKNOWN)
				continue;
			n++;
			link_bfd(finding, p, f, r, pair->link[r].bfd);
		}
	}
	if (n)
		PASSED(finding, "BFD is up on %u of %u established %s", n, n,
		       n == 1 ? "session" : "sessions");
	else
		nothing_established(facts, finding);
}

/*
 * ERC-5 and ERC-6
 */
static void monitoring(const struct er_audit_facts *facts, struct er_finding *finding)
{
	if (facts->outside.metrics_port)
		PASSED(finding, "metrics port %u is configured; who reads it cannot be seen",
		       facts->outside.metrics_port);
	else
		er_found(finding, ER_FOUND_WARN,
			 "Configure 'metrics port N' and have it scraped, or watch syslog or the notifications.",
			 "no metrics are served; who reads syslog or notifications cannot be seen");
}

static void notice(const struct er_audit_facts *facts, struct er_finding *finding)
{
	NOTHING(finding,
		"alerts of Azure about maintenance cannot be seen from a router; rule maintenance tells of links that are drained");
}

/*
 * Sessions
 */
static void link_session(const struct er_audit_facts *facts, struct er_finding *finding,
			 enum er_peering_type p, enum er_family f, enum er_role r)
{
	const struct er_audit_link *link = &facts->pair[p][f].link[r];

	if (link->runs && !link->established && link->partner)
		er_found(finding, ER_FOUND_FAIL,
			 "Look on the partner, with 'show expressroute': its session, its filters, and what it sends here.",
			 PLACE_FMT ": the partner that ends %s shows no route of Microsoft's",
			 PLACE(p, f), er_role_str(r));
	else if (link->runs && !link->established)
		er_found(finding, ER_FOUND_FAIL,
			 "'show expressroute circuit' has the reason; the availability SLA holds only with both sessions.",
			 PLACE_FMT ": the session of %s is not established", PLACE(p, f),
			 er_role_str(r));
	else if (!link->runs && er_plan_is_shut(facts->config, p, r))
		er_found(finding, ER_FOUND_FAIL,
			 "Take its 'shutdown' away: the availability SLA holds only with both sessions.",
			 PLACE_FMT ": %s is shut down", PLACE(p, f), er_role_str(r));
	else if (!link->runs && link->partner)
		er_found(finding, ER_FOUND_WARN, "Look at iBGP with the partner.",
			 PLACE_FMT ": the partner that ends %s is not seen", PLACE(p, f),
			 er_role_str(r));
	else if (!link->runs)
		er_found(finding, ER_FOUND_WARN,
			 "Configure the link here; if it ends on another router, look there.",
			 PLACE_FMT ": %s is not configured here, its session cannot be seen",
			 PLACE(p, f), er_role_str(r));
}

static void sessions(const struct er_audit_facts *facts, struct er_finding *finding)
{
	unsigned int n = count_established(facts, false), partners = count_established(facts, true);

	FOREACH_PAIR(p, f)
	FOREACH_ROLE(r)
	if (is_seen(&facts->pair[p][f]))
		link_session(facts, finding, p, f, r);
	if (partners)
		PASSED(finding,
		       "%u of %u sessions of this router are established, and the partner shows routes of Microsoft's",
		       n, n);
	else if (n)
		PASSED(finding, "%u of %u sessions are established", n, n);
	else
		nothing_established(facts, finding);
}

static void peering_timers(struct er_finding *finding, enum er_peering_type p,
			   const struct er_peering_config *config)
{
	if (config->session == ER_ATTACHED)
		NOTHING(finding, "%s: timers of an attached session stand on its neighbor",
			er_peering_type_str(p));
	else if (config->hold &&
		 (config->keepalive < ER_KEEPALIVE_MIN_S || config->hold < ER_HOLD_MIN_S))
		er_found(finding, ER_FOUND_FAIL,
			 "Microsoft asks for a keepalive of 3 s and a hold time of 10 s at least; use BFD for speed.",
			 "%s: keepalive %u s, hold %u s", er_peering_type_str(p),
			 config->keepalive, config->hold);
	else if (!config->bfd.enabled && (!config->hold || config->hold >= ER_MSEE_HOLD_S))
		er_found(finding, ER_FOUND_WARN, "Enable 'bfd', or configure shorter 'timers'.",
			 "%s: without BFD a dead link may be noticed after %u s only",
			 er_peering_type_str(p), ER_MSEE_HOLD_S);
	else if (config->hold)
		PASSED(finding, "%s: keepalive %u s, hold %u s", er_peering_type_str(p),
		       config->keepalive, config->hold);
	else
		PASSED(finding, "%s: bgpd's own, and BFD is configured", er_peering_type_str(p));
}

static void timers(const struct er_audit_facts *facts, struct er_finding *finding)
{
	for (enum er_peering_type p = ER_PRIVATE; p < ER_PEERING_TYPES; p++)
		if (er_audit_peering_runs(facts, p))
			peering_timers(finding, p, &facts->config->peering[p]);
}

static void stability(const struct er_audit_facts *facts, struct er_finding *finding)
{
	bool any = false;

	FOREACH_PAIR(p, f)
	FOREACH_ROLE(r)
	{
		const struct er_audit_pair *pair = &facts->pair[p][f];

		if (!is_seen(pair) || !pair->link[r].runs)
			continue;
		any = true;
		if (pair->link[r].flapping)
			er_found(finding, ER_FOUND_WARN,
				 "Find out with the provider why the session is lost again and again.",
				 PLACE_FMT ": %s flaps", PLACE(p, f), er_role_str(r));
	}
	if (any)
		PASSED(finding, "no link flaps");
	else
		nothing_established(facts, finding);
}

static void maintenance(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	{
		const struct er_audit_link *link = facts->pair[p][f].link;
		bool drained[ER_ROLES];

		FOREACH_ROLE(r)
		drained[r] = is_seen(&facts->pair[p][f]) && link[r].established && link[r].drained;
		if (drained[ER_PRIMARY] && drained[ER_SECONDARY])
			er_found(finding, ER_FOUND_FAIL,
				 "Microsoft never drains both links of a circuit: ask its support.",
				 PLACE_FMT ": both links are drained", PLACE(p, f));
		else if (drained[ER_PRIMARY] || drained[ER_SECONDARY])
			er_found(finding, ER_FOUND_WARN,
				 "Nothing to do but to wait: until it ends, one path is left.",
				 PLACE_FMT ": Microsoft drains %s", PLACE(p, f),
				 er_role_str(drained[ER_PRIMARY] ? ER_PRIMARY : ER_SECONDARY));
		FOREACH_ROLE(r)
		if (link[r].runs && link[r].own_drained)
			er_found(finding, ER_FOUND_WARN,
				 "When the work is done: 'expressroute undrain circuit NAME'.",
				 PLACE_FMT ": %s is drained by the operator", PLACE(p, f),
				 er_role_str(r));
	}
	if (any_established(facts))
		PASSED(finding, "no link is drained");
	else
		nothing_established(facts, finding);
}

static void same_routes(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	{
		const struct er_audit_link *link = facts->pair[p][f].link;

		if (!both_established(&facts->pair[p][f]) || link[ER_PRIMARY].partner ||
		    link[ER_SECONDARY].partner)
			continue;
		if (facts->pair[p][f].asymmetric)
			er_found(finding, ER_FOUND_FAIL,
				 "'show expressroute circuit NAME parity' names what differs.",
				 PLACE_FMT ": the links do not carry the same prefixes or paths",
				 PLACE(p, f));
		else
			PASSED(finding, "both links carry the same prefixes");
	}
	NOTHING(finding, "nothing to compare: no peering has two established sessions here");
}

/*
 * Standing by for a preferred circuit
 */
#define DRAIN_PREFERRED                                                                           \
	"Drain the preferred circuit once, at a quiet time: 'expressroute drain circuit NAME'."

static void standby_pair(const struct er_audit_facts *facts, struct er_finding *finding,
			 enum er_peering_type p, enum er_family f)
{
	const struct er_standby_view *view = &facts->pair[p][f].standby;

	if (view->carries)
		PASSED(finding, PLACE_FMT ": it carries in place of %s", PLACE(p, f),
		       view->circuit);
	else if (!view->healthy)
		er_found(finding, ER_FOUND_FAIL,
			 "Repair its links: 'show expressroute' tells what is wrong.",
			 PLACE_FMT ": it cannot stand in for %s: %.140s", PLACE(p, f),
			 view->circuit, view->reason);
	else if (!view->ready)
		er_found(finding, ER_FOUND_WARN,
			 "'show expressroute circuit NAME' names the prefixes: have them offered on both circuits, if they are to back each other.",
			 PLACE_FMT ": standby for %s: %.140s", PLACE(p, f), view->circuit,
			 view->reason);
	else if (!view->carried_wall)
		er_found(finding, ER_FOUND_WARN, DRAIN_PREFERRED,
			 PLACE_FMT ": ready to stand in for %s, but it has not been seen to do so",
			 PLACE(p, f), view->circuit);
	else if (facts->config->test_max_age_days &&
		 er_audit_days_since(facts, view->carried_wall) >= facts->config->test_max_age_days)
		er_found(finding, ER_FOUND_WARN, DRAIN_PREFERRED,
			 PLACE_FMT ": ready to stand in for %s, but it did so last %" PRId64
				   " days ago, test-interval is %u",
			 PLACE(p, f), view->circuit, er_audit_days_since(facts, view->carried_wall),
			 facts->config->test_max_age_days);
	else
		PASSED(finding,
		       PLACE_FMT ": ready to stand in for %s, as it did last %" PRId64 " days ago",
		       PLACE(p, f), view->circuit, er_audit_days_since(facts, view->carried_wall));
}

static void standby(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	if (facts->pair[p][f].known && facts->pair[p][f].standby.circuit[0])
		standby_pair(facts, finding, p, f);
	NOTHING(finding, "it stands by for no other circuit of this router");
}

/*
 * Prefixes
 */
static void direction_limit(struct er_finding *finding, enum er_peering_type p, enum er_family f,
			    enum er_direction d, const struct er_audit_pair *pair)
{
	const struct er_limit_view *limit = &pair->limit[d];
	const char *advice =
		"Aggregate, or have the SKU raised: Microsoft ends a session with more prefixes than it takes.";

	switch (limit->level) {
	case ER_LIMIT_OK:
		break;
	case ER_LIMIT_WARNING:
	case ER_LIMIT_CRITICAL:
		er_found(finding, ER_FOUND_WARN, advice, PLACE_FMT ": %s %u of %u %s", PLACE(p, f),
			 er_direction_str(d), limit->count, limit->limit,
			 er_prefixes(limit->limit));
		break;
	case ER_LIMIT_FULL:
		er_found(finding, ER_FOUND_FAIL, advice, PLACE_FMT ": %s %u of %u %s, %u held back",
			 PLACE(p, f), er_direction_str(d), limit->count, limit->limit,
			 er_prefixes(limit->limit), d == ER_ADVERTISED ? pair->held : 0);
		break;
	}
}

static void limits(const struct er_audit_facts *facts, struct er_finding *finding)
{
	bool any = false;

	FOREACH_PAIR(p, f)
	{
		const struct er_audit_pair *pair = &facts->pair[p][f];

		if (!is_seen(pair))
			continue;
		for (enum er_direction d = ER_ADVERTISED; d < ER_DIRECTIONS; d++) {
			any |= pair->limit[d].limit > 0;
			direction_limit(finding, p, f, d, pair);
		}
	}
	if (!any || !any_established(facts))
		nothing_established(facts, finding);
	else
		PASSED(finding, "less than %u %% of every limit", ER_LIMIT_WARNING_PERCENT);
}

static bool has_set(const struct er_peering_config *config, enum er_family f)
{
	int family = f == ER_IPV4 ? AF_INET : AF_INET6;

	for (size_t i = 0; i < config->n_advertise; i++)
		if (config->advertise[i].family == family)
			return true;
	return config->advertise_list[f][0];
}

static void advertisement(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	{
		const struct er_audit_pair *pair = &facts->pair[p][f];

		if (!is_seen(pair))
			continue;
		if (!has_set(&facts->config->peering[p], f))
			er_found(finding, ER_FOUND_WARN, "Configure 'advertise'.",
				 PLACE_FMT
				 ": nothing is to be advertised, so Microsoft cannot answer",
				 PLACE(p, f));
		else if (pair->advertises_nothing)
			er_found(finding, ER_FOUND_FAIL,
				 "'network' its prefixes under 'router bgp' and have a route to each ('ip route PREFIX Null0'), or redistribute them; 'show expressroute' says what keeps them back.",
				 PLACE_FMT ": none of its prefixes is advertised", PLACE(p, f));
	}
	if (any_established(facts))
		PASSED(finding, "each peering that is established has something to advertise");
	else
		nothing_established(facts, finding);
}

/* Prefixes of the set that the guard refuses by this rule on this peering, or would on another. */
static uint32_t count_refused(const struct er_peering_config *config, enum er_rule rule,
			      struct prefix *first)
{
	uint32_t n = 0;

	for (size_t i = 0; i < config->n_advertise; i++) {
		/* Microsoft peering is the one that is guarded */
		if (er_guard_prefix(ER_MICROSOFT, &config->advertise[i]) != rule)
			continue;
		if (!n++)
			*first = config->advertise[i];
	}
	return n;
}

static void public_space(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_peering_config *config = &facts->config->peering[ER_MICROSOFT];
	struct prefix first;
	uint32_t n;

	if (!er_audit_peering_runs(facts, ER_MICROSOFT)) {
		NOTHING(finding, "it has no Microsoft peering");
		return;
	}
	n = count_refused(config, ER_RULE_DEFAULT_ROUTE, &first);
	if (!n)
		n = count_refused(config, ER_RULE_PRIVATE_SPACE, &first);
	if (n)
		er_found(finding, ER_FOUND_FAIL,
			 "Advertise public space that you own, and have what is private translated to it.",
			 "%pFX is to be advertised on Microsoft peering: it is refused", &first);
	else
		PASSED(finding,
		       "private space and the default route are refused on Microsoft peering; whether NAT is done cannot be seen");
}

static void default_route(const struct er_audit_facts *facts, struct er_finding *finding)
{
	struct prefix first;

	if (!er_audit_peering_runs(facts, ER_PRIVATE))
		NOTHING(finding, "it has no private peering");
	else if (count_refused(&facts->config->peering[ER_PRIVATE], ER_RULE_DEFAULT_ROUTE, &first))
		er_found(finding, ER_FOUND_WARN,
			 "Leave it out, unless all of the VNets' traffic to the internet is to come here.",
			 "%pFX is advertised on private peering: it takes the VNets' own way to the internet",
			 &first);
	else
		PASSED(finding, "its 'advertise' prefixes have no default route");
}

static void route_filter(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const char *filter = facts->config->peering[ER_MICROSOFT].route_filter;

	if (!er_audit_peering_runs(facts, ER_MICROSOFT))
		NOTHING(finding, "it has no Microsoft peering");
	else if (filter[0])
		PASSED(finding, "route-filter %s; the one in Azure cannot be seen", filter);
	else
		er_found(finding, ER_FOUND_FAIL, "Give Microsoft peering a 'route-filter'.",
			 "Microsoft peering has no route-filter, so nothing is accepted");
}

/*
 * Global Reach
 */
static bool has_joints(const struct er_audit_facts *facts, struct er_finding *finding)
{
	if (!facts->reach.joints)
		NOTHING(finding,
			"no Global Reach connection of it is watched, or bgpd has not told");
	return facts->reach.joints;
}

static void global_reach(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_reach *reach = &facts->reach;
	const char *advice = "'show expressroute global-reach' names what is missing.";

	if (!has_joints(facts, finding))
		return;
	if (reach->unseen)
		er_found(finding, ER_FOUND_FAIL,
			 "Look in Azure whether the connection is there, and at the other site.",
			 "%s is not seen: %.160s", reach->worst, reach->reason);
	else if (reach->differing)
		er_found(finding, ER_FOUND_WARN, advice,
			 "%s: the links do not carry the same prefixes of its sites", reach->worst);
	else if (reach->incomplete)
		er_found(finding, ER_FOUND_WARN, advice,
			 "%s: its sites do not announce all that they are to", reach->worst);
	else
		PASSED(finding, "%u of %u established", reach->joints, reach->joints);
}

static void site_limits(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_reach *reach = &facts->reach;

	if (!has_joints(facts, finding))
		return;
	if (!reach->sites)
		NOTHING(finding, "no site is declared behind its Global Reach connections");
	else if (reach->full)
		er_found(finding, ER_FOUND_FAIL,
			 "Find out why the site announces more, or raise its 'maximum-prefixes'.",
			 "site %s is at its maximum-prefixes", reach->limited);
	else if (reach->near)
		er_found(finding, ER_FOUND_WARN,
			 "Find out why the site announces more, or raise its 'maximum-prefixes'.",
			 "site %s is near its maximum-prefixes", reach->limited);
	else if (reach->unlimited)
		er_found(finding, ER_FOUND_WARN, "Give each site 'maximum-prefixes'.",
			 "%u of %u sites have no maximum-prefixes, as %s", reach->unlimited,
			 reach->sites, reach->limited);
	else
		PASSED(finding, "%u of %u sites have maximum-prefixes", reach->sites, reach->sites);
}

static void site_routes(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_reach *reach = &facts->reach;

	if (!has_joints(facts, finding))
		return;
	if (reach->undeclared && reach->mode != ER_UNDECLARED_ACCEPT)
		er_found(finding, ER_FOUND_FAIL,
			 "Declare the site, or say 'undeclared-sites refuse' or 'accept'.",
			 "%u %s of undeclared sites accepted, as nothing says otherwise",
			 reach->undeclared, er_prefixes(reach->undeclared));
	if (reach->refused || reach->undeclared_refused)
		er_found(finding, ER_FOUND_WARN,
			 "'show expressroute site' names some: correct the site, or its declaration.",
			 "%u %s of sites refused, %u of undeclared ones", reach->refused,
			 er_prefixes(reach->refused), reach->undeclared_refused);
	PASSED(finding, "sites announce what is theirs");
}

/*
 * The rules
 */
static void (*const rules[ER_AUDIT_RULES])(const struct er_audit_facts *facts,
					   struct er_finding *finding) = {
	[ER_AUDIT_LOCATIONS] = locations,
	[ER_AUDIT_EDGES] = edges,
	[ER_AUDIT_ACTIVE_ACTIVE] = active_active,
	[ER_AUDIT_BFD] = bfd,
	[ER_AUDIT_MONITORING] = monitoring,
	[ER_AUDIT_NOTICE] = notice,
	[ER_AUDIT_VPN] = er_audit_vpn_works,
	[ER_AUDIT_SESSIONS] = sessions,
	[ER_AUDIT_TIMERS] = timers,
	[ER_AUDIT_STABILITY] = stability,
	[ER_AUDIT_MAINTENANCE] = maintenance,
	[ER_AUDIT_SAME_ROUTES] = same_routes,
	[ER_AUDIT_LIMITS] = limits,
	[ER_AUDIT_ADVERTISEMENT] = advertisement,
	[ER_AUDIT_PUBLIC_SPACE] = public_space,
	[ER_AUDIT_DEFAULT_ROUTE] = default_route,
	[ER_AUDIT_ROUTE_FILTER] = route_filter,
	[ER_AUDIT_VPN_COVERAGE] = er_audit_vpn_covers,
	[ER_AUDIT_VPN_MORE_SPECIFICS] = er_audit_vpn_pulls,
	[ER_AUDIT_VPN_TEST] = er_audit_vpn_tested,
	[ER_AUDIT_VPN_PINNING] = er_audit_vpn_pinned,
	[ER_AUDIT_GLOBAL_REACH] = global_reach,
	[ER_AUDIT_SITE_LIMITS] = site_limits,
	[ER_AUDIT_SITE_ROUTES] = site_routes,
	[ER_AUDIT_STANDBY] = standby,
};

const char *er_audit_unseen(size_t i)
{
	static const char *const unseen[] = {
		"whether the gateway in Azure is zone-redundant",
		"weights and connections on the side of Azure",
		"where links and circuits end that are not configured on this router",
		"whether the two links share a cable, a duct or a device of the provider",
		"the route filter and the alerts that are configured in Azure",
		"whether Azure shows a Global Reach connection as connected",
		"whether NAT is done, and whether a public prefix is announced to the internet as well",
	};

	return i < array_size(unseen) ? unseen[i] : NULL;
}

/* Nothing of it runs here. */
static bool is_idle(const struct er_audit_facts *facts)
{
	return facts->config->shutdown || (!er_audit_peering_runs(facts, ER_PRIVATE) &&
					   !er_audit_peering_runs(facts, ER_MICROSOFT));
}

void er_audit(const struct er_audit_facts *facts, struct er_audit *audit)
{
	unsigned int applicable;

	memset(audit, 0, sizeof(*audit));
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++) {
		struct er_finding *finding = &audit->finding[rule];

		finding->advice = "";
		if (is_idle(facts))
			NOTHING(finding, "the circuit is shut down, or has no peering");
		else
			rules[rule](facts, finding);
		audit->n[finding->verdict]++;
	}
	applicable = ER_AUDIT_RULES - audit->n[ER_FOUND_NOT_APPLICABLE];
	audit->score = applicable ? (int)((200 * audit->n[ER_FOUND_PASS] +
					   100 * audit->n[ER_FOUND_WARN]) /
					  (2 * applicable))
				  : -1;
}
