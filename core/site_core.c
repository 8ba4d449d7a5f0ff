// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sites and joints within er_core: what is configured, what bgpd's module has
 * counted, and what was last said of it.
 *
 * What is undeclared is kept as a site without a configuration, whose name is "".
 */
#include <zebra.h>

#include "lib/memory.h"

#include "core/internal.h"
#include "core/limits.h"
#include "core/mgroup.h"
#include "core/site_internal.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_REACH, "ExpressRoute Global Reach");
DEFINE_MTYPE_STATIC(ER_CORE, ER_HEARD, "ExpressRoute site over a circuit");
DEFINE_MTYPE_STATIC(ER_CORE, ER_JOINT, "ExpressRoute joint");

/*
 * Made, found, freed
 */
struct er_global_reach *er_global_reach_new(void)
{
	struct er_global_reach *reach = XCALLOC(MTYPE_ER_REACH, sizeof(*reach));

	er_known_sites_init(&reach->sites);
	er_joints_init(&reach->joints);
	reach->undeclared.name = "";
	er_heards_init(&reach->undeclared.heard);
	er_site_memory_start(reach);
	reach->deadline_ms = INT64_MAX;
	return reach;
}

static struct er_known_site *site_find(const struct er_global_reach *reach, const char *name)
{
	struct er_known_site key = { .name = name };

	if (!name[0])
		return (struct er_known_site *)&reach->undeclared;
	/* the search reads the name only, and changes nothing */
	return er_known_sites_find((struct er_known_sites_head *)&reach->sites, &key);
}

static struct er_heard *heard_find(const struct er_known_site *site, const char *circuit,
				   enum er_family family)
{
	struct er_heard key = { .family = family };

	strlcpy(key.circuit, circuit, sizeof(key.circuit));
	return er_heards_find((struct er_heards_head *)&site->heard, &key);
}

struct er_heard *er_heard_find(const struct er_global_reach *reach, const char *site,
			       const char *circuit, enum er_family family)
{
	const struct er_known_site *known = site_find(reach, site);

	return known ? heard_find(known, circuit, family) : NULL;
}

static struct er_heard *heard_get(struct er_core *core, struct er_known_site *site,
				  const char *circuit, enum er_family family)
{
	struct er_heard *heard = heard_find(site, circuit, family);

	if (heard)
		return heard;
	heard = XCALLOC(MTYPE_ER_HEARD, sizeof(*heard));
	strlcpy(heard->circuit, circuit, sizeof(heard->circuit));
	heard->family = family;
	er_heards_add(&site->heard, heard);
	er_heard_take_memory(core, site->name, heard);
	return heard;
}

static void forget_heard(struct er_known_site *site, const char *circuit)
{
	struct er_heard *heard;

	frr_each_safe (er_heards, &site->heard, heard) {
		if (circuit && !strmatch(circuit, heard->circuit))
			continue;
		er_heards_del(&site->heard, heard);
		XFREE(MTYPE_ER_HEARD, heard);
	}
}

static void site_free(struct er_global_reach *reach, struct er_known_site *site)
{
	er_known_sites_del(&reach->sites, site);
	forget_heard(site, NULL);
	er_heards_fini(&site->heard);
	er_site_config_free(&site->config);
	XFREE(MTYPE_ER_REACH, site);
}

struct er_joint *er_joint_find(const struct er_global_reach *reach, const char *name)
{
	struct er_joint key = { .name = name };

	return er_joints_find((struct er_joints_head *)&reach->joints, &key);
}

static void joint_config_free(struct er_joint_config **config)
{
	if (*config)
		XFREE(MTYPE_ER_JOINT, (*config)->site);
	XFREE(MTYPE_ER_JOINT, *config);
}

static void joint_free(struct er_global_reach *reach, struct er_joint *joint)
{
	er_joints_del(&reach->joints, joint);
	joint_config_free(&joint->config);
	XFREE(MTYPE_ER_JOINT, joint);
}

