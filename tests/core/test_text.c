// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words and sentences: text.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/text.h"
#include "tests/core/support.h"

static char yang[256 * 1024];

static int read_yang(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/yang/frr-expressroute.yang", srcdir ? srcdir : ".");
	f = fopen(path, "r");
	if (!f)
		return -1;
	n = fread(yang, 1, sizeof(yang) - 1, f);
	yang[n] = '\0';
	fclose(f);
	return 0;
}

/* The enums after `anchor` up to the end of their type, "a b c". */
static void enums_after(const char *anchor, char *words, size_t len)
{
	const char *p = strstr(yang, anchor);
	unsigned int depth = 0;

	assert_non_null(p);
	p = strstr(p, "type enumeration {");
	assert_non_null(p);
	words[0] = '\0';
	for (; *p; p++) {
		if (*p == '{')
			depth++;
		if (*p == '}' && --depth == 0)
			return;
		if (depth == 1 && strncmp(p, "enum ", 5) == 0) {
			size_t n = strcspn(p + 5, " ;{");
			size_t used = strlen(words);

			snprintf(words + used, len - used, "%s%.*s", used ? " " : "", (int)n,
				 p + 5);
			p += 4 + n;
		}
	}
}

#define assert_words(anchor, fn, last)                                                            \
	do {                                                                                      \
		char want[512], got[512] = "";                                                    \
                                                                                                  \
		enums_after(anchor, want, sizeof(want));                                          \
		for (int v = 0; v <= (int)(last); v++) {                                          \
			if (v)                                                                    \
				strlcat(got, " ", sizeof(got));                                   \
			strlcat(got, fn(v), sizeof(got));                                         \
		}                                                                                 \
		assert_same_set(want, got);                                                       \
		assert_string_equal(fn((last) + 1), "?");                                         \
	} while (0)

static unsigned int count_words(const char *s)
{
	unsigned int n = *s != '\0';

	for (; *s; s++)
		n += *s == ' ';
	return n;
}

static bool has_word(const char *words, const char *word, size_t len)
{
	for (const char *p = words; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == len && strncmp(p, word, len) == 0)
			return true;
	return false;
}

/* The order is each side's own business. */
static void assert_same_set(const char *want, const char *got)
{
	if (count_words(want) != count_words(got))
		fail_msg("YANG has '%s', core has '%s'", want, got);
	for (const char *p = got; *p; p += strcspn(p, " "), p += *p == ' ')
		if (!has_word(want, p, strcspn(p, " ")))
			fail_msg("YANG has '%s', core has '%s'", want, got);
}

/* A VPN is no peering of a circuit in YANG: there it has lists of its own. */
static const char *circuit_peering_str(int v)
{
	return v == ER_VPN ? "?" : er_peering_type_str(v);
}

static void words_are_those_of_yang(void **state)
{
	assert_string_equal(er_peering_type_str(ER_VPN), "vpn");
	assert_words("typedef peering-type", circuit_peering_str, ER_MICROSOFT);
	assert_words("typedef link-role", er_role_str, ER_SECONDARY);
	assert_words("typedef family", er_family_str, ER_IPV6);
	assert_words("typedef redundancy", er_redundancy_str, ER_INACTIVE);
	assert_words("typedef link-health", er_health_str, ER_LINK_UP);
	assert_words("typedef session-state", er_session_state_str, ER_SESSION_ESTABLISHED);
	assert_words("typedef bfd-state", er_bfd_state_str, ER_BFD_UP);
	assert_words("leaf unprotected {", er_unprotected_str, ER_PROTECTION_UNKNOWN);
	assert_words("typedef interface-state", er_if_state_str, ER_IF_UP);
	assert_words("leaf session {", er_session_mode_str, ER_ATTACHED);
	assert_words("container redundancy {", er_redundancy_mode_str, ER_ACTIVE_PASSIVE);
	assert_words("leaf sku {", er_sku_str, ER_SKU_PREMIUM);
	assert_words("typedef direction", er_direction_str, ER_RECEIVED);
	assert_words("typedef limit-level", er_limit_level_str, ER_LIMIT_FULL);
	assert_words("typedef policy-rule", er_rule_str, ER_RULES - 1);
	assert_words("typedef audit-rule", er_audit_rule_str, ER_AUDIT_RULES - 1);
	assert_words("typedef audit-verdict", er_found_str, ER_FOUNDS - 1);
}

