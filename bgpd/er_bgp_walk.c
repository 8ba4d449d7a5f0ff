// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Walks over bgpd's table, in slices between which bgpd goes on.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"

/* Dests per event: about 0.2 ms when there is little to do for each. */
#define SLICE 1000

static void walk_slice(struct event *event)
{
	struct er_walk *walk = EVENT_ARG(event);
	struct bgp_dest *dest = walk->at;

	for (unsigned int n = 0; n < SLICE && dest; n++) {
		walk->visit(walk->peering, dest);
		dest = bgp_route_next(dest);
	}
	walk->at = dest;
	if (dest)
		event_add_event(bm->master, walk_slice, walk, 0, &walk->t_slice);
	else if (walk->done)
		walk->done(walk->peering);
}

void er_walk_stop(struct er_walk *walk)
{
	event_cancel(&walk->t_slice);
	if (walk->at)
		bgp_dest_unlock_node(walk->at);
	walk->at = NULL;
}

void er_walk_start_in(struct er_walk *walk, struct bgp *bgp, struct er_bgp_peering *peering,
		      void (*visit)(struct er_bgp_peering *peering, struct bgp_dest *dest),
		      void (*done)(struct er_bgp_peering *peering))
{
	er_walk_stop(walk);
	walk->peering = peering;
	walk->visit = visit;
	walk->done = done;
	if (bgp)
		walk->at = bgp_table_top(bgp->rib[er_peering_afi(peering)][SAFI_UNICAST]);
	event_add_event(bm->master, walk_slice, walk, 0, &walk->t_slice);
}

void er_walk_start(struct er_walk *walk, struct er_bgp_peering *peering,
		   void (*visit)(struct er_bgp_peering *peering, struct bgp_dest *dest),
		   void (*done)(struct er_bgp_peering *peering))
{
	er_walk_start_in(walk, peering->bgp, peering, visit, done);
}
