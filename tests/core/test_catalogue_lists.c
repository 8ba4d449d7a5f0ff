// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue: lists in all their forms, and lists that are wrong.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "tests/core/catalogue_lists.h"

/* ------------------------------------------------------------------ *
 * forms of a list
 * ------------------------------------------------------------------ */

static void assert_form(const char *text)
{
	struct er_catalogue *catalogue = parse(text, builtin, false);

	/* the private community of Central India, which no list of Azure's has */
	assert_int_equal(er_catalogue_count(catalogue), 3);
	assert_entry(catalogue, "12076:5010", "exchange-online|Exchange Online|||||");
	assert_entry(catalogue, "12076:51017",
		     "||central-india|Central India|india||india-central");
	assert_entry(catalogue, "12076:50017",
		     "||central-india|Central India|india||india-central");
	assert_false(entry_of(catalogue, "12076:5010")->authorization);
	assert_true(entry_of(catalogue, "12076:51017")->authorization);
	er_catalogue_free(&catalogue);
}

static void test_all_forms_say_the_same(void **state)
{
	assert_form(REST_LIST);
	assert_form(CLI_LIST);
	assert_form(POWERSHELL_LIST);
}

/* Both of its names mean a region, whatever a list calls it. */
static void test_import_keeps_configured_names(void **state)
{
	struct er_catalogue *catalogue = parse(CLI_LIST, builtin, false);

	assert_true(er_catalogue_has(catalogue, ER_NAMES_REGION, "central-india"));
	assert_true(er_catalogue_has(catalogue, ER_NAMES_REGION, "india-central"));
	er_catalogue_free(&catalogue);
}

static void test_extend(void **state)
{
	struct er_catalogue *catalogue = parse(CLI_LIST, builtin, true), *again;

	assert_int_equal(er_catalogue_count(catalogue), 278);
	/* the list's in place of the base's */
	assert_false(entry_of(catalogue, "12076:5010")->authorization);
	assert_true(entry_of(catalogue, "12076:5020")->authorization);
	/* a region has one name in all its communities */
	assert_entry(catalogue, "12076:52017",
		     "storage|Storage|central-india|Central India|india||india-central");
	/* a second extension loses neither name */
	again = parse(CLI_LIST, catalogue, true);
	assert_int_equal(er_catalogue_count(again), 278);
	assert_entry(again, "12076:52017",
		     "storage|Storage|central-india|Central India|india||india-central");
	er_catalogue_free(&again);
	er_catalogue_free(&catalogue);
}

static void test_names_of_services_in_regions(void **state)
{
	struct er_catalogue *catalogue;

	/* region said, name with and without it */
	catalogue =
		parse(SERVICE("AzureStorage",
			      COMMUNITY("12076:52004", "East US", "Azure Storage East US") "," COMMUNITY(
				      "12076:52005", "East US 2",
				      "Storage") "," COMMUNITY("12076:52006", "West US", "West US")),
		      builtin, false);
	assert_entry(catalogue, "12076:52004",
		     "azure-storage|Azure Storage|east-us|East US|north-america|storage|");
	assert_entry(catalogue, "12076:52005",
		     "storage|Storage|east-us-2|East US 2|north-america||");
	assert_entry(catalogue, "12076:52006",
		     "azurestorage|AzureStorage|west-us|West US|north-america|storage|");
	assert_int_equal(er_catalogue_count(catalogue), 3);
	er_catalogue_free(&catalogue);

	/* another name than the base's is the list's to give */
	catalogue = parse(SERVICE("x", COMMUNITY("12076:52005", "East US 2", "Blobs")), builtin,
			  false);
	assert_entry(catalogue, "12076:52005",
		     "blobs|Blobs|east-us-2|East US 2|north-america|storage|");
	er_catalogue_free(&catalogue);

	/* region not said: by its number, of the list's own or of the base's */
	catalogue =
		parse(SERVICE("x",
			      COMMUNITY("12076:51004", "Global", "Azure Mars North") "," COMMUNITY(
				      "12076:52004", "Global",
				      "Azure Storage Mars North") "," COMMUNITY("12076:52005",
										"Global",
										"AzureStorageEastUS2")),
		      builtin, false);
	assert_entry(catalogue, "12076:52004",
		     "azure-storage|Azure Storage|mars-north|Mars North|north-america|storage|east-us");
	assert_entry(catalogue, "12076:52005",
		     "storage|Storage|east-us-2|East US 2|north-america||");
	er_catalogue_free(&catalogue);

	/* without a base there is only what the list says */
	catalogue = parse(SERVICE("x", COMMUNITY("12076:52005", "Global", "AzureStorageEastUS2")),
			  NULL, false);
	assert_entry(catalogue, "12076:52005", "azurestorageeastus2|AzureStorageEastUS2|||||");
	er_catalogue_free(&catalogue);
}

