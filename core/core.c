// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Circuits, events, time.
 */
#include <zebra.h>

#include "lib/memory.h"

#include "core/limits.h"
#include "core/mgroup.h"
#include "core/partner.h"
#include "core/plan.h"
#include "core/site_internal.h"
#include "core/vpn_internal.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_CORE, "ExpressRoute core");
DEFINE_MTYPE_STATIC(ER_CORE, ER_CIRCUIT, "ExpressRoute circuit");
DEFINE_MTYPE_STATIC(ER_CORE, ER_CONFIG, "ExpressRoute circuit configuration");
DEFINE_MTYPE_STATIC(ER_CORE, ER_ADVERTISE, "ExpressRoute advertised prefixes");
DEFINE_MTYPE_STATIC(ER_CORE, ER_RESTORED, "ExpressRoute restored state");
DEFINE_MTYPE_STATIC(ER_CORE, ER_NOTICES, "ExpressRoute notices");

/*
 * Decisions
 */
struct er_notice *er_decisions_add(struct er_decisions *d)
{
	struct er_notice *n;

	if (d->n == d->size) {
		d->size = d->size ? d->size * 2 : 16;
		d->notice = XREALLOC(MTYPE_ER_NOTICES, d->notice, d->size * sizeof(*d->notice));
	}
	n = &d->notice[d->n++];
	memset(n, 0, sizeof(*n));
	return n;
}

void er_decisions_reset(struct er_decisions *d)
{
	d->n = 0;
	d->replan = d->remember = false;
}

void er_decisions_fini(struct er_decisions *d)
{
	XFREE(MTYPE_ER_NOTICES, d->notice);
	memset(d, 0, sizeof(*d));
}

/*
 * Configuration and circuits: made, found, freed
 */
static void *array_copy(const void *from, size_t size)
{
	return size ? memcpy(XMALLOC(MTYPE_ER_ADVERTISE, size), from, size) : NULL;
}

static struct er_circuit_config *config_copy(const struct er_circuit_config *from)
{
	struct er_circuit_config *config = XMALLOC(MTYPE_ER_CONFIG, sizeof(*config));

	*config = *from;
	for (enum er_peering_type t = 0; t < ER_PEERING_TYPES; t++) {
		struct er_peering_config *p = &config->peering[t];

		p->advertise = array_copy(p->advertise, p->n_advertise * sizeof(*p->advertise));
		p->priority = array_copy(p->priority, p->n_priority * sizeof(*p->priority));
	}
	return config;
}

static void config_free(struct er_circuit_config **config)
{
	if (!*config)
		return;
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++) {
		XFREE(MTYPE_ER_ADVERTISE, (*config)->peering[p].advertise);
		XFREE(MTYPE_ER_ADVERTISE, (*config)->peering[p].priority);
	}
	XFREE(MTYPE_ER_CONFIG, *config);
}

struct er_circuit *er_circuit_find(const struct er_core *core, const char *name)
{
	struct er_circuit ref;

	memset(&ref.by_name, 0, sizeof(ref.by_name));
	ref.name = name;
	/* the search reads the name only, and changes nothing */
	return er_circuits_find((struct er_circuits_head *)&core->circuits, &ref);
}

static void circuit_set_config(struct er_circuit *c, const struct er_circuit_config *config)
{
	struct er_circuit_config *old = c->config;

	c->config = config_copy(config);
	c->name = c->config->name; /* equal to the old one: the tree stays in order */
	config_free(&old);
}

static struct er_circuit *circuit_new(struct er_core *core, const struct er_circuit_config *config)
{
	struct er_circuit *c = XCALLOC(MTYPE_ER_CIRCUIT, sizeof(*c));

	circuit_set_config(c, config);
	c->deadline_ms = INT64_MAX;
	er_circuits_add(&core->circuits, c);
	er_deadlines_add(&core->deadlines, c);
	return c;
}

static void circuit_free(struct er_core *core, struct er_circuit *c)
{
	er_circuits_del(&core->circuits, c);
	er_deadlines_del(&core->deadlines, c);
	config_free(&c->config);
	XFREE(MTYPE_ER_CIRCUIT, c);
}

