// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screens of policy: route-filters, limits, what is held back, and the way
 * of one route through all rules.
 *
 * Where a community stands, its name stands beside it.
 */
#include <zebra.h>

#include <ctype.h>

#include "command.h"
#include "lib/json.h"
#include "memory.h"
#include "northbound.h"
#include "termtable.h"

#include "core/text.h"
#include "erouted/er_fib.h"
#include "erouted/er_show.h"
#include "erouted/er_sums.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, LINES, "lines of a screen");

#define WORD_LEN 16
/* Where the text of a step begins, behind verdict and rule. */
#define TEXT_COLUMN 28

/*
 * Route-filters: by community, or by service
 */
struct line {
	char service[ER_TEXT_LEN]; /* as published; what names no service: in words */
	char region[ER_TEXT_LEN];
	char community[ER_COMMUNITY_STRLEN]; /* "": several */
	unsigned int n;			     /* communities */
	uint32_t accepted, refused;
	bool allowed;
};

static void describe(const struct er_count *count, struct line *line)
{
	const struct er_catalogue_entry *entry = er_catalogue_find(er_communities(),
								   count->community);
	char name[ER_TEXT_LEN];

	memset(line, 0, sizeof(*line));
	er_community_str(count->community, line->community);
	line->n = 1;
	line->accepted = count->accepted;
	line->refused = count->refused;
	line->allowed = count->allowed;
	if (entry) {
		strlcpy(line->service, entry->service[0] ? entry->service_name : "(region)",
			sizeof(line->service));
		/* a global service may be of one geography only */
		strlcpy(line->region,
			entry->region[0]      ? entry->region_name
			: entry->geography[0] ? entry->geography_name
					      : "-",
			sizeof(line->region));
		return;
	}
	er_policy_name(count->community, name, sizeof(name));
	strlcpy(line->service, name[0] ? name : "(unknown)", sizeof(line->service));
	strlcpy(line->region, "-", sizeof(line->region));
}

static int by_service(const void *a, const void *b)
{
	const struct line *la = a, *lb = b;

	return strcmp(la->service, lb->service);
}

/* Communities of one service become one line; returns how many lines remain. */
static size_t sum_services(struct line *line, size_t n)
{
	size_t to = 0;

	qsort(line, n, sizeof(*line), by_service);
	for (size_t from = 1; from < n; from++) {
		if (strcmp(line[to].service, line[from].service)) {
			line[++to] = line[from];
			continue;
		}
		line[to].n++;
		line[to].accepted += line[from].accepted;
		line[to].refused += line[from].refused;
		line[to].community[0] = '\0';
		strlcpy(line[to].region, "-", sizeof(line[to].region));
	}
	return n ? to + 1 : 0;
}

static size_t pick(const struct er_count *count, size_t n, bool allowed, bool all,
		   struct line *line)
{
	size_t n_lines = 0;

	for (size_t i = 0; i < n; i++) {
		if (count[i].allowed != allowed)
			continue;
		if (!all && !count[i].accepted && !count[i].refused)
			continue;
		describe(&count[i], &line[n_lines++]);
	}
	return n_lines;
}

static void show_communities(struct vty *vty, struct line *line, size_t n, bool allowed)
{
	struct ttable *table = er_table_new();

	ttable_add_row(table, allowed ? "Service|Region|Community|Accepted|Refused"
				      : "Service|Region|Community|Refused");
	for (size_t i = 0; i < n; i++) {
		er_no_bars(line[i].service);
		er_no_bars(line[i].region);
		if (allowed)
			ttable_add_row(table, "%s|%s|%s|%u|%u", line[i].service, line[i].region,
				       line[i].community, line[i].accepted, line[i].refused);
		else
			ttable_add_row(table, "%s|%s|%s|%u", line[i].service, line[i].region,
				       line[i].community, line[i].refused);
	}
	er_table_show(vty, table);
}

