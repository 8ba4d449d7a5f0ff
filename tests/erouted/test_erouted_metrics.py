# SPDX-License-Identifier: GPL-2.0-or-later
"""What Prometheus reads: the numbers, the format, and who may ask for what."""

import http.client
import os
import re
import signal
import socket
import time

import pytest

from frrlab import FakeBgpd, rib, session_state, site_state, vpn_rib, wait_for
from vpnlab import backup, gateway

PEERING = ("ams-1", "private", "ipv4")
SAMPLE = re.compile(r'expressroute_(\w+?)(?:\{((?:\w+="[^"\\\n]*",?)*)\})? (-?\d+(?:\.\d+)?)')


def free_port(family=socket.AF_INET, address="127.0.0.1"):
    with socket.socket(family) as sock:
        sock.bind((address, 0))
        return sock.getsockname()[1]


def get(port, path="/metrics", method="GET", address="127.0.0.1", **headers):
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()
    finally:
        connection.close()


def samples(text):
    """{(name, labels): value}; every line must be a sample or say what one is."""
    found, described = {}, None
    for line in text.splitlines():
        if line.startswith("# "):
            described = line.split()[2] if line != "# EOF" else None
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        # a metric's samples stand together below its description
        assert described in ("expressroute_" + name, "expressroute_" + name.removesuffix("_total"))
        labels = frozenset(re.findall(r'(\w+)="([^"]*)"', labels or ""))
        assert (name, labels) not in found
        found[name, labels] = float(value)
    assert text.endswith("# EOF\n")
    return found


def value(text, name, **labels):
    return samples(text)[name, frozenset(labels.items())]


def listens(port, address="127.0.0.1"):
    def probe():
        try:
            return get(port, address=address)[0] == 200
        except OSError:
            return False
    return probe


@pytest.fixture
def served(configured):
    port = free_port()
    configured.configure("expressroute\n metrics port %d\nexit-expressroute" % port)
    wait_for("metrics", listens(port))
    return configured, port


def test_nothing_listens_unless_it_is_configured(configured):
    with open("/proc/%d/net/tcp" % configured.procs["erouted"].pid, encoding="ascii") as file:
        mine = file.read()
    inodes = {line.split()[9] for line in mine.splitlines()[1:] if line.split()[3] == "0A"}
    assert not inodes & sockets_of(configured)


def sockets_of(lab):
    directory = "/proc/%d/fd" % lab.procs["erouted"].pid
    links = [os.readlink(directory + "/" + fd) for fd in os.listdir(directory)]
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def test_the_numbers_are_those_of_the_screens(served):
    lab, port = served
    with FakeBgpd(lab) as module:
        module.up()
        module.send(rib(PEERING, both=5, drained=(5, 0)))
        key = dict(circuit="ams-1", peering="private", family="ipv4")
        wait_for("the drain", lambda: value(get(port)[2], "peering_drained", **key))
        _, _, text = get(port)
        assert value(text, "bgpd_connected") == 1
        assert value(text, "peering_redundancy", state="degraded", **key) == 1
        assert value(text, "peering_redundancy", state="redundant", **key) == 0
        assert value(text, "session_established", link="primary", **key) == 1
        assert value(text, "session_drained_prefixes", link="primary", **key) == 5
        assert value(text, "link_health", link="primary", state="drained", **key) == 1
        assert value(text, "peering_prefix_limit", direction="advertised", **key) == 4000
        assert value(text, "session_flaps_total", link="secondary", **key) == 0
        module.send(session_state(PEERING + ("secondary",), "active", last_reset="gone",
                                  reset=int(time.time())))
        wait_for("the loss", lambda: value(get(port)[2], "session_flaps_total", link="secondary", **key))
        assert value(get(port)[2], "session_established", link="secondary", **key) == 0
    wait_for("its loss", lambda: value(get(port)[2], "bgpd_connected") == 0)


