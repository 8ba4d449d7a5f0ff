// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is seen, told to erouted: each session and each peering when something
 * of it has changed, and all of them after a new set.
 */
#include <zebra.h>
#include "compat.h"

#include "bfd.h"
#include "zclient.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_debug.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_updgrp.h"
#include "bgpd/bgp_zebra.h"

#include "bgpd/er_bgp.h"

/* At most one report of a peering in this time; the first goes out at once. */
#define RIB_PACE_MS 50
/*
 * Nothing tells when bgpd has advertised or refused a prefix, so these two
 * counters are looked at while a session is established.
 */
#define COUNTERS_MS 1000

static struct {
	struct event *t_sessions;
	struct event *t_counters;
	zclient_handler *const *zclient_handlers;
	size_t n_zclient_handlers;
} report;

static enum er_session_state session_state(const struct peer *peer)
{
	if (!peer)
		return ER_SESSION_ABSENT;
	switch (peer->connection->status) {
	case Connect:
		return ER_SESSION_CONNECT;
	case Active:
		return ER_SESSION_ACTIVE;
	case OpenSent:
		return ER_SESSION_OPENSENT;
	case OpenConfirm:
		return ER_SESSION_OPENCONFIRM;
	case Established:
		return ER_SESSION_ESTABLISHED;
	case Deleted:
		return ER_SESSION_ABSENT;
	case Idle:
	case Clearing:
	case BGP_STATUS_MAX:
		break;
	}
	return ER_SESSION_IDLE;
}

static enum er_bfd_state bfd_state(const struct peer *peer)
{
	if (!peer || !peer->bfd_config)
		return ER_BFD_DISABLED;
	switch (bfd_sess_status(peer->bfd_config->session)) {
	case BSS_ADMIN_DOWN:
		return ER_BFD_ADMIN_DOWN;
	case BSS_DOWN:
		return ER_BFD_DOWN;
	case BSS_UP:
		return ER_BFD_UP;
	case BSS_UNKNOWN:
		break;
	}
	return ER_BFD_UNKNOWN;
}

/* In the words of `show bgp neighbor`. */
static void last_reset(const struct peer *peer, char *buf, size_t len)
{
	const struct bgp_notify *notify = &peer->notify;
	bool sent = peer->last_reset == PEER_DOWN_NOTIFY_SEND;

	buf[0] = '\0';
	if (sent || peer->last_reset == PEER_DOWN_NOTIFY_RECEIVED)
		snprintf(buf, len, "Notification %s (%s%s%s)", sent ? "sent" : "received",
			 bgp_notify_code_str(notify->code),
			 bgp_notify_subcode_str(notify->code, notify->subcode),
			 notify->hard_reset ? bgp_notify_subcode_str(BGP_NOTIFY_CEASE,
								     BGP_NOTIFY_CEASE_HARD_RESET)
					    : "");
	else if (peer->last_reset != PEER_DOWN_NONE)
		strlcpy(buf, peer_down_str[peer->last_reset], len);
}

/*
 * bgpd keeps monotonic seconds.  Converted afresh each time the result would
 * flicker by one.
 */
static int64_t wall_clock(time_t mono, time_t *seen, int64_t *wall)
{
	if (!*wall || *seen != mono) {
		*seen = mono;
		*wall = time(NULL) - (monotime(NULL) - mono);
	}
	return *wall;
}

static uint32_t advertised(const struct er_bgp_session *session)
{
	struct peer_af *paf = peer_af_find(session->peer, er_session_afi(session), SAFI_UNICAST);

	return paf && PAF_SUBGRP(paf) ? PAF_SUBGRP(paf)->scount : 0;
}

void er_report_peer_facts(struct peer *peer, struct er_clocks *clocks,
			  struct er_session_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->state = session_state(peer);
	facts->bfd = bfd_state(peer);
	if (!peer)
		return;

	last_reset(peer, facts->last_reset, sizeof(facts->last_reset));
	if (facts->last_reset[0])
		facts->last_reset_wall = wall_clock(peer->resettime, &clocks->reset,
						    &clocks->reset_wall);
	if (facts->state == ER_SESSION_ESTABLISHED)
		facts->established_wall = wall_clock(peer->uptime, &clocks->uptime,
						     &clocks->uptime_wall);
}

static void session_facts(struct er_bgp_session *session, struct er_session_facts *facts)
{
	er_report_peer_facts(session->peer, &session->clocks, facts);
	facts->accepted = er_rib_accepted(session);
	strlcpy(facts->problem, session->problem, sizeof(facts->problem));
	if (session->peer)
		facts->filtered = session->peer->stat_pfx_filter - session->filtered_base;
	if (facts->state == ER_SESSION_ESTABLISHED) {
		facts->advertised = advertised(session);
		facts->drained = er_rib_own_drained(session, &facts->best);
	}
}

