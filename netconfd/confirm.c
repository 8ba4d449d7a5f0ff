// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Confirmed commit 1.1 (RFC 6241 section 8.4). What is kept is the way back of
 * each commit that waits, newest last; taken back are these changes, and not
 * what others have configured meanwhile.
 *
 * The session that has committed takes back by itself, as long as it lives: it
 * may hold mgmtd's locks. Afterwards the keeper does.
 *
 * The ways back are in a file as well, written before the commit that they undo
 * is carried out: whatever ends frr-netconfd, the next one takes back first.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "netconfd/netconfd.h"

#define RETRY_SECONDS 1
#define ORDER_SECONDS 10
#define UNCONFIRMED   "unconfirmed"
#define LARGEST	      100000 /* commits one after another */

/* One commit, confirmation or way back after another: what one sees, no other changes. */
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t keeper;
static bool stopping;

static struct {
	bool active;
	uint32_t owner; /* session-id; 0: its session has ended */
	char *persist;	/* the token by which any session may confirm; NULL: only the owner */
	int64_t deadline;
	struct nd_change *undo;
	unsigned int count;
} waiting;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec;
}

static bool begin_order(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ORDER_SECONDS;
	return !pthread_mutex_timedlock(&order, &until);
}

/*
 * The file
 */
static bool write_ways_back(const char *path, const struct nd_change *more)
{
	FILE *file = fopen(path, "we");
	bool ok;

	if (!file)
		return false;
	fprintf(file, "%u\n", waiting.count + (more ? 1 : 0));
	for (unsigned int i = 0; i < waiting.count; i++)
		nd_change_write(&waiting.undo[i], file);
	if (more)
		nd_change_write(more, file);
	ok = !ferror(file);
	return !fclose(file) && ok;
}

/* locked; more: of a commit that is about to be carried out */
static bool save(const struct nd_change *more)
{
	char path[256], new_path[256];

	nd_file(UNCONFIRMED, path, sizeof(path));
	nd_file(UNCONFIRMED ".new", new_path, sizeof(new_path));
	if (!more && !waiting.active)
		return !unlink(path) || errno == ENOENT;
	return write_ways_back(new_path, more) && !rename(new_path, path);
}

bool nd_confirm_prepare(const struct nd_change *undo)
{
	bool ok;

	pthread_mutex_lock(&lock);
	ok = save(undo);
	pthread_mutex_unlock(&lock);
	return ok;
}

static bool load_changes(FILE *file)
{
	unsigned int count;

	if (fscanf(file, "%u", &count) != 1 || fgetc(file) != '\n' || count > LARGEST)
		return false;
	waiting.undo = calloc(count ? count : 1, sizeof(*waiting.undo));
	while (waiting.undo && waiting.count < count) {
		if (!nd_change_read(&waiting.undo[waiting.count], file))
			return false;
		waiting.count++;
	}
	return waiting.undo;
}

/* locked; the file stays */
static void clear(void)
{
	for (unsigned int i = 0; i < waiting.count; i++)
		nd_change_clear(&waiting.undo[i]);
	free(waiting.undo);
	free(waiting.persist);
	memset(&waiting, 0, sizeof(waiting));
}

/* What the frr-netconfd before us could not take back. */
static void load(void)
{
	char path[256];
	FILE *file = fopen(nd_file(UNCONFIRMED, path, sizeof(path)), "re");

	if (!file)
		return;
	if (load_changes(file)) {
		waiting.active = true;
		waiting.deadline = now();
	} else {
		clear();
		nd_log(LOG_ERR, "%s cannot be read: what was not confirmed stays", path);
	}
	fclose(file);
}

/* locked */
static void forget(void)
{
	clear();
	save(NULL);
}

/* The ways back, newest first, as the order of walking them is. */
static struct nd_change *ways_back(unsigned int *count)
{
	struct nd_change *changes;

	pthread_mutex_lock(&lock);
	*count = waiting.active ? waiting.count : 0;
	changes = calloc(*count ? *count : 1, sizeof(*changes));
	for (unsigned int i = 0; changes && i < *count; i++)
		changes[i] = waiting.undo[*count - 1 - i];
	pthread_mutex_unlock(&lock);
	return changes;
}

