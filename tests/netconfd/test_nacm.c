// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Access rules (RFC 8341) on a small model of our own: each step of its
 * sections 3.4.4 to 3.4.6, by what is permitted.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netconfd/nacm.h"
#include "netconfd/tree.h"

static const char model[] =
	"module m { yang-version 1.1; namespace 'urn:m'; prefix m;"
	" import ietf-netconf-acm { prefix nacm; }"
	" container top { list entry { key 'name kind'; leaf name { type string; }"
	"  leaf kind { type string; } leaf plain { type string; }"
	"  leaf password { type string; }"
	"  leaf hidden { nacm:default-deny-all; type string; }"
	"  leaf fixed { nacm:default-deny-write; type string; }"
	"  container guarded { nacm:default-deny-all; leaf inner { type string; } }"
	"  action reset { input { leaf how { type string; } } } }"
	" leaf-list word { type string; ordered-by user; } }"
	" rpc run; rpc stop { nacm:default-deny-all; }"
	" notification event { leaf text { type string; } leaf key { nacm:default-deny-all; type string; } }"
	" notification secret { nacm:default-deny-all; } }";

static const char data[] =
	"<top xmlns=\"urn:m\"><entry><name>a</name><kind>x</kind><plain>1</plain>"
	"<password>p</password><hidden>h</hidden><fixed>f</fixed><guarded><inner>i</inner></guarded></entry>"
	"<entry><name>b</name><kind>x</kind><plain>2</plain></entry><word>one</word><word>two</word></top>";

static struct ly_ctx *ctx;
static char *groups[] = { (char *)"staff", (char *)"night", NULL };
static const struct nd_user anna = { "anna", groups }, nobody = { "nobody", NULL };

static int make_ctx(void **state)
{
	(void)state;
	/* where libnetconf2 and FRR have ietf-netconf-acm */
	if (ly_ctx_new(ND_MODELS_DIR, LY_CTX_DISABLE_SEARCHDIR_CWD, &ctx) ||
	    lys_parse_mem(ctx, model, LYS_IN_YANG, NULL) ||
	    !ly_ctx_load_module(ctx, "ietf-netconf-acm", NULL, NULL))
		return -1;
	return 0;
}

static int drop_ctx(void **state)
{
	(void)state;
	ly_ctx_destroy(ctx);
	return 0;
}

static struct nd_rules *try_rules(const char *inner)
{
	char text[4096], why[256];

	snprintf(text, sizeof(text),
		 "<nacm xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-acm\" xmlns:m=\"urn:m\">%s</nacm>",
		 inner);
	return nd_rules_parse(ctx, text, why, sizeof(why));
}

/* a view for a user, of rules that the view holds */
static struct nd_view view_of(const char *inner, const struct nd_user *user)
{
	struct nd_rules *rules = try_rules(inner);
	struct nd_view view;

	assert_non_null(rules);
	assert_true(nd_view_init(&view, rules, user));
	nd_rules_put(rules);
	return view;
}

#define LIST(group, rules)                                                                        \
	"<rule-list><name>" group "</name><group>" group "</group>" rules "</rule-list>"
#define RULE(name, what, action)                                                                  \
	"<rule><name>" name "</name>" what "<action>" action "</action></rule>"

static struct lyd_node *parse(void)
{
	struct lyd_node *tree = NULL;

	assert_false(lyd_parse_data_mem(ctx, data, LYD_XML, LYD_PARSE_ONLY, 0, &tree));
	return tree;
}

static const struct lyd_node *find(const struct lyd_node *tree, const char *path)
{
	struct lyd_node *node = NULL;

	assert_false(lyd_find_path(tree, path, 0, &node));
	return node;
}

static bool may(const char *inner, const char *path, enum nd_access access)
{
	struct nd_view view = view_of(inner, &anna);
	struct lyd_node *tree = parse();
	bool permitted = nd_view_node(&view, find(tree, path), access);

	lyd_free_all(tree);
	nd_view_fini(&view);
	return permitted;
}

