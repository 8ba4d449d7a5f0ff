// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is a path drained?
 */
#include <zebra.h>

#include "core/core.h"
#include "core/limits.h"

/*
 * Any copy of 12076 more than the twin's marks the path: what would make BGP
 * choose the twin by AS path length is what Microsoft relies on, and our
 * local-preference must not hide it.  Microsoft's figure of eight is needed
 * only where there is no twin to compare with.
 */
bool er_path_is_drained(unsigned int lead, unsigned int twin_lead)
{
	if (twin_lead > 0)
		return lead > twin_lead;
	return lead >= ER_DRAIN_PREPENDS;
}
