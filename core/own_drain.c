// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the operator has drained, and how far it is.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/printfrr.h"

#include "core/internal.h"
#include "core/limits.h"
#include "core/mgroup.h"
#include "core/plan.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_OWN_RESTORED, "ExpressRoute restored drain");

/*
 * The sessions of a link that is drained
 */

/* Of all links that may take its traffic, itself among them: the most that is prepended. */
static unsigned int most_prepended(const struct er_core *core, const struct er_session_spec *spec)
{
	const struct er_circuit *c;
	struct er_session_spec other;
	unsigned int most = spec->prepend;

	frr_each (er_circuits_const, &core->circuits, c)
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
			if (er_plan_session(c->config, spec->key.peering, r, spec->key.family,
					    &other) &&
			    strmatch(other.vrf, spec->vrf))
				most = MAX(most, other.prepend);
	return most;
}

void er_own_plan(const struct er_core *core, struct er_session_spec *spec)
{
	const struct er_circuit *c = er_circuit_find(core, spec->key.circuit);

	if (!c || spec->key.peering >= ER_PEERING_TYPES || !c->own[spec->key.role].on)
		return;
	spec->drained = true;
	spec->local_pref = ER_LOCAL_PREF_OWN_DRAINED;
	spec->local_pref_drained = ER_LOCAL_PREF_BOTH_DRAINED;
	spec->prepend = MIN(most_prepended(core, spec) + ER_OWN_DRAIN_PREPENDS,
			    ER_OWN_DRAIN_PREPENDS_MAX);
}

/*
 * Packets
 */

/* What a session sends for itself: BFD, a quarter of an interval early at most. */
static uint32_t bfd_packets(const struct er_session *s, bool received)
{
	const struct er_bfd_config *bfd = &s->spec.bfd;
	uint32_t interval = received ? bfd->receive_interval : bfd->transmit_interval;

	if (!s->planned || !bfd->enabled)
		return 0;
	if (s->spec.mode == ER_ATTACHED)
		interval = MIN(interval, ER_OWN_DRAIN_BFD_MS);
	return interval ? 4000 / (3 * interval) + 1 : 0;
}

struct probed {
	const struct er_circuit *circuit;
	enum er_peering_type peering;
	enum er_role role;
	uint32_t packets;
};

static int add_probe(const struct er_path_config *config, void *arg)
{
	struct probed *probed = arg;
	const struct er_path_key *key = &config->key;

	if (!config->has_path || key->kind != ER_PATH_LINK || !config->interval_ms ||
	    key->session.peering != probed->peering || key->session.role != probed->role ||
	    !strmatch(key->session.circuit, probed->circuit->name))
		return 0;
	probed->packets +=
		(config->tcp_port ? ER_PROBE_TCP_PACKETS : 1) * 1000 / config->interval_ms + 1;
	return 0;
}

/* Packets a second that our own probes send over the link, and get back. */
static uint32_t probe_packets(const struct er_core *core, const struct er_circuit *c,
			      enum er_peering_type p, enum er_role r)
{
	struct probed probed = { .circuit = c, .peering = p, .role = r };

	er_core_foreach_path(core, add_probe, &probed);
	return probed.packets;
}

static bool is_quiet(const struct er_core *core, const struct er_circuit *c,
		     enum er_peering_type p, enum er_role r, const struct er_own_meter *meter)
{
	uint32_t received = ER_OWN_DRAIN_QUIET_PACKETS + probe_packets(core, c, p, r);
	uint32_t sent = received;

	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		received += bfd_packets(&c->session[p][f][r], true);
		sent += bfd_packets(&c->session[p][f][r], false);
	}
	return meter->received <= received && meter->sent <= sent;
}

/* A session that has just come up has its routes to send: they are no traffic. */
static bool is_fresh(const struct er_circuit *c, enum er_peering_type p, enum er_role r)
{
	return c->session[p][ER_IPV4][r].fresh_until_ms || c->session[p][ER_IPV6][r].fresh_until_ms;
}

