# SPDX-License-Identifier: GPL-2.0-or-later
"""doc/examples: each file is loaded by FRR's own start without a word."""

import json
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


# what is to be known of a circuit that has no lines, no Microsoft and no partner
LAB_LACKS = ("^no failover test has passed yet: a backup that is not tested",)


def warnings(document):
    """All of them, wherever they are told."""
    if isinstance(document, list):
        return [text for each in document for text in warnings(each)]
    if not isinstance(document, dict):
        return []
    found = document.get("warning", [])
    found = [found] if isinstance(found, str) else list(found)
    return found + [text for value in document.values() for text in warnings(value)]


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
    said = installed.vtysh("show expressroute")
    assert "ExpressRoute, " in said
    shown = warnings(json.loads(installed.vtysh("show expressroute json")))
    assert [text for text in shown if not any(re.search(lacks, text) for lacks in LAB_LACKS)] == []
