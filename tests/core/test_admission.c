// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard of a limit: admission.c.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "lib/printfrr.h"

#include "core/admission.h"

#define MANY 10000

/* What the callback has said. */
struct heard {
	struct er_admission *admission;
	char text[1024];
};

static struct prefix prefix_of(const char *text)
{
	struct prefix p;

	assert_true(str2prefix(text, &p));
	return p;
}

static void hear(const struct prefix *prefix, enum er_admitted is, void *arg)
{
	struct heard *h = arg;
	size_t used = strlen(h->text);

	snprintfrr(h->text + used, sizeof(h->text) - used, "%s%s%pFX", used ? " " : "",
		   is == ER_ADMITTED ? "+" : "-", prefix);
}

static void start(struct heard *h, uint32_t limit)
{
	memset(h, 0, sizeof(*h));
	h->admission = er_admission_new(limit, hear, h);
}

static enum er_admitted offer(struct heard *h, const char *text, uint8_t priority)
{
	struct prefix p = prefix_of(text);

	return er_admission_offer(h->admission, &p, priority);
}

static void withdraw(struct heard *h, const char *text)
{
	struct prefix p = prefix_of(text);

	er_admission_withdraw(h->admission, &p);
}

static void assert_heard(struct heard *h, const char *want)
{
	assert_string_equal(h->text, want);
	h->text[0] = '\0';
}

static int list_held(const struct prefix *prefix, uint8_t priority, void *arg)
{
	size_t used = strlen(arg);

	snprintfrr((char *)arg + used, 256 - used, "%s%pFX=%u", used ? " " : "", prefix, priority);
	return prefix->prefixlen == 32;
}

static void assert_held(struct heard *h, const char *want)
{
	char got[256] = "";

	er_admission_foreach_held(h->admission, list_held, got);
	assert_string_equal(got, want);
}

static void while_there_is_room_all_are_admitted(void **state)
{
	struct heard h;

	start(&h, 2);
	assert_int_equal(offer(&h, "10.1.0.0/16", 0), ER_ADMITTED);
	assert_int_equal(offer(&h, "2001:db8::/32", 0), ER_ADMITTED);
	assert_heard(&h, "+10.1.0.0/16 +2001:db8::/32");
	assert_int_equal(er_admission_admitted(h.admission), 2);
	er_admission_free(&h.admission);
	assert_null(h.admission);
	er_admission_free(&h.admission);
}

static void among_equals_the_longest_standing_stays(void **state)
{
	enum er_admitted is;
	struct prefix p;
	struct heard h;

	start(&h, 2);
	offer(&h, "10.9.0.0/16", 7);
	offer(&h, "10.1.0.0/16", 7);
	assert_int_equal(offer(&h, "10.0.0.0/16", 7), ER_HELD);
	assert_heard(&h, "+10.9.0.0/16 +10.1.0.0/16 -10.0.0.0/16");
	assert_int_equal(er_admission_held(h.admission), 1);
	p = prefix_of("10.0.0.0/16");
	assert_true(er_admission_get(h.admission, &p, &is));
	assert_int_equal(is, ER_HELD);
	p = prefix_of("10.0.0.0/17");
	assert_false(er_admission_get(h.admission, &p, &is));
	er_admission_free(&h.admission);
}

static void higher_priority_stays_and_hold_comes_before_admit(void **state)
{
	struct heard h;

	start(&h, 2);
	offer(&h, "10.1.0.0/16", 0);
	offer(&h, "10.2.0.0/16", 0);
	assert_int_equal(offer(&h, "10.3.0.0/16", 1), ER_ADMITTED);
	assert_heard(&h, "+10.1.0.0/16 +10.2.0.0/16 -10.2.0.0/16 +10.3.0.0/16");
	assert_int_equal(offer(&h, "10.4.0.0/16", 255), ER_ADMITTED);
	assert_heard(&h, "-10.1.0.0/16 +10.4.0.0/16");
	assert_int_equal(offer(&h, "10.5.0.0/16", 1), ER_HELD);
	assert_heard(&h, "-10.5.0.0/16");
	assert_held(&h, "10.5.0.0/16=1 10.1.0.0/16=0 10.2.0.0/16=0");
	er_admission_free(&h.admission);
}

