// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * erouted: the shell around core/.
 *
 * It turns what mgmtd, zebra and bgpd's module say into events for er_core and
 * what er_core decides into notifications, log lines and a configuration for
 * the module and routes in zebra.  It decides nothing, and what it has asked for
 * stays without it: killing it changes nothing in bgpd and no route.
 *
 *   er_main.c       privileges, signals, what mgmtd is told of us, main()
 *   er_event.c      the one way into er_core, its clock and its timer
 *   er_nb.c         frr-expressroute.yang: which node calls what
 *   er_nb_config.c  mgmtd's running configuration -> er_circuit_config
 *   er_mgmtd.c      whether mgmtd knows our model
 *   er_nb_state.c   what er_core knows -> the YANG state tree
 *   er_nb_rpc.c     clear-counters, import-communities
 *   er_policy.c     route filters, own names, region preferences: as
 *                   configured, what they mean, and what changed
 *   er_catalogue.c  the catalogue in use; importing another
 *   er_notify.c     notices -> YANG notifications and log lines
 *   er_errors.c     the codes of those log lines, explained
 *   er_zebra.c      interfaces, addresses, VRFs, next hops -> link facts
 *   er_port.c       the port that carries an interface
 *   er_netlink.[ch] questions to the kernel
 *   er_echo.[ch]    probes: ICMP echoes and TCP connections over one interface
 *   er_channel.c    the UNIX socket that bgpd's module connects to
 *   er_channel_set.c  what it is asked for
 *   er_examples.c   some prefixes that differ between two links, or are held
 *   er_counts.c     prefixes by community, as bgpd's module counts them
 *   er_sums.c       what the counts of several peerings add up to
 *   er_ask.c        questions to bgpd's module; commands that wait for answers
 *   er_history.[ch] the last transitions, kept over a restart
 *   er_persist.c    what was last said, kept over a restart
 *   er_problem.c    what keeps a session from working, in words
 *   er_drain*.[ch]  drain by the operator: asked for, watched, told, kept
 *   er_metrics*.[ch] the same for Prometheus, over HTTP
 *   er_json.c       the state tree as FRR-style JSON
 *   er_vty.c        show and clear commands
 *   er_show.c       their screens; er_show_policy.c: of filters, limits, routes;
 *                   er_show_bgp.c: circuits in plain FRR's words
 *   er_debug.c      debug commands
 *   er_vpn.h        VPN backups: opens with a map of its own
 *   er_site.h       Global Reach, likewise
 *   er_audit.h      the audit: er_audit.c tells of it, er_show_audit.c shows it
 *   er_paths.h      use and quality of paths, likewise
 *
 * Ownership: er_core owns the circuits; libfrr's running_config owns the
 * configuration as mgmtd delivered it; libfrr's VRFs own the interfaces.  Each
 * file owns its own connection, timers and caches and no other file's.
 *
 * Two things are never done on half knowledge.  The module gets no
 * configuration before mgmtd has told us ours (er_nb_config_known()), else a
 * restart of erouted would tear down every session; and circuits that mgmtd
 * does not re-send after its own restart are swept only after a hold time, and
 * not while it does not know our model.
 */
#ifndef EROUTED_H
#define EROUTED_H

#include "frrevent.h"
#include "debug.h"

#include "core/core.h"
#include "core/filter.h"
#include "wire/er_wire.h"

struct er_fib;
struct interface;
struct vty;
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
/* The same for its seconds in each state. */
void er_event_clear_availability(const char *circuit);

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
/* What mgmtd lacks, and what follows from it; "" when it lacks nothing. */
const char *er_nb_problem(void);
/* mgmtd has told us what it knows (which may be: nothing). */
bool er_nb_config_known(void);
/* Seconds until circuits that mgmtd has not re-sent are swept; 0: no sweep is due. */
unsigned long er_nb_sweep_s(void);
/* An entry of a list of ours in the configuration as delivered, or NULL. */
const struct lyd_node *er_nb_entry(const char *list, const char *key);
const struct lyd_node *er_nb_circuit(const char *name);
/* A child by name, or NULL. */
const struct lyd_node *er_nb_child(const struct lyd_node *parent, const char *name);
/* What a child holds; what is not there leaves *value as it is, and is 0. */
void er_nb_get_bool(const struct lyd_node *parent, const char *name, bool *value);
void er_nb_get_string(const struct lyd_node *parent, const char *name, char *value, size_t len);
uint32_t er_nb_get_number(const struct lyd_node *parent, const char *name);
/* The values of a leaf-list of names, to be freed, NULL without any; returns how many. */
size_t er_nb_get_names(const struct lyd_node *parent, const char *name,
		       char (**names)[ER_NAME_LEN]);
