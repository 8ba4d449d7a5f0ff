// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netconfd/nacm.h"
#include "netconfd/tree.h"

#define ACM	     "ietf-netconf-acm"
#define ANY	     "*"
#define EVERYWHERE   "/"
#define ALL_ACCESS   (ND_CREATE | ND_READ | ND_UPDATE | ND_DELETE | ND_EXEC)
#define WRITE_ACCESS (ND_CREATE | ND_UPDATE | ND_DELETE)

enum rule_type {
	RULE_ANY,
	RULE_OPERATION,
	RULE_NOTIFICATION,
	RULE_DATA,
};

struct key {
	struct key *next;
	char *name; /* "." of a leaf-list */
	char *value;
};

/* One step of a path; module is never left out. */
struct step {
	char *module, *name;
	struct key *keys;
};

struct nd_rule {
	char *module;
	enum rule_type type;
	char *name; /* of the operation or the notification */
	struct step *steps;
	unsigned int depth; /* 0: everything */
	unsigned int access;
	bool permit;
};

struct list {
	char **groups;
	struct nd_rule *rules;
	unsigned int count;
};

struct group {
	char *name;
	char **users;
};

struct nd_rules {
	atomic_int users;
	bool enabled, external_groups;
	bool read, write, exec; /* what counts when nothing matches */
	struct group *groups;
	unsigned int group_count;
	struct list *lists;
	unsigned int list_count;
};

/*
 * Reading
 */
static bool is(const struct lyd_node *parent, const char *name, const char *value)
{
	const char *have = nd_child_value(parent, name);

	return have && !strcmp(have, value);
}

static unsigned int count_of(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;
	unsigned int count = 0;

	LY_LIST_FOR (lyd_child(parent), child)
		count += !strcmp(LYD_NAME(child), name);
	return count;
}

/* The values of a leaf-list, NULL at the end. */
static char **read_values(const struct lyd_node *parent, const char *name)
{
	char **values = calloc(count_of(parent, name) + 1, sizeof(*values)), **at = values;
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child) {
		if (!values || strcmp(LYD_NAME(child), name))
			continue;
		*at = strdup(lyd_get_value(child));
		if (!*at++)
			break;
	}
	return values;
}

static void free_values(char **values)
{
	for (char **at = values; at && *at; at++)
		free(*at);
	free(values);
}

/* "[name='value']" or "[.='value']"; *at is then behind it. */
static struct key *read_key(const char **at)
{
	size_t length = strcspn(*at + 1, "=");
	const char *name = *at + 1, *value = name + length + 2, *end;
	struct key *key;

	if (name[length] != '=' || (value[-1] != '\'' && value[-1] != '"'))
		return NULL;
	end = strchr(value, value[-1]);
	if (!end || end[1] != ']')
		return NULL;
	key = calloc(1, sizeof(*key));
	if (key) {
		key->name = strndup(name, length);
		key->value = strndup(value, (size_t)(end - value));
	}
	*at = end + 2;
	return key;
}

/* "/module:name[key]..." as libyang writes it, where a step may inherit its module. */
static bool read_step(const char **at, struct nd_rule *rule)
{
	const char *name = *at + 1, *colon;
	size_t length = strcspn(name, "/[");
	struct step *steps = realloc(rule->steps, (rule->depth + 1) * sizeof(*steps)), *step;

	if (!steps)
		return false;
	rule->steps = steps;
	step = &steps[rule->depth];
	memset(step, 0, sizeof(*step));
	colon = memchr(name, ':', length);
	if (colon)
		step->module = strndup(name, (size_t)(colon - name));
	else if (rule->depth)
		step->module = strdup(steps[rule->depth - 1].module);
	step->name = colon ? strndup(colon + 1, length - (size_t)(colon + 1 - name))
			   : strndup(name, length);
	rule->depth++;
	*at = name + length;
	while (**at == '[') {
		struct key *key = read_key(at);

		if (!key)
			return false;
		key->next = step->keys;
		step->keys = key;
		if (!key->name || !key->value)
			return false;
	}
	return step->module && step->name;
}

static bool read_path(const char *path, struct nd_rule *rule)
{
	if (!strcmp(path, EVERYWHERE))
		return true;
	while (*path == '/')
		if (!read_step(&path, rule))
			return false;
	return !*path;
}

