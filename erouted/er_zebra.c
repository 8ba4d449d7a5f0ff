// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces, addresses, VRFs and next hops -> link facts.
 *
 * libfrr keeps the interfaces; whatever changes there only schedules one look
 * at all links, which gives er_core the facts that are not what it has.
 *
 * When zebra comes back after a restart it tells everything anew, but not at
 * once, and nobody says when it is done.  For a while, therefore, only what is
 * no worse than before is passed on: a link that is still there causes no
 * notice, one that really went away causes it a little later.
 */
#include <zebra.h>

#include "if.h"
#include "jhash.h"
#include "log.h"
#include "memory.h"
#include "nexthop.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "core/limits.h"
#include "core/plan.h"
#include "core/text.h"
#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, NEIGHBOR, "tracked neighbor");

/* Milliseconds that zebra gets after (re)connecting to tell what there is. */
#define RESYNC_MS 3000

static struct zclient *zebra;
static struct event *t_evaluate, *t_resync;

/* Interfaces told of by the zebra at hand carry its number in ifp->info. */
static uintptr_t incarnation;

/*
 * Next-hop tracking: one registration per neighbor address and VRF.
 */
PREDECL_HASH(neighbors);

struct neighbor {
	struct neighbors_item item;
	vrf_id_t vrf_id;
	struct prefix address;
	bool connected; /* zebra reaches it over a connected route */
	bool wanted;
};

static int neighbor_cmp(const struct neighbor *a, const struct neighbor *b)
{
	if (a->vrf_id != b->vrf_id)
		return numcmp(a->vrf_id, b->vrf_id);
	return prefix_cmp(&a->address, &b->address);
}

static uint32_t neighbor_hash(const struct neighbor *n)
{
	return jhash_1word(n->vrf_id, prefix_hash_key(&n->address));
}

DECLARE_HASH(neighbors, struct neighbor, item, neighbor_cmp, neighbor_hash);

static struct neighbors_head neighbors = INIT_HASH(neighbors);

static void track(const struct neighbor *n, bool on)
{
	int command = on ? ZEBRA_NEXTHOP_REGISTER : ZEBRA_NEXTHOP_UNREGISTER;

	/* all are registered again when zebra connects */
	if (zebra->sock < 0)
		return;

	DEBUGD(&er_dbg_zebra, "%s neighbor %pFX in VRF %u", on ? "track" : "forget", &n->address,
	       n->vrf_id);
	zclient_send_rnh(zebra, command, &n->address, SAFI_UNICAST, false, false, n->vrf_id);
}

static void neighbor_key(struct neighbor *key, const struct ipaddr *address, vrf_id_t vrf_id)
{
	memset(key, 0, sizeof(*key));
	key->vrf_id = vrf_id;
	if (IS_IPADDR_V4(address)) {
		key->address.family = AF_INET;
		key->address.prefixlen = IPV4_MAX_BITLEN;
		key->address.u.prefix4 = address->ipaddr_v4;
	} else {
		key->address.family = AF_INET6;
		key->address.prefixlen = IPV6_MAX_BITLEN;
		key->address.u.prefix6 = address->ipaddr_v6;
	}
}

/* Is it reachable?  Tracks it from the first time on. */
static bool neighbor_connected(const struct ipaddr *address, vrf_id_t vrf_id)
{
	struct neighbor key, *n;

	neighbor_key(&key, address, vrf_id);
	n = neighbors_find(&neighbors, &key);
	if (!n) {
		n = XCALLOC(MTYPE_NEIGHBOR, sizeof(*n));
		n->vrf_id = key.vrf_id;
		prefix_copy(&n->address, &key.address);
		neighbors_add(&neighbors, n);
		track(n, true);
	}
	n->wanted = true;
	return n->connected;
}

static void neighbors_sweep(void)
{
	struct neighbor *n;

	frr_each_safe (neighbors, &neighbors, n) {
		if (n->wanted) {
			n->wanted = false;
			continue;
		}
		track(n, false);
		neighbors_del(&neighbors, n);
		XFREE(MTYPE_NEIGHBOR, n);
	}
}

static void nexthop_update(struct vrf *vrf, struct prefix *match, struct zapi_route *nhr)
{
	struct neighbor key = { .vrf_id = vrf->vrf_id }, *n;

	prefix_copy(&key.address, match);
	n = neighbors_find(&neighbors, &key);
	if (!n)
		return;

	n->connected = nhr->nexthop_num > 0 && nhr->type == ZEBRA_ROUTE_CONNECT;
	DEBUGD(&er_dbg_zebra, "neighbor %pFX in VRF %u: %s", match, vrf->vrf_id,
	       n->connected ? "connected" : "not connected");
	er_zebra_evaluate();
}

/*
 * The facts of one link
 */
