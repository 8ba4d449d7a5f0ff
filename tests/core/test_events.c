// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recorded events: every tests/core/data/ *.events is replayed, and what core
 * says must be what stands in the log.  `test_events FILE...` replays others.
 *
 * A log has one event per line: the time in seconds, and what happens.  Below
 * it stand the notices that must follow, each after '>', and nothing else may.
 * A notice that time alone brings has its own time: "> [25] ...".  The log is
 * played as erouted would: with a tick at every deadline.
 *
 *   0 config NAME [shutdown] [preference N] [sku SKU] [active ROLE] PEERING...
 *        PEERING: private|microsoft [ipv4] [ipv6] [vrf V] [base N] [attached]
 *                 [password P] [limit N] [shutdown] [shutdown=ROLE] [no-FAMILY=ROLE]
 *                 [ROLE=IFNAME]...            ipv4 when no family is given
 *   0 gone NAME
 *   0 interface NAME PEERING ROLE STATE [port N] [no-address]
 *   0 session NAME PEERING ROLE FAMILY STATE [accepted N] [advertised N]
 *                                          [reset "..."] [problem "..."]
 *   0 rib NAME PEERING FAMILY [both N] [only N N] [differs N] [drained N N]
 *                             [out N N] [held N]
 *   0 synced | lost | clear [NAME] | tick
 *   0 restore NAME PEERING FAMILY REDUNDANCY R D N      seconds of this month
 *   0 restart                              a new core, as after a crash
 *   0 rebirth [wall N]                     a new core that is told what the old one remembered,
 *                                          before the wall clock was set by N seconds
 *   0 wall N                               the wall clock is set by so many seconds
 *
 * VPN backups have a language of their own, told in events_vpn.c.
 *
 * And what a reader must see then, after '=':
 *   = NAME PEERING FAMILY REDUNDANCY [drained] [asymmetric] [flapping] [UNPROTECTED]
 *   = NAME PEERING FAMILY PRIMARY-HEALTH SECONDARY-HEALTH links
 *   = NAME PEERING FAMILY reason TEXT
 *   = NAME PEERING FAMILY limits N of N LEVEL N of N LEVEL    advertised, received
 *   = NAME PEERING FAMILY warnings TEXT; TEXT...    all of them
 *   = NAME PEERING FAMILY seconds R D N      since start
 *   = NAME PEERING FAMILY month R D N
 *   = NAME PEERING ROLE FAMILY flaps N hold N
 *   = NAME REDUNDANCY
 */
#include <zebra.h>

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/text.h"
#include "tests/core/events.h"

