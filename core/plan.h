// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the configuration says of sessions; er_plan_session() and
 * er_plan_peering() are in core.h.
 */
#ifndef ER_PLAN_H
#define ER_PLAN_H

#include "core/core.h"

/* The link has a subnet in this family, shut down or not. */
bool er_plan_has_subnet(const struct er_circuit_config *config, enum er_peering_type peering,
			enum er_role role, enum er_family family);

/* The link ends on a partner, and the other one has a subnet in this family. */
bool er_plan_has_partner(const struct er_circuit_config *config, enum er_peering_type peering,
			 enum er_role role, enum er_family family);

/* The operator has shut down the circuit, the peering or the link. */
bool er_plan_is_shut(const struct er_circuit_config *config, enum er_peering_type peering,
		     enum er_role role);

/* The link that is to carry nothing while the active one does. */
bool er_plan_is_passive(const struct er_circuit_config *config, enum er_role role);

/* The link runs a session in this family: here, or on the partner. */
bool er_plan_runs(const struct er_circuit_config *config, enum er_peering_type peering,
		  enum er_role role, enum er_family family);

/* ... here. */
bool er_plan_runs_here(const struct er_circuit_config *config, enum er_peering_type peering,
		       enum er_role role, enum er_family family);

/* The peering is configured in this family: on one link at least. */
bool er_plan_tracks(const struct er_circuit_config *config, enum er_peering_type peering,
		    enum er_family family);

/*
 * As er_plan_session(), for a session that is shut down as well: false only
 * when the link has neither a subnet in this family nor a partner for it.
 */
bool er_plan_describe(const struct er_circuit_config *config, enum er_peering_type peering,
		      enum er_role role, enum er_family family, struct er_session_spec *spec);

/*
 * Prefixes that may be advertised: what Microsoft takes, or the operator's own
 * limit when that is less.  0: no limit.
 */
uint32_t er_plan_limit(const struct er_circuit_config *config, enum er_peering_type peering,
		       enum er_family family);

/* One and the same BGP session, though its settings may differ. */
bool er_plan_same_session(const struct er_session_spec *a, const struct er_session_spec *b);

#endif /* ER_PLAN_H */
