// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metrics for Prometheus: er_metrics.c serves GET /metrics, er_metrics_text.c
 * writes what it answers, anew for each request.  Off unless configured.
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
 * OpenMetrics text, which Prometheus' older text format can read as well.
 * malloc()ed, the caller free()s it; NULL: no memory.
 */
char *er_metrics_text(size_t *len);

#endif /* ER_METRICS_H */
