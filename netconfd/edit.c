// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * edit-config (RFC 6241 section 7.2) on a tree of explicit configuration.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netconfd/netconfd.h"

/* what the edit stands below, in edit-config and in the source of others */
#define CONFIG_NODE "/config/"

enum operation {
	OP_MERGE,
	OP_REPLACE,
	OP_CREATE,
	OP_DELETE,
	OP_REMOVE,
	OP_NONE,
};

static const char *const operation_names[] = { "merge",	 "replace", "create",
					       "delete", "remove",  "none" };

struct edit {
	const struct ly_ctx *ctx;
	struct nd_session *session; /* NULL: whoever it is, may */
	struct lyd_node **tree;
	struct lyd_node *error;
};

static bool operation_from(const char *name, enum operation *operation)
{
	for (size_t i = 0; i < sizeof(operation_names) / sizeof(*operation_names); i++) {
		if (!strcmp(operation_names[i], name)) {
			*operation = (enum operation)i;
			return true;
		}
	}
	return false;
}

/* The attribute of an element, known to the schema or not. */
static const char *attribute(const struct lyd_node *node, const char *name)
{
	const struct lyd_attr *attr;

	if (node->schema)
		return nd_attribute(node, name);
	LY_LIST_FOR (((const struct lyd_node_opaq *)node)->attr, attr)
		if (!strcmp(attr->name.name, name))
			return attr->value;
	return NULL;
}

/* Where a node of the edit stands in the configuration; *path is to be freed. */
static const char *place_of(const struct lyd_node *node, char **path)
{
	const char *below;

	*path = lyd_path(node, LYD_PATH_STD, NULL, 0);
	below = *path ? strstr(*path, CONFIG_NODE) : NULL;
	return below ? below + strlen(CONFIG_NODE) - 1 : *path;
}

static bool fail(struct edit *edit, NC_ERR tag, const struct lyd_node *node, const char *text)
{
	char *path;
	const char *at = place_of(node, &path);

	edit->error = nd_error(edit->ctx, tag, at, "%s", text);
	free(path);
	return false;
}

/* Before anything is said about what is there: a refusal tells nothing of it. */
static bool may(struct edit *edit, const struct lyd_node *node, enum nd_access access)
{
	const char *at;
	char *path;

	if (!access || !edit->session || nd_view_node(&edit->session->view, node, access))
		return true;
	at = place_of(node, &path);
	edit->error = nd_access_denied(edit->session, access, at);
	free(path);
	return false;
}

static struct lyd_node *first_sibling(const struct edit *edit, const struct lyd_node *parent)
{
	return parent ? lyd_child(parent) : *edit->tree;
}

static void insert(struct edit *edit, struct lyd_node *parent, struct lyd_node *node)
{
	if (parent)
		lyd_insert_child(parent, node);
	else
		lyd_insert_sibling(*edit->tree, node, edit->tree);
}

static void discard(struct edit *edit, struct lyd_node *node)
{
	if (*edit->tree == node)
		*edit->tree = node->next;
	lyd_free_tree(node);
}

/* Of the choice that a new node belongs to, the other cases' nodes go. */
static void drop_other_cases(struct edit *edit, struct lyd_node *parent,
			     const struct lysc_node *schema)
{
	const struct lysc_node *inner, *outer, *at;
	struct lyd_node *node, *next;

	for (inner = schema; inner->parent && (inner->parent->nodetype & (LYS_CASE | LYS_CHOICE));
	     inner = inner->parent) {
		outer = inner->parent;
		if (outer->nodetype != LYS_CHOICE)
			continue;
		for (node = first_sibling(edit, parent); node; node = next) {
			next = node->next;
			/* which of the choice's cases, if any, is this node's? */
			for (at = node->schema; at && at->parent != outer; at = at->parent)
				if (!at->parent ||
				    !(at->parent->nodetype & (LYS_CASE | LYS_CHOICE)))
					break;
			if (at && at->parent == outer && at != inner)
				discard(edit, node);
		}
	}
}

static struct lyd_node *find(const struct edit *edit, struct lyd_node *parent,
			     const struct lyd_node *like)
{
	struct lyd_node *match = NULL, *siblings = first_sibling(edit, parent);

	if (!siblings)
		return NULL;
	if (like->schema->nodetype & (LYS_LIST | LYS_LEAFLIST))
		lyd_find_sibling_first(siblings, like, &match);
	else
		lyd_find_sibling_val(siblings, like->schema, NULL, 0, &match);
	return match;
}

/* A non-presence container is there when something is in it. */
static bool exists(const struct lyd_node *node)
{
	if (!node)
		return false;
	return node->schema->nodetype != LYS_CONTAINER || (node->schema->flags & LYS_PRESENCE) ||
	       lyd_child(node);
}

/* A container that has no meaning of its own needs not be there for its children. */
static bool is_structure(const struct lyd_node *node)
{
	return node->schema->nodetype == LYS_CONTAINER && !(node->schema->flags & LYS_PRESENCE);
}

static bool apply(struct edit *edit, const struct lyd_node *node, struct lyd_node *parent,
		  enum operation inherited);

