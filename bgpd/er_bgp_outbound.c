// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Outbound policy: what a session advertises.
 *
 * The match rule of the outbound route-map asks, in this order: the guard, the
 * advertise set, the operator's own route-map, a loop, the limit.  The limit
 * comes last so that only what is of use takes room.
 *
 * A peering's admission (core/admission.h) is shared by its links, and what is
 * on the wire never is more than what it has admitted: bgpd may withdraw a
 * prefix by itself, but the admission forgets it only when all links have
 * withdrawn it, and lets in what takes its place after that.  So the rule
 * itself only asks it, and admits while there is room and nobody waits; all
 * else is settled from an event, one dest at a time.  bgpd sends a neighbor's
 * withdraws before its updates.
 */
#include <zebra.h>
#include "compat.h"

#include "plist.h"
#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_addpath.h"
#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_updgrp.h"

#include "bgpd/er_bgp.h"
#include "core/admission.h"
#include "core/guard.h"
#include "core/limits.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_QUEUE, "ExpressRoute prefixes to settle");
DEFINE_MTYPE_STATIC(ER_BGP, ER_CHANGES, "ExpressRoute prefixes admitted and held");

/* Dests per event: about 1 ms. */
#define SETTLE_SLICE 200
/* From a change of what is advertised to the comparison of the links. */
#define COMPARE_MS 200
/* ... and from one comparison to the next, at least. */
#define COMPARE_PACE_MS 1000

/* A look at what would come before the limit, when that is all we want. */
static struct {
	bool on;
	bool wanted;
} probe;

/* Whom an admission has admitted or held since it was last asked, in its order. */
static struct {
	struct prefix *prefix;
	size_t n, size;
} changes;

static void note_change(const struct prefix *prefix, enum er_admitted is, void *arg)
{
	struct er_bgp_peering *peering = arg;

	peering->out.took |= is == ER_ADMITTED;
	if (changes.n == changes.size) {
		changes.size = MAX(changes.size * 2, 64u);
		changes.prefix = XREALLOC(MTYPE_ER_CHANGES, changes.prefix,
					  changes.size * sizeof(*changes.prefix));
	}
	prefix_copy(&changes.prefix[changes.n++], prefix);
}

/*
 * What bgpd advertises on our links.
 */
static struct update_subgroup *subgroup(const struct er_bgp_session *session)
{
	struct peer_af *paf;

	if (!session || !session->peer || !session->policy_attached)
		return NULL;
	paf = peer_af_find(session->peer, er_session_afi(session), SAFI_UNICAST);
	return paf ? PAF_SUBGRP(paf) : NULL;
}

static bool goes_out(const struct bgp_adj_out *adj)
{
	return adj->adv ? adj->adv->baa != NULL : adj->attr != NULL;
}

static void find_sent(const struct er_bgp_peering *peering, struct bgp_dest *dest,
		      bool sent[ER_ROLES])
{
	const struct update_subgroup *group[ER_ROLES];
	struct bgp_adj_out *adj;

	sent[ER_PRIMARY] = sent[ER_SECONDARY] = false;
	/* as most are: Microsoft's own */
	if (RB_EMPTY(bgp_adj_out_rb, &dest->adj_out))
		return;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		group[role] = subgroup(peering->session[role]);
	RB_FOREACH (adj, bgp_adj_out_rb, &dest->adj_out)
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
			if (adj->subgroup == group[role] && goes_out(adj))
				sent[role] = true;
}

static bool is_sent(const struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	bool sent[ER_ROLES];

	find_sent(peering, dest, sent);
	return sent[ER_PRIMARY] || sent[ER_SECONDARY];
}

/*
 * The rules.
 */
static int prefix_find(const void *key, const void *item)
{
	return prefix_cmp((const struct prefix *)key, (const struct prefix *)item);
}

static int priority_find(const void *key, const void *item)
{
	return prefix_cmp((const struct prefix *)key, &((const struct er_priority *)item)->prefix);
}

/* A few are looked at one by one; of many, the longest match, length by length. */
#define FEW 8

