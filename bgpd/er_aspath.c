// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AS paths behind the leading 12076s.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_aspath.h"

#include "bgpd/er_aspath.h"
#include "core/limits.h"

/* To the next segment that holds anything, when this one is used up. */
static void settle(const struct assegment **segment, unsigned int *at)
{
	while (*segment && *at >= (*segment)->length) {
		*segment = (*segment)->next;
		*at = 0;
	}
}

void er_aspath_split(const struct aspath *path, struct er_aspath_split *split)
{
	split->lead = 0;
	split->segment = path ? path->segments : NULL;
	split->at = 0;

	settle(&split->segment, &split->at);
	while (split->segment && split->segment->type == AS_SEQUENCE &&
	       split->segment->as[split->at] == ER_MICROSOFT_AS) {
		split->lead++;
		split->at++;
		settle(&split->segment, &split->at);
	}
}

bool er_aspath_rest_same(const struct er_aspath_split *a, const struct er_aspath_split *b)
{
	const struct assegment *sa = a->segment, *sb = b->segment;
	unsigned int ia = a->at, ib = b->at;

	while (sa && sb) {
		if (sa == sb && ia == ib)
			return true;
		if (sa->type != sb->type || sa->as[ia] != sb->as[ib])
			return false;
		ia++;
		ib++;
		settle(&sa, &ia);
		settle(&sb, &ib);
	}
	return !sa && !sb;
}
