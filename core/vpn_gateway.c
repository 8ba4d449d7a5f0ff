// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts -> a gateway can carry traffic, or why it cannot.
 *
 * A BGP session that is established proves its tunnel; a tunnel of static
 * prefixes alone is proved by its interface, and by the probe where there is one.
 * A probe that gets no reply proves a tunnel wrong in either case: it may be up
 * and swallow everything.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/text.h"
#include "core/vpn_internal.h"

bool er_gateway_has_probe(const struct er_vpn *vpn, enum er_family f, enum er_role r)
{
	return vpn->config->gateway[r].probe[f].ipa_type != IPADDR_NONE;
}

static bool interface_is_unfit(const struct er_gateway *g)
{
	return g->facts.interface == ER_IF_MISSING || g->facts.interface == ER_IF_DOWN ||
	       g->facts.interface == ER_IF_WRONG_VRF;
}

static enum er_probe_state probe_state(const struct er_vpn *vpn, enum er_family f, enum er_role r)
{
	return er_probe_state(&vpn->gateway[f][r].probe, er_gateway_has_probe(vpn, f, r));
}

static bool is_usable(const struct er_vpn *vpn, enum er_family f, enum er_role r)
{
	const struct er_gateway *g = &vpn->gateway[f][r];

	return g->runs && !g->distrusted && !interface_is_unfit(g) && !g->facts.bfd_down &&
	       probe_state(vpn, f, r) != ER_PROBE_DOWN;
}

/* What nothing is known against need not work. */
static bool is_proved(const struct er_vpn *vpn, enum er_family f, enum er_role r)
{
	const struct er_gateway *g = &vpn->gateway[f][r];

	if (g->planned)
		return g->session.state == ER_SESSION_ESTABLISHED;
	return g->facts.interface == ER_IF_UP && probe_state(vpn, f, r) != ER_PROBE_WAITING;
}

static enum er_gateway_health assess(const struct er_vpn *vpn, enum er_family f, enum er_role r)
{
	if (!vpn->gateway[f][r].runs)
		return ER_GATEWAY_INACTIVE;
	return is_usable(vpn, f, r) && is_proved(vpn, f, r) ? ER_GATEWAY_UP : ER_GATEWAY_DOWN;
}

static bool session_is_established(const struct er_gateway *g)
{
	return g->planned && g->session.state == ER_SESSION_ESTABLISHED;
}

/* What is there when it is first reported is no news. */
static void say_session(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			enum er_role r, struct er_decisions *out)
{
	struct er_gateway *g = &vpn->gateway[f][r];
	bool established = session_is_established(g);
	struct er_notice *n;

	if (!g->said.met) {
		g->said.met = g->reported;
		g->said.established = established;
		g->said.neighbor = g->spec.neighbor;
		return;
	}
	if (established == g->said.established)
		return;
	n = er_vpn_notice(vpn, f, ER_NOTICE_SESSION, out);
	n->session.role = r;
	n->established = established;
	if (established)
		g->said.neighbor = g->spec.neighbor;
	else
		er_session_lost_reason(core->channel, g->planned,
				       vpn->config->shutdown || vpn->config->gateway[r].shutdown,
				       &g->session, n->reason, sizeof(n->reason));
	n->neighbor = g->said.neighbor;
	g->said.established = established;
}

void er_gateways_update(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			struct er_time now, struct er_decisions *out)
{
	ER_FOREACH_ROLE(r)
	{
		struct er_gateway *g = &vpn->gateway[f][r];

		g->usable = is_usable(vpn, f, r);
		g->health = assess(vpn, f, r);
		say_session(core, vpn, f, r, out);
		/* without word from bgpd, nobody knows that it has been quiet */
		if (core->channel != ER_CHANNEL_SYNCED)
			continue;
		er_holddown_advance(&g->holddown, now.mono_ms);
		er_holddown_session(&g->holddown, g->health == ER_GATEWAY_UP, !g->resynced,
				    now.mono_ms);
		g->resynced = false;
	}
}

