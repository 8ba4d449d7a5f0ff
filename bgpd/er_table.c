// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The compact table of presence.
 */
#include <zebra.h>
#include "compat.h"

#include "memory.h"

#include "bgpd/er_table.h"
#include "bgpd/er_memory.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_TABLE, "ExpressRoute presence table");

#define SIZE_MIN 16
/* in percent of the size */
#define FILL_MAX	85
#define FILL_AFTER_SIZE 60
#define FILL_MIN	25

/*
 * Where an item would like to be: multiplicative hashing, reduced to the size
 * by multiplication instead of a division, so that any size will do.
 */
static uint32_t home(const struct er_table *t, er_slot slot)
{
	uint64_t hash = (slot >> 8) * UINT64_C(0x9e3779b97f4a7c15);

	return (hash >> 32) * t->size >> 32;
}

static er_slot slot_of(const void *item)
{
	return (er_slot)(uintptr_t)item << 8;
}

/* Its slot, or the free one where it belongs. */
static er_slot *probe(const struct er_table *t, er_slot want)
{
	uint32_t at = home(t, want);

	while (t->slot[at] && (t->slot[at] ^ want) >> 8)
		at = at + 1 < t->size ? at + 1 : 0;
	return &t->slot[at];
}

static void resize(struct er_table *t)
{
	er_slot *old = t->slot;
	uint32_t old_size = t->size;

	t->size = MAX((uint64_t)t->used * 100 / FILL_AFTER_SIZE, SIZE_MIN);
	t->slot = XCALLOC(MTYPE_ER_TABLE, t->size * sizeof(*t->slot));
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			*probe(t, old[i]) = old[i];
	XFREE(MTYPE_ER_TABLE, old);
}

er_slot *er_table_find(const struct er_table *t, const void *item)
{
	er_slot *slot;

	if (!t->used)
		return NULL;
	slot = probe(t, slot_of(item));
	return *slot ? slot : NULL;
}

void er_table_prefetch(const struct er_table *t, const void *item)
{
	if (t->used)
		__builtin_prefetch(&t->slot[home(t, slot_of(item))], 1);
}

er_slot *er_table_add(struct er_table *t, const void *item, bool *added)
{
	er_slot *slot;

	if (((uint64_t)t->used + 1) * 100 > (uint64_t)t->size * FILL_MAX)
		resize(t);
	slot = probe(t, slot_of(item));
	*added = !*slot;
	if (*added) {
		*slot = slot_of(item);
		t->used++;
	}
	return slot;
}

/* Is b on the way from a to c, going up and around? */
static bool on_the_way(uint32_t a, uint32_t b, uint32_t c)
{
	return a <= c ? a < b && b <= c : a < b || b <= c;
}

/* Close the gap: whatever probing would no longer reach moves back into it. */
void er_table_del(struct er_table *t, er_slot *slot)
{
	uint32_t gap = slot - t->slot;
	uint32_t at = gap;

	while (true) {
		at = at + 1 < t->size ? at + 1 : 0;
		if (!t->slot[at])
			break;
		if (on_the_way(gap, home(t, t->slot[at]), at))
			continue;
		t->slot[gap] = t->slot[at];
		gap = at;
	}
	t->slot[gap] = 0;
	t->used--;

	if (!t->used)
		er_table_fini(t);
	else if (t->size > SIZE_MIN && (uint64_t)t->used * 100 < (uint64_t)t->size * FILL_MIN)
		resize(t);
}

er_slot *er_table_next(const struct er_table *t, uint32_t *at)
{
	while (*at < t->size) {
		er_slot *slot = &t->slot[(*at)++];

		if (*slot)
			return slot;
	}
	return NULL;
}

void er_table_fini(struct er_table *t)
{
	XFREE(MTYPE_ER_TABLE, t->slot);
	t->size = t->used = 0;
}
