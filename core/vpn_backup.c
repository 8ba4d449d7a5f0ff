// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN backups: made, found, freed; events -> what is known; what is kept over a
 * restart.
 */
#include <zebra.h>

#include "lib/memory.h"

#include "core/limits.h"
#include "core/mgroup.h"
#include "core/plan.h"
#include "core/vpn_internal.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_VPN_BACKUP, "ExpressRoute VPN backup");
DEFINE_MTYPE_STATIC(ER_CORE, ER_VPN_CONFIG, "ExpressRoute VPN backup configuration");
DEFINE_MTYPE_STATIC(ER_CORE, ER_VPN_LIST, "ExpressRoute VPN backup prefixes and circuits");
DEFINE_MTYPE_STATIC(ER_CORE, ER_VPN_RESTORED, "ExpressRoute VPN restored state");

/*
 * Made, found, freed
 */
static void *list_copy(const void *from, size_t size)
{
	return size ? memcpy(XMALLOC(MTYPE_ER_VPN_LIST, size), from, size) : NULL;
}

static struct er_vpn_config *config_copy(const struct er_vpn_config *from)
{
	struct er_vpn_config *config = XMALLOC(MTYPE_ER_VPN_CONFIG, sizeof(*config));

	*config = *from;
	config->circuit = list_copy(from->circuit, from->n_circuits * sizeof(*from->circuit));
	config->prefix = list_copy(from->prefix, from->n_prefixes * sizeof(*from->prefix));
	config->advertise = list_copy(from->advertise,
				      from->n_advertise * sizeof(*from->advertise));
	return config;
}

static void config_free(struct er_vpn_config **config)
{
	if (!*config)
		return;
	XFREE(MTYPE_ER_VPN_LIST, (*config)->circuit);
	XFREE(MTYPE_ER_VPN_LIST, (*config)->prefix);
	XFREE(MTYPE_ER_VPN_LIST, (*config)->advertise);
	XFREE(MTYPE_ER_VPN_CONFIG, *config);
}

struct er_vpn *er_vpn_find(const struct er_core *core, const char *name)
{
	struct er_vpn ref;

	memset(&ref.by_name, 0, sizeof(ref.by_name));
	ref.name = name;
	/* the search reads the name only, and changes nothing */
	return er_vpns_find((struct er_vpns_head *)&core->vpns, &ref);
}

static void vpn_free(struct er_core *core, struct er_vpn *vpn)
{
	er_vpns_del(&core->vpns, vpn);
	er_vpn_test_fini(&vpn->test);
	XFREE(MTYPE_ER_VPN_LIST, vpn->static_);
	config_free(&vpn->config);
	XFREE(MTYPE_ER_VPN_BACKUP, vpn);
}

void er_vpns_start(struct er_core *core)
{
	er_vpns_init(&core->vpns);
	er_vpn_restored_list_init(&core->vpn_restored);
	core->vpn_deadline_ms = ER_NEVER;
}

static void restored_free(struct er_core *core, struct er_vpn_restored *restored)
{
	er_vpn_restored_list_del(&core->vpn_restored, restored);
	XFREE(MTYPE_ER_VPN_RESTORED, restored);
}

void er_vpns_stop(struct er_core *core)
{
	struct er_vpn_restored *restored;
	struct er_vpn *vpn;

	while ((vpn = er_vpns_first(&core->vpns)))
		vpn_free(core, vpn);
	while ((restored = er_vpn_restored_list_first(&core->vpn_restored)))
		restored_free(core, restored);
	er_vpn_restored_list_fini(&core->vpn_restored);
	er_vpns_fini(&core->vpns);
}

/*
 * Over a restart
 */
static struct er_vpn_restored *restored_find(struct er_core *core, const char *name,
					     enum er_family f)
{
	struct er_vpn_restored *restored;

	frr_each (er_vpn_restored_list, &core->vpn_restored, restored)
		if (strmatch(restored->memory.key.circuit, name) &&
		    restored->memory.key.family == f)
			return restored;
	return NULL;
}

