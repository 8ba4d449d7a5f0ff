// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra: where bgpd relies on being restarted with it, or before it.
 */
#include <zebra.h>
#include "compat.h"

#include "bfd.h"
#include "zclient.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_zebra.h"

#include "bgpd/er_bgp.h"

/* bgpd's own, which ours call first. */
static void (*bgpd_zebra_connected)(struct zclient *zclient);
static void (*bgpd_nexthop_update)(struct vrf *vrf, struct prefix *match, struct zapi_route *route);

static struct event *t_interfaces;

static bool is_at_work(void)
{
	return !er_bgp.inert[0] && !er_bgp.finished;
}

static bool has_peering(const struct bgp *bgp, afi_t afi)
{
	struct er_bgp_peering *peering;

	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (peering->bgp == bgp && er_peering_afi(peering) == afi)
			return true;
	return false;
}

/*
 * A zebra that has been restarted knows nothing, and bgpd tells it a route only
 * when that changes; it counts on watchfrr to be restarted, too.  BFD sessions
 * it sends again when bfdd asks, but if bfdd has found the new zebra first, it
 * has asked before bgpd was there to hear.
 */
static void zebra_connected(struct zclient *zclient)
{
	struct listnode *node;
	struct bgp *bgp;

	bgpd_zebra_connected(zclient);
	if (!is_at_work() || !er_session_tree_count(&er_bgp.sessions))
		return;
	zclient_bfd_session_replay(ZEBRA_BFD_DEST_REPLAY, zclient, 0, VRF_DEFAULT);
	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			if (has_peering(bgp, afi))
				bgp_zebra_announce_table(bgp, afi, SAFI_UNICAST);
}

/*
 * A session that has come up while zebra was away is on no interface for bgpd, for as
 * long as it lasts: it treats each route with a link-local next hop as withdrawn, which
 * is what a neighbor on the link sends in IPv6, and it does not see the link go down.
 */
static bool lacks_interface(const struct er_bgp_session *session)
{
	return session->peer && peer_established(session->peer->connection) &&
	       !session->peer->nexthop.ifp;
}

static void find_interface(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);

	if (!bgp_zebra_nexthop_set(peer->connection->su_local, peer->connection->su_remote,
				   &peer->nexthop, peer) ||
	    !peer->nexthop.ifp)
		return;
	zlog_info("ExpressRoute: %s: the session came up before zebra, its routes are asked for again",
		  er_session_name(session));
	er_reevaluate_ask(session);
	peer_clear_soft(peer, afi, SAFI_UNICAST, BGP_CLEAR_SOFT_OUT);
}

static void find_interfaces(struct event *event)
{
	struct er_bgp_session *session;

	if (!is_at_work())
		return;
	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (lacks_interface(session))
			find_interface(session);
}

static bool any_lacks_interface(void)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (lacks_interface(session))
			return true;
	return false;
}

/*
 * Whether a path can be used changes without a hook; then zebra has told of its next
 * hop.  Of a neighbor's address it tells when it has told of the interface.
 */
static void nexthop_update(struct vrf *vrf, struct prefix *match, struct zapi_route *route)
{
	bgpd_nexthop_update(vrf, match, route);
	if (!is_at_work())
		return;
	er_partner_next_hops_changed();
	if (any_lacks_interface())
		event_add_event(bm->master, find_interfaces, NULL, 0, &t_interfaces);
}

void er_zebra_watch(void)
{
	if (!bgp_zclient)
		return;
	if (bgp_zclient->nexthop_update) {
		bgpd_nexthop_update = bgp_zclient->nexthop_update;
		bgp_zclient->nexthop_update = nexthop_update;
	}
	bgpd_zebra_connected = bgp_zclient->zebra_connected;
	bgp_zclient->zebra_connected = zebra_connected;
}

void er_zebra_unwatch(void)
{
	event_cancel(&t_interfaces);
	if (bgp_zclient && bgpd_zebra_connected)
		bgp_zclient->zebra_connected = bgpd_zebra_connected;
	if (bgp_zclient && bgpd_nexthop_update)
		bgp_zclient->nexthop_update = bgpd_nexthop_update;
}