static void words_of_a_vpn_backup_are_those_of_yang(void **state)
{
	assert_words("typedef vpn-state", er_vpn_state_str, ER_VPN_RESTORING);
	assert_words("typedef vpn-cause", er_vpn_cause_str, ER_VPN_CAUSE_TEST);
	assert_words("typedef gateway-health", er_gateway_health_str, ER_GATEWAY_UP);
	assert_words("\"The probe through the tunnel.\"", er_probe_state_str, ER_PROBE_DOWN);
	assert_words("typedef test-result", er_test_result_str, ER_TEST_REFUSED);
	assert_words("typedef activation-rule", er_activation_str, ER_ACTIVATE_OPERATOR);
	assert_words("leaf more-specifics {\n        type enum", er_more_specifics_str,
		     ER_MORE_SPECIFICS_SUPPRESS);
	assert_words("container pin {", er_pin_mode_str, ER_PIN_DEFAULT_ROUTE);
}

static void words_of_a_path_are_those_of_yang(void **state)
{
	assert_words("typedef path-quality", er_quality_str, ER_QUALITY_POOR);
	assert_words("leaf kind {", er_path_kind_str, ER_PATH_INTERNET);
}

static void the_number_of_probes_is_bounded_by_yang(void **state)
{
	char rule[64];

	snprintf(rule, sizeof(rule), "must \"count(../path-probe) <= %d\"", ER_PATH_PROBES_MAX);
	assert_non_null(strstr(yang, rule));
}

static void notices_are_named_after_yangs_notifications(void **state)
{
	for (enum er_notice_type t = 0; t <= ER_NOTICE_PATH_QUALITY; t++) {
		char want[128];

		snprintf(want, sizeof(want), "notification %s {", er_notice_type_str(t));
		assert_non_null(strstr(yang, want));
	}
}

static void words_are_parsed_back(void **state)
{
	enum er_more_specifics more_specifics;
	enum er_activation activation;
	enum er_test_result result;
	enum er_limit_level level;
	enum er_peering_type p;
	enum er_vpn_cause cause;
	enum er_pin_mode pin;
	enum er_direction d;
	enum er_redundancy x;
	enum er_rule rule;
	enum er_sku sku;
	enum er_family f;
	enum er_role r;

	for (unsigned int v = 0; v < ER_PEERING_TYPES; v++) {
		assert_true(er_peering_type_parse(er_peering_type_str(v), &p));
		assert_int_equal(p, v);
	}
	for (unsigned int v = 0; v < ER_ROLES; v++) {
		assert_true(er_role_parse(er_role_str(v), &r));
		assert_int_equal(r, v);
	}
	for (unsigned int v = 0; v < ER_FAMILIES; v++) {
		assert_true(er_family_parse(er_family_str(v), &f));
		assert_int_equal(f, v);
	}
	for (unsigned int v = 0; v <= ER_INACTIVE; v++) {
		assert_true(er_redundancy_parse(er_redundancy_str(v), &x));
		assert_int_equal(x, v);
	}
	for (unsigned int v = 0; v < ER_RULES; v++) {
		assert_true(er_rule_parse(er_rule_str(v), &rule));
		assert_int_equal(rule, v);
	}
	for (unsigned int v = 0; v <= ER_LIMIT_FULL; v++) {
		assert_true(er_limit_level_parse(er_limit_level_str(v), &level));
		assert_int_equal(level, v);
	}
	for (unsigned int v = 0; v < ER_DIRECTIONS; v++) {
		assert_true(er_direction_parse(er_direction_str(v), &d));
		assert_int_equal(d, v);
	}
	for (unsigned int v = 0; v <= ER_SKU_PREMIUM; v++) {
		assert_true(er_sku_parse(er_sku_str(v), &sku));
		assert_int_equal(sku, v);
	}
	for (unsigned int v = 0; v <= ER_VPN_CAUSE_TEST; v++) {
		assert_true(er_vpn_cause_parse(er_vpn_cause_str(v), &cause));
		assert_int_equal(cause, v);
	}
	for (unsigned int v = 0; v <= ER_TEST_REFUSED; v++) {
		assert_true(er_test_result_parse(er_test_result_str(v), &result));
		assert_int_equal(result, v);
	}
	for (unsigned int v = 0; v <= ER_ACTIVATE_OPERATOR; v++) {
		assert_true(er_activation_parse(er_activation_str(v), &activation));
		assert_int_equal(activation, v);
	}
	for (unsigned int v = 0; v <= ER_MORE_SPECIFICS_SUPPRESS; v++) {
		assert_true(er_more_specifics_parse(er_more_specifics_str(v), &more_specifics));
		assert_int_equal(more_specifics, v);
	}
	for (unsigned int v = 0; v <= ER_PIN_DEFAULT_ROUTE; v++) {
		assert_true(er_pin_mode_parse(er_pin_mode_str(v), &pin));
		assert_int_equal(pin, v);
	}
	assert_false(er_role_parse("tertiary", &r));
	assert_false(er_role_parse("", &r));
	assert_false(er_role_parse("primary ", &r));
}

