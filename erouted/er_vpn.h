// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN backups in the shell: what core/vpn.h decides, carried out.
 *
 *   er_vpn.c        one look at all backups: their gateways' facts for er_core,
 *                   its plans for the rest
 *   er_vpn_config.c the configuration of a backup, from YANG
 *   er_route.c      routes of ours in zebra: what is wanted, what zebra made of it
 *   er_vpn_route.c  which routes that are: static prefixes, ways to neighbors
 *   er_pin.c        ... and host routes to the gateways' public addresses
 *   er_dns.c        names -> addresses, by c-ares on FRR's event loop
 *   er_resolve.c    when a gateway's name is looked up, and which answer counts
 *   er_icmp.c       probes through the tunnels
 *   er_bfd.c        BFD through those of static prefixes
 *   er_vpn_state.c  the YANG state of backups
 *   er_vpn_notify.c their notifications and log lines
 *   er_vpn_persist.c  what is kept over a restart
 *   er_vpn_vty.c    commands; er_show_vpn.c: their screens
 *
 * Whatever may have changed something only schedules the look (er_vpn_evaluate()),
 * which asks er_core for its plans anew and has each file make its own the same.
 * So nothing here needs to know why something changed, and a restart of zebra,
 * bgpd or erouted is no special case.
 */
#ifndef ER_VPN_SHELL_H
#define ER_VPN_SHELL_H

#include "erouted/erouted.h"

struct interface;
struct zapi_nexthop;
struct zapi_route;

/* One gateway of a backup; what files of the shell key their own by. */
struct er_gateway_key {
	char vpn[ER_NAME_LEN];
	enum er_role instance;
};

int er_gateway_key_cmp(const struct er_gateway_key *a, const struct er_gateway_key *b);

/*
 * er_vpn.c
 */
void er_vpn_init(void);
void er_vpn_fini(void);
/* Something has changed: look at all backups, soon. */
void er_vpn_evaluate(void);
/* Now: er_zebra.c, as part of its look at everything. */
void er_vpn_look(void);
/* Carry out what an operator asks for; false: why not is in buf. */
bool er_vpn_ask_for(const struct er_vpn_request *request, char *buf, size_t len);
/* "0", "1": a gateway's instance, as configured */
const char *er_instance_str(enum er_role instance);

/*
 * er_vpn_config.c
 */
/* What the configuration says of a backup; it holds arrays: er_vpn_config_fini(). */
void er_vpn_config_read(const struct lyd_node *node, struct er_vpn_config *config);
void er_vpn_config_fini(struct er_vpn_config *config);

/*
 * er_route.c: the routes of erouted.  They are zebra's: of type "static" with an
 * instance of our own, so `redistribute static` never takes one, and they stay
 * when erouted goes.
 */
#define ER_HOPS 8

struct er_hop {
	vrf_id_t vrf_id;       /* of the interface: not the route's when it leads out of its VRF */
	ifindex_t ifindex;     /* 0: zebra finds out, by a connected route */
	struct ipaddr gateway; /* none: on the interface itself */
};

struct er_route {
	vrf_id_t vrf_id;
	struct prefix prefix;
	uint8_t distance;
	size_t n_hops;
	struct er_hop hop[ER_HOPS];
};

enum er_route_state {
	ER_ROUTE_ABSENT,  /* not wanted, or zebra is not there */
	ER_ROUTE_WAITING, /* zebra knows it, but no next hop works */
	ER_ROUTE_STANDBY, /* a better route is in use */
	ER_ROUTE_INSTALLED,
	ER_ROUTE_REFUSED, /* no next hop works, or the kernel does not take it */
};

void er_route_init(void);
void er_route_fini(void);
/* All that is wanted is told between begin and end; then zebra is told the difference. */
void er_route_begin(void);
void er_route_want(const struct er_route *route);
/*
 * As before, if there was one (before a restart, as zebra has it): where it should
 * lead is not known.  Its hops are not looked at.
 */
void er_route_keep(const struct er_route *route);
/* keep: not everything could be told, so nothing is withdrawn. */
void er_route_end(bool keep);
/* All is known: what is not wanted now is left over from before a restart. */
void er_route_settled(void);
enum er_route_state er_route_state(vrf_id_t vrf_id, const struct prefix *prefix);
void er_route_read_hop(const struct zapi_nexthop *api, struct er_hop *hop);
/* Follow the default route of a VRF: er_pin_default_seen() is told of it. */
void er_route_follow_default(vrf_id_t vrf_id, enum er_family family);

/*
 * er_vpn_route.c
 */
void er_vpn_route_want(const struct er_vpn_config *config);

/*
 * er_pin.c
 */
struct er_pin_view {
	struct ipaddr address;
	struct er_hop hop; /* the first; none: ifindex 0 and no gateway */
	vrf_id_t vrf_id;
	bool installed;
	char problem[ER_TEXT_LEN]; /* "": none */
};

void er_pin_want(const struct er_vpn_config *config);
/* Of one gateway; returns how many. */
size_t er_pin_view(const struct er_vpn_config *config, enum er_role instance,
		   struct er_pin_view view[ER_ADDRESSES]);
