// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Some of the prefixes that differ between the links of a peering, and of those
 * held back at the limit, as bgpd's module last reported them.  er_core counts;
 * names are for people only.
 */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"
#include "typesafe.h"

#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, EXAMPLES, "prefixes by name");

PREDECL_HASH(examples);

struct examples_entry {
	struct examples_item item;
	struct er_peering_key key;
	size_t n, n_held;
	struct prefix prefix[ER_WIRE_EXAMPLES];
	struct prefix held[ER_WIRE_EXAMPLES];
};

static int examples_cmp(const struct examples_entry *a, const struct examples_entry *b)
{
	if (a->key.peering != b->key.peering)
		return numcmp(a->key.peering, b->key.peering);
	if (a->key.family != b->key.family)
		return numcmp(a->key.family, b->key.family);
	return strcmp(a->key.circuit, b->key.circuit);
}

static uint32_t examples_hash(const struct examples_entry *e)
{
	return jhash(e->key.circuit, strlen(e->key.circuit),
		     e->key.peering * ER_FAMILIES + e->key.family);
}

DECLARE_HASH(examples, struct examples_entry, item, examples_cmp, examples_hash);

static struct examples_head examples = INIT_HASH(examples);

void er_examples_keep(const struct er_wire_rib *rib)
{
	struct examples_entry key = { .key = rib->peering }, *e;

	e = examples_find(&examples, &key);
	if (!e) {
		if ((!rib->n_examples && !rib->n_held) ||
		    !er_core_config(er_core, rib->peering.circuit))
			return;
		e = XCALLOC(MTYPE_EXAMPLES, sizeof(*e));
		e->key = rib->peering;
		examples_add(&examples, e);
	}
	e->n = rib->n_examples;
	memcpy(e->prefix, rib->example, sizeof(e->prefix));
	e->n_held = rib->n_held;
	memcpy(e->held, rib->held, sizeof(e->held));
	if (e->n || e->n_held)
		return;
	examples_del(&examples, e);
	XFREE(MTYPE_EXAMPLES, e);
}

void er_examples_forget(bool all)
{
	struct examples_entry *e;

	frr_each_safe (examples, &examples, e) {
		if (!all && er_core_config(er_core, e->key.circuit))
			continue;
		examples_del(&examples, e);
		XFREE(MTYPE_EXAMPLES, e);
	}
}

size_t er_examples(const struct er_peering_key *key, struct prefix example[ER_WIRE_EXAMPLES])
{
	struct examples_entry find = { .key = *key }, *e;

	e = examples_find(&examples, &find);
	if (!e)
		return 0;
	memcpy(example, e->prefix, sizeof(e->prefix));
	return e->n;
}

size_t er_examples_held(const struct er_peering_key *key, struct prefix held[ER_WIRE_EXAMPLES])
{
	struct examples_entry find = { .key = *key }, *e;

	e = examples_find(&examples, &find);
	if (!e)
		return 0;
	memcpy(held, e->held, sizeof(e->held));
	return e->n_held;
}

void er_examples_fini(void)
{
	er_examples_forget(true);
	examples_fini(&examples);
}
