// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random events, and what must hold for any of them.
 *
 * A source of random bytes is turned into events about two circuits; the core
 * is driven with them, and beside it a model keeps nothing but what the
 * notices have said.  After every event both must agree.
 *
 *   test_properties             the seeds that are always tried
 *   test_properties SEED        one seed, e.g. the one that a failure printed
 *   test_properties -f FILE     the bytes of a file (for a fuzzer)
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "core/text.h"
#include "tests/core/world.h"

#define SEEDS 300
#define STEPS 400

static void broken(const struct world *w, const char *what)
{
	fail_msg("seed %" PRIu64 ", step %u, %" PRId64 " ms: %s", w->seed, w->step,
		 w->now.mono_ms - w->start.mono_ms, what);
}

#define HOLDS(w, cond, what)                                                                      \
	do {                                                                                      \
		if (!(cond))                                                                      \
			broken(w, what);                                                          \
	} while (0)

static struct said_pair *said_of(struct world *w, const struct er_session_key *key)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		if (strmatch(names[c], key->circuit))
			return &w->said[c][key->peering][key->family];
	broken(w, "a notice about a circuit that is not there");
	return NULL;
}

/* A level that stands at the first assessment is told: from OK, like any other. */
static void hear_limit(struct world *w, struct said_pair *pair, const struct er_notice *n)
{
	HOLDS(w, n->limit.level != n->previous_level, "level changed to what it was");
	HOLDS(w, n->previous_level == pair->level[n->direction],
	      "previous level is not what was said");
	HOLDS(w, n->limit.level < n->previous_level || n->rib.held || n->limit.count,
	      "a level rises with nothing there");
	pair->level[n->direction] = n->limit.level;
}

/*
 * A first notice of a pair may come without anything said before (restart);
 * from then on each must be a change of what was said.
 */
static void hear(struct world *w, const struct er_notice *n)
{
	struct said_pair *pair = said_of(w, &n->session);
	struct said_link *link = &pair->link[n->session.role];

	HOLDS(w,
	      pair->known || n->type == ER_NOTICE_LIMIT ||
		      (pair->remembered && n->type == ER_NOTICE_REDUNDANCY),
	      "a notice before the first assessment");
	switch (n->type) {
	case ER_NOTICE_REDUNDANCY:
		HOLDS(w, n->redundancy != n->previous, "redundancy changed to what it was");
		HOLDS(w, n->previous == pair->redundancy, "previous is not what was said");
		pair->redundancy = n->redundancy;
		break;
	case ER_NOTICE_SESSION:
		HOLDS(w, n->established != link->established, "session notice doubled");
		HOLDS(w, n->neighbor.ipa_type != IPADDR_NONE, "session notice without neighbor");
		link->established = n->established;
		break;
	case ER_NOTICE_DRAIN_START:
	case ER_NOTICE_DRAIN_STOP:
		HOLDS(w, link->drained != (n->type == ER_NOTICE_DRAIN_START),
		      "drain notice doubled");
		link->drained = n->type == ER_NOTICE_DRAIN_START;
		break;
	case ER_NOTICE_PARITY_LOST:
	case ER_NOTICE_PARITY_RESTORED:
		/* a difference that stood at the start is not told, its end is */
		HOLDS(w, pair->asymmetric != (n->type == ER_NOTICE_PARITY_LOST),
		      "parity notice doubled");
		pair->asymmetric = n->type == ER_NOTICE_PARITY_LOST;
		break;
	case ER_NOTICE_FLAPPING_START:
	case ER_NOTICE_FLAPPING_STOP:
		HOLDS(w, link->flapping != (n->type == ER_NOTICE_FLAPPING_START),
		      "flapping notice doubled");
		HOLDS(w, n->hold_s * 1000 <= ER_FLAP_HOLD_MAX_MS, "hold beyond its bound");
		link->flapping = n->type == ER_NOTICE_FLAPPING_START;
		break;
	case ER_NOTICE_LIMIT:
		hear_limit(w, pair, n);
		break;
	case ER_NOTICE_VPN_ACTIVATED: /* test_vpn_properties.c has some */
	case ER_NOTICE_VPN_RESTORED:
	case ER_NOTICE_VPN_UNAVAILABLE:
	case ER_NOTICE_VPN_AVAILABLE:
	case ER_NOTICE_MORE_SPECIFIC:
	case ER_NOTICE_VPN_TEST:
		HOLDS(w, false, "a notice of a VPN that is not there");
		break;
	case ER_NOTICE_OWN_DRAIN: /* test_own_drain.c has some */
		HOLDS(w, false, "a notice of what nobody has drained");
		break;
	case ER_NOTICE_JOINT: /* test_site_core.c has some */
	case ER_NOTICE_SITE_REFUSED:
	case ER_NOTICE_SITE_LIMIT:
	case ER_NOTICE_UNDECLARED_SITE:
		HOLDS(w, false, "a notice of a site that is not there");
		break;
	case ER_NOTICE_AUDIT: /* test_audit.c has some */
		HOLDS(w, false, "a notice of an audit that nobody watches");
		break;
	case ER_NOTICE_PATH_QUALITY: /* test_paths.c has some */
		HOLDS(w, false, "a notice of a probe that is not there");
		break;
	}
}

