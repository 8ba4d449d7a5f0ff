// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a circuit's sessions are in plain FRR's configuration: to check what
 * the module does, and to move to plain FRR or from it.  Passwords are not
 * shown.
 *
 * A route-map has what the module does in the module's order.  An entry that
 * passes a route on to the next rule is one with on-match; what is permitted
 * without it has come to its end.
 */
#include <zebra.h>

#include "command.h"
#include "memory.h"
#include "vrf.h"

#include "core/guard.h"
#include "core/limits.h"
#include "core/text.h"
#include "erouted/er_show.h"
#include "erouted/erouted.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, PREFERENCES, "preferences by community");

#define NAME_LEN (ER_NAME_LEN + 48)
#define STEP	 10
#define DRAINED	 "EXPRESSROUTE-DRAINED"
#define RESERVED "EXPRESSROUTE-RESERVED"
#define PRIVATE	 "EXPRESSROUTE-PRIVATE"

static const struct {
	int af;
	const char *word;
	const char *whole;
	unsigned int max;
} families[ER_FAMILIES] = {
	[ER_IPV4] = { AF_INET, "ip", "0.0.0.0/0", IPV4_MAX_BITLEN },
	[ER_IPV6] = { AF_INET6, "ipv6", "::/0", IPV6_MAX_BITLEN },
};

/*
 * Names
 */
static const char *policy_in(const struct er_session_spec *spec, char *buf, size_t len)
{
	snprintf(buf, len, "%s-%s-%s-IN", spec->key.circuit,
		 er_peering_type_str(spec->key.peering), er_role_str(spec->key.role));
	return buf;
}

/* Of both links, unless only one of them prepends. */
static const char *policy_out(const struct er_circuit_config *config,
			      const struct er_session_spec *spec, char *buf, size_t len)
{
	bool one = config->peering[spec->key.peering].passive_prepend;

	snprintf(buf, len, "%s-%s%s%s-OUT", spec->key.circuit,
		 er_peering_type_str(spec->key.peering), one ? "-" : "",
		 one ? er_role_str(spec->key.role) : "");
	return buf;
}

/*
 * Neighbors
 */
void er_show_bgp_session(struct vty *vty, const struct er_session_spec *spec)
{
	const struct ipaddr *neighbor = &spec->neighbor;

	if (spec->router_as)
		vty_out(vty, " neighbor %pIA local-as %u no-prepend replace-as\n", neighbor,
			spec->router_as);
	if (spec->password[0])
		vty_out(vty, " neighbor %pIA password <hidden>\n", neighbor);
	if (spec->hold)
		vty_out(vty, " neighbor %pIA timers %u %u\n", neighbor, spec->keepalive,
			spec->hold);
	if (spec->bfd.enabled)
		vty_out(vty, " neighbor %pIA bfd %u %u %u\n", neighbor, spec->bfd.detect_multiplier,
			spec->bfd.receive_interval, spec->bfd.transmit_interval);
}

static void show_neighbor(struct vty *vty, const struct er_session_spec *spec)
{
	const struct ipaddr *neighbor = &spec->neighbor;

	vty_out(vty, " neighbor %pIA remote-as %u\n", neighbor, spec->neighbor_as);
	vty_out(vty, " neighbor %pIA description %s %s %s (expressroute)\n", neighbor,
		er_role_str(spec->key.role), spec->key.circuit,
		er_peering_type_str(spec->key.peering));
	vty_out(vty, " neighbor %pIA enforce-first-as\n", neighbor);
	vty_out(vty, " neighbor %pIA sender-as-path-loop-detection\n", neighbor);
	er_show_bgp_session(vty, spec);
}

/* Whether the module has something to say of what the session advertises. */
static bool has_policy_out(const struct er_circuit_config *config,
			   const struct er_session_spec *spec)
{
	const struct er_peering_config *peering = &config->peering[spec->key.peering];

	return spec->mode == ER_MANAGED || spec->key.peering == ER_MICROSOFT || spec->prepend ||
	       peering->n_advertise || peering->advertise_list[ER_IPV4][0] ||
	       peering->advertise_list[ER_IPV6][0];
}