/* A region that the base does not have, and kinds that no published one has. */
static void test_unheard_of_communities(void **state)
{
	struct er_catalogue *catalogue = parse(
		SERVICE("New",
			COMMUNITY("12076:51099", "Mars North", "Azure Mars North") "," COMMUNITY(
				"12076:56004", "East US",
				"Quantum East US") "," COMMUNITY("12076:5999", "Global",
								 "Time Travel") "," COMMUNITY("12076:7",
											      "",
											      "")),
		builtin, false);

	assert_int_equal(er_catalogue_count(catalogue), 4);
	assert_entry(catalogue, "12076:51099", "||mars-north|Mars North|||");
	assert_entry(catalogue, "12076:56004", "quantum|Quantum|east-us|East US|||");
	assert_int_equal(entry_of(catalogue, "12076:56004")->kind, ER_KIND_OTHER);
	assert_entry(catalogue, "12076:5999", "time-travel|Time Travel|||||");
	assert_entry(catalogue, "12076:7", "new|New|||||");
	er_catalogue_free(&catalogue);
}

/* ------------------------------------------------------------------ *
 * lists that are wrong
 * ------------------------------------------------------------------ */

static void test_faults_of_form(void **state)
{
	refused("", "it is empty");
	refused(" \r\n\t", "it is empty");
	refused("null ", "it is null, not a list of communities");
	refused("17 ", "it is a number, not a list of communities");
	refused("{}", "it is an object without \"value\", not a list of communities");
	refused("{\"value\": {}}", "value: is an object, not a list");
	refused("{\"Value\": 1}", "Value: is a number, not a list");
	refused("[]", "the list has no communities");
	refused("{\"value\": []}", "the list has no communities");
	refused(ONE(""), "the list has no communities");
	refused("[1]", "[0]: is a number, not an object");
	refused("[{}]", "[0].bgpCommunities: is missing");
	refused("[{\"BgpCommunities\": \"System.Object[]\"}]",
		"[0].BgpCommunities: is a string, not a list");
	refused("{\"value\": [{\"properties\": []}]}",
		"value[0].properties: is a list, not an object");
	refused("{\"value\": [{\"properties\": {}}]}",
		"value[0].properties.bgpCommunities: is missing");
	refused("[{\"serviceName\": 1, \"bgpCommunities\": []}]",
		"[0].serviceName: is a number, not a string");
	refused("{\"value\": [], \"nextLink\": \"https://example.com/2\"}",
		"nextLink: the list goes on elsewhere, this is its first part");
}

