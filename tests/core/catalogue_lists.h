// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the tests of the catalogue share: the built-in one, a directory, lists, and
 * what is expected of them.
 */
#ifndef ER_TEST_CATALOGUE_LISTS_H
#define ER_TEST_CATALOGUE_LISTS_H

#include "catalogue/er_catalogue_file.h"

/* make catalogue/communities.json: tests run in the build directory */
#define BUILT_IN "catalogue/communities.json"

/* Of a group of tests. */
int catalogue_setup(void **state);
int catalogue_teardown(void **state);
extern struct er_catalogue *builtin;
extern char directory[];
const char *in_directory(const char *name);

struct er_catalogue *parse(const char *text, const struct er_catalogue *base, bool extend);
void refused(const char *text, const char *want);
void refused_len(const char *text, size_t len, const char *want);

const struct er_catalogue_entry *entry_of(const struct er_catalogue *catalogue,
					  const char *community);
/* "service|service name|region|region name|geography|also service|also region" */
void assert_entry(const struct er_catalogue *catalogue, const char *community, const char *want);
bool same_entry(const struct er_catalogue_entry *a, const struct er_catalogue_entry *b);

/* Of the processor: others may be at work, too. */
double cpu_seconds(void);

/* The same two communities in each form. */
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

#define COMMUNITY(value, region, name)                                                            \
	"{\"communityValue\": \"" value "\", \"serviceSupportedRegion\": \"" region               \
	"\", \"communityName\": \"" name "\"}"
#define SERVICE(name, communities)                                                                \
	"[{\"serviceName\": \"" name "\", \"bgpCommunities\": [" communities "]}]"

#define ONE(community) "[{\"serviceName\": \"S\", \"bgpCommunities\": [" community "]}]"

#endif /* ER_TEST_CATALOGUE_LISTS_H */