static void show_services(struct vty *vty, struct line *line, size_t n, bool allowed)
{
	struct ttable *table = er_table_new();

	n = sum_services(line, n);
	ttable_add_row(table, allowed ? "Service|Communities|Accepted|Refused"
				      : "Service|Communities|Refused");
	for (size_t i = 0; i < n; i++) {
		er_no_bars(line[i].service);
		if (allowed)
			ttable_add_row(table, "%s|%u|%u|%u", line[i].service, line[i].n,
				       line[i].accepted, line[i].refused);
		else
			ttable_add_row(table, "%s|%u|%u", line[i].service, line[i].n,
				       line[i].refused);
	}
	er_table_show(vty, table);
}

/* What it lets in (allowed) or not, in detail by community, else by service. */
static void show_part(struct vty *vty, const struct er_count *count, size_t n, bool allowed,
		      bool detail)
{
	struct line *line = XCALLOC(MTYPE_LINES, MAX(n, 1) * sizeof(*line));
	size_t lines = pick(count, n, allowed, allowed && detail, line);

	if (!lines)
		vty_out(vty, "  %s\n", allowed ? "nothing" : "nothing that was seen");
	else if (detail)
		show_communities(vty, line, lines, allowed);
	else
		show_services(vty, line, lines, allowed);
	XFREE(MTYPE_LINES, line);
}

/*
 * Who uses a filter, and what their rules refuse
 */
struct users {
	const char *filter;
	struct vty *vty; /* NULL: only count */
	unsigned int n;
	uint32_t accepted;
	bool refused_known;
	uint32_t refused[ER_RULES];
};

static void add_user(const struct er_circuit_config *config, const struct er_peering_key *key,
		     const struct er_peering_view *view, void *arg)
{
	struct users *users = arg;

	if (!er_filter_used_by(users->filter, key))
		return;
	if (users->vty)
		vty_out(users->vty, "%s%s %s %s", users->n ? ", " : "  used by ", key->circuit,
			er_peering_type_str(key->peering), er_family_str(key->family));
	users->n++;
	users->accepted += view->rib.both + view->rib.only[ER_PRIMARY] +
			   view->rib.only[ER_SECONDARY];
	users->refused_known |= view->rib.refused_known;
	for (enum er_rule rule = ER_RULE_NONE; rule < ER_RULES; rule++)
		users->refused[rule] += view->rib.refused[rule];
}

static int add_users(const struct er_circuit_config *config, void *arg)
{
	er_foreach_peering(config, NULL, add_user, arg);
	return 0;
}

static struct users users_of(const char *filter, struct vty *vty)
{
	struct users users = { .filter = filter, .vty = vty };

	er_core_foreach(er_core, add_users, &users);
	if (vty)
		vty_out(vty, users.n ? "\n" : "  no peering uses it\n");
	return users;
}

static uint32_t refused_of(const struct users *users)
{
	uint32_t sum = 0;

	for (enum er_rule rule = ER_RULE_NONE; rule < ER_RULES; rule++)
		sum += users->refused[rule];
	return sum;
}

static void show_rules(struct vty *vty, const struct users *users)
{
	static const char title[] = "  refused by rule, of both links: ";
	char text[ER_REFUSED_LEN];

	if (!users->n)
		return;
	if (!users->refused_known) {
		vty_out(vty,
			"  what is refused is not known: bgpd does not keep what it received\n");
		return;
	}
	er_refused_text(users->refused, text, sizeof(text));
	vty_out(vty, "%s", title);
	er_show_wrapped(vty, strlen(title), 4, text);
}

