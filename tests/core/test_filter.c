// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route filters, region preferences, sets of communities: names -> numbers.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "catalogue/er_catalogue_file.h"
#include "core/commset.h"
#include "core/filter.h"

/* make catalogue/communities.json: tests run in the build directory */
#define BUILT_IN "catalogue/communities.json"

static struct er_catalogue *builtin;

static struct er_own_name own_name[] = {
	{ "vnet-prod", ER_COMMUNITY(12076, 20001) },
	{ "vnet-test", ER_COMMUNITY(12076, 20002) },
	{ "our-east", ER_COMMUNITY(12076, 51004) },
};
static const struct er_own_names own = { own_name, array_size(own_name) };

static int setup(void **state)
{
	char problem[ER_TEXT_LEN];

	builtin = er_catalogue_read_file(BUILT_IN, NULL, false, problem, sizeof(problem));
	if (!builtin)
		print_error("%s\n", problem);
	return builtin ? 0 : -1;
}

static int teardown(void **state)
{
	er_catalogue_free(&builtin);
	return 0;
}

#define SERVICE(s)	{ ER_ITEM_SERVICE, s, "" }
#define REGION(r)	{ ER_ITEM_REGION, "", r }
#define IN_REGION(s, r) { ER_ITEM_SERVICE_IN_REGION, s, r }
#define RAW(c)		{ ER_ITEM_COMMUNITY, c, "" }

/* "12076:5010 12076:5110 !problem" */
static void filter_text(const struct er_filter *filter, char *buf, size_t len)
{
	char text[ER_COMMUNITY_STRLEN];

	buf[0] = '\0';
	for (size_t i = 0; i < filter->n; i++) {
		if (i)
			strlcat(buf, " ", len);
		strlcat(buf, er_community_str(filter->community[i], text), len);
	}
	for (size_t i = 0; i < filter->n_problems; i++) {
		strlcat(buf, "!", len);
		strlcat(buf, filter->problem[i], len);
	}
}

static void compiles(const struct er_catalogue *catalogue, struct er_filter_item *item, size_t n,
		     const char *want)
{
	struct er_filter_config config = { "m365", item, n };
	struct er_filter filter;
	char got[4096];

	er_filter_compile(&config, catalogue, &own, &filter);
	filter_text(&filter, got, sizeof(got));
	assert_string_equal(got, want);
	er_filter_fini(&filter);
	assert_int_equal(filter.n, 0);
}

#define COMPILES(want, ...)                                                                       \
	do {                                                                                      \
		struct er_filter_item item[] = { __VA_ARGS__ };                                   \
                                                                                                  \
		compiles(builtin, item, array_size(item), want);                                  \
	} while (0)

/* In both clouds that have it: a circuit is of one of them. */
static void test_service_is_its_global_community(void **state)
{
	COMPILES("12076:5010 12076:5110", SERVICE("exchange-online"));
	COMPILES("12076:5070", SERVICE("azure-resource-manager"));
}

static void test_service_without_global_community_is_all_regions(void **state)
{
	struct er_filter_item item[] = { SERVICE("storage") };
	struct er_filter_config config = { "storage", item, 1 };
	struct er_filter filter;

	er_filter_compile(&config, builtin, NULL, &filter);
	assert_int_equal(filter.n, 42);
	assert_int_equal(filter.n_problems, 0);
	for (size_t i = 0; i < filter.n; i++)
		assert_int_equal((filter.community[i] & UINT16_MAX) / 1000, 52);
	er_filter_fini(&filter);
}

/* filter.h: its communities in all regions only when there is no global one. */
static void test_service_with_both_is_its_global_community(void **state)
{
	static const char list[] =
		"[{\"serviceName\": \"Backup\", \"bgpCommunities\": ["
		"{\"communityValue\": \"12076:5300\", \"communityName\": \"Backup\"},"
		"{\"communityValue\": \"12076:55004\", \"serviceSupportedRegion\": \"East US\"}]}]";
	struct er_filter_item item[] = { SERVICE("backup") };
	char problem[ER_TEXT_LEN];
	struct er_catalogue *catalogue = er_catalogue_parse(list, strlen(list), builtin, false,
							    problem, sizeof(problem));

	assert_non_null(catalogue);
	compiles(catalogue, item, 1, "12076:5300");
	er_catalogue_free(&catalogue);
}

