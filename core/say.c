// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notices: each difference between what is and what was last said, once.
 *
 * Drain, parity and limits can be told only of established sessions.  A link
 * that is lost while it drains has not ended its drain, so what was last said
 * stands until it can be seen again, or is no longer run.
 */
#include <zebra.h>

#include "core/internal.h"
#include "core/limits.h"
#include "core/partner.h"
#include "core/plan.h"
#include "core/text.h"

static struct er_notice *notice(const struct er_place *place, enum er_role role,
				enum er_notice_type type, struct er_decisions *out)
{
	struct er_notice *n = er_decisions_add(out);

	n->type = type;
	strlcpy(n->session.circuit, place->circuit->config->name, sizeof(n->session.circuit));
	n->session.peering = place->peering;
	n->session.family = place->family;
	n->session.role = role;
	return n;
}

void er_session_lost_reason(enum er_channel channel, bool planned, bool shut,
			    const struct er_session_facts *facts, char *buf, size_t len)
{
	const char *reason;

	if (!planned)
		reason = shut ? "shut down" : "removed from the configuration";
	else if (channel == ER_CHANNEL_LOST)
		reason = "no contact with bgpd";
	else if (facts->state == ER_SESSION_UNKNOWN)
		reason = "session changed in the configuration";
	else if (facts->state == ER_SESSION_ABSENT)
		reason = facts->problem[0] ? facts->problem : "the neighbor is gone from bgpd";
	else
		reason = facts->last_reset;
	strlcpy(buf, reason, len);
}

/* Of a partner's link, the session with the partner. */
static bool is_established(const struct er_pair_facts *facts, enum er_role role)
{
	return er_link_is_established(facts, role) || er_partner_is_seen(facts, role);
}

static void say_session(const struct er_place *place, enum er_role role, bool established,
			struct er_decisions *out)
{
	struct er_session *s = &place->session[role];
	struct er_notice *n;

	if (established == s->said.established)
		return;

	n = notice(place, role, ER_NOTICE_SESSION, out);
	n->established = established;
	if (established) {
		s->said.neighbor = s->spec.neighbor;
	} else {
		er_session_lost_reason(place->channel, s->planned,
				       er_plan_is_shut(place->circuit->config, place->peering,
						       role),
				       &s->facts, n->reason, sizeof(n->reason));
	}
	n->neighbor = s->said.neighbor;
	n->expected = place->circuit->own[role].on;
	s->said.established = established;
}

static void say_flapping(const struct er_place *place, enum er_role role, struct er_decisions *out)
{
	struct er_session *s = &place->session[role];
	bool flapping = s->holddown.flapping;
	struct er_notice *n;

	if (flapping == s->said.flapping)
		return;

	n = notice(place, role, flapping ? ER_NOTICE_FLAPPING_START : ER_NOTICE_FLAPPING_STOP, out);
	if (flapping)
		n->hold_s = s->holddown.hold_ms / 1000;
	s->said.flapping = flapping;
}

/* What can be told of the link's drain, or what was said while nothing can. */
static bool drain_as_known(const struct er_place *place, const struct er_pair_facts *facts,
			   enum er_role role)
{
	const struct er_session *s = &place->session[role];

	if (!s->planned)
		return false;
	if (er_link_has_prefixes(facts, role))
		return er_link_is_drained(facts, role);
	return s->said.drained;
}

static void say_drain(const struct er_place *place, const struct er_pair_facts *facts,
		      enum er_role role, struct er_decisions *out)
{
	struct er_session *s = &place->session[role];
	bool drained = drain_as_known(place, facts, role);
	struct er_notice *n;

	if (drained == s->said.drained)
		return;

	n = notice(place, role, drained ? ER_NOTICE_DRAIN_START : ER_NOTICE_DRAIN_STOP, out);
	if (drained)
		n->drained = er_partner_has(facts, role) ? s->facts.partner.drained
							 : place->pair->rib.drained[role];
	s->said.drained = drained;
}

static bool asymmetry_as_known(const struct er_place *place, const struct er_pair_facts *facts)
{
	const struct er_pair *pair = place->pair;

	if (!place->session[ER_PRIMARY].planned || !place->session[ER_SECONDARY].planned)
		return false;
	if (pair->assessment.asymmetric)
		return true;
	return pair->said.asymmetric && !er_links_agree(facts);
}

