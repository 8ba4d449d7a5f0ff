// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Presence: which prefix has come over which link of a peering, drained,
 * stale, and by the same AS path or not.
 *
 * bgpd calls its hook before it has changed anything, several times for one
 * change, and with a withdraw flag that means little.  So the hook only notes
 * the dest in the table as dirty; an event evaluates it afresh and moves the
 * counters by the difference.  A denied prefix is stored nowhere in bgpd and
 * counted nowhere here: presence means accepted.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_aspath.h"
#include "bgpd/er_bgp.h"
#include "bgpd/er_bgp_site.h"
#include "core/core.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_DIRTY, "ExpressRoute prefixes to evaluate");

/* Dests per event: about 0.2 ms. */
#define SLICE 1000
/*
 * From one round of evaluation to the next.  The first change of a burst is
 * evaluated at once; later ones wait, so that a prefix which comes over both
 * links is looked at once, and bgpd is not interrupted at every packet.
 */
#define EVALUATE_PACE_MS 10
/* While one is evaluated, this many further ones are on their way from memory. */
#define AHEAD 6
/* A list longer than this is given back when it is done. */
#define DIRTY_KEEP 4096

/* The flags of a slot; those of a role are shifted by it. */
#define PRESENT(role) (1u << (role))
#define DRAINED(role) (4u << (role))
#define STALE(role)   (16u << (role))
#define DIFFERS	      64u
#define PRESENT_ANY   (PRESENT(ER_PRIMARY) | PRESENT(ER_SECONDARY))
#define DIRTY	      128u

static bool counts(const struct bgp_path_info *pi)
{
	return pi->sub_type == BGP_ROUTE_NORMAL &&
	       !CHECK_FLAG(pi->flags, BGP_PATH_REMOVED | BGP_PATH_HISTORY);
}

struct bgp_path_info *er_rib_path(const struct er_bgp_session *session, struct bgp_dest *dest)
{
	struct bgp_path_info *pi;

	if (!session->peer)
		return NULL;
	for (pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next)
		if (pi->peer == session->peer && counts(pi))
			return pi;
	return NULL;
}

static bool is_present(uint8_t flags, enum er_role role)
{
	return flags & PRESENT(role);
}

static void note_overlap(struct er_rib_facts *facts, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < facts->n_overlaps; i++)
		if (prefix_same(&facts->overlap[i], prefix))
			return;
	if (facts->n_overlaps < ER_OVERLAPS)
		prefix_copy(&facts->overlap[facts->n_overlaps++], prefix);
}

/* A site's own supernet is no VNet, and the default route is nobody's. */
static bool is_azures(const struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	uint32_t as = 0;

	if (!prefix->prefixlen || !er_rib_has(peering, dest))
		return false;
	for (enum er_role role = ER_PRIMARY; peering->sites && role < ER_ROLES; role++) {
		const struct er_bgp_session *session = peering->session[role];
		const struct bgp_path_info *path = session ? er_rib_path(session, dest) : NULL;

		if (path)
			er_site_of(session, prefix, path->attr->aspath, &as);
	}
	return !as;
}

/* "can't overlap with address ranges used for virtual networks" (MS: expressroute-routing) */
static void note_overlaps(const struct er_bgp_peering *peering, struct er_rib_facts *facts)
{
	struct bgp *bgp = peering->bgp;
	struct er_bgp_session *session;
	struct bgp_dest *dest;
	struct prefix host;

	if (!bgp || peering->key.peering != ER_PRIVATE)
		return;
	frr_each (er_session_tree, &er_bgp.sessions, session) {
		if (session->peering->bgp != bgp || er_is_vpn(session->peering) ||
		    session->spec.key.family != peering->key.family)
			continue;
		memset(&host, 0, sizeof(host));
		host.family = ipaddr_family(&session->spec.local);
		host.prefixlen = IPADDRSZ(&session->spec.local) * 8;
		memcpy(&host.u, &session->spec.local.ip, IPADDRSZ(&session->spec.local));
		dest = bgp_node_match(bgp->rib[er_peering_afi(peering)][SAFI_UNICAST], &host);
		if (!dest)
			continue;
		bgp_dest_unlock_node(dest); /* its paths hold it */
		for (; dest; dest = bgp_dest_parent_nolock(dest))
			if (is_azures(peering, dest))
				note_overlap(facts, bgp_dest_get_prefix(dest));
	}
}