static bool is_waiting(const struct er_peering_view *view)
{
	return view->assessment.redundancy == ER_INACTIVE &&
	       view->assessment.reason == ER_REASON_BGPD_LOST;
}

struct seen {
	struct er_peering_view pair;
	struct er_session_view link[ER_ROLES];
};

static void look(const struct world *w, const struct er_core *core, unsigned int c,
		 enum er_peering_type p, enum er_family f, struct seen *seen)
{
	struct er_peering_key key = peering_key(names[c], p, f);

	er_core_peering(core, &key, w->now, &seen->pair);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		struct er_session_key session = session_key(names[c], p, r, f);

		er_core_session(core, &session, w->now, &seen->link[r]);
	}
}

static uint64_t prefixes(const struct seen *seen, enum er_role r)
{
	return (uint64_t)seen->pair.rib.both + seen->pair.rib.only[r];
}

static bool runs(const struct world *w, unsigned int c, enum er_peering_type p, enum er_role r,
		 enum er_family f)
{
	struct er_session_spec spec;

	return er_plan_session(&w->config[c], p, r, f, &spec);
}

/* A pair is assessed for the first time: what is there now is known, unsaid. */
static void meet(struct world *w, struct said_pair *said, const struct seen *seen)
{
	said->known = true;
	if (!said->remembered)
		said->redundancy = seen->pair.assessment.redundancy;
	said->met_again = said->remembered;
	said->remembered = said->claimed = false;
	said->asymmetric = seen->pair.assessment.asymmetric;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		said->link[r].established = seen->link[r].facts.state == ER_SESSION_ESTABLISHED;
		said->link[r].drained = seen->pair.assessment.link[r].drained;
	}
}

static bool is_unfit(const struct er_interface_facts *i)
{
	return i->state != ER_IF_UP && i->state != ER_IF_UNCONFIGURED;
}

/* The notices, replayed, give the state. */
static void compare_link(struct world *w, unsigned int c, enum er_peering_type p, enum er_family f,
			 enum er_role r, const struct said_pair *said, const struct seen *seen)
{
	const struct er_link_assessment *a = &seen->pair.assessment.link[r];
	const struct er_session_view *view = &seen->link[r];
	bool established = view->facts.state == ER_SESSION_ESTABLISHED;

	HOLDS(w, !established || runs(w, c, p, r, f), "a session that must not run is established");
	HOLDS(w, said->link[r].established == established, "session said is not session seen");
	if (established && prefixes(seen, r))
		HOLDS(w, said->link[r].drained == a->drained, "drain said is not drain seen");
	HOLDS(w, runs(w, c, p, r, f) || !said->link[r].drained, "drain of an inactive link");
	HOLDS(w, view->hold_ms <= ER_FLAP_HOLD_MAX_MS, "hold beyond its bound");
	HOLDS(w, !view->hold_ms || said->link[r].flapping, "held, but flapping was not said");
	HOLDS(w, !runs(w, c, p, r, f) || !is_unfit(&view->interface) || a->health == ER_LINK_DOWN,
	      "an unfit interface, and the link is not down");
	HOLDS(w, a->reason != ER_REASON_INTERFACE || is_unfit(&view->interface),
	      "a fit interface is blamed");
	HOLDS(w, a->health != ER_LINK_UP || (established && !said->link[r].flapping), "up?");
}

