// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NETCONF's framing (RFC 6242), from bytes to whole messages.
 *
 * A pure state machine: bytes go in, in whatever pieces the network makes of
 * them, messages come out. It never reads or waits. Nothing is allocated for
 * what a chunk header promises, only for bytes that have come.
 */
#ifndef _FRR_NETCONFD_FRAME_H
#define _FRR_NETCONFD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nd_frame_result {
	ND_FRAME_MORE,	  /* all bytes used, no message yet */
	ND_FRAME_MESSAGE, /* .message holds one; take it, then nd_frame_next() */
	ND_FRAME_BAD,	  /* not NETCONF, or over the limit: close the session */
};

struct nd_frame {
	size_t limit; /* octets of one message */
	bool chunked; /* base:1.1; a session begins without */

	char *message; /* NUL-terminated when complete */
	size_t length;
	size_t size;

	uint8_t state;
	uint8_t digits;
	uint64_t chunk_left;
};

void nd_frame_init(struct nd_frame *frame, size_t limit);
void nd_frame_fini(struct nd_frame *frame);

/* *used: how many of the bytes belong to this message or to its framing */
enum nd_frame_result nd_frame_feed(struct nd_frame *frame, const char *data, size_t length,
				   size_t *used);

/* Has a message begun that is not complete? */
bool nd_frame_partial(const struct nd_frame *frame);
void nd_frame_next(struct nd_frame *frame);

#endif /* _FRR_NETCONFD_FRAME_H */