uint8_t er_outbound_priority(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	const struct er_priority *found;
	struct prefix outer = *prefix;

	if (peering->n_priority <= FEW)
		return er_priority_of(peering->priority, peering->n_priority, prefix);
	while (true) {
		found = bsearch(&outer, peering->priority, peering->n_priority, sizeof(*found),
				priority_find);
		if (found)
			return found->value;
		if (!outer.prefixlen)
			return 0;
		outer.prefixlen--;
		apply_mask(&outer);
	}
}

static bool is_in_set(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	return peering->n_advertise && bsearch(prefix, peering->advertise, peering->n_advertise,
					       sizeof(*prefix), prefix_find);
}

/* A missing list permits nothing, as in bgpd. */
static bool is_in_list(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	struct prefix_list *list;

	if (!peering->spec.advertise_list[0])
		return false;
	list = prefix_list_lookup(er_peering_afi(peering), peering->spec.advertise_list);
	return list && prefix_list_apply(list, prefix) == PREFIX_PERMIT;
}

/* With as-override what Microsoft sends on one link goes out on the other. */
static bool overrides_as(const struct er_bgp_session *session)
{
	return session && session->peer &&
	       CHECK_FLAG(session->peer->af_flags[er_session_afi(session)][SAFI_UNICAST],
			  PEER_FLAG_AS_OVERRIDE);
}

/* More than the set: what a prefix-list permits, or bgpd would send anyway. */
static bool advertises_more(const struct er_bgp_peering *peering)
{
	return (!peering->n_advertise || peering->spec.advertise_list[0]) &&
	       peering->out.admission && er_admission_admitted(peering->out.admission) &&
	       !overrides_as(peering->session[ER_PRIMARY]) &&
	       !overrides_as(peering->session[ER_SECONDARY]);
}

static bool is_within_admitted(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	struct prefix outer = *prefix;
	enum er_admitted is;

	/* a default route contains everything and is not ours */
	while (true) {
		if (er_admission_get(peering->out.admission, &outer, &is) && is == ER_ADMITTED)
			return true;
		if (peering->key.peering != ER_MICROSOFT || outer.prefixlen <= 1)
			return false;
		outer.prefixlen--;
		apply_mask(&outer);
	}
}

bool er_outbound_is_own(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	return advertises_more(peering) && is_within_admitted(peering, prefix);
}

/* RFC 8212: an operator's neighbor without any policy of its own. */
static bool lacks_policy(const struct er_bgp_session *session)
{
	const struct bgp_filter *filter =
		&session->peer->filter[er_session_afi(session)][SAFI_UNICAST];

	return CHECK_FLAG(session->peer->bgp->flags, BGP_FLAG_EBGP_REQUIRES_POLICY) &&
	       !session->map[RMAP_OUT].operators && !filter->dlist[FILTER_OUT].name &&
	       !filter->plist[FILTER_OUT].name && !filter->aslist[FILTER_OUT].name;
}

bool er_outbound_is_in_set(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	return is_in_set(peering, prefix) || is_in_list(peering, prefix);
}

/* An operator's neighbor needs no set: what bgpd would send is the set. */
bool er_outbound_is_advertised(const struct er_bgp_session *session, const struct prefix *prefix)
{
	const struct er_bgp_peering *peering = session->peering;

	if (er_session_is_attached(session) && !peering->n_advertise &&
	    !peering->spec.advertise_list[0])
		return !lacks_policy(session);
	return er_outbound_is_in_set(peering, prefix);
}

enum er_rule er_outbound_rule(const struct er_bgp_session *session, const struct prefix *prefix,
			      const struct bgp_path_info *path)
{
	enum er_rule rule = ER_RULE_NONE;

	if (er_is_vpn(session->peering))
		return er_vpn_outbound_rule(session, prefix, path);
	if (session->spec.key.peering == ER_MICROSOFT)
		rule = er_guard_prefix(ER_MICROSOFT, prefix);
	if (rule == ER_RULE_NONE && (!er_outbound_is_advertised(session, prefix) ||
				     (er_bgp.n_vpns && er_vpn_is_transit(path)) ||
				     (session->peering->sites && er_vpn_is_of_microsoft(path))))
		rule = ER_RULE_NOT_ADVERTISED;
	return rule;
}

