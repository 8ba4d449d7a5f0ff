// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading the module, checking that this bgpd is the one it was built for, and
 * the hooks.
 *
 *   bgpd -M expressroute
 *   bgpd -M expressroute:pretend-frr-version=10.6.0	(for tests)
 */
#include <zebra.h>
#include "compat.h"

#include "hook.h"
#include "libfrr.h"
#include "module.h"
#include "version.h"

#include "bgpd/bgpd.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_fsm.h"
#include "bgpd/bgp_memory.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#include "bgpd/er_bgp.h"

/* A hook's priority: bgpd's own have libfrr's default. */
#define AFTER_BGPD (HOOK_DEFAULT_PRIORITY + 1)

struct er_bgp er_bgp;

static const char *load_argument(const char *name)
{
	const char *args = THIS_MODULE->load_args;
	size_t len = strlen(name);

	if (args && !strncmp(args, name, len) && args[len] == '=')
		return args + len + 1;
	return NULL;
}

/* What the bgpd that loads us says it is. */
static const char *running_frr_version(void)
{
	const char *pretended = load_argument("pretend-frr-version");

	if (pretended)
		return pretended;
	for (struct frrmod_runtime *m = frrmod_list; m; m = m->next)
		if (m->info->name && !strcmp(m->info->name, "bgpd"))
			return m->info->version;
	return "unknown";
}

static void check_version(void)
{
	const char *running = running_frr_version();

	if (!strcmp(running, FRR_VERSION))
		return;
	snprintf(er_bgp.inert, sizeof(er_bgp.inert),
		 "bgpd's module was built for FRR %s, but this bgpd is %s: install the frr-expressroute that was built for it",
		 FRR_VERSION, running);
	zlog_err("ExpressRoute: %s. The module does nothing.", er_bgp.inert);
}

/*
 * Same version is not yet same layout: another build may have other options.
 * bgpd counts the size of what it allocates; 0 is "none yet", SIZE_VAR "several
 * sizes".
 */
bool er_module_fits(void)
{
	const struct {
		const struct memtype *type;
		size_t size;
	} sizes[] = {
		{ MTYPE_BGP, sizeof(struct bgp) },
		{ MTYPE_BGP_PEER, sizeof(struct peer) },
		{ MTYPE_BGP_PEER_CONNECTION, sizeof(struct peer_connection) },
		{ MTYPE_BGP_PEER_AF, sizeof(struct peer_af) },
		{ MTYPE_BGP_TABLE, sizeof(struct bgp_table) },
		{ MTYPE_BGP_NODE, sizeof(struct bgp_dest) },
		{ MTYPE_BGP_ROUTE, sizeof(struct bgp_path_info) },
		{ MTYPE_ATTR, sizeof(struct attr) },
		{ MTYPE_AS_PATH, sizeof(struct aspath) },
	};

	if (er_bgp.inert[0])
		return false;
	for (size_t i = 0; i < array_size(sizes); i++) {
		size_t theirs = atomic_load_explicit(&sizes[i].type->size, memory_order_relaxed);

		if (theirs == 0 || theirs == SIZE_VAR || theirs == sizes[i].size)
			continue;
		snprintf(er_bgp.inert, sizeof(er_bgp.inert),
			 "this bgpd was built with other options than its headers: its \"%s\" takes %zu octets, not %zu. Build frr-expressroute against the FRR that is installed",
			 sizes[i].type->name, theirs, sizes[i].size);
		zlog_err("ExpressRoute: %s. The module does nothing.", er_bgp.inert);
		er_channel_restart(); /* erouted learns it from the HELLO */
		return false;
	}
	return true;
}

/* What every hook asks first. */
static bool is_at_work(void)
{
	return !er_bgp.inert[0] && !er_bgp.finished;
}

static int process(struct bgp *bgp, afi_t afi, safi_t safi, struct bgp_dest *dest,
		   struct peer *peer, bool withdraw)
{
	struct er_bgp_session *session;

	if (safi != SAFI_UNICAST || !is_at_work())
		return 0;
	session = er_session_of_peer(peer);
	if (session && afi == er_session_afi(session))
		er_rib_note(session, dest);
	else if (!session)
		er_partner_note(peer, afi);
	return 0;
}

/*
 * All of a neighbor's transitions.  The connection that lost a collision has a
 * peer of its own, which is none of ours.
 */
