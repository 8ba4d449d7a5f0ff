// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bgpd_expressroute.so: the hands and eyes of erouted inside bgpd.
 *
 * It holds no configuration of its own: erouted sends the whole set of
 * sessions and prefixes (wire/), the module makes bgpd the same and reports
 * what it sees.  While erouted is away, sessions and policy stay as they are,
 * and a bgpd that is started meanwhile has them from a file.
 *
 *   er_bgp_module.c   load, check that this bgpd is ours to touch, hooks
 *   er_bgp_channel.c  the connection to erouted
 *   er_bgp_config.c   a received set -> the trees of sessions and peerings
 *   er_bgp_state.c    the last set, in a file for the next bgpd
 *   er_bgp_session.c  session -> neighbor: create, change, delete (managed),
 *                     find (attached); keeps running-config clean
 *   er_bgp_map.c      our route-maps, and the operator's that they ask
 *   er_bgp_policy.c   inbound policy
 *   er_bgp_soo.c      the site-of-origin of a circuit's routes
 *   er_bgp_reevaluate.c  what a change of inbound policy does to routes
 *   er_bgp_count.c    what is accepted and refused, by community and rule
 *   er_bgp_walk.c     a walk over bgpd's table, in slices
 *   er_bgp_outbound.c outbound policy
 *   er_bgp_vpn.c      VPN backups: which circuits they back, what they
 *                     advertise, and which circuits yield to them
 *   er_bgp_cover.c, er_bgp_coverage.c, er_cover.h  what of a VPN's prefixes is
 *                     more specific than ExpressRoute's, and what covers what
 *   er_bgp_standby.c  whether a standby circuit offers what the preferred one does
 *   er_bgp_site.c, er_bgp_site.h  Global Reach: whose a route is
 *   er_bgp_site_set.c, er_bgp_site_count.c  from the set to each circuit's sites;
 *                     what has come of each
 *   er_bgp_partner.c  links that end on another router: what its iBGP shows
 *   er_bgp_zebra.c    what bgpd misses when zebra comes late or again
 *   er_bgp_answer.c   answers to questions: prefixes by name
 *   er_bgp_explain.c  ... and a route's way
 *   er_bgp_rib.c      which prefix is present on which link, and how
 *   er_bgp_report.c   facts of sessions and peerings -> messages
 *   er_aspath.[ch]    AS path, split behind the leading 12076s
 *   er_table.[ch]     the compact table that er_bgp_rib.c counts in
 *
 * Structures and owners: struct er_bgp_session (one neighbor) and struct
 * er_bgp_peering (the pair of them in one family, with its advertise set and
 * its table) live in the two trees of er_bgp and are freed by er_bgp_config.c
 * only.  The gateways of a VPN backup are such a pair, too.  session->peer
 * belongs to bgpd: no lock is held (it would leak the instance), the pointer is
 * dropped when peer_status_changed says Deleted, which comes before the free.  A
 * bgp_dest in a peering's table is locked; the lock goes with the last path of
 * ours, or with the instance.
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
#include "core/commset.h"
#include "core/site.h"
#include "wire/er_wire.h"

PREDECL_RBTREE_UNIQ(er_session_tree);
PREDECL_RBTREE_UNIQ(er_peering_tree);
PREDECL_HASH(er_peer_hash);

/* er_bgp_rib.c's flags of a prefix, without "dirty" */
#define ER_RIB_FLAGS 128

struct er_bgp_peering;
struct er_bgp_sites;
struct er_cover;

/* One of our route-maps, and the operator's own that it asks. */
struct er_bgp_map {
	char name[ER_NAME_LEN + 48]; /* "er:CIRCUIT:PEERING:FAMILY:ROLE:in" */
	char *operators;	     /* NULL: none */
	/* attached: the neighbor itself named it, not its peer-group */
	bool operators_override;
	char *hidden; /* of ours, while running-config is written */
};

/* An operator's prefix-list or route-map that one of our outbound maps goes by. */
struct er_dependency {
	char *name;
	bool is_map;
};

/*
 * The last judgement of a path and communities: updates carry many prefixes
 * each.  Both are bgpd's, interned, and held.
 */
