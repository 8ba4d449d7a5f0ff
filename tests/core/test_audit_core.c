// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit within er_core: which facts it has of a circuit; what is told of
 * verdicts that change, and when.
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

struct setup {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	struct er_circuit_config circuit;
	char said[8192]; /* notices of the audit, a line each */
	size_t n;
};

static void hear(struct setup *s)
{
	char line[1024];

	for (size_t i = 0; i < s->out.n; i++) {
		if (s->out.notice[i].type != ER_NOTICE_AUDIT)
			continue;
		notice_text(&s->out.notice[i], line, sizeof(line));
		strlcat(s->said, line, sizeof(s->said));
		strlcat(s->said, "\n", sizeof(s->said));
		s->n++;
	}
}

static void handle(struct setup *s, struct er_event *ev)
{
	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
	hear(s);
	assert_true(er_core_deadline(s->core) > s->now.mono_ms);
}

/* Deadlines are met on the way. */
static void pass_time(struct setup *s, int64_t ms)
{
	int64_t end = s->now.mono_ms + ms, due;
	struct er_event tick = { .type = ER_EV_TICK };

	while ((due = er_core_deadline(s->core)) <= end) {
		s->now.wall_s += (due - s->now.mono_ms) / 1000;
		s->now.mono_ms = due;
		handle(s, &tick);
	}
	s->now.wall_s += (end - s->now.mono_ms) / 1000;
	s->now.mono_ms = end;
}

static void forget_said(struct setup *s)
{
	s->said[0] = '\0';
	s->n = 0;
}

static void assert_said(struct setup *s, const char *said)
{
	assert_string_equal(s->said, said);
	forget_said(s);
}

static void configure(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &s->circuit };

	handle(s, &ev);
}

static void set_session(struct setup *s, enum er_role r, bool established, enum er_bfd_state state)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = session_key("ams", ER_PRIVATE, r, ER_IPV4);
	ev.facts.state = established ? ER_SESSION_ESTABLISHED : ER_SESSION_IDLE;
	ev.facts.bfd = state;
	ev.facts.accepted = established ? 5 : 0;
	ev.facts.advertised = established ? 1 : 0;
	handle(s, &ev);
}

static void set_rib(struct setup *s, uint32_t both, uint32_t primary_only)
{
	struct er_event ev = { .type = ER_EV_RIB };

	ev.peering = peering_key("ams", ER_PRIVATE, ER_IPV4);
	ev.rib.both = both;
	ev.rib.only[ER_PRIMARY] = primary_only;
	handle(s, &ev);
}

static void set_drained(struct setup *s, uint32_t drained)
{
	struct er_event ev = { .type = ER_EV_RIB };

	ev.peering = peering_key("ams", ER_PRIVATE, ER_IPV4);
	ev.rib.both = 5;
	ev.rib.drained[ER_PRIMARY] = drained;
	handle(s, &ev);
}

/* Of both sessions, established as they are. */
static void set_counts(struct setup *s, uint32_t accepted, uint32_t advertised)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.facts.state = ER_SESSION_ESTABLISHED;
	ev.facts.bfd = ER_BFD_UP;
	ev.facts.accepted = accepted;
	ev.facts.advertised = advertised;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		ev.session = session_key("ams", ER_PRIVATE, r, ER_IPV4);
		handle(s, &ev);
	}
}

static void sync_bgpd(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };

	handle(s, &ev);
}

static void lose_bgpd(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_BGPD_LOST };

	handle(s, &ev);
}

static void watch(struct setup *s, uint16_t metrics_port)
{
	struct er_event ev = { .type = ER_EV_AUDIT };

	ev.outside.metrics_port = metrics_port;
	handle(s, &ev);
}

static void report(struct setup *s, bool established)
{
	for (enum er_role r = 0; r < ER_ROLES; r++)
		set_session(s, r, established, established ? ER_BFD_UP : ER_BFD_DOWN);
	set_rib(s, established ? 5 : 0, 0);
}

static struct prefix own;

static void set_up(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 1000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	assert_true(str2prefix("10.1.0.0/16", &own));
	s->circuit = circuit_of("ams", ER_PRIVATE, false, 1);
	s->circuit.peering[ER_PRIVATE].bfd.enabled = true;
	s->circuit.peering[ER_PRIVATE].advertise = &own;
	s->circuit.peering[ER_PRIVATE].n_advertise = 1;
	configure(s);
}

