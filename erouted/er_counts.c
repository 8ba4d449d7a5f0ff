// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many prefixes carry a community and are accepted or refused, by peering,
 * as bgpd's module last counted them.  A count of a peering always comes whole:
 * it is gathered aside and takes the place of the one before at its end.
 */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"
#include "typesafe.h"

#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, COUNTED, "peering with counts");
DEFINE_MTYPE_STATIC(EROUTED, COUNTS, "counts by community");

/* As many communities as there are values behind an AS: more are nonsense. */
#define COUNTS_MAX 65536

struct counts {
	struct er_count *count;
	size_t n, size;
};

PREDECL_RBTREE_UNIQ(counted_peerings);

struct counted_peering {
	struct counted_peerings_item item;
	struct er_peering_key key;
	struct counts now;
	struct counts next; /* between BEGIN and END */
	bool counting;
};

static int counted_cmp(const struct counted_peering *a, const struct counted_peering *b)
{
	int cmp = strcmp(a->key.circuit, b->key.circuit);

	if (cmp)
		return cmp;
	if (a->key.peering != b->key.peering)
		return numcmp(a->key.peering, b->key.peering);
	return numcmp(a->key.family, b->key.family);
}

DECLARE_RBTREE_UNIQ(counted_peerings, struct counted_peering, item, counted_cmp);

static struct counted_peerings_head counted = INIT_RBTREE_UNIQ(counted);

static struct counted_peering *find(const struct er_peering_key *key)
{
	struct counted_peering find = { .key = *key };

	return counted_peerings_find(&counted, &find);
}

static void counts_free(struct counts *counts)
{
	XFREE(MTYPE_COUNTS, counts->count);
	memset(counts, 0, sizeof(*counts));
}

static void forget(struct counted_peering *peering)
{
	counted_peerings_del(&counted, peering);
	counts_free(&peering->now);
	counts_free(&peering->next);
	XFREE(MTYPE_COUNTED, peering);
}

/*
 * From the channel
 */
void er_counts_begin(const struct er_peering_key *key)
{
	struct counted_peering *peering = find(key);

	if (!peering) {
		if (!er_core_config(er_core, key->circuit))
			return;
		peering = XCALLOC(MTYPE_COUNTED, sizeof(*peering));
		peering->key = *key;
		counted_peerings_add(&counted, peering);
	}
	counts_free(&peering->next);
	peering->counting = true;
}

void er_counts_add(const struct er_wire_count *count)
{
	struct counted_peering *peering = find(&count->peering);
	struct counts *next;

	if (!peering || !peering->counting || peering->next.n == COUNTS_MAX)
		return;

	next = &peering->next;
	if (next->n == next->size) {
		next->size = MAX(2 * next->size, 32);
		next->count = XREALLOC(MTYPE_COUNTS, next->count,
				       next->size * sizeof(*next->count));
	}
	next->count[next->n++] = (struct er_count){
		.community = count->community,
		.allowed = count->allowed,
		.accepted = count->accepted,
		.refused = count->refused,
	};
}

static int count_cmp(const void *a, const void *b)
{
	const struct er_count *x = a, *y = b;

	return numcmp(x->community, y->community);
}

/* Since when a count is what it is: both lists are sorted. */
static void date(struct counts *next, const struct counts *was, int64_t now_wall)
{
	size_t at = 0;

	for (size_t i = 0; i < next->n; i++) {
		struct er_count *count = &next->count[i];
		const struct er_count *old;

		while (at < was->n && was->count[at].community < count->community)
			at++;
		old = at < was->n && was->count[at].community == count->community ? &was->count[at]
										  : NULL;
		count->changed_wall = old && old->accepted == count->accepted &&
						      old->refused == count->refused
					      ? old->changed_wall
					      : now_wall;
	}
}

void er_counts_end(const struct er_peering_key *key)
{
	struct counted_peering *peering = find(key);

	if (!peering || !peering->counting)
		return;

	peering->counting = false;
	if (peering->next.n)
		qsort(peering->next.count, peering->next.n, sizeof(struct er_count), count_cmp);
	date(&peering->next, &peering->now, er_now().wall_s);
	counts_free(&peering->now);
	peering->now = peering->next;
	memset(&peering->next, 0, sizeof(peering->next));
}

void er_counts_forget(bool all)
{
	struct counted_peering *peering;

	frr_each_safe (counted_peerings, &counted, peering)
		if (all || !er_core_config(er_core, peering->key.circuit))
			forget(peering);
}

/*
 * For readers
 */
const struct er_count *er_counts(const struct er_peering_key *key, size_t *n)
{
	const struct counted_peering *peering = find(key);

	*n = peering ? peering->now.n : 0;
	return *n ? peering->now.count : NULL;
}

int er_counts_foreach(int (*cb)(const struct er_peering_key *key, const struct er_count *count,
				size_t n, void *arg),
		      void *arg)
{
	struct counted_peering *peering;
	int ret;

	frr_each (counted_peerings, &counted, peering) {
		if (!peering->now.n)
			continue;
		ret = cb(&peering->key, peering->now.count, peering->now.n, arg);
		if (ret)
			return ret;
	}
	return 0;
}

void er_counts_fini(void)
{
	er_counts_forget(true);
	counted_peerings_fini(&counted);
}
