// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a reader sees: states, reasons, warnings.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/limits.h"
#include "core/text.h"
#include "core/vpn_internal.h"
#include "core/warnings.h"

struct er_notice *er_vpn_notice(const struct er_vpn *vpn, enum er_family f,
				enum er_notice_type type, struct er_decisions *out)
{
	struct er_notice *n = er_decisions_add(out);

	n->type = type;
	strlcpy(n->session.circuit, vpn->name, sizeof(n->session.circuit));
	n->session.peering = ER_VPN;
	n->session.family = f;
	return n;
}

/*
 * Reasons
 */
void er_vpn_cause_reason(const struct er_vpn *vpn, enum er_vpn_cause cause,
			 const struct er_vpn_sight *sight, char *buf, size_t len)
{
	switch (cause) {
	case ER_VPN_CAUSE_NONE:
		buf[0] = '\0';
		return;
	case ER_VPN_CAUSE_ALL_DOWN:
		snprintfrr(buf, len, "no link of ExpressRoute carries traffic");
		return;
	case ER_VPN_CAUSE_LINKS_BELOW:
		snprintfrr(buf, len, "%u of %u links of ExpressRoute %s up, fewer than %u",
			   sight->up, sight->links, sight->up == 1 ? "is" : "are",
			   vpn->config->min_links);
		return;
	case ER_VPN_CAUSE_DRAINED:
		snprintfrr(buf, len, "Microsoft drains every link that carries traffic");
		return;
	case ER_VPN_CAUSE_ASYMMETRIC:
		snprintfrr(buf, len, "the links of ExpressRoute do not carry the same");
		return;
	case ER_VPN_CAUSE_QUALITY:
		snprintfrr(buf, len, "every link that carries traffic is poor");
		return;
	case ER_VPN_CAUSE_OPERATOR:
		snprintfrr(buf, len, "switched over by the operator");
		return;
	case ER_VPN_CAUSE_TEST:
		snprintfrr(buf, len, "a failover test is running");
		return;
	}
	buf[0] = '\0';
}

static bool nothing_works(const struct er_vpn_sight *sight)
{
	return !sight->available && sight->links && !sight->carrying;
}

static void unavailable_reason(const struct er_core *core, const struct er_vpn *vpn,
			       enum er_family f, const struct er_vpn_sight *sight, char *buf,
			       size_t len)
{
	char problem[ER_JOINED_LEN];

	er_gateways_problem(core, vpn, f, problem, sizeof(problem));
	if (nothing_works(sight))
		snprintfrr(buf, len, "nothing works: no link of ExpressRoute carries traffic; %s",
			   problem);
	else
		strlcpy(buf, problem, len);
}

void er_vpn_reason(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
		   const struct er_vpn_sight *sight, char *buf, size_t len)
{
	const struct er_vpn_family *m = &vpn->family[f];

	buf[0] = '\0';
	if (!m->configured)
		snprintfrr(buf, len, "no gateway is configured in %s", er_family_str(f));
	else if (!m->runs)
		snprintfrr(buf, len, "shut down");
	else if (core->channel == ER_CHANNEL_LOST)
		snprintfrr(buf, len, "no contact with bgpd: what was decided stands");
	else if (m->waiting || (core->channel == ER_CHANNEL_SYNCED && !sight->known))
		snprintfrr(buf, len, "waiting for bgpd's first report");
	else if (!sight->available)
		unavailable_reason(core, vpn, f, sight, buf, len);
	else if (m->return_at_ms != ER_NEVER)
		snprintfrr(buf, len, "the circuits advertise again, traffic follows");
	else if (m->hold_until_ms != ER_NEVER)
		snprintfrr(buf, len, "ExpressRoute is back, its hold runs");
	else if (m->unfit)
		snprintfrr(buf, len, "ExpressRoute is not healthy yet: %u of %u links up",
			   sight->up, sight->links);
	else
		er_vpn_cause_reason(vpn, m->cause, sight, buf, len);
}

/*
 * Views
 */
static int64_t until_ms(const struct er_vpn_family *m)
{
	if (m->return_at_ms != ER_NEVER)
		return m->return_at_ms;
	if (m->hold_until_ms != ER_NEVER)
		return m->hold_until_ms;
	if (m->active && m->operator.asked && m->operator.until_ms != ER_NEVER)
		return m->operator.until_ms;
	return 0;
}

