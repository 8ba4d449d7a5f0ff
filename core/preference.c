// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Local-preference of a healthy route: see ER_LOCAL_PREF_BASE.
 */
#include <zebra.h>

#include "core/core.h"
#include "core/limits.h"
#include "core/plan.h"

uint32_t er_local_pref(const struct er_circuit_config *config, enum er_role role)
{
	uint32_t pref = ER_LOCAL_PREF_BASE + ER_LOCAL_PREF_STEP * config->preference;

	if (er_plan_is_passive(config, role))
		pref -= ER_LOCAL_PREF_PASSIVE;
	return pref;
}
