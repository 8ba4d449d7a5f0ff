// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "netconfd/fe.h"

#define MARKER	    0x23232301u /* "###" and the native protocol's version */
#define CLIENT_NAME "netconf"
#define FORMAT_JSON 2
#define LENGTH_MAX  (512u << 20) /* of a reply; the whole state of a large router is some MB */
#define QUEUED_MAX  (16u << 20)	 /* octets of notifications that wait */
/* mgmtd itself gives up after 600 s (MGMTD_TXN_CFG_COMMIT_MAX_DELAY_SEC) */
#define REPLY_TIMEOUT_MS 630000

enum code {
	CODE_ERROR = 0,
	CODE_TREE_DATA = 2,
	CODE_GET_DATA = 3,
	CODE_NOTIFY = 4,
	CODE_EDIT = 5,
	CODE_EDIT_REPLY = 6,
	CODE_RPC = 7,
	CODE_RPC_REPLY = 8,
	CODE_SESSION_REQ = 10,
	CODE_SESSION_REPLY = 11,
	CODE_LOCK = 19,
	CODE_LOCK_REPLY = 20,
	CODE_COMMIT = 21,
	CODE_COMMIT_REPLY = 22,
};

#define GET_STATE  0x01
#define GET_CONFIG 0x02

struct frame {
	uint32_t marker;
	uint32_t length; /* with itself */
};

/* Every message's fixed part: the header, and eight octets of its own. */
struct message {
	uint16_t code;
	uint16_t reserved;
	uint32_t vsplit; /* of text in two parts, the first one's size */
	uint64_t session;
	uint64_t request;
	uint8_t fields[8];
};
_Static_assert(sizeof(struct message) == 32, "mgmtd's messages have no padding");
#define HEADER_SIZE offsetof(struct message, fields)

void nd_fe_init(struct nd_fe *fe, int wake)
{
	memset(fe, 0, sizeof(*fe));
	fe->fd = -1;
	fe->wake = wake;
	fe->last = &fe->first;
}

void nd_fe_notification_free(struct nd_fe_notification *notification)
{
	free(notification->xpath);
	free(notification->json);
	free(notification);
}

struct nd_fe_notification *nd_fe_notification(struct nd_fe *fe)
{
	struct nd_fe_notification *notification = fe->first;

	if (!notification)
		return NULL;
	fe->first = notification->next;
	if (!fe->first)
		fe->last = &fe->first;
	fe->queued -= strlen(notification->json);
	return notification;
}

void nd_fe_close(struct nd_fe *fe)
{
	struct nd_fe_notification *notification;

	if (fe->fd >= 0)
		close(fe->fd);
	fe->fd = -1;
	fe->session = 0;
	memset(fe->locked, 0, sizeof(fe->locked));
	while ((notification = nd_fe_notification(fe)))
		nd_fe_notification_free(notification);
}

static enum nd_fe_result lost(struct nd_fe *fe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static enum nd_fe_result lost(struct nd_fe *fe, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fe->text, sizeof(fe->text), format, ap);
	va_end(ap);
	fe->error = ENOTCONN;
	nd_fe_close(fe);
	return ND_FE_LOST;
}

/* Wait until the connection is ready; false: it is lost, or we shall not wait. */
static bool await(struct nd_fe *fe, short events)
{
	struct pollfd fds[2] = {
		{ .fd = fe->fd, .events = events },
		{ .fd = fe->wake, .events = POLLIN },
	};
	int n;

	do
		n = poll(fds, 2, REPLY_TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		lost(fe, "mgmtd has not answered for %d seconds", REPLY_TIMEOUT_MS / 1000);
	else if (n < 0)
		lost(fe, "poll: %s", strerror(errno));
	else if (fds[1].revents)
		lost(fe, "the session ends");
	return fe->fd >= 0;
}

static enum nd_fe_result send_all(struct nd_fe *fe, struct iovec *iov, int count)
{
	while (count > 0) {
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)count };
		ssize_t n = sendmsg(fe->fd, &msg, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN)
				return lost(fe, "the connection to mgmtd broke: %s",
					    strerror(errno));
			if (!await(fe, POLLOUT))
				return ND_FE_LOST;
			continue;
		}
		while (count > 0 && (size_t)n >= iov->iov_len) {
			n -= (ssize_t)iov->iov_len;
			iov++;
			count--;
		}
		if (count > 0) {
			iov->iov_base = (char *)iov->iov_base + n;
			iov->iov_len -= (size_t)n;
		}
	}
	return ND_FE_OK;
}

