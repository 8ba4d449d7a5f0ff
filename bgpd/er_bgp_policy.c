// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policy: route-maps that exist in memory only, one inbound per session, one
 * outbound per peering, each with one entry that holds rules of ours.
 *
 * Inbound, the match rule asks the operator's own route-map (attached
 * sessions), the set rule computes local-preference, last, so that a drained
 * link loses whatever the operator set.  Outbound, the match rule permits
 * exactly the advertise set.  A missing route-map denies everything in bgpd:
 * what goes wrong here leaks nothing.
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
#include "bgpd/bgp_updgrp.h"

#include "bgpd/er_aspath.h"
#include "bgpd/er_bgp.h"
#include "core/core.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_MAP_NAME, "ExpressRoute name of an operator's route-map");

#define SEQUENCE 10

/*
 * The rules.  Their compiled value is the session or the peering itself, which
 * outlives its route-map.
 */
static void *compile_session(const char *name)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (!strcmp(session->map_in, name))
			return session;
	return NULL;
}

static void *compile_peering(const char *name)
{
	struct er_bgp_peering *peering;

	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (!strcmp(peering->map_out, name))
			return peering;
	return NULL;
}

static void free_nothing(void *rule)
{
}

/* The operator's map says yes; one that is missing says no, as in bgpd. */
static enum route_map_cmd_result_t match_operator(void *rule, const struct prefix *prefix,
						  void *object)
{
	struct er_bgp_session *session = rule;
	struct route_map *map;

	if (!session->operator_map)
		return RMAP_MATCH;
	map = route_map_lookup_by_name(session->operator_map);
	if (!map)
		return RMAP_NOMATCH;
	return route_map_apply(map, prefix, object) == RMAP_PERMITMATCH ? RMAP_MATCH : RMAP_NOMATCH;
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

static int prefix_find(const void *key, const void *item)
{
	return prefix_cmp((const struct prefix *)key, (const struct prefix *)item);
}

static enum route_map_cmd_result_t match_advertise(void *rule, const struct prefix *prefix,
						   void *object)
{
	struct er_bgp_peering *peering = rule;

	if (!peering->n_advertise)
		return RMAP_NOMATCH;
	return bsearch(prefix, peering->advertise, peering->n_advertise, sizeof(*prefix),
		       prefix_find)
		       ? RMAP_MATCH
		       : RMAP_NOMATCH;
}

static const struct route_map_rule_cmd rule_operator = {
	.str = "expressroute operator",
	.func_apply = match_operator,
	.func_compile = compile_session,
	.func_free = free_nothing,
};

static const struct route_map_rule_cmd rule_preference = {
	.str = "expressroute preference",
	.func_apply = set_preference,
	.func_compile = compile_session,
	.func_free = free_nothing,
};

static const struct route_map_rule_cmd rule_advertise = {
	.str = "expressroute advertise",
	.func_apply = match_advertise,
	.func_compile = compile_peering,
	.func_free = free_nothing,
};

/*
 * Building route-maps.  bgpd answers each step with a refresh of everybody who
 * uses the map, five seconds later; who uses it here is told so by
 * peer_route_map_set(), so keep it quiet.
 */
static struct route_map_list hooks;

static void quiet_begin(void)
{
	hooks = route_map_master;
	route_map_master.add_hook = NULL;
	route_map_master.delete_hook = NULL;
	route_map_master.event_hook = NULL;
}

static void quiet_end(void)
{
	route_map_master.add_hook = hooks.add_hook;
	route_map_master.delete_hook = hooks.delete_hook;
	route_map_master.event_hook = hooks.event_hook;
}

static bool rules_are(const struct route_map_rule_list *list, const struct route_map_rule_cmd *cmd,
		      const void *value)
{
	const struct route_map_rule *rule = list->head;

	if (!cmd)
		return !rule;
	return rule && !rule->next && rule->cmd == cmd && rule->value == value;
}

static struct route_map_index *find_entry(const struct route_map *map)
{
	struct route_map_index *index;

	for (index = map->head; index; index = index->next)
		if (index->pref == SEQUENCE)
			return index;
	return NULL;
}

/* Is the map as we built it?  An operator can edit it by its name. */
static bool map_is_whole(const struct route_map *map, const struct route_map_rule_cmd *match,
			 const struct route_map_rule_cmd *set, const void *value)
{
	const struct route_map_index *index = map->head;

	return index && index == map->tail && index->type == RMAP_PERMIT && !index->nextrm &&
	       index->exitpolicy == RMAP_EXIT && rules_are(&index->match_list, match, value) &&
	       rules_are(&index->set_list, set, value);
}

/*
 * Add what is missing; never delete: what an operator has made of the map
 * belongs to bgpd's northbound, which keeps pointers to it.
 */
static struct route_map *map_get(struct er_bgp_session *session, const char *name,
				 const struct route_map_rule_cmd *match,
				 const struct route_map_rule_cmd *set, const void *value)
{
	/* whoever has used it since it was damaged must be told: not quietly */
	bool quiet = !session->policy_attached;
	struct route_map_index *index;
	struct route_map *map;

	if (quiet)
		quiet_begin();
	map = route_map_get(name);
	if (!find_entry(map)) {
		index = route_map_index_get(map, RMAP_PERMIT, SEQUENCE);
		route_map_add_match(index, match->str, name, RMAP_EVENT_MATCH_ADDED);
		if (set)
			route_map_add_set(index, set->str, name);
	}
	if (quiet)
		quiet_end();

	if (!map_is_whole(map, match, set, value))
		snprintf(session->problem, sizeof(session->problem),
			 "route-map %s is the module's own and has been edited: `no route-map %s`, and it is made anew",
			 name, name);
	return map;
}

static void map_delete(const char *name)
{
	struct route_map *map;

	if (er_bgp.finished)
		return; /* libfrr has freed it */
	map = route_map_lookup_by_name(name);
	if (map)
		route_map_delete(map);
}

/* A change of the operator's map is one of ours, bgpd must know. */
static void set_operator_map(struct er_bgp_session *session, const char *name)
{
	quiet_begin();
	if (session->operator_map)
		route_map_upd8_dependency(RMAP_EVENT_CALL_DELETED, session->operator_map,
					  session->map_in);
	XFREE(MTYPE_ER_MAP_NAME, session->operator_map);
	if (name) {
		session->operator_map = XSTRDUP(MTYPE_ER_MAP_NAME, name);
		route_map_upd8_dependency(RMAP_EVENT_CALL_ADDED, name, session->map_in);
	}
	quiet_end();
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/*
 * Take note of the operator's own inbound map: what stands there now when it
 * is not ours, or what a peer-group has come to say in the meantime.
 */
static void find_operator_map(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);
	const char *name = peer->filter[afi][SAFI_UNICAST].map[RMAP_IN].name;
	bool ours = same_name(name, session->map_in);

	if (!ours) {
		session->operator_override =
			CHECK_FLAG(peer->filter_override[afi][SAFI_UNICAST][RMAP_IN],
				   PEER_FT_ROUTE_MAP);
	} else if (peer_group_active(peer) && !session->operator_override) {
		name = peer->group->conf->filter[afi][SAFI_UNICAST].map[RMAP_IN].name;
	} else {
		return;
	}
	if (same_name(name, session->operator_map))
		return;
	set_operator_map(session, name);
	if (ours) /* bgpd sees no change: it is ours that calls another one */
		peer_clear_soft(peer, afi, SAFI_UNICAST, BGP_CLEAR_SOFT_IN);
}

static void put_in_force(struct peer *peer, afi_t afi, int direction, const char *name,
			 struct route_map *map)
{
	struct bgp_filter *filter = &peer->filter[afi][SAFI_UNICAST];

	if (!same_name(filter->map[direction].name, name)) {
		peer_route_map_set(peer, afi, SAFI_UNICAST, direction, name, map);
		return;
	}
	if (filter->map[direction].map == map)
		return;
	/* made anew: bgpd would find out in five seconds, the old one is freed */
	filter->map[direction].map = map;
	update_group_policy_update(peer->bgp, BGP_POLICY_ROUTE_MAP, name, false, 0);
}

void er_policy_attach(struct er_bgp_session *session)
{
	struct er_bgp_peering *peering = session->peering;
	afi_t afi = er_session_afi(session);
	struct route_map *map;

	if (session->spec.mode == ER_ATTACHED)
		find_operator_map(session);
	map = map_get(session, session->map_in, &rule_operator, &rule_preference, session);
	put_in_force(session->peer, afi, RMAP_IN, session->map_in, map);
	session->policy_attached = true;
	if (session->spec.mode == ER_ATTACHED)
		return;

	map = map_get(session, peering->map_out, &rule_advertise, NULL, peering);
	put_in_force(session->peer, afi, RMAP_OUT, peering->map_out, map);
}

void er_policy_detach(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);
	const char *theirs = session->operator_map;

	if (session->policy_attached &&
	    same_name(peer->filter[afi][SAFI_UNICAST].map[RMAP_IN].name, session->map_in)) {
		if (theirs && session->operator_override)
			peer_route_map_set(peer, afi, SAFI_UNICAST, RMAP_IN, theirs,
					   route_map_lookup_by_name(theirs));
		else
			peer_route_map_unset(peer, afi, SAFI_UNICAST, RMAP_IN);
	}
	session->policy_attached = false;
	set_operator_map(session, NULL);
}

void er_policy_session_free(struct er_bgp_session *session)
{
	if (session->operator_map && !er_bgp.finished)
		set_operator_map(session, NULL);
	XFREE(MTYPE_ER_MAP_NAME, session->operator_map);
	map_delete(session->map_in);
}

void er_policy_peering_free(struct er_bgp_peering *peering)
{
	map_delete(peering->map_out);
}

void er_policy_advertise_changed(struct er_bgp_peering *peering)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct er_bgp_session *session = peering->session[role];

		if (session && session->peer && session->spec.mode == ER_MANAGED)
			peer_clear_soft(session->peer, er_peering_afi(peering), SAFI_UNICAST,
					BGP_CLEAR_SOFT_OUT);
	}
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
	route_map_install_match(&rule_advertise);
}
