// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A notice of er_core -> one log line and one YANG notification.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_audit.h"
#include "erouted/er_drain.h"
#include "erouted/er_errors.h"
#include "erouted/er_history.h"
#include "erouted/er_paths.h"
#include "erouted/er_site.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

/*
 * Log lines.  The code of a line must be a constant, and its format its own:
 * FRR derives the line's id from it.
 */
#define LOG_PEERING(n, code, priority, format, ...)                                               \
	_zlog_ecref(code, priority, "circuit %s %s %s" format, (n)->session.circuit,              \
		    er_peering_type_str((n)->session.peering),                                    \
		    er_family_str((n)->session.family), ##__VA_ARGS__)

#define LOG_LINK(n, code, priority, format, ...)                                                  \
	_zlog_ecref(code, priority, "circuit %s %s %s %s" format, (n)->session.circuit,           \
		    er_peering_type_str((n)->session.peering), er_role_str((n)->session.role),    \
		    er_family_str((n)->session.family), ##__VA_ARGS__)

static void log_redundancy(const struct er_notice *n)
{
	const char *previous = er_redundancy_str(n->previous);
	const char *colon = n->reason[0] ? ": " : "";

	if (n->expected) {
		/* no fault: no alarm */
		LOG_PEERING(n, EC_ER_OWN_DRAIN, LOG_NOTICE, " is %s, was %s%s%s",
			    er_redundancy_str(n->redundancy), previous, colon, n->reason);
		return;
	}

	switch (n->redundancy) {
	case ER_DOWN:
		LOG_PEERING(n, EC_ER_REDUNDANCY_DOWN, LOG_ERR, " is down, was %s%s%s", previous,
			    colon, n->reason);
		return;
	case ER_DEGRADED:
		LOG_PEERING(n, EC_ER_REDUNDANCY_DEGRADED, LOG_WARNING, " is degraded, was %s%s%s",
			    previous, colon, n->reason);
		return;
	case ER_REDUNDANT:
		LOG_PEERING(n, EC_ER_REDUNDANCY_RESTORED, LOG_NOTICE, " is redundant, was %s",
			    previous);
		return;
	case ER_INACTIVE:
		LOG_PEERING(n, EC_ER_REDUNDANCY_INACTIVE, LOG_NOTICE, " is inactive, was %s%s%s",
			    previous, colon, n->reason);
		return;
	}
}

static void log_session(const struct er_notice *n)
{
	if (n->established)
		LOG_LINK(n, EC_ER_SESSION_ESTABLISHED, LOG_NOTICE, ": session to %pIA established",
			 &n->neighbor);
	else if (n->expected)
		LOG_LINK(n, EC_ER_OWN_DRAIN, LOG_NOTICE,
			 ": session to %pIA lost, drained by operator%s%s", &n->neighbor,
			 n->reason[0] ? ": " : "", n->reason);
	else
		LOG_LINK(n, EC_ER_SESSION_LOST, LOG_WARNING, ": session to %pIA lost%s%s",
			 &n->neighbor, n->reason[0] ? ": " : "", n->reason);
}

static void log_parity(const struct er_notice *n)
{
	const struct er_rib_facts *rib = &n->rib;
	char out[64] = "";

	if (rib->out_only[ER_PRIMARY] || rib->out_only[ER_SECONDARY])
		snprintf(out, sizeof(out), "; advertised %u on primary only, %u on secondary only",
			 rib->out_only[ER_PRIMARY], rib->out_only[ER_SECONDARY]);
	LOG_PEERING(n, EC_ER_PARITY_LOST, LOG_WARNING,
		    ": links differ: %u %s on both, %u on primary only, %u on secondary only, %u with different paths%s",
		    rib->both, er_prefixes(rib->both), rib->only[ER_PRIMARY],
		    rib->only[ER_SECONDARY], rib->path_differs, out);
}

/* ", 3 held back: 10.0.0.0/24, 10.0.1.0/24, ...", or "". */
static void held_names(const struct er_notice *n, char *buf, size_t len)
{
	struct er_peering_key key = { .peering = n->session.peering, .family = n->session.family };
	struct prefix held[ER_WIRE_EXAMPLES];
	size_t n_held, at;

	buf[0] = '\0';
	if (n->direction != ER_ADVERTISED || !n->rib.held)
		return;
	strlcpy(key.circuit, n->session.circuit, sizeof(key.circuit));
	n_held = er_examples_held(&key, held);
	at = snprintf(buf, len, ", %u held back", n->rib.held);
	for (size_t i = 0; i < n_held && at < len; i++)
		at += snprintfrr(buf + at, len - at, "%s%pFX", i ? ", " : ": ", &held[i]);
	if (n_held && n_held < n->rib.held && at < len)
		snprintf(buf + at, len - at, ", ...");
}

static void log_limit(const struct er_notice *n)
{
	const char *direction = er_direction_str(n->direction);
	const char *previous = er_limit_level_str(n->previous_level);
	uint32_t count = n->limit.count, limit = n->limit.limit;
	char held[ER_WIRE_EXAMPLES * PREFIX_STRLEN + 64];

	switch (n->limit.level) {
	case ER_LIMIT_FULL:
		held_names(n, held, sizeof(held));
		LOG_PEERING(n, EC_ER_LIMIT_FULL, LOG_ERR,
			    ": %u of %u %s prefixes: at the limit, was %s%s", count, limit,
			    direction, previous, held);
		return;
	case ER_LIMIT_CRITICAL:
		LOG_PEERING(n, EC_ER_LIMIT_CRITICAL, LOG_WARNING,
			    ": %u of %u %s prefixes: critical, was %s", count, limit, direction,
			    previous);
		return;
	case ER_LIMIT_WARNING:
		LOG_PEERING(n, EC_ER_LIMIT_WARNING, LOG_WARNING,
			    ": %u of %u %s prefixes: warning, was %s", count, limit, direction,
			    previous);
		return;
	case ER_LIMIT_OK:
		LOG_PEERING(n, EC_ER_LIMIT_OK, LOG_NOTICE, ": %u of %u %s prefixes: ok, was %s",
			    count, limit, direction, previous);
		return;
	}
}

static void log_notice(const struct er_notice *n)
{
	switch (n->type) {
	case ER_NOTICE_REDUNDANCY:
		log_redundancy(n);
		return;
	case ER_NOTICE_SESSION:
		log_session(n);
		return;
	case ER_NOTICE_DRAIN_START:
		LOG_LINK(n, EC_ER_DRAIN_START, LOG_WARNING, ": drained by Microsoft, %u %s",
			 n->drained, er_prefixes(n->drained));
		return;
	case ER_NOTICE_DRAIN_STOP:
		LOG_LINK(n, EC_ER_DRAIN_STOP, LOG_NOTICE, ": no longer drained");
		return;
	case ER_NOTICE_PARITY_LOST:
		log_parity(n);
		return;
	case ER_NOTICE_PARITY_RESTORED:
		LOG_PEERING(n, EC_ER_PARITY_RESTORED, LOG_NOTICE, ": links agree again");
		return;
	case ER_NOTICE_FLAPPING_START:
		LOG_LINK(n, EC_ER_FLAPPING_START, LOG_WARNING, ": flapping, held down for %u s",
			 n->hold_s);
		return;
	case ER_NOTICE_FLAPPING_STOP:
		LOG_LINK(n, EC_ER_FLAPPING_STOP, LOG_NOTICE, ": no longer flapping");
		return;
	case ER_NOTICE_LIMIT:
		log_limit(n);
		return;
	case ER_NOTICE_VPN_ACTIVATED:
	case ER_NOTICE_VPN_RESTORED:
	case ER_NOTICE_VPN_UNAVAILABLE:
	case ER_NOTICE_VPN_AVAILABLE:
	case ER_NOTICE_MORE_SPECIFIC:
	case ER_NOTICE_VPN_TEST:
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
static void add_string(struct lyd_node *tree, const char *name, const char *value)
{
	lyd_new_term(tree, NULL, name, value, 0, NULL);
}

static void add_number(struct lyd_node *tree, const char *name, uint32_t value)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%u", value);
	add_string(tree, name, buf);
}

static void add_redundancy(struct lyd_node *tree, const struct er_notice *n)
{
	add_string(tree, "redundancy", er_redundancy_str(n->redundancy));
	add_string(tree, "previous", er_redundancy_str(n->previous));
	if (n->reason[0])
		add_string(tree, "reason", n->reason);
}

static void add_session(struct lyd_node *tree, const struct er_notice *n)
{
	char address[IPADDR_STRING_SIZE];

	snprintfrr(address, sizeof(address), "%pIA", &n->neighbor);
	add_string(tree, "neighbor-address", address);
	add_string(tree, "established", n->established ? "true" : "false");
	if (n->reason[0])
		add_string(tree, "reason", n->reason);
}

static void add_drain(struct lyd_node *tree, const struct er_notice *n)
{
	add_number(tree, "drained-prefixes", n->drained);
}

static void add_parity(struct lyd_node *tree, const struct er_notice *n)
{
	add_number(tree, "both", n->rib.both);
	add_number(tree, "primary-only", n->rib.only[ER_PRIMARY]);
	add_number(tree, "secondary-only", n->rib.only[ER_SECONDARY]);
	add_number(tree, "path-differs", n->rib.path_differs);
	add_number(tree, "advertised-primary-only", n->rib.out_only[ER_PRIMARY]);
	add_number(tree, "advertised-secondary-only", n->rib.out_only[ER_SECONDARY]);
}

static void add_flapping(struct lyd_node *tree, const struct er_notice *n)
{
	add_number(tree, "hold-down", n->hold_s);
}

static void add_limit(struct lyd_node *tree, const struct er_notice *n)
{
	struct er_peering_key key = { .peering = n->session.peering, .family = n->session.family };
	struct prefix held[ER_WIRE_EXAMPLES];
	char buf[PREFIX_STRLEN];
	size_t n_held;

	add_string(tree, "direction", er_direction_str(n->direction));
	add_number(tree, "count", n->limit.count);
	if (n->limit.limit)
		add_number(tree, "limit", n->limit.limit);
	add_string(tree, "level", er_limit_level_str(n->limit.level));
	add_string(tree, "previous", er_limit_level_str(n->previous_level));
	if (n->direction != ER_ADVERTISED)
		return;
	add_number(tree, "held", n->rib.held);
	strlcpy(key.circuit, n->session.circuit, sizeof(key.circuit));
	n_held = er_examples_held(&key, held);
	for (size_t i = 0; i < n_held; i++)
		add_string(tree, "held-prefix", prefix2str(&held[i], buf, sizeof(buf)));
}

static const struct {
	const char *xpath;
	bool link; /* about one link */
	void (*add)(struct lyd_node *tree, const struct er_notice *n);
} kinds[] = {
	[ER_NOTICE_REDUNDANCY] = { ER_XPATH_NOTIFY_REDUNDANCY, false, add_redundancy },
	[ER_NOTICE_SESSION] = { ER_XPATH_NOTIFY_SESSION, true, add_session },
	[ER_NOTICE_DRAIN_START] = { ER_XPATH_NOTIFY_DRAIN_START, true, add_drain },
	[ER_NOTICE_DRAIN_STOP] = { ER_XPATH_NOTIFY_DRAIN_STOP, true, NULL },
	[ER_NOTICE_PARITY_LOST] = { ER_XPATH_NOTIFY_PARITY_LOST, false, add_parity },
	[ER_NOTICE_PARITY_RESTORED] = { ER_XPATH_NOTIFY_PARITY_RESTORED, false, NULL },
	[ER_NOTICE_FLAPPING_START] = { ER_XPATH_NOTIFY_FLAPPING_START, true, add_flapping },
	[ER_NOTICE_FLAPPING_STOP] = { ER_XPATH_NOTIFY_FLAPPING_STOP, true, NULL },
	[ER_NOTICE_LIMIT] = { ER_XPATH_NOTIFY_LIMIT, false, add_limit },
};

static void send_notification(const struct er_notice *n)
{
	struct lyd_node *tree = NULL;

	if (!er_nb_connected() || n->type >= array_size(kinds))
		return;
	if (lyd_new_path(NULL, ly_native_ctx, kinds[n->type].xpath, NULL, 0, &tree))
		return;

	add_string(tree, "circuit", n->session.circuit);
	add_string(tree, "peering", er_peering_type_str(n->session.peering));
	add_string(tree, "family", er_family_str(n->session.family));
	if (kinds[n->type].link)
		add_string(tree, "link", er_role_str(n->session.role));
	if (kinds[n->type].add)
		kinds[n->type].add(tree, n);

	nb_notification_tree_send(kinds[n->type].xpath, tree);
	lyd_free_all(tree);
}

void er_notify(const struct er_notice *notice)
{
	if (!er_vpn_notify(notice) && !er_site_notify(notice) && !er_audit_notify(notice) &&
	    !er_path_notify(notice) && !er_drain_notify(notice)) {
		log_notice(notice);
		send_notification(notice);
	}
	er_history_add(notice);
}

/*
 * A route-filter has changed: no notice of er_core's, which knows no filter.
 */
void er_notify_filter(const char *name, size_t communities, size_t added, size_t removed)
{
	struct lyd_node *tree = NULL;

	_zlog_ecref(EC_ER_FILTER_CHANGED, LOG_NOTICE,
		    "route-filter %s allows %zu %s now: %zu more, %zu less", name, communities,
		    er_plural(communities, "community", "communities"), added, removed);
	if (!er_nb_connected() ||
	    lyd_new_path(NULL, ly_native_ctx, ER_XPATH_NOTIFY_FILTER, NULL, 0, &tree))
		return;

	add_string(tree, "route-filter", name);
	add_number(tree, "communities", communities);
	add_number(tree, "added", added);
	add_number(tree, "removed", removed);
	nb_notification_tree_send(ER_XPATH_NOTIFY_FILTER, tree);
	lyd_free_all(tree);
}