/* All is up, known and quiet. */
static void bring_up(struct setup *s)
{
	set_up(s);
	watch(s, 0);
	report(s, true);
	sync_bgpd(s);
	pass_time(s, 60000);
	assert_said(s, "");
}

static void tear_down(struct setup *s)
{
	er_core_free(&s->core);
	er_decisions_fini(&s->out);
}

/*
 * Facts
 */
static void assert_found(const struct setup *s, enum er_audit_rule rule, enum er_found found,
			 const char *evidence)
{
	struct er_audit audit;

	assert_true(er_core_audit(s->core, "ams", s->now, &audit));
	if (audit.finding[rule].verdict != found || !strstr(audit.finding[rule].evidence, evidence))
		fail_msg("%s: %s, \"%s\", not %s, \"...%s...\"", er_audit_rule_str(rule),
			 er_found_str(audit.finding[rule].verdict), audit.finding[rule].evidence,
			 er_found_str(found), evidence);
}

static void what_is_known_of_links_is_judged(void **state)
{
	struct er_event ev = { .type = ER_EV_INTERFACE };
	struct setup s;

	bring_up(&s);
	assert_found(&s, ER_AUDIT_EDGES, ER_FOUND_WARN, "both links end on this router");
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		ev.session = session_key("ams", ER_PRIVATE, r, ER_IPV4);
		ev.interface.state = ER_IF_UP;
		ev.interface.port_ifindex = 7;
		handle(&s, &ev);
	}
	assert_found(&s, ER_AUDIT_EDGES, ER_FOUND_FAIL, "both links run over one interface");
	set_drained(&s, 5);
	assert_found(&s, ER_AUDIT_MAINTENANCE, ER_FOUND_WARN, "Microsoft drains primary");
	set_drained(&s, 0);
	for (unsigned int i = 0; i < ER_FLAP_LOSSES; i++) {
		set_session(&s, ER_SECONDARY, false, ER_BFD_DOWN);
		set_session(&s, ER_SECONDARY, true, ER_BFD_UP);
	}
	assert_found(&s, ER_AUDIT_STABILITY, ER_FOUND_WARN, "secondary flaps");
	tear_down(&s);
}

static void what_is_known_of_prefixes_is_judged(void **state)
{
	struct er_event rib = { .type = ER_EV_RIB };
	struct setup s;

	bring_up(&s);
	set_counts(&s, 5, 0);
	assert_found(&s, ER_AUDIT_ADVERTISEMENT, ER_FOUND_FAIL, "none of its prefixes");
	set_counts(&s, 1000, 1);
	assert_found(&s, ER_AUDIT_LIMITS, ER_FOUND_FAIL, "received 1000 of 1000 prefixes");
	set_counts(&s, 5, 1);
	s.circuit.peering[ER_PRIVATE].advertise_limit[ER_IPV4] = 20;
	configure(&s);
	rib.peering = peering_key("ams", ER_PRIVATE, ER_IPV4);
	rib.rib.both = 5;
	rib.rib.held = 7;
	handle(&s, &rib);
	assert_found(&s, ER_AUDIT_LIMITS, ER_FOUND_FAIL,
		     "advertised 20 of 20 prefixes, 7 held back");
	tear_down(&s);
}

static char backed[1][ER_NAME_LEN] = { "ams" };

static void configure_vpn(struct setup *s)
{
	struct er_vpn_config vpn = { .name = "azure", .vrf = "default", .circuit = backed };
	struct er_event ev = { .type = ER_EV_VPN_CONFIG, .vpn = &vpn };

	vpn.n_circuits = 1;
	vpn.test_max_age_days = 92;
	vpn.gateway[0] = gateway_of(ER_PRIMARY, true, false);
	handle(s, &ev);
}

