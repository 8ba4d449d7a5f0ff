// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened to a route on its way through bgpd.
 *
 * To explain changes nothing: the operator's route-maps see a copy of the
 * attributes (their counters of `show route-map` do move), the admission is only
 * looked at.
 */
#include <zebra.h>
#include "compat.h"

#include "routemap.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_community.h"
#include "bgpd/bgp_mpath.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"
#include "bgpd/er_bgp_answer.h"
#include "bgpd/er_cover.h"
#include "core/admission.h"
#include "core/text.h"

/* Paths of one prefix that are told. */
#define PATHS_MAX 16

/*
 * A route that is being explained.
 */
struct tale {
	struct er_answer *answer;
	enum er_stage stage;
	struct bgp *bgp;
	const struct er_bgp_session *session; /* NULL: none in particular */
	struct bgp_dest *dest;		      /* NULL: there is no such route */
	struct prefix prefix;		      /* of dest, or what was asked for */
};

static void tell(const struct tale *tale, enum er_rule rule, enum er_verdict verdict,
		 const char *format, ...) PRINTFRR(4, 5);

static void tell(const struct tale *tale, enum er_rule rule, enum er_verdict verdict,
		 const char *format, ...)
{
	struct er_wire_answer *step = er_answer_step(tale->answer, tale->stage);
	va_list ap;

	if (!step)
		return;
	if (tale->session)
		step->session = tale->session->spec.key;
	step->prefix = tale->prefix;
	step->rule = rule;
	step->verdict = verdict;
	va_start(ap, format);
	vsnprintfrr(step->text, sizeof(step->text), format, ap);
	va_end(ap);
}

/* A line that does not fit ends with dots. */
static const char *shorten(char *buf, size_t len)
{
	if (strlen(buf) + 1 == len)
		memcpy(&buf[len - 4], "...", 4);
	return buf;
}

static const char *path_text(const struct attr *attr, char *buf, size_t len)
{
	const char *path = attr->aspath && attr->aspath->str ? attr->aspath->str : "";

	if (!path[0])
		path = "(empty)";
	strlcpy(buf, path, len);
	return shorten(buf, len);
}

/* "12076:51004 allowed, 12076:5010" */
static const char *communities_text(const struct er_bgp_session *session, const struct attr *attr,
				    char *buf, size_t len)
{
	struct community *list = bgp_attr_get_community(attr);
	size_t at = 0;

	snprintf(buf, len, "none");
	for (int i = 0; list && i < list->size && at < len; i++) {
		uint32_t value = community_val_get(list, i);
		bool allowed = er_commset_get(&session->peering->inbound, value) &
			       ER_INBOUND_ALLOWED;

		at += snprintf(&buf[at], len - at, "%s%u:%u%s", i ? ", " : "", value >> 16,
			       value & 0xffff, allowed ? " allowed" : "");
	}
	return shorten(buf, len);
}

/*
 * Inbound.
 */

/* What the neighbor sent, when bgpd keeps that. */
static const struct attr *received(const struct tale *tale)
{
	for (const struct bgp_adj_in *in = tale->dest ? tale->dest->adj_in : NULL; in;
	     in = in->next)
		if (in->peer == tale->session->peer)
			return in->attr;
	return NULL;
}

/* Our own AS, and yet it is let in. */
static bool is_same_as(const struct tale *tale, const struct attr *attr, bool refused)
{
	return !refused && tale->session->peering->sites &&
	       er_policy_path_origin(tale->session, attr->aspath).own;
}

