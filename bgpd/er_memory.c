// SPDX-License-Identifier: GPL-2.0-or-later
#include <zebra.h>
#include "compat.h"

#include "bgpd/er_memory.h"

DEFINE_MGROUP(ER_BGP, "ExpressRoute in bgpd");
