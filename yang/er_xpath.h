// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every path into frr-expressroute.yang, for the programs that serve it.
 *
 * A path of a list is the list itself; the ER_XPATH_xxx_FMT beside it is one
 * entry, its arguments are the keys.  A name or key is checked against the
 * model before it is put into a path: the model's names hold no quotes.
 */
#ifndef ER_XPATH_H
#define ER_XPATH_H

#define ER_YANG_MODULE "frr-expressroute"

/* configuration */
#define ER_XPATH	      "/frr-expressroute:expressroute"
#define ER_XPATH_CIRCUIT      ER_XPATH "/circuit"
#define ER_XPATH_CIRCUIT_FMT  ER_XPATH_CIRCUIT "[name='%s']"
#define ER_XPATH_CIRCUIT_NAME ER_XPATH_CIRCUIT "/name"

#define ER_XPATH_DESCRIPTION	  ER_XPATH_CIRCUIT "/description"
#define ER_XPATH_CIRCUIT_SHUTDOWN ER_XPATH_CIRCUIT "/shutdown"
#define ER_XPATH_SERVICE_KEY	  ER_XPATH_CIRCUIT "/service-key"
#define ER_XPATH_PROVIDER	  ER_XPATH_CIRCUIT "/provider"
#define ER_XPATH_PEERING_LOCATION ER_XPATH_CIRCUIT "/peering-location"
#define ER_XPATH_GEOGRAPHY	  ER_XPATH_CIRCUIT "/geography"
#define ER_XPATH_MODEL		  ER_XPATH_CIRCUIT "/connectivity-model"
#define ER_XPATH_SKU		  ER_XPATH_CIRCUIT "/sku"
#define ER_XPATH_BANDWIDTH	  ER_XPATH_CIRCUIT "/bandwidth"
#define ER_XPATH_DIRECT		  ER_XPATH_CIRCUIT "/direct"
#define ER_XPATH_PORT_PAIR	  ER_XPATH_DIRECT "/port-pair"
#define ER_XPATH_PORT_SPEED	  ER_XPATH_DIRECT "/port-speed"
#define ER_XPATH_PREFERENCE	  ER_XPATH_CIRCUIT "/preference"
#define ER_XPATH_REDUNDANCY	  ER_XPATH_CIRCUIT "/redundancy"
#define ER_XPATH_REDUNDANCY_MODE  ER_XPATH_REDUNDANCY "/mode"
#define ER_XPATH_ACTIVE_LINK	  ER_XPATH_REDUNDANCY "/active-link"

#define ER_XPATH_PEERING	  ER_XPATH_CIRCUIT "/peering"
#define ER_XPATH_PEERING_FMT	  ER_XPATH_CIRCUIT_FMT "/peering[type='%s']"
#define ER_XPATH_PEERING_SHUTDOWN ER_XPATH_PEERING "/shutdown"
#define ER_XPATH_VRF		  ER_XPATH_PEERING "/vrf"
#define ER_XPATH_VLAN		  ER_XPATH_PEERING "/vlan"
#define ER_XPATH_S_TAG		  ER_XPATH_PEERING "/s-tag"
#define ER_XPATH_ROUTER_AS	  ER_XPATH_PEERING "/router-as"
#define ER_XPATH_SESSION	  ER_XPATH_PEERING "/session"
#define ER_XPATH_PASSWORD	  ER_XPATH_PEERING "/password"
#define ER_XPATH_TIMERS		  ER_XPATH_PEERING "/timers"
#define ER_XPATH_KEEPALIVE	  ER_XPATH_TIMERS "/keepalive"
#define ER_XPATH_HOLD		  ER_XPATH_TIMERS "/hold"
#define ER_XPATH_BFD		  ER_XPATH_PEERING "/bfd"
#define ER_XPATH_BFD_ENABLED	  ER_XPATH_BFD "/enabled"
#define ER_XPATH_BFD_RECEIVE	  ER_XPATH_BFD "/receive-interval"
#define ER_XPATH_BFD_TRANSMIT	  ER_XPATH_BFD "/transmit-interval"
#define ER_XPATH_BFD_MULTIPLIER	  ER_XPATH_BFD "/detect-multiplier"
#define ER_XPATH_ADVERTISE	  ER_XPATH_PEERING "/advertise"
#define ER_XPATH_ADVERTISE_IPV4	  ER_XPATH_ADVERTISE "/ipv4-prefix"
#define ER_XPATH_ADVERTISE_IPV6	  ER_XPATH_ADVERTISE "/ipv6-prefix"

