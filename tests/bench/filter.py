# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a route filter costs for each received prefix, by the number of its entries.

One MSEE announces a table over one session, once for each length of the filter.
Counted are the instructions, by callgrind, of the inbound route-map: ours, with
everything that it asks, beside plain FRR's with a community-list of the same
communities and the same local-preference.
"""

import re
from pathlib import Path

import table
from overhead import COMMON, CUSTOMER_AS, SPEAKER, Callgrind, hear, tell, under_callgrind
from stage import Stage, quiet

ENTRIES = (1, 20, 100, 500)
OWN = "198.51.100.0/24"
HERE, THERE = "203.0.113.1", "203.0.113.2"
CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue/communities.csv"
# libfrr's, through which bgpd runs every route-map, and who calls it for outbound ones
APPLY, OUTBOUND = "route_map_apply_ext", "subgroup_announce_check"


def router_bgp(*lines, family=()):
    return "\n".join([
        f"router bgp {CUSTOMER_AS}", " bgp router-id 10.0.0.1", " no bgp network import-check", *lines,
        " address-family ipv4 unicast", f"  network {OWN}", *family, " exit-address-family", "exit", "",
    ])  # fmt: skip


def route_map(keeps):
    """keeps: with soft-reconfiguration inbound, as ours has it."""
    maps = f"""
ip prefix-list OWN permit {OWN}
route-map FROM-MICROSOFT permit 10
 match community ALLOWED
 set local-preference 150
exit
route-map TO-MICROSOFT permit 10
 match ip address prefix-list OWN
exit
"""
    family = [f"  neighbor {THERE} route-map FROM-MICROSOFT in", f"  neighbor {THERE} route-map TO-MICROSOFT out"]
    if keeps:
        family.append(f"  neighbor {THERE} soft-reconfiguration inbound")
    return maps + router_bgp(f" neighbor {THERE} remote-as 12076", family=family)


def ours(_):
    return router_bgp() + f"""
expressroute
 route-filter allowed
 exit-route-filter
 circuit amsterdam
  peering microsoft
   route-filter allowed
   advertise {OWN}
   no bfd
   link primary
    interface msee1
    ipv4-subnet {HERE}/30
   exit-link
  exit-peering
 exit-circuit
