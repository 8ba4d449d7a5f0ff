// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions and neighbors.
 *
 * A managed session's neighbor is ours: made from the session alone, shown by
 * `show bgp summary`, and kept out of running-config, because its home is the
 * circuit.  An attached session's neighbor is the operator's: found, given our
 * inbound policy, and shown in running-config as the operator wrote it.
 */
#include <zebra.h>
#include "compat.h"

#include "command.h"
#include "bfd.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_bfd.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_vty.h"

#include "bgpd/er_bgp.h"
#include "core/text.h"

/*
 * Seconds between attempts to connect.  bgpd's own 120 would leave a link that
 * was cut silently and mended without its session for minutes.
 */
#define CONNECT_RETRY 10

static struct {
	struct event *t_reconcile;
	int (*config_write)(struct vty *vty);
} sessions;

static void set_problem(struct er_bgp_session *session, const char *format, ...) PRINTFRR(2, 3);

static void set_problem(struct er_bgp_session *session, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintfrr(session->problem, sizeof(session->problem), format, ap);
	va_end(ap);
}

void er_to_sockunion(const struct ipaddr *ip, union sockunion *su)
{
	memset(su, 0, sizeof(*su));
	if (IS_IPADDR_V4(ip)) {
		su->sin.sin_family = AF_INET;
		su->sin.sin_addr = ip->ipaddr_v4;
	} else {
		su->sin6.sin6_family = AF_INET6;
		su->sin6.sin6_addr = ip->ipaddr_v6;
	}
}

static bool in_default_vrf(const struct er_bgp_session *session)
{
	return !strcmp(session->spec.vrf, VRF_DEFAULT_NAME);
}

struct bgp *er_session_instance(const char *vrf)
{
	struct bgp *bgp = !strcmp(vrf, VRF_DEFAULT_NAME) ? bgp_get_default()
							 : bgp_lookup_by_name(vrf);

	if (!bgp || IS_BGP_INSTANCE_HIDDEN(bgp) || bgp->inst_type == BGP_INSTANCE_TYPE_VIEW ||
	    CHECK_FLAG(bgp->flags, BGP_FLAG_DELETE_IN_PROGRESS))
		return NULL;
	return bgp;
}

/*
 * Which neighbor a session runs over.
 */
static void track(struct er_bgp_session *session, struct peer *peer)
{
	struct er_bgp_peering *peering = session->peering;

	if (peering->bgp != peer->bgp) {
		er_outbound_flush(peering);
		er_rib_flush(peering);
	}
	peering->bgp = peer->bgp;
	session->peer = peer;
	session->filtered_base = 0;
	memset(&session->clocks, 0, sizeof(session->clocks));
	session->established_ms = peer_established(peer->connection) ? peer->uptime * 1000LL : 0;
	er_peer_hash_add(&er_bgp.peers, session);
}

static void untrack(struct er_bgp_session *session)
{
	struct er_bgp_peering *peering = session->peering;
	const struct er_bgp_session *twin = peering->session[!session->spec.key.role];

	er_policy_forget_judged(session);
	er_peer_hash_del(&er_bgp.peers, session);
	session->peer = NULL;
	session->adopted = session->policy_attached = false;
	er_vpn_look();
	if (twin && twin->peer) {
		er_rib_recheck(peering);
	} else {
		er_outbound_flush(peering);
		er_rib_flush(peering);
	}
}

void er_session_peer_gone(struct er_bgp_session *session)
{
	if (session->peer)
		untrack(session);
}

void er_session_instance_gone(struct bgp *bgp)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (session->peer && session->peer->bgp == bgp)
			untrack(session);
}

void er_session_release(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;

	if (!peer)
		return;
	if (er_session_is_attached(session)) {
		er_policy_detach(session);
		untrack(session);
		return;
	}
	untrack(session);
	peer_notify_unconfig(peer->connection);
	peer_delete(peer);
}

/*
 * Managed: each of these makes one thing of the neighbor what the session
 * wants, and leaves it alone when it is.
 */
static void want_remote_as(struct peer *peer, const struct er_session_spec *spec)
{
	as_t as = spec->neighbor_as;
	char text[16];

	if (peer->as == as && peer->as_type == AS_SPECIFIED)
		return;
	snprintf(text, sizeof(text), "%u", as);
	peer_remote_as(peer->bgp, &peer->connection->su, NULL, &as, AS_SPECIFIED, text);
}