static void test_region_is_both_peerings(void **state)
{
	COMPILES("12076:50004 12076:51004", REGION("east-us"));
	/* of a national cloud: none of private peering is published */
	COMPILES("12076:51105", REGION("us-gov-virginia"));
}

static void test_service_in_region(void **state)
{
	COMPILES("12076:53004", IN_REGION("sql", "east-us"));
	COMPILES("!service exchange-online is global: it has no community of its own in region east-us",
		 IN_REGION("exchange-online", "east-us"));
	COMPILES("!service storage has no community in region china-east",
		 IN_REGION("storage", "china-east"));
	COMPILES("!service sqll is not in the catalogue; near it: sql",
		 IN_REGION("sqll", "east-us"));
	COMPILES("!region eats-us is not in the catalogue; near it: east-us",
		 IN_REGION("sql", "eats-us"));
}

static void test_communities_and_own_names(void **state)
{
	COMPILES("65000:1", RAW("65000:1"));
	COMPILES("12076:20001 12076:20002", RAW("vnet-test"), RAW("vnet-prod"));
	COMPILES("!vnet-prd is neither a community, as in 12076:5010, nor a configured name of one; near it: vnet-prod",
		 RAW("vnet-prd"));
	COMPILES("!70000:1 is neither a community, as in 12076:5010, nor a configured name of one",
		 RAW("70000:1"));
}

static void test_unknown_names_refuse_and_are_told(void **state)
{
	COMPILES("12076:5070!service exchnge-online is not in the catalogue; near it: exchange-online"
		 "!region xyzzy is not in the catalogue",
		 SERVICE("exchnge-online"), SERVICE("azure-resource-manager"), REGION("xyzzy"));
}

static void test_each_community_once(void **state)
{
	COMPILES("12076:50004 12076:51004 12076:52004", RAW("12076:52004"), REGION("east-us"),
		 IN_REGION("storage", "east-us"), RAW("our-east"), REGION("east-us"));
}

static void test_empty_filter(void **state)
{
	compiles(builtin, NULL, 0, "");
	compiles(NULL, NULL, 0, "");
}

static void test_no_catalogue(void **state)
{
	struct er_filter_item item[] = { SERVICE("sql"), RAW("12076:5010"), REGION("east-us") };

	compiles(NULL, item, array_size(item),
		 "12076:5010!service sql is not in the catalogue!region east-us is not in the catalogue");
}

/* An import calls the region otherwise, and has no private peering. */
static void test_both_names_of_a_region(void **state)
{
	static const char list[] =
		"[{\"serviceName\": \"AzureCentralIndia\", \"bgpCommunities\": ["
		"{\"serviceSupportedRegion\": \"Global\", \"communityName\": \"Azure Central India\","
		" \"communityValue\": \"12076:51017\"}]}]";
	struct er_filter_item published[] = { REGION("india-central") };
	struct er_filter_item listed[] = { REGION("central-india") };
	char problem[ER_TEXT_LEN];
	struct er_catalogue *catalogue = er_catalogue_parse(list, strlen(list), builtin, false,
							    problem, sizeof(problem));

	assert_non_null(catalogue);
	compiles(catalogue, published, 1, "12076:50017 12076:51017");
	compiles(catalogue, listed, 1, "12076:50017 12076:51017");
	er_catalogue_free(&catalogue);
}

