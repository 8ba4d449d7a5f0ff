// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inbound policy, as the two rules of a session's inbound route-map.  The match
 * rule lets in what no guard and no route-filter refuses, and what the
 * operator's own route-map permits; the set rule computes local-preference,
 * last, so that a drained link loses whatever the operator set.  What a VPN's
 * gateways send all has the local-preference of their session.
 *
 * The filter sees the communities that Microsoft sent, a region-preference
 * those that the operator's route-map has left: bgpd stores these, so that the
 * preference of a stored path can be told anew at any time.
 */
#include <zebra.h>
#include "compat.h"

#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_community.h"
#include "bgpd/bgp_mplsvpn.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_aspath.h"
#include "bgpd/er_bgp.h"
#include "core/core.h"
#include "core/guard.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_PATH, "ExpressRoute long AS path");

/* More segments than any path has that is not made to annoy. */
#define SEGMENTS 8

bool er_policy_keeps_received(const struct er_bgp_peering *peering)
{
	return er_policy_filters(peering) || er_is_vpn(peering) || peering->sites;
}

static bool has_no_prepend(const struct peer *peer)
{
	return CHECK_FLAG(peer->flags, PEER_FLAG_LOCAL_AS_NO_PREPEND);
}

/* The AS that `neighbor X local-as` has bgpd put in front of what is received. */
static as_t prepended_as(const struct peer *peer)
{
	return has_no_prepend(peer) ? 0 : peer->change_local_as;
}

static enum er_rule guard(const struct er_session_spec *spec, const struct er_path *path,
			  as_t own_as)
{
	return spec->key.peering == ER_VPN ? er_guard_gateway_path(path, own_as, spec->neighbor_as)
					   : er_guard_path(path, own_as);
}

static enum er_rule judge_segments(const struct er_bgp_session *session, const struct er_path *path)
{
	const struct peer *peer = session->peer;
	enum er_rule rule = guard(&session->spec, path, peer->local_as);

	if (rule == ER_RULE_NONE && peer->change_local_as)
		rule = guard(&session->spec, path, peer->change_local_as);
	return rule;
}

/* bgpd's path in core's words; the ASes stay where they are. */
static void describe(const struct peer *peer, const struct assegment *from, struct er_segment *to)
{
	as_t prepended = prepended_as(peer);

	if (prepended && from->length && from->as[0] == prepended) {
		*to++ = (struct er_segment){ from->as + 1, from->length - 1,
					     from->type == AS_SEQUENCE };
		from = from->next;
	}
	for (; from; from = from->next)
		*to++ = (struct er_segment){ from->as, from->length, from->type == AS_SEQUENCE };
}

/* A path while it is looked at. */
struct described {
	struct er_segment few[SEGMENTS], *many;
	struct er_path path;
};

static void describe_begin(struct described *d, const struct peer *peer,
			   const struct aspath *aspath)
{
	const struct assegment *first = aspath ? aspath->segments : NULL;
	struct er_segment *segment = d->few;

	d->many = NULL;
	d->path.n = 0;
	for (const struct assegment *s = first; s; s = s->next)
		d->path.n++;
	if (d->path.n > SEGMENTS)
		segment = d->many = XCALLOC(MTYPE_ER_PATH, d->path.n * sizeof(*segment));
	d->path.segment = segment;
	if (first)
		describe(peer, first, segment);
}

static void describe_end(struct described *d)
{
	if (d->many)
		XFREE(MTYPE_ER_PATH, d->many);
}

static bool is_judged_path(const struct er_bgp_session *session, const struct aspath *path)
{
	const struct er_judged *judged = &session->judged;
	const struct peer *peer = session->peer;

	return judged->path && judged->path == path &&
	       judged->policies == session->peering->policies &&
	       judged->local_as == peer->local_as &&
	       judged->change_local_as == peer->change_local_as &&
	       judged->no_prepend == has_no_prepend(peer);
}

static bool is_judged(const struct er_bgp_session *session, const struct attr *attr)
{
	return is_judged_path(session, attr->aspath) &&
	       session->judged.community == bgp_attr_get_community(attr);
}

static struct er_path_origin origin_of(const struct peer *peer, const struct er_path *path)
{
	struct er_path_origin origin = er_path_origin(path, peer->local_as);

	if (peer->change_local_as)
		origin.own |= er_path_origin(path, peer->change_local_as).own;
	return origin;
}

struct er_path_origin er_policy_peers_origin(const struct peer *peer, const struct aspath *aspath)
{
	struct er_path_origin origin;
	struct described d;

