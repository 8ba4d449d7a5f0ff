// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Enums and reasons in words.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/text.h"

/* A problem, and what is said around it. */
#define LINK_REASON_LEN (ER_TEXT_LEN + 64)

/* clang-format off */
static const char *const peering_types[] = {
	[ER_PRIVATE] = "private",
	[ER_MICROSOFT] = "microsoft",
	[ER_VPN] = "vpn",
};
static const char *const roles[] = {
	[ER_PRIMARY] = "primary",
	[ER_SECONDARY] = "secondary",
};
static const char *const families[] = {
	[ER_IPV4] = "ipv4",
	[ER_IPV6] = "ipv6",
};
static const char *const redundancies[] = {
	[ER_DOWN] = "down",
	[ER_DEGRADED] = "degraded",
	[ER_REDUNDANT] = "redundant",
	[ER_INACTIVE] = "inactive",
};
static const char *const healths[] = {
	[ER_LINK_INACTIVE] = "inactive",
	[ER_LINK_UNKNOWN] = "unknown",
	[ER_LINK_DOWN] = "down",
	[ER_LINK_IDLE] = "idle",
	[ER_LINK_HELD] = "held",
	[ER_LINK_DRAINED] = "drained",
	[ER_LINK_UP] = "up",
};
static const char *const unprotecteds[] = {
	[ER_PROTECTED] = "no",
	[ER_SINGLE_ROUTER] = "single-router",
	[ER_SINGLE_INTERFACE] = "single-interface",
	[ER_PROTECTION_UNKNOWN] = "unknown",
};
static const char *const session_states[] = {
	[ER_SESSION_UNKNOWN] = "unknown",
	[ER_SESSION_ABSENT] = "absent",
	[ER_SESSION_IDLE] = "idle",
	[ER_SESSION_CONNECT] = "connect",
	[ER_SESSION_ACTIVE] = "active",
	[ER_SESSION_OPENSENT] = "open-sent",
	[ER_SESSION_OPENCONFIRM] = "open-confirm",
	[ER_SESSION_ESTABLISHED] = "established",
};
static const char *const bfd_states[] = {
	[ER_BFD_UNKNOWN] = "unknown",
	[ER_BFD_DISABLED] = "disabled",
	[ER_BFD_ADMIN_DOWN] = "admin-down",
	[ER_BFD_DOWN] = "down",
	[ER_BFD_INIT] = "init",
	[ER_BFD_UP] = "up",
};
static const char *const if_states[] = {
	[ER_IF_UNCONFIGURED] = "unconfigured",
	[ER_IF_MISSING] = "missing",
	[ER_IF_DOWN] = "down",
	[ER_IF_WRONG_VRF] = "wrong-vrf",
	[ER_IF_UP] = "up",
};
static const char *const session_modes[] = {
	[ER_MANAGED] = "managed",
	[ER_ATTACHED] = "attached",
};
static const char *const redundancy_modes[] = {
	[ER_ACTIVE_ACTIVE] = "active-active",
	[ER_ACTIVE_PASSIVE] = "active-passive",
};
static const char *const notice_types[] = {
	[ER_NOTICE_REDUNDANCY] = "redundancy-change",
	[ER_NOTICE_SESSION] = "session-change",
	[ER_NOTICE_DRAIN_START] = "drain-start",
	[ER_NOTICE_DRAIN_STOP] = "drain-stop",
	[ER_NOTICE_PARITY_LOST] = "parity-lost",
	[ER_NOTICE_PARITY_RESTORED] = "parity-restored",
	[ER_NOTICE_FLAPPING_START] = "flapping-start",
	[ER_NOTICE_FLAPPING_STOP] = "flapping-stop",
	[ER_NOTICE_LIMIT] = "limit-warning",
	[ER_NOTICE_VPN_ACTIVATED] = "vpn-activated",
	[ER_NOTICE_VPN_RESTORED] = "vpn-restored",
	[ER_NOTICE_VPN_UNAVAILABLE] = "vpn-unavailable",
	[ER_NOTICE_VPN_AVAILABLE] = "vpn-available",
	[ER_NOTICE_MORE_SPECIFIC] = "vpn-more-specific",
	[ER_NOTICE_VPN_TEST] = "vpn-test",
	[ER_NOTICE_JOINT] = "global-reach-change",
	[ER_NOTICE_SITE_REFUSED] = "site-refused",
	[ER_NOTICE_SITE_LIMIT] = "site-limit",
	[ER_NOTICE_UNDECLARED_SITE] = "undeclared-site",
	[ER_NOTICE_AUDIT] = "audit-change",
	[ER_NOTICE_PATH_QUALITY] = "path-quality-change",
	[ER_NOTICE_OWN_DRAIN] = "operator-drain-change",
};
static const char *const skus[] = {
	[ER_SKU_LOCAL] = "local",
	[ER_SKU_STANDARD] = "standard",
	[ER_SKU_PREMIUM] = "premium",
};
static const char *const directions[] = {
	[ER_ADVERTISED] = "advertised",
	[ER_RECEIVED] = "received",
};
static const char *const limit_levels[] = {
	[ER_LIMIT_OK] = "ok",
	[ER_LIMIT_WARNING] = "warning",
	[ER_LIMIT_CRITICAL] = "critical",
	[ER_LIMIT_FULL] = "full",
};
static const char *const rules[ER_RULES] = {
	[ER_RULE_NONE] = "none",
	[ER_RULE_FIRST_AS] = "first-as",
	[ER_RULE_OWN_AS] = "own-as",
	[ER_RULE_RESERVED_AS] = "reserved-as",
	[ER_RULE_DEFAULT_ROUTE] = "default-route",
	[ER_RULE_PRIVATE_SPACE] = "private-space",
	[ER_RULE_OWN_PREFIX] = "own-prefix",
	[ER_RULE_SITE_PREFIX] = "site-prefix",
	[ER_RULE_SITE_LIMIT] = "site-limit",
	[ER_RULE_UNDECLARED_SITE] = "undeclared-site",
	[ER_RULE_NO_FILTER] = "no-filter",
	[ER_RULE_FILTER] = "filter",
	[ER_RULE_OPERATOR] = "operator",
	[ER_RULE_NOT_ADVERTISED] = "not-advertised",
	[ER_RULE_SWITCHED] = "switched",
	[ER_RULE_LIMIT] = "limit",
	[ER_RULE_MORE_SPECIFIC] = "more-specific",
	[ER_RULE_LOCAL_PREFERENCE] = "local-preference",
	[ER_RULE_REGION_PREFERENCE] = "region-preference",
	[ER_RULE_SITE_PREFERENCE] = "site-preference",
	[ER_RULE_DRAIN] = "drain",
};
/* "it is refused: ..."; of the last four, "it is accepted: ..." */
static const char *const rule_reasons[ER_RULES] = {
	[ER_RULE_NONE] = "no rule refuses it",
	[ER_RULE_FIRST_AS] = "its first AS is not 12076",
	[ER_RULE_OWN_AS] = "our own AS is in its path",
	[ER_RULE_RESERVED_AS] = "a reserved AS is in its path",
	[ER_RULE_DEFAULT_ROUTE] = "it is a default route, on Microsoft peering",
	[ER_RULE_PRIVATE_SPACE] = "it is private or special space, on Microsoft peering",
	[ER_RULE_OWN_PREFIX] = "it is our own prefix that comes back",
	[ER_RULE_SITE_PREFIX] = "its site may not send this prefix, or not over this circuit",
	[ER_RULE_SITE_LIMIT] = "its site sends more than its maximum-prefixes",
	[ER_RULE_UNDECLARED_SITE] = "it comes from a site that is not declared",
	[ER_RULE_NO_FILTER] = "the Microsoft peering has no route-filter",
	[ER_RULE_FILTER] = "the route-filter allows none of its communities",
	[ER_RULE_OPERATOR] = "the operator's route-map refuses it",
	[ER_RULE_NOT_ADVERTISED] = "the peering does not advertise it",
	[ER_RULE_SWITCHED] = "Microsoft is to send over the VPN, which is active",
	[ER_RULE_LIMIT] = "it is held back at the limit of advertised prefixes",
	[ER_RULE_MORE_SPECIFIC] = "it is more specific than a route of ExpressRoute, from which it would take traffic",
	[ER_RULE_LOCAL_PREFERENCE] = "the circuit's preference sets its local-preference",
	[ER_RULE_REGION_PREFERENCE] = "a region-preference sets its local-preference",
	[ER_RULE_SITE_PREFERENCE] = "its site's preference sets its local-preference",
	[ER_RULE_DRAIN] = "the link is drained, so it is the last choice",
};
static const char *const vpn_states[] = {
	[ER_VPN_INACTIVE] = "inactive",
	[ER_VPN_UNAVAILABLE] = "unavailable",
	[ER_VPN_STANDBY] = "standby",
	[ER_VPN_ACTIVE] = "active",
	[ER_VPN_RESTORING] = "restoring",
};
static const char *const vpn_causes[] = {
	[ER_VPN_CAUSE_NONE] = "none",
	[ER_VPN_CAUSE_ALL_DOWN] = "all-down",
	[ER_VPN_CAUSE_LINKS_BELOW] = "links-below",
	[ER_VPN_CAUSE_DRAINED] = "drained",
	[ER_VPN_CAUSE_ASYMMETRIC] = "asymmetric",
	[ER_VPN_CAUSE_QUALITY] = "quality",
	[ER_VPN_CAUSE_OPERATOR] = "operator",
	[ER_VPN_CAUSE_TEST] = "test",
};
static const char *const gateway_healths[] = {
	[ER_GATEWAY_INACTIVE] = "inactive",
	[ER_GATEWAY_DOWN] = "down",
	[ER_GATEWAY_UP] = "up",
};
static const char *const probe_states[] = {
	[ER_PROBE_NONE] = "none",
	[ER_PROBE_WAITING] = "waiting",
	[ER_PROBE_UP] = "up",
	[ER_PROBE_DOWN] = "down",
};
static const char *const test_results[] = {
	[ER_TEST_NONE] = "none",
	[ER_TEST_RUNNING] = "running",
	[ER_TEST_PASSED] = "passed",
	[ER_TEST_FAILED] = "failed",
	[ER_TEST_ABORTED] = "aborted",
	[ER_TEST_REFUSED] = "refused",
};
static const char *const activations[] = {
	[ER_ACTIVATE_ALL_DOWN] = "all-down",
	[ER_ACTIVATE_LINKS_BELOW] = "links-below",
	[ER_ACTIVATE_OPERATOR] = "operator",
};
static const char *const more_specifics[] = {
	[ER_MORE_SPECIFICS_WARN] = "warn",
	[ER_MORE_SPECIFICS_SUPPRESS] = "suppress",
};
static const char *const pin_modes[] = {
	[ER_PIN_NONE] = "none",
	[ER_PIN_INTERFACE] = "interface",
	[ER_PIN_NEXT_HOP] = "next-hop",
	[ER_PIN_DEFAULT_ROUTE] = "default-route",
};
static const char *const site_preferences[] = {
	[ER_SITE_PREFER] = "prefer",
	[ER_SITE_EQUAL] = "equal",
	[ER_SITE_BACKUP] = "backup",
};
static const char *const undeclareds[] = {
	[ER_UNDECLARED_TELL] = "tell",
	[ER_UNDECLARED_ACCEPT] = "accept",
	[ER_UNDECLARED_REFUSE] = "refuse",
};
static const char *const joint_states[] = {
	[ER_JOINT_INACTIVE] = "inactive",
	[ER_JOINT_UNKNOWN] = "unknown",
	[ER_JOINT_UNSEEN] = "not-seen",
	[ER_JOINT_ESTABLISHED] = "established",
};
static const char *const audit_rules[] = {
	[ER_AUDIT_LOCATIONS] = "ERC-1",
	[ER_AUDIT_EDGES] = "ERC-2",
	[ER_AUDIT_ACTIVE_ACTIVE] = "ERC-3",
	[ER_AUDIT_BFD] = "ERC-4",
	[ER_AUDIT_MONITORING] = "ERC-5",
	[ER_AUDIT_NOTICE] = "ERC-6",
	[ER_AUDIT_VPN] = "ERC-7",
	[ER_AUDIT_SESSIONS] = "sessions",
	[ER_AUDIT_TIMERS] = "timers",
	[ER_AUDIT_STABILITY] = "stability",
	[ER_AUDIT_MAINTENANCE] = "maintenance",
	[ER_AUDIT_SAME_ROUTES] = "same-routes",
	[ER_AUDIT_LIMITS] = "limits",
	[ER_AUDIT_ADVERTISEMENT] = "advertisement",
	[ER_AUDIT_PUBLIC_SPACE] = "public-space",
	[ER_AUDIT_DEFAULT_ROUTE] = "default-route",
	[ER_AUDIT_ROUTE_FILTER] = "route-filter",
	[ER_AUDIT_VPN_COVERAGE] = "vpn-coverage",
	[ER_AUDIT_VPN_MORE_SPECIFICS] = "vpn-more-specifics",
	[ER_AUDIT_VPN_TEST] = "vpn-test",
	[ER_AUDIT_VPN_PINNING] = "vpn-pinning",
	[ER_AUDIT_GLOBAL_REACH] = "global-reach",
	[ER_AUDIT_SITE_LIMITS] = "site-limits",
	[ER_AUDIT_SITE_ROUTES] = "site-routes",
	[ER_AUDIT_STANDBY] = "standby",
};
static const char *const founds[] = {
	[ER_FOUND_NOT_APPLICABLE] = "not-applicable",
	[ER_FOUND_PASS] = "pass",
	[ER_FOUND_WARN] = "warn",
	[ER_FOUND_FAIL] = "fail",
};
static const char *const qualities[] = {
	[ER_QUALITY_UNKNOWN] = "unknown",
	[ER_QUALITY_GOOD] = "good",
	[ER_QUALITY_POOR] = "poor",
};
static const char *const path_kinds[] = {
	[ER_PATH_LINK] = "link",
	[ER_PATH_VPN] = "vpn",
	[ER_PATH_INTERNET] = "internet",
};
static const char *const own_phases[] = {
	[ER_OWN_NONE] = "none",
	[ER_OWN_MOVING] = "moving",
	[ER_OWN_WAITING] = "waiting",
	[ER_OWN_SAFE] = "safe",
};
static const char *const reasons[] = {
	[ER_REASON_NONE] = "none",
	[ER_REASON_SHUTDOWN] = "shutdown",
	[ER_REASON_UNCONFIGURED] = "unconfigured",
	[ER_REASON_BGPD_LOST] = "bgpd-lost",
	[ER_REASON_INTERFACE] = "interface",
	[ER_REASON_ADDRESS] = "address",
	[ER_REASON_ABSENT] = "absent",
	[ER_REASON_SESSION] = "session",
	[ER_REASON_PARTNER] = "partner",
	[ER_REASON_IDLE] = "idle",
	[ER_REASON_HELD] = "held",
	[ER_REASON_PARTNER_UNSEEN] = "partner-unseen",
	[ER_REASON_PARTNER_HIDDEN] = "partner-hidden",
	[ER_REASON_PARTNER_UNCLEAR] = "partner-unclear",
	[ER_REASON_PARTNER_UNMARKED] = "partner-unmarked",
	[ER_REASON_DRAINED] = "drained",
	[ER_REASON_OWN_DRAINED] = "operator-drained",
};
/* clang-format on */

