// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What Microsoft sends and inbound policy makes of it: prefixes by the rule
 * that refuses them, and by community.
 *
 * Nothing is counted as routes come and go, so nothing can drift: when
 * anything has changed that a tally depends on, a walk over bgpd's table makes
 * another one, of both links.  A prefix counts once: accepted, when it is over
 * any link.  Where a session does not keep what it receives, only what is
 * accepted is seen.
 *
 * Only the walk that re-evaluates a few prefixes of many, as some communities
 * mean something else, takes these out of the last tally and counts them again;
 * when nothing else has happened since the tally was begun, that is the same.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_community.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_COUNTS, "ExpressRoute counts by community");

/*
 * How often it is looked whether anything has changed, and what part of the
 * time a peering may be counted in: a large table that never rests must not
 * keep bgpd busy.
 */
#define LOOK_MS 1000
#define SHARE	20
/* Communities that nobody allows and anybody may make up. */
#define STRANGERS_MAX 4096

static struct event *t_look;

static void tally_fini(struct er_tally *tally)
{
	er_commset_fini(&tally->index);
	XFREE(MTYPE_ER_COUNTS, tally->count);
	memset(tally, 0, sizeof(*tally));
}

static bool is_allowed(const struct er_bgp_peering *peering, er_community community)
{
	return er_commset_get(&peering->inbound, community) & ER_INBOUND_ALLOWED;
}

/* NULL: enough of those. */
static struct er_count *find_count(const struct er_bgp_peering *peering, struct er_tally *tally,
				   er_community community)
{
	uint32_t at = er_commset_get(&tally->index, community);

	if (at)
		return &tally->count[at - 1];
	if (tally->n >= STRANGERS_MAX && !is_allowed(peering, community))
		return NULL;
	if (tally->n == tally->size) {
		tally->size = MAX(tally->size * 2, 64u);
		tally->count = XREALLOC(MTYPE_ER_COUNTS, tally->count,
					tally->size * sizeof(*tally->count));
	}
	tally->count[tally->n] = (struct er_count){
		.community = community,
		.allowed = is_allowed(peering, community),
	};
	er_commset_put(&tally->index, community, ++tally->n);
	return &tally->count[tally->n - 1];
}

static const struct bgp_adj_in *find_in(const struct bgp_dest *dest, const struct peer *peer)
{
	const struct bgp_adj_in *in = dest->adj_in;

	while (in && in->peer != peer)
		in = in->next;
	return in;
}

static bool operator_refuses(const struct er_bgp_session *session)
{
	return session->map[RMAP_IN].operators || er_session_is_attached(session);
}

/* What our rules let pass and bgpd does not store, the operator refuses. */
static enum er_rule refusing_rule(const struct er_bgp_session *session,
				  const struct er_commset *inbound, struct bgp_dest *dest,
				  const struct attr *attr)
{
	enum er_rule rule = er_policy_judge(session, inbound, bgp_dest_get_prefix(dest), attr);

	if (rule == ER_RULE_NONE && operator_refuses(session))
		return ER_RULE_OPERATOR;
	return rule;
}

static void look_at(const struct er_bgp_session *session, const struct er_commset *inbound,
		    struct bgp_dest *dest, struct er_received *received)
{
	const struct bgp_path_info *path;
	const struct bgp_adj_in *in;

	if (!session || !session->peer)
		return;
	path = er_rib_path(session, dest);
	in = er_session_keeps_received(session) ? find_in(dest, session->peer) : NULL;
	received->accepted = path;
	if (in)
		received->attr = in->attr;
	else if (path)
		received->attr = path->attr;
	if (in && !path)
		received->rule = refusing_rule(session, inbound, dest, in->attr);
}

static struct er_session_key key_of(const struct er_bgp_peering *peering, enum er_role role)
{
	struct er_session_key key = {
		.peering = peering->key.peering,
		.role = role,
		.family = peering->key.family,
	};

	strlcpy(key.circuit, peering->key.circuit, sizeof(key.circuit));
	return key;
}

/* Sites are looked for on the links that end on a partner as well. */
static void count_sites(struct er_bgp_peering *peering, struct bgp_dest *dest,
			const struct er_received here[ER_ROLES])
{
	struct er_received received[ER_ROLES];

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct er_received *its = &received[role];
		struct er_session_key key;

		*its = here[role];
		if (peering->session[role] || !er_partner_any())
			continue;
		key = key_of(peering, role);
		its->attr = er_partner_received(&key, dest, &its->partner);
		its->accepted = its->attr;
	}
	er_site_count(peering, dest, received);
}

static bool carries(const struct er_received *received, er_community community)
{
	const struct community *its;

	if (!received->attr)
		return false;
	its = bgp_attr_get_community(received->attr);
	return its && community_include((struct community *)its, community);
}

