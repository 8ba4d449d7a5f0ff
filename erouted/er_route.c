// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The routes of erouted in zebra.
 *
 * They go over a connection of their own, whose type and instance own them.
 * The type is one of FRR's, "static"; the instance, which no FRR daemon uses
 * with it, keeps them out of `redistribute static`.
 *
 * zebra sweeps what its client leaves behind, unless the client has announced
 * that it comes back (graceful restart).  So have we, for each VRF: routes stay
 * for ER_ROUTE_STALE_S without us, follow interfaces and next hops meanwhile,
 * and are taken over by what is sent again; what is not sent again goes when
 * er_route_settled() says that all is known.
 *
 * A change of distance or next hops is one message, and one replacement in the
 * kernel.
 *
 * zebra tells the owner of a route when it is installed, but not always when a
 * better one takes its place (not when that is "static", too).  So ours are
 * redistributed to ourselves: zebra tells of each that is chosen and chosen no
 * more, and after a restart of those that are still there.
 */
#include <zebra.h>

#include "bfd.h"
#include "jhash.h"
#include "log.h"
#include "memory.h"
#include "nexthop.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "core/limits.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, ROUTE, "route in zebra");

/*
 * Next hops without a gateway are of either family, but a group of them is of one
 * in the kernel.  zebra (10.7) makes one group for IPv4 and IPv6 routes with the
 * same next hops, and the kernel refuses the second family's.  Another weight,
 * the same for all next hops, makes another group.
 */
#define IPV6_WEIGHT 2

/* zebra keeps eight bits of a route's instance (10.7), so no more than 255. */
#define ROUTE_TYPE     ZEBRA_ROUTE_STATIC
#define ROUTE_INSTANCE 120

PREDECL_HASH(routes);

struct route {
	struct routes_item item;
	struct er_route route;
	bool wanted;
	bool sent;	/* to the zebra at hand */
	bool left_over; /* zebra has it from before a restart, we do not know it */
	enum er_route_state state;
};

static int route_cmp(const struct route *a, const struct route *b)
{
	if (a->route.vrf_id != b->route.vrf_id)
		return numcmp(a->route.vrf_id, b->route.vrf_id);
	return prefix_cmp(&a->route.prefix, &b->route.prefix);
}

static uint32_t route_hash(const struct route *r)
{
	return jhash_1word(r->route.vrf_id, prefix_hash_key(&r->route.prefix));
}

DECLARE_HASH(routes, struct route, item, route_cmp, route_hash);

static struct routes_head routes = INIT_HASH(routes);
static struct zclient *zebra;
/* VRFs of which the zebra at hand knows that we come back. */
static vrf_bitmap_t announced;
static bool settled, completed;

static struct route *find(vrf_id_t vrf_id, const struct prefix *prefix)
{
	struct route key = { .route.vrf_id = vrf_id };

	prefix_copy(&key.route.prefix, prefix);
	return routes_find(&routes, &key);
}

/*
 * Graceful restart
 */
static void send_capability(enum zserv_client_capabilities cap, vrf_id_t vrf_id, afi_t afi)
{
	struct zapi_cap api = {
		.cap = cap,
		.vrf_id = vrf_id,
		.afi = afi,
		.safi = SAFI_UNICAST,
		.stale_removal_time = ER_ROUTE_STALE_S,
	};

	zclient_capabilities_send(ZEBRA_CLIENT_CAPABILITIES, zebra, &api);
}

static void follow_ours(vrf_id_t vrf_id)
{
	/* libfrr believes that nobody wants what is its own */
	for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
		zebra_redistribute_send(ZEBRA_REDISTRIBUTE_ADD, zebra, afi, ROUTE_TYPE,
					ROUTE_INSTANCE, vrf_id);
}

static void announce(void)
{
	struct vrf *vrf;

	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		if (!vrf_is_enabled(vrf) || vrf_bitmap_check(&announced, vrf->vrf_id))
			continue;
		vrf_bitmap_set(&announced, vrf->vrf_id);
		send_capability(ZEBRA_CLIENT_GR_CAPABILITIES, vrf->vrf_id, AFI_IP);
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			send_capability(ZEBRA_CLIENT_ROUTE_UPDATE_PENDING, vrf->vrf_id, afi);
		follow_ours(vrf->vrf_id);
	}
}

