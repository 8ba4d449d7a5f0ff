// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration and state -> session specs, peering specs, static routes.
 */
#include <zebra.h>

#include "core/limits.h"
#include "core/vpn_internal.h"

bool er_vpn_has_static(const struct er_vpn_config *config, enum er_family f)
{
	for (size_t i = 0; i < config->n_prefixes; i++)
		if (config->prefix[i].family == er_family_af(f))
			return true;
	return false;
}

static bool has_neighbor(const struct er_vpn_config *config, enum er_role r, enum er_family f)
{
	return config->gateway[r].configured &&
	       config->gateway[r].neighbor[f].ipa_type != IPADDR_NONE;
}

static bool has_tunnel(const struct er_vpn_config *config, enum er_role r)
{
	return config->gateway[r].configured && config->gateway[r].ifname[0];
}

bool er_vpn_has_gateway(const struct er_vpn_config *config, enum er_role r, enum er_family f)
{
	return has_neighbor(config, r, f) ||
	       (has_tunnel(config, r) && er_vpn_has_static(config, f));
}

bool er_vpn_routes_are_known(const struct er_core *core)
{
	return core->channel != ER_CHANNEL_WAITING;
}

/*
 * Sessions
 */
/* 0.0.0.0 or :: when bgpd is to choose */
static struct ipaddr local_of(const struct er_gateway_config *g, enum er_family f)
{
	struct ipaddr local = g->local[f];

	if (local.ipa_type == IPADDR_NONE)
		local.ipa_type = g->neighbor[f].ipa_type;
	return local;
}

bool er_vpn_describe_session(const struct er_vpn_config *config, enum er_role r, enum er_family f,
			     struct er_session_spec *spec)
{
	const struct er_gateway_config *g = &config->gateway[r];

	if (!has_neighbor(config, r, f))
		return false;

	memset(spec, 0, sizeof(*spec));
	strlcpy(spec->key.circuit, config->name, sizeof(spec->key.circuit));
	spec->key.peering = ER_VPN;
	spec->key.role = r;
	spec->key.family = f;
	spec->mode = config->session;
	strlcpy(spec->vrf, config->vrf, sizeof(spec->vrf));
	strlcpy(spec->ifname, g->ifname, sizeof(spec->ifname));
	spec->local = local_of(g, f);
	spec->neighbor = g->neighbor[f];
	spec->router_as = config->router_as;
	spec->neighbor_as = g->remote_as ? g->remote_as : ER_GATEWAY_AS;
	strlcpy(spec->password, config->password, sizeof(spec->password));
	spec->keepalive = config->keepalive;
	spec->hold = config->hold;
	spec->bfd = config->bfd;
	spec->local_pref = spec->local_pref_drained = ER_LOCAL_PREF_VPN;
	if (config->session == ER_MANAGED) {
		strlcpy(spec->map_in, config->map_in, sizeof(spec->map_in));
		strlcpy(spec->map_out, config->map_out, sizeof(spec->map_out));
	}
	spec->multihop = g->multihop > 1 ? g->multihop : 0;
	return true;
}

static const struct er_gateway *gateway_of(const struct er_vpn *vpn, enum er_role r,
					   enum er_family f)
{
	if (!vpn || (unsigned int)r >= ER_ROLES || (unsigned int)f >= ER_FAMILIES)
		return NULL;
	return &vpn->gateway[f][r];
}

/*
 * A gateway whose tunnel swallows everything keeps its session, perhaps: then
 * the other one, or ExpressRoute, is to be preferred.
 */
bool er_vpn_plan_session(const struct er_core *core, const char *name, enum er_role gateway,
			 enum er_family family, struct er_session_spec *spec)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);
	const struct er_gateway *g = gateway_of(vpn, gateway, family);

	if (!g || !g->planned)
		return false;
	*spec = g->spec;
	if (vpn->family[family].active && g->usable)
		spec->local_pref = spec->local_pref_drained = ER_LOCAL_PREF_VPN_ACTIVE;
	return true;
}

bool er_vpn_plan_peering(const struct er_core *core, const char *name, enum er_family family,
			 struct er_peering_spec *spec)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);
	const struct er_vpn_config *config;

	if (!vpn || (unsigned int)family >= ER_FAMILIES || !vpn->family[family].runs)
		return false;
	config = vpn->config;
	memset(spec, 0, sizeof(*spec));
	strlcpy(spec->key.circuit, config->name, sizeof(spec->key.circuit));
	spec->key.peering = ER_VPN;
	spec->key.family = family;
	spec->suppress = config->more_specifics == ER_MORE_SPECIFICS_SUPPRESS &&
			 !vpn->family[family].active;
	spec->more_specifics = config->advertise_more_specifics;
	return true;
}

static bool backs(const struct er_vpn *vpn, const char *circuit)
{
	for (size_t i = 0; i < vpn->config->n_circuits; i++)
		if (strmatch(vpn->config->circuit[i], circuit))
			return true;
	return false;
}

bool er_vpn_is_backed(const struct er_core *core, const char *circuit)
{
	const struct er_vpn *vpn;

	frr_each (er_vpns_const, &core->vpns, vpn)
		if (!vpn->config->shutdown && backs(vpn, circuit))
			return true;
	return false;
}

const char *er_vpn_yields_to(const struct er_core *core, const char *circuit, enum er_family family)
{
	const struct er_vpn *vpn;

	frr_each (er_vpns_const, &core->vpns, vpn)
		if (vpn->family[family].switched && backs(vpn, circuit))
			return vpn->name;
	return "";
}

/*
 * Routes
 */
/* Until bgpd has told, it may be more specific; one that is lost tells no more. */
static bool is_suppressed(const struct er_core *core, const struct er_vpn *vpn, size_t i,
			  enum er_family f)
{
	enum er_static_place place = vpn->static_[i].place;

	if (vpn->config->more_specifics != ER_MORE_SPECIFICS_SUPPRESS || vpn->family[f].active)
		return false;
	return place == ER_STATIC_WITHIN ||
	       (place == ER_STATIC_UNKNOWN && core->channel != ER_CHANNEL_LOST);
}

bool er_vpn_plan_route(const struct er_core *core, const char *name, size_t i,
		       struct er_vpn_route *route)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);
	enum er_family f;

	if (!vpn || vpn->config->shutdown || i >= vpn->config->n_prefixes)
		return false;
	memset(route, 0, sizeof(*route));
	prefix_copy(&route->prefix, &vpn->config->prefix[i]);
	f = route->prefix.family == AF_INET ? ER_IPV4 : ER_IPV6;
	route->distance = vpn->family[f].active ? ER_DISTANCE_VPN_ACTIVE : ER_DISTANCE_VPN;
	if (!is_suppressed(core, vpn, i, f))
		ER_FOREACH_ROLE(r)
	route->gateway[r] = has_tunnel(vpn->config, r) && vpn->gateway[f][r].usable;
	return true;
}

enum er_static_route er_vpn_static_route(const struct er_core *core, const char *name, size_t i)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);

	return vpn && i < vpn->config->n_prefixes ? vpn->static_[i].route : ER_STATIC_ROUTE_ABSENT;
}

bool er_vpn_plan_neighbor_route(const struct er_core *core, const char *name, enum er_role gateway,
				enum er_family family, bool on_link, struct prefix *host)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);
	const struct er_gateway *g = gateway_of(vpn, gateway, family);

	if (!g || !g->planned || on_link || !has_tunnel(vpn->config, gateway))
		return false;
	*host = er_host_prefix(&g->spec.neighbor);
	return true;
}
