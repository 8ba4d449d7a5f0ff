// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions, preference and drained paths: drain.c, preference.c, plan.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "lib/printfrr.h"

#include "core/limits.h"
#include "core/plan.h"
#include "tests/core/support.h"

static void assert_address(const struct ipaddr *addr, const char *want)
{
	char text[64];

	snprintfrr(text, sizeof(text), "%pIA", addr);
	assert_string_equal(text, want);
}

static void customer_takes_first_address_microsoft_second(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_MICROSOFT, true, 7);
	struct er_session_spec spec;

	assert_true(er_plan_session(&config, ER_MICROSOFT, ER_PRIMARY, ER_IPV4, &spec));
	assert_address(&spec.local, "192.0.7.9");
	assert_address(&spec.neighbor, "192.0.7.10");
	assert_true(er_plan_session(&config, ER_MICROSOFT, ER_SECONDARY, ER_IPV6, &spec));
	assert_address(&spec.local, "2001:db8:7:1::5");
	assert_address(&spec.neighbor, "2001:db8:7:1::6");
}

static void addresses_ignore_host_bits(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);
	struct er_session_spec spec;

	str2prefix("192.0.2.131/30", &config.peering[ER_PRIVATE].link[ER_PRIMARY].subnet[ER_IPV4]);
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV4, &spec));
	assert_address(&spec.local, "192.0.2.129");
	assert_address(&spec.neighbor, "192.0.2.130");
}

static void spec_carries_the_peerings_settings(void **state)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 7);
	struct er_peering_config *p = &config.peering[ER_PRIVATE];
	struct er_session_spec spec;

	config.preference = 3;
	strlcpy(p->vrf, "azure", sizeof(p->vrf));
	strlcpy(p->password, "secret", sizeof(p->password));
	p->session = ER_ATTACHED;
	p->router_as = 65010;
	p->keepalive = 10;
	p->hold = 30;
	p->bfd = (struct er_bfd_config){ true, 300, 400, 5 };
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	assert_string_equal(spec.key.circuit, "ams");
	assert_int_equal(spec.key.peering, ER_PRIVATE);
	assert_int_equal(spec.key.role, ER_SECONDARY);
	assert_int_equal(spec.key.family, ER_IPV4);
	assert_int_equal(spec.mode, ER_ATTACHED);
	assert_string_equal(spec.vrf, "azure");
	assert_string_equal(spec.ifname, "eth2");
	assert_string_equal(spec.password, "secret");
	assert_int_equal(spec.router_as, 65010);
	assert_int_equal(spec.neighbor_as, 12076);
	assert_int_equal(spec.keepalive, 10);
	assert_int_equal(spec.hold, 30);
	assert_true(spec.bfd.enabled);
	assert_int_equal(spec.bfd.transmit_interval, 400);
	assert_int_equal(spec.local_pref, 180);
	assert_int_equal(spec.local_pref_drained, 110);
}

static void only_the_passive_link_costs_and_is_prepended_more(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);
	struct er_peering_config *p = &config.peering[ER_PRIVATE];
	struct er_session_spec spec[ER_ROLES];

	p->prepend = 3;
	p->passive_prepend = 10;
	for (int passive = 0; passive < 2; passive++) {
		config.mode = passive ? ER_ACTIVE_PASSIVE : ER_ACTIVE_ACTIVE;
		config.active = ER_SECONDARY;
		for (enum er_role r = 0; r < ER_ROLES; r++)
			assert_true(er_plan_session(&config, ER_PRIVATE, r, ER_IPV4, &spec[r]));
		assert_int_equal(spec[ER_SECONDARY].prepend, 3);
		assert_int_equal(spec[ER_SECONDARY].passive_cost, 0);
		assert_int_equal(spec[ER_PRIMARY].prepend, passive ? 13 : 3);
		assert_int_equal(spec[ER_PRIMARY].passive_cost, passive ? 5 : 0);
	}
}