static unsigned int read_access(const char *operations)
{
	static const struct {
		const char *name;
		enum nd_access access;
	} names[] = {
		{ "create", ND_CREATE }, { "read", ND_READ }, { "update", ND_UPDATE },
		{ "delete", ND_DELETE }, { "exec", ND_EXEC },
	};
	unsigned int access = 0;

	if (!operations || !strcmp(operations, ANY))
		return ALL_ACCESS;
	while (*operations) {
		size_t length = strcspn(operations, " ");

		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (strlen(names[i].name) == length &&
			    !strncmp(names[i].name, operations, length))
				access |= names[i].access;
		operations += length + strspn(operations + length, " ");
	}
	return access;
}

static bool read_rule(const struct lyd_node *node, struct nd_rule *rule)
{
	const char *operation = nd_child_value(node, "rpc-name");
	const char *notification = nd_child_value(node, "notification-name");
	const char *path = nd_child_value(node, "path"),
		   *module = nd_child_value(node, "module-name");

	rule->module = strdup(module ? module : ANY);
	rule->access = read_access(nd_child_value(node, "access-operations"));
	rule->permit = is(node, "action", "permit");
	if (path) {
		rule->type = RULE_DATA;
		return rule->module && read_path(path, rule);
	}
	if (!operation && !notification)
		return rule->module;
	rule->type = operation ? RULE_OPERATION : RULE_NOTIFICATION;
	rule->name = strdup(operation ? operation : notification);
	return rule->module && rule->name;
}

static bool read_list(const struct lyd_node *node, struct list *list)
{
	const struct lyd_node *child;

	list->groups = read_values(node, "group");
	list->rules = calloc(count_of(node, "rule") + 1, sizeof(*list->rules));
	if (!list->groups || !list->rules)
		return false;
	LY_LIST_FOR (lyd_child(node), child)
		if (!strcmp(LYD_NAME(child), "rule") &&
		    !read_rule(child, &list->rules[list->count++]))
			return false;
	return true;
}

static bool read_groups(const struct lyd_node *nacm, struct nd_rules *rules)
{
	const struct lyd_node *groups = nd_child(nacm, "groups"), *child;

	rules->groups = calloc(count_of(groups, "group") + 1, sizeof(*rules->groups));
	if (!rules->groups)
		return false;
	LY_LIST_FOR (lyd_child(groups), child) {
		struct group *group = &rules->groups[rules->group_count++];
		const char *name = nd_child_value(child, "name");

		group->name = name ? strdup(name) : NULL;
		group->users = read_values(child, "user-name");
		if (!group->name || !group->users)
			return false;
	}
	return true;
}

static bool read_rules(const struct lyd_node *nacm, struct nd_rules *rules)
{
	const struct lyd_node *child;

	rules->enabled = is(nacm, "enable-nacm", "true");
	rules->external_groups = is(nacm, "enable-external-groups", "true");
	rules->read = is(nacm, "read-default", "permit");
	rules->write = is(nacm, "write-default", "permit");
	rules->exec = is(nacm, "exec-default", "permit");
	rules->lists = calloc(count_of(nacm, "rule-list") + 1, sizeof(*rules->lists));
	if (!rules->lists || !read_groups(nacm, rules))
		return false;
	LY_LIST_FOR (lyd_child(nacm), child)
		if (!strcmp(LYD_NAME(child), "rule-list") &&
		    !read_list(child, &rules->lists[rules->list_count++]))
			return false;
	return true;
}

static struct nd_rules *parse_failed(struct lyd_node *tree, struct nd_rules *rules,
				     const struct ly_ctx *ctx, const char *why_not, char *why,
				     size_t size)
{
	snprintf(why, size, "%s", why_not);
	ly_err_clean(ctx, NULL);
	lyd_free_all(tree);
	nd_rules_put(rules);
	return NULL;
}

struct nd_rules *nd_rules_parse(const struct ly_ctx *ctx, const char *text, char *why, size_t size)
{
	struct lyd_node *tree = NULL;
	const struct ly_err_item *item;
	struct nd_rules *rules;
	char what[512];
	LYD_FORMAT format = text[strspn(text, " \t\r\n")] == '{' ? LYD_JSON : LYD_XML;

