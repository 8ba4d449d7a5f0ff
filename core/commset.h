// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hash table from communities to numbers: what a compiled route filter or
 * region preference is asked for each community of each route.  Built once,
 * then only read; a new version replaces it as a whole.
 *
 * Open addressing, at most half full, no deletion: a lookup that misses costs
 * about one probe whatever the number of entries.
 */
#ifndef ER_COMMSET_H
#define ER_COMMSET_H

#include "core/types.h"

struct er_commset_slot {
	er_community community;
	uint32_t value; /* 0: the slot is free */
};

/* Zero-initialise: the empty set, which needs no fini. */
struct er_commset {
	struct er_commset_slot *slot;
	uint32_t mask; /* slots - 1 */
	uint32_t used;
};

/* value must not be 0.  A community that is there already gets the new value. */
void er_commset_put(struct er_commset *set, er_community community, uint32_t value);
void er_commset_fini(struct er_commset *set);
bool er_commset_same(const struct er_commset *a, const struct er_commset *b);

static inline uint32_t er_commset_hash(er_community community)
{
	return (community * UINT32_C(0x9e3779b1)) >> 7;
}

/* 0: not in the set */
static inline uint32_t er_commset_get(const struct er_commset *set, er_community community)
{
	if (!set->used)
		return 0;
	for (uint32_t at = er_commset_hash(community) & set->mask;; at = (at + 1) & set->mask) {
		const struct er_commset_slot *slot = &set->slot[at];

		if (!slot->value)
			return 0;
		if (slot->community == community)
			return slot->value;
	}
}

#endif /* ER_COMMSET_H */