void fail_at(const struct player *p, const char *fmt, ...)
{
	char text[LINE_LEN * 3];
	va_list ap;

	va_start(ap, fmt);
	vsnprintfrr(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_msg("%s:%zu: %s", p->file, p->line, text);
}

/*
 * Words: separated by blanks, "quoted" when they hold some.
 */
static void split(struct player *p, char *line)
{
	p->n_words = p->next = 0;
	for (;;) {
		char end = ' ';

		line += strspn(line, " \t");
		if (!*line || *line == '#')
			return;
		if (p->n_words == MAX_WORDS)
			fail_at(p, "too many words");
		if (*line == '"') {
			end = '"';
			line++;
		}
		p->word[p->n_words++] = line;
		while (*line && *line != end && !(end == ' ' && *line == '\t'))
			line++;
		if (!*line)
			return;
		*line++ = '\0';
	}
}

const char *peek(const struct player *p)
{
	return p->next < p->n_words ? p->word[p->next] : NULL;
}

bool next_is(struct player *p, const char *word)
{
	if (!peek(p) || !strmatch(peek(p), word))
		return false;
	p->next++;
	return true;
}

const char *take(struct player *p, const char *what)
{
	if (!peek(p))
		fail_at(p, "%s expected", what);
	return p->word[p->next++];
}

uint32_t take_number(struct player *p)
{
	const char *word = take(p, "a number");
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (*end || end == word)
		fail_at(p, "'%s' is no number", word);
	return n;
}

unsigned int take_word_of(struct player *p, const char *(*name)(unsigned int), const char *what)
{
	const char *word = take(p, what);

	for (unsigned int v = 0; v < 16; v++)
		if (strmatch(name(v), word))
			return v;
	fail_at(p, "'%s' is no %s", word, what);
	return 0;
}

#define NAMES(fn, type)                                                                           \
	static const char *fn##_name(unsigned int v)                                              \
	{                                                                                         \
		return er_##fn##_str((enum type)v);                                               \
	}
NAMES(peering_type, er_peering_type)
NAMES(role, er_role)
NAMES(sku, er_sku)
NAMES(family, er_family)
NAMES(redundancy, er_redundancy)
NAMES(session_state, er_session_state)
NAMES(if_state, er_if_state)

static struct er_peering_key take_peering(struct player *p)
{
	struct er_peering_key key = {};

	strlcpy(key.circuit, take(p, "a circuit"), sizeof(key.circuit));
	key.peering = take_word_of(p, peering_type_name, "peering");
	key.family = take_word_of(p, family_name, "family");
	return key;
}

enum er_family take_family(struct player *p)
{
	return take_word_of(p, family_name, "family");
}

/* A link's role, or a gateway's number. */
enum er_role take_end(struct player *p, enum er_peering_type peering)
{
	uint32_t n;

	if (peering != ER_VPN)
		return take_word_of(p, role_name, "role");
	n = take_number(p);
	if (n >= ER_ROLES)
		fail_at(p, "there is no gateway %u", n);
	return n;
}

static struct er_session_key take_link(struct player *p)
{
	struct er_session_key key = {};

	strlcpy(key.circuit, take(p, "a circuit"), sizeof(key.circuit));
	key.peering = take_word_of(p, peering_type_name, "peering");
	key.role = take_end(p, key.peering);
	return key;
}

/*
 * Driving the core
 */
void say(struct player *p, const char *text)
{
	if (p->n_said == array_size(p->said))
		fail_at(p, "too many notices");
	strlcpy(p->said[p->n_said++], text, LINE_LEN);
}

static void record(struct player *p, bool timed)
{
	for (size_t i = 0; i < p->out.n; i++) {
		char text[LINE_LEN], line[LINE_LEN + 32];

		notice_text(&p->out.notice[i], text, sizeof(text));
		snprintfrr(line, sizeof(line), "[%g] %s", p->now.mono_ms / 1000.0, text);
		say(p, timed ? line : text);
	}
	p->replanned |= p->out.replan;
	er_decisions_reset(&p->out);
}

static void handle(struct player *p, struct er_event *ev)
{
	ev->now = p->now;
	er_core_handle(p->core, ev, &p->out);
	record(p, false);
	if (er_core_deadline(p->core) <= p->now.mono_ms)
		fail_at(p, "the next deadline is not in the future");
}

static void set_time(struct player *p, int64_t mono_ms)
{
	p->now.mono_ms = mono_ms;
	p->now.wall_s = WALL_START + p->wall_set_s + mono_ms / 1000;
}

/* Tick as deadlines come, before mono_ms; or until something is said. */
static bool run_until_said(struct player *p, int64_t mono_ms)
{
	int64_t due;

	while ((due = er_core_deadline(p->core)) < mono_ms) {
		struct er_event ev = { .type = ER_EV_TICK };

		set_time(p, due);
		ev.now = p->now;
		er_core_handle(p->core, &ev, &p->out);
		if (p->out.n) {
			record(p, true);
			return true;
		}
	}
	return false;
}

static void run_until(struct player *p, int64_t mono_ms)
{
	while (run_until_said(p, mono_ms))
		;
	set_time(p, mono_ms);
}

static void all_matched(const struct player *p)
{
	if (p->n_matched < p->n_said)
		fail_at(p, "before this line, not expected: > %s", p->said[p->n_matched]);
}

static void expect_notice(struct player *p, const char *want)
{
	if (p->n_matched == p->n_said)
		fail_at(p, "was not said: %s", want);
	if (!strmatch(p->said[p->n_matched], want))
		fail_at(p, "\nexpected: %s\n    said: %s", want, p->said[p->n_matched]);
	p->n_matched++;
}

/*
 * Events
 */
static void set_link(struct player *p, struct er_peering_config *peering, const char *word)
{
	enum er_role r;

	for (r = 0; r < ER_ROLES; r++) {
		char shut[32], no4[32], no6[32];
		size_t n = strlen(er_role_str(r));

		snprintf(shut, sizeof(shut), "shutdown=%s", er_role_str(r));
		snprintf(no4, sizeof(no4), "no-ipv4=%s", er_role_str(r));
		snprintf(no6, sizeof(no6), "no-ipv6=%s", er_role_str(r));
		if (strmatch(word, shut))
			peering->link[r].shutdown = true;
		else if (strmatch(word, no4))
			memset(&peering->link[r].subnet[ER_IPV4], 0, sizeof(struct prefix));
		else if (strmatch(word, no6))
			memset(&peering->link[r].subnet[ER_IPV6], 0, sizeof(struct prefix));
		else if (strncmp(word, er_role_str(r), n) == 0 && word[n] == '=')
			strlcpy(peering->link[r].ifname, word + n + 1, ER_IFNAME_LEN);
		else
			continue;
		return;
	}
	fail_at(p, "'%s' is no setting of a peering", word);
}

/* One prefix: the next call, or the next event, may have the memory. */
static void set_advertise(struct player *p, struct er_peering_config *peering)
{
	static struct prefix prefix;

	if (!str2prefix(take(p, "a prefix"), &prefix))
		fail_at(p, "no prefix");
	peering->advertise = &prefix;
	peering->n_advertise = 1;
}

static void take_peering_config(struct player *p, struct er_circuit_config *config)
{
	enum er_peering_type type = take_word_of(p, peering_type_name, "peering");
	struct er_peering_config *peering = &config->peering[type];
	bool ipv4 = next_is(p, "ipv4"), ipv6 = next_is(p, "ipv6");
	enum er_peering_type other;

	add_peering(config, type, ipv4 || !ipv6, ipv6, 1);
	while (peek(p) && !er_peering_type_parse(peek(p), &other)) {
		if (next_is(p, "vrf"))
			strlcpy(peering->vrf, take(p, "a VRF"), sizeof(peering->vrf));
		else if (next_is(p, "base"))
			add_peering(config, type, ipv4 || !ipv6, ipv6, take_number(p));
		else if (next_is(p, "attached"))
			peering->session = ER_ATTACHED;
		else if (next_is(p, "password"))
			strlcpy(peering->password, take(p, "a password"),
				sizeof(peering->password));
		else if (next_is(p, "shutdown"))
			peering->shutdown = true;
		else if (next_is(p, "advertise"))
			set_advertise(p, peering);
		else if (next_is(p, "advertise-list"))
			strlcpy(peering->advertise_list[ER_IPV4], take(p, "a prefix-list"),
				ER_OBJECT_LEN);
		else if (next_is(p, "map-out"))
			strlcpy(peering->map_out, take(p, "a route-map"), ER_OBJECT_LEN);
		else if (next_is(p, "limit"))
			peering->advertise_limit[ER_IPV4] = take_number(p);
		else
			set_link(p, peering, take(p, "a setting"));
	}
}

static void ev_config(struct player *p, struct er_event *ev)
{
	static struct er_circuit_config config;

	memset(&config, 0, sizeof(config));
	strlcpy(config.name, take(p, "a circuit"), sizeof(config.name));
	for (;;) {
		if (next_is(p, "shutdown"))
			config.shutdown = true;
		else if (next_is(p, "preference"))
			config.preference = take_number(p);
		else if (next_is(p, "sku"))
			config.sku = take_word_of(p, sku_name, "SKU");
		else if (next_is(p, "active")) {
			config.mode = ER_ACTIVE_PASSIVE;
			config.active = take_word_of(p, role_name, "role");
		} else
			break;
	}
	while (peek(p))
		take_peering_config(p, &config);
	ev->type = ER_EV_CONFIG;
	ev->config = &config;
}

static void ev_interface(struct player *p, struct er_event *ev)
{
	ev->type = ER_EV_INTERFACE;
	ev->session = take_link(p);
	memset(&ev->interface, 0, sizeof(ev->interface));
	ev->interface.state = take_word_of(p, if_state_name, "interface state");
	for (enum er_family f = 0; f < ER_FAMILIES; f++)
		ev->interface.address_present[f] = true;
	if (next_is(p, "port"))
		ev->interface.port_ifindex = take_number(p);
	if (next_is(p, "no-address"))
		memset(ev->interface.address_present, 0, sizeof(ev->interface.address_present));
}

static void ev_session(struct player *p, struct er_event *ev)
{
	struct er_session_facts *f = &ev->facts;

	ev->type = ER_EV_SESSION;
	ev->session = take_link(p);
	ev->session.family = take_word_of(p, family_name, "family");
	memset(f, 0, sizeof(*f));
	f->state = take_word_of(p, session_state_name, "session state");
	while (peek(p)) {
		if (next_is(p, "accepted"))
			f->accepted = take_number(p);
		else if (next_is(p, "advertised"))
			f->advertised = take_number(p);
		else if (next_is(p, "reset"))
			strlcpy(f->last_reset, take(p, "a reason"), sizeof(f->last_reset));
		else if (next_is(p, "problem"))
			strlcpy(f->problem, take(p, "a problem"), sizeof(f->problem));
		else
			break;
	}
}

static void ev_rib(struct player *p, struct er_event *ev)
{
	struct er_rib_facts *rib = &ev->rib;

	ev->type = ER_EV_RIB;
	ev->peering = take_peering(p);
	memset(rib, 0, sizeof(*rib));
	while (peek(p)) {
		if (next_is(p, "both"))
			rib->both = take_number(p);
		else if (next_is(p, "differs"))
			rib->path_differs = take_number(p);
		else if (next_is(p, "held"))
			rib->held = take_number(p);
		else if (next_is(p, "out"))
			for (enum er_role r = 0; r < ER_ROLES; r++)
				rib->out_only[r] = take_number(p);
		else if (next_is(p, "only"))
			for (enum er_role r = 0; r < ER_ROLES; r++)
				rib->only[r] = take_number(p);
		else if (next_is(p, "drained"))
			for (enum er_role r = 0; r < ER_ROLES; r++)
				rib->drained[r] = take_number(p);
		else
			break;
	}
}

static void restore(struct player *p)
{
	struct er_peering_key key = take_peering(p);
	enum er_redundancy redundancy = take_word_of(p, redundancy_name, "redundancy");
	struct er_seconds seconds[ER_PERIODS] = {};

	seconds[ER_THIS_MONTH].redundant = take_number(p);
	seconds[ER_THIS_MONTH].degraded = take_number(p);
	seconds[ER_THIS_MONTH].down = take_number(p);
	er_core_restore(p->core, &key, redundancy, seconds, p->now.wall_s);
}

static void restart(struct player *p)
{
	er_core_free(&p->core);
	p->core = er_core_new(p->now);
}

static void keep_peering(const struct er_peering_key *key, enum er_redundancy redundancy,
			 const struct er_seconds seconds[ER_PERIODS], int64_t wall_s, void *arg)
{
	er_core_restore(arg, key, redundancy, seconds, wall_s);
}

struct kept {
	struct er_core *core;
	struct er_time now;
};

static void keep_vpn(const struct er_vpn_memory *memory, void *arg)
{
	const struct kept *kept = arg;

	er_vpn_restore(kept->core, memory, kept->now);
}

static void set_wall(struct player *p)
{
	p->wall_set_s += (int32_t)take_number(p);
	set_time(p, p->now.mono_ms);
}

static void rebirth(struct player *p)
{
	struct kept kept = { er_core_new(p->now), p->now };
	struct er_time then = p->now;

	if (next_is(p, "wall"))
		set_wall(p);
	kept.now = p->now;
	er_core_remember(p->core, then, keep_peering, kept.core);
	er_vpn_remember(p->core, then, keep_vpn, &kept);
	er_core_free(&p->core);
	p->core = kept.core;
}

static enum er_event_type type_of(const char *word)
{
	if (strmatch(word, "gone"))
		return ER_EV_CONFIG_GONE;
	return strmatch(word, "clear") ? ER_EV_CLEAR : ER_EV_CLEAR_AVAILABILITY;
}

static void play_event(struct player *p)
{
	struct er_event ev;

	memset(&ev, 0, sizeof(ev));
	if (next_is(p, "restore"))
		restore(p);
	else if (next_is(p, "restart"))
		restart(p);
	else if (next_is(p, "rebirth"))
		rebirth(p);
	else if (next_is(p, "wall"))
		set_wall(p);
	else {
		if (vpn_event(p, &ev))
			;
		else if (next_is(p, "config"))
			ev_config(p, &ev);
		else if (next_is(p, "interface"))
			ev_interface(p, &ev);
		else if (next_is(p, "session"))
			ev_session(p, &ev);
		else if (next_is(p, "rib"))
			ev_rib(p, &ev);
		else if (next_is(p, "synced"))
			ev.type = ER_EV_BGPD_SYNCED;
		else if (next_is(p, "lost"))
			ev.type = ER_EV_BGPD_LOST;
		else if (next_is(p, "tick"))
			ev.type = ER_EV_TICK;
		else if (next_is(p, "gone") || next_is(p, "clear") ||
			 next_is(p, "clear-availability")) {
			ev.type = type_of(p->word[p->next - 1]);
			if (peek(p))
				strlcpy(ev.circuit, take(p, "a circuit"), sizeof(ev.circuit));
		} else
			fail_at(p, "unknown event");
		handle(p, &ev);
	}
	if (peek(p))
		fail_at(p, "'%s' is too much", peek(p));
}

/*
 * What a reader sees
 */
static void assert_shown(struct player *p, const char *want, const char *got)
{
	if (!strmatch(want, got))
		fail_at(p, "\nexpected: %s\n   shown: %s", want, got);
}

static void show_session(struct player *p, struct er_session_key key, char *buf, size_t len)
{
	struct er_session_view view;

	if (!er_core_session(p->core, &key, p->now, &view))
		fail_at(p, "there is no circuit %s", key.circuit);
	snprintf(buf, len, "flaps %u hold %g", view.flaps, view.hold_ms / 1000.0);
}

static void show_reason(struct player *p, const struct er_peering_key *key,
			const struct er_assessment *a, char *buf, size_t len)
{
	struct er_session_view view[ER_ROLES];
	char reason[ER_TEXT_LEN];

	for (enum er_role r = 0; r < ER_ROLES; r++) {
		struct er_session_key session = session_key(key->circuit, key->peering, r,
							    key->family);

		er_core_session(p->core, &session, p->now, &view[r]);
	}
	er_assessment_reason(a, view, reason, sizeof(reason));
	snprintf(buf, len, "reason%s%s", reason[0] ? " " : "", reason);
}

static void show_limits(const struct er_peering_view *view, char *buf, size_t len)
{
	const struct er_limit_view *out = &view->limit[ER_ADVERTISED];
	const struct er_limit_view *in = &view->limit[ER_RECEIVED];

	snprintf(buf, len, "limits %u of %u %s %u of %u %s", out->count, out->limit,
		 er_limit_level_str(out->level), in->count, in->limit,
		 er_limit_level_str(in->level));
}

static void show_warnings(struct player *p, const struct er_peering_key *key,
			  const struct er_peering_view *view, char *buf, size_t len)
{
	char warning[4][ER_TEXT_LEN];
	size_t n = er_core_warnings(er_core_config(p->core, key->circuit), key, view, warning,
				    array_size(warning));

	strlcpy(buf, "warnings", len);
	for (size_t i = 0; i < n; i++) {
		strlcat(buf, i ? "; " : " ", len);
		strlcat(buf, warning[i], len);
	}
}

static void show_seconds(const char *label, const struct er_seconds *s, char *buf, size_t len)
{
	snprintf(buf, len, "%s %" PRIu64 " %" PRIu64 " %" PRIu64, label, s->redundant, s->degraded,
		 s->down);
}

static void show_peering(struct player *p, const struct er_peering_key *key, const char *want,
			 char *buf, size_t len)
{
	struct er_peering_view view;
	const struct er_assessment *a = &view.assessment;

	if (!er_core_peering(p->core, key, p->now, &view))
		fail_at(p, "there is no circuit %s", key->circuit);
	if (strncmp(want, "reason", 6) == 0)
		show_reason(p, key, a, buf, len);
	else if (strncmp(want, "seconds ", 8) == 0)
		show_seconds("seconds", &view.seconds[ER_SINCE_START], buf, len);
	else if (strncmp(want, "month ", 6) == 0)
		show_seconds("month", &view.seconds[ER_THIS_MONTH], buf, len);
	else if (strncmp(want, "limits", 6) == 0)
		show_limits(&view, buf, len);
	else if (strncmp(want, "warnings", 8) == 0)
		show_warnings(p, key, &view, buf, len);
	else if (strstr(want, " links"))
		snprintf(buf, len, "%s %s links", er_health_str(a->link[ER_PRIMARY].health),
			 er_health_str(a->link[ER_SECONDARY].health));
	else
		snprintf(buf, len, "%s%s%s%s%s%s", er_redundancy_str(a->redundancy),
			 a->drained ? " drained" : "", a->asymmetric ? " asymmetric" : "",
			 a->flapping ? " flapping" : "", strstr(want, " single-") ? " " : "",
			 strstr(want, " single-") ? er_unprotected_str(a->unprotected) : "");
}

/* The rest of the line, words joined by one space. */
static void take_rest(struct player *p, char *buf, size_t len)
{
	buf[0] = '\0';
	while (peek(p)) {
		if (buf[0])
			strlcat(buf, " ", len);
		strlcat(buf, take(p, "a word"), len);
	}
}

static void expect_shown(struct player *p)
{
	char want[LINE_LEN], got[LINE_LEN];
	const char *name = take(p, "a circuit");
	struct er_peering_key key;
	enum er_role role;

	if (p->next + 1 == p->n_words) {
		strlcpy(got, er_redundancy_str(er_core_redundancy(p->core, name, &key)),
			sizeof(got));
		take_rest(p, want, sizeof(want));
	} else {
		memset(&key, 0, sizeof(key));
		strlcpy(key.circuit, name, sizeof(key.circuit));
		key.peering = take_word_of(p, peering_type_name, "peering");
		if (key.peering == ER_VPN) {
			key.family = take_word_of(p, family_name, "family");
			take_rest(p, want, sizeof(want));
			show_vpn(p, &key, want, got, sizeof(got));
		} else if (er_role_parse(peek(p), &role)) {
			p->next++;
			key.family = take_word_of(p, family_name, "family");
			show_session(p, session_key(name, key.peering, role, key.family), got,
				     sizeof(got));
			take_rest(p, want, sizeof(want));
		} else {
			key.family = take_word_of(p, family_name, "family");
			take_rest(p, want, sizeof(want));
			show_peering(p, &key, want, got, sizeof(got));
		}
	}
	assert_shown(p, want, got);
}

/*
 * Logs
 */
static const char *text_of(const char *line)
{
	return line + strspn(line, " \t");
}

static bool is_event(const char *line)
{
	return *text_of(line) >= '0' && *text_of(line) <= '9';
}

static int64_t time_of(const char *line)
{
	return strtod(line, NULL) * 1000 + 0.5;
}

static void play_event_line(struct player *p, char *line)
{
	if (p->core)
		run_until(p, time_of(line));
	else {
		set_time(p, time_of(line));
		p->core = er_core_new(p->now);
	}
	all_matched(p);
	p->n_said = p->n_matched = 0;
	p->replanned = false;
	line = line + strspn(line, " \t");
	split(p, line + strcspn(line, " \t"));
	play_event(p);
}

/* Nothing left of what the event has brought: does time bring more? */
static void await_notice(struct player *p, char *const *rest, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_event(rest[i])) {
			run_until_said(p, time_of(rest[i]));
			return;
		}
	}
}