static enum nd_fe_result receive_all(struct nd_fe *fe, void *to, size_t length)
{
	char *at = to;

	while (length) {
		ssize_t n = recv(fe->fd, at, length, 0);

		if (n > 0) {
			at += n;
			length -= (size_t)n;
			continue;
		}
		if (n == 0)
			return lost(fe, "mgmtd has closed the connection");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return lost(fe, "the connection to mgmtd broke: %s", strerror(errno));
		if (!await(fe, POLLIN))
			return ND_FE_LOST;
	}
	return ND_FE_OK;
}

/* *message has a NUL behind its last octet, which *length does not count. */
static enum nd_fe_result receive(struct nd_fe *fe, struct message **message, size_t *length)
{
	enum nd_fe_result result;
	struct frame frame;
	size_t size;
	char *body;

	result = receive_all(fe, &frame, sizeof(frame));
	if (result != ND_FE_OK)
		return result;
	size = frame.length - sizeof(frame);
	if (frame.marker != MARKER || frame.length < sizeof(frame) + HEADER_SIZE ||
	    frame.length > LENGTH_MAX)
		return lost(fe, "mgmtd sent what is no message");
	/* a message without text may end before the eight octets of its own do */
	body = calloc(1, (size < sizeof(struct message) ? sizeof(struct message) : size) + 1);
	if (!body)
		return lost(fe, "no memory for a message of %zu octets", size);
	result = receive_all(fe, body, size);
	if (result != ND_FE_OK) {
		free(body);
		return result;
	}
	*message = (struct message *)body;
	*length = size;
	return ND_FE_OK;
}

static const char *text_of(const struct message *message, size_t length)
{
	return length > sizeof(*message) ? (const char *)(message + 1) : "";
}

/* The second of two texts, NULL when the message is not built like that. */
static const char *second_text(const struct message *message, size_t length)
{
	const char *text = (const char *)(message + 1);
	size_t size = length > sizeof(*message) ? length - sizeof(*message) : 0;

	if (!message->vsplit || message->vsplit >= size || text[message->vsplit - 1])
		return NULL;
	return text + message->vsplit;
}

static enum nd_fe_result keep_notification(struct nd_fe *fe, const struct message *message,
					   size_t length)
{
	struct nd_fe_notification *notification;
	const char *json = second_text(message, length);

	/* fields: format, operation; 0 is a YANG notification, the others on-change data */
	if (!fe->listening || !json || message->fields[0] != FORMAT_JSON || message->fields[1] != 0)
		return ND_FE_OK;
	if (fe->queued + strlen(json) > QUEUED_MAX)
		return lost(fe, "more notifications than the session takes");
	notification = calloc(1, sizeof(*notification));
	if (notification) {
		notification->xpath = strdup(text_of(message, length));
		notification->json = strdup(json);
	}
	if (!notification || !notification->xpath || !notification->json) {
		if (notification)
			nd_fe_notification_free(notification);
		return lost(fe, "no memory for a notification");
	}
	fe->queued += strlen(json);
	*fe->last = notification;
	fe->last = &notification->next;
	return ND_FE_OK;
}