/* A moment's noise does not end a quiet that is long enough. */
static void judge(struct er_own_meter *meter, bool quiet, int64_t now_ms)
{
	bool settled = meter->quiet && now_ms - meter->quiet_since_ms >= ER_OWN_DRAIN_QUIET_MS;

	if (quiet) {
		if (!meter->quiet)
			meter->quiet_since_ms = now_ms;
		meter->quiet = true;
		meter->noisy = false;
		return;
	}
	if (!meter->noisy)
		meter->noisy_since_ms = now_ms;
	meter->noisy = true;
	if (!settled || now_ms - meter->noisy_since_ms >= ER_OWN_DRAIN_NOISE_MS)
		meter->quiet = false;
}

static uint32_t rate(uint64_t before, uint64_t after, int64_t ms)
{
	return MIN((after - before) * 1000 / ms, UINT32_MAX);
}

void er_own_on_traffic(struct er_core *core, const struct er_session_key *key,
		       const struct er_traffic_facts *facts)
{
	struct er_circuit *c = er_circuit_find(core, key->circuit);
	int64_t now_ms = core->now.mono_ms, ms;
	struct er_own_meter *meter;

	if (!c || (unsigned int)key->peering >= ER_PEERING_TYPES ||
	    (unsigned int)key->role >= ER_ROLES || !c->own[key->role].on)
		return;
	meter = &c->own[key->role].meter[key->peering];
	if (!facts->known) {
		memset(meter, 0, sizeof(*meter));
		meter->uncountable = true;
		return;
	}
	meter->uncountable = false;
	ms = now_ms - meter->at_ms;
	if (meter->last.known && ms < ER_OWN_DRAIN_SAMPLE_MIN_MS)
		return;
	/* an interface that has been made anew counts anew */
	if (meter->last.known && facts->received >= meter->last.received &&
	    facts->sent >= meter->last.sent) {
		meter->received = rate(meter->last.received, facts->received, ms);
		meter->sent = rate(meter->last.sent, facts->sent, ms);
		if (!is_fresh(c, key->peering, key->role))
			judge(meter, is_quiet(core, c, key->peering, key->role, meter), now_ms);
	}
	meter->last = *facts;
	meter->at_ms = now_ms;
}

/* Another link, which is not drained, has its traffic on the same interface. */
static bool is_shared(const struct er_core *core, const struct er_circuit *of,
		      enum er_peering_type p, enum er_role r)
{
	const struct er_peering_config *peering = &of->config->peering[p], *other;
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c)
		for (enum er_peering_type q = 0; q < ER_PEERING_TYPES; q++)
			for (enum er_role s = ER_PRIMARY; s < ER_ROLES; s++) {
				other = &c->config->peering[q];
				if (!c->own[s].on && other->configured &&
				    other->link[s].configured &&
				    strmatch(other->vrf, peering->vrf) &&
				    strmatch(other->link[s].ifname, peering->link[r].ifname))
					return true;
			}
	return false;
}

/*
 * How far it is
 */

/* One link while it is looked at. */
struct look {
	const struct er_core *core;
	const struct er_circuit *circuit;
	enum er_role role;
	struct er_own_view *view;
	bool known; /* else what was said last stands, for a moment */
	bool moved;
	bool quiet, noisy;	/* as far as packets can be counted */
	int64_t quiet_since_ms; /* of all that is counted, the last */
};

static void says(struct look *look, const char *reason)
{
	if (!look->view->reason[0])
		strlcpy(look->view->reason, reason, sizeof(look->view->reason));
}

static void look_at_session(struct look *look, const struct er_session *s)
{
	if (!s->planned)
		return;
	if (look->core->channel == ER_CHANNEL_LOST) {
		look->moved = false;
		says(look, "no contact with bgpd");
		return;
	}
	if (!s->reported) {
		look->known = look->moved = false;
		says(look, "bgpd has not reported yet");
		return;
	}
	if (s->facts.state != ER_SESSION_ESTABLISHED)
		return;
	if (!s->facts.drained) {
		look->moved = false;
		says(look, "bgpd has not applied it yet");
	} else if (s->facts.best) {
		look->moved = false;
		look->view->prefixes += s->facts.best;
	}
}

