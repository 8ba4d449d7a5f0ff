// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN backups: what event logs cannot say.  Plans, reading, memory, and what
 * makes no sense.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "core/text.h"
#include "tests/core/support.h"

static char circuit_names[2][ER_NAME_LEN] = { "ams", "paris" };

/* One circuit in both families, one backup with two gateways that run BGP. */
struct setup {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	struct er_circuit_config circuit;
	struct er_vpn_config vpn;
	struct prefix prefix[2];
};

static void handle(struct setup *s, struct er_event *ev)
{
	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
}

static void configure(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_VPN_CONFIG, .vpn = &s->vpn };

	handle(s, &ev);
}

static void configure_circuit(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &s->circuit };

	handle(s, &ev);
}

static void set_session(struct setup *s, const char *name, enum er_peering_type p, enum er_role r,
			enum er_family f, bool established)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = session_key(name, p, r, f);
	ev.facts.state = established ? ER_SESSION_ESTABLISHED : ER_SESSION_IDLE;
	ev.facts.accepted = established ? 5 : 0;
	handle(s, &ev);
}

static void set_sessions(struct setup *s, const char *name, enum er_peering_type p,
			 bool established)
{
	for (enum er_role r = 0; r < ER_ROLES; r++)
		for (enum er_family f = 0; f < ER_FAMILIES; f++)
			set_session(s, name, p, r, f, established);
}

static void sync_bgpd(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };

	handle(s, &ev);
}

static void ask(struct setup *s, enum er_vpn_ask what)
{
	struct er_vpn_request request = { .vpn = "azure", .ask = what };
	struct er_event ev = { .type = ER_EV_VPN_REQUEST, .request = &request };

	handle(s, &ev);
}

static void set_up(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 1000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	s->circuit = circuit_of("ams", ER_PRIVATE, true, 1);
	strlcpy(s->vpn.name, "azure", sizeof(s->vpn.name));
	strlcpy(s->vpn.vrf, "default", sizeof(s->vpn.vrf));
	s->vpn.circuit = circuit_names;
	s->vpn.n_circuits = 1;
	s->vpn.return_path = true;
	s->vpn.restore_s = 60;
	s->vpn.restore_max_s = 3600;
	s->vpn.probe_multiplier = 3;
	for (enum er_role r = 0; r < ER_ROLES; r++)
		s->vpn.gateway[r] = gateway_of(r, true, true);
	configure_circuit(s);
	configure(s);
}

static void bring_up(struct setup *s)
{
	set_sessions(s, "ams", ER_PRIVATE, true);
	set_sessions(s, "azure", ER_VPN, true);
	sync_bgpd(s);
}

static void tear_down(struct setup *s)
{
	er_core_free(&s->core);
	er_decisions_fini(&s->out);
}

static struct ipaddr address(const char *text)
{
	struct ipaddr addr = {};

	assert_int_equal(str2ipaddr(text, &addr), 0);
	return addr;
}

/*
 * Plans
 */
static struct er_session_spec session_of(const struct setup *s, enum er_role r, enum er_family f)
{
	struct er_session_spec spec;

	assert_true(er_vpn_plan_session(s->core, "azure", r, f, &spec));
	return spec;
}

