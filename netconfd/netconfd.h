// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frr-netconfd: a NETCONF server for mgmtd, of all models that mgmtd holds.
 *
 * sshd (port 830) authenticates a user and runs the pump (pump.c), which copies
 * bytes between sshd and the daemon's UNIX socket. The kernel tells the daemon
 * who has connected; two groups decide who comes in, and access rules (nacm.h)
 * what each may do. Every request is checked against the rules of its moment.
 *
 * Threads. The main thread (main.c) accepts. Each session has two of its own:
 * the guard (guard.c), the only one that touches the client's socket, which
 * hands over whole messages of bounded size only, in bounded time; and the
 * session's (session.c), which runs libnetconf2 and one request after another
 * on its own connection to mgmtd (fe.h). The keeper (confirm.c) takes back a
 * confirmed commit that nobody confirms. Nothing else is shared than
 *  - the registry of sessions (session.c),
 *  - the schema (schema.c): one libyang context, counted, replaced when mgmtd
 *    comes back with other models; read-only once it is made,
 *  - the access rules (access.c): counted, replaced when their file changes,
 *  - the candidate (candidate.c) and the confirmed commit (confirm.c).
 *
 * The candidate is not mgmtd's. mgmtd has one candidate for all its clients,
 * and any command of vtysh commits whatever is in it. So the edits of NETCONF
 * wait here, as a struct nd_change (change.c): what is to be removed from, and
 * merged into, whatever is running by then. Reading the candidate shows running
 * with the change applied. A commit locks both of mgmtd's datastores, works out
 * what the change means now and sends it in one message (commit.c). vtysh never
 * commits an edit of NETCONF, NETCONF never one of vtysh, and neither undoes the
 * other's.
 *
 * Trees hold what is configured explicitly, without defaults; these are added
 * for validation and for a reader who asks for them.
 *
 * fe.c      mgmtd's frontend protocol	   edit.c      edit-config on a tree
 * frame.c   framing, pure		   change.c    the difference of two trees
 * guard.c   the client's socket	   candidate.c candidate and locks
 * session.c sessions, one thread each	   commit.c    bringing a change into mgmtd
 *					   confirm.c   confirmed commit
 * rpc.c     which request goes where	   notify.c    notifications
 * get.c     get, get-config, state	   schema.c    models
 * filter.c  subtree filters		   error.c     rpc-errors
 * nacm.c    what rules say, pure	   access.c    where they come from
 * tree.c    looking at trees
 */
#ifndef _FRR_NETCONFD_NETCONFD_H
#define _FRR_NETCONFD_NETCONFD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <libyang/libyang.h>
#include <nc_server.h>

#include "netconfd/fe.h"
#include "netconfd/nacm.h"
#include "netconfd/paths.h"
#include "netconfd/tree.h"

/* What was given on the command line; constant once the daemon runs. */
struct nd_options {
	const char *socket;
	const char *mgmtd;
	const char *yang_dirs; /* separated by ':' */
	const char *group_read;
	const char *group_write;
	const char *access_rules; /* a file, which need not be there */
	unsigned int max_sessions;
	unsigned int hello_timeout; /* seconds */
	unsigned int idle_timeout;  /* seconds, 0: none */
	size_t max_message;	    /* octets */
	bool foreground;
	bool debug;
};
extern struct nd_options nd_options;

/* main.c: to syslog, or to stderr in the foreground. Never data of a request. */
void nd_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * guard.c
 */
struct nd_guard {
	int client; /* the accepted socket */
	int inner;  /* our end of a pair; libnetconf2 has the other one */
	int wake;
	_Atomic int version; /* -1 until the hellos are exchanged, then 0 or 1 */
	_Atomic bool stop;
	pthread_t thread;
};

bool nd_guard_start(struct nd_guard *guard, int client, int *session_end);
void nd_guard_version(struct nd_guard *guard, int version);
/* Cut the connection now; any thread may. */
void nd_guard_cut(struct nd_guard *guard);
/* Wait until what was written has been sent, or the client does not take it. */
void nd_guard_join(struct nd_guard *guard);

/*
 * schema.c
 */
struct nd_schema {
	int users;
	struct ly_ctx *ctx;
	struct lysc_type *operation_type; /* libyang's own, of edit-config's attribute */
	char content_id[64];		  /* mgmtd's */
	/* where configuration begins: "/module:node", NULL at the end */
	char **config_paths;
};

