// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drain by the operator: phases, refusals, what it does to sessions and
 * redundancy, beside Microsoft's drain and a VPN backup, over a restart.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "core/text.h"
#include "tests/core/support.h"

#define PREFIXES 5

/* One or two circuits in IPv4, up, and what was said, line by line. */
struct setup {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	struct er_circuit_config ams, fra;
	char said[4096];
	uint64_t packets;
};

static void listen_to(struct setup *s)
{
	char text[ER_TEXT_LEN * 4];

	for (size_t i = 0; i < s->out.n; i++) {
		notice_text(&s->out.notice[i], text, sizeof(text));
		snprintf(s->said + strlen(s->said), sizeof(s->said) - strlen(s->said), "%s\n",
			 text);
	}
}

static void handle(struct setup *s, struct er_event *ev)
{
	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
	listen_to(s);
}

static void tick(struct setup *s, int64_t ms)
{
	struct er_event ev = { .type = ER_EV_TICK };

	s->now.mono_ms += ms;
	s->now.wall_s += ms / 1000;
	handle(s, &ev);
}

static void configure(struct setup *s, const struct er_circuit_config *config)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .config = config };

	handle(s, &ev);
}

static void report(struct setup *s, const char *circuit, enum er_role role, bool established,
		   bool drained, uint32_t best)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = session_key(circuit, ER_PRIVATE, role, ER_IPV4);
	ev.facts.state = established ? ER_SESSION_ESTABLISHED : ER_SESSION_IDLE;
	ev.facts.accepted = established ? PREFIXES : 0;
	ev.facts.advertised = established;
	ev.facts.drained = drained;
	ev.facts.best = best;
	handle(s, &ev);
}

static void report_rib(struct setup *s, const char *circuit, struct er_rib_facts rib)
{
	struct er_event ev = { .type = ER_EV_RIB };

	ev.peering = peering_key(circuit, ER_PRIVATE, ER_IPV4);
	ev.rib = rib;
	handle(s, &ev);
}

static void report_interface(struct setup *s, const char *circuit, enum er_role role,
			     enum er_if_state state)
{
	struct er_event ev = { .type = ER_EV_INTERFACE };

	ev.session = session_key(circuit, ER_PRIVATE, role, ER_IPV4);
	ev.interface.state = state;
	ev.interface.port_ifindex = role + 1;
	ev.interface.address_present[ER_IPV4] = true;
	ev.interface.neighbor_reachable[ER_IPV4] = true;
	handle(s, &ev);
}

static void circuit_up(struct setup *s, const char *circuit)
{
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		report_interface(s, circuit, r, ER_IF_UP);
		report(s, circuit, r, true, false, 0);
	}
	report_rib(s, circuit, (struct er_rib_facts){ .both = PREFIXES });
}

static void synced(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };

	handle(s, &ev);
}

/* A second passes, in which so many packets do, on every interface of the link. */
static void second(struct setup *s, enum er_role role, uint32_t packets)
{
	struct er_event ev = { .type = ER_EV_TRAFFIC };

	s->now.mono_ms += 1000;
	s->now.wall_s += 1;
	s->packets += packets;
	ev.session = session_key("ams", ER_PRIVATE, role, ER_IPV4);
	ev.traffic = (struct er_traffic_facts){ true, s->packets, s->packets };
	handle(s, &ev);
}

static void seconds(struct setup *s, enum er_role role, uint32_t packets, unsigned int n)
{
	while (n--)
		second(s, role, packets);
}

static struct er_own_request request_of(bool drain, bool primary, bool secondary, bool force)
{
	return (struct er_own_request){
		.circuit = "ams",
		.link = { primary, secondary },
		.drain = drain,
		.force = force,
	};
}

/* What refuses it, or "" */
static const char *ask(struct setup *s, bool drain, bool primary, bool secondary, bool force)
{
	struct er_own_request request = request_of(drain, primary, secondary, force);
	struct er_event ev = { .type = ER_EV_OWN_REQUEST, .own_request = &request };
	static char why[ER_TEXT_LEN];

	why[0] = '\0';
	er_own_refuse(s->core, &request, why, sizeof(why));
	handle(s, &ev);
	return why;
}

static void drain_primary(struct setup *s)
{
	assert_string_equal(ask(s, true, true, false, false), "");
}

