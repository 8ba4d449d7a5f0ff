// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths: what a window of results says, when a path is poor, what is told of it,
 * and what a VPN backup makes of it; rates of counters.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/paths.h"
#include "core/text.h"
#include "tests/core/support.h"

/*
 * The window
 */
/* A letter is an answer after so many milliseconds (a: 1, b: 2, ...), '-' a loss. */
static struct er_path_measure measure_of(struct er_path_window *window, const char *results)
{
	struct er_path_measure m;

	for (; *results; results++)
		er_path_result(window, *results != '-', (*results - 'a' + 1) * 1000);
	er_path_measure(window, &m);
	return m;
}

static void a_window_has_loss_and_the_round_trips_of_its_answers(void **state)
{
	struct er_path_window window = {};
	struct er_path_measure m = measure_of(&window, "");

	assert_int_equal(m.sent, 0);
	assert_int_equal(m.loss_percent, 0);
	m = measure_of(&window, "-a-d");
	assert_int_equal(m.sent, 4);
	assert_int_equal(m.lost, 2);
	assert_int_equal(m.loss_percent, 50);
	assert_int_equal(m.rtt_min, 1000);
	assert_int_equal(m.rtt_mean, 2500);
	assert_int_equal(m.rtt_max, 4000);
}

static void one_loss_is_never_rounded_away(void **state)
{
	struct er_path_window window = {};
	struct er_path_measure m = measure_of(&window, "-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

	assert_int_equal(m.sent, ER_PATH_WINDOW);
	assert_int_equal(m.loss_percent, 4);
}

static void what_has_left_the_window_counts_no_more(void **state)
{
	struct er_path_window window = {};
	struct er_path_measure m = measure_of(&window, "--zz");

	for (unsigned int i = 0; i < ER_PATH_WINDOW; i++)
		er_path_result(&window, true, 1000);
	er_path_measure(&window, &m);
	assert_int_equal(m.sent, ER_PATH_WINDOW);
	assert_int_equal(m.lost, 0);
	assert_int_equal(m.rtt_max, 1000);
}

/* RFC 3550, A.8: J += (|D| - J) / 16 */
static void jitter_is_that_of_rfc_3550(void **state)
{
	struct er_path_window window = {};
	struct er_path_measure m = measure_of(&window, "a");

	assert_false(m.has_jitter);
	m = measure_of(&window, "i");
	assert_true(m.has_jitter);
	assert_int_equal(m.jitter_us, 8000 / 16);
	/* 500 + (8000 - 500) / 16 */
	m = measure_of(&window, "a");
	assert_true(m.jitter_us >= 967 && m.jitter_us <= 969);
	/* a loss between two answers is no deviation */
	m = measure_of(&window, "--a");
	assert_true(m.jitter_us >= 906 && m.jitter_us <= 909);
	for (unsigned int i = 0; i < 500; i++)
		m = measure_of(&window, i % 2 ? "a" : "c");
	assert_true(m.jitter_us >= 1990 && m.jitter_us <= 2000);
}

static void an_answer_in_no_time_is_an_answer(void **state)
{
	struct er_path_window window = {};
	struct er_path_measure m;

	er_path_result(&window, true, 0);
	er_path_measure(&window, &m);
	assert_int_equal(m.lost, 0);
	assert_int_equal(m.rtt_mean, 1);
}

/*
 * Judging
 */
static enum er_quality judge(uint8_t loss, uint32_t rtt_ms, enum er_quality before)
{
	struct er_path_threshold threshold = { .loss_percent = 20, .rtt_us = 100000 };
	struct er_path_measure m = { .sent = 30, .loss_percent = loss, .rtt_mean = rtt_ms * 1000 };
	char reason[ER_TEXT_LEN];

	return er_path_judge(&threshold, &m, before, reason, sizeof(reason));
}

static void a_threshold_that_is_reached_makes_a_path_poor(void **state)
{
	assert_int_equal(judge(19, 99, ER_QUALITY_GOOD), ER_QUALITY_GOOD);
	assert_int_equal(judge(20, 0, ER_QUALITY_GOOD), ER_QUALITY_POOR);
	assert_int_equal(judge(0, 100, ER_QUALITY_UNKNOWN), ER_QUALITY_POOR);
}

static void a_poor_path_is_good_when_all_is_undercut_by_a_fifth(void **state)
{
	assert_int_equal(judge(17, 0, ER_QUALITY_POOR), ER_QUALITY_POOR);
	assert_int_equal(judge(16, 81, ER_QUALITY_POOR), ER_QUALITY_POOR);
	assert_int_equal(judge(16, 80, ER_QUALITY_POOR), ER_QUALITY_GOOD);
}

static void a_few_results_are_no_verdict(void **state)
{
	struct er_path_threshold threshold = { .loss_percent = 1 };
	struct er_path_window window = {};
	struct er_path_measure m = measure_of(&window, "----");
	char reason[ER_TEXT_LEN];

	assert_int_equal(er_path_judge(&threshold, &m, ER_QUALITY_GOOD, reason, sizeof(reason)),
			 ER_QUALITY_UNKNOWN);
	m = measure_of(&window, "-");
	assert_int_equal(er_path_judge(&threshold, &m, ER_QUALITY_GOOD, reason, sizeof(reason)),
			 ER_QUALITY_POOR);
	assert_string_equal(reason, "loss 100 % (threshold 1 %)");
}

static void without_thresholds_no_path_is_poor(void **state)
{
	struct er_path_threshold none = {};
	struct er_path_window window = {};
	struct er_path_measure m = measure_of(&window, "------z");
	char reason[ER_TEXT_LEN];

	assert_int_equal(er_path_judge(&none, &m, ER_QUALITY_GOOD, reason, sizeof(reason)),
			 ER_QUALITY_GOOD);
}

/*
 * Within er_core
 */
struct setup {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	struct er_path_config probe;
};

static void handle(struct setup *s, struct er_event *ev)
{
	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
}

static void configure(struct setup *s)
{
	struct er_event ev = { .type = ER_EV_PATH_CONFIG, .path_config = &s->probe };

	handle(s, &ev);
}

static void set_up(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 1000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	strlcpy(s->probe.name, "p1", sizeof(s->probe.name));
	s->probe.has_path = true;
	s->probe.key.kind = ER_PATH_LINK;
	s->probe.key.session = session_key("ams", ER_PRIVATE, ER_PRIMARY, ER_IPV4);
	s->probe.threshold.loss_percent = 50;
	configure(s);
}

static void tear_down(struct setup *s)
{
	er_core_free(&s->core);
	er_decisions_fini(&s->out);
}

/* Returns how many notices there were; the last one is in s->out when it came last. */
static unsigned int feed(struct setup *s, const char *name, const char *results)
{
	unsigned int n = 0;

	for (; *results; results++) {
		struct er_event ev = { .type = ER_EV_PATH };

		strlcpy(ev.path.name, name, sizeof(ev.path.name));
		ev.path.sent = *results != '?';
		ev.path.replied = *results == '+';
		ev.path.rtt_us = 1000;
		handle(s, &ev);
		for (size_t i = 0; i < s->out.n; i++)
			n += s->out.notice[i].type == ER_NOTICE_PATH_QUALITY;
	}
	return n;
}

static enum er_quality quality(const struct setup *s)
{
	struct er_path_view view;

	assert_true(er_core_path(s->core, "p1", &view));
	return view.quality;
}

static void poor_and_good_again_are_each_told_once(void **state)
{
	struct setup s;

	set_up(&s);
	assert_int_equal(feed(&s, "p1", "++++++"), 0);
	assert_int_equal(quality(&s), ER_QUALITY_GOOD);
	assert_int_equal(feed(&s, "p1", "-----"), 0);
	assert_int_equal(feed(&s, "p1", "-"), 1);
	assert_string_equal(s.out.notice[0].name, "p1");
	assert_int_equal(s.out.notice[0].path.quality, ER_QUALITY_POOR);
	assert_int_equal(s.out.notice[0].previous_quality, ER_QUALITY_GOOD);
	assert_string_equal(s.out.notice[0].reason, "loss 50 % (threshold 50 %)");
	/* 6 of 15 are 40 % */
	assert_int_equal(feed(&s, "p1", "++"), 0);
	assert_int_equal(feed(&s, "p1", "+"), 1);
	assert_int_equal(quality(&s), ER_QUALITY_GOOD);
	tear_down(&s);
}

static void what_cannot_be_sent_is_no_loss(void **state)
{
	struct er_path_view view;
	struct setup s;

	set_up(&s);
	feed(&s, "p1", "------");
	assert_int_equal(quality(&s), ER_QUALITY_POOR);
	assert_int_equal(feed(&s, "p1", "?"), 1);
	assert_int_equal(quality(&s), ER_QUALITY_UNKNOWN);
	assert_int_equal(feed(&s, "p1", "???"), 0);
	assert_true(er_core_path(s.core, "p1", &view));
	assert_int_equal(view.sent, 6);
	assert_int_equal(view.lost, 6);
	assert_int_equal(view.measure.sent, 0);
	tear_down(&s);
}

static void another_target_begins_anew_another_threshold_does_not(void **state)
{
	struct er_path_view view;
	struct setup s;

	set_up(&s);
	feed(&s, "p1", "--++++++");
	s.probe.threshold.loss_percent = 10;
	configure(&s);
	assert_int_equal(s.out.n, 1);
	assert_int_equal(quality(&s), ER_QUALITY_POOR);
	assert_int_equal(str2ipaddr("10.1.0.4", &s.probe.target), 0);
	configure(&s);
	assert_true(er_core_path(s.core, "p1", &view));
	assert_int_equal(view.quality, ER_QUALITY_UNKNOWN);
	assert_int_equal(view.sent, 0);
	tear_down(&s);
}

static void is_told(const struct setup *s, enum er_quality before, const char *reason)
{
	assert_int_equal(s->out.n, 1);
	assert_int_equal(s->out.notice[0].type, ER_NOTICE_PATH_QUALITY);
	assert_int_equal(s->out.notice[0].path.quality, ER_QUALITY_UNKNOWN);
	assert_int_equal(s->out.notice[0].path.measure.sent, 0);
	assert_int_equal(s->out.notice[0].previous_quality, before);
	assert_string_equal(s->out.notice[0].reason, reason);
}

static void what_was_told_is_taken_back_when_the_probe_is_changed(void **state)
{
	struct er_path_view view;
	struct setup s;

	set_up(&s);
	feed(&s, "p1", "------");
	/* the notice is of the path that was poor */
	s.probe.key.session.role = ER_SECONDARY;
	configure(&s);
	is_told(&s, ER_QUALITY_POOR, "its path or target was changed");
	assert_int_equal(s.out.notice[0].path_key.session.role, ER_PRIMARY);
	assert_int_equal(s.out.notice[0].session.role, ER_PRIMARY);
	assert_true(er_core_path(s.core, "p1", &view));
	assert_string_equal(view.reason, "");
	/* nothing is taken back twice, nor what was not told */
	s.probe.tcp_port = 443;
	configure(&s);
	assert_int_equal(s.out.n, 0);
	feed(&s, "p1", "++++++");
	s.probe.tcp_port = 80;
	configure(&s);
	assert_int_equal(s.out.n, 0);
	tear_down(&s);
}

static void what_was_told_is_taken_back_when_the_probe_is_removed(void **state)
{
	struct er_event ev = { .type = ER_EV_PATH_CONFIG_GONE, .circuit = "p1" };
	struct setup s;

	set_up(&s);
	feed(&s, "p1", "-----");
	assert_int_equal(feed(&s, "p1", "+++++++++++++"), 1);
	assert_int_equal(quality(&s), ER_QUALITY_GOOD);
	handle(&s, &ev);
	is_told(&s, ER_QUALITY_GOOD, "its path-probe was removed");
	tear_down(&s);
}

static void a_deleted_probe_is_gone_and_its_late_results_are_ignored(void **state)
{
	struct er_event ev = { .type = ER_EV_PATH_CONFIG_GONE, .circuit = "p1" };
	struct er_path_view view;
	struct setup s;

	set_up(&s);
	handle(&s, &ev);
	assert_false(er_core_path(s.core, "p1", &view));
	assert_int_equal(feed(&s, "p1", "++++++"), 0);
	tear_down(&s);
}

/*
 * The rule of a VPN backup
 */
static char circuit_name[1][ER_NAME_LEN] = { "ams" };

static void add_probe_of(struct setup *s, const char *name, struct er_path_key key)
{
	strlcpy(s->probe.name, name, sizeof(s->probe.name));
	s->probe.key = key;
	configure(s);
}

static struct er_path_key link_path(enum er_role role)
{
	return (struct er_path_key){
		.kind = ER_PATH_LINK,
		.session = session_key("ams", ER_PRIVATE, role, ER_IPV4),
	};
}

static void establish(struct setup *s, const char *name, enum er_peering_type p)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		ev.session = session_key(name, p, r, ER_IPV4);
		ev.facts.state = ER_SESSION_ESTABLISHED;
		ev.facts.accepted = 5;
		handle(s, &ev);
	}
}

