// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Encode and decode, driven by the tables of schema.c.
 *
 * A frame is one octet of type and the fields.  Every field has exactly one
 * encoding (addresses without host bits, texts without a NUL), so a message
 * that decodes encodes to the same octets.
 */
#include <zebra.h>
#include "compat.h"

#include "wire/er_schema.h"

struct writer {
	uint8_t *pos, *end;
	bool failed;
};

struct reader {
	const uint8_t *pos, *end;
	const char *problem;
};

/* All members of the union start where the union does. */
static uint8_t *msg_body(struct er_wire_msg *msg)
{
	return (uint8_t *)msg + offsetof(struct er_wire_msg, hello);
}

static const uint8_t *msg_body_const(const struct er_wire_msg *msg)
{
	return (const uint8_t *)msg + offsetof(struct er_wire_msg, hello);
}

static void put(struct writer *w, const void *data, size_t len)
{
	if (w->failed || (size_t)(w->end - w->pos) < len) {
		w->failed = true;
		return;
	}
	if (len)
		memcpy(w->pos, data, len);
	w->pos += len;
}

static void put_number(struct writer *w, uint64_t v, unsigned int octets)
{
	uint8_t b[8];

	for (unsigned int i = 0; i < octets; i++)
		b[i] = v >> (8 * (octets - 1 - i));
	put(w, b, octets);
}

static void put_text(struct writer *w, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len == size) {
		w->failed = true;
		return;
	}
	put_number(w, len, 2);
	put(w, text, len);
}

static void put_ipaddr(struct writer *w, const struct ipaddr *ip)
{
	if (!IS_IPADDR_V4(ip) && !IS_IPADDR_V6(ip)) {
		w->failed = true;
		return;
	}
	put_number(w, IS_IPADDR_V4(ip) ? 4 : 6, 1);
	put(w, ip->ip.addrbytes, IPADDRSZ(ip));
}

static bool has_host_bits(const uint8_t *addr, size_t octets, unsigned int plen)
{
	size_t i = plen / 8;

	if (plen % 8 && addr[i++] & (0xff >> plen % 8))
		return true;
	for (; i < octets; i++)
		if (addr[i])
			return true;
	return false;
}

static void put_prefix(struct writer *w, const struct prefix *p)
{
	size_t octets = p->family == AF_INET ? 4 : 16;

	if ((p->family != AF_INET && p->family != AF_INET6) || p->prefixlen > octets * 8 ||
	    has_host_bits(p->u.val, octets, p->prefixlen)) {
		w->failed = true;
		return;
	}
	put_number(w, p->family == AF_INET ? 4 : 6, 1);
	put_number(w, p->prefixlen, 1);
	put(w, p->u.val, octets);
}

static void put_maybe(struct writer *w, const struct prefix *p)
{
	if (p->family == AF_UNSPEC)
		put_number(w, 0, 1);
	else
		put_prefix(w, p);
}

static void put_prefixes(struct writer *w, const struct prefix *p, unsigned int n, unsigned int max)
{
	if (n > max) {
		w->failed = true;
		return;
	}
	put_number(w, n, 1);
	for (unsigned int i = 0; i < n; i++)
		put_prefix(w, &p[i]);
}

static void put_field(struct writer *w, const struct er_field *field, const uint8_t *body)
{
	const void *at = body + field->offset;

	switch (field->kind) {
	case ER_FIELD_U8:
		put_number(w, *(const uint8_t *)at, 1);
		break;
	case ER_FIELD_U16:
		put_number(w, *(const uint16_t *)at, 2);
		break;
	case ER_FIELD_U32:
		put_number(w, *(const uint32_t *)at, 4);
		break;
	case ER_FIELD_U64:
		put_number(w, *(const uint64_t *)at, 8);
		break;
	case ER_FIELD_BOOL:
		put_number(w, *(const bool *)at, 1);
		break;
	case ER_FIELD_ENUM:
		if (*(const unsigned int *)at > field->max)
			w->failed = true;
		put_number(w, *(const unsigned int *)at, 1);
		break;
	case ER_FIELD_NAME:
		if (!*(const char *)at)
			w->failed = true;
		fallthrough;
	case ER_FIELD_TEXT:
		put_text(w, at, field->max);
		break;
	case ER_FIELD_IPADDR:
		put_ipaddr(w, at);
		break;
	case ER_FIELD_PREFIX:
		put_prefix(w, at);
		break;
	case ER_FIELD_MAYBE:
		put_maybe(w, at);
		break;
	case ER_FIELD_PREFIXES:
		put_prefixes(w, at, body[field->n_offset], field->max);
		break;
	case ER_FIELD_U32S:
		for (unsigned int i = 0; i < field->max; i++)
			put_number(w, ((const uint32_t *)at)[i], 4);
		break;
	}
}

size_t er_wire_encode(const struct er_wire_msg *msg, uint8_t *buf, size_t len)
{
	const struct er_schema *schema = er_schema_find(msg->type);
	struct writer w = { .pos = buf, .end = buf + len };

	if (!schema || (schema->check && schema->check(msg)))
		return 0;

	put_number(&w, msg->type, 1);
	for (size_t i = 0; i < schema->n_fields && !w.failed; i++)
		put_field(&w, &schema->field[i], msg_body_const(msg));
	return w.failed ? 0 : (size_t)(w.pos - buf);
}