void er_global_reach_free(struct er_global_reach **reach)
{
	struct er_known_site *site;
	struct er_joint *joint;

	while ((site = er_known_sites_first(&(*reach)->sites)))
		site_free(*reach, site);
	while ((joint = er_joints_first(&(*reach)->joints)))
		joint_free(*reach, joint);
	forget_heard(&(*reach)->undeclared, NULL);
	er_heards_fini(&(*reach)->undeclared.heard);
	er_site_memory_stop(*reach);
	er_known_sites_fini(&(*reach)->sites);
	er_joints_fini(&(*reach)->joints);
	XFREE(MTYPE_ER_REACH, *reach);
}

/*
 * Events
 */
static void on_site_config(struct er_global_reach *reach, const struct er_site_config *config)
{
	struct er_known_site *site = site_find(reach, config->name);
	struct er_site_config *old;

	if (!config->name[0])
		return;
	if (!site) {
		site = XCALLOC(MTYPE_ER_REACH, sizeof(*site));
		er_heards_init(&site->heard);
	}
	old = site->config;
	site->config = er_site_config_copy(config);
	site->name = site->config->name;
	if (!old)
		er_known_sites_add(&reach->sites, site);
	er_site_config_free(&old);
}

static void on_site_gone(struct er_global_reach *reach, const char *name)
{
	struct er_known_site *site = name[0] ? site_find(reach, name) : NULL;

	if (site)
		site_free(reach, site);
	er_site_forget_memory(reach, name, NULL);
}

static struct er_joint_config *joint_config_copy(const struct er_joint_config *from)
{
	struct er_joint_config *config = XMALLOC(MTYPE_ER_JOINT, sizeof(*config));
	size_t size = from->n_sites * sizeof(*from->site);

	*config = *from;
	config->site = size ? memcpy(XMALLOC(MTYPE_ER_JOINT, size), from->site, size) : NULL;
	return config;
}

/* Over another circuit, or behind it something else: it begins anew. */
static bool is_another(const struct er_joint_config *a, const struct er_joint_config *b)
{
	return !strmatch(a->circuit, b->circuit) || a->shutdown != b->shutdown ||
	       a->n_sites != b->n_sites ||
	       (a->n_sites && memcmp(a->site, b->site, a->n_sites * sizeof(*a->site)));
}

static void on_joint_config(struct er_core *core, const struct er_joint_config *config)
{
	struct er_global_reach *reach = core->reach;
	struct er_joint *joint = er_joint_find(reach, config->name);
	struct er_joint_config *old;

	if (!joint)
		joint = XCALLOC(MTYPE_ER_JOINT, sizeof(*joint));
	old = joint->config;
	joint->config = joint_config_copy(config);
	joint->name = joint->config->name;
	if (!old) {
		er_joints_add(&reach->joints, joint);
		er_joint_take_memory(core, joint);
	} else if (is_another(old, config)) {
		memset(joint->family, 0, sizeof(joint->family));
	}
	joint_config_free(&old);
}

static void on_joint_gone(struct er_global_reach *reach, const char *name)
{
	struct er_joint *joint = er_joint_find(reach, name);

	if (joint)
		joint_free(reach, joint);
	er_joint_forget_memory(reach, name);
}

static void take(struct er_known_site *site, const char *circuit, enum er_family family)
{
	struct er_heard *heard = heard_find(site, circuit, family);

	if (!heard || !heard->has_next)
		return;
	heard->facts = heard->next;
	heard->known = true;
	heard->has_next = false;
}

static void take_circuit(struct er_global_reach *reach, const char *circuit, enum er_family family)
{
	struct er_known_site *site;

	frr_each (er_known_sites, &reach->sites, site)
		take(site, circuit, family);
	take(&reach->undeclared, circuit, family);
}

