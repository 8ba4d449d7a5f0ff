# SPDX-License-Identifier: GPL-2.0-or-later
"""
Maintenance of our own: `expressroute drain` moves traffic off a link, both ways, before
anything is shut, and tells when it is safe; not a packet may be lost on the way out or
back.  The MSEEs are two routers of one network here, as Microsoft's are: each has the
other's routes, and sends where the AS path is shorter.
"""
import json

import pytest

import er_doc
import er_lab
import scenery
from scenery import CIRCUIT, LINKS, ONPREM_NET, VNET_NET, wait_for

ROLES = list(LINKS)
# as core/limits.h has it, with room for a busy machine
SAFE_WITHIN = 60.0
PREPENDED = 8


def twin(role):
    return ROLES[1 - ROLES.index(role)]


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        er_lab.backbone(lab)
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce, er_lab.NOTIFICATIONS + ["operator-drain-change"])
        yield lab
        lab.notifications.check()


@pytest.fixture(autouse=True)
def at_rest(lab):
    yield
    lab.ce.try_vtysh(f"expressroute undrain circuit {CIRCUIT}")
    lab.clear()
    lab.settled()


def drain(lab, role, force=""):
    return lab.ce.vtysh(f"expressroute drain circuit {CIRCUIT} link {role} {force}")


def undrain(lab, role):
    lab.ce.vtysh(f"expressroute undrain circuit {CIRCUIT} link {role}")


def own_drain(circuit, role):
    return circuit._pick(circuit.state.get("operatorDrain"), "link", role)


def phase(lab, role):
    return own_drain(lab.circuit(), role).get("phase", "none")


def wait_phase(lab, role, wanted, timeout=SAFE_WITHIN):
    return lab.wait_circuit(lambda c: own_drain(c, role).get("phase") == wanted, f"{role} to be {wanted}", timeout)


def path_at(msee, net):
    """AS path of the customer's prefix as its own link has it."""
    family = "ipv6" if ":" in net else "ipv4"
    paths = msee.show(f"show bgp {family} unicast {net} json").get("paths", [])
    return next((p["aspath"]["string"].split() for p in paths if p["peer"].get("type") == "external"), None)


def alarms(lab):
    return [len(lab.syslog(code)) for code in ("redundancy-degraded", "redundancy-down", "session-lost")]


@pytest.mark.parametrize("role", ROLES)
def test_maintenance_loses_no_packet(lab, role):
    link, msee = LINKS[role], lab.msees[role]
    since, before = lab.notifications.mark(), alarms(lab)
    with er_lab.nothing_lost_either_way(lab):
        said = drain(lab, role)
        assert "tells when it is safe" in said
        told = lab.notifications.wait("operator-drain-change", since, SAFE_WITHIN, link=role, phase="safe")
        assert told["previous"] == "waiting" and told["circuit"] == CIRCUIT and told["prefixes"] == 0
        assert [e["phase"] for e in lab.notifications.select("operator-drain-change", since)] == [
            "moving", "waiting", "safe"
        ]  # fmt: skip
        assert lab.uses_only(twin(role))
        for family in (4, 6):
            assert lab.local_preferences(VNET_NET[family])[link.microsoft(family)] == 120
            assert len(path_at(msee, ONPREM_NET[family])) == 1 + PREPENDED
            steps = [step["text"] for step in lab.explain(VNET_NET[family]) if step.get("link") == role]
            assert "local-preference 120: the link is drained by its operator" in steps
            session = lab.circuit().session(role, f"ipv{family}")
            assert (session["state"], session["health"]) == ("established", "drained")
            assert lab.circuit().family(f"ipv{family}")["reason"] == f"{role}: drained by operator"
            assert lab.circuit().family(f"ipv{family}")["drained"] is False, "Microsoft drains nothing"
        if role == "primary":
            for command in er_doc.CLAIMED["maintenance"]:
                er_doc.check(lab.ce, "maintenance", command)

        lab.configure(f"expressroute\ncircuit {CIRCUIT}\npeering private\nlink {role}\nshutdown")
        lab.wait_circuit(lambda c: c.session(role)["health"] == "inactive", "the session to end")
        lab.ce.sh(f"ip link set {link.msee} down")
        assert phase(lab, role) == "safe"
        lab.ce.sh(f"ip link set {link.msee} up")
        lab.configure(f"expressroute\ncircuit {CIRCUIT}\npeering private\nlink {role}\nno shutdown")
        lab.wait_circuit(
            lambda c: all(c.session(role, f).get("acceptedPrefixes") for f in ("ipv4", "ipv6")), "its return", 30
        )
        assert lab.uses_only(twin(role))
        wait_phase(lab, role, "safe")

        undrain(lab, role)
        wait_for(lambda: lab.paths_installed() == {4: 2, 6: 2}, "traffic to return to both links")
        lab.wait_redundant()
        wait_for(lambda: len(path_at(msee, ONPREM_NET[4]) or ()) == 1, "the short path to return")
    assert lab.notifications.wait("operator-drain-change", since, link=role, phase="none")["previous"] == "safe"
    assert alarms(lab) == before, "maintenance is no fault"
    history = json.loads(lab.ce.sh("vtysh -c 'show expressroute history json'"))["history"]
    drains = [e for e in history if e["aspect"] == "operator-drain" and e["link"] == role]
    assert [e["state"] for e in drains][-1] == "ended" and "safe" in [e["state"] for e in drains]


