// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Framing: whatever the pieces, the same messages; whatever the bytes, an
 * answer, and no more memory than the limit.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netconfd/frame.h"

#define LIMIT	 4096
#define MESSAGES 64
#define ROUNDS	 20000

/* reproducible, and the same everywhere */
static uint32_t random_state = 1;

static uint32_t random_below(uint32_t bound)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % bound;
}

struct outcome {
	unsigned int messages;
	bool bad;
	size_t total;
	char text[MESSAGES][64];
};

/* Feed in pieces of at most so many octets; 0: all at once. */
static struct outcome feed(bool chunked, const char *data, size_t length, size_t most)
{
	struct outcome outcome = {};
	struct nd_frame frame;
	size_t at = 0, used;

	nd_frame_init(&frame, LIMIT);
	frame.chunked = chunked;
	while (at < length && !outcome.bad) {
		size_t piece = most ? 1 + random_below((uint32_t)most) : length;
		/* a copy of exactly that size: reading behind it is found */
		char *copy;

		if (piece > length - at)
			piece = length - at;
		copy = malloc(piece);
		memcpy(copy, data + at, piece);
		switch (nd_frame_feed(&frame, copy, piece, &used)) {
		case ND_FRAME_MORE:
			assert_int_equal(used, piece);
			break;
		case ND_FRAME_MESSAGE:
			assert_true(used >= 1 && used <= piece);
			assert_true(frame.length <= LIMIT);
			assert_int_equal(strlen(frame.message), frame.length);
			if (outcome.messages < MESSAGES)
				snprintf(outcome.text[outcome.messages], sizeof(outcome.text[0]),
					 "%s", frame.message);
			outcome.messages++;
			outcome.total += frame.length;
			nd_frame_next(&frame);
			assert_false(nd_frame_partial(&frame));
			break;
		case ND_FRAME_BAD:
			outcome.bad = true;
			break;
		}
		at += used;
		free(copy);
		assert_true(frame.size <= 3 * LIMIT + 8192);
	}
	nd_frame_fini(&frame);
	return outcome;
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->messages, b->messages);
	assert_int_equal(a->bad, b->bad);
	assert_int_equal(a->total, b->total);
	assert_memory_equal(a->text, b->text, sizeof(a->text));
}

static void test_messages(void **state)
{
	static const char delimited[] = "<a/>]]>]]><b>]]>]</b>]]>]]>]]>]]>";
	static const char chunked[] = "\n#4\n<a/>\n##\n\n#2\n<b\n#2\n/>\n##\n";
	struct outcome outcome;

	(void)state;
	outcome = feed(false, delimited, sizeof(delimited) - 1, 0);
	assert_int_equal(outcome.messages, 3);
	assert_false(outcome.bad);
	assert_string_equal(outcome.text[0], "<a/>");
	assert_string_equal(outcome.text[1], "<b>]]>]</b>");
	assert_string_equal(outcome.text[2], "");
	outcome = feed(true, chunked, sizeof(chunked) - 1, 0);
	assert_int_equal(outcome.messages, 2);
	assert_false(outcome.bad);
	assert_string_equal(outcome.text[0], "<a/>");
	assert_string_equal(outcome.text[1], "<b/>");
}

static void test_bad_chunks(void **state)
{
	static const char *const bad[] = {
		"x",
		"\nx",
		"\n#0\n",
		"\n#01\nx",
		"\n#-1\n",
		"\n#+1\n",
		"\n# 1\n",
		"\n#\n",
		"\n##\n",
		"\n#1x",
		"\n#4097\n",
		"\n#4294967296\n",
		"\n#99999999999\n",
		"\n#3\nabcd",
		"\n#3\nabc\n#4094\n",
		"\n#3\nabc\n##x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct outcome outcome = feed(true, bad[i], strlen(bad[i]), 0);

		assert_true(outcome.bad);
		assert_int_equal(outcome.messages, 0);
	}
}

static void test_limit_is_exact(void **state)
{
	char data[LIMIT + 64];

	(void)state;
	memset(data, ' ', sizeof(data));
	memcpy(data + LIMIT, "]]>]]>", 6);
	assert_int_equal(feed(false, data, LIMIT + 6, 0).messages, 1);
	assert_int_equal(feed(false, data, LIMIT + 6, 7).messages, 1);
	memset(data, ' ', sizeof(data));
	memcpy(data + LIMIT + 1, "]]>]]>", 6);
	assert_int_equal(feed(false, data, LIMIT + 7, 0).messages, 0);
	memcpy(data, "\n#4096\n", 7);
	memcpy(data + 7 + LIMIT, "\n##\n", 4);
	assert_int_equal(feed(true, data, LIMIT + 11, 0).messages, 1);
}

static void test_nul_is_refused(void **state)
{
	(void)state;
	assert_true(feed(false, "a\0b]]>]]>", 9, 0).bad);
	assert_true(feed(true, "\n#3\na\0b\n##\n", 11, 0).bad);
}

/* Pieces of framing, put together at random. */
static size_t mixture(char *data, size_t size)
{
	static const char *const parts[] = {
		"\n#1\n",	   "\n##\n",	 "\n#", "#",	"\n",
		"]]>]]>",	   "]]>",	 "]",	">",	"\n#4096\n",
		"\n#10\n",	   "0123456789", "a",	"\xff", "<rpc>",
		"\n#4294967295\n", "1",		 "9",
	};
	size_t length = 0, count = 1 + random_below(24);

	while (count--) {
		const char *part = parts[random_below(sizeof(parts) / sizeof(*parts))];
		size_t n = strlen(part);

		if (length + n > size)
			break;
		memcpy(data + length, part, n);
		length += n;
	}
	if (length && !random_below(4))
		data[random_below((uint32_t)length)] = (char)random_below(256);
	return length;
}

static void test_pieces_make_no_difference(void **state)
{
	char data[512];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t length = mixture(data, sizeof(data));
		bool chunked = round & 1;
		struct outcome whole = feed(chunked, data, length, 0);
		struct outcome pieces = feed(chunked, data, length, 5);
		struct outcome bytes = feed(chunked, data, length, 1);

		assert_same(&whole, &pieces);
		assert_same(&whole, &bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_bad_chunks),
		cmocka_unit_test(test_limit_is_exact),
		cmocka_unit_test(test_nul_is_refused),
		cmocka_unit_test(test_pieces_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
