# SPDX-License-Identifier: GPL-2.0-or-later
"""
Both links of the circuit are cut at once, silently, under a stream of packets:
how long until the VPN carries them, and what the way back costs.

A number of prefixes comes from both MSEEs and both gateways; the probe's flows go
to the first, the last and some in between.  Zero is when ce's bfdd has seen the
last session fail, which is configured and the same for all; a sample is the time
from there until the last flow arrives again.

Everything is IPv4, as the table is.
"""

import datetime
import ipaddress
import random
import re
import statistics
from dataclasses import dataclass, field

import circuit
import scenery
import vpn
from stage import Stage, quiet, wait_for
from table import prefixes as made_up

COUNTS = (10, 1000, 10_000)
# milliseconds, times three
INTERVALS = (300, 50)
PROBED = 4
FLOWS = 2
DAEMONS = (*circuit.DAEMONS, "staticd")
# what made_up() takes its prefixes from
SPACE = "16.0.0.0/4"


def plain_static(covered, bfd):
    return vpn.plain_ce(vpn.plain_static_backup(covered), bfd=bfd)


def ours(backup, bfd):
    """ce with a circuit and this backup."""
    multiplier, receive, transmit = bfd.split()
    timers = f"bfd receive-interval {receive} transmit-interval {transmit} detect-multiplier {multiplier}"
    return scenery.ce_conf(vpn.ce_interfaces(), scenery.circuit_conf(peering=[timers]), backup)


def ours_static(covered, bfd):
    return ours(vpn.backup_conf(bgp=False, prefixes=covered), bfd)


# (kind, whose): (our daemons?, configuration of ce from prefixes and BFD's parameters, sessions in both families)
# A kind is compared between "ours" and "plain"; what only one has is shown alone.
VARIANTS = {
    ("BGP", "ours"): (True, lambda prefixes, bfd: ours(vpn.backup_conf(), bfd), 8),
    ("BGP", "plain"): (False, lambda prefixes, bfd: vpn.plain_ce(vpn.plain_bgp_backup(), bfd=bfd), 8),
    ("a static for each prefix", "ours"): (True, ours_static, 4),
    ("a static for each prefix", "plain"): (False, plain_static, 4),
    ("one covering static", "ours"): (True, lambda prefixes, bfd: ours_static([SPACE], bfd), 4),
    ("one covering static", "plain"): (False, lambda prefixes, bfd: plain_static([SPACE], bfd), 4),
}


@dataclass
class Samples:
    """Of one variant with one number of prefixes and one interval of BFD."""

    gaps: list = field(default_factory=list)       # milliseconds from detection to the last flow's arrival
    detections: list = field(default_factory=list)  # milliseconds from the cut to detection
    lost_on_return: list = field(default_factory=list)
    cpu: list = field(default_factory=list)        # milliseconds of bgpd from the cut until all daemons rest


