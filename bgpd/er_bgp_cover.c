// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes over the VPN that are more specific than what ExpressRoute carries
 * pull their traffic off it, whatever the preference.  With `suppress` they are
 * kept out for as long, while bgpd keeps them in Adj-RIB-In.
 *
 * Inbound policy asks here when one arrives.  The answer changes with what
 * ExpressRoute has: er_bgp_rib.c tells when it gets or loses a prefix, bgpd's
 * hook when the best path of one comes or goes, the session's state when it is
 * lost; then what lies within is queued and looked at again.  Traffic is never
 * without a path: what is more specific goes when bgpd has chosen a path for
 * what contains it, and comes in as soon as the session is lost, before bgpd has
 * begun to remove its paths.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"
#include "bgpd/er_cover.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_COVER, "ExpressRoute VPN backup");
DEFINE_MTYPE_STATIC(ER_BGP, ER_COVER_ROUTE, "ExpressRoute prefix of a VPN backup");

/*
 * How long an event may take.  bgpd's own queue of best paths takes 50 ms at a
 * time: with less than that for each of ours, we would be what takes longest.
 */
#define WORK_MS	  25
#define WORK_LOOK 64 /* at the clock, after so many */
/* From one look at the numbers of updates to the next. */
#define WITHDRAWN_MS 1000

/*
 * What ExpressRoute has.
 */
static bool is_alive(const struct er_bgp_session *session)
{
	return session->peer && (peer_established(session->peer->connection) ||
				 CHECK_FLAG(session->peer->sflags, PEER_STATUS_NSF_WAIT));
}

static bool is_of_circuit(const struct er_bgp_peering *vpn, const struct bgp_path_info *pi)
{
	const struct er_bgp_session *session;

	if (pi->sub_type != BGP_ROUTE_NORMAL ||
	    CHECK_FLAG(pi->flags, BGP_PATH_REMOVED | BGP_PATH_HISTORY))
		return false;
	session = er_session_of_peer(pi->peer);
	return session && session->peering->backup == vpn && is_alive(session);
}

static bool circuit_has(const struct er_bgp_peering *vpn, struct bgp_dest *dest)
{
	for (struct bgp_path_info *pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next)
		if (is_of_circuit(vpn, pi))
			return true;
	return false;
}

/* Until bgpd has chosen a path, nothing goes there. */
static bool circuit_carries(const struct er_bgp_peering *vpn, struct bgp_dest *dest)
{
	return er_outbound_best(dest) && circuit_has(vpn, dest);
}

static struct bgp_table *table_of(const struct er_bgp_peering *vpn)
{
	struct bgp *bgp = vpn->bgp;

	for (size_t i = 0; !bgp && i < vpn->n_backed; i++)
		bgp = vpn->backed[i]->bgp;
	return bgp ? bgp->rib[er_peering_afi(vpn)][SAFI_UNICAST] : NULL;
}

struct bgp_dest *er_cover_within(const struct er_bgp_peering *vpn, const struct prefix *prefix)
{
	struct bgp_table *table = table_of(vpn);
	struct bgp_dest *dest = table ? bgp_node_match(table, prefix) : NULL;

	if (!dest)
		return NULL;
	bgp_dest_unlock_node(dest); /* its paths hold it */
	if (prefix_same(bgp_dest_get_prefix(dest), prefix)) {
		if (circuit_has(vpn, dest))
			return NULL;
		dest = bgp_dest_parent_nolock(dest);
	}
	while (dest && !circuit_carries(vpn, dest))
		dest = bgp_dest_parent_nolock(dest);
	return dest;
}

/*
 * The VPN's prefixes.
 */
static struct er_cover_route *route_find(const struct er_cover *cover, const struct prefix *prefix)
{
	struct route_node *node = route_node_lookup(cover->routes, prefix);

	if (!node)
		return NULL;
	route_unlock_node(node);
	return node->info;
}

