// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading frames without trusting their length.
 *
 * libfrr allocates whatever a frame's header asks for, up to 4 GB, before a
 * handler could object, and an allocation that fails ends the process.  So we
 * read the header ourselves and leave the rest to libfrr.
 */
#include <zebra.h>
#include "compat.h"

#include "frrevent.h"
#include "mgmt_msg.h"
#include "network.h"
#include "stream.h"

#include "wire/er_wire.h"

/* Frames read before others get their turn. */
#define BURST 64

static void handle(uint8_t version, uint8_t *msg, size_t len, void *user)
{
	struct msg_conn *conn = user;

	conn->handle_msg(version, msg, len, conn);
}

static void guarded_handle(struct event *event)
{
	struct msg_conn *conn = EVENT_ARG(event);

	if (mgmt_msg_procbufs(&conn->mstate, handle, conn, conn->debug))
		event_add_event(conn->loop, guarded_handle, conn, 0, &conn->proc_msg_ev);
}

static bool header_is_sane(const struct mgmt_msg_state *ms)
{
	struct mgmt_msg_hdr header;

	memcpy(&header, STREAM_DATA(ms->ins), sizeof(header));
	return header.marker == MGMT_MSG_MARKER(MGMT_MSG_VERSION_NATIVE) &&
	       header.len > sizeof(header) && header.len <= sizeof(header) + ER_WIRE_MAX_LEN &&
	       header.len <= ms->ins->size;
}

/* Read on in the frame at hand. */
static enum mgmt_msg_rsched read_frame(struct msg_conn *conn)
{
	struct mgmt_msg_state *ms = &conn->mstate;
	size_t have = stream_get_endp(ms->ins);

	/* not stream_read_try(): it logs each end of a connection as an error */
	while (have < sizeof(struct mgmt_msg_hdr)) {
		ssize_t n = read(conn->fd, STREAM_DATA(ms->ins) + have,
				 sizeof(struct mgmt_msg_hdr) - have);

		if (n < 0 && ERRNO_IO_RETRY(errno))
			return MSR_SCHED_STREAM;
		if (n <= 0)
			return MSR_DISCONNECT;
		stream_forward_endp(ms->ins, n);
		have += n;
	}
	if (!header_is_sane(ms))
		return MSR_DISCONNECT;
	return mgmt_msg_read(ms, conn->fd, conn->debug);
}

static void guarded_read(struct event *event)
{
	struct msg_conn *conn = EVENT_ARG(event);

	for (unsigned int n = 0; n < BURST; n++) {
		enum mgmt_msg_rsched next = read_frame(conn);

		if (next == MSR_DISCONNECT) {
			msg_conn_disconnect(conn, conn->is_client);
			return;
		}
		if (next == MSR_SCHED_STREAM)
			break;
		event_add_event(conn->loop, guarded_handle, conn, 0, &conn->proc_msg_ev);
	}
	event_add_read(conn->loop, guarded_read, conn, conn->fd, &conn->read_ev);
}

void er_wire_guard(struct msg_conn *conn)
{
	event_cancel(&conn->read_ev);
	event_add_read(conn->loop, guarded_read, conn, conn->fd, &conn->read_ev);
}
