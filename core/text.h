// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Enums in words, the same in YANG, JSON and on the screen, and reasons as
 * sentences.  The strings are constant.
 */
#ifndef ER_TEXT_H
#define ER_TEXT_H

#include "core/core.h"

const char *er_peering_type_str(enum er_peering_type v);
const char *er_role_str(enum er_role v);
const char *er_family_str(enum er_family v);
const char *er_redundancy_str(enum er_redundancy v);
const char *er_health_str(enum er_health v);
const char *er_unprotected_str(enum er_unprotected v);
const char *er_session_state_str(enum er_session_state v);
const char *er_bfd_state_str(enum er_bfd_state v);
const char *er_if_state_str(enum er_if_state v);
const char *er_session_mode_str(enum er_session_mode v);
const char *er_redundancy_mode_str(enum er_redundancy_mode v);
const char *er_notice_type_str(enum er_notice_type v); /* the YANG notification */
const char *er_reason_str(enum er_reason v);
const char *er_sku_str(enum er_sku v);
const char *er_direction_str(enum er_direction v);
const char *er_limit_level_str(enum er_limit_level v);
const char *er_rule_str(enum er_rule v);
const char *er_vpn_state_str(enum er_vpn_state v);
const char *er_vpn_cause_str(enum er_vpn_cause v);
const char *er_gateway_health_str(enum er_gateway_health v);
const char *er_probe_state_str(enum er_probe_state v);
const char *er_test_result_str(enum er_test_result v);
const char *er_activation_str(enum er_activation v);
const char *er_more_specifics_str(enum er_more_specifics v);
const char *er_pin_mode_str(enum er_pin_mode v);
const char *er_site_preference_str(enum er_site_preference v);
const char *er_undeclared_str(enum er_undeclared v);
const char *er_joint_state_str(enum er_joint_state v);
const char *er_audit_rule_str(enum er_audit_rule v);
const char *er_found_str(enum er_found v);
const char *er_quality_str(enum er_quality v);
const char *er_path_kind_str(enum er_path_kind v);
const char *er_own_phase_str(enum er_own_phase v);

/* The inverse, for configuration; false: no such word. */
bool er_peering_type_parse(const char *s, enum er_peering_type *v);
bool er_role_parse(const char *s, enum er_role *v);
bool er_family_parse(const char *s, enum er_family *v);
bool er_joint_state_parse(const char *s, enum er_joint_state *v);
bool er_redundancy_parse(const char *s, enum er_redundancy *v);
bool er_sku_parse(const char *s, enum er_sku *v);
bool er_direction_parse(const char *s, enum er_direction *v);
bool er_limit_level_parse(const char *s, enum er_limit_level *v);
bool er_rule_parse(const char *s, enum er_rule *v);
bool er_vpn_cause_parse(const char *s, enum er_vpn_cause *v);
bool er_test_result_parse(const char *s, enum er_test_result *v);
bool er_activation_parse(const char *s, enum er_activation *v);
bool er_more_specifics_parse(const char *s, enum er_more_specifics *v);
bool er_pin_mode_parse(const char *s, enum er_pin_mode *v);
bool er_site_preference_parse(const char *s, enum er_site_preference *v);
bool er_undeclared_parse(const char *s, enum er_undeclared *v);
bool er_own_phase_parse(const char *s, enum er_own_phase *v);

/* What a rule found of a route: "its first AS is not 12076". */
const char *er_rule_reason(enum er_rule rule);

/* Why the link is not up, "" when it is: "session not established (BFD down)". */
void er_link_reason(const struct er_session_view *link, char *buf, size_t len);

/* "primary: session lost (BFD down)" and the like into buf. */
void er_assessment_reason(const struct er_assessment *a,
			  const struct er_session_view link[ER_ROLES], char *buf, size_t len);

/* "1 prefix", "2 prefixes": the noun only. */
static inline const char *er_plural(uint32_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static inline const char *er_prefixes(uint32_t n)
{
	return er_plural(n, "prefix", "prefixes");
}

#endif /* ER_TEXT_H */
