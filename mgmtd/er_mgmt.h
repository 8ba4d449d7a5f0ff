// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mgmtd_expressroute.so, loaded by the stock mgmtd with "-M expressroute":
 * the model frr-expressroute and the commands that configure it.
 *
 * mgmtd owns the configuration and validates it against the model; nothing
 * here knows what a circuit is.  The module adds four things:
 *
 *   er_mgmt.c   lets mgmtd know the model: replaces the list of YANG modules
 *               in mgmtd's daemon info, before mgmtd reads it, by a longer
 *               one.  In an mgmtd of another version it stays inert.
 *   er_cli.c    the commands, one DEFPY each.  A command enqueues changes and
 *               ends in er_cli_apply() or er_cli_enter().
 *   er_cli_partner.c
 *               "partner", a link that ends on another router
 *   er_cli_policy.c
 *               those of policy: filters, communities, what is advertised
 *   er_cli_vpn.c
 *               those of a VPN backup and its gateways
 *   er_cli_site.c
 *               those of Global Reach: sites and connections
 *   er_cli_path.c
 *               those of a path-probe
 *   er_edit.c   what stands between a command and mgmtd's commit.  mgmtd's
 *               own refusal names neither object nor value, or takes mgmtd's
 *               whole configuration with it, so:
 *               - each value and the configuration as it would become are
 *                 checked against the model first, on a copy; a refusal
 *                 names object, value and the model's rule;
 *               - while a file is read ("vtysh -b", mgmtd.conf), which mgmtd
 *                 commits as a whole or not at all, what breaks a rule is
 *                 taken out when its section ends, and said;
 *               - a section whose name is refused while a file is read is
 *                 entered all the same, and skipped: else its "interface X"
 *                 and "shutdown" would reach the real interface.
 *   er_names.c  whether a service, region, community, circuit or site that a person
 *               types means something; TAB for their names.  What
 *               a file has is taken as it is: the list of communities that it
 *               was written with may not be there any more.
 *   er_show.c   the same configuration as commands again, for
 *               "show running-config" and "write".
 *
 * The rules themselves stand in yang/frr-expressroute.yang, the paths in
 * yang/er_xpath.h, the numbers of the CLI nodes in er_nodes.h, which vtysh/
 * mirrors.  All state is in vty and in mgmtd's datastores; the module keeps
 * none but the catalogue, which catalogue/ reads again when it has changed.
 */
#ifndef ER_MGMT_H
#define ER_MGMT_H

#include "asn.h"
#include "command.h"
#include "northbound.h"
#include "vty.h"

/*
 * er_cli.c, er_cli_partner.c, er_cli_policy.c, er_cli_vpn.c, er_cli_site.c,
 * er_cli_path.c
 */
extern void er_cli_init(void);
extern void er_cli_partner_init(void);
extern void er_cli_policy_init(void);
extern void er_cli_vpn_init(void);
extern void er_cli_site_init(void);
extern void er_cli_path_init(void);
/* set the leaf, or back to its default; a CMD_xxx */
extern int er_cli_leaf(struct vty *vty, const char *xpath, bool no, const char *value);
/* back to its default; refused when a value is given and another one is there */
extern int er_cli_no_leaf(struct vty *vty, const char *xpath, const char *value);
/* the same for a value that may have spaces: all words from argv[from] on */
extern int er_cli_text(struct vty *vty, const char *xpath, struct cmd_token **argv, int argc,
		       int from);
extern int er_cli_no_text(struct vty *vty, const char *xpath, struct cmd_token **argv, int argc,
			  int from);
/* the same for an AS number; NULL: whichever it is */
extern int er_cli_as(struct vty *vty, const char *xpath, as_t as);
extern int er_cli_no_as(struct vty *vty, const char *xpath, const as_t *as);
/* an entry of a leaf-list comes or goes; its value has been checked */
extern int er_cli_item(struct vty *vty, const char *list, bool no, const char *value);
/* the same for a prefix, which is checked here */
extern int er_cli_prefix_item(struct vty *vty, const char *list, bool no, const char *typed);
/* the same for the name of a circuit in "./circuit" */
extern int er_cli_circuit_item(struct vty *vty, bool no, const char *circuit);

#define LEAVE_STR "Leave this level of the configuration\n"
/* install_element() is a macro that leaves a note for vtysh, so this is one too */
#define er_install(_node, _cmd) install_element((enum node_type)(_node), _cmd)

/*
 * er_edit.c; all of these return a CMD_xxx.
 */

/* Commit the enqueued changes, or say what is wrong with them. */
extern int er_cli_apply(struct vty *vty);

/*
 * Enter the list entry [key='value'] under the current object; create it if it
 * is not there.
 */
extern int er_cli_enter(struct vty *vty, int node, const char *list, const char *key,
			const char *value);

/* Remove a list entry under the current object. */
extern int er_cli_remove(struct vty *vty, const char *list, const char *key, const char *value);

/* Remove everything. */
extern int er_cli_remove_all(struct vty *vty);

/* Prefer these n circuits, and no others, for what carries the target. */
extern int er_cli_set_circuits(struct vty *vty, const char *target, struct cmd_token **circuits,
			       int n);

/* Leave the current node; ends a section of a file that is being read. */
extern int er_cli_leave(struct vty *vty);

/*
 * Whether a value is one of the leaf at "./path"; says why not.  To be asked
 * before it becomes part of a path.
 */
extern bool er_cli_value_ok(struct vty *vty, const char *path, const char *value);

/*
 * Whether a value that is to be taken away is the one at "./path", or there is
 * none, or the command has not said which (NULL); says which one is there.
 */
extern bool er_cli_is_value(struct vty *vty, const char *path, const char *value);

/* The same for the circuits of a region-preference, in their order. */
extern bool er_cli_are_circuits(struct vty *vty, const char *target, struct cmd_token **circuits,
				int n);

/*
 * The value of the leaf at "./path" as it stands, or its default; NULL: none.
 * Good until the configuration changes.
 */
extern const char *er_cli_value(const struct vty *vty, const char *path);

/* Say that the value of the leaf at "./path" breaks a rule. */
extern void er_cli_refuse(struct vty *vty, const char *path, const char *value, const char *rule);

/* "vtysh -b" or mgmtd.conf, not a person */
extern bool er_cli_reading_file(const struct vty *vty);

/* er_names.c: value_ok, and known; `path` as above */
extern void er_names_init(void);
extern bool er_names_service_ok(struct vty *vty, const char *path, const char *service);
extern bool er_names_region_ok(struct vty *vty, const char *path, const char *region);
extern bool er_names_service_in_region_ok(struct vty *vty, const char *service, const char *region);
extern bool er_names_own_ok(struct vty *vty, const char *path, const char *name);
extern bool er_names_community_ok(struct vty *vty, const char *path, const char *community);
extern bool er_names_target_ok(struct vty *vty, const char *path, const char *target);
extern bool er_names_circuit_ok(struct vty *vty, const char *path, const char *circuit);
extern bool er_names_site_ok(struct vty *vty, const char *path, const char *site);
extern bool er_names_vpn_ok(struct vty *vty, const char *path, const char *vpn);

/* er_show.c */
extern const struct frr_yang_module_info er_mgmt_yang_info;

#endif /* ER_MGMT_H */
