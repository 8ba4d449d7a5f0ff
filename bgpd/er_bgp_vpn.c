// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN backups beside the circuits that they back.
 *
 * Over the VPN goes what the circuits' private peerings would advertise if all
 * were well: their set, as the operator's own lists and route-map of their
 * neighbors leave it, whether or not their sessions are up; and what the backup
 * itself has been told to.  Never what has come from ExpressRoute or a VPN.  A
 * prefix that is held back at a circuit's limit is held back here, too, when it
 * lies within one that the circuit advertises: else it would pull its traffic
 * off the circuit.  The limit itself is the circuit's, none is known for a VPN.
 *
 * A circuit that yields advertises nothing while a gateway of that backup has
 * a session, and has had it for so long that Azure knows what we advertise
 * there.  That is decided here and not by erouted: when the last such session
 * goes, the circuit advertises again even if erouted is dead.
 */
#include <zebra.h>
#include "compat.h"

#include "filter.h"
#include "plist.h"
#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_filter.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"
#include "core/admission.h"
#include "core/guard.h"
#include "core/limits.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_BACKED, "ExpressRoute circuits of a VPN backup");

/* What circuits admit changes prefix by prefix; the gateways are told after that. */
#define ADVERTISE_MS 1000

/*
 * Which backs which.
 */
static struct er_bgp_peering *find_private(const char *circuit, enum er_family family)
{
	struct er_peering_key key = { .peering = ER_PRIVATE, .family = family };

	strlcpy(key.circuit, circuit, sizeof(key.circuit));
	return er_peering_find(&key);
}

static struct er_bgp_peering *find_vpn(const char *vpn, enum er_family family)
{
	struct er_peering_key key = { .peering = ER_VPN, .family = family };

	strlcpy(key.circuit, vpn, sizeof(key.circuit));
	return er_peering_find(&key);
}

static void add_backed(struct er_bgp_peering *vpn, struct er_bgp_peering *circuit)
{
	if (!vpn || !circuit || circuit->backup)
		return;
	circuit->backup = vpn;
	vpn->backed = XREALLOC(MTYPE_ER_BACKED, vpn->backed,
			       (vpn->n_backed + 1) * sizeof(struct er_bgp_peering *));
	vpn->backed[vpn->n_backed++] = circuit;
}

static int pointer_cmp(const void *a, const void *b)
{
	struct er_bgp_peering *const *pa = a, *const *pb = b;

	return er_peering_cmp(*pa, *pb);
}

static void unlink_all(struct er_bgp_peering *vpn)
{
	for (size_t i = 0; i < vpn->n_backed; i++)
		vpn->backed[i]->backup = NULL;
	vpn->was_backed = vpn->backed;
	vpn->n_was_backed = vpn->n_backed;
	vpn->backed = NULL;
	vpn->n_backed = 0;
}

static void find_backed(struct er_bgp_peering *vpn, const struct er_wire_backs *backs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(backs[i].vpn, vpn->key.circuit))
			add_backed(vpn, find_private(backs[i].circuit, vpn->key.family));
	if (vpn->n_backed)
		qsort(vpn->backed, vpn->n_backed, sizeof(struct er_bgp_peering *), pointer_cmp);
}

static bool backs_the_same(const struct er_bgp_peering *vpn)
{
	return vpn->n_backed == vpn->n_was_backed &&
	       (!vpn->n_backed ||
		!memcmp(vpn->backed, vpn->was_backed, vpn->n_backed * sizeof(*vpn->backed)));
}

static void compare_backed(struct er_bgp_peering *vpn)
{
	bool same = backs_the_same(vpn);

	XFREE(MTYPE_ER_BACKED, vpn->was_backed);
	vpn->n_was_backed = 0;
	if (same)
		return;
	er_outbound_again(vpn);
	er_reevaluate_all(vpn);
	er_cover_all_changed(vpn);
}

/* A circuit may go from one backup to another: all are let go before any is found. */
void er_vpn_apply(const struct er_wire_backs *backs, size_t n)
{
	struct er_bgp_peering *peering;

	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (er_is_vpn(peering))
			unlink_all(peering);
	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (er_is_vpn(peering))
			find_backed(peering, backs, n);
	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (er_is_vpn(peering))
			compare_backed(peering);
}

static void remove_backed(struct er_bgp_peering *vpn, const struct er_bgp_peering *circuit)
{
	size_t kept = 0;

	for (size_t i = 0; i < vpn->n_backed; i++)
		if (vpn->backed[i] != circuit)
			vpn->backed[kept++] = vpn->backed[i];
	vpn->n_backed = kept;
	er_cover_all_changed(vpn);
}

