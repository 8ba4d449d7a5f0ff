// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The resiliency audit: what a circuit is by Microsoft's advice, as far as this
 * router can see it.
 *
 *   audit.c       facts of one circuit -> a verdict for each rule: pure
 *   audit_vpn.c   ... the rules about its VPN backup
 *   audit_rules.h what these two share
 *   audit_core.c  the facts that er_core has; a verdict that has changed, and has
 *                 stood for ER_AUDIT_SETTLE_MS, is told of once
 *   audit_internal.h  what er_core keeps of it
 *
 * ERC-1 to ERC-7 are the rules of APRL (Azure Proactive Resiliency Library) for
 * ExpressRoute, the others are what the vendor's pages ask of a customer's edge.
 * A rule that looks at nothing of the circuit, or at something that nobody on
 * this router can see, is not applicable and does not count.
 *
 * Score: 100 * (passed + warned / 2) / applicable rules, rounded down, so that 100
 * is reached only when every applicable rule passes.
 */
#ifndef ER_AUDIT_H
#define ER_AUDIT_H

#include "core/core.h"

/*
 * Facts
 */
struct er_audit_link {
	bool runs;	  /* a session is to run over it in this family */
	bool established; /* the others mean something only then */
	bool flapping;
	bool drained;	  /* by Microsoft */
	bool own_drained; /* by the operator */
	/* it ends on another router, and is seen by its routes; runs: while they are seen */
	bool partner;
	enum er_bfd_state bfd;
};

/* One peering in one family. */
struct er_audit_pair {
	bool known; /* bgpd has told of it, and is still there */
	struct er_audit_link link[ER_ROLES];
	enum er_unprotected unprotected;
	bool asymmetric;
	bool advertises_nothing; /* though it is to */
	struct er_limit_view limit[ER_DIRECTIONS];
	uint32_t held;			/* back at the limit */
	struct er_standby_view standby; /* .circuit "": it stands by for none */
};

/* The VPN backup of the circuit's private peering. */
struct er_audit_vpn {
	const struct er_vpn_config *config; /* NULL: there is none, and nothing else counts */
	bool known;
	struct er_test_report test;
	bool test_is_due;
	struct {
		bool configured, available, active;
		char reason[ER_JOINED_LEN]; /* why it is not available */
		struct er_vpn_rib_facts rib;
	} family[ER_FAMILIES];
};

/* Global Reach: joints that are watched, each counted in each family that it has. */
struct er_audit_reach {
	uint32_t joints, unseen, differing, incomplete;
	char worst[ER_NAME_LEN];     /* one of those that are not as they should be */
	char reason[ER_TEXT_LEN];    /* why that one is not seen; "": it is */
	uint32_t sites;		     /* that lie behind them, each once */
	uint32_t unlimited;	     /* of those, without maximum-prefixes */
	uint32_t near, full;	     /* sites over this circuit near their maximum, or at it */
	char limited[ER_NAME_LEN];   /* one of these, or of the unlimited */
	uint32_t refused;	     /* sites' prefixes that are refused */
	uint32_t undeclared;	     /* prefixes of no site that are accepted ... */
	enum er_undeclared mode;     /* ... because of this */
	uint32_t undeclared_refused; /* and that are not */
};

/* The other circuits of this router that are not shut down. */
struct er_audit_others {
	uint32_t n;
	uint32_t unplaced;	     /* without a peering-location */
	char elsewhere[ER_NAME_LEN]; /* one at another location; "": none */
	char location[ER_TEXT_LEN];  /* and which */
	bool microsoft_peering;	     /* one of them, or the circuit itself, has one */
};

struct er_audit_facts {
	const struct er_circuit_config *config;
	struct er_audit_pair pair[ER_PEERING_TYPES][ER_FAMILIES];
	struct er_audit_vpn vpn;
	struct er_audit_reach reach;
	struct er_audit_others others;
	struct er_audit_outside outside;
	int64_t now_wall; /* seconds since the epoch */
};

/*
 * Findings
 */
struct er_finding {
	enum er_found verdict;
	char evidence[ER_JOINED_LEN]; /* what the verdict rests on, or why there is none */
	const char *advice;	      /* constant; "": nothing to do */
};

struct er_audit {
	struct er_finding finding[ER_AUDIT_RULES];
	unsigned int n[ER_FOUNDS];
	int score; /* 0 to 100; -1: no rule applies */
};

void er_audit(const struct er_audit_facts *facts, struct er_audit *audit);

/* What no router can see, for readers; NULL after the last. */
const char *er_audit_unseen(size_t i);

/* core/audit_core.c: of a circuit as it is now; false: no such circuit. */
bool er_core_audit(const struct er_core *core, const char *circuit, struct er_time now,
		   struct er_audit *audit);
/* Changes of its verdicts are told of: not in the first seconds. */
bool er_core_audit_is_watched(const struct er_core *core, const char *circuit);

#endif /* ER_AUDIT_H */
