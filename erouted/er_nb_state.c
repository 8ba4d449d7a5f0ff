// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What er_core knows -> the YANG state tree, built whenever somebody asks.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "compat.h"
#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_drain.h"
#include "erouted/er_metrics.h"
#include "erouted/er_audit.h"
#include "erouted/er_paths.h"
#include "erouted/er_site.h"
#include "erouted/er_state.h"
#include "erouted/er_sums.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

/*
 * Building
 */
void er_state_add(struct lyd_node *parent, const char *name, const char *value)
{
	LY_ERR err = lyd_new_term(parent, NULL, name, value, 0, NULL);

	if (err)
		zlog_warn("state: %s/%s does not take '%s': %s", parent->schema->name, name, value,
			  ly_strerrcode(err));
}

void er_state_add_text(struct lyd_node *parent, const char *name, const char *value)
{
	if (value[0])
		er_state_add(parent, name, value);
}

void er_state_add_number(struct lyd_node *parent, const char *name, uint64_t value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%" PRIu64, value);
	er_state_add(parent, name, buf);
}

void er_state_add_bool(struct lyd_node *parent, const char *name, bool value)
{
	er_state_add(parent, name, value ? "true" : "false");
}

void er_state_add_prefixes(struct lyd_node *parent, const char *name, const struct prefix *prefix,
			   size_t n)
{
	char buf[PREFIX_STRLEN];

	for (size_t i = 0; i < n; i++)
		er_state_add(parent, name, prefix2str(&prefix[i], buf, sizeof(buf)));
}

void er_state_add_address(struct lyd_node *parent, const char *name, const struct ipaddr *address)
{
	char buf[IPADDR_STRING_SIZE];

	if (IS_IPADDR_NONE(address))
		return;
	snprintfrr(buf, sizeof(buf), "%pIA", address);
	er_state_add(parent, name, buf);
}

void er_state_add_moment(struct lyd_node *parent, const char *name, int64_t wall_s)
{
	time_t moment = wall_s;
	struct tm tm;
	char buf[32];

	if (!wall_s || !gmtime_r(&moment, &tm))
		return;
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	er_state_add(parent, name, buf);
}

struct lyd_node *er_state_inner(struct lyd_node *parent, const char *name)
{
	struct lyd_node *node = (struct lyd_node *)er_nb_child(parent, name);

	if (!node)
		lyd_new_inner(parent, NULL, name, false, &node);
	return node;
}

struct lyd_node *er_state_entry(struct lyd_node *parent, const char *list, const char *key)
{
	struct lyd_node *node;

	LY_LIST_FOR (lyd_child(parent), node)
		if (!strcmp(node->schema->name, list) &&
		    !strcmp(lyd_get_value(lyd_child(node)), key))
			return node;
	node = NULL;
	lyd_new_list(parent, NULL, list, 0, &node, key);
	return node;
}

struct lyd_node *er_state_new_entry(struct lyd_node *parent, const char *list, const char *key)
{
	struct lyd_node *node = NULL;

	lyd_new_list(parent, NULL, list, 0, &node, key);
	return node;
}

/*
 * One session
 */
void er_state_add_session(struct lyd_node *session, const struct er_session_facts *facts,
			  struct er_time now)
{
	er_state_add(session, "state", er_session_state_str(facts->state));
	er_state_add(session, "bfd", er_bfd_state_str(facts->bfd));
	if (facts->state == ER_SESSION_ESTABLISHED && facts->established_wall)
		er_state_add_number(session, "uptime",
				    MAX(now.wall_s - facts->established_wall, 0));
	er_state_add_text(session, "last-reset", facts->last_reset);
	if (facts->last_reset_wall)
		er_state_add_number(session, "last-reset-age",
				    MAX(now.wall_s - facts->last_reset_wall, 0));
	er_state_add_number(session, "accepted-prefixes", facts->accepted);
	er_state_add_number(session, "filtered-prefixes", facts->filtered);
	er_state_add_number(session, "advertised-prefixes", facts->advertised);
}

