// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screens behind the show commands.  `type` limits them to one peering;
 * NULL: both.
 */
#ifndef ER_SHOW_H
#define ER_SHOW_H

#include "core/core.h"
#include "erouted/erouted.h"

struct ttable;
struct vty;

void er_show_summary(struct vty *vty);
void er_show_all(struct vty *vty, const char *type, bool detail);
void er_show_circuit(struct vty *vty, const struct er_circuit_config *config, bool detail);
/* er_show_detail.c: below what er_show_circuit() shows, with `detail` */
void er_show_detail(struct vty *vty, const struct er_circuit_config *config, const char *type);
void er_show_parity(struct vty *vty, const struct er_circuit_config *config);
/* What the circuit's sessions are in plain FRR's configuration: er_show_bgp.c. */
void er_show_bgp_config(struct vty *vty, const struct er_circuit_config *config);
/* Lines of a neighbor that circuits and VPN backups have alike. */
void er_show_bgp_session(struct vty *vty, const struct er_session_spec *spec);

/*
 * er_show_policy.c.  They return the command's result.
 */
/* One route-filter, or all (NULL). */
int er_show_filters(struct vty *vty, const char *name, bool detail, bool json);
int er_show_limits(struct vty *vty, bool json);
int er_show_held(struct vty *vty, const struct er_asked *asked);
int er_show_route(struct vty *vty, const struct er_asked *asked);

/* er_show_communities.c; each name may be NULL. */
int er_show_communities(struct vty *vty, const char *service, const char *region,
			const char *geography, bool json);

/*
 * er_show_vpn.c
 */
struct er_vpn_config;
void er_show_vpns(struct vty *vty, bool detail);
void er_show_vpn(struct vty *vty, const struct er_vpn_config *config, bool detail);
void er_show_vpn_test(struct vty *vty, const struct er_vpn_config *config);
/* All backups, a line for each family, below the circuits; nothing without any. */
void er_show_vpn_brief(struct vty *vty);
int er_show_vpn_prefixes(struct vty *vty, const struct er_asked *asked);
/* er_show_vpn_config.c: the backup in plain FRR's words */
void er_show_vpn_config(struct vty *vty, const struct er_vpn_config *config);

/*
 * er_show_site.c: Global Reach
 */
void er_show_sites(struct vty *vty);
void er_show_site(struct vty *vty, const struct er_site_config *config);
void er_show_joints(struct vty *vty);
void er_show_joint(struct vty *vty, const struct er_joint_config *config);
/* All connections, a line for each family, below the circuits; nothing without any. */
void er_show_joint_brief(struct vty *vty);

/* er_show_path.c: use and quality of paths */
int er_show_paths(struct vty *vty, const struct er_asked *asked);

/*
 * What the screens share, in er_show.c.
 */
/* The parts of frr-expressroute, when not all is well. */
void er_show_parts(struct vty *vty);
/* Trouble is in capitals. */
const char *er_upper(const char *s, char *buf, size_t len);
/* "00:01:12", "1d02h03m" */
#define ER_INTERVAL_LEN 32
const char *er_interval(int64_t seconds, char *buf, size_t len);

/* "10", "10 of 200", "200 of 200 FULL" */
#define ER_LIMIT_TEXT_LEN 48
const char *er_limit_text(const struct er_limit_view *view, char *buf, size_t len);

struct er_session_key er_session_key_of(const struct er_peering_key *key, enum er_role role);

typedef void (*er_peering_cb)(const struct er_circuit_config *config,
			      const struct er_peering_key *key, const struct er_peering_view *view,
			      void *arg);
/* Every peering and family of a circuit that is configured, in order. */
void er_foreach_peering(const struct er_circuit_config *config, const char *type, er_peering_cb cb,
			void *arg);

/*
 * Text on a terminal of 80 columns, of which `at` are taken; further lines are
 * indented.
 */
void er_show_wrapped(struct vty *vty, unsigned int at, unsigned int indent, const char *text);

/* Lines below a title, which is there only when there is something to say. */
struct er_lines {
	struct vty *vty;
	const char *title; /* NULL once it is printed */
	bool detail;
};

void er_show_line(struct er_lines *lines, const char *text);

/* A table without lines; a bar ends a cell, so text in it must have none. */
struct ttable *er_table_new(void);
void er_table_show(struct vty *vty, struct ttable *table);
void er_no_bars(char *text);

#endif /* ER_SHOW_H */