void er_nb_free_names(char (*names)[ER_NAME_LEN]);
void er_nb_read_bfd(const struct lyd_node *node, struct er_bfd_config *bfd);
void er_nb_fini(void);

/* er_nb_state.c */
/*
 * The state of one circuit, or of everything (NULL), as a tree that the caller
 * frees with lyd_free_all().  with_config adds the configuration, without
 * passwords.
 */
struct lyd_node *er_state_tree(const char *circuit, bool with_config);
/* The state of one route-filter, or of all (NULL), likewise. */
struct lyd_node *er_state_filters(const char *name);
const struct lyd_node *er_state_get_tree(const char *xpath, void **user_lock);
void er_state_put_tree(const struct lyd_node *tree, void *user_lock);

/* er_nb_rpc.c */
struct nb_cb_rpc_args;
int er_nb_clear_counters(struct nb_cb_rpc_args *args);
int er_nb_import(struct nb_cb_rpc_args *args);
int er_nb_switchover(struct nb_cb_rpc_args *args);
int er_nb_failover_test(struct nb_cb_rpc_args *args);
int er_nb_failover_abort(struct nb_cb_rpc_args *args);
int er_nb_vpn_resolve(struct nb_cb_rpc_args *args);
int er_nb_drain(struct nb_cb_rpc_args *args);
int er_nb_undrain(struct nb_cb_rpc_args *args);

/* er_notify.c */
void er_notify(const struct er_notice *notice);
/* What a route-filter allows has changed: so many communities now, more, less. */
void er_notify_filter(const char *name, size_t communities, size_t added, size_t removed);

/* er_catalogue.c */
/* builtin: file of the built-in list; NULL: as installed */
void er_communities_init(const char *builtin);
void er_communities_fini(void);
/* The catalogue in use; NULL is an empty one.  It lives until the next import. */
const struct er_catalogue *er_communities(void);
/* When a list was imported, seconds since the epoch; 0: none was. */
int64_t er_communities_imported(void);
/* Why a stored list could not be read; "": none such. */
const char *er_communities_problem(void);
/*
 * Import a list.  false: nothing has changed, and `text` says why; else how
 * many communities the list has, and the catalogue now.
 */
struct er_import {
	size_t listed, now;
	char text[ER_TEXT_LEN];
};
bool er_communities_import(const char *path, bool extend, struct er_import *import);

/* er_policy.c */
/* A route-filter and what it means with the catalogue in use. */
struct er_policy_filter {
	struct er_filter_config config;
	struct er_filter filter;
	int64_t changed_wall; /* when what it allows last changed, as far as we know */
};

/* A region-preference and the communities that it decides for, each is of one only. */
struct er_policy_region {
	struct er_region_config config;
	er_community community[ER_TARGET_COMMUNITIES];
	size_t n;		   /* 0: it decides nothing, .problem says why */
	char problem[ER_TEXT_LEN]; /* "": none */
};

void er_policy_fini(void);
const struct er_own_names *er_policy_names(void);
/* By name, or NULL; in the order of names, 0 from the callback goes on. */
const struct er_policy_filter *er_policy_filter(const char *name);
int er_policy_foreach_filter(int (*cb)(const struct er_policy_filter *filter, void *arg),
			     void *arg);
int er_policy_foreach_region(int (*cb)(const struct er_policy_region *region, void *arg),
			     void *arg);
/* "storage-east-us" and the like beside a community's number; "" when nobody named it. */
void er_policy_name(er_community community, char *buf, size_t len);

