// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue: the published table as it is built in, lists in all their
 * forms, lists that are wrong, files that are wrong.
 */
#include <zebra.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <cmocka.h>

#include "lib/memory.h"

#include "catalogue/er_catalogue_file.h"

/* make catalogue/communities.json: tests run in the build directory */
#define BUILT_IN "catalogue/communities.json"

#define NOBODY 65534

static struct er_catalogue *builtin;
static char directory[] = "/tmp/er_test_catalogue.XXXXXX";

static const char *in_directory(const char *name)
{
	static char path[4][128];
	static unsigned int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", directory, name);
	return path[at];
}

static int setup(void **state)
{
	char problem[ER_TEXT_LEN];

	builtin = er_catalogue_read_file(BUILT_IN, NULL, false, problem, sizeof(problem));
	if (!builtin)
		print_error("%s\n", problem);
	return builtin && mkdtemp(directory) && chmod(directory, 0755) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	er_catalogue_free(&builtin);
	return rmdir(directory);
}

static struct er_catalogue *parse(const char *text, const struct er_catalogue *base, bool extend)
{
	char problem[ER_TEXT_LEN];
	struct er_catalogue *catalogue = er_catalogue_parse(text, strlen(text), base, extend,
							    problem, sizeof(problem));

	if (!catalogue)
		fail_msg("%s", problem);
	assert_string_equal(problem, "");
	return catalogue;
}

static void refused_len(const char *text, size_t len, const char *want)
{
	char problem[ER_TEXT_LEN] = "";
	struct er_catalogue *catalogue = er_catalogue_parse(text, len, builtin, false, problem,
							    sizeof(problem));

	assert_null(catalogue);
	assert_string_equal(problem, want);
}

static void refused(const char *text, const char *want)
{
	refused_len(text, strlen(text), want);
}

static const struct er_catalogue_entry *entry_of(const struct er_catalogue *catalogue,
						 const char *community)
{
	const struct er_catalogue_entry *entry;
	er_community number;

	assert_true(er_community_parse(community, &number));
	entry = er_catalogue_find(catalogue, number);
	if (!entry)
		fail_msg("%s is not there", community);
	return entry;
}

/* "service|service name|region|region name|geography|also service|also region" */
static void assert_entry(const struct er_catalogue *catalogue, const char *community,
			 const char *want)
{
	const struct er_catalogue_entry *e = entry_of(catalogue, community);
	char got[1024];

	snprintf(got, sizeof(got), "%s|%s|%s|%s|%s|%s|%s", e->service, e->service_name, e->region,
		 e->region_name, e->geography, e->also_service, e->also_region);
	assert_string_equal(got, want);
}

static bool same_entry(const struct er_catalogue_entry *a, const struct er_catalogue_entry *b)
{
	return a->community == b->community && a->kind == b->kind &&
	       a->authorization == b->authorization && !strcmp(a->service, b->service) &&
	       !strcmp(a->service_name, b->service_name) && !strcmp(a->region, b->region) &&
	       !strcmp(a->region_name, b->region_name) && !strcmp(a->geography, b->geography) &&
	       !strcmp(a->geography_name, b->geography_name);
}

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

/* ------------------------------------------------------------------ *
 * forms of a list
 * ------------------------------------------------------------------ */

/* clang-format off */
#define REST_LIST                                                                                  \
	"{\"value\": [{\"name\": \"Exchange\", \"id\": \"/subscriptions//x\","                    \
	" \"type\": \"Microsoft.Network/bgpServiceCommunities\","                                 \
	" \"properties\": {\"serviceName\": \"Exchange\", \"bgpCommunities\": ["                  \
	"  {\"serviceSupportedRegion\": \"Global\", \"communityName\": \"Exchange Online\","      \
	"   \"communityValue\": \"12076:5010\", \"communityPrefixes\": [\"13.107.6.152/31\"],"    \
	"   \"isAuthorizedToUse\": true, \"serviceGroup\": \"O365\"}]}},"                         \
	" {\"name\": \"AzureCentralIndia\", \"properties\": {\"serviceName\": \"AzureCentralIndia\"," \
	"  \"bgpCommunities\": ["                                                                 \
	"  {\"serviceSupportedRegion\": \"Global\", \"communityName\": \"Azure Central India\","  \
	"   \"communityValue\": \"12076:51017\", \"communityPrefixes\": [],"                      \
	"   \"isAuthorizedToUse\": false, \"serviceGroup\": \"Azure\"}]}}]}"

