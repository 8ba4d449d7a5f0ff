# SPDX-License-Identifier: GPL-2.0-or-later
"""
The scenery that the topotests and the demo share.

    onprem ---- ce ----- msee1 ---- vnet
                  \\----- msee2 ----/

ce is the router under test, with the circuit "amsterdam".  The two MSEEs are
stock FRR as AS 12076, BFD 300x3, as Microsoft runs them.  onprem is a host on
the customer's premises, vnet one behind Microsoft's edge: both have one bridge
over all their ports.

Nothing here knows how nodes are made.  A function that acts on a node is given
a *shell*: an object with
    sh(command)       run it in the node, return its output, raise on failure
    vtysh(text)       feed the lines to vtysh, return its output, raise on failure
    popen(argv)       start a process in the node, stdout is a pipe of text
"""
import ipaddress
import json
import os
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))

MICROSOFT_AS = 12076
# multiplier, receive and transmit interval in milliseconds
MICROSOFT_BFD = "3 300 300"
CUSTOMER_AS = 65001
CIRCUIT = "amsterdam"

ONPREM_NET = {4: "10.100.0.0/24", 6: "2001:db8:100::/64"}
VNET_NET = {4: "10.1.0.0/16", 6: "2001:db8:1::/64"}
# where Microsoft may drain for hours, a test waits this long at most
DRAIN_GRACE = 5.0


@dataclass(frozen=True)
class Link:
    """One connection of the circuit; also the name of ce's interface to it."""

    role: str
    msee: str
    subnet: dict

    def customer(self, family):
        return str(ipaddress.ip_network(self.subnet[family])[1])

    def microsoft(self, family):
        return str(ipaddress.ip_network(self.subnet[family])[2])


PRIMARY = Link("primary", "msee1", {4: "172.16.0.0/30", 6: "2001:db8:e0::/126"})
SECONDARY = Link("secondary", "msee2", {4: "172.16.0.4/30", 6: "2001:db8:e0::4/126"})
LINKS = {link.role: link for link in (PRIMARY, SECONDARY)}
MSEES = {link.msee: link for link in LINKS.values()}


def host(net, number):
    """The host with this number in a network, plain or as an interface has it."""
    return str(ipaddress.ip_network(net)[number])


def on_interface(net, number):
    return f"{host(net, number)}/{ipaddress.ip_network(net).prefixlen}"


def wires():
    """(node, interface, node, interface) of every cable."""
    cables = [("onprem", "ce", "ce", "lan")]
    for link in LINKS.values():
        cables.append(("ce", link.msee, link.msee, "ce"))
        cables.append((link.msee, "azure", "vnet", link.msee))
    return cables


def interface_conf(name, *addresses):
    lines = [f"interface {name}"]
    for address in addresses:
        kind = "ipv6" if ":" in address else "ip"
        lines.append(f" {kind} address {address}")
    return "\n".join(lines + ["exit", "!"])


def _link_addresses(link, number):
    return [on_interface(net, number) for net in link.subnet.values()]


def ce_interfaces():
    parts = [interface_conf("lan", *(on_interface(net, 1) for net in ONPREM_NET.values()))]
    parts += [interface_conf(link.msee, *_link_addresses(link, 1)) for link in LINKS.values()]
    return "\n".join(parts)


def ce_bgp(extra=()):
    """The operator's own `router bgp`: no word of ExpressRoute in it."""
    return "\n".join(
        [
            f"router bgp {CUSTOMER_AS}",
            f" bgp router-id {host(ONPREM_NET[4], 1)}",
            *(f" {line}" for line in extra),
            " address-family ipv4 unicast",
            f"  network {ONPREM_NET[4]}",
            " exit-address-family",
            " address-family ipv6 unicast",
            f"  network {ONPREM_NET[6]}",
            " exit-address-family",
            "exit",
            "!",
        ]
    )


