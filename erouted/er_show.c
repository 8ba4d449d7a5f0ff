// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screens.
 *
 * The reader is somebody called at night: the verdict comes first and in
 * words, then the facts it rests on, then what to do.  What is well is short.
 */
#include <zebra.h>

#include <ctype.h>

#include "command.h"
#include "memory.h"
#include "monotime.h"
#include "northbound.h"
#include "termtable.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_drain.h"
#include "erouted/er_show.h"
#include "erouted/er_sums.h"
#include "erouted/erouted.h"

/* A reason with the name of its peering in front. */
#define REASON_LEN (ER_JOINED_LEN + 32)
#define WORD_LEN   16
/* Columns of a terminal. */
#define WIDTH	 80
#define TIME_LEN ER_INTERVAL_LEN

/*
 * Words
 */
const char *er_upper(const char *s, char *buf, size_t len)
{
	size_t n = 0;

	for (; s[n] && n + 1 < len; n++)
		buf[n] = toupper((unsigned char)s[n]);
	buf[n] = '\0';
	return buf;
}

static const char *verdict(enum er_redundancy redundancy, char *buf, size_t len)
{
	const char *word = er_redundancy_str(redundancy);

	if (redundancy == ER_DOWN || redundancy == ER_DEGRADED)
		return er_upper(word, buf, len);
	strlcpy(buf, word, len);
	return buf;
}

const char *er_interval(int64_t seconds, char *buf, size_t len)
{
	frrtime_to_interval(MAX(seconds, 0), buf, len);
	return buf;
}

/*
 * Peerings and sessions of a circuit
 */
struct er_session_key er_session_key_of(const struct er_peering_key *key, enum er_role role)
{
	struct er_session_key session = {
		.peering = key->peering,
		.role = role,
		.family = key->family,
	};

	strlcpy(session.circuit, key->circuit, sizeof(session.circuit));
	return session;
}

void er_foreach_peering(const struct er_circuit_config *config, const char *type, er_peering_cb cb,
			void *arg)
{
	struct er_peering_key key = {};
	struct er_peering_view view;

	strlcpy(key.circuit, config->name, sizeof(key.circuit));
	for (key.peering = ER_PRIVATE; key.peering < ER_PEERING_TYPES; key.peering++) {
		if (type && strcmp(type, er_peering_type_str(key.peering)))
			continue;
		for (key.family = ER_IPV4; key.family < ER_FAMILIES; key.family++)
			if (er_core_peering(er_core, &key, er_now(), &view) && view.configured)
				cb(config, &key, &view, arg);
	}
}

static void reason_of(const struct er_peering_key *key, const struct er_peering_view *view,
		      char *buf, size_t len)
{
	struct er_session_view link[ER_ROLES] = {};
	struct er_session_key session;

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		session = er_session_key_of(key, role);
		er_core_session(er_core, &session, er_now(), &link[role]);
	}
	buf[0] = '\0';
	er_assessment_reason(&view->assessment, link, buf, len);
}

/*
 * Tables
 */
struct ttable *er_table_new(void)
{
	struct ttable *table = ttable_new(&ttable_styles[TTSTYLE_BLANK]);

	table->style.cell.lpad = 0;
	table->style.cell.rpad = 2;
	ttable_restyle(table);
	return table;
}

void er_table_show(struct vty *vty, struct ttable *table)
{
	char *text = ttable_dump(table, "\n"), *line, *end, *save = NULL;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		for (end = line + strlen(line); end > line && end[-1] == ' '; end--)
			;
		*end = '\0';
		/* the table brings one blank of its own */
		vty_out(vty, " %s\n", line);
	}
	XFREE(MTYPE_TMP_TTABLE, text);
	ttable_del(table);
}

void er_no_bars(char *text)
{
	for (; *text; text++)
		if (*text == '|')
			*text = '/';
}

/*
 * Sentences
 */
