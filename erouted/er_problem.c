// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What keeps a session from working, and what to do, in words: from the
 * outside in, the first that applies.  And what an operator should know of a
 * peering that works.
 */
#include <zebra.h>

#include "core/plan.h"
#include "core/reach.h"
#include "core/text.h"
#include "erouted/erouted.h"

/* Nothing but silence so far, in bgpd's words: not a session that was lost. */
static bool only_silence(const char *last_reset)
{
	static const char *const words[] = {
		"",
		"Socket Error",
		"No path to specified Neighbor",
		"Waiting for peer address",
		"Waiting for VRF to be initialized",
		"Password config change",
	};

	for (size_t i = 0; i < array_size(words); i++)
		if (!strcmp(last_reset, words[i]))
			return true;
	return false;
}

/* Graceful restart holds on to what the session has brought. */
static bool has_stale_paths(const struct er_session_key *key)
{
	struct er_peering_key peering = { .peering = key->peering, .family = key->family };
	struct er_peering_view view;

	strlcpy(peering.circuit, key->circuit, sizeof(peering.circuit));
	return er_core_peering(er_core, &peering, er_now(), &view) && view.rib.stale[key->role];
}

/*
 * bgpd knows only that nothing comes back, or what Microsoft's side called
 * itself; the usual causes are worth a hint.
 */
static void no_session(const struct er_session_view *view, char *buf, size_t len)
{
	const struct er_session_spec *spec = &view->spec;

	if (!view->interface.neighbor_reachable[spec->key.family])
		return;
	if (strstr(view->facts.last_reset, "Bad Peer AS")) {
		snprintfrr(buf, len,
			   "%pIA is not of AS %u: does this link end at Microsoft's edge?",
			   &spec->neighbor, spec->neighbor_as);
		return;
	}
	if (view->facts.state != ER_SESSION_CONNECT && view->facts.state != ER_SESSION_ACTIVE)
		return;
	if (view->facts.bfd == ER_BFD_DOWN)
		snprintfrr(buf, len,
			   "%pIA answers neither BGP nor BFD: check the line, and that the peering is provisioned",
			   &spec->neighbor);
	else if (has_stale_paths(&spec->key))
		snprintfrr(buf, len,
			   "%pIA is restarting, its routes are kept: wait, or check the line",
			   &spec->neighbor);
	else if (!only_silence(view->facts.last_reset))
		snprintfrr(buf, len,
			   "%pIA no longer answers BGP: check the line, and that the peering is provisioned",
			   &spec->neighbor);
	else if (spec->mode == ER_ATTACHED)
		snprintfrr(buf, len,
			   "%pIA does not answer BGP: compare the MD5 password under 'router bgp'",
			   &spec->neighbor);
	else if (spec->password[0])
		snprintfrr(buf, len,
			   "%pIA does not answer BGP: compare the MD5 password with Microsoft's",
			   &spec->neighbor);
	else
		snprintfrr(buf, len,
			   "%pIA does not answer BGP: has Microsoft's side an MD5 password?",
			   &spec->neighbor);
}

static void no_partner(const struct er_session_view *view, char *buf, size_t len)
{
	const struct er_session_facts *facts = &view->facts;

	if (facts->problem[0])
		strlcpy(buf, facts->problem, len);
	else if (facts->state != ER_SESSION_ESTABLISHED && facts->state != ER_SESSION_UNKNOWN)
		snprintfrr(buf, len,
			   "iBGP with partner %pIA is not established: check the way to it, and 'show bgp neighbors %pIA'",
			   &view->spec.neighbor, &view->spec.neighbor);
}