def test_a_vpn_backup_is_told_of_by_gateway_and_coverage(served):
    lab, port = served
    lab.merge(backup(static=False, **{"gateway": [
        gateway(0, **{"ipv4-neighbor": "169.254.20.2", "address": "gw.example.invalid"}),
        gateway(1, **{"ipv4-neighbor": "169.254.21.2", "ipv4-probe": "169.254.21.2"})]}))
    wait_for("the backup", lambda: "vpn_backup" in get(port)[2])
    key = dict(vpn_backup="az", family="ipv4")
    with FakeBgpd(lab) as module:
        module.up()
        module.send(vpn_rib(("az", "vpn", "ipv4"), expressroute=5, uncovered=["10.9.0.0/24"],
                            more_specific=["10.8.0.0/24"], suppressed=1, over_vpn=2))
        wait_for("the counts", lambda: value(get(port)[2], "vpn_best_prefixes", **key) == 2)
        text = get(port)[2]
        assert value(text, "vpn_expressroute_prefixes", **key) == 5
        assert value(text, "vpn_uncovered_prefixes", **key) == 1
        assert value(text, "vpn_more_specific_prefixes", **key) == 1
        assert value(text, "vpn_suppressed_prefixes", **key) == 1
        assert value(text, "vpn_active", **key) == 0
        assert value(text, "vpn_activations_total", **key) == 0
        assert value(text, "vpn_state", state="standby", **key) == 1
        assert value(text, "vpn_state", state="active", **key) == 0
        assert value(text, "vpn_gateways_up", **key) == sum(
            value(text, "vpn_gateway_up", gateway=n, **key) for n in "01")
        assert value(text, "vpn_gateway_session_established", gateway="0", **key) == 1
        assert value(text, "vpn_gateway_probes_total", gateway="1", **key) >= 0
        assert ("vpn_gateway_probes_total", frozenset(dict(key, gateway="0").items())) not in samples(text)
    assert value(text, "vpn_test_due", vpn_backup="az") == 1
    assert value(text, "vpn_test_result", vpn_backup="az", state="none") == 1


def test_global_reach_is_told_of_by_connection_and_site(served):
    lab, port = served
    lab.merge({"site": [{"name": "fra", "as": [65010],
                         "prefix": ["10.20.0.0/16", "10.21.0.0/16"]}],
               "global-reach": [{"name": "ams-fra", "circuit": "ams-1", "site": ["fra"]}]})
    with FakeBgpd(lab) as module:
        module.up()
        module.send(site_state(PEERING, "fra", both=1, only=(1, 0), by_prefix=3,
                               missing=["10.21.0.0/16"]))
        module.send(site_state(PEERING, "", both=7))
        key = dict(global_reach="ams-fra", circuit="ams-1", family="ipv4")
        wait_for("it", lambda: samples(get(port)[2]).get(
            ("global_reach_state", frozenset(dict(key, state="established").items()))))
        text = get(port)[2]
    assert value(text, "global_reach_prefixes", link="primary", **key) == 2
    assert value(text, "global_reach_prefixes", link="secondary", **key) == 1
    assert value(text, "global_reach_missing_prefixes", **key) == 1
    site = dict(site="fra", circuit="ams-1", family="ipv4")
    assert value(text, "site_prefixes", **site) == 2
    assert value(text, "site_refused_prefixes", rule="site-prefix", **site) == 3
    assert value(text, "site_prefixes", **dict(site, site="")) == 7


def test_who_asks_for_open_metrics_gets_it(served):
    _, port = served
    assert get(port)[1].startswith("text/plain; version=0.0.4")
    status, kind, _ = get(port, Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert (status, kind.split(";")[0]) == (200, "application/openmetrics-text")


def test_a_counter_is_described_as_its_format_wants_it(served):
    _, port = served
    plain = get(port)[2]
    assert "# TYPE expressroute_session_flaps_total counter\n" in plain
    text = get(port, Accept="application/openmetrics-text")[2]
    assert "# TYPE expressroute_session_flaps counter\n" in text
    assert samples(plain).keys() == samples(text).keys()


def test_nothing_else_can_be_asked(served):
    _, port = served
    assert get(port, "/")[0] == 404
    assert get(port, "/metrics/../../etc/passwd")[0] == 404
    assert get(port, method="POST")[0] == 405
    assert get(port, method="HEAD")[2] == ""


def test_many_who_connect_and_say_nothing_do_not_stop_erouted(served):
    lab, port = served
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    garbage = socket.create_connection(("127.0.0.1", port))
    garbage.sendall(b"GET " + b"x" * 60000)
    assert "ams-1" in lab.show("show expressroute")
    for sock in idle + [garbage]:
        sock.close()
    wait_for("an answer", listens(port))


def test_another_address_another_port_and_none(served):
    lab, port = served
    other = free_port(socket.AF_INET6, "::1")
    lab.configure("expressroute\n metrics port %d address ::1\nexit-expressroute" % other)
    wait_for("IPv6", listens(other, "::1"))
    assert not listens(port)()
    lab.configure("expressroute\n no metrics\nexit-expressroute")
    wait_for("silence", lambda: not listens(other, "::1")())


def test_a_taken_port_is_told_and_tried_again(configured):
    lab = configured
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        lab.configure("expressroute\n metrics port %d\nexit-expressroute" % port)
        wait_for("the problem", lambda: lab.show_json().get("metrics", {}).get("problem"))
        assert "nothing is served at 127.0.0.1 port %d" % port in lab.log("erouted")
    wait_for("metrics", listens(port))
    assert "problem" not in lab.show_json().get("metrics", {})


def test_metrics_are_served_on_while_mgmtd_is_away(served):
    lab, port = served
    lab.stop("mgmtd", signal.SIGKILL)
    assert listens(port)()
