// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state machine of one backup in one family.
 *
 * It becomes active for a cause: a rule, the operator, a test.  When the cause
 * is gone, and ExpressRoute has a healthy link, the hold runs (of a rule only);
 * then the circuits advertise again, and ER_VPN_SETTLE_MS later our routes leave
 * the VPN.  A VPN that fails is left at once if ExpressRoute carries anything.
 *
 * Where ExpressRoute still carries traffic, no rule moves it to a gateway that
 * flaps (core/holddown.h): two that come and go do not drag traffic along.
 */
#include <zebra.h>

#include "core/limits.h"
#include "core/plan.h"
#include "core/vpn_internal.h"

#define CAUSE_BIT(cause) (1u << (cause))

static bool is_rule(enum er_vpn_cause cause)
{
	return cause >= ER_VPN_CAUSE_ALL_DOWN && cause <= ER_VPN_CAUSE_QUALITY;
}

/*
 * What is there
 */
struct circuits {
	unsigned int links, probed, up, carrying, drained, poor;
	unsigned int sound, asymmetric; /* circuits that carry */
	bool waiting;
};

/* Without a prefix it does not, however healthy; it is empty when both counts say so. */
static bool link_carries(const struct er_circuit *c, enum er_role r, enum er_family f)
{
	const struct er_pair *pair = &c->pair[ER_PRIVATE][f];
	enum er_health health = pair->assessment.link[r].health;

	if (health != ER_LINK_UP && health != ER_LINK_DRAINED && health != ER_LINK_HELD)
		return false;
	return c->session[ER_PRIVATE][f][r].facts.accepted > 0 || pair->rib.both > 0 ||
	       pair->rib.only[r] > 0;
}

/* What its operator drains can carry at once: the VPN is not to take over for it. */
static bool link_is_sound(const struct er_link_assessment *link)
{
	return link->health == ER_LINK_UP ||
	       (link->health == ER_LINK_DRAINED && link->reason == ER_REASON_OWN_DRAINED &&
		!link->drained);
}

static struct er_path_key path_of(enum er_path_kind kind, const char *name,
				  enum er_peering_type peering, enum er_role r, enum er_family f)
{
	struct er_path_key key = {
		.kind = kind,
		.session = { .peering = peering, .role = r, .family = f },
	};

	strlcpy(key.session.circuit, name, sizeof(key.session.circuit));
	return key;
}

static void see_circuit(const struct er_core *core, const struct er_circuit *c, enum er_family f,
			struct circuits *all)
{
	const struct er_pair *pair = &c->pair[ER_PRIVATE][f];
	unsigned int carrying = 0;

	if (!pair->exists)
		return;
	all->waiting |= pair->waiting;
	ER_FOREACH_ROLE(r)
	{
		struct er_path_key path = path_of(ER_PATH_LINK, c->name, ER_PRIVATE, r, f);

		if (!er_plan_has_subnet(c->config, ER_PRIVATE, r, f) &&
		    !er_plan_has_partner(c->config, ER_PRIVATE, r, f))
			continue;
		all->links++;
		all->probed += er_path_is_probed(core, &path);
		/* what is not known is no reason to move traffic */
		all->up += pair->assessment.link[r].health == ER_LINK_UNKNOWN;
		if (!link_carries(c, r, f))
			continue;
		carrying++;
		all->up += link_is_sound(&pair->assessment.link[r]);
		all->drained += pair->assessment.link[r].drained;
		all->poor += er_path_quality(core, &path) == ER_QUALITY_POOR;
	}
	all->carrying += carrying;
	if (carrying && pair->assessment.asymmetric)
		all->asymmetric++;
	else if (carrying)
		all->sound++;
}