/* How often the hold has doubled to be what it is; the configuration may differ now. */
static unsigned int doublings_of(const struct er_vpn *vpn, uint32_t hold_s)
{
	struct er_vpn_family m = {};

	while (er_vpn_hold_s(vpn, &m) < hold_s && m.doublings < 32)
		m.doublings++;
	return er_vpn_hold_s(vpn, &m) < hold_s ? 0 : m.doublings;
}

/* The wall clock may have been set back meanwhile: no more is left than was asked for. */
static int64_t limit_left_ms(const struct er_vpn_memory *memory, struct er_time now)
{
	int64_t left_s = memory->until_wall - now.wall_s;

	return MIN(MAX(left_s, 0), MIN(memory->limit_s, ER_VPN_SWITCHOVER_MAX_S)) * 1000;
}

static void family_restore_active(struct er_vpn_family *m, const struct er_vpn_memory *memory,
				  struct er_time now)
{
	m->active = true;
	m->cause = memory->cause;
	m->switched = memory->switched;
	if (m->switched)
		m->switch_from_ms = now.mono_ms;
	else /* it may have been on its way back */
		m->settled_ms = now.mono_ms + ER_VPN_SETTLE_MS;
	m->operator.asked = memory->asked;
	if (!memory->asked)
		return;
	m->operator.until_ms = memory->until_wall ? now.mono_ms + limit_left_ms(memory, now)
						  : ER_NEVER;
	m->operator.seconds = memory->limit_s;
}

/* The family must be waiting: nothing has been decided since the start. */
static void family_restore(struct er_vpn *vpn, enum er_family f,
			   const struct er_vpn_memory *memory, struct er_time now)
{
	struct er_vpn_family *m = &vpn->family[f];

	m->restored = true;
	m->said.available = memory->available;
	m->doublings = doublings_of(vpn, memory->hold_s);
	if (memory->active && memory->cause > ER_VPN_CAUSE_NONE &&
	    memory->cause <= ER_VPN_CAUSE_TEST)
		family_restore_active(m, memory, now);
	if (m->doublings && !m->active) {
		m->returned = true;
		m->returned_ms = now.mono_ms;
	}
	ER_FOREACH_ROLE(r)
	vpn->gateway[f][r].distrusted = memory->unusable[r];
}

static void report_restore(struct er_vpn *vpn, const struct er_test_report *report)
{
	if (vpn->test.report.result != ER_TEST_NONE)
		return;
	vpn->test.report = *report;
	if (report->result == ER_TEST_PASSED && !report->passed_wall)
		vpn->test.report.passed_wall = report->began_wall;
	vpn->test.interrupted = report->result == ER_TEST_RUNNING;
}

void er_vpn_restore(struct er_core *core, const struct er_vpn_memory *memory, struct er_time now)
{
	const struct er_peering_key *key = &memory->key;
	struct er_vpn *vpn = er_vpn_find(core, key->circuit);
	struct er_vpn_restored *restored;

	if (key->peering != ER_VPN || (unsigned int)key->family >= ER_FAMILIES)
		return;
	if (vpn)
		report_restore(vpn, &memory->report);
	if (vpn && vpn->family[key->family].configured) {
		if (vpn->family[key->family].waiting)
			family_restore(vpn, key->family, memory, now);
		return;
	}
	restored = restored_find(core, key->circuit, key->family);
	if (!restored) {
		restored = XCALLOC(MTYPE_ER_VPN_RESTORED, sizeof(*restored));
		er_vpn_restored_list_add_tail(&core->vpn_restored, restored);
	}
	restored->memory = *memory;
}

