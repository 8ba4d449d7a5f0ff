// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sites in one line, and a core in which a circuit reaches two of them.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "tests/core/site_scene.h"

const struct a_site paris = { "paris", { 65020 }, { "10.20.0.0/16", "10.21.0.0/16" } };
const struct a_site rome = { "rome", { 65030 }, { "10.30.0.0/16" } };

void make_site(const struct a_site *from, struct made_site *to)
{
	memset(to, 0, sizeof(*to));
	strlcpy(to->config.name, from->name, sizeof(to->config.name));
	to->config.as = to->as;
	to->config.prefix = to->prefix;
	to->config.circuit = to->circuit;
	for (; from->as[to->config.n_as]; to->config.n_as++)
		to->as[to->config.n_as] = from->as[to->config.n_as];
	for (; from->prefix[to->config.n_prefixes]; to->config.n_prefixes++)
		assert_true(str2prefix(from->prefix[to->config.n_prefixes],
				       &to->prefix[to->config.n_prefixes]));
	for (; from->circuit[to->config.n_circuits]; to->config.n_circuits++)
		strlcpy(to->circuit[to->config.n_circuits], from->circuit[to->config.n_circuits],
			ER_NAME_LEN);
	to->config.same_as = from->same_as;
	to->config.preference = from->preference;
	to->config.maximum_prefixes = from->maximum;
}

void scene_handle(struct scene *s, struct er_event *ev)
{
	char line[512];

	ev->now = s->now;
	er_decisions_reset(&s->out);
	er_core_handle(s->core, ev, &s->out);
	s->said[0] = '\0';
	for (size_t i = 0; i < s->out.n; i++) {
		const struct er_notice *n = &s->out.notice[i];

		if (n->type < ER_NOTICE_JOINT)
			continue;
		notice_text(n, line, sizeof(line));
		strlcat(s->said, line, sizeof(s->said));
		strlcat(s->said, "\n", sizeof(s->said));
	}
}

void scene_after(struct scene *s, int64_t ms)
{
	struct er_event ev = { .type = ER_EV_TICK };

	s->now.mono_ms += ms;
	s->now.wall_s += ms / 1000;
	scene_handle(s, &ev);
}

void scene_session(struct scene *s, const char *circuit, enum er_role role, enum er_family f,
		   bool up)
{
	struct er_event ev = { .type = ER_EV_SESSION };

	ev.session = session_key(circuit, ER_PRIVATE, role, f);
	ev.facts.state = up ? ER_SESSION_ESTABLISHED : ER_SESSION_IDLE;
	scene_handle(s, &ev);
}

void scene_plain(struct scene *s, enum er_event_type type)
{
	struct er_event ev = { .type = type };

	scene_handle(s, &ev);
}

void scene_undeclared(struct scene *s, enum er_undeclared mode)
{
	struct er_event ev = { .type = ER_EV_UNDECLARED, .undeclared = mode };

	scene_handle(s, &ev);
}

void scene_tell_site(struct scene *s, const char *circuit, enum er_family f, const char *site,
		     struct er_site_facts facts)
{
	struct er_event ev = { .type = ER_EV_SITE_STATE };

	ev.site_state.peering = peering_key(circuit, ER_PRIVATE, f);
	strlcpy(ev.site_state.site, site, sizeof(ev.site_state.site));
	ev.site_state.facts = facts;
	scene_handle(s, &ev);
}

void scene_tell(struct scene *s, const char *site, struct er_site_facts facts)
{
	scene_tell_site(s, "ams", ER_IPV4, site, facts);
	scene_tell_site(s, "ams", ER_IPV4, "", (struct er_site_facts){});
}

void scene_configure_site(struct scene *s, const struct a_site *site)
{
	struct er_event ev = { .type = ER_EV_SITE_CONFIG };
	struct made_site made;

	make_site(site, &made);
	ev.site_config = &made.config;
	scene_handle(s, &ev);
	memset(&made, 0xff, sizeof(made));
}

void scene_configure_joint(struct scene *s, const char *name, bool shutdown, const char *site1,
			   const char *site2)
{
	char site[2][ER_NAME_LEN] = {};
	struct er_joint_config config = { .site = site, .shutdown = shutdown };
	struct er_event ev = { .type = ER_EV_JOINT_CONFIG, .joint_config = &config };

	strlcpy(config.name, name, sizeof(config.name));
	strlcpy(config.circuit, "ams", sizeof(config.circuit));
	assert_true(str2prefix("172.31.0.8/29", &config.ipv4_subnet));
	for (; site1; site1 = site2, site2 = NULL)
		strlcpy(site[config.n_sites++], site1, ER_NAME_LEN);
	scene_handle(s, &ev);
	memset(site, 0xff, sizeof(site));
}

void scene_begin_with(struct scene *s, const struct er_circuit_config *config)
{
	struct er_event ev = { .type = ER_EV_CONFIG, .config = config };

	memset(s, 0, sizeof(*s));
	s->now = (struct er_time){ .mono_ms = 1000, .wall_s = WALL_START };
	s->core = er_core_new(s->now);
	scene_handle(s, &ev);
	scene_configure_site(s, &paris);
	scene_configure_site(s, &rome);
	scene_configure_joint(s, "reach", false, "paris", "rome");
}

void scene_begin(struct scene *s)
{
	struct er_circuit_config config = circuit_of("ams", ER_PRIVATE, true, 1);

	scene_begin_with(s, &config);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
			scene_session(s, "ams", r, f, true);
	scene_plain(s, ER_EV_BGPD_SYNCED);
}

void scene_begin_established(struct scene *s)
{
	scene_begin(s);
	scene_tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .both = 1 });
	scene_tell(s, "paris", (struct er_site_facts){ .both = 2 });
	assert_string_equal(s->said, "");
}

void assert_secondary_is_no_asymmetry(struct scene *s)
{
	scene_tell_site(s, "ams", ER_IPV4, "rome", (struct er_site_facts){ .only = { 1, 0 } });
	scene_tell(s, "paris", (struct er_site_facts){ .only = { 2, 0 } });
	scene_after(s, 60000);
	assert_string_equal(s->said, "");
	assert_false(scene_joint(s, ER_IPV4).asymmetric);
}

void scene_end(struct scene *s)
{
	er_decisions_fini(&s->out);
	er_core_free(&s->core);
}

struct er_joint_view scene_joint(const struct scene *s, enum er_family f)
{
	struct er_joint_view view;

	assert_true(er_core_joint_state(s->core, "reach", f, &view));
	return view;
}

void assert_joint(const struct scene *s, enum er_family f, enum er_joint_state want)
{
	assert_int_equal(scene_joint(s, f).state, want);
}
