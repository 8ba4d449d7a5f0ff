# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two circuits over the same two routers, told apart over iBGP by their site-of-origin.

    msee1 -- ce  -- msee3          amsterdam: msee1 and msee2, preferred
              | lan                frankfurt: msee3 and msee4
    msee2 -- ce2 -- msee4
"""
import pytest

import scenery
from er_partner import FRANKFURT, SECONDS, TWO, running

INSIDE = f"configure terminal\nexpressroute\ncircuit {FRANKFURT}\n"


@pytest.fixture(scope="module")
def lab(request):
    with running(request, two=True) as lab:
        for which in TWO:
            lab.wait_both("redundant", which)
        yield lab


@pytest.fixture(autouse=True)
def sound(lab):
    """Each test leaves the lab as it found it."""
    yield
    lab.mend_all()
    for link in SECONDS.values():
        scenery.mend(getattr(lab, link.msee))
        scenery.prepend(getattr(lab, link.msee), False)
    for which in TWO:
        lab.wait_both("redundant", which)
    lab.clear()


def test_each_circuit_has_two_links_and_the_preferred_one_carries(lab):
    for which in TWO:
        for pair in lab.pairs(which):
            for family in ("ipv4", "ipv6"):
                partner = pair.circuit().session(pair.other, family)
                assert partner["acceptedPrefixes"] == 2, which
                assert partner["partner"]["unmarkedPrefixes"] == partner["partner"]["disagreeingPrefixes"] == 0
            pair.wait(lambda c: c.family().get("unprotected") == "no", "a protected circuit")
            assert pair.warnings() == []
    assert lab.exits() == {"ce": "msee1", "ce2": "msee2"}


def test_a_lost_link_of_one_circuit_is_not_hidden_by_the_other(lab):
    """Without marks the partner's routes of amsterdam would pass for frankfurt's."""
    scenery.cut(lab.msee4)
    lab.wait_both("degraded", FRANKFURT)
    lab.wait_health("secondary", "down", FRANKFURT)
    lab.wait_health("primary", "up", FRANKFURT)
    lab.wait_both("redundant")
    lab.wait_quiet()
    assert lab.exits() == {"ce": "msee1", "ce2": "msee2"}


def test_the_second_circuit_takes_over_and_nobody_calls_the_first_one_up(lab):
    scenery.cut(lab.msee1)
    scenery.cut(lab.msee2)
    lab.wait_both("down")
    for role in scenery.LINKS:
        lab.wait_health(role, "down")
    lab.wait_both("redundant", FRANKFURT)
    lab.wait_exits({"ce": "msee3", "ce2": "msee4"})
    lab.wait_quiet()


def test_microsofts_maintenance_is_of_one_circuit(lab):
    scenery.prepend(lab.msee4)
    lab.wait_health("secondary", "drained", FRANKFURT)
    lab.wait_health("secondary", "up")
    lab.wait_both("degraded", FRANKFURT)
    lab.wait_both("redundant")
    for pair in lab.pairs():
        assert not pair.circuit().family().get("drained")


def test_an_operators_drain_is_of_one_circuit_and_known_to_the_other_router(lab):
    lab.ce2.vtysh("expressroute drain circuit amsterdam link secondary")
    lab.wait_health("secondary", "drained")
    lab.wait_health("secondary", "up", FRANKFURT)
    lab.wait_exits({"ce": "msee1", "ce2": "ce"})
    # the last link of amsterdam, but not the last one that carries
    lab.ce.vtysh("expressroute drain circuit amsterdam link primary")
    lab.wait_exits({"ce": "msee3", "ce2": "msee4"})
    lab.wait_both("redundant", FRANKFURT)
    lab.ce2.vtysh("expressroute drain circuit frankfurt link secondary")
    lab.wait_health("secondary", "drained", FRANKFURT)
    refused = lab.ce.try_vtysh("expressroute drain circuit frankfurt link primary")[1]
    assert "force" in refused
    lab.ce2.vtysh("expressroute undrain circuit frankfurt link secondary")
    lab.ce.vtysh("expressroute undrain circuit amsterdam link primary")
    lab.ce2.vtysh("expressroute undrain circuit amsterdam link secondary")
    lab.wait_exits({"ce": "msee1", "ce2": "msee2"})


def test_best_paths_only_may_be_those_of_the_better_circuit(lab):
    lab.send_all_paths("ce2", False)
    pair = lab.pair("ce", FRANKFURT)
    pair.wait(lambda c: "sends its best paths only" in c.family().get("reason", ""), "the link to be hidden")
    assert pair.circuit().session("secondary")["health"] == "unknown"
    lab.send_all_paths("ce2", True)


def test_bgp_config_marks_the_routes_as_we_do(lab):
    for which, (_, (*_, origin)) in TWO.items():
        text = lab.ce.sh(f"vtysh -c 'show expressroute circuit {which} bgp-config'")
        assert " set extcommunity soo " + origin.split()[1] in text
        assert origin.split()[1] in lab.ce.sh(f"vtysh -c 'show expressroute circuit {which} detail'")


def test_a_mark_cannot_be_taken_away_while_it_is_needed(lab):
    said = lab.ce.try_vtysh(INSIDE + "no site-of-origin")[1]
    assert "give each circuit its 'site-of-origin', on both routers" in said
    assert "site-of-origin 65001:2" in lab.ce.running_config()
    said = lab.ce.try_vtysh(INSIDE + "site-of-origin 65001:1")[1]
    assert "Each circuit has a site-of-origin of its own" in said


def flaps(lab):
    """Of the sessions with Microsoft, as bgpd counts."""
    counted = {}
    for links, _ in TWO.values():
        for name, link in links.items():
            for family in (4, 6):
                address = link.microsoft(family)
                counted[address] = getattr(lab, name).show(f"show bgp neighbors {address} json")[address]["connectionsDropped"]
    return counted


def test_another_mark_over_there_is_no_route_of_this_circuit(lab):
    """Marked for nobody: down, with what is seen; and a right mark mends it without a flap."""
    lab.ce2.vtysh(INSIDE + "site-of-origin 65001:3")
    pair = lab.pair("ce", FRANKFURT)
    pair.wait(lambda c: c.session("secondary").get("health") == "down", "the other mark to be seen")
    since = flaps(lab)
    lab.ce2.vtysh(INSIDE + "site-of-origin 65001:2")
    lab.wait_both("redundant", FRANKFURT)
    assert flaps(lab) == since
