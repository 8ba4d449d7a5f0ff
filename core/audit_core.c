// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit within er_core: the facts that it has of a circuit, and what of the
 * verdicts has changed.
 *
 * A look at all circuits follows each change, ER_AUDIT_LOOK_MS later.  A verdict
 * that is not the one that was said is told of when it has stood for
 * ER_AUDIT_SETTLE_MS.  What bgpd has not told, or cannot now, is not looked at:
 * what was said stands.
 */
#include <zebra.h>

#include "core/audit.h"
#include "core/limits.h"
#include "core/plan.h"
#include "core/vpn_internal.h"

#define DAY_S INT64_C(86400)

static bool bgpd_tells(const struct er_core *core)
{
	return core->channel == ER_CHANNEL_SYNCED || core->channel == ER_CHANNEL_GRACE;
}

/*
 * Peerings
 */
static void see_pair(const struct er_core *core, const struct er_circuit *c, enum er_peering_type p,
		     enum er_family f, struct er_time now, struct er_audit_pair *to)
{
	const struct er_pair *pair = &c->pair[p][f];
	struct er_peering_key key = { .peering = p, .family = f };
	struct er_peering_view view;

	strlcpy(key.circuit, c->name, sizeof(key.circuit));
	er_core_peering(core, &key, now, &view);
	to->known = bgpd_tells(core) && pair->exists && !pair->waiting;
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		const struct er_session *s = &c->session[p][f][r];
		enum er_health health = pair->assessment.link[r].health;
		bool partner = er_plan_has_partner(c->config, p, r, f);

		to->link[r] = (struct er_audit_link){
			.runs = er_plan_runs(c->config, p, r, f) && health != ER_LINK_UNKNOWN,
			.established = partner ? health > ER_LINK_DOWN
					       : s->facts.state == ER_SESSION_ESTABLISHED,
			.partner = partner,
			.flapping = s->holddown.flapping,
			.drained = pair->assessment.link[r].drained,
			.own_drained = c->own[r].on ||
				       pair->assessment.link[r].reason == ER_REASON_OWN_DRAINED,
			.bfd = partner ? ER_BFD_UNKNOWN : s->facts.bfd,
		};
	}
	to->unprotected = view.assessment.unprotected;
	to->asymmetric = view.assessment.asymmetric;
	to->advertises_nothing = view.advertises_nothing;
	memcpy(to->limit, view.limit, sizeof(to->limit));
	to->held = view.rib.held;
	er_core_standby(core, &key, &to->standby);
}

/*
 * The VPN backup
 */
struct seeker {
	const char *circuit;
	const struct er_vpn_config *found;
};

static int is_backed_by(const struct er_vpn_config *config, void *arg)
{
	struct seeker *seeker = arg;

	for (size_t i = 0; i < config->n_circuits; i++)
		if (strmatch(config->circuit[i], seeker->circuit))
			seeker->found = config;
	return seeker->found != NULL;
}

static void see_vpn(const struct er_core *core, const struct er_circuit *c, struct er_time now,
		    struct er_audit_vpn *to)
{
	struct seeker seeker = { .circuit = c->name };
	struct er_vpn_view view;

	er_vpn_foreach(core, is_backed_by, &seeker);
	to->config = seeker.found;
	if (!to->config)
		return;
	to->known = bgpd_tells(core);
	er_vpn_report(core, to->config->name, &to->test);
	to->test_is_due = er_vpn_test_is_due(core, to->config->name, now);
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		er_vpn_view(core, to->config->name, f, now, &view);
		to->family[f].configured = view.configured;
		to->family[f].available = view.state != ER_VPN_INACTIVE &&
					  view.state != ER_VPN_UNAVAILABLE;
		to->family[f].active = view.prefers_vpn;
		to->family[f].rib = view.rib;
		/* without ExpressRoute there is nothing to count, and what was counted stands */
		if (!view.rib.expressroute) {
			to->family[f].rib.expressroute = view.rib_carried.expressroute;
			to->family[f].rib.uncovered = view.rib_carried.uncovered;
		}
		strlcpy(to->family[f].reason, view.reason, sizeof(to->family[f].reason));
	}
}

/*
 * Global Reach
 */
struct reach_walk {
	const struct er_core *core;
	const char *circuit;
	struct er_audit_reach *to;
};

/* Not seen is worse than different, that worse than incomplete. */
static void see_joint_family(struct er_audit_reach *to, const struct er_joint_config *config,
			     const struct er_joint_view *view)
{
	bool unseen = view->state == ER_JOINT_UNSEEN;
	bool first = (unseen && !to->unseen) ||
		     (view->asymmetric && !to->unseen && !to->differing) ||
		     (view->incomplete && !to->unseen && !to->differing && !to->incomplete);

	to->joints++;
	to->unseen += unseen;
	to->differing += view->asymmetric;
	to->incomplete += view->incomplete;
	if (!first)
		return;
	strlcpy(to->worst, config->name, sizeof(to->worst));
	strlcpy(to->reason, view->reason, sizeof(to->reason));
}