static void show_filter(struct vty *vty, const struct er_policy_filter *filter, bool detail)
{
	size_t n;
	struct er_count *sums = er_filter_sums(filter, &n);
	char since[ER_INTERVAL_LEN];
	struct users users;

	vty_out(vty, "Route-filter %s allows %zu %s", filter->config.name, filter->filter.n,
		er_plural(filter->filter.n, "community", "communities"));
	if (filter->changed_wall)
		vty_out(vty, ", changed %s ago",
			er_interval(er_now().wall_s - filter->changed_wall, since, sizeof(since)));
	vty_out(vty, "\n");
	users = users_of(filter->config.name, vty);
	show_rules(vty, &users);

	vty_out(vty, "\n Lets in now:\n");
	show_part(vty, sums, n, true, detail);
	vty_out(vty, "\n Keeps out now, not being allowed:\n");
	show_part(vty, sums, n, false, detail);
	if (n)
		vty_out(vty,
			"\n Prefixes of all links; one with several communities stands with each.\n");
	if (filter->filter.n_problems)
		vty_out(vty, "\n To do:\n");
	for (size_t i = 0; i < filter->filter.n_problems; i++) {
		vty_out(vty, "  ");
		er_show_wrapped(vty, 2, 4, filter->filter.problem[i]);
	}
	er_filter_sums_free(&sums);
}

static int add_filter_row(const struct er_policy_filter *filter, void *arg)
{
	struct users users = users_of(filter->config.name, NULL);
	char refused[WORD_LEN] = "-", since[ER_INTERVAL_LEN] = "-";

	if (users.refused_known)
		snprintf(refused, sizeof(refused), "%u", refused_of(&users));
	if (filter->changed_wall)
		er_interval(er_now().wall_s - filter->changed_wall, since, sizeof(since));
	ttable_add_row(arg, "%s|%zu|%u|%u|%s|%s|%s", filter->config.name, filter->filter.n,
		       users.n, users.accepted, refused, since,
		       filter->filter.n_problems ? "PROBLEMS"
		       : filter->filter.n	 ? "-"
						 : "allows nothing");
	return 0;
}

static int show_filter_in_detail(const struct er_policy_filter *filter, void *arg)
{
	show_filter(arg, filter, true);
	vty_out(arg, "\n");
	return 0;
}

static int any_filter(const struct er_policy_filter *filter, void *arg)
{
	return 1;
}

static int json_filters(struct vty *vty, const char *name)
{
	struct lyd_node *tree = er_state_filters(name);
	struct json_object *json = er_json_from_tree(tree);

	lyd_free_all(tree);
	/* a reader need not ask whether there is any */
	if (!name && !json_object_object_get_ex(json, "routeFilter", NULL))
		json_object_object_add(json, "routeFilter", json_object_new_object());
	vty_json(vty, json);
	return name && !er_policy_filter(name) ? CMD_WARNING : CMD_SUCCESS;
}

int er_show_filters(struct vty *vty, const char *name, bool detail, bool json)
{
	const struct er_policy_filter *filter = name ? er_policy_filter(name) : NULL;
	struct ttable *table;

	if (json)
		return json_filters(vty, name);
	if (name && !filter) {
		vty_out(vty,
			"%% There is no route-filter '%s': 'show expressroute route-filter' has all\n",
			name);
		return CMD_WARNING;
	}
	if (filter) {
		show_filter(vty, filter, detail);
		return CMD_SUCCESS;
	}
	if (!er_policy_foreach_filter(any_filter, NULL)) {
		vty_out(vty, "There is no route-filter.\n");
		return CMD_SUCCESS;
	}
	if (detail) {
		er_policy_foreach_filter(show_filter_in_detail, vty);
		return CMD_SUCCESS;
	}
	table = er_table_new();
	ttable_add_row(table, "Filter|Communities|Peerings|Accepted|Refused|Changed|State");
	er_policy_foreach_filter(add_filter_row, table);
	er_table_show(vty, table);
	return CMD_SUCCESS;
}

/*
 * Limits
 */