/*
 * Nothing is missed on the way up.  On the way down a level may stand for a
 * while, but not above what hysteresis keeps once all is settled.
 */
static void compare_limit(struct world *w, unsigned int c, enum er_peering_type p, enum er_family f,
			  enum er_direction d, const struct seen *seen, bool settled)
{
	const struct er_limit_view *view = &seen->pair.limit[d];
	enum er_limit_level said = w->said[c][p][f].level[d];
	bool established = seen->link[ER_PRIMARY].facts.state == ER_SESSION_ESTABLISHED ||
			   seen->link[ER_SECONDARY].facts.state == ER_SESSION_ESTABLISHED;

	if (!runs(w, c, p, ER_PRIMARY, f) && !runs(w, c, p, ER_SECONDARY, f)) {
		HOLDS(w, said == ER_LIMIT_OK, "a limit of what does not run");
		return;
	}
	HOLDS(w, view->limit || view->level == ER_LIMIT_OK, "a level without limit");
	HOLDS(w, said >= view->level, "a level was reached, and nobody said so");
	if (!settled || !established)
		return;
	HOLDS(w,
	      said == view->level || said == er_limit_level_after(said, view->count, view->limit),
	      "a level was left, and nobody said so");
}

/*
 * Nothing is known of the pair: at most what was said before a restart.  One
 * that runs nothing looks as if it were known, until it runs something.
 */
static void unmeet(struct said_pair *said, const struct seen *seen)
{
	struct said_pair before = *said;

	memset(said, 0, sizeof(*said));
	if (before.known && before.met_again && before.redundancy == ER_INACTIVE)
		before.remembered = before.claimed = true;
	if (!before.remembered || (before.claimed && !seen->pair.configured))
		return;
	said->remembered = true;
	said->claimed = seen->pair.configured;
	said->redundancy = before.redundancy;
}

/* What runs nothing is inactive, told or not: the telling waits for bgpd. */
static bool is_untold(const struct said_pair *said, const struct seen *seen)
{
	return said->remembered && said->redundancy != ER_INACTIVE &&
	       seen->pair.assessment.redundancy == ER_INACTIVE;
}

static void compare(struct world *w, unsigned int c, enum er_peering_type p, enum er_family f)
{
	struct said_pair *said = &w->said[c][p][f];
	const struct er_assessment *a;
	struct seen seen;
	bool flapping, both;

	look(w, w->core, c, p, f, &seen);
	a = &seen.pair.assessment;
	if (!seen.pair.configured || is_waiting(&seen.pair) || is_untold(said, &seen)) {
		unmeet(said, &seen);
		return;
	}
	if (!said->known)
		meet(w, said, &seen);
	HOLDS(w, said->redundancy == a->redundancy, "redundancy said is not redundancy seen");
	for (enum er_role r = 0; r < ER_ROLES; r++)
		compare_link(w, c, p, f, r, said, &seen);
	for (enum er_direction d = 0; d < ER_DIRECTIONS; d++)
		compare_limit(w, c, p, f, d, &seen, false);
	flapping = said->link[ER_PRIMARY].flapping || said->link[ER_SECONDARY].flapping;
	HOLDS(w, a->flapping == flapping, "flapping said is not flapping seen");

	both = said->link[ER_PRIMARY].established && said->link[ER_SECONDARY].established;
	if (a->asymmetric && !said->asymmetric)
		said->asymmetric = true; /* muted: see meet() */
	HOLDS(w, !a->asymmetric || both, "asymmetric with one link");
	if (both && seen.pair.rib.both && !seen.pair.rib.path_differs &&
	    !seen.pair.rib.out_only[ER_PRIMARY] && !seen.pair.rib.out_only[ER_SECONDARY] &&
	    !seen.pair.rib.only[ER_PRIMARY] && !seen.pair.rib.only[ER_SECONDARY])
		HOLDS(w, !said->asymmetric, "parity was restored, and nobody said so");
}

static void compare_all(struct world *w)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++)
				compare(w, c, p, f);
}

/*
 * Time as it is seen from outside, for availability.
 */
