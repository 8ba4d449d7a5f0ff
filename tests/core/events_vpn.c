// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The language of event logs, as far as it is about VPN backups.
 *
 *   0 vpn NAME circuits NAME,NAME [SETTING]... [gateway 0|1 [ipv4] [ipv6] [probe]
 *         [tunnel IFNAME] [shutdown]]...
 *        SETTING: shutdown | rule all-down|links-below|operator [N] | drained |
 *                 asymmetric | one-way | hold N [max N] | suppress | static PREFIX |
 *                 pin | age DAYS | vrf V
 *   0 vpn-gone NAME
 *   0 gateway NAME 0|1 FAMILY INTERFACE-STATE [unreachable] [bfd-down]
 *   0 probe NAME 0|1 FAMILY lost | MICROSECONDS
 *   0 session NAME vpn 0|1 FAMILY ...               as of a link
 *   0 vpn-rib NAME FAMILY [expressroute N] [uncovered N] [more N] [suppressed N] [over N]
 *   0 static NAME PREFIX more-specific|plain
 *   0 static-route NAME PREFIX absent|standby|in-use|refused
 *   0 ask NAME vpn [for N] | expressroute | test [for N] [force] | abort
 *        what is refused brings "> refused: TEXT", and is given to the core all the same
 *
 *   = NAME vpn FAMILY is STATE [CAUSE] sends vpn|expressroute [switched] [until N]
 *   = NAME vpn FAMILY reason [TEXT]
 *   = NAME vpn FAMILY gateways HEALTH[: TEXT] / HEALTH[: TEXT]
 *   = NAME vpn FAMILY probe 0|1 STATE lost N of N rtt N
 *   = NAME vpn FAMILY prefers N N     local-preference of each gateway's session, - without one
 *   = NAME vpn FAMILY route PREFIX distance N over [0] [1] | is not there
 *   = NAME vpn FAMILY yields CIRCUIT to NAME|-
 *   = NAME vpn FAMILY report RESULT[: TEXT]
 *   = NAME vpn FAMILY due|not due
 *   = NAME vpn FAMILY carried N uncovered N at N | -
 *   = NAME vpn FAMILY warnings [TEXT; TEXT...]
 *   = NAME vpn FAMILY replan | no replan
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/text.h"
#include "tests/core/events.h"

#define NAMES(fn, type)                                                                           \
	static const char *fn##_name(unsigned int v)                                              \
	{                                                                                         \
		return er_##fn##_str((enum type)v);                                               \
	}
NAMES(activation, er_activation)
NAMES(if_state, er_if_state)

static const struct er_vpn_config fresh_config = {
	.vrf = "default",
	.return_path = true,
	.restore_s = 60,
	.restore_max_s = 3600,
	.probe_interval_ms = 1000,
	.probe_multiplier = 3,
};

static void take_gateway_config(struct player *p, struct er_vpn_config *config)
{
	enum er_role r = take_end(p, ER_VPN);
	struct er_gateway_config *g = &config->gateway[r];
	bool ipv4 = next_is(p, "ipv4"), ipv6 = next_is(p, "ipv6");

	*g = gateway_of(r, ipv4, ipv6);
	for (;;) {
		if (next_is(p, "probe"))
			add_probe(g, r);
		else if (next_is(p, "tunnel"))
			strlcpy(g->ifname, take(p, "an interface"), sizeof(g->ifname));
		else if (next_is(p, "address"))
			strlcpy(g->address, take(p, "an address"), sizeof(g->address));
		else if (next_is(p, "shutdown"))
			g->shutdown = true;
		else
			return;
	}
}

static void take_circuits(struct player *p, struct er_vpn_config *config)
{
	static char names[8][ER_NAME_LEN];
	char text[LINE_LEN], *rest = text, *name;

	strlcpy(text, take(p, "circuits"), sizeof(text));
	config->circuit = names;
	while ((name = strsep(&rest, ",")))
		strlcpy(names[config->n_circuits++], name, sizeof(names[0]));
}

static void take_static(struct player *p, struct er_vpn_config *config)
{
	static struct prefix prefixes[8];

	config->prefix = prefixes;
	if (!str2prefix(take(p, "a prefix"), &prefixes[config->n_prefixes++]))
		fail_at(p, "no prefix");
}

