// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules of ExpressRoute.
 *
 * core/ is a library of functions over plain structs.  It opens no socket,
 * reads no clock, writes no log, arms no timer and has no global state: time
 * and events come in as arguments, decisions go out as values.  The same
 * sequence of events therefore gives the same sequence of decisions, which is
 * how it is tested: recorded events, properties over random ones, fuzzing.
 *
 *   types.h        the nouns: configuration, facts, session specs
 *   limits.h       every figure, with its source
 *   core.[ch]      struct er_core: the circuits and what was last said of
 *                  each; er_core_handle() takes an event, returns decisions
 *   assess.[ch]    facts -> health of links, redundancy and qualities of a
 *                  peering: a pure function, run anew after every event
 *   partner.[ch]   a link that ends on another router: what iBGP shows of it
 *   drain.[ch]     is this path drained, given its twin's?  (bgpd's policy
 *                  and its measurement ask the same function)
 *   own_drain*.[ch] drain by the operator, for maintenance of our own
 *   preference.[ch] local-preference from circuit, role and drain
 *   holddown.[ch]  flap hold-down with exponential back-off
 *   limits.c       how many prefixes a peering may carry, and how near it is
 *   catalogue*.[ch] what Microsoft's communities stand for; reads Azure's list
 *   filter.[ch]    route filters and region preferences: names -> communities
 *   commset.[ch]   the hash table that a compiled filter is
 *   guard.[ch]     what no filter and no operator may let in or out
 *   admission.[ch] what is advertised when not everything may be
 *   reach.[ch]     which regions a circuit's SKU reaches
 *   availability.[ch] seconds in each state since start, this and last month
 *   plan.[ch]      circuit configuration -> session specs
 *   vpn*.[ch]      VPN backups: vpn.h opens with a map of its own
 *   site*.[ch]     Global Reach, likewise: sites, joints, whose a route is
 *   audit*.[ch]    what a circuit is by Microsoft's advice: audit.h opens with a map
 *   paths.[ch]     probes -> quality of paths to Azure; counters -> rates
 *   history.[ch]   notices as transitions from state to state, and how long one lasted
 *   pair.c         two sessions that back each other: assessed, and when again
 *   view.c         what the shell reads of circuits, peerings and sessions
 *   say.c          what is, compared with what was last said -> notices
 *   standby.c      which circuit stands by for which, and could it take over
 *   warnings.c     what an operator should know of a peering that works
 *   channel.c      bgpd's module comes and goes: when its reports take effect
 *   internal.h     what core.c, pair.c, view.c, channel.c and say.c share
 *   text.[ch]      enums and reasons in words; YANG's names, one table each
 *
 * Ownership: er_core owns its circuits and copies the configuration that an
 * event carries.  An er_event and everything in it belong to the caller.
 * Decisions are values in a list that the caller frees with
 * er_decisions_fini().
 *
 * Who decides what has changed: after each event er_core assesses the
 * peerings that the event can have touched, compares with what it last said
 * of them, and emits exactly one notice per difference.  Until the first
 * report of bgpd (or the end of the start grace) it says nothing: then it
 * compares with what was last said before a restart (er_core_restore()).
 * Deleting a circuit is silent, but for a drain that ends with it: whoever deletes
 * it knows.
 */
#ifndef ER_CORE_H
#define ER_CORE_H

#include "core/own_drain.h"
#include "core/paths.h"
#include "core/site.h"
#include "core/types.h"
#include "core/vpn.h"

/*
 * Time is given, never asked for.  mono_ms only ever grows and measures
 * durations; wall_s is seconds since the epoch, may jump, and only tells
 * which calendar month (UTC) it is.
 */
struct er_time {
	int64_t mono_ms;
	int64_t wall_s;
};

