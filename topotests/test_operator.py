# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator does to bgpd behind the circuit's back."""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

ROUTER = f"router bgp {scenery.CUSTOMER_AS}"


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce)
        yield lab
        lab.notifications.check()


@pytest.fixture(autouse=True)
def quiet(lab):
    """What an operator did in one test is no flapping in the next."""
    lab.clear()


def test_no_neighbor_is_noticed_and_repaired(lab):
    address = LINKS["primary"].microsoft(4)
    since = lab.notifications.mark()
    lab.ce.try_vtysh(f"configure terminal\n{ROUTER}\nno neighbor {address} remote-as {scenery.MICROSOFT_AS}")
    told = lab.notifications.wait("session-change", since, link="primary", family="ipv4", established=False)
    assert told["neighbor-address"] == address
    lab.wait_redundant(timeout=30)
    assert "neighbor" not in "".join(lab.bgp_section())


def test_route_map_of_ours_cannot_be_deleted_for_good(lab):
    names = [name for name in lab.ce.show("show route-map json").get("bgpd", {}) if "expressroute" in name.lower()]
    for name in names:
        lab.ce.try_vtysh(f"configure terminal\nroute-map {name} permit 65535\nexit\nno route-map {name}")
    lab.msee1.vtysh(f"clear bgp {LINKS['primary'].customer(4)} soft out")
    lab.ce.vtysh("clear bgp ipv4 unicast * soft in")
    lab.settled()


def test_no_router_bgp_is_a_problem_and_router_bgp_ends_it(lab):
    since = lab.notifications.mark()
    lab.configure(f"no {ROUTER}")
    circuit = lab.wait_redundancy("down")
    assert "router bgp" in circuit.session("primary")["problem"]
    assert lab.notifications.wait("redundancy-change", since, family="ipv4", redundancy="down")
    lab.configure(scenery.ce_bgp())
    lab.wait_redundant(timeout=40)
    assert "neighbor" not in "".join(lab.bgp_section())


def test_other_as_in_router_bgp_is_used(lab):
    lab.configure(f"no {ROUTER}")
    lab.configure(scenery.ce_bgp().replace(ROUTER, "router bgp 65010"))
    lab.wait_redundant(timeout=40)
    assert lab.bgp_neighbor("primary", 4)["localAs"] == 65010
    lab.configure("no router bgp 65010")
    lab.configure(scenery.ce_bgp())
    lab.wait_redundant(timeout=40)


def test_router_as_of_the_peering_is_shown_to_microsoft(lab):
    lab.settled()
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nrouter-as 65077")
    wait_for(
        lambda: lab.msee1.show(f"show bgp neighbors {LINKS['primary'].customer(4)} json")
        .get(LINKS["primary"].customer(4), {})
        .get("remoteAs")
        == 65077,
        "Microsoft to see AS 65077",
        30,
    )
    lab.wait_redundant(timeout=30)
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nno router-as")
    lab.settled()


@pytest.fixture
def second_circuit(lab):
    yield
    lab.ce.try_vtysh("configure terminal\nexpressroute\nno circuit london")


def test_unknown_interface_is_state_not_an_error(lab, second_circuit):
    lab.configure(
        "expressroute\ncircuit london\npeering private\nlink primary\ninterface nowhere\nipv4-subnet 172.16.9.0/30"
    )
    circuit = lab.wait_circuit(
        lambda c: c.link("primary").get("interfaceState", c.link("primary").get("state", {}).get("interfaceState"))
        == "missing",
        "the interface to be missed",
        name="london",
    )
    assert "nowhere" in circuit.family("ipv4")["reason"] + circuit.session("primary").get("problem", "")


def test_missing_address_is_told(lab, second_circuit):
    lab.configure(
        "expressroute\ncircuit london\npeering private\nvlan 200\nlink primary\ninterface lan\nipv4-subnet 172.16.9.0/30"
    )
    circuit = lab.wait_circuit(
        lambda c: c.session("primary").get("localAddressPresent") is False, "the address to be missed", name="london"
    )
    assert "172.16.9.1" in circuit.family("ipv4")["reason"] + circuit.session("primary").get("problem", "")


def test_two_circuits_claiming_one_neighbor_are_refused(lab, second_circuit):
    status, out = lab.ce.try_vtysh(
        "configure terminal\nexpressroute\ncircuit london\npeering private\nvlan 200\nlink primary\n"
        f"interface msee1\nipv4-subnet {LINKS['primary'].subnet[4]}"
    )
    assert status != 0 and "overlaps" in out
    assert lab.wait_redundant()


def test_neighbor_that_the_operator_has_too_is_a_problem(lab, second_circuit):
    """A managed session does not take over a neighbor that somebody configured."""
    link = LINKS["primary"]
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nlink primary\nshutdown")
    lab.wait_redundancy("degraded")
    wait_for(lambda: not lab.bgp_neighbor("primary", 4), "our neighbor to go")
    lab.configure(f"{ROUTER}\nneighbor {link.microsoft(4)} remote-as {scenery.MICROSOFT_AS}\nneighbor {link.microsoft(4)} description mine")
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nlink primary\nno shutdown")
    circuit = lab.wait_circuit(lambda c: c.session("primary").get("problem"), "the problem to be told")
    assert "neighbor" in circuit.session("primary")["problem"]
    assert "description mine" in "".join(lab.bgp_section())
    lab.configure(f"{ROUTER}\nno neighbor {link.microsoft(4)}")
    lab.wait_redundant(timeout=30)
