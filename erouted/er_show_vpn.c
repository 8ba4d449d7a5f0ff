// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screens of VPN backups: is it ready, what carries traffic now, and why?
 */
#include <zebra.h>

#include "command.h"
#include "if.h"
#include "lib/json.h"
#include "termtable.h"

#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/er_vpn.h"

#define TIME_LEN ER_INTERVAL_LEN
#define WORD_LEN 16
#define WARNINGS 16
/* A sentence with a reason in it. */
#define LINE_LEN (2 * ER_JOINED_LEN)

/*
 * The verdict
 */
static const char *since(const struct er_vpn_view *view, char *buf, size_t len)
{
	return er_interval((er_now().mono_ms - view->since_mono_ms) / 1000, buf, len);
}

static const char *carrier(bool vpn)
{
	return vpn ? "the VPN" : "ExpressRoute";
}

static void ways(const struct er_vpn_view *view, char *buf, size_t len)
{
	if (view->prefers_vpn == view->switched)
		snprintf(buf, len, "traffic goes over %s", carrier(view->prefers_vpn));
	else
		snprintf(buf, len, "traffic to Azure goes over %s, from Azure over %s",
			 carrier(view->prefers_vpn), carrier(view->switched));
}

/* ", returns in 42 s", or "" */
static void remaining(const struct er_vpn_view *view, char *buf, size_t len)
{
	int64_t seconds = (MAX(view->until_ms - er_now().mono_ms, 0) + 999) / 1000;

	buf[0] = '\0';
	if (view->until_ms)
		snprintf(buf, len, ", returns to ExpressRoute in %" PRId64 " s", seconds);
}

static void verdict(const struct er_vpn_view *view, char *buf, size_t len)
{
	char time[TIME_LEN], way[LINE_LEN], rest[LINE_LEN];
	const char *colon = view->reason[0] ? ": " : "";

	ways(view, way, sizeof(way));
	remaining(view, rest, sizeof(rest));
	switch (view->state) {
	case ER_VPN_INACTIVE:
		snprintf(buf, len, "inactive%s%s", colon, view->reason);
		return;
	case ER_VPN_UNAVAILABLE:
		if (view->nothing_works) {
			snprintf(buf, len, "UNAVAILABLE since %s%s%s",
				 since(view, time, sizeof(time)), colon, view->reason);
			return;
		}
		snprintf(buf, len, "UNAVAILABLE since %s, %s and has no backup%s%s%s",
			 since(view, time, sizeof(time)), way, rest, colon, view->reason);
		return;
	case ER_VPN_STANDBY:
		snprintf(buf, len, "ready (standby since %s), %s, %u of %u links are up",
			 since(view, time, sizeof(time)), way, view->links_up, view->links);
		return;
	case ER_VPN_ACTIVE:
	case ER_VPN_RESTORING:
		snprintf(buf, len, "%s since %s (%s), %s%s%s%s, %u of %u links are up",
			 view->state == ER_VPN_ACTIVE ? "ACTIVE" : "RESTORING",
			 since(view, time, sizeof(time)), er_vpn_cause_str(view->cause), way, rest,
			 colon, view->reason, view->links_up, view->links);
		return;
	}
}

static bool view_of(const struct er_vpn_config *config, enum er_family family,
		    struct er_vpn_view *view)
{
	return er_vpn_view(er_core, config->name, family, er_now(), view) && view->configured;
}

static void show_verdict(struct vty *vty, const struct er_vpn_config *config, enum er_family family)
{
	struct er_vpn_view view;
	char text[2 * LINE_LEN];

	if (!view_of(config, family, &view))
		return;
	verdict(&view, text, sizeof(text));
	vty_out(vty, "  %s: ", er_family_str(family));
	er_show_wrapped(vty, 8, 4, text);
}

static void show_head(struct vty *vty, const struct er_vpn_config *config)
{
	char text[LINE_LEN] = "";
	size_t at;

	at = snprintf(text, sizeof(text), "VPN backup %s of circuit%s", config->name,
		      config->n_circuits == 1 ? "" : "s");
	for (size_t i = 0; i < config->n_circuits && at < sizeof(text); i++)
		at += snprintf(text + at, sizeof(text) - at, "%s %s", i ? "," : "",
			       config->circuit[i]);
	if (config->shutdown && at < sizeof(text))
		snprintf(text + at, sizeof(text) - at, ": shut down");
	vty_out(vty, "\n");
	er_show_wrapped(vty, 0, 2, text);
}

/*
 * Gateways
 */
