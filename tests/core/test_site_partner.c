// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach over a link that ends on a partner: as far as iBGP shows it.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "tests/core/site_scene.h"

static void partner_facts(struct scene *s, struct er_session_facts facts)
{
	struct er_event ev = { .type = ER_EV_SESSION, .facts = facts };

	ev.session = session_key("ams", ER_PRIVATE, ER_SECONDARY, ER_IPV4);
	scene_handle(s, &ev);
}

/* Sends all that it has, of which so much is Microsoft's. */
static const struct er_session_facts shows_all = {
	.state = ER_SESSION_ESTABLISHED,
	.accepted = 5,
	.partner = { .all_paths = true },
};

static void settle(struct scene *s)
{
	scene_after(s, ER_PARITY_SETTLE_MS);
	assert_string_equal(s->said, "");
}

/* The secondary link ends on a partner; nothing has been counted. */
static void begin_partnered(struct scene *s)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_link_config *link = &config.peering[ER_PRIVATE].link[ER_SECONDARY];

	memset(link, 0, sizeof(*link));
	link->configured = true;
	str2ipaddr("10.100.0.2", &link->partner);
	scene_begin_with(s, &config);
	scene_session(s, "ams", ER_PRIMARY, ER_IPV4, true);
	partner_facts(s, shows_all);
	scene_plain(s, ER_EV_BGPD_SYNCED);
}

/* Of paris both and only, of rome one on both; and what is missing of paris. */
static void tell_paris(struct scene *s, uint32_t both, uint32_t here, uint32_t there,
		       uint32_t missing)
{
	scene_tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	scene_tell(s, "paris",
		   (struct er_site_facts){
			   .both = both, .only = { here, there }, .missing = missing });
}

static void begin_seen(struct scene *s)
{
	begin_partnered(s);
	tell_paris(s, 2, 0, 0, 0);
	assert_string_equal(s->said, "");
	settle(s);
	assert_joint(s, ER_IPV4, ER_JOINT_ESTABLISHED);
}

static void what_a_partner_shows_is_seen_on_its_link(void **state)
{
	struct er_joint_view view;
	struct scene s;

	begin_seen(&s);
	view = scene_joint(&s, ER_IPV4);
	assert_int_equal(view.prefixes, 3);
	assert_int_equal(view.seen[ER_PRIMARY], 3);
	assert_int_equal(view.seen[ER_SECONDARY], 3);
	assert_false(er_is_any_hidden(&view.hidden));
	assert_true(view.missing_known);
	/* on its link alone it is established as well */
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .only = { 0, 1 } });
	scene_tell(&s, "paris", (struct er_site_facts){ .only = { 0, 2 } });
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	assert_int_equal(scene_joint(&s, ER_IPV4).seen[ER_PRIMARY], 0);
	scene_end(&s);
}

static void what_lacks_on_one_is_an_asymmetry_and_on_both_missing(void **state)
{
	struct scene s;

	begin_seen(&s);
	tell_paris(&s, 1, 1, 0, 0);
	assert_string_equal(s.said, "");
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 0, asymmetric\n");
	assert_int_equal(scene_joint(&s, ER_IPV4).only[ER_PRIMARY], 1);
	tell_paris(&s, 2, 0, 0, 0);
	assert_non_null(strstr(s.said, "established -> established, 3 prefixes, missing 0\n"));
	tell_paris(&s, 1, 0, 0, 1);
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 2 prefixes, missing 1\n");
	/* all of it */
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	scene_tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	scene_end(&s);
}

static bool is_hidden(const struct scene *s)
{
	struct er_joint_view view = scene_joint(s, ER_IPV4);

	return er_is_any_hidden(&view.hidden);
}

/* Nothing of it is said, and the joint's view names the reason. */
static void assert_hidden(struct scene *s, const char *why)
{
	struct er_joint_view view = scene_joint(s, ER_IPV4);
	char text[ER_TEXT_LEN];

	assert_string_equal(s->said, "");
	assert_true(view.hidden.link[ER_SECONDARY]);
	assert_false(view.hidden.link[ER_PRIMARY]);
	snprintf(text, sizeof(text),
		 "not all is known of the secondary link, which ends on partner 10.100.0.2: %s",
		 why);
	assert_string_equal(view.hidden.why, text);
	assert_false(view.asymmetric || view.incomplete || view.only[ER_PRIMARY] || view.missing);
}

/* A partner of which not all is known: nothing that it does not show is lacking. */
static void check_hidden(struct er_session_facts facts, const char *why)
{
	struct er_site_view site;
	struct scene s;

	begin_seen(&s);
	partner_facts(&s, facts);
	assert_string_equal(s.said, "");
	tell_paris(&s, 0, 2, 0, 0);
	scene_after(&s, 60000);
	assert_hidden(&s, why);
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &site));
	assert_true(site.hidden.link[ER_SECONDARY] && !site.only[ER_PRIMARY]);
	/* what nobody shows may be there */
	tell_paris(&s, 0, 1, 0, 1);
	scene_after(&s, 60000);
	assert_hidden(&s, why);
	assert_false(scene_joint(&s, ER_IPV4).missing_known);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &site));
	assert_false(site.missing_known);
	/* neither is there nothing */
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	scene_tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	scene_after(&s, 60000);
	assert_hidden(&s, why);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	assert_string_equal(scene_joint(&s, ER_IPV4).reason, scene_joint(&s, ER_IPV4).hidden.why);
	/* shown again, it is believed when it has settled */
	partner_facts(&s, shows_all);
	scene_after(&s, ER_PARITY_SETTLE_MS - 1);
	assert_hidden(&s, "its iBGP session has just begun");
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	scene_after(&s, 1);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	assert_non_null(strstr(s.said, "established -> not-seen"));
	scene_end(&s);
}