static void a_gateways_session_is_planned_from_its_backup(void **state)
{
	struct er_session_spec spec;
	struct setup s;

	set_up(&s);
	strlcpy(s.vpn.vrf, "azure-vrf", sizeof(s.vpn.vrf));
	strlcpy(s.vpn.password, "secret", sizeof(s.vpn.password));
	strlcpy(s.vpn.map_in, "in", sizeof(s.vpn.map_in));
	strlcpy(s.vpn.map_out, "out", sizeof(s.vpn.map_out));
	strlcpy(s.vpn.gateway[1].ifname, "wg1", sizeof(s.vpn.gateway[1].ifname));
	s.vpn.router_as = 65010;
	s.vpn.keepalive = 5;
	s.vpn.hold = 15;
	s.vpn.gateway[1].local[ER_IPV6] = address("fd00:1::1");
	s.vpn.gateway[0].remote_as = 0;
	s.vpn.gateway[0].multihop = 1;
	configure(&s);

	spec = session_of(&s, 1, ER_IPV6);
	assert_string_equal(spec.key.circuit, "azure");
	assert_int_equal(spec.key.peering, ER_VPN);
	assert_int_equal(spec.key.role, 1);
	assert_int_equal(spec.key.family, ER_IPV6);
	assert_string_equal(spec.vrf, "azure-vrf");
	assert_string_equal(spec.ifname, "wg1");
	assert_string_equal(spec.password, "secret");
	assert_string_equal(spec.map_in, "in");
	assert_string_equal(spec.map_out, "out");
	assert_int_equal(spec.router_as, 65010);
	assert_int_equal(spec.neighbor_as, 65515);
	assert_int_equal(spec.keepalive, 5);
	assert_int_equal(spec.hold, 15);
	assert_int_equal(spec.multihop, 2);
	assert_int_equal(spec.local_pref, ER_LOCAL_PREF_VPN);
	assert_int_equal(spec.local_pref_drained, ER_LOCAL_PREF_VPN);
	assert_int_equal(spec.prepend, 0);
	assert_true(ipaddr_is_same(&spec.local, &s.vpn.gateway[1].local[ER_IPV6]));
	assert_true(ipaddr_is_same(&spec.neighbor, &s.vpn.gateway[1].neighbor[ER_IPV6]));

	/* bgpd's choice, in the neighbor's family; Azure's AS; a TTL of 1 is a connected neighbor */
	spec = session_of(&s, 0, ER_IPV6);
	assert_int_equal(spec.local.ipa_type, IPADDR_V6);
	assert_true(ipaddr_is_zero(&spec.local));
	assert_int_equal(spec.neighbor_as, ER_GATEWAY_AS);
	assert_int_equal(spec.multihop, 0);

	/* an attached neighbor keeps its own route-maps */
	s.vpn.session = ER_ATTACHED;
	configure(&s);
	spec = session_of(&s, 0, ER_IPV4);
	assert_int_equal(spec.mode, ER_ATTACHED);
	assert_string_equal(spec.map_in, "");
	assert_string_equal(spec.map_out, "");
	tear_down(&s);
}

static void nothing_is_planned_of_what_is_not_there(void **state)
{
	struct er_session_spec spec;
	struct er_peering_spec peering;
	struct er_vpn_route route;
	struct prefix host;
	struct setup s;

	set_up(&s);
	assert_false(er_vpn_plan_session(s.core, "nobody", 0, ER_IPV4, &spec));
	assert_false(er_vpn_plan_session(s.core, "azure", ER_ROLES, ER_IPV4, &spec));
	assert_false(er_vpn_plan_session(s.core, "azure", 0, ER_FAMILIES, &spec));
	assert_false(er_vpn_plan_peering(s.core, "nobody", ER_IPV4, &peering));
	assert_false(er_vpn_plan_peering(s.core, "azure", ER_FAMILIES, &peering));
	assert_false(er_vpn_plan_route(s.core, "nobody", 0, &route));
	assert_false(er_vpn_plan_route(s.core, "azure", 0, &route));
	assert_false(er_vpn_plan_neighbor_route(s.core, "nobody", 0, ER_IPV4, false, &host));
	s.vpn.gateway[1].shutdown = true;
	configure(&s);
	assert_false(er_vpn_plan_session(s.core, "azure", 1, ER_IPV4, &spec));
	assert_true(er_vpn_plan_session(s.core, "azure", 0, ER_IPV4, &spec));
	assert_true(er_vpn_plan_peering(s.core, "azure", ER_IPV4, &peering));
	s.vpn.gateway[0].shutdown = true;
	configure(&s);
	assert_false(er_vpn_plan_peering(s.core, "azure", ER_IPV4, &peering));
	tear_down(&s);
}

