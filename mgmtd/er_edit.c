// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between a command and mgmtd's commit: see er_mgmt.h.
 */

#include <zebra.h>
#include "compat.h"

#include "command.h"
#include "libfrr.h"
#include "log.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vrf.h"
#include "yang.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/er_nodes.h"
#include "yang/er_xpath.h"

/* enough for the longest text and the longest path */
#define ER_WORDS_LEN (XPATH_MAXLEN + 512)

/* stands for an object whose name was refused; never valid */
#define ER_XPATH_REFUSED ER_XPATH "/refused"

/* more rules broken at once than a person reads */
#define ER_MAX_MESSAGES 8

bool er_cli_reading_file(const struct vty *vty)
{
	return vty->pending_allowed;
}

/* else the commit comes later, and what is between may break rules */
static bool er_commits_at_once(const struct vty *vty)
{
	return frr_get_cli_mode() == FRR_CLI_CLASSIC && !er_cli_reading_file(vty);
}

static bool er_in_refused(const struct vty *vty)
{
	return vty->xpath_index > 0 && strcmp(VTY_CURR_XPATH, ER_XPATH_REFUSED) == 0;
}

/*
 * A message for the person at the terminal; while a file is read nobody may
 * be looking, so it goes to the log as well.
 */
static void er_complain(struct vty *vty, const char *words, const char *rule)
{
	vty_out(vty, "%% %s: %s\n", words, rule);
	if (er_cli_reading_file(vty))
		zlog_err("expressroute: configuration: %s: %s", words, rule);
}

/*
 * An absolute path in the words of the commands:
 * ".../circuit[name='a']/peering[type='private']/vlan" is
 * "circuit a peering private vlan".
 */
static void er_path_words(const char *xpath, char *words, size_t size)
{
	const char *p = xpath;
	char quote = 0;

	if (strncmp(p, ER_XPATH, strlen(ER_XPATH)) == 0)
		p += strlen(ER_XPATH);

	words[0] = '\0';
	for (; *p && size > 1; p++) {
		if (quote ? *p == quote : (*p == '\'' || *p == '"')) {
			quote = quote ? 0 : *p;
			continue;
		}
		if (!quote && *p == '/') {
			if (words[0])
				strlcat(words, " ", size);
			continue;
		}
		if (!quote && *p == '[') {
			strlcat(words, " ", size);
			p = strchr(p, '=');
			if (!p)
				return;
			continue;
		}
		if (!quote && *p == ']')
			continue;
		strlcat(words, (char[2]){ *p, '\0' }, size);
	}
}

/* the value of a leaf, as far as everybody may see it */
static void er_append_value(const struct lysc_node *snode, const char *value, char *words,
			    size_t size)
{
	if (!value || strcmp(snode->name, "password") == 0)
		return;
	strlcat(words, " ", size);
	strlcat(words, value, size);
}

static const char *er_last_rule(void)
{
	const struct ly_err_item *item = ly_err_last(ly_native_ctx);

	return item && item->msg ? item->msg : "The model refuses it.";
}

/*
 * Say what is wrong with a value of the leaf at this absolute path.
 */
static void er_refuse_value(struct vty *vty, const char *xpath, const struct lysc_node *snode,
			    const char *value, const char *rule)
{
	char words[ER_WORDS_LEN];

	er_path_words(xpath, words, sizeof(words));
	er_append_value(snode, value, words, sizeof(words));
	er_complain(vty, words, rule);
}

/*
 * Check a value against its type.  Without this, mgmtd says no more than that
 * it failed.
 */
static bool er_value_ok(struct vty *vty, const char *xpath, const char *value)
{
	const struct nb_node *nb_node = nb_node_find(xpath);
	uint32_t options = LY_LOSTORE;
	bool ok;

	if (!nb_node || !CHECK_FLAG(nb_node->snode->nodetype, LYS_LEAF | LYS_LEAFLIST) || !value)
		return true;

	/* stored, not logged: the log is no place for passwords */
	ly_temp_log_options(&options);
	ok = lyd_value_validate(nb_node->snode, value, strlen(value), NULL, NULL, NULL) ==
	     LY_SUCCESS;
	if (!ok)
		er_refuse_value(vty, xpath, nb_node->snode, value, er_last_rule());
	ly_err_clean(ly_native_ctx, NULL);
	ly_temp_log_options(NULL);
	return ok;
}

