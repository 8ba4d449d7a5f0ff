// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link that ends on another router of ours, the partner: what iBGP shows of it.
 *
 * What is seen there changes what is said, never what is done: no local-preference
 * and no withdrawal depends on it, so two routers that look at each other cannot
 * chase each other.
 */
#ifndef ER_PARTNER_H
#define ER_PARTNER_H

#include "core/assess.h"

/* This link of the peering ends on a partner. */
bool er_partner_has(const struct er_pair_facts *f, enum er_role role);

/* ... and iBGP with it is established. */
bool er_partner_is_seen(const struct er_pair_facts *f, enum er_role role);

/* Of a partner's link that is not shut down. */
struct er_link_assessment er_partner_assess(const struct er_pair_facts *f, enum er_role role);

/*
 * The peering that a route of Microsoft's is of, by its own communities or because
 * Microsoft peering carries no private space; ER_PEERING_TYPES: not to be told.
 */
enum er_peering_type er_partner_peering(const struct prefix *prefix, const er_community *community,
					size_t n);

/* Its operator drains it there: of its prefixes, enough have that local-preference. */
bool er_partner_is_own_drained(const struct er_pair_facts *f, enum er_role role);

/*
 * The local-preference that a path gets over a link that its operator drains, and no
 * other path of ours.  A site's, behind Microsoft, may be preferred in a way of its own.
 */
bool er_partner_drains(uint32_t local_pref, bool drained, bool of_site);

/* The partner gives a route of its link another local-preference than we would. */
bool er_partner_disagrees(const struct er_session_spec *spec, uint32_t local_pref, bool drained);

#endif /* ER_PARTNER_H */
