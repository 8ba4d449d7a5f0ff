// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In whatever order the parts of an edge come up, the end is the same: two
 * circuits, the second of which stands by, a VPN backup of both, a site of Global
 * Reach behind the first.
 *
 * A part is what comes up by itself: an object's configuration, a session (link and
 * Microsoft's side of it), what zebra shows of its interface, the tunnels, the gateways,
 * BFD, bgpd's module.  After each the core is told what erouted would tell it, and no
 * more: what zebra shows of what is configured, and, once bgpd's module is there, what
 * has changed of what that reports.  Of the parts in groups all orders are tried, of the
 * single ones a sample.
 *
 *   test_order        all groups, and the seeds that are always tried
 *   test_order SEED   one seed, e.g. the one that a failure printed
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/limits.h"
#include "core/text.h"
#include "tests/core/random.h"
#include "tests/core/support.h"

#define SAMPLES	 1500
#define CIRCUITS 2
#define BACKUP	 "azure"
#define SITE	 "paris"
#define JOINT	 "ams-paris"
/* Everything that waits (holds, settling, audit) is over. */
#define LONG_MS	 (15 * 60 * 1000)
#define PAUSE_MS 4000
/* What a part may cause to be said at once, of all objects and families. */
#define STORM 24

enum part {
	CONFIG_AMS,
	CONFIG_FRA,
	CONFIG_VPN,
	CONFIG_SITE,
	CONFIG_JOINT,
	LINK_AMS_1, /* zebra shows its port, address and neighbor */
	LINK_AMS_2,
	LINK_FRA_1,
	LINK_FRA_2,
	MSEE_AMS_1,
	MSEE_AMS_2,
	MSEE_FRA_1,
	MSEE_FRA_2,
	TUNNELS,  /* zebra shows them */
	GATEWAYS, /* they answer */
	BFD,
	BGPD, /* and its module */
	PARTS
};

static const char *const part_names[PARTS] = {
	"config-ams", "config-fra", "config-vpn", "config-site", "config-joint", "link-ams-1",
	"link-ams-2", "link-fra-1", "link-fra-2", "msee-ams-1",	 "msee-ams-2",	 "msee-fra-1",
	"msee-fra-2", "tunnels",    "gateways",	  "bfd",	 "bgpd",
};

/* The groups of which all orders are tried, each a range of parts. */
static const enum part groups[][2] = {
	{ CONFIG_AMS, CONFIG_FRA },
	{ CONFIG_VPN, CONFIG_VPN },
	{ CONFIG_SITE, CONFIG_JOINT },
	{ LINK_AMS_1, LINK_FRA_2 },
	{ MSEE_AMS_1, MSEE_FRA_2 },
	{ TUNNELS, GATEWAYS },
	{ BFD, BGPD },
};

static const char names[CIRCUITS][ER_NAME_LEN] = { "ams", "fra" };

#define FOREACH_FAMILY(f) for (enum er_family f = 0; f < ER_FAMILIES; f++)
#define FOREACH_ROLE(r)	  for (enum er_role r = 0; r < ER_ROLES; r++)

struct world {
	const char *what; /* order, for who reads a failure */
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	bool up[PARTS];
	size_t said; /* since the latest part */
	/* what the module has told: of sessions, VPN last, and counts */
	struct er_session_facts told[CIRCUITS + 1][ER_FAMILIES][ER_ROLES];
	struct er_rib_facts told_rib[CIRCUITS][ER_FAMILIES];
	struct er_vpn_rib_facts told_vpn[ER_FAMILIES];
	bool tells_all;
	char last[64][512]; /* of each object and aspect, what was said last */
	size_t n_last;
};

/*
 * What is said: nothing twice, and no storm
 */
static size_t about_len(const char *text)
{
	const char *end = strstr(text, "ipv4");

	if (!end)
		end = strstr(text, "ipv6");
	return end ? (size_t)(end - text) + 4 : strcspn(text, ":");
}

