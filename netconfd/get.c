// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netconfd/netconfd.h"

#define EVERYTHING "/*"
#define TOPS_MAX   32

/*
 * What of mgmtd's data a filter can select: top-level nodes, so that nobody
 * who asks for a circuit waits for the routing table.
 */
struct tops {
	unsigned int count;
	bool everything;
	const struct lysc_node *nodes[TOPS_MAX];
};

static void add_top(struct tops *tops, const struct lysc_node *node)
{
	for (unsigned int i = 0; i < tops->count; i++)
		if (tops->nodes[i] == node)
			return;
	if (tops->count == TOPS_MAX)
		tops->everything = true;
	else
		tops->nodes[tops->count++] = node;
}

static void tops_of_subtree(const struct ly_ctx *ctx, const struct lyd_node *filters,
			    struct tops *tops)
{
	const struct lyd_node *filter;

	LY_LIST_FOR (filters, filter) {
		const struct lyd_node_opaq *opaque = (const struct lyd_node_opaq *)filter;
		const struct lysc_node *node = filter->schema;
		const struct lys_module *module;

		if (!node) {
			if (!opaque->name.module_ns || !opaque->name.module_ns[0]) {
				tops->everything = true;
				return;
			}
			module = ly_ctx_get_module_implemented_ns(ctx, opaque->name.module_ns);
			node = module ? lys_find_child(ctx, NULL, module, NULL, 0,
						       opaque->name.name, 0, 0)
				      : NULL;
		}
		if (node)
			add_top(tops, node);
	}
}

static void tops_of_xpath(const struct ly_ctx *ctx, const char *xpath, struct tops *tops)
{
	const char *predicate = strchr(xpath, '[');
	size_t length = xpath[0] == '/' ? strcspn(xpath + 1, "/[ (|*=") : 0;
	char path[256];
	const struct lysc_node *node = NULL;

	/* only "/module:name..." that looks nowhere else */
	if (length && length + 2 < sizeof(path) && !strchr(xpath, '|') &&
	    !(predicate && strchr(predicate, '/'))) {
		snprintf(path, sizeof(path), "%.*s", (int)length + 1, xpath);
		node = strchr(path, ':') ? lys_find_path(ctx, NULL, path, 0) : NULL;
		ly_err_clean(ctx, NULL);
	}
	if (node)
		add_top(tops, node);
	else
		tops->everything = true;
}

static bool path_is(const char *path, const struct lysc_node *node)
{
	size_t length = strlen(node->module->name);

	return path[0] == '/' && !strncmp(path + 1, node->module->name, length) &&
	       path[1 + length] == ':' && !strcmp(path + 2 + length, node->name);
}

/*
 * Fetching
 */
static bool fetch(struct nd_session *session, enum nd_datastore datastore, const char *xpath,
		  bool state, struct lyd_node **tree, struct lyd_node **error)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	struct lyd_node *part = NULL;
	char *json;
	LY_ERR failed;

	if (!nd_session_connected(session, error))
		return false;
	if (nd_fe_get(&session->fe, datastore, xpath, state, &json) != ND_FE_OK) {
		*error = nd_error_mgmtd(ctx, &session->fe);
		return false;
	}
	failed = json[0] ? lyd_parse_data_mem(ctx, json, LYD_JSON,
					      LYD_PARSE_ONLY | (state ? 0
								      : LYD_PARSE_STRICT |
										LYD_PARSE_NO_STATE),
					      0, &part)
			 : LY_SUCCESS;
	free(json);
	if (!failed && part)
		failed = lyd_merge_siblings(tree, part, LYD_MERGE_DESTRUCT | LYD_MERGE_WITH_FLAGS);
	if (failed) {
		*error = nd_error(ctx, NC_ERR_OP_FAILED, NULL,
				  "What mgmtd holds does not fit its models: %s", ly_last_logmsg());
		ly_err_clean(ctx, NULL);
	}
	return !failed;
}

