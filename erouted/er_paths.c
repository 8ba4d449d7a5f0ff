// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which paths there are, what they carry, and the probes over them.
 *
 * Both follow the configuration and zebra's interfaces in one look.  Counters have
 * no event: they are read when somebody asks, and now and then for rates.
 */
#include <zebra.h>

#include "frrevent.h"
#include "if.h"
#include "memory.h"
#include "typesafe.h"
#include "vrf.h"

#include "core/plan.h"
#include "core/text.h"
#include "erouted/er_echo.h"
#include "erouted/er_netlink.h"
#include "erouted/er_paths.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, PATH, "path to Azure");
DEFINE_MTYPE_STATIC(EROUTED, PATH_PROBE, "probe of a path");

/* Counters are of one moment, whoever asks for them in a row. */
#define FRESH_MS 100
/* A probe is lost when it is not answered in this time. */
#define WAIT_MS 1000

PREDECL_SORTLIST_UNIQ(paths);
PREDECL_SORTLIST_UNIQ(path_probes);

struct path {
	struct paths_item item;
	struct er_path_key key;
	char ifname[ER_IFNAME_LEN];
	bool wanted;
	ifindex_t ifindex; /* that was counted, 0: none yet, */
	vrf_id_t vrf_id;   /* and its VRF */
	struct er_traffic traffic;
};

struct path_probe {
	struct path_probes_item item;
	char name[ER_NAME_LEN];
	bool wanted;
	struct er_echo *echo;
};

static int path_cmp(const struct path *a, const struct path *b)
{
	return er_path_key_cmp(&a->key, &b->key);
}

static int probe_cmp(const struct path_probe *a, const struct path_probe *b)
{
	return strcmp(a->name, b->name);
}

DECLARE_SORTLIST_UNIQ(paths, struct path, item, path_cmp);
DECLARE_SORTLIST_UNIQ(path_probes, struct path_probe, item, probe_cmp);

static struct paths_head paths = INIT_SORTLIST_UNIQ(paths);
static struct path_probes_head probes = INIT_SORTLIST_UNIQ(probes);
static struct event *t_sample;
static int64_t counted_ms; /* 0: not since there is another path */

void er_path_words(const struct er_path_key *key, char *buf, size_t len)
{
	switch (key->kind) {
	case ER_PATH_LINK:
		snprintf(buf, len, "%s %s %s", key->session.circuit,
			 er_peering_type_str(key->session.peering), er_role_str(key->session.role));
		return;
	case ER_PATH_VPN:
		snprintf(buf, len, "vpn %s gateway %s", key->session.circuit,
			 er_instance_str(key->session.role));
		return;
	case ER_PATH_INTERNET:
	case ER_PATH_KINDS:
		snprintf(buf, len, "internet %s", key->ifname);
		return;
	}
}

/*
 * Interfaces of paths
 */
static const char *ifname_of(const struct er_path_key *key)
{
	const struct er_session_key *session = &key->session;
	const struct er_circuit_config *circuit;
	const struct er_vpn_config *vpn;

	switch (key->kind) {
	case ER_PATH_LINK:
		circuit = er_core_config(er_core, session->circuit);
		return circuit ? circuit->peering[session->peering].link[session->role].ifname : "";
	case ER_PATH_VPN:
		vpn = er_vpn_config(er_core, session->circuit);
		return vpn ? vpn->gateway[session->role].ifname : "";
	case ER_PATH_INTERNET:
	case ER_PATH_KINDS:
		return key->ifname;
	}
	return "";
}

struct pinned {
	const char *ifname;
	struct interface *ifp;
};

/* With network namespaces for VRFs several may have its name: the one that a pin means. */
static int find_pin(const struct er_vpn_config *config, void *arg)
{
	struct pinned *pinned = arg;

	if (config->pin == ER_PIN_INTERFACE && !strcmp(config->pin_ifname, pinned->ifname))
		pinned->ifp = er_pin_interface(config);
	return pinned->ifp != NULL;
}

static struct interface *interface_of(const struct er_path_key *key)
{
	const struct er_session_key *session = &key->session;
	struct pinned pinned = { .ifname = ifname_of(key) };
	const char *vrf = NULL;

	if (!pinned.ifname[0])
		return NULL;
	if (key->kind == ER_PATH_LINK)
		vrf = er_core_config(er_core, session->circuit)->peering[session->peering].vrf;
	else if (key->kind == ER_PATH_VPN)
		vrf = er_vpn_config(er_core, session->circuit)->vrf;
	else if (er_vpn_foreach(er_core, find_pin, &pinned))
		return pinned.ifp;
	return er_zebra_interface(pinned.ifname, vrf);
}