static bool apply_children(struct edit *edit, const struct lyd_node *node, struct lyd_node *match,
			   enum operation operation)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(node), child) {
		if (child->schema && lysc_is_key(child->schema))
			continue;
		if (!apply(edit, child, match, operation))
			return false;
	}
	return true;
}

/* A list entry without all its keys names nothing. */
static bool complete_keys(struct edit *edit, const struct lyd_node *node)
{
	const struct lysc_node *key;
	struct lyd_node *found;

	if (node->schema->nodetype != LYS_LIST || (node->schema->flags & LYS_KEYLESS))
		return true;
	for (key = lysc_node_child(node->schema); key && lysc_is_key(key); key = key->next) {
		if (lyd_find_sibling_val(lyd_child(node), key, NULL, 0, &found)) {
			edit->error = nc_err(edit->ctx, NC_ERR_MISSING_ELEM, NC_ERR_TYPE_APP,
					     key->name);
			return false;
		}
		/* XPath 1.0 has no way to write such a text */
		if (strchr(lyd_get_value(found), '\'') && strchr(lyd_get_value(found), '"'))
			return fail(edit, NC_ERR_INVALID_VALUE, found,
				    "A key cannot hold both kinds of quotes.");
	}
	return true;
}

static bool put(struct edit *edit, const struct lyd_node *node, struct lyd_node *parent,
		struct lyd_node *match, enum operation operation)
{
	const char *insertion = attribute(node, "insert");

	if (insertion && strcmp(insertion, "last"))
		return fail(edit, NC_ERR_OP_NOT_SUPPORTED, node,
			    "Entries can be inserted at the end only.");
	if (!match) {
		drop_other_cases(edit, parent, node->schema);
		/* of an inner node: itself and a list's keys */
		if (lyd_dup_single(node, NULL,
				   LYD_DUP_NO_META | (node->schema->nodetype & LYD_NODE_ANY
							      ? LYD_DUP_RECURSIVE
							      : 0),
				   &match))
			return fail(edit, NC_ERR_RES_DENIED, node, "no memory for an edit");
		insert(edit, parent, match);
	} else if (node->schema->nodetype == LYS_LEAF) {
		lyd_change_term(match, lyd_get_value(node));
	}
	return apply_children(edit, node, match, operation);
}

/* What naming a node in an edit takes; 0: nothing by itself. */
static enum nd_access access_for(const struct lyd_node *node, const struct lyd_node *match,
				 enum operation operation)
{
	switch (operation) {
	case OP_CREATE:
		return ND_CREATE;
	case OP_DELETE:
	case OP_REMOVE:
		return ND_DELETE;
	case OP_REPLACE:
		return match ? ND_UPDATE : ND_CREATE;
	case OP_MERGE:
		if (!match)
			return is_structure(node) ? 0 : ND_CREATE;
		/* to the value it has, too: else the answer would tell a secret */
		return node->schema->nodetype == LYS_LEAF ? ND_UPDATE : 0;
	case OP_NONE:
		break;
	}
	return 0;
}

static bool apply_known(struct edit *edit, const struct lyd_node *node, struct lyd_node *parent,
			enum operation operation)
{
	struct lyd_node *match;

	if (!complete_keys(edit, node))
		return false;
	match = find(edit, parent, node);
	if (!may(edit, node, access_for(node, match, operation)))
		return false;
	switch (operation) {
	case OP_DELETE:
		if (!exists(match))
			return fail(edit, NC_ERR_DATA_MISSING, node,
				    "What is to be deleted does not exist.");
		discard(edit, match);
		return true;
	case OP_REMOVE:
		if (match)
			discard(edit, match);
		return true;
	case OP_CREATE:
		if (exists(match))
			return fail(edit, NC_ERR_DATA_EXISTS, node,
				    "What is to be created exists already.");
		return put(edit, node, parent, match, operation);
	case OP_REPLACE:
		if (match)
			discard(edit, match);
		/* inside, nothing is left to be replaced */
		return put(edit, node, parent, NULL, operation);
	case OP_NONE:
		if (!match && !is_structure(node))
			return fail(edit, NC_ERR_DATA_MISSING, node,
				    "What is to be edited does not exist.");
		return match ? apply_children(edit, node, match, operation)
			     : put(edit, node, parent, NULL, operation);
	case OP_MERGE:
		break;
	}
	return put(edit, node, parent, match, operation);
}

static bool refuse_opaque(struct edit *edit, const struct lyd_node *node)
{
	const struct lyd_node_opaq *opaque = (const struct lyd_node_opaq *)node;
	const struct ly_err_item *item;

	if (!opaque->name.module_ns ||
	    !ly_ctx_get_module_implemented_ns(edit->ctx, opaque->name.module_ns)) {
		edit->error = nc_err(edit->ctx, NC_ERR_UNKNOWN_NS, NC_ERR_TYPE_APP,
				     opaque->name.name,
				     opaque->name.module_ns ? opaque->name.module_ns : "");
		return false;
	}
	lyd_parse_opaq_error(node);
	item = ly_err_last(edit->ctx);
	if (!item || item->vecode == LYVE_REFERENCE) {
		edit->error = nc_err(edit->ctx, NC_ERR_UNKNOWN_ELEM, NC_ERR_TYPE_APP,
				     opaque->name.name);
	} else {
		fail(edit, NC_ERR_INVALID_VALUE, node, item->msg);
		if (item->apptag && edit->error)
			nc_err_set_app_tag(edit->error, item->apptag);
	}
	ly_err_clean(edit->ctx, NULL);
	return false;
}

