// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state tree as FRR-style JSON: names in camelCase instead of YANG's
 * dashes, lists as objects keyed by their key (or keys, with a space between),
 * numbers as numbers.  So JSON
 * and YANG cannot tell different facts.
 */
#include <zebra.h>

#include <ctype.h>

#include "lib/json.h"
#include "vty.h"
#include "yang.h"

#include "erouted/erouted.h"

static const char *camel_case(const char *name, char *buf, size_t len)
{
	size_t n = 0;

	for (; *name && n + 1 < len; name++) {
		if (*name == '-' && name[1])
			buf[n++] = toupper((unsigned char)*++name);
		else
			buf[n++] = *name;
	}
	buf[n] = '\0';
	return buf;
}

static struct json_object *leaf_json(const struct lyd_node *node)
{
	const struct lyd_node_term *term = (const struct lyd_node_term *)node;
	const char *value = lyd_get_value(node);

	switch (term->value.realtype->basetype) {
	case LY_TYPE_BOOL:
		return json_object_new_boolean(term->value.boolean);
	case LY_TYPE_UINT8:
	case LY_TYPE_UINT16:
	case LY_TYPE_UINT32:
	case LY_TYPE_UINT64:
		return json_object_new_int64(strtoll(value, NULL, 10));
	default:
		return json_object_new_string(value);
	}
}

/* A list entry's name: its key, or its keys with a space between. */
static const char *entry_name(const struct lyd_node *entry, char *buf, size_t len)
{
	const struct lyd_node *key;

	buf[0] = '\0';
	/* libyang keeps the keys first */
	LY_LIST_FOR (lyd_child(entry), key) {
		if (!lysc_is_key(key->schema))
			break;
		if (buf[0])
			strlcat(buf, " ", len);
		strlcat(buf, lyd_get_value(key), len);
	}
	return buf;
}

/* The object or array below `name`, made when it is not there yet. */
static struct json_object *member(struct json_object *json, const char *name, bool array)
{
	struct json_object *value;

	if (json_object_object_get_ex(json, name, &value))
		return value;
	value = array ? json_object_new_array() : json_object_new_object();
	json_object_object_add(json, name, value);
	return value;
}

struct json_object *er_json_from_tree(const struct lyd_node *tree)
{
	struct json_object *json = json_object_new_object();
	const struct lyd_node *node;
	char name[64], key[2 * ER_TEXT_LEN];

	LY_LIST_FOR (lyd_child(tree), node) {
		camel_case(node->schema->name, name, sizeof(name));
		switch (node->schema->nodetype) {
		case LYS_LEAF:
			json_object_object_add(json, name, leaf_json(node));
			break;
		case LYS_LEAFLIST:
			json_object_array_add(member(json, name, true), leaf_json(node));
			break;
		case LYS_LIST:
			json_object_object_add(member(json, name, false),
					       entry_name(node, key, sizeof(key)),
					       er_json_from_tree(node));
			break;
		case LYS_CONTAINER:
			if (!lyd_child(node))
				break;
			json_object_object_add(json, name, er_json_from_tree(node));
			break;
		default:
			break;
		}
	}
	return json;
}

int er_json_show(struct vty *vty, struct lyd_node *tree, const char *list)
{
	struct json_object *json = er_json_from_tree(tree);
	char name[64];

	member(json, camel_case(list, name, sizeof(name)), false);
	lyd_free_all(tree);
	return vty_json(vty, json);
}