static void let_pass(struct world *w, int64_t ms)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++) {
				struct said_pair *said = &w->said[c][p][f];

				if (said->known && said->redundancy != ER_INACTIVE)
					said->ms[said->redundancy] += ms;
			}
	w->now.mono_ms += ms;
	w->now.wall_s = w->start.wall_s + (w->now.mono_ms - w->start.mono_ms) / 1000;
}

static bool nearly(uint64_t seconds, double ms)
{
	return seconds * 1000.0 <= ms && ms < seconds * 1000.0 + 1000;
}

static void check_availability(struct world *w, unsigned int c, enum er_peering_type p,
			       enum er_family f)
{
	const struct said_pair *said = &w->said[c][p][f];
	const struct er_seconds *s;
	struct seen seen;

	if (!said->known)
		return;
	look(w, w->core, c, p, f, &seen);
	s = &seen.pair.seconds[ER_SINCE_START];
	HOLDS(w, nearly(s->redundant, said->ms[ER_REDUNDANT]), "seconds redundant");
	HOLDS(w, nearly(s->degraded, said->ms[ER_DEGRADED]), "seconds degraded");
	HOLDS(w, nearly(s->down, said->ms[ER_DOWN]), "seconds down");
	/* months outlive a restart */
	if (w->boot_ms != w->start.mono_ms)
		return;
	for (enum er_period period = ER_THIS_MONTH; period < ER_PERIODS; period++) {
		const struct er_seconds *month = &seen.pair.seconds[period];

		HOLDS(w,
		      month->redundant <= s->redundant && month->degraded <= s->degraded &&
			      month->down <= s->down,
		      "a month holds more than there was");
	}
}

/*
 * Driving
 */
static void take_in(struct world *w)
{
	HOLDS(w, w->synced_once || w->now.mono_ms - w->boot_ms >= ER_START_GRACE_MS || !w->out.n,
	      "a notice before bgpd's first report");
	for (size_t i = 0; i < w->out.n; i++) {
		HOLDS(w, w->n_pending < array_size(w->pending), "an endless stream of notices");
		w->pending[w->n_pending++] = w->out.notice[i];
		hear(w, &w->out.notice[i]);
	}
	er_decisions_reset(&w->out);
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
		take_in(w);
		compare_all(w);
	}
	let_pass(w, mono_ms - w->now.mono_ms);
}

/* What was due has been done as of when it was due. */
static void compare_lazy(struct world *w, unsigned int c, enum er_peering_type p, enum er_family f)
{
	const struct er_seconds *x, *y;
	struct seen a, b;

	look(w, w->core, c, p, f, &a);
	look(w, w->lazy, c, p, f, &b);
	HOLDS(w, a.pair.assessment.redundancy == b.pair.assessment.redundancy,
	      "late ticks change the redundancy");
	HOLDS(w, a.pair.since_mono_ms == b.pair.since_mono_ms, "late ticks change its age");
	x = &a.pair.seconds[ER_SINCE_START];
	y = &b.pair.seconds[ER_SINCE_START];
	HOLDS(w, x->redundant == y->redundant && x->degraded == y->degraded && x->down == y->down,
	      "late ticks change the availability");
	for (enum er_role r = 0; r < ER_ROLES; r++)
		HOLDS(w,
		      a.link[r].hold_ms == b.link[r].hold_ms && a.link[r].flaps == b.link[r].flaps,
		      "late ticks change the hold");
}

/* Who is never woken says the same, at the next event. */
static void check_lazy(struct world *w)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++)
				compare_lazy(w, c, p, f);
	HOLDS(w, w->lazy_out.n == w->n_pending, "late ticks change the number of notices");
	for (size_t i = 0; i < w->n_pending; i++)
		HOLDS(w, notice_equal(&w->pending[i], &w->lazy_out.notice[i]),
		      "late ticks change the notices");
	w->n_pending = 0;
	er_decisions_reset(&w->lazy_out);
}

static void forget_seconds(struct world *w, const char *circuit)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++)
				if (!circuit[0] || strmatch(circuit, names[c]))
					memset(w->said[c][p][f].ms, 0, sizeof(w->said[c][p][f].ms));
}

/* Who deletes a circuit wants nothing of it remembered. */
static void forget_circuit(struct world *w, const char *circuit)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		if (strmatch(circuit, names[c]))
			memset(w->said[c], 0, sizeof(w->said[c]));
}

