// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links that end on a partner: the operator's iBGP neighbor is watched, and
 * nothing of it is touched.
 *
 * What it shows of Microsoft's routes is counted anew whenever something of it
 * changes, in slices: nothing can drift.  Of one and the same neighbor several
 * links may be watched, of one family and peering each.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_community.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_aspath.h"
#include "bgpd/er_bgp.h"
#include "core/core.h"
#include "core/partner.h"
#include "core/text.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_PARTNER, "ExpressRoute partner");

/* Dests per event: about 0.2 ms. */
#define SLICE 1000
/*
 * Between two counts, at least this; and after one of a large table so many times
 * what it took, so that a neighbor that never rests costs a tenth of bgpd.
 */
#define PACE_MS	   50
#define PACE_TIMES 10

PREDECL_DLIST(er_partner_list);

struct er_bgp_partner {
	struct er_partner_list_item item;

	struct er_session_spec spec;
	struct peer *peer; /* bgpd's; NULL: none, or none that can be watched */
	char problem[ER_TEXT_LEN];
	struct er_soo soo;
	bool in_set; /* while a new set is applied */

	struct bgp_dest *at; /* where the count pauses, locked */
	struct event *t_count;
	bool again;	  /* something has changed since it began */
	uint32_t changes; /* another one after whatever may change what it shows */
	int64_t began_ms;
	uint32_t counting_accepted, accepted;
	struct er_partner_facts counting, facts; /* under way, and the last */

	struct er_clocks clocks;
	struct er_session_facts reported;
	bool was_reported;
};

DECLARE_DLIST(er_partner_list, struct er_bgp_partner, item);

static struct er_partner_list_head partners = INIT_DLIST(partners);

static afi_t afi_of(const struct er_bgp_partner *partner)
{
	return partner->spec.key.family == ER_IPV4 ? AFI_IP : AFI_IP6;
}

static bool same_key(const struct er_session_key *a, const struct er_session_key *b)
{
	return !strcmp(a->circuit, b->circuit) && a->peering == b->peering && a->role == b->role &&
	       a->family == b->family;
}

static struct er_bgp_partner *find(const struct er_session_key *key)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		if (same_key(&partner->spec.key, key))
			return partner;
	return NULL;
}

static bool is_established(const struct er_bgp_partner *partner)
{
	return partner->peer && peer_established(partner->peer->connection);
}

/*
 * Reports
 */
static void say(struct er_bgp_partner *partner, bool always)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SESSION_STATE };
	struct er_session_facts *facts = &msg.session_state.facts;

	er_report_peer_facts(partner->peer, &partner->clocks, facts);
	strlcpy(facts->problem, partner->problem, sizeof(facts->problem));
	if (facts->state == ER_SESSION_ESTABLISHED) {
		facts->accepted = partner->accepted;
		facts->partner = partner->facts;
		facts->partner.all_paths =
			CHECK_FLAG(partner->peer->af_cap[afi_of(partner)][SAFI_UNICAST],
				   PEER_CAP_ADDPATH_AF_TX_RCV);
	}
	if (!always && partner->was_reported && !memcmp(facts, &partner->reported, sizeof(*facts)))
		return;
	msg.session_state.session = partner->spec.key;
	er_channel_send(&msg);
	partner->reported = *facts;
	partner->was_reported = true;
}

void er_partner_say_all(bool always)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		say(partner, always);
}

/*
 * Counting
 */

/*
 * The same neighbor ends a link of the other peering as well, with nothing but their
 * communities to tell the routes apart.
 */
static bool ends_both(const struct er_bgp_partner *partner)
{
	struct er_bgp_partner *other;

	frr_each (er_partner_list, &partners, other)
		if (other->peer == partner->peer &&
		    other->spec.key.family == partner->spec.key.family &&
		    other->spec.key.peering != partner->spec.key.peering &&
		    (!partner->soo.set || !memcmp(&other->soo, &partner->soo, sizeof(other->soo))))
			return true;
	return false;
}

static enum er_peering_type peering_of(const struct prefix *prefix, const struct attr *attr)
{
	const struct community *community = bgp_attr_get_community(attr);
	er_community value;
	enum er_peering_type peering = ER_PEERING_TYPES;

	for (int i = 0; community && i < community->size; i++) {
		value = ntohl(community->val[i]);
		peering = er_partner_peering(prefix, &value, 1);
		if (peering != ER_PEERING_TYPES)
			return peering;
	}
	return er_partner_peering(prefix, NULL, 0);
}

