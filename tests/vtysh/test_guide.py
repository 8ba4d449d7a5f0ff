# SPDX-License-Identifier: GPL-2.0-or-later
"""
What doc/user and README tell the reader to type is what vtysh knows, and every block of
the guide is run by a test.
"""

import itertools
import pathlib
import re

import pytest

import guide

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
README = (TREE / "README.md").read_text(encoding="utf-8")
PROMPT = "# "
# a block that some test takes out of the guide, to run it
TAKEN = re.compile(r"""guide\.block\("([\w-]+)", ["'](.+?)["']\)""")
NAMED = re.compile(r'ncserver\.example\("([\w-]+)"\)')
# what nothing can run
NOT_RUN = {
    ("netconf", "$ netopeer2-cli"),  # no package of Debian's: the page says that it was not run
    ("audit", "100 * "),  # a formula
}
ARGUMENTS = {
    "ADDRESS": "192.0.2.1", "CODE": "1157627905", "FILE": "/tmp/list.json", "NAME": "amsterdam",
    "PREFIX": "192.0.2.0/24", "SECONDS": "60",
}  # fmt: skip
# begin what is typed in enable mode
EXEC = ("show", "expressroute", "clear", "configure", "debug", "no debug")


def is_configuration(block):
    """... rather than a screen, a shell's or a program's."""
    first = block.text.split()[0]
    return first in ("expressroute", "router", "interface", "route-map", "ip") and block.name is None


CONFIGURATIONS = [
    pytest.param(block.text, id=f"{block.page}-{number}")
    for number, block in enumerate(guide.blocks())
    if is_configuration(block)
]


def expanded(command):
    """The commands that "show x [y NAME]" and "show <x|y>" stand for."""
    inner = re.search(r"\[([^][<>]*)\]|<([^][<>]*)>", command)
    if inner:
        choices = (inner[1] or inner[2]).split("|") + ([""] if inner[1] else [])
        return list(itertools.chain(*(expanded(command[: inner.start()] + c + command[inner.end() :]) for c in choices)))
    return [" ".join(ARGUMENTS.get(word, word) for word in command.split())]


def typed():
    """Every command of enable mode, in a sentence or at a prompt."""
    found = {found for found in re.findall(r"`([^`]+)`", README) + re.findall(r"(?m)^    router# (.*)$", README)}
    for page in {block.page for block in guide.blocks()}:
        found.update(guide.commands(page))
    for block in guide.blocks():
        found.update(line[len(PROMPT) :] for line in block.text.splitlines() if line.startswith(PROMPT))
    found = {command for command in found if re.match(rf"({'|'.join(EXEC)}) ", command)}
    return sorted(set(itertools.chain(*map(expanded, found))))


def refused(router, *arguments):
    """What vtysh does not understand of it; that no daemon is there to be sent it is no matter here."""
    done = router.vtysh("--dryrun", *arguments)
    return re.findall(r"(?m)^.*% .*$", done.stdout + done.stderr)


def test_the_guide_has_commands_and_configurations():
    assert len(typed()) >= 40 and len(CONFIGURATIONS) >= 10


@pytest.mark.parametrize("command", typed())
def test_a_command_is_one_that_vtysh_knows(router, command):
    assert refused(router, "-c", command) == []


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_a_configuration_is_one_that_vtysh_knows(router, tmp_path, text):
    path = tmp_path / "frr.conf"
    path.write_text(text, encoding="utf-8")
    assert refused(router, "-f", str(path)) == []


def test_a_wrong_word_is_found(router, tmp_path):
    path = tmp_path / "frr.conf"
    path.write_text("expressroute\n circuit a\n  bandwith 50\n exit-circuit\nexit-expressroute\n", encoding="utf-8")
    assert refused(router, "-f", str(path)) and refused(router, "-c", "expressroute drian circuit a")


def sources():
    paths = [*(TREE / "tests").glob("*/*.py"), *(TREE / "topotests").glob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_block_of_the_guide_is_run_by_a_test():
    """Configurations above; what is shown at a prompt by topotests/er_doc.py; the rest by whoever takes it."""
    text = sources()
    taken = [(page, begin.replace("\\n", "\n")) for page, begin in TAKEN.findall(text)]
    named = NAMED.findall(text)
    claimed = re.findall(r'"(show expressroute[^"]*)"', (TREE / "topotests" / "er_doc.py").read_text(encoding="utf-8"))

    def runs(block):
        if is_configuration(block) or block.name in named:
            return True
        if any(block.text.startswith(f"{PROMPT}{command}\n") for command in claimed):
            return True
        return any(page == block.page and block.text.startswith(begin) for page, begin in [*taken, *NOT_RUN])

    assert [(block.page, block.text) for block in guide.blocks() if not runs(block)] == []


def test_the_way_from_source_is_the_lab_s():
    way = guide.block("install", "./bootstrap.sh").replace("sudo ", "").strip()
    assert way in README
    lab = (TREE / "lab" / "inside").read_text(encoding="utf-8")
    for step in way.split(" && "):
        program, *target = step.removeprefix("./").split()
        assert re.search(rf'(?m)(/{program}"|^\s*{program} .*{"".join(target)})', lab), step
