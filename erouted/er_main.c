// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * erouted: privileges, signals, what mgmtd is told of us, main().
 */
#include <zebra.h>

#include <getopt.h>

#include "lib/version.h"
#include "frrevent.h"
#include "command.h"
#include "if.h"
#include "libfrr.h"
#include "log.h"
#include "mgmt_be_client.h"
#include "network.h"
#include "northbound.h"
#include "privs.h"
#include "sigevent.h"
#include "vrf.h"

#include "compat.h"
#include "yang/er_xpath.h"
#include "erouted/er_drain.h"
#include "erouted/er_errors.h"
#include "erouted/er_history.h"
#include "erouted/er_metrics.h"
#include "erouted/er_paths.h"
#include "erouted/er_vpn.h"
#include "erouted/erouted.h"

#define OPT_CONFIG_HOLD	 2000
#define OPT_COMMUNITIES	 2001
#define OPT_BGPD_TIMEOUT 2002

/*
 * Raw sockets of probes through tunnels; raised to open them, and only then.  Where VRFs
 * are network namespaces, to enter one costs the second, as it costs bgpd.
 */
static zebra_capabilities_t er_caps[] = { ZCAP_NET_RAW, ZCAP_SYS_ADMIN };

struct zebra_privs_t er_privs = {
	.user = FRR_USER,
	.group = FRR_GROUP,
	.vty_group = VTY_GROUP,
	.caps_p = er_caps,
	.cap_num_p = 1,
	.cap_num_i = 0,
};

struct event_loop *er_loop;
int64_t er_started_ms;

static struct mgmt_be_client *be_client;

static struct frr_daemon_info erouted_di;

static const struct option longopts[] = {
	{ "config-hold", required_argument, NULL, OPT_CONFIG_HOLD },
	{ "bgpd-timeout", required_argument, NULL, OPT_BGPD_TIMEOUT },
	{ "communities", required_argument, NULL, OPT_COMMUNITIES },
	{ 0 },
};

static void sighup(void)
{
	zlog_info("SIGHUP received and ignored: the configuration is mgmtd's");
}

static FRR_NORETURN void sigint(void)
{
	zlog_notice("Terminating on signal");

	mgmt_be_client_destroy(be_client);
	er_ask_fini();
	er_channel_fini();
	er_nb_fini();
	er_persist_fini();
	er_vpn_fini();
	er_paths_fini();
	er_drain_fini();
	er_zebra_fini();
	er_policy_fini();
	er_communities_fini();
	er_metrics_fini();
	er_event_fini();
	er_history_fini();
	vrf_terminate();
	frr_fini();

	exit(0);
}

static void sigusr1(void)
{
	zlog_rotate();
}

static struct frr_signal_t er_signals[] = {
	{ .signal = SIGHUP, .handler = &sighup },
	{ .signal = SIGUSR1, .handler = &sigusr1 },
	{ .signal = SIGINT, .handler = &sigint },
	{ .signal = SIGTERM, .handler = &sigint },
};

static const struct frr_yang_module_info *const er_yang_modules[] = {
	&frr_backend_info,
	&frr_interface_info,
	&frr_vrf_info,
	&er_yang_info,
};

/* FRR_NO_SPLIT_CONFIG: mgmtd reads the configuration, not we. */
/* clang-format off */
FRR_DAEMON_INFO(erouted, EROUTED,
	.vty_port = ER_VTY_PORT,
	.proghelp = "The ExpressRoute edge: tracks circuits, their peerings and links.",
	.copyright = "frr-expressroute " PACKAGE_VERSION ", for FRR " ER_FRR_VERSION,

	.signals = er_signals,
	.n_signals = array_size(er_signals),

	.privs = &er_privs,

	.yang_modules = er_yang_modules,
	.n_yang_modules = array_size(er_yang_modules),

	.state_paths = er_state_paths,

	.flags = FRR_NO_SPLIT_CONFIG | FRR_MGMTD_BACKEND,
);
/* clang-format on */

/* clang-format off */
static const char *const config_xpaths[] = {
	"/frr-host:host",
	"/frr-logging:logging",
	"/frr-vrf:lib",
	"/frr-interface:lib",
	ER_XPATH,
};

static const char *const oper_xpaths[] = {
	"/frr-backend:clients",
	ER_XPATH,
};

static const char *const rpc_xpaths[] = {
	"/frr-logging",		ER_XPATH_CLEAR_COUNTERS, ER_XPATH_IMPORT,      ER_XPATH_SWITCHOVER,
	ER_XPATH_FAILOVER_TEST, ER_XPATH_FAILOVER_ABORT, ER_XPATH_VPN_RESOLVE,  ER_XPATH_DRAIN,
	ER_XPATH_UNDRAIN,
};
/* clang-format on */

static struct mgmt_be_client_cbs be_cbs = {
	.client_connect_notify = er_nb_connect_notify,
	.config_xpaths = config_xpaths,
	.nconfig_xpaths = array_size(config_xpaths),
	.oper_xpaths = oper_xpaths,
	.noper_xpaths = array_size(oper_xpaths),
	.rpc_xpaths = rpc_xpaths,
	.nrpc_xpaths = array_size(rpc_xpaths),
};

static unsigned long seconds(const char *option, const char *arg)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || value < 1 || value > 3600) {
		fprintf(stderr, "--%s: '%s' is not a number of seconds from 1 to 3600\n", option,
			arg);
		exit(1);
	}
	return value;
}

int main(int argc, char **argv, char **envp)
{
	const char *communities = NULL;
	int opt;

	frr_preinit(&erouted_di, argc, argv);
	frr_opt_add("", longopts,
		    "      --config-hold  Seconds that circuits outlive their configuration\n"
		    "                     when mgmtd restarts without it (default 60)\n"
		    "      --bgpd-timeout Seconds of silence after which bgpd is taken for\n"
		    "                     lost (default 30)\n"
		    "      --communities  Built-in list of communities, a file\n");

	while ((opt = frr_getopt(argc, argv, NULL)) != EOF) {
		switch (opt) {
		case 0:
			break;
		case OPT_CONFIG_HOLD:
			er_nb_hold_s = seconds("config-hold", optarg);
			break;
		case OPT_BGPD_TIMEOUT:
			er_channel_timeout_s = seconds("bgpd-timeout", optarg);
			break;
		case OPT_COMMUNITIES:
			communities = optarg;
			break;
		default:
			frr_help_exit(1);
		}
	}

	if (vrf_is_backend_netns())
		er_privs.cap_num_p = array_size(er_caps);
	er_persist_setup();
	er_loop = frr_init();
	er_started_ms = er_now().mono_ms;

	er_errors_init();
	er_debug_init();
	er_vty_init();
	er_communities_init(communities);
	er_ask_init();
	er_event_init();
	er_persist_load();
	er_history_load();
	er_zebra_init();
	er_vpn_init();
	er_channel_init();

	mgmt_be_client_lib_vty_init();
	be_client = mgmt_be_client_create("erouted", &be_cbs, 0, er_loop);

	/* not read, but vtysh may tell us to write one */
	host_config_set(config_default);

	frr_config_fork();
	frr_run(er_loop);

	/* Not reached. */
	return 0;
}
