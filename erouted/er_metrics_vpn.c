// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VPN backups and their gateways, as OpenMetrics text.
 */
#include <zebra.h>

#include "core/text.h"
#include "erouted/er_metrics.h"
#include "erouted/er_vpn.h"

/* What a metric is of: one of these functions writes its samples. */
struct metric {
	struct er_metric base;
	void (*backup)(FILE *out, const struct er_metric *metric, const char *labels,
		       const struct er_vpn_config *config);
	void (*family)(FILE *out, const struct er_metric *metric, const char *labels,
		       const struct er_vpn_view *view);
	void (*address)(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_resolve_view *view);
	void (*gateway)(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_gateway_view *view);
};

/*
 * Of a backup: its failover test
 */
static void test_result(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_vpn_config *config)
{
	struct er_test_report report;

	if (!er_vpn_report(er_core, config->name, &report))
		return;
	for (enum er_test_result r = ER_TEST_NONE; r <= ER_TEST_REFUSED; r++)
		er_metric_state(out, metric, labels, er_test_result_str(r), report.result == r);
}

static void test_time(FILE *out, const struct er_metric *metric, const char *labels,
		      const struct er_vpn_config *config)
{
	struct er_test_report report;

	if (er_vpn_report(er_core, config->name, &report) && report.began_wall)
		er_metric_sample(out, metric, labels, report.began_wall);
}

static void test_passed_time(FILE *out, const struct er_metric *metric, const char *labels,
			     const struct er_vpn_config *config)
{
	struct er_test_report report;

	if (er_vpn_report(er_core, config->name, &report) && report.passed_wall)
		er_metric_sample(out, metric, labels, report.passed_wall);
}

static void test_due(FILE *out, const struct er_metric *metric, const char *labels,
		     const struct er_vpn_config *config)
{
	er_metric_sample(out, metric, labels, er_vpn_test_is_due(er_core, config->name, er_now()));
}

/*
 * Of a family
 */
static void state(FILE *out, const struct er_metric *metric, const char *labels,
		  const struct er_vpn_view *view)
{
	for (enum er_vpn_state s = ER_VPN_INACTIVE; s <= ER_VPN_RESTORING; s++)
		er_metric_state(out, metric, labels, er_vpn_state_str(s), view->state == s);
}

static void active(FILE *out, const struct er_metric *metric, const char *labels,
		   const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->prefers_vpn);
}

static void activations(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->activations);
}

static void gateways_up(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels,
			 (view->gateway[ER_PRIMARY].health == ER_GATEWAY_UP) +
				 (view->gateway[ER_SECONDARY].health == ER_GATEWAY_UP));
}

static void expressroute_prefixes(FILE *out, const struct er_metric *metric, const char *labels,
				  const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->rib.expressroute);
}

static void uncovered(FILE *out, const struct er_metric *metric, const char *labels,
		      const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->rib.uncovered);
}

static void more_specific(FILE *out, const struct er_metric *metric, const char *labels,
			  const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->rib.more_specific);
}

static void suppressed(FILE *out, const struct er_metric *metric, const char *labels,
		       const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->rib.suppressed);
}

static void over_vpn(FILE *out, const struct er_metric *metric, const char *labels,
		     const struct er_vpn_view *view)
{
	er_metric_sample(out, metric, labels, view->rib.over_vpn);
}

/*
 * Of a gateway's name, and of a gateway in a family
 */
static void resolved(FILE *out, const struct er_metric *metric, const char *labels,
		     const struct er_resolve_view *view)
{
	er_metric_sample(out, metric, labels, view->state == ER_RESOLVE_RESOLVED);
}

static void resolve_failures(FILE *out, const struct er_metric *metric, const char *labels,
			     const struct er_resolve_view *view)
{
	er_metric_sample(out, metric, labels, view->failures);
}

static void gateway_up(FILE *out, const struct er_metric *metric, const char *labels,
		       const struct er_gateway_view *view)
{
	er_metric_sample(out, metric, labels, view->health == ER_GATEWAY_UP);
}

static void session_established(FILE *out, const struct er_metric *metric, const char *labels,
				const struct er_gateway_view *view)
{
	if (view->has_session)
		er_metric_sample(out, metric, labels,
				 view->session.state == ER_SESSION_ESTABLISHED);
}

static void gateway_flaps(FILE *out, const struct er_metric *metric, const char *labels,
			  const struct er_gateway_view *view)
{
	er_metric_sample(out, metric, labels, view->flaps);
}

static bool has_probe(const struct er_gateway_view *view)
{
	return view->probe.state != ER_PROBE_NONE;
}

static void probes(FILE *out, const struct er_metric *metric, const char *labels,
		   const struct er_gateway_view *view)
{
	if (has_probe(view))
		er_metric_sample(out, metric, labels, view->probe.sent);
}

static void probes_lost(FILE *out, const struct er_metric *metric, const char *labels,
			const struct er_gateway_view *view)
{
	if (has_probe(view))
		er_metric_sample(out, metric, labels, view->probe.lost);
}

static void probe_rtt(FILE *out, const struct er_metric *metric, const char *labels,
		      const struct er_gateway_view *view)
{
	if (has_probe(view) && view->probe.rtt_us)
		er_metric_millionths(out, metric, labels, view->probe.rtt_us);
}