enum er_event_type {
	ER_EV_CONFIG,	   /* a circuit was created or changed: .config */
	ER_EV_CONFIG_GONE, /* a circuit was deleted: .circuit */
	ER_EV_INTERFACE,   /* .session names circuit, peering, role; .interface */
	ER_EV_SESSION,	   /* .session, .facts */
	ER_EV_RIB,	   /* .peering, .rib */
	/*
	 * The module has reported everything it knows; raise it for every
	 * SYNCED that answers the latest set of sessions.  Sessions and RIBs
	 * reported between LOST (or the start) and SYNCED take effect at
	 * SYNCED, all at once; what was not reported is then unknown.
	 */
	ER_EV_BGPD_SYNCED,
	/*
	 * The channel is gone: sessions and RIB are unknown.  For
	 * ER_CHANNEL_GRACE_MS what was known stands: bgpd may still live.
	 */
	ER_EV_BGPD_LOST,
	ER_EV_CLEAR,		  /* clear counters: .circuit, "" for all */
	ER_EV_CLEAR_AVAILABILITY, /* the same for seconds in each state */
	ER_EV_TICK,		  /* er_core_deadline() has come */
	/*
	 * VPN backups.  Sessions of their gateways are reported by ER_EV_SESSION,
	 * with ER_VPN in the key.
	 */
	ER_EV_VPN_CONFIG,      /* a backup was created or changed: .vpn */
	ER_EV_VPN_CONFIG_GONE, /* a backup was deleted: .circuit is its name */
	ER_EV_GATEWAY,	       /* .session names it; .gateway */
	ER_EV_PROBE,	       /* a probe through the tunnel has ended: .session, .probe */
	ER_EV_VPN_RIB,	       /* .peering, .vpn_rib */
	ER_EV_STATIC,	       /* .peering, .static_ */
	ER_EV_STATIC_ROUTE,    /* .peering, .static_route */
	ER_EV_VPN_REQUEST,     /* .request */
	/* drain by the operator */
	ER_EV_OWN_REQUEST, /* .own_request */
	ER_EV_TRAFFIC,	   /* .session names circuit, peering, role; .traffic */
	/* Global Reach */
	ER_EV_SITE_CONFIG,	 /* a site was created or changed: .site_config */
	ER_EV_SITE_CONFIG_GONE,	 /* a site was deleted: .circuit is its name */
	ER_EV_JOINT_CONFIG,	 /* a joint was created or changed: .joint_config */
	ER_EV_JOINT_CONFIG_GONE, /* a joint was deleted: .circuit is its name */
	ER_EV_UNDECLARED,	 /* .undeclared */
	ER_EV_SITE_STATE,	 /* .site_state; see site.h */
	/*
	 * .outside.  From the first one on, the audit of circuits is watched, and
	 * a verdict that changes is told of.
	 */
	ER_EV_AUDIT,
	/* probes of paths */
	ER_EV_PATH_CONFIG,	/* a probe was created or changed: .path_config */
	ER_EV_PATH_CONFIG_GONE, /* a probe was deleted: .circuit is its name */
	ER_EV_PATH,		/* what came of one: .path */
};

struct er_event {
	enum er_event_type type;
	struct er_time now;
	union {
		const struct er_circuit_config *config;
		char circuit[ER_NAME_LEN];
		struct {
			struct er_session_key session;
			union {
				struct er_interface_facts interface;
				struct er_session_facts facts;
				struct er_gateway_facts gateway;
				struct er_traffic_facts traffic;
				struct {
					bool replied;
					uint32_t rtt_us;
				} probe;
			};
		};
		struct {
			struct er_peering_key peering;
			union {
				struct er_rib_facts rib;
				struct er_vpn_rib_facts vpn_rib;
				struct {
					struct prefix prefix;
					bool more_specific;
				} static_;
				struct {
					struct prefix prefix;
					enum er_static_route state;
				} static_route;
			};
		};
		const struct er_vpn_config *vpn;
		const struct er_vpn_request *request;
		const struct er_own_request *own_request;
		const struct er_site_config *site_config;
		const struct er_joint_config *joint_config;
		enum er_undeclared undeclared;
		struct er_audit_outside outside;
		struct {
			struct er_peering_key peering;
			char site[ER_NAME_LEN]; /* "": what is undeclared */
			struct er_site_facts facts;
		} site_state;
		const struct er_path_config *path_config;
		struct {
			char name[ER_NAME_LEN];
			bool sent; /* false: there is no way to send it */
			bool replied;
			uint32_t rtt_us;
		} path;
	};
};

/* Why a peering is not redundant: the first that applies, most severe first. */
enum er_reason {
	ER_REASON_NONE,
	ER_REASON_SHUTDOWN,
	ER_REASON_UNCONFIGURED, /* a link lacks interface or subnet */
	ER_REASON_BGPD_LOST,
	ER_REASON_INTERFACE, /* missing, down, in another VRF */
	ER_REASON_ADDRESS,   /* our address is not on the interface */
	ER_REASON_ABSENT,    /* no neighbor in bgpd */
	ER_REASON_SESSION,   /* the session is not established */
	ER_REASON_PARTNER,   /* iBGP shows nothing of Microsoft's on the partner's link */
	ER_REASON_IDLE,	     /* established, no prefix: yet, or while the twin has some */
	ER_REASON_HELD,
	/* a partner's link, of which nothing is known: */
	ER_REASON_PARTNER_UNSEEN,   /* no iBGP with it, or no routes of it yet */
	ER_REASON_PARTNER_HIDDEN,   /* its best paths are ours */
	ER_REASON_PARTNER_UNCLEAR,  /* of the other peering, perhaps */
	ER_REASON_PARTNER_UNMARKED, /* of another circuit, perhaps */
	ER_REASON_DRAINED,
	/*
	 * By the operator; whatever else is wrong with it: who maintains a link knows.  Not
	 * in place of BGPD_LOST and UNCONFIGURED.
	 */
	ER_REASON_OWN_DRAINED,
};

