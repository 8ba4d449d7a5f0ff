// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One table per message.
 */
#include <zebra.h>
#include "compat.h"

#include "wire/er_schema.h"

/* clang-format off */
#define FIELD(k, s, m)	     { #m, ER_FIELD_##k, offsetof(struct s, m), 0, 0 }
#define ENUM(s, m, last)     { #m, ER_FIELD_ENUM, offsetof(struct s, m), (last), 0 }
#define TEXT(s, m)	     { #m, ER_FIELD_TEXT, offsetof(struct s, m), sizeof(((struct s *)0)->m), 0 }
#define NAME(s, m)	     { #m, ER_FIELD_NAME, offsetof(struct s, m), sizeof(((struct s *)0)->m), 0 }
#define PREFIXES(s, m, n)    { #m, ER_FIELD_PREFIXES, offsetof(struct s, m), \
			       array_size(((struct s *)0)->m), offsetof(struct s, n) }
#define U32S(s, m)	     { #m, ER_FIELD_U32S, offsetof(struct s, m), \
			       array_size(((struct s *)0)->m), 0 }

#define PEERING_KEY(s, m)                                                      \
	NAME(s, m.circuit),                                                    \
	ENUM(s, m.peering, ER_VPN),                                            \
	ENUM(s, m.family, ER_FAMILIES - 1)
/* Whose circuit may be "", for none in particular. */
#define ANY_PEERING_KEY(s, m)                                                  \
	TEXT(s, m.circuit),                                                    \
	ENUM(s, m.peering, ER_VPN),                                            \
	ENUM(s, m.family, ER_FAMILIES - 1)
#define SESSION_KEY(s, m)                                                      \
	PEERING_KEY(s, m),                                                     \
	ENUM(s, m.role, ER_ROLES - 1)

static const struct er_field hello[] = {
	FIELD(U32, er_wire_hello, protocol),
	TEXT(er_wire_hello, version),
	TEXT(er_wire_hello, frr_version),
	TEXT(er_wire_hello, problem),
};

static const struct er_field refuse[] = {
	TEXT(er_wire_refuse, problem),
};

static const struct er_field generation[] = {
	FIELD(U64, er_wire_generation, generation),
};

static const struct er_field session[] = {
	SESSION_KEY(er_session_spec, key),
	ENUM(er_session_spec, mode, ER_PARTNER),
	NAME(er_session_spec, vrf),
	TEXT(er_session_spec, ifname),
	FIELD(IPADDR, er_session_spec, local),
	FIELD(IPADDR, er_session_spec, neighbor),
	FIELD(U32, er_session_spec, router_as),
	FIELD(U32, er_session_spec, neighbor_as),
	TEXT(er_session_spec, password),
	FIELD(U16, er_session_spec, keepalive),
	FIELD(U16, er_session_spec, hold),
	FIELD(BOOL, er_session_spec, bfd.enabled),
	FIELD(U32, er_session_spec, bfd.receive_interval),
	FIELD(U32, er_session_spec, bfd.transmit_interval),
	FIELD(U8, er_session_spec, bfd.detect_multiplier),
	FIELD(U32, er_session_spec, local_pref),
	FIELD(U32, er_session_spec, local_pref_drained),
	FIELD(U32, er_session_spec, passive_cost),
	FIELD(BOOL, er_session_spec, drained),
	TEXT(er_session_spec, map_in),
	TEXT(er_session_spec, map_out),
	FIELD(U8, er_session_spec, prepend),
	FIELD(U8, er_session_spec, multihop),
	TEXT(er_session_spec, site_of_origin),
};

static const struct er_field advertise[] = {
	PEERING_KEY(er_wire_advertise, peering),
	FIELD(PREFIX, er_wire_advertise, prefix),
};