static void add_partner(struct lyd_node *session, const struct er_partner_facts *facts)
{
	struct lyd_node *node = er_state_inner(session, "partner");

	er_state_add_bool(node, "all-paths", facts->all_paths);
	er_state_add_number(node, "operator-drained-prefixes", facts->own_drained);
	er_state_add_number(node, "unclear-prefixes", facts->unclear);
	er_state_add_number(node, "unmarked-prefixes", facts->unmarked);
	er_state_add_number(node, "unreachable-prefixes", facts->unreachable);
	er_state_add_number(node, "disagreeing-prefixes", facts->disagree);
	if (!facts->disagree)
		return;
	er_state_add_number(node, "its-local-preference", facts->local_pref);
	er_state_add_number(node, "our-local-preference", facts->local_pref_ours);
}

/* What is known of a link that ends here only. */
static void add_own(struct lyd_node *session, const struct er_session_view *view)
{
	enum er_family family = view->spec.key.family;

	er_state_add_address(session, "local-address", &view->spec.local);
	er_state_add_bool(session, "local-address-present",
			  view->interface.address_present[family]);
	er_state_add_bool(session, "neighbor-reachable",
			  view->interface.neighbor_reachable[family]);
}

static void add_session(struct lyd_node *link_state, const struct er_circuit_config *config,
			const struct er_session_key *key, struct er_time now)
{
	struct er_peering_key peering = { .peering = key->peering, .family = key->family };
	struct er_peering_view peering_view;
	struct er_session_view view;
	struct lyd_node *session;
	char problem[ER_TEXT_LEN];

	if (!er_core_session(er_core, key, now, &view) || !view.configured)
		return;
	strlcpy(peering.circuit, key->circuit, sizeof(peering.circuit));

	session = er_state_entry(link_state, "session", er_family_str(key->family));
	er_state_add(session, "health", er_health_str(view.assessment.health));
	er_state_add_address(session, "neighbor-address", &view.spec.neighbor);
	if (view.spec.mode != ER_PARTNER)
		add_own(session, &view);
	er_state_add_session(session, &view.facts, now);
	er_state_add_number(session, "flaps", view.flaps);
	if (view.hold_ms > 0)
		er_state_add_number(session, "hold-down", (view.hold_ms + 999) / 1000);
	if (view.spec.mode == ER_PARTNER) {
		er_state_add_number(session, "drained-prefixes", view.facts.partner.drained);
		add_partner(session, &view.facts.partner);
	} else if (er_core_peering(er_core, &peering, now, &peering_view)) {
		er_state_add_number(session, "drained-prefixes",
				    peering_view.rib.drained[key->role]);
		er_state_add_number(session, "stale-prefixes", peering_view.rib.stale[key->role]);
	}
	if (view.spec.local_pref)
		er_state_add_number(session, "local-preference", view.spec.local_pref);
	if (er_session_problem(&view, config, key, problem, sizeof(problem)))
		er_state_add(session, "problem", problem);
}

static void add_link(struct lyd_node *peering, const struct er_circuit_config *config,
		     enum er_peering_type type, enum er_role role, struct er_time now)
{
	struct er_session_key key = { .peering = type, .role = role };
	struct er_session_view view;
	struct lyd_node *state;

	strlcpy(key.circuit, config->name, sizeof(key.circuit));
	state = er_state_inner(er_state_entry(peering, "link", er_role_str(role)), "state");
	if (er_core_session(er_core, &key, now, &view))
		er_state_add(state, "interface-state", er_if_state_str(view.interface.state));
	for (key.family = ER_IPV4; key.family < ER_FAMILIES; key.family++)
		add_session(state, config, &key, now);
}

/*
 * One peering
 */
static void add_seconds(struct lyd_node *availability, const char *period,
			const struct er_seconds *seconds)
{
	struct lyd_node *node = er_state_inner(availability, period);

	er_state_add_number(node, "redundant", seconds->redundant);
	er_state_add_number(node, "degraded", seconds->degraded);
	er_state_add_number(node, "down", seconds->down);
}

static void add_parity(struct lyd_node *family, const struct er_peering_key *key,
		       const struct er_rib_facts *rib)
{
	struct lyd_node *parity = er_state_inner(family, "parity");
	struct prefix example[ER_WIRE_EXAMPLES];
	size_t n = er_examples(key, example);

	er_state_add_number(parity, "both", rib->both);
	er_state_add_number(parity, "primary-only", rib->only[ER_PRIMARY]);
	er_state_add_number(parity, "secondary-only", rib->only[ER_SECONDARY]);
	er_state_add_number(parity, "path-differs", rib->path_differs);
	er_state_add_number(parity, "advertised-primary-only", rib->out_only[ER_PRIMARY]);
	er_state_add_number(parity, "advertised-secondary-only", rib->out_only[ER_SECONDARY]);
	er_state_add_prefixes(parity, "example", example, n);
}

