// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Use and quality of paths in the shell: core/paths.h says what they are.
 *
 *   er_paths.c       which paths and probes there are; counters of interfaces
 *   er_path_config.c a probe, from YANG
 *   er_path_state.c  the YANG state of both
 *   er_path_notify.c notifications and log lines
 *   er_path_vty.c    commands; er_show_path.c: their screens
 *
 * Probes are sent by er_echo.c, counters read by er_netlink.c.
 */
#ifndef ER_PATHS_SHELL_H
#define ER_PATHS_SHELL_H

#include "erouted/erouted.h"

/* er_paths.c */
/* Now: er_zebra.c, as part of its look at everything. */
void er_paths_look(void);
void er_paths_fini(void);

/* What a path carries. */
struct er_path_use {
	struct er_path_key key;
	char ifname[ER_IFNAME_LEN]; /* "": none configured */
	bool shared;		    /* by other paths: all below is theirs, too */
	bool known;		    /* counters are valid */
	struct er_counters counters;
	struct er_rate rate;
	bool has_share;
	uint8_t share; /* percent of what is sent over links and tunnels */
};

/* Every path in the order of their keys, with counters of this moment. */
typedef void (*er_path_use_cb)(const struct er_path_use *use, void *arg);
void er_paths_foreach(er_path_use_cb cb, void *arg);
/* "ams private primary", "vpn az gateway 0", "internet eth0" */
#define ER_PATH_WORDS_LEN (ER_NAME_LEN + 32)
void er_path_words(const struct er_path_key *key, char *buf, size_t len);

/* Where a probe goes now. */
struct er_probe_way {
	char ifname[ER_IFNAME_LEN]; /* "": none */
	struct ipaddr target;	    /* none: not known */
	char problem[ER_TEXT_LEN];  /* why nothing can be sent; "": it can */
};
void er_path_way(const struct er_path_config *config, struct er_probe_way *way);

/* er_path_config.c */
void er_path_config_read(const struct lyd_node *node, struct er_path_config *config);

/* er_path_state.c */
void er_path_state_add(struct lyd_node *top, bool with_config);
/* The same alone, as a tree that the caller frees with lyd_free_all(). */
struct lyd_node *er_path_state_tree(void);

/* er_path_notify.c: false when the notice is not about a path */
bool er_path_notify(const struct er_notice *notice);

/* er_path_vty.c */
void er_path_vty_init(void);

#endif /* ER_PATHS_SHELL_H */