static void a_neighbor_outside_of_the_tunnel_has_a_host_route(void **state)
{
	struct prefix host;
	char text[PREFIX_STRLEN];
	struct setup s;

	set_up(&s);
	/* no interface to put it on */
	assert_false(er_vpn_plan_neighbor_route(s.core, "azure", 1, ER_IPV4, false, &host));
	strlcpy(s.vpn.gateway[1].ifname, "wg1", sizeof(s.vpn.gateway[1].ifname));
	configure(&s);
	assert_true(er_vpn_plan_neighbor_route(s.core, "azure", 1, ER_IPV4, false, &host));
	assert_string_equal(prefix2str(&host, text, sizeof(text)), "10.255.0.1/32");
	assert_true(er_vpn_plan_neighbor_route(s.core, "azure", 1, ER_IPV6, false, &host));
	assert_string_equal(prefix2str(&host, text, sizeof(text)), "fd00:255::1/128");
	assert_false(er_vpn_plan_neighbor_route(s.core, "azure", 1, ER_IPV4, true, &host));
	tear_down(&s);
}

static void a_backup_treats_routes_as_it_is_told(void **state)
{
	struct er_peering_spec spec;
	struct setup s;

	set_up(&s);
	bring_up(&s);
	s.vpn.more_specifics = ER_MORE_SPECIFICS_SUPPRESS;
	s.vpn.advertise_more_specifics = true;
	configure(&s);
	assert_true(er_vpn_plan_peering(s.core, "azure", ER_IPV6, &spec));
	assert_string_equal(spec.key.circuit, "azure");
	assert_int_equal(spec.key.peering, ER_VPN);
	assert_int_equal(spec.key.family, ER_IPV6);
	assert_true(spec.suppress);
	assert_true(spec.more_specifics);
	assert_string_equal(spec.yields_to, "");
	ask(&s, ER_VPN_TO_VPN);
	assert_true(s.out.replan);
	assert_true(er_vpn_plan_peering(s.core, "azure", ER_IPV6, &spec));
	assert_false(spec.suppress);
	tear_down(&s);
}

static bool yields(const struct setup *s, enum er_peering_type p, enum er_family f)
{
	struct er_peering_spec spec;

	assert_true(er_plan_peering(s->core, &s->circuit, p, f, &spec));
	return strmatch(spec.yields_to, "azure");
}

static void a_private_peering_yields_in_the_family_that_is_switched(void **state)
{
	struct er_peering_spec spec;
	struct setup s;

	set_up(&s);
	add_peering(&s.circuit, ER_MICROSOFT, true, true, 9);
	configure_circuit(&s);
	bring_up(&s);
	for (enum er_role r = 0; r < ER_ROLES; r++)
		set_session(&s, "ams", ER_PRIVATE, r, ER_IPV6, false);
	assert_true(yields(&s, ER_PRIVATE, ER_IPV6));
	assert_false(yields(&s, ER_PRIVATE, ER_IPV4));
	assert_false(yields(&s, ER_MICROSOFT, ER_IPV6));
	assert_string_equal(er_vpn_yields_to(s.core, "paris", ER_IPV6), "");
	/* who only describes it */
	assert_true(er_plan_peering(NULL, &s.circuit, ER_PRIVATE, ER_IPV6, &spec));
	assert_string_equal(spec.yields_to, "");
	tear_down(&s);
}

static void what_a_shut_circuit_advertises_is_known_to_those_who_back_it(void **state)
{
	struct er_peering_spec spec;
	struct setup s;

	set_up(&s);
	add_peering(&s.circuit, ER_MICROSOFT, true, true, 9);
	s.circuit.shutdown = true;
	configure_circuit(&s);
	assert_true(er_plan_peering(s.core, &s.circuit, ER_PRIVATE, ER_IPV4, &spec));
	assert_false(er_plan_peering(s.core, &s.circuit, ER_MICROSOFT, ER_IPV4, &spec));
	assert_false(er_plan_peering(NULL, &s.circuit, ER_PRIVATE, ER_IPV4, &spec));
	strlcpy(s.circuit.name, "paris", sizeof(s.circuit.name));
	assert_false(er_plan_peering(s.core, &s.circuit, ER_PRIVATE, ER_IPV4, &spec));
	tear_down(&s);
}

