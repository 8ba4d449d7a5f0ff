// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach: whose a route is (site.c), and what is said of sites and joints
 * (site_core.c).
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "tests/core/random.h"
#include "tests/core/support.h"

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

/* A site in one line: what is 0 or NULL it has not. */
struct a_site {
	const char *name;
	uint32_t as[3];
	const char *prefix[4];
	const char *circuit[3];
	bool same_as;
	enum er_site_preference preference;
	uint32_t maximum;
};

/* Its arrays are here. */
struct made_site {
	struct er_site_config config;
	struct prefix prefix[4];
	char circuit[3][ER_NAME_LEN];
	uint32_t as[3];
};

static void make(const struct a_site *from, struct made_site *to)
{
	memset(to, 0, sizeof(*to));
	strlcpy(to->config.name, from->name, sizeof(to->config.name));
	to->config.as = to->as;
	to->config.prefix = to->prefix;
	to->config.circuit = to->circuit;
	for (; from->as[to->config.n_as]; to->config.n_as++)
		to->as[to->config.n_as] = from->as[to->config.n_as];
	for (; from->prefix[to->config.n_prefixes]; to->config.n_prefixes++)
		assert_true(str2prefix(from->prefix[to->config.n_prefixes],
				       &to->prefix[to->config.n_prefixes]));
	for (; from->circuit[to->config.n_circuits]; to->config.n_circuits++)
		strlcpy(to->circuit[to->config.n_circuits], from->circuit[to->config.n_circuits],
			ER_NAME_LEN);
	to->config.same_as = from->same_as;
	to->config.preference = from->preference;
	to->config.maximum_prefixes = from->maximum;
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
		make(&from[i], &made[i]);
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

/*
 * What is said
 */
struct scene {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	char said[1024]; /* of the last event, line by line */
};

static void handle(struct scene *s, struct er_event *ev)
{
	char line[512];

	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
	s->said[0] = '\0';
	for (size_t i = 0; i < s->out.n; i++) {
		const struct er_notice *n = &s->out.notice[i];

		if (n->type < ER_NOTICE_JOINT)
			continue;
		notice_text(n, line, sizeof(line));
		strlcat(s->said, line, sizeof(s->said));
		strlcat(s->said, "\n", sizeof(s->said));
	}
}

static void after(struct scene *s, int64_t ms)
{
	struct er_event ev = { .type = ER_EV_TICK };

	s->now.mono_ms += ms;
	s->now.wall_s += ms / 1000;
	handle(s, &ev);
}

static void session(struct scene *s, const char *circuit, enum er_role role, enum er_family f,
		    bool up)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = session_key(circuit, ER_PRIVATE, role, f);
	ev.facts.state = up ? ER_SESSION_ESTABLISHED : ER_SESSION_IDLE;
	handle(s, &ev);
}

static void plain(struct scene *s, enum er_event_type type)
{
	struct er_event ev = { .type = type };

	handle(s, &ev);
}

static void undeclared(struct scene *s, enum er_undeclared mode)
{
	struct er_event ev = { .type = ER_EV_UNDECLARED, .undeclared = mode };

	handle(s, &ev);
}

static void tell_site(struct scene *s, const char *circuit, enum er_family f, const char *site,
		      struct er_site_facts facts)
{
	struct er_event ev = { .type = ER_EV_SITE_STATE };

	ev.site_state.peering = peering_key(circuit, ER_PRIVATE, f);
	strlcpy(ev.site_state.site, site, sizeof(ev.site_state.site));
	ev.site_state.facts = facts;
	handle(s, &ev);
}

/* ... and nothing is undeclared. */
static void tell(struct scene *s, const char *site, struct er_site_facts facts)
{
	tell_site(s, "ams", ER_IPV4, site, facts);
	tell_site(s, "ams", ER_IPV4, "", (struct er_site_facts){});
}

static void configure_site(struct scene *s, const struct a_site *site)
{
	struct er_event ev = { .type = ER_EV_SITE_CONFIG };
	struct made_site made;

	make(site, &made);
	ev.site_config = &made.config;
	handle(s, &ev);
	memset(&made, 0xff, sizeof(made));
}

static void configure_joint(struct scene *s, const char *name, bool shutdown, const char *site1,
			    const char *site2)
{
	char site[2][ER_NAME_LEN] = {};
	struct er_joint_config config = { .site = site, .shutdown = shutdown };
	struct er_event ev = { .type = ER_EV_JOINT_CONFIG, .joint_config = &config };

	strlcpy(config.name, name, sizeof(config.name));
	strlcpy(config.circuit, "ams", sizeof(config.circuit));
	assert_true(str2prefix("172.31.0.8/29", &config.ipv4_subnet));
	for (; site1; site1 = site2, site2 = NULL)
		strlcpy(site[config.n_sites++], site1, ER_NAME_LEN);
	handle(s, &ev);
	memset(site, 0xff, sizeof(site));
}

static const struct a_site paris = { "paris", { 65020 }, { "10.20.0.0/16", "10.21.0.0/16" } };
static const struct a_site rome = { "rome", { 65030 }, { "10.30.0.0/16" } };

static void begin_with(struct scene *s, const struct er_circuit_config *config)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .config = config };

	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 1000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	handle(s, &ev);
	configure_site(s, &paris);
	configure_site(s, &rome);
	configure_joint(s, "reach", false, "paris", "rome");
}