struct er_judged {
	struct aspath *path; /* NULL: nothing has been judged */
	struct community *community;
	uint32_t policies;		/* of the peering, when it was */
	as_t local_as, change_local_as; /* of the neighbor ... */
	bool no_prepend;		/* ... when it was */
	enum er_rule by_path, by_communities;
	bool may_be_drained; /* the path, by the twin's */
	/* with Global Reach only: */
	struct er_path_origin origin;
	enum er_rule by_path_else; /* by_path, if our own AS were none to look for */
};

/* bgpd's monotonic times, and the wall clock they were first seen at. */
struct er_clocks {
	time_t uptime, reset;
	int64_t uptime_wall, reset_wall;
};

/* er_bgp_soo.c: a site-of-origin as it stands in an UPDATE. */
struct er_soo {
	bool set;
	uint8_t value[8];
};

struct er_bgp_session {
	struct er_session_tree_item item;
	struct er_peer_hash_item peer_item; /* when peer is set */

	struct er_session_spec spec;
	struct er_bgp_peering *peering;

	/* Ours when managed, the operator's when attached; NULL: none. */
	struct peer *peer;
	/* managed, and attached until the operator's own lines for the neighbor are gone */
	bool adopted;
	/* Why there is none, or why it is not in use; "": no problem. */
	char problem[ER_TEXT_LEN];

	struct er_bgp_map map[RMAP_MAX];
	bool policy_attached;
	struct er_soo soo; /* that spec.site_of_origin tells */
	struct er_judged judged;
	/* er_bgp_outbound.c: what is in force */
	uint8_t out_prepend;
	struct er_dependency *depends; /* outbound, sorted */
	size_t n_depends;
	int64_t established_ms; /* monotonic, since when; 0: it is not */

	struct er_session_facts reported;
	bool was_reported;
	bool in_set;		/* while a new set is applied */
	uint32_t filtered_base; /* bgpd's counter when ours was cleared */

	struct er_clocks clocks;
};

/*
 * A walk over the table of a peering's instance and family.  The dest where it
 * pauses is locked, and the lock keeps its place in the table.
 */
struct er_walk {
	struct er_bgp_peering *peering;
	struct bgp_dest *at; /* NULL: it does not walk */
	struct event *t_slice;
	void (*visit)(struct er_bgp_peering *peering, struct bgp_dest *dest);
	void (*done)(struct er_bgp_peering *peering); /* NULL: nothing to do */
};

/* er_bgp_reevaluate.c */
struct er_reevaluation {
	struct event *t_begin;
	struct er_walk walk;
	/* what is to be looked at: routes that carry one of these, or all */
	struct er_commset changed;
	bool all;
	/* the last tally can be moved on: what it was counted with, and whether
	 * the dest that is being visited has been taken out of it */
	bool moves, taken_out;
	struct er_commset was;
	/* what was refused may be accepted now, or the other way round: where
	 * bgpd does not keep it, the neighbor must be asked */
	bool ask[ER_ROLES];
	uint32_t total; /* see er_wire_rib */
};

/* er_bgp_count.c */
struct er_count {
	er_community community;
	uint32_t allowed, accepted, refused;
};

struct er_tally {
	uint32_t refused[ER_RULES];
	struct er_commset index; /* community -> 1 + where it is in count */
	struct er_count *count;
	size_t n, size;
};

/* One prefix as it has come over one link. */
struct er_received {
	const struct attr *attr;    /* NULL: it has not */
	const struct peer *partner; /* whose iBGP shows it; NULL: the link ends here */
	bool accepted;
	enum er_rule rule; /* that refuses it; NONE: none that has a name */
};

/* What a tally depends on; when it is the same the tally is, too. */
struct er_tally_basis {
	struct {
		struct peer *peer;
		uint32_t updates, refusals;
		bool established, adj_in, operators;
	} session[ER_ROLES];
	uint32_t partner[ER_ROLES]; /* er_partner_changes(), with sites only */
	uint32_t notes, policies;
};

struct er_counting {
	struct er_walk walk;
	struct er_tally tally; /* the last one that is complete */
	struct er_tally next;
	struct er_tally_basis basis; /* of next, or of tally */
	bool known;		     /* tally tells what is refused */
	int64_t began_ms, ended_ms;  /* monotonic */
};

