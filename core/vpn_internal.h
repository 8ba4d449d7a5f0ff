// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of VPN backups and core.c share; vpn.h has the map.
 *
 * After every event, and whenever something is due, each backup is updated: its
 * gateways are assessed, ExpressRoute is looked at (struct er_vpn_sight), a
 * failover test takes its next step, and each family is decided.
 */
#ifndef ER_VPN_INTERNAL_H
#define ER_VPN_INTERNAL_H

#include "core/internal.h"
#include "core/probe.h"

#define ER_NEVER INT64_MAX

#define ER_FOREACH_FAMILY(f) for (enum er_family f = 0; f < ER_FAMILIES; f++)
#define ER_FOREACH_ROLE(r)   for (enum er_role r = 0; r < ER_ROLES; r++)

/* One gateway in one family. */
struct er_gateway {
	bool runs; /* it is configured in this family, and not shut down */

	bool planned; /* it must run a session: spec is valid */
	struct er_session_spec spec;
	bool reported;
	struct er_session_facts session;
	bool fresh_reported;
	struct er_session_facts fresh;

	bool seen; /* facts have been told */
	struct er_gateway_facts facts;
	struct er_probe probe;
	/* it was known to carry nothing before the restart, and is not heard of since */
	bool distrusted;

	/* assessed */
	bool usable; /* nothing is known that keeps the tunnel from carrying */
	enum er_gateway_health health;
	struct er_holddown holddown; /* of its health */
	bool resynced;		     /* the next change of health is not its own doing */

	struct {
		bool met; /* the session has been reported once */
		bool established;
		struct ipaddr neighbor;
	} said;
};

/* One backup in one family. */
struct er_vpn_family {
	bool configured, runs; /* runs: and not shut down */

	/* its gateways have not all been reported: nothing is decided */
	bool waiting;
	int64_t waits_until_ms;
	bool met;      /* decided once since the start */
	bool restored; /* what was decided and said is from before a restart */

	bool active; /* our routes prefer the VPN */
	enum er_vpn_cause cause;
	uint32_t activations;
	bool switched;		/* the circuits advertise nothing */
	int64_t switch_from_ms; /* since when they could; NEVER: they cannot */
	int64_t hold_until_ms;	/* before it returns; NEVER: it does not */
	int64_t return_at_ms;	/* the circuits advertise again until then; NEVER: not yet */
	int64_t settled_ms;	/* when what they advertised again last has settled */
	bool ordered;		/* to return, by the operator */
	bool unfit; /* since the cause has gone, ExpressRoute had no healthy link once */

	/* the hold has doubled so often, and when a rule's activation ended last */
	unsigned int doublings;
	bool returned;
	int64_t returned_ms;

	struct {
		bool asked;
		int64_t until_ms; /* NEVER: no limit */
		uint32_t seconds; /* that the limit was asked for, if there is one */
	} operator;
	bool test; /* a failover test moves it */

	/* after the start, and each resync */
	int64_t grace_until_ms;
	bool rule_was_off, was_available;

	enum er_vpn_state state;
	int64_t since_ms;
	struct er_vpn_rib_facts rib, fresh_rib;
	struct er_vpn_rib_facts rib_carried; /* when ExpressRoute carried traffic last ... */
	int64_t carried_ms;		     /* ... and when that was */

	struct {
		bool available;
		bool more_specific;
	} said;
};

/* ExpressRoute and the VPN in one family, as they are now. */
struct er_vpn_sight {
	bool known; /* bgpd has reported, circuits and gateways are assessed */
	/* links of the private peerings: configured, with a path-probe, healthy, carrying traffic */
	unsigned int links, probed, up, carrying;
	unsigned int causes; /* bit of enum er_vpn_cause: this rule applies */
	bool available;	     /* a gateway can carry traffic */
	bool trusted;	     /* one that does not flap */
	bool tells;	     /* one that Microsoft can be told by what we have */
};

/* Where a static prefix lies, as bgpd's module tells. */
enum er_static_place {
	ER_STATIC_UNKNOWN, /* not told yet */
	ER_STATIC_APART,
	ER_STATIC_WITHIN, /* more specific than a route of ExpressRoute */
};

struct er_vpn_static {
	enum er_static_place place, fresh_place;
	enum er_static_route route;
	bool to_move; /* it was on standby when a failover test moved traffic */
};

enum er_test_phase {
	ER_TEST_PHASE_IDLE,
	ER_TEST_PHASE_BASELINE,
	ER_TEST_PHASE_MOVED,
	ER_TEST_PHASE_RETURNING,
};

struct er_vpn_test {
	enum er_test_phase phase;
	int64_t until_ms; /* of BASELINE, MOVED */
	int64_t moved_ms; /* when MOVED began */
	uint32_t seconds;
	bool force;
	bool interrupted; /* bgpd's reports were missing, or erouted was restarted */
	bool called_off;
	bool moves[ER_FAMILIES];
	bool was_up[ER_FAMILIES][ER_ROLES]; /* gateways, when it began */
	uint32_t over_before[ER_FAMILIES];  /* prefixes over the VPN */
	uint32_t sent_before, lost_before;  /* probes, in BASELINE */
	uint32_t *rtt_us;		    /* while it was moved */
	size_t n_rtt, rtt_size;
	enum er_test_result verdict; /* what the report will say when all is over */
	struct er_test_report report;
};

/* What plans were made of: when it differs, they are to be made again. */
struct er_vpn_planned {
	bool active[ER_FAMILIES], switched[ER_FAMILIES];
	bool usable[ER_FAMILIES][ER_ROLES];
};

