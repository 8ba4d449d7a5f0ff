// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "netconfd/netconfd.h"

#define WRITER_WAIT_SECONDS 10

/* Only one session at a time changes the candidate or commits. */
static pthread_mutex_t writer = PTHREAD_MUTEX_INITIALIZER;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct nd_change pending;			 /* what the candidate changes */
static struct {
	uint32_t owner; /* session-id */
	char since[40];
} locks[ND_OPERATIONAL + 1];

uint32_t nd_lock_owner(enum nd_datastore datastore, char *since, size_t size)
{
	uint32_t owner;

	pthread_mutex_lock(&lock);
	owner = locks[datastore].owner;
	if (since)
		snprintf(since, size, "%s", locks[datastore].since);
	pthread_mutex_unlock(&lock);
	return owner;
}

static bool candidate_changed(void)
{
	bool changed;

	pthread_mutex_lock(&lock);
	changed = pending.count;
	pthread_mutex_unlock(&lock);
	return changed;
}

/* Takes the change. */
static void set_pending(struct nd_change *change)
{
	pthread_mutex_lock(&lock);
	nd_change_clear(&pending);
	pending = *change;
	pthread_mutex_unlock(&lock);
	memset(change, 0, sizeof(*change));
}

static bool begin_writing(const struct nd_session *session, struct lyd_node **error)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WRITER_WAIT_SECONDS;
	if (!pthread_mutex_timedlock(&writer, &until))
		return true;
	*error = nd_error(session->schema->ctx, NC_ERR_IN_USE, NULL,
			  "Another session is changing the configuration: try again.");
	return false;
}

/* ... and nobody else has locked what is to be written. */
static bool begin_writing_to(const struct nd_session *session, enum nd_datastore datastore,
			     struct lyd_node **error)
{
	uint32_t owner;

	if (!begin_writing(session, error))
		return false;
	owner = nd_lock_owner(datastore, NULL, 0);
	if (!owner || owner == session->id)
		return true;
	pthread_mutex_unlock(&writer);
	*error = nd_error(session->schema->ctx, NC_ERR_IN_USE, NULL,
			  "The datastore is locked by session %u.", owner);
	return false;
}

static void end_writing(void)
{
	pthread_mutex_unlock(&writer);
}

/*
 * The candidate's content
 */
static bool apply_pending(struct nd_session *session, struct lyd_node **tree,
			  struct lyd_node **error)
{
	bool ok;

	pthread_mutex_lock(&lock);
	ok = nd_change_apply(&pending, session->schema->ctx, tree);
	pthread_mutex_unlock(&lock);
	if (!ok) {
		*error =
			nd_error(session->schema->ctx, NC_ERR_OP_FAILED, NULL,
				 "The candidate does not fit the models any more: discard-changes drops it.");
		ly_err_clean(session->schema->ctx, NULL);
	}
	return ok;
}

bool nd_candidate_tree(struct nd_session *session, struct lyd_node **tree, struct lyd_node **error)
{
	if (!nd_get_tree(session, ND_RUNNING, tree, error))
		return false;
	if (apply_pending(session, tree, error))
		return true;
	lyd_free_all(*tree);
	*tree = NULL;
	return false;
}

/*
 * edit-config, copy-config, discard-changes
 */
static struct nc_server_reply *edited(struct nd_session *session, struct lyd_node *rpc,
				      struct lyd_node *running, struct lyd_node **tree)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const char *test = nd_child_value(rpc, "test-option");
	struct lyd_node *before = NULL, *error = NULL;
	struct nc_server_reply *reply;
	struct nd_change change;

	if (*tree && lyd_dup_siblings(*tree, NULL, LYD_DUP_RECURSIVE, &before))
		return nd_reply_libyang(ctx, "no memory for an edit");
	error = nd_edit(ctx, session, tree, lyd_child_any(nd_child(rpc, "config")),
			nd_child_value(rpc, "default-operation"));
	if (!error)
		error = nd_access_check_changes(session, before, *tree);
	lyd_free_all(before);
	if (error)
		return nd_reply(error);
	/* RFC 6241: test-then-set unless said otherwise */
	if (!test || strcmp(test, "set")) {
		reply = nd_validate(ctx, *tree);
		if (reply || (test && !strcmp(test, "test-only")))
			return reply ? reply : nc_server_reply_ok();
	}
	if (!nd_change_between(running, *tree, ND_SMALL_STEPS, &change))
		return nd_reply_libyang(ctx, "no memory for an edit");
	set_pending(&change);
	return nc_server_reply_ok();
}

