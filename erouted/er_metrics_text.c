// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What erouted knows, as OpenMetrics text.
 *
 * All samples of a metric stand together, so each metric walks the circuits.
 * States are one sample per value, 1 for the one that is: "gauge" and not
 * "stateset", which older readers do not know.  Names need no escaping: the
 * model allows none that would.
 */
#include <zebra.h>

#include "core/text.h"
#include "erouted/er_audit.h"
#include "erouted/er_metrics.h"
#include "erouted/er_show.h"
#include "erouted/erouted.h"

struct metric;

struct labels {
	const char *circuit, *peering, *family;
	const char *link; /* NULL: of the peering */
	struct er_peering_key key;
};

typedef void (*peering_cb)(FILE *out, const struct metric *metric, const struct labels *labels,
			   const struct er_peering_view *view);
typedef void (*session_cb)(FILE *out, const struct metric *metric, const struct labels *labels,
			   const struct er_session_view *view, enum er_role role,
			   const struct er_peering_view *peering);

struct metric {
	const char *name; /* without "expressroute_" and "_total" */
	const char *help;
	bool counter;
	peering_cb peering;
	session_cb session;
};

/* extra: one more label, or NULL. */
static void sample(FILE *out, const struct metric *metric, const struct labels *labels,
		   const char *extra, const char *value_of_extra, int64_t value)
{
	fprintf(out, "expressroute_%s%s{circuit=\"%s\",peering=\"%s\",family=\"%s\"", metric->name,
		metric->counter ? "_total" : "", labels->circuit, labels->peering, labels->family);
	if (labels->link)
		fprintf(out, ",link=\"%s\"", labels->link);
	if (extra)
		fprintf(out, ",%s=\"%s\"", extra, value_of_extra);
	fprintf(out, "} %" PRId64 "\n", value);
}

/*
 * Of a peering
 */
static void redundancy(FILE *out, const struct metric *metric, const struct labels *labels,
		       const struct er_peering_view *view)
{
	for (enum er_redundancy r = ER_DOWN; r <= ER_INACTIVE; r++)
		sample(out, metric, labels, "state", er_redundancy_str(r),
		       view->assessment.redundancy == r);
}

static void drained(FILE *out, const struct metric *metric, const struct labels *labels,
		    const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->assessment.drained);
}

static void asymmetric(FILE *out, const struct metric *metric, const struct labels *labels,
		       const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->assessment.asymmetric);
}

static void flapping(FILE *out, const struct metric *metric, const struct labels *labels,
		     const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->assessment.flapping);
}

static void state_seconds(FILE *out, const struct metric *metric, const struct labels *labels,
			  const struct er_peering_view *view)
{
	const struct er_seconds *seconds = &view->seconds[ER_SINCE_START];

	sample(out, metric, labels, "state", "redundant", seconds->redundant);
	sample(out, metric, labels, "state", "degraded", seconds->degraded);
	sample(out, metric, labels, "state", "down", seconds->down);
}

static void prefixes(FILE *out, const struct metric *metric, const struct labels *labels,
		     const struct er_peering_view *view)
{
	for (enum er_direction d = ER_ADVERTISED; d < ER_DIRECTIONS; d++)
		sample(out, metric, labels, "direction", er_direction_str(d), view->limit[d].count);
}

static void prefix_limit(FILE *out, const struct metric *metric, const struct labels *labels,
			 const struct er_peering_view *view)
{
	for (enum er_direction d = ER_ADVERTISED; d < ER_DIRECTIONS; d++)
		if (view->limit[d].limit)
			sample(out, metric, labels, "direction", er_direction_str(d),
			       view->limit[d].limit);
}

static void held(FILE *out, const struct metric *metric, const struct labels *labels,
		 const struct er_peering_view *view)
{
	sample(out, metric, labels, NULL, NULL, view->rib.held);
}

static void standby_ready(FILE *out, const struct metric *metric, const struct labels *labels,
			  const struct er_peering_view *view)
{
	struct er_standby_view standby;

	if (er_core_standby(er_core, &labels->key, &standby))
		sample(out, metric, labels, "for", standby.circuit, standby.ready);
}

static void refused(FILE *out, const struct metric *metric, const struct labels *labels,
		    const struct er_peering_view *view)
{
	if (!view->rib.refused_known)
		return;
	for (enum er_rule rule = ER_RULE_NONE + 1; rule < ER_RULES; rule++)
		if (view->rib.refused[rule])
			sample(out, metric, labels, "rule", er_rule_str(rule),
			       view->rib.refused[rule]);
}

/*
 * Of a session
 */
