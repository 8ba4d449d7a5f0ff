// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A path-probe as mgmtd's running configuration has it -> er_path_config.
 */
#include <zebra.h>

#include "northbound.h"

#include "core/text.h"
#include "erouted/er_paths.h"

static void read_via(const struct lyd_node *via, struct er_path_config *config)
{
	const struct lyd_node *peering = er_nb_child(via, "peering");
	const struct lyd_node *link = er_nb_child(via, "link");
	struct er_path_key *key = &config->key;

	config->has_path = true;
	if (er_nb_child(via, "circuit")) {
		key->kind = ER_PATH_LINK;
		er_nb_get_string(via, "circuit", key->session.circuit,
				 sizeof(key->session.circuit));
		if (peering)
			er_peering_type_parse(lyd_get_value(peering), &key->session.peering);
		if (link)
			er_role_parse(lyd_get_value(link), &key->session.role);
	} else if (er_nb_child(via, "vpn-backup")) {
		key->kind = ER_PATH_VPN;
		er_nb_get_string(via, "vpn-backup", key->session.circuit,
				 sizeof(key->session.circuit));
		key->session.peering = ER_VPN;
		key->session.role = er_nb_get_number(via, "gateway") ? ER_SECONDARY : ER_PRIMARY;
	} else if (er_nb_child(via, "interface")) {
		key->kind = ER_PATH_INTERNET;
		er_nb_get_string(via, "interface", key->ifname, sizeof(key->ifname));
	} else {
		config->has_path = false;
	}
}

static void read_threshold(const struct lyd_node *node, struct er_path_threshold *threshold)
{
	threshold->loss_percent = er_nb_get_number(node, "loss");
	threshold->rtt_us = er_nb_get_number(node, "rtt") * 1000;
	threshold->jitter_us = er_nb_get_number(node, "jitter") * 1000;
}

void er_path_config_read(const struct lyd_node *node, struct er_path_config *config)
{
	const struct lyd_node *target = er_nb_child(node, "target");
	const struct lyd_node *via = er_nb_child(node, "via");
	const struct lyd_node *threshold = er_nb_child(node, "threshold");

	memset(config, 0, sizeof(*config));
	er_nb_get_string(node, "name", config->name, sizeof(config->name));
	config->interval_ms = er_nb_get_number(node, "interval") * 1000;
	config->tcp_port = er_nb_get_number(node, "tcp-port");
	if (via)
		read_via(via, config);
	if (threshold)
		read_threshold(threshold, &config->threshold);
	if (!target)
		return;
	yang_dnode_get_ip(&config->target, target, NULL);
	config->key.session.family = IS_IPADDR_V6(&config->target) ? ER_IPV6 : ER_IPV4;
}
