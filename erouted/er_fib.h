// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What zebra has installed for an address, asked when somebody wants to know:
 * the end of the road that `show expressroute route` follows.  In er_zebra.c.
 */
#ifndef ER_FIB_H
#define ER_FIB_H

#include "core/types.h"

struct er_fib_hop {
	struct ipaddr gateway;	    /* none: on the link itself */
	char ifname[ER_IFNAME_LEN]; /* "": none */
	bool blackhole;
};

/* Next hops that are told of by name; a kernel's route may have hundreds. */
#define ER_FIB_HOPS 16

/* The answer for one VRF. */
struct er_fib {
	char vrf[ER_VRF_LEN];
	char problem[ER_TEXT_LEN]; /* why nothing is known; "": it is */
	bool found;		   /* there is a route, as follows */
	struct prefix prefix;
	const char *protocol; /* constant */
	uint8_t distance;
	uint32_t metric;
	size_t n_hops;
	struct er_fib_hop hop[ER_FIB_HOPS];
	unsigned int more_hops; /* that were left out */
};

/* Called once, always after the question has been put, in two seconds at the latest. */
typedef void (*er_fib_done)(const struct er_fib *fib, size_t n, void *arg);

/* For prefix's (first) address, in each VRF in which a circuit has a peering. */
void er_fib_ask(const struct prefix *prefix, er_fib_done done, void *arg);
/* Nobody waits any more. */
void er_fib_cancel(void *arg);

#endif /* ER_FIB_H */