/* A list entry without one of its keys is opaque to libyang. */
static bool refuse_keyless(struct edit *edit, const struct lyd_node *node,
			   const struct lysc_node *schema)
{
	const struct lysc_node *key;
	struct lyd_node *found;

	for (key = lysc_node_child(schema); key && lysc_is_key(key); key = key->next) {
		if (lyd_find_sibling_opaq_next(lyd_child_any(node), key->name, &found) &&
		    lyd_find_sibling_val(lyd_child_any(node), key, NULL, 0, &found)) {
			ly_err_clean(edit->ctx, NULL);
			edit->error = nc_err(edit->ctx, NC_ERR_MISSING_ELEM, NC_ERR_TYPE_APP,
					     key->name);
			return false;
		}
	}
	return refuse_opaque(edit, node);
}

/* An element without a value that a leaf would need: enough to delete the leaf. */
static bool apply_opaque(struct edit *edit, const struct lyd_node *node, struct lyd_node *parent,
			 enum operation operation)
{
	const struct lyd_node_opaq *opaque = (const struct lyd_node_opaq *)node;
	const struct lys_module *module;
	const struct lysc_node *schema = NULL;
	struct lyd_node *match = NULL, *siblings = first_sibling(edit, parent);

	module = opaque->name.module_ns
			 ? ly_ctx_get_module_implemented_ns(edit->ctx, opaque->name.module_ns)
			 : NULL;
	if (module)
		schema = lys_find_child(edit->ctx, parent ? parent->schema : NULL, module, NULL, 0,
					opaque->name.name, 0, 0);
	ly_err_clean(edit->ctx, NULL);
	if (schema && schema->nodetype == LYS_LIST)
		return refuse_keyless(edit, node, schema);
	if (!schema || schema->nodetype != LYS_LEAF || (opaque->value && opaque->value[0]) ||
	    (operation != OP_DELETE && operation != OP_REMOVE))
		return refuse_opaque(edit, node);
	if (siblings)
		lyd_find_sibling_val(siblings, schema, NULL, 0, &match);
	if (match && !may(edit, match, ND_DELETE))
		return false;
	if (!match && operation == OP_DELETE)
		return fail(edit, NC_ERR_DATA_MISSING, node,
			    "What is to be deleted does not exist.");
	if (match)
		discard(edit, match);
	return true;
}

static bool refuse_operation(struct edit *edit, const struct lyd_node *node, const char *own)
{
	char *text, *path;

	edit->error = nc_err(edit->ctx, NC_ERR_BAD_ATTR, NC_ERR_TYPE_APP, "operation",
			     LYD_NAME(node));
	if (!edit->error)
		return false;
	nc_err_set_path(edit->error, place_of(node, &path));
	free(path);
	/* however long it is: cut, it might end within a character */
	if (asprintf(&text,
		     "There is no operation '%s': it is merge, replace, create, delete or remove.",
		     own) >= 0) {
		nc_err_set_msg(edit->error, text, "en");
		free(text);
	}
	return false;
}

static bool apply(struct edit *edit, const struct lyd_node *node, struct lyd_node *parent,
		  enum operation inherited)
{
	const char *own = attribute(node, "operation");
	enum operation operation = inherited;

	/* "none" is a default-operation only */
	if (own && (!operation_from(own, &operation) || operation == OP_NONE))
		return refuse_operation(edit, node, own);
	if (!node->schema)
		return apply_opaque(edit, node, parent, operation);
	if (node->schema->flags & LYS_CONFIG_R)
		return fail(edit, NC_ERR_INVALID_VALUE, node, "State data cannot be edited.");
	if (nd_schema_is_protocol(node->schema->module))
		return fail(edit, NC_ERR_OP_NOT_SUPPORTED, node,
			    "The protocol's own models hold no configuration.");
	return apply_known(edit, node, parent, operation);
}

struct lyd_node *nd_edit(const struct ly_ctx *ctx, struct nd_session *session,
			 struct lyd_node **tree, const struct lyd_node *config,
			 const char *default_operation)
{
	struct edit edit = { .ctx = ctx, .session = session, .tree = tree };
	enum operation operation = OP_MERGE;
	const struct lyd_node *node;

	if (default_operation)
		operation_from(default_operation, &operation);
	if (operation == OP_REPLACE) {
		lyd_free_all(*tree);
		*tree = NULL;
		operation = OP_MERGE;
	}
	LY_LIST_FOR (config, node)
		if (!apply(&edit, node, NULL, operation))
			break;
	return edit.error;
}
