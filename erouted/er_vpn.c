// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One look at all VPN backups: their gateways' facts for er_core, its plans for
 * routes, pins, names and probes.
 *
 * After a start nothing that zebra has kept of ours is given up before all is
 * known that could speak for it: the configuration, interfaces, what bgpd's
 * module reports (or the time in which it should have) and a verdict of each
 * probe.
 */
#include <zebra.h>

#include "if.h"
#include "log.h"
#include "memory.h"
#include "vrf.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, VPN_NAMES, "names of VPN backups");

static struct event *t_grace;
static bool settled;

int er_gateway_key_cmp(const struct er_gateway_key *a, const struct er_gateway_key *b)
{
	int cmp = strcmp(a->vpn, b->vpn);

	return cmp ? cmp : numcmp(a->instance, b->instance);
}

const char *er_instance_str(enum er_role instance)
{
	return instance == ER_PRIMARY ? "0" : "1";
}

void er_vpn_evaluate(void)
{
	er_zebra_evaluate();
}

/*
 * Facts
 */
static bool same_facts(const struct er_gateway_facts *a, const struct er_gateway_facts *b)
{
	return a->interface == b->interface && a->neighbor_reachable == b->neighbor_reachable &&
	       a->bfd_down == b->bfd_down;
}

static bool worse(const struct er_gateway_facts *now, const struct er_gateway_facts *before)
{
	return (now->interface != ER_IF_UP && now->interface != before->interface) ||
	       now->neighbor_reachable < before->neighbor_reachable;
}

static void look_family(const struct er_vpn_config *config, enum er_role instance,
			enum er_family family, const struct interface *ifp)
{
	const struct er_gateway_config *gateway = &config->gateway[instance];
	const struct ipaddr *neighbor = &gateway->neighbor[family];
	struct er_event ev = { .type = ER_EV_GATEWAY };
	struct er_vpn_view view;

	er_vpn_view(er_core, config->name, family, er_now(), &view);
	ev.gateway = view.gateway[instance].facts;
	ev.gateway.interface = ER_IF_UNCONFIGURED;
	if (gateway->ifname[0])
		ev.gateway.interface = er_zebra_interface_state(ifp, config->vrf);
	ev.gateway.neighbor_reachable = false;
	if (!IS_IPADDR_NONE(neighbor) && ifp && !gateway->shutdown && !config->shutdown)
		ev.gateway.neighbor_reachable = er_zebra_reaches(neighbor, ifp->vrf->vrf_id,
								 ifp->ifindex);

	ev.gateway.bfd_down = er_bfd_is_down(config->name, instance, family);

	if (same_facts(&ev.gateway, &view.gateway[instance].facts))
		return;
	if (er_zebra_resyncing() && worse(&ev.gateway, &view.gateway[instance].facts))
		return;

	/* the answer of before may have been one for another network */
	if (ev.gateway.interface != view.gateway[instance].facts.interface)
		er_resolve_now(config->name);
	strlcpy(ev.session.circuit, config->name, sizeof(ev.session.circuit));
	ev.session.peering = ER_VPN;
	ev.session.role = instance;
	ev.session.family = family;
	er_event_handle(&ev);
}

static void look_gateway(const struct er_vpn_config *config, enum er_role instance)
{
	const struct er_gateway_config *gateway = &config->gateway[instance];
	const struct interface *ifp = NULL;

	if (gateway->ifname[0])
		ifp = er_zebra_interface(gateway->ifname, config->vrf);
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		look_family(config, instance, family, ifp);
	if (config->shutdown || gateway->shutdown)
		return;
	er_resolve_want(config, instance);
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		er_bfd_want(config, instance, family, ifp);
		if (!IS_IPADDR_NONE(&gateway->probe[family]))
			er_icmp_want(config, instance, family, ifp);
	}
}

/*
 * What zebra has made of static prefixes
 */
static enum er_static_route static_route(enum er_route_state state)
{
	switch (state) {
	case ER_ROUTE_ABSENT:
	case ER_ROUTE_WAITING:
		return ER_STATIC_ROUTE_ABSENT;
	case ER_ROUTE_STANDBY:
		return ER_STATIC_ROUTE_STANDBY;
	case ER_ROUTE_INSTALLED:
		return ER_STATIC_ROUTE_IN_USE;
	case ER_ROUTE_REFUSED:
		return ER_STATIC_ROUTE_REFUSED;
	}
	return ER_STATIC_ROUTE_ABSENT;
}

