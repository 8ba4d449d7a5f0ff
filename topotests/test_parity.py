# SPDX-License-Identifier: GPL-2.0-or-later
"""The two links of a circuit carry the same prefixes and paths, or the operator hears of it."""
import pytest

import er_lab
import scenery
from scenery import wait_for

MSEE_BGP = f"configure terminal\nrouter bgp {scenery.MICROSOFT_AS}\naddress-family ipv4 unicast\n"


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce)
        yield lab
        lab.notifications.check()


def parity(circuit):
    return circuit.family("ipv4")["parity"]


def test_prefix_on_one_link_only_is_lost_parity(lab):
    since = lab.notifications.mark()
    lab.msee1.vtysh(MSEE_BGP + "network 10.2.0.0/16")
    circuit = lab.wait_circuit(lambda c: c.family("ipv4")["asymmetric"], "lost parity")
    assert parity(circuit)["both"] == 1
    assert parity(circuit)["primaryOnly"] == 1
    assert parity(circuit)["secondaryOnly"] == 0
    assert "10.2.0.0/16" in parity(circuit)["example"]
    assert circuit.family("ipv4")["redundancy"] == "redundant"
    assert circuit.family("ipv6")["asymmetric"] is False
    told = lab.notifications.wait("parity-lost", since, family="ipv4")
    assert (told["both"], told["primary-only"], told["secondary-only"]) == (1, 1, 0)
    assert lab.syslog("parity-lost")

    lab.msee1.vtysh(MSEE_BGP + "no network 10.2.0.0/16")
    lab.wait_circuit(lambda c: not c.family("ipv4")["asymmetric"], "parity restored")
    lab.notifications.wait("parity-restored", since, family="ipv4")
    assert lab.syslog("parity-restored")


def test_as_path_that_differs_is_lost_parity(lab):
    since = lab.notifications.mark()
    lab.msee2.vtysh(
        "configure terminal\nroute-map TO-CUSTOMER permit 100\nset as-path prepend 65200\n"
    )
    lab.msee2.vtysh("clear bgp ipv4 unicast * soft out")
    circuit = lab.wait_circuit(lambda c: c.family("ipv4")["asymmetric"], "lost parity")
    assert parity(circuit)["pathDiffers"] == 1
    assert parity(circuit)["both"] == 1
    assert circuit.family("ipv4")["drained"] is False
    assert lab.notifications.wait("parity-lost", since, family="ipv4")["path-differs"] == 1
    scenery.prepend(lab.msee2, False)
    lab.wait_circuit(lambda c: not c.family("ipv4")["asymmetric"], "parity restored")


def test_difference_that_passes_is_not_told(lab):
    """The links never converge in the same millisecond."""
    since = lab.notifications.mark()
    lab.msee1.vtysh(MSEE_BGP + "network 10.3.0.0/16")
    lab.wait_circuit(lambda c: parity(c)["primaryOnly"] == 1, "the difference to be counted")
    lab.msee2.vtysh(MSEE_BGP + "network 10.3.0.0/16")
    lab.wait_circuit(lambda c: parity(c)["both"] == 2, "both links to carry it")
    lab.msee1.vtysh(MSEE_BGP + "no network 10.3.0.0/16")
    lab.msee2.vtysh(MSEE_BGP + "no network 10.3.0.0/16")
    lab.wait_circuit(lambda c: parity(c)["both"] == 1 and parity(c)["secondaryOnly"] == 0, "both to withdraw it")
    assert not lab.notifications.select("parity-lost", since)


def test_drain_is_not_lost_parity(lab):
    """Paths are compared behind Microsoft's own AS."""
    since = lab.notifications.mark()
    scenery.prepend(lab.msee1)
    circuit = lab.wait_redundancy("degraded")
    assert parity(circuit)["pathDiffers"] == 0
    scenery.prepend(lab.msee1, False)
    lab.wait_redundant()
    assert not lab.notifications.select("parity-lost", since)


def test_idle_link_is_not_up(lab):
    """Established, but without a prefix: no traffic would ever use it."""
    lab.msee2.vtysh("configure terminal\nroute-map TO-CUSTOMER deny 10")
    lab.msee2.vtysh("clear bgp ipv4 unicast * soft out\nclear bgp ipv6 unicast * soft out")
    circuit = lab.wait_circuit(lambda c: c.session("secondary")["health"] == "idle", "the link to be idle")
    assert circuit.session("secondary")["state"] == "established"
    assert lab.wait_redundancy("degraded")
    scenery.prepend(lab.msee2, False)
    lab.wait_redundant()
    wait_for(lambda: lab.paths_installed() == {4: 2, 6: 2}, "both links in the FIB")
