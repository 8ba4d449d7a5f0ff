// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of ExpressRoute's prefixes have a backup over the VPN, and which of the
 * VPN's are more specific than ExpressRoute's: numbers, a few examples, and all
 * of them by name when somebody asks.
 *
 * Nothing is added up as routes come and go, so nothing can drift: when
 * something has changed that a count depends on, all is counted anew, in slices,
 * and in a small part of the time.  Only the number of best paths over the VPN
 * is kept at hand, because it tells when traffic has moved.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"
#include "bgpd/er_cover.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_UNCOVERED, "ExpressRoute prefixes without backup");

/* Prefixes per event: about 1 ms. */
#define SLICE 1000
/* From the first change to the count, so that what comes together is counted once. */
#define SETTLE_MS 100
/* After a count there is a rest, so many times as long as it took the processor. */
#define REST 20
/* From one report to the next. */
#define PACE_MS 50

/*
 * ExpressRoute's prefixes, each once, whatever the number of circuits.
 */
static bool is_repeated(const struct er_bgp_peering *vpn, size_t circuit,
			const struct bgp_dest *dest)
{
	for (size_t i = 0; i < circuit; i++)
		if (er_rib_has(vpn->backed[i], dest))
			return true;
	return false;
}

/* NULL: no more.  Start with 0 and 0. */
static struct bgp_dest *next_of_circuits(const struct er_bgp_peering *vpn, size_t *circuit,
					 uint32_t *at)
{
	struct bgp_dest *dest;

	for (; *circuit < vpn->n_backed; (*circuit)++, *at = 0)
		while ((dest = er_rib_next(vpn->backed[*circuit], at)))
			if (!is_repeated(vpn, *circuit, dest))
				return dest;
	return NULL;
}

static bool is_covered(const struct er_cover *cover, const struct prefix *prefix)
{
	struct route_node *node = route_node_match(cover->routes, prefix), *at;

	if (node)
		route_unlock_node(node);
	for (at = node; at; at = at->parent) {
		const struct er_cover_route *route = at->info;

		if (route && (route->flags & ER_COVER_THERE))
			return true;
	}
	return false;
}

/* A static one is erouted's to keep out. */
static bool is_kept_out(const struct er_cover *cover, const struct er_cover_route *route)
{
	if (route->flags & ER_COVER_ANY_ACCEPTED)
		return false;
	return (route->flags & ER_COVER_ANY_KEPT_OUT) || cover->vpn->spec.suppress;
}

/*
 * Counting.
 */

static int address_cmp(const void *a, const void *b)
{
	const struct prefix *pa = a, *pb = b;

	return memcmp(pa->u.val, pb->u.val, prefix_blen(pa))
		       ?: numcmp(pa->prefixlen, pb->prefixlen);
}

/* The first few by their address, whatever the order in which they come. */
static void add_example(struct prefix example[ER_WIRE_EXAMPLES], uint8_t *n,
			const struct prefix *prefix)
{
	unsigned int at = *n;

	while (at && address_cmp(&example[at - 1], prefix) > 0)
		at--;
	if (at == ER_WIRE_EXAMPLES)
		return;
	*n = MIN(*n + 1, ER_WIRE_EXAMPLES);
	memmove(&example[at + 1], &example[at], (*n - 1 - at) * sizeof(*example));
	memset(&example[at], 0, sizeof(*example)); /* reports are compared as a whole */
	prefix_copy(&example[at], prefix);
}

static void count_expressroute(const struct er_cover *cover, struct er_wire_vpn_rib *next,
			       const struct prefix *prefix)
{
	next->rib.expressroute++;
	if (is_covered(cover, prefix))
		return;
	next->rib.uncovered++;
	add_example(next->uncovered, &next->n_uncovered, prefix);
}

static void count_route(const struct er_cover *cover, struct er_wire_vpn_rib *next,
			const struct route_node *node)
{
	const struct er_cover_route *route = node->info;

	if (!route || !(route->flags & ER_COVER_THERE) || !er_cover_within(cover->vpn, &node->p))
		return;
	next->rib.more_specific++;
	next->rib.suppressed += is_kept_out(cover, route);
	add_example(next->more_specific, &next->n_more_specific, &node->p);
}

static void stop(struct er_cover *cover)
{
	struct er_cover_counting *counting = &cover->counting;

	event_cancel(&counting->t_slice);
	if (counting->node)
		route_unlock_node(counting->node);
	counting->node = NULL;
	counting->running = false;
}

static void begin(struct er_cover *cover)
{
	struct er_cover_counting *counting = &cover->counting;

	stop(cover);
	counting->running = true;
	counting->again = false;
	counting->circuit = 0;
	counting->at = 0;
	counting->node = route_top(cover->routes);
	memset(&counting->next, 0, sizeof(counting->next));
	counting->spent_us = 0;
}