#define CLI_LIST                                                                                   \
	"[{\"name\": \"Exchange\", \"serviceName\": \"Exchange\", \"bgpCommunities\": ["          \
	"  {\"serviceSupportedRegion\": \"Global\", \"communityName\": \"Exchange Online\","      \
	"   \"communityValue\": \"12076:5010\", \"communityPrefixes\": null,"                     \
	"   \"isAuthorizedToUse\": true, \"serviceGroup\": \"O365\"}]},"                          \
	" {\"name\": \"AzureCentralIndia\", \"serviceName\": \"AzureCentralIndia\","              \
	"  \"bgpCommunities\": ["                                                                 \
	"  {\"serviceSupportedRegion\": \"Global\", \"communityName\": \"Azure Central India\","  \
	"   \"communityValue\": \"12076:51017\", \"isAuthorizedToUse\": false}]}]"

#define POWERSHELL_LIST                                                                            \
	"\xef\xbb\xbf[{\"Name\": \"Exchange\", \"ServiceName\": \"Exchange\", \"BgpCommunities\": [" \
	"  {\"ServiceSupportedRegion\": \"Global\", \"CommunityName\": \"Exchange Online\","      \
	"   \"CommunityValue\": \"12076:5010\", \"CommunityPrefixes\": [\"13.107.6.152/31\"],"    \
	"   \"IsAuthorizedToUse\": true, \"ServiceGroup\": \"O365\"}]},\r\n"                      \
	" {\"Name\": \"AzureCentralIndia\", \"BgpCommunities\": ["                                \
	"  {\"ServiceSupportedRegion\": \"Global\", \"CommunityName\": \"Azure Central India\","  \
	"   \"CommunityValue\": \"12076:51017\", \"CommunityPrefixes\": [],"                      \
	"   \"IsAuthorizedToUse\": false, \"ServiceGroup\": \"Azure\"}]}]\r\n"
/* clang-format on */

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

#define COMMUNITY(value, region, name)                                                            \
	"{\"communityValue\": \"" value "\", \"serviceSupportedRegion\": \"" region               \
	"\", \"communityName\": \"" name "\"}"
#define SERVICE(name, communities)                                                                \
	"[{\"serviceName\": \"" name "\", \"bgpCommunities\": [" communities "]}]"

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

#define ONE(community) "[{\"serviceName\": \"S\", \"bgpCommunities\": [" community "]}]"

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

/* Of the processor: others may be at work, too. */
static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Few bytes must not take much memory, nor a long time. */
static void test_bombs(void **state)
{
	size_t len = ER_CATALOGUE_MAX;
	char *text = malloc(len + 1);
	double start = seconds();

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
	assert_true(seconds() - start < 5);
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
	double start = seconds();

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
		      seconds() - start);
}

/* ------------------------------------------------------------------ *
 * files
 * ------------------------------------------------------------------ */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static void refused_file(const char *path, const char *reason)
{
	char problem[ER_TEXT_LEN], want[ER_TEXT_LEN];

	snprintf(want, sizeof(want), "%s%s", path, reason);
	assert_null(er_catalogue_read_file(path, builtin, false, problem, sizeof(problem)));
	assert_string_equal(problem, want);
}

static void test_files_that_cannot_be_read(void **state)
{
	const char *path = in_directory("list");
	double start = seconds();

	refused_file(path, ": No such file or directory");
	refused_file(directory, " is a directory");
	assert_int_equal(mkfifo(path, 0600), 0);
	refused_file(path, " is not a regular file");
	unlink(path);
	refused_file("/dev/null", " is not a regular file");

	write_file(path, "[");
	refused_file(path, ": it ends too early, at byte 1 in line 1");
	/* 33 MB and 100 MB of holes */
	assert_int_equal(truncate(path, 33 << 20), 0);
	refused_file(path, " has 34603008 bytes, at most 33554432 (32 MB) are read");
	assert_int_equal(truncate(path, 100 << 20), 0);
	refused_file(path, " has 104857600 bytes, at most 33554432 (32 MB) are read");
	unlink(path);
	assert_true(seconds() - start < 2);
}