/* One link in one family, assessed. */
struct er_link_assessment {
	enum er_health health;
	enum er_reason reason; /* why health is not ER_LINK_UP */
	bool drained;	       /* by Microsoft, whatever else is wrong with it */
};

/* One peering in one family, assessed. */
struct er_assessment {
	/*
	 * INACTIVE with reason BGPD_LOST: bgpd's first report is awaited, for
	 * ER_START_GRACE_MS after the circuit's configuration at the longest.
	 */
	enum er_redundancy redundancy;
	enum er_reason reason;
	enum er_role culprit; /* the link that `reason` is about */
	bool drained;
	bool asymmetric; /* settled: see ER_PARITY_SETTLE_MS */
	bool flapping;
	enum er_unprotected unprotected;
	struct er_link_assessment link[ER_ROLES];
};

struct er_seconds {
	uint64_t redundant, degraded, down;
};

enum er_period { ER_SINCE_START, ER_THIS_MONTH, ER_LAST_MONTH, ER_PERIODS };

/* What a reader (show commands, YANG state) may ask of a session ... */
struct er_session_view {
	bool configured; /* the link has a subnet in this family */
	struct er_session_spec spec;
	struct er_session_facts facts;
	struct er_interface_facts interface;
	struct er_link_assessment assessment;
	uint32_t flaps;
	int64_t hold_ms; /* until it is trusted again; 0: it is */
};

/* A count of prefixes against its limit. */
struct er_limit_view {
	uint32_t count;		   /* of the link that has more; the limit at least while held */
	uint32_t limit;		   /* 0: none */
	enum er_limit_level level; /* full as well while prefixes are held back */
};

/* The link of a peering that ends on a partner. */
struct er_partner_view {
	bool configured;
	enum er_role role;
	struct ipaddr address;
	bool seen; /* iBGP is established: facts are valid */
	struct er_partner_facts facts;
};

/* ... and of a peering in one family. */
struct er_peering_view {
	bool configured;
	struct er_assessment assessment;
	struct er_rib_facts rib;
	struct er_limit_view limit[ER_DIRECTIONS];
	struct er_partner_view partner;
	bool advertises_nothing; /* though it has an advertise set, and a session */
	int64_t since_mono_ms;	 /* of the last change of redundancy */
	struct er_seconds seconds[ER_PERIODS];
};

/* A circuit's peering in one family that stands by for another circuit's. */
struct er_standby_view {
	char circuit[ER_NAME_LEN]; /* that one */
	uint32_t offered, missing; /* of its prefixes */
	bool healthy;		   /* a link of it is */
	bool ready;
	char reason[ER_TEXT_LEN]; /* why it is not ready; "": it is */
	bool carries;		  /* in that one's place, now */
	int64_t carried_wall;	  /* when it did so last, seconds since the epoch; 0: never seen */
};

