// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one way into er_core: its clock, its timer, and what follows from what
 * it decides.
 */
#include <zebra.h>

#include "monotime.h"

#include "core/text.h"
#include "erouted/er_drain.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

struct er_core *er_core;

/* kept between events, so that an event allocates nothing */
static struct er_decisions decisions;
static struct event *t_tick;

/* clang-format off */
static const char *const event_names[] = {
	[ER_EV_CONFIG] = "config",
	[ER_EV_CONFIG_GONE] = "config-gone",
	[ER_EV_INTERFACE] = "interface",
	[ER_EV_SESSION] = "session",
	[ER_EV_RIB] = "rib",
	[ER_EV_BGPD_SYNCED] = "bgpd-synced",
	[ER_EV_BGPD_LOST] = "bgpd-lost",
	[ER_EV_CLEAR] = "clear",
	[ER_EV_CLEAR_AVAILABILITY] = "clear-availability",
	[ER_EV_TICK] = "tick",
	[ER_EV_VPN_CONFIG] = "vpn-config",
	[ER_EV_VPN_CONFIG_GONE] = "vpn-config-gone",
	[ER_EV_GATEWAY] = "gateway",
	[ER_EV_PROBE] = "probe",
	[ER_EV_VPN_RIB] = "vpn-rib",
	[ER_EV_STATIC] = "static",
	[ER_EV_STATIC_ROUTE] = "static-route",
	[ER_EV_VPN_REQUEST] = "vpn-request",
	[ER_EV_OWN_REQUEST] = "own-request",
	[ER_EV_TRAFFIC] = "traffic",
	[ER_EV_SITE_CONFIG] = "site-config",
	[ER_EV_SITE_CONFIG_GONE] = "site-config-gone",
	[ER_EV_JOINT_CONFIG] = "joint-config",
	[ER_EV_JOINT_CONFIG_GONE] = "joint-config-gone",
	[ER_EV_UNDECLARED] = "undeclared",
	[ER_EV_SITE_STATE] = "site-state",
	[ER_EV_AUDIT] = "audit",
	[ER_EV_PATH_CONFIG] = "path-config",
	[ER_EV_PATH_CONFIG_GONE] = "path-config-gone",
	[ER_EV_PATH] = "path",
};
/* clang-format on */

struct er_time er_now(void)
{
	struct timeval tv;

	monotime(&tv);
	return (struct er_time){
		.mono_ms = tv.tv_sec * 1000LL + tv.tv_usec / 1000,
		.wall_s = time(NULL),
	};
}

static void debug_site_state(const struct er_event *ev)
{
	const struct er_peering_key *key = &ev->site_state.peering;
	const struct er_site_facts *facts = &ev->site_state.facts;

	zlog_debug("event site-state: %s over %s %s: both %u, only %u/%u, refused %u by prefix, %u by limit, %u undeclared, %u else, missing %u, overlaps %u",
		   ev->site_state.site[0] ? ev->site_state.site : "(undeclared)", key->circuit,
		   er_family_str(key->family), facts->both, facts->only[ER_PRIMARY],
		   facts->only[ER_SECONDARY], facts->refused_prefix, facts->refused_limit,
		   facts->refused_undeclared, facts->refused_other, facts->missing,
		   facts->overlaps);
}