static struct er_cover_route *route_get(struct er_cover *cover, const struct prefix *prefix)
{
	struct route_node *node = route_node_get(cover->routes, prefix);
	struct er_cover_route *route = node->info;

	if (route) {
		route_unlock_node(node);
		return route;
	}
	route = XCALLOC(MTYPE_ER_COVER_ROUTE, sizeof(*route));
	route->node = node;
	node->info = route;
	return route;
}

/* Of as many as flags has of one kind, there is one more or less. */
static void count(unsigned int *n, bool was, bool is)
{
	*n += is;
	*n -= was;
}

static void withdrawn_soon(struct er_cover *cover);

/* The route is gone when nothing is left of it. */
static void set_flags(struct er_cover *cover, struct er_cover_route *route, uint8_t flags)
{
	uint8_t was = route->flags;
	struct route_node *node = route->node;

	count(&cover->n_static, was & ER_COVER_STATIC, flags & ER_COVER_STATIC);
	count(&cover->n_kept_out, was & ER_COVER_ANY_KEPT_OUT, flags & ER_COVER_ANY_KEPT_OUT);
	count(&cover->n_best, was & ER_COVER_BEST, flags & ER_COVER_BEST);
	route->flags = flags;
	if ((was ^ flags) & ER_COVER_THERE)
		er_coverage_changed(cover);
	if ((was ^ flags) & ER_COVER_BEST)
		er_coverage_report_soon(cover);
	if (cover->n_kept_out)
		withdrawn_soon(cover);
	if (flags & (ER_COVER_THERE | ER_COVER_QUEUED))
		return;
	node->info = NULL;
	XFREE(MTYPE_ER_COVER_ROUTE, route);
	route_unlock_node(node);
}

static void work(struct event *event);

static void queue(struct er_cover *cover, struct er_cover_route *route)
{
	if (route->flags & ER_COVER_QUEUED)
		return;
	route->flags |= ER_COVER_QUEUED;
	/* erouted has yet to do something about a static one */
	if (route->flags & ER_COVER_STATIC)
		er_cover_queue_add_head(&cover->queue, route);
	else
		er_cover_queue_add_tail(&cover->queue, route);
	event_add_event(bm->master, work, cover, 0, &cover->t_work);
}

/* Those of which something hangs on what ExpressRoute has. */
static uint8_t interesting(const struct er_cover *cover)
{
	return cover->vpn->spec.suppress ? ER_COVER_THERE : ER_COVER_STATIC | ER_COVER_ANY_KEPT_OUT;
}

static void queue_all(struct er_cover *cover, uint8_t flags)
{
	struct er_cover_route *route;

	for (struct route_node *node = route_top(cover->routes); node; node = route_next(node)) {
		route = node->info;
		if (route && route->flags & flags)
			queue(cover, route);
	}
}

static void queue_within(struct er_cover *cover, const struct prefix *outer)
{
	uint8_t flags = interesting(cover);
	struct route_node *node;

	if (!(flags & ER_COVER_ANY_ACCEPTED) && !cover->n_static && !cover->n_kept_out)
		return;
	node = route_node_lookup(cover->routes, outer)
		       ?: route_table_get_next(cover->routes, outer);
	for (; node && prefix_match(outer, &node->p); node = route_next(node)) {
		struct er_cover_route *route = node->info;

		if (route && route->flags & flags)
			queue(cover, route);
	}
	if (node)
		route_unlock_node(node);
}

/*
 * Looking again.
 */
static struct bgp_adj_in *find_in(struct bgp_dest *dest, const struct peer *peer)
{
	struct bgp_adj_in *in = dest ? dest->adj_in : NULL;

	while (in && in->peer != peer)
		in = in->next;
	return in;
}

static void receive(struct er_bgp_session *session, struct bgp_dest *dest, struct attr *attr,
		    uint32_t addpath_id)
{
	bgp_update(session->peer, bgp_dest_get_prefix(dest), addpath_id, attr,
		   er_session_afi(session), SAFI_UNICAST, ZEBRA_ROUTE_BGP, BGP_ROUTE_NORMAL, NULL,
		   NULL, 0, 1, NULL);
}

