// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port that carries an interface.
 *
 * A sub-interface names its parent by an index, which is one of the parent's
 * network namespace.  In a container that is often another one, where the same
 * number means another interface.  zebra does not pass on which namespace it
 * is, so the kernel is asked.
 */
#include <zebra.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "if.h"
#include "vrf.h"

#include "erouted/er_netlink.h"

/* A macvlan over QinQ over a port, and one to spare. */
#define STEPS_MAX 4

/* true: the kernel says that the interface's parent is in its own namespace. */
static bool parent_is_here(ifindex_t ifindex)
{
	struct {
		struct nlmsghdr hdr;
		struct ifinfomsg info;
		struct nlattr attr;
		uint32_t mask;
	} request = {
		.hdr.nlmsg_len = sizeof(request),
		.hdr.nlmsg_type = RTM_GETLINK,
		.info.ifi_index = ifindex,
		.attr.nla_len = sizeof(request.attr) + sizeof(request.mask),
		.attr.nla_type = IFLA_EXT_MASK,
		.mask = RTEXT_FILTER_SKIP_STATS,
	};
	const struct nlmsghdr *hdr = er_netlink_ask(VRF_DEFAULT, &request.hdr);
	const struct ifinfomsg *info;
	const struct rtattr *attr;
	bool linked = false;
	size_t len;

	if (!hdr || hdr->nlmsg_type != RTM_NEWLINK)
		return false;
	info = NLMSG_DATA(hdr);
	if (info->ifi_index != (int)ifindex)
		return false;

	len = IFLA_PAYLOAD(hdr);
	for (attr = IFLA_RTA(info); RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		if (attr->rta_type == IFLA_LINK_NETNSID)
			return false;
		linked |= attr->rta_type == IFLA_LINK;
	}
	return linked;
}

/*
 * Kinds of interfaces that have what carries them for a link; others have one,
 * too (a veth its peer), which is not below them.
 */
static bool has_parent(const struct interface *ifp)
{
	return (ifp->zif_type == ZEBRA_IF_VLAN || ifp->zif_type == ZEBRA_IF_MACVLAN) &&
	       ifp->link_ifindex != IFINDEX_INTERNAL && ifp->link_ifindex != ifp->ifindex;
}

/* All VRFs are in one namespace, or each is one: then we are in the default's. */
static bool is_here(const struct vrf *vrf)
{
	return !vrf_is_backend_netns() || vrf->vrf_id == VRF_DEFAULT;
}

static struct interface *find_by_index(ifindex_t ifindex)
{
	struct interface *ifp;
	struct vrf *vrf;

	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		ifp = is_here(vrf) ? if_lookup_by_index(ifindex, vrf->vrf_id) : NULL;
		if (ifp)
			return ifp;
	}
	return NULL;
}

uint32_t er_port_of(const struct interface *ifp)
{
	ifindex_t port = ifp->ifindex;

	/* bounded: zebra may tell a little later than the kernel knows, and then it is no tree */
	for (int step = 0; step < STEPS_MAX; step++) {
		if (!ifp || !is_here(ifp->vrf) || !has_parent(ifp) || !parent_is_here(ifp->ifindex))
			break;
		port = ifp->link_ifindex;
		ifp = find_by_index(port);
	}
	return port;
}
