// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The messages between erouted and bgpd's module.
 *
 * erouted listens on a UNIX stream socket (ER_WIRE_SOCKET in FRR's run state
 * directory, 0600, user frr) with libfrr's msg framework, which frames; the
 * module connects and reconnects.  Inside a frame stands one message: a type
 * and its fields in the order of the schema.
 *
 *   er_wire.h    the messages as C structs: the only description of them
 *   schema.c     one table per message: field, type, size
 *   codec.c      encode and decode, both driven by the tables: every length
 *                and enum is checked before use; a message that does not fit
 *                its table exactly is refused
 *   guard.c      reads frames without trusting their length
 *
 * A conversation:
 *   module  -> HELLO                 versions; erouted may answer REFUSE
 *   erouted -> HELLO
 *   erouted -> CONFIG_BEGIN g, SESSION..., PEERING..., ADVERTISE...,
 *              PRIORITY..., FILTER..., ALLOW..., REGION..., BACKS...,
 *              STATIC..., GLOBAL_REACH, SITE..., SITE_AS..., SITE_PREFIX...,
 *              SITE_CIRCUIT..., JOINT..., CONFIG_END g
 *              always the whole set: the module makes its own the same and
 *              leaves alone what is equal.  A set without its END is dropped.
 *              PEERING comes before what names it, FILTER before its ALLOWs, SITE
 *              before what names it.  GLOBAL_REACH comes when there is any.
 *              A SESSION of mode PARTNER is the operator's iBGP neighbor: the module
 *              only reports what it shows of Microsoft's routes.
 *              A private peering that a VPN backs comes although its circuit
 *              runs no session: what it would advertise goes over the VPN.
 *   module  -> SESSION_STATE..., RIB...        everything it knows
 *   module  -> SYNCED g
 *   module  -> SESSION_STATE, RIB              when they change
 *   module  -> VPN_RIB, STATIC_STATE           likewise, of a VPN backup; also
 *              before SYNCED
 *   module  -> SITE_STATE...                   of a circuit: of the sites of which
 *              something has changed, all at first; then of what is undeclared
 *   module  -> COUNT_BEGIN, COUNT..., COUNT_END
 *              by community, of one peering: all of its counts, when some have
 *              changed
 *   erouted -> CLEAR                           counters
 *   erouted -> ASK n                           explain a route, name what is held
 *   module  -> ANSWER n..., ANSWER_END n
 * When the connection is lost the module keeps sessions and policy as they
 * are; erouted forgets what the module told it and says so.  The messages of the
 * last complete set also stand in a file, for the next bgpd (er_bgp_state.c): so
 * whatever changes one of them changes ER_WIRE_VERSION.
 */
#ifndef ER_WIRE_H
#define ER_WIRE_H

#include "core/site.h"
#include "core/types.h"

#define ER_WIRE_SOCKET	"expressroute.sock"
#define ER_WIRE_VERSION 9
/* No message comes near; a longer frame is garbage and closes the connection. */
#define ER_WIRE_MAX_LEN	    4096
#define ER_WIRE_EXAMPLES    8
#define ER_WIRE_VERSION_LEN 64

enum er_wire_type {
	ER_WIRE_HELLO = 1,
	ER_WIRE_REFUSE,
	ER_WIRE_CONFIG_BEGIN,
	ER_WIRE_SESSION,
	ER_WIRE_ADVERTISE,
	ER_WIRE_CONFIG_END,
	ER_WIRE_SESSION_STATE,
	ER_WIRE_RIB,
	ER_WIRE_SYNCED,
	ER_WIRE_CLEAR,
	ER_WIRE_PEERING,
	ER_WIRE_PRIORITY,
	ER_WIRE_FILTER,
	ER_WIRE_ALLOW,
	ER_WIRE_REGION,
	ER_WIRE_COUNT_BEGIN,
	ER_WIRE_COUNT,
	ER_WIRE_COUNT_END,
	ER_WIRE_ASK,
	ER_WIRE_ANSWER,
	ER_WIRE_ANSWER_END,
	ER_WIRE_BACKS,
	ER_WIRE_STATIC,
	ER_WIRE_VPN_RIB,
	ER_WIRE_STATIC_STATE,
	ER_WIRE_GLOBAL_REACH,
	ER_WIRE_SITE,
	ER_WIRE_SITE_AS,
	ER_WIRE_SITE_PREFIX,
	ER_WIRE_SITE_CIRCUIT,
	ER_WIRE_JOINT,
	ER_WIRE_SITE_STATE,
};

