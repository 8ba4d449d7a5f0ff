// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What core.c, say.c and the files of own_drain.h share.
 */
#ifndef ER_OWN_INTERNAL_H
#define ER_OWN_INTERNAL_H

#include "lib/typesafe.h"

#include "core/own_drain.h"

PREDECL_DLIST(er_own_restored);

struct er_circuit;
struct er_core;
struct er_decisions;
struct er_time;

/* Packets of one peering's link. */
struct er_own_meter {
	struct er_traffic_facts last;
	int64_t at_ms;
	bool uncountable;	 /* nobody can tell */
	uint32_t received, sent; /* a second */
	bool quiet, noisy;	 /* both: noise that may be a moment's */
	int64_t quiet_since_ms, noisy_since_ms;
};

struct er_own_link {
	bool on, forced;
	int64_t since_wall;
	bool moved; /* bgpd uses no path over it */
	int64_t moved_since_ms;
	enum er_own_phase said;
	struct er_own_meter meter[ER_PEERING_TYPES];
};

struct er_own_restored {
	struct er_own_restored_item item;
	struct er_own_memory memory;
};

DECLARE_DLIST(er_own_restored, struct er_own_restored, item);

void er_own_init(struct er_core *core);
void er_own_fini(struct er_core *core);
/* Its configuration is new, or another: what was restored, what is gone. */
void er_own_config(struct er_core *core, struct er_circuit *c, struct er_decisions *out);
void er_own_config_gone(struct er_core *core, const char *circuit, struct er_decisions *out);
void er_own_on_request(struct er_core *core, const struct er_own_request *request,
		       struct er_decisions *out);
void er_own_on_traffic(struct er_core *core, const struct er_session_key *key,
		       const struct er_traffic_facts *facts);
/* Say what has changed, and when time alone will change it: core->own_deadline_ms. */
void er_own_update(struct er_core *core, struct er_time now, struct er_decisions *out);

#endif /* ER_OWN_INTERNAL_H */
