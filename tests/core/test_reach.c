// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which regions a circuit reaches: reach.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/reach.h"

/* Regions and a service in regions; what Azure's list says of them. */
#define ENTRY(value, service, region)                                                             \
	"{\"serviceSupportedRegion\":\"" region "\",\"communityName\":\"" service " " region      \
	"\",\"communityValue\":\"12076:" value "\",\"communityPrefixes\":[],"                     \
	"\"isAuthorizedToUse\":true,\"serviceGroup\":\"" service "\"}"

static const char list[] = "[{\"name\":\"regions\",\"bgpCommunities\":["		       /**/
	ENTRY("51004", "Azure", "East US") "," ENTRY("51006", "Azure", "West US") ","	       /**/
	ENTRY("51003", "Azure", "North Europe") "," ENTRY("51002", "Azure", "West Europe") "," /**/
	ENTRY("52004", "Storage", "East US") "," ENTRY("52002", "Storage", "West Europe") ","  /**/
	ENTRY("5010", "Exchange Online", "Global") "]}]";

static struct er_catalogue *catalogue;

static struct er_catalogue *read_builtin(void)
{
	char problem[ER_TEXT_LEN] = "";
	struct er_catalogue *builtin;
	static char text[1 << 20];
	size_t n;
	FILE *f;

	f = fopen("catalogue/communities.json", "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	builtin = er_catalogue_parse(text, n, NULL, false, problem, sizeof(problem));
	assert_string_equal(problem, "");
	return builtin;
}

/* Azure's list says no geography: they come from the built-in one. */
static struct er_catalogue *read_catalogue(void)
{
	struct er_catalogue *base = read_builtin(), *result;
	char problem[ER_TEXT_LEN] = "";

	result = er_catalogue_parse(list, strlen(list), base, false, problem, sizeof(problem));
	assert_string_equal(problem, "");
	er_catalogue_free(&base);
	return result;
}

static int setup(void **state)
{
	catalogue = read_catalogue();
	return catalogue ? 0 : -1;
}

static int teardown(void **state)
{
	er_catalogue_free(&catalogue);
	return 0;
}

static struct er_circuit_config circuit(enum er_sku sku, const char *geography, const char *local0,
					const char *local1)
{
	struct er_circuit_config config = { .sku = sku };

	strlcpy(config.geography, geography, sizeof(config.geography));
	strlcpy(config.local_region[0], local0, sizeof(config.local_region[0]));
	strlcpy(config.local_region[1], local1, sizeof(config.local_region[1]));
	return config;
}

static void premium_reaches_all(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_PREMIUM, "", "", "");

	assert_int_equal(er_reach(&config, catalogue, "east-us"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, catalogue, "moon-central"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, NULL, "east-us"), ER_REACH_YES);
}

static void standard_reaches_its_geography(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_STANDARD, "Europe", "", "");

	assert_int_equal(er_reach(&config, catalogue, "west-europe"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, catalogue, "north-europe"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, catalogue, "east-us"), ER_REACH_NO);
	assert_int_equal(er_reach(&config, catalogue, "moon-central"), ER_REACH_UNKNOWN);
	assert_int_equal(er_reach(&config, NULL, "east-us"), ER_REACH_UNKNOWN);
	config = circuit(ER_SKU_STANDARD, "north AMERICA", "", "");
	assert_int_equal(er_reach(&config, catalogue, "east-us"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, catalogue, "west-europe"), ER_REACH_NO);
	config = circuit(ER_SKU_STANDARD, "", "west-europe", "");
	assert_int_equal(er_reach(&config, catalogue, "west-europe"), ER_REACH_UNKNOWN);
	config = circuit(ER_SKU_STANDARD, "Europa", "", "");
	assert_int_equal(er_reach(&config, catalogue, "west-europe"), ER_REACH_UNKNOWN);
}