static void tell_judged(const struct tale *tale, enum er_rule rule, enum er_rule refusing,
			const struct attr *attr)
{
	enum er_verdict verdict = rule == refusing ? ER_VERDICT_REFUSE : ER_VERDICT_PASS;
	const struct er_peering_spec *spec = &tale->session->peering->spec;
	bool refused = rule == refusing;
	char buf[ER_TEXT_LEN - 80];

	switch (rule) {
	case ER_RULE_FIRST_AS:
		tell(tale, rule, verdict, "AS path %s %s 12076", path_text(attr, buf, sizeof(buf)),
		     refused ? "does not begin with" : "begins with");
		break;
	case ER_RULE_OWN_AS:
		tell(tale, rule, verdict, "our own AS is %sin the path%s",
		     refused || is_same_as(tale, attr, refused) ? "" : "not ",
		     is_same_as(tale, attr, refused) ? ", as a site's that has the same" : "");
		break;
	case ER_RULE_RESERVED_AS:
		tell(tale, rule, verdict, "%s reserved or documentation AS in the path",
		     refused ? "a" : "no");
		break;
	case ER_RULE_DEFAULT_ROUTE:
		tell(tale, rule, verdict, "%s default route", refused ? "a" : "not a");
		break;
	case ER_RULE_PRIVATE_SPACE:
		tell(tale, rule, verdict, "%s private space", refused ? "overlaps" : "outside");
		break;
	case ER_RULE_OWN_PREFIX:
		tell(tale, rule, verdict, "%s we advertise ourselves",
		     refused ? "something" : "nothing");
		break;
	case ER_RULE_SITE_PREFIX:
	case ER_RULE_SITE_LIMIT:
	case ER_RULE_UNDECLARED_SITE:
		er_site_describe(tale->session, &tale->prefix, attr, rule, buf, sizeof(buf));
		tell(tale, rule, verdict, "%s", buf);
		break;
	case ER_RULE_NO_FILTER:
		tell(tale, rule, verdict,
		     "Microsoft peering without a route-filter accepts nothing");
		break;
	case ER_RULE_FILTER:
		tell(tale, rule, verdict, "route-filter %s, communities: %s", spec->route_filter,
		     communities_text(tale->session, attr, buf, sizeof(buf)));
		break;
	default:
		break;
	}
}

static bool applies_inbound(const struct tale *tale, const struct attr *attr, enum er_rule rule)
{
	const struct er_bgp_session *session = tale->session;
	bool microsoft = session->spec.key.peering == ER_MICROSOFT;
	bool filter = session->peering->spec.route_filter[0];

	switch (rule) {
	case ER_RULE_FIRST_AS:
		return !er_is_vpn(session->peering);
	case ER_RULE_DEFAULT_ROUTE:
	case ER_RULE_PRIVATE_SPACE:
		return microsoft;
	case ER_RULE_SITE_PREFIX:
	case ER_RULE_SITE_LIMIT:
	case ER_RULE_UNDECLARED_SITE:
		return er_site_rule_applies(session, &tale->prefix, attr, rule);
	case ER_RULE_NO_FILTER:
		return microsoft && !filter;
	case ER_RULE_FILTER:
		return filter;
	default:
		return true;
	}
}

/* Returns whether our own rules let it in. */
static bool tell_rules(const struct tale *tale, const struct attr *attr)
{
	enum er_rule refusing = er_policy_judge(tale->session, &tale->session->peering->inbound,
						&tale->prefix, attr);

	for (enum er_rule rule = ER_RULE_FIRST_AS; rule <= ER_RULE_FILTER; rule++) {
		if (rule == refusing || applies_inbound(tale, attr, rule))
			tell_judged(tale, rule, refusing, attr);
		if (rule == refusing)
			return false;
	}
	return true;
}

/* attr is a copy, which the map may change. */
static bool tell_operator(const struct tale *tale, int direction, struct bgp_path_info *source,
			  struct peer *from, struct attr *attr)
{
	const char *name = tale->session->map[direction].operators;
	struct peer *peer = tale->session->peer;
	struct bgp_path_info_extra extra;
	struct bgp_path_info path;
	bool permits;

	if (!name)
		return true;
	if (!route_map_lookup_by_name(name)) {
		tell(tale, ER_RULE_OPERATOR, ER_VERDICT_REFUSE, "route-map %s does not exist",
		     name);
		return false;
	}
	prep_for_rmap_apply(&path, &extra, tale->dest, source, peer, from, attr);
	SET_FLAG(peer->rmap_type, direction == RMAP_IN ? PEER_RMAP_TYPE_IN : PEER_RMAP_TYPE_OUT);
	permits = er_map_operator_permits(tale->session, direction, &tale->prefix, &path);
	peer->rmap_type = 0;
	tell(tale, ER_RULE_OPERATOR, permits ? ER_VERDICT_PASS : ER_VERDICT_REFUSE,
	     "route-map %s %s", name, permits ? "permits" : "denies");
	return permits;
}

