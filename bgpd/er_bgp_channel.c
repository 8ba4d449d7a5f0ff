// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connection to erouted.
 */
#include <zebra.h>
#include "compat.h"

#include "libfrr.h"
#include "mgmt_msg.h"
#include "stream.h"
#include "version.h"

#include "bgpd/bgpd.h"

#include "bgpd/er_bgp.h"

/*
 * What erouted does not read piles up here, in streams of some messages each.
 * Past this it is stuck, and a connection made anew will tell it everything.
 */
#define QUEUE_MAX 1024
/*
 * Before a connection is made anew.  It doubles up to the second figure while
 * erouted closes them without having said HELLO.
 */
#define RESTART_MS     100
#define RESTART_MAX_MS 2000

static struct {
	struct msg_client client;
	bool up; /* client is initialised */
	bool connected;
	bool broken; /* ignore what still comes in */
	struct event *t_start;
	unsigned long wait_ms;
	bool refused; /* logged */
} channel = { .wait_ms = RESTART_MS };

static int connected(struct msg_client *client)
{
	struct er_wire_msg msg = { .type = ER_WIRE_HELLO };

	channel.connected = true;
	er_wire_guard(&client->conn);
	msg.hello.protocol = ER_WIRE_VERSION;
	strlcpy(msg.hello.version, PACKAGE_VERSION, sizeof(msg.hello.version));
	strlcpy(msg.hello.frr_version, FRR_VERSION, sizeof(msg.hello.frr_version));
	strlcpy(msg.hello.problem, er_bgp.inert, sizeof(msg.hello.problem));
	er_channel_send(&msg);
	return 0;
}

/*
 * libfrr would reconnect by itself, but with what it had half read before: so
 * begin with a new client.
 */
static int disconnected(struct msg_conn *conn)
{
	if (channel.connected)
		er_channel_restart();
	return 0;
}

static void fail(const char *what, const char *problem)
{
	zlog_warn("ExpressRoute: closing the connection to erouted: %s: %s", what, problem);
	er_channel_restart();
}

static void refused(const struct er_wire_refuse *refuse)
{
	/* it will say so again at each new connection: once is enough */
	if (!channel.refused)
		zlog_err("ExpressRoute: erouted refuses this module: %s", refuse->problem);
	channel.refused = true;
}

const char *er_channel_take(const struct er_wire_msg *msg)
{
	const char *problem = NULL;

	switch (msg->type) {
	case ER_WIRE_HELLO:
		channel.refused = false;
		channel.wait_ms = RESTART_MS;
		if (msg->hello.protocol != ER_WIRE_VERSION)
			problem = "it speaks another version of the protocol";
		break;
	case ER_WIRE_REFUSE:
		refused(&msg->refuse);
		break;
	case ER_WIRE_CONFIG_BEGIN:
		er_config_begin(msg->generation.generation);
		break;
	case ER_WIRE_SESSION:
		problem = er_config_session(&msg->session);
		break;
	case ER_WIRE_ADVERTISE:
		problem = er_config_advertise(&msg->advertise);
		break;
	case ER_WIRE_PEERING:
		problem = er_config_peering(&msg->peering);
		break;
	case ER_WIRE_PRIORITY:
		problem = er_config_priority(&msg->priority);
		break;
	case ER_WIRE_FILTER:
		problem = er_config_filter(&msg->filter);
		break;
	case ER_WIRE_ALLOW:
		problem = er_config_allow(&msg->allow);
		break;
	case ER_WIRE_REGION:
		problem = er_config_region(&msg->region);
		break;
	case ER_WIRE_CONFIG_END:
		problem = er_config_end(msg->generation.generation);
		break;
	case ER_WIRE_BACKS:
		problem = er_config_backs(&msg->backs);
		break;
	case ER_WIRE_STATIC:
		problem = er_config_static(&msg->static_);
		break;
	case ER_WIRE_GLOBAL_REACH:
	case ER_WIRE_SITE:
	case ER_WIRE_SITE_AS:
	case ER_WIRE_SITE_PREFIX:
	case ER_WIRE_SITE_CIRCUIT:
	case ER_WIRE_JOINT:
		problem = er_config_global_reach(msg);
		break;
	case ER_WIRE_ASK:
		er_answer_ask(&msg->ask);
		break;
	case ER_WIRE_CLEAR:
		er_report_clear(msg->clear.circuit);
		break;
	case ER_WIRE_SESSION_STATE:
	case ER_WIRE_RIB:
	case ER_WIRE_SYNCED:
	case ER_WIRE_COUNT_BEGIN:
	case ER_WIRE_COUNT:
	case ER_WIRE_COUNT_END:
	case ER_WIRE_ANSWER:
	case ER_WIRE_ANSWER_END:
	case ER_WIRE_VPN_RIB:
	case ER_WIRE_STATIC_STATE:
	case ER_WIRE_SITE_STATE:
		problem = "only the module says that";
		break;
	}
	return problem;
}

