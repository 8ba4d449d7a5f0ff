// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the tests of core/ share: ready-made circuits, and a core with a clock
 * of its own that behaves as erouted does (it ticks when a deadline comes).
 *
 *   random.[ch]        random numbers, and runs by them
 *   support.c          circuits, the driven core, notices as text
 *   test_plan.c        sessions, preference, drained paths
 *   test_assess.c      facts -> assessment, a table
 *   test_audit.c       each rule of the audit; test_audit_core.c: of what, what is told
 *   test_order.c       in whatever order the parts come up
 *   test_partner.c     a link that ends on another router
 *   test_holddown.c    back-off
 *   test_history.c     how long a state has lasted
 *   test_availability.c months
 *   test_limits.c      Microsoft's limits, levels and hysteresis
 *   test_guard.c       paths and prefixes that never pass
 *   test_admission.c   the limit of advertised prefixes, against a naive model
 *   test_paths.c       quality of paths, and what VPN backups make of it; rates
 *   test_reach.c       regions out of a circuit's reach
 *   test_site.c        Global Reach: whose a route is; test_site_core.c: what is
 *                      said of joints, test_site_memory.c: over a restart;
 *                      site_scene.[ch]: what they share
 *   test_own_drain.c   drain by the operator
 *   test_standby.c     circuits that stand by
 *   test_text.c        words are YANG's, reasons are sentences
 *   test_core.c        what event logs cannot say: reading, restoring, speed
 *   test_events.c      recorded events: data/ *.events; events_vpn.c: of VPN backups
 *   test_properties.c  random events against a model, made by world_random.c
 *   test_tunnel.c      probes and pins
 *   test_vpn.c         plans, reading, memory of VPN backups
 *   test_vpn_properties.c random events of a VPN backup, made by vpn_random.c
 */
#ifndef ER_TEST_SUPPORT_H
#define ER_TEST_SUPPORT_H

#include "core/core.h"

/* 2026-11-21 00:00:00 UTC */
#define WALL_START INT64_C(1795219200)

/*
 * A circuit with both links of `peering` in IPv4 (and IPv6 when dual), on eth1
 * and eth2.  base moves the addresses.
 */
struct er_circuit_config circuit_of(const char *name, enum er_peering_type peering, bool dual,
				    uint8_t base);
void add_peering(struct er_circuit_config *config, enum er_peering_type peering, bool ipv4,
		 bool ipv6, uint8_t base);

struct er_session_key session_key(const char *name, enum er_peering_type p, enum er_role r,
				  enum er_family f);
struct er_peering_key peering_key(const char *name, enum er_peering_type p, enum er_family f);

/*
 * A gateway, with a neighbor in each family that is asked for; its probe goes to
 * an address behind it.
 */
struct er_gateway_config gateway_of(enum er_role r, bool ipv4, bool ipv6);
void add_probe(struct er_gateway_config *gateway, enum er_role r);

/* The notice on one line, as event logs show it. */
void notice_text(const struct er_notice *n, char *buf, size_t len);

/* Fields that mean something are equal. */
bool notice_equal(const struct er_notice *a, const struct er_notice *b);

#endif /* ER_TEST_SUPPORT_H */
