// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes through the tunnels: ICMP echoes that leave over the tunnel's interface
 * whatever the routes say.
 *
 * Each probe has a raw socket of its own, bound to that interface; privileges
 * are raised to open it, never to use it.  The kernel hands a raw socket every
 * ICMP message that arrives there, so a reply counts only when it comes from the
 * target and repeats our identifier, the number of an echo that is still
 * waited for, and that echo's random token.
 *
 * er_core judges: it is told of each echo once, that it was answered or that its
 * time is over.
 */
#include <zebra.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
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
#include "typesafe.h"
#include "vrf.h"

#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, PROBE, "probe through a tunnel");

/* An echo is waited for at least this long, even when they follow faster. */
#define WAIT_MS 1000
/* ... and so many are on their way then, at the shortest interval of 100 ms. */
#define ON_THE_WAY 16
/* Messages read in a row before others get their turn. */
#define READS 32

PREDECL_SORTLIST_UNIQ(probes);

/* One on its way; sent_us 0: none. */
struct on_the_way {
	uint16_t sequence;
	int64_t sent_us;
};

struct probe {
	struct probes_item item;
	struct er_gateway_key key;
	enum er_family family;
	bool wanted;
	struct ipaddr target;
	char ifname[ER_IFNAME_LEN];
	ifindex_t ifindex; /* 0: the tunnel is not there */
	vrf_id_t vrf_id;
	uint32_t interval_ms;
	int fd; /* -1: none */
	uint16_t id, sequence;
	uint64_t token; /* nobody else's */
	struct on_the_way sent[ON_THE_WAY];
	struct event *t_send, *t_read;
	char problem[ER_TEXT_LEN]; /* why nothing can be sent */
};

static int probe_cmp(const struct probe *a, const struct probe *b)
{
	int cmp = er_gateway_key_cmp(&a->key, &b->key);

	return cmp ? cmp : numcmp(a->family, b->family);
}

DECLARE_SORTLIST_UNIQ(probes, struct probe, item, probe_cmp);

static struct probes_head probes = INIT_SORTLIST_UNIQ(probes);

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

static struct probe *find(const char *vpn, enum er_role instance, enum er_family family)
{
	struct probe probe = { .key.instance = instance, .family = family };

	strlcpy(probe.key.vpn, vpn, sizeof(probe.key.vpn));
	return probes_find(&probes, &probe);
}

/*
 * Telling
 */
static void tell(struct probe *probe, bool replied, uint32_t rtt_us)
{
	struct er_event ev = { .type = ER_EV_PROBE };

	strlcpy(ev.session.circuit, probe->key.vpn, sizeof(ev.session.circuit));
	ev.session.peering = ER_VPN;
	ev.session.role = probe->key.instance;
	ev.session.family = probe->family;
	ev.probe.replied = replied;
	ev.probe.rtt_us = rtt_us;

	er_event_handle(&ev);
}

static void expire(struct probe *probe)
{
	int64_t before_us = now_us() - MAX(probe->interval_ms, WAIT_MS) * 1000LL;

	for (size_t i = 0; i < ON_THE_WAY; i++) {
		if (!probe->sent[i].sent_us || probe->sent[i].sent_us > before_us)
			continue;
		probe->sent[i].sent_us = 0;
		tell(probe, false, 0);
	}
}

/*
 * Sockets
 */
static void close_socket(struct probe *probe)
{
	event_cancel(&probe->t_read);
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

/* The kernel need not wake us for what is no reply. */
static void set_filter(int fd, enum er_family family)
{
	struct icmp6_filter filter6;
	struct icmp_filter {
		uint32_t refused;
	} filter4 = { ~(1u << ICMP_ECHOREPLY) };

	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	if (family == ER_IPV4 &&
	    setsockopt(fd, SOL_RAW, 1 /* ICMP_FILTER */, &filter4, sizeof(filter4)) < 0)
		DEBUGD(&er_dbg_vpn, "probe: no filter: %m");
	if (family == ER_IPV6 &&
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6)) < 0)
		DEBUGD(&er_dbg_vpn, "probe: no filter: %m");
}

