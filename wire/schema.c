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

#define PEERING_KEY(s, m)                                                      \
	NAME(s, m.circuit),                                                    \
	ENUM(s, m.peering, ER_PEERING_TYPES - 1),                              \
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
	ENUM(er_session_spec, mode, ER_ATTACHED),
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
	TEXT(er_wire_session_state, facts.problem),
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
	PREFIXES(er_wire_rib, example, n_examples),
};

static const struct er_field clear[] = {
	TEXT(er_wire_clear, circuit),
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

	if (ipaddr_family(&spec->neighbor) != af || ipaddr_family(&spec->local) != af)
		return "address of another family than the session's";
	if (!spec->neighbor_as)
		return "session without the neighbor's AS";
	return NULL;
}

static const char *check_advertise(const struct er_wire_msg *msg)
{
	if (msg->advertise.prefix.family != family_af(msg->advertise.peering.family))
		return "prefix of another family than the peering's";
	return NULL;
}

static const char *check_rib(const struct er_wire_msg *msg)
{
	for (unsigned int i = 0; i < msg->rib.n_examples; i++)
		if (msg->rib.example[i].family != family_af(msg->rib.peering.family))
			return "prefix of another family than the peering's";
	return NULL;
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
