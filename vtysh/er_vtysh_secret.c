// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "password ..." under a peering is a configuration line like any other, and
 * vtysh keeps lines: in the history file, in $VTYSH_LOG, and in error messages
 * which "vtysh -b" leaves in the system's log.  They are masked on the way.
 */

#include <zebra.h>

#include "command.h"
#include "printfrr.h"

#include "vtysh/vtysh.h"

static const char keyword[] = "password";
static const char mask[] = "********";

/*
 * If text begins with an abbreviation of "password", at least min letters
 * long, and an argument, return the argument, else NULL.
 */
static const char *argument_of_password(const char *text, size_t min)
{
	size_t len = strcspn(text, " \t\r\n");
	const char *arg = text + len;

	if (len < min || len >= sizeof(keyword) || strncmp(text, keyword, len) != 0)
		return NULL;
	arg += strspn(arg, " \t");
	return *arg && *arg != '\n' ? arg : NULL;
}

const char *er_vtysh_public(const char *line)
{
	static char buf[VTY_BUFSIZ];
	const char *arg;

	if (gvty->node < (int)ER_NODE)
		return line;
	arg = argument_of_password(line + strspn(line, " \t"), 1);
	if (!arg)
		return line;

	snprintfrr(buf, sizeof(buf), "%s %s", keyword, mask);
	return buf;
}

int er_vtysh_fprintf(FILE *stream, const char *fmt, ...)
{
	char *text, *at;
	int written;
	va_list ap;

	va_start(ap, fmt);
	text = vasprintfrr(MTYPE_TMP, fmt, ap);
	va_end(ap);

	for (at = text; *at; at++) {
		const char *arg = NULL;

		if (at == text || isspace((unsigned char)at[-1]))
			arg = argument_of_password(at, 4);
		if (arg) {
			text[arg - text] = '\0';
			break;
		}
	}
	written = fputs(text, stream);
	if (*at)
		written = fprintf(stream, "%s\n", mask);

	XFREE(MTYPE_TMP, text);
	return written;
}
