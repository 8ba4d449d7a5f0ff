// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which regions a circuit reaches.  MS: expressroute-faqs: Local, one or two
 * regions in or near the metro, which the operator names; Standard, the regions
 * of its geography; Premium, all.
 */
#ifndef ER_REACH_H
#define ER_REACH_H

#include "core/filter.h"

enum er_reach {
	ER_REACH_YES,
	ER_REACH_NO,
	ER_REACH_UNKNOWN, /* geography or local-region is not configured */
};

/* region: a slug of the catalogue */
enum er_reach er_reach(const struct er_circuit_config *config,
		       const struct er_catalogue *catalogue, const char *region);

/*
 * What an operator should know of a filter on this circuit, in words; returns
 * how many of at most `size` texts were written.  Several regions make one
 * text: "route-filter m365 allows regions that a Standard circuit in Europe
 * does not reach: east-us, west-us".
 */
size_t er_reach_warnings(const struct er_circuit_config *config, const char *filter_name,
			 const struct er_filter *filter, const struct er_catalogue *catalogue,
			 char (*warning)[ER_TEXT_LEN], size_t size);

#endif /* ER_REACH_H */
