// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes over one interface.
 *
 * Each stream of echoes has a raw socket of its own, bound to the interface;
 * privileges are raised to open it, never to use it.  The kernel hands a raw socket
 * every ICMP message that arrives there, so a reply counts only when it comes from
 * the target and repeats our identifier, the number of an echo that is still
 * waited for, and that echo's random token.
 *
 * Of TCP connections one is on its way at a time.  What is established is reset, so
 * that neither side keeps anything of it; what is refused by a reset was answered as
 * well.  An ICMP "port unreachable" is none: any firewall on the way may say so.
 */
#include <zebra.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <linux/errqueue.h>
#include <sys/random.h>

#include "checksum.h"
#include "frrevent.h"
#include "if.h"
#include "log.h"
#include "memory.h"
#include "monotime.h"
#include "network.h"
#include "privs.h"
#include "sockunion.h"
#include "vrf.h"

#include "erouted/er_echo.h"
#include "erouted/er_netlink.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, ECHO_STREAM, "stream of probes");

/* So many are on their way at the shortest interval of 100 ms, waited for for 1 s. */
#define ON_THE_WAY 16
/* Messages read in a row before others get their turn. */
#define READS 32

/* One on its way; sent_us 0: none. */
struct on_the_way {
	uint16_t sequence;
	int64_t sent_us;
};

struct er_echo {
	er_echo_cb cb;
	void *arg;
	struct er_echo_spec spec;
	int fd; /* -1: none; of TCP the one connection on its way */
	uint16_t id, sequence;
	uint64_t token; /* nobody else's */
	struct on_the_way sent[ON_THE_WAY];
	struct event *t_send, *t_read, *t_write, *t_expire;
	char problem[ER_TEXT_LEN]; /* why nothing can be sent */
};

/* Behind the header, of ICMP and ICMPv6 alike. */
struct echo {
	uint8_t type, code;
	uint16_t checksum;
	uint16_t id, sequence;
	uint64_t token;
};

static int64_t now_us(void)
{
	struct timeval tv;

	monotime(&tv);
	return tv.tv_sec * 1000000LL + tv.tv_usec;
}

static bool is_v4(const struct er_echo *probe)
{
	return IS_IPADDR_V4(&probe->spec.target);
}

/*
 * Telling
 */
static void tell(struct er_echo *probe, enum er_echo_result result, int64_t rtt_us)
{
	probe->cb(result, result == ER_ECHO_REPLIED ? MIN(MAX(rtt_us, 1), UINT32_MAX) : 0,
		  probe->arg);
}

static void expire(struct er_echo *probe)
{
	int64_t before_us = now_us() - probe->spec.wait_ms * 1000LL;

	for (size_t i = 0; i < ON_THE_WAY; i++) {
		if (!probe->sent[i].sent_us || probe->sent[i].sent_us > before_us)
			continue;
		probe->sent[i].sent_us = 0;
		tell(probe, ER_ECHO_LOST, 0);
	}
}

/*
 * Sockets
 */
static void close_socket(struct er_echo *probe)
{
	event_cancel(&probe->t_read);
	event_cancel(&probe->t_write);
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

/* The kernel need not wake us for what is no reply. */
static void set_filter(int fd, bool v4)
{
	struct icmp6_filter filter6;
	struct icmp_filter {
		uint32_t refused;
	} filter4 = { ~(1u << ICMP_ECHOREPLY) };

	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	if (v4 && setsockopt(fd, SOL_RAW, 1 /* ICMP_FILTER */, &filter4, sizeof(filter4)) < 0)
		DEBUGD(&er_dbg_events, "probe: no filter: %m");
	if (!v4 && setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6)) < 0)
		DEBUGD(&er_dbg_events, "probe: no filter: %m");
}

static int open_bound(const struct er_echo *probe, int type, int protocol)
{
	return er_vrf_socket(is_v4(probe) ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, protocol,
			     probe->spec.vrf_id, probe->spec.ifname);
}

