# SPDX-License-Identifier: GPL-2.0-or-later
"""
The configurations in the documentation can be typed as they stand there, with
the catalogue that is installed; and the examples are shown again as they are.
"""

import os
import pathlib
import re

import pytest

import guide
from conftest import SUCCESS

BUILD = pathlib.Path(os.environ.get("ER_BUILD", os.getcwd()))
TREE = pathlib.Path(__file__).resolve().parent.parent.parent
CATALOGUE = BUILD / "catalogue" / "communities.json"

EXAMPLES = sorted((TREE / "doc" / "examples").glob("*.conf"))
PAGES = [TREE / "README.md", *sorted((TREE / "doc" / "user").glob("*.rst"))]
SECTION = re.compile(r"(?m)^( +)expressroute\n(?:\1 .*\n|\1!\n)+\1exit-expressroute\n")
SECTIONS = [
    pytest.param(match.group(0), id="%s-%d" % (page.stem, number))
    for page in PAGES
    for number, match in enumerate(SECTION.finditer(page.read_text()))
]


@pytest.fixture
def router(start):
    if not CATALOGUE.exists():
        pytest.skip("the catalogue is not built: make catalogue/communities.json")
    return start(communities=CATALOGUE.read_text())


def test_the_documentation_has_configurations():
    assert len(SECTIONS) >= 2


@pytest.mark.parametrize("section", SECTIONS)
def test_a_configuration_can_be_typed(router, section):
    said = router.configure(*section.splitlines())
    assert [each for each in said if each[1] != SUCCESS] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_configuration_can_be_read(router, section):
    assert router.load(section.splitlines()) == []


def test_a_name_that_is_not_known_is_refused_as_shown(router):
    typed, _, refusal = guide.block("policy", "allow service exchange-onlin").partition("\n")
    ((_, status, said),) = router.configure("expressroute", "route-filter office", typed)
    assert status != SUCCESS and said.split() == refusal.split()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_and_shown_as_it_is(router, path):
    lines = path.read_text().splitlines()
    section = lines[lines.index("expressroute") : lines.index("exit-expressroute") + 1]
    assert router.load(section) == []
    assert sorted(router.section()) == sorted(section)


def test_every_screen_of_the_guide_is_shown_by_a_topotest():
    """... which says so in topotests/er_doc.py."""
    text = (TREE / "topotests" / "er_doc.py").read_text()
    claimed = set(re.findall(r'"(show expressroute[^"]*)"', text))
    shown = {
        command
        for page in (TREE / "doc" / "user").glob("*.rst")
        for command in re.findall(r"(?m)^   # (show \S.*)$", page.read_text())
    }
    assert shown and shown == claimed
