// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random events of two circuits and a VPN backup, and what must hold for any.
 *
 * What is decided is looked at from outside only: views, plans, notices.  After
 * every event and every tick the rules of core/vpn.h are checked against what
 * circuits and gateways look like at that moment.
 *
 *   test_vpn_properties          the seeds that are always tried
 *   test_vpn_properties SEED     one seed, e.g. the one that a failure printed
 *   test_vpn_properties -f FILE  the bytes of a file (for a fuzzer)
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "core/text.h"
#include "tests/core/vpn_world.h"

#define SEEDS 200
#define STEPS 400
static void broken(const struct world *w, const char *what)
{
	fail_msg("seed %" PRIu64 ", step %u, %" PRId64 " ms: %s", w->seed, w->step, w->now.mono_ms,
		 what);
}

#define HOLDS(w, cond, what)                                                                      \
	do {                                                                                      \
		if (!(cond))                                                                      \
			broken(w, what);                                                          \
	} while (0)

/*
 * Looking
 */
static bool carries(const struct er_session_view *link, const struct er_peering_view *pair,
		    enum er_role r)
{
	enum er_health health = link->assessment.health;

	return (health == ER_LINK_UP || health == ER_LINK_DRAINED || health == ER_LINK_HELD) &&
	       (link->facts.accepted || pair->rib.both || pair->rib.only[r]);
}

struct tally {
	unsigned int drained, sound, asymmetric;
};

static void look_at_circuit(const struct world *w, const char *name, enum er_family f,
			    struct seen *seen, struct tally *tally)
{
	struct er_peering_key key = peering_key(name, ER_PRIVATE, f);
	struct er_peering_view pair;
	unsigned int carrying = 0;

	if (!er_core_peering(w->core, &key, w->now, &pair) || !pair.configured)
		return;
	FOREACH_ROLE(r)
	{
		struct er_session_key session = session_key(name, ER_PRIVATE, r, f);
		struct er_session_view link;

		er_core_session(w->core, &session, w->now, &link);
		seen->links += link.configured;
		if (!link.configured || !carries(&link, &pair, r))
			continue;
		carrying++;
		seen->up += link.assessment.health == ER_LINK_UP;
		tally->drained += link.assessment.drained;
	}
	seen->carrying += carrying;
	tally->asymmetric += carrying && pair.assessment.asymmetric;
	tally->sound += carrying && !pair.assessment.asymmetric;
}

static void look(const struct world *w, enum er_family f, struct seen *seen)
{
	const struct er_vpn_config *vpn = &w->vpn;
	struct tally tally = {};

	memset(seen, 0, sizeof(*seen));
	er_vpn_view(w->core, BACKUP, f, w->now, &seen->view);
	for (size_t i = 0; i < vpn->n_circuits; i++)
		look_at_circuit(w, vpn->circuit[i], f, seen, &tally);
	if (seen->links) {
		seen->causes[ER_VPN_CAUSE_ALL_DOWN] = vpn->activation != ER_ACTIVATE_OPERATOR &&
						      !seen->carrying;
		seen->causes[ER_VPN_CAUSE_LINKS_BELOW] =
			vpn->activation == ER_ACTIVATE_LINKS_BELOW && seen->up < vpn->min_links;
		seen->causes[ER_VPN_CAUSE_DRAINED] = vpn->on_drained && seen->carrying &&
						     tally.drained == seen->carrying;
		seen->causes[ER_VPN_CAUSE_ASYMMETRIC] = vpn->on_asymmetric && tally.asymmetric &&
							!tally.sound;
	}
	for (size_t i = 0; i < array_size(seen->causes); i++)
		seen->any_cause |= seen->causes[i];
	seen->fit = seen->up || !seen->links;
	FOREACH_ROLE(r)
	{
		const struct er_gateway_view *g = &seen->view.gateway[r];

		seen->available |= g->health == ER_GATEWAY_UP;
		seen->tells |= g->health == ER_GATEWAY_UP && g->has_session;
	}
}

