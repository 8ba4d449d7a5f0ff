// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard that never lets the number of advertised prefixes pass a limit.
 *
 * Each prefix that is to be advertised is offered with its priority.  While
 * there is room it is admitted.  At the limit the ones with higher priority
 * stay, among equals the one that has been there for longest; the others are
 * held, in the same order, until there is room.
 *
 * What follows from a call is told through the callback: ADMIT or HOLD, for
 * the prefix itself and for others that it pushed out or made room for.  A
 * HOLD for an admitted prefix always comes before the ADMIT that takes its
 * place: the count never passes the limit.
 */
#ifndef ER_ADMISSION_H
#define ER_ADMISSION_H

#include "core/types.h"

struct er_admission;

enum er_admitted { ER_HELD, ER_ADMITTED };

/* Must not call back into the admission. */
typedef void (*er_admission_cb)(const struct prefix *prefix, enum er_admitted is, void *arg);

/* limit 0: nothing is admitted */
struct er_admission *er_admission_new(uint32_t limit, er_admission_cb cb, void *arg);
void er_admission_free(struct er_admission **admission);

/* Offer it (again: its priority may be another); returns what it is now. */
enum er_admitted er_admission_offer(struct er_admission *admission, const struct prefix *prefix,
				    uint8_t priority);
/* It is no longer to be advertised.  No callback for itself. */
void er_admission_withdraw(struct er_admission *admission, const struct prefix *prefix);
void er_admission_set_limit(struct er_admission *admission, uint32_t limit);

/* What is it?  False: never offered. */
bool er_admission_get(const struct er_admission *admission, const struct prefix *prefix,
		      enum er_admitted *is);
uint32_t er_admission_admitted(const struct er_admission *admission);
uint32_t er_admission_held(const struct er_admission *admission);
/* The held ones, the next to be admitted first.  0 from the callback goes on. */
int er_admission_foreach_held(const struct er_admission *admission,
			      int (*cb)(const struct prefix *prefix, uint8_t priority, void *arg),
			      void *arg);

/* The priority of a prefix: the longest match, 0 without one. */
uint8_t er_priority_of(const struct er_priority *priority, size_t n, const struct prefix *prefix);

#endif /* ER_ADMISSION_H */
