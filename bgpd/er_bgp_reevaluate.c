// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Another inbound policy, and the routes that are there already.
 *
 * Where bgpd keeps what a session receives (Adj-RIB-In), a walk over the table
 * gives bgpd those routes again whose communities mean something else now, and
 * no others.  Where it does not, Microsoft is asked for all of them.  What a
 * stored path says for itself, its local-preference, is put right in any case.
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
#include "core/guard.h"

bool er_session_keeps_received(const struct er_bgp_session *session)
{
	return session->peer &&
	       CHECK_FLAG(session->peer->af_flags[er_session_afi(session)][SAFI_UNICAST],
			  PEER_FLAG_SOFT_RECONFIG);
}

static bool is_established(const struct er_bgp_session *session)
{
	return session && session->peer && peer_established(session->peer->connection);
}

static bool carries(const struct attr *attr, const struct er_commset *set)
{
	const struct community *community = bgp_attr_get_community(attr);

	for (int i = 0; community && i < community->size; i++)
		if (er_commset_get(set, ntohl(community->val[i])))
			return true;
	return false;
}

/* Before the first thing that is done to it. */
static void take_out(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	struct er_reevaluation *what = &peering->reevaluation;

	if (what->moves && !what->taken_out)
		er_count_move(peering, &what->was, dest, -1);
	what->taken_out = true;
}

/* Returns whether bgpd has been given something. */
static bool receive_again(const struct er_reevaluation *what, struct er_bgp_session *session,
			  struct bgp_dest *dest)
{
	uint32_t notes = session->peering->notes, refusals = session->peer->stat_pfx_filter;
	struct peer *peer = session->peer;
	bool given = false;

	for (struct bgp_adj_in *in = dest->adj_in; in; in = in->next) {
		if (in->peer != peer || (!what->all && !carries(in->attr, &what->changed)))
			continue;
		take_out(session->peering, dest);
		bgp_update(peer, bgp_dest_get_prefix(dest), in->addpath_rx_id, in->attr,
			   er_session_afi(session), SAFI_UNICAST, ZEBRA_ROUTE_BGP,
			   BGP_ROUTE_NORMAL, NULL, NULL, 0, 1, NULL);
		given = true;
	}
	if (given)
		er_count_by_us(session->peering, session->spec.key.role,
			       session->peering->notes - notes, peer->stat_pfx_filter - refusals);
	return given;
}

static void look_again(struct er_bgp_session *session, struct bgp_dest *dest)
{
	struct er_reevaluation *what = &session->peering->reevaluation;
	const struct bgp_path_info *path;

	if (receive_again(what, session, dest)) {
		what->total++;
		return;
	}
	path = what->changed.used ? er_rib_path(session, dest) : NULL;
	if (path && carries(path->attr, &what->changed)) {
		er_rib_note(session, dest);
		er_count_by_us(session->peering, session->spec.key.role, 1, 0);
		what->total++;
	}
}

/* And what comes of it is counted on the way. */
static void visit(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	struct er_reevaluation *what = &peering->reevaluation;

	what->taken_out = false;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct er_bgp_session *session = peering->session[role];

		if (is_established(session) && session->policy_attached)
			look_again(session, dest);
	}
	if (!what->moves || what->taken_out)
		er_count_move(peering, &peering->inbound, dest, 1);
}

static void forget(struct er_reevaluation *what)
{
	er_commset_fini(&what->changed);
	er_commset_fini(&what->was);
	what->all = what->moves = false;
	memset(what->ask, 0, sizeof(what->ask));
}

static void done(struct er_bgp_peering *peering)
{
	if (peering->reevaluation.moves)
		er_count_move_done(peering);
	else
		er_count_done(peering);
	forget(&peering->reevaluation);
	er_report_rib_changed(peering);
	er_session_reconcile_soon();
}

/* Nothing that was refused is stored anywhere: Microsoft has to say it again. */
void er_reevaluate_ask(struct er_bgp_session *session)
{
	if (peer_clear_soft(session->peer, er_session_afi(session), SAFI_UNICAST,
			    BGP_CLEAR_SOFT_IN))
		zlog_warn("ExpressRoute: %s: the neighbor cannot be asked for its routes again, what has changed of the policy is in force for new ones: configure `soft-reconfiguration inbound`, or clear the session",
			  er_session_name(session));
}