static const struct er_field session_state[] = {
	SESSION_KEY(er_wire_session_state, session),
	ENUM(er_wire_session_state, facts.state, ER_SESSION_ESTABLISHED),
	ENUM(er_wire_session_state, facts.bfd, ER_BFD_UP),
	FIELD(U64, er_wire_session_state, facts.established_wall),
	FIELD(U64, er_wire_session_state, facts.last_reset_wall),
	TEXT(er_wire_session_state, facts.last_reset),
	FIELD(U32, er_wire_session_state, facts.accepted),
	FIELD(U32, er_wire_session_state, facts.filtered),
	FIELD(U32, er_wire_session_state, facts.advertised),
	FIELD(BOOL, er_wire_session_state, facts.drained),
	FIELD(U32, er_wire_session_state, facts.best),
	TEXT(er_wire_session_state, facts.problem),
	FIELD(BOOL, er_wire_session_state, facts.partner.all_paths),
	FIELD(U32, er_wire_session_state, facts.partner.drained),
	FIELD(U32, er_wire_session_state, facts.partner.own_drained),
	FIELD(U32, er_wire_session_state, facts.partner.unclear),
	FIELD(U32, er_wire_session_state, facts.partner.unmarked),
	FIELD(U32, er_wire_session_state, facts.partner.unreachable),
	FIELD(U32, er_wire_session_state, facts.partner.disagree),
	FIELD(U32, er_wire_session_state, facts.partner.local_pref),
	FIELD(U32, er_wire_session_state, facts.partner.local_pref_ours),
};

static const struct er_field rib[] = {
	PEERING_KEY(er_wire_rib, peering),
	FIELD(U32, er_wire_rib, rib.both),
	FIELD(U32, er_wire_rib, rib.only[ER_PRIMARY]),
	FIELD(U32, er_wire_rib, rib.only[ER_SECONDARY]),
	FIELD(U32, er_wire_rib, rib.path_differs),
	FIELD(U32, er_wire_rib, rib.drained[ER_PRIMARY]),
	FIELD(U32, er_wire_rib, rib.drained[ER_SECONDARY]),
	FIELD(U32, er_wire_rib, rib.stale[ER_PRIMARY]),
	FIELD(U32, er_wire_rib, rib.stale[ER_SECONDARY]),
	U32S(er_wire_rib, rib.out_only),
	FIELD(U32, er_wire_rib, rib.held),
	FIELD(U32, er_wire_rib, rib.standby_offered),
	FIELD(U32, er_wire_rib, rib.standby_missing),
	FIELD(BOOL, er_wire_rib, rib.refused_known),
	U32S(er_wire_rib, rib.refused),
	PREFIXES(er_wire_rib, rib.overlap, rib.n_overlaps),
	FIELD(U32, er_wire_rib, reevaluated),
	PREFIXES(er_wire_rib, example, n_examples),
	PREFIXES(er_wire_rib, held, n_held),
	PREFIXES(er_wire_rib, missing, n_missing),
};

static const struct er_field clear[] = {
	TEXT(er_wire_clear, circuit),
};

static const struct er_field peering[] = {
	PEERING_KEY(er_peering_spec, key),
	TEXT(er_peering_spec, route_filter),
	TEXT(er_peering_spec, advertise_list),
	FIELD(U32, er_peering_spec, limit),
	TEXT(er_peering_spec, yields_to),
	TEXT(er_peering_spec, stands_by_for),
	FIELD(BOOL, er_peering_spec, suppress),
	FIELD(BOOL, er_peering_spec, more_specifics),
};

static const struct er_field priority[] = {
	PEERING_KEY(er_wire_priority, peering),
	FIELD(PREFIX, er_wire_priority, prefix),
	FIELD(U8, er_wire_priority, value),
};

static const struct er_field filter[] = {
	NAME(er_wire_filter, name),
};

static const struct er_field allow[] = {
	NAME(er_wire_allow, filter),
	FIELD(U32, er_wire_allow, community),
};

static const struct er_field region[] = {
	PEERING_KEY(er_wire_region, peering),
	FIELD(U32, er_wire_region, community),
	FIELD(U32, er_wire_region, local_pref),
};

static const struct er_field count_edge[] = {
	PEERING_KEY(er_wire_count_edge, peering),
};

static const struct er_field count[] = {
	PEERING_KEY(er_wire_count, peering),
	FIELD(U32, er_wire_count, community),
	FIELD(BOOL, er_wire_count, allowed),
	FIELD(U32, er_wire_count, accepted),
	FIELD(U32, er_wire_count, refused),
};

static const struct er_field ask[] = {
	FIELD(U32, er_wire_ask, id),
	ENUM(er_wire_ask, ask, ER_ASK_ELSEWHERE),
	FIELD(MAYBE, er_wire_ask, prefix),
	ANY_PEERING_KEY(er_wire_ask, peering),
};