static void handle(struct world *w, struct er_event *ev)
{
	ev->now = w->now;
	er_core_handle(w->core, ev, &w->out);
	if (ev->type == ER_EV_CLEAR_AVAILABILITY)
		forget_seconds(w, ev->circuit);
	if (ev->type == ER_EV_CONFIG_GONE)
		forget_circuit(w, ev->circuit);
	if (ev->type == ER_EV_BGPD_SYNCED)
		w->synced_once = true;
	take_in(w);
	HOLDS(w, er_core_deadline(w->core) > w->now.mono_ms, "a deadline that is past");
	compare_all(w);
	er_core_handle(w->lazy, ev, &w->lazy_out);
	check_lazy(w);

	/* the same again is no news */
	er_core_handle(w->core, ev, &w->out);
	HOLDS(w, w->out.n == 0, "the same event twice brings notices");
	compare_all(w);
}

/*
 * erouted dies and comes back, at any time, perhaps before it knew anything
 * again: what it writes is what was said last, and nothing else.
 */
struct memory {
	struct world *w;
	struct er_core *cores[2];
};

static void keep_memory(const struct er_peering_key *key, enum er_redundancy redundancy,
			const struct er_seconds seconds[ER_PERIODS], int64_t wall_s, void *arg)
{
	struct er_session_key session = session_key(key->circuit, key->peering, ER_PRIMARY,
						    key->family);
	struct memory *memory = arg;
	struct world *w = memory->w;
	struct said_pair *said = said_of(w, &session);

	HOLDS(w, said->known || said->remembered, "remembered what nobody said");
	HOLDS(w, said->redundancy == redundancy, "remembered something else than was said");
	said->kept = true;
	for (size_t i = 0; i < array_size(memory->cores); i++)
		er_core_restore(memory->cores[i], key, redundancy, seconds, wall_s);
}

static void restart_said(struct world *w)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++) {
				struct said_pair *said = &w->said[c][p][f];
				struct said_pair before = *said;
				bool vain = before.known && before.redundancy == ER_INACTIVE;

				HOLDS(w,
				      before.kept || vain || (!before.known && !before.remembered),
				      "forgot what was said");
				memset(said, 0, sizeof(*said));
				said->remembered = before.kept;
				said->redundancy = before.redundancy;
			}
}

static void restart(struct world *w)
{
	struct memory memory = { w, { er_core_new(w->now), er_core_new(w->now) } };

	er_core_remember(w->core, w->now, keep_memory, &memory);
	restart_said(w);
	er_core_free(&w->core);
	er_core_free(&w->lazy);
	w->core = memory.cores[0];
	w->lazy = memory.cores[1];
	w->boot_ms = w->now.mono_ms;
	w->synced_once = false;
	for (unsigned int c = 0; c < CIRCUITS; c++) {
		struct er_event ev = { .type = ER_EV_CONFIG, .config = &w->config[c] };

		/* mgmtd does not have it yet */
		if (one_in(&w->source, 4)) {
			memset(&w->config[c], 0, sizeof(w->config[c]));
			w->configured[c] = false;
		}
		if (w->configured[c])
			handle(w, &ev);
	}
}

static void world_start(struct world *w, struct source source, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->source = source;
	w->start = (struct er_time){ .mono_ms = 123456, .wall_s = WALL_START };
	w->now = w->start;
	w->boot_ms = w->start.mono_ms;
	w->core = er_core_new(w->now);
	w->lazy = er_core_new(w->now);
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
		if (one_in(&w->source, 30)) /* the wall clock is set */
			w->start.wall_s += (int64_t)any(&w->source, 200) * 86400 - 100 * 86400;
		random_event(w, &ev);
		handle(w, &ev);
		while (one_in(&w->source, 25)) /* twice in a row, perhaps */
			restart(w);
		for (enum er_family f = 0; f < ER_FAMILIES; f++)
			check_availability(w, any(&w->source, CIRCUITS), f % ER_PEERING_TYPES, f);
	}
}

/*
 * State is a function of the facts: a core that has only seen the latest ones,
 * in another order and some twice, ends in the same state when time has settled.
 */
static struct er_core *told_at_last(struct world *w, struct er_decisions *out)
{
	struct er_core *other = er_core_new(w->now);
	struct er_event ev = { .now = w->now };