void er_show_wrapped(struct vty *vty, unsigned int at, unsigned int indent, const char *text)
{
	bool first = true;
	size_t len;

	for (; *text; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " ");
		if (!first && at + 1 + len > WIDTH) {
			vty_out(vty, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			vty_out(vty, " ");
			at++;
		}
		vty_out(vty, "%.*s", (int)len, text);
		at += len;
		first = false;
	}
	vty_out(vty, "\n");
}

/*
 * The parts of frr-expressroute, when not all is well
 */
static int show_unsent(const struct er_circuit_config *config, void *arg)
{
	if (!er_nb_circuit(config->name))
		vty_out(arg,
			"! mgmtd: came back without circuit %s, which is removed in %lu s if it stays so\n",
			config->name, er_nb_sweep_s());
	return 0;
}

void er_show_parts(struct vty *vty)
{
	struct er_channel_view bgpd;

	er_channel_view(&bgpd);
	if (bgpd.state != ER_CHANNEL_CONNECTED)
		vty_out(vty, "! bgpd: %s%s%s\n", bgpd.state_str, bgpd.problem[0] ? ": " : "",
			bgpd.problem);
	if (!er_zebra_connected())
		vty_out(vty, "! zebra: not connected, interfaces are as it left them\n");
	if (!er_nb_connected())
		vty_out(vty,
			"! mgmtd: not connected, changes of the configuration do not arrive\n");
	else if (er_nb_problem()[0])
		vty_out(vty, "! mgmtd: %s\n", er_nb_problem());
	else if (er_nb_sweep_s())
		er_core_foreach(er_core, show_unsent, vty);
}

struct counts {
	unsigned int n[ER_INACTIVE + 1], all;
};

static int count_circuit(const struct er_circuit_config *config, void *arg)
{
	struct counts *counts = arg;
	struct er_peering_key worst;

	counts->n[er_core_redundancy(er_core, config->name, &worst)]++;
	counts->all++;
	return 0;
}

static unsigned int show_counts(struct vty *vty)
{
	struct counts counts = {};
	const char *separator = ": ";
	char word[WORD_LEN];

	er_core_foreach(er_core, count_circuit, &counts);
	vty_out(vty, "ExpressRoute, %u circuit%s", counts.all, counts.all == 1 ? "" : "s");
	for (enum er_redundancy r = ER_DOWN; r <= ER_INACTIVE; r++) {
		if (!counts.n[r])
			continue;
		vty_out(vty, "%s%u %s", separator, counts.n[r], verdict(r, word, sizeof(word)));
		separator = ", ";
	}
	vty_out(vty, "\n");
	return counts.all;
}

/*
 * The verdict on a circuit: that on the worst of its peerings
 */
struct circuit_verdict {
	enum er_redundancy redundancy;
	int64_t since_s;
	char reason[REASON_LEN];
};

static void judge(const struct er_circuit_config *config, struct circuit_verdict *v)
{
	struct er_peering_view view;
	struct er_peering_key worst;
	char reason[ER_JOINED_LEN];

	memset(v, 0, sizeof(*v));
	v->redundancy = er_core_redundancy(er_core, config->name, &worst);
	if (!er_core_peering(er_core, &worst, er_now(), &view) || !view.configured)
		return;

	v->since_s = (er_now().mono_ms - view.since_mono_ms) / 1000;
	reason_of(&worst, &view, reason, sizeof(reason));
	if (v->redundancy != ER_REDUNDANT && reason[0])
		snprintf(v->reason, sizeof(v->reason), "%s %s: %s",
			 er_peering_type_str(worst.peering), er_family_str(worst.family), reason);
}

static int add_summary_row(const struct er_circuit_config *config, void *arg)
{
	struct circuit_verdict v;
	struct ttable *table = arg;
	char word[WORD_LEN], since[TIME_LEN];

	judge(config, &v);
	er_no_bars(v.reason);
	ttable_add_row(table, "%s|%s|%s|%s", config->name,
		       verdict(v.redundancy, word, sizeof(word)),
		       er_interval(v.since_s, since, sizeof(since)), v.reason[0] ? v.reason : "-");
	return 0;
}

