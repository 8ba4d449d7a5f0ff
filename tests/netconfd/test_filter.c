// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Subtree filters from requests, as they come and mutated: what is left is part
 * of what there was, and filtering it again changes nothing.
 */
#include "config.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netconfd/netconfd.h"

#define ROUNDS	   20000
#define TEXT_MAX   4096
#define CORPUS_MAX 64

static const char model[] =
	"module f { namespace 'urn:f'; prefix f;"
	" container top { list entry { key name; leaf name { type string; } leaf plain { type string; }"
	"  leaf number { type uint8; } container inner { leaf deep { type string; } } }"
	" leaf-list word { type string; } leaf number { type uint8; } } }";

static const char data[] =
	"<top xmlns=\"urn:f\"><entry><name>a</name><plain>1</plain><number>7</number></entry>"
	"<entry><name>b</name><plain>2</plain><inner><deep>x</deep></inner></entry>"
	"<entry><name>c</name></entry><word>one</word><word>two</word><number>9</number></top>";

static struct ly_ctx *ctx;
static char corpus[CORPUS_MAX][TEXT_MAX];
static size_t corpus_count;

/* reproducible, and the same everywhere */
static uint32_t random_state = 1;

static uint32_t random_below(size_t bound)
{
	random_state = random_state * 1664525 + 1013904223;
	return bound ? (random_state >> 8) % (uint32_t)bound : 0;
}

static void read_corpus(void)
{
	char path[1024];
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/tests/netconfd/corpus", getenv("srcdir"));
	directory = opendir(path);
	assert_non_null(directory);
	while ((entry = readdir(directory)) && corpus_count < CORPUS_MAX) {
		FILE *file;

		if (!strstr(entry->d_name, ".xml"))
			continue;
		snprintf(path, sizeof(path), "%s/tests/netconfd/corpus/%s", getenv("srcdir"),
			 entry->d_name);
		file = fopen(path, "r");
		assert_non_null(file);
		assert_true(fread(corpus[corpus_count], 1, TEXT_MAX - 1, file) > 0);
		fclose(file);
		corpus_count++;
	}
	closedir(directory);
	assert_true(corpus_count >= 10);
}

static int set_up(void **state)
{
	static const char *features[] = { "xpath", NULL };

	(void)state;
	ly_log_options(LY_LOSTORE);
	if (ly_ctx_new(ND_MODELS_DIR, LY_CTX_DISABLE_SEARCHDIR_CWD, &ctx) ||
	    lys_parse_mem(ctx, model, LYS_IN_YANG, NULL) ||
	    !ly_ctx_load_module(ctx, "ietf-netconf", NULL, features))
		return -1;
	read_corpus();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ly_ctx_destroy(ctx);
	return 0;
}

/* libyang 6.4 loses some of what it has read of a request when it refuses it. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable() ((void)0)
#define __lsan_enable()	 ((void)0)
#endif

/* The whole request, as libnetconf2 has libyang read it; NULL: it is none. */
static struct lyd_node *parse_request(const char *filter, struct lyd_node **envelope)
{
	static const char head[] =
		"<rpc xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"1\"><get>";
	struct lyd_node *request = NULL;
	char text[TEXT_MAX + 256];
	struct ly_in *in;
	LY_ERR failed;

	snprintf(text, sizeof(text), "%s%s</get></rpc>", head, filter);
	assert_false(ly_in_new_memory(text, &in));
	__lsan_disable();
	failed = lyd_parse_op(ctx, NULL, in, LYD_XML, LYD_TYPE_RPC_NETCONF, LYD_PARSE_STRICT,
			      envelope, &request);
	__lsan_enable();
	ly_in_free(in, 0);
	ly_err_clean(ctx, NULL);
	if (!failed)
		return request;
	lyd_free_all(request);
	lyd_free_all(*envelope);
	*envelope = NULL;
	return NULL;
}

static char *print(const struct lyd_node *tree)
{
	char *text = NULL;

	assert_false(lyd_print_mem(&text, tree, LYD_XML, LYD_PRINT_SIBLINGS | LYD_PRINT_SHRINK));
	return text ? text : strdup("");
}

/* Whatever is there was there before: nothing but removals lead to it. */
static void assert_part_of(const struct lyd_node *part, const struct lyd_node *whole)
{
	struct lyd_node *diff = NULL, *node;
	const char *operation = NULL, *own;

	assert_false(lyd_diff_siblings(whole, part, 0, &diff));
	LY_LIST_FOR (diff, node) {
		struct lyd_node *inner;

		LYD_TREE_DFS_BEGIN (node, inner) {
			own = nd_attribute(inner, "operation");
			operation = own ? own : operation;
			assert_true(!operation || !strcmp(operation, "none") ||
				    !strcmp(operation, "delete"));
			LYD_TREE_DFS_END(node, inner);
		}
	}
	lyd_free_all(diff);
}