static const struct er_field answer[] = {
	FIELD(U32, er_wire_answer, id),
	ENUM(er_wire_answer, stage, ER_STAGE_OUTBOUND),
	ANY_PEERING_KEY(er_wire_answer, session),
	ENUM(er_wire_answer, session.role, ER_ROLES - 1),
	FIELD(MAYBE, er_wire_answer, prefix),
	ENUM(er_wire_answer, rule, ER_RULES - 1),
	ENUM(er_wire_answer, verdict, ER_VERDICT_INFO),
	TEXT(er_wire_answer, text),
};

static const struct er_field backs[] = {
	NAME(er_wire_backs, vpn),
	NAME(er_wire_backs, circuit),
};

static const struct er_field static_[] = {
	PEERING_KEY(er_wire_static, peering),
	FIELD(PREFIX, er_wire_static, prefix),
};

static const struct er_field vpn_rib[] = {
	PEERING_KEY(er_wire_vpn_rib, peering),
	FIELD(U32, er_wire_vpn_rib, rib.expressroute),
	FIELD(U32, er_wire_vpn_rib, rib.uncovered),
	FIELD(U32, er_wire_vpn_rib, rib.more_specific),
	FIELD(U32, er_wire_vpn_rib, rib.suppressed),
	FIELD(U32, er_wire_vpn_rib, rib.over_vpn),
	PREFIXES(er_wire_vpn_rib, uncovered, n_uncovered),
	PREFIXES(er_wire_vpn_rib, more_specific, n_more_specific),
};

static const struct er_field static_state[] = {
	PEERING_KEY(er_wire_static_state, peering),
	FIELD(PREFIX, er_wire_static_state, prefix),
	FIELD(BOOL, er_wire_static_state, more_specific),
};

static const struct er_field global_reach[] = {
	FIELD(BOOL, er_wire_global_reach, refuse_undeclared),
};

static const struct er_field site[] = {
	NAME(er_wire_site, name),
	ENUM(er_wire_site, preference, ER_SITE_PREFERENCES - 1),
	FIELD(U32, er_wire_site, maximum_prefixes),
	FIELD(BOOL, er_wire_site, same_as),
};

static const struct er_field site_as[] = {
	NAME(er_wire_site_as, site),
	FIELD(U32, er_wire_site_as, as),
};

static const struct er_field site_prefix[] = {
	NAME(er_wire_site_prefix, site),
	FIELD(PREFIX, er_wire_site_prefix, prefix),
};

static const struct er_field site_circuit[] = {
	NAME(er_wire_site_circuit, site),
	NAME(er_wire_site_circuit, circuit),
};

static const struct er_field joint[] = {
	NAME(er_wire_joint, name),
	FIELD(PREFIX, er_wire_joint, subnet),
};

#define SITE_EXAMPLE(i)                                                        \
	FIELD(MAYBE, er_wire_site_state, facts.example[i].prefix),             \
	FIELD(U32, er_wire_site_state, facts.example[i].as),                   \
	ENUM(er_wire_site_state, facts.example[i].rule, ER_RULES - 1)

static const struct er_field site_state[] = {
	PEERING_KEY(er_wire_site_state, peering),
	TEXT(er_wire_site_state, site),
	FIELD(U32, er_wire_site_state, facts.both),
	U32S(er_wire_site_state, facts.only),
	FIELD(U32, er_wire_site_state, facts.refused_prefix),
	FIELD(U32, er_wire_site_state, facts.refused_limit),
	FIELD(U32, er_wire_site_state, facts.refused_undeclared),
	FIELD(U32, er_wire_site_state, facts.refused_other),
	FIELD(U8, er_wire_site_state, facts.n_examples),
	SITE_EXAMPLE(0), SITE_EXAMPLE(1), SITE_EXAMPLE(2), SITE_EXAMPLE(3),
	SITE_EXAMPLE(4), SITE_EXAMPLE(5), SITE_EXAMPLE(6), SITE_EXAMPLE(7),
	FIELD(U32, er_wire_site_state, facts.missing),
	PREFIXES(er_wire_site_state, facts.missing_prefix, facts.n_missing),
	FIELD(U32, er_wire_site_state, facts.overlaps),
	PREFIXES(er_wire_site_state, facts.overlap, facts.n_overlaps),
};
_Static_assert(ER_SITE_EXAMPLES == 8, "one SITE_EXAMPLE() for each");

