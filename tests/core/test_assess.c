// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts -> assessment: assess.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/assess.h"
#include "tests/core/support.h"

/* One pair of links with all that is known of it. */
struct scene {
	struct er_circuit_config config;
	struct er_peering_config *p;
	struct er_interface_facts interface[ER_ROLES];
	struct er_session_facts session[ER_ROLES];
	struct er_rib_facts rib;
	struct er_pair_facts f;
	struct er_assessment a;
};

/* Both links up, with the same hundred prefixes. */
static void healthy(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->config = circuit_of("c", ER_PRIVATE, false, 1);
	s->p = &s->config.peering[ER_PRIVATE];
	s->f.config = &s->config;
	s->f.peering = ER_PRIVATE;
	s->f.family = ER_IPV4;
	s->f.rib = &s->rib;
	s->rib.both = 100;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		s->f.interface[r] = &s->interface[r];
		s->f.session[r] = &s->session[r];
		s->interface[r].state = ER_IF_UP;
		s->interface[r].port_ifindex = 10 + r;
		s->interface[r].address_present[ER_IPV4] = true;
		s->session[r].state = ER_SESSION_ESTABLISHED;
		s->session[r].accepted = 100;
	}
}

static void check(struct scene *s, enum er_redundancy redundancy, enum er_reason reason,
		  enum er_health primary, enum er_health secondary)
{
	er_assess(&s->f, &s->a);
	assert_int_equal(s->a.redundancy, redundancy);
	assert_int_equal(s->a.reason, reason);
	assert_int_equal(s->a.link[ER_PRIMARY].health, primary);
	assert_int_equal(s->a.link[ER_SECONDARY].health, secondary);
}

static void two_healthy_links_are_redundant(void **state)
{
	struct scene s;

	healthy(&s);
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	assert_false(s.a.drained || s.a.asymmetric || s.a.flapping);
}

static void a_lost_session_degrades_two_take_it_down(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_SECONDARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_UP, ER_LINK_DOWN);
	assert_int_equal(s.a.culprit, ER_SECONDARY);
	s.session[ER_PRIMARY].state = ER_SESSION_IDLE;
	check(&s, ER_DOWN, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_DOWN);
	assert_int_equal(s.a.culprit, ER_PRIMARY);
}

static void every_state_but_established_is_not_established(void **state)
{
	struct scene s;

	healthy(&s);
	for (enum er_session_state st = 0; st < ER_SESSION_ESTABLISHED; st++) {
		s.session[ER_PRIMARY].state = st;
		check(&s, ER_DEGRADED,
		      st == ER_SESSION_ABSENT ? ER_REASON_ABSENT : ER_REASON_SESSION, ER_LINK_DOWN,
		      ER_LINK_UP);
	}
}

static void an_unfit_interface_takes_the_link_down_whatever_bgp_says(void **state)
{
	const enum er_if_state unfit[] = { ER_IF_MISSING, ER_IF_DOWN, ER_IF_WRONG_VRF };
	struct scene s;

	healthy(&s);
	for (size_t i = 0; i < array_size(unfit); i++) {
		s.interface[ER_PRIMARY].state = unfit[i];
		check(&s, ER_DEGRADED, ER_REASON_INTERFACE, ER_LINK_DOWN, ER_LINK_UP);
	}
	/* not configured: routing finds the way */
	s.interface[ER_PRIMARY] = (struct er_interface_facts){ .state = ER_IF_UNCONFIGURED };
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void a_missing_address_explains_a_missing_session_only(void **state)
{
	struct scene s;

	healthy(&s);
	s.interface[ER_PRIMARY].address_present[ER_IPV4] = false;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DEGRADED, ER_REASON_ADDRESS, ER_LINK_DOWN, ER_LINK_UP);
	s.interface[ER_PRIMARY].state = ER_IF_UNCONFIGURED;
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_UP);
}

