# SPDX-License-Identifier: GPL-2.0-or-later
"""
The second way to the VNet: the internet, and Azure's VPN gateway beyond it.

    onprem ---- ce ------ msee1, msee2 ------ vnet
                 \\                            /
                  `-- internet --- gw0, gw1 --'

The VPN gateway is active-active: two instances, each with a public address, a
tunnel of its own to ce (lab/tunnel.py) and BGP as AS 65515 over it.  vnet is a
router here: it hears the premises from the MSEEs and, as iBGP, from the gateway,
and prefers ExpressRoute, as Azure does; so the way back follows BGP as well.
The internet is a router with a DNS server (lab/names.py).

BGP over the tunnel has one of two schemes of addresses:
    subnet   the gateway's own in the VNet, reached by a static route into the tunnel
    apipa    link-local IPv4 addresses of the tunnel alone
IPv6 is the same in both: addresses of the tunnel alone.
"""
import json
import os
import shutil
import tempfile
from dataclasses import dataclass

import names
import scenery
import tunnel
from scenery import CUSTOMER_AS, MICROSOFT_AS, ONPREM_NET, VNET_ADDRESS, VNET_NET, host, on_interface, wait_for

GATEWAY_AS = 65515
# zebra's and bgpd's beside those that route static prefixes
DAEMONS = ("mgmtd", "zebra", "bgpd", "staticd")

# between ce ("wan") and the internet
WAN_NET = {4: "192.0.2.0/30", 6: "2001:db8:2::/126"}
INTERNET = {family: host(net, 1) for family, net in WAN_NET.items()}
CE_PUBLIC = {family: host(net, 2) for family, net in WAN_NET.items()}
# what Microsoft peering may announce: the gateways' public addresses are in it
AZURE_PUBLIC = {4: "203.0.113.128/25", 6: "2001:db8:f8::/48"}

# Microsoft's routes are preferred on both sides of the circuit
VNET_PREFERENCE = {"expressroute": 200, "vpn": 100}
PLAIN_PREFERENCE = {"expressroute": 150, "vpn": 100}
FLOATING_DISTANCE = 250
# a BGP session over the tunnel that nobody answers is given up after 3 s
TIMERS = "1 3"

BACKUP = "azure"
# so short for tests: a lost probe is known, and ExpressRoute trusted again, soon
BACKUP_TIMES = ("probe interval 200 multiplier 3", "restore hold 2 maximum 4")


@dataclass(frozen=True)
class Gateway:
    """One instance of the VPN gateway."""

    number: int

    @property
    def name(self):
        return f"gw{self.number}"

    @property
    def interface(self):
        """ce's tunnel interface to it."""
        return f"ipsec{self.number}"

    @property
    def dns_name(self):
        return f"{self.name}.{names.ZONE}"

    def wan(self, family):
        """The network between it and the internet: room for another address."""
        return {4: f"203.0.113.{128 + 8 * self.number}/29", 6: f"2001:db8:f8:{self.number}::/64"}[family]

    def public(self, family=4, other=False):
        """Its public address; the other one, which it has as well, for a day on which it moves."""
        return host(self.wan(family), 3 if other else 2)

    def in_vnet(self, family):
        """Its address in the VNet's gateway subnet."""
        return {4: f"10.1.255.{4 + self.number}", 6: host(VNET_NET[6], 0xff04 + self.number)}[family]

    def _apart(self, family):
        return {4: f"169.254.{21 + self.number}.0/30", 6: f"2001:db8:ff:{self.number}::/126"}[family]

    def bgp(self, family, scheme):
        """The address from which it speaks BGP over the tunnel."""
        return self.in_vnet(4) if family == 4 and scheme == "subnet" else host(self._apart(family), 1)

    def customer(self, family, scheme):
        """ce's address at the other end of that session, on its tunnel interface."""
        return f"10.100.255.{1 + self.number}" if family == 4 and scheme == "subnet" else host(self._apart(family), 2)

    def tunnel_address(self, family, scheme, ours):
        """The address with its length that the tunnel interface has, None if it needs none."""
        if family == 4 and scheme == "subnet":
            return f"{self.customer(4, scheme)}/32" if ours else None
        return on_interface(self._apart(family), 2 if ours else 1)