static void want_path(const struct er_path_key *key)
{
	struct path ref = { .key = *key }, *path;

	path = paths_find(&paths, &ref);
	if (!path) {
		path = XCALLOC(MTYPE_PATH, sizeof(*path));
		path->key = *key;
		paths_add(&paths, path);
		counted_ms = 0;
	}
	path->wanted = true;
	strlcpy(path->ifname, ifname_of(key), sizeof(path->ifname));
}

static int want_links(const struct er_circuit_config *config, void *arg)
{
	struct er_path_key key = { .kind = ER_PATH_LINK };

	strlcpy(key.session.circuit, config->name, sizeof(key.session.circuit));
	for (enum er_peering_type p = ER_PRIVATE; p < ER_PEERING_TYPES; p++)
		for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
			key.session.peering = p;
			key.session.role = r;
			if (config->peering[p].link[r].configured)
				want_path(&key);
		}
	return 0;
}

static int want_tunnels(const struct er_vpn_config *config, void *arg)
{
	struct er_path_key key = { .kind = ER_PATH_VPN, .session.peering = ER_VPN };

	strlcpy(key.session.circuit, config->name, sizeof(key.session.circuit));
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		key.session.role = r;
		if (config->gateway[r].configured)
			want_path(&key);
	}
	if (config->pin != ER_PIN_INTERFACE)
		return 0;
	key = (struct er_path_key){ .kind = ER_PATH_INTERNET };
	strlcpy(key.ifname, config->pin_ifname, sizeof(key.ifname));
	want_path(&key);
	return 0;
}

static int want_internet(const struct er_path_config *config, void *arg)
{
	if (config->has_path && config->key.kind == ER_PATH_INTERNET)
		want_path(&config->key);
	return 0;
}

/*
 * Counters
 */
static void count(struct path *path)
{
	const struct interface *ifp = interface_of(&path->key);
	struct er_counters counters;

	if (!ifp) {
		path->traffic.known = false;
		return;
	}
	if (path->ifindex != ifp->ifindex || path->vrf_id != ifp->vrf->vrf_id)
		memset(&path->traffic, 0, sizeof(path->traffic));
	path->ifindex = ifp->ifindex;
	path->vrf_id = ifp->vrf->vrf_id;
	if (er_netlink_counters(ifp, &counters))
		er_traffic_take(&path->traffic, &counters, er_now().mono_ms);
	else
		path->traffic.known = false;
}

static void count_all(void)
{
	int64_t now_ms = er_now().mono_ms;
	struct path *path;

	if (counted_ms && now_ms - counted_ms < FRESH_MS)
		return;
	counted_ms = now_ms;
	frr_each (paths, &paths, path)
		count(path);
}

static void sample(struct event *event)
{
	count_all();
	if (paths_count(&paths))
		event_add_timer_msec(er_loop, sample, NULL, ER_PATH_SAMPLE_MS, &t_sample);
}

/* Of interfaces that are not there only the names are known. */
static bool same_interface(const struct path *a, const struct path *b)
{
	return a->ifname[0] && !strcmp(a->ifname, b->ifname) && a->ifindex == b->ifindex &&
	       a->vrf_id == b->vrf_id;
}

/* Does another path use the interface, too? */
static bool is_shared(const struct path *path)
{
	const struct path *other;

	frr_each (paths_const, &paths, other)
		if (other != path && same_interface(other, path))
			return true;
	return false;
}

/* Of the links and tunnels over its interface the first whose rate is known, or NULL. */
static const struct path *rated(const struct path *path, struct er_rate *rate)
{
	const struct path *other;

	frr_each (paths_const, &paths, other) {
		if (other->key.kind == ER_PATH_INTERNET || !same_interface(other, path))
			continue;
		er_traffic_rate(&other->traffic, rate);
		if (rate->known)
			return other;
	}
	return NULL;
}

/* What an interface sends counts once, over however many paths. */
static uint64_t sent_over_all(void)
{
	const struct path *path;
	struct er_rate rate;
	uint64_t sum = 0;

	frr_each (paths_const, &paths, path)
		if (rated(path, &rate) == path)
			sum += rate.out_bits;
	return sum;
}

static void use_of(const struct path *path, uint64_t sum, struct er_path_use *use)
{
	memset(use, 0, sizeof(*use));
	use->key = path->key;
	strlcpy(use->ifname, path->ifname, sizeof(use->ifname));
	use->known = path->traffic.known;
	use->shared = is_shared(path);
	use->counters = path->traffic.now;
	if (path->key.kind == ER_PATH_INTERNET || !rated(path, &use->rate))
		er_traffic_rate(&path->traffic, &use->rate);
	use->has_share = use->rate.known && sum && path->key.kind != ER_PATH_INTERNET;
	if (use->has_share)
		use->share = (use->rate.out_bits * 100 + sum / 2) / sum;
}

void er_paths_foreach(er_path_use_cb cb, void *arg)
{
	struct er_path_use use;
	struct path *path;
	uint64_t sum;

	count_all();
	sum = sent_over_all();
	frr_each (paths, &paths, path) {
		use_of(path, sum, &use);
		cb(&use, arg);
	}
}

