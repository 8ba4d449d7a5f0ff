// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mgmtd's running configuration -> er_circuit_config.
 *
 * A callback only notes whose circuit was touched; when the transaction has
 * become libfrr's running_config, each touched circuit is read from there as a
 * whole and given to er_core.  Nothing is ever rejected: every static rule is
 * in YANG, everything else is operational state.
 *
 * After mgmtd or the connection was lost, mgmtd re-sends what it has, and
 * libfrr calls back only for what differs from its running_config.  So on a
 * reconnect ours is emptied there, while er_core keeps its circuits: what is
 * re-sent comes back as created, and circuits of er_core that are still not
 * there after a hold time are gone.  mgmtd does not say when it has sent
 * everything, and after its own restart `vtysh -b` fills it only later; hence
 * the time: long while it has sent nothing that er_core knows, short once it
 * has.
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
#include "erouted/erouted.h"

DEFINE_MGROUP(EROUTED, "erouted");
DEFINE_MTYPE_STATIC(EROUTED, TOUCHED, "touched circuit");
DEFINE_MTYPE_STATIC(EROUTED, ADVERTISE, "advertised prefixes");

#define QUIET_S 10

unsigned long er_nb_hold_s = 60;

PREDECL_SORTLIST_UNIQ(touched_circuits);

struct touched_circuit {
	struct touched_circuits_item item;
	char name[ER_NAME_LEN];
};

static int touched_cmp(const struct touched_circuit *a, const struct touched_circuit *b)
{
	return strcmp(a->name, b->name);
}

DECLARE_SORTLIST_UNIQ(touched_circuits, struct touched_circuit, item, touched_cmp);

static struct touched_circuits_head touched = INIT_SORTLIST_UNIQ(touched);
static struct event *t_apply, *t_sweep;
static bool connected, known;
static bool resending; /* mgmtd has begun to send again what er_core knows */

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

const struct lyd_node *er_nb_circuit(const char *name)
{
	const struct lyd_node *top = container(), *circuit;

	if (!top)
		return NULL;
	/* libyang keeps the key first */
	LY_LIST_FOR (lyd_child(top), circuit)
		if (!strcmp(circuit->schema->name, "circuit") &&
		    !strcmp(lyd_get_value(lyd_child(circuit)), name))
			return circuit;
	return NULL;
}

static void get_bool(const struct lyd_node *parent, const char *name, bool *value)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	if (node)
		*value = yang_dnode_get_bool(node, NULL);
}

static void get_string(const struct lyd_node *parent, const char *name, char *value, size_t len)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	if (node)
		strlcpy(value, yang_dnode_get_string(node, NULL), len);
}

static uint32_t get_number(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *node = er_nb_child(parent, name);

	/* the schema has checked sign and range */
	return node ? strtoul(yang_dnode_get_string(node, NULL), NULL, 10) : 0;
}

static void read_subnet(const struct lyd_node *link, const char *name, struct prefix *subnet)
{
	const struct lyd_node *node = er_nb_child(link, name);

	if (node)
		yang_dnode_get_prefix(subnet, node, NULL);
}

static void read_link(const struct lyd_node *node, struct er_link_config *link)
{
	link->configured = true;
	get_bool(node, "shutdown", &link->shutdown);
	get_string(node, "interface", link->ifname, sizeof(link->ifname));
	read_subnet(node, "ipv4-subnet", &link->subnet[ER_IPV4]);
	read_subnet(node, "ipv6-subnet", &link->subnet[ER_IPV6]);
}

static void read_bfd(const struct lyd_node *node, struct er_bfd_config *bfd)
{
	get_bool(node, "enabled", &bfd->enabled);
	bfd->receive_interval = get_number(node, "receive-interval");
	bfd->transmit_interval = get_number(node, "transmit-interval");
	bfd->detect_multiplier = get_number(node, "detect-multiplier");
}

