// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frr-netconf-subsystem: what sshd runs as "Subsystem netconf".
 *
 * It connects its standard input and output with frr-netconfd's socket and
 * knows nothing of NETCONF. Who the user is, frr-netconfd asks the kernel.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "netconfd/paths.h"

/* One direction: what has been read and is not written yet. */
struct flow {
	int from, to;
	bool open;
	size_t at, length;
	char data[16384];
};

static void flow_close(struct flow *flow)
{
	flow->open = false;
	/* the other side sees the end; the socket's other direction goes on */
	if (shutdown(flow->to, SHUT_WR) && errno == ENOTSOCK)
		close(flow->to);
}

static bool flow_move(struct flow *flow, short readable, short writable)
{
	ssize_t n;

	if (flow->at == flow->length && readable) {
		n = read(flow->from, flow->data, sizeof(flow->data));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return true;
		if (n <= 0) {
			flow_close(flow);
			return n == 0;
		}
		flow->at = 0;
		flow->length = (size_t)n;
		return true;
	}
	if (flow->at < flow->length && writable) {
		n = write(flow->to, flow->data + flow->at, flow->length - flow->at);
		if (n < 0)
			return errno == EINTR || errno == EAGAIN;
		flow->at += (size_t)n;
	}
	return true;
}

static int pump(int server)
{
	static struct flow up = { .from = STDIN_FILENO, .open = true };
	static struct flow down = { .to = STDOUT_FILENO, .open = true };
	struct flow *flows[] = { &up, &down };

	up.to = server;
	down.from = server;
	/* the server's last word ends it, whatever the client still had to say */
	while (down.open) {
		struct pollfd fds[2];

		for (int i = 0; i < 2; i++) {
			bool pending = flows[i]->at < flows[i]->length;

			fds[i].fd = flows[i]->open ? (pending ? flows[i]->to : flows[i]->from) : -1;
			fds[i].events = pending ? POLLOUT : POLLIN;
			fds[i].revents = 0;
		}
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return 1;
		}
		for (int i = 0; i < 2; i++)
			if (fds[i].revents && !flow_move(flows[i], fds[i].revents, fds[i].revents))
				return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = argc > 1 ? argv[1] : ND_SOCKET;
	int server;

	signal(SIGPIPE, SIG_IGN);
	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "frr-netconf-subsystem: the socket's path is too long\n");
		return 1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "frr-netconf-subsystem: no frr-netconfd at %s: %s\n", path,
			strerror(errno));
		return 1;
	}
	return pump(server);
}