static int look_statics(const struct er_vpn_config *config, void *arg)
{
	const struct vrf *vrf = vrf_lookup_by_name(config->vrf);
	struct er_event ev = { .type = ER_EV_STATIC_ROUTE };

	for (size_t i = 0; i < config->n_prefixes; i++) {
		ev.static_route.state = ER_STATIC_ROUTE_ABSENT;
		if (vrf)
			ev.static_route.state =
				static_route(er_route_state(vrf->vrf_id, &config->prefix[i]));
		if (ev.static_route.state == er_vpn_static_route(er_core, config->name, i))
			continue;
		strlcpy(ev.peering.circuit, config->name, sizeof(ev.peering.circuit));
		ev.peering.peering = ER_VPN;
		prefix_copy(&ev.static_route.prefix, &config->prefix[i]);
		er_event_handle(&ev);
	}
	return 0;
}

/*
 * Is all known?
 */
static int probe_unknown(const struct er_vpn_config *config, void *arg)
{
	struct er_vpn_view view;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		er_vpn_view(er_core, config->name, family, er_now(), &view);
		for (enum er_role i = ER_PRIMARY; i < ER_ROLES; i++)
			if (view.gateway[i].health != ER_GATEWAY_INACTIVE &&
			    view.gateway[i].probe.state == ER_PROBE_WAITING)
				return 1;
	}
	return 0;
}

static void grace_over(struct event *event)
{
	er_vpn_evaluate();
}

static bool all_known(void)
{
	int64_t grace_ms = er_started_ms + ER_START_GRACE_MS - er_now().mono_ms;

	/* nobody calls when er_core has waited long enough */
	if (grace_ms >= 0)
		event_add_timer_msec(er_loop, grace_over, NULL, grace_ms + 1, &t_grace);
	return er_nb_config_known() && !er_zebra_resyncing() && er_vpn_routes_are_known(er_core) &&
	       !er_vpn_foreach(er_core, probe_unknown, NULL);
}

/*
 * The look.  Events of gateways change plans, not the set of backups, so they
 * may be sent from the walk's copy of the names.
 */
struct names {
	char (*name)[ER_NAME_LEN];
	size_t n, size;
};

static int collect(const struct er_vpn_config *config, void *arg)
{
	struct names *names = arg;

	if (names->n == names->size) {
		names->size = names->size ? 2 * names->size : 4;
		names->name = XREALLOC(MTYPE_VPN_NAMES, names->name, names->size * ER_NAME_LEN);
	}
	strlcpy(names->name[names->n++], config->name, ER_NAME_LEN);
	return 0;
}

static int want_routes(const struct er_vpn_config *config, void *arg)
{
	er_vpn_route_want(config);
	if (!config->shutdown)
		er_pin_want(config);
	return 0;
}

void er_vpn_look(void)
{
	const struct er_vpn_config *config;
	struct names names = {};

	er_vpn_foreach(er_core, collect, &names);
	for (size_t i = 0; i < names.n; i++) {
		config = er_vpn_config(er_core, names.name[i]);
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
			if (config->gateway[r].configured)
				look_gateway(config, r);
	}
	XFREE(MTYPE_VPN_NAMES, names.name);
	er_resolve_sweep();
	er_icmp_sweep();
	er_bfd_sweep();

	if (!settled && all_known()) {
		settled = true;
		er_route_settled();
	}
	er_route_begin();
	er_vpn_foreach(er_core, want_routes, NULL);
	er_route_end(er_zebra_resyncing());
	er_vpn_foreach(er_core, look_statics, NULL);
}

bool er_vpn_ask_for(const struct er_vpn_request *request, char *buf, size_t len)
{
	struct er_event ev = { .type = ER_EV_VPN_REQUEST, .request = request };
	char why[ER_TEXT_LEN];
	const char *refused = er_vpn_refuse(er_core, request, why, sizeof(why));

	if (refused) {
		strlcpy(buf, refused, len);
		return false;
	}
	er_event_handle(&ev);
	/* who was told yes is not forgotten in a crash */
	er_persist_now();
	return true;
}

void er_vpn_init(void)
{
	er_route_init();
}

void er_vpn_fini(void)
{
	event_cancel(&t_grace);
	er_icmp_fini();
	er_bfd_fini();
	er_resolve_fini();
	er_dns_fini();
	er_pin_fini();
	er_route_fini();
}