static void what_is_known_of_the_vpn_is_judged(void **state)
{
	struct er_event ev = { .type = ER_EV_SESSION }, rib = { .type = ER_EV_VPN_RIB };
	struct setup s;

	bring_up(&s);
	assert_found(&s, ER_AUDIT_VPN, ER_FOUND_WARN, "no VPN backup");
	configure_vpn(&s);
	pass_time(&s, 60000);
	assert_found(&s, ER_AUDIT_VPN, ER_FOUND_FAIL, "azure cannot carry ipv4: ");
	ev.session = session_key("azure", ER_VPN, ER_PRIMARY, ER_IPV4);
	ev.facts.state = ER_SESSION_ESTABLISHED;
	handle(&s, &ev);
	assert_found(&s, ER_AUDIT_VPN, ER_FOUND_PASS, "azure can carry traffic");
	assert_found(&s, ER_AUDIT_VPN_TEST, ER_FOUND_WARN, "no failover test of azure");
	rib.peering = peering_key("azure", ER_VPN, ER_IPV4);
	rib.vpn_rib = (struct er_vpn_rib_facts){ .expressroute = 5, .uncovered = 2 };
	rib.vpn_rib.more_specific = 3;
	rib.vpn_rib.suppressed = 2;
	handle(&s, &rib);
	assert_found(&s, ER_AUDIT_VPN_COVERAGE, ER_FOUND_WARN, "2 of 5 ipv4 prefixes");
	assert_found(&s, ER_AUDIT_VPN_MORE_SPECIFICS, ER_FOUND_FAIL, "1 ipv4 prefix over");
	assert_found(&s, ER_AUDIT_VPN_PINNING, ER_FOUND_NOT_APPLICABLE, "Microsoft peering");
	/* what was not covered when ExpressRoute was lost is what has no path now */
	pass_time(&s, 1000);
	report(&s, false);
	memset(&rib.vpn_rib, 0, sizeof(rib.vpn_rib));
	handle(&s, &rib);
	assert_found(&s, ER_AUDIT_VPN_COVERAGE, ER_FOUND_WARN, "2 of 5 ipv4 prefixes");
	report(&s, true);
	add_peering(&s.circuit, ER_MICROSOFT, true, false, 1);
	configure(&s);
	assert_found(&s, ER_AUDIT_VPN_PINNING, ER_FOUND_WARN, "azure are not pinned");
	tear_down(&s);
}

static void configure_site(struct setup *s, uint32_t maximum)
{
	uint32_t as = 65020;
	struct er_site_config site = { .name = "paris", .as = &as, .n_as = 1 };
	struct er_event ev = { .type = ER_EV_SITE_CONFIG, .site_config = &site };

	site.maximum_prefixes = maximum;
	handle(s, &ev);
}

static void configure_joint(struct setup *s)
{
	char site[1][ER_NAME_LEN] = { "paris" };
	struct er_joint_config joint = { .name = "reach", .circuit = "ams", .site = site };
	struct er_event ev = { .type = ER_EV_JOINT_CONFIG, .joint_config = &joint };

	joint.n_sites = 1;
	handle(s, &ev);
}

static void tell_site(struct setup *s, const char *site, struct er_site_facts facts)
{
	struct er_event ev = { .type = ER_EV_SITE_STATE };

	ev.site_state.peering = peering_key("ams", ER_PRIVATE, ER_IPV4);
	strlcpy(ev.site_state.site, site, sizeof(ev.site_state.site));
	ev.site_state.facts = facts;
	handle(s, &ev);
}

static void set_undeclared(struct setup *s, enum er_undeclared mode)
{
	struct er_event ev = { .type = ER_EV_UNDECLARED, .undeclared = mode };

	handle(s, &ev);
}