/*
 * In words
 */
static void session_problem(const struct er_core *core, const struct er_gateway *g, char *buf,
			    size_t len)
{
	struct er_session_view view = {
		.spec = g->spec,
		.facts = g->session,
		.assessment = { .health = ER_LINK_DOWN, .reason = ER_REASON_SESSION },
	};

	if (core->channel == ER_CHANNEL_WAITING)
		view.assessment.health = ER_LINK_INACTIVE;
	if (core->channel == ER_CHANNEL_WAITING || core->channel == ER_CHANNEL_LOST)
		view.assessment.reason = ER_REASON_BGPD_LOST;
	else if (g->session.state == ER_SESSION_ABSENT)
		view.assessment.reason = ER_REASON_ABSENT;
	else if (g->seen && !g->facts.neighbor_reachable) {
		snprintfrr(buf, len, "no route to the neighbor %pIA", &g->spec.neighbor);
		return;
	}
	er_link_reason(&view, buf, len);
}

static void interface_problem(const struct er_vpn *vpn, const struct er_gateway *g, enum er_role r,
			      char *buf, size_t len)
{
	struct er_session_view view = {
		.interface.state = g->facts.interface,
		.assessment.reason = ER_REASON_INTERFACE,
	};

	strlcpy(view.spec.ifname, vpn->config->gateway[r].ifname, sizeof(view.spec.ifname));
	strlcpy(view.spec.vrf, vpn->config->vrf, sizeof(view.spec.vrf));
	er_link_reason(&view, buf, len);
}

static void probe_problem(const struct er_vpn *vpn, enum er_family f, enum er_role r, char *buf,
			  size_t len)
{
	const struct ipaddr *target = &vpn->config->gateway[r].probe[f];

	if (vpn->gateway[f][r].distrusted)
		snprintfrr(buf, len, "it was down before the restart, and is not heard of since");
	else if (probe_state(vpn, f, r) == ER_PROBE_WAITING)
		snprintfrr(buf, len, "%pIA has not answered through the tunnel yet", target);
	else
		snprintfrr(buf, len, "%pIA does not answer through the tunnel", target);
}

void er_gateway_problem(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			enum er_role r, char *buf, size_t len)
{
	const struct er_gateway *g = &vpn->gateway[f][r];

	buf[0] = '\0';
	if (g->health == ER_GATEWAY_UP || !er_vpn_has_gateway(vpn->config, r, f))
		return;
	if (!g->runs)
		snprintfrr(buf, len, "shut down");
	else if (interface_is_unfit(g))
		interface_problem(vpn, g, r, buf, len);
	else if (g->facts.bfd_down)
		snprintfrr(buf, len, "BFD through the tunnel is down");
	else if (g->distrusted || probe_state(vpn, f, r) == ER_PROBE_DOWN)
		probe_problem(vpn, f, r, buf, len);
	else if (g->planned)
		session_problem(core, g, buf, len);
	else if (g->facts.interface != ER_IF_UP)
		snprintfrr(buf, len, "interface %s has not been seen yet",
			   vpn->config->gateway[r].ifname);
	else
		probe_problem(vpn, f, r, buf, len);
}

void er_gateways_problem(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			 char *buf, size_t len)
{
	char text[ER_ROLES][ER_TEXT_LEN + 64];

	ER_FOREACH_ROLE(r)
	er_gateway_problem(core, vpn, f, r, text[r], sizeof(text[r]));
	if (text[0][0] && strmatch(text[0], text[1]))
		snprintfrr(buf, len, "both gateways: %s", text[0]);
	else if (text[0][0] && text[1][0])
		snprintfrr(buf, len, "gateway 0: %s; gateway 1: %s", text[0], text[1]);
	else if (text[0][0])
		snprintfrr(buf, len, "gateway 0: %s", text[0]);
	else if (text[1][0])
		snprintfrr(buf, len, "gateway 1: %s", text[1]);
	else
		buf[0] = '\0';
}
