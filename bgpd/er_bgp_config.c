// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The set of sessions and prefixes that erouted sends, and the trees that it
 * becomes.  A set is collected aside and applied when it is complete; what is
 * equal is left alone.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"

#include "bgpd/er_bgp.h"
#include "core/text.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_SESSION, "ExpressRoute session");
DEFINE_MTYPE_STATIC(ER_BGP, ER_PEERING, "ExpressRoute peering");
DEFINE_MTYPE_STATIC(ER_BGP, ER_ADVERTISE, "ExpressRoute advertise set");
DEFINE_MTYPE_STATIC(ER_BGP, ER_PRIORITY, "ExpressRoute priorities");
DEFINE_MTYPE_STATIC(ER_BGP, ER_SET, "ExpressRoute set being received");

/* A set larger than this is not a configuration. */
#define SET_SESSIONS_MAX 8192
#define SET_ITEMS_MAX	 1000000

/* Messages of one kind. */
struct pile {
	void *item;
	size_t n, size;
};

static struct {
	bool open;
	uint64_t generation;
	struct pile sessions;	/* struct er_session_spec */
	struct pile advertises; /* struct er_wire_advertise */
	struct pile peerings;	/* struct er_peering_spec */
	struct pile priorities; /* struct er_wire_priority */
	struct pile filters;	/* struct er_wire_filter */
	struct pile allows;	/* struct er_wire_allow */
	struct pile regions;	/* struct er_wire_region */
	struct pile backs;	/* struct er_wire_backs */
	struct pile statics;	/* struct er_wire_static */
} set;

static int key_cmp(const char *circuit_a, enum er_peering_type peering_a, enum er_family family_a,
		   const char *circuit_b, enum er_peering_type peering_b, enum er_family family_b)
{
	return strcmp(circuit_a, circuit_b) ?: numcmp(peering_a, peering_b)
						?: numcmp(family_a, family_b);
}

int er_session_cmp(const struct er_bgp_session *a, const struct er_bgp_session *b)
{
	const struct er_session_key *ka = &a->spec.key, *kb = &b->spec.key;

	return key_cmp(ka->circuit, ka->peering, ka->family, kb->circuit, kb->peering, kb->family)
		       ?: numcmp(ka->role, kb->role);
}

static int peering_key_cmp(const struct er_peering_key *a, const struct er_peering_key *b)
{
	return key_cmp(a->circuit, a->peering, a->family, b->circuit, b->peering, b->family);
}

int er_peering_cmp(const struct er_bgp_peering *a, const struct er_bgp_peering *b)
{
	return peering_key_cmp(&a->key, &b->key);
}

struct er_bgp_peering *er_peering_find(const struct er_peering_key *key)
{
	struct er_bgp_peering lookup = { .key = *key };

	return er_peering_tree_find(&er_bgp.peerings, &lookup);
}

const char *er_session_name(const struct er_bgp_session *session)
{
	static char name[ER_NAME_LEN + 32];
	const struct er_session_key *key = &session->spec.key;

	if (key->peering == ER_VPN)
		snprintf(name, sizeof(name), "%s gateway %d %s", key->circuit, key->role,
			 er_family_str(key->family));
	else
		snprintf(name, sizeof(name), "%s %s %s %s", key->circuit,
			 er_peering_type_str(key->peering), er_role_str(key->role),
			 er_family_str(key->family));
	return name;
}

/*
 * Collecting a set.
 */
void er_config_drop(void)
{
	XFREE(MTYPE_ER_SET, set.sessions.item);
	XFREE(MTYPE_ER_SET, set.advertises.item);
	XFREE(MTYPE_ER_SET, set.peerings.item);
	XFREE(MTYPE_ER_SET, set.priorities.item);
	XFREE(MTYPE_ER_SET, set.filters.item);
	XFREE(MTYPE_ER_SET, set.allows.item);
	XFREE(MTYPE_ER_SET, set.regions.item);
	XFREE(MTYPE_ER_SET, set.backs.item);
	XFREE(MTYPE_ER_SET, set.statics.item);
	er_site_set_drop();
	memset(&set, 0, sizeof(set));
}

void er_config_begin(uint64_t generation)
{
	er_config_drop();
	set.open = true;
	set.generation = generation;
}

