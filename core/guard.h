// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no filter and no operator may let in or out.
 *
 * Inbound: the first AS is Microsoft's, our own AS is nowhere in the path, no
 * reserved or documentation AS either; on Microsoft peering no default route
 * and no private space; nothing of our own comes back.  Outbound on Microsoft
 * peering: no default route, no private space.  MS: expressroute-routing.
 */
#ifndef ER_GUARD_H
#define ER_GUARD_H

#include "core/types.h"

/* A piece of an AS path; AS numbers in host byte order. */
struct er_segment {
	const uint32_t *as;
	unsigned int n;
	bool sequence; /* AS_SEQUENCE; else a set, or a confederation's */
};

struct er_path {
	const struct er_segment *segment;
	unsigned int n;
};

/* ER_RULE_NONE, FIRST_AS, OWN_AS or RESERVED_AS.  own_as 0: not known. */
enum er_rule er_guard_path(const struct er_path *path, uint32_t own_as);

/*
 * The same for what a VPN gateway sends: any AS may stand first, and the
 * gateway's own, in front, may be a reserved one.  ER_RULE_NONE, OWN_AS or
 * RESERVED_AS.
 */
enum er_rule er_guard_gateway_path(const struct er_path *path, uint32_t own_as,
				   uint32_t gateway_as);

/* ER_RULE_NONE, DEFAULT_ROUTE or PRIVATE_SPACE; for both directions. */
enum er_rule er_guard_prefix(enum er_peering_type peering, const struct prefix *prefix);

/*
 * Is it ours that comes back?  `own`: sorted by prefix_cmp(), what is
 * advertised.  On private peering the very same prefix (a VNet may well lie
 * within a site's aggregate); on Microsoft peering, where it is our public
 * space, whatever lies within as well.
 */
bool er_guard_is_own(enum er_peering_type peering, const struct prefix *prefix,
		     const struct prefix *own, size_t n_own);

/* No router may have it: 0, 23456, documentation, 65535, 4294967295. */
bool er_as_is_reserved(uint32_t as);

#endif /* ER_GUARD_H */