/* Our side of the session, when it is not `router bgp`'s own. */
static void want_local_as(struct peer *peer, const struct er_session_spec *spec)
{
	as_t as = spec->router_as == peer->bgp->as ? 0 : spec->router_as;
	char text[16];

	if (peer->change_local_as == as)
		return;
	if (!as) {
		peer_local_as_unset(peer);
		return;
	}
	snprintf(text, sizeof(text), "%u", as);
	peer_local_as_set(peer, as, true, true, false, text);
}

static void want_source(struct peer *peer, const struct er_session_spec *spec)
{
	union sockunion su;

	if (ipaddr_is_zero(&spec->local)) {
		if (peer->update_source || peer->update_if)
			peer_update_source_unset(peer);
		return;
	}
	er_to_sockunion(&spec->local, &su);
	if (!peer->update_source || sockunion_cmp(peer->update_source, &su))
		peer_update_source_addr_set(peer, &su);
}

static void want_description(struct peer *peer, const struct er_session_spec *spec)
{
	char text[ER_NAME_LEN + 48];

	/* `show bgp summary` has room for 20 characters: what differs comes first */
	if (spec->key.peering == ER_VPN)
		snprintf(text, sizeof(text), "gateway %d %s vpn-backup (expressroute)",
			 spec->key.role, spec->key.circuit);
	else
		snprintf(text, sizeof(text), "%s %s %s (expressroute)", er_role_str(spec->key.role),
			 spec->key.circuit, er_peering_type_str(spec->key.peering));
	if (!peer->desc || strcmp(peer->desc, text))
		peer_description_set(peer, text);
}

/* Returns false when the kernel does not take it. */
static bool want_password(struct peer *peer, const struct er_session_spec *spec)
{
	if (!spec->password[0]) {
		if (peer->password)
			peer_password_unset(peer);
		return true;
	}
	if (peer->password && !strcmp(peer->password, spec->password))
		return true;
	return peer_password_set(peer, spec->password) == BGP_SUCCESS;
}

/* In force from the next OPEN. */
static void want_timers(struct peer *peer, const struct er_session_spec *spec)
{
	uint32_t keepalive = MIN(spec->keepalive, spec->hold / 3);

	if (peer->connect != CONNECT_RETRY)
		peer_timers_connect_set(peer, CONNECT_RETRY);
	if (!spec->hold) {
		if (CHECK_FLAG(peer->flags, PEER_FLAG_TIMER))
			peer_timers_unset(peer);
	} else if (!CHECK_FLAG(peer->flags, PEER_FLAG_TIMER) || peer->holdtime != spec->hold ||
		   peer->keepalive != keepalive) {
		peer_timers_set(peer, spec->keepalive, spec->hold);
	}
}

/* Before BFD, which goes by it. */
static void want_ttl(struct peer *peer, const struct er_session_spec *spec)
{
	int ttl = MAX(spec->multihop, BGP_DEFAULT_TTL);

	if (peer->gtsm_hops != BGP_GTSM_HOPS_DISABLED)
		peer_ttl_security_hops_unset(peer);
	else if (ttl != BGP_DEFAULT_TTL)
		peer_ebgp_multihop_set(peer, ttl);
	else if (peer->ttl != BGP_DEFAULT_TTL)
		peer_ebgp_multihop_unset(peer);
}

static void want_bfd(struct peer *peer, const struct er_session_spec *spec)
{
	const struct er_bfd_config *bfd = &spec->bfd;
	struct bfd_session_config *has = peer->bfd_config;

	if (!bfd->enabled) {
		if (has)
			bgp_peer_remove_bfd_config(peer);
		return;
	}
	if (has && has->detection_multiplier == bfd->detect_multiplier &&
	    has->min_rx == bfd->receive_interval && has->min_tx == bfd->transmit_interval)
		return;
	bgp_peer_configure_bfd(peer, true);
	has = peer->bfd_config;
	has->detection_multiplier = bfd->detect_multiplier;
	has->min_rx = bfd->receive_interval;
	has->min_tx = bfd->transmit_interval;
	bgp_peer_config_apply(peer, NULL);
}