static const struct er_field answer_end[] = {
	FIELD(U32, er_wire_answer_end, id),
	TEXT(er_wire_answer_end, problem),
};
/* clang-format on */

static int family_af(enum er_family family)
{
	return family == ER_IPV4 ? AF_INET : AF_INET6;
}

static const char *check_session(const struct er_wire_msg *msg)
{
	const struct er_session_spec *spec = &msg->session;
	int af = family_af(spec->key.family);

	/* iBGP of either family carries both */
	if (spec->mode == ER_PARTNER)
		return spec->key.peering == ER_VPN ? "a VPN gateway that is a partner" : NULL;
	if (ipaddr_family(&spec->neighbor) != af || ipaddr_family(&spec->local) != af)
		return "address of another family than the session's";
	if (!spec->neighbor_as)
		return "session without the neighbor's AS";
	return NULL;
}

static const char *check_family(const struct prefix *prefix, unsigned int n, enum er_family family)
{
	for (unsigned int i = 0; i < n; i++)
		if (prefix[i].family != family_af(family))
			return "prefix of another family than the peering's";
	return NULL;
}

static const char *check_advertise(const struct er_wire_msg *msg)
{
	return check_family(&msg->advertise.prefix, 1, msg->advertise.peering.family);
}

static const char *check_priority(const struct er_wire_msg *msg)
{
	if (!msg->priority.value)
		return "a priority of 0";
	return check_family(&msg->priority.prefix, 1, msg->priority.peering.family);
}

/* A count beyond its array is found by the codec. */
static const char *check_rib(const struct er_wire_msg *msg)
{
	enum er_family family = msg->rib.peering.family;

	return check_family(msg->rib.example, MIN(msg->rib.n_examples, ER_WIRE_EXAMPLES), family)
		       ?: check_family(msg->rib.held, MIN(msg->rib.n_held, ER_WIRE_EXAMPLES),
				       family);
}

static const char *check_vpn(const struct er_peering_key *key, const struct prefix *prefix,
			     unsigned int n)
{
	if (key->peering != ER_VPN)
		return "peering of a circuit where a VPN backup's should be";
	return check_family(prefix, n, key->family);
}

static const char *check_static(const struct er_wire_msg *msg)
{
	return check_vpn(&msg->static_.peering, &msg->static_.prefix, 1);
}

static const char *check_vpn_rib(const struct er_wire_msg *msg)
{
	const struct er_wire_vpn_rib *vr = &msg->vpn_rib;

	return check_vpn(&vr->peering, vr->uncovered, MIN(vr->n_uncovered, ER_WIRE_EXAMPLES))
		       ?: check_vpn(&vr->peering, vr->more_specific,
				    MIN(vr->n_more_specific, ER_WIRE_EXAMPLES));
}

static const char *check_static_state(const struct er_wire_msg *msg)
{
	return check_vpn(&msg->static_state.peering, &msg->static_state.prefix, 1);
}

static const char *check_joint(const struct er_wire_msg *msg)
{
	return msg->joint.subnet.family == AF_INET ? NULL : "a joint's subnet that is not IPv4";
}

static const char *check_site_as(const struct er_wire_msg *msg)
{
	return msg->site_as.as ? NULL : "a site's AS of 0";
}

static const char *check_site_state(const struct er_wire_msg *msg)
{
	const struct er_site_facts *facts = &msg->site_state.facts;
	enum er_family family = msg->site_state.peering.family;

	if (msg->site_state.peering.peering != ER_PRIVATE)
		return "a site that is not on a private peering";
	if (facts->n_examples > ER_SITE_EXAMPLES)
		return "more examples than there is room for";
	for (uint8_t i = 0; i < facts->n_examples; i++)
		if (facts->example[i].prefix.family != family_af(family))
			return "example of another family than the peering's";
	return check_family(facts->missing_prefix, MIN(facts->n_missing, ER_SITE_EXAMPLES), family)
		       ?: check_family(facts->overlap, MIN(facts->n_overlaps, ER_SITE_EXAMPLES),
				       family);
}

static const char *check_ask(const struct er_wire_msg *msg)
{
	if (msg->ask.ask == ER_ASK_ROUTE && msg->ask.prefix.family == AF_UNSPEC)
		return "question for a route without a prefix";
	return NULL;
}

