// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Seconds in each state of redundancy, since start, this and last calendar
 * month (UTC).  Durations come from the monotonic clock; the wall clock only
 * tells the month, so a jump of it moves time between months at worst, and
 * never makes or loses any.  ER_INACTIVE counts nowhere.
 */
#ifndef ER_AVAILABILITY_H
#define ER_AVAILABILITY_H

#include "core/core.h"

struct er_availability {
	enum er_redundancy state;
	int64_t counted_ms; /* mono_ms up to which it is counted */
	int month;	    /* of ER_THIS_MONTH: year * 12 + month; 0: not known yet */
	uint64_t ms[ER_PERIODS][ER_INACTIVE];
};

/* From now on the state is this one; until now it was the one before. */
void er_availability_set(struct er_availability *a, enum er_redundancy state, struct er_time now);

void er_availability_read(const struct er_availability *a, struct er_time now,
			  struct er_seconds seconds[ER_PERIODS]);

void er_availability_clear(struct er_availability *a, struct er_time now);

/*
 * Months as they were at wall_s, before a restart.  ER_SINCE_START is left
 * alone: it is since this start.
 */
void er_availability_restore(struct er_availability *a,
			     const struct er_seconds seconds[ER_PERIODS], int64_t wall_s);

#endif /* ER_AVAILABILITY_H */
