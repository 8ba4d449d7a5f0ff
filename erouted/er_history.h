// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last transitions, kept over a restart: a file in FRR's state directory to
 * which each is appended, one JSON object a line.
 */
#ifndef ER_HISTORY_FILE_H
#define ER_HISTORY_FILE_H

#include "core/core.h"

struct json_object;

void er_history_load(void);
void er_history_fini(void);
void er_history_add(const struct er_notice *notice);
/*
 * Oldest first, of one circuit or VPN backup, or of all (NULL): an array that
 * the caller frees.  Each has "lasted", seconds in the state before, where that
 * is known.
 */
struct json_object *er_history_json(const char *name);

struct vty;
int er_show_history(struct vty *vty, const char *name, bool json);

#endif /* ER_HISTORY_FILE_H */
