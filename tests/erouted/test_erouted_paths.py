# SPDX-License-Identifier: GPL-2.0-or-later
"""Use and quality of paths: probes over real interfaces, counters, screens, notifications."""

import json
import subprocess
import sys
import threading

import pytest

from frrlab import FakeBgpd, Frontend, answer, answer_end, circuit, rib, vpn_rib, wait_for
from vpnlab import Scenery, backup, gateway, ip

LISTENER = """
import socket
listener = socket.create_server(("169.254.20.2", 4430))
print("ready", flush=True)
while True:
    listener.accept()[0].close()
"""


def probe(name, via, target=None, **more):
    entry = {"name": name, "via": via, "interval": 1, **more}
    if target:
        entry["target"] = target
    return {"path-probe": [entry]}


def tunnel(n):
    return {"vpn-backup": "az", "gateway": n}


@pytest.fixture
def lab(scenery, bare):
    """A circuit, a backup with two tunnels behind each of which a gateway answers."""
    for daemon in ("mgmtd", "zebra", "erouted"):
        bare.start(daemon)
    bare.configure(circuit(a="ert1", b="ert2"))
    wait_for("the circuit", lambda: "ams-1" in bare.show("show expressroute"))
    bare.merge(backup(static=False, gateway=[
        gateway(n, **{"ipv4-neighbor": "169.254.2%d.2" % n}) for n in (0, 1)]))
    wait_for("the paths", lambda: "vpn az gateway 1" in shown(bare).get("path", {}))
    return bare


def show(lab):
    return lab.show("show expressroute paths")


def shown(lab):
    return lab.show_json("show expressroute paths json")


def measured(lab, name):
    """The state of a probe, {} without."""
    return shown(lab).get("pathProbe", {}).get(name, {}).get("state", {})


def is_quality(lab, name, quality):
    return lambda: measured(lab, name).get("quality") == quality and measured(lab, name)


def test_a_tunnel_is_measured_by_echoes(lab):
    lab.merge(probe("v0", tunnel(0), "169.254.20.2", threshold={"loss": 20, "rtt": 500}))
    state = wait_for("a verdict", is_quality(lab, "v0", "good"))
    assert state["loss"] == 0 and state["lost"] == 0
    assert 0 < state["rttMinimum"] <= state["rttMean"] <= state["rttMaximum"] < 500000
    assert (state["target"], state["interface"]) == ("169.254.20.2", "ertun0")
    assert "jitter" in state and "problem" not in state
    line, = [line for line in show(lab).splitlines() if line.strip().startswith("v0 ")]
    assert "vpn az gateway 0" in line and line.rstrip().endswith("good")
    # the model's own state says the same
    lab.merge(probe("v6", tunnel(1), "fd00:21::2"))
    assert wait_for("IPv6", is_quality(lab, "v6", "good"))["loss"] == 0


def test_loss_shows_on_its_path_and_on_no_other(lab):
    lab.merge(probe("v0", tunnel(0), "169.254.20.2", threshold={"loss": 20}))
    lab.merge(probe("v1", tunnel(1), "169.254.21.2", threshold={"loss": 20}))
    wait_for("both", is_quality(lab, "v0", "good"))
    wait_for("both", is_quality(lab, "v1", "good"))
    with Frontend(lab) as frontend:
        frontend.subscribe()
        Scenery.answer_echoes(1, False)
        wait_for("the loss", is_quality(lab, "v1", "poor"))
        name, leaves = frontend.notification()
        assert name == "path-quality-change"
        assert (leaves["path-probe"], leaves["path"]) == ("v1", "vpn az gateway 1")
        assert (leaves["quality"], leaves["previous"]) == ("poor", "good")
        assert leaves["loss"] >= 20 and "threshold 20 %" in leaves["reason"]
        assert measured(lab, "v0")["loss"] == 0
        assert "POOR" in show(lab) and "path-probe v1: poor: loss" in show(lab)
        assert "path-probe v1: vpn az gateway 1 is poor: loss" in lab.log("erouted")
        Scenery.answer_echoes(1, True)
        wait_for("it to be good again", is_quality(lab, "v1", "good"), 40)
        assert frontend.notification()[1]["quality"] == "good"
    entries = lab.show_json("show expressroute history json")["history"]
    assert [(e["name"], e["state"], e["vpnBackup"]) for e in entries if e["aspect"] == "path"] == [
        ("v1", "poor", "az"), ("v1", "good", "az")]


@pytest.fixture
def listener(scenery):
    proc = subprocess.Popen(["ip", "netns", "exec", Scenery.NAMESPACES[0], sys.executable, "-B", "-c", LISTENER],
                            stdout=subprocess.PIPE)
    assert proc.stdout.readline() == b"ready\n"
    yield proc
    proc.kill()
    proc.wait()


