// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Circuit configuration -> session specs.
 */
#include <zebra.h>

#include "core/internal.h"
#include "core/limits.h"
#include "core/plan.h"

/* MS: expressroute-routing: the customer takes the first usable address. */
enum { CUSTOMER_HOST = 1, MICROSOFT_HOST = 2 };

static struct ipaddr address_in(const struct prefix *subnet, uint8_t host)
{
	struct prefix p = *subnet;
	struct ipaddr addr = {};

	apply_mask(&p);
	if (p.family == AF_INET) {
		addr.ipa_type = IPADDR_V4;
		addr.ipaddr_v4.s_addr = htonl(ntohl(p.u.prefix4.s_addr) | host);
	} else {
		addr.ipa_type = IPADDR_V6;
		addr.ipaddr_v6 = p.u.prefix6;
		addr.ipaddr_v6.s6_addr[15] |= host;
	}
	return addr;
}

bool er_plan_has_subnet(const struct er_circuit_config *config, enum er_peering_type peering,
			enum er_role role, enum er_family family)
{
	const struct er_peering_config *p = &config->peering[peering];
	const struct er_link_config *l = &p->link[role];
	int af = family == ER_IPV4 ? AF_INET : AF_INET6;

	return p->configured && l->configured && l->subnet[family].family == af;
}

bool er_plan_has_partner(const struct er_circuit_config *config, enum er_peering_type peering,
			 enum er_role role, enum er_family family)
{
	const struct er_peering_config *p = &config->peering[peering];

	return p->configured && p->link[role].configured && p->link[role].partner.ipa_type &&
	       er_plan_has_subnet(config, peering, !role, family);
}

bool er_plan_is_shut(const struct er_circuit_config *config, enum er_peering_type peering,
		     enum er_role role)
{
	const struct er_peering_config *p = &config->peering[peering];

	return config->shutdown || p->shutdown || p->link[role].shutdown;
}

bool er_plan_runs_here(const struct er_circuit_config *config, enum er_peering_type peering,
		       enum er_role role, enum er_family family)
{
	return er_plan_has_subnet(config, peering, role, family) &&
	       !er_plan_is_shut(config, peering, role);
}

bool er_plan_runs(const struct er_circuit_config *config, enum er_peering_type peering,
		  enum er_role role, enum er_family family)
{
	return er_plan_runs_here(config, peering, role, family) ||
	       (er_plan_has_partner(config, peering, role, family) &&
		!er_plan_is_shut(config, peering, role));
}

bool er_plan_tracks(const struct er_circuit_config *config, enum er_peering_type peering,
		    enum er_family family)
{
	return er_plan_has_subnet(config, peering, ER_PRIMARY, family) ||
	       er_plan_has_subnet(config, peering, ER_SECONDARY, family);
}

bool er_plan_is_passive(const struct er_circuit_config *config, enum er_role role)
{
	return config->mode == ER_ACTIVE_PASSIVE && role != config->active;
}

static unsigned int prepend_of(const struct er_circuit_config *config,
			       enum er_peering_type peering, enum er_role role)
{
	const struct er_peering_config *p = &config->peering[peering];

	return p->prepend + (er_plan_is_passive(config, role) ? p->passive_prepend : 0);
}

/* What a session does to routes; an attached one leaves route-maps to its neighbor. */
static void describe_policy(const struct er_circuit_config *config, struct er_session_spec *spec)
{
	const struct er_peering_config *p = &config->peering[spec->key.peering];
	bool passive = er_plan_is_passive(config, spec->key.role);

	spec->local_pref = er_local_pref(config, spec->key.role);
	spec->local_pref_drained = ER_LOCAL_PREF_DRAINED;
	spec->passive_cost = passive ? ER_LOCAL_PREF_PASSIVE : 0;
	if (p->session == ER_MANAGED) {
		strlcpy(spec->map_in, p->map_in, sizeof(spec->map_in));
		strlcpy(spec->map_out, p->map_out, sizeof(spec->map_out));
	}
	spec->prepend = prepend_of(config, spec->key.peering, spec->key.role);
}

/* The partner has policy of its own; ours says what we would expect of it. */
static void describe_partner(const struct er_circuit_config *config, struct er_session_spec *spec)
{
	const struct er_peering_config *p = &config->peering[spec->key.peering];

	spec->mode = ER_PARTNER;
	spec->neighbor = p->link[spec->key.role].partner;
	spec->local.ipa_type = spec->neighbor.ipa_type; /* bgpd's choice */
	spec->local_pref = er_local_pref(config, spec->key.role);
	spec->local_pref_drained = ER_LOCAL_PREF_DRAINED;
	spec->prepend = prepend_of(config, spec->key.peering, spec->key.role);
}

