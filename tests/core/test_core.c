// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What event logs cannot say of core.c: reading, ownership, bad keys, speed.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/core.h"
#include "core/limits.h"
#include "tests/core/support.h"

#define CIRCUITS 100
#define EVENTS	 100000

static struct er_time at(int64_t mono_ms)
{
	return (struct er_time){ .mono_ms = mono_ms, .wall_s = WALL_START + mono_ms / 1000 };
}

static void configure(struct er_core *core, const struct er_circuit_config *config, int64_t t,
		      struct er_decisions *out)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .now = at(t), .config = config };

	er_core_handle(core, &ev, out);
}

static void signal_bgpd(struct er_core *core, enum er_event_type type, int64_t t,
			struct er_decisions *out)
{
	struct er_event ev = { .type = type, .now = at(t) };

	er_core_handle(core, &ev, out);
}

static void report_session(struct er_core *core, struct er_session_key key,
			   enum er_session_state state, int64_t t, struct er_decisions *out)
{
	struct er_event ev = { .type = ER_EV_SESSION, .now = at(t), .session = key };

	memset(&ev.facts, 0, sizeof(ev.facts));
	ev.facts.state = state;
	ev.facts.accepted = state == ER_SESSION_ESTABLISHED ? 10 : 0;
	er_core_handle(core, &ev, out);
}

static int collect_names(const struct er_circuit_config *config, void *arg)
{
	strlcat(arg, config->name, 256);
	strlcat(arg, " ", 256);
	return strmatch(config->name, "stop");
}

static void circuits_are_read_in_the_order_of_their_names(void **state)
{
	const char *names[] = { "paris", "ams", "stop", "dublin", "zurich" };
	struct er_core *core = er_core_new(at(0));
	struct er_decisions out = {};
	char got[256] = "";

	for (size_t i = 0; i < array_size(names); i++) {
		struct er_circuit_config config = circuit_of(names[i], ER_PRIVATE, false, i);

		configure(core, &config, 0, &out);
	}
	assert_int_equal(er_core_foreach(core, collect_names, got), 1);
	assert_string_equal(got, "ams dublin paris stop ");
	er_core_free(&core);
	assert_null(core);
	er_decisions_fini(&out);
}

static void the_configuration_is_copied_deeply(void **state)
{
	struct er_core *core = er_core_new(at(0));
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	const struct er_circuit_config *kept;
	struct er_decisions out = {};
	struct er_priority priority = { .value = 7 };
	struct prefix advertise[2];

	str2prefix("10.0.0.0/8", &advertise[0]);
	str2prefix("10.1.0.0/16", &advertise[1]);
	config.peering[ER_PRIVATE].advertise = advertise;
	config.peering[ER_PRIVATE].n_advertise = 2;
	config.peering[ER_PRIVATE].priority = &priority;
	config.peering[ER_PRIVATE].n_priority = 1;
	configure(core, &config, 0, &out);
	memset(advertise, 0, sizeof(advertise));
	memset(&priority, 0, sizeof(priority));
	memset(&config, 0x55, sizeof(config));

	kept = er_core_config(core, "ams");
	assert_non_null(kept);
	assert_string_equal(kept->name, "ams");
	assert_int_equal(kept->peering[ER_PRIVATE].n_advertise, 2);
	assert_int_equal(kept->peering[ER_PRIVATE].advertise[1].prefixlen, 16);
	assert_int_equal(kept->peering[ER_PRIVATE].priority[0].value, 7);
	assert_null(er_core_config(core, "paris"));
	er_core_free(&core);
	er_decisions_fini(&out);
}

