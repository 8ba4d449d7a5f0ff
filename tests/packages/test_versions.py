# SPDX-License-Identifier: GPL-2.0-or-later
"""One version, wherever it is written down."""

import re

from machine import TREE


def test_the_changelogs_speak_of_the_version_that_is_built():
    version = re.search(r"AC_INIT\(\[frr-expressroute\], \[(.*?)\]\)", (TREE / "configure.ac").read_text())[1]
    debian = re.match(r"frr-expressroute \((.*)-\d+\) ", (TREE / "debian" / "changelog").read_text())
    assert debian[1] == version
    ours = re.search(r"(?m)^## (\S+)", (TREE / "CHANGELOG.md").read_text())
    assert ours[1] in (version, "Unreleased")
