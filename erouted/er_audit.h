// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit for readers.  core/audit.h decides; here
 *
 *   er_audit.c       log lines, the YANG notification, the YANG state tree
 *   er_show_audit.c  show expressroute audit
 */
#ifndef ER_AUDIT_SHELL_H
#define ER_AUDIT_SHELL_H

#include "core/audit.h"
#include "erouted/erouted.h"

/* false: the notice is of something else. */
bool er_audit_notify(const struct er_notice *notice);
/* The audit of one circuit, or of all (NULL), below the container of the model. */
void er_audit_state_add(struct lyd_node *top, const char *circuit);
/* The same as a tree of its own, which the caller frees with lyd_free_all(); NULL: no memory. */
struct lyd_node *er_audit_state_tree(const char *circuit);

void er_audit_vty_init(void);

#endif /* ER_AUDIT_SHELL_H */