/* Of `pin interface`, or NULL: the backup's VRF's; else another's, the internet may be there. */
struct interface *er_pin_interface(const struct er_vpn_config *config);
/* The VRF from which the public addresses are reached; NULL: it is not there. */
struct vrf *er_pin_vrf(const struct er_vpn_config *config);
/* zebra's default route is this, or (NULL) gone. */
void er_pin_default_seen(vrf_id_t vrf_id, enum er_family family, const struct zapi_route *route);
/* zebra has restarted: what it said before counts no more. */
void er_pin_default_forget(void);
void er_pin_fini(void);

/*
 * er_dns.c: one question at a time per asker.
 */
struct er_dns_answer {
	size_t n;
	struct ipaddr *address; /* valid in the callback only */
	uint32_t ttl_s;		/* the shortest of them */
	const char *problem;	/* NULL: it is an answer */
};

struct er_dns_query;
typedef void (*er_dns_cb)(const struct er_dns_answer *answer, void *arg);
/* Called back once, never from within, unless it is cancelled before. */
struct er_dns_query *er_dns_ask(const char *name, vrf_id_t vrf_id, er_dns_cb cb, void *arg);
void er_dns_cancel(struct er_dns_query **query);
void er_dns_fini(void);

/*
 * er_resolve.c
 */
enum er_resolve_state {
	ER_RESOLVE_NONE, /* no address configured */
	ER_RESOLVE_LITERAL,
	ER_RESOLVE_RESOLVING, /* for the first time */
	ER_RESOLVE_RESOLVED,
	ER_RESOLVE_FAILED, /* the last attempt; the addresses are those of before */
};

struct er_resolve_view {
	enum er_resolve_state state;
	char problem[ER_TEXT_LEN]; /* "": none; also of addresses that are not used */
	size_t n;
	struct ipaddr address[ER_ADDRESSES];
	int64_t age_s;	   /* since the answer; -1: there was none */
	int64_t next_s;	   /* until it is asked again; -1: it is not */
	uint32_t failures; /* since it is looked up */
};

/* The gateway is configured so: look its name up from now on. */
void er_resolve_want(const struct er_vpn_config *config, enum er_role instance);
/* Forget gateways that were not wanted since the last sweep. */
void er_resolve_sweep(void);
/* What is known of it; false: nothing is asked for it. */
bool er_resolve_view(const char *vpn, enum er_role instance, struct er_resolve_view *view);
/* Look up now: of one backup, or of all (NULL). */
void er_resolve_now(const char *vpn);
/* Answers of before a restart, which stand until there is another. */
void er_resolve_restore(const char *vpn, enum er_role instance, const char *name,
			const struct ipaddr *address, size_t n);
typedef void (*er_resolve_memory_cb)(const struct er_gateway_key *key, const char *name,
				     const struct ipaddr *address, size_t n, void *arg);
void er_resolve_remember(er_resolve_memory_cb cb, void *arg);
void er_resolve_fini(void);
const char *er_resolve_state_str(enum er_resolve_state state);

/*
 * er_icmp.c
 */
/* Probe it from now on; ifp NULL: the tunnel is not there, every probe is lost. */
void er_icmp_want(const struct er_vpn_config *config, enum er_role instance, enum er_family family,
		  const struct interface *ifp);
void er_icmp_sweep(void);
/* Why no probe can be sent, or "". */
const char *er_icmp_problem(const char *vpn, enum er_role instance, enum er_family family);
void er_icmp_fini(void);

/*
 * er_bfd.c
 */
struct zclient;
/* Where it is configured; ifp NULL: the tunnel is not there. */
void er_bfd_want(const struct er_vpn_config *config, enum er_role instance, enum er_family family,
		 const struct interface *ifp);
void er_bfd_sweep(void);
bool er_bfd_is_down(const char *vpn, enum er_role instance, enum er_family family);
/* The connection of er_route.c, which zebra takes for one of "static". */
void er_bfd_init(struct zclient *client);
void er_bfd_connected(void);
void er_bfd_fini(void);

/*
 * er_vpn_state.c
 */
/* One backup, or all (NULL), below the top of a state tree. */
void er_vpn_state_add(struct lyd_node *top, const char *name, bool with_config);
/*
 * The state of one backup (NULL: of all) as a tree that the caller frees with
 * lyd_free_all().
 */
struct lyd_node *er_vpn_state_tree(const char *name, bool with_config);

/* A static prefix and what became of it. */
struct er_static_view {
	struct er_vpn_route plan;
	enum er_route_state state;
	bool suppressed;
};
/* Number i of the configuration; false: there are no more. */
bool er_vpn_static_view(const struct er_vpn_config *config, size_t i, struct er_static_view *view);

/*
 * er_vpn_notify.c
 */
/* false: it is not about a VPN backup. */
bool er_vpn_notify(const struct er_notice *notice);
void er_vpn_notify_address(const struct er_gateway_key *key, const struct er_resolve_view *view);

/*
 * er_vpn_persist.c: into and out of er_persist.c's file
 */
void er_vpn_save(struct json_object *json);
/* false: it cannot be understood. */
void er_vpn_load(struct json_object *json);

/*
 * er_vpn_vty.c
 */
void er_vpn_vty_init(void);

#endif /* ER_VPN_SHELL_H */
