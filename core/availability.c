// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Availability accounting.
 */
#include <zebra.h>

#include "core/availability.h"

/* 1970 to 9999: what gmtime_r() and a calendar of four digits can tell. */
#define WALL_MAX INT64_C(253402300799)

static int64_t sane_wall(int64_t wall_s)
{
	return MIN(MAX(wall_s, 0), WALL_MAX);
}

/* year * 12 + month (0..11) */
static int month_of(int64_t wall_s)
{
	time_t t = sane_wall(wall_s);
	struct tm tm = {};

	gmtime_r(&t, &tm);
	return (tm.tm_year + 1900) * 12 + tm.tm_mon;
}

static int64_t month_start_ms(int month)
{
	struct tm tm = { .tm_year = month / 12 - 1900, .tm_mon = month % 12, .tm_mday = 1 };

	return (int64_t)timegm(&tm) * 1000;
}

static void add(struct er_availability *a, enum er_period period, uint64_t ms)
{
	if (a->state != ER_INACTIVE)
		a->ms[period][a->state] += ms;
}

/*
 * The month is another one than at the last count, passed ms ago.  Returns the
 * part of passed ms that belongs to the new month.
 */
static uint64_t roll_over(struct er_availability *a, int month, int64_t wall_s, uint64_t passed)
{
	int64_t start = month_start_ms(month);
	int64_t into = sane_wall(wall_s) * 1000 - start;
	uint64_t length_of_last = start - month_start_ms(month - 1);
	uint64_t here = MIN(passed, (uint64_t)into);
	bool next = month == a->month + 1;
	bool back = month < a->month;

	a->month = month;
	if (back) {
		/* the clock was wrong: what was counted was counted now */
		memset(a->ms[ER_LAST_MONTH], 0, sizeof(a->ms[ER_LAST_MONTH]));
		return passed;
	}

	if (next)
		memcpy(a->ms[ER_LAST_MONTH], a->ms[ER_THIS_MONTH], sizeof(a->ms[ER_LAST_MONTH]));
	else
		memset(a->ms[ER_LAST_MONTH], 0, sizeof(a->ms[ER_LAST_MONTH]));
	memset(a->ms[ER_THIS_MONTH], 0, sizeof(a->ms[ER_THIS_MONTH]));
	add(a, ER_LAST_MONTH, MIN(passed - here, length_of_last));
	return here;
}

static void count(struct er_availability *a, struct er_time now)
{
	uint64_t passed = MAX(now.mono_ms - a->counted_ms, 0);
	int month = month_of(now.wall_s);

	a->counted_ms = now.mono_ms;
	add(a, ER_SINCE_START, passed);
	if (a->month == 0)
		a->month = month;
	if (month != a->month)
		passed = roll_over(a, month, now.wall_s, passed);
	add(a, ER_THIS_MONTH, passed);
}

void er_availability_set(struct er_availability *a, enum er_redundancy state, struct er_time now)
{
	count(a, now);
	a->state = state;
}

void er_availability_read(const struct er_availability *a, struct er_time now,
			  struct er_seconds seconds[ER_PERIODS])
{
	struct er_availability b = *a;

	count(&b, now);
	for (enum er_period p = 0; p < ER_PERIODS; p++) {
		seconds[p].redundant = b.ms[p][ER_REDUNDANT] / 1000;
		seconds[p].degraded = b.ms[p][ER_DEGRADED] / 1000;
		seconds[p].down = b.ms[p][ER_DOWN] / 1000;
	}
}

void er_availability_clear(struct er_availability *a, struct er_time now)
{
	count(a, now);
	memset(a->ms, 0, sizeof(a->ms));
}

void er_availability_restore(struct er_availability *a,
			     const struct er_seconds seconds[ER_PERIODS], int64_t wall_s)
{
	a->month = month_of(wall_s);
	for (enum er_period p = ER_THIS_MONTH; p < ER_PERIODS; p++) {
		a->ms[p][ER_REDUNDANT] = seconds[p].redundant * 1000;
		a->ms[p][ER_DEGRADED] = seconds[p].degraded * 1000;
		a->ms[p][ER_DOWN] = seconds[p].down * 1000;
	}
}
