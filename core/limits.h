// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every figure of the service and of our own rules, with its source.
 * "MS:" names a page of Microsoft's public documentation.
 */
#ifndef ER_LIMITS_H
#define ER_LIMITS_H

/* Microsoft's AS on every peering.  MS: expressroute-routing */
#define ER_MICROSOFT_AS 12076u

/*
 * Extra copies of its AS that Microsoft prepends on a link that it drains.
 * MS: planned-maintenance ("12076 eight times").  Whether the one that is
 * always there counts among the eight is not said: eight in all are enough.
 */
#define ER_DRAIN_PREPENDS 8

/*
 * A link as a whole counts as drained when at least one in this many of its
 * accepted prefixes is: Microsoft drains a whole router, so a few marked
 * prefixes are an anomaly of those prefixes, not maintenance.  Ours.
 */
#define ER_DRAIN_QUORUM 2

/*
 * Local-preference.  BGP's default, which a VPN's routes keep or go below, is
 * 100; Microsoft's example for ExpressRoute is 150.
 * MS: expressroute-optimize-routing, use-s2s-vpn-as-backup
 *
 *   150 + 10 * preference        a healthy link (0 <= preference <= 255)
 *   150 + 10 * preference - 5    the passive link of an active-passive circuit
 *   120                          a link that its operator drains: it still forwards,
 *                                so it is better than one that Microsoft drains
 *   110                          any route drained by Microsoft: below every healthy
 *                                one of any circuit, above any VPN
 *   105                          by both
 */
#define ER_LOCAL_PREF_BASE    150u
#define ER_LOCAL_PREF_STEP    10u
#define ER_LOCAL_PREF_PASSIVE 5u
#define ER_LOCAL_PREF_DRAINED 110u

#define ER_LOCAL_PREF_OWN_DRAINED  120u
#define ER_LOCAL_PREF_BOTH_DRAINED 105u

/*
 * A link that its operator drains.  Out goes our AS so many times more than on any
 * link that could take its traffic, and at most as often as a spec can say: as many
 * as Microsoft prepends when it drains one.  It is called safe when routes and packets
 * have been gone from it for this long, without a gap; that packets are back, when
 * they have been for as long as the second one.  At most so many packets a second,
 * besides BFD, are BGP's and the neighbor discovery's own.  Ours.
 */
#define ER_OWN_DRAIN_PREPENDS	   8
#define ER_OWN_DRAIN_PREPENDS_MAX  255
#define ER_OWN_DRAIN_QUIET_MS	   10000
#define ER_OWN_DRAIN_NOISE_MS	   3000
#define ER_OWN_DRAIN_QUIET_PACKETS 5
/* One TCP probe in one direction, at most: the handshake, and its end. */
#define ER_PROBE_TCP_PACKETS 3
/* How often packets are counted meanwhile, and what is too short to tell a rate from. */
#define ER_OWN_DRAIN_SAMPLE_MS	   1000
#define ER_OWN_DRAIN_SAMPLE_MIN_MS 500
/* BFD comes early by up to a quarter (RFC 5880, 6.8.7); the quickest that is expected
 * of an attached session, whose settings are its neighbor's. */
#define ER_OWN_DRAIN_BFD_MS 50

/*
 * A region-preference lifts the circuits that it lists above all others for
 * what carries its community.  Of n listed circuits the first gets 4000 + 10 n,
 * the last 4010; a passive link 5 less.  Preference alone ends at 2700.
 */
#define ER_LOCAL_PREF_REGION 4000u

/*
 * A VPN backup's routes: below every path of ExpressRoute, drained ones
 * included, and below BGP's default; while it is active, above all.  Ours.
 * MS: use-s2s-vpn-as-backup (ExpressRoute above 100)
 */
#define ER_LOCAL_PREF_VPN	 90u
#define ER_LOCAL_PREF_VPN_ACTIVE 5000u