/* Returns whether there was anything to say. */
static bool say_session(struct er_bgp_session *session, bool always)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SESSION_STATE };
	struct er_wire_session_state *state = &msg.session_state;

	session_facts(session, &state->facts);
	if (!always && session->was_reported &&
	    !memcmp(&state->facts, &session->reported, sizeof(state->facts)))
		return false;
	state->session = session->spec.key;
	er_channel_send(&msg);
	session->reported = state->facts;
	session->was_reported = true;
	return true;
}

static void look_at_counters(struct event *event);

static void say_sessions(struct event *event)
{
	struct er_bgp_session *session;
	struct er_bgp_peering *peering;
	bool established = false;

	frr_each (er_peering_tree, &er_bgp.peerings, peering) {
		er_outbound_look(peering);
		er_standby_look(peering);
	}
	frr_each (er_session_tree, &er_bgp.sessions, session) {
		say_session(session, false);
		established |= session->reported.state == ER_SESSION_ESTABLISHED;
	}
	er_partner_say_all(false);
	if (established)
		event_add_timer_msec(bm->master, look_at_counters, NULL, COUNTERS_MS,
				     &report.t_counters);
}

static void look_at_counters(struct event *event)
{
	say_sessions(event);
}

void er_report_sessions_soon(void)
{
	event_add_event(bm->master, say_sessions, NULL, 0, &report.t_sessions);
}

void er_report_lost(struct er_bgp_session *session)
{
	if (say_session(session, false))
		er_channel_flush();
}

static void say_rib(struct er_bgp_peering *peering, bool always)
{
	struct er_wire_msg msg = { .type = ER_WIRE_RIB };
	struct er_wire_rib *rib = &msg.rib;

	if (!er_peering_has_session(peering))
		return;
	rib->peering = peering->key;
	er_rib_facts(peering, &rib->rib);
	rib->reevaluated = peering->reevaluation.total;
	er_outbound_facts(peering, &rib->rib);
	er_rib_examples(peering, rib);
	er_outbound_examples(peering, rib);
	er_standby_facts(peering, rib);
	if (!always && peering->was_reported && !memcmp(rib, &peering->reported, sizeof(*rib)))
		return;
	er_channel_send(&msg);
	peering->reported = *rib;
	peering->was_reported = true;
	peering->report_ms = er_mono_ms();
}

static void say_rib_now(struct event *event)
{
	struct er_bgp_peering *peering = EVENT_ARG(event);

	if (!er_is_vpn(peering))
		say_rib(peering, false);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (peering->session[role])
			say_session(peering->session[role], false);
}

void er_report_rib_changed(struct er_bgp_peering *peering)
{
	int64_t since = er_mono_ms() - peering->report_ms;
	long wait = since < RIB_PACE_MS ? RIB_PACE_MS - since : 0;

	event_add_timer_msec(bm->master, say_rib_now, peering, wait, &peering->t_report);
}

void er_report_peering_free(struct er_bgp_peering *peering)
{
	event_cancel(&peering->t_report);
}

void er_report_all(void)
{
	struct er_bgp_session *session;
	struct er_bgp_peering *peering;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		say_session(session, true);
	er_partner_say_all(true);
	frr_each (er_peering_tree, &er_bgp.peerings, peering) {
		if (peering->cover) {
			er_coverage_say(peering->cover);
			continue;
		}
		say_rib(peering, true);
		er_count_say(peering);
		er_site_say(peering, true);
	}
	er_report_sessions_soon();
}

void er_report_clear(const char *circuit)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (session->peer && (!circuit[0] || !strcmp(circuit, session->spec.key.circuit)))
			session->filtered_base = session->peer->stat_pfx_filter;
	er_report_sessions_soon();
}

/*
 * bgpd has no hook for BFD, but what bfdd says comes through zebra: libfrr
 * handles it, then the client's own handler, where bgpd has none.
 */
static int bfd_update(ZAPI_CALLBACK_ARGS)
{
	er_report_sessions_soon();
	if (cmd < (int)report.n_zclient_handlers && report.zclient_handlers[cmd])
		return report.zclient_handlers[cmd](cmd, zclient, length, vrf_id);
	return 0;
}

static zclient_handler *handlers[ZEBRA_INTERFACE_BFD_DEST_UPDATE + 256];

void er_report_init(void)
{
	if (!bgp_zclient || bgp_zclient->n_handlers > array_size(handlers))
		return;
	report.zclient_handlers = bgp_zclient->handlers;
	report.n_zclient_handlers = bgp_zclient->n_handlers;
	for (size_t i = 0; i < report.n_zclient_handlers; i++)
		handlers[i] = report.zclient_handlers[i];
	handlers[ZEBRA_INTERFACE_BFD_DEST_UPDATE] = bfd_update;
	bgp_zclient->handlers = handlers;
	bgp_zclient->n_handlers = MAX(report.n_zclient_handlers,
				      (size_t)ZEBRA_INTERFACE_BFD_DEST_UPDATE + 1);
}

void er_report_fini(void)
{
	event_cancel(&report.t_sessions);
	event_cancel(&report.t_counters);
	if (bgp_zclient && report.zclient_handlers) {
		bgp_zclient->handlers = report.zclient_handlers;
		bgp_zclient->n_handlers = report.n_zclient_handlers;
	}
}