static void add_limit_rows(const struct er_circuit_config *config, const struct er_peering_key *key,
			   const struct er_peering_view *view, void *arg)
{
	char limit[WORD_LEN], percent[WORD_LEN], level[WORD_LEN], held[WORD_LEN];

	for (enum er_direction d = ER_ADVERTISED; d < ER_DIRECTIONS; d++) {
		const struct er_limit_view *l = &view->limit[d];

		strlcpy(limit, "-", sizeof(limit));
		strlcpy(percent, "-", sizeof(percent));
		strlcpy(held, "-", sizeof(held));
		if (l->limit) {
			snprintf(limit, sizeof(limit), "%u", l->limit);
			snprintf(percent, sizeof(percent), "%" PRIu64,
				 (uint64_t)l->count * 100 / l->limit);
		}
		strlcpy(level, er_limit_level_str(l->level), sizeof(level));
		if (l->level != ER_LIMIT_OK)
			er_upper(er_limit_level_str(l->level), level, sizeof(level));
		if (d == ER_ADVERTISED)
			snprintf(held, sizeof(held), "%u", view->rib.held);
		ttable_add_row(arg, "%s|%s|%s|%s|%u|%s|%s|%s|%s", config->name,
			       er_peering_type_str(key->peering), er_family_str(key->family),
			       er_direction_str(d), l->count, limit, percent, level, held);
	}
}

static int add_circuit_limits(const struct er_circuit_config *config, void *arg)
{
	er_foreach_peering(config, NULL, add_limit_rows, arg);
	return 0;
}

static struct json_object *json_limit(const struct er_limit_view *view)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "count", view->count);
	if (view->limit)
		json_object_int_add(json, "limit", view->limit);
	json_object_string_add(json, "level", er_limit_level_str(view->level));
	return json;
}

static struct json_object *json_child(struct json_object *json, const char *name)
{
	struct json_object *child;

	if (!json_object_object_get_ex(json, name, &child)) {
		child = json_object_new_object();
		json_object_object_add(json, name, child);
	}
	return child;
}

static void json_peering_limits(const struct er_circuit_config *config,
				const struct er_peering_key *key,
				const struct er_peering_view *view, void *arg)
{
	struct json_object *family, *advertised;

	family = json_child(json_child(arg, er_peering_type_str(key->peering)),
			    er_family_str(key->family));
	advertised = json_limit(&view->limit[ER_ADVERTISED]);
	json_object_int_add(advertised, "held", view->rib.held);
	json_object_object_add(family, "advertised", advertised);
	json_object_object_add(family, "received", json_limit(&view->limit[ER_RECEIVED]));
}

static int json_circuit_limits(const struct er_circuit_config *config, void *arg)
{
	er_foreach_peering(config, NULL, json_peering_limits, json_child(arg, config->name));
	return 0;
}

int er_show_limits(struct vty *vty, bool json)
{
	struct json_object *top;
	struct ttable *table;

	if (json) {
		top = json_object_new_object();
		er_core_foreach(er_core, json_circuit_limits, json_child(top, "circuit"));
		return vty_json(vty, top);
	}
	table = er_table_new();
	ttable_add_row(table, "Circuit|Peering|Family|Direction|Count|Limit|%%|Level|Held");
	er_core_foreach(er_core, add_circuit_limits, table);
	er_table_show(vty, table);
	return CMD_SUCCESS;
}

/*
 * Held prefixes
 */
static void add_key(struct json_object *json, const struct er_session_key *key)
{
	json_object_string_add(json, "circuit", key->circuit);
	json_object_string_add(json, "peering", er_peering_type_str(key->peering));
	json_object_string_add(json, "family", er_family_str(key->family));
}

/* Of the circuit that was asked for, or of any. */
static bool is_asked_for(const struct er_asked *asked, const struct er_wire_answer *answer)
{
	const char *circuit = asked->ask.peering.circuit;

	return !circuit[0] || !strcmp(answer->session.circuit, circuit);
}

