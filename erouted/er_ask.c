// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to bgpd's module, and commands that wait for their answers.
 *
 * A question lives until its answer has ended, bgpd is lost or its time is
 * over; its callback is then called for the last time.  A command that asks
 * returns at once: libfrr holds back the vty's prompt (mgmt_req_pending_cmd,
 * made for mgmtd, works in every daemon) until vty_resume_response().
 */
#include <zebra.h>

#include "command.h"
#include "memory.h"
#include "typesafe.h"
#include "vty.h"

#include "erouted/er_fib.h"
#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, QUESTION, "question to bgpd");
DEFINE_MTYPE_STATIC(EROUTED, WAITING_VTY, "vty that waits for bgpd");
DEFINE_MTYPE_STATIC(EROUTED, ANSWERS, "answers of bgpd");
DEFINE_MTYPE_STATIC(EROUTED, WAITING_FIB, "answers of zebra");

/* More than these a peering cannot hold back, and no screen shows. */
#define ANSWERS_MAX 20000

PREDECL_DLIST(questions);

struct question {
	struct questions_item item;
	uint32_t id;
	er_ask_cb cb;
	void *arg;
	struct event *t_end; /* its time is over, or it could not be asked */
	const char *problem; /* to say then */
};

DECLARE_DLIST(questions, struct question, item);

static struct questions_head questions = INIT_DLIST(questions);
static uint32_t last_id;

static struct question *find(uint32_t id)
{
	struct question *q;

	frr_each (questions, &questions, q)
		if (q->id == id)
			return q;
	return NULL;
}

static void drop(struct question *q)
{
	event_cancel(&q->t_end);
	questions_del(&questions, q);
	XFREE(MTYPE_QUESTION, q);
}

/* The callback may ask the next one. */
static void finish(struct question *q, const char *problem)
{
	er_ask_cb cb = q->cb;
	void *arg = q->arg;

	drop(q);
	cb(NULL, problem, arg);
}

static void end_timer(struct event *event)
{
	struct question *q = EVENT_ARG(event);

	finish(q, q->problem);
}

void er_channel_ask(const struct er_wire_ask *ask, er_ask_cb cb, void *arg)
{
	struct question *q = XCALLOC(MTYPE_QUESTION, sizeof(*q));
	struct er_wire_ask numbered = *ask;

	/* 0 is nobody's, and one that is still open is not given twice */
	do {
		numbered.id = ++last_id;
	} while (!numbered.id || find(numbered.id));

	q->id = numbered.id;
	q->cb = cb;
	q->arg = arg;
	questions_add_tail(&questions, q);
	if (er_channel_send_ask(&numbered)) {
		q->problem = "bgpd has not answered in time: ask again, or look into its log";
		event_add_timer_msec(er_loop, end_timer, q, ER_ASK_TIMEOUT_MS, &q->t_end);
	} else {
		q->problem =
			"bgpd's module is not connected: is bgpd running, with '-M expressroute'?";
		event_add_event(er_loop, end_timer, q, 0, &q->t_end);
	}
}

/*
 * From the channel
 */
void er_ask_answer(const struct er_wire_answer *answer)
{
	struct question *q = find(answer->id);

	/* none: its time was over */
	if (q)
		q->cb(answer, "", q->arg);
}

void er_ask_answer_end(const struct er_wire_answer_end *end)
{
	struct question *q = find(end->id);

	if (q)
		finish(q, end->problem);
}

/* What follows from it comes in an event: the connection is being closed. */
void er_ask_lost(void)
{
	struct question *q;

	frr_each (questions, &questions, q) {
		event_cancel(&q->t_end);
		q->problem = "bgpd was lost before it had answered: ask again";
		event_add_event(er_loop, end_timer, q, 0, &q->t_end);
	}
}

/*
 * Commands that wait
 */
PREDECL_DLIST(waiting_vtys);

struct waiting_vty {
	struct waiting_vtys_item item;
	struct vty *vty; /* NULL: closed meanwhile */
	er_asked_render render;
	struct er_asked asked;
	size_t size;
	bool bgpd, zebra; /* whose answer is still awaited */
};

DECLARE_DLIST(waiting_vtys, struct waiting_vty, item);