static void the_next_in_order_gets_the_room_of_a_withdrawn_one(void **state)
{
	struct heard h;

	start(&h, 1);
	offer(&h, "10.1.0.0/16", 0);
	offer(&h, "10.2.0.0/16", 0);
	offer(&h, "10.3.0.0/16", 0);
	h.text[0] = '\0';
	withdraw(&h, "10.2.0.0/16");
	assert_heard(&h, "");
	withdraw(&h, "10.1.0.0/16");
	assert_heard(&h, "+10.3.0.0/16");
	withdraw(&h, "10.9.0.0/16");
	withdraw(&h, "10.3.0.0/16");
	assert_heard(&h, "");
	assert_int_equal(er_admission_admitted(h.admission), 0);
	/* what was withdrawn is new when it comes again */
	offer(&h, "10.3.0.0/16", 0);
	offer(&h, "10.1.0.0/16", 0);
	assert_heard(&h, "+10.3.0.0/16 -10.1.0.0/16");
	er_admission_free(&h.admission);
}

static void the_same_offer_again_changes_nothing(void **state)
{
	struct heard h;

	start(&h, 1);
	offer(&h, "10.1.0.0/16", 3);
	offer(&h, "10.2.0.0/16", 3);
	h.text[0] = '\0';
	for (int i = 0; i < 3; i++) {
		assert_int_equal(offer(&h, "10.1.0.0/16", 3), ER_ADMITTED);
		assert_int_equal(offer(&h, "10.2.0.0/16", 3), ER_HELD);
	}
	assert_heard(&h, "");
	er_admission_free(&h.admission);
}

static void another_priority_changes_places(void **state)
{
	struct heard h;

	start(&h, 1);
	offer(&h, "10.1.0.0/16", 3);
	offer(&h, "10.2.0.0/16", 3);
	h.text[0] = '\0';
	assert_int_equal(offer(&h, "10.2.0.0/16", 4), ER_ADMITTED);
	assert_heard(&h, "-10.1.0.0/16 +10.2.0.0/16");
	assert_int_equal(offer(&h, "10.2.0.0/16", 2), ER_HELD);
	assert_heard(&h, "-10.2.0.0/16 +10.1.0.0/16");
	assert_int_equal(offer(&h, "10.1.0.0/16", 200), ER_ADMITTED);
	assert_int_equal(offer(&h, "10.2.0.0/16", 100), ER_HELD);
	assert_heard(&h, "");
	er_admission_free(&h.admission);
}

static void a_lower_limit_holds_the_youngest_of_the_lowest_first(void **state)
{
	struct heard h;

	start(&h, 4);
	offer(&h, "10.1.0.0/16", 0);
	offer(&h, "10.2.0.0/16", 1);
	offer(&h, "10.3.0.0/16", 0);
	offer(&h, "10.4.0.0/16", 1);
	h.text[0] = '\0';
	er_admission_set_limit(h.admission, 1);
	assert_heard(&h, "-10.3.0.0/16 -10.1.0.0/16 -10.4.0.0/16");
	er_admission_set_limit(h.admission, 1);
	assert_heard(&h, "");
	er_admission_set_limit(h.admission, 3);
	assert_heard(&h, "+10.4.0.0/16 +10.1.0.0/16");
	er_admission_set_limit(h.admission, 4);
	assert_heard(&h, "+10.3.0.0/16");
	er_admission_free(&h.admission);
}

static void at_a_limit_of_nothing_all_are_held(void **state)
{
	struct heard h;

	start(&h, 0);
	assert_int_equal(offer(&h, "10.1.0.0/16", 255), ER_HELD);
	assert_heard(&h, "-10.1.0.0/16");
	er_admission_set_limit(h.admission, 1);
	assert_heard(&h, "+10.1.0.0/16");
	er_admission_set_limit(h.admission, 0);
	assert_heard(&h, "-10.1.0.0/16");
	er_admission_free(&h.admission);
}