/* a path as the commands write it, "./vlan", from the current object on */
static void er_absolute(const struct vty *vty, const char *path, char *xpath, size_t size)
{
	if (path[0] == '.' && vty->xpath_index > 0)
		snprintf(xpath, size, "%s%s", VTY_CURR_XPATH, path + 1);
	else
		strlcpy(xpath, path, size);
}

bool er_cli_value_ok(struct vty *vty, const char *path, const char *value)
{
	char xpath[XPATH_MAXLEN];

	/* nothing comes of it, and er_cli_apply() says so */
	if (er_in_refused(vty))
		return true;
	er_absolute(vty, path, xpath, sizeof(xpath));
	return er_value_ok(vty, xpath, value);
}

void er_cli_refuse(struct vty *vty, const char *path, const char *value, const char *rule)
{
	const struct nb_node *nb_node;
	char xpath[XPATH_MAXLEN];

	er_absolute(vty, path, xpath, sizeof(xpath));
	nb_node = nb_node_find(xpath);
	if (nb_node)
		er_refuse_value(vty, xpath, nb_node->snode, value, rule);
}

/* the rule that a "no" with a wrong value breaks */
static void er_refuse_other(struct vty *vty, const char *xpath, const struct lyd_node *there,
			    const char *value, const char *is)
{
	char rule[ER_WORDS_LEN];

	if (strcmp(there->schema->name, "password") == 0)
		is = "another one";
	snprintf(rule, sizeof(rule), "Not removed: it is %s.", is);
	er_refuse_value(vty, xpath, there->schema, value, rule);
}

const char *er_cli_value(const struct vty *vty, const char *path)
{
	const struct lyd_node *there;
	char xpath[XPATH_MAXLEN];

	if (er_in_refused(vty))
		return NULL;
	er_absolute(vty, path, xpath, sizeof(xpath));
	there = yang_dnode_get(vty->candidate_config->dnode, xpath);
	return there ? lyd_get_value(there) : NULL;
}

bool er_cli_is_value(struct vty *vty, const char *path, const char *value)
{
	const struct lyd_node *there;
	char xpath[XPATH_MAXLEN];

	if (er_in_refused(vty) || !value)
		return true;
	er_absolute(vty, path, xpath, sizeof(xpath));
	if (!er_value_ok(vty, xpath, value))
		return false;
	there = yang_dnode_get(vty->candidate_config->dnode, xpath);
	if (!there || (there->flags & LYD_DEFAULT) ||
	    lyd_value_compare((const struct lyd_node_term *)there, value, strlen(value)) ==
		    LY_SUCCESS)
		return true;
	er_refuse_other(vty, xpath, there, value, lyd_get_value(there));
	return false;
}

/* are these the circuits of the region-preference, in their order? */
static bool er_is_order(const struct lyd_node *preference, struct cmd_token **circuits, int n)
{
	const struct lyd_node *entry;
	int i = 0;

	LY_LIST_FOR (lyd_child(preference), entry) {
		if (strcmp(entry->schema->name, "circuit") != 0)
			continue;
		if (i == n || strcmp(yang_dnode_get_string(entry, "name"), circuits[i]->arg) != 0)
			return false;
		i++;
	}
	return i == n;
}

static int er_append_name(const struct lyd_node *name, void *names)
{
	strlcat(names, " ", ER_WORDS_LEN);
	strlcat(names, lyd_get_value(name), ER_WORDS_LEN);
	return YANG_ITER_CONTINUE;
}

bool er_cli_are_circuits(struct vty *vty, const char *target, struct cmd_token **circuits, int n)
{
	char xpath[XPATH_MAXLEN], typed[ER_WORDS_LEN] = "circuit", names[ER_WORDS_LEN] = "circuit";
	const struct lyd_node *there;

	if (er_in_refused(vty))
		return true;
	snprintf(xpath, sizeof(xpath), ER_XPATH_REGION_PREF_FMT, target);
	there = yang_dnode_get(vty->candidate_config->dnode, xpath);
	if (!there || er_is_order(there, circuits, n))
		return true;
	yang_dnode_iterate(er_append_name, names, there, "./circuit/name");
	for (int i = 0; i < n; i++) {
		strlcat(typed, " ", sizeof(typed));
		strlcat(typed, circuits[i]->arg, sizeof(typed));
	}
	er_refuse_other(vty, xpath, there, typed, names);
	return false;
}

