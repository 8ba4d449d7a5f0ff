// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A VPN backup as mgmtd's running configuration has it -> er_vpn_config.
 */
#include <zebra.h>

#include "memory.h"
#include "northbound.h"
#include "vrf.h"

#include "core/text.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, VPN_PREFIXES, "prefixes of a VPN backup");

static const char *word(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	return node ? yang_dnode_get_string(node, NULL) : "";
}

static void get_address(const struct lyd_node *parent, const char *name, struct ipaddr *address)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	if (node)
		yang_dnode_get_ip(address, node, NULL);
}

static void read_gateway(const struct lyd_node *node, struct er_gateway_config *gateway)
{
	gateway->configured = true;
	er_nb_get_bool(node, "shutdown", &gateway->shutdown);
	er_nb_get_string(node, "address", gateway->address, sizeof(gateway->address));
	er_nb_get_string(node, "interface", gateway->ifname, sizeof(gateway->ifname));
	get_address(node, "ipv4-neighbor", &gateway->neighbor[ER_IPV4]);
	get_address(node, "ipv6-neighbor", &gateway->neighbor[ER_IPV6]);
	get_address(node, "ipv4-local-address", &gateway->local[ER_IPV4]);
	get_address(node, "ipv6-local-address", &gateway->local[ER_IPV6]);
	get_address(node, "ipv4-probe", &gateway->probe[ER_IPV4]);
	get_address(node, "ipv6-probe", &gateway->probe[ER_IPV6]);
	gateway->remote_as = er_nb_get_number(node, "remote-as");
	gateway->multihop = er_nb_get_number(node, "ebgp-multihop");
}

static void read_pin(const struct lyd_node *node, struct er_vpn_config *config)
{
	er_pin_mode_parse(word(node, "mode"), &config->pin);
	er_nb_get_string(node, "interface", config->pin_ifname, sizeof(config->pin_ifname));
	get_address(node, "ipv4-next-hop", &config->pin_next_hop[ER_IPV4]);
	get_address(node, "ipv6-next-hop", &config->pin_next_hop[ER_IPV6]);
}

static void read_activation(const struct lyd_node *node, struct er_vpn_config *config)
{
	er_activation_parse(word(node, "rule"), &config->activation);
	config->min_links = er_nb_get_number(node, "minimum-links");
	er_nb_get_bool(node, "on-drained", &config->on_drained);
	er_nb_get_bool(node, "on-asymmetric", &config->on_asymmetric);
	er_nb_get_bool(node, "on-quality", &config->on_quality);
}

static void read_container(const struct lyd_node *node, struct er_vpn_config *config)
{
	const char *name = node->schema->name;

	if (!strcmp(name, "timers")) {
		config->keepalive = er_nb_get_number(node, "keepalive");
		config->hold = er_nb_get_number(node, "hold");
	} else if (!strcmp(name, "bfd")) {
		er_nb_read_bfd(node, &config->bfd);
	} else if (!strcmp(name, "advertise")) {
		er_nb_get_bool(node, "more-specifics", &config->advertise_more_specifics);
	} else if (!strcmp(name, "probe")) {
		config->probe_interval_ms = er_nb_get_number(node, "interval");
		config->probe_multiplier = er_nb_get_number(node, "multiplier");
	} else if (!strcmp(name, "pin")) {
		read_pin(node, config);
	} else if (!strcmp(name, "activation")) {
		read_activation(node, config);
	} else if (!strcmp(name, "restore")) {
		config->restore_s = er_nb_get_number(node, "hold");
		config->restore_max_s = er_nb_get_number(node, "maximum");
	}
}

static bool is_prefix_list(const struct lyd_node *node)
{
	return !strcmp(node->schema->name, "ipv4-prefix") ||
	       !strcmp(node->schema->name, "ipv6-prefix");
}

/* Both leaf-lists below a node, the IPv4 ones first: the order of the schema's. */
static struct prefix *read_prefixes(const struct lyd_node *parent, size_t *n)
{
	const struct lyd_node *node;
	struct prefix *prefix;

	*n = 0;
	LY_LIST_FOR (parent ? lyd_child(parent) : NULL, node)
		*n += is_prefix_list(node);
	if (!*n)
		return NULL;

	prefix = XCALLOC(MTYPE_VPN_PREFIXES, *n * sizeof(*prefix));
	*n = 0;
	LY_LIST_FOR (lyd_child(parent), node)
		if (is_prefix_list(node))
			yang_dnode_get_prefix(&prefix[(*n)++], node, NULL);
	return prefix;
}

void er_vpn_config_read(const struct lyd_node *node, struct er_vpn_config *config)
{
	const struct lyd_node *child;

	memset(config, 0, sizeof(*config));
	er_nb_get_string(node, "name", config->name, sizeof(config->name));
	er_nb_get_bool(node, "shutdown", &config->shutdown);
	strlcpy(config->vrf, VRF_DEFAULT_NAME, sizeof(config->vrf));
	er_nb_get_string(node, "vrf", config->vrf, sizeof(config->vrf));
	config->router_as = er_nb_get_number(node, "router-as");
	config->session = strcmp(word(node, "session"), "attached") ? ER_MANAGED : ER_ATTACHED;
	er_nb_get_string(node, "password", config->password, sizeof(config->password));
	er_nb_get_string(node, "route-map-in", config->map_in, sizeof(config->map_in));
	er_nb_get_string(node, "route-map-out", config->map_out, sizeof(config->map_out));
	er_more_specifics_parse(word(node, "more-specifics"), &config->more_specifics);
	config->return_path = strcmp(word(node, "return-path"), "expressroute") != 0;
	config->test_max_age_days = er_nb_get_number(node, "test-interval");

	LY_LIST_FOR (lyd_child(node), child) {
		if (child->schema->nodetype == LYS_CONTAINER)
			read_container(child, config);
		else if (!strcmp(child->schema->name, "gateway"))
			read_gateway(child, &config->gateway[er_nb_get_number(child, "instance")
								     ? ER_SECONDARY
								     : ER_PRIMARY]);
	}
	config->n_circuits = er_nb_get_names(node, "circuit", &config->circuit);
	config->prefix = read_prefixes(node, &config->n_prefixes);
	config->advertise = read_prefixes(er_nb_child(node, "advertise"), &config->n_advertise);
}

void er_vpn_config_fini(struct er_vpn_config *config)
{
	er_nb_free_names(config->circuit);
	XFREE(MTYPE_VPN_PREFIXES, config->prefix);
	XFREE(MTYPE_VPN_PREFIXES, config->advertise);
}
