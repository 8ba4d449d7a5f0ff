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


# mgmtd locks the running datastore itself while a backend that has just connected gets its
# first configuration (txn_cfg_be_client_connect); `vtysh -b` says so, waits 0.1 s and
# asks again until it has the lock.  Nothing of the file is lost.
WAITS = re.compile(r"% Can't enter config; (candidate|running) datastore locked by another session")


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_is_loaded_without_a_warning(installed, path):
    text = path.read_text(encoding="utf-8")
    installed.frr("stop")
    installed.write("/etc/frr/frr.conf", text)
    log = installed.start_frr()
    # a line that is refused begins with its number
    refused = [line for line in log.splitlines() if re.match(r"line \d+:|%|.*failure", line)]
    assert [line for line in refused if not WAITS.fullmatch(line)] == []
    running = installed.config()
    assert lines(text) - lines(running) == set()
    # what it has to say of the circuits concerns the lab, where there are no lines
    said = installed.vtysh("show expressroute")
    assert "ExpressRoute, " in said and "warning" not in said.lower(), said
