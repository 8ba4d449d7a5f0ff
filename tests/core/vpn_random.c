// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random events of two circuits and a VPN backup.  In a calm world what is wrong
 * is the exception: else nothing would ever be tested, or return.
 */
#include <zebra.h>

#include <string.h>

#include "tests/core/vpn_world.h"

char names[CIRCUITS][ER_NAME_LEN] = { "ams", "paris" };

static bool trouble(struct world *w, uint32_t n)
{
	return one_in(&w->source, w->calm ? n * 6 : n);
}

static void random_gateway(struct world *w, enum er_role r)
{
	struct source *s = &w->source;
	struct er_gateway_config *g = &w->vpn.gateway[r];

	*g = gateway_of(r, !one_in(s, 4), one_in(s, 2));
	if (!one_in(s, 3))
		snprintf(g->ifname, sizeof(g->ifname), "wg%u", r);
	if (g->ifname[0] && one_in(s, 2))
		add_probe(g, r);
}

void random_backup(struct world *w)
{
	static const uint32_t holds[] = { 0, 5, 60 };
	struct source *s = &w->source;
	struct er_vpn_config *vpn = &w->vpn;

	memset(vpn, 0, sizeof(*vpn));
	strlcpy(vpn->name, BACKUP, sizeof(vpn->name));
	strlcpy(vpn->vrf, "default", sizeof(vpn->vrf));
	vpn->circuit = names;
	vpn->n_circuits = 1 + any(s, CIRCUITS);
	vpn->activation = any(s, ER_ACTIVATE_OPERATOR + 1);
	vpn->min_links = 1 + any(s, 3);
	vpn->on_drained = one_in(s, 2);
	vpn->on_asymmetric = one_in(s, 3);
	vpn->return_path = !one_in(s, 4);
	vpn->restore_s = holds[any(s, array_size(holds))];
	vpn->restore_max_s = vpn->restore_s + any(s, 2) * 300;
	vpn->more_specifics = any(s, 2);
	vpn->probe_interval_ms = 1000;
	vpn->probe_multiplier = 1 + any(s, 3);
	vpn->test_max_age_days = any(s, 100);
	if (one_in(s, 2)) {
		str2prefix("10.1.0.0/16", &w->prefix);
		vpn->prefix = &w->prefix;
		vpn->n_prefixes = 1;
	}
	FOREACH_ROLE(r)
	if (r == ER_PRIMARY || !one_in(s, 3))
		random_gateway(w, r);
}

/* The hold stays: the model compares with it. */
static void change_backup(struct world *w)
{
	struct source *s = &w->source;
	struct er_vpn_config *vpn = &w->vpn;

	switch (any(s, 6)) {
	case 0:
		vpn->shutdown = trouble(w, 2);
		break;
	case 1:
		vpn->gateway[any(s, ER_ROLES)].shutdown = trouble(w, 2);
		break;
	case 2:
		vpn->activation = any(s, ER_ACTIVATE_OPERATOR + 1);
		vpn->min_links = 1 + any(s, 3);
		break;
	case 3:
		vpn->return_path = one_in(s, 2);
		break;
	case 4:
		random_gateway(w, any(s, ER_ROLES));
		break;
	default:
		vpn->more_specifics = any(s, 2);
		vpn->on_drained = one_in(s, 2);
		break;
	}
}

static void ev_backup(struct world *w, struct er_event *ev)
{
	if (w->configured && one_in(&w->source, 20)) {
		ev->type = ER_EV_VPN_CONFIG_GONE;
		strlcpy(ev->circuit, BACKUP, sizeof(ev->circuit));
		w->configured = false;
		w->test_runs = false;
		memset(w->said, 0, sizeof(w->said));
		memset(w->since, 0, sizeof(w->since));
		return;
	}
	if (w->configured)
		change_backup(w);
	else
		random_backup(w);
	w->configured = true;
	ev->type = ER_EV_VPN_CONFIG;
	ev->vpn = &w->vpn;
}

