// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The UNIX socket that bgpd's module connects to; wire/er_wire.h has the
 * conversation.
 *
 * Framing is that of libfrr's mgmt_msg, whose msg_client the module uses, but
 * our end of a connection is our own: mgmt_msg allocates whatever length a
 * frame claims (up to 4 GB, from anybody who may connect), queues output
 * without bound and cannot be closed from within a message.  Here a frame has
 * at most ER_WIRE_MAX_LEN bytes, whoever breaks a rule loses its connection
 * and nothing else, and the configuration is only sent when what was sent
 * before has left: the queue never holds more than one whole set.
 *
 * A bgpd that hangs keeps its connection.  When it has been quiet for a third
 * of er_channel_timeout_s it is asked something trivial; when it is quiet for
 * all of that it counts as lost.  Its module connects anew when bgpd goes on.
 */
#include <zebra.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/version.h"
#include "lib_errors.h"
#include "libfrr.h"
#include "log.h"
#include "memory.h"
#include "mgmt_msg.h"
#include "network.h"

#include "compat.h"
#include "core/text.h"
#include "erouted/er_errors.h"
#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, CHANNEL_OUT, "channel output");

/* A module that leaves this many control messages unread has gone astray. */
#define CONTROL_MAX (64 * 1024)
/* Frames handled in a row before others get their turn. */
#define FRAMES_PER_TURN 64
/*
 * Thirds of er_channel_timeout_s that may pass in silence.  They are counted,
 * not measured, so that a sleep of our own is not taken for bgpd's.
 */
#define SILENT_MAX 3
/* A refused module that has not tried again for so long is not there. */
#define REFUSED_MS 5000

struct frame {
	struct mgmt_msg_hdr hdr;
	uint8_t body[ER_WIRE_MAX_LEN];
};

/* A growing run of frames. */
struct run {
	uint8_t *data;
	size_t len, size;
};

static struct msg_server server;

/* The one connection; fd is -1 without. */
static struct {
	int fd;
	pid_t pid;
	struct event *t_read, *t_write, *t_config, *t_alive;
	unsigned int silent; /* thirds without a word */
	bool greeted;	     /* the module's HELLO was accepted */
	bool refused;	     /* it was not, and it was told so */
	bool dirty;	     /* the configuration has to be sent */
	uint64_t generation;
	struct frame in;
	size_t in_len;
	struct run out; /* of which out_off bytes have left */
	size_t out_off;
	struct run set; /* what stands between BEGIN and END, as last sent */
} conn = { .fd = -1 };

/* Survives the connection: what show commands say of the module. */
static enum er_channel_state state;
static char version[ER_WIRE_VERSION_LEN];
static char frr_version[ER_WIRE_VERSION_LEN];
static char problem[ER_TEXT_LEN];
static int64_t refused_ms;
static bool hung; /* it was lost because it did not answer */

unsigned long er_channel_timeout_s = 30;

/*
 * Closing
 */
static void conn_close(void)
{
	struct er_event ev = { .type = ER_EV_BGPD_LOST };
	bool greeted = conn.greeted;

	if (conn.fd < 0)
		return;

	event_cancel(&conn.t_read);
	event_cancel(&conn.t_write);
	event_cancel(&conn.t_config);
	event_cancel(&conn.t_alive);
	close(conn.fd);
	XFREE(MTYPE_CHANNEL_OUT, conn.out.data);
	XFREE(MTYPE_CHANNEL_OUT, conn.set.data);
	memset(&conn, 0, sizeof(conn));
	conn.fd = -1;

	/* a refused module stays refused in what is shown until one fits */
	if (state != ER_CHANNEL_REFUSED)
		state = ER_CHANNEL_ABSENT;
	if (!greeted)
		return;

	er_examples_forget(true);
	er_counts_forget(true);
	er_ask_lost();
	er_event_handle(&ev);
}

