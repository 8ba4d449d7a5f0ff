// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of Global Reach -> the YANG state tree.
 */
#include <zebra.h>

#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_site.h"
#include "erouted/er_state.h"

/*
 * What sites and connections have alike
 */
void er_state_add_shares(struct lyd_node *node, const uint32_t only[ER_ROLES])
{
	er_state_add_number(node, "primary-only", only[ER_PRIMARY]);
	er_state_add_number(node, "secondary-only", only[ER_SECONDARY]);
}

static void add_refused(struct lyd_node *node, uint32_t prefix, uint32_t limit,
			uint32_t undeclared, uint32_t other)
{
	struct lyd_node *refused = er_state_inner(node, "refused");

	er_state_add_number(refused, "site-prefix", prefix);
	er_state_add_number(refused, "site-limit", limit);
	er_state_add_number(refused, "undeclared-site", undeclared);
	er_state_add_number(refused, "other", other);
}

void er_state_add_site_refused(struct lyd_node *node, const struct er_site_facts *facts)
{
	add_refused(node, facts->refused_prefix, facts->refused_limit, facts->refused_undeclared,
		    facts->refused_other);
}

void er_state_add_missing(struct lyd_node *node, uint32_t missing, const struct prefix *prefix,
			  size_t n)
{
	er_state_add_number(node, "missing", missing);
	er_state_add_prefixes(node, "missing-prefix", prefix, n);
}

static void add_overlaps(struct lyd_node *node, uint32_t overlaps, const struct prefix *prefix,
			 size_t n)
{
	er_state_add_number(node, "overlaps", overlaps);
	er_state_add_prefixes(node, "overlapping-prefix", prefix, n);
}

void er_state_add_site_examples(struct lyd_node *node, const struct er_site_facts *facts)
{
	struct lyd_node *entry;
	char buf[PREFIX_STRLEN];

	for (size_t i = 0; i < facts->n_examples; i++) {
		const struct er_site_example *example = &facts->example[i];

		entry = er_state_entry(node, "example",
				       prefix2str(&example->prefix, buf, sizeof(buf)));
		er_state_add_number(entry, "as", example->as);
		er_state_add(entry, "rule", er_rule_str(example->rule));
	}
}

/*
 * Sites, and what is undeclared
 */
struct heard_walk {
	const char *site;
	er_heard_cb cb;
	void *arg;
};

static int walk_circuit(const struct er_circuit_config *circuit, void *arg)
{
	const struct heard_walk *walk = arg;
	struct er_site_view view;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		if (er_core_site_state(er_core, walk->site, circuit->name, family, &view) &&
		    (view.known || (walk->site[0] && view.may_be_heard)))
			walk->cb(circuit->name, family, &view, walk->arg);
	return 0;
}

void er_foreach_heard(const char *site, er_heard_cb cb, void *arg)
{
	struct heard_walk walk = { site, cb, arg };

	er_core_foreach(er_core, walk_circuit, &walk);
}

struct heard_list {
	struct lyd_node *parent;
	const char *list;
	const struct er_site_config *config; /* NULL: of what is undeclared */
};

static void add_heard(const char *circuit, enum er_family family, const struct er_site_view *view,
		      void *arg)
{
	const struct er_site_facts *facts = &view->facts;
	const struct heard_list *heard = arg;
	struct lyd_node *node = NULL;

	lyd_new_list(heard->parent, NULL, heard->list, 0, &node, circuit, er_family_str(family));
	if (!node || !view->known)
		return;
	er_state_add_number(node, "prefixes", er_site_accepted(facts));
	er_state_add_shares(node, view->only);
	er_state_add_text(node, "hidden", view->hidden.why);
	if (heard->config && heard->config->maximum_prefixes)
		er_state_add(node, "maximum-level", er_limit_level_str(view->level));
	er_state_add_site_refused(node, facts);
	er_state_add_site_examples(node, facts);
	if (heard->config && view->missing_known)
		er_state_add_missing(node, facts->missing, facts->missing_prefix, facts->n_missing);
	add_overlaps(node, facts->overlaps, facts->overlap, facts->n_overlaps);
}

struct walk {
	struct lyd_node *top;
	const char *only;
	bool with_config;
};