static void what_is_known_of_global_reach_is_judged(void **state)
{
	struct setup s;

	bring_up(&s);
	assert_found(&s, ER_AUDIT_GLOBAL_REACH, ER_FOUND_NOT_APPLICABLE, "no Global Reach");
	configure_site(&s, 0);
	configure_joint(&s);
	tell_site(&s, "paris", (struct er_site_facts){});
	tell_site(&s, "", (struct er_site_facts){});
	assert_found(&s, ER_AUDIT_GLOBAL_REACH, ER_FOUND_FAIL, "reach is not seen: ");
	assert_found(&s, ER_AUDIT_SITE_LIMITS, ER_FOUND_WARN, "1 of 1 sites have no");
	tell_site(&s, "paris", (struct er_site_facts){ .both = 9, .refused_prefix = 4 });
	tell_site(&s, "", (struct er_site_facts){});
	assert_found(&s, ER_AUDIT_GLOBAL_REACH, ER_FOUND_PASS, "1 of 1 established");
	assert_found(&s, ER_AUDIT_SITE_ROUTES, ER_FOUND_WARN, "4 prefixes of sites refused");
	configure_site(&s, 10);
	assert_found(&s, ER_AUDIT_SITE_LIMITS, ER_FOUND_WARN, "site paris is near");
	configure_site(&s, 9);
	assert_found(&s, ER_AUDIT_SITE_LIMITS, ER_FOUND_FAIL, "site paris is at");
	configure_site(&s, 1000);
	assert_found(&s, ER_AUDIT_SITE_LIMITS, ER_FOUND_PASS, "1 of 1 sites");
	tell_site(&s, "", (struct er_site_facts){ .both = 5 });
	assert_found(&s, ER_AUDIT_SITE_ROUTES, ER_FOUND_FAIL, "5 prefixes of undeclared");
	set_undeclared(&s, ER_UNDECLARED_ACCEPT);
	assert_found(&s, ER_AUDIT_SITE_ROUTES, ER_FOUND_WARN, "0 of undeclared");
	/* links that differ */
	tell_site(&s, "paris", (struct er_site_facts){ .both = 1, .only = { 2, 0 } });
	tell_site(&s, "", (struct er_site_facts){ .refused_undeclared = 6 });
	pass_time(&s, 60000);
	assert_found(&s, ER_AUDIT_GLOBAL_REACH, ER_FOUND_WARN, "reach: the links do not carry");
	assert_found(&s, ER_AUDIT_SITE_ROUTES, ER_FOUND_WARN, "6 of undeclared");
	tear_down(&s);
}

/*
 * What is told
 */
#define LOST                                                                                      \
	"audit ams sessions pass -> fail: private ipv4: the session of secondary is not established\n"

static void a_lost_link_is_told_of_once_and_its_return_as_well(void **state)
{
	struct setup s;

	bring_up(&s);
	set_session(&s, ER_SECONDARY, false, ER_BFD_DOWN);
	pass_time(&s, ER_AUDIT_SETTLE_MS);
	assert_said(&s, "");
	pass_time(&s, ER_AUDIT_LOOK_MS);
	assert_said(&s, LOST);
	pass_time(&s, 3600000);
	assert_said(&s, "");
	set_session(&s, ER_SECONDARY, true, ER_BFD_UP);
	pass_time(&s, 60000);
	assert_said(&s, "audit ams sessions fail -> pass: 2 of 2 sessions are established\n");
	tear_down(&s);
}

static void what_does_not_last_is_not_told(void **state)
{
	struct setup s;

	bring_up(&s);
	for (unsigned int i = 0; i < 2; i++) {
		set_session(&s, ER_SECONDARY, false, ER_BFD_DOWN);
		pass_time(&s, ER_AUDIT_SETTLE_MS - ER_AUDIT_LOOK_MS);
		set_session(&s, ER_SECONDARY, true, ER_BFD_UP);
		pass_time(&s, 120000);
	}
	assert_said(&s, "");
	tear_down(&s);
}

/* Each was there before somebody looked, or comes up within the grace. */
static void nothing_is_told_of_a_start(void **state)
{
	struct setup s;

	set_up(&s);
	watch(&s, 0);
	report(&s, false);
	sync_bgpd(&s);
	pass_time(&s, ER_START_GRACE_MS / 2);
	report(&s, true);
	assert_false(er_core_audit_is_watched(s.core, "ams"));
	pass_time(&s, 3600000);
	assert_true(er_core_audit_is_watched(s.core, "ams"));
	assert_said(&s, "");
	tear_down(&s);
}

/* Sessions come one by one when bgpd has come at last. */
static void nothing_is_told_of_a_bgpd_that_starts_later(void **state)
{
	struct setup s;

	set_up(&s);
	watch(&s, 0);
	pass_time(&s, 60000);
	report(&s, false);
	sync_bgpd(&s);
	pass_time(&s, ER_START_GRACE_MS - ER_AUDIT_LOOK_MS);
	report(&s, true);
	pass_time(&s, 3600000);
	assert_said(&s, "");
	tear_down(&s);
}

