// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "netconfd/netconfd.h"

#define BACKLOG	    16
#define END_SECONDS 10 /* for sessions to end */
/* mgmtd ends itself when it has more than 1024 files open, as FRR starts it: one for each */
#define SESSIONS_MAX 500
#define MEGABYTE     (1024u * 1024)
#define STANDARD_DIR ND_YANG_DIR ":" ND_MODELS_DIR

struct nd_options nd_options = {
	.socket = ND_SOCKET,
	.mgmtd = ND_MGMTD,
	.yang_dirs = STANDARD_DIR,
	.group_read = ND_GROUP_READ,
	.group_write = ND_GROUP_WRITE,
	.access_rules = ND_ACCESS_RULES,
	.max_sessions = 64,
	.hello_timeout = 30,
	.idle_timeout = 3600,
	.max_message = 64 * MEGABYTE,
};

void nd_log(int priority, const char *format, ...)
{
	char text[1024];
	va_list ap;

	if (priority == LOG_DEBUG && !nd_options.debug)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	/* a name that a client chose does not make lines of its own */
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	if (nd_options.foreground)
		fprintf(stderr, "frr-netconfd: %s\n", text);
	else
		syslog(priority, "%s", text);
}

const char *nd_file(const char *name, char *path, size_t size)
{
	const char *slash = strrchr(nd_options.socket, '/');

	snprintf(path, size, "%.*s%s", slash ? (int)(slash + 1 - nd_options.socket) : 0,
		 nd_options.socket, name);
	return path;
}

/* libnetconf2 may quote what a client sent: for who asks for it only */
static void library_log(const struct nc_session *session, NC_VERB_LEVEL level, const char *text)
{
	(void)session;
	(void)level;
	nd_log(LOG_DEBUG, "libnetconf2: %s", text);
}

static const char usage[] =
	"usage: frr-netconfd [OPTION...]\n"
	"  -f, --foreground          log to standard error\n"
	"  -d, --debug               log what libnetconf2 says, which may quote requests\n"
	"  -s, --socket PATH         listen there (" ND_SOCKET ")\n"
	"  -m, --mgmtd PATH          mgmtd's frontend socket (" ND_MGMTD ")\n"
	"  -y, --yang-dir DIR[:DIR]  look for models there first\n"
	"      --read-group NAME     who may read (" ND_GROUP_READ ")\n"
	"      --write-group NAME    who may write, too (" ND_GROUP_WRITE ")\n"
	"      --access-rules PATH   NACM rules, XML or JSON (" ND_ACCESS_RULES ")\n"
	"      --max-sessions N      1 to 500 (64)\n"
	"      --hello-timeout N     seconds, 1 to 3600 (30)\n"
	"      --idle-timeout N      seconds, 0: none (3600)\n"
	"      --max-message N       megabytes, 1 to 1024 (64)\n"
	"  -h, --help\n"
	"  -v, --version\n";

static unsigned int number(const char *text, unsigned int min, unsigned int max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || !*text || *text == '-' || value < min || value > max) {
		fprintf(stderr, "frr-netconfd: '%s' is not a number from %u to %u\n", text, min,
			max);
		exit(2);
	}
	return (unsigned int)value;
}

enum long_option {
	OPT_READ_GROUP = 256,
	OPT_WRITE_GROUP,
	OPT_ACCESS_RULES,
	OPT_MAX_SESSIONS,
	OPT_HELLO_TIMEOUT,
	OPT_IDLE_TIMEOUT,
	OPT_MAX_MESSAGE,
};

static void set_option(int option)
{
	static char dirs[4096];

	switch (option) {
	case 'f':
		nd_options.foreground = true;
		break;
	case 'd':
		nd_options.debug = true;
		break;
	case 's':
		nd_options.socket = optarg;
		break;
	case 'm':
		nd_options.mgmtd = optarg;
		break;
	case 'y':
		snprintf(dirs, sizeof(dirs), "%s:" STANDARD_DIR, optarg);
		nd_options.yang_dirs = dirs;
		break;
	case OPT_READ_GROUP:
		nd_options.group_read = optarg;
		break;
	case OPT_WRITE_GROUP:
		nd_options.group_write = optarg;
		break;
	case OPT_ACCESS_RULES:
		nd_options.access_rules = optarg;
		break;
	case OPT_MAX_SESSIONS:
		nd_options.max_sessions = number(optarg, 1, SESSIONS_MAX);
		break;
	case OPT_HELLO_TIMEOUT:
		nd_options.hello_timeout = number(optarg, 1, 3600);
		break;
	case OPT_IDLE_TIMEOUT:
		nd_options.idle_timeout = number(optarg, 0, 86400);
		break;
	case OPT_MAX_MESSAGE:
		nd_options.max_message = (size_t)number(optarg, 1, 1024) * MEGABYTE;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'v':
		puts("frr-netconfd " PACKAGE_VERSION);
		exit(0);
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "foreground", no_argument, NULL, 'f' },
		{ "debug", no_argument, NULL, 'd' },
		{ "socket", required_argument, NULL, 's' },
		{ "mgmtd", required_argument, NULL, 'm' },
		{ "yang-dir", required_argument, NULL, 'y' },
		{ "read-group", required_argument, NULL, OPT_READ_GROUP },
		{ "write-group", required_argument, NULL, OPT_WRITE_GROUP },
		{ "access-rules", required_argument, NULL, OPT_ACCESS_RULES },
		{ "max-sessions", required_argument, NULL, OPT_MAX_SESSIONS },
		{ "hello-timeout", required_argument, NULL, OPT_HELLO_TIMEOUT },
		{ "idle-timeout", required_argument, NULL, OPT_IDLE_TIMEOUT },
		{ "max-message", required_argument, NULL, OPT_MAX_MESSAGE },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "fds:m:y:hv", options, NULL)) != -1)
		set_option(option);
	if (optind < argc)
		set_option('?');
}