/* The reply to our request, whatever comes before it. */
static enum nd_fe_result await_reply(struct nd_fe *fe, enum code code, struct message **reply,
				     size_t *length)
{
	enum nd_fe_result result;

	for (;;) {
		struct message *message;

		result = receive(fe, &message, length);
		if (result != ND_FE_OK)
			return result;
		if (message->code == CODE_NOTIFY) {
			result = keep_notification(fe, message, *length);
			free(message);
			if (result != ND_FE_OK)
				return result;
			continue;
		}
		if (message->request != fe->request ||
		    (message->code != code && message->code != CODE_ERROR) ||
		    (fe->session && message->session != fe->session)) {
			free(message);
			return lost(fe, "mgmtd answered another question");
		}
		if (message->code == CODE_ERROR) {
			int16_t error;

			memcpy(&error, message->fields, sizeof(error));
			fe->error = error < 0 ? -error : error;
			snprintf(fe->text, sizeof(fe->text), "%s", text_of(message, *length));
			free(message);
			return ND_FE_REFUSED;
		}
		*reply = message;
		return ND_FE_OK;
	}
}

/* Ask with one text, or with two (each with its NUL); *reply is the caller's. */
static enum nd_fe_result ask(struct nd_fe *fe, struct message *message, const char *first,
			     const char *second, enum code expected, struct message **reply,
			     size_t *length)
{
	size_t first_size = first ? strlen(first) + 1 : 0;
	size_t second_size = second ? strlen(second) + 1 : 0;
	size_t size = sizeof(*message) + first_size + second_size;
	struct frame frame = { .marker = MARKER };
	struct iovec iov[] = {
		{ .iov_base = &frame, .iov_len = sizeof(frame) },
		{ .iov_base = message, .iov_len = sizeof(*message) },
		{ .iov_base = (void *)(uintptr_t)first, .iov_len = first_size },
		{ .iov_base = (void *)(uintptr_t)second, .iov_len = second_size },
	};
	enum nd_fe_result result;

	if (fe->fd < 0)
		return lost(fe, "not connected to mgmtd");
	if (size > LENGTH_MAX) {
		fe->error = EMSGSIZE;
		snprintf(fe->text, sizeof(fe->text), "more than one message to mgmtd can hold");
		return ND_FE_REFUSED;
	}
	frame.length = (uint32_t)(sizeof(frame) + size);
	message->session = fe->session;
	message->request = ++fe->request;
	message->vsplit = second ? (uint32_t)first_size : 0;
	result = send_all(fe, iov, 4);
	if (result != ND_FE_OK)
		return result;
	return await_reply(fe, expected, reply, length);
}

static enum nd_fe_result ask_only(struct nd_fe *fe, struct message *message, const char *first,
				  const char *second, enum code expected)
{
	struct message *reply;
	enum nd_fe_result result;
	size_t length;

	result = ask(fe, message, first, second, expected, &reply, &length);
	if (result == ND_FE_OK)
		free(reply);
	return result;
}

enum nd_fe_result nd_fe_open(struct nd_fe *fe, const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct message message = { .code = CODE_SESSION_REQ, .fields = { FORMAT_JSON } };
	struct message *reply;
	enum nd_fe_result result;
	size_t length;

	nd_fe_close(fe);
	fe->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fe->fd < 0)
		return lost(fe, "socket: %s", strerror(errno));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	if (connect(fe->fd, (struct sockaddr *)&address, sizeof(address)))
		return lost(fe, "mgmtd cannot be reached at %s: %s", socket_path, strerror(errno));
	if (fcntl(fe->fd, F_SETFL, O_NONBLOCK))
		return lost(fe, "fcntl: %s", strerror(errno));
	result = ask(fe, &message, CLIENT_NAME, NULL, CODE_SESSION_REPLY, &reply, &length);
	if (result == ND_FE_REFUSED)
		return lost(fe, "mgmtd refused a session");
	if (result != ND_FE_OK)
		return result;
	fe->session = reply->session;
	free(reply);
	if (!fe->session)
		return lost(fe, "mgmtd gave no session");
	return ND_FE_OK;
}