static void look_at_plans(const struct world *w, struct plans *plans)
{
	memset(plans, 0, sizeof(*plans));
	FOREACH_FAMILY(f)
	{
		er_vpn_plan_peering(w->core, BACKUP, f, &plans->peering[f]);
		FOREACH_ROLE(r)
		{
			er_vpn_plan_session(w->core, BACKUP, r, f, &plans->session[f][r]);
			er_vpn_plan_neighbor_route(w->core, BACKUP, r, f, false,
						   &plans->host[f][r]);
		}
		for (unsigned int c = 0; c < CIRCUITS; c++)
			strlcpy(plans->yields[c][f], er_vpn_yields_to(w->core, names[c], f),
				ER_NAME_LEN);
	}
	er_vpn_plan_route(w->core, BACKUP, 0, &plans->route);
}

/*
 * Hearing
 */
static bool is_rule(enum er_vpn_cause cause)
{
	return cause >= ER_VPN_CAUSE_ALL_DOWN && cause <= ER_VPN_CAUSE_ASYMMETRIC;
}

static void hear_activated(struct world *w, enum er_family f, const struct er_notice *n)
{
	const struct seen *seen = &w->seen[f];
	struct said *said = &w->said[f];

	HOLDS(w, !said->active || said->cause != n->cause, "activation told twice");
	HOLDS(w, !is_rule(n->cause) || seen->causes[n->cause], "a rule that does not apply");
	HOLDS(w, said->active || seen->available, "active without a gateway");
	HOLDS(w, n->reason[0], "active for no reason");
	said->active = true;
	said->cause = n->cause;
	w->since[f].ordered = false;
}

/* A return that somebody has decided, not one that a failure has forced. */
static void hear_returned(struct world *w, enum er_family f, const struct er_notice *n)
{
	const struct since *since = &w->since[f];
	const struct seen *seen = &w->seen[f];

	HOLDS(w, seen->available, "an orderly return from what does not work");
	HOLDS(w, !seen->any_cause, "it returns while a rule applies");
	HOLDS(w, !since->was_switched || w->now.mono_ms - since->unswitched_ms >= ER_VPN_SETTLE_MS,
	      "broken before made: the circuits have not advertised for long enough");
	if (strmatch(n->reason, "the operator asked for it")) {
		HOLDS(w, since->ordered, "nobody has asked for it");
		HOLDS(w, seen->carrying, "it returns to nothing");
		return;
	}
	HOLDS(w, seen->fit, "it returns to no healthy link");
	if (is_rule(n->cause))
		HOLDS(w, w->now.mono_ms - since->quiet_ms >= w->vpn.restore_s * INT64_C(1000),
		      "it returns before the hold is over");
}

static void hear_restored(struct world *w, enum er_family f, const struct er_notice *n)
{
	const struct seen *seen = &w->seen[f];
	struct said *said = &w->said[f];

	HOLDS(w, said->active, "a return without activation");
	HOLDS(w, said->cause == n->cause, "a return from another cause");
	HOLDS(w, n->reason[0], "a return for no reason");
	if (strmatch(n->reason, "shut down") || strstr(n->reason, "removed"))
		HOLDS(w, seen->view.state == ER_VPN_INACTIVE, "stopped, and it runs");
	else if (strncmp(n->reason, "the ", 4) == 0 || strncmp(n->reason, "ExpressRoute", 12) == 0)
		hear_returned(w, f, n);
	else
		HOLDS(w, !seen->available && (seen->carrying || !seen->links),
		      "it flees from what works, or to what does not");
	said->active = false;
	said->cause = ER_VPN_CAUSE_NONE;
	w->since[f].ordered = false;
}

static void hear_test(struct world *w, const struct er_notice *n)
{
	HOLDS(w, w->test_runs != (n->test.result == ER_TEST_RUNNING), "test told twice");
	HOLDS(w, n->test.lost <= n->test.sent, "more lost than sent");
	HOLDS(w, n->test.result != ER_TEST_PASSED || n->test.passed_wall == n->test.began_wall,
	      "passed, and not remembered");
	HOLDS(w, n->test.result <= ER_TEST_PASSED || n->test.reason[0], "it fails for no reason");
	w->test_runs = n->test.result == ER_TEST_RUNNING;
}

