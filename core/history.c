// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notices as transitions.
 */
#include <zebra.h>

#include "core/history.h"
#include "core/text.h"

static void is(struct er_transition *t, const char *aspect, bool link, const char *state)
{
	t->aspect = aspect;
	t->link = link;
	t->state = state;
}

static void limit(const struct er_notice *n, struct er_transition *t)
{
	bool out = n->direction == ER_ADVERTISED;

	is(t, out ? "advertised" : "received", false, er_limit_level_str(n->limit.level));
	t->before = er_limit_level_str(n->previous_level);
	snprintf(t->text, sizeof(t->text), "%u of %u prefixes", n->limit.count, n->limit.limit);
	if (out && n->rib.held)
		snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text),
			 ", %u held back", n->rib.held);
}

static void parity_lost(const struct er_notice *n, struct er_transition *t)
{
	const struct er_rib_facts *rib = &n->rib;

	is(t, "parity", false, "lost");
	snprintf(t->text, sizeof(t->text),
		 "received on primary only %u, on secondary only %u, with different paths %u; advertised on primary only %u, on secondary only %u",
		 rib->only[ER_PRIMARY], rib->only[ER_SECONDARY], rib->path_differs,
		 rib->out_only[ER_PRIMARY], rib->out_only[ER_SECONDARY]);
}

static void session(const struct er_notice *n, struct er_transition *t)
{
	is(t, "session", true, n->established ? "established" : "lost");
	if (n->reason[0])
		strlcpy(t->text, n->reason, sizeof(t->text));
	else
		snprintfrr(t->text, sizeof(t->text), "%pIA", &n->neighbor);
}

static void joint(const struct er_notice *n, struct er_transition *t)
{
	const struct er_joint_view *j = &n->joint;

	is(t, "global-reach", false, er_joint_state_str(j->state));
	t->before = er_joint_state_str(n->previous_joint);
	if (j->state == ER_JOINT_ESTABLISHED)
		snprintf(t->text, sizeof(t->text), "%u %s, %u missing%s", j->prefixes,
			 er_prefixes(j->prefixes), j->missing,
			 j->asymmetric ? ", not the same on both links" : "");
	else
		strlcpy(t->text, j->reason, sizeof(t->text));
}

static void site_refused(const struct er_notice *n, struct er_transition *t)
{
	const struct er_site_facts *facts = &n->site_facts;
	uint32_t refused = facts->refused_prefix + facts->refused_limit;

	is(t, "site-routes", false, refused ? "refused" : "accepted");
	if (refused)
		snprintf(t->text, sizeof(t->text), "%u by prefix, %u at the limit",
			 facts->refused_prefix, facts->refused_limit);
}

static void site_limit(const struct er_notice *n, struct er_transition *t)
{
	is(t, "site-limit", false, er_limit_level_str(n->limit.level));
	t->before = er_limit_level_str(n->previous_level);
	snprintf(t->text, sizeof(t->text), "%u of %u prefixes", n->limit.count, n->limit.limit);
}

static void undeclared(const struct er_notice *n, struct er_transition *t)
{
	uint32_t accepted = er_site_accepted(&n->site_facts);
	uint32_t refused = n->site_facts.refused_undeclared;

	is(t, "undeclared-sites", false, accepted || refused ? "seen" : "gone");
	if (accepted || refused)
		snprintf(t->text, sizeof(t->text), "%u %s accepted, %u refused", accepted,
			 er_prefixes(accepted), refused);
}

static void audit(const struct er_notice *n, struct er_transition *t)
{
	is(t, "audit", false, er_found_str(n->audit.verdict));
	t->before = er_found_str(n->audit.previous);
	t->circuit = true;
}

static void path(const struct er_notice *n, struct er_transition *t)
{
	is(t, "path", true, er_quality_str(n->path.quality));
	t->before = er_quality_str(n->previous_quality);
	strlcpy(t->text, n->reason, sizeof(t->text));
}