static bool er_changes_ok(struct vty *vty)
{
	char xpath[XPATH_MAXLEN];

	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		const struct nb_cfg_change *change = &vty->cfg_changes[i];

		if (change->operation == NB_OP_DESTROY)
			continue;
		er_absolute(vty, change->xpath, xpath, sizeof(xpath));
		if (!er_value_ok(vty, xpath, change->value))
			return false;
	}
	return true;
}

/*
 * Our part of the candidate configuration as a tree of its own: all of it, or
 * one entry of a list.
 */
static struct lyd_node *er_candidate_copy(const struct vty *vty, const char *section)
{
	struct lyd_node *from = yang_dnode_get(vty->candidate_config->dnode,
					       section ? section : ER_XPATH);
	struct lyd_node *copy = NULL;

	if (from && !section)
		lyd_dup_single(from, NULL, LYD_DUP_RECURSIVE, &copy);
	if (!copy)
		lyd_new_path(NULL, ly_native_ctx, ER_XPATH, NULL, 0, &copy);
	if (from && section)
		lyd_dup_single(from, copy, LYD_DUP_RECURSIVE, NULL);
	return copy;
}

/*
 * Check every rule of the model.  The errors of the rules that are broken are
 * left in libyang's list; the caller cleans it.
 */
static bool er_tree_valid(struct lyd_node **tree)
{
	const struct lys_module *module = (*tree)->schema->module;
	uint32_t options = LY_LOSTORE;
	LY_ERR err;

	ly_err_clean(ly_native_ctx, NULL);
	ly_temp_log_options(&options);
	err = lyd_validate_module(tree, module, LYD_VALIDATE_NO_STATE | LYD_VALIDATE_MULTI_ERROR,
				  NULL);
	ly_temp_log_options(NULL);
	return err == LY_SUCCESS;
}

static struct lyd_node *er_find(struct lyd_node *tree, const char *path)
{
	struct lyd_node *node = NULL;

	if (!path || lyd_find_path(tree, path, 0, &node) != LY_SUCCESS)
		return NULL;
	return node;
}

/* the only rule that cannot have words of its own in the model */
static const char *er_rule(const struct ly_err_item *item)
{
	if (item->apptag && strmatch(item->apptag, "data-not-unique"))
		return "Two names cannot stand for one and the same community.";
	return item->msg ? item->msg : "The model refuses it.";
}

static void er_complain_about(struct vty *vty, struct lyd_node *tree,
			      const struct ly_err_item *item, const char *consequence)
{
	const struct lyd_node *node = er_find(tree, item->data_path);
	char words[ER_WORDS_LEN];

	er_path_words(item->data_path ? item->data_path : ER_XPATH, words, sizeof(words));
	if (node && node->schema->nodetype == LYS_LEAF)
		er_append_value(node->schema, lyd_get_value(node), words, sizeof(words));
	strlcat(words, consequence, sizeof(words));
	er_complain(vty, words, er_rule(item));
}

static bool er_item_is_within(const struct ly_err_item *item, const char *xpath)
{
	size_t len = strlen(xpath);

	return item->data_path && strncmp(item->data_path, xpath, len) == 0;
}

/*
 * A rule between two objects is reported at both.  The one that is being
 * edited comes first, the others show what it collides with.
 */
static void er_complain_all(struct vty *vty, struct lyd_node *tree)
{
	const struct ly_err_item *first = ly_err_first(ly_native_ctx), *item;
	const char *here = vty->xpath_index > 0 ? VTY_CURR_XPATH : ER_XPATH;
	size_t n = 0;

	for (item = first; item && n < ER_MAX_MESSAGES; item = item->next)
		if (er_item_is_within(item, here)) {
			er_complain_about(vty, tree, item, "");
			n++;
		}
	for (item = first; item && n < ER_MAX_MESSAGES; item = item->next)
		if (!er_item_is_within(item, here)) {
			er_complain_about(vty, tree, item, "");
			n++;
		}
}

