# SPDX-License-Identifier: GPL-2.0-or-later
"""VPN backups: names, probes, state, notifications, commands, what a restart keeps."""

import json
import os
import re
import signal
import time

import pytest

import vpnlab
from frrlab import (FakeBgpd, Frontend, Lab, answer, answer_end, circuit, rib, session_state,
                    vpn_rib, wait_for)
from vpnlab import PREFIX, PREFIX6, Dns, backup, down, gateway, ip, route, static_route, up, use_dns

BOTH = ["ertun0", "ertun1"]
KEY = ("az", "vpn", "ipv4")
SESSIONS = [KEY + (role,) for role in ("primary", "secondary")]
BGP = dict(static=False, gateway=[gateway(0, **{"ipv4-neighbor": "169.254.20.2"}),
                                  gateway(1, **{"ipv4-neighbor": "169.254.21.2"})])


@pytest.fixture
def lab(scenery, bare):
    for daemon in ("mgmtd", "zebra", "erouted"):
        bare.start(daemon)
    bare.configure(circuit(a="ert1", b="ert2"))
    wait_for("the circuit", lambda: "ams-1" in bare.show("show expressroute"))
    return bare


def show(lab):
    return lab.show("show expressroute vpn-backup az")


def tree(lab):
    return lab.show_json("show expressroute vpn-backup az json")["vpnBackup"]["az"]


def family(lab, name="ipv4"):
    return tree(lab)["state"]["family"][name]


def gw(lab, n=0):
    return tree(lab)["gateway"][str(n)]["state"]


@pytest.fixture
def ready(lab):
    """A BGP backup whose two gateways work, in standby."""
    lab.merge(backup(**BGP))
    with FakeBgpd(lab) as module:
        up(module, SESSIONS)
        wait_for("standby", lambda: family(lab)["state"] == "standby")
        wait_for("the neighbors", lambda: all(
            gw(lab, n)["session"]["ipv4"]["neighborReachable"] for n in (0, 1)))
        yield lab, module


# Names


@pytest.fixture
def dns():
    server = Dns()
    yield server
    server.close()


NAMED = dict(pin={"mode": "interface", "interface": "erwan0"},
             gateway=[gateway(0, address="gw0.example.com"), gateway(1)])


@pytest.fixture
def named(scenery, bare, dns):
    """A backup whose gateway 0 has a name, which resolves."""
    dns.records["gw0.example.com"] = ["20.1.2.3", "2603:1000::3"]
    use_dns(bare)
    for daemon in ("mgmtd", "zebra", "erouted"):
        bare.start(daemon)
    bare.configure(circuit(a="ert1", b="ert2"))
    wait_for("the circuit", lambda: "ams-1" in bare.show("show expressroute"))
    bare.merge(backup(**NAMED))
    wait_for("the addresses", lambda: addresses(bare) == ["20.1.2.3", "2603:1000::3"])
    return bare


def addresses(lab):
    try:
        return gw(lab).get("resolvedAddress")
    except KeyError:
        return None


def resolve(lab):
    return gw(lab)["resolve"]


def asked_again(lab, dns):
    """Once more, on demand."""
    before = len(dns.asked)
    lab.show("expressroute resolve az")
    wait_for("the question", lambda: len(dns.asked) > before)


def test_a_name_is_looked_up_and_pinned(named, dns):
    assert resolve(named)["state"] == "resolved"
    assert {kind for _, kind in dns.asked} == {1, 28}
    for address in ("20.1.2.3/32", "2603:1000::3/128"):
        wait_for("the pin", lambda: route(named, address))
    assert 290 <= resolve(named)["next"] <= 300


@pytest.mark.parametrize("ttl, low, high", [(0, 8, 10), (120, 110, 120), (999999, 3500, 3600)])
def test_it_is_looked_up_again_by_its_ttl(named, dns, ttl, low, high):
    dns.ttl = ttl
    asked_again(named, dns)
    wait_for("the answer", lambda: low <= resolve(named)["next"] <= high)


