// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue: words, and the published table as it is built in.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "tests/core/catalogue_lists.h"

/* ------------------------------------------------------------------ *
 * words
 * ------------------------------------------------------------------ */

static void test_slug(void **state)
{
	static const char *const slugs[][2] = {
		{ "Exchange Online", "exchange-online" },
		{ "East US 2", "east-us-2" },
		{ "  Skype / For  Business ", "skype-for-business" },
		{ "CRM", "crm" },
		{ "", "" },
		{ "---", "" },
		{ "caf\xc3\xa9 1", "caf-1" },
	};
	char buf[ER_NAME_LEN], tiny[5];

	for (size_t i = 0; i < array_size(slugs); i++) {
		er_slug(slugs[i][0], buf, sizeof(buf));
		assert_string_equal(buf, slugs[i][1]);
	}
	er_slug("Exchange Online", tiny, sizeof(tiny));
	assert_string_equal(tiny, "exch");
}

static void test_community_text(void **state)
{
	static const char *const wrong[] = {
		"",	 "12076", "12076:",	 ":1",	       "12076:65536", "65536:1",
		"1:1:1", " 1:1",  "1:1 ",	 "+1:1",       "01:1",	      "1:00",
		"1:-1",	 "a:b",	  "999999999:1", "1:999999999"
	};
	char buf[ER_COMMUNITY_STRLEN];
	er_community c;

	for (size_t i = 0; i < array_size(wrong); i++)
		if (er_community_parse(wrong[i], &c))
			fail_msg("\"%s\" is taken for a community", wrong[i]);
	assert_true(er_community_parse("12076:51004", &c));
	assert_int_equal(c, ER_COMMUNITY(12076, 51004));
	assert_string_equal(er_community_str(c, buf), "12076:51004");
	assert_true(er_community_parse("65535:65535", &c));
	assert_string_equal(er_community_str(c, buf), "65535:65535");
	assert_true(er_community_parse("0:0", &c));
	assert_int_equal(c, 0);
}

static void near(enum er_catalogue_names which, const char *typed, const char *want)
{
	char buf[ER_TEXT_LEN];

	er_catalogue_near(builtin, which, typed, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void test_near_names(void **state)
{
	near(ER_NAMES_SERVICE, "exchnge-online", "exchange-online");
	near(ER_NAMES_SERVICE, "exchange", "exchange-online");
	near(ER_NAMES_SERVICE, "online-exchange", "exchange-online");
	near(ER_NAMES_SERVICE, "sqll", "sql");
	near(ER_NAMES_REGION, "central-india", "india-central");
	near(ER_NAMES_REGION, "esat-us", "east-us");
	near(ER_NAMES_REGION, "east-us-3", "east-us-2, east-us, west-us-3");
	/* not what begins so as well */
	near(ER_NAMES_REGION, "east-u", "east-us");
	near(ER_NAMES_REGION, "xyzzy", "");
	near(ER_NAMES_REGION, "", "");
	near(ER_NAMES_GEOGRAPHY, "europa", "europe");
}

/* ------------------------------------------------------------------ *
 * the built-in catalogue
 * ------------------------------------------------------------------ */

struct csv_row {
	char *community, *cloud, *peering, *kind, *service, *region, *geography, *authorization;
};

/* The table has neither quotes nor commas within a field. */
static bool csv_next(FILE *f, char *line, int size, struct csv_row *row)
{
	char **field = (char **)row;

	if (!fgets(line, size, f))
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; i < sizeof(*row) / sizeof(char *); i++) {
		field[i] = strsep(&line, ",");
		assert_non_null(field[i]);
	}
	assert_null(line);
	return true;
}

static enum er_catalogue_kind kind_of(const struct csv_row *row)
{
	if (strcmp(row->kind, "service") == 0)
		return ER_KIND_SERVICE;
	if (strcmp(row->kind, "region-service") == 0)
		return ER_KIND_SERVICE_IN_REGION;
	assert_string_equal(row->kind, "region");
	return strcmp(row->peering, "private") == 0 ? ER_KIND_PRIVATE_REGION : ER_KIND_REGION;
}

static void test_built_in_has_the_published_table(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[512];
	struct csv_row row;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/catalogue/communities.csv", srcdir ? srcdir : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(csv_next(f, line, sizeof(line), &row));
	while (csv_next(f, line, sizeof(line), &row)) {
		const struct er_catalogue_entry *e = entry_of(builtin, row.community);
		bool global = strcmp(row.region, "Global") == 0;

		n++;
		assert_int_equal(e->kind, kind_of(&row));
		assert_string_equal(e->geography_name, row.geography);
		assert_string_equal(e->region_name, global ? "" : row.region);
		assert_string_equal(e->service_name,
				    strcmp(row.kind, "region") == 0 ? "" : row.service);
		assert_int_equal(e->authorization, strcmp(row.authorization, "auth") == 0);
	}
	fclose(f);
	assert_int_equal(n, 278);
	assert_int_equal(er_catalogue_count(builtin), n);
	assert_entry(builtin, "12076:52004", "storage|Storage|east-us|East US|north-america||");
	assert_entry(builtin, "12076:50004", "||east-us|East US|north-america||");
	assert_entry(builtin, "12076:5010", "exchange-online|Exchange Online|||||");
}

static void test_entries_are_in_order(void **state)
{
	for (size_t i = 1; i < er_catalogue_count(builtin); i++)
		assert_true(er_catalogue_at(builtin, i - 1)->community <
			    er_catalogue_at(builtin, i)->community);
	assert_null(er_catalogue_at(builtin, er_catalogue_count(builtin)));
	assert_null(er_catalogue_find(builtin, ER_COMMUNITY(12076, 1)));
	assert_null(er_catalogue_find(builtin, ER_COMMUNITY(12077, 5010)));
}

static void test_names(void **state)
{
	const char *name[64];
	size_t n = er_catalogue_names(builtin, ER_NAMES_SERVICE, name, array_size(name));

	assert_int_equal(n, 14);
	assert_string_equal(name[0], "azure-cosmos-db");
	assert_string_equal(name[n - 1], "storage");
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(name[i - 1], name[i]) < 0);
	assert_int_equal(er_catalogue_names(builtin, ER_NAMES_REGION, NULL, 0), 53);
	assert_int_equal(er_catalogue_names(builtin, ER_NAMES_GEOGRAPHY, name, 1), 14);
	assert_string_equal(name[0], "asia-pacific");
	assert_true(er_catalogue_has(builtin, ER_NAMES_REGION, "east-us"));
	assert_true(er_catalogue_has(builtin, ER_NAMES_GEOGRAPHY, "uae"));
	assert_false(er_catalogue_has(builtin, ER_NAMES_SERVICE, "east-us"));
	assert_false(er_catalogue_has(builtin, ER_NAMES_SERVICE, ""));
	assert_false(er_catalogue_has(builtin, ER_NAMES_REGION, "global"));
}

