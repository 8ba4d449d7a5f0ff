// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach: whose a route is (site.c).
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "tests/core/random.h"
#include "tests/core/site_scene.h"

#define OWN 65010u

/*
 * Classification
 */
static const char *const origins[] = { "azure", "reflected", "site", "undeclared" };

/* The ASes of a path; 0 ends it. */
static struct er_path_origin origin_of(const uint32_t *as, bool set)
{
	struct er_segment segment = { .as = as, .sequence = !set };
	struct er_path path = { .segment = &segment, .n = 1 };

	while (as[segment.n])
		segment.n++;
	return er_path_origin(&path, OWN);
}

#define ORIGIN(...) origin_of((const uint32_t[]){ __VA_ARGS__, 0 }, false)

static void a_path_belongs_to_its_last_as_that_is_not_microsofts(void **state)
{
	assert_int_equal(ORIGIN(12076).as, 0);
	assert_int_equal(ORIGIN(12076, 12076, 12076).as, 0);
	assert_int_equal(ORIGIN(12076, 65515).as, 0);
	assert_int_equal(ORIGIN(12076, 65520, 65517).as, 0);
	assert_int_equal(ORIGIN(12076, 65514).as, 65514);
	assert_int_equal(ORIGIN(12076, 65521).as, 65521);
	assert_int_equal(ORIGIN(12076, 65020).as, 65020);
	assert_int_equal(ORIGIN(12076, 12076, 12076, 65020).as, 65020);
	assert_int_equal(ORIGIN(12076, 65020, 12076, 65515).as, 65020);
	assert_int_equal(ORIGIN(12076, 64700, 65020).as, 65020);
	assert_int_equal(ORIGIN(12076, 4200000001u).as, 4200000001u);
	assert_int_equal(origin_of((const uint32_t[]){ 12076, 65020, 0 }, true).as, 65020);
}

static void our_own_as_is_found_anywhere(void **state)
{
	assert_false(ORIGIN(12076, 65020).own);
	assert_true(ORIGIN(12076, OWN).own);
	assert_true(ORIGIN(12076, OWN, 65020).own);
	assert_true(ORIGIN(12076, 65020, OWN, 12076).own);
}

static void our_own_as_is_ours_even_if_microsoft_reserves_it(void **state)
{
	static const uint32_t as[] = { 12076, 65516 };
	const struct er_segment segment = { .as = as, .n = 2, .sequence = true };
	const struct er_path path = { .segment = &segment, .n = 1 };

	assert_true(er_path_origin(&path, 65516).own);
	assert_false(er_path_origin(&path, 0).own);
}

static const struct a_site world[] = {
	{ "any", { 65040 } },
	{ "paris", { 65020, 65021 }, { "10.20.0.0/16", "2001:db8:20::/44" } },
	{ "paris-lab", { 65020 }, { "10.20.64.0/18" } },
	{ "rome", { 65030 }, { "10.30.0.0/16" }, { "ams", "fra" } },
	{ "twin", {}, { "10.50.0.0/16", "10.51.0.0/24" }, {}, true },
};

static struct er_sites *sites_of(const struct a_site *from, size_t n, const char *circuit,
				 bool refuse)
{
	struct made_site made[8];
	const struct er_site_config *config[8];

	assert_true(n <= array_size(made));
	for (size_t i = 0; i < n; i++) {
		make_site(&from[i], &made[i]);
		config[i] = &made[i].config;
	}
	/* of what was given it keeps nothing */
	return er_sites_new(config, n, circuit, refuse);
}

static void expect(const struct er_sites *sites, struct er_path_origin path, const char *prefix,
		   const char *whose, enum er_rule want)
{
	enum er_origin origin;
	enum er_rule rule;
	struct prefix p;
	size_t site;

	assert_true(str2prefix(prefix, &p));
	rule = er_site_judge(sites, &path, &p, &origin, &site);
	assert_string_equal(origin == ER_ORIGIN_SITE ? er_sites_get(sites, site)->name
						     : origins[origin],
			    whose);
	if (rule != want)
		fail_msg("%s of %s: rule %d, not %d", prefix, whose, rule, want);
}