/* What was not sent again by now is not wanted any more. */
static void complete(void)
{
	struct vrf *vrf;

	if (!settled || completed)
		return;

	DEBUGD(&er_dbg_vpn, "routes: all is sent, zebra may sweep what is left of before");
	completed = true;
	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id)
		if (vrf_bitmap_check(&announced, vrf->vrf_id))
			for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
				send_capability(ZEBRA_CLIENT_ROUTE_UPDATE_COMPLETE, vrf->vrf_id,
						afi);
}

/*
 * Sending
 */
static void encode_hop(struct zapi_nexthop *api, const struct er_hop *hop, int family)
{
	api->vrf_id = hop->vrf_id;
	api->ifindex = hop->ifindex;
	if (IS_IPADDR_V4(&hop->gateway)) {
		api->type = hop->ifindex ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV4;
		api->gate.ipv4 = hop->gateway.ipaddr_v4;
	} else if (IS_IPADDR_V6(&hop->gateway)) {
		api->type = hop->ifindex ? NEXTHOP_TYPE_IPV6_IFINDEX : NEXTHOP_TYPE_IPV6;
		api->gate.ipv6 = hop->gateway.ipaddr_v6;
	} else {
		api->type = NEXTHOP_TYPE_IFINDEX;
		if (family == AF_INET6)
			api->weight = IPV6_WEIGHT;
	}
}

void er_route_read_hop(const struct zapi_nexthop *api, struct er_hop *hop)
{
	memset(hop, 0, sizeof(*hop));
	hop->vrf_id = api->vrf_id;
	hop->ifindex = api->ifindex;
	if (api->type == NEXTHOP_TYPE_IPV4 || api->type == NEXTHOP_TYPE_IPV4_IFINDEX) {
		SET_IPADDR_V4(&hop->gateway);
		hop->gateway.ipaddr_v4 = api->gate.ipv4;
	} else if (api->type == NEXTHOP_TYPE_IPV6 || api->type == NEXTHOP_TYPE_IPV6_IFINDEX) {
		SET_IPADDR_V6(&hop->gateway);
		hop->gateway.ipaddr_v6 = api->gate.ipv6;
	}
}

static void send_route(struct route *r, uint8_t command)
{
	const struct er_route *route = &r->route;
	struct zapi_route api;

	if (zebra->sock < 0)
		return;

	memset(&api, 0, sizeof(api));
	api.vrf_id = route->vrf_id;
	api.type = ROUTE_TYPE;
	api.instance = ROUTE_INSTANCE;
	api.safi = SAFI_UNICAST;
	prefix_copy(&api.prefix, &route->prefix);
	if (command == ZEBRA_ROUTE_ADD) {
		SET_FLAG(api.message, ZAPI_MESSAGE_DISTANCE);
		api.distance = route->distance;
		SET_FLAG(api.message, ZAPI_MESSAGE_NEXTHOP);
		api.nexthop_num = route->n_hops;
		for (size_t i = 0; i < route->n_hops; i++)
			encode_hop(&api.nexthops[i], &route->hop[i], route->prefix.family);
	}
	zclient_route_send(command, zebra, &api);
	r->sent = command == ZEBRA_ROUTE_ADD;
	DEBUGD(&er_dbg_vpn, "route %pFX in VRF %u: %s, distance %u, %zu next hops", &route->prefix,
	       route->vrf_id, r->sent ? "sent" : "withdrawn", route->distance, route->n_hops);
}

static bool same_route(const struct er_route *a, const struct er_route *b)
{
	if (a->distance != b->distance || a->n_hops != b->n_hops)
		return false;
	for (size_t i = 0; i < a->n_hops; i++)
		if (a->hop[i].ifindex != b->hop[i].ifindex ||
		    a->hop[i].vrf_id != b->hop[i].vrf_id ||
		    ipaddr_cmp(&a->hop[i].gateway, &b->hop[i].gateway))
			return false;
	return true;
}