static void received(uint8_t version, uint8_t *data, size_t len, struct msg_conn *conn)
{
	struct er_wire_msg msg;
	const char *problem;

	if (channel.broken)
		return;
	problem = er_wire_decode(data, len, &msg);
	if (problem) {
		fail("bad message", problem);
		return;
	}
	if (er_bgp.inert[0] && msg.type != ER_WIRE_HELLO && msg.type != ER_WIRE_REFUSE)
		return;
	problem = er_channel_take(&msg);
	if (problem)
		fail(er_wire_type_str(msg.type), problem);
	else
		er_state_note(msg.type, data, len);
}

static void stop(void)
{
	if (!channel.up)
		return;
	channel.connected = false;
	er_config_drop();
	er_answer_drop();
	stream_fifo_clean(&channel.client.conn.mstate.inq);
	msg_client_cleanup(&channel.client);
	channel.up = false;
}

static void start(struct event *event)
{
	char path[MAXPATHLEN];

	channel.broken = false;
	channel.up = true;
	snprintf(path, sizeof(path), "%s/%s", frr_runstatedir, ER_WIRE_SOCKET);
	msg_client_init(&channel.client, bm->master, path, connected, disconnected, received, 64,
			64, ER_WIRE_FRAME_LEN, false, "expressroute", false);
}

void er_channel_send(const struct er_wire_msg *msg)
{
	uint8_t buf[ER_WIRE_MAX_LEN];
	struct msg_conn *conn = &channel.client.conn;
	size_t len;

	if (!channel.connected || channel.broken)
		return;
	if (conn->mstate.outq.count > QUEUE_MAX) {
		fail(er_wire_type_str(msg->type), "erouted does not read what it is told");
		return;
	}
	len = er_wire_encode(msg, buf, sizeof(buf));
	if (!len) {
		zlog_err("ExpressRoute: BUG: cannot encode %s", er_wire_type_str(msg->type));
		return;
	}
	msg_conn_send_msg(conn, MGMT_MSG_VERSION_NATIVE, buf, len, NULL, false);
}

bool er_channel_is_busy(void)
{
	return channel.client.conn.mstate.outq.count > QUEUE_MAX / 4;
}

void er_channel_flush(void)
{
	struct msg_conn *conn = &channel.client.conn;

	if (!channel.connected || channel.broken || conn->fd == -1)
		return;
	if (mgmt_msg_write(&conn->mstate, conn->fd, conn->debug) == MSW_DISCONNECT)
		er_channel_restart();
}

static void restart(struct event *event)
{
	stop();
	event_add_timer_msec(bm->master, start, NULL, channel.wait_ms, &channel.t_start);
	channel.wait_ms = MIN(channel.wait_ms * 2, RESTART_MAX_MS);
}

/*
 * From an event: the caller may stand deep inside the client's own code.  But
 * soon, as the client would connect again by itself.
 */
void er_channel_restart(void)
{
	channel.broken = true;
	event_cancel(&channel.t_start);
	event_add_event(bm->master, restart, NULL, 0, &channel.t_start);
}

/* From an event: bgpd is going to fork yet. */
void er_channel_init(void)
{
	event_add_event(bm->master, start, NULL, 0, &channel.t_start);
}

void er_channel_fini(void)
{
	event_cancel(&channel.t_start);
	er_channel_flush();
	stop();
}
