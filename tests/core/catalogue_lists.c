// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The built-in catalogue, a directory, and what is expected of lists.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <cmocka.h>

#include "tests/core/catalogue_lists.h"

struct er_catalogue *builtin;
char directory[] = "/tmp/er_test_catalogue.XXXXXX";

const char *in_directory(const char *name)
{
	static char path[4][128];
	static unsigned int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", directory, name);
	return path[at];
}

int catalogue_setup(void **state)
{
	char problem[ER_TEXT_LEN];

	builtin = er_catalogue_read_file(BUILT_IN, NULL, false, problem, sizeof(problem));
	if (!builtin)
		print_error("%s\n", problem);
	return builtin && mkdtemp(directory) && chmod(directory, 0755) == 0 ? 0 : -1;
}

int catalogue_teardown(void **state)
{
	er_catalogue_free(&builtin);
	return rmdir(directory);
}

struct er_catalogue *parse(const char *text, const struct er_catalogue *base, bool extend)
{
	char problem[ER_TEXT_LEN];
	struct er_catalogue *catalogue = er_catalogue_parse(text, strlen(text), base, extend,
							    problem, sizeof(problem));

	if (!catalogue)
		fail_msg("%s", problem);
	assert_string_equal(problem, "");
	return catalogue;
}

void refused_len(const char *text, size_t len, const char *want)
{
	char problem[ER_TEXT_LEN] = "";
	struct er_catalogue *catalogue = er_catalogue_parse(text, len, builtin, false, problem,
							    sizeof(problem));

	assert_null(catalogue);
	assert_string_equal(problem, want);
}

void refused(const char *text, const char *want)
{
	refused_len(text, strlen(text), want);
}

const struct er_catalogue_entry *entry_of(const struct er_catalogue *catalogue,
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

void assert_entry(const struct er_catalogue *catalogue, const char *community, const char *want)
{
	const struct er_catalogue_entry *e = entry_of(catalogue, community);
	char got[1024];

	snprintf(got, sizeof(got), "%s|%s|%s|%s|%s|%s|%s", e->service, e->service_name, e->region,
		 e->region_name, e->geography, e->also_service, e->also_region);
	assert_string_equal(got, want);
}

bool same_entry(const struct er_catalogue_entry *a, const struct er_catalogue_entry *b)
{
	return a->community == b->community && a->kind == b->kind &&
	       a->authorization == b->authorization && !strcmp(a->service, b->service) &&
	       !strcmp(a->service_name, b->service_name) && !strcmp(a->region, b->region) &&
	       !strcmp(a->region_name, b->region_name) && !strcmp(a->geography, b->geography) &&
	       !strcmp(a->geography_name, b->geography_name);
}

double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}