/* Both links and both gateways work, each link and gateway 0 have a probe. */
static void set_up_vpn(struct setup *s)
{
	struct er_path_key vpn = { .kind = ER_PATH_VPN };
	struct er_circuit_config circuit = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_vpn_config config = {
		.name = "azure",
		.vrf = "default",
		.circuit = circuit_name,
		.n_circuits = 1,
		.return_path = true,
		.on_quality = true,
		.restore_s = 60,
		.restore_max_s = 60,
		.probe_multiplier = 3,
		.gateway = { gateway_of(0, true, false), gateway_of(1, true, false) },
	};
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &circuit };

	set_up(s);
	handle(s, &ev);
	ev = (struct er_event){ .type = ER_EV_VPN_CONFIG, .vpn = &config };
	handle(s, &ev);
	establish(s, "ams", ER_PRIVATE);
	establish(s, "azure", ER_VPN);
	ev = (struct er_event){ .type = ER_EV_BGPD_SYNCED };
	handle(s, &ev);
	add_probe_of(s, "p1", link_path(ER_PRIMARY));
	add_probe_of(s, "p2", link_path(ER_SECONDARY));
	vpn.session = session_key("azure", ER_VPN, ER_PRIMARY, ER_IPV4);
	add_probe_of(s, "v0", vpn);
	vpn.session.role = ER_SECONDARY;
	add_probe_of(s, "v1", vpn);
	feed(s, "p1", "++++++");
	feed(s, "p2", "++++++");
}

