# SPDX-License-Identifier: GPL-2.0-or-later
"""
Maintenance of our own on one of two routers: the other one sees it, keeps the link that is
left, and not a packet is lost either way.  The MSEEs are two routers of one network, as in
test_own_drain.py.
"""
import pytest

import er_lab
import scenery
from er_partner import ROUTERS, other_than, running
from scenery import CIRCUIT, ONPREM_ADDRESS, wait_for

OWN_WAYS = {"ce": "msee1", "ce2": "msee2"}
WITHOUT = {"ce": {"ce": "ce2", "ce2": "msee2"}, "ce2": {"ce": "msee1", "ce2": "ce"}}
SAFE_WITHIN = 60.0


@pytest.fixture(scope="module")
def lab(request):
    with running(request, hosts=True) as lab:
        er_lab.backbone(lab)
        lab.wait_both("redundant")
        lab.wait_exits(OWN_WAYS)
        lab.listening = {name: er_lab.Notifications(getattr(lab, name)) for name in ROUTERS}
        yield lab
        for listening in lab.listening.values():
            listening.check()


@pytest.fixture(autouse=True)
def sound(lab):
    yield
    for name in ROUTERS:
        getattr(lab, name).try_vtysh(f"expressroute undrain circuit {CIRCUIT}")
    lab.wait_both("redundant")
    lab.wait_exits(OWN_WAYS)
    lab.clear()


def drain(pair, force=""):
    """Its own link; what was said."""
    return pair.shell.try_vtysh(f"expressroute drain circuit {CIRCUIT} link {pair.own} {force}")[1]


def undrain(pair):
    pair.shell.vtysh(f"expressroute undrain circuit {CIRCUIT} link {pair.own}")


def phase(circuit, role):
    return circuit._pick(circuit.state.get("operatorDrain"), "link", role).get("phase", "none")


def wait_safe(pair):
    pair.wait(lambda c: phase(c, pair.own) == "safe", f"{pair.own} to be safe to shut down", SAFE_WITHIN)


@pytest.mark.parametrize("name", ROUTERS)
def test_both_routers_say_the_same_and_the_last_link_is_kept(lab, name):
    here, there = lab.pair(name), lab.pair(other_than(name))
    listening = lab.listening[there.name]
    mark = listening.mark()
    with er_lab.nothing_lost_either_way(lab):
        drain(here)
        lab.wait_both("degraded")
        lab.wait_health(here.own, "drained")
        lab.wait_health(there.own, "up")
        lab.wait_exits(WITHOUT[name])
        wait_safe(here)
        for pair in lab.pairs():
            for family in ("ipv4", "ipv6"):
                state = pair.circuit().family(family)
                assert state["reason"] == f"{here.own}: drained by operator"
                assert not state["drained"], "Microsoft drains nothing"
            assert pair.warnings() == []
        assert there.circuit().session(here.own)["partner"]["operatorDrainedPrefixes"] == 2

        said = drain(there)
        assert f"{there.own} is the last that can carry private ipv4, so only 'force' drains it" in said, said
        assert f"{here.own} is drained: drained by operator" in said
        assert phase(there.circuit(), there.own) == "none" and lab.exits() == WITHOUT[name]

        undrain(here)
        lab.wait_both("redundant")
        lab.wait_exits(OWN_WAYS)
    told = listening.wait("redundancy-change", mark, family="ipv4", redundancy="degraded")
    assert told["reason"] == f"{here.own}: drained by operator"
    assert not listening.select("drain-start", mark), "it is no maintenance of Microsoft's"


def test_both_may_be_drained_by_force_and_still_carry(lab):
    here, there = lab.pairs()
    with er_lab.nothing_lost_either_way(lab):
        drain(here)
        wait_safe(here)
        there.wait(lambda c: c.session(here.own)["health"] == "drained", "the drain to be seen")
        assert "Traffic is being moved" in drain(there, "force")
        for role in (here.own, there.own):
            lab.wait_health(role, "drained")
        wait_for(lambda: lab.preferences("ce") == lab.preferences("ce2") == {"primary": 120, "secondary": 120},
                 "both to know of both", 20)
        assert "nobody" not in "".join(lab.exits().values())
        undrain(here)
        lab.wait_exits(WITHOUT[there.name])
        undrain(there)
        lab.wait_both("redundant")
        lab.wait_exits(OWN_WAYS)


def configure(lab, *lines):
    for name in ROUTERS:
        getattr(lab, name).vtysh("\n".join(["configure terminal", "expressroute", f"circuit {CIRCUIT}", *lines]))


def test_an_active_link_goes_behind_a_passive_one_that_prepends_on_the_other_router(lab):
    here, _ = lab.pairs()
    configure(lab, "redundancy active-passive active primary", "peering private", "passive-prepend 10")
    try:
        lab.wait_exits({"ce": "msee1", "ce2": "ce"})
        back = scenery.Probe(lab.vnet, lab.onprem, port=7100, targets=list(ONPREM_ADDRESS.values()))
        with lab.probe() as out, back:
            drain(here)
            lab.wait_exits(WITHOUT["ce"])
            # packets of Microsoft's as well: a path no longer than the passive one's would keep them
            wait_safe(here)
            undrain(here)
            lab.wait_exits({"ce": "msee1", "ce2": "ce"})
        assert back.report.sent > 0 and back.report.lost == 0, back.report
        # the guide tells of it: until iBGP has told ce2, it still sends to ce, and ce to it
        assert out.report.sent > 0
        assert all(gap.milliseconds < 1000 for gap in out.report.gaps), out.report
    finally:
        configure(lab, "peering private", "no passive-prepend", "exit", "no redundancy")