/* What is undeclared comes last, and all that has come takes effect. */
static void on_site_state(struct er_core *core, const struct er_event *ev)
{
	struct er_global_reach *reach = core->reach;
	const struct er_peering_key *key = &ev->site_state.peering;
	struct er_known_site *site = site_find(reach, ev->site_state.site);
	struct er_heard *heard;

	if (key->peering != ER_PRIVATE || (unsigned int)key->family >= ER_FAMILIES)
		return;
	if (site) {
		heard = heard_get(core, site, key->circuit, key->family);
		heard->next = ev->site_state.facts;
		heard->has_next = true;
	}
	if (!ev->site_state.site[0] && core->channel == ER_CHANNEL_SYNCED)
		take_circuit(reach, key->circuit, key->family);
}

static void on_circuit_gone(struct er_global_reach *reach, const char *circuit)
{
	struct er_known_site *site;

	frr_each (er_known_sites, &reach->sites, site)
		forget_heard(site, circuit);
	forget_heard(&reach->undeclared, circuit);
	er_site_forget_memory(reach, NULL, circuit);
}

static void forget_facts(struct er_known_site *site)
{
	struct er_heard *heard;

	frr_each (er_heards, &site->heard, heard) {
		heard->known = false;
		memset(&heard->facts, 0, sizeof(heard->facts));
	}
}

void er_global_reach_lost(struct er_core *core)
{
	struct er_known_site *site;

	frr_each (er_known_sites, &core->reach->sites, site)
		forget_facts(site);
	forget_facts(&core->reach->undeclared);
	core->reach->dirty = true;
}

static void forget_next(struct er_known_site *site)
{
	struct er_heard *heard;

	frr_each (er_heards, &site->heard, heard)
		heard->has_next = false;
}

void er_global_reach_forget_fresh(struct er_core *core)
{
	struct er_known_site *site;

	frr_each (er_known_sites, &core->reach->sites, site)
		forget_next(site);
	forget_next(&core->reach->undeclared);
}

/* What has come of circuits whose last has come; of what has not, nothing is known. */
void er_global_reach_take_fresh(struct er_core *core)
{
	struct er_global_reach *reach = core->reach;
	struct er_heard *last;

	er_global_reach_lost(core);
	frr_each (er_heards, &reach->undeclared.heard, last)
		if (last->has_next)
			take_circuit(reach, last->circuit, last->family);
}

void er_global_reach_handle(struct er_core *core, const struct er_event *ev)
{
	struct er_global_reach *reach = core->reach;

	switch (ev->type) {
	case ER_EV_SITE_CONFIG:
		on_site_config(reach, ev->site_config);
		break;
	case ER_EV_SITE_CONFIG_GONE:
		on_site_gone(reach, ev->circuit);
		break;
	case ER_EV_JOINT_CONFIG:
		on_joint_config(core, ev->joint_config);
		break;
	case ER_EV_JOINT_CONFIG_GONE:
		on_joint_gone(reach, ev->circuit);
		break;
	case ER_EV_UNDECLARED:
		reach->mode = ev->undeclared;
		break;
	case ER_EV_SITE_STATE:
		if (er_circuit_find(core, ev->site_state.peering.circuit))
			on_site_state(core, ev);
		break;
	case ER_EV_CONFIG_GONE:
		on_circuit_gone(reach, ev->circuit);
		break;
	case ER_EV_CONFIG:
	case ER_EV_SESSION:
	case ER_EV_BGPD_SYNCED:
	case ER_EV_BGPD_LOST:
		break;
	default:
		return;
	}
	reach->dirty = true;
}

/*
 * Looking at a joint
 */
static void add_examples(struct prefix *to, uint8_t *n, const struct prefix *from, uint8_t n_from)
{
	for (uint8_t i = 0; i < n_from && *n < ER_SITE_EXAMPLES; i++)
		prefix_copy(&to[(*n)++], &from[i]);
}