/* The rules that apply to what is there. */
static unsigned int causes_of(const struct er_vpn_config *config, const struct circuits *all)
{
	unsigned int causes = 0;

	if (!all->links)
		return 0;
	if (config->activation != ER_ACTIVATE_OPERATOR && !all->carrying)
		causes |= CAUSE_BIT(ER_VPN_CAUSE_ALL_DOWN);
	if (config->activation == ER_ACTIVATE_LINKS_BELOW && all->up < config->min_links)
		causes |= CAUSE_BIT(ER_VPN_CAUSE_LINKS_BELOW);
	if (config->on_drained && all->carrying && all->drained == all->carrying)
		causes |= CAUSE_BIT(ER_VPN_CAUSE_DRAINED);
	if (config->on_asymmetric && all->asymmetric && !all->sound)
		causes |= CAUSE_BIT(ER_VPN_CAUSE_ASYMMETRIC);
	if (config->on_quality && all->carrying && all->poor == all->carrying)
		causes |= CAUSE_BIT(ER_VPN_CAUSE_QUALITY);
	return causes;
}

static void see_gateways(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			 struct er_vpn_sight *sight)
{
	bool all_poor = true;

	ER_FOREACH_ROLE(r)
	{
		struct er_path_key path = path_of(ER_PATH_VPN, vpn->name, ER_VPN, r, f);
		const struct er_gateway *g = &vpn->gateway[f][r];

		if (g->health != ER_GATEWAY_UP)
			continue;
		sight->available = true;
		sight->trusted |= !g->holddown.flapping;
		sight->tells |= g->planned;
		all_poor &= er_path_quality(core, &path) == ER_QUALITY_POOR;
	}
	/* from one poor path to another nothing is won */
	if (all_poor)
		sight->causes &= ~CAUSE_BIT(ER_VPN_CAUSE_QUALITY);
}

void er_vpn_see(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
		struct er_vpn_sight *sight)
{
	struct circuits all = {};

	memset(sight, 0, sizeof(*sight));
	for (size_t i = 0; i < vpn->config->n_circuits; i++) {
		const struct er_circuit *c = er_circuit_find(core, vpn->config->circuit[i]);

		if (c)
			see_circuit(core, c, f, &all);
	}
	sight->known = core->channel == ER_CHANNEL_SYNCED && vpn->family[f].runs &&
		       !vpn->family[f].waiting && !all.waiting;
	sight->links = all.links;
	sight->probed = all.probed;
	sight->up = all.up;
	sight->carrying = all.carrying;
	sight->causes = causes_of(vpn->config, &all);
	see_gateways(core, vpn, f, sight);
}

/*
 * The hold
 */
uint32_t er_vpn_hold_s(const struct er_vpn *vpn, const struct er_vpn_family *m)
{
	uint64_t hold_s = vpn->config->restore_s;

	/* nothing doubles from 0 */
	if (m->doublings)
		hold_s = MAX(hold_s, 1) << MIN(m->doublings, 32);
	return MIN(hold_s, MAX(vpn->config->restore_s, vpn->config->restore_max_s));
}

static void double_hold(const struct er_vpn *vpn, struct er_vpn_family *m, int64_t now_ms)
{
	if (!m->returned || now_ms - m->returned_ms > ER_VPN_FLAP_WINDOW_MS)
		m->doublings = 0;
	else if (er_vpn_hold_s(vpn, m) < vpn->config->restore_max_s)
		m->doublings++;
}

/*
 * To the VPN
 */
void er_vpn_reset(struct er_vpn_family *m)
{
	m->active = false;
	m->cause = ER_VPN_CAUSE_NONE;
	m->switched = false;
	m->switch_from_ms = ER_NEVER;
	er_vpn_stop_returning(m);
	m->ordered = m->unfit = false;
	m->operator.asked = false;
	m->operator.until_ms = ER_NEVER;
	m->operator.seconds = 0;
}

static void activate(struct er_vpn *vpn, enum er_family f, enum er_vpn_cause cause,
		     const struct er_vpn_sight *sight, const struct er_core *core,
		     struct er_time now, struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	struct er_notice *n;

	if (m->active && m->cause == cause)
		return;
	if (is_rule(cause) && !(m->active && is_rule(m->cause)))
		double_hold(vpn, m, now.mono_ms);
	if (!m->active)
		m->activations++;
	m->active = true;
	m->cause = cause;
	n = er_vpn_notice(vpn, f, ER_NOTICE_VPN_ACTIVATED, out);
	n->cause = cause;
	er_vpn_reason(core, vpn, f, sight, n->reason, sizeof(n->reason));
}

