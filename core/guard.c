// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no filter and no operator may let in or out.
 *
 * It looks at each received prefix: no allocation, no division, and for the
 * usual path of one to three ASes a handful of comparisons.
 */
#include <zebra.h>

#include "core/guard.h"
#include "core/limits.h"

static bool is_in(uint32_t as, uint32_t first, uint32_t last)
{
	return as - first <= last - first;
}

bool er_as_is_reserved(uint32_t as)
{
	return as == 0 || as == 23456 ||  /* RFC 7607, AS_TRANS of RFC 6793 */
	       is_in(as, 64496, 64511) || /* documentation, RFC 5398 */
	       is_in(as, 65535, 65551) || /* RFC 7300; documentation, RFC 5398 */
	       as == UINT32_MAX;	  /* RFC 7300 */
}

static bool begins_with_microsoft(const struct er_path *path)
{
	return path->n && path->segment[0].sequence && path->segment[0].n &&
	       path->segment[0].as[0] == ER_MICROSOFT_AS;
}

/* Copies of front_as in front may be a reserved AS. */
static enum er_rule guard_ases(const struct er_path *path, uint32_t own_as, uint32_t front_as)
{
	bool reserved = false, front = true;

	for (unsigned int s = 0; s < path->n; s++) {
		const struct er_segment *segment = &path->segment[s];

		for (unsigned int i = 0; i < segment->n; i++) {
			if (own_as && segment->as[i] == own_as)
				return ER_RULE_OWN_AS;
			front &= segment->sequence && segment->as[i] == front_as;
			reserved |= !front && er_as_is_reserved(segment->as[i]);
		}
	}
	return reserved ? ER_RULE_RESERVED_AS : ER_RULE_NONE;
}

enum er_rule er_guard_path(const struct er_path *path, uint32_t own_as)
{
	if (!begins_with_microsoft(path))
		return ER_RULE_FIRST_AS;
	return guard_ases(path, own_as, ER_MICROSOFT_AS);
}

enum er_rule er_guard_gateway_path(const struct er_path *path, uint32_t own_as, uint32_t gateway_as)
{
	return guard_ases(path, own_as, gateway_as);
}

/*
 * Space that nobody has on the internet, by the upper 16 bits.  Documentation
 * prefixes are not in it: nobody has those either, so they do no harm, and
 * laboratories use them in place of public ones.
 */
struct block {
	uint16_t bits, mask;
};

#define BLOCK(bits, length) { (bits), (uint16_t)(0xffff << (16 - (length))) }

static const struct block private_ipv4[] = {
	BLOCK(0x0000, 8),  /* 0.0.0.0/8, RFC 791 */
	BLOCK(0x0a00, 8),  /* 10.0.0.0/8, RFC 1918 */
	BLOCK(0x6440, 10), /* 100.64.0.0/10, RFC 6598 */
	BLOCK(0x7f00, 8),  /* 127.0.0.0/8, RFC 1122 */
	BLOCK(0xa9fe, 16), /* 169.254.0.0/16, RFC 3927 */
	BLOCK(0xac10, 12), /* 172.16.0.0/12, RFC 1918 */
	BLOCK(0xc0a8, 16), /* 192.168.0.0/16, RFC 1918 */
	BLOCK(0xe000, 3),  /* 224.0.0.0/3: multicast, reserved, broadcast */
};

static const struct block private_ipv6[] = {
	BLOCK(0x0000, 8), /* ::/8: loopback, IPv4-mapped, NAT64; RFC 4291 */
	BLOCK(0xfc00, 7), /* unique local, RFC 4193 */
	BLOCK(0xfe80, 9), /* link-local, RFC 4291; site-local, RFC 3879 */
	BLOCK(0xff00, 8), /* multicast, RFC 4291 */
};

/* Overlap either way: an aggregate that covers private space carries it. */
static bool overlaps(const struct block *block, size_t n, uint16_t bits, unsigned int length)
{
	uint16_t mask = length < 16 ? (uint16_t)(0xffff << (16 - length)) : 0xffff;

	for (size_t i = 0; i < n; i++)
		if (((block[i].bits ^ bits) & block[i].mask & mask) == 0)
			return true;
	return false;
}

/*
 * Few prefixes have a first byte that any block of IPv4 begins with; the rest
 * needs no look at the blocks.
 */
static bool may_be_private_ipv4(uint8_t first, unsigned int length)
{
	switch (first) {
	case 0:
	case 10:
	case 100:
	case 127:
	case 169:
	case 172:
	case 192:
		return true;
	default:
		return first >= 224 || length < 8;
	}
}

enum er_rule er_guard_prefix(enum er_peering_type peering, const struct prefix *prefix)
{
	uint16_t bits;
	bool private;

	if (peering != ER_MICROSOFT)
		return ER_RULE_NONE;
	if (prefix->prefixlen == 0)
		return ER_RULE_DEFAULT_ROUTE;
	bits = (uint16_t)(prefix->u.val[0] << 8 | prefix->u.val[1]);
	if (prefix->family == AF_INET)
		private = may_be_private_ipv4(prefix->u.val[0], prefix->prefixlen) &&
			  overlaps(private_ipv4, array_size(private_ipv4), bits, prefix->prefixlen);
	else
		private = overlaps(private_ipv6, array_size(private_ipv6), bits, prefix->prefixlen);
	return private ? ER_RULE_PRIVATE_SPACE : ER_RULE_NONE;
}

/* Where the prefix stands, or would: *found tells which. */
static size_t position(const struct prefix *own, size_t n, const struct prefix *prefix, bool *found)
{
	size_t low = 0, high = n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int cmp = prefix_cmp(&own[middle], prefix);

		if (cmp == 0) {
			*found = true;
			return middle;
		}
		if (cmp < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * A few are looked at one by one: the first four bytes tell nearly all of them
 * apart.
 */
#define FEW 4

static uint32_t first_bytes(const struct prefix *prefix)
{
	return ntohl(prefix->u.val32[0]);
}

static bool may_be_within(const struct prefix *prefix, const struct prefix *own, size_t n)
{
	uint32_t address = first_bytes(prefix);

	if (n > FEW)
		return true;
	for (size_t i = 0; i < n; i++) {
		uint32_t mask = ~(UINT32_MAX >> MIN(own[i].prefixlen, 31));

		if (own[i].family == prefix->family && !((first_bytes(&own[i]) ^ address) & mask))
			return true;
	}
	return false;
}

/*
 * prefix_cmp() sorts by length before address, so what may contain the prefix
 * is looked for length by length, and the lengths that are not there are
 * passed over.  A default route contains everything and is not ours.
 */
static bool is_within(const struct prefix *prefix, const struct prefix *own, size_t n)
{
	struct prefix outer = *prefix;
	bool found;

	while (outer.prefixlen > 0) {
		size_t at = position(own, n, &outer, &found);

		if (found)
			return true;
		if (at == 0 || own[at - 1].family != outer.family)
			return false;
		outer.prefixlen = MIN(own[at - 1].prefixlen, outer.prefixlen - 1);
	}
	return false;
}

static bool is_one_of(const struct prefix *prefix, const struct prefix *own, size_t n)
{
	bool found;

	position(own, n, prefix, &found);
	return found;
}

bool er_guard_is_own(enum er_peering_type peering, const struct prefix *prefix,
		     const struct prefix *own, size_t n_own)
{
	if (peering == ER_MICROSOFT)
		return may_be_within(prefix, own, n_own) && is_within(prefix, own, n_own);
	return is_one_of(prefix, own, n_own);
}
