// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Some of the prefixes that differ between the links of a peering, and of those
 * held back at the limit or missing on a standby circuit, as bgpd's module last reported them; of a VPN backup
 * some that it does not cover, and some that are more specific.  er_core counts;
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
	size_t n, n_held, n_missing;
	struct prefix prefix[ER_WIRE_EXAMPLES];
	struct prefix held[ER_WIRE_EXAMPLES];
	struct prefix missing[ER_WIRE_EXAMPLES];
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

static bool is_configured(const struct er_peering_key *key)
{
	return key->peering == ER_VPN ? !!er_vpn_config(er_core, key->circuit)
				      : !!er_core_config(er_core, key->circuit);
}

/* Kinds of them, of which the entry knows nobody's name. */
static void keep(const struct examples_entry *new)
{
	struct examples_entry *e = examples_find(&examples, new);
	bool any = new->n || new->n_held || new->n_missing;

	if (!e) {
		if (!any || !is_configured(&new->key))
			return;
		e = XCALLOC(MTYPE_EXAMPLES, sizeof(*e));
		e->key = new->key;
		examples_add(&examples, e);
	}
	e->n = new->n;
	memcpy(e->prefix, new->prefix, sizeof(e->prefix));
	e->n_held = new->n_held;
	memcpy(e->held, new->held, sizeof(e->held));
	e->n_missing = new->n_missing;
	memcpy(e->missing, new->missing, sizeof(e->missing));
	if (any)
		return;
	examples_del(&examples, e);
	XFREE(MTYPE_EXAMPLES, e);
}

void er_examples_keep(const struct er_wire_rib *rib)
{
	struct examples_entry new = {
		.key = rib->peering,
		.n = rib->n_examples,
		.n_held = rib->n_held,
		.n_missing = rib->n_missing,
	};

	memcpy(new.prefix, rib->example, sizeof(new.prefix));
	memcpy(new.held, rib->held, sizeof(new.held));
	memcpy(new.missing, rib->missing, sizeof(new.missing));
	keep(&new);
}

void er_examples_keep_vpn(const struct er_wire_vpn_rib *rib)
{
	struct examples_entry new = {
		.key = rib->peering,
		.n = rib->n_uncovered,
		.n_held = rib->n_more_specific,
	};

	memcpy(new.prefix, rib->uncovered, sizeof(new.prefix));
	memcpy(new.held, rib->more_specific, sizeof(new.held));
	keep(&new);
}

void er_examples_forget(bool all)
{
	struct examples_entry *e;

	frr_each_safe (examples, &examples, e) {
		if (!all && is_configured(&e->key))
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

size_t er_examples_missing(const struct er_peering_key *key,
			   struct prefix missing[ER_WIRE_EXAMPLES])
{
	struct examples_entry find = { .key = *key }, *e;

	e = examples_find(&examples, &find);
	if (!e)
		return 0;
	memcpy(missing, e->missing, sizeof(e->missing));
	return e->n_missing;
}

size_t er_examples_uncovered(const struct er_peering_key *key,
			     struct prefix uncovered[ER_WIRE_EXAMPLES])
{
	return er_examples(key, uncovered);
}

size_t er_examples_more_specific(const struct er_peering_key *key,
				 struct prefix more_specific[ER_WIRE_EXAMPLES])
{
	return er_examples_held(key, more_specific);
}

void er_examples_fini(void)
{
	er_examples_forget(true);
	examples_fini(&examples);
}
