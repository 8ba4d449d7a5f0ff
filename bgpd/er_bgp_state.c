// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last set that erouted sent, kept in a file for the next bgpd.
 *
 * A bgpd that is started while erouted is away would know of no session and no
 * policy: managed sessions would stay away, attached ones would come up with
 * the operator's own policy alone.  So each complete set is written to a file,
 * in the words in which it came, and is there before bgpd reads its
 * configuration.  erouted's own set takes its place when it arrives.
 *
 *   frr-expressroute set, protocol 2, 1234 octets, checksum 0badcafe
 *   length (2 octets, network order), message; again and again
 *
 * It holds the sessions' passwords, as frr.conf does: it is user frr's alone,
 * and one that others may read or write, or have put there, is not trusted.
 *
 * No file: nothing was ever asked of this bgpd.  A file that cannot be used:
 * something was, and nobody knows what; so no session with Microsoft starts
 * until erouted has sent its set.
 */
#include <zebra.h>
#include "compat.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "jhash.h"
#include "libfrr.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_vty.h"

#include "bgpd/er_bgp.h"
#include "core/limits.h"

DEFINE_MTYPE_STATIC(ER_BGP, ER_STATE, "ExpressRoute set in the state file");

#define FILE_NAME "bgpd-expressroute.set"
#define HEADER	  "frr-expressroute set, protocol %u, %zu octets, checksum %08x\n"
/* Past this it is no set, however many circuits there are. */
#define SIZE_MAX_OCTETS (256u << 20)
#define LENGTH_OCTETS	2
#define RETRY_S		60

/* Messages with their lengths, as they stand behind the header. */
struct body {
	uint8_t *data;
	size_t len, size;
};

static struct {
	char path[MAXPATHLEN];
	struct body coming; /* since the last BEGIN */
	struct body last;   /* the last complete one */
	bool open;
	struct event *t_save;
	bool unknown; /* the file cannot be used, and erouted has said nothing yet */
} state;

static void body_add(struct body *body, const void *data, size_t len)
{
	if (body->len + len > body->size) {
		body->size = MAX(body->size * 2, body->len + len);
		body->data = XREALLOC(MTYPE_ER_STATE, body->data, body->size);
	}
	memcpy(body->data + body->len, data, len);
	body->len += len;
}

static void body_free(struct body *body)
{
	XFREE(MTYPE_ER_STATE, body->data);
	memset(body, 0, sizeof(*body));
}

static int print_header(char *text, size_t size, const uint8_t *data, size_t len)
{
	return snprintf(text, size, HEADER, ER_WIRE_VERSION, len, jhash(data, len, 0));
}

/*
 * Holding sessions: bgpd has a flag of its own for a neighbor that must wait for
 * the end of the configuration.  It stands in no running-config.
 */
static void foreach_microsoft(void (*cb)(struct peer *peer))
{
	struct listnode *node, *peer_node;
	struct bgp *bgp;
	struct peer *peer;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, peer_node, peer))
			if (peer->as == ER_MICROSOFT_AS && peer_is_config_node(peer))
				cb(peer);
}

static void hold_peer(struct peer *peer)
{
	if (peer->shut_during_cfg)
		return;
	peer->shut_during_cfg = true;
	BGP_EVENT_ADD(peer->connection, BGP_Stop);
}

/* As bgpd does it at the end of the configuration. */
static void release_peer(struct peer *peer)
{
	if (!peer->shut_during_cfg)
		return;
	peer->shut_during_cfg = false;
	if (peer_active(peer->connection) == BGP_PEER_ACTIVE)
		BGP_EVENT_ADD(peer->connection, BGP_Start);
}

bool er_state_holds(void)
{
	return state.unknown;
}

void er_state_hold(void)
{
	/* while bgpd reads its configuration it holds all of them itself */
	if (state.unknown && !bgp_config_inprocess())
		foreach_microsoft(hold_peer);
}

static void hold_end(void)
{
	if (!state.unknown)
		return;
	state.unknown = false;
	if (!bgp_config_inprocess())
		foreach_microsoft(release_peer);
	zlog_notice("ExpressRoute: erouted has sent its set: sessions with AS %u start",
		    ER_MICROSOFT_AS);
}

/*
 * Saving.
 */
static bool write_new(const char *path, const struct body *body)
{
	char header[128];
	FILE *file;
	bool written;
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	file = fdopen(fd, "w");
	print_header(header, sizeof(header), body->data, body->len);
	written = fputs(header, file) >= 0 && fwrite(body->data, body->len, 1, file) == 1;
	return fclose(file) == 0 && written;
}

/* Whoever reads it finds the old set or the new one.  Nothing asked: no file. */
static bool write_file(void)
{
	char path[MAXPATHLEN + 4];

	if (!state.last.len)
		return unlink(state.path) == 0 || errno == ENOENT;
	snprintf(path, sizeof(path), "%s.new", state.path);
	return write_new(path, &state.last) && rename(path, state.path) == 0;
}

static void save(struct event *event)
{
	if (write_file())
		return;
	zlog_warn("ExpressRoute: cannot write %s: %m: a bgpd that is started while erouted is away would go by an older set",
		  state.path);
	event_add_timer(bm->master, save, NULL, RETRY_S, &state.t_save);
}

