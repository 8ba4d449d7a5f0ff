// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the access rules come from: a file of root's, or what is built in when
 * there is none. Rules that once were in force stay so until better ones come:
 * a file that cannot be used, or has gone, changes nothing.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "netconfd/netconfd.h"

#define SIZE_MAX_FILE (4u << 20) /* octets */
#define ACM	      "/ietf-netconf-acm:nacm"

/* Without a file: one group does everything, the other one reads what is no secret. */
static const char built_in[] =
	"<nacm xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-acm\">"
	"<exec-default>deny</exec-default>"
	"<rule-list><name>write</name><group>%s</group>"
	"<rule><name>everything</name><action>permit</action></rule>"
	"</rule-list>"
	"<rule-list><name>read</name><group>%s</group>"
	"<rule><name>get</name><module-name>ietf-netconf</module-name>"
	"<rpc-name>get</rpc-name><action>permit</action></rule>"
	"<rule><name>get-config</name><module-name>ietf-netconf</module-name>"
	"<rpc-name>get-config</rpc-name><action>permit</action></rule>"
	"<rule><name>get-schema</name><module-name>ietf-netconf-monitoring</module-name>"
	"<rpc-name>get-schema</rpc-name><action>permit</action></rule>"
	"<rule><name>subscribe</name><module-name>notifications</module-name>"
	"<rpc-name>create-subscription</rpc-name><action>permit</action></rule>"
	"</rule-list>"
	"</nacm>";

/* One state of the file. */
struct state {
	bool there;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct nd_rules *current;
static char *current_text;
static struct state seen; /* when it was last looked at, whatever came of it */
static bool looked;

struct nd_denials nd_denials;

static bool same_state(const struct state *a, const struct state *b)
{
	return a->there == b->there && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

/* NULL: it may be trusted */
static const char *distrust(const struct stat *stat)
{
	if (!S_ISREG(stat->st_mode))
		return "it is no regular file";
	if (stat->st_uid != 0)
		return "it is not root's";
	if (stat->st_mode & (S_IWGRP | S_IWOTH))
		return "others than root may write to it";
	if (stat->st_size > SIZE_MAX_FILE)
		return "it is larger than 4 MB";
	return NULL;
}

static char *read_open(int fd, size_t size, const char **why)
{
	char *text = malloc(size + 1);
	size_t length = 0;
	ssize_t n = 1;

	*why = text ? "it cannot be read" : "no memory";
	while (text && length < size && n > 0) {
		n = read(fd, text + length, size - length);
		if (n > 0)
			length += (size_t)n;
	}
	if (text && n >= 0 && !memchr(text, '\0', length)) {
		text[length] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* The file's text; NULL with state->there: why says why it cannot be used. */
static char *read_file(struct state *state, const char **why)
{
	struct stat stat;
	char *text = NULL;
	int fd;

	memset(state, 0, sizeof(*state));
	*why = NULL;
	fd = open(nd_options.access_rules, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		state->there = errno != ENOENT;
		*why = strerror(errno);
		return NULL;
	}
	state->there = true;
	if (fstat(fd, &stat)) {
		*why = strerror(errno);
	} else {
		state->device = stat.st_dev;
		state->inode = stat.st_ino;
		state->size = stat.st_size;
		state->changed = stat.st_ctim;
		*why = distrust(&stat);
		if (!*why)
			text = read_open(fd, (size_t)stat.st_size, why);
	}
	close(fd);
	return text;
}

static char *built_in_text(void)
{
	char *text;

	if (asprintf(&text, built_in, nd_options.group_write, nd_options.group_read) < 0)
		return NULL;
	return text;
}

/* locked; takes the text */
static bool adopt(const struct ly_ctx *ctx, char *text, char *why, size_t size)
{
	struct nd_rules *rules = nd_rules_parse(ctx, text, why, size);

	if (!rules) {
		free(text);
		return false;
	}
	nd_rules_put(current);
	current = rules;
	free(current_text);
	current_text = text;
	if (!nd_rules_enabled(rules))
		nd_log(LOG_WARNING,
		       "access rules are switched off: whoever is let in may do anything");
	return true;
}

/* locked; told: by a signal, not because a session begins */
static void look(const struct ly_ctx *ctx, bool told)
{
	struct state state;
	const char *why;
	char *text = read_file(&state, &why), problem[700] = "no memory";
	bool from_file = text;

	if (looked && !told && same_state(&state, &seen)) {
		free(text);
		return;
	}
	seen = state;
	looked = true;
	if (!state.there && current && !told) {
		nd_log(LOG_WARNING,
		       "access rules: %s has gone; its rules stay in force until SIGHUP or a restart",
		       nd_options.access_rules);
		return;
	}
	if (!state.there)
		text = built_in_text();
	else if (!text)
		snprintf(problem, sizeof(problem), "%s", why);
	if (text && adopt(ctx, text, problem, sizeof(problem)))
		nd_log(LOG_NOTICE, "access rules: %s is in force",
		       from_file ? nd_options.access_rules : "what is built in");
	else
		nd_log(LOG_ERR, "access rules: %s is not used: %s; %s", nd_options.access_rules,
		       problem, current ? "nothing changes" : "nobody is let in");
}

struct nd_rules *nd_access_begin(const struct ly_ctx *ctx)
{
	struct nd_rules *rules;

	pthread_mutex_lock(&lock);
	look(ctx, false);
	rules = nd_rules_use(current);
	pthread_mutex_unlock(&lock);
	return rules;
}

struct nd_rules *nd_access_current(void)
{
	struct nd_rules *rules;

	pthread_mutex_lock(&lock);
	rules = nd_rules_use(current);
	pthread_mutex_unlock(&lock);
	return rules;
}

void nd_access_reload(void)
{
	struct nd_schema *schema = nd_schema_current();

	pthread_mutex_lock(&lock);
	if (schema) {
		look(schema->ctx, true);
	} else {
		looked = false;
		nd_log(LOG_NOTICE,
		       "access rules: nobody has come yet, the first session reads them");
	}
	pthread_mutex_unlock(&lock);
	nd_schema_put(schema);
}

void nd_access_drop(void)
{
	pthread_mutex_lock(&lock);
	nd_rules_put(current);
	free(current_text);
	current = NULL;
	current_text = NULL;
	pthread_mutex_unlock(&lock);
}

static void put_count(const struct ly_ctx *ctx, struct lyd_node *tree, const char *name,
		      uint32_t value)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), ACM "/%s", name);
	snprintf(text, sizeof(text), "%u", value);
	if (lyd_new_path(tree, ctx, path, text, 0, NULL))
		ly_err_clean(ctx, NULL);
}

struct lyd_node *nd_access_state(const struct ly_ctx *ctx)
{
	struct lyd_node *tree = NULL;