static void that_a_rule_applies_and_passes_is_not_told(void **state)
{
	struct setup s;

	bring_up(&s);
	configure_site(&s, 1000);
	configure_joint(&s);
	tell_site(&s, "paris", (struct er_site_facts){ .both = 9 });
	tell_site(&s, "", (struct er_site_facts){});
	pass_time(&s, 60000);
	assert_found(&s, ER_AUDIT_GLOBAL_REACH, ER_FOUND_PASS, "1 of 1");
	assert_said(&s, "");
	/* but what it becomes then */
	tell_site(&s, "paris", (struct er_site_facts){});
	tell_site(&s, "", (struct er_site_facts){});
	pass_time(&s, 60000);
	assert_said(&s,
		    "audit ams global-reach pass -> fail: reach is not seen: no route of its sites comes over circuit ams\n");
	tear_down(&s);
}

static void without_a_watch_nothing_is_told(void **state)
{
	struct setup s;

	set_up(&s);
	report(&s, true);
	sync_bgpd(&s);
	pass_time(&s, 60000);
	set_session(&s, ER_SECONDARY, false, ER_BFD_DOWN);
	pass_time(&s, 60000);
	assert_said(&s, "");
	tear_down(&s);
}

static void what_was_said_stands_while_bgpd_is_away(void **state)
{
	struct er_audit audit;
	struct setup s;

	bring_up(&s);
	lose_bgpd(&s);
	pass_time(&s, 3600000);
	assert_said(&s, "");
	assert_true(er_core_audit(s.core, "ams", s.now, &audit));
	assert_int_equal(audit.finding[ER_AUDIT_SESSIONS].verdict, ER_FOUND_NOT_APPLICABLE);
	assert_string_equal(audit.finding[ER_AUDIT_SESSIONS].evidence,
			    "not known: bgpd has not told of the sessions");
	report(&s, true);
	sync_bgpd(&s);
	pass_time(&s, 3600000);
	assert_said(&s, "");
	tear_down(&s);
}

/* Links that differ cannot be seen to while one of them is lost. */
static void what_is_not_applicable_is_not_told_as_better(void **state)
{
	struct setup s;

	bring_up(&s);
	set_rib(&s, 4, 1);
	pass_time(&s, 60000);
	assert_said(&s,
		    "audit ams same-routes pass -> fail: private ipv4: the links do not carry the same prefixes or paths\n");
	set_session(&s, ER_SECONDARY, false, ER_BFD_DOWN);
	pass_time(&s, 60000);
	assert_said(&s, LOST);
	set_session(&s, ER_SECONDARY, true, ER_BFD_UP);
	pass_time(&s, 60000);
	assert_said(&s, "audit ams sessions fail -> pass: 2 of 2 sessions are established\n");
	set_rib(&s, 5, 0);
	pass_time(&s, 60000);
	assert_said(&s, "audit ams same-routes fail -> pass: both links carry the same prefixes\n");
	tear_down(&s);
}

static void configuration_alone_can_change_a_verdict(void **state)
{
	struct setup s;

	bring_up(&s);
	watch(&s, 9342);
	pass_time(&s, 60000);
	assert_said(&s,
		    "audit ams ERC-5 warn -> pass: metrics port 9342 is configured; who reads it cannot be seen\n");
	s.circuit.mode = ER_ACTIVE_PASSIVE;
	configure(&s);
	pass_time(&s, 60000);
	assert_said(&s,
		    "audit ams ERC-3 pass -> warn: active-passive: secondary carries nothing while primary works\n");
	s.circuit.shutdown = true;
	configure(&s);
	pass_time(&s, 60000);
	assert_said(&s, "");
	tear_down(&s);
}

/* By time alone: nothing else happens. */
static void a_test_that_has_become_too_old_is_told_of(void **state)
{
	struct er_vpn_memory memory = {};
	struct setup s;

	set_up(&s);
	memory.key = peering_key("azure", ER_VPN, ER_IPV4);
	memory.report.result = ER_TEST_PASSED;
	memory.report.began_wall = memory.report.passed_wall = WALL_START;
	er_vpn_restore(s.core, &memory, s.now);
	configure_vpn(&s);
	watch(&s, 0);
	report(&s, true);
	sync_bgpd(&s);
	pass_time(&s, 91 * DAY * 1000);
	assert_said(&s, "");
	pass_time(&s, 2 * DAY * 1000);
	assert_said(&s,
		    "audit ams vpn-test pass -> warn: the last failover test of azure that passed is 92 days old, more than test-interval 92\n");
	tear_down(&s);
}

