// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <string.h>

#include "netconfd/tree.h"

struct lyd_node *nd_child(const struct lyd_node *parent, const char *name)
{
	struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (child->schema && !strcmp(child->schema->name, name))
			return child;
	return NULL;
}

const char *nd_child_value(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child = nd_child(parent, name);

	return child ? lyd_get_value(child) : NULL;
}

const char *nd_attribute(const struct lyd_node *node, const char *name)
{
	const struct lyd_meta *meta;

	LY_LIST_FOR (node->meta, meta)
		if (!strcmp(meta->name, name))
			return lyd_get_meta_value(meta);
	return NULL;
}