static void want_family(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	afi_t want = er_session_afi(session), afi;
	safi_t safi;

	peer_activate(peer, want, SAFI_UNICAST);
	FOREACH_AFI_SAFI (afi, safi)
		if (peer->afc[afi][safi] && (afi != want || safi != SAFI_UNICAST))
			peer_deactivate(peer, afi, safi);
}

/*
 * bgpd ignores a withdraw of what is not in Adj-RIB-In.  So what has come before
 * it was kept goes in there as it is stored, until it comes again.
 */
static void keep_what_is_there(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	struct bgp_table *table = peer->bgp->rib[er_session_afi(session)][SAFI_UNICAST];
	struct bgp_path_info *path;

	for (struct bgp_dest *dest = bgp_table_top(table); dest; dest = bgp_route_next(dest)) {
		path = er_rib_path(session, dest);
		if (path)
			bgp_adj_in_set(dest, peer, path->attr, path->addpath_rx_id, NULL);
	}
}

/*
 * Whether bgpd keeps what it receives.  It asks for what is there already, and
 * resets a session that cannot be asked: there, it waits for the next one.  It
 * is not thrown away while it is still being used.
 */
static void want_received(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);
	bool want = er_policy_keeps_received(session->peering);
	bool established = peer_established(peer->connection);

	if (want == er_session_keeps_received(session))
		return;
	if (!want) {
		if (!er_reevaluate_is_busy(session->peering))
			peer_af_flag_unset(peer, afi, SAFI_UNICAST, PEER_FLAG_SOFT_RECONFIG);
		return;
	}
	if (established && !CHECK_FLAG(peer->cap, PEER_CAP_REFRESH_RCV))
		return;
	peer_af_flag_set(peer, afi, SAFI_UNICAST, PEER_FLAG_SOFT_RECONFIG);
	if (established)
		keep_what_is_there(session);
}

/* Our own guard refuses another first AS, and keeps count of it. */
static void want_any_first_as(struct peer *peer)
{
	if (CHECK_FLAG(peer->flags, PEER_FLAG_ENFORCE_FIRST_AS) &&
	    !peer_established(peer->connection))
		peer_flag_unset(peer, PEER_FLAG_ENFORCE_FIRST_AS);
}

static void want_no_filters(struct peer *peer, afi_t afi)
{
	const struct bgp_filter *filter = &peer->filter[afi][SAFI_UNICAST];

	for (int direction = FILTER_IN; direction <= FILTER_OUT; direction++) {
		if (filter->dlist[direction].name)
			peer_distribute_unset(peer, afi, SAFI_UNICAST, direction);
		if (filter->plist[direction].name)
			peer_prefix_list_unset(peer, afi, SAFI_UNICAST, direction);
		if (filter->aslist[direction].name)
			peer_aslist_unset(peer, afi, SAFI_UNICAST, direction);
	}
	if (filter->usmap.name)
		peer_unsuppress_map_unset(peer, afi, SAFI_UNICAST);
	if (filter->advmap.aname)
		peer_advertise_map_unset(peer, afi, SAFI_UNICAST, filter->advmap.aname,
					 filter->advmap.amap, filter->advmap.cname,
					 filter->advmap.cmap, filter->advmap.condition);
}

