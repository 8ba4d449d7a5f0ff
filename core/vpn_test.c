// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The failover test: checks, steps, verdict.
 *
 * BASELINE counts what probes lose while traffic is where it was.  MOVED has
 * traffic on the VPN, and ends at the first sign that it is worse there.  In
 * RETURNING the families find their way back, as after an operator's switchover.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/printfrr.h"

#include "core/limits.h"
#include "core/mgroup.h"
#include "core/text.h"
#include "core/vpn_internal.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_VPN_RTT, "ExpressRoute VPN round trips");

/*
 * Checks
 */
/* What nobody backs up in this family needs no test. */
static bool is_tested(const struct er_vpn *vpn, enum er_family f, const struct er_vpn_sight *sight)
{
	return vpn->family[f].runs && sight->links;
}

static bool accepts_routes(const struct er_vpn *vpn, enum er_family f)
{
	if (er_vpn_has_static(vpn->config, f))
		return true;
	ER_FOREACH_ROLE(r)
	if (vpn->gateway[f][r].health == ER_GATEWAY_UP && vpn->gateway[f][r].session.accepted)
		return true;
	return false;
}

static bool check_gateway(const struct er_vpn *vpn, enum er_family f, enum er_role r, char *buf,
			  size_t len)
{
	const struct er_gateway *g = &vpn->gateway[f][r];

	if (g->health != ER_GATEWAY_UP)
		return true;
	if (g->planned && g->seen && !g->facts.neighbor_reachable) {
		snprintfrr(buf, len, "gateway %u: no route to the neighbor %pIA", r,
			   &g->spec.neighbor);
		return false;
	}
	if (er_gateway_has_probe(vpn, f, r) && !g->probe.known) {
		snprintfrr(buf, len, "gateway %u: %pIA has not answered through the tunnel yet", r,
			   &vpn->config->gateway[r].probe[f]);
		return false;
	}
	return true;
}

/* One probe lost or answered through the tunnel is what a test measures by. */
static bool is_measured(const struct er_vpn *vpn, enum er_family f)
{
	ER_FOREACH_ROLE(r)
	if (vpn->gateway[f][r].health == ER_GATEWAY_UP && er_gateway_has_probe(vpn, f, r))
		return true;
	return false;
}

/* A static prefix whose route could not carry traffic. */
static bool check_statics(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			  char *buf, size_t len)
{
	struct er_vpn_route plan;

	for (size_t i = 0; er_vpn_plan_route(core, vpn->name, i, &plan); i++) {
		enum er_static_route route = vpn->static_[i].route;

		if (plan.prefix.family != er_family_af(f) ||
		    !(plan.gateway[ER_PRIMARY] || plan.gateway[ER_SECONDARY]) ||
		    route == ER_STATIC_ROUTE_STANDBY || route == ER_STATIC_ROUTE_IN_USE)
			continue;
		snprintfrr(buf, len, "static prefix %pFX: %s", &plan.prefix,
			   route == ER_STATIC_ROUTE_REFUSED
				   ? "zebra or the kernel refuses its route"
				   : "no next hop of its route works");
		return false;
	}
	return true;
}

static void unhealthy(const struct er_vpn *vpn, const struct er_vpn_sight *sight, char *buf,
		      size_t len)
{
	enum er_vpn_cause cause = er_vpn_first_rule(sight);
	char reason[ER_TEXT_LEN];

	if (sight->up && cause != ER_VPN_CAUSE_NONE)
		er_vpn_cause_reason(vpn, cause, sight, reason, sizeof(reason));
	else
		snprintfrr(reason, sizeof(reason), "%u of %u links up", sight->up, sight->links);
	snprintfrr(buf, len, "ExpressRoute is not healthy (%s): traffic could not return", reason);
}