/* What the configuration tells it: the entry of a list, or NULL when it is gone. */
enum er_policy_kind { ER_POLICY_NAME, ER_POLICY_FILTER, ER_POLICY_REGION };
void er_policy_config(enum er_policy_kind kind, const char *key, const struct lyd_node *entry);
bool er_policy_has(enum er_policy_kind kind, const char *key);
/* Forget what is not in the configuration as delivered. */
void er_policy_sweep(const struct lyd_node *(*delivered)(const char *list, const char *key));
/* Find out what names mean, of what has changed or (after an import) of all. */
void er_policy_compile(bool all);

/* er_counts.c */
struct er_count {
	er_community community;
	bool allowed; /* by the peering's filter */
	uint32_t accepted;
	uint32_t refused;
	int64_t changed_wall; /* when these numbers last changed */
};

/* Of one peering, in the order of communities; NULL: bgpd has told of none. */
const struct er_count *er_counts(const struct er_peering_key *key, size_t *n);
int er_counts_foreach(int (*cb)(const struct er_peering_key *key, const struct er_count *count,
				size_t n, void *arg),
		      void *arg);
/* What the channel tells it. */
void er_counts_begin(const struct er_peering_key *key);
void er_counts_add(const struct er_wire_count *count);
void er_counts_end(const struct er_peering_key *key);
/* Of circuits that are gone, or all. */
void er_counts_forget(bool all);
void er_counts_fini(void);

/* er_ask.c */
/* How long bgpd has for all of its answer. */
#define ER_ASK_TIMEOUT_MS 2000

/*
 * Called for each answer, and once at the end with answer NULL and the problem,
 * "" when all has been told.  Always after er_channel_ask() has returned.
 */
typedef void (*er_ask_cb)(const struct er_wire_answer *answer, const char *problem, void *arg);
/* ask->id is not looked at.  The callback's end comes in any case, in time. */
void er_channel_ask(const struct er_wire_ask *ask, er_ask_cb cb, void *arg);

/* All that was answered, for a screen. */
struct er_asked {
	struct er_wire_ask ask;
	bool json;
	struct er_wire_answer *answer;
	size_t n;
	char problem[ER_TEXT_LEN]; /* "": none; answers that came before it are there */
	struct er_fib *fib;	   /* ROUTE: what zebra has installed, er_fib.h */
	size_t n_fib;
};
/* Writes to vty and returns the command's result. */
typedef int (*er_asked_render)(struct vty *vty, const struct er_asked *asked);
/*
 * For a command: `return er_ask_vty(vty, &ask, !!json, render);`.  The vty waits
 * for the answer while the daemon goes on; render is not called when somebody
 * has closed it meanwhile.
 */
int er_ask_vty(struct vty *vty, const struct er_wire_ask *ask, bool json, er_asked_render render);
/* What the channel tells it. */
void er_ask_answer(const struct er_wire_answer *answer);
void er_ask_answer_end(const struct er_wire_answer_end *end);
void er_ask_lost(void);
void er_ask_init(void);
void er_ask_fini(void);

/* er_mgmtd.c */
/* Called back once, later, or never: when mgmtd does not tell. */
void er_mgmtd_ask(void (*then)(bool knows));
void er_mgmtd_lost(void);

/* er_zebra.c */
void er_zebra_init(void);
void er_zebra_fini(void);
bool er_zebra_connected(void);
/* The circuits have changed: look at their links anew, soon. */
void er_zebra_evaluate(void);

/*
 * One that zebra has told of since it is connected, or NULL: the VRF's; else another
 * VRF's, where a name is one interface's whatever its VRF, which it is not when VRFs are
 * network namespaces.  vrf NULL: of any, the default one first.
 */
struct interface *er_zebra_interface(const char *name, const char *vrf);
enum er_if_state er_zebra_interface_state(const struct interface *ifp, const char *vrf);
/*
 * Has zebra a route to the address over this interface?  It is watched while
 * this is asked in each look at what there is (er_zebra_evaluate()).
 */
bool er_zebra_reaches(const struct ipaddr *address, vrf_id_t vrf_id, ifindex_t ifindex);
/* zebra is away, or has not had its time to tell what there is. */
bool er_zebra_resyncing(void);

/* er_port.c */
/*
 * The ifindex of what carries it, VLANs and macvlans taken off: of the lowest
 * that is in our network namespace.
 */
