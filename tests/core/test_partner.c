// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link that ends on a partner: partner.c, and what follows from it.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/audit.h"
#include "core/limits.h"
#include "core/partner.h"
#include "core/plan.h"
#include "core/text.h"
#include "tests/core/support.h"

#define PARTNER "10.100.0.2"

/* The primary link ends here, the secondary one on a partner. */
struct scene {
	struct er_circuit_config config;
	struct er_interface_facts interface[ER_ROLES];
	struct er_session_facts session[ER_ROLES];
	struct er_rib_facts rib;
	struct er_pair_facts f;
	struct er_assessment a;
};

static struct er_circuit_config partnered(const char *name, enum er_peering_type peering, bool dual)
{
	struct er_circuit_config config = circuit_of(name, peering, dual, 1);
	struct er_link_config *link = &config.peering[peering].link[ER_SECONDARY];

	memset(link, 0, sizeof(*link));
	link->configured = true;
	str2ipaddr(PARTNER, &link->partner);
	return config;
}

/* Both links up: a hundred prefixes here, and a hundred there. */
static void healthy(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->config = partnered("c", ER_PRIVATE, false);
	s->f.config = &s->config;
	s->f.peering = ER_PRIVATE;
	s->f.family = ER_IPV4;
	s->f.rib = &s->rib;
	s->rib.only[ER_PRIMARY] = 100;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		s->f.interface[r] = &s->interface[r];
		s->f.session[r] = &s->session[r];
		s->session[r].state = ER_SESSION_ESTABLISHED;
		s->session[r].accepted = 100;
	}
	s->interface[ER_PRIMARY].state = ER_IF_UP;
	s->interface[ER_PRIMARY].address_present[ER_IPV4] = true;
	s->session[ER_SECONDARY].partner.all_paths = true;
}

static void check(struct scene *s, enum er_redundancy redundancy, enum er_reason reason,
		  enum er_health own, enum er_health partners)
{
	er_assess(&s->f, &s->a);
	assert_int_equal(s->a.redundancy, redundancy);
	assert_int_equal(s->a.reason, reason);
	assert_int_equal(s->a.link[ER_PRIMARY].health, own);
	assert_int_equal(s->a.link[ER_SECONDARY].health, partners);
}

static void a_healthy_partner_makes_it_redundant_and_protected(void **state)
{
	struct scene s;

	healthy(&s);
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	assert_int_equal(s.a.unprotected, ER_PROTECTED);
	/* what is on one side only is not compared */
	assert_false(er_links_differ(&s.f) || er_links_agree(&s.f));
}

static void without_ibgp_the_partners_link_is_unknown_and_not_down(void **state)
{
	struct scene s;

	healthy(&s);
	for (enum er_session_state st = 0; st < ER_SESSION_ESTABLISHED; st++) {
		s.session[ER_SECONDARY].state = st;
		check(&s, ER_DEGRADED, ER_REASON_PARTNER_UNSEEN, ER_LINK_UP, ER_LINK_UNKNOWN);
		assert_int_equal(s.a.culprit, ER_SECONDARY);
		assert_int_equal(s.a.unprotected, ER_PROTECTION_UNKNOWN);
	}
	/* from here nothing has a path then */
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DOWN, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_UNKNOWN);
}

static void ibgp_without_a_route_of_microsofts_is_a_link_that_is_down(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].accepted = 0;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER, ER_LINK_UP, ER_LINK_DOWN);
	assert_int_equal(s.a.unprotected, ER_PROTECTED);
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DOWN, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_DOWN);
}

static void routes_are_awaited_after_ibgp_has_come_up(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].accepted = 0;
	s.f.fresh[ER_SECONDARY] = true;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER_UNSEEN, ER_LINK_UP, ER_LINK_UNKNOWN);
}

static void the_partner_carries_alone(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	s.rib.only[ER_PRIMARY] = 0;
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_UP);
	/* established again, and empty beside the partner's prefixes */
	s.session[ER_PRIMARY].state = ER_SESSION_ESTABLISHED;
	s.session[ER_PRIMARY].accepted = 0;
	check(&s, ER_DEGRADED, ER_REASON_IDLE, ER_LINK_IDLE, ER_LINK_UP);
}