static const char *word(const char *const *table, size_t n, unsigned int v)
{
	return v < n ? table[v] : "?";
}

static bool parse(const char *const *table, size_t n, const char *s, unsigned int *v)
{
	for (size_t i = 0; i < n; i++) {
		if (strmatch(table[i], s)) {
			*v = i;
			return true;
		}
	}
	return false;
}

#define WORDS(name, type, table)                                                                  \
	const char *er_##name##_str(enum type v)                                                  \
	{                                                                                         \
		return word(table, array_size(table), v);                                         \
	}
#define PARSE(name, type, table)                                                                  \
	bool er_##name##_parse(const char *s, enum type *v)                                       \
	{                                                                                         \
		unsigned int n;                                                                   \
                                                                                                  \
		if (!parse(table, array_size(table), s, &n))                                      \
			return false;                                                             \
		*v = n;                                                                           \
		return true;                                                                      \
	}

WORDS(peering_type, er_peering_type, peering_types)
WORDS(role, er_role, roles)
WORDS(family, er_family, families)
WORDS(redundancy, er_redundancy, redundancies)
WORDS(health, er_health, healths)
WORDS(unprotected, er_unprotected, unprotecteds)
WORDS(session_state, er_session_state, session_states)
WORDS(bfd_state, er_bfd_state, bfd_states)
WORDS(if_state, er_if_state, if_states)
WORDS(session_mode, er_session_mode, session_modes)
WORDS(redundancy_mode, er_redundancy_mode, redundancy_modes)
WORDS(notice_type, er_notice_type, notice_types)
WORDS(reason, er_reason, reasons)
WORDS(sku, er_sku, skus)
WORDS(direction, er_direction, directions)
WORDS(limit_level, er_limit_level, limit_levels)
WORDS(rule, er_rule, rules)
WORDS(vpn_state, er_vpn_state, vpn_states)
WORDS(vpn_cause, er_vpn_cause, vpn_causes)
WORDS(gateway_health, er_gateway_health, gateway_healths)
WORDS(probe_state, er_probe_state, probe_states)
WORDS(test_result, er_test_result, test_results)
WORDS(activation, er_activation, activations)
WORDS(more_specifics, er_more_specifics, more_specifics)
WORDS(pin_mode, er_pin_mode, pin_modes)
WORDS(site_preference, er_site_preference, site_preferences)
WORDS(undeclared, er_undeclared, undeclareds)
WORDS(joint_state, er_joint_state, joint_states)
WORDS(audit_rule, er_audit_rule, audit_rules)
WORDS(found, er_found, founds)
WORDS(quality, er_quality, qualities)
WORDS(path_kind, er_path_kind, path_kinds)
WORDS(own_phase, er_own_phase, own_phases)

