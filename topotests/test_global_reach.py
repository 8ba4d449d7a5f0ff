# SPDX-License-Identifier: GPL-2.0-or-later
"""Global Reach: three sites, two circuits each, and Microsoft's backbone between them: er_reach.py."""
import er_doc
import er_lab
import pytest
from er_reach import (
    CIRCUITS, FAMILIES, HIJACK, LINKS, OURS, PARIS, PARIS_AS, PARIS_MAY, STRANGER, TWIN, VNET, running,
)
from scenery import CUSTOMER_AS, MICROSOFT_AS, wait_for

EVERY_LINK = set(sum(LINKS.values(), ()))
# the twin may not be heard in frankfurt
HEARD = {
    "amsterdam": {family: PARIS[family] | {VNET[family], TWIN[family]} for family in FAMILIES},
    "frankfurt": {family: PARIS[family] | {VNET[family]} for family in FAMILIES},
}


def wait_heard(lab, circuit, without=frozenset()):
    """It brings all that may come over it, but for this."""
    for family in FAMILIES:
        for msee in LINKS[circuit]:
            wait_for(lambda: lab.accepted(msee, family) == HEARD[circuit][family] - without,
                     f"what {msee} may bring in IPv{family}", 30)


def wait_exits(lab, links, prefixes=PARIS):
    for family in FAMILIES:
        for prefix in prefixes[family]:
            wait_for(lambda: lab.exits(prefix) == links, f"traffic for {prefix} to leave over {links}", 30)


@pytest.fixture(scope="module")
def lab(request):
    with running(request) as lab:
        for name in LINKS:
            lab.wait_redundancy("redundant", timeout=120, name=name)
        lab.wait_joints()
        yield lab


@pytest.fixture(autouse=True)
def sound(lab):
    """Each test leaves the lab as it found it."""
    yield
    lab.wait_joints()
    for circuit in LINKS:
        wait_heard(lab, circuit)
    wait_exits(lab, EVERY_LINK)


@pytest.fixture
def notifications(lab):
    return er_lab.Notifications(lab.ce, ["global-reach-change", "site-refused"])


def test_what_may_come_in_does_and_nothing_else(lab):
    for circuit in LINKS:
        wait_heard(lab, circuit)


def test_the_backbone_is_as_the_service_describes_it(lab):
    """Else the test above proves little: 12076 alone from a VNet, more of it from a site."""
    for family in FAMILIES:
        assert set(lab.as_paths(VNET[family]).values()) == {"12076"}
        for prefix in PARIS[family]:
            assert set(lab.as_paths(prefix).values()) == {f"12076 12076 {PARIS_AS}"}
        assert set(lab.as_paths(TWIN[family]).values()) == {f"12076 12076 {CUSTOMER_AS}"}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_refusal_has_its_rule(lab, family):
    for circuit in LINKS:
        assert lab.refused(HIJACK[family], circuit) == {"site-prefix"}
        assert lab.refused(STRANGER[family], circuit) == {"undeclared-site"}
    # what we advertise over one circuit comes back over the other
    assert lab.refused(OURS["frankfurt"][family], "amsterdam") == {"own-as"}
    assert lab.refused(OURS["amsterdam"][family], "frankfurt") == {"own-as"}
    # our AS passes where the twin may be heard, and nowhere else
    assert lab.refused(TWIN[family], "amsterdam") == set()
    assert lab.refused(TWIN[family], "frankfurt") == {"site-prefix"}


def test_nothing_of_a_site_is_offered_to_microsoft(lab):
    for circuit, msees in LINKS.items():
        for msee in msees:
            for family in FAMILIES:
                assert lab.offered(msee, family) == {OURS[circuit][family]}, msee


@pytest.mark.parametrize("command", er_doc.CLAIMED["global-reach"])
def test_the_guide_shows_this_screen(lab, command):
    er_doc.check(lab.ce, "global-reach", command)


def test_a_site_that_is_backup_loses_against_the_wan(lab):
    for family in FAMILIES:
        assert set(lab.local_preferences(TWIN[family]).values()) == {95}
        for prefix in PARIS[family]:
            assert set(lab.local_preferences(prefix).values()) == {150}


def test_a_site_with_one_edge_left_is_still_joined(lab):
    before = {name: lab.told(name) for name in ("ams-paris", "fra-paris")}
    for msee, up in (("p1", False), ("p1", True), ("p4", False), ("p4", True)):
        lab.set_edge(msee, up)
        wait_for(lambda: lab.has_edge(msee) == up, f"the edge {msee}", 20)
        for circuit in LINKS:
            wait_heard(lab, circuit)
    for name, told in before.items():
        assert "not-seen" not in str(lab.told(name)[len(told):])


