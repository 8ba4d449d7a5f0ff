// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many prefixes a peering may carry, and how near a count is to that.
 *
 * Past the limit Microsoft ends the session, and takes it back when the count is
 * under it again.  MS: expressroute-faqs
 */
#include <zebra.h>

#include "core/limits.h"

#define STANDARD_AND_PREMIUM(standard, premium)                                                   \
	{                                                                                         \
		[ER_SKU_LOCAL] = (standard),                                                      \
		[ER_SKU_STANDARD] = (standard),                                                   \
		[ER_SKU_PREMIUM] = (premium),                                                     \
	}

/*
 * The one table of them.  Microsoft says nothing of Local here: it is taken as
 * Standard, whose limits are the lower ones.  What has no row is not named by
 * Microsoft (what it advertises on Microsoft peering): no limit.
 */
static const struct {
	enum er_direction direction;
	enum er_peering_type peering;
	enum er_family family;
	uint32_t limit[ER_SKU_PREMIUM + 1];
} limits[] = {
	/* customer to Microsoft; MS: expressroute-routing */
	{ ER_ADVERTISED, ER_PRIVATE, ER_IPV4, STANDARD_AND_PREMIUM(4000, 10000) },
	{ ER_ADVERTISED, ER_PRIVATE, ER_IPV6, STANDARD_AND_PREMIUM(100, 100) },
	/* "200 prefixes per BGP session": each family is a session of its own */
	{ ER_ADVERTISED, ER_MICROSOFT, ER_IPV4, STANDARD_AND_PREMIUM(200, 200) },
	{ ER_ADVERTISED, ER_MICROSOFT, ER_IPV6, STANDARD_AND_PREMIUM(200, 200) },
	/* Azure to customer, on one connection; MS: expressroute-faqs */
	{ ER_RECEIVED, ER_PRIVATE, ER_IPV4, STANDARD_AND_PREMIUM(1000, 1000) },
	{ ER_RECEIVED, ER_PRIVATE, ER_IPV6, STANDARD_AND_PREMIUM(100, 100) },
};

uint32_t er_limit(enum er_sku sku, enum er_peering_type peering, enum er_family family,
		  enum er_direction direction)
{
	for (size_t i = 0; i < array_size(limits); i++)
		if (limits[i].direction == direction && limits[i].peering == peering &&
		    limits[i].family == family)
			return limits[i].limit[sku];
	return 0;
}

/* In 64 bits: a count of 2^32 prefixes times 100 is well within. */
static bool reaches(uint32_t count, uint32_t limit, unsigned int percent)
{
	return (uint64_t)count * 100 >= (uint64_t)limit * percent;
}

enum er_limit_level er_limit_level(uint32_t count, uint32_t limit)
{
	if (!limit)
		return ER_LIMIT_OK;
	if (count >= limit)
		return ER_LIMIT_FULL;
	if (reaches(count, limit, ER_LIMIT_CRITICAL_PERCENT))
		return ER_LIMIT_CRITICAL;
	if (reaches(count, limit, ER_LIMIT_WARNING_PERCENT))
		return ER_LIMIT_WARNING;
	return ER_LIMIT_OK;
}

/* The least count that gives this level is reached, less the hysteresis. */
static bool is_still(enum er_limit_level level, uint32_t count, uint32_t limit)
{
	static const unsigned int percent[] = {
		[ER_LIMIT_OK] = 0,
		[ER_LIMIT_WARNING] = ER_LIMIT_WARNING_PERCENT,
		[ER_LIMIT_CRITICAL] = ER_LIMIT_CRITICAL_PERCENT,
		[ER_LIMIT_FULL] = 100,
	};
	uint64_t boundary = (uint64_t)limit * percent[level];

	return (uint64_t)count * 100 + (uint64_t)limit * ER_LIMIT_HYSTERESIS_PERCENT > boundary;
}

enum er_limit_level er_limit_level_after(enum er_limit_level said, uint32_t count, uint32_t limit)
{
	enum er_limit_level level = er_limit_level(count, limit);

	if (!limit)
		return ER_LIMIT_OK;
	while (said > level && !is_still(said, count, limit))
		said--;
	return MAX(said, level);
}