struct er_vpn {
	const char *name; /* in config */
	struct er_vpns_item by_name;
	struct er_vpn_config *config;
	struct er_gateway gateway[ER_FAMILIES][ER_ROLES];
	struct er_vpn_family family[ER_FAMILIES];
	struct er_vpn_static *static_; /* [config->n_prefixes] */
	struct er_vpn_test test;
	struct er_vpn_planned planned;
};

/* What was decided before a restart, until the family is there. */
struct er_vpn_restored {
	struct er_vpn_restored_list_item item;
	struct er_vpn_memory memory;
};

static inline int er_vpn_cmp_name(const struct er_vpn *a, const struct er_vpn *b)
{
	return strcmp(a->name, b->name);
}

DECLARE_RBTREE_UNIQ(er_vpns, struct er_vpn, by_name, er_vpn_cmp_name);
DECLARE_DLIST(er_vpn_restored_list, struct er_vpn_restored, item);

static inline int er_family_af(enum er_family family)
{
	return family == ER_IPV4 ? AF_INET : AF_INET6;
}

/* vpn_backup.c: for core.c ... */
void er_vpns_start(struct er_core *core);
void er_vpns_stop(struct er_core *core);
void er_vpn_handle(struct er_core *core, const struct er_event *ev, struct er_decisions *out);
/* Counters are cleared: nothing flaps, and holds begin anew. */
void er_vpn_clear(struct er_core *core);
/* ... after each event, and when something was due; sets core->vpn_deadline_ms */
void er_vpn_update(struct er_core *core, struct er_time now, struct er_decisions *out);
/* ... for channel.c */
void er_vpn_forget_fresh(struct er_core *core);
void er_vpn_forget_facts(struct er_core *core);
void er_vpn_take_fresh(struct er_core *core);
void er_vpn_synced(struct er_core *core);
void er_vpn_lost(struct er_core *core);
/* ... and for the others */
struct er_vpn *er_vpn_find(const struct er_core *core, const char *name);

/* vpn_gateway.c */
/* Assess a family's gateways anew, and say what has changed of their sessions. */
void er_gateways_update(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			struct er_time now, struct er_decisions *out);
/* Why the gateway is down or inactive; "" when it is up. */
void er_gateway_problem(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			enum er_role r, char *buf, size_t len);
/* Why no gateway can carry traffic: "gateway 0: ...; gateway 1: ..." */
void er_gateways_problem(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			 char *buf, size_t len);
bool er_gateway_has_probe(const struct er_vpn *vpn, enum er_family f, enum er_role r);

/* vpn.c */
void er_vpn_see(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
		struct er_vpn_sight *sight);
void er_vpn_decide(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
		   const struct er_vpn_sight *sight, struct er_time now, struct er_decisions *out);
/* When time alone will decide something. */
int64_t er_vpn_deadline(const struct er_vpn *vpn, enum er_family f,
			const struct er_vpn_sight *sight, int64_t now_ms);
/* Seconds that the next return waits for. */
uint32_t er_vpn_hold_s(const struct er_vpn *vpn, const struct er_vpn_family *m);
/* Forget every decision; what was said stays. */
void er_vpn_reset(struct er_vpn_family *m);
/* Neither the hold nor what follows it runs any more. */
void er_vpn_stop_returning(struct er_vpn_family *m);

/* vpn_plan.c */
/* The gateway is of use in this family, shut down or not. */
bool er_vpn_has_gateway(const struct er_vpn_config *config, enum er_role r, enum er_family f);
bool er_vpn_has_static(const struct er_vpn_config *config, enum er_family f);
/* Its session as configured; false: it has no neighbor in this family. */
bool er_vpn_describe_session(const struct er_vpn_config *config, enum er_role r, enum er_family f,
			     struct er_session_spec *spec);

/* vpn_test.c */
void er_vpn_test_begin(struct er_vpn *vpn, const struct er_vpn_sight sight[ER_FAMILIES],
		       const struct er_vpn_request *request, struct er_time now,
		       struct er_decisions *out);
/* Before families are decided, and after. */
void er_vpn_test_step(const struct er_core *core, struct er_vpn *vpn,
		      const struct er_vpn_sight sight[ER_FAMILIES], struct er_time now,
		      struct er_decisions *out);
void er_vpn_test_end(struct er_vpn *vpn, struct er_decisions *out);
void er_vpn_test_probe(struct er_vpn *vpn, enum er_family f, enum er_role r, bool replied,
		       uint32_t rtt_us);
int64_t er_vpn_test_deadline(const struct er_vpn *vpn, int64_t now_ms);
void er_vpn_test_fini(struct er_vpn_test *test);
/* NULL: a test may begin now, or why not. */
const char *er_vpn_test_check(const struct er_core *core, const struct er_vpn *vpn,
			      const struct er_vpn_sight sight[ER_FAMILIES], bool force, char *buf,
			      size_t len);

/* vpn_view.c */
/* the rule that applies, of several the first; ER_VPN_CAUSE_NONE: none does */
enum er_vpn_cause er_vpn_first_rule(const struct er_vpn_sight *sight);
/* why this is a cause to be on the VPN */
void er_vpn_cause_reason(const struct er_vpn *vpn, enum er_vpn_cause cause,
			 const struct er_vpn_sight *sight, char *buf, size_t len);
void er_vpn_reason(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
		   const struct er_vpn_sight *sight, char *buf, size_t len);
struct er_notice *er_vpn_notice(const struct er_vpn *vpn, enum er_family f,
				enum er_notice_type type, struct er_decisions *out);

#endif /* ER_VPN_INTERNAL_H */
