# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator does to bgpd behind the circuit's back."""
import json

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


def our_maps(lab):
    """name -> its entries, of the route-maps in bgpd that are the module's own"""
    maps = json.loads(lab.ce.sh("vtysh -d bgpd -c 'show route-map json'"))["bgpd"]
    return {
        name: [
            (rule["sequenceNumber"], rule["type"], rule["matchClauses"], rule["setClauses"])
            for rule in about["rules"]
        ]
        for name, about in maps.items()
        if name.startswith("er:")
    }


def our_map(role, way, family="ipv4"):
    return f"er:amsterdam:private:{family}:{role}:{way}"


def test_route_maps_of_ours_cannot_be_deleted_for_good(lab):
    before = our_maps(lab)
    assert set(before) == {
        our_map(role, way, family) for role in LINKS for way in ("in", "out") for family in ("ipv4", "ipv6")
    }
    for name, entries in before.items():
        ((sequence, kind, match, action),) = entries
        assert (sequence, kind) == (10, "permit") and name in str(match) and name in str(action)
        lab.ce.try_vtysh(f"configure terminal\nroute-map {name} permit 65535\nexit\nno route-map {name}")
    wait_for(lambda: our_maps(lab) == before, "our route-maps to be whole again")
    lab.msee1.vtysh(f"clear bgp {LINKS['primary'].customer(4)} soft out")
    lab.ce.vtysh("clear bgp ipv4 unicast * soft in")
    lab.settled()
    assert our_maps(lab) == before


@pytest.fixture
def more_in_bgp(lab):
    """What no advertise set has is in bgpd's table; bgpd is quick to apply a changed route-map."""
    family = f"{ROUTER}\naddress-family ipv4 unicast"
    lab.configure(f"{family}\nredistribute connected")
    lab.configure("bgp route-map delay-timer 1")
    subnet = LINKS["secondary"].subnet[4]
    wait_for(lambda: lab.ce.show(f"show bgp ipv4 unicast {subnet} json").get("paths"), "a connected subnet in bgpd")
    yield
    lab.configure(f"{family}\nno redistribute connected")
    lab.configure("no bgp route-map delay-timer")


@pytest.mark.parametrize("way", ["in", "out"])
def test_an_edited_route_map_of_ours_lets_nothing_through(lab, more_in_bgp, way):
    """An entry before ours would permit everything."""
    link, name, whole = LINKS["primary"], our_map("primary", way), our_maps(lab)

    def passes():
        return lab.routes_from(link.microsoft(4)) if way == "in" else set(er_lab.heard(lab.msee1, link.customer(4)))

    def bgpd_has_applied_it():
        maps = json.loads(lab.ce.sh("vtysh -d bgpd -c 'show route-map json'"))["bgpd"]
        return maps[name]["processedChange"]

    before = passes()
    assert before == ({scenery.VNET_NET[4]} if way == "in" else {scenery.ONPREM_NET[4]})
    lab.configure(f"route-map {name} permit 5")
    circuit = lab.wait_circuit(lambda c: c.session("primary").get("problem"), "the problem to be told")
    assert name in circuit.session("primary")["problem"] and "has been edited" in circuit.session("primary")["problem"]
    wait_for(lambda: passes() == set(), "nothing to pass the edited route-map")
    wait_for(bgpd_has_applied_it, "bgpd to apply the edited route-map")
    lab.ce.vtysh(f"clear bgp ipv4 unicast {link.microsoft(4)} soft {way}")
    assert passes() == set()
    lab.configure(f"no route-map {name}")
    wait_for(lambda: our_maps(lab) == whole, "our route-map to be whole again")
    wait_for(lambda: passes() == before, "the routes to be back")
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