/*
 * Microsoft refuses what has been its own already.  bgpd would send it all the
 * same, and it would take the room of what can be used.
 */
bool er_outbound_loops(const struct er_bgp_session *session, const struct attr *attr)
{
	const struct peer *peer = session->peer;

	return !CHECK_FLAG(peer->af_flags[er_session_afi(session)][SAFI_UNICAST],
			   PEER_FLAG_AS_OVERRIDE) &&
	       aspath_loop_check(attr->aspath, peer->as);
}

/*
 * Which dests are to be settled, in the order they were noted.
 */
static void settle_slice(struct event *event);

static void note_dest(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	struct er_bgp_out *out = &peering->out;
	bool added;

	er_table_add(&out->dirty, dest, &added);
	if (!added)
		return;
	bgp_dest_lock_node(dest);
	if (out->n_queue == out->queue_size) {
		out->queue_size = MAX(out->queue_size * 2, 64u);
		out->queue = XREALLOC(MTYPE_ER_QUEUE, out->queue,
				      out->queue_size * sizeof(*out->queue));
	}
	out->queue[out->n_queue++] = dest;
	event_add_event(bm->master, settle_slice, peering, 0, &out->t_settle);
}

static void compare(struct event *event);

static void note_out_changed(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;
	int64_t since;

	/* gateways need not advertise the same */
	if (out->changed || er_is_vpn(peering))
		return;
	out->changed = true;
	since = er_mono_ms() - out->compare_ms;
	event_add_timer_msec(bm->master, compare, peering,
			     MAX(COMPARE_MS, COMPARE_PACE_MS - since), &out->t_compare);
}

static bool has_room(const struct er_bgp_peering *peering)
{
	return !peering->out.dirty.used && !er_admission_held(peering->out.admission) &&
	       er_admission_admitted(peering->out.admission) < peering->out.limit;
}

static bool is_admitted(struct er_bgp_peering *peering, struct bgp_dest *dest,
			const struct prefix *prefix)
{
	struct er_admission *admission = peering->out.admission;
	enum er_admitted is;

	if (!admission)
		return true;
	if (er_admission_get(admission, prefix, &is))
		return is == ER_ADMITTED;
	if (!has_room(peering)) {
		note_dest(peering, dest);
		return false;
	}
	is = er_admission_offer(admission, prefix, er_outbound_priority(peering, prefix));
	changes.n = 0; /* it can only have said what we know */
	return is == ER_ADMITTED;
}

/* What the rules refuse may have gone out until now. */
static void note_refused(struct er_bgp_peering *peering, struct bgp_dest *dest,
			 const struct prefix *prefix)
{
	enum er_admitted is;

	if (peering->out.admission && er_admission_get(peering->out.admission, prefix, &is))
		note_dest(peering, dest);
	if (is_sent(peering, dest))
		note_out_changed(peering);
}

static enum route_map_cmd_result_t match_outbound(void *rule, const struct prefix *prefix,
						  void *object)
{
	struct er_bgp_session *session = rule;
	struct bgp_path_info *path = object;
	bool permitted;

	if (!session->peer)
		return RMAP_NOMATCH;
	permitted = er_outbound_rule(session, prefix, path) == ER_RULE_NONE &&
		    er_map_operator_permits(session, RMAP_OUT, prefix, object) &&
		    !er_outbound_loops(session, path->attr);
	if (probe.on) {
		probe.wanted |= permitted;
		return RMAP_NOMATCH;
	}
	if (!permitted) {
		note_refused(session->peering, path->net, prefix);
		return RMAP_NOMATCH;
	}
	note_out_changed(session->peering);
	/* it keeps its place meanwhile */
	if (session->peering->yielding)
		return RMAP_NOMATCH;
	return is_admitted(session->peering, path->net, prefix) ? RMAP_MATCH : RMAP_NOMATCH;
}

static as_t own_as(const struct peer *peer)
{
	return peer->change_local_as ? peer->change_local_as : peer->local_as;
}

