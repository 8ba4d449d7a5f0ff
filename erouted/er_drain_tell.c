// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there is to say of a drain by the operator.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_drain.h"
#include "erouted/er_errors.h"
#include "erouted/er_state.h"

/*
 * Log line and notification
 */
static void log_drain(const struct er_notice *n)
{
	const char *circuit = n->session.circuit, *link = er_role_str(n->session.role);

	switch (n->own.phase) {
	case ER_OWN_NONE:
		_zlog_ecref(EC_ER_OWN_DRAIN, LOG_NOTICE,
			    "circuit %s %s: no longer drained by operator", circuit, link);
		return;
	case ER_OWN_SAFE:
		_zlog_ecref(EC_ER_OWN_DRAIN, LOG_NOTICE,
			    "circuit %s %s: drained by operator, safe to shut down%s%s", circuit,
			    link, n->reason[0] ? ": " : "", n->reason);
		return;
	case ER_OWN_MOVING:
	case ER_OWN_WAITING:
		_zlog_ecref(EC_ER_OWN_DRAIN, LOG_NOTICE,
			    "circuit %s %s: drained by operator%s, %s: %s", circuit, link,
			    n->own.forced ? " (forced)" : "", er_own_phase_str(n->own.phase),
			    n->reason);
		return;
	}
}

static void add_phase(struct lyd_node *node, const struct er_own_view *view)
{
	er_state_add(node, "phase", er_own_phase_str(view->phase));
	er_state_add_bool(node, "forced", view->forced);
	er_state_add_number(node, "prefixes", view->prefixes);
	if (view->counted) {
		er_state_add_number(node, "received-packets", view->received);
		er_state_add_number(node, "sent-packets", view->sent);
	}
	er_state_add_text(node, "reason", view->reason);
}

static void send_notification(const struct er_notice *n)
{
	struct lyd_node *tree = NULL;

	if (!er_nb_connected() ||
	    lyd_new_path(NULL, ly_native_ctx, ER_XPATH_NOTIFY_OWN_DRAIN, NULL, 0, &tree))
		return;
	er_state_add(tree, "circuit", n->session.circuit);
	er_state_add(tree, "link", er_role_str(n->session.role));
	er_state_add(tree, "previous", er_own_phase_str(n->previous_own));
	add_phase(tree, &n->own);
	nb_notification_tree_send(ER_XPATH_NOTIFY_OWN_DRAIN, tree);
	lyd_free_all(tree);
}

bool er_drain_notify(const struct er_notice *n)
{
	if (n->type != ER_NOTICE_OWN_DRAIN)
		return false;
	log_drain(n);
	send_notification(n);
	return true;
}

/*
 * State
 */
void er_drain_add_state(struct lyd_node *circuit_state, const char *circuit)
{
	struct er_own_view view;
	struct lyd_node *drain;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!er_own_drain(er_core, circuit, role, &view))
			continue;
		drain = er_state_new_entry(circuit_state, "operator-drain", er_role_str(role));
		add_phase(drain, &view);
		er_state_add_moment(drain, "since", view.since_wall);
	}
}

/*
 * Screen: "primary: drained by operator, SAFE to shut down"
 */
static void show_link(struct er_lines *lines, enum er_role role, const struct er_own_view *view)
{
	char text[2 * ER_TEXT_LEN], word[16], since[ER_INTERVAL_LEN];
	size_t at;

	er_interval(er_now().wall_s - view->since_wall, since, sizeof(since));
	at = snprintf(text, sizeof(text), "%s: drained by operator%s for %s, %s%s",
		      er_role_str(role), view->forced ? " (forced)" : "", since,
		      er_upper(er_own_phase_str(view->phase), word, sizeof(word)),
		      view->phase == ER_OWN_SAFE ? " to shut down" : "");
	if (view->reason[0])
		snprintf(text + at, sizeof(text) - at, ": %s", view->reason);
	er_show_line(lines, text);
}

void er_drain_show(struct er_lines *lines, const char *circuit)
{
	struct er_own_view view;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (er_own_drain(er_core, circuit, role, &view))
			show_link(lines, role, &view);
}
