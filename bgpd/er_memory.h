// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group under which `show memory` lists what this module allocates.
 */
#ifndef ER_MEMORY_H
#define ER_MEMORY_H

#include "memory.h"

DECLARE_MGROUP(ER_BGP);

#endif /* ER_MEMORY_H */
