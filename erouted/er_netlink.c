// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to the kernel.
 */
#include <zebra.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "if.h"
#include "log.h"
#include "privs.h"
#include "vrf.h"

#include "erouted/er_netlink.h"

static int here = -1; /* of our own network namespace */
static uint32_t sequence;

/* vrf_socket() itself stays in our namespace then, where the name is another interface's. */
static bool can_enter(vrf_id_t vrf_id)
{
	bool can = vrf_switch_to_netns(vrf_id) >= 0;
	int problem = errno;

	vrf_switchback_to_initial();
	errno = problem;
	return can;
}

int er_vrf_socket(int domain, int type, int protocol, vrf_id_t vrf_id, const char *ifname)
{
	int fd = -1;

	frr_with_privs (&er_privs) {
		if (can_enter(vrf_id))
			fd = vrf_socket(domain, type, protocol, vrf_id, ifname);
	}
	return fd;
}

void er_netlink_init(void)
{
	here = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (here < 0)
		zlog_warn("cannot ask the kernel for interfaces: %m");
}

void er_netlink_fini(void)
{
	if (here >= 0)
		close(here);
	here = -1;
}

static const struct nlmsghdr *answer_of(int fd, struct nlmsghdr *request)
{
	static _Alignas(struct nlmsghdr) uint8_t answer[32 * 1024];
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)answer;
	ssize_t n;

	request->nlmsg_flags |= NLM_F_REQUEST;
	request->nlmsg_seq = ++sequence;
	if (send(fd, request, request->nlmsg_len, 0) != (ssize_t)request->nlmsg_len)
		return NULL;
	/* the answer was there before send() returned */
	do {
		n = recv(fd, answer, sizeof(answer), 0);
		if (n < 0 || !NLMSG_OK(hdr, (size_t)n))
			return NULL;
	} while (hdr->nlmsg_seq != sequence);
	return hdr->nlmsg_type == NLMSG_ERROR ? NULL : hdr;
}

const struct nlmsghdr *er_netlink_ask(vrf_id_t vrf_id, struct nlmsghdr *request)
{
	bool elsewhere = vrf_is_backend_netns() && vrf_id != VRF_DEFAULT;
	int fd = here;
	const struct nlmsghdr *hdr;

	if (elsewhere)
		fd = er_vrf_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_ROUTE, vrf_id, NULL);
	if (fd < 0)
		return NULL;
	hdr = answer_of(fd, request);
	if (elsewhere)
		close(fd);
	return hdr;
}

/*
 * Counters
 */
bool er_netlink_counters(const struct interface *ifp, struct er_counters *counters)
{
	struct {
		struct nlmsghdr hdr;
		struct if_stats_msg msg;
	} request = {
		.hdr.nlmsg_len = sizeof(request),
		.hdr.nlmsg_type = RTM_GETSTATS,
		.msg.ifindex = ifp->ifindex,
		.msg.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64),
	};
	const struct nlmsghdr *hdr = er_netlink_ask(ifp->vrf->vrf_id, &request.hdr);
	struct rtnl_link_stats64 stats;
	const struct rtattr *attr;
	size_t len;

	if (!hdr || hdr->nlmsg_type != RTM_NEWSTATS)
		return false;
	len = NLMSG_PAYLOAD(hdr, sizeof(struct if_stats_msg));
	attr = (const struct rtattr *)((const uint8_t *)NLMSG_DATA(hdr) +
				       NLMSG_ALIGN(sizeof(struct if_stats_msg)));
	for (; RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		if (attr->rta_type != IFLA_STATS_LINK_64)
			continue;
		memset(&stats, 0, sizeof(stats));
		memcpy(&stats, RTA_DATA(attr), MIN(RTA_PAYLOAD(attr), sizeof(stats)));
		counters->in_octets = stats.rx_bytes;
		counters->in_packets = stats.rx_packets;
		counters->out_octets = stats.tx_bytes;
		counters->out_packets = stats.tx_packets;
		return true;
	}
	return false;
}

/*
 * Ways
 */
static bool is_on_the_link(const struct interface *ifp, const struct ipaddr *target)
{
	const struct connected *c;
	struct prefix host = er_host_prefix(target);

	frr_each (if_connected_const, ifp->connected, c)
		if (c->address->family == host.family && prefix_match(c->address, &host))
			return true;
	return false;
}

/* A route over the interface that goes by a router. */
static bool has_gateway(const struct interface *ifp, const struct ipaddr *target)
{
	bool v4 = IS_IPADDR_V4(target);
	struct {
		struct nlmsghdr hdr;
		struct rtmsg msg;
		struct rtattr oif_attr;
		uint32_t oif;
		struct rtattr dst_attr;
		uint8_t dst[IPV6_MAX_BYTELEN];
	} request = {
		.hdr.nlmsg_len = offsetof(typeof(request), dst) +
				 (v4 ? IPV4_MAX_BYTELEN : IPV6_MAX_BYTELEN),
		.hdr.nlmsg_type = RTM_GETROUTE,
		.msg.rtm_family = v4 ? AF_INET : AF_INET6,
		.msg.rtm_dst_len = v4 ? IPV4_MAX_BITLEN : IPV6_MAX_BITLEN,
		.oif_attr = { .rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_OIF },
		.oif = ifp->ifindex,
		.dst_attr.rta_len = RTA_LENGTH(v4 ? IPV4_MAX_BYTELEN : IPV6_MAX_BYTELEN),
		.dst_attr.rta_type = RTA_DST,
	};
	const struct nlmsghdr *hdr;
	const struct rtattr *attr;
	size_t len;

	memcpy(request.dst, &target->ip, v4 ? IPV4_MAX_BYTELEN : IPV6_MAX_BYTELEN);
	hdr = er_netlink_ask(ifp->vrf->vrf_id, &request.hdr);
	if (!hdr || hdr->nlmsg_type != RTM_NEWROUTE)
		return false;
	len = RTM_PAYLOAD(hdr);
	for (attr = RTM_RTA(NLMSG_DATA(hdr)); RTA_OK(attr, len); attr = RTA_NEXT(attr, len))
		if (attr->rta_type == RTA_GATEWAY || attr->rta_type == RTA_VIA)
			return true;
	return false;
}

bool er_netlink_has_way(const struct interface *ifp, const struct ipaddr *target)
{
	return !(ifp->flags & IFF_BROADCAST) || is_on_the_link(ifp, target) ||
	       has_gateway(ifp, target);
}