static enum route_map_cmd_result_t set_prepend(void *rule, const struct prefix *prefix,
					       void *object)
{
	struct er_bgp_session *session = rule;
	struct bgp_path_info *path = object;
	struct aspath *as_path = path->attr->aspath;

	if (!session->spec.prepend || !session->peer)
		return RMAP_OKAY;
	if (as_path->refcnt)
		as_path = aspath_dup(as_path);
	path->attr->aspath = aspath_add_seq_n(as_path, own_as(session->peer),
					      session->spec.prepend);
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

/*
 * Settling.
 */
static bool has_subgroup(const struct er_bgp_peering *peering)
{
	return subgroup(peering->session[ER_PRIMARY]) || subgroup(peering->session[ER_SECONDARY]);
}

struct bgp_path_info *er_outbound_best(struct bgp_dest *dest)
{
	struct bgp_path_info *pi;

	for (pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next)
		if (CHECK_FLAG(pi->flags, BGP_PATH_SELECTED))
			return pi;
	return NULL;
}

/* Would any link advertise it, if it were not for the limit? */
static bool is_wanted(struct er_bgp_peering *peering, struct bgp_dest *dest,
		      struct bgp_path_info *best)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);

	probe.on = true;
	probe.wanted = false;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct update_subgroup *group = subgroup(peering->session[role]);
		struct attr attr = {};

		if (!group || probe.wanted)
			continue;
		subgroup_announce_check(dest, best, group, prefix, &attr, NULL);
		bgp_attr_flush(&attr);
	}
	probe.on = false;
	return probe.wanted;
}

/* Have bgpd look again at what it advertises of this dest on our links. */
static void announce(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	afi_t afi = er_peering_afi(peering);
	struct bgp_path_info *best = er_outbound_best(dest);

	note_out_changed(peering);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct update_subgroup *group = subgroup(peering->session[role]);
		struct peer *peer;

		/* without a best path bgpd has withdrawn it; before the group's
		 * first announcement there is nothing to change */
		if (!group || !best || event_is_scheduled(group->t_coalesce))
			continue;
		peer = SUBGRP_PEER(group);
		if (bgp_addpath_encode_tx(peer, afi, SAFI_UNICAST)) {
			group_announce_route(peering->bgp, afi, SAFI_UNICAST, dest, best);
			return;
		}
		subgroup_process_announce_selected(group, best, dest, afi, SAFI_UNICAST,
						   bgp_addpath_id_for_peer(peer, afi, SAFI_UNICAST,
									   &best->tx_addpath));
	}
}

/* Do in bgpd what the admission said. */
static void apply_changes(struct er_bgp_peering *peering)
{
	struct bgp_table *table = peering->bgp->rib[er_peering_afi(peering)][SAFI_UNICAST];

	if (changes.n)
		er_vpn_circuit_changed(peering);
	for (size_t i = 0; i < changes.n; i++) {
		struct bgp_dest *dest = bgp_node_lookup(table, &changes.prefix[i]);
		enum er_admitted is;

		if (er_admission_get(peering->out.admission, &changes.prefix[i], &is) &&
		    is == ER_HELD)
			peering->out.gave_up = true;
		if (!dest)
			continue;
		announce(peering, dest);
		bgp_dest_unlock_node(dest);
	}
	changes.n = 0;
}

static void settle(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	struct bgp_path_info *best = er_outbound_best(dest);
	enum er_admitted was;

	if (!peering->out.admission)
		return;
	/* while no link is up nobody can say, and it keeps its place */
	if (best && !has_subgroup(peering))
		return;
	if (best && is_wanted(peering, dest, best)) {
		er_admission_offer(peering->out.admission, prefix,
				   er_outbound_priority(peering, prefix));
	} else if (er_admission_get(peering->out.admission, prefix, &was)) {
		announce(peering, dest); /* that is: withdraw */
		er_admission_withdraw(peering->out.admission, prefix);
		peering->out.gave_up = true;
	}
	apply_changes(peering);
}

static void settle_next(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;
	struct bgp_dest *dest = out->queue[out->queue_first++];

	er_table_del(&out->dirty, er_table_find(&out->dirty, dest));
	settle(peering, dest);
	bgp_dest_unlock_node(dest);
}

