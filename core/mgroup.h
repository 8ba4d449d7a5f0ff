// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory types of core/ belong to one group. */
#ifndef ER_MGROUP_H
#define ER_MGROUP_H

#include "lib/memory.h"

DECLARE_MGROUP(ER_CORE);

#endif /* ER_MGROUP_H */