def circuit_conf(name=CIRCUIT, mode=None, links=LINKS, families=(4, 6), circuit=(), peering=(), session=None):
    """The circuit as vtysh writes it, with more lines for it or its peering."""
    lines = ["expressroute", f" circuit {name}"]
    lines += [f"  {line}" for line in circuit]
    if mode:
        lines.append(f"  redundancy {mode}")
    lines.append("  peering private")
    if session:
        lines.append(f"   session {session}")
    if session != "attached":
        lines += [f"   advertise {ONPREM_NET[family]}" for family in families]
    lines += [f"   {line}" for line in peering]
    for link in links.values():
        lines += [f"   link {link.role}", f"    interface {link.msee}"]
        lines += [f"    ipv{family}-subnet {link.subnet[family]}" for family in families]
        lines.append("   exit-link")
    return "\n".join(lines + ["  exit-peering", " exit-circuit", "exit-expressroute", "!"])


def address_families(families):
    """family -> lines, as parts of `router bgp`"""
    sections = []
    for family, lines in families.items():
        sections += [f" address-family ipv{family} unicast", *(f"  {line}" for line in lines), " exit-address-family"]
    return sections


def plain_bgp():
    """The circuit without us: a local-preference per neighbor, as the vendor's samples set it."""
    maps, neighbors, families = [], [], {4: [], 6: []}
    for link, preference in ((PRIMARY, 150), (SECONDARY, 140)):
        maps += [f"route-map {link.role} permit 10", f" set local-preference {preference}", "exit"]
        for family, lines in families.items():
            neighbor = f"neighbor {link.microsoft(family)}"
            neighbors += [f"{neighbor} remote-as {MICROSOFT_AS}", f"{neighbor} bfd {MICROSOFT_BFD}"]
            lines += [f"{neighbor} activate", f"{neighbor} route-map {link.role} in"]
    extra = ["no bgp ebgp-requires-policy", "no bgp default ipv4-unicast", *neighbors]
    more = [f"router bgp {CUSTOMER_AS}", *address_families(families), "exit"]
    return "\n".join([*maps, ce_bgp(extra), *more])


def frr_conf(hostname, *parts):
    head = ["frr defaults traditional", f"hostname {hostname}", "service integrated-vtysh-config", "!"]
    return "\n".join([*head, *parts, ""])


def ce_conf(*circuits, bgp=None):
    return frr_conf("ce", ce_interfaces(), ce_bgp() if bgp is None else bgp, *circuits)


def drain_route_map(drained):
    """Microsoft's policy towards the customer, in and out of maintenance."""
    lines = ["no route-map TO-CUSTOMER", "route-map TO-CUSTOMER permit 100"]
    if drained:
        lines.append(" set as-path prepend " + " ".join([str(MICROSOFT_AS)] * 8))
    return "\n".join(lines + ["exit"])


def tag_name(communities):
    """The route-map that tags what Microsoft announces with these."""
    return "TAG-" + communities.replace(" ", "-").replace(":", "-")


def tag_conf(communities):
    return [f"route-map {tag_name(communities)} permit 10", f" set community {communities}", "exit"]


def msee_conf(link, asn=MICROSOFT_AS, password=None, bfd=MICROSOFT_BFD, tagged=None, limit=None):
    """
    One MSEE: timers and BFD as Microsoft's, reconnecting faster than it.

    tagged   more prefixes to announce -> communities, with a space between
    bfd      multiplier and intervals in milliseconds, "" for none
    limit    drop the session when more prefixes come, as Microsoft does
    """
    tagged = tagged or {}
    tags = [line for communities in sorted(set(tagged.values())) for line in tag_conf(communities)]
    lines = [
        *tags,
        interface_conf("ce", *_link_addresses(link, 2)),
        interface_conf("azure", *(on_interface(net, 1 if link is PRIMARY else 2) for net in VNET_NET.values())),
        "route-map TO-CUSTOMER permit 100",
        "exit",
        f"router bgp {asn}",
        f" bgp router-id {link.microsoft(4)}",
        " no bgp ebgp-requires-policy",
        " no bgp default ipv4-unicast",
        " no bgp network import-check",
        " bgp route-map delay-timer 0",
    ]
    for family in (4, 6):
        neighbor = f" neighbor {link.customer(family)}"
        lines += [
            f"{neighbor} remote-as external",
            f"{neighbor} timers 60 180",
            f"{neighbor} timers connect 1",
            f"{neighbor} advertisement-interval 0",
        ]
        if password:
            lines.append(f"{neighbor} password {password}")
        if bfd:
            lines += [f"{neighbor} bfd", f"{neighbor} bfd {bfd}"]
    for family in (4, 6):
        neighbor = f"  neighbor {link.customer(family)}"
        mine = [prefix for prefix in tagged if (":" in prefix) == (family == 6)]
        lines += [
            f" address-family ipv{family} unicast",
            f"  network {VNET_NET[family]}",
            *(f"  network {prefix} route-map {tag_name(tagged[prefix])}" for prefix in mine),
            f"{neighbor} activate",
            f"{neighbor} route-map TO-CUSTOMER out",
            f"{neighbor} soft-reconfiguration inbound",
            *([f"{neighbor} maximum-prefix {limit}"] if limit else []),
            " exit-address-family",
        ]
    return frr_conf(link.msee, *lines, "exit", "!")