/*
 * A site's routes over Global Reach, unless they are preferred: beside a private
 * WAN whose routes have BGP's default, or below it, and above a VPN.  One less
 * over the passive link.  Between a drained link and its twin the longer AS path
 * decides.  Ours.
 */
#define ER_LOCAL_PREF_SITE_EQUAL   100u
#define ER_LOCAL_PREF_SITE_BACKUP  95u
#define ER_LOCAL_PREF_SITE_PASSIVE 1u
/* ... and two less over a link that its operator drains: still above a VPN. */
#define ER_LOCAL_PREF_SITE_DRAINED 2u

/*
 * ASes that Microsoft reserves for itself: they tell nothing of whose a route
 * is.  MS: expressroute-routing
 */
#define ER_MICROSOFT_RESERVED_FIRST 65515u
#define ER_MICROSOFT_RESERVED_LAST  65520u

/*
 * Copies of our own AS in a path of a site that has the same: what bgpd can let
 * in at most.
 */
#define ER_SITE_OWN_AS_MAX 10

/*
 * What a site does that is refused, or an undeclared one, is told of once in
 * this time at most, for each circuit and family.  Ours.
 */
#define ER_SITE_TELL_MS 60000

/*
 * Values of Microsoft's communities on Microsoft peering: global services, then
 * regions and services in them.  On private peering it has others.
 * MS: expressroute-routing
 */
#define ER_COMMUNITY_SERVICE_FIRST 5000u
#define ER_COMMUNITY_SERVICE_LAST  5999u
#define ER_COMMUNITY_REGION_FIRST  51000u
#define ER_COMMUNITY_REGION_LAST   59999u

/*
 * Administrative distance of its static routes: above iBGP's 200; while it is
 * active, below eBGP's 20.  Ours.
 */
#define ER_DISTANCE_VPN	       240
#define ER_DISTANCE_VPN_ACTIVE 15

/*
 * Our routes in zebra: for how long they stay when erouted does not come back.
 * Ours: a night's sleep, and the day to repair it.
 */
#define ER_ROUTE_STALE_S 86400

/*
 * Host routes to what must be reached in one way only: below nothing but an
 * operator's own static routes.  Ours.
 */
#define ER_DISTANCE_PIN 2

/*
 * When a gateway's name is looked up again: its TTL, within these bounds; after
 * a failure soon, and ever less often.  Ours.
 */
#define ER_DNS_TTL_MIN_S   10
#define ER_DNS_TTL_MAX_S   3600
#define ER_DNS_RETRY_MIN_S 2
#define ER_DNS_RETRY_MAX_S 300

/* AS of an Azure VPN gateway, unless configured.  MS: use-s2s-vpn-as-backup */
#define ER_GATEWAY_AS 65515u

/*
 * Between the two halves of a switchover: what we send has moved, what Microsoft
 * sends is to follow (or the other way round).  Ours.
 */
#define ER_VPN_SETTLE_MS 5000

/*
 * The hold before traffic returns doubles with each activation that begins within
 * this time after the last return.  Ours.
 */
#define ER_VPN_FLAP_WINDOW_MS 600000

/* The longest time limit of an operator's switchover, in seconds.  Ours. */
#define ER_VPN_SWITCHOVER_MAX_S 86400

/*
 * A failover test: for how long it moves traffic unless told, and how long it
 * measures before and waits for traffic to move.  Ours.
 */
#define ER_TEST_SECONDS	    30
#define ER_TEST_SECONDS_MIN 5
#define ER_TEST_SECONDS_MAX 3600
#define ER_TEST_BASELINE_MS 3000
#define ER_TEST_MOVE_MS	    10000

/* It fails when it loses more than before by this much of what it sends.  Ours. */
#define ER_TEST_LOSS_PERCENT 5

/*
 * How many prefixes a peering may carry, by SKU and family: er_limit() in
 * limits.c, the one table of them.  At ER_LIMIT_WARNING_PERCENT of a limit a
 * warning is due, at ER_LIMIT_CRITICAL_PERCENT it is critical.  Ours.
 */