static void gateway_view(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			 enum er_role r, struct er_gateway_view *view)
{
	const struct er_gateway *g = &vpn->gateway[f][r];

	view->configured = er_vpn_has_gateway(vpn->config, r, f);
	if (!view->configured)
		return;
	view->has_session = er_vpn_describe_session(vpn->config, r, f, &view->spec);
	er_vpn_plan_session(core, vpn->name, r, f, &view->spec);
	view->session = g->session;
	view->facts = g->facts;
	view->probe.state = er_probe_state(&g->probe, er_gateway_has_probe(vpn, f, r));
	view->probe.sent = g->probe.sent;
	view->probe.lost = g->probe.lost;
	view->probe.rtt_us = g->probe.rtt_us;
	view->health = g->health;
	view->flaps = g->holddown.flaps;
	er_gateway_problem(core, vpn, f, r, view->problem, sizeof(view->problem));
}

bool er_vpn_view(const struct er_core *core, const char *name, enum er_family family,
		 struct er_time now, struct er_vpn_view *view)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);
	const struct er_vpn_family *m;
	struct er_vpn_sight sight;

	memset(view, 0, sizeof(*view));
	if (!vpn || (unsigned int)family >= ER_FAMILIES)
		return false;
	m = &vpn->family[family];
	er_vpn_see(core, vpn, family, &sight);
	view->configured = m->configured;
	view->state = m->state;
	view->cause = m->cause;
	er_vpn_reason(core, vpn, family, &sight, view->reason, sizeof(view->reason));
	view->since_mono_ms = m->since_ms;
	view->until_ms = until_ms(m);
	view->nothing_works = m->state == ER_VPN_UNAVAILABLE && nothing_works(&sight);
	view->prefers_vpn = m->active;
	view->switched = m->switched;
	view->links_up = sight.up;
	view->links = sight.links;
	view->rib = m->rib;
	if (!sight.carrying) {
		view->rib_carried = m->rib_carried;
		view->carried_mono_ms = m->carried_ms;
	}
	view->activations = m->activations;
	ER_FOREACH_ROLE(r)
	gateway_view(core, vpn, family, r, &view->gateway[r]);
	return true;
}

int er_vpn_foreach(const struct er_core *core, er_vpn_cb cb, void *arg)
{
	const struct er_vpn *vpn;
	int ret;

	frr_each (er_vpns_const, &core->vpns, vpn) {
		ret = cb(vpn->config, arg);
		if (ret)
			return ret;
	}
	return 0;
}

const struct er_vpn_config *er_vpn_config(const struct er_core *core, const char *name)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);

	return vpn ? vpn->config : NULL;
}

bool er_vpn_report(const struct er_core *core, const char *name, struct er_test_report *report)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);

	if (!vpn) {
		memset(report, 0, sizeof(*report));
		return false;
	}
	*report = vpn->test.report;
	return true;
}

/*
 * Warnings
 */
#define DAY_S INT64_C(86400)

/* The clock has been set back when it is in the future: nobody knows then. */
static bool is_due(const struct er_vpn *vpn, struct er_time now)
{
	int64_t passed_wall = vpn->test.report.passed_wall;
	uint32_t days = vpn->config->test_max_age_days;

	if (!days || vpn->config->shutdown)
		return false;
	return !passed_wall || passed_wall > now.wall_s + DAY_S ||
	       now.wall_s - passed_wall > days * DAY_S;
}

bool er_vpn_test_is_due(const struct er_core *core, const char *name, struct er_time now)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);

	return vpn && is_due(vpn, now);
}

static void warn_of_test(struct er_warnings *w, const struct er_vpn *vpn, struct er_time now)
{
	int64_t passed_wall = vpn->test.report.passed_wall;

	if (!is_due(vpn, now))
		return;
	if (!passed_wall || passed_wall > now.wall_s)
		er_warn(w,
			"no failover test has passed yet: a backup that is not tested fails silently");
	else
		er_warn(w,
			"its last failover test that passed is %" PRId64 " days old, more than %u",
			(now.wall_s - passed_wall) / DAY_S, vpn->config->test_max_age_days);
}

static bool microsoft_peering_is_there(const struct er_core *core)
{
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c)
		if (c->config->peering[ER_MICROSOFT].configured)
			return true;
	return false;
}

