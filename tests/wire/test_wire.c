// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The wire codec: what goes in comes out, and nothing else gets in.
 */
#include <zebra.h>
#include "compat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "wire/er_wire.h"

static void sample_site_state(struct er_wire_site_state *state)
{
	struct er_site_facts *facts = &state->facts;

	state->peering = (struct er_peering_key){ "contoso-ams", ER_PRIVATE, ER_IPV4 };
	strlcpy(state->site, "paris", sizeof(state->site));
	*facts = (struct er_site_facts){ .both = 1,
					 .only = { 2, 3 },
					 .refused_prefix = 4,
					 .refused_limit = 5,
					 .refused_undeclared = 6,
					 .refused_other = 7,
					 .missing = 8,
					 .overlaps = 9 };
	facts->n_examples = ER_SITE_EXAMPLES;
	for (unsigned int i = 0; i < ER_SITE_EXAMPLES; i++) {
		str2prefix("10.7.0.0/24", &facts->example[i].prefix);
		facts->example[i].prefix.u.prefix4.s_addr |= htonl(i << 8);
		facts->example[i].as = 65020 + i;
		facts->example[i].rule = ER_RULE_SITE_PREFIX;
	}
	facts->n_missing = 1;
	str2prefix("10.2.0.0/16", &facts->missing_prefix[0]);
	facts->n_overlaps = 1;
	str2prefix("10.1.1.0/24", &facts->overlap[0]);
}

static void sample_reach(enum er_wire_type type, struct er_wire_msg *msg)
{
	switch (type) {
	case ER_WIRE_GLOBAL_REACH:
		msg->global_reach.refuse_undeclared = true;
		break;
	case ER_WIRE_SITE:
		strlcpy(msg->site.name, "paris", sizeof(msg->site.name));
		msg->site.preference = ER_SITE_BACKUP;
		msg->site.maximum_prefixes = 100;
		msg->site.same_as = true;
		break;
	case ER_WIRE_SITE_AS:
		strlcpy(msg->site_as.site, "paris", sizeof(msg->site_as.site));
		msg->site_as.as = 4200000001u;
		break;
	case ER_WIRE_SITE_PREFIX:
		strlcpy(msg->site_prefix.site, "paris", sizeof(msg->site_prefix.site));
		str2prefix("2001:db8::/32", &msg->site_prefix.prefix);
		break;
	case ER_WIRE_SITE_CIRCUIT:
		strlcpy(msg->site_circuit.site, "paris", sizeof(msg->site_circuit.site));
		strlcpy(msg->site_circuit.circuit, "ams", sizeof(msg->site_circuit.circuit));
		break;
	case ER_WIRE_JOINT:
		strlcpy(msg->joint.name, "ams-paris", sizeof(msg->joint.name));
		str2prefix("192.0.2.8/29", &msg->joint.subnet);
		break;
	case ER_WIRE_SITE_STATE:
		sample_site_state(&msg->site_state);
		break;
	default:
		fail();
	}
}

static void sample_vpn(enum er_wire_type type, struct er_wire_msg *msg)
{
	struct er_peering_key key = { "hub", ER_VPN, ER_IPV4 };

	switch (type) {
	case ER_WIRE_BACKS:
		strlcpy(msg->backs.vpn, "hub", sizeof(msg->backs.vpn));
		strlcpy(msg->backs.circuit, "contoso-ams", sizeof(msg->backs.circuit));
		break;
	case ER_WIRE_STATIC:
		msg->static_.peering = key;
		str2prefix("10.1.0.0/16", &msg->static_.prefix);
		break;
	case ER_WIRE_VPN_RIB:
		msg->vpn_rib.peering = key;
		msg->vpn_rib.rib = (struct er_vpn_rib_facts){ 1, 2, 3, 4, 5 };
		msg->vpn_rib.n_uncovered = 1;
		str2prefix("10.2.0.0/16", &msg->vpn_rib.uncovered[0]);
		msg->vpn_rib.n_more_specific = 1;
		str2prefix("10.1.1.0/24", &msg->vpn_rib.more_specific[0]);
		break;
	case ER_WIRE_STATIC_STATE:
		msg->static_state.peering = key;
		str2prefix("10.1.0.0/16", &msg->static_state.prefix);
		msg->static_state.more_specific = true;
		break;
	default:
		sample_reach(type, msg);
		break;
	}
}