static void probe_text(const struct er_probe_view *probe, char *buf, size_t len)
{
	if (probe->state == ER_PROBE_NONE)
		strlcpy(buf, "-", len);
	else if (probe->state == ER_PROBE_UP && probe->rtt_us && probe->rtt_us < 100)
		strlcpy(buf, "<0.1 ms", len);
	else if (probe->state == ER_PROBE_UP && probe->rtt_us)
		snprintf(buf, len, "%u.%01u ms", probe->rtt_us / 1000, probe->rtt_us % 1000 / 100);
	else
		strlcpy(buf, er_probe_state_str(probe->state), len);
}

static const char *session_since(const struct er_gateway_view *gateway, char *buf, size_t len)
{
	const struct er_session_facts *facts = &gateway->session;
	int64_t moment = facts->state == ER_SESSION_ESTABLISHED ? facts->established_wall
								: facts->last_reset_wall;

	if (!gateway->has_session || !moment)
		return "-";
	return er_interval(er_now().wall_s - moment, buf, len);
}

static void add_gateway_row(struct ttable *table, const struct er_vpn_config *config,
			    enum er_role instance, enum er_family family)
{
	const char *ifname = config->gateway[instance].ifname;
	char word[WORD_LEN], probe[WORD_LEN], time[TIME_LEN], neighbor[IPADDR_STRING_SIZE] = "-";
	const struct er_gateway_view *gateway;
	struct er_vpn_view view;
	const char *health;

	if (!view_of(config, family, &view) || !view.gateway[instance].configured)
		return;
	gateway = &view.gateway[instance];
	health = er_gateway_health_str(gateway->health);
	if (gateway->health == ER_GATEWAY_DOWN)
		health = er_upper(health, word, sizeof(word));
	if (gateway->has_session)
		snprintfrr(neighbor, sizeof(neighbor), "%pIA", &gateway->spec.neighbor);
	probe_text(&gateway->probe, probe, sizeof(probe));
	ttable_add_row(table, "%s|%s|%s|%s|%s|%s|%s|%u|%u|%s", er_instance_str(instance),
		       er_family_str(family), health, ifname[0] ? ifname : "-", neighbor,
		       gateway->has_session ? er_session_state_str(gateway->session.state) : "-",
		       probe, gateway->session.accepted, gateway->session.advertised,
		       session_since(gateway, time, sizeof(time)));
}

static void show_gateways(struct vty *vty, const struct er_vpn_config *config)
{
	struct ttable *table = er_table_new();

	ttable_add_row(table, "Gateway|Family|Health|Tunnel|Neighbor|Session|Probe|In|Out|Since");
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			add_gateway_row(table, config, r, family);
	vty_out(vty, "\n");
	er_table_show(vty, table);
}

/*
 * Static prefixes
 */
static const char *route_text(const struct er_static_view *view)
{
	if (view->suppressed)
		return "kept out, more specific than ExpressRoute's";
	switch (view->state) {
	case ER_ROUTE_ABSENT:
		return "no gateway";
	case ER_ROUTE_WAITING:
		return "tunnel down";
	case ER_ROUTE_STANDBY:
		return "standby";
	case ER_ROUTE_INSTALLED:
		return "in use";
	case ER_ROUTE_REFUSED:
		return "REFUSED by zebra or the kernel";
	}
	return "";
}

static const char *over(const struct er_vpn_route *plan)
{
	if (plan->gateway[ER_PRIMARY])
		return plan->gateway[ER_SECONDARY] ? "0, 1" : "0";
	return plan->gateway[ER_SECONDARY] ? "1" : "-";
}

static void show_static(struct vty *vty, const struct er_vpn_config *config)
{
	struct er_static_view view;
	struct ttable *table;

	if (!er_vpn_static_view(config, 0, &view))
		return;
	table = er_table_new();
	ttable_add_row(table, "Static prefix|Gateways|Distance|State");
	for (size_t i = 0; er_vpn_static_view(config, i, &view); i++)
		ttable_add_row(table, "%pFX|%s|%u|%s", &view.plan.prefix, over(&view.plan),
			       view.plan.distance, route_text(&view));
	vty_out(vty, "\n");
	er_table_show(vty, table);
}

/*
 * Public addresses
 */