static void remember(const struct er_vpn *vpn, enum er_family f, struct er_time now,
		     er_vpn_memory_cb cb, void *arg)
{
	const struct er_vpn_family *m = &vpn->family[f];
	struct er_vpn_memory memory = {
		.key = { .peering = ER_VPN, .family = f },
		.active = m->active,
		.cause = m->cause,
		.switched = m->switched,
		.asked = m->operator.asked,
		.available = m->said.available,
		.hold_s = er_vpn_hold_s(vpn, m),
		.report = vpn->test.report,
	};

	strlcpy(memory.key.circuit, vpn->name, sizeof(memory.key.circuit));
	if (m->operator.asked && m->operator.until_ms != ER_NEVER) {
		memory.until_wall = now.wall_s +
				    MAX(m->operator.until_ms - now.mono_ms, 1000) / 1000;
		memory.limit_s = m->operator.seconds;
	}
	ER_FOREACH_ROLE(r)
	memory.unusable[r] = vpn->gateway[f][r].runs && !vpn->gateway[f][r].usable;
	cb(&memory, arg);
}

void er_vpn_remember(const struct er_core *core, struct er_time now, er_vpn_memory_cb cb, void *arg)
{
	const struct er_vpn_restored *restored;
	const struct er_vpn *vpn;

	frr_each (er_vpns_const, &core->vpns, vpn)
		ER_FOREACH_FAMILY(f)
	if (vpn->family[f].configured)
		remember(vpn, f, now, cb, arg);
	frr_each (er_vpn_restored_list_const, &core->vpn_restored, restored)
		cb(&restored->memory, arg);
}

/*
 * Configuration
 */
static void session_forget(struct er_gateway *g)
{
	g->reported = g->fresh_reported = false;
	memset(&g->session, 0, sizeof(g->session));
	memset(&g->fresh, 0, sizeof(g->fresh));
}

static void tunnel_forget(struct er_gateway *g)
{
	g->seen = false;
	memset(&g->facts, 0, sizeof(g->facts));
	memset(&g->probe, 0, sizeof(g->probe));
}

/* Facts of another interface or VRF are not facts of this, nor is another's reply. */
static void forget_other_tunnels(struct er_vpn *vpn, const struct er_vpn_config *config,
				 enum er_family f, enum er_role r)
{
	const struct er_gateway_config *old = &vpn->config->gateway[r];
	const struct er_gateway_config *new = &config->gateway[r];
	struct er_gateway *g = &vpn->gateway[f][r];

	if (!strmatch(vpn->config->vrf, config->vrf) || !strmatch(old->ifname, new->ifname))
		tunnel_forget(g);
	if (ipaddr_cmp(&old->probe[f], &new->probe[f]) != 0)
		memset(&g->probe, 0, sizeof(g->probe));
}

/* Keep what is known of a session as long as it is the same session. */
static void gateway_replan(struct er_vpn *vpn, enum er_family f, enum er_role r, int64_t now_ms)
{
	const struct er_vpn_config *config = vpn->config;
	struct er_gateway *g = &vpn->gateway[f][r];
	struct er_session_spec old = g->spec;
	bool ran = g->planned;

	g->runs = er_vpn_has_gateway(config, r, f) && !config->shutdown &&
		  !config->gateway[r].shutdown;
	g->planned = g->runs && er_vpn_describe_session(config, r, f, &g->spec);
	g->resynced = true;
	if (!g->runs) {
		g->distrusted = false;
		memset(&g->probe, 0, sizeof(g->probe));
	}
	if (ran && g->planned && er_plan_same_session(&old, &g->spec))
		return;
	session_forget(g);
	if (ran || !g->runs)
		er_holddown_stop(&g->holddown, now_ms);
}

static void family_start(struct er_core *core, struct er_vpn *vpn, enum er_family f)
{
	struct er_vpn_restored *restored = restored_find(core, vpn->name, f);
	struct er_vpn_family *m = &vpn->family[f];

	memset(m, 0, sizeof(*m));
	er_vpn_reset(m);
	m->configured = true;
	m->since_ms = core->now.mono_ms;
	m->waiting = true;
	if (restored) {
		report_restore(vpn, &restored->memory.report);
		family_restore(vpn, f, &restored->memory, core->now);
		restored_free(core, restored);
	}
}