static void add_hidden(struct er_hidden *to, const struct er_hidden *from)
{
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		to->link[r] |= from->link[r];
	if (!to->why[0])
		strlcpy(to->why, from->why, sizeof(to->why));
}

static void add_facts(struct er_joint_view *view, const struct er_site_facts *facts,
		      const struct er_hidden *hidden, bool complete)
{
	add_hidden(&view->hidden, hidden);
	view->missing_known &= er_reach_missing_is_known(facts, hidden);
	view->prefixes += er_site_accepted(facts);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		view->seen[r] += facts->both + facts->only[r];
		view->only[r] += er_reach_only(facts, hidden, r);
	}
	view->refused_prefix += facts->refused_prefix;
	view->refused_limit += facts->refused_limit;
	view->refused_undeclared += facts->refused_undeclared;
	view->refused_other += facts->refused_other;
	if (!complete)
		return;
	if (er_reach_missing_is_known(facts, hidden)) {
		view->missing += facts->missing;
		add_examples(view->missing_prefix, &view->n_missing, facts->missing_prefix,
			     facts->n_missing);
	}
	view->overlaps += facts->overlaps;
	add_examples(view->overlap, &view->n_overlaps, facts->overlap, facts->n_overlaps);
}

/* A joint in one family while it is looked at. */
struct look {
	const struct er_global_reach *reach;
	const struct er_circuit *circuit;
	enum er_family family;
	bool shown; /* the partner's link, for some time */
	struct er_joint_view *view;
};

/* Returns whether bgpd has counted it. */
static bool add_site(const struct look *look, const struct er_known_site *site, bool complete)
{
	const struct er_heard *heard = heard_find(site, look->circuit->name, look->family);
	struct er_hidden hidden;

	if (!heard || !heard->known)
		return site->config && !er_site_may_be_heard(site->config, look->circuit->name);
	er_reach_hidden(look->circuit, look->family, site->config, &heard->facts, look->shown,
			&hidden);
	add_facts(look->view, &heard->facts, &hidden, complete);
	return true;
}

/* VNets that lie over the joint's own subnet, of those that bgpd names. */
static void add_subnet(const struct look *look, const struct er_joint_config *config)
{
	const struct er_heard *heard = heard_find(&look->reach->undeclared, config->circuit,
						  look->family);
	const struct prefix *subnet = &config->ipv4_subnet;
	struct er_joint_view *view = look->view;

	if (!heard || look->family != ER_IPV4 || subnet->family != AF_INET)
		return;
	for (uint8_t i = 0; i < heard->facts.n_overlaps; i++) {
		const struct prefix *overlap = &heard->facts.overlap[i];

		if (!prefix_match(subnet, overlap) && !prefix_match(overlap, subnet))
			continue;
		view->overlaps++;
		add_examples(view->overlap, &view->n_overlaps, overlap, 1);
	}
}

/* Returns whether all of its sites have been counted. */
static bool add_sites(const struct look *look, const struct er_joint_config *config)
{
	const struct er_known_site *site;
	bool known = true;

	for (size_t i = 0; i < config->n_sites; i++) {
		site = site_find(look->reach, config->site[i]);
		known &= site && site->config && add_site(look, site, true);
	}
	if (!config->n_sites) {
		frr_each (er_known_sites_const, &look->reach->sites, site)
			known &= add_site(look, site, false);
		known &= add_site(look, &look->reach->undeclared, false);
	}
	add_subnet(look, config);
	return known;
}

static bool has_prefix_of(const struct er_site_config *config, enum er_family family)
{
	for (size_t i = 0; i < config->n_prefixes; i++)
		if ((config->prefix[i].family == AF_INET) == (family == ER_IPV4))
			return true;
	return !config->n_prefixes && family == ER_IPV4;
}