/* Would the configuration be valid with the enqueued changes? */
static bool er_outcome_ok(struct vty *vty)
{
	struct nb_config trial = { .dnode = er_candidate_copy(vty, NULL) };
	const char *base = vty->xpath_index > 0 ? VTY_CURR_XPATH : "";
	char errors[BUFSIZ];
	bool failed = false, ok;

	nb_candidate_edit_config_changes(&trial, vty->cfg_changes, vty->num_cfg_changes, base,
					 false, errors, sizeof(errors), &failed);
	/* leave it to mgmtd to say why it cannot be edited */
	ok = failed || er_tree_valid(&trial.dnode);
	if (!ok)
		er_complain_all(vty, trial.dnode);
	ly_err_clean(ly_native_ctx, NULL);
	lyd_free_all(trial.dnode);
	return ok;
}

int er_cli_apply(struct vty *vty)
{
	/* said once already, when the section began */
	if (er_in_refused(vty))
		return CMD_WARNING;
	VTY_CHECK_XPATH;
	if (!er_changes_ok(vty))
		return CMD_WARNING_CONFIG_FAILED;
	if (er_commits_at_once(vty) && !er_outcome_ok(vty))
		return CMD_WARNING_CONFIG_FAILED;
	/*
	 * mgmtd commits its own file in batches of lines.  Not in the midst of
	 * ours, where a rule may be broken between two lines.
	 */
	if (er_cli_reading_file(vty))
		vty->buffer_cmd_count = 0;
	return nb_cli_apply_changes(vty, NULL);
}

static void er_entry_xpath(const struct vty *vty, const char *list, const char *key,
			   const char *value, char *xpath, size_t size)
{
	snprintf(xpath, size, "%s/%s[%s='%s']", VTY_CURR_XPATH, list, key, value);
}

static bool er_key_ok(struct vty *vty, const char *list, const char *key, const char *value)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), "%s/%s/%s", VTY_CURR_XPATH, list, key);
	return er_value_ok(vty, xpath, value);
}

int er_cli_enter(struct vty *vty, int node, const char *list, const char *key, const char *value)
{
	char xpath[XPATH_MAXLEN], words[ER_WORDS_LEN];
	int ret = CMD_SUCCESS;

	if (er_in_refused(vty)) {
		VTY_PUSH_XPATH(node, ER_XPATH_REFUSED);
		return CMD_SUCCESS;
	}
	if (!er_key_ok(vty, list, key, value)) {
		if (!er_cli_reading_file(vty))
			return CMD_WARNING_CONFIG_FAILED;
		snprintf(words, sizeof(words), "%s %s", list, value);
		er_complain(vty, words, "Skipped up to the end of its section.");
		VTY_PUSH_XPATH(node, ER_XPATH_REFUSED);
		return CMD_SUCCESS;
	}

	er_entry_xpath(vty, list, key, value, xpath, sizeof(xpath));
	if (!yang_dnode_exists(vty->candidate_config->dnode, xpath)) {
		nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
		ret = er_cli_apply(vty);
	}
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(node, xpath);
	return ret;
}

/* which objects refer to an entry of a list by its key, and in what */
static const struct {
	const char *list;
	const char *users;
	const char *leaf;
} er_references[] = {
	{ "route-filter", ER_XPATH_PEERING, "route-filter" },
	{ "circuit", ER_XPATH_REGION_PREF, "circuit/name" },
	{ "circuit", ER_XPATH_VPN, "circuit" },
	{ "circuit", ER_XPATH_SITE, "circuit" },
	{ "circuit", ER_XPATH_JOINT, "circuit" },
	{ "circuit", ER_XPATH_PROBE, "via/circuit" },
	{ "vpn-backup", ER_XPATH_PROBE, "via/vpn-backup" },
	{ "site", ER_XPATH_JOINT, "site" },
	{ "community", ER_XPATH_FILTER, "community" },
	{ "community", ER_XPATH_REGION_PREF, "target" },
};

