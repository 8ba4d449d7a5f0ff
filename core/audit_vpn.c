// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ERC-7 and the other rules about the VPN backup.
 */
#include <zebra.h>

#include "core/audit_rules.h"
#include "core/text.h"

static bool has_vpn(const struct er_audit_facts *facts, struct er_finding *finding)
{
	if (!facts->vpn.config)
		NOTHING(finding, "no VPN backup backs its private peering");
	else if (facts->vpn.config->shutdown)
		NOTHING(finding, "VPN backup %s is shut down", facts->vpn.config->name);
	return facts->vpn.config && !facts->vpn.config->shutdown;
}

static void vpn_family(const struct er_audit_facts *facts, struct er_finding *finding,
		       enum er_family f)
{
	const struct er_audit_vpn *vpn = &facts->vpn;

	if (!vpn->family[f].configured)
		er_found(finding, ER_FOUND_WARN, "Give a gateway of the backup this family, too.",
			 "VPN backup %s has no gateway in %s", vpn->config->name, er_family_str(f));
	else if (!vpn->known)
		NOTHING(finding, "not known: bgpd has not told of the VPN's sessions");
	else if (!vpn->family[f].available)
		er_found(finding, ER_FOUND_FAIL,
			 "Repair the tunnel or its gateways: 'show expressroute vpn-backup' has the reasons.",
			 "VPN backup %s cannot carry %s: %s", vpn->config->name, er_family_str(f),
			 vpn->family[f].reason);
	else
		PASSED(finding, "VPN backup %s can carry traffic", vpn->config->name);
}

void er_audit_vpn_works(const struct er_audit_facts *facts, struct er_finding *finding)
{
	if (!er_audit_peering_runs(facts, ER_PRIVATE)) {
		NOTHING(finding, "it has no private peering, and a VPN backs nothing else");
		return;
	}
	if (!facts->vpn.config || facts->vpn.config->shutdown) {
		er_found(finding, ER_FOUND_WARN,
			 "Configure a 'vpn-backup' that backs this circuit.", "%s%s%s",
			 facts->vpn.config ? "VPN backup " : "no VPN backup",
			 facts->vpn.config ? facts->vpn.config->name : "",
			 facts->vpn.config ? " is shut down" : " backs its private peering");
		return;
	}
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
		if (er_audit_pair_runs(&facts->pair[ER_PRIVATE][f]))
			vpn_family(facts, finding, f);
}

/* Its routes in a family: they can be told of. */
static bool vpn_routes_known(const struct er_audit_vpn *vpn, enum er_family f)
{
	return vpn->known && vpn->family[f].configured && vpn->family[f].available;
}

void er_audit_vpn_covers(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_vpn *vpn = &facts->vpn;
	const char *advice = "Have the VPN's gateways announce them, or add 'prefix'.";

	if (!has_vpn(facts, finding))
		return;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		const struct er_vpn_rib_facts *rib = &vpn->family[f].rib;

		if (!vpn_routes_known(vpn, f) || !rib->expressroute)
			continue;
		if (!rib->uncovered)
			PASSED(finding,
			       "every prefix of ExpressRoute has a path over VPN backup %s",
			       vpn->config->name);
		else
			er_found(finding,
				 rib->uncovered < rib->expressroute ? ER_FOUND_WARN : ER_FOUND_FAIL,
				 advice,
				 "%u of %u %s %s of ExpressRoute have no path over VPN backup %s",
				 rib->uncovered, rib->expressroute, er_family_str(f),
				 er_prefixes(rib->expressroute), vpn->config->name);
	}
	NOTHING(finding,
		"nothing to compare: no prefix of ExpressRoute, or the VPN is not available");
}

