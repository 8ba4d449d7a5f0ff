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
 *
 * What zebra has installed for an address is asked when somebody wants to know:
 * zebra answers such questions once each, in their order.
 */
#include <zebra.h>

#include "if.h"
#include "jhash.h"
#include "log.h"
#include "memory.h"
#include "nexthop.h"
#include "stream.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "core/limits.h"
#include "core/plan.h"
#include "core/text.h"
#include "erouted/er_fib.h"
#include "erouted/er_netlink.h"
#include "erouted/er_paths.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, NEIGHBOR, "tracked neighbor");
DEFINE_MTYPE_STATIC(EROUTED, INQUIRY, "inquiry of zebra");
DEFINE_MTYPE_STATIC(EROUTED, QUESTION, "question for zebra");
DEFINE_MTYPE_STATIC(EROUTED, FIB, "what zebra has installed");

/* Milliseconds that zebra gets after (re)connecting to tell what there is. */
#define RESYNC_MS 3000
/* ... and to answer a question. */
#define FIB_MS 2000

static struct zclient *zebra;
static struct event *t_evaluate, *t_resync;

/* Interfaces told of by the zebra at hand carry its number in ifp->info. */
static uintptr_t incarnation;

/*
 * Next-hop tracking: one registration per neighbor address and VRF.
 */
PREDECL_HASH(neighbors);

/* Ways to one neighbor that are looked at. */
#define WAYS 16

struct neighbor {
	struct neighbors_item item;
	vrf_id_t vrf_id;
	struct prefix address;
	bool connected; /* zebra reaches it over a connected route */
	size_t n_ways;
	ifindex_t way[WAYS]; /* over which zebra reaches it */
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
	key->address = er_host_prefix(address);
}

/* Tracks it from the first time on. */
static const struct neighbor *neighbor_of(const struct ipaddr *address, vrf_id_t vrf_id)
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
	return n;
}

bool er_zebra_reaches(const struct ipaddr *address, vrf_id_t vrf_id, ifindex_t ifindex)
{
	const struct neighbor *n = neighbor_of(address, vrf_id);

	for (size_t i = 0; i < n->n_ways; i++)
		if (n->way[i] == ifindex)
			return true;
	return false;
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
	n->n_ways = MIN(nhr->nexthop_num, WAYS);
	for (size_t i = 0; i < n->n_ways; i++)
		n->way[i] = nhr->nexthops[i].ifindex;
	DEBUGD(&er_dbg_zebra, "neighbor %pFX in VRF %u: %s", match, vrf->vrf_id,
	       n->connected ? "connected" : "not connected");
	er_zebra_evaluate();
}

/*
 * The facts of one link
 */
static struct interface *interface_in(struct vrf *vrf, const char *name)
{
	struct interface *ifp = if_lookup_by_name_vrf(name, vrf);
	bool seen = ifp && ifp->ifindex != IFINDEX_INTERNAL && (uintptr_t)ifp->info == incarnation;

	return seen ? ifp : NULL;
}

struct interface *er_zebra_interface(const char *name, const char *vrf_name)
{
	struct vrf *vrf = vrf_name ? vrf_lookup_by_name(vrf_name) : vrf_lookup_by_id(VRF_DEFAULT);
	struct interface *ifp = vrf ? interface_in(vrf, name) : NULL;

	if (ifp || (vrf_name && vrf_is_backend_netns()))
		return ifp;
	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		ifp = interface_in(vrf, name);
		if (ifp)
			return ifp;
	}
	return NULL;
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

enum er_if_state er_zebra_interface_state(const struct interface *ifp, const char *vrf)
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
		ifp = er_zebra_interface(link->ifname, peering->vrf);
		facts->state = er_zebra_interface_state(ifp, peering->vrf);
		facts->port_ifindex = ifp ? er_port_of(ifp) : 0;
	}

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		/* of a partner nothing is seen here but what bgpd says */
		if (!er_plan_describe(config, type, role, family, &spec) || spec.mode == ER_PARTNER)
			continue;
		if (ifp)
			facts->address_present[family] = has_address(ifp, &spec.local);
		/* of a session that is shut down the neighbor is not watched */
		if (!er_plan_is_shut(config, type, role) && vrf && vrf->vrf_id != VRF_UNKNOWN)
			facts->neighbor_reachable[family] =
				neighbor_of(&spec.neighbor, vrf->vrf_id)->connected;
	}
}