static void show_family(struct vty *vty, const struct er_circuit_config *config,
			const struct er_session_spec *spec)
{
	const struct er_peering_config *peering = &config->peering[spec->key.peering];
	struct er_peering_spec plan;
	char name[NAME_LEN];

	vty_out(vty, " address-family %s unicast\n", er_family_str(spec->key.family));
	if (spec->mode == ER_MANAGED)
		vty_out(vty, "  neighbor %pIA activate\n", &spec->neighbor);
	if (spec->mode == ER_MANAGED &&
	    (spec->key.peering == ER_MICROSOFT || peering->route_filter[0]))
		vty_out(vty, "  neighbor %pIA soft-reconfiguration inbound\n", &spec->neighbor);
	vty_out(vty, "  neighbor %pIA route-map %s in\n", &spec->neighbor,
		policy_in(spec, name, sizeof(name)));
	if (has_policy_out(config, spec))
		vty_out(vty, "  neighbor %pIA route-map %s out\n", &spec->neighbor,
			policy_out(config, spec, name, sizeof(name)));
	if (er_plan_peering(NULL, config, spec->key.peering, spec->key.family, &plan) && plan.limit)
		vty_out(vty, "  neighbor %pIA maximum-prefix-out %u\n", &spec->neighbor,
			plan.limit);
	vty_out(vty, " exit-address-family\n");
}

static void show_session(struct vty *vty, const struct er_circuit_config *config,
			 const struct er_session_spec *spec)
{
	if (spec->mode == ER_PARTNER) {
		vty_out(vty, " ! the %s link ends on partner %pIA: the neighbor is yours\n",
			er_role_str(spec->key.role), &spec->neighbor);
		return;
	}
	if (spec->mode == ER_ATTACHED)
		vty_out(vty,
			" ! neighbor %pIA is yours, and so are its own route-maps:\n"
			" ! they are asked where 'yours' is said below\n",
			&spec->neighbor);
	else
		show_neighbor(vty, spec);
	show_family(vty, config, spec);
}

static void show_router(struct vty *vty, const struct er_circuit_config *config,
			enum er_peering_type type)
{
	const struct er_peering_config *peering = &config->peering[type];
	struct er_session_spec spec;

	if (strcmp(peering->vrf, VRF_DEFAULT_NAME))
		vty_out(vty, "! in 'router bgp ... vrf %s':\n", peering->vrf);
	else
		vty_out(vty, "! in 'router bgp ...':\n");
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			if (er_plan_session(config, type, role, family, &spec))
				show_session(vty, config, &spec);
}

/*
 * A route-map, entry by entry
 */
struct map {
	struct vty *vty;
	char name[NAME_LEN];
	unsigned int seq;
};

static void map_open(struct map *map, const char *action)
{
	map->seq += STEP;
	vty_out(map->vty, "route-map %s %s %u\n", map->name, action, map->seq);
}

static void map_close(struct map *map)
{
	vty_out(map->vty, "exit\n");
}

static void map_deny(struct map *map, const char *match, const char *list)
{
	map_open(map, "deny");
	vty_out(map->vty, " match %s %s\n", match, list);
	map_close(map);
}

static void map_deny_prefixes(struct map *map, enum er_family family, const char *list)
{
	map_open(map, "deny");
	vty_out(map->vty, " match %s address prefix-list %s\n", families[family].word, list);
	map_close(map);
}

/* What the operator's own map lets by goes on with the next entry. */
static void map_call(struct map *map, const struct er_session_spec *spec, const char *name)
{
	if (spec->mode == ER_ATTACHED) {
		vty_out(map->vty, "! here: yours, if the neighbor has one\n");
		return;
	}
	if (!name[0])
		return;
	map_open(map, "permit");
	vty_out(map->vty, " call %s\n on-match next\n", name);
	map_close(map);
}

/*
 * Private space: the guard itself is asked, so the two cannot differ.
 */
static bool refused(const struct prefix *p)
{
	return er_guard_prefix(ER_MICROSOFT, p) != ER_RULE_NONE;
}

static void halve(const struct prefix *p, struct prefix half[2])
{
	for (unsigned int i = 0; i < 2; i++) {
		prefix_copy(&half[i], p);
		half[i].prefixlen++;
		if (i)
			half[i].u.val[p->prefixlen / 8] |= 0x80 >> p->prefixlen % 8;
	}
}

