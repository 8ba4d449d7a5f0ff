// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach: whose a route of a private peering is, and what follows from it
 * for the inbound policy.  The rules are core/site.c's; here they meet bgpd's
 * paths, and a site's maximum of prefixes is kept.
 *
 * The maximum counts prefixes that come over any link of the circuit, so that
 * both links let in the same.  Who has been let in is remembered until a count
 * (er_bgp_site_count.c) finds fewer; what has been refused is not, so all is then
 * asked for again, soon.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp_site.h"
#include "core/limits.h"
#include "core/text.h"

/* From a prefix that goes to the question for what has been refused. */
#define ROOM_MS 1000

/* -1: Azure's, or our own that comes back. */
static int find_site(const struct er_bgp_sites *sites, const struct er_path_origin *origin,
		     const struct prefix *prefix)
{
	size_t site;

	switch (er_site_classify(sites->sites, origin, prefix, &site)) {
	case ER_ORIGIN_SITE:
		return site;
	case ER_ORIGIN_UNDECLARED:
		return sites->n;
	case ER_ORIGIN_AZURE:
	case ER_ORIGIN_REFLECTED:
	case ER_ORIGINS:
		break;
	}
	return -1;
}

int er_site_of(const struct er_bgp_session *session, const struct prefix *prefix,
	       const struct aspath *path, uint32_t *as)
{
	struct er_path_origin origin = er_policy_path_origin(session, path);

	*as = origin.as;
	return find_site(session->peering->sites, &origin, prefix);
}

/* What the partner lets in that it may not, is its own to refuse and to tell. */
int er_site_of_partners(const struct er_bgp_peering *peering, const struct peer *partner,
			const struct prefix *prefix, const struct aspath *path, uint32_t *as)
{
	struct er_path_origin origin = er_policy_peers_origin(partner, path);

	*as = origin.as;
	if (er_site_rule(peering, &origin, prefix) != ER_RULE_NONE)
		return -1;
	return find_site(peering->sites, &origin, prefix);
}

enum er_rule er_site_rule(const struct er_bgp_peering *peering,
			  const struct er_path_origin *origin, const struct prefix *prefix)
{
	enum er_origin whose;
	size_t site;

	return er_site_judge(peering->sites->sites, origin, prefix, &whose, &site);
}

/*
 * Maximum.
 */
static const struct er_bgp_site *limited_site(const struct er_bgp_peering *peering,
					      const struct er_path_origin *origin,
					      const struct prefix *prefix)
{
	const struct er_bgp_sites *sites = peering->sites;
	int site = sites->limits ? find_site(sites, origin, prefix) : -1;

	return site >= 0 && sites->site[site].admission ? &sites->site[site] : NULL;
}

static uint32_t maximum(const struct er_bgp_sites *sites, const struct er_bgp_site *site)
{
	return er_sites_get(sites->sites, site - sites->site)->maximum_prefixes;
}

bool er_site_has_room(const struct er_bgp_peering *peering, const struct er_path_origin *origin,
		      const struct prefix *prefix)
{
	const struct er_bgp_site *site = limited_site(peering, origin, prefix);
	enum er_admitted is;

	return !site || er_admission_get(site->admission, prefix, &is) ||
	       er_admission_admitted(site->admission) < maximum(peering->sites, site);
}

bool er_site_admit(struct er_bgp_peering *peering, const struct er_path_origin *origin,
		   const struct prefix *prefix)
{
	/* it is ours: only the search for it takes it for constant */
	struct er_bgp_site *site = (struct er_bgp_site *)limited_site(peering, origin, prefix);

	if (!site || er_admission_offer(site->admission, prefix, 0) == ER_ADMITTED)
		return true;
	er_admission_withdraw(site->admission, prefix);
	site->refused = true;
	return false;
}

static void ask_again(struct event *event)
{
	struct er_bgp_peering *peering = EVENT_ARG(event);

	for (size_t i = 0; i < peering->sites->n; i++)
		peering->sites->site[i].refused = false;
	er_reevaluate_all(peering);
}

static void look_for_room(struct er_bgp_peering *peering, const struct er_bgp_site *site)
{
	if (site->refused && !event_is_scheduled(peering->sites->t_room) &&
	    er_admission_admitted(site->admission) < maximum(peering->sites, site))
		event_add_timer_msec(bm->master, ask_again, peering, ROOM_MS,
				     &peering->sites->t_room);
}

static void ignore(const struct prefix *prefix, enum er_admitted is, void *arg)
{
}

static void readmit_dest(struct er_bgp_peering *peering, struct bgp_dest *dest)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		const struct er_bgp_session *session = peering->session[role];
		const struct bgp_path_info *path = session ? er_rib_path(session, dest) : NULL;
		struct er_path_origin origin;

		if (!path)
			continue;
		origin = er_policy_path_origin(session, path->attr->aspath);
		er_site_admit(peering, &origin, bgp_dest_get_prefix(dest));
	}
}

