// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the rules of the audit share: audit.c has most of them and calls them all,
 * audit_vpn.c those about the VPN backup.
 */
#ifndef ER_AUDIT_RULES_H
#define ER_AUDIT_RULES_H

#include "core/audit.h"

/* Kept when it is worse than what was found before. */
void er_found(struct er_finding *f, enum er_found verdict, const char *advice, const char *fmt,
	      ...) PRINTFRR(4, 5);

/* What passes, and what is not applicable, needs no advice. */
#define PASSED(f, ...)	er_found(f, ER_FOUND_PASS, "", __VA_ARGS__)
#define NOTHING(f, ...) er_found(f, ER_FOUND_NOT_APPLICABLE, "", __VA_ARGS__)

#define FOREACH_PAIR(p, f)                                                                        \
	for (enum er_peering_type p = ER_PRIVATE; p < ER_PEERING_TYPES; p++)                      \
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)

#define FOREACH_ROLE(r) for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)

/* A link of it is to run here. */
bool er_audit_pair_runs(const struct er_audit_pair *pair);
bool er_audit_peering_runs(const struct er_audit_facts *facts, enum er_peering_type p);
int64_t er_audit_days_since(const struct er_audit_facts *facts, int64_t wall_s);

void er_audit_vpn_works(const struct er_audit_facts *facts, struct er_finding *finding);
void er_audit_vpn_covers(const struct er_audit_facts *facts, struct er_finding *finding);
void er_audit_vpn_pulls(const struct er_audit_facts *facts, struct er_finding *finding);
void er_audit_vpn_tested(const struct er_audit_facts *facts, struct er_finding *finding);
void er_audit_vpn_pinned(const struct er_audit_facts *facts, struct er_finding *finding);

#endif /* ER_AUDIT_RULES_H */