static void half_of_the_partners_prefixes_drained_is_a_drained_link(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].partner.drained = 49;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	s.session[ER_SECONDARY].partner.drained = 50;
	check(&s, ER_DEGRADED, ER_REASON_DRAINED, ER_LINK_UP, ER_LINK_DRAINED);
	assert_true(s.a.drained && s.a.link[ER_SECONDARY].drained);
	assert_int_equal(s.a.unprotected, ER_PROTECTED);
	/* what is drained here is counted here */
	s.rib.drained[ER_PRIMARY] = 100;
	check(&s, ER_DEGRADED, ER_REASON_DRAINED, ER_LINK_DRAINED, ER_LINK_DRAINED);
}

static void what_its_operator_drains_there_is_drained_here(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].partner.own_drained = 49;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	s.session[ER_SECONDARY].partner.own_drained = 50;
	check(&s, ER_DEGRADED, ER_REASON_OWN_DRAINED, ER_LINK_UP, ER_LINK_DRAINED);
	assert_int_equal(s.a.culprit, ER_SECONDARY);
	assert_false(s.a.drained || s.a.link[ER_SECONDARY].drained);
	assert_int_equal(s.a.unprotected, ER_PROTECTED);
	/* by Microsoft as well */
	s.session[ER_SECONDARY].partner.drained = 100;
	check(&s, ER_DEGRADED, ER_REASON_OWN_DRAINED, ER_LINK_UP, ER_LINK_DRAINED);
	assert_true(s.a.link[ER_SECONDARY].drained);
	/* without iBGP nobody knows */
	s.session[ER_SECONDARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER_UNSEEN, ER_LINK_UP, ER_LINK_UNKNOWN);
	/* of a link of our own it says nothing */
	healthy(&s);
	s.session[ER_PRIMARY].partner.own_drained = 100;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void a_passive_partner_may_hide_its_link_behind_ours(void **state)
{
	struct scene s;

	healthy(&s);
	s.config.mode = ER_ACTIVE_PASSIVE;
	s.config.active = ER_PRIMARY;
	s.session[ER_SECONDARY].accepted = 0;
	s.session[ER_SECONDARY].partner.all_paths = false;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER_HIDDEN, ER_LINK_UP, ER_LINK_UNKNOWN);
	/* not when it sends all that it has ... */
	s.session[ER_SECONDARY].partner.all_paths = true;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER, ER_LINK_UP, ER_LINK_DOWN);
	/* ... nor when there is nothing to hide behind, nor when it is the active one */
	s.session[ER_SECONDARY].partner.all_paths = false;
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DOWN, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_DOWN);
	s.session[ER_PRIMARY].state = ER_SESSION_ESTABLISHED;
	s.config.active = ER_SECONDARY;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER, ER_LINK_UP, ER_LINK_DOWN);
}

static void routes_of_either_peering_say_nothing(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].accepted = 0;
	s.session[ER_SECONDARY].partner.unclear = 1;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER_UNCLEAR, ER_LINK_UP, ER_LINK_UNKNOWN);
}

static void routes_without_the_circuits_mark_are_unknown_and_not_down(void **state)
{
	struct scene s;

	healthy(&s);
	strlcpy(s.config.site_of_origin, "65010:1", sizeof(s.config.site_of_origin));
	s.session[ER_SECONDARY].accepted = 0;
	/* those of another circuit, and nothing else */
	check(&s, ER_DEGRADED, ER_REASON_PARTNER, ER_LINK_UP, ER_LINK_DOWN);
	s.session[ER_SECONDARY].partner.unmarked = 1;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER_UNMARKED, ER_LINK_UP, ER_LINK_UNKNOWN);
	/* some are marked: the others are another circuit's */
	s.session[ER_SECONDARY].accepted = 1;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void of_several_circuits_a_better_one_may_hide_the_others(void **state)
{
	struct scene s;

	healthy(&s);
	strlcpy(s.config.site_of_origin, "65010:1", sizeof(s.config.site_of_origin));
	s.session[ER_SECONDARY].accepted = 0;
	s.session[ER_SECONDARY].partner.all_paths = false;
	check(&s, ER_DEGRADED, ER_REASON_PARTNER_HIDDEN, ER_LINK_UP, ER_LINK_UNKNOWN);
	/* ours as well, so it is not that of its own which is better */
	s.session[ER_PRIMARY].accepted = 0;
	er_assess(&s.f, &s.a);
	assert_int_equal(s.a.link[ER_SECONDARY].health, ER_LINK_UNKNOWN);
}