void er_rib_facts(const struct er_bgp_peering *peering, struct er_rib_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	for (unsigned int flags = 1; flags < ER_RIB_FLAGS; flags++) {
		uint32_t n = peering->count[flags];

		if (is_present(flags, ER_PRIMARY) && is_present(flags, ER_SECONDARY))
			facts->both += n;
		else
			facts->only[is_present(flags, ER_PRIMARY) ? ER_PRIMARY : ER_SECONDARY] += n;
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
			facts->drained[role] += flags & DRAINED(role) ? n : 0;
			facts->stale[role] += flags & STALE(role) ? n : 0;
		}
		facts->path_differs += flags & DIFFERS ? n : 0;
	}
	er_count_facts(peering, facts);
	note_overlaps(peering, facts);
}

uint32_t er_rib_accepted(const struct er_bgp_session *session)
{
	uint32_t n = 0;

	for (unsigned int flags = 1; flags < ER_RIB_FLAGS; flags++)
		if (is_present(flags, session->spec.key.role))
			n += session->peering->count[flags];
	return n;
}

/* Both links' paths, in one pass. */
static void find_paths(struct er_bgp_peering *peering, struct bgp_dest *dest,
		       struct bgp_path_info *found[ER_ROLES])
{
	struct peer *peer[ER_ROLES];
	struct bgp_path_info *pi;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		peer[role] = peering->session[role] ? peering->session[role]->peer : NULL;

	for (pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next)
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
			if (pi->peer == peer[role] && !found[role] && counts(pi))
				found[role] = pi;
}

static uint8_t measure(struct bgp_path_info *const pi[ER_ROLES])
{
	const struct aspath *path[ER_ROLES] = {};
	struct er_aspath_split split[ER_ROLES] = {};
	uint8_t flags = 0;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!pi[role])
			continue;
		flags |= PRESENT(role);
		if (CHECK_FLAG(pi[role]->flags, BGP_PATH_STALE))
			flags |= STALE(role);
		path[role] = pi[role]->attr->aspath;
	}

	/* most prefixes come by one and the same path, which bgpd keeps once */
	if (path[ER_PRIMARY] == path[ER_SECONDARY]) {
		er_aspath_split(path[ER_PRIMARY], &split[ER_PRIMARY]);
		if (er_path_is_drained(split[ER_PRIMARY].lead, split[ER_PRIMARY].lead))
			flags |= DRAINED(ER_PRIMARY) | DRAINED(ER_SECONDARY);
		return flags;
	}

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (pi[role])
			er_aspath_split(path[role], &split[role]);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (pi[role] && er_path_is_drained(split[role].lead, split[!role].lead))
			flags |= DRAINED(role);
	if (pi[ER_PRIMARY] && pi[ER_SECONDARY] &&
	    !er_aspath_rest_same(&split[ER_PRIMARY], &split[ER_SECONDARY]))
		flags |= DIFFERS;
	return flags;
}

static void tell_backup(struct er_bgp_peering *peering, struct bgp_dest *dest, uint8_t was,
			uint8_t is)
{
	const bool present[ER_ROLES] = { is_present(is, ER_PRIMARY), is_present(is, ER_SECONDARY) };

	if (peering->cover)
		er_cover_note(peering, dest, present);
	else if (peering->backup && !(was & PRESENT_ANY) != !(is & PRESENT_ANY))
		er_cover_circuit_changed(peering->backup, dest);
}

