// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking at trees of libyang. */
#ifndef _FRR_NETCONFD_TREE_H
#define _FRR_NETCONFD_TREE_H

#include <libyang/libyang.h>

/* of FRR, libnetconf2 and libyang, which does not always look for its own */
#ifdef LY_YANG_MODULE_DIR
#define ND_MODELS_DIR ND_FRR_YANG_DIR ":" LY_YANG_MODULE_DIR
#else
#define ND_MODELS_DIR ND_FRR_YANG_DIR
#endif

/* NULL when there is none of that name; of NULL, too */
struct lyd_node *nd_child(const struct lyd_node *parent, const char *name);
/* the value of a child leaf, NULL when it is not there */
const char *nd_child_value(const struct lyd_node *parent, const char *name);
/* what an attribute says that the schema knows, NULL when it is not there */
const char *nd_attribute(const struct lyd_node *node, const char *name);

#endif /* _FRR_NETCONFD_TREE_H */
