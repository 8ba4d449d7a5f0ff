// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a VPN backup is in plain FRR's configuration, as it is planned just now.
 * When it becomes active and when it returns, what follows the circuits or a
 * name, and probes are beyond plain FRR.
 */
#include <zebra.h>

#include "command.h"
#include "if.h"
#include "vrf.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/er_vpn.h"

static const char *word(int af)
{
	return af == AF_INET ? "ip" : "ipv6";
}

static void show_neighbor(struct vty *vty, const struct er_session_spec *spec)
{
	const struct ipaddr *neighbor = &spec->neighbor;

	vty_out(vty, " neighbor %pIA remote-as %u\n", neighbor, spec->neighbor_as);
	vty_out(vty, " neighbor %pIA description gateway %s of %s (expressroute)\n", neighbor,
		er_instance_str(spec->key.role), spec->key.circuit);
	if (spec->multihop)
		vty_out(vty, " neighbor %pIA ebgp-multihop %u\n", neighbor, spec->multihop);
	if (!ipaddr_is_zero(&spec->local))
		vty_out(vty, " neighbor %pIA update-source %pIA\n", neighbor, &spec->local);
	er_show_bgp_session(vty, spec);
}

static void show_family(struct vty *vty, const struct er_session_spec *spec)
{
	const struct ipaddr *neighbor = &spec->neighbor;

	vty_out(vty, " address-family %s unicast\n", er_family_str(spec->key.family));
	if (spec->mode == ER_MANAGED)
		vty_out(vty, "  neighbor %pIA activate\n", neighbor);
	vty_out(vty, "  neighbor %pIA route-map %s-VPN-IN in\n", neighbor, spec->key.circuit);
	vty_out(vty, "  neighbor %pIA route-map %s-VPN-OUT out\n", neighbor, spec->key.circuit);
	vty_out(vty, " exit-address-family\n");
}

static void show_call(struct vty *vty, const char *name, const char *direction, const char *map)
{
	if (!map[0])
		return;
	vty_out(vty, "route-map %s-VPN-%s permit 10\n call %s\n on-match next\nexit\n", name,
		direction, map);
}

static void show_maps(struct vty *vty, const struct er_session_spec *spec)
{
	const char *name = spec->key.circuit;

	show_call(vty, name, "IN", spec->map_in);
	vty_out(vty, "route-map %s-VPN-IN permit 20\n set local-preference %u\nexit\n", name,
		spec->local_pref);
	vty_out(vty, "! %s-VPN-OUT lets out what the private peerings of its circuits advertise\n",
		name);
	show_call(vty, name, "OUT", spec->map_out);
}

static void show_sessions(struct vty *vty, const struct er_vpn_config *config)
{
	struct er_session_spec spec, last;
	bool any = false;

	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
			if (!er_vpn_plan_session(er_core, config->name, r, family, &spec))
				continue;
			if (!any && strcmp(config->vrf, VRF_DEFAULT_NAME))
				vty_out(vty, "! in 'router bgp ... vrf %s':\n", config->vrf);
			else if (!any)
				vty_out(vty, "! in 'router bgp ...':\n");
			any = true;
			last = spec;
			if (spec.mode == ER_MANAGED)
				show_neighbor(vty, &spec);
			show_family(vty, &spec);
		}
	if (any)
		show_maps(vty, &last);
}

static void show_vrf(struct vty *vty, const char *vrf)
{
	if (strcmp(vrf, VRF_DEFAULT_NAME))
		vty_out(vty, " vrf %s", vrf);
}

static void show_static(struct vty *vty, const struct er_vpn_config *config)
{
	struct er_vpn_route plan;

	for (size_t i = 0; er_vpn_plan_route(er_core, config->name, i, &plan); i++)
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
			if (!plan.gateway[r])
				continue;
			vty_out(vty, "%s route %pFX %s %u", word(plan.prefix.family), &plan.prefix,
				config->gateway[r].ifname, plan.distance);
			show_vrf(vty, config->vrf);
			vty_out(vty, "\n");
		}
}

static void show_pins(struct vty *vty, const struct er_vpn_config *config, enum er_role instance)
{
	struct er_pin_view pin[ER_ADDRESSES];
	size_t n = er_pin_view(config, instance, pin);
	const struct vrf *vrf = er_pin_vrf(config);

	for (size_t i = 0; vrf && i < n; i++) {
		if (!pin[i].hop.ifindex && IS_IPADDR_NONE(&pin[i].hop.gateway))
			continue;
		vty_out(vty, "%s route %pIA/%u", word(ipaddr_family(&pin[i].address)),
			&pin[i].address, (unsigned int)IPADDRSZ(&pin[i].address) * 8);
		if (!IS_IPADDR_NONE(&pin[i].hop.gateway))
			vty_out(vty, " %pIA", &pin[i].hop.gateway);
		if (pin[i].hop.ifindex)
			vty_out(vty, " %s", ifindex2ifname(pin[i].hop.ifindex, pin[i].vrf_id));
		vty_out(vty, " %u", ER_DISTANCE_PIN);
		show_vrf(vty, vrf->name);
		vty_out(vty, "\n");
	}
}

void er_show_vpn_config(struct vty *vty, const struct er_vpn_config *config)
{
	show_sessions(vty, config);
	show_static(vty, config);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		if (config->gateway[r].configured)
			show_pins(vty, config, r);
}