static void what_a_partner_that_sends_its_best_paths_does_not_show_is_unknown(void **state)
{
	struct er_session_facts facts = shows_all;
	struct scene s;

	facts.partner.all_paths = false;
	check_hidden(facts, "it sends its best paths only");
	/* what it does show is there: our own link lacks it */
	begin_seen(&s);
	partner_facts(&s, facts);
	tell_paris(&s, 1, 0, 1, 0);
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_non_null(strstr(s.said, "missing 0, asymmetric"));
	/* and while it shows all that we have, nothing is hidden that anybody knows of */
	tell_paris(&s, 2, 0, 0, 0);
	assert_false(is_hidden(&s));
	scene_end(&s);
}

static void without_ibgp_a_partners_link_is_unknown(void **state)
{
	check_hidden((struct er_session_facts){ .state = ER_SESSION_CONNECT },
		     "there is no iBGP session with it");
}

static void routes_of_either_peering_or_circuit_leave_a_partners_link_unknown(void **state)
{
	struct er_session_facts facts = shows_all;

	facts.partner.unclear = 1;
	check_hidden(facts, "some of its routes may be of either peering");
	facts.partner.unclear = 0;
	facts.partner.unmarked = 1;
	check_hidden(facts,
		     "some of its routes may be of either circuit: they have no site-of-origin");
}

static void a_difference_that_is_hidden_for_a_while_is_told_once(void **state)
{
	struct scene s;

	begin_seen(&s);
	tell_paris(&s, 1, 1, 0, 0);
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_non_null(strstr(s.said, "asymmetric"));
	partner_facts(&s, (struct er_session_facts){ .state = ER_SESSION_CONNECT });
	assert_string_equal(s.said, "");
	tell_paris(&s, 0, 2, 0, 0);
	scene_after(&s, 60000);
	assert_hidden(&s, "there is no iBGP session with it");
	tell_paris(&s, 1, 1, 0, 0);
	partner_facts(&s, shows_all);
	assert_string_equal(s.said, "");
	settle(&s);
	assert_true(scene_joint(&s, ER_IPV4).asymmetric);
	/* over when it is seen to be */
	tell_paris(&s, 2, 0, 0, 0);
	assert_non_null(strstr(s.said, "established -> established, 3 prefixes, missing 0\n"));
	scene_end(&s);
}

static void a_partners_link_that_brings_nothing_is_no_asymmetry(void **state)
{
	struct er_session_facts facts = shows_all;
	struct scene s;

	begin_seen(&s);
	facts.accepted = 0;
	partner_facts(&s, facts);
	assert_secondary_is_no_asymmetry(&s);
	scene_end(&s);
}

/* iBGP drops what has our own AS in its path, unless it is told not to. */
static void a_site_with_our_own_as_is_unknown_until_a_partner_shows_it(void **state)
{
	static const struct a_site twin = { "paris", {}, { "10.20.0.0/16" }, {}, true };
	struct scene s;

	begin_seen(&s);
	scene_configure_site(&s, &twin);
	tell_paris(&s, 0, 2, 0, 0);
	scene_after(&s, 60000);
	assert_hidden(&s, "of a site with our own AS iBGP needs 'allowas-in'");
	tell_paris(&s, 1, 1, 0, 0);
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_true(scene_joint(&s, ER_IPV4).asymmetric);
	scene_end(&s);
}

static void a_partners_link_that_is_shut_down_hides_nothing(void **state)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_link_config *link = &config.peering[ER_PRIVATE].link[ER_SECONDARY];
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &config };
	struct scene s;

	begin_seen(&s);
	memset(link, 0, sizeof(*link));
	link->configured = link->shutdown = true;
	str2ipaddr("10.100.0.2", &link->partner);
	scene_handle(&s, &ev);
	tell_paris(&s, 0, 1, 0, 1);
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_false(is_hidden(&s));
	assert_false(scene_joint(&s, ER_IPV4).asymmetric);
	assert_true(scene_joint(&s, ER_IPV4).incomplete);
	scene_end(&s);
}

static void a_maximum_is_of_what_this_router_lets_in(void **state)
{
	static const struct a_site limited = { "paris", { 65020 }, { "10.20.0.0/16" },
					       {},	false,	   ER_SITE_PREFER,
					       10 };
	struct er_site_view view;
	struct scene s;

	begin_seen(&s);
	scene_configure_site(&s, &limited);
	tell_paris(&s, 5, 0, 5, 0);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &view));
	assert_int_equal(view.level, ER_LIMIT_OK);
	tell_paris(&s, 5, 5, 0, 0);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &view));
	assert_int_not_equal(view.level, ER_LIMIT_OK);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_partner_shows_is_seen_on_its_link),
		cmocka_unit_test(what_lacks_on_one_is_an_asymmetry_and_on_both_missing),
		cmocka_unit_test(what_a_partner_that_sends_its_best_paths_does_not_show_is_unknown),
		cmocka_unit_test(without_ibgp_a_partners_link_is_unknown),
		cmocka_unit_test(routes_of_either_peering_or_circuit_leave_a_partners_link_unknown),
		cmocka_unit_test(a_difference_that_is_hidden_for_a_while_is_told_once),
		cmocka_unit_test(a_partners_link_that_brings_nothing_is_no_asymmetry),
		cmocka_unit_test(a_site_with_our_own_as_is_unknown_until_a_partner_shows_it),
		cmocka_unit_test(a_partners_link_that_is_shut_down_hides_nothing),
		cmocka_unit_test(a_maximum_is_of_what_this_router_lets_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