static bool check_family(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			 const struct er_vpn_sight *sight, bool force, char *buf, size_t len)
{
	const struct er_vpn_rib_facts *rib = &vpn->family[f].rib;

	if (!sight->known)
		snprintfrr(buf, len, "bgpd has not reported yet");
	else if (!sight->available)
		er_gateways_problem(core, vpn, f, buf, len);
	else if (!sight->up || sight->causes)
		unhealthy(vpn, sight, buf, len);
	else if (!accepts_routes(vpn, f))
		snprintfrr(buf, len, "no prefix is accepted over the VPN");
	else if (rib->uncovered && !force)
		snprintfrr(buf, len,
			   "%u of %u prefixes of ExpressRoute have no path over the VPN (force tests in spite of it)",
			   rib->uncovered, rib->expressroute);
	else
		return check_gateway(vpn, f, 0, buf, len) && check_gateway(vpn, f, 1, buf, len) &&
		       check_statics(core, vpn, f, buf, len);
	return false;
}

const char *er_vpn_test_check(const struct er_core *core, const struct er_vpn *vpn,
			      const struct er_vpn_sight sight[ER_FAMILIES], bool force, char *buf,
			      size_t len)
{
	char text[ER_TEXT_LEN];
	bool any = false, measured = false;

	ER_FOREACH_FAMILY(f)
	{
		if (vpn->family[f].active) {
			snprintfrr(buf, len, "vpn-backup %s: %s: traffic is on the VPN already",
				   vpn->name, er_family_str(f));
			return buf;
		}
		if (!is_tested(vpn, f, &sight[f]))
			continue;
		any = true;
		measured |= is_measured(vpn, f);
		if (check_family(core, vpn, f, &sight[f], force, text, sizeof(text)))
			continue;
		snprintfrr(buf, len, "vpn-backup %s: %s: %s", vpn->name, er_family_str(f), text);
		return buf;
	}
	if (any && (measured || force))
		return NULL;
	if (any)
		snprintfrr(buf, len,
			   "vpn-backup %s: no gateway that is up has a probe: nothing would be measured (force tests in spite of it)",
			   vpn->name);
	else
		snprintfrr(buf, len,
			   "vpn-backup %s: no circuit that it backs has a private peering in a family of its gateways",
			   vpn->name);
	return buf;
}

/*
 * The report
 */
static void say(const struct er_vpn *vpn, struct er_decisions *out)
{
	er_vpn_notice(vpn, ER_IPV4, ER_NOTICE_VPN_TEST, out)->test = vpn->test.report;
}

static int rtt_cmp(const void *a, const void *b)
{
	return numcmp(*(const uint32_t *)a, *(const uint32_t *)b);
}

static uint32_t median(uint32_t *rtt_us, size_t n)
{
	if (!n)
		return 0;
	qsort(rtt_us, n, sizeof(*rtt_us), rtt_cmp);
	return rtt_us[n / 2];
}

static void finish(struct er_vpn *vpn, enum er_test_result result, struct er_decisions *out)
{
	struct er_vpn_test *test = &vpn->test;

	test->phase = ER_TEST_PHASE_IDLE;
	test->interrupted = test->called_off = false;
	test->report.result = result;
	test->report.rtt_us = median(test->rtt_us, test->n_rtt);
	if (result == ER_TEST_PASSED)
		test->report.passed_wall = test->report.began_wall;
	er_vpn_test_fini(test);
	say(vpn, out);
}

void er_vpn_test_fini(struct er_vpn_test *test)
{
	XFREE(MTYPE_ER_VPN_RTT, test->rtt_us);
	test->n_rtt = test->rtt_size = 0;
}

/*
 * Probes
 */
void er_vpn_test_probe(struct er_vpn *vpn, enum er_family f, enum er_role r, bool replied,
		       uint32_t rtt_us)
{
	struct er_vpn_test *test = &vpn->test;

	if (!test->moves[f] || !test->was_up[f][r])
		return;
	if (test->phase == ER_TEST_PHASE_BASELINE) {
		test->sent_before++;
		test->lost_before += !replied;
	}
	if (test->phase != ER_TEST_PHASE_MOVED)
		return;
	test->report.sent++;
	test->report.lost += !replied;
	if (!replied)
		return;
	if (test->n_rtt == test->rtt_size) {
		test->rtt_size = MAX(test->rtt_size * 2, 64);
		test->rtt_us = XREALLOC(MTYPE_ER_VPN_RTT, test->rtt_us,
					test->rtt_size * sizeof(*test->rtt_us));
	}
	test->rtt_us[test->n_rtt++] = rtt_us;
}

