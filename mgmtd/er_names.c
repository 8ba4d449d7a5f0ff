// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of services, regions, communities, circuits and sites, as a person types
 * them.
 */

#include <zebra.h>
#include "compat.h"

#include "command.h"
#include "libfrr.h"
#include "memory.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vector.h"
#include "yang.h"

#include "catalogue/er_catalogue_file.h"
#include "mgmtd/er_mgmt.h"
#include "yang/er_xpath.h"

/* what to look at when nothing is near */
#define ER_LIST_OF_NAMES "'show expressroute communities' lists all."

/*
 * The catalogue to check names against; NULL when they are to be taken as they
 * are, because nobody is there to correct them, or because there is none.
 */
static const struct er_catalogue *er_catalogue_for(const struct vty *vty)
{
	return er_cli_reading_file(vty) ? NULL : er_catalogue_current(NULL, 0);
}

/* near: the names that may be meant, or "" and it is `otherwise` that helps */
static void er_refuse_unknown(struct vty *vty, const char *path, const char *what,
			      const char *name, const char *near, const char *otherwise)
{
	char rule[ER_TEXT_LEN + 128];

	if (near[0])
		snprintf(rule, sizeof(rule), "%s. Near: %s.", what, near);
	else
		snprintf(rule, sizeof(rule), "%s: %s", what, otherwise);
	er_cli_refuse(vty, path, name, rule);
}

static bool er_name_ok(struct vty *vty, const char *path, const char *what,
		       enum er_catalogue_names which, const char *name)
{
	const struct er_catalogue *catalogue = er_catalogue_for(vty);
	char near[ER_TEXT_LEN];

	if (!er_cli_value_ok(vty, path, name))
		return false;
	if (!catalogue || er_catalogue_has(catalogue, which, name))
		return true;
	er_catalogue_near(catalogue, which, name, near, sizeof(near));
	er_refuse_unknown(vty, path, what, name, near, ER_LIST_OF_NAMES);
	return false;
}

bool er_names_service_ok(struct vty *vty, const char *path, const char *service)
{
	return er_name_ok(vty, path, "There is no such service", ER_NAMES_SERVICE, service);
}

bool er_names_region_ok(struct vty *vty, const char *path, const char *region)
{
	return er_name_ok(vty, path, "There is no such region", ER_NAMES_REGION, region);
}

static bool er_is_in_region(const struct er_catalogue *catalogue, const char *service,
			    const char *region)
{
	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *entry = er_catalogue_at(catalogue, i);

		if (er_entry_of_service(entry, service) && er_entry_of_region(entry, region))
			return true;
	}
	return false;
}

bool er_names_service_in_region_ok(struct vty *vty, const char *service, const char *region)
{
	const struct er_catalogue *catalogue = er_catalogue_for(vty);
	char rule[BUFSIZ];

	if (!er_names_service_ok(vty, "./service-in-region/service", service) ||
	    !er_names_region_ok(vty, "./service-in-region/region", region))
		return false;
	if (!catalogue || er_is_in_region(catalogue, service, region))
		return true;
	snprintf(rule, sizeof(rule),
		 "Microsoft has no community for it in %s: 'show expressroute communities service %s' lists those it has.",
		 region, service);
	er_cli_refuse(vty, "./service-in-region/service", service, rule);
	return false;
}

bool er_names_own_ok(struct vty *vty, const char *path, const char *name)
{
	const struct er_catalogue *catalogue = er_catalogue_for(vty);

	if (!er_cli_value_ok(vty, path, name))
		return false;
	if (!catalogue || !er_catalogue_has(catalogue, ER_NAMES_REGION, name))
		return true;
	er_cli_refuse(vty, path, name,
		      "Microsoft has a region of this name: choose another for yours.");
	return false;
}

/* an operator's own name of a community */
static bool er_is_own(const struct vty *vty, const char *name)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), ER_XPATH_COMMUNITY_FMT, name);
	return yang_dnode_exists(vty->candidate_config->dnode, xpath);
}

/*
 * Which of the operator's own names, at `xpath`, and of the catalogue's regions
 * may be meant.
 */
static void er_near_own(const struct vty *vty, const char *xpath,
			const struct er_catalogue *regions, const char *typed, char *near,
			size_t size)
{
	size_t n = er_catalogue_names(regions, ER_NAMES_REGION, NULL, 0);
	struct ly_set *own = NULL;
	const char **names;

	lyd_find_xpath(vty->candidate_config->dnode, xpath, &own);
	names = XCALLOC(MTYPE_TMP, (n + (own ? own->count : 0) + 1) * sizeof(*names));
	n = er_catalogue_names(regions, ER_NAMES_REGION, names, n);
	for (uint32_t i = 0; own && i < own->count; i++)
		names[n++] = lyd_get_value(own->dnodes[i]);
	er_names_near(names, n, typed, near, size);
	XFREE(MTYPE_TMP, names);
	ly_set_free(own, NULL);
}

bool er_names_community_ok(struct vty *vty, const char *path, const char *community)
{
	char near[ER_TEXT_LEN];

	if (!er_cli_value_ok(vty, path, community))
		return false;
	if (er_cli_reading_file(vty) || strchr(community, ':') || er_is_own(vty, community))
		return true;
	er_near_own(vty, ER_XPATH_COMMUNITY_NAME, NULL, community, near, sizeof(near));
	er_refuse_unknown(vty, path, "You have no name like this", community, near,
			  "'community NAME value AA:NN' makes one.");
	return false;
}