/* Is anything to come in this family?  Where nothing tells, in IPv4. */
static bool is_expected(const struct er_global_reach *reach, const struct er_joint_config *config,
			enum er_family family)
{
	for (size_t i = 0; i < config->n_sites; i++) {
		const struct er_known_site *site = site_find(reach, config->site[i]);

		if (site && site->config && has_prefix_of(site->config, family))
			return true;
	}
	return !config->n_sites && family == ER_IPV4;
}

static void say_why(const struct er_joint_config *config, const struct er_circuit *circuit,
		    enum er_family family, struct er_joint_view *view)
{
	uint32_t refused = view->refused_prefix + view->refused_limit + view->refused_undeclared +
			   view->refused_other;

	if (!er_reach_link_is_up(circuit, family, ER_PRIMARY) &&
	    !er_reach_link_is_up(circuit, family, ER_SECONDARY))
		snprintf(view->reason, sizeof(view->reason),
			 "no session of circuit %s's private peering is established",
			 config->circuit);
	else if (refused)
		snprintf(view->reason, sizeof(view->reason),
			 "all that its sites send over circuit %s is refused: %u %s",
			 config->circuit, refused, refused == 1 ? "prefix" : "prefixes");
	else
		snprintf(view->reason, sizeof(view->reason),
			 "no route of its sites comes over circuit %s", config->circuit);
}

static bool bgpd_is_heard(const struct er_core *core)
{
	return core->channel == ER_CHANNEL_SYNCED || core->channel == ER_CHANNEL_GRACE;
}

static void look(const struct er_core *core, const struct er_joint *joint, enum er_family family,
		 bool shown, struct er_joint_view *view)
{
	const struct er_joint_config *config = joint->config;
	const struct er_circuit *circuit = er_circuit_find(core, config->circuit);
	const struct look look = { core->reach, circuit, family, shown, view };
	bool known;

	memset(view, 0, sizeof(*view));
	view->missing_known = true;
	if (config->shutdown || !circuit || !circuit->pair[ER_PRIVATE][family].exists) {
		snprintf(view->reason, sizeof(view->reason), "%s",
			 config->shutdown ? "shut down"
			 : !circuit	  ? "its circuit does not exist"
				    : "its circuit's private peering does not run this family");
		return;
	}
	known = add_sites(&look, config) && bgpd_is_heard(core);
	if (view->prefixes)
		view->state = ER_JOINT_ESTABLISHED;
	else if (!is_expected(core->reach, config, family) && !joint->family[family].seen)
		strlcpy(view->reason, "none of its sites has a prefix of this family",
			sizeof(view->reason));
	else if (!known || er_is_any_hidden(&view->hidden))
		view->state = ER_JOINT_UNKNOWN;
	else
		view->state = ER_JOINT_UNSEEN;
	if (view->state == ER_JOINT_UNKNOWN)
		strlcpy(view->reason,
			known ? view->hidden.why : "bgpd has not counted its routes yet",
			sizeof(view->reason));
	if (view->state == ER_JOINT_UNSEEN)
		say_why(config, circuit, family, view);
}

/* It has been so for ER_PARITY_SETTLE_MS; else it will have been at *deadline. */
static bool settled(bool is, int64_t *since_ms, int64_t now_ms, int64_t *deadline_ms)
{
	if (!is) {
		*since_ms = 0;
		return false;
	}
	if (!*since_ms)
		*since_ms = now_ms ?: 1;
	if (now_ms - *since_ms >= ER_PARITY_SETTLE_MS)
		return true;
	*deadline_ms = MIN(*deadline_ms, *since_ms + ER_PARITY_SETTLE_MS);
	return false;
}

/* What has been said of the sites follows what is said of the session. */
static bool is_shown(const struct er_core *core, struct er_joint *joint, enum er_family family,
		     int64_t now_ms)
{
	const struct er_circuit *circuit = er_circuit_find(core, joint->config->circuit);

	return circuit && er_reach_partner(circuit, family) != ER_ROLES &&
	       settled(er_reach_partner_shows(circuit, family),
		       &joint->family[family].shown_since_ms, now_ms, &core->reach->deadline_ms);
}