pid_t nd_fe_peer(const struct nd_fe *fe)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (fe->fd < 0 || getsockopt(fe->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return 0;
	return peer.pid;
}

enum nd_fe_result nd_fe_lock(struct nd_fe *fe, enum nd_datastore datastore)
{
	struct message message = { .code = CODE_LOCK, .fields = { (uint8_t)datastore, 1 } };
	enum nd_fe_result result;

	if (fe->locked[datastore])
		return ND_FE_OK;
	result = ask_only(fe, &message, NULL, NULL, CODE_LOCK_REPLY);
	if (result == ND_FE_OK)
		fe->locked[datastore] = true;
	return result;
}

void nd_fe_unlock(struct nd_fe *fe, enum nd_datastore datastore)
{
	struct message message = { .code = CODE_LOCK, .fields = { (uint8_t)datastore, 0 } };

	if (!fe->locked[datastore])
		return;
	fe->locked[datastore] = false;
	/* a lock that mgmtd does not give back is given up with the connection */
	if (ask_only(fe, &message, NULL, NULL, CODE_LOCK_REPLY) == ND_FE_REFUSED)
		lost(fe, "mgmtd kept a lock");
}

enum nd_fe_result nd_fe_get(struct nd_fe *fe, enum nd_datastore datastore, const char *xpath,
			    bool state, char **json)
{
	struct message message = {
		.code = CODE_GET_DATA,
		.fields = { FORMAT_JSON, state ? GET_STATE | GET_CONFIG : GET_CONFIG, 0,
			    (uint8_t)datastore },
	};
	struct message *reply;
	enum nd_fe_result result;
	size_t length;

	result = ask(fe, &message, xpath, NULL, CODE_TREE_DATA, &reply, &length);
	if (result != ND_FE_OK)
		return result;
	*json = strdup(text_of(reply, length));
	free(reply);
	return *json ? ND_FE_OK : lost(fe, "no memory for a reply");
}

enum nd_fe_result nd_fe_edit(struct nd_fe *fe, enum nd_datastore datastore,
			     enum nd_fe_edit operation, const char *xpath, const char *json)
{
	struct message message = {
		.code = CODE_EDIT,
		.fields = { FORMAT_JSON, 0, (uint8_t)datastore, (uint8_t)operation },
	};

	return ask_only(fe, &message, xpath, json ? json : "", CODE_EDIT_REPLY);
}

enum nd_fe_result nd_fe_commit(struct nd_fe *fe, enum nd_fe_commit action)
{
	struct message message = {
		.code = CODE_COMMIT,
		.fields = { ND_CANDIDATE, ND_RUNNING, (uint8_t)action, 0 },
	};

	return ask_only(fe, &message, NULL, NULL, CODE_COMMIT_REPLY);
}

enum nd_fe_result nd_fe_rpc(struct nd_fe *fe, const char *xpath, const char *json,
			    char **reply_json)
{
	struct message message = { .code = CODE_RPC, .fields = { FORMAT_JSON } };
	struct message *reply;
	enum nd_fe_result result;
	size_t length;

	result = ask(fe, &message, xpath, json, CODE_RPC_REPLY, &reply, &length);
	if (result != ND_FE_OK)
		return result;
	*reply_json = strdup(text_of(reply, length));
	free(reply);
	return *reply_json ? ND_FE_OK : lost(fe, "no memory for a reply");
}

enum nd_fe_result nd_fe_receive(struct nd_fe *fe)
{
	struct pollfd fd = { .fd = fe->fd, .events = POLLIN };
	enum nd_fe_result result = ND_FE_OK;
	struct message *message;
	size_t length;

	while (result == ND_FE_OK && fe->fd >= 0 && poll(&fd, 1, 0) > 0) {
		result = receive(fe, &message, &length);
		if (result != ND_FE_OK)
			break;
		/* nothing has been asked: nothing else may come */
		if (message->code == CODE_NOTIFY)
			result = keep_notification(fe, message, length);
		else
			result = lost(fe, "mgmtd answered what nobody asked");
		free(message);
	}
	return result;
}