static void add_pin_row(struct ttable *table, enum er_role instance, const struct er_pin_view *pin)
{
	const char *ifname = pin->hop.ifindex ? ifindex2ifname(pin->hop.ifindex, pin->vrf_id) : "";
	char hop[IPADDR_STRING_SIZE] = "";

	if (!IS_IPADDR_NONE(&pin->hop.gateway))
		snprintfrr(hop, sizeof(hop), "%pIA", &pin->hop.gateway);
	ttable_add_row(table, "%s|%pIA|%s%s%s|%s", er_instance_str(instance), &pin->address, hop,
		       hop[0] && ifname[0] ? " " : "", ifname, pin->installed ? "yes" : "NO");
}

static void add_address_rows(struct ttable *table, const struct er_vpn_config *config,
			     enum er_role instance)
{
	struct er_pin_view pin[ER_ADDRESSES];
	struct er_resolve_view name;
	size_t n = er_pin_view(config, instance, pin);

	for (size_t i = 0; i < n; i++)
		add_pin_row(table, instance, &pin[i]);
	if (n || !er_resolve_view(config->name, instance, &name))
		return;
	for (size_t i = 0; i < name.n; i++)
		ttable_add_row(table, "%s|%pIA|-|not pinned", er_instance_str(instance),
			       &name.address[i]);
}

static void show_addresses(struct vty *vty, const struct er_vpn_config *config)
{
	struct ttable *table;

	if (!config->gateway[ER_PRIMARY].address[0] && !config->gateway[ER_SECONDARY].address[0])
		return;
	table = er_table_new();
	ttable_add_row(table, "Gateway|Public address|Reached by|Pinned");
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		if (config->gateway[r].configured)
			add_address_rows(table, config, r);
	vty_out(vty, "\n");
	er_table_show(vty, table);
}

/*
 * Lines, each only when there is something to say
 */
static void show_warnings(struct er_lines *lines, const struct er_vpn_config *config,
			  enum er_family family)
{
	char warning[WARNINGS][ER_TEXT_LEN], text[LINE_LEN];
	struct er_vpn_view view;
	size_t n;

	if (!view_of(config, family, &view))
		return;
	n = er_vpn_warnings(er_core, config->name, family, er_now(), warning, array_size(warning));
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s: %.*s", er_family_str(family), ER_TEXT_LEN,
			 warning[i]);
		er_show_line(lines, text);
	}
}

static void gateway_line(struct er_lines *lines, enum er_role instance, const char *about,
			 const char *problem)
{
	char text[LINE_LEN];

	if (!problem[0])
		return;
	snprintf(text, sizeof(text), "gateway %s %s: %s", er_instance_str(instance), about,
		 problem);
	er_show_line(lines, text);
}

static void show_gateway_problems(struct er_lines *lines, const struct er_vpn_config *config,
				  enum er_role instance)
{
	struct er_pin_view pin[ER_ADDRESSES];
	char about[IPADDR_STRING_SIZE];
	struct er_resolve_view name;
	struct er_vpn_view view;
	size_t n;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (!view_of(config, family, &view))
			continue;
		gateway_line(lines, instance, er_family_str(family),
			     view.gateway[instance].problem);
		gateway_line(lines, instance, er_family_str(family),
			     er_icmp_problem(config->name, instance, family));
	}
	if (er_resolve_view(config->name, instance, &name)) {
		if (name.state == ER_RESOLVE_FAILED)
			strlcat(name.problem,
				name.n ? "; the addresses of before stay" : "; no address is known",
				sizeof(name.problem));
		gateway_line(lines, instance, config->gateway[instance].address, name.problem);
	}
	n = er_pin_view(config, instance, pin);
	for (size_t i = 0; i < n; i++) {
		snprintfrr(about, sizeof(about), "%pIA", &pin[i].address);
		gateway_line(lines, instance, about, pin[i].problem);
	}
}

/*
 * The failover test
 */
static void test_text(const struct er_test_report *report, char *buf, size_t len)
{
	char ago[TIME_LEN];

	if (report->result == ER_TEST_NONE) {
		strlcpy(buf, "never run", len);
		return;
	}
	if (report->result == ER_TEST_RUNNING) {
		strlcpy(buf, "RUNNING", len);
		return;
	}
	er_interval(er_now().wall_s - report->began_wall, ago, sizeof(ago));
	snprintf(buf, len, "%s %s ago%s%s", er_test_result_str(report->result), ago,
		 report->reason[0] ? ": " : "", report->reason);
	if (report->result == ER_TEST_PASSED || !report->passed_wall)
		return;
	strlcat(buf, "; the last that passed was ", len);
	strlcat(buf, er_interval(er_now().wall_s - report->passed_wall, ago, sizeof(ago)), len);
	strlcat(buf, " ago", len);
}