static int open_raw(const struct probe *probe)
{
	bool v4 = probe->family == ER_IPV4;
	int fd;

	frr_with_privs (&er_privs) {
		fd = vrf_socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
				v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, probe->vrf_id, probe->ifname);
	}
	return fd;
}

static void read_event(struct event *event);

static bool open_socket(struct probe *probe)
{
	if (probe->fd >= 0)
		return true;
	probe->fd = open_raw(probe);
	if (probe->fd < 0 || set_nonblocking(probe->fd) < 0) {
		snprintf(probe->problem, sizeof(probe->problem),
			 "no probe can be sent over %s: %s", probe->ifname, safe_strerror(errno));
		close_socket(probe);
		return false;
	}
	set_filter(probe->fd, probe->family);
	event_add_read(er_loop, read_event, probe, probe->fd, &probe->t_read);
	return true;
}

/*
 * Receiving
 */
/* Where the ICMP message begins, or NULL. */
static const uint8_t *skip_header(enum er_family family, const uint8_t *data, size_t *len)
{
	size_t header;

	if (family == ER_IPV6)
		return data;
	if (*len < sizeof(struct ip))
		return NULL;
	header = (data[0] & 0x0f) * 4;
	if (header < sizeof(struct ip) || header > *len)
		return NULL;
	*len -= header;
	return data + header;
}

static bool from_target(const struct probe *probe, const union sockunion *from)
{
	if (probe->family == ER_IPV4)
		return from->sa.sa_family == AF_INET &&
		       IPV4_ADDR_SAME(&from->sin.sin_addr, &probe->target.ipaddr_v4);
	return from->sa.sa_family == AF_INET6 &&
	       IPV6_ADDR_SAME(&from->sin6.sin6_addr, &probe->target.ipaddr_v6);
}

static void received(struct probe *probe, const uint8_t *data, size_t len)
{
	struct echo message;
	struct on_the_way *sent;
	int64_t rtt_us;

	data = skip_header(probe->family, data, &len);
	if (!data || len < sizeof(message))
		return;
	memcpy(&message, data, sizeof(message));
	if (message.type != (probe->family == ER_IPV4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) ||
	    message.id != htons(probe->id) || message.token != probe->token)
		return;
	sent = &probe->sent[ntohs(message.sequence) % ON_THE_WAY];
	if (!sent->sent_us || sent->sequence != ntohs(message.sequence))
		return;

	rtt_us = now_us() - sent->sent_us;
	sent->sent_us = 0;
	tell(probe, true, MIN(MAX(rtt_us, 1), UINT32_MAX));
}

static void read_replies(struct probe *probe)
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
	struct probe *probe = EVENT_ARG(event);

	event_add_read(er_loop, read_event, probe, probe->fd, &probe->t_read);
	read_replies(probe);
}

/*
 * Sending
 */
static bool send_echo(struct probe *probe)
{
	union sockunion to = {};
	struct echo message = {
		.type = probe->family == ER_IPV4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.id = htons(probe->id),
		.sequence = htons(probe->sequence),
		.token = probe->token,
	};
	socklen_t len = sizeof(to.sin6);

	if (probe->family == ER_IPV4) {
		to.sin.sin_family = AF_INET;
		to.sin.sin_addr = probe->target.ipaddr_v4;
		len = sizeof(to.sin);
		message.checksum = in_cksum(&message, sizeof(message));
	} else {
		/* the kernel fills in ICMPv6's checksum */
		to.sin6.sin6_family = AF_INET6;
		to.sin6.sin6_addr = probe->target.ipaddr_v6;
	}
	if (sendto(probe->fd, &message, sizeof(message), MSG_DONTWAIT, &to.sa, len) ==
	    sizeof(message))
		return true;
	snprintf(probe->problem, sizeof(probe->problem), "no probe can be sent over %s: %s",
		 probe->ifname, safe_strerror(errno));
	/* of an interface that was deleted nothing comes back, even when it does */
	if (errno == ENODEV || errno == ENXIO)
		close_socket(probe);
	return false;
}

