// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flap hold-down: holddown.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/holddown.h"

/* Up at t, lost one second later; returns the time of the loss. */
static int64_t flap(struct er_holddown *h, int64_t t)
{
	er_holddown_session(h, true, true, t);
	er_holddown_session(h, false, true, t + 1000);
	return t + 1000;
}

/* Lost three times; up again at the time returned. */
static int64_t make_flapping(struct er_holddown *h, int64_t t)
{
	for (int i = 0; i < 3; i++)
		t = flap(h, t + 1000);
	t += 1000;
	er_holddown_session(h, true, true, t);
	return t;
}

static void two_losses_are_no_flapping(void **state)
{
	struct er_holddown h = {};

	flap(&h, 0);
	flap(&h, 2000);
	assert_false(h.flapping);
	assert_int_equal(h.flaps, 2);
	assert_true(er_holddown_deadline(&h) == INT64_MAX);
}

static void three_losses_within_the_window_are(void **state)
{
	struct er_holddown h = {};
	int64_t up = make_flapping(&h, 0);

	assert_true(h.flapping);
	assert_int_equal(er_holddown_left(&h, up), ER_FLAP_HOLD_MIN_MS);
	assert_int_equal(er_holddown_left(&h, up + 4000), ER_FLAP_HOLD_MIN_MS - 4000);
	assert_int_equal(er_holddown_deadline(&h), up + ER_FLAP_HOLD_MIN_MS);
	er_holddown_advance(&h, up + ER_FLAP_HOLD_MIN_MS - 1);
	assert_true(h.flapping);
	er_holddown_advance(&h, up + ER_FLAP_HOLD_MIN_MS);
	assert_false(h.flapping);
	assert_int_equal(er_holddown_left(&h, up + ER_FLAP_HOLD_MIN_MS), 0);
}

static void losses_far_apart_are_no_flapping(void **state)
{
	struct er_holddown h = {};

	for (int i = 0; i < 20; i++)
		flap(&h, i * (ER_FLAP_WINDOW_MS / 2 + 1));
	assert_false(h.flapping);
	assert_int_equal(h.flaps, 20);
}

static void the_window_includes_its_last_millisecond(void **state)
{
	struct er_holddown in = {}, out = {};

	flap(&in, 0);
	flap(&in, 5000);
	flap(&in, ER_FLAP_WINDOW_MS);
	assert_true(in.flapping);
	flap(&out, 0);
	flap(&out, 5000);
	flap(&out, ER_FLAP_WINDOW_MS + 1);
	assert_false(out.flapping);
}

static void hold_doubles_with_each_loss_up_to_the_maximum(void **state)
{
	struct er_holddown h = {};
	int64_t t = make_flapping(&h, 0), hold = ER_FLAP_HOLD_MIN_MS;

	for (int i = 0; i < 10; i++) {
		t += 1000;
		er_holddown_session(&h, false, true, t);
		hold = MIN(hold * 2, ER_FLAP_HOLD_MAX_MS);
		er_holddown_session(&h, true, true, ++t);
		assert_int_equal(er_holddown_left(&h, t), hold);
	}
	assert_int_equal(hold, ER_FLAP_HOLD_MAX_MS);
}

static void loss_soon_after_the_hold_continues_the_back_off(void **state)
{
	struct er_holddown h = {};
	int64_t end = make_flapping(&h, 0) + ER_FLAP_HOLD_MIN_MS;

	er_holddown_session(&h, false, true, end + ER_FLAP_WINDOW_MS);
	assert_true(h.flapping);
	assert_int_equal(h.hold_ms, 2 * ER_FLAP_HOLD_MIN_MS);
}

static void loss_long_after_the_hold_starts_anew(void **state)
{
	struct er_holddown h = {};
	int64_t end = make_flapping(&h, 0) + ER_FLAP_HOLD_MIN_MS;

	er_holddown_session(&h, false, true, end + ER_FLAP_WINDOW_MS + 1);
	assert_false(h.flapping);
	assert_int_equal(h.flaps, 4);
}

static void late_news_of_the_end_of_a_hold_changes_nothing(void **state)
{
	struct er_holddown h = {};
	int64_t up = make_flapping(&h, 0);

	/* nobody called advance */
	er_holddown_session(&h, false, true, up + ER_FLAP_HOLD_MIN_MS + ER_FLAP_WINDOW_MS + 1);
	assert_false(h.flapping);
}

static void a_session_that_stays_away_ceases_to_flap(void **state)
{
	struct er_holddown h = {};
	int64_t t = make_flapping(&h, 0) + 1000;

	er_holddown_session(&h, false, true, t);
	assert_int_equal(er_holddown_left(&h, t + 5000), 2 * ER_FLAP_HOLD_MIN_MS);
	assert_int_equal(er_holddown_deadline(&h), t + ER_FLAP_HOLD_MAX_MS);
	er_holddown_advance(&h, t + ER_FLAP_HOLD_MAX_MS - 1);
	assert_true(h.flapping);
	er_holddown_advance(&h, t + ER_FLAP_HOLD_MAX_MS);
	assert_false(h.flapping);
}

static void a_loss_that_does_not_count_is_no_flap(void **state)
{
	struct er_holddown h = {};

	for (int i = 0; i < 10; i++) {
		er_holddown_session(&h, true, true, i * 10);
		er_holddown_session(&h, false, false, i * 10 + 5);
	}
	assert_int_equal(h.flaps, 0);
	assert_false(h.flapping);
}

static void the_same_news_twice_is_one_loss(void **state)
{
	struct er_holddown h = {};

	flap(&h, 0);
	er_holddown_session(&h, false, true, 1000);
	er_holddown_session(&h, false, true, 2000);
	assert_int_equal(h.flaps, 1);
}

static void clear_forgets_losses_and_hold(void **state)
{
	struct er_holddown h = {};
	int64_t up = make_flapping(&h, 0);

	er_holddown_clear(&h);
	assert_false(h.flapping);
	assert_int_equal(h.flaps, 0);
	er_holddown_session(&h, false, true, up + 1);
	assert_false(h.flapping);
	assert_int_equal(h.flaps, 1);
}

static void stop_keeps_the_count(void **state)
{
	struct er_holddown h = {};
	int64_t up = make_flapping(&h, 0);

	er_holddown_stop(&h, up + 1);
	assert_false(h.flapping);
	assert_false(h.established);
	assert_int_equal(h.flaps, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_losses_are_no_flapping),
		cmocka_unit_test(three_losses_within_the_window_are),
		cmocka_unit_test(losses_far_apart_are_no_flapping),
		cmocka_unit_test(the_window_includes_its_last_millisecond),
		cmocka_unit_test(hold_doubles_with_each_loss_up_to_the_maximum),
		cmocka_unit_test(loss_soon_after_the_hold_continues_the_back_off),
		cmocka_unit_test(loss_long_after_the_hold_starts_anew),
		cmocka_unit_test(late_news_of_the_end_of_a_hold_changes_nothing),
		cmocka_unit_test(a_session_that_stays_away_ceases_to_flap),
		cmocka_unit_test(a_loss_that_does_not_count_is_no_flap),
		cmocka_unit_test(the_same_news_twice_is_one_loss),
		cmocka_unit_test(clear_forgets_losses_and_hold),
		cmocka_unit_test(stop_keeps_the_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