/* By time alone, too. */
static void a_standby_that_has_not_carried_for_long_is_told_of(void **state)
{
	struct er_circuit_config fra = circuit_of("fra", ER_PRIVATE, false, 2);
	struct er_event config = { .type = ER_EV_CONFIG, .config = &fra };
	struct er_event ev = { .type = ER_EV_RIB }, session = { .type = ER_EV_SESSION };
	struct er_peering_key key = peering_key("ams", ER_PRIVATE, ER_IPV4);
	struct setup s;

	set_up(&s);
	session.facts.state = ER_SESSION_ESTABLISHED;
	session.facts.accepted = 5;
	fra.preference = 50;
	s.circuit.test_max_age_days = 92;
	configure(&s);
	handle(&s, &config);
	er_standby_restore(s.core, &key, WALL_START);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		session.session = session_key("fra", ER_PRIVATE, r, ER_IPV4);
		handle(&s, &session);
	}
	watch(&s, 9342);
	report(&s, true);
	ev.peering = key;
	ev.rib.both = ev.rib.standby_offered = 5;
	handle(&s, &ev);
	sync_bgpd(&s);
	pass_time(&s, 91 * DAY * 1000);
	forget_said(&s);
	pass_time(&s, 2 * DAY * 1000);
	assert_said(&s,
		    "audit ams standby pass -> warn: private ipv4: ready to stand in for fra, but it did so last 92 days ago, test-interval is 92\n");
	s.circuit.test_max_age_days = 0;
	configure(&s);
	pass_time(&s, 60000);
	assert_found(&s, ER_AUDIT_STANDBY, ER_FOUND_PASS, "as it did last");
	tear_down(&s);
}

static void other_circuits_count(void **state)
{
	struct er_circuit_config other = circuit_of("fra", ER_PRIVATE, false, 2);
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &other };
	struct er_audit audit;
	struct setup s;

	set_up(&s);
	assert_false(er_core_audit(s.core, "nobody", s.now, &audit));
	strlcpy(s.circuit.peering_location, "amsterdam", sizeof(s.circuit.peering_location));
	configure(&s);
	er_core_audit(s.core, "ams", s.now, &audit);
	assert_int_equal(audit.finding[ER_AUDIT_LOCATIONS].verdict, ER_FOUND_WARN);
	/* names are compared as people write them */
	strlcpy(other.peering_location, "Amsterdam", sizeof(other.peering_location));
	handle(&s, &ev);
	er_core_audit(s.core, "ams", s.now, &audit);
	assert_int_equal(audit.finding[ER_AUDIT_LOCATIONS].verdict, ER_FOUND_FAIL);
	strlcpy(other.peering_location, "Frankfurt", sizeof(other.peering_location));
	handle(&s, &ev);
	er_core_audit(s.core, "ams", s.now, &audit);
	assert_int_equal(audit.finding[ER_AUDIT_LOCATIONS].verdict, ER_FOUND_PASS);
	/* one that is shut down carries nothing */
	other.shutdown = true;
	handle(&s, &ev);
	er_core_audit(s.core, "ams", s.now, &audit);
	assert_int_equal(audit.finding[ER_AUDIT_LOCATIONS].verdict, ER_FOUND_WARN);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_of_links_is_judged),
		cmocka_unit_test(what_is_known_of_prefixes_is_judged),
		cmocka_unit_test(what_is_known_of_the_vpn_is_judged),
		cmocka_unit_test(what_is_known_of_global_reach_is_judged),
		cmocka_unit_test(a_lost_link_is_told_of_once_and_its_return_as_well),
		cmocka_unit_test(what_does_not_last_is_not_told),
		cmocka_unit_test(nothing_is_told_of_a_start),
		cmocka_unit_test(nothing_is_told_of_a_bgpd_that_starts_later),
		cmocka_unit_test(that_a_rule_applies_and_passes_is_not_told),
		cmocka_unit_test(without_a_watch_nothing_is_told),
		cmocka_unit_test(what_was_said_stands_while_bgpd_is_away),
		cmocka_unit_test(what_is_not_applicable_is_not_told_as_better),
		cmocka_unit_test(configuration_alone_can_change_a_verdict),
		cmocka_unit_test(a_test_that_has_become_too_old_is_told_of),
		cmocka_unit_test(a_standby_that_has_not_carried_for_long_is_told_of),
		cmocka_unit_test(other_circuits_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