static void static_routes_are_left_alone_until_bgpd_has_reported(void **state)
{
	struct er_event ev = { .type = ER_EV_TICK };
	struct setup s;

	set_up(&s);
	assert_false(er_vpn_routes_are_known(s.core));
	sync_bgpd(&s);
	assert_true(er_vpn_routes_are_known(s.core));
	assert_true(s.out.replan);
	tear_down(&s);

	/* or is given up */
	set_up(&s);
	s.now.mono_ms += ER_START_GRACE_MS;
	handle(&s, &ev);
	assert_true(er_vpn_routes_are_known(s.core));
	assert_true(s.out.replan);
	tear_down(&s);
}

/* A gateway that BGP reaches some other way has no tunnel for static routes. */
static void static_routes_need_a_tunnel(void **state)
{
	struct er_vpn_route route;
	struct setup s;

	set_up(&s);
	str2prefix("10.1.0.0/16", &s.prefix[0]);
	s.vpn.prefix = s.prefix;
	s.vpn.n_prefixes = 1;
	strlcpy(s.vpn.gateway[1].ifname, "wg1", sizeof(s.vpn.gateway[1].ifname));
	configure(&s);
	assert_true(er_vpn_plan_route(s.core, "azure", 0, &route));
	assert_false(route.gateway[0]);
	assert_true(route.gateway[1]);
	assert_int_equal(route.distance, ER_DISTANCE_VPN);
	assert_false(er_vpn_plan_route(s.core, "azure", 1, &route));
	tear_down(&s);
}

/*
 * Reading
 */
static int collect(const struct er_vpn_config *config, void *arg)
{
	char *names = arg;

	strlcat(names, config->name, 256);
	strlcat(names, " ", 256);
	return strmatch(config->name, "c") ? 7 : 0;
}

static void backups_come_in_the_order_of_their_names(void **state)
{
	static const char *const names[] = { "d", "b", "c", "a" };
	struct er_event gone = { .type = ER_EV_VPN_CONFIG_GONE, .circuit = "azure" };
	char got[256] = "";
	struct setup s;

	set_up(&s);
	handle(&s, &gone);
	assert_true(s.out.replan);
	for (size_t i = 0; i < array_size(names); i++) {
		strlcpy(s.vpn.name, names[i], sizeof(s.vpn.name));
		configure(&s);
	}
	assert_int_equal(er_vpn_foreach(s.core, collect, got), 7);
	assert_string_equal(got, "a b c ");
	assert_string_equal(er_vpn_config(s.core, "b")->name, "b");
	assert_null(er_vpn_config(s.core, "azure"));
	tear_down(&s);
}

static void the_configuration_is_copied(void **state)
{
	const struct er_vpn_config *config;
	struct setup s;

	set_up(&s);
	str2prefix("10.1.0.0/16", &s.prefix[0]);
	s.vpn.prefix = s.vpn.advertise = s.prefix;
	s.vpn.n_prefixes = s.vpn.n_advertise = 1;
	configure(&s);
	config = er_vpn_config(s.core, "azure");
	assert_ptr_not_equal(config->circuit, s.vpn.circuit);
	assert_ptr_not_equal(config->prefix, s.vpn.prefix);
	assert_ptr_not_equal(config->advertise, s.vpn.advertise);
	assert_string_equal(config->circuit[0], "ams");
	assert_true(prefix_same(&config->prefix[0], &s.prefix[0]));
	tear_down(&s);
}

