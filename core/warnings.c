// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operator should know of a peering, though nothing is broken.
 */
#include <zebra.h>

#include "core/core.h"
#include "core/limits.h"
#include "core/plan.h"
#include "core/text.h"
#include "core/warnings.h"

void er_warn(struct er_warnings *w, const char *fmt, ...)
{
	va_list ap;

	if (w->n == w->size)
		return;
	va_start(ap, fmt);
	vsnprintfrr(w->text[w->n++], ER_TEXT_LEN, fmt, ap);
	va_end(ap);
}

static void warn_of_limit(struct er_warnings *w, const char *verb,
			  const struct er_limit_view *limit)
{
	uint64_t percent;

	if (limit->level == ER_LIMIT_OK)
		return;
	percent = (uint64_t)limit->count * 100 / limit->limit;
	er_warn(w, "%s %u %s: %" PRIu64 " %% of the limit of %u", verb, limit->count,
		er_prefixes(limit->count), percent, limit->limit);
}

static void warn_of_received(struct er_warnings *w, const struct er_limit_view *limit)
{
	if (limit->level != ER_LIMIT_FULL)
		warn_of_limit(w, "accepts", limit);
	else
		er_warn(w, "accepts %u %s, the limit is %u: Microsoft may end the session",
			limit->count, er_prefixes(limit->count), limit->limit);
}

static void warn_of_advertised(struct er_warnings *w, const struct er_limit_view *limit,
			       uint32_t held)
{
	if (limit->level == ER_LIMIT_FULL && held)
		er_warn(w,
			"holds back %u %s at the limit of %u: 'show expressroute held-prefixes' has them",
			held, er_prefixes(held), limit->limit);
	else
		warn_of_limit(w, "advertises", limit);
}

static void warn_of_silence(struct er_warnings *w, const struct er_peering_config *peering,
			    enum er_family family)
{
	const char *list = peering->advertise_list[family];
	const char *ip = family == ER_IPV6 ? "ipv6" : "ip";

	/* bgpd takes up a network only while there is a route to it (import-check) */
	if (peering->map_out[0])
		er_warn(w,
			"advertises nothing: none of its prefixes is in bgpd's table ('network' them and have a route to each, '%s route PREFIX Null0', or redistribute them), or route-map %s refuses them",
			ip, peering->map_out);
	else if (list[0])
		er_warn(w,
			"advertises nothing: nothing that prefix-list %s permits is in bgpd's table: 'network' it and have a route to it ('%s route PREFIX Null0'), or redistribute it",
			list, ip);
	else
		er_warn(w,
			"advertises nothing: none of its prefixes is in bgpd's table: 'network' them and have a route to each ('%s route PREFIX Null0'), or redistribute them",
			ip);
}

/* A preference of a circuit that has this local-preference; false: none has. */
static bool preference_of(uint32_t local_pref, uint32_t *preference)
{
	uint32_t above = local_pref - ER_LOCAL_PREF_BASE;

	*preference = above / ER_LOCAL_PREF_STEP;
	return local_pref >= ER_LOCAL_PREF_BASE && above % ER_LOCAL_PREF_STEP == 0 &&
	       *preference <= UINT8_MAX;
}

static void warn_of_disagreement(struct er_warnings *w, const struct er_circuit_config *config,
				 const struct er_partner_view *partner)
{
	const struct er_partner_facts *facts = &partner->facts;
	uint32_t preference;

	if (preference_of(facts->local_pref, &preference) && preference != config->preference)
		er_warn(w,
			"partner %pIA gives %u %s local-preference %u, as a circuit of preference %u has, and this router %u, by preference %u: give the circuit one preference on both",
			&partner->address, facts->disagree, er_prefixes(facts->disagree),
			facts->local_pref, preference, facts->local_pref_ours, config->preference);
	else
		er_warn(w,
			"partner %pIA gives %u %s local-preference %u where this router would give %u: give them the same on both",
			&partner->address, facts->disagree, er_prefixes(facts->disagree),
			facts->local_pref, facts->local_pref_ours);
}

static void warn_of_partner(struct er_warnings *w, const struct er_circuit_config *config,
			    const struct er_partner_view *partner)
{
	const struct er_partner_facts *facts = &partner->facts;

	if (!partner->seen)
		return;
	if (facts->disagree)
		warn_of_disagreement(w, config, partner);
	if (facts->unreachable)
		er_warn(w,
			"partner %pIA shows %u %s whose next hop cannot be reached: it needs next-hop-self towards this router",
			&partner->address, facts->unreachable, er_prefixes(facts->unreachable));
	if (!facts->all_paths)
		er_warn(w,
			"partner %pIA sends its best paths only, so that a link of its that is drained or passive is not seen: it needs addpath-tx-all-paths towards this router",
			&partner->address);
}

static bool runs(const struct er_circuit_config *config, const struct er_peering_key *key)
{
	return er_plan_runs(config, key->peering, ER_PRIMARY, key->family) ||
	       er_plan_runs(config, key->peering, ER_SECONDARY, key->family);
}

size_t er_core_warnings(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, char (*warning)[ER_TEXT_LEN],
			size_t size)
{
	struct er_warnings w = { .text = warning, .size = size };

	if (!runs(config, key))
		return 0;
	if (key->peering == ER_MICROSOFT && !config->peering[ER_MICROSOFT].route_filter[0])
		er_warn(&w,
			"accepts nothing, having no route-filter: 'route-filter NAME' in the peering gives it one");
	if (view->advertises_nothing)
		warn_of_silence(&w, &config->peering[key->peering], key->family);
	warn_of_advertised(&w, &view->limit[ER_ADVERTISED], view->rib.held);
	warn_of_received(&w, &view->limit[ER_RECEIVED]);
	for (uint8_t i = 0; i < view->rib.n_overlaps; i++)
		er_warn(&w,
			"%pFX, which Azure announces, overlaps with the subnet of a link: choose another for the link or the VNet",
			&view->rib.overlap[i]);
	warn_of_partner(&w, config, &view->partner);
	return w.n;
}