static const char *add(struct pile *pile, const void *item, size_t size, size_t max)
{
	if (!set.open)
		return "outside of a set";
	if (pile->n >= max)
		return "too many of them in one set";
	if (pile->n == pile->size) {
		pile->size = MAX(pile->size * 2, 16u);
		pile->item = XREALLOC(MTYPE_ER_SET, pile->item, pile->size * size);
	}
	memcpy((char *)pile->item + pile->n++ * size, item, size);
	return NULL;
}

const char *er_config_session(const struct er_session_spec *spec)
{
	struct er_soo soo;

	if (!er_soo_parse(spec->site_of_origin, &soo))
		return "a site-of-origin is malformed";
	return add(&set.sessions, spec, sizeof(*spec), SET_SESSIONS_MAX);
}

const char *er_config_advertise(const struct er_wire_advertise *advertise)
{
	return add(&set.advertises, advertise, sizeof(*advertise), SET_ITEMS_MAX);
}

const char *er_config_peering(const struct er_peering_spec *spec)
{
	return add(&set.peerings, spec, sizeof(*spec), SET_SESSIONS_MAX);
}

const char *er_config_priority(const struct er_wire_priority *priority)
{
	return add(&set.priorities, priority, sizeof(*priority), SET_ITEMS_MAX);
}

const char *er_config_filter(const struct er_wire_filter *filter)
{
	return add(&set.filters, filter, sizeof(*filter), SET_ITEMS_MAX);
}

const char *er_config_allow(const struct er_wire_allow *allow)
{
	return add(&set.allows, allow, sizeof(*allow), SET_ITEMS_MAX);
}

const char *er_config_region(const struct er_wire_region *region)
{
	if (region->local_pref > ER_INBOUND_LOCAL_PREF_MAX)
		return "local-preference out of range";
	return add(&set.regions, region, sizeof(*region), SET_ITEMS_MAX);
}

const char *er_config_backs(const struct er_wire_backs *backs)
{
	return add(&set.backs, backs, sizeof(*backs), SET_SESSIONS_MAX);
}

const char *er_config_static(const struct er_wire_static *static_)
{
	return add(&set.statics, static_, sizeof(*static_), SET_ITEMS_MAX);
}

const char *er_config_global_reach(const struct er_wire_msg *msg)
{
	return set.open ? er_site_set_add(msg) : "outside of a set";
}

/*
 * Applying it.
 */
static struct er_bgp_peering *peering_get(const struct er_peering_key *key)
{
	struct er_bgp_peering *peering = er_peering_find(key);

	if (peering)
		return peering;
	peering = XCALLOC(MTYPE_ER_PEERING, sizeof(*peering));
	peering->key = *key;
	er_peering_tree_add(&er_bgp.peerings, peering);
	if (er_is_vpn(peering)) {
		peering->cover = er_cover_new(peering);
		er_bgp.n_vpns++;
	}
	return peering;
}

static struct er_peering_key peering_of(const struct er_session_key *session)
{
	struct er_peering_key key = { .peering = session->peering, .family = session->family };

	strlcpy(key.circuit, session->circuit, sizeof(key.circuit));
	return key;
}

static void peering_free(struct er_bgp_peering *peering)
{
	er_bgp.n_vpns -= er_is_vpn(peering);
	er_vpn_forget(peering);
	er_outbound_flush(peering);
	er_rib_flush(peering);
	er_count_peering_free(peering);
	er_cover_free(&peering->cover);
	er_site_free(peering);
	er_report_peering_free(peering);
	er_peering_tree_del(&er_bgp.peerings, peering);
	er_commset_fini(&peering->inbound);
	XFREE(MTYPE_ER_ADVERTISE, peering->advertise);
	XFREE(MTYPE_ER_PRIORITY, peering->priority);
	XFREE(MTYPE_ER_PEERING, peering);
}

static void session_new(const struct er_session_spec *spec)
{
	struct er_bgp_session *session = XCALLOC(MTYPE_ER_SESSION, sizeof(*session));
	struct er_peering_key key = peering_of(&spec->key);

	session->spec = *spec;
	er_soo_parse(spec->site_of_origin, &session->soo);
	session->in_set = true;
	session->peering = peering_get(&key);
	session->peering->session[spec->key.role] = session;
	er_map_init_names(session);
	er_session_tree_add(&er_bgp.sessions, session);
}