static void take_setting(struct player *p, struct er_vpn_config *config)
{
	if (next_is(p, "circuits"))
		take_circuits(p, config);
	else if (next_is(p, "shutdown"))
		config->shutdown = true;
	else if (next_is(p, "rule")) {
		config->activation = take_word_of(p, activation_name, "activation rule");
		if (config->activation == ER_ACTIVATE_LINKS_BELOW)
			config->min_links = take_number(p);
	} else if (next_is(p, "drained"))
		config->on_drained = true;
	else if (next_is(p, "asymmetric"))
		config->on_asymmetric = true;
	else if (next_is(p, "one-way"))
		config->return_path = false;
	else if (next_is(p, "hold"))
		config->restore_s = take_number(p);
	else if (next_is(p, "max"))
		config->restore_max_s = take_number(p);
	else if (next_is(p, "suppress"))
		config->more_specifics = ER_MORE_SPECIFICS_SUPPRESS;
	else if (next_is(p, "static"))
		take_static(p, config);
	else if (next_is(p, "pin"))
		config->pin = ER_PIN_DEFAULT_ROUTE;
	else if (next_is(p, "age"))
		config->test_max_age_days = take_number(p);
	else if (next_is(p, "vrf"))
		strlcpy(config->vrf, take(p, "a VRF"), sizeof(config->vrf));
	else if (next_is(p, "gateway"))
		take_gateway_config(p, config);
	else
		fail_at(p, "'%s' is no setting of a VPN backup", peek(p));
}

static void ev_vpn(struct player *p, struct er_event *ev)
{
	static struct er_vpn_config config;

	config = fresh_config;
	strlcpy(config.name, take(p, "a backup"), sizeof(config.name));
	while (peek(p))
		take_setting(p, &config);
	ev->type = ER_EV_VPN_CONFIG;
	ev->vpn = &config;
}

static struct er_session_key take_gateway(struct player *p)
{
	const char *name = take(p, "a backup");
	enum er_role r = take_end(p, ER_VPN);

	return session_key(name, ER_VPN, r, take_family(p));
}

static void ev_gateway(struct player *p, struct er_event *ev)
{
	ev->type = ER_EV_GATEWAY;
	ev->session = take_gateway(p);
	memset(&ev->gateway, 0, sizeof(ev->gateway));
	ev->gateway.interface = take_word_of(p, if_state_name, "interface state");
	ev->gateway.neighbor_reachable = !next_is(p, "unreachable");
	ev->gateway.bfd_down = next_is(p, "bfd-down");
}

static void ev_probe(struct player *p, struct er_event *ev)
{
	ev->type = ER_EV_PROBE;
	ev->session = take_gateway(p);
	ev->probe.replied = !next_is(p, "lost");
	ev->probe.rtt_us = ev->probe.replied ? take_number(p) : 0;
}

static struct er_peering_key take_backup(struct player *p)
{
	const char *name = take(p, "a backup");

	return peering_key(name, ER_VPN, take_family(p));
}

static void ev_rib(struct player *p, struct er_event *ev)
{
	struct er_vpn_rib_facts *rib = &ev->vpn_rib;

	ev->type = ER_EV_VPN_RIB;
	ev->peering = take_backup(p);
	memset(rib, 0, sizeof(*rib));
	for (;;) {
		if (next_is(p, "expressroute"))
			rib->expressroute = take_number(p);
		else if (next_is(p, "uncovered"))
			rib->uncovered = take_number(p);
		else if (next_is(p, "more"))
			rib->more_specific = take_number(p);
		else if (next_is(p, "suppressed"))
			rib->suppressed = take_number(p);
		else if (next_is(p, "over"))
			rib->over_vpn = take_number(p);
		else
			return;
	}
}

static void ev_static(struct player *p, struct er_event *ev)
{
	const char *name = take(p, "a backup");

	ev->type = ER_EV_STATIC;
	ev->peering = peering_key(name, ER_VPN, ER_IPV4);
	if (!str2prefix(take(p, "a prefix"), &ev->static_.prefix))
		fail_at(p, "no prefix");
	ev->static_.more_specific = next_is(p, "more-specific");
	if (!ev->static_.more_specific && !next_is(p, "plain"))
		fail_at(p, "more-specific or plain expected");
}

static const char *static_route_name(unsigned int v)
{
	static const char *const names[] = {
		[ER_STATIC_ROUTE_ABSENT] = "absent",
		[ER_STATIC_ROUTE_STANDBY] = "standby",
		[ER_STATIC_ROUTE_IN_USE] = "in-use",
		[ER_STATIC_ROUTE_REFUSED] = "refused",
	};

	return v < array_size(names) ? names[v] : "";
}