static struct er_own_view view_of(struct setup *s, enum er_role role)
{
	struct er_own_view view;

	er_own_drain(s->core, "ams", role, &view);
	return view;
}

static enum er_own_phase phase_of(struct setup *s, enum er_role role)
{
	return view_of(s, role).phase;
}

static void assert_said(struct setup *s, const char *want)
{
	assert_string_equal(s->said, want);
	s->said[0] = '\0';
}

static void set_up(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 100000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	s->ams = circuit_of("ams", ER_PRIVATE, false, 1);
	s->fra = circuit_of("fra", ER_PRIVATE, false, 2);
	strlcpy(s->fra.peering[ER_PRIVATE].link[ER_PRIMARY].ifname, "eth3", ER_IFNAME_LEN);
	strlcpy(s->fra.peering[ER_PRIVATE].link[ER_SECONDARY].ifname, "eth4", ER_IFNAME_LEN);
}

static void ams_up(struct setup *s)
{
	set_up(s);
	configure(s, &s->ams);
	circuit_up(s, "ams");
	synced(s);
	s->said[0] = '\0';
}

static void both_up(struct setup *s)
{
	set_up(s);
	configure(s, &s->ams);
	configure(s, &s->fra);
	circuit_up(s, "ams");
	circuit_up(s, "fra");
	synced(s);
	s->said[0] = '\0';
}

static void tear_down(struct setup *s)
{
	er_core_free(&s->core);
	er_decisions_fini(&s->out);
}

static void ams_is_safe(struct setup *s)
{
	ams_up(s);
	drain_primary(s);
	report(s, "ams", ER_PRIMARY, true, true, 0);
	seconds(s, ER_PRIMARY, 2, 13);
	assert_int_equal(phase_of(s, ER_PRIMARY), ER_OWN_SAFE);
	s->said[0] = '\0';
}

static struct er_session_spec spec_of(struct setup *s, const struct er_circuit_config *config,
				      enum er_role role)
{
	struct er_session_spec spec;

	assert_true(er_plan_session(config, ER_PRIVATE, role, ER_IPV4, &spec));
	er_own_plan(s->core, &spec);
	return spec;
}

static enum er_redundancy redundancy_of(struct setup *s)
{
	struct er_peering_key worst;

	return er_core_redundancy(s->core, "ams", &worst);
}

/*
 * Phases
 */
static void a_drain_moves_waits_and_is_safe(void **state)
{
	struct setup s;

	ams_up(&s);
	drain_primary(&s);
	assert_true(s.out.replan);
	assert_said(&s,
		    "operator-drain-change ams private ipv4 primary none -> moving: bgpd has not applied it yet\n"
		    "redundancy-change ams private ipv4 redundant -> degraded: primary: drained by operator\n");
	report(&s, "ams", ER_PRIMARY, true, true, 3);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_MOVING);
	assert_string_equal(view_of(&s, ER_PRIMARY).reason, "bgpd still uses 3 paths over it");
	assert_said(&s, "");
	report(&s, "ams", ER_PRIMARY, true, true, 0);
	assert_said(&s,
		    "operator-drain-change ams private ipv4 primary moving -> waiting: it is watched whether packets still come\n");

	seconds(&s, ER_PRIMARY, 500, 30);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_WAITING);
	assert_string_equal(view_of(&s, ER_PRIMARY).reason,
			    "it still carries packets: 500/s received, 500/s sent");
	seconds(&s, ER_PRIMARY, 2, 10);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_WAITING);
	assert_said(&s, "");
	second(&s, ER_PRIMARY, 2);
	assert_said(&s, "operator-drain-change ams private ipv4 primary waiting -> safe\n");
	assert_true(view_of(&s, ER_PRIMARY).counted);
	assert_int_equal(phase_of(&s, ER_SECONDARY), ER_OWN_NONE);

	assert_string_equal(ask(&s, false, true, false, false), "");
	assert_true(s.out.replan);
	assert_said(&s, "operator-drain-change ams private ipv4 primary safe -> none\n"
			"redundancy-change ams private ipv4 degraded -> redundant\n");
	tear_down(&s);
}

