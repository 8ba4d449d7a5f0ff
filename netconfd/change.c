// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The difference of two trees as mgmtd takes it: paths to remove, one tree to
 * merge; a top-level node is replaced where these two do not suffice, and
 * everything at once where it is to be one step.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "netconfd/netconfd.h"

#define ROOT "/"

void nd_change_clear(struct nd_change *change)
{
	for (unsigned int i = 0; i < change->count; i++) {
		free(change->items[i].xpath);
		free(change->items[i].json);
	}
	free(change->items);
	memset(change, 0, sizeof(*change));
}

/* Takes both texts; either may be NULL only for want of memory, but for json. */
static bool add(struct nd_change *change, enum nd_fe_edit operation, char *xpath, char *json)
{
	struct nd_change_item *items = change->items;

	if (change->count == change->size) {
		unsigned int size = change->size ? 2 * change->size : 8;

		items = realloc(items, size * sizeof(*items));
		if (items) {
			change->items = items;
			change->size = size;
		}
	}
	if (!xpath || !items || (operation != ND_EDIT_REMOVE && !json)) {
		free(xpath);
		free(json);
		return false;
	}
	items[change->count++] =
		(struct nd_change_item){ .operation = operation, .xpath = xpath, .json = json };
	return true;
}

static bool is_structure(const struct lyd_node *node)
{
	return node->schema->nodetype == LYS_CONTAINER && !(node->schema->flags & LYS_PRESENCE);
}

/* What a node of libyang's difference says: none, create, delete or replace. */
static const char *operation_of(const struct lyd_node *node, const char *inherited)
{
	const struct lyd_meta *meta;

	LY_LIST_FOR (node->meta, meta)
		if (!strcmp(meta->name, "operation") &&
		    !strcmp(meta->annotation->module->name, "yang"))
			return lyd_get_meta_value(meta);
	return inherited;
}

/* What the difference of one top-level node takes. */
struct survey {
	unsigned int removals;
	bool additions;
	bool reordered; /* neither removing nor merging puts it in its place */
};

static void survey(const struct lyd_node *node, const char *inherited, struct survey *found)
{
	const char *operation = operation_of(node, inherited);
	const struct lyd_node *child;

	if (!strcmp(operation, "delete") && !is_structure(node)) {
		found->removals++;
		return;
	}
	if (!strcmp(operation, "create") || !strcmp(operation, "replace")) {
		found->additions = true;
		if (lysc_is_userordered(node->schema))
			found->reordered = true;
	}
	LY_LIST_FOR (lyd_child_no_keys(node), child)
		survey(child, operation, found);
}

static bool add_removals(const struct lyd_node *node, const char *inherited,
			 struct nd_change *change)
{
	const char *operation = operation_of(node, inherited);
	const struct lyd_node *child;

	if (!strcmp(operation, "delete") && !is_structure(node))
		return add(change, ND_EDIT_REMOVE, lyd_path(node, LYD_PATH_STD, NULL, 0), NULL);
	LY_LIST_FOR (lyd_child_no_keys(node), child)
		if (!add_removals(child, operation, change))
			return false;
	return true;
}

/* Leave of a difference what is to be merged; does anything remain? */
static bool prune(struct lyd_node *node, const char *inherited)
{
	const char *operation = operation_of(node, inherited);
	struct lyd_node *child, *next;
	bool keep = strcmp(operation, "none") && strcmp(operation, "delete");

	if (!strcmp(operation, "delete") && !is_structure(node))
		return false;
	for (child = lyd_child_no_keys(node); child; child = next) {
		next = child->next;
		if (prune(child, operation))
			keep = true;
		else
			lyd_free_tree(child);
	}
	lyd_free_meta_siblings(node->meta);
	node->meta = NULL;
	return keep;
}

static char *print(const struct lyd_node *node, uint32_t options)
{
	char *json = NULL;

	if (lyd_print_mem(&json, node, LYD_JSON, LYD_PRINT_SHRINK | LYD_PRINT_WD_ALL | options))
		return NULL;
	return json;
}

