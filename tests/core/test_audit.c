// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit: each rule in each verdict that it has, and the score.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/audit.h"
#include "core/limits.h"
#include "core/text.h"
#include "tests/core/support.h"

#define DAY INT64_C(86400)

/*
 * Facts of a circuit with which all is well, in one world for each test.
 */
static struct world {
	struct er_audit_facts facts;
	struct er_circuit_config circuit;
	struct er_vpn_config vpn;
	struct prefix advertise[ER_PEERING_TYPES][2];
} world;

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	assert_true(str2prefix(text, &prefix));
	return prefix;
}

static void set_pair(struct er_audit_pair *pair)
{
	pair->known = true;
	pair->unprotected = ER_PROTECTED;
	for (enum er_role r = 0; r < ER_ROLES; r++)
		pair->link[r] = (struct er_audit_link){
			.runs = true,
			.established = true,
			.bfd = ER_BFD_UP,
		};
	for (enum er_direction d = 0; d < ER_DIRECTIONS; d++)
		pair->limit[d] = (struct er_limit_view){ .count = 10, .limit = 1000 };
}

static void set_peering(enum er_peering_type p, const char *advertised)
{
	struct er_peering_config *config = &world.circuit.peering[p];

	add_peering(&world.circuit, p, true, false, 1);
	config->bfd.enabled = true;
	world.advertise[p][0] = prefix_of(advertised);
	config->advertise = world.advertise[p];
	config->n_advertise = 1;
	set_pair(&world.facts.pair[p][ER_IPV4]);
}

static void set_vpn(void)
{
	struct er_audit_vpn *vpn = &world.facts.vpn;

	strlcpy(world.vpn.name, "azure", sizeof(world.vpn.name));
	world.vpn.test_max_age_days = 92;
	world.vpn.pin = ER_PIN_DEFAULT_ROUTE;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		world.vpn.gateway[r] = gateway_of(r, true, false);
		strlcpy(world.vpn.gateway[r].address, "203.0.113.1", ER_HOST_LEN);
	}
	vpn->config = &world.vpn;
	vpn->known = true;
	vpn->test.result = ER_TEST_PASSED;
	vpn->test.began_wall = vpn->test.passed_wall = WALL_START - 12 * DAY;
	vpn->family[ER_IPV4].configured = vpn->family[ER_IPV4].available = true;
	vpn->family[ER_IPV4].rib.expressroute = 10;
}

/* Private and Microsoft peering in IPv4, a VPN, a joint, another circuit. */
static void healthy(void)
{
	struct er_audit_facts *facts = &world.facts;

	memset(&world, 0, sizeof(world));
	facts->config = &world.circuit;
	facts->now_wall = WALL_START;
	strlcpy(world.circuit.name, "ams", sizeof(world.circuit.name));
	strlcpy(world.circuit.peering_location, "Amsterdam",
		sizeof(world.circuit.peering_location));
	set_peering(ER_PRIVATE, "10.1.0.0/16");
	set_peering(ER_MICROSOFT, "203.0.112.0/24");
	world.advertise[ER_MICROSOFT][0] = prefix_of("8.8.8.0/24");
	strlcpy(world.circuit.peering[ER_MICROSOFT].route_filter, "m365", ER_NAME_LEN);
	set_vpn();
	world.circuit.test_max_age_days = 92;
	facts->reach = (struct er_audit_reach){ .joints = 1, .sites = 2 };
	facts->others = (struct er_audit_others){
		.n = 1,
		.elsewhere = "fra",
		.location = "Frankfurt",
		.microsoft_peering = true,
	};
	facts->outside.metrics_port = 9342;
	facts->pair[ER_PRIVATE][ER_IPV4].standby = (struct er_standby_view){
		.circuit = "fra",
		.offered = 5,
		.healthy = true,
		.ready = true,
		.carried_wall = WALL_START - 30 * DAY,
	};
}

static struct er_audit audit_now(void)
{
	struct er_audit audit;

	er_audit(&world.facts, &audit);
	return audit;
}

static struct er_audit_pair *pair(enum er_peering_type p)
{
	return &world.facts.pair[p][ER_IPV4];
}

static struct er_audit_link *link_of(enum er_role r)
{
	return &pair(ER_PRIVATE)->link[r];
}