static void bfd_is_no_traffic(void **state)
{
	struct setup s;

	set_up(&s);
	s.ams.peering[ER_PRIVATE].bfd = (struct er_bfd_config){ true, 50, 50, 3 };
	configure(&s, &s.ams);
	circuit_up(&s, "ams");
	synced(&s);
	drain_primary(&s);
	report(&s, "ams", ER_PRIMARY, true, true, 0);
	seconds(&s, ER_PRIMARY, 27, 12);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	seconds(&s, ER_PRIMARY, 50, 5);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_WAITING);
	tear_down(&s);
}

/* A TCP probe each second is three packets of ours each way. */
static void probes_of_ours_are_no_traffic(void **state)
{
	struct er_path_config probe = {
		.name = "p1",
		.has_path = true,
		.key = { .kind = ER_PATH_LINK },
		.tcp_port = 443,
		.interval_ms = 1000,
	};
	struct er_event ev = { .type = ER_EV_PATH_CONFIG, .path_config = &probe };
	struct setup s;

	set_up(&s);
	configure(&s, &s.ams);
	probe.key.session = session_key("ams", ER_PRIVATE, ER_PRIMARY, ER_IPV4);
	handle(&s, &ev);
	circuit_up(&s, "ams");
	synced(&s);
	drain_primary(&s);
	report(&s, "ams", ER_PRIMARY, true, true, 0);
	seconds(&s, ER_PRIMARY, 8, 12);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	/* on the other link they are none of this one's */
	ev.type = ER_EV_PATH_CONFIG;
	probe.key.session.role = ER_SECONDARY;
	handle(&s, &ev);
	seconds(&s, ER_PRIMARY, 8, 5);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_WAITING);
	tear_down(&s);
}

static void traffic_that_returns_makes_it_unsafe_but_a_moment_does_not(void **state)
{
	struct setup s;

	ams_is_safe(&s);
	seconds(&s, ER_PRIMARY, 500, 2);
	seconds(&s, ER_PRIMARY, 2, 2);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	assert_said(&s, "");
	seconds(&s, ER_PRIMARY, 500, 5);
	assert_said(&s,
		    "operator-drain-change ams private ipv4 primary safe -> waiting: it still carries packets: 500/s received, 500/s sent\n");
	tear_down(&s);
}

static void paths_that_return_make_it_unsafe(void **state)
{
	struct setup s;

	ams_is_safe(&s);
	report(&s, "ams", ER_SECONDARY, false, false, 0);
	report(&s, "ams", ER_PRIMARY, true, true, PREFIXES);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_MOVING);
	assert_non_null(strstr(s.said, "safe -> moving: bgpd still uses 5 paths over it"));
	tear_down(&s);
}

static void a_link_that_is_shut_stays_safe_and_is_no_fault(void **state)
{
	struct setup s;

	ams_is_safe(&s);
	s.ams.peering[ER_PRIVATE].link[ER_PRIMARY].shutdown = true;
	configure(&s, &s.ams);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	assert_int_equal(s.out.n, 1);
	assert_int_equal(s.out.notice[0].type, ER_NOTICE_SESSION);
	assert_true(s.out.notice[0].expected);
	s.ams.peering[ER_PRIVATE].link[ER_PRIMARY].shutdown = false;
	configure(&s, &s.ams);
	report(&s, "ams", ER_PRIMARY, false, false, 0);
	report(&s, "ams", ER_PRIMARY, true, true, 0);
	/* its table is sent: no traffic */
	seconds(&s, ER_PRIMARY, 900, 4);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	assert_int_equal(redundancy_of(&s), ER_DEGRADED);
	tear_down(&s);
}

static void an_interface_that_is_down_carries_nothing(void **state)
{
	struct setup s;

	ams_up(&s);
	drain_primary(&s);
	report_interface(&s, "ams", ER_PRIMARY, ER_IF_DOWN);
	report(&s, "ams", ER_PRIMARY, false, false, 0);
	tick(&s, ER_OWN_DRAIN_QUIET_MS - 1);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_WAITING);
	assert_int_equal(er_core_deadline(s.core), s.now.mono_ms + 1);
	tick(&s, 1);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	tear_down(&s);
}

