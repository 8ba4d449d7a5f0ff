// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "netconfd/frame.h"

#define END_OF_MESSAGE	   "]]>]]>"
#define END_OF_MESSAGE_LEN (sizeof(END_OF_MESSAGE) - 1)
#define CHUNK_DIGITS_MAX   10 /* RFC 6242 section 4.2 */
#define BUFFER_STEP	   4096
#define BUFFER_KEPT	   65536

/* Where in "\n#<size>\n<data> ... \n##\n" the next byte stands. */
enum chunk_state {
	CHUNK_LF,
	CHUNK_HASH,
	CHUNK_SIZE_OR_END,
	CHUNK_SIZE,
	CHUNK_DATA,
	CHUNK_END_LF,
};

void nd_frame_init(struct nd_frame *frame, size_t limit)
{
	memset(frame, 0, sizeof(*frame));
	frame->limit = limit;
}

void nd_frame_fini(struct nd_frame *frame)
{
	free(frame->message);
	frame->message = NULL;
}

bool nd_frame_partial(const struct nd_frame *frame)
{
	return frame->length > 0 || frame->state != CHUNK_LF;
}

void nd_frame_next(struct nd_frame *frame)
{
	frame->length = 0;
	frame->state = CHUNK_LF;
	/* one large message does not occupy its memory for the session's life */
	if (frame->size > BUFFER_KEPT) {
		free(frame->message);
		frame->message = NULL;
		frame->size = 0;
	}
}

static bool append(struct nd_frame *frame, const char *data, size_t length, size_t limit)
{
	size_t wanted = frame->length + length + 1;

	if (length > limit || frame->length > limit - length)
		return false;
	/* libyang reads strings: what stood behind a NUL would be dropped */
	if (memchr(data, '\0', length))
		return false;
	if (wanted > frame->size) {
		size_t size = frame->size * 2 > wanted ? frame->size * 2 : wanted + BUFFER_STEP;
		char *message = realloc(frame->message, size);

		if (!message)
			return false;
		frame->message = message;
		frame->size = size;
	}
	memcpy(frame->message + frame->length, data, length);
	frame->length += length;
	frame->message[frame->length] = '\0';
	return true;
}

static enum nd_frame_result feed_delimited(struct nd_frame *frame, const char *data, size_t length,
					   size_t *used)
{
	for (size_t i = 0; i < length; i++) {
		const char *last = memchr(data + i, '>', length - i);
		size_t piece = last ? (size_t)(last - data) + 1 - i : length - i;

		/* the end tag itself does not count */
		if (!append(frame, data + i, piece, frame->limit + END_OF_MESSAGE_LEN))
			return ND_FRAME_BAD;
		i += piece - 1;
		if (frame->length >= END_OF_MESSAGE_LEN &&
		    !memcmp(frame->message + frame->length - END_OF_MESSAGE_LEN, END_OF_MESSAGE,
			    END_OF_MESSAGE_LEN)) {
			frame->length -= END_OF_MESSAGE_LEN;
			frame->message[frame->length] = '\0';
			*used = i + 1;
			return ND_FRAME_MESSAGE;
		}
	}
	*used = length;
	return ND_FRAME_MORE;
}

/* One byte of a chunk's header or of the end; false when it cannot stand there. */
static bool header_byte(struct nd_frame *frame, char byte)
{
	switch (frame->state) {
	case CHUNK_LF:
		frame->state = CHUNK_HASH;
		return byte == '\n';
	case CHUNK_HASH:
		frame->state = CHUNK_SIZE_OR_END;
		return byte == '#';
	case CHUNK_SIZE_OR_END:
		if (byte == '#') {
			frame->state = CHUNK_END_LF;
			return frame->length > 0;
		}
		frame->state = CHUNK_SIZE;
		frame->chunk_left = (uint64_t)(byte - '0');
		frame->digits = 1;
		return byte >= '1' && byte <= '9';
	case CHUNK_SIZE:
		if (byte == '\n') {
			frame->state = CHUNK_DATA;
			return frame->chunk_left <= frame->limit - frame->length;
		}
		frame->chunk_left = frame->chunk_left * 10 + (uint64_t)(byte - '0');
		return byte >= '0' && byte <= '9' && ++frame->digits <= CHUNK_DIGITS_MAX;
	default:
		return byte == '\n';
	}
}

static enum nd_frame_result feed_chunked(struct nd_frame *frame, const char *data, size_t length,
					 size_t *used)
{
	size_t i = 0;

	while (i < length) {
		if (frame->state == CHUNK_DATA) {
			size_t piece = length - i;

			if (piece > frame->chunk_left)
				piece = (size_t)frame->chunk_left;
			if (!append(frame, data + i, piece, frame->limit))
				return ND_FRAME_BAD;
			frame->chunk_left -= piece;
			i += piece;
			if (!frame->chunk_left)
				frame->state = CHUNK_LF;
			continue;
		}
		bool end = frame->state == CHUNK_END_LF;

		if (!header_byte(frame, data[i++]))
			return ND_FRAME_BAD;
		if (end) {
			*used = i;
			return ND_FRAME_MESSAGE;
		}
	}
	*used = length;
	return ND_FRAME_MORE;
}

enum nd_frame_result nd_frame_feed(struct nd_frame *frame, const char *data, size_t length,
				   size_t *used)
{
	*used = 0;
	return frame->chunked ? feed_chunked(frame, data, length, used)
			      : feed_delimited(frame, data, length, used);
}