exit-expressroute
""".replace(f"{HERE}/30", "203.0.113.0/30")


VARIANTS = {"ours": ours, "community-list": route_map}


class Filtered:
    """A router of one kind with one session, and Microsoft on its other end."""

    def __init__(self, stage, name, announced, keeps=False, cputime_stats=True, label=""):
        self.stage, self.name = stage, name
        self.announced = announced  # what speaker.py is to announce
        self.keeps, self.cputime_stats = keeps, cputime_stats
        short = name.split("-")[0] + label
        self.ce, self.msee = stage.node(f"{short}-ce"), stage.node(f"{short}-msee")
        stage.cable(self.ce.name, "msee1", self.msee.name, "ce")
        self.ce.sh(f"ip address add {HERE}/30 dev msee1")
        self.msee.sh(f"ip address add {THERE}/30 dev ce")
        self.speaker = None

    def bgpd(self):
        return self.ce.daemons["bgpd"]

    def settle(self):
        quiet(self.ce.daemons.values())

    def start(self, **how):
        conf = COMMON + VARIANTS[self.name](self.keeps)
        if not self.cputime_stats:
            conf += "no service cputime-stats\n"
        self.ce.start_frr("mgmtd", "zebra", "bgpd", ours=self.is_ours(), conf=conf, **how)
        self.speaker = self.msee.popen(["python3", SPEAKER, THERE, HERE, *map(str, self.announced)])
        hear(self.speaker, "established")
        self.settle()

    def stop(self):
        self.ce.stop_frr()
        self.speaker.communicate()

    def is_ours(self):
        return VARIANTS[self.name] is ours

    def allow(self, communities, no=""):
        if self.is_ours():
            lines = ["expressroute", "route-filter allowed"]
            lines += [f"{no} allow community {community}".strip() for community in communities]
            lines += ["exit-route-filter", "exit-expressroute"]
        else:
            lines = [f"{no} bgp community-list standard ALLOWED permit {c}".strip() for c in communities]
        self.ce.configure("\n".join(lines) + "\n")
        if self.keeps and not self.is_ours():
            # with the timer off (COMMON), bgpd leaves it at that
            self.ce.vtysh(f"clear bgp ipv4 unicast {THERE} soft in")
        self.settle()

    def announce(self):
        tell(self.speaker, "announce")
        self.settle()

    def withdraw(self):
        tell(self.speaker, "withdraw")
        self.settle()

    def accepted(self):
        peers = self.ce.show("show bgp ipv4 unicast summary json").get("peers", {})
        return peers[THERE]["pfxRcd"]


def inbound(path):
    """In a dump of callgrind: how often an inbound route-map ran, and its instructions with all below it."""
    names, calls, instructions = {}, 0, 0
    caller = callee = counts = None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if counts is not None:
                # the line after "calls=": where, and what it cost
                calls, instructions = calls + counts, instructions + int(line.split()[-1])
                counts = None
            elif line.startswith(("fn=", "cfn=")):
                number, name = re.match(r"c?fn=(\(\d+\))(?: (.*))?", line).groups()
                names[number] = name or names[number]
                if line[0] == "c":
                    callee = names[number]
                else:
                    caller = names[number]
            elif line.startswith("calls=") and callee == APPLY and caller != OUTBOUND:
                counts = int(line[len("calls=") :].split()[0])
    return calls, instructions


def missing(number):
    """Communities that no table here carries."""
    return [f"12076:{value}" for value in range(60000, 60000 + number)]


def real(number):
    """Those of the catalogue, and when it has no more, others."""
    with open(CATALOGUE, encoding="utf-8") as file:
        rows = [line.split(",") for line in file if line.startswith("12076:")]
    found = [row[0] for row in rows if row[2] == "microsoft"]
    return (found + missing(number))[:number]


# what all of a made-up table carries
COMMON_COMMUNITY = 59000


def last(number):
    """The last one allows all."""
    return [*missing(number - 1), f"12076:{COMMON_COMMUNITY}"]


# name -> (is it the published table, entries by their number, is the goal for this case)
CASES = {
    "published, all refused": (True, missing, True),
    "made up, all refused": (False, missing, True),
    "made up, all accepted by the last entry": (False, last, True),
    "published, communities of the catalogue": (True, real, False),
}


def size(announced):
    return len(table.published()) if announced == ("published",) else announced[0]


def measure(variant, entries, say):
    """{number of entries: (instructions in policy per prefix, accepted)}"""
    results, allowed = {}, []
    variant.start(**under_callgrind(variant.stage))
    for number in ENTRIES:
        if allowed:
            variant.allow(allowed, "no")
        allowed = entries(number)
        variant.allow(allowed)
        with Callgrind(variant.stage, variant.bgpd()) as counted:
            variant.announce()
        accepted = variant.accepted()
        calls, instructions = inbound(counted.path)
        prefixes = size(variant.announced)
        if calls != prefixes:
            raise RuntimeError(f"{variant.name}: {calls} calls of the route-map for {prefixes} prefixes")
        results[number] = (instructions / prefixes, accepted)
        say(f"  {variant.name}, {number} entries: {instructions / prefixes:.0f} per prefix, {accepted} accepted")
        variant.withdraw()
    variant.stop()
    return results


def filters(prefixes, say=print):
    """{case: {variant: {number of entries: instructions per prefix}}}"""
    results = {}
    made_up = (prefixes, min(3000, prefixes), COMMON_COMMUNITY)
    for case, (published, entries, _) in CASES.items():
        say(f" {case}:")
        results[case] = {}
        for name in VARIANTS:
            with Stage("filter") as stage:
                variant = Filtered(stage, name, ("published",) if published else made_up)
                results[case][name] = measure(variant, entries, say)
        a, b = ({n: got[1] for n, got in results[case][name].items()} for name in VARIANTS)
        if a != b:
            raise RuntimeError(f"{case}: ours accepted {a}, the community-list {b}")
    return {
        case: {name: {n: got[0] for n, got in by_number.items()} for name, by_number in variants.items()}
        for case, variants in results.items()
    }
