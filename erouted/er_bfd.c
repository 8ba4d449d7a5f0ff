// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BFD through the tunnels of static prefixes: to the address that is probed,
 * where `bfd` is on and no BGP session has it.
 *
 * It goes over er_route.c's connection to zebra: zebra passes BFD on to a few
 * types of clients only, of which "static" is one.  A session that has never
 * been up says nothing of the tunnel, as long as bfdd is silent; what bfdd calls
 * down is down.
 */
#include <zebra.h>

#include "bfd.h"
#include "if.h"
#include "memory.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, TUNNEL_BFD, "BFD through a tunnel");

PREDECL_SORTLIST_UNIQ(watches);

struct watch {
	struct watches_item item;
	struct er_gateway_key key;
	enum er_family family;
	bool wanted;
	struct ipaddr peer;
	char ifname[ER_IFNAME_LEN];
	vrf_id_t vrf_id;
	struct er_bfd_config config;
	bool down;
	struct bfd_session_params *session;
};

static int watch_cmp(const struct watch *a, const struct watch *b)
{
	int cmp = er_gateway_key_cmp(&a->key, &b->key);

	return cmp ? cmp : numcmp(a->family, b->family);
}

DECLARE_SORTLIST_UNIQ(watches, struct watch, item, watch_cmp);

static struct watches_head watches = INIT_SORTLIST_UNIQ(watches);
static struct zclient *zebra;

static struct watch *find(const char *vpn, enum er_role instance, enum er_family family)
{
	struct watch watch = { .key.instance = instance, .family = family };

	strlcpy(watch.key.vpn, vpn, sizeof(watch.key.vpn));
	return watches_find(&watches, &watch);
}

static void status_changed(struct bfd_session_params *session,
			   const struct bfd_session_status *status, void *arg)
{
	struct watch *watch = arg;

	DEBUGD(&er_dbg_vpn, "BFD: %s gateway %s: %s", watch->key.vpn,
	       er_instance_str(watch->key.instance), bfd_get_status_str(status->state));
	watch->down = status->state == BSS_DOWN;
	er_vpn_evaluate();
}

static void install(struct watch *watch)
{
	watch->session = bfd_sess_new(status_changed, watch);
	if (IS_IPADDR_V4(&watch->peer))
		bfd_sess_set_ipv4_addrs(watch->session, NULL, &watch->peer.ipaddr_v4);
	else
		bfd_sess_set_ipv6_addrs(watch->session, NULL, &watch->peer.ipaddr_v6);
	bfd_sess_set_interface(watch->session, watch->ifname);
	bfd_sess_set_vrf(watch->session, watch->vrf_id);
	bfd_sess_set_hop_count(watch->session, 1);
	bfd_sess_set_timers(watch->session, watch->config.detect_multiplier,
			    watch->config.receive_interval, watch->config.transmit_interval);
	bfd_sess_install(watch->session);
}

static void free_watch(struct watch *watch)
{
	bfd_sess_free(&watch->session);
	watches_del(&watches, watch);
	XFREE(MTYPE_TUNNEL_BFD, watch);
}

static bool same(const struct watch *watch, const struct er_vpn_config *config,
		 const struct ipaddr *peer, const struct interface *ifp)
{
	return !ipaddr_cmp(&watch->peer, peer) && !strcmp(watch->ifname, ifp->name) &&
	       watch->vrf_id == ifp->vrf->vrf_id &&
	       watch->config.receive_interval == config->bfd.receive_interval &&
	       watch->config.transmit_interval == config->bfd.transmit_interval &&
	       watch->config.detect_multiplier == config->bfd.detect_multiplier;
}

static bool has_static(const struct er_vpn_config *config, enum er_family family)
{
	for (size_t i = 0; i < config->n_prefixes; i++)
		if (config->prefix[i].family == (family == ER_IPV4 ? AF_INET : AF_INET6))
			return true;
	return false;
}

void er_bfd_want(const struct er_vpn_config *config, enum er_role instance, enum er_family family,
		 const struct interface *ifp)
{
	const struct er_gateway_config *gateway = &config->gateway[instance];
	const struct ipaddr *peer = &gateway->probe[family];
	struct watch *watch = find(config->name, instance, family);

	if (!config->bfd.enabled || !ifp || IS_IPADDR_NONE(peer) ||
	    !IS_IPADDR_NONE(&gateway->neighbor[family]) || !has_static(config, family))
		return;
	if (watch && !same(watch, config, peer, ifp)) {
		free_watch(watch);
		watch = NULL;
	}
	if (!watch) {
		watch = XCALLOC(MTYPE_TUNNEL_BFD, sizeof(*watch));
		strlcpy(watch->key.vpn, config->name, sizeof(watch->key.vpn));
		watch->key.instance = instance;
		watch->family = family;
		watch->peer = *peer;
		strlcpy(watch->ifname, ifp->name, sizeof(watch->ifname));
		watch->vrf_id = ifp->vrf->vrf_id;
		watch->config = config->bfd;
		watches_add(&watches, watch);
		install(watch);
	}
	watch->wanted = true;
}

void er_bfd_sweep(void)
{
	struct watch *watch;

	frr_each_safe (watches, &watches, watch) {
		if (!watch->wanted)
			free_watch(watch);
		else
			watch->wanted = false;
	}
}

bool er_bfd_is_down(const char *vpn, enum er_role instance, enum er_family family)
{
	const struct watch *watch = find(vpn, instance, family);

	return watch && watch->down;
}

/* What libfrr has said before there was a connection is lost. */
void er_bfd_connected(void)
{
	struct watch *watch;

	bfd_client_sendmsg(zebra, ZEBRA_BFD_CLIENT_REGISTER, VRF_DEFAULT);
	frr_each (watches, &watches, watch)
		bfd_sess_install(watch->session);
}

void er_bfd_init(struct zclient *client)
{
	zebra = client;
	bfd_protocol_integration_init(zebra, er_loop);
}

void er_bfd_fini(void)
{
	struct watch *watch;

	while ((watch = watches_first(&watches)))
		free_watch(watch);
}