static const char *check_answer(const struct er_wire_msg *msg)
{
	const struct er_session_key *key = &msg->answer.session;

	if (!key->circuit[0] || msg->answer.prefix.family == AF_UNSPEC)
		return NULL;
	return check_family(&msg->answer.prefix, 1, key->family);
}

/* clang-format off */
#define SCHEMA(n, t, c) { #n, t, array_size(t), c }

static const struct er_schema schemas[] = {
	[ER_WIRE_HELLO]		= SCHEMA(HELLO, hello, NULL),
	[ER_WIRE_REFUSE]	= SCHEMA(REFUSE, refuse, NULL),
	[ER_WIRE_CONFIG_BEGIN]	= SCHEMA(CONFIG_BEGIN, generation, NULL),
	[ER_WIRE_SESSION]	= SCHEMA(SESSION, session, check_session),
	[ER_WIRE_ADVERTISE]	= SCHEMA(ADVERTISE, advertise, check_advertise),
	[ER_WIRE_CONFIG_END]	= SCHEMA(CONFIG_END, generation, NULL),
	[ER_WIRE_SESSION_STATE] = SCHEMA(SESSION_STATE, session_state, NULL),
	[ER_WIRE_RIB]		= SCHEMA(RIB, rib, check_rib),
	[ER_WIRE_SYNCED]	= SCHEMA(SYNCED, generation, NULL),
	[ER_WIRE_CLEAR]		= SCHEMA(CLEAR, clear, NULL),
	[ER_WIRE_PEERING]	= SCHEMA(PEERING, peering, NULL),
	[ER_WIRE_PRIORITY]	= SCHEMA(PRIORITY, priority, check_priority),
	[ER_WIRE_FILTER]	= SCHEMA(FILTER, filter, NULL),
	[ER_WIRE_ALLOW]		= SCHEMA(ALLOW, allow, NULL),
	[ER_WIRE_REGION]	= SCHEMA(REGION, region, NULL),
	[ER_WIRE_COUNT_BEGIN]	= SCHEMA(COUNT_BEGIN, count_edge, NULL),
	[ER_WIRE_COUNT]		= SCHEMA(COUNT, count, NULL),
	[ER_WIRE_COUNT_END]	= SCHEMA(COUNT_END, count_edge, NULL),
	[ER_WIRE_ASK]		= SCHEMA(ASK, ask, check_ask),
	[ER_WIRE_ANSWER]	= SCHEMA(ANSWER, answer, check_answer),
	[ER_WIRE_ANSWER_END]	= SCHEMA(ANSWER_END, answer_end, NULL),
	[ER_WIRE_BACKS]		= SCHEMA(BACKS, backs, NULL),
	[ER_WIRE_STATIC]	= SCHEMA(STATIC, static_, check_static),
	[ER_WIRE_VPN_RIB]	= SCHEMA(VPN_RIB, vpn_rib, check_vpn_rib),
	[ER_WIRE_STATIC_STATE]	= SCHEMA(STATIC_STATE, static_state, check_static_state),
	[ER_WIRE_GLOBAL_REACH]	= SCHEMA(GLOBAL_REACH, global_reach, NULL),
	[ER_WIRE_SITE]		= SCHEMA(SITE, site, NULL),
	[ER_WIRE_SITE_AS]	= SCHEMA(SITE_AS, site_as, check_site_as),
	[ER_WIRE_SITE_PREFIX]	= SCHEMA(SITE_PREFIX, site_prefix, NULL),
	[ER_WIRE_SITE_CIRCUIT]	= SCHEMA(SITE_CIRCUIT, site_circuit, NULL),
	[ER_WIRE_JOINT]		= SCHEMA(JOINT, joint, check_joint),
	[ER_WIRE_SITE_STATE]	= SCHEMA(SITE_STATE, site_state, check_site_state),
};
/* clang-format on */

const struct er_schema *er_schema_find(unsigned int type)
{
	if (type >= array_size(schemas) || !schemas[type].name)
		return NULL;
	return &schemas[type];
}

const char *er_wire_type_str(enum er_wire_type type)
{
	const struct er_schema *schema = er_schema_find(type);

	return schema ? schema->name : "unknown message";
}
