// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What bgpd's module is asked for, message by message: the set that er_channel.c
 * sends, whole, when it differs from what was sent last.
 */
#include <zebra.h>

#include "erouted/erouted.h"

/* Whoever gathers the messages. */
struct er_set {
	void (*add)(const struct er_wire_msg *msg, void *arg);
	void *arg;
};

/*
 * The set, in the order of er_wire.h: what each of the circuits is asked for,
 * pass by pass, then what belongs to none.
 */
static void add_sessions(const struct er_set *set, const struct er_circuit_config *config,
			 enum er_peering_type type)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SESSION };

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			if (er_plan_session(config, type, role, family, &msg.session)) {
				er_own_plan(er_core, &msg.session);
				set->add(&msg, set->arg);
			}
}

static void add_peerings(const struct er_set *set, const struct er_circuit_config *config,
			 enum er_peering_type type)
{
	struct er_wire_msg msg = { .type = ER_WIRE_PEERING };

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		if (er_plan_peering(er_core, config, type, family, &msg.peering))
			set->add(&msg, set->arg);
}

/* The peering that a prefix belongs to; false: it runs no session there. */
static bool peering_of(const struct er_circuit_config *config, enum er_peering_type type,
		       const struct prefix *prefix, struct er_peering_key *key)
{
	enum er_family family = prefix->family == AF_INET ? ER_IPV4 : ER_IPV6;
	struct er_peering_spec spec;

	if (!er_plan_peering(er_core, config, type, family, &spec))
		return false;
	*key = spec.key;
	return true;
}

static void add_advertise(const struct er_set *set, const struct er_circuit_config *config,
			  enum er_peering_type type)
{
	const struct er_peering_config *peering = &config->peering[type];
	struct er_wire_msg msg = { .type = ER_WIRE_ADVERTISE };

	for (size_t i = 0; i < peering->n_advertise; i++) {
		prefix_copy(&msg.advertise.prefix, &peering->advertise[i]);
		if (peering_of(config, type, &msg.advertise.prefix, &msg.advertise.peering))
			set->add(&msg, set->arg);
	}
}

static void add_priorities(const struct er_set *set, const struct er_circuit_config *config,
			   enum er_peering_type type)
{
	const struct er_peering_config *peering = &config->peering[type];
	struct er_wire_msg msg = { .type = ER_WIRE_PRIORITY };

	for (size_t i = 0; i < peering->n_priority; i++) {
		prefix_copy(&msg.priority.prefix, &peering->priority[i].prefix);
		msg.priority.value = peering->priority[i].value;
		if (peering_of(config, type, &msg.priority.prefix, &msg.priority.peering))
			set->add(&msg, set->arg);
	}
}

static int add_filter(const struct er_policy_filter *filter, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_FILTER };
	const struct er_set *set = arg;

	strlcpy(msg.filter.name, filter->config.name, sizeof(msg.filter.name));
	set->add(&msg, set->arg);

	msg.type = ER_WIRE_ALLOW;
	strlcpy(msg.allow.filter, filter->config.name, sizeof(msg.allow.filter));
	for (size_t i = 0; i < filter->filter.n; i++) {
		msg.allow.community = filter->filter.community[i];
		set->add(&msg, set->arg);
	}
	return 0;
}

/* Each community is sent once: er_policy.c has seen to it which target decides. */
struct add_region {
	const struct er_set *set;
	struct er_wire_region *to;
	const struct er_circuit_config *config;
};

static int add_region(const struct er_policy_region *region, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_REGION };
	const struct add_region *add = arg;

	msg.region = *add->to;
	msg.region.local_pref = er_region_local_pref(&region->config, add->config->name);
	for (size_t i = 0; i < region->n; i++) {
		msg.region.community = region->community[i];
		add->set->add(&msg, add->set->arg);
	}
	return 0;
}

static void add_regions(const struct er_set *set, const struct er_circuit_config *config,
			enum er_peering_type type)
{
	struct er_wire_region to = {};
	struct er_peering_spec spec;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (!er_plan_peering(er_core, config, type, family, &spec))
			continue;
		to.peering = spec.key;
		er_policy_foreach_region(add_region, &(struct add_region){ set, &to, config });
	}
}

typedef void (*add_pass)(const struct er_set *set, const struct er_circuit_config *config,
			 enum er_peering_type type);

struct pass {
	const struct er_set *set;
	add_pass add;
};

static int add_circuit(const struct er_circuit_config *config, void *arg)
{
	const struct pass *pass = arg;

	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++)
		if (config->peering[type].configured)
			pass->add(pass->set, config, type);
	return 0;
}

/*
 * VPN backups, likewise.
 */
static void add_vpn_sessions(const struct er_set *set, const struct er_vpn_config *config)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SESSION };

	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			if (er_vpn_plan_session(er_core, config->name, role, family, &msg.session))
				set->add(&msg, set->arg);
}

static void add_vpn_peerings(const struct er_set *set, const struct er_vpn_config *config)
{
	struct er_wire_msg msg = { .type = ER_WIRE_PEERING };

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		if (er_vpn_plan_peering(er_core, config->name, family, &msg.peering))
			set->add(&msg, set->arg);
}

/* false: nothing of the backup is run in the prefix's family. */
static bool vpn_peering_of(const struct er_vpn_config *config, const struct prefix *prefix,
			   struct er_peering_key *key)
{
	enum er_family family = prefix->family == AF_INET ? ER_IPV4 : ER_IPV6;
	struct er_peering_spec spec;

	if (!er_vpn_plan_peering(er_core, config->name, family, &spec))
		return false;
	*key = spec.key;
	return true;
}

