// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drain by the operator: what is drained and how far it is decides core/own_drain.h.
 *
 *   er_drain.c       asks it, and counts packets while something is drained
 *   er_drain_tell.c  log line, notification, YANG state, screen
 *   er_drain_keep.c  over a restart
 *   er_drain_vty.c   commands
 */
#ifndef ER_DRAIN_H
#define ER_DRAIN_H

#include "erouted/er_show.h"
#include "erouted/erouted.h"

/*
 * request->link is set from `link`: a role's name, or NULL for both.  false: refused,
 * and buf says why.
 */
bool er_drain_ask_for(struct er_own_request *request, const char *link, char *buf, size_t len);
/* Count packets from now on, or no longer: whatever is drained. */
void er_drain_watch(void);
void er_drain_fini(void);

/* false: the notice is of something else. */
bool er_drain_notify(const struct er_notice *n);
void er_drain_add_state(struct lyd_node *circuit_state, const char *circuit);
void er_drain_show(struct er_lines *lines, const char *circuit);

void er_drain_save(struct json_object *json);
/* false: it cannot be understood. */
void er_drain_load(struct json_object *json);

void er_drain_vty_init(void);

#endif /* ER_DRAIN_H */