	describe_begin(&d, peer, aspath);
	origin = origin_of(peer, &d.path);
	describe_end(&d);
	return origin;
}

struct er_path_origin er_policy_path_origin(const struct er_bgp_session *session,
					    const struct aspath *aspath)
{
	return is_judged_path(session, aspath) ? session->judged.origin
					       : er_policy_peers_origin(session->peer, aspath);
}

static void judge_path(const struct er_bgp_session *session, struct er_judged *judged)
{
	struct described d;

	describe_begin(&d, session->peer, judged->path);
	judged->by_path = judge_segments(session, &d.path);
	if (session->peering->sites) {
		judged->origin = origin_of(session->peer, &d.path);
		judged->by_path_else = er_guard_path(&d.path, 0);
	}
	describe_end(&d);
}

/* Standard communities only: in them, Microsoft says what a route is for. */
static bool is_allowed(const struct er_commset *inbound, const struct attr *attr)
{
	const struct community *community = bgp_attr_get_community(attr);

	for (int i = 0; community && i < community->size; i++)
		if (er_commset_get(inbound, ntohl(community->val[i])) & ER_INBOUND_ALLOWED)
			return true;
	return false;
}

static enum er_rule judge_communities(const struct er_bgp_peering *peering,
				      const struct er_commset *inbound, const struct attr *attr)
{
	if (!er_policy_filters(peering))
		return ER_RULE_NONE;
	if (!peering->spec.route_filter[0])
		return ER_RULE_NO_FILTER;
	return is_allowed(inbound, attr) ? ER_RULE_NONE : ER_RULE_FILTER;
}

void er_policy_forget_judged(struct er_bgp_session *session)
{
	struct er_judged *judged = &session->judged;

	if (judged->path)
		aspath_unintern(&judged->path);
	if (judged->community)
		community_unintern(&judged->community);
	memset(judged, 0, sizeof(*judged));
}

static unsigned int count_lead(const struct aspath *path)
{
	struct er_aspath_split split;

	er_aspath_split(path, &split);
	return split.lead;
}

/* Beside the shortest path that there can be: else there is no need to look for the twin's. */
static bool may_be_drained(unsigned int lead)
{
	return er_path_is_drained(lead, 1);
}

static struct er_judged judge(const struct er_bgp_session *session,
			      const struct er_commset *inbound, const struct attr *attr)
{
	struct er_judged judged = {
		.path = attr->aspath,
		.community = bgp_attr_get_community(attr),
		.policies = session->peering->policies,
		.local_as = session->peer->local_as,
		.change_local_as = session->peer->change_local_as,
		.no_prepend = has_no_prepend(session->peer),
		.by_communities = judge_communities(session->peering, inbound, attr),
		.may_be_drained = may_be_drained(count_lead(attr->aspath)),
	};

	judge_path(session, &judged);
	return judged;
}

/* Only what is interned stays what it is while it is held. */
static void remember(struct er_bgp_session *session, struct er_judged judged)
{
	if (!judged.path || !judged.path->refcnt || (judged.community && !judged.community->refcnt))
		return;
	er_policy_forget_judged(session);
	judged.path->refcnt++;
	if (judged.community)
		judged.community->refcnt++;
	session->judged = judged;
}

static enum er_rule judge_prefix(const struct er_bgp_peering *peering, const struct prefix *prefix)
{
	enum er_peering_type type = peering->key.peering;
	enum er_rule rule = er_guard_prefix(type, prefix);

	if (er_is_vpn(peering))
		return er_vpn_is_own(peering, prefix) ? ER_RULE_OWN_PREFIX : ER_RULE_NONE;
	if (rule == ER_RULE_NONE && peering->n_advertise &&
	    er_guard_is_own(type, prefix, peering->advertise, peering->n_advertise))
		rule = ER_RULE_OWN_PREFIX;
	if (rule == ER_RULE_NONE && er_outbound_is_own(peering, prefix))
		rule = ER_RULE_OWN_PREFIX;
	return rule;
}

/* Our own AS may be that of a site that has the same. */
static enum er_rule verdict_with_sites(const struct er_bgp_session *session,
				       const struct prefix *prefix, const struct er_judged *judged)
{
	enum er_rule by_site = er_site_rule(session->peering, &judged->origin, prefix);

	if (judged->by_path == ER_RULE_FIRST_AS || by_site == ER_RULE_OWN_AS)
		return judged->by_path;
	return judged->by_path_else ?: judge_prefix(session->peering, prefix)
					       ?: by_site ?: judged->by_communities;
}