static void family_replan(struct er_core *core, struct er_vpn *vpn, enum er_family f)
{
	struct er_vpn_family *m = &vpn->family[f];
	bool configured = false, runs = false;

	ER_FOREACH_ROLE(r)
	{
		gateway_replan(vpn, f, r, core->now.mono_ms);
		configured |= er_vpn_has_gateway(vpn->config, r, f);
		runs |= vpn->gateway[f][r].runs;
	}
	if (configured && !m->configured)
		family_start(core, vpn, f);
	m->configured = configured;
	if (runs && !m->runs) {
		m->waiting = true;
		m->waits_until_ms = core->now.mono_ms + ER_START_GRACE_MS;
		m->grace_until_ms = m->waits_until_ms;
		m->rule_was_off = m->was_available = false;
	}
	m->runs = runs;
}

/* What is known of a static prefix is so in another place of the list as well. */
static struct er_vpn_static *statics_of(const struct er_vpn *vpn,
					const struct er_vpn_config *config)
{
	const struct er_vpn_config *old = vpn->config;
	struct er_vpn_static *statics;

	if (!config->n_prefixes)
		return NULL;
	statics = XCALLOC(MTYPE_ER_VPN_LIST, config->n_prefixes * sizeof(*statics));
	if (!old || !strmatch(old->vrf, config->vrf))
		return statics;
	for (size_t i = 0; i < config->n_prefixes; i++)
		for (size_t j = 0; j < old->n_prefixes; j++)
			if (prefix_same(&config->prefix[i], &old->prefix[j]))
				statics[i] = vpn->static_[j];
	return statics;
}

static void vpn_set_config(struct er_vpn *vpn, const struct er_vpn_config *config)
{
	struct er_vpn_static *statics = statics_of(vpn, config);
	struct er_vpn_config *old = vpn->config;

	if (old)
		ER_FOREACH_FAMILY(f)
	ER_FOREACH_ROLE(r)
	forget_other_tunnels(vpn, config, f, r);
	XFREE(MTYPE_ER_VPN_LIST, vpn->static_);
	vpn->static_ = statics;
	vpn->config = config_copy(config);
	vpn->name = vpn->config->name; /* equal to the old one: the tree stays in order */
	config_free(&old);
}

static void on_config(struct er_core *core, const struct er_vpn_config *config)
{
	struct er_vpn *vpn = er_vpn_find(core, config->name);

	if (vpn) {
		vpn_set_config(vpn, config);
	} else {
		vpn = XCALLOC(MTYPE_ER_VPN_BACKUP, sizeof(*vpn));
		vpn_set_config(vpn, config);
		er_vpns_add(&core->vpns, vpn);
	}
	ER_FOREACH_FAMILY(f)
	family_replan(core, vpn, f);
}

static void on_config_gone(struct er_core *core, const char *name)
{
	struct er_vpn *vpn = er_vpn_find(core, name);
	struct er_vpn_restored *restored;

	if (vpn)
		vpn_free(core, vpn);
	ER_FOREACH_FAMILY(f)
	{
		restored = restored_find(core, name, f);
		if (restored)
			restored_free(core, restored);
	}
}

/*
 * Facts
 */
static struct er_gateway *gateway_of(struct er_vpn *vpn, const struct er_session_key *key)
{
	if (!vpn || key->peering != ER_VPN || (unsigned int)key->role >= ER_ROLES ||
	    (unsigned int)key->family >= ER_FAMILIES)
		return NULL;
	return &vpn->gateway[key->family][key->role];
}

static void on_session(const struct er_core *core, struct er_gateway *g,
		       const struct er_session_facts *facts)
{
	if (!g->planned)
		return;
	if (core->channel == ER_CHANNEL_SYNCED) {
		g->session = *facts;
		g->reported = true;
	} else {
		g->fresh = *facts;
		g->fresh_reported = true;
	}
}