static int see_joint(const struct er_joint_config *config, void *arg)
{
	struct reach_walk *walk = arg;
	struct er_joint_view view;

	if (!strmatch(config->circuit, walk->circuit))
		return 0;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
		if (er_core_joint_state(walk->core, config->name, f, &view) &&
		    (view.state == ER_JOINT_UNSEEN || view.state == ER_JOINT_ESTABLISHED))
			see_joint_family(walk->to, config, &view);
	return 0;
}

static int see_site(const struct er_site_config *config, void *arg)
{
	struct reach_walk *walk = arg;
	struct er_audit_reach *to = walk->to;
	enum er_limit_level level = ER_LIMIT_OK;
	struct er_site_view view;
	bool unlimited = !config->maximum_prefixes, worse;

	if (!er_site_may_be_heard(config, walk->circuit))
		return 0;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		er_core_site_state(walk->core, config->name, walk->circuit, f, &view);
		level = MAX(level, view.level);
		to->refused += view.facts.refused_prefix + view.facts.refused_limit;
	}
	worse = (level == ER_LIMIT_FULL && !to->full) ||
		(level != ER_LIMIT_OK && !to->full && !to->near) ||
		(unlimited && !to->full && !to->near && !to->unlimited);
	to->sites++;
	to->unlimited += unlimited;
	to->full += level == ER_LIMIT_FULL;
	to->near += level == ER_LIMIT_WARNING || level == ER_LIMIT_CRITICAL;
	if (worse)
		strlcpy(to->limited, config->name, sizeof(to->limited));
	return 0;
}

static void see_reach(const struct er_core *core, const struct er_circuit *c,
		      struct er_audit_reach *to)
{
	struct reach_walk walk = { core, c->name, to };
	struct er_site_view view;

	er_core_foreach_joint(core, see_joint, &walk);
	er_core_foreach_site(core, see_site, &walk);
	to->mode = er_core_undeclared(core);
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		er_core_site_state(core, "", c->name, f, &view);
		to->undeclared += er_site_accepted(&view.facts);
		to->undeclared_refused += view.facts.refused_undeclared;
	}
}

/*
 * Other circuits
 */
static bool peering_is_used(const struct er_circuit_config *config, enum er_peering_type p)
{
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
			if (er_plan_runs(config, p, r, f))
				return true;
	return false;
}

static bool is_used(const struct er_circuit_config *config)
{
	return peering_is_used(config, ER_PRIVATE) || peering_is_used(config, ER_MICROSOFT);
}

static void see_others(const struct er_core *core, const struct er_circuit *self,
		       struct er_audit_others *to)
{
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c) {
		const char *location = c->config->peering_location;

		to->microsoft_peering |= peering_is_used(c->config, ER_MICROSOFT);
		if (c == self || !is_used(c->config))
			continue;
		to->n++;
		to->unplaced += !location[0];
		if (!location[0] || to->elsewhere[0] ||
		    !strcasecmp(location, self->config->peering_location))
			continue;
		strlcpy(to->elsewhere, c->name, sizeof(to->elsewhere));
		strlcpy(to->location, location, sizeof(to->location));
	}
}

static void audit_circuit(const struct er_core *core, const struct er_circuit *c,
			  struct er_time now, struct er_audit *audit)
{
	struct er_audit_facts facts = {
		.config = c->config,
		.outside = core->audit.outside,
		.now_wall = now.wall_s,
	};

	ER_FOREACH_PAIR(p, f)
	see_pair(core, c, p, f, now, &facts.pair[p][f]);
	see_vpn(core, c, now, &facts.vpn);
	see_reach(core, c, &facts.reach);
	see_others(core, c, &facts.others);
	er_audit(&facts, audit);
}

bool er_core_audit(const struct er_core *core, const char *circuit, struct er_time now,
		   struct er_audit *audit)
{
	const struct er_circuit *c = er_circuit_find(core, circuit);

	memset(audit, 0, sizeof(*audit));
	if (c)
		audit_circuit(core, c, now, audit);
	return c != NULL;
}

bool er_core_audit_is_watched(const struct er_core *core, const char *circuit)
{
	const struct er_circuit *c = er_circuit_find(core, circuit);

	return c && c->audit.known;
}

/*
 * What has changed
 */
static void tell(const struct er_circuit *c, enum er_audit_rule rule, const struct er_audit *audit,
		 struct er_decisions *out)
{
	const struct er_finding *finding = &audit->finding[rule];
	struct er_notice *n = er_decisions_add(out);

	n->type = ER_NOTICE_AUDIT;
	strlcpy(n->session.circuit, c->name, sizeof(n->session.circuit));
	n->audit.rule = rule;
	n->audit.verdict = finding->verdict;
	n->audit.previous = c->audit.verdict[rule];
	n->audit.advice = finding->advice;
	n->audit.score = audit->score;
	strlcpy(n->reason, finding->evidence, sizeof(n->reason));
}

/* Returns when it is to be told if it stands, INT64_MAX when there is nothing to tell. */
static int64_t compare(struct er_circuit *c, enum er_audit_rule rule, const struct er_audit *audit,
		       struct er_time now, struct er_decisions *out)
{
	enum er_found is = audit->finding[rule].verdict, said = c->audit.verdict[rule];
	int64_t *since_ms = &c->audit.since_ms[rule];

