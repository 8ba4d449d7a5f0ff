# SPDX-License-Identifier: GPL-2.0-or-later
"""
A VPN backup with BGP: one configuration, both gateways stand by, and traffic goes
to them when ExpressRoute is lost, on command, for a test, and comes back, whole.
"""
import contextlib
import json
import re

import pytest

import er_lab
import er_vpn
import scenery
import vpn
from er_vpn import BACKUP, CIRCUIT, TUNNELS, circuit_cut, command, nothing_lost, settle, wait_family, wait_uses
from scenery import VNET_NET, wait_for
from vpn import GATEWAYS

# BFD 300x3 and what follows; the rest is for a slow machine
LONGEST_GAP_MS = 3000
MORE_SPECIFIC = {4: "10.1.64.0/18", 6: "2001:db8:1:0:8000::/66"}
VPN_NOTIFICATIONS = ("vpn-activated", "vpn-restored", "vpn-more-specific", "vpn-test")


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf(), vpn.backup_conf(), vpn="wireguard") as lab:
        settle(lab)
        lab.notifications = er_lab.Notifications(lab.ce, VPN_NOTIFICATIONS)
        yield lab


@pytest.fixture(autouse=True)
def at_rest(lab):
    settle(lab)
    yield
    settle(lab)


def test_one_configuration_is_a_backup_that_stands_by(lab):
    with nothing_lost(lab):
        for number, prefix in VNET_NET.items():
            preferences = lab.local_preferences(prefix)
            gateways = [preferences[each.bgp(number, "subnet")] for each in GATEWAYS.values()]
            links = [preferences[link.microsoft(number)] for link in scenery.LINKS.values()]
            assert max(gateways) < 100 < min(links)
    assert "neighbor" not in "".join(lab.bgp_section())
    for name in er_vpn.FAMILIES:
        coverage = er_vpn.family(lab, name)["coverage"]
        assert (coverage["expressroutePrefixes"], coverage["uncovered"]) == (1, 0)


def test_the_gateways_hear_what_the_circuit_advertises(lab):
    for each in GATEWAYS.values():
        shell = getattr(lab, each.name)
        for number, net in scenery.ONPREM_NET.items():
            heard = er_lab.heard(shell, each.customer(number, "subnet"))
            assert set(heard) == {net}


def test_both_links_are_cut_and_come_back(lab):
    since = lab.notifications.mark()
    with lab.probe() as probe, circuit_cut(lab):
        wait_uses(lab, TUNNELS)
        wait_family(lab, state="active", cause="all-down", sendsOver="vpn", receivesOver="vpn")
        wait_for(lambda: er_vpn.comes_back_over_the_vpn(lab), "Azure to send over the gateways")
        wait_for(lambda: er_vpn.answers(lab), "an answer through the tunnels")
        for name in er_vpn.FAMILIES:
            wait_for(lambda: "whenLost" in er_vpn.family(lab, name)["coverage"], "what was covered")
            before = er_vpn.family(lab, name)["coverage"]["whenLost"]
            assert (before["expressroutePrefixes"], before["uncovered"]) == (1, 0)
    assert 0 < max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
    with nothing_lost(lab):
        wait_family(lab, state="restoring")
        settle(lab)
        wait_for(lambda: not er_vpn.comes_back_over_the_vpn(lab), "Azure to send over the circuit")
    for name in ("vpn-activated", "vpn-restored"):
        for family in er_vpn.FAMILIES:
            told = lab.notifications.wait(name, since, family=family)
            assert told["cause"] == "all-down"


def test_it_fails_over_without_erouted(lab):
    lab.router.kill("erouted")
    try:
        with lab.probe() as probe, circuit_cut(lab):
            wait_uses(lab, TUNNELS)
            lab.router.start("erouted")
            wait_family(lab, state="active", sendsOver="vpn", receivesOver="vpn")
        assert max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
    finally:
        if not er_vpn.backup(lab):
            lab.router.start("erouted")
    with nothing_lost(lab):
        settle(lab)


