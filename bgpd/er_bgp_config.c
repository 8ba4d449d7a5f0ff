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
DEFINE_MTYPE_STATIC(ER_BGP, ER_SET, "ExpressRoute set being received");

/* A set larger than this is not a configuration. */
#define SET_SESSIONS_MAX  8192
#define SET_ADVERTISE_MAX 1000000

static struct {
	bool open;
	uint64_t generation;
	struct er_session_spec *session;
	size_t n_sessions, size_sessions;
	struct er_wire_advertise *advertise;
	size_t n_advertise, size_advertise;
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

const char *er_session_name(const struct er_bgp_session *session)
{
	static char name[ER_NAME_LEN + 32];
	const struct er_session_key *key = &session->spec.key;

	snprintf(name, sizeof(name), "%s %s %s %s", key->circuit, er_peering_type_str(key->peering),
		 er_role_str(key->role), er_family_str(key->family));
	return name;
}

/*
 * Collecting a set.
 */
void er_config_drop(void)
{
	XFREE(MTYPE_ER_SET, set.session);
	XFREE(MTYPE_ER_SET, set.advertise);
	memset(&set, 0, sizeof(set));
}

void er_config_begin(uint64_t generation)
{
	er_config_drop();
	set.open = true;
	set.generation = generation;
}

/* Room for one more; NULL: enough is enough. */
static void *grow(void *array, size_t n, size_t *size, size_t item, size_t max)
{
	if (n < *size)
		return array;
	if (n >= max)
		return NULL;
	*size = *size ? *size * 2 : 16;
	return XREALLOC(MTYPE_ER_SET, array, *size * item);
}

const char *er_config_session(const struct er_session_spec *spec)
{
	void *array;

	if (!set.open)
		return "outside of a set";
	array = grow(set.session, set.n_sessions, &set.size_sessions, sizeof(*spec),
		     SET_SESSIONS_MAX);
	if (!array)
		return "too many sessions in one set";
	set.session = array;
	set.session[set.n_sessions++] = *spec;
	return NULL;
}

const char *er_config_advertise(const struct er_wire_advertise *advertise)
{
	void *array;

	if (!set.open)
		return "outside of a set";
	array = grow(set.advertise, set.n_advertise, &set.size_advertise, sizeof(*advertise),
		     SET_ADVERTISE_MAX);
	if (!array)
		return "too many prefixes in one set";
	set.advertise = array;
	set.advertise[set.n_advertise++] = *advertise;
	return NULL;
}

/*
 * Applying it.
 */
static struct er_bgp_peering *peering_get(const struct er_session_key *session)
{
	struct er_bgp_peering lookup = {}, *peering;

	strlcpy(lookup.key.circuit, session->circuit, sizeof(lookup.key.circuit));
	lookup.key.peering = session->peering;
	lookup.key.family = session->family;
	peering = er_peering_tree_find(&er_bgp.peerings, &lookup);
	if (peering)
		return peering;

	peering = XCALLOC(MTYPE_ER_PEERING, sizeof(*peering));
	peering->key = lookup.key;
	er_peering_tree_add(&er_bgp.peerings, peering);
	return peering;
}

static void peering_free(struct er_bgp_peering *peering)
{
	er_rib_flush(peering);
	er_report_peering_free(peering);
	er_peering_tree_del(&er_bgp.peerings, peering);
	XFREE(MTYPE_ER_ADVERTISE, peering->advertise);
	XFREE(MTYPE_ER_PEERING, peering);
}

static void session_new(const struct er_session_spec *spec)
{
	struct er_bgp_session *session = XCALLOC(MTYPE_ER_SESSION, sizeof(*session));

	session->spec = *spec;
	session->in_set = true;
	session->peering = peering_get(&spec->key);
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

	if (!peering->session[ER_PRIMARY] && !peering->session[ER_SECONDARY])
		peering_free(peering);
}

/*
 * A neighbor that is another one now, or somebody else's, is let go here and
 * found again by the reconciliation; all else is changed in place there.
 */
static void session_update(struct er_bgp_session *session, const struct er_session_spec *spec)
{
	struct er_session_spec *old = &session->spec;
	bool preference = old->local_pref != spec->local_pref ||
			  old->local_pref_drained != spec->local_pref_drained;

	session->in_set = true;
	if (!memcmp(old, spec, sizeof(*spec)))
		return;
	if (old->mode != spec->mode || strcmp(old->vrf, spec->vrf) ||
	    ipaddr_cmp(&old->neighbor, &spec->neighbor))
		er_session_release(session);
	*old = *spec;
	if (preference)
		er_rib_recheck(session->peering);
}

static int spec_cmp(const void *a, const void *b)
{
	const struct er_session_spec *sa = a, *sb = b;

	return key_cmp(sa->key.circuit, sa->key.peering, sa->key.family, sb->key.circuit,
		       sb->key.peering, sb->key.family)
		       ?: numcmp(sa->key.role, sb->key.role);
}

static const char *check_sessions(void)
{
	qsort(set.session, set.n_sessions, sizeof(*set.session), spec_cmp);
	for (size_t i = 1; i < set.n_sessions; i++)
		if (!spec_cmp(&set.session[i - 1], &set.session[i]))
			return "a session stands twice in the set";
	return NULL;
}

static void apply_sessions(void)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		session->in_set = false;