static void hear(struct world *w, const struct er_notice *n)
{
	enum er_family f = n->session.family;
	struct said *said = &w->said[f];
	bool up;

	if (n->session.peering != ER_VPN)
		return;
	switch (n->type) {
	case ER_NOTICE_VPN_ACTIVATED:
		hear_activated(w, f, n);
		return;
	case ER_NOTICE_VPN_RESTORED:
		hear_restored(w, f, n);
		return;
	case ER_NOTICE_VPN_AVAILABLE:
	case ER_NOTICE_VPN_UNAVAILABLE:
		up = n->type == ER_NOTICE_VPN_AVAILABLE;
		HOLDS(w, !said->available_known || said->available != up,
		      "availability told twice");
		HOLDS(w, w->seen[f].available == up, "availability told wrongly");
		said->available_known = true;
		said->available = up;
		return;
	case ER_NOTICE_MORE_SPECIFIC:
		HOLDS(w, said->more_specific != (n->vpn_rib.more_specific > 0),
		      "more specifics told twice");
		said->more_specific = n->vpn_rib.more_specific > 0;
		return;
	case ER_NOTICE_VPN_TEST:
		hear_test(w, n);
		return;
	case ER_NOTICE_SESSION:
		HOLDS(w,
		      !said->session_known[n->session.role] ||
			      said->established[n->session.role] != n->established,
		      "a session told twice");
		said->session_known[n->session.role] = true;
		said->established[n->session.role] = n->established;
		return;
	default:
		HOLDS(w, false, "a notice that is not for VPN backups");
	}
}

/*
 * What must hold after every event and every tick
 */
static void check_switch(struct world *w, enum er_family f, const struct seen *before)
{
	const struct seen *seen = &w->seen[f];
	struct since *since = &w->since[f];
	bool was = before->view.switched, is = seen->view.switched;

	HOLDS(w, !is || seen->view.prefers_vpn,
	      "the circuits are silent, and nobody is on the VPN");
	if (is && !was) {
		HOLDS(w,
		      !seen->carrying || w->now.mono_ms - since->preferred_ms >= ER_VPN_SETTLE_MS,
		      "broken before made: the circuits fall silent too early");
		HOLDS(w, w->vpn.return_path, "what Microsoft sends is not to move");
		HOLDS(w, seen->tells, "Microsoft has no way over the VPN");
		since->was_switched = true;
	}
	if (was && !is)
		since->unswitched_ms = w->now.mono_ms;
	if (!seen->view.prefers_vpn)
		since->was_switched = false;
}

/* Nothing is decided: bgpd's reports are missing, or not complete. */
static bool is_frozen(const struct world *w, const struct er_vpn_view *view)
{
	return !w->synced || strstr(view->reason, "waiting");
}

static void check_family(struct world *w, enum er_family f, const struct seen *before,
			 bool configured_anew)
{
	const struct seen *seen = &w->seen[f];
	const struct er_vpn_view *view = &seen->view;
	struct since *since = &w->since[f];

	if (!w->synced && !configured_anew) {
		HOLDS(w, view->prefers_vpn == before->view.prefers_vpn,
		      "decided on half knowledge: our routes");
		HOLDS(w, view->switched == before->view.switched,
		      "decided on half knowledge: the circuits");
	}
	if (view->state == ER_VPN_INACTIVE)
		w->said[f].available_known = w->said[f].more_specific = false;
	if (view->prefers_vpn && !before->view.prefers_vpn)
		since->preferred_ms = w->now.mono_ms;
	check_switch(w, f, before);
	HOLDS(w, w->said[f].active == view->prefers_vpn, "what is said is not what is: active");
	HOLDS(w, w->said[f].cause == view->cause, "what is said is not what is: cause");
	HOLDS(w, view->prefers_vpn || view->state <= ER_VPN_STANDBY, "a state above what is");
	HOLDS(w, !view->until_ms || view->until_ms > w->now.mono_ms || is_frozen(w, view),
	      "an end that has passed");
	HOLDS(w, view->state != ER_VPN_STANDBY || !view->reason[0] || is_frozen(w, view),
	      "standby for a reason");
}

