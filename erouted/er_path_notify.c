// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The quality of a path has changed -> one log line and one YANG notification.
 */
#include <zebra.h>

#include "log.h"
#include "northbound.h"

#include "core/text.h"
#include "yang/er_xpath.h"
#include "erouted/er_errors.h"
#include "erouted/er_paths.h"
#include "erouted/er_state.h"

static void log_notice(const struct er_notice *n, const char *words)
{
	const struct er_path_measure *m = &n->path.measure;

	if (n->path.quality == ER_QUALITY_POOR)
		_zlog_ecref(EC_ER_PATH_POOR, LOG_WARNING, "path-probe %s: %s is poor: %s", n->name,
			    words, n->reason);
	else if (n->path.quality == ER_QUALITY_GOOD)
		_zlog_ecref(EC_ER_PATH_GOOD, LOG_NOTICE,
			    "path-probe %s: %s is good again: loss %u %%, round trip %u us",
			    n->name, words, m->loss_percent, m->rtt_mean);
	else
		_zlog_ecref(EC_ER_PATH_GOOD, LOG_NOTICE,
			    "path-probe %s: %s was %s, nothing is known of it now%s%s", n->name,
			    words, er_quality_str(n->previous_quality), n->reason[0] ? ": " : "",
			    n->reason);
}

bool er_path_notify(const struct er_notice *n)
{
	char words[ER_PATH_WORDS_LEN];
	struct lyd_node *tree = NULL;

	if (n->type != ER_NOTICE_PATH_QUALITY)
		return false;
	er_path_words(&n->path_key, words, sizeof(words));
	log_notice(n, words);
	if (!er_nb_connected() ||
	    lyd_new_path(NULL, ly_native_ctx, ER_XPATH_NOTIFY_PATH, NULL, 0, &tree))
		return true;
	er_state_add(tree, "path-probe", n->name);
	er_state_add_text(tree, "path", words);
	er_state_add(tree, "quality", er_quality_str(n->path.quality));
	er_state_add(tree, "previous", er_quality_str(n->previous_quality));
	er_state_add_text(tree, "reason", n->reason);
	er_state_add_measure(tree, &n->path.measure);
	nb_notification_tree_send(ER_XPATH_NOTIFY_PATH, tree);
	lyd_free_all(tree);
	return true;
}