static void er_complain_used(struct vty *vty, const char *list, const char *value,
			     const struct lyd_node *user)
{
	char path[XPATH_MAXLEN], words[ER_WORDS_LEN], rule[ER_WORDS_LEN + 64];

	yang_dnode_get_path(user, path, sizeof(path));
	er_path_words(path, words, sizeof(words));
	snprintf(rule, sizeof(rule), "%s uses it: take it out there first.", words);
	snprintf(words, sizeof(words), "%s %s", list, value);
	er_complain(vty, words, rule);
}

/* The model's rule would be about the user, and not say what is to be done. */
static bool er_is_unused(struct vty *vty, const char *list, const char *value)
{
	struct ly_set *users;
	char xpath[XPATH_MAXLEN];
	bool unused = true;

	for (size_t i = 0; i < array_size(er_references); i++) {
		if (strcmp(er_references[i].list, list) != 0)
			continue;
		snprintf(xpath, sizeof(xpath), "%s[%s='%s']", er_references[i].users,
			 er_references[i].leaf, value);
		if (lyd_find_xpath(vty->candidate_config->dnode, xpath, &users) != LY_SUCCESS)
			continue;
		for (uint32_t n = 0; n < users->count && n < ER_MAX_MESSAGES; n++)
			er_complain_used(vty, list, value, users->dnodes[n]);
		unused = unused && users->count == 0;
		ly_set_free(users, NULL);
	}
	return unused;
}

int er_cli_remove(struct vty *vty, const char *list, const char *key, const char *value)
{
	char xpath[XPATH_MAXLEN];

	if (er_in_refused(vty))
		return CMD_WARNING;
	if (!er_key_ok(vty, list, key, value))
		return CMD_WARNING_CONFIG_FAILED;
	if (er_commits_at_once(vty) && !er_is_unused(vty, list, value))
		return CMD_WARNING_CONFIG_FAILED;
	er_entry_xpath(vty, list, key, value, xpath, sizeof(xpath));
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return er_cli_apply(vty);
}

/* Entries that have left the candidate come back, unless they are there again. */
static void er_restore(struct vty *vty, struct lyd_node *removed)
{
	struct lyd_node *root = yang_dnode_get(vty->candidate_config->dnode, ER_XPATH);
	struct lyd_node *next, *node, *twin;

	LY_LIST_FOR_SAFE (removed, next, node) {
		lyd_unlink_tree(node);
		if (lyd_find_sibling_first(lyd_child(root), node, &twin) == LY_SUCCESS)
			lyd_free_tree(node);
		else
			lyd_insert_child(root, node);
	}
}

/*
 * Never the container itself: it is the root of a backend's tree.  A command
 * holds few changes, so all entries but one leave the candidate at once; they
 * come back if mgmtd refuses the commit at this point (a lock).
 */
int er_cli_remove_all(struct vty *vty)
{
	struct lyd_node *root = yang_dnode_get(vty->candidate_config->dnode, ER_XPATH);
	struct lyd_node *removed = NULL, *next, *node, *last = NULL;
	char xpath[XPATH_MAXLEN];
	int ret;

	LY_LIST_FOR_SAFE (lyd_child(root), next, node) {
		if (node->flags & LYD_DEFAULT)
			continue;
		if (last) {
			lyd_unlink_tree(last);
			lyd_insert_sibling(removed, last, &removed);
		}
		last = node;
	}
	if (!last)
		return CMD_SUCCESS;

	yang_dnode_get_path(last, xpath, sizeof(xpath));
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS) {
		lyd_free_all(removed);
		return ret;
	}
	er_restore(vty, removed);
	return ret;
}

/*
 * The same for an entry that becomes another: the old one leaves the candidate
 * and all positions but the last are made at once.
 */