static void check_plans(struct world *w)
{
	const struct plans *plans = &w->plans;

	FOREACH_FAMILY(f)
	{
		const struct er_vpn_view *view = &w->seen[f].view;

		FOREACH_ROLE(r)
		{
			const struct er_session_spec *spec = &plans->session[f][r];

			HOLDS(w, spec->local_pref != ER_LOCAL_PREF_VPN_ACTIVE || view->prefers_vpn,
			      "above ExpressRoute without being active");
			HOLDS(w,
			      spec->local_pref != ER_LOCAL_PREF_VPN || !view->prefers_vpn ||
				      view->gateway[r].health != ER_GATEWAY_UP,
			      "below ExpressRoute though active");
			HOLDS(w, spec->local_pref == spec->local_pref_drained, "drained?");
		}
		for (unsigned int c = 0; c < CIRCUITS; c++)
			HOLDS(w,
			      strmatch(plans->yields[c][f],
				       view->switched && c < w->vpn.n_circuits ? BACKUP : ""),
			      "a circuit yields to the wrong one");
		HOLDS(w, !plans->peering[f].suppress || !view->prefers_vpn,
		      "active, and not for all of it");
	}
	if (plans->route.distance)
		HOLDS(w,
		      (plans->route.distance == ER_DISTANCE_VPN_ACTIVE) ==
			      w->seen[ER_IPV4].view.prefers_vpn,
		      "a static route at the wrong distance");
}

/* Since when nothing but the hold has kept it on the VPN. */
static void note_quiet(struct world *w, enum er_family f)
{
	struct since *since = &w->since[f];

	if (w->seen[f].any_cause || !w->seen[f].fit)
		since->quiet_ms = INT64_MAX / 2;
	else
		since->quiet_ms = MIN(since->quiet_ms, w->now.mono_ms);
}

static void take_in(struct world *w, bool configured_anew)
{
	struct seen before[ER_FAMILIES];
	struct plans plans = w->plans;

	memcpy(before, w->seen, sizeof(before));
	FOREACH_FAMILY(f)
	{
		look(w, f, &w->seen[f]);
		note_quiet(w, f);
	}
	for (size_t i = 0; i < w->out.n; i++) {
		HOLDS(w, w->n_pending < array_size(w->pending), "an endless stream of notices");
		w->pending[w->n_pending++] = w->out.notice[i];
		hear(w, &w->out.notice[i]);
	}
	look_at_plans(w, &w->plans);
	HOLDS(w, w->out.replan || memcmp(&plans, &w->plans, sizeof(plans)) == 0,
	      "plans have changed, and nobody is told");
	er_decisions_reset(&w->out);
	if (!w->configured)
		return;
	FOREACH_FAMILY(f)
	check_family(w, f, &before[f], configured_anew);
	check_plans(w);
}

/*
 * Driving
 */
static void let_pass(struct world *w, int64_t ms)
{
	w->now.mono_ms += ms;
	w->now.wall_s = WALL_START + w->wall_set_s + w->now.mono_ms / 1000;
}

static void tick_until(struct world *w, int64_t mono_ms)
{
	int64_t due;

	while ((due = er_core_deadline(w->core)) <= mono_ms) {
		struct er_event ev = { .type = ER_EV_TICK };

		let_pass(w, due - w->now.mono_ms);
		ev.now = w->now;
		er_core_handle(w->core, &ev, &w->out);
		HOLDS(w, er_core_deadline(w->core) > due, "a deadline that does not pass");
		take_in(w, false);
	}
	let_pass(w, mono_ms - w->now.mono_ms);
}

/* Who is never woken says the same, and decides the same, at the next event. */
static void check_lazy(struct world *w)
{
	FOREACH_FAMILY(f)
	{
		struct er_vpn_view view;

		er_vpn_view(w->lazy, BACKUP, f, w->now, &view);
		HOLDS(w, memcmp(&view, &w->seen[f].view, sizeof(view)) == 0,
		      "late ticks change what is decided");
	}
	HOLDS(w, w->lazy_out.n == w->n_pending, "late ticks change the number of notices");
	for (size_t i = 0; i < w->n_pending; i++)
		HOLDS(w, notice_equal(&w->pending[i], &w->lazy_out.notice[i]),
		      "late ticks change the notices");
	w->n_pending = 0;
	er_decisions_reset(&w->lazy_out);
}