static void who_asks_for_nothing_gets_nothing(void **state)
{
	struct er_core *core = er_core_new(at(0));
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_session_key session = session_key("ams", ER_PRIVATE, ER_PRIMARY, ER_IPV6);
	struct er_peering_key peering = peering_key("ams", ER_PRIVATE, ER_IPV6);
	struct er_decisions out = {};
	struct er_session_view sv;
	struct er_peering_view pv;

	assert_false(er_core_session(core, &session, at(0), &sv));
	assert_false(er_core_peering(core, &peering, at(0), &pv));
	assert_int_equal(er_core_redundancy(core, "ams", &peering), ER_INACTIVE);
	configure(core, &config, 0, &out);
	peering = peering_key("ams", ER_PRIVATE, ER_IPV6);
	assert_true(er_core_session(core, &session, at(0), &sv));
	assert_false(sv.configured);
	assert_true(er_core_peering(core, &peering, at(0), &pv));
	assert_false(pv.configured);
	assert_int_equal(pv.assessment.redundancy, ER_INACTIVE);
	session.role = 7;
	peering.family = 9;
	assert_false(er_core_session(core, &session, at(0), &sv));
	assert_false(er_core_peering(core, &peering, at(0), &pv));
	er_core_free(&core);
	er_decisions_fini(&out);
}

static void events_about_what_is_not_there_are_ignored(void **state)
{
	struct er_core *core = er_core_new(at(0));
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_decisions out = {};
	struct er_event ev = { .now = at(5) };

	configure(core, &config, 0, &out);
	signal_bgpd(core, ER_EV_BGPD_SYNCED, 1, &out);
	for (unsigned int role = 0; role < 4; role++) {
		for (unsigned int p = 0; p < 4; p++) {
			struct er_session_key key = session_key("paris", p, role, role);

			report_session(core, key, ER_SESSION_ESTABLISHED, 2, &out);
			strlcpy(key.circuit, "ams", sizeof(key.circuit));
			key.family = 2;
			report_session(core, key, ER_SESSION_ESTABLISHED, 2, &out);
		}
	}
	ev.type = ER_EV_CONFIG_GONE;
	strlcpy(ev.circuit, "paris", sizeof(ev.circuit));
	er_core_handle(core, &ev, &out);
	ev.type = 4711;
	er_core_handle(core, &ev, &out);
	assert_int_equal(out.n, 0);
	er_core_free(&core);
	er_decisions_fini(&out);
}

static void the_worst_part_of_a_circuit_is_the_circuits(void **state)
{
	struct er_core *core = er_core_new(at(0));
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, true, 1);
	struct er_decisions out = {};
	struct er_peering_key worst;

	add_peering(&config, ER_MICROSOFT, true, false, 1);
	configure(core, &config, 0, &out);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		report_session(core, session_key("ams", ER_PRIVATE, r, ER_IPV4),
			       ER_SESSION_ESTABLISHED, 1, &out);
		report_session(core, session_key("ams", ER_PRIVATE, r, ER_IPV6),
			       r == ER_PRIMARY ? ER_SESSION_ESTABLISHED : ER_SESSION_ACTIVE, 1,
			       &out);
		report_session(core, session_key("ams", ER_MICROSOFT, r, ER_IPV4),
			       ER_SESSION_ACTIVE, 1, &out);
	}
	assert_int_equal(er_core_redundancy(core, "ams", &worst), ER_INACTIVE);
	signal_bgpd(core, ER_EV_BGPD_SYNCED, 2, &out);
	assert_int_equal(er_core_redundancy(core, "ams", &worst), ER_DOWN);
	assert_int_equal(worst.peering, ER_MICROSOFT);
	assert_int_equal(worst.family, ER_IPV4);
	assert_string_equal(worst.circuit, "ams");

	/* what is shut down does not count */
	config.peering[ER_MICROSOFT].shutdown = true;
	configure(core, &config, 3, &out);
	assert_int_equal(er_core_redundancy(core, "ams", &worst), ER_DEGRADED);
	assert_int_equal(worst.peering, ER_PRIVATE);
	assert_int_equal(worst.family, ER_IPV6);
	er_core_free(&core);
	er_decisions_fini(&out);
}

static void assert_warnings(const struct er_circuit_config *config, enum er_peering_type p,
			    const struct er_peering_view *view, size_t size, const char *want)
{
	struct er_peering_key key = peering_key("ams", p, ER_IPV4);
	char warning[4][ER_TEXT_LEN], got[4 * ER_TEXT_LEN] = "";
	size_t n = er_core_warnings(config, &key, view, warning, size);

	assert_true(n <= size);
	for (size_t i = 0; i < n; i++) {
		strlcat(got, i ? "|" : "", sizeof(got));
		strlcat(got, warning[i], sizeof(got));
	}
	assert_string_equal(got, want);
}

