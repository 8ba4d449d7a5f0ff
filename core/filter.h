// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route filters and region preferences: names -> communities.
 *
 * A configured filter holds names; er_filter_compile() turns them into the
 * communities that they stand for, by the catalogue and the operator's own
 * names.  What means nothing is left out (which refuses, never lets in) and
 * told as a problem.  A service without a region stands for its global
 * community, else for its communities in all regions.  A region stands for
 * 12076:51xxx on Microsoft peering and 50xxx on private peering: a filter
 * allows both, each is seen on its own peering only.
 */
#ifndef ER_FILTER_H
#define ER_FILTER_H

#include "core/catalogue.h"

/* The operator's own name for a community. */
struct er_own_name {
	char name[ER_NAME_LEN];
	er_community community;
};

struct er_own_names {
	struct er_own_name *name; /* in any order; owned by the caller */
	size_t n;
};

enum er_filter_item_type {
	ER_ITEM_SERVICE,
	ER_ITEM_REGION,
	ER_ITEM_SERVICE_IN_REGION,
	ER_ITEM_COMMUNITY, /* text is a number or an own name */
};

struct er_filter_item {
	enum er_filter_item_type type;
	char service[ER_NAME_LEN]; /* SERVICE, SERVICE_IN_REGION; COMMUNITY: the text */
	char region[ER_NAME_LEN];  /* REGION, SERVICE_IN_REGION */
};

struct er_filter_config {
	char name[ER_NAME_LEN];
	struct er_filter_item *item; /* owned by the caller */
	size_t n;
};

struct er_filter {
	er_community *community; /* sorted, each once */
	size_t n;
	char (*problem)[ER_TEXT_LEN]; /* what means nothing, and what may be meant */
	size_t n_problems;
};

void er_filter_compile(const struct er_filter_config *config, const struct er_catalogue *catalogue,
		       const struct er_own_names *own, struct er_filter *filter);
void er_filter_fini(struct er_filter *filter);
/* How many communities `now` has that `was` has not. */
size_t er_filter_added(const struct er_filter *was, const struct er_filter *now);

/*
 * What a community is called: the operator's name, the catalogue's, or "".
 * Shown beside the number everywhere.
 */
void er_community_name(er_community community, const struct er_catalogue *catalogue,
		       const struct er_own_names *own, char *buf, size_t len);

/* One region-preference as configured. */
struct er_region_config {
	char target[ER_NAME_LEN];     /* region, own name, or number */
	char (*circuit)[ER_NAME_LEN]; /* the best first; owned by the caller */
	size_t n;
};

/*
 * The communities that a target stands for (a region has two), or 0 and what
 * is wrong in `problem`.
 */
#define ER_TARGET_COMMUNITIES 2
size_t er_region_target(const char *target, const struct er_catalogue *catalogue,
			const struct er_own_names *own,
			er_community community[ER_TARGET_COMMUNITIES], char *problem, size_t len);

/* Local-preference of what carries the target on this circuit; 0: not listed. */
uint32_t er_region_local_pref(const struct er_region_config *region, const char *circuit);

#endif /* ER_FILTER_H */