static void settle_slice(struct event *event)
{
	struct er_bgp_peering *peering = EVENT_ARG(event);
	struct er_bgp_out *out = &peering->out;

	for (unsigned int n = 0; n < SETTLE_SLICE && out->queue_first < out->n_queue; n++)
		settle_next(peering);
	if (out->queue_first < out->n_queue) {
		event_add_event(bm->master, settle_slice, peering, 0, &out->t_settle);
	} else {
		XFREE(MTYPE_ER_QUEUE, out->queue);
		out->queue_first = out->n_queue = out->queue_size = 0;
	}
	er_report_rib_changed(peering);
}

/* bgpd has another best path, or none: it says so before it tells neighbors. */
static int best_path_changed(struct bgp *bgp, afi_t afi, safi_t safi, struct bgp_dest *dest,
			     struct bgp_path_info *old_best, struct bgp_path_info *new_best)
{
	const struct prefix *prefix;
	struct er_bgp_peering *peering;
	enum er_admitted is;

	if (safi != SAFI_UNICAST || er_bgp.inert[0] || er_bgp.finished)
		return 0;
	if (er_bgp.n_vpns)
		er_cover_best_changed(dest, old_best, new_best);
	prefix = bgp_dest_get_prefix(dest);
	frr_each (er_peering_tree, &er_bgp.peerings, peering) {
		if (peering->bgp != bgp || er_peering_afi(peering) != afi)
			continue;
		if (!new_best && is_sent(peering, dest))
			note_out_changed(peering);
		if (peering->out.admission && er_admission_get(peering->out.admission, prefix, &is))
			note_dest(peering, dest);
	}
	return 0;
}

/*
 * Comparing what the links advertise, in a walk over bgpd's table.  On its way
 * it notes what the admission has to look at again.
 */
static uint64_t subgroup_id(const struct er_bgp_session *session)
{
	const struct update_subgroup *group = subgroup(session);

	return group && !event_is_scheduled(group->t_coalesce) ? group->id : 0;
}

bool er_outbound_is_sent(const struct er_bgp_session *session, struct bgp_dest *dest)
{
	bool sent[ER_ROLES];

	find_sent(session->peering, dest, sent);
	return sent[session->spec.key.role];
}

static bool is_stored(const struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		const struct er_bgp_session *session = peering->session[role];

		if (session && session->peer && er_rib_path(session, dest))
			return true;
	}
	return false;
}

static void walk_dest(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	struct er_bgp_out *out = &peering->out;
	bool sent[ER_ROLES];
	enum er_admitted is;

	find_sent(peering, dest, sent);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		out->counting[role] += sent[role] && !sent[!role];
	if (out->looks_for_own && !out->found_own)
		out->found_own = is_stored(peering, dest) &&
				 er_outbound_is_own(peering, bgp_dest_get_prefix(dest));
	if (!out->admission || (out->changed && !out->offer_again) ||
	    !er_admission_get(out->admission, bgp_dest_get_prefix(dest), &is))
		return;
	/* bgpd has reasons of its own not to advertise it: then it gives room */
	if (out->offer_again || (is == ER_ADMITTED && !sent[ER_PRIMARY] && !sent[ER_SECONDARY]))
		note_dest(peering, dest);
}

/* What has come back to us while it was ours may come in now. */
static void receive_what_was_own(struct er_bgp_peering *peering)
{
	struct er_bgp_peering *receiver[] = { peering, peering->backup };

	for (size_t i = 0; peering->out.gave_up && i < array_size(receiver); i++) {
		if (!receiver[i] || !receiver[i]->out.refused_own)
			continue;
		receiver[i]->out.refused_own = false;
		er_reevaluate_own(receiver[i], peering, peering->advertise, peering->n_advertise);
	}
	peering->out.gave_up = false;
}

/* What had come in before it was ours must go. */
static void refuse_what_is_own(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;

	if (out->found_own)
		er_reevaluate_all(peering);
	out->looks_for_own = out->found_own = false;
}