static struct er_peering_config *private(void)
{
	return &world.circuit.peering[ER_PRIVATE];
}

static void set_both(bool established)
{
	link_of(ER_PRIMARY)->established = link_of(ER_SECONDARY)->established = established;
	pair(ER_MICROSOFT)->link[ER_PRIMARY].established = established;
	pair(ER_MICROSOFT)->link[ER_SECONDARY].established = established;
}

/*
 * What is changed of it
 */
static void nothing(void)
{
}
static void no_other(void)
{
	world.facts.others = (struct er_audit_others){};
}
static void no_location(void)
{
	world.circuit.peering_location[0] = '\0';
}
static void other_without_location(void)
{
	world.facts.others.elsewhere[0] = '\0';
	world.facts.others.unplaced = 1;
}
static void one_location(void)
{
	world.facts.others.elsewhere[0] = '\0';
}
static void one_router(void)
{
	pair(ER_PRIVATE)->unprotected = ER_SINGLE_ROUTER;
}
static void one_interface(void)
{
	pair(ER_PRIVATE)->unprotected = ER_SINGLE_ROUTER;
	pair(ER_MICROSOFT)->unprotected = ER_SINGLE_INTERFACE;
}
static void primary_only(void)
{
	link_of(ER_SECONDARY)->runs = link_of(ER_SECONDARY)->established = false;
	private()->link[ER_SECONDARY] = (struct er_link_config){};
	memset(pair(ER_MICROSOFT), 0, sizeof(*pair(ER_MICROSOFT)));
}
static void active_passive(void)
{
	world.circuit.mode = ER_ACTIVE_PASSIVE;
	world.circuit.active = ER_SECONDARY;
}
static void bfd_off(void)
{
	link_of(ER_SECONDARY)->bfd = ER_BFD_DISABLED;
}
static void bfd_down(void)
{
	link_of(ER_PRIMARY)->bfd = ER_BFD_DOWN;
}
static void all_lost(void)
{
	set_both(false);
}
static void bgpd_away(void)
{
	pair(ER_PRIVATE)->known = pair(ER_MICROSOFT)->known = false;
	world.facts.vpn.known = false;
}
static void no_metrics(void)
{
	world.facts.outside.metrics_port = 0;
}
static void no_private(void)
{
	memset(pair(ER_PRIVATE), 0, sizeof(*pair(ER_PRIVATE)));
	world.facts.vpn.config = NULL;
}
static void no_vpn(void)
{
	world.facts.vpn.config = NULL;
}
static void vpn_shut(void)
{
	world.vpn.shutdown = true;
}
static void vpn_other_family(void)
{
	world.facts.vpn.family[ER_IPV4].configured = false;
}
static void vpn_down(void)
{
	world.facts.vpn.family[ER_IPV4].available = false;
	strlcpy(world.facts.vpn.family[ER_IPV4].reason, "both gateways are down", ER_TEXT_LEN);
}
static void secondary_lost(void)
{
	link_of(ER_SECONDARY)->established = false;
}
static void secondary_shut(void)
{
	link_of(ER_SECONDARY)->runs = link_of(ER_SECONDARY)->established = false;
	private()->link[ER_SECONDARY].shutdown = true;
}
static void short_hold(void)
{
	private()->keepalive = 2;
	private()->hold = 9;
}
static void right_timers(void)
{
	private()->keepalive = ER_KEEPALIVE_MIN_S;
	private()->hold = ER_HOLD_MIN_S;
}
static void slow_without_bfd(void)
{
	private()->bfd.enabled = false;
}
static void quick_without_bfd(void)
{
	private()->bfd.enabled = false;
	private()->keepalive = 10;
	private()->hold = 30;
}
static void attached(void)
{
	private()->session = ER_ATTACHED;
	world.circuit.peering[ER_MICROSOFT].session = ER_ATTACHED;
}
static void flaps(void)
{
	link_of(ER_PRIMARY)->flapping = true;
}
static void one_drained(void)
{
	link_of(ER_PRIMARY)->drained = true;
}
static void both_drained(void)
{
	link_of(ER_PRIMARY)->drained = link_of(ER_SECONDARY)->drained = true;
}
static void drained_before_it_was_lost(void)
{
	link_of(ER_PRIMARY)->drained = true;
	link_of(ER_PRIMARY)->established = false;
}
static void differ(void)
{
	pair(ER_MICROSOFT)->asymmetric = true;
}
static void near_limit(void)
{
	pair(ER_PRIVATE)->limit[ER_RECEIVED] = (struct er_limit_view){ 850, 1000,
								       ER_LIMIT_WARNING };
}
static void critical(void)
{
	pair(ER_PRIVATE)->limit[ER_RECEIVED] = (struct er_limit_view){ 960, 1000,
								       ER_LIMIT_CRITICAL };
}
static void full(void)
{
	near_limit();
	pair(ER_MICROSOFT)->limit[ER_ADVERTISED] = (struct er_limit_view){ 200, 200,
									   ER_LIMIT_FULL };
	pair(ER_MICROSOFT)->held = 7;
}
static void no_set(void)
{
	private()->n_advertise = 0;
}
static void set_by_list(void)
{
	no_set();
	strlcpy(private()->advertise_list[ER_IPV4], "ours", ER_OBJECT_LEN);
}
static void silent(void)
{
	pair(ER_PRIVATE)->advertises_nothing = true;
}
static void private_on_microsoft(void)
{
	world.advertise[ER_MICROSOFT][0] = prefix_of("192.168.0.0/16");
}
static void default_on_microsoft(void)
{
	world.advertise[ER_MICROSOFT][0] = prefix_of("0.0.0.0/0");
}
static void default_on_private(void)
{
	world.advertise[ER_PRIVATE][0] = prefix_of("::/0");
}
static void no_microsoft(void)
{
	memset(pair(ER_MICROSOFT), 0, sizeof(*pair(ER_MICROSOFT)));
	world.facts.others.microsoft_peering = false;
}
static void no_filter(void)
{
	world.circuit.peering[ER_MICROSOFT].route_filter[0] = '\0';
}
static void three_uncovered(void)
{
	world.facts.vpn.family[ER_IPV4].rib.uncovered = 3;
}
static void all_uncovered(void)
{
	world.facts.vpn.family[ER_IPV4].rib.uncovered = 10;
}
static void taken(void)
{
	world.facts.vpn.family[ER_IPV4].rib.more_specific = 3;
	world.facts.vpn.family[ER_IPV4].rib.suppressed = 1;
}
static void suppressed(void)
{
	world.facts.vpn.family[ER_IPV4].rib.more_specific = 3;
	world.facts.vpn.family[ER_IPV4].rib.suppressed = 3;
}
static void taken_while_active(void)
{
	taken();
	world.facts.vpn.family[ER_IPV4].active = true;
}
static void never_tested(void)
{
	world.facts.vpn.test = (struct er_test_report){};
	world.facts.vpn.test_is_due = true;
}
static void tested_long_ago(void)
{
	world.facts.vpn.test.began_wall = WALL_START - 100 * DAY;
	world.facts.vpn.test.passed_wall = WALL_START - 100 * DAY;
	world.facts.vpn.test_is_due = true;
}
static void tested_in_the_future(void)
{
	world.facts.vpn.test.passed_wall = WALL_START + 100 * DAY;
	world.facts.vpn.test_is_due = true;
}
static void test_failed(void)
{
	world.facts.vpn.test.result = ER_TEST_FAILED;
	world.facts.vpn.test.began_wall = WALL_START - 2 * DAY;
	strlcpy(world.facts.vpn.test.reason, "lost 40 of 100", ER_TEXT_LEN);
}
static void test_called_off(void)
{
	world.facts.vpn.test.result = ER_TEST_ABORTED;
	strlcpy(world.facts.vpn.test.reason, "by the operator", ER_TEXT_LEN);
}
static void test_runs(void)
{
	world.facts.vpn.test.result = ER_TEST_RUNNING;
}
static void no_test_wanted(void)
{
	world.vpn.test_max_age_days = 0;
	world.facts.vpn.test = (struct er_test_report){};
}
static void not_pinned(void)
{
	world.vpn.pin = ER_PIN_NONE;
}
static void gateway_without_address(void)
{
	world.vpn.gateway[1].address[0] = '\0';
}
static void unseen(void)
{
	world.facts.reach.unseen = 1;
	strlcpy(world.facts.reach.worst, "ams-fra", ER_NAME_LEN);
	strlcpy(world.facts.reach.reason, "no route of its sites", ER_TEXT_LEN);
}
static void joint_differs(void)
{
	world.facts.reach.differing = 1;
}
static void joint_incomplete(void)
{
	world.facts.reach.incomplete = 1;
}
static void no_joint(void)
{
	world.facts.reach = (struct er_audit_reach){};
}
static void unlimited_site(void)
{
	world.facts.reach.unlimited = 1;
}
static void near_site(void)
{
	world.facts.reach.near = 1;
}
static void full_site(void)
{
	world.facts.reach.full = 1;
}
static void no_site(void)
{
	world.facts.reach.sites = 0;
}
static void hijack(void)
{
	world.facts.reach.refused = 4;
}
static void undeclared(void)
{
	world.facts.reach.undeclared = 4;
}
static void undeclared_but_accepted(void)
{
	undeclared();
	world.facts.reach.mode = ER_UNDECLARED_ACCEPT;
}
static void undeclared_refused(void)
{
	world.facts.reach.undeclared_refused = 4;
	world.facts.reach.mode = ER_UNDECLARED_REFUSE;
}
static void circuit_shut(void)
{
	world.circuit.shutdown = true;
	set_both(false);
}
static void drained_by_operator(void)
{
	pair(ER_PRIVATE)->link[ER_SECONDARY].own_drained = true;
}
static void partner_shows(void)
{
	pair(ER_PRIVATE)->link[ER_SECONDARY].partner = true;
}
static void partner_shows_nothing(void)
{
	partner_shows();
	pair(ER_PRIVATE)->link[ER_SECONDARY].established = false;
}
static struct er_standby_view *standby(void)
{
	return &pair(ER_PRIVATE)->standby;
}
static void stands_in(void)
{
	standby()->carries = true;
	standby()->ready = false;
}
static void never_stood_in(void)
{
	standby()->carried_wall = 0;
}
static void stood_in_long_ago(void)
{
	standby()->carried_wall = WALL_START - 100 * DAY;
}
static void stood_in_long_ago_and_no_test_is_wanted(void)
{
	stood_in_long_ago();
	world.circuit.test_max_age_days = 0;
}
static void standby_lacks(void)
{
	standby()->ready = false;
	strlcpy(standby()->reason, "it lacks 2 of the 5 prefixes of fra", ER_TEXT_LEN);
}
static void standby_down(void)
{
	standby()->ready = standby()->healthy = false;
	strlcpy(standby()->reason, "no link of it is healthy", ER_TEXT_LEN);
}
static void preferred(void)
{
	*standby() = (struct er_standby_view){};
}

