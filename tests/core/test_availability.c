// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Availability accounting: availability.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/availability.h"

#define NOV_21 INT64_C(1795219200) /* 2026-11-21 00:00 UTC */
#define DAY    86400
#define DEC_1  (NOV_21 + 10 * DAY)
#define JAN_1  (DEC_1 + 31 * DAY)
#define FEB_1  (JAN_1 + 31 * DAY)
#define MAR_1  (FEB_1 + 28 * DAY)

static struct er_time at(int64_t mono_s, int64_t wall_s)
{
	return (struct er_time){ .mono_ms = mono_s * 1000, .wall_s = wall_s };
}

static struct er_availability fresh(struct er_time now)
{
	struct er_availability a = { .state = ER_INACTIVE };

	er_availability_set(&a, ER_INACTIVE, now);
	return a;
}

#define assert_seconds(s, r, d, n)                                                                \
	do {                                                                                      \
		assert_int_equal((s).redundant, r);                                               \
		assert_int_equal((s).degraded, d);                                                \
		assert_int_equal((s).down, n);                                                    \
	} while (0)

static void seconds_are_counted_for_the_state_that_was(void **state)
{
	struct er_availability a = fresh(at(0, NOV_21));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_DOWN, at(10, NOV_21 + 10));
	er_availability_set(&a, ER_DEGRADED, at(13, NOV_21 + 13));
	er_availability_set(&a, ER_REDUNDANT, at(18, NOV_21 + 18));
	er_availability_set(&a, ER_INACTIVE, at(118, NOV_21 + 118));
	er_availability_read(&a, at(500, NOV_21 + 500), s);
	assert_seconds(s[ER_SINCE_START], 100, 5, 3);
	assert_seconds(s[ER_THIS_MONTH], 100, 5, 3);
	assert_seconds(s[ER_LAST_MONTH], 0, 0, 0);
}

static void reading_counts_up_to_now_and_changes_nothing(void **state)
{
	struct er_availability a = fresh(at(0, NOV_21));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_REDUNDANT, at(0, NOV_21));
	for (int i = 0; i < 3; i++) {
		er_availability_read(&a, at(7, NOV_21 + 7), s);
		assert_seconds(s[ER_SINCE_START], 7, 0, 0);
	}
}

static void a_month_ends_in_the_middle_of_a_state(void **state)
{
	struct er_availability a = fresh(at(0, DEC_1 - 100));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_DEGRADED, at(0, DEC_1 - 100));
	er_availability_set(&a, ER_REDUNDANT, at(40, DEC_1 - 60));
	er_availability_read(&a, at(130, DEC_1 + 30), s);
	assert_seconds(s[ER_SINCE_START], 90, 40, 0);
	assert_seconds(s[ER_THIS_MONTH], 30, 0, 0);
	assert_seconds(s[ER_LAST_MONTH], 60, 40, 0);
}

static void a_year_ends_as_a_month_does(void **state)
{
	struct er_availability a = fresh(at(0, JAN_1 - 5));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_DOWN, at(0, JAN_1 - 5));
	er_availability_read(&a, at(8, JAN_1 + 3), s);
	assert_seconds(s[ER_THIS_MONTH], 0, 0, 3);
	assert_seconds(s[ER_LAST_MONTH], 0, 0, 5);
}

static void a_state_that_lasts_for_months_fills_them(void **state)
{
	struct er_availability a = fresh(at(0, NOV_21));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_REDUNDANT, at(0, NOV_21));
	er_availability_read(&a, at(MAR_1 + DAY - NOV_21, MAR_1 + DAY), s);
	assert_seconds(s[ER_THIS_MONTH], DAY, 0, 0);
	assert_seconds(s[ER_LAST_MONTH], 28 * DAY, 0, 0);
	assert_seconds(s[ER_SINCE_START], MAR_1 + DAY - NOV_21, 0, 0);
}

static void the_wall_clock_starts_in_1970_and_is_set(void **state)
{
	struct er_availability a = fresh(at(0, 5));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_DOWN, at(0, 5));
	er_availability_set(&a, ER_REDUNDANT, at(10, NOV_21));
	er_availability_read(&a, at(15, NOV_21 + 5), s);
	assert_seconds(s[ER_SINCE_START], 5, 0, 10);
	/* whose month the ten seconds were is not known: at most this one's */
	assert_seconds(s[ER_THIS_MONTH], 5, 0, 10);
	assert_seconds(s[ER_LAST_MONTH], 0, 0, 0);
}

static void the_wall_clock_jumps_back_a_month(void **state)
{
	struct er_availability a = fresh(at(0, DEC_1 + 10));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_REDUNDANT, at(0, DEC_1 + 10));
	er_availability_set(&a, ER_DOWN, at(100, NOV_21));
	er_availability_read(&a, at(107, NOV_21 + 7), s);
	assert_seconds(s[ER_SINCE_START], 100, 0, 7);
	assert_seconds(s[ER_THIS_MONTH], 100, 0, 7);
	assert_seconds(s[ER_LAST_MONTH], 0, 0, 0);
}