bool er_names_target_ok(struct vty *vty, const char *path, const char *target)
{
	const struct er_catalogue *catalogue = er_catalogue_for(vty);
	char near[ER_TEXT_LEN];

	if (!er_cli_value_ok(vty, path, target))
		return false;
	if (!catalogue || strchr(target, ':') || er_is_own(vty, target) ||
	    er_catalogue_has(catalogue, ER_NAMES_REGION, target))
		return true;
	er_near_own(vty, ER_XPATH_COMMUNITY_NAME, catalogue, target, near, sizeof(near));
	er_refuse_unknown(vty, path, "There is no such region, nor a name of your own", target,
			  near, ER_LIST_OF_NAMES);
	return false;
}

/* an entry of a top-level list, whose names are at `xpath` */
static bool er_entry_ok(struct vty *vty, const char *path, const char *list, const char *xpath,
			const char *name)
{
	char entry[XPATH_MAXLEN], what[64], otherwise[128], near[ER_TEXT_LEN];

	if (!er_cli_value_ok(vty, path, name))
		return false;
	snprintf(entry, sizeof(entry), "%s[.='%s']", xpath, name);
	if (er_cli_reading_file(vty) || yang_dnode_exists(vty->candidate_config->dnode, entry))
		return true;
	er_near_own(vty, xpath, NULL, name, near, sizeof(near));
	snprintf(what, sizeof(what), "There is no such %s", list);
	snprintf(otherwise, sizeof(otherwise),
		 "'%s NAME' directly under 'expressroute' makes one.", list);
	er_refuse_unknown(vty, path, what, name, near, otherwise);
	return false;
}

bool er_names_circuit_ok(struct vty *vty, const char *path, const char *circuit)
{
	return er_entry_ok(vty, path, "circuit", ER_XPATH_CIRCUIT_NAME, circuit);
}

bool er_names_site_ok(struct vty *vty, const char *path, const char *site)
{
	return er_entry_ok(vty, path, "site", ER_XPATH_SITE_NAME, site);
}

bool er_names_vpn_ok(struct vty *vty, const char *path, const char *vpn)
{
	return er_entry_ok(vty, path, "vpn-backup", ER_XPATH_VPN_NAME, vpn);
}

/*
 * TAB.  vtysh asks every daemon and takes each answer once.
 */
static void er_complete(vector comps, enum er_catalogue_names which)
{
	const struct er_catalogue *catalogue = er_catalogue_current(NULL, 0);
	size_t n = er_catalogue_names(catalogue, which, NULL, 0);
	const char **names;

	if (!n)
		return;
	names = XCALLOC(MTYPE_TMP, n * sizeof(*names));
	n = er_catalogue_names(catalogue, which, names, n);
	for (size_t i = 0; i < n; i++)
		vector_set(comps, XSTRDUP(MTYPE_COMPLETION, names[i]));
	XFREE(MTYPE_TMP, names);
}

static void er_complete_service(vector comps, struct cmd_token *token)
{
	er_complete(comps, ER_NAMES_SERVICE);
}

static void er_complete_region(vector comps, struct cmd_token *token)
{
	er_complete(comps, ER_NAMES_REGION);
}

/* names of the operator's, which stand in the configuration */
static int er_complete_one(const struct lyd_node *dnode, void *comps)
{
	vector_set(comps, XSTRDUP(MTYPE_COMPLETION, lyd_get_value(dnode)));
	return YANG_ITER_CONTINUE;
}

static void er_complete_own(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_COMMUNITY_NAME);
}

static void er_complete_filter(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_FILTER_NAME);
}

static void er_complete_circuit(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_CIRCUIT_NAME);
}

static void er_complete_vpn(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_VPN_NAME);
}

static void er_complete_site(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_SITE_NAME);
}

static void er_complete_joint(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_JOINT_NAME);
}

static void er_complete_probe(vector comps, struct cmd_token *token)
{
	yang_dnode_iterate(er_complete_one, comps, running_config->dnode, ER_XPATH_PROBE_NAME);
}

static const struct cmd_variable_handler er_handlers[] = {
	{ .varname = "er_service", .completions = er_complete_service },
	{ .varname = "er_region", .completions = er_complete_region },
	{ .varname = "er_community", .completions = er_complete_own },
	{ .varname = "er_filter", .completions = er_complete_filter },
	{ .varname = "er_circuit", .completions = er_complete_circuit },
	{ .varname = "er_vpn", .completions = er_complete_vpn },
	{ .varname = "er_site", .completions = er_complete_site },
	{ .varname = "er_joint", .completions = er_complete_joint },
	{ .varname = "er_probe", .completions = er_complete_probe },
	{ .completions = NULL },
};

static int er_names_fini(void)
{
	er_catalogue_fini();
	return 0;
}

void er_names_init(void)
{
	er_catalogue_init(NULL, NULL);
	hook_register(frr_fini, er_names_fini);
	cmd_variable_handler_register(er_handlers);
}