@pytest.mark.parametrize("circuit, remote, lost, kept", [
    ("amsterdam", "paris-1", "ams-paris", "fra-paris"),
    ("frankfurt", "paris-2", "fra-paris", "ams-paris"),
])
def test_a_connection_that_is_lost_leaves_the_other_circuits(lab, notifications, circuit, remote, lost, kept):
    (other,) = set(LINKS) - {circuit}
    mark, before = notifications.mark(), lab.told(kept)
    lab.set_connection(circuit, remote, False)
    lab.wait_joint(lost, "lost", state="not-seen")
    for family in FAMILIES:
        wait_heard(lab, circuit, PARIS[4] | PARIS[6])
        got = notifications.wait("global-reach-change", mark, family=f"ipv{family}", state="not-seen")
        assert (got["global-reach"], got["circuit"], got["previous"]) == (lost, circuit, "established")
        assert got["reason"] == f"no route of its sites comes over circuit {circuit}"
        assert lab.joint(lost, family)["missingPrefix"] == [PARIS_MAY[family]]
        # and nothing is said of any other
        assert lab.joint(kept, family)["state"] == "established"
        assert not lab.joint(kept, family)["asymmetric"]
    assert lab.joint("ams-twin")["state"] == "established"
    wait_exits(lab, set(LINKS[other]))
    assert lab.told(kept) == before
    # Paris is reached over the other circuit now: it is not offered on this one
    for msee in LINKS[circuit]:
        for family in FAMILIES:
            assert lab.offered(msee, family) == {OURS[circuit][family]}, msee
    lab.set_connection(circuit, remote, True)
    for family in FAMILIES:
        notifications.wait("global-reach-change", mark, timeout=30, family=f"ipv{family}", state="established")
    assert {got["global-reach"] for got in notifications.select("global-reach-change", mark)} == {lost}


def test_prefixes_that_miss_on_one_link_are_an_asymmetry(lab, notifications):
    mark = notifications.mark()
    lab.set_connection("amsterdam", "paris-1", False, only="a2")
    for family in FAMILIES:
        got = notifications.wait("global-reach-change", mark, timeout=30, family=f"ipv{family}", asymmetric=True)
        assert (got["global-reach"], got["state"]) == ("ams-paris", "established")
        seen = lab.joint("ams-paris", family)
        assert (seen["primaryPrefixes"], seen["secondaryPrefixes"], seen["primaryOnly"]) == (2, 0, 2)
        # all of it is there: nothing is missing
        assert not seen["incomplete"] and seen["missing"] == 0
        assert not lab.joint("fra-paris", family)["asymmetric"]
    wait_exits(lab, EVERY_LINK - {"a2"})
    lab.set_connection("amsterdam", "paris-1", True, only="a2")
    for family in FAMILIES:
        notifications.wait("global-reach-change", mark, timeout=30, family=f"ipv{family}", asymmetric=False)


def test_a_site_that_is_lost_altogether_is_not_seen_anywhere(lab):
    edges = CIRCUITS["paris-1"][0] + CIRCUITS["paris-2"][0]
    for msee in edges:
        lab.set_edge(msee, False)
    for name in ("ams-paris", "fra-paris"):
        lab.wait_joint(name, "lost", state="not-seen")
    wait_exits(lab, set())
    lab.wait_joint("ams-twin", "established", state="established")
    for msee in edges:
        lab.set_edge(msee, True)
    for name in ("ams-paris", "fra-paris"):
        lab.wait_joint(name, "back", state="established")


def test_more_of_a_hijack_is_refused_and_told_on_both_circuits(lab, notifications):
    """Paris announces a prefix of the twin's: its owner's stays, and each circuit tells."""
    mark = notifications.mark()
    stolen = {4: "10.50.1.0/25", 6: "2001:db8:50:1:8000::/65"}

    def announce(on):
        lines = [f"configure terminal\nrouter bgp {PARIS_AS}"]
        for family, net in stolen.items():
            lines += [f"address-family ipv{family} unicast", f"{'' if on else 'no '}network {net}", "exit-address-family"]
        lab.paris.vtysh("\n".join(lines))

    def refused(circuit, family):
        heard = lab.ce.show("show expressroute site paris json")["site"]["paris"]["state"]["heard"]
        return heard[f"{circuit} ipv{family}"]["refused"]["sitePrefix"]

    announce(True)
    for circuit in LINKS:
        for family in FAMILIES:
            wait_for(lambda: refused(circuit, family) == 2, f"the refusal on {circuit} in IPv{family}", 20)
            assert lab.refused(stolen[family], circuit) == {"site-prefix"}
            assert stolen[family] not in set().union(*(lab.accepted(msee, family) for msee in LINKS[circuit]))
            # it is told at once, unless something was within the last minute
            notifications.wait("site-refused", mark, timeout=90, circuit=circuit, family=f"ipv{family}", site="paris")
    announce(False)
    for circuit in LINKS:
        for family in FAMILIES:
            wait_for(lambda: refused(circuit, family) == 1, "the end of it", 20)


def test_sites_hold_without_erouted_and_are_known_after_it(lab):
    told = {name: lab.told(name) for name in ("ams-paris", "ams-twin", "fra-paris")}
    lab.router.kill("erouted")
    lab.ce.sh("vtysh -c 'clear bgp ipv4 unicast * soft in' -c 'clear bgp ipv6 unicast * soft in'")
    lab.p1.vtysh(f"configure terminal\nrouter bgp {MICROSOFT_AS}\naddress-family ipv4 unicast\nnetwork 10.20.67.0/24")
    # of Microsoft's own: a VNet's
    wait_for(lambda: "10.20.67.0/24" in lab.accepted("a1", 4), "a VNet's prefix", 20)
    assert lab.accepted("a1", 4) == HEARD["amsterdam"][4] | {"10.20.67.0/24"}
    assert lab.accepted("a1", 6) == HEARD["amsterdam"][6]
    lab.p1.vtysh(f"configure terminal\nrouter bgp {MICROSOFT_AS}\naddress-family ipv4 unicast\nno network 10.20.67.0/24")
    wait_heard(lab, "amsterdam")
    lab.router.start("erouted")
    lab.wait_joints()
    assert lab.bgpd["state"] == "connected"
    # nothing has changed, so nothing is said
    assert {name: lab.told(name) for name in told} == told