/* A use of the schema that mgmtd has now; NULL: it cannot be had, and logged */
struct nd_schema *nd_schema_get(struct nd_fe *fe);
void nd_schema_put(struct nd_schema *schema);
/* A use of the schema that was made last; NULL: none yet */
struct nd_schema *nd_schema_current(void);
/* The daemon ends. */
void nd_schema_drop(void);
/* Does mgmtd, connected anew, still have these models? */
bool nd_schema_same(const struct nd_schema *schema, struct nd_fe *fe);
/* Are these a model's own, or the protocol's? */
bool nd_schema_is_protocol(const struct lys_module *module);

/*
 * session.c
 */
struct nd_session {
	struct nd_session *next;
	uint32_t id; /* 0 until the hellos are exchanged */
	char user[64];
	struct nd_user who;  /* user, and the groups the machine has for it */
	struct nd_view view; /* what the access rules say about it, of the session's thread */
	char since[40];

	struct nd_guard guard;
	struct nd_schema *schema;
	struct nc_session *nc;
	struct nd_fe fe;
	int wake; /* readable: the session is to end */
	bool ending;

	bool subscribed;
	struct lyd_node *filter; /* of the subscription, NULL: everything */
	char *filter_xpath;
	uint64_t notifications;

	uint64_t requests, bad_requests, errors;
};

void nd_session_new(int client);
/* End a session; false: there is none of that number. */
bool nd_session_kill(uint32_t id);
void nd_session_kill_all(void);
/* One without a client, which whoever takes back or tidies up works with; its end is needed anyway */
bool nd_session_of_our_own(struct nd_session *session);
void nd_session_of_our_own_ends(struct nd_session *session);
bool nd_session_await_none(unsigned int seconds);
void nd_sessions_visit(void (*visit)(const struct nd_session *session, void *data), void *data);
/* mgmtd, connected if it can be; what is left of the locks is checked */
bool nd_session_connected(struct nd_session *session, struct lyd_node **error);

struct nd_totals {
	char start[40];
	_Atomic uint64_t sessions, bad_hellos, dropped, requests, bad_requests, errors,
		notifications;
};
extern struct nd_totals nd_totals;

/* main.c: a file beside the socket; returns path */
const char *nd_file(const char *name, char *path, size_t size);

void nd_time(char *to, size_t size, time_t when);

/*
 * access.c
 */
struct nd_denials {
	_Atomic uint32_t operations, data_writes, notifications;
};
extern struct nd_denials nd_denials;

/* A use of the rules in force, after a look at the file; NULL: nobody may come in */
struct nd_rules *nd_access_begin(const struct ly_ctx *ctx);
struct nd_rules *nd_access_current(void);
/* Read the file again, whatever it looks like; any thread may. */
void nd_access_reload(void);
/* The daemon ends. */
void nd_access_drop(void);
/* the rules and what was denied, as data */
struct lyd_node *nd_access_state(const struct ly_ctx *ctx);
/* Have the session's view be that of the rules in force. */
bool nd_access_refresh(struct nd_session *session);
/* NULL: the user may make the one tree of the other */
struct lyd_node *nd_access_check_changes(struct nd_session *session, const struct lyd_node *from,
					 const struct lyd_node *to);
struct lyd_node *nd_access_denied(struct nd_session *session, enum nd_access access,
				  const char *path);

/*
 * error.c: rpc-errors; a NULL list is no error
 */
