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

#include "core/audit.h"
#include "core/guard.h"
#include "core/limits.h"
#include "core/plan.h"
#include "core/text.h"

#define DAY_S INT64_C(86400)

/*
 * Findings
 */
static void found(struct er_finding *f, enum er_found verdict, const char *advice, const char *fmt,
		  ...) PRINTFRR(4, 5);

static void found(struct er_finding *f, enum er_found verdict, const char *advice, const char *fmt,
		  ...)
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

/* What passes, and what is not applicable, needs no advice. */
#define PASSED(f, ...)	found(f, ER_FOUND_PASS, "", __VA_ARGS__)
#define NOTHING(f, ...) found(f, ER_FOUND_NOT_APPLICABLE, "", __VA_ARGS__)

/*
 * Looking at the peerings of a circuit
 */
#define FOREACH_PAIR(p, f)                                                                        \
	for (enum er_peering_type p = ER_PRIVATE; p < ER_PEERING_TYPES; p++)                      \
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)

#define FOREACH_ROLE(r) for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)

static bool pair_runs(const struct er_audit_pair *pair)
{
	return pair->link[ER_PRIMARY].runs || pair->link[ER_SECONDARY].runs;
}

static bool both_run(const struct er_audit_pair *pair)
{
	return pair->link[ER_PRIMARY].runs && pair->link[ER_SECONDARY].runs;
}

static bool is_seen(const struct er_audit_pair *pair)
{
	return pair->known && pair_runs(pair);
}

static bool both_established(const struct er_audit_pair *pair)
{
	return is_seen(pair) && both_run(pair) && pair->link[ER_PRIMARY].established &&
	       pair->link[ER_SECONDARY].established;
}

static unsigned int count_established(const struct er_audit_facts *facts)
{
	unsigned int n = 0;

	FOREACH_PAIR(p, f)
	FOREACH_ROLE(r)
	n += is_seen(&facts->pair[p][f]) && facts->pair[p][f].link[r].established;
	return n;
}

static bool peering_runs(const struct er_audit_facts *facts, enum er_peering_type p)
{
	return pair_runs(&facts->pair[p][ER_IPV4]) || pair_runs(&facts->pair[p][ER_IPV6]);
}

