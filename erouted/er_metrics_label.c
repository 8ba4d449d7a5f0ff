// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labels of a sample.
 */
#include <zebra.h>

#include "erouted/er_metrics.h"

/* As the text format wants it: a quotation mark, a backslash and an end of line are escaped. */
static const char *escaped(const char *value, char *buf, size_t len)
{
	size_t at = 0;

	for (; *value && at + 2 < len; value++) {
		if (strchr("\"\\\n", *value))
			buf[at++] = '\\';
		buf[at++] = *value == '\n' ? 'n' : *value;
	}
	buf[at] = '\0';
	return buf;
}

void er_metric_label(char labels[ER_LABELS_LEN], const char *name, const char *value)
{
	char text[ER_LABELS_LEN];
	size_t at = strlen(labels);

	snprintf(labels + at, ER_LABELS_LEN - at, "%s%s=\"%s\"", at ? "," : "", name,
		 escaped(value, text, sizeof(text)));
}