/* A region of which only services are known. */
static void test_region_without_a_community(void **state)
{
	static const char list[] =
		"[{\"serviceName\": \"Storage\", \"bgpCommunities\": ["
		"{\"serviceSupportedRegion\": \"Mars North\", \"communityValue\": \"12076:52099\"}]}]";
	struct er_filter_item item[] = { REGION("mars-north") };
	er_community community[ER_TARGET_COMMUNITIES];
	char problem[ER_TEXT_LEN];
	struct er_catalogue *catalogue = er_catalogue_parse(list, strlen(list), NULL, false,
							    problem, sizeof(problem));

	assert_non_null(catalogue);
	compiles(catalogue, item, 1,
		 "!region mars-north has no community of its own in the catalogue");
	assert_int_equal(er_region_target("mars-north", catalogue, &own, community, problem,
					  sizeof(problem)),
			 0);
	assert_string_equal(problem,
			    "region mars-north has no community of its own in the catalogue");
	er_catalogue_free(&catalogue);
}

static void test_ten_thousand_entries(void **state)
{
	size_t n = 10000;
	struct er_filter_item *item = calloc(n, sizeof(*item));
	struct er_filter_config config = { "big", item, n };
	struct er_filter filter;

	assert_non_null(item);
	for (size_t i = 0; i < n; i++) {
		item[i].type = ER_ITEM_COMMUNITY;
		snprintf(item[i].service, sizeof(item[i].service), "12076:%zu",
			 (i * 7919) % n + 20000);
	}
	er_filter_compile(&config, builtin, &own, &filter);
	assert_int_equal(filter.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(filter.community[i], ER_COMMUNITY(12076, 20000 + i));
	er_filter_fini(&filter);
	free(item);
}

static void test_added(void **state)
{
	er_community few[] = { 2, 4, 6 }, more[] = { 1, 2, 4, 7 };
	struct er_filter a = { .community = few, .n = 3 }, b = { .community = more, .n = 4 };
	struct er_filter none = {};

	assert_int_equal(er_filter_added(&a, &b), 2);
	assert_int_equal(er_filter_added(&b, &a), 1);
	assert_int_equal(er_filter_added(&a, &a), 0);
	assert_int_equal(er_filter_added(&none, &a), 3);
	assert_int_equal(er_filter_added(&a, &none), 0);
}

static void named(er_community community, const char *want)
{
	char buf[ER_TEXT_LEN];

	er_community_name(community, builtin, &own, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void test_name_of_a_community(void **state)
{
	named(ER_COMMUNITY(12076, 51004), "our-east");
	named(ER_COMMUNITY(12076, 52004), "Storage in East US");
	named(ER_COMMUNITY(12076, 20002), "vnet-test");
	named(ER_COMMUNITY(65000, 1), "");
}

static void targets(const char *target, const char *want)
{
	er_community community[ER_TARGET_COMMUNITIES];
	char problem[ER_TEXT_LEN], got[1024] = "", text[ER_COMMUNITY_STRLEN];
	size_t n = er_region_target(target, builtin, &own, community, problem, sizeof(problem));

	for (size_t i = 0; i < n; i++) {
		if (i)
			strlcat(got, " ", sizeof(got));
		strlcat(got, er_community_str(community[i], text), sizeof(got));
	}
	strlcat(got, problem, sizeof(got));
	assert_string_equal(got, want);
}

static void test_region_target(void **state)
{
	targets("east-us", "12076:50004 12076:51004");
	targets("us-gov-virginia", "12076:51105");
	targets("vnet-prod", "12076:20001");
	targets("12076:20077", "12076:20077");
	targets("eat-us", "eat-us is neither a region of the catalogue nor a community or a "
			  "configured name of one; near it: east-us");
	targets("our-eats", "our-eats is neither a region of the catalogue nor a community or a "
			    "configured name of one; near it: our-east");
	targets("storage", "storage is neither a region of the catalogue nor a community or a "
			   "configured name of one");
}

static void test_region_local_pref(void **state)
{
	char circuit[][ER_NAME_LEN] = { "ams", "lon", "dub" };
	struct er_region_config region = { "north-europe", circuit, array_size(circuit) };

	assert_int_equal(er_region_local_pref(&region, "ams"), 4030);
	assert_int_equal(er_region_local_pref(&region, "lon"), 4020);
	assert_int_equal(er_region_local_pref(&region, "dub"), 4010);
	assert_int_equal(er_region_local_pref(&region, "fra"), 0);
}

/* ------------------------------------------------------------------ *
 * sets
 * ------------------------------------------------------------------ */

static void test_set_of_nothing(void **state)
{
	struct er_commset set = {}, other = {};

	assert_int_equal(er_commset_get(&set, 0), 0);
	assert_int_equal(er_commset_get(&set, UINT32_MAX), 0);
	assert_true(er_commset_same(&set, &other));
	er_commset_put(&other, 0, 7);
	assert_int_equal(er_commset_get(&other, 0), 7);
	assert_false(er_commset_same(&set, &other));
	assert_false(er_commset_same(&other, &set));
	er_commset_fini(&other);
	er_commset_fini(&set);
	assert_true(er_commset_same(&set, &other));
}

/* Against an array of all values of one AS. */
static void test_set_against_a_reference(void **state)
{
	static uint32_t reference[1 << 16];
	struct er_commset set = {}, other = {};
	uint32_t used = 0;

	srandom(12076);
	memset(reference, 0, sizeof(reference));
	for (unsigned int i = 0; i < 10000 || used < 10000; i++) {
		unsigned int value = random() & UINT16_MAX;
		uint32_t number = 1 + random() % 1000;

		used += !reference[value];
		reference[value] = number;
		er_commset_put(&set, ER_COMMUNITY(12076, value), number);
	}
	assert_int_equal(set.used, used);
	assert_true(set.used * 2 <= set.mask + 1);
	for (unsigned int value = 0; value <= UINT16_MAX; value++) {
		assert_int_equal(er_commset_get(&set, ER_COMMUNITY(12076, value)),
				 reference[value]);
		assert_int_equal(er_commset_get(&set, ER_COMMUNITY(12077, value)), 0);
	}

	/* the same in another order, then not quite */
	for (unsigned int value = UINT16_MAX + 1; value-- > 0;)
		if (reference[value])
			er_commset_put(&other, ER_COMMUNITY(12076, value), reference[value]);
	assert_true(er_commset_same(&set, &other));
	assert_true(er_commset_same(&other, &set));
	er_commset_put(&other, ER_COMMUNITY(12076, 5010), 2000);
	assert_false(er_commset_same(&set, &other));
	assert_false(er_commset_same(&other, &set));
	er_commset_fini(&other);
	er_commset_fini(&set);
}

/* The communities of the real table stay near where they hash to. */
static void test_set_probes_few(void **state)
{
	struct er_commset set = {};
	size_t far = 0;

	for (size_t i = 0; i < er_catalogue_count(builtin); i++)
		er_commset_put(&set, er_catalogue_at(builtin, i)->community, 1);
	for (uint32_t at = 0; at <= set.mask; at++) {
		uint32_t home = er_commset_hash(set.slot[at].community) & set.mask;

		if (set.slot[at].value)
			far = MAX(far, (size_t)((at - home) & set.mask));
	}
	assert_true(far <= 8);
	er_commset_fini(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service_is_its_global_community),
		cmocka_unit_test(test_service_without_global_community_is_all_regions),
		cmocka_unit_test(test_service_with_both_is_its_global_community),
		cmocka_unit_test(test_region_is_both_peerings),
		cmocka_unit_test(test_service_in_region),
		cmocka_unit_test(test_communities_and_own_names),
		cmocka_unit_test(test_unknown_names_refuse_and_are_told),
		cmocka_unit_test(test_each_community_once),
		cmocka_unit_test(test_empty_filter),
		cmocka_unit_test(test_no_catalogue),
		cmocka_unit_test(test_both_names_of_a_region),
		cmocka_unit_test(test_region_without_a_community),
		cmocka_unit_test(test_ten_thousand_entries),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_name_of_a_community),
		cmocka_unit_test(test_region_target),
		cmocka_unit_test(test_region_local_pref),
		cmocka_unit_test(test_set_of_nothing),
		cmocka_unit_test(test_set_against_a_reference),
		cmocka_unit_test(test_set_probes_few),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