static void add_vpn_advertise(const struct er_set *set, const struct er_vpn_config *config)
{
	struct er_wire_msg msg = { .type = ER_WIRE_ADVERTISE };

	for (size_t i = 0; i < config->n_advertise; i++) {
		prefix_copy(&msg.advertise.prefix, &config->advertise[i]);
		if (vpn_peering_of(config, &msg.advertise.prefix, &msg.advertise.peering))
			set->add(&msg, set->arg);
	}
}

static void add_backs(const struct er_set *set, const struct er_vpn_config *config)
{
	struct er_wire_msg msg = { .type = ER_WIRE_BACKS };

	strlcpy(msg.backs.vpn, config->name, sizeof(msg.backs.vpn));
	for (size_t i = 0; i < config->n_circuits; i++) {
		strlcpy(msg.backs.circuit, config->circuit[i], sizeof(msg.backs.circuit));
		set->add(&msg, set->arg);
	}
}

static void add_static(const struct er_set *set, const struct er_vpn_config *config)
{
	struct er_wire_msg msg = { .type = ER_WIRE_STATIC };

	for (size_t i = 0; i < config->n_prefixes; i++) {
		prefix_copy(&msg.static_.prefix, &config->prefix[i]);
		if (vpn_peering_of(config, &msg.static_.prefix, &msg.static_.peering))
			set->add(&msg, set->arg);
	}
}

typedef void (*add_vpn_pass)(const struct er_set *set, const struct er_vpn_config *config);

struct vpn_pass {
	const struct er_set *set;
	add_vpn_pass add;
};

static int add_vpn(const struct er_vpn_config *config, void *arg)
{
	const struct vpn_pass *pass = arg;

	pass->add(pass->set, config);
	return 0;
}

/*
 * Sites and joints.
 */
static int add_site(const struct er_site_config *config, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SITE };
	const struct er_set *set = arg;

	strlcpy(msg.site.name, config->name, sizeof(msg.site.name));
	msg.site.preference = config->preference;
	msg.site.maximum_prefixes = config->maximum_prefixes;
	msg.site.same_as = config->same_as;
	set->add(&msg, set->arg);
	return 0;
}

static int add_site_ases(const struct er_site_config *config, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SITE_AS };
	const struct er_set *set = arg;

	strlcpy(msg.site_as.site, config->name, sizeof(msg.site_as.site));
	for (size_t i = 0; i < config->n_as; i++) {
		msg.site_as.as = config->as[i];
		set->add(&msg, set->arg);
	}
	return 0;
}

static int add_site_prefixes(const struct er_site_config *config, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SITE_PREFIX };
	const struct er_set *set = arg;

	strlcpy(msg.site_prefix.site, config->name, sizeof(msg.site_prefix.site));
	for (size_t i = 0; i < config->n_prefixes; i++) {
		prefix_copy(&msg.site_prefix.prefix, &config->prefix[i]);
		set->add(&msg, set->arg);
	}
	return 0;
}

static int add_site_circuits(const struct er_site_config *config, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_SITE_CIRCUIT };
	const struct er_set *set = arg;

	strlcpy(msg.site_circuit.site, config->name, sizeof(msg.site_circuit.site));
	for (size_t i = 0; i < config->n_circuits; i++) {
		strlcpy(msg.site_circuit.circuit, config->circuit[i],
			sizeof(msg.site_circuit.circuit));
		set->add(&msg, set->arg);
	}
	return 0;
}

static int add_joint(const struct er_joint_config *config, void *arg)
{
	struct er_wire_msg msg = { .type = ER_WIRE_JOINT };
	const struct er_set *set = arg;

	if (config->ipv4_subnet.family != AF_INET)
		return 0;
	strlcpy(msg.joint.name, config->name, sizeof(msg.joint.name));
	prefix_copy(&msg.joint.subnet, &config->ipv4_subnet);
	set->add(&msg, set->arg);
	return 0;
}

static void add_global_reach(const struct er_set *set)
{
	struct er_wire_msg msg = { .type = ER_WIRE_GLOBAL_REACH };

	if (!er_core_has_sites(er_core))
		return;
	msg.global_reach.refuse_undeclared = er_core_undeclared(er_core) == ER_UNDECLARED_REFUSE;
	set->add(&msg, set->arg);
	er_core_foreach_site(er_core, add_site, (void *)set);
	er_core_foreach_site(er_core, add_site_ases, (void *)set);
	er_core_foreach_site(er_core, add_site_prefixes, (void *)set);
	er_core_foreach_site(er_core, add_site_circuits, (void *)set);
	er_core_foreach_joint(er_core, add_joint, (void *)set);
}

static void add_all(const struct er_set *set)
{
	/* a backup has no priorities */
	static const struct {
		add_pass circuit;
		add_vpn_pass vpn;
	} passes[] = {
		{ add_sessions, add_vpn_sessions },
		{ add_peerings, add_vpn_peerings },
		{ add_advertise, add_vpn_advertise },
		{ add_priorities, NULL },
	};

	for (size_t i = 0; i < array_size(passes); i++) {
		er_core_foreach(er_core, add_circuit, &(struct pass){ set, passes[i].circuit });
		if (passes[i].vpn)
			er_vpn_foreach(er_core, add_vpn, &(struct vpn_pass){ set, passes[i].vpn });
	}
	er_policy_foreach_filter(add_filter, (void *)set);
	er_core_foreach(er_core, add_circuit, &(struct pass){ set, add_regions });
	er_vpn_foreach(er_core, add_vpn, &(struct vpn_pass){ set, add_backs });
	er_vpn_foreach(er_core, add_vpn, &(struct vpn_pass){ set, add_static });
	add_global_reach(set);
}

void er_set_foreach(void (*add)(const struct er_wire_msg *msg, void *arg), void *arg)
{
	add_all(&(struct er_set){ add, arg });
}