static void ev_static_route(struct player *p, struct er_event *ev)
{
	const char *name = take(p, "a backup");

	ev->type = ER_EV_STATIC_ROUTE;
	ev->peering = peering_key(name, ER_VPN, ER_IPV4);
	if (!str2prefix(take(p, "a prefix"), &ev->static_route.prefix))
		fail_at(p, "no prefix");
	ev->static_route.state = take_word_of(p, static_route_name, "state of a route");
}

static void ev_ask(struct player *p, struct er_event *ev)
{
	static struct er_vpn_request request;
	char reason[ER_TEXT_LEN], line[LINE_LEN];

	memset(&request, 0, sizeof(request));
	strlcpy(request.vpn, take(p, "a backup"), sizeof(request.vpn));
	if (next_is(p, "vpn"))
		request.ask = ER_VPN_TO_VPN;
	else if (next_is(p, "expressroute"))
		request.ask = ER_VPN_TO_EXPRESSROUTE;
	else if (next_is(p, "test"))
		request.ask = ER_VPN_TEST;
	else if (next_is(p, "abort"))
		request.ask = ER_VPN_TEST_ABORT;
	else
		fail_at(p, "'%s' cannot be asked for", peek(p));
	if (next_is(p, "for"))
		request.seconds = take_number(p);
	request.force = next_is(p, "force");
	ev->type = ER_EV_VPN_REQUEST;
	ev->request = &request;
	if (!er_vpn_refuse(p->core, &request, reason, sizeof(reason)))
		return;
	snprintf(line, sizeof(line), "refused: %s", reason);
	say(p, line);
}

bool vpn_event(struct player *p, struct er_event *ev)
{
	if (next_is(p, "vpn"))
		ev_vpn(p, ev);
	else if (next_is(p, "vpn-gone")) {
		ev->type = ER_EV_VPN_CONFIG_GONE;
		strlcpy(ev->circuit, take(p, "a backup"), sizeof(ev->circuit));
	} else if (next_is(p, "gateway"))
		ev_gateway(p, ev);
	else if (next_is(p, "probe"))
		ev_probe(p, ev);
	else if (next_is(p, "vpn-rib"))
		ev_rib(p, ev);
	else if (next_is(p, "static"))
		ev_static(p, ev);
	else if (next_is(p, "static-route"))
		ev_static_route(p, ev);
	else if (next_is(p, "ask"))
		ev_ask(p, ev);
	else
		return false;
	return true;
}

/*
 * What a reader sees
 */
static void show_state(const struct player *p, const struct er_vpn_view *view, const char *want,
		       char *buf, size_t len)
{
	snprintf(buf, len, "is %s%s%s sends %s%s", er_vpn_state_str(view->state),
		 view->cause != ER_VPN_CAUSE_NONE ? " " : "",
		 view->cause != ER_VPN_CAUSE_NONE ? er_vpn_cause_str(view->cause) : "",
		 view->prefers_vpn ? "vpn" : "expressroute", view->switched ? " switched" : "");
	if (view->until_ms || strstr(want, " until "))
		snprintf(buf + strlen(buf), len - strlen(buf), " until %g",
			 view->until_ms / 1000.0);
}

static void show_gateways(const struct er_vpn_view *view, char *buf, size_t len)
{
	strlcpy(buf, "gateways", len);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		const struct er_gateway_view *g = &view->gateway[r];

		snprintf(buf + strlen(buf), len - strlen(buf), "%s %s%s%s", r ? " /" : "",
			 er_gateway_health_str(g->health), g->problem[0] ? ": " : "", g->problem);
	}
}

static void show_probe(struct player *p, const struct er_vpn_view *view, const char *want,
		       char *buf, size_t len)
{
	enum er_role r = strtoul(want + strlen("probe "), NULL, 10) ? ER_SECONDARY : ER_PRIMARY;
	const struct er_probe_view *probe = &view->gateway[r].probe;

	snprintf(buf, len, "probe %u %s lost %u of %u rtt %u", r, er_probe_state_str(probe->state),
		 probe->lost, probe->sent, probe->rtt_us);
}