static void hear(struct world *w, const struct er_notice *n)
{
	char text[512];
	size_t len;

	/* the audit compares with what it found first, when little was there */
	if (n->type == ER_NOTICE_AUDIT)
		return;
	notice_text(n, text, sizeof(text));
	len = about_len(text);
	if (++w->said > STORM)
		fail_msg("%s: a storm, with %s", w->what, text);
	for (size_t i = 0; i < w->n_last; i++) {
		if (about_len(w->last[i]) != len || strncmp(w->last[i], text, len) != 0)
			continue;
		if (strmatch(w->last[i], text))
			fail_msg("%s: said twice in a row: %s", w->what, text);
		strlcpy(w->last[i], text, sizeof(w->last[i]));
		return;
	}
	assert_true(w->n_last < array_size(w->last));
	strlcpy(w->last[w->n_last++], text, sizeof(w->last[0]));
}

static void handle(struct world *w, struct er_event *ev)
{
	ev->now = w->now;
	er_decisions_reset(&w->out);
	er_core_handle(w->core, ev, &w->out);
	for (size_t i = 0; i < w->out.n; i++)
		hear(w, &w->out.notice[i]);
}

/* With a tick whenever one is due, as erouted does it. */
static void pass(struct world *w, int64_t ms)
{
	int64_t end = w->now.mono_ms + ms;

	while (w->now.mono_ms < end) {
		struct er_event ev = { .type = ER_EV_TICK };
		int64_t next = MIN(end, MAX(er_core_deadline(w->core), w->now.mono_ms + 1));

		w->now.wall_s += (next - w->now.mono_ms) / 1000;
		w->now.mono_ms = next;
		handle(w, &ev);
	}
}

/*
 * What is, told
 */
static bool link_is_up(const struct world *w, unsigned int c, enum er_role r)
{
	return w->up[LINK_AMS_1 + 2 * c + r];
}

static bool is_established(const struct world *w, unsigned int c, enum er_role r)
{
	return w->up[BGPD] && w->up[CONFIG_AMS + c] && w->up[MSEE_AMS_1 + 2 * c + r];
}

static bool gateway_is_established(const struct world *w)
{
	return w->up[BGPD] && w->up[CONFIG_VPN] && w->up[GATEWAYS];
}

static uint32_t heard(const struct world *w, unsigned int c)
{
	return is_established(w, c, ER_PRIMARY) || is_established(w, c, ER_SECONDARY) ? 5 : 0;
}

static void tell_interface(struct world *w, unsigned int c, enum er_role r)
{
	struct er_event ev = { .type = ER_EV_INTERFACE };
	bool up = link_is_up(w, c, r);

	if (!w->up[CONFIG_AMS + c])
		return;
	ev.session = session_key(names[c], ER_PRIVATE, r, ER_IPV4);
	ev.interface.state = up ? ER_IF_UP : ER_IF_MISSING;
	ev.interface.port_ifindex = up ? 10 + 2 * c + r : 0;
	FOREACH_FAMILY(f)
	ev.interface.address_present[f] = ev.interface.neighbor_reachable[f] = up;
	handle(w, &ev);
}

static void tell_tunnels(struct world *w)
{
	struct er_event ev = { .type = ER_EV_GATEWAY };

	if (!w->up[CONFIG_VPN])
		return;
	FOREACH_ROLE(r)
	FOREACH_FAMILY(f)
	{
		ev.session = session_key(BACKUP, ER_VPN, r, f);
		ev.gateway.interface = w->up[TUNNELS] ? ER_IF_UP : ER_IF_MISSING;
		ev.gateway.neighbor_reachable = w->up[TUNNELS];
		handle(w, &ev);
	}
}

/* It has not been told yet, or all is. */
static bool is_news(const struct world *w, void *told, const void *facts, size_t size)
{
	if (!w->tells_all && !memcmp(told, facts, size))
		return false;
	memcpy(told, facts, size);
	return true;
}

