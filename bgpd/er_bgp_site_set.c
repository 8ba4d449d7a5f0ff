// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sites of a set: collected beside its sessions, and compiled for each
 * private peering when they have changed.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"

#include "bgpd/er_bgp_site.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_SITE, "ExpressRoute sites of a circuit");
DEFINE_MTYPE_STATIC(ER_BGP, ER_SITE_SET, "ExpressRoute sites being received");

/* More is not a configuration. */
#define ITEMS_MAX 1000000

/* A message of the set, padding zeroed: equal ones are equal octets. */
struct item {
	enum er_wire_type type;
	union {
		struct er_wire_global_reach global_reach;
		struct er_wire_site site;
		struct er_wire_site_as as;
		struct er_wire_site_prefix prefix;
		struct er_wire_site_circuit circuit;
		struct er_wire_joint joint;
	};
};

struct items {
	struct item *item;
	size_t n, size;
};

/* What is coming, and what is in force. */
static struct items coming, in_force;
/* in_force, put together; sorted by name */
static struct er_site_config *config;
static size_t n_configs;
static bool on, refuse_undeclared;

void er_site_set_drop(void)
{
	XFREE(MTYPE_ER_SITE_SET, coming.item);
	memset(&coming, 0, sizeof(coming));
}

/* In the order of enum er_wire_type: whose name it is has come before. */
static bool has_site(const char *name)
{
	for (size_t i = 0; i < coming.n && coming.item[i].type <= ER_WIRE_SITE; i++)
		if (coming.item[i].type == ER_WIRE_SITE && !strcmp(coming.item[i].site.name, name))
			return true;
	return false;
}

static struct item *item_new(enum er_wire_type type)
{
	struct item *item;

	if (coming.n == coming.size) {
		coming.size = MAX(coming.size * 2, 16u);
		coming.item = XREALLOC(MTYPE_ER_SITE_SET, coming.item,
				       coming.size * sizeof(*coming.item));
	}
	item = &coming.item[coming.n++];
	memset(item, 0, sizeof(*item));
	item->type = type;
	return item;
}

static void fill(struct item *item, const struct er_wire_msg *msg)
{
	switch (msg->type) {
	case ER_WIRE_GLOBAL_REACH:
		item->global_reach.refuse_undeclared = msg->global_reach.refuse_undeclared;
		break;
	case ER_WIRE_SITE:
		strlcpy(item->site.name, msg->site.name, sizeof(item->site.name));
		item->site.preference = msg->site.preference;
		item->site.maximum_prefixes = msg->site.maximum_prefixes;
		item->site.same_as = msg->site.same_as;
		break;
	case ER_WIRE_SITE_AS:
		strlcpy(item->as.site, msg->site_as.site, sizeof(item->as.site));
		item->as.as = msg->site_as.as;
		break;
	case ER_WIRE_SITE_PREFIX:
		strlcpy(item->prefix.site, msg->site_prefix.site, sizeof(item->prefix.site));
		prefix_copy(&item->prefix.prefix, &msg->site_prefix.prefix);
		break;
	case ER_WIRE_SITE_CIRCUIT:
		strlcpy(item->circuit.site, msg->site_circuit.site, sizeof(item->circuit.site));
		strlcpy(item->circuit.circuit, msg->site_circuit.circuit,
			sizeof(item->circuit.circuit));
		break;
	case ER_WIRE_JOINT:
		strlcpy(item->joint.name, msg->joint.name, sizeof(item->joint.name));
		prefix_copy(&item->joint.subnet, &msg->joint.subnet);
		break;
	default:
		break;
	}
}

const char *er_site_set_add(const struct er_wire_msg *msg)
{
	/* each of these begins with the site's name */
	bool names_site = msg->type == ER_WIRE_SITE_AS || msg->type == ER_WIRE_SITE_PREFIX ||
			  msg->type == ER_WIRE_SITE_CIRCUIT;

	if (coming.n >= ITEMS_MAX)
		return "too many of them in one set";
	if (coming.n && msg->type < coming.item[coming.n - 1].type)
		return "out of order";
	if (!coming.n && msg->type != ER_WIRE_GLOBAL_REACH)
		return "without GLOBAL_REACH before it";
	if (coming.n && msg->type == ER_WIRE_GLOBAL_REACH)
		return "twice in one set";
	if (msg->type == ER_WIRE_SITE && has_site(msg->site.name))
		return "a site stands twice in the set";
	if (names_site && !has_site(msg->site_as.site))
		return "of a site that is not in the set";
	fill(item_new(msg->type), msg);
	return NULL;
}

/*
 * From messages to configurations.
 */
static struct er_site_config *find_config(const char *name)
{
	for (size_t i = 0; i < n_configs; i++)
		if (!strcmp(config[i].name, name))
			return &config[i];
	return NULL;
}

static void *grow(void *array, size_t n, size_t size)
{
	return XREALLOC(MTYPE_ER_SITE_SET, array, (n + 1) * size);
}

static void add_site(const struct er_wire_site *site)
{
	struct er_site_config *new;

	config = grow(config, n_configs, sizeof(*config));
	new = &config[n_configs++];
	memset(new, 0, sizeof(*new));
	strlcpy(new->name, site->name, sizeof(new->name));
	new->preference = site->preference;
	new->maximum_prefixes = site->maximum_prefixes;
	new->same_as = site->same_as;
}

static void add_as(const struct er_wire_site_as *as)
{
	struct er_site_config *to = find_config(as->site);

	to->as = grow(to->as, to->n_as, sizeof(*to->as));
	to->as[to->n_as++] = as->as;
}

