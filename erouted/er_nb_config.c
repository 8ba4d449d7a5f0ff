// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mgmtd's running configuration -> er_circuit_config and policy.
 *
 * A callback only notes which entry of a top-level list was touched; when the
 * transaction has become libfrr's running_config, each touched entry is read
 * from there as a whole: circuits, VPN backups, sites, joints and path-probes for
 * er_core, the rest for er_policy.c.
 * Nothing is ever rejected: every static rule is in YANG, everything else is
 * operational state.
 *
 * After mgmtd or the connection was lost, mgmtd re-sends what it has, and
 * libfrr calls back only for what differs from its running_config.  So on a
 * reconnect ours is emptied there, while er_core keeps its circuits and
 * er_policy.c what it has: what is re-sent comes back as created, and what is
 * still not there after a hold time is gone.  mgmtd does not say when it has sent
 * everything, and after its own restart `vtysh -b` fills it only later; hence
 * the time: long while it has sent nothing that we know, short once it has.
 */
#include <zebra.h>

#include "lib_errors.h"
#include "log.h"
#include "memory.h"
#include "northbound.h"
#include "typesafe.h"
#include "vrf.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_errors.h"
#include "erouted/er_metrics.h"
#include "erouted/er_paths.h"
#include "erouted/er_site.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

DEFINE_MGROUP(EROUTED, "erouted");
DEFINE_MTYPE_STATIC(EROUTED, TOUCHED, "touched configuration");
DEFINE_MTYPE_STATIC(EROUTED, DRAINS, "drains of a sweep");
DEFINE_MTYPE_STATIC(EROUTED, ADVERTISE, "advertised prefixes");
DEFINE_MTYPE_STATIC(EROUTED, PRIORITY, "priorities of prefixes");
DEFINE_MTYPE_STATIC(EROUTED, NAMES, "names that an entry refers to");

/* How long a drain waits for a circuit that is not configured. */
#define DRAIN_KEPT_S (7 * 86400)

#define QUIET_S 10

unsigned long er_nb_hold_s = 60;

/*
 * The top-level lists, in the order in which they are applied; a leaf beside them
 * is taken for a list of one entry whose key is "".
 */
enum config_list {
	LIST_COMMUNITY,
	LIST_FILTER,
	LIST_REGION,
	LIST_CIRCUIT,
	LIST_VPN,
	LIST_SITE,
	LIST_JOINT,
	LIST_UNDECLARED,
	LIST_PROBE,
	LISTS
};

static const char *const list_names[LISTS] = {
	[LIST_COMMUNITY] = "community",	     [LIST_FILTER] = "route-filter",
	[LIST_REGION] = "region-preference", [LIST_CIRCUIT] = "circuit",
	[LIST_VPN] = "vpn-backup",	     [LIST_SITE] = "site",
	[LIST_JOINT] = "global-reach",	     [LIST_UNDECLARED] = "undeclared-sites",
	[LIST_PROBE] = "path-probe",
};

static const enum er_policy_kind list_kinds[LIST_CIRCUIT] = {
	[LIST_COMMUNITY] = ER_POLICY_NAME,
	[LIST_FILTER] = ER_POLICY_FILTER,
	[LIST_REGION] = ER_POLICY_REGION,
};

PREDECL_SORTLIST_UNIQ(touched_entries);

struct touched_entry {
	struct touched_entries_item item;
	enum config_list list;
	char key[ER_NAME_LEN];
};

static int touched_cmp(const struct touched_entry *a, const struct touched_entry *b)
{
	return a->list != b->list ? numcmp(a->list, b->list) : strcmp(a->key, b->key);
}

DECLARE_SORTLIST_UNIQ(touched_entries, struct touched_entry, item, touched_cmp);

static struct touched_entries_head touched = INIT_SORTLIST_UNIQ(touched);
static struct event *t_apply, *t_sweep;
static bool metrics_touched;
static bool connected, known;
static bool resending; /* mgmtd has begun to send again what we know */
static bool lacking;   /* mgmtd does not know our model */

/*
 * Reading the configuration tree
 */
const struct lyd_node *er_nb_child(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (child->schema && !strcmp(child->schema->name, name))
			return child;
	return NULL;
}

static struct lyd_node *container(void)
{
	return yang_dnode_get(running_config->dnode, ER_XPATH);
}

/* libyang keeps the key first */
static const char *key_of(const struct lyd_node *entry)
{
	return entry->schema->nodetype == LYS_LIST ? lyd_get_value(lyd_child(entry)) : "";
}