def test_a_changed_answer_moves_the_pin(named, dns):
    dns.records["gw0.example.com"] = ["20.1.2.9"]
    asked_again(named, dns)
    wait_for("the address", lambda: addresses(named) == ["20.1.2.9"])
    wait_for("the pin", lambda: route(named, "20.1.2.9/32"))
    wait_for("the old one's end", lambda: not route(named, "20.1.2.3/32"))
    assert "resolves to 20.1.2.9" in named.log("erouted")


@pytest.mark.parametrize("mode, words", [
    ("servfail", "server returned"),
    ("garbage", "Misformatted"),
    ("silence", "Timeout"),
])
def test_a_failure_keeps_the_last_good_answer_and_says_so(named, dns, mode, words):
    dns.mode = mode
    asked_again(named, dns)
    wait_for("the failure", lambda: resolve(named)["state"] == "failed", 30)
    assert addresses(named) == ["20.1.2.3", "2603:1000::3"]
    assert words in resolve(named)["problem"]
    assert route(named, "20.1.2.3/32")
    assert "gw0.example.com" in show(named)
    assert "its name is not resolved" in named.log("erouted")
    # it tries again by itself, soon
    dns.mode = "answer"
    wait_for("the end", lambda: resolve(named)["state"] == "resolved", 30)


def test_a_name_that_is_gone_keeps_the_last_good_answer(named, dns):
    del dns.records["gw0.example.com"]
    asked_again(named, dns)
    wait_for("the failure", lambda: resolve(named)["state"] == "failed")
    assert addresses(named) == ["20.1.2.3", "2603:1000::3"]


def test_a_late_answer_counts(named, dns):
    dns.mode = "late"
    dns.records["gw0.example.com"] = ["20.1.2.4"]
    asked_again(named, dns)
    wait_for("the address", lambda: addresses(named) == ["20.1.2.4"])


def test_private_addresses_are_not_used(named, dns):
    dns.records["gw0.example.com"] = ["10.1.2.3"]
    asked_again(named, dns)
    wait_for("the failure", lambda: "10.1.2.3" in resolve(named).get("problem", ""))
    assert addresses(named) == ["20.1.2.3", "2603:1000::3"]
    dns.records["gw0.example.com"] = ["10.1.2.3", "20.1.2.5"]
    asked_again(named, dns)
    wait_for("the usable one", lambda: addresses(named) == ["20.1.2.5"])
    assert "10.1.2.3" in resolve(named)["problem"]


def test_of_fifty_addresses_eight_are_used(named, dns):
    dns.records["gw0.example.com"] = ["20.1.3.%d" % n for n in range(50, 0, -1)]
    asked_again(named, dns)
    wait_for("them", lambda: addresses(named) == ["20.1.3.%d" % n for n in range(1, 9)])
    assert "more than 8" in resolve(named)["problem"]


def test_an_interface_that_changes_has_it_looked_up(named, dns):
    wait_for("quiet", lambda: resolve(named)["next"] > 200)
    before = len(dns.asked)
    ip("link set ertun0 down")
    wait_for("the question", lambda: len(dns.asked) > before)


def test_the_way_to_the_internet_that_comes_late_has_it_looked_up(named, dns):
    """... at once, though it has failed often enough to wait for long."""
    named.merge(backup(pin={"mode": "interface", "interface": "erlate0"},
                       gateway=[gateway(0, address="gw1.example.com"), gateway(1)]))
    dns.records["gw1.example.com"] = ["20.1.2.9"]
    wait_for("failures", lambda: resolve(named).get("next", 0) > 6, 30)
    assert "missing" in resolve(named)["problem"]
    began, soon = time.monotonic(), resolve(named)["next"]
    ip("link add erlate0 type veth peer name erlate1")
    try:
        ip("link set erlate1 up")
        ip("link set erlate0 up")
        wait_for("the answer", lambda: addresses(named) == ["20.1.2.9"])
        assert time.monotonic() - began < soon
    finally:
        ip("link del erlate0")