GATEWAYS = {gateway.name: gateway for gateway in (Gateway(0), Gateway(1))}
NODES = ("internet", *GATEWAYS)


def wires():
    """(node, interface, node, interface) of every cable that scenery.wires() has not."""
    cables = [("ce", "wan", "internet", "ce")]
    for name in GATEWAYS:
        cables += [("internet", name, name, "wan"), (name, "azure", "vnet", name)]
    return cables


#
# The nodes beside ce
#
def _addresses(shell, port, nets):
    for family, address in nets.items():
        shell.sh(f"ip -{family} address add {address} dev {port}{' nodad' if family == 6 else ''}")


def internet_setup(shell):
    scenery.router_setup(shell)
    _addresses(shell, "ce", {family: on_interface(net, 1) for family, net in WAN_NET.items()})
    _addresses(shell, "lo", names.SERVER)
    for gateway in GATEWAYS.values():
        _addresses(shell, gateway.name, {family: on_interface(gateway.wan(family), 1) for family in WAN_NET})


def gateway_setup(shell, gateway):
    scenery.router_setup(shell)
    for number in (2, 3):
        _addresses(shell, "wan", {family: on_interface(gateway.wan(family), number) for family in WAN_NET})
    for family in WAN_NET:
        shell.sh(f"ip -{family} route add default via {host(gateway.wan(family), 1)}")


def vnet_setup(shell):
    """No default route: what BGP does not give does not go back."""
    scenery.router_setup(shell)
    scenery.host_setup(shell, [*scenery.MSEES, *GATEWAYS], VNET_NET, 10, [])


def _bgp_head(asn, router_id):
    return [f"router bgp {asn}", f" bgp router-id {router_id}", " no bgp ebgp-requires-policy",
            " no bgp default ipv4-unicast", " no bgp network import-check"]  # fmt: skip


def gateway_conf(gateway, scheme="subnet", more=()):
    """One gateway instance.  more: prefixes that it announces beside the VNet's."""
    tunnel_addresses = [gateway.tunnel_address(family, scheme, ours=False) for family in WAN_NET]
    lines = [
        scenery.interface_conf("azure", *(f"{gateway.in_vnet(f)}/{net.split('/')[1]}" for f, net in VNET_NET.items())),
        scenery.interface_conf("ipsec0", *filter(None, tunnel_addresses)),
    ]
    if scheme == "subnet":
        lines.append(f"ip route {gateway.customer(4, scheme)}/32 ipsec0")
    bgp, families = [], {}
    for family, net in VNET_NET.items():
        ce, vnet = gateway.customer(family, scheme), VNET_ADDRESS[family]
        mine = [prefix for prefix in more if (":" in prefix) == (family == 6)]
        bgp += [
            f" neighbor {ce} remote-as {CUSTOMER_AS}",
            f" neighbor {ce} update-source {gateway.bgp(family, scheme)}",
            f" neighbor {ce} ebgp-multihop 2",
            f" neighbor {ce} timers 60 180",
            f" neighbor {ce} timers connect 1",
            f" neighbor {ce} advertisement-interval 0",
            f" neighbor {vnet} remote-as {GATEWAY_AS}",
            f" neighbor {vnet} timers connect 1",
        ]
        families[family] = [
            *(f"network {prefix}" for prefix in (net, *mine)),
            *(f"neighbor {peer} activate" for peer in (ce, vnet)),
            f"neighbor {ce} soft-reconfiguration inbound",
            f"neighbor {vnet} next-hop-self",
        ]
    bgp = [*_bgp_head(GATEWAY_AS, gateway.in_vnet(4)), *bgp, *scenery.address_families(families), "exit", "!"]
    return scenery.frr_conf(gateway.name, *lines, *bgp)