/* er_bgp_outbound.c: what the links of a peering advertise. */
struct er_bgp_out {
	uint32_t limit;
	struct er_admission *admission; /* NULL: no limit */
	struct bgp_dest **queue;	/* dests to settle, locked ... */
	size_t queue_first, n_queue, queue_size;
	struct er_table dirty; /* ... which are these */
	struct event *t_settle;
	/* what has been refused inbound because we advertise it; we no longer do */
	bool refused_own, gave_up;
	/* we advertise what we did not; that may have come in before */
	bool took, looks_for_own, found_own;

	bool changed;	    /* what is advertised, since it was compared */
	int64_t compare_ms; /* monotonic, when it last was */
	struct event *t_compare;
	struct er_walk walk;
	bool offer_again; /* to the admission, on the way */
	/* the links' update subgroups, 0: none, and what only one advertises: */
	uint64_t walking[ER_ROLES];
	uint32_t counting[ER_ROLES]; /* ... on this walk */
	uint64_t walked[ER_ROLES];
	uint32_t only[ER_ROLES]; /* ... on the last that was completed */
};

/* er_bgp_standby.c: what a count depends on; when it is the same the count is, too. */
struct er_standby_basis {
	const struct er_bgp_peering *other; /* only compared; NULL: none was counted with */
	uint32_t notes[2], used[2];
};

struct er_standby {
	struct er_standby_basis basis;
	uint32_t offered, missing;
	uint8_t n_examples;
	struct prefix example[ER_WIRE_EXAMPLES];
	int64_t rested_ms; /* monotonic */
};

struct er_bgp_peering {
	struct er_peering_tree_item item;

	struct er_peering_key key;
	struct er_bgp_session *session[ER_ROLES];

	/* limit 0 and empty strings: none has come */
	struct er_peering_spec spec;
	bool named;		  /* there is one: it stays without a session, too */
	struct prefix *advertise; /* sorted by prefix_cmp() */
	size_t n_advertise;
	struct er_priority *priority; /* sorted by prefix_cmp(), one for each */
	size_t n_priority;
	/* what inbound policy asks for each community: ER_INBOUND_... */
	struct er_commset inbound;
	bool has_regions;  /* inbound has local-preferences */
	uint32_t policies; /* how often inbound policy has changed */
	struct er_reevaluation reevaluation;
	struct er_counting counting;

	/* er_bgp_rib.c */
	struct bgp *bgp; /* whose dests are in the table */
	struct er_table table;
	struct bgp_dest **dirty;
	size_t dirty_first, n_dirty, dirty_size;
	struct event *t_evaluate;
	int64_t evaluate_ms; /* monotonic, when it last was */
	struct er_walk walk;
	uint32_t notes; /* how often bgpd had something to say */
	/* How many slots have which flags: all counters are sums of these. */
	uint32_t count[ER_RIB_FLAGS];

	struct er_bgp_out out;

	/* er_bgp_vpn.c */
	struct er_bgp_peering *backup;	/* of a private peering: the VPN's, or NULL */
	struct er_bgp_peering **backed; /* of a VPN's: the private peerings it backs */
	size_t n_backed;
	struct er_bgp_peering **was_backed; /* ... and backed, while that changes */
	size_t n_was_backed;
	struct er_cover *cover; /* of a VPN's; else NULL */
	bool yielding;		/* to spec.yields_to */
	struct event *t_yield, *t_advertise;

	struct er_bgp_sites *sites; /* er_bgp_site.h; NULL: no Global Reach */
	struct er_standby standby;

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
	unsigned int n_vpns; /* of the peerings */
	/* Why the module touches nothing; "": it works. */
	char inert[ER_TEXT_LEN];
	bool finished; /* bgpd is on its way out */
};

extern struct er_bgp er_bgp;

static inline bool er_is_vpn(const struct er_bgp_peering *peering)
{
	return peering->key.peering == ER_VPN;
}

static inline afi_t er_session_afi(const struct er_bgp_session *session)
{
	return session->spec.key.family == ER_IPV4 ? AFI_IP : AFI_IP6;
}

static inline afi_t er_peering_afi(const struct er_bgp_peering *peering)
{
	return peering->key.family == ER_IPV4 ? AFI_IP : AFI_IP6;
}

struct er_bgp_peering *er_peering_find(const struct er_peering_key *key);

static inline bool er_peering_has_session(const struct er_bgp_peering *peering)
{
	return peering->session[ER_PRIMARY] || peering->session[ER_SECONDARY];
}