def test_a_tcp_port_is_measured_and_a_refusal_is_an_answer(lab, listener):
    Scenery.answer_echoes(0, False)
    lab.merge(probe("open", tunnel(0), "169.254.20.2", **{"tcp-port": 4430}))
    lab.merge(probe("refused", tunnel(0), "169.254.20.2", **{"tcp-port": 4431}))
    for name in ("open", "refused"):
        state = wait_for(name, is_quality(lab, name, "good"))
        assert state["loss"] == 0 and state["rttMean"] > 0


def test_poor_is_taken_back_when_its_probe_is_changed_or_removed(lab):
    Scenery.answer_echoes(0, False)
    lab.merge(probe("v0", tunnel(0), "169.254.20.2", threshold={"loss": 20}))
    with Frontend(lab) as frontend:
        frontend.subscribe()
        changes = (
            (lambda: lab.merge(probe("v0", tunnel(0), "fd00:20::2")), "its path or target was changed"),
            (lambda: lab.remove("path-probe[name='v0']"), "its path-probe was removed"))
        for change, reason in changes:
            assert frontend.notification()[1]["quality"] == "poor"
            change()
            name, leaves = frontend.notification()
            assert (name, leaves["path-probe"], leaves["path"]) == (
                "path-quality-change", "v0", "vpn az gateway 0")
            assert (leaves["quality"], leaves["previous"]) == ("unknown", "poor")
            assert leaves["reason"] == reason and "loss" not in leaves
            assert ("path-probe v0: vpn az gateway 0 was poor, nothing is known of it now: "
                    + reason) in lab.log("erouted")
    entries = lab.show_json("show expressroute history json")["history"]
    assert [(e["state"], e["text"]) for e in entries if e["aspect"] == "path"][1::2] == [
        ("unknown", reason) for _, reason in changes]


def filter_port(rule):
    """What the gateway does with connections to port 4430."""
    subprocess.run(["ip", "netns", "exec", Scenery.NAMESPACES[0], "nft", "-f", "-"], text=True, check=True,
                   input="table inet t {\n chain c {\n type filter hook input priority 0\n"
                         "tcp dport 4430 %s\n }\n}\n" % rule)


@pytest.mark.parametrize("target", ("169.254.20.2", "fd00:20::2"))
def test_a_firewalls_icmp_is_no_answer_and_a_reset_is_one(lab, target):
    filter_port("reject with icmpx port-unreachable")
    lab.merge(probe("icmp", tunnel(0), target, **{"tcp-port": 4430}, threshold={"loss": 50}))
    lab.merge(probe("reset", tunnel(0), target, **{"tcp-port": 4431}, threshold={"loss": 50}))
    state = wait_for("the loss", is_quality(lab, "icmp", "poor"))
    assert state["loss"] == 100 and "rttMean" not in state
    assert wait_for("the answers", is_quality(lab, "reset", "good"))["loss"] == 0


def test_a_tcp_port_that_is_silent_is_lost(lab):
    filter_port("drop")
    lab.merge(probe("p", tunnel(0), "169.254.20.2", **{"tcp-port": 4430}, threshold={"loss": 50}))
    state = wait_for("the loss", is_quality(lab, "p", "poor"))
    assert state["loss"] == 100 and "rttMean" not in state


def test_a_link_is_measured_by_microsofts_end_of_it(lab):
    lab.merge(probe("primary", {"circuit": "ams-1", "link": "primary"}, threshold={"loss": 100}))
    state = wait_for("the loss", is_quality(lab, "primary", "poor"))
    assert (state["target"], state["interface"]) == ("192.168.100.2", "ert1")


def test_without_a_route_over_the_path_nothing_is_known(lab):
    """The kernel would take the target for a neighbor on the link."""
    lab.merge(probe("far", {"circuit": "ams-1", "link": "primary"}, "10.1.0.4",
                    threshold={"loss": 1}))
    state = wait_for("the problem", lambda: measured(lab, "far").get("problem") and
                     measured(lab, "far"))
    assert state["problem"] == "no route to 10.1.0.4 over ert1"
    assert state["quality"] == "unknown" and state["sent"] == 0
    assert "path-probe far: no route to 10.1.0.4 over ert1" in show(lab)
    ip("route add 10.1.0.4/32 via 192.168.100.2 dev ert1")
    wait_for("a probe", lambda: measured(lab, "far")["sent"] > 0)


def test_a_deleted_interface_loses_everything_and_comes_back(lab):
    lab.merge(probe("v0", tunnel(0), "169.254.20.2", threshold={"loss": 20}))
    wait_for("a verdict", is_quality(lab, "v0", "good"))
    ip("link del ertun0")
    state = wait_for("the loss", is_quality(lab, "v0", "poor"))
    assert state["problem"]
    Scenery.make_tunnel(0)
    wait_for("the way back", is_quality(lab, "v0", "good"), 40)


