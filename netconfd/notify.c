// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "netconfd/netconfd.h"

#define SEND_TIMEOUT_MS 1000

struct nc_server_reply *nd_rpc_subscribe(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const char *stream = nd_child_value(rpc, "stream");
	const struct lyd_node *filter = nd_child(rpc, "filter");
	struct lyd_node *error = NULL;
	const char *select;

	if (session->subscribed)
		return nd_reply(nd_error(ctx, NC_ERR_IN_USE, NULL,
					 "This session has a subscription already."));
	if (stream && strcmp(stream, "NETCONF"))
		return nd_reply(nd_error(ctx, NC_ERR_INVALID_VALUE, NULL,
					 "There is no stream '%s', only 'NETCONF'.", stream));
	if (nd_child(rpc, "startTime"))
		return nd_reply(nd_error(ctx, NC_ERR_OP_FAILED, NULL,
					 "Past events are not kept: no startTime."));
	if (nd_child(rpc, "stopTime"))
		return nd_reply(nc_err(ctx, NC_ERR_MISSING_ELEM, NC_ERR_TYPE_PROT, "startTime"));
	if (!nd_session_connected(session, &error))
		return nd_reply(error);
	if (filter) {
		select = nd_attribute(filter, "select");
		if (select)
			session->filter_xpath = strdup(select);
		else if (lyd_child_any(filter))
			lyd_dup_siblings(lyd_child_any(filter), NULL, LYD_DUP_RECURSIVE,
					 &session->filter);
		if (!session->filter_xpath && !session->filter)
			return nd_reply(nd_error(ctx, NC_ERR_INVALID_VALUE, NULL,
						 "The filter selects no notification."));
	}
	session->subscribed = true;
	session->fe.listening = true;
	nc_session_inc_notif_status(session->nc);
	return nc_server_reply_ok();
}

static struct lyd_node *parse(const struct ly_ctx *ctx, const char *json)
{
	struct lyd_node *event = NULL;
	struct ly_in *in;

	if (ly_in_new_memory(json, &in))
		return NULL;
	if (lyd_parse_op(ctx, NULL, in, LYD_JSON, LYD_TYPE_NOTIF_YANG, LYD_PARSE_STRICT, NULL,
			 &event)) {
		nd_log(LOG_WARNING, "a notification does not fit its model: dropped");
		event = NULL;
	}
	ly_in_free(in, 0);
	ly_err_clean(ctx, NULL);
	return event;
}

static bool passes(const struct nd_session *session, const struct lyd_node *event)
{
	struct lyd_node *copy = NULL;
	bool pass = true;

	if (!session->filter && !session->filter_xpath)
		return true;
	if (lyd_dup_single(event, NULL, LYD_DUP_RECURSIVE, &copy))
		return true;
	if (session->filter)
		nd_filter_subtree(&copy, session->filter);
	else
		pass = nd_filter_xpath(&copy, session->filter_xpath);
	ly_err_clean(session->schema->ctx, NULL);
	pass = pass && copy;
	lyd_free_all(copy);
	return pass;
}

/* false: the client does not take it */
static bool send_event(struct nd_session *session, struct lyd_node *event)
{
	struct nc_server_notif *message;
	NC_MSG_TYPE sent = NC_MSG_NOTIF;
	char when[40];

	if (!passes(session, event)) {
		lyd_free_all(event);
		return true;
	}
	nd_time(when, sizeof(when), time(NULL));
	message = nc_server_notif_new(event, strdup(when), NC_PARAMTYPE_FREE);
	if (message)
		sent = nc_server_notif_send(session->nc, message, SEND_TIMEOUT_MS);
	nc_server_notif_free(message);
	if (sent != NC_MSG_NOTIF)
		return false;
	session->notifications++;
	atomic_fetch_add(&nd_totals.notifications, 1);
	return true;
}

/* An event stands below the data it is about, if there are any. */
static bool permitted(struct nd_session *session, struct lyd_node *event)
{
	struct lyd_node *node;
	bool may = nd_access_refresh(session);

	LYD_TREE_DFS_BEGIN (event, node) {
		if (node->schema->nodetype == LYS_NOTIF)
			break;
		may = may && nd_view_node(&session->view, node, ND_READ);
		LYD_TREE_DFS_END(event, node);
	}
	if (may && node && nd_view_notification(&session->view, node)) {
		nd_view_prune_event(&session->view, node);
		return true;
	}
	atomic_fetch_add(&nd_denials.notifications, 1);
	return false;
}

bool nd_notify_send(struct nd_session *session)
{
	struct nd_fe_notification *notification;
	bool ok = true;

	while (ok && (notification = nd_fe_notification(&session->fe))) {
		struct lyd_node *event = parse(session->schema->ctx, notification->json);

		nd_fe_notification_free(notification);
		if (event && !permitted(session, event)) {
			lyd_free_all(event);
			event = NULL;
		}
		if (event)
			ok = send_event(session, event);
	}
	return ok;
}