def test_the_last_answer_outlives_a_restart_without_dns(named, dns):
    wait_for("the pin", lambda: route(named, "20.1.2.3/32"))
    wait_for("the memory", lambda: "20.1.2.3" in open(named.lib_dir + "/erouted.json").read())
    dns.mode = "servfail"
    named.stop("erouted", signal.SIGKILL)
    named.start("erouted")
    wait_for("the answer of before", lambda: addresses(named) == ["20.1.2.3", "2603:1000::3"])
    assert route(named, "20.1.2.3/32")


def test_many_questions_at_once_do_no_harm(named, dns):
    before = len(dns.asked)
    for _ in range(100):
        named.show("expressroute resolve")
    assert resolve(named)["state"] == "resolved"
    # two families each, and no more than one a second
    assert len(dns.asked) - before <= 8


def test_an_address_is_no_name(lab):
    lab.merge(backup(gateway=[gateway(0, address="20.1.2.3"), gateway(1)]))
    wait_for("it", lambda: addresses(lab) == ["20.1.2.3"])
    assert gw(lab)["resolve"] == {"state": "literal"}


# Probes


PROBED = dict(probe={"interval": 100, "multiplier": 3},
              gateway=[gateway(0, **{"ipv4-probe": "169.254.20.2", "ipv6-probe": "fd00:20::2"}),
                       gateway(1, **{"ipv4-probe": "169.254.21.2"})])


@pytest.fixture
def probed(lab):
    lab.merge(backup(**PROBED))
    with FakeBgpd(lab) as module:
        up(module)
        wait_for("the probes", lambda: probe(lab)["state"] == "up")
        wait_for("the route", lambda: static_route(lab) == (240, BOTH))
        yield lab, module


def probe(lab, n=0, name="ipv4"):
    return gw(lab, n)["session"][name]["probe"]


def test_a_probe_measures_the_tunnel(probed):
    lab, _ = probed
    wait_for("IPv6", lambda: probe(lab, 0, "ipv6")["state"] == "up")
    seen = probe(lab)
    assert seen["target"] == "169.254.20.2" and 0 < seen["roundTrip"] < 1000000
    assert "ms" in show(lab)


def test_a_tunnel_that_swallows_everything_is_not_used(probed, scenery):
    lab, _ = probed
    scenery.answer_echoes(0, False)
    wait_for("the probe", lambda: probe(lab)["state"] == "down")
    wait_for("the route", lambda: static_route(lab) == (240, ["ertun1"]))
    assert "169.254.20.2 does not answer through the tunnel" in show(lab)
    scenery.answer_echoes(0, True)
    wait_for("the probe", lambda: probe(lab)["state"] == "up")
    wait_for("the route", lambda: static_route(lab) == (240, BOTH))


@pytest.mark.parametrize("mode", ["id", "sequence", "token", "short", "type"])
def test_a_forged_reply_is_none(probed, scenery, mode):
    lab, _ = probed
    scenery.answer_echoes(0, False)
    forger = vpnlab.start_forger(0, mode)
    try:
        wait_for("the probe", lambda: probe(lab)["state"] == "down")
        lost = probe(lab)["lost"]
        wait_for("more", lambda: probe(lab)["lost"] > lost + 5)
        assert probe(lab)["state"] == "down"
    finally:
        forger.kill()
        forger.wait()


def test_the_forger_knows_how_to_answer(probed, scenery):
    """... so that the tests above can fail."""
    lab, _ = probed
    scenery.answer_echoes(0, False)
    wait_for("the probe", lambda: probe(lab)["state"] == "down")
    forger = vpnlab.start_forger(0, "rightly")
    try:
        wait_for("the probe", lambda: probe(lab)["state"] == "up")
    finally:
        forger.kill()
        forger.wait()


def test_a_probe_leaves_over_its_tunnel_whatever_the_routes_say(probed):
    lab, _ = probed
    ip("route add 169.254.20.2/32 dev ertun1")
    lost = probe(lab)["lost"]
    sent = probe(lab)["sent"]
    wait_for("more", lambda: probe(lab)["sent"] > sent + 5)
    assert probe(lab)["lost"] == lost and probe(lab)["state"] == "up"


