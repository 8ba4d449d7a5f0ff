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
 * local-preference must not hide it.  Eight copies, Microsoft's own figure,
 * mark it whatever the twin has: both links can be drained at once, and then
 * another circuit must win.
 */
bool er_path_is_drained(unsigned int lead, unsigned int twin_lead)
{
	return lead >= ER_DRAIN_PREPENDS || (twin_lead > 0 && lead > twin_lead);
}