static void without_bgpd_every_link_is_down(void **state)
{
	struct scene s;

	healthy(&s);
	s.f.bgpd_lost = true;
	check(&s, ER_DOWN, ER_REASON_BGPD_LOST, ER_LINK_DOWN, ER_LINK_DOWN);
	assert_false(s.a.drained || s.a.asymmetric);
}

static void an_empty_link_beside_a_full_one_is_idle(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_PRIMARY].accepted = 0;
	s.rib = (struct er_rib_facts){ .only[ER_SECONDARY] = 100 };
	check(&s, ER_DEGRADED, ER_REASON_IDLE, ER_LINK_IDLE, ER_LINK_UP);
	/* both empty: nobody advertises anything, and both would carry it */
	s.session[ER_SECONDARY].accepted = 0;
	s.rib = (struct er_rib_facts){};
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void an_empty_link_beside_a_lost_one_is_not_idle(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_PRIMARY].accepted = 0;
	s.session[ER_SECONDARY].state = ER_SESSION_ACTIVE;
	s.rib = (struct er_rib_facts){ .only[ER_SECONDARY] = 100 };
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_UP, ER_LINK_DOWN);
}

static void a_fresh_session_without_prefixes_is_idle_whatever_its_twin_has(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_PRIMARY].accepted = s.session[ER_SECONDARY].accepted = 0;
	s.rib = (struct er_rib_facts){};
	s.f.fresh[ER_PRIMARY] = true;
	check(&s, ER_DEGRADED, ER_REASON_IDLE, ER_LINK_IDLE, ER_LINK_UP);
	s.f.fresh[ER_SECONDARY] = true;
	check(&s, ER_DEGRADED, ER_REASON_IDLE, ER_LINK_IDLE, ER_LINK_IDLE);
	s.rib.both = 1;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void either_report_of_prefixes_is_enough_not_to_be_idle(void **state)
{
	struct scene s;

	healthy(&s);
	s.session[ER_PRIMARY].accepted = 0; /* the RIB still has 100 */
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	healthy(&s);
	s.rib = (struct er_rib_facts){ .only[ER_SECONDARY] = 100 };
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void half_of_the_prefixes_drained_is_a_drained_link(void **state)
{
	struct scene s;

	healthy(&s);
	s.rib.drained[ER_PRIMARY] = 50;
	check(&s, ER_DEGRADED, ER_REASON_DRAINED, ER_LINK_DRAINED, ER_LINK_UP);
	assert_true(s.a.drained && s.a.link[ER_PRIMARY].drained);
	assert_false(s.a.link[ER_SECONDARY].drained);
	s.rib.drained[ER_PRIMARY] = 49;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	/* an odd number: 50 of 101 is less than half */
	s.rib.only[ER_PRIMARY] = 1;
	s.rib.drained[ER_PRIMARY] = 50;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	s.rib.drained[ER_PRIMARY] = 51;
	check(&s, ER_DEGRADED, ER_REASON_DRAINED, ER_LINK_DRAINED, ER_LINK_UP);
}

static void huge_counts_do_not_overflow(void **state)
{
	struct scene s;

	healthy(&s);
	s.rib.both = UINT32_MAX;
	s.rib.only[ER_PRIMARY] = UINT32_MAX;
	s.rib.drained[ER_PRIMARY] = UINT32_MAX;
	check(&s, ER_DEGRADED, ER_REASON_DRAINED, ER_LINK_DRAINED, ER_LINK_UP);
	s.rib.drained[ER_PRIMARY] = UINT32_MAX - 1;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
}

static void a_drained_link_that_is_lost_is_down(void **state)
{
	struct scene s;

	healthy(&s);
	s.rib.drained[ER_PRIMARY] = 100;
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_UP);
	assert_false(s.a.drained);
}