static void both_ends_of_a_circuit_have_its_mark(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_spec spec;

	strlcpy(config.site_of_origin, "65010:1", sizeof(config.site_of_origin));
	for (enum er_role role = 0; role < ER_ROLES; role++) {
		assert_true(er_plan_session(&config, ER_PRIVATE, role, ER_IPV4, &spec));
		assert_string_equal(spec.site_of_origin, "65010:1");
	}
}

static void without_bgpd_nothing_is_known(void **state)
{
	struct scene s;

	healthy(&s);
	s.f.bgpd_lost = true;
	check(&s, ER_DOWN, ER_REASON_BGPD_LOST, ER_LINK_DOWN, ER_LINK_UNKNOWN);
	assert_int_equal(s.a.unprotected, ER_PROTECTION_UNKNOWN);
}

static void a_link_that_is_shut_down_is_not_looked_at(void **state)
{
	struct scene s;

	healthy(&s);
	s.config.peering[ER_PRIVATE].link[ER_SECONDARY].shutdown = true;
	check(&s, ER_DEGRADED, ER_REASON_SHUTDOWN, ER_LINK_UP, ER_LINK_INACTIVE);
	healthy(&s);
	s.config.peering[ER_PRIVATE].link[ER_PRIMARY].shutdown = true;
	check(&s, ER_DEGRADED, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_UP);
}

static void a_partners_counts_are_not_ours_to_limit(void **state)
{
	struct er_limit_view limit[ER_DIRECTIONS];
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].accepted = 999;
	er_assess_limits(&s.f, limit);
	assert_int_equal(limit[ER_RECEIVED].count, 100);
}

static void a_partner_is_planned_in_the_families_of_our_own_link(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, true);
	struct er_session_spec spec;
	struct er_peering_spec peering;

	for (enum er_family f = 0; f < ER_FAMILIES; f++) {
		assert_true(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, f, &spec));
		assert_int_equal(spec.mode, ER_PARTNER);
		assert_int_equal(spec.key.family, f);
		assert_true(IS_IPADDR_V4(&spec.neighbor) && IS_IPADDR_V4(&spec.local));
		assert_int_equal(spec.local_pref, 150);
		assert_false(er_plan_runs_here(&config, ER_PRIVATE, ER_SECONDARY, f));
	}
	config.peering[ER_PRIVATE].link[ER_PRIMARY].subnet[ER_IPV6].family = AF_UNSPEC;
	assert_false(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV6, &spec));
	assert_int_equal(spec.prepend, 0);
	/* its passive link is longer than its active one, as ours would be */
	config.mode = ER_ACTIVE_PASSIVE;
	config.active = ER_PRIMARY;
	config.peering[ER_PRIVATE].prepend = 1;
	config.peering[ER_PRIVATE].passive_prepend = 10;
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	assert_int_equal(spec.prepend, 11);
	config.active = ER_SECONDARY;
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	assert_int_equal(spec.prepend, 1);
	/* what is advertised is advertised here */
	config.peering[ER_PRIVATE].link[ER_PRIMARY].shutdown = true;
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	assert_false(er_plan_peering(NULL, &config, ER_PRIVATE, ER_IPV4, &peering));
}

