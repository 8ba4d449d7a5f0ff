// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names -> addresses, by c-ares on FRR's event loop.
 *
 * FRR's own resolver (libfrrcares, lib/resolver.h) keeps its channel to itself
 * and tells no TTL, which is when to ask again: so c-ares is used directly, the
 * way FRR's does.  It checks what servers send; whatever is not an answer to
 * what was asked it drops.
 *
 * Each question has a channel of its own: it is asked of the servers that
 * /etc/resolv.conf names at that time, nothing is answered from a cache of
 * c-ares', and a cancelled question is gone with all its sockets.  There is one
 * per gateway in many seconds.
 *
 * A VRF that is a device is bound to, one that is a network namespace is
 * entered while sockets are made.
 */
#include <zebra.h>

#include <ares.h>

#include "frrevent.h"
#include "log.h"
#include "memory.h"
#include "privs.h"
#include "typesafe.h"
#include "vrf.h"

#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, DNS_QUERY, "DNS question");
DEFINE_MTYPE_STATIC(EROUTED, DNS_SOCKET, "DNS socket");
DEFINE_MTYPE_STATIC(EROUTED, DNS_ANSWER, "DNS answer");

/* Milliseconds until a server is asked again, or the next. */
#define TIMEOUT_MS 2000
#define TRIES	   2
/* More addresses than any gateway has. */
#define ADDRESSES_MAX 256

PREDECL_DLIST(sockets);

struct dns_socket {
	struct sockets_item item;
	struct er_dns_query *query;
	int fd;
	struct event *t_read, *t_write;
};

DECLARE_DLIST(sockets, struct dns_socket, item);

PREDECL_DLIST(queries);

struct er_dns_query {
	struct queries_item item;
	ares_channel channel;
	vrf_id_t vrf_id;
	struct sockets_head sockets;
	struct event *t_timeout, *t_done;
	er_dns_cb cb;
	void *arg;
	bool ended;
	struct er_dns_answer answer;
};

DECLARE_DLIST(queries, struct er_dns_query, item);

static struct queries_head queries = INIT_DLIST(queries);
/* users of the library at large */
static bool library_ready;

/*
 * Sockets and timers
 */
static void process(struct er_dns_query *query, ares_socket_t readable, ares_socket_t writable);
static void finish(struct er_dns_query *query);

static void socket_read(struct event *event)
{
	struct dns_socket *s = EVENT_ARG(event);

	event_add_read(er_loop, socket_read, s, s->fd, &s->t_read);
	process(s->query, s->fd, ARES_SOCKET_BAD);
}

static void socket_write(struct event *event)
{
	struct dns_socket *s = EVENT_ARG(event);

	event_add_write(er_loop, socket_write, s, s->fd, &s->t_write);
	process(s->query, ARES_SOCKET_BAD, s->fd);
}

static struct dns_socket *find_socket(struct er_dns_query *query, int fd)
{
	struct dns_socket *s;

	frr_each (sockets, &query->sockets, s)
		if (s->fd == fd)
			return s;
	return NULL;
}

static void drop_socket(struct dns_socket *s)
{
	event_cancel(&s->t_read);
	event_cancel(&s->t_write);
	sockets_del(&s->query->sockets, s);
	XFREE(MTYPE_DNS_SOCKET, s);
}

/* c-ares: what it wants to be told of a socket; neither: it closes it. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct er_dns_query *query = arg;
	struct dns_socket *s = find_socket(query, fd);

	if (!readable && !writable) {
		if (s)
			drop_socket(s);
		return;
	}
	if (!s) {
		s = XCALLOC(MTYPE_DNS_SOCKET, sizeof(*s));
		s->query = query;
		s->fd = fd;
		sockets_add_tail(&query->sockets, s);
	}
	if (readable)
		event_add_read(er_loop, socket_read, s, fd, &s->t_read);
	else
		event_cancel(&s->t_read);
	if (writable)
		event_add_write(er_loop, socket_write, s, fd, &s->t_write);
	else
		event_cancel(&s->t_write);
}

static void timed_out(struct event *event)
{
	process(EVENT_ARG(event), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void arm_timeout(struct er_dns_query *query)
{
	struct timeval tv, *next = ares_timeout(query->channel, NULL, &tv);

	event_cancel(&query->t_timeout);
	if (next && !query->ended)
		event_add_timer_msec(er_loop, timed_out, query,
				     next->tv_sec * 1000 + next->tv_usec / 1000 + 1,
				     &query->t_timeout);
}

/* c-ares opens sockets as it goes: in the namespace of the VRF. */
static bool enter(const struct er_dns_query *query)
{
	if (vrf_switch_to_netns(query->vrf_id) < 0) {
		zlog_warn("DNS: cannot enter VRF %u: %m", query->vrf_id);
		return false;
	}
	return true;
}

static void leave(const struct er_dns_query *query)
{
	if (vrf_switchback_to_initial() < 0)
		zlog_err("DNS: cannot come back from VRF %u: %m", query->vrf_id);
}