static int status_changed(struct peer *peer)
{
	struct er_bgp_session *session;
	enum bgp_fsm_status from, to;

	/* it looks into what bgpd gives it, so it cannot leave that to a session */
	if (er_bgp.finished || !er_module_fits())
		return 0;
	from = peer->connection->ostatus;
	to = peer->connection->status;
	session = er_session_of_peer(peer);
	if (!session) {
		if (from == Established || to == Established || to == Deleted)
			er_partner_status(peer, to == Established, to == Deleted);
		/* without a command, by `bgp listen range`: it may stand in our way */
		if (to == Established || to == Deleted)
			er_session_reconcile_soon();
		return 0;
	}

	if (to == Established)
		session->established_ms = er_mono_ms();
	if (from == Established) {
		session->established_ms = 0;
		er_report_lost(session);
		er_cover_session_lost(session);
		er_policy_forget_judged(session);
		er_session_reconcile_soon(); /* some things wait for it */
	}
	if (to == Deleted) {
		er_session_peer_gone(session);
		er_session_reconcile_soon();
		return 0;
	}
	/*
	 * Graceful restart marks paths as stale without a word: while it
	 * clears, and when it has cleared.
	 */
	if ((from == Established || from == Clearing) &&
	    CHECK_FLAG(peer->sflags, PEER_STATUS_NSF_WAIT))
		er_rib_recheck(session->peering);
	if (er_is_vpn(session->peering) && (from == Established || to == Established))
		er_vpn_look();
	er_report_sessions_soon();
	return 0;
}

/* An instance has come, or its router-id has changed. */
static int routerid_update(struct bgp *bgp, bool withdraw)
{
	if (!withdraw && is_at_work())
		er_session_reconcile_soon();
	return 0;
}

static int instance_delete(struct bgp *bgp)
{
	if (!is_at_work())
		return 0;
	er_session_instance_gone(bgp);
	er_partner_instance_gone(bgp);
	er_session_reconcile_soon();
	return 0;
}

static int instance_state(struct bgp *bgp)
{
	if (is_at_work())
		er_session_reconcile_soon();
	return 0;
}

/* libfrr fires it after every command, but keeps its declaration to itself. */
DECLARE_KOOH(cmd_execute_done, (struct vty * vty, const char *cmd_exec), (vty, cmd_exec));

static int command_done(struct vty *vty, const char *command)
{
	if (is_at_work())
		er_session_reconcile_soon();
	return 0;
}

/* bgpd has let go of the neighbors that it held until now. */
static int config_end(struct bgp *bgp)
{
	if (!is_at_work())
		return 0;
	er_state_hold();
	er_session_reconcile_soon();
	return 0;
}

static int config_read(struct event_loop *tm)
{
	if (is_at_work())
		er_session_reconcile_soon();
	return 0;
}

static void register_hooks(void)
{
	hook_register(bgp_process, process);
	hook_register(peer_status_changed, status_changed);
	hook_register(bgp_routerid_update, routerid_update);
	hook_register(bgp_inst_delete, instance_delete);
	hook_register(bgp_instance_state, instance_state);
	hook_register_prio(bgp_config_end, AFTER_BGPD, config_end);
	hook_register(cmd_execute_done, command_done);
	hook_register(frr_config_post, config_read);
}

/* bgpd is complete, and not yet forked into the background. */
static int late_init(struct event_loop *tm)
{
	check_version();
	er_session_tree_init(&er_bgp.sessions);
	er_peering_tree_init(&er_bgp.peerings);
	er_peer_hash_init(&er_bgp.peers);
	if (!er_bgp.inert[0]) {
		er_policy_init();
		er_outbound_init();
		er_session_init();
		er_report_init();
		er_count_init();
		register_hooks();
		er_zebra_watch();
		er_state_load();
	}
	er_channel_init();
	return 0;
}

/*
 * bgpd is about to delete its instances.  Dests are unlocked now; neighbors
 * and route-maps go with bgpd's own, and the sessions, which the route-maps'
 * rules point to, after them.
 */
static int early_fini(void)
{
	er_bgp.finished = true;
	er_channel_fini();
	if (!er_bgp.inert[0]) {
		er_zebra_unwatch();
		er_session_fini();
		er_partner_fini();
		er_report_fini();
		er_count_fini();
	}
	er_state_fini();
	return 0;
}

static int fini(void)
{
	if (er_bgp.finished)
		er_config_fini();
	er_outbound_fini();
	return 0;
}

static int module_init(void)
{
	hook_register(frr_late_init, late_init);
	hook_register(frr_early_fini, early_fini);
	hook_register(frr_fini, fini);
	return 0;
}

FRR_MODULE_SETUP(.name = "bgpd_expressroute", .version = PACKAGE_VERSION,
		 .description = "ExpressRoute sessions, policy and presence",
		 .init = module_init, );