static void wait_seconds(struct setup *s, int seconds)
{
	struct er_event ev = { .type = ER_EV_TICK };

	s->now.mono_ms += seconds * 1000;
	handle(s, &ev);
}

static struct er_vpn_view vpn_view(const struct setup *s)
{
	struct er_vpn_view view;

	assert_true(er_vpn_view(s->core, "azure", ER_IPV4, s->now, &view));
	return view;
}

static void the_vpn_takes_over_when_every_link_is_poor(void **state)
{
	struct setup s;

	set_up_vpn(&s);
	feed(&s, "p1", "------");
	assert_int_equal(vpn_view(&s).state, ER_VPN_STANDBY);
	feed(&s, "p2", "------");
	assert_int_equal(vpn_view(&s).state, ER_VPN_ACTIVE);
	assert_int_equal(vpn_view(&s).cause, ER_VPN_CAUSE_QUALITY);
	/* the links' probes need their answers: Microsoft is not moved */
	wait_seconds(&s, 30);
	assert_false(vpn_view(&s).switched);
	tear_down(&s);
}

static void it_returns_after_the_hold_when_a_link_is_good_again(void **state)
{
	struct setup s;

	set_up_vpn(&s);
	feed(&s, "p1", "------");
	feed(&s, "p2", "------");
	wait_seconds(&s, 10);
	feed(&s, "p1", "++++++++++++++++++++++++++");
	assert_int_equal(vpn_view(&s).state, ER_VPN_RESTORING);
	wait_seconds(&s, 59);
	assert_int_equal(vpn_view(&s).state, ER_VPN_RESTORING);
	wait_seconds(&s, 1);
	assert_int_equal(vpn_view(&s).state, ER_VPN_STANDBY);
	tear_down(&s);
}

