// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What er_core keeps of the audit: what was last said of each rule, and when it
 * is to look again.
 */
#ifndef ER_AUDIT_INTERNAL_H
#define ER_AUDIT_INTERNAL_H

#include "core/core.h"

/* Of one circuit.  Nothing is said before its first look, which is compared with none. */
struct er_audit_said {
	int64_t from_ms; /* when the first look is due; 0: the circuit is new */
	bool known;	 /* it has been */
	enum er_found verdict[ER_AUDIT_RULES];
	enum er_found next[ER_AUDIT_RULES]; /* what it has become ... */
	int64_t since_ms[ER_AUDIT_RULES];   /* ... since then; 0: it has not */
};

struct er_audit_watch {
	bool on;
	struct er_audit_outside outside;
	int64_t look_ms; /* INT64_MAX: nothing has changed */
};

/* Something has changed that a verdict may depend on. */
void er_audit_touch(struct er_core *core, struct er_time now);
/* said: the event has led to notices. */
void er_audit_handle(struct er_core *core, const struct er_event *ev, bool said);
/* Look, if it is due. */
void er_audit_update(struct er_core *core, struct er_time now, struct er_decisions *out);

#endif /* ER_AUDIT_INTERNAL_H */