/* Returns whether a counter has moved. */
static bool evaluate(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	er_slot *slot = er_table_find(&peering->table, dest);
	struct bgp_path_info *pi[ER_ROLES] = {};
	uint8_t was, is;

	if (!slot)
		return false;
	find_paths(peering, dest, pi);
	was = er_slot_flags(*slot) & ~DIRTY;
	is = measure(pi);
	er_slot_set_flags(slot, is);
	peering->count[was]--;
	peering->count[is]++;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (pi[role])
			er_policy_apply_preference(peering->session[role], dest, pi[role],
						   is & DRAINED(role));
	tell_backup(peering, dest, was, is);
	if (!is) {
		er_table_del(&peering->table, slot);
		bgp_dest_unlock_node(dest);
	}
	return was != is;
}

/* Forget what has been evaluated. */
static void dirty_drop(struct er_bgp_peering *peering)
{
	peering->n_dirty -= peering->dirty_first;
	if (peering->n_dirty)
		memmove(peering->dirty, &peering->dirty[peering->dirty_first],
			peering->n_dirty * sizeof(*peering->dirty));
	peering->dirty_first = 0;
	if (!peering->n_dirty && peering->dirty_size > DIRTY_KEEP) {
		XFREE(MTYPE_ER_DIRTY, peering->dirty);
		peering->dirty_size = 0;
	}
}

static void prefetch_dirty(const struct er_bgp_peering *peering, unsigned int at)
{
	if (at >= peering->n_dirty)
		return;
	__builtin_prefetch(peering->dirty[at]);
	er_table_prefetch(&peering->table, peering->dirty[at]);
}

static void evaluate_slice(struct event *event)
{
	struct er_bgp_peering *peering = EVENT_ARG(event);
	bool changed = false;

	for (unsigned int n = 0; n < SLICE && peering->dirty_first < peering->n_dirty; n++) {
		prefetch_dirty(peering, peering->dirty_first + AHEAD);
		changed |= evaluate(peering, peering->dirty[peering->dirty_first++]);
	}

	/* not at each slice of a long list, or moving it would cost most */
	if (peering->dirty_first >= peering->n_dirty / 2)
		dirty_drop(peering);
	if (peering->n_dirty)
		event_add_event(bm->master, evaluate_slice, peering, 0, &peering->t_evaluate);
	peering->evaluate_ms = er_mono_ms();
	if (changed)
		er_report_rib_changed(peering);
}

static void schedule(struct er_bgp_peering *peering)
{
	if (er_mono_ms() - peering->evaluate_ms >= EVALUATE_PACE_MS)
		event_add_event(bm->master, evaluate_slice, peering, 0, &peering->t_evaluate);
	else
		event_add_timer_msec(bm->master, evaluate_slice, peering, EVALUATE_PACE_MS,
				     &peering->t_evaluate);
}

static void dirty_push(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	if (!peering->n_dirty)
		schedule(peering);
	if (peering->n_dirty == peering->dirty_size) {
		peering->dirty_size = MAX(peering->dirty_size * 2, 64u);
		peering->dirty = XREALLOC(MTYPE_ER_DIRTY, peering->dirty,
					  peering->dirty_size * sizeof(*peering->dirty));
	}
	peering->dirty[peering->n_dirty++] = dest;
}

void er_rib_note(struct er_bgp_session *session, struct bgp_dest *dest)
{
	struct er_bgp_peering *peering = session->peering;
	bool added;
	er_slot *slot = er_table_add(&peering->table, dest, &added);

	peering->notes++;
	if (added)
		bgp_dest_lock_node(dest);
	else if (er_slot_flags(*slot) & DIRTY)
		return;
	er_slot_set_flags(slot, er_slot_flags(*slot) | DIRTY);
	dirty_push(peering, dest);
}

struct bgp_dest *er_rib_next(const struct er_bgp_peering *peering, uint32_t *at)
{
	er_slot *slot;

	while ((slot = er_table_next(&peering->table, at)))
		if (er_slot_flags(*slot) & PRESENT_ANY)
			return er_slot_item(*slot);
	return NULL;
}

bool er_rib_has(const struct er_bgp_peering *peering, const struct bgp_dest *dest)
{
	const er_slot *slot = er_table_find(&peering->table, dest);

	return slot && er_slot_flags(*slot) & PRESENT_ANY;
}