static void what_cannot_be_counted_is_said(void **state)
{
	struct setup s;

	set_up(&s);
	strlcpy(s.ams.peering[ER_PRIVATE].link[ER_SECONDARY].ifname, "eth1", ER_IFNAME_LEN);
	configure(&s, &s.ams);
	circuit_up(&s, "ams");
	synced(&s);
	drain_primary(&s);
	report(&s, "ams", ER_PRIMARY, true, true, 0);
	second(&s, ER_PRIMARY, 500);
	tick(&s, ER_OWN_DRAIN_QUIET_MS);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	assert_false(view_of(&s, ER_PRIMARY).counted);
	assert_string_equal(view_of(&s, ER_PRIMARY).reason,
			    "packets are not counted: another link runs over eth1");
	tear_down(&s);
}

static void a_lost_bgpd_is_not_safe(void **state)
{
	struct er_event lost = { .type = ER_EV_BGPD_LOST };
	struct setup s;

	ams_is_safe(&s);
	handle(&s, &lost);
	assert_said(&s, "");
	tick(&s, ER_CHANNEL_GRACE_MS);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_MOVING);
	assert_string_equal(view_of(&s, ER_PRIMARY).reason, "no contact with bgpd");
	tear_down(&s);
}

/*
 * Sessions, and what else decides
 */
static void sessions_are_less_preferred_and_longer(void **state)
{
	struct er_session_spec spec;
	struct setup s;

	both_up(&s);
	s.ams.mode = ER_ACTIVE_PASSIVE;
	s.ams.active = ER_SECONDARY;
	s.ams.peering[ER_PRIVATE].prepend = 1;
	s.ams.peering[ER_PRIVATE].passive_prepend = 2;
	configure(&s, &s.ams);
	s.fra.peering[ER_PRIVATE].prepend = 10;
	configure(&s, &s.fra);
	drain_primary(&s);

	spec = spec_of(&s, &s.ams, ER_PRIMARY);
	assert_true(spec.drained);
	assert_int_equal(spec.local_pref, ER_LOCAL_PREF_OWN_DRAINED);
	assert_int_equal(spec.local_pref_drained, ER_LOCAL_PREF_BOTH_DRAINED);
	assert_int_equal(spec.prepend, 10 + ER_OWN_DRAIN_PREPENDS);
	spec = spec_of(&s, &s.ams, ER_SECONDARY);
	assert_false(spec.drained);
	assert_int_equal(spec.local_pref, 150);
	assert_int_equal(spec.prepend, 1);
	assert_int_equal(spec_of(&s, &s.fra, ER_PRIMARY).prepend, 10);
	tear_down(&s);
}

static void preference_is_between_healthy_and_what_microsoft_drains(void **state)
{
	/* the lowest of a healthy link is a passive one's */
	assert_true(ER_LOCAL_PREF_OWN_DRAINED < ER_LOCAL_PREF_BASE - ER_LOCAL_PREF_PASSIVE);
	/* what Microsoft drains discards: what we drain does not */
	assert_true(ER_LOCAL_PREF_OWN_DRAINED > ER_LOCAL_PREF_DRAINED);
	assert_true(ER_LOCAL_PREF_BOTH_DRAINED < ER_LOCAL_PREF_DRAINED);
	/* BGP's default, and the VPN's */
	assert_true(ER_LOCAL_PREF_BOTH_DRAINED > 100);
	assert_true(ER_LOCAL_PREF_BOTH_DRAINED > ER_LOCAL_PREF_VPN);
	/* a site's, over the passive link */
	assert_true(ER_LOCAL_PREF_SITE_BACKUP - ER_LOCAL_PREF_SITE_PASSIVE -
			    ER_LOCAL_PREF_SITE_DRAINED >
		    ER_LOCAL_PREF_VPN);
	assert_true(ER_LOCAL_PREF_SITE_DRAINED > ER_LOCAL_PREF_SITE_PASSIVE);
}

static void microsoft_may_drain_it_as_well(void **state)
{
	struct er_peering_view view;
	struct er_peering_key key = peering_key("ams", ER_PRIVATE, ER_IPV4);
	struct setup s;

	ams_is_safe(&s);
	report_rib(&s, "ams",
		   (struct er_rib_facts){ .both = PREFIXES, .drained = { PREFIXES, 0 } });
	assert_said(&s, "drain-start ams private primary ipv4 5 prefixes\n");
	assert_true(er_core_peering(s.core, &key, s.now, &view));
	assert_int_equal(view.assessment.reason, ER_REASON_OWN_DRAINED);
	assert_true(view.assessment.link[ER_PRIMARY].drained);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	assert_string_equal(ask(&s, false, true, false, false), "");
	assert_int_equal(redundancy_of(&s), ER_DEGRADED);
	tear_down(&s);
}