/* false: it was no request */
static bool filter_with(const char *text, char **left)
{
	struct lyd_node *envelope = NULL, *request, *whole = NULL, *tree = NULL;
	const struct lyd_node *filter;
	char *again;

	request = parse_request(text, &envelope);
	filter = request ? nd_child(request, "filter") : NULL;
	if (filter) {
		assert_false(lyd_parse_data_mem(ctx, data, LYD_XML, LYD_PARSE_ONLY, 0, &whole));
		assert_false(lyd_dup_siblings(whole, NULL, LYD_DUP_RECURSIVE, &tree));
		nd_filter_subtree(&tree, lyd_child_any(filter));
		assert_part_of(tree, whole);
		*left = print(tree);
		nd_filter_subtree(&tree, lyd_child_any(filter));
		again = print(tree);
		assert_string_equal(*left, again);
		free(again);
	}
	lyd_free_all(tree);
	lyd_free_all(whole);
	lyd_free_all(request);
	lyd_free_all(envelope);
	return filter;
}

static void assert_filtered(const char *filter, const char *expected)
{
	char *left = NULL;

	assert_true(filter_with(filter, &left));
	assert_string_equal(left, expected);
	free(left);
}

static void filters_select_what_they_name(void **state)
{
#define TOP(inner)  "<filter><top xmlns=\"urn:f\">" inner "</top></filter>"
#define LEFT(inner) "<top xmlns=\"urn:f\">" inner "</top>"
	(void)state;
	assert_filtered("<filter/>", "");
	assert_filtered(TOP(""), data);
	assert_filtered(TOP("<word>one</word>"), data);
	assert_filtered(TOP("<word/>"), LEFT("<word>one</word><word>two</word>"));
	assert_filtered(TOP("<entry><name>b</name><plain/></entry>"),
			LEFT("<entry><name>b</name><plain>2</plain></entry>"));
	assert_filtered(TOP("<entry><plain>2</plain><inner/></entry>"),
			LEFT("<entry><name>b</name><plain>2</plain><inner><deep>x</deep></inner></entry>"));
	assert_filtered(TOP("<entry><number>8</number></entry>"), "");
	assert_filtered("<filter><top xmlns=\"urn:g\"/></filter>", "");
}

static void corpus_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < corpus_count; i++) {
		char *left = NULL;

		assert_true(filter_with(corpus[i], &left));
		free(left);
	}
}

static void splice(char *text, const char *other)
{
	size_t length = strlen(text), at = random_below(length + 1), from, count;
	char tail[TEXT_MAX];

	from = random_below(strlen(other));
	count = random_below(40);
	snprintf(tail, sizeof(tail), "%s", text + at);
	snprintf(text + at, TEXT_MAX - at, "%.*s%s", (int)count, other + from, tail);
}

static void mutate(char *text)
{
	size_t length, at, count;

	for (uint32_t times = 1 + random_below(4); times; times--) {
		length = strlen(text);
		if (!length)
			return;
		at = random_below(length);
		switch (random_below(4)) {
		case 0:
			text[at] = (char)(1 + random_below(255));
			break;
		case 1:
			count = random_below(20);
			if (at + count < length)
				memmove(text + at, text + at + count, length - at - count + 1);
			break;
		case 2:
			splice(text, text);
			break;
		default:
			splice(text, corpus[random_below(corpus_count)]);
		}
	}
}

/* Elements of the model and others, at any place, with and without values. */
static void grow(char *text, unsigned int depth)
{
	static const char *const names[] = { "top",   "entry", "name", "plain",	 "number",
					     "inner", "deep",  "word", "nothing" };
	static const char *const values[] = { "",  "",	"a",   " b ", "1",
					      "2", "x", "one", "300", "&lt;" };
	static const char *const more[] = { "",
					    "",
					    "",
					    "",
					    " xmlns=\"urn:f\"",
					    " xmlns=\"urn:g\"",
					    " xmlns:x=\"urn:x\" x:a=\"1\"" };
#define ANY_OF(array) array[random_below(sizeof(array) / sizeof(*array))]
	for (uint32_t count = random_below(4); count; count--) {
		const char *name = ANY_OF(names);
		size_t length = strlen(text);

		if (length > TEXT_MAX / 2)
			return;
		snprintf(text + length, TEXT_MAX - length, "<%s%s>%s", name, ANY_OF(more),
			 ANY_OF(values));
		if (depth && text[strlen(text) - 1] == '>')
			grow(text, depth - 1);
		length = strlen(text);
		snprintf(text + length, TEXT_MAX - length, "</%s>", name);
	}
}

static unsigned int filter_many(void (*make)(char *text))
{
	unsigned int requests = 0;
	char text[TEXT_MAX];

	for (int round = 0; round < ROUNDS; round++) {
		char *left = NULL;

		make(text);
		requests += filter_with(text, &left);
		free(left);
	}
	return requests;
}

static void make_mutant(char *text)
{
	memcpy(text, corpus[random_below(corpus_count)], TEXT_MAX);
	mutate(text);
}

static void make_grown(char *text)
{
	strcpy(text, "<filter>");
	if (random_below(4)) {
		strcat(text, "<top xmlns=\"urn:f\">");
		grow(text, 4);
		strcat(text, "</top>");
	} else {
		grow(text, 5);
	}
	strcat(text, "</filter>");
}

static void mutants_of_the_corpus_leave_a_part(void **state)
{
	(void)state;
	assert_true(filter_many(make_mutant) > 100);
}

static void any_elements_leave_a_part(void **state)
{
	(void)state;
	/* else it would be libyang's parser that is tested */
	assert_true(filter_many(make_grown) > ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_select_what_they_name),
		cmocka_unit_test(corpus_is_read),
		cmocka_unit_test(mutants_of_the_corpus_leave_a_part),
		cmocka_unit_test(any_elements_leave_a_part),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
