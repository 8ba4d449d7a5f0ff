// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `show error CODE` says of our log lines.
 */
#include <zebra.h>

#include "erouted/er_errors.h"

/* clang-format off */
static struct log_ref refs[] = {
	{
		.code = EC_ER_REDUNDANCY_DOWN,
		.title = "ExpressRoute peering down",
		.description = "No link of a peering carries traffic in an address family.",
		.suggestion = "'show expressroute circuit NAME' names what each link lacks.",
	},
	{
		.code = EC_ER_REDUNDANCY_DEGRADED,
		.title = "ExpressRoute peering degraded",
		.description = "A peering has traffic but no redundancy: the next failure may be the last.",
		.suggestion = "'show expressroute circuit NAME' names the link and what it lacks.",
	},
	{
		.code = EC_ER_REDUNDANCY_RESTORED,
		.title = "ExpressRoute peering redundant",
		.description = "Both links of a peering are healthy again.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_REDUNDANCY_INACTIVE,
		.title = "ExpressRoute peering inactive",
		.description = "A peering was shut down or lost its configuration for an address family.",
		.suggestion = "Nothing to do, if that was intended.",
	},
	{
		.code = EC_ER_SESSION_LOST,
		.title = "ExpressRoute session lost",
		.description = "The BGP session of a link is not established any more.",
		.suggestion = "Follow the reason in the message; 'show bgp neighbors ADDRESS' has more.",
	},
	{
		.code = EC_ER_SESSION_ESTABLISHED,
		.title = "ExpressRoute session established",
		.description = "The BGP session of a link has come up.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_DRAIN_START,
		.title = "ExpressRoute link drained",
		.description = "Microsoft has begun to drain a link: its routes carry AS 12076 many times in front. Traffic has moved to the other link.",
		.suggestion = "Planned maintenance: nothing to do while the other link is healthy.",
	},
	{
		.code = EC_ER_DRAIN_STOP,
		.title = "ExpressRoute link no longer drained",
		.description = "Microsoft has ended the drain of a link.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_PARITY_LOST,
		.title = "ExpressRoute links differ",
		.description = "The two links of a peering do not carry the same prefixes or paths.",
		.suggestion = "'show expressroute circuit NAME parity' lists examples; if it lasts, open a case with the provider or Microsoft.",
	},
	{
		.code = EC_ER_PARITY_RESTORED,
		.title = "ExpressRoute links agree",
		.description = "The two links of a peering carry the same prefixes and paths again.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_FLAPPING_START,
		.title = "ExpressRoute link flapping",
		.description = "A session was lost several times in a short while; its link is not trusted before it has been quiet for its hold-down.",
		.suggestion = "Look for errors on the interface and ask the provider.",
	},
	{
		.code = EC_ER_FLAPPING_STOP,
		.title = "ExpressRoute link quiet",
		.description = "A link that flapped has been quiet for its hold-down and is trusted again.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_BGPD_REFUSED,
		.title = "bgpd's ExpressRoute module refused",
		.description = "The module in bgpd does not match erouted or its bgpd.",
		.suggestion = "Install frr-expressroute built for the FRR at hand and restart FRR.",
	},
	{
		.code = EC_ER_CHANNEL_PROTOCOL,
		.title = "Malformed message on the bgpd channel",
		.description = "A process sent erouted something that is no message of bgpd's module; its connection was closed.",
		.suggestion = "Find the process of the given number; if it is bgpd, report a bug.",
	},
	{
		.code = EC_ER_CHANNEL_PEER,
		.title = "Stranger on the bgpd channel",
		.description = "A process connected to erouted that is not bgpd, or is a second one.",
		.suggestion = "Run one bgpd with the expressroute module per erouted.",
	},
	{
		.code = EC_ER_CHANNEL_SOCKET,
		.title = "bgpd channel unavailable",
		.description = "erouted cannot open the socket that bgpd's module connects to.",
		.suggestion = "Check owner and permissions of FRR's run state directory.",
	},
	{
		.code = EC_ER_STATE_FILE,
		.title = "ExpressRoute state file unusable",
		.description = "What erouted remembered over its restart cannot be read; it starts without it.",
		.suggestion = "Nothing to do: it is written anew. Availability counts from now.",
	},
	{
		.code = EC_ER_CONFIG_SWEPT,
		.title = "ExpressRoute circuit removed with mgmtd's restart",
		.description = "mgmtd came back without the configuration of a circuit.",
		.suggestion = "If that was not intended, load the configuration again: 'vtysh -b'.",
	},
	{
		.code = EC_ER_LIMIT_FULL,
		.title = "ExpressRoute prefix limit reached",
		.description = "As many prefixes are advertised to Microsoft, or received, as may be. More are not advertised but held back, so that Microsoft does not end the session; what is received in excess is Microsoft's to refuse.",
		.suggestion = "'show expressroute held-prefixes' names what is held back: aggregate, advertise less, or 'advertise priority' for what must stay.",
	},
	{
		.code = EC_ER_LIMIT_CRITICAL,
		.title = "ExpressRoute prefix limit nearly reached",
		.description = "A count of prefixes is at 95 % of its limit or more.",
		.suggestion = "'show expressroute limits' has all counts: aggregate or advertise less, before the limit holds prefixes back.",
	},
	{
		.code = EC_ER_LIMIT_WARNING,
		.title = "ExpressRoute prefix limit coming near",
		.description = "A count of prefixes is at 80 % of its limit or more.",
		.suggestion = "'show expressroute limits' has all counts. Aggregate, or plan for another SKU.",
	},
	{
		.code = EC_ER_LIMIT_OK,
		.title = "ExpressRoute prefix limit far again",
		.description = "A count of prefixes has gone below 80 % of its limit.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_FILTER_CHANGED,
		.title = "ExpressRoute route-filter changed",
		.description = "What a route-filter allows has changed: it was configured, or the catalogue was imported anew.",
		.suggestion = "'show expressroute route-filter NAME' shows what it lets in now.",
	},
	{
		.code = EC_ER_CATALOGUE_FILE,
		.title = "ExpressRoute communities unusable",
		.description = "A stored list of communities cannot be read: the built-in one is used.",
		.suggestion = "'expressroute import communities FILE' again.",
	},
	{
		.code = EC_ER_CATALOGUE_IMPORTED,
		.title = "ExpressRoute communities imported",
		.description = "A list of communities was imported.",
		.suggestion = "'show expressroute route-filter' names filters that it leaves without meaning.",
	},
	{
		.code = EC_ER_BGPD_SILENT,
		.title = "ExpressRoute: bgpd does not answer",
		.description = "bgpd's module keeps its connection but has not said anything for long, although asked: bgpd hangs or has been stopped. It is taken for lost; when it goes on, its module connects anew.",
		.suggestion = "Look at bgpd's process and its log; watchfrr restarts it when it does not answer there either.",
	},
	{
		.code = EC_ER_VPN_ACTIVATED,
		.title = "VPN backup active",
		.description = "Traffic of the circuits that a VPN backup backs goes over the VPN now; the message says why.",
		.suggestion = "'show expressroute vpn-backup NAME' says what ends it; 'show expressroute circuit NAME' what a circuit lacks.",
	},
	{
		.code = EC_ER_VPN_RESTORED,
		.title = "VPN backup in standby again",
		.description = "Traffic goes over ExpressRoute again.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_VPN_UNAVAILABLE,
		.title = "VPN backup unavailable",
		.description = "No gateway of a VPN backup can carry traffic: the next failure of ExpressRoute has no backup.",
		.suggestion = "'show expressroute vpn-backup NAME' names each gateway and what it lacks.",
	},
	{
		.code = EC_ER_VPN_AVAILABLE,
		.title = "VPN backup available",
		.description = "A gateway of a VPN backup can carry traffic again.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_VPN_MORE_SPECIFIC,
		.title = "VPN has more specific routes",
		.description = "Prefixes over the VPN are more specific than those of ExpressRoute: the longest match wins, and pulls their traffic onto the VPN.",
		.suggestion = "'show expressroute vpn-backup NAME more-specifics' has all; 'more-specifics suppress' keeps them out; aggregate them where they come from.",
	},
	{
		.code = EC_ER_VPN_TEST,
		.title = "Failover test",
		.description = "A failover test has begun or ended.",
		.suggestion = "'show expressroute vpn-backup NAME test' has its report.",
	},
	{
		.code = EC_ER_GATEWAY_LOST,
		.title = "VPN gateway session lost",
		.description = "The BGP session of a VPN gateway is not established any more.",
		.suggestion = "Follow the reason in the message; look at the tunnel first: 'show expressroute vpn-backup NAME'.",
	},
	{
		.code = EC_ER_GATEWAY_ESTABLISHED,
		.title = "VPN gateway session established",
		.description = "The BGP session of a VPN gateway has come up.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_GATEWAY_ADDRESS,
		.title = "VPN gateway has an address",
		.description = "The name of a VPN gateway resolves to other addresses than before, or resolves again.",
		.suggestion = "Nothing to do; the tunnel itself follows by what runs it.",
	},
	{
		.code = EC_ER_GATEWAY_NAME,
		.title = "VPN gateway name not resolved",
		.description = "The name of a VPN gateway is not resolved; the addresses of before stay in use.",
		.suggestion = "Look at the DNS servers of /etc/resolv.conf and the name; 'expressroute resolve NAME' tries again at once.",
	},
	{
		.code = EC_ER_JOINT_ESTABLISHED,
		.title = "Global Reach connection established",
		.description = "Routes of the sites of a Global Reach connection are accepted.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_JOINT_LOST,
		.title = "Global Reach connection not seen",
		.description = "No route of the sites of a Global Reach connection is accepted any more; the message says why.",
		.suggestion = "Follow the reason; if nothing comes, look in Azure whether the connection is there, and at the other site.",
	},
	{
		.code = EC_ER_JOINT_DIFFERS,
		.title = "Global Reach connection differs from what it should be",
		.description = "The two links do not carry the same prefixes of its sites, or a site does not announce all that it is to.",
		.suggestion = "'show expressroute global-reach NAME' names what is missing.",
	},
	{
		.code = EC_ER_JOINT_AGREES,
		.title = "Global Reach connection as it should be",
		.description = "The two links carry the same prefixes of its sites again, and nothing is missing.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_SITE_REFUSED,
		.title = "Prefixes of a site refused",
		.description = "A site announces prefixes that are not its own, or more than its maximum: they are refused. Or it has ceased to.",
		.suggestion = "'show expressroute site NAME' names some; correct the site's announcements, or its 'prefix', 'circuit' and 'maximum-prefixes' here.",
	},
	{
		.code = EC_ER_SITE_LIMIT,
		.title = "Prefixes of a site near their maximum",
		.description = "The number of a site's prefixes has come nearer to its maximum-prefixes, or has gone back.",
		.suggestion = "Find out why the site announces more, or raise its 'maximum-prefixes'.",
	},
	{
		.code = EC_ER_SITE_UNDECLARED,
		.title = "Prefixes of an undeclared site",
		.description = "Prefixes come over Global Reach from an AS that is no site's, or do not any more.",
		.suggestion = "'site NAME' with this AS declares it; 'undeclared-sites refuse' refuses what is not declared.",
	},
	{
		.code = EC_ER_AUDIT_WORSE,
		.title = "Audit of a circuit worse",
		.description = "A rule of the audit has become warn or fail; the message says what it rests on.",
		.suggestion = "Follow the advice in the message; 'show expressroute audit' has all rules.",
	},
	{
		.code = EC_ER_AUDIT_BETTER,
		.title = "Audit of a circuit better",
		.description = "A rule of the audit is better than before: it passes, or warns only.",
		.suggestion = "Nothing to do.",
	},
	{
		.code = EC_ER_PATH_POOR,
		.title = "Path to Azure poor",
		.description = "A path-probe measures loss, round trip or jitter at its threshold; the message says which.",
		.suggestion = "'show expressroute paths' compares all paths; of a link ask the provider, of a tunnel look at the internet path.",
	},
	{
		.code = EC_ER_PATH_GOOD,
		.title = "Path to Azure no longer poor",
		.description = "A path-probe measures all of it below its thresholds again, or cannot measure any more.",
		.suggestion = "Nothing to do when it is good; else 'show expressroute paths' says why nothing is measured.",
	},
	{
		.code = EC_ER_OWN_DRAIN,
		.title = "ExpressRoute link drained by operator",
		.description = "'expressroute drain' moves traffic off a link: it is being moved, it is waited for, or the link is safe to shut down. Or 'expressroute undrain' has ended it.",
		.suggestion = "Shut it down when it is safe; 'expressroute undrain circuit NAME' when its maintenance is over.",
	},
	{
		.code = EC_ER_MGMTD_MODULE,
		.title = "mgmtd without its expressroute module",
		.description = "mgmtd was started without '-M expressroute', or its module fits another FRR and is inert. It has no circuit then, erouted keeps those that it knew, and 'write' would drop the expressroute section from frr.conf.",
		.suggestion = "Do not 'write'. Is there a 'mgmtd_wrap' of your own in /etc/frr/daemons? Add '-M expressroute' to mgmtd's options and restart FRR.",
	},
	{
		.code = END_FERR,
	},
};
/* clang-format on */

void er_errors_init(void)
{
	log_ref_add(refs);
}