static void wrong(struct reader *r, const char *problem)
{
	if (!r->problem)
		r->problem = problem;
}

static void get(struct reader *r, void *data, size_t len)
{
	if (r->problem || (size_t)(r->end - r->pos) < len) {
		wrong(r, "message too short");
		return;
	}
	if (len)
		memcpy(data, r->pos, len);
	r->pos += len;
}

static uint64_t get_number(struct reader *r, unsigned int octets)
{
	uint8_t b[8] = {};
	uint64_t v = 0;

	get(r, b, octets);
	for (unsigned int i = 0; i < octets; i++)
		v = v << 8 | b[i];
	return v;
}

/* The array is zeroed, so what is copied below its last octet ends in NUL. */
static void get_text(struct reader *r, char *text, size_t size)
{
	size_t len = get_number(r, 2);

	if (len >= size) {
		wrong(r, "text too long");
		return;
	}
	get(r, text, len);
	if (strnlen(text, len) != len)
		wrong(r, "NUL in a text");
}

static void get_ipaddr(struct reader *r, struct ipaddr *ip)
{
	switch (get_number(r, 1)) {
	case 4:
		SET_IPADDR_V4(ip);
		break;
	case 6:
		SET_IPADDR_V6(ip);
		break;
	default:
		wrong(r, "unknown address family");
		return;
	}
	get(r, ip->ip.addrbytes, IPADDRSZ(ip));
}

static void get_prefix(struct reader *r, struct prefix *p)
{
	size_t octets;

	switch (get_number(r, 1)) {
	case 4:
		p->family = AF_INET;
		octets = 4;
		break;
	case 6:
		p->family = AF_INET6;
		octets = 16;
		break;
	default:
		wrong(r, "unknown address family");
		return;
	}
	p->prefixlen = get_number(r, 1);
	if (p->prefixlen > octets * 8) {
		wrong(r, "prefix length out of range");
		return;
	}
	get(r, p->u.val, octets);
	if (has_host_bits(p->u.val, octets, p->prefixlen))
		wrong(r, "host bits in a prefix");
}

static void get_maybe(struct reader *r, struct prefix *p)
{
	if (r->pos < r->end && !*r->pos)
		r->pos++;
	else
		get_prefix(r, p);
}

static void get_prefixes(struct reader *r, struct prefix *p, uint8_t *n, unsigned int max)
{
	*n = get_number(r, 1);
	if (*n > max) {
		wrong(r, "too many prefixes");
		return;
	}
	for (unsigned int i = 0; i < *n && !r->problem; i++)
		get_prefix(r, &p[i]);
}

static void get_field(struct reader *r, const struct er_field *field, uint8_t *body)
{
	void *at = body + field->offset;
	unsigned int small;

	switch (field->kind) {
	case ER_FIELD_U8:
		*(uint8_t *)at = get_number(r, 1);
		break;
	case ER_FIELD_U16:
		*(uint16_t *)at = get_number(r, 2);
		break;
	case ER_FIELD_U32:
		*(uint32_t *)at = get_number(r, 4);
		break;
	case ER_FIELD_U64:
		*(uint64_t *)at = get_number(r, 8);
		break;
	case ER_FIELD_BOOL:
		small = get_number(r, 1);
		if (small > 1)
			wrong(r, "neither true nor false");
		*(bool *)at = small == 1;
		break;
	case ER_FIELD_ENUM:
		small = get_number(r, 1);
		if (small > field->max)
			wrong(r, "value out of range");
		*(unsigned int *)at = small;
		break;
	case ER_FIELD_NAME:
		get_text(r, at, field->max);
		if (!*(char *)at)
			wrong(r, "empty name");
		break;
	case ER_FIELD_TEXT:
		get_text(r, at, field->max);
		break;
	case ER_FIELD_IPADDR:
		get_ipaddr(r, at);
		break;
	case ER_FIELD_PREFIX:
		get_prefix(r, at);
		break;
	case ER_FIELD_MAYBE:
		get_maybe(r, at);
		break;
	case ER_FIELD_PREFIXES:
		get_prefixes(r, at, body + field->n_offset, field->max);
		break;
	case ER_FIELD_U32S:
		for (unsigned int i = 0; i < field->max; i++)
			((uint32_t *)at)[i] = get_number(r, 4);
		break;
	}
}

const char *er_wire_decode(const uint8_t *buf, size_t len, struct er_wire_msg *msg)
{
	struct reader r = { .pos = buf, .end = buf + len };
	const struct er_schema *schema;

	memset(msg, 0, sizeof(*msg));
	if (len > ER_WIRE_MAX_LEN)
		return "message too long";
	msg->type = get_number(&r, 1);
	schema = er_schema_find(msg->type);
	if (!r.problem && !schema)
		wrong(&r, "unknown message");
	for (size_t i = 0; !r.problem && i < schema->n_fields; i++)
		get_field(&r, &schema->field[i], msg_body(msg));
	if (!r.problem && r.pos != r.end)
		wrong(&r, "octets after the end of the message");
	if (!r.problem && schema->check)
		wrong(&r, schema->check(msg));
	return r.problem;
}
