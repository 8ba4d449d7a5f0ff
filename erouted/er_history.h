// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last transitions, kept over a restart: a file in FRR's state directory to
 * which each is appended, one JSON object a line.
 */
#ifndef ER_HISTORY_FILE_H
#define ER_HISTORY_FILE_H

#include "core/core.h"

void er_history_load(void);
void er_history_fini(void);
void er_history_add(const struct er_notice *notice);
/* Any transition of it is kept. */
bool er_history_tells_of(const char *name);
struct vty;
/* Of one circuit, VPN backup, site, connection or probe, or of all (NULL). */
int er_show_history(struct vty *vty, const char *name, bool json);

#endif /* ER_HISTORY_FILE_H */