static void count_communities(struct er_bgp_peering *peering, const struct er_received *one,
			      const struct er_received *other, bool other_done, int by)
{
	const struct community *community;

	community = one->attr ? bgp_attr_get_community(one->attr) : NULL;
	for (int i = 0; community && i < community->size; i++) {
		er_community its = ntohl(community->val[i]);
		bool twice = carries(other, its);
		struct er_count *count;

		if (twice && other_done)
			continue;
		count = find_count(peering, &peering->counting.next, its);
		if (!count)
			continue;
		if (one->accepted || (twice && other->accepted))
			count->accepted += by;
		else
			count->refused += by;
	}
}

void er_count_move(struct er_bgp_peering *peering, const struct er_commset *inbound,
		   struct bgp_dest *dest, int by)
{
	struct er_received received[ER_ROLES] = {};
	const struct er_received *primary = &received[ER_PRIMARY];
	const struct er_received *secondary = &received[ER_SECONDARY];

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		look_at(peering->session[role], inbound, dest, &received[role]);

	if (!primary->accepted && !secondary->accepted)
		peering->counting.next.refused[primary->rule ?: secondary->rule] += by;
	if (peering->sites)
		count_sites(peering, dest, received);
	if (!er_policy_filters(peering))
		return;
	count_communities(peering, primary, secondary, false, by);
	count_communities(peering, secondary, primary, true, by);
}

void er_count_visit(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	er_count_move(peering, &peering->inbound, dest, 1);
}

static int count_cmp(const void *a, const void *b)
{
	const struct er_count *ca = a, *cb = b;

	return numcmp(ca->community, cb->community);
}

static bool counts_same(const struct er_tally *a, const struct er_tally *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->count, b->count, a->n * sizeof(*a->count)));
}

/*
 * What the next tally would depend on.  All that bgpd does to a route of ours
 * moves one of these numbers.
 */
static void basis_now(const struct er_bgp_peering *peering, struct er_tally_basis *basis)
{
	memset(basis, 0, sizeof(*basis));
	basis->notes = peering->notes;
	basis->policies = peering->policies;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		const struct er_bgp_session *session = peering->session[role];
		struct peer *peer = session ? session->peer : NULL;

		if (!session && peering->sites && er_partner_any()) {
			struct er_session_key key = key_of(peering, role);

			basis->partner[role] = er_partner_changes(&key);
		}
		if (!peer)
			continue;
		basis->session[role].peer = peer;
		basis->session[role].updates = atomic_load_explicit(&peer->update_in,
								    memory_order_relaxed);
		basis->session[role].refusals = peer->stat_pfx_filter;
		basis->session[role].established = peer_established(peer->connection);
		basis->session[role].adj_in = er_session_keeps_received(session);
		basis->session[role].operators = operator_refuses(session);
	}
}

/* Does every session that is established keep what it receives? */
static bool is_known(const struct er_tally_basis *basis)
{
	bool any = false;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!basis->session[role].established)
			continue;
		if (!basis->session[role].adj_in)
			return false;
		any = true;
	}
	return any;
}

static void take(struct er_bgp_peering *peering)
{
	struct er_counting *counting = &peering->counting;
	struct er_tally *next = &counting->next;
	bool known = is_known(&counting->basis), say, changed;

	next->refused[ER_RULE_NONE] = 0;
	if (!known)
		memset(next->refused, 0, sizeof(next->refused));
	say = !counts_same(&counting->tally, next);
	changed = known != counting->known ||
		  memcmp(next->refused, counting->tally.refused, sizeof(next->refused));

	tally_fini(&counting->tally);
	counting->tally = *next;
	counting->known = known;
	memset(next, 0, sizeof(*next));
	if (say)
		er_count_say(peering);
	if (changed)
		er_report_rib_changed(peering);
	if (peering->sites)
		er_site_count_done(peering);
}

void er_count_done(struct er_bgp_peering *peering)
{
	struct er_tally *next = &peering->counting.next;

	er_commset_fini(&next->index);
	if (next->n)
		qsort(next->count, next->n, sizeof(*next->count), count_cmp);
	peering->counting.ended_ms = er_mono_ms();
	take(peering);
}

static bool is_due(const struct er_counting *counting)
{
	int64_t took = counting->ended_ms - counting->began_ms;

	return er_mono_ms() - counting->ended_ms >= took * SHARE;
}

static bool is_walking(const struct er_counting *counting)
{
	return counting->walk.at || counting->walk.t_slice;
}

static void begin(struct er_bgp_peering *peering, const struct er_tally_basis *basis)
{
	er_count_stop(peering);
	peering->counting.basis = *basis;
	peering->counting.began_ms = er_mono_ms();
	if (peering->sites)
		er_site_count_begin(peering);
}