/* A container that holds something a person has configured. */
static bool holds_something(const struct lyd_node *node)
{
	return node && node->schema->nodetype == LYS_CONTAINER && lyd_child(node);
}

/*
 * mgmtd replaces everything if the first node of what it gets is there already,
 * else it merges. This is one that is first of its module, so that mgmtd leaves
 * it at the front, and there on both sides.
 */
static const struct lyd_node *front(const struct lyd_node *from, const struct lyd_node *to)
{
	const struct lyd_node *node, *before;
	struct lyd_node *match;

	LY_LIST_FOR (to, node) {
		for (before = to; before != node; before = before->next)
			if (before->schema->module == node->schema->module)
				break;
		if (before == node && holds_something(node) &&
		    !lyd_find_sibling_val(from, node->schema, NULL, 0, &match) &&
		    holds_something(match))
			return node;
	}
	return NULL;
}

/* The object that a JSON text is, without its braces. */
static size_t members(const char *json, const char **begin)
{
	size_t length = strlen(json);

	*begin = json + 1;
	return length >= 2 ? length - 2 : 0;
}

/* One text of all top-level nodes, a certain one first. */
static char *print_all(const struct lyd_node *first, const struct lyd_node *all)
{
	size_t length = 1;
	char *text = strdup("{"), *one, *larger;
	const struct lyd_node *node = first;

	while (node) {
		const char *begin;
		size_t size;

		one = print(node, 0);
		size = one ? members(one, &begin) : 0;
		larger = one && text ? realloc(text, length + size + 2) : NULL;
		if (!larger) {
			free(one);
			free(text);
			return NULL;
		}
		text = larger;
		if (size && length > 1)
			text[length++] = ',';
		memcpy(text + length, begin, size);
		length += size;
		text[length] = '\0';
		free(one);
		node = node == first ? all : node->next;
		if (node == first)
			node = node->next;
	}
	larger = realloc(text, length + 2);
	if (larger)
		strcpy(larger + length, "}");
	else
		free(text);
	return larger;
}

/* Instead of several steps, one; if there is none, they stay. */
static void in_one_step(const struct lyd_node *from, const struct lyd_node *to,
			struct nd_change *change)
{
	const struct lyd_node *first = from && to ? front(from, to) : NULL;
	struct nd_change one = {};
	bool ok;

	if (!to)
		ok = add(&one, ND_EDIT_REMOVE, strdup(ROOT), NULL);
	else
		ok = first && add(&one, ND_EDIT_REPLACE, strdup(ROOT), print_all(first, to));
	if (!ok) {
		nd_change_clear(&one);
		return;
	}
	nd_change_clear(change);
	*change = one;
}

bool nd_change_replaces_all(const struct nd_change *change)
{
	return change->count == 1 && change->items->operation == ND_EDIT_REPLACE &&
	       !strcmp(change->items->xpath, ROOT);
}

/* The whole of a top-level node as it is to be. */
static bool add_replacement(const struct lyd_node *top, const struct lyd_node *to,
			    struct nd_change *change)
{
	struct lyd_node *match = NULL, *empty = NULL;
	char *json;

	if (to)
		lyd_find_sibling_val(to, top->schema, NULL, 0, &match);
	if (!match && !lyd_dup_single(top, NULL, LYD_DUP_NO_META, &empty))
		match = empty;
	json = match ? print(match, LYD_PRINT_EMPTY_CONT) : NULL;
	lyd_free_tree(empty);
	return add(change, ND_EDIT_REPLACE, lyd_path(top, LYD_PATH_STD, NULL, 0), json);
}

static bool changes_of(struct lyd_node **diff, const struct lyd_node *to, bool coalesce,
		       struct nd_change *change)
{
	struct lyd_node *top, *next;

	for (top = *diff; top; top = next) {
		struct survey found = {};
		bool ok = true, keep = true;

		next = top->next;
		survey(top, "none", &found);
		if (is_structure(top) &&
		    (found.reordered ||
		     (coalesce && found.removals + found.additions > 1 && found.removals))) {
			ok = add_replacement(top, to, change);
			keep = false;
		} else {
			ok = add_removals(top, "none", change);
			keep = prune(top, "none");
		}
		if (!ok)
			return false;
		if (!keep) {
			if (*diff == top)
				*diff = next;
			lyd_free_tree(top);
		}
	}
	return !*diff || add(change, ND_EDIT_MERGE, strdup(ROOT), print(*diff, LYD_PRINT_SIBLINGS));
}