static struct interface *find_by_index(ifindex_t ifindex)
{
	struct interface *ifp;
	struct vrf *vrf;

	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		ifp = if_lookup_by_index(ifindex, vrf->vrf_id);
		if (ifp)
			return ifp;
	}
	return NULL;
}

static struct interface *find_by_name(const char *name)
{
	struct interface *ifp;
	struct vrf *vrf;

	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		ifp = if_lookup_by_name_vrf(name, vrf);
		if (ifp && ifp->ifindex != IFINDEX_INTERNAL && (uintptr_t)ifp->info == incarnation)
			return ifp;
	}
	return NULL;
}

/*
 * The port that carries a sub-interface, QinQ included.  Other kinds of
 * interfaces have a link, too (a veth its peer), which is not below them.
 */
static uint32_t port_of(const struct interface *ifp)
{
	ifindex_t port = ifp->ifindex;

	while (ifp && (ifp->zif_type == ZEBRA_IF_VLAN || ifp->zif_type == ZEBRA_IF_MACVLAN) &&
	       ifp->link_ifindex != IFINDEX_INTERNAL && ifp->link_ifindex != ifp->ifindex) {
		port = ifp->link_ifindex;
		ifp = find_by_index(port);
	}
	return port;
}

static bool has_address(const struct interface *ifp, const struct ipaddr *address)
{
	const struct connected *c;

	frr_each (if_connected_const, ifp->connected, c) {
		if (c->address->family == AF_INET && IS_IPADDR_V4(address) &&
		    IPV4_ADDR_SAME(&c->address->u.prefix4, &address->ipaddr_v4))
			return true;
		if (c->address->family == AF_INET6 && IS_IPADDR_V6(address) &&
		    IPV6_ADDR_SAME(&c->address->u.prefix6, &address->ipaddr_v6))
			return true;
	}
	return false;
}

static enum er_if_state interface_state(const struct interface *ifp, const char *vrf)
{
	if (!ifp)
		return ER_IF_MISSING;
	if (strcmp(ifp->vrf->name, vrf))
		return ER_IF_WRONG_VRF;
	return if_is_operative(ifp) ? ER_IF_UP : ER_IF_DOWN;
}

static void link_facts(const struct er_circuit_config *config, enum er_peering_type type,
		       enum er_role role, struct er_interface_facts *facts)
{
	const struct er_peering_config *peering = &config->peering[type];
	const struct er_link_config *link = &peering->link[role];
	struct vrf *vrf = vrf_lookup_by_name(peering->vrf);
	struct interface *ifp = NULL;
	struct er_session_spec spec;

	memset(facts, 0, sizeof(*facts));
	if (link->ifname[0]) {
		ifp = find_by_name(link->ifname);
		facts->state = interface_state(ifp, peering->vrf);
		facts->port_ifindex = ifp ? port_of(ifp) : 0;
	}

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (!er_plan_describe(config, type, role, family, &spec))
			continue;
		if (ifp)
			facts->address_present[family] = has_address(ifp, &spec.local);
		/* of a session that is shut down the neighbor is not watched */
		if (!er_plan_is_shut(config, type, role) && vrf && vrf->vrf_id != VRF_UNKNOWN)
			facts->neighbor_reachable[family] = neighbor_connected(&spec.neighbor,
									       vrf->vrf_id);
	}
}

static bool worse(const struct er_interface_facts *now, const struct er_interface_facts *before)
{
	if (now->state != ER_IF_UP && now->state != before->state)
		return true;
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		if (now->address_present[family] < before->address_present[family] ||
		    now->neighbor_reachable[family] < before->neighbor_reachable[family])
			return true;
	return false;
}

static bool same(const struct er_interface_facts *a, const struct er_interface_facts *b)
{
	return a->state == b->state && a->port_ifindex == b->port_ifindex &&
	       !memcmp(a->address_present, b->address_present, sizeof(a->address_present)) &&
	       !memcmp(a->neighbor_reachable, b->neighbor_reachable, sizeof(a->neighbor_reachable));
}

static void evaluate_link(const struct er_circuit_config *config, enum er_peering_type type,
			  enum er_role role)
{
	struct er_event ev = { .type = ER_EV_INTERFACE };
	struct er_session_view view;

	strlcpy(ev.session.circuit, config->name, sizeof(ev.session.circuit));
	ev.session.peering = type;
	ev.session.role = role;
	ev.session.family = ER_IPV4;

	link_facts(config, type, role, &ev.interface);
	if (!er_core_session(er_core, &ev.session, er_now(), &view))
		return;
	if (same(&ev.interface, &view.interface))
		return;
	if ((t_resync || zebra->sock < 0) && worse(&ev.interface, &view.interface))
		return;
	er_event_handle(&ev);
}