bool er_zebra_resyncing(void)
{
	return t_resync || !er_zebra_connected();
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
	if (er_zebra_resyncing() && worse(&ev.interface, &view.interface))
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
	er_vpn_look();
	er_paths_look();
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

/*
 * What is installed for an address: an inquiry puts one question per VRF and
 * ends when all are answered or the time is up.
 */
PREDECL_DLIST(inquiries);
PREDECL_DLIST(questions);

struct inquiry {
	struct inquiries_item item;
	er_fib_done done;
	void *arg;
	struct ipaddr address;
	struct event *t_done;
	size_t n, waiting;
	struct er_fib *fib;
};

struct question {
	struct questions_item item;
	struct inquiry *inquiry; /* NULL: over, but zebra's answer is still to come */
	struct ipaddr address;
	size_t which; /* of the inquiry's */
};

DECLARE_DLIST(inquiries, struct inquiry, item);
DECLARE_DLIST(questions, struct question, item);

static struct inquiries_head inquiries = INIT_DLIST(inquiries);
/* In the order in which zebra was asked, and answers. */
static struct questions_head questions = INIT_DLIST(questions);

static void inquiry_free(struct inquiry *inquiry)
{
	struct question *q;

	frr_each (questions, &questions, q)
		if (q->inquiry == inquiry)
			q->inquiry = NULL;
	event_cancel(&inquiry->t_done);
	inquiries_del(&inquiries, inquiry);
	XFREE(MTYPE_FIB, inquiry->fib);
	XFREE(MTYPE_INQUIRY, inquiry);
}

static void inquiry_done(struct event *event)
{
	struct inquiry *inquiry = EVENT_ARG(event);
	struct question *q;
	struct er_fib *fib;
	er_fib_done done;
	void *arg;
	size_t n;

	frr_each (questions, &questions, q)
		if (q->inquiry == inquiry)
			strlcpy(inquiry->fib[q->which].problem, "zebra does not answer",
				sizeof(inquiry->fib[q->which].problem));
	/* whom we tell may ask again, or cancel */
	fib = inquiry->fib;
	inquiry->fib = NULL;
	done = inquiry->done;
	arg = inquiry->arg;
	n = inquiry->n;
	inquiry_free(inquiry);
	done(fib, n, arg);
	XFREE(MTYPE_FIB, fib);
}

/* One more of its questions is answered. */
static void inquiry_answered(struct inquiry *inquiry)
{
	if (--inquiry->waiting)
		return;
	event_cancel(&inquiry->t_done);
	event_add_event(er_loop, inquiry_done, inquiry, 0, &inquiry->t_done);
}

void er_fib_cancel(void *arg)
{
	struct inquiry *inquiry;

	frr_each_safe (inquiries, &inquiries, inquiry)
		if (inquiry->arg == arg)
			inquiry_free(inquiry);
}

static void forget_questions(void)
{
	struct question *q;

	while ((q = questions_pop(&questions))) {
		if (q->inquiry) {
			strlcpy(q->inquiry->fib[q->which].problem, "zebra has restarted",
				sizeof(q->inquiry->fib[q->which].problem));
			inquiry_answered(q->inquiry);
		}
		XFREE(MTYPE_QUESTION, q);
	}
}

static void send_question(const struct ipaddr *address, vrf_id_t vrf_id)
{
	struct stream *s = zebra->obuf;

	stream_reset(s);
	zclient_create_header(s, ZEBRA_NEXTHOP_LOOKUP, vrf_id);
	stream_put_ipaddr(s, address);
	stream_putc(s, SAFI_UNICAST);
	stream_putw_at(s, 0, stream_get_endp(s));
	zclient_send_message(zebra);
}

static void ask_vrf(struct inquiry *inquiry, size_t which)
{
	struct er_fib *fib = &inquiry->fib[which];
	struct vrf *vrf = vrf_lookup_by_name(fib->vrf);
	struct question *q;

	if (!er_zebra_connected())
		strlcpy(fib->problem, "zebra is not connected", sizeof(fib->problem));
	else if (!vrf || vrf->vrf_id == VRF_UNKNOWN)
		strlcpy(fib->problem, "there is no such VRF", sizeof(fib->problem));
	if (fib->problem[0]) {
		inquiry_answered(inquiry);
		return;
	}

	q = XCALLOC(MTYPE_QUESTION, sizeof(*q));
	q->inquiry = inquiry;
	q->address = inquiry->address;
	q->which = which;
	questions_add_tail(&questions, q);
	send_question(&q->address, vrf->vrf_id);
}

/* The VRFs of the circuit's peerings, each once. */
static int collect_vrfs(const struct er_circuit_config *config, void *arg)
{
	struct inquiry *inquiry = arg;

	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++) {
		const struct er_peering_config *peering = &config->peering[type];
		size_t i = 0;

		if (!peering->configured)
			continue;
		while (i < inquiry->n && strcmp(inquiry->fib[i].vrf, peering->vrf))
			i++;
		if (i < inquiry->n)
			continue;
		inquiry->fib = XREALLOC(MTYPE_FIB, inquiry->fib, (i + 1) * sizeof(struct er_fib));
		memset(&inquiry->fib[i], 0, sizeof(struct er_fib));
		strlcpy(inquiry->fib[i].vrf, peering->vrf, sizeof(inquiry->fib[i].vrf));
		inquiry->n++;
	}
	return 0;
}

