// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions: what happened to a route (er_bgp_explain.c), which prefixes are held
 * back at the limit, which have no backup over the VPN, which of the VPN's are more
 * specific than ExpressRoute's, and which go elsewhere.
 *
 * An answer is put together at once, so that it is of one moment, and sent in
 * slices, so that a long one does not fill the queue.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"
#include "bgpd/er_bgp_answer.h"
#include "bgpd/er_cover.h"
#include "core/admission.h"
#include "core/text.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_ANSWER, "ExpressRoute answer");
DEFINE_MTYPE_STATIC(ER_BGP, ER_ANSWER_STEPS, "ExpressRoute steps of an answer");

/* Messages per event, and when to try again while erouted has not read them. */
#define SLICE	 64
#define RETRY_MS 5
/* Questions at the same time, and steps of one: who asks for more is no person. */
#define ANSWERS_MAX 8
#define STEPS_MAX   20000

PREDECL_DLIST(er_answers);

struct er_answer {
	struct er_answers_item item;
	uint32_t id;
	struct er_wire_answer *step;
	size_t n, size, sent;
	char problem[ER_TEXT_LEN];
	struct event *t_send;
};

DECLARE_DLIST(er_answers, struct er_answer, item);

static struct er_answers_head answers = INIT_DLIST(answers);

static void answer_free(struct er_answer *answer)
{
	event_cancel(&answer->t_send);
	er_answers_del(&answers, answer);
	XFREE(MTYPE_ER_ANSWER_STEPS, answer->step);
	XFREE(MTYPE_ER_ANSWER, answer);
}

static void send_slice(struct event *event)
{
	struct er_answer *answer = EVENT_ARG(event);
	struct er_wire_msg msg = { .type = ER_WIRE_ANSWER };

	if (er_channel_is_busy()) {
		event_add_timer_msec(bm->master, send_slice, answer, RETRY_MS, &answer->t_send);
		return;
	}
	for (unsigned int n = 0; n < SLICE && answer->sent < answer->n; n++) {
		msg.answer = answer->step[answer->sent++];
		er_channel_send(&msg);
	}
	if (answer->sent < answer->n) {
		event_add_event(bm->master, send_slice, answer, 0, &answer->t_send);
		return;
	}
	msg = (struct er_wire_msg){ .type = ER_WIRE_ANSWER_END, .answer_end.id = answer->id };
	strlcpy(msg.answer_end.problem, answer->problem, sizeof(msg.answer_end.problem));
	er_channel_send(&msg);
	answer_free(answer);
}

bool er_answer_is_empty(const struct er_answer *answer)
{
	return !answer->n;
}

void er_answer_problem(struct er_answer *answer, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintfrr(answer->problem, sizeof(answer->problem), format, ap);
	va_end(ap);
}

struct er_wire_answer *er_answer_step(struct er_answer *answer, enum er_stage stage)
{
	struct er_wire_answer *step;

	if (answer->n == STEPS_MAX) {
		er_answer_problem(answer, "there is more: only the first %d lines are told",
				  STEPS_MAX);
		return NULL;
	}
	if (answer->n == answer->size) {
		answer->size = MAX(answer->size * 2, 64u);
		answer->step = XREALLOC(MTYPE_ER_ANSWER_STEPS, answer->step,
					answer->size * sizeof(*answer->step));
	}
	step = &answer->step[answer->n++];
	memset(step, 0, sizeof(*step));
	step->id = answer->id;
	step->stage = stage;
	return step;
}

/*
 * Prefixes by name.
 */
struct list_tale {
	struct er_answer *answer;
	const struct er_bgp_peering *peering;
	unsigned int n;
};

/* NULL: enough is enough. */
static struct er_wire_answer *list_step(struct list_tale *tale, enum er_stage stage,
					const struct prefix *prefix, enum er_rule rule,
					enum er_verdict verdict)
{
	struct er_wire_answer *step = er_answer_step(tale->answer, stage);
	const struct er_peering_key *key = &tale->peering->key;

	if (!step)
		return NULL;
	strlcpy(step->session.circuit, key->circuit, sizeof(step->session.circuit));
	step->session.peering = key->peering;
	step->session.family = key->family;
	prefix_copy(&step->prefix, prefix);
	step->rule = rule;
	step->verdict = verdict;
	return step;
}

static int tell_uncovered(struct er_bgp_peering *vpn, const struct prefix *prefix,
			  const struct prefix *within, bool kept_out, void *arg)
{
	struct er_wire_answer *step = list_step(arg, ER_STAGE_INBOUND, prefix, ER_RULE_NONE,
						ER_VERDICT_INFO);

	if (!step)
		return 1;
	strlcpy(step->text, "nothing over the VPN contains it", sizeof(step->text));
	return 0;
}