/* A circuit that is up in both families, two sites, a joint to both; counted once. */
static void begin(struct scene *s)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, true, 1);

	begin_with(s, &config);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
			session(s, "ams", r, f, true);
	plain(s, ER_EV_BGPD_SYNCED);
}

/* ... and established. */
static void begin_established(struct scene *s)
{
	begin(s);
	tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	tell(s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(s->said, "");
}

static void end(struct scene *s)
{
	er_decisions_fini(&s->out);
	er_core_free(&s->core);
}

static struct er_joint_view joint(const struct scene *s, enum er_family f)
{
	struct er_joint_view view;

	assert_true(er_core_joint_state(s->core, "reach", f, &view));
	return view;
}

static void assert_joint(const struct scene *s, enum er_family f, enum er_joint_state want)
{
	assert_int_equal(joint(s, f).state, want);
}

static void a_joint_is_unknown_until_bgpd_has_counted_all_of_its_sites(void **state)
{
	struct scene s;

	begin(&s);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	/* one site is not all, and it takes effect with what is undeclared */
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){});
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	assert_string_equal(joint(&s, ER_IPV4).reason,
			    "no route of its sites comes over circuit ams");
	assert_int_equal(joint(&s, ER_IPV4).missing, 3);
	/* none of its sites has a prefix of that family */
	assert_joint(&s, ER_IPV6, ER_JOINT_INACTIVE);
	/* what is so when it is first looked at is not news */
	assert_string_equal(s.said, "");
	end(&s);
}

static void a_joint_is_established_while_routes_of_its_sites_are_seen(void **state)
{
	struct scene s;
	struct er_joint_view view;

	begin(&s);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	tell(&s, "paris", (struct er_site_facts){ .both = 2, .only = { 1, 0 }, .missing = 1 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach not-seen -> established, 3 prefixes, missing 0\n");
	view = joint(&s, ER_IPV4);
	assert_int_equal(view.prefixes, 3);
	assert_int_equal(view.seen[ER_PRIMARY], 3);
	assert_int_equal(view.seen[ER_SECONDARY], 2);
	assert_int_equal(view.missing, 2);
	tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> not-seen: no route of its sites comes over circuit ams, 0 prefixes, missing 0\n");
	end(&s);
}

static void why_it_is_not_established(void **state)
{
	struct scene s;

	begin_established(&s);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	tell(&s, "paris", (struct er_site_facts){ .refused_prefix = 3, .missing = 2 });
	assert_string_equal(joint(&s, ER_IPV4).reason,
			    "all that its sites send over circuit ams is refused: 3 prefixes");
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		session(&s, "ams", r, ER_IPV4, false);
	assert_string_equal(joint(&s, ER_IPV4).reason,
			    "no session of circuit ams's private peering is established");
	end(&s);
}

static void links_that_differ_and_prefixes_that_miss_are_told_when_they_have_settled(void **state)
{
	struct scene s;

	begin_established(&s);
	tell(&s, "paris", (struct er_site_facts){ .both = 1, .only = { 0, 1 }, .missing = 1 });
	assert_string_equal(s.said, "");
	assert_int_equal(er_core_deadline(s.core), s.now.mono_ms + ER_PARITY_SETTLE_MS);
	after(&s, ER_PARITY_SETTLE_MS - 1);
	assert_string_equal(s.said, "");
	after(&s, 1);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 1, asymmetric\n");
	after(&s, 60000);
	assert_string_equal(s.said, "");
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 0\n");
	/* each by itself, too */
	tell(&s, "paris", (struct er_site_facts){ .both = 1, .missing = 1 });
	after(&s, ER_PARITY_SETTLE_MS);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 2 prefixes, missing 1\n");
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	/* what does not last is nothing */
	tell(&s, "paris", (struct er_site_facts){ .both = 1, .only = { 0, 1 } });
	after(&s, 3000);
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	after(&s, 3000);
	tell(&s, "paris", (struct er_site_facts){ .both = 1, .only = { 0, 1 } });
	after(&s, 3000);
	assert_string_equal(s.said, "");
	end(&s);
}

/* The circuit's redundancy tells of that. */
static void assert_secondary_is_no_asymmetry(struct scene *s)
{
	tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .only = { 1, 0 } });
	tell(s, "paris", (struct er_site_facts){ .only = { 2, 0 } });
	after(s, 60000);
	assert_string_equal(s->said, "");
	assert_false(joint(s, ER_IPV4).asymmetric);
}

static void a_link_that_is_down_is_no_asymmetry(void **state)
{
	struct scene s;

	begin_established(&s);
	session(&s, "ams", ER_SECONDARY, ER_IPV4, false);
	assert_secondary_is_no_asymmetry(&s);
	end(&s);
}

static void a_joint_that_is_shut_down_is_not_watched(void **state)
{
	struct scene s;

	begin_established(&s);
	configure_joint(&s, "reach", true, "paris", "rome");
	assert_joint(&s, ER_IPV4, ER_JOINT_INACTIVE);
	assert_string_equal(joint(&s, ER_IPV4).reason, "shut down");
	tell(&s, "paris", (struct er_site_facts){});
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 3 });
	assert_string_equal(s.said, "");
	configure_joint(&s, "reach", false, "paris", "rome");
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	end(&s);
}

