# SPDX-License-Identifier: GPL-2.0-or-later
"""
The module in an mgmtd that it was not built for: inert, and says so.
"""

import pathlib
import re
import subprocess

from conftest import MGMTD, MODULE


def test_it_is_inert_in_another_version(start, tmp_path):
    text = subprocess.run([MGMTD, "--version"], check=True, capture_output=True, text=True).stdout
    version = re.search(r"version (\S+)", text).group(1)
    other = version[:-1] + ("0" if version[-1] != "0" else "1")
    content = pathlib.Path(MODULE).read_bytes()
    string = b"\0%s\0"
    assert string % version.encode() in content
    module = tmp_path / "mgmtd_expressroute.so"
    module.write_bytes(content.replace(string % version.encode(), string % other.encode()))

    mgmtd = start(module=module)
    assert "Unknown command" in mgmtd.configure("expressroute")[0][2]
    assert mgmtd.configure("hostname alive") == []
    assert "this is mgmtd %s, the module was built for %s" % (version, other) in mgmtd.log()


def test_it_is_not_inert_in_its_own_version(mgmtd):
    assert mgmtd.configure("expressroute") == []
    assert "inert" not in mgmtd.log()
