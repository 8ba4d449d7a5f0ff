// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flap hold-down with exponential back-off.
 */
#include <zebra.h>

#include <string.h>

#include "core/holddown.h"

static void remember_loss(struct er_holddown *h, int64_t now_ms)
{
	memmove(&h->loss_ms[1], &h->loss_ms[0], sizeof(h->loss_ms) - sizeof(h->loss_ms[0]));
	h->loss_ms[0] = now_ms;
	if (h->n_losses < ER_FLAP_LOSSES)
		h->n_losses++;
}

static bool lost_too_often(const struct er_holddown *h)
{
	return h->n_losses == ER_FLAP_LOSSES &&
	       h->loss_ms[0] - h->loss_ms[ER_FLAP_LOSSES - 1] <= ER_FLAP_WINDOW_MS;
}

/* The hold ended only just: the next loss goes on where it stopped. */
static bool backoff_remembered(const struct er_holddown *h, int64_t now_ms)
{
	return h->hold_ms > 0 && now_ms - h->ended_ms <= ER_FLAP_WINDOW_MS;
}

static void lost(struct er_holddown *h, int64_t now_ms)
{
	h->flaps++;
	remember_loss(h, now_ms);

	if (h->flapping || backoff_remembered(h, now_ms)) {
		h->flapping = true;
		h->hold_ms = MIN(h->hold_ms * 2, ER_FLAP_HOLD_MAX_MS);
	} else if (lost_too_often(h)) {
		h->flapping = true;
		h->hold_ms = ER_FLAP_HOLD_MIN_MS;
	}
}

void er_holddown_session(struct er_holddown *h, bool established, bool counts, int64_t now_ms)
{
	if (established == h->established)
		return;

	if (counts) {
		er_holddown_advance(h, now_ms);
		if (!established)
			lost(h, now_ms);
	}
	h->established = established;
	h->since_ms = now_ms;
}

int64_t er_holddown_deadline(const struct er_holddown *h)
{
	if (!h->flapping)
		return INT64_MAX;
	return h->since_ms + (h->established ? h->hold_ms : ER_FLAP_HOLD_MAX_MS);
}

void er_holddown_advance(struct er_holddown *h, int64_t now_ms)
{
	int64_t end = er_holddown_deadline(h);

	if (end > now_ms)
		return;
	h->flapping = false;
	h->ended_ms = end;
	h->n_losses = 0;
}

int64_t er_holddown_left(const struct er_holddown *h, int64_t now_ms)
{
	if (!h->flapping)
		return 0;
	if (!h->established)
		return h->hold_ms;
	return MAX(h->since_ms + h->hold_ms - now_ms, 0);
}

void er_holddown_clear(struct er_holddown *h)
{
	h->flaps = 0;
	h->flapping = false;
	h->hold_ms = 0;
	h->ended_ms = 0;
	h->n_losses = 0;
}

void er_holddown_stop(struct er_holddown *h, int64_t now_ms)
{
	uint32_t flaps = h->flaps;

	er_holddown_clear(h);
	h->flaps = flaps;
	if (h->established) {
		h->established = false;
		h->since_ms = now_ms;
	}
}