static void on_gateway(const struct er_vpn *vpn, struct er_gateway *g,
		       const struct er_session_key *key, const struct er_gateway_facts *facts)
{
	g->facts = *facts;
	g->seen = true;
	if (!vpn->config->gateway[key->role].ifname[0])
		g->facts.interface = ER_IF_UNCONFIGURED;
	if (!er_gateway_has_probe(vpn, key->family, key->role))
		g->distrusted = false;
}

static void on_probe(struct er_vpn *vpn, struct er_gateway *g, const struct er_session_key *key,
		     bool replied, uint32_t rtt_us)
{
	if (!g->runs || !er_gateway_has_probe(vpn, key->family, key->role))
		return;
	er_probe_result(&g->probe, vpn->config->probe_multiplier, replied, rtt_us);
	if (g->probe.known)
		g->distrusted = false;
	er_vpn_test_probe(vpn, key->family, key->role, replied, rtt_us);
}

static void on_rib(const struct er_core *core, struct er_vpn_family *m,
		   const struct er_vpn_rib_facts *rib)
{
	if (!m->configured)
		return;
	if (core->channel == ER_CHANNEL_SYNCED)
		m->rib = *rib;
	else
		m->fresh_rib = *rib;
}

static void on_static(const struct er_core *core, struct er_vpn *vpn, const struct prefix *prefix,
		      bool more_specific, struct er_decisions *out)
{
	enum er_static_place place = more_specific ? ER_STATIC_WITHIN : ER_STATIC_APART;

	for (size_t i = 0; i < vpn->config->n_prefixes; i++) {
		struct er_vpn_static *s = &vpn->static_[i];

		if (!prefix_same(&vpn->config->prefix[i], prefix))
			continue;
		if (core->channel != ER_CHANNEL_SYNCED) {
			s->fresh_place = place;
		} else if (s->place != place) {
			s->place = place;
			out->replan |= vpn->config->more_specifics == ER_MORE_SPECIFICS_SUPPRESS;
		}
	}
}

static void on_static_route(struct er_vpn *vpn, const struct prefix *prefix,
			    enum er_static_route route)
{
	for (size_t i = 0; i < vpn->config->n_prefixes; i++)
		if (prefix_same(&vpn->config->prefix[i], prefix))
			vpn->static_[i].route = route;
}

/*
 * Requests
 */
static void switch_to_vpn(struct er_vpn_family *m, uint32_t seconds, int64_t now_ms)
{
	m->operator.asked = true;
	m->operator.until_ms = seconds ? now_ms + seconds * INT64_C(1000) : ER_NEVER;
	m->operator.seconds = seconds;
}

static void switch_to_expressroute(struct er_vpn_family *m, const struct er_vpn_sight *sight)
{
	m->operator.asked = false;
	m->ordered = m->active && !sight->causes && sight->carrying;
}

static void on_request(struct er_core *core, struct er_vpn *vpn,
		       const struct er_vpn_request *request, struct er_decisions *out)
{
	struct er_vpn_sight sight[ER_FAMILIES];
	char refused[ER_TEXT_LEN];

	if (er_vpn_refuse(core, request, refused, sizeof(refused)))
		return;
	ER_FOREACH_FAMILY(f)
	er_vpn_see(core, vpn, f, &sight[f]);
	switch (request->ask) {
	case ER_VPN_TO_VPN:
		ER_FOREACH_FAMILY(f)
		if (sight[f].known && sight[f].available)
			switch_to_vpn(&vpn->family[f], request->seconds, core->now.mono_ms);
		break;
	case ER_VPN_TO_EXPRESSROUTE:
		vpn->test.called_off = vpn->test.phase != ER_TEST_PHASE_IDLE;
		ER_FOREACH_FAMILY(f)
		if (sight[f].known)
			switch_to_expressroute(&vpn->family[f], &sight[f]);
		break;
	case ER_VPN_TEST:
		er_vpn_test_begin(vpn, sight, request, core->now, out);
		break;
	case ER_VPN_TEST_ABORT:
		vpn->test.called_off = true;
		break;
	}
}