def host_setup(shell, ports, net, number, gateways):
    """A host with one bridge over its ports and default routes through gateways, if any."""
    shell.sh("ip link add br0 type bridge forward_delay 0")
    for port in ports:
        shell.sh(f"ip link set {port} master br0 up")
    # Checksums that wireguard-go was left to finish were wrong for about one IPv6 packet in
    # 50,000 (Udp6InCsumErrors), as they would be if it did not write ffff for 0.
    shell.sh("ethtool -K br0 tx off && ip link set br0 up")
    for family in (4, 6):
        hops = " ".join(f"nexthop via {host(net[family], n)} dev br0" for n in gateways)
        nodad = " nodad" if family == 6 else ""
        shell.sh(f"ip -{family} address add {on_interface(net[family], number)} dev br0{nodad}")
        if hops:
            shell.sh(f"ip -{family} route add default {hops}")


def onprem_setup(shell):
    host_setup(shell, ["ce"], ONPREM_NET, 10, [1])


def vnet_setup(shell):
    host_setup(shell, list(MSEES), VNET_NET, 10, [1, 2])


ONPREM_ADDRESS = {family: host(net, 10) for family, net in ONPREM_NET.items()}
VNET_ADDRESS = {family: host(net, 10) for family, net in VNET_NET.items()}


def router_setup(shell):
    """What a router's kernel needs: several flows must be able to use both links."""
    for name in (
        "net.ipv4.conf.all.forwarding=1",
        "net.ipv6.conf.all.forwarding=1",
        "net.ipv4.conf.all.rp_filter=0",
        "net.ipv4.conf.default.rp_filter=0",
        "net.ipv6.conf.all.keep_addr_on_down=1",
        "net.ipv6.conf.default.accept_dad=0",
        "net.ipv6.conf.all.accept_dad=0",
        "net.ipv4.fib_multipath_hash_policy=1",
        "net.ipv6.fib_multipath_hash_policy=1",
    ):
        shell.sh(f"sysctl -qw {name}")


#
# What happens to a circuit.  Each takes the shell of an MSEE.
#
def prepend(msee, on=True):
    """Maintenance, first half: longer AS paths towards the customer, session untouched."""
    msee.vtysh("configure terminal\n" + drain_route_map(on))
    msee.vtysh("clear bgp ipv4 unicast * soft out\nclear bgp ipv6 unicast * soft out")


def drop(shell, table, rules):
    """Give the node a table of rules (chain -> hook and match) that drop; empty: none."""
    lines = [f"table inet {table}", f"delete table inet {table}"]
    if rules:
        lines.append(f"add table inet {table}")
    for chain, (hook, priority, match) in rules.items():
        lines.append(f"add chain inet {table} {chain} {{ type filter hook {hook} priority {priority}; }}")
        lines.append(f"add rule inet {table} {chain} {match} drop")
    shell.sh("nft -f - <<'END'\n" + "\n".join(lines) + "\nEND")


def discard(msee, on=True):
    """Maintenance, second half: what the customer still sends here is lost."""
    drop(msee, "maintenance", {"through": ("forward", 0, "iifname ce")} if on else {})


