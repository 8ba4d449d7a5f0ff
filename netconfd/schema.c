// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "netconfd/netconfd.h"

#define XPATH_CONTENT_ID "/ietf-yang-library:yang-library/content-id"
#define XPATH_LIBRARY	 "/ietf-yang-library:*"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct nd_schema *current;

/* The protocol's own models, with the features that are there. */
static const char *const netconf_features[] = {
	"candidate", "confirmed-commit", "rollback-on-error", "validate", "xpath", NULL
};
static const struct {
	const char *name, *revision;
	const char *const *features;
} protocol_modules[] = {
	{ "ietf-netconf", "2013-09-29", netconf_features },
	{ "ietf-netconf-monitoring", "2010-10-04", NULL },
	{ "ietf-netconf-with-defaults", NULL, NULL },
	{ "notifications", "2008-07-14", NULL },
	{ "nc-notifications", "2008-07-14", NULL },
	{ "ietf-netconf-acm", "2018-02-14", NULL },
};

bool nd_schema_is_protocol(const struct lys_module *module)
{
	for (size_t i = 0; i < sizeof(protocol_modules) / sizeof(*protocol_modules); i++)
		if (!strcmp(module->name, protocol_modules[i].name))
			return true;
	return false;
}

static bool content_id(struct nd_fe *fe, char *to, size_t size)
{
	const char *at;
	char *json;
	bool found = false;

	if (nd_fe_get(fe, ND_OPERATIONAL, XPATH_CONTENT_ID, true, &json) != ND_FE_OK)
		return false;
	at = strstr(json, "\"content-id\":\"");
	if (at) {
		at += strlen("\"content-id\":\"");
		snprintf(to, size, "%.*s", (int)strcspn(at, "\""), at);
		found = true;
	}
	free(json);
	return found;
}

static bool complain(const char *name)
{
	nd_log(LOG_ERR, "model %s cannot be loaded from %s: %s", name, nd_options.yang_dirs,
	       ly_last_logmsg());
	return false;
}

/* One that mgmtd implements, with the features it has there. */
static bool load_module(struct ly_ctx *ctx, const struct lyd_node *entry)
{
	const char *name = nd_child_value(entry, "name"),
		   *revision = nd_child_value(entry, "revision");
	const char *features[64] = {};
	const struct lyd_node *child;
	size_t count = 0;

	LY_LIST_FOR (lyd_child(entry), child)
		if (!strcmp(LYD_NAME(child), "feature") && count < 63)
			features[count++] = lyd_get_value(child);
	return ly_ctx_load_module(ctx, name, revision, features) || complain(name);
}

static bool load_library(struct ly_ctx *ctx, const char *library)
{
	struct lyd_node *tree = NULL;
	struct ly_set *set = NULL;
	bool ok;

	ok = !lyd_parse_data_mem(ctx, library, LYD_JSON, LYD_PARSE_ONLY, 0, &tree) &&
	     !lyd_find_xpath(tree, "/ietf-yang-library:yang-library/module-set/module", &set);
	for (uint32_t i = 0; ok && i < set->count; i++) {
		const char *name = nd_child_value(set->dnodes[i], "name");

		/* the protocol's are newer than mgmtd's and have the features that are ours */
		if (ly_ctx_get_module_implemented(ctx, name))
			continue;
		ok = load_module(ctx, set->dnodes[i]);
	}
	ly_set_free(set, NULL);
	lyd_free_all(tree);
	return ok;
}

static bool load_protocol(struct ly_ctx *ctx)
{
	for (size_t i = 0; i < sizeof(protocol_modules) / sizeof(*protocol_modules); i++)
		if (!ly_ctx_load_module(ctx, protocol_modules[i].name, protocol_modules[i].revision,
					(const char **)(uintptr_t)protocol_modules[i].features))
			return complain(protocol_modules[i].name);
	return true;
}

/* Where the type of the attribute operation is, of edit-config's elements. */
static struct lysc_type **operation_type(const struct ly_ctx *ctx)
{
	const struct lys_module *module = ly_ctx_get_module_implemented(ctx, "ietf-netconf");
	LYA_COUNT_T i, j;

	LYA_FOR(module->compiled->exts, i)
	{
		const struct lysc_ext_instance *ext = &module->compiled->exts[i];

		if (strcmp(ext->def->name, "annotation") || strcmp(ext->argument, "operation"))
			continue;
		LYA_FOR(ext->substmts, j)
		if (ext->substmts[j].stmt == LY_STMT_TYPE)
			return (struct lysc_type **)ext->substmts[j].storage_p;
	}
	return NULL;
}

/*
 * With its own type, libyang refuses a value that is none, of which libnetconf2
 * makes an operation-failed. As a string it comes to nd_edit(), which says what
 * RFC 6241 wants to be said: bad-attribute, of which attribute and element.
 */
