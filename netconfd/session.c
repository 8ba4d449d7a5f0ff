// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "netconfd/netconfd.h"

#define RECONNECT_MS 1000
#define POLL_MS	     100 /* what libnetconf2 may wait for what poll() has seen */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static struct nd_session *sessions;
static unsigned int session_count;

struct nd_totals nd_totals;

void nd_time(char *to, size_t size, time_t when)
{
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(to, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/*
 * Who may
 */
static void free_groups(char **groups)
{
	for (char **group = groups; group && *group; group++)
		free(*group);
	free(groups);
}

/* The names of a user's groups, NULL at the end. */
static char **groups_of(const struct passwd *user)
{
	int count = 64, known = 0;
	gid_t *gids = NULL;
	char **names;

	do {
		gid_t *more = reallocarray(gids, (size_t)count, sizeof(*gids));

		if (!more) {
			free(gids);
			return NULL;
		}
		gids = more;
	} while (getgrouplist(user->pw_name, user->pw_gid, gids, &count) < 0);
	names = calloc((size_t)count + 1, sizeof(*names));
	for (int i = 0; names && i < count; i++) {
		struct group group, *found = NULL;
		char buffer[16384];

		if (getgrgid_r(gids[i], &group, buffer, sizeof(buffer), &found) || !found)
			continue;
		names[known] = strdup(group.gr_name);
		if (names[known])
			known++;
	}
	free(gids);
	return names;
}

/* The user at the other end, who must be in one of the two groups. */
static bool admit(struct nd_session *session, int client)
{
	struct passwd passwd, *found = NULL;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	char buffer[16384];

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) ||
	    getpwuid_r(peer.uid, &passwd, buffer, sizeof(buffer), &found) || !found) {
		nd_log(LOG_NOTICE, "a client without a user is refused");
		return false;
	}
	snprintf(session->user, sizeof(session->user), "%s", passwd.pw_name);
	session->who.name = session->user;
	session->who.groups = groups_of(&passwd);
	for (char **group = session->who.groups; group && *group; group++)
		if (!strcmp(*group, nd_options.group_read) ||
		    !strcmp(*group, nd_options.group_write))
			return true;
	nd_log(LOG_NOTICE, "user %s is neither in group %s nor in %s: refused", session->user,
	       nd_options.group_read, nd_options.group_write);
	return false;
}

/*
 * The registry
 */
static bool enter(struct nd_session *session)
{
	bool fits;

	pthread_mutex_lock(&lock);
	fits = session_count < nd_options.max_sessions;
	if (fits) {
		session_count++;
		session->next = sessions;
		sessions = session;
	}
	pthread_mutex_unlock(&lock);
	return fits;
}

static void leave(struct nd_session *session)
{
	struct nd_session **at;

	pthread_mutex_lock(&lock);
	for (at = &sessions; *at != session; at = &(*at)->next)
		;
	*at = session->next;
	session_count--;
	pthread_cond_broadcast(&ended);
	pthread_mutex_unlock(&lock);
}

/* locked, so that the session is still there */
static void end(struct nd_session *session)
{
	uint64_t one = 1;

	if (write(session->wake, &one, sizeof(one)) < 0)
		nd_log(LOG_ERR, "eventfd: %s", strerror(errno));
	nd_guard_cut(&session->guard);
}

bool nd_session_kill(uint32_t id)
{
	struct nd_session *session;

	pthread_mutex_lock(&lock);
	for (session = sessions; session && session->id != id; session = session->next)
		;
	if (session)
		end(session);
	pthread_mutex_unlock(&lock);
	return session;
}

void nd_session_kill_all(void)
{
	pthread_mutex_lock(&lock);
	for (struct nd_session *session = sessions; session; session = session->next)
		end(session);
	pthread_mutex_unlock(&lock);
}

bool nd_session_await_none(unsigned int seconds)
{
	struct timespec until;
	bool none;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&lock);
	while (session_count && !pthread_cond_timedwait(&ended, &lock, &until))
		;
	none = !session_count;
	pthread_mutex_unlock(&lock);
	return none;
}

void nd_sessions_visit(void (*visit)(const struct nd_session *session, void *data), void *data)
{
	pthread_mutex_lock(&lock);
	for (struct nd_session *session = sessions; session; session = session->next)
		if (session->id)
			visit(session, data);
	pthread_mutex_unlock(&lock);
}