void er_vpn_handle(struct er_core *core, const struct er_event *ev, struct er_decisions *out)
{
	const char *name = ev->session.circuit;
	struct er_gateway *g;
	struct er_vpn *vpn;

	if (ev->type == ER_EV_VPN_CONFIG || ev->type == ER_EV_VPN_CONFIG_GONE) {
		if (ev->type == ER_EV_VPN_CONFIG)
			on_config(core, ev->vpn);
		else
			on_config_gone(core, ev->circuit);
		out->replan = true;
		return;
	}
	if (ev->type == ER_EV_VPN_RIB || ev->type == ER_EV_STATIC || ev->type == ER_EV_STATIC_ROUTE)
		name = ev->peering.circuit;
	else if (ev->type == ER_EV_VPN_REQUEST)
		name = ev->request->vpn;
	vpn = er_vpn_find(core, name);
	if (!vpn)
		return;
	if (ev->type == ER_EV_VPN_REQUEST) {
		on_request(core, vpn, ev->request, out);
	} else if (ev->type == ER_EV_VPN_RIB) {
		if (ev->peering.peering == ER_VPN && (unsigned int)ev->peering.family < ER_FAMILIES)
			on_rib(core, &vpn->family[ev->peering.family], &ev->vpn_rib);
	} else if (ev->type == ER_EV_STATIC) {
		on_static(core, vpn, &ev->static_.prefix, ev->static_.more_specific, out);
	} else if (ev->type == ER_EV_STATIC_ROUTE) {
		on_static_route(vpn, &ev->static_route.prefix, ev->static_route.state);
	} else {
		g = gateway_of(vpn, &ev->session);
		if (g && ev->type == ER_EV_SESSION)
			on_session(core, g, &ev->facts);
		else if (g && ev->type == ER_EV_GATEWAY)
			on_gateway(vpn, g, &ev->session, &ev->gateway);
		else if (g && ev->type == ER_EV_PROBE)
			on_probe(vpn, g, &ev->session, ev->probe.replied, ev->probe.rtt_us);
	}
}

void er_vpn_clear(struct er_core *core)
{
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn)
		ER_FOREACH_FAMILY(f)
		{
			vpn->family[f].doublings = 0;
			vpn->family[f].returned = false;
			ER_FOREACH_ROLE(r)
			er_holddown_clear(&vpn->gateway[f][r].holddown);
		}
}

/*
 * The channel to bgpd's module
 */
void er_vpn_forget_fresh(struct er_core *core)
{
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn) {
		ER_FOREACH_FAMILY(f)
		{
			memset(&vpn->family[f].fresh_rib, 0, sizeof(vpn->family[f].fresh_rib));
			ER_FOREACH_ROLE(r)
			{
				vpn->gateway[f][r].fresh_reported = false;
				memset(&vpn->gateway[f][r].fresh, 0,
				       sizeof(vpn->gateway[f][r].fresh));
			}
		}
		for (size_t i = 0; i < vpn->config->n_prefixes; i++)
			vpn->static_[i].fresh_place = ER_STATIC_UNKNOWN;
	}
}

/*
 * Without bgpd there is no route of ExpressRoute that a static one could undercut;
 * one that hangs still has some in zebra, and a detour over the VPN is better than
 * a prefix that neither has.  What is back after it is to last for a hold of its own.
 */
void er_vpn_forget_facts(struct er_core *core)
{
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn) {
		ER_FOREACH_FAMILY(f)
		{
			memset(&vpn->family[f].rib, 0, sizeof(vpn->family[f].rib));
			er_vpn_stop_returning(&vpn->family[f]);
			ER_FOREACH_ROLE(r)
			{
				vpn->gateway[f][r].reported = false;
				memset(&vpn->gateway[f][r].session, 0,
				       sizeof(vpn->gateway[f][r].session));
			}
		}
		for (size_t i = 0; i < vpn->config->n_prefixes; i++)
			vpn->static_[i].place = ER_STATIC_UNKNOWN;
	}
}

