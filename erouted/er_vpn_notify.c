// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has happened to a VPN backup -> one log line and one YANG notification.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_errors.h"
#include "erouted/er_state.h"
#include "erouted/er_vpn.h"

/* As in er_notify.c: the code of a line must be a constant. */
#define LOG_VPN(n, code, priority, format, ...)                                                   \
	_zlog_ecref(code, priority, "vpn-backup %s %s" format, (n)->session.circuit,              \
		    er_family_str((n)->session.family), ##__VA_ARGS__)

#define LOG_GATEWAY(key, code, priority, format, ...)                                             \
	_zlog_ecref(code, priority, "vpn-backup %s gateway %s" format, (key)->vpn,                \
		    er_instance_str((key)->instance), ##__VA_ARGS__)

/* ": " and the reason, where there is one. */
#define COLON(text) ((text)[0] ? ": " : "")

/*
 * Log lines
 */
static void log_session(const struct er_notice *n)
{
	struct er_gateway_key key = { .instance = n->session.role };

	strlcpy(key.vpn, n->session.circuit, sizeof(key.vpn));
	if (n->established)
		LOG_GATEWAY(&key, EC_ER_GATEWAY_ESTABLISHED, LOG_NOTICE,
			    " %s: session to %pIA established", er_family_str(n->session.family),
			    &n->neighbor);
	else
		LOG_GATEWAY(&key, EC_ER_GATEWAY_LOST, LOG_WARNING, " %s: session to %pIA lost%s%s",
			    er_family_str(n->session.family), &n->neighbor, COLON(n->reason),
			    n->reason);
}

static void peering_of(const struct er_notice *n, struct er_peering_key *key)
{
	memset(key, 0, sizeof(*key));
	strlcpy(key->circuit, n->session.circuit, sizeof(key->circuit));
	key->peering = ER_VPN;
	key->family = n->session.family;
}

static void log_more_specific(const struct er_notice *n)
{
	const struct er_vpn_rib_facts *rib = &n->vpn_rib;
	struct prefix example[ER_WIRE_EXAMPLES];
	char names[ER_WIRE_EXAMPLES * (PREFIX_STRLEN + 2)] = "";
	struct er_peering_key key;
	size_t count, at = 0;

	if (!rib->more_specific) {
		LOG_VPN(n, EC_ER_VPN_MORE_SPECIFIC, LOG_NOTICE,
			": no prefix is more specific than ExpressRoute's any more");
		return;
	}
	peering_of(n, &key);
	count = er_examples_more_specific(&key, example);
	for (size_t i = 0; i < count && at < sizeof(names); i++)
		at += snprintfrr(names + at, sizeof(names) - at, "%s%pFX", i ? ", " : ": ",
				 &example[i]);
	LOG_VPN(n, EC_ER_VPN_MORE_SPECIFIC, LOG_WARNING,
		": %u %s more specific than ExpressRoute's, %u kept out%s", rib->more_specific,
		er_plural(rib->more_specific, "prefix is", "prefixes are"), rib->suppressed, names);
}

static void log_test(const struct er_notice *n)
{
	const struct er_test_report *test = &n->test;
	const char *result = er_test_result_str(test->result);

	switch (test->result) {
	case ER_TEST_NONE:
		return;
	case ER_TEST_RUNNING:
		LOG_VPN(n, EC_ER_VPN_TEST, LOG_NOTICE, ": failover test is running");
		return;
	case ER_TEST_PASSED:
		LOG_VPN(n, EC_ER_VPN_TEST, LOG_NOTICE,
			": failover test passed: %u s over the VPN, %u of %u probes lost",
			test->duration_s, test->lost, test->sent);
		return;
	case ER_TEST_FAILED:
	case ER_TEST_ABORTED:
	case ER_TEST_REFUSED:
		LOG_VPN(n, EC_ER_VPN_TEST, LOG_WARNING, ": failover test %s%s%s", result,
			COLON(test->reason), test->reason);
		return;
	}
}

static void log_notice(const struct er_notice *n)
{
	const char *cause = er_vpn_cause_str(n->cause);

	switch (n->type) {
	case ER_NOTICE_SESSION:
		log_session(n);
		return;
	case ER_NOTICE_VPN_ACTIVATED:
		LOG_VPN(n, EC_ER_VPN_ACTIVATED, LOG_WARNING,
			": active, traffic goes over the VPN (%s)%s%s", cause, COLON(n->reason),
			n->reason);
		return;
	case ER_NOTICE_VPN_RESTORED:
		LOG_VPN(n, EC_ER_VPN_RESTORED, LOG_NOTICE,
			": standby, traffic goes over ExpressRoute (was active: %s)%s%s", cause,
			COLON(n->reason), n->reason);
		return;
	case ER_NOTICE_VPN_UNAVAILABLE:
		LOG_VPN(n, EC_ER_VPN_UNAVAILABLE, LOG_ERR,
			" is unavailable, ExpressRoute has no backup%s%s", COLON(n->reason),
			n->reason);
		return;
	case ER_NOTICE_VPN_AVAILABLE:
		LOG_VPN(n, EC_ER_VPN_AVAILABLE, LOG_NOTICE, " is available again");
		return;
	case ER_NOTICE_MORE_SPECIFIC:
		log_more_specific(n);
		return;
	case ER_NOTICE_VPN_TEST:
		log_test(n);
		return;
	case ER_NOTICE_REDUNDANCY:
	case ER_NOTICE_DRAIN_START:
	case ER_NOTICE_DRAIN_STOP:
	case ER_NOTICE_PARITY_LOST:
	case ER_NOTICE_PARITY_RESTORED:
	case ER_NOTICE_FLAPPING_START:
	case ER_NOTICE_FLAPPING_STOP:
	case ER_NOTICE_LIMIT:
	case ER_NOTICE_JOINT:
	case ER_NOTICE_SITE_REFUSED:
	case ER_NOTICE_SITE_LIMIT:
	case ER_NOTICE_UNDECLARED_SITE:
	case ER_NOTICE_AUDIT:
	case ER_NOTICE_PATH_QUALITY:
	case ER_NOTICE_OWN_DRAIN:
		return;
	}
}

/*
 * YANG notifications
 */
static void add_family(struct lyd_node *tree, const struct er_notice *n)
{
	er_state_add(tree, "family", er_family_str(n->session.family));
}

static void add_transition(struct lyd_node *tree, const struct er_notice *n)
{
	add_family(tree, n);
	er_state_add(tree, "cause", er_vpn_cause_str(n->cause));
	er_state_add_text(tree, "reason", n->reason);
}

static void add_session(struct lyd_node *tree, const struct er_notice *n)
{
	add_family(tree, n);
	er_state_add(tree, "gateway", er_instance_str(n->session.role));
	er_state_add_address(tree, "neighbor-address", &n->neighbor);
	er_state_add_bool(tree, "established", n->established);
	er_state_add_text(tree, "reason", n->reason);
}

static void add_more_specific(struct lyd_node *tree, const struct er_notice *n)
{
	struct prefix example[ER_WIRE_EXAMPLES];
	struct er_peering_key key;
	size_t count;

	add_family(tree, n);
	er_state_add_number(tree, "count", n->vpn_rib.more_specific);
	er_state_add_number(tree, "suppressed", n->vpn_rib.suppressed);
	peering_of(n, &key);
	count = er_examples_more_specific(&key, example);
	er_state_add_prefixes(tree, "prefix", example, count);
}

static void add_test(struct lyd_node *tree, const struct er_notice *n)
{
	er_state_add_test(tree, &n->test);
}

static const struct {
	const char *xpath;
	void (*add)(struct lyd_node *tree, const struct er_notice *n);
} kinds[] = {
	[ER_NOTICE_SESSION] = { ER_XPATH_NOTIFY_VPN_SESSION, add_session },
	[ER_NOTICE_VPN_ACTIVATED] = { ER_XPATH_NOTIFY_VPN_ACTIVATED, add_transition },
	[ER_NOTICE_VPN_RESTORED] = { ER_XPATH_NOTIFY_VPN_RESTORED, add_transition },
	[ER_NOTICE_VPN_UNAVAILABLE] = { ER_XPATH_NOTIFY_VPN_UNAVAILABLE, add_transition },
	[ER_NOTICE_VPN_AVAILABLE] = { ER_XPATH_NOTIFY_VPN_AVAILABLE, add_transition },
	[ER_NOTICE_MORE_SPECIFIC] = { ER_XPATH_NOTIFY_VPN_MORE_SPECIFIC, add_more_specific },
	[ER_NOTICE_VPN_TEST] = { ER_XPATH_NOTIFY_VPN_TEST, add_test },
};

/* A notification about a backup, to be filled and sent; NULL: nobody hears. */
static struct lyd_node *begin(const char *xpath, const char *vpn)
{
	struct lyd_node *tree = NULL;

	if (!er_nb_connected() || lyd_new_path(NULL, ly_native_ctx, xpath, NULL, 0, &tree))
		return NULL;
	er_state_add(tree, "vpn-backup", vpn);
	return tree;
}

static void end(const char *xpath, struct lyd_node *tree)
{
	nb_notification_tree_send(xpath, tree);
	lyd_free_all(tree);
}

bool er_vpn_notify(const struct er_notice *n)
{
	struct lyd_node *tree;

	if (n->session.peering != ER_VPN || (size_t)n->type >= array_size(kinds) ||
	    !kinds[n->type].xpath)
		return false;

	log_notice(n);
	tree = begin(kinds[n->type].xpath, n->session.circuit);
	if (!tree)
		return true;
	kinds[n->type].add(tree, n);
	end(kinds[n->type].xpath, tree);
	return true;
}

void er_vpn_notify_address(const struct er_gateway_key *key, const struct er_resolve_view *view)
{
	char names[ER_ADDRESSES * (IPADDR_STRING_SIZE + 2)] = "";
	struct lyd_node *tree;
	size_t at = 0;

	for (size_t i = 0; i < view->n && at < sizeof(names); i++)
		at += snprintfrr(names + at, sizeof(names) - at, "%s%pIA", i ? ", " : "",
				 &view->address[i]);
	if (view->state == ER_RESOLVE_FAILED)
		LOG_GATEWAY(key, EC_ER_GATEWAY_NAME, LOG_WARNING,
			    ": its name is not resolved: %s; %s%s", view->problem,
			    view->n ? "it stays at " : "no address is known", names);
	else
		LOG_GATEWAY(key, EC_ER_GATEWAY_ADDRESS, LOG_NOTICE, ": its name resolves to %s%s%s",
			    names, COLON(view->problem), view->problem);

	tree = begin(ER_XPATH_NOTIFY_VPN_ADDRESS, key->vpn);
	if (!tree)
		return;
	er_state_add(tree, "gateway", er_instance_str(key->instance));
	for (size_t i = 0; i < view->n; i++)
		er_state_add_address(tree, "address", &view->address[i]);
	er_state_add_text(tree, "problem", view->problem);
	end(ER_XPATH_NOTIFY_VPN_ADDRESS, tree);
}