/*
 * Called by the owner or, when it has ended, by the keeper: nobody else adds to
 * what waits meanwhile, as both hold it for theirs.
 */
static struct nc_server_reply *take_back(struct nd_session *session)
{
	struct nc_server_reply *reply = NULL;
	struct nd_change *changes;
	unsigned int count;

	changes = ways_back(&count);
	if (!changes)
		return nd_reply_libyang(session->schema->ctx, "no memory");
	if (count)
		reply = nd_commit_changes(session, changes, count);
	free(changes);
	if (reply)
		return reply;
	pthread_mutex_lock(&lock);
	forget();
	pthread_mutex_unlock(&lock);
	return NULL;
}

int nd_confirm_left(const struct nd_session *session)
{
	int64_t left = -1;

	pthread_mutex_lock(&lock);
	if (waiting.active && waiting.owner == session->id) {
		left = (waiting.deadline - now()) * 1000;
		left = left < 0 ? 0 : left;
	}
	pthread_mutex_unlock(&lock);
	return left > 86400000 ? 86400000 : (int)left;
}

void nd_confirm_due(struct nd_session *session)
{
	struct nc_server_reply *reply;

	if (!begin_order())
		return; /* asked for again at once */
	reply = take_back(session);
	pthread_mutex_unlock(&order);
	if (reply) {
		nd_log(LOG_ERR, "the commit of session %u, not confirmed, cannot be taken back yet",
		       session->id);
		nc_server_reply_free(reply);
		pthread_mutex_lock(&lock);
		waiting.deadline = now() + RETRY_SECONDS;
		pthread_mutex_unlock(&lock);
		return;
	}
	nd_log(LOG_NOTICE, "the commit of session %u was not confirmed, and is taken back",
	       session->id);
}

bool nd_confirm_of_other(const struct nd_session *session)
{
	bool other;

	pthread_mutex_lock(&lock);
	other = waiting.active && waiting.owner != session->id;
	pthread_mutex_unlock(&lock);
	return other;
}

/* May this session confirm or cancel? NULL: it may, or nothing waits. */
static struct lyd_node *not_for(const struct nd_session *session, const char *persist_id)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	struct lyd_node *error = NULL;

	pthread_mutex_lock(&lock);
	if (persist_id &&
	    (!waiting.active || !waiting.persist || strcmp(waiting.persist, persist_id)))
		error = nd_error(ctx, NC_ERR_INVALID_VALUE, NULL,
				 "No commit with this persist-id waits for confirmation.");
	else if (waiting.active && waiting.persist && !persist_id)
		error = nd_error(ctx, NC_ERR_IN_USE, NULL,
				 "A commit waits for confirmation by its persist-id.");
	else if (waiting.active && !waiting.persist && waiting.owner != session->id)
		error = nd_error(ctx, NC_ERR_IN_USE, NULL,
				 "A commit of session %u waits for confirmation.", waiting.owner);
	pthread_mutex_unlock(&lock);
	return error;
}

/* locked; takes the way back */
static bool remember(struct nd_change *undo)
{
	struct nd_change *more = realloc(waiting.undo, (waiting.count + 1) * sizeof(*more));

	if (!more)
		return false;
	waiting.undo = more;
	waiting.undo[waiting.count++] = *undo;
	memset(undo, 0, sizeof(*undo));
	return true;
}

static void await_confirmation(const struct nd_session *session, const struct lyd_node *rpc,
			       struct nd_change *undo)
{
	const char *timeout = nd_child_value(rpc, "confirm-timeout");
	const char *persist = nd_child_value(rpc, "persist");

	pthread_mutex_lock(&lock);
	if (!remember(undo))
		nd_log(LOG_ERR, "no memory for the way back of a confirmed commit");
	waiting.active = true;
	waiting.owner = session->id;
	waiting.deadline = now() + (timeout ? (int64_t)strtoul(timeout, NULL, 10) : 600);
	free(waiting.persist);
	waiting.persist = persist ? strdup(persist) : NULL;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

static struct nc_server_reply *commit(struct nd_session *session, struct lyd_node *rpc)
{
	bool confirmed = nd_child(rpc, "confirmed");
	struct nc_server_reply *reply;
	struct nd_change undo = {};
	struct lyd_node *error;

