// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bgpd_expressroute.so: the hands and eyes of erouted inside bgpd.
 *
 * It holds no configuration of its own: erouted sends the whole set of
 * sessions and prefixes (wire/), the module makes bgpd the same and reports
 * what it sees.  While erouted is away, sessions and policy stay as they are.
 *
 *   er_bgp_module.c   load, check that this bgpd is ours to touch, hooks
 *   er_bgp_channel.c  the connection to erouted
 *   er_bgp_config.c   a received set -> the trees of sessions and peerings
 *   er_bgp_session.c  session -> neighbor: create, change, delete (managed),
 *                     find (attached); keeps running-config clean
 *   er_bgp_map.c      our route-maps, and the operator's that they ask
 *   er_bgp_policy.c   inbound policy
 *   er_bgp_outbound.c outbound policy
 *   er_bgp_rib.c      which prefix is present on which link, and how
 *   er_bgp_report.c   facts of sessions and peerings -> messages
 *   er_aspath.[ch]    AS path, split behind the leading 12076s
 *   er_table.[ch]     the compact table that er_bgp_rib.c counts in
 *
 * Structures and owners: struct er_bgp_session (one neighbor) and struct
 * er_bgp_peering (the pair of them in one family, with its advertise set and
 * its table) live in the two trees of er_bgp and are freed by er_bgp_config.c
 * only.  session->peer belongs to bgpd: no lock is held (it would leak the
 * instance), the pointer is dropped when peer_status_changed says Deleted,
 * which comes before the free.  A bgp_dest in a peering's table is locked; the
 * lock goes with the last path of ours, or with the instance.
 *
 * When: bgpd's hooks only take notes (a dirty dest, "look again").  Work is
 * done from events: er_session_reconcile() makes neighbors what they should
 * be, however often and for whatever reason it is asked; er_bgp_rib.c
 * evaluates dirty dests in slices.  One exception: a session that is lost is
 * reported out of the hook, at once.
 *
 * Everything runs in bgpd's main thread.
 */
#ifndef ER_BGP_H
#define ER_BGP_H

#include "frrevent.h"
#include "typesafe.h"

#include "bgpd/bgpd.h"
#include "bgpd/er_memory.h"
#include "bgpd/er_table.h"
#include "wire/er_wire.h"

PREDECL_RBTREE_UNIQ(er_session_tree);
PREDECL_RBTREE_UNIQ(er_peering_tree);
PREDECL_HASH(er_peer_hash);

/* er_bgp_rib.c's flags of a prefix, without "dirty" */
#define ER_RIB_FLAGS 128

struct er_bgp_peering;

/* One of our route-maps, and the operator's own that it asks. */
struct er_bgp_map {
	char name[ER_NAME_LEN + 48]; /* "er:CIRCUIT:PEERING:FAMILY:ROLE:in" */
	char *operators;	     /* NULL: none */
	/* attached: the neighbor itself named it, not its peer-group */
	bool operators_override;
	char *hidden; /* of ours, while running-config is written */
};

struct er_bgp_session {
	struct er_session_tree_item item;
	struct er_peer_hash_item peer_item; /* when peer is set */

	struct er_session_spec spec;
	struct er_bgp_peering *peering;

	/* Ours when managed, the operator's when attached; NULL: none. */
	struct peer *peer;
	/* Why there is none, or why it is not in use; "": no problem. */
	char problem[ER_TEXT_LEN];

	struct er_bgp_map map[RMAP_MAX];
	bool policy_attached;

	struct er_session_facts reported;
	bool was_reported;
	bool in_set;		/* while a new set is applied */
	uint32_t filtered_base; /* bgpd's counter when ours was cleared */

	/* bgpd's monotonic times, and the wall clock they were first seen at */
	time_t uptime, reset;
	int64_t uptime_wall, reset_wall;
};

struct er_bgp_peering {
	struct er_peering_tree_item item;