void er_show_summary(struct vty *vty)
{
	struct ttable *table;
	unsigned int n = show_counts(vty);

	er_show_parts(vty);
	if (!n)
		return;
	table = er_table_new();
	ttable_add_row(table, "Circuit|State|Since|Why");
	er_core_foreach(er_core, add_summary_row, table);
	vty_out(vty, "\n");
	er_table_show(vty, table);
	er_show_vpn_brief(vty);
	er_show_joint_brief(vty);
}

/*
 * One circuit: verdict
 */
static void show_verdict(struct vty *vty, const struct er_circuit_config *config)
{
	struct circuit_verdict v;
	char word[WORD_LEN], since[TIME_LEN];

	judge(config, &v);
	vty_out(vty, "\nCircuit %s: %s", config->name, verdict(v.redundancy, word, sizeof(word)));
	if (v.redundancy != ER_INACTIVE)
		vty_out(vty, " since %s", er_interval(v.since_s, since, sizeof(since)));
	vty_out(vty, "\n");
}

static void show_reason(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, void *arg)
{
	struct vty *vty = arg;
	char word[WORD_LEN], reason[ER_JOINED_LEN], text[REASON_LEN];

	if (view->assessment.redundancy == ER_REDUNDANT)
		return;
	reason_of(key, view, reason, sizeof(reason));
	snprintf(text, sizeof(text), "%s %s is %s%s%s", er_peering_type_str(key->peering),
		 er_family_str(key->family),
		 verdict(view->assessment.redundancy, word, sizeof(word)), reason[0] ? ": " : "",
		 reason);
	vty_out(vty, "  ");
	er_show_wrapped(vty, 2, 4, text);
}

/*
 * One circuit: the table of its sessions
 */
static const char *session_since(const struct er_session_view *view, char *buf, size_t len)
{
	const struct er_session_facts *facts = &view->facts;
	int64_t since = facts->state == ER_SESSION_ESTABLISHED ? facts->established_wall
							       : facts->last_reset_wall;

	if (!since)
		return "-";
	return er_interval(er_now().wall_s - since, buf, len);
}

static const char *interface_of(const struct er_session_spec *spec)
{
	if (spec->mode == ER_PARTNER)
		return "(partner)";
	return spec->ifname[0] ? spec->ifname : "-";
}

static void add_session_row(struct ttable *table, const struct er_circuit_config *config,
			    const struct er_peering_key *key, enum er_role role)
{
	struct er_session_key session = er_session_key_of(key, role);
	struct er_session_view view;
	const char *health;
	char word[WORD_LEN], since[TIME_LEN];

	if (!er_core_session(er_core, &session, er_now(), &view) || !view.configured)
		return;

	health = er_health_str(view.assessment.health);
	if (view.assessment.health != ER_LINK_UP && view.assessment.health != ER_LINK_INACTIVE)
		health = er_upper(health, word, sizeof(word));

	ttable_add_row(table, "%s|%s|%s|%s|%pIA|%s|%s|%u|%u|%s", er_peering_type_str(key->peering),
		       er_role_str(role), health, interface_of(&view.spec), &view.spec.neighbor,
		       er_session_state_str(view.facts.state), er_bfd_state_str(view.facts.bfd),
		       view.facts.accepted, view.facts.advertised,
		       session_since(&view, since, sizeof(since)));
}

static void add_session_rows(const struct er_circuit_config *config,
			     const struct er_peering_key *key, const struct er_peering_view *view,
			     void *arg)
{
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		add_session_row(arg, config, key, role);
}

static void show_sessions(struct vty *vty, const struct er_circuit_config *config, const char *type)
{
	struct ttable *table = er_table_new();

	ttable_add_row(table, "Peering|Link|Health|Interface|Neighbor|Session|BFD|In|Out|Since");
	er_foreach_peering(config, type, add_session_rows, table);
	vty_out(vty, "\n");
	er_table_show(vty, table);
}

/*
 * One circuit: what is let in and out, where there is something to say
 */