struct nc_server_reply *nd_rpc_edit_config(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const char *option = nd_child_value(rpc, "error-option");
	struct lyd_node *running = NULL, *tree = NULL, *error = NULL;
	struct nc_server_reply *reply;

	/* an edit that fails leaves nothing behind: that is the other two options */
	if (option && !strcmp(option, "continue-on-error"))
		return nd_reply(
			nd_error(ctx, NC_ERR_OP_NOT_SUPPORTED, NULL,
				 "An edit is made as a whole or not at all: no continue-on-error."));
	if (!begin_writing_to(session, ND_CANDIDATE, &error))
		return nd_reply(error);
	if (!nd_get_tree(session, ND_RUNNING, &running, &error) ||
	    (running && lyd_dup_siblings(running, NULL, LYD_DUP_RECURSIVE, &tree)) ||
	    !apply_pending(session, &tree, &error))
		reply = error ? nd_reply(error) : nd_reply_libyang(ctx, "no memory for an edit");
	else
		reply = edited(session, rpc, running, &tree);
	end_writing();
	lyd_free_all(running);
	lyd_free_all(tree);
	return reply;
}

struct nc_server_reply *nd_rpc_copy_config(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const struct lyd_node *target = lyd_child(nd_child(rpc, "target"));
	const struct lyd_node *source = lyd_child(nd_child(rpc, "source"));
	struct lyd_node *running = NULL, *before = NULL, *tree = NULL, *error = NULL;
	struct nd_change change = {};

	if (!target || strcmp(LYD_NAME(target), "candidate"))
		return nd_reply(
			nd_error(ctx, NC_ERR_OP_NOT_SUPPORTED, NULL,
				 "Only candidate can be written to: edit it, then commit."));
	if (source && !strcmp(LYD_NAME(source), "candidate"))
		return nd_reply(nd_error(ctx, NC_ERR_INVALID_VALUE, NULL,
					 "Source and target are the same."));
	if (!begin_writing_to(session, ND_CANDIDATE, &error))
		return nd_reply(error);
	if (source && !strcmp(LYD_NAME(source), "config")) {
		if (nd_candidate_tree(session, &before, &error) &&
		    nd_get_tree(session, ND_RUNNING, &running, &error))
			error = nd_edit(ctx, NULL, &tree, lyd_child_any(source), NULL);
		if (!error)
			error = nd_access_check_changes(session, before, tree);
		if (!error && !nd_change_between(running, tree, ND_SMALL_STEPS, &change))
			error = nd_error(ctx, NC_ERR_RES_DENIED, NULL, "no memory for an edit");
	}
	if (!error)
		set_pending(&change);
	end_writing();
	lyd_free_all(running);
	lyd_free_all(before);
	lyd_free_all(tree);
	return error ? nd_reply(error) : nc_server_reply_ok();
}

struct nc_server_reply *nd_rpc_discard(struct nd_session *session, struct lyd_node *rpc)
{
	struct nd_change none = {};
	struct lyd_node *error = NULL;

	(void)rpc;
	if (!begin_writing_to(session, ND_CANDIDATE, &error))
		return nd_reply(error);
	set_pending(&none);
	/* what somebody has forgotten in mgmtd's candidate goes, too: no commit would be possible */
	nd_drop_foreign_edits(session);
	end_writing();
	return nc_server_reply_ok();
}

/*
 * Commit
 */
struct nc_server_reply *nd_commit_changes(struct nd_session *session,
					  const struct nd_change *changes, unsigned int count)
{
	struct nc_server_reply *reply;
	struct lyd_node *error = NULL;

	if (!begin_writing(session, &error))
		return nd_reply(error);
	reply = nd_commit(session, changes, count, ND_COMMIT_APPLY, NULL);
	end_writing();
	return reply;
}

struct nc_server_reply *nd_commit_candidate(struct nd_session *session, struct nd_change *undo)
{
	struct nd_change none = {};
	struct nc_server_reply *reply;
	struct lyd_node *error = NULL;
	uint32_t owner;

	if (!begin_writing_to(session, ND_CANDIDATE, &error))
		return nd_reply(error);
	owner = nd_lock_owner(ND_RUNNING, NULL, 0);
	if (owner && owner != session->id) {
		end_writing();
		return nd_reply(nd_error(session->schema->ctx, NC_ERR_IN_USE, NULL,
					 "The datastore running is locked by session %u.", owner));
	}
	/* nobody else writes now: pending stays as it is without its lock */
	reply = pending.count ? nd_commit(session, &pending, 1, ND_COMMIT_APPLY, undo) : NULL;
	if (!reply)
		set_pending(&none);
	end_writing();
	return reply;
}

struct nc_server_reply *nd_rpc_validate(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const struct lyd_node *source = lyd_child(nd_child(rpc, "source"));
	struct lyd_node *tree = NULL, *error = NULL;
	struct nc_server_reply *reply = NULL;

	if (source && !strcmp(LYD_NAME(source), "candidate")) {
		if (!begin_writing(session, &error))
			return nd_reply(error);
		/* with what the daemons say to it */
		reply = pending.count ? nd_commit(session, &pending, 1, ND_COMMIT_VALIDATE, NULL)
				      : NULL;
		end_writing();
		return reply ? reply : nc_server_reply_ok();
	}
	if (source && !strcmp(LYD_NAME(source), "config"))
		error = nd_edit(ctx, NULL, &tree, lyd_child_any(source), NULL);
	else
		nd_get_tree(session, ND_RUNNING, &tree, &error);
	if (!error)
		reply = nd_validate(ctx, tree);
	lyd_free_all(tree);
	if (error)
		return nd_reply(error);
	return reply ? reply : nc_server_reply_ok();
}

