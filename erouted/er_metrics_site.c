// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach, as OpenMetrics text: its connections, and what is heard of sites.
 */
#include <zebra.h>

#include "core/text.h"
#include "erouted/er_metrics.h"
#include "erouted/er_site.h"

/* What a metric is of: one of these functions writes its samples. */
struct metric {
	struct er_metric base;
	void (*joint)(FILE *out, const struct er_metric *metric, const char *labels,
		      const struct er_joint_view *view);
	void (*site)(FILE *out, const struct er_metric *metric, const char *labels,
		     const struct er_site_view *view);
};

/*
 * Of a connection in one family
 */
static bool is_known(const struct er_joint_view *view)
{
	return view->state == ER_JOINT_UNSEEN || view->state == ER_JOINT_ESTABLISHED;
}

static void state(FILE *out, const struct er_metric *metric, const char *labels,
		  const struct er_joint_view *view)
{
	for (enum er_joint_state s = ER_JOINT_INACTIVE; s < ER_JOINT_STATES; s++)
		er_metric_state(out, metric, labels, er_joint_state_str(s), view->state == s);
}

static void link_prefixes(FILE *out, const struct er_metric *metric, const char *labels,
			  const struct er_joint_view *view)
{
	char more[ER_LABELS_LEN];

	for (enum er_role r = ER_PRIMARY; is_known(view) && r < ER_ROLES; r++) {
		if (!view->seen[r] && view->hidden.link[r])
			continue;
		strlcpy(more, labels, sizeof(more));
		er_metric_label(more, "link", er_role_str(r));
		er_metric_sample(out, metric, more, view->seen[r]);
	}
}

static void missing(FILE *out, const struct er_metric *metric, const char *labels,
		    const struct er_joint_view *view)
{
	if (is_known(view) && (view->missing || view->missing_known))
		er_metric_sample(out, metric, labels, view->missing);
}

static void asymmetric(FILE *out, const struct er_metric *metric, const char *labels,
		       const struct er_joint_view *view)
{
	if (is_known(view) && (view->asymmetric || !er_is_any_hidden(&view->hidden)))
		er_metric_sample(out, metric, labels, view->asymmetric);
}

/*
 * Of a site over one circuit in one family
 */
static void site_prefixes(FILE *out, const struct er_metric *metric, const char *labels,
			  const struct er_site_view *view)
{
	er_metric_sample(out, metric, labels, er_site_accepted(&view->facts));
}

static void site_missing(FILE *out, const struct er_metric *metric, const char *labels,
			 const struct er_site_view *view)
{
	if (view->missing_known)
		er_metric_sample(out, metric, labels, view->facts.missing);
}

static void rule(FILE *out, const struct er_metric *metric, const char *labels, const char *rule,
		 uint32_t refused)
{
	char more[ER_LABELS_LEN];

	strlcpy(more, labels, sizeof(more));
	er_metric_label(more, "rule", rule);
	er_metric_sample(out, metric, more, refused);
}

static void site_refused(FILE *out, const struct er_metric *metric, const char *labels,
			 const struct er_site_view *view)
{
	const struct er_site_facts *facts = &view->facts;

	rule(out, metric, labels, er_rule_str(ER_RULE_SITE_PREFIX), facts->refused_prefix);
	rule(out, metric, labels, er_rule_str(ER_RULE_SITE_LIMIT), facts->refused_limit);
	rule(out, metric, labels, er_rule_str(ER_RULE_UNDECLARED_SITE), facts->refused_undeclared);
	rule(out, metric, labels, "other", facts->refused_other);
}

/* clang-format off */
static const struct metric metrics[] = {
	{ .base = { "global_reach_state", "1 for what the state of the Global Reach connection is" },
	  .joint = state },
	{ .base = { "global_reach_prefixes", "Prefixes of its sites accepted on the link" },
	  .joint = link_prefixes },
	{ .base = { "global_reach_missing_prefixes", "Configured prefixes of its sites of which nothing is accepted" },
	  .joint = missing },
	{ .base = { "global_reach_asymmetric", "The two links, both up, do not carry the same prefixes of its sites" },
	  .joint = asymmetric },
	{ .base = { "site_prefixes", "Prefixes of the site accepted over the circuit; without a name, of what is undeclared" },
	  .site = site_prefixes },
	{ .base = { "site_missing_prefixes", "Configured prefixes of the site of which nothing is accepted over the circuit" },
	  .site = site_missing },
	{ .base = { "site_refused_prefixes", "Prefixes of the site that are refused, by rule" },
	  .site = site_refused },
};
/* clang-format on */

/*
 * Walking
 */
struct walk {
	FILE *out;
	const struct metric *metric;
	const char *site;
};

static void add_heard(const char *circuit, enum er_family family, const struct er_site_view *view,
		      void *arg)
{
	const struct walk *walk = arg;
	char labels[ER_LABELS_LEN] = "";

	if (!view->known)
		return;
	er_metric_label(labels, "site", walk->site);
	er_metric_label(labels, "circuit", circuit);
	er_metric_label(labels, "family", er_family_str(family));
	walk->metric->site(walk->out, &walk->metric->base, labels, view);
}

static int add_site(const struct er_site_config *config, void *arg)
{
	struct walk walk = *(const struct walk *)arg;

	walk.site = config->name;
	er_foreach_heard(config->name, add_heard, &walk);
	return 0;
}

static int add_joint(const struct er_joint_config *config, void *arg)
{
	const struct walk *walk = arg;
	char labels[ER_LABELS_LEN];
	struct er_joint_view view;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (!er_core_joint_state(er_core, config->name, family, &view))
			continue;
		labels[0] = '\0';
		er_metric_label(labels, "global_reach", config->name);
		er_metric_label(labels, "circuit", config->circuit);
		er_metric_label(labels, "family", er_family_str(family));
		walk->metric->joint(walk->out, &walk->metric->base, labels, &view);
	}
	return 0;
}

void er_metrics_site(FILE *out)
{
	for (size_t i = 0; i < array_size(metrics); i++) {
		struct walk walk = { .out = out, .metric = &metrics[i], .site = "" };

		er_metric_head(out, &metrics[i].base);
		if (metrics[i].joint) {
			er_core_foreach_joint(er_core, add_joint, &walk);
			continue;
		}
		er_core_foreach_site(er_core, add_site, &walk);
		er_foreach_heard("", add_heard, &walk);
	}
}
