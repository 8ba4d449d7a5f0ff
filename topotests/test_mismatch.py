# SPDX-License-Identifier: GPL-2.0-or-later
"""
The two sides do not agree.  Primary: another MD5 password.  Secondary: another
AS on Microsoft's side.  What does the operator see?
"""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

PASSWORD = "correct-horse"
WRONG_AS = 64999


@pytest.fixture(scope="module")
def lab(request):
    msees = {"primary": {"password": "battery-staple"}, "secondary": {"password": PASSWORD, "asn": WRONG_AS}}
    circuit = scenery.circuit_conf(peering=[f"password {PASSWORD}"])
    with er_lab.running(request, circuit, msees=msees) as lab:
        yield lab


def problem(circuit, role):
    return circuit.session(role).get("problem", "")


def test_circuit_is_down(lab):
    lab.wait_redundancy("down")


def test_md5_mismatch_is_named_as_a_possible_cause(lab):
    """TCP drops the segments: nobody is told why, so the operator is told what to look at."""
    circuit = lab.wait_circuit(lambda c: "password" in problem(c, "primary").lower(), "the password to be named", 30)
    assert circuit.session("primary")["health"] == "down"
    assert PASSWORD not in problem(circuit, "primary")


def test_wrong_as_is_named(lab):
    circuit = lab.wait_circuit(lambda c: "AS" in problem(c, "secondary"), "a problem on the secondary link", 30)
    assert circuit.session("secondary")["health"] == "down"
    assert "12076" in problem(circuit, "secondary")


def test_password_is_not_shown(lab):
    """Neither state nor screens nor logs tell it."""
    for show in ("show expressroute", "show expressroute circuit amsterdam", "show expressroute circuit amsterdam json"):
        assert PASSWORD not in lab.ce.sh(f"vtysh -c '{show}'")
    assert PASSWORD not in lab.ce.log("erouted")


def test_corrected_password_brings_the_session_up(lab):
    for family in (4, 6):
        lab.msee1.vtysh(
            f"configure terminal\nrouter bgp {scenery.MICROSOFT_AS}\n"
            f"neighbor {LINKS['primary'].customer(family)} password {PASSWORD}"
        )
    circuit = lab.wait_circuit(
        lambda c: all(c.session("primary", f)["health"] == "up" for f in ("ipv4", "ipv6")), "the primary link", 60
    )
    assert not problem(circuit, "primary")
    assert lab.wait_redundancy("degraded")


def test_changed_password_is_used_by_the_next_session(lab):
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nno password")
    for family in (4, 6):
        lab.msee1.vtysh(
            f"configure terminal\nrouter bgp {scenery.MICROSOFT_AS}\n"
            f"no neighbor {LINKS['primary'].customer(family)} password"
        )
    wait_for(lambda: "password" not in er_lab.section(lab.ce.running_config()), "the password to go")
    circuit = lab.wait_circuit(
        lambda c: all(c.session("primary", f)["health"] == "up" for f in ("ipv4", "ipv6")),
        "the sessions without a password",
        60,
    )
    assert circuit.session("primary")["state"] == "established"
