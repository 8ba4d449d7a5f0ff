// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of VPN backups is kept over a restart: what er_core has decided, the
 * reports of failover tests, and what names resolved to.  er_persist.c has the
 * file.
 */
#include <zebra.h>

#include "lib/json.h"

#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_vpn.h"

#define BACKUPS	 "vpnBackups"
#define GATEWAYS "vpnGateways"

/*
 * Saving
 */
static struct json_object *report_json(const struct er_test_report *report)
{
	struct json_object *json = json_object_new_object();

	json_object_string_add(json, "result", er_test_result_str(report->result));
	json_object_string_add(json, "reason", report->reason);
	json_object_int_add(json, "began", report->began_wall);
	json_object_int_add(json, "passed", report->passed_wall);
	json_object_int_add(json, "duration", report->duration_s);
	json_object_int_add(json, "sent", report->sent);
	json_object_int_add(json, "lost", report->lost);
	json_object_int_add(json, "medianRoundTrip", report->rtt_us);
	json_object_int_add(json, "moved", report->moved_ms);
	json_object_int_add(json, "expressroute", report->rib.expressroute);
	json_object_int_add(json, "uncovered", report->rib.uncovered);
	json_object_int_add(json, "moreSpecific", report->rib.more_specific);
	return json;
}

static void save_backup(const struct er_vpn_memory *memory, void *arg)
{
	struct json_object *json = json_object_new_object();
	struct json_object *unusable = json_object_new_array();

	json_object_string_add(json, "vpnBackup", memory->key.circuit);
	json_object_string_add(json, "family", er_family_str(memory->key.family));
	json_object_boolean_add(json, "active", memory->active);
	json_object_string_add(json, "cause", er_vpn_cause_str(memory->cause));
	json_object_boolean_add(json, "switched", memory->switched);
	json_object_boolean_add(json, "available", memory->available);
	json_object_boolean_add(json, "asked", memory->asked);
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		json_object_array_add(unusable, json_object_new_boolean(memory->unusable[r]));
	json_object_object_add(json, "unusable", unusable);
	json_object_int_add(json, "until", memory->until_wall);
	json_object_int_add(json, "limit", memory->limit_s);
	json_object_int_add(json, "hold", memory->hold_s);
	json_object_object_add(json, "test", report_json(&memory->report));
	json_object_array_add(arg, json);
}

static void save_gateway(const struct er_gateway_key *key, const char *name,
			 const struct ipaddr *address, size_t n, void *arg)
{
	struct json_object *json = json_object_new_object();
	struct json_object *addresses = json_object_new_array();
	char buf[IPADDR_STRING_SIZE];

	json_object_string_add(json, "vpnBackup", key->vpn);
	json_object_int_add(json, "gateway", key->instance);
	json_object_string_add(json, "name", name);
	for (size_t i = 0; i < n; i++) {
		snprintfrr(buf, sizeof(buf), "%pIA", &address[i]);
		json_object_array_add(addresses, json_object_new_string(buf));
	}
	json_object_object_add(json, "addresses", addresses);
	json_object_array_add(arg, json);
}

void er_vpn_save(struct json_object *json)
{
	struct json_object *backups = json_object_new_array();
	struct json_object *gateways = json_object_new_array();

	er_vpn_remember(er_core, er_now(), save_backup, backups);
	er_resolve_remember(save_gateway, gateways);
	json_object_object_add(json, BACKUPS, backups);
	json_object_object_add(json, GATEWAYS, gateways);
}

/*
 * Loading
 */
/* A file of before it was kept has none. */
static bool get_limit(struct json_object *json, uint32_t *limit_s)
{
	*limit_s = ER_VPN_SWITCHOVER_MAX_S;
	return !json_object_object_get_ex(json, "limit", NULL) ||
	       er_persist_u32(json, "limit", limit_s);
}

