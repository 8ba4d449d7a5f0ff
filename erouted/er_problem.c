// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What keeps a session from working, and what to do, in words: from the
 * outside in, the first that applies.
 */
#include <zebra.h>

#include "core/text.h"
#include "erouted/erouted.h"

bool er_session_problem(const struct er_session_view *view, const struct er_circuit_config *config,
			const struct er_session_key *key, char *buf, size_t len)
{
	const struct er_peering_config *peering = &config->peering[key->peering];
	const struct er_link_config *link = &peering->link[key->role];
	const struct er_session_spec *spec = &view->spec;

	buf[0] = '\0';
	if (!view->configured)
		return false;

	switch (view->interface.state) {
	case ER_IF_UNCONFIGURED:
		if (!link->ifname[0])
			snprintf(buf, len, "the link has no interface: configure one");
		break;
	case ER_IF_MISSING:
		snprintf(buf, len,
			 "interface %s does not exist: create it or correct the link's interface",
			 link->ifname);
		break;
	case ER_IF_WRONG_VRF:
		snprintf(buf, len,
			 "interface %s is not in VRF %s: move it or correct the peering's vrf",
			 link->ifname, peering->vrf);
		break;
	case ER_IF_DOWN:
		snprintf(buf, len, "interface %s is down: check the port and its carrier",
			 link->ifname);
		break;
	case ER_IF_UP:
		if (!view->interface.address_present[key->family])
			snprintfrr(buf, len,
				   "address %pIA is not on interface %s: add %pIA/%u there",
				   &spec->local, link->ifname, &spec->local,
				   link->subnet[key->family].prefixlen);
		break;
	}

	if (!buf[0])
		strlcpy(buf, view->facts.problem, len);
	return buf[0] != '\0';
}