static void while_bgpd_is_lost_nothing_is_known_and_nothing_said(void **state)
{
	struct scene s;

	begin_established(&s);
	plain(&s, ER_EV_BGPD_LOST);
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	after(&s, ER_CHANNEL_GRACE_MS);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	assert_string_equal(s.said, "");
	plain(&s, ER_EV_BGPD_SYNCED);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	assert_string_equal(s.said, "");
	/* what has been lost meanwhile is told */
	plain(&s, ER_EV_BGPD_LOST);
	after(&s, ER_CHANNEL_GRACE_MS);
	plain(&s, ER_EV_BGPD_SYNCED);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	tell(&s, "paris", (struct er_site_facts){});
	assert_non_null(strstr(s.said, "established -> not-seen"));
	end(&s);
}

static void a_family_that_has_been_seen_once_is_watched(void **state)
{
	struct scene s;

	begin_established(&s);
	tell_site(&s, "ams", ER_IPV6, "paris", (struct er_site_facts){ .both = 1 });
	tell_site(&s, "ams", ER_IPV6, "rome", (struct er_site_facts){});
	tell_site(&s, "ams", ER_IPV6, "", (struct er_site_facts){});
	assert_joint(&s, ER_IPV6, ER_JOINT_ESTABLISHED);
	tell_site(&s, "ams", ER_IPV6, "paris", (struct er_site_facts){});
	tell_site(&s, "ams", ER_IPV6, "", (struct er_site_facts){});
	assert_joint(&s, ER_IPV6, ER_JOINT_UNSEEN);
	assert_non_null(strstr(s.said, "ams private ipv6 reach established -> not-seen"));
	end(&s);
}

static void a_joint_without_sites_takes_whatever_is_not_azures(void **state)
{
	struct scene s;

	begin_established(&s);
	configure_joint(&s, "reach", false, NULL, NULL);
	assert_int_equal(joint(&s, ER_IPV4).prefixes, 3);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	tell_site(&s, "ams", ER_IPV4, "paris", (struct er_site_facts){ .missing = 2 });
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 5 });
	assert_int_equal(joint(&s, ER_IPV4).prefixes, 5);
	/* whose prefixes miss nobody can say: they may lie behind another one */
	assert_int_equal(joint(&s, ER_IPV4).missing, 0);
	end(&s);
}

static void overlaps_with_vnets_are_a_joints_own(void **state)
{
	struct er_site_facts facts = { .overlaps = 2, .n_overlaps = 2 };
	struct er_joint_view view;
	struct scene s;

	begin_established(&s);
	assert_true(str2prefix("172.31.0.0/16", &facts.overlap[0]));
	assert_true(str2prefix("172.30.0.0/24", &facts.overlap[1])); /* another joint's */
	tell_site(&s, "ams", ER_IPV4, "", facts);
	view = joint(&s, ER_IPV4);
	assert_int_equal(view.overlaps, 1);
	assert_true(prefix_same(&view.overlap[0], &facts.overlap[0]));
	end(&s);
}

static void what_a_site_may_not_send_is_told_at_once_and_then_seldom(void **state)
{
	struct scene s;

	begin_established(&s);
	tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 1 });
	assert_string_equal(s.said,
			    "site-refused ams private ipv4 paris 1 by prefix, 0 by limit\n");
	for (uint32_t i = 2; i < 100; i++) {
		after(&s, 100);
		tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = i });
		assert_string_equal(s.said, "");
	}
	after(&s, ER_SITE_TELL_MS);
	assert_string_equal(s.said,
			    "site-refused ams private ipv4 paris 99 by prefix, 0 by limit\n");
	/* less of it is no news, none is */
	after(&s, ER_SITE_TELL_MS);
	tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 50 });
	assert_string_equal(s.said, "");
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(s.said,
			    "site-refused ams private ipv4 paris 0 by prefix, 0 by limit\n");
	end(&s);
}

static void undeclared_sites_are_told_of_once_there_is_a_joint(void **state)
{
	const struct er_site_facts seen = { .both = 4, .only = { 1, 0 } };
	struct scene s;

	begin_established(&s);
	tell_site(&s, "ams", ER_IPV4, "", seen);
	assert_string_equal(s.said, "undeclared-site ams private ipv4 5 accepted, 0 refused\n");
	end(&s);

	begin_established(&s);
	undeclared(&s, ER_UNDECLARED_ACCEPT);
	tell_site(&s, "ams", ER_IPV4, "", seen);
	assert_string_equal(s.said, "");
	undeclared(&s, ER_UNDECLARED_REFUSE);
	assert_string_equal(s.said, "undeclared-site ams private ipv4 5 accepted, 0 refused\n");
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .refused_undeclared = 5 });
	assert_string_equal(s.said, "");
	after(&s, ER_SITE_TELL_MS);
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){});
	assert_string_equal(s.said, "undeclared-site ams private ipv4 0 accepted, 0 refused\n");
	end(&s);

	begin_established(&s);
	configure_joint(&s, "reach", true, "paris", "rome");
	tell_site(&s, "ams", ER_IPV4, "", seen);
	assert_string_equal(s.said, "");
	end(&s);
}

