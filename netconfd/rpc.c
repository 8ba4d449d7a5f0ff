// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "netconfd/netconfd.h"

static struct nc_server_reply *kill_session(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const char *value = nd_child_value(rpc, "session-id");
	uint32_t id = value ? (uint32_t)strtoul(value, NULL, 10) : 0;

	if (id == session->id)
		return nd_reply(nd_error(ctx, NC_ERR_INVALID_VALUE, NULL,
					 "A session cannot kill itself: use close-session."));
	if (!id || !nd_session_kill(id))
		return nd_reply(
			nd_error(ctx, NC_ERR_INVALID_VALUE, NULL, "There is no session %u.", id));
	nd_log(LOG_NOTICE, "session %u of %s has killed session %u", session->id, session->user,
	       id);
	return nc_server_reply_ok();
}

static struct nc_server_reply *close_session(struct nd_session *session, struct lyd_node *rpc)
{
	return nc_clb_default_close_session(rpc, session->nc);
}

static struct nc_server_reply *get_schema(struct nd_session *session, struct lyd_node *rpc)
{
	return nc_clb_default_get_schema(rpc, session->nc);
}

/* The operations of the protocol. */
static const struct {
	const char *module, *name;
	struct nc_server_reply *(*function)(struct nd_session *session, struct lyd_node *rpc);
} operations[] = {
	{ "ietf-netconf", "get", nd_rpc_get },
	{ "ietf-netconf", "get-config", nd_rpc_get_config },
	{ "ietf-netconf", "close-session", close_session },
	{ "ietf-netconf-monitoring", "get-schema", get_schema },
	{ "notifications", "create-subscription", nd_rpc_subscribe },
	{ "ietf-netconf", "edit-config", nd_rpc_edit_config },
	{ "ietf-netconf", "copy-config", nd_rpc_copy_config },
	{ "ietf-netconf", "discard-changes", nd_rpc_discard },
	{ "ietf-netconf", "validate", nd_rpc_validate },
	{ "ietf-netconf", "lock", nd_rpc_lock },
	{ "ietf-netconf", "unlock", nd_rpc_unlock },
	{ "ietf-netconf", "commit", nd_rpc_commit },
	{ "ietf-netconf", "cancel-commit", nd_rpc_cancel_commit },
	{ "ietf-netconf", "kill-session", kill_session },
};

/* The operation's own node: of an action, it stands below the data it is for. */
static struct lyd_node *operation_of(struct lyd_node *rpc)
{
	struct lyd_node *node;

	LYD_TREE_DFS_BEGIN (rpc, node) {
		if (node->schema && (node->schema->nodetype & (LYS_RPC | LYS_ACTION)))
			return node;
		LYD_TREE_DFS_END(rpc, node);
	}
	return rpc;
}

/* The reply in the model's words; mgmtd's JSON names the operation, as we do. */
static struct nc_server_reply *model_reply(struct nd_session *session, struct lyd_node *operation,
					   const char *json)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	struct lyd_node *reply = NULL, *outer;
	struct ly_in *in = NULL;
	LY_ERR failed;

	if (!json[0] || !strcmp(json, "{}"))
		return nc_server_reply_ok();
	if (operation->schema->nodetype == LYS_ACTION &&
	    lyd_dup_single(lyd_parent(operation), NULL, LYD_DUP_WITH_PARENTS, &reply))
		return nd_reply_libyang(ctx, "no memory for a reply");
	if (ly_in_new_memory(json, &in)) {
		lyd_free_all(reply);
		return nd_reply_libyang(ctx, "no memory for a reply");
	}
	outer = NULL;
	failed = lyd_parse_op(ctx, reply, in, LYD_JSON, LYD_TYPE_REPLY_YANG, LYD_PARSE_STRICT,
			      NULL, &outer);
	ly_in_free(in, 0);
	if (failed) {
		lyd_free_all(reply);
		ly_err_clean(ctx, NULL);
		return nd_reply(
			nd_error(ctx, NC_ERR_OP_FAILED, NULL,
				 "The operation was done, but its output does not fit the model."));
	}
	if (!lyd_child(outer)) {
		lyd_free_all(reply ? reply : outer);
		return nc_server_reply_ok();
	}
	return nc_server_reply_data(outer, NC_WD_EXPLICIT, NC_PARAMTYPE_FREE);
}

/* An operation of a model: a daemon does it. */
static struct nc_server_reply *model_operation(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	struct lyd_node *operation = operation_of(rpc), *data = NULL, *error = NULL;
	struct nc_server_reply *reply;
	char *path, *json = NULL, *answer = NULL;

	if (!nd_session_connected(session, &error))
		return nd_reply(error);
	/* mgmtd does not survive an operation that its models refuse */
	if (!nd_get_tree(session, ND_RUNNING, &data, &error))
		return nd_reply(error);
	if (lyd_validate_op(rpc, data, LYD_TYPE_RPC_YANG, NULL)) {
		lyd_free_all(data);
		return nd_reply_libyang(ctx, "The operation does not fit its model.");
	}
	lyd_free_all(data);
	path = lyd_path(operation, LYD_PATH_STD, NULL, 0);
	if (!path || lyd_print_mem(&json, operation, LYD_JSON, LYD_PRINT_SHRINK)) {
		free(path);
		return nd_reply_libyang(ctx, "no memory for an operation");
	}
	if (nd_fe_rpc(&session->fe, path, json, &answer) == ND_FE_OK)
		reply = model_reply(session, operation, answer);
	else
		reply = nd_reply(nd_error_mgmtd(ctx, &session->fe));
	free(path);
	free(json);
	free(answer);
	return reply;
}

/* RFC 8341 section 3.1.3: an action can be called where its ancestors can be read. */
static bool may_call(const struct nd_session *session, const struct lyd_node *operation)
{
	const struct lyd_node *node;

	if (operation->schema->nodetype != LYS_ACTION)
		return nd_view_operation(&session->view, operation->schema);
	for (node = lyd_parent(operation); node; node = lyd_parent(node))
		if (!nd_view_node(&session->view, node, ND_READ))
			return false;
	return nd_view_node(&session->view, operation, ND_EXEC);
}

static struct nc_server_reply *denied(struct nd_session *session, const char *name)
{
	atomic_fetch_add(&nd_denials.operations, 1);
	return nd_reply(nd_error(session->schema->ctx, NC_ERR_ACCESS_DENIED, NULL,
				 "User %s may not use '%s'.", session->user, name));
}

struct nc_server_reply *nd_rpc(struct lyd_node *rpc, struct nc_session *nc)
{
	struct nd_session *session = nc_session_get_data(nc);
	const struct ly_ctx *ctx = session->schema->ctx;
	const struct lyd_node *operation = operation_of(rpc);
	const char *name = rpc->schema->name, *module = rpc->schema->module->name;

	ly_err_clean(ctx, NULL);
	if (!nd_access_refresh(session) || !may_call(session, operation))
		return denied(session, operation->schema->name);
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (!strcmp(operations[i].name, name) && !strcmp(operations[i].module, module))
			return operations[i].function(session, rpc);
	if (nd_schema_is_protocol(rpc->schema->module))
		return nd_reply(nd_error(ctx, NC_ERR_OP_NOT_SUPPORTED, NULL,
					 "'%s' is not supported.", name));
	return model_operation(session, rpc);
}