void er_count_begin(struct er_bgp_peering *peering)
{
	struct er_tally_basis basis;

	basis_now(peering, &basis);
	begin(peering, &basis);
}

bool er_count_is_current(const struct er_bgp_peering *peering)
{
	struct er_tally_basis basis;

	basis_now(peering, &basis);
	return !is_walking(&peering->counting) &&
	       !memcmp(&basis, &peering->counting.basis, sizeof(basis));
}

/* The last tally, to go on from. */
static void copy_tally(struct er_bgp_peering *peering)
{
	const struct er_tally *tally = &peering->counting.tally;
	struct er_tally *next = &peering->counting.next;

	memcpy(next->refused, tally->refused, sizeof(next->refused));
	for (size_t i = 0; i < tally->n; i++) {
		struct er_count *count = find_count(peering, next, tally->count[i].community);

		count->accepted = tally->count[i].accepted;
		count->refused = tally->count[i].refused;
	}
}

bool er_count_move_begin(struct er_bgp_peering *peering)
{
	struct er_counting *counting = &peering->counting;
	struct er_tally_basis basis;

	basis_now(peering, &basis);
	counting->basis.policies = basis.policies;
	/* among too many strangers, one may be missing that is allowed now */
	if (memcmp(&basis, &counting->basis, sizeof(basis)) || !counting->known ||
	    peering->sites || counting->tally.n >= STRANGERS_MAX)
		return false;
	begin(peering, &basis);
	copy_tally(peering);
	return true;
}

void er_count_move_done(struct er_bgp_peering *peering)
{
	if (er_count_is_current(peering))
		er_count_done(peering);
	else
		er_count_stop(peering);
}

void er_count_by_us(struct er_bgp_peering *peering, enum er_role role, uint32_t notes,
		    uint32_t refusals)
{
	peering->counting.basis.notes += notes;
	peering->counting.basis.session[role].refusals += refusals;
}

/* Is there anything to find? */
static bool has_anything(const struct er_bgp_peering *peering, const struct er_tally_basis *basis)
{
	return er_policy_filters(peering) || peering->sites || basis->session[ER_PRIMARY].adj_in ||
	       basis->session[ER_SECONDARY].adj_in;
}

static void look(struct er_bgp_peering *peering)
{
	struct er_counting *counting = &peering->counting;
	struct er_tally_basis basis;

	if (is_walking(counting) || er_reevaluate_is_busy(peering) || !is_due(counting))
		return;
	basis_now(peering, &basis);
	if (!memcmp(&basis, &counting->basis, sizeof(basis)))
		return;
	begin(peering, &basis);
	if (has_anything(peering, &basis))
		er_walk_start_in(&counting->walk,
				 peering->bgp ?: er_partner_instance(&peering->key), peering,
				 er_count_visit, er_count_done);
	else
		take(peering);
}

static void look_at_all(struct event *event)
{
	struct er_bgp_peering *peering;

	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (!er_is_vpn(peering))
			look(peering);
	event_add_timer_msec(bm->master, look_at_all, NULL, LOOK_MS, &t_look);
}

void er_count_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts)
{
	facts->refused_known = peering->counting.known;
	memcpy(facts->refused, peering->counting.tally.refused, sizeof(facts->refused));
}

void er_count_say(const struct er_bgp_peering *peering)
{
	const struct er_tally *tally = &peering->counting.tally;
	struct er_wire_msg msg = { .type = ER_WIRE_COUNT_BEGIN };

	if (er_is_vpn(peering))
		return; /* of no use there */
	msg.count_edge.peering = peering->key;
	er_channel_send(&msg);
	for (size_t i = 0; i < tally->n; i++) {
		const struct er_count *count = &tally->count[i];

		msg = (struct er_wire_msg){ .type = ER_WIRE_COUNT };
		msg.count.peering = peering->key;
		msg.count.community = count->community;
		msg.count.allowed = count->allowed;
		msg.count.accepted = count->accepted;
		msg.count.refused = count->refused;
		er_channel_send(&msg);
	}
	msg = (struct er_wire_msg){ .type = ER_WIRE_COUNT_END };
	msg.count_edge.peering = peering->key;
	er_channel_send(&msg);
}

void er_count_stop(struct er_bgp_peering *peering)
{
	struct er_counting *counting = &peering->counting;

	er_walk_stop(&counting->walk);
	tally_fini(&counting->next);
	/* nothing has been counted of what there is now */
	memset(&counting->basis, 0, sizeof(counting->basis));
}

void er_count_peering_free(struct er_bgp_peering *peering)
{
	er_count_stop(peering);
	tally_fini(&peering->counting.tally);
}

void er_count_init(void)
{
	event_add_timer_msec(bm->master, look_at_all, NULL, LOOK_MS, &t_look);
}

void er_count_fini(void)
{
	event_cancel(&t_look);
}