static bool fetch_config(struct nd_session *session, enum nd_datastore datastore,
			 const struct tops *tops, struct lyd_node **tree, struct lyd_node **error)
{
	for (char **path = session->schema->config_paths; *path; path++) {
		bool asked = !tops || tops->everything;

		for (unsigned int i = 0; !asked && i < tops->count; i++)
			asked = path_is(*path, tops->nodes[i]);
		if (asked && !fetch(session, datastore, *path, false, tree, error)) {
			lyd_free_all(*tree);
			*tree = NULL;
			return false;
		}
	}
	return true;
}

bool nd_get_tree(struct nd_session *session, enum nd_datastore datastore, struct lyd_node **tree,
		 struct lyd_node **error)
{
	*tree = NULL;
	return fetch_config(session, datastore, NULL, tree, error);
}

static void drop_module(struct lyd_node **tree, const char *module)
{
	struct lyd_node *node, *next;

	for (node = *tree; node; node = next) {
		next = node->next;
		if (!node->schema || strcmp(node->schema->module->name, module))
			continue;
		if (*tree == node)
			*tree = next;
		lyd_free_tree(node);
	}
}

/*
 * State of our own
 */
struct state {
	struct lyd_node *root;
	const struct ly_ctx *ctx;
};

static void put(struct state *state, const char *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void put(struct state *state, const char *value, const char *format, ...)
{
	struct lyd_node *node = NULL;
	char path[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	if (lyd_new_path(state->root, state->ctx, path, value, 0, &node))
		ly_err_clean(state->ctx, NULL);
	else if (!state->root)
		state->root = node;
}

static void put_number(struct state *state, uint64_t value, const char *path)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", (unsigned long)value);
	put(state, text, "%s", path);
}

#define STATE "/ietf-netconf-monitoring:netconf-state"

static void put_datastore(struct state *state, const char *name, enum nd_datastore datastore)
{
	char since[40];
	uint32_t owner = nd_lock_owner(datastore, since, sizeof(since));
	char text[16];

	put(state, NULL, STATE "/datastores/datastore[name='%s']", name);
	if (!owner)
		return;
	snprintf(text, sizeof(text), "%u", owner);
	put(state, text,
	    STATE "/datastores/datastore[name='%s']/locks/global-lock/locked-by-session", name);
	put(state, since, STATE "/datastores/datastore[name='%s']/locks/global-lock/locked-time",
	    name);
}

static void put_schemas(struct state *state)
{
	const struct lys_module *module;
	uint32_t index = 0;

	while ((module = ly_ctx_get_module_iter(state->ctx, &index))) {
		char entry[300];

		snprintf(entry, sizeof(entry),
			 STATE "/schemas/schema[identifier='%s'][version='%s'][format='yang']",
			 module->name, module->revision ? module->revision : "");
		put(state, module->ns, "%s/namespace", entry);
		put(state, "NETCONF", "%s/location", entry);
	}
}

static void put_session(const struct nd_session *session, void *data)
{
	struct state *state = data;
	char entry[128], text[32];

	snprintf(entry, sizeof(entry), STATE "/sessions/session[session-id='%u']", session->id);
	put(state, "netconf-ssh", "%s/transport", entry);
	put(state, session->user, "%s/username", entry);
	put(state, session->since, "%s/login-time", entry);
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{ "in-rpcs", session->requests },
		{ "in-bad-rpcs", session->bad_requests },
		{ "out-rpc-errors", session->errors },
		{ "out-notifications", session->notifications },
	};
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		snprintf(text, sizeof(text), "%lu", (unsigned long)counts[i].value);
		put(state, text, "%s/%s", entry, counts[i].name);
	}
}