const struct lyd_node *er_nb_entry(const char *list, const char *key)
{
	const struct lyd_node *top = container(), *entry;

	if (!top)
		return NULL;
	LY_LIST_FOR (lyd_child(top), entry)
		if (!strcmp(entry->schema->name, list) && !strcmp(key_of(entry), key))
			return entry;
	return NULL;
}

const struct lyd_node *er_nb_circuit(const char *name)
{
	return er_nb_entry("circuit", name);
}

void er_nb_get_bool(const struct lyd_node *parent, const char *name, bool *value)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	if (node)
		*value = yang_dnode_get_bool(node, NULL);
}

void er_nb_get_string(const struct lyd_node *parent, const char *name, char *value, size_t len)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	if (node)
		strlcpy(value, yang_dnode_get_string(node, NULL), len);
}

uint32_t er_nb_get_number(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	/* the schema has checked sign and range */
	return node ? strtoul(yang_dnode_get_string(node, NULL), NULL, 10) : 0;
}

size_t er_nb_get_names(const struct lyd_node *parent, const char *name, char (**names)[ER_NAME_LEN])
{
	const struct lyd_node *node;
	size_t n = 0;

	*names = NULL;
	LY_LIST_FOR (lyd_child(parent), node) {
		if (strcmp(node->schema->name, name))
			continue;
		*names = XREALLOC(MTYPE_NAMES, *names, (n + 1) * sizeof(**names));
		strlcpy((*names)[n++], lyd_get_value(node), sizeof(**names));
	}
	return n;
}

void er_nb_free_names(char (*names)[ER_NAME_LEN])
{
	XFREE(MTYPE_NAMES, names);
}

static void read_subnet(const struct lyd_node *link, const char *name, struct prefix *subnet)
{
	const struct lyd_node *node = er_nb_child(link, name);

	if (node)
		yang_dnode_get_prefix(subnet, node, NULL);
}

static void read_link(const struct lyd_node *node, struct er_link_config *link)
{
	const struct lyd_node *partner;

	link->configured = true;
	er_nb_get_bool(node, "shutdown", &link->shutdown);
	er_nb_get_string(node, "interface", link->ifname, sizeof(link->ifname));
	read_subnet(node, "ipv4-subnet", &link->subnet[ER_IPV4]);
	read_subnet(node, "ipv6-subnet", &link->subnet[ER_IPV6]);
	partner = er_nb_child(node, "partner");
	if (partner)
		yang_dnode_get_ip(&link->partner, partner, NULL);
}

void er_nb_read_bfd(const struct lyd_node *node, struct er_bfd_config *bfd)
{
	er_nb_get_bool(node, "enabled", &bfd->enabled);
	bfd->receive_interval = er_nb_get_number(node, "receive-interval");
	bfd->transmit_interval = er_nb_get_number(node, "transmit-interval");
	bfd->detect_multiplier = er_nb_get_number(node, "detect-multiplier");
}

static void read_priority(const struct lyd_node *node, struct er_priority *priority)
{
	yang_dnode_get_prefix(&priority->prefix, node, "prefix");
	priority->value = er_nb_get_number(node, "value");
}

/* Two leaf-lists of prefixes and the list of priorities hold arrays each. */
static void read_advertise(const struct lyd_node *node, struct er_peering_config *peering)
{
	const struct lyd_node *child;
	size_t n = 0;

	er_nb_get_string(node, "ipv4-prefix-list", peering->advertise_list[ER_IPV4], ER_OBJECT_LEN);
	er_nb_get_string(node, "ipv6-prefix-list", peering->advertise_list[ER_IPV6], ER_OBJECT_LEN);
	peering->advertise_limit[ER_IPV4] = er_nb_get_number(node, "ipv4-limit");
	peering->advertise_limit[ER_IPV6] = er_nb_get_number(node, "ipv6-limit");

	LY_LIST_FOR (lyd_child(node), child)
		n++;
	if (!n)
		return;

	peering->advertise = XCALLOC(MTYPE_ADVERTISE, n * sizeof(struct prefix));
	peering->priority = XCALLOC(MTYPE_PRIORITY, n * sizeof(struct er_priority));
	LY_LIST_FOR (lyd_child(node), child) {
		if (child->schema->nodetype == LYS_LEAFLIST)
			yang_dnode_get_prefix(&peering->advertise[peering->n_advertise++], child,
					      NULL);
		else if (child->schema->nodetype == LYS_LIST)
			read_priority(child, &peering->priority[peering->n_priority++]);
	}
}

