# SPDX-License-Identifier: GPL-2.0-or-later
"""
The blocks of doc/user, for the tests that run them.  tests/vtysh/test_guide.py looks that
none is without such a test.
"""
import collections
import pathlib
import re

GUIDE = pathlib.Path(__file__).resolve().parent.parent / "doc" / "user"
BLOCK = re.compile(r"(?m)^(?P<begin>(?!\.\. toctree|\.\. image|\.\. warning).*::(?: .*)?)\n(?P<text>(?:\n|   .*\n)+)")
OPTION = re.compile(r"(?m)^:\w[\w-]*:.*\n")

Block = collections.namedtuple("Block", "page name text")


def blocks(page=None):
    """All of one page, or of all pages; name is that of a code-block that has one."""
    found = []
    for path in sorted(GUIDE.glob(f"{page or '*'}.rst")):
        for match in BLOCK.finditer(path.read_text(encoding="utf-8")):
            text = re.sub(r"(?m)^   ", "", match["text"])
            name = re.search(r"(?m)^:name: (\S+)$", text)
            found.append(Block(path.stem, name and name[1], OPTION.sub("", text).strip("\n") + "\n"))
    return found


def block(page, begin):
    """The text of the only block of the page that begins so."""
    (found,) = [each.text for each in blocks(page) if each.text.startswith(begin)]
    return found


def commands(page):
    """What the page names in the middle of a sentence, as it is typed."""
    text = (GUIDE / f"{page}.rst").read_text(encoding="utf-8")
    return [" ".join(found.split()) for found in re.findall(r"``([^`]+)``", text)]