	for (size_t i = 0; i < set.n_sessions; i++) {
		struct er_bgp_session lookup = { .spec.key = set.session[i].key };

		session = er_session_tree_find(&er_bgp.sessions, &lookup);
		if (session)
			session_update(session, &set.session[i]);
		else
			session_new(&set.session[i]);
	}

	frr_each_safe (er_session_tree, &er_bgp.sessions, session) {
		if (session->in_set)
			continue;
		er_session_release(session);
		session_free(session);
	}
}

static int prefix_sort(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

/* The peering takes over the array, sorted and without duplicates. */
static void apply_advertise(struct er_bgp_peering *peering, struct prefix *prefix, size_t n)
{
	size_t unique = 0;

	if (n)
		qsort(prefix, n, sizeof(*prefix), prefix_sort);
	for (size_t i = 0; i < n; i++)
		if (!unique || prefix_cmp(&prefix[unique - 1], &prefix[i]))
			prefix[unique++] = prefix[i];

	if (unique == peering->n_advertise &&
	    (!unique || !memcmp(prefix, peering->advertise, unique * sizeof(*prefix)))) {
		XFREE(MTYPE_ER_ADVERTISE, prefix);
		return;
	}
	XFREE(MTYPE_ER_ADVERTISE, peering->advertise);
	peering->advertise = prefix;
	peering->n_advertise = unique;
	er_outbound_changed(peering);
}

static int advertise_sort(const void *a, const void *b)
{
	const struct er_wire_advertise *aa = a, *ab = b;

	return peering_key_cmp(&aa->peering, &ab->peering);
}

/* Both the set's prefixes and the tree are in the order of their peerings. */
static void apply_advertises(void)
{
	struct er_bgp_peering *peering;
	size_t at = 0;

	if (set.n_advertise)
		qsort(set.advertise, set.n_advertise, sizeof(*set.advertise), advertise_sort);

	frr_each (er_peering_tree, &er_bgp.peerings, peering) {
		struct prefix *prefix = NULL;
		size_t n = 0, first;

		while (at < set.n_advertise &&
		       peering_key_cmp(&set.advertise[at].peering, &peering->key) < 0)
			at++;
		for (first = at; at < set.n_advertise; at++, n++)
			if (peering_key_cmp(&set.advertise[at].peering, &peering->key))
				break;
		if (n)
			prefix = XCALLOC(MTYPE_ER_ADVERTISE, n * sizeof(*prefix));
		for (size_t i = 0; i < n; i++)
			prefix[i] = set.advertise[first + i].prefix;
		apply_advertise(peering, prefix, n);
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
	problem = check_sessions();
	if (problem)
		return problem;

	apply_sessions();
	apply_advertises();
	er_config_drop();

	er_session_reconcile();
	er_report_all();
	say_synced(generation);
	return NULL;
}

void er_config_fini(void)
{
	struct er_bgp_session *session;

	er_config_drop();
	frr_each_safe (er_session_tree, &er_bgp.sessions, session)
		session_free(session);
}
