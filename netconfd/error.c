// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netconfd/netconfd.h"

struct lyd_node *nd_error(const struct ly_ctx *ctx, NC_ERR tag, const char *path,
			  const char *format, ...)
{
	struct lyd_node *error;
	char text[1400];
	va_list ap;

	switch (tag) {
	case NC_ERR_DATA_EXISTS:
	case NC_ERR_DATA_MISSING:
	case NC_ERR_MALFORMED_MSG:
		error = nc_err(ctx, tag);
		break;
	case NC_ERR_LOCK_DENIED:
		error = nc_err(ctx, tag, 0);
		break;
	default:
		error = nc_err(ctx, tag, NC_ERR_TYPE_APP);
	}
	if (!error)
		return NULL;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	nc_err_set_msg(error, text, "en");
	if (path)
		nc_err_set_path(error, path);
	return error;
}

struct nc_server_reply *nd_reply(struct lyd_node *error)
{
	return error ? nc_server_reply_err(error) : NULL;
}

static NC_ERR tag_of(const struct ly_err_item *item)
{
	if (item->apptag && !strcmp(item->apptag, "instance-required"))
		return NC_ERR_DATA_MISSING;
	if (item->apptag && !strcmp(item->apptag, "missing-choice"))
		return NC_ERR_DATA_MISSING;
	if (item->vecode == LYVE_DATA)
		return NC_ERR_INVALID_VALUE;
	return item->err == LY_EVALID ? NC_ERR_INVALID_VALUE : NC_ERR_OP_FAILED;
}

struct nc_server_reply *nd_reply_libyang(const struct ly_ctx *ctx, const char *otherwise)
{
	struct nc_server_reply *reply = NULL;

	for (const struct ly_err_item *item = ly_err_first(ctx); item; item = item->next) {
		struct lyd_node *error;

		if (item->level != LY_LLERR)
			continue;
		error = nd_error(ctx, tag_of(item), item->data_path, "%s", item->msg);
		if (!error)
			continue;
		if (item->apptag)
			nc_err_set_app_tag(error, item->apptag);
		if (!reply)
			reply = nc_server_reply_err(error);
		else
			nc_server_reply_add_err(reply, error);
	}
	if (!reply)
		reply = nd_reply(nd_error(ctx, NC_ERR_OP_FAILED, NULL, "%s", otherwise));
	ly_err_clean(ctx, NULL);
	return reply;
}

/* mgmtd wraps what a daemon says into words of its own: "... reason: 'TEXT'" */
static void unwrap(const char *text, char *to, size_t size)
{
	const char *reason = strstr(text, "reason: '");
	size_t length;

	snprintf(to, size, "%s", reason ? reason + strlen("reason: '") : text);
	length = strlen(to);
	if (reason && length && to[length - 1] == '\'')
		to[--length] = '\0';
	while (length && (to[length - 1] == '\n' || to[length - 1] == ' '))
		to[--length] = '\0';
}

struct lyd_node *nd_error_mgmtd(const struct ly_ctx *ctx, const struct nd_fe *fe)
{
	char text[sizeof(fe->text)];

	unwrap(fe->text, text, sizeof(text));
	switch (fe->error) {
	case EBUSY:
		return nd_error(ctx, NC_ERR_IN_USE, NULL, "%s", text);
	case ENOMEM:
	case EMSGSIZE:
		return nd_error(ctx, NC_ERR_RES_DENIED, NULL, "%s", text);
	case EINVAL:
		return nd_error(ctx, NC_ERR_INVALID_VALUE, NULL, "%s",
				text[0] ? text : "mgmtd refused it");
	default:
		return nd_error(ctx, NC_ERR_OP_FAILED, NULL, "%s",
				text[0] ? text : "mgmtd refused it");
	}
}
