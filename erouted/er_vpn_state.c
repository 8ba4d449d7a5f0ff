// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of VPN backups -> the YANG state tree.
 */
#include <zebra.h>

#include "if.h"
#include "northbound.h"
#include "vrf.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_state.h"
#include "erouted/er_vpn.h"

/* Of one family. */
#define WARNINGS 16

/*
 * Gateways
 */
static void add_probe(struct lyd_node *session, const struct er_vpn_config *config,
		      enum er_role instance, enum er_family family,
		      const struct er_probe_view *view)
{
	struct lyd_node *probe = er_state_inner(session, "probe");

	er_state_add_address(probe, "target", &config->gateway[instance].probe[family]);
	er_state_add(probe, "state", er_probe_state_str(view->state));
	if (view->state == ER_PROBE_NONE)
		return;
	er_state_add_number(probe, "sent", view->sent);
	er_state_add_number(probe, "lost", view->lost);
	if (view->rtt_us)
		er_state_add_number(probe, "round-trip", view->rtt_us);
}

static void add_session(struct lyd_node *state, const struct er_vpn_config *config,
			enum er_role instance, enum er_family family, struct er_time now)
{
	const struct er_gateway_view *gateway;
	struct lyd_node *session;
	struct er_vpn_view view;

	er_vpn_view(er_core, config->name, family, now, &view);
	gateway = &view.gateway[instance];
	if (!gateway->configured)
		return;

	session = er_state_entry(state, "session", er_family_str(family));
	er_state_add(session, "health", er_gateway_health_str(gateway->health));
	if (gateway->has_session) {
		er_state_add_address(session, "local-address", &gateway->spec.local);
		er_state_add_address(session, "neighbor-address", &gateway->spec.neighbor);
		er_state_add_bool(session, "neighbor-reachable", gateway->facts.neighbor_reachable);
		er_state_add_session(session, &gateway->session, now);
	}
	add_probe(session, config, instance, family, &gateway->probe);
	er_state_add_text(session, "problem",
			  gateway->problem[0] ? gateway->problem
					      : er_icmp_problem(config->name, instance, family));
}

static void add_resolve(struct lyd_node *state, const struct er_vpn_config *config,
			enum er_role instance)
{
	struct er_resolve_view view;
	struct lyd_node *resolve;

	if (!er_resolve_view(config->name, instance, &view))
		return;
	for (size_t i = 0; i < view.n; i++)
		er_state_add_address(state, "resolved-address", &view.address[i]);
	resolve = er_state_inner(state, "resolve");
	er_state_add(resolve, "state", er_resolve_state_str(view.state));
	er_state_add_text(resolve, "problem", view.problem);
	if (view.age_s >= 0)
		er_state_add_number(resolve, "age", view.age_s);
	if (view.next_s >= 0)
		er_state_add_number(resolve, "next", view.next_s);
}

static void add_pins(struct lyd_node *state, const struct er_vpn_config *config,
		     enum er_role instance)
{
	struct er_pin_view view[ER_ADDRESSES];
	size_t n = er_pin_view(config, instance, view);
	char address[IPADDR_STRING_SIZE];
	struct lyd_node *pin;

	for (size_t i = 0; i < n; i++) {
		snprintfrr(address, sizeof(address), "%pIA", &view[i].address);
		pin = er_state_new_entry(state, "pin", address);
		er_state_add_address(pin, "next-hop", &view[i].hop.gateway);
		if (view[i].hop.ifindex)
			er_state_add(pin, "interface",
				     ifindex2ifname(view[i].hop.ifindex, view[i].vrf_id));
		er_state_add_bool(pin, "installed", view[i].installed);
		er_state_add_text(pin, "problem", view[i].problem);
	}
}

static enum er_if_state interface_state(const struct er_gateway_config *gateway, const char *vrf)
{
	if (!gateway->ifname[0])
		return ER_IF_UNCONFIGURED;
	return er_zebra_interface_state(er_zebra_interface(gateway->ifname, vrf), vrf);
}

static void add_gateway(struct lyd_node *vpn, const struct er_vpn_config *config,
			enum er_role instance, struct er_time now)
{
	struct lyd_node *state;

