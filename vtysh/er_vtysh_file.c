// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A level of ours that mgmtd refuses, in a configuration file that is read.
 *
 * FRR's vtysh goes on with the next line where it was, and our levels have lines
 * that mean something else outside of them: below a link, "interface eth1" and
 * "shutdown" are no command to shut down eth1, and "password" sets no password of
 * FRR's.  So we enter the level all the same, and keep its lines from everybody
 * until it is left.
 *
 * mgmtd refuses the whole section when it runs without its module: our package has
 * been removed, or FRR not restarted since it came, or mgmtd is started by a script
 * that does not know of it.
 */

#include <zebra.h>

#include "command.h"

#include "vtysh/vtysh.h"

/* the file that is being read */
static const char *file;
/* the level whose lines are kept, NULL for none */
static const struct cmd_node *kept;

static bool is_kept(enum node_type node)
{
	if (!kept)
		return false;
	while (node >= (enum node_type)ER_NODE && node != kept->node)
		node = node_parent(node);
	return node == kept->node;
}

static void say_kept(const char *line)
{
	if (kept->node == (enum node_type)ER_NODE)
		fprintf(stderr,
			"%s: section expressroute left out: mgmtd runs without its module expressroute. Nothing of it is in force, and 'write' would delete it. Install frr-expressroute and restart FRR; where mgmtd is started by other means, give it '-M expressroute'.\n",
			file);
	else
		fprintf(stderr, "%s: '%s' left out with all that is below it: mgmtd refuses it.\n",
			file, line + strspn(line, " \t"));
}

static int send_entering(int (*send)(struct vtysh_client *client, const char *line),
			 struct vtysh_client *client, const struct cmd_node *entered,
			 struct vty *vty)
{
	int status = send(client, vty->buf);

	if (status == CMD_SUCCESS)
		return status;

	kept = entered;
	vty->node = entered->node;
	vty->buf[strcspn(vty->buf, "\r\n")] = '\0';
	say_kept(vty->buf);
	/* a warning alone would be no error of the file */
	return status == CMD_WARNING ? CMD_WARNING_CONFIG_FAILED : status;
}

void er_vtysh_reads(const char *path)
{
	file = path;
	kept = NULL;
}

int er_vtysh_send_line(int (*send)(struct vtysh_client *client, const char *line),
		       struct vtysh_client *client, const struct cmd_element *cmd, struct vty *vty)
{
	const struct cmd_node *entered = er_vtysh_entered(cmd);

	if (is_kept(vty->node))
		return CMD_SUCCESS;

	kept = NULL;
	if (!entered)
		return send(client, vty->buf);
	return send_entering(send, client, entered, vty);
}