static void tell_session(struct world *w, const struct er_session_key *key,
			 struct er_session_facts *told, bool established)
{
	struct er_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = ER_EV_SESSION;
	ev.session = *key;
	ev.facts.state = established ? ER_SESSION_ESTABLISHED : ER_SESSION_ACTIVE;
	ev.facts.bfd = established && w->up[BFD] ? ER_BFD_UP : ER_BFD_DOWN;
	ev.facts.accepted = established ? 5 : 0;
	ev.facts.advertised = established;
	ev.facts.established_wall = established;
	if (is_news(w, told, &ev.facts, sizeof(ev.facts)))
		handle(w, &ev);
}

/* What the module counts; of the site what comes over the first circuit. */
static void tell_counts(struct world *w, unsigned int c, enum er_family f)
{
	struct er_site_facts facts = {};
	struct er_event ev;
	bool est[ER_ROLES] = { is_established(w, c, ER_PRIMARY),
			       is_established(w, c, ER_SECONDARY) };

	memset(&ev, 0, sizeof(ev));
	ev.type = ER_EV_RIB;
	ev.peering = peering_key(names[c], ER_PRIVATE, f);
	ev.rib.both = est[ER_PRIMARY] && est[ER_SECONDARY] ? 5 : 0;
	FOREACH_ROLE(r)
	ev.rib.only[r] = est[r] && !ev.rib.both ? 5 : 0;
	if (c == 1 && w->up[CONFIG_AMS]) {
		ev.rib.standby_offered = heard(w, 0) && heard(w, 1) ? 5 : 0;
		ev.rib.standby_missing = heard(w, 0) && !heard(w, 1) ? 5 : 0;
	}
	if (!is_news(w, &w->told_rib[c][f], &ev.rib, sizeof(ev.rib)))
		return;
	handle(w, &ev);

	facts.both = c == 0 && ev.rib.both ? 2 : 0;
	FOREACH_ROLE(r)
	facts.only[r] = c == 0 && ev.rib.only[r] ? 2 : 0;
	memset(&ev, 0, sizeof(ev));
	ev.type = ER_EV_SITE_STATE;
	ev.site_state.peering = peering_key(names[c], ER_PRIVATE, f);
	if (w->up[CONFIG_SITE]) {
		strlcpy(ev.site_state.site, SITE, sizeof(ev.site_state.site));
		ev.site_state.facts = facts;
		ev.site_state.facts.missing = !er_site_accepted(&facts);
		handle(w, &ev);
		memset(&facts, 0, sizeof(facts));
	}
	ev.site_state.site[0] = '\0';
	ev.site_state.facts = facts;
	handle(w, &ev);
}

static void tell_coverage(struct world *w)
{
	bool covered = gateway_is_established(w);
	struct er_event ev;

	FOREACH_FAMILY(f)
	{
		memset(&ev, 0, sizeof(ev));
		ev.type = ER_EV_VPN_RIB;
		ev.peering = peering_key(BACKUP, ER_VPN, f);
		ev.vpn_rib.expressroute = MAX(heard(w, 0), heard(w, 1));
		ev.vpn_rib.uncovered = covered ? 0 : ev.vpn_rib.expressroute;
		ev.vpn_rib.over_vpn = covered && !ev.vpn_rib.expressroute ? 5 : 0;
		if (is_news(w, &w->told_vpn[f], &ev.vpn_rib, sizeof(ev.vpn_rib)))
			handle(w, &ev);
	}
}

/* What has changed; all that the module knows after each change of its set. */
static void tell_bgpd(struct world *w, bool synced)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };
	struct er_session_key key;

	if (!w->up[BGPD])
		return;
	w->tells_all = synced;
	for (unsigned int c = 0; c < CIRCUITS; c++) {
		if (!w->up[CONFIG_AMS + c])
			continue;
		FOREACH_FAMILY(f)
		{
			FOREACH_ROLE(r)
			{
				key = session_key(names[c], ER_PRIVATE, r, f);
				tell_session(w, &key, &w->told[c][f][r], is_established(w, c, r));
			}
			tell_counts(w, c, f);
		}
	}
	if (w->up[CONFIG_VPN]) {
		FOREACH_ROLE(r)
		FOREACH_FAMILY(f)
		{
			key = session_key(BACKUP, ER_VPN, r, f);
			tell_session(w, &key, &w->told[CIRCUITS][f][r], gateway_is_established(w));
		}
		tell_coverage(w);
	}
	if (synced)
		handle(w, &ev);
}