enum er_notice_type {
	ER_NOTICE_REDUNDANCY,
	ER_NOTICE_SESSION,
	ER_NOTICE_DRAIN_START,
	ER_NOTICE_DRAIN_STOP,
	ER_NOTICE_PARITY_LOST,
	ER_NOTICE_PARITY_RESTORED,
	ER_NOTICE_FLAPPING_START,
	ER_NOTICE_FLAPPING_STOP,
	/*
	 * The level of a count has changed: up at once, down with hysteresis
	 * (ER_LIMIT_HYSTERESIS_PERCENT), so limit.level here may be above that
	 * of the view.
	 */
	ER_NOTICE_LIMIT,
	/*
	 * Of a VPN backup in one family: session.circuit is its name,
	 * session.peering ER_VPN.  A gateway's session is told of by
	 * ER_NOTICE_SESSION, with the gateway in session.role.
	 */
	ER_NOTICE_VPN_ACTIVATED,   /* cause, reason */
	ER_NOTICE_VPN_RESTORED,	   /* cause it had been active for, reason */
	ER_NOTICE_VPN_UNAVAILABLE, /* no gateway can carry traffic: reason */
	ER_NOTICE_VPN_AVAILABLE,
	ER_NOTICE_MORE_SPECIFIC, /* their number has changed from or to 0: vpn_rib */
	ER_NOTICE_VPN_TEST,	 /* a failover test has begun or ended: test */
	/*
	 * Of Global Reach in one family.  session.circuit is the circuit, peering
	 * ER_PRIVATE; name the joint or the site.
	 */
	ER_NOTICE_JOINT, /* its state, asymmetric or incomplete has changed: joint, previous_joint */
	/*
	 * What the site sends is refused (site_facts: what and why), more of it, or
	 * no more: told at once, then at most once in ER_SITE_TELL_MS.
	 */
	ER_NOTICE_SITE_REFUSED,
	ER_NOTICE_SITE_LIMIT,	   /* the level of maximum-prefixes: limit, previous_level */
	ER_NOTICE_UNDECLARED_SITE, /* seen, more of it, or no more; as SITE_REFUSED, name "" */
	/* Drain by the operator, of a link in all its peerings: own, previous_own. */
	ER_NOTICE_OWN_DRAIN,
	/*
	 * The verdict of a rule of the audit has changed and has stood so: audit,
	 * reason is the evidence.  Of a circuit as a whole; what a rule has become
	 * that is not applicable any more is not told.
	 */
	ER_NOTICE_AUDIT,
	/*
	 * A path has become poor, or is not any more: name (of the probe), path_key,
	 * path, previous_quality, reason.  session is the path's, its circuit "" the
	 * internet.  Of what the probe measures no more nothing is known.
	 */
	ER_NOTICE_PATH_QUALITY,
};

struct er_audit_change {
	enum er_audit_rule rule;
	enum er_found verdict, previous;
	const char *advice; /* constant; "": nothing to do */
	int score;	    /* of the circuit now; -1: no rule applies */
};

/*
 * One transition, said once.  session.role means something for the notices
 * about one link only.
 */
struct er_notice {
	enum er_notice_type type;
	struct er_session_key session;
	enum er_redundancy redundancy, previous; /* REDUNDANCY */
	bool established;			 /* SESSION */
	struct ipaddr neighbor;			 /* SESSION */
	uint32_t drained;			 /* DRAIN_START: prefixes */
	struct er_rib_facts rib;		 /* PARITY_LOST */
	uint32_t hold_s;			 /* FLAPPING_START */
	enum er_direction direction;		 /* LIMIT, with rib for what is held */
	struct er_limit_view limit;		 /* LIMIT, SITE_LIMIT */
	enum er_limit_level previous_level;	 /* LIMIT, SITE_LIMIT */
	enum er_vpn_cause cause;		 /* VPN_ACTIVATED, VPN_RESTORED */
	struct er_vpn_rib_facts vpn_rib;	 /* MORE_SPECIFIC */
	struct er_test_report test;		 /* VPN_TEST */
	char name[ER_NAME_LEN];		    /* JOINT, SITE_..., UNDECLARED_SITE, PATH_QUALITY */
	struct er_joint_view joint;	    /* JOINT */
	enum er_joint_state previous_joint; /* JOINT */
	struct er_site_facts site_facts;    /* SITE_REFUSED, UNDECLARED_SITE */
	struct er_path_key path_key;	    /* PATH_QUALITY */
	struct er_path_view path;	    /* PATH_QUALITY */
	enum er_quality previous_quality;   /* PATH_QUALITY */
	struct er_audit_change audit;	    /* AUDIT */
	struct er_own_view own;		    /* OWN_DRAIN */
	enum er_own_phase previous_own;	    /* OWN_DRAIN */
	/* REDUNDANCY, SESSION: of what the operator has drained, so no fault */
	bool expected;
	char reason[ER_JOINED_LEN]; /* REDUNDANCY, SESSION, VPN_..., AUDIT, OWN_DRAIN; "" when none */
};

/* A growing array; zero-initialise, reuse with er_decisions_reset(). */
struct er_decisions {
	struct er_notice *notice;
	size_t n, size;
	bool replan;   /* what the plans of VPN backups say has changed */
	bool remember; /* what is to be kept over a restart has, be it without a notice */
};

struct er_notice *er_decisions_add(struct er_decisions *d); /* zeroed; valid until the next */
void er_decisions_reset(struct er_decisions *d);
void er_decisions_fini(struct er_decisions *d);

struct er_core;

struct er_core *er_core_new(struct er_time now);
void er_core_free(struct er_core **core);

