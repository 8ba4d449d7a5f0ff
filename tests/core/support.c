// SPDX-License-Identifier: GPL-2.0-or-later
#include <zebra.h>

#include <string.h>

#include "lib/printfrr.h"

#include "core/text.h"
#include "tests/core/support.h"

static struct prefix subnet_of(enum er_family f, enum er_peering_type p, enum er_role r,
			       uint8_t base)
{
	struct prefix subnet;
	char text[64];

	if (f == ER_IPV4)
		snprintf(text, sizeof(text), "192.0.%u.%u/30", base, p * 8 + r * 4);
	else
		snprintf(text, sizeof(text), "2001:db8:%x:%x::%x/126", base, p, r * 4);
	if (!str2prefix(text, &subnet))
		abort();
	return subnet;
}

void add_peering(struct er_circuit_config *config, enum er_peering_type peering, bool ipv4,
		 bool ipv6, uint8_t base)
{
	struct er_peering_config *p = &config->peering[peering];

	p->configured = true;
	strlcpy(p->vrf, "default", sizeof(p->vrf));
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		struct er_link_config *l = &p->link[r];

		l->configured = true;
		snprintf(l->ifname, sizeof(l->ifname), "eth%u", r + 1);
		if (ipv4)
			l->subnet[ER_IPV4] = subnet_of(ER_IPV4, peering, r, base);
		if (ipv6)
			l->subnet[ER_IPV6] = subnet_of(ER_IPV6, peering, r, base);
	}
}

struct er_circuit_config circuit_of(const char *name, enum er_peering_type peering, bool dual,
				    uint8_t base)
{
	struct er_circuit_config config = {};

	strlcpy(config.name, name, sizeof(config.name));
	add_peering(&config, peering, true, dual, base);
	return config;
}

struct er_session_key session_key(const char *name, enum er_peering_type p, enum er_role r,
				  enum er_family f)
{
	struct er_session_key key = { .peering = p, .role = r, .family = f };

	strlcpy(key.circuit, name, sizeof(key.circuit));
	return key;
}

struct er_peering_key peering_key(const char *name, enum er_peering_type p, enum er_family f)
{
	struct er_peering_key key = { .peering = p, .family = f };

	strlcpy(key.circuit, name, sizeof(key.circuit));
	return key;
}

static struct ipaddr address(const char *base, enum er_role r)
{
	struct ipaddr addr;
	char text[64];

	snprintf(text, sizeof(text), "%s%u", base, r);
	if (str2ipaddr(text, &addr) != 0)
		abort();
	return addr;
}

struct er_gateway_config gateway_of(enum er_role r, bool ipv4, bool ipv6)
{
	struct er_gateway_config g = { .configured = true, .remote_as = 65515, .multihop = 2 };

	if (ipv4)
		g.neighbor[ER_IPV4] = address("10.255.0.", r);
	if (ipv6)
		g.neighbor[ER_IPV6] = address("fd00:255::", r);
	return g;
}

void add_probe(struct er_gateway_config *gateway, enum er_role r)
{
	gateway->probe[ER_IPV4] = address("10.0.0.", r);
	gateway->probe[ER_IPV6] = address("fd00::", r);
}

static bool about_one_link(enum er_notice_type type)
{
	return type != ER_NOTICE_REDUNDANCY && type != ER_NOTICE_PARITY_LOST &&
	       type != ER_NOTICE_PARITY_RESTORED && type < ER_NOTICE_LIMIT;
}

static void report_text(const struct er_test_report *report, char *buf, size_t len)
{
	snprintf(buf, len, " %s", er_test_result_str(report->result));
	if (report->duration_s)
		snprintf(buf + strlen(buf), len - strlen(buf),
			 " after %u s, lost %u of %u, rtt %u, moved in %u ms", report->duration_s,
			 report->lost, report->sent, report->rtt_us, report->moved_ms);
	if (report->reason[0])
		snprintf(buf + strlen(buf), len - strlen(buf), ": %s", report->reason);
}

/* The roles of ER_VPN are instances. */
static const char *end_text(const struct er_session_key *key)
{
	if (key->peering == ER_VPN)
		return key->role == ER_PRIMARY ? "0" : "1";
	return er_role_str(key->role);
}

