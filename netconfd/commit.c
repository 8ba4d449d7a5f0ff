// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bringing a change into mgmtd: with both of its datastores locked, in one
 * message, so that whoever dies, it is carried out or it is not. What the
 * daemons say to a change that is only to be validated takes several, and so
 * would one that cannot be said in one: then a note in the file system says
 * that what is in mgmtd's candidate is ours, and whoever locks it next, after a
 * restart of frr-netconfd too, throws it away.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "netconfd/netconfd.h"

/* A command of vtysh holds mgmtd's locks while it is carried out: patience. */
#define LOCK_TRIES    50
#define LOCK_PAUSE_MS 100

/*
 * Locks
 */
enum nd_fe_result nd_lock_patiently(struct nd_fe *fe, enum nd_datastore datastore)
{
	enum nd_fe_result result = nd_fe_lock(fe, datastore);

	for (int i = 1; i < LOCK_TRIES && result == ND_FE_REFUSED && fe->error == EBUSY; i++) {
		/* mgmtd does not tell when a lock is given back; the session's end does wake us */
		struct pollfd wake = { .fd = fe->wake, .events = POLLIN };

		if (poll(&wake, 1, LOCK_PAUSE_MS) > 0)
			break;
		result = nd_fe_lock(fe, datastore);
	}
	return result;
}

/*
 * The note: which mgmtd's candidate holds edits of ours
 */
#define NOTE "unfinished"