PARSE(peering_type, er_peering_type, peering_types)
PARSE(role, er_role, roles)
PARSE(family, er_family, families)
PARSE(joint_state, er_joint_state, joint_states)
PARSE(redundancy, er_redundancy, redundancies)
PARSE(sku, er_sku, skus)
PARSE(direction, er_direction, directions)
PARSE(limit_level, er_limit_level, limit_levels)
PARSE(rule, er_rule, rules)
PARSE(vpn_cause, er_vpn_cause, vpn_causes)
PARSE(test_result, er_test_result, test_results)
PARSE(activation, er_activation, activations)
PARSE(more_specifics, er_more_specifics, more_specifics)
PARSE(pin_mode, er_pin_mode, pin_modes)
PARSE(site_preference, er_site_preference, site_preferences)
PARSE(undeclared, er_undeclared, undeclareds)
PARSE(own_phase, er_own_phase, own_phases)

const char *er_rule_reason(enum er_rule rule)
{
	return word(rule_reasons, array_size(rule_reasons), rule);
}

static void interface_reason(const struct er_session_view *link, char *buf, size_t len)
{
	const char *name = link->spec.ifname;

	switch (link->interface.state) {
	case ER_IF_MISSING:
		snprintfrr(buf, len, "interface %s does not exist", name);
		return;
	case ER_IF_WRONG_VRF:
		snprintfrr(buf, len, "interface %s is not in VRF %s", name, link->spec.vrf);
		return;
	case ER_IF_UNCONFIGURED:
	case ER_IF_DOWN:
	case ER_IF_UP:
		snprintfrr(buf, len, "interface %s is down", name);
		return;
	}
}

