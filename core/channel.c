// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The channel to bgpd's module comes and goes: what is known, and from when.
 */
#include <zebra.h>

#include "core/limits.h"
#include "core/site_internal.h"
#include "core/vpn_internal.h"

static void forget_fresh(struct er_core *core)
{
	struct er_circuit *c;

	frr_each (er_circuits, &core->circuits, c) {
		ER_FOREACH_PAIR(p, f)
		{
			memset(&c->pair[p][f].fresh_rib, 0, sizeof(c->pair[p][f].fresh_rib));
			for (enum er_role r = 0; r < ER_ROLES; r++) {
				struct er_session *s = &c->session[p][f][r];

				s->fresh_reported = false;
				memset(&s->fresh, 0, sizeof(s->fresh));
			}
		}
	}
	er_vpn_forget_fresh(core);
	er_global_reach_forget_fresh(core);
}

/* Nothing is known any more; what has been reported since waits for SYNCED. */
static void forget_facts(struct er_core *core)
{
	struct er_circuit *c;

	frr_each (er_circuits, &core->circuits, c) {
		ER_FOREACH_PAIR(p, f)
		{
			memset(&c->pair[p][f].rib, 0, sizeof(c->pair[p][f].rib));
			for (enum er_role r = 0; r < ER_ROLES; r++) {
				struct er_session *s = &c->session[p][f][r];

				s->reported = false;
				memset(&s->facts, 0, sizeof(s->facts));
			}
		}
	}
	er_vpn_forget_facts(core);
}

static void take_fresh(struct er_core *core)
{
	struct er_circuit *c;

	frr_each (er_circuits, &core->circuits, c) {
		ER_FOREACH_PAIR(p, f)
		{
			c->pair[p][f].rib = c->pair[p][f].fresh_rib;
			for (enum er_role r = 0; r < ER_ROLES; r++) {
				struct er_session *s = &c->session[p][f][r];

				s->reported = s->fresh_reported;
				s->facts = s->fresh;
				er_session_note(s, false, core->now.mono_ms);
			}
		}
	}
	er_vpn_take_fresh(core);
	er_global_reach_take_fresh(core);
	forget_fresh(core);
}

void er_channel_synced(struct er_core *core, struct er_decisions *out)
{
	struct er_circuit *c;

	if (core->channel != ER_CHANNEL_SYNCED) {
		take_fresh(core);
		out->replan |= er_vpns_count(&core->vpns) > 0;
		core->channel = ER_CHANNEL_SYNCED;
		core->channel_deadline_ms = INT64_MAX;
		er_vpn_synced(core);
	}
	frr_each (er_circuits, &core->circuits, c)
		ER_FOREACH_PAIR(p, f)
	c->pair[p][f].synced = c->pair[p][f].exists;
	er_core_update(core, core->now, out);
}

void er_channel_lost(struct er_core *core, struct er_decisions *out)
{
	forget_fresh(core);
	if (core->channel != ER_CHANNEL_SYNCED)
		return;
	core->channel = ER_CHANNEL_GRACE;
	er_vpn_lost(core);
	core->channel_deadline_ms = core->now.mono_ms + ER_CHANNEL_GRACE_MS;
	er_core_update(core, core->now, out);
}

void er_channel_give_up(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	out->replan |= er_vpns_count(&core->vpns) > 0;
	core->channel = ER_CHANNEL_LOST;
	core->channel_deadline_ms = INT64_MAX;
	forget_facts(core);
	er_global_reach_lost(core);
	er_core_update(core, now, out);
}