static void a_vpn_does_not_take_over_from_what_is_drained(void **state)
{
	char circuits[1][ER_NAME_LEN] = { "ams" };
	struct er_vpn_config vpn = {
		.name = "azure",
		.vrf = "default",
		.circuit = circuits,
		.n_circuits = 1,
		.activation = ER_ACTIVATE_LINKS_BELOW,
		.min_links = 2,
		.on_drained = true,
		.restore_s = 60,
		.restore_max_s = 60,
	};
	struct er_event ev = { .type = ER_EV_VPN_CONFIG, .vpn = &vpn };
	struct setup s;

	set_up(&s);
	configure(&s, &s.ams);
	vpn.gateway[0] = gateway_of(ER_PRIMARY, true, false);
	handle(&s, &ev);
	circuit_up(&s, "ams");
	ev = (struct er_event){ .type = ER_EV_SESSION };
	ev.session = session_key("azure", ER_VPN, ER_PRIMARY, ER_IPV4);
	ev.facts.state = ER_SESSION_ESTABLISHED;
	ev.facts.accepted = PREFIXES;
	handle(&s, &ev);
	synced(&s);
	s.said[0] = '\0';

	assert_string_equal(ask(&s, true, true, true, true), "");
	tick(&s, 60000);
	assert_null(strstr(s.said, "vpn-activated"));
	/* one that is gone is one less */
	report(&s, "ams", ER_PRIMARY, false, false, 0);
	assert_non_null(strstr(s.said, "vpn-activated azure vpn ipv4 links-below"));
	tear_down(&s);
}

/*
 * Refusals
 */
static void the_last_healthy_link_is_refused(void **state)
{
	struct setup s;

	ams_up(&s);
	report(&s, "ams", ER_SECONDARY, false, false, 0);
	assert_string_equal(
		ask(&s, true, true, false, false),
		"circuit ams: primary is the last that can carry private ipv4, so only 'force' drains it: secondary is down: session not established (idle), and no other circuit has a healthy link in VRF default");
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_NONE);
	assert_string_equal(ask(&s, true, true, false, true), "");
	assert_true(view_of(&s, ER_PRIMARY).forced);
	/* it carries all the same */
	assert_int_equal(redundancy_of(&s), ER_DEGRADED);
	tear_down(&s);
}

static void the_other_link_is_refused_after_the_one(void **state)
{
	struct setup s;

	ams_is_safe(&s);
	assert_string_equal(
		ask(&s, true, false, true, false),
		"circuit ams: secondary is the last that can carry private ipv4, so only 'force' drains it: primary is drained: drained by operator, and no other circuit has a healthy link in VRF default");
	tear_down(&s);
}

static void a_link_whose_twin_microsoft_drains_is_refused(void **state)
{
	struct setup s;

	ams_up(&s);
	report_rib(&s, "ams",
		   (struct er_rib_facts){ .both = PREFIXES, .drained = { 0, PREFIXES } });
	assert_non_null(strstr(ask(&s, true, true, false, false),
			       "secondary is drained: drained by Microsoft (maintenance)"));
	/* and that one, which discards, may be */
	assert_string_equal(ask(&s, true, false, true, false), "");
	tear_down(&s);
}

static void a_whole_circuit_needs_another(void **state)
{
	struct setup s;

	ams_up(&s);
	assert_string_equal(
		ask(&s, true, true, true, false),
		"circuit ams: both links are the last that can carry private ipv4, so only 'force' drains them: no other circuit has a healthy link in VRF default");
	tear_down(&s);

	both_up(&s);
	assert_string_equal(ask(&s, true, true, true, false), "");
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_MOVING);
	assert_int_equal(phase_of(&s, ER_SECONDARY), ER_OWN_MOVING);
	tear_down(&s);
}

static void another_vrf_is_other_traffic(void **state)
{
	struct setup s;

	both_up(&s);
	strlcpy(s.fra.peering[ER_PRIVATE].vrf, "blue", ER_VRF_LEN);
	configure(&s, &s.fra);
	circuit_up(&s, "fra");
	assert_non_null(strstr(ask(&s, true, true, true, false), "in VRF default"));
	tear_down(&s);
}