/* What is known of why: the module's own word, then bgpd's. */
static void session_reason(const struct er_session_view *link, char *buf, size_t len)
{
	const struct er_session_facts *facts = &link->facts;

	if (facts->state == ER_SESSION_UNKNOWN)
		snprintfrr(buf, len, "bgpd has not reported the session yet");
	else if (facts->problem[0])
		snprintfrr(buf, len, "session not established (%s)", facts->problem);
	else if (facts->last_reset[0])
		snprintfrr(buf, len, "session not established (%s)", facts->last_reset);
	else
		snprintfrr(buf, len, "session not established (%s)",
			   er_session_state_str(facts->state));
}

static void absent_reason(const struct er_session_view *link, char *buf, size_t len)
{
	if (link->facts.problem[0])
		snprintfrr(buf, len, "no neighbor in bgpd (%s)", link->facts.problem);
	else
		snprintfrr(buf, len, "no neighbor %pIA in bgpd", &link->spec.neighbor);
}

static void own_drained_reason(const struct er_session_view *link, char *buf, size_t len)
{
	enum er_health health = link->assessment.health;
	const char *more = "";

	if (health == ER_LINK_INACTIVE)
		more = ", shut down";
	else if (health == ER_LINK_DOWN)
		more = ", down";
	else if (link->assessment.drained)
		more = " and by Microsoft (maintenance)";
	snprintfrr(buf, len, "drained by operator%s", more);
}