static void session_free(struct er_bgp_session *session)
{
	struct er_bgp_peering *peering = session->peering;

	er_policy_session_free(session);
	er_session_tree_del(&er_bgp.sessions, session);
	peering->session[session->spec.key.role] = NULL;
	XFREE(MTYPE_ER_SESSION, session);
}

/*
 * A neighbor that is another one now, or somebody else's, is let go here and
 * found again by the reconciliation; all else is changed in place there.
 */
static void session_update(struct er_bgp_session *session, const struct er_session_spec *spec)
{
	struct er_session_spec *old = &session->spec;
	bool marked = strcmp(old->site_of_origin, spec->site_of_origin);
	bool preference = old->local_pref != spec->local_pref ||
			  old->local_pref_drained != spec->local_pref_drained ||
			  old->passive_cost != spec->passive_cost || old->drained != spec->drained;

	session->in_set = true;
	if (!memcmp(old, spec, sizeof(*spec)))
		return;
	if (strcmp(old->vrf, spec->vrf) || ipaddr_cmp(&old->neighbor, &spec->neighbor) ||
	    (old->mode != spec->mode && !er_session_is_attached(session)))
		er_session_release(session);
	else if (old->mode != spec->mode)
		session->adopted = session->peer && spec->mode == ER_MANAGED;
	*old = *spec;
	er_soo_parse(spec->site_of_origin, &session->soo);
	/* the stored paths have the mark of before */
	if (marked && session->peer && peer_established(session->peer->connection))
		er_reevaluate_ask(session);
	if (preference && er_is_vpn(session->peering))
		er_rib_rewrite(session->peering);
	else if (preference)
		er_rib_recheck(session->peering);
}

static int spec_cmp(const void *a, const void *b)
{
	const struct er_session_spec *sa = a, *sb = b;

	return key_cmp(sa->key.circuit, sa->key.peering, sa->key.family, sb->key.circuit,
		       sb->key.peering, sb->key.family)
		       ?: numcmp(sa->key.role, sb->key.role);
}

static int spec_key_cmp(const void *a, const void *b)
{
	const struct er_peering_spec *sa = a, *sb = b;

	return peering_key_cmp(&sa->key, &sb->key);
}