def vnet_conf():
    """Azure's own routing in the VNet: ExpressRoute before VPN; it tells nobody anything."""
    lines, bgp, families = [], [], {4: [], 6: []}
    for kind, preference in VNET_PREFERENCE.items():
        lines += [f"route-map FROM-{kind.upper()} permit 10", f" set local-preference {preference}", "exit"]
    lines += ["route-map NOTHING deny 10", "exit"]
    for family, out in families.items():
        peers = [(host(VNET_NET[family], 1 + n), MICROSOFT_AS, "expressroute") for n in range(len(scenery.MSEES))]
        peers += [(gateway.in_vnet(family), GATEWAY_AS, "vpn") for gateway in GATEWAYS.values()]
        for peer, asn, kind in peers:
            bgp += [f" neighbor {peer} remote-as {asn}", f" neighbor {peer} timers connect 1"]
            out += [f"neighbor {peer} activate", f"neighbor {peer} route-map FROM-{kind.upper()} in",
                    f"neighbor {peer} route-map NOTHING out"]  # fmt: skip
    bgp = [*_bgp_head(GATEWAY_AS, VNET_ADDRESS[4]), *bgp, *scenery.address_families(families), "exit", "!"]
    return scenery.frr_conf("vnet", *lines, *bgp)


def msee_bgp():
    """What an MSEE has more than msee_conf(): the session with the VNet, drained as that with the customer is."""
    bgp, families = [], {4: [], 6: []}
    for family, out in families.items():
        peer = VNET_ADDRESS[family]
        bgp += [f" neighbor {peer} remote-as {GATEWAY_AS}", f" neighbor {peer} timers connect 1",
                f" neighbor {peer} advertisement-interval 0"]  # fmt: skip
        out += [f"neighbor {peer} activate", f"neighbor {peer} route-map TO-CUSTOMER out"]
    return "\n".join([f"router bgp {MICROSOFT_AS}", *bgp, *scenery.address_families(families), "exit", "!"])


#
# ce, without any VPN support of ours
#
def ce_interfaces(scheme="subnet", default_route=True):
    """Ports and tunnels, the way to the internet, and in the scheme "subnet" the ways to the gateways' BGP."""
    lines = [scenery.interface_conf("wan", *(on_interface(net, 2) for net in WAN_NET.values()))]
    for gateway in GATEWAYS.values():
        addresses = [gateway.tunnel_address(family, scheme, ours=True) for family in WAN_NET]
        lines.append(scenery.interface_conf(gateway.interface, *filter(None, addresses)))
        if scheme == "subnet":
            lines.append(f"ip route {gateway.bgp(4, scheme)}/32 {gateway.interface}")
    if default_route:
        lines += [f"ip route 0.0.0.0/0 {INTERNET[4]}", f"ipv6 route ::/0 {INTERNET[6]}"]
    return "\n".join(lines)


def plain_pins():
    """Static routes for the gateways' public addresses, as the vendor asks for."""
    lines = []
    for gateway in GATEWAYS.values():
        lines.append(f"ip route {gateway.public(4)}/32 {INTERNET[4]}")
        lines.append(f"ipv6 route {gateway.public(6)}/128 {INTERNET[6]}")
    return "\n".join(lines)


def plain_expressroute(bfd=scenery.MICROSOFT_BFD):
    """The circuit in plain FRR, as scenery.plain_bgp(), but both links alike, and nothing passes through us."""
    lines, bgp, families = [], [], {4: [], 6: []}
    for kind, preference in PLAIN_PREFERENCE.items():
        lines += [f"route-map {kind.upper()} permit 10", f" set local-preference {preference}", "exit"]
    lines += ["bgp as-path access-list OWN seq 5 permit ^$", "route-map OWN permit 10", " match as-path OWN", "exit"]
    for link in scenery.LINKS.values():
        for family, out in families.items():
            peer = link.microsoft(family)
            bgp += [f" neighbor {peer} remote-as {MICROSOFT_AS}", f" neighbor {peer} bfd {bfd}",
                    f" neighbor {peer} timers connect 1"]  # fmt: skip
            out += _activated(peer, "expressroute")
    extra = ["no bgp ebgp-requires-policy", "no bgp default ipv4-unicast"]
    more = [f"router bgp {CUSTOMER_AS}", *bgp, *scenery.address_families(families), "exit", "!"]
    return "\n".join([*lines, scenery.ce_bgp(extra), *more])


def _activated(peer, kind):
    neighbor = f"neighbor {peer}"
    return [f"{neighbor} activate", f"{neighbor} route-map {kind.upper()} in", f"{neighbor} route-map OWN out"]