/* Nothing passes an interface that is down, or has nothing to run. */
static bool is_silent(const struct er_circuit *c, enum er_peering_type p, enum er_role r)
{
	enum er_if_state state = c->interface[p][r].state;

	return state == ER_IF_MISSING || state == ER_IF_DOWN || state == ER_IF_WRONG_VRF;
}

static void look_at_packets(struct look *look, enum er_peering_type p)
{
	const struct er_circuit *c = look->circuit;
	const struct er_own_meter *meter = &c->own[look->role].meter[p];
	const char *ifname = c->config->peering[p].link[look->role].ifname;
	char text[ER_TEXT_LEN];

	if (is_silent(c, p, look->role))
		return;
	if (!ifname[0] || meter->uncountable || is_shared(look->core, c, p, look->role)) {
		look->view->counted = false;
		if (!ifname[0])
			snprintfrr(text, sizeof(text), "packets are not counted: no interface");
		else
			snprintfrr(text, sizeof(text), "packets are not counted: %s %s",
				   meter->uncountable ? "there is no counter of"
						      : "another link runs over",
				   ifname);
		says(look, text);
		return;
	}
	look->view->received += meter->received;
	look->view->sent += meter->sent;
	look->quiet &= meter->quiet;
	look->noisy |= meter->noisy;
	look->quiet_since_ms = MAX(look->quiet_since_ms, meter->quiet_since_ms);
}

static void look_at_link(struct look *look)
{
	const struct er_circuit *c = look->circuit;

	look->known = look->core->channel != ER_CHANNEL_WAITING &&
		      look->core->channel != ER_CHANNEL_GRACE;
	look->moved = look->quiet = look->view->counted = true;
	ER_FOREACH_PAIR(p, f)
	{
		if (!c->pair[p][f].exists)
			continue;
		look->known &= !c->pair[p][f].waiting;
		look_at_session(look, &c->session[p][f][look->role]);
	}
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
		if (c->config->peering[p].configured &&
		    c->config->peering[p].link[look->role].configured)
			look_at_packets(look, p);
}

/* When it is safe, if all stays as it is; INT64_MAX: not by time alone. */
static int64_t safe_at_ms(const struct look *look, const struct er_own_link *link)
{
	if (!look->moved || !link->moved || !look->quiet)
		return INT64_MAX;
	return MAX(link->moved_since_ms, look->quiet_since_ms) + ER_OWN_DRAIN_QUIET_MS;
}

static void phrase(struct look *look)
{
	struct er_own_view *view = look->view;
	char text[ER_TEXT_LEN];

	if (view->phase == ER_OWN_MOVING && view->prefixes) {
		snprintfrr(view->reason, sizeof(view->reason), "bgpd still uses %u %s over it",
			   view->prefixes, view->prefixes == 1 ? "path" : "paths");
	} else if (view->phase == ER_OWN_WAITING && look->noisy) {
		snprintfrr(text, sizeof(text), "it still carries packets: %u/s received, %u/s sent",
			   view->received, view->sent);
		says(look, text);
	} else if (view->phase == ER_OWN_WAITING) {
		says(look, "it is watched whether packets still come");
	}
}

/* Fills the view that look->view is; the link is drained. */
static void look_at(struct look *look, const struct er_core *core, const struct er_circuit *c,
		    enum er_role role, int64_t now_ms, struct er_own_view *view)
{
	const struct er_own_link *link = &c->own[role];