static void a_route_is_of_whom_its_path_and_prefix_tell(void **state)
{
	struct er_sites *sites = sites_of(world, array_size(world), "ams", false);

	expect(sites, ORIGIN(12076), "10.20.1.0/24", "azure", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65515), "0.0.0.0/0", "azure", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65021), "10.20.1.0/24", "paris", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65021), "2001:db8:2f::/48", "paris", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65030), "10.30.0.0/16", "rome", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65040), "192.0.2.0/24", "any", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65040), "2001:db8::/48", "any", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65022), "10.20.1.0/24", "undeclared", ER_RULE_NONE);
	er_sites_free(&sites);
}

static void a_site_may_send_its_prefixes_and_what_is_within(void **state)
{
	struct er_sites *sites = sites_of(world, array_size(world), "ams", false);

	expect(sites, ORIGIN(12076, 65030), "10.30.7.0/24", "rome", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65030), "10.31.7.0/24", "rome", ER_RULE_SITE_PREFIX);
	expect(sites, ORIGIN(12076, 65030), "10.30.0.0/15", "rome", ER_RULE_SITE_PREFIX);
	expect(sites, ORIGIN(12076, 65030), "0.0.0.0/0", "rome", ER_RULE_SITE_PREFIX);
	/* what has prefixes of one family may send nothing of the other */
	expect(sites, ORIGIN(12076, 65030), "2001:db8::/48", "rome", ER_RULE_SITE_PREFIX);
	/* whatever it may send, no default route */
	expect(sites, ORIGIN(12076, 65040), "0.0.0.0/0", "any", ER_RULE_SITE_PREFIX);
	expect(sites, ORIGIN(12076, 65040), "::/0", "any", ER_RULE_SITE_PREFIX);
	er_sites_free(&sites);
}

static void a_site_is_heard_on_its_circuits_only(void **state)
{
	struct er_sites *fra = sites_of(world, array_size(world), "fra", false);
	struct er_sites *lon = sites_of(world, array_size(world), "lon", false);

	expect(fra, ORIGIN(12076, 65030), "10.30.7.0/24", "rome", ER_RULE_NONE);
	expect(lon, ORIGIN(12076, 65030), "10.30.7.0/24", "rome", ER_RULE_SITE_PREFIX);
	expect(lon, ORIGIN(12076, 65020), "10.20.7.0/24", "paris", ER_RULE_NONE);
	er_sites_free(&fra);
	er_sites_free(&lon);
}

static void our_own_as_passes_for_a_same_as_sites_prefixes_only(void **state)
{
	struct er_sites *sites = sites_of(world, array_size(world), "ams", false);

	expect(sites, ORIGIN(12076, OWN), "10.50.1.0/24", "twin", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, OWN, OWN), "10.51.0.0/24", "twin", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, OWN, 65030), "10.50.1.0/24", "twin", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, OWN), "10.51.1.0/24", "reflected", ER_RULE_OWN_AS);
	expect(sites, ORIGIN(12076, OWN), "0.0.0.0/0", "reflected", ER_RULE_OWN_AS);
	expect(sites, ORIGIN(12076, OWN, 65030), "10.30.1.0/24", "reflected", ER_RULE_OWN_AS);
	/* with another AS its prefixes are nothing special */
	expect(sites, ORIGIN(12076, 65040), "10.50.1.0/24", "any", ER_RULE_NONE);
	er_sites_free(&sites);
}