/* MS: expressroute-howto-coexist; a VPN over Microsoft peering is meant to be there. */
static void warn_of_pins(struct er_warnings *w, const struct er_core *core,
			 const struct er_vpn *vpn)
{
	const struct er_vpn_config *config = vpn->config;

	if (config->pin == ER_PIN_NONE) {
		if (microsoft_peering_is_there(core))
			er_warn(w,
				"its gateways are not pinned: a route of Microsoft peering may take the tunnel into ExpressRoute");
		return;
	}
	ER_FOREACH_ROLE(r)
	if (config->gateway[r].configured && !config->gateway[r].shutdown &&
	    !config->gateway[r].address[0])
		er_warn(w, "gateway %u has no address: nothing of it is pinned", r);
}

static void warn_of_routes(struct er_warnings *w, const struct er_vpn_family *m, bool carrying)
{
	uint32_t taken = m->rib.more_specific - MIN(m->rib.suppressed, m->rib.more_specific);

	if (m->rib.uncovered)
		er_warn(w, "%u of %u prefixes of ExpressRoute have no path over the VPN",
			m->rib.uncovered, m->rib.expressroute);
	else if (!carrying && m->rib_carried.uncovered)
		er_warn(w,
			"%u of %u prefixes had no path over the VPN when ExpressRoute was lost: nothing goes there",
			m->rib_carried.uncovered, m->rib_carried.expressroute);
	if (taken && !m->active)
		er_warn(w,
			"%u %s over the VPN more specific than ExpressRoute's: traffic goes there",
			taken, taken == 1 ? "route is" : "routes are");
}

static void warn_of_gateways(struct er_warnings *w, const struct er_core *core,
			     const struct er_vpn *vpn, enum er_family f)
{
	bool up = vpn->gateway[f][0].health == ER_GATEWAY_UP ||
		  vpn->gateway[f][1].health == ER_GATEWAY_UP;
	bool both = vpn->gateway[f][0].runs && vpn->gateway[f][1].runs;
	char problem[ER_TEXT_LEN];

	if (!both)
		er_warn(w, "only gateway %u is there: its loss is the loss of the backup",
			vpn->gateway[f][0].runs ? 0 : 1);
	ER_FOREACH_ROLE(r)
	{
		const struct er_gateway *g = &vpn->gateway[f][r];

		er_gateway_problem(core, vpn, f, r, problem, sizeof(problem));
		if (g->runs && g->holddown.flapping)
			er_warn(w,
				"gateway %u flaps: no rule moves traffic to it while ExpressRoute carries it",
				r);
		else if (both && up && g->health == ER_GATEWAY_DOWN)
			er_warn(w, "gateway %u is down: %s", r, problem);
	}
}

static void warn_of_rule(struct er_warnings *w, const struct er_vpn *vpn, enum er_family f,
			 const struct er_vpn_sight *sight)
{
	const struct er_vpn_config *config = vpn->config;
	const struct er_vpn_family *m = &vpn->family[f];

	if (!sight->links)
		er_warn(w, "no circuit that it backs has an %s private peering",
			f == ER_IPV4 ? "IPv4" : "IPv6");
	else if (config->activation == ER_ACTIVATE_LINKS_BELOW && config->min_links > sight->links)
		er_warn(w, "it activates with fewer than %u links up, but only %u %s configured",
			config->min_links, sight->links, sight->links == 1 ? "is" : "are");
	if (config->on_quality && sight->probed < sight->links)
		er_warn(w,
			"it activates by quality, but %u of %u %s links %s measured by a path-probe",
			sight->probed, sight->links, f == ER_IPV4 ? "IPv4" : "IPv6",
			sight->probed == 1 ? "is" : "are");
	if (m->active && m->operator.asked && m->operator.until_ms == ER_NEVER)
		er_warn(w, "it is switched over by the operator, without a time limit");
}

size_t er_vpn_warnings(const struct er_core *core, const char *name, enum er_family family,
		       struct er_time now, char (*warning)[ER_TEXT_LEN], size_t size)
{
	const struct er_vpn *vpn = er_vpn_find(core, name);
	struct er_warnings w = { .text = warning, .size = size };
	struct er_vpn_sight sight;

	if (!vpn || (unsigned int)family >= ER_FAMILIES || !vpn->family[family].runs)
		return 0;
	er_vpn_see(core, vpn, family, &sight);
	warn_of_test(&w, vpn, now);
	warn_of_pins(&w, core, vpn);
	warn_of_routes(&w, &vpn->family[family], sight.carrying);
	warn_of_gateways(&w, core, vpn, family);
	warn_of_rule(&w, vpn, family, &sight);
	return w.n;
}
