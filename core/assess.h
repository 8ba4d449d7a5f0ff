// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts -> assessment: a pure function without memory.  What needs memory (has
 * the session flapped, how long have the links differed) comes in as a fact.
 */
#ifndef ER_ASSESS_H
#define ER_ASSESS_H

#include "core/core.h"

/* Everything that is known of one peering in one family. */
struct er_pair_facts {
	const struct er_circuit_config *config;
	enum er_peering_type peering;
	enum er_family family;

	bool bgpd_lost; /* session and rib say nothing */
	const struct er_interface_facts *interface[ER_ROLES];
	const struct er_session_facts *session[ER_ROLES];
	const struct er_rib_facts *rib;

	bool own_drained[ER_ROLES]; /* by the operator, on this router */
	bool flapping[ER_ROLES];
	bool fresh[ER_ROLES]; /* established under ER_FIRST_PREFIX_MS ago */
	bool parity_settled;  /* the links have differed for ER_PARITY_SETTLE_MS */
};

void er_assess(const struct er_pair_facts *f, struct er_assessment *a);

/*
 * Counts are of established links: 0 without one.  While something is held
 * back, the limit is reached, whatever the sessions have reported so far.
 */
void er_assess_limits(const struct er_pair_facts *f, struct er_limit_view limit[ER_DIRECTIONS]);

/* The link runs a session of ours in this family, and it is established. */
bool er_link_is_established(const struct er_pair_facts *f, enum er_role role);

/* Established with prefixes, of which Microsoft has marked enough. */
bool er_link_is_drained(const struct er_pair_facts *f, enum er_role role);

/* Established with prefixes: whether it is drained can be told. */
bool er_link_has_prefixes(const struct er_pair_facts *f, enum er_role role);

/* Both links end here, are established, and do not carry the same, in or out. */
bool er_links_differ(const struct er_pair_facts *f);

/* Both links end here, are established, and carry the same: prefixes, not nothing. */
bool er_links_agree(const struct er_pair_facts *f);

/*
 * Prefixes are to be advertised, a link has been established for long enough,
 * and none is: bgpd's table has none of them, or something refuses all.
 */
bool er_advertises_nothing(const struct er_pair_facts *f);

#endif /* ER_ASSESS_H */
