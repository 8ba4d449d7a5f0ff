// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The compact table, against a plain array that says what must be in it.
 */
#include <zebra.h>
#include "compat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "memory.h"

#include "bgpd/er_table.h"

#define ITEMS 20000

/* Pointers as malloc() gives them: 16 octets apart and more. */
static void *item(unsigned int i)
{
	return (void *)(uintptr_t)(UINT64_C(0x7f1200000000) + i * 160);
}

static uint32_t random_next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void what_is_added_is_found(void **state)
{
	struct er_table t = {};
	bool added;

	assert_null(er_table_find(&t, item(0)));
	for (unsigned int i = 0; i < ITEMS; i++) {
		er_slot *slot = er_table_add(&t, item(i), &added);

		assert_true(added);
		assert_int_equal(er_slot_flags(*slot), 0);
		assert_ptr_equal(er_slot_item(*slot), item(i));
		er_slot_set_flags(slot, i);
	}
	assert_int_equal(t.used, ITEMS);
	for (unsigned int i = 0; i < ITEMS; i++) {
		er_slot *slot = er_table_add(&t, item(i), &added);

		assert_false(added);
		assert_ptr_equal(slot, er_table_find(&t, item(i)));
		assert_int_equal(er_slot_flags(*slot), i & 0xff);
	}
	assert_null(er_table_find(&t, item(ITEMS)));
	er_table_fini(&t);
	assert_null(er_table_find(&t, item(0)));
}

static void all_addresses_of_user_space_fit(void **state)
{
	void *top = (void *)(uintptr_t)UINT64_C(0x00fffffffffffff0);
	struct er_table t = {};
	bool added;
	er_slot *slot = er_table_add(&t, top, &added);

	er_slot_set_flags(slot, 0xff);
	assert_ptr_equal(er_slot_item(*slot), top);
	er_table_del(&t, slot);
	assert_int_equal(t.used, 0);
}

static void it_takes_less_than_sixteen_octets_an_item(void **state)
{
	struct er_table t = {};
	bool added;

	for (unsigned int i = 0; i < ITEMS; i++) {
		er_table_add(&t, item(i), &added);
		if (i > 100)
			assert_true(t.size * sizeof(er_slot) < (size_t)t.used * 16);
	}
	for (unsigned int i = 0; i < ITEMS; i++)
		er_table_del(&t, er_table_find(&t, item(i)));
	assert_null(t.slot);
}

static void iteration_visits_each_once(void **state)
{
	struct er_table t = {};
	unsigned int n = 0;
	er_slot *slot;
	bool added;

	for (unsigned int i = 0; i < ITEMS; i++)
		er_table_add(&t, item(i), &added);
	for (uint32_t at = 0; (slot = er_table_next(&t, &at)); n++) {
		assert_int_equal(er_slot_flags(*slot), 0);
		er_slot_set_flags(slot, 1);
	}
	assert_int_equal(n, ITEMS);
	er_table_fini(&t);
}

/* Additions and deletions in any order: the gaps close, nothing is lost. */
static void any_order_of_changes(void **state)
{
	enum { RANGE = 3000 };
	static int16_t model[RANGE]; /* flags, -1: not there */
	struct er_table t = {};
	uint32_t seed = 12076, count = 0;
	bool added;

	memset(model, -1, sizeof(model));
	for (int round = 0; round < 400000; round++) {
		/* more deletions than additions for a while, and back */
		bool shrink = round / 50000 % 2;
		unsigned int i = random_next(&seed) % RANGE;
		er_slot *slot = er_table_find(&t, item(i));

		assert_int_equal(!!slot, model[i] >= 0);
		if (slot)
			assert_int_equal(er_slot_flags(*slot), model[i]);
		if (slot && (shrink || random_next(&seed) % 4 == 0)) {
			er_table_del(&t, slot);
			model[i] = -1;
			count--;
		} else if (!shrink || random_next(&seed) % 8 == 0) {
			slot = er_table_add(&t, item(i), &added);
			count += added;
			model[i] = random_next(&seed) & 0xff;
			er_slot_set_flags(slot, model[i]);
		}
		assert_int_equal(t.used, count);
	}
	for (unsigned int i = 0; i < RANGE; i++) {
		er_slot *slot = er_table_find(&t, item(i));

		assert_int_equal(!!slot, model[i] >= 0);
	}
	er_table_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_found),
		cmocka_unit_test(all_addresses_of_user_space_fit),
		cmocka_unit_test(it_takes_less_than_sixteen_octets_an_item),
		cmocka_unit_test(iteration_visits_each_once),
		cmocka_unit_test(any_order_of_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
