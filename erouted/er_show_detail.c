// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One circuit in detail: on paper, its sessions, its limits, its time; and how far
 * its links agree.
 */
#include <zebra.h>

#include "northbound.h"
#include "vty.h"

#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/er_sums.h"
#include "erouted/erouted.h"

static void show_leaf(struct vty *vty, const struct lyd_node *parent, const char *name,
		      const char *title)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	if (node)
		vty_out(vty, "    %-20s %s\n", title, lyd_get_value(node));
}

static void show_paper(struct vty *vty, const struct er_circuit_config *config)
{
	const struct lyd_node *node = er_nb_circuit(config->name);

	if (!node)
		return;
	vty_out(vty, "\n  The circuit on paper:\n");
	show_leaf(vty, node, "description", "description");
	show_leaf(vty, node, "service-key", "service key");
	show_leaf(vty, node, "provider", "provider");
	show_leaf(vty, node, "peering-location", "peering location");
	show_leaf(vty, node, "geography", "geography");
	show_leaf(vty, node, "connectivity-model", "connectivity model");
	show_leaf(vty, node, "sku", "SKU");
	show_leaf(vty, node, "bandwidth", "bandwidth (Mbit/s)");
	show_leaf(vty, node, "preference", "preference");
	show_leaf(vty, node, "site-of-origin", "site-of-origin");
	vty_out(vty, "    %-20s %s", "links", er_redundancy_mode_str(config->mode));
	if (config->mode == ER_ACTIVE_PASSIVE)
		vty_out(vty, ", %s active", er_role_str(config->active));
	vty_out(vty, "\n");
}

static void show_partner_detail(struct vty *vty, const struct er_session_view *view)
{
	const struct er_session_facts *facts = &view->facts;

	vty_out(vty, "    %s: ends on partner %pIA\n", er_role_str(view->spec.key.role),
		&view->spec.neighbor);
	vty_out(vty,
		"      iBGP %s, sends %s; of Microsoft %u %s, %u drained, %u by its operator, %u unclear, %u without site-of-origin\n",
		er_session_state_str(facts->state),
		facts->partner.all_paths ? "all its paths" : "its best paths only",
		facts->accepted, er_prefixes(facts->accepted), facts->partner.drained,
		facts->partner.own_drained, facts->partner.unclear, facts->partner.unmarked);
}

static void show_session_detail(struct vty *vty, const struct er_circuit_config *config,
				const struct er_peering_key *key, enum er_role role)
{
	struct er_session_key session = er_session_key_of(key, role);
	struct er_session_view view;
	char ago[ER_INTERVAL_LEN];

	if (!er_core_session(er_core, &session, er_now(), &view) || !view.configured)
		return;

	if (view.spec.mode == ER_PARTNER) {
		show_partner_detail(vty, &view);
		return;
	}
	vty_out(vty, "    %s: %pIA (%s) to %pIA (%s), interface %s\n", er_role_str(role),
		&view.spec.local,
		view.interface.address_present[key->family] ? "present" : "absent",
		&view.spec.neighbor,
		view.interface.neighbor_reachable[key->family] ? "reachable" : "unreachable",
		er_if_state_str(view.interface.state));
	vty_out(vty, "      %s session, lost %u %s, %u %s filtered, local-preference %u\n",
		er_session_mode_str(config->peering[key->peering].session), view.flaps,
		er_plural(view.flaps, "time", "times"), view.facts.filtered,
		er_prefixes(view.facts.filtered), view.spec.local_pref);
	if (view.facts.last_reset_wall)
		vty_out(vty, "      last reset %s ago: %s\n",
			er_interval(er_now().wall_s - view.facts.last_reset_wall, ago, sizeof(ago)),
			view.facts.last_reset[0] ? view.facts.last_reset : "for no known reason");
}

static void show_availability(struct vty *vty, const struct er_peering_view *view)
{
	static const char *const names[ER_PERIODS] = {
		[ER_SINCE_START] = "since start",
		[ER_THIS_MONTH] = "this month",
		[ER_LAST_MONTH] = "last month",
	};

	for (size_t i = 0; i < ER_PERIODS; i++) {
		const struct er_seconds *s = &view->seconds[i];
		uint64_t all = s->redundant + s->degraded + s->down;

		if (!all)
			continue;
		vty_out(vty,
			"    %s: redundant %" PRIu64 " s, degraded %" PRIu64 " s, down %" PRIu64
			" s: %.3f %% with a path\n",
			names[i], s->redundant, s->degraded, s->down,
			100.0 * (s->redundant + s->degraded) / all);
	}
}