static struct lyd_node *add_limit(struct lyd_node *family, const char *name,
				  const struct er_limit_view *view)
{
	struct lyd_node *node = er_state_inner(family, name);

	er_state_add_number(node, "count", view->count);
	if (view->limit)
		er_state_add_number(node, "limit", view->limit);
	er_state_add(node, "level", er_limit_level_str(view->level));
	return node;
}

static void add_limits(struct lyd_node *family, const struct er_peering_key *key,
		       const struct er_peering_view *view)
{
	struct lyd_node *advertised;
	struct prefix held[ER_WIRE_EXAMPLES];
	size_t n = er_examples_held(key, held);

	advertised = add_limit(family, "advertised", &view->limit[ER_ADVERTISED]);
	er_state_add_number(advertised, "held", view->rib.held);
	er_state_add_prefixes(advertised, "held-prefix", held, n);
	add_limit(family, "received", &view->limit[ER_RECEIVED]);
}

static void add_refused(struct lyd_node *family, const struct er_rib_facts *rib)
{
	struct lyd_node *refused;

	if (!rib->refused_known)
		return;
	for (enum er_rule rule = ER_RULE_NONE; rule < ER_RULES; rule++) {
		if (!rib->refused[rule])
			continue;
		refused = er_state_new_entry(family, "refused", er_rule_str(rule));
		er_state_add_number(refused, "prefixes", rib->refused[rule]);
	}
}

static void add_warnings(struct lyd_node *family, const struct er_circuit_config *config,
			 const struct er_peering_key *key)
{
	char warning[ER_WARNINGS][ER_TEXT_LEN];
	size_t n = er_peering_warnings(config, key, warning, array_size(warning));

	for (size_t i = 0; i < n; i++)
		er_state_add(family, "warning", warning[i]);
}

static void peering_reason(const struct er_peering_key *key, const struct er_assessment *assessment,
			   struct er_time now, char *buf, size_t len)
{
	struct er_session_view link[ER_ROLES] = {};
	struct er_session_key session = { .peering = key->peering, .family = key->family };

	strlcpy(session.circuit, key->circuit, sizeof(session.circuit));
	for (session.role = ER_PRIMARY; session.role < ER_ROLES; session.role++)
		er_core_session(er_core, &session, now, &link[session.role]);
	buf[0] = '\0';
	er_assessment_reason(assessment, link, buf, len);
}

static void add_standby(struct lyd_node *family, const struct er_peering_key *key)
{
	struct prefix missing[ER_WIRE_EXAMPLES];
	struct er_standby_view view;
	struct lyd_node *standby;
	size_t n = er_examples_missing(key, missing);

	if (!er_core_standby(er_core, key, &view))
		return;
	standby = er_state_inner(family, "standby");
	er_state_add(standby, "for", view.circuit);
	er_state_add_bool(standby, "ready", view.ready);
	er_state_add_text(standby, "reason", view.reason);
	er_state_add_number(standby, "offered", view.offered);
	er_state_add_number(standby, "missing", view.missing);
	er_state_add_prefixes(standby, "missing-prefix", missing, n);
	er_state_add_bool(standby, "carries", view.carries);
	er_state_add_moment(standby, "last-carried", view.carried_wall);
}

static void add_family(struct lyd_node *state, const struct er_circuit_config *config,
		       const struct er_peering_key *key, struct er_time now)
{
	struct er_peering_view view;
	struct lyd_node *family, *availability;
	char reason[ER_JOINED_LEN];

	if (!er_core_peering(er_core, key, now, &view) || !view.configured)
		return;

	family = er_state_entry(state, "family", er_family_str(key->family));
	er_state_add(family, "redundancy", er_redundancy_str(view.assessment.redundancy));
	peering_reason(key, &view.assessment, now, reason, sizeof(reason));
	er_state_add_text(family, "reason", reason);
	er_state_add_number(family, "since", MAX(now.mono_ms - view.since_mono_ms, 0) / 1000);
	er_state_add_bool(family, "drained", view.assessment.drained);
	er_state_add_bool(family, "asymmetric", view.assessment.asymmetric);
	er_state_add(family, "unprotected", er_unprotected_str(view.assessment.unprotected));
	er_state_add_bool(family, "flapping", view.assessment.flapping);
	add_parity(family, key, &view.rib);
	add_limits(family, key, &view);
	add_refused(family, &view.rib);
	add_warnings(family, config, key);
	add_standby(family, key);
	availability = er_state_inner(family, "availability");
	add_seconds(availability, "since-start", &view.seconds[ER_SINCE_START]);
	add_seconds(availability, "this-month", &view.seconds[ER_THIS_MONTH]);
	add_seconds(availability, "last-month", &view.seconds[ER_LAST_MONTH]);
}