static bool has_policy(const struct er_circuit_config *config, const struct er_peering_key *key,
		       const struct er_peering_view *view)
{
	uint32_t refused;

	er_refused_sum(&view->rib, &refused);
	return key->peering == ER_MICROSOFT || config->peering[key->peering].route_filter[0] ||
	       refused || view->rib.held || view->limit[ER_ADVERTISED].level != ER_LIMIT_OK ||
	       view->limit[ER_RECEIVED].level != ER_LIMIT_OK;
}

const char *er_limit_text(const struct er_limit_view *view, char *buf, size_t len)
{
	char word[WORD_LEN];

	if (!view->limit)
		snprintf(buf, len, "%u", view->count);
	else if (view->level == ER_LIMIT_OK)
		snprintf(buf, len, "%u of %u", view->count, view->limit);
	else
		snprintf(buf, len, "%u of %u %s", view->count, view->limit,
			 er_upper(er_limit_level_str(view->level), word, sizeof(word)));
	return buf;
}

static void add_policy_row(const struct er_circuit_config *config, const struct er_peering_key *key,
			   const struct er_peering_view *view, void *arg)
{
	const char *filter = config->peering[key->peering].route_filter;
	const struct er_rib_facts *rib = &view->rib;
	char refused[WORD_LEN] = "-", in[ER_LIMIT_TEXT_LEN], out[ER_LIMIT_TEXT_LEN];
	struct er_limit_view accepted = view->limit[ER_RECEIVED];
	uint32_t sum;

	if (!has_policy(config, key, view))
		return;
	if (er_refused_sum(rib, &sum))
		snprintf(refused, sizeof(refused), "%u", sum);
	ttable_add_row(arg, "%s|%s|%s|%s|%s|%s", er_peering_type_str(key->peering),
		       er_family_str(key->family), filter[0] ? filter : "-",
		       er_limit_text(&accepted, in, sizeof(in)), refused,
		       er_limit_text(&view->limit[ER_ADVERTISED], out, sizeof(out)));
}

static void any_policy(const struct er_circuit_config *config, const struct er_peering_key *key,
		       const struct er_peering_view *view, void *arg)
{
	bool *any = arg;

	*any |= has_policy(config, key, view);
}

static void show_policy(struct vty *vty, const struct er_circuit_config *config, const char *type)
{
	struct ttable *table;
	bool any = false;

	er_foreach_peering(config, type, any_policy, &any);
	if (!any)
		return;
	table = er_table_new();
	ttable_add_row(table, "Peering|Family|Route-filter|Accepted|Refused|Advertised");
	er_foreach_peering(config, type, add_policy_row, table);
	vty_out(vty, "\n");
	er_table_show(vty, table);
}

/*
 * One circuit: its qualities, each a line, only when there is something to say
 */
static void line_start(struct er_lines *lines)
{
	if (lines->title)
		vty_out(lines->vty, "\n  %s\n", lines->title);
	lines->title = NULL;
}

void er_show_line(struct er_lines *lines, const char *text)
{
	line_start(lines);
	vty_out(lines->vty, "    ");
	er_show_wrapped(lines->vty, 4, 6, text);
}

static void quality(struct er_lines *lines, const struct er_peering_key *key, const char *text)
{
	char peering[2 * WORD_LEN];
	int at = snprintf(peering, sizeof(peering),
			  "    %s %s: ", er_peering_type_str(key->peering),
			  er_family_str(key->family));

	line_start(lines);
	vty_out(lines->vty, "%s", peering);
	er_show_wrapped(lines->vty, at, 6, text);
}

static void show_drain(struct er_lines *lines, const struct er_peering_key *key,
		       const struct er_peering_view *view)
{
	const struct er_partner_view *partner = &view->partner;
	char text[ER_TEXT_LEN];

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		uint32_t drained = partner->configured && partner->role == role
					   ? partner->facts.drained
					   : view->rib.drained[role];

		if (!view->assessment.link[role].drained)
			continue;
		snprintf(text, sizeof(text),
			 "drained: Microsoft has %s under maintenance, %u %s moved away from it",
			 er_role_str(role), drained, er_prefixes(drained));
		quality(lines, key, text);
	}
}

