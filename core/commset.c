// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of communities: see commset.h. */
#include <zebra.h>

#include "core/commset.h"
#include "core/mgroup.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_COMMSET, "ExpressRoute set of communities");

#define COMMSET_SLOTS_MIN 16

/* The community's slot, or the free one where it belongs. */
static struct er_commset_slot *slot_of(const struct er_commset *set, er_community community)
{
	uint32_t at = er_commset_hash(community) & set->mask;

	while (set->slot[at].value && set->slot[at].community != community)
		at = (at + 1) & set->mask;
	return &set->slot[at];
}

static void grow(struct er_commset *set)
{
	uint32_t slots = set->slot ? (set->mask + 1) * 2 : COMMSET_SLOTS_MIN;
	struct er_commset bigger = {
		.slot = XCALLOC(MTYPE_ER_COMMSET, slots * sizeof(struct er_commset_slot)),
		.mask = slots - 1,
		.used = set->used,
	};

	for (uint32_t i = 0; set->slot && i <= set->mask; i++)
		if (set->slot[i].value)
			*slot_of(&bigger, set->slot[i].community) = set->slot[i];
	XFREE(MTYPE_ER_COMMSET, set->slot);
	*set = bigger;
}

void er_commset_put(struct er_commset *set, er_community community, uint32_t value)
{
	struct er_commset_slot *slot;

	if (!set->slot || (set->used + 1) * 2 > set->mask + 1)
		grow(set);
	slot = slot_of(set, community);
	if (!slot->value)
		set->used++;
	slot->community = community;
	slot->value = value;
}

void er_commset_fini(struct er_commset *set)
{
	XFREE(MTYPE_ER_COMMSET, set->slot);
	memset(set, 0, sizeof(*set));
}

bool er_commset_same(const struct er_commset *a, const struct er_commset *b)
{
	if (a->used != b->used)
		return false;
	for (uint32_t i = 0; a->used && i <= a->mask; i++)
		if (a->slot[i].value && er_commset_get(b, a->slot[i].community) != a->slot[i].value)
			return false;
	return true;
}