	memset(view, 0, sizeof(*view));
	*look = (struct look){ .core = core, .circuit = c, .role = role, .view = view };
	look_at_link(look);
	view->forced = link->forced;
	view->since_wall = link->since_wall;
	if (!look->moved)
		view->phase = ER_OWN_MOVING;
	else if (now_ms < safe_at_ms(look, link))
		view->phase = ER_OWN_WAITING;
	else
		view->phase = ER_OWN_SAFE;
	phrase(look);
}

bool er_own_drain(const struct er_core *core, const char *circuit, enum er_role role,
		  struct er_own_view *view)
{
	const struct er_circuit *c = er_circuit_find(core, circuit);
	struct look look;

	memset(view, 0, sizeof(*view));
	if (!c || !c->own[role].on)
		return false;
	look_at(&look, core, c, role, core->now.mono_ms, view);
	return true;
}

bool er_own_any(const struct er_core *core)
{
	return core->own_links > 0;
}

/*
 * Saying
 */
static void say(const struct er_circuit *c, enum er_role role, const struct er_own_view *view,
		enum er_own_phase previous, struct er_decisions *out)
{
	struct er_notice *n = er_decisions_add(out);

	n->type = ER_NOTICE_OWN_DRAIN;
	strlcpy(n->session.circuit, c->name, sizeof(n->session.circuit));
	n->session.role = role;
	n->own = *view;
	n->previous_own = previous;
	strlcpy(n->reason, view->reason, sizeof(n->reason));
}

static void update_link(struct er_core *core, struct er_circuit *c, enum er_role role,
			int64_t now_ms, struct er_decisions *out)
{
	struct er_own_link *link = &c->own[role];
	struct er_own_view view;
	struct look look;

	look_at(&look, core, c, role, now_ms, &view);
	if (!look.known)
		return;
	if (look.moved && !link->moved) {
		link->moved = true;
		link->moved_since_ms = now_ms;
		look_at(&look, core, c, role, now_ms, &view);
	}
	link->moved = look.moved;
	if (view.phase == ER_OWN_WAITING)
		core->own_deadline_ms = MIN(core->own_deadline_ms, safe_at_ms(&look, link));
	if (view.phase == link->said)
		return;
	say(c, role, &view, link->said, out);
	link->said = view.phase;
}

void er_own_update(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	struct er_circuit *c;

	core->own_deadline_ms = INT64_MAX;
	if (!core->own_links)
		return;
	frr_each (er_circuits, &core->circuits, c)
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
			if (c->own[r].on)
				update_link(core, c, r, now.mono_ms, out);
}

/*
 * Beginning and end
 */
static void begin(struct er_core *core, struct er_own_link *link, bool forced)
{
	memset(link, 0, sizeof(*link));
	link->on = true;
	link->forced = forced;
	link->since_wall = core->now.wall_s;
	core->own_links++;
}

static void forget(struct er_core *core, struct er_own_link *link)
{
	core->own_links -= link->on;
	memset(link, 0, sizeof(*link));
}

static void end(struct er_core *core, struct er_circuit *c, enum er_role role, const char *reason,
		struct er_decisions *out)
{
	struct er_own_view view = {};

	strlcpy(view.reason, reason, sizeof(view.reason));
	say(c, role, &view, c->own[role].said, out);
	forget(core, &c->own[role]);
}

/* One that ends here. */
static bool has_link(const struct er_circuit_config *config, enum er_role role)
{
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++)
		if (config->peering[p].configured && config->peering[p].link[role].configured &&
		    !config->peering[p].link[role].partner.ipa_type)
			return true;
	return false;
}

void er_own_on_request(struct er_core *core, const struct er_own_request *request,
		       struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, request->circuit);
	char why[ER_TEXT_LEN];

	if (er_own_refuse(core, request, why, sizeof(why)))
		return;
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		if (!request->link[r] || c->own[r].on == request->drain || !has_link(c->config, r))
			continue;
		if (request->drain)
			begin(core, &c->own[r], request->force);
		else
			end(core, c, r, "", out);
	}
	out->replan = true;
	er_own_update(core, core->now, out);
	er_core_update(core, core->now, out);
}