static bool may_run(const char *inner, const char *name)
{
	struct nd_view view = view_of(inner, &anna);
	bool permitted = nd_view_operation(&view, lys_find_path(ctx, NULL, name, 0));

	nd_view_fini(&view);
	return permitted;
}

#define ENTRY	"/m:top/entry[name='a'][kind='x']"
#define PLAIN	ENTRY "/plain"
#define PATH(p) "<path>" p "</path>"
#define OPS(o)	"<access-operations>" o "</access-operations>"

static void defaults_decide_when_no_rule_does(void **state)
{
	(void)state;
	assert_true(may("", PLAIN, ND_READ));
	assert_false(may("", PLAIN, ND_UPDATE));
	assert_false(may("<read-default>deny</read-default>", PLAIN, ND_READ));
	assert_true(may("<write-default>permit</write-default>", PLAIN, ND_CREATE));
	assert_true(may_run("", "/m:run"));
	assert_false(may_run("<exec-default>deny</exec-default>", "/m:run"));
}

static void marks_of_the_model_come_before_defaults_and_after_rules(void **state)
{
#define OPEN "<write-default>permit</write-default>"
#define ALL  OPEN LIST("staff", RULE("all", "", "permit"))
	(void)state;
	assert_false(may(OPEN, ENTRY "/hidden", ND_READ));
	assert_false(may(OPEN, ENTRY "/hidden", ND_UPDATE));
	assert_false(may(OPEN, ENTRY "/guarded/inner", ND_READ));
	assert_false(may(OPEN, ENTRY "/password", ND_READ));
	assert_true(may(OPEN, ENTRY "/fixed", ND_READ));
	assert_false(may(OPEN, ENTRY "/fixed", ND_UPDATE));
	assert_false(may_run(OPEN, "/m:stop"));
	assert_true(may(ALL, ENTRY "/hidden", ND_READ));
	assert_true(may(ALL, ENTRY "/password", ND_READ));
	assert_true(may(ALL, ENTRY "/fixed", ND_UPDATE));
	assert_true(may_run(ALL, "/m:stop"));
}

static void path_matches_itself_and_what_is_below(void **state)
{
	(void)state;
#define ON(path) LIST("staff", RULE("r", PATH(path), "permit"))
	assert_true(may(ON("/m:top"), PLAIN, ND_UPDATE));
	assert_true(may(ON("/"), PLAIN, ND_UPDATE));
	assert_true(may(ON("/m:top/m:entry"), PLAIN, ND_UPDATE));
	assert_true(may(ON("/m:top/m:entry[m:kind='x'][m:name='a']"), PLAIN, ND_UPDATE));
	assert_false(may(ON("/m:top/m:entry[m:name='b'][m:kind='x']"), PLAIN, ND_UPDATE));
	assert_false(may(ON("/m:top/m:entry/m:fixed"), PLAIN, ND_UPDATE));
	assert_false(may(ON("/m:top/m:entry/m:plain"), ENTRY, ND_DELETE));
	assert_true(may(ON("/m:top/m:word[.='two']"), "/m:top/word[.='two']", ND_DELETE));
	assert_false(may(ON("/m:top/m:word[.='two']"), "/m:top/word[.='one']", ND_DELETE));
}

static void module_type_and_operations_must_match(void **state)
{
	(void)state;
#define WHAT(what) LIST("staff", RULE("r", what, "permit"))
	assert_true(may(WHAT("<module-name>m</module-name>"), PLAIN, ND_DELETE));
	assert_false(may(WHAT("<module-name>n</module-name>"), PLAIN, ND_DELETE));
	assert_true(may(WHAT(OPS("create delete")), PLAIN, ND_DELETE));
	assert_false(may(WHAT(OPS("create delete")), PLAIN, ND_UPDATE));
	assert_false(may(WHAT("<rpc-name>*</rpc-name>"), PLAIN, ND_DELETE));
	assert_true(may_run("<exec-default>deny</exec-default>" WHAT("<rpc-name>run</rpc-name>"),
			    "/m:run"));
	assert_false(may_run("<exec-default>deny</exec-default>" WHAT("<rpc-name>stop</rpc-name>"),
			     "/m:run"));
	assert_false(may_run("<exec-default>deny</exec-default>" WHAT(PATH("/")), "/m:run"));
	assert_true(may_run(WHAT("<rpc-name>*</rpc-name>"), "/m:stop"));
}