def plain_bgp_backup(scheme="subnet", timers=TIMERS):
    """Sessions over the tunnels with a lower local-preference; beside plain_expressroute()."""
    bgp, families = [], {4: [], 6: []}
    for gateway in GATEWAYS.values():
        for family, out in families.items():
            peer = gateway.bgp(family, scheme)
            bgp += [f" neighbor {peer} remote-as {GATEWAY_AS}", f" neighbor {peer} ebgp-multihop 2",
                    f" neighbor {peer} update-source {gateway.interface}",
                    f" neighbor {peer} timers {timers}", f" neighbor {peer} timers connect 1"]  # fmt: skip
            out += _activated(peer, "vpn")
    return "\n".join([f"router bgp {CUSTOMER_AS}", *bgp, *scenery.address_families(families), "exit", "!"])


def plain_static_backup(prefixes=tuple(VNET_NET.values()), distance=FLOATING_DISTANCE):
    """
    Floating statics into both tunnels: they carry traffic when BGP has no route.

    IPv6 needs next hops: zebra gives IPv4 and IPv6 routes into the same two
    interfaces one next-hop group, of IPv4, and the kernel then refuses the IPv6
    route; what stays there is BGP's, into the dead circuit (FRR 10.7.1).
    """
    lines = []
    for prefix in prefixes:
        for gateway in GATEWAYS.values():
            if ":" in prefix:
                lines.append(f"ipv6 route {prefix} {gateway.bgp(6, 'subnet')} {gateway.interface} {distance}")
            else:
                lines.append(f"ip route {prefix} {gateway.interface} {distance}")
    return "\n".join(lines)


def plain_ce(*parts, scheme="subnet", bfd=scenery.MICROSOFT_BFD):
    """The whole of ce in plain FRR."""
    return scenery.frr_conf("ce", scenery.ce_interfaces(), ce_interfaces(scheme), plain_expressroute(bfd), *parts)


#
# ce, with ours
#
def _gateway_conf(gateway, scheme, bgp, address, probed):
    lines = [f"gateway {gateway.number}", f" address {address or gateway.public()}", f" interface {gateway.interface}"]
    for family in WAN_NET if bgp else ():
        lines.append(f" neighbor {gateway.bgp(family, scheme)}")
        lines.append(f" local-address {gateway.customer(family, scheme)}")
    if probed:
        lines += [f" probe {gateway.bgp(family, scheme)}" for family in WAN_NET]
    return [*lines, "exit-gateway"]


def backup_conf(
    *more, scheme="subnet", bgp=True, session="managed", address=None, probed=True, timers=TIMERS, prefixes=tuple(VNET_NET.values())
):
    """
    The VPN backup as vtysh writes it, with more lines of its own.

    bgp      False: static, for these prefixes
    address  gateway -> its public address or name, as configured; default: the address
    probed   its BGP addresses must answer
    """
    lines = [f"vpn-backup {BACKUP}", f" circuit {scenery.CIRCUIT}"]
    if session == "attached":
        lines.append(" session attached")
    elif bgp:
        lines.append(f" timers {timers}")
    if not bgp:
        lines += [f" prefix {net}" for net in prefixes]
    for gateway in GATEWAYS.values():
        lines += [f" {line}" for line in _gateway_conf(gateway, scheme, bgp, (address or {}).get(gateway.name), probed)]
    lines += [f" {line}" for line in (*BACKUP_TIMES, *more)]
    return "\n".join(["expressroute", *(f" {line}" for line in lines), " exit-vpn-backup", "exit-expressroute", "!"])


def attached_neighbors(scheme="subnet", timers=TIMERS):
    """The sessions of an attached backup, which are the operator's."""
    bgp, families = [], {4: [], 6: []}
    for gateway in GATEWAYS.values():
        for family, out in families.items():
            peer = f"neighbor {gateway.bgp(family, scheme)}"
            bgp += [f" {peer} remote-as {GATEWAY_AS}", f" {peer} ebgp-multihop 2",
                    f" {peer} update-source {gateway.customer(family, scheme)}",
                    f" {peer} timers {timers}", f" {peer} timers connect 1"]  # fmt: skip
            out.append(f"{peer} activate")
    return "\n".join([f"router bgp {CUSTOMER_AS}", *bgp, *scenery.address_families(families), "exit", "!"])