def test_a_tunnel_made_anew_is_probed_again(probed, scenery):
    lab, _ = probed
    ip("link del ertun0")
    wait_for("the route", lambda: static_route(lab) == (240, ["ertun1"]))
    scenery.make_tunnel(0)
    wait_for("the route", lambda: static_route(lab) == (240, BOTH))
    wait_for("the probe", lambda: probe(lab)["state"] == "up")


# BFD


@pytest.fixture
def far_bfd(scenery, tmp_path):
    """A bfdd at gateway 0."""
    far = Far(tmp_path)
    yield far
    far.close()


class Far(Lab):
    """zebra and bfdd in the gateway's namespace."""

    def __init__(self, tmp_path):
        directory = tmp_path / "far"
        directory.mkdir()
        super().__init__(directory, "erfar%d" % os.getpid())
        for daemon in ("mgmtd", "zebra", "bfdd"):
            self.wrap[daemon] = ["ip", "netns", "exec", vpnlab.Scenery.NAMESPACES[0]]
            self.start(daemon)
        self.peer()

    def peer(self):
        with self.vty("bfdd") as vty:
            for word in ("enable", "configure terminal", "bfd",
                         "peer 169.254.20.1 interface ergw", "no shutdown", "end"):
                vty.run(word)

    def vanish(self):
        """Without a word: one that is shut down says so, which is no failure."""
        self.stop("bfdd", signal.SIGKILL)

    def come_back(self):
        self.start("bfdd")
        self.peer()


def test_bfd_watches_a_static_tunnel(lab, far_bfd):
    lab.start("bfdd")
    lab.merge(backup(bfd={"enabled": True, "receive-interval": 50, "transmit-interval": 50,
                          "detect-multiplier": 3},
                     probe={"interval": 60000},
                     gateway=[gateway(0, **{"ipv4-probe": "169.254.20.2"}), gateway(1)]))
    with FakeBgpd(lab) as module:
        up(module)
        wait_for("BFD", lambda: '"up"' in lab.show("show bfd peers json", "bfdd"))
        wait_for("the route", lambda: static_route(lab) == (240, BOTH))
        far_bfd.vanish()
        wait_for("the route", lambda: static_route(lab) == (240, ["ertun1"]))
        assert "BFD" in show(lab)
        far_bfd.come_back()
        wait_for("the route", lambda: static_route(lab) == (240, BOTH))
        # zebra that comes back has BFD come back, too
        lab.stop("zebra", signal.SIGKILL)
        lab.start("zebra")
        wait_for("the route", lambda: static_route(lab) == (240, BOTH))
        far_bfd.vanish()
        wait_for("the route", lambda: static_route(lab) == (240, ["ertun1"]))


# State and screens


def test_one_screen_says_that_all_is_well(ready):
    lab, _ = ready
    screen = show(lab)
    assert "VPN backup az of circuit ams-1" in screen
    assert re.search(r"ipv4: ready \(standby since .*traffic goes over ExpressRoute, 2 of 2",
                     " ".join(screen.split()))
    assert "To do" not in screen
    assert "VPN backup az ipv4: ready" in lab.show("show expressroute")
    assert "VPN backup az ipv4: ready" in lab.show("show expressroute summary")


def test_active_says_why_and_what_carries_traffic(ready):
    lab, module = ready
    down(module)
    wait_for("activation", lambda: family(lab)["state"] == "active")
    seen = family(lab)
    assert seen["cause"] == "all-down" and seen["sendsOver"] == "vpn"
    screen = " ".join(show(lab).split())
    assert re.search(r"ipv4: ACTIVE since \S+ \(all-down\), traffic", screen)
    assert "0 of 2 links are up" in screen


def test_a_lost_gateway_is_named_with_its_problem(ready):
    lab, module = ready
    module.send(session_state(SESSIONS[0], "active", last_reset="Hold Timer Expired", reset=1))
    wait_for("it", lambda: gw(lab)["session"]["ipv4"]["health"] == "down")
    assert re.search(r"gateway 0 ipv4: .*Hold Timer Expired", " ".join(show(lab).split()))
    assert "vpn-backup az gateway 0 ipv4: session to 169.254.20.2 lost" in lab.log("erouted")


