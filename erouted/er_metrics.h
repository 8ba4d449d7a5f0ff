// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metrics for Prometheus: er_metrics.c serves GET /metrics, er_metrics_text.c
 * writes what it answers, anew for each request: circuits itself, labels by
 * er_metrics_label.c, VPN backups by er_metrics_vpn.c, Global Reach by er_metrics_site.c, paths by er_metrics_path.c.
 * Off unless configured.
 */
#ifndef ER_METRICS_H
#define ER_METRICS_H

#include "lib/ipaddr.h"

/* Listen there, and nowhere else; port 0: stop. */
void er_metrics_config(const struct ipaddr *address, uint16_t port);
void er_metrics_fini(void);
/* As configured. */
uint16_t er_metrics_port(void);
/* Why nothing is served although it is configured; "": it is. */
const char *er_metrics_problem(void);

/*
 * OpenMetrics text, or Prometheus' older format, which names a counter by its
 * samples.  malloc()ed, the caller free()s it; NULL: no memory.
 */
char *er_metrics_text(bool open_metrics, size_t *len);

/*
 * Writing: a metric is described once, then come its samples.
 */
struct er_metric {
	const char *name; /* without "expressroute_" and "_total" */
	const char *help;
	bool counter;
};

void er_metric_head(FILE *out, const struct er_metric *metric);
/* er_metrics_label.c.  Labels as text: a="b",c="d".  One more is added to what is there. */
#define ER_LABELS_LEN 512
void er_metric_label(char labels[ER_LABELS_LEN], const char *name, const char *value);
void er_metric_sample(FILE *out, const struct er_metric *metric, const char *labels, int64_t value);
/* The same of what is counted in millionths: microseconds as seconds. */
void er_metric_millionths(FILE *out, const struct er_metric *metric, const char *labels,
			  int64_t millionths);
/* One more label, `state`: 1 for the one that is. */
void er_metric_state(FILE *out, const struct er_metric *metric, const char *labels,
		     const char *state, bool is);

/* er_metrics_vpn.c, er_metrics_site.c, er_metrics_path.c */
void er_metrics_vpn(FILE *out);
void er_metrics_site(FILE *out);
void er_metrics_path(FILE *out);

#endif /* ER_METRICS_H */
