// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no filter and no operator may let in or out: guard.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/guard.h"

#define OWN 65010u

/*
 * A path in words: "12076 65010 {1 2}"; braces make a set.
 */
struct words {
	uint32_t as[64];
	struct er_segment segment[16];
	struct er_path path;
};

static void path_of(const char *text, struct words *w)
{
	struct er_segment *segment = NULL;
	unsigned int n = 0;

	memset(w, 0, sizeof(*w));
	w->path.segment = w->segment;
	while (*text) {
		if (*text == '{' || !segment) {
			segment = &w->segment[w->path.n++];
			segment->sequence = *text != '{';
			segment->as = &w->as[n];
		}
		if (isdigit((unsigned char)*text)) {
			w->as[n++] = strtoul(text, (char **)&text, 10);
			segment->n++;
			continue;
		}
		if (*text == '}')
			segment = NULL;
		text++;
		if (!segment)
			text += strspn(text, " ");
	}
}

static void assert_path(const char *text, enum er_rule want)
{
	struct words w;

	path_of(text, &w);
	if (er_guard_path(&w.path, OWN) != want)
		fail_msg("%s: rule %d, not %d", text, er_guard_path(&w.path, OWN), want);
}

static void assert_gateway_path(const char *text, uint32_t gateway_as, enum er_rule want)
{
	struct words w;

	path_of(text, &w);
	if (er_guard_gateway_path(&w.path, OWN, gateway_as) != want)
		fail_msg("%s: rule %d, not %d", text,
			 er_guard_gateway_path(&w.path, OWN, gateway_as), want);
}

static void a_gateways_path_may_begin_with_its_own_as_even_a_reserved_one(void **state)
{
	assert_gateway_path("65515", 65515, ER_RULE_NONE);
	assert_gateway_path("65515 12076 65020", 65515, ER_RULE_NONE);
	assert_gateway_path("64500 64500 65020", 64500, ER_RULE_NONE);
	assert_gateway_path("65515 64500", 65515, ER_RULE_RESERVED_AS);
	assert_gateway_path("64500 65020 64500", 64500, ER_RULE_RESERVED_AS);
	assert_gateway_path("{64500} 65020", 64500, ER_RULE_RESERVED_AS);
	assert_gateway_path("65515 12076 65010", 65515, ER_RULE_OWN_AS);
	assert_gateway_path("65515 64500 65010", 65515, ER_RULE_OWN_AS);
	assert_gateway_path("", 65515, ER_RULE_NONE);
}

static void a_path_begins_with_microsofts_as(void **state)
{
	assert_path("12076", ER_RULE_NONE);
	assert_path("12076 12076 12076 12076 12076 12076 12076 12076 12076", ER_RULE_NONE);
	assert_path("12076 8075 65515", ER_RULE_NONE);
	assert_path("12076 {65001 65002}", ER_RULE_NONE);
	assert_path("", ER_RULE_FIRST_AS);
	assert_path("8075 12076", ER_RULE_FIRST_AS);
	assert_path("{12076}", ER_RULE_FIRST_AS);
	assert_path("{12076} 12076", ER_RULE_FIRST_AS);
	/* whatever else is wrong with it */
	assert_path("65010 0", ER_RULE_FIRST_AS);
}

static void a_segment_without_as_begins_with_nothing(void **state)
{
	const struct er_segment segment = { .sequence = true };
	const struct er_path path = { .segment = &segment, .n = 1 };

	assert_int_equal(er_guard_path(&path, OWN), ER_RULE_FIRST_AS);
}

static void our_own_as_is_nowhere(void **state)
{
	struct words w;

	assert_path("12076 65010", ER_RULE_OWN_AS);
	assert_path("12076 65011 65010 65012", ER_RULE_OWN_AS);
	assert_path("12076 {65011 65010}", ER_RULE_OWN_AS);
	/* said before a reserved one, wherever that is */
	assert_path("12076 0 65010", ER_RULE_OWN_AS);
	assert_path("12076 65010 0", ER_RULE_OWN_AS);
	path_of("12076 65010", &w);
	assert_int_equal(er_guard_path(&w.path, 0), ER_RULE_NONE);
}