/* None of these is on by default. */
static void want_no_flags(struct peer *peer, afi_t afi)
{
	static const uint64_t flags[] = {
		PEER_FLAG_DONT_CAPABILITY,
		PEER_FLAG_OVERRIDE_CAPABILITY,
		PEER_FLAG_STRICT_CAP_MATCH,
		PEER_FLAG_DISABLE_CONNECTED_CHECK,
		PEER_FLAG_GRACEFUL_SHUTDOWN,
		PEER_FLAG_LONESOUL,
		PEER_FLAG_AIGP,
	};
	static const uint64_t af_flags[] = {
		PEER_FLAG_NEXTHOP_SELF,
		PEER_FLAG_FORCE_NEXTHOP_SELF,
		PEER_FLAG_NEXTHOP_UNCHANGED,
		PEER_FLAG_NEXTHOP_LOCAL_UNCHANGED,
		PEER_FLAG_AS_PATH_UNCHANGED,
		PEER_FLAG_MED_UNCHANGED,
		PEER_FLAG_REMOVE_PRIVATE_AS,
		PEER_FLAG_REMOVE_PRIVATE_AS_ALL,
		PEER_FLAG_REMOVE_PRIVATE_AS_REPLACE,
		PEER_FLAG_REMOVE_PRIVATE_AS_ALL_REPLACE,
		PEER_FLAG_AS_OVERRIDE,
		PEER_FLAG_RSERVER_CLIENT,
		PEER_FLAG_ORF_PREFIX_SM,
		PEER_FLAG_ORF_PREFIX_RM,
	};

	for (size_t i = 0; i < array_size(flags); i++)
		if (CHECK_FLAG(peer->flags, flags[i]))
			peer_flag_unset(peer, flags[i]);
	for (size_t i = 0; i < array_size(af_flags); i++)
		if (CHECK_FLAG(peer->af_flags[afi][SAFI_UNICAST], af_flags[i]))
			peer_af_flag_unset(peer, afi, SAFI_UNICAST, af_flags[i]);
}

/*
 * Microsoft refuses what has come from Microsoft, on a link and on a gateway,
 * and so does our outbound policy.  bgpd can tell by itself, long before it asks a route-map: with a
 * large table that is most of what the outbound side costs.
 */
static void want_loop_check(struct peer *peer)
{
	if (!CHECK_FLAG(peer->flags, PEER_FLAG_AS_LOOP_DETECTION))
		peer_flag_set(peer, PEER_FLAG_AS_LOOP_DETECTION);
}

/*
 * What an operator has set on our neighbor would be in force and yet stand in
 * no configuration: undo it.
 */
static void want_nothing_else(struct peer *peer, afi_t afi)
{
	const uint64_t *flags = &peer->af_flags[afi][SAFI_UNICAST];

	want_no_filters(peer, afi);
	want_no_flags(peer, afi);
	if (CHECK_FLAG(*flags, PEER_FLAG_WEIGHT))
		peer_weight_unset(peer, afi, SAFI_UNICAST);
	if (CHECK_FLAG(*flags, PEER_FLAG_MAX_PREFIX))
		peer_maximum_prefix_unset(peer, afi, SAFI_UNICAST);
	if (CHECK_FLAG(*flags, PEER_FLAG_MAX_PREFIX_OUT))
		peer_maximum_prefix_out_unset(peer, afi, SAFI_UNICAST);

	if (CHECK_FLAG(peer->flags, PEER_FLAG_PASSIVE))
		peer_flag_unset(peer, PEER_FLAG_PASSIVE);
	if (CHECK_FLAG(peer->flags, PEER_FLAG_SHUTDOWN))
		peer_flag_unset(peer, PEER_FLAG_SHUTDOWN);
}

static void shape_neighbor(struct er_bgp_session *session)
{
	const struct er_session_spec *spec = &session->spec;
	struct peer *peer = session->peer;

	want_remote_as(peer, spec);
	want_local_as(peer, spec);
	want_description(peer, spec);
	want_family(session);
	want_received(session);
	er_policy_attach(session);
	if (spec->key.peering != ER_VPN)
		want_any_first_as(peer);
	want_loop_check(peer);
	if (!want_password(peer, spec))
		set_problem(session,
			    "the kernel refuses the MD5 password: it must be built with TCP_MD5SIG");
	want_timers(peer, spec);
	want_source(peer, spec);
	want_ttl(peer, spec);
	want_bfd(peer, spec);
	want_nothing_else(peer, er_session_afi(session));
	er_site_want_own_as(session);
}

/* In a VRF, bgpd listens from its first `neighbor` command on: ours comes without one. */
static void want_listening(struct bgp *bgp)
{
#ifdef BGP_FLAG_VRF_MAY_LISTEN
	if (bgp->inst_type != BGP_INSTANCE_TYPE_VRF ||
	    CHECK_FLAG(bgp->flags, BGP_FLAG_VRF_MAY_LISTEN))
		return;
	SET_FLAG(bgp->flags, BGP_FLAG_VRF_MAY_LISTEN);
	bgp_handle_socket(bgp, bgp_vrf_lookup_by_instance_type(bgp), VRF_UNKNOWN, true);
#endif
}