static int filter_cmp(const void *a, const void *b)
{
	const struct er_wire_filter *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

/* The filter an ALLOW is for stands first in both. */
static int allow_cmp(const void *a, const void *b)
{
	const struct er_wire_allow *aa = a, *ab = b;

	return strcmp(aa->filter, ab->filter);
}

static void sort(struct pile *pile, size_t size, int (*cmp)(const void *a, const void *b))
{
	if (pile->n)
		qsort(pile->item, pile->n, size, cmp);
}

/* After it is sorted. */
static bool has_duplicate(const struct pile *pile, size_t size,
			  int (*cmp)(const void *a, const void *b))
{
	const char *item = pile->item;

	for (size_t i = 1; i < pile->n; i++)
		if (!cmp(item + (i - 1) * size, item + i * size))
			return true;
	return false;
}

static void *find(const struct pile *pile, size_t size, const void *key,
		  int (*cmp)(const void *a, const void *b))
{
	return pile->n ? bsearch(key, pile->item, pile->n, size, cmp) : NULL;
}

static const char *check_allows(void)
{
	const struct er_wire_allow *allow = set.allows.item;
	struct er_wire_filter filter;

	for (size_t i = 0; i < set.allows.n; i++) {
		strlcpy(filter.name, allow[i].filter, sizeof(filter.name));
		if (!find(&set.filters, sizeof(filter), &filter, filter_cmp))
			return "something is allowed by a filter that is not in the set";
	}
	return NULL;
}

static const char *check_set(void)
{
	sort(&set.sessions, sizeof(struct er_session_spec), spec_cmp);
	sort(&set.peerings, sizeof(struct er_peering_spec), spec_key_cmp);
	sort(&set.filters, sizeof(struct er_wire_filter), filter_cmp);
	sort(&set.allows, sizeof(struct er_wire_allow), allow_cmp);

	if (has_duplicate(&set.sessions, sizeof(struct er_session_spec), spec_cmp))
		return "a session stands twice in the set";
	if (has_duplicate(&set.peerings, sizeof(struct er_peering_spec), spec_key_cmp))
		return "a peering stands twice in the set";
	if (has_duplicate(&set.filters, sizeof(struct er_wire_filter), filter_cmp))
		return "a filter stands twice in the set";
	return check_allows();
}

/* A circuit that is shut down has a peering, whose set its VPN backup advertises. */
static void apply_named(void)
{
	const struct er_peering_spec *spec = set.peerings.item;
	struct er_bgp_peering *peering;

	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		peering->named = false;
	for (size_t i = 0; i < set.peerings.n; i++)
		peering_get(&spec[i].key)->named = true;
}

static void free_peerings(void)
{
	struct er_bgp_peering *peering;

	frr_each_safe (er_peering_tree, &er_bgp.peerings, peering)
		if (!peering->named && !er_peering_has_session(peering))
			peering_free(peering);
}

static void apply_sessions(void)
{
	const struct er_session_spec *spec = set.sessions.item;
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		session->in_set = false;
	er_partner_set_begin();

	for (size_t i = 0; i < set.sessions.n; i++) {
		struct er_bgp_session lookup = { .spec.key = spec[i].key };

		if (spec[i].mode == ER_PARTNER) {
			er_partner_set(&spec[i]);
			continue;
		}
		session = er_session_tree_find(&er_bgp.sessions, &lookup);
		if (session)
			session_update(session, &spec[i]);
		else
			session_new(&spec[i]);
	}

	frr_each_safe (er_session_tree, &er_bgp.sessions, session) {
		if (session->in_set)
			continue;
		er_session_release(session);
		session_free(session);
	}
	er_partner_set_end();
	free_peerings();
}

/*
 * Messages about peerings: all of a kind, sorted by their peerings as the tree
 * is.  The peering's own are from *at on; returns how many, and moves *at to
 * the first of them.
 */
#define PEERINGS_OWN(type, pile, key_of, peering, at)                                             \
	({                                                                                        \
		const struct type *_item = (pile)->item;                                          \
		size_t _n = 0;                                                                    \
                                                                                                  \
		while (*(at) < (pile)->n &&                                                       \
		       peering_key_cmp(&_item[*(at)].key_of, &(peering)->key) < 0)                \
			(*(at))++;                                                                \
		while (*(at) + _n < (pile)->n &&                                                  \
		       !peering_key_cmp(&_item[*(at) + _n].key_of, &(peering)->key))              \
			_n++;                                                                     \
		_n;                                                                               \
	})

static int advertise_cmp(const void *a, const void *b)
{
	const struct er_wire_advertise *aa = a, *ab = b;

	return peering_key_cmp(&aa->peering, &ab->peering) ?: prefix_cmp(&aa->prefix, &ab->prefix);
}

static int priority_cmp(const void *a, const void *b)
{
	const struct er_wire_priority *pa = a, *pb = b;

	return peering_key_cmp(&pa->peering, &pb->peering)
		       ?: prefix_cmp(&pa->prefix, &pb->prefix) ?: numcmp(pa->value, pb->value);
}

static int static_cmp(const void *a, const void *b)
{
	const struct er_wire_static *sa = a, *sb = b;

	return peering_key_cmp(&sa->peering, &sb->peering) ?: prefix_cmp(&sa->prefix, &sb->prefix);
}

static int region_cmp(const void *a, const void *b)
{
	const struct er_wire_region *ra = a, *rb = b;

	return peering_key_cmp(&ra->peering, &rb->peering);
}

/* Sorted and without duplicates.  Returns whether it is another set now. */
static bool apply_advertise(struct er_bgp_peering *peering,
			    const struct er_wire_advertise *advertise, size_t n)
{
	struct prefix *prefix = NULL, *was;
	size_t unique = 0, n_was;

	if (n)
		prefix = XCALLOC(MTYPE_ER_ADVERTISE, n * sizeof(*prefix));
	for (size_t i = 0; i < n; i++)
		if (!unique || prefix_cmp(&prefix[unique - 1], &advertise[i].prefix))
			prefix[unique++] = advertise[i].prefix;

	if (unique == peering->n_advertise &&
	    (!unique || !memcmp(prefix, peering->advertise, unique * sizeof(*prefix)))) {
		XFREE(MTYPE_ER_ADVERTISE, prefix);
		return false;
	}
	was = peering->advertise;
	n_was = peering->n_advertise;
	peering->advertise = prefix;
	peering->n_advertise = unique;
	er_reevaluate_own(peering, peering, was, n_was);
	if (peering->backup)
		er_reevaluate_own(peering->backup, peering, was, n_was);
	XFREE(MTYPE_ER_ADVERTISE, was);
	return true;
}

/* Sorted and without duplicates, too. */
static bool apply_priorities(struct er_bgp_peering *peering, const struct er_wire_priority *item,
			     size_t n)
{
	struct er_priority *priority = NULL;
	size_t unique = 0;

	if (n)
		priority = XCALLOC(MTYPE_ER_PRIORITY, n * sizeof(*priority));
	for (size_t i = 0; i < n; i++) {
		if (unique && !prefix_cmp(&priority[unique - 1].prefix, &item[i].prefix))
			continue;
		priority[unique].prefix = item[i].prefix;
		priority[unique++].value = item[i].value;
	}
	n = unique;
	if (n == peering->n_priority &&
	    (!n || !memcmp(priority, peering->priority, n * sizeof(*priority)))) {
		XFREE(MTYPE_ER_PRIORITY, priority);
		return false;
	}
	XFREE(MTYPE_ER_PRIORITY, peering->priority);
	peering->priority = priority;
	peering->n_priority = n;
	return true;
}

/* What the filter of this name allows; none that is missing or has no name. */
static void compile_filter(const char *name, struct er_commset *inbound)
{
	const struct er_wire_allow *allow = set.allows.item;
	size_t low = 0, high = set.allows.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(allow[middle].filter, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < set.allows.n && !strcmp(allow[low].filter, name); low++)
		er_commset_put(inbound, allow[low].community, ER_INBOUND_ALLOWED);
}

static void compile_regions(const struct er_wire_region *region, size_t n,
			    struct er_commset *inbound)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t allowed = er_commset_get(inbound, region[i].community) &
				   ER_INBOUND_ALLOWED;

		er_commset_put(inbound, region[i].community,
			       allowed | ER_INBOUND_REGION | region[i].local_pref << 2);
	}
}