#define ER_XPATH_LINK		ER_XPATH_PEERING "/link"
#define ER_XPATH_LINK_FMT	ER_XPATH_PEERING_FMT "/link[role='%s']"
#define ER_XPATH_LINK_SHUTDOWN	ER_XPATH_LINK "/shutdown"
#define ER_XPATH_LINK_INTERFACE ER_XPATH_LINK "/interface"
#define ER_XPATH_LINK_IPV4	ER_XPATH_LINK "/ipv4-subnet"
#define ER_XPATH_LINK_IPV6	ER_XPATH_LINK "/ipv6-subnet"

/* state */
#define ER_XPATH_STATE		    ER_XPATH "/state"
#define ER_XPATH_STATE_VERSION	    ER_XPATH_STATE "/version"
#define ER_XPATH_STATE_FRR_VERSION  ER_XPATH_STATE "/frr-version"
#define ER_XPATH_STATE_UPTIME	    ER_XPATH_STATE "/uptime"
#define ER_XPATH_STATE_ZEBRA	    ER_XPATH_STATE "/zebra-connected"
#define ER_XPATH_STATE_BGPD	    ER_XPATH_STATE "/bgpd"
#define ER_XPATH_STATE_BGPD_STATE   ER_XPATH_STATE_BGPD "/state"
#define ER_XPATH_STATE_BGPD_VERSION ER_XPATH_STATE_BGPD "/version"
#define ER_XPATH_STATE_BGPD_FRR	    ER_XPATH_STATE_BGPD "/frr-version"
#define ER_XPATH_STATE_BGPD_PROBLEM ER_XPATH_STATE_BGPD "/problem"
#define ER_XPATH_CIRCUIT_STATE	    ER_XPATH_CIRCUIT "/state"
#define ER_XPATH_CIRCUIT_REDUNDANCY ER_XPATH_CIRCUIT_STATE "/redundancy"
#define ER_XPATH_CIRCUIT_REASON	    ER_XPATH_CIRCUIT_STATE "/reason"
#define ER_XPATH_PEERING_STATE	    ER_XPATH_PEERING "/state"
#define ER_XPATH_FAMILY		    ER_XPATH_PEERING_STATE "/family"
#define ER_XPATH_FAMILY_NAME	    ER_XPATH_FAMILY "/name"
#define ER_XPATH_FAMILY_REDUNDANCY  ER_XPATH_FAMILY "/redundancy"
#define ER_XPATH_FAMILY_REASON	    ER_XPATH_FAMILY "/reason"
#define ER_XPATH_FAMILY_SINCE	    ER_XPATH_FAMILY "/since"
#define ER_XPATH_FAMILY_DRAINED	    ER_XPATH_FAMILY "/drained"
#define ER_XPATH_FAMILY_ASYMMETRIC  ER_XPATH_FAMILY "/asymmetric"
#define ER_XPATH_FAMILY_UNPROTECTED ER_XPATH_FAMILY "/unprotected"
#define ER_XPATH_FAMILY_FLAPPING    ER_XPATH_FAMILY "/flapping"
#define ER_XPATH_PARITY		    ER_XPATH_FAMILY "/parity"
#define ER_XPATH_PARITY_EXAMPLE	    ER_XPATH_PARITY "/example"
#define ER_XPATH_AVAILABILITY	    ER_XPATH_FAMILY "/availability"
#define ER_XPATH_SINCE_START	    ER_XPATH_AVAILABILITY "/since-start"
#define ER_XPATH_THIS_MONTH	    ER_XPATH_AVAILABILITY "/this-month"
#define ER_XPATH_LAST_MONTH	    ER_XPATH_AVAILABILITY "/last-month"
#define ER_XPATH_LINK_STATE	    ER_XPATH_LINK "/state"
#define ER_XPATH_LINK_IF_STATE	    ER_XPATH_LINK_STATE "/interface-state"
#define ER_XPATH_SESSION_STATE	    ER_XPATH_LINK_STATE "/session"

/* remote procedure */
#define ER_XPATH_CLEAR_COUNTERS "/frr-expressroute:clear-counters"

/* notifications */
#define ER_XPATH_NOTIFY_REDUNDANCY	"/frr-expressroute:redundancy-change"
#define ER_XPATH_NOTIFY_SESSION		"/frr-expressroute:session-change"
#define ER_XPATH_NOTIFY_DRAIN_START	"/frr-expressroute:drain-start"
#define ER_XPATH_NOTIFY_DRAIN_STOP	"/frr-expressroute:drain-stop"
#define ER_XPATH_NOTIFY_PARITY_LOST	"/frr-expressroute:parity-lost"
#define ER_XPATH_NOTIFY_PARITY_RESTORED "/frr-expressroute:parity-restored"
#define ER_XPATH_NOTIFY_FLAPPING_START	"/frr-expressroute:flapping-start"
#define ER_XPATH_NOTIFY_FLAPPING_STOP	"/frr-expressroute:flapping-stop"

#endif /* ER_XPATH_H */