static void a_drained_link_alone_still_carries_traffic(void **state)
{
	struct scene s;

	healthy(&s);
	s.rib = (struct er_rib_facts){ .only[ER_PRIMARY] = 100, .drained[ER_PRIMARY] = 100 };
	s.session[ER_SECONDARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_DRAINED, ER_LINK_DOWN);
	assert_int_equal(s.a.culprit, ER_SECONDARY);
	/* both drained at once: not down */
	healthy(&s);
	s.rib.drained[ER_PRIMARY] = s.rib.drained[ER_SECONDARY] = 100;
	check(&s, ER_DEGRADED, ER_REASON_DRAINED, ER_LINK_DRAINED, ER_LINK_DRAINED);
}

static void a_flapping_link_is_held_while_established(void **state)
{
	struct scene s;

	healthy(&s);
	s.f.flapping[ER_PRIMARY] = true;
	s.rib.drained[ER_PRIMARY] = 100;
	check(&s, ER_DEGRADED, ER_REASON_HELD, ER_LINK_HELD, ER_LINK_UP);
	assert_true(s.a.flapping && s.a.drained);
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DEGRADED, ER_REASON_SESSION, ER_LINK_DOWN, ER_LINK_UP);
	assert_true(s.a.flapping);
}

static void shutdown_of_one_link_degrades_of_both_is_inactive(void **state)
{
	struct scene s;

	healthy(&s);
	s.p->link[ER_PRIMARY].shutdown = true;
	check(&s, ER_DEGRADED, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_UP);
	assert_int_equal(s.a.unprotected, ER_PROTECTED);
	s.session[ER_SECONDARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DOWN, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_DOWN);
	s.p->link[ER_SECONDARY].shutdown = true;
	check(&s, ER_INACTIVE, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_INACTIVE);
}

static void shutdown_of_peering_or_circuit_is_inactive(void **state)
{
	struct scene s;

	healthy(&s);
	s.p->shutdown = true;
	check(&s, ER_INACTIVE, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_INACTIVE);
	s.p->shutdown = false;
	s.config.shutdown = true;
	check(&s, ER_INACTIVE, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_INACTIVE);
	s.f.bgpd_lost = true;
	check(&s, ER_INACTIVE, ER_REASON_SHUTDOWN, ER_LINK_INACTIVE, ER_LINK_INACTIVE);
}

static void a_link_without_subnet_leaves_the_other_alone(void **state)
{
	struct scene s;

	healthy(&s);
	s.p->link[ER_SECONDARY].subnet[ER_IPV4].family = AF_UNSPEC;
	check(&s, ER_DEGRADED, ER_REASON_UNCONFIGURED, ER_LINK_UP, ER_LINK_INACTIVE);
	assert_int_equal(s.a.culprit, ER_SECONDARY);
	s.session[ER_PRIMARY].state = ER_SESSION_ACTIVE;
	check(&s, ER_DOWN, ER_REASON_UNCONFIGURED, ER_LINK_DOWN, ER_LINK_INACTIVE);
	s.p->link[ER_PRIMARY].configured = false;
	check(&s, ER_INACTIVE, ER_REASON_UNCONFIGURED, ER_LINK_INACTIVE, ER_LINK_INACTIVE);
}

static void what_the_links_share_is_told(void **state)
{
	struct scene s;

	healthy(&s);
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	assert_int_equal(s.a.unprotected, ER_SINGLE_ROUTER);
	/* two VLANs on one port */
	s.interface[ER_SECONDARY].port_ifindex = 10;
	er_assess(&s.f, &s.a);
	assert_int_equal(s.a.unprotected, ER_SINGLE_INTERFACE);
	/* no interface known yet, but one name for both */
	s.interface[ER_PRIMARY].port_ifindex = s.interface[ER_SECONDARY].port_ifindex = 0;
	er_assess(&s.f, &s.a);
	assert_int_equal(s.a.unprotected, ER_SINGLE_ROUTER);
	strlcpy(s.p->link[ER_SECONDARY].ifname, "eth1", ER_IFNAME_LEN);
	er_assess(&s.f, &s.a);
	assert_int_equal(s.a.unprotected, ER_SINGLE_INTERFACE);
	/* no names: nothing is known to be shared but the router */
	s.p->link[ER_PRIMARY].ifname[0] = s.p->link[ER_SECONDARY].ifname[0] = '\0';
	er_assess(&s.f, &s.a);
	assert_int_equal(s.a.unprotected, ER_SINGLE_ROUTER);
}

