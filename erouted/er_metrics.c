// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GET /metrics, by libmicrohttpd.
 *
 * The library runs in our event loop, not in threads of its own: it waits on an
 * epoll descriptor of its own, we wait on that one, and on the library's timeout.
 * Whoever connects can only read, is let go after a while, and cannot make us
 * hold more than a few small buffers.
 */
#include <zebra.h>

#include <microhttpd.h>

#include "lib_errors.h"
#include "log.h"
#include "sockunion.h"

#include "erouted/er_errors.h"
#include "erouted/er_metrics.h"
#include "erouted/erouted.h"

#define CONNECTIONS	   16
#define CONNECTION_BYTES   (16 * 1024)
#define CONNECTION_SECONDS 10
/* An address that is not there (yet), a port that is taken: try again. */
#define RETRY_SECONDS 10

#define OPEN_METRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define PLAIN	     "text/plain; version=0.0.4; charset=utf-8"

static struct MHD_Daemon *http;
static struct event *t_read, *t_timeout, *t_retry;
static struct ipaddr listen_address;
static uint16_t listen_port;
static char problem[ER_TEXT_LEN];

const char *er_metrics_problem(void)
{
	return problem;
}

/*
 * Answering
 */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status, char *text,
			      size_t len, const char *type)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, text,
						type ? MHD_RESPMEM_MUST_FREE
						     : MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response) {
		if (type)
			free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type ?: "text/plain");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result say(struct MHD_Connection *connection, unsigned int status, const char *text)
{
	return answer(connection, status, (char *)text, strlen(text), NULL);
}

static enum MHD_Result request(void *arg, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *upload,
			       size_t *upload_len, void **state)
{
	const char *accept;
	bool open_metrics;
	size_t len;
	char *text;

	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
	if (strcmp(url, "/metrics"))
		return say(connection, MHD_HTTP_NOT_FOUND, "Only /metrics is here.\n");

	accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	open_metrics = accept && strstr(accept, "application/openmetrics-text");
	text = er_metrics_text(open_metrics, &len);
	if (!text)
		return MHD_NO;
	return answer(connection, MHD_HTTP_OK, text, len, open_metrics ? OPEN_METRICS : PLAIN);
}

/*
 * The event loop's part
 */
static void run(struct event *event);

static void arm(void)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(http, MHD_DAEMON_INFO_EPOLL_FD);
	MHD_UNSIGNED_LONG_LONG wait_ms;

	event_cancel(&t_timeout);
	event_add_read(er_loop, run, NULL, info->epoll_fd, &t_read);
	if (MHD_get_timeout(http, &wait_ms) == MHD_YES)
		event_add_timer_msec(er_loop, run, NULL, MIN(wait_ms, 60000), &t_timeout);
}

static bool is_full(void)
{
	return MHD_get_daemon_info(http, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections >=
	       CONNECTIONS;
}

/*
 * At its limit of connections the library stops listening, and begins again on
 * the first run after one has ended: nothing would call us for that.
 */
static void run(struct event *event)
{
	bool was_full = is_full();

	MHD_run(http);
	if (was_full)
		MHD_run(http);
	arm();
}

/* The library's own words, when it cannot listen. */
static void complain(void *arg, const char *format, va_list args) PRINTFRR(2, 0);

static void complain(void *arg, const char *format, va_list args)
{
	vsnprintf(problem, sizeof(problem), format, args);
	problem[strcspn(problem, "\n")] = '\0';
}

static void stop(void)
{
	event_cancel(&t_read);
	event_cancel(&t_timeout);
	event_cancel(&t_retry);
	if (http)
		MHD_stop_daemon(http);
	http = NULL;
}

static union sockunion socket_address(void)
{
	union sockunion su = {};

	if (IS_IPADDR_V4(&listen_address)) {
		su.sin.sin_family = AF_INET;
		su.sin.sin_addr = listen_address.ipaddr_v4;
		su.sin.sin_port = htons(listen_port);
	} else {
		su.sin6.sin6_family = AF_INET6;
		su.sin6.sin6_addr = listen_address.ipaddr_v6;
		su.sin6.sin6_port = htons(listen_port);
	}
	return su;
}

static void start(struct event *event)
{
	union sockunion su = socket_address();
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
	bool told = problem[0];

	if (IS_IPADDR_V6(&listen_address))
		flags |= MHD_USE_IPv6;
	problem[0] = '\0';
	http = MHD_start_daemon(flags, listen_port, NULL, NULL, request, NULL,
				MHD_OPTION_EXTERNAL_LOGGER, complain, NULL, MHD_OPTION_SOCK_ADDR,
				&su.sa, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CONNECTION_SECONDS,
				MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
	if (http) {
		problem[0] = '\0';
		if (told)
			zlog_notice("metrics: served at %pIA port %u", &listen_address,
				    listen_port);
		arm();
		return;
	}
	if (!problem[0])
		strlcpy(problem, "cannot listen", sizeof(problem));
	if (!told)
		flog_warn(EC_LIB_SOCKET,
			  "metrics: nothing is served at %pIA port %u: %s; trying again every %d s",
			  &listen_address, listen_port, problem, RETRY_SECONDS);
	event_add_timer(er_loop, start, NULL, RETRY_SECONDS, &t_retry);
}

void er_metrics_config(const struct ipaddr *address, uint16_t port)
{
	if (port == listen_port && (!port || !ipaddr_cmp(address, &listen_address)))
		return;
	stop();
	problem[0] = '\0';
	listen_port = port;
	if (!port)
		return;
	listen_address = *address;
	start(NULL);
}

uint16_t er_metrics_port(void)
{
	return listen_port;
}

void er_metrics_fini(void)
{
	stop();
	listen_port = 0;
}
