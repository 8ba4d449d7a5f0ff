# SPDX-License-Identifier: GPL-2.0-or-later
"""
The same maintenance on stock FRR, with a local-preference per neighbor as the
vendor's samples set it: the trap that this project closes.  It also shows that
the probe of test_drain.py can see a loss.
"""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

PREFERENCE = {"primary": 150, "secondary": 140}


def plain_conf():
    bgp, activate, maps = [], [], []
    for role, link in LINKS.items():
        maps += [f"route-map {role} permit 10", f" set local-preference {PREFERENCE[role]}", "exit"]
        for family in (4, 6):
            neighbor = f"neighbor {link.microsoft(family)}"
            bgp += [f"{neighbor} remote-as {scenery.MICROSOFT_AS}", f"{neighbor} bfd 3 300 300"]
            activate += [
                f" address-family ipv{family} unicast",
                f"  {neighbor} activate",
                f"  {neighbor} route-map {role} in",
                " exit-address-family",
            ]
    extra = ["no bgp ebgp-requires-policy", "no bgp default ipv4-unicast", *bgp]
    section = "\n".join([f"router bgp {scenery.CUSTOMER_AS}", *activate, "exit"])
    return scenery.ce_conf("\n".join(maps), section, bgp=scenery.ce_bgp(extra=extra))


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, ours=False, ce_conf=plain_conf()) as lab:
        yield lab


def test_plain_frr_keeps_sending_into_the_drained_link(lab):
    wait_for(lambda: lab.uses_only("primary"), "traffic on the preferred link")
    with lab.probe() as probe:
        assert not scenery.drain(lab.msee1, lambda: lab.uses_only("secondary"), grace=2.0)
        before = scenery.received_from_ce(lab.msee1)
        wait_for(lambda: scenery.received_from_ce(lab.msee1) > before + 200, "packets into the drained link")
        assert lab.uses_only("primary")
    assert probe.report.lost > 0, probe.report