static void a_settled_difference_is_asymmetric_but_no_less_redundant(void **state)
{
	struct scene s;

	healthy(&s);
	s.rib.path_differs = 1;
	assert_true(er_links_differ(&s.f));
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	assert_false(s.a.asymmetric);
	s.f.parity_settled = true;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	assert_true(s.a.asymmetric);
	s.rib.path_differs = 0;
	check(&s, ER_REDUNDANT, ER_REASON_NONE, ER_LINK_UP, ER_LINK_UP);
	assert_false(s.a.asymmetric);
}

static void links_differ_by_presence_or_path_while_both_are_established(void **state)
{
	struct scene s;

	healthy(&s);
	assert_false(er_links_differ(&s.f));
	assert_true(er_links_agree(&s.f));
	s.rib.only[ER_PRIMARY] = 1;
	assert_true(er_links_differ(&s.f));
	s.rib = (struct er_rib_facts){ .both = 1, .only[ER_SECONDARY] = 1 };
	assert_true(er_links_differ(&s.f));
	assert_false(er_links_agree(&s.f));
	s.session[ER_PRIMARY].state = ER_SESSION_IDLE;
	assert_false(er_links_differ(&s.f));
	assert_false(er_links_agree(&s.f));
	/* nothing and nothing is not yet agreement */
	healthy(&s);
	s.rib = (struct er_rib_facts){};
	assert_false(er_links_differ(&s.f));
	assert_false(er_links_agree(&s.f));
}

static void the_most_severe_reason_wins(void **state)
{
	struct scene s;

	healthy(&s);
	s.rib.drained[ER_PRIMARY] = 100;
	s.interface[ER_SECONDARY].state = ER_IF_DOWN;
	check(&s, ER_DEGRADED, ER_REASON_INTERFACE, ER_LINK_DRAINED, ER_LINK_DOWN);
	assert_int_equal(s.a.culprit, ER_SECONDARY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_healthy_links_are_redundant),
		cmocka_unit_test(a_lost_session_degrades_two_take_it_down),
		cmocka_unit_test(every_state_but_established_is_not_established),
		cmocka_unit_test(an_unfit_interface_takes_the_link_down_whatever_bgp_says),
		cmocka_unit_test(a_missing_address_explains_a_missing_session_only),
		cmocka_unit_test(without_bgpd_every_link_is_down),
		cmocka_unit_test(an_empty_link_beside_a_full_one_is_idle),
		cmocka_unit_test(an_empty_link_beside_a_lost_one_is_not_idle),
		cmocka_unit_test(a_fresh_session_without_prefixes_is_idle_whatever_its_twin_has),
		cmocka_unit_test(either_report_of_prefixes_is_enough_not_to_be_idle),
		cmocka_unit_test(half_of_the_prefixes_drained_is_a_drained_link),
		cmocka_unit_test(huge_counts_do_not_overflow),
		cmocka_unit_test(a_drained_link_that_is_lost_is_down),
		cmocka_unit_test(a_drained_link_alone_still_carries_traffic),
		cmocka_unit_test(a_flapping_link_is_held_while_established),
		cmocka_unit_test(shutdown_of_one_link_degrades_of_both_is_inactive),
		cmocka_unit_test(shutdown_of_peering_or_circuit_is_inactive),
		cmocka_unit_test(a_link_without_subnet_leaves_the_other_alone),
		cmocka_unit_test(what_the_links_share_is_told),
		cmocka_unit_test(a_settled_difference_is_asymmetric_but_no_less_redundant),
		cmocka_unit_test(links_differ_by_presence_or_path_while_both_are_established),
		cmocka_unit_test(the_most_severe_reason_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
