# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the module costs bgpd per received prefix.

Two MSEEs announce the same table, each over its session.  bgpd's CPU time is
counted while it comes in for the first time, first from one, then from the
other, and while each withdraws all of it and announces it again.  One after the
other, as otherwise chance decides how often a prefix is processed.

Three variants take turns, each with nodes and daemons of its own: ours; plain FRR with
the route-maps that every user of ExpressRoute needs (local-preference in, own
prefixes out); plain FRR without any policy.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from stage import Stage, quiet, run

SPEAKER = str(Path(__file__).with_name("speaker.py"))

CUSTOMER_AS = 65010
OWN = "10.100.0.0/24"
LINKS = {"msee1": ("10.255.0.1", "10.255.0.2"), "msee2": ("10.255.0.5", "10.255.0.6")}

# The kernel's part is not bgpd's, and slow: zebra is told the routes, but keeps them.
# A new route-map makes bgpd ask its neighbors for everything again, five seconds
# later; at once, there are no neighbors yet.
COMMON = """
route-map NOT-INTO-KERNEL deny 10
exit
ip protocol bgp route-map NOT-INTO-KERNEL
bgp route-map delay-timer 0
"""


def router_bgp(*lines, family=()):
    return "\n".join([
        f"router bgp {CUSTOMER_AS}", " bgp router-id 10.0.0.1", " no bgp network import-check", *lines,
        " address-family ipv4 unicast", f"  network {OWN}", *family, " exit-address-family", "exit", "",
    ])  # fmt: skip


def remote_as(*addresses):
    return [f" neighbor {address} remote-as 12076" for _, address in LINKS.values()]


def no_policy():
    return router_bgp(" no bgp ebgp-requires-policy", *remote_as())


def route_map():
    maps = f"""
ip prefix-list OWN permit {OWN}
route-map FROM-MICROSOFT permit 10
 set local-preference 150
exit
route-map TO-MICROSOFT permit 10
 match ip address prefix-list OWN
exit
"""
    family = []
    for _, address in LINKS.values():
        family += [f"  neighbor {address} route-map FROM-MICROSOFT in", f"  neighbor {address} route-map TO-MICROSOFT out"]
    return maps + router_bgp(*remote_as(), family=family)


def ours():
    return router_bgp() + f"""
expressroute
 circuit amsterdam
  peering private
   advertise {OWN}
   no bfd
   link primary
    interface msee1
    ipv4-subnet 10.255.0.0/30
   exit-link
   link secondary
    interface msee2
    ipv4-subnet 10.255.0.4/30
   exit-link
  exit-peering
 exit-circuit
exit-expressroute
"""


VARIANTS = {"ours": ours, "route-map": route_map, "no policy": no_policy}
PHASES = ("load", "churn")


def hear(speaker, word):
    line = speaker.stdout.readline().strip()
    if line != word:
        raise RuntimeError(f"speaker said {line!r} instead of {word!r}")


def tell(speaker, command):
    speaker.stdin.write(command + "\n")
    speaker.stdin.flush()
    hear(speaker, "done")


class Variant:
    """A router of one kind between two MSEEs of its own."""

    def __init__(self, stage, name, args):
        self.stage, self.name, self.args = stage, name, args
        short = name.split()[0]
        self.ce = stage.node(f"{short}-ce")
        self.links = []  # (MSEE's node, its address, ce's)
        self.speakers = []
        for port, (here, there) in LINKS.items():
            msee = stage.node(f"{short}-{port}")
            stage.cable(self.ce.name, port, msee.name, "ce")
            self.ce.sh(f"ip address add {here}/30 dev {port}")
            msee.sh(f"ip address add {there}/30 dev ce")
            self.links.append((msee, there, here))

    def bgpd(self):
        return self.ce.daemons["bgpd"]

    def start(self, **how):
        conf = COMMON + VARIANTS[self.name]()
        if not self.args.cputime_stats:
            conf += "no service cputime-stats\n"
        self.ce.start_frr("mgmtd", "zebra", "bgpd", ours=self.is_ours(), conf=conf, **how)
        for msee, there, here in self.links:
            argv = ["python3", SPEAKER, there, here, str(self.args.prefixes), str(self.args.sets)]
            self.speakers.append(msee.popen(argv))
        for speaker in self.speakers:
            hear(speaker, "established")
        self.settle()

    def stop(self):
        self.ce.stop_frr()
        for speaker in self.speakers:
            speaker.communicate()
        self.speakers.clear()

    def is_ours(self):
        return VARIANTS[self.name] is ours

    def settle(self):
        """Until nobody has anything left to do."""
        quiet(self.ce.daemons.values())

    def tell_each(self, command):
        for speaker in self.speakers:
            tell(speaker, command)
            self.settle()

    def run(self, phase):
        if phase == "churn":
            self.tell_each("withdraw")
        self.tell_each("announce")

    def check(self):
        """All that was announced is there."""
        peers = self.ce.show("show bgp ipv4 unicast summary json").get("peers", {})
        received = [peer.get("pfxRcd") for peer in peers.values()]
        if received != [self.args.prefixes] * len(LINKS):
            raise RuntimeError(f"{self.name}: {received} prefixes received")
        self.settle()

    def module_bytes(self):
        return module_bytes(self.ce.vtysh("show memory bgpd"))