static void test_faults_of_a_community(void **state)
{
	refused(ONE("7"), "[0].bgpCommunities[0]: is a number, not an object");
	refused(ONE("{}"), "[0].bgpCommunities[0].communityValue: is missing");
	refused(ONE("{\"CommunityValue\": 12076}"),
		"[0].bgpCommunities[0].CommunityValue: is a number, not a string");
	refused(ONE("{\"communityValue\": \"12077:5010\"}"),
		"[0].bgpCommunities[0].communityValue: \"12077:5010\" is not one of AS 12076");
	refused(ONE("{\"communityValue\": \"12076:70000\"}"),
		"[0].bgpCommunities[0].communityValue: \"12076:70000\" is no community, as in 12076:5010");
	refused(ONE("{\"communityValue\": \"\\u00e9\"}"),
		"[0].bgpCommunities[0].communityValue: \"??\" is no community, as in 12076:5010");
	refused("{\"value\": [{\"properties\": {\"bgpCommunities\": [" COMMUNITY(
			"12076:5010", "",
			"x") ",{\"communityValue\": "
			     "\"0123456789012345678901234567890123456789zzzz\"}]}}]}",
		"value[0].properties.bgpCommunities[1].communityValue: \"0123456789012345678901234567890123456789...\" is no community, as in 12076:5010");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityName\": []}"),
		"[0].bgpCommunities[0].communityName: is a list, not a string");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityName\": \"a\\u001b[2J\"}"),
		"[0].bgpCommunities[0].communityName: has control characters");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityName\": \"a\\u0000b\"}"),
		"[0].bgpCommunities[0].communityName: has control characters");
	refused(ONE("{\"communityValue\": \"12076:1\", \"serviceSupportedRegion\": true}"),
		"[0].bgpCommunities[0].serviceSupportedRegion: is true or false, not a string");
	refused(ONE("{\"communityValue\": \"12076:1\", \"serviceSupportedRegion\": "
		    "\"0123456789012345678901234567890123456789012345678901234567890123\"}"),
		"[0].bgpCommunities[0].serviceSupportedRegion: has 64 characters, the longest name 63");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityName\": "
		    "\"0123456789012345678901234567890123456789012345678901234567890123\"}"),
		"[0].bgpCommunities[0]: the service's name has more than 63 characters");
	refused(ONE("{\"communityValue\": \"12076:51001\", \"communityName\": "
		    "\"0123456789012345678901234567890123456789012345678901234567890123\"}"),
		"[0].bgpCommunities[0]: the region's name has more than 63 characters");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityName\": \"--\"}"),
		"[0].bgpCommunities[0]: the service has no name");
	refused("[{\"bgpCommunities\": [{\"communityValue\": \"12076:51001\"}]}]",
		"[0].bgpCommunities[0]: the region has no name");
	refused(ONE("{\"communityValue\": \"12076:1\", \"isAuthorizedToUse\": \"yes\"}"),
		"[0].bgpCommunities[0].isAuthorizedToUse: is a string, not true or false");
	refused(ONE("{\"communityValue\": \"12076:1\", \"serviceGroup\": 3}"),
		"[0].bgpCommunities[0].serviceGroup: is a number, not a string");
	refused(ONE("{\"communityValue\": \"12076:1\", \"geography\": {}}"),
		"[0].bgpCommunities[0].geography: is an object, not a string");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityPrefixes\": \"10.0.0.0/8\"}"),
		"[0].bgpCommunities[0].communityPrefixes: is a string, not a list");
	refused(ONE("{\"communityValue\": \"12076:1\", \"communityPrefixes\": [\"a\", 2]}"),
		"[0].bgpCommunities[0].communityPrefixes[1]: is a number, not a string");
}

static void test_duplicates_name_both_places(void **state)
{
	refused("{\"value\": [{\"properties\": {\"serviceName\": \"A\", \"bgpCommunities\": [" COMMUNITY(
			"12076:5010", "",
			"") "," COMMUNITY("12076:5020", "",
					  "") "]}}, {\"properties\": {\"serviceName\": \"B\", \"bgpCommunities\": [" COMMUNITY("12076:5010",
															       "",
															       "") "]}}]}",
		"value[1].properties.bgpCommunities[0]: 12076:5010 is in the list already, at value[0].properties.bgpCommunities[0]");
}

static void test_faults_of_bytes(void **state)
{
	char deep[100];

	refused("[{\"serviceName\": \"S\",\n \"bgpCommunities\": [",
		"it ends too early, at byte 42 in line 2");
	refused("[{\"serviceName\": \"S", "it ends too early, at byte 19 in line 1");
	refused("[\n\n}", "byte 3, in line 3, is no JSON: unexpected character");
	refused("[] []", "byte 3, in line 1, is no JSON: unexpected character");
	refused("a,b,c", "byte 0, in line 1, is no JSON: unexpected character");
	refused("[\n\"\xff\"]", "byte 3, in line 2, is not UTF-8");
	refused("[\"\xc0\x80\"]", "byte 2, in line 1, is not UTF-8");
	refused("[\"\xe0\x80\x80\"]", "byte 2, in line 1, is not UTF-8");
	refused("[\"\xf0\x80\x80\x80\"]", "byte 2, in line 1, is not UTF-8");
	refused("[\"\xed\xa0\x80\"]", "byte 2, in line 1, is not UTF-8");
	refused("[\"\xf4\x90\x80\x80\"]", "byte 2, in line 1, is not UTF-8");
	refused("[\"\xe2\x82", "byte 2, in line 1, is not UTF-8");
	refused_len("\xff\xfe[\0]\0", 6, "it is UTF-16: save it as UTF-8");
	refused_len("[\0]", 3, "byte 1, in line 1, is no JSON: unexpected end of data");
	memset(deep, '[', sizeof(deep));
	refused_len(deep, sizeof(deep),
		    "byte 16, in line 1: nested deeper than any list of communities");
}

