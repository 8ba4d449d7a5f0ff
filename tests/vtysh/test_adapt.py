# SPDX-License-Identifier: GPL-2.0-or-later
"""adapt.py changes FRR's sources where it knows them, and else refuses."""

import os
import re
import shutil
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "vtysh"))
import adapt  # noqa: E402

ANCHORS = [(name, a) for name, changes in adapt.CHANGES.items() for a, _ in changes]


@pytest.fixture
def source(tmp_path):
    shutil.copytree(
        os.path.join(os.environ["FRR_SOURCE"], "vtysh"), tmp_path / "frr" / "vtysh"
    )
    return tmp_path / "frr"


def edit(source, name, anchor, make_new):
    path = source / "vtysh" / name
    text, count = re.subn(anchor, make_new, path.read_text(), flags=re.M)
    assert count == 1
    path.write_text(text)


def adapted(source):
    out = source.parent / "out"
    adapt.copy_sources(str(source), str(out))
    return out / "vtysh"


def test_room_for_one_more_daemon(source):
    edit(source, "vtysh.h", r"vtysh_client\[\d+\]", lambda m: "vtysh_client[30]")
    assert "vtysh_client[31];" in (adapted(source) / "vtysh.h").read_text()


def test_the_same_is_not_written_again(source):
    path = adapted(source) / "vtysh.c"
    os.utime(path, (1, 1))
    adapted(source)
    assert path.stat().st_mtime == 1


@pytest.mark.parametrize("name,anchor", ANCHORS)
@pytest.mark.parametrize("copies", [0, 2])
def test_a_place_found_not_exactly_once_is_refused(source, capsys, name, anchor, copies):
    edit(source, name, anchor, lambda m: "\n".join([m.group(0)] * copies))
    with pytest.raises(SystemExit) as error:
        adapted(source)
    assert error.value.code == 1
    assert "%s: expected exactly one place" % name in capsys.readouterr().err


def test_missing_source_is_refused(source, capsys):
    (source / "vtysh" / "vtysh_user.c").unlink()
    with pytest.raises(SystemExit):
        adapted(source)
    assert "vtysh_user.c: No such file" in capsys.readouterr().err