class Azure:
    """All around ce, and the table that comes from there."""

    def __init__(self, stage, kind):
        self.stage = stage
        circuit.build_nodes(stage, vpn.NODES, vpn.wires())
        vpn.vnet_setup(stage.nodes["vnet"])
        vpn.internet_setup(stage.nodes["internet"])
        for gateway in vpn.GATEWAYS.values():
            vpn.gateway_setup(stage.nodes[gateway.name], gateway)
        self.vpn = vpn.Vpn(stage.nodes, kind)
        self.edges = [stage.nodes[name] for name in (*scenery.MSEES, *vpn.GATEWAYS)]
        self.prefixes, self.targets = [], []

    @property
    def ce(self):
        return self.stage.nodes["ce"]

    def start(self, bfd):
        for link in scenery.LINKS.values():
            conf = scenery.msee_conf(link, bfd=bfd) + from_kernel(scenery.MICROSOFT_AS)
            self.stage.nodes[link.msee].start_frr(*circuit.DAEMONS, conf=conf)
        for gateway in vpn.GATEWAYS.values():
            conf = vpn.gateway_conf(gateway) + from_kernel(vpn.GATEWAY_AS)
            self.stage.nodes[gateway.name].start_frr(*vpn.DAEMONS, conf=conf)

    def stop(self):
        for edge in self.edges:
            edge.stop_frr()

    def announce(self, count):
        """This many prefixes, which all lead to the host in the VNet."""
        self.prefixes = list(made_up(count, random.Random(1)))
        picked = [self.prefixes[i * (count - 1) // (PROBED - 1)] for i in range(PROBED)]
        self.targets = [str(ipaddress.ip_network(prefix)[0]) for prefix in picked]
        vnet = self.stage.nodes["vnet"]
        for target in self.targets:
            vnet.sh(f"ip address replace {target}/32 dev lo")
        path = self.stage.dir / "routes"
        path.write_text("".join(f"route replace {p} via {scenery.VNET_ADDRESS[4]} dev azure\n" for p in self.prefixes))
        for edge in self.edges:
            edge.sh(f"ip route flush root {SPACE} && ip -batch {path}")

    def probe(self):
        return scenery.Probe(self.stage.nodes["onprem"], self.stage.nodes["vnet"], flows=FLOWS, targets=self.targets)

    def cut(self):
        for name in scenery.MSEES:
            scenery.cut(self.stage.nodes[name])

    def mend(self):
        for name in scenery.MSEES:
            scenery.mend(self.stage.nodes[name])


def from_kernel(asn):
    """What is in the kernel's table is announced."""
    return f"""
ip prefix-list TABLE permit {SPACE} le 32
route-map TABLE permit 10
 match ip address prefix-list TABLE
exit
router bgp {asn}
 address-family ipv4 unicast
  redistribute kernel route-map TABLE
 exit-address-family
exit
"""


class Bench:
    """ce in one variant, with the table as it is."""

    def __init__(self, azure, name, interval):
        self.azure, self.ce = azure, azure.ce
        with_ours, conf, self.sessions = VARIANTS[name]
        bfd = f"3 {interval} {interval}"
        circuit.start_ce(
            azure.stage, "debug bfd peer\n" + conf(azure.prefixes, bfd), with_ours, DAEMONS, more={"bfdd": ["--log-level", "debug"]}
        )

    def daemons(self):
        return self.ce.daemons.values()

    def by(self, ports, minimum):
        """How many of ce's routes use all of these ports?"""
        table = self.ce.sh("ip route show").replace("\n\t", " ").splitlines()
        table = [line + " " for line in table if not line.startswith("10.")]
        return sum(all(f"dev {port} " in line for port in ports) for line in table) >= minimum

    def wait_ready(self):
        """On both links, with the backup there as well."""
        circuit.wait_established(self.azure.stage, self.sessions)
        wait_for("the table on both links", lambda: self.by(scenery.MSEES, len(self.azure.prefixes)), 120, 0.5)
        wait_for("BFD up", lambda: all(p["status"] == "up" for p in self.ce.show("show bfd peers json")), interval=0.2)
        quiet(self.daemons(), limit_ns=20_000_000)

    def detected(self, since):
        """When bfdd saw the last IPv4 session of the circuit fail, seconds since the epoch; None: not yet."""
        log, times = self.ce.daemons["bfdd"].text()[since:], []
        for link in scenery.LINKS.values():
            pattern = rf"^(\S+ \S+) BFD: .*state-change: \[\S+ peer:{link.microsoft(4)} .*\] up -> down"
            found = re.search(pattern, log, re.M)
            if not found:
                return None
            times.append(datetime.datetime.strptime(found[1], "%Y/%m/%d %H:%M:%S.%f").timestamp())
        return max(times)

    def sample(self, samples):
        since = len(self.ce.daemons["bfdd"].text())
        cpu = self.ce.daemons["bgpd"].cpu_ns()
        with self.azure.probe() as probe:
            self.azure.cut()
            detected = wait_for("BFD to see it", lambda: self.detected(since), interval=0.01)
            quiet(self.daemons())
        samples.cpu.append((self.ce.daemons["bgpd"].cpu_ns() - cpu) / 1e6)
        with self.azure.probe() as back:
            self.azure.mend()
            self.wait_ready()
        gaps = {gap.flow: gap for gap in probe.report.gaps if gap.end > detected}
        if not gaps:
            raise RuntimeError(f"{probe.report}, none after BFD saw it at {detected}: {probe.report.gaps}")
        samples.gaps.append(max((gap.end - detected) * 1000 for gap in gaps.values()))
        samples.detections.append(max((detected - gap.start) * 1000 for gap in gaps.values()))
        samples.lost_on_return.append(back.report.lost)

    def stop(self):
        self.ce.stop_frr()


def failover(repeat, counts=COUNTS, intervals=INTERVALS, variants=tuple(VARIANTS), kind="wireguard", say=print):
    """{(interval, count): {variant: Samples}}"""
    results = {}
    with Stage("failover") as stage:
        azure = Azure(stage, kind)
        azure.vpn.start()
        try:
            for interval in intervals:
                azure.start(f"3 {interval} {interval}")
                for count in counts:
                    azure.announce(count)
                    got = results[interval, count] = {name: Samples() for name in variants}
                    for _ in range(repeat):
                        for name, samples in got.items():
                            take(azure, name, interval, samples)
                    for name, samples in got.items():
                        say(f"  BFD {interval} x 3, {count} prefixes, {', '.join(name)}: {told(samples)}")
                azure.stop()
        finally:
            azure.vpn.stop()
    return results


def take(azure, name, interval, samples):
    """One sample, with new daemons on ce."""
    bench = Bench(azure, name, interval)
    azure.vpn.await_internet()
    azure.vpn.up()
    bench.wait_ready()
    bench.sample(samples)
    azure.vpn.down()
    bench.stop()


def told(samples):
    detected, gap = statistics.median(samples.detections), statistics.median(samples.gaps)
    return f"detected after {detected:.0f} ms, carried {gap:.0f} ms later, bgpd's CPU {statistics.median(samples.cpu):.0f} ms, {sum(samples.lost_on_return)} lost on return"