static void a_reader_of_what_is_not_there_gets_nothing(void **state)
{
	char warning[2][ER_TEXT_LEN];
	struct er_test_report report;
	struct er_vpn_view view;
	struct setup s;

	set_up(&s);
	assert_false(er_vpn_view(s.core, "nobody", ER_IPV4, s.now, &view));
	assert_false(er_vpn_view(s.core, "azure", ER_FAMILIES, s.now, &view));
	assert_false(er_vpn_report(s.core, "nobody", &report));
	assert_false(er_vpn_test_is_due(s.core, "nobody", s.now));
	assert_int_equal(er_vpn_warnings(s.core, "nobody", ER_IPV4, s.now, warning, 2), 0);
	assert_true(er_vpn_view(s.core, "azure", ER_IPV4, s.now, &view));
	assert_true(view.configured);
	/* a family without gateway */
	s.vpn.gateway[0] = gateway_of(0, true, false);
	s.vpn.gateway[1] = gateway_of(1, true, false);
	configure(&s);
	assert_true(er_vpn_view(s.core, "azure", ER_IPV6, s.now, &view));
	assert_false(view.configured);
	assert_int_equal(view.state, ER_VPN_INACTIVE);
	assert_int_equal(er_vpn_warnings(s.core, "azure", ER_IPV6, s.now, warning, 2), 0);
	tear_down(&s);
}

static bool has_warning(const struct setup *s, const char *text)
{
	char warning[8][ER_TEXT_LEN];
	size_t n = er_vpn_warnings(s->core, "azure", ER_IPV4, s->now, warning, 8);

	for (size_t i = 0; i < n; i++)
		if (strstr(warning[i], text))
			return true;
	return false;
}

static void an_operator_is_warned_of_what_works_by_luck(void **state)
{
	char warning[1][ER_TEXT_LEN];
	struct setup s;

	set_up(&s);
	bring_up(&s);
	assert_int_equal(er_vpn_warnings(s.core, "azure", ER_IPV4, s.now, warning, 1), 0);

	add_peering(&s.circuit, ER_MICROSOFT, true, false, 9);
	configure_circuit(&s);
	assert_true(has_warning(&s, "not pinned"));
	s.vpn.pin = ER_PIN_DEFAULT_ROUTE;
	strlcpy(s.vpn.gateway[0].address, "gw0.example.net", sizeof(s.vpn.gateway[0].address));
	configure(&s);
	assert_false(has_warning(&s, "not pinned"));
	assert_true(has_warning(&s, "gateway 1 has no address"));

	s.vpn.activation = ER_ACTIVATE_LINKS_BELOW;
	s.vpn.min_links = 3;
	configure(&s);
	assert_true(has_warning(&s, "fewer than 3 links up, but only 2 are configured"));

	set_session(&s, "azure", ER_VPN, 1, ER_IPV4, false);
	assert_true(has_warning(&s, "gateway 1 is down: session not established (idle)"));

	s.vpn.circuit = circuit_names + 1;
	configure(&s);
	assert_true(has_warning(&s, "no circuit that it backs has an IPv4 private peering"));

	/* room for one only */
	assert_int_equal(er_vpn_warnings(s.core, "azure", ER_IPV4, s.now, warning, 1), 1);
	tear_down(&s);
}

/*
 * What makes no sense
 */
static void what_makes_no_sense_is_ignored(void **state)
{
	struct er_vpn_request request = { .vpn = "azure", .ask = (enum er_vpn_ask)99 };
	struct er_event ev = { .type = ER_EV_VPN_REQUEST, .request = &request };
	char reason[ER_TEXT_LEN];
	struct setup s;

	set_up(&s);
	bring_up(&s);
	assert_string_equal(er_vpn_refuse(s.core, &request, reason, sizeof(reason)),
			    "vpn-backup azure: no such request");
	handle(&s, &ev);
	assert_int_equal(s.out.n, 0);

	memset(&ev, 0, sizeof(ev));
	ev.type = ER_EV_SESSION;
	ev.session = session_key("azure", ER_VPN, (enum er_role)5, ER_IPV4);
	handle(&s, &ev);
	ev.session = session_key("azure", ER_VPN, 0, (enum er_family)5);
	handle(&s, &ev);
	ev.type = ER_EV_PROBE;
	handle(&s, &ev);
	ev.type = ER_EV_GATEWAY;
	ev.session = session_key("azure", ER_PRIVATE, 0, ER_IPV4);
	handle(&s, &ev);
	ev.session = session_key("nobody", ER_VPN, 0, ER_IPV4);
	handle(&s, &ev);
	ev.type = ER_EV_VPN_RIB;
	ev.peering = peering_key("azure", ER_VPN, (enum er_family)5);
	handle(&s, &ev);
	ev.peering = peering_key("azure", ER_PRIVATE, ER_IPV4);
	ev.vpn_rib.more_specific = 5;
	handle(&s, &ev);
	assert_int_equal(s.out.n, 0);
	tear_down(&s);
}

