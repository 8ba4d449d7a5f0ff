// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drain by the operator: requests, and the packets of what is drained.
 *
 * Nothing tells when packets have ceased to come, so they are counted while a link is
 * drained, and at no other time.
 */
#include <zebra.h>

#include "if.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_drain.h"
#include "erouted/er_netlink.h"

static struct event *t_count;

bool er_drain_ask_for(struct er_own_request *request, const char *link, char *buf, size_t len)
{
	struct er_event ev = { .type = ER_EV_OWN_REQUEST, .own_request = request };
	char why[ER_TEXT_LEN];
	const char *refused;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		request->link[role] = !link || !strcmp(link, er_role_str(role));
	refused = er_own_refuse(er_core, request, why, sizeof(why));
	if (refused) {
		strlcpy(buf, refused, len);
		return false;
	}
	er_event_handle(&ev);
	/* who was told yes is not forgotten in a crash */
	er_persist_now();
	return true;
}

static void count_traffic(const struct interface *ifp, struct er_traffic_facts *traffic)
{
	struct er_counters counters;

	traffic->known = er_netlink_counters(ifp, &counters);
	if (!traffic->known)
		return;
	traffic->received = counters.in_packets;
	traffic->sent = counters.out_packets;
}

static void count_link(const struct er_circuit_config *config, enum er_peering_type type,
		       enum er_role role)
{
	const struct er_peering_config *peering = &config->peering[type];
	const struct er_link_config *link = &peering->link[role];
	struct er_event ev = { .type = ER_EV_TRAFFIC };
	const struct interface *ifp;

	if (!peering->configured || !link->configured || !link->ifname[0])
		return;
	strlcpy(ev.session.circuit, config->name, sizeof(ev.session.circuit));
	ev.session.peering = type;
	ev.session.role = role;
	ifp = er_zebra_interface(link->ifname, peering->vrf);
	if (ifp)
		count_traffic(ifp, &ev.traffic);
	/* which neither makes nor frees a circuit */
	er_event_handle(&ev);
}

static int count_circuit(const struct er_circuit_config *config, void *arg)
{
	struct er_own_view view;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!er_own_drain(er_core, config->name, role, &view))
			continue;
		for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++)
			count_link(config, type, role);
	}
	return 0;
}

static void count(struct event *event)
{
	/* what zebra has not told of yet is not gone */
	if (!er_zebra_resyncing())
		er_core_foreach(er_core, count_circuit, NULL);
	er_drain_watch();
}

void er_drain_watch(void)
{
	if (!er_own_any(er_core))
		event_cancel(&t_count);
	else if (!t_count)
		event_add_timer_msec(er_loop, count, NULL, ER_OWN_DRAIN_SAMPLE_MS, &t_count);
}

void er_drain_fini(void)
{
	event_cancel(&t_count);
}