static void read_advertise(const struct lyd_node *node, struct er_peering_config *peering)
{
	const struct lyd_node *child;
	size_t n = 0;

	LY_LIST_FOR (lyd_child(node), child)
		n++;
	if (!n)
		return;

	peering->advertise = XCALLOC(MTYPE_ADVERTISE, n * sizeof(struct prefix));
	LY_LIST_FOR (lyd_child(node), child)
		yang_dnode_get_prefix(&peering->advertise[peering->n_advertise++], child, NULL);
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
			peering->keepalive = get_number(child, "keepalive");
			peering->hold = get_number(child, "hold");
		} else if (!strcmp(name, "bfd")) {
			read_bfd(child, &peering->bfd);
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

	get_bool(node, "shutdown", &peering->shutdown);
	get_string(node, "vrf", peering->vrf, sizeof(peering->vrf));
	get_string(node, "password", peering->password, sizeof(peering->password));
	peering->vlan = get_number(node, "vlan");
	peering->s_tag = get_number(node, "s-tag");
	peering->router_as = get_number(node, "router-as");
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

/* *config holds arrays: config_fini(). */
static void read_circuit(const struct lyd_node *node, struct er_circuit_config *config)
{
	const struct lyd_node *child;
	enum er_peering_type type;

	memset(config, 0, sizeof(*config));
	get_string(node, "name", config->name, sizeof(config->name));
	get_bool(node, "shutdown", &config->shutdown);
	config->preference = get_number(node, "preference");

	LY_LIST_FOR (lyd_child(node), child) {
		if (!strcmp(child->schema->name, "redundancy"))
			read_redundancy(child, config);
		else if (!strcmp(child->schema->name, "peering") &&
			 er_peering_type_parse(yang_dnode_get_string(child, "type"), &type))
			read_peering(child, &config->peering[type]);
	}
}

static void config_fini(struct er_circuit_config *config)
{
	for (size_t i = 0; i < ER_PEERING_TYPES; i++)
		XFREE(MTYPE_ADVERTISE, config->peering[i].advertise);
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

static void circuit_gone(const char *name)
{
	struct er_event ev = { .type = ER_EV_CONFIG_GONE };

	strlcpy(ev.circuit, name, sizeof(ev.circuit));
	er_event_handle(&ev);
}

static void circuits_changed(void)
{
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

static void apply(struct event *event)
{
	struct touched_circuit *t;
	const struct lyd_node *node;

	while ((t = touched_circuits_pop(&touched))) {
		node = er_nb_circuit(t->name);
		if (node)
			circuit_changed(node);
		else
			circuit_gone(t->name);
		XFREE(MTYPE_TOUCHED, t);
	}

	known = true;
	/* a new circuit is somebody at work, and says nothing of the old ones */
	if (t_sweep && resending)
		arm_sweep(MIN(QUIET_S, er_nb_hold_s));
	circuits_changed();
}

/* Notes whose circuit it is; nodes outside of circuits are none's. */
static void touch(const struct lyd_node *dnode)
{
	const struct lyd_node *node;
	struct touched_circuit *t;

	for (node = dnode; node; node = lyd_parent(node))
		if (!strcmp(node->schema->name, "circuit"))
			break;
	if (!node)
		return;

	t = XCALLOC(MTYPE_TOUCHED, sizeof(*t));
	strlcpy(t->name, yang_dnode_get_string(node, "name"), sizeof(t->name));
	if (touched_circuits_add(&touched, t))
		XFREE(MTYPE_TOUCHED, t);

	/* runs when this transaction has become the running configuration */
	event_add_event(er_loop, apply, NULL, 0, &t_apply);
}

int er_nb_create(struct nb_cb_create_args *args)
{
	if (args->event != NB_EV_APPLY)
		return NB_OK;

	if (!strcmp(args->dnode->schema->name, "circuit") &&
	    er_core_config(er_core, yang_dnode_get_string(args->dnode, "name")))
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
static int collect_unsent(const struct er_circuit_config *config, void *arg)
{
	struct touched_circuits_head *unsent = arg;
	struct touched_circuit *t;

	if (er_nb_circuit(config->name))
		return 0;

	t = XCALLOC(MTYPE_TOUCHED, sizeof(*t));
	strlcpy(t->name, config->name, sizeof(t->name));
	touched_circuits_add(unsent, t);
	return 0;
}

static void sweep(struct event *event)
{
	struct touched_circuits_head unsent = INIT_SORTLIST_UNIQ(unsent);
	struct touched_circuit *t;

	DEBUGD(&er_dbg_nb, "mgmtd has had its time to send what it has");
	er_core_foreach(er_core, collect_unsent, &unsent);
	while ((t = touched_circuits_pop(&unsent))) {
		flog_warn(EC_ER_CONFIG_SWEPT, "circuit %s is gone: mgmtd has come back without it",
			  t->name);
		circuit_gone(t->name);
		XFREE(MTYPE_TOUCHED, t);
	}

	known = true;
	circuits_changed();
}

/* What was delivered over the lost connection counts no longer. */
static void forget_delivered(void)
{
	struct lyd_node *top = container(), *node, *next;

	if (!top)
		return;
	for (node = lyd_child(top); node; node = next) {
		next = node->next;
		if (!strcmp(node->schema->name, "circuit"))
			lyd_free_tree(node);
	}
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
	}
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
	struct touched_circuit *t;

	event_cancel(&t_apply);
	event_cancel(&t_sweep);
	while ((t = touched_circuits_pop(&touched)))
		XFREE(MTYPE_TOUCHED, t);
}