def test_the_last_healthy_link_is_refused_unless_forced(lab):
    address = LINKS["secondary"].microsoft(4)
    lab.msee2.sh("ip link set ce down")
    try:
        lab.wait_redundancy("degraded")
        wait_for(lambda: lab.uses_only("primary"), "traffic on the other link")
        _, said = lab.ce.try_vtysh(f"expressroute drain circuit {CIRCUIT} link primary")
        assert f"% circuit {CIRCUIT}: primary is the last that can carry private ipv4" in said, said
        assert "secondary is down" in said and "'force'" in said
        assert phase(lab, "primary") == "none"
        with er_lab.nothing_lost_either_way(lab):
            drain(lab, "primary", "force")
            wait_for(
                lambda: lab.local_preferences(VNET_NET[4]) == {LINKS["primary"].microsoft(4): 120},
                "the drained preference",
            )
            circuit = lab.wait_circuit(
                lambda c: own_drain(c, "primary").get("prefixes") == 2, "what still goes over it"
            )
            assert own_drain(circuit, "primary")["forced"] is True
            assert own_drain(circuit, "primary")["phase"] == "moving"
            assert lab.uses_only("primary"), "a drained link is better than none"
    finally:
        lab.msee2.sh("ip link set ce up")
    wait_for(lambda: lab.uses_only("secondary"), f"{address} to take over", 30)
    undrain(lab, "primary")


def test_what_we_drain_is_better_than_what_microsoft_drains(lab):
    drain(lab, "primary")
    wait_for(lambda: lab.uses_only("secondary"), "traffic to leave")
    with er_lab.nothing_lost_either_way(lab):
        assert scenery.drain(lab.msee2, lambda: lab.uses_only("primary")), "traffic stayed where it is discarded"
        assert phase(lab, "primary") == "moving"
        scenery.undrain(lab.msee2)
        wait_for(lambda: lab.uses_only("secondary"), "traffic to leave again")


def test_a_drain_outlives_erouted_and_bgpd(lab):
    drain(lab, "secondary")
    wait_phase(lab, "secondary", "safe")
    asked = own_drain(lab.circuit(), "secondary")["since"]
    since = lab.notifications.mark()
    with er_lab.nothing_lost_either_way(lab):
        lab.restart("erouted")
        lab.wait_connected()
        wait_phase(lab, "secondary", "safe")
        assert lab.uses_only("primary")
    assert own_drain(lab.circuit(), "secondary")["since"] == asked
    assert not lab.notifications.select("operator-drain-change", since), "told twice"

    lab.restart("bgpd")
    lab.wait_connected()
    lab.wait_circuit(lambda c: c.session("secondary").get("acceptedPrefixes"), "the session", 60)
    wait_phase(lab, "secondary", "safe")
    assert lab.uses_only("primary")


def test_a_drain_ends_with_the_link(lab):
    drain(lab, "secondary")
    wait_for(lambda: lab.uses_only("primary"), "traffic to leave")
    peering = f"expressroute\ncircuit {CIRCUIT}\npeering private\n"
    link = LINKS["secondary"]
    lab.configure(peering + "no link secondary")
    wait_for(lambda: phase(lab, "secondary") == "none", "the drain to be forgotten")
    subnets = "\n".join(f"ipv{family}-subnet {net}" for family, net in link.subnet.items())
    lab.configure(f"{peering}link secondary\ninterface {link.msee}\n{subnets}")
    lab.wait_redundant(timeout=40)
    assert phase(lab, "secondary") == "none"