/* NULL: it is not asked for */
static struct lyd_node *entry_of(const struct walk *walk, const char *list, const char *name)
{
	if (walk->only && strcmp(walk->only, name))
		return NULL;
	if (walk->with_config)
		er_state_add_config(walk->top, list, name);
	return er_state_inner(er_state_entry(walk->top, list, name), "state");
}

static int add_site(const struct er_site_config *config, void *arg)
{
	struct heard_list heard = { .list = "heard", .config = config };

	heard.parent = entry_of(arg, "site", config->name);
	if (heard.parent)
		er_foreach_heard(config->name, add_heard, &heard);
	return 0;
}

static void add_undeclared(struct lyd_node *top, bool with_config)
{
	struct heard_list heard = { er_state_inner(top, "state"), "undeclared", NULL };
	enum er_undeclared mode = er_core_undeclared(er_core);

	if (with_config && mode != ER_UNDECLARED_TELL)
		er_state_add(top, "undeclared-sites", er_undeclared_str(mode));
	er_foreach_heard("", add_heard, &heard);
}

/*
 * Connections
 */
void er_state_add_joint_differences(struct lyd_node *node, const struct er_joint_view *view)
{
	bool hidden = er_is_any_hidden(&view->hidden);

	er_state_add_shares(node, view->only);
	er_state_add_text(node, "hidden", view->hidden.why);
	if (view->asymmetric || !hidden)
		er_state_add_bool(node, "asymmetric", view->asymmetric);
	if (view->incomplete || !hidden)
		er_state_add_bool(node, "incomplete", view->incomplete);
	if (view->missing || view->missing_known)
		er_state_add_missing(node, view->missing, view->missing_prefix, view->n_missing);
}

static void add_family(struct lyd_node *state, const char *name, enum er_family family)
{
	struct er_joint_view view;
	struct lyd_node *node;

	if (!er_core_joint_state(er_core, name, family, &view))
		return;
	node = er_state_new_entry(state, "family", er_family_str(family));
	er_state_add(node, "state", er_joint_state_str(view.state));
	er_state_add_text(node, "reason", view.reason);
	er_state_add_number(node, "since", MAX(er_now().mono_ms - view.since_mono_ms, 0) / 1000);
	if (view.state == ER_JOINT_INACTIVE || view.state == ER_JOINT_UNKNOWN)
		return;
	er_state_add_number(node, "prefixes", view.prefixes);
	er_state_add_number(node, "primary-prefixes", view.seen[ER_PRIMARY]);
	er_state_add_number(node, "secondary-prefixes", view.seen[ER_SECONDARY]);
	er_state_add_joint_differences(node, &view);
	add_refused(node, view.refused_prefix, view.refused_limit, view.refused_undeclared,
		    view.refused_other);
	add_overlaps(node, view.overlaps, view.overlap, view.n_overlaps);
}

static int add_joint(const struct er_joint_config *config, void *arg)
{
	struct lyd_node *state = entry_of(arg, "global-reach", config->name);

	for (enum er_family family = ER_IPV4; state && family < ER_FAMILIES; family++)
		add_family(state, config->name, family);
	return 0;
}

/*
 * Trees
 */
void er_site_state_add(struct lyd_node *top, bool with_config)
{
	struct walk walk = { .top = top, .with_config = with_config };

	er_core_foreach_site(er_core, add_site, &walk);
	er_core_foreach_joint(er_core, add_joint, &walk);
	add_undeclared(top, with_config);
}

static bool begin(struct walk *walk, const char *only)
{
	*walk = (struct walk){ .only = only, .with_config = true };
	return lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &walk->top) == LY_SUCCESS;
}

struct lyd_node *er_site_state_tree(const char *site)
{
	struct walk walk;

	if (!begin(&walk, site))
		return NULL;
	er_core_foreach_site(er_core, add_site, &walk);
	if (!site)
		add_undeclared(walk.top, true);
	return walk.top;
}

struct lyd_node *er_joint_state_tree(const char *joint)
{
	struct walk walk;

	if (!begin(&walk, joint))
		return NULL;
	er_core_foreach_joint(er_core, add_joint, &walk);
	return walk.top;
}