static void add_peering(struct lyd_node *circuit, const struct er_circuit_config *config,
			enum er_peering_type type, struct er_time now)
{
	struct lyd_node *peering = er_state_entry(circuit, "peering", er_peering_type_str(type));
	struct er_peering_key key = { .peering = type };
	struct lyd_node *state = er_state_inner(peering, "state");

	strlcpy(key.circuit, config->name, sizeof(key.circuit));
	for (key.family = ER_IPV4; key.family < ER_FAMILIES; key.family++)
		add_family(state, config, &key, now);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		if (config->peering[type].link[role].configured)
			add_link(peering, config, type, role, now);
}

/*
 * One circuit
 */
static void add_circuit_state(struct lyd_node *circuit, const struct er_circuit_config *config,
			      struct er_time now)
{
	struct lyd_node *state = er_state_inner(circuit, "state");
	struct er_peering_key worst = {};
	struct er_peering_view view;
	enum er_redundancy redundancy;
	char reason[ER_JOINED_LEN], full[ER_JOINED_LEN + 32];

	redundancy = er_core_redundancy(er_core, config->name, &worst);
	er_state_add(state, "redundancy", er_redundancy_str(redundancy));
	er_drain_add_state(state, config->name);
	if (redundancy == ER_REDUNDANT || !worst.circuit[0] ||
	    !er_core_peering(er_core, &worst, now, &view))
		return;

	peering_reason(&worst, &view.assessment, now, reason, sizeof(reason));
	if (!reason[0])
		return;
	snprintf(full, sizeof(full), "%s %s: %s", er_peering_type_str(worst.peering),
		 er_family_str(worst.family), reason);
	er_state_add(state, "reason", full);
}

void er_state_add_config(struct lyd_node *top, const char *list, const char *name)
{
	const struct lyd_node *config = er_nb_entry(list, name);
	struct lyd_node *copy = NULL, *child;

	if (!config || lyd_dup_single(config, LYD_API_PARENT_TYPE(top), LYD_DUP_RECURSIVE, &copy))
		return;
	lyd_free_tree((struct lyd_node *)er_nb_child(copy, "password"));
	LY_LIST_FOR (lyd_child(copy), child)
		lyd_free_tree((struct lyd_node *)er_nb_child(child, "password"));
}

struct walk {
	struct lyd_node *top;
	const char *only;
	bool with_config;
	struct er_time now;
};

static int add_circuit(const struct er_circuit_config *config, void *arg)
{
	struct walk *walk = arg;
	struct lyd_node *circuit;

	if (walk->only && strcmp(walk->only, config->name))
		return 0;
	if (walk->with_config)
		er_state_add_config(walk->top, "circuit", config->name);

	circuit = er_state_entry(walk->top, "circuit", config->name);
	add_circuit_state(circuit, config, walk->now);
	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++)
		if (config->peering[type].configured)
			add_peering(circuit, config, type, walk->now);
	return 0;
}

/*
 * Route filters and region preferences
 */
static void add_count(struct lyd_node *state, const struct er_count *count)
{
	char community[ER_COMMUNITY_STRLEN], name[ER_TEXT_LEN];
	struct lyd_node *node;

	er_community_str(count->community, community);
	er_policy_name(count->community, name, sizeof(name));
	node = er_state_new_entry(state, count->allowed ? "allowed" : "refused", community);
	er_state_add_text(node, "name", name);
	if (count->allowed)
		er_state_add_number(node, "accepted", count->accepted);
	er_state_add_number(node, "refused", count->refused);
	if (count->allowed)
		er_state_add_moment(node, "last-change", count->changed_wall);
}