/* A pair of views as core gives them, both links up. */
struct links {
	struct er_session_view view[ER_ROLES];
	struct er_assessment a;
};

static struct links links_up(void)
{
	struct links l = { .a.redundancy = ER_REDUNDANT };

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		struct er_session_view *v = &l.view[r];

		snprintf(v->spec.ifname, sizeof(v->spec.ifname), "eth%u", r + 1);
		strlcpy(v->spec.vrf, "azure", sizeof(v->spec.vrf));
		str2ipaddr("192.0.2.1", &v->spec.local);
		str2ipaddr("192.0.2.2", &v->spec.neighbor);
		v->spec.key.family = ER_IPV6;
		v->facts.state = ER_SESSION_ACTIVE;
		v->assessment.health = ER_LINK_UP;
	}
	return l;
}

static void fault(struct links *l, enum er_role r, enum er_health health, enum er_reason reason)
{
	l->view[r].assessment.health = health;
	l->view[r].assessment.reason = reason;
}

static void assert_reason(const struct links *l, const char *want)
{
	char buf[ER_TEXT_LEN];

	memset(buf, 'x', sizeof(buf));
	er_assessment_reason(&l->a, l->view, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void nothing_to_say_of_healthy_links(void **state)
{
	struct links l = links_up();

	assert_reason(&l, "");
}

static void every_reason_is_a_sentence(void **state)
{
	for (enum er_reason reason = ER_REASON_SHUTDOWN; reason <= ER_REASON_OWN_DRAINED;
	     reason++) {
		struct links l = links_up();
		char buf[ER_TEXT_LEN];

		fault(&l, ER_PRIMARY, ER_LINK_DOWN, reason);
		l.view[ER_PRIMARY].interface.state = ER_IF_DOWN;
		er_link_reason(&l.view[ER_PRIMARY], buf, sizeof(buf));
		assert_true(strlen(buf) > 5);
		assert_string_not_equal(er_reason_str(reason), "?");
	}
}

static void every_rule_says_what_it_found(void **state)
{
	for (enum er_rule rule = 0; rule < ER_RULES; rule++) {
		assert_true(strlen(er_rule_reason(rule)) > 10);
		for (enum er_rule other = 0; other < rule; other++)
			assert_string_not_equal(er_rule_reason(rule), er_rule_reason(other));
	}
	assert_string_equal(er_rule_reason(ER_RULE_FIRST_AS), "its first AS is not 12076");
	assert_string_equal(er_rule_reason(ER_RULES), "?");
}

static void one_link_is_named(void **state)
{
	struct links l = links_up();

	fault(&l, ER_PRIMARY, ER_LINK_DRAINED, ER_REASON_DRAINED);
	assert_reason(&l, "primary: drained by Microsoft (maintenance)");

	l = links_up();
	fault(&l, ER_SECONDARY, ER_LINK_DOWN, ER_REASON_SESSION);
	strlcpy(l.view[ER_SECONDARY].facts.last_reset, "Hold Timer Expired", ER_TEXT_LEN);
	assert_reason(&l, "secondary: session not established (Hold Timer Expired)");
	strlcpy(l.view[ER_SECONDARY].facts.problem, "MD5 password mismatch?", ER_TEXT_LEN);
	assert_reason(&l, "secondary: session not established (MD5 password mismatch?)");

	l = links_up();
	fault(&l, ER_SECONDARY, ER_LINK_DOWN, ER_REASON_ADDRESS);
	assert_reason(&l, "secondary: address 192.0.2.1 is not on interface eth2");

	l = links_up();
	fault(&l, ER_SECONDARY, ER_LINK_INACTIVE, ER_REASON_UNCONFIGURED);
	assert_reason(&l, "secondary: no ipv6 subnet configured");
}

static void interfaces_are_named(void **state)
{
	struct links l = links_up();

	fault(&l, ER_PRIMARY, ER_LINK_DOWN, ER_REASON_INTERFACE);
	l.view[ER_PRIMARY].interface.state = ER_IF_MISSING;
	assert_reason(&l, "primary: interface eth1 does not exist");
	l.view[ER_PRIMARY].interface.state = ER_IF_DOWN;
	assert_reason(&l, "primary: interface eth1 is down");
	l.view[ER_PRIMARY].interface.state = ER_IF_WRONG_VRF;
	assert_reason(&l, "primary: interface eth1 is not in VRF azure");
}

static void two_links_are_told_apart_or_together(void **state)
{
	struct links l = links_up();

	l.a.redundancy = ER_DOWN;
	fault(&l, ER_PRIMARY, ER_LINK_DOWN, ER_REASON_INTERFACE);
	fault(&l, ER_SECONDARY, ER_LINK_DOWN, ER_REASON_SESSION);
	l.view[ER_PRIMARY].interface.state = ER_IF_DOWN;
	assert_reason(&l,
		      "primary: interface eth1 is down; secondary: session not established (active)");

	fault(&l, ER_PRIMARY, ER_LINK_DOWN, ER_REASON_BGPD_LOST);
	fault(&l, ER_SECONDARY, ER_LINK_DOWN, ER_REASON_BGPD_LOST);
	assert_reason(&l, "both links down: no contact with bgpd");

	l.a.redundancy = ER_DEGRADED;
	fault(&l, ER_PRIMARY, ER_LINK_DRAINED, ER_REASON_DRAINED);
	fault(&l, ER_SECONDARY, ER_LINK_DRAINED, ER_REASON_DRAINED);
	assert_reason(&l, "both links: drained by Microsoft (maintenance)");

	l.a.redundancy = ER_INACTIVE;
	fault(&l, ER_PRIMARY, ER_LINK_INACTIVE, ER_REASON_SHUTDOWN);
	fault(&l, ER_SECONDARY, ER_LINK_INACTIVE, ER_REASON_SHUTDOWN);
	assert_reason(&l, "shut down");
}

static void both_reasons_are_told_in_full(void **state)
{
	struct links l = links_up();
	char buf[ER_JOINED_LEN], want[ER_JOINED_LEN], problem[ER_ROLES][ER_TEXT_LEN] = {};

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		fault(&l, r, ER_LINK_DOWN, ER_REASON_SESSION);
		memset(problem[r], 'a' + r, ER_TEXT_LEN - 1);
		strlcpy(l.view[r].facts.problem, problem[r], ER_TEXT_LEN);
	}
	snprintf(want, sizeof(want),
		 "primary: session not established (%s); secondary: session not established (%s)",
		 problem[ER_PRIMARY], problem[ER_SECONDARY]);
	er_assessment_reason(&l.a, l.view, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void a_long_reason_is_cut_not_overrun(void **state)
{
	struct links l = links_up();
	char buf[16 + 1];

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		fault(&l, r, ER_LINK_DOWN, ER_REASON_SESSION);
		memset(l.view[r].facts.problem, 'a' + r, ER_TEXT_LEN - 1);
	}
	buf[16] = '!';
	er_assessment_reason(&l.a, l.view, buf, 16);
	assert_int_equal(strlen(buf), 15);
	assert_int_equal(buf[16], '!');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_yang),
		cmocka_unit_test(words_of_a_vpn_backup_are_those_of_yang),
		cmocka_unit_test(words_of_a_path_are_those_of_yang),
		cmocka_unit_test(the_number_of_probes_is_bounded_by_yang),
		cmocka_unit_test(notices_are_named_after_yangs_notifications),
		cmocka_unit_test(words_are_parsed_back),
		cmocka_unit_test(nothing_to_say_of_healthy_links),
		cmocka_unit_test(every_reason_is_a_sentence),
		cmocka_unit_test(every_rule_says_what_it_found),
		cmocka_unit_test(one_link_is_named),
		cmocka_unit_test(interfaces_are_named),
		cmocka_unit_test(two_links_are_told_apart_or_together),
		cmocka_unit_test(both_reasons_are_told_in_full),
		cmocka_unit_test(a_long_reason_is_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, read_yang, NULL);
}