	/* that a rule applies, and passes, is not news */
	if (said == ER_FOUND_NOT_APPLICABLE && is == ER_FOUND_PASS)
		c->audit.verdict[rule] = said = is;
	if (is == said || is == ER_FOUND_NOT_APPLICABLE) {
		*since_ms = 0;
		return INT64_MAX;
	}
	if (!*since_ms || c->audit.next[rule] != is) {
		*since_ms = now.mono_ms;
		c->audit.next[rule] = is;
	}
	if (now.mono_ms - *since_ms < ER_AUDIT_SETTLE_MS)
		return *since_ms + ER_AUDIT_SETTLE_MS;
	tell(c, rule, audit, out);
	c->audit.verdict[rule] = is;
	*since_ms = 0;
	return INT64_MAX;
}

static void first_look(struct er_circuit *c, const struct er_audit *audit)
{
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++)
		c->audit.verdict[rule] = audit->finding[rule].verdict;
	c->audit.known = true;
}

/* When a peering that bgpd has not told of yet is looked at all the same; 0: there is none. */
static int64_t awaited_ms(const struct er_circuit *c)
{
	int64_t until_ms = 0;

	ER_FOREACH_PAIR(p, f)
	if (c->pair[p][f].exists && c->pair[p][f].waiting)
		until_ms = MAX(until_ms, c->pair[p][f].waits_until_ms);
	return until_ms;
}

/* Returns when to look again. */
static int64_t look(const struct er_core *core, struct er_circuit *c, struct er_time now,
		    struct er_decisions *out)
{
	int64_t again_ms = INT64_MAX, awaited = awaited_ms(c);
	struct er_audit audit;

	if (!c->audit.from_ms)
		c->audit.from_ms = now.mono_ms + ER_START_GRACE_MS;
	if (awaited)
		return MAX(awaited, now.mono_ms + ER_AUDIT_LOOK_MS);
	if (!c->audit.known && now.mono_ms < c->audit.from_ms)
		return c->audit.from_ms;
	audit_circuit(core, c, now, &audit);
	if (!c->audit.known)
		first_look(c, &audit);
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++)
		again_ms = MIN(again_ms, compare(c, rule, &audit, now, out));
	return again_ms;
}

struct test_walk {
	const struct er_core *core;
	struct er_time now;
	int64_t at_ms; /* when the next failover test becomes due by time alone */
};

static int see_test(const struct er_vpn_config *config, void *arg)
{
	struct test_walk *walk = arg;
	struct er_test_report report;
	int64_t left_s;

	er_vpn_report(walk->core, config->name, &report);
	left_s = report.passed_wall + config->test_max_age_days * DAY_S + 1 - walk->now.wall_s;
	if (config->test_max_age_days && report.passed_wall && left_s > 0)
		walk->at_ms = MIN(walk->at_ms, walk->now.mono_ms + left_s * 1000);
	return 0;
}

/* When what a standby circuit did last becomes too old, by time alone. */
static void see_standby(struct test_walk *walk, const struct er_circuit *c)
{
	const uint32_t days = c->config->test_max_age_days;
	struct er_standby_view view;
	int64_t left_s;

	ER_FOREACH_PAIR(p, f)
	{
		struct er_peering_key key = { .peering = p, .family = f };

		strlcpy(key.circuit, c->name, sizeof(key.circuit));
		if (!days || !er_core_standby(walk->core, &key, &view) || !view.carried_wall)
			continue;
		left_s = view.carried_wall + days * DAY_S + 1 - walk->now.wall_s;
		if (left_s > 0)
			walk->at_ms = MIN(walk->at_ms, walk->now.mono_ms + left_s * 1000);
	}
}

void er_audit_touch(struct er_core *core, struct er_time now)
{
	if (core->audit.on)
		core->audit.look_ms = MIN(core->audit.look_ms, now.mono_ms + ER_AUDIT_LOOK_MS);
}

void er_audit_handle(struct er_core *core, const struct er_event *ev, bool said)
{
	if (ev->type == ER_EV_AUDIT) {
		core->audit.on = true;
		core->audit.outside = ev->outside;
	}
	/* probes come every second, and mean something only when something is said of them */
	if (said || (ev->type != ER_EV_PROBE && ev->type != ER_EV_TICK))
		er_audit_touch(core, core->now);
}

void er_audit_update(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	struct test_walk tests = { core, now, INT64_MAX };
	struct er_circuit *c;

	if (now.mono_ms < core->audit.look_ms)
		return;
	core->audit.look_ms = INT64_MAX;
	/* a look follows when bgpd is back */
	if (core->channel != ER_CHANNEL_SYNCED)
		return;
	frr_each (er_circuits, &core->circuits, c) {
		core->audit.look_ms = MIN(core->audit.look_ms, look(core, c, now, out));
		see_standby(&tests, c);
	}
	er_vpn_foreach(core, see_test, &tests);
	core->audit.look_ms = MIN(core->audit.look_ms, tests.at_ms);
}