void notice_text(const struct er_notice *n, char *buf, size_t len)
{
	const struct er_session_key *key = &n->session;
	char detail[2 * ER_JOINED_LEN] = "";

	switch (n->type) {
	case ER_NOTICE_REDUNDANCY:
		snprintf(detail, sizeof(detail), " %s -> %s%s%s", er_redundancy_str(n->previous),
			 er_redundancy_str(n->redundancy), n->reason[0] ? ": " : "", n->reason);
		break;
	case ER_NOTICE_SESSION:
		snprintfrr(detail, sizeof(detail), " %pIA %s%s%s", &n->neighbor,
			   n->established ? "established" : "lost", n->reason[0] ? ": " : "",
			   n->reason);
		break;
	case ER_NOTICE_DRAIN_START:
		snprintf(detail, sizeof(detail), " %u prefixes", n->drained);
		break;
	case ER_NOTICE_PARITY_LOST:
		snprintf(detail, sizeof(detail), " both %u only %u %u differs %u", n->rib.both,
			 n->rib.only[ER_PRIMARY], n->rib.only[ER_SECONDARY], n->rib.path_differs);
		if (n->rib.out_only[ER_PRIMARY] || n->rib.out_only[ER_SECONDARY])
			snprintf(detail + strlen(detail), sizeof(detail) - strlen(detail),
				 " out %u %u", n->rib.out_only[ER_PRIMARY],
				 n->rib.out_only[ER_SECONDARY]);
		break;
	case ER_NOTICE_FLAPPING_START:
		snprintf(detail, sizeof(detail), " hold %u", n->hold_s);
		break;
	case ER_NOTICE_LIMIT:
		snprintf(detail, sizeof(detail), " %s %s -> %s: %u of %u",
			 er_direction_str(n->direction), er_limit_level_str(n->previous_level),
			 er_limit_level_str(n->limit.level), n->limit.count, n->limit.limit);
		if (n->rib.held && n->direction == ER_ADVERTISED)
			snprintf(detail + strlen(detail), sizeof(detail) - strlen(detail),
				 ", %u held", n->rib.held);
		break;
	case ER_NOTICE_DRAIN_STOP:
	case ER_NOTICE_PARITY_RESTORED:
	case ER_NOTICE_FLAPPING_STOP:
		break;
	case ER_NOTICE_VPN_ACTIVATED:
	case ER_NOTICE_VPN_RESTORED:
		snprintf(detail, sizeof(detail), " %s: %s", er_vpn_cause_str(n->cause), n->reason);
		break;
	case ER_NOTICE_VPN_UNAVAILABLE:
		snprintf(detail, sizeof(detail), ": %s", n->reason);
		break;
	case ER_NOTICE_VPN_AVAILABLE:
		break;
	case ER_NOTICE_MORE_SPECIFIC:
		snprintf(detail, sizeof(detail), " %u suppressed %u", n->vpn_rib.more_specific,
			 n->vpn_rib.suppressed);
		break;
	case ER_NOTICE_VPN_TEST:
		report_text(&n->test, detail, sizeof(detail));
		break;
	case ER_NOTICE_JOINT:
		snprintf(detail, sizeof(detail), " %s %s -> %s%s%s, %u prefixes, missing %u%s",
			 n->name, er_joint_state_str(n->previous_joint),
			 er_joint_state_str(n->joint.state), n->joint.reason[0] ? ": " : "",
			 n->joint.reason, n->joint.prefixes,
			 n->joint.incomplete ? n->joint.missing : 0,
			 n->joint.asymmetric ? ", asymmetric" : "");
		break;
	case ER_NOTICE_SITE_REFUSED:
		snprintf(detail, sizeof(detail), " %s %u by prefix, %u by limit", n->name,
			 n->site_facts.refused_prefix, n->site_facts.refused_limit);
		break;
	case ER_NOTICE_SITE_LIMIT:
		snprintf(detail, sizeof(detail), " %s %s -> %s: %u of %u", n->name,
			 er_limit_level_str(n->previous_level), er_limit_level_str(n->limit.level),
			 n->limit.count, n->limit.limit);
		break;
	case ER_NOTICE_PATH_QUALITY:
		snprintf(detail, sizeof(detail), " %s %s -> %s%s%s", n->name,
			 er_quality_str(n->previous_quality), er_quality_str(n->path.quality),
			 n->reason[0] ? ": " : "", n->reason);
		break;
	case ER_NOTICE_UNDECLARED_SITE:
		snprintf(detail, sizeof(detail), " %u accepted, %u refused",
			 er_site_accepted(&n->site_facts), n->site_facts.refused_undeclared);
		break;
	case ER_NOTICE_AUDIT:
		snprintf(buf, len, "audit %s %s %s -> %s: %s", key->circuit,
			 er_audit_rule_str(n->audit.rule), er_found_str(n->audit.previous),
			 er_found_str(n->audit.verdict), n->reason);
		return;
	case ER_NOTICE_OWN_DRAIN:
		snprintf(detail, sizeof(detail), " %s %s -> %s%s%s", er_role_str(key->role),
			 er_own_phase_str(n->previous_own), er_own_phase_str(n->own.phase),
			 n->reason[0] ? ": " : "", n->reason);
		break;
	}
	snprintf(buf, len, "%s %s %s%s%s %s%s", er_notice_type_str(n->type), key->circuit,
		 er_peering_type_str(key->peering), about_one_link(n->type) ? " " : "",
		 about_one_link(n->type) ? end_text(key) : "", er_family_str(key->family), detail);
}

bool notice_equal(const struct er_notice *a, const struct er_notice *b)
{
	char text[2][1024];

	notice_text(a, text[0], sizeof(text[0]));
	notice_text(b, text[1], sizeof(text[1]));
	return strmatch(text[0], text[1]);
}
