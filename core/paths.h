// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How good a path to Azure is, and how much it carries.
 *
 * A path is a link of a circuit, a VPN gateway's tunnel or an interface to the
 * internet.  A probe (`path-probe NAME`) sends something over one path to one
 * target; what comes of it goes into a window of the last ER_PATH_WINDOW results:
 *
 *   loss       those without an answer, of all in the window
 *   rtt        shortest, mean and longest round trip of the answers in the window
 *   jitter     mean deviation of successive round trips, smoothed as RFC 3550
 *              (6.4.1) does for transit times: J += (|D| - J) / 16
 *
 * A path is poor when a threshold is reached, and good again only when each is
 * undercut by ER_PATH_HYSTERESIS_PERCENT of it.  Without a way to send at all
 * nothing is known of it.
 *
 * Probes are kept by er_core; they neither expire nor wait: each result is an
 * event, and time decides nothing.
 */
#ifndef ER_PATHS_H
#define ER_PATHS_H

#include "core/limits.h"

struct er_core;
struct er_event;
struct er_decisions;

/* YANG: path-quality */
enum er_quality {
	ER_QUALITY_UNKNOWN, /* too few results, or nothing can be sent */
	ER_QUALITY_GOOD,
	ER_QUALITY_POOR,
	ER_QUALITIES
};

enum er_path_kind { ER_PATH_LINK, ER_PATH_VPN, ER_PATH_INTERNET, ER_PATH_KINDS };

/* Which one; of no further use are fields of another kind. */
struct er_path_key {
	enum er_path_kind kind;
	/*
	 * LINK: circuit, private or Microsoft peering, role; VPN: the backup's name,
	 * ER_VPN, the gateway; the family is the target's, where one is needed
	 */
	struct er_session_key session;
	char ifname[ER_IFNAME_LEN]; /* INTERNET */
};

int er_path_key_cmp(const struct er_path_key *a, const struct er_path_key *b);

/* 0: no threshold */
struct er_path_threshold {
	uint8_t loss_percent;
	uint32_t rtt_us;
	uint32_t jitter_us;
};

struct er_path_config {
	char name[ER_NAME_LEN];
	bool has_path; /* key is valid, but for the family */
	struct er_path_key key;
	struct ipaddr target; /* ipa_type 0: the link's neighbor */
	uint16_t tcp_port;    /* connect to it; 0: ICMP echo */
	uint32_t interval_ms;
	struct er_path_threshold threshold;
};

/* The last results, newest at `next - 1`; rtt 0: no answer. */
struct er_path_window {
	uint32_t rtt_us[ER_PATH_WINDOW];
	unsigned int n, next;
	uint32_t last_us;   /* of the last answer; 0: none */
	uint32_t jitter_16; /* jitter in microseconds, times 16 */
	bool has_jitter;    /* two answers have been compared */
};

struct er_path_measure {
	uint32_t sent, lost;
	uint8_t loss_percent;		     /* rounded up: 0 only when none is lost */
	uint32_t rtt_min, rtt_mean, rtt_max; /* microseconds; 0: no answer */
	bool has_jitter;
	uint32_t jitter_us;
};

void er_path_result(struct er_path_window *window, bool replied, uint32_t rtt_us);
void er_path_measure(const struct er_path_window *window, struct er_path_measure *measure);
/* What it is now, when it was `before`; `reason` says which thresholds are reached. */
enum er_quality er_path_judge(const struct er_path_threshold *threshold,
			      const struct er_path_measure *measure, enum er_quality before,
			      char *reason, size_t len);

/* A probe for readers, and in its notices. */
struct er_path_view {
	enum er_quality quality;
	struct er_path_measure measure;
	char reason[ER_TEXT_LEN]; /* which thresholds are reached; "": none */
	uint64_t sent, lost;	  /* since it is configured so */
	int64_t since_mono_ms;	  /* of the last change of quality */
};

typedef int (*er_path_cb)(const struct er_path_config *config, void *arg);
int er_core_foreach_path(const struct er_core *core, er_path_cb cb, void *arg);
const struct er_path_config *er_core_path_config(const struct er_core *core, const char *name);
/* false: no such probe */
bool er_core_path(const struct er_core *core, const char *name, struct er_path_view *view);

/* For core.c. */
struct er_paths;
struct er_paths *er_paths_new(void);
void er_paths_free(struct er_paths **paths);
void er_paths_handle(struct er_core *core, const struct er_event *ev, struct er_decisions *out);
/* For vpn.c: of all probes over this path in this family the worst; UNKNOWN without any. */
enum er_quality er_path_quality(const struct er_core *core, const struct er_path_key *key);
bool er_path_is_probed(const struct er_core *core, const struct er_path_key *key);

/*
 * What an interface has carried.
 */
struct er_counters {
	uint64_t in_octets, in_packets, out_octets, out_packets;
};

/*
 * A rate is what was counted between two readings that are at least
 * ER_PATH_RATE_MIN_MS apart, the older one ER_PATH_SAMPLE_MS old at the least
 * once that time has passed.
 */
struct er_traffic {
	bool known;
	struct er_counters now, base, next_base;
	int64_t now_ms, base_ms, next_base_ms;
};

struct er_rate {
	bool known;
	uint64_t in_bits, out_bits; /* per second */
};

/* Counters that have gone back are another interface's: all begins anew. */
void er_traffic_take(struct er_traffic *traffic, const struct er_counters *counters,
		     int64_t now_ms);
void er_traffic_rate(const struct er_traffic *traffic, struct er_rate *rate);

#endif /* ER_PATHS_H */