/* Root may read everything: as somebody else, in a process of its own. */
static void test_file_without_permission(void **state)
{
	const char *path = in_directory("secret");
	char problem[ER_TEXT_LEN];
	int status;
	pid_t pid;

	write_file(path, CLI_LIST);
	assert_int_equal(chmod(path, geteuid() ? 0000 : 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool right;

		if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) < 0)
			_exit(2);
		right = !er_catalogue_read_file(path, builtin, false, problem, sizeof(problem)) &&
			strstr(problem, ": Permission denied");
		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2) {
		print_message("skipped: root here cannot become another user\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_store(void **state)
{
	struct er_catalogue *catalogue = parse(CLI_LIST, builtin, true), *again;
	const char *path = in_directory("stored");
	char problem[ER_TEXT_LEN];
	struct stat st;

	write_file(path, "what was there");
	assert_true(er_catalogue_store(path, catalogue, problem, sizeof(problem)));
	assert_string_equal(problem, "");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	again = er_catalogue_read_file(path, builtin, false, problem, sizeof(problem));
	assert_non_null(again);
	assert_int_equal(er_catalogue_count(again), er_catalogue_count(catalogue));
	for (size_t i = 0; i < er_catalogue_count(again); i++)
		assert_true(same_entry(er_catalogue_at(again, i), er_catalogue_at(catalogue, i)));
	/* both names, again */
	assert_true(er_catalogue_has(again, ER_NAMES_REGION, "india-central"));
	unlink(path);
	assert_false(er_catalogue_store(in_directory("none/stored"), catalogue, problem,
					sizeof(problem)));
	assert_non_null(strstr(problem, "none/stored: No such file or directory"));
	assert_int_equal(mkdir(path, 0755), 0);
	assert_false(er_catalogue_store(path, catalogue, problem, sizeof(problem)));
	assert_non_null(strstr(problem, "stored: Is a directory"));
	assert_int_equal(rmdir(path), 0);
	/* no temporary file stays */
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(mkdir(directory, 0755), 0);
	er_catalogue_free(&again);
	er_catalogue_free(&catalogue);
}

static void test_current(void **state)
{
	const char *path = in_directory(ER_CATALOGUE_IMPORTED);
	char problem[ER_TEXT_LEN];
	struct er_catalogue *list = parse(CLI_LIST, builtin, false);
	const struct er_catalogue *current;
	uint64_t version;

	er_catalogue_init(BUILT_IN, path);
	assert_string_equal(er_catalogue_imported_path(), path);
	current = er_catalogue_current(problem, sizeof(problem));
	assert_int_equal(er_catalogue_count(current), 278);
	assert_string_equal(problem, "");
	assert_false(er_catalogue_is_imported());
	version = er_catalogue_version();
	/* nothing changed: not read again */
	assert_ptr_equal(er_catalogue_current(NULL, 0), current);
	assert_int_equal(er_catalogue_version(), version);

	/* an import is seen at the next question */
	assert_true(er_catalogue_store(path, list, problem, sizeof(problem)));
	current = er_catalogue_current(problem, sizeof(problem));
	assert_int_equal(er_catalogue_count(current), 3);
	assert_true(er_catalogue_is_imported());
	assert_true(er_catalogue_version() > version);
	assert_int_equal(er_catalogue_count(er_catalogue_builtin(NULL, 0)), 278);

	/* broken: the built-in one counts, and it is said why */
	write_file(path, "[}");
	current = er_catalogue_current(problem, sizeof(problem));
	assert_int_equal(er_catalogue_count(current), 278);
	assert_false(er_catalogue_is_imported());
	assert_non_null(strstr(problem, "is no JSON"));
	assert_int_equal(er_catalogue_count(er_catalogue_current(NULL, 0)), 278);

	/* gone: as at first */
	unlink(path);
	current = er_catalogue_current(problem, sizeof(problem));
	assert_int_equal(er_catalogue_count(current), 278);
	assert_string_equal(problem, "");

	/* no built-in one */
	er_catalogue_init(in_directory("nothing"), path);
	assert_null(er_catalogue_current(problem, sizeof(problem)));
	assert_non_null(strstr(problem, "nothing: No such file or directory"));
	assert_true(er_catalogue_store(path, list, problem, sizeof(problem)));
	assert_int_equal(er_catalogue_count(er_catalogue_current(problem, sizeof(problem))), 3);
	assert_non_null(strstr(problem, "nothing: No such file or directory"));
	unlink(path);
	er_catalogue_fini();
	er_catalogue_free(&list);
}

/* The same size and, on a coarse clock, the same second: the inode tells. */
static void test_current_sees_a_replaced_file(void **state)
{
	const char *path = in_directory(ER_CATALOGUE_IMPORTED);
	struct er_catalogue *a = parse(ONE(COMMUNITY("12076:5010", "", "A")), NULL, false);
	struct er_catalogue *b = parse(ONE(COMMUNITY("12076:5020", "", "B")), NULL, false);
	char problem[ER_TEXT_LEN];

	er_catalogue_init(BUILT_IN, path);
	for (unsigned int i = 0; i < 20; i++) {
		const struct er_catalogue *stored = i & 1 ? b : a;

		assert_true(er_catalogue_store(path, stored, problem, sizeof(problem)));
		assert_int_equal(er_catalogue_at(er_catalogue_current(NULL, 0), 0)->community,
				 er_catalogue_at(stored, 0)->community);
	}
	unlink(path);
	er_catalogue_fini();
	er_catalogue_free(&a);
	er_catalogue_free(&b);
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
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_file_without_permission),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_current),
		cmocka_unit_test(test_current_sees_a_replaced_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
