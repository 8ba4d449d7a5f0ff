// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The prefixes of a VPN backup in one family, and how they lie to those of the
 * circuits that it backs.
 *
 *   er_bgp_cover.c     the prefixes; which are more specific than what
 *                      ExpressRoute carries, and are kept out or let in
 *   er_bgp_coverage.c  how many, and what of ExpressRoute has no backup:
 *                      counted, reported, named when asked
 *
 * A prefix is here while it is accepted over a gateway, kept out, or static.
 * What ExpressRoute has is not kept twice: bgpd's own table is asked, upwards
 * from a prefix, which costs as many steps as there are shorter ones.
 */
#ifndef ER_COVER_H
#define ER_COVER_H

#include "table.h"

#include "bgpd/er_bgp.h"

PREDECL_DLIST(er_cover_queue);

#define ER_COVER_ACCEPTED(role) (1u << (role)) /* bgpd has it of this gateway */
#define ER_COVER_KEPT_OUT(role) (4u << (role)) /* bgpd would have it, but for us */
#define ER_COVER_STATIC		16u
#define ER_COVER_BEST		32u  /* its best path is over a gateway */
#define ER_COVER_WITHIN		64u  /* of a static one, told: it is more specific */
#define ER_COVER_QUEUED		128u /* to be looked at */

#define ER_COVER_ANY_ACCEPTED (ER_COVER_ACCEPTED(ER_PRIMARY) | ER_COVER_ACCEPTED(ER_SECONDARY))
#define ER_COVER_ANY_KEPT_OUT (ER_COVER_KEPT_OUT(ER_PRIMARY) | ER_COVER_KEPT_OUT(ER_SECONDARY))
/* Why it is here. */
#define ER_COVER_THERE (ER_COVER_ANY_ACCEPTED | ER_COVER_ANY_KEPT_OUT | ER_COVER_STATIC)

struct er_cover_route {
	struct er_cover_queue_item item;
	struct route_node *node; /* whose info it is; its prefix is there */
	uint8_t flags;
};
DECLARE_DLIST(er_cover_queue, struct er_cover_route, item);

/* A count that is under way: first of ExpressRoute's prefixes, then of the VPN's. */
struct er_cover_counting {
	struct event *t_slice;
	bool running;
	bool again; /* something has changed since it began */
	size_t circuit;
	uint32_t at;		 /* in that circuit's table */
	struct route_node *node; /* locked */
	struct er_wire_vpn_rib next;
	int64_t spent_us; /* of the processor's time */
	int64_t ended_ms; /* monotonic */
};

struct er_cover {
	struct er_bgp_peering *vpn;
	struct route_table *routes;
	unsigned int n_static, n_kept_out, n_best;

	struct er_cover_queue_head queue;
	struct event *t_work;
	bool ask[ER_ROLES]; /* for what was kept out, and bgpd does not keep */
	/* withdraws of what is kept out show in the number of updates alone */
	struct event *t_withdrawn;
	uint32_t updates;

	struct er_cover_counting counting;
	struct er_wire_vpn_rib counted, reported;
	bool was_reported;
	int64_t report_ms; /* monotonic */
	struct event *t_report;
};

/*
 * The nearest prefix that contains this one and that ExpressRoute carries, when
 * it has not this one itself.  NULL: it is not more specific.
 */
struct bgp_dest *er_cover_within(const struct er_bgp_peering *vpn, const struct prefix *prefix);

/* er_bgp_coverage.c */
void er_coverage_changed(struct er_cover *cover);
void er_coverage_report_soon(struct er_cover *cover);
void er_coverage_stop(struct er_cover *cover);
void er_coverage_say_static(const struct er_cover *cover, const struct er_cover_route *route);

#endif /* ER_COVER_H */
