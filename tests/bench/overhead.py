# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the module costs bgpd per received prefix.

Two MSEEs announce the same table, each over its session.  bgpd's CPU time is
counted while it comes in for the first time, first from one, then from the
other, and while each withdraws all of it and announces it again.  One after the
other, as otherwise chance decides how often a prefix is processed.

Three variants take turns, each with daemons of its own: ours; plain FRR with
the route-maps that every user of ExpressRoute needs (local-preference in, own
prefixes out); plain FRR without any policy.
"""

import re
from pathlib import Path

from stage import Stage, quiet, run, wait_for

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


class Bench:
    def __init__(self, stage, prefixes, sets, cputime_stats=True):
        self.stage = stage
        self.prefixes, self.sets = prefixes, sets
        self.common = COMMON + ("" if cputime_stats else "no service cputime-stats\n")
        self.ce = stage.node("ce")
        self.msees = []
        for name, (here, there) in LINKS.items():
            msee = stage.node(name)
            stage.cable("ce", name, name, "ce")
            self.ce.sh(f"ip address add {here}/30 dev {name}")
            msee.sh(f"ip address add {there}/30 dev ce")

    def settle(self):
        """Until nobody has anything left to do."""
        quiet(self.ce.daemons.values())

    def received(self):
        peers = self.ce.show("show bgp ipv4 unicast summary json").get("peers", {})
        return sorted(peer.get("pfxRcd", 0) for peer in peers.values())

    def expect(self, prefixes):
        wait_for(
            f"{prefixes} prefixes from each neighbor",
            lambda: self.received() == [prefixes] * len(LINKS),
            timeout=60, interval=1,
        )  # fmt: skip
        self.settle()

    def tell_each(self, command):
        for msee in self.msees:
            msee.stdin.write(command + "\n")
            msee.stdin.flush()
            self.hear(msee, "done")
            self.settle()

    @staticmethod
    def hear(msee, word):
        line = msee.stdout.readline().strip()
        if line != word:
            raise RuntimeError(f"speaker said {line!r} instead of {word!r}")

    def load(self):
        self.tell_each("announce")

    def churn(self):
        self.tell_each("withdraw")
        self.tell_each("announce")

    def start(self, variant, **how):
        is_ours = VARIANTS[variant] is ours
        self.ce.start_frr(
            "mgmtd", "zebra", "bgpd", ours=is_ours, conf=self.common + VARIANTS[variant](), **how
        )
        for name, (here, there) in LINKS.items():
            argv = ["python3", SPEAKER, there, here, str(self.prefixes), str(self.sets)]
            self.msees.append(self.stage.nodes[name].popen(argv))
        for msee in self.msees:
            self.hear(msee, "established")
        self.settle()

    def measure(self, variant):
        """One run of one variant: bgpd's CPU in ns per phase, and its memory."""
        self.start(variant)
        bgpd = self.ce.daemons["bgpd"]
        result, rss = {}, bgpd.rss_bytes()
        for phase in PHASES:
            before = bgpd.cpu_ns()
            getattr(self, phase)()
            result[phase] = bgpd.cpu_ns() - before
            self.expect(self.prefixes)
            if phase == "load":
                result["rss"] = bgpd.rss_bytes() - rss
        if VARIANTS[variant] is ours:
            result["module"] = module_bytes(self.ce.vtysh("show memory bgpd"))
        self.finish()
        return result

    def count(self, variant):
        """The same in bgpd's instructions instead of time, by valgrind."""
        out = self.stage.dir / "callgrind"
        wrapper = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"]
        # valgrind is told from outside what to do, which it cannot be once it is user frr
        self.start(variant, wrapper={"bgpd": wrapper}, more={"bgpd": ["-S"]})
        pid, result = self.ce.daemons["bgpd"].pid, {}
        for number, phase in enumerate(PHASES, 1):
            run(["callgrind_control", "--zero", pid])
            getattr(self, phase)()
            run(["callgrind_control", "--dump", pid])
            result[phase] = callgrind_total(f"{out}.{number}")
            self.expect(self.prefixes)
        self.finish()
        return result

    def finish(self):
        self.ce.stop_frr()
        for msee in self.msees:
            msee.communicate()
        self.msees.clear()


def callgrind_total(path):
    """The sum that a dump of callgrind ends with."""
    return int(re.findall(r"^(?:totals|summary): (\d+)", open(path, encoding="utf-8").read(), re.M)[-1])


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


def overhead(repeat, prefixes=100_000, sets=3000, instructions=False, cputime_stats=True, say=print):
    """{variant: [what Bench.measure() or count() says]}"""
    variants = tuple(VARIANTS)
    samples = {variant: [] for variant in variants}
    with Stage("overhead") as stage:
        bench = Bench(stage, prefixes, sets, cputime_stats)
        for turn in range(repeat):
            # each goes first in its turn, so that none has the worse place
            shift = turn % len(variants)
            for variant in variants[shift:] + variants[:shift]:
                sample = (bench.count if instructions else bench.measure)(variant)
                samples[variant].append(sample)
                figures = ", ".join(f"{phase} {sample[phase] / 1e6:.0f}{' M' if instructions else ' ms'}" for phase in PHASES)
                say(f"  {turn + 1}/{repeat} {variant}: {figures}")
    return samples
