# SPDX-License-Identifier: GPL-2.0-or-later
"""A link that ends on a partner: what erouted asks of bgpd's module, and what it says."""

import pytest

import guide
from frrlab import FakeBgpd, Frontend, rib, session_state, wait_for

CIRCUIT = """
expressroute
circuit ams-1
peering private
link primary
interface lo
ipv4-subnet 192.168.100.0/30
exit
link secondary
partner 10.0.0.2
exit
exit
exit
exit-expressroute
"""
PEERING = ("ams-1", "private", "ipv4")
PRIMARY, SECONDARY = PEERING + ("primary",), PEERING + ("secondary",)


@pytest.fixture
def partnered(lab):
    lab.configure(CIRCUIT)
    wait_for("the circuit", lambda: "ams-1" in lab.show("show expressroute"))
    return lab


def facts(module, state="established", partner=(0,) * 8, accepted=5, **kwargs):
    module.send(session_state(SECONDARY, state, bfd="disabled", accepted=accepted, partner=partner,
                              **{"all_paths": True, **kwargs}))


def begin(module):
    generation = module.take_config()
    assert set(module.sessions) == {PRIMARY, SECONDARY}
    module.send(session_state(PRIMARY, "established", accepted=5))
    module.send(rib(PEERING, only=(5, 0)))
    facts(module)
    module.synced(generation)


def circuit_of(lab):
    return lab.show_json()["circuit"]["ams-1"]


def family(lab):
    return circuit_of(lab)["peering"]["private"]["state"]["family"]["ipv4"]


def partners(lab):
    return circuit_of(lab)["peering"]["private"]["link"]["secondary"]["state"]["session"]["ipv4"]


def test_state_says_what_the_partner_shows(partnered):
    lab = partnered
    with FakeBgpd(lab) as module:
        begin(module)
        wait_for("redundancy", lambda: family(lab)["redundancy"] == "redundant")
        assert family(lab)["unprotected"] == "no"
        found = partners(lab)
        assert found["health"] == "up" and found["neighborAddress"] == "10.0.0.2"
        assert found["partner"] == {"allPaths": True, "operatorDrainedPrefixes": 0, "unclearPrefixes": 0,
                                    "unmarkedPrefixes": 0, "unreachablePrefixes": 0, "disagreeingPrefixes": 0}
        # what only a link of ours has
        assert not {"localAddress", "localAddressPresent", "neighborReachable", "problem"} & set(found)

        facts(module, partner=(5, 0, 0, 0, 0, 2, 180, 150))
        wait_for("the drain", lambda: partners(lab)["health"] == "drained")
        found = partners(lab)
        assert found["drainedPrefixes"] == 5
        assert (found["partner"]["itsLocalPreference"], found["partner"]["ourLocalPreference"]) == (180, 150)
        (warning,) = family(lab)["warning"]
        assert "local-preference 180" in warning and "this router 150" in warning
        text = lab.show("show expressroute circuit ams-1")
        assert "(partner)" in text and "Microsoft has secondary under maintenance, 5 prefixes" in text

        shown = guide.block("two-routers", "To know:").replace("10.100.0.2", "10.0.0.2").split()
        facts(module, partner=(0, 0, 0, 0, 0, 24, 180, 150), accepted=24)
        wait_for("the guide's warning", lambda: " ".join(shown) in " ".join(
            lab.show("show expressroute circuit ams-1").split()))

        facts(module, partner=(0, 5, 0, 0, 0, 0, 0, 0))
        wait_for("its operator's drain", lambda: partners(lab)["partner"]["operatorDrainedPrefixes"] == 5)
        assert partners(lab)["health"] == "drained"
        assert family(lab)["reason"] == "secondary: drained by operator" and "warning" not in family(lab)
        assert "under maintenance" not in lab.show("show expressroute circuit ams-1")
        assert "5 by its operator" in lab.show("show expressroute circuit ams-1 detail")


def test_without_ibgp_it_is_unknown_with_a_thing_to_do(partnered):
    lab = partnered
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        begin(module)
        wait_for("redundancy", lambda: family(lab)["redundancy"] == "redundant")
        frontend.subscribe()
        facts(module, "active", accepted=0, last_reset="BFD down received")
        wait_for("it to be unknown", lambda: partners(lab)["health"] == "unknown")
        assert family(lab)["redundancy"] == "degraded" and family(lab)["unprotected"] == "unknown"
        assert family(lab)["reason"] == (
            "secondary: unknown, no iBGP session with partner 10.0.0.2 (BFD down received)")
        text = lab.show("show expressroute circuit ams-1")
        assert "iBGP with partner 10.0.0.2 is not established: check the way to it" in text
        assert "not known to be protected" in text


def test_a_link_that_comes_back_to_this_router_is_ours_again(partnered):
    lab = partnered
    with FakeBgpd(lab) as module:
        begin(module)
        wait_for("redundancy", lambda: family(lab)["redundancy"] == "redundant")
        lab.configure("""
expressroute
circuit ams-1
peering private
link secondary
no partner
interface lo
ipv4-subnet 192.168.100.4/30
exit
exit
exit
exit-expressroute
""")
        wait_for("our own link", lambda: partners(lab).get("neighborAddress") == "192.168.100.6")
        # nothing of the partner is left
        assert partners(lab)["health"] != "up" and "partner" not in partners(lab)
        assert partners(lab)["localAddress"] == "192.168.100.5"