def drain(msee, moved, grace=DRAIN_GRACE):
    """
    Drain as Microsoft does: prepend, wait, discard.  moved() tells whether the
    customer's traffic has left; Microsoft does not ask, so after the grace the
    link discards in any case.  Returns whether the traffic had left by then.
    """
    prepend(msee)
    try:
        wait_for(moved, "traffic to leave the drained link", grace)
        left = True
    except TimeoutError:
        left = False
    discard(msee)
    return left


def undrain(msee):
    discard(msee, False)
    prepend(msee, False)


def cut(msee):
    """Lose everything on the link, both ways, with the carrier up: only BFD sees it."""
    rules = {"in": ("prerouting", -400, "iifname ce"), "out": ("postrouting", 400, "oifname ce")}
    drop(msee, "cable", rules)


def mend(msee):
    drop(msee, "cable", {})


def received_from_ce(msee):
    """Packets that this MSEE has received from ce so far."""
    (link,) = json.loads(msee.sh("ip -json -statistics link show dev ce"))
    return link["stats64"]["rx"]["packets"]


def wait_for(check, what, timeout=15.0, every=0.05):
    """Ask until check() is true, return what it says; TimeoutError tells the last answer."""
    end = time.monotonic() + timeout
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout} s for {what}; last answer: {answer!r}")
        time.sleep(every)


#
# A stream of UDP packets from the premises to the VNet
#
@dataclass
class Gap:
    """Consecutive packets of one flow that did not arrive."""

    flow: str
    start: float  # when the first of them was sent, seconds since the epoch
    end: float    # when the next one that arrived was sent
    lost: int

    @property
    def milliseconds(self):
        return (self.end - self.start) * 1000


@dataclass
class ProbeReport:
    sent: int
    lost: int
    gaps: list

    def __str__(self):
        text = f"{self.sent} sent, {self.lost} lost"
        if self.gaps:
            text += f", longest gap {max(gap.milliseconds for gap in self.gaps):.0f} ms"
        return text

    def between(self, start, end):
        """What was lost of the packets sent in this time."""
        return sum(gap.lost for gap in self.gaps if gap.end >= start and gap.start < end)


class Probe:
    """
    with Probe(onprem, vnet) as probe: ...
    probe.report then tells what was lost.  Several flows, so that both links
    carry some where the router balances.
    """

    def __init__(self, onprem, vnet, families=(4, 6), flows=4, interval=2, port=7000, targets=None):
        """flows: to each target, by default the host in the VNet in each family"""
        self.onprem, self.vnet = onprem, vnet
        self.targets = targets or [VNET_ADDRESS[family] for family in families]
        self.flows, self.interval, self.port = flows, interval, port
        self.report = None
        self._receiver = self._sender = None

    def _start(self, shell, *arguments):
        process = shell.popen(["python3", os.path.join(HERE, "probe.py"), *map(str, arguments)])
        line = process.stdout.readline()
        if line.strip() != "ready":
            raise RuntimeError(f"probe.py {arguments[0]} did not start: {line!r}")
        return process

    @staticmethod
    def _stop(process, line="stop"):
        """A line on its standard input ends it: signals do not pass through nsenter."""
        out, _ = process.communicate(f"{line}\n", timeout=20)
        return json.loads(out)

    def __enter__(self):
        self._receiver = self._start(self.vnet, "receive", self.port)
        self._sender = self._start(
            self.onprem, "send", self.port, self.flows, self.interval, *self.targets
        )
        return self

    def __exit__(self, kind, *_):
        sent = self._stop(self._sender)
        received = self._stop(self._receiver, sum(map(len, sent.values())))
        self.report = self._compare(sent, received)

    @staticmethod
    def _compare(sent, received):
        """sent: flow -> [sent at]; received: flow -> [numbers of those that came]."""
        report = ProbeReport(0, 0, [])
        for flow, times in sent.items():
            arrived = set(received.get(flow, ()))
            report.sent += len(times)
            run = None
            for number, when in enumerate(times):
                if number in arrived:
                    run = None
                    continue
                report.lost += 1
                following = times[min(number + 1, len(times) - 1)]
                if run is None:
                    run = Gap(flow, when, following, 0)
                    report.gaps.append(run)
                run.end = following
                run.lost += 1
        report.gaps.sort(key=lambda gap: gap.start)
        return report