static void debug_event(const struct er_event *ev)
{
	const struct er_session_key *key = &ev->session;

	switch (ev->type) {
	case ER_EV_CONFIG:
		zlog_debug("event config: circuit %s", ev->config->name);
		return;
	case ER_EV_CONFIG_GONE:
	case ER_EV_CLEAR:
	case ER_EV_CLEAR_AVAILABILITY:
		zlog_debug("event %s: circuit %s", event_names[ev->type],
			   ev->circuit[0] ? ev->circuit : "(all)");
		return;
	case ER_EV_INTERFACE:
		zlog_debug("event interface: %s %s %s: %s, port %u, addresses %d/%d, reachable %d/%d",
			   key->circuit, er_peering_type_str(key->peering), er_role_str(key->role),
			   er_if_state_str(ev->interface.state), ev->interface.port_ifindex,
			   ev->interface.address_present[ER_IPV4],
			   ev->interface.address_present[ER_IPV6],
			   ev->interface.neighbor_reachable[ER_IPV4],
			   ev->interface.neighbor_reachable[ER_IPV6]);
		return;
	case ER_EV_SESSION:
		zlog_debug("event session: %s %s %s %s: %s, BFD %s, accepted %u, advertised %u%s%s",
			   key->circuit, er_peering_type_str(key->peering), er_role_str(key->role),
			   er_family_str(key->family), er_session_state_str(ev->facts.state),
			   er_bfd_state_str(ev->facts.bfd), ev->facts.accepted,
			   ev->facts.advertised, ev->facts.problem[0] ? ", problem: " : "",
			   ev->facts.problem);
		return;
	case ER_EV_RIB:
		zlog_debug("event rib: %s %s %s: both %u, only %u/%u, path differs %u, drained %u/%u, stale %u/%u, advertised only %u/%u, held %u",
			   ev->peering.circuit, er_peering_type_str(ev->peering.peering),
			   er_family_str(ev->peering.family), ev->rib.both,
			   ev->rib.only[ER_PRIMARY], ev->rib.only[ER_SECONDARY],
			   ev->rib.path_differs, ev->rib.drained[ER_PRIMARY],
			   ev->rib.drained[ER_SECONDARY], ev->rib.stale[ER_PRIMARY],
			   ev->rib.stale[ER_SECONDARY], ev->rib.out_only[ER_PRIMARY],
			   ev->rib.out_only[ER_SECONDARY], ev->rib.held);
		return;
	case ER_EV_VPN_CONFIG:
	case ER_EV_VPN_CONFIG_GONE:
		zlog_debug("event %s: %s", event_names[ev->type],
			   ev->type == ER_EV_VPN_CONFIG ? ev->vpn->name : ev->circuit);
		return;
	case ER_EV_GATEWAY:
		zlog_debug("event gateway: %s %s %s: %s, neighbor %s", key->circuit,
			   er_instance_str(key->role), er_family_str(key->family),
			   er_if_state_str(ev->gateway.interface),
			   ev->gateway.neighbor_reachable ? "reachable" : "not reachable");
		return;
	case ER_EV_PROBE:
		zlog_debug("event probe: %s %s %s: %s, %u us", key->circuit,
			   er_instance_str(key->role), er_family_str(key->family),
			   ev->probe.replied ? "replied" : "lost", ev->probe.rtt_us);
		return;
	case ER_EV_VPN_RIB:
		zlog_debug("event vpn-rib: %s %s: ExpressRoute %u, uncovered %u, more specific %u, suppressed %u, over VPN %u",
			   ev->peering.circuit, er_family_str(ev->peering.family),
			   ev->vpn_rib.expressroute, ev->vpn_rib.uncovered,
			   ev->vpn_rib.more_specific, ev->vpn_rib.suppressed, ev->vpn_rib.over_vpn);
		return;
	case ER_EV_STATIC:
		zlog_debug("event static: %s %pFX: %smore specific", ev->peering.circuit,
			   &ev->static_.prefix, ev->static_.more_specific ? "" : "not ");
		return;
	case ER_EV_STATIC_ROUTE:
		zlog_debug("event static-route: %s %pFX: %d", ev->peering.circuit,
			   &ev->static_route.prefix, ev->static_route.state);
		return;
	case ER_EV_VPN_REQUEST:
		zlog_debug("event vpn-request: %s", ev->request->vpn);
		return;
	case ER_EV_OWN_REQUEST:
		zlog_debug("event own-request: circuit %s: %s%s%s%s", ev->own_request->circuit,
			   ev->own_request->drain ? "drain" : "undrain",
			   ev->own_request->link[ER_PRIMARY] ? " primary" : "",
			   ev->own_request->link[ER_SECONDARY] ? " secondary" : "",
			   ev->own_request->force ? ", forced" : "");
		return;
	case ER_EV_TRAFFIC:
		zlog_debug("event traffic: %s %s %s: received %" PRIu64 ", sent %" PRIu64 "%s",
			   key->circuit, er_peering_type_str(key->peering), er_role_str(key->role),
			   ev->traffic.received, ev->traffic.sent,
			   ev->traffic.known ? "" : ", not known");
		return;
	case ER_EV_SITE_CONFIG:
		zlog_debug("event site-config: %s", ev->site_config->name);
		return;
	case ER_EV_JOINT_CONFIG:
		zlog_debug("event joint-config: %s", ev->joint_config->name);
		return;
	case ER_EV_SITE_CONFIG_GONE:
	case ER_EV_JOINT_CONFIG_GONE:
		zlog_debug("event %s: %s", event_names[ev->type], ev->circuit);
		return;
	case ER_EV_UNDECLARED:
		zlog_debug("event undeclared: %s", er_undeclared_str(ev->undeclared));
		return;
	case ER_EV_SITE_STATE:
		debug_site_state(ev);
		return;
	case ER_EV_AUDIT:
		zlog_debug("event audit: metrics port %u", ev->outside.metrics_port);
		return;
	case ER_EV_PATH_CONFIG:
		zlog_debug("event path-config: %s", ev->path_config->name);
		return;
	case ER_EV_PATH_CONFIG_GONE:
		zlog_debug("event path-config-gone: %s", ev->circuit);
		return;
	case ER_EV_PATH:
		zlog_debug("event path: %s: %s, %u us", ev->path.name,
			   !ev->path.sent     ? "no way"
			   : ev->path.replied ? "replied"
					      : "lost",
			   ev->path.rtt_us);
		return;
	case ER_EV_BGPD_SYNCED:
	case ER_EV_BGPD_LOST:
	case ER_EV_TICK:
		zlog_debug("event %s", event_names[ev->type]);
		return;
	}
}