/* After a resync, a rule that has applied all the time may be about sessions to come. */
static bool rules_are_sure(const struct er_vpn_family *m, int64_t now_ms)
{
	return m->rule_was_off || now_ms >= m->grace_until_ms;
}

static bool loss_is_sure(const struct er_vpn_family *m, const struct er_vpn_sight *sight,
			 int64_t now_ms)
{
	return !sight->available && (m->was_available || now_ms >= m->grace_until_ms);
}

enum er_vpn_cause er_vpn_first_rule(const struct er_vpn_sight *sight)
{
	for (enum er_vpn_cause cause = ER_VPN_CAUSE_ALL_DOWN; is_rule(cause); cause++)
		if (sight->causes & CAUSE_BIT(cause))
			return cause;
	return ER_VPN_CAUSE_NONE;
}

/* What is to make it active, or to keep it so in another's place. */
static enum er_vpn_cause new_cause(const struct er_vpn_family *m, const struct er_vpn_sight *sight,
				   int64_t now_ms)
{
	bool fit = sight->trusted || !sight->carrying;

	if (sight->causes && rules_are_sure(m, now_ms) && (m->active || fit))
		return er_vpn_first_rule(sight);
	if (m->operator.asked)
		return ER_VPN_CAUSE_OPERATOR;
	return m->test ? ER_VPN_CAUSE_TEST : ER_VPN_CAUSE_NONE;
}

static bool still_holds(const struct er_vpn_family *m, const struct er_vpn_sight *sight)
{
	switch (m->cause) {
	case ER_VPN_CAUSE_NONE:
		return false;
	case ER_VPN_CAUSE_OPERATOR:
		return m->operator.asked;
	case ER_VPN_CAUSE_TEST:
		return m->test;
	case ER_VPN_CAUSE_ALL_DOWN:
	case ER_VPN_CAUSE_LINKS_BELOW:
	case ER_VPN_CAUSE_DRAINED:
	case ER_VPN_CAUSE_ASYMMETRIC:
	case ER_VPN_CAUSE_QUALITY:
		return sight->causes & CAUSE_BIT(m->cause);
	}
	return false;
}

/*
 * Back
 */
static void leave(struct er_vpn *vpn, enum er_family f, const char *reason,
		  struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	struct er_notice *n = er_vpn_notice(vpn, f, ER_NOTICE_VPN_RESTORED, out);

	n->cause = m->cause;
	strlcpy(n->reason, reason, sizeof(n->reason));
	er_vpn_reset(m);
}

static const char *return_reason(const struct er_vpn_family *m, const struct er_vpn_sight *sight)
{
	if (m->ordered)
		return "the operator asked for it";
	if (m->cause == ER_VPN_CAUSE_OPERATOR && !m->unfit)
		return "the operator's switchover is over";
	if (m->cause == ER_VPN_CAUSE_TEST && !m->unfit)
		return "the failover test is over";
	if (!sight->links)
		return "there is no circuit left that it backs";
	return "ExpressRoute is healthy again";
}

/* Not while a rule applies either, though it may not be sure yet. */
static bool fit_to_return(const struct er_vpn_family *m, const struct er_vpn_sight *sight)
{
	if (sight->causes)
		return false;
	return sight->up || !sight->links || (m->ordered && sight->carrying);
}

static int64_t hold_ms(const struct er_vpn *vpn, const struct er_vpn_family *m)
{
	if (m->ordered || (!is_rule(m->cause) && !m->unfit))
		return 0;
	return er_vpn_hold_s(vpn, m) * INT64_C(1000);
}

void er_vpn_stop_returning(struct er_vpn_family *m)
{
	m->hold_until_ms = m->return_at_ms = ER_NEVER;
}