int er_cli_set_circuits(struct vty *vty, const char *target, struct cmd_token **circuits, int n)
{
	struct lyd_node *config = vty->candidate_config->dnode;
	struct lyd_node *old, *made;
	char xpath[XPATH_MAXLEN], path[XPATH_MAXLEN];
	int ret;

	snprintf(path, sizeof(path), ER_XPATH_REGION_PREF_FMT, target);
	old = er_find(config, path);
	if (old)
		lyd_unlink_tree(old);

	for (int i = 0; i < n; i++) {
		snprintf(xpath, sizeof(xpath), ER_XPATH_REGION_PREF_NAME_FMT, target, i + 1);
		if (i + 1 < n)
			lyd_new_path(config, ly_native_ctx, xpath, circuits[i]->arg, 0, NULL);
	}
	nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, circuits[n - 1]->arg);
	ret = er_cli_apply(vty);
	if (ret == CMD_SUCCESS) {
		lyd_free_all(old);
		return ret;
	}
	made = er_find(vty->candidate_config->dnode, path);
	if (made)
		lyd_free_tree(made);
	er_restore(vty, old);
	return ret;
}

/* whether the running configuration does not have it like this */
static bool er_is_new(struct lyd_node *tree, const char *path)
{
	const struct lyd_node *node = er_find(tree, path);
	const struct lyd_node *old = er_find(running_config->dnode, path);

	return !old || (node && lyd_compare_single(node, old, LYD_COMPARE_FULL_RECURSION));
}

/*
 * Which of the broken rules to cure by taking its node out: the last one of
 * what the file has brought, since what runs already is valid.
 */
static const struct ly_err_item *er_choose_victim(struct lyd_node *tree)
{
	const struct ly_err_item *item, *victim = NULL;
	bool is_new, victim_is_new = false;

	for (item = ly_err_first(ly_native_ctx); item; item = item->next) {
		if (!item->data_path)
			continue;
		is_new = er_is_new(tree, item->data_path);
		if (is_new || !victim_is_new)
			victim = item;
		victim_is_new |= is_new;
	}
	return victim;
}

/* What restricts a site: without its last prefix or circuit it would be open. */
static bool er_opens_its_site(const struct lyd_node *node)
{
	const struct lyd_node *sibling;
	unsigned int n = 0;

	if (node->schema->nodetype != LYS_LEAFLIST ||
	    !strmatch(lyd_parent(node)->schema->name, "site"))
		return false;
	if (!strmatch(node->schema->name, "prefix") && !strmatch(node->schema->name, "circuit"))
		return false;
	LY_LIST_FOR (lyd_child(lyd_parent(node)), sibling)
		n += sibling->schema == node->schema;
	return n == 1;
}

static bool er_take_out(struct lyd_node *tree, const char *path)
{
	struct lyd_node *node = er_find(tree, path), *next, *child;

	if (!node)
		return false;
	/* what an entry cannot be without */
	if (er_opens_its_site(node) ||
	    (node->schema->nodetype == LYS_LEAF && (node->schema->flags & LYS_MAND_TRUE)))
		node = lyd_parent(node);
	if (node->schema->nodetype != LYS_CONTAINER) {
		lyd_free_tree(node);
		return true;
	}
	/* a container is always there: what it holds is the offender */
	child = lyd_child(node);
	if (!child)
		return false;
	LY_LIST_FOR_SAFE (child, next, node)
		lyd_free_tree(node);
	return true;
}

/*
 * Filters that are named in a peering and are not there.  One circuit alone is
 * checked as if they were.  When all has been read they are made, empty, so
 * that they refuse everything: without its filter a private peering would be
 * wide open.
 */
static void er_add_missing_filters(struct vty *vty, struct lyd_node *trial, bool all_read)
{
	struct ly_set *names;
	char xpath[XPATH_MAXLEN], words[ER_WORDS_LEN];

	if (lyd_find_xpath(trial, ER_XPATH_PEERING_FILTER, &names) != LY_SUCCESS)
		return;
	for (uint32_t i = 0; i < names->count; i++) {
		const char *name = lyd_get_value(names->dnodes[i]);

		snprintf(xpath, sizeof(xpath), ER_XPATH_FILTER_FMT, name);
		if (er_find(trial, xpath))
			continue;
		lyd_new_path(trial, ly_native_ctx, xpath, NULL, 0, NULL);
		if (!all_read)
			continue;
		lyd_new_path(vty->candidate_config->dnode, ly_native_ctx, xpath, NULL, 0, NULL);
		snprintf(words, sizeof(words), "route-filter %s", name);
		er_complain(vty, words,
			    "A peering names it, but it is not there: made empty, it refuses everything.");
	}
	ly_set_free(names, NULL);
}