static void the_wall_clock_jumps_within_the_month(void **state)
{
	struct er_availability a = fresh(at(0, NOV_21 + DAY));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_REDUNDANT, at(0, NOV_21 + DAY));
	er_availability_set(&a, ER_DOWN, at(10, NOV_21));
	er_availability_set(&a, ER_DEGRADED, at(11, NOV_21 + 2 * DAY));
	er_availability_read(&a, at(13, NOV_21), s);
	assert_seconds(s[ER_THIS_MONTH], 10, 2, 1);
}

static void absurd_wall_clocks_do_no_harm(void **state)
{
	const int64_t wall[] = { INT64_MIN, INT64_MAX, -1, 0, NOV_21, INT64_MAX - 1 };
	struct er_availability a = fresh(at(0, NOV_21));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_DOWN, at(0, NOV_21));
	for (size_t i = 0; i < array_size(wall); i++) {
		er_availability_set(&a, ER_DOWN, at(i + 1, wall[i]));
		er_availability_read(&a, at(i + 1, wall[i]), s);
		assert_int_equal(s[ER_SINCE_START].down, i + 1);
		assert_true(s[ER_THIS_MONTH].down + s[ER_LAST_MONTH].down <= i + 1);
	}
}

static const struct er_seconds before[ER_PERIODS] = {
	[ER_SINCE_START] = { 1000, 1000, 1000 },
	[ER_THIS_MONTH] = { 500, 50, 5 },
	[ER_LAST_MONTH] = { 600, 60, 6 },
};

static void restored_in_the_same_month_goes_on(void **state)
{
	struct er_availability a = { .state = ER_INACTIVE };
	struct er_seconds s[ER_PERIODS];

	er_availability_restore(&a, before, NOV_21);
	er_availability_set(&a, ER_REDUNDANT, at(100000, NOV_21 + 60));
	er_availability_read(&a, at(100010, NOV_21 + 70), s);
	assert_seconds(s[ER_SINCE_START], 10, 0, 0);
	assert_seconds(s[ER_THIS_MONTH], 510, 50, 5);
	assert_seconds(s[ER_LAST_MONTH], 600, 60, 6);
}

static void restored_in_the_next_month_is_last_month(void **state)
{
	struct er_availability a = { .state = ER_INACTIVE };
	struct er_seconds s[ER_PERIODS];

	er_availability_restore(&a, before, NOV_21);
	er_availability_set(&a, ER_REDUNDANT, at(100000, DEC_1 + 60));
	er_availability_read(&a, at(100010, DEC_1 + 70), s);
	assert_seconds(s[ER_THIS_MONTH], 10, 0, 0);
	assert_seconds(s[ER_LAST_MONTH], 500, 50, 5);
}

static void restored_two_months_later_is_forgotten(void **state)
{
	struct er_availability a = { .state = ER_INACTIVE };
	struct er_seconds s[ER_PERIODS];

	er_availability_restore(&a, before, NOV_21);
	er_availability_set(&a, ER_REDUNDANT, at(100000, JAN_1 + 60));
	er_availability_read(&a, at(100010, JAN_1 + 70), s);
	assert_seconds(s[ER_THIS_MONTH], 10, 0, 0);
	assert_seconds(s[ER_LAST_MONTH], 0, 0, 0);
}

static void clear_starts_at_zero(void **state)
{
	struct er_availability a = fresh(at(0, NOV_21));
	struct er_seconds s[ER_PERIODS];

	er_availability_set(&a, ER_DOWN, at(0, NOV_21));
	er_availability_clear(&a, at(10, NOV_21 + 10));
	er_availability_read(&a, at(12, NOV_21 + 12), s);
	assert_seconds(s[ER_SINCE_START], 0, 0, 2);
	assert_seconds(s[ER_THIS_MONTH], 0, 0, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_counted_for_the_state_that_was),
		cmocka_unit_test(reading_counts_up_to_now_and_changes_nothing),
		cmocka_unit_test(a_month_ends_in_the_middle_of_a_state),
		cmocka_unit_test(a_year_ends_as_a_month_does),
		cmocka_unit_test(a_state_that_lasts_for_months_fills_them),
		cmocka_unit_test(the_wall_clock_starts_in_1970_and_is_set),
		cmocka_unit_test(the_wall_clock_jumps_back_a_month),
		cmocka_unit_test(the_wall_clock_jumps_within_the_month),
		cmocka_unit_test(absurd_wall_clocks_do_no_harm),
		cmocka_unit_test(restored_in_the_same_month_goes_on),
		cmocka_unit_test(restored_in_the_next_month_is_last_month),
		cmocka_unit_test(restored_two_months_later_is_forgotten),
		cmocka_unit_test(clear_starts_at_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