/*
 * Parts
 */
static struct er_circuit_config circuit_config(unsigned int c)
{
	struct er_circuit_config config = circuit_of(names[c], ER_PRIVATE, true, 1 + c);

	config.preference = c == 0 ? 10 : 0;
	config.peering[ER_PRIVATE].bfd = (struct er_bfd_config){ true, 300, 300, 3 };
	FOREACH_ROLE(r)
	snprintf(config.peering[ER_PRIVATE].link[r].ifname, ER_IFNAME_LEN, "eth%u", 2 * c + r);
	return config;
}

static void configure_circuit(struct world *w, unsigned int c)
{
	struct er_circuit_config config = circuit_config(c);
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &config };

	handle(w, &ev);
	FOREACH_ROLE(r)
	tell_interface(w, c, r);
}

static void configure_vpn(struct world *w)
{
	char circuits[CIRCUITS][ER_NAME_LEN];
	struct er_vpn_config config = {
		.circuit = circuits,
		.n_circuits = CIRCUITS,
		.return_path = true,
		.restore_s = 60,
		.restore_max_s = 3600,
		.probe_multiplier = 3,
	};
	struct er_event ev = { .type = ER_EV_VPN_CONFIG, .vpn = &config };

	memcpy(circuits, names, sizeof(circuits));
	strlcpy(config.name, BACKUP, sizeof(config.name));
	strlcpy(config.vrf, "default", sizeof(config.vrf));
	FOREACH_ROLE(r)
	config.gateway[r] = gateway_of(r, true, true);
	handle(w, &ev);
	tell_tunnels(w);
}

static void configure_site(struct world *w)
{
	struct prefix prefix[ER_FAMILIES];
	uint32_t as = 65020;
	struct er_site_config config = {
		.as = &as, .n_as = 1, .prefix = prefix, .n_prefixes = ER_FAMILIES
	};
	struct er_event ev = { .type = ER_EV_SITE_CONFIG, .site_config = &config };

	assert_true(str2prefix("10.20.0.0/16", &prefix[0]));
	assert_true(str2prefix("2001:db8:20::/48", &prefix[1]));
	strlcpy(config.name, SITE, sizeof(config.name));
	handle(w, &ev);
}

static void configure_joint(struct world *w)
{
	char site[1][ER_NAME_LEN] = { SITE };
	struct er_joint_config config = {
		.name = JOINT, .circuit = "ams", .site = site, .n_sites = 1
	};
	struct er_event ev = { .type = ER_EV_JOINT_CONFIG, .joint_config = &config };

	handle(w, &ev);
}

static void bring_up(struct world *w, enum part part)
{
	w->up[part] = true;
	w->said = 0;
	if (part <= CONFIG_FRA)
		configure_circuit(w, part - CONFIG_AMS);
	else if (part == CONFIG_VPN)
		configure_vpn(w);
	else if (part == CONFIG_SITE)
		configure_site(w);
	else if (part == CONFIG_JOINT)
		configure_joint(w);
	else if (part <= LINK_FRA_2)
		tell_interface(w, (part - LINK_AMS_1) / 2, (part - LINK_AMS_1) % 2);
	else if (part == TUNNELS)
		tell_tunnels(w);
	/* the module has a new set, or there is something new to report */
	tell_bgpd(w, part <= CONFIG_JOINT || part == BGPD);
}

/*
 * What has become of it: all that does not tell when something was
 */
struct ended {
	struct {
		struct er_assessment assessment;
		struct er_rib_facts rib;
		struct er_limit_view limit[ER_DIRECTIONS];
		struct er_standby_view standby;
		struct er_peering_spec spec;
		struct er_session_facts facts[ER_ROLES];
		struct er_link_assessment link[ER_ROLES];
		struct er_session_spec session[ER_ROLES];
		char warning[4][ER_TEXT_LEN];
	} pair[CIRCUITS][ER_FAMILIES];
	struct {
		struct er_vpn_view view;
		struct er_peering_spec spec;
		struct er_session_spec session[ER_ROLES];
	} vpn[ER_FAMILIES];
	struct er_joint_view joint[ER_FAMILIES];
	struct er_site_view site[CIRCUITS][ER_FAMILIES];
};