struct lyd_node *nd_error(const struct ly_ctx *ctx, NC_ERR tag, const char *path,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* what libyang has just complained about, one error for each complaint */
struct nc_server_reply *nd_reply_libyang(const struct ly_ctx *ctx, const char *otherwise);
struct nc_server_reply *nd_reply(struct lyd_node *error);
/* what mgmtd has refused */
struct lyd_node *nd_error_mgmtd(const struct ly_ctx *ctx, const struct nd_fe *fe);

/*
 * rpc.c
 */
struct nc_server_reply *nd_rpc(struct lyd_node *rpc, struct nc_session *nc);

/*
 * get.c
 */
struct nc_server_reply *nd_rpc_get(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_get_config(struct nd_session *session, struct lyd_node *rpc);
/* The explicit configuration of a datastore of mgmtd. */
bool nd_get_tree(struct nd_session *session, enum nd_datastore datastore, struct lyd_node **tree,
		 struct lyd_node **error);

/*
 * filter.c: keep what the filter selects. The tree is changed.
 */
void nd_filter_subtree(struct lyd_node **tree, const struct lyd_node *filter);
bool nd_filter_xpath(struct lyd_node **tree, const char *xpath);

/*
 * edit.c: NULL when the edit has been applied to the tree, else what is wrong
 * (the tree is then to be thrown away). Access is checked of what the edit
 * names, unless session is NULL; what it brings about is nd_access_check_changes()'s.
 */
struct lyd_node *nd_edit(const struct ly_ctx *ctx, struct nd_session *session,
			 struct lyd_node **tree, const struct lyd_node *config,
			 const char *default_operation);

/*
 * change.c
 */
struct nd_change_item {
	enum nd_fe_edit operation;
	char *xpath;
	char *json; /* NULL: a removal */
};

struct nd_change {
	unsigned int count, size;
	struct nd_change_item *items; /* removals before merges */
};

enum nd_steps {
	ND_SMALL_STEPS, /* nothing in them that stays as it is */
	ND_ONE_STEP,	/* ... if that is possible */
};

bool nd_change_between(const struct lyd_node *from, const struct lyd_node *to, enum nd_steps steps,
		       struct nd_change *change);
bool nd_change_replaces_all(const struct nd_change *change);
#define ND_TEXT_MAX (512u << 20) /* octets */
bool nd_change_write(const struct nd_change *change, FILE *file);
bool nd_change_read(struct nd_change *change, FILE *file);
bool nd_change_apply(const struct nd_change *change, const struct ly_ctx *ctx,
		     struct lyd_node **tree);
void nd_change_clear(struct nd_change *change);

/*
 * candidate.c
 */
struct nc_server_reply *nd_rpc_edit_config(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_copy_config(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_discard(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_validate(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_lock(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_unlock(struct nd_session *session, struct lyd_node *rpc);
/* The candidate as it is now: running with the change applied. */
bool nd_candidate_tree(struct nd_session *session, struct lyd_node **tree, struct lyd_node **error);
/*
 * Bring running to what it becomes with the candidate's change, or with others
 * in that order. NULL: done; *undo, if it is to be confirmed, is then the way back.
 */
struct nc_server_reply *nd_commit_candidate(struct nd_session *session, struct nd_change *undo);
struct nc_server_reply *nd_commit_changes(struct nd_session *session,
					  const struct nd_change *changes, unsigned int count);
/*
 * commit.c
 */
/* Patient with commands of vtysh; what the session has locked already is no error. */
enum nd_fe_result nd_lock_patiently(struct nd_fe *fe, enum nd_datastore datastore);
/* NULL: the models have nothing against it */
struct nc_server_reply *nd_validate(const struct ly_ctx *ctx, const struct lyd_node *tree);
/* Changes on top of what runs, by one writer at a time; undo, if any, is to be confirmed. */
struct nc_server_reply *nd_commit(struct nd_session *session, const struct nd_change *changes,
				  unsigned int count, enum nd_fe_commit action,
				  struct nd_change *undo);
/* What somebody has forgotten in mgmtd's candidate. */
void nd_drop_foreign_edits(struct nd_session *session);
/* At the start: what the frr-netconfd before us could not finish. */
void nd_finish_what_was_begun(void);

/* of a session that ends: its locks go, and with them the edits they protected */
void nd_candidate_session_ends(struct nd_session *session);
/* mgmtd has been restarted: lock again what the session had locked */
bool nd_candidate_relock(struct nd_session *session);
/* who has locked it: 0, nobody */
uint32_t nd_lock_owner(enum nd_datastore datastore, char *since, size_t size);

/*
 * confirm.c
 */
struct nc_server_reply *nd_rpc_commit(struct nd_session *session, struct lyd_node *rpc);
struct nc_server_reply *nd_rpc_cancel_commit(struct nd_session *session, struct lyd_node *rpc);
bool nd_confirm_start(void);
/* Keep the way back of what is about to be committed, whatever becomes of us. */
bool nd_confirm_prepare(const struct nd_change *undo);
/* Take back what was not confirmed, and end. */
void nd_confirm_stop(void);
/* Milliseconds until the session has to take back what it committed; -1: never. */
int nd_confirm_left(const struct nd_session *session);
void nd_confirm_due(struct nd_session *session);
void nd_confirm_session_ends(const struct nd_session *session);
/* Does a commit of another session wait for its confirmation? */
bool nd_confirm_of_other(const struct nd_session *session);

/*
 * notify.c
 */
struct nc_server_reply *nd_rpc_subscribe(struct nd_session *session, struct lyd_node *rpc);
/* Send what waits; false: the session is to end. */
bool nd_notify_send(struct nd_session *session);

#endif /* _FRR_NETCONFD_NETCONFD_H */