static void route_maps_are_those_of_managed_sessions(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);
	struct er_peering_config *p = &config.peering[ER_PRIVATE];
	struct er_session_spec spec;

	strlcpy(p->map_in, "in", sizeof(p->map_in));
	strlcpy(p->map_out, "out", sizeof(p->map_out));
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV4, &spec));
	assert_string_equal(spec.map_in, "in");
	assert_string_equal(spec.map_out, "out");
	p->session = ER_ATTACHED;
	assert_true(er_plan_session(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV4, &spec));
	assert_string_equal(spec.map_in, "");
	assert_string_equal(spec.map_out, "");
}

static void a_peering_has_filter_list_and_the_lower_limit(void **state)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, true, 7);
	struct er_peering_config *p = &config.peering[ER_PRIVATE];
	struct er_peering_spec spec;

	config.sku = ER_SKU_PREMIUM;
	strlcpy(p->route_filter, "hub", sizeof(p->route_filter));
	strlcpy(p->advertise_list[ER_IPV6], "six", sizeof(p->advertise_list[ER_IPV6]));
	assert_true(er_plan_peering(NULL, &config, ER_PRIVATE, ER_IPV4, &spec));
	assert_string_equal(spec.key.circuit, "ams");
	assert_int_equal(spec.key.family, ER_IPV4);
	assert_string_equal(spec.route_filter, "hub");
	assert_string_equal(spec.advertise_list, "");
	assert_int_equal(spec.limit, 10000);
	assert_true(er_plan_peering(NULL, &config, ER_PRIVATE, ER_IPV6, &spec));
	assert_string_equal(spec.advertise_list, "six");
	assert_int_equal(spec.limit, 100);
	p->advertise_limit[ER_IPV4] = 9999;
	p->advertise_limit[ER_IPV6] = 10000;
	assert_int_equal(er_plan_limit(&config, ER_PRIVATE, ER_IPV4), 9999);
	assert_int_equal(er_plan_limit(&config, ER_PRIVATE, ER_IPV6), 100);
}

static void a_peering_without_session_is_not_planned(void **state)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 7);
	struct er_peering_config *p = &config.peering[ER_PRIVATE];
	struct er_peering_spec spec;

	assert_false(er_plan_peering(NULL, &config, ER_PRIVATE, ER_IPV6, &spec));
	assert_false(er_plan_peering(NULL, &config, ER_MICROSOFT, ER_IPV4, &spec));
	p->link[ER_PRIMARY].shutdown = true;
	assert_true(er_plan_peering(NULL, &config, ER_PRIVATE, ER_IPV4, &spec));
	p->link[ER_SECONDARY].shutdown = true;
	assert_false(er_plan_peering(NULL, &config, ER_PRIVATE, ER_IPV4, &spec));
}

static void what_is_shut_down_or_without_subnet_runs_no_session(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);
	struct er_peering_config *p = &config.peering[ER_PRIVATE];
	struct er_session_spec spec, untouched;

	memset(&spec, 0x5a, sizeof(spec));
	untouched = spec;
	assert_false(er_plan_session(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV6, &spec));
	assert_false(er_plan_session(&config, ER_MICROSOFT, ER_PRIMARY, ER_IPV4, &spec));
	p->link[ER_PRIMARY].shutdown = true;
	assert_false(er_plan_session(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV4, &spec));
	assert_true(er_plan_runs(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4));
	p->shutdown = true;
	assert_false(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	p->shutdown = false;
	config.shutdown = true;
	assert_false(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	config.shutdown = false;
	p->link[ER_SECONDARY].configured = false;
	assert_false(er_plan_session(&config, ER_PRIVATE, ER_SECONDARY, ER_IPV4, &spec));
	assert_memory_equal(&spec, &untouched, sizeof(spec));
	/* but a shut down session can still be described */
	assert_true(er_plan_describe(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV4, &spec));
	assert_address(&spec.neighbor, "192.0.7.2");
}

static void vrf_neighbor_and_mode_make_a_session_what_it_is(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);
	struct er_session_spec a, b;

	er_plan_session(&config, ER_PRIVATE, ER_PRIMARY, ER_IPV4, &a);
	b = a;
	b.keepalive = 20;
	strlcpy(b.password, "x", sizeof(b.password));
	assert_true(er_plan_same_session(&a, &b));
	strlcpy(b.vrf, "x", sizeof(b.vrf));
	assert_false(er_plan_same_session(&a, &b));
	b = a;
	b.mode = ER_ATTACHED;
	assert_false(er_plan_same_session(&a, &b));
	b = a;
	b.neighbor.ipaddr_v4.s_addr ^= 1;
	assert_false(er_plan_same_session(&a, &b));
}