static void process(struct er_dns_query *query, ares_socket_t readable, ares_socket_t writable)
{
	if (!enter(query)) {
		/* else nobody would ever ask for this name again */
		if (!query->ended) {
			query->answer.problem = "the VRF's network namespace cannot be entered";
			finish(query);
		}
		return;
	}
	ares_process_fd(query->channel, readable, writable);
	leave(query);
	arm_timeout(query);
}

/*
 * The answer
 */
static void done(struct event *event)
{
	struct er_dns_query *query = EVENT_ARG(event);

	query->cb(&query->answer, query->arg);
	er_dns_cancel(&query);
}

static void finish(struct er_dns_query *query)
{
	query->ended = true;
	event_add_event(er_loop, done, query, 0, &query->t_done);
}

static bool read_address(const struct ares_addrinfo_node *node, struct ipaddr *address)
{
	memset(address, 0, sizeof(*address));
	if (node->ai_family == AF_INET && node->ai_addrlen >= sizeof(struct sockaddr_in)) {
		SET_IPADDR_V4(address);
		address->ipaddr_v4 = ((const struct sockaddr_in *)node->ai_addr)->sin_addr;
		return true;
	}
	if (node->ai_family == AF_INET6 && node->ai_addrlen >= sizeof(struct sockaddr_in6)) {
		SET_IPADDR_V6(address);
		address->ipaddr_v6 = ((const struct sockaddr_in6 *)node->ai_addr)->sin6_addr;
		return true;
	}
	return false;
}

static void shorten(struct er_dns_answer *answer, int ttl)
{
	answer->ttl_s = MIN(answer->ttl_s, (uint32_t)MAX(ttl, 0));
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
	struct er_dns_query *query = arg;
	struct er_dns_answer *answer = &query->answer;
	struct ares_addrinfo_node *node;
	struct ares_addrinfo_cname *cname;

	/* whoever cancels wants no answer */
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	if (status != ARES_SUCCESS) {
		answer->problem = ares_strerror(status);
		finish(query);
		return;
	}

	answer->ttl_s = UINT32_MAX;
	answer->address = XCALLOC(MTYPE_DNS_ANSWER, ADDRESSES_MAX * sizeof(struct ipaddr));
	for (node = result->nodes; node && answer->n < ADDRESSES_MAX; node = node->ai_next) {
		if (read_address(node, &answer->address[answer->n]))
			answer->n++;
		shorten(answer, node->ai_ttl);
	}
	for (cname = result->cnames; cname; cname = cname->next)
		shorten(answer, cname->ttl);
	ares_freeaddrinfo(result);
	if (!answer->n)
		answer->problem = "the answer holds no address";
	finish(query);
}

/*
 * Asking
 */
static bool open_channel(struct er_dns_query *query)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH, /* a gateway's name is a whole one */
		.timeout = TIMEOUT_MS,
		.tries = TRIES,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = query,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
	struct vrf *vrf = vrf_lookup_by_id(query->vrf_id);
	int status;

	status = ares_init_options(&query->channel, &options, mask);
	if (status != ARES_SUCCESS) {
		query->channel = NULL;
		query->answer.problem = ares_strerror(status);
		return false;
	}
	if (vrf && query->vrf_id != VRF_DEFAULT && !vrf_is_backend_netns())
		ares_set_local_dev(query->channel, vrf->name);
	return true;
}

struct er_dns_query *er_dns_ask(const char *name, vrf_id_t vrf_id, er_dns_cb cb, void *arg)
{
	struct er_dns_query *query = XCALLOC(MTYPE_DNS_QUERY, sizeof(*query));
	struct ares_addrinfo_hints hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = ARES_AI_NOSORT,
	};

	query->vrf_id = vrf_id;
	query->cb = cb;
	query->arg = arg;
	sockets_init(&query->sockets);
	queries_add_tail(&queries, query);
	if (!library_ready)
		library_ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;

	DEBUGD(&er_dbg_vpn, "DNS: asking for %s in VRF %u", name, vrf_id);
	if (!open_channel(query)) {
		finish(query);
		return query;
	}
	if (!enter(query)) {
		query->answer.problem = "its VRF cannot be entered";
		finish(query);
		return query;
	}
	ares_getaddrinfo(query->channel, name, NULL, &hints, answered, query);
	leave(query);
	arm_timeout(query);
	return query;
}

void er_dns_cancel(struct er_dns_query **queryp)
{
	struct er_dns_query *query = *queryp;
	struct dns_socket *s;

	if (!query)
		return;
	*queryp = NULL;
	event_cancel(&query->t_timeout);
	event_cancel(&query->t_done);
	/* has it close its sockets, too */
	if (query->channel)
		ares_destroy(query->channel);
	while ((s = sockets_first(&query->sockets)))
		drop_socket(s);
	queries_del(&queries, query);
	XFREE(MTYPE_DNS_ANSWER, query->answer.address);
	XFREE(MTYPE_DNS_QUERY, query);
}

void er_dns_fini(void)
{
	struct er_dns_query *query;

	while ((query = queries_first(&queries)))
		er_dns_cancel(&query);
	if (library_ready)
		ares_library_cleanup();
	library_ready = false;
}
