// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach: what is said of sites and joints (site_core.c).
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "tests/core/random.h"
#include "tests/core/site_scene.h"

static void a_joint_is_unknown_until_bgpd_has_counted_all_of_its_sites(void **state)
{
	struct scene s;

	scene_begin(&s);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	/* one site is not all, and it takes effect with what is undeclared */
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){});
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	scene_tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	assert_string_equal(scene_joint(&s, ER_IPV4).reason,
			    "no route of its sites comes over circuit ams");
	assert_int_equal(scene_joint(&s, ER_IPV4).missing, 3);
	/* none of its sites has a prefix of that family */
	assert_joint(&s, ER_IPV6, ER_JOINT_INACTIVE);
	/* what is so when it is first looked at is not news */
	assert_string_equal(s.said, "");
	scene_end(&s);
}

static void a_joint_is_established_while_routes_of_its_sites_are_seen(void **state)
{
	struct scene s;
	struct er_joint_view view;

	scene_begin(&s);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	scene_tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	scene_tell(&s, "paris",
		   (struct er_site_facts){ .both = 2, .only = { 1, 0 }, .missing = 1 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach not-seen -> established, 3 prefixes, missing 0\n");
	view = scene_joint(&s, ER_IPV4);
	assert_int_equal(view.prefixes, 3);
	assert_int_equal(view.seen[ER_PRIMARY], 3);
	assert_int_equal(view.seen[ER_SECONDARY], 2);
	assert_int_equal(view.missing, 2);
	scene_tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> not-seen: no route of its sites comes over circuit ams, 0 prefixes, missing 0\n");
	scene_end(&s);
}

static void why_it_is_not_established(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	scene_tell(&s, "paris", (struct er_site_facts){ .refused_prefix = 3, .missing = 2 });
	assert_string_equal(scene_joint(&s, ER_IPV4).reason,
			    "all that its sites send over circuit ams is refused: 3 prefixes");
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		scene_session(&s, "ams", r, ER_IPV4, false);
	assert_string_equal(scene_joint(&s, ER_IPV4).reason,
			    "no session of circuit ams's private peering is established");
	scene_end(&s);
}

static void links_that_differ_and_prefixes_that_miss_are_told_when_they_have_settled(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_tell(&s, "paris",
		   (struct er_site_facts){ .both = 1, .only = { 0, 1 }, .missing = 1 });
	assert_string_equal(s.said, "");
	assert_int_equal(er_core_deadline(s.core), s.now.mono_ms + ER_PARITY_SETTLE_MS);
	scene_after(&s, ER_PARITY_SETTLE_MS - 1);
	assert_string_equal(s.said, "");
	scene_after(&s, 1);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 1, asymmetric\n");
	scene_after(&s, 60000);
	assert_string_equal(s.said, "");
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 0\n");
	/* each by itself, too */
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 1, .missing = 1 });
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 2 prefixes, missing 1\n");
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	/* what does not last is nothing */
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 1, .only = { 0, 1 } });
	scene_after(&s, 3000);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	scene_after(&s, 3000);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 1, .only = { 0, 1 } });
	scene_after(&s, 3000);
	assert_string_equal(s.said, "");
	scene_end(&s);
}

/* The circuit's redundancy tells of that. */
static void a_link_that_is_down_is_no_asymmetry(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_session(&s, "ams", ER_SECONDARY, ER_IPV4, false);
	assert_secondary_is_no_asymmetry(&s);
	scene_end(&s);
}

static void a_joint_that_is_shut_down_is_not_watched(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_configure_joint(&s, "reach", true, "paris", "rome");
	assert_joint(&s, ER_IPV4, ER_JOINT_INACTIVE);
	assert_string_equal(scene_joint(&s, ER_IPV4).reason, "shut down");
	scene_tell(&s, "paris", (struct er_site_facts){});
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 3 });
	assert_string_equal(s.said, "");
	scene_configure_joint(&s, "reach", false, "paris", "rome");
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	scene_end(&s);
}

