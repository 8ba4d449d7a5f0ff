// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of Global Reach share: er_bgp_site.c (whose a route is),
 * er_bgp_site_set.c (from the set to each circuit's sites) and
 * er_bgp_site_count.c (what has come of each, told to erouted).
 *
 * struct er_bgp_sites belongs to its peering, of private peering only, and is
 * there while erouted has told of any Global Reach.
 */
#ifndef ER_BGP_SITE_H
#define ER_BGP_SITE_H

#include "bgpd/er_bgp.h"
#include "core/admission.h"
#include "core/site.h"

/* One site over the circuit; the last of them is what is undeclared. */
struct er_bgp_site {
	struct er_admission *admission; /* what its maximum lets in; NULL: no maximum */
	bool refused;			/* by its maximum, since all was asked again */
	struct er_site_facts counting, counted, reported;
	bool was_reported;
	bool *covered; /* by what is counting: of its prefixes */
};

struct er_bgp_sites {
	struct er_sites *sites;
	struct er_bgp_site *site; /* [n + 1] */
	size_t n;
	struct prefix *subnet; /* of joints */
	size_t n_subnets;
	bool preferences;     /* some have another local-preference than the circuit's */
	bool limits;	      /* some have a maximum */
	bool same_as;	      /* one may be heard here that has our AS */
	bool known;	      /* counted is of what there is */
	struct event *t_room; /* there is room again for what a maximum has refused */
};

/* er_bgp_site.c: those that are admitted are to be found in the table. */
void er_site_readmit(struct er_bgp_peering *peering);

#endif /* ER_BGP_SITE_H */