static void own_drain(const struct er_notice *n, struct er_transition *t)
{
	bool ended = n->own.phase == ER_OWN_NONE;

	is(t, "operator-drain", true, ended ? "ended" : er_own_phase_str(n->own.phase));
	if (ended)
		strlcpy(t->text, n->reason, sizeof(t->text));
	if (n->previous_own != ER_OWN_NONE)
		t->before = er_own_phase_str(n->previous_own);
	else if (n->own.forced)
		strlcpy(t->text, "by operator, forced", sizeof(t->text));
	else
		strlcpy(t->text, "by operator", sizeof(t->text));
}

void er_transition_of(const struct er_notice *n, struct er_transition *t)
{
	memset(t, 0, sizeof(*t));
	t->before = "";
	strlcpy(t->text, n->reason, sizeof(t->text));

	switch (n->type) {
	case ER_NOTICE_REDUNDANCY:
		is(t, "redundancy", false, er_redundancy_str(n->redundancy));
		t->before = er_redundancy_str(n->previous);
		return;
	case ER_NOTICE_SESSION:
		session(n, t);
		return;
	case ER_NOTICE_DRAIN_START:
		is(t, "drain", true, "drained");
		snprintf(t->text, sizeof(t->text), "by Microsoft (maintenance), %u %s", n->drained,
			 er_prefixes(n->drained));
		return;
	case ER_NOTICE_DRAIN_STOP:
		is(t, "drain", true, "ended");
		return;
	case ER_NOTICE_PARITY_LOST:
		parity_lost(n, t);
		return;
	case ER_NOTICE_PARITY_RESTORED:
		is(t, "parity", false, "restored");
		return;
	case ER_NOTICE_FLAPPING_START:
		is(t, "flapping", true, "held-down");
		snprintf(t->text, sizeof(t->text), "for %u s", n->hold_s);
		return;
	case ER_NOTICE_FLAPPING_STOP:
		is(t, "flapping", true, "ended");
		return;
	case ER_NOTICE_LIMIT:
		limit(n, t);
		return;
	case ER_NOTICE_VPN_ACTIVATED:
		is(t, "vpn", false, "active");
		return;
	case ER_NOTICE_VPN_RESTORED:
		is(t, "vpn", false, "standby");
		return;
	case ER_NOTICE_VPN_UNAVAILABLE:
		is(t, "availability", false, "unavailable");
		return;
	case ER_NOTICE_VPN_AVAILABLE:
		is(t, "availability", false, "available");
		return;
	case ER_NOTICE_MORE_SPECIFIC:
		is(t, "more-specifics", false, n->vpn_rib.more_specific ? "seen" : "gone");
		if (n->vpn_rib.more_specific)
			snprintf(t->text, sizeof(t->text), "%u %s, %u suppressed",
				 n->vpn_rib.more_specific, er_prefixes(n->vpn_rib.more_specific),
				 n->vpn_rib.suppressed);
		return;
	case ER_NOTICE_VPN_TEST:
		is(t, "failover-test", false,
		   n->test.result == ER_TEST_RUNNING ? "running" : "ended");
		strlcpy(t->text, n->test.reason, sizeof(t->text));
		return;
	case ER_NOTICE_JOINT:
		joint(n, t);
		return;
	case ER_NOTICE_SITE_REFUSED:
		site_refused(n, t);
		return;
	case ER_NOTICE_SITE_LIMIT:
		site_limit(n, t);
		return;
	case ER_NOTICE_UNDECLARED_SITE:
		undeclared(n, t);
		return;
	case ER_NOTICE_AUDIT:
		audit(n, t);
		return;
	case ER_NOTICE_PATH_QUALITY:
		path(n, t);
		return;
	case ER_NOTICE_OWN_DRAIN:
		own_drain(n, t);
		return;
	}
	/* a type of a newer core */
	is(t, "?", false, "?");
}

int64_t er_history_lasted_s(struct er_time from, struct er_time to, bool one_run)
{
	if (one_run)
		return MAX((to.mono_ms - from.mono_ms) / 1000, 0);
	return MAX(to.wall_s - from.wall_s, 0);
}