static void read_peering(const struct lyd_node *node, struct er_peering_config *peering)
{
	const struct lyd_node *child;
	enum er_role role;

	peering->configured = true;
	strlcpy(peering->vrf, VRF_DEFAULT_NAME, sizeof(peering->vrf));

	LY_LIST_FOR (lyd_child(node), child) {
		const char *name = child->schema->name;

		if (!strcmp(name, "timers")) {
			peering->keepalive = er_nb_get_number(child, "keepalive");
			peering->hold = er_nb_get_number(child, "hold");
		} else if (!strcmp(name, "bfd")) {
			er_nb_read_bfd(child, &peering->bfd);
		} else if (!strcmp(name, "advertise")) {
			read_advertise(child, peering);
		} else if (!strcmp(name, "link") &&
			   er_role_parse(yang_dnode_get_string(child, "role"), &role)) {
			read_link(child, &peering->link[role]);
		} else if (!strcmp(name, "session")) {
			peering->session = strcmp(yang_dnode_get_string(child, NULL), "attached")
						   ? ER_MANAGED
						   : ER_ATTACHED;
		}
	}

	er_nb_get_bool(node, "shutdown", &peering->shutdown);
	er_nb_get_string(node, "vrf", peering->vrf, sizeof(peering->vrf));
	er_nb_get_string(node, "password", peering->password, sizeof(peering->password));
	er_nb_get_string(node, "route-filter", peering->route_filter,
			 sizeof(peering->route_filter));
	er_nb_get_string(node, "route-map-in", peering->map_in, sizeof(peering->map_in));
	er_nb_get_string(node, "route-map-out", peering->map_out, sizeof(peering->map_out));
	peering->prepend = er_nb_get_number(node, "prepend");
	peering->passive_prepend = er_nb_get_number(node, "passive-prepend");
	peering->vlan = er_nb_get_number(node, "vlan");
	peering->s_tag = er_nb_get_number(node, "s-tag");
	peering->router_as = er_nb_get_number(node, "router-as");
}

static void read_redundancy(const struct lyd_node *node, struct er_circuit_config *config)
{
	const struct lyd_node *mode = er_nb_child(node, "mode");
	const struct lyd_node *active = er_nb_child(node, "active-link");

	if (mode && !strcmp(yang_dnode_get_string(mode, NULL), "active-passive"))
		config->mode = ER_ACTIVE_PASSIVE;
	config->active = ER_PRIMARY;
	if (active)
		er_role_parse(yang_dnode_get_string(active, NULL), &config->active);
}

static enum er_sku read_sku(const struct lyd_node *node)
{
	const struct lyd_node *sku = er_nb_child(node, "sku");
	const char *word = sku ? yang_dnode_get_string(sku, NULL) : "standard";

	if (!strcmp(word, "local"))
		return ER_SKU_LOCAL;
	return strcmp(word, "premium") ? ER_SKU_STANDARD : ER_SKU_PREMIUM;
}

/* *config holds arrays: config_fini(). */
static void read_circuit(const struct lyd_node *node, struct er_circuit_config *config)
{
	const struct lyd_node *child;
	enum er_peering_type type;
	size_t regions = 0;

	memset(config, 0, sizeof(*config));
	er_nb_get_string(node, "name", config->name, sizeof(config->name));
	er_nb_get_bool(node, "shutdown", &config->shutdown);
	config->preference = er_nb_get_number(node, "preference");
	er_nb_get_string(node, "site-of-origin", config->site_of_origin,
			 sizeof(config->site_of_origin));
	config->test_max_age_days = er_nb_get_number(node, "test-interval");
	config->sku = read_sku(node);
	er_nb_get_string(node, "geography", config->geography, sizeof(config->geography));
	er_nb_get_string(node, "peering-location", config->peering_location,
			 sizeof(config->peering_location));

	LY_LIST_FOR (lyd_child(node), child) {
		if (!strcmp(child->schema->name, "redundancy"))
			read_redundancy(child, config);
		else if (!strcmp(child->schema->name, "peering") &&
			 er_peering_type_parse(yang_dnode_get_string(child, "type"), &type))
			read_peering(child, &config->peering[type]);
		else if (!strcmp(child->schema->name, "local-region") && regions < ER_LOCAL_REGIONS)
			strlcpy(config->local_region[regions++], lyd_get_value(child), ER_NAME_LEN);
	}
}

