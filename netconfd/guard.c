// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard of one session stands between its client and libnetconf2, which
 * reads what it is promised for as long as it takes and without a limit.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "netconfd/frame.h"
#include "netconfd/netconfd.h"

#define MESSAGE_TIMEOUT_MS 60000 /* for a message that has begun to be complete */
#define WRITE_TIMEOUT_MS   60000 /* for the client to take something */
#define READ_SIZE	   65536

struct buffer {
	char *data;
	size_t at, length, size;
};

struct work {
	struct nd_guard *guard;
	struct nd_frame frame;
	char pending[READ_SIZE]; /* read from the client, not yet looked at */
	size_t pending_at, pending_length;
	struct buffer in;  /* whole messages for libnetconf2 */
	struct buffer out; /* replies for the client */
	bool first;	   /* the hello is still awaited */
	bool client_ended, session_ended;
	int64_t read_deadline, write_deadline; /* milliseconds, 0: none */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool buffer_add(struct buffer *buffer, const char *data, size_t length)
{
	if (buffer->length + length > buffer->size) {
		size_t size = buffer->length + length + READ_SIZE;
		char *larger = realloc(buffer->data, size);

		if (!larger)
			return false;
		buffer->data = larger;
		buffer->size = size;
	}
	memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	return true;
}

static void buffer_drop(struct buffer *buffer)
{
	buffer->at = buffer->length = 0;
	if (buffer->size > 4 * READ_SIZE) {
		free(buffer->data);
		buffer->data = NULL;
		buffer->size = 0;
	}
}

/* In one chunk, however many it came in. */
static bool hand_over(struct work *work)
{
	struct nd_frame *frame = &work->frame;
	char head[32];
	bool ok = true;

	if (frame->chunked) {
		snprintf(head, sizeof(head), "\n#%zu\n", frame->length);
		ok = buffer_add(&work->in, head, strlen(head));
	}
	ok = ok && buffer_add(&work->in, frame->message, frame->length);
	if (frame->chunked)
		ok = ok && buffer_add(&work->in, "\n##\n", 4);
	else
		ok = ok && buffer_add(&work->in, "]]>]]>", 6);
	nd_frame_next(frame);
	return ok;
}

/* Make a message of what has been read; false: the client is to go. */
static bool look_at_pending(struct work *work)
{
	struct nd_frame *frame = &work->frame;
	size_t used;

	/* one at a time; and what the hello decides, nobody knows before */
	if (work->in.length || (!work->first && atomic_load(&work->guard->version) < 0))
		return true;
	frame->chunked = !work->first && atomic_load(&work->guard->version) == 1;
	while (work->pending_at < work->pending_length) {
		enum nd_frame_result result =
			nd_frame_feed(frame, work->pending + work->pending_at,
				      work->pending_length - work->pending_at, &used);

		if (result == ND_FRAME_BAD)
			return false;
		work->pending_at += used;
		if (result == ND_FRAME_MESSAGE) {
			work->read_deadline = 0;
			work->first = false;
			return hand_over(work);
		}
	}
	if (!work->read_deadline && nd_frame_partial(frame))
		work->read_deadline = now_ms() + MESSAGE_TIMEOUT_MS;
	return true;
}

static bool read_client(struct work *work)
{
	ssize_t n = recv(work->guard->client, work->pending, sizeof(work->pending), MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	work->pending_at = 0;
	work->pending_length = (size_t)n;
	work->client_ended = n == 0;
	return true;
}

static bool read_session(struct work *work)
{
	char data[READ_SIZE];
	ssize_t n = recv(work->guard->inner, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	work->session_ended = n == 0;
	work->write_deadline = now_ms() + WRITE_TIMEOUT_MS;
	return buffer_add(&work->out, data, (size_t)n);
}

static bool write_some(int fd, struct buffer *buffer)
{
	ssize_t n = send(fd, buffer->data + buffer->at, buffer->length - buffer->at,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	buffer->at += (size_t)n;
	if (buffer->at == buffer->length)
		buffer_drop(buffer);
	return true;
}

static int wait_time(const struct work *work)
{
	int64_t until = work->read_deadline, now = now_ms();

	if (work->out.length && (!until || work->write_deadline < until))
		until = work->write_deadline;
	if (!until)
		return -1;
	return until > now ? (int)(until - now) : 0;
}

static const char *step(struct work *work)
{
	struct nd_guard *guard = work->guard;
	bool unread = work->pending_at < work->pending_length;
	struct pollfd fds[3] = {
		{ .fd = guard->client },
		{ .fd = guard->inner },
		{ .fd = guard->wake, .events = POLLIN },
	};
	uint64_t count;

	if (!unread && !work->in.length && !work->client_ended)
		fds[0].events |= POLLIN;
	if (work->out.length)
		fds[0].events |= POLLOUT;
	else
		fds[1].events |= POLLIN;
	if (work->in.length)
		fds[1].events |= POLLOUT;
	/* a hangup would be told again and again to who waits for something else */
	for (int i = 0; i < 2; i++)
		if (!fds[i].events)
			fds[i].fd = -1;

	if (poll(fds, 3, wait_time(work)) < 0 && errno != EINTR)
		return "poll failed";
	if (fds[2].revents && read(guard->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return "eventfd failed";
	if (atomic_load(&guard->stop))
		return "";
	if ((fds[0].events & POLLOUT) && fds[0].revents) {
		if (!write_some(guard->client, &work->out))
			return "the client has gone";
		work->write_deadline = now_ms() + WRITE_TIMEOUT_MS;
	}
	if ((fds[0].events & POLLIN) && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) &&
	    !read_client(work))
		return "the client has gone";
	if ((fds[1].events & POLLIN) && (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) &&
	    !read_session(work))
		return "";
	if ((fds[1].events & POLLOUT) && fds[1].revents && !write_some(guard->inner, &work->in))
		return "";
	if (!look_at_pending(work))
		return "what the client sends is no NETCONF, or too large";
	if (work->read_deadline && now_ms() >= work->read_deadline)
		return work->first ? "no hello in time" : "a message was not completed in time";
	if (work->out.length && now_ms() >= work->write_deadline)
		return "the client does not take its replies";
	if (work->session_ended && !work->out.length)
		return "";
	if (work->client_ended && !work->in.length && work->pending_at == work->pending_length)
		shutdown(guard->inner, SHUT_WR);
	return NULL;
}

static void *guard_thread(void *arg)
{
	struct nd_guard *guard = arg;
	struct work *work = calloc(1, sizeof(*work));
	const char *end = NULL;

	if (work) {
		work->guard = guard;
		work->first = true;
		work->read_deadline = now_ms() + (int64_t)nd_options.hello_timeout * 1000;
		nd_frame_init(&work->frame, nd_options.max_message);
		while (!end)
			end = step(work);
		if (*end)
			nd_log(LOG_NOTICE, "session cut: %s", end);
		nd_frame_fini(&work->frame);
		free(work->in.data);
		free(work->out.data);
		free(work);
	}
	shutdown(guard->inner, SHUT_RDWR);
	shutdown(guard->client, SHUT_RDWR);
	return NULL;
}

bool nd_guard_start(struct nd_guard *guard, int client, int *session_end)
{
	int pair[2];

	memset(guard, 0, sizeof(*guard));
	guard->client = client;
	atomic_init(&guard->version, -1);
	atomic_init(&guard->stop, false);
	guard->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (guard->wake < 0)
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		close(guard->wake);
		return false;
	}
	guard->inner = pair[0];
	if (pthread_create(&guard->thread, NULL, guard_thread, guard)) {
		close(guard->wake);
		close(pair[0]);
		close(pair[1]);
		return false;
	}
	*session_end = pair[1];
	return true;
}

static void wake(struct nd_guard *guard)
{
	uint64_t one = 1;

	if (write(guard->wake, &one, sizeof(one)) < 0)
		nd_log(LOG_ERR, "eventfd: %s", strerror(errno));
}

void nd_guard_version(struct nd_guard *guard, int version)
{
	atomic_store(&guard->version, version);
	wake(guard);
}

void nd_guard_cut(struct nd_guard *guard)
{
	atomic_store(&guard->stop, true);
	wake(guard);
}

void nd_guard_join(struct nd_guard *guard)
{
	pthread_join(guard->thread, NULL);
	close(guard->wake);
	close(guard->inner);
	close(guard->client);
}
