// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replies and losses -> a path is up or down.
 *
 * Before the first verdict one reply is enough: it shows that the path works.
 * Later as many in a row are needed as it takes to call it down, so that a path
 * that loses half of everything does not come and go.
 */
#ifndef ER_PROBE_H
#define ER_PROBE_H

#include "core/types.h"

struct er_probe {
	bool known; /* there has been a verdict */
	bool up;
	uint8_t in_row; /* results that contradict the verdict */
	uint32_t sent, lost;
	uint32_t rtt_us; /* of the last reply; 0: none */
};

/* multiplier: so many in a row change the verdict; 0 counts as 1. */
void er_probe_result(struct er_probe *probe, uint8_t multiplier, bool replied, uint32_t rtt_us);

/* configured: else ER_PROBE_NONE. */
enum er_probe_state er_probe_state(const struct er_probe *probe, bool configured);

#endif /* ER_PROBE_H */
