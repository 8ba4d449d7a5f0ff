// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A blocking client of mgmtd's native frontend protocol.
 *
 * Each NETCONF session has one struct nd_fe and one connection: mgmtd's locks,
 * and its one transaction at a time, belong to it. Only the session's own
 * thread calls these functions; nobody else touches the struct.
 *
 * The protocol is FRR's public one (lib/mgmt_msg_native.h), restated here
 * because that header needs libfrr. Every message is a frame of marker and
 * length, then a header of code, session and request, then fixed fields, then
 * text. What mgmtd sends is checked for length and termination before use.
 *
 * mgmtd trusts its clients: some requests end it. None of them can be made
 * through this interface:
 *  - a session is always our own, so that no other's is named;
 *  - notifications are asked for as JSON, never as XML;
 *  - a datastore is unlocked only by the struct that has locked it;
 *  - a connection on which a reply is missing is closed, not used again;
 *  - get asks for paths that the schema made, edit sends trees that parsed,
 *    rpc sends what has been validated: callers promise that.
 *
 * A request ends as
 *  ND_FE_OK
 *  ND_FE_REFUSED  mgmtd said no: .error is its errno, .text its words
 *  ND_FE_LOST     the connection is gone, and its locks with it; what was under
 *		   way may have happened or not. nd_fe_open() makes a new one.
 *
 * Notifications arrive among replies; they wait in a queue, which is bounded:
 * a session that cannot keep up is lost rather than mgmtd's memory.
 */
#ifndef _FRR_NETCONFD_FE_H
#define _FRR_NETCONFD_FE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum nd_fe_result {
	ND_FE_OK,
	ND_FE_REFUSED,
	ND_FE_LOST,
};

enum nd_datastore {
	ND_RUNNING = 1,
	ND_CANDIDATE = 2,
	ND_OPERATIONAL = 3,
};

enum nd_fe_edit {
	ND_EDIT_MERGE = 2,
	ND_EDIT_REMOVE = 3,
	ND_EDIT_REPLACE = 5,
};

enum nd_fe_commit {
	ND_COMMIT_APPLY = 0,
	ND_COMMIT_ABORT = 1,
	ND_COMMIT_VALIDATE = 2,
};

struct nd_fe_notification {
	struct nd_fe_notification *next;
	char *xpath;
	char *json;
};

struct nd_fe {
	int fd;	  /* -1: not connected */
	int wake; /* readable: give up waiting; -1: never; not ours to close */
	uint64_t session;
	uint64_t request;
	bool locked[ND_OPERATIONAL + 1];

	bool listening; /* keep notifications */
	struct nd_fe_notification *first, **last;
	size_t queued; /* octets */

	int error;
	char text[1024];
};

void nd_fe_init(struct nd_fe *fe, int wake);
enum nd_fe_result nd_fe_open(struct nd_fe *fe, const char *socket_path);
void nd_fe_close(struct nd_fe *fe);
/* The process at the other end, 0 when there is none. */
pid_t nd_fe_peer(const struct nd_fe *fe);

enum nd_fe_result nd_fe_lock(struct nd_fe *fe, enum nd_datastore datastore);
void nd_fe_unlock(struct nd_fe *fe, enum nd_datastore datastore);

/* *json: "" when there is nothing; configuration only, or with state */
enum nd_fe_result nd_fe_get(struct nd_fe *fe, enum nd_datastore datastore, const char *xpath,
			    bool state, char **json);
enum nd_fe_result nd_fe_edit(struct nd_fe *fe, enum nd_datastore datastore,
			     enum nd_fe_edit operation, const char *xpath, const char *json);
/* of candidate to running; both must be locked */
enum nd_fe_result nd_fe_commit(struct nd_fe *fe, enum nd_fe_commit action);
enum nd_fe_result nd_fe_rpc(struct nd_fe *fe, const char *xpath, const char *json, char **reply);

/* Take in what has come, without waiting. */
enum nd_fe_result nd_fe_receive(struct nd_fe *fe);
/* The oldest notification, or NULL; the caller frees it. */
struct nd_fe_notification *nd_fe_notification(struct nd_fe *fe);
void nd_fe_notification_free(struct nd_fe_notification *notification);

#endif /* _FRR_NETCONFD_FE_H */
