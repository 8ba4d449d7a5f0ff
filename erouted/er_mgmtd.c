// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does mgmtd know our model?  Without its module (-M expressroute) it takes us for a
 * backend like any other, sends no word of our configuration, and `write` then leaves
 * our section out of frr.conf.  As a backend we cannot ask, so for one question we are
 * a frontend as well: is our module in its YANG library?  It is asked once each time
 * that mgmtd has been found.
 */
#include <zebra.h>

#include "frrevent.h"
#include "mgmt_fe_client.h"

#include "yang/er_xpath.h"
#include "erouted/erouted.h"

/* Without an answer for so long nothing is known of it. */
#define ANSWER_S 30

#define SESSION_ID 1

static struct mgmt_fe_client *client;
static struct event *t_end;
static void (*answered)(bool knows);

static void end(void)
{
	event_cancel(&t_end);
	if (client)
		mgmt_fe_client_destroy(client);
	client = NULL;
}

static void end_event(struct event *event)
{
	end();
}

/* Not from within one of its own callbacks. */
static void end_soon(void)
{
	event_cancel(&t_end);
	event_add_event(er_loop, end_event, NULL, 0, &t_end);
}

static void found(struct mgmt_fe_client *fe, uintptr_t user_data, bool connected)
{
	if (connected)
		mgmt_fe_create_client_session(fe, SESSION_ID, 0);
}

static void ask(struct mgmt_fe_client *fe, uintptr_t user_data, uint64_t client_id, bool create,
		bool success, uintptr_t session_id, uintptr_t session_ctx)
{
	if (!create)
		return;
	if (!success || mgmt_fe_send_get_data_req(fe, session_id, 1, MGMT_MSG_DATASTORE_OPERATIONAL,
						  LYD_JSON, GET_DATA_FLAG_STATE,
						  GET_DATA_DEFAULTS_EXPLICIT, ER_XPATH_LIBRARY))
		end_soon();
}

static int answer(struct mgmt_fe_client *fe, uintptr_t user_data, uint64_t client_id,
		  uint64_t session_id, uintptr_t session_ctx, uint64_t req_id,
		  enum mgmt_ds_id ds_id, LYD_FORMAT result_type, void *result, size_t len,
		  int partial_error)
{
	end_soon();
	if (!partial_error)
		answered(memmem(result, len, ER_YANG_MODULE, strlen(ER_YANG_MODULE)));
	return 0;
}

static int failed(struct mgmt_fe_client *fe, uintptr_t user_data, uint64_t client_id,
		  uint64_t session_id, uintptr_t session_ctx, uint64_t req_id, int error,
		  const char *text)
{
	DEBUGD(&er_dbg_nb, "mgmtd does not tell its modules: %s", text);
	end_soon();
	return 0;
}

void er_mgmtd_ask(void (*then)(bool knows))
{
	struct mgmt_fe_client_cbs cbs = {
		.client_connect_notify = found,
		.client_session_notify = ask,
		.get_tree_notify = answer,
		.error_notify = failed,
	};

	end();
	answered = then;
	client = mgmt_fe_client_create("erouted", &cbs, 0, false, er_loop);
	event_add_timer(er_loop, end_event, NULL, ANSWER_S, &t_end);
}

void er_mgmtd_lost(void)
{
	end();
}