static void local_reaches_the_regions_it_names(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_LOCAL, "Europe", "west-europe", "");

	assert_int_equal(er_reach(&config, catalogue, "west-europe"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, catalogue, "north-europe"), ER_REACH_NO);
	config = circuit(ER_SKU_LOCAL, "", "west-europe", "north-europe");
	assert_int_equal(er_reach(&config, catalogue, "north-europe"), ER_REACH_YES);
	assert_int_equal(er_reach(&config, catalogue, "east-us"), ER_REACH_NO);
	config = circuit(ER_SKU_LOCAL, "Europe", "", "");
	assert_int_equal(er_reach(&config, catalogue, "west-europe"), ER_REACH_UNKNOWN);
}

/* What is said of a filter that allows these communities of 12076; "|" between texts. */
static void assert_warnings_of(const struct er_circuit_config *config, const uint16_t *value,
			       size_t n, size_t size, const char *want)
{
	char warning[4][ER_TEXT_LEN], got[4 * ER_TEXT_LEN] = "";
	er_community community[16];
	struct er_filter filter = { .community = community, .n = n };
	size_t written;

	for (size_t i = 0; i < n; i++)
		community[i] = ER_COMMUNITY(12076, value[i]);
	written = er_reach_warnings(config, "m365", &filter, catalogue, warning, size);
	assert_true(written <= size);
	for (size_t i = 0; i < written; i++) {
		strlcat(got, i ? "|" : "", sizeof(got));
		strlcat(got, warning[i], sizeof(got));
	}
	assert_string_equal(got, want);
}

#define assert_warnings(config, want, ...)                                                        \
	do {                                                                                      \
		static const uint16_t values[] = { __VA_ARGS__ };                                 \
                                                                                                  \
		assert_warnings_of(config, values, array_size(values), 4, want);                  \
	} while (0)

static void regions_out_of_reach_make_one_text(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_STANDARD, "Europe", "", "");

	assert_warnings(&config,
			"route-filter m365 allows regions that a Standard circuit in Europe does not reach: east-us, west-us",
			5010, 51002, 51004, 51006, 52002, 52004);
	assert_warnings(&config, "", 5010, 51002, 51003, 52002);
	config = circuit(ER_SKU_LOCAL, "", "west-europe", "");
	assert_warnings(&config,
			"route-filter m365 allows regions that a Local circuit of west-europe does not reach: north-europe",
			51002, 51003);
	config = circuit(ER_SKU_LOCAL, "", "west-europe", "east-us");
	assert_warnings(&config,
			"route-filter m365 allows regions that a Local circuit of west-europe and east-us does not reach: west-us",
			51002, 51004, 51006);
}

static void a_premium_circuit_is_not_warned(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_PREMIUM, "", "", "");

	assert_warnings(&config, "", 51002, 51004, 51006);
}

static void what_is_not_configured_is_asked_for_once(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_STANDARD, "", "", "");

	assert_warnings(&config,
			"route-filter m365 allows regions; to know whether a Standard circuit reaches them, configure its geography",
			51002, 51004, 51006);
	/* nothing that depends on it */
	assert_warnings(&config, "", 5010);
	config = circuit(ER_SKU_LOCAL, "Europe", "", "");
	assert_warnings(&config,
			"route-filter m365 allows regions; to know whether a Local circuit reaches them, configure its local-region",
			51002);
}

static void a_mistyped_name_is_told_with_what_may_be_meant(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_STANDARD, "Europa", "", "");

	assert_warnings(&config, "geography Europa is not in the catalogue (did you mean europe?)",
			51002);
	config = circuit(ER_SKU_LOCAL, "", "nord-europe", "");
	assert_warnings(&config,
			"local-region nord-europe is not in the catalogue (did you mean north-europe?)|"
			"route-filter m365 allows regions that a Local circuit of nord-europe does not reach: east-us",
			51004);
	config = circuit(ER_SKU_LOCAL, "", "qqqqqqqqqqqqqqqqqqqqqqq", "east-us");
	assert_warnings(&config,
			"local-region qqqqqqqqqqqqqqqqqqqqqqq is not in the catalogue|"
			"route-filter m365 allows regions that a Local circuit of qqqqqqqqqqqqqqqqqqqqqqq and east-us does not reach: west-us",
			51004, 51006);
}