static pid_t noted(void)
{
	char path[256], text[32] = "";
	int fd = open(nd_file(NOTE, path, sizeof(path)), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static bool make_note(const struct nd_session *session)
{
	char path[256], text[32];
	int fd = open(nd_file(NOTE, path, sizeof(path)), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		      0600);
	int length = snprintf(text, sizeof(text), "%d\n", (int)nd_fe_peer(&session->fe));
	bool ok = fd >= 0 && write(fd, text, (size_t)length) == length;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void drop_note(void)
{
	char path[256];

	unlink(nd_file(NOTE, path, sizeof(path)));
}

/* Locked: another mgmtd than the noted one knows nothing of it. */
static void finish_what_was_begun(struct nd_session *session)
{
	pid_t pid = noted();

	if (!pid)
		return;
	if (pid == nd_fe_peer(&session->fe)) {
		nd_log(LOG_NOTICE, "what was left in mgmtd's candidate half way is dropped");
		if (nd_fe_commit(&session->fe, ND_COMMIT_ABORT) != ND_FE_OK)
			return;
	}
	drop_note();
}

/*
 * Both datastores
 */
/* Those of mgmtd's locks that the session itself has not asked for. */
static void unlock_both(struct nd_session *session)
{
	if (nd_lock_owner(ND_RUNNING, NULL, 0) != session->id || !session->id)
		nd_fe_unlock(&session->fe, ND_RUNNING);
	if (nd_lock_owner(ND_CANDIDATE, NULL, 0) != session->id || !session->id)
		nd_fe_unlock(&session->fe, ND_CANDIDATE);
}

static bool lock_both(struct nd_session *session, struct lyd_node **error)
{
	if (!nd_session_connected(session, error))
		return false;
	if (nd_lock_patiently(&session->fe, ND_CANDIDATE) == ND_FE_OK &&
	    nd_lock_patiently(&session->fe, ND_RUNNING) == ND_FE_OK) {
		finish_what_was_begun(session);
		return true;
	}
	*error = nd_error_mgmtd(session->schema->ctx, &session->fe);
	unlock_both(session);
	return false;
}

/* Has somebody else left edits in mgmtd's candidate? Locked, it stays as it is. */
static bool is_clean(struct nd_session *session, bool *clean, struct lyd_node **error)
{
	struct nd_fe *fe = &session->fe;
	bool ok = true;

	*clean = true;
	for (char **path = session->schema->config_paths; ok && *clean && *path; path++) {
		char *running = NULL, *candidate = NULL;

		ok = nd_fe_get(fe, ND_RUNNING, *path, false, &running) == ND_FE_OK &&
		     nd_fe_get(fe, ND_CANDIDATE, *path, false, &candidate) == ND_FE_OK;
		if (ok)
			*clean = !strcmp(running, candidate);
		else
			*error = nd_error_mgmtd(session->schema->ctx, fe);
		free(running);
		free(candidate);
	}
	return ok;
}

/* NULL when it is valid */
struct nc_server_reply *nd_validate(const struct ly_ctx *ctx, const struct lyd_node *tree)
{
	struct lyd_node *copy = NULL;
	struct nc_server_reply *reply = NULL;

	/* a copy: validation adds defaults */
	ly_err_clean(ctx, NULL);
	if ((tree && lyd_dup_siblings(tree, NULL, LYD_DUP_RECURSIVE, &copy)) ||
	    lyd_validate_all(&copy, ctx, LYD_VALIDATE_NO_STATE | LYD_VALIDATE_MULTI_ERROR, NULL))
		reply = nd_reply_libyang(ctx, "The configuration is not valid.");
	lyd_free_all(copy);
	return reply;
}

/*
 * Commit
 */
static bool holds(struct nd_session *session, enum nd_datastore datastore,
		  const struct lyd_node *target, bool *same, struct lyd_node **error)
{
	struct lyd_node *there = NULL, *difference = NULL;

	if (!nd_get_tree(session, datastore, &there, error))
		return false;
	*same = !lyd_diff_siblings(there, target, 0, &difference) && !difference;
	lyd_free_all(difference);
	lyd_free_all(there);
	return true;
}

static bool send_edit(struct nd_session *session, enum nd_datastore datastore,
		      const struct nd_change_item *item, struct lyd_node **error)
{
	if (nd_fe_edit(&session->fe, datastore, item->operation, item->xpath, item->json) ==
	    ND_FE_OK)
		return true;
	*error = nd_error_mgmtd(session->schema->ctx, &session->fe);
	return false;
}

static bool push(struct nd_session *session, const struct nd_change *change,
		 const struct lyd_node *target, struct lyd_node **error)
{
	bool same = false;

	for (unsigned int i = 0; i < change->count; i++)
		if (!send_edit(session, ND_CANDIDATE, &change->items[i], error))
			return false;
	/* before it takes effect: is it what was meant? */
	if (!holds(session, ND_CANDIDATE, target, &same, error))
		return false;
	if (!same)
		*error = nd_error(session->schema->ctx, NC_ERR_OP_FAILED, NULL,
				  "mgmtd has taken the edit for another one: not committed.");
	return same;
}

static bool in_steps(struct nd_session *session, const struct nd_change *change,
		     const struct lyd_node *target, enum nd_fe_commit action,
		     struct lyd_node **error)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	bool ok;

	if (!make_note(session)) {
		*error = nd_error(ctx, NC_ERR_RES_DENIED, NULL,
				  "No note of what is begun can be kept: %s", strerror(errno));
		return false;
	}
	ok = push(session, change, target, error);
	if (ok && nd_fe_commit(&session->fe, action) != ND_FE_OK) {
		*error = nd_error_mgmtd(ctx, &session->fe);
		ok = false;
	}
	if (!ok || action != ND_COMMIT_APPLY) {
		if (session->fe.fd < 0 || nd_fe_commit(&session->fe, ND_COMMIT_ABORT) != ND_FE_OK)
			return ok; /* the note stays for who locks next */
	}
	drop_note();
	return ok;
}

/* Of a replacement of everything, whether mgmtd has taken it for a merge. */
static bool complete(struct nd_session *session, const struct lyd_node *target,
		     struct lyd_node **error)
{
	struct lyd_node *running = NULL;
	struct nd_change rest = {};
	bool same = false, ok;

	if (!holds(session, ND_RUNNING, target, &same, error) || same)
		return same;
	nd_log(LOG_WARNING, "mgmtd has merged what was to replace: the rest goes in steps");
	ok = nd_get_tree(session, ND_RUNNING, &running, error) &&
	     nd_change_between(running, target, ND_SMALL_STEPS, &rest) &&
	     in_steps(session, &rest, target, ND_COMMIT_APPLY, error);
	nd_change_clear(&rest);
	lyd_free_all(running);
	return ok;
}

/* Both datastores are locked, and mgmtd's candidate is clean. */
static bool carry_out(struct nd_session *session, const struct nd_change *change,
		      const struct lyd_node *target, enum nd_fe_commit action,
		      struct lyd_node **error)
{
	if (action != ND_COMMIT_APPLY || change->count != 1)
		return in_steps(session, change, target, action, error);
	/* one message: mgmtd carries it out or not, whatever becomes of us */
	if (!send_edit(session, ND_RUNNING, change->items, error))
		return false;
	return !nd_change_replaces_all(change) || complete(session, target, error);
}

/* Locked: from what runs now to what it becomes with the changes. */
static struct nc_server_reply *commit_locked(struct nd_session *session,
					     const struct nd_change *changes, unsigned int count,
					     enum nd_fe_commit action, struct nd_change *undo)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	struct lyd_node *running = NULL, *target = NULL, *error = NULL;
	struct nc_server_reply *reply = NULL;
	struct nd_change steps = {}, back = {};
	bool clean = true, ok;

	if (!is_clean(session, &clean, &error))
		return nd_reply(error);
	if (!clean)
		return nd_reply(nd_error(
			ctx, NC_ERR_IN_USE, NULL,
			"mgmtd's own candidate holds edits of another client, not of NETCONF: discard-changes drops them, too."));
	ok = nd_get_tree(session, ND_RUNNING, &running, &error) &&
	     !(running && lyd_dup_siblings(running, NULL, LYD_DUP_RECURSIVE, &target));
	for (unsigned int i = 0; ok && i < count; i++)
		ok = nd_change_apply(&changes[i], ctx, &target);
	if (!ok) {
		reply = error ? nd_reply(error)
			      : nd_reply_libyang(ctx,
						 "The change does not fit what is running by now: discard-changes, and edit anew.");
		goto done;
	}
	/* the candidate may hold what somebody else has edited; validating changes nothing */
	if (action == ND_COMMIT_APPLY)
		error = nd_access_check_changes(session, running, target);
	reply = error ? nd_reply(error) : nd_validate(ctx, target);
	if (reply)
		goto done;
	if (!nd_change_between(running, target, ND_ONE_STEP, &steps) ||
	    (undo && !nd_change_between(target, running, ND_SMALL_STEPS, &back))) {
		reply = nd_reply_libyang(ctx, "no memory for a commit");
		goto done;
	}
	if (undo && !nd_confirm_prepare(&back)) {
		reply = nd_reply(nd_error(ctx, NC_ERR_RES_DENIED, NULL,
					  "The way back cannot be kept: not committed."));
		goto done;
	}
	if (steps.count && !carry_out(session, &steps, target, action, &error)) {
		reply = nd_reply(error);
		goto done;
	}
	if (undo) {
		*undo = back;
		memset(&back, 0, sizeof(back));
	}
done:
	nd_change_clear(&steps);
	nd_change_clear(&back);
	lyd_free_all(running);
	lyd_free_all(target);
	return reply;
}

struct nc_server_reply *nd_commit(struct nd_session *session, const struct nd_change *changes,
				  unsigned int count, enum nd_fe_commit action,
				  struct nd_change *undo)
{
	struct nc_server_reply *reply;
	struct lyd_node *error = NULL;

	if (!lock_both(session, &error))
		return nd_reply(error);
	reply = commit_locked(session, changes, count, action, undo);
	unlock_both(session);
	return reply;
}


void nd_drop_foreign_edits(struct nd_session *session)
{
	struct lyd_node *error = NULL;
	bool clean = true;

	if (lock_both(session, &error)) {
		if (is_clean(session, &clean, &error) && !clean)
			nd_fe_commit(&session->fe, ND_COMMIT_ABORT);
		unlock_both(session);
	}
	lyd_free_all(error);
}

void nd_finish_what_was_begun(void)
{
	struct nd_session session = {};
	struct lyd_node *error = NULL;

	if (!noted())
		return;
	if (nd_session_of_our_own(&session)) {
		/* locking does it */
		if (lock_both(&session, &error))
			unlock_both(&session);
		lyd_free_all(error);
	}
	nd_session_of_our_own_ends(&session);
	if (noted())
		nd_log(LOG_WARNING,
		       "what was left in mgmtd's candidate half way cannot be dropped yet");
}
