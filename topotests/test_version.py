# SPDX-License-Identifier: GPL-2.0-or-later
"""A bgpd of another version: its module touches nothing, and the operator is told."""
import pytest

import er_lab
import scenery
from scenery import wait_for


@pytest.fixture(scope="module")
def lab(request):
    other = {"bgpd": ":pretend-frr-version=10.6.0"}
    with er_lab.running(request, scenery.circuit_conf(), options=other) as lab:
        yield lab


def test_bgpd_runs_and_is_left_alone(lab):
    wait_for(lambda: lab.bgpd.get("state") == "refused", "the module to be refused", 20)
    assert lab.ce.show("show bgp summary json").get("ipv4Unicast", {}).get("peers", {}) == {}
    assert f"network {scenery.ONPREM_NET[4]}" in "".join(lab.bgp_section())


def test_operator_is_told_both_versions(lab):
    wait_for(lambda: lab.bgpd.get("state") == "refused", "the module to be refused", 20)
    assert "10.6.0" in lab.bgpd["problem"]
    assert lab.expressroute()["state"]["frrVersion"] in lab.bgpd["problem"]
    assert "10.6.0" in lab.ce.sh("vtysh -c 'show expressroute'")


def test_circuit_is_not_called_redundant(lab):
    lab.wait_redundancy("down", timeout=30)


def test_it_is_logged_once(lab):
    """The module tries again and again."""
    lab.wait_redundancy("down", timeout=30)
    assert len(lab.syslog("bgpd-refused")) == 1


def test_right_bgpd_is_accepted(lab):
    lab.router.kill("bgpd", "TERM")
    lab.router.launch("bgpd", f"-M {er_lab.er_router.BUILD.modules['bgpd']}")
    lab.router.await_started("bgpd")
    lab.ce.sh("vtysh -b -d bgpd")
    lab.wait_redundant(timeout=40)
    lab.wait_connected()
