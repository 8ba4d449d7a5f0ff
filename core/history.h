// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a notice is in a history: something about an object (a circuit's link or
 * peering, a VPN backup) has become another state.
 */
#ifndef ER_HISTORY_H
#define ER_HISTORY_H

#include "core/core.h"

struct er_transition {
	const char *aspect;	  /* what of the object: "redundancy", "drain", ... */
	const char *state;	  /* what it has become */
	const char *before;	  /* what it was when the notice tells; "" when not */
	bool link;		  /* the notice is about one link or gateway */
	bool circuit;		  /* about a circuit as a whole */
	char text[ER_JOINED_LEN]; /* why and how much, in words; "" when there is no more to say */
};

void er_transition_of(const struct er_notice *notice, struct er_transition *transition);

/*
 * Seconds from one transition to a later one, never less than 0.  In one run of
 * erouted the monotonic clock tells.  Over a restart there is only the wall clock,
 * which may have been set meanwhile: what it tells is the best that is known, and
 * where it was set back, 0.
 */
int64_t er_history_lasted_s(struct er_time from, struct er_time to, bool one_run);

#endif /* ER_HISTORY_H */
