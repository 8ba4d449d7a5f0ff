// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What zebra does not pass on, asked of the kernel.  It answers at once, to
 * anybody: nobody waits.
 */
#ifndef ER_NETLINK_H
#define ER_NETLINK_H

#include "erouted/erouted.h"

struct nlmsghdr;

/*
 * As vrf_socket(), but none (-1, errno tells) when the VRF is a network namespace that
 * we cannot enter, which needs CAP_SYS_ADMIN.
 */
int er_vrf_socket(int domain, int type, int protocol, vrf_id_t vrf_id, const char *ifname);

void er_netlink_init(void);
void er_netlink_fini(void);
/*
 * The answer of the kernel in the VRF's network namespace, valid until the next
 * question; NULL: there is none, or it is an error.
 */
const struct nlmsghdr *er_netlink_ask(vrf_id_t vrf_id, struct nlmsghdr *request);

/* What the interface has carried; false: not known. */
bool er_netlink_counters(const struct interface *ifp, struct er_counters *counters);
/*
 * Has what is bound to the interface a way to the target?  Without a route over
 * it Linux takes any IPv4 target for a neighbor on the link, which it is not,
 * unless the other end is all there is.
 */
bool er_netlink_has_way(const struct interface *ifp, const struct ipaddr *target);

#endif /* ER_NETLINK_H */