def kill_and_start(lab):
    """Both of it while packets run, and what it does first when it is there again."""
    lab.router.kill("erouted")
    lab.router.start("erouted")
    lab.wait_connected()


def test_erouted_is_killed_in_the_middle_of_each_switch(lab):
    with nothing_lost(lab):
        lab.ce.vtysh(f"expressroute switchover {BACKUP} to vpn")
        wait_family(lab, sendsOver="vpn", receivesOver="expressroute")
        kill_and_start(lab)
        wait_family(lab, state="active", cause="operator", sendsOver="vpn", receivesOver="vpn")
        wait_uses(lab, TUNNELS)
        kill_and_start(lab)
        assert er_vpn.uses(lab, TUNNELS)
        wait_family(lab, state="active", cause="operator", receivesOver="vpn")
        lab.ce.vtysh(f"expressroute switchover {BACKUP} to expressroute")
        wait_family(lab, sendsOver="vpn", receivesOver="expressroute")
        kill_and_start(lab)
        settle(lab)


def test_a_switchover_with_a_limit_returns_by_itself(lab):
    with nothing_lost(lab):
        lab.ce.vtysh(f"expressroute switchover {BACKUP} to vpn for 8")
        wait_family(lab, state="active", cause="operator", sendsOver="vpn")
        assert 0 < er_vpn.family(lab)["remaining"] <= 8
        wait_uses(lab, TUNNELS)
        wait_for(lambda: er_vpn.comes_back_over_the_vpn(lab), "Azure to send over the gateways")
        settle(lab)


def last_test(lab):
    return lab.ce.show(f"show expressroute vpn-backup {BACKUP} test json")


def test_a_failover_test_passes_and_keeps_its_report(lab):
    since = lab.notifications.mark()
    with nothing_lost(lab):
        lab.ce.vtysh(f"expressroute failover-test {BACKUP} 10")
        wait_uses(lab, TUNNELS)
        wait_for(lambda: last_test(lab).get("result") == "passed", "the test to pass", 40)
        settle(lab)
    report = last_test(lab)
    assert report["duration"] == 10 and report["lost"] == 0 and report["sent"] > 100
    assert 0 < report["moved"] < 5000 and report["medianRoundTrip"] > 0
    assert not report["due"] and report["uncovered"] == 0
    screen = lab.ce.vtysh(f"show expressroute vpn-backup {BACKUP} test")
    assert "passed" in screen and re.search(r"probes lost +0\n", screen)
    assert lab.notifications.wait("vpn-test", since, result="passed")["lost"] == 0
    # the report outlives erouted
    kill_and_start(lab)
    assert last_test(lab)["result"] == "passed"


def test_a_failover_test_ends_at_once_when_the_tunnels_lose_everything(lab):
    lab.ce.vtysh(f"expressroute failover-test {BACKUP} 60")
    wait_uses(lab, TUNNELS)
    wait_family(lab, receivesOver="vpn")
    try:
        with lab.probe() as probe:
            for name in GATEWAYS:
                lab.vpn[name].black_hole()
            wait_uses(lab, CIRCUIT)
        assert max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
        wait_for(lambda: last_test(lab)["result"] == "aborted", "the test to be aborted")
        assert last_test(lab)["reason"]
        assert last_test(lab)["duration"] < 30
        wait_for(lambda: not er_vpn.comes_back_over_the_vpn(lab), "Azure to send over the circuit")
    finally:
        for name in GATEWAYS:
            lab.vpn[name].black_hole(False)


def test_gateways_that_flap_against_each_other_move_nothing(lab):
    settle(lab)
    with nothing_lost(lab):
        lab.vpn.flap(4)
        assert er_vpn.uses(lab, CIRCUIT)
        lab.vpn.up()
        settle(lab)


