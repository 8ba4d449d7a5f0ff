// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pair of sessions in its surroundings: assessed, and when it is to be again.
 */
#include <zebra.h>

#include "core/limits.h"
#include "core/plan.h"
#include "core/internal.h"

/*
 * A pair in its surroundings
 */
struct er_place er_place_of(const struct er_core *core, struct er_circuit *c,
			    enum er_peering_type p, enum er_family f, int64_t now_ms)
{
	return (struct er_place){
		.core = core,
		.circuit = c,
		.peering = p,
		.family = f,
		.pair = &c->pair[p][f],
		.session = c->session[p][f],
		.channel = core->channel,
		.now_ms = now_ms,
	};
}

void er_place_facts(const struct er_place *place, struct er_pair_facts *facts)
{
	const struct er_circuit *c = place->circuit;

	memset(facts, 0, sizeof(*facts));
	facts->config = c->config;
	facts->peering = place->peering;
	facts->family = place->family;
	facts->bgpd_lost = place->channel == ER_CHANNEL_WAITING ||
			   place->channel == ER_CHANNEL_LOST;
	facts->rib = &place->pair->rib;
	facts->parity_settled = place->pair->parity_settled;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		facts->interface[r] = &c->interface[place->peering][r];
		facts->session[r] = &place->session[r].facts;
		facts->own_drained[r] = c->own[r].on;
		facts->flapping[r] = place->session[r].holddown.flapping;
		facts->fresh[r] = place->session[r].fresh_until_ms > place->now_ms;
	}
}

void er_place_view(const struct er_place *place, enum er_role role, struct er_session_view *view)
{
	const struct er_circuit *c = place->circuit;
	const struct er_session *s = &place->session[role];

	memset(view, 0, sizeof(*view));
	view->configured = er_plan_describe(c->config, place->peering, role, place->family,
					    &view->spec);
	strlcpy(view->spec.key.circuit, c->name, sizeof(view->spec.key.circuit));
	view->spec.key.peering = place->peering;
	view->spec.key.role = role;
	view->spec.key.family = place->family;
	if (view->configured)
		er_own_plan(place->core, &view->spec);
	view->facts = s->facts;
	view->interface = c->interface[place->peering][role];
	view->assessment = place->pair->assessment.link[role];
	view->flaps = s->holddown.flaps;
	view->hold_ms = er_holddown_left(&s->holddown, place->now_ms);
}

/*
 * Assessing a pair
 */
static void pair_advance(const struct er_place *place)
{
	struct er_pair *pair = place->pair;
	struct er_pair_facts facts;
	bool differs;

	/* without word from bgpd, nobody knows that a session has been quiet */
	if (place->channel == ER_CHANNEL_SYNCED)
		for (enum er_role r = 0; r < ER_ROLES; r++)
			er_holddown_advance(&place->session[r].holddown, place->now_ms);

	for (enum er_role r = 0; r < ER_ROLES; r++)
		if (place->session[r].fresh_until_ms <= place->now_ms)
			place->session[r].fresh_until_ms = 0;

	er_place_facts(place, &facts);
	differs = er_links_differ(&facts);
	if (differs && !pair->differs)
		pair->differs_since_ms = place->now_ms;
	pair->differs = differs;
	if (!differs)
		pair->parity_settled = false;
	else if (place->channel == ER_CHANNEL_SYNCED)
		pair->parity_settled = place->now_ms - pair->differs_since_ms >=
				       ER_PARITY_SETTLE_MS;
}

static bool pair_wait_is_over(const struct er_place *place)
{
	const struct er_pair *pair = place->pair;

	if (place->channel == ER_CHANNEL_GRACE)
		return false;
	if (place->now_ms >= pair->waits_until_ms)
		return true;
	if (place->channel != ER_CHANNEL_SYNCED)
		return false;
	for (enum er_role r = 0; r < ER_ROLES; r++)
		if (place->session[r].planned && !place->session[r].reported)
			return false;
	/* comparing with what was said before needs the whole picture */
	return pair->synced || !pair->said.restored;
}