static void while_bgpd_is_lost_nothing_is_known_and_nothing_said(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_plain(&s, ER_EV_BGPD_LOST);
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	scene_after(&s, ER_CHANNEL_GRACE_MS);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	assert_string_equal(s.said, "");
	scene_plain(&s, ER_EV_BGPD_SYNCED);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	assert_string_equal(s.said, "");
	/* what has been lost meanwhile is told */
	scene_plain(&s, ER_EV_BGPD_LOST);
	scene_after(&s, ER_CHANNEL_GRACE_MS);
	scene_plain(&s, ER_EV_BGPD_SYNCED);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	scene_tell(&s, "paris", (struct er_site_facts){});
	assert_non_null(strstr(s.said, "established -> not-seen"));
	scene_end(&s);
}

static void a_family_that_has_been_seen_once_is_watched(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_tell_site(&s, "ams", ER_IPV6, "paris", (struct er_site_facts){ .both = 1 });
	scene_tell_site(&s, "ams", ER_IPV6, "rome", (struct er_site_facts){});
	scene_tell_site(&s, "ams", ER_IPV6, "", (struct er_site_facts){});
	assert_joint(&s, ER_IPV6, ER_JOINT_ESTABLISHED);
	scene_tell_site(&s, "ams", ER_IPV6, "paris", (struct er_site_facts){});
	scene_tell_site(&s, "ams", ER_IPV6, "", (struct er_site_facts){});
	assert_joint(&s, ER_IPV6, ER_JOINT_UNSEEN);
	assert_non_null(strstr(s.said, "ams private ipv6 reach established -> not-seen"));
	scene_end(&s);
}

static void a_joint_without_sites_takes_whatever_is_not_azures(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_configure_joint(&s, "reach", false, NULL, NULL);
	assert_int_equal(scene_joint(&s, ER_IPV4).prefixes, 3);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	scene_tell_site(&s, "ams", ER_IPV4, "paris", (struct er_site_facts){ .missing = 2 });
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 5 });
	assert_int_equal(scene_joint(&s, ER_IPV4).prefixes, 5);
	/* whose prefixes miss nobody can say: they may lie behind another one */
	assert_int_equal(scene_joint(&s, ER_IPV4).missing, 0);
	scene_end(&s);
}

static void overlaps_with_vnets_are_a_joints_own(void **state)
{
	struct er_site_facts facts = { .overlaps = 2, .n_overlaps = 2 };
	struct er_joint_view view;
	struct scene s;

	scene_begin_established(&s);
	assert_true(str2prefix("172.31.0.0/16", &facts.overlap[0]));
	assert_true(str2prefix("172.30.0.0/24", &facts.overlap[1])); /* another joint's */
	scene_tell_site(&s, "ams", ER_IPV4, "", facts);
	view = scene_joint(&s, ER_IPV4);
	assert_int_equal(view.overlaps, 1);
	assert_true(prefix_same(&view.overlap[0], &facts.overlap[0]));
	scene_end(&s);
}

static void what_a_site_may_not_send_is_told_at_once_and_then_seldom(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 1 });
	assert_string_equal(s.said,
			    "site-refused ams private ipv4 paris 1 by prefix, 0 by limit\n");
	for (uint32_t i = 2; i < 100; i++) {
		scene_after(&s, 100);
		scene_tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = i });
		assert_string_equal(s.said, "");
	}
	scene_after(&s, ER_SITE_TELL_MS);
	assert_string_equal(s.said,
			    "site-refused ams private ipv4 paris 99 by prefix, 0 by limit\n");
	/* less of it is no news, none is */
	scene_after(&s, ER_SITE_TELL_MS);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 50 });
	assert_string_equal(s.said, "");
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(s.said,
			    "site-refused ams private ipv4 paris 0 by prefix, 0 by limit\n");
	scene_end(&s);
}