static void note_channel(struct world *w, enum er_event_type type)
{
	if (type == ER_EV_BGPD_SYNCED)
		w->synced = true;
	else if (type == ER_EV_BGPD_LOST)
		w->synced = false;
}

static void note_request(struct world *w, const struct er_vpn_request *request)
{
	if (request->ask == ER_VPN_TO_EXPRESSROUTE)
		FOREACH_FAMILY(f)
	w->since[f].ordered = w->seen[f].view.prefers_vpn;
}

static bool counts(enum er_event_type type)
{
	return type == ER_EV_PROBE || type == ER_EV_VPN_REQUEST;
}

void handle(struct world *w, struct er_event *ev)
{
	bool configured_anew = ev->type == ER_EV_VPN_CONFIG || ev->type == ER_EV_VPN_CONFIG_GONE;
	bool refused = false;
	char reason[ER_TEXT_LEN];
	size_t notices;

	ev->now = w->now;
	if (ev->type == ER_EV_VPN_REQUEST) {
		refused = er_vpn_refuse(w->core, ev->request, reason, sizeof(reason));
		HOLDS(w, !refused || strstr(reason, BACKUP), "a refusal that names nothing");
		if (!refused)
			note_request(w, ev->request);
	}
	er_core_handle(w->core, ev, &w->out);
	notices = w->out.n;
	HOLDS(w, !refused || (!notices && !w->out.replan), "what was refused is done");
	note_channel(w, ev->type);
	take_in(w, configured_anew);
	HOLDS(w, er_core_deadline(w->core) > w->now.mono_ms, "a deadline that is past");
	er_core_handle(w->lazy, ev, &w->lazy_out);
	check_lazy(w);
	if (counts(ev->type))
		return;

	/* the same again is no news */
	er_core_handle(w->core, ev, &w->out);
	HOLDS(w, w->out.n == 0, "the same event twice brings notices");
	take_in(w, configured_anew);
	er_core_handle(w->lazy, ev, &w->lazy_out);
}

/*
 * erouted dies and comes back, at any time
 */
struct memory {
	struct er_core *cores[2];
	struct er_time now;
};

static void keep(const struct er_vpn_memory *kept, void *arg)
{
	struct memory *memory = arg;

	for (size_t i = 0; i < array_size(memory->cores); i++)
		er_vpn_restore(memory->cores[i], kept, memory->now);
}

static void keep_peering(const struct er_peering_key *key, enum er_redundancy redundancy,
			 const struct er_seconds seconds[ER_PERIODS], int64_t wall_s, void *arg)
{
	struct memory *memory = arg;

	for (size_t i = 0; i < array_size(memory->cores); i++)
		er_core_restore(memory->cores[i], key, redundancy, seconds, wall_s);
}

static void configure_circuits(struct world *w)
{
	for (unsigned int c = 0; c < CIRCUITS; c++) {
		struct er_event ev = { .type = ER_EV_CONFIG, .config = &w->circuit[c] };

		handle(w, &ev);
	}
}

static void configure_backup(struct world *w)
{
	struct er_event ev = { .type = ER_EV_VPN_CONFIG, .vpn = &w->vpn };

	w->configured = true;
	handle(w, &ev);
}

