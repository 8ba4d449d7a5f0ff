# SPDX-License-Identifier: GPL-2.0-or-later
"""
A Global Reach site behind one circuit on two routers (er_partner.py): each router counts
its own link, and by iBGP the other's.

    ce ------ msee1          both MSEEs bring the VNet and Paris
     | lan
    ce2 ----- msee2
"""
import pytest

import er_lab
from er_partner import ROUTERS, address_of, other_than, running
from scenery import CUSTOMER_AS, MICROSOFT_AS, wait_for

FAMILIES = (4, 6)
PARIS_AS = 65020
PARIS = {4: ("10.20.1.0/24", "10.20.2.0/24"), 6: ("2001:db8:20:1::/64", "2001:db8:20:2::/64")}
SITES = f"""configure terminal
expressroute
site paris
as {PARIS_AS}
prefix 10.20.1.0/24
prefix 10.20.2.0/24
prefix 2001:db8:20:1::/64
prefix 2001:db8:20:2::/64
exit-site
global-reach ams-paris
circuit amsterdam
site paris
exit-global-reach"""


def bring(msee, prefixes, on=True):
    """What Microsoft brings of Paris over this MSEE's link."""
    lines = ["configure terminal", "route-map PARIS permit 10", f"set as-path prepend {PARIS_AS}", "exit",
             f"router bgp {MICROSOFT_AS}"]
    for prefix in prefixes:
        family = "ipv6" if ":" in prefix else "ipv4"
        network = f"network {prefix} route-map PARIS" if on else f"no network {prefix}"
        lines += [f"address-family {family} unicast", network, "exit-address-family"]
    msee.vtysh("\n".join(lines))


def joint(lab, name, family):
    found = getattr(lab, name).show("show expressroute global-reach json").get("globalReach", {})
    return found.get("ams-paris", {}).get("state", {}).get("family", {}).get(f"ipv{family}", {})


def wait_joint(lab, what, names=ROUTERS, families=FAMILIES, timeout=40, **values):
    for name in names:
        for family in families:
            wait_for(lambda: values.items() <= joint(lab, name, family).items(),
                     f"{name}'s connection to be {what} in IPv{family}", timeout)


def wait_whole(lab):
    wait_joint(lab, "established on both links", state="established", primaryPrefixes=2, secondaryPrefixes=2,
               asymmetric=False, incomplete=False, missing=0)


def told(lab, name):
    """What was said of the connection: family, state, asymmetric."""
    history = getattr(lab, name).show("show expressroute history json")["history"]
    return [(entry["family"], entry["state"]) for entry in history if entry.get("name") == "ams-paris"]


@pytest.fixture(scope="module")
def lab(request):
    with running(request) as lab:
        for msee in lab.msees.values():
            bring(msee, PARIS[4] + PARIS[6])
        for name in ROUTERS:
            getattr(lab, name).vtysh(SITES)
        lab.wait_both("redundant")
        wait_whole(lab)
        yield lab


@pytest.fixture(autouse=True)
def sound(lab):
    """Each test leaves the lab as it found it."""
    yield
    lab.mend_all()
    lab.wait_both("redundant")
    wait_whole(lab)


def test_a_prefix_lost_on_one_link_is_an_asymmetry_on_both_routers(lab):
    listening = {name: er_lab.Notifications(getattr(lab, name), ["global-reach-change"]) for name in ROUTERS}
    marks = {name: listening[name].mark() for name in ROUTERS}
    lost = [PARIS[family][1] for family in FAMILIES]
    bring(lab.msee2, lost, False)
    for name in ROUTERS:
        for family in FAMILIES:
            got = listening[name].wait("global-reach-change", marks[name], timeout=40, family=f"ipv{family}",
                                       asymmetric=True)
            assert (got["global-reach"], got["state"], got["missing"]) == ("ams-paris", "established", 0)
    wait_joint(lab, "asymmetric", state="established", primaryPrefixes=2, secondaryPrefixes=1, primaryOnly=1,
               secondaryOnly=0, asymmetric=True, incomplete=False, missing=0)
    text = lab.ce.sh("vtysh -c 'show expressroute global-reach'")
    assert "2 prefixes, ASYMMETRIC" in text
    assert "ipv4: the links differ: 1 prefix on primary only, 0 on secondary only" in text
    bring(lab.msee2, lost)
    for name in ROUTERS:
        for family in FAMILIES:
            listening[name].wait("global-reach-change", marks[name], timeout=40, family=f"ipv{family}",
                                 asymmetric=False)