static int json_held(struct vty *vty, const struct er_asked *asked)
{
	struct json_object *json = json_object_new_object(), *list, *one;

	list = json_object_new_array();
	for (size_t i = 0; i < asked->n; i++) {
		if (!is_asked_for(asked, &asked->answer[i]))
			continue;
		one = json_object_new_object();
		add_key(one, &asked->answer[i].session);
		json_object_string_addf(one, "prefix", "%pFX", &asked->answer[i].prefix);
		json_object_string_add(one, "reason", asked->answer[i].text);
		json_object_array_add(list, one);
	}
	json_object_object_add(json, "heldPrefix", list);
	if (asked->problem[0])
		json_object_string_add(json, "problem", asked->problem);
	vty_json(vty, json);
	return asked->problem[0] ? CMD_WARNING : CMD_SUCCESS;
}

static bool same_peering(const struct er_session_key *a, const struct er_session_key *b)
{
	return a->peering == b->peering && a->family == b->family &&
	       !strcmp(a->circuit, b->circuit);
}

/* From `from` on, what is of the same peering. */
static size_t peering_end(const struct er_asked *asked, size_t from)
{
	size_t to = from + 1;

	while (to < asked->n &&
	       same_peering(&asked->answer[from].session, &asked->answer[to].session))
		to++;
	return to;
}

static void show_held_of(struct vty *vty, const struct er_wire_answer *answer, size_t n)
{
	const struct er_session_key *key = &answer->session;
	struct ttable *table = er_table_new();

	vty_out(vty, "%s %s %s: %zu %s held back, the next to be advertised first\n", key->circuit,
		er_peering_type_str(key->peering), er_family_str(key->family), n, er_prefixes(n));
	for (size_t i = 0; i < n; i++) {
		/* behind the colon stands what is the same for all */
		ttable_add_row(table, "%pFX|%.*s", &answer[i].prefix,
			       (int)strcspn(answer[i].text, ":|"), answer[i].text);
	}
	er_table_show(vty, table);
}

int er_show_held(struct vty *vty, const struct er_asked *asked)
{
	bool any = false;

	if (asked->json)
		return json_held(vty, asked);

	for (size_t from = 0, to; from < asked->n; from = to) {
		to = peering_end(asked, from);
		if (!is_asked_for(asked, &asked->answer[from]))
			continue;
		show_held_of(vty, &asked->answer[from], to - from);
		any = true;
	}
	if (!any && !asked->problem[0])
		vty_out(vty, "No prefix is held back.\n");
	if (!asked->problem[0])
		return CMD_SUCCESS;
	vty_out(vty, "%% %s\n", asked->problem);
	return CMD_WARNING;
}

/*
 * A route: communities in bgpd's words get their names
 */
static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == ':' || c == '.' || c == '/' || c == '-';
}

static void annotate(const char *text, char *buf, size_t len)
{
	char word[ER_COMMUNITY_STRLEN + 1], name[ER_TEXT_LEN];
	er_community community;
	size_t n, at = 0;

	while (*text && at + 1 < len) {
		for (n = 0; in_word(text[n]); n++)
			;
		if (!n) {
			buf[at++] = *text++;
			continue;
		}
		at += snprintf(buf + at, len - at, "%.*s", (int)n, text);
		strlcpy(word, text, MIN(sizeof(word), n + 1));
		text += n;
		if (n >= sizeof(word) || !er_community_parse(word, &community))
			continue;
		er_policy_name(community, name, sizeof(name));
		if (name[0] && at < len)
			at += snprintf(buf + at, len - at, " (%s)", name);
	}
	buf[MIN(at, len - 1)] = '\0';
}

/* Names may be much longer than the numbers that they stand for. */
#define ANNOTATED_LEN (16 * ER_TEXT_LEN)

static const char *verdict_str(enum er_verdict verdict)
{
	static const char *const words[] = {
		[ER_VERDICT_PASS] = "pass",
		[ER_VERDICT_REFUSE] = "refuse",
		[ER_VERDICT_INFO] = "info",
	};

	return words[verdict];
}

