// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screens of Global Reach: is the other side there, on both links, and what of
 * it is refused?
 */
#include <zebra.h>

#include "command.h"
#include "termtable.h"

#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/er_site.h"

#define WORD_LEN 16
/* A number. */
#define CELL_LEN 12
/* A sentence with names in it. */
#define LINE_LEN (2 * ER_TEXT_LEN)

/* Adds to a text that is cut where it is full. */
static void append(char *text, size_t len, const char *format, ...) PRINTFRR(3, 4);
static void append(char *text, size_t len, const char *format, ...)
{
	size_t at = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintfrr(text + at, len - at, format, args);
	va_end(args);
}

static void append_prefixes(char *text, size_t len, const struct prefix *prefix, size_t n,
			    uint32_t of)
{
	for (size_t i = 0; i < n; i++)
		append(text, len, "%s%pFX", i ? ", " : ": ", &prefix[i]);
	if (n && n < of)
		append(text, len, ", ...");
}

static void append_names(char *text, size_t len, const char *one, const char *many,
			 char (*const name)[ER_NAME_LEN], size_t n)
{
	append(text, len, " %s", n == 1 ? one : many);
	for (size_t i = 0; i < n; i++)
		append(text, len, "%s %s", i ? "," : "", name[i]);
}

/*
 * A cell of a table: what counts what a partner's link hides may not be known
 */
static const char *cell(uint32_t number, bool known, char buf[CELL_LEN])
{
	if (!known)
		return "?";
	snprintf(buf, CELL_LEN, "%u", number);
	return buf;
}

static const char *seen_cell(uint32_t seen, const struct er_hidden *hidden, enum er_role role,
			     char buf[CELL_LEN])
{
	return cell(seen, seen || !hidden->link[role], buf);
}

/*
 * What sites and connections have to say, a line for each
 */
static void say_hidden(struct er_lines *lines, const char *about, const struct er_hidden *hidden)
{
	char text[LINE_LEN];

	if (!er_is_any_hidden(hidden))
		return;
	snprintf(text, sizeof(text), "%s: %s", about, hidden->why);
	er_show_line(lines, text);
}

static void say_missing(struct er_lines *lines, const char *about, uint32_t missing,
			const struct prefix *prefix, size_t n)
{
	char text[LINE_LEN];

	if (!missing)
		return;
	snprintf(text, sizeof(text), "%s: nothing is accepted of %u configured %s", about, missing,
		 er_prefixes(missing));
	append_prefixes(text, sizeof(text), prefix, n, missing);
	er_show_line(lines, text);
}

static void say_only(struct er_lines *lines, const char *about, const uint32_t only[ER_ROLES])
{
	char text[LINE_LEN];

	if (!only[ER_PRIMARY] && !only[ER_SECONDARY])
		return;
	snprintf(text, sizeof(text),
		 "%s: the links differ: %u %s on primary only, %u on secondary only", about,
		 only[ER_PRIMARY], er_prefixes(only[ER_PRIMARY]), only[ER_SECONDARY]);
	er_show_line(lines, text);
}

static void say_overlaps(struct er_lines *lines, const char *about, uint32_t overlaps,
			 const struct prefix *prefix, size_t n)
{
	char text[LINE_LEN];

	if (!overlaps)
		return;
	snprintf(text, sizeof(text), "%s: %u %s of virtual networks overlap%s with it", about,
		 overlaps, er_prefixes(overlaps), overlaps == 1 ? "s" : "");
	append_prefixes(text, sizeof(text), prefix, n, overlaps);
	er_show_line(lines, text);
}

static void say_examples(struct er_lines *lines, const char *about,
			 const struct er_site_facts *facts)
{
	char text[LINE_LEN];

	for (size_t i = 0; i < facts->n_examples; i++) {
		const struct er_site_example *example = &facts->example[i];

		snprintfrr(text, sizeof(text), "%s: %pFX of AS %u is %s", about, &example->prefix,
			   example->as, example->rule ? "refused: " : "accepted");
		if (example->rule)
			append(text, sizeof(text), "%s", er_rule_reason(example->rule));
		er_show_line(lines, text);
	}
}

/*
 * Sites
 */
static uint32_t refused_of(const struct er_site_facts *facts)
{
	return facts->refused_prefix + facts->refused_limit + facts->refused_undeclared +
	       facts->refused_other;
}

static void add_heard_row(const char *circuit, enum er_family family,
			  const struct er_site_view *view, void *arg)
{
	const struct er_site_facts *facts = &view->facts;
	struct ttable *table = arg;
	char seen[ER_ROLES][CELL_LEN], missing[CELL_LEN], word[WORD_LEN];

	if (!view->known) {
		ttable_add_row(table, "%s|%s|-|-|-|-|-|not known", circuit, er_family_str(family));
		return;
	}
	ttable_add_row(table, "%s|%s|%u|%s|%s|%s|%u|%s", circuit, er_family_str(family),
		       er_site_accepted(facts),
		       seen_cell(facts->both + facts->only[ER_PRIMARY], &view->hidden, ER_PRIMARY,
				 seen[ER_PRIMARY]),
		       seen_cell(facts->both + facts->only[ER_SECONDARY], &view->hidden,
				 ER_SECONDARY, seen[ER_SECONDARY]),
		       cell(facts->missing, view->missing_known, missing), refused_of(facts),
		       view->level == ER_LIMIT_OK
			       ? "ok"
			       : er_upper(er_limit_level_str(view->level), word, sizeof(word)));
}