/* Few bytes must not take much memory, nor a long time. */
static void test_bombs(void **state)
{
	size_t len = ER_CATALOGUE_MAX;
	char *text = malloc(len + 1);
	double start = cpu_seconds();

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = "[{},"[i < 1 ? 0 : 1 + (i - 1) % 3];
	refused_len(text, len,
		    "it is no list of communities: up to line 1 it has more than 100000 objects and lists");
	for (size_t i = 1; i < len; i++)
		text[i] = i & 1 ? '1' : ',';
	refused_len(text, len,
		    "it is no list of communities: up to line 1 it has more than 1000000 values");
	memset(text, '"', len);
	refused_len(text, len, "byte 2, in line 1, is no JSON: unexpected character");
	memset(text, ' ', len);
	refused_len(text, len, "it is empty");
	refused_len(text, len + 1, "it has 33554433 bytes, at most 33554432 are read");
	free(text);
	assert_true(cpu_seconds() - start < 5);
}

/* A character that matters, any other, or a piece of the text itself. */
static void mutate(char *text, size_t len)
{
	static const char liked[] = "\"\\{}[]:,0n \n";
	size_t at = random() % len, from = random() % len, n = random() % 32;

	switch (random() % 8) {
	case 0:
		text[at] = (char)random();
		break;
	case 1:
	case 2:
		memmove(text + at, text + from, MIN(n, len - MAX(at, from)));
		break;
	case 3:
	case 4:
		text[at] = liked[random() % (sizeof(liked) - 1)];
		break;
	default:
		text[at] = ' ' + random() % 95;
		break;
	}
}

/* Whatever changes, it is read or refused with a reason: never a crash. */
static void test_mutations(void **state)
{
	static const char *const forms[] = { REST_LIST, CLI_LIST, POWERSHELL_LIST };
	unsigned int read = 0, rounds = 20000;
	char problem[ER_TEXT_LEN];
	double start = cpu_seconds();

	srandom(12076);
	for (unsigned int round = 0; round < rounds; round++) {
		const char *form = forms[round % array_size(forms)];
		size_t len = strlen(form);
		/* of its size: a byte read behind it is seen by the sanitiser */
		char *text = malloc(len), *cut;
		struct er_catalogue *catalogue;

		assert_non_null(text);
		memcpy(text, form, len);
		for (long i = random() % 3; i >= 0; i--)
			mutate(text, len);
		if (random() % 4 == 0) {
			len = 1 + random() % len;
			cut = realloc(text, len);
			assert_non_null(cut);
			text = cut;
		}
		catalogue = er_catalogue_parse(text, len, builtin, random() % 2, problem,
					       sizeof(problem));
		assert_int_equal(!catalogue, *problem != '\0');
		for (const char *p = problem; *p; p++)
			assert_true((unsigned char)*p >= ' ');
		read += catalogue != NULL;
		er_catalogue_free(&catalogue);
		free(text);
	}
	assert_true(read > rounds / 20 && read < rounds - rounds / 20);
	print_message("%u mutations, %u of them lists, in %.1f s\n", rounds, read,
		      cpu_seconds() - start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_forms_say_the_same),
		cmocka_unit_test(test_import_keeps_configured_names),
		cmocka_unit_test(test_extend),
		cmocka_unit_test(test_names_of_services_in_regions),
		cmocka_unit_test(test_unheard_of_communities),
		cmocka_unit_test(test_faults_of_form),
		cmocka_unit_test(test_faults_of_a_community),
		cmocka_unit_test(test_duplicates_name_both_places),
		cmocka_unit_test(test_faults_of_bytes),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, catalogue_setup, catalogue_teardown);
}
