# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a planned maintenance of the primary link costs: packets of a probe stream
lost while Microsoft drains it as it says it does: longer AS paths first, the
session untouched; after a while what is sent into the link is discarded; then
the way back.

Ours, active-active and active-passive, against plain FRR with a local-preference
per neighbor, 200 and 100, as router samples set it.  For completeness plain FRR
with the same one on both links, which lets the longer AS path lose, but knows
no active-passive.
"""

import time
from pathlib import Path

import circuit
import scenery
from stage import Stage, wait_for

# Microsoft does not say how long it waits: long for BGP, short for a person.
GRACE = 1.0
DISCARD = 1.0


def plain(preferences):
    """ce as an operator without us writes it."""
    lines, family = [], {4: [], 6: []}
    for link in scenery.LINKS.values():
        role = link.role.upper()
        lines += [f"route-map FROM-{role} permit 10", f" set local-preference {preferences[link.role]}", "exit"]
        for number, out in family.items():
            neighbor = f"neighbor {link.microsoft(number)}"
            out += [f"  {neighbor} activate", f"  {neighbor} route-map FROM-{role} in", f"  {neighbor} route-map OWN out"]
    lines += ["route-map OWN permit 10"]
    lines += ["exit", f"router bgp {scenery.CUSTOMER_AS}", f" bgp router-id {scenery.host(scenery.ONPREM_NET[4], 1)}"]
    for link in scenery.LINKS.values():
        for number in family:
            neighbor = f" neighbor {link.microsoft(number)}"
            lines += [f"{neighbor} remote-as {scenery.MICROSOFT_AS}", f"{neighbor} bfd"]
    for number, out in family.items():
        lines += [f" address-family ipv{number} unicast", f"  network {scenery.ONPREM_NET[number]}", *out, " exit-address-family"]
    return scenery.frr_conf("ce", scenery.ce_interfaces(), *lines, "exit")


BOTH = {"primary", "secondary"}
# name: (our daemons?, configuration of ce, links that carry traffic before)
VARIANTS = {
    "ours, active-active": (True, lambda: scenery.ce_conf(scenery.circuit_conf()), BOTH),
    "ours, active-passive": (
        True, lambda: scenery.ce_conf(scenery.circuit_conf(mode="active-passive")), {"primary"},
    ),
    "plain, local-preference 200/100": (
        False, lambda: plain({"primary": 200, "secondary": 100}), {"primary"},
    ),
    "plain, same local-preference": (
        False, lambda: plain({"primary": 150, "secondary": 150}), BOTH,
    ),
}  # fmt: skip


class PortCounter:
    """Packets that an MSEE has received from ce, read without starting a process."""

    def __init__(self, msee):
        pid = msee.daemons["zebra"].pid
        self.path = Path(f"/proc/{pid}/root/sys/class/net/ce/statistics/rx_packets")

    def read(self):
        return int(self.path.read_text())

    def silent_after(self, grace, quiet_s=0.1, few=20):
        """
        Seconds until the probe stream has left the port, None if it has not
        within the grace.  BFD and BGP still send a few packets.
        """
        begin = time.monotonic()
        window = [(begin, self.read())]
        while (now := time.monotonic()) < begin + grace:
            time.sleep(0.002)
            window.append((time.monotonic(), self.read()))
            # the oldest sample that is just outside the window of quiet_s
            while len(window) > 1 and window[1][0] <= now - quiet_s:
                window.pop(0)
            if window[0][0] <= now - quiet_s and window[-1][1] - window[0][1] < few:
                return max(0.0, window[0][0] - begin)
        return None


def maintenance(stage, before):
    """One drain and its end: (probe's report, seconds until the traffic had left)."""
    msee = stage.nodes[scenery.PRIMARY.msee]
    counter = PortCounter(msee)

    def uses(links):
        return lambda: all(circuit.nexthops(stage, family) == links for family in (4, 6))

    wait_for(f"traffic over {before}", uses(before), timeout=60, interval=0.2)
    with scenery.Probe(stage.nodes["onprem"], stage.nodes["vnet"]) as probe:
        time.sleep(0.3)
        begin = time.monotonic()
        scenery.prepend(msee)
        left = counter.silent_after(GRACE)
        time.sleep(max(0.0, begin + GRACE - time.monotonic()))
        scenery.discard(msee)
        time.sleep(DISCARD)
        scenery.undrain(msee)
        wait_for(f"traffic back over {before}", uses(before), timeout=30)
        time.sleep(0.3)
    return probe.report, left


def drain(repeat, variants=tuple(VARIANTS), say=print):
    """{variant: [(sent, lost, seconds until the traffic had left, or None)]}"""
    results = {variant: [] for variant in variants}
    with Stage("drain") as stage:
        circuit.build(stage)
        for turn in range(repeat):
            for variant in variants:
                ours, conf, before = VARIANTS[variant]
                circuit.start_ce(stage, conf(), ours)
                circuit.wait_established(stage)
                report, left = maintenance(stage, before)
                stage.nodes["ce"].stop_frr()
                results[variant].append((report.sent, report.lost, left))
                say(f"  {turn + 1}/{repeat} {variant}: {report}, left "
                    + ("never" if left is None else f"after {left * 1000:.0f} ms"))  # fmt: skip
    return results