static void a_link_that_carries_nothing_may_be_drained(void **state)
{
	struct setup s;

	ams_up(&s);
	report(&s, "ams", ER_PRIMARY, false, false, 0);
	report(&s, "ams", ER_SECONDARY, false, false, 0);
	assert_string_equal(ask(&s, true, true, true, false), "");
	tear_down(&s);
}

static void end_secondary_on_partner(struct setup *s)
{
	struct er_link_config *secondary = &s->ams.peering[ER_PRIVATE].link[ER_SECONDARY];

	memset(secondary, 0, sizeof(*secondary));
	secondary->configured = true;
	str2ipaddr("10.0.0.2", &secondary->partner);
}

static void a_partners_link_is_drained_there(void **state)
{
	struct setup s;

	ams_up(&s);
	end_secondary_on_partner(&s);
	configure(&s, &s.ams);
	synced(&s);
	assert_string_equal(ask(&s, true, false, true, true),
			    "circuit ams: secondary ends on partner 10.0.0.2: drain it there");
	assert_string_equal(
		ask(&s, true, true, true, true),
		"circuit ams: secondary ends on partner 10.0.0.2: drain it there, and here link primary");
	assert_string_equal(ask(&s, true, true, false, true), "");
	tear_down(&s);
}

/* It sends as often as this circuit's configuration says: the guide wants the same there. */
static void a_passive_link_on_a_partner_is_shorter_than_what_is_drained(void **state)
{
	struct setup s;

	ams_up(&s);
	end_secondary_on_partner(&s);
	s.ams.mode = ER_ACTIVE_PASSIVE;
	s.ams.active = ER_PRIMARY;
	s.ams.peering[ER_PRIVATE].passive_prepend = 10;
	configure(&s, &s.ams);
	report(&s, "ams", ER_SECONDARY, true, false, 0);
	synced(&s);
	drain_primary(&s);
	assert_int_equal(spec_of(&s, &s.ams, ER_PRIMARY).prepend, 10 + ER_OWN_DRAIN_PREPENDS);
	tear_down(&s);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct er_own_request nowhere = { .circuit = "paris", .link = { true, true } };
	struct er_event lost = { .type = ER_EV_BGPD_LOST };
	char why[ER_TEXT_LEN];
	struct setup s;

	set_up(&s);
	configure(&s, &s.ams);
	assert_string_equal(
		ask(&s, true, true, false, true),
		"circuit ams: bgpd has not reported yet, and nothing is moved blindly: ask again in a few seconds");
	circuit_up(&s, "ams");
	synced(&s);
	assert_string_equal(er_own_refuse(s.core, &nowhere, why, sizeof(why)),
			    "there is no circuit paris: 'show expressroute' has all");
	assert_string_equal(ask(&s, false, true, false, false),
			    "circuit ams: primary is not drained by operator");
	assert_string_equal(ask(&s, false, true, true, false),
			    "circuit ams: no link is drained by operator");
	drain_primary(&s);
	assert_string_equal(ask(&s, true, true, false, false),
			    "circuit ams: primary is drained by operator already");
	assert_string_equal(ask(&s, true, true, true, true), "");
	assert_string_equal(ask(&s, true, true, true, true),
			    "circuit ams: both links are drained by operator already");
	assert_string_equal(ask(&s, false, true, true, false), "");
	s.ams.peering[ER_PRIVATE].link[ER_SECONDARY].configured = false;
	configure(&s, &s.ams);
	assert_string_equal(ask(&s, true, false, true, false),
			    "circuit ams: it has no link secondary");
	handle(&s, &lost);
	assert_string_equal(
		ask(&s, true, true, false, true),
		"circuit ams: no contact with bgpd, and nothing is moved blindly: is it running, with '-M expressroute'?");
	tear_down(&s);
}

/*
 * Memory
 */
struct memories {
	struct er_own_memory memory[4];
	size_t n;
};

static void remember(const struct er_own_memory *memory, void *arg)
{
	struct memories *m = arg;

	assert_true(m->n < array_size(m->memory));
	m->memory[m->n++] = *memory;
}

static struct memories memories_of(struct setup *s)
{
	struct memories m = {};

	er_own_remember(s->core, remember, &m);
	return m;
}

