// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * erouted: the shell around core/.
 *
 * It turns what mgmtd, zebra and bgpd's module say into events for er_core and
 * what er_core decides into notifications, log lines and a configuration for
 * the module.  It decides nothing and never touches a route: killing it
 * changes nothing in bgpd.
 *
 *   er_main.c       privileges, signals, what mgmtd is told of us, main()
 *   er_event.c      the one way into er_core, its clock and its timer
 *   er_nb.c         frr-expressroute.yang: which node calls what
 *   er_nb_config.c  mgmtd's running configuration -> er_circuit_config
 *   er_nb_state.c   what er_core knows -> the YANG state tree
 *   er_nb_rpc.c     clear-counters
 *   er_notify.c     notices -> YANG notifications and log lines
 *   er_errors.c     the codes of those log lines, explained
 *   er_zebra.c      interfaces, addresses, VRFs, next hops -> link facts
 *   er_channel.c    the UNIX socket that bgpd's module connects to
 *   er_examples.c   some prefixes that differ between two links
 *   er_persist.c    what was last said, kept over a restart
 *   er_problem.c    what keeps a session from working, in words
 *   er_json.c       the state tree as FRR-style JSON
 *   er_vty.c        show and clear commands
 *   er_show.c       their screens; er_show_bgp.c: circuits in plain FRR's words
 *   er_debug.c      debug commands
 *
 * Ownership: er_core owns the circuits; libfrr's running_config owns the
 * configuration as mgmtd delivered it; libfrr's VRFs own the interfaces.  Each
 * file owns its own connection, timers and caches and no other file's.
 *
 * Two things are never done on half knowledge.  The module gets no
 * configuration before mgmtd has told us ours (er_nb_config_known()), else a
 * restart of erouted would tear down every session; and circuits that mgmtd
 * does not re-send after its own restart are swept only after a hold time.
 */
#ifndef EROUTED_H
#define EROUTED_H

#include "frrevent.h"
#include "debug.h"

#include "core/core.h"
#include "wire/er_wire.h"

struct lyd_node;
struct lyd_node_term;
struct json_object;
struct mgmt_be_client;

/* Unused by FRR 10.7, whose last is 2623. */
#define ER_VTY_PORT 2640

/* er_main.c */
extern struct event_loop *er_loop;
extern struct zebra_privs_t er_privs;
/* When we were started, er_time.mono_ms. */
extern int64_t er_started_ms;

/* er_event.c */
extern struct er_core *er_core;
void er_event_init(void);
void er_event_fini(void);
struct er_time er_now(void);
/* Stamps the event and carries out what follows from it. */
void er_event_handle(struct er_event *ev);
/* Clear the counters of one circuit, or of all ("").  Here and in bgpd. */
void er_event_clear(const char *circuit);

/* er_nb.c */
extern const struct frr_yang_module_info er_yang_info;

/* er_nb_config.c */
struct nb_cb_create_args;
struct nb_cb_modify_args;
struct nb_cb_destroy_args;
int er_nb_create(struct nb_cb_create_args *args);
int er_nb_modify(struct nb_cb_modify_args *args);
int er_nb_destroy(struct nb_cb_destroy_args *args);
/* How long circuits outlive their configuration when mgmtd returns without it. */
extern unsigned long er_nb_hold_s;
void er_nb_connect_notify(struct mgmt_be_client *client, uintptr_t usr_data, bool connected);
bool er_nb_connected(void);
/* mgmtd has told us what it knows (which may be: nothing). */
bool er_nb_config_known(void);
/* Seconds until circuits that mgmtd has not re-sent are swept; 0: no sweep is due. */
unsigned long er_nb_sweep_s(void);
/* The circuit's node in the configuration as delivered, or NULL. */
const struct lyd_node *er_nb_circuit(const char *name);
/* A child by name, or NULL. */
const struct lyd_node *er_nb_child(const struct lyd_node *parent, const char *name);
void er_nb_fini(void);

/* er_nb_state.c */
/*
 * The state of one circuit, or of everything (NULL), as a tree that the caller
 * frees with lyd_free_all().  with_config adds the configuration, without
 * passwords.
 */
struct lyd_node *er_state_tree(const char *circuit, bool with_config);
const struct lyd_node *er_state_get_tree(const char *xpath, void **user_lock);
void er_state_put_tree(const struct lyd_node *tree, void *user_lock);

/* er_nb_rpc.c */
struct nb_cb_rpc_args;
int er_nb_clear_counters(struct nb_cb_rpc_args *args);

/* er_notify.c */
void er_notify(const struct er_notice *notice);

/* er_zebra.c */
void er_zebra_init(void);
void er_zebra_fini(void);
bool er_zebra_connected(void);
/* The circuits have changed: look at their links anew, soon. */
void er_zebra_evaluate(void);

/* er_channel.c */
enum er_channel_state {
	ER_CHANNEL_ABSENT,
	ER_CHANNEL_REFUSED,
	ER_CHANNEL_SYNCHRONIZING,
	ER_CHANNEL_CONNECTED,
};

struct er_channel_view {
	enum er_channel_state state;
	const char *state_str; /* YANG's name */
	const char *version;   /* "" when not known, as below */
	const char *frr_version;
	const char *problem;
};

void er_channel_init(void);
void er_channel_fini(void);
void er_channel_view(struct er_channel_view *view);
/* The circuits have changed: send them, soon. */
void er_channel_config_changed(void);
void er_channel_clear(const char *circuit);

/* er_examples.c */
void er_examples_keep(const struct er_wire_rib *rib);
/* Of circuits that are gone, or all. */
void er_examples_forget(bool all);
/* Prefixes that differ between the links; returns how many. */
size_t er_examples(const struct er_peering_key *key, struct prefix example[ER_WIRE_EXAMPLES]);
void er_examples_fini(void);

/* er_persist.c */
extern char *er_state_paths[];
void er_persist_setup(void);
void er_persist_load(void);
/* Something worth keeping has changed: write it, but not too often. */
void er_persist_changed(void);
void er_persist_fini(void);

/* "1 prefix", "2 prefixes": the noun only. */
static inline const char *er_plural(uint32_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static inline const char *er_prefixes(uint32_t n)
{
	return er_plural(n, "prefix", "prefixes");
}

/* er_problem.c */
/* false: nothing keeps the session from working. */
bool er_session_problem(const struct er_session_view *view, const struct er_circuit_config *config,
			const struct er_session_key *key, char *buf, size_t len);

/* er_json.c */
struct json_object *er_json_from_tree(const struct lyd_node *tree);

/* er_vty.c, er_debug.c */
void er_vty_init(void);
void er_debug_init(void);
extern struct debug er_dbg_events, er_dbg_zebra, er_dbg_bgpd, er_dbg_nb;

#endif /* EROUTED_H */