/* Nothing is known yet: not down, but not assessed. */
static void assess_as_waiting(const struct er_place *place, struct er_assessment *a)
{
	a->redundancy = ER_INACTIVE;
	a->drained = a->asymmetric = a->flapping = false;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		if (!place->session[r].planned)
			continue;
		memset(&a->link[r], 0, sizeof(a->link[r]));
		a->link[r].health = ER_LINK_INACTIVE;
		a->link[r].reason = ER_REASON_BGPD_LOST;
		a->reason = ER_REASON_BGPD_LOST;
		a->culprit = r;
	}
}

static void pair_assess(const struct er_place *place, struct er_time now)
{
	struct er_pair *pair = place->pair;
	enum er_redundancy before = pair->assessment.redundancy;
	struct er_pair_facts facts;

	er_place_facts(place, &facts);
	er_assess(&facts, &pair->assessment);
	if (pair->waiting)
		assess_as_waiting(place, &pair->assessment);
	if (pair->assessment.redundancy != before) {
		pair->since_ms = now.mono_ms;
		er_availability_set(&pair->availability, pair->assessment.redundancy, now);
	}
}

static void pair_update(struct er_core *core, struct er_circuit *c, enum er_peering_type p,
			enum er_family f, struct er_time now, struct er_decisions *out)
{
	struct er_place place = er_place_of(core, c, p, f, now.mono_ms);
	struct er_pair *pair = place.pair;
	bool first;

	if (!pair->exists)
		return;
	pair_advance(&place);
	first = pair->waiting && pair_wait_is_over(&place);
	if (first)
		pair->waiting = false;
	pair_assess(&place, now);
	if (first)
		er_say_first(&place, out);
	else if (!pair->waiting)
		er_say(&place, out);
}

/* When time alone will change what is said of the pair. */
static int64_t pair_deadline(const struct er_core *core, const struct er_circuit *c,
			     enum er_peering_type p, enum er_family f)
{
	const struct er_pair *pair = &c->pair[p][f];
	int64_t deadline = INT64_MAX;

	if (!pair->exists || core->channel == ER_CHANNEL_GRACE)
		return INT64_MAX;
	if (pair->waiting)
		deadline = pair->waits_until_ms;
	if (core->channel != ER_CHANNEL_SYNCED)
		return deadline;
	if (pair->differs && !pair->parity_settled)
		deadline = MIN(deadline, pair->differs_since_ms + ER_PARITY_SETTLE_MS);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		const struct er_session *s = &c->session[p][f][r];

		deadline = MIN(deadline, er_holddown_deadline(&s->holddown));
		if (s->fresh_until_ms)
			deadline = MIN(deadline, s->fresh_until_ms);
	}
	return deadline;
}

static void circuit_set_deadline(struct er_core *core, struct er_circuit *c)
{
	int64_t deadline = INT64_MAX;

	ER_FOREACH_PAIR(p, f)
	deadline = MIN(deadline, pair_deadline(core, c, p, f));
	if (deadline == c->deadline_ms)
		return;
	er_deadlines_del(&core->deadlines, c);
	c->deadline_ms = deadline;
	er_deadlines_add(&core->deadlines, c);
}

void er_pair_update(struct er_core *core, struct er_circuit *c, enum er_peering_type p,
		    enum er_family f, struct er_time now, struct er_decisions *out)
{
	pair_update(core, c, p, f, now, out);
	circuit_set_deadline(core, c);
}

void er_circuit_update(struct er_core *core, struct er_circuit *c, struct er_time now,
		       struct er_decisions *out)
{
	ER_FOREACH_PAIR(p, f)
	pair_update(core, c, p, f, now, out);
	circuit_set_deadline(core, c);
}

void er_core_update(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	struct er_circuit *c;

	frr_each (er_circuits, &core->circuits, c)
		er_circuit_update(core, c, now, out);
}