void er_vpn_forget(struct er_bgp_peering *peering)
{
	unlink_all(peering);
	XFREE(MTYPE_ER_BACKED, peering->was_backed);
	peering->n_was_backed = 0;
	if (peering->backup)
		remove_backed(peering->backup, peering);
	peering->backup = NULL;
	event_cancel(&peering->t_yield);
	event_cancel(&peering->t_advertise);
}

bool er_vpn_is_own(const struct er_bgp_peering *vpn, const struct prefix *prefix)
{
	if (er_guard_is_own(ER_PRIVATE, prefix, vpn->advertise, vpn->n_advertise))
		return true;
	for (size_t i = 0; i < vpn->n_backed; i++) {
		const struct er_bgp_peering *circuit = vpn->backed[i];

		if (er_guard_is_own(ER_PRIVATE, prefix, circuit->advertise, circuit->n_advertise) ||
		    er_outbound_is_own(circuit, prefix))
			return true;
	}
	return false;
}

/*
 * What goes out over the VPN.
 */
bool er_vpn_is_transit(const struct bgp_path_info *path)
{
	const struct er_bgp_session *from = path->from ? er_session_of_peer(path->from) : NULL;

	return from && er_is_vpn(from->peering);
}

bool er_vpn_is_of_microsoft(const struct bgp_path_info *path)
{
	return (path->from && er_session_of_peer(path->from)) ||
	       aspath_loop_check(path->attr->aspath, ER_MICROSOFT_AS);
}

/* The path that goes out, as bgpd has it: no map has changed it. */
static struct bgp_path_info *find_source(const struct bgp_path_info *path)
{
	struct bgp_path_info *pi = bgp_dest_get_bgp_path_info(path->net), *best = NULL;

	for (; pi; pi = pi->next) {
		if (pi->peer == path->from && CHECK_FLAG(pi->flags, BGP_PATH_SELECTED))
			return pi;
		if (pi->peer == path->from && !best)
			best = pi;
	}
	return best;
}

/* An operator's neighbor may have lists beside its route-map; one that is missing denies. */
static bool lists_permit(const struct er_bgp_session *session, const struct prefix *prefix,
			 const struct attr *attr)
{
	struct bgp_filter *filter = &session->peer->filter[er_session_afi(session)][SAFI_UNICAST];

	return (!filter->dlist[FILTER_OUT].name ||
		access_list_apply(filter->dlist[FILTER_OUT].alist, prefix) == FILTER_PERMIT) &&
	       (!filter->plist[FILTER_OUT].name ||
		prefix_list_apply(filter->plist[FILTER_OUT].plist, prefix) == PREFIX_PERMIT) &&
	       (!filter->aslist[FILTER_OUT].name ||
		as_list_apply(filter->aslist[FILTER_OUT].aslist, attr->aspath) == AS_FILTER_PERMIT);
}

static bool link_would(const struct er_bgp_session *link, const struct prefix *prefix,
		       const struct bgp_path_info *path, struct bgp_path_info *source)
{
	return er_outbound_is_advertised(link, prefix) && source &&
	       lists_permit(link, prefix, source->attr) &&
	       er_map_operator_would_permit(link, RMAP_OUT, path->net, source, path->from,
					    source->attr);
}

/* Would the circuit advertise it?  One without neighbors has nothing but its set. */
static bool circuit_would(const struct er_bgp_peering *circuit, const struct prefix *prefix,
			  const struct bgp_path_info *path, struct bgp_path_info *source)
{
	bool has_neighbor = false;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		const struct er_bgp_session *link = circuit->session[role];

		if (!link || !link->peer)
			continue;
		has_neighbor = true;
		if (link_would(link, prefix, path, source))
			return true;
	}
	return !has_neighbor && er_outbound_is_in_set(circuit, prefix);
}

static bool has_admission(const struct er_bgp_peering *circuit, const struct prefix *prefix,
			  enum er_admitted wanted)
{
	enum er_admitted is;

	return circuit->out.admission && er_admission_get(circuit->out.admission, prefix, &is) &&
	       is == wanted;
}

/* What contains the prefix, the next shorter one; a default route contains nothing here. */
static bool widen(struct prefix *prefix)
{
	if (prefix->prefixlen <= 1)
		return false;
	prefix->prefixlen--;
	apply_mask(prefix);
	return true;
}

static bool is_within_admitted(const struct er_bgp_peering *circuit, struct prefix outer)
{
	while (widen(&outer))
		if (has_admission(circuit, &outer, ER_ADMITTED))
			return true;
	return false;
}