static void say_heard(const char *circuit, enum er_family family, const struct er_site_view *view,
		      void *arg)
{
	const struct er_site_facts *facts = &view->facts;
	char about[ER_NAME_LEN + WORD_LEN];

	snprintf(about, sizeof(about), "%s %s", circuit, er_family_str(family));
	say_examples(arg, about, facts);
	say_only(arg, about, view->only);
	say_hidden(arg, about, &view->hidden);
	if (view->missing_known)
		say_missing(arg, about, facts->missing, facts->missing_prefix, facts->n_missing);
	say_overlaps(arg, about, facts->overlaps, facts->overlap, facts->n_overlaps);
}

static void show_heard(struct vty *vty, const char *site)
{
	struct er_lines lines = { vty, "To know:" };
	struct ttable *table = er_table_new();

	ttable_add_row(table, "Circuit|Family|Prefixes|Primary|Secondary|Missing|Refused|Level");
	er_foreach_heard(site, add_heard_row, table);
	er_table_show(vty, table);
	er_foreach_heard(site, say_heard, &lines);
}

static void show_site(struct vty *vty, const struct er_site_config *config)
{
	char text[LINE_LEN];

	snprintf(text, sizeof(text), "Site %s:", config->name);
	for (size_t i = 0; i < config->n_as; i++)
		append(text, sizeof(text), "%s %u", i ? "," : " AS", config->as[i]);
	append(text, sizeof(text), "%s%s", config->n_as ? ", " : " ",
	       er_site_preference_str(config->preference));
	if (config->maximum_prefixes)
		append(text, sizeof(text), ", at most %u prefixes", config->maximum_prefixes);
	if (config->same_as)
		append(text, sizeof(text), ", same AS as ours");
	if (config->n_circuits) {
		append(text, sizeof(text), ",");
		append_names(text, sizeof(text), "on circuit", "on circuits", config->circuit,
			     config->n_circuits);
	}
	vty_out(vty, "\n");
	er_show_wrapped(vty, 0, 2, text);
	snprintf(text, sizeof(text), "  %s", config->n_prefixes ? "its prefixes" : "any prefix");
	append_prefixes(text, sizeof(text), config->prefix, config->n_prefixes, config->n_prefixes);
	vty_out(vty, "  ");
	er_show_wrapped(vty, 2, 4, text + 2);
	vty_out(vty, "\n");
	show_heard(vty, config->name);
}

void er_show_site(struct vty *vty, const struct er_site_config *config)
{
	er_show_parts(vty);
	show_site(vty, config);
}

static int show_one_site(const struct er_site_config *config, void *arg)
{
	show_site(arg, config);
	return 0;
}

static void count_heard(const char *circuit, enum er_family family,
			const struct er_site_view *view, void *arg)
{
	unsigned int *n = arg;

	*n += er_site_accepted(&view->facts) + view->facts.refused_undeclared +
	      view->facts.overlaps;
}

static int is_any_site(const struct er_site_config *config, void *arg)
{
	return 1;
}

static void show_undeclared(struct vty *vty)
{
	enum er_undeclared mode = er_core_undeclared(er_core);
	unsigned int n = 0;

	er_foreach_heard("", count_heard, &n);
	if (!n)
		return;
	vty_out(vty, "\nUndeclared sites, %s:\n\n",
		mode == ER_UNDECLARED_REFUSE ? "refused"
		: mode == ER_UNDECLARED_ACCEPT
			? "accepted"
			: "accepted until 'undeclared-sites' says otherwise");
	show_heard(vty, "");
}

void er_show_sites(struct vty *vty)
{
	er_show_parts(vty);
	if (!er_core_foreach_site(er_core, is_any_site, NULL))
		vty_out(vty, "There is no site: 'site NAME' below 'expressroute' makes one\n");
	er_core_foreach_site(er_core, show_one_site, vty);
	show_undeclared(vty);
}

/*
 * Connections
 */
static const char *since(const struct er_joint_view *view, char *buf, size_t len)
{
	return er_interval((er_now().mono_ms - view->since_mono_ms) / 1000, buf, len);
}

static void verdict(const struct er_joint_view *view, char *text, size_t len)
{
	char time[ER_INTERVAL_LEN], word[WORD_LEN];
	const char *state = er_joint_state_str(view->state);

	if (view->state == ER_JOINT_UNSEEN)
		state = er_upper(state, word, sizeof(word));
	snprintf(text, len, "%s", state);
	if (view->state != ER_JOINT_INACTIVE)
		append(text, len, " since %s", since(view, time, sizeof(time)));
	if (view->state == ER_JOINT_ESTABLISHED)
		append(text, len, ", %u %s%s%s", view->prefixes, er_prefixes(view->prefixes),
		       view->asymmetric ? ", ASYMMETRIC" : "",
		       view->incomplete ? ", INCOMPLETE" : "");
	if (view->reason[0])
		append(text, len, ": %s", view->reason);
}