static void a_maximum_that_is_near_is_told(void **state)
{
	struct a_site limited = paris;
	struct er_site_view view;
	struct scene s;

	begin_established(&s);
	limited.maximum = 10;
	configure_site(&s, &limited);
	tell(&s, "paris", (struct er_site_facts){ .both = 7 });
	assert_string_equal(s.said, "");
	tell(&s, "paris", (struct er_site_facts){ .both = 7, .only = { 1, 0 } });
	assert_string_equal(s.said, "site-limit ams private ipv4 paris ok -> warning: 8 of 10\n");
	tell(&s, "paris", (struct er_site_facts){ .both = 10, .refused_limit = 3 });
	assert_string_equal(s.said,
			    "site-limit ams private ipv4 paris warning -> full: 10 of 10\n"
			    "site-refused ams private ipv4 paris 0 by prefix, 3 by limit\n");
	/* it has not come down while anything is refused */
	tell(&s, "paris", (struct er_site_facts){ .both = 9, .refused_limit = 3 });
	assert_string_equal(s.said, "");
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &view));
	assert_true(view.known && view.may_be_heard);
	assert_int_equal(view.level, ER_LIMIT_FULL);
	assert_int_equal(view.facts.refused_limit, 3);
	end(&s);
}

static void what_is_gone_is_not_said_any_more(void **state)
{
	struct er_event ev = { .type = ER_EV_SITE_CONFIG_GONE };
	struct er_joint_view view;
	struct er_site_view site;
	struct scene s;

	begin_established(&s);
	strlcpy(ev.circuit, "paris", sizeof(ev.circuit));
	handle(&s, &ev);
	assert_false(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &site));
	assert_int_equal(joint(&s, ER_IPV4).prefixes, 1);
	/* told of by a module that has not heard of it yet */
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(s.said, "");
	ev.type = ER_EV_CONFIG_GONE;
	strlcpy(ev.circuit, "ams", sizeof(ev.circuit));
	handle(&s, &ev);
	assert_joint(&s, ER_IPV4, ER_JOINT_INACTIVE);
	assert_string_equal(joint(&s, ER_IPV4).reason, "its circuit does not exist");
	assert_string_equal(s.said, "");
	ev.type = ER_EV_JOINT_CONFIG_GONE;
	strlcpy(ev.circuit, "reach", sizeof(ev.circuit));
	handle(&s, &ev);
	assert_false(er_core_joint_state(s.core, "reach", ER_IPV4, &view));
	assert_null(er_core_joint_config(s.core, "reach"));
	assert_true(er_core_has_sites(s.core));
	ev.type = ER_EV_SITE_CONFIG_GONE;
	strlcpy(ev.circuit, "rome", sizeof(ev.circuit));
	handle(&s, &ev);
	assert_false(er_core_has_sites(s.core));
	undeclared(&s, ER_UNDECLARED_REFUSE);
	assert_true(er_core_has_sites(s.core));
	end(&s);
}

/*
 * Over a restart
 */
struct kept {
	struct er_joint_memory joint[ER_FAMILIES * 2];
	struct er_site_memory site[ER_FAMILIES * 2];
	size_t n_joints, n_sites;
};

static void keep_joint(const struct er_joint_memory *memory, void *arg)
{
	struct kept *kept = arg;

	assert_true(kept->n_joints < array_size(kept->joint));
	kept->joint[kept->n_joints++] = *memory;
}

static void keep_site(const struct er_site_memory *memory, void *arg)
{
	struct kept *kept = arg;

	assert_true(kept->n_sites < array_size(kept->site));
	kept->site[kept->n_sites++] = *memory;
}

static struct kept kept_of(const struct scene *s)
{
	struct kept kept = {};

	er_joint_remember(s->core, s->now, keep_joint, &kept);
	er_site_remember(s->core, s->now, keep_site, &kept);
	return kept;
}

static void restore(struct scene *s, const struct kept *kept)
{
	for (size_t i = 0; i < kept->n_joints; i++)
		er_joint_restore(s->core, &kept->joint[i]);
	for (size_t i = 0; i < kept->n_sites; i++)
		er_site_restore(s->core, &kept->site[i]);
}

static void configure_circuit(struct scene *s)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, true, 1);
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &config };

	handle(s, &ev);
}

/*
 * erouted is gone for away_s, during which the machine's clock begins anew when
 * `boot`; then it has its configuration, the joint first, and what was kept.
 */
static void restart(struct scene *s, int64_t away_s, bool boot)
{
	struct er_time then = { .mono_ms = boot ? 500 : s->now.mono_ms + away_s * 1000,
				.wall_s = s->now.wall_s + away_s };
	struct kept kept = kept_of(s);

	end(s);
	memset(s, 0, sizeof(*s));
	s->now = then;
	s->core = er_core_new(s->now);
	restore(s, &kept);
	configure_joint(s, "reach", false, "paris", "rome");
	configure_circuit(s);
	configure_site(s, &paris);
	configure_site(s, &rome);
	assert_string_equal(s->said, "");
}

/* ... and bgpd's module tells of both links, and this. */
static void resync(struct scene *s, struct er_site_facts facts)
{
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
			session(s, "ams", r, f, true);
	tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	tell(s, "paris", facts);
	assert_joint(s, ER_IPV4, ER_JOINT_UNKNOWN);
	assert_string_equal(s->said, "");
	plain(s, ER_EV_BGPD_SYNCED);
}

static void what_was_said_of_a_joint_is_not_said_again_after_a_restart(void **state)
{
	for (unsigned int boot = 0; boot < 2; boot++) {
		struct scene s;

		begin_established(&s);
		after(&s, 100000);
		restart(&s, 20, boot);
		resync(&s, (struct er_site_facts){ .both = 2 });
		assert_string_equal(s.said, "");
		assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
		assert_int_equal((s.now.mono_ms - joint(&s, ER_IPV4).since_mono_ms) / 1000, 120);
		after(&s, 100000);
		assert_string_equal(s.said, "");
		assert_int_equal((s.now.mono_ms - joint(&s, ER_IPV4).since_mono_ms) / 1000, 220);
		end(&s);
	}
}

