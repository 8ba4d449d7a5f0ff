// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port that carries an interface, and how many packets have passed it.
 *
 * A sub-interface names its parent by an index, which is one of the parent's
 * network namespace.  In a container that is often another one, where the same
 * number means another interface.  zebra does not pass on which namespace it
 * is, so the kernel is asked: it answers at once, to anybody.
 */
#include <zebra.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "if.h"
#include "log.h"
#include "vrf.h"

#include "erouted/erouted.h"

/* A macvlan over QinQ over a port, and one to spare. */
#define STEPS_MAX 4

static int netlink = -1;

void er_port_init(void)
{
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (netlink < 0)
		zlog_warn("cannot ask the kernel for interfaces: %m");
}

void er_port_fini(void)
{
	if (netlink >= 0)
		close(netlink);
	netlink = -1;
}

static uint32_t sequence;

static bool ask(ifindex_t ifindex, bool statistics)
{
	struct {
		struct nlmsghdr hdr;
		struct ifinfomsg info;
		struct nlattr attr;
		uint32_t mask;
	} request = {
		.hdr.nlmsg_len = sizeof(request),
		.hdr.nlmsg_type = RTM_GETLINK,
		.hdr.nlmsg_flags = NLM_F_REQUEST,
		.hdr.nlmsg_seq = ++sequence,
		.info.ifi_index = ifindex,
		.attr.nla_len = sizeof(request.attr) + sizeof(request.mask),
		.attr.nla_type = IFLA_EXT_MASK,
		.mask = statistics ? 0 : RTEXT_FILTER_SKIP_STATS,
	};

	return send(netlink, &request, sizeof(request), 0) == sizeof(request);
}

/* What the kernel says of an interface, until the next question; NULL: nothing. */
static const struct nlmsghdr *answer_of(ifindex_t ifindex, bool statistics)
{
	static _Alignas(struct nlmsghdr) uint8_t answer[32 * 1024];
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)answer;
	const struct ifinfomsg *info = NLMSG_DATA(hdr);
	ssize_t n;

	if (netlink < 0 || !ask(ifindex, statistics))
		return NULL;
	/* the answer was there before send() returned: nobody waits */
	do {
		n = recv(netlink, answer, sizeof(answer), 0);
		if (n < 0 || !NLMSG_OK(hdr, (size_t)n))
			return NULL;
	} while (hdr->nlmsg_seq != sequence);
	return hdr->nlmsg_type == RTM_NEWLINK && info->ifi_index == (int)ifindex ? hdr : NULL;
}

/* true: the kernel says that the interface's parent is in its own namespace. */
static bool parent_is_here(ifindex_t ifindex)
{
	const struct nlmsghdr *hdr = answer_of(ifindex, false);
	const struct rtattr *attr;
	bool linked = false;
	size_t len;

	if (!hdr)
		return false;
	len = IFLA_PAYLOAD(hdr);
	for (attr = IFLA_RTA(NLMSG_DATA(hdr)); RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
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

void er_port_traffic(const struct interface *ifp, struct er_traffic_facts *traffic)
{
	const struct nlmsghdr *hdr = is_here(ifp->vrf) ? answer_of(ifp->ifindex, true) : NULL;
	struct rtnl_link_stats64 stats;
	const struct rtattr *attr;
	size_t len;

	memset(traffic, 0, sizeof(*traffic));
	if (!hdr)
		return;
	len = IFLA_PAYLOAD(hdr);
	for (attr = IFLA_RTA(NLMSG_DATA(hdr)); RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		if (attr->rta_type != IFLA_STATS64 || RTA_PAYLOAD(attr) < 2 * sizeof(uint64_t))
			continue;
		/* an older kernel has fewer of them */
		memcpy(&stats, RTA_DATA(attr), MIN(RTA_PAYLOAD(attr), sizeof(stats)));
		traffic->known = true;
		traffic->received = stats.rx_packets;
		traffic->sent = stats.tx_packets;
	}
}