/*
 * Locks
 */
static bool datastore_of(const struct lyd_node *rpc, enum nd_datastore *datastore)
{
	const struct lyd_node *target = lyd_child(nd_child(rpc, "target"));

	if (!target)
		return false;
	*datastore = !strcmp(LYD_NAME(target), "candidate") ? ND_CANDIDATE : ND_RUNNING;
	return true;
}

static struct lyd_node *lock_denied(const struct ly_ctx *ctx, uint32_t owner, const char *text)
{
	struct lyd_node *error = nc_err(ctx, NC_ERR_LOCK_DENIED, owner);

	if (error)
		nc_err_set_msg(error, text, "en");
	return error;
}

/* NULL: it can be locked as far as NETCONF goes */
static struct lyd_node *cannot_lock(const struct nd_session *session, enum nd_datastore datastore)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	uint32_t owner = nd_lock_owner(datastore, NULL, 0);

	if (owner)
		return lock_denied(ctx, owner, "The datastore is locked already.");
	if (datastore == ND_CANDIDATE && candidate_changed())
		return lock_denied(ctx, 0,
				   "The candidate holds changes: commit or discard-changes first.");
	if (nd_confirm_of_other(session))
		return lock_denied(ctx, 0,
				   "A commit of another session waits for its confirmation.");
	return NULL;
}

struct nc_server_reply *nd_rpc_lock(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	enum nd_datastore datastore;
	struct lyd_node *error = NULL;

	if (!datastore_of(rpc, &datastore))
		return nd_reply(nc_err(ctx, NC_ERR_MISSING_ELEM, NC_ERR_TYPE_PROT, "target"));
	if (!begin_writing(session, &error))
		return nd_reply(error);
	error = cannot_lock(session, datastore);
	if (!error && nd_session_connected(session, &error)) {
		if (nd_lock_patiently(&session->fe, datastore) != ND_FE_OK) {
			error = session->fe.error == EBUSY
					? lock_denied(ctx, 0,
						      "vtysh, or a daemon that mgmtd is configuring, has locked it.")
					: nd_error_mgmtd(ctx, &session->fe);
		} else {
			pthread_mutex_lock(&lock);
			locks[datastore].owner = session->id;
			nd_time(locks[datastore].since, sizeof(locks[datastore].since), time(NULL));
			pthread_mutex_unlock(&lock);
		}
	}
	end_writing();
	return error ? nd_reply(error) : nc_server_reply_ok();
}

static void give_back(enum nd_datastore datastore)
{
	pthread_mutex_lock(&lock);
	locks[datastore].owner = 0;
	pthread_mutex_unlock(&lock);
}

struct nc_server_reply *nd_rpc_unlock(struct nd_session *session, struct lyd_node *rpc)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	enum nd_datastore datastore;
	uint32_t owner;

	if (!datastore_of(rpc, &datastore))
		return nd_reply(nc_err(ctx, NC_ERR_MISSING_ELEM, NC_ERR_TYPE_PROT, "target"));
	owner = nd_lock_owner(datastore, NULL, 0);
	if (owner != session->id)
		return nd_reply(owner ? nd_error(ctx, NC_ERR_OP_FAILED, NULL,
						 "It is session %u that has locked it.", owner)
				      : nd_error(ctx, NC_ERR_OP_FAILED, NULL, "It is not locked."));
	give_back(datastore);
	nd_fe_unlock(&session->fe, datastore);
	return nc_server_reply_ok();
}

bool nd_candidate_relock(struct nd_session *session)
{
	for (enum nd_datastore datastore = ND_RUNNING; datastore <= ND_CANDIDATE; datastore++)
		if (nd_lock_owner(datastore, NULL, 0) == session->id && session->id &&
		    nd_lock_patiently(&session->fe, datastore) != ND_FE_OK)
			return false;
	return true;
}

void nd_candidate_session_ends(struct nd_session *session)
{
	struct nd_change none = {};

	nd_fe_close(&session->fe);
	if (!session->id)
		return;
	/* RFC 6241 section 8.3.5.2: what the lock protected goes with it */
	if (nd_lock_owner(ND_CANDIDATE, NULL, 0) == session->id)
		set_pending(&none);
	for (enum nd_datastore datastore = ND_RUNNING; datastore <= ND_CANDIDATE; datastore++)
		if (nd_lock_owner(datastore, NULL, 0) == session->id)
			give_back(datastore);
}