static void show_hold(struct er_lines *lines, const struct er_peering_key *key, enum er_role role)
{
	struct er_session_key session = er_session_key_of(key, role);
	struct er_session_view view;
	char text[ER_TEXT_LEN];
	int64_t seconds;

	if (!er_core_session(er_core, &session, er_now(), &view) || view.hold_ms <= 0)
		return;
	seconds = (view.hold_ms + 999) / 1000;
	snprintf(text, sizeof(text),
		 "flapping: %s was lost %u %s, trusted again after %" PRId64 " quiet %s",
		 er_role_str(role), view.flaps, er_plural(view.flaps, "time", "times"), seconds,
		 er_plural(seconds, "second", "seconds"));
	quality(lines, key, text);
}

/* "10.0.0.0/24, 10.0.1.0/24, ..." */
static void held_names(const struct er_peering_key *key, uint32_t all, char *buf, size_t len)
{
	struct prefix held[ER_WIRE_EXAMPLES];
	size_t n = er_examples_held(key, held), at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && at < len; i++)
		at += snprintfrr(buf + at, len - at, "%s%pFX", i ? ", " : "", &held[i]);
	if (n && n < all && at < len)
		snprintf(buf + at, len - at, ", ...");
}

/* The number of them is among the warnings. */
static void show_held(struct er_lines *lines, const struct er_peering_key *key,
		      const struct er_peering_view *view)
{
	char text[2 * ER_TEXT_LEN], names[ER_TEXT_LEN];

	held_names(key, view->rib.held, names, sizeof(names));
	if (!names[0])
		return;
	snprintf(text, sizeof(text), "held back: %s", names);
	quality(lines, key, text);
}

/* The proof of it: "has carried for it 3d02h ago", or how to get one. */
static void carried_text(const struct er_standby_view *view, char *buf, size_t len)
{
	char ago[ER_INTERVAL_LEN];

	if (view->carries)
		snprintf(buf, len, "carries in its place now");
	else if (view->carried_wall)
		snprintf(buf, len, "has last carried in its place %s ago",
			 er_interval(er_now().wall_s - view->carried_wall, ago, sizeof(ago)));
	else
		snprintf(buf, len,
			 "has never been seen to carry in its place: 'expressroute drain circuit %s' tests it",
			 view->circuit);
}

/* What is ready is told with the details. */
static void show_standby(struct er_lines *lines, const struct er_peering_key *key)
{
	char text[3 * ER_TEXT_LEN], carried[ER_TEXT_LEN];
	struct prefix missing[ER_WIRE_EXAMPLES];
	struct er_standby_view view;
	size_t n = er_examples_missing(key, missing), at;

	if (!er_core_standby(er_core, key, &view) || (view.ready && !lines->detail))
		return;
	carried_text(&view, carried, sizeof(carried));
	if (view.ready) {
		snprintf(text, sizeof(text), "stands by for %s, ready: offers all of its %u %s; %s",
			 view.circuit, view.offered, er_prefixes(view.offered), carried);
		quality(lines, key, text);
		return;
	}
	at = snprintf(text, sizeof(text), "stands by for %s, NOT READY: %s", view.circuit,
		      view.reason);
	for (size_t i = 0; view.missing && i < n && at < sizeof(text); i++)
		at += snprintfrr(text + at, sizeof(text) - at, "%s%pFX", i ? ", " : ": ",
				 &missing[i]);
	if (n && n < view.missing && at < sizeof(text))
		snprintf(text + at, sizeof(text) - at, ", ...");
	quality(lines, key, text);
}

static void show_warnings(struct er_lines *lines, const struct er_circuit_config *config,
			  const struct er_peering_key *key)
{
	char warning[ER_WARNINGS][ER_TEXT_LEN];
	size_t n = er_peering_warnings(config, key, warning, array_size(warning));

	for (size_t i = 0; i < n; i++)
		quality(lines, key, warning[i]);
}