static void routes_are_told_apart_by_their_communities(void **state)
{
	const er_community exchange = ER_COMMUNITY(12076, 5010),
			   region = ER_COMMUNITY(12076, 51004);
	const er_community storage = ER_COMMUNITY(12076, 52004), vnet = ER_COMMUNITY(12076, 20001);
	const er_community azure = ER_COMMUNITY(12076, 50004), mine = ER_COMMUNITY(65001, 5010);
	const er_community two[] = { mine, storage };
	struct prefix open, closed, all;

	str2prefix("20.38.98.0/24", &open);
	str2prefix("10.1.0.0/16", &closed);
	str2prefix("0.0.0.0/0", &all);
	assert_int_equal(er_partner_peering(&open, &exchange, 1), ER_MICROSOFT);
	assert_int_equal(er_partner_peering(&open, &region, 1), ER_MICROSOFT);
	assert_int_equal(er_partner_peering(&open, two, 2), ER_MICROSOFT);
	assert_int_equal(er_partner_peering(&open, &vnet, 1), ER_PRIVATE);
	assert_int_equal(er_partner_peering(&open, &azure, 1), ER_PRIVATE);
	assert_int_equal(er_partner_peering(&closed, NULL, 0), ER_PRIVATE);
	assert_int_equal(er_partner_peering(&all, &mine, 1), ER_PRIVATE);
	assert_int_equal(er_partner_peering(&open, &mine, 1), ER_PEERING_TYPES);
	assert_int_equal(er_partner_peering(&open, NULL, 0), ER_PEERING_TYPES);
}

static void another_local_preference_is_a_disagreement(void **state)
{
	const struct er_session_spec spec = { .local_pref = 150, .local_pref_drained = 110 };

	assert_false(er_partner_disagrees(&spec, 150, false));
	assert_true(er_partner_disagrees(&spec, 100, false));
	assert_true(er_partner_disagrees(&spec, 110, false));
	assert_false(er_partner_disagrees(&spec, 110, true));
	assert_true(er_partner_disagrees(&spec, 150, true));
	/* of what its operator drains */
	assert_false(er_partner_disagrees(&spec, ER_LOCAL_PREF_OWN_DRAINED, false));
	assert_false(er_partner_disagrees(&spec, ER_LOCAL_PREF_BOTH_DRAINED, true));
	assert_true(er_partner_disagrees(&spec, ER_LOCAL_PREF_BOTH_DRAINED, false));
	/* of a region-preference */
	assert_false(er_partner_disagrees(&spec, ER_LOCAL_PREF_REGION + 10, false));
}

static void an_operators_drain_is_told_by_its_local_preference(void **state)
{
	assert_true(er_partner_drains(ER_LOCAL_PREF_OWN_DRAINED, false, false));
	assert_true(er_partner_drains(ER_LOCAL_PREF_BOTH_DRAINED, true, false));
	assert_false(er_partner_drains(ER_LOCAL_PREF_OWN_DRAINED, true, false));
	assert_false(er_partner_drains(ER_LOCAL_PREF_BOTH_DRAINED, false, false));
	/* nor what plain FRR gives, and Microsoft's drain */
	assert_false(er_partner_drains(100, false, false));
	assert_false(er_partner_drains(98, false, false));
	assert_false(er_partner_drains(ER_LOCAL_PREF_DRAINED, true, false));
}

static void a_site_is_told_by_what_is_less_than_over_a_healthy_link(void **state)
{
	struct er_site_config site = {};

	for (site.preference = ER_SITE_PREFER; site.preference < ER_SITE_PREFERENCES;
	     site.preference++)
		for (int passive = 0; passive < 2; passive++) {
			uint32_t healthy = er_site_local_pref(&site, passive);

			if (!healthy)
				continue;
			assert_false(er_partner_drains(healthy, false, true));
			assert_true(er_partner_drains(healthy - ER_LOCAL_PREF_SITE_DRAINED, false,
						      true));
		}
	/* one that is preferred has what all others have */
	assert_true(er_partner_drains(ER_LOCAL_PREF_OWN_DRAINED, false, true));
}

