// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operator may ask for just now, and why not.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/limits.h"
#include "core/text.h"
#include "core/vpn_internal.h"

/* A request, and where the refusal goes. */
struct asked {
	const struct er_core *core;
	const struct er_vpn *vpn;
	const struct er_vpn_request *request;
	struct er_vpn_sight sight[ER_FAMILIES];
	char *buf;
	size_t len;
};

static bool any_family_is(const struct asked *a,
			  bool (*is)(const struct asked *a, enum er_family f))
{
	ER_FOREACH_FAMILY(f)
	if (is(a, f))
		return true;
	return false;
}

static bool runs(const struct asked *a, enum er_family f)
{
	return a->vpn->family[f].runs;
}

static bool is_known(const struct asked *a, enum er_family f)
{
	return a->sight[f].known;
}

static bool is_active(const struct asked *a, enum er_family f)
{
	return a->vpn->family[f].active;
}

static bool can_go_to_vpn(const struct asked *a, enum er_family f)
{
	return a->sight[f].known && a->sight[f].available;
}

static bool can_return(const struct asked *a, enum er_family f)
{
	return is_active(a, f) && a->sight[f].known && !a->sight[f].causes && a->sight[f].carrying;
}

static const char *refuse(const struct asked *a, const char *reason)
{
	snprintfrr(a->buf, a->len, "vpn-backup %s: %s", a->vpn->name, reason);
	return a->buf;
}

static const char *refuse_family(const struct asked *a, enum er_family f, const char *reason)
{
	snprintfrr(a->buf, a->len, "vpn-backup %s: %s: %s", a->vpn->name, er_family_str(f), reason);
	return a->buf;
}

static bool test_runs(const struct asked *a)
{
	return a->vpn->test.phase != ER_TEST_PHASE_IDLE;
}

static const char *refuse_to_vpn(const struct asked *a)
{
	char reason[ER_JOINED_LEN];

	if (a->request->seconds > ER_VPN_SWITCHOVER_MAX_S) {
		snprintfrr(reason, sizeof(reason), "a time limit is at most %u s, not %u s",
			   ER_VPN_SWITCHOVER_MAX_S, a->request->seconds);
		return refuse(a, reason);
	}
	if (test_runs(a))
		return refuse(a, "a failover test is running: abort it first");
	if (any_family_is(a, can_go_to_vpn))
		return NULL;
	ER_FOREACH_FAMILY(f)
	{
		if (!a->sight[f].known)
			continue;
		er_gateways_problem(a->core, a->vpn, f, reason, sizeof(reason));
		return refuse_family(a, f, reason);
	}
	return NULL;
}

static const char *refuse_to_expressroute(const struct asked *a)
{
	char reason[ER_JOINED_LEN];

	if (test_runs(a) || any_family_is(a, can_return))
		return NULL;
	ER_FOREACH_FAMILY(f)
	{
		if (!is_active(a, f) || !is_known(a, f))
			continue;
		if (a->sight[f].carrying)
			er_vpn_reason(a->core, a->vpn, f, &a->sight[f], reason, sizeof(reason));
		else
			strlcpy(reason, "no link of ExpressRoute carries traffic", sizeof(reason));
		return refuse_family(a, f, reason);
	}
	return refuse(a, "traffic is on ExpressRoute already");
}

static const char *refuse_test(const struct asked *a)
{
	uint32_t seconds = a->request->seconds;
	char reason[ER_TEXT_LEN];

	if (seconds && (seconds < ER_TEST_SECONDS_MIN || seconds > ER_TEST_SECONDS_MAX)) {
		snprintfrr(reason, sizeof(reason), "a failover test lasts %u to %u s, not %u s",
			   ER_TEST_SECONDS_MIN, ER_TEST_SECONDS_MAX, seconds);
		return refuse(a, reason);
	}
	if (test_runs(a))
		return refuse(a, "a failover test is running already");
	return er_vpn_test_check(a->core, a->vpn, a->sight, a->request->force, a->buf, a->len);
}

static const char *refuse_known(const struct asked *a)
{
	switch (a->request->ask) {
	case ER_VPN_TO_VPN:
		return refuse_to_vpn(a);
	case ER_VPN_TO_EXPRESSROUTE:
		return refuse_to_expressroute(a);
	case ER_VPN_TEST:
		return refuse_test(a);
	case ER_VPN_TEST_ABORT:
		return test_runs(a) ? NULL : refuse(a, "no failover test is running");
	}
	return refuse(a, "no such request");
}

const char *er_vpn_refuse(const struct er_core *core, const struct er_vpn_request *request,
			  char *buf, size_t len)
{
	struct asked a = {
		.core = core,
		.vpn = er_vpn_find(core, request->vpn),
		.request = request,
		.buf = buf,
		.len = len,
	};

	if (!a.vpn) {
		snprintfrr(buf, len,
			   "there is no vpn-backup %s: 'show expressroute vpn-backup' has all",
			   request->vpn);
		return buf;
	}
	if (!any_family_is(&a, runs))
		return refuse(&a, a.vpn->config->shutdown
					  ? "it is shut down: 'no shutdown' first"
					  : "it has no gateway: 'gateway 0' in it makes one");
	ER_FOREACH_FAMILY(f)
	er_vpn_see(core, a.vpn, f, &a.sight[f]);
	if (!any_family_is(&a, is_known))
		return refuse(&a,
			      core->channel == ER_CHANNEL_LOST
				      ? "no contact with bgpd, and nothing is moved blindly: is it running, with '-M expressroute'?"
				      : "bgpd has not reported yet, and nothing is moved blindly: ask again in a few seconds");
	return refuse_known(&a);
}