static void send_event(struct event *event)
{
	struct probe *probe = EVENT_ARG(event);
	struct on_the_way *sent;

	event_add_timer_msec(er_loop, send_event, probe, probe->interval_ms, &probe->t_send);
	/* when we come late, replies have waited for us */
	read_replies(probe);
	expire(probe);

	if (!probe->ifindex) {
		snprintf(probe->problem, sizeof(probe->problem), "the tunnel is not there");
		tell(probe, false, 0);
		return;
	}
	sent = &probe->sent[++probe->sequence % ON_THE_WAY];
	sent->sequence = probe->sequence;
	sent->sent_us = now_us();
	if (open_socket(probe) && send_echo(probe)) {
		probe->problem[0] = '\0';
		return;
	}
	sent->sent_us = 0;
	tell(probe, false, 0);
}

/*
 * What is probed
 */
static void free_probe(struct probe *probe)
{
	event_cancel(&probe->t_send);
	close_socket(probe);
	probes_del(&probes, probe);
	XFREE(MTYPE_PROBE, probe);
}

static struct probe *new_probe(const char *vpn, enum er_role instance, enum er_family family)
{
	struct probe *probe = XCALLOC(MTYPE_PROBE, sizeof(*probe));

	strlcpy(probe->key.vpn, vpn, sizeof(probe->key.vpn));
	probe->key.instance = instance;
	probe->family = family;
	probe->fd = -1;
	if (getrandom(&probe->token, sizeof(probe->token), 0) != sizeof(probe->token))
		probe->token = now_us();
	probe->id = probe->token >> 48;
	probes_add(&probes, probe);
	/* not all at once */
	event_add_event(er_loop, send_event, probe, 0, &probe->t_send);
	return probe;
}

void er_icmp_want(const struct er_vpn_config *config, enum er_role instance, enum er_family family,
		  const struct interface *ifp)
{
	const struct er_gateway_config *gateway = &config->gateway[instance];
	struct probe *probe = find(config->name, instance, family);
	ifindex_t ifindex = ifp ? ifp->ifindex : 0;

	if (!probe)
		probe = new_probe(config->name, instance, family);
	probe->wanted = true;
	if (ipaddr_cmp(&probe->target, &gateway->probe[family]))
		memset(probe->sent, 0, sizeof(probe->sent));
	probe->target = gateway->probe[family];
	if (probe->ifindex != ifindex || strcmp(probe->ifname, gateway->ifname) ||
	    (ifp && probe->vrf_id != ifp->vrf->vrf_id)) {
		close_socket(probe);
		strlcpy(probe->ifname, gateway->ifname, sizeof(probe->ifname));
		probe->ifindex = ifindex;
		probe->vrf_id = ifp ? ifp->vrf->vrf_id : VRF_DEFAULT;
	}
	if (probe->interval_ms != config->probe_interval_ms && probe->interval_ms) {
		event_cancel(&probe->t_send);
		event_add_event(er_loop, send_event, probe, 0, &probe->t_send);
	}
	probe->interval_ms = config->probe_interval_ms;
}

void er_icmp_sweep(void)
{
	struct probe *probe;

	frr_each_safe (probes, &probes, probe) {
		if (!probe->wanted)
			free_probe(probe);
		else
			probe->wanted = false;
	}
}

const char *er_icmp_problem(const char *vpn, enum er_role instance, enum er_family family)
{
	const struct probe *probe = find(vpn, instance, family);

	return probe ? probe->problem : "";
}

void er_icmp_fini(void)
{
	struct probe *probe;

	while ((probe = probes_first(&probes)))
		free_probe(probe);
}