static void tick(struct event *event)
{
	struct er_event ev = { .type = ER_EV_TICK };

	er_event_handle(&ev);
}

static void arm_tick(int64_t now_ms)
{
	int64_t deadline = er_core_deadline(er_core);
	int64_t wait;

	event_cancel(&t_tick);
	if (deadline == INT64_MAX)
		return;

	/* a deadline behind the timer's range comes by in several steps */
	wait = deadline > now_ms ? deadline - now_ms : 0;
	wait = MIN(wait, 24 * 3600 * 1000);
	event_add_timer_msec(er_loop, tick, NULL, wait, &t_tick);
}

/* What bgpd's module is told follows from it. */
static bool is_of_global_reach(enum er_event_type type)
{
	return type == ER_EV_SITE_CONFIG || type == ER_EV_SITE_CONFIG_GONE ||
	       type == ER_EV_JOINT_CONFIG || type == ER_EV_JOINT_CONFIG_GONE ||
	       type == ER_EV_UNDECLARED;
}

void er_event_handle(struct er_event *ev)
{
	ev->now = er_now();

	if (DEBUG_MODE_CHECK(&er_dbg_events, DEBUG_MODE_ALL))
		debug_event(ev);

	er_decisions_reset(&decisions);
	er_core_handle(er_core, ev, &decisions);

	for (size_t i = 0; i < decisions.n; i++)
		er_notify(&decisions.notice[i]);
	if (decisions.n || decisions.replan || decisions.remember)
		er_persist_changed();
	if (decisions.replan || is_of_global_reach(ev->type))
		er_channel_config_changed();
	if (decisions.replan)
		er_vpn_evaluate();

	er_drain_watch();
	arm_tick(ev->now.mono_ms);
}

void er_event_clear(const char *circuit)
{
	struct er_event ev = { .type = ER_EV_CLEAR };

	strlcpy(ev.circuit, circuit, sizeof(ev.circuit));
	er_event_handle(&ev);
	er_channel_clear(circuit);
}

void er_event_clear_availability(const char *circuit)
{
	struct er_event ev = { .type = ER_EV_CLEAR_AVAILABILITY };

	strlcpy(ev.circuit, circuit, sizeof(ev.circuit));
	er_event_handle(&ev);
	er_persist_changed();
}

void er_event_init(void)
{
	er_core = er_core_new(er_now());
	arm_tick(er_now().mono_ms);
}

void er_event_fini(void)
{
	event_cancel(&t_tick);
	er_decisions_fini(&decisions);
	er_core_free(&er_core);
}