static void settle(const struct er_core *core, struct er_joint *joint, enum er_family family,
		   int64_t now_ms, struct er_joint_view *view)
{
	struct er_joint_family *f = &joint->family[family];
	const struct er_circuit *circuit = er_circuit_find(core, joint->config->circuit);
	bool up = view->state == ER_JOINT_ESTABLISHED;
	bool both = up && er_reach_link_is_up(circuit, family, ER_PRIMARY) &&
		    er_reach_link_is_up(circuit, family, ER_SECONDARY);
	bool again = f->said.restored || er_is_any_hidden(&f->view.hidden);

	/* what was so before a restart, or before it was hidden, and is, has been so long enough */
	if (up && again && f->said.asymmetric)
		f->differs_since_ms = now_ms - ER_PARITY_SETTLE_MS;
	if (up && again && f->said.incomplete)
		f->incomplete_since_ms = now_ms - ER_PARITY_SETTLE_MS;
	view->asymmetric = settled(both && (view->only[ER_PRIMARY] || view->only[ER_SECONDARY]),
				   &f->differs_since_ms, now_ms, &core->reach->deadline_ms);
	view->incomplete = settled(up && view->missing, &f->incomplete_since_ms, now_ms,
				   &core->reach->deadline_ms);
}

/* What is hidden is not over: it is what it was said to be. */
static bool is_so(bool is, bool said, const struct er_joint_view *view)
{
	return is ||
	       (said && view->state == ER_JOINT_ESTABLISHED && er_is_any_hidden(&view->hidden));
}

static bool is_other(const struct er_joint_family *f)
{
	const struct er_joint_view *view = &f->view;

	return f->said.state != view->state ||
	       f->said.asymmetric != is_so(view->asymmetric, f->said.asymmetric, view) ||
	       f->said.incomplete != is_so(view->incomplete, f->said.incomplete, view);
}

/* From inactive, or to it, is our own doing, or the first look: no news. */
static void say_joint(struct er_joint *joint, enum er_family family, struct er_decisions *out)
{
	struct er_joint_family *f = &joint->family[family];
	const struct er_joint_view *view = &f->view;
	struct er_notice *n;

	/* what it needs may come yet, after a restart */
	if (view->state == ER_JOINT_UNKNOWN ||
	    (view->state == ER_JOINT_INACTIVE && f->said.restored && !joint->config->shutdown))
		return;
	out->remember |= is_other(f);
	if (view->state != ER_JOINT_INACTIVE && f->said.state != ER_JOINT_INACTIVE && is_other(f)) {
		n = er_decisions_add(out);
		n->type = ER_NOTICE_JOINT;
		strlcpy(n->name, joint->name, sizeof(n->name));
		strlcpy(n->session.circuit, joint->config->circuit, sizeof(n->session.circuit));
		n->session.family = family;
		n->joint = *view;
		n->previous_joint = f->said.state;
		strlcpy(n->reason, view->reason, sizeof(n->reason));
	}
	f->said.state = view->state;
	f->said.asymmetric = is_so(view->asymmetric, f->said.asymmetric, view);
	f->said.incomplete = is_so(view->incomplete, f->said.incomplete, view);
	f->said.since_ms = view->since_mono_ms;
	f->said.restored = false;
}

static int64_t since(const struct er_joint_family *f, enum er_joint_state state, int64_t now_ms)
{
	if (f->looked && f->view.state == state)
		return f->view.since_mono_ms;
	/* it was not known meanwhile, or not run */
	if (er_joint_is_definite(state) && f->said.state == state)
		return f->said.since_ms;
	return now_ms;
}