/* A circuit may have the name of a backup. */
static void names_of_circuits_and_backups_are_two_worlds(void **state)
{
	struct er_event gone = { .type = ER_EV_CONFIG_GONE, .circuit = "ams" };
	struct er_event clear = { .type = ER_EV_CLEAR, .circuit = "ams" };
	struct er_vpn_view view;
	struct setup s;

	set_up(&s);
	strlcpy(s.vpn.name, "ams", sizeof(s.vpn.name));
	configure(&s);
	set_sessions(&s, "ams", ER_PRIVATE, true);
	set_sessions(&s, "ams", ER_VPN, false);
	sync_bgpd(&s);
	assert_true(er_vpn_view(s.core, "ams", ER_IPV4, s.now, &view));
	assert_int_equal(view.state, ER_VPN_UNAVAILABLE);
	assert_int_equal(view.links_up, 2);
	set_session(&s, "ams", ER_VPN, 0, ER_IPV4, true);
	set_session(&s, "ams", ER_VPN, 0, ER_IPV4, false);
	handle(&s, &clear);
	er_vpn_view(s.core, "ams", ER_IPV4, s.now, &view);
	assert_int_equal(view.gateway[0].flaps, 1);
	clear.circuit[0] = '\0';
	handle(&s, &clear);
	er_vpn_view(s.core, "ams", ER_IPV4, s.now, &view);
	assert_int_equal(view.gateway[0].flaps, 0);
	handle(&s, &gone);
	assert_true(er_vpn_view(s.core, "ams", ER_IPV4, s.now, &view));
	tear_down(&s);
}

static void a_gateway_without_interface_needs_none(void **state)
{
	struct er_event ev = { .type = ER_EV_GATEWAY };
	struct er_vpn_view view;
	struct setup s;

	set_up(&s);
	bring_up(&s);
	ev.session = session_key("azure", ER_VPN, 0, ER_IPV4);
	ev.gateway.interface = ER_IF_MISSING;
	handle(&s, &ev);
	assert_true(er_vpn_view(s.core, "azure", ER_IPV4, s.now, &view));
	assert_int_equal(view.gateway[0].health, ER_GATEWAY_UP);
	tear_down(&s);
}

static uint32_t flaps_of(const struct setup *s)
{
	struct er_vpn_view view;

	assert_true(er_vpn_view(s->core, "azure", ER_IPV4, s->now, &view));
	return view.gateway[0].flaps;
}

static void the_loss_of_bgpd_is_no_flap_of_a_gateway(void **state)
{
	struct er_event lost = { .type = ER_EV_BGPD_LOST }, tick = { .type = ER_EV_TICK };
	struct setup s;

	set_up(&s);
	bring_up(&s);
	for (unsigned int i = 0; i < 2 * ER_FLAP_LOSSES; i++) {
		handle(&s, &lost);
		if (i % 2) { /* with and without the grace */
			s.now.mono_ms += ER_CHANNEL_GRACE_MS;
			handle(&s, &tick);
		}
		set_sessions(&s, "ams", ER_PRIVATE, true);
		set_sessions(&s, "azure", ER_VPN, i % 3 == 0);
		sync_bgpd(&s);
	}
	assert_int_equal(flaps_of(&s), 0);
	set_sessions(&s, "azure", ER_VPN, true);
	set_sessions(&s, "azure", ER_VPN, false);
	assert_int_equal(flaps_of(&s), 1);
	tear_down(&s);
}

