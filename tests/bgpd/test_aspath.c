// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AS paths, split behind the leading 12076s.
 */
#include <zebra.h>
#include "compat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "bgpd/bgpd.h"
#include "bgpd/bgp_aspath.h"

#include "bgpd/er_aspath.h"

#define MS 12076

/* Segments are made of these, a path of at most three. */
struct made {
	struct aspath path;
	struct assegment segment[3];
	as_t as[3][12];
};

static struct aspath *path(struct made *m, int n, ...)
{
	va_list ap;

	memset(m, 0, sizeof(*m));
	va_start(ap, n);
	for (int i = 0; i < n; i++) {
		m->segment[i].type = va_arg(ap, int);
		m->segment[i].length = va_arg(ap, int);
		m->segment[i].as = m->as[i];
		for (int k = 0; k < m->segment[i].length; k++)
			m->as[i][k] = va_arg(ap, int);
		if (i)
			m->segment[i - 1].next = &m->segment[i];
	}
	va_end(ap);
	m->path.segments = n ? &m->segment[0] : NULL;
	return &m->path;
}

static unsigned int lead(const struct aspath *p)
{
	struct er_aspath_split split;

	er_aspath_split(p, &split);
	return split.lead;
}

static bool same(const struct aspath *a, const struct aspath *b)
{
	struct er_aspath_split sa, sb;

	er_aspath_split(a, &sa);
	er_aspath_split(b, &sb);
	return er_aspath_rest_same(&sa, &sb);
}

static void leading_copies_are_counted(void **state)
{
	struct made m;

	assert_int_equal(lead(NULL), 0);
	assert_int_equal(lead(path(&m, 0)), 0);
	assert_int_equal(lead(path(&m, 1, AS_SEQUENCE, 1, MS)), 1);
	assert_int_equal(lead(path(&m, 1, AS_SEQUENCE, 3, MS, MS, 65001)), 2);
	assert_int_equal(lead(path(&m, 1, AS_SEQUENCE, 3, 65001, MS, MS)), 0);
	/* a later copy does not lead */
	assert_int_equal(lead(path(&m, 1, AS_SEQUENCE, 3, MS, 65001, MS)), 1);
	/* a set is no sequence */
	assert_int_equal(lead(path(&m, 1, AS_SET, 1, MS)), 0);
	assert_int_equal(lead(path(&m, 2, AS_SEQUENCE, 1, MS, AS_SET, 1, MS)), 1);
	/* long paths come in several segments */
	assert_int_equal(lead(path(&m, 2, AS_SEQUENCE, 2, MS, MS, AS_SEQUENCE, 2, MS, 1)), 3);
	assert_int_equal(lead(path(&m, 2, AS_SEQUENCE, 0, AS_SEQUENCE, 1, MS)), 1);
}

static void the_rest_is_compared(void **state)
{
	struct made a, b;

	assert_true(same(path(&a, 1, AS_SEQUENCE, 1, MS), path(&b, 1, AS_SEQUENCE, 3, MS, MS, MS)));
	assert_true(
		same(path(&a, 1, AS_SEQUENCE, 2, MS, 1), path(&b, 1, AS_SEQUENCE, 3, MS, MS, 1)));
	assert_false(same(path(&a, 1, AS_SEQUENCE, 2, MS, 1), path(&b, 1, AS_SEQUENCE, 2, MS, 2)));
	assert_false(same(path(&a, 1, AS_SEQUENCE, 2, MS, 1), path(&b, 1, AS_SEQUENCE, 1, MS)));
	assert_false(
		same(path(&a, 1, AS_SEQUENCE, 3, MS, 1, 2), path(&b, 1, AS_SEQUENCE, 2, MS, 1)));
	/* the same sequence, cut elsewhere */
	assert_true(same(path(&a, 2, AS_SEQUENCE, 2, MS, 1, AS_SEQUENCE, 1, 2),
			 path(&b, 1, AS_SEQUENCE, 3, MS, 1, 2)));
	assert_false(same(path(&a, 2, AS_SEQUENCE, 1, MS, AS_SET, 1, 1),
			  path(&b, 1, AS_SEQUENCE, 2, MS, 1)));
	assert_true(same(NULL, path(&b, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leading_copies_are_counted),
		cmocka_unit_test(the_rest_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
