// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replies and losses -> a path is up or down.
 */
#include <zebra.h>

#include "core/probe.h"

static void count(struct er_probe *probe, bool replied, uint32_t rtt_us)
{
	probe->sent++;
	if (replied)
		probe->rtt_us = MAX(rtt_us, 1);
	else
		probe->lost++;
}

static void judge(struct er_probe *probe, bool up)
{
	probe->known = true;
	probe->up = up;
	probe->in_row = 0;
}

void er_probe_result(struct er_probe *probe, uint8_t multiplier, bool replied, uint32_t rtt_us)
{
	count(probe, replied, rtt_us);
	if (!probe->known && replied)
		judge(probe, true);
	else if (probe->known && replied == probe->up)
		probe->in_row = 0;
	else if (++probe->in_row >= multiplier)
		judge(probe, replied);
}

enum er_probe_state er_probe_state(const struct er_probe *probe, bool configured)
{
	if (!configured)
		return ER_PROBE_NONE;
	if (!probe->known)
		return ER_PROBE_WAITING;
	return probe->up ? ER_PROBE_UP : ER_PROBE_DOWN;
}
