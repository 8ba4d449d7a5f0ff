// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A set of pointers with eight flags each, in eight octets each.
 *
 * libfrr's typesafe hash needs the item's own allocation and 16 octets of
 * linkage beside it, 32 and more per item; the limit here is 16 octets per
 * prefix and circuit.  So: open addressing with linear probing in one array,
 * filled to between 60 and 85 percent, 9.4 to 13.3 octets per item.
 *
 * A slot holds pointer << 8 | flags: addresses of user space fit in 56 bits
 * on every 64-bit machine FRR runs on.  A slot moves when anything is added or
 * deleted, so no pointer to a slot survives that.
 */
#ifndef ER_TABLE_H
#define ER_TABLE_H

typedef uint64_t er_slot;

struct er_table {
	er_slot *slot; /* 0: free */
	uint32_t size;
	uint32_t used;
};

static inline void *er_slot_item(er_slot slot)
{
	return (void *)(uintptr_t)(slot >> 8);
}

static inline uint8_t er_slot_flags(er_slot slot)
{
	return slot & 0xff;
}

static inline void er_slot_set_flags(er_slot *slot, uint8_t flags)
{
	*slot = (*slot & ~(er_slot)0xff) | flags;
}

/* NULL: not there. */
er_slot *er_table_find(const struct er_table *t, const void *item);

/*
 * The item will be looked up soon: have its slot fetched from memory meanwhile.
 * Big tables are hit in random places, and waiting for them is what they cost.
 */
void er_table_prefetch(const struct er_table *t, const void *item);

/* Add with no flags set, or find; *added tells which. */
er_slot *er_table_add(struct er_table *t, const void *item, bool *added);

void er_table_del(struct er_table *t, er_slot *slot);

/* Items come in no order; start with *at = 0; NULL: no more. */
er_slot *er_table_next(const struct er_table *t, uint32_t *at);

void er_table_fini(struct er_table *t);

#endif /* ER_TABLE_H */