/* "contoso-ams private primary ipv4", "hub gateway 0 ipv4" */
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
/* Much of what was sent has not been read yet. */
bool er_channel_is_busy(void);
/* Push what was sent onto the socket without waiting for the event loop. */
void er_channel_flush(void);
/* Do what a message says.  NULL, or what is wrong with it at this point. */
const char *er_channel_take(const struct er_wire_msg *msg);

/* er_bgp_config.c */
void er_config_begin(uint64_t generation);
/* NULL, or what is wrong with this message at this point. */
const char *er_config_session(const struct er_session_spec *spec);
const char *er_config_advertise(const struct er_wire_advertise *advertise);
const char *er_config_peering(const struct er_peering_spec *spec);
const char *er_config_priority(const struct er_wire_priority *priority);
const char *er_config_filter(const struct er_wire_filter *filter);
const char *er_config_allow(const struct er_wire_allow *allow);
const char *er_config_region(const struct er_wire_region *region);
const char *er_config_backs(const struct er_wire_backs *backs);
const char *er_config_static(const struct er_wire_static *static_);
/* GLOBAL_REACH to JOINT. */
const char *er_config_global_reach(const struct er_wire_msg *msg);
const char *er_config_end(uint64_t generation);
/* Forget a set that has not ended. */
void er_config_drop(void);
void er_config_fini(void);

/* er_bgp_state.c */
/* Before bgpd reads its configuration: the set of the file, as if erouted had sent it. */
void er_state_load(void);
void er_state_fini(void);
/* A message has been taken, in these octets: a set that ends is written down. */
void er_state_note(enum er_wire_type type, const uint8_t *data, size_t len);
/* There is a file, and it cannot be used: whose sessions are ours is not known ... */
bool er_state_holds(void);
/* ... and while it is not, no session with Microsoft may start. */
void er_state_hold(void);

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

/* The neighbor is the operator's, so its lines decide what ours do not. */
static inline bool er_session_is_attached(const struct er_bgp_session *session)
{
	return session->spec.mode == ER_ATTACHED || session->adopted;
}

/* The instance of this VRF, NULL: none that sessions can be in. */
struct bgp *er_session_instance(const char *vrf);
void er_to_sockunion(const struct ipaddr *ip, union sockunion *su);

/*
 * er_bgp_partner.c: sessions of mode PARTNER; none of them is a struct er_bgp_session.
 */
void er_partner_set_begin(void);
void er_partner_set(const struct er_session_spec *spec);
void er_partner_set_end(void);
/* Find the neighbors, as er_session_reconcile() does. */
void er_partner_look(void);
bool er_partner_any(void);
/* bgpd says that something of this neighbor's may change. */
void er_partner_note(struct peer *peer, afi_t afi);
void er_partner_next_hops_changed(void);
/* The neighbor, if it is one, has been established, lost or deleted. */
void er_partner_status(struct peer *peer, bool established, bool deleted);
void er_partner_instance_gone(struct bgp *bgp);
void er_partner_say_all(bool always);
/*
 * Of a link that ends on a partner: a number that changes with what iBGP may show of it,
 * 0: it is no such link; what it shows of a prefix, NULL: nothing; the neighbor.
 */
uint32_t er_partner_changes(const struct er_session_key *key);
const struct attr *er_partner_received(const struct er_session_key *key, struct bgp_dest *dest,
				       const struct peer **peer);
/* The instance of a partner of this peering's, NULL: none is known. */
struct bgp *er_partner_instance(const struct er_peering_key *key);
void er_partner_fini(void);
void er_partner_free_all(void);

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
/* A copy of the attributes is shown to it: nothing changes.  source: where they are from. */
bool er_map_operator_would_permit(const struct er_bgp_session *session, int direction,
				  struct bgp_dest *dest, struct bgp_path_info *source,
				  struct peer *from, const struct attr *attr);
/*
 * What the session's outbound map goes by, beside the operator's own map: bgpd
 * has it advertise anew when one of these changes.  Names are copied.
 */
void er_map_depend(struct er_bgp_session *session, const struct er_dependency *want, size_t n);
/* Have the neighbor name the operator's map, while running-config is written. */
void er_map_show_operators(struct er_bgp_session *session, int direction, bool show);
/* None says yes, one that is missing no, as in bgpd.  path: bgp_path_info. */
bool er_map_operator_permits(const struct er_bgp_session *session, int direction,
			     const struct prefix *prefix, void *path);

