# SPDX-License-Identifier: GPL-2.0-or-later
"""
From an empty router to a circuit with both of its peerings, over NETCONF alone.

bgpd's own configuration is not in mgmtd: `router bgp` and what it announces is
all that the router has before. Everything else is one edit.
"""
import json

import pytest

import er_lab
import er_netconf
import scenery
from scenery import CIRCUIT, LINKS, wait_for
from test_microsoft import OURS, PUBLIC, THEIRS, microsoft_side

# what is configured, in one edit; another section of the model is one more part
PARTS = ("interfaces", "route_filter", "circuit")
# what is called once the circuit is redundant; another operation is one more
OPERATIONS = ("<clear-counters xmlns='http://frrouting.org/yang/expressroute'/>",)

PROGRAM = r"""
import json, sys
from ncclient import manager
from ncclient.xml_ import to_ele

ER = "{http://frrouting.org/yang/expressroute}"
CONFIG, OPERATIONS, EXPECTED = json.loads(%r)

host, port, user, key, phrase = sys.argv[1:]
login = dict(
    host=host, port=int(port), username=user, key_filename=key, password=phrase,
    hostkey_verify=False, look_for_keys=False, allow_agent=False,
)
with manager.connect(**login) as router, manager.connect(**login) as listener:
    listener.create_subscription()
    with router.locked("candidate"):
        router.edit_config(target="candidate", config=CONFIG)
        router.validate("candidate")
        router.commit(confirmed=True, timeout="300")
    seen, sessions = {}, set()
    while sorted(key for key, value in seen.items() if value == "redundant") != sorted(EXPECTED):
        event = listener.take_notification(timeout=90)
        assert event is not None, f"only {seen}"
        tree = to_ele(event.notification_xml)
        change = tree.find(ER + "redundancy-change")
        if change is not None:
            seen[" ".join(change.findtext(ER + name) for name in ("peering", "family"))] = change.findtext(ER + "redundancy")
        change = tree.find(ER + "session-change")
        if change is not None and change.findtext(ER + "established") == "true":
            sessions.add(" ".join(change.findtext(ER + name) for name in ("peering", "family", "link")))
    router.commit()
    for operation in OPERATIONS:
        router.dispatch(to_ele(operation))
    data = router.get(filter=("subtree", f"<expressroute xmlns='{ER[1:-1]}'/>")).data_ele
    circuit = data.find(f".//{ER}circuit")
    print(json.dumps({
        "sessions": sorted(sessions),
        "redundancy": circuit.findtext(f"{ER}state/{ER}redundancy"),
        "established": sum(e.text == "established" for e in circuit.iter(ER + "state")),
    }))
"""


def address_of(interface, *addresses):
    entries = "".join(
        f"<ipv{6 if ':' in a else 4}-addrs><ip>{a.partition('/')[0]}</ip><prefix-length>{a.partition('/')[2]}</prefix-length>"
        f"</ipv{6 if ':' in a else 4}-addrs>"
        for a in addresses
    )
    return f'<interface><name>{interface}</name><zebra xmlns="http://frrouting.org/yang/zebra">{entries}</zebra></interface>'


def interfaces():
    inner = address_of("lan", *(scenery.on_interface(net, 1) for net in scenery.ONPREM_NET.values()))
    for role, link in LINKS.items():
        nets = [*link.subnet.values(), *PUBLIC[role].values()]
        inner += address_of(link.msee, *(scenery.on_interface(net, 1) for net in nets))
    return f'<lib xmlns="http://frrouting.org/yang/interface">{inner}</lib>'


def expressroute(inner):
    return f'<expressroute xmlns="http://frrouting.org/yang/expressroute">{inner}</expressroute>'


def route_filter():
    return expressroute("<route-filter><name>office</name><service>exchange-online</service></route-filter>")