	state = er_state_inner(er_state_entry(vpn, "gateway", er_instance_str(instance)), "state");
	er_state_add(state, "interface-state",
		     er_if_state_str(interface_state(&config->gateway[instance], config->vrf)));
	add_resolve(state, config, instance);
	add_pins(state, config, instance);
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		add_session(state, config, instance, family, now);
}

/*
 * Families
 */
static const char *carrier(bool vpn)
{
	return vpn ? "vpn" : "expressroute";
}

static void add_when_lost(struct lyd_node *node, const struct er_vpn_view *view, struct er_time now)
{
	er_state_add_number(node, "age", MAX(now.mono_ms - view->carried_mono_ms, 0) / 1000);
	er_state_add_number(node, "expressroute-prefixes", view->rib_carried.expressroute);
	er_state_add_number(node, "uncovered", view->rib_carried.uncovered);
}

static void add_rib(struct lyd_node *family, const struct er_peering_key *key,
		    const struct er_vpn_view *view, struct er_time now)
{
	const struct er_vpn_rib_facts *rib = &view->rib;
	struct prefix example[ER_WIRE_EXAMPLES];
	struct lyd_node *node;

	node = er_state_inner(family, "coverage");
	er_state_add_number(node, "expressroute-prefixes", rib->expressroute);
	er_state_add_number(node, "uncovered", rib->uncovered);
	er_state_add_prefixes(node, "uncovered-prefix", example,
			      er_examples_uncovered(key, example));

	if (view->rib_carried.expressroute)
		add_when_lost(er_state_inner(node, "when-lost"), view, now);

	node = er_state_inner(family, "more-specifics");
	er_state_add_number(node, "count", rib->more_specific);
	er_state_add_number(node, "suppressed", rib->suppressed);
	er_state_add_prefixes(node, "prefix", example, er_examples_more_specific(key, example));
	er_state_add_number(family, "over-vpn", rib->over_vpn);
}

static void add_family(struct lyd_node *state, const struct er_vpn_config *config,
		       enum er_family family, struct er_time now)
{
	struct er_peering_key key = { .peering = ER_VPN, .family = family };
	char warning[WARNINGS][ER_TEXT_LEN];
	struct er_vpn_view view;
	struct lyd_node *node;
	size_t n;

	er_vpn_view(er_core, config->name, family, now, &view);
	if (!view.configured)
		return;
	strlcpy(key.circuit, config->name, sizeof(key.circuit));

	node = er_state_entry(state, "family", er_family_str(family));
	er_state_add(node, "state", er_vpn_state_str(view.state));
	er_state_add(node, "cause", er_vpn_cause_str(view.cause));
	er_state_add_text(node, "reason", view.reason);
	er_state_add_number(node, "since", MAX(now.mono_ms - view.since_mono_ms, 0) / 1000);
	if (view.until_ms)
		er_state_add_number(node, "remaining",
				    (MAX(view.until_ms - now.mono_ms, 0) + 999) / 1000);
	er_state_add(node, "sends-over", carrier(view.prefers_vpn));
	er_state_add(node, "receives-over", carrier(view.switched));
	er_state_add_number(node, "links-up", view.links_up);
	er_state_add_number(node, "links", view.links);
	er_state_add_number(node, "activations", view.activations);
	add_rib(node, &key, &view, now);
	n = er_vpn_warnings(er_core, config->name, family, now, warning, array_size(warning));
	for (size_t i = 0; i < n; i++)
		er_state_add(node, "warning", warning[i]);
}

/*
 * Static prefixes
 */
static bool any_gateway_up(const struct er_vpn_view *view)
{
	return view->gateway[ER_PRIMARY].health == ER_GATEWAY_UP ||
	       view->gateway[ER_SECONDARY].health == ER_GATEWAY_UP;
}