static void no_more_is_written_than_there_is_room_for(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_LOCAL, "", "qqqqqqqqqqqqqqqqqqqqqqq", "");
	static const uint16_t values[] = { 51003, 51004 };

	assert_warnings_of(&config, values, 2, 0, "");
	assert_warnings_of(&config, values, 2, 1,
			   "local-region qqqqqqqqqqqqqqqqqqqqqqq is not in the catalogue");
}

static void a_long_list_is_cut_and_counted(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_STANDARD, "Asia Pacific", "", "");
	char text[ER_TEXT_LEN], warning[1][ER_TEXT_LEN];
	er_community community[32];
	struct er_filter filter = { .community = community };
	struct er_catalogue *builtin = read_builtin();
	size_t listed = 0, more = 0, near = 0;

	for (uint16_t value = 51002; value <= 51030; value++) {
		const struct er_catalogue_entry *entry =
			er_catalogue_find(builtin, ER_COMMUNITY(12076, value));

		if (!entry)
			continue;
		community[filter.n++] = entry->community;
		near += strmatch(entry->geography, "asia-pacific");
	}
	memset(text, 'f', sizeof(text));
	text[ER_NAME_LEN - 1] = '\0';
	assert_int_equal(er_reach_warnings(&config, text, &filter, builtin, warning, 1), 1);
	assert_true(strlen(warning[0]) < ER_TEXT_LEN - 1);
	er_catalogue_free(&builtin);
	for (const char *c = strstr(warning[0], "reach: "); *c; c++)
		listed += *c == ',';
	if (strstr(warning[0], " and "))
		more = strtoul(strstr(warning[0], " and ") + 5, NULL, 10);
	assert_true(more > 0);
	assert_int_equal(listed + 1 + more, filter.n - near);
}

/*
 * As many as there can be: a list with all numbers of regions and of services in
 * them, each region of a name of its own.
 */
#define MANY 6000

static struct er_catalogue *read_many(void)
{
	size_t size = MANY * 256, used;
	char problem[ER_TEXT_LEN] = "", *text = malloc(size);
	struct er_catalogue *many;

	used = snprintf(text, size, "[{\"name\":\"many\",\"bgpCommunities\":[");
	for (unsigned int i = 0; i < MANY; i++)
		used += snprintf(text + used, size - used,
				 "%s{\"serviceSupportedRegion\":\"Region %u\",\"communityName\":"
				 "\"Service %u\",\"communityValue\":\"12076:%u\"}",
				 i ? "," : "", i, i, 50000 + i);
	snprintf(text + used, size - used, "]}]");
	many = er_catalogue_parse(text, strlen(text), NULL, false, problem, sizeof(problem));
	assert_string_equal(problem, "");
	free(text);
	return many;
}

static void a_large_filter_takes_little_time(void **state)
{
	struct er_circuit_config config = circuit(ER_SKU_STANDARD, "", "", "");
	struct er_catalogue *many = read_many();
	char warning[2][ER_TEXT_LEN];
	er_community community[MANY];
	struct er_filter filter = { .community = community, .n = MANY };
	clock_t begin;

	for (unsigned int i = 0; i < MANY; i++)
		community[i] = ER_COMMUNITY(12076, 50000 + i);
	begin = clock();
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(er_reach_warnings(&config, "m365", &filter, many, warning, 2), 1);
	/* some ms; seconds when each community were compared with each */
	assert_true(clock() - begin < CLOCKS_PER_SEC);
	er_catalogue_free(&many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(premium_reaches_all),
		cmocka_unit_test(standard_reaches_its_geography),
		cmocka_unit_test(local_reaches_the_regions_it_names),
		cmocka_unit_test(regions_out_of_reach_make_one_text),
		cmocka_unit_test(a_premium_circuit_is_not_warned),
		cmocka_unit_test(what_is_not_configured_is_asked_for_once),
		cmocka_unit_test(a_mistyped_name_is_told_with_what_may_be_meant),
		cmocka_unit_test(no_more_is_written_than_there_is_room_for),
		cmocka_unit_test(a_long_list_is_cut_and_counted),
		cmocka_unit_test(a_large_filter_takes_little_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
