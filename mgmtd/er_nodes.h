// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CLI nodes of the expressroute configuration, shared by mgmtd's module,
 * which installs them for real, and by vtysh/, which mirrors them.
 *
 * FRR's enum node_type is closed, but cmdvec is a plain vector: numbers past
 * NODE_TYPE_MAX are legal.  The gap keeps clear of whatever another
 * out-of-tree module may have taken right behind NODE_TYPE_MAX.  Both sides
 * are compiled against the same command.h, so the numbers agree.
 */
#ifndef ER_NODES_H
#define ER_NODES_H

#include "command.h"

enum er_node_type {
	ER_NODE = NODE_TYPE_MAX + 64, /* expressroute */
	ER_CIRCUIT_NODE,	      /*  circuit NAME */
	ER_PEERING_NODE,	      /*   peering <private|microsoft> */
	ER_LINK_NODE,		      /*    link <primary|secondary> */
	ER_FILTER_NODE,		      /*  route-filter NAME */
	ER_VPN_NODE,		      /*  vpn-backup NAME */
	ER_GATEWAY_NODE,	      /*   gateway <0|1> */
	ER_SITE_NODE,		      /*  site NAME */
	ER_JOINT_NODE,		      /*  global-reach NAME */
	ER_PROBE_NODE,		      /*  path-probe NAME */
	ER_NODE_END,		      /* first number that is not ours */
};

#define ER_PROMPT	  "%s(config-er)# "
#define ER_CIRCUIT_PROMPT "%s(config-er-circuit)# "
#define ER_PEERING_PROMPT "%s(config-er-peering)# "
#define ER_LINK_PROMPT	  "%s(config-er-link)# "
#define ER_FILTER_PROMPT  "%s(config-er-filter)# "
#define ER_VPN_PROMPT	  "%s(config-er-vpn)# "
#define ER_GATEWAY_PROMPT "%s(config-er-gateway)# "
#define ER_SITE_PROMPT	  "%s(config-er-site)# "
#define ER_JOINT_PROMPT	  "%s(config-er-global-reach)# "
#define ER_PROBE_PROMPT	  "%s(config-er-path-probe)# "

#endif /* ER_NODES_H */
