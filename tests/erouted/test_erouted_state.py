# SPDX-License-Identifier: GPL-2.0-or-later
"""State, notifications, log lines, commands."""

import json
import re
import signal
import statistics
import time

import pytest

import guide
from frrlab import (circuit, said, FakeBgpd, Frontend, rib, session_state, VtyError,
                    wait_for)

PEERING = ("ams-1", "private", "ipv4")
PRIMARY, SECONDARY = PEERING + ("primary",), PEERING + ("secondary",)


def redundancy(lab):
    return lab.show_json()["circuit"]["ams-1"]["state"]["redundancy"]


def lose(module, session, reason="BFD down received"):
    module.send(session_state(session, "active", bfd="down", last_reset=reason,
                              reset=int(time.time())))


def test_each_transition_is_a_notification_and_a_log_line(configured):
    lab = configured
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        frontend.subscribe()
        # the subscription reaches erouted before this does
        time.sleep(0.3)

        lose(module, SECONDARY)
        name, leaves = frontend.notification()
        assert name == "session-change"
        assert leaves == {"circuit": "ams-1", "peering": "private", "family": "ipv4",
                          "link": "secondary", "neighbor-address": "192.168.100.6",
                          "established": False, "reason": "BFD down received"}
        name, leaves = frontend.notification()
        assert name == "redundancy-change"
        assert leaves["redundancy"] == "degraded" and leaves["previous"] == "redundant"
        assert "BFD down received" in leaves["reason"]
        module.send(session_state(SECONDARY, "established", accepted=5))
        assert frontend.notification()[1]["established"] is True
        assert frontend.notification()[1]["redundancy"] == "redundant"
        module.send(rib(PEERING, both=5, drained=(5, 0)))
        assert frontend.notification() == ("drain-start", {
            "circuit": "ams-1", "peering": "private", "family": "ipv4", "link": "primary",
            "drained-prefixes": 5})
        assert frontend.notification()[1]["redundancy"] == "degraded"
        module.send(rib(PEERING, both=5))
        assert frontend.notification()[0] == "drain-stop"
        assert frontend.notification()[1]["redundancy"] == "redundant"
        module.send(rib(PEERING, both=5, only=(2, 0), examples=["10.1.0.0/16", "10.2.0.0/16"]))
        assert frontend.notification() == ("parity-lost", {
            "circuit": "ams-1", "peering": "private", "family": "ipv4", "both": 5,
            "primary-only": 2, "secondary-only": 0, "path-differs": 0,
            "advertised-primary-only": 0, "advertised-secondary-only": 0})
        assert "10.1.0.0/16" in lab.show("show expressroute circuit ams-1 parity")
        module.send(rib(PEERING, both=7))
        assert frontend.notification()[0] == "parity-restored"
        module.send(rib(PEERING, both=7, overlaps=["192.168.100.0/24"]))
        wait_for("the warning", lambda: "192.168.100.0/24, which Azure announces, overlaps" in
                 " ".join(lab.show("show expressroute circuit ams-1").split()))
    lines = said(lab)[-9:]
    assert lines == [
        "circuit ams-1 private secondary ipv4: session to 192.168.100.6 lost: BFD down received",
        "circuit ams-1 private ipv4 is degraded, was redundant: "
        "secondary: session not established (BFD down received)",
        "circuit ams-1 private secondary ipv4: session to 192.168.100.6 established",
        "circuit ams-1 private ipv4 is redundant, was degraded",
        "circuit ams-1 private primary ipv4: drained by Microsoft, 5 prefixes",
        "circuit ams-1 private ipv4 is degraded, was redundant: "
        "primary: drained by Microsoft (maintenance)",
        "circuit ams-1 private primary ipv4: no longer drained",
        "circuit ams-1 private ipv4 is redundant, was degraded",
        "circuit ams-1 private ipv4: links differ: 5 prefixes on both, 2 on primary only, "
        "0 on secondary only, 0 with different paths",
    ] or lines[-1].endswith("links agree again")


def test_a_circuit_that_advertises_nothing_is_told_of(configured):
    lab = configured

    def warnings():
        peering = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]
        return peering["state"]["family"]["ipv4"].get("warning", [])
    with FakeBgpd(lab) as module:
        generation = module.take_config()
        for session in module.sessions:
            module.send(session_state(session, "established", accepted=5))
        module.send(rib(PEERING, both=5))
        module.synced(generation)
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        text = ("advertises nothing: none of its prefixes is in bgpd's table: "
                "'network' them and have a route to each ('ip route PREFIX Null0'), "
                "or redistribute them")
        assert warnings() == [text]
        screen = " ".join(lab.show("show expressroute").split("To know:")[1].split())
        assert "private ipv4: " + text in screen
        module.send(session_state(PRIMARY, "established", accepted=5, advertised=1))
        wait_for("the end of it", lambda: not warnings())
        assert "advertises nothing" not in lab.show("show expressroute")