static const char *stage_str(enum er_stage stage)
{
	static const char *const words[] = {
		[ER_STAGE_INBOUND] = "inbound",
		[ER_STAGE_BEST] = "best-path",
		[ER_STAGE_OUTBOUND] = "outbound",
	};

	return words[stage];
}

static bool same_title(const struct er_wire_answer *a, const struct er_wire_answer *b)
{
	if (a->stage != b->stage || !prefix_same(&a->prefix, &b->prefix))
		return false;
	return a->stage == ER_STAGE_BEST ||
	       (a->session.role == b->session.role && same_peering(&a->session, &b->session));
}

static void show_title(struct vty *vty, const struct er_asked *asked,
		       const struct er_wire_answer *a)
{
	const struct er_session_key *key = &a->session;

	if (a->stage == ER_STAGE_BEST)
		vty_out(vty, "\nBest path");
	else
		vty_out(vty, "\n%s %s %s %s", a->stage == ER_STAGE_INBOUND ? "In by" : "Out by",
			key->circuit, er_peering_type_str(key->peering), er_role_str(key->role));
	/* bgpd may have found a shorter one */
	if (a->prefix.family && !prefix_same(&a->prefix, &asked->ask.prefix))
		vty_out(vty, ", %pFX", &a->prefix);
	vty_out(vty, "\n");
}

static void show_step(struct vty *vty, const struct er_wire_answer *a)
{
	static const char *const marks[] = {
		[ER_VERDICT_PASS] = "ok",
		[ER_VERDICT_REFUSE] = "REFUSE",
		[ER_VERDICT_INFO] = "",
	};
	char text[ANNOTATED_LEN];

	annotate(a->text, text, sizeof(text));
	if (a->rule == ER_RULE_NONE) {
		vty_out(vty, "  ");
		er_show_wrapped(vty, 2, 6, text);
		return;
	}
	vty_out(vty, "  %-6s  %-17s ", marks[a->verdict], er_rule_str(a->rule));
	er_show_wrapped(vty, TEXT_COLUMN, TEXT_COLUMN, text);
}

static void show_fib(struct vty *vty, const struct er_fib *fib)
{
	vty_out(vty, "\nFIB, VRF %s: ", fib->vrf);
	if (fib->problem[0]) {
		vty_out(vty, "%s\n", fib->problem);
		return;
	}
	if (!fib->found) {
		vty_out(vty, "no route\n");
		return;
	}
	vty_out(vty, "%pFX by %s, distance %u, metric %u\n", &fib->prefix, fib->protocol,
		fib->distance, fib->metric);
	for (size_t i = 0; i < fib->n_hops; i++) {
		const struct er_fib_hop *hop = &fib->hop[i];

		if (hop->blackhole)
			vty_out(vty, "  discarded\n");
		else if (IS_IPADDR_NONE(&hop->gateway))
			vty_out(vty, "  directly, %s\n", hop->ifname);
		else
			vty_out(vty, "  via %pIA%s%s\n", &hop->gateway, hop->ifname[0] ? ", " : "",
				hop->ifname);
	}
	if (fib->more_hops)
		vty_out(vty, "  and %u more\n", fib->more_hops);
}

static struct json_object *json_step(const struct er_wire_answer *a)
{
	struct json_object *json = json_object_new_object();
	char text[ANNOTATED_LEN];

	json_object_string_add(json, "stage", stage_str(a->stage));
	if (a->session.circuit[0]) {
		add_key(json, &a->session);
		json_object_string_add(json, "link", er_role_str(a->session.role));
	}
	if (a->prefix.family)
		json_object_string_addf(json, "prefix", "%pFX", &a->prefix);
	json_object_string_add(json, "rule", er_rule_str(a->rule));
	json_object_string_add(json, "verdict", verdict_str(a->verdict));
	annotate(a->text, text, sizeof(text));
	json_object_string_add(json, "text", text);
	return json;
}

static struct json_object *json_fib(const struct er_fib *fib)
{
	struct json_object *json = json_object_new_object(), *hops, *hop;