static void reading_what_is_held_may_stop(void **state)
{
	struct heard h;

	start(&h, 1);
	offer(&h, "10.1.0.0/16", 9);
	offer(&h, "10.2.0.0/16", 1);
	offer(&h, "10.3.0.0/32", 1);
	offer(&h, "10.4.0.0/16", 1);
	assert_held(&h, "10.2.0.0/16=1 10.3.0.0/32=1");
	er_admission_free(&h.admission);
}

/*
 * A naive model: all offers in an array; who is admitted is found by sorting.
 */
#define PREFIXES 24

struct model {
	struct er_admission *admission;
	uint32_t limit;
	struct model_entry {
		bool offered;
		uint8_t priority;
		uint64_t since;
		bool told, admitted; /* by the callback */
	} entry[PREFIXES];
	uint64_t clock;
	uint32_t admitted;
	unsigned int said; /* in this call */
};

/* By index, of both families. */
static struct prefix nth(unsigned int i)
{
	char text[64];

	if (i % 2)
		snprintf(text, sizeof(text), "2001:db8:%x::/48", i);
	else
		snprintf(text, sizeof(text), "10.%u.0.0/16", i);
	return prefix_of(text);
}

static unsigned int index_of(const struct prefix *p)
{
	return p->family == AF_INET ? p->u.val[1] : p->u.val[5];
}

static void told(const struct prefix *prefix, enum er_admitted is, void *arg)
{
	struct model *m = arg;
	struct model_entry *e = &m->entry[index_of(prefix)];

	m->said++;
	assert_true(e->offered);
	assert_true(!e->told || e->admitted != (is == ER_ADMITTED));
	if (e->told && is == ER_HELD)
		m->admitted--;
	if (is == ER_ADMITTED) {
		m->admitted++;
		assert_true(m->admitted <= m->limit);
	}
	e->told = true;
	e->admitted = is == ER_ADMITTED;
}

static bool goes_before(const struct model_entry *a, const struct model_entry *b)
{
	return a->priority != b->priority ? a->priority > b->priority : a->since < b->since;
}

static void check_model(struct model *m)
{
	uint32_t offered = 0, admitted = 0;

	for (unsigned int i = 0; i < PREFIXES; i++) {
		const struct model_entry *e = &m->entry[i];
		struct prefix p = nth(i);
		enum er_admitted is;
		uint32_t rank = 0;
		bool wanted;

		assert_int_equal(er_admission_get(m->admission, &p, &is), e->offered);
		if (!e->offered)
			continue;
		for (unsigned int j = 0; j < PREFIXES; j++)
			rank += m->entry[j].offered && goes_before(&m->entry[j], e);
		wanted = rank < m->limit;
		assert_true(e->told);
		assert_int_equal(e->admitted, wanted);
		assert_int_equal(is == ER_ADMITTED, wanted);
		offered++;
		admitted += wanted;
	}
	assert_int_equal(er_admission_admitted(m->admission), admitted);
	assert_int_equal(er_admission_held(m->admission), offered - admitted);
	assert_int_equal(m->admitted, admitted);
}

static uint32_t any(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (*seed >> 24) % below;
}

static void random_offer(struct model *m, uint64_t *seed)
{
	unsigned int i = any(seed, PREFIXES);
	struct model_entry *e = &m->entry[i];
	uint8_t priority = any(seed, 4);
	bool same = e->offered && e->priority == priority;
	struct prefix p = nth(i);
	enum er_admitted is;

	if (!e->offered)
		*e = (struct model_entry){ .offered = true, .since = ++m->clock };
	e->priority = priority;
	is = er_admission_offer(m->admission, &p, priority);
	assert_int_equal(is == ER_ADMITTED, e->admitted);
	assert_true(!same || m->said == 0);
	assert_true(m->said <= 2);
}

static void random_withdrawal(struct model *m, uint64_t *seed)
{
	unsigned int i = any(seed, PREFIXES);
	struct prefix p = nth(i);

	if (m->entry[i].admitted)
		m->admitted--;
	memset(&m->entry[i], 0, sizeof(m->entry[i]));
	er_admission_withdraw(m->admission, &p);
	assert_true(m->said <= 1);
}