static void warnings_fill_the_room_there_is(void **state)
{
	struct er_circuit_config config = circuit_of("ams", ER_MICROSOFT, false, 1);
	struct er_peering_view view = {
		.rib.held = 1,
		.limit[ER_ADVERTISED] = { 200, 200, ER_LIMIT_FULL },
		.limit[ER_RECEIVED] = { 95, 100, ER_LIMIT_CRITICAL },
	};

	assert_warnings(&config, ER_MICROSOFT, &view, 4,
			"accepts nothing, having no route-filter: 'route-filter NAME' in the peering gives it one|"
			"holds back 1 prefix at the limit of 200: 'show expressroute held-prefixes' has them|"
			"accepts 95 prefixes: 95 % of the limit of 100");
	assert_warnings(&config, ER_MICROSOFT, &view, 1,
			"accepts nothing, having no route-filter: 'route-filter NAME' in the peering gives it one");
	assert_warnings(&config, ER_MICROSOFT, &view, 0, "");
	strlcpy(config.peering[ER_MICROSOFT].route_filter, "m365", ER_NAME_LEN);
	view.rib.held = 0;
	view.limit[ER_ADVERTISED].count = 210; /* the operator's own, just lowered */
	view.limit[ER_RECEIVED].level = ER_LIMIT_OK;
	assert_warnings(&config, ER_MICROSOFT, &view, 4,
			"advertises 210 prefixes: 105 % of the limit of 200");
	view.limit[ER_ADVERTISED].level = ER_LIMIT_OK;
	view.rib.n_overlaps = 1;
	str2prefix("192.168.0.0/16", &view.rib.overlap[0]);
	assert_warnings(&config, ER_MICROSOFT, &view, 4,
			"192.168.0.0/16, which Azure announces, overlaps with the subnet of a link: choose another for the link or the VNet");
	/* what does not run is not warned of */
	assert_warnings(&config, ER_PRIVATE, &view, 4, "");
	config.shutdown = true;
	assert_warnings(&config, ER_MICROSOFT, &view, 4, "");
}

static void decisions_are_reused_after_a_reset(void **state)
{
	struct er_decisions out = {};

	for (int i = 0; i < 100; i++)
		er_decisions_add(&out)->hold_s = 7;
	assert_int_equal(out.n, 100);
	er_decisions_reset(&out);
	assert_int_equal(out.n, 0);
	assert_int_equal(er_decisions_add(&out)->hold_s, 0);
	er_decisions_fini(&out);
	assert_null(out.notice);
}

static void restoring_after_the_configuration_is_as_good(void **state)
{
	const struct er_seconds seconds[ER_PERIODS] = { [ER_THIS_MONTH] = { 1, 2, 3 } };
	struct er_peering_key key = peering_key("ams", ER_PRIVATE, ER_IPV4);
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);

	for (int after = 0; after < 2; after++) {
		struct er_core *core = er_core_new(at(0));
		struct er_decisions out = {};
		struct er_peering_view view;

		if (!after)
			er_core_restore(core, &key, ER_REDUNDANT, seconds, WALL_START);
		configure(core, &config, 0, &out);
		if (after)
			er_core_restore(core, &key, ER_REDUNDANT, seconds, WALL_START);
		for (enum er_role r = 0; r < ER_ROLES; r++)
			report_session(core, session_key("ams", ER_PRIVATE, r, ER_IPV4),
				       ER_SESSION_ACTIVE, 1, &out);
		assert_int_equal(out.n, 0);
		signal_bgpd(core, ER_EV_BGPD_SYNCED, 2, &out);
		assert_int_equal(out.n, 1);
		assert_int_equal(out.notice[0].previous, ER_REDUNDANT);
		assert_int_equal(out.notice[0].redundancy, ER_DOWN);
		er_core_peering(core, &key, at(2), &view);
		assert_int_equal(view.seconds[ER_THIS_MONTH].redundant, 1);
		assert_int_equal(view.seconds[ER_THIS_MONTH].down, 3);

		/* too late: it has been compared already */
		er_core_restore(core, &key, ER_DEGRADED, seconds, WALL_START);
		signal_bgpd(core, ER_EV_BGPD_SYNCED, 3, &out);
		assert_int_equal(out.n, 1);
		er_core_free(&core);
		er_decisions_fini(&out);
	}
}