def peering(kind, vlan, advertised, subnets, more=""):
    prefixes = "".join(f"<ipv{family}-prefix>{net}</ipv{family}-prefix>" for family, net in advertised.items())
    links = "".join(
        f"<link><role>{role}</role><interface>{LINKS[role].msee}</interface>"
        + "".join(f"<ipv{family}-subnet>{net}</ipv{family}-subnet>" for family, net in nets.items())
        + "</link>"
        for role, nets in subnets.items()
    )
    return f"<peering><type>{kind}</type><vlan>{vlan}</vlan>{more}<advertise>{prefixes}</advertise>{links}</peering>"


def circuit():
    private = peering("private", 100, scenery.ONPREM_NET, {role: link.subnet for role, link in LINKS.items()})
    microsoft = peering("microsoft", 200, OURS, PUBLIC, "<route-filter>office</route-filter>")
    return expressroute(f"<circuit><name>{CIRCUIT}</name>{private}{microsoft}</circuit>")


@pytest.fixture(scope="module")
def lab(request):
    bgp = scenery.ce_bgp(extra=["no bgp network import-check"])
    for family, net in OURS.items():
        line = f"  network {scenery.ONPREM_NET[family]}"
        bgp = bgp.replace(line, f"{line}\n  network {net}")
    with er_lab.running(request, ce_conf=scenery.frr_conf("ce", bgp)) as lab:
        for role, msee in lab.msees.items():
            msee.vtysh(microsoft_side(role))
        yield lab


@pytest.fixture(scope="module")
def outcome(lab):
    """What the program saw, once it has been run."""
    config = lab.ce.running_config()
    assert "expressroute" not in config and "ip address" not in config
    edit = "".join(globals()[part]() for part in PARTS)
    expected = [f"{kind} {family}" for kind in ("private", "microsoft") for family in ("ipv4", "ipv6")]
    given = json.dumps(
        [f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">{edit}</config>', OPERATIONS, expected]
    )
    with er_netconf.serving(lab) as run:
        return json.loads(run(PROGRAM % given).splitlines()[-1])


def test_one_edit_brings_up_all_sessions_and_each_is_told(outcome):
    assert outcome["redundancy"] == "redundant"
    assert len(outcome["sessions"]) == 8 == outcome["established"], outcome


def test_traffic_and_the_filter_are_what_was_configured(lab, outcome):
    lab.settled()
    for role in LINKS:
        for family in (4, 6):
            address = scenery.host(PUBLIC[role][family], 2)
            wait_for(lambda a=address, f=family: lab.routes_from(a) == {THEIRS[f]}, f"the filter on {address}", 30)
    status, out = lab.onprem.try_sh(f"ping -c 3 -W 2 {scenery.VNET_ADDRESS[4]}")
    assert status == 0, out


def test_vtysh_shows_it_and_takes_it_again(lab, outcome):
    config = lab.ce.running_config()
    section = er_lab.section(config)
    for line in ("route-filter office", f"circuit {CIRCUIT}", "peering private", "peering microsoft", "route-filter office"):
        assert line in section
    for link in LINKS.values():
        assert f"interface {link.msee}\n ip address {scenery.on_interface(link.subnet[4], 1)}" in config
    flaps = lab.flaps()
    lab.configure(section)
    assert er_lab.section(lab.ce.running_config()) == section and lab.flaps() == flaps


def test_it_is_saved_and_survives_a_restart_of_everything(lab, outcome):
    section = er_lab.section(lab.ce.running_config())
    lab.ce.sh("vtysh -c 'write memory'")
    saved = lab.ce.sh("cat /etc/frr/frr.conf")
    assert section in saved and f"ip address {scenery.on_interface(LINKS['primary'].subnet[4], 1)}" in saved
    lab.restart("erouted", "bgpd", "bfdd", "zebra", "mgmtd", order=lab.router.DAEMONS)
    lab.wait_redundant(timeout=60)
    assert er_lab.section(lab.ce.running_config()) == section
