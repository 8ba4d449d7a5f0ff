// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What site_core.c, site_hidden.c and site_memory.c keep of Global Reach, and what core.c
 * and channel.c ask of them.
 */
#ifndef ER_SITE_INTERNAL_H
#define ER_SITE_INTERNAL_H

#include "lib/typesafe.h"

#include "core/core.h"

struct er_circuit;

PREDECL_RBTREE_UNIQ(er_known_sites);
PREDECL_RBTREE_UNIQ(er_heards);
PREDECL_RBTREE_UNIQ(er_joints);
PREDECL_DLIST(er_joint_memories);
PREDECL_DLIST(er_site_memories);

/* A site over one circuit in one family. */
struct er_heard {
	struct er_heards_item item;
	char circuit[ER_NAME_LEN];
	enum er_family family;

	bool known; /* bgpd's module has told of it: facts are valid */
	struct er_site_facts facts;
	bool has_next; /* told, and to take effect with the last of its circuit, or at SYNCED */
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
	bool looked;				       /* view is valid */
	bool seen;				       /* it has been established once */
	int64_t differs_since_ms, incomplete_since_ms; /* 0: it does not, it is not */
	int64_t shown_since_ms; /* the partner's link, all of it; 0: it is not */
	struct {
		enum er_joint_state state; /* ER_JOINT_INACTIVE until it is looked at */
		bool asymmetric, incomplete;
		bool restored;	  /* all this is from before a restart */
		int64_t since_ms; /* of state */
	} said;
};

struct er_joint {
	struct er_joints_item item;
	const char *name; /* in config */
	struct er_joint_config *config;
	struct er_joint_family family[ER_FAMILIES];
};

static inline int er_known_site_cmp(const struct er_known_site *a, const struct er_known_site *b)
{
	return strcmp(a->name, b->name);
}

static inline int er_heard_cmp(const struct er_heard *a, const struct er_heard *b)
{
	return strcmp(a->circuit, b->circuit) ?: numcmp(a->family, b->family);
}

static inline int er_joint_cmp(const struct er_joint *a, const struct er_joint *b)
{
	return strcmp(a->name, b->name);
}

DECLARE_RBTREE_UNIQ(er_known_sites, struct er_known_site, item, er_known_site_cmp);
DECLARE_RBTREE_UNIQ(er_heards, struct er_heard, item, er_heard_cmp);
DECLARE_RBTREE_UNIQ(er_joints, struct er_joint, item, er_joint_cmp);

/* What was said before a restart, until what it is of is there. */
struct er_joint_restored {
	struct er_joint_memories_item item;
	struct er_joint_memory memory;
};

struct er_site_restored {
	struct er_site_memories_item item;
	struct er_site_memory memory;
};

DECLARE_DLIST(er_joint_memories, struct er_joint_restored, item);
DECLARE_DLIST(er_site_memories, struct er_site_restored, item);

struct er_global_reach {
	struct er_known_sites_head sites;
	struct er_known_site undeclared;
	struct er_joints_head joints;
	struct er_joint_memories_head joint_memories;
	struct er_site_memories_head site_memories;
	enum er_undeclared mode;
	bool dirty; /* something has changed that any of it may depend on */
	int64_t deadline_ms;
};

/* What may be said of a joint: the others are what nobody knows, or our own doing. */
static inline bool er_joint_is_definite(enum er_joint_state state)
{
	return state == ER_JOINT_UNSEEN || state == ER_JOINT_ESTABLISHED;
}

struct er_global_reach *er_global_reach_new(void);
void er_global_reach_free(struct er_global_reach **reach);
/* What the event tells of sites and joints; er_global_reach_update() follows from it. */
void er_global_reach_handle(struct er_core *core, const struct er_event *ev);
/* Nobody knows any more what bgpd has; what it tells meanwhile waits for SYNCED. */
void er_global_reach_lost(struct er_core *core);
void er_global_reach_forget_fresh(struct er_core *core);
void er_global_reach_take_fresh(struct er_core *core);
void er_global_reach_update(struct er_core *core, struct er_time now, struct er_decisions *out);
int64_t er_global_reach_deadline(const struct er_core *core);

/*
 * site_hidden.c.  The link of the circuit's private peering that ends on a partner and
 * is not shut down; ER_ROLES: none.
 */
enum er_role er_reach_partner(const struct er_circuit *circuit, enum er_family family);
/* iBGP shows all of that link; true without such a link, too. */
bool er_reach_partner_shows(const struct er_circuit *circuit, enum er_family family);
/* The link brings routes, or could: a partner's is up when it does. */
bool er_reach_link_is_up(const struct er_circuit *circuit, enum er_family family,
			 enum er_role role);
/*
 * What of these facts may be hidden there; config NULL: they are of what is undeclared.
 * settled: iBGP has shown all for some time.
 */
void er_reach_hidden(const struct er_circuit *circuit, enum er_family family,
		     const struct er_site_config *config, const struct er_site_facts *facts,
		     bool settled, struct er_hidden *hidden);
/* Accepted over this link, and not over its twin, as far as that can be known. */
uint32_t er_reach_only(const struct er_site_facts *facts, const struct er_hidden *hidden,
		       enum er_role role);
bool er_reach_missing_is_known(const struct er_site_facts *facts, const struct er_hidden *hidden);
/* Accepted by this router: the partner has a maximum of its own. */
uint32_t er_reach_let_in(const struct er_core *core, const struct er_heard *heard);

/* site_core.c; NULL: there is none */
struct er_joint *er_joint_find(const struct er_global_reach *reach, const char *name);
struct er_heard *er_heard_find(const struct er_global_reach *reach, const char *site,
			       const char *circuit, enum er_family family);

/* site_memory.c */
void er_site_memory_start(struct er_global_reach *reach);
void er_site_memory_stop(struct er_global_reach *reach);
/* What was restored of it, if anything was. */
void er_joint_take_memory(struct er_core *core, struct er_joint *joint);
void er_heard_take_memory(struct er_core *core, const char *site, struct er_heard *heard);
void er_joint_forget_memory(struct er_global_reach *reach, const char *joint);
/* NULL: of any site, of any circuit. */
void er_site_forget_memory(struct er_global_reach *reach, const char *site, const char *circuit);

#endif /* ER_SITE_INTERNAL_H */