/* More is lost than before, by more than chance; by `more` probes at least. */
static bool loses_more(const struct er_vpn_test *test, uint32_t more)
{
	uint64_t sent = test->report.sent, before = MAX(test->sent_before, 1);
	uint64_t lost = test->report.lost * before, expected = test->lost_before * sent;

	return lost >= expected + more * before &&
	       (lost - expected) * 100 > ER_TEST_LOSS_PERCENT * sent * before;
}

/*
 * Does traffic move?
 */
/* Prefixes of ExpressRoute that have a path over the VPN; bgpd sees no static one. */
static uint32_t movable(const struct er_vpn *vpn, enum er_family f)
{
	const struct er_vpn_rib_facts *rib = &vpn->family[f].rib;

	if (!vpn->test.moves[f] || er_vpn_has_static(vpn->config, f))
		return 0;
	return rib->expressroute - MIN(rib->uncovered, rib->expressroute);
}

static uint32_t moved(const struct er_vpn *vpn, enum er_family f)
{
	uint32_t before = vpn->test.over_before[f], now = vpn->family[f].rib.over_vpn;

	return now > before ? now - before : 0;
}

/* The first static prefix that was to move and has (or has not); NULL: none. */
static const struct prefix *first_static(const struct er_vpn *vpn, bool has_moved)
{
	for (size_t i = 0; i < vpn->config->n_prefixes; i++)
		if (vpn->static_[i].to_move &&
		    has_moved == (vpn->static_[i].route == ER_STATIC_ROUTE_IN_USE))
			return &vpn->config->prefix[i];
	return NULL;
}

static bool all_moved(const struct er_vpn *vpn)
{
	bool any = first_static(vpn, true);

	if (first_static(vpn, false))
		return false;
	ER_FOREACH_FAMILY(f)
	{
		if (vpn->test.moves[f] && !movable(vpn, f))
			continue;
		if (moved(vpn, f) < movable(vpn, f))
			return false;
		any |= movable(vpn, f) > 0;
	}
	return any;
}

static bool nothing_moved(const struct er_vpn *vpn)
{
	bool any = first_static(vpn, false);

	if (first_static(vpn, true))
		return false;
	ER_FOREACH_FAMILY(f)
	{
		if (moved(vpn, f))
			return false;
		any |= movable(vpn, f) > 0;
	}
	return any;
}

/*
 * Steps
 */
void er_vpn_test_begin(struct er_vpn *vpn, const struct er_vpn_sight sight[ER_FAMILIES],
		       const struct er_vpn_request *request, struct er_time now,
		       struct er_decisions *out)
{
	int64_t passed_wall = vpn->test.report.passed_wall;
	struct er_vpn_test *test = &vpn->test;
	bool probes = false;

	memset(test, 0, sizeof(*test));
	test->phase = ER_TEST_PHASE_BASELINE;
	test->seconds = request->seconds ? request->seconds : ER_TEST_SECONDS;
	test->force = request->force;
	test->report.result = ER_TEST_RUNNING;
	test->report.began_wall = now.wall_s;
	test->report.passed_wall = passed_wall;
	ER_FOREACH_FAMILY(f)
	{
		test->moves[f] = is_tested(vpn, f, &sight[f]);
		if (!test->moves[f])
			continue;
		test->report.rib.expressroute += vpn->family[f].rib.expressroute;
		test->report.rib.uncovered += vpn->family[f].rib.uncovered;
		test->report.rib.more_specific += vpn->family[f].rib.more_specific;
		test->report.rib.suppressed += vpn->family[f].rib.suppressed;
		test->report.rib.over_vpn += vpn->family[f].rib.over_vpn;
		ER_FOREACH_ROLE(r)
		{
			test->was_up[f][r] = vpn->gateway[f][r].health == ER_GATEWAY_UP;
			probes |= test->was_up[f][r] && er_gateway_has_probe(vpn, f, r);
		}
	}
	test->until_ms = now.mono_ms + (probes ? ER_TEST_BASELINE_MS : 0);
	say(vpn, out);
}