bool nd_session_of_our_own(struct nd_session *session)
{
	nd_fe_init(&session->fe, -1);
	if (nd_fe_open(&session->fe, nd_options.mgmtd) == ND_FE_OK)
		session->schema = nd_schema_get(&session->fe);
	return session->schema;
}

void nd_session_of_our_own_ends(struct nd_session *session)
{
	nd_fe_close(&session->fe);
	nd_schema_put(session->schema);
}

/*
 * A session's life
 */
bool nd_session_connected(struct nd_session *session, struct lyd_node **error)
{
	const struct ly_ctx *ctx = session->schema->ctx;

	if (session->fe.fd >= 0)
		return true;
	if (nd_fe_open(&session->fe, nd_options.mgmtd) != ND_FE_OK) {
		if (error)
			*error = nd_error(ctx, NC_ERR_OP_FAILED, NULL, "%s", session->fe.text);
		return false;
	}
	if (!nd_schema_same(session->schema, &session->fe)) {
		nd_log(LOG_NOTICE, "session %u ends: mgmtd has other models now", session->id);
		if (error)
			*error =
				nd_error(ctx, NC_ERR_OP_FAILED, NULL,
					 "mgmtd has been restarted with other models: connect again");
		session->ending = true;
		return false;
	}
	if (!nd_candidate_relock(session)) {
		nd_log(LOG_NOTICE, "session %u ends: its lock was lost with mgmtd", session->id);
		if (error)
			*error = nd_error(ctx, NC_ERR_OP_FAILED, NULL,
					  "mgmtd has been restarted, and the lock was lost");
		session->ending = true;
		return false;
	}
	return true;
}

static int64_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void count_request(struct nd_session *session, int result)
{
	if (result & (NC_PSPOLL_RPC | NC_PSPOLL_BAD_RPC)) {
		bool bad = result & NC_PSPOLL_BAD_RPC;

		session->requests += !bad;
		session->bad_requests += bad;
		atomic_fetch_add(bad ? &nd_totals.bad_requests : &nd_totals.requests, 1);
	}
	if (result & NC_PSPOLL_REPLY_ERROR) {
		session->errors++;
		atomic_fetch_add(&nd_totals.errors, 1);
	}
}

/* of two times to wait, of which -1 is no end */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void serve(struct nd_session *session, int fd, struct nc_pollsession *ps)
{
	int64_t idle_since = seconds_now();

	while (!session->ending) {
		struct pollfd fds[3] = {
			{ .fd = fd, .events = POLLIN },
			{ .fd = session->wake, .events = POLLIN },
			{ .fd = session->fe.fd, .events = POLLIN },
		};
		int64_t left = idle_since + nd_options.idle_timeout - seconds_now();
		int timeout = -1, result;

		if (nd_options.idle_timeout && !session->subscribed)
			timeout = left > 0 ? (int)left * 1000 : 0;
		if (session->fe.fd < 0)
			timeout = sooner(timeout, RECONNECT_MS);
		timeout = sooner(timeout, nd_confirm_left(session));
		if (poll(fds, 3, timeout) < 0 && errno != EINTR)
			return;
		if (fds[1].revents)
			return;
		if (fds[2].revents)
			nd_fe_receive(&session->fe);
		if (session->fe.fd < 0)
			nd_session_connected(session, NULL);
		if (!nd_confirm_left(session))
			nd_confirm_due(session);
		if (!nd_notify_send(session))
			return;
		if (fds[0].revents) {
			result = nc_ps_poll(ps, POLL_MS, NULL);
			count_request(session, result);
			if (result &
			    (NC_PSPOLL_SESSION_TERM | NC_PSPOLL_SESSION_ERROR | NC_PSPOLL_ERROR)) {
				if (result & (NC_PSPOLL_SESSION_ERROR | NC_PSPOLL_ERROR))
					atomic_fetch_add(&nd_totals.dropped, 1);
				return;
			}
			idle_since = seconds_now();
			if (!nd_notify_send(session))
				return;
		} else if (nd_options.idle_timeout && !session->subscribed &&
			   seconds_now() >= idle_since + nd_options.idle_timeout) {
			nd_log(LOG_INFO, "session %u was idle for %u seconds", session->id,
			       nd_options.idle_timeout);
			return;
		}
	}
}

