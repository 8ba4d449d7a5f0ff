// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the codec knows of a message: its fields, in the order in which they
 * stand in a frame, and where each lives in its struct.  schema.c holds the
 * tables, codec.c walks them; nobody else needs this.
 */
#ifndef ER_SCHEMA_H
#define ER_SCHEMA_H

#include "wire/er_wire.h"

enum er_field_kind {
	ER_FIELD_U8, /* numbers in network byte order */
	ER_FIELD_U16,
	ER_FIELD_U32,
	ER_FIELD_U64,	   /* and int64_t, two's complement */
	ER_FIELD_BOOL,	   /* one octet, 0 or 1 */
	ER_FIELD_ENUM,	   /* one octet, 0 ... max */
	ER_FIELD_TEXT,	   /* length (2 octets), octets; max is the array's size */
	ER_FIELD_NAME,	   /* a text that must not be empty */
	ER_FIELD_IPADDR,   /* 4 or 6, address */
	ER_FIELD_PREFIX,   /* 4 or 6, prefix length, address without host bits */
	ER_FIELD_MAYBE,	   /* 0 and nothing more (AF_UNSPEC), or a prefix */
	ER_FIELD_PREFIXES, /* count (1 octet), prefixes; max is the array's size */
	ER_FIELD_U32S	   /* all of an array, max is its size */
};

struct er_field {
	const char *name;
	enum er_field_kind kind;
	uint16_t offset; /* in the member of the union for this message */
	uint16_t max;
	uint16_t n_offset; /* PREFIXES: of their uint8_t count */
};

struct er_schema {
	const char *name;
	const struct er_field *field;
	size_t n_fields;
	/* What no single field can tell: NULL, or what is wrong. */
	const char *(*check)(const struct er_wire_msg *msg);
};

/* NULL: no such message. */
const struct er_schema *er_schema_find(unsigned int type);

#endif /* ER_SCHEMA_H */