static void consider_return(struct er_vpn *vpn, enum er_family f, const struct er_vpn_sight *sight,
			    int64_t now_ms, struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	bool by_rule = is_rule(m->cause) && !m->ordered;

	if (!fit_to_return(m, sight)) {
		m->unfit = true;
		er_vpn_stop_returning(m);
		return;
	}
	if (m->hold_until_ms == ER_NEVER || m->ordered)
		m->hold_until_ms = MIN(m->hold_until_ms, now_ms + hold_ms(vpn, m));
	if (now_ms < m->hold_until_ms)
		return;
	if (m->return_at_ms == ER_NEVER)
		m->return_at_ms = m->switched ? now_ms + ER_VPN_SETTLE_MS
					      : MAX(now_ms, m->settled_ms);
	if (now_ms < m->return_at_ms)
		return;
	leave(vpn, f, return_reason(m, sight), out);
	if (by_rule) {
		m->returned = true;
		m->returned_ms = now_ms;
	}
}

/*
 * The VPN has failed.  While it is not sure, or nothing else works either, what
 * was decided stands.
 */
static void decide_without(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			   const struct er_vpn_sight *sight, int64_t now_ms,
			   struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	char reason[ER_JOINED_LEN];

	er_vpn_stop_returning(m);
	if (!loss_is_sure(m, sight, now_ms) || (sight->links && !sight->carrying))
		return;
	er_gateways_problem(core, vpn, f, reason, sizeof(reason));
	leave(vpn, f, reason, out);
}

static void decide_active(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			  const struct er_vpn_sight *sight, struct er_time now,
			  struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	enum er_vpn_cause cause = m->cause;

	if (!still_holds(m, sight))
		cause = new_cause(m, sight, now.mono_ms);
	if (cause == ER_VPN_CAUSE_NONE) {
		consider_return(vpn, f, sight, now.mono_ms, out);
		return;
	}
	er_vpn_stop_returning(m);
	m->ordered = m->unfit = false;
	activate(vpn, f, cause, sight, core, now, out);
}

/*
 * What Microsoft sends follows what we send, and only where it has a way.  Not for
 * poor quality: answers to probes of the links are to come back over them, else
 * nobody would see that they are good again.
 */
static void decide_switch(const struct er_vpn *vpn, struct er_vpn_family *m,
			  const struct er_vpn_sight *sight, int64_t now_ms)
{
	bool may = m->active && m->return_at_ms == ER_NEVER && vpn->config->return_path &&
		   sight->tells && m->cause != ER_VPN_CAUSE_QUALITY;

	if (!may) {
		if (m->switched)
			m->settled_ms = now_ms + ER_VPN_SETTLE_MS;
		m->switched = false;
		m->switch_from_ms = ER_NEVER;
		return;
	}
	if (m->switch_from_ms == ER_NEVER)
		m->switch_from_ms = now_ms;
	if (!sight->carrying || now_ms - m->switch_from_ms >= ER_VPN_SETTLE_MS)
		m->switched = true;
}

/*
 * What is said, and shown
 */
static void say_availability(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			     const struct er_vpn_sight *sight, int64_t now_ms,
			     struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	struct er_notice *n;

	if (sight->available == m->said.available)
		return;
	if (!sight->available && !loss_is_sure(m, sight, now_ms))
		return;
	m->said.available = sight->available;
	n = er_vpn_notice(vpn, f,
			  sight->available ? ER_NOTICE_VPN_AVAILABLE : ER_NOTICE_VPN_UNAVAILABLE,
			  out);
	if (!sight->available)
		er_gateways_problem(core, vpn, f, n->reason, sizeof(n->reason));
}

static void say_more_specifics(struct er_vpn *vpn, enum er_family f, struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	bool some = m->rib.more_specific > 0;

	if (some == m->said.more_specific)
		return;
	m->said.more_specific = some;
	er_vpn_notice(vpn, f, ER_NOTICE_MORE_SPECIFIC, out)->vpn_rib = m->rib;
}

static enum er_vpn_state state_of(const struct er_vpn_family *m, const struct er_vpn_sight *sight)
{
	if (!m->runs)
		return ER_VPN_INACTIVE;
	if (!sight->available)
		return ER_VPN_UNAVAILABLE;
	if (!m->active)
		return ER_VPN_STANDBY;
	return m->hold_until_ms == ER_NEVER ? ER_VPN_ACTIVE : ER_VPN_RESTORING;
}