def test_a_prefix_lost_on_both_links_is_missing_on_both_routers(lab):
    lost = [PARIS[family][1] for family in FAMILIES]
    for msee in lab.msees.values():
        bring(msee, lost, False)
    for family, prefix in zip(FAMILIES, lost):
        wait_joint(lab, "incomplete", families=[family], incomplete=True, asymmetric=False, missing=1,
                   missingPrefix=[prefix])
    for msee in lab.msees.values():
        bring(msee, lost)


def test_a_site_lost_on_one_link_is_established_on_the_other(lab):
    before = {name: told(lab, name) for name in ROUTERS}
    bring(lab.msee1, PARIS[4] + PARIS[6], False)
    wait_joint(lab, "established on the secondary link", state="established", primaryPrefixes=0,
               secondaryPrefixes=2, asymmetric=True, incomplete=False)
    bring(lab.msee1, PARIS[4] + PARIS[6])
    wait_whole(lab)
    for name in ROUTERS:
        assert not any(state != "established" for _, state in told(lab, name)[len(before[name]):])


def test_without_ibgp_what_is_behind_the_partner_is_unknown_and_nothing_is_said(lab):
    before = {name: told(lab, name) for name in ROUTERS}
    lab.cut_ibgp()
    lab.wait_both("degraded")
    wait_joint(lab, "established here", state="established", primaryOnly=0, secondaryOnly=0)
    for name in ROUTERS:
        mine, others = ("primary", "secondary") if name == "ce" else ("secondary", "primary")
        for family in FAMILIES:
            wait_for(lambda: "hidden" in joint(lab, name, family), f"{name} to say what it cannot know", 20)
            seen = joint(lab, name, family)
            assert seen["hidden"] == (f"not all is known of the {others} link, which ends on partner "
                                      f"{address_of(other_than(name))}: there is no iBGP session with it")
            assert seen[f"{mine}Prefixes"] == 2
            assert not seen.keys() & {"asymmetric", "incomplete"}
    text = lab.ce.sh("vtysh -c 'show expressroute global-reach'")
    assert any(line.split()[:4] == ["ipv4", "2", "2", "?"] for line in text.splitlines()), text
    # lost here, it may be there
    bring(lab.msee1, PARIS[4] + PARIS[6], False)
    wait_joint(lab, "unknown", names=["ce"], state="unknown")
    # there it is: with its session it is seen again
    lab.cut_ibgp(False)
    wait_joint(lab, "established on the secondary link", state="established", primaryPrefixes=0,
               secondaryPrefixes=2, asymmetric=True)
    bring(lab.msee1, PARIS[4] + PARIS[6])
    wait_whole(lab)
    for name in ROUTERS:
        assert not any(state != "established" for _, state in told(lab, name)[len(before[name]):])


def test_a_partner_that_sends_its_best_paths_hides_what_it_has_from_elsewhere(lab):
    """A better way to Paris over the WAN: of ce2's own path nothing is told to ce."""
    lab.send_all_paths("ce2", False)
    prefix = PARIS[4][0]
    wan = ("configure terminal\nroute-map WAN permit 10\nset local-preference 300\nexit\n"
           f"router bgp {CUSTOMER_AS}\nno bgp network import-check\naddress-family ipv4 unicast\n")
    lab.ce2.vtysh(wan + f"network {prefix} route-map WAN")

    wait_joint(lab, "seen as far as it is shown", names=["ce"], families=[4], primaryPrefixes=2,
               secondaryPrefixes=1, primaryOnly=0)
    seen = joint(lab, "ce", 4)
    assert "it sends its best paths only" in seen["hidden"]
    assert not seen.keys() & {"asymmetric", "incomplete"}
    # ce2 has it over both links
    wait_joint(lab, "whole", names=["ce2"], state="established", primaryPrefixes=2, secondaryPrefixes=2,
               asymmetric=False)
    lab.ce2.vtysh(wan + f"no network {prefix}\nexit-address-family\nbgp network import-check")
    lab.send_all_paths("ce2", True)
