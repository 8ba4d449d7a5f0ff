# SPDX-License-Identifier: GPL-2.0-or-later
"""
kill -9 with a route filter and a limit in force.  Nothing leaks, however short:
the kernel of ce tells every route that it was ever given, and the MSEEs drop a
session at one prefix too many.  Who was not killed does not flap, and a bgpd
that is started while erouted is away has sessions and policy all the same.
"""
import ipaddress
import itertools
import os

import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

LIMIT = 5
# seconds: once in a while bgpd sends what it has with its next keepalive only (doc/user/faults.rst)
SENT = 75
GOOD = {4: "10.21.0.0/16", 6: "2001:db8:21::/64"}
REFUSED = {4: "10.23.0.0/16", 6: "2001:db8:23::/64"}
TAGGED = {**dict.fromkeys(GOOD.values(), "12076:50004"), **dict.fromkeys(REFUSED.values(), "12076:50002")}
ALL = {4: "10.100.0.0/16", 6: "2001:db8:100::/48"}
NETS = {
    family: [str(net) for net in itertools.islice(ipaddress.ip_network(net).subnets(new_prefix=length), 12)]
    for (family, net), length in zip(ALL.items(), (24, 64))
}


def operator_bgp(attached):
    extra = ["no bgp network import-check"]
    families = {4: [], 6: []}
    if attached:
        extra.append("no bgp default ipv4-unicast")
        for family, lines in families.items():
            for link in LINKS.values():
                neighbor = f"neighbor {link.microsoft(family)}"
                extra += [f"{neighbor} remote-as {scenery.MICROSOFT_AS}", f"{neighbor} bfd 3 300 300"]
                lines.append(f"  {neighbor} activate")
    text = scenery.ce_bgp(extra)
    for family, lines in families.items():
        own = f"  network {scenery.ONPREM_NET[family]}"
        text = text.replace(own, "\n".join([*(f"  network {net}" for net in NETS[family]), *lines]))
    return text


def conf(session):
    circuit = scenery.circuit_conf(
        session=session,
        peering=[
            "route-filter vnets",
            "advertise prefix-list OURS",
            "advertise ipv6 prefix-list OURS",
            f"advertise limit ipv4 {LIMIT}",
            f"advertise limit ipv6 {LIMIT}",
        ],
    )
    for net in scenery.ONPREM_NET.values():
        circuit = circuit.replace(f"   advertise {net}\n", "")
    lists = [f"ip prefix-list OURS permit {ALL[4]} le 24", f"ipv6 prefix-list OURS permit {ALL[6]} le 64"]
    filters = "expressroute\n route-filter vnets\n  allow region east-us\n exit-route-filter\n"
    return scenery.frr_conf(
        "ce",
        scenery.ce_interfaces(),
        *lists,
        operator_bgp(session == "attached"),
        circuit.replace("expressroute\n", filters, 1),
    )


@pytest.fixture(scope="module", params=["managed", "attached"])
def lab(request):
    def before(lab):
        # as the node sees the file and as we do
        name = "routes-of-the-kernel"
        lab.kernel = os.path.join(str(lab.ce.gear.gearlogdir), name)
        lab.ce.sh(f"setsid ip monitor route > {lab.kernel} 2>&1 < /dev/null &")

    given = {role: {"tagged": TAGGED, "limit": LIMIT} for role in LINKS}
    with er_lab.running(request, ce_conf=conf(request.param), msees=given, before=before) as lab:
        lab.session = request.param
        as_it_should_be(lab)
        yield lab


def heard(lab, role, family):
    return set(er_lab.heard(getattr(lab, LINKS[role].msee), LINKS[role].customer(family)))


def as_it_should_be(lab):
    lab.wait_connected()
    lab.wait_redundant(timeout=60)
    routes_are_as_they_should_be(lab)


def routes_are_as_they_should_be(lab):
    for role, link in LINKS.items():
        for family in (4, 6):
            neighbor = link.microsoft(family)
            wait_for(lambda: lab.routes_from(neighbor) == {GOOD[family]}, f"what the filter allows on {role}", SENT)
            wait_for(lambda: len(heard(lab, role, family)) == LIMIT, f"as many as may be on {role}", SENT)
    for family in (4, 6):
        assert heard(lab, "primary", family) == heard(lab, "secondary", family)


def nothing_leaked(lab):
    with open(lab.kernel, encoding="utf-8") as file:
        seen = file.read()
    assert GOOD[4] in seen and GOOD[6] in seen, "the kernel's routes are watched"
    assert REFUSED[4] not in seen and REFUSED[6] not in seen, "a refused prefix was used"
    for role, msee in lab.msees.items():
        assert "MAXPFXEXCEED" not in msee.log("bgpd"), f"{role}: more than {LIMIT} were advertised"


COMBINATIONS = {
    "erouted": ("erouted",),
    "mgmtd": ("mgmtd",),
    "bgpd": ("bgpd",),
    "erouted-bgpd": ("erouted", "bgpd"),
    "bgpd-erouted": ("bgpd", "erouted"),
    "mgmtd-erouted": ("mgmtd", "erouted"),
    "bgpd-mgmtd-erouted": ("bgpd", "mgmtd", "erouted"),
}