bool er_session_problem(const struct er_session_view *view, const struct er_circuit_config *config,
			const struct er_session_key *key, char *buf, size_t len)
{
	const struct er_peering_config *peering = &config->peering[key->peering];
	const struct er_link_config *link = &peering->link[key->role];
	const struct er_session_spec *spec = &view->spec;

	buf[0] = '\0';
	/* what the operator has shut down is as it should be */
	if (!view->configured || er_plan_is_shut(config, key->peering, key->role))
		return false;
	if (spec->mode == ER_PARTNER) {
		no_partner(view, buf, len);
		return buf[0] != '\0';
	}

	switch (view->interface.state) {
	case ER_IF_UNCONFIGURED:
		if (!link->ifname[0])
			snprintf(buf, len, "the link has no interface: configure one");
		break;
	case ER_IF_MISSING:
		snprintf(buf, len,
			 "interface %s does not exist: create it or correct the link's interface",
			 link->ifname);
		break;
	case ER_IF_WRONG_VRF:
		snprintf(buf, len,
			 "interface %s is not in VRF %s: move it or correct the peering's vrf",
			 link->ifname, peering->vrf);
		break;
	case ER_IF_DOWN:
		snprintf(buf, len, "interface %s is down: check the port and its carrier",
			 link->ifname);
		break;
	case ER_IF_UP:
		if (!view->interface.address_present[key->family])
			snprintfrr(buf, len,
				   "address %pIA is not on interface %s: add %pIA/%u there",
				   &spec->local, link->ifname, &spec->local,
				   link->subnet[key->family].prefixlen);
		break;
	}

	if (!buf[0])
		strlcpy(buf, view->facts.problem, len);
	if (!buf[0] && view->facts.state != ER_SESSION_ESTABLISHED)
		no_session(view, buf, len);
	return buf[0] != '\0';
}

/*
 * Warnings of a peering
 */
struct warnings {
	char (*text)[ER_TEXT_LEN];
	size_t n, size;
};

PRINTFRR(2, 3)
static void warn(struct warnings *w, const char *format, ...)
{
	va_list args;

	if (w->n == w->size)
		return;
	va_start(args, format);
	vsnprintfrr(w->text[w->n++], ER_TEXT_LEN, format, args);
	va_end(args);
}

static void warn_of_filter(struct warnings *w, const struct er_circuit_config *config,
			   enum er_peering_type type)
{
	const char *name = config->peering[type].route_filter;
	const struct er_policy_filter *filter;

	if (!name[0])
		return;

	filter = er_policy_filter(name);
	if (!filter) {
		warn(w,
		     "accepts nothing: there is no route-filter %s, which 'route-filter %s' makes",
		     name, name);
		return;
	}
	if (!filter->filter.n)
		warn(w, "accepts nothing: route-filter %s allows nothing: 'allow' in it does",
		     name);
	for (size_t i = 0; i < filter->filter.n_problems; i++)
		warn(w, "route-filter %s: %s", name, filter->filter.problem[i]);
	if (w->n < w->size)
		w->n += er_reach_warnings(config, name, &filter->filter, er_communities(),
					  w->text + w->n, w->size - w->n);
}

struct warn_of_region {
	struct warnings *warnings;
	const char *circuit;
};

static int warn_of_region(const struct er_policy_region *region, void *arg)
{
	const struct warn_of_region *of = arg;

	if (region->problem[0] && er_region_local_pref(&region->config, of->circuit))
		warn(of->warnings, "region-preference %s: %s", region->config.target,
		     region->problem);
	return 0;
}

size_t er_peering_warnings(const struct er_circuit_config *config, const struct er_peering_key *key,
			   char (*warning)[ER_TEXT_LEN], size_t size)
{
	struct warnings w = { warning, 0, size };
	struct er_peering_view view;

	/* what the operator has shut down is as it should be */
	if (er_plan_is_shut(config, key->peering, ER_PRIMARY) &&
	    er_plan_is_shut(config, key->peering, ER_SECONDARY))
		return 0;
	if (er_core_peering(er_core, key, er_now(), &view))
		w.n = er_core_warnings(config, key, &view, warning, size);
	warn_of_filter(&w, config, key->peering);
	er_policy_foreach_region(warn_of_region, &(struct warn_of_region){ &w, config->name });
	return w.n;
}
