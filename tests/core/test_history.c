// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long a state has lasted: history.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/history.h"

/* A minute after `from` by one clock, with the other elsewhere. */
static int64_t lasted(int64_t mono_s, int64_t wall_s, bool one_run)
{
	struct er_time from = { .mono_ms = 5000, .wall_s = 1800000000 };
	struct er_time to = { from.mono_ms + mono_s * 1000, from.wall_s + wall_s };

	return er_history_lasted_s(from, to, one_run);
}

static void in_one_run_a_step_of_the_wall_clock_changes_nothing(void **state)
{
	assert_int_equal(lasted(60, 60, true), 60);
	assert_int_equal(lasted(60, -86400, true), 60);
	assert_int_equal(lasted(60, 86400, true), 60);
}

static void over_a_restart_the_wall_clock_tells(void **state)
{
	assert_int_equal(lasted(0, 60, false), 60);
	assert_int_equal(lasted(-4000, 60, false), 60);
}

static void over_a_restart_a_clock_set_back_is_no_negative_time(void **state)
{
	assert_int_equal(lasted(60, -1, false), 0);
	assert_int_equal(lasted(60, -86400, false), 0);
}

static void seconds_are_whole_ones(void **state)
{
	struct er_time from = { .mono_ms = 1 }, to = { .mono_ms = 2000 };

	assert_int_equal(er_history_lasted_s(from, to, true), 1);
	assert_int_equal(er_history_lasted_s(to, from, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_one_run_a_step_of_the_wall_clock_changes_nothing),
		cmocka_unit_test(over_a_restart_the_wall_clock_tells),
		cmocka_unit_test(over_a_restart_a_clock_set_back_is_no_negative_time),
		cmocka_unit_test(seconds_are_whole_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
