// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inbound policy, as the two rules of a session's inbound route-map: the match
 * rule asks the operator's own route-map, the set rule computes
 * local-preference, last, so that a drained link loses whatever the operator
 * set.
 */
#include <zebra.h>
#include "compat.h"

#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_community.h"
#include "bgpd/bgp_mplsvpn.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_aspath.h"
#include "bgpd/er_bgp.h"
#include "core/core.h"

/* The operator's map says yes; one that is missing says no, as in bgpd. */
static enum route_map_cmd_result_t match_operator(void *rule, const struct prefix *prefix,
						  void *object)
{
	return er_map_operator_permits(rule, RMAP_IN, prefix, object) ? RMAP_MATCH : RMAP_NOMATCH;
}

static bool is_drained(const struct er_bgp_session *session, struct bgp_dest *dest,
		       const struct attr *attr)
{
	const struct er_bgp_session *twin = session->peering->session[!session->spec.key.role];
	struct er_aspath_split ours, theirs = {};
	struct bgp_path_info *pi;

	er_aspath_split(attr->aspath, &ours);
	/* not even beside the shortest path there can be: no need to look for it */
	if (!er_path_is_drained(ours.lead, 1))
		return false;
	pi = twin && dest ? er_rib_path(twin, dest) : NULL;
	if (pi)
		er_aspath_split(pi->attr->aspath, &theirs);
	return er_path_is_drained(ours.lead, theirs.lead);
}

static uint32_t preference(const struct er_bgp_session *session, bool drained)
{
	return drained ? session->spec.local_pref_drained : session->spec.local_pref;
}

static enum route_map_cmd_result_t set_preference(void *rule, const struct prefix *prefix,
						  void *object)
{
	struct er_bgp_session *session = rule;
	struct bgp_path_info *path = object;

	/* er_rib_note() is next to look at it */
	er_table_prefetch(&session->peering->table, path->net);

	SET_FLAG(path->attr->flag, ATTR_FLAG_BIT(BGP_ATTR_LOCAL_PREF));
	path->attr->local_pref = preference(session, is_drained(session, path->net, path->attr));
	/* `neighbor X weight` would count before it */
	path->attr->weight = 0;
	return RMAP_OKAY;
}

static const struct route_map_rule_cmd rule_operator = {
	.str = "expressroute operator",
	.func_apply = match_operator,
	.func_compile = er_map_compile,
	.func_free = er_map_free_rule,
};

static const struct route_map_rule_cmd rule_preference = {
	.str = "expressroute preference",
	.func_apply = set_preference,
	.func_compile = er_map_compile,
	.func_free = er_map_free_rule,
};

void er_policy_attach(struct er_bgp_session *session)
{
	er_map_attach(session, RMAP_IN, &rule_operator, &rule_preference);
	er_outbound_attach(session);
	session->policy_attached = true;
}

void er_policy_detach(struct er_bgp_session *session)
{
	er_map_detach(session, RMAP_IN);
	er_map_detach(session, RMAP_OUT);
	session->policy_attached = false;
}

void er_policy_session_free(struct er_bgp_session *session)
{
	er_map_free(session, RMAP_IN);
	er_map_free(session, RMAP_OUT);
}

/* bgpd itself takes all preference from paths that are being shut down. */
static bool is_shutting_down(const struct attr *attr)
{
	return bgp_attr_get_community(attr) &&
	       community_include(bgp_attr_get_community(attr), COMMUNITY_GSHUT);
}

/*
 * The route-map saw the path when it came; whether it is drained can change
 * later, by what the twin sends.  So do to the stored path what bgp_update()
 * would do with it: new attributes, "changed", and into the queue for the best
 * path.  Adj-RIB-In keeps what the neighbor sent, and nobody needs it here.
 */
void er_policy_apply_preference(struct er_bgp_session *session, struct bgp_dest *dest,
				struct bgp_path_info *pi, bool drained)
{
	uint32_t want = preference(session, drained);
	struct attr attr, *interned;
	struct bgp *bgp = session->peer->bgp;

	if (!session->policy_attached || is_shutting_down(pi->attr) ||
	    (pi->attr->local_pref == want && !pi->attr->weight))
		return;

	bgp_attr_dup_into(&attr, pi->attr);
	SET_FLAG(attr.flag, ATTR_FLAG_BIT(BGP_ATTR_LOCAL_PREF));
	attr.local_pref = want;
	attr.weight = 0;
	interned = bgp_attr_intern(&attr);
	bgp_attr_unintern(&pi->attr);
	pi->attr = interned;

	bgp_path_info_set_flag(dest, pi, BGP_PATH_ATTR_CHANGED);
	bgp_process(bgp, dest, pi, er_session_afi(session), SAFI_UNICAST);
	vpn_leak_from_vrf_update(bgp_get_default(), bgp, pi);
}

void er_policy_init(void)
{
	route_map_install_match(&rule_operator);
	route_map_install_set(&rule_preference);
}