def test_without_a_gateway_a_failover_test_is_refused(lab):
    lab.vpn.down()
    try:
        er_vpn.wait_healthy(lab)
        wait_family(lab, state="unavailable")
        for text in (f"expressroute failover-test {BACKUP} 10", f"expressroute switchover {BACKUP} to vpn"):
            accepted, said = command(lab, text)
            assert not accepted and BACKUP in said and "ipsec0" in said, said
        assert er_vpn.uses(lab, CIRCUIT)
    finally:
        lab.vpn.up()


@contextlib.contextmanager
def more_specifics(lab):
    """Azure announces a part of the VNet over the VPN alone."""

    def announce(no=""):
        lines = ["configure terminal", f"router bgp {vpn.GATEWAY_AS}"]
        for number, prefix in MORE_SPECIFIC.items():
            lines += [f"address-family ipv{number} unicast", f"{no}network {prefix}", "exit-address-family"]
        for name in GATEWAYS:
            getattr(lab, name).vtysh("\n".join(lines))

    announce()
    try:
        yield
    finally:
        announce("no ")
        wait_for(lambda: all(not ways(lab, prefix) for prefix in MORE_SPECIFIC.values()), "the prefixes to be gone")


def ways(lab, prefix):
    """The ports by which the kernel sends this prefix, and no other."""
    family = 6 if ":" in prefix else 4
    routes = json.loads(lab.ce.sh(f"ip -json -{family} route show {prefix}") or "[]")
    return {hop["dev"] for route in routes for hop in route.get("nexthops", [route])}


def counted(lab):
    return {name: er_vpn.family(lab, name).get("moreSpecifics", {}) for name in er_vpn.FAMILIES}


def wait_ways(lab, ports):
    wait_for(lambda: all(ways(lab, p) == ports for p in MORE_SPECIFIC.values()), f"the more specific ones in {ports}")


def test_more_specifics_are_told(lab):
    since = lab.notifications.mark()
    with more_specifics(lab):
        wait_ways(lab, TUNNELS)
        wait_for(lambda: all(c.get("count") == 1 and c["suppressed"] == 0 for c in counted(lab).values()), "the count")
        assert [c["prefix"] for c in counted(lab).values()] == [[prefix] for prefix in MORE_SPECIFIC.values()]
        for name in er_vpn.FAMILIES:
            assert lab.notifications.wait("vpn-more-specific", since, family=name)["count"] == 1
        screen = lab.ce.vtysh(f"show expressroute vpn-backup {BACKUP} more-specifics")
        assert all(prefix in screen for prefix in MORE_SPECIFIC.values())


def test_suppressed_more_specifics_are_there_only_without_expressroute(lab):
    er_vpn.change(lab, "more-specifics suppress")
    try:
        with more_specifics(lab):
            wait_for(lambda: all(c.get("suppressed") == 1 for c in counted(lab).values()), "them to be kept out")
            wait_ways(lab, set())
            with circuit_cut(lab):
                wait_ways(lab, TUNNELS)
            settle(lab)
            wait_ways(lab, set())
    finally:
        er_vpn.change(lab, "no more-specifics")


def test_attached_sessions_are_backed_up_as_well(lab):
    lab.configure(f"expressroute\nno vpn-backup {BACKUP}")
    wait_for(lambda: not er_vpn.backup(lab), "the backup to be gone")
    lab.configure("\n".join([vpn.attached_neighbors(), vpn.backup_conf(session="attached")]))
    settle(lab)
    assert "neighbor" in "".join(lab.bgp_section())
    with lab.probe() as probe, circuit_cut(lab):
        wait_uses(lab, TUNNELS)
        wait_family(lab, state="active", cause="all-down", receivesOver="vpn")
        wait_for(lambda: er_vpn.comes_back_over_the_vpn(lab), "Azure to send over the gateways")
    assert max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
    with nothing_lost(lab):
        settle(lab)
