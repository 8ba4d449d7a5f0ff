# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole mission over NETCONF: the guide's example, run on the router itself."""
import pathlib
import sys

import pytest

import er_lab
import scenery
from scenery import wait_for

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests" / "netconfd"))
pytest.importorskip("ncclient", reason="python3-ncclient is not installed")
import ncserver  # noqa: E402

PORT = 830
BUILD = ncserver.BUILD / "netconfd"


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request) as lab:
        yield lab


@pytest.fixture(scope="module")
def netconf(lab):
    """sshd and frr-netconfd on ce; a function that runs a program as a client of theirs."""
    directory = pathlib.Path(lab.ce.sh("mktemp -d /tmp/netconf-XXXXXX").strip())
    directory.chmod(0o755)
    daemon_socket = directory / "run" / "netconf.sock"
    ncserver.make_users(directory)
    ncserver.make_keys(directory, daemon_socket, PORT)
    lab.ce.sh(f"install -d -o frr -g frr -m 755 {directory}/run; install -d -m 755 /run/sshd")
    for name in ncserver.ETC:
        lab.ce.sh(f"mount --bind {directory}/etc/{name} /etc/{name}")
    logs = lab.ce.gear.gearlogdir
    lab.ce.sh(
        f"setsid {BUILD}/frr-netconfd -f -s {daemon_socket} -y {TOP}/netconfd/yang:{TOP}/yang"
        f" > {logs}/netconfd.log 2>&1 < /dev/null & echo $! > {directory}/netconfd.pid"
    )
    lab.ce.sh(
        f"setsid /usr/sbin/sshd -D -e -f {directory}/sshd.conf > {logs}/sshd.log 2>&1 < /dev/null &"
        f" echo $! > {directory}/sshd.pid"
    )
    wait_for(lambda: f":{PORT} " in lab.ce.sh("ss -Hltn") and daemon_socket.exists(), "sshd and frr-netconfd")

    def run(program):
        path = directory / "program.py"
        path.write_text(program, encoding="utf-8")
        return lab.ce.sh(f"python3 {path} 127.0.0.1 {PORT} ncadmin {directory}/client {ncserver.PHRASE}")

    yield run
    lab.ce.sh(f"kill $(cat {directory}/netconfd.pid) $(cat {directory}/sshd.pid)")


def test_guides_example_brings_up_a_circuit(lab, netconf):
    assert "expressroute" not in lab.ce.running_config()
    out = netconf(ncserver.example("netconf-example")).split()
    assert out[-2:] == ["redundant", "redundant"], out
    assert lab.circuit().family("ipv4")["redundancy"] == "redundant"
    for role in scenery.LINKS:
        assert lab.circuit().session(role)["state"] == "established"


def test_it_is_configured_as_if_by_vtysh(lab, netconf):
    section = er_lab.section(lab.ce.running_config())
    lab.ce.sh("vtysh -c 'write memory'")
    assert section and section in lab.ce.sh("cat /etc/frr/frr.conf")
    lab.configure("expressroute\nno circuit amsterdam")
    lab.configure(section)
    assert er_lab.section(lab.ce.running_config()) == section


SESSION_LOST = r"""
import os, subprocess, sys
from ncclient import manager
from ncclient.xml_ import to_ele

host, port, user, key, phrase = sys.argv[1:]
with manager.connect(
    host=host, port=int(port), username=user, key_filename=key, password=phrase,
    hostkey_verify=False, look_for_keys=False, allow_agent=False,
) as router:
    router.dispatch(to_ele(
        '<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"><filter>'
        '<session-change xmlns="http://frrouting.org/yang/expressroute"><link>primary</link></session-change>'
        '</filter></create-subscription>'
    ))
    subprocess.run(["ip", "link", "set", "msee1", "down"], check=True)
    seen = router.take_notification(timeout=30).notification_xml
    assert "session-change" in seen and "<established>false</established>" in seen, seen
    subprocess.run(["ip", "link", "set", "msee1", "up"], check=True)
    print("seen")
"""


def test_loss_of_a_session_is_notified(lab, netconf):
    lab.wait_redundancy("redundant", families=("ipv4",), timeout=60)
    assert netconf(SESSION_LOST).strip() == "seen"