def swallow(msee, on=True):
    """
    Microsoft peering as it is: the MSEE announces the gateways' public addresses,
    and leads to them.  A tunnel that is not pinned to the internet follows.
    """
    lines = ["configure terminal", f"router bgp {MICROSOFT_AS}"]
    for family, net in AZURE_PUBLIC.items():
        lines += [f"address-family ipv{family} unicast", f"{'' if on else 'no '}network {net}", "exit-address-family"]
        for gateway in GATEWAYS.values():
            way = f"{gateway.public(family)} via {gateway.in_vnet(family)} dev azure"
            msee.sh(f"ip -{family} route {'replace' if on else 'delete'} {way}")
    msee.vtysh("\n".join(lines))


#
# All of it, running
#
class Vpn:
    """
    The tunnels and the DNS server.  Nodes, cables and FRR are the caller's.

    tunnels  by the gateway's name: up(), down(), black_hole(), delete(), recreate(), flap()
    names    the DNS server: names.Names
    """

    def __init__(self, nodes, kind="wireguard", family=4):
        """nodes: name -> shell, of ce and of NODES; family: of the outer packets"""
        self.internet, self.kind = nodes["internet"], kind
        self.directory = tempfile.mkdtemp(prefix="vpn-")
        self.names = names.Names(self.internet, os.path.join(self.directory, "names"))
        self.tunnels = {}
        for gateway in GATEWAYS.values():
            near = tunnel.End(nodes["ce"], gateway.interface, CE_PUBLIC[family], gateway.number)
            far = tunnel.End(nodes[gateway.name], "ipsec0", gateway.public(family))
            self.tunnels[gateway.name] = tunnel.KINDS[kind](near, far, self.internet, self.directory)

    def __getitem__(self, gateway):
        return self.tunnels[gateway]

    def start(self):
        """The names are served and both ends of each tunnel run; the tunnels are down."""
        self.names.start()
        for gateway in GATEWAYS.values():
            self.names.set(gateway.name, *(gateway.public(family) for family in WAN_NET))
            self.tunnels[gateway.name].start()
        self._count()

    def await_internet(self):
        """Until ce has a way to the gateways."""
        ce = self.tunnels["gw0"].near.end.shell
        far = [each.far.end.address for each in self.tunnels.values()]
        wait_for(lambda: all(ce.sh(f"ip route get {address} || true") for address in far), "ce's way to the internet")

    def dropped(self):
        """Packets that the tunnels' processes, which a busy machine keeps waiting, have lost so far."""
        ends = [end for each in self.tunnels.values() for end in (each.near, each.far)]
        # a node's sockets count once, however many tunnels end there
        sockets = {end.end.shell.name: end.dropped()[1] for end in ends}
        return sum(end.dropped()[0] for end in ends) + sum(sockets.values())

    def up(self):
        for each in self.tunnels.values():
            each.up()

    def down(self):
        for each in self.tunnels.values():
            each.down()

    def flap(self, times):
        """Both gateways against each other: never both up."""
        self.down()
        for _ in range(times):
            for each in self.tunnels.values():
                each.up()
                each.down()

    def stop(self):
        for each in self.tunnels.values():
            each.stop()
        self.names.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    #
    # What somebody on the internet sees of the traffic between ce and the gateways
    #
    def _count(self):
        lines = ["table inet watch {", *(f"counter {name} {{}}" for name in ("data", "control", "other"))]
        lines += ["chain seen {", "type filter hook forward priority -300;"]
        for each in self.tunnels.values():
            for way in ("s", "d"):
                lines.append(f"{each.data(way)} counter name data return")
                lines.append(f"{each.control(way)} counter name control return")
        lines += ["counter name other", "}", "}"]
        self.internet.sh("nft -f - <<'END'\n" + "\n".join(lines) + "\nEND")

    def seen(self):
        """Packets so far: encrypted data, control of the tunnels, and whatever else."""
        counters = json.loads(self.internet.sh("nft -j list counters table inet watch"))["nftables"]
        return {item["counter"]["name"]: item["counter"]["packets"] for item in counters if "counter" in item}