/* What is in a and is something else, or nothing, in b. */
static void add_difference(const struct er_commset *a, const struct er_commset *b,
			   struct er_commset *changed, bool *verdicts)
{
	for (uint32_t i = 0; a->used && i <= a->mask; i++) {
		const struct er_commset_slot *slot = &a->slot[i];
		uint32_t differs;

		if (!slot->value)
			continue;
		differs = slot->value ^ er_commset_get(b, slot->community);
		if (!differs)
			continue;
		er_commset_put(changed, slot->community, 1);
		*verdicts |= differs & ER_INBOUND_ALLOWED;
	}
}

/* The new version is built aside and takes the place of the old one at once. */
static void apply_inbound(struct er_bgp_peering *peering, const struct er_peering_spec *spec,
			  const struct er_wire_region *region, size_t n_regions)
{
	struct er_commset inbound = {}, changed = {}, was = peering->inbound;
	bool filtered = er_policy_filters(peering), verdicts = false;
	bool named = peering->spec.route_filter[0];
	bool renamed = strcmp(peering->spec.route_filter, spec->route_filter);

	compile_filter(spec->route_filter, &inbound);
	compile_regions(region, n_regions, &inbound);
	add_difference(&was, &inbound, &changed, &verdicts);
	add_difference(&inbound, &was, &changed, &verdicts);

	peering->inbound = inbound;
	peering->has_regions = n_regions;
	strlcpy(peering->spec.route_filter, spec->route_filter, sizeof(spec->route_filter));

	if (filtered != er_policy_filters(peering))
		er_reevaluate_all(peering);
	else if (changed.used)
		/* without a filter another rule refuses than with an empty one */
		er_reevaluate_changed(peering, named == !!spec->route_filter[0] ? &was : NULL,
				      &changed, verdicts);
	else if (renamed)
		peering->policies++;
	er_commset_fini(&was);
	er_commset_fini(&changed);
}