def test_a_probe_of_the_internet_needs_its_interface_only(lab):
    lab.merge(probe("net", {"interface": "erwan0"}, "192.0.2.1"))
    wait_for("the path", lambda: "internet erwan0" in shown(lab)["path"])
    assert "share" not in shown(lab)["path"]["internet erwan0"]


def ping(n, count):
    subprocess.run(["ping", "-c", str(count), "-i", "0.01", "-s", "1000", "169.254.2%d.2" % n],
                   check=True, stdout=subprocess.DEVNULL)


def test_counters_and_shares_are_those_of_the_interfaces(lab):
    first = shown(lab)["path"]["vpn az gateway 0"]
    ping(0, 150)

    def share(n):
        return shown(lab)["path"]["vpn az gateway %d" % n].get("share")

    wait_for("a share", lambda: share(0) is not None)
    path = shown(lab)["path"]["vpn az gateway 0"]
    (counted,) = json.loads(ip("-j -s link show ertun0"))
    assert first["outPackets"] + 150 <= path["outPackets"] <= counted["stats64"]["tx"]["packets"]
    assert path["outOctets"] - first["outOctets"] >= 150 * 1000
    assert path["inPackets"] - first["inPackets"] >= 150
    assert path["outRate"] > 0
    assert share(0) > 90 and sum(share(n) or 0 for n in (0, 1)) <= 101


def test_an_interface_of_two_paths_counts_once(lab):
    lab.configure(circuit(a="ert1", b="ert1"))
    names = ["ams-1 private %s" % role for role in ("primary", "secondary")]
    wait_for("one interface", lambda: shown(lab)["path"][names[1]]["interface"] == "ert1")
    ip("neigh replace 192.168.100.2 lladdr 02:00:00:00:00:01 dev ert1")
    # nobody answers
    subprocess.run(["ping", "-c", "150", "-i", "0.01", "-W", "1", "-s", "1000", "192.168.100.2"],
                   stdout=subprocess.DEVNULL, check=False)
    # what else is sent, through the tunnels, is little
    wait_for("both shares", lambda: all(
        shown(lab)["path"][name].get("share", 0) > 90 for name in names))
    paths = shown(lab)["path"]
    assert paths[names[0]]["share"] == paths[names[1]]["share"]
    assert paths[names[0]]["outRate"] == paths[names[1]]["outRate"]
    assert {name: path["sharedInterface"] for name, path in paths.items()} == {
        names[0]: True, names[1]: True, "vpn az gateway 0": False, "vpn az gateway 1": False}
    assert show(lab).count("ert1 (shared)") == 2 and show(lab).count("(shared)") == 2


def test_the_first_line_says_whether_anything_goes_elsewhere(lab):
    assert show(lab).splitlines()[0].startswith("Azure over the internet: not known: bgpd's module")
    with FakeBgpd(lab) as module:
        module.up()
        with lab.vty("erouted") as vty:
            for known, over_vpn, answers, words in (
                    (7, 0, [], "none of the 7 prefixes"),
                    (7, 0, [("10.1.0.0/16", "neighbor 192.0.2.1")], "1 of 7 prefixes"),
                    (0, 0, [], "all of it, where there is a route"),
                    (0, 2, [], "none of the 2 prefixes that go over a VPN")):
                out = {}
                module.send(rib(("ams-1", "private", "ipv4"), both=known))
                module.send(vpn_rib(("az", "vpn", "ipv4"), over_vpn=over_vpn))
                thread = threading.Thread(
                    target=lambda: out.update(text=vty.run("show expressroute paths", check=False)))
                thread.start()
                number, what, _, _ = module.asked()
                assert what == "elsewhere"
                for net, place in answers:
                    module.send(answer(number, place, stage="best", net=net,
                                       session=("ams-1", "private", "ipv4", "primary")))
                module.send(answer_end(number))
                thread.join()
                assert words in out["text"].splitlines()[0]
                for net, place in answers:
                    assert "%s (ams-1 private): %s" % (net, place) in out["text"]


def test_probes_come_and_go_with_the_configuration(lab):
    lab.merge(probe("v0", tunnel(0), "169.254.20.2"))
    wait_for("it", lambda: measured(lab, "v0").get("sent", 0) > 0)
    lab.remove("path-probe[name='v0']")
    wait_for("its end", lambda: not measured(lab, "v0"))
    assert json.loads(lab.show("show expressroute json")).get("pathProbe", {}) == {}


def test_a_restart_measures_on(lab):
    lab.merge(probe("v0", tunnel(0), "169.254.20.2"))
    wait_for("a verdict", is_quality(lab, "v0", "good"))
    lab.stop("erouted")
    lab.start("erouted")
    wait_for("a verdict", is_quality(lab, "v0", "good"))
