// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What core.c (events, time), pair.c, view.c, channel.c (bgpd's module comes and goes)
 * and say.c (notices) share: what is known of a circuit, and what was last said
 * of it.  VPN backups have vpn_internal.h, built on this; the audit audit_internal.h.
 */
#ifndef ER_INTERNAL_H
#define ER_INTERNAL_H

#include "lib/typesafe.h"

#include "core/assess.h"
#include "core/audit_internal.h"
#include "core/availability.h"
#include "core/core.h"
#include "core/holddown.h"
#include "core/own_internal.h"

PREDECL_RBTREE_UNIQ(er_circuits);
PREDECL_RBTREE_NONUNIQ(er_deadlines);
PREDECL_DLIST(er_restored);
PREDECL_DLIST(er_stood_in);
PREDECL_RBTREE_UNIQ(er_vpns);
PREDECL_DLIST(er_vpn_restored_list);

/*
 * The channel to bgpd's module.  Only while it is SYNCED do reports take
 * effect one by one; else they are kept as `fresh` until the next SYNCED, so
 * that a resync is one step and not a burst.
 */
enum er_channel {
	ER_CHANNEL_WAITING, /* since the start; nothing is said */
	ER_CHANNEL_SYNCED,
	ER_CHANNEL_GRACE, /* lost just now: what was known stands */
	ER_CHANNEL_LOST,  /* nothing is known */
};

/* One session of a link. */
struct er_session {
	bool planned; /* it must run: spec is valid */
	struct er_session_spec spec;

	bool reported;
	struct er_session_facts facts;
	bool fresh_reported;
	struct er_session_facts fresh;

	struct er_holddown holddown;
	int64_t fresh_until_ms; /* its first prefixes are awaited; 0: not any more */

	struct {
		bool established;
		struct ipaddr neighbor;
		bool drained;
		bool flapping;
	} said;
};

/* One peering in one family: the pair of sessions that back each other. */
struct er_pair {
	bool exists; /* a link has a subnet in this family */

	/* not assessed yet: its sessions have not all been reported */
	bool waiting;
	int64_t waits_until_ms;
	bool synced; /* a resync has ended since it exists */

	struct er_rib_facts rib, fresh_rib;

	bool differs;
	int64_t differs_since_ms;
	bool parity_settled;
	/* it differed when first assessed: not a loss of parity to tell of */
	bool parity_muted;

	struct er_assessment assessment;
	int64_t since_ms; /* of the last change of redundancy */
	struct er_availability availability;

	struct {
		enum er_redundancy redundancy;
		bool restored; /* redundancy is from before a restart */
		bool asymmetric;
		enum er_limit_level level[ER_DIRECTIONS];
	} said;
};

struct er_circuit {
	const char *name; /* in config */
	struct er_circuits_item by_name;
	struct er_deadlines_item by_deadline;
	int64_t deadline_ms;

	struct er_circuit_config *config;
	struct er_interface_facts interface[ER_PEERING_TYPES][ER_ROLES];
	struct er_session session[ER_PEERING_TYPES][ER_FAMILIES][ER_ROLES];
	struct er_pair pair[ER_PEERING_TYPES][ER_FAMILIES];
	struct er_audit_said audit;
	struct er_own_link own[ER_ROLES];
};

/* What was said of a peering before a restart, until the peering is there. */
struct er_restored {
	struct er_restored_item item;
	struct er_peering_key key;
	enum er_redundancy redundancy;
	struct er_seconds seconds[ER_PERIODS];
	int64_t wall_s;
};

/* A circuit's peering in one family that has carried in another circuit's place. */
struct er_stood_in {
	struct er_stood_in_item item;
	struct er_peering_key key;
	bool now; /* it does */
	int64_t wall_s;
};

struct er_core {
	struct er_time now; /* of the latest event */
	enum er_channel channel;
	int64_t channel_deadline_ms; /* when WAITING or GRACE becomes LOST */
	struct er_circuits_head circuits;
	struct er_deadlines_head deadlines;
	struct er_restored_head restored;
	struct er_stood_in_head stood_in;
	struct er_vpns_head vpns;
	int64_t vpn_deadline_ms;
	struct er_vpn_restored_list_head vpn_restored;
	struct er_global_reach *reach; /* site_internal.h */
	struct er_audit_watch audit;
	struct er_paths *paths; /* paths.c */
	unsigned int own_links; /* that are drained by the operator */
	int64_t own_deadline_ms;
	struct er_own_restored_head own_restored;
};