static void move(struct er_vpn *vpn, int64_t now_ms)
{
	struct er_vpn_test *test = &vpn->test;

	test->phase = ER_TEST_PHASE_MOVED;
	test->moved_ms = now_ms;
	test->until_ms = now_ms + test->seconds * INT64_C(1000);
	ER_FOREACH_FAMILY(f)
	{
		test->over_before[f] = vpn->family[f].rib.over_vpn;
		vpn->family[f].test = test->moves[f];
	}
	for (size_t i = 0; i < vpn->config->n_prefixes; i++)
		vpn->static_[i].to_move =
			vpn->static_[i].route == ER_STATIC_ROUTE_STANDBY &&
			test->moves[vpn->config->prefix[i].family == AF_INET ? ER_IPV4 : ER_IPV6];
}

static void retreat(struct er_vpn *vpn, enum er_test_result verdict, const char *reason,
		    int64_t now_ms)
{
	struct er_vpn_test *test = &vpn->test;

	test->phase = ER_TEST_PHASE_RETURNING;
	test->verdict = verdict;
	test->report.duration_s = (now_ms - test->moved_ms) / 1000;
	strlcpy(test->report.reason, reason, sizeof(test->report.reason));
	ER_FOREACH_FAMILY(f)
	vpn->family[f].test = false;
}

/* Who or what calls the test off, "" when nobody does. */
static const char *called_off(const struct er_vpn_test *test)
{
	if (test->called_off)
		return "called off by the operator";
	if (test->interrupted)
		return "contact with bgpd was lost during the test";
	return "";
}

static void step_baseline(const struct er_core *core, struct er_vpn *vpn,
			  const struct er_vpn_sight sight[ER_FAMILIES], int64_t now_ms,
			  struct er_decisions *out)
{
	struct er_vpn_test *test = &vpn->test;
	char *reason = test->report.reason;
	size_t len = sizeof(test->report.reason);

	strlcpy(reason, called_off(test), len);
	if (reason[0])
		finish(vpn, ER_TEST_ABORTED, out);
	else if (er_vpn_test_check(core, vpn, sight, test->force, reason, len))
		finish(vpn, ER_TEST_REFUSED, out);
	else if (now_ms >= test->until_ms)
		move(vpn, now_ms);
}

/* A sign that it is worse on the VPN; false: none. */
static bool family_is_worse(const struct er_core *core, const struct er_vpn *vpn, enum er_family f,
			    const struct er_vpn_sight *sight, char *buf, size_t len)
{
	const char *family = er_family_str(f);
	char problem[ER_TEXT_LEN];

	if (!vpn->family[f].runs) {
		snprintfrr(buf, len, "%s: shut down during the test", family);
		return true;
	}
	if (sight->causes || !sight->carrying) {
		snprintfrr(buf, len,
			   "%s: ExpressRoute was lost during the test (%u of %u links up)", family,
			   sight->up, sight->links);
		return true;
	}
	ER_FOREACH_ROLE(r)
	{
		if (!vpn->test.was_up[f][r] || vpn->gateway[f][r].health == ER_GATEWAY_UP)
			continue;
		er_gateway_problem(core, vpn, f, r, problem, sizeof(problem));
		snprintfrr(buf, len, "%s: gateway %u was lost during the test: %s", family, r,
			   problem);
		return true;
	}
	return false;
}

