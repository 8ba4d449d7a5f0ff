# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole of it over real IPsec: strongSwan, IKEv2 and ESP."""
import pytest

import er_doc
import er_lab
import er_vpn
import scenery
import vpn
from er_vpn import CIRCUIT, MARK, TUNNELS, capture, circuit_cut, nothing_lost, settle, wait_family, wait_uses
from scenery import wait_for


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf(), vpn.backup_conf("pin default-route", scheme="apipa"), vpn="ipsec", scheme="apipa") as lab:
        yield lab


def test_it_fails_over_to_the_encrypted_tunnels_and_back(lab):
    settle(lab)
    with circuit_cut(lab):
        wait_uses(lab, TUNNELS)
        wait_family(lab, state="active", cause="all-down", sendsOver="vpn", receivesOver="vpn")
        wait_for(lambda: er_vpn.comes_back_over_the_vpn(lab), "Azure to send over the gateways")
        wait_for(lambda: er_vpn.answers(lab), "an answer through the tunnels")
        before = lab.vpn.seen()
        with nothing_lost(lab) as probe:
            outside, inside = capture(lab.internet, "ce"), capture(lab.vnet, "br0")
            for command in er_doc.CLAIMED["vpn"]:
                er_doc.check(lab.ce, "vpn", command)
        after = lab.vpn.seen()
    assert MARK in inside and MARK not in outside
    assert after["data"] - before["data"] >= probe.report.sent
    assert after["other"] == before["other"]
    with nothing_lost(lab):
        settle(lab)


def test_a_lost_sa_makes_the_gateway_unusable(lab):
    settle(lab)
    lab.vpn["gw0"].down()
    try:
        er_vpn.wait_healthy(lab, 1)
        assert "ipsec0" in er_vpn.session(lab, 0)["problem"]
        with circuit_cut(lab):
            wait_uses(lab, {"ipsec1"})
            wait_family(lab, state="active")
    finally:
        lab.vpn["gw0"].up()
    settle(lab)
    assert er_vpn.uses(lab, CIRCUIT)