static void ev_circuit(struct world *w, struct er_event *ev)
{
	unsigned int c = any(&w->source, CIRCUITS);

	w->circuit[c].shutdown = trouble(w, 3);
	w->circuit[c].peering[ER_PRIVATE].link[any(&w->source, ER_ROLES)].shutdown = trouble(w, 4);
	ev->type = ER_EV_CONFIG;
	ev->config = &w->circuit[c];
}

/* Mostly all is well: else nothing would ever return. */
static void fill_session(struct world *w, struct er_session_facts *facts)
{
	struct source *s = &w->source;

	memset(facts, 0, sizeof(*facts));
	facts->state = trouble(w, 3) ? any(s, ER_SESSION_ESTABLISHED) : ER_SESSION_ESTABLISHED;
	if (facts->state == ER_SESSION_ESTABLISHED && !trouble(w, 6))
		facts->accepted = 1 + any(s, 5);
}

static void ev_session(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;
	bool vpn = one_in(s, 2);

	ev->type = ER_EV_SESSION;
	ev->session = session_key(vpn ? BACKUP : names[any(s, CIRCUITS)],
				  vpn ? ER_VPN : ER_PRIVATE, any(s, ER_ROLES), any(s, ER_FAMILIES));
	fill_session(w, &ev->facts);
}

void sweep_links(struct world *w)
{
	enum er_session_state state = one_in(&w->source, 2) ? ER_SESSION_ESTABLISHED
							    : ER_SESSION_IDLE;

	for (unsigned int c = 0; c < CIRCUITS; c++)
		FOREACH_FAMILY(f)
	FOREACH_ROLE(r)
	{
		struct er_event ev = { .type = ER_EV_SESSION };

		ev.session = session_key(names[c], ER_PRIVATE, r, f);
		ev.facts.state = state;
		ev.facts.accepted = state == ER_SESSION_ESTABLISHED ? 5 : 0;
		handle(w, &ev);
	}
}

static void ev_rib(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;
	struct er_rib_facts *rib = &ev->rib;

	ev->type = ER_EV_RIB;
	ev->peering = peering_key(names[any(s, CIRCUITS)], ER_PRIVATE, any(s, ER_FAMILIES));
	memset(rib, 0, sizeof(*rib));
	rib->both = any(s, 4);
	FOREACH_ROLE(r)
	{
		if (trouble(w, 4))
			rib->only[r] = any(s, 3);
		if (trouble(w, 3))
			rib->drained[r] = rib->both + rib->only[r];
	}
}

static void ev_vpn_rib(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;

	ev->type = ER_EV_VPN_RIB;
	ev->peering = peering_key(BACKUP, ER_VPN, any(s, ER_FAMILIES));
	memset(&ev->vpn_rib, 0, sizeof(ev->vpn_rib));
	ev->vpn_rib.expressroute = any(s, 6);
	ev->vpn_rib.uncovered = trouble(w, 3) ? any(s, 6) : 0;
	ev->vpn_rib.more_specific = any(s, 2);
	ev->vpn_rib.over_vpn = any(s, 8);
}

static void ev_gateway(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;

	ev->session = session_key(BACKUP, ER_VPN, any(s, ER_ROLES), any(s, ER_FAMILIES));
	if (one_in(s, 2)) {
		ev->type = ER_EV_PROBE;
		ev->probe.replied = !trouble(w, 4);
		ev->probe.rtt_us = any(s, 9000);
		return;
	}
	ev->type = ER_EV_GATEWAY;
	memset(&ev->gateway, 0, sizeof(ev->gateway));
	ev->gateway.interface = trouble(w, 3) ? any(s, ER_IF_UP + 1) : ER_IF_UP;
	ev->gateway.neighbor_reachable = !trouble(w, 5);
	ev->gateway.bfd_down = trouble(w, 8);
}

