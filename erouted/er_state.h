// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Building the YANG state tree: what er_nb_state.c, er_vpn_state.c and
 * er_site_state.c share, in er_nb_state.c; notifications are built likewise.
 */
#ifndef ER_STATE_H
#define ER_STATE_H

#include "erouted/erouted.h"

/* A leaf, or one more value of a leaf-list. */
void er_state_add(struct lyd_node *parent, const char *name, const char *value);
/* Nothing when it is "". */
void er_state_add_text(struct lyd_node *parent, const char *name, const char *value);
void er_state_add_number(struct lyd_node *parent, const char *name, uint64_t value);
void er_state_add_bool(struct lyd_node *parent, const char *name, bool value);
/* Values of a leaf-list. */
void er_state_add_prefixes(struct lyd_node *parent, const char *name, const struct prefix *prefix,
			   size_t n);
/* Nothing when it is none. */
void er_state_add_address(struct lyd_node *parent, const char *name, const struct ipaddr *address);
/* Seconds since the epoch as a date; nothing when 0. */
void er_state_add_moment(struct lyd_node *parent, const char *name, int64_t wall_s);
/* A container or list entry that is there already, or a new one. */
struct lyd_node *er_state_inner(struct lyd_node *parent, const char *name);
struct lyd_node *er_state_entry(struct lyd_node *parent, const char *list, const char *key);
/* One that is known not to be there. */
struct lyd_node *er_state_new_entry(struct lyd_node *parent, const char *list, const char *key);
/* An entry of a top-level list as configured, but for passwords: they leave by no show. */
void er_state_add_config(struct lyd_node *top, const char *list, const char *name);
/* What is said of a session, beside addresses: of a link's and of a gateway's. */
void er_state_add_session(struct lyd_node *session, const struct er_session_facts *facts,
			  struct er_time now);
/* er_vpn_state.c: what came of a failover test. */
void er_state_add_test(struct lyd_node *node, const struct er_test_report *report);
/* er_site_state.c: what is told of sites, and in their notifications. */
void er_state_add_shares(struct lyd_node *node, const uint32_t only[ER_ROLES]);
void er_state_add_site_refused(struct lyd_node *node, const struct er_site_facts *facts);
void er_state_add_missing(struct lyd_node *node, uint32_t missing, const struct prefix *prefix,
			  size_t n);
void er_state_add_site_examples(struct lyd_node *node, const struct er_site_facts *facts);
void er_state_add_joint_differences(struct lyd_node *node, const struct er_joint_view *view);
/* er_path_state.c: what a probe measures; nothing when there is nothing. */
void er_state_add_measure(struct lyd_node *node, const struct er_path_measure *measure);

#endif /* ER_STATE_H */