/*
 * er_bgp_policy.c
 *
 * The value of a community in peering->inbound: never 0 for one that is there.
 */
#define ER_INBOUND_ALLOWED	     1u /* by the route-filter */
#define ER_INBOUND_REGION	     2u
#define ER_INBOUND_LOCAL_PREF(value) ((value) >> 2)
#define ER_INBOUND_LOCAL_PREF_MAX    (UINT32_MAX >> 2)

void er_policy_init(void);
/*
 * Peerings whose sessions keep what they receive, so that a change is quick; of
 * a VPN always, as what is suppressed changes with every switchover.
 */
bool er_policy_keeps_received(const struct er_bgp_peering *peering);
/* Whose the path says that a route is. */
struct er_path_origin er_policy_path_origin(const struct er_bgp_session *session,
					    const struct aspath *aspath);
/* ... that this neighbor sends, a partner too. */
struct er_path_origin er_policy_peers_origin(const struct peer *peer, const struct aspath *aspath);
/* "": none; Microsoft peering without one refuses all. */
static inline bool er_policy_filters(const struct er_bgp_peering *peering)
{
	return peering->key.peering == ER_MICROSOFT || peering->spec.route_filter[0];
}
/*
 * The first of our rules, up to the route-filter, that refuses what was
 * received, or NONE.  The operator's route-map is not asked.  inbound: that of
 * the peering, or what it was before.
 */
enum er_rule er_policy_judge(const struct er_bgp_session *session, const struct er_commset *inbound,
			     const struct prefix *prefix, const struct attr *attr);
/* What has been judged may be judged differently. */
void er_policy_forget_judged(struct er_bgp_session *session);
bool er_policy_is_drained(const struct er_bgp_session *session, struct bgp_dest *dest,
			  const struct attr *attr);
/*
 * Local-preference of a route with these attributes.  *region, when it is not
 * NULL: the community that decided, 0 when none did.
 */
uint32_t er_policy_preference(const struct er_bgp_session *session, const struct prefix *prefix,
			      const struct attr *attr, bool drained, er_community *region);
/* Make sure that the session's route-maps are there and in force. */
void er_policy_attach(struct er_bgp_session *session);
/* Give an operator's neighbor its own route-maps back. */
void er_policy_detach(struct er_bgp_session *session);
void er_policy_session_free(struct er_bgp_session *session);
/* Give a stored path the local-preference that the policy would give it now. */
void er_policy_apply_preference(struct er_bgp_session *session, struct bgp_dest *dest,
				struct bgp_path_info *pi, bool drained);

/* er_bgp_zebra.c */
void er_zebra_watch(void);
void er_zebra_unwatch(void);

/* er_bgp_soo.c */
enum er_soo_match {
	ER_SOO_UNMARKED,
	ER_SOO_OTHER,
	ER_SOO_SAME,
};
/* "" gives none; false: it is malformed, and none is set. */
bool er_soo_parse(const char *text, struct er_soo *soo);
enum er_soo_match er_soo_match(const struct er_soo *soo, const struct attr *attr);
/* In a route-map: this, and no other site-of-origin. */
void er_soo_mark(const struct er_soo *soo, struct attr *attr);

/* er_bgp_reevaluate.c: each soon, from an event */
/*
 * These communities mean something else now.  verdicts: to the filter, too.
 * was: what inbound was, is taken away; NULL: more than that has changed.
 */
void er_reevaluate_changed(struct er_bgp_peering *peering, struct er_commset *was,
			   const struct er_commset *changed, bool verdicts);
/* Any route may be judged differently now. */
void er_reevaluate_all(struct er_bgp_peering *peering);
/*
 * Another set is advertised than what it was, by the peering itself or by one
 * that it backs: what comes back is ours.
 */
void er_reevaluate_own(struct er_bgp_peering *peering, const struct er_bgp_peering *advertiser,
		       const struct prefix *was, size_t n_was);
bool er_reevaluate_is_busy(const struct er_bgp_peering *peering);
void er_reevaluate_stop(struct er_bgp_peering *peering);
/* Ask the neighbor for all of its routes again. */
void er_reevaluate_ask(struct er_bgp_session *session);
/* Does the session keep what it receives, in Adj-RIB-In? */
bool er_session_keeps_received(const struct er_bgp_session *session);