static void show_qualities(const struct er_circuit_config *config, const struct er_peering_key *key,
			   const struct er_peering_view *view, void *arg)
{
	const struct er_rib_facts *rib = &view->rib;
	struct er_lines *lines = arg;
	char text[ER_TEXT_LEN];

	show_drain(lines, key, view);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		show_hold(lines, key, role);
	if (view->assessment.asymmetric) {
		snprintf(text, sizeof(text),
			 "asymmetric: %u %s on both links, %u on primary only, %u on secondary only, %u with different paths",
			 rib->both, er_prefixes(rib->both), rib->only[ER_PRIMARY],
			 rib->only[ER_SECONDARY], rib->path_differs);
		quality(lines, key, text);
		if (rib->out_only[ER_PRIMARY] || rib->out_only[ER_SECONDARY]) {
			snprintf(text, sizeof(text),
				 "asymmetric: %u advertised on primary only, %u on secondary only",
				 rib->out_only[ER_PRIMARY], rib->out_only[ER_SECONDARY]);
			quality(lines, key, text);
		}
	}
	if (view->assessment.unprotected == ER_SINGLE_INTERFACE)
		quality(lines, key, "unprotected: both links run over one interface");
	if (view->assessment.unprotected == ER_PROTECTION_UNKNOWN)
		quality(lines, key, "not known to be protected: the partner's link is not seen");
	/* usual, so it is not told of everywhere */
	if (view->assessment.unprotected == ER_SINGLE_ROUTER && lines->detail)
		quality(lines, key, "unprotected: both links end on this router");
	show_warnings(lines, config, key);
	show_held(lines, key, view);
	show_standby(lines, key);
}

/*
 * One circuit: what to do
 */
static void show_problems(const struct er_circuit_config *config, const struct er_peering_key *key,
			  const struct er_peering_view *view, void *arg)
{
	struct er_lines *lines = arg;
	struct er_session_view session;
	struct er_session_key sk;
	char problem[ER_TEXT_LEN];

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		sk = er_session_key_of(key, role);
		if (!er_core_session(er_core, &sk, er_now(), &session) ||
		    !er_session_problem(&session, config, &sk, problem, sizeof(problem)))
			continue;
		line_start(lines);
		vty_out(lines->vty, "    %s %s %s: %s\n", er_peering_type_str(key->peering),
			er_role_str(role), er_family_str(key->family), problem);
	}
	if (view->assessment.asymmetric) {
		line_start(lines);
		vty_out(lines->vty, "    %s %s: see 'show expressroute circuit %s parity'\n",
			er_peering_type_str(key->peering), er_family_str(key->family),
			config->name);
	}
}

/*
 * One circuit
 */
static void show_circuit(struct vty *vty, const struct er_circuit_config *config, const char *type,
			 bool detail)
{
	struct er_lines qualities = { vty, "To know:", detail };
	struct er_lines problems = { vty, "To do:", detail };

	show_verdict(vty, config);
	er_foreach_peering(config, type, show_reason, vty);
	show_sessions(vty, config, type);
	show_policy(vty, config, type);
	er_drain_show(&qualities, config->name);
	er_foreach_peering(config, type, show_qualities, &qualities);
	er_foreach_peering(config, type, show_problems, &problems);
	if (!detail)
		return;
	er_show_detail(vty, config, type);
}

void er_show_circuit(struct vty *vty, const struct er_circuit_config *config, bool detail)
{
	er_show_parts(vty);
	show_circuit(vty, config, NULL, detail);
}

/*
 * All circuits
 */
struct all {
	struct vty *vty;
	const char *type;
	bool detail;
};

static int show_one_of_all(const struct er_circuit_config *config, void *arg)
{
	struct all *all = arg;
	enum er_peering_type type;

	if (all->type && er_peering_type_parse(all->type, &type) &&
	    !config->peering[type].configured)
		return 0;
	show_circuit(all->vty, config, all->type, all->detail);
	return 0;
}

void er_show_all(struct vty *vty, const char *type, bool detail)
{
	struct all all = { vty, type, detail };

	show_counts(vty);
	er_show_parts(vty);
	er_core_foreach(er_core, show_one_of_all, &all);
	if (type)
		return;
	er_show_vpn_brief(vty);
	er_show_joint_brief(vty);
}