/* Somebody broke a rule: only this connection suffers. */
static void conn_violation(const char *what)
{
	flog_warn(EC_ER_CHANNEL_PROTOCOL, "bgpd channel: %s from process %d: connection closed",
		  what, (int)conn.pid);
	conn_close();
}

/*
 * Sending
 */
static void conn_write(struct event *event);

static void conn_flush(void)
{
	ssize_t n;

	while (conn.out_off < conn.out.len) {
		n = send(conn.fd, conn.out.data + conn.out_off, conn.out.len - conn.out_off,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			conn.out_off += n;
			continue;
		}
		if (n < 0 && ERRNO_IO_RETRY(errno)) {
			event_add_write(er_loop, conn_write, NULL, conn.fd, &conn.t_write);
			return;
		}
		/* gone: reading will say so */
		conn.out_off = conn.out.len;
	}
	conn.out.len = conn.out_off = 0;
}

static void run_append(struct run *run, const void *data, size_t len)
{
	if (run->len + len > run->size) {
		run->size = MAX(2 * run->size, run->len + len);
		run->data = XREALLOC(MTYPE_CHANNEL_OUT, run->data, run->size);
	}
	memcpy(run->data + run->len, data, len);
	run->len += len;
}

/* 0: the message cannot be encoded, which is a bug. */
static size_t frame_pack(struct frame *frame, const struct er_wire_msg *msg)
{
	size_t len = er_wire_encode(msg, frame->body, sizeof(frame->body));

	if (!len) {
		flog_err(EC_LIB_DEVELOPMENT, "bgpd channel: cannot encode %s",
			 er_wire_type_str(msg->type));
		return 0;
	}
	frame->hdr.marker = MGMT_MSG_MARKER(MGMT_MSG_VERSION_NATIVE);
	frame->hdr.len = len + sizeof(frame->hdr);
	return frame->hdr.len;
}

static void run_add(struct run *run, const struct er_wire_msg *msg)
{
	struct frame frame;
	size_t len = frame_pack(&frame, msg);

	if (len)
		run_append(run, &frame, len);
}

static void conn_queue(const struct er_wire_msg *msg)
{
	run_add(&conn.out, msg);
}

static void send_hello(void)
{
	struct er_wire_msg msg = { .type = ER_WIRE_HELLO };

	msg.hello.protocol = ER_WIRE_VERSION;
	strlcpy(msg.hello.version, PACKAGE_VERSION, sizeof(msg.hello.version));
	strlcpy(msg.hello.frr_version, ER_FRR_VERSION, sizeof(msg.hello.frr_version));
	conn_queue(&msg);
}

static void add_to_set(const struct er_wire_msg *msg, void *arg)
{
	run_add(arg, msg);
}

static void queue_config(void)
{
	struct er_wire_msg msg = { .type = ER_WIRE_CONFIG_BEGIN };

	msg.generation.generation = ++conn.generation;
	conn_queue(&msg);
	if (conn.set.len)
		run_append(&conn.out, conn.set.data, conn.set.len);
	msg.type = ER_WIRE_CONFIG_END;
	conn_queue(&msg);

	state = ER_CHANNEL_SYNCHRONIZING;
	DEBUGD(&er_dbg_bgpd, "bgpd channel: configuration %" PRIu64 " queued, %zu bytes",
	       conn.generation, conn.out.len);
}

/* The whole set, when it differs, once what was sent before has left. */
static void send_config(struct event *event)
{
	struct run set = {};
	bool same;

	if (!conn.dirty || !conn.greeted || conn.out.len || !er_nb_config_known())
		return;

	conn.dirty = false;
	er_set_foreach(add_to_set, &set);
	same = conn.generation && set.len == conn.set.len &&
	       (!set.len || !memcmp(set.data, conn.set.data, set.len));
	XFREE(MTYPE_CHANNEL_OUT, conn.set.data);
	conn.set = set;
	if (same)
		return;
	queue_config();
	conn_flush();
}