static void sample_policy(enum er_wire_type type, struct er_wire_msg *msg)
{
	struct er_peering_key key = { "contoso-ams", ER_MICROSOFT, ER_IPV6 };

	switch (type) {
	case ER_WIRE_PEERING:
		msg->peering.key = key;
		strlcpy(msg->peering.route_filter, "m365", sizeof(msg->peering.route_filter));
		strlcpy(msg->peering.advertise_list, "OURS", sizeof(msg->peering.advertise_list));
		msg->peering.limit = 200;
		strlcpy(msg->peering.stands_by_for, "contoso-fra",
			sizeof(msg->peering.stands_by_for));
		strlcpy(msg->peering.yields_to, "hub", sizeof(msg->peering.yields_to));
		msg->peering.suppress = true;
		msg->peering.more_specifics = true;
		break;
	case ER_WIRE_PRIORITY:
		msg->priority.peering = key;
		str2prefix("2001:db8::/32", &msg->priority.prefix);
		msg->priority.value = 255;
		break;
	case ER_WIRE_FILTER:
		strlcpy(msg->filter.name, "m365", sizeof(msg->filter.name));
		break;
	case ER_WIRE_ALLOW:
		strlcpy(msg->allow.filter, "m365", sizeof(msg->allow.filter));
		msg->allow.community = ER_COMMUNITY(12076, 5010);
		break;
	case ER_WIRE_REGION:
		msg->region.peering = key;
		msg->region.community = ER_COMMUNITY(12076, 51004);
		msg->region.local_pref = 4020;
		break;
	case ER_WIRE_COUNT_BEGIN:
	case ER_WIRE_COUNT_END:
		msg->count_edge.peering = key;
		break;
	case ER_WIRE_COUNT:
		msg->count.peering = key;
		msg->count.community = ER_COMMUNITY(12076, 5030);
		msg->count.allowed = true;
		msg->count.accepted = 1;
		msg->count.refused = 2;
		break;
	case ER_WIRE_ASK:
		msg->ask.id = 7;
		msg->ask.ask = ER_ASK_HELD;
		str2prefix("192.0.2.1/32", &msg->ask.prefix);
		msg->ask.peering = key;
		break;
	case ER_WIRE_ANSWER:
		msg->answer.id = 7;
		msg->answer.stage = ER_STAGE_OUTBOUND;
		msg->answer.session = (struct er_session_key){ "contoso-ams", ER_PRIVATE,
							       ER_SECONDARY, ER_IPV6 };
		str2prefix("2001:db8::/32", &msg->answer.prefix);
		msg->answer.rule = ER_RULES - 1;
		msg->answer.verdict = ER_VERDICT_INFO;
		strlcpy(msg->answer.text, "12076:5010 is not allowed", sizeof(msg->answer.text));
		break;
	case ER_WIRE_ANSWER_END:
		msg->answer_end.id = 7;
		strlcpy(msg->answer_end.problem, "no such session",
			sizeof(msg->answer_end.problem));
		break;
	default:
		sample_vpn(type, msg);
		break;
	}
}

