// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The public addresses of gateways: when a name is looked up, and which answer
 * counts.
 *
 * A name is asked for again when its TTL is over, when an interface or a default
 * route changes, and on demand; after a failure soon, and ever less often.  What
 * was used stays until there is an answer that can be used: a gateway does not
 * move because a DNS server is down.  It stays over a restart, too.
 */
#include <zebra.h>

#include "frrevent.h"
#include "if.h"
#include "log.h"
#include "memory.h"
#include "typesafe.h"
#include "vrf.h"

#include "core/limits.h"
#include "erouted/er_vpn.h"

DECLARE_MGROUP(EROUTED);
DEFINE_MTYPE_STATIC(EROUTED, GATEWAY_NAME, "name of a gateway");

/* However often it is asked for: this far apart. */
#define APART_MS 1000

PREDECL_SORTLIST_UNIQ(entries);

struct entry {
	struct entries_item item;
	struct er_gateway_key key;
	char name[ER_HOST_LEN];
	char way[ER_NAME_LEN + ER_IFNAME_LEN + 32]; /* the question goes, "": not seen yet */
	bool wanted;
	bool remembered; /* of before a restart, not yet wanted */
	enum er_resolve_state state;
	char problem[ER_TEXT_LEN];
	size_t n;
	struct ipaddr address[ER_ADDRESSES];
	int64_t answered_ms, asked_ms; /* 0: never */
	uint32_t retry_s;
	uint32_t failures;
	struct er_dns_query *query;
	struct event *t_ask;
};

static int entry_cmp(const struct entry *a, const struct entry *b)
{
	return er_gateway_key_cmp(&a->key, &b->key);
}

DECLARE_SORTLIST_UNIQ(entries, struct entry, item, entry_cmp);

static struct entries_head entries = INIT_SORTLIST_UNIQ(entries);

static void key_of(struct er_gateway_key *key, const char *vpn, enum er_role instance)
{
	memset(key, 0, sizeof(*key));
	strlcpy(key->vpn, vpn, sizeof(key->vpn));
	key->instance = instance;
}

static struct entry *find(const char *vpn, enum er_role instance)
{
	struct entry entry;

	key_of(&entry.key, vpn, instance);
	return entries_find(&entries, &entry);
}

static void view(const struct entry *entry, struct er_resolve_view *view)
{
	int64_t now_ms = er_now().mono_ms;

	memset(view, 0, sizeof(*view));
	view->state = entry->state;
	view->failures = entry->failures;
	strlcpy(view->problem, entry->problem, sizeof(view->problem));
	view->n = entry->n;
	memcpy(view->address, entry->address, sizeof(view->address));
	view->age_s = entry->answered_ms ? (now_ms - entry->answered_ms) / 1000 : -1;
	view->next_s = entry->t_ask ? (int64_t)event_timer_remain_second(entry->t_ask) : -1;
}

/*
 * Answers
 */
static void ask(struct event *event);

static void ask_in(struct entry *entry, int64_t ms)
{
	event_cancel(&entry->t_ask);
	event_add_timer_msec(er_loop, ask, entry, MAX(ms, 0), &entry->t_ask);
}

