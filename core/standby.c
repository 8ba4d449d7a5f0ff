// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which circuit stands by for which, and whether it could take over.
 *
 * Of the circuits with a peering of a type in a VRF, the one with the highest
 * preference carries the traffic, and each with a lower one stands by for it.  That
 * it has carried in that one's place, because of a fault or of a drain, is the proof
 * that it can: when it did so last is kept.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/printfrr.h"

#include "core/internal.h"
#include "core/mgroup.h"
#include "core/plan.h"
#include "core/text.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_STOOD_IN, "ExpressRoute circuit that has stood in");

static bool runs(const struct er_circuit_config *config, enum er_peering_type p, enum er_family f)
{
	return er_plan_runs(config, p, ER_PRIMARY, f) || er_plan_runs(config, p, ER_SECONDARY, f);
}

/* What both offer goes over the first. */
static bool is_preferred(const struct er_circuit_config *first,
			 const struct er_circuit_config *second, enum er_peering_type p,
			 enum er_family f)
{
	return first->preference > second->preference && runs(first, p, f) &&
	       strmatch(first->peering[p].vrf, second->peering[p].vrf);
}

const char *er_stands_by_for(const struct er_core *core, const struct er_circuit_config *config,
			     enum er_peering_type p, enum er_family f)
{
	const struct er_circuit_config *first = config;
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c)
		if (is_preferred(c->config, first, p, f))
			first = c->config;
	return first == config ? "" : first->name;
}

/*
 * Standing in
 */
static struct er_stood_in *stood_in_find(const struct er_core *core,
					 const struct er_peering_key *key)
{
	struct er_stood_in *s;

	/* the search changes nothing */
	frr_each (er_stood_in, (struct er_stood_in_head *)&core->stood_in, s)
		if (s->key.peering == key->peering && s->key.family == key->family &&
		    strmatch(s->key.circuit, key->circuit))
			return s;
	return NULL;
}

static struct er_stood_in *stood_in_get(struct er_core *core, const struct er_peering_key *key)
{
	struct er_stood_in *s = stood_in_find(core, key);

	if (s)
		return s;
	s = XCALLOC(MTYPE_ER_STOOD_IN, sizeof(*s));
	s->key = *key;
	er_stood_in_add_tail(&core->stood_in, s);
	return s;
}

static bool has_healthy_link(const struct er_pair *pair)
{
	return pair->assessment.link[ER_PRIMARY].health == ER_LINK_UP ||
	       pair->assessment.link[ER_SECONDARY].health == ER_LINK_UP;
}

/* There are circuits that are preferred to it, and none of them can carry. */
static bool is_left(const struct er_core *core, const struct er_circuit *c, enum er_peering_type p,
		    enum er_family f)
{
	const struct er_circuit *other;
	bool preferred = false;

	frr_each (er_circuits_const, &core->circuits, other) {
		const struct er_pair *pair = &other->pair[p][f];

		if (!is_preferred(other->config, c->config, p, f))
			continue;
		if (!pair->exists || pair->waiting || has_healthy_link(pair))
			return false;
		preferred = true;
	}
	return preferred;
}

static bool stands_in(const struct er_core *core, const struct er_circuit *c,
		      enum er_peering_type p, enum er_family f)
{
	const struct er_pair *pair = &c->pair[p][f];

	return core->channel == ER_CHANNEL_SYNCED && pair->exists && !pair->waiting &&
	       has_healthy_link(pair) && is_left(core, c, p, f);
}

static void note(struct er_core *core, const struct er_circuit *c, enum er_peering_type p,
		 enum er_family f)
{
	struct er_peering_key key = { .peering = p, .family = f };
	bool now = stands_in(core, c, p, f);
	struct er_stood_in *s;

	strlcpy(key.circuit, c->name, sizeof(key.circuit));
	s = now ? stood_in_get(core, &key) : stood_in_find(core, &key);
	if (!s || (!now && !s->now))
		return;
	s->now = now;
	s->wall_s = core->now.wall_s;
}