/* Of a gateway: returns whether it is let in. */
static bool tell_more_specific(const struct tale *tale)
{
	const struct er_bgp_peering *vpn = tale->session->peering;
	const struct bgp_dest *within;

	if (!er_is_vpn(vpn))
		return true;
	within = er_cover_within(vpn, &tale->prefix);
	if (!within)
		tell(tale, ER_RULE_MORE_SPECIFIC, ER_VERDICT_PASS,
		     "no less specific route comes over ExpressRoute");
	else if (vpn->spec.suppress && er_cover_can_come_back(tale->session))
		tell(tale, ER_RULE_MORE_SPECIFIC, ER_VERDICT_REFUSE,
		     "ExpressRoute carries %pBD: kept out until it does not", within);
	else
		tell(tale, ER_RULE_MORE_SPECIFIC, ER_VERDICT_INFO,
		     "ExpressRoute carries %pBD, from which it pulls traffic: `more-specifics suppress` keeps it out",
		     within);
	return !within || !vpn->spec.suppress || !er_cover_can_come_back(tale->session);
}

static void tell_preference(const struct tale *tale, const struct attr *attr)
{
	const struct er_bgp_session *session = tale->session;
	bool drained = er_policy_is_drained(session, tale->dest, attr);
	const char *passive = session->spec.passive_cost ? ", less for the passive link" : "";
	const struct er_site_config *site;
	er_community region;
	uint32_t value = er_policy_preference(session, &tale->prefix, attr, drained, &region);

	if (er_site_preference(session, &tale->prefix, attr->aspath, &site))
		tell(tale, ER_RULE_SITE_PREFERENCE, ER_VERDICT_INFO,
		     "local-preference %u: site %s is %s", value, site->name,
		     er_site_preference_str(site->preference));
	else if (drained)
		tell(tale, ER_RULE_DRAIN, ER_VERDICT_INFO,
		     "local-preference %u: drained by prepended 12076%s", value,
		     session->spec.drained ? ", and by its operator" : "");
	else if (session->spec.drained)
		tell(tale, ER_RULE_DRAIN, ER_VERDICT_INFO,
		     "local-preference %u: the link is drained by its operator", value);
	else if (region)
		tell(tale, ER_RULE_REGION_PREFERENCE, ER_VERDICT_INFO,
		     "local-preference %u: region-preference of %u:%u%s", value, region >> 16,
		     region & 0xffff, passive);
	else
		tell(tale, ER_RULE_LOCAL_PREFERENCE, ER_VERDICT_INFO,
		     "local-preference %u: the %s's%s", value,
		     er_is_vpn(session->peering) ? "VPN backup" : "circuit", passive);
}

static void tell_accepted(const struct tale *tale, const struct bgp_path_info *stored,
			  const struct attr *attr)
{
	if (stored)
		tell_preference(tale, attr);
	else
		tell(tale, ER_RULE_NONE, ER_VERDICT_REFUSE,
		     "not accepted, for a reason of bgpd's own (a list of the neighbor's, a loop) or not yet");
}

/* Why nothing is seen. */
static void tell_nothing_received(const struct tale *tale)
{
	const struct er_bgp_session *session = tale->session;

	if (!session->peer)
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "%s",
		     session->problem[0] ? session->problem : "no neighbor");
	else if (!peer_established(session->peer->connection))
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "the session is not established");
	else if (er_session_keeps_received(session))
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "nothing received");
	else
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO,
		     "nothing accepted; not known whether anything was received: bgpd keeps only what it accepts");
}

static void tell_inbound(const struct tale *tale)
{
	const struct er_bgp_session *session = tale->session;
	struct bgp_path_info *stored = tale->dest ? er_rib_path(session, tale->dest) : NULL;
	const struct attr *from = received(tale);
	char path[ER_TEXT_LEN / 2 - 30], communities[ER_TEXT_LEN / 2 - 30];
	struct attr attr;

	if (!from && !stored) {
		tell_nothing_received(tale);
		return;
	}
	bgp_attr_dup_into(&attr, from ? from : stored->attr);
	tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "%s: AS path %s; communities %s",
	     from ? "received" : "accepted", path_text(&attr, path, sizeof(path)),
	     communities_text(session, &attr, communities, sizeof(communities)));
	if (!session->policy_attached)
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "no policy is applied: %s",
		     session->problem);
	else if (tell_rules(tale, &attr) && tell_operator(tale, RMAP_IN, NULL, NULL, &attr) &&
		 tell_more_specific(tale))
		tell_accepted(tale, stored, &attr);
	bgp_attr_flush(&attr);
}

/*
 * The best path.
 */
const struct er_bgp_session *er_explain_session(const struct bgp_path_info *pi)
{
	return pi->sub_type == BGP_ROUTE_NORMAL ? er_session_of_peer(pi->peer) : NULL;
}

