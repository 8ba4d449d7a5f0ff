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
		break;
	case ER_WIRE_RIB:
		msg->rib.peering = pkey;
		msg->rib.rib = (struct er_rib_facts){ 1, { 2, 3 }, 4, { 5, 6 }, { 7, 8 } };
		msg->rib.n_examples = ER_WIRE_EXAMPLES;
		for (int i = 0; i < ER_WIRE_EXAMPLES; i++) {
			str2prefix("10.0.0.0/8", &msg->rib.example[i]);
			msg->rib.example[i].prefixlen = 8 + i;
		}
		break;
	case ER_WIRE_CLEAR:
		strlcpy(msg->clear.circuit, "contoso-ams", sizeof(msg->clear.circuit));
		break;
	}
}

#define FOREACH_TYPE(t) for (enum er_wire_type t = ER_WIRE_HELLO; t <= ER_WIRE_CLEAR; t++)

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

	msg.type = 0;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);
	msg.type = ER_WIRE_CLEAR + 1;
	assert_int_equal(er_wire_encode(&msg, buf, sizeof(buf)), 0);
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
			sample(ER_WIRE_HELLO + random_next(&seed) % ER_WIRE_CLEAR, &msg);
			len = er_wire_encode(&msg, buf, sizeof(buf));
			for (int n = random_next(&seed) % 8; n >= 0; n--)
				buf[random_next(&seed) % len] = random_next(&seed);
			if (random_next(&seed) % 4 == 0)
				len = random_next(&seed) % (len + 1);
		} else {
			for (size_t i = 0; i < len; i++)
				buf[i] = random_next(&seed);
			if (len)
				buf[0] = random_next(&seed) % 12;
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
		cmocka_unit_test(values_out_of_range_are_not_encoded),
		cmocka_unit_test(noise_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