static void update_joint(struct er_core *core, struct er_joint *joint, enum er_family family,
			 int64_t now_ms, struct er_decisions *out)
{
	struct er_joint_family *f = &joint->family[family];
	struct er_joint_view view;

	look(core, joint, family, is_shown(core, joint, family, now_ms), &view);
	settle(core, joint, family, now_ms, &view);
	view.since_mono_ms = since(f, view.state, now_ms);
	f->seen |= view.state == ER_JOINT_ESTABLISHED;
	f->view = view;
	f->looked = true;
	say_joint(joint, family, out);
}

/*
 * What sites do that they may not
 */
static struct er_notice *site_notice(const struct er_known_site *site, const struct er_heard *heard,
				     enum er_notice_type type, struct er_decisions *out)
{
	struct er_notice *n = er_decisions_add(out);

	n->type = type;
	strlcpy(n->name, site->name, sizeof(n->name));
	strlcpy(n->session.circuit, heard->circuit, sizeof(n->session.circuit));
	n->session.family = heard->family;
	n->site_facts = heard->facts;
	return n;
}

/*
 * From 0, to 0, and each time that there is more of it than was told; not oftener
 * than once in ER_SITE_TELL_MS.
 */
static bool is_to_be_told(struct er_heard *heard, uint32_t count, int64_t now_ms,
			  int64_t *deadline_ms)
{
	int64_t due = heard->said.told ? heard->said.told_ms + ER_SITE_TELL_MS : now_ms;

	if (!count == !heard->said.count && count <= heard->said.count)
		return false;
	if (now_ms < due) {
		*deadline_ms = MIN(*deadline_ms, due);
		return false;
	}
	heard->said.told = true;
	heard->said.told_ms = now_ms;
	heard->said.count = count;
	return true;
}

static enum er_limit_level level_of(const struct er_core *core, const struct er_known_site *site,
				    const struct er_heard *heard, enum er_limit_level said)
{
	if (heard->facts.refused_limit)
		return ER_LIMIT_FULL;
	return er_limit_level_after(said, er_reach_let_in(core, heard),
				    site->config->maximum_prefixes);
}

static void say_limit(const struct er_core *core, const struct er_known_site *site,
		      struct er_heard *heard, struct er_decisions *out)
{
	enum er_limit_level level = level_of(core, site, heard, heard->said.level);
	struct er_notice *n;

	if (level == heard->said.level)
		return;
	n = site_notice(site, heard, ER_NOTICE_SITE_LIMIT, out);
	n->limit.count = er_reach_let_in(core, heard);
	n->limit.limit = site->config->maximum_prefixes;
	n->limit.level = level;
	n->previous_level = heard->said.level;
	heard->said.level = level;
}

static void update_site(struct er_core *core, struct er_known_site *site, int64_t now_ms,
			struct er_decisions *out)
{
	struct er_heard *heard;

	frr_each (er_heards, &site->heard, heard) {
		uint32_t refused = heard->facts.refused_prefix + heard->facts.refused_limit;

		if (!heard->known)
			continue;
		say_limit(core, site, heard, out);
		if (is_to_be_told(heard, refused, now_ms, &core->reach->deadline_ms))
			site_notice(site, heard, ER_NOTICE_SITE_REFUSED, out);
	}
}

static bool tells_undeclared(const struct er_global_reach *reach)
{
	const struct er_joint *joint;

	if (reach->mode != ER_UNDECLARED_TELL)
		return reach->mode == ER_UNDECLARED_REFUSE;
	frr_each (er_joints_const, &reach->joints, joint)
		if (!joint->config->shutdown)
			return true;
	return false;
}

static void update_undeclared(struct er_core *core, int64_t now_ms, struct er_decisions *out)
{
	struct er_global_reach *reach = core->reach;
	bool tells = tells_undeclared(reach);
	struct er_heard *heard;

	frr_each (er_heards, &reach->undeclared.heard, heard) {
		uint32_t count = er_site_accepted(&heard->facts) + heard->facts.refused_undeclared;

		if (!tells)
			heard->said.count = 0;
		else if (heard->known && is_to_be_told(heard, count, now_ms, &reach->deadline_ms))
			site_notice(&reach->undeclared, heard, ER_NOTICE_UNDECLARED_SITE, out);
	}
}