void er_audit_vpn_pulls(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_audit_vpn *vpn = &facts->vpn;

	if (!has_vpn(facts, finding))
		return;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		const struct er_vpn_rib_facts *rib = &vpn->family[f].rib;
		uint32_t taken = rib->more_specific - MIN(rib->suppressed, rib->more_specific);

		/* while it is active they are meant to go there */
		if (!vpn_routes_known(vpn, f) || vpn->family[f].active)
			continue;
		if (taken)
			er_found(finding, ER_FOUND_FAIL,
				 "Use 'more-specifics suppress', or announce the same prefixes on both sides.",
				 "%u %s %s over VPN backup %s: more specific than ExpressRoute's, traffic goes there",
				 taken, er_family_str(f), er_prefixes(taken), vpn->config->name);
		else if (rib->suppressed)
			PASSED(finding, "%u more specific %s over VPN backup %s: suppressed",
			       rib->suppressed, er_prefixes(rib->suppressed), vpn->config->name);
		else
			PASSED(finding, "nothing over VPN backup %s is more specific",
			       vpn->config->name);
	}
	NOTHING(finding, "VPN backup %s is active, or not available", vpn->config->name);
}

/* What has become of one after that; "" when that was the last. */
static const char *since_passed(const struct er_test_report *test, char *buf, size_t len)
{
	buf[0] = '\0';
	if (test->result == ER_TEST_ABORTED || test->result == ER_TEST_REFUSED)
		snprintf(buf, len, "; a later one was %s: %.80s", er_test_result_str(test->result),
			 test->reason);
	else if (test->result == ER_TEST_RUNNING)
		strlcpy(buf, "; one is running", len);
	return buf;
}

void er_audit_vpn_tested(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const char *advice = "Run 'expressroute failover-test NAME'.";
	const struct er_test_report *test = &facts->vpn.test;
	const struct er_vpn_config *config = facts->vpn.config;
	char later[ER_TEXT_LEN];

	if (!has_vpn(facts, finding))
		return;
	if (test->result == ER_TEST_FAILED)
		er_found(finding, ER_FOUND_FAIL,
			 "'show expressroute vpn-backup NAME test' tells what was lost; test again when it is repaired.",
			 "the last failover test of %s, %" PRId64 " days ago, failed: %.120s",
			 config->name, er_audit_days_since(facts, test->began_wall), test->reason);
	else if (!facts->vpn.test_is_due && !test->passed_wall)
		NOTHING(finding, "test-interval of VPN backup %s is 0, and no test has passed",
			config->name);
	else if (!facts->vpn.test_is_due)
		PASSED(finding, "a failover test of %s passed %" PRId64 " days ago%s",
		       config->name, er_audit_days_since(facts, test->passed_wall),
		       since_passed(test, later, sizeof(later)));
	else if (!test->passed_wall || test->passed_wall > facts->now_wall)
		er_found(finding, ER_FOUND_WARN, advice,
			 "no failover test of %s has passed yet: a backup that is not tested fails silently",
			 config->name);
	else
		er_found(finding, ER_FOUND_WARN, advice,
			 "the last failover test of %s that passed is %" PRId64
			 " days old, more than test-interval %u",
			 config->name, er_audit_days_since(facts, test->passed_wall),
			 config->test_max_age_days);
}

void er_audit_vpn_pinned(const struct er_audit_facts *facts, struct er_finding *finding)
{
	const struct er_vpn_config *config = facts->vpn.config;

	if (!has_vpn(facts, finding))
		return;
	if (!facts->others.microsoft_peering) {
		NOTHING(finding, "without Microsoft peering nothing can take the tunnel in");
		return;
	}
	if (config->pin == ER_PIN_NONE) {
		er_found(finding, ER_FOUND_WARN,
			 "Configure 'pin', unless the VPN is meant to run over Microsoft peering.",
			 "gateways of %s are not pinned: a route of Microsoft peering may take the tunnel into ExpressRoute",
			 config->name);
		return;
	}
	FOREACH_ROLE(r)
	if (config->gateway[r].configured && !config->gateway[r].shutdown &&
	    !config->gateway[r].address[0])
		er_found(finding, ER_FOUND_WARN, "Configure the gateway's 'address'.",
			 "gateway %u of %s has no address: nothing of it is pinned", r,
			 config->name);
	PASSED(finding, "gateways of %s are pinned by %s", config->name,
	       er_pin_mode_str(config->pin));
}