def test_what_bgpd_counts_is_told_by_name(ready):
    lab, module = ready
    module.send(vpn_rib(KEY, expressroute=9, uncovered=["10.7.0.0/16"],
                        more_specific=["10.8.1.0/24"], suppressed=1, over_vpn=2))
    wait_for("it", lambda: family(lab)["coverage"].get("uncovered") == 1)
    assert family(lab)["coverage"]["uncoveredPrefix"] == ["10.7.0.0/16"]
    assert family(lab)["moreSpecifics"] == {"count": 1, "suppressed": 1,
                                            "prefix": ["10.8.1.0/24"]}
    assert family(lab)["overVpn"] == 2
    assert "10.7.0.0/16" in lab.show("show expressroute vpn-backup az detail")
    assert "10.8.1.0/24" in lab.log("erouted")


@pytest.mark.parametrize("command, what", [("uncovered", "uncovered"),
                                           ("more-specifics", "more-specific")])
def test_all_of_them_are_asked_for(ready, command, what):
    lab, module = ready
    with lab.vty("erouted") as vty:
        vty.sock.sendall(("show expressroute vpn-backup az %s json" % command).encode() + b"\0")
        number, asked = module.asked()[:2]
        assert asked == what
        for session, net in ((SESSIONS[0], "10.7.0.0/16"),
                             (("other", "vpn", "ipv4", "primary"), "10.9.0.0/16")):
            module.send(answer(number, "no path over the VPN", session=session, net=net))
        module.send(answer_end(number))
        data = b""
        while not data.endswith(b"\0\0\0\0"):
            data += vty.sock.recv(65536)
    shown = json.loads(data[:-4])
    (one,) = shown["uncovered" if command == "uncovered" else "moreSpecific"]
    assert one["prefix"] == "10.7.0.0/16" and one["family"] == "ipv4"


def test_passwords_leave_by_no_show(lab):
    lab.merge(backup(password="s3cr3t", **BGP))
    wait_for("it", lambda: "az" in lab.show("show expressroute"))
    for command in ("show expressroute vpn-backup json", "show expressroute json",
                    "show expressroute vpn-backup az bgp-config"):
        assert "s3cr3t" not in lab.show(command)
    assert "password <hidden>" in lab.show("show expressroute vpn-backup az bgp-config")


def test_plain_configuration_shows_sessions_routes_and_pins(lab):
    lab.merge(backup(pin={"mode": "interface", "interface": "erwan0"},
                     gateway=[gateway(0, address="20.1.2.3", **{"ipv4-neighbor": "169.254.20.2"}),
                              gateway(1)]))
    with FakeBgpd(lab) as module:
        up(module)
        wait_for("the pin", lambda: route(lab, "20.1.2.3/32"))
        text = lab.show("show expressroute vpn-backup az bgp-config")
    for line in (" neighbor 169.254.20.2 remote-as 65515", " set local-preference 90",
                 "ip route 20.1.2.3/32 erwan0 2", "ipv6 route 2001:db8:1::/48 ertun1 240"):
        assert line in text.splitlines(), text


def test_unknown_names_are_told(lab):
    for command in ("show expressroute vpn-backup nobody", "expressroute resolve nobody",
                    "show expressroute vpn-backup nobody uncovered",
                    "expressroute switchover nobody to vpn"):
        assert "nobody" in lab.show(command)
    assert "There is no VPN backup" in lab.show("show expressroute vpn-backup")


# Rules


PRIVATE = ("ams-1", "private", "ipv4")
ONE_DOWN = session_state((*PRIVATE, "secondary"), "active", last_reset="test", reset=1)
RULES = [
    ({"rule": "links-below", "minimum-links": 2}, ONE_DOWN, "links-below"),
    ({"on-drained": True}, rib(PRIVATE, both=5, drained=(5, 5)), "drained"),
    ({"on-asymmetric": True}, rib(PRIVATE, both=2, only=(3, 0)), "asymmetric"),
]