static void look_at_circuit(const struct world *w, unsigned int c, enum er_family f,
			    struct ended *end)
{
	struct er_circuit_config config = circuit_config(c);
	struct er_peering_key key = peering_key(names[c], ER_PRIVATE, f);
	struct er_peering_view view;

	assert_true(er_core_peering(w->core, &key, w->now, &view));
	end->pair[c][f].assessment = view.assessment;
	end->pair[c][f].rib = view.rib;
	memcpy(end->pair[c][f].limit, view.limit, sizeof(view.limit));
	er_core_standby(w->core, &key, &end->pair[c][f].standby);
	end->pair[c][f].standby.carried_wall = 0;
	er_core_warnings(&config, &key, &view, end->pair[c][f].warning, 4);
	er_plan_peering(w->core, &config, ER_PRIVATE, f, &end->pair[c][f].spec);
	FOREACH_ROLE(r)
	{
		struct er_session_key session = session_key(names[c], ER_PRIVATE, r, f);
		struct er_session_view link;

		assert_true(er_core_session(w->core, &session, w->now, &link));
		assert_int_equal(link.flaps, 0);
		end->pair[c][f].facts[r] = link.facts;
		end->pair[c][f].link[r] = link.assessment;
		end->pair[c][f].session[r] = link.spec;
	}
	assert_true(er_core_site_state(w->core, SITE, names[c], f, &end->site[c][f]));
}

static void look_at_vpn(const struct world *w, enum er_family f, struct ended *end)
{
	struct er_vpn_view *view = &end->vpn[f].view;

	assert_true(er_vpn_view(w->core, BACKUP, f, w->now, view));
	view->since_mono_ms = view->until_ms = view->carried_mono_ms = 0;
	view->activations = 0;
	memset(&view->rib_carried, 0, sizeof(view->rib_carried));
	er_vpn_plan_peering(w->core, BACKUP, f, &end->vpn[f].spec);
	FOREACH_ROLE(r)
	er_vpn_plan_session(w->core, BACKUP, r, f, &end->vpn[f].session[r]);
}

static void look(const struct world *w, struct ended *end)
{
	memset(end, 0, sizeof(*end));
	FOREACH_FAMILY(f)
	{
		for (unsigned int c = 0; c < CIRCUITS; c++)
			look_at_circuit(w, c, f, end);
		look_at_vpn(w, f, end);
		assert_true(er_core_joint_state(w->core, JOINT, f, &end->joint[f]));
		end->joint[f].since_mono_ms = 0;
	}
}

/* It is what it must be, not only the same. */
static void assert_sound(const struct ended *end)
{
	FOREACH_FAMILY(f)
	{
		for (unsigned int c = 0; c < CIRCUITS; c++) {
			assert_int_equal(end->pair[c][f].assessment.redundancy, ER_REDUNDANT);
			assert_int_equal(end->pair[c][f].assessment.unprotected, ER_SINGLE_ROUTER);
			assert_false(end->pair[c][f].assessment.asymmetric);
		}
		assert_true(end->pair[1][f].standby.ready && !end->pair[1][f].standby.carries);
		assert_int_equal(end->vpn[f].view.state, ER_VPN_STANDBY);
		assert_false(end->vpn[f].view.prefers_vpn);
		assert_string_equal(end->pair[0][f].spec.yields_to, "");
		assert_int_equal(end->joint[f].state, ER_JOINT_ESTABLISHED);
		assert_int_equal(end->joint[f].prefixes, 2);
	}
}