/* clang-format off */
#define NA   ER_FOUND_NOT_APPLICABLE
#define PASS ER_FOUND_PASS
#define WARN ER_FOUND_WARN
#define FAIL ER_FOUND_FAIL
static const struct {
	enum er_audit_rule rule;
	void (*change)(void);
	enum er_found found;
	const char *evidence; /* a part of it */
} cases[] = {
	{ ER_AUDIT_LOCATIONS, nothing, PASS, "Amsterdam; circuit fra is at Frankfurt" },
	{ ER_AUDIT_LOCATIONS, no_other, WARN, "no other circuit ends on this router" },
	{ ER_AUDIT_LOCATIONS, no_location, WARN, "its peering-location is not configured" },
	{ ER_AUDIT_LOCATIONS, other_without_location, WARN, "of 1 other circuit" },
	{ ER_AUDIT_LOCATIONS, one_location, FAIL, "every circuit of this router is at Amsterdam" },
	{ ER_AUDIT_LOCATIONS, circuit_shut, NA, "shut down" },

	{ ER_AUDIT_EDGES, nothing, PASS, "two routers" },
	{ ER_AUDIT_EDGES, one_router, WARN, "private ipv4: both links end on this router" },
	{ ER_AUDIT_EDGES, one_interface, FAIL, "microsoft ipv4: both links run over one interface" },
	{ ER_AUDIT_EDGES, primary_only, NA, "cannot be seen from here" },

	{ ER_AUDIT_ACTIVE_ACTIVE, nothing, PASS, "active-active" },
	{ ER_AUDIT_ACTIVE_ACTIVE, active_passive, WARN, "primary carries nothing while secondary works" },
	{ ER_AUDIT_ACTIVE_ACTIVE, primary_only, NA, "only one link" },

	{ ER_AUDIT_BFD, nothing, PASS, "4 of 4 established sessions" },
	{ ER_AUDIT_BFD, primary_only, PASS, "1 of 1 established session" },
	{ ER_AUDIT_BFD, bfd_off, FAIL, "private ipv4 secondary: the session runs without BFD" },
	{ ER_AUDIT_BFD, bfd_down, FAIL, "private ipv4 primary: the session is established, BFD is down" },
	{ ER_AUDIT_BFD, secondary_lost, PASS, "3 of 3" },
	{ ER_AUDIT_BFD, all_lost, NA, "no session is established" },
	{ ER_AUDIT_BFD, bgpd_away, NA, "not known" },

	{ ER_AUDIT_MONITORING, nothing, PASS, "metrics port 9342" },
	{ ER_AUDIT_MONITORING, no_metrics, WARN, "no metrics are served" },
	{ ER_AUDIT_MONITORING, circuit_shut, NA, "shut down" },

	{ ER_AUDIT_NOTICE, nothing, NA, "cannot be seen from a router" },

	{ ER_AUDIT_VPN, nothing, PASS, "azure can carry traffic" },
	{ ER_AUDIT_VPN, no_vpn, WARN, "no VPN backup backs its private peering" },
	{ ER_AUDIT_VPN, vpn_shut, WARN, "VPN backup azure is shut down" },
	{ ER_AUDIT_VPN, vpn_other_family, WARN, "azure has no gateway in ipv4" },
	{ ER_AUDIT_VPN, vpn_down, FAIL, "azure cannot carry ipv4: both gateways are down" },
	{ ER_AUDIT_VPN, no_private, NA, "no private peering" },
	{ ER_AUDIT_VPN, bgpd_away, NA, "not known" },

	{ ER_AUDIT_SESSIONS, nothing, PASS, "4 of 4 sessions" },
	{ ER_AUDIT_SESSIONS, secondary_lost, FAIL, "private ipv4: the session of secondary is not established" },
	{ ER_AUDIT_SESSIONS, partner_shows, PASS, "3 of 3 sessions of this router are established, and the partner" },
	{ ER_AUDIT_SESSIONS, partner_shows_nothing, FAIL, "the partner that ends secondary shows no route" },
	{ ER_AUDIT_SESSIONS, secondary_shut, FAIL, "private ipv4: secondary is shut down" },
	{ ER_AUDIT_SESSIONS, primary_only, WARN, "secondary is not configured here" },
	{ ER_AUDIT_SESSIONS, bgpd_away, NA, "not known" },

	{ ER_AUDIT_TIMERS, nothing, PASS, "bgpd's own" },
	{ ER_AUDIT_TIMERS, right_timers, PASS, "private: keepalive 3 s, hold 10 s" },
	{ ER_AUDIT_TIMERS, quick_without_bfd, PASS, "private: keepalive 10 s, hold 30 s" },
	{ ER_AUDIT_TIMERS, slow_without_bfd, WARN, "private: without BFD a dead link may be noticed after 180 s" },
	{ ER_AUDIT_TIMERS, short_hold, FAIL, "private: keepalive 2 s, hold 9 s" },
	{ ER_AUDIT_TIMERS, attached, NA, "attached" },

	{ ER_AUDIT_STABILITY, nothing, PASS, "no link flaps" },
	{ ER_AUDIT_STABILITY, flaps, WARN, "private ipv4: primary flaps" },
	{ ER_AUDIT_STABILITY, bgpd_away, NA, "not known" },

	{ ER_AUDIT_MAINTENANCE, nothing, PASS, "no link is drained" },
	{ ER_AUDIT_MAINTENANCE, one_drained, WARN, "private ipv4: Microsoft drains primary" },
	{ ER_AUDIT_MAINTENANCE, drained_by_operator, WARN, "private ipv4: secondary is drained by the operator" },
	{ ER_AUDIT_MAINTENANCE, both_drained, FAIL, "private ipv4: both links are drained" },
	{ ER_AUDIT_MAINTENANCE, drained_before_it_was_lost, PASS, "no link is drained" },
	{ ER_AUDIT_MAINTENANCE, all_lost, NA, "no session is established" },

	{ ER_AUDIT_SAME_ROUTES, nothing, PASS, "the same" },
	{ ER_AUDIT_SAME_ROUTES, differ, FAIL, "microsoft ipv4: the links do not carry the same" },
	{ ER_AUDIT_SAME_ROUTES, all_lost, NA, "nothing to compare" },

	{ ER_AUDIT_LIMITS, nothing, PASS, "less than 80 %" },
	{ ER_AUDIT_LIMITS, near_limit, WARN, "private ipv4: received 850 of 1000" },
	{ ER_AUDIT_LIMITS, critical, WARN, "private ipv4: received 960 of 1000" },
	{ ER_AUDIT_LIMITS, full, FAIL, "microsoft ipv4: advertised 200 of 200 prefixes, 7 held back" },
	{ ER_AUDIT_LIMITS, bgpd_away, NA, "not known" },

	{ ER_AUDIT_ADVERTISEMENT, nothing, PASS, "something to advertise" },
	{ ER_AUDIT_ADVERTISEMENT, set_by_list, PASS, "something to advertise" },
	{ ER_AUDIT_ADVERTISEMENT, no_set, WARN, "private ipv4: nothing is to be advertised" },
	{ ER_AUDIT_ADVERTISEMENT, silent, FAIL, "private ipv4: none of its prefixes is advertised" },
	{ ER_AUDIT_ADVERTISEMENT, all_lost, NA, "no session is established" },

	{ ER_AUDIT_PUBLIC_SPACE, nothing, PASS, "are refused" },
	{ ER_AUDIT_PUBLIC_SPACE, private_on_microsoft, FAIL, "192.168.0.0/16 is to be advertised" },
	{ ER_AUDIT_PUBLIC_SPACE, default_on_microsoft, FAIL, "0.0.0.0/0 is to be advertised" },
	{ ER_AUDIT_PUBLIC_SPACE, no_microsoft, NA, "no Microsoft peering" },

	{ ER_AUDIT_DEFAULT_ROUTE, nothing, PASS, "no default route" },
	{ ER_AUDIT_DEFAULT_ROUTE, default_on_private, WARN, "::/0 is advertised on private peering" },
	{ ER_AUDIT_DEFAULT_ROUTE, no_private, NA, "no private peering" },

	{ ER_AUDIT_ROUTE_FILTER, nothing, PASS, "route-filter m365" },
	{ ER_AUDIT_ROUTE_FILTER, no_filter, FAIL, "nothing is accepted" },
	{ ER_AUDIT_ROUTE_FILTER, no_microsoft, NA, "no Microsoft peering" },

	{ ER_AUDIT_VPN_COVERAGE, nothing, PASS, "every prefix" },
	{ ER_AUDIT_VPN_COVERAGE, three_uncovered, WARN, "3 of 10 ipv4 prefixes" },
	{ ER_AUDIT_VPN_COVERAGE, all_uncovered, FAIL, "10 of 10 ipv4 prefixes" },
	{ ER_AUDIT_VPN_COVERAGE, vpn_down, NA, "nothing to compare" },
	{ ER_AUDIT_VPN_COVERAGE, no_vpn, NA, "no VPN backup" },

	{ ER_AUDIT_VPN_MORE_SPECIFICS, nothing, PASS, "nothing over VPN backup azure" },
	{ ER_AUDIT_VPN_MORE_SPECIFICS, suppressed, PASS, "3 more specific prefixes over VPN backup azure: suppressed" },
	{ ER_AUDIT_VPN_MORE_SPECIFICS, taken, FAIL, "2 ipv4 prefixes" },
	{ ER_AUDIT_VPN_MORE_SPECIFICS, taken_while_active, NA, "is active" },
	{ ER_AUDIT_VPN_MORE_SPECIFICS, vpn_shut, NA, "azure is shut down" },

	{ ER_AUDIT_VPN_TEST, nothing, PASS, "passed 12 days ago" },
	{ ER_AUDIT_VPN_TEST, test_called_off, PASS, "passed 12 days ago; a later one was aborted: by the operator" },
	{ ER_AUDIT_VPN_TEST, test_runs, PASS, "passed 12 days ago; one is running" },
	{ ER_AUDIT_VPN_TEST, never_tested, WARN, "no failover test of azure has passed yet" },
	{ ER_AUDIT_VPN_TEST, tested_long_ago, WARN, "is 100 days old, more than test-interval 92" },
	{ ER_AUDIT_VPN_TEST, tested_in_the_future, WARN, "no failover test" },
	{ ER_AUDIT_VPN_TEST, test_failed, FAIL, "2 days ago, failed: lost 40 of 100" },
	{ ER_AUDIT_VPN_TEST, no_test_wanted, NA, "test-interval of VPN backup azure is 0" },
	{ ER_AUDIT_VPN_TEST, no_vpn, NA, "no VPN backup" },

	{ ER_AUDIT_VPN_PINNING, nothing, PASS, "pinned by default-route" },
	{ ER_AUDIT_VPN_PINNING, not_pinned, WARN, "are not pinned" },
	{ ER_AUDIT_VPN_PINNING, gateway_without_address, WARN, "gateway 1 of azure has no address" },
	{ ER_AUDIT_VPN_PINNING, no_microsoft, NA, "without Microsoft peering" },

	{ ER_AUDIT_GLOBAL_REACH, nothing, PASS, "1 of 1 established" },
	{ ER_AUDIT_GLOBAL_REACH, unseen, FAIL, "ams-fra is not seen: no route of its sites" },
	{ ER_AUDIT_GLOBAL_REACH, joint_differs, WARN, "do not carry the same prefixes of its sites" },
	{ ER_AUDIT_GLOBAL_REACH, joint_incomplete, WARN, "do not announce all" },
	{ ER_AUDIT_GLOBAL_REACH, no_joint, NA, "no Global Reach connection" },

	{ ER_AUDIT_SITE_LIMITS, nothing, PASS, "2 of 2 sites" },
	{ ER_AUDIT_SITE_LIMITS, unlimited_site, WARN, "1 of 2 sites have no maximum-prefixes" },
	{ ER_AUDIT_SITE_LIMITS, near_site, WARN, "near its maximum-prefixes" },
	{ ER_AUDIT_SITE_LIMITS, full_site, FAIL, "at its maximum-prefixes" },
	{ ER_AUDIT_SITE_LIMITS, no_site, NA, "no site" },

	{ ER_AUDIT_SITE_ROUTES, nothing, PASS, "what is theirs" },
	{ ER_AUDIT_SITE_ROUTES, undeclared_but_accepted, PASS, "what is theirs" },
	{ ER_AUDIT_SITE_ROUTES, hijack, WARN, "4 prefixes of sites refused" },
	{ ER_AUDIT_SITE_ROUTES, undeclared_refused, WARN, "4 of undeclared ones" },
	{ ER_AUDIT_SITE_ROUTES, undeclared, FAIL, "4 prefixes of undeclared sites accepted" },
	{ ER_AUDIT_SITE_ROUTES, no_joint, NA, "no Global Reach connection" },

	{ ER_AUDIT_STANDBY, nothing, PASS, "ready to stand in for fra, as it did last 30 days ago" },
	{ ER_AUDIT_STANDBY, stands_in, PASS, "carries in place of fra" },
	{ ER_AUDIT_STANDBY, stood_in_long_ago, WARN, "did so last 100 days ago, test-interval is 92" },
	{ ER_AUDIT_STANDBY, stood_in_long_ago_and_no_test_is_wanted, PASS, "100 days ago" },
	{ ER_AUDIT_STANDBY, never_stood_in, WARN, "it has not been seen to" },
	{ ER_AUDIT_STANDBY, standby_lacks, WARN, "standby for fra: it lacks 2 of the 5 prefixes" },
	{ ER_AUDIT_STANDBY, standby_down, FAIL, "cannot stand in for fra: no link of it is healthy" },
	{ ER_AUDIT_STANDBY, preferred, NA, "stands by for no other circuit" },
	{ ER_AUDIT_STANDBY, bgpd_away, NA, "stands by for no other circuit" },
};
/* clang-format on */

