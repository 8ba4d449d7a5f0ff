// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link that ends on a partner: what iBGP does not show of the sites behind it.
 *
 * A router keeps a path to itself when another one is its best, the private WAN's to the
 * same site perhaps, unless it is to send its iBGP neighbors all of them.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/internal.h"
#include "core/site_internal.h"
#include "core/text.h"

static const struct er_session *session_of(const struct er_circuit *circuit, enum er_family family,
					   enum er_role role)
{
	return &circuit->session[ER_PRIVATE][family][role];
}

enum er_role er_reach_partner(const struct er_circuit *circuit, enum er_family family)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		const struct er_session *session = session_of(circuit, family, role);

		if (session->planned && session->spec.mode == ER_PARTNER)
			return role;
	}
	return ER_ROLES;
}

/* NULL: it shows all. */
static const char *why_not_shown(const struct er_session *session)
{
	if (session->facts.state != ER_SESSION_ESTABLISHED)
		return "there is no iBGP session with it";
	if (!session->facts.partner.all_paths)
		return "it sends its best paths only";
	if (session->facts.partner.unclear)
		return "some of its routes may be of either peering";
	if (session->facts.partner.unmarked)
		return "some of its routes may be of either circuit: they have no site-of-origin";
	return NULL;
}

bool er_reach_partner_shows(const struct er_circuit *circuit, enum er_family family)
{
	enum er_role role = er_reach_partner(circuit, family);

	return role == ER_ROLES || !why_not_shown(session_of(circuit, family, role));
}

bool er_reach_link_is_up(const struct er_circuit *circuit, enum er_family family, enum er_role role)
{
	const struct er_session *session = session_of(circuit, family, role);

	return session->facts.state == ER_SESSION_ESTABLISHED &&
	       (session->spec.mode != ER_PARTNER || session->facts.accepted);
}

/* BGP drops our own AS on the way from the partner as well, unless it is told not to. */
static bool is_dropped(const struct er_site_config *config, const struct er_site_facts *facts,
		       enum er_role role)
{
	return config && config->same_as && !facts->both && !facts->only[role];
}

static const char *why_hidden(const struct er_session *session, const struct er_site_config *config,
			      const struct er_site_facts *facts, bool settled)
{
	const char *why = why_not_shown(session);

	if (why)
		return why;
	if (!settled)
		return "its iBGP session has just begun";
	if (is_dropped(config, facts, session->spec.key.role))
		return "of a site with our own AS iBGP needs 'allowas-in'";
	return NULL;
}

void er_reach_hidden(const struct er_circuit *circuit, enum er_family family,
		     const struct er_site_config *config, const struct er_site_facts *facts,
		     bool settled, struct er_hidden *hidden)
{
	enum er_role role = er_reach_partner(circuit, family);
	const struct er_session *session;
	const char *why;

	memset(hidden, 0, sizeof(*hidden));
	if (role == ER_ROLES)
		return;
	if (er_site_accepted(facts) && !facts->only[!role] && !facts->missing)
		return; /* nothing lacks */
	session = session_of(circuit, family, role);
	why = why_hidden(session, config, facts, settled);
	if (!why)
		return;
	hidden->link[role] = true;
	snprintfrr(hidden->why, sizeof(hidden->why),
		   "not all is known of the %s link, which ends on partner %pIA: %s",
		   er_role_str(role), &session->spec.neighbor, why);
}

uint32_t er_reach_only(const struct er_site_facts *facts, const struct er_hidden *hidden,
		       enum er_role role)
{
	return hidden->link[!role] ? 0 : facts->only[role];
}

bool er_reach_missing_is_known(const struct er_site_facts *facts, const struct er_hidden *hidden)
{
	return !facts->missing || !er_is_any_hidden(hidden);
}

uint32_t er_reach_let_in(const struct er_core *core, const struct er_heard *heard)
{
	const struct er_circuit *circuit = er_circuit_find(core, heard->circuit);
	enum er_role partner = circuit ? er_reach_partner(circuit, heard->family) : ER_ROLES;
	uint32_t accepted = er_site_accepted(&heard->facts);

	return partner == ER_ROLES ? accepted : accepted - heard->facts.only[partner];
}
