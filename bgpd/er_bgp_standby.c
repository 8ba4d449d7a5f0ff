// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does a circuit that stands by offer what the preferred one does?
 *
 * Counted anew when either's prefixes have changed, at most once in each look at the
 * counters and in a small part of the time: nothing is added up, nothing can drift.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"

/* After a count there is a rest, so many times as long as it took. */
#define REST 20

static struct er_bgp_peering *preferred(const struct er_bgp_peering *peering)
{
	struct er_peering_key key = peering->key;

	if (!peering->spec.stands_by_for[0] || er_is_vpn(peering))
		return NULL;
	strlcpy(key.circuit, peering->spec.stands_by_for, sizeof(key.circuit));
	return er_peering_find(&key);
}

static struct er_standby_basis basis_of(const struct er_bgp_peering *peering,
					const struct er_bgp_peering *other)
{
	return (struct er_standby_basis){
		.other = other,
		.notes = { peering->notes, other->notes },
		.used = { peering->table.used, other->table.used },
	};
}

static bool is_same(const struct er_standby_basis *a, const struct er_standby_basis *b)
{
	return a->other == b->other && a->notes[0] == b->notes[0] && a->notes[1] == b->notes[1] &&
	       a->used[0] == b->used[0] && a->used[1] == b->used[1];
}

static int example_cmp(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

static void count(const struct er_bgp_peering *peering, const struct er_bgp_peering *other,
		  struct er_standby *standby)
{
	struct bgp_dest *dest;
	uint32_t at = 0;

	standby->offered = standby->missing = 0;
	standby->n_examples = 0;
	memset(standby->example, 0, sizeof(standby->example));
	while ((dest = er_rib_next(other, &at))) {
		if (er_rib_has(peering, dest)) {
			standby->offered++;
			continue;
		}
		standby->missing++;
		if (standby->n_examples < ER_WIRE_EXAMPLES)
			prefix_copy(&standby->example[standby->n_examples++],
				    bgp_dest_get_prefix(dest));
	}
	qsort(standby->example, standby->n_examples, sizeof(standby->example[0]), example_cmp);
}

void er_standby_look(struct er_bgp_peering *peering)
{
	struct er_standby *standby = &peering->standby;
	struct er_bgp_peering *other = preferred(peering);
	struct er_standby_basis basis;
	int64_t began_ms = er_mono_ms();

	if (!other) {
		if (standby->basis.other)
			er_report_rib_changed(peering);
		memset(standby, 0, sizeof(*standby));
		return;
	}
	basis = basis_of(peering, other);
	/* what has been noted and not evaluated yet is not in the table as it will be */
	if (peering->n_dirty || other->n_dirty || began_ms < standby->rested_ms ||
	    is_same(&basis, &standby->basis))
		return;
	count(peering, other, standby);
	standby->basis = basis;
	standby->rested_ms = er_mono_ms() + (er_mono_ms() - began_ms) * REST;
	er_report_rib_changed(peering);
}

void er_standby_facts(const struct er_bgp_peering *peering, struct er_wire_rib *msg)
{
	const struct er_standby *standby = &peering->standby;

	msg->rib.standby_offered = standby->offered;
	msg->rib.standby_missing = standby->missing;
	msg->n_missing = standby->n_examples;
	memcpy(msg->missing, standby->example, sizeof(msg->missing));
}
