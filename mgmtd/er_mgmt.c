// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entry point of mgmtd_expressroute.so.
 */

#include <zebra.h>
#include "compat.h"

#include "lib/version.h"
#include "libfrr.h"
#include "memory.h"
#include "module.h"
#include "northbound.h"

#include "mgmtd/er_mgmt.h"
#include "mgmtd/mgmt.h"

/*
 * mgmtd loads modules before it hands this list to the northbound layer, and
 * never again looks at its own.
 */
#define ER_MAX_YANG_MODULES 128

static void er_mgmt_add_yang_module(void)
{
	static const struct frr_yang_module_info *modules[ER_MAX_YANG_MODULES];
	size_t n = mgmt_daemon_info->n_yang_modules;

	assert(n < array_size(modules));
	memcpy(modules, mgmt_daemon_info->yang_modules, n * sizeof(modules[0]));
	modules[n] = &er_mgmt_yang_info;

	mgmt_daemon_info->yang_modules = modules;
	mgmt_daemon_info->n_yang_modules = n + 1;
}

static int er_mgmt_late_init(struct event_loop *tm)
{
	er_cli_init();
	return 0;
}

static int er_mgmt_init(void)
{
	const char *version = mgmt_daemon_info->module->info->version;

	if (strcmp(version, FRR_VERSION) != 0) {
		zlog_err("expressroute: this is mgmtd %s, the module was built for %s: it stays inert; install the frr-expressroute that belongs to FRR %s",
			 version, FRR_VERSION, version);
		return 0;
	}

	er_mgmt_add_yang_module();
	hook_register(frr_late_init, er_mgmt_late_init);
	return 0;
}

FRR_MODULE_SETUP(.name = "mgmtd_expressroute", .version = PACKAGE_VERSION,
		 .description = "ExpressRoute: model and configuration commands",
		 .init = er_mgmt_init);