/*
 * bgpd is given the route again, and inbound policy says what becomes of it.
 * Returns false when bgpd has it no more.
 */
static bool receive_again(struct er_bgp_session *session, struct bgp_dest *dest)
{
	struct bgp_adj_in *in = find_in(dest, session->peer);
	struct bgp_path_info *path = dest ? er_rib_path(session, dest) : NULL;

	if (in)
		receive(session, dest, in->attr, in->addpath_rx_id);
	else if (path)
		receive(session, dest, path->attr, path->addpath_rx_id);
	return in || path;
}

/* Is what is kept out there yet?  Its withdraw nobody tells. */
static bool is_received(const struct er_bgp_session *session, struct bgp_dest *dest)
{
	return session && is_alive(session) &&
	       (!er_session_keeps_received(session) || find_in(dest, session->peer));
}

/* One gateway's. */
static void look_at(struct er_cover *cover, struct er_cover_route *route, struct bgp_dest *dest,
		    enum er_role role, bool out)
{
	struct er_bgp_session *session = cover->vpn->session[role];
	uint8_t kept_out = ER_COVER_KEPT_OUT(role);

	if ((route->flags & kept_out) && !is_received(session, dest)) {
		set_flags(cover, route, route->flags & ~kept_out);
		return;
	}
	if (!session || !session->policy_attached || !peer_established(session->peer->connection))
		return;
	if (!(route->flags & (out ? ER_COVER_ACCEPTED(role) : kept_out)) ||
	    receive_again(session, dest))
		return;
	if (!out)
		cover->ask[role] = true;
	set_flags(cover, route, route->flags & ~kept_out);
}

static void look_at_static(struct er_cover *cover, struct er_cover_route *route, bool within)
{
	if (!(route->flags & ER_COVER_STATIC) || within == !!(route->flags & ER_COVER_WITHIN))
		return;
	route->flags ^= ER_COVER_WITHIN;
	er_coverage_say_static(cover, route);
}

/* It stays queued meanwhile, so that it stays. */
static void look(struct er_cover *cover, struct er_cover_route *route)
{
	const struct prefix *prefix = &route->node->p;
	bool within = er_cover_within(cover->vpn, prefix);
	struct bgp_table *table = table_of(cover->vpn);
	struct bgp_dest *dest = table ? bgp_node_lookup(table, prefix) : NULL;

	look_at_static(cover, route, within);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		look_at(cover, route, dest, role, within && cover->vpn->spec.suppress);
	if (dest)
		bgp_dest_unlock_node(dest);
}

static void ask_for_all(struct er_cover *cover, enum er_role role)
{
	struct er_bgp_session *session = cover->vpn->session[role];

	cover->ask[role] = false;
	if (session && session->peer)
		er_reevaluate_ask(session);
}

static void work_done(struct er_cover *cover)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (cover->ask[role])
			ask_for_all(cover, role);
}

static void work(struct event *event)
{
	struct er_cover *cover = EVENT_ARG(event);
	int64_t began = er_mono_ms();
	struct er_cover_route *route;
	unsigned int n = 0;

	while ((route = er_cover_queue_first(&cover->queue))) {
		if (++n % WORK_LOOK == 0 && er_mono_ms() - began >= WORK_MS)
			break;
		look(cover, route);
		er_cover_queue_del(&cover->queue, route);
		set_flags(cover, route, route->flags & ~ER_COVER_QUEUED);
	}
	if (route)
		event_add_event(bm->master, work, cover, 0, &cover->t_work);
	else
		work_done(cover);
}

static uint32_t updates_now(const struct er_cover *cover)
{
	uint32_t updates = 0;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		const struct er_bgp_session *session = cover->vpn->session[role];

		if (session && session->peer)
			updates += atomic_load_explicit(&session->peer->update_in,
							memory_order_relaxed);
	}
	return updates;
}

