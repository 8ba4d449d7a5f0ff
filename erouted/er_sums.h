// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the counts of several peerings add up to.
 */
#ifndef ER_SUMS_H
#define ER_SUMS_H

#include "erouted/erouted.h"

bool er_filter_used_by(const char *filter, const struct er_peering_key *key);

/*
 * Of all peerings that use the filter, in the order of communities: what it
 * allows, seen or not, and what else was seen.  er_filter_sums_free() it.
 */
struct er_count *er_filter_sums(const struct er_policy_filter *filter, size_t *n);
void er_filter_sums_free(struct er_count **sums);

/* What inbound policy refuses now, of both links; false: bgpd does not keep it. */
bool er_refused_sum(const struct er_rib_facts *rib, uint32_t *sum);
/* "default-route 2, filter 25000", or "nothing". */
#define ER_REFUSED_LEN (ER_RULES * 32)
void er_refused_text(const uint32_t refused[ER_RULES], char *buf, size_t len);

#endif /* ER_SUMS_H */