@pytest.mark.parametrize("activation, report, cause", RULES, ids=[rule[2] for rule in RULES])
def test_a_rule_activates_while_expressroute_has_a_path(ready, activation, report, cause):
    lab, module = ready
    module.send(report)
    lab.merge({"vpn-backup": [{"name": "az", "activation": activation}]})
    wait_for("activation", lambda: family(lab)["state"] == "active", 30)
    assert family(lab)["cause"] == cause


@pytest.mark.parametrize("path", ["vpn", "expressroute"])
def test_what_microsoft_sends_over_is_configured(ready, path):
    lab, _ = ready
    lab.merge({"vpn-backup": [{"name": "az", "return-path": path}]})
    lab.show("expressroute switchover az to vpn")
    assert family(lab)["state"] == "active"
    wait_for("the way back", lambda: family(lab)["receivesOver"] == path)


# Requests


def test_a_switchover_moves_and_returns_by_itself(ready):
    lab, module = ready
    assert lab.show("expressroute switchover az to vpn for 2") == ""
    assert family(lab)["cause"] == "operator" and 0 < family(lab)["remaining"] <= 2
    assert "returns to ExpressRoute in" in " ".join(show(lab).split())
    wait_for("the return", lambda: family(lab)["state"] == "standby", 30)


def test_a_switchover_ends_on_command(ready):
    lab, _ = ready
    lab.show("expressroute switchover az to vpn")
    assert family(lab)["state"] == "active"
    lab.show("expressroute switchover az to expressroute")
    wait_for("the return", lambda: family(lab)["state"] == "standby")


def test_what_cannot_be_is_refused_and_says_why(ready):
    lab, module = ready
    for session in SESSIONS:
        module.send(session_state(session, "active", last_reset="test", reset=1))
    wait_for("the loss", lambda: family(lab)["state"] == "unavailable")
    answer_ = lab.show("expressroute switchover az to vpn")
    assert answer_.startswith("% ") and "az" in answer_
    with Frontend(lab) as frontend:
        code, body = frontend.rpc("vpn-switchover", **{"vpn-backup": "az", "to": "vpn"})
        assert code == Frontend.ERROR and answer_.strip("% \n").encode() in body


def test_operations_and_notifications_over_yang(ready):
    lab, module = ready
    with Frontend(lab) as hears, Frontend(lab) as frontend:
        hears.subscribe()
        code, _ = frontend.rpc("vpn-switchover", **{"vpn-backup": "az", "to": "vpn",
                                                    "time-limit": 60})
        assert code == Frontend.RPC_REPLY
        name, leaves = hears.notification()
        assert name == "vpn-activated"
        assert leaves["vpn-backup"] == "az" and leaves["cause"] == "operator"
        module.send(session_state(SESSIONS[1], "active", last_reset="Peer closed", reset=1))
        name, leaves = hears.notification()
        assert name == "vpn-session-change"
        assert (leaves["gateway"], leaves["established"]) == (1, False)
        assert leaves["neighbor-address"] == "169.254.21.2"


def test_a_failover_test_runs_and_leaves_a_report(ready):
    lab, module = ready
    # without a probe there is nothing to measure by
    assert "no gateway that is up has a probe" in lab.show("expressroute failover-test az 5")
    said = lab.show("expressroute failover-test az 5 force")
    assert "has begun" in said, said
    wait_for("it", lambda: "RUNNING" in lab.show("show expressroute vpn-backup az test"))
    lab.show("expressroute failover-test az abort")
    wait_for("its end", lambda: tree(lab)["state"]["test"]["result"] == "aborted", 30)
    assert "aborted" in lab.show("show expressroute vpn-backup az test")
    report = lab.show_json("show expressroute vpn-backup az test json")
    assert report["result"] == "aborted" and report["due"] is True