static void schedule_config(void)
{
	event_add_event(er_loop, send_config, NULL, 0, &conn.t_config);
}

static void conn_write(struct event *event)
{
	conn_flush();
	if (!conn.out.len && conn.dirty)
		schedule_config();
}

void er_channel_config_changed(void)
{
	er_examples_forget(false);
	er_counts_forget(false);
	if (conn.fd < 0)
		return;
	conn.dirty = true;
	schedule_config();
}

/* A module that reads no more is not worth the memory of what it is told. */
static bool reads(void)
{
	return conn.out.len - conn.out_off <= conn.set.len + CONTROL_MAX;
}

void er_channel_clear(const char *circuit)
{
	struct er_wire_msg msg = { .type = ER_WIRE_CLEAR };

	if (!conn.greeted)
		return;
	if (!reads()) {
		zlog_warn("bgpd channel: bgpd does not read, counters there not cleared");
		return;
	}
	strlcpy(msg.clear.circuit, circuit, sizeof(msg.clear.circuit));
	conn_queue(&msg);
	conn_flush();
}

bool er_channel_send_ask(const struct er_wire_ask *ask)
{
	struct er_wire_msg msg = { .type = ER_WIRE_ASK };

	if (!conn.greeted || !reads())
		return false;
	msg.ask = *ask;
	conn_queue(&msg);
	conn_flush();
	return true;
}

/*
 * Is anybody there?  What nobody holds back is asked for: any answer will do.
 */
static void alive_timer(struct event *event)
{
	struct er_wire_ask ask = { .ask = ER_ASK_HELD, .peering.circuit = "?" };

	if (conn.silent++ == SILENT_MAX) {
		flog_warn(EC_ER_BGPD_SILENT,
			  "bgpd channel: process %d has not answered for %lu s: taken for lost",
			  (int)conn.pid, er_channel_timeout_s);
		hung = true;
		conn_close();
		return;
	}
	event_add_timer_msec(er_loop, alive_timer, NULL, er_channel_timeout_s * 1000 / SILENT_MAX,
			     &conn.t_alive);
	if (conn.silent > 1)
		er_channel_send_ask(&ask);
}

/*
 * Receiving
 */
static void mismatch(const struct er_wire_hello *hello, char *buf, size_t len)
{
	buf[0] = '\0';
	if (hello->problem[0])
		strlcpy(buf, hello->problem, len);
	else if (hello->protocol != ER_WIRE_VERSION)
		snprintf(buf, len,
			 "bgpd's module speaks version %u of our protocol, erouted %u: install the same frr-expressroute for both and restart FRR",
			 hello->protocol, ER_WIRE_VERSION);
	else if (strcmp(hello->version, PACKAGE_VERSION))
		snprintf(buf, len,
			 "bgpd's module is of frr-expressroute %s, erouted of %s: restart FRR to run the installed version of both",
			 hello->version, PACKAGE_VERSION);
	else if (strcmp(hello->frr_version, ER_FRR_VERSION))
		snprintf(buf, len,
			 "bgpd is of FRR %s, erouted was built for FRR %s: install frr-expressroute for FRR %s",
			 hello->frr_version, ER_FRR_VERSION, hello->frr_version);
}

static void refuse(const char *why)
{
	struct er_wire_msg msg = { .type = ER_WIRE_REFUSE };

	strlcpy(msg.refuse.problem, why, sizeof(msg.refuse.problem));
	conn.refused = true;
	conn_queue(&msg);
	conn_flush();

	/* it will try again and again: say it once */
	if (state != ER_CHANNEL_REFUSED || strcmp(problem, why))
		flog_err(EC_ER_BGPD_REFUSED, "bgpd channel: refused: %s", why);
	strlcpy(problem, why, sizeof(problem));
	state = ER_CHANNEL_REFUSED;
	refused_ms = er_now().mono_ms;
}