void er_standby_note(struct er_core *core)
{
	const struct er_circuit *c;

	/* of one circuit, or of one that nobody is compared with, there is nothing */
	if (er_circuits_count(&core->circuits) < 2)
		return;
	frr_each (er_circuits_const, &core->circuits, c)
		ER_FOREACH_PAIR(p, f)
	note(core, c, p, f);
}

void er_standby_start(struct er_core *core)
{
	er_stood_in_init(&core->stood_in);
}

void er_standby_stop(struct er_core *core)
{
	struct er_stood_in *s;

	while ((s = er_stood_in_pop(&core->stood_in)))
		XFREE(MTYPE_ER_STOOD_IN, s);
	er_stood_in_fini(&core->stood_in);
}

void er_standby_forget(struct er_core *core, const char *circuit)
{
	struct er_stood_in *s;

	frr_each_safe (er_stood_in, &core->stood_in, s) {
		if (!strmatch(s->key.circuit, circuit))
			continue;
		er_stood_in_del(&core->stood_in, s);
		XFREE(MTYPE_ER_STOOD_IN, s);
	}
}

void er_standby_forget_restored(struct er_core *core)
{
	struct er_stood_in *s;

	frr_each_safe (er_stood_in, &core->stood_in, s) {
		if (er_circuit_find(core, s->key.circuit))
			continue;
		er_stood_in_del(&core->stood_in, s);
		XFREE(MTYPE_ER_STOOD_IN, s);
	}
}

void er_standby_restore(struct er_core *core, const struct er_peering_key *key,
			int64_t carried_wall)
{
	if (key->peering < ER_PEERING_TYPES && (unsigned int)key->family < ER_FAMILIES &&
	    carried_wall > 0)
		stood_in_get(core, key)->wall_s = carried_wall;
}

void er_standby_remember(const struct er_core *core, struct er_time now, er_standby_memory_cb cb,
			 void *arg)
{
	const struct er_stood_in *s;

	frr_each (er_stood_in_const, &core->stood_in, s)
		cb(&s->key, s->now ? now.wall_s : s->wall_s, arg);
}

/*
 * Readiness
 */
/* "no link is healthy", "3 of 24 prefixes of ams do not come here" */
static void say_why(const struct er_pair *pair, struct er_standby_view *view)
{
	uint32_t all = view->offered + view->missing;

	view->healthy = has_healthy_link(pair);
	if (!view->healthy)
		snprintfrr(view->reason, sizeof(view->reason), "no link of it is healthy");
	else if (!all)
		snprintfrr(view->reason, sizeof(view->reason),
			   "circuit %s has no prefix to compare with", view->circuit);
	else if (view->missing)
		snprintfrr(view->reason, sizeof(view->reason), "it lacks %u of the %u %s of %s",
			   view->missing, all, all == 1 ? "prefix" : "prefixes", view->circuit);
}

bool er_core_standby(const struct er_core *core, const struct er_peering_key *key,
		     struct er_standby_view *view)
{
	const struct er_circuit *c = er_circuit_find(core, key->circuit);
	const struct er_stood_in *s;
	const struct er_pair *pair;

	memset(view, 0, sizeof(*view));
	if (!c || (unsigned int)key->peering >= ER_PEERING_TYPES ||
	    (unsigned int)key->family >= ER_FAMILIES)
		return false;
	pair = &c->pair[key->peering][key->family];
	if (!pair->exists || pair->waiting || core->channel != ER_CHANNEL_SYNCED ||
	    !runs(c->config, key->peering, key->family))
		return false;
	strlcpy(view->circuit, er_stands_by_for(core, c->config, key->peering, key->family),
		sizeof(view->circuit));
	if (!view->circuit[0])
		return false;
	view->offered = pair->rib.standby_offered;
	view->missing = pair->rib.standby_missing;
	say_why(pair, view);
	view->ready = !view->reason[0];
	s = stood_in_find(core, key);
	view->carries = s && s->now;
	view->carried_wall = s ? s->wall_s : 0;
	return true;
}