static bool create_neighbor(struct er_bgp_session *session, struct bgp *bgp)
{
	as_t as = session->spec.neighbor_as;
	union sockunion su;
	struct peer *peer;
	char text[16];

	want_listening(bgp);
	er_to_sockunion(&session->spec.neighbor, &su);
	snprintf(text, sizeof(text), "%u", as);
	if (peer_remote_as(bgp, &su, NULL, &as, AS_SPECIFIED, text) != BGP_SUCCESS)
		return false;
	peer = peer_lookup(bgp, &su);
	if (!peer)
		return false;
	track(session, peer);
	shape_neighbor(session);
	/* what has been set so far was no reset */
	peer->last_reset = PEER_DOWN_NONE;
	return true;
}

/*
 * `bgp listen range` answers any address of its range: it may have been quicker
 * than we.  Nobody has configured that neighbor, so nobody loses it.
 */
static bool remove_dynamic(struct peer *peer)
{
	if (!peer_dynamic_neighbor(peer))
		return false;
	peer_notify_unconfig(peer->connection);
	peer_delete(peer);
	return true;
}

/*
 * Of what a peer-group brings nobody keeps book, and a default route that is
 * taken back at once may still go out, and stay: made anew, the neighbor is rid
 * of both.
 */
static bool cannot_be_undone(const struct er_bgp_session *session)
{
	const struct peer *peer = session->peer;

	return peer->group || CHECK_FLAG(peer->af_flags[er_session_afi(session)][SAFI_UNICAST],
					 PEER_FLAG_DEFAULT_ORIGINATE);
}

/* With `remote-as external` bgpd learns the AS from OPEN; our guard, from routes. */
static bool is_of_another_as(const struct peer *peer, as_t as)
{
	return peer->as != as && (peer->as || peer->as_type != AS_EXTERNAL);
}

static void reconcile_attached(struct er_bgp_session *session, struct bgp *bgp)
{
	const struct er_session_spec *spec = &session->spec;
	afi_t afi = er_session_afi(session);
	union sockunion su;
	struct peer *peer;

	er_to_sockunion(&spec->neighbor, &su);
	peer = peer_lookup(bgp, &su);
	if (!peer) {
		set_problem(session,
			    "no neighbor %pIA under `router bgp`%s%s: configure it there, or use `session managed`",
			    &spec->neighbor, in_default_vrf(session) ? "" : " in VRF ",
			    in_default_vrf(session) ? "" : spec->vrf);
		return;
	}
	if (!session->peer) {
		track(session, peer);
		er_rib_walk(session->peering);
	}
	if (is_of_another_as(peer, spec->neighbor_as))
		set_problem(session,
			    "neighbor %pIA has remote-as %u, but %s is %u: no policy is applied until `neighbor %pIA remote-as %u`",
			    &spec->neighbor, peer->as,
			    spec->key.peering == ER_VPN ? "the gateway's" : "Microsoft's",
			    spec->neighbor_as, &spec->neighbor, spec->neighbor_as);
	else if (!peer->afc[afi][SAFI_UNICAST])
		set_problem(session,
			    "neighbor %pIA is not activated for %s unicast: activate it there, or remove the %s %s",
			    &spec->neighbor, er_family_str(spec->key.family),
			    er_family_str(spec->key.family),
			    spec->key.peering == ER_VPN ? "neighbor of this gateway"
							: "subnet of this link");
	if (!session->problem[0])
		er_policy_attach(session);
	else if (session->policy_attached)
		er_policy_detach(session);
}

/*
 * Managed, but the operator has the neighbor already: nobody loses it, and while it is
 * there it carries traffic, by our rules as well as by its own.
 */
static void adopt(struct er_bgp_session *session, struct bgp *bgp)
{
	session->adopted = true;
	reconcile_attached(session, bgp);
	if (!session->problem[0])
		set_problem(session,
			    "neighbor %pIA is already configured under `router bgp`%s%s, and its lines are in force: remove it there, or use `session attached`",
			    &session->spec.neighbor, in_default_vrf(session) ? "" : " in VRF ",
			    in_default_vrf(session) ? "" : session->spec.vrf);
}