static void got_hello(const struct er_wire_hello *hello)
{
	char why[ER_TEXT_LEN];

	/* whoever is refused and does not read would have answers pile up */
	if (conn.greeted || conn.refused) {
		conn_violation("a second HELLO");
		return;
	}

	strlcpy(version, hello->version, sizeof(version));
	strlcpy(frr_version, hello->frr_version, sizeof(frr_version));
	mismatch(hello, why, sizeof(why));
	if (why[0]) {
		refuse(why);
		return;
	}

	DEBUGD(&er_dbg_bgpd, "bgpd channel: module %s in bgpd %s, process %d", version,
	       frr_version, (int)conn.pid);
	problem[0] = '\0';
	state = ER_CHANNEL_SYNCHRONIZING;
	hung = false;
	conn.greeted = true;
	conn.dirty = true;
	event_add_timer_msec(er_loop, alive_timer, NULL, er_channel_timeout_s * 1000 / SILENT_MAX,
			     &conn.t_alive);
	send_hello();
	conn_flush();
	schedule_config();
}

static void got_synced(const struct er_wire_generation *msg)
{
	struct er_event ev = { .type = ER_EV_BGPD_SYNCED };

	if (msg->generation != conn.generation)
		return;

	state = ER_CHANNEL_CONNECTED;
	er_event_handle(&ev);
}

static void got_session_state(const struct er_wire_session_state *msg)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = msg->session;
	ev.facts = msg->facts;
	er_event_handle(&ev);
}

static void got_rib(const struct er_wire_rib *msg)
{
	struct er_event ev = { .type = ER_EV_RIB };

	ev.peering = msg->peering;
	ev.rib = msg->rib;
	er_examples_keep(msg);
	er_event_handle(&ev);
}

static void got_vpn_rib(const struct er_wire_vpn_rib *msg)
{
	struct er_event ev = { .type = ER_EV_VPN_RIB };

	ev.peering = msg->peering;
	ev.vpn_rib = msg->rib;
	er_examples_keep_vpn(msg);
	er_event_handle(&ev);
}

static void got_static_state(const struct er_wire_static_state *msg)
{
	struct er_event ev = { .type = ER_EV_STATIC };

	ev.peering = msg->peering;
	prefix_copy(&ev.static_.prefix, &msg->prefix);
	ev.static_.more_specific = msg->more_specific;
	er_event_handle(&ev);
}

static void got_site_state(const struct er_wire_site_state *msg)
{
	struct er_event ev = { .type = ER_EV_SITE_STATE };

	ev.site_state.peering = msg->peering;
	strlcpy(ev.site_state.site, msg->site, sizeof(ev.site_state.site));
	ev.site_state.facts = msg->facts;
	er_event_handle(&ev);
}