static void complete(void)
{
	struct stat st;
	bool same = state.coming.len == state.last.len &&
		    (!state.last.len ||
		     !memcmp(state.coming.data, state.last.data, state.last.len));
	bool there = lstat(state.path, &st) == 0;

	state.open = false;
	body_free(&state.last);
	state.last = state.coming;
	memset(&state.coming, 0, sizeof(state.coming));
	hold_end();
	if (same && !state.t_save && there == (state.last.len > 0))
		return;
	event_cancel(&state.t_save);
	save(NULL);
}

static bool stands_in_a_set(enum er_wire_type type)
{
	switch (type) {
	case ER_WIRE_HELLO:
	case ER_WIRE_REFUSE:
	case ER_WIRE_CONFIG_BEGIN:
	case ER_WIRE_CONFIG_END:
	case ER_WIRE_ASK:
	case ER_WIRE_CLEAR:
		return false;
	default:
		return true;
	}
}

void er_state_note(enum er_wire_type type, const uint8_t *data, size_t len)
{
	uint8_t length[LENGTH_OCTETS] = { len >> 8, len };

	if (type == ER_WIRE_CONFIG_BEGIN) {
		body_free(&state.coming);
		state.open = true;
	} else if (type == ER_WIRE_CONFIG_END) {
		complete();
	} else if (state.open && stands_in_a_set(type)) {
		body_add(&state.coming, length, sizeof(length));
		body_add(&state.coming, data, len);
	}
}

/*
 * Loading.  Each of these returns NULL, or what is wrong.
 */
static const char *check_owner(int fd, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return safe_strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	if (st.st_uid != geteuid())
		return "it belongs to another user";
	if (st.st_mode & 077)
		return "others than its owner may use it: its mode must be 0600";
	if (st.st_size > SIZE_MAX_OCTETS)
		return "it is too large";
	*size = st.st_size;
	return NULL;
}

static const char *read_open(FILE *from, struct body *file)
{
	const char *problem = check_owner(fileno(from), &file->size);

	if (problem)
		return problem;
	/* and a NUL, for sscanf() */
	file->data = XCALLOC(MTYPE_ER_STATE, file->size + 1);
	file->len = fread(file->data, 1, file->size, from);
	if (ferror(from))
		return safe_strerror(errno);
	return file->len ? NULL : "it is empty";
}

/* ENOENT is no problem: *file stays empty. */
static const char *read_file(struct body *file)
{
	int fd = open(state.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *problem;
	FILE *from;

	if (fd < 0)
		return errno == ENOENT ? NULL : safe_strerror(errno);
	from = fdopen(fd, "r");
	problem = read_open(from, file);
	fclose(from);
	return problem;
}

static const char *check_header(const struct body *file, size_t *len)
{
	const uint8_t *end = memchr(file->data, '\n', file->len);
	unsigned int protocol;
	char expected[128];

	*len = end ? end + 1 - file->data : 0;
	if (sscanf((const char *)file->data, "frr-expressroute set, protocol %u,", &protocol) != 1)
		return "it is none of ours";
	if (protocol != ER_WIRE_VERSION)
		return "it was written by another version of frr-expressroute";
	print_header(expected, sizeof(expected), file->data + *len, file->len - *len);
	if (*len != strlen(expected) || memcmp(file->data, expected, *len))
		return "it is damaged";
	return NULL;
}

static const char *take_message(const uint8_t *data, size_t len)
{
	struct er_wire_msg msg;
	const char *problem = er_wire_decode(data, len, &msg);

	if (problem)
		return problem;
	return stands_in_a_set(msg.type) ? er_channel_take(&msg) : "a message out of place";
}

static const char *take_messages(const uint8_t *at, const uint8_t *end)
{
	const char *problem = NULL;
	size_t len;

	er_config_begin(0);
	while (!problem && at < end) {
		len = end - at < LENGTH_OCTETS ? SIZE_MAX : (size_t)(at[0] << 8 | at[1]);
		at += LENGTH_OCTETS;
		if (len == SIZE_MAX || len > (size_t)(end - at))
			return "its last message is cut off";
		problem = take_message(at, len);
		at += len;
	}
	return problem ?: er_config_end(0);
}

static const char *load(struct body *file)
{
	const char *problem = read_file(file);
	size_t header;

	if (problem || !file->len)
		return problem;
	problem = check_header(file, &header)
			  ?: take_messages(file->data + header, file->data + file->len);
	if (problem) {
		er_config_drop();
		return problem;
	}
	body_add(&state.last, file->data + header, file->len - header);
	zlog_info("ExpressRoute: sessions and policy as erouted last sent them, from %s, until it sends them anew",
		  state.path);
	return NULL;
}

void er_state_load(void)
{
	struct body file = {};
	const char *problem;

	snprintf(state.path, sizeof(state.path), "%s/%s", frr_libstatedir, FILE_NAME);
	problem = load(&file);
	body_free(&file);
	if (!problem)
		return;
	state.unknown = true;
	zlog_err("ExpressRoute: cannot use %s: %s: no session with AS %u starts until erouted has sent its set",
		 state.path, problem, ER_MICROSOFT_AS);
}

void er_state_fini(void)
{
	event_cancel(&state.t_save);
	body_free(&state.coming);
	body_free(&state.last);
}
