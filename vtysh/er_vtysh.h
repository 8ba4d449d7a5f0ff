// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vtysh-expressroute: FRR's vtysh that also knows erouted and our commands.
 *
 * A vtysh has every command of every daemon compiled in, so a plugin's are
 * unknown to the distribution's.  This one is the same program built again:
 *
 *   vtysh*.c, vtysh*.h  FRR's own, from the source of exactly the installed
 *                       version.  adapt.py copies them into the build tree and
 *                       changes a few guarded places; if a place is not found
 *                       exactly once the build stops.  None of FRR's text is
 *                       kept in this repository.
 *   vtysh_cmd*.c        the command tables.  extract.py writes them from the
 *                       command notes in the *installed* FRR binaries, which
 *                       strip leaves alone, and from those in erouted,
 *                       mgmtd_expressroute.so and bgpd_expressroute.so.  So the
 *                       table holds whatever the distribution built, and ours.
 *   er_vtysh.h          this file; the end of FRR's vtysh.h includes it.
 *   er_vtysh_nodes.c    our configuration nodes, one row each, and the commands
 *                       that enter and leave them.
 *   er_vtysh_config.c   the collector: keeps our section whole between what
 *                       the daemons send for "show running-config" and "write".
 *   er_vtysh_file.c     what of a configuration file is kept from the daemons:
 *                       the rest of a level of ours that mgmtd has refused.
 *   er_vtysh_secret.c   keeps the password of a peering out of the history,
 *                       $VTYSH_LOG and error messages.
 *
 * Where a command goes is decided as for FRR's: by the binary it was found in.
 * "show expressroute" and "debug expressroute" are erouted's, configuration is
 * mgmtd's.  A command that enters or leaves a node is not taken from the notes
 * (in the daemon it is a ..._NOSH one, or an exit-...), because vtysh has to
 * follow into the node itself: er_vtysh_nodes.c has it.
 *
 * vtysh has one thread, one vty (gvty) and no state of ours but the collected
 * section, which er_vtysh_config.c owns and empties when it prints it, and what
 * er_vtysh_file.c knows of the file that is being read.
 */
#ifndef ER_VTYSH_H
#define ER_VTYSH_H

#include "mgmtd/er_nodes.h"

/* A bit FRR's daemons leave free; the highest in 10.7 is mgmtd's 0x200000. */
#define VTYSH_EROUTED 0x1000000

/*
 * FRR's groups, extended by erouted without repeating them: the enumerators
 * keep their values while the names are given new ones.
 */
enum {
	ER_VTYSH_STOCK_ALL = VTYSH_ALL,
	ER_VTYSH_STOCK_MGMT_BACKEND = VTYSH_MGMT_BACKEND,
};

_Static_assert(!((ER_VTYSH_STOCK_ALL | VTYSH_WATCHFRR) & VTYSH_EROUTED),
	       "FRR uses erouted's bit: choose another");

#undef VTYSH_ALL
#define VTYSH_ALL ER_VTYSH_STOCK_ALL | VTYSH_EROUTED
#undef VTYSH_MGMT_BACKEND
#define VTYSH_MGMT_BACKEND ER_VTYSH_STOCK_MGMT_BACKEND | VTYSH_EROUTED

/* FRR's functions of the names without er_vtysh_stock_, renamed by adapt.py. */
extern void er_vtysh_stock_config_parse_line(void *arg, const char *line);
extern void er_vtysh_stock_config_dump(void);

/* The generated tables; FRR's name for it is vtysh_init_cmd(). */
extern void er_vtysh_init_tables(void);

struct vtysh_client;

/* The node that a command of ours enters, NULL for any other command. */
extern const struct cmd_node *er_vtysh_entered(const struct cmd_element *cmd);

/* The file at path is going to be read. */
extern void er_vtysh_reads(const char *path);

/*
 * Send vty's line, which cmd matches, of a configuration file to a daemon: by send,
 * which is FRR's.  Returns the daemon's status, CMD_SUCCESS for what is kept from it.
 */
extern int er_vtysh_send_line(int (*send)(struct vtysh_client *client, const char *line),
			      struct vtysh_client *client, const struct cmd_element *cmd,
			      struct vty *vty);

/*
 * The line as it may be kept or shown: with a peering's password masked.
 * Returns line itself or a buffer that the next call overwrites.
 */
extern const char *er_vtysh_public(const char *line);

/* fprintf() that masks what follows the word "password". */
extern int er_vtysh_fprintf(FILE *stream, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* ER_VTYSH_H */