static void walk_done(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;

	receive_what_was_own(peering);
	refuse_what_is_own(peering);
	out->offer_again = false;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		out->only[role] = out->counting[role];
		out->walked[role] = out->walking[role];
	}
	er_report_rib_changed(peering);
}

static void walk_start(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;

	memset(out->counting, 0, sizeof(out->counting));
	out->looks_for_own |= out->took;
	out->took = false;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		out->walking[role] = subgroup_id(peering->session[role]);
	er_walk_start(&out->walk, peering, walk_dest, walk_done);
}

static void compare(struct event *event)
{
	struct er_bgp_peering *peering = EVENT_ARG(event);

	peering->out.changed = false;
	peering->out.compare_ms = er_mono_ms();
	if (peering->bgp)
		walk_start(peering);
}

/* Both links are what they were when they were compared. */
static bool is_compared(const struct er_bgp_peering *peering)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		uint64_t id = subgroup_id(peering->session[role]);

		if (!id || id != peering->out.walked[role])
			return false;
	}
	return true;
}

void er_outbound_look(struct er_bgp_peering *peering)
{
	if (er_is_vpn(peering))
		return;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (subgroup_id(peering->session[role]) != peering->out.walked[role])
			note_out_changed(peering);
}

void er_outbound_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts)
{
	bool compared = is_compared(peering);

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		facts->out_only[role] = compared ? peering->out.only[role] : 0;
	facts->held = peering->out.admission ? er_admission_held(peering->out.admission) : 0;
}

static int add_held(const struct prefix *prefix, uint8_t priority, void *arg)
{
	struct er_wire_rib *rib = arg;

	prefix_copy(&rib->held[rib->n_held++], prefix);
	return rib->n_held == ER_WIRE_EXAMPLES;
}

void er_outbound_examples(const struct er_bgp_peering *peering, struct er_wire_rib *rib)
{
	rib->n_held = 0;
	if (peering->out.admission)
		er_admission_foreach_held(peering->out.admission, add_held, rib);
}

/*
 * Changes of the configuration.
 */
void er_outbound_flush(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;

	er_walk_stop(&out->walk);
	event_cancel(&out->t_settle);
	event_cancel(&out->t_compare);
	while (out->queue_first < out->n_queue)
		bgp_dest_unlock_node(out->queue[out->queue_first++]);
	XFREE(MTYPE_ER_QUEUE, out->queue);
	er_table_fini(&out->dirty);
	if (out->admission)
		er_admission_free(&out->admission);
	memset(out, 0, sizeof(*out));
}

/* Of a managed one it is undone. */
bool er_outbound_originates(const struct er_bgp_session *session)
{
	return session && session->peer && er_session_is_attached(session) &&
	       CHECK_FLAG(session->peer->af_flags[er_session_afi(session)][SAFI_UNICAST],
			  PEER_FLAG_DEFAULT_ORIGINATE);
}

/* What bgpd originates for the neighbor takes room that the admission cannot give. */
static uint32_t room(const struct er_bgp_peering *peering)
{
	return peering->spec.limit - (er_outbound_originates(peering->session[ER_PRIMARY]) ||
				      er_outbound_originates(peering->session[ER_SECONDARY]));
}

/* The admission, made what the peering wants. */
static void want_limit(struct er_bgp_peering *peering)
{
	struct er_bgp_out *out = &peering->out;

	if (!peering->spec.limit) {
		er_admission_free(&out->admission);
	} else if (!out->admission) {
		out->limit = room(peering);
		out->admission = er_admission_new(out->limit, note_change, peering);
	} else if (out->limit != room(peering)) {
		out->limit = room(peering);
		er_admission_set_limit(out->admission, out->limit);
		apply_changes(peering);
	}
}

void er_outbound_again(struct er_bgp_peering *peering)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (subgroup(peering->session[role]))
			peer_clear_soft(peering->session[role]->peer, er_peering_afi(peering),
					SAFI_UNICAST, BGP_CLEAR_SOFT_OUT);
	note_out_changed(peering);
}