static void each_rule_has_its_verdicts(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		const struct er_finding *finding;
		struct er_audit audit;

		healthy();
		cases[i].change();
		audit = audit_now();
		finding = &audit.finding[cases[i].rule];
		if (finding->verdict != cases[i].found ||
		    !strstr(finding->evidence, cases[i].evidence))
			fail_msg("case %zu, %s: %s, \"%s\", not %s, \"...%s...\"", i,
				 er_audit_rule_str(cases[i].rule), er_found_str(finding->verdict),
				 finding->evidence, er_found_str(cases[i].found),
				 cases[i].evidence);
	}
}

/* A verdict that nothing can cause would be a rule that says nothing. */
static void each_rule_is_seen_to_pass_and_not_to(void **state)
{
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++) {
		bool seen[ER_FOUNDS] = {};

		for (size_t i = 0; i < array_size(cases); i++)
			if (cases[i].rule == rule)
				seen[cases[i].found] = true;
		assert_true(seen[NA]);
		if (rule != ER_AUDIT_NOTICE)
			assert_true(seen[PASS] && (seen[WARN] || seen[FAIL]));
	}
}

static void advice_is_given_where_something_is_to_do(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		struct er_audit audit;

		healthy();
		cases[i].change();
		audit = audit_now();
		for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++) {
			const struct er_finding *f = &audit.finding[rule];

			assert_true(f->evidence[0]);
			assert_int_equal(f->advice[0] != '\0', f->verdict >= WARN);
			/* it has not been cut off */
			assert_true(strlen(f->evidence) < ER_TEXT_LEN - 1);
		}
	}
}

