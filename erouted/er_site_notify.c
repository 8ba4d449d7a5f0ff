// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has happened to Global Reach -> one log line and one YANG notification.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_errors.h"
#include "erouted/er_site.h"
#include "erouted/er_state.h"

/* As in er_notify.c: the code of a line must be a constant. */
#define LOG_JOINT(n, code, priority, format, ...)                                                 \
	_zlog_ecref(code, priority, "global-reach %s over circuit %s %s" format, (n)->name,       \
		    (n)->session.circuit, er_family_str((n)->session.family), ##__VA_ARGS__)

#define LOG_SITE(n, code, priority, format, ...)                                                  \
	_zlog_ecref(code, priority, "site %s over circuit %s %s: " format, (n)->name,             \
		    (n)->session.circuit, er_family_str((n)->session.family), ##__VA_ARGS__)

#define LOG_UNDECLARED(n, code, priority, format, ...)                                            \
	_zlog_ecref(code, priority, "circuit %s private %s: " format, (n)->session.circuit,       \
		    er_family_str((n)->session.family), ##__VA_ARGS__)

#define NAMES_LEN (ER_SITE_EXAMPLES * (PREFIX_STRLEN + 32))

/* ": 10.1.0.0/16, 10.2.0.0/16, ...", or "" */
static void prefix_names(const struct prefix *prefix, size_t n, uint32_t of, char *buf, size_t len)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && at < len; i++)
		at += snprintfrr(buf + at, len - at, "%s%pFX", i ? ", " : ": ", &prefix[i]);
	if (n && n < of && at < len)
		snprintf(buf + at, len - at, ", ...");
}

/* ": 10.1.0.0/16 of AS 65010, ...", or "" */
static void example_names(const struct er_site_facts *facts, uint32_t of, char *buf, size_t len)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < facts->n_examples && at < len; i++)
		at += snprintfrr(buf + at, len - at, "%s%pFX of AS %u", i ? ", " : ": ",
				 &facts->example[i].prefix, facts->example[i].as);
	if (facts->n_examples && facts->n_examples < of && at < len)
		snprintf(buf + at, len - at, ", ...");
}

/*
 * Log lines
 */
static void log_established(const struct er_notice *n)
{
	const struct er_joint_view *joint = &n->joint;
	char names[NAMES_LEN];

	prefix_names(joint->missing_prefix, joint->n_missing, joint->missing, names, sizeof(names));
	if (n->previous_joint != ER_JOINT_ESTABLISHED)
		LOG_JOINT(n, EC_ER_JOINT_ESTABLISHED, LOG_NOTICE, ": established, %u %s, was %s",
			  joint->prefixes, er_prefixes(joint->prefixes),
			  er_joint_state_str(n->previous_joint));
	else if (joint->asymmetric)
		LOG_JOINT(n, EC_ER_JOINT_DIFFERS, LOG_WARNING,
			  ": links differ: %u %s on primary only, %u on secondary only, %u missing%s",
			  joint->only[ER_PRIMARY], er_prefixes(joint->only[ER_PRIMARY]),
			  joint->only[ER_SECONDARY], joint->missing, names);
	else if (joint->incomplete)
		LOG_JOINT(n, EC_ER_JOINT_DIFFERS, LOG_WARNING,
			  ": nothing is accepted of %u %s of its sites%s", joint->missing,
			  er_prefixes(joint->missing), names);
	else
		LOG_JOINT(n, EC_ER_JOINT_AGREES, LOG_NOTICE,
			  ": links agree, and nothing is missing");
}

static void log_joint(const struct er_notice *n)
{
	if (n->joint.state == ER_JOINT_ESTABLISHED)
		log_established(n);
	else
		LOG_JOINT(n, EC_ER_JOINT_LOST, LOG_WARNING, " is %s, was %s%s%s",
			  er_joint_state_str(n->joint.state), er_joint_state_str(n->previous_joint),
			  n->joint.reason[0] ? ": " : "", n->joint.reason);
}

static void log_refused(const struct er_notice *n)
{
	const struct er_site_facts *facts = &n->site_facts;
	uint32_t refused = facts->refused_prefix + facts->refused_limit;
	char names[NAMES_LEN];

	if (!refused) {
		LOG_SITE(n, EC_ER_SITE_REFUSED, LOG_NOTICE, "no prefix is refused any more");
		return;
	}
	example_names(facts, refused, names, sizeof(names));
	LOG_SITE(n, EC_ER_SITE_REFUSED, LOG_WARNING,
		 "%u %s refused, %u that it may not send here, %u beyond its maximum%s", refused,
		 er_prefixes(refused), facts->refused_prefix, facts->refused_limit, names);
}