static void what_was_restored_of_a_deleted_circuit_is_forgotten(void **state)
{
	const struct er_seconds seconds[ER_PERIODS] = {};
	struct er_peering_key key = peering_key("ams", ER_PRIVATE, ER_IPV4);
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_core *core = er_core_new(at(0));
	struct er_event gone = { .type = ER_EV_CONFIG_GONE, .now = at(0), .circuit = "ams" };
	struct er_decisions out = {};

	er_core_restore(core, &key, ER_REDUNDANT, seconds, WALL_START);
	er_core_restore(core, &key, ER_DEGRADED, seconds, WALL_START);
	er_core_handle(core, &gone, &out);
	configure(core, &config, 1, &out);
	signal_bgpd(core, ER_EV_BGPD_SYNCED, 2, &out);
	signal_bgpd(core, ER_EV_TICK, ER_START_GRACE_MS + 1, &out);
	assert_int_equal(out.n, 0);
	/* restored, but never configured: freed with the core */
	key = peering_key("paris", ER_PRIVATE, ER_IPV4);
	er_core_restore(core, &key, ER_DEGRADED, seconds, WALL_START);
	er_core_free(&core);
	er_decisions_fini(&out);
}

static void a_clock_that_stands_or_goes_back_does_no_harm(void **state)
{
	struct er_core *core = er_core_new(at(5000));
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_decisions out = {};

	configure(core, &config, 4000, &out);
	signal_bgpd(core, ER_EV_BGPD_SYNCED, 0, &out);
	assert_true(er_core_deadline(core) > 5000);
	er_core_free(&core);
	er_decisions_fini(&out);
}

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A session of each circuit in turn is lost and comes back, for ever. */
static void a_hundred_circuits_are_fast(void **state)
{
	struct er_core *core = er_core_new(at(0));
	struct er_decisions out = {};
	int64_t start, took;
	size_t notices = 0;
	char name[32];

	for (int i = 0; i < CIRCUITS; i++) {
		struct er_circuit_config config;

		snprintf(name, sizeof(name), "circuit-%d", i);
		config = circuit_of(name, ER_PRIVATE, true, i);
		add_peering(&config, ER_MICROSOFT, true, true, i);
		configure(core, &config, 0, &out);
	}
	signal_bgpd(core, ER_EV_BGPD_SYNCED, 1, &out);
	start = cpu_us();
	for (int i = 0; i < EVENTS; i++) {
		enum er_session_state st = i / CIRCUITS % 2 ? ER_SESSION_ACTIVE
							    : ER_SESSION_ESTABLISHED;

		snprintf(name, sizeof(name), "circuit-%d", i % CIRCUITS);
		er_decisions_reset(&out);
		report_session(core, session_key(name, ER_PRIVATE, ER_PRIMARY, ER_IPV4), st,
			       2 + i * 10, &out);
		notices += out.n;
		(void)er_core_deadline(core);
	}
	took = cpu_us() - start;
	print_message("%d circuits: %d events in %" PRId64 " us, %.2f us each, %zu notices\n",
		      CIRCUITS, EVENTS, took, (double)took / EVENTS, notices);
	assert_true(notices >= EVENTS / 2);
	/* an order of magnitude above what a sanitised build needs */
	assert_true(took < 20 * 1000000);
	er_core_free(&core);
	er_decisions_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(circuits_are_read_in_the_order_of_their_names),
		cmocka_unit_test(the_configuration_is_copied_deeply),
		cmocka_unit_test(who_asks_for_nothing_gets_nothing),
		cmocka_unit_test(events_about_what_is_not_there_are_ignored),
		cmocka_unit_test(the_worst_part_of_a_circuit_is_the_circuits),
		cmocka_unit_test(warnings_fill_the_room_there_is),
		cmocka_unit_test(decisions_are_reused_after_a_reset),
		cmocka_unit_test(restoring_after_the_configuration_is_as_good),
		cmocka_unit_test(what_was_restored_of_a_deleted_circuit_is_forgotten),
		cmocka_unit_test(a_clock_that_stands_or_goes_back_does_no_harm),
		cmocka_unit_test(a_hundred_circuits_are_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