void er_global_reach_update(struct er_core *core, struct er_time now, struct er_decisions *out)
{
	struct er_global_reach *reach = core->reach;
	struct er_known_site *site;
	struct er_joint *joint;

	if (!reach->dirty && now.mono_ms < reach->deadline_ms)
		return;
	reach->dirty = false;
	reach->deadline_ms = INT64_MAX;
	frr_each (er_known_sites, &reach->sites, site)
		update_site(core, site, now.mono_ms, out);
	update_undeclared(core, now.mono_ms, out);
	frr_each (er_joints, &reach->joints, joint)
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
			update_joint(core, joint, f, now.mono_ms, out);
}

int64_t er_global_reach_deadline(const struct er_core *core)
{
	return core->reach->deadline_ms;
}

/*
 * Reading
 */
int er_core_foreach_site(const struct er_core *core, er_site_cb cb, void *arg)
{
	const struct er_known_site *site;

	frr_each (er_known_sites_const, &core->reach->sites, site) {
		int ret = cb(site->config, arg);

		if (ret)
			return ret;
	}
	return 0;
}

const struct er_site_config *er_core_site_config(const struct er_core *core, const char *name)
{
	const struct er_known_site *site = site_find(core->reach, name);

	return site ? site->config : NULL;
}

int er_core_foreach_joint(const struct er_core *core, er_joint_cb cb, void *arg)
{
	const struct er_joint *joint;

	frr_each (er_joints_const, &core->reach->joints, joint) {
		int ret = cb(joint->config, arg);

		if (ret)
			return ret;
	}
	return 0;
}

const struct er_joint_config *er_core_joint_config(const struct er_core *core, const char *name)
{
	const struct er_joint *joint = er_joint_find(core->reach, name);

	return joint ? joint->config : NULL;
}

enum er_undeclared er_core_undeclared(const struct er_core *core)
{
	return core->reach->mode;
}

bool er_core_has_sites(const struct er_core *core)
{
	return er_known_sites_count(&core->reach->sites) ||
	       er_joints_count(&core->reach->joints) || core->reach->mode == ER_UNDECLARED_REFUSE;
}

bool er_core_site_state(const struct er_core *core, const char *name, const char *circuit,
			enum er_family family, struct er_site_view *view)
{
	const struct er_known_site *site = site_find(core->reach, name);
	const struct er_circuit *c = er_circuit_find(core, circuit);
	const struct er_heard *heard;

	memset(view, 0, sizeof(*view));
	if (!site || !c || (unsigned int)family >= ER_FAMILIES)
		return false;
	view->may_be_heard = c->pair[ER_PRIVATE][family].exists &&
			     (!site->config || er_site_may_be_heard(site->config, circuit));
	heard = heard_find(site, circuit, family);
	if (!heard || !heard->known)
		return true;
	view->known = true;
	view->facts = heard->facts;
	er_reach_hidden(c, family, site->config, &heard->facts, true, &view->hidden);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		view->only[r] = er_reach_only(&heard->facts, &view->hidden, r);
	view->missing_known = er_reach_missing_is_known(&heard->facts, &view->hidden);
	if (site->config)
		view->level = level_of(core, site, heard, ER_LIMIT_OK);
	return true;
}

bool er_core_joint_state(const struct er_core *core, const char *name, enum er_family family,
			 struct er_joint_view *view)
{
	const struct er_joint *joint = er_joint_find(core->reach, name);

	memset(view, 0, sizeof(*view));
	if (!joint || (unsigned int)family >= ER_FAMILIES)
		return false;
	*view = joint->family[family].view;
	return true;
}
