// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NETCONF's access control model (RFC 8341): who may do what, and nothing about
 * where rules come from (access.c) or what becomes of a refusal.
 *
 * struct nd_rules is one instance of ietf-netconf-acm, constant and counted,
 * and does not depend on the context it was read with. struct nd_view is what
 * of it counts for one user; it holds a use of the rules and borrows the user.
 *
 * First match decides; without one, a node that its model marks as
 * default-deny-all or default-deny-write is refused, else the defaults decide.
 * As FRR's models hardly mark what is secret, leaves of certain names are taken
 * as marked with default-deny-all.
 */
#ifndef _FRR_NETCONFD_NACM_H
#define _FRR_NETCONFD_NACM_H

#include <stdbool.h>
#include <stddef.h>

#include <libyang/libyang.h>

enum nd_access {
	ND_CREATE = 0x01,
	ND_READ = 0x02,
	ND_UPDATE = 0x04,
	ND_DELETE = 0x08,
	ND_EXEC = 0x10,
};

struct nd_user {
	const char *name;
	char **groups; /* what the machine says; NULL at the end */
};

struct nd_rules;

/*
 * One use of the rules in a text, XML or JSON; the context has to implement
 * ietf-netconf-acm and the models that rules name by a path. NULL: why says it.
 */
struct nd_rules *nd_rules_parse(const struct ly_ctx *ctx, const char *text, char *why, size_t size);
struct nd_rules *nd_rules_use(struct nd_rules *rules);
void nd_rules_put(struct nd_rules *rules);
/* Are rules enforced at all? */
bool nd_rules_enabled(const struct nd_rules *rules);

struct nd_view {
	struct nd_rules *rules;
	const struct nd_user *user;
	const struct nd_rule **rule; /* in the order in which they count */
	unsigned int count;
};

/* false: no memory, and the view is empty */
bool nd_view_init(struct nd_view *view, struct nd_rules *rules, const struct nd_user *user);
void nd_view_fini(struct nd_view *view);

bool nd_view_operation(const struct nd_view *view, const struct lysc_node *operation);
/* A node of data, an action or a notification: the node itself, not its ancestors. */
bool nd_view_node(const struct nd_view *view, const struct lyd_node *node, enum nd_access access);
bool nd_view_notification(const struct nd_view *view, const struct lyd_node *notification);

/* Leave of a tree what the user may read. */
void nd_view_prune(const struct nd_view *view, struct lyd_node **tree);
/* Leave out of a notification what its model marks and no rule permits. */
void nd_view_prune_event(const struct nd_view *view, struct lyd_node *notification);
/* Of a difference as libyang makes it, the first node that the user may not change so. */
const struct lyd_node *nd_view_refused(const struct nd_view *view, const struct lyd_node *diff,
				       enum nd_access *access);
const char *nd_access_name(enum nd_access access);

#endif /* _FRR_NETCONFD_NACM_H */
