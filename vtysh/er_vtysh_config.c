// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The collector of the running configuration, around FRR's.
 *
 * FRR's sorts lines into sections by their first words and merges sections of
 * several daemons.  Ours comes from mgmtd alone, is nested and in order, and
 * holds free text, so it is taken out of the stream as it is: from
 * "expressroute" in the first column to the next line that begins there.
 * It is printed behind FRR's sections: what it refers to (interfaces, VRFs,
 * prefix lists, route maps, BGP) has then been read.
 */

#include <zebra.h>

#include "command.h"
#include "linklist.h"
#include "memory.h"

#include "vtysh/vtysh.h"

DEFINE_MTYPE_STATIC(MVTYSH, ER_VTYSH_LINE, "Vtysh expressroute line");

static const char section_begin[] = "expressroute";
static const char section_end[] = "exit-expressroute";

/* lines between the two; NULL while none was seen */
static struct list *section;
static bool in_section;

static void line_free(void *line)
{
	XFREE(MTYPE_ER_VTYSH_LINE, line);
}

static void section_open(void)
{
	if (!section) {
		section = list_new();
		section->del = line_free;
	}
	in_section = true;
}

/* Returns false for a line that is not ours. */
static bool section_take(const char *line)
{
	if (line[0] == ' ') {
		listnode_add(section, XSTRDUP(MTYPE_ER_VTYSH_LINE, line));
		return true;
	}
	if (line[0] == '\0' || line[0] == '!' || line[0] == '#')
		return true;

	in_section = false;
	return strmatch(line, section_end);
}

void vtysh_config_parse_line(void *arg, const char *line)
{
	if (!line)
		return;
	if (in_section && section_take(line))
		return;

	if (strmatch(line, section_begin))
		section_open();
	else
		er_vtysh_stock_config_parse_line(arg, line);
}

void vtysh_config_dump(void)
{
	struct listnode *node;
	char *line;

	er_vtysh_stock_config_dump();

	in_section = false;
	if (!section)
		return;

	vty_out(gvty, "%s\n", section_begin);
	for (ALL_LIST_ELEMENTS_RO(section, node, line))
		vty_out(gvty, "%s\n", line);
	vty_out(gvty, "%s\n!\n", section_end);

	list_delete(&section);
}
