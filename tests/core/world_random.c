// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random events of two circuits.
 */
#include <zebra.h>

#include <string.h>

#include "tests/core/world.h"

const char *const names[CIRCUITS] = { "ams", "paris" };

static void change_config(struct world *w, unsigned int c)
{
	struct source *s = &w->source;
	struct er_circuit_config *config = &w->config[c];
	enum er_peering_type p = any(s, ER_PEERING_TYPES);
	struct er_peering_config *peering = &config->peering[p];
	struct er_link_config *link = &peering->link[any(s, ER_ROLES)];

	switch (any(s, 9)) {
	case 0:
		config->shutdown = one_in(s, 2);
		break;
	case 1:
		peering->shutdown = one_in(s, 2);
		break;
	case 2:
		link->shutdown = one_in(s, 2);
		break;
	case 3:
		memset(&link->subnet[any(s, ER_FAMILIES)], 0, sizeof(struct prefix));
		break;
	case 4:
		memset(peering, 0, sizeof(*peering));
		break;
	case 5:
		strlcpy(peering->vrf, one_in(s, 2) ? "azure" : "default", sizeof(peering->vrf));
		break;
	case 6:
		strlcpy(link->ifname, one_in(s, 2) ? "eth7" : "eth8", sizeof(link->ifname));
		break;
	case 7:
		peering->session = one_in(s, 2) ? ER_ATTACHED : ER_MANAGED;
		config->preference = any(s, 256);
		config->sku = any(s, ER_SKU_PREMIUM + 1);
		peering->advertise_limit[ER_IPV4] = any(s, 12) * 10;
		break;
	default:
		config->shutdown = false;
		memset(peering, 0, sizeof(*peering));
		add_peering(config, p, true, one_in(s, 2), c * 4 + any(s, 2));
		break;
	}
}

static void random_config(struct world *w, struct er_event *ev)
{
	unsigned int c = any(&w->source, CIRCUITS);

	if (!w->configured[c])
		w->config[c] = circuit_of(names[c], ER_PRIVATE, one_in(&w->source, 2), c * 4);
	else
		change_config(w, c);
	w->configured[c] = true;
	ev->type = ER_EV_CONFIG;
	ev->config = &w->config[c];
}

static void random_gone(struct world *w, struct er_event *ev)
{
	unsigned int c = any(&w->source, CIRCUITS);

	ev->type = ER_EV_CONFIG_GONE;
	strlcpy(ev->circuit, names[c], sizeof(ev->circuit));
	memset(&w->config[c], 0, sizeof(w->config[c]));
	w->configured[c] = false;
}

static void random_key(struct world *w, struct er_session_key *key)
{
	struct source *s = &w->source;

	*key = session_key(names[any(s, CIRCUITS)], any(s, ER_PEERING_TYPES), any(s, ER_ROLES),
			   any(s, ER_FAMILIES));
}

static void random_interface(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;

	ev->type = ER_EV_INTERFACE;
	random_key(w, &ev->session);
	memset(&ev->interface, 0, sizeof(ev->interface));
	ev->interface.state = one_in(s, 2) ? any(s, ER_IF_UP + 1) : ER_IF_UP;
	ev->interface.port_ifindex = any(s, 3);
	ev->interface.address_present[ER_IPV4] = !one_in(s, 4);
	ev->interface.address_present[ER_IPV6] = !one_in(s, 4);
}

static void random_session(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;

	ev->type = ER_EV_SESSION;
	random_key(w, &ev->session);
	memset(&ev->facts, 0, sizeof(ev->facts));
	ev->facts.state = one_in(s, 3) ? any(s, ER_SESSION_ESTABLISHED) : ER_SESSION_ESTABLISHED;
	/* mostly a few; else around a limit of a hundred */
	ev->facts.accepted = one_in(s, 4) ? 75 + any(s, 30) : any(s, 4);
	ev->facts.advertised = one_in(s, 2) ? any(s, 210) : any(s, 12);
	ev->facts.bfd = any(s, ER_BFD_UP + 1);
}

static void random_rib(struct world *w, struct er_event *ev)
{
	struct source *s = &w->source;
	struct er_rib_facts *rib = &ev->rib;
	struct er_session_key key;

	random_key(w, &key);
	ev->type = ER_EV_RIB;
	ev->peering = peering_key(key.circuit, key.peering, key.family);
	memset(rib, 0, sizeof(*rib));
	rib->both = any(s, 5);
	if (one_in(s, 3))
		rib->path_differs = rib->both;
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		if (one_in(s, 3))
			rib->only[r] = any(s, 3);
		if (one_in(s, 3))
			rib->drained[r] = any(s, rib->both + rib->only[r] + 1);
		if (one_in(s, 6))
			rib->out_only[r] = any(s, 3);
	}
	if (one_in(s, 4))
		rib->held = any(s, 3);
}

void random_event(struct world *w, struct er_event *ev)
{
	static const enum er_event_type types[] = {
		ER_EV_CONFIG,	   ER_EV_CONFIG,      ER_EV_CONFIG_GONE, ER_EV_INTERFACE,
		ER_EV_INTERFACE,   ER_EV_SESSION,     ER_EV_SESSION,	 ER_EV_SESSION,
		ER_EV_SESSION,	   ER_EV_SESSION,     ER_EV_SESSION,	 ER_EV_SESSION,
		ER_EV_RIB,	   ER_EV_RIB,	      ER_EV_RIB,	 ER_EV_RIB,
		ER_EV_BGPD_SYNCED, ER_EV_BGPD_SYNCED, ER_EV_BGPD_LOST,	 ER_EV_TICK,
		ER_EV_CLEAR,
	};

	memset(ev, 0, sizeof(*ev));
	switch (types[any(&w->source, array_size(types))]) {
	case ER_EV_CONFIG:
		random_config(w, ev);
		break;
	case ER_EV_CONFIG_GONE:
		if (one_in(&w->source, 4))
			random_gone(w, ev);
		else
			random_config(w, ev);
		break;
	case ER_EV_INTERFACE:
		random_interface(w, ev);
		break;
	case ER_EV_SESSION:
		random_session(w, ev);
		break;
	case ER_EV_RIB:
		random_rib(w, ev);
		break;
	case ER_EV_BGPD_SYNCED:
		ev->type = ER_EV_BGPD_SYNCED;
		break;
	case ER_EV_BGPD_LOST:
		ev->type = ER_EV_BGPD_LOST;
		break;
	case ER_EV_CLEAR:
	case ER_EV_CLEAR_AVAILABILITY:
		ev->type = one_in(&w->source, 2) ? ER_EV_CLEAR : ER_EV_CLEAR_AVAILABILITY;
		if (!one_in(&w->source, 4))
			strlcpy(ev->circuit, names[any(&w->source, CIRCUITS)], sizeof(ev->circuit));
		break;
	default:
		ev->type = ER_EV_TICK;
		break;
	}
}

int64_t random_pause(struct source *s)
{
	static const int64_t pauses[] = { 0,	0,    0,    1,	  50,	200,  999,
					  1000, 1001, 3000, 5000, 9000, 20000 };

	return one_in(s, 40) ? 400000 : pauses[any(s, array_size(pauses))];
}