static void a_link_that_is_not_measured_is_not_poor(void **state)
{
	struct setup s;

	set_up_vpn(&s);
	feed(&s, "p1", "------");
	feed(&s, "p2", "?");
	assert_int_equal(vpn_view(&s).state, ER_VPN_STANDBY);
	tear_down(&s);
}

static void traffic_does_not_go_from_poor_links_to_poor_tunnels(void **state)
{
	struct setup s;

	set_up_vpn(&s);
	feed(&s, "v0", "------");
	feed(&s, "v1", "------");
	feed(&s, "p1", "------");
	feed(&s, "p2", "------");
	assert_int_equal(vpn_view(&s).state, ER_VPN_STANDBY);
	/* one that is good is enough */
	feed(&s, "v1", "++++++++++++++++++++");
	assert_int_equal(vpn_view(&s).state, ER_VPN_ACTIVE);
	tear_down(&s);
}

static bool is_warned_of(const struct setup *s, const char *words)
{
	char warning[8][ER_TEXT_LEN];
	size_t n = er_vpn_warnings(s->core, "azure", ER_IPV4, s->now, warning, 8);

	for (size_t i = 0; i < n; i++)
		if (strstr(warning[i], words))
			return true;
	return false;
}

static void a_rule_without_its_probes_is_warned_of(void **state)
{
	struct er_event ev = { .type = ER_EV_PATH_CONFIG_GONE, .circuit = "p2" };
	struct setup s;

	set_up_vpn(&s);
	assert_false(is_warned_of(&s, "path-probe"));
	handle(&s, &ev);
	assert_true(is_warned_of(&s, "1 of 2 IPv4 links is measured by a path-probe"));
	tear_down(&s);
}

