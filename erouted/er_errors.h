// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The codes of erouted's log lines: stable, documented in doc/user/logging.rst
 * and explained by `show error CODE`.  Append only.
 */
#ifndef ER_ERRORS_H
#define ER_ERRORS_H

#include "lib/ferr.h"

/* FRR gives its daemons 0x01 to 0x11 and 0xf1; ours is far from both. */
#define EROUTED_FERR_START 0x45000001

enum er_log_refs {
	EC_ER_REDUNDANCY_DOWN = EROUTED_FERR_START,
	EC_ER_REDUNDANCY_DEGRADED,
	EC_ER_REDUNDANCY_RESTORED,
	EC_ER_REDUNDANCY_INACTIVE,
	EC_ER_SESSION_LOST,
	EC_ER_SESSION_ESTABLISHED,
	EC_ER_DRAIN_START,
	EC_ER_DRAIN_STOP,
	EC_ER_PARITY_LOST,
	EC_ER_PARITY_RESTORED,
	EC_ER_FLAPPING_START,
	EC_ER_FLAPPING_STOP,
	EC_ER_BGPD_REFUSED,
	EC_ER_CHANNEL_PROTOCOL,
	EC_ER_CHANNEL_PEER,
	EC_ER_CHANNEL_SOCKET,
	EC_ER_STATE_FILE,
	EC_ER_CONFIG_SWEPT,
};

void er_errors_init(void);

#endif /* ER_ERRORS_H */