/* er_bgp_count.c */
void er_count_init(void);
void er_count_fini(void);
void er_count_stop(struct er_bgp_peering *peering);
/*
 * Another's walk counts as well: begin, visit each dest after all that was done
 * to it, tell what of it bgpd's numbers show, done.
 */
void er_count_begin(struct er_bgp_peering *peering);
void er_count_by_us(struct er_bgp_peering *peering, enum er_role role, uint32_t notes,
		    uint32_t refusals);
void er_count_visit(struct er_bgp_peering *peering, struct bgp_dest *dest);
void er_count_done(struct er_bgp_peering *peering);
/* The last tally tells what there is now. */
bool er_count_is_current(const struct er_bgp_peering *peering);
/*
 * Or, when the last tally was current until inbound policy has changed, it is
 * moved on: each dest that may be touched by the change is taken out (by -1)
 * with the former policy, before anything is done to it, and put back in (by 1).
 */
bool er_count_move_begin(struct er_bgp_peering *peering);
void er_count_move(struct er_bgp_peering *peering, const struct er_commset *inbound,
		   struct bgp_dest *dest, int by);
/* If anything else has happened meanwhile, all will be counted again soon. */
void er_count_move_done(struct er_bgp_peering *peering);
void er_count_peering_free(struct er_bgp_peering *peering);
/* Its part of the facts. */
void er_count_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts);
/* Tell the counts by community, changed or not. */
void er_count_say(const struct er_bgp_peering *peering);

/* er_bgp_walk.c: a walk that is under way begins anew; _in: over this instance's table */
void er_walk_start_in(struct er_walk *walk, struct bgp *bgp, struct er_bgp_peering *peering,
		      void (*visit)(struct er_bgp_peering *peering, struct bgp_dest *dest),
		      void (*done)(struct er_bgp_peering *peering));
void er_walk_start(struct er_walk *walk, struct er_bgp_peering *peering,
		   void (*visit)(struct er_bgp_peering *peering, struct bgp_dest *dest),
		   void (*done)(struct er_bgp_peering *peering));
void er_walk_stop(struct er_walk *walk);

/* er_bgp_outbound.c */
void er_outbound_init(void);
void er_outbound_fini(void);
void er_outbound_attach(struct er_bgp_session *session);
void er_outbound_detach(struct er_bgp_session *session);
void er_outbound_session_free(struct er_bgp_session *session);
/* The advertise set, the prefix-list, the limit or a priority has changed. */
void er_outbound_changed(struct er_bgp_peering *peering);
/* Forget everything, unlock every dest. */
void er_outbound_flush(struct er_bgp_peering *peering);
/* A session may have come or gone. */
void er_outbound_look(struct er_bgp_peering *peering);
void er_outbound_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts);
void er_outbound_examples(const struct er_bgp_peering *peering, struct er_wire_rib *rib);
/* What refuses it before the operator's map and the limit have their say. */
enum er_rule er_outbound_rule(const struct er_bgp_session *session, const struct prefix *prefix,
			      const struct bgp_path_info *path);
/* Have bgpd look again at all that the links advertise. */
void er_outbound_again(struct er_bgp_peering *peering);
/* The set, or the prefix-list. */
bool er_outbound_is_in_set(const struct er_bgp_peering *peering, const struct prefix *prefix);
/* What a session would advertise that is in no set: an operator's neighbor needs none. */
bool er_outbound_is_advertised(const struct er_bgp_session *session, const struct prefix *prefix);
/* The neighbor's AS is in the path. */
bool er_outbound_loops(const struct er_bgp_session *session, const struct attr *attr);
/*
 * Do the links advertise it, by a prefix-list or because bgpd would (and on
 * Microsoft peering, what it lies within)?  The set that erouted has sent is
 * not looked at.
 */
bool er_outbound_is_own(const struct er_bgp_peering *peering, const struct prefix *prefix);
/* An operator's neighbor has default-originate, of which no route-map is asked. */
bool er_outbound_originates(const struct er_bgp_session *session);
uint8_t er_outbound_priority(const struct er_bgp_peering *peering, const struct prefix *prefix);
struct bgp_path_info *er_outbound_best(struct bgp_dest *dest);
bool er_outbound_is_sent(const struct er_bgp_session *session, struct bgp_dest *dest);