/*
 * With a core: what is told
 */
struct stage {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
};

static void give(struct stage *s, struct er_event *ev)
{
	ev->now = s->now;
	er_core_handle(s->core, ev, &s->out);
}

static void session(struct stage *s, enum er_role role, const struct er_session_facts *facts)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = session_key("c", ER_PRIVATE, role, ER_IPV4);
	ev.facts = *facts;
	give(s, &ev);
}

static struct er_session_facts facts_of(uint32_t accepted, uint32_t drained)
{
	return (struct er_session_facts){ .state = ER_SESSION_ESTABLISHED,
					  .accepted = accepted,
					  .partner = { .all_paths = true, .drained = drained } };
}

static void begin(struct stage *s, const struct er_circuit_config *config)
{
	struct er_session_facts up = facts_of(10, 0);
	struct er_event ev = { .type = ER_EV_CONFIG, .config = config };

	memset(s, 0, sizeof(*s));
	s->now.wall_s = WALL_START;
	s->core = er_core_new(s->now);
	give(s, &ev);
	session(s, ER_PRIMARY, &up);
	session(s, ER_SECONDARY, &up);
	ev = (struct er_event){ .type = ER_EV_RIB };
	ev.peering = peering_key("c", ER_PRIVATE, ER_IPV4);
	ev.rib.only[ER_PRIMARY] = 10;
	give(s, &ev);
	ev = (struct er_event){ .type = ER_EV_BGPD_SYNCED };
	give(s, &ev);
}

static void end(struct stage *s)
{
	er_decisions_fini(&s->out);
	er_core_free(&s->core);
}

/* What was told since, a line for each. */
static void expect(struct stage *s, const char *want)
{
	char all[2048] = "", text[512];

	for (size_t i = 0; i < s->out.n; i++) {
		notice_text(&s->out.notice[i], text, sizeof(text));
		strlcat(all, text, sizeof(all));
		strlcat(all, "\n", sizeof(all));
	}
	assert_string_equal(all, want);
	er_decisions_reset(&s->out);
}

static struct er_peering_view peering_of(struct stage *s)
{
	struct er_peering_key key = peering_key("c", ER_PRIVATE, ER_IPV4);
	struct er_peering_view view;

	assert_true(er_core_peering(s->core, &key, s->now, &view));
	return view;
}

static void loss_of_ibgp_is_told_and_no_limit_falls(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_facts lost = { .state = ER_SESSION_ACTIVE,
					 .last_reset = "BFD down received" };
	struct er_session_facts up = facts_of(10, 0);
	struct stage s;

	begin(&s, &config);
	assert_int_equal(peering_of(&s).assessment.redundancy, ER_REDUNDANT);
	expect(&s, "");
	for (int i = 0; i < 5; i++) {
		s.now.mono_ms += 1000;
		session(&s, ER_SECONDARY, &lost);
		expect(&s,
		       "session-change c private secondary ipv4 10.100.0.2 lost: BFD down received\n"
		       "redundancy-change c private ipv4 redundant -> degraded: secondary: unknown, no iBGP session with partner 10.100.0.2 (BFD down received)\n");
		session(&s, ER_SECONDARY, &up);
		/* however often iBGP is lost, the link has not flapped */
		expect(&s, "session-change c private secondary ipv4 10.100.0.2 established\n"
			   "redundancy-change c private ipv4 degraded -> redundant\n");
	}
	end(&s);
}

static void a_drain_there_is_told_here(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_facts drained = facts_of(10, 10), up = facts_of(10, 0);
	struct stage s;

	begin(&s, &config);
	session(&s, ER_SECONDARY, &drained);
	expect(&s,
	       "drain-start c private secondary ipv4 10 prefixes\n"
	       "redundancy-change c private ipv4 redundant -> degraded: secondary: drained by Microsoft (maintenance)\n");
	session(&s, ER_SECONDARY, &up);
	expect(&s, "drain-stop c private secondary ipv4\n"
		   "redundancy-change c private ipv4 degraded -> redundant\n");
	end(&s);
}