void er_fib_ask(const struct prefix *prefix, er_fib_done done, void *arg)
{
	struct inquiry *inquiry = XCALLOC(MTYPE_INQUIRY, sizeof(*inquiry));

	inquiry->done = done;
	inquiry->arg = arg;
	if (prefix->family == AF_INET) {
		SET_IPADDR_V4(&inquiry->address);
		inquiry->address.ipaddr_v4 = prefix->u.prefix4;
	} else {
		SET_IPADDR_V6(&inquiry->address);
		inquiry->address.ipaddr_v6 = prefix->u.prefix6;
	}
	inquiries_add_tail(&inquiries, inquiry);
	event_add_timer_msec(er_loop, inquiry_done, inquiry, FIB_MS, &inquiry->t_done);

	er_core_foreach(er_core, collect_vrfs, inquiry);
	/* the asking itself counts as one more: without any VRF there is an end, too */
	inquiry->waiting = inquiry->n + 1;
	for (size_t i = 0; i < inquiry->n; i++)
		ask_vrf(inquiry, i);
	inquiry_answered(inquiry);
}

/* false: the message is too short for what it says of itself. */
static bool fib_read_hop(struct stream *s, struct er_fib_hop *hop)
{
	uint32_t vrf_id, ifindex = 0;
	uint8_t type;

	memset(hop, 0, sizeof(*hop));
	STREAM_GETL(s, vrf_id);
	STREAM_GETC(s, type);
	switch ((enum nexthop_types_t)type) {
	case NEXTHOP_TYPE_IPV4:
	case NEXTHOP_TYPE_IPV4_IFINDEX:
		SET_IPADDR_V4(&hop->gateway);
		STREAM_GET(&hop->gateway.ipaddr_v4, s, IPV4_MAX_BYTELEN);
		STREAM_GETL(s, ifindex);
		break;
	case NEXTHOP_TYPE_IPV6:
	case NEXTHOP_TYPE_IPV6_IFINDEX:
		SET_IPADDR_V6(&hop->gateway);
		STREAM_GET(&hop->gateway.ipaddr_v6, s, IPV6_MAX_BYTELEN);
		STREAM_GETL(s, ifindex);
		break;
	case NEXTHOP_TYPE_IFINDEX:
		STREAM_GETL(s, ifindex);
		break;
	case NEXTHOP_TYPE_BLACKHOLE:
		hop->blackhole = true;
		return true;
	}
	if (ifindex)
		strlcpy(hop->ifname, ifindex2ifname(ifindex, vrf_id), sizeof(hop->ifname));
	return true;

stream_failure:
	return false;
}

static bool fib_read(struct stream *s, const struct ipaddr *address, struct er_fib *fib)
{
	uint16_t prefixlen, n_hops;
	uint32_t type, opaque;
	struct er_fib_hop hop;

	STREAM_GETC(s, fib->distance);
	STREAM_GETL(s, fib->metric);
	STREAM_GETW(s, prefixlen);
	STREAM_GETL(s, type);
	STREAM_GETL(s, opaque);
	STREAM_FORWARD_GETP(s, opaque);
	STREAM_GETW(s, n_hops);

	/* a route without any next hop is zebra's word for none */
	fib->found = n_hops > 0;
	fib->protocol = zebra_route_string(type);
	fib->prefix.family = IS_IPADDR_V4(address) ? AF_INET : AF_INET6;
	fib->prefix.prefixlen = MIN(prefixlen, IPADDRSZ(address) * 8);
	memcpy(&fib->prefix.u, &address->ip, IPADDRSZ(address));
	apply_mask(&fib->prefix);
	for (uint16_t i = 0; i < n_hops; i++) {
		if (!fib_read_hop(s, &hop))
			return false;
		if (fib->n_hops < array_size(fib->hop))
			fib->hop[fib->n_hops++] = hop;
		else
			fib->more_hops++;
	}
	return true;

stream_failure:
	return false;
}

static int fib_answer(ZAPI_CALLBACK_ARGS)
{
	struct question *q = questions_pop(&questions);
	struct ipaddr address;
	struct er_fib *fib;

	if (!q)
		return 0;
	if (q->inquiry) {
		fib = &q->inquiry->fib[q->which];
		if (!stream_get_ipaddr(zclient->ibuf, &address) ||
		    ipaddr_cmp(&address, &q->address) || !fib_read(zclient->ibuf, &address, fib))
			strlcpy(fib->problem, "zebra's answer is not understood",
				sizeof(fib->problem));
		inquiry_answered(q->inquiry);
	}
	XFREE(MTYPE_QUESTION, q);
	return 0;
}

static zclient_handler *const handlers[] = {
	[ZEBRA_INTERFACE_ADDRESS_ADD] = address_add,
	[ZEBRA_INTERFACE_ADDRESS_DELETE] = address_delete,
	[ZEBRA_NEXTHOP_LOOKUP] = fib_answer,
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
	forget_questions();
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
	er_netlink_init();
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
	struct inquiry *inquiry;
	struct neighbor *n;

	event_cancel(&t_evaluate);
	event_cancel(&t_resync);
	while ((inquiry = inquiries_first(&inquiries)))
		inquiry_free(inquiry);
	forget_questions();
	while ((n = neighbors_pop(&neighbors)))
		XFREE(MTYPE_NEIGHBOR, n);
	neighbors_fini(&neighbors);
	zclient_stop(zebra);
	zclient_free(zebra);
	zebra = NULL;
	er_netlink_fini();
}