	json_object_string_add(json, "vrf", fib->vrf);
	if (fib->problem[0])
		json_object_string_add(json, "problem", fib->problem);
	if (!fib->found)
		return json;
	json_object_string_addf(json, "prefix", "%pFX", &fib->prefix);
	json_object_string_add(json, "protocol", fib->protocol);
	json_object_int_add(json, "distance", fib->distance);
	json_object_int_add(json, "metric", fib->metric);
	hops = json_object_new_array();
	for (size_t i = 0; i < fib->n_hops; i++) {
		hop = json_object_new_object();
		if (fib->hop[i].blackhole)
			json_object_boolean_true_add(hop, "blackhole");
		if (!IS_IPADDR_NONE(&fib->hop[i].gateway))
			json_object_string_addf(hop, "gateway", "%pIA", &fib->hop[i].gateway);
		if (fib->hop[i].ifname[0])
			json_object_string_add(hop, "interface", fib->hop[i].ifname);
		json_object_array_add(hops, hop);
	}
	json_object_object_add(json, "nextHop", hops);
	return json;
}

static int json_route(struct vty *vty, const struct er_asked *asked)
{
	struct json_object *json = json_object_new_object(), *steps, *fibs;

	json_object_string_addf(json, "prefix", "%pFX", &asked->ask.prefix);
	steps = json_object_new_array();
	for (size_t i = 0; i < asked->n; i++)
		json_object_array_add(steps, json_step(&asked->answer[i]));
	json_object_object_add(json, "step", steps);
	fibs = json_object_new_array();
	for (size_t i = 0; i < asked->n_fib; i++)
		json_object_array_add(fibs, json_fib(&asked->fib[i]));
	json_object_object_add(json, "fib", fibs);
	if (asked->problem[0])
		json_object_string_add(json, "problem", asked->problem);
	vty_json(vty, json);
	return asked->problem[0] ? CMD_WARNING : CMD_SUCCESS;
}

/* Of one VRF, or of all that are left (NULL). */
static void show_fibs(struct vty *vty, const struct er_asked *asked, const char *vrf, bool *shown)
{
	for (size_t i = 0; i < asked->n_fib; i++) {
		if (shown[i] || (vrf && strcmp(asked->fib[i].vrf, vrf)))
			continue;
		show_fib(vty, &asked->fib[i]);
		shown[i] = true;
	}
}

static const char *vrf_of(const struct er_wire_answer *a)
{
	const struct er_circuit_config *config = er_core_config(er_core, a->session.circuit);

	return config ? config->peering[a->session.peering].vrf : NULL;
}

/*
 * In the order of a route's life, VRF by VRF: in, best path, FIB, out.  bgpd
 * tells VRF by VRF as well, and names it only by its sessions.
 */
int er_show_route(struct vty *vty, const struct er_asked *asked)
{
	const struct er_wire_answer *a, *before = NULL;
	const char *vrf = NULL;
	bool *shown;

	if (asked->json)
		return json_route(vty, asked);

	shown = XCALLOC(MTYPE_LINES, MAX(asked->n_fib, 1) * sizeof(*shown));
	vty_out(vty, "%pFX\n", &asked->ask.prefix);
	for (size_t i = 0; i < asked->n; i++, before = a) {
		a = &asked->answer[i];
		if (before && before->stage == ER_STAGE_BEST && a->stage != ER_STAGE_BEST && vrf)
			show_fibs(vty, asked, vrf, shown);
		if (a->stage == ER_STAGE_INBOUND)
			vrf = vrf_of(a);
		if (!before || !same_title(a, before))
			show_title(vty, asked, a);
		show_step(vty, a);
	}
	show_fibs(vty, asked, NULL, shown);
	XFREE(MTYPE_LINES, shown);
	if (!asked->problem[0])
		return CMD_SUCCESS;
	vty_out(vty, "%% %s\n", asked->problem);
	return CMD_WARNING;
}