/* A path that the partner has from Microsoft itself, and not from another of its iBGP neighbors. */
static bool is_of_its_links(const struct er_bgp_partner *partner, const struct bgp_path_info *pi,
			    struct er_aspath_split *split)
{
	if (pi->peer != partner->peer || pi->sub_type != BGP_ROUTE_NORMAL ||
	    CHECK_FLAG(pi->flags, BGP_PATH_REMOVED | BGP_PATH_HISTORY) ||
	    CHECK_FLAG(pi->attr->flag, ATTR_FLAG_BIT(BGP_ATTR_ORIGINATOR_ID)))
		return false;
	er_aspath_split(pi->attr->aspath, split);
	return split->lead > 0;
}

/*
 * ... over the link that is watched, if there are several circuits.  *unmarked: it may be,
 * but the partner does not say.
 */
static bool is_of_its_link(const struct er_bgp_partner *partner, const struct bgp_path_info *pi,
			   struct er_aspath_split *split, bool *unmarked)
{
	enum er_soo_match match;

	*unmarked = false;
	if (!is_of_its_links(partner, pi, split))
		return false;
	if (!partner->soo.set)
		return true;
	match = er_soo_match(&partner->soo, pi->attr);
	*unmarked = match == ER_SOO_UNMARKED;
	return match == ER_SOO_SAME;
}

/* Of a site, behind Microsoft, local-preference is the site's. */
static void compare_preference(struct er_bgp_partner *partner, const struct attr *attr,
			       const struct er_aspath_split *split, bool *disagrees)
{
	const struct er_session_spec *spec = &partner->spec;
	struct er_partner_facts *facts = &partner->counting;
	bool drained = er_path_is_drained(split->lead, 0);

	if (spec->key.peering == ER_PRIVATE && split->segment)
		return;
	if (!er_partner_disagrees(spec, attr->local_pref, drained))
		return;
	*disagrees = true;
	if (facts->local_pref_ours && attr->local_pref >= facts->local_pref)
		return;
	facts->local_pref = attr->local_pref;
	facts->local_pref_ours = drained ? spec->local_pref_drained : spec->local_pref;
}

/* Its operator drains the link that it has come over. */
static bool is_own_drained(const struct er_bgp_partner *partner, const struct attr *attr,
			   const struct er_aspath_split *split)
{
	bool of_site = partner->spec.key.peering == ER_PRIVATE && split->segment;

	return er_partner_drains(attr->local_pref, er_path_is_drained(split->lead, 0), of_site);
}

/* It has one path for each prefix, or all that it has: then the best of them counts. */
static void count_dest(struct er_bgp_partner *partner, struct bgp_dest *dest)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	struct er_partner_facts *facts = &partner->counting;
	bool unclear = false, unreachable = false, reachable = false, drained = true;
	bool unmarked = false;
	bool own_drained = true, disagrees = false;

	for (struct bgp_path_info *pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next) {
		enum er_peering_type peering;
		struct er_aspath_split split;
		bool no_mark;

		if (!is_of_its_link(partner, pi, &split, &no_mark)) {
			unmarked |= no_mark;
			continue;
		}
		peering = peering_of(prefix, pi->attr);
		if (peering == ER_PEERING_TYPES && ends_both(partner)) {
			unclear = true;
		} else if (peering != ER_PEERING_TYPES && peering != partner->spec.key.peering) {
			continue;
		} else if (!CHECK_FLAG(pi->flags, BGP_PATH_VALID)) {
			unreachable = true;
		} else {
			reachable = true;
			drained &= er_path_is_drained(split.lead, 0);
			own_drained &= is_own_drained(partner, pi->attr, &split);
			compare_preference(partner, pi->attr, &split, &disagrees);
		}
	}
	partner->counting_accepted += reachable;
	facts->drained += reachable && drained;
	facts->own_drained += reachable && own_drained;
	facts->disagree += disagrees;
	facts->unreachable += !reachable && unreachable;
	facts->unclear += !reachable && !unreachable && unclear;
	facts->unmarked += !reachable && !unreachable && !unclear && unmarked;
}

/*
 * For those that count sites
 */
uint32_t er_partner_changes(const struct er_session_key *key)
{
	const struct er_bgp_partner *partner = find(key);

	return partner ? partner->changes : 0;
}