struct er_core *er_core_new(struct er_time now)
{
	struct er_core *core = XCALLOC(MTYPE_ER_CORE, sizeof(*core));

	core->now = now;
	core->channel = ER_CHANNEL_WAITING;
	core->channel_deadline_ms = now.mono_ms + ER_START_GRACE_MS;
	er_circuits_init(&core->circuits);
	er_deadlines_init(&core->deadlines);
	er_restored_init(&core->restored);
	er_standby_start(core);
	er_vpns_start(core);
	er_own_init(core);
	core->reach = er_global_reach_new();
	core->audit.look_ms = INT64_MAX;
	core->paths = er_paths_new();
	return core;
}

void er_core_free(struct er_core **core)
{
	struct er_restored *restored;
	struct er_circuit *c;

	if (!*core)
		return;
	er_vpns_stop(*core);
	er_own_fini(*core);
	er_global_reach_free(&(*core)->reach);
	er_paths_free(&(*core)->paths);
	while ((c = er_circuits_first(&(*core)->circuits)))
		circuit_free(*core, c);
	while ((restored = er_restored_pop(&(*core)->restored)))
		XFREE(MTYPE_ER_RESTORED, restored);
	er_restored_fini(&(*core)->restored);
	er_standby_stop(*core);
	er_deadlines_fini(&(*core)->deadlines);
	er_circuits_fini(&(*core)->circuits);
	XFREE(MTYPE_ER_CORE, *core);
}

/*
 * Configuration
 */
static struct er_restored *restored_find(struct er_core *core, const char *circuit,
					 enum er_peering_type p, enum er_family f)
{
	struct er_restored *restored;

	frr_each (er_restored, &core->restored, restored)
		if (strmatch(restored->key.circuit, circuit) && restored->key.peering == p &&
		    restored->key.family == f)
			return restored;
	return NULL;
}

static void restored_free(struct er_core *core, struct er_restored *restored)
{
	er_restored_del(&core->restored, restored);
	XFREE(MTYPE_ER_RESTORED, restored);
}

/* The pair must be waiting: nothing has been said of it since the start. */
static void pair_restore(struct er_pair *pair, const struct er_restored *restored)
{
	pair->said.redundancy = restored->redundancy;
	pair->said.restored = true;
	er_availability_restore(&pair->availability, restored->seconds, restored->wall_s);
}

static void pair_start(struct er_core *core, struct er_circuit *c, enum er_peering_type p,
		       enum er_family f)
{
	struct er_pair *pair = &c->pair[p][f];
	struct er_restored *restored = restored_find(core, c->name, p, f);

	pair->exists = true;
	pair->waiting = true;
	pair->waits_until_ms = core->now.mono_ms + ER_START_GRACE_MS;
	pair->since_ms = core->now.mono_ms;
	pair->assessment.redundancy = ER_INACTIVE;
	pair->availability.state = ER_INACTIVE;
	if (restored) {
		pair_restore(pair, restored);
		restored_free(core, restored);
	}
}

/* The peering, or the family on both its links, has been removed. */
static void pair_stop(struct er_circuit *c, enum er_peering_type p, enum er_family f)
{
	memset(&c->pair[p][f], 0, sizeof(c->pair[p][f]));
	memset(&c->session[p][f], 0, sizeof(c->session[p][f]));
}

/* What the RIB is without the prefixes of one link. */
static void rib_without(struct er_rib_facts *rib, enum er_role role)
{
	enum er_role twin = role == ER_PRIMARY ? ER_SECONDARY : ER_PRIMARY;

	rib->only[twin] += rib->both;
	rib->both = 0;
	rib->path_differs = 0;
	rib->only[role] = 0;
	rib->drained[role] = 0;
	rib->stale[role] = 0;
	memset(rib->out_only, 0, sizeof(rib->out_only));
	/* counted over both links: not known until counted anew */
	rib->refused_known = false;
	rib->standby_offered = rib->standby_missing = 0;
	rib->n_overlaps = 0;
	memset(rib->refused, 0, sizeof(rib->refused));
}

static void session_forget_facts(struct er_session *s)
{
	s->reported = s->fresh_reported = false;
	s->fresh_until_ms = 0;
	memset(&s->facts, 0, sizeof(s->facts));
	memset(&s->fresh, 0, sizeof(s->fresh));
}

