// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flap hold-down of one session, with exponential back-off; the figures are in
 * limits.h.  Times are mono_ms.
 *
 * A session that has been lost too often is `flapping`: while it is
 * established its link is held, until it has stayed so for hold_ms.  A session
 * that stays away for ER_FLAP_HOLD_MAX_MS does not flap either, it is down.  So
 * flapping ends ER_FLAP_HOLD_MAX_MS after the last change at the latest.
 */
#ifndef ER_HOLDDOWN_H
#define ER_HOLDDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/limits.h"

struct er_holddown {
	uint32_t flaps; /* losses since cleared, for the reader */

	bool established;
	int64_t since_ms; /* of the last change of established */

	bool flapping;
	int64_t hold_ms;  /* present or, in the memory of back-off, last hold */
	int64_t ended_ms; /* when flapping ended last; hold_ms > 0 then */

	/* the latest losses, newest first */
	int64_t loss_ms[ER_FLAP_LOSSES];
	unsigned int n_losses;
};

/*
 * What bgpd says of the session; `counts` is false for a loss that is not the
 * session's own doing (configuration, the channel to bgpd).
 */
void er_holddown_session(struct er_holddown *h, bool established, bool counts, int64_t now_ms);

/* Let time pass: flapping may end. */
void er_holddown_advance(struct er_holddown *h, int64_t now_ms);

/* When er_holddown_advance() will change something; INT64_MAX: never. */
int64_t er_holddown_deadline(const struct er_holddown *h);

/* Milliseconds until the session is trusted again, if it stays or were up. */
int64_t er_holddown_left(const struct er_holddown *h, int64_t now_ms);

/* Forget losses and hold, but not whether the session is established. */
void er_holddown_clear(struct er_holddown *h);

/* As er_holddown_clear(), but the count of flaps stays: there is no session. */
void er_holddown_stop(struct er_holddown *h, int64_t now_ms);

#endif /* ER_HOLDDOWN_H */