/* The partner ends the secondary link, so that "primary" is what is asked for here. */
static const char *refusal(struct stage *s, char *why, size_t len)
{
	const struct er_own_request request = {
		.circuit = "c",
		.link[ER_PRIMARY] = true,
		.drain = true,
	};

	return er_own_refuse(s->core, &request, why, len);
}

static void assert_audit(struct stage *s, enum er_audit_rule rule, enum er_found found,
			 const char *evidence)
{
	struct er_audit audit;

	assert_true(er_core_audit(s->core, "c", s->now, &audit));
	assert_int_equal(audit.finding[rule].verdict, found);
	assert_non_null(strstr(audit.finding[rule].evidence, evidence));
}

static void maintenance_there_blames_nobody_and_keeps_the_last_link(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_facts own = facts_of(10, 0), up = facts_of(10, 0);
	char why[ER_TEXT_LEN];
	struct stage s;

	begin(&s, &config);
	assert_null(refusal(&s, why, sizeof(why)));
	own.partner.own_drained = 10;
	session(&s, ER_SECONDARY, &own);
	assert_int_equal(s.out.n, 1);
	assert_true(s.out.notice[0].expected);
	assert_audit(&s, ER_AUDIT_MAINTENANCE, ER_FOUND_WARN,
		     "secondary is drained by the operator");
	expect(&s,
	       "redundancy-change c private ipv4 redundant -> degraded: secondary: drained by operator\n");
	assert_non_null(refusal(&s, why, sizeof(why)));
	assert_string_equal(
		why,
		"circuit c: primary is the last that can carry private ipv4, so only 'force' drains it: secondary is drained: drained by operator, and no other circuit has a healthy link in VRF default");
	session(&s, ER_SECONDARY, &up);
	expect(&s, "redundancy-change c private ipv4 degraded -> redundant\n");
	assert_null(refusal(&s, why, sizeof(why)));
	end(&s);
}

static size_t warnings_of(struct stage *s, const struct er_circuit_config *config,
			  char (*text)[ER_TEXT_LEN], size_t size)
{
	struct er_peering_key key = peering_key("c", ER_PRIVATE, ER_IPV4);
	struct er_peering_view view = peering_of(s);

	return er_core_warnings(config, &key, &view, text, size);
}

static void a_disagreement_is_warned_of_with_both_values(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_facts facts = facts_of(10, 0);
	char text[4][ER_TEXT_LEN];
	struct stage s;

	begin(&s, &config);
	assert_int_equal(warnings_of(&s, &config, text, 4), 0);
	facts.partner.disagree = 10;
	facts.partner.local_pref = 180;
	facts.partner.local_pref_ours = 150;
	session(&s, ER_SECONDARY, &facts);
	assert_int_equal(warnings_of(&s, &config, text, 4), 1);
	assert_string_equal(
		text[0],
		"partner 10.100.0.2 gives 10 prefixes local-preference 180, as a circuit of preference 3 has, and this router 150, by preference 0: give the circuit one preference on both");
	facts.partner.local_pref = 100;
	facts.partner.disagree = 1;
	facts.partner.all_paths = false;
	session(&s, ER_SECONDARY, &facts);
	assert_int_equal(warnings_of(&s, &config, text, 4), 2);
	assert_string_equal(
		text[0],
		"partner 10.100.0.2 gives 1 prefix local-preference 100 where this router would give 150: give them the same on both");
	assert_non_null(strstr(text[1], "addpath-tx-all-paths"));
	/* what is not seen is not complained of */
	facts.state = ER_SESSION_ACTIVE;
	session(&s, ER_SECONDARY, &facts);
	assert_int_equal(warnings_of(&s, &config, text, 4), 0);
	end(&s);
}

