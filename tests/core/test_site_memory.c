// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach: what was said of sites and joints, over a restart (site_memory.c).
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "tests/core/site_scene.h"

struct kept {
	struct er_joint_memory joint[ER_FAMILIES * 2];
	struct er_site_memory site[ER_FAMILIES * 2];
	size_t n_joints, n_sites;
};

static void keep_joint(const struct er_joint_memory *memory, void *arg)
{
	struct kept *kept = arg;

	assert_true(kept->n_joints < array_size(kept->joint));
	kept->joint[kept->n_joints++] = *memory;
}

static void keep_site(const struct er_site_memory *memory, void *arg)
{
	struct kept *kept = arg;

	assert_true(kept->n_sites < array_size(kept->site));
	kept->site[kept->n_sites++] = *memory;
}

static struct kept kept_of(const struct scene *s)
{
	struct kept kept = {};

	er_joint_remember(s->core, s->now, keep_joint, &kept);
	er_site_remember(s->core, s->now, keep_site, &kept);
	return kept;
}

static void restore(struct scene *s, const struct kept *kept)
{
	for (size_t i = 0; i < kept->n_joints; i++)
		er_joint_restore(s->core, &kept->joint[i]);
	for (size_t i = 0; i < kept->n_sites; i++)
		er_site_restore(s->core, &kept->site[i]);
}

static void configure_circuit(struct scene *s)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, true, 1);
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &config };

	scene_handle(s, &ev);
}

/*
 * erouted is gone for away_s, during which the machine's clock begins anew when
 * `boot`; then it has its configuration, the joint first, and what was kept.
 */
static void restart(struct scene *s, int64_t away_s, bool boot)
{
	struct er_time then = { .mono_ms = boot ? 500 : s->now.mono_ms + away_s * 1000,
				.wall_s = s->now.wall_s + away_s };
	struct kept kept = kept_of(s);

	scene_end(s);
	memset(s, 0, sizeof(*s));
	s->now = then;
	s->core = er_core_new(s->now);
	restore(s, &kept);
	scene_configure_joint(s, "reach", false, "paris", "rome");
	configure_circuit(s);
	scene_configure_site(s, &paris);
	scene_configure_site(s, &rome);
	assert_string_equal(s->said, "");
}

/* ... and bgpd's module tells of both links, and this. */
static void resync(struct scene *s, struct er_site_facts facts)
{
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
			scene_session(s, "ams", r, f, true);
	scene_tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	scene_tell(s, "paris", facts);
	assert_joint(s, ER_IPV4, ER_JOINT_UNKNOWN);
	assert_string_equal(s->said, "");
	scene_plain(s, ER_EV_BGPD_SYNCED);
}

static void what_was_said_of_a_joint_is_not_said_again_after_a_restart(void **state)
{
	for (unsigned int boot = 0; boot < 2; boot++) {
		struct scene s;

		scene_begin_established(&s);
		scene_after(&s, 100000);
		restart(&s, 20, boot);
		resync(&s, (struct er_site_facts){ .both = 2 });
		assert_string_equal(s.said, "");
		assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
		assert_int_equal((s.now.mono_ms - scene_joint(&s, ER_IPV4).since_mono_ms) / 1000,
				 120);
		scene_after(&s, 100000);
		assert_string_equal(s.said, "");
		assert_int_equal((s.now.mono_ms - scene_joint(&s, ER_IPV4).since_mono_ms) / 1000,
				 220);
		scene_end(&s);
	}
}

static void what_has_changed_during_a_restart_is_said_once(void **state)
{
	struct scene s;

	scene_begin_established(&s);
	scene_after(&s, 100000);
	restart(&s, 20, false);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	scene_tell(&s, "paris", (struct er_site_facts){});
	scene_plain(&s, ER_EV_BGPD_SYNCED);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> not-seen: no session of circuit ams's private peering is established, 0 prefixes, missing 0\n");
	assert_int_equal(scene_joint(&s, ER_IPV4).since_mono_ms, s.now.mono_ms);
	/* and is what is known from then on */
	restart(&s, 20, false);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	scene_tell(&s, "paris", (struct er_site_facts){});
	scene_plain(&s, ER_EV_BGPD_SYNCED);
	assert_string_equal(s.said, "");
	assert_int_equal((s.now.mono_ms - scene_joint(&s, ER_IPV4).since_mono_ms) / 1000, 20);
	scene_end(&s);
}