static void undeclared_sites_are_told_of_once_there_is_a_joint(void **state)
{
	const struct er_site_facts seen = { .both = 4, .only = { 1, 0 } };
	struct scene s;

	scene_begin_established(&s);
	scene_tell_site(&s, "ams", ER_IPV4, "", seen);
	assert_string_equal(s.said, "undeclared-site ams private ipv4 5 accepted, 0 refused\n");
	scene_end(&s);

	scene_begin_established(&s);
	scene_undeclared(&s, ER_UNDECLARED_ACCEPT);
	scene_tell_site(&s, "ams", ER_IPV4, "", seen);
	assert_string_equal(s.said, "");
	scene_undeclared(&s, ER_UNDECLARED_REFUSE);
	assert_string_equal(s.said, "undeclared-site ams private ipv4 5 accepted, 0 refused\n");
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .refused_undeclared = 5 });
	assert_string_equal(s.said, "");
	scene_after(&s, ER_SITE_TELL_MS);
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){});
	assert_string_equal(s.said, "undeclared-site ams private ipv4 0 accepted, 0 refused\n");
	scene_end(&s);

	scene_begin_established(&s);
	scene_configure_joint(&s, "reach", true, "paris", "rome");
	scene_tell_site(&s, "ams", ER_IPV4, "", seen);
	assert_string_equal(s.said, "");
	scene_end(&s);
}

static void a_maximum_that_is_near_is_told(void **state)
{
	struct a_site limited = paris;
	struct er_site_view view;
	struct scene s;

	scene_begin_established(&s);
	limited.maximum = 10;
	scene_configure_site(&s, &limited);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 7 });
	assert_string_equal(s.said, "");
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 7, .only = { 1, 0 } });
	assert_string_equal(s.said, "site-limit ams private ipv4 paris ok -> warning: 8 of 10\n");
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 10, .refused_limit = 3 });
	assert_string_equal(s.said,
			    "site-limit ams private ipv4 paris warning -> full: 10 of 10\n"
			    "site-refused ams private ipv4 paris 0 by prefix, 3 by limit\n");
	/* it has not come down while anything is refused */
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 9, .refused_limit = 3 });
	assert_string_equal(s.said, "");
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &view));
	assert_true(view.known && view.may_be_heard);
	assert_int_equal(view.level, ER_LIMIT_FULL);
	assert_int_equal(view.facts.refused_limit, 3);
	scene_end(&s);
}

static void what_is_gone_is_not_said_any_more(void **state)
{
	struct er_event ev = { .type = ER_EV_SITE_CONFIG_GONE };
	struct er_joint_view view;
	struct er_site_view site;
	struct scene s;

	scene_begin_established(&s);
	strlcpy(ev.circuit, "paris", sizeof(ev.circuit));
	scene_handle(&s, &ev);
	assert_false(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &site));
	assert_int_equal(scene_joint(&s, ER_IPV4).prefixes, 1);
	/* told of by a module that has not heard of it yet */
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(s.said, "");
	ev.type = ER_EV_CONFIG_GONE;
	strlcpy(ev.circuit, "ams", sizeof(ev.circuit));
	scene_handle(&s, &ev);
	assert_joint(&s, ER_IPV4, ER_JOINT_INACTIVE);
	assert_string_equal(scene_joint(&s, ER_IPV4).reason, "its circuit does not exist");
	assert_string_equal(s.said, "");
	ev.type = ER_EV_JOINT_CONFIG_GONE;
	strlcpy(ev.circuit, "reach", sizeof(ev.circuit));
	scene_handle(&s, &ev);
	assert_false(er_core_joint_state(s.core, "reach", ER_IPV4, &view));
	assert_null(er_core_joint_config(s.core, "reach"));
	assert_true(er_core_has_sites(s.core));
	ev.type = ER_EV_SITE_CONFIG_GONE;
	strlcpy(ev.circuit, "rome", sizeof(ev.circuit));
	scene_handle(&s, &ev);
	assert_false(er_core_has_sites(s.core));
	scene_undeclared(&s, ER_UNDECLARED_REFUSE);
	assert_true(er_core_has_sites(s.core));
	scene_end(&s);
}