static bool is_worse(const struct er_core *core, const struct er_vpn *vpn,
		     const struct er_vpn_sight sight[ER_FAMILIES], int64_t now_ms, char *buf,
		     size_t len)
{
	const struct er_vpn_test *test = &vpn->test;

	strlcpy(buf, called_off(test), len);
	if (buf[0])
		return true;
	ER_FOREACH_FAMILY(f)
	if (test->moves[f] && family_is_worse(core, vpn, f, &sight[f], buf, len))
		return true;
	if (loses_more(test, MAX(vpn->config->probe_multiplier, 1))) {
		snprintfrr(buf, len, "%u of %u probes were lost, before it %u of %u",
			   test->report.lost, test->report.sent, test->lost_before,
			   test->sent_before);
		return true;
	}
	if (now_ms - test->moved_ms >= ER_TEST_MOVE_MS && nothing_moved(vpn)) {
		snprintfrr(buf, len,
			   "no prefix went over the VPN: its routes are less specific than those of ExpressRoute, or not preferred");
		return true;
	}
	return false;
}

static void step_moved(const struct er_core *core, struct er_vpn *vpn,
		       const struct er_vpn_sight sight[ER_FAMILIES], int64_t now_ms)
{
	const struct prefix *left = first_static(vpn, false);
	struct er_vpn_test *test = &vpn->test;
	char reason[ER_TEXT_LEN];

	if (!test->report.moved_ms && all_moved(vpn))
		test->report.moved_ms = MAX(now_ms - test->moved_ms, 1);
	if (is_worse(core, vpn, sight, now_ms, reason, sizeof(reason))) {
		retreat(vpn, ER_TEST_ABORTED, reason, now_ms);
		return;
	}
	if (now_ms < test->until_ms)
		return;
	reason[0] = '\0';
	if (nothing_moved(vpn))
		strlcpy(reason, "no prefix went over the VPN", sizeof(reason));
	else if (left)
		snprintfrr(reason, sizeof(reason), "static prefix %pFX did not go over the VPN",
			   left);
	else if (loses_more(test, 1))
		snprintfrr(reason, sizeof(reason), "%u of %u probes were lost, before it %u of %u",
			   test->report.lost, test->report.sent, test->lost_before,
			   test->sent_before);
	retreat(vpn, reason[0] ? ER_TEST_FAILED : ER_TEST_PASSED, reason, now_ms);
}

void er_vpn_test_step(const struct er_core *core, struct er_vpn *vpn,
		      const struct er_vpn_sight sight[ER_FAMILIES], struct er_time now,
		      struct er_decisions *out)
{
	struct er_vpn_test *test = &vpn->test;

	if (core->channel != ER_CHANNEL_SYNCED)
		return;
	switch (test->phase) {
	case ER_TEST_PHASE_IDLE:
		if (!test->interrupted)
			return;
		strlcpy(test->report.reason, "erouted was restarted during the test",
			sizeof(test->report.reason));
		finish(vpn, ER_TEST_ABORTED, out);
		return;
	case ER_TEST_PHASE_BASELINE:
		step_baseline(core, vpn, sight, now.mono_ms, out);
		return;
	case ER_TEST_PHASE_MOVED:
		step_moved(core, vpn, sight, now.mono_ms);
		return;
	case ER_TEST_PHASE_RETURNING:
		return;
	}
}

/* It is on its way back; one that has no way, or another cause to stay, is not. */
static bool returns(const struct er_vpn_family *m)
{
	return m->active && m->cause == ER_VPN_CAUSE_TEST && !m->unfit;
}

void er_vpn_test_end(struct er_vpn *vpn, struct er_decisions *out)
{
	if (vpn->test.phase != ER_TEST_PHASE_RETURNING)
		return;
	ER_FOREACH_FAMILY(f)
	if (returns(&vpn->family[f]))
		return;
	finish(vpn, vpn->test.verdict, out);
}

int64_t er_vpn_test_deadline(const struct er_vpn *vpn, int64_t now_ms)
{
	const struct er_vpn_test *test = &vpn->test;
	int64_t look_ms;

	if (test->phase == ER_TEST_PHASE_BASELINE)
		return test->until_ms;
	if (test->phase != ER_TEST_PHASE_MOVED)
		return ER_NEVER;
	look_ms = test->moved_ms + ER_TEST_MOVE_MS;
	return look_ms > now_ms ? MIN(look_ms, test->until_ms) : test->until_ms;
}
