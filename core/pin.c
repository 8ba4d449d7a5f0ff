// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which addresses of a gateway are pinned.
 */
#include <zebra.h>

#include "lib/printfrr.h"

#include "core/guard.h"
#include "core/vpn_internal.h"

/* Nobody has it on the internet: an answer that names it is wrong or hostile. */
static bool is_public(const struct ipaddr *address)
{
	struct prefix host;

	if (address->ipa_type == IPADDR_NONE)
		return false;
	host = er_host_prefix(address);
	return er_guard_prefix(ER_MICROSOFT, &host) == ER_RULE_NONE;
}

/*
 * Into its place among the n in `use`.  Of too many the lowest are kept, so that
 * the same answer in another order is the same.
 */
static size_t insert(struct ipaddr use[ER_ADDRESSES], size_t n, const struct ipaddr *address,
		     bool *left_out)
{
	size_t at = 0;

	while (at < n && ipaddr_cmp(&use[at], address) < 0)
		at++;
	if (at < n && ipaddr_is_same(&use[at], address))
		return n;
	if (n == ER_ADDRESSES) {
		*left_out = true;
		if (at == n)
			return n;
		n--;
	}
	memmove(&use[at + 1], &use[at], (n - at) * sizeof(*use));
	use[at] = *address;
	return n + 1;
}

size_t er_pin_addresses(const struct ipaddr *answer, size_t n, struct ipaddr use[ER_ADDRESSES],
			char *reason, size_t len)
{
	const struct ipaddr *refused = NULL;
	bool left_out = false;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_public(&answer[i]))
			used = insert(use, used, &answer[i], &left_out);
		else if (!refused || ipaddr_cmp(&answer[i], refused) < 0)
			refused = &answer[i];
	}
	if (refused)
		snprintfrr(reason, len, "%pIA is no public address: it is not used", refused);
	else if (left_out)
		snprintfrr(reason, len, "more than %u addresses: only the lowest are used",
			   ER_ADDRESSES);
	else if (!n)
		snprintfrr(reason, len, "no address");
	else
		reason[0] = '\0';
	return used;
}