/* The guard looks at so many bits. */
#define GUARD_BITS 16

static bool refused_all(const struct prefix *p)
{
	struct prefix half[2];

	if (!refused(p))
		return false;
	if (p->prefixlen == GUARD_BITS)
		return true;
	halve(p, half);
	return refused_all(&half[0]) && refused_all(&half[1]);
}

static void show_refused(struct vty *vty, const struct prefix *p, enum er_family family,
			 unsigned int *n)
{
	struct prefix half[2];

	if (!refused(p))
		return;
	if (refused_all(p)) {
		vty_out(vty, "%s prefix-list %s seq %u permit %pFX le %u\n", families[family].word,
			PRIVATE, 5 * ++*n, p, families[family].max);
		return;
	}
	halve(p, half);
	show_refused(vty, &half[0], family, n);
	show_refused(vty, &half[1], family, n);
}

static void show_private_space(struct vty *vty)
{
	vty_out(vty,
		"! default route and private space; what covers a piece of it is refused, too\n");
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		struct prefix all = { .family = families[family].af };
		unsigned int n = 1;

		vty_out(vty, "%s prefix-list %s seq 5 permit %s\n", families[family].word, PRIVATE,
			families[family].whole);
		show_refused(vty, &all, family, &n);
	}
}

/*
 * What we advertise: a prefix-list of a peering, for both directions
 */
static bool advertises(const struct er_peering_config *peering, enum er_family family)
{
	for (size_t i = 0; i < peering->n_advertise; i++)
		if (peering->advertise[i].family == families[family].af)
			return true;
	return false;
}

static void show_advertised(struct vty *vty, const struct er_circuit_config *config,
			    enum er_peering_type type, const char *suffix, bool within)
{
	const struct er_peering_config *peering = &config->peering[type];

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		for (size_t i = 0, n = 0; i < peering->n_advertise; i++) {
			const struct prefix *p = &peering->advertise[i];

			if (p->family != families[family].af)
				continue;
			vty_out(vty, "%s prefix-list %s-%s%s seq %zu permit %pFX",
				families[family].word, config->name, er_peering_type_str(type),
				suffix, 5 * ++n, p);
			if (within && p->prefixlen < families[family].max)
				vty_out(vty, " le %u", families[family].max);
			vty_out(vty, "\n");
		}
}

/*
 * Preference by region
 */
struct preference {
	er_community community;
	uint32_t local_pref;
};

struct preferences {
	const struct er_session_spec *spec;
	struct preference *item;
	size_t n, size;
};

static int add_preference(const struct er_policy_region *region, void *arg)
{
	struct preferences *all = arg;
	uint32_t local_pref = er_region_local_pref(&region->config, all->spec->key.circuit);

	/* not listed: as if there were no region, but it decides */
	local_pref = local_pref ? local_pref - all->spec->passive_cost : all->spec->local_pref;
	for (size_t i = 0; i < region->n; i++) {
		if (all->n == all->size) {
			all->size = MAX(2 * all->size, 16);
			all->item = XREALLOC(MTYPE_PREFERENCES, all->item,
					     all->size * sizeof(*all->item));
		}
		all->item[all->n++] = (struct preference){ region->community[i], local_pref };
	}
	return 0;
}

/* The numerically highest community decides: it comes first. */
static int highest_first(const void *a, const void *b)
{
	const struct preference *pa = a, *pb = b;

	return numcmp(pb->community, pa->community);
}

static struct preferences preferences_of(const struct er_session_spec *spec)
{
	struct preferences all = { .spec = spec };

	er_policy_foreach_region(add_preference, &all);
	if (all.n)
		qsort(all.item, all.n, sizeof(*all.item), highest_first);
	return all;
}

static void preferences_fini(struct preferences *all)
{
	XFREE(MTYPE_PREFERENCES, all->item);
}

/* Neighbors of one preference are one list, named after the first. */
static size_t run_of(const struct preferences *all, size_t from)
{
	size_t to = from + 1;

	while (to < all->n && all->item[to].local_pref == all->item[from].local_pref)
		to++;
	return to;
}

