// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the shell reads of circuits, their peerings and sessions.
 */
#include <zebra.h>

#include "core/partner.h"
#include "core/vpn_internal.h"

int er_core_foreach(const struct er_core *core, er_core_circuit_cb cb, void *arg)
{
	const struct er_circuit *c;
	int ret;

	frr_each (er_circuits_const, &core->circuits, c) {
		ret = cb(c->config, arg);
		if (ret)
			return ret;
	}
	return 0;
}

const struct er_circuit_config *er_core_config(const struct er_core *core, const char *circuit)
{
	const struct er_circuit *c = er_circuit_find(core, circuit);

	return c ? c->config : NULL;
}

bool er_core_session(const struct er_core *core, const struct er_session_key *key,
		     struct er_time now, struct er_session_view *view)
{
	struct er_circuit *c = er_circuit_find(core, key->circuit);
	struct er_place place;

	memset(view, 0, sizeof(*view));
	if (!c || !er_key_is_valid(key->peering, key->role, key->family))
		return false;
	place = er_place_of(core, c, key->peering, key->family, now.mono_ms);
	er_place_view(&place, key->role, view);
	return true;
}

/* It advertises nothing because it is not to. */
static bool yields(const struct er_core *core, const struct er_peering_key *key)
{
	return key->peering == ER_PRIVATE && er_vpn_yields_to(core, key->circuit, key->family)[0];
}

static void view_partner(const struct er_place *place, const struct er_pair_facts *facts,
			 struct er_partner_view *view)
{
	for (enum er_role r = 0; r < ER_ROLES; r++) {
		if (!er_partner_has(facts, r))
			continue;
		view->configured = true;
		view->role = r;
		view->address = place->circuit->config->peering[place->peering].link[r].partner;
		view->seen = er_partner_is_seen(facts, r);
		view->facts = facts->session[r]->partner;
	}
}

bool er_core_peering(const struct er_core *core, const struct er_peering_key *key,
		     struct er_time now, struct er_peering_view *view)
{
	struct er_circuit *c = er_circuit_find(core, key->circuit);
	struct er_pair_facts facts;
	const struct er_pair *pair;
	struct er_place place;

	memset(view, 0, sizeof(*view));
	view->assessment.redundancy = ER_INACTIVE;
	if (!c || !er_key_is_valid(key->peering, ER_PRIMARY, key->family))
		return false;
	pair = &c->pair[key->peering][key->family];
	if (!pair->exists)
		return true;
	view->configured = true;
	view->assessment = pair->assessment;
	view->rib = pair->rib;
	place = er_place_of(core, c, key->peering, key->family, now.mono_ms);
	er_place_facts(&place, &facts);
	er_assess_limits(&facts, view->limit);
	view_partner(&place, &facts, &view->partner);
	view->advertises_nothing = er_advertises_nothing(&facts) && !yields(core, key);
	view->since_mono_ms = pair->since_ms;
	er_availability_read(&pair->availability, now, view->seconds);
	return true;
}

enum er_redundancy er_core_redundancy(const struct er_core *core, const char *circuit,
				      struct er_peering_key *worst)
{
	const struct er_circuit *c = er_circuit_find(core, circuit);
	enum er_redundancy redundancy = ER_INACTIVE;
	bool found = false;

	memset(worst, 0, sizeof(*worst));
	strlcpy(worst->circuit, circuit, sizeof(worst->circuit));
	if (!c)
		return ER_INACTIVE;
	ER_FOREACH_PAIR(p, f)
	{
		const struct er_pair *pair = &c->pair[p][f];

		if (!pair->exists)
			continue;
		if (found && pair->assessment.redundancy >= redundancy)
			continue;
		found = true;
		redundancy = pair->assessment.redundancy;
		worst->peering = p;
		worst->family = f;
	}
	return redundancy;
}