static void converse(struct nd_session *session, int fd)
{
	struct nc_pollsession *ps;
	struct nd_rules *rules;
	NC_MSG_TYPE hello;

	if (nd_fe_open(&session->fe, nd_options.mgmtd) != ND_FE_OK) {
		nd_log(LOG_ERR, "session of %s refused: %s", session->user, session->fe.text);
		return;
	}
	session->schema = nd_schema_get(&session->fe);
	if (!session->schema)
		return;
	rules = nd_access_begin(session->schema->ctx);
	nd_rules_put(rules);
	if (!rules || !nd_access_refresh(session)) {
		nd_log(LOG_ERR, "session of %s refused: there are no access rules", session->user);
		return;
	}
	hello = nc_accept_inout(fd, fd, session->user, session->schema->ctx, &session->nc);
	if (hello != NC_MSG_HELLO) {
		atomic_fetch_add(&nd_totals.bad_hellos, 1);
		nd_log(LOG_NOTICE, "session of %s refused: no proper hello", session->user);
		return;
	}
	nc_session_set_data(session->nc, session);
	nd_time(session->since, sizeof(session->since), time(NULL));
	pthread_mutex_lock(&lock);
	session->id = nc_session_get_id(session->nc);
	pthread_mutex_unlock(&lock);
	atomic_fetch_add(&nd_totals.sessions, 1);
	nd_guard_version(&session->guard, nc_session_get_version(session->nc) ? 1 : 0);
	nd_log(LOG_INFO, "session %u: %s", session->id, session->user);

	ps = nc_ps_new();
	if (ps && !nc_ps_add_session(ps, session->nc))
		serve(session, fd, ps);
	if (ps) {
		nc_ps_del_session(ps, session->nc);
		nc_ps_free(ps);
	}
	nd_log(LOG_INFO, "session %u has ended", session->id);
}

static void free_session(struct nd_session *session)
{
	nd_view_fini(&session->view);
	free_groups(session->who.groups);
	free(session);
}

static void finish(struct nd_session *session, int fd)
{
	nd_confirm_session_ends(session);
	nd_candidate_session_ends(session);
	leave(session);
	nc_session_free(session->nc, NULL);
	close(fd);
	nd_guard_join(&session->guard);
	nd_fe_close(&session->fe);
	lyd_free_all(session->filter);
	free(session->filter_xpath);
	nd_schema_put(session->schema);
	close(session->wake);
	free_session(session);
}

struct start {
	struct nd_session *session;
	int fd;
};

static void *session_thread(void *arg)
{
	struct start start = *(struct start *)arg;

	free(arg);
	converse(start.session, start.fd);
	finish(start.session, start.fd);
	return NULL;
}

static bool start_thread(struct nd_session *session, int fd)
{
	struct start *start = malloc(sizeof(*start));
	pthread_t thread;

	if (!start)
		return false;
	start->session = session;
	start->fd = fd;
	if (pthread_create(&thread, NULL, session_thread, start)) {
		free(start);
		return false;
	}
	pthread_detach(thread);
	return true;
}

void nd_session_new(int client)
{
	struct nd_session *session = calloc(1, sizeof(*session));
	int fd;

	if (!session || !admit(session, client)) {
		if (session)
			free_session(session);
		close(client);
		return;
	}
	session->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nd_fe_init(&session->fe, session->wake);
	if (session->wake < 0 || !nd_guard_start(&session->guard, client, &fd)) {
		nd_log(LOG_ERR, "no resources for a session of %s: %s", session->user,
		       strerror(errno));
		if (session->wake >= 0)
			close(session->wake);
		free_session(session);
		close(client);
		return;
	}
	if (!enter(session)) {
		nd_log(LOG_NOTICE, "session of %s refused: there are %u already", session->user,
		       nd_options.max_sessions);
	} else if (start_thread(session, fd)) {
		return;
	} else {
		nd_log(LOG_ERR, "no thread for a session of %s", session->user);
		leave(session);
	}
	nd_guard_cut(&session->guard);
	close(fd);
	nd_guard_join(&session->guard);
	close(session->wake);
	free_session(session);
}