static void no_reserved_as_anywhere(void **state)
{
	static const uint32_t reserved[] = { 0,	    23456, 64496, 64500,      64511,
					     65535, 65536, 65551, 4294967295u };
	static const uint32_t fine[] = { 1,	23455, 23457, 64495,	   64512,      65000,
					 65534, 65515, 65552, 4200000000u, 4294967294u };
	char text[64];

	for (size_t i = 0; i < array_size(reserved); i++) {
		assert_true(er_as_is_reserved(reserved[i]));
		snprintf(text, sizeof(text), "12076 %u 1", reserved[i]);
		assert_path(text, ER_RULE_RESERVED_AS);
		snprintf(text, sizeof(text), "12076 {1 %u}", reserved[i]);
		assert_path(text, ER_RULE_RESERVED_AS);
	}
	for (size_t i = 0; i < array_size(fine); i++) {
		assert_false(er_as_is_reserved(fine[i]));
		snprintf(text, sizeof(text), "12076 %u", fine[i]);
		assert_path(text, ER_RULE_NONE);
	}
}

static enum er_rule guard(enum er_peering_type peering, const char *text)
{
	struct prefix prefix;

	assert_true(str2prefix(text, &prefix));
	return er_guard_prefix(peering, &prefix);
}

static void assert_private(const char *text)
{
	if (guard(ER_MICROSOFT, text) != ER_RULE_PRIVATE_SPACE)
		fail_msg("%s is private space", text);
	assert_int_equal(guard(ER_PRIVATE, text), ER_RULE_NONE);
}

static void assert_public(const char *text)
{
	if (guard(ER_MICROSOFT, text) != ER_RULE_NONE)
		fail_msg("%s is public space", text);
}

static void a_default_route_is_for_private_peering_only(void **state)
{
	assert_int_equal(guard(ER_MICROSOFT, "0.0.0.0/0"), ER_RULE_DEFAULT_ROUTE);
	assert_int_equal(guard(ER_MICROSOFT, "::/0"), ER_RULE_DEFAULT_ROUTE);
	assert_int_equal(guard(ER_PRIVATE, "0.0.0.0/0"), ER_RULE_NONE);
	assert_int_equal(guard(ER_PRIVATE, "::/0"), ER_RULE_NONE);
}

static void private_space_is_for_private_peering_only(void **state)
{
	static const char *const private[] = {
		"10.0.0.0/8",	     "10.1.2.0/24",
		"10.255.255.255/32", "172.16.0.0/12",
		"172.31.255.0/24",   "192.168.0.0/16",
		"192.168.7.0/30",    "100.64.0.0/10",
		"100.127.0.0/16",    "169.254.0.0/16",
		"169.254.1.1/32",    "127.0.0.1/32",
		"0.1.0.0/16",	     "224.0.0.0/4",
		"239.1.0.0/16",	     "240.0.0.0/4",
		"255.0.0.0/8",	     "255.255.255.255/32",
		"fc00::/7",	     "fd12:3456::/48",
		"fe80::/10",	     "febf::/16",
		"fec0::/10",	     "ff02::/16",
		"::1/128",	     "::ffff:192.0.2.0/120",
		"64:ff9b::/96",
	};

	for (size_t i = 0; i < array_size(private); i++)
		assert_private(private[i]);
}

static void an_aggregate_over_private_space_is_private(void **state)
{
	static const char *const aggregate[] = {
		"0.0.0.0/1",   "8.0.0.0/5",   "172.0.0.0/8", "192.0.0.0/8", "192.160.0.0/12",
		"100.0.0.0/9", "100.0.0.0/8", "169.0.0.0/8", "128.0.0.0/2", "192.0.0.0/2",
		"126.0.0.0/7", "f000::/4",    "fe00::/7",    "8000::/1",    "::/1",
	};

	for (size_t i = 0; i < array_size(aggregate); i++)
		assert_private(aggregate[i]);
}

