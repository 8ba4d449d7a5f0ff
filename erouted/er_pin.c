// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pinning: host routes to the gateways' public addresses, so that no route of
 * ExpressRoute takes the tunnel into ExpressRoute (MS: expressroute-howto-coexist).
 *
 * Where they lead is configured, or is where the default route leads, as long as
 * that is neither ExpressRoute nor a tunnel.  When the default route goes, or
 * goes there, the last good next hops stay: worse than a tunnel over a next hop
 * that may be lost is one that is lost for certain.
 *
 * Of the default route only zebra's choice is known, not what would be chosen
 * without ExpressRoute: one of Microsoft's or a partner's that is chosen hides
 * the internet's, and is told of as a problem.
 */
#include <zebra.h>

#include "if.h"
#include "log.h"
#include "memory.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, PIN_EXIT, "default route that pins follow");

/* Where a default route leads. */
struct hops {
	size_t n;
	struct er_hop hop[ER_HOPS];
};

PREDECL_DLIST(exits);

struct exit_ {
	struct exits_item item;
	vrf_id_t vrf_id;
	enum er_family family;
	bool present;
	struct hops seen; /* as zebra has it now */
	struct hops good; /* the last that led outside */
};

DECLARE_DLIST(exits, struct exit_, item);

static struct exits_head exits = INIT_DLIST(exits);

static struct exit_ *find_exit(vrf_id_t vrf_id, enum er_family family)
{
	struct exit_ *exit;

	frr_each (exits, &exits, exit)
		if (exit->vrf_id == vrf_id && exit->family == family)
			return exit;
	return NULL;
}

/* Follows it from the first time on. */
static struct exit_ *get_exit(vrf_id_t vrf_id, enum er_family family)
{
	struct exit_ *exit = find_exit(vrf_id, family);

	if (exit)
		return exit;
	exit = XCALLOC(MTYPE_PIN_EXIT, sizeof(*exit));
	exit->vrf_id = vrf_id;
	exit->family = family;
	exits_add_tail(&exits, exit);
	er_route_follow_default(vrf_id, family);
	return exit;
}

/*
 * What zebra says of the default route
 */
static void read_hop(const struct zapi_nexthop *api, struct hops *hops)
{
	if (api->type != NEXTHOP_TYPE_BLACKHOLE && hops->n < ER_HOPS)
		er_route_read_hop(api, &hops->hop[hops->n++]);
}

void er_pin_default_seen(vrf_id_t vrf_id, enum er_family family, const struct zapi_route *route)
{
	struct exit_ *exit = find_exit(vrf_id, family);

	if (!exit)
		return;
	exit->present = !!route;
	exit->seen.n = 0;
	for (size_t i = 0; route && i < route->nexthop_num; i++)
		read_hop(&route->nexthops[i], &exit->seen);
	DEBUGD(&er_dbg_vpn, "pins: %s default route in VRF %u %s, %zu next hops",
	       er_family_str(family), vrf_id, route ? "seen" : "gone", exit->seen.n);
	er_resolve_now(NULL);
	er_vpn_evaluate();
}

void er_pin_default_forget(void)
{
	struct exit_ *exit;

	frr_each (exits, &exits, exit) {
		exit->present = false;
		exit->seen.n = 0;
	}
}

/*
 * Is an interface one of ExpressRoute's or a tunnel?
 */
struct search {
	const struct er_hop *hop;
	char what[ER_TEXT_LEN / 2]; /* that it is */
};

static bool is_over(const struct er_hop *hop, const char *ifname, const char *vrf)
{
	const struct interface *ifp = ifname[0] ? er_zebra_interface(ifname, vrf) : NULL;

	return ifp && ifp->ifindex == hop->ifindex && ifp->vrf->vrf_id == hop->vrf_id;
}

static int is_link(const struct er_circuit_config *config, void *arg)
{
	struct search *search = arg;

	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++)
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
			const struct er_peering_config *peering = &config->peering[type];
			const struct er_link_config *link = &peering->link[role];

			if (!link->configured || !is_over(search->hop, link->ifname, peering->vrf))
				continue;
			snprintf(search->what, sizeof(search->what), "the %s link of circuit %s",
				 er_role_str(role), config->name);
			return 1;
		}
	return 0;
}