/* clang-format off */
static const struct metric metrics[] = {
	{ .base = { "vpn_state", "1 for what the state of the VPN backup is" },
	  .family = state },
	{ .base = { "vpn_active", "Our routes prefer the VPN" },
	  .family = active },
	{ .base = { "vpn_activations", "How often the VPN backup has become active since erouted started", .counter = true },
	  .family = activations },
	{ .base = { "vpn_gateways_up", "Gateways that can carry traffic" },
	  .family = gateways_up },
	{ .base = { "vpn_expressroute_prefixes", "Prefixes of ExpressRoute that the VPN backs" },
	  .family = expressroute_prefixes },
	{ .base = { "vpn_uncovered_prefixes", "Those of them without a path over the VPN" },
	  .family = uncovered },
	{ .base = { "vpn_more_specific_prefixes", "Prefixes of the VPN within one of ExpressRoute" },
	  .family = more_specific },
	{ .base = { "vpn_suppressed_prefixes", "Those of them that are kept out" },
	  .family = suppressed },
	{ .base = { "vpn_best_prefixes", "Prefixes whose best path is over the VPN" },
	  .family = over_vpn },
	{ .base = { "vpn_test_result", "1 for what the result of the last failover test is" },
	  .backup = test_result },
	{ .base = { "vpn_test_time_seconds", "When the last failover test began, since the epoch" },
	  .backup = test_time },
	{ .base = { "vpn_test_passed_time_seconds", "When the last failover test that passed began, since the epoch" },
	  .backup = test_passed_time },
	{ .base = { "vpn_test_due", "The last failover test that passed is older than test-interval" },
	  .backup = test_due },
	{ .base = { "vpn_gateway_name_resolved", "The last look-up of the name of the gateway has succeeded" },
	  .address = resolved },
	{ .base = { "vpn_gateway_name_failures", "Look-ups of the name of the gateway that failed", .counter = true },
	  .address = resolve_failures },
	{ .base = { "vpn_gateway_up", "The gateway can carry traffic" },
	  .gateway = gateway_up },
	{ .base = { "vpn_gateway_session_established", "The BGP session with the gateway is established" },
	  .gateway = session_established },
	{ .base = { "vpn_gateway_flaps", "How often the gateway was lost since the counters were cleared", .counter = true },
	  .gateway = gateway_flaps },
	{ .base = { "vpn_gateway_probes", "Probes sent through the tunnel", .counter = true },
	  .gateway = probes },
	{ .base = { "vpn_gateway_probes_lost", "Those of them without a reply", .counter = true },
	  .gateway = probes_lost },
	{ .base = { "vpn_gateway_probe_rtt_seconds", "Round trip of the last probe through the tunnel" },
	  .gateway = probe_rtt },
};
/* clang-format on */

/*
 * Walking
 */
struct walk {
	FILE *out;
	const struct metric *metric;
};

static void add_family(const struct walk *walk, const struct er_vpn_config *config,
		       enum er_family family)
{
	const struct metric *metric = walk->metric;
	char labels[ER_LABELS_LEN] = "", of_gateway[ER_LABELS_LEN];
	struct er_vpn_view view;

	if (!er_vpn_view(er_core, config->name, family, er_now(), &view) || !view.configured)
		return;
	er_metric_label(labels, "vpn_backup", config->name);
	er_metric_label(labels, "family", er_family_str(family));
	if (metric->family) {
		metric->family(walk->out, &metric->base, labels, &view);
		return;
	}
	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		if (!view.gateway[r].configured)
			continue;
		strlcpy(of_gateway, labels, sizeof(of_gateway));
		er_metric_label(of_gateway, "gateway", er_instance_str(r));
		metric->gateway(walk->out, &metric->base, of_gateway, &view.gateway[r]);
	}
}

static void add_addresses(const struct walk *walk, const struct er_vpn_config *config)
{
	char labels[ER_LABELS_LEN];
	struct er_resolve_view view;

	for (enum er_role r = ER_PRIMARY; r < ER_ROLES; r++) {
		if (!er_resolve_view(config->name, r, &view) || view.state == ER_RESOLVE_LITERAL)
			continue;
		labels[0] = '\0';
		er_metric_label(labels, "vpn_backup", config->name);
		er_metric_label(labels, "gateway", er_instance_str(r));
		walk->metric->address(walk->out, &walk->metric->base, labels, &view);
	}
}

static int add_backup(const struct er_vpn_config *config, void *arg)
{
	const struct walk *walk = arg;
	char labels[ER_LABELS_LEN] = "";

	if (walk->metric->backup) {
		er_metric_label(labels, "vpn_backup", config->name);
		walk->metric->backup(walk->out, &walk->metric->base, labels, config);
	} else if (walk->metric->address) {
		add_addresses(walk, config);
	} else {
		for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++)
			add_family(walk, config, family);
	}
	return 0;
}

void er_metrics_vpn(FILE *out)
{
	for (size_t i = 0; i < array_size(metrics); i++) {
		er_metric_head(out, &metrics[i].base);
		er_vpn_foreach(er_core, add_backup, &(struct walk){ out, &metrics[i] });
	}
}