static bool is_more_specific(const struct er_bgp_peering *vpn, struct prefix outer)
{
	while (widen(&outer)) {
		if (er_outbound_is_in_set(vpn, &outer))
			return true;
		for (size_t i = 0; i < vpn->n_backed; i++)
			if (er_outbound_is_in_set(vpn->backed[i], &outer))
				return true;
	}
	return false;
}

enum er_rule er_vpn_outbound_rule(const struct er_bgp_session *session,
				  const struct prefix *prefix, const struct bgp_path_info *path)
{
	const struct er_bgp_peering *vpn = session->peering;
	bool more = vpn->spec.more_specifics, held = false;
	struct bgp_path_info *source;

	if (er_vpn_is_of_microsoft(path))
		return ER_RULE_NOT_ADVERTISED;
	if (er_outbound_is_in_set(vpn, prefix))
		return ER_RULE_NONE;
	source = find_source(path);
	for (size_t i = 0; i < vpn->n_backed; i++) {
		const struct er_bgp_peering *circuit = vpn->backed[i];

		if (!circuit_would(circuit, prefix, path, source))
			continue;
		if (more || !has_admission(circuit, prefix, ER_HELD) ||
		    !is_within_admitted(circuit, *prefix))
			return ER_RULE_NONE;
		held = true;
	}
	if (held)
		return ER_RULE_LIMIT;
	return more && is_more_specific(vpn, *prefix) ? ER_RULE_NONE : ER_RULE_NOT_ADVERTISED;
}

static void add_dependency(struct er_dependency *all, size_t *n, bool is_map, char *name)
{
	if (!name || !name[0])
		return;
	for (size_t i = 0; i < *n; i++)
		if (all[i].is_map == is_map && !strcmp(all[i].name, name))
			return;
	all[(*n)++] = (struct er_dependency){ name, is_map };
}

void er_vpn_depend(struct er_bgp_session *session)
{
	struct er_bgp_peering *vpn = session->peering;
	/* each circuit has a list, and a map on each link */
	size_t size = vpn->n_backed * (1 + ER_ROLES), n = 0;
	struct er_dependency *all = size ? XCALLOC(MTYPE_ER_BACKED, size * sizeof(*all)) : NULL;

	for (size_t i = 0; i < vpn->n_backed; i++) {
		struct er_bgp_peering *circuit = vpn->backed[i];

		add_dependency(all, &n, false, circuit->spec.advertise_list);
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
			if (circuit->session[role])
				add_dependency(all, &n, true,
					       circuit->session[role]->map[RMAP_OUT].operators);
	}
	er_map_depend(session, all, n);
	XFREE(MTYPE_ER_BACKED, all);
}

static void advertise_again(struct event *event)
{
	er_outbound_again(EVENT_ARG(event));
}

void er_vpn_circuit_changed(struct er_bgp_peering *peering)
{
	struct er_bgp_peering *vpn = peering->backup;

	if (vpn)
		event_add_timer_msec(bm->master, advertise_again, vpn, ADVERTISE_MS,
				     &vpn->t_advertise);
}

/*
 * Yielding.
 */
static int64_t established_since(const struct er_bgp_session *session)
{
	return session && session->peer && session->policy_attached &&
			       peer_established(session->peer->connection)
		       ? session->established_ms
		       : 0;
}

/* How long until the VPN carries what the circuit does not advertise; -1: nobody knows. */
static int64_t wait_for(const struct er_bgp_peering *vpn)
{
	int64_t wait = -1, now = er_mono_ms();

	for (enum er_role role = ER_PRIMARY; vpn && role < ER_ROLES; role++) {
		int64_t since = established_since(vpn->session[role]), left;

		if (!since)
			continue;
		left = MAX(since + ER_VPN_SETTLE_MS - now, 0);
		wait = wait < 0 ? left : MIN(wait, left);
	}
	return wait;
}

static void look(struct er_bgp_peering *peering);

static void look_again(struct event *event)
{
	look(EVENT_ARG(event));
}

static void look(struct er_bgp_peering *peering)
{
	const char *to = peering->spec.yields_to;
	int64_t wait = to[0] ? wait_for(find_vpn(to, peering->key.family)) : -1;
	bool yields = wait == 0 || (wait > 0 && peering->yielding);

	event_cancel(&peering->t_yield);
	if (wait > 0)
		event_add_timer_msec(bm->master, look_again, peering, wait, &peering->t_yield);
	if (yields == peering->yielding)
		return;
	peering->yielding = yields;
	er_outbound_again(peering);
}

void er_vpn_look(void)
{
	struct er_bgp_peering *peering;

	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (peering->spec.yields_to[0] || peering->yielding)
			look(peering);
}
