// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which circuit stands by for which, and whether it could take over.
 *
 * Of the circuits with a peering of a type in a VRF, the one with the highest
 * preference carries the traffic, and each with a lower one stands by for it.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/internal.h"
#include "core/plan.h"
#include "core/text.h"

static bool runs(const struct er_circuit_config *config, enum er_peering_type p, enum er_family f)
{
	return er_plan_runs(config, p, ER_PRIMARY, f) || er_plan_runs(config, p, ER_SECONDARY, f);
}

const char *er_stands_by_for(const struct er_core *core, const struct er_circuit_config *config,
			     enum er_peering_type p, enum er_family f)
{
	const struct er_circuit_config *first = config;
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c)
		if (c->config->preference > first->preference && runs(c->config, p, f) &&
		    strmatch(c->config->peering[p].vrf, config->peering[p].vrf))
			first = c->config;
	return first == config ? "" : first->name;
}

/* "no link is healthy", "3 of 24 prefixes of ams do not come here" */
static void say_why(const struct er_pair *pair, struct er_standby_view *view)
{
	const struct er_link_assessment *link = pair->assessment.link;
	uint32_t all = view->offered + view->missing;

	if (link[ER_PRIMARY].health != ER_LINK_UP && link[ER_SECONDARY].health != ER_LINK_UP)
		snprintfrr(view->reason, sizeof(view->reason), "no link of it is healthy");
	else if (!all)
		snprintfrr(view->reason, sizeof(view->reason),
			   "circuit %s has no prefix to compare with", view->circuit);
	else if (view->missing)
		snprintfrr(view->reason, sizeof(view->reason), "it lacks %u of the %u %s of %s",
			   view->missing, all, all == 1 ? "prefix" : "prefixes", view->circuit);
}

bool er_core_standby(const struct er_core *core, const struct er_peering_key *key,
		     struct er_standby_view *view)
{
	const struct er_circuit *c = er_circuit_find(core, key->circuit);
	const struct er_pair *pair;

	memset(view, 0, sizeof(*view));
	if (!c || (unsigned int)key->peering >= ER_PEERING_TYPES ||
	    (unsigned int)key->family >= ER_FAMILIES)
		return false;
	pair = &c->pair[key->peering][key->family];
	if (!pair->exists || pair->waiting || core->channel != ER_CHANNEL_SYNCED ||
	    !runs(c->config, key->peering, key->family))
		return false;
	strlcpy(view->circuit, er_stands_by_for(core, c->config, key->peering, key->family),
		sizeof(view->circuit));
	if (!view->circuit[0])
		return false;
	view->offered = pair->rib.standby_offered;
	view->missing = pair->rib.standby_missing;
	say_why(pair, view);
	view->ready = !view->reason[0];
	return true;
}