static void compare(const struct world *w, const struct ended *want, const struct ended *got)
{
#define SAME(part)                                                                                \
	do {                                                                                      \
		if (memcmp(&want->part, &got->part, sizeof(want->part)) != 0)                     \
			fail_msg("%s: another end: " #part, w->what);                             \
	} while (0)
	FOREACH_FAMILY(f)
	{
		for (unsigned int c = 0; c < CIRCUITS; c++) {
			SAME(pair[c][f].assessment);
			SAME(pair[c][f].facts);
			SAME(pair[c][f].session);
			SAME(pair[c][f].spec);
			SAME(pair[c][f].standby);
			SAME(pair[c][f]);
			SAME(site[c][f]);
		}
		SAME(vpn[f].view);
		SAME(vpn[f]);
		SAME(joint[f]);
	}
}

static struct ended *the_end(void)
{
	static struct ended end;

	return &end;
}

/* Each part in the order given; seed 0: without a pause between them. */
static void run_order(const char *what, const enum part order[PARTS], struct source *pauses)
{
	struct world w = { .what = what, .now = { .mono_ms = 1000, .wall_s = WALL_START } };
	static bool first = true;
	static struct ended end;

	w.core = er_core_new(w.now);
	for (size_t i = 0; i < PARTS; i++) {
		bring_up(&w, order[i]);
		if (pauses)
			pass(&w, any(pauses, PAUSE_MS));
	}
	w.said = 0;
	pass(&w, LONG_MS);
	look(&w, &end);
	if (first) {
		assert_sound(&end);
		*the_end() = end;
		first = false;
	}
	compare(&w, the_end(), &end);
	/* and it is the end */
	w.said = STORM;
	pass(&w, LONG_MS);
	er_decisions_fini(&w.out);
	er_core_free(&w.core);
}

static void in_order(enum part order[PARTS])
{
	for (size_t i = 0; i < PARTS; i++)
		order[i] = i;
}

static void name_order(const char *how, uint64_t number, const enum part order[PARTS], char *buf,
		       size_t len)
{
	size_t at = snprintf(buf, len, "%s %" PRIu64 ":", how, number);

	for (size_t i = 0; i < PARTS && at < len; i++)
		at += snprintf(buf + at, len - at, " %s", part_names[order[i]]);
}

static void run_seed(struct source s, uint64_t seed)
{
	enum part order[PARTS];
	char what[512];

	in_order(order);
	for (size_t i = PARTS - 1; i; i--) {
		size_t j = any(&s, i + 1);
		enum part part = order[i];

		order[i] = order[j];
		order[j] = part;
	}
	name_order("seed", seed, order, what, sizeof(what));
	run_order(what, order, &s);
}

/* Number n of the orders of the groups, by what its digits choose of what is left. */
static void run_groups(unsigned int n)
{
	struct source pauses = { .state = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) };
	bool taken[array_size(groups)] = {};
	enum part order[PARTS];
	unsigned int number = n;
	char what[512];
	size_t at = 0;

	for (size_t left = array_size(groups); left; left--) {
		size_t choice = n % left, g = 0;

		n /= left;
		while (taken[g] || choice--)
			g++;
		taken[g] = true;
		for (enum part part = groups[g][0]; part <= groups[g][1]; part++)
			order[at++] = part;
	}
	name_order("groups", number, order, what, sizeof(what));
	/* one half as fast as can be, the other with pauses */
	run_order(what, order, number % 2 ? &pauses : NULL);
}

static struct seeds seeds = { 1, SAMPLES };

static void in_whatever_order_the_parts_come_up_the_end_is_the_same(void **state)
{
	enum part order[PARTS];

	in_order(order);
	run_order("the order of their names", order, NULL);
	print_message("seeds %" PRIu64 " to %" PRIu64 "\n", seeds.first, seeds.first + seeds.n - 1);
	run_seeds(&seeds, run_seed);
}

static void all_orders_of_the_groups_have_the_same_end(void **state)
{
	unsigned int n = 1;

	for (unsigned int i = 2; i <= array_size(groups); i++)
		n *= i;
	for (unsigned int i = 0; i < n; i++)
		run_groups(i);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_whatever_order_the_parts_come_up_the_end_is_the_same),
		cmocka_unit_test(all_orders_of_the_groups_have_the_same_end),
	};
	int ret;

	if (take_arguments(argc, argv, run_seed, &seeds, &ret))
		return ret;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