	ly_err_clean(ctx, NULL);
	if (lyd_parse_data_mem(ctx, text, format, LYD_PARSE_STRICT | LYD_PARSE_NO_STATE,
			       LYD_VALIDATE_NO_STATE | LYD_VALIDATE_PRESENT, &tree)) {
		item = ly_err_last(ctx);
		snprintf(what, sizeof(what), "%s%s%s", item ? item->msg : "it cannot be read",
			 item && item->data_path ? " at " : "",
			 item && item->data_path ? item->data_path : "");
		return parse_failed(tree, NULL, ctx, what, why, size);
	}
	/* an empty file, or another model's, would be rules that permit reading */
	if (!tree || tree->next || strcmp(tree->schema->module->name, ACM))
		return parse_failed(tree, NULL, ctx,
				    "it does not hold one 'nacm', and nothing else", why, size);
	rules = calloc(1, sizeof(*rules));
	if (!rules)
		return parse_failed(tree, NULL, ctx, "no memory", why, size);
	atomic_init(&rules->users, 1);
	if (!read_rules(tree, rules))
		return parse_failed(tree, rules, ctx, "a path is too hard, or there is no memory",
				    why, size);
	lyd_free_all(tree);
	return rules;
}

static void free_rule(struct nd_rule *rule)
{
	for (unsigned int i = 0; i < rule->depth; i++) {
		struct key *key, *next;

		for (key = rule->steps[i].keys; key; key = next) {
			next = key->next;
			free(key->name);
			free(key->value);
			free(key);
		}
		free(rule->steps[i].module);
		free(rule->steps[i].name);
	}
	free(rule->steps);
	free(rule->module);
	free(rule->name);
}

struct nd_rules *nd_rules_use(struct nd_rules *rules)
{
	if (rules)
		atomic_fetch_add(&rules->users, 1);
	return rules;
}

void nd_rules_put(struct nd_rules *rules)
{
	if (!rules || atomic_fetch_sub(&rules->users, 1) > 1)
		return;
	for (unsigned int i = 0; i < rules->list_count; i++) {
		for (unsigned int k = 0; k < rules->lists[i].count; k++)
			free_rule(&rules->lists[i].rules[k]);
		free(rules->lists[i].rules);
		free_values(rules->lists[i].groups);
	}
	for (unsigned int i = 0; i < rules->group_count; i++) {
		free(rules->groups[i].name);
		free_values(rules->groups[i].users);
	}
	free(rules->lists);
	free(rules->groups);
	free(rules);
}

bool nd_rules_enabled(const struct nd_rules *rules)
{
	return rules->enabled;
}

/*
 * What counts for a user
 */
static bool among(char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool member(const struct nd_rules *rules, const struct nd_user *user, const char *group)
{
	if (rules->external_groups && among(user->groups, group))
		return true;
	for (unsigned int i = 0; i < rules->group_count; i++)
		if (!strcmp(rules->groups[i].name, group) &&
		    among(rules->groups[i].users, user->name))
			return true;
	return false;
}

/* RFC 8341 section 3.4.4, steps 3 and 4: who is in no group has no rules, not even those of "*". */
static bool in_any_group(const struct nd_rules *rules, const struct nd_user *user)
{
	if (rules->external_groups && user->groups && *user->groups)
		return true;
	for (unsigned int i = 0; i < rules->group_count; i++)
		if (among(rules->groups[i].users, user->name))
			return true;
	return false;
}

static bool list_applies(const struct nd_rules *rules, const struct nd_user *user,
			 const struct list *list)
{
	for (char **group = list->groups; *group; group++)
		if (!strcmp(*group, ANY) || member(rules, user, *group))
			return true;
	return false;
}

bool nd_view_init(struct nd_view *view, struct nd_rules *rules, const struct nd_user *user)
{
	unsigned int total = 0;

	memset(view, 0, sizeof(*view));
	for (unsigned int i = 0; i < rules->list_count; i++)
		total += rules->lists[i].count;
	view->rule = calloc(total + 1, sizeof(*view->rule));
	if (!view->rule)
		return false;
	view->rules = nd_rules_use(rules);
	view->user = user;
	for (unsigned int i = 0; in_any_group(rules, user) && i < rules->list_count; i++) {
		if (!list_applies(rules, user, &rules->lists[i]))
			continue;
		for (unsigned int k = 0; k < rules->lists[i].count; k++)
			view->rule[view->count++] = &rules->lists[i].rules[k];
	}
	return true;
}

void nd_view_fini(struct nd_view *view)
{
	free(view->rule);
	nd_rules_put(view->rules);
	memset(view, 0, sizeof(*view));
}

/*
 * What a model says
 */
static bool is_secret(const struct lysc_node *schema)
{
	static const char *const names[] = { "password", "authentication-password", "keystring",
					     "hexadecimal-string" };

	if (!(schema->nodetype & LYD_NODE_TERM))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(schema->name, names[i]))
			return true;
	return false;
}

