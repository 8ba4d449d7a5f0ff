// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Texts that go into a list of limited size.
 */
#ifndef ER_WARNINGS_H
#define ER_WARNINGS_H

#include "lib/printfrr.h"

#include "core/types.h"

struct er_warnings {
	char (*text)[ER_TEXT_LEN];
	size_t n, size;
};

/* One that finds no room is dropped. */
void er_warn(struct er_warnings *w, const char *fmt, ...) PRINTFRR(2, 3);

#endif /* ER_WARNINGS_H */