/* er_bgp_vpn.c */
/* Which VPN backup backs which circuits: all of them. */
void er_vpn_apply(const struct er_wire_backs *backs, size_t n);
/* The peering is about to be freed. */
void er_vpn_forget(struct er_bgp_peering *peering);
/* A session of a VPN may have come or gone: who yields now? */
void er_vpn_look(void);
/* What a circuit advertises has changed, so what its VPN does may have, too. */
void er_vpn_circuit_changed(struct er_bgp_peering *peering);
/* Is it ours that comes back from the gateways? */
bool er_vpn_is_own(const struct er_bgp_peering *vpn, const struct prefix *prefix);
/* er_outbound_rule() of a gateway's session: NONE, NOT_ADVERTISED or LIMIT. */
enum er_rule er_vpn_outbound_rule(const struct er_bgp_session *session,
				  const struct prefix *prefix, const struct bgp_path_info *path);
/* It has come from a VPN's gateway; ... or from ExpressRoute, here or elsewhere. */
bool er_vpn_is_transit(const struct bgp_path_info *path);
bool er_vpn_is_of_microsoft(const struct bgp_path_info *path);
/* What the outbound map of a gateway's session goes by. */
void er_vpn_depend(struct er_bgp_session *session);

/*
 * er_bgp_cover.c
 *
 * Inbound: is it to be kept out, as it is more specific than what ExpressRoute
 * carries?  It is remembered, and comes in by itself when it no longer is.
 */
bool er_cover_keeps_out(const struct er_bgp_session *session, const struct prefix *prefix);
void er_cover_keeps_not(const struct er_bgp_session *session, const struct prefix *prefix);
/* ... for which bgpd must keep it, or the neighbor say it again. */
bool er_cover_can_come_back(const struct er_bgp_session *session);
/* A gateway's dest has been evaluated: whose path is present? */
void er_cover_note(struct er_bgp_peering *vpn, struct bgp_dest *dest, const bool present[ER_ROLES]);
/* A circuit that it backs has this prefix now, or has it no more. */
void er_cover_circuit_changed(struct er_bgp_peering *vpn, struct bgp_dest *dest);
/* bgpd has another best path, or none. */
void er_cover_best_changed(struct bgp_dest *dest, struct bgp_path_info *old_best,
			   struct bgp_path_info *new_best);
/* Of a circuit or of a gateway. */
void er_cover_session_lost(struct er_bgp_session *session);
/* Anything may have changed. */
void er_cover_all_changed(struct er_bgp_peering *vpn);
void er_cover_flush(struct er_bgp_peering *vpn);
/* Sorted by prefix_cmp(). */
void er_cover_apply_statics(struct er_bgp_peering *vpn, const struct er_wire_static *item,
			    size_t n);
struct er_cover *er_cover_new(struct er_bgp_peering *vpn);
void er_cover_free(struct er_cover **cover);

/* er_bgp_coverage.c */
/* All that is known of it, changed or not: counted by now. */
void er_coverage_say(struct er_cover *cover);
/* 0 from the callback goes on.  within: what contains it. */
typedef int (*er_coverage_cb)(struct er_bgp_peering *vpn, const struct prefix *prefix,
			      const struct prefix *within, bool kept_out, void *arg);
void er_coverage_foreach_uncovered(struct er_bgp_peering *vpn, er_coverage_cb cb, void *arg);
void er_coverage_foreach_more_specific(struct er_bgp_peering *vpn, er_coverage_cb cb, void *arg);

/* er_bgp_site.c: those with a peering or its session want its .sites, unless they say so */
/*
 * The site whose route this is, er_bgp_sites' n when it is undeclared, -1 when it
 * is Azure's or our own.  *as: of its path.
 */
int er_site_of(const struct er_bgp_session *session, const struct prefix *prefix,
	       const struct aspath *path, uint32_t *as);
/* ... that a partner shows; -1 as well when it may not come from its site. */
int er_site_of_partners(const struct er_bgp_peering *peering, const struct peer *partner,
			const struct prefix *prefix, const struct aspath *path, uint32_t *as);
