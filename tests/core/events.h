// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recorded events: the player and its words; test_events.c tells the language,
 * events_vpn.c what of it is about VPN backups.
 */
#ifndef ER_TEST_EVENTS_H
#define ER_TEST_EVENTS_H

#include "lib/printfrr.h"

#include "tests/core/support.h"

#define MAX_WORDS 64
#define LINE_LEN  1024

struct player {
	const char *file;
	size_t line;
	struct er_core *core;
	struct er_time now;
	int64_t wall_set_s; /* the wall clock has been set by so much */
	struct er_decisions out;
	bool replanned; /* since the latest event, it included */
	/* notices not matched by a '>' line yet, oldest first */
	char said[256][LINE_LEN];
	unsigned int n_said, n_matched;

	char *word[MAX_WORDS];
	unsigned int n_words, next;
};

void fail_at(const struct player *p, const char *fmt, ...) PRINTFRR(2, 3);
const char *peek(const struct player *p);
bool next_is(struct player *p, const char *word);
const char *take(struct player *p, const char *what);
uint32_t take_number(struct player *p);
unsigned int take_word_of(struct player *p, const char *(*name)(unsigned int), const char *what);
enum er_family take_family(struct player *p);
enum er_role take_end(struct player *p, enum er_peering_type peering);
/* A line as if a notice had been given. */
void say(struct player *p, const char *text);

/* true: the next words were an event of VPN backups. */
bool vpn_event(struct player *p, struct er_event *ev);
/* What a reader sees of a backup in a family, when `want` is expected. */
void show_vpn(struct player *p, const struct er_peering_key *key, const char *want, char *buf,
	      size_t len);

#endif /* ER_TEST_EVENTS_H */
