# SPDX-License-Identifier: GPL-2.0-or-later
"""
What doc/user and README tell the reader to type is what vtysh knows, and every block of
the guide is run by a test.
"""

import itertools
import os
import pathlib
import re
import shutil
import subprocess

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
    # "packages" of the lab is the same; what FRR_SOURCE does: tests/packages/test_debian_rules.py
    ("install", "FRR_SOURCE=DIR dpkg-buildpackage"),
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


def made_by_ip():
    """Every interface that a sentence makes, and what it lies on."""
    found = itertools.chain(*(guide.commands(page) for page in {block.page for block in guide.blocks()}))
    links = (re.fullmatch(r"ip link add link (\S+) .*", command) for command in found)
    return sorted({(link[0], link[1]) for link in links if link})


def read_by_ip(command, below):
    """In a network of its own: what ip does not understand of it.  The lab's kernel has no VLANs."""
    script = f"ip link add {below} type veth peer name other && LC_ALL=C {command}"
    done = subprocess.run(["unshare", "--net", "sh", "-c", script], capture_output=True, text=True, check=False)
    return "" if "Unknown device type" in done.stderr else done.stderr


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="takes root and ip")
@pytest.mark.parametrize("command, below", made_by_ip())
def test_an_interface_is_made_in_words_that_ip_knows(command, below):
    assert read_by_ip(command, below) == ""
    assert read_by_ip(command.replace(" id ", " ident "), below) != ""


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


# a row of the table "it says" in faults.rst begins in its first column
SAID = re.compile(r"(?m)^(?=\S)(?!=|it says)(.{47})")
LITERAL = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"\s*)+")


def said_in_faults():
    table = (guide.GUIDE / "faults.rst").read_text(encoding="utf-8").split("By symptom")[0]
    return [row.strip() for row in SAID.findall(table[table.index("=====\nit says") :])]


def literals():
    """What the code can say: its strings, those that stand one behind the other as one."""
    found = []
    for path in itertools.chain(*((TREE / part).glob("*.c") for part in ("core", "erouted", "bgpd"))):
        for run in LITERAL.findall(path.read_text(encoding="utf-8")):
            found.append("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', run)).lower())
    return "\n".join(found)


def test_the_table_of_faults_has_rows():
    assert len(said_in_faults()) >= 30


@pytest.mark.parametrize("phrase", said_in_faults())
def test_what_the_table_of_faults_says_is_said_by_the_code(phrase):
    """In capitals or not; "..." and brackets stand for what is filled in."""
    text = literals()
    pieces = [piece.strip().lower() for piece in re.split(r"\.\.\.|[:;,()]", phrase)]
    assert [piece for piece in filter(None, pieces) if piece not in text] == []


def test_the_way_from_source_is_the_lab_s():
    way = guide.block("install", "./bootstrap.sh").strip()
    assert way in README
    way = way.replace("sudo ", "")
    lab = (TREE / "lab" / "inside").read_text(encoding="utf-8")
    for step in way.split(" && "):
        program, *target = step.removeprefix("./").split()
        assert re.search(rf'(?m)(/{program}"|^\s*{program} .*{"".join(target)})', lab), step