/*
 * Events at random: a joint is never told to have become what it was told to be,
 * and the deadline is always ahead.
 */
struct memory {
	bool met;
	enum er_joint_state state;
	bool asymmetric, incomplete;
	unsigned int refusals; /* told of paris */
};

static void hear(const struct scene *s, struct memory memory[ER_FAMILIES])
{
	for (size_t i = 0; i < s->out.n; i++) {
		const struct er_notice *n = &s->out.notice[i];
		struct memory *m = &memory[n->session.family];

		m->refusals += n->type == ER_NOTICE_SITE_REFUSED && strmatch(n->name, "paris");
		assert_true(m->refusals <= 1 + s->now.mono_ms / ER_SITE_TELL_MS);
		if (n->type != ER_NOTICE_JOINT)
			continue;
		assert_true(n->joint.state == ER_JOINT_UNSEEN ||
			    n->joint.state == ER_JOINT_ESTABLISHED);
		if (m->met)
			assert_false(m->state == n->joint.state &&
				     m->asymmetric == n->joint.asymmetric &&
				     m->incomplete == n->joint.incomplete);
		m->met = true;
		m->state = n->joint.state;
		m->asymmetric = n->joint.asymmetric;
		m->incomplete = n->joint.incomplete;
	}
}

static struct er_site_facts any_facts(struct source *src)
{
	return (struct er_site_facts){
		.both = any(src, 3),
		.only = { any(src, 2), any(src, 2) },
		.refused_prefix = any(src, 3),
		.missing = any(src, 2),
	};
}

static void step(struct scene *s, struct source *src)
{
	enum er_family f = any(src, ER_FAMILIES);

	switch (any(src, 7)) {
	case 0:
		scene_session(s, "ams", any(src, ER_ROLES), f, !one_in(src, 3));
		break;
	case 1:
		scene_plain(s, one_in(src, 2) ? ER_EV_BGPD_LOST : ER_EV_BGPD_SYNCED);
		break;
	case 2:
		scene_after(s, any(src, 8000));
		break;
	case 3:
		scene_after(s, any(src, 100000));
		break;
	case 4:
		scene_tell_site(s, "ams", f, "", any_facts(src));
		break;
	default:
		scene_tell_site(s, "ams", f, one_in(src, 2) ? "paris" : "rome", any_facts(src));
		break;
	}
}

static void any_events(void **state)
{
	struct source src = { .state = UINT64_C(0x9e3779b97f4a7c15) };

	for (unsigned int run = 0; run < 100; run++) {
		struct memory memory[ER_FAMILIES] = {};
		struct scene s;

		scene_begin(&s);
		for (unsigned int i = 0; i < 300; i++) {
			step(&s, &src);
			hear(&s, memory);
			assert_true(er_core_deadline(s.core) > s.now.mono_ms);
		}
		scene_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_joint_is_unknown_until_bgpd_has_counted_all_of_its_sites),
		cmocka_unit_test(a_joint_is_established_while_routes_of_its_sites_are_seen),
		cmocka_unit_test(why_it_is_not_established),
		cmocka_unit_test(
			links_that_differ_and_prefixes_that_miss_are_told_when_they_have_settled),
		cmocka_unit_test(a_link_that_is_down_is_no_asymmetry),
		cmocka_unit_test(a_joint_that_is_shut_down_is_not_watched),
		cmocka_unit_test(while_bgpd_is_lost_nothing_is_known_and_nothing_said),
		cmocka_unit_test(a_family_that_has_been_seen_once_is_watched),
		cmocka_unit_test(a_joint_without_sites_takes_whatever_is_not_azures),
		cmocka_unit_test(overlaps_with_vnets_are_a_joints_own),
		cmocka_unit_test(what_a_site_may_not_send_is_told_at_once_and_then_seldom),
		cmocka_unit_test(undeclared_sites_are_told_of_once_there_is_a_joint),
		cmocka_unit_test(a_maximum_that_is_near_is_told),
		cmocka_unit_test(what_is_gone_is_not_said_any_more),
		cmocka_unit_test(any_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
