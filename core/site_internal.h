// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What site_core.c keeps of Global Reach, and what core.c and channel.c ask of it.
 */
#ifndef ER_SITE_INTERNAL_H
#define ER_SITE_INTERNAL_H

#include "lib/typesafe.h"

#include "core/core.h"

PREDECL_RBTREE_UNIQ(er_known_sites);
PREDECL_RBTREE_UNIQ(er_heards);
PREDECL_RBTREE_UNIQ(er_joints);

/* A site over one circuit in one family. */
struct er_heard {
	struct er_heards_item item;
	char circuit[ER_NAME_LEN];
	enum er_family family;

	bool known; /* bgpd's module has told of it: facts are valid */
	struct er_site_facts facts;
	bool has_next; /* told, and to take effect with the last of its circuit */
	struct er_site_facts next;

	struct {
		uint32_t count; /* refused, or of what is undeclared seen */
		bool told;	/* ever: told_ms is valid */
		int64_t told_ms;
		enum er_limit_level level;
	} said;
};

struct er_known_site {
	struct er_known_sites_item item;
	const char *name;	       /* in config, or "" */
	struct er_site_config *config; /* NULL: what is undeclared */
	struct er_heards_head heard;
};

/* A joint in one family. */
struct er_joint_family {
	struct er_joint_view view;
	bool seen;				       /* it has been established once */
	int64_t differs_since_ms, incomplete_since_ms; /* 0: it does not, it is not */
	struct {
		enum er_joint_state state; /* ER_JOINT_INACTIVE until it is looked at */
		bool asymmetric, incomplete;
	} said;
};

struct er_joint {
	struct er_joints_item item;
	const char *name; /* in config */
	struct er_joint_config *config;
	struct er_joint_family family[ER_FAMILIES];
};

struct er_global_reach {
	struct er_known_sites_head sites;
	struct er_known_site undeclared;
	struct er_joints_head joints;
	enum er_undeclared mode;
	bool dirty; /* something has changed that any of it may depend on */
	int64_t deadline_ms;
};

struct er_global_reach *er_global_reach_new(void);
void er_global_reach_free(struct er_global_reach **reach);
/* What the event tells of sites and joints; er_global_reach_update() follows from it. */
void er_global_reach_handle(struct er_core *core, const struct er_event *ev);
/* Nobody knows any more what bgpd has. */
void er_global_reach_lost(struct er_core *core);
void er_global_reach_update(struct er_core *core, struct er_time now, struct er_decisions *out);
int64_t er_global_reach_deadline(const struct er_core *core);

#endif /* ER_SITE_INTERNAL_H */