static void what_has_changed_during_a_restart_is_said_once(void **state)
{
	struct scene s;

	begin_established(&s);
	after(&s, 100000);
	restart(&s, 20, false);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	tell(&s, "paris", (struct er_site_facts){});
	plain(&s, ER_EV_BGPD_SYNCED);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> not-seen: no session of circuit ams's private peering is established, 0 prefixes, missing 0\n");
	assert_int_equal(joint(&s, ER_IPV4).since_mono_ms, s.now.mono_ms);
	/* and is what is known from then on */
	restart(&s, 20, false);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){});
	tell(&s, "paris", (struct er_site_facts){});
	plain(&s, ER_EV_BGPD_SYNCED);
	assert_string_equal(s.said, "");
	assert_int_equal((s.now.mono_ms - joint(&s, ER_IPV4).since_mono_ms) / 1000, 20);
	end(&s);
}

static void links_that_differed_before_a_restart_differ_at_once(void **state)
{
	const struct er_site_facts differ = { .both = 1, .only = { 0, 1 }, .missing = 1 };
	struct scene s;

	begin_established(&s);
	tell(&s, "paris", differ);
	after(&s, ER_PARITY_SETTLE_MS);
	assert_string_not_equal(s.said, "");
	restart(&s, 20, false);
	resync(&s, differ);
	assert_string_equal(s.said, "");
	assert_true(joint(&s, ER_IPV4).asymmetric && joint(&s, ER_IPV4).incomplete);
	after(&s, 60000);
	assert_string_equal(s.said, "");
	/* what has been mended meanwhile is told */
	restart(&s, 20, false);
	resync(&s, (struct er_site_facts){ .both = 2 });
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 0\n");
	end(&s);
}

static void what_a_site_was_refused_before_a_restart_is_not_told_again(void **state)
{
	const struct er_site_facts hijack = { .both = 2, .refused_prefix = 3 };
	struct scene s;

	begin_established(&s);
	tell(&s, "paris", hijack);
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 4 });
	assert_string_equal(s.said, "undeclared-site ams private ipv4 4 accepted, 0 refused\n");
	restart(&s, 20, false);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		session(&s, "ams", r, ER_IPV4, true);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	tell_site(&s, "ams", ER_IPV4, "paris", hijack);
	tell_site(&s, "ams", ER_IPV4, "", (struct er_site_facts){ .both = 4 });
	plain(&s, ER_EV_BGPD_SYNCED);
	assert_string_equal(s.said, "");
	/* more of it is, and what is over */
	tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 4 });
	assert_string_equal(s.said, "site-refused ams private ipv4 paris 4 by prefix, 0 by limit\n"
				    "undeclared-site ams private ipv4 0 accepted, 0 refused\n");
	end(&s);
}

static void what_was_said_outlives_its_absence_and_not_its_end(void **state)
{
	struct er_event gone = { .type = ER_EV_JOINT_CONFIG_GONE, .circuit = "reach" };
	struct kept kept;
	struct scene s;

	begin_established(&s);
	tell(&s, "paris", (struct er_site_facts){ .both = 2, .refused_prefix = 3 });
	kept = kept_of(&s);
	assert_int_equal(kept.n_joints, 1);
	assert_int_equal(kept.n_sites, 1);
	end(&s);

	/* nothing is configured yet: it is kept as it was */
	memset(&s, 0, sizeof(s));
	s.now = (struct er_time){ .mono_ms = 50000, .wall_s = WALL_START + 60 };
	s.core = er_core_new(s.now);
	restore(&s, &kept);
	plain(&s, ER_EV_BGPD_SYNCED);
	assert_int_equal(kept_of(&s).n_joints, 1);
	assert_int_equal(kept_of(&s).joint[0].wall_s, kept.joint[0].wall_s);
	assert_int_equal(kept_of(&s).site[0].wall_s, kept.site[0].wall_s);
	handle(&s, &gone);
	assert_int_equal(kept_of(&s).n_joints, 0);
	restore(&s, &(struct kept){ .joint = { kept.joint[0] }, .n_joints = 1 });
	/* without its circuit it is not looked at, and kept, too */
	configure_joint(&s, "reach", false, "paris", "rome");
	assert_joint(&s, ER_IPV4, ER_JOINT_INACTIVE);
	assert_int_equal(kept_of(&s).n_joints, 1);
	handle(&s, &gone);
	gone.type = ER_EV_SITE_CONFIG_GONE;
	strlcpy(gone.circuit, "paris", sizeof(gone.circuit));
	handle(&s, &gone);
	assert_int_equal(kept_of(&s).n_joints, 0);
	assert_int_equal(kept_of(&s).n_sites, 0);
	end(&s);
}

static void what_changes_without_a_notice_is_to_be_remembered(void **state)
{
	struct scene s;

	begin(&s);
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	tell(&s, "paris", (struct er_site_facts){ .both = 2 });
	assert_true(s.out.remember);
	tell(&s, "paris", (struct er_site_facts){ .both = 3 });
	assert_false(s.out.remember);
	end(&s);
}

/*
 * A link that ends on a partner: as far as iBGP shows it.
 */
static void partner_facts(struct scene *s, struct er_session_facts facts)
{
	struct er_event ev = { .type = ER_EV_SESSION, .facts = facts };

	ev.session = session_key("ams", ER_PRIVATE, ER_SECONDARY, ER_IPV4);
	handle(s, &ev);
}