static void first_match_decides(void **state)
{
	(void)state;
	assert_false(may(LIST("staff", RULE("1", PATH("/m:top"), "deny") RULE("2", "", "permit")),
			 PLAIN, ND_READ));
	assert_true(may(LIST("staff", RULE("1", PATH("/m:top"), "permit"))
				LIST("night", RULE("1", "", "deny")),
			PLAIN, ND_UPDATE));
	assert_false(may(LIST("night", RULE("1", "", "deny"))
				 LIST("staff", RULE("1", "", "permit")),
			 PLAIN, ND_UPDATE));
}

static void groups_say_whose_rules(void **state)
{
	const char *others = LIST("day", RULE("1", "", "permit"));
	const char *named =
		"<groups><group><name>day</name><user-name>anna</user-name></group></groups>" LIST(
			"day", RULE("1", "", "permit"));
	const char *external =
		"<enable-external-groups>false</enable-external-groups>" LIST("staff",
									      RULE("1", "",
										   "permit"));
	struct lyd_node *tree = parse();
	struct nd_view view;

	(void)state;
	assert_false(may(others, PLAIN, ND_UPDATE));
	assert_true(may(named, PLAIN, ND_UPDATE));
	assert_false(may(external, PLAIN, ND_UPDATE));
	assert_true(may(LIST("*", RULE("1", "", "permit")), PLAIN, ND_UPDATE));
	/* who is in no group is not meant by "*" */
	view = view_of(LIST("*", RULE("1", "", "permit")), &nobody);
	assert_false(nd_view_node(&view, find(tree, PLAIN), ND_UPDATE));
	assert_true(nd_view_node(&view, find(tree, PLAIN), ND_READ));
	nd_view_fini(&view);
	lyd_free_all(tree);
}

static void switched_off_everything_is_permitted(void **state)
{
	(void)state;
	assert_true(may("<enable-nacm>false</enable-nacm>", ENTRY "/hidden", ND_UPDATE));
	assert_true(may_run("<enable-nacm>false</enable-nacm>", "/m:stop"));
}

static char *pruned(const char *inner)
{
	struct nd_view view = view_of(inner, &anna);
	struct lyd_node *tree = parse();
	char *text = NULL;

	nd_view_prune(&view, &tree);
	nd_view_fini(&view);
	lyd_print_mem(&text, tree, LYD_JSON, LYD_PRINT_SHRINK);
	lyd_free_all(tree);
	return text;
}

static void assert_pruned(const char *inner, const char *expected)
{
	char *text = pruned(inner);

	assert_string_equal(text ? text : "", expected);
	free(text);
}

static void what_may_not_be_read_is_left_out(void **state)
{
	(void)state;
#define FIRST "{\"name\":\"a\",\"kind\":\"x\",\"plain\":\"1\",\"fixed\":\"f\"}"
#define REST  "\"word\":[\"one\",\"two\"]"
	assert_pruned("", "{\"m:top\":{\"entry\":[" FIRST
			  ",{\"name\":\"b\",\"kind\":\"x\",\"plain\":\"2\"}]," REST "}}");
	assert_pruned(LIST("staff",
			   RULE("1", PATH("/m:top/m:entry[m:name='b'][m:kind='x']"), "deny")),
		      "{\"m:top\":{\"entry\":[" FIRST "]," REST "}}");
	/* without a key, no entry */
	assert_pruned(LIST("staff", RULE("1", PATH("/m:top/m:entry/m:kind"), "deny")),
		      "{\"m:top\":{" REST "}}");
	assert_pruned("<read-default>deny</read-default>", "{}");
}