/*
 * er_core must not be changed while it is walked, and events of links change
 * facts only, not the set of circuits: they may be sent from the walk's copy
 * of the names.
 */
struct circuit_names {
	char (*name)[ER_NAME_LEN];
	size_t n, size;
};

static int collect_name(const struct er_circuit_config *config, void *arg)
{
	struct circuit_names *names = arg;

	if (names->n == names->size) {
		names->size = names->size ? 2 * names->size : 16;
		names->name = XREALLOC(MTYPE_TMP, names->name, names->size * ER_NAME_LEN);
	}
	strlcpy(names->name[names->n++], config->name, ER_NAME_LEN);
	return 0;
}

static void evaluate_circuit(const char *name)
{
	const struct er_circuit_config *config = er_core_config(er_core, name);

	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++)
		for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
			if (config->peering[type].link[role].configured)
				evaluate_link(config, type, role);
}

static void evaluate(struct event *event)
{
	struct circuit_names names = {};

	/* before zebra has ever been there nothing is known */
	if (!incarnation)
		return;

	er_core_foreach(er_core, collect_name, &names);
	for (size_t i = 0; i < names.n; i++)
		evaluate_circuit(names.name[i]);
	XFREE(MTYPE_TMP, names.name);
	neighbors_sweep();
}

void er_zebra_evaluate(void)
{
	event_add_event(er_loop, evaluate, NULL, 0, &t_evaluate);
}

/*
 * zebra's messages
 */
static int interface_seen(struct interface *ifp)
{
	ifp->info = (void *)incarnation;
	er_zebra_evaluate();
	return 0;
}

static int interface_changed(struct interface *ifp)
{
	er_zebra_evaluate();
	return 0;
}

static int address_add(ZAPI_CALLBACK_ARGS)
{
	zebra_interface_address_read(cmd, zclient->ibuf, vrf_id);
	er_zebra_evaluate();
	return 0;
}

static int address_delete(ZAPI_CALLBACK_ARGS)
{
	struct connected *c = zebra_interface_address_read(cmd, zclient->ibuf, vrf_id);

	if (c)
		connected_free(&c);
	er_zebra_evaluate();
	return 0;
}

static zclient_handler *const handlers[] = {
	[ZEBRA_INTERFACE_ADDRESS_ADD] = address_add,
	[ZEBRA_INTERFACE_ADDRESS_DELETE] = address_delete,
};

static int vrf_changed(struct vrf *vrf)
{
	er_zebra_evaluate();
	return 0;
}

/* zebra tells of the addresses there are, not of those that are gone. */
static void forget_addresses(void)
{
	struct interface *ifp;
	struct connected *c;
	struct vrf *vrf;

	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id)
		FOR_ALL_INTERFACES (vrf, ifp)
			while ((c = if_connected_pop(ifp->connected)))
				connected_free(&c);
}

static void resynced(struct event *event)
{
	DEBUGD(&er_dbg_zebra, "zebra has had its time to tell what there is");
	er_zebra_evaluate();
}

static void zebra_connected(struct zclient *client)
{
	struct neighbor *n;

	DEBUGD(&er_dbg_zebra, "zebra connected");
	incarnation++;
	forget_addresses();
	zclient_send_reg_requests(client, VRF_DEFAULT);
	frr_each (neighbors, &neighbors, n)
		track(n, true);

	event_cancel(&t_resync);
	event_add_timer_msec(er_loop, resynced, NULL, RESYNC_MS, &t_resync);
	er_zebra_evaluate();
}

bool er_zebra_connected(void)
{
	return zebra && zebra->sock >= 0;
}

void er_zebra_init(void)
{
	vrf_init(NULL, vrf_changed, vrf_changed, NULL);
	hook_register_prio(if_real, 0, interface_seen);
	hook_register_prio(if_up, 0, interface_changed);
	hook_register_prio(if_down, 0, interface_changed);
	hook_register_prio(if_unreal, 0, interface_changed);

	zebra = zclient_new(er_loop, &zclient_options_default, handlers, array_size(handlers));
	/*
	 * A type is also whose routes zebra sweeps when we are gone: SHARP is
	 * FRR's test daemon, and the instance keeps clear even of that.
	 */
	zclient_init(zebra, ZEBRA_ROUTE_SHARP, ER_MICROSOFT_AS, &er_privs);
	zebra->zebra_connected = zebra_connected;
	zebra->nexthop_update = nexthop_update;
}

void er_zebra_fini(void)
{
	struct neighbor *n;

	event_cancel(&t_evaluate);
	event_cancel(&t_resync);
	while ((n = neighbors_pop(&neighbors)))
		XFREE(MTYPE_NEIGHBOR, n);
	neighbors_fini(&neighbors);
	zclient_stop(zebra);
	zclient_free(zebra);
	zebra = NULL;
}