static void the_limit_holds_for_random_calls(void **state)
{
	for (uint64_t run = 1; run <= 200; run++) {
		uint64_t seed = run * UINT64_C(0x9e3779b97f4a7c15);
		struct model m = { .limit = any(&seed, 10) };

		m.admission = er_admission_new(m.limit, told, &m);
		for (unsigned int step = 0; step < 300; step++) {
			m.said = 0;
			switch (any(&seed, 8)) {
			case 0:
				m.limit = any(&seed, 12);
				er_admission_set_limit(m.admission, m.limit);
				break;
			case 1:
			case 2:
				random_withdrawal(&m, &seed);
				break;
			default:
				random_offer(&m, &seed);
				break;
			}
			check_model(&m);
		}
		er_admission_free(&m.admission);
	}
}

static void count(const struct prefix *prefix, enum er_admitted is, void *arg)
{
	(*(uint64_t *)arg)++;
}

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The costly order: each offer pushes out another one. */
static void ten_thousand_prefixes_are_fast(void **state)
{
	struct er_admission *admission;
	struct prefix p = { .family = AF_INET6, .prefixlen = 64 };
	uint64_t said = 0;
	int64_t began, took;

	admission = er_admission_new(MANY / 2, count, &said);
	began = cpu_us();
	for (unsigned int i = 0; i < MANY; i++) {
		memcpy(&p.u.val[2], &i, sizeof(i));
		er_admission_offer(admission, &p, i * 255 / MANY);
	}
	for (unsigned int i = MANY; i-- > 0;) {
		memcpy(&p.u.val[2], &i, sizeof(i));
		er_admission_withdraw(admission, &p);
	}
	took = cpu_us() - began;
	print_message("%d offers and withdrawals in %" PRId64 " us, %" PRIu64 " callbacks\n", MANY,
		      took, said);
	assert_int_equal(er_admission_admitted(admission) + er_admission_held(admission), 0);
	/* quadratic would be seconds; a sanitised build needs a tenth */
	assert_true(took < 1000000);
	er_admission_free(&admission);
}

static uint8_t priority_of(const char *text)
{
	struct er_priority priority[] = {
		{ prefix_of("10.0.0.0/8"), 10 },   { prefix_of("10.1.0.0/16"), 5 },
		{ prefix_of("10.1.2.0/24"), 200 }, { prefix_of("2001:db8::/32"), 7 },
		{ prefix_of("::/0"), 1 },
	};
	struct prefix p = prefix_of(text);

	assert_int_equal(er_priority_of(NULL, 0, &p), 0);
	return er_priority_of(priority, array_size(priority), &p);
}

static void the_longest_match_gives_the_priority(void **state)
{
	assert_int_equal(priority_of("10.9.0.0/16"), 10);
	assert_int_equal(priority_of("10.0.0.0/8"), 10);
	assert_int_equal(priority_of("10.1.0.0/16"), 5);
	assert_int_equal(priority_of("10.1.2.128/25"), 200);
	assert_int_equal(priority_of("10.0.0.0/7"), 0);
	assert_int_equal(priority_of("192.0.2.0/24"), 0);
	assert_int_equal(priority_of("0.0.0.0/0"), 0);
	assert_int_equal(priority_of("2001:db8:1::/48"), 7);
	assert_int_equal(priority_of("2603::/24"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_there_is_room_all_are_admitted),
		cmocka_unit_test(among_equals_the_longest_standing_stays),
		cmocka_unit_test(higher_priority_stays_and_hold_comes_before_admit),
		cmocka_unit_test(the_next_in_order_gets_the_room_of_a_withdrawn_one),
		cmocka_unit_test(the_same_offer_again_changes_nothing),
		cmocka_unit_test(another_priority_changes_places),
		cmocka_unit_test(a_lower_limit_holds_the_youngest_of_the_lowest_first),
		cmocka_unit_test(at_a_limit_of_nothing_all_are_held),
		cmocka_unit_test(reading_what_is_held_may_stop),
		cmocka_unit_test(the_limit_holds_for_random_calls),
		cmocka_unit_test(ten_thousand_prefixes_are_fast),
		cmocka_unit_test(the_longest_match_gives_the_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
