// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operator may drain just now, and why not.
 *
 * Links carry the same traffic when they are of the same type of peering, in the same
 * VRF and family, of whatever circuit.  Whether another circuit has each of the prefixes
 * is seen when routes move: what nothing else carries stays where it is, and the link is
 * not called safe.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/internal.h"
#include "core/plan.h"
#include "core/text.h"

/* A request, and where the refusal goes. */
struct asked {
	const struct er_core *core;
	const struct er_circuit *circuit;
	const struct er_own_request *request;
	char *buf;
	size_t len;
};

static const char *refuse(const struct asked *a, const char *reason)
{
	snprintfrr(a->buf, a->len, "circuit %s: %s", a->circuit->name, reason);
	return a->buf;
}

static bool is_configured(const struct er_circuit *c, enum er_role role)
{
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
		if (c->config->peering[p].configured && c->config->peering[p].link[role].configured)
			return true;
	return false;
}

/* "primary", "secondary", "both links": those that are asked for. */
static const char *links(const struct asked *a)
{
	const bool *link = a->request->link;

	if (link[ER_PRIMARY] && link[ER_SECONDARY])
		return "both links";
	return er_role_str(link[ER_PRIMARY] ? ER_PRIMARY : ER_SECONDARY);
}

static const char *refuse_unchanged(const struct asked *a)
{
	bool any = false, changes = false,
	     both = a->request->link[ER_PRIMARY] && a->request->link[ER_SECONDARY];
	char reason[ER_TEXT_LEN];

	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		if (!a->request->link[r] || !is_configured(a->circuit, r))
			continue;
		any = true;
		changes |= a->circuit->own[r].on != a->request->drain;
	}
	if (changes)
		return NULL;
	if (!any)
		snprintfrr(reason, sizeof(reason), "it has no link %s", both ? "at all" : links(a));
	else
		snprintfrr(reason, sizeof(reason), "%s %s %sdrained by operator%s",
			   both && !a->request->drain ? "no link" : links(a),
			   both && a->request->drain ? "are" : "is",
			   a->request->drain || both ? "" : "not ",
			   a->request->drain ? " already" : "");
	return refuse(a, reason);
}

static bool is_asked(const struct asked *a, const struct er_circuit *c, enum er_role role)
{
	return c == a->circuit && a->request->link[role];
}

static bool carries(const struct er_pair *pair, enum er_role role)
{
	return pair->assessment.link[role].health >= ER_LINK_HELD;
}

/* One that is healthy and stays, for the same traffic. */
static bool another_is_healthy(const struct asked *a, enum er_peering_type p, enum er_family f)
{
	const char *vrf = a->circuit->config->peering[p].vrf;
	const struct er_circuit *c;

	frr_each (er_circuits_const, &a->core->circuits, c) {
		if (!c->pair[p][f].exists || !strmatch(c->config->peering[p].vrf, vrf))
			continue;
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
			if (!is_asked(a, c, r) &&
			    c->pair[p][f].assessment.link[r].health == ER_LINK_UP)
				return true;
	}
	return false;
}

/* "secondary is not healthy: drained by Microsoft (maintenance)" */
static void say_why(const struct asked *a, enum er_peering_type p, enum er_family f, char *buf,
		    size_t len)
{
	struct er_session_view view;
	struct er_session_key key = { .peering = p, .family = f };
	char reason[ER_TEXT_LEN];

	buf[0] = '\0';
	strlcpy(key.circuit, a->circuit->name, sizeof(key.circuit));
	for (key.role = ER_PRIMARY; key.role < ER_ROLES; key.role++) {
		if (a->request->link[key.role])
			continue;
		er_core_session(a->core, &key, a->core->now, &view);
		er_link_reason(&view, reason, sizeof(reason));
		snprintfrr(buf, len, "%s is %s: %s, and ", er_role_str(key.role),
			   er_health_str(view.assessment.health), reason);
	}
}

static const char *refuse_last(const struct asked *a, enum er_peering_type p, enum er_family f)
{
	const struct er_pair *pair = &a->circuit->pair[p][f];
	char why[ER_TEXT_LEN], reason[2 * ER_TEXT_LEN];
	bool any = false, both = a->request->link[ER_PRIMARY] && a->request->link[ER_SECONDARY];

	if (!pair->exists)
		return NULL;
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		any |= a->request->link[r] && !a->circuit->own[r].on && carries(pair, r);
	if (!any || another_is_healthy(a, p, f))
		return NULL;
	say_why(a, p, f, why, sizeof(why));
	snprintfrr(reason, sizeof(reason),
		   "%s %s the last that can carry %s %s, so only 'force' drains %s: %sno other circuit has a healthy link in VRF %s",
		   links(a), both ? "are" : "is", er_peering_type_str(p), er_family_str(f),
		   both ? "them" : "it", why, a->circuit->config->peering[p].vrf);
	return refuse(a, reason);
}

/* What ends elsewhere is moved there: this router neither prefers nor prepends it. */
static const char *refuse_partner(const struct asked *a)
{
	bool both = a->request->link[ER_PRIMARY] && a->request->link[ER_SECONDARY];
	char reason[ER_TEXT_LEN];

	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
			const struct er_link_config *l = &a->circuit->config->peering[p].link[r];

			if (!a->request->link[r] || !a->circuit->config->peering[p].configured ||
			    !l->configured || IS_IPADDR_NONE(&l->partner))
				continue;
			snprintfrr(reason, sizeof(reason),
				   "%s ends on partner %pIA: drain it there%s%s", er_role_str(r),
				   &l->partner, both ? ", and here link " : "",
				   both ? er_role_str(!r) : "");
			return refuse(a, reason);
		}
	return NULL;
}

static const char *refuse_drain(const struct asked *a)
{
	const char *refused = refuse_partner(a);

	if (refused)
		return refused;
	ER_FOREACH_PAIR(p, f)
	if (a->circuit->pair[p][f].exists && a->circuit->pair[p][f].waiting)
		return refuse(a,
			      "bgpd has not reported yet, and nothing is moved blindly: ask again in a few seconds");
	if (a->core->channel != ER_CHANNEL_SYNCED)
		return refuse(a,
			      "no contact with bgpd, and nothing is moved blindly: is it running, with '-M expressroute'?");
	ER_FOREACH_PAIR(p, f)
	if (!refused && !a->request->force)
		refused = refuse_last(a, p, f);
	return refused;
}

const char *er_own_refuse(const struct er_core *core, const struct er_own_request *request,
			  char *buf, size_t len)
{
	struct asked a = {
		.core = core,
		.circuit = er_circuit_find(core, request->circuit),
		.request = request,
		.buf = buf,
		.len = len,
	};
	const char *refused;

	if (!a.circuit) {
		snprintfrr(buf, len, "there is no circuit %s: 'show expressroute' has all",
			   request->circuit);
		return buf;
	}
	refused = refuse_unchanged(&a);
	if (!refused && request->drain)
		refused = refuse_drain(&a);
	return refused;
}