def test_one_router_for_both_links_is_a_detail(lab):
    lab.configure(circuit(a="erx1", b="erx2"))
    wait_for("the circuit", lambda: "ams-1" in lab.show("show expressroute"))
    text = "private ipv4: unprotected: both links end on this router"
    assert text in lab.show("show expressroute circuit ams-1 detail").split("To know:")[1]
    assert "unprotected" not in lab.show("show expressroute circuit ams-1")


def test_one_is_no_plural(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        lose(module, SECONDARY)
        wait_for("degradation", lambda: redundancy(lab) == "degraded")
        module.send(session_state(SECONDARY, "established", accepted=5))
        module.send(rib(PEERING, both=1, drained=(1, 0)))
        wait_for("the drain", lambda: "1 prefix moved away"
                 in " ".join(lab.show("show expressroute").split()))
        assert "lost 1 time, " in lab.show("show expressroute circuit detail")
        assert "parity: 1 prefix on both" in lab.show("show expressroute circuit detail")
    assert said(lab)[-1] and any(line.endswith("Microsoft, 1 prefix") for line in said(lab))


def test_every_log_line_has_a_code_that_is_explained(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        lose(module, PRIMARY)
        wait_for("degradation", lambda: redundancy(lab) == "degraded")
    codes = [line.split("[EC ")[1].split("]")[0]
             for line in lab.log("erouted").splitlines() if "circuit ams-1" in line]
    assert codes
    for code in codes:
        assert "ExpressRoute" in lab.show("show error %s" % code)


def test_a_lost_session_is_told_within_five_milliseconds(configured):
    lab = configured
    took = []
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        frontend.subscribe()
        time.sleep(0.3)
        lab.show("clear expressroute counters")
        for _ in range(20):
            start = time.monotonic()
            lose(module, SECONDARY)
            frontend.notification()
            frontend.notification()
            took.append((time.monotonic() - start) * 1000)
            module.send(session_state(SECONDARY, "established", accepted=5))
            frontend.notification()
            frontend.notification()
            lab.show("clear expressroute counters")
    print("lost session to both notifications, ms: median %.2f, worst %.2f"
          % (statistics.median(took), max(took)))
    assert statistics.median(took) <= 5


def test_show_and_yang_tell_the_same(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        yang = json.loads(lab.show("show mgmt get-data /frr-expressroute:expressroute", "mgmtd"))
        shown = lab.show_json()
    top = yang["frr-expressroute:expressroute"]
    yang_circuit = top["circuit"][0]
    json_circuit = shown["circuit"]["ams-1"]
    assert yang_circuit["state"] == json_circuit["state"] == {"redundancy": "redundant"}
    peering = yang_circuit["peering"][0]
    for link in peering["link"]:
        ours = json_circuit["peering"]["private"]["link"][link["role"]]["state"]
        assert ours["interfaceState"] == link["state"]["interface-state"]
        for session in link["state"]["session"]:
            mine = ours["session"][session["family"]]
            for name, value in session.items():
                camel = name.split("-")[0] + "".join(w.title() for w in name.split("-")[1:])
                if name not in ("uptime", "last-reset-age"):
                    assert mine[camel] == value, name
    assert top["state"]["bgpd"]["state"] == shown["state"]["bgpd"]["state"] == "connected"


def test_one_circuit_of_yang_state(configured):
    path = "/frr-expressroute:expressroute/circuit[name='ams-1']/state/redundancy"
    data = json.loads(configured.show("show mgmt get-data " + path, "mgmtd"))
    assert data["frr-expressroute:expressroute"]["circuit"][0]["state"]["redundancy"]


def test_the_guide_finds_its_way_into_the_json(configured):
    lab = configured
    shown = guide.block("logging", "# vtysh -c 'show expressroute json'")
    command, way, found = re.fullmatch(r"# vtysh -c '(.*)' \|\n +jq '(.*)'\n(.*)\n", shown).groups()
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        value = lab.show_json(command)
        for quoted, plain in re.findall(r'\["([^"]+)"\]|\.?(\w+)', way):
            value = value[quoted or plain]
        assert value == json.loads(found)


def test_clear_counters_by_rpc(configured):
    lab = configured
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        lose(module, SECONDARY)
        wait_for("degradation", lambda: redundancy(lab) == "degraded")

        def flaps():
            link = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]["link"]["secondary"]
            return link["state"]["session"]["ipv4"]["flaps"]
        assert flaps() == 1
        code, _ = frontend.rpc("clear-counters", circuit="nobody")
        assert code == Frontend.ERROR and flaps() == 1
        code, _ = frontend.rpc("clear-counters", circuit="ams-1")
        assert code == Frontend.RPC_REPLY and flaps() == 0
        kind = None
        while kind != 10:
            kind, value = module.next()
        assert value == "ams-1"


def test_availability_is_a_record_and_no_counter(configured):
    lab = configured

    def months():
        peering = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]
        return peering["state"]["family"]["ipv4"]["availability"]["thisMonth"]["redundant"]
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        module.up()
        wait_for("a second", lambda: redundancy(lab) == "redundant" and months())
        lab.show("clear expressroute counters")
        lab.show("clear expressroute counters circuit ams-1")
        assert frontend.rpc("clear-counters")[0] == Frontend.RPC_REPLY
        assert months()
        # a record of another is not touched
        lab.configure(circuit("fra-1", net=101))
        wait_for("another", lambda: "fra-1" in lab.show("show expressroute"))
        lab.show("clear expressroute availability circuit fra-1")
        assert months()
        wait_for("three seconds", lambda: months() >= 3)
        lab.show("clear expressroute availability circuit ams-1")
        assert months() <= 1
        with open(lab.lib_dir + "/erouted.json") as f:
            assert json.load(f)["peerings"]
        wait_for("the memory of it", lambda: json.load(open(lab.lib_dir + "/erouted.json"))
                 ["peerings"][0]["thisMonth"]["redundant"] <= 1)


def test_circuit_names_are_completed(configured):
    # what vtysh sends for TAB: token type 0 is a word, 5 a variable
    out = configured.show("autocomplete 1 NAME er_circuit")
    assert "ams-1" in out


def test_the_screen_fits_a_terminal(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        for line in lab.show("show expressroute").splitlines():
            assert len(line) <= 100


def test_unknown_circuits_are_said_to_be_unknown(lab):
    for command in ("show expressroute circuit nobody", "show expressroute circuit nobody parity",
                    "show expressroute circuit nobody bgp-config",
                    "clear expressroute counters circuit nobody",
                    "clear expressroute availability circuit nobody"):
        assert "There is no circuit 'nobody'" in lab.show(command)
    for command in ("show expressroute circuit nobody json",
                    "show expressroute circuit nobody parity json"):
        assert json.loads(lab.show(command)) == {}
        # CMD_WARNING
        with lab.vty("erouted") as vty, pytest.raises(VtyError, match="code 1:"):
            vty.run("enable")
            vty.run(command)


def test_debug_set_in_configuration_is_in_the_running_configuration(lab):
    with lab.vty("erouted") as vty:
        vty.run("enable")
        vty.run("debug expressroute zebra")
        assert "debug" not in vty.run("show running-config")
        vty.run("configure terminal")
        vty.run("debug expressroute bgpd")
        vty.run("end")
        assert "debug expressroute bgpd" in vty.run("show running-config")
        shown = vty.run("show debugging expressroute")
        assert "ExpressRoute zebra" in shown and "ExpressRoute bgpd" in shown
        vty.run("no debug expressroute")
        assert "ExpressRoute zebra debugging" not in vty.run("show debugging expressroute")


def test_signals(configured):
    lab = configured
    lab.procs["erouted"].send_signal(signal.SIGHUP)
    wait_for("its word", lambda: "SIGHUP received" in lab.log("erouted"))
    assert lab.show_json()["circuit"]
    assert lab.stop("erouted", signal.SIGTERM) == 0


def test_nothing_is_leaked(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
        module.send(rib(PEERING, both=5, only=(1, 0), examples=["10.1.0.0/16"]))
        for command in ("show expressroute", "show expressroute json", "show expressroute summary",
                        "show expressroute circuit ams-1 parity json",
                        "show expressroute peering private json"):
            lab.show(command)
        lab.show("show mgmt get-data /frr-expressroute:expressroute", "mgmtd")
        lab.configure(circuit("fra-1", net=101))
        lab.configure("expressroute\nno circuit fra-1\n")
        with lab.vty("erouted") as vty:
            vty.run("enable")
            vty.run("configure terminal")
            vty.run("debug memstats-at-exit")
        assert lab.stop("erouted", signal.SIGTERM) == 0
    with open(lab.logs + "/erouted.out") as f:
        out = f.read()
    assert "memstats" not in out and "leaked" not in lab.log("erouted")


def test_privileges_are_dropped(lab):
    with open("/proc/%d/status" % lab.procs["erouted"].pid) as f:
        status = dict(line.split(":", 1) for line in f)
    assert "0" not in status["Uid"].split()
    # CAP_NET_RAW may be raised, to open the sockets of probes, and is not
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapPrm"], 16) == 1 << 13


def test_start_in_any_order(bare):
    bare.start("erouted")
    bare.start("mgmtd")
    bare.configure(circuit())
    wait_for("the circuit", lambda: "ams-1" in bare.show("show expressroute"))