static const char *region_list(const struct er_session_spec *spec, er_community community,
			       char *buf, size_t len)
{
	snprintf(buf, len, "%s-%s-%s-%u-%u", spec->key.circuit,
		 er_peering_type_str(spec->key.peering), er_role_str(spec->key.role),
		 community >> 16, community & 0xffff);
	return buf;
}

static void show_region_lists(struct vty *vty, const struct er_session_spec *spec,
			      const struct preferences *all)
{
	char name[NAME_LEN], community[ER_COMMUNITY_STRLEN];

	for (size_t from = 0, to; from < all->n; from = to) {
		to = run_of(all, from);
		region_list(spec, all->item[from].community, name, sizeof(name));
		for (size_t i = from; i < to; i++)
			vty_out(vty, "bgp community-list standard %s seq %zu permit %s\n", name,
				5 * (i - from + 1),
				er_community_str(all->item[i].community, community));
	}
}

static void map_mark(struct map *map, const struct er_session_spec *spec)
{
	if (spec->site_of_origin[0])
		vty_out(map->vty, " set extcommunity soo %s\n", spec->site_of_origin);
}

static void show_preferences(struct map *map, const struct er_session_spec *spec,
			     const struct preferences *all)
{
	char name[NAME_LEN];

	map_open(map, "permit");
	vty_out(map->vty, " match as-path " DRAINED "\n set local-preference %u\n",
		spec->local_pref_drained);
	map_mark(map, spec);
	map_close(map);
	for (size_t from = 0; from < all->n; from = run_of(all, from)) {
		map_open(map, "permit");
		vty_out(map->vty, " match community %s\n set local-preference %u\n",
			region_list(spec, all->item[from].community, name, sizeof(name)),
			all->item[from].local_pref);
		map_mark(map, spec);
		map_close(map);
	}
	map_open(map, "permit");
	vty_out(map->vty, " set local-preference %u\n", spec->local_pref);
	map_mark(map, spec);
	map_close(map);
}

/*
 * In
 */
static void show_filter_list(struct vty *vty, const struct er_policy_filter *filter)
{
	char community[ER_COMMUNITY_STRLEN];

	for (size_t i = 0; i < filter->filter.n; i++)
		vty_out(vty, "bgp community-list standard FILTER-%s seq %zu permit %s\n",
			filter->config.name, 5 * (i + 1),
			er_community_str(filter->filter.community[i], community));
}

/* false: nothing passes. */
static bool show_filter(struct map *map, const struct er_peering_config *peering,
			enum er_peering_type type)
{
	const struct er_policy_filter *filter;

	if (!peering->route_filter[0] && type != ER_MICROSOFT)
		return true;
	filter = er_policy_filter(peering->route_filter);
	if (!filter || !filter->filter.n) {
		map_open(map, "deny");
		map_close(map);
		return false;
	}
	map_open(map, "permit");
	vty_out(map->vty, " match community FILTER-%s\n on-match goto %u\n", filter->config.name,
		map->seq + 2 * STEP);
	map_close(map);
	map_open(map, "deny");
	map_close(map);
	return true;
}

static void show_policy_in(struct vty *vty, const struct er_circuit_config *config,
			   const struct er_session_spec *spec)
{
	enum er_peering_type type = spec->key.peering;
	const struct er_peering_config *peering = &config->peering[type];
	struct preferences preferences = preferences_of(spec);
	struct map map = { .vty = vty };
	char own[NAME_LEN];

	show_region_lists(vty, spec, &preferences);
	policy_in(spec, map.name, sizeof(map.name));
	snprintf(own, sizeof(own), "%s-%s-OWN", config->name, er_peering_type_str(type));

	map_deny(&map, "as-path", RESERVED);
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (type == ER_MICROSOFT)
			map_deny_prefixes(&map, family, PRIVATE);
		if (advertises(peering, family))
			map_deny_prefixes(&map, family, own);
	}
	if (show_filter(&map, peering, type)) {
		map_call(&map, spec, peering->map_in);
		show_preferences(&map, spec, &preferences);
	}
	preferences_fini(&preferences);
}

/*
 * Out
 */

