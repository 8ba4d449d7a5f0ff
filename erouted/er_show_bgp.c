// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a circuit's sessions are in plain FRR's configuration: to check what
 * the module does, and to move to plain FRR or from it.  Passwords are not
 * shown.
 */
#include <zebra.h>

#include "command.h"
#include "vrf.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/erouted.h"

/* The names of the policies of a session and of a peering. */
static const char *policy_in(const struct er_session_spec *spec, char *buf, size_t len)
{
	snprintf(buf, len, "%s-%s-%s-IN", spec->key.circuit,
		 er_peering_type_str(spec->key.peering), er_role_str(spec->key.role));
	return buf;
}

static const char *policy_out(const struct er_session_spec *spec, char *buf, size_t len)
{
	snprintf(buf, len, "%s-%s-OUT", spec->key.circuit, er_peering_type_str(spec->key.peering));
	return buf;
}

static void show_neighbor(struct vty *vty, const struct er_session_spec *spec)
{
	const struct ipaddr *neighbor = &spec->neighbor;

	vty_out(vty, " neighbor %pIA remote-as %u\n", neighbor, spec->neighbor_as);
	vty_out(vty, " neighbor %pIA description %s %s %s (expressroute)\n", neighbor,
		er_role_str(spec->key.role), spec->key.circuit,
		er_peering_type_str(spec->key.peering));
	if (spec->router_as)
		vty_out(vty, " neighbor %pIA local-as %u no-prepend replace-as\n", neighbor,
			spec->router_as);
	if (spec->password[0])
		vty_out(vty, " neighbor %pIA password <hidden>\n", neighbor);
	if (spec->hold)
		vty_out(vty, " neighbor %pIA timers %u %u\n", neighbor, spec->keepalive,
			spec->hold);
	if (spec->bfd.enabled)
		vty_out(vty, " neighbor %pIA bfd %u %u %u\n", neighbor, spec->bfd.detect_multiplier,
			spec->bfd.receive_interval, spec->bfd.transmit_interval);
}

static void show_family(struct vty *vty, const struct er_session_spec *spec)
{
	char name[ER_NAME_LEN + 32];

	vty_out(vty, " address-family %s unicast\n", er_family_str(spec->key.family));
	if (spec->mode == ER_MANAGED)
		vty_out(vty, "  neighbor %pIA activate\n", &spec->neighbor);
	vty_out(vty, "  neighbor %pIA route-map %s in\n", &spec->neighbor,
		policy_in(spec, name, sizeof(name)));
	if (spec->mode == ER_MANAGED)
		vty_out(vty, "  neighbor %pIA route-map %s out\n", &spec->neighbor,
			policy_out(spec, name, sizeof(name)));
	vty_out(vty, " exit-address-family\n");
}

static void show_session(struct vty *vty, const struct er_circuit_config *config,
			 const struct er_session_spec *spec)
{
	if (spec->mode == ER_ATTACHED)
		vty_out(vty,
			" ! neighbor %pIA is yours, and so is a route-map in of it:\n"
			" ! the circuit's policy asks that first\n",
			&spec->neighbor);
	else
		show_neighbor(vty, spec);
	show_family(vty, spec);
}

static void show_router(struct vty *vty, const struct er_circuit_config *config,
			enum er_peering_type type)
{
	const struct er_peering_config *peering = &config->peering[type];
	struct er_session_spec spec;

	if (strcmp(peering->vrf, VRF_DEFAULT_NAME))
		vty_out(vty, "! in 'router bgp ... vrf %s':\n", peering->vrf);
	else
		vty_out(vty, "! in 'router bgp ...':\n");
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			if (er_plan_session(config, type, role, family, &spec))
				show_session(vty, config, &spec);
}

static void show_policy_in(struct vty *vty, const struct er_session_spec *spec)
{
	char name[ER_NAME_LEN + 32];

	policy_in(spec, name, sizeof(name));
	vty_out(vty, "route-map %s permit 10\n", name);
	vty_out(vty, " match as-path EXPRESSROUTE-DRAINED\n");
	vty_out(vty, " set local-preference %u\n", spec->local_pref_drained);
	vty_out(vty, "exit\n");
	vty_out(vty, "route-map %s permit 20\n", name);
	vty_out(vty, " set local-preference %u\n", spec->local_pref);
	vty_out(vty, "exit\n");
}

/* The prefix-list of a family; returns how many entries it has. */
static unsigned int show_prefix_list(struct vty *vty, const struct er_circuit_config *config,
				     enum er_peering_type type, int af)
{
	const struct er_peering_config *peering = &config->peering[type];
	unsigned int n = 0;

	for (size_t i = 0; i < peering->n_advertise; i++)
		if (peering->advertise[i].family == af)
			vty_out(vty, "%s prefix-list %s-%s seq %u permit %pFX\n",
				af == AF_INET ? "ip" : "ipv6", config->name,
				er_peering_type_str(type), 5 * ++n, &peering->advertise[i]);
	return n;
}

static void show_policy_out(struct vty *vty, const struct er_circuit_config *config,
			    enum er_peering_type type)
{
	static const struct {
		int af;
		const char *word;
	} families[] = { { AF_INET, "ip" }, { AF_INET6, "ipv6" } };
	const char *peering = er_peering_type_str(type);
	unsigned int seq = 10;

	for (size_t i = 0; i < array_size(families); i++) {
		if (!show_prefix_list(vty, config, type, families[i].af))
			continue;
		vty_out(vty, "route-map %s-%s-OUT permit %u\n", config->name, peering, seq);
		vty_out(vty, " match %s address prefix-list %s-%s\n", families[i].word,
			config->name, peering);
		vty_out(vty, "exit\n");
		seq += 10;
	}
	/* nothing is advertised but what is listed */
	vty_out(vty, "route-map %s-%s-OUT deny %u\nexit\n", config->name, peering, seq);
}

static void show_policies(struct vty *vty, const struct er_circuit_config *config,
			  enum er_peering_type type)
{
	struct er_session_spec spec;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (er_plan_session(config, type, role, ER_IPV4, &spec) ||
		    er_plan_session(config, type, role, ER_IPV6, &spec))
			show_policy_in(vty, &spec);
	if (config->peering[type].session == ER_MANAGED)
		show_policy_out(vty, config, type);
}

void er_show_bgp_config(struct vty *vty, const struct er_circuit_config *config)
{
	vty_out(vty, "! circuit %s in plain FRR's words.  Plain FRR cannot compare a link with\n",
		config->name);
	vty_out(vty, "! its twin: here drained means %u times AS %u in front.\n",
		ER_DRAIN_PREPENDS, ER_MICROSOFT_AS);
	vty_out(vty, "bgp as-path access-list EXPRESSROUTE-DRAINED seq 5 permit ^(%u_){%u}\n",
		ER_MICROSOFT_AS, ER_DRAIN_PREPENDS);
	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++) {
		if (!config->peering[type].configured)
			continue;
		show_router(vty, config, type);
		show_policies(vty, config, type);
	}
}
