// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What er_bgp_answer.c (questions and their answers, prefixes by name) and
 * er_bgp_explain.c (a route's way) share.
 */
#ifndef ER_BGP_ANSWER_H
#define ER_BGP_ANSWER_H

#include "bgpd/er_bgp.h"

/* Of one question; freed when it has been sent. */
struct er_answer;

/* One more step, of this answer; NULL: enough is enough. */
struct er_wire_answer *er_answer_step(struct er_answer *answer, enum er_stage stage);
/* Said at the end, in place of a problem before it. */
void er_answer_problem(struct er_answer *answer, const char *format, ...) PRINTFRR(2, 3);
bool er_answer_is_empty(const struct er_answer *answer);

void er_explain_route(struct er_answer *answer, const struct prefix *asked);
/* Of a circuit or a VPN backup; NULL: the path is somebody else's ... */
const struct er_bgp_session *er_explain_session(const struct bgp_path_info *pi);
/* ... of whom, in words. */
void er_explain_other(const struct bgp *bgp, const struct bgp_path_info *pi, char *buf, size_t len);

#endif /* ER_BGP_ANSWER_H */