static void config_fini(struct er_circuit_config *config)
{
	for (size_t i = 0; i < ER_PEERING_TYPES; i++) {
		XFREE(MTYPE_ADVERTISE, config->peering[i].advertise);
		XFREE(MTYPE_PRIORITY, config->peering[i].priority);
	}
}

/*
 * Applying it
 */
static void circuit_changed(const struct lyd_node *node)
{
	struct er_circuit_config config;
	struct er_event ev = { .type = ER_EV_CONFIG, .config = &config };

	read_circuit(node, &config);
	er_event_handle(&ev);
	config_fini(&config);
}

static void vpn_changed(const struct lyd_node *node)
{
	struct er_vpn_config config;
	struct er_event ev = { .type = ER_EV_VPN_CONFIG, .vpn = &config };

	er_vpn_config_read(node, &config);
	er_event_handle(&ev);
	er_vpn_config_fini(&config);
}

static void gone(enum er_event_type type, const char *name)
{
	struct er_event ev = { .type = type };

	strlcpy(ev.circuit, name, sizeof(ev.circuit));
	er_event_handle(&ev);
}

/* Without word from mgmtd what is served stays. */
static void apply_metrics(void)
{
	const struct lyd_node *top = container();
	const struct lyd_node *node = top ? er_nb_child(top, "metrics") : NULL;
	const struct lyd_node *port = node ? er_nb_child(node, "port") : NULL;
	struct ipaddr address = {};

	if (!port) {
		if (metrics_touched || !t_sweep)
			er_metrics_config(&address, 0);
		metrics_touched = false;
		return;
	}
	metrics_touched = false;
	str2ipaddr("127.0.0.1", &address);
	if (er_nb_child(node, "address"))
		str2ipaddr(yang_dnode_get_string(node, "address"), &address);
	er_metrics_config(&address, yang_dnode_get_uint16(port, NULL));
}

static void tell_audit(void)
{
	struct er_event ev = { .type = ER_EV_AUDIT };

	ev.outside.metrics_port = er_metrics_port();
	er_event_handle(&ev);
}

static void site_changed(const struct lyd_node *node)
{
	struct er_site_config config;
	struct er_event ev = { .type = ER_EV_SITE_CONFIG, .site_config = &config };

	er_site_config_read(node, &config);
	er_event_handle(&ev);
	er_site_config_fini(&config);
}

static void joint_changed(const struct lyd_node *node)
{
	struct er_joint_config config;
	struct er_event ev = { .type = ER_EV_JOINT_CONFIG, .joint_config = &config };

	er_joint_config_read(node, &config);
	er_event_handle(&ev);
	er_joint_config_fini(&config);
}

static void undeclared_changed(const struct lyd_node *node)
{
	struct er_event ev = { .type = ER_EV_UNDECLARED, .undeclared = ER_UNDECLARED_TELL };

	if (node)
		er_undeclared_parse(lyd_get_value(node), &ev.undeclared);
	er_event_handle(&ev);
}

static void probe_changed(const struct lyd_node *node)
{
	struct er_path_config config;
	struct er_event ev = { .type = ER_EV_PATH_CONFIG, .path_config = &config };

	er_path_config_read(node, &config);
	er_event_handle(&ev);
}

/* Names mean what they mean now before anybody is told. */
static void config_changed(void)
{
	apply_metrics();
	tell_audit();
	er_policy_compile(false);
	er_zebra_evaluate();
	er_channel_config_changed();
	er_persist_changed();
}

static void sweep(struct event *event);

static void arm_sweep(unsigned long seconds)
{
	event_cancel(&t_sweep);
	event_add_timer(er_loop, sweep, NULL, seconds, &t_sweep);
}

static void entry_changed(enum config_list list, const char *key)
{
	const struct lyd_node *node = er_nb_entry(list_names[list], key);

	switch (list) {
	case LIST_CIRCUIT:
		node ? circuit_changed(node) : gone(ER_EV_CONFIG_GONE, key);
		return;
	case LIST_VPN:
		node ? vpn_changed(node) : gone(ER_EV_VPN_CONFIG_GONE, key);
		return;
	case LIST_SITE:
		node ? site_changed(node) : gone(ER_EV_SITE_CONFIG_GONE, key);
		return;
	case LIST_JOINT:
		node ? joint_changed(node) : gone(ER_EV_JOINT_CONFIG_GONE, key);
		return;
	case LIST_UNDECLARED:
		undeclared_changed(node);
		return;
	case LIST_PROBE:
		node ? probe_changed(node) : gone(ER_EV_PATH_CONFIG_GONE, key);
		return;
	case LIST_COMMUNITY:
	case LIST_FILTER:
	case LIST_REGION:
	case LISTS:
		er_policy_config(list_kinds[list], key, node);
		return;
	}
}

