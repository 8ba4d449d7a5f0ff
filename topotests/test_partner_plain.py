# SPDX-License-Identifier: GPL-2.0-or-later
"""One circuit on two routers, of which the other one, ce2, runs plain FRR."""
import itertools

import pytest

import scenery
from er_partner import running
from scenery import LINKS, wait_for

OWN_WAYS = {"ce": "msee1", "ce2": "msee2"}
BY_PRIMARY = {"ce": "msee1", "ce2": "ce"}
BY_SECONDARY = {"ce": "ce2", "ce2": "msee2"}


def prefer(lab, value):
    """The local-preference that plain FRR gives to what Microsoft sends, None: its own."""
    line = f"set local-preference {value}" if value else "no set local-preference"
    lab.ce2.vtysh(f"configure terminal\nroute-map FROM-MICROSOFT permit 10\n{line}")
    for family in (4, 6):
        lab.ce2.vtysh(f"clear bgp {LINKS['secondary'].microsoft(family)} soft in")


@pytest.fixture(scope="module")
def lab(request):
    with running(request, ours=False, preference=150) as lab:
        lab.wait_both("redundant")
        yield lab


@pytest.fixture(autouse=True)
def sound(lab):
    yield
    lab.mend_all()
    prefer(lab, 150)
    lab.wait_both("redundant")
    lab.wait_exits(OWN_WAYS)
    lab.clear()


def warning(lab, *words):
    pair = lab.pair("ce")
    return wait_for(
        lambda: [text for text in pair.warnings() if all(word in text for word in words)], f"a warning of {words}", 20
    )


def test_a_plain_partner_of_the_same_preference_is_as_good_as_one_of_ours(lab):
    pair = lab.pair("ce")
    lab.wait_health("secondary", "up")
    assert pair.circuit().family()["unprotected"] == "no"
    assert pair.warnings() == []
    lab.wait_exits(OWN_WAYS)
    lab.wait_quiet()


def test_a_drain_here_moves_both_to_the_plain_ones_link(lab):
    scenery.prepend(lab.msee1)
    lab.wait_both("degraded")
    lab.wait_exits(BY_SECONDARY)
    lab.wait_quiet()
    assert lab.preferences("ce") == lab.preferences("ce2") == {"primary": 110, "secondary": 150}


def test_a_drain_there_is_seen_and_moves_both_here(lab):
    scenery.prepend(lab.msee2)
    lab.wait_both("degraded")
    lab.wait_health("secondary", "drained")
    # the longer path loses: nobody there has lowered its local-preference
    lab.wait_exits(BY_PRIMARY)
    lab.wait_quiet()
    warning(lab, "local-preference 150", "this router would give 110")


def test_a_lost_link_there_is_down_and_a_lost_session_is_unknown(lab):
    scenery.cut(lab.msee2)
    lab.wait_health("secondary", "down")
    lab.wait_both("degraded")
    scenery.mend(lab.msee2)
    lab.wait_both("redundant")
    lab.cut_ibgp()
    lab.wait_health("secondary", "unknown")
    assert lab.exits() == OWN_WAYS


def test_the_default_of_100_is_warned_of_and_not_rewritten(lab):
    prefer(lab, None)
    warning(lab, "2 prefixes local-preference 100 where this router would give 150")
    assert lab.preferences("ce") == lab.preferences("ce2") == {"primary": 150, "secondary": 100}
    lab.wait_exits(BY_PRIMARY)
    lab.wait_quiet()
    # the price, as the user's guide tells it: not to the other link, and not in a circle
    scenery.prepend(lab.msee1)
    lab.wait_health("primary", "drained")
    wait_for(lambda: lab.preferences("ce2") == {"primary": 110, "secondary": 100}, "the drain to be told", 20)
    lab.wait_quiet()
    assert lab.exits() == BY_PRIMARY


@pytest.mark.parametrize("order", list(itertools.permutations(["primary", "secondary", "ibgp"])), ids="-".join)
def test_with_100_the_end_is_the_same_in_whatever_order_the_parts_come_up(lab, order):
    prefer(lab, None)
    lab.take_down(order)
    for part in order:
        lab.bring_up(part)
    lab.wait_both("redundant")
    lab.wait_exits(BY_PRIMARY)
    lab.wait_quiet()
    assert lab.preferences("ce") == lab.preferences("ce2") == {"primary": 150, "secondary": 100}