static void established(FILE *out, const struct metric *metric, const struct labels *labels,
			const struct er_session_view *view, enum er_role role,
			const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->facts.state == ER_SESSION_ESTABLISHED);
}

static void established_time(FILE *out, const struct metric *metric, const struct labels *labels,
			     const struct er_session_view *view, enum er_role role,
			     const struct er_peering_view *peering)
{
	if (view->facts.established_wall)
		sample(out, metric, labels, NULL, NULL, view->facts.established_wall);
}

static void bfd_up(FILE *out, const struct metric *metric, const struct labels *labels,
		   const struct er_session_view *view, enum er_role role,
		   const struct er_peering_view *peering)
{
	if (view->facts.bfd != ER_BFD_UNKNOWN && view->facts.bfd != ER_BFD_DISABLED)
		sample(out, metric, labels, NULL, NULL, view->facts.bfd == ER_BFD_UP);
}

static void health(FILE *out, const struct metric *metric, const struct labels *labels,
		   const struct er_session_view *view, enum er_role role,
		   const struct er_peering_view *peering)
{
	for (enum er_health h = ER_LINK_INACTIVE; h <= ER_LINK_UP; h++)
		sample(out, metric, labels, "state", er_health_str(h),
		       view->assessment.health == h);
}

static void operator_drain(FILE *out, const struct metric *metric, const struct labels *labels,
			   const struct er_session_view *view, enum er_role role,
			   const struct er_peering_view *peering)
{
	struct er_own_view own;

	er_own_drain(er_core, labels->circuit, role, &own);
	for (enum er_own_phase phase = ER_OWN_NONE; phase <= ER_OWN_SAFE; phase++)
		sample(out, metric, labels, "phase", er_own_phase_str(phase), own.phase == phase);
}

static void flaps(FILE *out, const struct metric *metric, const struct labels *labels,
		  const struct er_session_view *view, enum er_role role,
		  const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->flaps);
}

static void accepted(FILE *out, const struct metric *metric, const struct labels *labels,
		     const struct er_session_view *view, enum er_role role,
		     const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->facts.accepted);
}

static void advertised(FILE *out, const struct metric *metric, const struct labels *labels,
		       const struct er_session_view *view, enum er_role role,
		       const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->facts.advertised);
}

static void drained_prefixes(FILE *out, const struct metric *metric, const struct labels *labels,
			     const struct er_session_view *view, enum er_role role,
			     const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, peering->rib.drained[role]);
}

static void interface_up(FILE *out, const struct metric *metric, const struct labels *labels,
			 const struct er_session_view *view, enum er_role role,
			 const struct er_peering_view *peering)
{
	sample(out, metric, labels, NULL, NULL, view->interface.state == ER_IF_UP);
}

/* clang-format off */
static const struct metric metrics[] = {
	{ .name = "peering_redundancy", .peering = redundancy,
	  .help = "1 for what the redundancy of the peering is" },
	{ .name = "peering_drained", .peering = drained,
	  .help = "Microsoft has drained a link" },
	{ .name = "peering_asymmetric", .peering = asymmetric,
	  .help = "The two links do not carry the same prefixes or paths" },
	{ .name = "peering_flapping", .peering = flapping,
	  .help = "A link is held down because it flapped" },
	{ .name = "peering_state_seconds", .counter = true, .peering = state_seconds,
	  .help = "Seconds in each state since erouted started" },
	{ .name = "peering_prefixes", .peering = prefixes,
	  .help = "Prefixes of the link that has more, as the limit counts them" },
	{ .name = "peering_prefix_limit", .peering = prefix_limit,
	  .help = "Prefixes that Microsoft or the operator allows" },
	{ .name = "peering_held_prefixes", .peering = held,
	  .help = "Prefixes held back at the limit" },
	{ .name = "peering_refused_prefixes", .peering = refused,
	  .help = "Prefixes that inbound policy refuses now, by rule" },
	{ .name = "peering_standby_ready", .peering = standby_ready,
	  .help = "The circuit could take over from the preferred one: healthy, with the same prefixes" },
	{ .name = "link_health", .session = health,
	  .help = "1 for what the health of the link is" },
	{ .name = "link_operator_drain", .session = operator_drain,
	  .help = "1 for how far the drain by the operator is" },
	{ .name = "link_interface_up", .session = interface_up,
	  .help = "The interface of the link is up" },
	{ .name = "session_established", .session = established,
	  .help = "The BGP session is established" },
	{ .name = "session_established_time_seconds", .session = established_time,
	  .help = "When the BGP session was established, since the epoch" },
	{ .name = "session_bfd_up", .session = bfd_up,
	  .help = "The BFD session is up" },
	{ .name = "session_flaps", .counter = true, .session = flaps,
	  .help = "How often the session was lost since the counters were cleared" },
	{ .name = "session_accepted_prefixes", .session = accepted,
	  .help = "Prefixes accepted from Microsoft" },
	{ .name = "session_advertised_prefixes", .session = advertised,
	  .help = "Prefixes advertised to Microsoft" },
	{ .name = "session_drained_prefixes", .session = drained_prefixes,
	  .help = "Accepted prefixes that Microsoft marks as drained" },
};
/* clang-format on */