/* What is to be advertised goes on at the entry after the closing deny. */
static void show_sets(struct map *map, const struct er_circuit_config *config,
		      enum er_peering_type type)
{
	const struct er_peering_config *peering = &config->peering[type];
	unsigned int sets = 0, end;

	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
		sets += advertises(peering, family) + !!peering->advertise_list[family][0];
	if (!sets && peering->session == ER_ATTACHED)
		return;

	end = map->seq + (sets + 2) * STEP;
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		if (advertises(peering, family)) {
			map_open(map, "permit");
			vty_out(map->vty,
				" match %s address prefix-list %s-%s\n on-match goto %u\n",
				families[family].word, config->name, er_peering_type_str(type),
				end);
			map_close(map);
		}
		if (peering->advertise_list[family][0]) {
			map_open(map, "permit");
			vty_out(map->vty, " match %s address prefix-list %s\n on-match goto %u\n",
				families[family].word, peering->advertise_list[family], end);
			map_close(map);
		}
	}
	/* nothing is advertised but what is listed */
	map_open(map, "deny");
	map_close(map);
}

static void show_policy_out(struct vty *vty, const struct er_circuit_config *config,
			    const struct er_session_spec *spec)
{
	enum er_peering_type type = spec->key.peering;
	struct map map = { .vty = vty };

	policy_out(config, spec, map.name, sizeof(map.name));
	if (type == ER_MICROSOFT)
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			map_deny_prefixes(&map, family, PRIVATE);
	show_sets(&map, config, type);
	map_call(&map, spec, config->peering[type].map_out);
	map_open(&map, "permit");
	if (spec->prepend && spec->router_as) {
		vty_out(vty, " set as-path prepend");
		for (unsigned int i = 0; i < spec->prepend; i++)
			vty_out(vty, " %u", spec->router_as);
		vty_out(vty, "\n");
	} else if (spec->prepend) {
		vty_out(vty, " ! set as-path prepend ASN: that of 'router bgp', %u %s\n",
			spec->prepend, er_plural(spec->prepend, "time", "times"));
	}
	map_close(&map);
}

static void show_policies(struct vty *vty, const struct er_circuit_config *config,
			  enum er_peering_type type)
{
	const struct er_peering_config *peering = &config->peering[type];
	const struct er_policy_filter *filter = er_policy_filter(peering->route_filter);
	struct er_session_spec spec;
	bool shown = false;

	if (filter)
		show_filter_list(vty, filter);
	show_advertised(vty, config, type, "", false);
	show_advertised(vty, config, type, "-OWN", type == ER_MICROSOFT);
	for (enum er_role role = ER_PRIMARY; role < ER_ROLES; role++) {
		if (!er_plan_session(config, type, role, ER_IPV4, &spec) &&
		    !er_plan_session(config, type, role, ER_IPV6, &spec))
			continue;
		if (spec.mode == ER_PARTNER)
			continue;
		show_policy_in(vty, config, &spec);
		/* one for both links, unless they prepend differently */
		if (has_policy_out(config, &spec) && (!shown || peering->passive_prepend))
			show_policy_out(vty, config, &spec);
		shown = true;
	}
}

void er_show_bgp_config(struct vty *vty, const struct er_circuit_config *config)
{
	vty_out(vty, "! circuit %s in plain FRR's words.  Plain FRR cannot compare a link with\n",
		config->name);
	vty_out(vty, "! its twin: here drained means %u times AS %u in front.  It advertises the\n",
		ER_DRAIN_PREPENDS, ER_MICROSOFT_AS);
	vty_out(vty, "! first prefixes up to maximum-prefix-out, without priorities.\n");
	vty_out(vty, "bgp as-path access-list " DRAINED " seq 5 permit ^(%u_){%u}\n",
		ER_MICROSOFT_AS, ER_DRAIN_PREPENDS);
	vty_out(vty,
		"bgp as-path access-list " RESERVED " seq 5 permit "
		"_(0|23456|6449[6-9]|6450[0-9]|6451[01]|6553[5-9]|6554[0-9]|6555[01]|4294967295)_\n");
	if (config->peering[ER_MICROSOFT].configured)
		show_private_space(vty);
	for (enum er_peering_type type = ER_PRIVATE; type < ER_PEERING_TYPES; type++) {
		if (!config->peering[type].configured)
			continue;
		show_router(vty, config, type);
		show_policies(vty, config, type);
	}
}