static void apply(struct event *event)
{
	struct touched_entry *t;

	while ((t = touched_entries_pop(&touched))) {
		entry_changed(t->list, t->key);
		XFREE(MTYPE_TOUCHED, t);
	}

	known = true;
	/* what is new is somebody at work, and says nothing of what is old */
	if (t_sweep && resending)
		arm_sweep(MIN(QUIET_S, er_nb_hold_s));
	config_changed();
}

/*
 * The entry of a top-level list that the node belongs to, or NULL.  Names of
 * lists come up deeper down as well.
 */
static const struct lyd_node *entry_of(const struct lyd_node *dnode, enum config_list *list)
{
	const struct lyd_node *node = dnode;

	while (node && lyd_parent(node) && lyd_parent(lyd_parent(node)))
		node = lyd_parent(node);
	for (*list = 0; node && *list < LISTS; (*list)++)
		if (!strcmp(node->schema->name, list_names[*list]))
			return node;
	return NULL;
}

/* Notes whose entry it is. */
static void touch(const struct lyd_node *dnode)
{
	const struct lyd_node *entry;
	struct touched_entry *t;
	enum config_list list;

	entry = entry_of(dnode, &list);
	if (entry) {
		t = XCALLOC(MTYPE_TOUCHED, sizeof(*t));
		t->list = list;
		strlcpy(t->key, key_of(entry), sizeof(t->key));
		if (touched_entries_add(&touched, t))
			XFREE(MTYPE_TOUCHED, t);
	} else {
		/* what is taken for no list */
		metrics_touched = true;
	}

	/* runs when this transaction has become the running configuration */
	event_add_event(er_loop, apply, NULL, 0, &t_apply);
}

static bool is_known(enum config_list list, const char *key)
{
	if (list == LIST_CIRCUIT)
		return er_core_config(er_core, key);
	if (list == LIST_VPN)
		return er_vpn_config(er_core, key);
	if (list == LIST_SITE)
		return er_core_site_config(er_core, key);
	if (list == LIST_JOINT)
		return er_core_joint_config(er_core, key);
	if (list == LIST_PROBE)
		return er_core_path_config(er_core, key);
	return er_policy_has(list_kinds[list], key);
}

int er_nb_create(struct nb_cb_create_args *args)
{
	enum config_list list;

	if (args->event != NB_EV_APPLY)
		return NB_OK;

	if (entry_of(args->dnode, &list) == args->dnode &&
	    is_known(list, lyd_get_value(lyd_child(args->dnode))))
		resending = true;
	touch(args->dnode);
	return NB_OK;
}

int er_nb_modify(struct nb_cb_modify_args *args)
{
	if (args->event == NB_EV_APPLY)
		touch(args->dnode);
	return NB_OK;
}

int er_nb_destroy(struct nb_cb_destroy_args *args)
{
	if (args->event == NB_EV_APPLY)
		touch(args->dnode);
	return NB_OK;
}

/*
 * Losing mgmtd and finding it again
 */
static void add_unsent(struct touched_entries_head *unsent, enum config_list list, const char *key)
{
	struct touched_entry *t;

	if (er_nb_entry(list_names[list], key))
		return;

	t = XCALLOC(MTYPE_TOUCHED, sizeof(*t));
	t->list = list;
	strlcpy(t->key, key, sizeof(t->key));
	touched_entries_add(unsent, t);
}

static int collect_unsent(const struct er_circuit_config *config, void *arg)
{
	add_unsent(arg, LIST_CIRCUIT, config->name);
	return 0;
}

static int collect_unsent_vpn(const struct er_vpn_config *config, void *arg)
{
	add_unsent(arg, LIST_VPN, config->name);
	return 0;
}

static int collect_unsent_site(const struct er_site_config *config, void *arg)
{
	add_unsent(arg, LIST_SITE, config->name);
	return 0;
}

static int collect_unsent_joint(const struct er_joint_config *config, void *arg)
{
	add_unsent(arg, LIST_JOINT, config->name);
	return 0;
}

static int collect_unsent_probe(const struct er_path_config *config, void *arg)
{
	add_unsent(arg, LIST_PROBE, config->name);
	return 0;
}

/*
 * Who has drained a link must not find it in use because its configuration has come
 * late: a drain waits for its circuit.
 */
struct drains {
	struct er_own_memory *memory;
	size_t n;
};