static void notifications_have_rules_and_no_secrets(void **state)
{
	static const char event[] = "<event xmlns=\"urn:m\"><text>t</text><key>k</key></event>";
	struct nd_view view = view_of("", &anna);
	struct lyd_node *tree = NULL;
	struct ly_in *in;

	(void)state;
	assert_false(ly_in_new_memory(event, &in));
	assert_false(lyd_parse_op(ctx, NULL, in, LYD_XML, LYD_TYPE_NOTIF_YANG, 0, NULL, &tree));
	ly_in_free(in, 0);
	assert_true(nd_view_notification(&view, tree));
	nd_view_prune_event(&view, tree);
	assert_string_equal(LYD_NAME(lyd_child(tree)), "text");
	assert_null(lyd_child(tree)->next);
	nd_view_fini(&view);
	view = view_of(LIST("staff",
			    RULE("1", "<notification-name>event</notification-name>", "deny")),
		       &anna);
	assert_false(nd_view_notification(&view, tree));
	nd_view_fini(&view);
	view = view_of("<read-default>deny</read-default>", &anna);
	assert_false(nd_view_notification(&view, tree));
	nd_view_fini(&view);
	lyd_free_all(tree);
}

static void changes_are_found_wherever_they_are(void **state)
{
	struct nd_view view = view_of(LIST("staff",
					   RULE("1", PATH("/m:top/m:entry/m:fixed"), "deny")
						   RULE("2", PATH("/m:top"), "permit")),
				      &anna);
	struct lyd_node *before = parse(), *after = parse(), *diff = NULL;
	const struct lyd_node *refused;
	enum nd_access access;

	(void)state;
	/* a leaf that may be changed */
	lyd_change_term((struct lyd_node *)(uintptr_t)find(after, PLAIN), "9");
	assert_false(lyd_diff_siblings(before, after, 0, &diff));
	assert_null(nd_view_refused(&view, diff, &access));
	lyd_free_all(diff);
	/* an entry that goes with what may not go */
	lyd_free_tree((struct lyd_node *)(uintptr_t)find(after, ENTRY));
	assert_false(lyd_diff_siblings(before, after, 0, &diff));
	refused = nd_view_refused(&view, diff, &access);
	assert_non_null(refused);
	assert_string_equal(LYD_NAME(refused), "fixed");
	assert_int_equal(access, ND_DELETE);
	lyd_free_all(diff);
	/* the other way round, it is created */
	assert_false(lyd_diff_siblings(after, before, 0, &diff));
	assert_non_null(nd_view_refused(&view, diff, &access));
	assert_int_equal(access, ND_CREATE);
	lyd_free_all(diff);
	lyd_free_all(before);
	lyd_free_all(after);
	nd_view_fini(&view);
}

static void what_is_no_set_of_rules_is_refused(void **state)
{
	char why[256];

	(void)state;
	assert_null(nd_rules_parse(ctx, "", why, sizeof(why)));
	assert_null(nd_rules_parse(ctx, data, why, sizeof(why)));
	assert_non_null(strstr(why, "nacm"));
	assert_null(nd_rules_parse(ctx, "{\"ietf-netconf-acm:nacm\":{\"x\":1}}", why, sizeof(why)));
	assert_null(try_rules(LIST("staff", RULE("1", PATH("/m:nothing"), "permit"))));
	assert_null(try_rules(LIST("staff", "<rule><name>no action</name></rule>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_decide_when_no_rule_does),
		cmocka_unit_test(marks_of_the_model_come_before_defaults_and_after_rules),
		cmocka_unit_test(path_matches_itself_and_what_is_below),
		cmocka_unit_test(module_type_and_operations_must_match),
		cmocka_unit_test(first_match_decides),
		cmocka_unit_test(groups_say_whose_rules),
		cmocka_unit_test(switched_off_everything_is_permitted),
		cmocka_unit_test(what_may_not_be_read_is_left_out),
		cmocka_unit_test(notifications_have_rules_and_no_secrets),
		cmocka_unit_test(changes_are_found_wherever_they_are),
		cmocka_unit_test(what_is_no_set_of_rules_is_refused),
	};

	return cmocka_run_group_tests(tests, make_ctx, drop_ctx);
}
