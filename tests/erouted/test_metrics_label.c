// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labels as Prometheus' text format wants them: er_metrics_label.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "erouted/er_metrics.h"

static void assert_label(const char *value, const char *want)
{
	char labels[ER_LABELS_LEN] = "";

	er_metric_label(labels, "name", value);
	assert_string_equal(labels, want);
}

static void plain_text_stays_as_it_is(void **state)
{
	assert_label("", "name=\"\"");
	assert_label("eth0.100", "name=\"eth0.100\"");
	assert_label("{a=b},#'n\t", "name=\"{a=b},#'n\t\"");
}

static void what_would_end_a_label_or_a_line_is_escaped(void **state)
{
	assert_label("a\"b", "name=\"a\\\"b\"");
	assert_label("a\\b", "name=\"a\\\\b\"");
	assert_label("a\nb", "name=\"a\\nb\"");
	/* not taken for an end of line when it is read */
	assert_label("a\\nb", "name=\"a\\\\nb\"");
	assert_label("\\\"\n", "name=\"\\\\\\\"\\n\"");
}

static void labels_follow_each_other(void **state)
{
	char labels[ER_LABELS_LEN] = "";

	er_metric_label(labels, "a", "1");
	er_metric_label(labels, "b", "\"");
	er_metric_label(labels, "c", "3");
	assert_string_equal(labels, "a=\"1\",b=\"\\\"\",c=\"3\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays_as_it_is),
		cmocka_unit_test(what_would_end_a_label_or_a_line_is_escaped),
		cmocka_unit_test(labels_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
