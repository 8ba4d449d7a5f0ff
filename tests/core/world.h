// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What random events of circuits happen in: test_properties.c checks and drives,
 * world_random.c makes the events.
 */
#ifndef ER_TEST_WORLD_H
#define ER_TEST_WORLD_H

#include "tests/core/random.h"
#include "tests/core/support.h"

#define CIRCUITS 2

extern const char *const names[CIRCUITS];

/*
 * The model: what the notices have said so far.
 */
struct said_link {
	bool established, drained, flapping;
};

struct said_pair {
	bool known; /* first assessed: there is something to compare with */
	/* not yet since the last restart, but before: the redundancy stands */
	bool remembered, claimed;
	bool met_again; /* it was remembered when it was first assessed */
	bool kept;	/* it is in the memory that a restart leaves */
	enum er_redundancy redundancy;
	bool asymmetric;
	enum er_limit_level level[ER_DIRECTIONS];
	struct said_link link[ER_ROLES];
	double ms[ER_INACTIVE]; /* in each state, as seen from outside */
};

struct world {
	uint64_t seed;
	unsigned int step;
	struct source source;
	struct er_core *core;
	struct er_core *lazy; /* same events, never a tick */
	struct er_time start, now;
	int64_t boot_ms; /* start, or the latest restart */
	struct er_circuit_config config[CIRCUITS];
	bool configured[CIRCUITS];
	bool synced_once;
	struct said_pair said[CIRCUITS][ER_PEERING_TYPES][ER_FAMILIES];
	struct er_decisions out, lazy_out;
	/* all that was said since the lazy one was asked last */
	struct er_notice pending[4096];
	size_t n_pending;
};

/* world_random.c */
void random_event(struct world *w, struct er_event *ev);
int64_t random_pause(struct source *s);

#endif /* ER_TEST_WORLD_H */