static void activations_are_counted(void **state)
{
	struct er_vpn_view view;
	struct setup s;

	set_up(&s);
	bring_up(&s);
	for (unsigned int i = 0; i < 3; i++) {
		ask(&s, ER_VPN_TO_VPN);
		ask(&s, ER_VPN_TO_VPN);
		ask(&s, ER_VPN_TO_EXPRESSROUTE);
	}
	assert_true(er_vpn_view(s.core, "azure", ER_IPV6, s.now, &view));
	assert_int_equal(view.activations, 3);
	tear_down(&s);
}

/*
 * Memory
 */
static void a_memory_that_makes_no_sense_decides_nothing(void **state)
{
	struct er_vpn_memory memory = {
		.key = peering_key("azure", ER_VPN, ER_IPV4),
		.active = true,
		.cause = (enum er_vpn_cause)77,
		.switched = true,
		.hold_s = UINT32_MAX,
	};
	struct er_vpn_view view;
	struct setup s;

	set_up(&s);
	er_vpn_restore(s.core, &memory, s.now);
	memory.cause = ER_VPN_CAUSE_NONE;
	er_vpn_restore(s.core, &memory, s.now);
	memory.cause = ER_VPN_CAUSE_ALL_DOWN;
	memory.key.peering = ER_PRIVATE;
	er_vpn_restore(s.core, &memory, s.now);
	memory.key.peering = ER_VPN;
	memory.key.family = (enum er_family)9;
	er_vpn_restore(s.core, &memory, s.now);
	er_vpn_view(s.core, "azure", ER_IPV4, s.now, &view);
	assert_false(view.prefers_vpn);
	assert_false(view.switched);
	tear_down(&s);
}

/* It is too late: what is known has been decided on. */
static void a_memory_that_comes_late_is_not_listened_to(void **state)
{
	struct er_vpn_memory memory = {
		.key = peering_key("azure", ER_VPN, ER_IPV4),
		.active = true,
		.cause = ER_VPN_CAUSE_ALL_DOWN,
	};
	struct er_vpn_view view;
	struct setup s;

	set_up(&s);
	bring_up(&s);
	er_vpn_restore(s.core, &memory, s.now);
	er_vpn_view(s.core, "azure", ER_IPV4, s.now, &view);
	assert_false(view.prefers_vpn);
	tear_down(&s);
}

static void a_passed_test_is_remembered_even_without_its_own_date(void **state)
{
	struct er_vpn_memory memory = {
		.key = peering_key("azure", ER_VPN, ER_IPV4),
		.report = { .result = ER_TEST_PASSED, .began_wall = WALL_START - 1000 },
	};
	struct er_test_report report;
	struct setup s;

	set_up(&s);
	s.vpn.test_max_age_days = 92;
	configure(&s);
	assert_true(er_vpn_test_is_due(s.core, "azure", s.now));
	er_vpn_restore(s.core, &memory, s.now);
	assert_false(er_vpn_test_is_due(s.core, "azure", s.now));
	er_vpn_report(s.core, "azure", &report);
	assert_int_equal(report.passed_wall, WALL_START - 1000);
	/* the other family's memory has the same report: nothing to learn from it */
	memory.key.family = ER_IPV6;
	memory.report.result = ER_TEST_FAILED;
	er_vpn_restore(s.core, &memory, s.now);
	er_vpn_report(s.core, "azure", &report);
	assert_int_equal(report.result, ER_TEST_PASSED);
	tear_down(&s);
}

/*
 * Probes during a test
 */
static void probe_gateway(struct setup *s, bool replied, uint32_t rtt_us)
{
	struct er_event ev = { .type = ER_EV_PROBE };

	ev.session = session_key("azure", ER_VPN, 0, ER_IPV4);
	ev.probe.replied = replied;
	ev.probe.rtt_us = rtt_us;
	handle(s, &ev);
}

