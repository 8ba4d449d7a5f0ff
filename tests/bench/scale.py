# SPDX-License-Identifier: GPL-2.0-or-later
"""
Many circuits on one router, each with both peerings over two links: how the time
to start, memory, processor time at rest and the time from a lost link to the new
state grow with their number; beside plain FRR with the same sessions.

Microsoft's side is one bgpd that takes every session (AS 12076, `bgp listen
range`); each session has a cable of its own, as it would have a VLAN.
"""

import dataclasses
import ipaddress
import statistics
import time

import circuit
from frontend import Frontend
from stage import Stage, quiet, wait_for

CIRCUITS = (4, 16, 64)
CUSTOMER_AS = 65010
MICROSOFT_AS = 12076
PEERINGS = ("private", "microsoft")
ROLES = ("primary", "secondary")
# one /30 after the other
SUBNETS = {"private": ipaddress.ip_network("172.20.0.0/16"), "microsoft": ipaddress.ip_network("131.107.0.0/16")}
ADVERTISED = {"private": "10.100.0.0/16", "microsoft": "203.0.113.0/24"}
HEARD = {"private": "10.1.{}.0/24", "microsoft": "52.96.{}.0/24"}
HEARD_EACH = 20
EXCHANGE_ONLINE = "12076:5010"
BFD_EVERY = 4
REST_S = 20
LOSSES = 8
DAEMONS = ("erouted", "bgpd", "mgmtd", "zebra", "bfdd")
VARIANTS = ("ours", "plain")


@dataclasses.dataclass
class Link:
    circuit: int
    peering: str
    role: str

    @property
    def name(self):
        return f"{self.peering[0]}{self.circuit}{self.role[0]}"

    @property
    def subnet(self):
        index = 2 * self.circuit + ROLES.index(self.role)
        return ipaddress.ip_network((int(SUBNETS[self.peering].network_address) + 4 * index, 30))

    @property
    def bfd(self):
        return self.circuit % BFD_EVERY == 0


@dataclasses.dataclass
class Result:
    started: list = dataclasses.field(default_factory=list)  # seconds
    rest: dict = dataclasses.field(default_factory=dict)  # daemon -> ms of CPU time per second
    rss: dict = dataclasses.field(default_factory=dict)  # daemon -> bytes
    lost: list = dataclasses.field(default_factory=list)  # ms until the notification
    restarted: float = None  # seconds until erouted, killed, knows everything again


def links(count):
    return [Link(n, peering, role) for n in range(count) for peering in PEERINGS for role in ROLES]


def interfaces(all_links, side):
    return [line for link in all_links
            for line in (f"interface {link.name}", f" ip address {link.subnet[side]}/30", "exit")]  # fmt: skip


def edge_conf(all_links):
    lines = interfaces(all_links, 2)
    lines += ["route-map TAG permit 10", f" set community {EXCHANGE_ONLINE}", "exit",
              f"router bgp {MICROSOFT_AS}", " bgp router-id 172.20.255.1", " no bgp ebgp-requires-policy",
              " no bgp network import-check", f" bgp listen limit {len(all_links)}"]  # fmt: skip
    for peering in PEERINGS:
        lines += [f" neighbor {peering} peer-group", f" neighbor {peering} remote-as {CUSTOMER_AS}",
                  f" neighbor {peering} bfd", f" bgp listen range {SUBNETS[peering]} peer-group {peering}"]  # fmt: skip
    lines.append(" address-family ipv4 unicast")
    for peering in PEERINGS:
        tag = " route-map TAG" if peering == "microsoft" else ""
        lines += [f"  network {HEARD[peering].format(i)}{tag}" for i in range(HEARD_EACH)]
    return "\n".join([*lines, " exit-address-family", "exit", ""])


def bgp(more=(), family=()):
    return [*(f"ip route {prefix} Null0" for prefix in ADVERTISED.values()),
            f"router bgp {CUSTOMER_AS}", " bgp router-id 10.100.0.1", *more, " address-family ipv4 unicast",
            *(f"  network {prefix}" for prefix in ADVERTISED.values()), *family, " exit-address-family", "exit"]  # fmt: skip


def ours_conf(all_links, count):
    lines = [*interfaces(all_links, 1), *bgp(), "expressroute",
             " route-filter m365", "  allow service exchange-online", " exit-route-filter"]  # fmt: skip
    for n in range(count):
        lines += [f" circuit c{n}", "  sku premium"]
        for peering in PEERINGS:
            lines += [f"  peering {peering}", f"   advertise {ADVERTISED[peering]}"]
            lines += ["   route-filter m365"] if peering == "microsoft" else []
            lines += ["   no bfd"] if n % BFD_EVERY else []
            for role in ROLES:
                link = Link(n, peering, role)
                lines += [f"   link {role}", f"    interface {link.name}", f"    ipv4-subnet {link.subnet}", "   exit-link"]
            lines.append("  exit-peering")
        lines.append(" exit-circuit")
    return "\n".join([*lines, "exit-expressroute", ""])