static void show_test_line(struct vty *vty, const struct er_vpn_config *config)
{
	struct er_test_report report;
	char text[LINE_LEN];

	if (!er_vpn_report(er_core, config->name, &report))
		return;
	test_text(&report, text, sizeof(text));
	if (er_vpn_test_is_due(er_core, config->name, er_now()))
		strlcat(text, "; a test is due", sizeof(text));
	vty_out(vty, "\n  Failover test: ");
	er_show_wrapped(vty, 17, 4, text);
}

void er_show_vpn_test(struct vty *vty, const struct er_vpn_config *config)
{
	struct er_test_report report;
	char text[LINE_LEN];

	er_vpn_report(er_core, config->name, &report);
	test_text(&report, text, sizeof(text));
	vty_out(vty, "Failover test of VPN backup %s: ", config->name);
	er_show_wrapped(vty, 31 + strlen(config->name), 2, text);
	if (report.result == ER_TEST_NONE)
		return;
	vty_out(vty, "  traffic on the VPN       %u s\n", report.duration_s);
	vty_out(vty, "  probes sent              %u\n", report.sent);
	vty_out(vty, "  probes lost              %u\n", report.lost);
	if (report.rtt_us)
		vty_out(vty, "  median round trip        %u.%03u ms\n", report.rtt_us / 1000,
			report.rtt_us % 1000);
	if (report.moved_ms)
		vty_out(vty, "  all prefixes moved after %u ms\n", report.moved_ms);
	vty_out(vty, "  prefixes without backup  %u of %u\n", report.rib.uncovered,
		report.rib.expressroute);
}

/*
 * A backup
 */
static void add_coverage_row(struct ttable *table, const struct er_vpn_config *config,
			     enum er_family family)
{
	struct er_vpn_view view;

	if (!view_of(config, family, &view))
		return;
	ttable_add_row(table, "%s|%u|%u|%u|%u|%u", er_family_str(family), view.rib.expressroute,
		       view.rib.uncovered, view.rib.over_vpn, view.rib.more_specific,
		       view.rib.suppressed);
}

static void show_coverage(struct vty *vty, const struct er_vpn_config *config)
{
	struct ttable *table = er_table_new();

	ttable_add_row(table,
		       "Family|ExpressRoute|Without backup|Over VPN now|More specific|Kept out");
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		add_coverage_row(table, config, family);
	vty_out(vty, "\n");
	er_table_show(vty, table);
}

static void show_names(struct vty *vty, const char *title, const struct prefix *prefix, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vty_out(vty, "    %-22s %pFX\n", i ? "" : title, &prefix[i]);
}

static void show_family_detail(struct vty *vty, const struct er_vpn_config *config,
			       enum er_family family)
{
	struct er_peering_key key = { .peering = ER_VPN, .family = family };
	struct prefix example[ER_WIRE_EXAMPLES];
	const struct er_gateway_view *gateway;
	struct er_vpn_view view;
	char ago[TIME_LEN];

	if (!view_of(config, family, &view))
		return;
	strlcpy(key.circuit, config->name, sizeof(key.circuit));
	vty_out(vty, "\n  %s, VRF %s, active %u %s since start:\n", er_family_str(family),
		config->vrf, view.activations, er_plural(view.activations, "time", "times"));
	show_names(vty, "without backup", example, er_examples_uncovered(&key, example));
	show_names(vty, "more specific", example, er_examples_more_specific(&key, example));
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		gateway = &view.gateway[r];
		if (!gateway->configured)
			continue;
		vty_out(vty, "    gateway %s: interface %s, lost %u %s", er_instance_str(r),
			er_if_state_str(gateway->facts.interface), gateway->flaps,
			er_plural(gateway->flaps, "time", "times"));
		if (gateway->probe.state != ER_PROBE_NONE)
			vty_out(vty, ", %u of %u probes lost", gateway->probe.lost,
				gateway->probe.sent);
		vty_out(vty, "\n");
		if (gateway->session.last_reset_wall)
			vty_out(vty, "      last reset %s ago: %s\n",
				er_interval(er_now().wall_s - gateway->session.last_reset_wall,
					    ago, sizeof(ago)),
				gateway->session.last_reset);
	}
}

static void show_vpn(struct vty *vty, const struct er_vpn_config *config, bool detail)
{
	struct er_lines know = { vty, "To know:" };
	struct er_lines todo = { vty, "To do:" };

	show_head(vty, config);
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		show_verdict(vty, config, family);
	show_gateways(vty, config);
	show_static(vty, config);
	show_addresses(vty, config);
	show_coverage(vty, config);
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		show_warnings(&know, config, family);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		if (config->gateway[r].configured && !config->gateway[r].shutdown)
			show_gateway_problems(&todo, config, r);
	show_test_line(vty, config);
	for (enum er_family family = ER_IPV4; detail && family < ER_FAMILIES; family++)
		show_family_detail(vty, config, family);
}