void er_route_begin(void)
{
	struct route *r;

	frr_each (routes, &routes, r)
		r->wanted = false;
}

void er_route_want(const struct er_route *route)
{
	struct route *r = find(route->vrf_id, &route->prefix);

	if (!route->n_hops)
		return;
	if (!r) {
		r = XCALLOC(MTYPE_ROUTE, sizeof(*r));
		r->route = *route;
		routes_add(&routes, r);
	} else if (r->wanted && r->route.distance <= route->distance) {
		/* two gateways of one address, or two backups of one prefix: the
		 * active one has it, else the first
		 */
		return;
	} else if (r->left_over || !same_route(&r->route, route)) {
		r->route = *route;
		r->sent = r->left_over = false;
	}
	r->wanted = true;
}

void er_route_keep(const struct er_route *route)
{
	const struct route *r = find(route->vrf_id, &route->prefix);
	struct er_route kept = *route;

	if (!r)
		return;
	kept.n_hops = r->route.n_hops;
	memcpy(kept.hop, r->route.hop, sizeof(kept.hop));
	er_route_want(&kept);
}

void er_route_end(bool keep)
{
	struct route *r;

	if (zebra->sock >= 0)
		announce();
	/* what is new comes before what is old goes */
	frr_each (routes, &routes, r) {
		if (!r->wanted || r->sent)
			continue;
		if (r->state == ER_ROUTE_ABSENT)
			r->state = ER_ROUTE_WAITING;
		send_route(r, ZEBRA_ROUTE_ADD);
	}
	frr_each_safe (routes, &routes, r) {
		if (r->wanted || keep || (r->left_over && !settled))
			continue;
		send_route(r, ZEBRA_ROUTE_DELETE);
		routes_del(&routes, r);
		XFREE(MTYPE_ROUTE, r);
	}
	if (zebra->sock >= 0)
		complete();
}

void er_route_settled(void)
{
	settled = true;
}

enum er_route_state er_route_state(vrf_id_t vrf_id, const struct prefix *prefix)
{
	const struct route *r = find(vrf_id, prefix);

	return r && zebra->sock >= 0 ? r->state : ER_ROUTE_ABSENT;
}

/*
 * What zebra made of them
 */
static void set_state(struct route *r, enum er_route_state state)
{
	if (r->state == state)
		return;
	r->state = state;
	er_vpn_evaluate();
}

static int route_noted(ZAPI_CALLBACK_ARGS)
{
	static const enum er_route_state states[] = {
		[ZAPI_ROUTE_FAIL_INSTALL] = ER_ROUTE_REFUSED,
		[ZAPI_ROUTE_BETTER_ADMIN_WON] = ER_ROUTE_STANDBY,
		[ZAPI_ROUTE_INSTALLED] = ER_ROUTE_INSTALLED,
		[ZAPI_ROUTE_REMOVED] = ER_ROUTE_WAITING,
		[ZAPI_ROUTE_REMOVE_FAIL] = ER_ROUTE_WAITING,
	};
	static const char *const words[] = {
		[ZAPI_ROUTE_FAIL_INSTALL] = "refused",
		[ZAPI_ROUTE_BETTER_ADMIN_WON] = "a better one is in use",
		[ZAPI_ROUTE_INSTALLED] = "installed",
		[ZAPI_ROUTE_REMOVED] = "removed",
		[ZAPI_ROUTE_REMOVE_FAIL] = "not removed",
	};
	enum zapi_route_notify_owner note;
	struct prefix prefix;
	struct route *r;
	uint32_t table;

	if (!zapi_route_notify_decode(zclient->ibuf, &prefix, &table, &note, NULL, NULL) ||
	    (size_t)note >= array_size(states))
		return -1;
	r = find(vrf_id, &prefix);
	if (r)
		set_state(r, states[note]);
	DEBUGD(&er_dbg_vpn, "route %pFX in VRF %u: %s%s", &prefix, vrf_id, words[note],
	       r ? "" : ", not ours any more");
	return 0;
}

/*
 * What zebra has chosen: of ours, and the default route
 */