class CpuTime:
    """Counts nanoseconds of all of bgpd's threads."""

    unit, scale = "ms", 1e6
    churns = 3  # per start

    @staticmethod
    def start(variant):
        variant.start()

    @staticmethod
    def measure(variant, phase):
        before = variant.bgpd().cpu_ns()
        variant.run(phase)
        return variant.bgpd().cpu_ns() - before


class Instructions:
    """Counts bgpd's instructions, by callgrind."""

    unit, scale = "M instructions", 1e6
    churns = 1

    @staticmethod
    def start(variant):
        variant.start(**under_callgrind(variant.stage))

    @staticmethod
    def measure(variant, phase):
        with Callgrind(variant.stage, variant.bgpd()) as counted:
            variant.run(phase)
        return callgrind_total(counted.path)


def under_callgrind(stage):
    """How to start bgpd."""
    wrapper = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={stage.dir}/callgrind.%p"]
    # valgrind is told from outside what to do, which it cannot be once it is user frr
    return {"wrapper": {"bgpd": wrapper}, "more": {"bgpd": ["-S"]}}


class Callgrind:
    """What a process does in a `with`; afterwards path is what callgrind wrote about it."""

    def __init__(self, stage, process):
        self.stage, self.pid, self.path = stage, process.pid, None

    def __enter__(self):
        run(["callgrind_control", "--zero", self.pid])
        return self

    def __exit__(self, *_):
        run(["callgrind_control", "--dump", self.pid])
        dumps = self.stage.dir.glob(f"callgrind.{self.pid}.*")
        self.path = max(dumps, key=lambda path: int(path.suffix[1:]))


def callgrind_total(path):
    """The sum that a dump of callgrind ends with."""
    return int(re.findall(r"^(?:totals|summary): (\d+)", path.read_text(encoding="utf-8"), re.M)[-1])


def module_bytes(show_memory):
    """What the module's group of `show memory` adds up to, malloc's own share included."""
    total, inside = 0, False
    for line in show_memory.splitlines():
        if line.startswith("--- qmem"):
            inside = "expressroute" in line.lower()
        elif inside and ":" in line:
            # number, size of one or "variable", total, then the highest of both
            fields = line.rpartition(":")[2].split()
            if fields[0].isdigit():
                total += int(fields[2])
    return total


@dataclass
class Arguments:
    prefixes: int = 100_000
    sets: int = 3000
    cputime_stats: bool = True


def overhead(repeat, args, counter=CpuTime, say=print):
    """
    {variant: {phase: [counted]}}, with "rss" and "module" in bytes beside the
    phases.  Numbers at the same place in two lists were counted one after the
    other: what else the machine does changes slowly.
    """
    results = {name: {key: [] for key in (*PHASES, "rss", "module")} for name in VARIANTS}
    with Stage("overhead") as stage:
        variants = [Variant(stage, name, args) for name in VARIANTS]
        for turn in range(repeat):
            variants = variants[1:] + variants[:1]  # none always has the same place
            rss = {}
            for variant in variants:
                counter.start(variant)
                rss[variant] = variant.bgpd().rss_bytes()
            for phase in ("load", *["churn"] * counter.churns):
                for variant in variants:
                    counted = counter.measure(variant, phase)
                    variant.check()
                    results[variant.name][phase].append(counted)
                    say(f"  {turn + 1}/{repeat} {variant.name}, {phase}: {counted / counter.scale:.0f} {counter.unit}")
                    if phase == "load":
                        results[variant.name]["rss"].append(variant.bgpd().rss_bytes() - rss[variant])
            for variant in variants:
                if variant.is_ours():
                    results[variant.name]["module"].append(variant.module_bytes())
                variant.stop()
    return results