@pytest.mark.parametrize("case", COMBINATIONS)
def test_nothing_leaks(lab, case):
    killed = COMBINATIONS[case]
    flaps, was = lab.flaps(), {family: heard(lab, "primary", family) for family in (4, 6)}
    lab.restart(*killed)
    as_it_should_be(lab)
    nothing_leaked(lab)
    if "bgpd" not in killed:
        assert lab.flaps() == flaps, "a session flapped"
        assert {family: heard(lab, "primary", family) for family in (4, 6)} == was


def test_policy_holds_while_erouted_is_away(lab):
    """New prefixes, both ways, with nobody there who knows the circuit."""
    flaps = lab.flaps()
    lab.router.kill("erouted")
    try:
        for family in (4, 6):
            net = NETS[family][0]
            lines = [f"router bgp {scenery.CUSTOMER_AS}", f"address-family ipv{family} unicast"]
            lab.configure("\n".join([*lines, f"no network {net}"]))
            for role in LINKS:
                wait_for(
                    lambda: net not in heard(lab, role, family) and len(heard(lab, role, family)) == LIMIT,
                    f"another prefix in its place on {role}",
                )
            lab.configure("\n".join([*lines, f"network {net}"]))
        for msee in lab.msees.values():
            msee.vtysh("clear bgp ipv4 unicast * soft out\nclear bgp ipv6 unicast * soft out")
    finally:
        lab.router.start("erouted")
    as_it_should_be(lab)
    nothing_leaked(lab)
    assert lab.flaps() == flaps


STATE_FILE = "/var/lib/frr/bgpd-expressroute.set"


def bgpd_alone(lab):
    """bgpd killed and started while erouted is away."""
    lab.router.kill("erouted")
    lab.restart("bgpd")


def bfd_is_up(lab):
    # a list, and {} while there is none
    peers = list(lab.ce.show("show bfd peers json"))
    return len(peers) == 4 and all(peer["status"] == "up" for peer in peers)


def test_a_bgpd_alone_has_its_sessions_and_policy(lab):
    bgpd_alone(lab)
    try:
        routes_are_as_they_should_be(lab)
        nothing_leaked(lab)
        # an MSEE's BFD may end a session once that has not noticed yet that bgpd is another
        wait_for(lambda: bfd_is_up(lab), "BFD to be up")
        routes_are_as_they_should_be(lab)
        flaps = lab.flaps()
    finally:
        lab.router.start("erouted")
    as_it_should_be(lab)
    nothing_leaked(lab)
    assert lab.flaps() == flaps, "erouted's set is the same"


def test_a_change_that_came_last_is_in_force_in_a_bgpd_alone(lab):
    filters = "expressroute\nroute-filter vnets\n"
    lab.configure(filters + "no allow region east-us")
    for role, link in LINKS.items():
        for family in (4, 6):
            wait_for(lambda: not lab.routes_from(link.microsoft(family)), f"nothing on {role}")
    seen = os.path.getsize(lab.kernel)
    bgpd_alone(lab)
    try:
        for role in LINKS:
            for family in (4, 6):
                wait_for(lambda: len(heard(lab, role, family)) == LIMIT, f"the session of {role} alone", SENT)
        with open(lab.kernel, encoding="utf-8") as file:
            file.seek(seen)
            since = [line for line in file if not line.startswith("Deleted")]
        assert not any(net in line for line in since for net in GOOD.values()), "what is allowed no longer"
    finally:
        lab.router.start("erouted")
    lab.wait_connected()
    lab.configure(filters + "allow region east-us")
    as_it_should_be(lab)
    nothing_leaked(lab)


def test_without_a_usable_file_nothing_starts_before_erouted(lab):
    lab.router.kill("erouted")
    lab.restart("bgpd", between=lambda: lab.ce.sh(f"truncate -s -1 {STATE_FILE}"))
    try:
        assert f"cannot use {STATE_FILE}" in lab.ce.log("bgpd")
        section = lab.bgp_section()
        # the MSEEs try to connect, and are turned away
        lab.configure("debug bgp neighbor-events")
        # without its circuit a managed session has no neighbor at all
        turned_away = {"managed": "{} connection rejected", "attached": "connection rejected from {}"}[lab.session]
        turned_away = turned_away.format(LINKS["primary"].microsoft(4))
        wait_for(lambda: turned_away in lab.ce.log("bgpd"), "an MSEE to be turned away", 30)
        assert not any(lab.routes_from(link.microsoft(family)) for link in LINKS.values() for family in (4, 6))
        assert not any(heard(lab, role, family) for role in LINKS for family in (4, 6))
        lab.configure("no debug bgp neighbor-events")
        assert lab.bgp_section() == section
    finally:
        lab.router.start("erouted")
    as_it_should_be(lab)
    nothing_leaked(lab)