/* NONE, OWN_AS, SITE_PREFIX or UNDECLARED_SITE. */
enum er_rule er_site_rule(const struct er_bgp_peering *peering,
			  const struct er_path_origin *origin, const struct prefix *prefix);
/* Its site's maximum lets it in; admit: and it counts from now on. */
bool er_site_has_room(const struct er_bgp_peering *peering, const struct er_path_origin *origin,
		      const struct prefix *prefix);
bool er_site_admit(struct er_bgp_peering *peering, const struct er_path_origin *origin,
		   const struct prefix *prefix);
/* Its site's own local-preference, 0: as any of the circuit's.  Without .sites, too. */
uint32_t er_site_preference(const struct er_bgp_session *session, const struct prefix *prefix,
			    const struct aspath *path, const struct er_site_config **whose);
/* One may be heard there that has our AS.  Without .sites, too, as what follows. */
bool er_site_same_as(const struct er_bgp_session *session);
/* Have bgpd let our own AS in where that is so, and nowhere else. */
void er_site_want_own_as(struct er_bgp_session *session);
bool er_site_rule_applies(const struct er_bgp_session *session, const struct prefix *prefix,
			  const struct attr *attr, enum er_rule rule);
/* What a rule of these sees. */
void er_site_describe(const struct er_bgp_session *session, const struct prefix *prefix,
		      const struct attr *attr, enum er_rule rule, char *buf, size_t len);

/* er_bgp_site_set.c */
/* NULL, or what is wrong with this message at this point of the set that is open. */
const char *er_site_set_add(const struct er_wire_msg *msg);
/* Forget a set that has not ended. */
void er_site_set_drop(void);
/* It has: make it those of all private peerings. */
void er_site_set_apply(void);
void er_site_set_fini(void);
void er_site_free(struct er_bgp_peering *peering);

/* er_bgp_site_count.c */
void er_site_count_begin(struct er_bgp_peering *peering);
void er_site_count(struct er_bgp_peering *peering, struct bgp_dest *dest,
		   const struct er_received received[ER_ROLES]);
void er_site_count_done(struct er_bgp_peering *peering);
/* Tell what has changed, or all that is known. */
void er_site_say(struct er_bgp_peering *peering, bool always);

/* er_bgp_answer.c */
void er_answer_ask(const struct er_wire_ask *ask);
/* Forget the questions: nobody is there to hear the answers. */
void er_answer_drop(void);

/* er_bgp_rib.c */
/* bgpd says that something about this dest may change: take a note. */
void er_rib_note(struct er_bgp_session *session, struct bgp_dest *dest);
/* The session's path for this dest, as the module counts paths. */
struct bgp_path_info *er_rib_path(const struct er_bgp_session *session, struct bgp_dest *dest);
/* The dests that are present over any link, in no order; start with *at = 0. */
struct bgp_dest *er_rib_next(const struct er_bgp_peering *peering, uint32_t *at);
bool er_rib_has(const struct er_bgp_peering *peering, const struct bgp_dest *dest);
/* Give all stored paths the local-preference of their session, now. */
void er_rib_rewrite(struct er_bgp_peering *peering);
/* Look again at everything in the table ... */
void er_rib_recheck(struct er_bgp_peering *peering);
/* ... and at all of bgpd's table, where paths may be that we have never seen. */
void er_rib_walk(struct er_bgp_peering *peering);
/* Forget everything, unlock every dest. */
void er_rib_flush(struct er_bgp_peering *peering);
void er_rib_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts);
uint32_t er_rib_accepted(const struct er_bgp_session *session);
/*
 * The session is drained by its operator, and every stored path has the preference of
 * that; *best: the paths that bgpd still uses.  Walks the table: for drained ones only.
 */
bool er_rib_own_drained(const struct er_bgp_session *session, uint32_t *best);
void er_rib_examples(const struct er_bgp_peering *peering, struct er_wire_rib *msg);

/* er_bgp_standby.c */
/* Count, when something has changed. */
void er_standby_look(struct er_bgp_peering *peering);
void er_standby_facts(const struct er_bgp_peering *peering, struct er_wire_rib *msg);

/* er_bgp_report.c */
/* What can be seen of any neighbor, NULL: there is none. */
void er_report_peer_facts(struct peer *peer, struct er_clocks *clocks,
			  struct er_session_facts *facts);
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