/*
 * Counters
 */
static void a_rate_is_of_the_time_between_two_readings(void **state)
{
	struct er_counters counters = { .in_octets = 1000, .out_octets = 5000 };
	struct er_traffic traffic = {};
	struct er_rate rate;

	er_traffic_rate(&traffic, &rate);
	assert_false(rate.known);
	er_traffic_take(&traffic, &counters, 1000);
	er_traffic_rate(&traffic, &rate);
	assert_false(rate.known);
	counters.in_octets += 500;
	counters.out_octets += 1000000;
	er_traffic_take(&traffic, &counters, 3000);
	er_traffic_rate(&traffic, &rate);
	assert_true(rate.known);
	assert_int_equal(rate.in_bits, 2000);
	assert_int_equal(rate.out_bits, 4000000);
}

static void a_rate_forgets_what_was_long_ago(void **state)
{
	struct er_counters counters = { .out_octets = 0 };
	struct er_traffic traffic = {};
	struct er_rate rate;

	er_traffic_take(&traffic, &counters, 0);
	counters.out_octets = 1000000;
	for (int64_t at = ER_PATH_SAMPLE_MS; at <= 3 * ER_PATH_SAMPLE_MS; at += ER_PATH_SAMPLE_MS)
		er_traffic_take(&traffic, &counters, at);
	er_traffic_rate(&traffic, &rate);
	assert_int_equal(rate.out_bits, 0);
}

static void counters_that_go_back_are_another_interfaces(void **state)
{
	struct er_counters counters = { .in_octets = 1000000 };
	struct er_traffic traffic = {};
	struct er_rate rate;

	er_traffic_take(&traffic, &counters, 0);
	counters.in_octets = 10;
	er_traffic_take(&traffic, &counters, 5000);
	er_traffic_rate(&traffic, &rate);
	assert_false(rate.known);
	assert_int_equal(traffic.now.in_octets, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_has_loss_and_the_round_trips_of_its_answers),
		cmocka_unit_test(one_loss_is_never_rounded_away),
		cmocka_unit_test(what_has_left_the_window_counts_no_more),
		cmocka_unit_test(jitter_is_that_of_rfc_3550),
		cmocka_unit_test(an_answer_in_no_time_is_an_answer),
		cmocka_unit_test(a_threshold_that_is_reached_makes_a_path_poor),
		cmocka_unit_test(a_poor_path_is_good_when_all_is_undercut_by_a_fifth),
		cmocka_unit_test(a_few_results_are_no_verdict),
		cmocka_unit_test(without_thresholds_no_path_is_poor),
		cmocka_unit_test(poor_and_good_again_are_each_told_once),
		cmocka_unit_test(what_cannot_be_sent_is_no_loss),
		cmocka_unit_test(another_target_begins_anew_another_threshold_does_not),
		cmocka_unit_test(what_was_told_is_taken_back_when_the_probe_is_changed),
		cmocka_unit_test(what_was_told_is_taken_back_when_the_probe_is_removed),
		cmocka_unit_test(a_deleted_probe_is_gone_and_its_late_results_are_ignored),
		cmocka_unit_test(the_vpn_takes_over_when_every_link_is_poor),
		cmocka_unit_test(it_returns_after_the_hold_when_a_link_is_good_again),
		cmocka_unit_test(a_link_that_is_not_measured_is_not_poor),
		cmocka_unit_test(traffic_does_not_go_from_poor_links_to_poor_tunnels),
		cmocka_unit_test(a_rule_without_its_probes_is_warned_of),
		cmocka_unit_test(a_rate_is_of_the_time_between_two_readings),
		cmocka_unit_test(a_rate_forgets_what_was_long_ago),
		cmocka_unit_test(counters_that_go_back_are_another_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