static void log_limit(const struct er_notice *n)
{
	const char *level = er_limit_level_str(n->limit.level);
	const char *previous = er_limit_level_str(n->previous_level);

	if (n->limit.level == ER_LIMIT_OK)
		LOG_SITE(n, EC_ER_SITE_LIMIT, LOG_NOTICE, "%u of %u prefixes: ok, was %s",
			 n->limit.count, n->limit.limit, previous);
	else
		LOG_SITE(n, EC_ER_SITE_LIMIT, LOG_WARNING, "%u of %u prefixes: %s, was %s",
			 n->limit.count, n->limit.limit, level, previous);
}

static void log_undeclared(const struct er_notice *n)
{
	const struct er_site_facts *facts = &n->site_facts;
	uint32_t accepted = er_site_accepted(facts), refused = facts->refused_undeclared;
	char names[NAMES_LEN];

	if (!accepted && !refused) {
		LOG_UNDECLARED(n, EC_ER_SITE_UNDECLARED, LOG_NOTICE,
			       "no prefix of an undeclared site any more");
		return;
	}
	example_names(facts, accepted + refused, names, sizeof(names));
	LOG_UNDECLARED(n, EC_ER_SITE_UNDECLARED, LOG_WARNING,
		       "%u %s of undeclared sites accepted, %u refused%s", accepted,
		       er_prefixes(accepted), refused, names);
}

/*
 * YANG notifications
 */
static void add_joint(struct lyd_node *tree, const struct er_notice *n)
{
	const struct er_joint_view *joint = &n->joint;

	er_state_add(tree, "state", er_joint_state_str(joint->state));
	er_state_add(tree, "previous", er_joint_state_str(n->previous_joint));
	er_state_add_text(tree, "reason", joint->reason);
	er_state_add_number(tree, "prefixes", joint->prefixes);
	er_state_add_joint_differences(tree, joint);
}

static void add_refused(struct lyd_node *tree, const struct er_notice *n)
{
	er_state_add_site_refused(tree, &n->site_facts);
	er_state_add_site_examples(tree, &n->site_facts);
}

static void add_limit(struct lyd_node *tree, const struct er_notice *n)
{
	er_state_add_number(tree, "count", n->limit.count);
	er_state_add_number(tree, "limit", n->limit.limit);
	er_state_add(tree, "level", er_limit_level_str(n->limit.level));
	er_state_add(tree, "previous", er_limit_level_str(n->previous_level));
}

static void add_undeclared(struct lyd_node *tree, const struct er_notice *n)
{
	er_state_add_number(tree, "prefixes", er_site_accepted(&n->site_facts));
	er_state_add_number(tree, "refused", n->site_facts.refused_undeclared);
	er_state_add_site_examples(tree, &n->site_facts);
}

static const struct kind {
	enum er_notice_type type;
	const char *xpath;
	const char *name; /* the leaf of the notice's name; NULL: it has none */
	void (*log)(const struct er_notice *n);
	void (*add)(struct lyd_node *tree, const struct er_notice *n);
} kinds[] = {
	{ ER_NOTICE_JOINT, ER_XPATH_NOTIFY_JOINT, "global-reach", log_joint, add_joint },
	{ ER_NOTICE_SITE_REFUSED, ER_XPATH_NOTIFY_SITE, "site", log_refused, add_refused },
	{ ER_NOTICE_SITE_LIMIT, ER_XPATH_NOTIFY_SITE_LIMIT, "site", log_limit, add_limit },
	{ ER_NOTICE_UNDECLARED_SITE, ER_XPATH_NOTIFY_UNDECLARED, NULL, log_undeclared,
	  add_undeclared },
};

static void send_notification(const struct kind *kind, const struct er_notice *n)
{
	struct lyd_node *tree = NULL;

	if (!er_nb_connected() || lyd_new_path(NULL, ly_native_ctx, kind->xpath, NULL, 0, &tree))
		return;
	if (kind->name)
		er_state_add(tree, kind->name, n->name);
	er_state_add(tree, "circuit", n->session.circuit);
	er_state_add(tree, "family", er_family_str(n->session.family));
	kind->add(tree, n);
	nb_notification_tree_send(kind->xpath, tree);
	lyd_free_all(tree);
}

bool er_site_notify(const struct er_notice *n)
{
	for (size_t i = 0; i < array_size(kinds); i++) {
		if (kinds[i].type != n->type)
			continue;
		kinds[i].log(n);
		send_notification(&kinds[i], n);
		return true;
	}
	return false;
}