static void look_for_withdrawn(struct event *event)
{
	struct er_cover *cover = EVENT_ARG(event);
	uint32_t updates = updates_now(cover);

	if (!cover->n_kept_out)
		return;
	withdrawn_soon(cover);
	if (updates == cover->updates)
		return;
	cover->updates = updates;
	queue_all(cover, ER_COVER_ANY_KEPT_OUT);
}

static void withdrawn_soon(struct er_cover *cover)
{
	event_add_timer_msec(bm->master, look_for_withdrawn, cover, WITHDRAWN_MS,
			     &cover->t_withdrawn);
}

/*
 * What the others tell.
 */
bool er_cover_can_come_back(const struct er_bgp_session *session)
{
	return er_session_keeps_received(session) ||
	       CHECK_FLAG(session->peer->cap, PEER_CAP_REFRESH_RCV);
}

bool er_cover_keeps_out(const struct er_bgp_session *session, const struct prefix *prefix)
{
	struct er_cover *cover = session->peering->cover;
	uint8_t kept_out = ER_COVER_KEPT_OUT(session->spec.key.role);
	struct er_cover_route *route;

	if (!cover->vpn->spec.suppress || !er_cover_can_come_back(session) ||
	    !er_cover_within(cover->vpn, prefix))
		return false;
	route = route_get(cover, prefix);
	set_flags(cover, route, route->flags | kept_out);
	return true;
}

/* Inbound policy has judged it otherwise. */
void er_cover_keeps_not(const struct er_bgp_session *session, const struct prefix *prefix)
{
	struct er_cover *cover = session->peering->cover;
	struct er_cover_route *route;

	if (!cover->n_kept_out)
		return;
	route = route_find(cover, prefix);
	if (route)
		set_flags(cover, route, route->flags & ~ER_COVER_KEPT_OUT(session->spec.key.role));
}

static bool is_over(const struct er_cover *cover, const struct bgp_path_info *best)
{
	const struct er_bgp_session *session = best && best->sub_type == BGP_ROUTE_NORMAL
						       ? er_session_of_peer(best->peer)
						       : NULL;

	return session && session->peering == cover->vpn;
}

void er_cover_note(struct er_bgp_peering *vpn, struct bgp_dest *dest, const bool present[ER_ROLES])
{
	struct er_cover *cover = vpn->cover;
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	bool any = present[ER_PRIMARY] || present[ER_SECONDARY];
	struct er_cover_route *route = any ? route_get(cover, prefix) : route_find(cover, prefix);
	uint8_t flags;

	if (!route)
		return;
	flags = route->flags & ~(ER_COVER_ANY_ACCEPTED | ER_COVER_BEST);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (present[role])
			flags = (flags & ~ER_COVER_KEPT_OUT(role)) | ER_COVER_ACCEPTED(role);
	if (is_over(cover, er_outbound_best(dest)))
		flags |= ER_COVER_BEST;
	/* what contains it may have come while it was on its way here */
	if (vpn->spec.suppress && (flags & ~route->flags & ER_COVER_ANY_ACCEPTED))
		queue(cover, route);
	set_flags(cover, route, flags | (route->flags & ER_COVER_QUEUED));
}

void er_cover_circuit_changed(struct er_bgp_peering *vpn, struct bgp_dest *dest)
{
	queue_within(vpn->cover, bgp_dest_get_prefix(dest));
	er_coverage_changed(vpn->cover);
}

static void note_best(struct er_bgp_session *session, const struct prefix *prefix,
		      const struct bgp_path_info *best)
{
	struct er_cover *cover = session->peering->cover;
	struct er_cover_route *route = cover ? route_find(cover, prefix) : NULL;

	if (route)
		set_flags(cover, route,
			  (route->flags & ~ER_COVER_BEST) |
				  (is_over(cover, best) ? ER_COVER_BEST : 0));
}