static int tell_one_more_specific(struct er_bgp_peering *vpn, const struct prefix *prefix,
				  const struct prefix *within, bool kept_out, void *arg)
{
	struct er_wire_answer *step = list_step(arg, ER_STAGE_INBOUND, prefix,
						ER_RULE_MORE_SPECIFIC,
						kept_out ? ER_VERDICT_REFUSE : ER_VERDICT_PASS);

	if (!step)
		return 1;
	snprintfrr(step->text, sizeof(step->text), "within %pFX of ExpressRoute: %s", within,
		   kept_out ? "kept out" : "pulls its traffic to the VPN");
	return 0;
}

static int tell_held(const struct prefix *prefix, uint8_t priority, void *arg)
{
	struct list_tale *tale = arg;
	struct er_wire_answer *step = list_step(tale, ER_STAGE_OUTBOUND, prefix, ER_RULE_LIMIT,
						ER_VERDICT_REFUSE);

	if (!step)
		return 1;
	snprintf(step->text, sizeof(step->text),
		 "priority %u, number %u in the queue: %u of at most %u prefixes are advertised",
		 priority, ++tale->n, er_admission_admitted(tale->peering->out.admission),
		 tale->peering->out.limit);
	return 0;
}

/* What the peering has accepted, and whose best path leads elsewhere. */
static void tell_elsewhere(struct list_tale *tale)
{
	const struct er_bgp_peering *peering = tale->peering;
	char place[ER_NAME_LEN + 40];
	struct er_wire_answer *step;
	struct bgp_path_info *best;
	struct bgp_dest *dest;
	uint32_t at = 0;

	while ((dest = er_rib_next(peering, &at))) {
		best = er_outbound_best(dest);
		if (best && er_explain_session(best))
			continue;
		step = list_step(tale, ER_STAGE_BEST, bgp_dest_get_prefix(dest), ER_RULE_NONE,
				 ER_VERDICT_INFO);
		if (!step)
			return;
		strlcpy(place, "nowhere: bgpd has no best path", sizeof(place));
		if (best)
			er_explain_other(peering->bgp, best, place, sizeof(place));
		strlcpy(step->text, place, sizeof(step->text));
	}
}

static void name_one(struct er_answer *answer, struct er_bgp_peering *peering, enum er_ask what)
{
	struct list_tale tale = { .answer = answer, .peering = peering };

	if (what == ER_ASK_HELD && peering->out.admission)
		er_admission_foreach_held(peering->out.admission, tell_held, &tale);
	else if (what == ER_ASK_UNCOVERED && er_is_vpn(peering))
		er_coverage_foreach_uncovered(peering, tell_uncovered, &tale);
	else if (what == ER_ASK_MORE_SPECIFIC && er_is_vpn(peering))
		er_coverage_foreach_more_specific(peering, tell_one_more_specific, &tale);
	else if (what == ER_ASK_ELSEWHERE && !er_is_vpn(peering))
		tell_elsewhere(&tale);
}

static void name_all(struct er_answer *answer, const struct er_wire_ask *ask)
{
	const struct er_peering_key *asked = &ask->peering;
	struct er_bgp_peering *peering;

	if (!asked->circuit[0]) {
		frr_each (er_peering_tree, &er_bgp.peerings, peering)
			name_one(answer, peering, ask->ask);
		return;
	}
	peering = er_peering_find(asked);
	if (peering)
		name_one(answer, peering, ask->ask);
	else if (asked->peering == ER_VPN)
		er_answer_problem(answer,
				  "VPN backup %s has neither an %s session nor a static prefix",
				  asked->circuit, er_family_str(asked->family));
	else
		er_answer_problem(answer, "circuit %s has no %s peering with an %s session",
				  asked->circuit, er_peering_type_str(asked->peering),
				  er_family_str(asked->family));
}

void er_answer_ask(const struct er_wire_ask *ask)
{
	bool many = er_answers_count(&answers) >= ANSWERS_MAX;
	struct er_answer *answer = XCALLOC(MTYPE_ER_ANSWER, sizeof(*answer));

	answer->id = ask->id;
	er_answers_add_tail(&answers, answer);
	if (many)
		er_answer_problem(answer, "too many questions at once: ask again");
	else if (ask->ask == ER_ASK_ROUTE)
		er_explain_route(answer, &ask->prefix);
	else
		name_all(answer, ask);
	event_add_event(bm->master, send_slice, answer, 0, &answer->t_send);
}

void er_answer_drop(void)
{
	struct er_answer *answer;

	while ((answer = er_answers_first(&answers)))
		answer_free(answer);
}