#define ER_LIMIT_WARNING_PERCENT  80
#define ER_LIMIT_CRITICAL_PERCENT 95

/*
 * A level that has been told of stands until the count is under its boundary by
 * this much of the limit: a count that flickers around a boundary is told of
 * once.  Ours.
 */
#define ER_LIMIT_HYSTERESIS_PERCENT 2

/*
 * Probes of paths.  Of ours: so many at the most, from one a second to one an
 * hour each; quality is judged from the last results, as soon as there are a few,
 * and is good again when each threshold is undercut by so much of it.
 */
#define ER_PATH_PROBES_MAX	   64
#define ER_PATH_WINDOW		   30
#define ER_PATH_RESULTS_MIN	   5
#define ER_PATH_HYSTERESIS_PERCENT 20

/*
 * Counters of interfaces tell of no change, so they are read: when somebody asks,
 * and in this interval for rates, which nothing shorter is a measure of.  Ours.
 */
#define ER_PATH_SAMPLE_MS   30000
#define ER_PATH_RATE_MIN_MS 1000

/*
 * Transitions in the history, of each object (a circuit, a VPN backup, a site, a
 * Global Reach connection, a probe) and of all: some 2 kB each in memory, 300 bytes
 * in the file, which has twice as many at most.  When all are full, an object that
 * has the most gives up its oldest.  Ours.
 */
#define ER_HISTORY_EACH 500
#define ER_HISTORY_ALL	5000

#include "core/types.h"

/* Prefixes that a session may carry; 0: Microsoft names no limit. */
uint32_t er_limit(enum er_sku sku, enum er_peering_type peering, enum er_family family,
		  enum er_direction direction);
enum er_limit_level er_limit_level(uint32_t count, uint32_t limit);
/* The level to tell of, when `said` was told last: up at once, down with hysteresis. */
enum er_limit_level er_limit_level_after(enum er_limit_level said, uint32_t count, uint32_t limit);

/*
 * Flap hold-down.  A session lost ER_FLAP_LOSSES times within
 * ER_FLAP_WINDOW_MS is flapping: from the next time it is established it must
 * stay so for the hold before the link is trusted again.  The hold doubles
 * with each further loss during it, or within ER_FLAP_WINDOW_MS after it, up to
 * ER_FLAP_HOLD_MAX_MS.  A session that stays away for that long has ceased to
 * flap: it is down.  Ours.
 */
#define ER_FLAP_LOSSES	    3
#define ER_FLAP_WINDOW_MS   60000
#define ER_FLAP_HOLD_MIN_MS 10000
#define ER_FLAP_HOLD_MAX_MS 300000

/*
 * The two links never converge in the same millisecond: a difference between
 * them counts as lost parity when it has lasted this long.  Ours.
 */
#define ER_PARITY_SETTLE_MS 5000

/*
 * A session that has just been established has no prefixes yet: for this long
 * its link is not called healthy before the first has come.  Ours.
 */
#define ER_FIRST_PREFIX_MS 5000

/*
 * Timers that Microsoft asks for at least, and its own hold time, which without
 * BFD is how long a dead link may go unnoticed.
 * MS: expressroute-faqs, expressroute-bfd
 */
#define ER_KEEPALIVE_MIN_S 3
#define ER_HOLD_MIN_S	   10
#define ER_MSEE_HOLD_S	   180

/*
 * The audit looks this long after something has changed, so that a burst is one
 * look; a verdict that has changed is told of when it has stood for the second.
 * Ours.
 */
#define ER_AUDIT_LOOK_MS   1000
#define ER_AUDIT_SETTLE_MS 5000

/*
 * After a start, erouted waits this long for bgpd's first report before it
 * calls what it cannot see down.  Ours.
 */
#define ER_START_GRACE_MS 10000

/*
 * The channel to bgpd's module reconnects within 0.2 s when bgpd itself lives:
 * what it reported last stands for this long before it is called lost.  Ours.
 */
#define ER_CHANNEL_GRACE_MS 1000

#endif /* ER_LIMITS_H */
