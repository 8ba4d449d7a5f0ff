# SPDX-License-Identifier: GPL-2.0-or-later
"""
The parts of lab/run's check that are not Python, each counted as a test.

lab/run has just run them, in the open and in order, and left how they ended in
LAB_RESULTS; without it each test runs its step itself.
"""

import os
import pathlib
import re
import subprocess

import pytest

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULTS = os.environ.get("LAB_RESULTS")
STEPS = ["gcc", "install", "clang", "sanitized", "dist", "format", "yang", "docs", "deb", "rpm"]


def outcome(name):
    if RESULTS:
        with open(os.path.join(RESULTS, name), encoding="utf-8") as fd:
            status = int(fd.read())
        log = os.path.join(os.environ["LAB_BUILD"], "logs", name + ".log")
        with open(log, encoding="utf-8", errors="replace") as fd:
            return status, fd.read()
    if "LAB_BUILD" not in os.environ:
        pytest.fail("this test runs inside the lab: lab/run check tests/test_build.py")
    done = subprocess.run(
        [os.path.join(TREE, "lab", "inside"), "step", name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def make_variable(name):
    """What the build in the lab has for it."""
    rule = "print-it: ; @echo $(%s)" % name
    command = ["make", "-s", "-C", os.path.join(os.environ["LAB_BUILD"], "gcc"), "--eval", rule]
    return subprocess.check_output([*command, "print-it"], text=True).strip()


@pytest.mark.parametrize("name", STEPS)
def test_step(name):
    status, log = outcome(name)
    assert status == 0, "\n".join(log.splitlines()[-30:])


def sources():
    """What somebody has written, below the directories that have anything of it."""
    generated = re.compile(r"(_clippy\.c|\.yang\.c|/config\.h|vtysh/vtysh_cmd\.c)$")
    out = {"frr-headers", "clippy", "autom4te.cache"}
    for directory, names, files in os.walk(TREE):
        names[:] = [n for n in names if not n.startswith((".", "frr-expressroute-")) and n not in out]
        place = os.path.relpath(directory, TREE)
        if place == "." or place.startswith("vtysh/frr"):
            continue
        for name in files:
            path = os.path.join(place, name)
            if name.endswith((".c", ".h", ".py", ".rst", ".conf", ".events", ".yang", ".toml", ".sh")) \
                    and not generated.search(path):
                yield path


def test_the_tarball_holds_all_sources():
    distributed = set(make_variable("DISTFILES").split())
    files = list(sources())
    assert len(files) > 300
    # directories are given as a whole
    assert [path for path in files
            if not distributed & {path, *map(str, pathlib.PurePath(path).parents)}] == []


def test_the_man_page_is_installed():
    if "LAB_BUILD" not in os.environ:
        pytest.fail("this test runs inside the lab: lab/run check tests/test_build.py")
    path = os.path.join(make_variable("man8dir"), "erouted.8")
    with open(path, encoding="utf-8") as fd:
        page = fd.read()
    assert '.TH "erouted" "8"' in page
    for option in ("config\\-hold", "communities"):
        assert "\\-\\-" + option in page
