// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A site or a Global Reach connection as mgmtd's running configuration has it ->
 * er_site_config, er_joint_config.
 */
#include <zebra.h>

#include "memory.h"
#include "northbound.h"

#include "core/text.h"
#include "erouted/er_site.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, SITE_AS, "ASes of a site");
DEFINE_MTYPE_STATIC(EROUTED, SITE_PREFIXES, "prefixes of a site");

static void read_as(const struct lyd_node *node, struct er_site_config *config)
{
	config->as = XREALLOC(MTYPE_SITE_AS, config->as, (config->n_as + 1) * sizeof(*config->as));
	config->as[config->n_as++] = yang_dnode_get_uint32(node, NULL);
}

static void read_prefix(const struct lyd_node *node, struct er_site_config *config)
{
	struct prefix *prefix;

	config->prefix = XREALLOC(MTYPE_SITE_PREFIXES, config->prefix,
				  (config->n_prefixes + 1) * sizeof(*prefix));
	prefix = &config->prefix[config->n_prefixes++];
	memset(prefix, 0, sizeof(*prefix));
	yang_dnode_get_prefix(prefix, node, NULL);
}

void er_site_config_read(const struct lyd_node *node, struct er_site_config *config)
{
	const struct lyd_node *child;

	memset(config, 0, sizeof(*config));
	er_nb_get_string(node, "name", config->name, sizeof(config->name));
	config->n_circuits = er_nb_get_names(node, "circuit", &config->circuit);
	config->maximum_prefixes = er_nb_get_number(node, "maximum-prefixes");
	er_nb_get_bool(node, "same-as", &config->same_as);
	LY_LIST_FOR (lyd_child(node), child) {
		if (!strcmp(child->schema->name, "as"))
			read_as(child, config);
		else if (!strcmp(child->schema->name, "prefix"))
			read_prefix(child, config);
		else if (!strcmp(child->schema->name, "preference"))
			er_site_preference_parse(lyd_get_value(child), &config->preference);
	}
}

void er_site_config_fini(struct er_site_config *config)
{
	XFREE(MTYPE_SITE_AS, config->as);
	XFREE(MTYPE_SITE_PREFIXES, config->prefix);
	er_nb_free_names(config->circuit);
}

void er_joint_config_read(const struct lyd_node *node, struct er_joint_config *config)
{
	const struct lyd_node *subnet = er_nb_child(node, "ipv4-subnet");

	memset(config, 0, sizeof(*config));
	er_nb_get_string(node, "name", config->name, sizeof(config->name));
	er_nb_get_bool(node, "shutdown", &config->shutdown);
	er_nb_get_string(node, "circuit", config->circuit, sizeof(config->circuit));
	er_nb_get_string(node, "remote-circuit", config->remote_circuit,
			 sizeof(config->remote_circuit));
	config->n_sites = er_nb_get_names(node, "site", &config->site);
	if (subnet)
		yang_dnode_get_prefix(&config->ipv4_subnet, subnet, NULL);
}

void er_joint_config_fini(struct er_joint_config *config)
{
	er_nb_free_names(config->site);
}
