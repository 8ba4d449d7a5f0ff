# SPDX-License-Identifier: GPL-2.0-or-later
"""The diagrams of the guides, SVG that is kept in the tree, are those of their sources."""

import hashlib
import pathlib
import re
import xml.etree.ElementTree

import pytest

DOC = pathlib.Path(__file__).resolve().parent.parent / "doc"
SOURCES = sorted(DOC.glob("*/diagrams/*.dot"))


@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_a_diagram_is_that_of_its_source(source):
    text = source.with_suffix(".svg").read_text(encoding="utf-8")
    assert hashlib.sha256(source.read_bytes()).hexdigest() in text, "changed since: make diagrams"
    assert xml.etree.ElementTree.fromstring(text).tag.endswith("}svg")


def test_every_diagram_is_shown():
    shown = {
        page.parent / name
        for page in DOC.glob("*/*.rst")
        for name in re.findall(r"(?m)^\.\. image:: (\S+)$", page.read_text(encoding="utf-8"))
    }
    assert shown == {source.with_suffix(".svg") for source in SOURCES} and shown