/* One message of each kind, every field at a value of its own. */
static void sample(enum er_wire_type type, struct er_wire_msg *msg)
{
	struct er_session_key skey = { "contoso-ams", ER_MICROSOFT, ER_SECONDARY, ER_IPV6 };
	struct er_peering_key pkey = { "contoso-ams", ER_PRIVATE, ER_IPV4 };

	memset(msg, 0, sizeof(*msg));
	msg->type = type;
	switch (type) {
	case ER_WIRE_HELLO:
		msg->hello.protocol = ER_WIRE_VERSION;
		strlcpy(msg->hello.version, "0.1.0", sizeof(msg->hello.version));
		strlcpy(msg->hello.frr_version, "10.7.1", sizeof(msg->hello.frr_version));
		strlcpy(msg->hello.problem, "built for another FRR", sizeof(msg->hello.problem));
		break;
	case ER_WIRE_REFUSE:
		memset(msg->refuse.problem, 'x', sizeof(msg->refuse.problem) - 1);
		break;
	case ER_WIRE_CONFIG_BEGIN:
	case ER_WIRE_CONFIG_END:
	case ER_WIRE_SYNCED:
		msg->generation.generation = 0x0102030405060708;
		break;
	case ER_WIRE_SESSION:
		msg->session.key = skey;
		msg->session.mode = ER_ATTACHED;
		strlcpy(msg->session.vrf, "default", sizeof(msg->session.vrf));
		strlcpy(msg->session.ifname, "eth0.100", sizeof(msg->session.ifname));
		str2ipaddr("2001:db8::1", &msg->session.local);
		str2ipaddr("2001:db8::2", &msg->session.neighbor);
		msg->session.router_as = 4200000000;
		msg->session.neighbor_as = 12076;
		strlcpy(msg->session.password, "secret", sizeof(msg->session.password));
		msg->session.keepalive = 20;
		msg->session.hold = 60;
		msg->session.bfd.enabled = true;
		msg->session.bfd.receive_interval = 300;
		msg->session.bfd.transmit_interval = 301;
		msg->session.bfd.detect_multiplier = 3;
		msg->session.local_pref = 150;
		msg->session.local_pref_drained = 110;
		msg->session.passive_cost = 5;
		msg->session.drained = true;
		strlcpy(msg->session.map_in, "THEIRS-IN", sizeof(msg->session.map_in));
		strlcpy(msg->session.map_out, "THEIRS-OUT", sizeof(msg->session.map_out));
		msg->session.prepend = 10;
		msg->session.multihop = 2;
		strlcpy(msg->session.site_of_origin, "4200000000:1",
			sizeof(msg->session.site_of_origin));
		break;
	case ER_WIRE_ADVERTISE:
		msg->advertise.peering = pkey;
		str2prefix("10.1.128.0/17", &msg->advertise.prefix);
		break;
	case ER_WIRE_SESSION_STATE:
		msg->session_state.session = skey;
		msg->session_state.facts.state = ER_SESSION_ESTABLISHED;
		msg->session_state.facts.bfd = ER_BFD_UP;
		msg->session_state.facts.established_wall = 1700000000;
		msg->session_state.facts.last_reset_wall = -1;
		strlcpy(msg->session_state.facts.last_reset, "BFD down received",
			sizeof(msg->session_state.facts.last_reset));
		msg->session_state.facts.accepted = 1;
		msg->session_state.facts.filtered = 2;
		msg->session_state.facts.advertised = UINT32_MAX;
		msg->session_state.facts.drained = true;
		msg->session_state.facts.best = 7;
		msg->session_state.facts.partner = (struct er_partner_facts){ true, 4, 5,  6, 7,
									      8,    9, 10, 11 };
		break;
	case ER_WIRE_RIB:
		msg->rib.peering = pkey;
		msg->rib.rib = (struct er_rib_facts){ 1,	 { 2, 3 }, 4,  { 5, 6 }, { 7, 8 },
						      { 9, 10 }, 11,	   13, 14 };
		msg->rib.rib.refused_known = true;
		for (int i = 0; i < ER_RULES; i++)
			msg->rib.rib.refused[i] = 100 + i;
		msg->rib.reevaluated = 12;
		msg->rib.n_held = 1;
		str2prefix("192.0.2.0/24", &msg->rib.held[0]);
		msg->rib.n_missing = 1;
		str2prefix("198.51.100.0/24", &msg->rib.missing[0]);
		msg->rib.n_examples = ER_WIRE_EXAMPLES;
		for (int i = 0; i < ER_WIRE_EXAMPLES; i++) {
			str2prefix("10.0.0.0/8", &msg->rib.example[i]);
			msg->rib.example[i].prefixlen = 8 + i;
		}
		break;
	case ER_WIRE_CLEAR:
		strlcpy(msg->clear.circuit, "contoso-ams", sizeof(msg->clear.circuit));
		break;
	default:
		sample_policy(type, msg);
		break;
	}
}

#define LAST_TYPE	ER_WIRE_SITE_STATE
#define FOREACH_TYPE(t) for (enum er_wire_type t = ER_WIRE_HELLO; t <= LAST_TYPE; t++)