static void play_line(struct player *p, char *const *lines, size_t n)
{
	char *line = lines[0] + strspn(lines[0], " \t");

	if (!*line || *line == '#')
		return;
	if (*line == '>') {
		if (p->n_matched == p->n_said)
			await_notice(p, lines + 1, n - 1);
		expect_notice(p, text_of(line + 1));
	} else if (*line == '=') {
		all_matched(p);
		split(p, line + 1);
		expect_shown(p);
	} else if (is_event(line)) {
		play_event_line(p, line);
	} else {
		fail_at(p, "a time, '>' or '=' expected");
	}
}

static size_t read_lines(const char *file, char **lines, size_t max)
{
	static char text[64 * 1024];
	size_t n = 0;
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		assert_true(n < max);
		lines[n++] = line;
	}
	return n;
}

static void play(void **state)
{
	static char *lines[2048];
	static struct player p;
	size_t n;

	memset(&p, 0, sizeof(p));
	p.file = *state;
	n = read_lines(p.file, lines, array_size(lines));
	for (size_t i = 0; i < n; i++) {
		p.line = i + 1;
		play_line(&p, lines + i, n - i);
	}
	all_matched(&p);
	er_core_free(&p.core);
	er_decisions_fini(&p.out);
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[256];
	const char *srcdir = getenv("srcdir");
	char pattern[4096];
	size_t n = 0;
	glob_t logs = {};
	int failed;

	snprintf(pattern, sizeof(pattern), "%s/tests/core/data/*.events", srcdir ? srcdir : ".");
	if (argc == 1 && glob(pattern, 0, NULL, &logs) != 0) {
		fprintf(stderr, "no event logs: %s\n", pattern);
		return 1;
	}
	for (; n < array_size(tests); n++) {
		char *log = argc > 1 ? argv[n + 1] : logs.gl_pathv[n];

		if (!log)
			break;
		tests[n] = (struct CMUnitTest){ log, play, NULL, NULL, log };
	}
	failed = _cmocka_run_group_tests("events", tests, n, NULL, NULL);
	globfree(&logs);
	return failed;
}