/* Traffic is on the VPN, and a probe watches gateway 0 in IPv4. */
static void begin_test(struct setup *s)
{
	set_up(s);
	add_probe(&s->vpn.gateway[0], 0);
	s->vpn.gateway[0].probe[ER_IPV6] = (struct ipaddr){};
	configure(s);
	probe_gateway(s, true, 1000);
	bring_up(s);
	ask(s, ER_VPN_TEST);
	s->now.mono_ms += ER_TEST_BASELINE_MS;
}

static struct er_test_report end_test(struct setup *s)
{
	struct er_event tick = { .type = ER_EV_TICK };
	struct er_test_report report;

	s->now.mono_ms += ER_TEST_SECONDS * 1000 + ER_VPN_SETTLE_MS;
	handle(s, &tick);
	assert_true(er_vpn_report(s->core, "azure", &report));
	tear_down(s);
	return report;
}

/* Three are as many as make a path down, but few among so many. */
static void a_test_forgives_what_is_lost_by_chance(void **state)
{
	struct er_test_report report;
	struct setup s;

	begin_test(&s);
	for (unsigned int i = 0; i < 200; i++)
		probe_gateway(&s, i % 50 != 49, 1000);
	report = end_test(&s);
	assert_int_equal(report.result, ER_TEST_PASSED);
	assert_int_equal(report.sent, 200);
	assert_int_equal(report.lost, 4);
}

static void round_trips_of_a_test_are_told_by_their_median(void **state)
{
	struct er_test_report report;
	struct setup s;

	begin_test(&s);
	/* 0, 500, 1, 499, ...: the median of 0 to 500 is 250 */
	for (uint32_t i = 0; i < 501; i++)
		probe_gateway(&s, true, 1000 + (i % 2 ? 500 - i / 2 : i / 2));
	report = end_test(&s);
	assert_int_equal(report.result, ER_TEST_PASSED);
	assert_int_equal(report.sent, 501);
	assert_int_equal(report.lost, 0);
	assert_int_equal(report.rtt_us, 1250);
	assert_int_equal(report.duration_s, ER_TEST_SECONDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateways_session_is_planned_from_its_backup),
		cmocka_unit_test(nothing_is_planned_of_what_is_not_there),
		cmocka_unit_test(a_neighbor_outside_of_the_tunnel_has_a_host_route),
		cmocka_unit_test(a_backup_treats_routes_as_it_is_told),
		cmocka_unit_test(a_private_peering_yields_in_the_family_that_is_switched),
		cmocka_unit_test(what_a_shut_circuit_advertises_is_known_to_those_who_back_it),
		cmocka_unit_test(static_routes_are_left_alone_until_bgpd_has_reported),
		cmocka_unit_test(static_routes_need_a_tunnel),
		cmocka_unit_test(a_gateway_without_interface_needs_none),
		cmocka_unit_test(the_loss_of_bgpd_is_no_flap_of_a_gateway),
		cmocka_unit_test(activations_are_counted),
		cmocka_unit_test(backups_come_in_the_order_of_their_names),
		cmocka_unit_test(the_configuration_is_copied),
		cmocka_unit_test(a_reader_of_what_is_not_there_gets_nothing),
		cmocka_unit_test(an_operator_is_warned_of_what_works_by_luck),
		cmocka_unit_test(what_makes_no_sense_is_ignored),
		cmocka_unit_test(names_of_circuits_and_backups_are_two_worlds),
		cmocka_unit_test(a_memory_that_makes_no_sense_decides_nothing),
		cmocka_unit_test(a_memory_that_comes_late_is_not_listened_to),
		cmocka_unit_test(a_passed_test_is_remembered_even_without_its_own_date),
		cmocka_unit_test(a_test_forgives_what_is_lost_by_chance),
		cmocka_unit_test(round_trips_of_a_test_are_told_by_their_median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
