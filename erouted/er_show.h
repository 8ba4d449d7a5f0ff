// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screens behind the show commands.  `type` limits them to one peering;
 * NULL: both.
 */
#ifndef ER_SHOW_H
#define ER_SHOW_H

#include "core/core.h"

struct vty;

void er_show_summary(struct vty *vty);
void er_show_all(struct vty *vty, const char *type, bool detail);
void er_show_circuit(struct vty *vty, const struct er_circuit_config *config, bool detail);
void er_show_parity(struct vty *vty, const struct er_circuit_config *config);
/* What the circuit's sessions are in plain FRR's configuration: er_show_bgp.c. */
void er_show_bgp_config(struct vty *vty, const struct er_circuit_config *config);

#endif /* ER_SHOW_H */