static void restart(struct world *w)
{
	struct memory memory = { { er_core_new(w->now), er_core_new(w->now) }, w->now };
	struct seen before[ER_FAMILIES];
	bool configured = w->configured;

	memcpy(before, w->seen, sizeof(before));
	er_vpn_remember(w->core, w->now, keep, &memory);
	er_core_remember(w->core, w->now, keep_peering, &memory);
	er_core_free(&w->core);
	er_core_free(&w->lazy);
	w->core = memory.cores[0];
	w->lazy = memory.cores[1];
	w->synced = false;
	FOREACH_FAMILY(f)
	{
		struct said *said = &w->said[f];

		said->more_specific = false;
		memset(said->session_known, 0, sizeof(said->session_known));
		if (!before[f].view.configured || before[f].view.state == ER_VPN_INACTIVE)
			said->available_known = false;
		/* what was advertised again is given its time anew */
		w->since[f].quiet_ms = INT64_MAX / 2;
		if (w->since[f].was_switched && !before[f].view.switched)
			w->since[f].unswitched_ms = w->now.mono_ms;
	}
	w->configured = false;
	look_at_plans(w, &w->plans);
	configure_circuits(w);
	if (!configured)
		return;
	memcpy(w->seen, before, sizeof(before));
	configure_backup(w);
	FOREACH_FAMILY(f)
	{
		HOLDS(w, w->seen[f].view.prefers_vpn == before[f].view.prefers_vpn,
		      "a restart moves our routes");
		HOLDS(w, w->seen[f].view.switched == before[f].view.switched,
		      "a restart moves what Microsoft sends");
	}
}

static void world_start(struct world *w, struct source source, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->source = source;
	let_pass(w, 123456);
	w->core = er_core_new(w->now);
	w->lazy = er_core_new(w->now);
	for (unsigned int c = 0; c < CIRCUITS; c++)
		w->circuit[c] = circuit_of(names[c], ER_PRIVATE, true, c * 4);
	random_backup(w);
	configure_circuits(w);
	configure_backup(w);
	w->calm = one_in(&w->source, 2);
}

static void world_end(struct world *w)
{
	er_core_free(&w->core);
	er_core_free(&w->lazy);
	er_decisions_fini(&w->out);
	er_decisions_fini(&w->lazy_out);
}

static void run_steps(struct world *w, unsigned int steps)
{
	for (w->step = 0; w->step < steps; w->step++) {
		struct er_event ev;

		if (w->source.bytes && !w->source.n)
			return;
		tick_until(w, w->now.mono_ms + random_pause(&w->source));
		if (one_in(&w->source, 40)) /* the wall clock is set */
			w->wall_set_s += (int64_t)any(&w->source, 200) * 86400 - 100 * 86400;
		let_pass(w, 0);
		if (one_in(&w->source, 20))
			sweep_links(w);
		if (w->calm && one_in(&w->source, 10))
			bring_up(w);
		random_event(w, &ev);
		handle(w, &ev);
		if (one_in(&w->source, 50))
			restart(w);
	}
}

/*
 * All is well, and nobody wants anything: traffic is on ExpressRoute in the end.
 */
static void all_is_well(struct world *w)
{
	struct er_vpn_request request = { .vpn = BACKUP, .ask = ER_VPN_TO_EXPRESSROUTE };
	struct er_event ev = { .type = ER_EV_VPN_REQUEST, .request = &request };

	for (unsigned int c = 0; c < CIRCUITS; c++)
		w->circuit[c] = circuit_of(names[c], ER_PRIVATE, true, c * 4);
	configure_circuits(w);
	bring_up(w);
	handle(w, &ev);
}

static void check_settled(struct world *w)
{
	if (!w->configured)
		return;
	FOREACH_FAMILY(f)
	{
		const struct seen *seen = &w->seen[f];

		/* fewer links than the rule wants */
		if (seen->any_cause || !seen->available)
			continue;
		HOLDS(w, seen->view.state <= ER_VPN_STANDBY, "all is well, and still on the VPN");
		HOLDS(w, !seen->view.prefers_vpn, "all is well, and still on the VPN");
	}
	HOLDS(w, !w->test_runs, "a test without end");
}

static void settle(struct world *w)
{
	all_is_well(w);
	tick_until(w, w->now.mono_ms + ER_FLAP_HOLD_MAX_MS + 1000000);
	check_settled(w);
}

static void run(struct source source, uint64_t seed)
{
	static struct world w;

	world_start(&w, source, seed);
	run_steps(&w, STEPS);
	settle(&w);
	world_end(&w);
}

static struct seeds seeds = { 1, SEEDS };

static void rules_hold_for_random_events(void **state)
{
	run_seeds(&seeds, run);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_hold_for_random_events),
	};
	int ret;

	if (take_arguments(argc, argv, run, &seeds, &ret))
		return ret;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