static void what_is_beside_private_space_is_public(void **state)
{
	static const char *const public[] = {
		"1.0.0.0/8",	    "9.0.0.0/8",      "11.0.0.0/8",	"172.15.0.0/16",
		"172.32.0.0/11",    "192.167.0.0/16", "192.169.0.0/16", "100.63.0.0/16",
		"100.128.0.0/9",    "169.253.0.0/16", "169.255.0.0/16", "126.0.0.0/8",
		"130.0.0.0/8",	    "223.255.0.0/16", "192.0.2.0/24",	"198.51.100.0/24",
		"203.0.113.128/25", "2001:db8::/32",  "2603:1000::/24", "100::/8",
		"fe00::/9",	    "f800::/6",	      "2000::/3",
	};

	for (size_t i = 0; i < array_size(public); i++)
		assert_public(public[i]);
}

/*
 * Every IPv4 prefix of up to 18 bits, and a few beyond, against the definition:
 * two prefixes overlap when one contains the other.
 */
static void private_space_is_what_the_table_says(void **state)
{
	static const char *const blocks[] = { "0.0.0.0/8",	"10.0.0.0/8",	  "100.64.0.0/10",
					      "127.0.0.0/8",	"169.254.0.0/16", "172.16.0.0/12",
					      "192.168.0.0/16", "224.0.0.0/3" };
	struct prefix block[array_size(blocks)];
	struct prefix p = { .family = AF_INET };

	for (size_t i = 0; i < array_size(blocks); i++)
		assert_true(str2prefix(blocks[i], &block[i]));
	for (p.prefixlen = 1; p.prefixlen <= 18; p.prefixlen++) {
		for (uint32_t n = 0; n < UINT32_C(1) << p.prefixlen; n++) {
			bool private = false;

			p.u.prefix4.s_addr = htonl(n << (32 - p.prefixlen));
			for (size_t i = 0; i < array_size(blocks); i++)
				private |= prefix_match(&block[i], &p) ||
					   prefix_match(&p, &block[i]);
			if ((er_guard_prefix(ER_MICROSOFT, &p) == ER_RULE_PRIVATE_SPACE) != private)
				fail_msg("%x/%u", n << (32 - p.prefixlen), p.prefixlen);
		}
	}
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

static bool is_own(enum er_peering_type peering, const char *text, const char *const *own, size_t n)
{
	struct prefix list[16], prefix;

	for (size_t i = 0; i < n; i++)
		assert_true(str2prefix(own[i], &list[i]));
	qsort(list, n, sizeof(list[0]), by_prefix);
	assert_true(str2prefix(text, &prefix));
	return er_guard_is_own(peering, &prefix, list, n);
}

static void our_very_prefix_does_not_come_back_on_private_peering(void **state)
{
	static const char *const own[] = { "10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32",
					   "192.0.2.0/24" };

	assert_true(is_own(ER_PRIVATE, "10.0.0.0/8", own, 4));
	assert_true(is_own(ER_PRIVATE, "2001:db8::/32", own, 4));
	/* a VNet within a site's aggregate */
	assert_false(is_own(ER_PRIVATE, "10.2.0.0/16", own, 4));
	assert_false(is_own(ER_PRIVATE, "10.0.0.0/7", own, 4));
	assert_false(is_own(ER_PRIVATE, "10.0.0.0/9", own, 4));
	assert_false(is_own(ER_PRIVATE, "10.0.0.0/8", own, 0));
}

static void nothing_within_our_space_comes_back_on_microsoft_peering(void **state)
{
	static const char *const own[] = { "198.51.0.0/16", "203.0.113.0/24", "203.0.112.7/32",
					   "2001:db8::/32", "192.0.2.0/25" };

	assert_true(is_own(ER_MICROSOFT, "198.51.0.0/16", own, 5));
	assert_true(is_own(ER_MICROSOFT, "198.51.100.0/24", own, 5));
	assert_true(is_own(ER_MICROSOFT, "203.0.113.255/32", own, 5));
	assert_true(is_own(ER_MICROSOFT, "2001:db8:1::/48", own, 5));
	assert_true(is_own(ER_MICROSOFT, "203.0.112.7/32", own, 5));
	assert_false(is_own(ER_MICROSOFT, "203.0.112.8/32", own, 5));
	assert_false(is_own(ER_MICROSOFT, "203.0.112.0/23", own, 5));
	assert_false(is_own(ER_MICROSOFT, "192.0.2.0/24", own, 5));
	assert_false(is_own(ER_MICROSOFT, "192.0.2.128/25", own, 5));
	assert_false(is_own(ER_MICROSOFT, "2001:db9::/48", own, 5));
	assert_false(is_own(ER_MICROSOFT, "13.0.0.0/8", own, 0));
}

static void a_default_route_of_ours_contains_nothing(void **state)
{
	static const char *const own[] = { "0.0.0.0/0", "::/0", "203.0.113.0/24" };

	assert_false(is_own(ER_MICROSOFT, "13.64.0.0/11", own, 3));
	assert_false(is_own(ER_MICROSOFT, "2603:1000::/24", own, 3));
	assert_true(is_own(ER_MICROSOFT, "203.0.113.0/28", own, 3));
	assert_true(is_own(ER_PRIVATE, "0.0.0.0/0", own, 3));
}

static uint32_t any(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 24;
}

static void any_prefix(uint64_t *seed, struct prefix *p)
{
	memset(p, 0, sizeof(*p));
	p->family = any(seed) % 2 ? AF_INET : AF_INET6;
	p->prefixlen = 1 + any(seed) % 12;
	p->u.val[0] = any(seed) % 4 * 0x55;
	p->u.val[1] = any(seed) % 4 * 0x50;
	apply_mask(p);
}

static void ours_is_what_a_search_of_all_finds(void **state)
{
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	unsigned int hits = 0;

	for (unsigned int round = 0; round < 20000; round++) {
		struct prefix own[12], prefix;
		size_t n = any(&seed) % (array_size(own) + 1);
		bool same = false, within = false;

		any_prefix(&seed, &prefix);
		for (size_t i = 0; i < n; i++) {
			any_prefix(&seed, &own[i]);
			same |= prefix_same(&own[i], &prefix);
			within |= own[i].family == prefix.family && prefix_match(&own[i], &prefix);
		}
		qsort(own, n, sizeof(own[0]), by_prefix);
		assert_int_equal(er_guard_is_own(ER_PRIVATE, &prefix, own, n), same);
		assert_int_equal(er_guard_is_own(ER_MICROSOFT, &prefix, own, n), within);
		hits += within;
	}
	assert_true(hits > 2000 && hits < 18000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_begins_with_microsofts_as),
		cmocka_unit_test(a_gateways_path_may_begin_with_its_own_as_even_a_reserved_one),
		cmocka_unit_test(a_segment_without_as_begins_with_nothing),
		cmocka_unit_test(our_own_as_is_nowhere),
		cmocka_unit_test(no_reserved_as_anywhere),
		cmocka_unit_test(a_default_route_is_for_private_peering_only),
		cmocka_unit_test(private_space_is_for_private_peering_only),
		cmocka_unit_test(an_aggregate_over_private_space_is_private),
		cmocka_unit_test(what_is_beside_private_space_is_public),
		cmocka_unit_test(private_space_is_what_the_table_says),
		cmocka_unit_test(our_very_prefix_does_not_come_back_on_private_peering),
		cmocka_unit_test(nothing_within_our_space_comes_back_on_microsoft_peering),
		cmocka_unit_test(a_default_route_of_ours_contains_nothing),
		cmocka_unit_test(ours_is_what_a_search_of_all_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