	struct er_peering_key key;
	struct er_bgp_session *session[ER_ROLES];

	/* limit 0 and empty strings: none has come */
	struct er_peering_spec spec;
	struct prefix *advertise; /* sorted by prefix_cmp() */
	size_t n_advertise;
	struct er_priority *priority; /* as it came */
	size_t n_priority;

	/* er_bgp_rib.c */
	struct bgp *bgp; /* whose dests are in the table */
	struct er_table table;
	struct bgp_dest **dirty;
	size_t dirty_first, n_dirty, dirty_size;
	struct event *t_evaluate;
	int64_t evaluate_ms;   /* monotonic, when it last was */
	struct bgp_dest *walk; /* where the walk over bgp's RIB is; locked */
	struct event *t_walk;
	/* How many slots have which flags: all counters are sums of these. */
	uint32_t count[ER_RIB_FLAGS];

	/* er_bgp_report.c */
	struct er_wire_rib reported;
	bool was_reported;
	int64_t report_ms; /* monotonic */
	struct event *t_report;
};

int er_session_cmp(const struct er_bgp_session *a, const struct er_bgp_session *b);
int er_peering_cmp(const struct er_bgp_peering *a, const struct er_bgp_peering *b);
DECLARE_RBTREE_UNIQ(er_session_tree, struct er_bgp_session, item, er_session_cmp);
DECLARE_RBTREE_UNIQ(er_peering_tree, struct er_bgp_peering, item, er_peering_cmp);