void er_explain_other(const struct bgp *bgp, const struct bgp_path_info *pi, char *buf, size_t len)
{
	if (pi->peer == bgp->peer_self)
		snprintf(buf, len, "this router's own");
	else
		snprintfrr(buf, len, "neighbor %s", pi->peer->host);
}

static void path_place(struct tale *tale, const struct bgp_path_info *pi, char *buf, size_t len)
{
	tale->session = er_explain_session(pi);
	if (tale->session)
		snprintf(buf, len, "%s", er_session_name(tale->session));
	else
		er_explain_other(tale->bgp, pi, buf, len);
}

static void tell_path(struct tale *tale, const struct bgp_path_info *pi)
{
	bool best = CHECK_FLAG(pi->flags, BGP_PATH_SELECTED);
	bool also = CHECK_FLAG(pi->flags, BGP_PATH_MULTIPATH);
	const struct attr *attr = pi->attr;
	char place[ER_NAME_LEN + 40], nexthop[INET6_ADDRSTRLEN];
	const char *use = best ? "best" : also ? "used beside it" : "not used";

	if (!best && !CHECK_FLAG(pi->flags, BGP_PATH_VALID))
		use = "not valid, next hop unreachable";
	path_place(tale, pi, place, sizeof(place));
	if (attr->mp_nexthop_len >= BGP_ATTR_NHLEN_IPV6_GLOBAL)
		inet_ntop(AF_INET6, &attr->mp_nexthop_global, nexthop, sizeof(nexthop));
	else
		inet_ntop(AF_INET, &attr->nexthop, nexthop, sizeof(nexthop));
	tell(tale, ER_RULE_NONE, best || also ? ER_VERDICT_PASS : ER_VERDICT_INFO,
	     "%s: %s, local-preference %u, next hop %s%s%s", use, place,
	     CHECK_FLAG(attr->flag, ATTR_FLAG_BIT(BGP_ATTR_LOCAL_PREF))
		     ? attr->local_pref
		     : tale->bgp->default_local_pref,
	     nexthop, best ? ", chosen by: " : "",
	     best ? bgp_path_selection_reason2str(tale->dest->reason) : "");
}

static bool has_best(const struct bgp_dest *dest)
{
	return dest && er_outbound_best((struct bgp_dest *)dest);
}

static struct bgp_dest *find(struct bgp *bgp, const struct prefix *asked,
			     bool (*is_it)(const struct bgp_dest *dest));

static void tell_best(struct tale *tale)
{
	struct bgp_path_info *pi;
	unsigned int n = 0;

	tale->session = NULL;
	for (pi = tale->dest ? bgp_dest_get_bgp_path_info(tale->dest) : NULL; pi; pi = pi->next)
		if (!CHECK_FLAG(pi->flags, BGP_PATH_REMOVED | BGP_PATH_HISTORY) && n++ < PATHS_MAX)
			tell_path(tale, pi);
	tale->session = NULL;
	if (n > PATHS_MAX)
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "and %u paths more", n - PATHS_MAX);
	if (!has_best(tale->dest)) {
		struct bgp_dest *wider = find(tale->bgp, &tale->prefix, has_best);

		if (wider)
			tell(tale, ER_RULE_NONE, ER_VERDICT_INFO,
			     "no best path for %pFX; %pBD is used for it", &tale->prefix, wider);
		else
			tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "no best path for %pFX",
			     &tale->prefix);
		if (wider)
			bgp_dest_unlock_node(wider);
	}
}

/*
 * Outbound.
 */
static bool tell_advertised_over_vpn(const struct tale *tale, const struct bgp_path_info *path)
{
	enum er_rule refusing = er_vpn_outbound_rule(tale->session, &tale->prefix, path);

	if (refusing == ER_RULE_LIMIT)
		tell(tale, refusing, ER_VERDICT_REFUSE,
		     "held back on ExpressRoute, which advertises a less specific prefix: over the VPN alone it would pull its traffic there");
	else if (refusing == ER_RULE_NOT_ADVERTISED && er_vpn_is_of_microsoft(path))
		tell(tale, refusing, ER_VERDICT_REFUSE,
		     "it has come from Microsoft: ExpressRoute and VPN are no transit");
	else if (refusing == ER_RULE_NOT_ADVERTISED)
		tell(tale, refusing, ER_VERDICT_REFUSE,
		     "neither do the circuits advertise it that the VPN backs, nor does its own set hold it");
	else
		tell(tale, ER_RULE_NOT_ADVERTISED, ER_VERDICT_PASS,
		     "advertised by a circuit that the VPN backs, or in its own set");
	return refusing == ER_RULE_NONE;
}