static void ours_seen(vrf_id_t vrf_id, const struct zapi_route *api, bool chosen)
{
	struct route *r = find(vrf_id, &api->prefix);

	if (r && !chosen && r->state == ER_ROUTE_INSTALLED)
		set_state(r, ER_ROUTE_STANDBY);
	if (r || !chosen || settled)
		return;

	r = XCALLOC(MTYPE_ROUTE, sizeof(*r));
	r->route.vrf_id = vrf_id;
	prefix_copy(&r->route.prefix, &api->prefix);
	for (size_t i = 0; i < api->nexthop_num && r->route.n_hops < ER_HOPS; i++)
		er_route_read_hop(&api->nexthops[i], &r->route.hop[r->route.n_hops++]);
	r->left_over = true;
	routes_add(&routes, r);
}

static int chosen_seen(ZAPI_CALLBACK_ARGS)
{
	bool chosen = cmd == ZEBRA_REDISTRIBUTE_ROUTE_ADD;
	struct zapi_route api;

	if (zapi_route_decode(zclient->ibuf, &api) < 0)
		return -1;
	if (api.type == ROUTE_TYPE && api.instance == ROUTE_INSTANCE)
		ours_seen(vrf_id, &api, chosen);
	if (!api.prefix.prefixlen)
		er_pin_default_seen(vrf_id, api.prefix.family == AF_INET ? ER_IPV4 : ER_IPV6,
				    chosen ? &api : NULL);
	return 0;
}

void er_route_follow_default(vrf_id_t vrf_id, enum er_family family)
{
	/* libfrr remembers what was asked for */
	zclient_redistribute_default(ZEBRA_REDISTRIBUTE_DEFAULT_ADD, zebra,
				     family == ER_IPV4 ? AFI_IP : AFI_IP6, vrf_id);
}

static void follow_again(void)
{
	struct vrf *vrf;

	er_pin_default_forget();
	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id)
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			if (vrf_bitmap_check(&zebra->default_information[afi], vrf->vrf_id))
				zebra_redistribute_default_send(ZEBRA_REDISTRIBUTE_DEFAULT_ADD,
								zebra, afi, vrf->vrf_id);
}

static zclient_handler *const handlers[] = {
	[ZEBRA_ROUTE_NOTIFY_OWNER] = route_noted,
	[ZEBRA_REDISTRIBUTE_ROUTE_ADD] = chosen_seen,
	[ZEBRA_REDISTRIBUTE_ROUTE_DEL] = chosen_seen,
	/* libfrr's own, which it gives to a daemon's first connection only */
	[ZEBRA_BFD_DEST_REPLAY] = zclient_bfd_session_replay,
	[ZEBRA_INTERFACE_BFD_DEST_UPDATE] = zclient_bfd_session_update,
};

static void zebra_connected(struct zclient *client)
{
	struct route *r;

	DEBUGD(&er_dbg_vpn, "routes: zebra connected");
	zebra_route_notify_send(ZEBRA_ROUTE_NOTIFY_REQUEST, zebra, true);
	vrf_bitmap_free(&announced);
	vrf_bitmap_init(&announced);
	completed = false;
	frr_each (routes, &routes, r) {
		r->sent = false;
		r->state = ER_ROUTE_ABSENT;
	}
	follow_again();
	er_bfd_connected();
	er_vpn_evaluate();
}

void er_route_init(void)
{
	vrf_bitmap_init(&announced);
	zebra = zclient_new(er_loop, &zclient_options_auxiliary, handlers, array_size(handlers));
	zclient_init(zebra, ROUTE_TYPE, ROUTE_INSTANCE, &er_privs);
	zebra->zebra_connected = zebra_connected;
	er_bfd_init(zebra);
}

/* The routes stay in zebra. */
void er_route_fini(void)
{
	struct route *r;

	while ((r = routes_pop(&routes)))
		XFREE(MTYPE_ROUTE, r);
	routes_fini(&routes);
	vrf_bitmap_free(&announced);
	zclient_stop(zebra);
	zclient_free(zebra);
	zebra = NULL;
}