static int add_filter(const struct er_policy_filter *filter, void *arg)
{
	struct lyd_node *state =
		er_state_inner(er_state_entry(arg, "route-filter", filter->config.name), "state");
	size_t n;
	struct er_count *sums = er_filter_sums(filter, &n);

	er_state_add_number(state, "communities", filter->filter.n);
	er_state_add_moment(state, "last-change", filter->changed_wall);
	for (size_t i = 0; i < filter->filter.n_problems; i++)
		er_state_add(state, "problem", filter->filter.problem[i]);
	for (size_t i = 0; i < n; i++)
		if (sums[i].allowed || sums[i].refused)
			add_count(state, &sums[i]);
	er_filter_sums_free(&sums);
	return 0;
}

static int add_region(const struct er_policy_region *region, void *arg)
{
	struct lyd_node *node = er_state_entry(arg, "region-preference", region->config.target);

	er_state_add_text(node, "problem", region->problem);
	return 0;
}

/* What is configured beside the circuits. */
static void add_policy_config(struct lyd_node *top)
{
	static const char *const lists[] = { "community", "route-filter", "region-preference" };
	const struct lyd_node *config = yang_dnode_get(running_config->dnode, ER_XPATH), *node;

	LY_LIST_FOR (config ? lyd_child(config) : NULL, node)
		for (size_t i = 0; i < array_size(lists); i++)
			if (!strcmp(node->schema->name, lists[i]))
				lyd_dup_single(node, LYD_API_PARENT_TYPE(top), LYD_DUP_RECURSIVE,
					       NULL);
}

struct lyd_node *er_state_filters(const char *name)
{
	const struct er_policy_filter *filter = name ? er_policy_filter(name) : NULL;
	struct lyd_node *top;

	if (lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &top))
		return NULL;
	if (filter)
		add_filter(filter, top);
	else if (!name)
		er_policy_foreach_filter(add_filter, top);
	return top;
}

/*
 * erouted itself
 */
static void add_catalogue(struct lyd_node *state)
{
	struct lyd_node *catalogue = er_state_inner(state, "catalogue");

	er_state_add_number(catalogue, "communities", er_catalogue_count(er_communities()));
	er_state_add_moment(catalogue, "imported", er_communities_imported());
	er_state_add_text(catalogue, "problem", er_communities_problem());
}

static void add_bgpd(struct lyd_node *state)
{
	struct lyd_node *bgpd = er_state_inner(state, "bgpd");
	struct er_channel_view view;

	er_channel_view(&view);
	er_state_add(bgpd, "state", view.state_str);
	er_state_add_text(bgpd, "version", view.version);
	er_state_add_text(bgpd, "frr-version", view.frr_version);
	er_state_add_text(bgpd, "problem", view.problem);
}

static void add_state(struct lyd_node *top, struct er_time now)
{
	struct lyd_node *state = er_state_inner(top, "state");

	er_state_add(state, "version", PACKAGE_VERSION);
	er_state_add(state, "frr-version", ER_FRR_VERSION);
	er_state_add_number(state, "uptime", (now.mono_ms - er_started_ms) / 1000);
	er_state_add_bool(state, "zebra-connected", er_zebra_connected());
	add_catalogue(state);
	add_bgpd(state);
}

struct lyd_node *er_state_tree(const char *circuit, bool with_config)
{
	struct walk walk = { .only = circuit, .with_config = with_config, .now = er_now() };

	if (lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &walk.top))
		return NULL;
	if (!circuit && with_config)
		add_policy_config(walk.top);
	er_core_foreach(er_core, add_circuit, &walk);
	if (circuit)
		return walk.top;
	er_policy_foreach_filter(add_filter, walk.top);
	er_policy_foreach_region(add_region, walk.top);
	er_vpn_state_add(walk.top, NULL, with_config);
	if (er_metrics_problem()[0])
		er_state_add(er_state_inner(walk.top, "metrics"), "problem", er_metrics_problem());
	er_site_state_add(walk.top, with_config);
	er_path_state_add(walk.top, with_config);
	add_state(walk.top, walk.now);
	return walk.top;
}

/* One walk of mgmtd's has one tree: it lives until the walk's end. */
const struct lyd_node *er_state_get_tree(const char *xpath, void **user_lock)
{
	struct lyd_node *top = er_state_tree(NULL, false);

	if (top)
		er_audit_state_add(top, NULL);
	return top;
}

void er_state_put_tree(const struct lyd_node *tree, void *user_lock)
{
	lyd_free_all((struct lyd_node *)tree);
}