static void set_state(struct er_vpn_family *m, enum er_vpn_state state, int64_t now_ms)
{
	if (m->state == state)
		return;
	m->state = state;
	m->since_ms = now_ms;
}

/* Nothing runs any more, so nothing is to be waited for. */
static void stop(struct er_vpn *vpn, enum er_family f, int64_t now_ms, struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];

	if (m->active)
		leave(vpn, f, m->configured ? "shut down" : "removed from the configuration", out);
	er_vpn_reset(m);
	memset(&m->rib, 0, sizeof(m->rib));
	memset(&m->rib_carried, 0, sizeof(m->rib_carried));
	memset(&m->said, 0, sizeof(m->said));
	m->restored = false;
	set_state(m, ER_VPN_INACTIVE, now_ms);
}

/* Nothing has been said since the start, unless before it. */
static void meet(struct er_vpn_family *m, const struct er_vpn_sight *sight)
{
	m->met = true;
	if (!m->restored)
		m->said.available = sight->available;
	m->restored = false;
}

void er_vpn_decide(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
		   const struct er_vpn_sight *sight, struct er_time now, struct er_decisions *out)
{
	struct er_vpn_family *m = &vpn->family[f];
	enum er_vpn_cause cause;

	if (!m->runs) {
		stop(vpn, f, now.mono_ms, out);
		return;
	}
	if (m->waiting)
		set_state(m, m->active ? ER_VPN_ACTIVE : ER_VPN_INACTIVE, now.mono_ms);
	if (!sight->known)
		return;

	m->rule_was_off |= !sight->causes;
	m->was_available |= sight->available;
	if (m->operator.asked && now.mono_ms >= m->operator.until_ms)
		m->operator.asked = false;
	if (!m->met)
		meet(m, sight);
	if (sight->carrying) {
		m->rib_carried = m->rib;
		m->carried_ms = now.mono_ms;
	}
	say_availability(core, vpn, f, sight, now.mono_ms, out);

	if (!m->active) {
		cause = sight->available ? new_cause(m, sight, now.mono_ms) : ER_VPN_CAUSE_NONE;
		if (cause != ER_VPN_CAUSE_NONE)
			activate(vpn, f, cause, sight, core, now, out);
	} else if (!sight->available) {
		decide_without(core, vpn, f, sight, now.mono_ms, out);
	} else {
		decide_active(core, vpn, f, sight, now, out);
	}
	decide_switch(vpn, m, sight, now.mono_ms);
	say_more_specifics(vpn, f, out);
	set_state(m, state_of(m, sight), now.mono_ms);
}

/*
 * Time
 */
static int64_t later(int64_t deadline_ms, int64_t now_ms)
{
	return deadline_ms > now_ms ? deadline_ms : ER_NEVER;
}

int64_t er_vpn_deadline(const struct er_vpn *vpn, enum er_family f,
			const struct er_vpn_sight *sight, int64_t now_ms)
{
	const struct er_vpn_family *m = &vpn->family[f];
	int64_t deadline = ER_NEVER;

	if (!m->runs)
		return ER_NEVER;
	if (m->waiting)
		return later(m->waits_until_ms, now_ms);
	ER_FOREACH_ROLE(r)
	deadline = MIN(deadline, er_holddown_deadline(&vpn->gateway[f][r].holddown));
	if (!sight->known)
		return deadline;
	deadline = MIN(deadline, later(m->hold_until_ms, now_ms));
	deadline = MIN(deadline, later(m->return_at_ms, now_ms));
	deadline = MIN(deadline, later(m->grace_until_ms, now_ms));
	if (m->operator.asked)
		deadline = MIN(deadline, later(m->operator.until_ms, now_ms));
	if (!m->switched && m->switch_from_ms != ER_NEVER)
		deadline = MIN(deadline, later(m->switch_from_ms + ER_VPN_SETTLE_MS, now_ms));
	return deadline;
}