static void an_unreachable_next_hop_is_named(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_facts facts = facts_of(0, 0);
	char text[4][ER_TEXT_LEN];
	struct er_session_view view;
	struct er_session_key key = session_key("c", ER_PRIVATE, ER_SECONDARY, ER_IPV4);
	struct stage s;

	begin(&s, &config);
	facts.partner.unreachable = 7;
	session(&s, ER_SECONDARY, &facts);
	assert_int_equal(warnings_of(&s, &config, text, 4), 1);
	assert_non_null(strstr(text[0], "next-hop-self"));
	assert_true(er_core_session(s.core, &key, s.now, &view));
	er_link_reason(&view, text[0], ER_TEXT_LEN);
	assert_string_equal(text[0],
			    "partner 10.100.0.2 shows routes of Microsoft's whose next hop cannot be reached");
	end(&s);
}

static void the_audit_claims_what_ibgp_shows_and_no_more(void **state)
{
	struct er_circuit_config config = partnered("c", ER_PRIVATE, false);
	struct er_session_facts empty = facts_of(0, 0), lost = { .state = ER_SESSION_ACTIVE };
	struct stage s;

	begin(&s, &config);
	assert_audit(&s, ER_AUDIT_EDGES, ER_FOUND_PASS, "two routers");
	assert_audit(&s, ER_AUDIT_SESSIONS, ER_FOUND_PASS,
		     "1 of 1 sessions of this router are established, and the partner shows");
	assert_audit(&s, ER_AUDIT_SAME_ROUTES, ER_FOUND_NOT_APPLICABLE, "nothing to compare");
	/* iBGP is established, and yet nothing of Microsoft's comes: why cannot be seen */
	session(&s, ER_SECONDARY, &empty);
	assert_audit(&s, ER_AUDIT_SESSIONS, ER_FOUND_FAIL,
		     "the partner that ends secondary shows no route");
	session(&s, ER_SECONDARY, &lost);
	assert_audit(&s, ER_AUDIT_SESSIONS, ER_FOUND_WARN, "the partner that ends secondary");
	assert_audit(&s, ER_AUDIT_EDGES, ER_FOUND_NOT_APPLICABLE, "cannot be seen");
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_partner_makes_it_redundant_and_protected),
		cmocka_unit_test(without_ibgp_the_partners_link_is_unknown_and_not_down),
		cmocka_unit_test(ibgp_without_a_route_of_microsofts_is_a_link_that_is_down),
		cmocka_unit_test(routes_are_awaited_after_ibgp_has_come_up),
		cmocka_unit_test(routes_without_the_circuits_mark_are_unknown_and_not_down),
		cmocka_unit_test(of_several_circuits_a_better_one_may_hide_the_others),
		cmocka_unit_test(both_ends_of_a_circuit_have_its_mark),
		cmocka_unit_test(the_partner_carries_alone),
		cmocka_unit_test(half_of_the_partners_prefixes_drained_is_a_drained_link),
		cmocka_unit_test(what_its_operator_drains_there_is_drained_here),
		cmocka_unit_test(a_passive_partner_may_hide_its_link_behind_ours),
		cmocka_unit_test(routes_of_either_peering_say_nothing),
		cmocka_unit_test(without_bgpd_nothing_is_known),
		cmocka_unit_test(a_link_that_is_shut_down_is_not_looked_at),
		cmocka_unit_test(a_partners_counts_are_not_ours_to_limit),
		cmocka_unit_test(a_partner_is_planned_in_the_families_of_our_own_link),
		cmocka_unit_test(routes_are_told_apart_by_their_communities),
		cmocka_unit_test(another_local_preference_is_a_disagreement),
		cmocka_unit_test(an_operators_drain_is_told_by_its_local_preference),
		cmocka_unit_test(a_site_is_told_by_what_is_less_than_over_a_healthy_link),
		cmocka_unit_test(loss_of_ibgp_is_told_and_no_limit_falls),
		cmocka_unit_test(a_drain_there_is_told_here),
		cmocka_unit_test(maintenance_there_blames_nobody_and_keeps_the_last_link),
		cmocka_unit_test(a_disagreement_is_warned_of_with_both_values),
		cmocka_unit_test(an_unreachable_next_hop_is_named),
		cmocka_unit_test(the_audit_claims_what_ibgp_shows_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