static void passive_link_is_less_preferred_than_active_one_of_its_circuit_only(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);

	assert_int_equal(er_local_pref(&config, ER_PRIMARY), 150);
	assert_int_equal(er_local_pref(&config, ER_SECONDARY), 150);
	config.mode = ER_ACTIVE_PASSIVE;
	config.active = ER_SECONDARY;
	assert_int_equal(er_local_pref(&config, ER_PRIMARY), 145);
	assert_int_equal(er_local_pref(&config, ER_SECONDARY), 150);
	config.preference = 1;
	assert_int_equal(er_local_pref(&config, ER_PRIMARY), 155);
	config.preference = 255;
	assert_int_equal(er_local_pref(&config, ER_SECONDARY), 2700);
}

static void drained_loses_against_every_healthy_link_and_wins_against_vpn(void **state)
{
	struct er_circuit_config config = circuit_of("c", ER_PRIVATE, false, 7);

	config.mode = ER_ACTIVE_PASSIVE;
	assert_true(ER_LOCAL_PREF_DRAINED < er_local_pref(&config, ER_SECONDARY));
	assert_true(ER_LOCAL_PREF_DRAINED > 100);
}

static void path_is_drained_relative_to_its_twin(void **state)
{
	assert_false(er_path_is_drained(1, 1));
	assert_true(er_path_is_drained(9, 1));
	assert_true(er_path_is_drained(8, 1));
	assert_true(er_path_is_drained(2, 1));
	assert_false(er_path_is_drained(1, 9));
	/* many by nature (Global Reach), on both links alike */
	assert_false(er_path_is_drained(2, 2));
	assert_false(er_path_is_drained(7, 7));
	assert_true(er_path_is_drained(7, 6));
}

static void path_with_eight_is_drained_whatever_the_twin_has(void **state)
{
	assert_true(er_path_is_drained(8, 8));
	assert_true(er_path_is_drained(8, 9));
	assert_true(er_path_is_drained(9, 9));
	assert_true(er_path_is_drained(17, 9));
}

static void path_without_twin_is_drained_from_eight_on(void **state)
{
	assert_false(er_path_is_drained(1, 0));
	assert_false(er_path_is_drained(7, 0));
	assert_true(er_path_is_drained(8, 0));
	assert_true(er_path_is_drained(9, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(customer_takes_first_address_microsoft_second),
		cmocka_unit_test(addresses_ignore_host_bits),
		cmocka_unit_test(spec_carries_the_peerings_settings),
		cmocka_unit_test(only_the_passive_link_costs_and_is_prepended_more),
		cmocka_unit_test(route_maps_are_those_of_managed_sessions),
		cmocka_unit_test(a_peering_has_filter_list_and_the_lower_limit),
		cmocka_unit_test(a_peering_without_session_is_not_planned),
		cmocka_unit_test(what_is_shut_down_or_without_subnet_runs_no_session),
		cmocka_unit_test(vrf_neighbor_and_mode_make_a_session_what_it_is),
		cmocka_unit_test(passive_link_is_less_preferred_than_active_one_of_its_circuit_only),
		cmocka_unit_test(drained_loses_against_every_healthy_link_and_wins_against_vpn),
		cmocka_unit_test(path_is_drained_relative_to_its_twin),
		cmocka_unit_test(path_with_eight_is_drained_whatever_the_twin_has),
		cmocka_unit_test(path_without_twin_is_drained_from_eight_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
