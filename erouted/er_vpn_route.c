// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes over the tunnels, as er_core plans them: static prefixes, and the ways
 * to gateways whose BGP address is not on the tunnel's own subnet.
 */
#include <zebra.h>

#include "if.h"
#include "vrf.h"

#include "core/limits.h"
#include "erouted/er_vpn.h"

static const struct interface *tunnel(const struct er_vpn_config *config, enum er_role instance)
{
	const char *name = config->gateway[instance].ifname;
	const struct interface *ifp = name[0] ? er_zebra_interface(name, config->vrf) : NULL;

	return ifp && !strcmp(ifp->vrf->name, config->vrf) ? ifp : NULL;
}

static void add_hop(struct er_route *route, const struct interface *ifp)
{
	if (!ifp)
		return;
	route->vrf_id = ifp->vrf->vrf_id;
	route->hop[route->n_hops].vrf_id = ifp->vrf->vrf_id;
	route->hop[route->n_hops++].ifindex = ifp->ifindex;
}

static void want_static(const struct er_vpn_config *config)
{
	struct er_vpn_route plan;

	for (size_t i = 0; er_vpn_plan_route(er_core, config->name, i, &plan); i++) {
		struct er_route route = { .distance = plan.distance };

		prefix_copy(&route.prefix, &plan.prefix);
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
			if (plan.gateway[r])
				add_hop(&route, tunnel(config, r));
		er_route_want(&route);
	}
}

static bool on_link(const struct interface *ifp, const struct ipaddr *neighbor)
{
	const struct connected *c;
	const struct prefix *p;
	struct prefix host = { .family = ipaddr_family(neighbor),
			       .prefixlen = IPADDRSZ(neighbor) * 8 };

	memcpy(&host.u, &neighbor->ip, IPADDRSZ(neighbor));
	frr_each (if_connected_const, ifp->connected, c) {
		p = CONNECTED_PREFIX(c);
		if (p->family == host.family && prefix_match(p, &host))
			return true;
	}
	return false;
}

static void want_neighbor(const struct er_vpn_config *config, enum er_role instance,
			  enum er_family family)
{
	const struct ipaddr *neighbor = &config->gateway[instance].neighbor[family];
	const struct interface *ifp = tunnel(config, instance);
	struct er_route route = { .distance = ER_DISTANCE_PIN };

	if (IS_IPADDR_NONE(neighbor) || !ifp ||
	    !er_vpn_plan_neighbor_route(er_core, config->name, instance, family,
					on_link(ifp, neighbor), &route.prefix))
		return;
	add_hop(&route, ifp);
	er_route_want(&route);
}

void er_vpn_route_want(const struct er_vpn_config *config)
{
	want_static(config);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			if (config->gateway[r].configured)
				want_neighbor(config, r, family);
}
