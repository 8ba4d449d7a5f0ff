// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operator's own names, route filters and region preferences: as
 * configured, what they mean with the catalogue in use, and what has changed.
 *
 * What was touched is read anew as a whole and compiled once per commit; own
 * names and the catalogue can change the meaning of everything.  A filter that
 * is made or deleted is not told of: whoever does it knows.
 */
#include <zebra.h>

#include "log.h"
#include "memory.h"
#include "northbound.h"
#include "typesafe.h"

#include "core/commset.h"
#include "erouted/er_errors.h"
#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, POLICY, "policy");
DEFINE_MTYPE_STATIC(EROUTED, POLICY_ITEMS, "policy items");
DEFINE_MTYPE_STATIC(EROUTED, OWN_NAMES, "own names of communities");

PREDECL_RBTREE_UNIQ(policies);

struct policy {
	struct policies_item item;
	enum er_policy_kind kind;
	char key[ER_NAME_LEN];
	bool touched;
	bool compiled; /* at least once */
	union {
		er_community community; /* NAME */
		struct er_policy_filter filter;
		struct er_policy_region region;
	};
};

static int policy_cmp(const struct policy *a, const struct policy *b)
{
	return a->kind != b->kind ? numcmp(a->kind, b->kind) : strcmp(a->key, b->key);
}

DECLARE_RBTREE_UNIQ(policies, struct policy, item, policy_cmp);

static struct policies_head policies = INIT_RBTREE_UNIQ(policies);
static struct er_own_names own;
static bool own_touched;
static bool regions_touched;

/* YANG's lists, which is also what a person calls an entry */
static const char *const lists[] = {
	[ER_POLICY_NAME] = "community",
	[ER_POLICY_FILTER] = "route-filter",
	[ER_POLICY_REGION] = "region-preference",
};

static struct policy *find(enum er_policy_kind kind, const char *key)
{
	struct policy find = { .kind = kind };

	if (strlcpy(find.key, key, sizeof(find.key)) >= sizeof(find.key))
		return NULL;
	return policies_find(&policies, &find);
}

/*
 * Reading the configuration tree
 */
static void clear_config(struct policy *policy)
{
	switch (policy->kind) {
	case ER_POLICY_NAME:
		own_touched = true;
		break;
	case ER_POLICY_FILTER:
		XFREE(MTYPE_POLICY_ITEMS, policy->filter.config.item);
		policy->filter.config.n = 0;
		break;
	case ER_POLICY_REGION:
		regions_touched = true;
		XFREE(MTYPE_POLICY_ITEMS, policy->region.config.circuit);
		policy->region.config.n = 0;
		break;
	}
}

static size_t count_children(const struct lyd_node *entry)
{
	const struct lyd_node *child;
	size_t n = 0;

	LY_LIST_FOR (lyd_child(entry), child)
		n++;
	return n;
}

static const char *leaf(const struct lyd_node *entry, const char *name)
{
	const struct lyd_node *node = er_nb_child(entry, name);

	return node ? lyd_get_value(node) : "";
}

/* false: the child is none of what is allowed. */
static bool read_item(const struct lyd_node *child, struct er_filter_item *item)
{
	const char *name = child->schema->name;

	if (!strcmp(name, "service")) {
		item->type = ER_ITEM_SERVICE;
		strlcpy(item->service, lyd_get_value(child), sizeof(item->service));
	} else if (!strcmp(name, "region")) {
		item->type = ER_ITEM_REGION;
		strlcpy(item->region, lyd_get_value(child), sizeof(item->region));
	} else if (!strcmp(name, "service-in-region")) {
		item->type = ER_ITEM_SERVICE_IN_REGION;
		strlcpy(item->service, leaf(child, "service"), sizeof(item->service));
		strlcpy(item->region, leaf(child, "region"), sizeof(item->region));
	} else if (!strcmp(name, "community")) {
		item->type = ER_ITEM_COMMUNITY;
		strlcpy(item->service, lyd_get_value(child), sizeof(item->service));
	} else {
		return false;
	}
	return true;
}