static int is_tunnel(const struct er_vpn_config *config, void *arg)
{
	struct search *search = arg;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!is_over(search->hop, config->gateway[role].ifname, config->vrf))
			continue;
		snprintf(search->what, sizeof(search->what), "the tunnel to gateway %s of %s",
			 er_instance_str(role), config->name);
		return 1;
	}
	return 0;
}

#define STAYS ": the last next hop stays"

/* false: *why says what it is. */
static bool is_outside(const struct er_hop *hop, char *why, size_t len)
{
	struct search search = { .hop = hop };

	if (!hop->ifindex) {
		snprintfrr(why, len,
			   "the default route is over %pIA, which is not directly connected",
			   &hop->gateway);
		return false;
	}
	if (!er_core_foreach(er_core, is_link, &search) &&
	    !er_vpn_foreach(er_core, is_tunnel, &search))
		return true;
	snprintf(why, len, "the default route is over %s, %s",
		 ifindex2ifname(hop->ifindex, hop->vrf_id), search.what);
	return false;
}

/*
 * Where a backup's pins lead.  problem: why they do not lead where they should.
 */
static const struct hops *follow(vrf_id_t vrf_id, enum er_family family, char *problem, size_t len)
{
	struct exit_ *exit = get_exit(vrf_id, family);
	struct hops outside = {};

	if (!exit->present)
		snprintf(problem, len, "there is no %s default route", er_family_str(family));
	for (size_t i = 0; i < exit->seen.n; i++)
		if (is_outside(&exit->seen.hop[i], problem, len))
			outside.hop[outside.n++] = exit->seen.hop[i];
	if (outside.n) {
		problem[0] = '\0';
		exit->good = outside;
	} else if (exit->good.n) {
		strlcat(problem, STAYS, len);
	}
	return &exit->good;
}

struct interface *er_pin_interface(const struct er_vpn_config *config)
{
	struct interface *ifp = er_zebra_interface(config->pin_ifname, config->vrf);

	return ifp ? ifp : er_zebra_interface(config->pin_ifname, NULL);
}

static void configured(const struct er_vpn_config *config, enum er_family family,
		       const struct vrf *vrf, struct hops *hops, char *problem, size_t len)
{
	const struct ipaddr *next_hop = &config->pin_next_hop[family];
	const struct interface *ifp;

	hops->n = 0;
	if (config->pin == ER_PIN_NEXT_HOP && IS_IPADDR_NONE(next_hop)) {
		snprintf(problem, len, "no %s next hop is configured", er_family_str(family));
		return;
	}
	memset(&hops->hop[0], 0, sizeof(hops->hop[0]));
	hops->hop[0].vrf_id = vrf->vrf_id;
	hops->hop[0].gateway = *next_hop;
	hops->n = 1;
	if (config->pin == ER_PIN_NEXT_HOP)
		return;

	ifp = er_pin_interface(config);
	if (!ifp) {
		snprintf(problem, len, "there is no interface %s", config->pin_ifname);
		hops->n = 0;
		return;
	}
	if (!if_is_operative(ifp))
		snprintf(problem, len, "interface %s is down", config->pin_ifname);
	hops->hop[0].ifindex = ifp->ifindex;
}

struct vrf *er_pin_vrf(const struct er_vpn_config *config)
{
	const struct interface *ifp;
	struct vrf *vrf;

	if (config->pin == ER_PIN_INTERFACE) {
		ifp = er_pin_interface(config);
		return ifp ? ifp->vrf : NULL;
	}
	vrf = vrf_lookup_by_name(config->vrf);
	return vrf && vrf->vrf_id != VRF_UNKNOWN ? vrf : NULL;
}

static void where(const struct er_vpn_config *config, enum er_family family, const struct vrf *vrf,
		  struct hops *hops, char *problem, size_t len)
{
	problem[0] = '\0';
	hops->n = 0;
	if (!vrf)
		snprintf(problem, len, "there is no %s %s",
			 config->pin == ER_PIN_INTERFACE ? "interface" : "VRF",
			 config->pin == ER_PIN_INTERFACE ? config->pin_ifname : config->vrf);
	else if (config->pin == ER_PIN_DEFAULT_ROUTE)
		*hops = *follow(vrf->vrf_id, family, problem, len);
	else
		configured(config, family, vrf, hops, problem, len);
}

/*
 * The pins of one gateway
 */