static bool is_marked(const struct lysc_node *schema, const char *extension)
{
	LYA_COUNT_T i;

	for (; schema; schema = schema->parent)
		LYA_FOR(schema->exts, i)
	if (!strcmp(schema->exts[i].def->name, extension) &&
	    !strcmp(schema->exts[i].def->module->name, ACM))
		return true;
	return false;
}

static bool default_for(const struct nd_rules *rules, const struct lysc_node *schema,
			enum nd_access access)
{
	if (is_secret(schema) || is_marked(schema, "default-deny-all"))
		return false;
	if (access & WRITE_ACCESS)
		return rules->write && !is_marked(schema, "default-deny-write");
	return access == ND_EXEC ? rules->exec : rules->read;
}

/*
 * Matching
 */
static bool module_matches(const struct nd_rule *rule, const struct lysc_node *schema)
{
	return !strcmp(rule->module, ANY) || !strcmp(rule->module, schema->module->name);
}

/* Above data there may be the operation that carries them: that is no data. */
static const struct lyd_node *above(const struct lyd_node *node)
{
	const struct lyd_node *parent = lyd_parent(node);

	return parent && parent->schema && !(parent->schema->nodetype & LYD_NODE_ANY) ? parent
										      : NULL;
}

static bool step_matches(const struct step *step, const struct lyd_node *node)
{
	if (strcmp(step->name, node->schema->name) ||
	    strcmp(step->module, node->schema->module->name))
		return false;
	for (const struct key *key = step->keys; key; key = key->next) {
		const char *value = !strcmp(key->name, ".") ? lyd_get_value(node)
							    : nd_child_value(node, key->name);

		if (!value || strcmp(value, key->value))
			return false;
	}
	return true;
}

/* Is it the node of the rule's path, or below it? */
static bool path_matches(const struct nd_rule *rule, const struct lyd_node *node)
{
	const struct lyd_node *at;
	unsigned int depth = 0;

	for (at = node; at; at = above(at))
		depth++;
	if (depth < rule->depth)
		return false;
	for (at = node; at; at = above(at), depth--)
		if (depth <= rule->depth && !step_matches(&rule->steps[depth - 1], at))
			return false;
	return true;
}

static bool name_matches(const struct nd_rule *rule, const struct lysc_node *schema)
{
	return !strcmp(rule->name, ANY) || !strcmp(rule->name, schema->name);
}

/* The rule that decides about a node, NULL when none does. */
static const struct nd_rule *deciding(const struct nd_view *view, const struct lyd_node *node,
				      const struct lysc_node *schema, enum rule_type type,
				      enum nd_access access)
{
	for (unsigned int i = 0; i < view->count; i++) {
		const struct nd_rule *rule = view->rule[i];

		if (!(rule->access & access) || !module_matches(rule, schema))
			continue;
		if (rule->type == RULE_ANY ||
		    (rule->type == RULE_DATA && node && path_matches(rule, node)) ||
		    (rule->type == type && type != RULE_DATA && name_matches(rule, schema)))
			return rule;
	}
	return NULL;
}

bool nd_view_operation(const struct nd_view *view, const struct lysc_node *operation)
{
	const struct nd_rule *rule;

	/* RFC 8341 section 3.4.4: always */
	if (!view->rules->enabled || (!strcmp(operation->name, "close-session") &&
				      !strcmp(operation->module->name, "ietf-netconf")))
		return true;
	rule = deciding(view, NULL, operation, RULE_OPERATION, ND_EXEC);
	return rule ? rule->permit : default_for(view->rules, operation, ND_EXEC);
}

bool nd_view_node(const struct nd_view *view, const struct lyd_node *node, enum nd_access access)
{
	const struct nd_rule *rule;

	if (!view->rules->enabled)
		return true;
	rule = deciding(view, node, node->schema, RULE_DATA, access);
	return rule ? rule->permit : default_for(view->rules, node->schema, access);
}