static void add_prefix(const struct er_wire_site_prefix *prefix)
{
	struct er_site_config *to = find_config(prefix->site);

	to->prefix = grow(to->prefix, to->n_prefixes, sizeof(*to->prefix));
	to->prefix[to->n_prefixes++] = prefix->prefix;
}

static void add_circuit(const struct er_wire_site_circuit *circuit)
{
	struct er_site_config *to = find_config(circuit->site);

	to->circuit = grow(to->circuit, to->n_circuits, sizeof(*to->circuit));
	strlcpy(to->circuit[to->n_circuits++], circuit->circuit, sizeof(*to->circuit));
}

static void configs_free(void)
{
	for (size_t i = 0; i < n_configs; i++) {
		XFREE(MTYPE_ER_SITE_SET, config[i].as);
		XFREE(MTYPE_ER_SITE_SET, config[i].prefix);
		XFREE(MTYPE_ER_SITE_SET, config[i].circuit);
	}
	XFREE(MTYPE_ER_SITE_SET, config);
	n_configs = 0;
}

static void configs_make(void)
{
	configs_free();
	on = in_force.n > 0;
	refuse_undeclared = false;
	for (size_t i = 0; i < in_force.n; i++) {
		const struct item *item = &in_force.item[i];

		if (item->type == ER_WIRE_GLOBAL_REACH)
			refuse_undeclared = item->global_reach.refuse_undeclared;
		else if (item->type == ER_WIRE_SITE)
			add_site(&item->site);
		else if (item->type == ER_WIRE_SITE_AS)
			add_as(&item->as);
		else if (item->type == ER_WIRE_SITE_PREFIX)
			add_prefix(&item->prefix);
		else if (item->type == ER_WIRE_SITE_CIRCUIT)
			add_circuit(&item->circuit);
	}
}

/*
 * From configurations to each circuit's sites.
 */
static void add_subnets(struct er_bgp_sites *sites)
{
	for (size_t i = 0; i < in_force.n; i++) {
		if (in_force.item[i].type != ER_WIRE_JOINT)
			continue;
		sites->subnet = XREALLOC(MTYPE_ER_SITE, sites->subnet,
					 (sites->n_subnets + 1) * sizeof(*sites->subnet));
		sites->subnet[sites->n_subnets++] = in_force.item[i].joint.subnet;
	}
}

static struct er_bgp_sites *sites_new(const char *circuit)
{
	struct er_bgp_sites *sites = XCALLOC(MTYPE_ER_SITE, sizeof(*sites));
	const struct er_site_config **all = NULL;

	if (n_configs)
		all = XCALLOC(MTYPE_ER_SITE, n_configs * sizeof(*all));
	sites->n = n_configs;
	sites->site = XCALLOC(MTYPE_ER_SITE, (sites->n + 1) * sizeof(*sites->site));
	for (size_t i = 0; i < sites->n; i++) {
		bool heard = er_site_may_be_heard(&config[i], circuit);

		all[i] = &config[i];
		sites->preferences |= config[i].preference != ER_SITE_PREFER;
		sites->limits |= config[i].maximum_prefixes > 0;
		sites->same_as |= heard && config[i].same_as;
		if (config[i].n_prefixes)
			sites->site[i].covered = XCALLOC(MTYPE_ER_SITE,
							 config[i].n_prefixes * sizeof(bool));
	}
	sites->sites = er_sites_new(all, n_configs, circuit, refuse_undeclared);
	XFREE(MTYPE_ER_SITE, all);
	add_subnets(sites);
	return sites;
}

void er_site_free(struct er_bgp_peering *peering)
{
	struct er_bgp_sites *sites = peering->sites;

	if (!sites)
		return;
	event_cancel(&sites->t_room);
	for (size_t i = 0; i <= sites->n; i++) {
		if (sites->site[i].admission)
			er_admission_free(&sites->site[i].admission);
		XFREE(MTYPE_ER_SITE, sites->site[i].covered);
	}
	er_sites_free(&sites->sites);
	XFREE(MTYPE_ER_SITE, sites->site);
	XFREE(MTYPE_ER_SITE, sites->subnet);
	XFREE(MTYPE_ER_SITE, peering->sites);
}

static void apply(struct er_bgp_peering *peering, bool changed)
{
	bool has = peering->sites;

	if (peering->key.peering != ER_PRIVATE || (has == on && !(on && changed)))
		return;
	er_site_free(peering);
	if (on)
		peering->sites = sites_new(peering->key.circuit);
	/* what has been judged is forgotten by it: so it comes before the next */
	er_reevaluate_all(peering);
	if (on)
		er_site_readmit(peering);
}

void er_site_set_apply(void)
{
	bool changed = coming.n != in_force.n ||
		       (coming.n &&
			memcmp(coming.item, in_force.item, coming.n * sizeof(*coming.item)));
	struct er_bgp_peering *peering;

	if (changed) {
		XFREE(MTYPE_ER_SITE_SET, in_force.item);
		in_force = coming;
		memset(&coming, 0, sizeof(coming));
		configs_make();
	}
	frr_each (er_peering_tree, &er_bgp.peerings, peering)
		apply(peering, changed);
}

void er_site_set_fini(void)
{
	er_site_set_drop();
	configs_free();
	XFREE(MTYPE_ER_SITE_SET, in_force.item);
	memset(&in_force, 0, sizeof(in_force));
	on = false;
}