static void partner_reason(const struct er_session_view *link, char *buf, size_t len)
{
	const struct ipaddr *partner = &link->spec.neighbor;
	const struct er_partner_facts *facts = &link->facts.partner;

	if (facts->unreachable)
		snprintfrr(buf, len,
			   "partner %pIA shows routes of Microsoft's whose next hop cannot be reached",
			   partner);
	else if (facts->all_paths)
		snprintfrr(buf, len, "partner %pIA shows no route of Microsoft's", partner);
	else
		snprintfrr(buf, len,
			   "partner %pIA shows no route of Microsoft's: its link is down, drained, or less preferred",
			   partner);
}

static void unseen_reason(const struct er_session_view *link, char *buf, size_t len)
{
	const struct er_session_facts *facts = &link->facts;
	const struct ipaddr *partner = &link->spec.neighbor;

	if (facts->state == ER_SESSION_ESTABLISHED)
		snprintfrr(buf, len, "unknown, waiting for the routes of partner %pIA", partner);
	else if (facts->state == ER_SESSION_UNKNOWN)
		snprintfrr(buf, len, "unknown, bgpd has not reported partner %pIA yet", partner);
	else if (facts->problem[0])
		snprintfrr(buf, len, "unknown (%s)", facts->problem);
	else if (facts->last_reset[0])
		snprintfrr(buf, len, "unknown, no iBGP session with partner %pIA (%s)", partner,
			   facts->last_reset);
	else
		snprintfrr(buf, len, "unknown, no iBGP session with partner %pIA", partner);
}