static struct er_own_restored *find_restored(struct er_core *core, const char *circuit,
					     enum er_role role)
{
	struct er_own_restored *restored;

	frr_each (er_own_restored, &core->own_restored, restored)
		if (strmatch(restored->memory.circuit, circuit) && restored->memory.role == role)
			return restored;
	return NULL;
}

static void free_restored(struct er_core *core, struct er_own_restored *restored)
{
	er_own_restored_del(&core->own_restored, restored);
	XFREE(MTYPE_ER_OWN_RESTORED, restored);
}

/* What was safe before the restart is, unless something is seen to pass. */
static void trust(const struct er_core *core, struct er_own_link *link)
{
	int64_t long_ago_ms = core->now.mono_ms - ER_OWN_DRAIN_QUIET_MS;

	link->moved = true;
	link->moved_since_ms = long_ago_ms;
	for (enum er_peering_type p = 0; p < ER_PEERING_TYPES; p++) {
		link->meter[p].quiet = true;
		link->meter[p].quiet_since_ms = long_ago_ms;
	}
}

static void take_restored(struct er_core *core, struct er_circuit *c, enum er_role role)
{
	struct er_own_restored *restored = find_restored(core, c->name, role);

	if (!restored)
		return;
	begin(core, &c->own[role], restored->memory.forced);
	c->own[role].since_wall = restored->memory.since_wall;
	c->own[role].said = restored->memory.said;
	if (restored->memory.said == ER_OWN_SAFE)
		trust(core, &c->own[role]);
	free_restored(core, restored);
}

void er_own_config(struct er_core *core, struct er_circuit *c, struct er_decisions *out)
{
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		if (!c->own[r].on)
			take_restored(core, c, r);
		if (c->own[r].on && !has_link(c->config, r))
			end(core, c, r, "its link is not configured here any more", out);
	}
}

void er_own_config_gone(struct er_core *core, const char *circuit, struct er_decisions *out)
{
	struct er_circuit *c = er_circuit_find(core, circuit);
	struct er_own_restored *restored;

	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		if (c && c->own[r].on)
			end(core, c, r, "its circuit is not configured any more", out);
		restored = find_restored(core, circuit, r);
		if (restored)
			free_restored(core, restored);
	}
}

void er_own_remember(const struct er_core *core, er_own_memory_cb cb, void *arg)
{
	const struct er_own_restored *restored;
	const struct er_circuit *c;

	frr_each (er_circuits_const, &core->circuits, c)
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
			const struct er_own_link *link = &c->own[r];
			struct er_own_memory memory = {
				.role = r,
				.said = link->said,
				.forced = link->forced,
				.since_wall = link->since_wall,
			};

			strlcpy(memory.circuit, c->name, sizeof(memory.circuit));
			if (link->on)
				cb(&memory, arg);
		}
	frr_each (er_own_restored_const, &core->own_restored, restored)
		cb(&restored->memory, arg);
}

void er_own_restore(struct er_core *core, const struct er_own_memory *memory)
{
	struct er_own_restored *restored;

	if ((unsigned int)memory->role >= ER_ROLES)
		return;
	restored = find_restored(core, memory->circuit, memory->role);
	if (!restored) {
		restored = XCALLOC(MTYPE_ER_OWN_RESTORED, sizeof(*restored));
		er_own_restored_add_tail(&core->own_restored, restored);
	}
	restored->memory = *memory;
}

void er_own_forget_restored(struct er_core *core, int64_t before_wall)
{
	struct er_own_restored *restored;

	frr_each_safe (er_own_restored, &core->own_restored, restored)
		if (restored->memory.since_wall < before_wall)
			free_restored(core, restored);
}

void er_own_init(struct er_core *core)
{
	core->own_deadline_ms = INT64_MAX;
	er_own_restored_init(&core->own_restored);
}

void er_own_fini(struct er_core *core)
{
	er_own_forget_restored(core, INT64_MAX);
	er_own_restored_fini(&core->own_restored);
}
