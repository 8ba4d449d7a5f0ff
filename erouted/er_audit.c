// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit: log lines, the YANG notification, the YANG state tree.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_audit.h"
#include "erouted/er_errors.h"
#include "erouted/er_state.h"

/*
 * A verdict that has changed
 */
#define LOG_AUDIT(n, code, priority, format, ...)                                                 \
	_zlog_ecref(code, priority, "audit: circuit %s %s is %s, was %s: %s" format,              \
		    (n)->session.circuit, er_audit_rule_str((n)->audit.rule),                     \
		    er_found_str((n)->audit.verdict), er_found_str((n)->audit.previous),          \
		    (n)->reason, ##__VA_ARGS__)

static void log_audit(const struct er_notice *n)
{
	if (n->audit.verdict > n->audit.previous)
		LOG_AUDIT(n, EC_ER_AUDIT_WORSE, LOG_WARNING, ". %s", n->audit.advice);
	else
		LOG_AUDIT(n, EC_ER_AUDIT_BETTER, LOG_NOTICE, "");
}

static void add_score(struct lyd_node *node, int score)
{
	if (score >= 0)
		er_state_add_number(node, "score", score);
}

static void send_notification(const struct er_notice *n)
{
	struct lyd_node *tree = NULL;

	if (!er_nb_connected() ||
	    lyd_new_path(NULL, ly_native_ctx, ER_XPATH_NOTIFY_AUDIT, NULL, 0, &tree))
		return;
	er_state_add(tree, "circuit", n->session.circuit);
	er_state_add(tree, "rule", er_audit_rule_str(n->audit.rule));
	er_state_add(tree, "verdict", er_found_str(n->audit.verdict));
	er_state_add_text(tree, "evidence", n->reason);
	er_state_add_text(tree, "advice", n->audit.advice);
	er_state_add(tree, "previous", er_found_str(n->audit.previous));
	add_score(tree, n->audit.score);
	nb_notification_tree_send(ER_XPATH_NOTIFY_AUDIT, tree);
	lyd_free_all(tree);
}

bool er_audit_notify(const struct er_notice *n)
{
	if (n->type != ER_NOTICE_AUDIT)
		return false;
	log_audit(n);
	send_notification(n);
	return true;
}

/*
 * State
 */
static void add_rule(struct lyd_node *circuit, enum er_audit_rule rule,
		     const struct er_finding *finding)
{
	struct lyd_node *node = er_state_new_entry(circuit, "rule", er_audit_rule_str(rule));

	er_state_add(node, "verdict", er_found_str(finding->verdict));
	er_state_add_text(node, "evidence", finding->evidence);
	er_state_add_text(node, "advice", finding->advice);
}

static int add_circuit(const struct er_circuit_config *config, void *arg)
{
	struct lyd_node *circuit;
	struct er_audit audit;

	if (!er_core_audit(er_core, config->name, er_now(), &audit))
		return 0;
	circuit = er_state_new_entry(arg, "circuit", config->name);
	add_score(circuit, audit.score);
	er_state_add_bool(circuit, "watched", er_core_audit_is_watched(er_core, config->name));
	er_state_add_number(circuit, "passed", audit.n[ER_FOUND_PASS]);
	er_state_add_number(circuit, "warned", audit.n[ER_FOUND_WARN]);
	er_state_add_number(circuit, "failed", audit.n[ER_FOUND_FAIL]);
	er_state_add_number(circuit, "not-applicable", audit.n[ER_FOUND_NOT_APPLICABLE]);
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++)
		add_rule(circuit, rule, &audit.finding[rule]);
	return 0;
}

void er_audit_state_add(struct lyd_node *top, const char *circuit)
{
	struct lyd_node *node = er_state_inner(top, "audit");
	const struct er_circuit_config *config;
	const char *unseen;

	if (!circuit)
		er_core_foreach(er_core, add_circuit, node);
	config = circuit ? er_core_config(er_core, circuit) : NULL;
	if (config)
		add_circuit(config, node);
	for (size_t i = 0; (unseen = er_audit_unseen(i)); i++)
		er_state_add(node, "cannot-see", unseen);
}

struct lyd_node *er_audit_state_tree(const char *circuit)
{
	struct lyd_node *top;

	if (lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &top))
		return NULL;
	er_audit_state_add(top, circuit);
	return top;
}