void er_link_reason(const struct er_session_view *link, char *buf, size_t len)
{
	switch (link->assessment.reason) {
	case ER_REASON_NONE:
		buf[0] = '\0';
		return;
	case ER_REASON_SHUTDOWN:
		snprintfrr(buf, len, "shut down");
		return;
	case ER_REASON_UNCONFIGURED:
		snprintfrr(buf, len, "no %s subnet configured",
			   er_family_str(link->spec.key.family));
		return;
	case ER_REASON_BGPD_LOST:
		if (link->assessment.health == ER_LINK_INACTIVE)
			snprintfrr(buf, len, "waiting for bgpd's first report");
		else
			snprintfrr(buf, len, "no contact with bgpd");
		return;
	case ER_REASON_INTERFACE:
		interface_reason(link, buf, len);
		return;
	case ER_REASON_ADDRESS:
		snprintfrr(buf, len, "address %pIA is not on interface %s", &link->spec.local,
			   link->spec.ifname);
		return;
	case ER_REASON_ABSENT:
		absent_reason(link, buf, len);
		return;
	case ER_REASON_SESSION:
		session_reason(link, buf, len);
		return;
	case ER_REASON_PARTNER:
		partner_reason(link, buf, len);
		return;
	case ER_REASON_PARTNER_UNSEEN:
		unseen_reason(link, buf, len);
		return;
	case ER_REASON_PARTNER_HIDDEN:
		snprintfrr(buf, len,
			   "unknown, partner %pIA sends its best paths only, and these are ours",
			   &link->spec.neighbor);
		return;
	case ER_REASON_PARTNER_UNCLEAR:
		snprintfrr(buf, len,
			   "unknown, the routes that partner %pIA shows may be of the other peering",
			   &link->spec.neighbor);
		return;
	case ER_REASON_PARTNER_UNMARKED:
		snprintfrr(buf, len,
			   "unknown, the routes that partner %pIA shows carry no site-of-origin: give the circuit its site-of-origin there, too",
			   &link->spec.neighbor);
		return;
	case ER_REASON_IDLE:
		snprintfrr(buf, len, "established, but without prefixes");
		return;
	case ER_REASON_HELD:
		snprintfrr(buf, len, "held down after flapping, not trusted yet");
		return;
	case ER_REASON_DRAINED:
		snprintfrr(buf, len, "drained by Microsoft (maintenance)");
		return;
	case ER_REASON_OWN_DRAINED:
		own_drained_reason(link, buf, len);
		return;
	}
	buf[0] = '\0';
}

void er_assessment_reason(const struct er_assessment *a,
			  const struct er_session_view link[ER_ROLES], char *buf, size_t len)
{
	char text[ER_ROLES][LINK_REASON_LEN];

	for (enum er_role r = 0; r < ER_ROLES; r++)
		er_link_reason(&link[r], text[r], sizeof(text[r]));

	if (!text[ER_PRIMARY][0] && !text[ER_SECONDARY][0])
		buf[0] = '\0';
	else if (!text[ER_SECONDARY][0])
		snprintfrr(buf, len, "primary: %s", text[ER_PRIMARY]);
	else if (!text[ER_PRIMARY][0])
		snprintfrr(buf, len, "secondary: %s", text[ER_SECONDARY]);
	else if (!strmatch(text[ER_PRIMARY], text[ER_SECONDARY]))
		snprintfrr(buf, len, "primary: %s; secondary: %s", text[ER_PRIMARY],
			   text[ER_SECONDARY]);
	else if (a->redundancy == ER_INACTIVE)
		snprintfrr(buf, len, "%s", text[ER_PRIMARY]);
	else
		snprintfrr(buf, len, "both links%s: %s", a->redundancy == ER_DOWN ? " down" : "",
			   text[ER_PRIMARY]);
}