static void host_of(const struct ipaddr *address, struct prefix *host)
{
	memset(host, 0, sizeof(*host));
	host->family = ipaddr_family(address);
	host->prefixlen = IPADDRSZ(address) * 8;
	memcpy(&host->u, &address->ip, IPADDRSZ(address));
}

static enum er_family family_of(const struct ipaddr *address)
{
	return IS_IPADDR_V4(address) ? ER_IPV4 : ER_IPV6;
}

static void want_pins(const struct er_vpn_config *config, enum er_role instance,
		      const struct vrf *vrf)
{
	struct er_resolve_view gateway;
	char problem[ER_TEXT_LEN];
	struct hops hops;

	if (!er_resolve_view(config->name, instance, &gateway))
		return;
	for (size_t i = 0; i < gateway.n; i++) {
		struct er_route route = { .vrf_id = vrf->vrf_id, .distance = ER_DISTANCE_PIN };

		where(config, family_of(&gateway.address[i]), vrf, &hops, problem, sizeof(problem));
		host_of(&gateway.address[i], &route.prefix);
		memcpy(route.hop, hops.hop, sizeof(route.hop));
		route.n_hops = hops.n;
		if (!hops.n && config->pin == ER_PIN_DEFAULT_ROUTE)
			er_route_keep(&route);
		else
			er_route_want(&route);
	}
}

void er_pin_want(const struct er_vpn_config *config)
{
	const struct vrf *vrf = config->pin == ER_PIN_NONE ? NULL : er_pin_vrf(config);

	for (enum er_role r = ER_PRIMARY; vrf && r < ER_ROLES; r++)
		if (config->gateway[r].configured && !config->gateway[r].shutdown)
			want_pins(config, r, vrf);
}

/* Why it is not installed, when nothing else has been found to say so. */
static void route_problem(enum er_route_state state, const struct er_hop *hop, char *buf,
			  size_t len)
{
	switch (state) {
	case ER_ROUTE_INSTALLED:
		return;
	case ER_ROUTE_ABSENT:
		strlcpy(buf, "zebra does not have it yet", len);
		return;
	case ER_ROUTE_WAITING:
	case ER_ROUTE_REFUSED:
		/* zebra says the same of both */
		if (IS_IPADDR_NONE(&hop->gateway))
			strlcpy(buf, "its interface is down, or the kernel refuses it", len);
		else
			snprintfrr(buf, len,
				   "next hop %pIA is not on a connected subnet, or the kernel refuses it",
				   &hop->gateway);
		return;
	case ER_ROUTE_STANDBY:
		strlcpy(buf, "another route to the same address is in use", len);
		return;
	}
}

static void view_pin(const struct er_vpn_config *config, const struct vrf *vrf,
		     struct er_pin_view *view)
{
	enum er_route_state state = ER_ROUTE_ABSENT;
	struct prefix host;
	struct hops hops;

	where(config, family_of(&view->address), vrf, &hops, view->problem, sizeof(view->problem));
	if (!vrf)
		return;
	host_of(&view->address, &host);
	view->vrf_id = vrf->vrf_id;
	if (hops.n)
		view->hop = hops.hop[0];
	if (hops.n || config->pin == ER_PIN_DEFAULT_ROUTE)
		state = er_route_state(vrf->vrf_id, &host);
	view->installed = state == ER_ROUTE_INSTALLED;
	if (!hops.n && view->installed)
		strlcat(view->problem, STAYS, sizeof(view->problem));
	if (!view->problem[0])
		route_problem(state, &view->hop, view->problem, sizeof(view->problem));
}

size_t er_pin_view(const struct er_vpn_config *config, enum er_role instance,
		   struct er_pin_view view[ER_ADDRESSES])
{
	const struct vrf *vrf = config->pin == ER_PIN_NONE ? NULL : er_pin_vrf(config);
	struct er_resolve_view gateway;

	if (config->pin == ER_PIN_NONE || config->shutdown ||
	    !er_resolve_view(config->name, instance, &gateway))
		return 0;
	for (size_t i = 0; i < gateway.n; i++) {
		memset(&view[i], 0, sizeof(view[i]));
		view[i].address = gateway.address[i];
		view_pin(config, vrf, &view[i]);
	}
	return gateway.n;
}

void er_pin_fini(void)
{
	struct exit_ *exit;

	while ((exit = exits_pop(&exits)))
		XFREE(MTYPE_PIN_EXIT, exit);
}