void er_site_readmit(struct er_bgp_peering *peering)
{
	struct er_bgp_sites *sites = peering->sites;
	struct bgp_dest *dest;

	if (!sites->limits)
		return;
	for (size_t i = 0; i < sites->n; i++) {
		uint32_t most = er_sites_get(sites->sites, i)->maximum_prefixes;

		er_admission_free(&sites->site[i].admission);
		if (most)
			sites->site[i].admission = er_admission_new(most, ignore, NULL);
	}
	for (uint32_t at = 0; (dest = er_rib_next(peering, &at));)
		readmit_dest(peering, dest);
	for (size_t i = 0; i < sites->n; i++)
		look_for_room(peering, &sites->site[i]);
}

/*
 * Preference and neighbors.
 */
uint32_t er_site_preference(const struct er_bgp_session *session, const struct prefix *prefix,
			    const struct aspath *path, const struct er_site_config **whose)
{
	const struct er_bgp_sites *sites = session->peering->sites;
	uint32_t as, local_pref;
	int site;

	if (!sites || !sites->preferences)
		return 0;
	site = er_site_of(session, prefix, path, &as);
	if (site < 0 || (size_t)site == sites->n)
		return 0;
	*whose = er_sites_get(sites->sites, site);
	local_pref = er_site_local_pref(*whose, session->spec.passive_cost);
	return local_pref && session->spec.drained ? local_pref - ER_LOCAL_PREF_SITE_DRAINED
						   : local_pref;
}

bool er_site_same_as(const struct er_bgp_session *session)
{
	return session->peering->sites && session->peering->sites->same_as;
}

void er_site_want_own_as(struct er_bgp_session *session)
{
	struct peer *peer = session->peer;
	afi_t afi = er_session_afi(session);
	uint64_t flags = peer->af_flags[afi][SAFI_UNICAST];

	if (er_site_same_as(session)) {
		if (!CHECK_FLAG(flags, PEER_FLAG_ALLOWAS_IN) ||
		    CHECK_FLAG(flags, PEER_FLAG_ALLOWAS_IN_ORIGIN) ||
		    peer->allowas_in[afi][SAFI_UNICAST] != ER_SITE_OWN_AS_MAX)
			peer_allowas_in_set(peer, afi, SAFI_UNICAST, ER_SITE_OWN_AS_MAX, false,
					    NULL);
	} else if (CHECK_FLAG(flags, PEER_FLAG_ALLOWAS_IN)) {
		peer_allowas_in_unset(peer, afi, SAFI_UNICAST);
	}
}

/*
 * Words.
 */
bool er_site_rule_applies(const struct er_bgp_session *session, const struct prefix *prefix,
			  const struct attr *attr, enum er_rule rule)
{
	const struct er_bgp_sites *sites = session->peering->sites;
	bool undeclared, limited;
	uint32_t as;
	int site;

	if (!sites || !attr)
		return false;
	site = er_site_of(session, prefix, attr->aspath, &as);
	undeclared = site >= 0 && (size_t)site == sites->n;
	limited = site >= 0 && sites->site[site].admission;
	switch (rule) {
	case ER_RULE_SITE_PREFIX:
		return !undeclared;
	case ER_RULE_SITE_LIMIT:
		return limited;
	case ER_RULE_UNDECLARED_SITE:
		return undeclared;
	default:
		return false;
	}
}

static void say_prefix(const struct er_site_config *config, const struct prefix *prefix,
		       const char *circuit, char *buf, size_t len)
{
	int at = er_site_prefix_of(config, prefix);

	if (!er_site_may_be_heard(config, circuit))
		snprintf(buf, len, "site %s, which may not be heard on circuit %s", config->name,
			 circuit);
	else if (!prefix->prefixlen)
		snprintf(buf, len, "site %s, which may not send a default route", config->name);
	else if (at >= 0)
		snprintfrr(buf, len, "site %s, within its prefix %pFX", config->name,
			   &config->prefix[at]);
	else if (config->n_prefixes)
		snprintf(buf, len, "site %s, within none of its prefixes", config->name);
	else
		snprintf(buf, len, "site %s, which may send any prefix", config->name);
}

void er_site_describe(const struct er_bgp_session *session, const struct prefix *prefix,
		      const struct attr *attr, enum er_rule rule, char *buf, size_t len)
{
	const struct er_bgp_sites *sites = session->peering->sites;
	const struct er_site_config *config;
	uint32_t as;
	int site = er_site_of(session, prefix, attr->aspath, &as);

	if (site < 0) {
		snprintf(buf, len, as ? "our own AS is in the path" : "Azure's own");
		return;
	}
	if ((size_t)site == sites->n) {
		snprintf(buf, len, "AS %u is no site's", as);
		return;
	}
	config = er_sites_get(sites->sites, site);
	if (rule == ER_RULE_SITE_LIMIT)
		snprintf(buf, len, "site %s: %u of at most %u prefixes are let in", config->name,
			 er_admission_admitted(sites->site[site].admission),
			 config->maximum_prefixes);
	else
		say_prefix(config, prefix, session->spec.key.circuit, buf, len);
}
