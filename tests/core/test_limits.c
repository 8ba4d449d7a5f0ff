// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many prefixes, and how near: limits.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"

static void limits_are_microsofts(void **state)
{
	/* clang-format off */
	static const struct {
		enum er_direction direction;
		enum er_peering_type peering;
		enum er_family family;
		uint32_t local, standard, premium;
	} want[] = {
		{ ER_ADVERTISED, ER_PRIVATE, ER_IPV4, 4000, 4000, 10000 },
		{ ER_ADVERTISED, ER_PRIVATE, ER_IPV6, 100, 100, 100 },
		{ ER_ADVERTISED, ER_MICROSOFT, ER_IPV4, 200, 200, 200 },
		{ ER_ADVERTISED, ER_MICROSOFT, ER_IPV6, 200, 200, 200 },
		{ ER_RECEIVED, ER_PRIVATE, ER_IPV4, 1000, 1000, 1000 },
		{ ER_RECEIVED, ER_PRIVATE, ER_IPV6, 100, 100, 100 },
		{ ER_RECEIVED, ER_MICROSOFT, ER_IPV4, 0, 0, 0 },
		{ ER_RECEIVED, ER_MICROSOFT, ER_IPV6, 0, 0, 0 },
	};
	/* clang-format on */

	for (size_t i = 0; i < array_size(want); i++) {
		const uint32_t limit[] = { want[i].local, want[i].standard, want[i].premium };

		for (enum er_sku sku = 0; sku <= ER_SKU_PREMIUM; sku++)
			assert_int_equal(er_limit(sku, want[i].peering, want[i].family,
						  want[i].direction),
					 limit[sku]);
	}
}

static void a_level_begins_at_its_share_of_the_limit(void **state)
{
	assert_int_equal(er_limit_level(0, 4000), ER_LIMIT_OK);
	assert_int_equal(er_limit_level(3199, 4000), ER_LIMIT_OK);
	assert_int_equal(er_limit_level(3200, 4000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level(3799, 4000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level(3800, 4000), ER_LIMIT_CRITICAL);
	assert_int_equal(er_limit_level(3999, 4000), ER_LIMIT_CRITICAL);
	assert_int_equal(er_limit_level(4000, 4000), ER_LIMIT_FULL);
	assert_int_equal(er_limit_level(4001, 4000), ER_LIMIT_FULL);
}

static void levels_of_odd_limits_are_not_rounded_away(void **state)
{
	assert_int_equal(er_limit_level(0, 1), ER_LIMIT_OK);
	assert_int_equal(er_limit_level(1, 1), ER_LIMIT_FULL);
	assert_int_equal(er_limit_level(2, 3), ER_LIMIT_OK); /* 66 % */
	assert_int_equal(er_limit_level(5, 6), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level(UINT32_MAX, UINT32_MAX), ER_LIMIT_FULL);
	assert_int_equal(er_limit_level(UINT32_MAX - 1, UINT32_MAX), ER_LIMIT_CRITICAL);
	assert_int_equal(er_limit_level(UINT32_MAX / 2, UINT32_MAX), ER_LIMIT_OK);
	assert_int_equal(er_limit_level(UINT32_MAX, 1), ER_LIMIT_FULL);
}

static void without_limit_every_count_is_fine(void **state)
{
	assert_int_equal(er_limit_level(0, 0), ER_LIMIT_OK);
	assert_int_equal(er_limit_level(UINT32_MAX, 0), ER_LIMIT_OK);
	assert_int_equal(er_limit_level_after(ER_LIMIT_FULL, UINT32_MAX, 0), ER_LIMIT_OK);
}

static void a_level_rises_at_once_and_falls_late(void **state)
{
	assert_int_equal(er_limit_level_after(ER_LIMIT_OK, 799, 1000), ER_LIMIT_OK);
	assert_int_equal(er_limit_level_after(ER_LIMIT_OK, 800, 1000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level_after(ER_LIMIT_OK, 1000, 1000), ER_LIMIT_FULL);
	assert_int_equal(er_limit_level_after(ER_LIMIT_WARNING, 799, 1000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level_after(ER_LIMIT_WARNING, 781, 1000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level_after(ER_LIMIT_WARNING, 780, 1000), ER_LIMIT_OK);
	assert_int_equal(er_limit_level_after(ER_LIMIT_CRITICAL, 949, 1000), ER_LIMIT_CRITICAL);
	assert_int_equal(er_limit_level_after(ER_LIMIT_CRITICAL, 930, 1000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level_after(ER_LIMIT_FULL, 999, 1000), ER_LIMIT_FULL);
	assert_int_equal(er_limit_level_after(ER_LIMIT_FULL, 980, 1000), ER_LIMIT_CRITICAL);
	/* several levels in one step */
	assert_int_equal(er_limit_level_after(ER_LIMIT_FULL, 790, 1000), ER_LIMIT_WARNING);
	assert_int_equal(er_limit_level_after(ER_LIMIT_FULL, 0, 1000), ER_LIMIT_OK);
}

/* Whatever the limit: it ends where the count's own level is, at most one step late. */
static void what_is_told_follows_the_count(void **state)
{
	for (uint32_t limit = 1; limit <= 400; limit++) {
		for (enum er_limit_level said = ER_LIMIT_OK; said <= ER_LIMIT_FULL; said++) {
			for (uint32_t count = 0; count <= limit + 1; count++) {
				enum er_limit_level is = er_limit_level(count, limit);
				enum er_limit_level now = er_limit_level_after(said, count, limit);

				assert_true(now >= is);
				assert_true(now == is || now <= said);
				assert_true(now <= is + 1);
				/* said again with the same count, it stands */
				assert_int_equal(er_limit_level_after(now, count, limit), now);
			}
			assert_int_equal(er_limit_level_after(said, 0, limit), ER_LIMIT_OK);
		}
	}
}

static void a_count_that_flickers_is_told_of_once(void **state)
{
	static const uint32_t boundary[] = { 3200, 3800, 4000 };

	for (size_t i = 0; i < array_size(boundary); i++) {
		enum er_limit_level said = er_limit_level(boundary[i] - 1, 4000);
		unsigned int told = 0;

		for (unsigned int step = 0; step < 100; step++) {
			uint32_t count = boundary[i] - step % 80;
			enum er_limit_level now = er_limit_level_after(said, count, 4000);

			told += now != said;
			said = now;
		}
		assert_int_equal(told, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_microsofts),
		cmocka_unit_test(a_level_begins_at_its_share_of_the_limit),
		cmocka_unit_test(levels_of_odd_limits_are_not_rounded_away),
		cmocka_unit_test(without_limit_every_count_is_fine),
		cmocka_unit_test(a_level_rises_at_once_and_falls_late),
		cmocka_unit_test(what_is_told_follows_the_count),
		cmocka_unit_test(a_count_that_flickers_is_told_of_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