static void handle(const struct er_wire_msg *msg)
{
	DEBUGD(&er_dbg_bgpd, "bgpd channel: got %s", er_wire_type_str(msg->type));

	if (msg->type == ER_WIRE_HELLO) {
		got_hello(&msg->hello);
		return;
	}
	if (!conn.greeted) {
		/* a refused one may not have read that yet */
		if (!conn.refused)
			conn_violation("a message before HELLO");
		return;
	}

	switch (msg->type) {
	case ER_WIRE_SESSION_STATE:
		got_session_state(&msg->session_state);
		return;
	case ER_WIRE_RIB:
		got_rib(&msg->rib);
		return;
	case ER_WIRE_SYNCED:
		got_synced(&msg->generation);
		return;
	case ER_WIRE_COUNT_BEGIN:
		er_counts_begin(&msg->count_edge.peering);
		return;
	case ER_WIRE_COUNT:
		er_counts_add(&msg->count);
		return;
	case ER_WIRE_COUNT_END:
		er_counts_end(&msg->count_edge.peering);
		return;
	case ER_WIRE_ANSWER:
		er_ask_answer(&msg->answer);
		return;
	case ER_WIRE_ANSWER_END:
		er_ask_answer_end(&msg->answer_end);
		return;
	case ER_WIRE_VPN_RIB:
		got_vpn_rib(&msg->vpn_rib);
		return;
	case ER_WIRE_STATIC_STATE:
		got_static_state(&msg->static_state);
		return;
	case ER_WIRE_SITE_STATE:
		got_site_state(&msg->site_state);
		return;
	case ER_WIRE_HELLO:
	case ER_WIRE_REFUSE:
	case ER_WIRE_CONFIG_BEGIN:
	case ER_WIRE_SESSION:
	case ER_WIRE_PEERING:
	case ER_WIRE_ADVERTISE:
	case ER_WIRE_PRIORITY:
	case ER_WIRE_FILTER:
	case ER_WIRE_ALLOW:
	case ER_WIRE_REGION:
	case ER_WIRE_CONFIG_END:
	case ER_WIRE_CLEAR:
	case ER_WIRE_ASK:
	case ER_WIRE_BACKS:
	case ER_WIRE_STATIC:
	case ER_WIRE_GLOBAL_REACH:
	case ER_WIRE_SITE:
	case ER_WIRE_SITE_AS:
	case ER_WIRE_SITE_PREFIX:
	case ER_WIRE_SITE_CIRCUIT:
	case ER_WIRE_JOINT:
		break;
	}
	conn_violation("a message that only erouted sends");
}

/* false: the connection is closed, or nothing more is there to read. */
static bool read_bytes(size_t want)
{
	ssize_t n;

	while (conn.in_len < want) {
		n = recv(conn.fd, (uint8_t *)&conn.in + conn.in_len, want - conn.in_len,
			 MSG_DONTWAIT);
		if (n < 0 && ERRNO_IO_RETRY(errno))
			return false;
		if (n <= 0) {
			DEBUGD(&er_dbg_bgpd, "bgpd channel: lost process %d", (int)conn.pid);
			conn_close();
			return false;
		}
		conn.in_len += n;
		conn.silent = 0;
	}
	return true;
}

/* false: as read_bytes(). */
static bool read_frame(void)
{
	struct er_wire_msg msg;
	const char *wrong;

	if (!read_bytes(sizeof(conn.in.hdr)))
		return false;
	if (!MGMT_MSG_IS_MARKER(conn.in.hdr.marker)) {
		conn_violation("garbage");
		return false;
	}
	if (conn.in.hdr.len <= sizeof(conn.in.hdr) || conn.in.hdr.len > sizeof(conn.in)) {
		conn_violation("a message of impossible length");
		return false;
	}
	if (!read_bytes(conn.in.hdr.len))
		return false;

	wrong = er_wire_decode(conn.in.body, conn.in.hdr.len - sizeof(conn.in.hdr), &msg);
	conn.in_len = 0;
	if (wrong) {
		conn_violation(wrong);
		return false;
	}
	handle(&msg);
	return conn.fd >= 0;
}

static void conn_read(struct event *event)
{
	for (int i = 0; i < FRAMES_PER_TURN; i++)
		if (!read_frame())
			break;
	if (conn.fd >= 0)
		event_add_read(er_loop, conn_read, NULL, conn.fd, &conn.t_read);
}

/*
 * Accepting
 */
static bool peer_allowed(int fd, pid_t *pid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	*pid = cred.pid;
	return cred.uid == 0 || cred.uid == geteuid();
}