/* Keep what is known of a session as long as it is the same session. */
static void session_replan(struct er_circuit *c, enum er_peering_type p, enum er_family f,
			   enum er_role role, int64_t now_ms)
{
	struct er_session *s = &c->session[p][f][role];
	struct er_session_spec old = s->spec;
	bool ran = s->planned;

	s->planned = er_plan_session(c->config, p, role, f, &s->spec);
	if (ran && s->planned && er_plan_same_session(&old, &s->spec))
		return;

	session_forget_facts(s);
	er_holddown_stop(&s->holddown, now_ms);
	if (ran && s->planned)
		er_holddown_clear(&s->holddown); /* a new session has no flaps */
	if (ran) {
		rib_without(&c->pair[p][f].rib, role);
		rib_without(&c->pair[p][f].fresh_rib, role);
	}
}

static void circuit_replan(struct er_core *core, struct er_circuit *c)
{
	ER_FOREACH_PAIR(p, f)
	{
		bool tracked = er_plan_tracks(c->config, p, f);

		if (tracked && !c->pair[p][f].exists)
			pair_start(core, c, p, f);
		else if (!tracked && c->pair[p][f].exists)
			pair_stop(c, p, f);
		if (!tracked)
			continue;
		for (enum er_role r = 0; r < ER_ROLES; r++)
			session_replan(c, p, f, r, core->now.mono_ms);
	}
}

/* Facts of another interface, or about another VRF, are not facts of this. */
static void forget_other_interfaces(struct er_circuit *c, const struct er_circuit_config *config)
{
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++) {
		const struct er_peering_config *old = &c->config->peering[p];
		const struct er_peering_config *new = &config->peering[p];

		for (enum er_role r = 0; r < ER_ROLES; r++)
			if (!strmatch(old->vrf, new->vrf) ||
			    !strmatch(old->link[r].ifname, new->link[r].ifname))
				memset(&c->interface[p][r], 0, sizeof(c->interface[p][r]));
	}
}

static void on_config(struct er_core *core, const struct er_circuit_config *config,
		      struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, config->name);

	if (c) {
		forget_other_interfaces(c, config);
		circuit_set_config(c, config);
	} else {
		c = circuit_new(core, config);
	}
	er_own_config(core, c, out);
	circuit_replan(core, c);
	er_circuit_update(core, c, core->now, out);
}

static void on_config_gone(struct er_core *core, const char *circuit, struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, circuit);
	struct er_restored *restored;

	er_own_config_gone(core, circuit, out);
	er_standby_forget(core, circuit);
	if (c)
		circuit_free(core, c);
	ER_FOREACH_PAIR(p, f)
	{
		restored = restored_find(core, circuit, p, f);
		if (restored)
			restored_free(core, restored);
	}
}

/*
 * Facts
 */
static void on_interface(struct er_core *core, const struct er_session_key *key,
			 const struct er_interface_facts *facts, struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, key->circuit);

	if (!c || !er_key_is_valid(key->peering, key->role, ER_IPV4))
		return;
	c->interface[key->peering][key->role] = *facts;
	for (enum er_family f = 0; f < ER_FAMILIES; f++)
		er_pair_update(core, c, key->peering, f, core->now, out);
}

static void on_session(struct er_core *core, const struct er_session_key *key,
		       const struct er_session_facts *facts, struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, key->circuit);
	struct er_session *s;

	if (!c || !er_key_is_valid(key->peering, key->role, key->family))
		return;
	s = &c->session[key->peering][key->family][key->role];
	if (!s->planned)
		return;
	if (core->channel != ER_CHANNEL_SYNCED) {
		s->fresh = *facts;
		s->fresh_reported = true;
		return;
	}
	/* a first report says what has been so for long, perhaps */
	if (facts->state != ER_SESSION_ESTABLISHED)
		s->fresh_until_ms = 0;
	else if (s->reported && s->facts.state != ER_SESSION_ESTABLISHED)
		s->fresh_until_ms = core->now.mono_ms + ER_FIRST_PREFIX_MS;
	s->facts = *facts;
	s->reported = true;
	er_session_note(s, true, core->now.mono_ms);
	er_pair_update(core, c, key->peering, key->family, core->now, out);
}

