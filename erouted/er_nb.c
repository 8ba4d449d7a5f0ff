// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frr-expressroute.yang: which node calls what.
 *
 * A change anywhere in an entry of a top-level list has the whole entry read
 * anew, so every configuration node has the same callbacks.  State is served as one tree.
 */
#include <zebra.h>

#include "northbound.h"

#include "yang/er_xpath.h"
#include "erouted/erouted.h"

/* clang-format off */
#define ER_LIST(path)                                                          \
	{ .xpath = path,                                                       \
	  .cbs = { .create = er_nb_create, .destroy = er_nb_destroy } }
/* a leaf with a default, or a mandatory one, cannot be destroyed */
#define ER_DEFAULTED(path)                                                     \
	{ .xpath = path, .cbs = { .modify = er_nb_modify } }
#define ER_LEAF(path)                                                          \
	{ .xpath = path,                                                       \
	  .cbs = { .modify = er_nb_modify, .destroy = er_nb_destroy } }

const struct frr_yang_module_info er_yang_info = {
	.name = ER_YANG_MODULE,
	.get_tree_locked = er_state_get_tree,
	.unlock_tree = er_state_put_tree,
	.nodes = {
		ER_LIST(ER_XPATH_CIRCUIT),
		ER_LEAF(ER_XPATH_DESCRIPTION),
		ER_DEFAULTED(ER_XPATH_CIRCUIT_SHUTDOWN),
		ER_LEAF(ER_XPATH_SERVICE_KEY),
		ER_LEAF(ER_XPATH_PROVIDER),
		ER_LEAF(ER_XPATH_PEERING_LOCATION),
		ER_LEAF(ER_XPATH_GEOGRAPHY),
		ER_LEAF(ER_XPATH_MODEL),
		ER_DEFAULTED(ER_XPATH_SKU),
		ER_LEAF(ER_XPATH_BANDWIDTH),
		ER_LEAF(ER_XPATH_PORT_PAIR),
		ER_LEAF(ER_XPATH_PORT_SPEED),
		ER_DEFAULTED(ER_XPATH_PREFERENCE),
		ER_DEFAULTED(ER_XPATH_REDUNDANCY_MODE),
		ER_LEAF(ER_XPATH_ACTIVE_LINK),
		ER_LIST(ER_XPATH_LOCAL_REGION),

		ER_LIST(ER_XPATH_PEERING),
		ER_DEFAULTED(ER_XPATH_PEERING_SHUTDOWN),
		ER_DEFAULTED(ER_XPATH_VRF),
		ER_LEAF(ER_XPATH_VLAN),
		ER_LEAF(ER_XPATH_S_TAG),
		ER_LEAF(ER_XPATH_ROUTER_AS),
		ER_DEFAULTED(ER_XPATH_SESSION),
		ER_LEAF(ER_XPATH_PASSWORD),
		ER_LEAF(ER_XPATH_KEEPALIVE),
		ER_LEAF(ER_XPATH_HOLD),
		ER_DEFAULTED(ER_XPATH_BFD_ENABLED),
		ER_DEFAULTED(ER_XPATH_BFD_RECEIVE),
		ER_DEFAULTED(ER_XPATH_BFD_TRANSMIT),
		ER_DEFAULTED(ER_XPATH_BFD_MULTIPLIER),
		ER_LIST(ER_XPATH_ADVERTISE_IPV4),
		ER_LIST(ER_XPATH_ADVERTISE_IPV6),
		ER_LEAF(ER_XPATH_ADVERTISE_IPV4_LIST),
		ER_LEAF(ER_XPATH_ADVERTISE_IPV6_LIST),
		ER_LEAF(ER_XPATH_ADVERTISE_IPV4_LIMIT),
		ER_LEAF(ER_XPATH_ADVERTISE_IPV6_LIMIT),
		ER_LIST(ER_XPATH_PRIORITY),
		ER_DEFAULTED(ER_XPATH_PRIORITY_VALUE),
		ER_LEAF(ER_XPATH_PEERING_FILTER),
		ER_LEAF(ER_XPATH_ROUTE_MAP_IN),
		ER_LEAF(ER_XPATH_ROUTE_MAP_OUT),
		ER_LEAF(ER_XPATH_PREPEND),
		ER_LEAF(ER_XPATH_PASSIVE_PREPEND),

		ER_LIST(ER_XPATH_LINK),
		ER_DEFAULTED(ER_XPATH_LINK_SHUTDOWN),
		ER_LEAF(ER_XPATH_LINK_INTERFACE),
		ER_LEAF(ER_XPATH_LINK_IPV4),
		ER_LEAF(ER_XPATH_LINK_IPV6),

		ER_LIST(ER_XPATH_COMMUNITY),
		ER_DEFAULTED(ER_XPATH_COMMUNITY_VALUE),

		ER_LIST(ER_XPATH_FILTER),
		ER_LEAF(ER_XPATH_FILTER_DESCRIPTION),
		ER_LIST(ER_XPATH_FILTER_SERVICE),
		ER_LIST(ER_XPATH_FILTER_REGION),
		ER_LIST(ER_XPATH_FILTER_IN_REGION),
		ER_LIST(ER_XPATH_FILTER_COMMUNITY),

		ER_LIST(ER_XPATH_REGION_PREF),
		ER_LIST(ER_XPATH_REGION_PREF_CIRCUIT),
		ER_DEFAULTED(ER_XPATH_REGION_PREF_NAME),

		{ .xpath = ER_XPATH_CLEAR_COUNTERS,
		  .cbs = { .rpc = er_nb_clear_counters } },
		{ .xpath = ER_XPATH_IMPORT,
		  .cbs = { .rpc = er_nb_import } },
		{ .xpath = NULL },
	},
};
/* clang-format on */
