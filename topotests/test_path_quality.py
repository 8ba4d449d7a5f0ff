# SPDX-License-Identifier: GPL-2.0-or-later
"""
Probes of every path over real interfaces: what is lost on one shows there and
nowhere else, and traffic leaves links of which every one is poor, until one is good.
"""
import pytest

import er_doc
import er_lab
import er_vpn
import scenery
import vpn
from er_vpn import CIRCUIT, TUNNELS, nothing_lost, wait_family, wait_uses
from scenery import LINKS, wait_for
from vpn import GATEWAYS, INTERNET

# the probe of each path; the links' ends are Microsoft's, as they are without a target
PROBES = {
    "primary": ["via circuit amsterdam link primary"],
    "secondary": ["via circuit amsterdam link secondary"],
    "tunnel": [f"target {GATEWAYS['gw0'].bgp(4, 'subnet')}", "via vpn-backup azure gateway 0"],
    "internet": [f"target {INTERNET[4]}", "via internet interface wan"],
}
NOTIFICATIONS = ("path-quality-change", "vpn-activated", "vpn-restored")


def probes_conf():
    lines = ["expressroute"]
    for name, path in PROBES.items():
        lines += [f" path-probe {name}", *(f"  {line}" for line in path)]
        lines += ["  interval 1", "  threshold loss 30", " exit-path-probe"]
    return "\n".join(lines + ["exit-expressroute", "!"])


@pytest.fixture(scope="module")
def lab(request):
    backup = vpn.backup_conf("activate quality")
    with er_lab.running(request, scenery.circuit_conf(), backup, probes_conf(), vpn="wireguard") as lab:
        er_vpn.settle(lab)
        lab.notifications = er_lab.Notifications(lab.ce, NOTIFICATIONS)
        wait_for(lambda: set(qualities(lab).values()) == {"good"}, "all paths to be good", 40)
        yield lab


def paths(lab):
    return lab.ce.show("show expressroute paths json")


def qualities(lab):
    return {name: probe["state"]["quality"] for name, probe in paths(lab).get("pathProbe", {}).items()}


def lose_echoes(msee, lost=True):
    """Half of a link: its sessions and BFD live."""
    rules = {"in": ("prerouting", -400, "iifname ce icmp type echo-request")}
    scenery.drop(msee, "echoes", rules if lost else {})


def wait_quality(lab, **expected):
    wait_for(lambda: expected.items() <= qualities(lab).items(), f"quality {expected}", 60)


def test_each_path_is_measured_over_its_own_interface(lab):
    shown = paths(lab)
    interfaces = {name: probe["state"]["interface"] for name, probe in shown["pathProbe"].items()}
    assert interfaces == {"primary": "msee1", "secondary": "msee2", "tunnel": "ipsec0", "internet": "wan"}
    for probe in shown["pathProbe"].values():
        assert probe["state"]["loss"] < 30 and probe["state"]["rttMean"] > 0
    assert shown["pathProbe"]["primary"]["state"]["target"] == LINKS["primary"].microsoft(4)


def test_the_guide_shows_this_screen(lab):
    for command in er_doc.CLAIMED["paths"]:
        er_doc.check(lab.ce, "paths", command)


def test_nothing_crosses_the_internet(lab):
    text = lab.ce.vtysh("show expressroute paths")
    assert "Azure over the internet: none of the" in text
    assert paths(lab)["elsewhere"] == []


def test_traffic_is_counted_where_it_goes(lab):
    before = paths(lab)["path"]
    with lab.probe():
        wait_for(
            lambda: sum(p.get("share", 0) for name, p in paths(lab)["path"].items() if name.startswith("amsterdam")) > 50,
            "the links to carry most",
        )
    for name in ("amsterdam private primary", "vpn azure gateway 0", "internet wan"):
        wait_for(
            lambda: paths(lab)["path"][name]["outPackets"] > before[name]["outPackets"], f"packets counted on {name}"
        )


def test_loss_on_one_link_is_that_links_and_moves_nothing(lab):
    since = lab.notifications.mark()
    lose_echoes(lab.msee1)
    try:
        wait_quality(lab, primary="poor", secondary="good", tunnel="good", internet="good")
        told = lab.notifications.wait("path-quality-change", since)
        assert (told["path-probe"], told["quality"]) == ("primary", "poor")
        assert "loss" in told["reason"]
        wait_uses(lab, CIRCUIT)
        wait_family(lab, state="standby")
    finally:
        lose_echoes(lab.msee1, False)
    wait_quality(lab, primary="good")


def test_traffic_leaves_links_of_which_every_one_is_poor(lab):
    try:
        with nothing_lost(lab):
            lose_echoes(lab.msee1)
            lose_echoes(lab.msee2)
            wait_family(lab, timeout=60, names=("ipv4",), state="active", cause="quality", receivesOver="expressroute")
            wait_for(lambda: lab.nexthops(4) == TUNNELS, "IPv4 through the tunnels", 20)
            # what is not measured is not poor
            assert lab.nexthops(6) == CIRCUIT
            lose_echoes(lab.msee2, False)
            wait_quality(lab, secondary="good")
            wait_family(lab, timeout=60, names=("ipv4",), state="standby")
            wait_uses(lab, CIRCUIT)
    finally:
        lose_echoes(lab.msee1, False)
        lose_echoes(lab.msee2, False)
    history = lab.ce.show("show expressroute history json")["history"]
    assert any(e["aspect"] == "path" and e["name"] == "secondary" and e["state"] == "poor" for e in history)
