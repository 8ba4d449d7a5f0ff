// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The nouns of ExpressRoute as plain values.
 *
 * Nothing here owns anything, knows a clock or talks to the outside.  These
 * structs are what the shell (erouted, bgpd's module) and core/ tell each
 * other; the same nouns stand in yang/frr-expressroute.yang.
 */
#ifndef ER_TYPES_H
#define ER_TYPES_H

#include "lib/prefix.h"
#include "lib/ipaddr.h"

#define ER_NAME_LEN	64  /* circuit name, with NUL.  YANG: 1..63 */
#define ER_IFNAME_LEN	16  /* as IFNAMSIZ */
#define ER_VRF_LEN	16  /* as the kernel's VRF devices */
#define ER_SOO_LEN	22  /* of a site-of-origin, 255.255.255.255:65535, with NUL */
#define ER_OBJECT_LEN	64  /* route-map, prefix-list, ... of bgpd, with NUL */
#define ER_PASSWORD_LEN 81  /* MD5 password, with NUL.  YANG: 1..80 */
#define ER_TEXT_LEN	256 /* reasons and problems, with NUL */
#define ER_JOINED_LEN	768 /* of both links or gateways in one sentence, with NUL */
#define ER_HOST_LEN	254 /* DNS name or address, with NUL.  YANG: inet:host */
#define ER_ADDRESSES	8   /* of one gateway by its name; more are left out */
/* Regions of a circuit of SKU local.  MS: expressroute-faqs ("one or two") */
#define ER_LOCAL_REGIONS 2

/*
 * ER_VPN is no peering of a circuit: in keys it stands for the gateways of a VPN
 * backup.  `circuit` is then the backup's name, `role` the gateway's instance
 * (0 or 1), and what is said of a pair of links is said of the two gateways.
 */
enum er_peering_type { ER_PRIVATE, ER_MICROSOFT, ER_PEERING_TYPES, ER_VPN = ER_PEERING_TYPES };
enum er_role { ER_PRIMARY, ER_SECONDARY, ER_ROLES };
enum er_family { ER_IPV4, ER_IPV6, ER_FAMILIES };
/* PARTNER: the operator's iBGP neighbor, behind which the link ends; only watched. */
enum er_session_mode { ER_MANAGED, ER_ATTACHED, ER_PARTNER };
enum er_redundancy_mode { ER_ACTIVE_ACTIVE, ER_ACTIVE_PASSIVE };

/* Worst first: the circuit's is the smallest of its parts that are not inactive. */
enum er_redundancy { ER_DOWN, ER_DEGRADED, ER_REDUNDANT, ER_INACTIVE };

/* YANG: link-health */
enum er_health {
	ER_LINK_INACTIVE,
	ER_LINK_UNKNOWN, /* of a partner's link: iBGP does not tell */
	ER_LINK_DOWN,
	ER_LINK_IDLE,
	ER_LINK_HELD,
	ER_LINK_DRAINED,
	ER_LINK_UP,
};

enum er_sku { ER_SKU_LOCAL, ER_SKU_STANDARD, ER_SKU_PREMIUM };

/* YANG: direction */
enum er_direction { ER_ADVERTISED, ER_RECEIVED, ER_DIRECTIONS };

/* YANG: limit-level; in the order of their severity */
enum er_limit_level { ER_LIMIT_OK, ER_LIMIT_WARNING, ER_LIMIT_CRITICAL, ER_LIMIT_FULL };

/*
 * YANG: policy-rule.  Inbound they look at a route in this order, and the first
 * that refuses it decides.
 */
enum er_rule {
	ER_RULE_NONE, /* no rule refuses it */
	ER_RULE_FIRST_AS,
	ER_RULE_OWN_AS,
	ER_RULE_RESERVED_AS,
	ER_RULE_DEFAULT_ROUTE,
	ER_RULE_PRIVATE_SPACE,
	ER_RULE_OWN_PREFIX,
	/* Global Reach: private peering */
	ER_RULE_SITE_PREFIX, /* not this site's, or not on this circuit */
	ER_RULE_SITE_LIMIT,
	ER_RULE_UNDECLARED_SITE,
	ER_RULE_NO_FILTER, /* Microsoft peering without a route-filter */
	ER_RULE_FILTER,
	ER_RULE_OPERATOR, /* the operator's own route-map */
	/* outbound, between PRIVATE_SPACE and OPERATOR */
	ER_RULE_NOT_ADVERTISED,
	ER_RULE_SWITCHED, /* Microsoft is to send over the VPN: see yields_to */
	ER_RULE_LIMIT,
	/* inbound on a VPN gateway's session: ExpressRoute has a less specific route */
	ER_RULE_MORE_SPECIFIC,
	/* refuse nothing */
	ER_RULE_LOCAL_PREFERENCE,
	ER_RULE_REGION_PREFERENCE,
	ER_RULE_SITE_PREFERENCE,
	ER_RULE_DRAIN,
	ER_RULES
};

/* A community as one number: AS in the upper 16 bits, value in the lower. */
typedef uint32_t er_community;
#define ER_COMMUNITY(as, value) ((er_community)(as) << 16 | (value))

/* UNKNOWN: the partner, on which the other link ends, is not seen. */
enum er_unprotected {
	ER_PROTECTED,
	ER_SINGLE_ROUTER,
	ER_SINGLE_INTERFACE,
	ER_PROTECTION_UNKNOWN,
};

/* YANG: session-state */
enum er_session_state {
	ER_SESSION_UNKNOWN,
	ER_SESSION_ABSENT,
	ER_SESSION_IDLE,
	ER_SESSION_CONNECT,
	ER_SESSION_ACTIVE,
	ER_SESSION_OPENSENT,
	ER_SESSION_OPENCONFIRM,
	ER_SESSION_ESTABLISHED,
};

/* YANG: bfd-state */
enum er_bfd_state {
	ER_BFD_UNKNOWN,
	ER_BFD_DISABLED,
	ER_BFD_ADMIN_DOWN,
	ER_BFD_DOWN,
	ER_BFD_INIT,
	ER_BFD_UP,
};

/* YANG: interface-state */
enum er_if_state {
	ER_IF_UNCONFIGURED,
	ER_IF_MISSING,
	ER_IF_DOWN,
	ER_IF_WRONG_VRF,
	ER_IF_UP,
};

/* YANG: audit-verdict; in the order of their severity */
enum er_found { ER_FOUND_NOT_APPLICABLE, ER_FOUND_PASS, ER_FOUND_WARN, ER_FOUND_FAIL, ER_FOUNDS };

/* YANG: audit-rule; see core/audit.h */
enum er_audit_rule {
	ER_AUDIT_LOCATIONS,	/* ERC-1: two circuits at diverse locations */
	ER_AUDIT_EDGES,		/* ERC-2: two edge devices */
	ER_AUDIT_ACTIVE_ACTIVE, /* ERC-3 */
	ER_AUDIT_BFD,		/* ERC-4 */
	ER_AUDIT_MONITORING,	/* ERC-5: monitoring and alerts */
	ER_AUDIT_NOTICE,	/* ERC-6: maintenance notifications */
	ER_AUDIT_VPN,		/* ERC-7: VPN as an interim backup */
	ER_AUDIT_SESSIONS,
	ER_AUDIT_TIMERS,
	ER_AUDIT_STABILITY,
	ER_AUDIT_MAINTENANCE,
	ER_AUDIT_SAME_ROUTES,
	ER_AUDIT_LIMITS,
	ER_AUDIT_ADVERTISEMENT,
	ER_AUDIT_PUBLIC_SPACE,
	ER_AUDIT_DEFAULT_ROUTE,
	ER_AUDIT_ROUTE_FILTER,
	ER_AUDIT_VPN_COVERAGE,
	ER_AUDIT_VPN_MORE_SPECIFICS,
	ER_AUDIT_VPN_TEST,
	ER_AUDIT_VPN_PINNING,
	ER_AUDIT_GLOBAL_REACH,
	ER_AUDIT_SITE_LIMITS,
	ER_AUDIT_SITE_ROUTES,
	ER_AUDIT_STANDBY,
	ER_AUDIT_RULES
};

/* What the audit is told of things that are no event of a circuit. */
struct er_audit_outside {
	uint16_t metrics_port; /* as configured; 0: no metrics are served */
};

/* One BGP session: the smallest thing that has a state of its own. */
struct er_session_key {
	char circuit[ER_NAME_LEN];
	enum er_peering_type peering;
	enum er_role role;
	enum er_family family;
};

/* One peering in one family: what redundancy is said of. */
struct er_peering_key {
	char circuit[ER_NAME_LEN];
	enum er_peering_type peering;
	enum er_family family;
};

/* BFD as configured; intervals in milliseconds. */
struct er_bfd_config {
	bool enabled;
	uint32_t receive_interval;
	uint32_t transmit_interval;
	uint8_t detect_multiplier;
};

struct er_link_config {
	bool configured; /* the link stands in the configuration */
	bool shutdown;
	char ifname[ER_IFNAME_LEN];	   /* "": not given */
	struct prefix subnet[ER_FAMILIES]; /* family AF_UNSPEC: not given */
	/* ipa_type 0: it ends here; else on this router, which is told by iBGP */
	struct ipaddr partner;
};

/* At the limit, which prefixes stay: the higher value, 1 to 255. */
struct er_priority {
	struct prefix prefix; /* for it and all within */
	uint8_t value;
};

struct er_peering_config {
	bool configured;
	bool shutdown;
	char vrf[ER_VRF_LEN]; /* "default" when not given */
	uint16_t vlan, s_tag; /* 0: not given */
	uint32_t router_as;   /* 0: that of `router bgp` */
	enum er_session_mode session;
	char password[ER_PASSWORD_LEN]; /* "": none */
	uint16_t keepalive, hold;	/* seconds; 0: bgpd's own */
	struct er_bfd_config bfd;
	struct prefix *advertise; /* owned by whoever owns the config */
	size_t n_advertise;
	char advertise_list[ER_FAMILIES][ER_OBJECT_LEN]; /* prefix-list; "": none */
	uint32_t advertise_limit[ER_FAMILIES];		 /* the operator's own; 0: none */
	struct er_priority *priority;			 /* owned like advertise */
	size_t n_priority;
	char route_filter[ER_NAME_LEN]; /* "": none */
	char map_in[ER_OBJECT_LEN];	/* operator's route-map; "": none */
	char map_out[ER_OBJECT_LEN];
	uint8_t prepend, passive_prepend;
	struct er_link_config link[ER_ROLES];
};

/*
 * The part of a circuit's configuration that a rule looks at.  What only
 * documents the circuit (provider, service key, ...) stays in the datastore.
 */
struct er_circuit_config {
	char name[ER_NAME_LEN];
	bool shutdown;
	enum er_sku sku;
	char geography[ER_TEXT_LEN];			  /* "": not given */
	char peering_location[ER_TEXT_LEN];		  /* "": not given */
	char local_region[ER_LOCAL_REGIONS][ER_NAME_LEN]; /* "": not given */
	uint8_t preference;
	char site_of_origin[ER_SOO_LEN]; /* "": none */
	/* a standby that has not carried for longer is warned of; 0: never */
	uint32_t test_max_age_days;
	enum er_redundancy_mode mode;
	enum er_role active; /* in active-passive */
	struct er_peering_config peering[ER_PEERING_TYPES];
};

/* What zebra shows of one link's interface and, per family, of its session. */
struct er_interface_facts {
	enum er_if_state state;
	/*
	 * The port below: the parent of a VLAN sub-interface, else the
	 * interface itself.  Two links over one port fail together.
	 */
	uint32_t port_ifindex;
	bool address_present[ER_FAMILIES];
	bool neighbor_reachable[ER_FAMILIES];
};

/*
 * What an iBGP neighbor shows of its link: of the prefixes of the family that it
 * has from Microsoft.  `accepted` of the session are those of this peering whose
 * next hop can be reached.
 */
struct er_partner_facts {
	bool all_paths;	      /* it sends all paths that it has, not its best only */
	uint32_t drained;     /* of the accepted, by eight copies of 12076 */
	uint32_t own_drained; /* of the accepted, by the partner's operator: its preference */
	uint32_t unclear;     /* of one of the two peerings, not to be told of which */
	uint32_t unmarked;    /* the circuit has a site-of-origin, and they have none */
	uint32_t unreachable; /* of this peering, without a way to their next hop */
	uint32_t disagree;    /* accepted with another local-preference than ours would be */
	uint32_t local_pref;  /* the lowest of these, and what ours would be */
	uint32_t local_pref_ours;
};

/* What bgpd's module reports of one session. */
struct er_session_facts {
	enum er_session_state state;
	enum er_bfd_state bfd;
	int64_t established_wall; /* seconds since the epoch; 0: not established */
	int64_t last_reset_wall;  /* seconds since the epoch; 0: never */
	char last_reset[ER_TEXT_LEN];
	uint32_t accepted;   /* prefixes in the RIB */
	uint32_t filtered;   /* refused by policy since cleared */
	uint32_t advertised; /* prefixes sent */
	/*
	 * spec.drained is in force, for all paths that have come over it; best: how
	 * many of them bgpd still uses.  0 and meaningless while not drained.
	 */
	bool drained;
	uint32_t best;
	char problem[ER_TEXT_LEN]; /* "": none */
	struct er_partner_facts partner;
};

/* So many are told of by name. */
#define ER_OVERLAPS 4

/* What bgpd's module counts over the prefixes of one peering and family. */
struct er_rib_facts {
	uint32_t both;
	uint32_t only[ER_ROLES];    /* on this link and not on its twin */
	uint32_t path_differs;	    /* among both, behind the leading 12076s */
	uint32_t drained[ER_ROLES]; /* marked as drained on this link */
	uint32_t stale[ER_ROLES];   /* kept by graceful restart */
	/* outbound: advertised on this link and not on its twin, both established */
	uint32_t out_only[ER_ROLES];
	uint32_t held; /* held back at the limit */
	/*
	 * Of the circuit that spec.stands_by_for names: prefixes that come here, too,
	 * and that do not.  Both 0: it has none, or has not been compared.
	 */
	uint32_t standby_offered, standby_missing;
	/*
	 * What Microsoft sends now and which rule refuses it, of both links;
	 * refused_known: bgpd keeps what it received, so this can be told.
	 */
	bool refused_known;
	uint32_t refused[ER_RULES];
	/* prefixes of Azure, the default route aside, within which an address of a link lies */
	uint8_t n_overlaps;
	struct prefix overlap[ER_OVERLAPS];
};

/* How a peering treats what comes in and goes out; sent to bgpd's module. */
struct er_peering_spec {
	struct er_peering_key key;
	char route_filter[ER_NAME_LEN];	    /* "": none */
	char advertise_list[ER_OBJECT_LEN]; /* prefix-list; "": none */
	uint32_t limit;			    /* of advertised prefixes; 0: none */
	/*
	 * Private peering of a circuit: a VPN backup that is to carry what
	 * Microsoft sends, "" none.  While a gateway of that backup has an
	 * established session in this family, nothing is advertised here; else
	 * everything is, whether or not erouted lives.
	 */
	char yields_to[ER_NAME_LEN];
	/*
	 * Of a circuit: the one that is preferred to it, and whose traffic it is to carry
	 * when that fails; "" none.  Whether it offers the same is counted.
	 */
	char stands_by_for[ER_NAME_LEN];
	/* VPN: keep out what is more specific than a route of ExpressRoute */
	bool suppress;
	/* VPN: advertise more specifics of what the circuits advertise, too */
	bool more_specifics;
};

/*
 * Everything that bgpd's module needs to run one session; computed by
 * er_plan_session() and sent as it is.
 */
struct er_session_spec {
	struct er_session_key key;
	enum er_session_mode mode;
	char vrf[ER_VRF_LEN];
	char ifname[ER_IFNAME_LEN];
	struct ipaddr local;
	struct ipaddr neighbor;
	uint32_t router_as;
	uint32_t neighbor_as;
	char password[ER_PASSWORD_LEN];
	uint16_t keepalive, hold;
	struct er_bfd_config bfd;
	uint32_t local_pref;	     /* of a healthy route */
	uint32_t local_pref_drained; /* of a drained one */
	/* taken from the local-preference of a region on a passive link */
	uint32_t passive_cost;
	/* by its operator: no region's preference counts, a site's less; see core/own_drain.h */
	bool drained;
	char map_in[ER_OBJECT_LEN]; /* managed: operator's route-map; "": none */
	char map_out[ER_OBJECT_LEN];
	uint8_t prepend; /* extra copies of our AS outbound */
	/*
	 * VPN gateway: TTL of the session, which need not end on the tunnel's own
	 * subnet; 0: a connected neighbor.  `local` 0.0.0.0 or :: leaves the
	 * choice to bgpd.
	 */
	uint8_t multihop;
	/*
	 * Of the circuit, as ASN:NN or address:NN; "": none.  Its routes are marked with it,
	 * and a partner's are told apart by it.
	 */
	char site_of_origin[ER_SOO_LEN];
};

/* An address as a prefix of its full length. */
static inline struct prefix er_host_prefix(const struct ipaddr *address)
{
	struct prefix host = {};

	if (address->ipa_type == IPADDR_V4) {
		host.family = AF_INET;
		host.prefixlen = IPV4_MAX_BITLEN;
		host.u.prefix4 = address->ipaddr_v4;
	} else {
		host.family = AF_INET6;
		host.prefixlen = IPV6_MAX_BITLEN;
		host.u.prefix6 = address->ipaddr_v6;
	}
	return host;
}

/*
 * VPN backup: see core/vpn.h.
 */

/* YANG: activation-rule.  When traffic moves to the VPN by itself. */
enum er_activation {
	ER_ACTIVATE_ALL_DOWN,	 /* no link of any circuit carries traffic */
	ER_ACTIVATE_LINKS_BELOW, /* fewer than .min_links healthy ones, of all circuits */
	ER_ACTIVATE_OPERATOR,	 /* only on command */
};

enum er_more_specifics { ER_MORE_SPECIFICS_WARN, ER_MORE_SPECIFICS_SUPPRESS };

/* Which way the gateways' public addresses are reached. */
enum er_pin_mode {
	ER_PIN_NONE,
	ER_PIN_INTERFACE,     /* .pin_ifname: on-link, or the router there when .pin_next_hop */
	ER_PIN_NEXT_HOP,      /* .pin_next_hop */
	ER_PIN_DEFAULT_ROUTE, /* the default route outside ExpressRoute and the tunnels */
};

struct er_gateway_config {
	bool configured;
	bool shutdown;
	char address[ER_HOST_LEN];	     /* public address or DNS name; "": not given */
	char ifname[ER_IFNAME_LEN];	     /* the tunnel's interface; "": not given */
	struct ipaddr neighbor[ER_FAMILIES]; /* BGP; ipa_type 0: none */
	struct ipaddr local[ER_FAMILIES];    /* BGP's local address; ipa_type 0: bgpd's choice */
	uint32_t remote_as;		     /* MS: 65515 by default */
	uint8_t multihop;		     /* TTL; 0 or 1: connected */
	struct ipaddr probe[ER_FAMILIES];    /* ICMP echo through the tunnel; ipa_type 0: none */
};

struct er_vpn_config {
	char name[ER_NAME_LEN];
	bool shutdown;
	char vrf[ER_VRF_LEN];
	uint32_t router_as;	      /* 0: that of `router bgp` */
	char (*circuit)[ER_NAME_LEN]; /* owned by whoever owns the config, like the arrays below */
	size_t n_circuits;
	struct prefix *prefix; /* static: what lies behind the tunnels */
	size_t n_prefixes;
	struct prefix *advertise; /* over BGP, besides what the circuits advertise */
	size_t n_advertise;
	bool advertise_more_specifics;
	enum er_more_specifics more_specifics;
	/* sessions of all its gateways */
	enum er_session_mode session;
	char password[ER_PASSWORD_LEN];
	uint16_t keepalive, hold;
	struct er_bfd_config bfd;
	char map_in[ER_OBJECT_LEN];
	char map_out[ER_OBJECT_LEN];
	struct er_gateway_config gateway[ER_ROLES];
	/* activation and return */
	enum er_activation activation;
	uint8_t min_links;
	bool on_drained, on_asymmetric, on_quality; /* activate then, too */
	bool return_path; /* Microsoft sends over the VPN as well while it is active */
	uint32_t restore_s, restore_max_s; /* hold before traffic returns, and what it grows to */
	/* probes */
	uint32_t probe_interval_ms;
	uint8_t probe_multiplier; /* so many lost in a row: down */
	/* pinning */
	enum er_pin_mode pin;
	char pin_ifname[ER_IFNAME_LEN];
	struct ipaddr pin_next_hop[ER_FAMILIES];
	uint32_t test_max_age_days; /* a failover test older than that is warned of; 0: never */
};

/* What erouted's shell sees of one gateway in one family. */
struct er_gateway_facts {
	enum er_if_state interface;
	bool neighbor_reachable; /* zebra has a route to the BGP neighbor */
	bool bfd_down;		 /* of a static tunnel that BFD watches */
};

/* YANG: probe-state */
enum er_probe_state {
	ER_PROBE_NONE,	  /* not configured in this family */
	ER_PROBE_WAITING, /* no verdict yet */
	ER_PROBE_UP,
	ER_PROBE_DOWN,
};

/* What bgpd's module counts for a VPN backup in one family. */
struct er_vpn_rib_facts {
	uint32_t expressroute; /* prefixes accepted over the circuits that it backs */
	uint32_t uncovered;    /* of those, without a path over the VPN, BGP or static */
	uint32_t more_specific; /* VPN's prefixes within one of ExpressRoute's that has not itself */
	uint32_t suppressed;	/* of those, kept out */
	uint32_t over_vpn;	/* prefixes whose best path is over the VPN */
};

/* What zebra has made of a static prefix's route over the tunnels. */
enum er_static_route {
	ER_STATIC_ROUTE_ABSENT,	 /* not told, not wanted, or no next hop of it works */
	ER_STATIC_ROUTE_STANDBY, /* a better one is in use */
	ER_STATIC_ROUTE_IN_USE,
	ER_STATIC_ROUTE_REFUSED, /* by zebra or the kernel */
};

#endif /* ER_TYPES_H */