static void put_netconf_state(struct state *state)
{
	char **capabilities = nc_server_get_cpblts(state->ctx);

	for (char **at = capabilities; at && *at; at++) {
		put(state, *at, STATE "/capabilities/capability");
		free(*at);
	}
	free(capabilities);
	put_datastore(state, "running", ND_RUNNING);
	put_datastore(state, "candidate", ND_CANDIDATE);
	put_schemas(state);
	nd_sessions_visit(put_session, state);
	put(state, nd_totals.start, STATE "/statistics/netconf-start-time");
	put_number(state, atomic_load(&nd_totals.bad_hellos), STATE "/statistics/in-bad-hellos");
	put_number(state, atomic_load(&nd_totals.sessions), STATE "/statistics/in-sessions");
	put_number(state, atomic_load(&nd_totals.dropped), STATE "/statistics/dropped-sessions");
	put_number(state, atomic_load(&nd_totals.requests), STATE "/statistics/in-rpcs");
	put_number(state, atomic_load(&nd_totals.bad_requests), STATE "/statistics/in-bad-rpcs");
	put_number(state, atomic_load(&nd_totals.errors), STATE "/statistics/out-rpc-errors");
	put_number(state, atomic_load(&nd_totals.notifications),
		   STATE "/statistics/out-notifications");
}

static bool wanted(const struct tops *tops, const char *module)
{
	if (tops->everything)
		return true;
	for (unsigned int i = 0; i < tops->count; i++)
		if (!strcmp(tops->nodes[i]->module->name, module))
			return true;
	return false;
}

static void add(struct lyd_node **tree, struct lyd_node *own)
{
	if (own)
		lyd_merge_siblings(tree, own, LYD_MERGE_DESTRUCT);
}

static void add_own_state(const struct nd_schema *schema, const struct tops *tops,
			  struct lyd_node **tree)
{
	struct state state = { .ctx = schema->ctx };
	struct lyd_node *library = NULL;

	if (wanted(tops, "ietf-netconf-monitoring")) {
		put_netconf_state(&state);
		add(tree, state.root);
	}
	if (wanted(tops, "ietf-netconf-acm"))
		add(tree, nd_access_state(schema->ctx));
	if (wanted(tops, "nc-notifications")) {
		state.root = NULL;
		put(&state, "Notifications of all models.",
		    "/nc-notifications:netconf/streams/stream[name='NETCONF']/description");
		put(&state, "false",
		    "/nc-notifications:netconf/streams/stream[name='NETCONF']/replaySupport");
		add(tree, state.root);
	}
	if (wanted(tops, "ietf-yang-library")) {
		drop_module(tree, "ietf-yang-library");
		if (!ly_ctx_get_yanglib_data(schema->ctx, &library, "%u",
					     ly_ctx_get_change_count(schema->ctx)))
			add(tree, library);
	}
}

/*
 * Requests
 */
struct question {
	const struct lyd_node *subtree; /* the filter's content */
	const char *xpath;
	bool empty; /* a filter without content selects nothing */
	NC_WD_MODE defaults;
};

static bool understand(const struct ly_ctx *ctx, const struct lyd_node *rpc,
		       struct question *question, struct lyd_node **error)
{
	const struct lyd_node *filter = nd_child(rpc, "filter");
	const char *defaults = nd_child_value(rpc, "with-defaults");
	const char *type = filter ? nd_attribute(filter, "type") : NULL;

	memset(question, 0, sizeof(*question));
	question->defaults = NC_WD_EXPLICIT;
	if (defaults && !strcmp(defaults, "report-all"))
		question->defaults = NC_WD_ALL;
	else if (defaults && !strcmp(defaults, "report-all-tagged"))
		question->defaults = NC_WD_ALL_TAG;
	else if (defaults && !strcmp(defaults, "trim"))
		question->defaults = NC_WD_TRIM;
	if (!filter)
		return true;
	if (type && !strcmp(type, "xpath")) {
		question->xpath = nd_attribute(filter, "select");
		if (!question->xpath)
			*error = nc_err(ctx, NC_ERR_MISSING_ATTR, NC_ERR_TYPE_PROT, "select",
					"filter");
		return question->xpath;
	}
	question->subtree = lyd_child_any(filter);
	question->empty = !question->subtree;
	return true;
}