static void every_message_comes_out_as_it_went_in(void **state)
{
	struct er_wire_msg in, out;
	uint8_t buf[ER_WIRE_MAX_LEN];

	FOREACH_TYPE(type)
	{
		size_t len;

		sample(type, &in);
		len = er_wire_encode(&in, buf, sizeof(buf));
		assert_true(len > 0);
		memset(&out, 0xa5, sizeof(out));
		assert_null(er_wire_decode(buf, len, &out));
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

/* Copied to an exact allocation, so that a sanitizer sees a read too far. */
static const char *decode_exact(const uint8_t *buf, size_t len, struct er_wire_msg *msg)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *problem;

	memcpy(copy, buf, len);
	problem = er_wire_decode(copy, len, msg);
	free(copy);
	return problem;
}

/* What is accepted must be in range, which encode checks, and unambiguous. */
static void check_decoded(const uint8_t *buf, size_t len)
{
	struct er_wire_msg msg;
	uint8_t again[ER_WIRE_MAX_LEN];

	if (decode_exact(buf, len, &msg))
		return;
	assert_int_equal(er_wire_encode(&msg, again, sizeof(again)), len);
	assert_memory_equal(again, buf, len);
}

static void every_truncation_is_refused(void **state)
{
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN];

	FOREACH_TYPE(type)
	{
		size_t len;

		sample(type, &msg);
		len = er_wire_encode(&msg, buf, sizeof(buf));
		for (size_t cut = 0; cut < len; cut++)
			assert_non_null(decode_exact(buf, cut, &msg));
	}
}

static void every_corrupted_octet_is_refused_or_harmless(void **state)
{
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN];

	FOREACH_TYPE(type)
	{
		size_t len;

		sample(type, &msg);
		len = er_wire_encode(&msg, buf, sizeof(buf));
		for (size_t at = 0; at < len; at++) {
			uint8_t was = buf[at];

			for (int v = 0; v < 256; v++) {
				buf[at] = v;
				check_decoded(buf, len);
			}
			buf[at] = was;
		}
	}
}

static void trailing_octets_are_refused(void **state)
{
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN + 1] = {};

	FOREACH_TYPE(type)
	{
		size_t len;

		sample(type, &msg);
		len = er_wire_encode(&msg, buf, sizeof(buf));
		assert_string_equal(decode_exact(buf, len + 1, &msg),
				    "octets after the end of the message");
	}
}

static void oversize_is_refused(void **state)
{
	static uint8_t huge[64 * 1024] = { ER_WIRE_CLEAR };
	struct er_wire_msg msg;

	assert_string_equal(decode_exact(huge, ER_WIRE_MAX_LEN + 1, &msg), "message too long");
	assert_string_equal(decode_exact(huge, sizeof(huge), &msg), "message too long");
	assert_non_null(decode_exact(huge, 0, &msg));
}

static void every_message_fits_the_limit(void **state)
{
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN];

	FOREACH_TYPE(type)
	{
		size_t len;

		sample(type, &msg);
		len = er_wire_encode(&msg, buf, sizeof(buf));
		assert_int_equal(er_wire_encode(&msg, buf, len), len);
		for (size_t room = 0; room < len; room++)
			assert_int_equal(er_wire_encode(&msg, buf, room), 0);
	}
}

static void a_partner_may_have_an_address_of_either_family(void **state)
{
	struct er_wire_msg msg, read;
	uint8_t buf[ER_WIRE_MAX_LEN];
	size_t len;

	sample(ER_WIRE_SESSION, &msg);
	msg.session.key.family = ER_IPV6;
	msg.session.mode = ER_PARTNER;
	msg.session.neighbor_as = 0;
	SET_IPADDR_V4(&msg.session.neighbor);
	SET_IPADDR_V4(&msg.session.local);
	len = er_wire_encode(&msg, buf, sizeof(buf));
	assert_true(len > 0);
	assert_null(er_wire_decode(buf, len, &read));
	assert_int_equal(read.session.mode, ER_PARTNER);
	/* nor is it a gateway's */
	msg.session.key.peering = ER_VPN;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);
}