static void on_rib(struct er_core *core, const struct er_peering_key *key,
		   const struct er_rib_facts *rib, struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, key->circuit);
	struct er_pair *pair;

	if (!c || !er_key_is_valid(key->peering, ER_PRIMARY, key->family))
		return;
	pair = &c->pair[key->peering][key->family];
	if (!pair->exists)
		return;
	if (core->channel != ER_CHANNEL_SYNCED) {
		pair->fresh_rib = *rib;
		return;
	}
	pair->rib = *rib;
	er_pair_update(core, c, key->peering, key->family, core->now, out);
}

/*
 * Events and time
 */
static void on_clear(struct er_core *core, const char *name, struct er_decisions *out)
{
	struct er_circuit *c;

	frr_each (er_circuits, &core->circuits, c) {
		if (name[0] && !strmatch(name, c->name))
			continue;
		ER_FOREACH_PAIR(p, f)
		for (enum er_role r = 0; r < ER_ROLES; r++)
			er_holddown_clear(&c->session[p][f][r].holddown);
		er_circuit_update(core, c, core->now, out);
	}
	if (!name[0])
		er_vpn_clear(core);
}

static void on_clear_availability(struct er_core *core, const char *name)
{
	struct er_restored *restored;
	struct er_circuit *c;

	frr_each (er_circuits, &core->circuits, c) {
		if (name[0] && !strmatch(name, c->name))
			continue;
		ER_FOREACH_PAIR(p, f)
		er_availability_clear(&c->pair[p][f].availability, core->now);
	}
	frr_each (er_restored, &core->restored, restored)
		if (!name[0] || strmatch(name, restored->key.circuit))
			memset(restored->seconds, 0, sizeof(restored->seconds));
}

static struct er_time earlier(struct er_time now, int64_t mono_ms)
{
	return (struct er_time){
		.mono_ms = mono_ms,
		.wall_s = now.wall_s - (now.mono_ms - mono_ms) / 1000,
	};
}

static int64_t deadline_but_audit(const struct er_core *core)
{
	const struct er_circuit *first = er_deadlines_const_first(&core->deadlines);
	int64_t deadline = first ? first->deadline_ms : INT64_MAX;

	deadline = MIN(deadline, core->channel_deadline_ms);
	deadline = MIN(deadline, core->vpn_deadline_ms);
	deadline = MIN(deadline, core->own_deadline_ms);
	return MIN(deadline, er_global_reach_deadline(core));
}

/* Decide what was due before now, in its order, as of when it was due. */
static void core_advance(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	int64_t due;

	while ((due = er_core_deadline(core)) <= now.mono_ms) {
		struct er_time then = earlier(now, due);
		struct er_circuit *first = er_deadlines_first(&core->deadlines);
		bool look_only = deadline_but_audit(core) > due;

		if (core->channel_deadline_ms == due)
			er_channel_give_up(core, then, out);
		else if (first && first->deadline_ms == due)
			er_circuit_update(core, first, then, out);
		er_vpn_update(core, then, out);
		er_global_reach_update(core, then, out);
		er_own_update(core, then, out);
		if (!look_only)
			er_audit_touch(core, then);
		er_audit_update(core, then, out);
	}
	core->now = now;
}

int64_t er_core_deadline(const struct er_core *core)
{
	return MIN(deadline_but_audit(core), core->audit.look_ms);
}