/* root is not needed, but for the user's own groups, which anybody may look up */
static bool become_frr(void)
{
	struct passwd *user;

	if (geteuid() != 0)
		return true;
	user = getpwnam(FRR_USER);
	if (!user || initgroups(FRR_USER, user->pw_gid) || setgid(user->pw_gid) ||
	    setuid(user->pw_uid)) {
		nd_log(LOG_ERR, "cannot become user %s: %s", FRR_USER, strerror(errno));
		return false;
	}
	return true;
}

static int socket_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		nd_log(LOG_ERR, "no socket at %s", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		nd_log(LOG_ERR, "another frr-netconfd listens at %s", path);
		return -1;
	}
	unlink(path);
	/* anybody may knock; the kernel says who it is, and the groups who comes in */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0666)) {
		nd_log(LOG_ERR, "cannot listen at %s: %s", path, strerror(errno));
		return -1;
	}
	return fd;
}

static bool init_libraries(void)
{
	ly_log_options(LY_LOSTORE);
	nc_verbosity(nd_options.debug ? NC_VERB_VERBOSE : NC_VERB_ERROR);
	nc_set_print_clb_session(library_log);
	if (nc_server_init())
		return false;
	nc_set_global_rpc_clb(nd_rpc);
	/* not by the library's own function, which ends the list with a comma */
	nc_server_set_capability(
		"urn:ietf:params:netconf:capability:with-defaults:1.0"
		"?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim");
	nc_server_set_capability("urn:ietf:params:netconf:capability:notification:1.0");
	nc_server_set_capability("urn:ietf:params:netconf:capability:interleave:1.0");
	return true;
}

/* A session takes six files. */
static void allow_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit))
			nd_log(LOG_WARNING, "setrlimit: %s", strerror(errno));
	}
}

/* SIGTERM and SIGINT end it, SIGHUP reads the access rules: all for the main thread only. */
static int block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool is_hangup(int signals)
{
	struct signalfd_siginfo info;

	return read(signals, &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGHUP;
}

static void accept_until(int listener, int signals)
{
	for (;;) {
		struct pollfd fds[2] = {
			{ .fd = listener, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};
		int client;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents) {
			if (!is_hangup(signals))
				return;
			nd_access_reload();
		}
		if (!fds[0].revents)
			continue;
		client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client >= 0) {
			nd_session_new(client);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			nd_log(LOG_ERR, "accept: %s", strerror(errno));
			/* until a session ends; a signal still comes through */
			poll(&fds[1], 1, 1000);
		}
	}
}

int main(int argc, char **argv)
{
	int listener, signals;

	parse_options(argc, argv);
	openlog("frr-netconfd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	umask(0077);
	signals = block_signals();
	allow_files();
	if (!become_frr())
		return 1;
	listener = socket_at(nd_options.socket);
	if (listener < 0 || signals < 0 || !init_libraries())
		return 1;
	nd_finish_what_was_begun();
	if (listen(listener, BACKLOG) || !nd_confirm_start())
		return 1;
	nd_time(nd_totals.start, sizeof(nd_totals.start), time(NULL));
	nd_log(LOG_INFO, "version %s is ready", PACKAGE_VERSION);
	accept_until(listener, signals);

	close(listener);
	unlink(nd_options.socket);
	nd_session_kill_all();
	if (!nd_session_await_none(END_SECONDS)) {
		nd_log(LOG_ERR, "a session has not ended in %d seconds", END_SECONDS);
		_exit(1);
	}
	nd_confirm_stop();
	nd_access_drop();
	nd_schema_drop();
	nc_server_destroy();
	nd_log(LOG_INFO, "ended");
	return 0;
}