static bool same_addresses(const struct entry *entry, const struct ipaddr *address, size_t n)
{
	if (entry->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (ipaddr_cmp(&entry->address[i], &address[i]))
			return false;
	return true;
}

static void tell(const struct entry *entry)
{
	struct er_resolve_view now;

	view(entry, &now);
	er_vpn_notify_address(&entry->key, &now);
}

static void failed(struct entry *entry, const char *problem)
{
	bool said = entry->state == ER_RESOLVE_FAILED && !strcmp(entry->problem, problem);

	entry->state = ER_RESOLVE_FAILED;
	entry->failures++;
	strlcpy(entry->problem, problem, sizeof(entry->problem));
	entry->retry_s = entry->retry_s ? MIN(2 * entry->retry_s, ER_DNS_RETRY_MAX_S)
					: ER_DNS_RETRY_MIN_S;
	ask_in(entry, entry->retry_s * 1000LL);
	if (!said)
		tell(entry);
}

static void use(struct entry *entry, const struct ipaddr *address, size_t n, const char *problem)
{
	bool same = same_addresses(entry, address, n);
	bool say = !same || entry->state == ER_RESOLVE_FAILED || strcmp(entry->problem, problem);

	entry->state = ER_RESOLVE_RESOLVED;
	strlcpy(entry->problem, problem, sizeof(entry->problem));
	entry->retry_s = 0;
	entry->answered_ms = er_now().mono_ms;
	entry->n = n;
	memcpy(entry->address, address, n * sizeof(*address));
	if (say)
		tell(entry);
	if (same)
		return;
	er_persist_changed();
	er_vpn_evaluate();
}

static void answered(const struct er_dns_answer *answer, void *arg)
{
	struct ipaddr address[ER_ADDRESSES];
	char reason[ER_TEXT_LEN] = "";
	struct entry *entry = arg;
	size_t n;

	entry->query = NULL;
	DEBUGD(&er_dbg_vpn, "DNS: %s: %zu addresses, TTL %u s%s%s", entry->name, answer->n,
	       answer->ttl_s, answer->problem ? ", " : "", answer->problem ?: "");
	if (answer->problem) {
		failed(entry, answer->problem);
		return;
	}
	n = er_pin_addresses(answer->address, answer->n, address, reason, sizeof(reason));
	if (!n) {
		failed(entry, reason[0] ? reason : "no address of it can be used");
		return;
	}
	ask_in(entry, MIN(MAX(answer->ttl_s, ER_DNS_TTL_MIN_S), ER_DNS_TTL_MAX_S) * 1000LL);
	use(entry, address, n, reason);
}

static void ask(struct event *event)
{
	struct entry *entry = EVENT_ARG(event);
	const struct er_vpn_config *config = er_vpn_config(er_core, entry->key.vpn);
	struct vrf *vrf = config ? er_pin_vrf(config) : NULL;

	if (entry->query)
		return;
	entry->asked_ms = er_now().mono_ms;
	if (!vrf) {
		failed(entry, "the VRF or interface that leads there is missing");
		return;
	}
	entry->query = er_dns_ask(entry->name, vrf->vrf_id, answered, entry);
}

static void ask_now(struct entry *entry)
{
	int64_t wait_ms = entry->asked_ms ? entry->asked_ms + APART_MS - er_now().mono_ms : 0;

	if (entry->state == ER_RESOLVE_LITERAL || entry->remembered || entry->query)
		return;
	/* one that is due sooner stays so */
	if (entry->t_ask && event_timer_remain_msec(entry->t_ask) <= (unsigned long)MAX(wait_ms, 0))
		return;
	entry->retry_s = 0;
	ask_in(entry, wait_ms);
}

void er_resolve_now(const char *vpn)
{
	struct entry *entry;

	frr_each (entries, &entries, entry)
		if (!vpn || !strcmp(vpn, entry->key.vpn))
			ask_now(entry);
}

/*
 * Gateways
 */
static struct entry *new_entry(const char *vpn, enum er_role instance, const char *name)
{
	struct entry *entry = XCALLOC(MTYPE_GATEWAY_NAME, sizeof(*entry));

	key_of(&entry->key, vpn, instance);
	strlcpy(entry->name, name, sizeof(entry->name));
	entries_add(&entries, entry);
	return entry;
}

static void free_entry(struct entry *entry)
{
	er_dns_cancel(&entry->query);
	event_cancel(&entry->t_ask);
	entries_del(&entries, entry);
	XFREE(MTYPE_GATEWAY_NAME, entry);
}

static void begin(struct entry *entry)
{
	struct ipaddr literal;

	entry->remembered = false;
	if (str2ipaddr(entry->name, &literal) == 0) {
		entry->state = ER_RESOLVE_LITERAL;
		entry->n = 1;
		entry->address[0] = literal;
		return;
	}
	entry->state = ER_RESOLVE_RESOLVING;
	ask_in(entry, 0);
}

/*
 * The question goes another way, or the way has come or gone: what is known may be
 * wrong, and what was missing is there.
 */
static void follow_way(struct entry *entry, const struct er_vpn_config *config)
{
	const char *ifname = config->pin == ER_PIN_INTERFACE ? config->pin_ifname : "";
	const struct interface *ifp = ifname[0] ? er_pin_interface(config) : NULL;
	const struct vrf *vrf = er_pin_vrf(config);
	char way[sizeof(entry->way)];

	snprintf(way, sizeof(way), "%s %u %s %u %s", config->vrf, vrf ? vrf->vrf_id : VRF_UNKNOWN,
		 ifname, ifp ? ifp->ifindex : 0, ifp && if_is_operative(ifp) ? "up" : "down");
	if (!strcmp(way, entry->way))
		return;
	if (entry->way[0])
		ask_now(entry);
	strlcpy(entry->way, way, sizeof(entry->way));
}

void er_resolve_want(const struct er_vpn_config *config, enum er_role instance)
{
	const char *name = config->gateway[instance].address;
	struct entry *entry = find(config->name, instance);

	if (entry && strcmp(entry->name, name)) {
		free_entry(entry);
		entry = NULL;
	}
	if (!name[0])
		return;
	if (!entry)
		begin(entry = new_entry(config->name, instance, name));
	else if (entry->remembered)
		begin(entry);
	entry->wanted = true;
	follow_way(entry, config);
}

void er_resolve_sweep(void)
{
	struct entry *entry;

	frr_each_safe (entries, &entries, entry) {
		/* the configuration of what is remembered may still come */
		if (!entry->wanted && (!entry->remembered || er_nb_config_known()))
			free_entry(entry);
		else
			entry->wanted = false;
	}
}

bool er_resolve_view(const char *vpn, enum er_role instance, struct er_resolve_view *out)
{
	const struct entry *entry = find(vpn, instance);

	if (!entry || entry->remembered)
		return false;
	view(entry, out);
	return true;
}

const char *er_resolve_state_str(enum er_resolve_state state)
{
	static const char *const names[] = {
		[ER_RESOLVE_NONE] = "none",	      [ER_RESOLVE_LITERAL] = "literal",
		[ER_RESOLVE_RESOLVING] = "resolving", [ER_RESOLVE_RESOLVED] = "resolved",
		[ER_RESOLVE_FAILED] = "failed",
	};

	return names[state];
}

/*
 * Over a restart
 */
void er_resolve_restore(const char *vpn, enum er_role instance, const char *name,
			const struct ipaddr *address, size_t n)
{
	struct entry *entry;

	if (find(vpn, instance))
		return;
	entry = new_entry(vpn, instance, name);
	entry->remembered = true;
	entry->n = MIN(n, ER_ADDRESSES);
	memcpy(entry->address, address, entry->n * sizeof(*address));
}

void er_resolve_remember(er_resolve_memory_cb cb, void *arg)
{
	const struct entry *entry;

	frr_each (entries_const, &entries, entry)
		if (entry->n && entry->state != ER_RESOLVE_LITERAL)
			cb(&entry->key, entry->name, entry->address, entry->n, arg);
}

void er_resolve_fini(void)
{
	struct entry *entry;

	while ((entry = entries_first(&entries)))
		free_entry(entry);
}