static void read_filter(const struct lyd_node *entry, struct er_filter_config *config)
{
	const struct lyd_node *child;

	strlcpy(config->name, leaf(entry, "name"), sizeof(config->name));
	config->item = XCALLOC(MTYPE_POLICY_ITEMS,
			       count_children(entry) * sizeof(struct er_filter_item));
	LY_LIST_FOR (lyd_child(entry), child)
		if (read_item(child, &config->item[config->n]))
			config->n++;
}

struct placed_circuit {
	unsigned long position;
	const char *name;
};

static int place_cmp(const void *a, const void *b)
{
	const struct placed_circuit *x = a, *y = b;

	return numcmp(x->position, y->position);
}

/* Positions may have gaps, and their order in the tree means nothing. */
static void read_region(const struct lyd_node *entry, struct er_region_config *config)
{
	size_t size = count_children(entry), n = 0;
	struct placed_circuit *placed = XCALLOC(MTYPE_TMP, size * sizeof(*placed));
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(entry), child) {
		if (strcmp(child->schema->name, "circuit"))
			continue;
		placed[n].position = strtoul(leaf(child, "position"), NULL, 10);
		placed[n++].name = leaf(child, "name");
	}
	qsort(placed, n, sizeof(*placed), place_cmp);

	strlcpy(config->target, leaf(entry, "target"), sizeof(config->target));
	config->circuit = XCALLOC(MTYPE_POLICY_ITEMS, size * sizeof(*config->circuit));
	for (size_t i = 0; i < n; i++)
		strlcpy(config->circuit[i], placed[i].name, sizeof(config->circuit[i]));
	config->n = n;
	XFREE(MTYPE_TMP, placed);
}

static void policy_free(struct policy *policy)
{
	policies_del(&policies, policy);
	clear_config(policy);
	if (policy->kind == ER_POLICY_FILTER)
		er_filter_fini(&policy->filter.filter);
	XFREE(MTYPE_POLICY, policy);
}

void er_policy_config(enum er_policy_kind kind, const char *key, const struct lyd_node *entry)
{
	struct policy *policy = find(kind, key);

	if (!entry) {
		if (policy)
			policy_free(policy);
		return;
	}

	if (!policy) {
		policy = XCALLOC(MTYPE_POLICY, sizeof(*policy));
		policy->kind = kind;
		strlcpy(policy->key, key, sizeof(policy->key));
		policies_add(&policies, policy);
	}
	clear_config(policy);
	policy->touched = true;
	switch (kind) {
	case ER_POLICY_NAME:
		er_community_parse(leaf(entry, "value"), &policy->community);
		return;
	case ER_POLICY_FILTER:
		read_filter(entry, &policy->filter.config);
		return;
	case ER_POLICY_REGION:
		read_region(entry, &policy->region.config);
		return;
	}
}

bool er_policy_has(enum er_policy_kind kind, const char *key)
{
	return find(kind, key) != NULL;
}

void er_policy_sweep(const struct lyd_node *(*delivered)(const char *list, const char *key))
{
	struct policy *policy;

	frr_each_safe (policies, &policies, policy) {
		if (delivered(lists[policy->kind], policy->key))
			continue;
		flog_warn(EC_ER_CONFIG_SWEPT, "%s %s is gone: mgmtd has come back without it",
			  lists[policy->kind], policy->key);
		policy_free(policy);
	}
}

/*
 * What it means
 */
static void collect_names(void)
{
	struct policy *policy;
	size_t n = 0;

	XFREE(MTYPE_OWN_NAMES, own.name);
	own.n = 0;
	frr_each (policies, &policies, policy)
		n += policy->kind == ER_POLICY_NAME;
	if (!n)
		return;

	own.name = XCALLOC(MTYPE_OWN_NAMES, n * sizeof(*own.name));
	frr_each (policies, &policies, policy) {
		if (policy->kind != ER_POLICY_NAME)
			continue;
		strlcpy(own.name[own.n].name, policy->key, sizeof(own.name[own.n].name));
		own.name[own.n++].community = policy->community;
	}
}