static void values_out_of_range_are_not_encoded(void **state)
{
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN];

	sample(ER_WIRE_SESSION, &msg);
	msg.session.key.role = ER_ROLES;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_SESSION, &msg);
	msg.session.key.family = ER_IPV4;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_SESSION, &msg);
	msg.session.key.circuit[0] = '\0';
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_SESSION, &msg);
	memset(msg.session.vrf, 'v', sizeof(msg.session.vrf));
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_SESSION, &msg);
	SET_IPADDR_NONE(&msg.session.neighbor);
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_ADVERTISE, &msg);
	msg.advertise.prefix.prefixlen = 33;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_ADVERTISE, &msg);
	msg.advertise.prefix.prefixlen = 16;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_RIB, &msg);
	msg.rib.n_examples = ER_WIRE_EXAMPLES + 1;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_RIB, &msg);
	msg.rib.n_held = ER_WIRE_EXAMPLES + 1;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_RIB, &msg);
	str2prefix("2001:db8::/32", &msg.rib.held[0]);
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_PRIORITY, &msg);
	msg.priority.value = 0;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_PRIORITY, &msg);
	msg.priority.peering.family = ER_IPV4;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_ALLOW, &msg);
	msg.allow.filter[0] = '\0';
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_ANSWER, &msg);
	msg.answer.rule = ER_RULES;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	sample(ER_WIRE_ANSWER, &msg);
	msg.answer.session.family = ER_IPV4;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	msg.type = 0;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);
	msg.type = LAST_TYPE + 1;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);
}

static void assert_same_again(const struct er_wire_msg *in)
{
	struct er_wire_msg out;
	uint8_t buf[ER_WIRE_MAX_LEN];
	size_t len = er_wire_encode(in, buf, sizeof(buf));

	assert_true(len > 0);
	assert_null(er_wire_decode(buf, len, &out));
	assert_memory_equal(in, &out, sizeof(out));
}

static void what_is_about_nobody_in_particular_may_say_so(void **state)
{
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN];

	/* all that is held, of all circuits */
	sample(ER_WIRE_ASK, &msg);
	memset(&msg.ask.peering, 0, sizeof(msg.ask.peering));
	memset(&msg.ask.prefix, 0, sizeof(msg.ask.prefix));
	assert_same_again(&msg);

	/* but a route has a prefix */
	msg.ask.ask = ER_ASK_ROUTE;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);

	/* bgpd's best path is no session's */
	sample(ER_WIRE_ANSWER, &msg);
	memset(&msg.answer.session, 0, sizeof(msg.answer.session));
	assert_same_again(&msg);
	memset(&msg.answer.prefix, 0, sizeof(msg.answer.prefix));
	assert_same_again(&msg);

	sample(ER_WIRE_PEERING, &msg);
	memset(msg.peering.route_filter, 0, sizeof(msg.peering.route_filter));
	memset(msg.peering.advertise_list, 0, sizeof(msg.peering.advertise_list));
	msg.peering.limit = 0;
	assert_same_again(&msg);
}

static uint32_t random_next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Pure noise seldom passes the first fields: spoil good messages as well. */
static void noise_is_refused_or_harmless(void **state)
{
	uint32_t seed = 12076;
	struct er_wire_msg msg;
	uint8_t buf[ER_WIRE_MAX_LEN];

	for (int round = 0; round < 200000; round++) {
		size_t len = random_next(&seed) % 700;

		if (round % 2) {
			sample(ER_WIRE_HELLO + random_next(&seed) % LAST_TYPE, &msg);
			len = er_wire_encode(&msg, buf, sizeof(buf));
			for (int n = random_next(&seed) % 8; n >= 0; n--)
				buf[random_next(&seed) % len] = random_next(&seed);
			if (random_next(&seed) % 4 == 0)
				len = random_next(&seed) % (len + 1);
		} else {
			for (size_t i = 0; i < len; i++)
				buf[i] = random_next(&seed);
			if (len)
				buf[0] = random_next(&seed) % (LAST_TYPE + 2);
		}
		check_decoded(buf, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_comes_out_as_it_went_in),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_corrupted_octet_is_refused_or_harmless),
		cmocka_unit_test(trailing_octets_are_refused),
		cmocka_unit_test(oversize_is_refused),
		cmocka_unit_test(every_message_fits_the_limit),
		cmocka_unit_test(a_partner_may_have_an_address_of_either_family),
		cmocka_unit_test(values_out_of_range_are_not_encoded),
		cmocka_unit_test(what_is_about_nobody_in_particular_may_say_so),
		cmocka_unit_test(noise_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