void er_show_vpn(struct vty *vty, const struct er_vpn_config *config, bool detail)
{
	er_show_parts(vty);
	show_vpn(vty, config, detail);
}

struct all {
	struct vty *vty;
	bool detail;
	unsigned int n;
};

static int show_one(const struct er_vpn_config *config, void *arg)
{
	struct all *all = arg;

	show_vpn(all->vty, config, all->detail);
	all->n++;
	return 0;
}

void er_show_vpns(struct vty *vty, bool detail)
{
	struct all all = { vty, detail, 0 };

	er_show_parts(vty);
	er_vpn_foreach(er_core, show_one, &all);
	if (!all.n)
		vty_out(vty,
			"There is no VPN backup: 'vpn-backup NAME' below 'expressroute' makes one\n");
}

/* One line each, for screens about circuits. */
static int show_brief(const struct er_vpn_config *config, void *arg)
{
	struct vty *vty = arg;
	struct er_vpn_view view;
	char text[2 * LINE_LEN];
	int at;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (!view_of(config, family, &view))
			continue;
		verdict(&view, text, sizeof(text));
		at = vty_out(vty, "VPN backup %s %s: ", config->name, er_family_str(family));
		er_show_wrapped(vty, at, 2, text);
	}
	return 0;
}

static int is_any(const struct er_vpn_config *config, void *arg)
{
	return 1;
}

void er_show_vpn_brief(struct vty *vty)
{
	if (!er_vpn_foreach(er_core, is_any, NULL))
		return;
	vty_out(vty, "\n");
	er_vpn_foreach(er_core, show_brief, vty);
}

/*
 * Prefixes that bgpd's module has named, of all backups: the screen picks
 */
static bool is_asked_for(const struct er_asked *asked, size_t i)
{
	return asked->answer[i].session.peering == ER_VPN &&
	       !strcmp(asked->answer[i].session.circuit, asked->ask.peering.circuit);
}

static int json_prefixes(struct vty *vty, const struct er_asked *asked)
{
	struct json_object *json = json_object_new_object(), *list, *one;

	list = json_object_new_array();
	for (size_t i = 0; i < asked->n; i++) {
		if (!is_asked_for(asked, i))
			continue;
		one = json_object_new_object();
		json_object_string_add(one, "vpnBackup", asked->ask.peering.circuit);
		json_object_string_add(one, "family",
				       er_family_str(asked->answer[i].session.family));
		json_object_string_addf(one, "prefix", "%pFX", &asked->answer[i].prefix);
		json_object_string_add(one, "reason", asked->answer[i].text);
		json_object_array_add(list, one);
	}
	json_object_object_add(json,
			       asked->ask.ask == ER_ASK_UNCOVERED ? "uncovered" : "moreSpecific",
			       list);
	if (asked->problem[0])
		json_object_string_add(json, "problem", asked->problem);
	vty_json(vty, json);
	return asked->problem[0] ? CMD_WARNING : CMD_SUCCESS;
}

int er_show_vpn_prefixes(struct vty *vty, const struct er_asked *asked)
{
	bool uncovered = asked->ask.ask == ER_ASK_UNCOVERED;
	struct ttable *table;
	char reason[ER_TEXT_LEN];
	uint32_t n = 0;

	if (asked->json)
		return json_prefixes(vty, asked);
	table = er_table_new();
	for (size_t i = 0; i < asked->n; i++) {
		if (!is_asked_for(asked, i))
			continue;
		strlcpy(reason, asked->answer[i].text, sizeof(reason));
		er_no_bars(reason);
		ttable_add_row(table, "%pFX|%s", &asked->answer[i].prefix, reason);
		n++;
	}
	vty_out(vty, "VPN backup %s: %u %s %s\n", asked->ask.peering.circuit, n, er_prefixes(n),
		uncovered ? "of ExpressRoute without a path over the VPN"
			  : "of the VPN within one of ExpressRoute's");
	if (n)
		er_table_show(vty, table);
	else
		ttable_del(table);
	if (asked->problem[0])
		vty_out(vty, "%% %s\n", asked->problem);
	return asked->problem[0] ? CMD_WARNING : CMD_SUCCESS;
}