uint32_t er_port_of(const struct interface *ifp);

/* er_channel.c */
/* After so long a silence bgpd is taken for lost; a busy one may need seconds. */
extern unsigned long er_channel_timeout_s;
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
/* er_channel_set.c: each message of the set, in order. */
void er_set_foreach(void (*add)(const struct er_wire_msg *msg, void *arg), void *arg);
/* false: no module is connected, or it does not read. */
bool er_channel_send_ask(const struct er_wire_ask *ask);

/* er_examples.c */
void er_examples_keep(const struct er_wire_rib *rib);
void er_examples_keep_vpn(const struct er_wire_vpn_rib *rib);
/* Of circuits and backups that are gone, or all. */
void er_examples_forget(bool all);
/* ExpressRoute's prefixes without a path over the VPN; returns how many. */
size_t er_examples_uncovered(const struct er_peering_key *key,
			     struct prefix uncovered[ER_WIRE_EXAMPLES]);
/* The VPN's prefixes within one of ExpressRoute's; returns how many. */
size_t er_examples_more_specific(const struct er_peering_key *key,
				 struct prefix more_specific[ER_WIRE_EXAMPLES]);
/* Prefixes that differ between the links; returns how many. */
size_t er_examples(const struct er_peering_key *key, struct prefix example[ER_WIRE_EXAMPLES]);
/* Prefixes held back at the limit; returns how many. */
size_t er_examples_held(const struct er_peering_key *key, struct prefix held[ER_WIRE_EXAMPLES]);
/* Prefixes of the preferred circuit that a standby one does not offer; returns how many. */
size_t er_examples_missing(const struct er_peering_key *key,
			   struct prefix missing[ER_WIRE_EXAMPLES]);
void er_examples_fini(void);

/* er_persist.c */
extern char *er_state_paths[];
void er_persist_setup(void);
void er_persist_load(void);
/* Something worth keeping has changed: write it, but not too often. */
void er_persist_changed(void);
/* Before this returns; what an operator was promised. */
void er_persist_now(void);
void er_persist_fini(void);
/* A member of a JSON object; false: it is not there, or something else. */
bool er_persist_string(struct json_object *json, const char *name, const char **value);
bool er_persist_name(struct json_object *json, const char *name, char value[ER_NAME_LEN]);
bool er_persist_family(struct json_object *json, enum er_family *family);
bool er_persist_number(struct json_object *json, const char *name, uint64_t *value);
bool er_persist_u32(struct json_object *json, const char *name, uint32_t *value);
bool er_persist_bool(struct json_object *json, const char *name, bool *value);
bool er_persist_moment(struct json_object *json, const char *name, int64_t *wall_s);
/* Its objects, one by one; what cannot be understood is counted, and told of at the end. */
void er_persist_list(struct json_object *json, const char *name,
		     bool (*load_entry)(struct json_object *entry));
/* Not worth keeping any more. */
bool er_persist_is_old(int64_t wall_s);

/* er_problem.c */
/* false: nothing keeps the session from working. */
bool er_session_problem(const struct er_session_view *view, const struct er_circuit_config *config,
			const struct er_session_key *key, char *buf, size_t len);

/*
 * What an operator should know of a peering in this family that works, in
 * words; returns how many were written.
 */
#define ER_WARNINGS 16
size_t er_peering_warnings(const struct er_circuit_config *config, const struct er_peering_key *key,
			   char (*warning)[ER_TEXT_LEN], size_t size);

/* er_json.c */
struct json_object *er_json_from_tree(const struct lyd_node *tree);
/*
 * Show it and free it; `list` is there although it is empty: a reader need not ask
 * whether there is any.  Returns the command's result.
 */
int er_json_show(struct vty *vty, struct lyd_node *tree, const char *list);

/* er_vty.c, er_debug.c */
void er_vty_init(void);
/* Tells the vty when there is no such circuit, and returns NULL. */
const struct er_circuit_config *er_find_circuit(struct vty *vty, const char *name, bool json);
void er_debug_init(void);
extern struct debug er_dbg_events, er_dbg_zebra, er_dbg_bgpd, er_dbg_nb, er_dbg_vpn;

#endif /* EROUTED_H */