static void show_joint_head(struct vty *vty, const struct er_joint_config *config)
{
	char text[LINE_LEN];

	snprintf(text, sizeof(text), "Global Reach %s:", config->name);
	append(text, sizeof(text), " circuit %s", config->circuit[0] ? config->circuit : "(none)");
	if (config->remote_circuit[0])
		append(text, sizeof(text), " to %s", config->remote_circuit);
	if (config->ipv4_subnet.family == AF_INET)
		append(text, sizeof(text), " by %pFX", &config->ipv4_subnet);
	if (config->n_sites) {
		append(text, sizeof(text), ",");
		append_names(text, sizeof(text), "site", "sites", config->site, config->n_sites);
	}
	vty_out(vty, "\n");
	er_show_wrapped(vty, 0, 2, text);
}

static void add_joint_row(struct ttable *table, enum er_family family,
			  const struct er_joint_view *view)
{
	uint32_t refused = view->refused_prefix + view->refused_limit + view->refused_undeclared +
			   view->refused_other;
	const uint32_t *n = view->seen;
	char seen[ER_ROLES][CELL_LEN], missing[CELL_LEN];

	ttable_add_row(table, "%s|%u|%s|%s|%s|%u", er_family_str(family), view->prefixes,
		       seen_cell(n[ER_PRIMARY], &view->hidden, ER_PRIMARY, seen[ER_PRIMARY]),
		       seen_cell(n[ER_SECONDARY], &view->hidden, ER_SECONDARY, seen[ER_SECONDARY]),
		       cell(view->missing, view->missing || view->missing_known, missing), refused);
}

static bool is_watched(const struct er_joint_view *view)
{
	return view->state == ER_JOINT_UNSEEN || view->state == ER_JOINT_ESTABLISHED;
}

static void show_joint(struct vty *vty, const struct er_joint_config *config)
{
	struct er_lines lines = { vty, "To know:" };
	struct ttable *table = er_table_new();
	struct er_joint_view view[ER_FAMILIES];
	char text[LINE_LEN];

	show_joint_head(vty, config);
	ttable_add_row(table, "Family|Prefixes|Primary|Secondary|Missing|Refused");
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		er_core_joint_state(er_core, config->name, f, &view[f]);
		verdict(&view[f], text, sizeof(text));
		vty_out(vty, "  %s: ", er_family_str(f));
		er_show_wrapped(vty, 8, 4, text);
		if (is_watched(&view[f]))
			add_joint_row(table, f, &view[f]);
	}
	if (!is_watched(&view[ER_IPV4]) && !is_watched(&view[ER_IPV6])) {
		ttable_del(table);
		return;
	}
	vty_out(vty, "\n");
	er_table_show(vty, table);
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		say_only(&lines, er_family_str(f), view[f].only);
		say_hidden(&lines, er_family_str(f), &view[f].hidden);
		say_missing(&lines, er_family_str(f), view[f].missing, view[f].missing_prefix,
			    view[f].n_missing);
		say_overlaps(&lines, er_family_str(f), view[f].overlaps, view[f].overlap,
			     view[f].n_overlaps);
	}
}

void er_show_joint(struct vty *vty, const struct er_joint_config *config)
{
	er_show_parts(vty);
	show_joint(vty, config);
}

static int show_one_joint(const struct er_joint_config *config, void *arg)
{
	show_joint(arg, config);
	return 0;
}

static int is_any_joint(const struct er_joint_config *config, void *arg)
{
	return 1;
}

void er_show_joints(struct vty *vty)
{
	er_show_parts(vty);
	if (!er_core_foreach_joint(er_core, is_any_joint, NULL))
		vty_out(vty,
			"There is no Global Reach connection: 'global-reach NAME' below 'expressroute' makes one\n");
	er_core_foreach_joint(er_core, show_one_joint, vty);
}

static int show_brief(const struct er_joint_config *config, void *arg)
{
	struct vty *vty = arg;
	struct er_joint_view view;
	char text[LINE_LEN];
	int at;

	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++) {
		er_core_joint_state(er_core, config->name, f, &view);
		if (view.state == ER_JOINT_INACTIVE)
			continue;
		verdict(&view, text, sizeof(text));
		at = vty_out(vty, "Global Reach %s %s: ", config->name, er_family_str(f));
		er_show_wrapped(vty, at, 2, text);
	}
	return 0;
}

void er_show_joint_brief(struct vty *vty)
{
	if (!er_core_foreach_joint(er_core, is_any_joint, NULL))
		return;
	vty_out(vty, "\n");
	er_core_foreach_joint(er_core, show_brief, vty);
}
