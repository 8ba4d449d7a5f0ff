// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Subtree filters, RFC 6241 section 6. A filter's nodes may be data as the
 * schema knows it, or opaque (an empty leaf that has a type, say).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "netconfd/netconfd.h"

static const char *name_of(const struct lyd_node *node)
{
	return node->schema ? node->schema->name : ((const struct lyd_node_opaq *)node)->name.name;
}

static const char *namespace_of(const struct lyd_node *node)
{
	return node->schema ? node->schema->module->ns
			    : ((const struct lyd_node_opaq *)node)->name.module_ns;
}

static const char *value_of(const struct lyd_node *node)
{
	const char *value = node->schema ? lyd_get_value(node)
					 : ((const struct lyd_node_opaq *)node)->value;

	return value ? value : "";
}

static bool blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

/* Does a value, which a person may have set off with blanks, say the same? */
static bool same_value(const char *data, const char *filter)
{
	size_t length;

	filter += strspn(filter, " \t\r\n");
	length = strlen(filter);
	while (length && strchr(" \t\r\n", filter[length - 1]))
		length--;
	return strlen(data) == length && !strncmp(data, filter, length);
}

/* An attribute in the filter must be in the data; data has none but tags. */
static bool has_attribute(const struct lyd_node *filter)
{
	return !filter->schema && ((const struct lyd_node_opaq *)filter)->attr;
}

static bool selects(const struct lyd_node *filter, const struct lyd_node *data)
{
	const char *namespace = namespace_of(filter);

	if (has_attribute(filter) || strcmp(name_of(filter), data->schema->name))
		return false;
	return !namespace || !namespace[0] || !strcmp(namespace, data->schema->module->ns);
}

static bool is_content_match(const struct lyd_node *filter)
{
	return !lyd_child_any(filter) && !blank(value_of(filter));
}

static void filter_siblings(struct lyd_node *first, const struct lyd_node *filters,
			    struct lyd_node **tree);

/* Do all content matches among the filters hold for these data? */
static bool content_matches(const struct lyd_node *data, const struct lyd_node *filters)
{
	const struct lyd_node *filter, *child;

	LY_LIST_FOR (filters, filter) {
		bool found = false;

		if (!is_content_match(filter))
			continue;
		LY_LIST_FOR (data, child)
			if (child->schema && (child->schema->nodetype & LYD_NODE_TERM) &&
			    selects(filter, child) &&
			    same_value(lyd_get_value(child), value_of(filter)))
				found = true;
		if (!found)
			return false;
	}
	return true;
}

/* A filter of content matches only selects the whole of what matches. */
static bool only_content(const struct lyd_node *filters)
{
	const struct lyd_node *filter;

	LY_LIST_FOR (filters, filter)
		if (!is_content_match(filter))
			return false;
	return true;
}

static void drop(struct lyd_node *node, struct lyd_node **tree)
{
	if (tree && *tree == node)
		*tree = node->next;
	lyd_free_tree(node);
}

/* One node that filters may select; several of them can, and each adds to it. */
static bool keep(struct lyd_node *data, const struct lyd_node *filters)
{
	const struct lyd_node *filter, *matching = NULL, *other = NULL;

	LY_LIST_FOR (filters, filter) {
		const struct lyd_node *inner = lyd_child_any(filter);

		if (!selects(filter, data))
			continue;
		if (is_content_match(filter)) {
			if (same_value(lyd_get_value(data) ? lyd_get_value(data) : "",
				       value_of(filter)))
				return true;
			continue;
		}
		if (!inner)
			return true; /* a selection node */
		if (!content_matches(lyd_child(data), inner))
			continue;
		if (only_content(inner))
			return true;
		if (matching)
			other = filter;
		else
			matching = filter;
	}
	if (!matching)
		return false;
	if (other) {
		/* what one of them takes out, the other may want: the union of copies */
		struct lyd_node *all = NULL, *copy;

		LY_LIST_FOR (filters, filter) {
			const struct lyd_node *inner = lyd_child_any(filter);

			if (!selects(filter, data) || !inner ||
			    !content_matches(lyd_child(data), inner))
				continue;
			if (lyd_dup_single(data, NULL, LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS,
					   &copy))
				continue;
			filter_siblings(lyd_child(copy), inner, NULL);
			if (lyd_child_no_keys(copy))
				lyd_merge_tree(&all, copy, LYD_MERGE_WITH_FLAGS);
			lyd_free_tree(copy);
		}
		while (lyd_child_no_keys(data))
			lyd_free_tree(lyd_child_no_keys(data));
		if (all)
			lyd_merge_tree(&data, all, LYD_MERGE_DESTRUCT | LYD_MERGE_WITH_FLAGS);
		return lyd_child_no_keys(data);
	}
	filter_siblings(lyd_child(data), lyd_child_any(matching), NULL);
	return lyd_child_no_keys(data) || (lyd_child(data) && data->schema->nodetype == LYS_LIST &&
					   lysc_is_key(lyd_child(data)->schema) &&
					   nd_child(data, name_of(lyd_child_any(matching))));
}

static void filter_siblings(struct lyd_node *first, const struct lyd_node *filters,
			    struct lyd_node **tree)
{
	struct lyd_node *node, *next;

	for (node = first; node; node = next) {
		next = node->next;
		/* a list entry keeps its keys: without them it is none */
		if (node->schema && lysc_is_key(node->schema))
			continue;
		if (!node->schema || !keep(node, filters))
			drop(node, tree);
	}
}

void nd_filter_subtree(struct lyd_node **tree, const struct lyd_node *filter)
{
	if (*tree)
		filter_siblings(*tree, filter, tree);
}

/*
 * XPath
 */
static void mark(struct lyd_node *node, void *as)
{
	for (; node && node->priv != as; node = lyd_parent(node))
		node->priv = as;
}

static void mark_subtree(struct lyd_node *root, void *as)
{
	struct lyd_node *node;

	LYD_TREE_DFS_BEGIN (root, node) {
		node->priv = as;
		LYD_TREE_DFS_END(root, node);
	}
}

static void drop_unmarked(struct lyd_node *first, void *as, struct lyd_node **tree)
{
	struct lyd_node *node, *next;

	for (node = first; node; node = next) {
		next = node->next;
		if (node->priv == as)
			drop_unmarked(lyd_child(node), as, NULL);
		else if (!node->schema || !lysc_is_key(node->schema))
			drop(node, tree);
	}
}

bool nd_filter_xpath(struct lyd_node **tree, const char *xpath)
{
	static char chosen;
	struct ly_set *set = NULL;

	if (!*tree)
		return true;
	if (lyd_find_xpath(*tree, xpath, &set))
		return false;
	for (uint32_t i = 0; i < set->count; i++) {
		mark_subtree(set->dnodes[i], &chosen);
		mark(lyd_parent(set->dnodes[i]), &chosen);
	}
	ly_set_free(set, NULL);
	drop_unmarked(*tree, &chosen, tree);
	return true;
}
