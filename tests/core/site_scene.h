// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the tests of Global Reach share: sites in one line, and a core in which a
 * circuit reaches two of them.
 */
#ifndef ER_TEST_SITE_SCENE_H
#define ER_TEST_SITE_SCENE_H

#include "tests/core/support.h"

/* A site in one line: what is 0 or NULL it has not. */
struct a_site {
	const char *name;
	uint32_t as[3];
	const char *prefix[4];
	const char *circuit[3];
	bool same_as;
	enum er_site_preference preference;
	uint32_t maximum;
};

/* Its arrays are here. */
struct made_site {
	struct er_site_config config;
	struct prefix prefix[4];
	char circuit[3][ER_NAME_LEN];
	uint32_t as[3];
};

void make_site(const struct a_site *from, struct made_site *to);

extern const struct a_site paris;
extern const struct a_site rome;

struct scene {
	struct er_core *core;
	struct er_time now;
	struct er_decisions out;
	char said[1024]; /* of the last event, line by line */
};

/* Events, of this moment. */
void scene_handle(struct scene *s, struct er_event *ev);
/* A tick, so much later. */
void scene_after(struct scene *s, int64_t ms);
void scene_session(struct scene *s, const char *circuit, enum er_role role, enum er_family f,
		   bool up);
void scene_plain(struct scene *s, enum er_event_type type);
void scene_undeclared(struct scene *s, enum er_undeclared mode);
void scene_configure_site(struct scene *s, const struct a_site *site);
/* Of circuit ams. */
void scene_configure_joint(struct scene *s, const char *name, bool shutdown, const char *site1,
			   const char *site2);
void scene_tell_site(struct scene *s, const char *circuit, enum er_family f, const char *site,
		     struct er_site_facts facts);
/* Of circuit ams in IPv4, and nothing is undeclared. */
void scene_tell(struct scene *s, const char *site, struct er_site_facts facts);

/* This circuit ams, of which nothing is known, two sites, a joint to both. */
void scene_begin_with(struct scene *s, const struct er_circuit_config *config);
/* A circuit that is up in both families, two sites, a joint to both; counted once. */
void scene_begin(struct scene *s);
/* ... and established. */
void scene_begin_established(struct scene *s);
void scene_end(struct scene *s);

struct er_joint_view scene_joint(const struct scene *s, enum er_family f);
void assert_joint(const struct scene *s, enum er_family f, enum er_joint_state want);

/* The secondary link brings nothing, and that is told of elsewhere. */
void assert_secondary_is_no_asymmetry(struct scene *s);

#endif /* ER_TEST_SITE_SCENE_H */