static void a_restart_changes_nothing_and_says_nothing(void **state)
{
	struct memories before;
	struct setup s;

	ams_is_safe(&s);
	before = memories_of(&s);
	assert_int_equal(before.n, 1);
	assert_int_equal(before.memory[0].said, ER_OWN_SAFE);
	tear_down(&s);

	set_up(&s);
	er_own_restore(s.core, &before.memory[0]);
	assert_int_equal(memories_of(&s).n, 1);
	configure(&s, &s.ams);
	assert_true(spec_of(&s, &s.ams, ER_PRIMARY).drained);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_MOVING);
	assert_string_equal(view_of(&s, ER_PRIMARY).reason, "bgpd has not reported yet");
	circuit_up(&s, "ams");
	report(&s, "ams", ER_PRIMARY, true, true, 0);
	assert_said(&s, "");
	synced(&s);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_SAFE);
	assert_null(strstr(s.said, "operator-drain"));
	assert_int_equal(view_of(&s, ER_PRIMARY).since_wall, before.memory[0].since_wall);
	/* unless something passes */
	seconds(&s, ER_PRIMARY, 500, 5);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_WAITING);
	tear_down(&s);
}

static void a_removed_link_or_circuit_is_not_drained_when_it_returns(void **state)
{
	struct er_event gone = { .type = ER_EV_CONFIG_GONE, .circuit = "ams" };
	struct er_own_memory memory = { .circuit = "ams", .role = ER_SECONDARY };
	struct setup s;

	ams_is_safe(&s);
	s.ams.peering[ER_PRIVATE].link[ER_PRIMARY].configured = false;
	configure(&s, &s.ams);
	assert_non_null(strstr(s.said, "operator-drain"));
	assert_non_null(strstr(s.said, "its link is not configured here any more"));
	s.ams.peering[ER_PRIVATE].link[ER_PRIMARY].configured = true;
	configure(&s, &s.ams);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_NONE);

	circuit_up(&s, "ams");
	drain_primary(&s);
	handle(&s, &gone);
	assert_non_null(strstr(s.said, "its circuit is not configured any more"));
	assert_int_equal(memories_of(&s).n, 0);
	configure(&s, &s.ams);
	assert_int_equal(phase_of(&s, ER_PRIMARY), ER_OWN_NONE);

	handle(&s, &gone);
	/* what waits is kept for a while */
	memory.since_wall = 100;
	er_own_restore(s.core, &memory);
	er_own_forget_restored(s.core, 100);
	assert_int_equal(memories_of(&s).n, 1);
	er_own_forget_restored(s.core, 101);
	configure(&s, &s.ams);
	assert_int_equal(phase_of(&s, ER_SECONDARY), ER_OWN_NONE);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_moves_waits_and_is_safe),
		cmocka_unit_test(bfd_is_no_traffic),
		cmocka_unit_test(probes_of_ours_are_no_traffic),
		cmocka_unit_test(traffic_that_returns_makes_it_unsafe_but_a_moment_does_not),
		cmocka_unit_test(paths_that_return_make_it_unsafe),
		cmocka_unit_test(a_link_that_is_shut_stays_safe_and_is_no_fault),
		cmocka_unit_test(an_interface_that_is_down_carries_nothing),
		cmocka_unit_test(what_cannot_be_counted_is_said),
		cmocka_unit_test(a_lost_bgpd_is_not_safe),
		cmocka_unit_test(sessions_are_less_preferred_and_longer),
		cmocka_unit_test(preference_is_between_healthy_and_what_microsoft_drains),
		cmocka_unit_test(microsoft_may_drain_it_as_well),
		cmocka_unit_test(a_vpn_does_not_take_over_from_what_is_drained),
		cmocka_unit_test(the_last_healthy_link_is_refused),
		cmocka_unit_test(the_other_link_is_refused_after_the_one),
		cmocka_unit_test(a_link_whose_twin_microsoft_drains_is_refused),
		cmocka_unit_test(a_whole_circuit_needs_another),
		cmocka_unit_test(another_vrf_is_other_traffic),
		cmocka_unit_test(a_link_that_carries_nothing_may_be_drained),
		cmocka_unit_test(a_partners_link_is_drained_there),
		cmocka_unit_test(a_passive_link_on_a_partner_is_shorter_than_what_is_drained),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(a_restart_changes_nothing_and_says_nothing),
		cmocka_unit_test(a_removed_link_or_circuit_is_not_drained_when_it_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