static enum er_rule verdict(const struct er_bgp_session *session, const struct prefix *prefix,
			    const struct er_judged *judged)
{
	if (session->peering->sites)
		return verdict_with_sites(session, prefix, judged);
	if (judged->by_path != ER_RULE_NONE)
		return judged->by_path;
	return judge_prefix(session->peering, prefix) ?: judged->by_communities;
}

enum er_rule er_policy_judge(const struct er_bgp_session *session, const struct er_commset *inbound,
			     const struct prefix *prefix, const struct attr *attr)
{
	struct er_judged judged = judge(session, inbound, attr);
	enum er_rule rule = verdict(session, prefix, &judged);

	if (rule == ER_RULE_NONE && session->peering->sites &&
	    !er_site_has_room(session->peering, &judged.origin, prefix))
		return ER_RULE_SITE_LIMIT;
	return rule;
}

/* The same for what comes, prefix after prefix of the same update. */
static enum er_rule judge_next(struct er_bgp_session *session, const struct prefix *prefix,
			       const struct attr *attr)
{
	struct er_judged judged;

	if (is_judged(session, attr))
		return verdict(session, prefix, &session->judged);
	judged = judge(session, &session->peering->inbound, attr);
	remember(session, judged);
	return verdict(session, prefix, &judged);
}

/* The last of the rules: only what would come in otherwise can be let in later. */
static enum er_rule judge_more_specific(const struct er_bgp_session *session,
					const struct prefix *prefix, enum er_rule refusing)
{
	if (refusing == ER_RULE_NONE && er_cover_keeps_out(session, prefix))
		return ER_RULE_MORE_SPECIFIC;
	er_cover_keeps_not(session, prefix);
	return refusing;
}

static enum route_map_cmd_result_t match_inbound(void *rule, const struct prefix *prefix,
						 void *object)
{
	struct er_bgp_session *session = rule;
	const struct bgp_path_info *path = object;
	enum er_rule refusing = judge_next(session, prefix, path->attr);
	bool by_sites = refusing == ER_RULE_NONE && session->peering->sites;
	struct er_path_origin origin;

	/* the operator's route-map may change the path */
	if (by_sites)
		origin = er_policy_path_origin(session, path->attr->aspath);

	if (refusing == ER_RULE_OWN_PREFIX &&
	    (er_is_vpn(session->peering) || er_outbound_is_own(session->peering, prefix)))
		session->peering->out.refused_own = true;
	if (refusing == ER_RULE_NONE && !er_map_operator_permits(session, RMAP_IN, prefix, object))
		refusing = ER_RULE_OPERATOR;
	if (er_is_vpn(session->peering))
		refusing = judge_more_specific(session, prefix, refusing);
	if (by_sites && refusing == ER_RULE_NONE &&
	    !er_site_admit(session->peering, &origin, prefix))
		refusing = ER_RULE_SITE_LIMIT;
	return refusing == ER_RULE_NONE ? RMAP_MATCH : RMAP_NOMATCH;
}

bool er_policy_is_drained(const struct er_bgp_session *session, struct bgp_dest *dest,
			  const struct attr *attr)
{
	const struct er_judged *judged = &session->judged;
	const struct er_bgp_session *twin;
	struct bgp_path_info *pi;
	unsigned int lead;

	/* what comes has just been judged */
	if (judged->path && judged->path == attr->aspath && !judged->may_be_drained)
		return false;
	if (er_is_vpn(session->peering))
		return false;
	lead = count_lead(attr->aspath);
	if (!may_be_drained(lead))
		return false;
	twin = session->peering->session[!session->spec.key.role];
	pi = twin && dest ? er_rib_path(twin, dest) : NULL;
	return er_path_is_drained(lead, pi ? count_lead(pi->attr->aspath) : 0);
}

/* Of several communities with a preference the highest number decides. */
static er_community find_region(const struct er_bgp_peering *peering, const struct attr *attr,
				uint32_t *value)
{
	const struct community *community = bgp_attr_get_community(attr);
	er_community region = 0;

	for (int i = 0; community && i < community->size; i++) {
		er_community candidate = ntohl(community->val[i]);
		uint32_t its = er_commset_get(&peering->inbound, candidate);

		if ((its & ER_INBOUND_REGION) && (!region || candidate > region)) {
			region = candidate;
			*value = its;
		}
	}
	return region;
}