/* Why a rule about sessions has found nothing. */
static void nothing_established(const struct er_audit_facts *facts, struct er_finding *finding)
{
	FOREACH_PAIR(p, f)
	{
		if (pair_runs(&facts->pair[p][f]) && !facts->pair[p][f].known) {
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
		found(finding, ER_FOUND_WARN,
		      "Order a second circuit at another peering location; if it ends on another router, this rule is met there.",
		      "no other circuit ends on this router; one that ends on another router cannot be seen");
	else if (!here[0])
		found(finding, ER_FOUND_WARN, "Configure 'peering-location' of each circuit.",
		      "its peering-location is not configured");
	else if (others->elsewhere[0])
		PASSED(finding, "%.100s; circuit %s is at %.80s", here, others->elsewhere,
		       others->location);
	else if (others->unplaced)
		found(finding, ER_FOUND_WARN, "Configure 'peering-location' of each circuit.",
		      "of %u other %s the peering-location is not configured", others->unplaced,
		      others->unplaced == 1 ? "circuit" : "circuits");
	else
		found(finding, ER_FOUND_FAIL, "Order a circuit at another peering location.",
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
			found(finding, ER_FOUND_FAIL,
			      "Give each link an interface of its own, better on a router of its own.",
			      PLACE_FMT ": both links run over one interface", PLACE(p, f));
		else if (pair->unprotected == ER_SINGLE_ROUTER)
			found(finding, ER_FOUND_WARN, "End the two links on two routers.",
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
		PASSED(finding, "both links are used");
	else
		found(finding, ER_FOUND_WARN,
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
		found(finding, ER_FOUND_FAIL,
		      "Enable 'bfd' (of an attached session: on the neighbor): without it a dead link is noticed when the hold time ends.",
		      PLACE_FMT " %s: the session runs without BFD", PLACE(p, f), er_role_str(r));
	else if (state == ER_BFD_UP)
		return;
	else
		found(finding, ER_FOUND_FAIL,
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
		found(finding, ER_FOUND_WARN,
		      "Configure 'metrics port N' and have it scraped, or watch syslog or the notifications.",
		      "no metrics are served; who reads syslog or notifications cannot be seen");
}

static void notice(const struct er_audit_facts *facts, struct er_finding *finding)
{
	NOTHING(finding,
		"alerts of Azure about maintenance cannot be seen from a router; rule maintenance tells of links that are drained");
}

/*
 * ERC-7 and the other rules about the VPN backup
 */
static bool has_vpn(const struct er_audit_facts *facts, struct er_finding *finding)
{
	if (!facts->vpn.config)
		NOTHING(finding, "no VPN backup backs its private peering");
	else if (facts->vpn.config->shutdown)
		NOTHING(finding, "VPN backup %s is shut down", facts->vpn.config->name);
	return facts->vpn.config && !facts->vpn.config->shutdown;
}

static void vpn_family(const struct er_audit_facts *facts, struct er_finding *finding,
		       enum er_family f)
{
	const struct er_audit_vpn *vpn = &facts->vpn;

	if (!vpn->family[f].configured)
		found(finding, ER_FOUND_WARN, "Give a gateway of the backup this family, too.",
		      "VPN backup %s has no gateway in %s", vpn->config->name, er_family_str(f));
	else if (!vpn->known)
		NOTHING(finding, "not known: bgpd has not told of the VPN's sessions");
	else if (!vpn->family[f].available)
		found(finding, ER_FOUND_FAIL,
		      "Repair the tunnel or its gateways: 'show expressroute vpn-backup' has the reasons.",
		      "VPN backup %s cannot carry %s: %.140s", vpn->config->name, er_family_str(f),
		      vpn->family[f].reason);
	else
		PASSED(finding, "VPN backup %s can carry traffic", vpn->config->name);
}

static void vpn(const struct er_audit_facts *facts, struct er_finding *finding)
{
	if (!peering_runs(facts, ER_PRIVATE)) {
		NOTHING(finding, "it has no private peering, and a VPN backs nothing else");
		return;
	}
	if (!facts->vpn.config || facts->vpn.config->shutdown) {
		found(finding, ER_FOUND_WARN, "Configure a 'vpn-backup' that backs this circuit.",
		      "%s%s%s", facts->vpn.config ? "VPN backup " : "no VPN backup",
		      facts->vpn.config ? facts->vpn.config->name : "",
		      facts->vpn.config ? " is shut down" : " backs its private peering");
		return;
	}
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
		if (pair_runs(&facts->pair[ER_PRIVATE][f]))
			vpn_family(facts, finding, f);
}

/* Its routes in a family: they can be told of. */
static bool vpn_routes_known(const struct er_audit_vpn *vpn, enum er_family f)
{
	return vpn->known && vpn->family[f].configured && vpn->family[f].available;
}

static void vpn_coverage(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_vpn *vpn = &facts->vpn;
	const char *advice = "Have the VPN's gateways announce them, or add 'prefix'.";

	if (!has_vpn(facts, finding))
		return;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		const struct er_vpn_rib_facts *rib = &vpn->family[f].rib;

		if (!vpn_routes_known(vpn, f) || !rib->expressroute)
			continue;
		if (!rib->uncovered)
			PASSED(finding,
			       "every prefix of ExpressRoute has a path over VPN backup %s",
			       vpn->config->name);
		else
			found(finding,
			      rib->uncovered < rib->expressroute ? ER_FOUND_WARN : ER_FOUND_FAIL,
			      advice,
			      "%u of %u %s %s of ExpressRoute have no path over VPN backup %s",
			      rib->uncovered, rib->expressroute, er_family_str(f),
			      er_prefixes(rib->expressroute), vpn->config->name);
	}
	NOTHING(finding,
		"nothing to compare: no prefix of ExpressRoute, or the VPN is not available");
}

static void vpn_more_specifics(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_vpn *vpn = &facts->vpn;

	if (!has_vpn(facts, finding))
		return;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		const struct er_vpn_rib_facts *rib = &vpn->family[f].rib;
		uint32_t taken = rib->more_specific - MIN(rib->suppressed, rib->more_specific);

		/* while it is active they are meant to go there */
		if (!vpn_routes_known(vpn, f) || vpn->family[f].active)
			continue;
		if (taken)
			found(finding, ER_FOUND_FAIL,
			      "Use 'more-specifics suppress', or announce the same prefixes on both sides.",
			      "%u %s %s over VPN backup %s: more specific than ExpressRoute's, traffic goes there",
			      taken, er_family_str(f), er_prefixes(taken), vpn->config->name);
		else if (rib->suppressed)
			PASSED(finding, "%u more specific %s over VPN backup %s: suppressed",
			       rib->suppressed, er_prefixes(rib->suppressed), vpn->config->name);
		else
			PASSED(finding, "nothing over VPN backup %s is more specific",
			       vpn->config->name);
	}
	NOTHING(finding, "VPN backup %s is active, or not available", vpn->config->name);
}

static int64_t days_since(const struct er_audit_facts *facts, int64_t wall_s)
{
	return MAX(facts->now_wall - wall_s, 0) / DAY_S;
}

/* What has become of one after that; "" when that was the last. */
static const char *since_passed(const struct er_test_report *test, char *buf, size_t len)
{
	buf[0] = '\0';
	if (test->result == ER_TEST_ABORTED || test->result == ER_TEST_REFUSED)
		snprintf(buf, len, "; a later one was %s: %.80s", er_test_result_str(test->result),
			 test->reason);
	else if (test->result == ER_TEST_RUNNING)
		strlcpy(buf, "; one is running", len);
	return buf;
}

static void vpn_test(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const char *advice = "Run 'expressroute failover-test NAME'.";
	const struct er_test_report *test = &facts->vpn.test;
	const struct er_vpn_config *config = facts->vpn.config;
	char later[ER_TEXT_LEN];

	if (!has_vpn(facts, finding))
		return;
	if (test->result == ER_TEST_FAILED)
		found(finding, ER_FOUND_FAIL,
		      "'show expressroute vpn-backup NAME test' tells what was lost; test again when it is repaired.",
		      "the last failover test of %s, %" PRId64 " days ago, failed: %.120s",
		      config->name, days_since(facts, test->began_wall), test->reason);
	else if (!facts->vpn.test_is_due && !test->passed_wall)
		NOTHING(finding, "test-interval of VPN backup %s is 0, and no test has passed",
			config->name);
	else if (!facts->vpn.test_is_due)
		PASSED(finding, "a failover test of %s passed %" PRId64 " days ago%s",
		       config->name, days_since(facts, test->passed_wall),
		       since_passed(test, later, sizeof(later)));
	else if (!test->passed_wall || test->passed_wall > facts->now_wall)
		found(finding, ER_FOUND_WARN, advice,
		      "no failover test of %s has passed yet: a backup that is not tested fails silently",
		      config->name);
	else
		found(finding, ER_FOUND_WARN, advice,
		      "the last failover test of %s that passed is %" PRId64
		      " days old, more than test-interval %u",
		      config->name, days_since(facts, test->passed_wall),
		      config->test_max_age_days);
}

static void vpn_pinning(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_vpn_config *config = facts->vpn.config;

	if (!has_vpn(facts, finding))
		return;
	if (!facts->others.microsoft_peering) {
		NOTHING(finding, "without Microsoft peering nothing can take the tunnel in");
		return;
	}
	if (config->pin == ER_PIN_NONE) {
		found(finding, ER_FOUND_WARN,
		      "Configure 'pin', unless the VPN is meant to run over Microsoft peering.",
		      "gateways of %s are not pinned: a route of Microsoft peering may take the tunnel into ExpressRoute",
		      config->name);
		return;
	}
	FOREACH_ROLE(r)
	if (config->gateway[r].configured && !config->gateway[r].shutdown &&
	    !config->gateway[r].address[0])
		found(finding, ER_FOUND_WARN, "Configure the gateway's 'address'.",
		      "gateway %u of %s has no address: nothing of it is pinned", r, config->name);
	PASSED(finding, "gateways of %s are pinned by %s", config->name,
	       er_pin_mode_str(config->pin));
}

/*
 * Sessions
 */
static void link_session(const struct er_audit_facts *facts, struct er_finding *finding,
			 enum er_peering_type p, enum er_family f, enum er_role r)
{
	const struct er_audit_link *link = &facts->pair[p][f].link[r];

	if (link->runs && !link->established)
		found(finding, ER_FOUND_FAIL,
		      "'show expressroute circuit' has the reason; the availability SLA holds only with both sessions.",
		      PLACE_FMT ": the session of %s is not established", PLACE(p, f),
		      er_role_str(r));
	else if (!link->runs && er_plan_is_shut(facts->config, p, r))
		found(finding, ER_FOUND_FAIL,
		      "Take its 'shutdown' away: the availability SLA holds only with both sessions.",
		      PLACE_FMT ": %s is shut down", PLACE(p, f), er_role_str(r));
	else if (!link->runs && link->partner)
		found(finding, ER_FOUND_WARN, "Look at iBGP with the partner.",
		      PLACE_FMT ": the partner that ends %s is not seen", PLACE(p, f),
		      er_role_str(r));
	else if (!link->runs)
		found(finding, ER_FOUND_WARN,
		      "Configure the link here; if it ends on another router, look there.",
		      PLACE_FMT ": %s is not configured here, its session cannot be seen",
		      PLACE(p, f), er_role_str(r));
}

static void sessions(const struct er_audit_facts *facts, struct er_finding *finding)
{
	unsigned int n = count_established(facts);

	FOREACH_PAIR(p, f)
	FOREACH_ROLE(r)
	if (is_seen(&facts->pair[p][f]))
		link_session(facts, finding, p, f, r);
	if (n)
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
		found(finding, ER_FOUND_FAIL,
		      "Microsoft asks for a keepalive of 3 s and a hold time of 10 s at least; use BFD for speed.",
		      "%s: keepalive %u s, hold %u s", er_peering_type_str(p), config->keepalive,
		      config->hold);
	else if (!config->bfd.enabled && (!config->hold || config->hold >= ER_MSEE_HOLD_S))
		found(finding, ER_FOUND_WARN, "Enable 'bfd', or configure shorter 'timers'.",
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
		if (peering_runs(facts, p))
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
			found(finding, ER_FOUND_WARN,
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
			found(finding, ER_FOUND_FAIL,
			      "Microsoft never drains both links of a circuit: ask its support.",
			      PLACE_FMT ": both links are drained", PLACE(p, f));
		else if (drained[ER_PRIMARY] || drained[ER_SECONDARY])
			found(finding, ER_FOUND_WARN,
			      "Nothing to do but to wait: until it ends, one path is left.",
			      PLACE_FMT ": Microsoft drains %s", PLACE(p, f),
			      er_role_str(drained[ER_PRIMARY] ? ER_PRIMARY : ER_SECONDARY));
	}
	if (count_established(facts))
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
			found(finding, ER_FOUND_FAIL,
			      "'show expressroute circuit NAME parity' names what differs.",
			      PLACE_FMT ": the links do not carry the same prefixes or paths",
			      PLACE(p, f));
		else
			PASSED(finding, "both links carry the same prefixes");
	}
	NOTHING(finding, "nothing to compare: no peering has two established sessions here");
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
		found(finding, ER_FOUND_WARN, advice, PLACE_FMT ": %s %u of %u %s", PLACE(p, f),
		      er_direction_str(d), limit->count, limit->limit, er_prefixes(limit->limit));
		break;
	case ER_LIMIT_FULL:
		found(finding, ER_FOUND_FAIL, advice, PLACE_FMT ": %s %u of %u %s, %u held back",
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
	if (!any || !count_established(facts))
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
			found(finding, ER_FOUND_WARN, "Configure 'advertise'.",
			      PLACE_FMT ": nothing is to be advertised, so Microsoft cannot answer",
			      PLACE(p, f));
		else if (pair->advertises_nothing)
			found(finding, ER_FOUND_FAIL,
			      "Network or redistribute its prefixes; 'show expressroute' says what keeps them back.",
			      PLACE_FMT ": none of its prefixes is advertised", PLACE(p, f));
	}
	if (count_established(facts))
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

	if (!peering_runs(facts, ER_MICROSOFT)) {
		NOTHING(finding, "it has no Microsoft peering");
		return;
	}
	n = count_refused(config, ER_RULE_DEFAULT_ROUTE, &first);
	if (!n)
		n = count_refused(config, ER_RULE_PRIVATE_SPACE, &first);
	if (n)
		found(finding, ER_FOUND_FAIL,
		      "Advertise public space that you own, and have what is private translated to it.",
		      "%pFX is to be advertised on Microsoft peering: it is refused", &first);
	else
		PASSED(finding,
		       "private space and the default route are refused on Microsoft peering; whether NAT is done cannot be seen");
}

static void default_route(const struct er_audit_facts *facts, struct er_finding *finding)
{
	struct prefix first;

	if (!peering_runs(facts, ER_PRIVATE))
		NOTHING(finding, "it has no private peering");
	else if (count_refused(&facts->config->peering[ER_PRIVATE], ER_RULE_DEFAULT_ROUTE, &first))
		found(finding, ER_FOUND_WARN,
		      "Leave it out, unless all of the VNets' traffic to the internet is to come here.",
		      "%pFX is advertised on private peering: it takes the VNets' own way to the internet",
		      &first);
	else
		PASSED(finding, "its 'advertise' prefixes have no default route");
}

static void route_filter(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const char *filter = facts->config->peering[ER_MICROSOFT].route_filter;

	if (!peering_runs(facts, ER_MICROSOFT))
		NOTHING(finding, "it has no Microsoft peering");
	else if (filter[0])
		PASSED(finding, "route-filter %s; the one in Azure cannot be seen", filter);
	else
		found(finding, ER_FOUND_FAIL, "Give Microsoft peering a 'route-filter'.",
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
		found(finding, ER_FOUND_FAIL,
		      "Look in Azure whether the connection is there, and at the other site.",
		      "%s is not seen: %.160s", reach->worst, reach->reason);
	else if (reach->differing)
		found(finding, ER_FOUND_WARN, advice,
		      "%s: the links do not carry the same prefixes of its sites", reach->worst);
	else if (reach->incomplete)
		found(finding, ER_FOUND_WARN, advice,
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
		found(finding, ER_FOUND_FAIL,
		      "Find out why the site announces more, or raise its 'maximum-prefixes'.",
		      "site %s is at its maximum-prefixes", reach->limited);
	else if (reach->near)
		found(finding, ER_FOUND_WARN,
		      "Find out why the site announces more, or raise its 'maximum-prefixes'.",
		      "site %s is near its maximum-prefixes", reach->limited);
	else if (reach->unlimited)
		found(finding, ER_FOUND_WARN, "Give each site 'maximum-prefixes'.",
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
		found(finding, ER_FOUND_FAIL,
		      "Declare the site, or say 'undeclared-sites refuse' or 'accept'.",
		      "%u %s of undeclared sites accepted, as nothing says otherwise",
		      reach->undeclared, er_prefixes(reach->undeclared));
	if (reach->refused || reach->undeclared_refused)
		found(finding, ER_FOUND_WARN,
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
	[ER_AUDIT_VPN] = vpn,
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
	[ER_AUDIT_VPN_COVERAGE] = vpn_coverage,
	[ER_AUDIT_VPN_MORE_SPECIFICS] = vpn_more_specifics,
	[ER_AUDIT_VPN_TEST] = vpn_test,
	[ER_AUDIT_VPN_PINNING] = vpn_pinning,
	[ER_AUDIT_GLOBAL_REACH] = global_reach,
	[ER_AUDIT_SITE_LIMITS] = site_limits,
	[ER_AUDIT_SITE_ROUTES] = site_routes,
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
	return facts->config->shutdown ||
	       (!peering_runs(facts, ER_PRIVATE) && !peering_runs(facts, ER_MICROSOFT));
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