bool er_vpn_static_view(const struct er_vpn_config *config, size_t i, struct er_static_view *out)
{
	const struct vrf *vrf = vrf_lookup_by_name(config->vrf);
	struct er_vpn_view view;

	memset(out, 0, sizeof(*out));
	if (!er_vpn_plan_route(er_core, config->name, i, &out->plan))
		return false;
	er_vpn_view(er_core, config->name, out->plan.prefix.family == AF_INET ? ER_IPV4 : ER_IPV6,
		    er_now(), &view);
	/* a way there would be, and yet it is not taken */
	out->suppressed = config->more_specifics == ER_MORE_SPECIFICS_SUPPRESS &&
			  any_gateway_up(&view) && !out->plan.gateway[ER_PRIMARY] &&
			  !out->plan.gateway[ER_SECONDARY];
	if (vrf)
		out->state = er_route_state(vrf->vrf_id, &out->plan.prefix);
	return true;
}

static void add_static(struct lyd_node *state, const struct er_vpn_config *config)
{
	struct er_static_view view;
	char buf[PREFIX_STRLEN];
	struct lyd_node *node;

	for (size_t i = 0; er_vpn_static_view(config, i, &view); i++) {
		node = er_state_new_entry(state, "static-route",
					  prefix2str(&view.plan.prefix, buf, sizeof(buf)));
		er_state_add_bool(node, "installed", view.state == ER_ROUTE_INSTALLED);
		er_state_add_number(node, "distance", view.plan.distance);
		er_state_add_bool(node, "suppressed", view.suppressed);
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
			if (view.plan.gateway[r])
				er_state_add(node, "gateway", er_instance_str(r));
	}
}

/*
 * The failover test
 */
void er_state_add_test(struct lyd_node *node, const struct er_test_report *report)
{
	er_state_add(node, "result", er_test_result_str(report->result));
	if (report->result == ER_TEST_NONE)
		return;
	er_state_add_text(node, "reason", report->reason);
	er_state_add_moment(node, "began", report->began_wall);
	er_state_add_number(node, "duration", report->duration_s);
	er_state_add_number(node, "sent", report->sent);
	er_state_add_number(node, "lost", report->lost);
	if (report->rtt_us)
		er_state_add_number(node, "median-round-trip", report->rtt_us);
	if (report->moved_ms)
		er_state_add_number(node, "moved", report->moved_ms);
	er_state_add_number(node, "uncovered", report->rib.uncovered);
}

static void add_test(struct lyd_node *state, const char *name, struct er_time now)
{
	struct lyd_node *test = er_state_inner(state, "test");
	struct er_test_report report;

	if (!er_vpn_report(er_core, name, &report))
		return;
	er_state_add_test(test, &report);
	if (report.began_wall)
		er_state_add_number(test, "age", MAX(now.wall_s - report.began_wall, 0));
	er_state_add_moment(test, "last-passed", report.passed_wall);
	er_state_add_bool(test, "due", er_vpn_test_is_due(er_core, name, now));
}

/*
 * Backups
 */
struct walk {
	struct lyd_node *top;
	const char *only;
	bool with_config;
	struct er_time now;
};

static int add_vpn(const struct er_vpn_config *config, void *arg)
{
	struct walk *walk = arg;
	struct lyd_node *vpn, *state;

	if (walk->only && strcmp(walk->only, config->name))
		return 0;
	if (walk->with_config)
		er_state_add_config(walk->top, "vpn-backup", config->name);

	vpn = er_state_entry(walk->top, "vpn-backup", config->name);
	state = er_state_inner(vpn, "state");
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		add_family(state, config, family, walk->now);
	add_static(state, config);
	add_test(state, config->name, walk->now);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		if (config->gateway[r].configured)
			add_gateway(vpn, config, r, walk->now);
	return 0;
}

void er_vpn_state_add(struct lyd_node *top, const char *name, bool with_config)
{
	struct walk walk = {
		.top = top,
		.only = name,
		.with_config = with_config,
		.now = er_now(),
	};

	er_vpn_foreach(er_core, add_vpn, &walk);
}

struct lyd_node *er_vpn_state_tree(const char *name, bool with_config)
{
	struct lyd_node *top = NULL;

	if (lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &top))
		return NULL;
	er_vpn_state_add(top, name, with_config);
	return top;
}