uint32_t er_policy_preference(const struct er_bgp_session *session, const struct prefix *prefix,
			      const struct attr *attr, bool drained, er_community *region)
{
	const struct er_session_spec *spec = &session->spec;
	const struct er_site_config *site;
	er_community decides = 0;
	uint32_t value = 0, local_pref = 0;

	if (session->peering->sites)
		local_pref = er_site_preference(session, prefix, attr->aspath, &site);
	if (local_pref) {
		if (region)
			*region = 0;
		return local_pref;
	}
	if (!drained && !spec->drained && session->peering->has_regions)
		decides = find_region(session->peering, attr, &value);
	if (region)
		*region = decides;
	if (drained)
		return spec->local_pref_drained;
	local_pref = ER_INBOUND_LOCAL_PREF(value);
	/* 0: a circuit that the region-preference does not name */
	if (!local_pref)
		return spec->local_pref;
	return local_pref > spec->passive_cost ? local_pref - spec->passive_cost : 0;
}

static enum route_map_cmd_result_t set_preference(void *rule, const struct prefix *prefix,
						  void *object)
{
	struct er_bgp_session *session = rule;
	struct bgp_path_info *path = object;

	/* er_rib_note() is next to look at it */
	er_table_prefetch(&session->peering->table, path->net);

	SET_FLAG(path->attr->flag, ATTR_FLAG_BIT(BGP_ATTR_LOCAL_PREF));
	path->attr->local_pref =
		er_policy_preference(session, prefix, path->attr,
				     er_policy_is_drained(session, path->net, path->attr), NULL);
	/* `neighbor X weight` would count before it */
	path->attr->weight = 0;
	if (session->soo.set)
		er_soo_mark(&session->soo, path->attr);
	return RMAP_OKAY;
}

static const struct route_map_rule_cmd rule_inbound = {
	.str = "expressroute inbound",
	.func_apply = match_inbound,
	.func_compile = er_map_compile,
	.func_free = er_map_free_rule,
};

static const struct route_map_rule_cmd rule_preference = {
	.str = "expressroute preference",
	.func_apply = set_preference,
	.func_compile = er_map_compile,
	.func_free = er_map_free_rule,
};

void er_policy_attach(struct er_bgp_session *session)
{
	er_map_attach(session, RMAP_IN, &rule_inbound, &rule_preference);
	er_outbound_attach(session);
	session->policy_attached = true;
}

void er_policy_detach(struct er_bgp_session *session)
{
	er_map_detach(session, RMAP_IN);
	er_outbound_detach(session);
	session->policy_attached = false;
}

void er_policy_session_free(struct er_bgp_session *session)
{
	er_map_free(session, RMAP_IN);
	er_outbound_session_free(session);
}

/* bgpd itself takes all preference from paths that are being shut down. */
static bool is_shutting_down(const struct attr *attr)
{
	return bgp_attr_get_community(attr) &&
	       community_include(bgp_attr_get_community(attr), COMMUNITY_GSHUT);
}

/*
 * The route-map saw the path when it came; whether it is drained can change
 * later, by what the twin sends.  So do to the stored path what bgp_update()
 * would do with it: new attributes, "changed", and into the queue for the best
 * path.  Adj-RIB-In keeps what the neighbor sent, and nobody needs it here.
 */
void er_policy_apply_preference(struct er_bgp_session *session, struct bgp_dest *dest,
				struct bgp_path_info *pi, bool drained)
{
	uint32_t want = er_policy_preference(session, bgp_dest_get_prefix(dest), pi->attr, drained,
					     NULL);
	struct attr attr, *interned;
	struct bgp *bgp = session->peer->bgp;

	if (!session->policy_attached || is_shutting_down(pi->attr) ||
	    (pi->attr->local_pref == want && !pi->attr->weight))
		return;

	bgp_attr_dup_into(&attr, pi->attr);
	SET_FLAG(attr.flag, ATTR_FLAG_BIT(BGP_ATTR_LOCAL_PREF));
	attr.local_pref = want;
	attr.weight = 0;
	interned = bgp_attr_intern(&attr);
	bgp_attr_unintern(&pi->attr);
	pi->attr = interned;

	bgp_path_info_set_flag(dest, pi, BGP_PATH_ATTR_CHANGED);
	bgp_process(bgp, dest, pi, er_session_afi(session), SAFI_UNICAST);
	vpn_leak_from_vrf_update(bgp_get_default(), bgp, pi);
}

void er_policy_init(void)
{
	route_map_install_match(&rule_inbound);
	route_map_install_set(&rule_preference);
}
