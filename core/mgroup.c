// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file of its own, so that who needs one small part of core/ is not linked
 * with all of it.
 */
#include <zebra.h>

#include "core/mgroup.h"

DEFINE_MGROUP(ER_CORE, "ExpressRoute rules");
