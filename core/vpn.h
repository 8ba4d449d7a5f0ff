// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Site-to-site VPN as a coexisting backup.
 *
 * ExpressRoute is the primary.  A VPN backup backs the private peering of one
 * or several circuits over one or two gateway instances, family by family, and
 * its routes stand by below every path of ExpressRoute: over BGP by
 * local-preference (ER_LOCAL_PREF_VPN), static ones by distance
 * (ER_DISTANCE_VPN).  So what fails over is BGP or zebra, at once, and erouted
 * need not even live.
 *
 * What is decided here is whether the VPN is *active*: then its routes stand
 * above every path of ExpressRoute.  It becomes so by rule (all links are down,
 * too few are up, ...), by the operator or for a test, and it stays so for a
 * while after ExpressRoute is back, so that traffic returns once and to
 * something that lasts.  An active VPN may carry both directions (return_path):
 * the circuits then advertise nothing to Microsoft (er_peering_spec.yields_to).
 *
 * Traffic is never taken from a path before the other one carries it.  To the
 * VPN: first our routes prefer it, ER_VPN_SETTLE_MS later the circuits stop
 * advertising.  Back: first the circuits advertise, ER_VPN_SETTLE_MS later our
 * routes prefer ExpressRoute.  Where nothing is left to be broken (no link of
 * ExpressRoute works, or no gateway), there is no waiting.
 *
 * A backup of static prefixes alone never takes what Microsoft sends: no session
 * tells whether Microsoft would send it there.
 *
 * Nothing is decided on half knowledge: while bgpd's reports are missing
 * (channel waiting, grace, lost), what was decided stands.  After they are back
 * no rule activates, and no VPN counts as lost, for ER_START_GRACE_MS: sessions
 * come one by one.  A rule that did not apply once, or a VPN that was there once,
 * is past that; and whichever route is there carries traffic meanwhile.
 *
 *   vpn.h            this: what is decided, and what may be asked
 *   vpn.c            the state machine of one backup in one family
 *   vpn_backup.c     backups, events, what is known, what is kept over a restart
 *   vpn_gateway.c    facts -> a gateway can carry traffic, or why it cannot
 *   vpn_plan.c       configuration and state -> session specs, peering specs,
 *                    static routes
 *   vpn_test.c       the failover test: checks, steps, verdict
 *   vpn_request.c    what an operator may ask for just now
 *   vpn_view.c       what a reader sees: states, reasons, warnings
 *   pin.c            which addresses of a gateway are pinned
 *   probe.[ch]       replies and losses -> a path is up or down
 *   vpn_internal.h   what these and core.c share
 *
 * Ownership: er_core owns the backups, as it owns its circuits; a copy of the
 * configuration is made.  Views are values.
 */
#ifndef ER_VPN_H
#define ER_VPN_H

#include "core/types.h"

struct er_core;
struct er_time;

/* YANG: vpn-state */
enum er_vpn_state {
	ER_VPN_INACTIVE,    /* shut down, or nothing configured in this family */
	ER_VPN_UNAVAILABLE, /* no gateway can carry traffic */
	ER_VPN_STANDBY,	    /* below ExpressRoute */
	ER_VPN_ACTIVE,	    /* above it */
	ER_VPN_RESTORING,   /* active, the hold before the return runs */
};

/* YANG: vpn-cause */
enum er_vpn_cause {
	ER_VPN_CAUSE_NONE,
	ER_VPN_CAUSE_ALL_DOWN,
	ER_VPN_CAUSE_LINKS_BELOW,
	ER_VPN_CAUSE_DRAINED,
	ER_VPN_CAUSE_ASYMMETRIC,
	ER_VPN_CAUSE_QUALITY,
	ER_VPN_CAUSE_OPERATOR,
	ER_VPN_CAUSE_TEST,
};

/* YANG: gateway-health */
enum er_gateway_health {
	ER_GATEWAY_INACTIVE, /* shut down, or not configured in this family */
	ER_GATEWAY_DOWN,
	ER_GATEWAY_UP, /* it can carry traffic */
};

/* The core counts what ER_EV_PROBE tells: since the path is the one it is now. */
struct er_probe_view {
	enum er_probe_state state;
	uint32_t sent, lost;
	uint32_t rtt_us; /* of the last reply; 0: none */
};

