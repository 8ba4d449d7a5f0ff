// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Outbound policy: what a session advertises.
 */
#include <zebra.h>
#include "compat.h"

#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_route.h"

#include "bgpd/er_bgp.h"

static int prefix_find(const void *key, const void *item)
{
	return prefix_cmp((const struct prefix *)key, (const struct prefix *)item);
}

static bool is_in_set(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	return peering->n_advertise && bsearch(prefix, peering->advertise, peering->n_advertise,
					       sizeof(*prefix), prefix_find);
}

/* The set, or all when an operator's neighbor has none: its own map decides. */
static bool is_to_be_advertised(const struct er_bgp_session *session, const struct prefix *prefix)
{
	const struct er_bgp_peering *peering = session->peering;

	if (session->spec.mode == ER_ATTACHED && !peering->n_advertise)
		return true;
	return is_in_set(peering, prefix);
}

static enum route_map_cmd_result_t match_outbound(void *rule, const struct prefix *prefix,
						  void *object)
{
	struct er_bgp_session *session = rule;

	if (!is_to_be_advertised(session, prefix))
		return RMAP_NOMATCH;
	return er_map_operator_permits(session, RMAP_OUT, prefix, object) ? RMAP_MATCH
									  : RMAP_NOMATCH;
}

static enum route_map_cmd_result_t set_prepend(void *rule, const struct prefix *prefix,
					       void *object)
{
	return RMAP_OKAY;
}

static const struct route_map_rule_cmd rule_outbound = {
	.str = "expressroute outbound",
	.func_apply = match_outbound,
	.func_compile = er_map_compile,
	.func_free = er_map_free_rule,
};

static const struct route_map_rule_cmd rule_prepend = {
	.str = "expressroute prepend",
	.func_apply = set_prepend,
	.func_compile = er_map_compile,
	.func_free = er_map_free_rule,
};

void er_outbound_attach(struct er_bgp_session *session)
{
	er_map_attach(session, RMAP_OUT, &rule_outbound, &rule_prepend);
}

void er_outbound_changed(struct er_bgp_peering *peering)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct er_bgp_session *session = peering->session[role];

		if (session && session->peer && session->policy_attached)
			peer_clear_soft(session->peer, er_peering_afi(peering), SAFI_UNICAST,
					BGP_CLEAR_SOFT_OUT);
	}
}

void er_outbound_init(void)
{
	route_map_install_match(&rule_outbound);
	route_map_install_set(&rule_prepend);
}