/* Returns whether anything of it is about what is advertised. */
static bool apply_spec(struct er_bgp_peering *peering, const struct er_peering_spec *spec)
{
	struct er_peering_spec *old = &peering->spec;
	bool changed = old->limit != spec->limit || old->more_specifics != spec->more_specifics ||
		       strcmp(old->advertise_list, spec->advertise_list);

	if (old->suppress != spec->suppress && peering->cover) {
		old->suppress = spec->suppress;
		er_cover_all_changed(peering);
	}
	old->key = peering->key;
	old->limit = spec->limit;
	old->more_specifics = spec->more_specifics;
	strlcpy(old->advertise_list, spec->advertise_list, sizeof(old->advertise_list));
	strlcpy(old->yields_to, spec->yields_to, sizeof(old->yields_to));
	strlcpy(old->stands_by_for, spec->stands_by_for, sizeof(old->stands_by_for));
	return changed;
}

static void apply_peerings(void)
{
	const struct er_wire_advertise *advertise;
	const struct er_wire_priority *priority;
	const struct er_wire_region *region;
	size_t at_advertise = 0, at_priority = 0, at_region = 0, n;
	struct er_bgp_peering *peering;

	sort(&set.advertises, sizeof(*advertise), advertise_cmp);
	sort(&set.priorities, sizeof(*priority), priority_cmp);
	sort(&set.regions, sizeof(*region), region_cmp);
	advertise = set.advertises.item;
	priority = set.priorities.item;
	region = set.regions.item;

	frr_each (er_peering_tree, &er_bgp.peerings, peering) {
		struct er_peering_spec none = { .key = peering->key };
		const struct er_peering_spec *spec =
			find(&set.peerings, sizeof(none), &none, spec_key_cmp) ?: &none;
		bool outbound;

		n = PEERINGS_OWN(er_wire_advertise, &set.advertises, peering, peering,
				 &at_advertise);
		outbound = apply_advertise(peering, n ? &advertise[at_advertise] : NULL, n);
		n = PEERINGS_OWN(er_wire_priority, &set.priorities, peering, peering, &at_priority);
		outbound |= apply_priorities(peering, n ? &priority[at_priority] : NULL, n);
		outbound |= apply_spec(peering, spec);
		n = PEERINGS_OWN(er_wire_region, &set.regions, peering, peering, &at_region);
		apply_inbound(peering, spec, n ? &region[at_region] : NULL, n);

		if (outbound) {
			er_outbound_changed(peering);
			er_vpn_circuit_changed(peering);
		}
	}
}

/* After it is known who backs whom. */
static void apply_statics(void)
{
	const struct er_wire_static *item = set.statics.item;
	struct er_bgp_peering *peering;
	size_t at = 0;

	sort(&set.statics, sizeof(*item), static_cmp);
	item = set.statics.item;
	frr_each (er_peering_tree, &er_bgp.peerings, peering) {
		size_t n = PEERINGS_OWN(er_wire_static, &set.statics, peering, peering, &at);

		if (er_is_vpn(peering))
			er_cover_apply_statics(peering, n ? &item[at] : NULL, n);
	}
}

static void say_synced(uint64_t generation)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SYNCED, .generation = { generation } };

	er_channel_send(&msg);
}

const char *er_config_end(uint64_t generation)
{
	const char *problem;

	if (!set.open)
		return "outside of a set";
	if (generation != set.generation)
		return "the end of another set than the one begun";
	problem = check_set();
	if (problem)
		return problem;

	apply_named();
	apply_sessions();
	apply_peerings();
	er_vpn_apply(set.backs.item, set.backs.n);
	apply_statics();
	er_site_set_apply();
	er_config_drop();
	er_vpn_look();

	er_session_reconcile();
	er_report_all();
	say_synced(generation);
	return NULL;
}

void er_config_fini(void)
{
	struct er_bgp_session *session;
	struct er_bgp_peering *peering;

	er_config_drop();
	frr_each_safe (er_session_tree, &er_bgp.sessions, session)
		session_free(session);
	er_partner_free_all();
	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		peering->named = false;
	free_peerings();
	er_site_set_fini();
}
