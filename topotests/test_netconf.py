# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole mission over NETCONF: the guide's example, run on the router itself."""
import pytest

import er_lab
import er_netconf
import scenery


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request) as lab:
        yield lab


@pytest.fixture(scope="module")
def netconf(lab):
    with er_netconf.serving(lab) as run:
        yield run


def test_guides_example_brings_up_a_circuit(lab, netconf):
    assert "expressroute" not in lab.ce.running_config()
    out = netconf(er_netconf.ncserver.example("netconf-example")).split()
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
