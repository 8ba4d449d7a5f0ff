// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes that leave over one interface whatever the routes say: ICMP echoes, or
 * TCP connections that are closed at once.
 *
 * A stream is one target over one interface, asked again and again.  Whoever has
 * made it is told of each probe once: that it was answered, that its time is over,
 * or that there was no way to send it.
 */
#ifndef ER_ECHO_H
#define ER_ECHO_H

#include "erouted/erouted.h"

enum er_echo_result {
	ER_ECHO_REPLIED,
	ER_ECHO_LOST,
	ER_ECHO_NO_WAY, /* nothing was sent: there is no route over the interface */
};

struct er_echo_spec {
	struct ipaddr target;
	uint16_t tcp_port; /* 0: ICMP echo */
	char ifname[ER_IFNAME_LEN];
	ifindex_t ifindex; /* 0: it is not there, every probe is lost */
	vrf_id_t vrf_id;
	uint32_t interval_ms;
	uint32_t wait_ms; /* for an answer */
	bool routed;	  /* look for a route before each: er_netlink_has_way() */
};

struct er_echo;
/* The stream may be set anew in there, but not be freed. */
typedef void (*er_echo_cb)(enum er_echo_result result, uint32_t rtt_us, void *arg);

/* Nothing is sent before it is set; then at once. */
struct er_echo *er_echo_new(er_echo_cb cb, void *arg);
void er_echo_set(struct er_echo *echo, const struct er_echo_spec *spec);
void er_echo_free(struct er_echo **echo);
const struct er_echo_spec *er_echo_spec(const struct er_echo *echo);
/* Why no probe can be sent, or "". */
const char *er_echo_problem(const struct er_echo *echo);

#endif /* ER_ECHO_H */