static void choose_tops(const struct ly_ctx *ctx, const struct question *question,
			struct tops *tops)
{
	memset(tops, 0, sizeof(*tops));
	if (question->xpath)
		tops_of_xpath(ctx, question->xpath, tops);
	else if (question->subtree)
		tops_of_subtree(ctx, question->subtree, tops);
	else
		tops->everything = !question->empty;
}

static bool fetch_state(struct nd_session *session, const struct tops *tops,
			struct lyd_node **tree, struct lyd_node **error)
{
	if (tops->everything)
		return fetch(session, ND_OPERATIONAL, EVERYTHING, true, tree, error);
	for (unsigned int i = 0; i < tops->count; i++) {
		const struct lysc_node *node = tops->nodes[i];
		char path[256];

		if (nd_schema_is_protocol(node->module) ||
		    !strcmp(node->module->name, "ietf-yang-library"))
			continue;
		snprintf(path, sizeof(path), "/%s:%s", node->module->name, node->name);
		if (!fetch(session, ND_OPERATIONAL, path, true, tree, error))
			return false;
	}
	return true;
}

/* The answer: what the question leaves of a tree, which is spent. */
static struct nc_server_reply *answer(struct nd_session *session, struct lyd_node *rpc,
				      const struct question *question, struct lyd_node *tree)
{
	const struct ly_ctx *ctx = session->schema->ctx;
	struct lyd_node *output = NULL;

	if (question->defaults == NC_WD_ALL || question->defaults == NC_WD_ALL_TAG)
		lyd_new_implicit_all(&tree, ctx, LYD_IMPLICIT_NO_STATE, NULL);
	/* before the filter, which would tell what it compares with */
	nd_view_prune(&session->view, &tree);
	if (question->xpath) {
		if (!nd_filter_xpath(&tree, question->xpath)) {
			lyd_free_all(tree);
			return nd_reply_libyang(ctx, "The XPath expression selects no nodes.");
		}
	} else if (question->subtree) {
		nd_filter_subtree(&tree, question->subtree);
	} else if (question->empty) {
		lyd_free_all(tree);
		tree = NULL;
	}
	if (lyd_dup_single(rpc, NULL, 0, &output) ||
	    lyd_new_any(output, NULL, "data", tree, NULL, 0,
			LYD_NEW_ANY_USE_VALUE | LYD_NEW_VAL_OUTPUT, NULL)) {
		lyd_free_all(output);
		lyd_free_all(tree);
		return nd_reply_libyang(ctx, "no memory for a reply");
	}
	ly_err_clean(ctx, NULL);
	return nc_server_reply_data(output, question->defaults, NC_PARAMTYPE_FREE);
}

struct nc_server_reply *nd_rpc_get(struct nd_session *session, struct lyd_node *rpc)
{
	struct lyd_node *tree = NULL, *error = NULL;
	struct question question;
	struct tops tops;

	if (!understand(session->schema->ctx, rpc, &question, &error))
		return nd_reply(error);
	choose_tops(session->schema->ctx, &question, &tops);
	if (!fetch_state(session, &tops, &tree, &error)) {
		lyd_free_all(tree);
		return nd_reply(error);
	}
	add_own_state(session->schema, &tops, &tree);
	return answer(session, rpc, &question, tree);
}

struct nc_server_reply *nd_rpc_get_config(struct nd_session *session, struct lyd_node *rpc)
{
	const struct lyd_node *source = lyd_child(nd_child(rpc, "source"));
	struct lyd_node *tree = NULL, *error = NULL;
	struct question question;
	struct tops tops;
	bool ok;

	if (!understand(session->schema->ctx, rpc, &question, &error))
		return nd_reply(error);
	choose_tops(session->schema->ctx, &question, &tops);
	if (source && !strcmp(LYD_NAME(source), "candidate"))
		ok = nd_candidate_tree(session, &tree, &error);
	else
		ok = fetch_config(session, ND_RUNNING, &tops, &tree, &error);
	return ok ? answer(session, rpc, &question, tree) : nd_reply(error);
}
