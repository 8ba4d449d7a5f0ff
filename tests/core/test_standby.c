// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Circuits that stand by: for which, and whether they could take over.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/audit.h"
#include "tests/core/support.h"

struct setup {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	struct er_circuit_config ams, fra, lon;
};

static void handle(struct setup *s, struct er_event *ev)
{
	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
}

static void configure(struct setup *s, const struct er_circuit_config *config)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .config = config };

	handle(s, &ev);
}

static void report(struct setup *s, const char *circuit, bool established)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		ev.session = session_key(circuit, ER_PRIVATE, r, ER_IPV4);
		ev.facts.state = established ? ER_SESSION_ESTABLISHED : ER_SESSION_IDLE;
		ev.facts.accepted = established ? 5 : 0;
		handle(s, &ev);
	}
}

static void report_rib(struct setup *s, const char *circuit, uint32_t offered, uint32_t missing)
{
	struct er_event ev = { .type = ER_EV_RIB };

	ev.peering = peering_key(circuit, ER_PRIVATE, ER_IPV4);
	ev.rib.both = 5;
	ev.rib.standby_offered = offered;
	ev.rib.standby_missing = missing;
	handle(s, &ev);
}

static void set_up(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };

	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 1000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	s->ams = circuit_of("ams", ER_PRIVATE, false, 1);
	s->fra = circuit_of("fra", ER_PRIVATE, false, 2);
	s->lon = circuit_of("lon", ER_PRIVATE, false, 3);
	s->ams.preference = 100;
	s->fra.preference = 50;
	s->lon.preference = 50;
	configure(s, &s->ams);
	configure(s, &s->fra);
	configure(s, &s->lon);
	report(s, "ams", true);
	report(s, "fra", true);
	report(s, "lon", true);
	report_rib(s, "fra", 5, 0);
	handle(s, &ev);
}

static void tear_down(struct setup *s)
{
	er_core_free(&s->core);
	er_decisions_fini(&s->out);
}

static struct er_standby_view view_of(struct setup *s, const char *circuit)
{
	struct er_peering_key key = peering_key(circuit, ER_PRIVATE, ER_IPV4);
	struct er_standby_view view;

	er_core_standby(s->core, &key, &view);
	return view;
}

static enum er_found audited(struct setup *s, const char *circuit)
{
	struct er_audit audit;

	assert_true(er_core_audit(s->core, circuit, s->now, &audit));
	return audit.finding[ER_AUDIT_STANDBY].verdict;
}

static const char *planned(struct setup *s, const struct er_circuit_config *config)
{
	static struct er_peering_spec spec;

	assert_true(er_plan_peering(s->core, config, ER_PRIVATE, ER_IPV4, &spec));
	return spec.stands_by_for;
}

static void the_less_preferred_stand_by_for_the_most_preferred(void **state)
{
	struct setup s;

	set_up(&s);
	assert_string_equal(planned(&s, &s.ams), "");
	assert_string_equal(planned(&s, &s.fra), "ams");
	assert_string_equal(planned(&s, &s.lon), "ams");
	assert_string_equal(view_of(&s, "ams").circuit, "");
	assert_string_equal(view_of(&s, "fra").circuit, "ams");

	/* equal ones share */
	s.fra.preference = 100;
	configure(&s, &s.fra);
	assert_string_equal(planned(&s, &s.fra), "");
	assert_string_equal(planned(&s, &s.lon), "ams");

	/* other traffic, or none at all */
	strlcpy(s.fra.peering[ER_PRIVATE].vrf, "blue", ER_VRF_LEN);
	s.fra.preference = 200;
	configure(&s, &s.fra);
	assert_string_equal(planned(&s, &s.ams), "");
	s.ams.shutdown = true;
	configure(&s, &s.ams);
	assert_string_equal(planned(&s, &s.lon), "");
	tear_down(&s);
}

static void ready_is_healthy_with_the_same_prefixes(void **state)
{
	struct setup s;

	set_up(&s);
	assert_true(view_of(&s, "fra").ready);
	assert_string_equal(view_of(&s, "fra").reason, "");
	report_rib(&s, "fra", 3, 2);
	assert_false(view_of(&s, "fra").ready);
	assert_string_equal(view_of(&s, "fra").reason, "it lacks 2 of the 5 prefixes of ams");
	report_rib(&s, "fra", 0, 0);
	assert_string_equal(view_of(&s, "fra").reason, "circuit ams has no prefix to compare with");
	assert_int_equal(audited(&s, "fra"), ER_FOUND_WARN);
	report_rib(&s, "fra", 5, 0);
	report(&s, "fra", false);
	assert_string_equal(view_of(&s, "fra").reason, "no link of it is healthy");
	assert_int_equal(audited(&s, "fra"), ER_FOUND_FAIL);
	tear_down(&s);
}

struct kept {
	struct er_peering_key key;
	int64_t wall;
	unsigned int n;
};