static void collect_drain(const struct er_own_memory *memory, void *arg)
{
	struct drains *drains = arg;

	drains->memory = XREALLOC(MTYPE_DRAINS, drains->memory,
				  (drains->n + 1) * sizeof(*drains->memory));
	drains->memory[drains->n] = *memory;
	/* the sweep tells of its end: when the circuit is back, it is told of anew */
	if (er_core_config(er_core, memory->circuit))
		drains->memory[drains->n].said = ER_OWN_NONE;
	drains->n++;
}

static void keep_drains(struct drains *drains)
{
	for (size_t i = 0; i < drains->n; i++)
		if (!er_core_config(er_core, drains->memory[i].circuit))
			er_own_restore(er_core, &drains->memory[i]);
	XFREE(MTYPE_DRAINS, drains->memory);
	er_own_forget_restored(er_core, er_now().wall_s - DRAIN_KEPT_S);
}

static void sweep(struct event *event)
{
	struct touched_entries_head unsent = INIT_SORTLIST_UNIQ(unsent);
	struct drains drains = {};
	struct touched_entry *t;

	DEBUGD(&er_dbg_nb, "mgmtd has had its time to send what it has");
	er_core_foreach(er_core, collect_unsent, &unsent);
	er_vpn_foreach(er_core, collect_unsent_vpn, &unsent);
	er_core_foreach_site(er_core, collect_unsent_site, &unsent);
	er_core_foreach_joint(er_core, collect_unsent_joint, &unsent);
	er_core_foreach_path(er_core, collect_unsent_probe, &unsent);
	if (er_core_undeclared(er_core) != ER_UNDECLARED_TELL)
		add_unsent(&unsent, LIST_UNDECLARED, "");
	er_own_remember(er_core, collect_drain, &drains);
	while ((t = touched_entries_pop(&unsent))) {
		flog_warn(EC_ER_CONFIG_SWEPT, "%s%s%s is gone: mgmtd has come back without it",
			  list_names[t->list], t->key[0] ? " " : "", t->key);
		entry_changed(t->list, t->key);
		XFREE(MTYPE_TOUCHED, t);
	}
	er_policy_sweep(er_nb_entry);
	keep_drains(&drains);
	er_standby_forget_restored(er_core);

	known = true;
	config_changed();
}

/* What was delivered over the lost connection counts no longer. */
static void forget_delivered(void)
{
	struct lyd_node *top = container(), *node, *next;

	if (!top)
		return;
	/* all that stands there is ours */
	for (node = lyd_child(top); node; node = next) {
		next = node->next;
		lyd_free_tree(node);
	}
}

/* What mgmtd cannot have is not gone: nothing is swept. */
static void model_known(bool knows)
{
	if (knows && lacking)
		_zlog_ecref(EC_ER_MGMTD_MODULE, LOG_NOTICE, "mgmtd has its expressroute module");
	lacking = !knows;
	if (!lacking)
		return;
	event_cancel(&t_sweep);
	flog_err(EC_ER_MGMTD_MODULE,
		 "mgmtd runs without its expressroute module: do not 'write', it would drop the section from frr.conf; add '-M expressroute' to mgmtd's options and restart FRR");
}

void er_nb_connect_notify(struct mgmt_be_client *client, uintptr_t usr_data, bool is_connected)
{
	DEBUGD(&er_dbg_nb, "mgmtd %s", is_connected ? "connected" : "lost");

	connected = is_connected;
	resending = false;
	event_cancel(&t_sweep);
	if (connected) {
		forget_delivered();
		arm_sweep(er_nb_hold_s);
		er_mgmtd_ask(model_known);
	} else {
		er_mgmtd_lost();
	}
}

const char *er_nb_problem(void)
{
	if (!connected || !lacking)
		return "";
	return "runs without its expressroute module (or that fits another FRR: see its log): 'write' would drop the section from frr.conf. Do not write; add '-M expressroute' to mgmtd's options and restart FRR";
}

bool er_nb_connected(void)
{
	return connected;
}

bool er_nb_config_known(void)
{
	return known;
}

unsigned long er_nb_sweep_s(void)
{
	return t_sweep ? event_timer_remain_second(t_sweep) : 0;
}

void er_nb_fini(void)
{
	struct touched_entry *t;

	er_mgmtd_lost();
	event_cancel(&t_apply);
	event_cancel(&t_sweep);
	while ((t = touched_entries_pop(&touched)))
		XFREE(MTYPE_TOUCHED, t);
}