bool nd_change_between(const struct lyd_node *from, const struct lyd_node *to, enum nd_steps steps,
		       struct nd_change *change)
{
	struct lyd_node *diff = NULL;
	bool ok;

	memset(change, 0, sizeof(*change));
	if (lyd_diff_siblings(from, to, 0, &diff))
		return false;
	ok = changes_of(&diff, to, steps == ND_ONE_STEP, change);
	lyd_free_all(diff);
	if (ok && steps == ND_ONE_STEP && change->count > 1)
		in_one_step(from, to, change);
	if (!ok)
		nd_change_clear(change);
	return ok;
}

/*
 * In a file: how many steps, then each as a line of its numbers and its texts.
 */
bool nd_change_write(const struct nd_change *change, FILE *file)
{
	fprintf(file, "%u\n", change->count);
	for (unsigned int i = 0; i < change->count; i++) {
		const struct nd_change_item *item = &change->items[i];

		fprintf(file, "%d %zu %zu\n%s%s\n", item->operation, strlen(item->xpath),
			item->json ? strlen(item->json) : 0, item->xpath,
			item->json ? item->json : "");
	}
	return !ferror(file);
}

static char *read_text(FILE *file, size_t length)
{
	char *text = malloc(length + 1);

	if (!text || fread(text, 1, length, file) != length) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

static bool read_item(FILE *file, struct nd_change *change)
{
	size_t xpath_length, json_length;
	char *xpath, *json = NULL;
	int operation;

	/* what we have written ourselves; the limit is that of an mgmtd's message */
	if (fscanf(file, "%d %zu %zu", &operation, &xpath_length, &json_length) != 3 ||
	    fgetc(file) != '\n' || xpath_length > ND_TEXT_MAX || json_length > ND_TEXT_MAX)
		return false;
	xpath = read_text(file, xpath_length);
	if (xpath && operation != ND_EDIT_REMOVE)
		json = read_text(file, json_length);
	return add(change, (enum nd_fe_edit)operation, xpath, json) && fgetc(file) == '\n';
}

bool nd_change_read(struct nd_change *change, FILE *file)
{
	unsigned int count;

	memset(change, 0, sizeof(*change));
	if (fscanf(file, "%u", &count) != 1 || fgetc(file) != '\n')
		return false;
	while (count--) {
		if (read_item(file, change))
			continue;
		nd_change_clear(change);
		return false;
	}
	return true;
}

/* Removing what is not there, or is there no more, is no error. */
static void remove_path(const char *xpath, struct lyd_node **tree)
{
	struct ly_set *set = NULL;

	if (!*tree || lyd_find_xpath(*tree, xpath, &set))
		return;
	for (uint32_t i = 0; i < set->count; i++) {
		if (*tree == set->dnodes[i])
			*tree = set->dnodes[i]->next;
		lyd_free_tree(set->dnodes[i]);
	}
	ly_set_free(set, NULL);
}

static bool merge(const char *json, const struct ly_ctx *ctx, struct lyd_node **tree)
{
	struct lyd_node *part = NULL;

	if (lyd_parse_data_mem(ctx, json, LYD_JSON,
			       LYD_PARSE_ONLY | LYD_PARSE_STRICT | LYD_PARSE_NO_STATE, 0, &part))
		return false;
	return !lyd_merge_siblings(tree, part, LYD_MERGE_DESTRUCT | LYD_MERGE_WITH_FLAGS);
}

bool nd_change_apply(const struct nd_change *change, const struct ly_ctx *ctx,
		     struct lyd_node **tree)
{
	for (unsigned int i = 0; i < change->count; i++) {
		const struct nd_change_item *item = &change->items[i];

		if (item->operation != ND_EDIT_MERGE)
			remove_path(item->xpath, tree);
		if (item->json && !merge(item->json, ctx, tree))
			return false;
	}
	return true;
}