static void show_carried(const struct er_vpn_view *view, char *buf, size_t len)
{
	strlcpy(buf, "carried -", len);
	if (view->rib_carried.expressroute)
		snprintf(buf, len, "carried %u uncovered %u at %g", view->rib_carried.expressroute,
			 view->rib_carried.uncovered, view->carried_mono_ms / 1000.0);
}

static void show_preference(struct player *p, const struct er_peering_key *key, char *buf,
			    size_t len)
{
	strlcpy(buf, "prefers", len);
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		struct er_session_spec spec;

		if (er_vpn_plan_session(p->core, key->circuit, r, key->family, &spec))
			snprintf(buf + strlen(buf), len - strlen(buf), " %u", spec.local_pref);
		else
			strlcat(buf, " -", len);
	}
}

static void show_route(struct player *p, const struct er_peering_key *key, const char *want,
		       char *buf, size_t len)
{
	const char *prefix = want + strlen("route ");
	struct er_vpn_route route;

	snprintf(buf, len, "route %.*s is not there", (int)strcspn(prefix, " "), prefix);
	for (size_t i = 0; er_vpn_plan_route(p->core, key->circuit, i, &route); i++) {
		char text[LINE_LEN];

		snprintfrr(text, sizeof(text), "route %pFX ", &route.prefix);
		if (strncmp(want, text, strlen(text)) != 0)
			continue;
		snprintf(buf, len, "%sdistance %u over%s%s", text, route.distance,
			 route.gateway[0] ? " 0" : "", route.gateway[1] ? " 1" : "");
	}
}

static void show_warnings(struct player *p, const struct er_peering_key *key, char *buf, size_t len)
{
	char warning[8][ER_TEXT_LEN];
	size_t n = er_vpn_warnings(p->core, key->circuit, key->family, p->now, warning,
				   array_size(warning));

	strlcpy(buf, "warnings", len);
	for (size_t i = 0; i < n; i++) {
		strlcat(buf, i ? "; " : " ", len);
		strlcat(buf, warning[i], len);
	}
}

static void show_report(struct player *p, const char *name, char *buf, size_t len)
{
	struct er_test_report report;

	er_vpn_report(p->core, name, &report);
	snprintf(buf, len, "report %s%s%s", er_test_result_str(report.result),
		 report.reason[0] ? ": " : "", report.reason);
}

static void show_yield(struct player *p, const struct er_peering_key *key, const char *want,
		       char *buf, size_t len)
{
	const char *circuit = want + strlen("yields ");
	char name[ER_NAME_LEN];

	strlcpy(name, circuit, MIN(sizeof(name), strcspn(circuit, " ") + 1));
	snprintf(buf, len, "yields %s to %s", name,
		 er_vpn_yields_to(p->core, name, key->family)[0]
			 ? er_vpn_yields_to(p->core, name, key->family)
			 : "-");
}

void show_vpn(struct player *p, const struct er_peering_key *key, const char *want, char *buf,
	      size_t len)
{
	struct er_vpn_view view;

	if (!er_vpn_view(p->core, key->circuit, key->family, p->now, &view))
		fail_at(p, "there is no VPN backup %s", key->circuit);
	if (strncmp(want, "is ", 3) == 0)
		show_state(p, &view, want, buf, len);
	else if (strncmp(want, "reason", 6) == 0)
		snprintf(buf, len, "reason%s%s", view.reason[0] ? " " : "", view.reason);
	else if (strncmp(want, "gateways ", 9) == 0)
		show_gateways(&view, buf, len);
	else if (strncmp(want, "carried ", 8) == 0)
		show_carried(&view, buf, len);
	else if (strncmp(want, "probe ", 6) == 0)
		show_probe(p, &view, want, buf, len);
	else if (strncmp(want, "prefers ", 8) == 0)
		show_preference(p, key, buf, len);
	else if (strncmp(want, "route ", 6) == 0)
		show_route(p, key, want, buf, len);
	else if (strncmp(want, "yields ", 7) == 0)
		show_yield(p, key, want, buf, len);
	else if (strncmp(want, "report ", 7) == 0)
		show_report(p, key->circuit, buf, len);
	else if (strncmp(want, "warnings", 8) == 0)
		show_warnings(p, key, buf, len);
	else if (strstr(want, "due"))
		strlcpy(buf, er_vpn_test_is_due(p->core, key->circuit, p->now) ? "due" : "not due",
			len);
	else
		strlcpy(buf, p->replanned ? "replan" : "no replan", len);
}