/* One gateway in one family. */
struct er_gateway_view {
	bool configured;
	bool has_session; /* BGP: spec and session are valid */
	struct er_session_spec spec;
	struct er_session_facts session;
	struct er_gateway_facts facts;
	struct er_probe_view probe;
	enum er_gateway_health health;
	uint32_t flaps;		   /* losses since cleared */
	char problem[ER_TEXT_LEN]; /* why it is down, in words; "": it is not */
};

/* One backup in one family. */
struct er_vpn_view {
	bool configured;
	enum er_vpn_state state;
	enum er_vpn_cause cause;    /* why prefers_vpn */
	char reason[ER_JOINED_LEN]; /* in words; "" in STANDBY */
	int64_t since_mono_ms;	    /* of the last change of state */
	int64_t until_ms;   /* mono: the hold or the operator's time limit ends; 0: no end */
	bool nothing_works; /* unavailable, and no link of ExpressRoute carries traffic */
	bool prefers_vpn;   /* our routes prefer it; also while nothing works */
	bool switched;	    /* the circuits advertise nothing */
	unsigned int links_up, links; /* of the circuits it backs */
	struct er_vpn_rib_facts rib;
	/* while ExpressRoute carries nothing: as it was when it did; none: expressroute is 0 */
	struct er_vpn_rib_facts rib_carried;
	int64_t carried_mono_ms;
	struct er_gateway_view gateway[ER_ROLES];
	uint32_t activations; /* since start */
};

/*
 * A failover test (MS: use-s2s-vpn-as-backup: the passive path fails silently
 * unless it is validated).
 */
enum er_test_result {
	ER_TEST_NONE, /* never run */
	ER_TEST_RUNNING,
	ER_TEST_PASSED,
	ER_TEST_FAILED,	 /* traffic was lost beyond what was lost before */
	ER_TEST_ABORTED, /* it made things worse, or was called off: traffic is back */
	ER_TEST_REFUSED, /* the checks said no: nothing was moved */
};

struct er_test_report {
	enum er_test_result result;
	char reason[ER_TEXT_LEN]; /* "": none */
	int64_t began_wall;	  /* seconds since the epoch */
	int64_t passed_wall;	  /* when the last one that passed began; 0: none */
	uint32_t duration_s;	  /* of traffic on the VPN */
	uint32_t sent, lost;	  /* probes while it was moved */
	uint32_t rtt_us;	  /* median of their round trips; 0: no reply */
	uint32_t moved_ms; /* from the decision until all prefixes went over the VPN; 0: not seen */
	struct er_vpn_rib_facts rib; /* when it was checked: what had no backup */
};

/* What an operator asks for; of all families of the backup. */
enum er_vpn_ask {
	/* .seconds: return by itself after that; 0: do not.  A VPN that fails ends it */
	ER_VPN_TO_VPN,
	ER_VPN_TO_EXPRESSROUTE, /* end an operator's switchover, a test or a hold, now */
	/*
	 * .seconds of traffic on the VPN, 0: ER_TEST_SECONDS; .force: although
	 * prefixes lack a backup
	 */
	ER_VPN_TEST,
	ER_VPN_TEST_ABORT,
};

struct er_vpn_request {
	char vpn[ER_NAME_LEN];
	enum er_vpn_ask ask;
	uint32_t seconds;
	bool force;
};

/*
 * NULL when the request can be carried out, or why not: names the object and
 * the rule.  Ask before ER_EV_VPN_REQUEST, which ignores what cannot.
 */
const char *er_vpn_refuse(const struct er_core *core, const struct er_vpn_request *request,
			  char *buf, size_t len);

/* Reading.  Backups come in the order of their names; 0 from the callback goes on. */
typedef int (*er_vpn_cb)(const struct er_vpn_config *config, void *arg);
int er_vpn_foreach(const struct er_core *core, er_vpn_cb cb, void *arg);
const struct er_vpn_config *er_vpn_config(const struct er_core *core, const char *name);
/* false: no such backup */
bool er_vpn_view(const struct er_core *core, const char *name, enum er_family family,
		 struct er_time now, struct er_vpn_view *view);
bool er_vpn_report(const struct er_core *core, const char *name, struct er_test_report *report);
/* The last passed test is older than configured, or there was none. */
bool er_vpn_test_is_due(const struct er_core *core, const char *name, struct er_time now);
/*
 * What an operator should know although it works, in words: test is due, no
 * gateway is pinned though Microsoft peering is there, prefixes without backup,
 * more specifics, one gateway only, ...  Returns how many were written.
 */
