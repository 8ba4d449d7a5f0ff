// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard of a limit.
 *
 * Entries have a rank: higher priority first, then who was offered first.  They
 * stand in one of two trees in that order, and at all times no held entry ranks
 * before an admitted one, nor is any held while there is room.  So each call
 * moves the border between the trees by a step or two, in O(log n); only a
 * change of the limit moves more.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/typesafe.h"

#include "core/admission.h"
#include "core/mgroup.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_ADMISSION, "ExpressRoute admission");
DEFINE_MTYPE_STATIC(ER_CORE, ER_ADMISSION_ENTRY, "ExpressRoute offered prefix");

PREDECL_HASH(er_offers);
PREDECL_RBTREE_UNIQ(er_ranks);

struct er_offer {
	struct er_offers_item by_prefix;
	struct er_ranks_item by_rank; /* in admitted or held */
	struct prefix prefix;
	uint64_t offered; /* its number since the start */
	uint8_t priority;
	enum er_admitted is;
};

static int cmp_prefix(const struct er_offer *a, const struct er_offer *b)
{
	return prefix_cmp(&a->prefix, &b->prefix);
}

/* Asked for each prefix of a table, nearly all of which were never offered. */
static uint32_t hash_prefix(const struct er_offer *o)
{
	const struct prefix *p = &o->prefix;
	const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = (uint64_t)p->u.val32[0] << 8 | p->prefixlen;

	if (p->family == AF_INET6) {
		hash = (hash ^ p->u.val32[1]) * golden;
		hash = (hash ^ p->u.val32[2]) * golden ^ p->u.val32[3];
	}
	return hash * golden >> 32;
}

/* < 0: a goes before b */
static int cmp_rank(const struct er_offer *a, const struct er_offer *b)
{
	if (a->priority != b->priority)
		return numcmp(b->priority, a->priority);
	return numcmp(a->offered, b->offered);
}

DECLARE_HASH(er_offers, struct er_offer, by_prefix, cmp_prefix, hash_prefix);
DECLARE_RBTREE_UNIQ(er_ranks, struct er_offer, by_rank, cmp_rank);

struct er_admission {
	uint32_t limit;
	uint64_t offers;
	er_admission_cb cb;
	void *arg;
	struct er_offers_head all;
	struct er_ranks_head admitted, held;
};

struct er_admission *er_admission_new(uint32_t limit, er_admission_cb cb, void *arg)
{
	struct er_admission *a = XCALLOC(MTYPE_ER_ADMISSION, sizeof(*a));

	a->limit = limit;
	a->cb = cb;
	a->arg = arg;
	er_offers_init(&a->all);
	er_ranks_init(&a->admitted);
	er_ranks_init(&a->held);
	return a;
}

void er_admission_free(struct er_admission **admission)
{
	struct er_admission *a = *admission;
	struct er_offer *o;

	if (!a)
		return;
	while (er_ranks_pop(&a->admitted))
		;
	while (er_ranks_pop(&a->held))
		;
	while ((o = er_offers_pop(&a->all)))
		XFREE(MTYPE_ER_ADMISSION_ENTRY, o);
	er_ranks_fini(&a->admitted);
	er_ranks_fini(&a->held);
	er_offers_fini(&a->all);
	XFREE(MTYPE_ER_ADMISSION, *admission);
}

static struct er_ranks_head *tree_of(struct er_admission *a, const struct er_offer *o)
{
	return o->is == ER_ADMITTED ? &a->admitted : &a->held;
}

static void move(struct er_admission *a, struct er_offer *o, enum er_admitted to)
{
	er_ranks_del(tree_of(a, o), o);
	o->is = to;
	er_ranks_add(tree_of(a, o), o);
	a->cb(&o->prefix, to, a->arg);
}

static bool has_room(const struct er_admission *a)
{
	return er_ranks_count(&a->admitted) < a->limit;
}

static bool is_over(const struct er_admission *a)
{
	return er_ranks_count(&a->admitted) > a->limit;
}

/* Restore what the opening comment promises; who must go goes first. */
static void settle(struct er_admission *a)
{
	struct er_offer *last, *next;

	while (is_over(a))
		move(a, er_ranks_last(&a->admitted), ER_HELD);
	while ((next = er_ranks_first(&a->held))) {
		if (!has_room(a)) {
			last = er_ranks_last(&a->admitted);
			if (!last || cmp_rank(last, next) < 0)
				return;
			move(a, last, ER_HELD);
		}
		move(a, next, ER_ADMITTED);
	}
}

static struct er_offer *offer_find(const struct er_admission *a, const struct prefix *prefix)
{
	struct er_offer ref;

	memset(&ref, 0, sizeof(ref));
	ref.prefix = *prefix;
	/* the search changes nothing */
	return er_offers_find((struct er_offers_head *)&a->all, &ref);
}

static enum er_admitted offer_new(struct er_admission *a, const struct prefix *prefix,
				  uint8_t priority)
{
	struct er_offer *o = XCALLOC(MTYPE_ER_ADMISSION_ENTRY, sizeof(*o));

	o->prefix = *prefix;
	o->priority = priority;
	o->offered = ++a->offers;
	o->is = ER_HELD;
	er_offers_add(&a->all, o);
	er_ranks_add(&a->held, o);
	settle(a);
	if (o->is == ER_HELD) /* nobody has told yet */
		a->cb(&o->prefix, ER_HELD, a->arg);
	return o->is;
}

enum er_admitted er_admission_offer(struct er_admission *a, const struct prefix *prefix,
				    uint8_t priority)
{
	struct er_offer *o = offer_find(a, prefix);

	if (!o)
		return offer_new(a, prefix, priority);
	if (o->priority == priority)
		return o->is;
	er_ranks_del(tree_of(a, o), o);
	o->priority = priority;
	er_ranks_add(tree_of(a, o), o);
	settle(a);
	return o->is;
}

void er_admission_withdraw(struct er_admission *a, const struct prefix *prefix)
{
	struct er_offer *o = offer_find(a, prefix);

	if (!o)
		return;
	er_ranks_del(tree_of(a, o), o);
	er_offers_del(&a->all, o);
	XFREE(MTYPE_ER_ADMISSION_ENTRY, o);
	settle(a);
}

void er_admission_set_limit(struct er_admission *a, uint32_t limit)
{
	a->limit = limit;
	settle(a);
}

bool er_admission_get(const struct er_admission *a, const struct prefix *prefix,
		      enum er_admitted *is)
{
	const struct er_offer *o = offer_find(a, prefix);

	if (o)
		*is = o->is;
	return o;
}

uint32_t er_admission_admitted(const struct er_admission *a)
{
	return er_ranks_count(&a->admitted);
}

uint32_t er_admission_held(const struct er_admission *a)
{
	return er_ranks_count(&a->held);
}

int er_admission_foreach_held(const struct er_admission *a,
			      int (*cb)(const struct prefix *prefix, uint8_t priority, void *arg),
			      void *arg)
{
	const struct er_offer *o;
	int ret;

	frr_each (er_ranks_const, &a->held, o) {
		ret = cb(&o->prefix, o->priority, arg);
		if (ret)
			return ret;
	}
	return 0;
}

uint8_t er_priority_of(const struct er_priority *priority, size_t n, const struct prefix *prefix)
{
	const struct er_priority *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct prefix *p = &priority[i].prefix;

		if (p->family == prefix->family && prefix_match(p, prefix) &&
		    (!best || p->prefixlen > best->prefix.prefixlen))
			best = &priority[i];
	}
	return best ? best->value : 0;
}
