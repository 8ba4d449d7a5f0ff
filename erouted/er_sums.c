// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the counts of several peerings add up to: a route-filter is one object,
 * however many peerings use it.
 */
#include <zebra.h>

#include "memory.h"

#include "core/text.h"
#include "erouted/er_sums.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, SUMS, "sums of a route-filter");

bool er_filter_used_by(const char *filter, const struct er_peering_key *key)
{
	const struct er_circuit_config *config = er_core_config(er_core, key->circuit);

	return config && !strcmp(config->peering[key->peering].route_filter, filter);
}

struct gather {
	const struct er_policy_filter *filter;
	struct er_count *count;
	size_t n, size;
};

static void gather_one(struct gather *gather, const struct er_count *count)
{
	if (gather->n == gather->size) {
		gather->size = MAX(2 * gather->size, 64);
		gather->count = XREALLOC(MTYPE_SUMS, gather->count,
					 gather->size * sizeof(struct er_count));
	}
	gather->count[gather->n++] = *count;
}

static int gather_peering(const struct er_peering_key *key, const struct er_count *count, size_t n,
			  void *arg)
{
	struct gather *gather = arg;

	if (er_filter_used_by(gather->filter->config.name, key))
		for (size_t i = 0; i < n; i++)
			gather_one(gather, &count[i]);
	return 0;
}

static int by_community(const void *a, const void *b)
{
	const struct er_count *ca = a, *cb = b;

	return numcmp(ca->community, cb->community);
}

/* Sorted; neighbors of one community become one. */
static void merge(struct gather *gather)
{
	size_t to = 0;

	for (size_t from = 1; from < gather->n; from++) {
		struct er_count *a = &gather->count[to], *b = &gather->count[from];

		if (a->community != b->community) {
			gather->count[++to] = *b;
			continue;
		}
		a->accepted += b->accepted;
		a->refused += b->refused;
		a->changed_wall = MAX(a->changed_wall, b->changed_wall);
	}
	if (gather->n)
		gather->n = to + 1;
}

struct er_count *er_filter_sums(const struct er_policy_filter *filter, size_t *n)
{
	struct gather gather = { .filter = filter };
	struct er_count none = {};

	/* what is allowed is told of, seen or not */
	for (size_t i = 0; i < filter->filter.n; i++) {
		none.community = filter->filter.community[i];
		gather_one(&gather, &none);
	}
	er_counts_foreach(gather_peering, &gather);
	if (gather.n)
		qsort(gather.count, gather.n, sizeof(gather.count[0]), by_community);
	merge(&gather);

	/* as the filter is now: a count may be of a moment before */
	for (size_t i = 0, allowed = 0; i < gather.n; i++) {
		gather.count[i].allowed = allowed < filter->filter.n &&
					  filter->filter.community[allowed] ==
						  gather.count[i].community;
		allowed += gather.count[i].allowed;
	}
	*n = gather.n;
	return gather.count;
}

void er_filter_sums_free(struct er_count **sums)
{
	XFREE(MTYPE_SUMS, *sums);
}

bool er_refused_sum(const struct er_rib_facts *rib, uint32_t *sum)
{
	*sum = 0;
	for (enum er_rule rule = ER_RULE_NONE; rule < ER_RULES; rule++)
		*sum += rib->refused[rule];
	return rib->refused_known;
}

void er_refused_text(const uint32_t refused[ER_RULES], char *buf, size_t len)
{
	size_t at = 0;

	strlcpy(buf, "nothing", len);
	for (enum er_rule rule = ER_RULE_NONE; rule < ER_RULES && at < len; rule++)
		if (refused[rule])
			at += snprintf(buf + at, len - at, "%s%s %u", at ? ", " : "",
				       er_rule_str(rule), refused[rule]);
}