static bool load_report(struct json_object *json, struct er_test_report *report)
{
	const char *result, *reason;

	if (!json_object_is_type(json, json_type_object) ||
	    !er_persist_string(json, "result", &result) ||
	    !er_persist_string(json, "reason", &reason) ||
	    !er_test_result_parse(result, &report->result))
		return false;
	strlcpy(report->reason, reason, sizeof(report->reason));
	return er_persist_moment(json, "began", &report->began_wall) &&
	       er_persist_moment(json, "passed", &report->passed_wall) &&
	       er_persist_u32(json, "duration", &report->duration_s) &&
	       er_persist_u32(json, "sent", &report->sent) &&
	       er_persist_u32(json, "lost", &report->lost) &&
	       er_persist_u32(json, "medianRoundTrip", &report->rtt_us) &&
	       er_persist_u32(json, "moved", &report->moved_ms) &&
	       er_persist_u32(json, "expressroute", &report->rib.expressroute) &&
	       er_persist_u32(json, "uncovered", &report->rib.uncovered) &&
	       er_persist_u32(json, "moreSpecific", &report->rib.more_specific);
}

static bool load_unusable(struct json_object *json, bool unusable[ER_ROLES])
{
	struct json_object *list;

	if (!json_object_object_get_ex(json, "unusable", &list) ||
	    !json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) != ER_ROLES)
		return false;
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++)
		unusable[r] = json_object_get_boolean(json_object_array_get_idx(list, r));
	return true;
}

static bool load_backup(struct json_object *json)
{
	struct er_vpn_memory memory = { .key.peering = ER_VPN };
	struct json_object *report;
	const char *cause;

	if (!er_persist_name(json, "vpnBackup", memory.key.circuit) || !memory.key.circuit[0] ||
	    !er_persist_family(json, &memory.key.family) ||
	    !er_persist_string(json, "cause", &cause) ||
	    !er_vpn_cause_parse(cause, &memory.cause) ||
	    !json_object_object_get_ex(json, "test", &report))
		return false;
	if (!er_persist_bool(json, "active", &memory.active) ||
	    !er_persist_bool(json, "switched", &memory.switched) ||
	    !er_persist_bool(json, "available", &memory.available) ||
	    !er_persist_bool(json, "asked", &memory.asked) ||
	    !load_unusable(json, memory.unusable) ||
	    !er_persist_moment(json, "until", &memory.until_wall) ||
	    !get_limit(json, &memory.limit_s) || !er_persist_u32(json, "hold", &memory.hold_s) ||
	    !load_report(report, &memory.report))
		return false;
	er_vpn_restore(er_core, &memory, er_now());
	return true;
}

static bool load_gateway(struct json_object *json)
{
	struct ipaddr address[ER_ADDRESSES];
	struct json_object *list, *text;
	const char *vpn, *name;
	uint32_t instance;
	size_t n;

	if (!er_persist_string(json, "vpnBackup", &vpn) ||
	    !er_persist_string(json, "name", &name) ||
	    !er_persist_u32(json, "gateway", &instance) ||
	    !json_object_object_get_ex(json, "addresses", &list) ||
	    !json_object_is_type(list, json_type_array))
		return false;
	n = json_object_array_length(list);
	if (!vpn[0] || strlen(vpn) >= ER_NAME_LEN || !name[0] || strlen(name) >= ER_HOST_LEN ||
	    instance >= ER_ROLES || n > ER_ADDRESSES)
		return false;
	for (size_t i = 0; i < n; i++) {
		text = json_object_array_get_idx(list, i);
		if (!json_object_is_type(text, json_type_string) ||
		    str2ipaddr(json_object_get_string(text), &address[i]))
			return false;
	}
	er_resolve_restore(vpn, instance, name, address, n);
	return true;
}

void er_vpn_load(struct json_object *json)
{
	er_persist_list(json, BACKUPS, load_backup);
	er_persist_list(json, GATEWAYS, load_gateway);
}