static bool is_of_its_peering(const struct er_bgp_partner *partner, const struct prefix *prefix,
			      const struct attr *attr)
{
	enum er_peering_type peering = peering_of(prefix, attr);

	return peering == partner->spec.key.peering ||
	       (peering == ER_PEERING_TYPES && !ends_both(partner));
}

const struct attr *er_partner_received(const struct er_session_key *key, struct bgp_dest *dest,
				       const struct peer **peer)
{
	const struct er_bgp_partner *partner = find(key);
	struct er_aspath_split split;
	bool unmarked;

	*peer = partner ? partner->peer : NULL;
	if (!*peer)
		return NULL;
	for (struct bgp_path_info *pi = bgp_dest_get_bgp_path_info(dest); pi; pi = pi->next)
		if (CHECK_FLAG(pi->flags, BGP_PATH_VALID) &&
		    is_of_its_link(partner, pi, &split, &unmarked) &&
		    is_of_its_peering(partner, bgp_dest_get_prefix(dest), pi->attr))
			return pi->attr;
	return NULL;
}

struct bgp *er_partner_instance(const struct er_peering_key *key)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		if (partner->peer && !strcmp(partner->spec.key.circuit, key->circuit) &&
		    partner->spec.key.peering == key->peering &&
		    partner->spec.key.family == key->family)
			return partner->peer->bgp;
	return NULL;
}

static void count_stop(struct er_bgp_partner *partner)
{
	event_cancel(&partner->t_count);
	if (partner->at)
		bgp_dest_unlock_node(partner->at);
	partner->at = NULL;
	partner->again = false;
}

static void count_begin(struct event *event);

static void count_done(struct er_bgp_partner *partner)
{
	int64_t took = er_mono_ms() - partner->began_ms;

	partner->accepted = partner->counting_accepted;
	partner->facts = partner->counting;
	say(partner, false);
	/* the next one waits for its time, and for a reason */
	event_add_timer_msec(bm->master, count_begin, partner, MAX(PACE_MS, took * PACE_TIMES),
			     &partner->t_count);
}

static void count_slice(struct event *event)
{
	struct er_bgp_partner *partner = EVENT_ARG(event);
	struct bgp_dest *dest = partner->at;

	for (unsigned int n = 0; n < SLICE && dest; n++) {
		count_dest(partner, dest);
		dest = bgp_route_next(dest);
	}
	partner->at = dest;
	if (dest)
		event_add_event(bm->master, count_slice, partner, 0, &partner->t_count);
	else
		count_done(partner);
}

static void count_begin(struct event *event)
{
	struct er_bgp_partner *partner = EVENT_ARG(event);

	if (!partner->again || !is_established(partner))
		return;
	partner->again = false;
	partner->began_ms = er_mono_ms();
	partner->counting_accepted = 0;
	memset(&partner->counting, 0, sizeof(partner->counting));
	partner->at = bgp_table_top(partner->peer->bgp->rib[afi_of(partner)][SAFI_UNICAST]);
	event_add_event(bm->master, count_slice, partner, 0, &partner->t_count);
}

static void note_change(struct er_bgp_partner *partner)
{
	static uint32_t n;

	partner->changes = ++n ?: ++n;
}

/* bgpd changes what it says only after it has called. */
static void changed(struct er_bgp_partner *partner)
{
	partner->again = true;
	note_change(partner);
	if (!event_is_scheduled(partner->t_count))
		event_add_event(bm->master, count_begin, partner, 0, &partner->t_count);
}

void er_partner_note(struct peer *peer, afi_t afi)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		if (partner->peer == peer && afi_of(partner) == afi)
			changed(partner);
}

void er_partner_next_hops_changed(void)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		if (is_established(partner))
			changed(partner);
}

/*
 * Which neighbor it is
 */
static void watch(struct er_bgp_partner *partner, struct peer *peer)
{
	if (partner->peer == peer)
		return;
	count_stop(partner);
	note_change(partner);
	partner->peer = peer;
	partner->accepted = 0;
	memset(&partner->facts, 0, sizeof(partner->facts));
	memset(&partner->clocks, 0, sizeof(partner->clocks));
	if (is_established(partner))
		changed(partner);
}

static void set_problem(struct er_bgp_partner *partner, const char *format, ...) PRINTFRR(2, 3);

static void set_problem(struct er_bgp_partner *partner, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintfrr(partner->problem, sizeof(partner->problem), format, ap);
	va_end(ap);
}