/* The orders of circuits in struct er_core. */
static inline int er_circuit_cmp_name(const struct er_circuit *a, const struct er_circuit *b)
{
	return strcmp(a->name, b->name);
}

/* Due together: in the order of names, not of addresses in memory. */
static inline int er_circuit_cmp_deadline(const struct er_circuit *a, const struct er_circuit *b)
{
	if (a->deadline_ms != b->deadline_ms)
		return numcmp(a->deadline_ms, b->deadline_ms);
	return strcmp(a->name, b->name);
}

DECLARE_RBTREE_UNIQ(er_circuits, struct er_circuit, by_name, er_circuit_cmp_name);
DECLARE_RBTREE_NONUNIQ(er_deadlines, struct er_circuit, by_deadline, er_circuit_cmp_deadline);
DECLARE_DLIST(er_restored, struct er_restored, item);
DECLARE_DLIST(er_stood_in, struct er_stood_in, item);

#define ER_FOREACH_PAIR(p, f)                                                                     \
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)                               \
		for (enum er_family f = 0; f < ER_FAMILIES; f++)

/* A pair in its surroundings; a handle to pass around. */
struct er_place {
	const struct er_core *core;
	struct er_circuit *circuit;
	enum er_peering_type peering;
	enum er_family family;
	struct er_pair *pair;
	struct er_session *session; /* [ER_ROLES] */
	enum er_channel channel;
	int64_t now_ms;
};

static inline bool er_key_is_valid(enum er_peering_type p, enum er_role r, enum er_family f)
{
	return (unsigned int)p < ER_PEERING_TYPES && (unsigned int)r < ER_ROLES &&
	       (unsigned int)f < ER_FAMILIES;
}

/* NULL: no such circuit. */
struct er_circuit *er_circuit_find(const struct er_core *core, const char *name);

/* standby.c: for core.c ... */
void er_standby_start(struct er_core *core);
void er_standby_stop(struct er_core *core);
/* ... after each event */
void er_standby_note(struct er_core *core);
void er_standby_forget(struct er_core *core, const char *circuit);
/* The circuit that it stands by for, or "". */
const char *er_stands_by_for(const struct er_core *core, const struct er_circuit_config *config,
			     enum er_peering_type p, enum er_family f);

/*
 * The session's state, as reported; counts: when it is lost, that is a flap.  How
 * often iBGP is lost says nothing of the partner's link.
 */
static inline void er_session_note(struct er_session *s, bool counts, int64_t now_ms)
{
	if (s->spec.mode != ER_PARTNER)
		er_holddown_session(&s->holddown, s->facts.state == ER_SESSION_ESTABLISHED, counts,
				    now_ms);
}

/* pair.c: assess a pair, a circuit's pairs, or every pair, anew, and say what has changed. */
void er_pair_update(struct er_core *core, struct er_circuit *c, enum er_peering_type p,
		    enum er_family f, struct er_time now, struct er_decisions *out);
void er_circuit_update(struct er_core *core, struct er_circuit *c, struct er_time now,
		       struct er_decisions *out);
void er_core_update(struct er_core *core, struct er_time now, struct er_decisions *out);

/*
 * The channel to bgpd's module: everything is reported, it is lost just now, and
 * nobody has come back within the grace.
 */
void er_channel_synced(struct er_core *core, struct er_decisions *out);
void er_channel_lost(struct er_core *core, struct er_decisions *out);
void er_channel_give_up(struct er_core *core, struct er_time now, struct er_decisions *out);

struct er_place er_place_of(const struct er_core *core, struct er_circuit *c,
			    enum er_peering_type p, enum er_family f, int64_t now_ms);
void er_place_facts(const struct er_place *place, struct er_pair_facts *facts);
void er_place_view(const struct er_place *place, enum er_role role, struct er_session_view *view);

/* Why a session is not established any more, in words. */
void er_session_lost_reason(enum er_channel channel, bool planned, bool shut,
			    const struct er_session_facts *facts, char *buf, size_t len);

/* Compare with what was last said, and say each difference once. */
void er_say(const struct er_place *place, struct er_decisions *out);

/*
 * The first assessment: nothing to tell, except that redundancy is not what
 * was said before a restart, and that a limit is near.  What was said of limits
 * does not outlive a restart: while one is near, it is told of again.
 */
void er_say_first(const struct er_place *place, struct er_decisions *out);

#endif /* ER_INTERNAL_H */
