// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes through the tunnels: which there are, and er_core is told of each.  It
 * judges.  How they are sent is er_echo.c's.
 */
#include <zebra.h>

#include "if.h"
#include "memory.h"
#include "typesafe.h"
#include "vrf.h"

#include "erouted/er_echo.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, PROBE, "probe through a tunnel");

/* An echo is waited for at least this long, even when they follow faster. */
#define WAIT_MS 1000

PREDECL_SORTLIST_UNIQ(probes);

struct probe {
	struct probes_item item;
	struct er_gateway_key key;
	enum er_family family;
	bool wanted;
	struct er_echo *echo;
};

static int probe_cmp(const struct probe *a, const struct probe *b)
{
	int cmp = er_gateway_key_cmp(&a->key, &b->key);

	return cmp ? cmp : numcmp(a->family, b->family);
}

DECLARE_SORTLIST_UNIQ(probes, struct probe, item, probe_cmp);

static struct probes_head probes = INIT_SORTLIST_UNIQ(probes);

static struct probe *find(const char *vpn, enum er_role instance, enum er_family family)
{
	struct probe probe = { .key.instance = instance, .family = family };

	strlcpy(probe.key.vpn, vpn, sizeof(probe.key.vpn));
	return probes_find(&probes, &probe);
}

/* A tunnel without a way is one that loses everything. */
static void result(enum er_echo_result result, uint32_t rtt_us, void *arg)
{
	struct er_event ev = { .type = ER_EV_PROBE };
	const struct probe *probe = arg;

	strlcpy(ev.session.circuit, probe->key.vpn, sizeof(ev.session.circuit));
	ev.session.peering = ER_VPN;
	ev.session.role = probe->key.instance;
	ev.session.family = probe->family;
	ev.probe.replied = result == ER_ECHO_REPLIED;
	ev.probe.rtt_us = rtt_us;
	er_event_handle(&ev);
}

static void free_probe(struct probe *probe)
{
	er_echo_free(&probe->echo);
	probes_del(&probes, probe);
	XFREE(MTYPE_PROBE, probe);
}

static struct probe *new_probe(const char *vpn, enum er_role instance, enum er_family family)
{
	struct probe *probe = XCALLOC(MTYPE_PROBE, sizeof(*probe));

	strlcpy(probe->key.vpn, vpn, sizeof(probe->key.vpn));
	probe->key.instance = instance;
	probe->family = family;
	probe->echo = er_echo_new(result, probe);
	probes_add(&probes, probe);
	return probe;
}

void er_icmp_want(const struct er_vpn_config *config, enum er_role instance, enum er_family family,
		  const struct interface *ifp)
{
	const struct er_gateway_config *gateway = &config->gateway[instance];
	struct er_echo_spec spec = {
		.target = gateway->probe[family],
		.ifindex = ifp ? ifp->ifindex : 0,
		.vrf_id = ifp ? ifp->vrf->vrf_id : VRF_DEFAULT,
		.interval_ms = config->probe_interval_ms,
		.wait_ms = MAX(config->probe_interval_ms, WAIT_MS),
	};
	struct probe *probe = find(config->name, instance, family);

	if (!probe)
		probe = new_probe(config->name, instance, family);
	probe->wanted = true;
	strlcpy(spec.ifname, gateway->ifname, sizeof(spec.ifname));
	er_echo_set(probe->echo, &spec);
}

void er_icmp_sweep(void)
{
	struct probe *probe;

	frr_each_safe (probes, &probes, probe) {
		if (!probe->wanted)
			free_probe(probe);
		else
			probe->wanted = false;
	}
}

const char *er_icmp_problem(const char *vpn, enum er_role instance, enum er_family family)
{
	const struct probe *probe = find(vpn, instance, family);

	return probe ? er_echo_problem(probe->echo) : "";
}

void er_icmp_fini(void)
{
	struct probe *probe;

	while ((probe = probes_first(&probes)))
		free_probe(probe);
}