static void sites_with_one_as_are_told_apart_by_the_longest_prefix(void **state)
{
	struct er_sites *sites = sites_of(world, array_size(world), "ams", false);
	static const struct a_site open[] = {
		{ "a", { 65020 }, { "10.20.0.0/16" } },
		{ "b", { 65020 } },
	};
	struct er_sites *others = sites_of(open, 2, "ams", false);

	expect(sites, ORIGIN(12076, 65020), "10.20.1.0/24", "paris", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65020), "10.20.65.0/24", "paris-lab", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65021), "10.20.65.0/24", "paris", ER_RULE_NONE);
	expect(sites, ORIGIN(12076, 65020), "10.21.0.0/24", "paris", ER_RULE_SITE_PREFIX);
	expect(others, ORIGIN(12076, 65020), "10.20.0.0/24", "a", ER_RULE_NONE);
	expect(others, ORIGIN(12076, 65020), "10.21.0.0/24", "b", ER_RULE_NONE);
	er_sites_free(&sites);
	er_sites_free(&others);
}

static void what_is_undeclared_is_refused_on_request(void **state)
{
	struct er_sites *sites = sites_of(world, array_size(world), "ams", true);
	struct er_sites *none = sites_of(NULL, 0, "ams", true);

	expect(sites, ORIGIN(12076, 65099), "10.99.0.0/16", "undeclared", ER_RULE_UNDECLARED_SITE);
	expect(none, ORIGIN(12076, 65020), "10.20.0.0/16", "undeclared", ER_RULE_UNDECLARED_SITE);
	expect(none, ORIGIN(12076), "10.20.0.0/16", "azure", ER_RULE_NONE);
	er_sites_free(&sites);
	er_sites_free(&none);
}

static void preference_is_the_circuits_the_wans_or_below(void **state)
{
	struct er_site_config config = { .preference = ER_SITE_PREFER };

	assert_int_equal(er_site_local_pref(&config, false), 0);
	assert_int_equal(er_site_local_pref(&config, true), 0);
	config.preference = ER_SITE_EQUAL;
	assert_int_equal(er_site_local_pref(&config, false), 100);
	config.preference = ER_SITE_BACKUP;
	assert_int_equal(er_site_local_pref(&config, false), 95);
	/* the passive link after the active one, and any before the VPN */
	assert_true(er_site_local_pref(&config, true) < 95);
	assert_true(er_site_local_pref(&config, true) > ER_LOCAL_PREF_VPN);
}

/*
 * Paths and sites at random: repetitions of Microsoft's ASes change nothing; a
 * site never gets in what it may not send; the same questions have the same answers.
 */
static struct prefix any_prefix(struct source *s)
{
	struct prefix p = { .family = AF_INET, .prefixlen = 8 + any(s, 17) };

	p.u.prefix4.s_addr = htonl(10u << 24 | (20 + any(s, 4)) << 16 | any(s, 4) << 14);
	if (one_in(s, 12))
		p.prefixlen = 0;
	apply_mask(&p);
	return p;
}

static void random_sites(struct source *s, struct made_site *made, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct er_site_config *c = &made[i].config;

		memset(&made[i], 0, sizeof(made[i]));
		snprintf(c->name, sizeof(c->name), "s%zu", i);
		c->as = made[i].as;
		c->prefix = made[i].prefix;
		c->circuit = made[i].circuit;
		for (c->n_as = any(s, 3); c->n_as && !c->as[c->n_as - 1];)
			for (size_t j = 0; j < c->n_as; j++)
				c->as[j] = 65020 + any(s, 4);
		for (size_t j = any(s, 4); j; j--)
			c->prefix[c->n_prefixes++] = any_prefix(s);
		if (one_in(s, 3))
			strlcpy(c->circuit[c->n_circuits++], one_in(s, 2) ? "ams" : "fra",
				ER_NAME_LEN);
		c->same_as = one_in(s, 3) && c->n_prefixes;
	}
}

static void spread(struct source *s, const uint32_t *as, size_t n, uint32_t *to)
{
	size_t at = 0;

	for (size_t i = 0; i <= n; i++) {
		for (uint32_t extra = any(s, 3); extra; extra--)
			to[at++] = one_in(s, 2) ? 12076 : 65515 + any(s, 6);
		if (i < n)
			to[at++] = as[i];
	}
	to[at] = 0;
}

