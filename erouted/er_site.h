// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach in the shell: the sites and connections (core's joints) of
 * core/site.h, for people and programs.
 *
 *   er_site_config.c  a site, or a connection, from YANG
 *   er_site_state.c   the YANG state of both, and of what is undeclared
 *   er_site_notify.c  their notifications and log lines
 *   er_site_persist.c what was said of them, over a restart
 *   er_site_vty.c     commands; er_show_site.c: their screens
 *
 * What bgpd's module has counted comes in by er_channel.c.
 */
#ifndef ER_SITE_SHELL_H
#define ER_SITE_SHELL_H

#include "erouted/erouted.h"

/* er_site_config.c: both hold arrays */
void er_site_config_read(const struct lyd_node *node, struct er_site_config *config);
void er_site_config_fini(struct er_site_config *config);
void er_joint_config_read(const struct lyd_node *node, struct er_joint_config *config);
void er_joint_config_fini(struct er_joint_config *config);

/* er_site_state.c */
/* All there is of Global Reach, below the container of a state tree. */
void er_site_state_add(struct lyd_node *top, bool with_config);
/*
 * One or (NULL) all, with what is undeclared where it is of sites, as a tree with the
 * configuration that the caller frees.
 */
struct lyd_node *er_site_state_tree(const char *site);
struct lyd_node *er_joint_state_tree(const char *joint);

/* Every circuit and family that a site ("": what is undeclared) has a state on. */
typedef void (*er_heard_cb)(const char *circuit, enum er_family family,
			    const struct er_site_view *view, void *arg);
void er_foreach_heard(const char *site, er_heard_cb cb, void *arg);

/* er_site_notify.c: false when the notice is not about Global Reach */
bool er_site_notify(const struct er_notice *notice);

/* er_site_persist.c */
void er_site_save(struct json_object *json);
/* false: it cannot be understood. */
void er_site_load(struct json_object *json);

/* er_site_vty.c */
void er_site_vty_init(void);

#endif /* ER_SITE_SHELL_H */