static void reconcile_managed(struct er_bgp_session *session, struct bgp *bgp)
{
	union sockunion su;
	struct peer *peer;

	if (session->adopted) {
		adopt(session, bgp);
		return;
	}
	if (session->peer && cannot_be_undone(session))
		er_session_release(session);
	if (session->peer) {
		shape_neighbor(session);
		return;
	}
	er_to_sockunion(&session->spec.neighbor, &su);
	peer = peer_lookup(bgp, &su);
	if (peer && !remove_dynamic(peer))
		adopt(session, bgp);
	else if (!create_neighbor(session, bgp))
		set_problem(session, "bgpd refuses the neighbor %pIA: see its log",
			    &session->spec.neighbor);
}

/* Another session's neighbor has the same address in the same VRF. */
static const struct er_bgp_session *find_owner(const struct er_bgp_session *session,
					       struct bgp *bgp)
{
	const struct er_bgp_session *owner;
	union sockunion su;
	struct peer *peer;

	er_to_sockunion(&session->spec.neighbor, &su);
	peer = peer_lookup(bgp, &su);
	owner = peer ? er_session_of_peer(peer) : NULL;
	return owner == session ? NULL : owner;
}

static void reconcile_one(struct er_bgp_session *session)
{
	struct bgp *bgp = er_session_instance(session->spec.vrf);
	const struct er_bgp_session *owner;

	session->problem[0] = '\0';
	if (!bgp) {
		if (in_default_vrf(session))
			set_problem(session,
				    "no `router bgp`: configure `router bgp AS`, and the session comes up by itself");
		else
			set_problem(session,
				    "no `router bgp` in VRF %s: configure `router bgp AS vrf %s`, and the session comes up by itself",
				    session->spec.vrf, session->spec.vrf);
		return;
	}
	if (!er_module_fits())
		return;
	owner = find_owner(session, bgp);
	if (owner)
		set_problem(session,
			    "neighbor %pIA already belongs to %s: give one of the two another %s",
			    &session->spec.neighbor, er_session_name(owner),
			    session->spec.key.peering == ER_VPN ? "neighbor" : "subnet");
	else if (session->spec.mode == ER_MANAGED)
		reconcile_managed(session, bgp);
	else
		reconcile_attached(session, bgp);
}

/*
 * While bgpd reads its configuration, what we made would swallow the
 * operator's own lines for the same neighbor.
 */
void er_session_reconcile(void)
{
	struct er_bgp_session *session;

	if (er_bgp.finished)
		return;
	er_state_hold();
	frr_each (er_session_tree, &er_bgp.sessions, session) {
		if (bgp_config_inprocess() && !session->peer)
			set_problem(session, "bgpd is reading its configuration");
		else
			reconcile_one(session);
	}
	er_partner_look();
	er_report_sessions_soon();
}

static void reconcile(struct event *event)
{
	er_session_reconcile();
}

void er_session_reconcile_soon(void)
{
	if (er_session_tree_count(&er_bgp.sessions) || er_partner_any() || er_state_holds())
		event_add_event(bm->master, reconcile, NULL, 0, &sessions.t_reconcile);
}

/*
 * running-config.  bgpd writes the neighbors that are not dynamic, so ours are
 * dynamic while it writes; and it writes the route-map's name that it finds,
 * so there it finds the operator's.
 */
static void hide_ours(bool hide)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session) {
		if (!session->peer)
			continue;
		if (!er_session_is_attached(session))
			COND_FLAG(session->peer->flags, PEER_FLAG_DYNAMIC_NEIGHBOR, hide);
		else if (session->policy_attached)
			for (int direction = RMAP_IN; direction <= RMAP_OUT; direction++)
				er_map_show_operators(session, direction, hide);
	}
}

static int config_write(struct vty *vty)
{
	int lines;

	hide_ours(true);
	lines = sessions.config_write(vty);
	hide_ours(false);
	return lines;
}

void er_session_init(void)
{
	struct cmd_node *node = vector_slot(cmdvec, BGP_NODE);

	sessions.config_write = node->config_write;
	node->config_write = config_write;
}

void er_session_fini(void)
{
	struct cmd_node *node = vector_slot(cmdvec, BGP_NODE);
	struct er_bgp_session *session;

	node->config_write = sessions.config_write;
	event_cancel(&sessions.t_reconcile);
	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (session->peer)
			untrack(session);
}