bool er_plan_describe(const struct er_circuit_config *config, enum er_peering_type peering,
		      enum er_role role, enum er_family family, struct er_session_spec *spec)
{
	const struct er_peering_config *p = &config->peering[peering];
	const struct er_link_config *l = &p->link[role];
	bool here = er_plan_has_subnet(config, peering, role, family);

	if (!here && !er_plan_has_partner(config, peering, role, family))
		return false;

	memset(spec, 0, sizeof(*spec));
	strlcpy(spec->key.circuit, config->name, sizeof(spec->key.circuit));
	spec->key.peering = peering;
	spec->key.role = role;
	spec->key.family = family;
	spec->mode = p->session;
	strlcpy(spec->vrf, p->vrf, sizeof(spec->vrf));
	strlcpy(spec->site_of_origin, config->site_of_origin, sizeof(spec->site_of_origin));
	if (!here) {
		describe_partner(config, spec);
		return true;
	}
	strlcpy(spec->ifname, l->ifname, sizeof(spec->ifname));
	spec->local = address_in(&l->subnet[family], CUSTOMER_HOST);
	spec->neighbor = address_in(&l->subnet[family], MICROSOFT_HOST);
	spec->router_as = p->router_as;
	spec->neighbor_as = ER_MICROSOFT_AS;
	strlcpy(spec->password, p->password, sizeof(spec->password));
	spec->keepalive = p->keepalive;
	spec->hold = p->hold;
	spec->bfd = p->bfd;
	describe_policy(config, spec);
	return true;
}

bool er_plan_session(const struct er_circuit_config *config, enum er_peering_type peering,
		     enum er_role role, enum er_family family, struct er_session_spec *spec)
{
	return er_plan_runs(config, peering, role, family) &&
	       er_plan_describe(config, peering, role, family, spec);
}

uint32_t er_plan_limit(const struct er_circuit_config *config, enum er_peering_type peering,
		       enum er_family family)
{
	uint32_t microsofts = er_limit(config->sku, peering, family, ER_ADVERTISED);
	uint32_t own = config->peering[peering].advertise_limit[family];

	if (own && microsofts)
		return MIN(own, microsofts);
	return own ? own : microsofts;
}

/*
 * What a circuit advertises, the gateways that back it advertise as well: also
 * when the operator has shut it down, for then they are all that is left.
 */
static bool is_told_over_vpn(const struct er_core *core, const struct er_circuit_config *config,
			     enum er_peering_type peering, enum er_family family)
{
	return core && peering == ER_PRIVATE && er_plan_tracks(config, peering, family) &&
	       er_vpn_is_backed(core, config->name);
}

bool er_plan_peering(const struct er_core *core, const struct er_circuit_config *config,
		     enum er_peering_type peering, enum er_family family,
		     struct er_peering_spec *spec)
{
	const struct er_peering_config *p = &config->peering[peering];

	if (!er_plan_runs_here(config, peering, ER_PRIMARY, family) &&
	    !er_plan_runs_here(config, peering, ER_SECONDARY, family) &&
	    !is_told_over_vpn(core, config, peering, family))
		return false;

	memset(spec, 0, sizeof(*spec));
	strlcpy(spec->key.circuit, config->name, sizeof(spec->key.circuit));
	spec->key.peering = peering;
	spec->key.family = family;
	strlcpy(spec->route_filter, p->route_filter, sizeof(spec->route_filter));
	strlcpy(spec->advertise_list, p->advertise_list[family], sizeof(spec->advertise_list));
	spec->limit = er_plan_limit(config, peering, family);
	if (core)
		strlcpy(spec->stands_by_for, er_stands_by_for(core, config, peering, family),
			sizeof(spec->stands_by_for));
	if (core && peering == ER_PRIVATE)
		strlcpy(spec->yields_to, er_vpn_yields_to(core, config->name, family),
			sizeof(spec->yields_to));
	return true;
}

bool er_plan_same_session(const struct er_session_spec *a, const struct er_session_spec *b)
{
	return a->mode == b->mode && strmatch(a->vrf, b->vrf) &&
	       ipaddr_cmp(&a->neighbor, &b->neighbor) == 0;
}