void er_vpn_take_fresh(struct er_core *core)
{
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn) {
		ER_FOREACH_FAMILY(f)
		{
			vpn->family[f].rib = vpn->family[f].fresh_rib;
			ER_FOREACH_ROLE(r)
			{
				struct er_gateway *g = &vpn->gateway[f][r];

				g->reported = g->fresh_reported;
				g->session = g->fresh;
				g->resynced = true;
			}
		}
		for (size_t i = 0; i < vpn->config->n_prefixes; i++)
			vpn->static_[i].place = vpn->static_[i].fresh_place;
	}
}

void er_vpn_synced(struct er_core *core)
{
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn)
		ER_FOREACH_FAMILY(f)
		{
			struct er_vpn_family *m = &vpn->family[f];

			m->grace_until_ms = core->now.mono_ms + ER_START_GRACE_MS;
			m->rule_was_off = m->was_available = false;
		}
}

void er_vpn_lost(struct er_core *core)
{
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn)
		if (vpn->test.phase != ER_TEST_PHASE_IDLE)
			vpn->test.interrupted = true;
}

/*
 * Updating
 */
static void family_await(const struct er_core *core, struct er_vpn *vpn, enum er_family f,
			 int64_t now_ms)
{
	struct er_vpn_family *m = &vpn->family[f];

	if (!m->waiting || !m->runs || core->channel != ER_CHANNEL_SYNCED)
		return;
	if (now_ms < m->waits_until_ms)
		ER_FOREACH_ROLE(r)
	if (vpn->gateway[f][r].planned && !vpn->gateway[f][r].reported)
		return;
	m->waiting = false;
}

static struct er_vpn_planned planned_of(const struct er_vpn *vpn)
{
	struct er_vpn_planned planned;

	memset(&planned, 0, sizeof(planned));
	ER_FOREACH_FAMILY(f)
	{
		planned.active[f] = vpn->family[f].active;
		planned.switched[f] = vpn->family[f].switched;
		ER_FOREACH_ROLE(r)
		planned.usable[f][r] = vpn->gateway[f][r].usable;
	}
	return planned;
}

/* Returns when time alone will decide something. */
static int64_t vpn_update(struct er_core *core, struct er_vpn *vpn, struct er_time now,
			  struct er_decisions *out)
{
	struct er_vpn_sight sight[ER_FAMILIES];
	int64_t deadline_ms;
	struct er_vpn_planned planned;

	ER_FOREACH_FAMILY(f)
	{
		family_await(core, vpn, f, now.mono_ms);
		er_gateways_update(core, vpn, f, now, out);
		er_vpn_see(core, vpn, f, &sight[f]);
	}
	er_vpn_test_step(core, vpn, sight, now, out);
	ER_FOREACH_FAMILY(f)
	er_vpn_decide(core, vpn, f, &sight[f], now, out);
	er_vpn_test_end(vpn, out);

	planned = planned_of(vpn);
	if (memcmp(&planned, &vpn->planned, sizeof(planned)) != 0)
		out->replan = true;
	vpn->planned = planned;

	deadline_ms = er_vpn_test_deadline(vpn, now.mono_ms);
	ER_FOREACH_FAMILY(f)
	deadline_ms = MIN(deadline_ms, er_vpn_deadline(vpn, f, &sight[f], now.mono_ms));
	return core->channel == ER_CHANNEL_SYNCED ? deadline_ms : ER_NEVER;
}

void er_vpn_update(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	int64_t deadline_ms = ER_NEVER;
	struct er_vpn *vpn;

	frr_each (er_vpns, &core->vpns, vpn)
		deadline_ms = MIN(deadline_ms, vpn_update(core, vpn, now, out));
	core->vpn_deadline_ms = deadline_ms;
}