static void links_that_differed_before_a_restart_differ_at_once(void **state)
{
	const struct er_site_facts differ = { .both = 1, .only = { 0, 1 }, .missing = 1 };
	struct scene s;

	scene_begin_established(&s);
	scene_tell(&s, "paris", differ);
	scene_after(&s, ER_PARITY_SETTLE_MS);
	assert_string_not_equal(s.said, "");
	restart(&s, 20, false);
	resync(&s, differ);
	assert_string_equal(s.said, "");
	assert_true(scene_joint(&s, ER_IPV4).asymmetric && scene_joint(&s, ER_IPV4).incomplete);
	scene_after(&s, 60000);
	assert_string_equal(s.said, "");
	/* what has been mended meanwhile is told */
	restart(&s, 20, false);
	resync(&s, (struct er_site_facts){ .both = 2 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 0\n");
	scene_end(&s);
}

static void what_a_site_was_refused_before_a_restart_is_not_told_again(void **state)
{
	const struct er_site_facts hijack = { .both = 2, .refused_prefix = 3 };
	struct scene s;

	scene_begin_established(&s);
	scene_tell(&s, "paris", hijack);
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 4 });
	assert_string_equal(s.said, "undeclared-site ams private ipv4 4 accepted, 0 refused\n");
	restart(&s, 20, false);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		scene_session(&s, "ams", r, ER_IPV4, true);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	scene_tell_site(&s, "ams", ER_IPV4, "paris", hijack);
	scene_tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 4 });
	scene_plain(&s, ER_EV_BGPD_SYNCED);
	assert_string_equal(s.said, "");
	/* more of it is, and what is over */
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 4 });
	assert_string_equal(s.said, "site-refused ams private ipv4 paris 4 by prefix, 0 by limit\n"
				    "undeclared-site ams private ipv4 0 accepted, 0 refused\n");
	scene_end(&s);
}

static void what_was_said_outlives_its_absence_and_not_its_end(void **state)
{
	struct er_event gone = { .type = ER_EV_JOINT_CONFIG_GONE, .circuit = "reach" };
	struct kept kept;
	struct scene s;

	scene_begin_established(&s);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 3 });
	kept = kept_of(&s);
	assert_int_equal(kept.n_joints, 1);
	assert_int_equal(kept.n_sites, 1);
	scene_end(&s);

	/* nothing is configured yet: it is kept as it was */
	memset(&s, 0, sizeof(s));
	s.now = (struct er_time){ .mono_ms = 50000, .wall_s = WALL_START + 60 };
	s.core = er_core_new(s.now);
	restore(&s, &kept);
	scene_plain(&s, ER_EV_BGPD_SYNCED);
	assert_int_equal(kept_of(&s).n_joints, 1);
	assert_int_equal(kept_of(&s).joint[0].wall_s, kept.joint[0].wall_s);
	assert_int_equal(kept_of(&s).site[0].wall_s, kept.site[0].wall_s);
	scene_handle(&s, &gone);
	assert_int_equal(kept_of(&s).n_joints, 0);
	restore(&s, &(struct kept){ .joint = { kept.joint[0] }, .n_joints = 1 });
	/* without its circuit it is not looked at, and kept, too */
	scene_configure_joint(&s, "reach", false, "paris", "rome");
	assert_joint(&s, ER_IPV4, ER_JOINT_INACTIVE);
	assert_int_equal(kept_of(&s).n_joints, 1);
	scene_handle(&s, &gone);
	gone.type = ER_EV_SITE_CONFIG_GONE;
	strlcpy(gone.circuit, "paris", sizeof(gone.circuit));
	scene_handle(&s, &gone);
	assert_int_equal(kept_of(&s).n_joints, 0);
	assert_int_equal(kept_of(&s).n_sites, 0);
	scene_end(&s);
}

static void what_changes_without_a_notice_is_to_be_remembered(void **state)
{
	struct scene s;

	scene_begin(&s);
	scene_tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_true(s.out.remember);
	scene_tell(&s, "paris", (struct er_site_facts){ .both = 3 });
	assert_false(s.out.remember);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_of_a_joint_is_not_said_again_after_a_restart),
		cmocka_unit_test(what_has_changed_during_a_restart_is_said_once),
		cmocka_unit_test(links_that_differed_before_a_restart_differ_at_once),
		cmocka_unit_test(what_a_site_was_refused_before_a_restart_is_not_told_again),
		cmocka_unit_test(what_was_said_outlives_its_absence_and_not_its_end),
		cmocka_unit_test(what_changes_without_a_notice_is_to_be_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
