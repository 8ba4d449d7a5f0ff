// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What random events of a VPN backup happen in: test_vpn_properties.c checks and
 * drives, vpn_random.c makes the events.
 */
#ifndef ER_TEST_VPN_WORLD_H
#define ER_TEST_VPN_WORLD_H

#include "tests/core/random.h"
#include "tests/core/support.h"

#define CIRCUITS 2
#define BACKUP	 "azure"

#define FOREACH_FAMILY(f) for (enum er_family f = 0; f < ER_FAMILIES; f++)
#define FOREACH_ROLE(r)	  for (enum er_role r = 0; r < ER_ROLES; r++)

extern char names[CIRCUITS][ER_NAME_LEN];

/* What the notices have said of the backup in one family. */
struct said {
	bool active;
	enum er_vpn_cause cause;
	bool available_known, available;
	bool more_specific;
	bool session_known[ER_ROLES], established[ER_ROLES];
};

/* What can be seen of it from outside. */
struct seen {
	struct er_vpn_view view;
	/* ExpressRoute, of the circuits it backs */
	unsigned int links, up, carrying;
	bool causes[ER_VPN_CAUSE_TEST + 1];
	bool any_cause, fit;
	/* gateways that are up */
	bool available, tells;
};

/* When things have become as they are. */
struct since {
	int64_t preferred_ms, quiet_ms;
	bool was_switched; /* in this activation */
	int64_t unswitched_ms;
	bool ordered;
};

/* Everything that bgpd's module and zebra are told. */
struct plans {
	struct er_session_spec session[ER_FAMILIES][ER_ROLES];
	struct er_peering_spec peering[ER_FAMILIES];
	char yields[CIRCUITS][ER_FAMILIES][ER_NAME_LEN];
	struct er_vpn_route route;
	struct prefix host[ER_FAMILIES][ER_ROLES];
};

struct world {
	uint64_t seed;
	unsigned int step;
	struct source source;
	bool calm; /* what is wrong is the exception */
	struct er_core *core;
	struct er_core *lazy; /* same events, never a tick */
	struct er_time now;
	int64_t wall_set_s;
	struct er_circuit_config circuit[CIRCUITS];
	bool configured;
	struct er_vpn_config vpn;
	struct prefix prefix;
	bool synced;
	struct said said[ER_FAMILIES];
	struct seen seen[ER_FAMILIES];
	struct since since[ER_FAMILIES];
	bool test_runs;
	struct plans plans;
	struct er_decisions out, lazy_out;
	struct er_notice pending[4096];
	size_t n_pending;
};

/* Everything is checked after it. */
void handle(struct world *w, struct er_event *ev);

/* vpn_random.c */
void random_event(struct world *w, struct er_event *ev);
int64_t random_pause(struct source *s);
/* A backup of these circuits, configured anyhow. */
void random_backup(struct world *w);
/* One after the other: all links go, or all come. */
void sweep_links(struct world *w);
/* Everything works, for now. */
void bring_up(struct world *w);

#endif /* ER_TEST_VPN_WORLD_H */