static struct waiting_vtys_head waiting = INIT_DLIST(waiting);

static void waiting_free(struct waiting_vty *w)
{
	waiting_vtys_del(&waiting, w);
	XFREE(MTYPE_ANSWERS, w->asked.answer);
	XFREE(MTYPE_WAITING_FIB, w->asked.fib);
	XFREE(MTYPE_WAITING_VTY, w);
}

/* When everybody has answered: the screen. */
static void waiting_done(struct waiting_vty *w)
{
	struct vty *vty = w->vty;
	int ret;

	if (w->bgpd || w->zebra)
		return;

	if (vty) {
		vty->mgmt_req_pending_cmd = NULL;
		ret = w->render(vty, &w->asked);
		/* the vty may be closed in there */
		w->vty = NULL;
		vty_resume_response(vty, ret);
	}
	waiting_free(w);
}

static void keep(struct waiting_vty *w, const struct er_wire_answer *answer)
{
	struct er_asked *asked = &w->asked;

	if (asked->n == ANSWERS_MAX)
		return;
	if (asked->n == w->size) {
		w->size = MAX(2 * w->size, 64);
		asked->answer = XREALLOC(MTYPE_ANSWERS, asked->answer,
					 w->size * sizeof(*asked->answer));
	}
	asked->answer[asked->n++] = *answer;
}

static void bgpd_answered(const struct er_wire_answer *answer, const char *problem, void *arg)
{
	struct waiting_vty *w = arg;

	if (answer) {
		if (w->vty)
			keep(w, answer);
		return;
	}
	strlcpy(w->asked.problem, problem, sizeof(w->asked.problem));
	w->bgpd = false;
	waiting_done(w);
}

static void zebra_answered(const struct er_fib *fib, size_t n, void *arg)
{
	struct waiting_vty *w = arg;

	if (n) {
		w->asked.fib = XCALLOC(MTYPE_WAITING_FIB, n * sizeof(*fib));
		memcpy(w->asked.fib, fib, n * sizeof(*fib));
		w->asked.n_fib = n;
	}
	w->zebra = false;
	waiting_done(w);
}

int er_ask_vty(struct vty *vty, const struct er_wire_ask *ask, bool json, er_asked_render render)
{
	struct er_wire_ask asked = *ask;
	struct waiting_vty *w;

	/* only vtysh's side of a daemon can wait */
	if (vty->type != VTY_SHELL_SERV) {
		vty_out(vty, "%% This command needs an answer of bgpd: use it in vtysh\n");
		return CMD_WARNING;
	}

	w = XCALLOC(MTYPE_WAITING_VTY, sizeof(*w));
	w->vty = vty;
	w->render = render;
	w->asked.ask = *ask;
	w->asked.json = json;
	w->bgpd = true;
	w->zebra = ask->ask == ER_ASK_ROUTE;
	waiting_vtys_add_tail(&waiting, w);
	vty->mgmt_req_pending_cmd = "question to bgpd";
	if (w->zebra)
		er_fib_ask(&ask->prefix, zebra_answered, w);
	/* bgpd knows peerings; the screen picks those of a circuit */
	asked.peering.circuit[0] = '\0';
	er_channel_ask(&asked, bgpd_answered, w);
	return CMD_SUCCESS;
}

/* bgpd's answer ends by itself, in time. */
static void vty_closed(struct vty *vty)
{
	struct waiting_vty *w;

	frr_each_safe (waiting_vtys, &waiting, w) {
		if (w->vty != vty)
			continue;
		w->vty = NULL;
		if (w->zebra)
			er_fib_cancel(w);
		w->zebra = false;
		waiting_done(w);
	}
}

void er_ask_init(void)
{
	/* mgmtd's, and mgmtd we are not */
	vty_close_mgmt_cb = vty_closed;
}

/* Nobody is called any more. */
void er_ask_fini(void)
{
	struct waiting_vty *w;
	struct question *q;

	frr_each_safe (questions, &questions, q)
		drop(q);
	frr_each_safe (waiting_vtys, &waiting, w) {
		er_fib_cancel(w);
		waiting_free(w);
	}
	vty_close_mgmt_cb = NULL;
}