/* NULL, and why. */
static struct peer *find_neighbor(struct er_bgp_partner *partner)
{
	const struct er_session_spec *spec = &partner->spec;
	const bool in_default = !strcmp(spec->vrf, VRF_DEFAULT_NAME);
	const char *in = in_default ? "" : " vrf ", *vrf = in_default ? "" : spec->vrf;
	struct bgp *bgp = er_session_instance(spec->vrf);
	const char *family = er_family_str(spec->key.family);
	union sockunion su;
	struct peer *peer;

	partner->problem[0] = '\0';
	if (!bgp) {
		set_problem(partner, "no `router bgp%s%s`: the partner is its neighbor", in, vrf);
		return NULL;
	}
	er_to_sockunion(&spec->neighbor, &su);
	peer = peer_lookup(bgp, &su);
	if (!peer)
		set_problem(partner,
			    "no neighbor %pIA under `router bgp%s%s`: configure the partner there",
			    &spec->neighbor, in, vrf);
	else if (peer->sort != BGP_PEER_IBGP)
		set_problem(partner,
			    "neighbor %pIA has remote-as %u: a partner is an iBGP neighbor",
			    &spec->neighbor, peer->as);
	else if (!peer->afc[afi_of(partner)][SAFI_UNICAST])
		set_problem(partner,
			    "neighbor %pIA is not activated for %s unicast: activate the partner there",
			    &spec->neighbor, family);
	return partner->problem[0] ? NULL : peer;
}

void er_partner_look(void)
{
	struct er_bgp_partner *partner;

	if (!er_partner_any() || !er_module_fits())
		return;
	frr_each (er_partner_list, &partners, partner)
		watch(partner, find_neighbor(partner));
}

bool er_partner_any(void)
{
	return er_partner_list_count(&partners) > 0;
}

void er_partner_status(struct peer *peer, bool established, bool deleted)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner) {
		if (partner->peer != peer)
			continue;
		if (deleted) {
			watch(partner, NULL);
			er_session_reconcile_soon();
		} else if (established) {
			changed(partner);
			er_report_sessions_soon();
		} else {
			count_stop(partner);
			note_change(partner);
			partner->accepted = 0;
			memset(&partner->facts, 0, sizeof(partner->facts));
			say(partner, false);
		}
	}
}

void er_partner_instance_gone(struct bgp *bgp)
{
	struct er_bgp_partner *partner;
	struct er_bgp_peering *peering;

	/* what is counted without a session of our own */
	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		if (!peering->bgp)
			er_count_stop(peering);
	frr_each (er_partner_list, &partners, partner)
		if (partner->peer && partner->peer->bgp == bgp)
			watch(partner, NULL);
}

/*
 * The set
 */
void er_partner_set_begin(void)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		partner->in_set = false;
}

static struct er_bgp_partner *get(const struct er_session_key *key)
{
	struct er_bgp_partner *partner = find(key);

	if (partner)
		return partner;
	partner = XCALLOC(MTYPE_ER_PARTNER, sizeof(*partner));
	er_partner_list_add_tail(&partners, partner);
	return partner;
}

void er_partner_set(const struct er_session_spec *spec)
{
	struct er_bgp_partner *partner = get(&spec->key);

	partner->in_set = true;
	if (!memcmp(&partner->spec, spec, sizeof(*spec)))
		return;
	if (strcmp(partner->spec.vrf, spec->vrf) ||
	    ipaddr_cmp(&partner->spec.neighbor, &spec->neighbor))
		watch(partner, NULL);
	partner->spec = *spec;
	er_soo_parse(spec->site_of_origin, &partner->soo);
	if (is_established(partner))
		changed(partner); /* what is expected of it is another preference, perhaps */
}

static void partner_free(struct er_bgp_partner *partner)
{
	count_stop(partner);
	er_partner_list_del(&partners, partner);
	XFREE(MTYPE_ER_PARTNER, partner);
}

void er_partner_set_end(void)
{
	struct er_bgp_partner *partner;

	frr_each_safe (er_partner_list, &partners, partner) {
		if (!partner->in_set)
			partner_free(partner);
		else if (is_established(partner))
			changed(partner); /* another link may end there now */
	}
}

void er_partner_fini(void)
{
	struct er_bgp_partner *partner;

	frr_each (er_partner_list, &partners, partner)
		watch(partner, NULL);
}

void er_partner_free_all(void)
{
	er_partner_set_begin();
	er_partner_set_end();
}