static void ev_static(struct world *w, struct er_event *ev)
{
	ev->type = ER_EV_STATIC;
	ev->peering = peering_key(BACKUP, ER_VPN, ER_IPV4);
	str2prefix("10.1.0.0/16", &ev->static_.prefix);
	ev->static_.more_specific = one_in(&w->source, 2);
}

static void ev_request(struct world *w, struct er_event *ev)
{
	static const uint32_t seconds[] = { 0, 5, 30, 100 };
	static struct er_vpn_request request;
	struct source *s = &w->source;

	memset(&request, 0, sizeof(request));
	strlcpy(request.vpn, BACKUP, sizeof(request.vpn));
	request.ask = any(s, ER_VPN_TEST_ABORT + 1);
	request.seconds = seconds[any(s, array_size(seconds))];
	request.force = one_in(s, 2);
	ev->type = ER_EV_VPN_REQUEST;
	ev->request = &request;
}

void random_event(struct world *w, struct er_event *ev)
{
	memset(ev, 0, sizeof(*ev));
	switch (any(&w->source, 24)) {
	case 0:
		ev_backup(w, ev);
		break;
	case 1:
		ev_circuit(w, ev);
		break;
	case 2:
	case 3:
	case 4:
		ev_gateway(w, ev);
		break;
	case 5:
	case 6:
		ev_vpn_rib(w, ev);
		break;
	case 7:
		ev_static(w, ev);
		break;
	case 8:
	case 9:
		ev_request(w, ev);
		break;
	case 10:
	case 11:
	case 12:
		ev_rib(w, ev);
		break;
	case 13:
		ev->type = trouble(w, 3) ? ER_EV_BGPD_LOST : ER_EV_BGPD_SYNCED;
		break;
	case 14:
		ev->type = ER_EV_BGPD_SYNCED;
		break;
	case 15:
		ev->type = one_in(&w->source, 8) ? ER_EV_CLEAR : ER_EV_TICK;
		break;
	default:
		ev_session(w, ev);
		break;
	}
}

static void bring_up_backup(struct world *w)
{
	FOREACH_FAMILY(f)
	FOREACH_ROLE(r)
	{
		struct er_event ev = { .type = ER_EV_GATEWAY };

		ev.session = session_key(BACKUP, ER_VPN, r, f);
		ev.gateway.interface = ER_IF_UP;
		ev.gateway.neighbor_reachable = true;
		handle(w, &ev);
		memset(&ev.gateway, 0, sizeof(ev.gateway));
		ev.type = ER_EV_PROBE;
		ev.probe.replied = true;
		ev.probe.rtt_us = 2000;
		for (unsigned int i = 0; i < 3; i++)
			handle(w, &ev);
		memset(&ev.probe, 0, sizeof(ev.probe));
		ev.type = ER_EV_SESSION;
		ev.facts.state = ER_SESSION_ESTABLISHED;
		ev.facts.accepted = 5;
		handle(w, &ev);
	}
}

static void bring_up_circuits(struct world *w)
{
	for (unsigned int c = 0; c < CIRCUITS; c++)
		FOREACH_FAMILY(f)
		{
			struct er_event ev = { .type = ER_EV_RIB };

			ev.peering = peering_key(names[c], ER_PRIVATE, f);
			ev.rib.both = 5;
			handle(w, &ev);
			FOREACH_ROLE(r)
			{
				memset(&ev.rib, 0, sizeof(ev.rib));
				ev.type = ER_EV_SESSION;
				ev.session = session_key(names[c], ER_PRIVATE, r, f);
				ev.facts.state = ER_SESSION_ESTABLISHED;
				ev.facts.accepted = 5;
				handle(w, &ev);
			}
		}
}

void bring_up(struct world *w)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };

	handle(w, &ev);
	bring_up_circuits(w);
	bring_up_backup(w);
}

int64_t random_pause(struct source *s)
{
	static const int64_t pauses[] = { 0, 0, 1, 50, 999, 1000, 3000, 4999, 5000, 9000, 60000 };

	return one_in(s, 60) ? 700000 : pauses[any(s, array_size(pauses))];
}
