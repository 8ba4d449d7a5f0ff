// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drain by the operator, for maintenance of our own: a link (or both of a circuit) in
 * all its peerings and families.  Traffic leaves it in both directions while its
 * sessions stay: their routes get a local-preference below every healthy link's, and
 * what is advertised there a longer AS path than anywhere else.
 *
 *   own_drain.c          what is drained, how far it is, memory
 *   own_drain_request.c  what may be asked for just now, and why not
 *
 * Three phases.  MOVING: bgpd has not applied it, or still uses a path over the link.
 * WAITING: it uses none; packets are still seen, or were a moment ago: Microsoft
 * decides which way it sends.  SAFE: neither for ER_OWN_DRAIN_QUIET_MS.  When packets
 * or paths come back it goes back, too: nothing is called safe that is not.
 *
 * Microsoft's own drain (drain.c) is another thing, and both may be there.
 */
#ifndef ER_OWN_DRAIN_H
#define ER_OWN_DRAIN_H

#include "core/types.h"

/* YANG: operator-drain-phase */
enum er_own_phase {
	ER_OWN_NONE, /* not drained by the operator */
	ER_OWN_MOVING,
	ER_OWN_WAITING,
	ER_OWN_SAFE,
};

/* Packets that have passed an interface, since whenever. */
struct er_traffic_facts {
	bool known;
	uint64_t received, sent;
};

struct er_own_request {
	char circuit[ER_NAME_LEN];
	bool link[ER_ROLES];
	bool drain; /* or undo it */
	bool force; /* although nothing else is healthy */
};

/* One link. */
struct er_own_view {
	enum er_own_phase phase;
	bool forced;
	int64_t since_wall;	  /* when it was asked for */
	uint32_t prefixes;	  /* paths over it that bgpd still uses */
	bool counted;		  /* whether its packets can be */
	uint32_t received, sent;  /* packets a second */
	char reason[ER_TEXT_LEN]; /* why it is not safe; safe: what that rests on, "" all */
};

/* One link, over a restart. */
struct er_own_memory {
	char circuit[ER_NAME_LEN];
	enum er_role role;
	enum er_own_phase said;
	bool forced;
	int64_t since_wall;
};

struct er_core;

/* false, and *view is all 0: it is not drained by its operator, or there is no such link. */
bool er_own_drain(const struct er_core *core, const char *circuit, enum er_role role,
		  struct er_own_view *view);

/* A link of any circuit is. */
bool er_own_any(const struct er_core *core);

/*
 * NULL: it would be done.  Else why not, in words that name the link, in buf.  An
 * ER_EV_OWN_REQUEST that would be refused is ignored.
 */
const char *er_own_refuse(const struct er_core *core, const struct er_own_request *request,
			  char *buf, size_t len);

/*
 * The session as er_plan_session() makes it, changed as far as the link is drained by
 * its operator.
 */
void er_own_plan(const struct er_core *core, struct er_session_spec *spec);

/*
 * Before a restart and after.  What is restored waits for its circuit; forget what has
 * waited since before then (seconds since the epoch).
 */
typedef void (*er_own_memory_cb)(const struct er_own_memory *memory, void *arg);
void er_own_remember(const struct er_core *core, er_own_memory_cb cb, void *arg);
void er_own_restore(struct er_core *core, const struct er_own_memory *memory);
void er_own_forget_restored(struct er_core *core, int64_t before_wall);

#endif /* ER_OWN_DRAIN_H */
