// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue: files that cannot be read, are stored, and change.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "tests/core/catalogue_lists.h"

#define NOBODY 65534

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
	double start = cpu_seconds();

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
	assert_true(cpu_seconds() - start < 2);
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
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_file_without_permission),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_current),
		cmocka_unit_test(test_current_sees_a_replaced_file),
	};

	return cmocka_run_group_tests(tests, catalogue_setup, catalogue_teardown);
}