static void take_any_operation(struct nd_schema *schema)
{
	const struct lysc_node *string =
		lys_find_path(schema->ctx, NULL, "/ietf-netconf-monitoring:get-schema/identifier",
			      0);
	struct lysc_type **type = operation_type(schema->ctx);

	if (!string || !type)
		return;
	schema->operation_type = *type;
	*type = ((const struct lysc_node_leaf *)string)->type;
}

/* Each type is to be freed once, by who owns it. */
static void give_operation_back(struct nd_schema *schema)
{
	if (schema->operation_type)
		*operation_type(schema->ctx) = schema->operation_type;
}

static struct ly_ctx *make_context(const char *library)
{
	struct ly_ctx *ctx = NULL;

	if (ly_ctx_new(nd_options.yang_dirs, LY_CTX_DISABLE_SEARCHDIR_CWD, &ctx)) {
		nd_log(LOG_ERR, "no context for models: %s", ly_last_logmsg());
		return NULL;
	}
	if (!load_protocol(ctx) || !load_library(ctx, library)) {
		ly_ctx_destroy(ctx);
		return NULL;
	}
	ly_err_clean(ctx, NULL);
	return ctx;
}

/*
 * mgmtd is asked for each of them: for all at once, it would log an error with
 * every answer, as it tries every XPath as a plain path first.
 */
static bool find_config_paths(struct nd_schema *schema)
{
	const struct lys_module *module;
	uint32_t index = 0;
	size_t count = 0;

	while ((module = ly_ctx_get_module_iter(schema->ctx, &index))) {
		const struct lysc_node *node;

		if (!module->implemented || !module->compiled || nd_schema_is_protocol(module))
			continue;
		LY_LIST_FOR (module->compiled->data, node) {
			char **paths;

			if (!(node->flags & LYS_CONFIG_W))
				continue;
			paths = realloc(schema->config_paths, (count + 2) * sizeof(*paths));
			if (!paths)
				return false;
			schema->config_paths = paths;
			paths[count] = lysc_path(node, LYSC_PATH_DATA, NULL, 0);
			paths[count + 1] = NULL;
			if (!paths[count++])
				return false;
		}
	}
	return schema->config_paths;
}

static void free_schema(struct nd_schema *schema)
{
	for (char **path = schema->config_paths; path && *path; path++)
		free(*path);
	free(schema->config_paths);
	if (schema->ctx)
		give_operation_back(schema);
	ly_ctx_destroy(schema->ctx);
	free(schema);
}

static struct nd_schema *make_schema(struct nd_fe *fe, const char *id)
{
	struct nd_schema *schema;
	char *library;

	if (nd_fe_get(fe, ND_OPERATIONAL, XPATH_LIBRARY, true, &library) != ND_FE_OK) {
		nd_log(LOG_ERR, "mgmtd's yang-library cannot be had: %s", fe->text);
		return NULL;
	}
	schema = calloc(1, sizeof(*schema));
	if (schema) {
		schema->users = 1; /* current */
		snprintf(schema->content_id, sizeof(schema->content_id), "%s", id);
		schema->ctx = make_context(library);
		if (!schema->ctx || !find_config_paths(schema)) {
			free_schema(schema);
			schema = NULL;
		} else {
			take_any_operation(schema);
		}
	}
	free(library);
	return schema;
}

/* locked */
static void put(struct nd_schema *schema)
{
	if (!schema || --schema->users)
		return;
	free_schema(schema);
}

struct nd_schema *nd_schema_get(struct nd_fe *fe)
{
	struct nd_schema *schema;
	char id[sizeof(schema->content_id)];

	if (!content_id(fe, id, sizeof(id))) {
		nd_log(LOG_ERR, "mgmtd does not say which models it has: %s", fe->text);
		return NULL;
	}
	pthread_mutex_lock(&lock);
	if (!current || strcmp(current->content_id, id)) {
		schema = make_schema(fe, id);
		if (schema) {
			put(current);
			current = schema;
		}
	} else {
		schema = current;
	}
	if (schema)
		schema->users++;
	pthread_mutex_unlock(&lock);
	return schema;
}

struct nd_schema *nd_schema_current(void)
{
	struct nd_schema *schema;

	pthread_mutex_lock(&lock);
	schema = current;
	if (schema)
		schema->users++;
	pthread_mutex_unlock(&lock);
	return schema;
}

void nd_schema_put(struct nd_schema *schema)
{
	pthread_mutex_lock(&lock);
	put(schema);
	pthread_mutex_unlock(&lock);
}

bool nd_schema_same(const struct nd_schema *schema, struct nd_fe *fe)
{
	char id[sizeof(schema->content_id)];

	return content_id(fe, id, sizeof(id)) && !strcmp(id, schema->content_id);
}

void nd_schema_drop(void)
{
	pthread_mutex_lock(&lock);
	put(current);
	current = NULL;
	pthread_mutex_unlock(&lock);
}