	for (unsigned int i = 0; i < CIRCUITS; i++) {
		unsigned int c = CIRCUITS - 1 - i;

		if (!w->configured[c])
			continue;
		ev.type = ER_EV_CONFIG;
		ev.config = &w->config[c];
		er_core_handle(other, &ev, out);
	}
	ev.type = ER_EV_BGPD_SYNCED;
	er_core_handle(other, &ev, out);
	for (unsigned int i = 0; i < 3 * CIRCUITS * ER_PEERING_TYPES * ER_FAMILIES; i++) {
		unsigned int c = any(&w->source, CIRCUITS);
		enum er_peering_type p = any(&w->source, ER_PEERING_TYPES);
		enum er_family f = any(&w->source, ER_FAMILIES);
		struct seen seen;

		/* in the end every pair comes in turn: at random before that */
		if (i >= 2 * CIRCUITS * ER_PEERING_TYPES * ER_FAMILIES) {
			c = i % CIRCUITS;
			p = i / CIRCUITS % ER_PEERING_TYPES;
			f = i / CIRCUITS / ER_PEERING_TYPES % ER_FAMILIES;
		}
		look(w, w->core, c, p, f, &seen);
		ev.type = ER_EV_RIB;
		ev.peering = peering_key(names[c], p, f);
		ev.rib = seen.pair.rib;
		er_core_handle(other, &ev, out);
		for (enum er_role r = 0; r < ER_ROLES; r++) {
			ev.session = session_key(names[c], p, r, f);
			ev.type = ER_EV_SESSION;
			ev.facts = seen.link[r].facts;
			er_core_handle(other, &ev, out);
			ev.type = ER_EV_INTERFACE;
			ev.interface = seen.link[r].interface;
			er_core_handle(other, &ev, out);
		}
	}
	return other;
}

static void compare_cores(struct world *w, const struct er_core *other)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++) {
				struct seen a, b;

				look(w, w->core, c, p, f, &a);
				look(w, other, c, p, f, &b);
				HOLDS(w, a.pair.configured == b.pair.configured, "configured?");
				HOLDS(w,
				      memcmp(&a.pair.assessment, &b.pair.assessment,
					     sizeof(a.pair.assessment)) == 0 &&
					      memcmp(&a.pair.limit, &b.pair.limit,
						     sizeof(a.pair.limit)) == 0,
				      "the same facts give another state");
			}
}

static void settle(struct world *w)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };
	struct er_decisions out = {};
	struct er_core *other;

	handle(w, &ev);
	other = told_at_last(w, &out);
	tick_until(w, w->now.mono_ms + ER_FLAP_HOLD_MAX_MS + ER_PARITY_SETTLE_MS);
	ev.type = ER_EV_TICK;
	handle(w, &ev);
	ev.now = w->now;
	er_core_handle(other, &ev, &out);
	compare_cores(w, other);
	for (unsigned int c = 0; c < CIRCUITS; c++)
		for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
			for (enum er_family f = 0; f < ER_FAMILIES; f++) {
				struct said_pair *said = &w->said[c][p][f];
				struct seen seen;

				look(w, w->core, c, p, f, &seen);
				HOLDS(w, said->known == seen.pair.configured,
				      "a pair that is not assessed when all is known");
				for (enum er_direction d = 0; d < ER_DIRECTIONS; d++)
					compare_limit(w, c, p, f, d, &seen, true);
				HOLDS(w,
				      !said->link[ER_PRIMARY].flapping &&
					      !said->link[ER_SECONDARY].flapping,
				      "quiet for the longest hold, and still flapping");
			}
	er_core_free(&other);
	er_decisions_fini(&out);
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

static void properties_hold_for_random_events(void **state)
{
	run_seeds(&seeds, run);
}

static void properties_hold_for_random_bytes(void **state)
{
	uint8_t bytes[2048];

	for (uint64_t seed = 1; seed <= SEEDS / 10; seed++) {
		struct source s = { .state = seed * UINT64_C(0xd1342543de82ef95) };

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = any(&s, 256);
		run((struct source){ .bytes = bytes, .n = sizeof(bytes) }, seed);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties_hold_for_random_events),
		cmocka_unit_test(properties_hold_for_random_bytes),
	};
	int ret;

	if (take_arguments(argc, argv, run, &seeds, &ret))
		return ret;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
