// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show expressroute audit
 */
#include <zebra.h>

#include "command.h"
#include "lib/json.h"

#include "core/text.h"
#include "erouted/er_audit.h"
#include "erouted/er_show.h"
#include "erouted/er_show_audit_clippy.c"

#define LINE_LEN (ER_JOINED_LEN + 64)
#define WORD_LEN 16

/* "  FAIL sessions: ..." */
static void show_rule(struct vty *vty, enum er_audit_rule rule, const struct er_finding *finding)
{
	const char *verdict = er_found_str(finding->verdict);
	char text[LINE_LEN], word[WORD_LEN];

	if (finding->verdict == ER_FOUND_NOT_APPLICABLE)
		verdict = "n/a";
	else if (finding->verdict != ER_FOUND_PASS)
		verdict = er_upper(verdict, word, sizeof(word));
	snprintf(text, sizeof(text), "%-4s %s: %s", verdict, er_audit_rule_str(rule),
		 finding->evidence);
	vty_out(vty, "  ");
	er_show_wrapped(vty, 2, 7, text);
	if (!finding->advice[0])
		return;
	vty_out(vty, "       To do: ");
	er_show_wrapped(vty, 14, 14, finding->advice);
}

static int show_circuit(const struct er_circuit_config *config, void *arg)
{
	struct vty *vty = arg;
	struct er_audit audit;
	char score[32] = "no rule applies";

	er_core_audit(er_core, config->name, er_now(), &audit);
	if (audit.score >= 0)
		snprintf(score, sizeof(score), "%d of 100", audit.score);
	vty_out(vty, "\nCircuit %s: %s, %u fail, %u warn, %u pass, %u not applicable\n",
		config->name, score, audit.n[ER_FOUND_FAIL], audit.n[ER_FOUND_WARN],
		audit.n[ER_FOUND_PASS], audit.n[ER_FOUND_NOT_APPLICABLE]);
	/* the worst first */
	for (unsigned int verdict = ER_FOUNDS; verdict-- > 0;)
		for (enum er_audit_rule rule = 0; rule < ER_AUDIT_RULES; rule++)
			if (audit.finding[rule].verdict == verdict)
				show_rule(vty, rule, &audit.finding[rule]);
	return 0;
}

static int is_any(const struct er_circuit_config *config, void *arg)
{
	return 1;
}

static void show_unseen(struct vty *vty)
{
	struct er_lines lines = { .vty = vty, .title = "What cannot be seen from this router:" };
	const char *unseen;

	for (size_t i = 0; (unseen = er_audit_unseen(i)); i++)
		er_show_line(&lines, unseen);
}

static int show_audit(struct vty *vty, const struct er_circuit_config *config)
{
	er_show_parts(vty);
	if (!er_core_foreach(er_core, is_any, NULL)) {
		/* typed now it would not be kept, as has just been said */
		if (!er_nb_problem()[0])
			vty_out(vty,
				"There is no circuit: 'circuit NAME' below 'expressroute' makes one\n");
		return CMD_SUCCESS;
	}
	if (config)
		show_circuit(config, vty);
	else
		er_core_foreach(er_core, show_circuit, vty);
	show_unseen(vty);
	return CMD_SUCCESS;
}

DEFPY(show_expressroute_audit, show_expressroute_audit_cmd,
      "show expressroute audit [circuit NAME$er_circuit] [json$json]",
      SHOW_STR
      "ExpressRoute\n"
      "What circuits are by Microsoft's advice, rule by rule\n"
      "A circuit\n"
      "Name of the circuit\n"
      JSON_STR)
{
	const struct er_circuit_config *config = NULL;

	if (er_circuit) {
		config = er_find_circuit(vty, er_circuit, !!json);
		if (!config)
			return CMD_WARNING;
	}
	if (json)
		return er_json_show(vty, er_audit_state_tree(er_circuit), "audit");
	return show_audit(vty, config);
}

void er_audit_vty_init(void)
{
	install_element(VIEW_NODE, &show_expressroute_audit_cmd);
}