def test_a_failover_test_sees_static_prefixes_move(probed):
    lab, module = probed
    lab.start("staticd")
    for prefix, via in ((PREFIX, "192.168.100.2"), (PREFIX6, "ert1")):
        lab.configure("%s route %s %s 20\n" % ("ipv6" if ":" in prefix else "ip", prefix, via))
    wait_for("a better route", lambda: not route(lab).get("selected"))
    wait_for("IPv6", lambda: not route(lab, PREFIX6).get("selected"))
    wait_for("the probe", lambda: probe(lab, 0, "ipv6")["state"] == "up")
    said = lab.show("expressroute failover-test az 5")
    assert "has begun" in said, said
    wait_for("its end", lambda: tree(lab)["state"]["test"]["result"] != "running", 60)
    report = tree(lab)["state"]["test"]
    assert report["result"] == "passed", report
    assert report["moved"] > 0 and report["lost"] == 0
    # a later one that is called off does not hide it
    assert "has begun" in lab.show("expressroute failover-test az 5")
    lab.show("expressroute failover-test az abort")
    wait_for("its end", lambda: tree(lab)["state"]["test"]["result"] == "aborted", 30)
    assert re.search("aborted .* ago: .*; the last that passed was .* ago",
                     lab.show("show expressroute vpn-backup az test").replace("\n  ", " "))


# Restart


def test_a_switchover_outlives_erouted(ready):
    lab, module = ready
    lab.show("expressroute switchover az to vpn")
    wait_for("the memory", lambda: re.search(
        '"active": *true', open(lab.lib_dir + "/erouted.json").read()))
    lab.stop("erouted", signal.SIGKILL)
    lab.start("erouted")
    with FakeBgpd(lab) as again:
        up(again, SESSIONS)
        wait_for("it", lambda: family(lab)["state"] == "active")
        assert family(lab)["cause"] == "operator"
        assert set(again.preference[s] for s in SESSIONS) == {5000}


@pytest.mark.parametrize("text", [
    '"vpnBackups": 7', '"vpnBackups": [7]', '"vpnBackups": [{"vpnBackup": ""}]',
    '"vpnGateways": [{"vpnBackup": "az", "gateway": 9, "name": "x", "addresses": []}]',
    '"vpnGateways": [{"vpnBackup": "az", "gateway": 0, "name": "x", "addresses": ["y"]}]',
])
def test_a_memory_that_makes_no_sense_is_told_of(bare, text):
    with open(bare.lib_dir + "/erouted.json", "w") as f:
        f.write('{"version": 1, "saved": 1, "peerings": [], %s}' % text)
    bare.start("erouted")
    assert "cannot be understood" in bare.log("erouted")


def test_a_backup_that_mgmtd_forgot_is_swept(lab):
    lab.merge(backup())
    lab.stop("erouted")
    lab.start("erouted", "--config-hold", "1")
    wait_for("it", lambda: "VPN backup az" in lab.show("show expressroute"))
    lab.stop("mgmtd")
    lab.start("mgmtd")
    wait_for("the sweep", lambda: "VPN backup az" not in lab.show("show expressroute"))
    assert "vpn-backup az is gone" in lab.log("erouted")


def test_nothing_is_left_in_memory(named):
    lab = named
    lab.remove("vpn-backup[name='az']/pin")
    lab.merge(backup(pin={"mode": "default-route"}, bfd={"enabled": True}, gateway=[
        gateway(0, address="gw0.example.com", **{"ipv4-probe": "169.254.20.2"}),
        gateway(1, address="nobody.example.com", **{"ipv6-neighbor": "fd00:21::2"})]))
    with FakeBgpd(lab) as module:
        up(module)
        module.send(vpn_rib(KEY, expressroute=1, uncovered=["10.7.0.0/16"]))
        wait_for("all of it", lambda: family(lab)["coverage"]["uncovered"] == 1)
        with lab.vty("erouted") as vty:
            vty.run("enable")
            vty.run("configure terminal")
            vty.run("debug memstats-at-exit")
        lab.show("expressroute resolve")
        assert lab.stop("erouted") == 0
    with open(lab.logs + "/erouted.out") as f:
        out = f.read()
    assert "memstats" not in out and "leaked" not in lab.log("erouted"), out


def test_debugging_is_one_word(lab):
    lab.show("debug expressroute vpn")
    assert "vpn" in lab.show("show debugging").lower()
