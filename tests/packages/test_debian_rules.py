# SPDX-License-Identifier: GPL-2.0-or-later
"""debian/rules, by the debhelper that is installed."""

import os
import shutil
import subprocess

import pytest

from machine import TREE

# instead of what takes minutes
STOP = """
override_dh_autoreconf:
\t@:
"""
CONFIGURE = """#!/bin/sh
echo "HOME=$HOME CACHE=$FRR_EXPRESSROUTE_CACHE"
exit 1
"""


@pytest.mark.parametrize(
    "given,place",
    [
        ({}, "/srv/builder/.cache/frr-expressroute"),
        ({"XDG_CACHE_HOME": "/srv/cache"}, "/srv/cache/frr-expressroute"),
        ({"FRR_EXPRESSROUTE_CACHE": "/srv/ours"}, "/srv/ours"),
    ],
    ids=["HOME", "XDG_CACHE_HOME", "FRR_EXPRESSROUTE_CACHE"],
)
def test_frr_s_source_is_looked_for_where_it_was_fetched_to(tmp_path, given, place):
    """debhelper has a HOME of its own for what it runs."""
    if not shutil.which("dh"):
        pytest.skip("needs debhelper")
    shutil.copytree(TREE / "debian", tmp_path / "debian")
    with open(tmp_path / "debian" / "rules", "a", encoding="utf-8") as rules:
        rules.write(STOP)
    configure = tmp_path / "configure"
    configure.write_text(CONFIGURE, encoding="utf-8")
    configure.chmod(0o755)
    clean = {key: value for key, value in os.environ.items() if key not in ("XDG_CACHE_HOME", "FRR_EXPRESSROUTE_CACHE")}
    done = subprocess.run(
        ["debian/rules", "build"],
        cwd=tmp_path,
        env={**clean, "HOME": "/srv/builder", **given},
        capture_output=True,
        text=True,
        check=False,
    )
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("HOME=")]
    home, cache = said.split()
    assert home != "HOME=/srv/builder", "debhelper does not do that any more"
    assert cache == "CACHE=" + place