size_t er_vpn_warnings(const struct er_core *core, const char *name, enum er_family family,
		       struct er_time now, char (*warning)[ER_TEXT_LEN], size_t size);

/*
 * Plans: what bgpd's module and zebra are to do now.
 *
 * Static routes are not known before bgpd's first report, or before it is given
 * up: until then what stands in zebra from before is to be left alone.
 */
bool er_vpn_routes_are_known(const struct er_core *core);
/*
 * The session of a gateway; false: it runs none in this family.  local_pref is
 * ER_LOCAL_PREF_VPN or ..._VPN_ACTIVE, for drained paths as well; never the
 * latter on a tunnel that is known to carry nothing.
 */
bool er_vpn_plan_session(const struct er_core *core, const char *name, enum er_role gateway,
			 enum er_family family, struct er_session_spec *spec);
/*
 * false: no session in this family, and no static prefix.  Nothing is suppressed
 * while the VPN is active: what is more specific is to go there, too.
 */
bool er_vpn_plan_peering(const struct er_core *core, const char *name, enum er_family family,
			 struct er_peering_spec *spec);
/* A backup that is not shut down backs the circuit's private peering. */
bool er_vpn_is_backed(const struct er_core *core, const char *circuit);
/* The backup that a circuit's private peering yields to now, or "" */
const char *er_vpn_yields_to(const struct er_core *core, const char *circuit,
			     enum er_family family);

/* A static route over the tunnels that can carry it. */
struct er_vpn_route {
	struct prefix prefix;
	uint8_t distance;	/* ER_DISTANCE_VPN or ER_DISTANCE_VPN_ACTIVE */
	bool gateway[ER_ROLES]; /* over which; ECMP when both.  None: not to be there */
};

/*
 * Static prefix number i of the configuration; false when there are no more, or
 * the backup is shut down.  One that `suppress` keeps out has no gateway.
 */
bool er_vpn_plan_route(const struct er_core *core, const char *name, size_t i,
		       struct er_vpn_route *route);
/* What ER_EV_STATIC_ROUTE has told of static prefix number i. */
enum er_static_route er_vpn_static_route(const struct er_core *core, const char *name, size_t i);
/*
 * The host route to a gateway's BGP neighbor through its tunnel, needed when
 * the neighbor is not on the tunnel's own subnet (`on_link`).  false: none.
 */
bool er_vpn_plan_neighbor_route(const struct er_core *core, const char *name, enum er_role gateway,
				enum er_family family, bool on_link, struct prefix *host);

/*
 * Pinning: host routes to the gateways' public addresses, so that no route of
 * ExpressRoute swallows the tunnel (MS: expressroute-howto-coexist).
 *
 * Which of the addresses that a name has resolved to are used: not unspecified,
 * loopback, multicast, link-local nor private space (er_guard_prefix(); which
 * one in `reason`); ER_ADDRESSES at most, sorted, without repetition.  Nothing
 * usable: what was used before stays, which is the caller's.  An address that the
 * operator has typed is the operator's: do not ask.
 */
size_t er_pin_addresses(const struct ipaddr *answer, size_t n, struct ipaddr use[ER_ADDRESSES],
			char *reason, size_t len);

/* What er_core_restore() is for circuits: kept over a restart of erouted. */
struct er_vpn_memory {
	struct er_peering_key key; /* ER_VPN */
	bool active;
	enum er_vpn_cause cause;
	bool switched;
	bool available;		      /* a gateway could carry traffic, as last told */
	bool unusable[ER_ROLES];      /* a tunnel that was known to carry nothing */
	bool asked;		      /* the operator's switchover is in force */
	int64_t until_wall;	      /* of the operator's limit; 0: none */
	uint32_t limit_s;	      /* for how long that was asked for */
	uint32_t hold_s;	      /* that the next return waits for */
	struct er_test_report report; /* the same for both families */
};
/* Before ER_EV_VPN_CONFIG or after, but before ER_EV_BGPD_SYNCED. */
void er_vpn_restore(struct er_core *core, const struct er_vpn_memory *memory, struct er_time now);
typedef void (*er_vpn_memory_cb)(const struct er_vpn_memory *memory, void *arg);
void er_vpn_remember(const struct er_core *core, struct er_time now, er_vpn_memory_cb cb,
		     void *arg);

#endif /* ER_VPN_H */