/* One sentence for a connection that is not going to be ours. */
static void turn_away(int fd, const char *why)
{
	struct er_wire_msg msg = { .type = ER_WIRE_REFUSE };
	struct frame frame;
	size_t len;

	strlcpy(msg.refuse.problem, why, sizeof(msg.refuse.problem));
	len = frame_pack(&frame, &msg);
	if (send(fd, &frame, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		DEBUGD(&er_dbg_bgpd, "bgpd channel: turned away in silence: %m");
	close(fd);
}

static struct msg_conn *accepted(int fd, union sockunion *su)
{
	char why[ER_TEXT_LEN];
	pid_t pid = 0;

	if (!peer_allowed(fd, &pid)) {
		flog_warn(EC_ER_CHANNEL_PEER,
			  "bgpd channel: process %d is neither root's nor user %s's: turned away",
			  (int)pid, FRR_USER);
		close(fd);
		return NULL;
	}

	/* a restarted bgpd may be here before we have noticed its predecessor's end */
	for (int i = 0; i < FRAMES_PER_TURN && conn.fd >= 0; i++)
		if (!read_frame())
			break;
	/* one that has not introduced itself, or was refused, has no claim */
	if (!conn.greeted)
		conn_close();
	if (conn.fd >= 0) {
		snprintf(why, sizeof(why), "erouted has a bgpd already, process %d", (int)conn.pid);
		flog_warn(EC_ER_CHANNEL_PEER,
			  "bgpd channel: process %d turned away: process %d is connected",
			  (int)pid, (int)conn.pid);
		turn_away(fd, why);
		return NULL;
	}

	conn.fd = fd;
	conn.pid = pid;
	event_add_read(er_loop, conn_read, NULL, fd, &conn.t_read);
	return NULL;
}

void er_channel_view(struct er_channel_view *view)
{
	static const char *const names[] = {
		[ER_CHANNEL_ABSENT] = "absent",
		[ER_CHANNEL_REFUSED] = "refused",
		[ER_CHANNEL_SYNCHRONIZING] = "synchronizing",
		[ER_CHANNEL_CONNECTED] = "connected",
	};
	bool known;

	if (state == ER_CHANNEL_REFUSED && conn.fd < 0 &&
	    er_now().mono_ms - refused_ms > REFUSED_MS)
		state = ER_CHANNEL_ABSENT;

	known = state != ER_CHANNEL_ABSENT;
	view->state = state;
	view->state_str = names[state];
	view->version = known ? version : "";
	view->frr_version = known ? frr_version : "";
	view->problem = problem;
	if (state == ER_CHANNEL_ABSENT && hung)
		view->problem = "bgpd does not answer: it hangs or has been stopped; restart it";
	else if (state == ER_CHANNEL_ABSENT)
		view->problem =
			"bgpd's module is not connected: is bgpd running, with '-M expressroute' in its options?";
	else if (state == ER_CHANNEL_SYNCHRONIZING && !er_nb_config_known())
		view->problem = "waiting for the configuration from mgmtd";
}

void er_channel_init(void)
{
	char path[MAXPATHLEN];

	snprintf(path, sizeof(path), "%s/%s", frr_runstatedir, ER_WIRE_SOCKET);
	if (msg_server_init(&server, path, er_loop, accepted, "expressroute", &er_dbg_bgpd))
		flog_err(EC_ER_CHANNEL_SOCKET, "bgpd channel: cannot listen on %s: %m", path);
	else if (chmod(path, 0600) < 0)
		flog_err(EC_ER_CHANNEL_SOCKET, "bgpd channel: cannot protect %s: %m", path);
}

void er_channel_fini(void)
{
	char path[MAXPATHLEN];

	if (conn.fd >= 0)
		close(conn.fd);
	er_counts_fini();
	event_cancel(&conn.t_read);
	event_cancel(&conn.t_write);
	event_cancel(&conn.t_config);
	event_cancel(&conn.t_alive);
	XFREE(MTYPE_CHANNEL_OUT, conn.out.data);
	XFREE(MTYPE_CHANNEL_OUT, conn.set.data);
	conn.fd = -1;

	if (server.fd >= 0) {
		snprintf(path, sizeof(path), "%s", server.sopath);
		msg_server_cleanup(&server);
		unlink(path);
	}
	er_examples_fini();
}