void er_outbound_changed(struct er_bgp_peering *peering)
{
	if (!peering->bgp)
		return;
	/* nothing has been advertised: so nothing has stood for long, either */
	if (!has_subgroup(peering) && peering->out.admission)
		er_outbound_flush(peering);
	want_limit(peering);
	er_outbound_again(peering);
	peering->out.offer_again = peering->out.admission != NULL;
}

static void warn(struct er_bgp_session *session, const char *format, ...) PRINTFRR(2, 3);

/* Not a problem of the session: only when there is none. */
static void warn(struct er_bgp_session *session, const char *format, ...)
{
	va_list ap;

	if (session->problem[0])
		return;
	va_start(ap, format);
	vsnprintfrr(session->problem, sizeof(session->problem), format, ap);
	va_end(ap);
}

static void find_problems(struct er_bgp_session *session)
{
	const struct er_session_spec *spec = &session->spec;
	const struct er_bgp_peering *peering = session->peering;
	const struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);
	const char *list = peering->spec.advertise_list;

	if (spec->map_out[0] && !er_session_is_attached(session) &&
	    !route_map_lookup_by_name(spec->map_out))
		warn(session, "route-map %s does not exist: nothing is advertised", spec->map_out);
	if (list[0] && !prefix_list_lookup(afi, list))
		warn(session, "%s prefix-list %s does not exist: it permits no prefix",
		     afi == AFI_IP ? "ip" : "ipv6", list);
	if (er_outbound_originates(session))
		warn(session, "neighbor %pIA has default-originate, which no policy sees: %s",
		     &spec->neighbor,
		     spec->key.peering == ER_MICROSOFT
			     ? "Microsoft peering must not carry a default route"
			     : "the default route counts for the limit, and comes before what has priority");
	if (peer->filter[afi][SAFI_UNICAST].usmap.name)
		warn(session,
		     "neighbor %pIA has an unsuppress-map, which bgpd uses instead of the outbound policy",
		     &spec->neighbor);
	if (er_site_same_as(session) && er_session_is_attached(session) &&
	    !CHECK_FLAG(peer->af_flags[afi][SAFI_UNICAST], PEER_FLAG_ALLOWAS_IN))
		warn(session,
		     "neighbor %pIA has no allowas-in, so bgpd refuses the routes of sites with our own AS: configure `neighbor %pIA allowas-in %d` there",
		     &spec->neighbor, &spec->neighbor, ER_SITE_OWN_AS_MAX);
	if (spec->prepend && spec->key.peering == ER_MICROSOFT && BGP_AS_IS_PRIVATE(own_as(peer)))
		warn(session,
		     "Microsoft strips private ASNs on Microsoft peering, so prepending has no effect there");
}

/* bgpd must tell our map when the prefix-list has changed. */
static void want_list(struct er_bgp_session *session)
{
	struct er_dependency list = { .name = session->peering->spec.advertise_list };

	if (er_is_vpn(session->peering))
		er_vpn_depend(session);
	else
		er_map_depend(session, &list, list.name[0] ? 1 : 0);
}

void er_outbound_attach(struct er_bgp_session *session)
{
	bool prepend = session->policy_attached && session->out_prepend != session->spec.prepend;

	want_limit(session->peering);
	want_list(session);
	er_map_attach(session, RMAP_OUT, &rule_outbound, &rule_prepend);
	session->out_prepend = session->spec.prepend;
	if (prepend)
		peer_clear_soft(session->peer, er_session_afi(session), SAFI_UNICAST,
				BGP_CLEAR_SOFT_OUT);
	find_problems(session);
}

void er_outbound_detach(struct er_bgp_session *session)
{
	er_map_depend(session, NULL, 0);
	er_map_detach(session, RMAP_OUT);
}

void er_outbound_session_free(struct er_bgp_session *session)
{
	er_map_depend(session, NULL, 0);
	er_map_free(session, RMAP_OUT);
}

void er_outbound_init(void)
{
	route_map_install_match(&rule_outbound);
	route_map_install_set(&rule_prepend);
	hook_register(bgp_route_update, best_path_changed);
}

void er_outbound_fini(void)
{
	XFREE(MTYPE_ER_CHANGES, changes.prefix);
	changes.n = changes.size = 0;
}