static void compile_filter(struct policy *policy)
{
	struct er_policy_filter *filter = &policy->filter;
	struct er_filter now = {};
	size_t added, removed;

	er_filter_compile(&filter->config, er_communities(), &own, &now);
	added = er_filter_added(&filter->filter, &now);
	removed = er_filter_added(&now, &filter->filter);
	er_filter_fini(&filter->filter);
	filter->filter = now;

	if (!policy->compiled || added || removed)
		filter->changed_wall = er_now().wall_s;
	if (policy->compiled && (added || removed))
		er_notify_filter(policy->key, now.n, added, removed);
}

static void compile_region(struct er_policy_region *region)
{
	region->problem[0] = '\0';
	region->n = er_region_target(region->config.target, er_communities(), &own,
				     region->community, region->problem, sizeof(region->problem));
}

static void add_problem(struct er_policy_region *region, const struct er_policy_region *first,
			er_community community)
{
	char number[ER_COMMUNITY_STRLEN], text[ER_TEXT_LEN];

	snprintf(text, sizeof(text), "%sregion-preference %s decides for %s",
		 region->problem[0] ? "; " : "", first->config.target,
		 er_community_str(community, number));
	strlcat(region->problem, text, sizeof(region->problem));
}

/* Regions that decide for something, and for what: community -> 1 + place. */
struct deciding {
	struct er_policy_region **region;
	size_t n;
	struct er_commset community;
};

static void leave_to_others(struct er_policy_region *region, struct deciding *deciding)
{
	size_t n = 0;

	for (size_t i = 0; i < region->n; i++) {
		er_community community = region->community[i];
		uint32_t place = er_commset_get(&deciding->community, community);

		if (place) {
			add_problem(region, deciding->region[place - 1], community);
			continue;
		}
		er_commset_put(&deciding->community, community, deciding->n + 1);
		region->community[n++] = community;
	}
	region->n = n;
	deciding->region[deciding->n++] = region;
}

/*
 * Two targets may stand for one community: a name and its number, say.  The
 * first in their order decides, and the other one's problem says so.
 */
static void compile_regions(void)
{
	struct deciding deciding = {};
	struct policy *policy;

	deciding.region = XCALLOC(MTYPE_TMP,
				  (policies_count(&policies) + 1) * sizeof(*deciding.region));
	frr_each (policies, &policies, policy) {
		if (policy->kind != ER_POLICY_REGION)
			continue;
		compile_region(&policy->region);
		leave_to_others(&policy->region, &deciding);
	}
	er_commset_fini(&deciding.community);
	XFREE(MTYPE_TMP, deciding.region);
}

void er_policy_compile(bool all)
{
	struct policy *policy;

	if (own_touched) {
		collect_names();
		own_touched = false;
		all = true;
	}
	frr_each (policies, &policies, policy) {
		if (!all && !policy->touched)
			continue;
		if (policy->kind == ER_POLICY_FILTER)
			compile_filter(policy);
		policy->touched = false;
		policy->compiled = true;
	}
	/* one that goes may leave its community to another */
	if (all || regions_touched)
		compile_regions();
	regions_touched = false;
}

/*
 * For readers
 */
const struct er_own_names *er_policy_names(void)
{
	return &own;
}

const struct er_policy_filter *er_policy_filter(const char *name)
{
	const struct policy *policy = find(ER_POLICY_FILTER, name);

	return policy ? &policy->filter : NULL;
}

int er_policy_foreach_filter(int (*cb)(const struct er_policy_filter *filter, void *arg), void *arg)
{
	struct policy *policy;
	int ret;

	frr_each (policies, &policies, policy) {
		ret = policy->kind == ER_POLICY_FILTER ? cb(&policy->filter, arg) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

int er_policy_foreach_region(int (*cb)(const struct er_policy_region *region, void *arg), void *arg)
{
	struct policy *policy;
	int ret;

	frr_each (policies, &policies, policy) {
		ret = policy->kind == ER_POLICY_REGION ? cb(&policy->region, arg) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

void er_policy_name(er_community community, char *buf, size_t len)
{
	er_community_name(community, er_communities(), &own, buf, len);
}

void er_policy_fini(void)
{
	struct policy *policy;

	frr_each_safe (policies, &policies, policy)
		policy_free(policy);
	policies_fini(&policies);
	XFREE(MTYPE_OWN_NAMES, own.name);
}