static bool tell_advertised(const struct tale *tale, const struct bgp_path_info *path)
{
	const struct er_bgp_session *session = tale->session;
	const struct er_bgp_peering *peering = session->peering;
	enum er_rule refusing = er_outbound_rule(session, &tale->prefix, path);
	const char *list = peering->spec.advertise_list;

	if (er_is_vpn(peering))
		return tell_advertised_over_vpn(tale, path);

	if (session->spec.key.peering == ER_MICROSOFT)
		for (enum er_rule rule = ER_RULE_DEFAULT_ROUTE; rule <= ER_RULE_PRIVATE_SPACE;
		     rule++) {
			tell_judged(tale, rule, refusing, NULL);
			if (rule == refusing)
				return false;
		}
	if (refusing == ER_RULE_NOT_ADVERTISED) {
		if (peering->sites && !er_vpn_is_transit(path) && er_vpn_is_of_microsoft(path))
			tell(tale, refusing, ER_VERDICT_REFUSE,
			     "it has come from Microsoft: ExpressRoute is no transit");
		else if (er_vpn_is_transit(path))
			tell(tale, refusing, ER_VERDICT_REFUSE,
			     "it has come from a VPN gateway: ExpressRoute and VPN are no transit");
		else if (list[0])
			tell(tale, refusing, ER_VERDICT_REFUSE,
			     "prefix-list %s does not permit it", list);
		else if (er_session_is_attached(session) && !peering->n_advertise)
			tell(tale, refusing, ER_VERDICT_REFUSE,
			     "the neighbor has no outbound policy (`bgp ebgp-requires-policy`)");
		else
			tell(tale, refusing, ER_VERDICT_REFUSE,
			     "not in the set that the peering advertises");
		return false;
	}
	if (list[0])
		tell(tale, ER_RULE_NOT_ADVERTISED, ER_VERDICT_PASS, "prefix-list %s permits it",
		     list);
	else if (peering->n_advertise)
		tell(tale, ER_RULE_NOT_ADVERTISED, ER_VERDICT_PASS,
		     "in the set that the peering advertises");
	return true;
}

static bool tell_loop(const struct tale *tale, const struct attr *attr)
{
	if (!er_outbound_loops(tale->session, attr))
		return true;
	tell(tale, ER_RULE_NOT_ADVERTISED, ER_VERDICT_REFUSE,
	     "AS %u is in the path: Microsoft refuses what comes back to it",
	     tale->session->peer->as);
	return false;
}

static bool tell_switched(const struct tale *tale)
{
	const struct er_bgp_peering *peering = tale->session->peering;

	if (peering->yielding)
		tell(tale, ER_RULE_SWITCHED, ER_VERDICT_REFUSE,
		     "VPN backup %s is active and advertises it instead", peering->spec.yields_to);
	return !peering->yielding;
}

static bool tell_limit(const struct tale *tale)
{
	const struct er_bgp_peering *peering = tale->session->peering;
	const struct er_admission *admission = peering->out.admission;
	unsigned int priority = er_outbound_priority(peering, &tale->prefix);
	enum er_admitted is;

	if (!admission || !er_admission_get(admission, &tale->prefix, &is))
		return true;
	if (is == ER_HELD) {
		tell(tale, ER_RULE_LIMIT, ER_VERDICT_REFUSE,
		     "held back with priority %u: %u of at most %u prefixes are advertised",
		     priority, er_admission_admitted(admission), peering->out.limit);
		return false;
	}
	tell(tale, ER_RULE_LIMIT, ER_VERDICT_PASS, "one of %u prefixes, at most %u",
	     er_admission_admitted(admission), peering->out.limit);
	return true;
}

static void tell_sent(const struct tale *tale)
{
	unsigned int prepend = tale->session->spec.prepend;

	if (!er_outbound_is_sent(tale->session, tale->dest))
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO,
		     "not advertised, for a reason of bgpd's own (or not yet)");
	else if (prepend)
		tell(tale, ER_RULE_NONE, ER_VERDICT_PASS,
		     "advertised, our AS prepended %u times more", prepend);
	else
		tell(tale, ER_RULE_NONE, ER_VERDICT_PASS, "advertised");
}

static bool tell_outbound_rules(const struct tale *tale, struct bgp_path_info *best,
				struct attr *attr)
{
	struct bgp_path_info_extra extra;
	struct bgp_path_info path;

