# SPDX-License-Identifier: GPL-2.0-or-later
"""README's configuration, as it stands there, gives README's screen."""
import os
import re

import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

README = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "README.md")
INTERFACES = {"eth0": "lan", "eth1": "msee1", "eth2": "msee2"}
# README's circuit has 24 prefixes of Azure's
MORE = {f"10.{number}.0.0/16": "65000:1" for number in range(2, 25)}


def block(word):
    """The first indented block of README with this line in it, unindented, and on our interfaces."""
    with open(README, encoding="utf-8") as file:
        text = file.read()
    (found, *_) = [each for each in re.findall(r"(?m)(?:^(?:    .*)?\n)+", text) if word in each]
    found = "\n".join(line[4:] for line in found.split("\n")).strip("\n")
    for theirs, ours in INTERFACES.items():
        found = re.sub(rf"\b{theirs}\b", ours, found)
    return found


def shape(screen):
    """Without times, and however wide the columns are."""
    screen = re.sub(r"\b\d\d:\d\d:\d\d\b", "TIME", screen)
    return [" ".join(line.split()) for line in screen.strip().split("\n")]


@pytest.fixture(scope="module")
def lab(request):
    conf = scenery.frr_conf("ce", block("exit-expressroute"))
    with er_lab.running(request, ce_conf=conf, msees={role: {"tagged": MORE} for role in LINKS}) as lab:
        lab.wait_redundancy("redundant", families=["ipv4"])
        lab.wait_circuit(lambda c: all(c.session(role).get("bfd") == "up" for role in LINKS), "BFD to be up")
        yield lab


def test_the_configuration_is_all_that_is_needed(lab):
    both = {link.microsoft(4) for link in LINKS.values()}
    wait_for(lambda: lab.gateways(scenery.VNET_NET[4]) == both, "both links in the FIB")
    for msee, link in ((lab.msee1, LINKS["primary"]), (lab.msee2, LINKS["secondary"])):
        wait_for(lambda: set(er_lab.heard(msee, link.customer(4))) == {scenery.ONPREM_NET[4]}, "what is advertised")


def test_the_screen_is_the_one_that_is_shown(lab):
    prompt, _, expected = block("router# show expressroute").partition("\n")
    assert prompt == "router# show expressroute"
    scenery.prepend(lab.msee1)
    lab.wait_redundancy("degraded", families=["ipv4"])
    try:
        wait_for(lambda: shape(lab.ce.vtysh("show expressroute")) == shape(expected), "README's screen")
    except TimeoutError:
        assert shape(lab.ce.vtysh("show expressroute")) == shape(expected)
    left = {LINKS["secondary"].microsoft(4)}
    wait_for(lambda: lab.gateways(scenery.VNET_NET[4]) == left, "the drained link to be left")
