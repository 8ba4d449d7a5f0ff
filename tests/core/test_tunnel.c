// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes through a tunnel, and pins below it: probe.c, pin.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "lib/printfrr.h"

#include "core/probe.h"
#include "core/vpn.h"

/*
 * Probes
 */
static void feed(struct er_probe *probe, const char *results)
{
	for (; *results; results++)
		er_probe_result(probe, 3, *results == '+', 1000);
}

static void one_reply_shows_that_a_path_works(void **state)
{
	struct er_probe probe = {};

	assert_int_equal(er_probe_state(&probe, false), ER_PROBE_NONE);
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_WAITING);
	feed(&probe, "--");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_WAITING);
	feed(&probe, "+");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_UP);
	assert_int_equal(probe.sent, 3);
	assert_int_equal(probe.lost, 2);
	assert_int_equal(probe.rtt_us, 1000);
}

static void a_path_is_down_after_so_many_losses_in_a_row(void **state)
{
	struct er_probe probe = {};

	feed(&probe, "---");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_DOWN);
	memset(&probe, 0, sizeof(probe));
	feed(&probe, "+--+--+--");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_UP);
	feed(&probe, "-");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_DOWN);
}

static void a_path_that_loses_half_does_not_come_and_go(void **state)
{
	struct er_probe probe = {};

	feed(&probe, "+---");
	feed(&probe, "+-++-+-+");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_DOWN);
	feed(&probe, "++");
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_UP);
}

static void a_multiplier_of_0_counts_as_1(void **state)
{
	struct er_probe probe = {};

	er_probe_result(&probe, 0, true, 0);
	er_probe_result(&probe, 0, false, 0);
	assert_int_equal(er_probe_state(&probe, true), ER_PROBE_DOWN);
	/* a reply in no time at all is a reply */
	assert_int_equal(probe.rtt_us, 1);
}

/*
 * Pins
 */
static struct ipaddr address(const char *text)
{
	struct ipaddr addr = {};

	assert_int_equal(str2ipaddr(text, &addr), 0);
	return addr;
}

static void assert_pins(const char *answer, const char *want, const char *want_reason)
{
	struct ipaddr addresses[64], use[ER_ADDRESSES];
	char copy[1024], got[1024] = "", reason[ER_TEXT_LEN];
	char *rest = copy, *word;
	size_t n = 0, used;

	strlcpy(copy, answer, sizeof(copy));
	while ((word = strsep(&rest, " ")))
		if (*word)
			addresses[n++] = address(word);
	used = er_pin_addresses(addresses, n, use, reason, sizeof(reason));
	for (size_t i = 0; i < used; i++)
		snprintfrr(got + strlen(got), sizeof(got) - strlen(got), "%s%pIA", i ? " " : "",
			   &use[i]);
	assert_string_equal(got, want);
	assert_string_equal(reason, want_reason);
}

static void public_addresses_are_pinned_in_one_order(void **state)
{
	assert_pins("20.0.0.2 20.0.0.1", "20.0.0.1 20.0.0.2", "");
	assert_pins("20.0.0.1 20.0.0.2 20.0.0.1", "20.0.0.1 20.0.0.2", "");
	assert_pins("2603:1030::1 20.0.0.1", "20.0.0.1 2603:1030::1", "");
	/* laboratories use them in place of public ones */
	assert_pins("203.0.113.1 2001:db8::1", "203.0.113.1 2001:db8::1", "");
}

static void what_is_not_public_is_not_pinned(void **state)
{
	static const char *const bad[] = {
		"0.0.0.0",    "10.1.2.3",    "100.64.0.1", "127.0.0.1",	      "169.254.1.1",
		"172.31.0.1", "192.168.1.1", "224.0.0.1",  "255.255.255.255", "::",
		"::1",	      "fe80::1",     "fd00::1",	   "ff02::1",
	};

	for (size_t i = 0; i < array_size(bad); i++) {
		char reason[ER_TEXT_LEN];

		snprintf(reason, sizeof(reason), "%s is no public address: it is not used", bad[i]);
		assert_pins(bad[i], "", reason);
	}
	assert_pins("20.0.0.1 10.0.0.2 10.0.0.1", "20.0.0.1",
		    "10.0.0.1 is no public address: it is not used");
	assert_pins("", "", "no address");
}

static void of_too_many_addresses_the_same_are_used_in_any_order(void **state)
{
	char up[1024] = "", down[1024] = "", want[1024] = "";

	for (unsigned int i = 1; i <= 50; i++) {
		snprintf(up + strlen(up), sizeof(up) - strlen(up), " 20.0.0.%u", i);
		snprintf(down + strlen(down), sizeof(down) - strlen(down), " 20.0.0.%u", 51 - i);
		if (i <= ER_ADDRESSES)
			snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s20.0.0.%u",
				 i > 1 ? " " : "", i);
	}
	assert_pins(up, want, "more than 8 addresses: only the lowest are used");
	assert_pins(down, want, "more than 8 addresses: only the lowest are used");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_reply_shows_that_a_path_works),
		cmocka_unit_test(a_path_is_down_after_so_many_losses_in_a_row),
		cmocka_unit_test(a_path_that_loses_half_does_not_come_and_go),
		cmocka_unit_test(a_multiplier_of_0_counts_as_1),
		cmocka_unit_test(public_addresses_are_pinned_in_one_order),
		cmocka_unit_test(what_is_not_public_is_not_pinned),
		cmocka_unit_test(of_too_many_addresses_the_same_are_used_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