/*
 * Probes
 */
static struct path_probe *find_probe(const char *name)
{
	struct path_probe key = {};

	strlcpy(key.name, name, sizeof(key.name));
	return path_probes_find(&probes, &key);
}

static void result(enum er_echo_result result, uint32_t rtt_us, void *arg)
{
	struct er_event ev = { .type = ER_EV_PATH };
	const struct path_probe *probe = arg;

	strlcpy(ev.path.name, probe->name, sizeof(ev.path.name));
	ev.path.sent = result != ER_ECHO_NO_WAY;
	ev.path.replied = result == ER_ECHO_REPLIED;
	ev.path.rtt_us = rtt_us;
	er_event_handle(&ev);
}

/* Of a link without one the other end of its subnet, of IPv6 when there is no other. */
static struct ipaddr target_of(const struct er_path_config *config)
{
	const struct er_session_key *session = &config->key.session;
	const struct er_circuit_config *circuit = er_core_config(er_core, session->circuit);
	struct ipaddr none = {};
	struct er_session_spec spec;

	if (!IS_IPADDR_NONE(&config->target) || config->key.kind != ER_PATH_LINK || !circuit)
		return config->target;
	for (enum er_family f = ER_IPV4; f < ER_FAMILIES; f++)
		if (er_plan_describe(circuit, session->peering, session->role, f, &spec))
			return spec.neighbor;
	return none;
}

void er_path_way(const struct er_path_config *config, struct er_probe_way *way)
{
	const struct path_probe *probe = find_probe(config->name);

	memset(way, 0, sizeof(*way));
	if (!config->has_path) {
		strlcpy(way->problem, "it has no path: 'via ...' names one", sizeof(way->problem));
		return;
	}
	strlcpy(way->ifname, ifname_of(&config->key), sizeof(way->ifname));
	way->target = target_of(config);
	if (!way->ifname[0])
		strlcpy(way->problem, "its path has no interface", sizeof(way->problem));
	else if (IS_IPADDR_NONE(&way->target))
		strlcpy(way->problem, "it has no target", sizeof(way->problem));
	else if (probe)
		strlcpy(way->problem, er_echo_problem(probe->echo), sizeof(way->problem));
}

static int want_probe(const struct er_path_config *config, void *arg)
{
	const char *ifname = config->has_path ? ifname_of(&config->key) : "";
	const struct interface *ifp = config->has_path ? interface_of(&config->key) : NULL;
	struct path_probe *probe = find_probe(config->name);
	struct er_echo_spec spec = {
		.target = target_of(config),
		.tcp_port = config->tcp_port,
		.ifindex = ifp ? ifp->ifindex : 0,
		.vrf_id = ifp ? ifp->vrf->vrf_id : VRF_DEFAULT,
		.interval_ms = config->interval_ms,
		.wait_ms = WAIT_MS,
		.routed = true,
	};

	if (!ifname[0] || IS_IPADDR_NONE(&spec.target))
		return 0;
	if (!probe) {
		probe = XCALLOC(MTYPE_PATH_PROBE, sizeof(*probe));
		strlcpy(probe->name, config->name, sizeof(probe->name));
		probe->echo = er_echo_new(result, probe);
		path_probes_add(&probes, probe);
	}
	probe->wanted = true;
	strlcpy(spec.ifname, ifname, sizeof(spec.ifname));
	er_echo_set(probe->echo, &spec);
	return 0;
}

static void free_probe(struct path_probe *probe)
{
	path_probes_del(&probes, probe);
	er_echo_free(&probe->echo);
	XFREE(MTYPE_PATH_PROBE, probe);
}

/*
 * The look
 */
static void sweep(void)
{
	struct path_probe *probe;
	struct path *path;

	frr_each_safe (paths, &paths, path) {
		if (path->wanted) {
			path->wanted = false;
			continue;
		}
		paths_del(&paths, path);
		XFREE(MTYPE_PATH, path);
	}
	frr_each_safe (path_probes, &probes, probe) {
		if (!probe->wanted)
			free_probe(probe);
		else
			probe->wanted = false;
	}
}

void er_paths_look(void)
{
	er_core_foreach(er_core, want_links, NULL);
	er_vpn_foreach(er_core, want_tunnels, NULL);
	er_core_foreach_path(er_core, want_internet, NULL);
	er_core_foreach_path(er_core, want_probe, NULL);
	sweep();
	if (!t_sample && paths_count(&paths))
		event_add_event(er_loop, sample, NULL, 0, &t_sample);
}

void er_paths_fini(void)
{
	struct path_probe *probe;
	struct path *path;

	event_cancel(&t_sample);
	while ((probe = path_probes_first(&probes)))
		free_probe(probe);
	while ((path = paths_pop(&paths)))
		XFREE(MTYPE_PATH, path);
}
