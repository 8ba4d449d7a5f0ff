# SPDX-License-Identifier: GPL-2.0-or-later
"""
From an empty router to a circuit with both of its peerings and a VPN backup that
has passed its failover test, over NETCONF alone.

bgpd's own configuration is not in mgmtd: `router bgp` and what it announces is
all that the router has before; and the tunnels are there, which IPsec owns.
Everything else is one edit.
"""
import json

import pytest

import er_lab
import er_netconf
import scenery
import vpn
from er_vpn import BACKUP, FAMILIES, wait_healthy
from scenery import CIRCUIT, LINKS, wait_for
from test_microsoft import OURS, PUBLIC, THEIRS, microsoft_side

# what is configured, in one edit; another section of the model is one more part
PARTS = ("interfaces", "way_out", "route_filter", "circuit", "vpn_backup")
EXPRESSROUTE = "http://frrouting.org/yang/expressroute"
# what is called once everything is up, and the error that it must meet; another operation is one more
OPERATIONS = (
    (f"<clear-counters xmlns='{EXPRESSROUTE}'/>", None),
    (f"<vpn-resolve xmlns='{EXPRESSROUTE}'><vpn-backup>{BACKUP}</vpn-backup></vpn-resolve>", None),
    (f"<failover-test-abort xmlns='{EXPRESSROUTE}'><vpn-backup>{BACKUP}</vpn-backup></failover-test-abort>",
     "no failover test is running"),
    (f"<failover-test xmlns='{EXPRESSROUTE}'><vpn-backup>nosuch</vpn-backup></failover-test>", "nosuch"),
)  # fmt: skip
TEST = f"<failover-test xmlns='{EXPRESSROUTE}'><vpn-backup>{BACKUP}</vpn-backup><duration>5</duration></failover-test>"

PROGRAM = r"""
import json, sys
from lxml.etree import QName
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele

ER = "http://frrouting.org/yang/expressroute"
CONFIG, OPERATIONS, TEST, REDUNDANT = json.loads(%r)
told = []

def leaves(element):
    return {QName(leaf).localname: leaf.text for leaf in element if leaf.text and leaf.text.strip()}

def hear(enough):
    while not enough():
        event = listener.take_notification(timeout=90)
        assert event is not None, f"only {told}"
        change = to_ele(event.notification_xml)[-1]
        told.append([QName(change).localname, leaves(change)])

def heard(name, *keys, **those):
    return {
        " ".join(change[key] for key in keys)
        for kind, change in told if kind == name and those.items() <= change.items()
    }

def redundant():
    last = {}
    for name, change in told:
        if name == "redundancy-change":
            last[change["peering"] + " " + change["family"]] = change["redundancy"]
    return last == dict.fromkeys(REDUNDANT, "redundant")

def state_of(what):
    data = router.get(filter=("subtree", f"<expressroute xmlns='{ER}'/>")).data_ele
    return data.find(f".//{{{ER}}}{what}/{{{ER}}}state")

def families():
    return {leaves(family)["name"]: leaves(family) for family in state_of("vpn-backup").iterfind(f"{{{ER}}}family")}

def uncovered():
    return [int(leaf.text) for leaf in state_of("vpn-backup").iter(f"{{{ER}}}uncovered")]

def refused(operation):
    try:
        router.dispatch(to_ele(operation))
    except RPCError as error:
        return error.message

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
    hear(redundant)
    hear(lambda: len(heard("vpn-session-change", "gateway", "family", established="true")) == 4)
    router.commit()
    errors = [refused(operation) for operation in OPERATIONS]
    result = {
        "sessions": sorted(heard("session-change", "peering", "family", "link", established="true")),
        "redundancy": leaves(state_of("circuit"))["redundancy"],
        "established": sum(e.text == "established" for e in state_of("circuit").getparent().iter(f"{{{ER}}}state")),
        "errors": errors,
        "standby": families(),
    }
    # each family's prefixes come a moment after its session
    while (missing := uncovered()) != [0, 0]:
        assert len(missing) == 2, missing
    router.dispatch(to_ele(TEST))
    result["again"] = refused(TEST)
    hear(lambda: len(heard("vpn-activated", "family", cause="test")) == 2)
    result["during"] = families()
    result["progress"] = leaves(state_of("vpn-backup").find(f"{{{ER}}}test"))
    hear(lambda: heard("vpn-test", result="passed") and len(heard("vpn-restored", "family")) == 2)
    result["after"] = families()
    result["report"] = leaves(state_of("vpn-backup").find(f"{{{ER}}}test"))
    result["told"] = [change for name, change in told if name == "vpn-test"]
    print(json.dumps(result))
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
    inner += address_of("wan", *(scenery.on_interface(net, 2) for net in vpn.WAN_NET.values()))
    for gateway in vpn.GATEWAYS.values():
        inner += address_of(gateway.interface, *(gateway.tunnel_address(f, "subnet", ours=True) for f in vpn.WAN_NET))
    return f'<lib xmlns="http://frrouting.org/yang/interface">{inner}</lib>'


def way_out():
    """Default routes to the internet, where the gateways are."""
    routes = "".join(
        f'<route-list><prefix>{net}</prefix><src-prefix>::/0</src-prefix>'
        f'<afi-safi xmlns:r="http://frrouting.org/yang/routing">r:ipv{family}-unicast</afi-safi>'
        f"<path-list><table-id>0</table-id><nh-type>ip{family}</nh-type><vrf>default</vrf>"
        f"<gateway>{vpn.INTERNET[family]}</gateway><interface>(null)</interface></path-list></route-list>"
        for family, net in ((4, "0.0.0.0/0"), (6, "::/0"))
    )
    return (
        '<routing xmlns="http://frrouting.org/yang/routing"><control-plane-protocols><control-plane-protocol>'
        '<type xmlns:s="http://frrouting.org/yang/staticd">s:staticd</type><name>staticd</name><vrf>default</vrf>'
        f'<staticd xmlns="http://frrouting.org/yang/staticd">{routes}</staticd>'
        "</control-plane-protocol></control-plane-protocols></routing>"
    )


def expressroute(inner):
    return f'<expressroute xmlns="{EXPRESSROUTE}">{inner}</expressroute>'


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


def gateway_of_azure(gateway):
    leaves = [f"<address>{gateway.dns_name}</address><interface>{gateway.interface}</interface>"]
    for family in vpn.WAN_NET:
        neighbor = gateway.bgp(family, "subnet")
        for leaf, value in (("neighbor", neighbor), ("local-address", gateway.customer(family, "subnet")), ("probe", neighbor)):
            leaves.append(f"<ipv{family}-{leaf}>{value}</ipv{family}-{leaf}>")
    return f"<gateway><instance>{gateway.number}</instance>{''.join(leaves)}</gateway>"


def vpn_backup():
    """What vpn.backup_conf() says in vtysh's words, with the gateways by name and pinned."""
    return expressroute(
        f"<vpn-backup><name>{BACKUP}</name><circuit>{CIRCUIT}</circuit>"
        "<timers><keepalive>1</keepalive><hold>3</hold></timers>"
        f"{''.join(gateway_of_azure(gateway) for gateway in vpn.GATEWAYS.values())}"
        "<probe><interval>200</interval></probe><pin><mode>default-route</mode></pin>"
        "<restore><hold>2</hold><maximum>4</maximum></restore></vpn-backup>"
    )