static void describes(const char *community, const char *want)
{
	char buf[ER_TEXT_LEN];

	er_catalogue_describe(entry_of(builtin, community), buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void test_description(void **state)
{
	describes("12076:52004", "Storage in East US");
	describes("12076:51004", "East US");
	describes("12076:50004", "Virtual networks in East US");
	describes("12076:5010", "Exchange Online");
	describes("12076:5110", "Exchange Online (US Government)");
}

static void test_no_catalogue_is_an_empty_one(void **state)
{
	char buf[ER_TEXT_LEN] = "x";
	struct er_catalogue *none = NULL;
	char *text = er_catalogue_print(NULL);

	assert_int_equal(er_catalogue_count(NULL), 0);
	assert_null(er_catalogue_at(NULL, 0));
	assert_null(er_catalogue_find(NULL, 1));
	assert_int_equal(er_catalogue_names(NULL, ER_NAMES_REGION, NULL, 0), 0);
	assert_false(er_catalogue_has(NULL, ER_NAMES_REGION, "east-us"));
	er_catalogue_near(NULL, ER_NAMES_REGION, "east-us", buf, sizeof(buf));
	assert_string_equal(buf, "");
	assert_string_equal(text, "[]");
	free(text);
	er_catalogue_free(&none);
}

/* What is printed says the same when it is read back. */
static void test_print_and_read_back(void **state)
{
	char *text = er_catalogue_print(builtin);
	struct er_catalogue *again = parse(text, NULL, false);

	assert_int_equal(er_catalogue_count(again), er_catalogue_count(builtin));
	for (size_t i = 0; i < er_catalogue_count(builtin); i++)
		assert_true(same_entry(er_catalogue_at(again, i), er_catalogue_at(builtin, i)));
	er_catalogue_free(&again);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slug),
		cmocka_unit_test(test_community_text),
		cmocka_unit_test(test_near_names),
		cmocka_unit_test(test_built_in_has_the_published_table),
		cmocka_unit_test(test_entries_are_in_order),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_description),
		cmocka_unit_test(test_no_catalogue_is_an_empty_one),
		cmocka_unit_test(test_print_and_read_back),
	};

	return cmocka_run_group_tests(tests, catalogue_setup, catalogue_teardown);
}