struct er_wire_hello {
	uint32_t protocol;		       /* ER_WIRE_VERSION */
	char version[ER_WIRE_VERSION_LEN];     /* of frr-expressroute */
	char frr_version[ER_WIRE_VERSION_LEN]; /* FRR_VER_SHORT it runs in */
	char problem[ER_TEXT_LEN];	       /* why it is inert; "": it is not */
};

struct er_wire_refuse {
	char problem[ER_TEXT_LEN];
};

struct er_wire_generation { /* CONFIG_BEGIN, CONFIG_END, SYNCED */
	uint64_t generation;
};

/* ER_WIRE_SESSION carries a struct er_session_spec. */

struct er_wire_advertise { /* one prefix of the set a peering advertises */
	struct er_peering_key peering;
	struct prefix prefix;
};

struct er_wire_session_state {
	struct er_session_key session;
	struct er_session_facts facts;
};

struct er_wire_rib {
	struct er_peering_key peering;
	struct er_rib_facts rib;
	/* times that a prefix was looked at again for a change of policy alone */
	uint32_t reevaluated;
	uint8_t n_examples;
	struct prefix example[ER_WIRE_EXAMPLES]; /* prefixes that differ */
	uint8_t n_held;
	struct prefix held[ER_WIRE_EXAMPLES]; /* prefixes held back */
	uint8_t n_missing;
	struct prefix missing[ER_WIRE_EXAMPLES]; /* that a standby circuit does not offer */
};

/* ER_WIRE_PEERING carries a struct er_peering_spec. */

struct er_wire_priority { /* at the limit, what stays */
	struct er_peering_key peering;
	struct prefix prefix;
	uint8_t value;
};

struct er_wire_filter { /* a route-filter, which may allow nothing */
	char name[ER_NAME_LEN];
};

struct er_wire_allow { /* one community that a filter allows */
	char filter[ER_NAME_LEN];
	er_community community;
};

struct er_wire_region { /* local-preference of what carries a community */
	struct er_peering_key peering;
	er_community community;
	uint32_t local_pref;
};

struct er_wire_count_edge { /* COUNT_BEGIN, COUNT_END */
	struct er_peering_key peering;
};

struct er_wire_count { /* prefixes that carry a community, of both links */
	struct er_peering_key peering;
	er_community community;
	bool allowed; /* by the peering's filter */
	uint32_t accepted;
	uint32_t refused;
};

enum er_ask {
	ER_ASK_ROUTE,
	ER_ASK_HELD,
	ER_ASK_UNCOVERED,     /* ExpressRoute's prefixes without backup; .peering is the VPN's */
	ER_ASK_MORE_SPECIFIC, /* VPN's prefixes within ExpressRoute's, and which */
	ER_ASK_ELSEWHERE, /* ExpressRoute's prefixes whose best path is neither its nor a VPN's */
};

struct er_wire_ask {
	uint32_t id; /* the answer's, too; 0: erouted only wants to know who lives */
	enum er_ask ask;
	struct prefix prefix;	       /* ROUTE: an address is a host prefix */
	struct er_peering_key peering; /* not ROUTE; circuit "": of all */
};

/*
 * ROUTE: one step.  Steps come session by session, inbound rules in the order
 * of enum er_rule, then bgpd's best path, then outbound, session by session.
 * HELD, UNCOVERED, MORE_SPECIFIC, ELSEWHERE: one prefix, and why in `text`.
 */
enum er_stage { ER_STAGE_INBOUND, ER_STAGE_BEST, ER_STAGE_OUTBOUND };
enum er_verdict { ER_VERDICT_PASS, ER_VERDICT_REFUSE, ER_VERDICT_INFO };

struct er_wire_answer {
	uint32_t id;
	enum er_stage stage;
	struct er_session_key session; /* circuit "": none in particular */
	struct prefix prefix;	       /* that was found, which may be shorter */
	enum er_rule rule;	       /* NONE: what was received, what came out */
	enum er_verdict verdict;
	char text[ER_TEXT_LEN]; /* what it saw; communities as numbers */
};

struct er_wire_answer_end {
	uint32_t id;
	char problem[ER_TEXT_LEN]; /* "": none */
};