	error = not_for(session, nd_child_value(rpc, "persist-id"));
	if (error)
		return nd_reply(error);
	reply = nd_commit_candidate(session, confirmed ? &undo : NULL);
	if (!reply && confirmed)
		await_confirmation(session, rpc, &undo);
	pthread_mutex_lock(&lock);
	if (!reply && !confirmed)
		forget();
	save(NULL);
	pthread_mutex_unlock(&lock);
	nd_change_clear(&undo);
	return reply ? reply : nc_server_reply_ok();
}

static struct nc_server_reply *in_order(struct nd_session *session, struct lyd_node *rpc,
					struct nc_server_reply *(*what)(struct nd_session *session,
									struct lyd_node *rpc))
{
	struct nc_server_reply *reply;

	if (!begin_order())
		return nd_reply(nd_error(session->schema->ctx, NC_ERR_IN_USE, NULL,
					 "Another session is committing: try again."));
	reply = what(session, rpc);
	pthread_mutex_unlock(&order);
	return reply;
}

struct nc_server_reply *nd_rpc_commit(struct nd_session *session, struct lyd_node *rpc)
{
	return in_order(session, rpc, commit);
}

static struct nc_server_reply *cancel(struct nd_session *session, struct lyd_node *rpc)
{
	struct lyd_node *error = not_for(session, nd_child_value(rpc, "persist-id"));
	struct nc_server_reply *reply;
	bool active;

	pthread_mutex_lock(&lock);
	active = waiting.active;
	/* with the persist-id, it becomes this session's */
	if (active && !error)
		waiting.owner = session->id;
	pthread_mutex_unlock(&lock);
	if (error)
		return nd_reply(error);
	if (!active)
		return nd_reply(nd_error(session->schema->ctx, NC_ERR_OP_FAILED, NULL,
					 "No commit waits for confirmation."));
	reply = take_back(session);
	return reply ? reply : nc_server_reply_ok();
}

struct nc_server_reply *nd_rpc_cancel_commit(struct nd_session *session, struct lyd_node *rpc)
{
	return in_order(session, rpc, cancel);
}

void nd_confirm_session_ends(const struct nd_session *session)
{
	pthread_mutex_lock(&lock);
	if (waiting.active && session->id && waiting.owner == session->id) {
		waiting.owner = 0;
		if (!waiting.persist)
			waiting.deadline = now();
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&lock);
}

/*
 * The keeper
 */
static bool take_back_alone(void)
{
	struct nd_session session = {};
	struct nc_server_reply *reply = NULL;
	bool done = false;

	if (begin_order()) {
		if (nd_session_of_our_own(&session)) {
			reply = take_back(&session);
			done = !reply;
			nc_server_reply_free(reply);
		}
		nd_session_of_our_own_ends(&session);
		pthread_mutex_unlock(&order);
	}
	nd_log(done ? LOG_NOTICE : LOG_ERR, "a commit that was not confirmed %s",
	       done ? "is taken back" : "cannot be taken back yet");
	return done;
}

static void *keeper_thread(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		struct timespec until = { .tv_sec = waiting.deadline };
		bool mine = waiting.active && !waiting.owner, last = stopping;

		if (mine && (last || now() >= waiting.deadline)) {
			pthread_mutex_unlock(&lock);
			bool done = take_back_alone();
			pthread_mutex_lock(&lock);
			if (!done)
				waiting.deadline = now() + RETRY_SECONDS;
			if (last)
				break;
		} else if (last) {
			break;
		} else if (mine) {
			pthread_cond_timedwait(&changed, &lock, &until);
		} else {
			pthread_cond_wait(&changed, &lock);
		}
	}
	/* what could not be taken back is in the file, for the next one */
	clear();
	pthread_mutex_unlock(&lock);
	return NULL;
}

bool nd_confirm_start(void)
{
	load();
	return !pthread_create(&keeper, NULL, keeper_thread, NULL);
}

void nd_confirm_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(keeper, NULL);
}
