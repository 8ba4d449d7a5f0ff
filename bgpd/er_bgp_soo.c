// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The site-of-origin of a circuit: an extended community (RFC 4360, Route Origin)
 * that what Microsoft sends over the circuit is marked with, and by which a
 * partner's routes of several circuits are told apart.
 */
#include <zebra.h>
#include "compat.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_ecommunity.h"

#include "bgpd/er_bgp.h"

static const uint8_t encodings[] = { ECOMMUNITY_ENCODE_AS, ECOMMUNITY_ENCODE_IP,
				     ECOMMUNITY_ENCODE_AS4 };

bool er_soo_parse(const char *text, struct er_soo *soo)
{
	struct ecommunity *parsed;

	memset(soo, 0, sizeof(*soo));
	if (!text[0])
		return true;
	/* bgpd would take a number alone for one */
	parsed = strchr(text, ':') ? ecommunity_str2com(text, ECOMMUNITY_SITE_ORIGIN, 0) : NULL;
	if (!parsed)
		return false;
	soo->set = parsed->size == 1;
	if (soo->set)
		memcpy(soo->value, parsed->val, sizeof(soo->value));
	ecommunity_free(&parsed);
	return soo->set;
}

static bool is_site_of_origin(const uint8_t *value)
{
	for (size_t i = 0; i < array_size(encodings); i++)
		if (value[0] == encodings[i] && value[1] == ECOMMUNITY_SITE_ORIGIN)
			return true;
	return false;
}

enum er_soo_match er_soo_match(const struct er_soo *soo, const struct attr *attr)
{
	const struct ecommunity *marks = bgp_attr_get_ecommunity(attr);
	enum er_soo_match match = ER_SOO_UNMARKED;

	for (uint32_t i = 0; marks && i < marks->size; i++) {
		const uint8_t *value = marks->val + i * ECOMMUNITY_SIZE;

		if (!is_site_of_origin(value))
			continue;
		if (!memcmp(value, soo->value, ECOMMUNITY_SIZE))
			return ER_SOO_SAME;
		match = ER_SOO_OTHER;
	}
	return match;
}

/* As bgpd's own `set extcommunity` does: what no UPDATE owns is freed here. */
void er_soo_mark(const struct er_soo *soo, struct attr *attr)
{
	struct ecommunity *old = bgp_attr_get_ecommunity(attr);
	struct ecommunity *marks = old ? ecommunity_dup(old) : ecommunity_new();
	struct ecommunity_val value;

	memcpy(value.val, soo->value, sizeof(value.val));
	for (size_t i = 0; i < array_size(encodings); i++)
		ecommunity_strip(marks, encodings[i], ECOMMUNITY_SITE_ORIGIN);
	ecommunity_add_val(marks, &value, false, false);
	if (old && !old->refcnt)
		ecommunity_free(&old);
	bgp_attr_set_ecommunity(attr, marks);
}