/* A busy machine makes no count expensive, it only takes longer. */
static int64_t processor_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Returns false when all is counted. */
static bool count_slice(struct er_cover *cover, unsigned int n)
{
	struct er_cover_counting *counting = &cover->counting;
	int64_t began_us = processor_us();
	struct bgp_dest *dest;

	for (; n; n--) {
		dest = next_of_circuits(cover->vpn, &counting->circuit, &counting->at);
		if (!dest)
			break;
		count_expressroute(cover, &counting->next, bgp_dest_get_prefix(dest));
	}
	for (; n && counting->node; n--) {
		count_route(cover, &counting->next, counting->node);
		counting->node = route_next(counting->node);
	}
	counting->spent_us += processor_us() - began_us;
	return !n;
}

static void done(struct er_cover *cover)
{
	struct er_cover_counting *counting = &cover->counting;

	counting->running = false;
	counting->ended_ms = er_mono_ms();
	cover->counted = counting->next;
	er_coverage_report_soon(cover);
	if (counting->again)
		er_coverage_changed(cover);
}

static void go_on(struct event *event)
{
	struct er_cover *cover = EVENT_ARG(event);

	if (count_slice(cover, SLICE))
		event_add_event(bm->master, go_on, cover, 0, &cover->counting.t_slice);
	else
		done(cover);
}

static void begin_now(struct event *event)
{
	begin(EVENT_ARG(event));
	go_on(event);
}

void er_coverage_changed(struct er_cover *cover)
{
	struct er_cover_counting *counting = &cover->counting;
	int64_t rest = counting->ended_ms + counting->spent_us * REST / 1000 - er_mono_ms();

	counting->again = true;
	if (!counting->t_slice)
		event_add_timer_msec(bm->master, begin_now, cover, MAX(SETTLE_MS, rest),
				     &counting->t_slice);
}

/*
 * Reporting.
 */
static void say(struct er_cover *cover, bool always)
{
	struct er_wire_msg msg = { .type = ER_WIRE_VPN_RIB, .vpn_rib = cover->counted };

	msg.vpn_rib.peering = cover->vpn->key;
	msg.vpn_rib.rib.over_vpn = cover->n_best;
	if (!always && cover->was_reported &&
	    !memcmp(&msg.vpn_rib, &cover->reported, sizeof(msg.vpn_rib)))
		return;
	er_channel_send(&msg);
	cover->reported = msg.vpn_rib;
	cover->was_reported = true;
	cover->report_ms = er_mono_ms();
}

static void say_now(struct event *event)
{
	say(EVENT_ARG(event), false);
}

void er_coverage_report_soon(struct er_cover *cover)
{
	int64_t since = er_mono_ms() - cover->report_ms;

	event_add_timer_msec(bm->master, say_now, cover, since < PACE_MS ? PACE_MS - since : 0,
			     &cover->t_report);
}

void er_coverage_say_static(const struct er_cover *cover, const struct er_cover_route *route)
{
	struct er_wire_msg msg = { .type = ER_WIRE_STATIC_STATE };

	msg.static_state.peering = cover->vpn->key;
	prefix_copy(&msg.static_state.prefix, &route->node->p);
	msg.static_state.more_specific = route->flags & ER_COVER_WITHIN;
	er_channel_send(&msg);
}

void er_coverage_say(struct er_cover *cover)
{
	if (cover->counting.again || cover->counting.running) {
		begin(cover);
		count_slice(cover, UINT_MAX);
		done(cover);
	}
	say(cover, true);
	for (struct route_node *node = route_top(cover->routes); node; node = route_next(node)) {
		const struct er_cover_route *route = node->info;

		if (route && route->flags & ER_COVER_STATIC)
			er_coverage_say_static(cover, route);
	}
}

void er_coverage_stop(struct er_cover *cover)
{
	stop(cover);
	event_cancel(&cover->t_report);
}

/*
 * By name, in the order of their addresses.
 */
void er_coverage_foreach_uncovered(struct er_bgp_peering *vpn, er_coverage_cb cb, void *arg)
{
	struct prefix *all = NULL;
	size_t n = 0, size = 0, circuit = 0;
	uint32_t at = 0;
	struct bgp_dest *dest;

	while ((dest = next_of_circuits(vpn, &circuit, &at))) {
		if (is_covered(vpn->cover, bgp_dest_get_prefix(dest)))
			continue;
		if (n == size) {
			size = MAX(size * 2, 64u);
			all = XREALLOC(MTYPE_ER_UNCOVERED, all, size * sizeof(*all));
		}
		prefix_copy(&all[n++], bgp_dest_get_prefix(dest));
	}
	if (n)
		qsort(all, n, sizeof(*all), address_cmp);
	for (size_t i = 0; i < n && !cb(vpn, &all[i], NULL, false, arg); i++)
		;
	XFREE(MTYPE_ER_UNCOVERED, all);
}

void er_coverage_foreach_more_specific(struct er_bgp_peering *vpn, er_coverage_cb cb, void *arg)
{
	struct route_node *node;

	for (node = route_top(vpn->cover->routes); node; node = route_next(node)) {
		const struct er_cover_route *route = node->info;
		struct bgp_dest *within;

		if (!route || !(route->flags & ER_COVER_THERE))
			continue;
		within = er_cover_within(vpn, &node->p);
		if (within && cb(vpn, &node->p, bgp_dest_get_prefix(within),
				 is_kept_out(vpn->cover, route), arg))
			break;
	}
	if (node)
		route_unlock_node(node);
}