bool nd_view_notification(const struct nd_view *view, const struct lyd_node *notification)
{
	const struct nd_rule *rule;

	if (!view->rules->enabled)
		return true;
	rule = deciding(view, notification, notification->schema, RULE_NOTIFICATION, ND_READ);
	return rule ? rule->permit : default_for(view->rules, notification->schema, ND_READ);
}

/*
 * Trees
 */
static bool readable(const struct nd_view *view, const struct lyd_node *node)
{
	const struct lyd_node *child;

	/* what the schema does not know is no better known to us */
	if (!node->schema || !nd_view_node(view, node, ND_READ))
		return false;
	/* without one of its keys, an entry is none */
	LY_LIST_FOR (lyd_child(node), child) {
		if (!child->schema || !lysc_is_key(child->schema))
			break;
		if (!nd_view_node(view, child, ND_READ))
			return false;
	}
	return true;
}

static void prune(const struct nd_view *view, struct lyd_node *first, struct lyd_node **tree)
{
	struct lyd_node *node, *next;

	for (node = first; node; node = next) {
		next = node->next;
		if (readable(view, node)) {
			prune(view, lyd_child(node), NULL);
			continue;
		}
		if (tree && *tree == node)
			*tree = next;
		lyd_free_tree(node);
	}
}

/* The one rule of who may do anything spares a walk through everything. */
static bool sees_everything(const struct nd_view *view)
{
	const struct nd_rule *first = view->count ? view->rule[0] : NULL;

	return !view->rules->enabled ||
	       (first && first->permit && first->type == RULE_ANY && first->access == ALL_ACCESS &&
		!strcmp(first->module, ANY));
}

void nd_view_prune(const struct nd_view *view, struct lyd_node **tree)
{
	if (!sees_everything(view))
		prune(view, *tree, tree);
}

static void prune_event(const struct nd_view *view, struct lyd_node *first)
{
	struct lyd_node *node, *next;

	for (node = first; node; node = next) {
		const struct nd_rule *rule;

		next = node->next;
		rule = node->schema ? deciding(view, node, node->schema, RULE_DATA, ND_READ) : NULL;
		if (!node->schema ||
		    (!(rule && rule->permit) &&
		     (is_secret(node->schema) || is_marked(node->schema, "default-deny-all"))))
			lyd_free_tree(node);
		else
			prune_event(view, lyd_child(node));
	}
}

void nd_view_prune_event(const struct nd_view *view, struct lyd_node *notification)
{
	if (!sees_everything(view))
		prune_event(view, lyd_child(notification));
}

static enum nd_access change_of(const struct lyd_node *node, enum nd_access inherited)
{
	const struct lyd_meta *meta;

	LY_LIST_FOR (node->meta, meta) {
		const char *value = lyd_get_meta_value(meta);

		if (strcmp(meta->name, "operation") ||
		    strcmp(meta->annotation->module->name, "yang"))
			continue;
		if (!strcmp(value, "create"))
			return ND_CREATE;
		if (!strcmp(value, "delete"))
			return ND_DELETE;
		return !strcmp(value, "replace") ? ND_UPDATE : 0;
	}
	/* an entry that has been moved keeps what is in it */
	return inherited == ND_UPDATE ? 0 : inherited;
}

static const struct lyd_node *refused(const struct nd_view *view, const struct lyd_node *first,
				      enum nd_access inherited, enum nd_access *access)
{
	const struct lyd_node *node, *found;

	LY_LIST_FOR (first, node) {
		enum nd_access change = change_of(node, inherited);
		bool structure = node->schema->nodetype == LYS_CONTAINER &&
				 !(node->schema->flags & LYS_PRESENCE);

		if (lysc_is_key(node->schema))
			continue;
		if (change && !structure && !nd_view_node(view, node, change)) {
			*access = change;
			return node;
		}
		found = refused(view, lyd_child(node), change, access);
		if (found)
			return found;
	}
	return NULL;
}

const struct lyd_node *nd_view_refused(const struct nd_view *view, const struct lyd_node *diff,
				       enum nd_access *access)
{
	return sees_everything(view) ? NULL : refused(view, diff, 0, access);
}

const char *nd_access_name(enum nd_access access)
{
	switch (access) {
	case ND_CREATE:
		return "create";
	case ND_UPDATE:
		return "change";
	case ND_DELETE:
		return "delete";
	case ND_EXEC:
		return "execute";
	case ND_READ:
		break;
	}
	return "read";
}