/* What an entry refers to: it alone is checked as if that were there. */
static void er_add_named(struct lyd_node *trial, const char *names_xpath,
			 void (*add)(struct lyd_node *trial, const struct lyd_node *name))
{
	struct ly_set *names;

	if (lyd_find_xpath(trial, names_xpath, &names) != LY_SUCCESS)
		return;
	for (uint32_t i = 0; i < names->count; i++)
		add(trial, names->dnodes[i]);
	ly_set_free(names, NULL);
}

/* a circuit with the peering that is needed, in the VRF of what names it */
static void er_add_circuit(struct lyd_node *trial, const struct lyd_node *name)
{
	const struct lyd_node *vrf = yang_dnode_get(lyd_parent(name), "vrf");
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), ER_XPATH_VRF_FMT, lyd_get_value(name), "private");
	lyd_new_path(trial, ly_native_ctx, xpath, vrf ? lyd_get_value(vrf) : VRF_DEFAULT_NAME, 0,
		     NULL);
}

static void er_add_site(struct lyd_node *trial, const struct lyd_node *name)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), ER_XPATH_SITE_FMT, lyd_get_value(name));
	lyd_new_path(trial, ly_native_ctx, xpath, NULL, 0, NULL);
}

static void er_add_vpn(struct lyd_node *trial, const struct lyd_node *name)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), ER_XPATH_VPN_FMT, lyd_get_value(name));
	lyd_new_path(trial, ly_native_ctx, xpath, NULL, 0, NULL);
}

static void er_add_all_named(struct lyd_node *trial)
{
	er_add_named(trial, ER_XPATH_VPN_CIRCUIT, er_add_circuit);
	er_add_named(trial, ER_XPATH_SITE_CIRCUIT, er_add_circuit);
	er_add_named(trial, ER_XPATH_JOINT_CIRCUIT, er_add_circuit);
	er_add_named(trial, ER_XPATH_JOINT_SITE, er_add_site);
	er_add_named(trial, ER_XPATH_PROBE_CIRCUIT, er_add_circuit);
	er_add_named(trial, ER_XPATH_PROBE_VPN, er_add_vpn);
}

/*
 * The end of an entry of a list, or (NULL) of the whole section.  Each turn takes
 * a node out, so it ends.
 */
static void er_section_end(struct vty *vty, const char *section)
{
	struct lyd_node *trial = er_candidate_copy(vty, section);

	er_add_missing_filters(vty, trial, !section);
	if (section)
		er_add_all_named(trial);
	while (!er_tree_valid(&trial)) {
		const struct ly_err_item *item = er_choose_victim(trial);
		const struct lyd_node *node;
		char path[XPATH_MAXLEN];

		if (!item)
			break;
		strlcpy(path, item->data_path, sizeof(path));
		node = er_find(trial, path);
		er_complain_about(vty, trial, item,
				  node && er_opens_its_site(node)
					  ? " (left out, and the site, which it restricts)"
					  : " (left out)");
		er_take_out(vty->candidate_config->dnode, path);
		if (!er_take_out(trial, path))
			break;
	}
	ly_err_clean(ly_native_ctx, NULL);
	lyd_free_all(trial);
}

static bool er_is_entry(int node)
{
	return node == ER_CIRCUIT_NODE || node == ER_FILTER_NODE || node == ER_VPN_NODE ||
	       node == ER_SITE_NODE || node == ER_JOINT_NODE || node == ER_PROBE_NODE;
}

/*
 * A file may break a rule between two lines, so it is checked where a section
 * ends: first each entry of a list alone, which is quick, then all together.
 */
int er_cli_leave(struct vty *vty)
{
	if (er_cli_reading_file(vty) && !er_in_refused(vty) && vty->xpath_index > 0) {
		if (er_is_entry(vty->node))
			er_section_end(vty, VTY_CURR_XPATH);
		else if (vty->node == (enum node_type)ER_NODE)
			er_section_end(vty, NULL);
	}
	cmd_exit(vty);
	return CMD_SUCCESS;
}