	prep_for_rmap_apply(&path, &extra, tale->dest, best, tale->session->peer, best->peer, attr);
	return tell_advertised(tale, &path) &&
	       tell_operator(tale, RMAP_OUT, best, best->peer, attr) && tell_loop(tale, attr) &&
	       tell_switched(tale) && tell_limit(tale);
}

static void tell_outbound(const struct tale *tale)
{
	const struct er_bgp_session *session = tale->session;
	struct bgp_path_info *best = tale->dest ? er_outbound_best(tale->dest) : NULL;
	struct attr attr;

	if (!session->peer || !session->policy_attached)
		return; /* inbound has said why */
	if (!tale->prefix.prefixlen && er_outbound_originates(session)) {
		tell(tale, ER_RULE_NONE, ER_VERDICT_PASS,
		     "the neighbor has default-originate, which no policy sees: %s",
		     peer_established(session->peer->connection)
			     ? "advertised"
			     : "to be advertised when the session is established");
		return;
	}
	if (!best) {
		tell(tale, ER_RULE_NONE, ER_VERDICT_INFO, "no best path: nothing to advertise");
		return;
	}
	bgp_attr_dup_into(&attr, best->attr);
	if (tell_outbound_rules(tale, best, &attr)) {
		if (peer_established(session->peer->connection))
			tell_sent(tale);
		else
			tell(tale, ER_RULE_NONE, ER_VERDICT_INFO,
			     "to be advertised when the session is established");
	}
	bgp_attr_flush(&attr);
}

/*
 * Finding it.
 */
static bool is_known(const struct bgp_dest *dest)
{
	return dest->adj_in || bgp_dest_get_bgp_path_info((struct bgp_dest *)dest);
}

/* The longest match; locked. */
static struct bgp_dest *find(struct bgp *bgp, const struct prefix *asked,
			     bool (*is_it)(const struct bgp_dest *dest))
{
	afi_t afi = family2afi(asked->family);
	struct prefix prefix = *asked;

	while (true) {
		struct bgp_dest *dest = bgp_node_lookup(bgp->rib[afi][SAFI_UNICAST], &prefix);

		if (dest && is_it(dest))
			return dest;
		if (dest)
			bgp_dest_unlock_node(dest);
		if (!prefix.prefixlen)
			return NULL;
		prefix.prefixlen--;
		apply_mask(&prefix);
	}
}

static bool is_of(const struct er_bgp_session *session, const struct bgp *bgp,
		  const struct prefix *asked)
{
	return er_session_afi(session) == family2afi(asked->family) &&
	       (session->peer ? session->peer->bgp : NULL) == bgp;
}

/* Sessions of one instance, or those without any. */
static void explain_in(struct er_answer *answer, const struct prefix *asked, struct bgp *bgp)
{
	struct tale tale = { .answer = answer, .bgp = bgp, .prefix = *asked };
	struct er_bgp_session *session;

	tale.dest = bgp ? find(bgp, asked, is_known) : NULL;
	if (tale.dest)
		prefix_copy(&tale.prefix, bgp_dest_get_prefix(tale.dest));

	tale.stage = ER_STAGE_INBOUND;
	frr_each (er_session_tree, &er_bgp.sessions, session) {
		tale.session = session;
		if (is_of(session, bgp, asked))
			tell_inbound(&tale);
	}
	if (!bgp)
		return;
	tale.stage = ER_STAGE_BEST;
	tell_best(&tale);
	tale.stage = ER_STAGE_OUTBOUND;
	frr_each (er_session_tree, &er_bgp.sessions, session) {
		tale.session = session;
		if (is_of(session, bgp, asked))
			tell_outbound(&tale);
	}
	if (tale.dest)
		bgp_dest_unlock_node(tale.dest);
}

static bool has_session_in(const struct bgp *bgp, const struct prefix *asked)
{
	struct er_bgp_session *session;

	frr_each (er_session_tree, &er_bgp.sessions, session)
		if (is_of(session, bgp, asked))
			return true;
	return false;
}

void er_explain_route(struct er_answer *answer, const struct prefix *asked)
{
	struct listnode *node;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		if (has_session_in(bgp, asked))
			explain_in(answer, asked, bgp);
	if (has_session_in(NULL, asked))
		explain_in(answer, asked, NULL);
	if (er_answer_is_empty(answer))
		er_answer_problem(answer, "no %s session runs over BGP",
				  asked->family == AF_INET ? "IPv4" : "IPv6");
}
