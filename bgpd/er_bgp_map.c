// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route-maps that exist in memory only: two per session, one inbound and one
 * outbound, each with one entry that holds rules of ours.
 *
 * One of the rules asks the operator's own route-map: the one the neighbor
 * named when it was attached, or the one a managed peering names.  A missing
 * route-map denies everything in bgpd, so one is put in force where ours is not
 * as it was built: what goes wrong here leaks nothing.
 */
#include <zebra.h>
#include "compat.h"

#include "northbound.h"
#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_updgrp.h"

#include "bgpd/er_bgp.h"
#include "core/text.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_DEPENDS, "ExpressRoute dependencies of a route-map");
DEFINE_MTYPE_STATIC(ER_BGP, ER_MAP_NAME, "ExpressRoute name of an operator's route-map");

#define SEQUENCE 10

/* No route-map has this name, and no command can make one: it has a space. */
#define MISSING_MAP "er: edited"

/* An operator's map of such a name would be ours: they could ask each other. */
#define OUR_NAMES "er:"

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

static bool same_name(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Is this what er_map_attach() has put in force? */
static bool is_ours(const struct er_bgp_map *map, const char *name)
{
	return same_name(name, map->name) || same_name(name, MISSING_MAP);
}

static bool is_one_of_ours(const char *name)
{
	return name && !strncmp(name, OUR_NAMES, strlen(OUR_NAMES));
}

void er_map_init_names(struct er_bgp_session *session)
{
	static const char *const gateways[ER_ROLES] = { "0", "1" };
	const struct er_session_key *key = &session->spec.key;
	const char *role = key->peering == ER_VPN ? gateways[key->role] : er_role_str(key->role);

	for (int direction = RMAP_IN; direction <= RMAP_OUT; direction++)
		snprintf(session->map[direction].name, sizeof(session->map[direction].name),
			 "er:%s:%s:%s:%s:%s", key->circuit, er_peering_type_str(key->peering),
			 er_family_str(key->family), role, direction == RMAP_IN ? "in" : "out");
}

/* Whose rules are being compiled. */
static struct er_bgp_session *building;

/*
 * A rule is compiled from the name of the map it stands in, into the session,
 * which outlives the rule.
 */
void *er_map_compile(const char *name)
{
	struct er_bgp_session *session;

	if (building && (!strcmp(building->map[RMAP_IN].name, name) ||
			 !strcmp(building->map[RMAP_OUT].name, name)))
		return building;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (!strcmp(session->map[RMAP_IN].name, name) ||
		    !strcmp(session->map[RMAP_OUT].name, name))
			return session;
	return NULL;
}

void er_map_free_rule(void *rule)
{
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
 * belongs to bgpd's northbound, which keeps pointers to it.  NULL: it is not as
 * we built it, so it must not be in force.
 */
static struct route_map *map_get(struct er_bgp_session *session, int direction,
				 const struct route_map_rule_cmd *match,
				 const struct route_map_rule_cmd *set)
{
	const char *name = session->map[direction].name;
	/* whoever has used it since it was damaged must be told: not quietly */
	bool quiet = !session->policy_attached;
	struct route_map_index *index;
	struct route_map *map;

	if (quiet)
		quiet_begin();
	map = route_map_get(name);
	if (!find_entry(map)) {
		index = route_map_index_get(map, RMAP_PERMIT, SEQUENCE);
		building = session;
		route_map_add_match(index, match->str, name, RMAP_EVENT_MATCH_ADDED);
		route_map_add_set(index, set->str, name);
		building = NULL;
	}
	if (quiet)
		quiet_end();

	if (map_is_whole(map, match, set, session))
		return map;
	snprintf(session->problem, sizeof(session->problem),
		 "route-map %s is the module's own and has been edited, so everything is refused: `no route-map %s`, and it is made anew",
		 name, name);
	return NULL;
}

/* Has an operator edited it?  Then the northbound has pointers to it. */
static bool is_configured(const char *name)
{
	return yang_dnode_existsf(running_config->dnode, "/frr-route-map:lib/route-map[name='%s']",
				  name);
}

static bool entry_is_configured(const char *name)
{
	return yang_dnode_existsf(running_config->dnode,
				  "/frr-route-map:lib/route-map[name='%s']/entry[sequence='%d']",
				  name, SEQUENCE);
}

/* Leave to the northbound what is its own, without what points to the session. */
static void map_let_go(struct route_map *map)
{
	struct route_map_index *index = find_entry(map);
	struct route_map_rule *rule, *next;

	if (!index)
		return;
	if (!entry_is_configured(map->name)) {
		route_map_index_delete(index, 1);
		return;
	}
	for (rule = index->match_list.head; rule; rule = next) {
		next = rule->next;
		if (rule->cmd->func_compile == er_map_compile)
			route_map_delete_match(index, rule->cmd->str, NULL,
					       RMAP_EVENT_MATCH_DELETED);
	}
	for (rule = index->set_list.head; rule; rule = next) {
		next = rule->next;
		if (rule->cmd->func_compile == er_map_compile)
			route_map_delete_set(index, rule->cmd->str, NULL);
	}
}

static void map_delete(const char *name)
{
	struct route_map *map;

	if (er_bgp.finished)
		return; /* libfrr has freed it */
	map = route_map_lookup_by_name(name);
	if (!map)
		return;
	if (is_configured(name))
		map_let_go(map);
	else
		route_map_delete(map);
}

/* A change of the operator's map is one of ours, bgpd must know. */
static void set_operator_map(struct er_bgp_session *session, int direction, const char *name)
{
	struct er_bgp_map *map = &session->map[direction];

	quiet_begin();
	if (map->operators && !is_one_of_ours(map->operators))
		route_map_upd8_dependency(RMAP_EVENT_CALL_DELETED, map->operators, map->name);
	XFREE(MTYPE_ER_MAP_NAME, map->operators);
	if (name)
		map->operators = XSTRDUP(MTYPE_ER_MAP_NAME, name);
	if (name && !is_one_of_ours(name))
		route_map_upd8_dependency(RMAP_EVENT_CALL_ADDED, name, map->name);
	quiet_end();
}

/*
 * The operator's map of an attached neighbor: what stands there now when it is
 * not ours, or what a peer-group has come to say in the meantime.
 */
static const char *attached_map(struct er_bgp_session *session, int direction)
{
	struct er_bgp_map *map = &session->map[direction];
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);
	const char *name = peer->filter[afi][SAFI_UNICAST].map[direction].name;

	if (!is_ours(map, name)) {
		map->operators_override =
			CHECK_FLAG(peer->filter_override[afi][SAFI_UNICAST][direction],
				   PEER_FT_ROUTE_MAP);
		return name;
	}
	if (peer_group_active(peer) && !map->operators_override)
		return peer->group->conf->filter[afi][SAFI_UNICAST].map[direction].name;
	return map->operators;
}

static void find_operator_map(struct er_bgp_session *session, int direction)
{
	struct er_bgp_map *map = &session->map[direction];
	const struct er_session_spec *spec = &session->spec;
	afi_t afi = er_session_afi(session);
	const char *in_force = session->peer->filter[afi][SAFI_UNICAST].map[direction].name;
	const char *name;

	if (er_session_is_attached(session))
		name = attached_map(session, direction);
	else
		name = direction == RMAP_IN ? spec->map_in : spec->map_out;
	if (name && !name[0])
		name = NULL;
	if (is_one_of_ours(name))
		snprintf(session->problem, sizeof(session->problem),
			 "route-map %s cannot be used: names that begin with " OUR_NAMES
			 " are the module's own, so everything is refused",
			 name);
	if (same_name(name, map->operators))
		return;
	set_operator_map(session, direction, name);
	/* bgpd sees no change: it is ours that calls another one */
	if (same_name(in_force, map->name))
		peer_clear_soft(session->peer, afi, SAFI_UNICAST,
				direction == RMAP_IN ? BGP_CLEAR_SOFT_IN : BGP_CLEAR_SOFT_OUT);
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

void er_map_attach(struct er_bgp_session *session, int direction,
		   const struct route_map_rule_cmd *match, const struct route_map_rule_cmd *set)
{
	struct route_map *map;

	find_operator_map(session, direction);
	map = map_get(session, direction, match, set);
	put_in_force(session->peer, er_session_afi(session), direction,
		     map ? session->map[direction].name : MISSING_MAP, map);
}

void er_map_detach(struct er_bgp_session *session, int direction)
{
	const struct er_bgp_map *map = &session->map[direction];
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);

	if (session->policy_attached &&
	    is_ours(map, peer->filter[afi][SAFI_UNICAST].map[direction].name)) {
		if (map->operators && map->operators_override)
			peer_route_map_set(peer, afi, SAFI_UNICAST, direction, map->operators,
					   route_map_lookup_by_name(map->operators));
		else
			peer_route_map_unset(peer, afi, SAFI_UNICAST, direction);
	}
	set_operator_map(session, direction, NULL);
}

void er_map_free(struct er_bgp_session *session, int direction)
{
	struct er_bgp_map *map = &session->map[direction];

	if (map->operators && !er_bgp.finished)
		set_operator_map(session, direction, NULL);
	XFREE(MTYPE_ER_MAP_NAME, map->operators);
	map_delete(map->name);
}

void er_map_show_operators(struct er_bgp_session *session, int direction, bool show)
{
	struct er_bgp_map *map = &session->map[direction];
	afi_t afi = er_session_afi(session);
	char **name = &session->peer->filter[afi][SAFI_UNICAST].map[direction].name;
	uint8_t *override = &session->peer->filter_override[afi][SAFI_UNICAST][direction];

	if (show) {
		map->hidden = *name;
		*name = map->operators;
	} else {
		*name = map->hidden;
		map->hidden = NULL;
	}
	COND_FLAG(*override, PEER_FT_ROUTE_MAP, !show || map->operators_override);
}

bool er_map_operator_permits(const struct er_bgp_session *session, int direction,
			     const struct prefix *prefix, void *path)
{
	/* the operator's map may call one of ours, and that one it again */
	static bool asking;
	const char *name = session->map[direction].operators;
	struct route_map *map;
	bool permits;

	if (!name)
		return true;
	if (asking || is_one_of_ours(name))
		return false;
	map = route_map_lookup_by_name(name);
	asking = true;
	permits = map && route_map_apply(map, prefix, path) == RMAP_PERMITMATCH;
	asking = false;
	return permits;
}

bool er_map_operator_would_permit(const struct er_bgp_session *session, int direction,
				  struct bgp_dest *dest, struct bgp_path_info *source,
				  struct peer *from, const struct attr *attr)
{
	struct peer *peer = session->peer;
	struct bgp_path_info_extra extra;
	struct bgp_path_info path;
	struct attr copy;
	bool permits;

	if (!session->map[direction].operators)
		return true;
	bgp_attr_dup_into(&copy, attr);
	prep_for_rmap_apply(&path, &extra, dest, source, peer, from, &copy);
	SET_FLAG(peer->rmap_type, direction == RMAP_IN ? PEER_RMAP_TYPE_IN : PEER_RMAP_TYPE_OUT);
	permits = er_map_operator_permits(session, direction, bgp_dest_get_prefix(dest), &path);
	peer->rmap_type = 0;
	bgp_attr_flush(&copy);
	return permits;
}

static void depend(const struct er_bgp_session *session, const struct er_dependency *on, bool yes)
{
	route_map_event_t added = on->is_map ? RMAP_EVENT_CALL_ADDED : RMAP_EVENT_PLIST_ADDED;
	route_map_event_t deleted = on->is_map ? RMAP_EVENT_CALL_DELETED : RMAP_EVENT_PLIST_DELETED;

	quiet_begin();
	route_map_upd8_dependency(yes ? added : deleted, on->name, session->map[RMAP_OUT].name);
	quiet_end();
}

static bool is_among(const struct er_dependency *one, const struct er_dependency *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (one->is_map == all[i].is_map && !strcmp(one->name, all[i].name))
			return true;
	return false;
}

void er_map_depend(struct er_bgp_session *session, const struct er_dependency *want, size_t n)
{
	struct er_dependency *had = session->depends;
	size_t n_had = session->n_depends, i;

	for (i = 0; i < n_had && n == n_had && is_among(&had[i], want, n); i++)
		;
	if (n == n_had && i == n)
		return;
	session->depends = n ? XCALLOC(MTYPE_ER_DEPENDS, n * sizeof(*want)) : NULL;
	session->n_depends = n;
	for (i = 0; i < n_had; i++)
		if (!er_bgp.finished && !is_among(&had[i], want, n))
			depend(session, &had[i], false);
	for (i = 0; i < n; i++) {
		session->depends[i].is_map = want[i].is_map;
		session->depends[i].name = XSTRDUP(MTYPE_ER_MAP_NAME, want[i].name);
		if (!is_among(&want[i], had, n_had))
			depend(session, &want[i], true);
	}
	for (i = 0; i < n_had; i++)
		XFREE(MTYPE_ER_MAP_NAME, had[i].name);
	XFREE(MTYPE_ER_DEPENDS, had);
}