/* The definition, in words that are easily checked. */
static bool may(const struct er_site_config *c, const struct prefix *p)
{
	bool within = !c->n_prefixes;

	for (size_t i = 0; i < c->n_prefixes; i++)
		within |= prefix_match(&c->prefix[i], p);
	return within && p->prefixlen && (!c->n_circuits || strmatch(c->circuit[0], "ams"));
}

static bool has_as(const struct er_site_config *c, uint32_t as)
{
	for (size_t i = 0; i < c->n_as; i++)
		if (c->as[i] == as)
			return true;
	return false;
}

static void judge_at_random(struct source *s)
{
	struct made_site made[5];
	const struct er_site_config *config[5];
	size_t n = any(s, 6), n_as = any(s, 4), site;
	uint32_t as[4] = {}, bare[5] = { 12076 }, padded[24];
	bool refuse = one_in(s, 2), owned = false, own = false;
	struct er_path_origin origin;
	struct er_sites *sites;
	enum er_origin whose, again;
	struct prefix p = any_prefix(s);
	enum er_rule rule;

	random_sites(s, made, n);
	for (size_t i = 0; i < n; i++)
		config[i] = &made[i].config;
	for (size_t i = 0; i < n_as; i++)
		bare[i + 1] = as[i] = one_in(s, 6) ? OWN : 65020 + any(s, 5);
	for (size_t i = 0; i < n_as; i++)
		own |= as[i] == OWN;
	sites = er_sites_new(config, n, "ams", refuse);
	origin = origin_of(bare, false);
	rule = er_site_judge(sites, &origin, &p, &whose, &site);

	spread(s, bare, n_as + 1, padded);
	origin = origin_of(padded, false);
	assert_int_equal(er_site_judge(sites, &origin, &p, &again, &site), rule);
	assert_int_equal(again, whose);

	assert_int_equal(whose == ER_ORIGIN_AZURE, !n_as);
	for (size_t i = 0; n_as && i < n; i++)
		owned |= has_as(config[i], as[n_as - 1]);
	if (whose == ER_ORIGIN_SITE) {
		const struct er_site_config *its = er_sites_get(sites, site);

		assert_true(own ? its->same_as : has_as(its, as[n_as - 1]));
		assert_int_equal(rule, may(its, &p) ? ER_RULE_NONE : ER_RULE_SITE_PREFIX);
	}
	assert_int_equal(whose == ER_ORIGIN_UNDECLARED, n_as && !own && !owned);
	if (whose == ER_ORIGIN_REFLECTED)
		assert_true(own && rule == ER_RULE_OWN_AS);
	if (whose == ER_ORIGIN_UNDECLARED)
		assert_int_equal(rule, refuse ? ER_RULE_UNDECLARED_SITE : ER_RULE_NONE);
	er_sites_free(&sites);
}

static void any_path_and_any_sites(void **state)
{
	struct source s = { .state = UINT64_C(0x9e3779b97f4a7c15) };

	for (unsigned int i = 0; i < 100000; i++)
		judge_at_random(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_belongs_to_its_last_as_that_is_not_microsofts),
		cmocka_unit_test(our_own_as_is_found_anywhere),
		cmocka_unit_test(our_own_as_is_ours_even_if_microsoft_reserves_it),
		cmocka_unit_test(a_route_is_of_whom_its_path_and_prefix_tell),
		cmocka_unit_test(a_site_may_send_its_prefixes_and_what_is_within),
		cmocka_unit_test(a_site_is_heard_on_its_circuits_only),
		cmocka_unit_test(our_own_as_passes_for_a_same_as_sites_prefixes_only),
		cmocka_unit_test(sites_with_one_as_are_told_apart_by_the_longest_prefix),
		cmocka_unit_test(what_is_undeclared_is_refused_on_request),
		cmocka_unit_test(preference_is_the_circuits_the_wans_or_below),
		cmocka_unit_test(any_path_and_any_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
