# SPDX-License-Identifier: GPL-2.0-or-later
"""doc/examples: each file is loaded by FRR's own start without a word."""

import re

import pytest

from machine import TREE
from packaged import machine

EXAMPLES = sorted((TREE / "doc" / "examples").glob("*.conf"))


@pytest.fixture(scope="module")
def installed(packages):  # pylint: disable=unused-argument
    with machine() as router:
        router.install()
        yield router


def lines(config):
    """Without comments, and what FRR leaves out as its default."""
    return {line for line in config.splitlines() if line.strip(" !") and not re.match(r"!|frr defaults|exit$", line)}


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_is_loaded_without_a_warning(installed, path):
    text = path.read_text(encoding="utf-8")
    installed.frr("stop")
    installed.write("/etc/frr/frr.conf", text)
    log = installed.start_frr()
    # a line that is refused begins with its number
    assert [line for line in log.splitlines() if re.match(r"line \d+:|%|.*failure", line)] == []
    running = installed.config()
    assert lines(text) - lines(running) == set()
    # what it has to say of the circuits concerns the lab, where there are no lines
    said = installed.vtysh("show expressroute")
    assert "ExpressRoute, " in said and "warning" not in said.lower(), said
