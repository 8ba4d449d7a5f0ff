// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An AS path, split behind the copies of 12076 that lead it.
 */
#ifndef ER_ASPATH_H
#define ER_ASPATH_H

struct aspath;
struct assegment;

struct er_aspath_split {
	unsigned int lead; /* copies of 12076 in front */
	/* where the rest begins; NULL: there is none */
	const struct assegment *segment;
	unsigned int at;
};

void er_aspath_split(const struct aspath *path, struct er_aspath_split *split);

/* Are the paths equal behind their leading 12076s? */
bool er_aspath_rest_same(const struct er_aspath_split *a, const struct er_aspath_split *b);

#endif /* ER_ASPATH_H */