def plain_conf(all_links, _):
    lines, more, family = interfaces(all_links, 1), [" no bgp ebgp-requires-policy"], []
    lines += ["bgp community-list standard m365 permit " + EXCHANGE_ONLINE,
              "route-map private permit 10", " set local-preference 150", "exit",
              "route-map microsoft permit 10", " match community m365", " set local-preference 150", "exit"]  # fmt: skip
    lines += [f"ip prefix-list {peering} permit {prefix}" for peering, prefix in ADVERTISED.items()]
    for link in all_links:
        neighbor = f"neighbor {link.subnet[2]}"
        more.append(f" {neighbor} remote-as {MICROSOFT_AS}")
        more += [f" {neighbor} bfd"] if link.bfd else []
        family += [f"  {neighbor} route-map {link.peering} in", f"  {neighbor} prefix-list {link.peering} out"]
    return "\n".join([*lines, *bgp(more, family), ""])


def established(node):
    peers = node.show("show bgp ipv4 unicast summary json").get("peers", {})
    return sum(peer["state"] == "Established" for peer in peers.values())


def redundant(node):
    """Peerings whose redundancy is what it should be."""
    shown = node.show("show expressroute json").get("circuit", {})
    return sum(family["redundancy"] == "redundant"
               for one in shown.values() for peering in one["peering"].values()
               for family in peering["state"]["family"].values())  # fmt: skip


def lose_links(ce, edge, count, result):
    """One link after the other, each of another circuit, and the notification of each."""
    frontend = Frontend(ce.run_dir() / "mgmtd_fe.sock")
    frontend.subscribe("/frr-expressroute:redundancy-change")
    for i in range(LOSSES):
        link = Link(i * count // LOSSES, "private", "secondary")
        frontend.forget()
        for way, want in (("down", "degraded"), ("up", "redundant")):
            began = time.time()
            edge.sh(f"ip link set {link.name} {way}")
            while True:
                when, _, fields = frontend.notification()
                if fields["circuit"] == f"c{link.circuit}" and fields["redundancy"] == want:
                    break
            if way == "down":
                result.lost.append((when - began) * 1000)
    frontend.close()


def restart(ce, count):
    ce.daemons["erouted"].popen.kill()
    ce.daemons["erouted"].popen.wait()
    ce.stop("erouted")
    before, began = established(ce), time.monotonic()
    ce.start_daemon("erouted")
    wait_for("erouted to answer", lambda: ce.answers("erouted"))
    wait_for("erouted to know everything again", lambda: redundant(ce) == 2 * count, timeout=120, interval=0.2)
    took = time.monotonic() - began
    if established(ce) != before:
        raise RuntimeError("a session was lost by erouted's restart")
    return took


def measure(variant, count, say):
    ours, result, all_links = variant == "ours", Result(), links(count)
    with Stage(f"scale-{variant}-{count}") as stage:
        ce, edge = stage.node("ce"), stage.node("edge")
        for link in all_links:
            stage.cable("ce", link.name, "edge", link.name)
        edge.start_frr(*circuit.DAEMONS, conf=edge_conf(all_links))
        conf = (ours_conf if ours else plain_conf)(all_links, count)
        began = time.monotonic()
        circuit.start_ce(stage, conf, ours)
        wait_for("all sessions", lambda: established(ce) == len(all_links), timeout=300, interval=0.2)
        if ours:
            wait_for("all peerings redundant", lambda: redundant(ce) == 2 * count, timeout=120, interval=0.2)
        result.started.append(time.monotonic() - began)
        say(f"  {variant}, {count} circuits, {len(all_links)} sessions: up after {result.started[-1]:.1f} s")
        running = {name: ce.daemons[name] for name in DAEMONS if name in ce.daemons}
        quiet(running.values(), limit_ns=16_000_000)
        before = {name: process.cpu_ns() for name, process in running.items()}
        time.sleep(REST_S)
        for name, process in running.items():
            result.rest[name] = (process.cpu_ns() - before[name]) / 1e6 / REST_S
            result.rss[name] = process.rss_bytes()
        if ours:
            lose_links(ce, edge, count, result)
            say(f"  link lost -> notification: {statistics.median(result.lost):.1f} ms")
            result.restarted = restart(ce, count)
            say(f"  erouted killed -> knows everything again: {result.restarted:.1f} s")
    return result


def scale(counts, say):
    """{variant: {number of circuits: Result}}"""
    return {variant: {count: measure(variant, count, say) for count in counts} for variant in VARIANTS}