/* Sends all that it has, of which so much is Microsoft's. */
static const struct er_session_facts shows_all = {
	.state = ER_SESSION_ESTABLISHED,
	.accepted = 5,
	.partner = { .all_paths = true },
};

static void settle(struct scene *s)
{
	after(s, ER_PARITY_SETTLE_MS);
	assert_string_equal(s->said, "");
}

/* The secondary link ends on a partner; nothing has been counted. */
static void begin_partnered(struct scene *s)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_link_config *link = &config.peering[ER_PRIVATE].link[ER_SECONDARY];

	memset(link, 0, sizeof(*link));
	link->configured = true;
	str2ipaddr("10.100.0.2", &link->partner);
	begin_with(s, &config);
	session(s, "ams", ER_PRIMARY, ER_IPV4, true);
	partner_facts(s, shows_all);
	plain(s, ER_EV_BGPD_SYNCED);
}

/* Of paris both and only, of rome one on both; and what is missing of paris. */
static void tell_paris(struct scene *s, uint32_t both, uint32_t here, uint32_t there,
		       uint32_t missing)
{
	tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	tell(s, "paris",
	     (struct er_site_facts){ .both = both, .only = { here, there }, .missing = missing });
}

static void begin_seen(struct scene *s)
{
	begin_partnered(s);
	tell_paris(s, 2, 0, 0, 0);
	assert_string_equal(s->said, "");
	settle(s);
	assert_joint(s, ER_IPV4, ER_JOINT_ESTABLISHED);
}

static void what_a_partner_shows_is_seen_on_its_link(void **state)
{
	struct er_joint_view view;
	struct scene s;

	begin_seen(&s);
	view = joint(&s, ER_IPV4);
	assert_int_equal(view.prefixes, 3);
	assert_int_equal(view.seen[ER_PRIMARY], 3);
	assert_int_equal(view.seen[ER_SECONDARY], 3);
	assert_false(er_is_any_hidden(&view.hidden));
	assert_true(view.missing_known);
	/* on its link alone it is established as well */
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .only = { 0, 1 } });
	tell(&s, "paris", (struct er_site_facts){ .only = { 0, 2 } });
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	assert_int_equal(joint(&s, ER_IPV4).seen[ER_PRIMARY], 0);
	end(&s);
}

static void what_lacks_on_one_is_an_asymmetry_and_on_both_missing(void **state)
{
	struct scene s;

	begin_seen(&s);
	tell_paris(&s, 1, 1, 0, 0);
	assert_string_equal(s.said, "");
	after(&s, ER_PARITY_SETTLE_MS);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 3 prefixes, missing 0, asymmetric\n");
	assert_int_equal(joint(&s, ER_IPV4).only[ER_PRIMARY], 1);
	tell_paris(&s, 2, 0, 0, 0);
	assert_non_null(strstr(s.said, "established -> established, 3 prefixes, missing 0\n"));
	tell_paris(&s, 1, 0, 0, 1);
	after(&s, ER_PARITY_SETTLE_MS);
	assert_string_equal(
		s.said,
		"global-reach-change ams private ipv4 reach established -> established, 2 prefixes, missing 1\n");
	/* all of it */
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	end(&s);
}

static bool is_hidden(const struct scene *s)
{
	struct er_joint_view view = joint(s, ER_IPV4);

	return er_is_any_hidden(&view.hidden);
}

/* Nothing of it is said, and the joint's view names the reason. */
static void assert_hidden(struct scene *s, const char *why)
{
	struct er_joint_view view = joint(s, ER_IPV4);
	char text[ER_TEXT_LEN];

	assert_string_equal(s->said, "");
	assert_true(view.hidden.link[ER_SECONDARY]);
	assert_false(view.hidden.link[ER_PRIMARY]);
	snprintf(text, sizeof(text),
		 "not all is known of the secondary link, which ends on partner 10.100.0.2: %s",
		 why);
	assert_string_equal(view.hidden.why, text);
	assert_false(view.asymmetric || view.incomplete || view.only[ER_PRIMARY] || view.missing);
}

/* A partner of which not all is known: nothing that it does not show is lacking. */
static void check_hidden(struct er_session_facts facts, const char *why)
{
	struct er_site_view site;
	struct scene s;

	begin_seen(&s);
	partner_facts(&s, facts);
	assert_string_equal(s.said, "");
	tell_paris(&s, 0, 2, 0, 0);
	after(&s, 60000);
	assert_hidden(&s, why);
	assert_joint(&s, ER_IPV4, ER_JOINT_ESTABLISHED);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &site));
	assert_true(site.hidden.link[ER_SECONDARY] && !site.only[ER_PRIMARY]);
	/* what nobody shows may be there */
	tell_paris(&s, 0, 1, 0, 1);
	after(&s, 60000);
	assert_hidden(&s, why);
	assert_false(joint(&s, ER_IPV4).missing_known);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &site));
	assert_false(site.missing_known);
	/* neither is there nothing */
	tell_site(&s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .missing = 1 });
	tell(&s, "paris", (struct er_site_facts){ .missing = 2 });
	after(&s, 60000);
	assert_hidden(&s, why);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	assert_string_equal(joint(&s, ER_IPV4).reason, joint(&s, ER_IPV4).hidden.why);
	/* shown again, it is believed when it has settled */
	partner_facts(&s, shows_all);
	after(&s, ER_PARITY_SETTLE_MS - 1);
	assert_hidden(&s, "its iBGP session has just begun");
	assert_joint(&s, ER_IPV4, ER_JOINT_UNKNOWN);
	after(&s, 1);
	assert_joint(&s, ER_IPV4, ER_JOINT_UNSEEN);
	assert_non_null(strstr(s.said, "established -> not-seen"));
	end(&s);
}