static void say_parity(const struct er_place *place, const struct er_pair_facts *facts,
		       struct er_decisions *out)
{
	struct er_pair *pair = place->pair;
	bool asymmetric = asymmetry_as_known(place, facts);
	struct er_notice *n;

	if (!er_links_differ(facts))
		pair->parity_muted = pair->parity_muted && place->channel == ER_CHANNEL_LOST;
	if (asymmetric == pair->said.asymmetric)
		return;

	pair->said.asymmetric = asymmetric;
	if (asymmetric && pair->parity_muted)
		return;
	n = notice(place, ER_PRIMARY,
		   asymmetric ? ER_NOTICE_PARITY_LOST : ER_NOTICE_PARITY_RESTORED, out);
	n->rib = pair->rib;
}

/* A count that is just coming in, prefix by prefix, is not a low count. */
static bool counts_are_fresh(const struct er_pair_facts *facts)
{
	return facts->fresh[ER_PRIMARY] || facts->fresh[ER_SECONDARY];
}

/* The level that can be told, or what was said while nothing can. */
static enum er_limit_level level_as_known(const struct er_place *place,
					  const struct er_pair_facts *facts,
					  const struct er_limit_view *view,
					  enum er_limit_level said)
{
	enum er_limit_level level;

	if (!place->session[ER_PRIMARY].planned && !place->session[ER_SECONDARY].planned)
		return ER_LIMIT_OK;
	if (!er_link_is_established(facts, ER_PRIMARY) &&
	    !er_link_is_established(facts, ER_SECONDARY))
		return said;
	if (view->level == ER_LIMIT_FULL)
		return ER_LIMIT_FULL;
	level = er_limit_level_after(said, view->count, view->limit);
	return counts_are_fresh(facts) ? MAX(level, said) : level;
}

static void say_limits(const struct er_place *place, const struct er_pair_facts *facts,
		       struct er_decisions *out)
{
	struct er_limit_view view[ER_DIRECTIONS];

	er_assess_limits(facts, view);
	for (enum er_direction d = 0; d < ER_DIRECTIONS; d++) {
		enum er_limit_level *said = &place->pair->said.level[d];
		enum er_limit_level level = level_as_known(place, facts, &view[d], *said);
		struct er_notice *n;

		if (level == *said)
			continue;
		n = notice(place, ER_PRIMARY, ER_NOTICE_LIMIT, out);
		n->direction = d;
		n->limit = view[d];
		n->limit.level = level;
		n->previous_level = *said;
		n->rib = place->pair->rib;
		*said = level;
	}
}

static void say_redundancy(const struct er_place *place, struct er_decisions *out)
{
	struct er_pair *pair = place->pair;
	const struct er_assessment *a = &pair->assessment;
	struct er_session_view view[ER_ROLES];
	struct er_notice *n;

	if (a->redundancy == pair->said.redundancy)
		return;

	n = notice(place, a->culprit, ER_NOTICE_REDUNDANCY, out);
	n->redundancy = a->redundancy;
	n->previous = pair->said.redundancy;
	for (enum er_role r = 0; r < ER_ROLES; r++)
		er_place_view(place, r, &view[r]);
	er_assessment_reason(a, view, n->reason, sizeof(n->reason));
	n->expected = a->reason == ER_REASON_OWN_DRAINED;
	pair->said.redundancy = a->redundancy;
}

/* Causes first: the redundancy comes last. */
void er_say(const struct er_place *place, struct er_decisions *out)
{
	struct er_pair_facts facts;

	er_place_facts(place, &facts);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		say_session(place, r, is_established(&facts, r), out);
		say_flapping(place, r, out);
		say_drain(place, &facts, r, out);
	}
	say_parity(place, &facts, out);
	say_limits(place, &facts, out);
	say_redundancy(place, out);
}

void er_say_first(const struct er_place *place, struct er_decisions *out)
{
	struct er_pair *pair = place->pair;
	struct er_pair_facts facts;

	er_place_facts(place, &facts);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		struct er_session *s = &place->session[r];

		s->said.established = is_established(&facts, r);
		s->said.neighbor = s->spec.neighbor;
		s->said.flapping = s->holddown.flapping;
		s->said.drained = er_link_is_drained(&facts, r);
	}
	pair->parity_muted = er_links_differ(&facts);
	pair->said.asymmetric = pair->assessment.asymmetric;

	if (!pair->said.restored)
		pair->said.redundancy = pair->assessment.redundancy;
	pair->said.restored = false;
	say_limits(place, &facts, out);
	say_redundancy(place, out);
}