static void keep(const struct er_peering_key *key, int64_t carried_wall, void *arg)
{
	struct kept *kept = arg;

	if (key->family != ER_IPV4 || !strmatch(key->circuit, "fra"))
		return;
	kept->key = *key;
	kept->wall = carried_wall;
	kept->n++;
}

static void when_it_has_carried_is_known(void **state)
{
	struct kept kept = {};
	struct setup s;

	set_up(&s);
	assert_int_equal(view_of(&s, "fra").carried_wall, 0);
	assert_int_equal(audited(&s, "ams"), ER_FOUND_NOT_APPLICABLE);
	assert_int_equal(audited(&s, "fra"), ER_FOUND_WARN);
	s.now.wall_s += 10;
	report(&s, "ams", false);
	assert_true(view_of(&s, "fra").carries);
	assert_int_equal(audited(&s, "fra"), ER_FOUND_PASS);
	assert_int_equal(view_of(&s, "fra").carried_wall, WALL_START + 10);
	s.now.wall_s += 90;
	er_standby_remember(s.core, s.now, keep, &kept);
	assert_int_equal(kept.n, 1);
	assert_int_equal(kept.wall, WALL_START + 100);
	report(&s, "ams", true);
	assert_false(view_of(&s, "fra").carries);
	assert_int_equal(view_of(&s, "fra").carried_wall, WALL_START + 100);
	assert_int_equal(audited(&s, "fra"), ER_FOUND_PASS);
	/* nothing more happens to it */
	s.now.wall_s += 1000;
	report_rib(&s, "fra", 5, 0);
	assert_int_equal(view_of(&s, "fra").carried_wall, WALL_START + 100);
	/* of three the second carries, and the third only when that is lost, too */
	s.lon.preference = 10;
	configure(&s, &s.lon);
	report(&s, "ams", false);
	assert_true(view_of(&s, "fra").carries);
	assert_false(view_of(&s, "lon").carries);
	report(&s, "fra", false);
	assert_true(view_of(&s, "lon").carries);
	report(&s, "fra", true);
	report(&s, "ams", true);
	/* nor does one that has no healthy link carry */
	report(&s, "lon", false);
	s.now.wall_s += 1;
	report(&s, "ams", false);
	assert_false(view_of(&s, "lon").carries);
	tear_down(&s);

	/* another core, before and after its configuration */
	memset(&s, 0, sizeof(s));
	s.core = er_core_new(s.now);
	er_standby_restore(s.core, &kept.key, kept.wall);
	er_core_free(&s.core);
	/* and one in whose configuration the circuit is no more */
	s.core = er_core_new(s.now);
	er_standby_restore(s.core, &kept.key, kept.wall);
	er_standby_forget_restored(s.core);
	configure(&s, &s.fra);
	kept.n = 0;
	er_standby_remember(s.core, s.now, keep, &kept);
	assert_int_equal(kept.n, 0);
	er_core_free(&s.core);
	set_up(&s);
	er_standby_restore(s.core, &kept.key, kept.wall);
	assert_int_equal(view_of(&s, "fra").carried_wall, WALL_START + 100);
	assert_false(view_of(&s, "fra").carries);
	er_decisions_reset(&s.out);
	er_core_handle(s.core, &(struct er_event){ .type = ER_EV_CONFIG_GONE, .circuit = "fra" },
		       &s.out);
	configure(&s, &s.fra);
	report(&s, "fra", true);
	assert_int_equal(view_of(&s, "fra").carried_wall, 0);
	tear_down(&s);
}

static void what_bgpd_no_longer_tells_is_not_carried(void **state)
{
	struct er_event lost = { .type = ER_EV_BGPD_LOST };
	struct setup s;

	set_up(&s);
	s.now.mono_ms += 1000;
	handle(&s, &lost);
	s.now.mono_ms += 3600 * 1000;
	handle(&s, &(struct er_event){ .type = ER_EV_TICK });
	handle(&s, &(struct er_event){ .type = ER_EV_BGPD_SYNCED });
	assert_int_equal(view_of(&s, "fra").carried_wall, 0);
	tear_down(&s);
}

static void nothing_is_said_of_what_is_not_known(void **state)
{
	struct er_event lost = { .type = ER_EV_BGPD_LOST };
	struct setup s;

	set_up(&s);
	s.lon.shutdown = true;
	configure(&s, &s.lon);
	assert_string_equal(view_of(&s, "lon").circuit, "");
	assert_string_equal(view_of(&s, "paris").circuit, "");
	handle(&s, &lost);
	assert_string_equal(view_of(&s, "fra").circuit, "");
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_less_preferred_stand_by_for_the_most_preferred),
		cmocka_unit_test(ready_is_healthy_with_the_same_prefixes),
		cmocka_unit_test(when_it_has_carried_is_known),
		cmocka_unit_test(what_bgpd_no_longer_tells_is_not_carried),
		cmocka_unit_test(nothing_is_said_of_what_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