static void set_problem(struct er_echo *probe)
{
	snprintf(probe->problem, sizeof(probe->problem), "no probe can be sent over %s: %s",
		 probe->spec.ifname, safe_strerror(errno));
}

static void read_event(struct event *event);

static bool open_socket(struct er_echo *probe)
{
	if (probe->fd >= 0)
		return true;
	probe->fd = open_bound(probe, SOCK_RAW, is_v4(probe) ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (probe->fd < 0 || set_nonblocking(probe->fd) < 0) {
		set_problem(probe);
		close_socket(probe);
		return false;
	}
	set_filter(probe->fd, is_v4(probe));
	event_add_read(er_loop, read_event, probe, probe->fd, &probe->t_read);
	return true;
}

/*
 * Receiving
 */
/* Where the ICMP message begins, or NULL. */
static const uint8_t *skip_header(bool v4, const uint8_t *data, size_t *len)
{
	size_t header;

	if (!v4)
		return data;
	if (*len < sizeof(struct ip))
		return NULL;
	header = (data[0] & 0x0f) * 4;
	if (header < sizeof(struct ip) || header > *len)
		return NULL;
	*len -= header;
	return data + header;
}

static bool from_target(const struct er_echo *probe, const union sockunion *from)
{
	if (is_v4(probe))
		return from->sa.sa_family == AF_INET &&
		       IPV4_ADDR_SAME(&from->sin.sin_addr, &probe->spec.target.ipaddr_v4);
	return from->sa.sa_family == AF_INET6 &&
	       IPV6_ADDR_SAME(&from->sin6.sin6_addr, &probe->spec.target.ipaddr_v6);
}

static void received(struct er_echo *probe, const uint8_t *data, size_t len)
{
	struct echo message;
	struct on_the_way *sent;
	int64_t sent_us;

	data = skip_header(is_v4(probe), data, &len);
	if (!data || len < sizeof(message))
		return;
	memcpy(&message, data, sizeof(message));
	if (message.type != (is_v4(probe) ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) ||
	    message.id != htons(probe->id) || message.token != probe->token)
		return;
	sent = &probe->sent[ntohs(message.sequence) % ON_THE_WAY];
	if (!sent->sent_us || sent->sequence != ntohs(message.sequence))
		return;

	sent_us = sent->sent_us;
	sent->sent_us = 0;
	tell(probe, ER_ECHO_REPLIED, now_us() - sent_us);
}

static void read_replies(struct er_echo *probe)
{
	union sockunion from;
	uint8_t data[1500];
	socklen_t from_len;
	ssize_t len;

	for (int i = 0; probe->fd >= 0 && i < READS; i++) {
		memset(&from, 0, sizeof(from));
		from_len = sizeof(from);
		len = recvfrom(probe->fd, data, sizeof(data), MSG_DONTWAIT, &from.sa, &from_len);
		if (len < 0)
			return;
		if (from_target(probe, &from))
			received(probe, data, len);
	}
}

static void read_event(struct event *event)
{
	struct er_echo *probe = EVENT_ARG(event);

	event_add_read(er_loop, read_event, probe, probe->fd, &probe->t_read);
	read_replies(probe);
}

/*
 * Sending
 */
static bool send_message(struct er_echo *probe)
{
	union sockunion to = {};
	struct echo message = {
		.type = is_v4(probe) ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.id = htons(probe->id),
		.sequence = htons(probe->sequence),
		.token = probe->token,
	};
	socklen_t len = sizeof(to.sin6);

	if (is_v4(probe)) {
		to.sin.sin_family = AF_INET;
		to.sin.sin_addr = probe->spec.target.ipaddr_v4;
		len = sizeof(to.sin);
		message.checksum = in_cksum(&message, sizeof(message));
	} else {
		/* the kernel fills in ICMPv6's checksum */
		to.sin6.sin6_family = AF_INET6;
		to.sin6.sin6_addr = probe->spec.target.ipaddr_v6;
	}
	if (sendto(probe->fd, &message, sizeof(message), MSG_DONTWAIT, &to.sa, len) ==
	    sizeof(message))
		return true;
	set_problem(probe);
	/* of an interface that was deleted nothing comes back, even when it does */
	if (errno == ENODEV || errno == ENXIO)
		close_socket(probe);
	return false;
}

/* false: it could not be sent, and errno tells why. */
static bool send_echo(struct er_echo *probe)
{
	struct on_the_way *sent = &probe->sent[++probe->sequence % ON_THE_WAY];

	sent->sequence = probe->sequence;
	sent->sent_us = now_us();
	if (open_socket(probe) && send_message(probe))
		return true;
	sent->sent_us = 0;
	return false;
}

/*
 * TCP
 */
static bool is_icmp(const struct cmsghdr *cmsg)
{
	struct sock_extended_err error;

	if (!(cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_RECVERR) &&
	    !(cmsg->cmsg_level == SOL_IPV6 && cmsg->cmsg_type == IPV6_RECVERR))
		return false;
	memcpy(&error, CMSG_DATA(cmsg), sizeof(error));
	return error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
}

/* Was it an ICMP message that ended the connection?  The kernel's error is a reset's, too. */
static bool ended_by_icmp(int fd)
{
	union {
		struct cmsghdr align;
		char data[256];
	} control;
	char segment[128]; /* what the message quotes, cut off */
	struct iovec iov = { segment, sizeof(segment) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		if (is_icmp(cmsg))
			return true;
	return false;
}

static void connection_ended(struct er_echo *probe, int error)
{
	bool answered = !error || (error == ECONNREFUSED && !ended_by_icmp(probe->fd));
	int64_t rtt_us = now_us() - probe->sent[0].sent_us;

	event_cancel(&probe->t_expire);
	close_socket(probe);
	probe->sent[0].sent_us = 0;
	tell(probe, answered ? ER_ECHO_REPLIED : ER_ECHO_LOST, rtt_us);
}

static void connected_event(struct event *event)
{
	struct er_echo *probe = EVENT_ARG(event);
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	connection_ended(probe, error);
}

static int start_connect(struct er_echo *probe)
{
	struct linger reset = { .l_onoff = 1 };
	union sockunion to = {};
	int one = 1;

	setsockopt(probe->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	/* one SYN is one probe: a second one would hide that the first was lost */
	setsockopt(probe->fd, IPPROTO_TCP, TCP_SYNCNT, &one, sizeof(one));
	/* keep the ICMP message that ends it, for ended_by_icmp() */
	if (is_v4(probe)) {
		setsockopt(probe->fd, SOL_IP, IP_RECVERR, &one, sizeof(one));
		to.sin.sin_family = AF_INET;
		to.sin.sin_addr = probe->spec.target.ipaddr_v4;
		to.sin.sin_port = htons(probe->spec.tcp_port);
	} else {
		setsockopt(probe->fd, SOL_IPV6, IPV6_RECVERR, &one, sizeof(one));
		to.sin6.sin6_family = AF_INET6;
		to.sin6.sin6_addr = probe->spec.target.ipaddr_v6;
		to.sin6.sin6_port = htons(probe->spec.tcp_port);
	}
	return connect(probe->fd, &to.sa, is_v4(probe) ? sizeof(to.sin) : sizeof(to.sin6));
}

/* false: as send_echo() */
static bool begin_connection(struct er_echo *probe)
{
	int saved;

	/* the one before is late, but its time is not over: intervals are longer */
	if (probe->fd >= 0)
		connection_ended(probe, ETIMEDOUT);
	probe->fd = open_bound(probe, SOCK_STREAM, IPPROTO_TCP);
	if (probe->fd >= 0 && set_nonblocking(probe->fd) >= 0) {
		probe->sent[0].sent_us = now_us();
		if (start_connect(probe) == 0 || errno == EINPROGRESS) {
			event_add_write(er_loop, connected_event, probe, probe->fd,
					&probe->t_write);
			return true;
		}
	}
	saved = errno;
	set_problem(probe);
	close_socket(probe);
	probe->sent[0].sent_us = 0;
	errno = saved;
	return false;
}

/*
 * Streams
 */
static void expire_event(struct event *event)
{
	struct er_echo *probe = EVENT_ARG(event);

	if (probe->spec.tcp_port)
		connection_ended(probe, ETIMEDOUT);
	else
		expire(probe);
}

static void wait_for_answer(struct er_echo *probe)
{
	event_cancel(&probe->t_expire);
	if (probe->spec.tcp_port || probe->spec.wait_ms < probe->spec.interval_ms)
		event_add_timer_msec(er_loop, expire_event, probe, probe->spec.wait_ms,
				     &probe->t_expire);
}

static bool has_way(const struct er_echo *probe)
{
	const struct interface *ifp;

	if (!probe->spec.routed)
		return true;
	ifp = if_lookup_by_index(probe->spec.ifindex, probe->spec.vrf_id);
	return !ifp || !if_is_operative(ifp) || er_netlink_has_way(ifp, &probe->spec.target);
}

static bool is_no_way(int error)
{
	return error == ENETUNREACH || error == EHOSTUNREACH;
}

static void send_event(struct event *event)
{
	struct er_echo *probe = EVENT_ARG(event);

	event_add_timer_msec(er_loop, send_event, probe, probe->spec.interval_ms, &probe->t_send);
	if (!probe->spec.tcp_port) {
		/* when we come late, replies have waited for us */
		read_replies(probe);
		expire(probe);
	}
	if (!probe->spec.ifindex) {
		snprintf(probe->problem, sizeof(probe->problem), "interface %s is not there",
			 probe->spec.ifname);
		tell(probe, ER_ECHO_LOST, 0);
		return;
	}
	if (!has_way(probe)) {
		snprintfrr(probe->problem, sizeof(probe->problem), "no route to %pIA over %s",
			   &probe->spec.target, probe->spec.ifname);
		tell(probe, ER_ECHO_NO_WAY, 0);
		return;
	}
	if (probe->spec.tcp_port ? begin_connection(probe) : send_echo(probe)) {
		probe->problem[0] = '\0';
		wait_for_answer(probe);
	} else {
		tell(probe, is_no_way(errno) ? ER_ECHO_NO_WAY : ER_ECHO_LOST, 0);
	}
}

static void forget_sent(struct er_echo *probe)
{
	event_cancel(&probe->t_expire);
	close_socket(probe);
	memset(probe->sent, 0, sizeof(probe->sent));
}

struct er_echo *er_echo_new(er_echo_cb cb, void *arg)
{
	struct er_echo *probe = XCALLOC(MTYPE_ECHO_STREAM, sizeof(*probe));

	probe->cb = cb;
	probe->arg = arg;
	probe->fd = -1;
	if (getrandom(&probe->token, sizeof(probe->token), 0) != sizeof(probe->token))
		probe->token = now_us();
	probe->id = probe->token >> 48;
	return probe;
}

void er_echo_set(struct er_echo *probe, const struct er_echo_spec *spec)
{
	const struct er_echo_spec *old = &probe->spec;

	if (ipaddr_cmp(&old->target, &spec->target) || old->tcp_port != spec->tcp_port)
		forget_sent(probe);
	if (old->ifindex != spec->ifindex || strcmp(old->ifname, spec->ifname) ||
	    old->vrf_id != spec->vrf_id) {
		close_socket(probe);
		if (spec->tcp_port)
			forget_sent(probe);
	}
	if (old->interval_ms != spec->interval_ms) {
		event_cancel(&probe->t_send);
		event_add_event(er_loop, send_event, probe, 0, &probe->t_send);
	}
	probe->spec = *spec;
}

void er_echo_free(struct er_echo **probe)
{
	event_cancel(&(*probe)->t_send);
	forget_sent(*probe);
	XFREE(MTYPE_ECHO_STREAM, *probe);
}

const struct er_echo_spec *er_echo_spec(const struct er_echo *probe)
{
	return &probe->spec;
}

const char *er_echo_problem(const struct er_echo *probe)
{
	return probe->problem;
}