/*
 * Append what follows from the event to *out.  Never fails: an event about
 * what is not configured is ignored.  What time alone has changed since the
 * last event is decided first, as of the moment when it was due.
 */
void er_core_handle(struct er_core *core, const struct er_event *ev, struct er_decisions *out);

/* When (mono_ms) an ER_EV_TICK is due; INT64_MAX: never. */
int64_t er_core_deadline(const struct er_core *core);

/*
 * What was last said of a peering, and its seconds, before a restart.  Give it
 * before the circuit's ER_EV_CONFIG or after, but before ER_EV_BGPD_SYNCED.
 * wall_s is when it was true: whether it was this month or last one.  Seconds
 * since start are not taken over: they are since this start.
 */
void er_core_restore(struct er_core *core, const struct er_peering_key *key,
		     enum er_redundancy redundancy, const struct er_seconds seconds[ER_PERIODS],
		     int64_t wall_s);

/*
 * What er_core_restore() is to be given after the next restart: what was last
 * said of each peering, whether or not it can be assessed just now, and what
 * was restored of peerings that are not configured (yet), as it was.
 */
typedef void (*er_core_memory_cb)(const struct er_peering_key *key, enum er_redundancy redundancy,
				  const struct er_seconds seconds[ER_PERIODS], int64_t wall_s,
				  void *arg);
void er_core_remember(const struct er_core *core, struct er_time now, er_core_memory_cb cb,
		      void *arg);

/* Reading.  Circuits come in the order of their names. */
typedef int (*er_core_circuit_cb)(const struct er_circuit_config *config, void *arg);
int er_core_foreach(const struct er_core *core, er_core_circuit_cb cb, void *arg);
const struct er_circuit_config *er_core_config(const struct er_core *core, const char *circuit);
/* Both fill *view and return false when there is no such circuit. */
bool er_core_session(const struct er_core *core, const struct er_session_key *key,
		     struct er_time now, struct er_session_view *view);
bool er_core_peering(const struct er_core *core, const struct er_peering_key *key,
		     struct er_time now, struct er_peering_view *view);
/* The worst of the circuit's peerings and families; *worst says which. */
enum er_redundancy er_core_redundancy(const struct er_core *core, const char *circuit,
				      struct er_peering_key *worst);

/*
 * false, and *view is all 0: no circuit is preferred to it, or nothing is known.  A
 * circuit that is shut down stands by for nobody.
 */
bool er_core_standby(const struct er_core *core, const struct er_peering_key *key,
		     struct er_standby_view *view);
/* When it carried last is kept over a restart; restore before or after ER_EV_CONFIG. */
typedef void (*er_standby_memory_cb)(const struct er_peering_key *key, int64_t carried_wall,
				     void *arg);
/* What was restored of circuits that have not come back. */
void er_standby_forget_restored(struct er_core *core);
void er_standby_restore(struct er_core *core, const struct er_peering_key *key,
			int64_t carried_wall);
void er_standby_remember(const struct er_core *core, struct er_time now, er_standby_memory_cb cb,
			 void *arg);

/*
 * What an operator should know of how the peering treats routes, in words: no
 * route-filter, nothing advertised, limits that are near, a partner that disagrees.
 * Returns how many of at most `size` texts were written.
 */
size_t er_core_warnings(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, char (*warning)[ER_TEXT_LEN],
			size_t size);

/*
 * The session that a link must run in a family: false when it must run none
 * (shut down, no subnet), and then *spec is untouched.
 */
bool er_plan_session(const struct er_circuit_config *config, enum er_peering_type peering,
		     enum er_role role, enum er_family family, struct er_session_spec *spec);

/*
 * How the peering treats what comes in and goes out; false when it runs no
 * session in this family, and no VPN backup advertises its set.  What VPN backups have decided is in it, too; core
 * NULL: as if there were none.
 */
bool er_plan_peering(const struct er_core *core, const struct er_circuit_config *config,
		     enum er_peering_type peering, enum er_family family,
		     struct er_peering_spec *spec);

/*
 * Is a path with `lead` copies of Microsoft's AS in front drained, when the
 * twin link's path for the same prefix has `twin_lead` (0: the twin has no
 * path)?  From eight on whatever the twin has; below, relative to the twin, so
 * that paths which carry 12076 more than once by nature (Global Reach) are not
 * mistaken for drained.
 */
bool er_path_is_drained(unsigned int lead, unsigned int twin_lead);

uint32_t er_local_pref(const struct er_circuit_config *config, enum er_role role);

#endif /* ER_CORE_H */