static bool is_used(const struct bgp_path_info *pi)
{
	return CHECK_FLAG(pi->flags, BGP_PATH_SELECTED | BGP_PATH_MULTIPATH);
}

bool er_rib_own_drained(const struct er_bgp_session *session, uint32_t *best)
{
	const struct er_bgp_peering *peering = session->peering;
	const struct bgp_path_info *pi;
	er_slot *slot;

	*best = 0;
	if (!session->spec.drained || !session->policy_attached || peering->n_dirty)
		return false;
	for (uint32_t at = 0; (slot = er_table_next(&peering->table, &at));) {
		if (!is_present(er_slot_flags(*slot), session->spec.key.role))
			continue;
		pi = er_rib_path(session, er_slot_item(*slot));
		*best += pi && is_used(pi);
	}
	return true;
}

/* All of them are in bgpd's queue before it looks at the first. */
void er_rib_rewrite(struct er_bgp_peering *peering)
{
	er_slot *slot;

	for (uint32_t at = 0; (slot = er_table_next(&peering->table, &at));) {
		struct bgp_dest *dest = er_slot_item(*slot);
		struct bgp_path_info *pi[ER_ROLES] = {};

		find_paths(peering, dest, pi);
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
			if (pi[role])
				er_policy_apply_preference(peering->session[role], dest, pi[role],
							   false);
	}
}

void er_rib_recheck(struct er_bgp_peering *peering)
{
	er_slot *slot;

	for (uint32_t at = 0; (slot = er_table_next(&peering->table, &at));) {
		if (er_slot_flags(*slot) & DIRTY)
			continue;
		er_slot_set_flags(slot, er_slot_flags(*slot) | DIRTY);
		dirty_push(peering, er_slot_item(*slot));
	}
}

static void note_paths(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		struct er_bgp_session *session = peering->session[role];

		if (session && er_rib_path(session, dest))
			er_rib_note(session, dest);
	}
}

void er_rib_walk(struct er_bgp_peering *peering)
{
	er_walk_start(&peering->walk, peering, note_paths, NULL);
}

void er_rib_flush(struct er_bgp_peering *peering)
{
	bool changed = peering->table.used;
	er_slot *slot;

	er_walk_stop(&peering->walk);
	er_reevaluate_stop(peering);
	er_count_stop(peering);
	event_cancel(&peering->t_evaluate);
	XFREE(MTYPE_ER_DIRTY, peering->dirty);
	peering->dirty_first = peering->n_dirty = peering->dirty_size = 0;

	for (uint32_t at = 0; (slot = er_table_next(&peering->table, &at));)
		bgp_dest_unlock_node(er_slot_item(*slot));
	er_table_fini(&peering->table);
	memset(peering->count, 0, sizeof(peering->count));
	peering->bgp = NULL;
	if (peering->cover)
		er_cover_flush(peering);
	else if (peering->backup)
		er_cover_all_changed(peering->backup);
	if (changed)
		er_report_rib_changed(peering);
}

static bool is_different(uint8_t flags)
{
	return (flags & PRESENT_ANY) && ((flags & PRESENT_ANY) != PRESENT_ANY || (flags & DIFFERS));
}

static int example_cmp(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

void er_rib_examples(const struct er_bgp_peering *peering, struct er_wire_rib *msg)
{
	er_slot *slot;

	msg->n_examples = 0;
	if (!msg->rib.only[ER_PRIMARY] && !msg->rib.only[ER_SECONDARY] && !msg->rib.path_differs)
		return;
	for (uint32_t at = 0; (slot = er_table_next(&peering->table, &at));) {
		if (!is_different(er_slot_flags(*slot)))
			continue;
		prefix_copy(&msg->example[msg->n_examples++],
			    bgp_dest_get_prefix(er_slot_item(*slot)));
		if (msg->n_examples == ER_WIRE_EXAMPLES)
			break;
	}
	qsort(msg->example, msg->n_examples, sizeof(msg->example[0]), example_cmp);
}