static void what_a_partner_that_sends_its_best_paths_does_not_show_is_unknown(void **state)
{
	struct er_session_facts facts = shows_all;
	struct scene s;

	facts.partner.all_paths = false;
	check_hidden(facts, "it sends its best paths only");
	/* what it does show is there: our own link lacks it */
	begin_seen(&s);
	partner_facts(&s, facts);
	tell_paris(&s, 1, 0, 1, 0);
	after(&s, ER_PARITY_SETTLE_MS);
	assert_non_null(strstr(s.said, "missing 0, asymmetric"));
	/* and while it shows all that we have, nothing is hidden that anybody knows of */
	tell_paris(&s, 2, 0, 0, 0);
	assert_false(is_hidden(&s));
	end(&s);
}

static void without_ibgp_a_partners_link_is_unknown(void **state)
{
	check_hidden((struct er_session_facts){ .state = ER_SESSION_CONNECT },
		     "there is no iBGP session with it");
}

static void routes_of_either_peering_or_circuit_leave_a_partners_link_unknown(void **state)
{
	struct er_session_facts facts = shows_all;

	facts.partner.unclear = 1;
	check_hidden(facts, "some of its routes may be of either peering");
	facts.partner.unclear = 0;
	facts.partner.unmarked = 1;
	check_hidden(facts,
		     "some of its routes may be of either circuit: they have no site-of-origin");
}

static void a_difference_that_is_hidden_for_a_while_is_told_once(void **state)
{
	struct scene s;

	begin_seen(&s);
	tell_paris(&s, 1, 1, 0, 0);
	after(&s, ER_PARITY_SETTLE_MS);
	assert_non_null(strstr(s.said, "asymmetric"));
	partner_facts(&s, (struct er_session_facts){ .state = ER_SESSION_CONNECT });
	assert_string_equal(s.said, "");
	tell_paris(&s, 0, 2, 0, 0);
	after(&s, 60000);
	assert_hidden(&s, "there is no iBGP session with it");
	tell_paris(&s, 1, 1, 0, 0);
	partner_facts(&s, shows_all);
	assert_string_equal(s.said, "");
	settle(&s);
	assert_true(joint(&s, ER_IPV4).asymmetric);
	/* over when it is seen to be */
	tell_paris(&s, 2, 0, 0, 0);
	assert_non_null(strstr(s.said, "established -> established, 3 prefixes, missing 0\n"));
	end(&s);
}

static void a_partners_link_that_brings_nothing_is_no_asymmetry(void **state)
{
	struct er_session_facts facts = shows_all;
	struct scene s;

	begin_seen(&s);
	facts.accepted = 0;
	partner_facts(&s, facts);
	assert_secondary_is_no_asymmetry(&s);
	end(&s);
}

/* iBGP drops what has our own AS in its path, unless it is told not to. */
static void a_site_with_our_own_as_is_unknown_until_a_partner_shows_it(void **state)
{
	static const struct a_site twin = { "paris", {}, { "10.20.0.0/16" }, {}, true };
	struct scene s;

	begin_seen(&s);
	configure_site(&s, &twin);
	tell_paris(&s, 0, 2, 0, 0);
	after(&s, 60000);
	assert_hidden(&s, "of a site with our own AS iBGP needs 'allowas-in'");
	tell_paris(&s, 1, 1, 0, 0);
	after(&s, ER_PARITY_SETTLE_MS);
	assert_true(joint(&s, ER_IPV4).asymmetric);
	end(&s);
}

static void a_partners_link_that_is_shut_down_hides_nothing(void **state)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, false, 1);
	struct er_link_config *link = &config.peering[ER_PRIVATE].link[ER_SECONDARY];
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &config };
	struct scene s;

	begin_seen(&s);
	memset(link, 0, sizeof(*link));
	link->configured = link->shutdown = true;
	str2ipaddr("10.100.0.2", &link->partner);
	handle(&s, &ev);
	tell_paris(&s, 0, 1, 0, 1);
	after(&s, ER_PARITY_SETTLE_MS);
	assert_false(is_hidden(&s));
	assert_false(joint(&s, ER_IPV4).asymmetric);
	assert_true(joint(&s, ER_IPV4).incomplete);
	end(&s);
}

static void a_maximum_is_of_what_this_router_lets_in(void **state)
{
	static const struct a_site limited = { "paris", { 65020 }, { "10.20.0.0/16" },
					       {},	false,	   ER_SITE_PREFER,
					       10 };
	struct er_site_view view;
	struct scene s;

	begin_seen(&s);
	configure_site(&s, &limited);
	tell_paris(&s, 5, 0, 5, 0);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &view));
	assert_int_equal(view.level, ER_LIMIT_OK);
	tell_paris(&s, 5, 5, 0, 0);
	assert_true(er_core_site_state(s.core, "paris", "ams", ER_IPV4, &view));
	assert_int_not_equal(view.level, ER_LIMIT_OK);
	end(&s);
}

/*
 * Events at random: a joint is never told to have become what it was told to be,
 * and the deadline is always ahead.
 */