static void show_refused(struct vty *vty, const struct er_rib_facts *rib)
{
	static const char title[] = "    refused, of both links: ";
	char text[ER_REFUSED_LEN];

	if (!rib->refused_known) {
		vty_out(vty, "    refused: not known, bgpd does not keep what it received\n");
		return;
	}
	er_refused_text(rib->refused, text, sizeof(text));
	vty_out(vty, "%s", title);
	er_show_wrapped(vty, strlen(title), 6, text);
}

static void show_policy_detail(struct vty *vty, const struct er_circuit_config *config,
			       const struct er_peering_key *key, const struct er_peering_view *view)
{
	const char *filter = config->peering[key->peering].route_filter;
	char in[ER_LIMIT_TEXT_LEN], out[ER_LIMIT_TEXT_LEN];

	vty_out(vty, "    route-filter: %s\n",
		filter[0]		       ? filter
		: key->peering == ER_MICROSOFT ? "none, nothing is accepted"
					       : "none, everything is accepted");
	vty_out(vty, "    prefixes: received %s, advertised %s, held back %u\n",
		er_limit_text(&view->limit[ER_RECEIVED], in, sizeof(in)),
		er_limit_text(&view->limit[ER_ADVERTISED], out, sizeof(out)), view->rib.held);
	show_refused(vty, &view->rib);
}

static void show_parity_detail(struct vty *vty, const struct er_peering_view *view)
{
	vty_out(vty, "    parity: %u %s on both, %u/%u on one only, %u with different paths\n",
		view->rib.both, er_prefixes(view->rib.both), view->rib.only[ER_PRIMARY],
		view->rib.only[ER_SECONDARY], view->rib.path_differs);
	vty_out(vty, "    parity of what is advertised: %u/%u on one only\n",
		view->rib.out_only[ER_PRIMARY], view->rib.out_only[ER_SECONDARY]);
}

static void show_detail(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, void *arg)
{
	struct vty *vty = arg;

	vty_out(vty, "\n  %s %s, VRF %s:\n", er_peering_type_str(key->peering),
		er_family_str(key->family), config->peering[key->peering].vrf);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		show_session_detail(vty, config, key, role);
	if (view->partner.configured)
		vty_out(vty, "    parity: not compared with a partner's link\n");
	else
		show_parity_detail(vty, view);
	show_policy_detail(vty, config, key, view);
	show_availability(vty, view);
}

void er_show_detail(struct vty *vty, const struct er_circuit_config *config, const char *type)
{
	show_paper(vty, config);
	er_foreach_peering(config, type, show_detail, vty);
}

/*
 * Parity
 */
static void show_parity(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, void *arg)
{
	const struct er_rib_facts *rib = &view->rib;
	struct prefix example[ER_WIRE_EXAMPLES];
	struct vty *vty = arg;
	size_t n = er_examples(key, example);
	bool differ = rib->only[ER_PRIMARY] || rib->only[ER_SECONDARY] || rib->path_differs ||
		      rib->out_only[ER_PRIMARY] || rib->out_only[ER_SECONDARY];

	if (view->partner.configured) {
		vty_out(vty,
			"%s %s: the %s link ends on partner %pIA, with which nothing is compared\n",
			er_peering_type_str(key->peering), er_family_str(key->family),
			er_role_str(view->partner.role), &view->partner.address);
		return;
	}
	vty_out(vty, "%s %s: the links %s\n", er_peering_type_str(key->peering),
		er_family_str(key->family),
		view->assessment.asymmetric ? "DIFFER"
		: differ		    ? "differ, for a moment only so far"
					    : "agree");
	vty_out(vty, "  prefixes on both links        %u\n", rib->both);
	vty_out(vty, "  on the primary link only      %u\n", rib->only[ER_PRIMARY]);
	vty_out(vty, "  on the secondary link only    %u\n", rib->only[ER_SECONDARY]);
	vty_out(vty, "  on both with different paths  %u\n", rib->path_differs);
	vty_out(vty, "  advertised on primary only    %u\n", rib->out_only[ER_PRIMARY]);
	vty_out(vty, "  advertised on secondary only  %u\n", rib->out_only[ER_SECONDARY]);
	for (size_t i = 0; i < n; i++)
		vty_out(vty, "%s%pFX\n", i ? "                " : "  for example   ", &example[i]);
}

void er_show_parity(struct vty *vty, const struct er_circuit_config *config)
{
	er_foreach_peering(config, NULL, show_parity, vty);
}