def as_vtysh_writes_it():
    names = {gateway.name: gateway.dns_name for gateway in vpn.GATEWAYS.values()}
    conf = vpn.backup_conf("pin default-route", address=names).replace(" multiplier 3", "")
    return conf.split("\n")[1:-2]


@pytest.fixture(scope="module")
def lab(request):
    bgp = scenery.ce_bgp(extra=["no bgp network import-check"])
    for family, net in OURS.items():
        line = f"  network {scenery.ONPREM_NET[family]}"
        bgp = bgp.replace(line, f"{line}\n  network {net}")
    ce_conf = scenery.frr_conf("ce", bgp)
    with er_lab.running(request, ce_conf=ce_conf, vpn="wireguard", way_out=False) as lab:
        for role, msee in lab.msees.items():
            msee.vtysh(microsoft_side(role))
        yield lab


@pytest.fixture(scope="module")
def outcome(lab):
    """What the program saw, once it has been run."""
    config = lab.ce.running_config()
    assert not any(word in config for word in ("expressroute", "ip address", "ip route"))
    edit = "".join(globals()[part]() for part in PARTS)
    expected = [f"{kind} {family}" for kind in ("private", "microsoft") for family in ("ipv4", "ipv6")]
    given = json.dumps(
        [
            f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">{edit}</config>',
            [operation for operation, _ in OPERATIONS], TEST, expected,
        ]  # fmt: skip
    )
    with er_netconf.serving(lab) as run:
        return json.loads(run(PROGRAM % given).splitlines()[-1])


def test_one_edit_brings_up_all_sessions_and_each_is_told(outcome):
    assert outcome["redundancy"] == "redundant"
    assert len(outcome["sessions"]) == 8 == outcome["established"], outcome


def test_each_operation_is_done_or_refused_in_words(outcome):
    for (operation, expected), error in zip(OPERATIONS, outcome["errors"]):
        assert (error is None) if expected is None else (expected in error), (operation, error)


def test_the_vpn_stands_by_and_takes_over_for_the_failover_test(outcome):
    for when, state, cause, carrier in (
        ("standby", "standby", "none", "expressroute"), ("during", "active", "test", "vpn"),
        ("after", "standby", "none", "expressroute"),
    ):  # fmt: skip
        assert sorted(outcome[when]) == sorted(FAMILIES)
        for family in outcome[when].values():
            assert (family["state"], family["cause"], family["sends-over"]) == (state, cause, carrier), (when, family)


def test_progress_and_report_of_the_failover_test_are_read_and_told(outcome):
    assert "running" in outcome["again"] and BACKUP in outcome["again"]
    assert outcome["progress"]["result"] == "running", outcome
    report = outcome["report"]
    assert report["result"] == "passed" and report["lost"] == "0" and int(report["sent"]) > 20, report
    assert report["due"] == "false" and report["uncovered"] == "0" and report["last-passed"] == report["began"]
    begun, ended = outcome["told"]
    assert begun["result"] == "running" and begun["began"] == ended["began"]
    assert ended.items() <= {**report, "vpn-backup": BACKUP}.items()


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
    for line in ("route-filter office", f"circuit {CIRCUIT}", "peering private", "peering microsoft", *as_vtysh_writes_it()):
        assert f"{line}\n" in section
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
    lab.restart(*lab.router.DAEMONS)
    lab.wait_redundant(timeout=60)
    wait_healthy(lab, 0, 1, timeout=60)
    assert er_lab.section(lab.ce.running_config()) == section