static inline uint32_t er_peer_hash_key(const struct er_bgp_session *session)
{
	return ((uint64_t)(uintptr_t)session->peer * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

static inline int er_peer_hash_cmp(const struct er_bgp_session *a, const struct er_bgp_session *b)
{
	return numcmp((uintptr_t)a->peer, (uintptr_t)b->peer);
}
DECLARE_HASH(er_peer_hash, struct er_bgp_session, peer_item, er_peer_hash_cmp, er_peer_hash_key);

struct er_bgp {
	struct er_session_tree_head sessions;
	struct er_peering_tree_head peerings;
	struct er_peer_hash_head peers;
	/* Why the module touches nothing; "": it works. */
	char inert[ER_TEXT_LEN];
	bool finished; /* bgpd is on its way out */
};

extern struct er_bgp er_bgp;

static inline afi_t er_session_afi(const struct er_bgp_session *session)
{
	return session->spec.key.family == ER_IPV4 ? AFI_IP : AFI_IP6;
}

static inline afi_t er_peering_afi(const struct er_bgp_peering *peering)
{
	return peering->key.family == ER_IPV4 ? AFI_IP : AFI_IP6;
}

/* "contoso-ams private primary ipv4" */
const char *er_session_name(const struct er_bgp_session *session);

/* The session that runs over this neighbor, NULL: it is none of ours. */
static inline struct er_bgp_session *er_session_of_peer(struct peer *peer)
{
	struct er_bgp_session key;

	key.peer = peer;
	return er_peer_hash_find(&er_bgp.peers, &key);
}

static inline int64_t er_mono_ms(void)
{
	struct timeval now;

	monotime(&now);
	return now.tv_sec * 1000LL + now.tv_usec / 1000;
}

/* er_bgp_module.c */

/* Compare our idea of bgpd's structs with its own; inert when they differ. */
bool er_module_fits(void);

/* er_bgp_channel.c */
void er_channel_init(void);
void er_channel_fini(void);
/* Close the connection, if any, and begin anew. */
void er_channel_restart(void);
void er_channel_send(const struct er_wire_msg *msg);
/* Push what was sent onto the socket without waiting for the event loop. */
void er_channel_flush(void);

/* er_bgp_config.c */
void er_config_begin(uint64_t generation);
/* NULL, or what is wrong with this message at this point. */
const char *er_config_session(const struct er_session_spec *spec);
const char *er_config_advertise(const struct er_wire_advertise *advertise);
const char *er_config_end(uint64_t generation);
/* Forget a set that has not ended. */
void er_config_drop(void);
void er_config_fini(void);

/* er_bgp_session.c */
void er_session_init(void);
void er_session_fini(void);
/* Soon, from an event: make every neighbor what its session wants. */
void er_session_reconcile_soon(void);
void er_session_reconcile(void);
/* Before a session is freed. */
void er_session_release(struct er_bgp_session *session);
/* The neighbor is about to go: forget it. */
void er_session_peer_gone(struct er_bgp_session *session);
void er_session_instance_gone(struct bgp *bgp);

/*
 * er_bgp_map.c: direction is RMAP_IN or RMAP_OUT.
 */
struct route_map_rule_cmd;
void er_map_init_names(struct er_bgp_session *session);
/* Of a rule: from the name of the map that it stands in, the session. */
void *er_map_compile(const char *name);
void er_map_free_rule(void *rule);
/* Make sure that our map is there, asks the operator's, and is in force. */
void er_map_attach(struct er_bgp_session *session, int direction,
		   const struct route_map_rule_cmd *match, const struct route_map_rule_cmd *set);
/* Give an operator's neighbor its own route-map back. */
void er_map_detach(struct er_bgp_session *session, int direction);
void er_map_free(struct er_bgp_session *session, int direction);
/* Have the neighbor name the operator's map, while running-config is written. */
void er_map_show_operators(struct er_bgp_session *session, int direction, bool show);
/* None says yes, one that is missing no, as in bgpd.  path: bgp_path_info. */
bool er_map_operator_permits(const struct er_bgp_session *session, int direction,
			     const struct prefix *prefix, void *path);

/* er_bgp_policy.c */
void er_policy_init(void);
/* Make sure that the session's route-maps are there and in force. */
void er_policy_attach(struct er_bgp_session *session);
/* Give an operator's neighbor its own route-maps back. */
void er_policy_detach(struct er_bgp_session *session);
void er_policy_session_free(struct er_bgp_session *session);
/* Give a stored path the local-preference that the policy would give it now. */
void er_policy_apply_preference(struct er_bgp_session *session, struct bgp_dest *dest,
				struct bgp_path_info *pi, bool drained);

/* er_bgp_outbound.c */
void er_outbound_init(void);
void er_outbound_attach(struct er_bgp_session *session);
/* The advertise set, the prefix-list, the limit or a priority has changed. */
void er_outbound_changed(struct er_bgp_peering *peering);

/* er_bgp_rib.c */
/* bgpd says that something about this dest may change: take a note. */
void er_rib_note(struct er_bgp_session *session, struct bgp_dest *dest);
/* The session's path for this dest, as the module counts paths. */
struct bgp_path_info *er_rib_path(const struct er_bgp_session *session, struct bgp_dest *dest);
/* Look again at everything in the table ... */
void er_rib_recheck(struct er_bgp_peering *peering);
/* ... and at all of bgpd's table, where paths may be that we have never seen. */
void er_rib_walk(struct er_bgp_peering *peering, struct bgp *bgp);
/* Forget everything, unlock every dest. */
void er_rib_flush(struct er_bgp_peering *peering);
void er_rib_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts);
uint32_t er_rib_accepted(const struct er_bgp_session *session);
void er_rib_examples(const struct er_bgp_peering *peering, struct er_wire_rib *msg);

/* er_bgp_report.c */
void er_report_init(void);
void er_report_fini(void);
/* Soon, from an event: say what has changed of any session. */
void er_report_sessions_soon(void);
/* At once: the session is lost. */
void er_report_lost(struct er_bgp_session *session);
void er_report_rib_changed(struct er_bgp_peering *peering);
void er_report_peering_free(struct er_bgp_peering *peering);
/* Everything, changed or not. */
void er_report_all(void);
/* "": of all circuits */
void er_report_clear(const char *circuit);

#endif /* ER_BGP_H */