static void begin(struct event *event)
{
	struct er_bgp_peering *peering = EVENT_ARG(event);
	struct er_reevaluation *what = &peering->reevaluation;
	bool any = false;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct er_bgp_session *session = peering->session[role];

		if (!is_established(session))
			continue;
		any = true;
		if (what->ask[role] && !er_session_keeps_received(session))
			er_reevaluate_ask(session);
	}
	if (any) {
		what->moves = what->moves && er_count_move_begin(peering);
		if (!what->moves)
			er_count_begin(peering);
		er_walk_start(&what->walk, peering, visit, done);
		return;
	}
	forget(what);
	er_session_reconcile_soon();
}

/* A walk that is under way begins anew, with what it was for as well; all counts. */
static void begin_soon(struct er_bgp_peering *peering)
{
	er_walk_stop(&peering->reevaluation.walk);
	peering->policies++;
	event_add_event(bm->master, begin, peering, 0, &peering->reevaluation.t_begin);
}

void er_reevaluate_changed(struct er_bgp_peering *peering, struct er_commset *was,
			   const struct er_commset *changed, bool verdicts)
{
	struct er_reevaluation *what = &peering->reevaluation;

	if (er_reevaluate_is_busy(peering)) {
		what->moves = false;
	} else if (was && er_count_is_current(peering)) {
		what->moves = true;
		what->was = *was;
		memset(was, 0, sizeof(*was));
	}
	for (uint32_t i = 0; changed->used && i <= changed->mask; i++)
		if (changed->slot[i].value)
			er_commset_put(&what->changed, changed->slot[i].community, 1);
	if (verdicts)
		what->ask[ER_PRIMARY] = what->ask[ER_SECONDARY] = true;
	begin_soon(peering);
}

void er_reevaluate_all(struct er_bgp_peering *peering)
{
	struct er_reevaluation *what = &peering->reevaluation;

	what->moves = false;
	what->all = what->ask[ER_PRIMARY] = what->ask[ER_SECONDARY] = true;
	begin_soon(peering);
}

static bool is_stored(struct er_bgp_session *session, const struct prefix *prefix)
{
	struct bgp_table *table = session->peer->bgp->rib[er_session_afi(session)][SAFI_UNICAST];
	struct bgp_dest *dest = bgp_node_lookup(table, prefix);
	bool stored = dest && er_rib_path(session, dest);

	if (dest)
		bgp_dest_unlock_node(dest);
	return stored;
}

/*
 * A private peering that keeps nothing is asked only when that is of use: a
 * prefix that is ours now has come from there, or something has been refused.
 */
static bool must_ask(struct er_bgp_session *session, const struct er_bgp_peering *advertiser,
		     const struct prefix *was, size_t n_was)
{
	if (session->peering->key.peering == ER_MICROSOFT || session->peer->stat_pfx_filter)
		return true;
	for (size_t i = 0; i < advertiser->n_advertise; i++)
		if (!er_guard_is_own(ER_PRIVATE, &advertiser->advertise[i], was, n_was) &&
		    is_stored(session, &advertiser->advertise[i]))
			return true;
	return false;
}

void er_reevaluate_own(struct er_bgp_peering *peering, const struct er_bgp_peering *advertiser,
		       const struct prefix *was, size_t n_was)
{
	struct er_reevaluation *what = &peering->reevaluation;

	what->moves = false;
	what->all = true;
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (is_established(peering->session[role]))
			what->ask[role] |= must_ask(peering->session[role], advertiser, was, n_was);
	begin_soon(peering);
}

bool er_reevaluate_is_busy(const struct er_bgp_peering *peering)
{
	return peering->reevaluation.all || peering->reevaluation.changed.used;
}

void er_reevaluate_stop(struct er_bgp_peering *peering)
{
	event_cancel(&peering->reevaluation.t_begin);
	er_walk_stop(&peering->reevaluation.walk);
	forget(&peering->reevaluation);
}