void er_core_handle(struct er_core *core, const struct er_event *ev, struct er_decisions *out)
{
	struct er_time now = ev->now;
	size_t said_before;

	now.mono_ms = MAX(now.mono_ms, core->now.mono_ms);
	core_advance(core, now, out);
	said_before = out->n;

	switch (ev->type) {
	case ER_EV_CONFIG:
		on_config(core, ev->config, out);
		break;
	case ER_EV_CONFIG_GONE:
		on_config_gone(core, ev->circuit, out);
		break;
	case ER_EV_INTERFACE:
		on_interface(core, &ev->session, &ev->interface, out);
		break;
	case ER_EV_SESSION:
		if (ev->session.peering == ER_VPN)
			er_vpn_handle(core, ev, out);
		else
			on_session(core, &ev->session, &ev->facts, out);
		break;
	case ER_EV_RIB:
		on_rib(core, &ev->peering, &ev->rib, out);
		break;
	case ER_EV_BGPD_SYNCED:
		er_channel_synced(core, out);
		break;
	case ER_EV_BGPD_LOST:
		er_channel_lost(core, out);
		break;
	case ER_EV_CLEAR:
		on_clear(core, ev->circuit, out);
		break;
	case ER_EV_CLEAR_AVAILABILITY:
		on_clear_availability(core, ev->circuit);
		break;
	case ER_EV_VPN_CONFIG:
	case ER_EV_VPN_CONFIG_GONE:
	case ER_EV_GATEWAY:
	case ER_EV_PROBE:
	case ER_EV_VPN_RIB:
	case ER_EV_STATIC:
	case ER_EV_STATIC_ROUTE:
	case ER_EV_VPN_REQUEST:
		er_vpn_handle(core, ev, out);
		break;
	case ER_EV_OWN_REQUEST:
		er_own_on_request(core, ev->own_request, out);
		break;
	case ER_EV_TRAFFIC:
		er_own_on_traffic(core, &ev->session, &ev->traffic);
		break;
	case ER_EV_SITE_CONFIG:
	case ER_EV_SITE_CONFIG_GONE:
	case ER_EV_JOINT_CONFIG:
	case ER_EV_JOINT_CONFIG_GONE:
	case ER_EV_UNDECLARED:
	case ER_EV_SITE_STATE:
	case ER_EV_AUDIT:
	case ER_EV_TICK:
		break;
	case ER_EV_PATH_CONFIG:
	case ER_EV_PATH_CONFIG_GONE:
	case ER_EV_PATH:
		er_paths_handle(core, ev, out);
		break;
	}
	er_vpn_update(core, core->now, out);
	er_global_reach_handle(core, ev);
	er_global_reach_update(core, core->now, out);
	er_own_update(core, core->now, out);
	er_standby_note(core);
	er_audit_handle(core, ev, out->n > said_before);
}

void er_core_restore(struct er_core *core, const struct er_peering_key *key,
		     enum er_redundancy redundancy, const struct er_seconds seconds[ER_PERIODS],
		     int64_t wall_s)
{
	struct er_restored *restored;
	struct er_circuit *c;

	if (!er_key_is_valid(key->peering, ER_PRIMARY, key->family))
		return;
	restored = restored_find(core, key->circuit, key->peering, key->family);
	if (!restored) {
		restored = XCALLOC(MTYPE_ER_RESTORED, sizeof(*restored));
		er_restored_add_tail(&core->restored, restored);
	}
	restored->key = *key;
	restored->redundancy = redundancy;
	memcpy(restored->seconds, seconds, sizeof(restored->seconds));
	restored->wall_s = wall_s;

	c = er_circuit_find(core, key->circuit);
	if (!c || !c->pair[key->peering][key->family].exists)
		return;
	if (c->pair[key->peering][key->family].waiting)
		pair_restore(&c->pair[key->peering][key->family], restored);
	restored_free(core, restored);
}

/*
 * A peering that waits has the assessment of nobody: what counts is what was
 * said of it, if anything was.
 */
static void remember_circuit(const struct er_circuit *c, struct er_time now, er_core_memory_cb cb,
			     void *arg)
{
	struct er_peering_key key = {};

	strlcpy(key.circuit, c->name, sizeof(key.circuit));
	ER_FOREACH_PAIR(p, f)
	{
		const struct er_pair *pair = &c->pair[p][f];
		struct er_seconds seconds[ER_PERIODS];

		if (!pair->exists || (pair->waiting && !pair->said.restored))
			continue;
		key.peering = p;
		key.family = f;
		er_availability_read(&pair->availability, now, seconds);
		cb(&key, pair->said.redundancy, seconds, now.wall_s, arg);
	}
}

void er_core_remember(const struct er_core *core, struct er_time now, er_core_memory_cb cb,
		      void *arg)
{
	const struct er_restored *restored;
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c)
		remember_circuit(c, now, cb, arg);
	frr_each (er_restored_const, &core->restored, restored)
		cb(&restored->key, restored->redundancy, restored->seconds, restored->wall_s, arg);
}