static void a_long_reason_is_evidence_in_full(void **state)
{
	const struct er_finding *finding;
	char reason[2 * ER_TEXT_LEN];
	struct er_audit audit;

	healthy();
	vpn_down();
	memset(reason, 'x', sizeof(reason));
	strlcpy(reason + sizeof(reason) - 5, " end", 5);
	strlcpy(world.facts.vpn.family[ER_IPV4].reason, reason, ER_JOINED_LEN);
	audit = audit_now();
	finding = &audit.finding[ER_AUDIT_VPN];
	assert_non_null(strstr(finding->evidence, reason));
}

/* 24 of 25 rules apply to the circuit with which all is well. */
static void the_score_is_of_the_rules_that_apply(void **state)
{
	struct er_audit audit;

	healthy();
	audit = audit_now();
	assert_int_equal(audit.n[PASS], 24);
	assert_int_equal(audit.n[NA], 1);
	assert_int_equal(audit.score, 100);
	/* 23.5 of 24 are 97.9 */
	no_metrics();
	assert_int_equal(audit_now().score, 97);
	/* 22.5 of 24 are 93.75 */
	secondary_lost();
	assert_int_equal(audit_now().n[FAIL], 1);
	assert_int_equal(audit_now().score, 93);
	/* the four rules about a VPN apply no more, and its absence is warned of */
	healthy();
	no_vpn();
	assert_int_equal(audit_now().n[PASS], 19);
	assert_int_equal(audit_now().score, 97);
	healthy();
	circuit_shut();
	assert_int_equal(audit_now().n[NA], ER_AUDIT_RULES);
	assert_int_equal(audit_now().score, -1);
}

static void the_worst_of_a_circuit_is_found(void **state)
{
	struct er_audit audit;

	healthy();
	set_pair(&world.facts.pair[ER_PRIVATE][ER_IPV6]);
	one_drained();
	world.facts.pair[ER_PRIVATE][ER_IPV6].link[ER_PRIMARY].drained = true;
	world.facts.pair[ER_PRIVATE][ER_IPV6].link[ER_SECONDARY].drained = true;
	audit = audit_now();
	assert_int_equal(audit.finding[ER_AUDIT_MAINTENANCE].verdict, FAIL);
	assert_non_null(strstr(audit.finding[ER_AUDIT_MAINTENANCE].evidence, "private ipv6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_has_its_verdicts),
		cmocka_unit_test(each_rule_is_seen_to_pass_and_not_to),
		cmocka_unit_test(advice_is_given_where_something_is_to_do),
		cmocka_unit_test(a_long_reason_is_evidence_in_full),
		cmocka_unit_test(the_score_is_of_the_rules_that_apply),
		cmocka_unit_test(the_worst_of_a_circuit_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