struct walk {
	FILE *out;
	const struct metric *metric;
};

static void add_sessions(const struct walk *walk, struct labels *labels,
			 const struct er_peering_key *key, const struct er_peering_view *peering)
{
	struct er_session_key session = { .peering = key->peering, .family = key->family };
	struct er_session_view view;

	strlcpy(session.circuit, key->circuit, sizeof(session.circuit));
	for (session.role = ER_PRIMARY; session.role < ER_ROLES; session.role++) {
		if (!er_core_session(er_core, &session, er_now(), &view) || !view.configured)
			continue;
		labels->link = er_role_str(session.role);
		walk->metric->session(walk->out, walk->metric, labels, &view, session.role,
				      peering);
	}
}

static void add_peering(const struct er_circuit_config *config, const struct er_peering_key *key,
			const struct er_peering_view *view, void *arg)
{
	const struct walk *walk = arg;
	struct labels labels = {
		.circuit = config->name,
		.peering = er_peering_type_str(key->peering),
		.family = er_family_str(key->family),
		.key = *key,
	};

	if (walk->metric->peering)
		walk->metric->peering(walk->out, walk->metric, &labels, view);
	else
		add_sessions(walk, &labels, key, view);
}

static int add_circuit(const struct er_circuit_config *config, void *arg)
{
	er_foreach_peering(config, NULL, add_peering, arg);
	return 0;
}

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# TYPE expressroute_%s %s\n# HELP expressroute_%s %s.\n", name, type, name,
		help);
}

static void gauge(FILE *out, const char *name, const char *help, int64_t value)
{
	head(out, name, "gauge", help);
	fprintf(out, "expressroute_%s %" PRId64 "\n", name, value);
}

static void add_daemon(FILE *out)
{
	struct er_channel_view channel;

	er_channel_view(&channel);
	head(out, "build_info", "gauge", "Version of erouted and of the FRR that it was built for");
	fprintf(out, "expressroute_build_info{version=\"%s\",frr_version=\"%s\"} 1\n",
		PACKAGE_VERSION, ER_FRR_VERSION);
	gauge(out, "start_time_seconds", "When erouted started, since the epoch",
	      er_now().wall_s - (er_now().mono_ms - er_started_ms) / 1000);
	gauge(out, "bgpd_connected", "The module in bgpd is connected and in step",
	      channel.state == ER_CHANNEL_CONNECTED);
	gauge(out, "zebra_connected", "zebra is connected", er_zebra_connected());
}

/*
 * The audit: of a circuit as a whole
 */
static int add_score(const struct er_circuit_config *config, void *arg)
{
	struct er_audit audit;

	er_core_audit(er_core, config->name, er_now(), &audit);
	if (audit.score >= 0)
		fprintf(arg, "expressroute_audit_score{circuit=\"%s\"} %d\n", config->name,
			audit.score);
	return 0;
}

static int add_verdicts(const struct er_circuit_config *config, void *arg)
{
	struct er_audit audit;

	er_core_audit(er_core, config->name, er_now(), &audit);
	for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++)
		for (enum er_found v = 0; v < ER_FOUNDS; v++)
			fprintf(arg,
				"expressroute_audit_verdict{circuit=\"%s\",rule=\"%s\",verdict=\"%s\"} %d\n",
				config->name, er_audit_rule_str(rule), er_found_str(v),
				audit.finding[rule].verdict == v);
	return 0;
}

static void add_audit(FILE *out)
{
	head(out, "audit_score", "gauge",
	     "0 to 100, over the rules of the audit that apply; absent when none does");
	er_core_foreach(er_core, add_score, out);
	head(out, "audit_verdict", "gauge", "1 for what a rule of the audit has found");
	er_core_foreach(er_core, add_verdicts, out);
}

char *er_metrics_text(size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	add_daemon(out);
	for (size_t i = 0; i < array_size(metrics); i++) {
		head(out, metrics[i].name, metrics[i].counter ? "counter" : "gauge",
		     metrics[i].help);
		er_core_foreach(er_core, add_circuit, &(struct walk){ out, &metrics[i] });
	}
	add_audit(out);
	fprintf(out, "# EOF\n");
	fclose(out);
	return text;
}