void er_cover_best_changed(struct bgp_dest *dest, struct bgp_path_info *old_best,
			   struct bgp_path_info *new_best)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	struct bgp_path_info *const best[] = { old_best, new_best };

	for (size_t i = 0; i < array_size(best); i++) {
		struct er_bgp_session *session = best[i] ? er_session_of_peer(best[i]->peer) : NULL;

		if (session)
			note_best(session, prefix, new_best);
	}
	if (!old_best == !new_best)
		return;
	for (struct bgp_path_info *pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next) {
		struct er_bgp_session *session = er_session_of_peer(pi->peer);

		if (session && session->peering->backup) {
			er_cover_circuit_changed(session->peering->backup, dest);
			return;
		}
	}
}

void er_cover_session_lost(struct er_bgp_session *session)
{
	struct er_bgp_peering *vpn = session->peering->backup ?: session->peering;

	if (vpn->cover)
		queue_all(vpn->cover, ER_COVER_ANY_KEPT_OUT | ER_COVER_STATIC);
}

void er_cover_all_changed(struct er_bgp_peering *vpn)
{
	queue_all(vpn->cover, ER_COVER_THERE);
	er_coverage_changed(vpn->cover);
}

/* No gateway has a neighbor any more. */
void er_cover_flush(struct er_bgp_peering *vpn)
{
	struct er_cover *cover = vpn->cover;

	for (struct route_node *node = route_top(cover->routes); node; node = route_next(node)) {
		struct er_cover_route *route = node->info;

		if (route)
			set_flags(cover, route,
				  route->flags &
					  (ER_COVER_STATIC | ER_COVER_WITHIN | ER_COVER_QUEUED));
	}
}

/*
 * Static prefixes.
 */
static int prefix_find(const void *key, const void *item)
{
	return prefix_cmp((const struct prefix *)key,
			  &((const struct er_wire_static *)item)->prefix);
}

static void forget_statics(struct er_cover *cover, const struct er_wire_static *item, size_t n)
{
	for (struct route_node *node = route_top(cover->routes); node; node = route_next(node)) {
		struct er_cover_route *route = node->info;

		if (route && (route->flags & ER_COVER_STATIC) &&
		    !(n && bsearch(&node->p, item, n, sizeof(*item), prefix_find)))
			set_flags(cover, route,
				  route->flags & ~(ER_COVER_STATIC | ER_COVER_WITHIN));
	}
}

void er_cover_apply_statics(struct er_bgp_peering *vpn, const struct er_wire_static *item, size_t n)
{
	struct er_cover *cover = vpn->cover;

	forget_statics(cover, item, n);
	for (size_t i = 0; i < n; i++) {
		struct er_cover_route *route = route_get(cover, &item[i].prefix);

		if (route->flags & ER_COVER_STATIC)
			continue;
		set_flags(cover, route, route->flags | ER_COVER_STATIC);
		if (er_cover_within(vpn, &item[i].prefix))
			route->flags |= ER_COVER_WITHIN;
	}
}

/*
 * Birth and death.
 */
struct er_cover *er_cover_new(struct er_bgp_peering *vpn)
{
	struct er_cover *cover = XCALLOC(MTYPE_ER_COVER, sizeof(*cover));

	cover->vpn = vpn;
	cover->routes = route_table_init();
	er_cover_queue_init(&cover->queue);
	return cover;
}

void er_cover_free(struct er_cover **cover_p)
{
	struct er_cover *cover = *cover_p;

	if (!cover)
		return;
	*cover_p = NULL;
	er_coverage_stop(cover);
	event_cancel(&cover->t_work);
	event_cancel(&cover->t_withdrawn);
	while (er_cover_queue_pop(&cover->queue))
		;
	for (struct route_node *node = route_top(cover->routes); node; node = route_next(node)) {
		struct er_cover_route *route = node->info;

		if (!route)
			continue;
		node->info = NULL;
		XFREE(MTYPE_ER_COVER_ROUTE, route);
		route_unlock_node(node);
	}
	route_table_finish(cover->routes);
	er_cover_queue_fini(&cover->queue);
	XFREE(MTYPE_ER_COVER, cover);
}