struct memory {
	bool met;
	enum er_joint_state state;
	bool asymmetric, incomplete;
	unsigned int refusals; /* told of paris */
};

static void hear(const struct scene *s, struct memory memory[ER_FAMILIES])
{
	for (size_t i = 0; i < s->out.n; i++) {
		const struct er_notice *n = &s->out.notice[i];
		struct memory *m = &memory[n->session.family];

		m->refusals += n->type == ER_NOTICE_SITE_REFUSED && strmatch(n->name, "paris");
		assert_true(m->refusals <= 1 + s->now.mono_ms / ER_SITE_TELL_MS);
		if (n->type != ER_NOTICE_JOINT)
			continue;
		assert_true(n->joint.state == ER_JOINT_UNSEEN ||
			    n->joint.state == ER_JOINT_ESTABLISHED);
		if (m->met)
			assert_false(m->state == n->joint.state &&
				     m->asymmetric == n->joint.asymmetric &&
				     m->incomplete == n->joint.incomplete);
		m->met = true;
		m->state = n->joint.state;
		m->asymmetric = n->joint.asymmetric;
		m->incomplete = n->joint.incomplete;
	}
}

static struct er_site_facts any_facts(struct source *src)
{
	return (struct er_site_facts){
		.both = any(src, 3),
		.only = { any(src, 2), any(src, 2) },
		.refused_prefix = any(src, 3),
		.missing = any(src, 2),
	};
}

static void step(struct scene *s, struct source *src)
{
	enum er_family f = any(src, ER_FAMILIES);

	switch (any(src, 7)) {
	case 0:
		session(s, "ams", any(src, ER_ROLES), f, !one_in(src, 3));
		break;
	case 1:
		plain(s, one_in(src, 2) ? ER_EV_BGPD_LOST : ER_EV_BGPD_SYNCED);
		break;
	case 2:
		after(s, any(src, 8000));
		break;
	case 3:
		after(s, any(src, 100000));
		break;
	case 4:
		tell_site(s, "ams", f, "", any_facts(src));
		break;
	default:
		tell_site(s, "ams", f, one_in(src, 2) ? "paris" : "rome", any_facts(src));
		break;
	}
}

static void any_events(void **state)
{
	struct source src = { .state = UINT64_C(0x9e3779b97f4a7c15) };

	for (unsigned int run = 0; run < 100; run++) {
		struct memory memory[ER_FAMILIES] = {};
		struct scene s;

		begin(&s);
		for (unsigned int i = 0; i < 300; i++) {
			step(&s, &src);
			hear(&s, memory);
			assert_true(er_core_deadline(s.core) > s.now.mono_ms);
		}
		end(&s);
	}
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
		cmocka_unit_test(a_joint_is_unknown_until_bgpd_has_counted_all_of_its_sites),
		cmocka_unit_test(a_joint_is_established_while_routes_of_its_sites_are_seen),
		cmocka_unit_test(why_it_is_not_established),
		cmocka_unit_test(
			links_that_differ_and_prefixes_that_miss_are_told_when_they_have_settled),
		cmocka_unit_test(a_link_that_is_down_is_no_asymmetry),
		cmocka_unit_test(a_joint_that_is_shut_down_is_not_watched),
		cmocka_unit_test(while_bgpd_is_lost_nothing_is_known_and_nothing_said),
		cmocka_unit_test(a_family_that_has_been_seen_once_is_watched),
		cmocka_unit_test(a_joint_without_sites_takes_whatever_is_not_azures),
		cmocka_unit_test(overlaps_with_vnets_are_a_joints_own),
		cmocka_unit_test(what_a_site_may_not_send_is_told_at_once_and_then_seldom),
		cmocka_unit_test(undeclared_sites_are_told_of_once_there_is_a_joint),
		cmocka_unit_test(a_maximum_that_is_near_is_told),
		cmocka_unit_test(what_is_gone_is_not_said_any_more),
		cmocka_unit_test(what_was_said_of_a_joint_is_not_said_again_after_a_restart),
		cmocka_unit_test(what_has_changed_during_a_restart_is_said_once),
		cmocka_unit_test(links_that_differed_before_a_restart_differ_at_once),
		cmocka_unit_test(what_a_site_was_refused_before_a_restart_is_not_told_again),
		cmocka_unit_test(what_was_said_outlives_its_absence_and_not_its_end),
		cmocka_unit_test(what_changes_without_a_notice_is_to_be_remembered),
		cmocka_unit_test(what_a_partner_shows_is_seen_on_its_link),
		cmocka_unit_test(what_lacks_on_one_is_an_asymmetry_and_on_both_missing),
		cmocka_unit_test(what_a_partner_that_sends_its_best_paths_does_not_show_is_unknown),
		cmocka_unit_test(without_ibgp_a_partners_link_is_unknown),
		cmocka_unit_test(routes_of_either_peering_or_circuit_leave_a_partners_link_unknown),
		cmocka_unit_test(a_difference_that_is_hidden_for_a_while_is_told_once),
		cmocka_unit_test(a_partners_link_that_brings_nothing_is_no_asymmetry),
		cmocka_unit_test(a_site_with_our_own_as_is_unknown_until_a_partner_shows_it),
		cmocka_unit_test(a_partners_link_that_is_shut_down_hides_nothing),
		cmocka_unit_test(a_maximum_is_of_what_this_router_lets_in),
		cmocka_unit_test(any_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