struct er_wire_backs { /* a VPN backup backs the private peering of this circuit */
	char vpn[ER_NAME_LEN];
	char circuit[ER_NAME_LEN];
};

struct er_wire_static {		       /* a prefix behind the tunnels that BGP does not bring */
	struct er_peering_key peering; /* ER_VPN */
	struct prefix prefix;
};

struct er_wire_vpn_rib {
	struct er_peering_key peering; /* ER_VPN */
	struct er_vpn_rib_facts rib;
	uint8_t n_uncovered;
	struct prefix uncovered[ER_WIRE_EXAMPLES];
	uint8_t n_more_specific;
	struct prefix more_specific[ER_WIRE_EXAMPLES];
};

struct er_wire_static_state {	       /* one for each STATIC, when it changes */
	struct er_peering_key peering; /* ER_VPN */
	struct prefix prefix;
	bool more_specific; /* within a prefix of ExpressRoute that has not itself */
};

struct er_wire_global_reach { /* routes of private peerings are told apart */
	bool refuse_undeclared;
};

struct er_wire_site {
	char name[ER_NAME_LEN];
	enum er_site_preference preference;
	uint32_t maximum_prefixes; /* 0: no limit */
	bool same_as;
};

struct er_wire_site_as {
	char site[ER_NAME_LEN];
	uint32_t as;
};

struct er_wire_site_prefix { /* one that the site may send, with all within */
	char site[ER_NAME_LEN];
	struct prefix prefix;
};

struct er_wire_site_circuit { /* one where it may be heard */
	char site[ER_NAME_LEN];
	char circuit[ER_NAME_LEN];
};

struct er_wire_joint { /* one whose subnet no VNet may have */
	char name[ER_NAME_LEN];
	struct prefix subnet;
};

struct er_wire_site_state {
	struct er_peering_key peering; /* ER_PRIVATE */
	char site[ER_NAME_LEN];	       /* "": what is undeclared */
	struct er_site_facts facts;
};

struct er_wire_clear {
	char circuit[ER_NAME_LEN]; /* "": all */
};

/* A decoded message. */
struct er_wire_msg {
	enum er_wire_type type;
	union {
		struct er_wire_hello hello;
		struct er_wire_refuse refuse;
		struct er_wire_generation generation;
		struct er_session_spec session;
		struct er_wire_advertise advertise;
		struct er_wire_session_state session_state;
		struct er_wire_rib rib;
		struct er_wire_clear clear;
		struct er_peering_spec peering;
		struct er_wire_priority priority;
		struct er_wire_filter filter;
		struct er_wire_allow allow;
		struct er_wire_region region;
		struct er_wire_count_edge count_edge;
		struct er_wire_count count;
		struct er_wire_ask ask;
		struct er_wire_answer answer;
		struct er_wire_answer_end answer_end;
		struct er_wire_backs backs;
		struct er_wire_static static_;
		struct er_wire_vpn_rib vpn_rib;
		struct er_wire_static_state static_state;
		struct er_wire_global_reach global_reach;
		struct er_wire_site site;
		struct er_wire_site_as site_as;
		struct er_wire_site_prefix site_prefix;
		struct er_wire_site_circuit site_circuit;
		struct er_wire_joint joint;
		struct er_wire_site_state site_state;
	};
};

/*
 * Encode into buf (ER_WIRE_MAX_LEN bytes hold every message).  Returns the
 * length, or 0 when a field is out of its range or buf is too small: a bug of
 * the caller.
 */
size_t er_wire_encode(const struct er_wire_msg *msg, uint8_t *buf, size_t len);

/*
 * Decode exactly len bytes.  Returns NULL and fills *msg, or what is wrong in
 * constant words; *msg is then undefined.
 */
const char *er_wire_decode(const uint8_t *buf, size_t len, struct er_wire_msg *msg);

const char *er_wire_type_str(enum er_wire_type type);

/*
 * Frames carry MGMT_MSG_VERSION_NATIVE as their version.  The message size to
 * give libfrr when a connection is made; what is larger closes it.
 */
#define ER_WIRE_FRAME_LEN (ER_WIRE_MAX_LEN + 64)

struct msg_conn;

/*
 * Refuse overlong frames on a connection before libfrr allocates them.  Call
 * it in a client's notify_connect, or after msg_server_conn_create().
 */
void er_wire_guard(struct msg_conn *conn);

#endif /* ER_WIRE_H */