	pthread_mutex_lock(&lock);
	if (current_text &&
	    lyd_parse_data_mem(ctx, current_text,
			       current_text[strspn(current_text, " \t\r\n")] == '{' ? LYD_JSON
										    : LYD_XML,
			       LYD_PARSE_ONLY, 0, &tree))
		ly_err_clean(ctx, NULL);
	pthread_mutex_unlock(&lock);
	if (tree) {
		put_count(ctx, tree, "denied-operations", atomic_load(&nd_denials.operations));
		put_count(ctx, tree, "denied-data-writes", atomic_load(&nd_denials.data_writes));
		put_count(ctx, tree, "denied-notifications",
			  atomic_load(&nd_denials.notifications));
	}
	return tree;
}

/*
 * A session's view
 */
bool nd_access_refresh(struct nd_session *session)
{
	struct nd_rules *rules = nd_access_current();
	struct nd_view view;
	bool ok = true;

	if (rules != session->view.rules) {
		ok = rules && nd_view_init(&view, rules, &session->who);
		if (ok) {
			nd_view_fini(&session->view);
			session->view = view;
		}
	}
	nd_rules_put(rules);
	return ok;
}

struct lyd_node *nd_access_check_changes(struct nd_session *session, const struct lyd_node *from,
					 const struct lyd_node *to)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	const struct lyd_node *node;
	struct lyd_node *diff = NULL, *error = NULL;
	enum nd_access access = ND_UPDATE;
	char *path;

	/* the keeper's: what it takes back has been permitted */
	if (!session->view.rules)
		return NULL;
	if (lyd_diff_siblings(from, to, 0, &diff)) {
		ly_err_clean(ctx, NULL);
		return nd_error(ctx, NC_ERR_RES_DENIED, NULL, "no memory to check what is changed");
	}
	node = nd_view_refused(&session->view, diff, &access);
	if (node) {
		path = lyd_path(node, LYD_PATH_STD, NULL, 0);
		error = nd_access_denied(session, access, path);
		free(path);
	}
	lyd_free_all(diff);
	return error;
}

struct lyd_node *nd_access_denied(struct nd_session *session, enum nd_access access,
				  const char *path)
{
	atomic_fetch_add(&nd_denials.data_writes, 1);
	return nd_error(session->schema->ctx, NC_ERR_ACCESS_DENIED, path,
			"User %s may not %s this.", session->user, nd_access_name(access));
}
