# SPDX-License-Identifier: GPL-2.0-or-later
"""
The screens in doc/user are those that the lab shows: times, round trips and the
width of columns aside, and "..." stands for what is left out.  CLAIMED says which test shows which; tests/mgmtd/test_doc.py
looks that no screen is without one.
"""
import re
from pathlib import Path

from scenery import wait_for

CLAIMED = {
    "monitoring": [  # test_microsoft.py
        "show expressroute",
        "show expressroute route-filter office detail",
        "show expressroute limits",
        "show expressroute route 52.96.1.1",
    ],
    "history": ["show expressroute history amsterdam"],  # of monitoring.rst: test_drain.py
    "global-reach": [  # test_global_reach.py
        "show expressroute global-reach",
        "show expressroute site paris",
    ],
    "audit": ["show expressroute audit circuit amsterdam"],  # test_loss.py
    "maintenance": ["show expressroute circuit amsterdam"],  # test_own_drain.py
    "vpn": ["show expressroute vpn-backup azure"],  # test_vpn_ipsec.py
    "paths": ["show expressroute paths"],  # test_path_quality.py
}
GUIDE = Path(__file__).resolve().parent.parent / "doc" / "user"
SCREEN = re.compile(r"(?m)^   # (?P<command>\S.*)\n(?P<said>(?:(?:   .*)?\n)*?)(?=^\S|\Z)")
MOVING = [
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "MOMENT"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b|\b\d+d\d\dh\d\dm\b"), "TIME"),
    (re.compile(r"<?\b\d+\.\d+ ms\b"), "ROUND-TRIP"),
]


def screens(page):
    """[(command as it is typed, what it says)]"""
    text = (GUIDE / f"{page}.rst").read_text(encoding="utf-8")
    return [(found["command"], found["said"]) for found in SCREEN.finditer(text)]


def shape(text):
    """The words in their order, however they are wrapped."""
    for moving, word in MOVING:
        text = moving.sub(word, text)
    return text.split()


def holds(said, expected):
    """The same words, where "..." stands for any."""
    words = [" ".join(f"<{word}>" for word in part) for part in split(expected)]
    return re.fullmatch(".*".join(re.escape(part) for part in words), " ".join(f"<{word}>" for word in said))


def split(words):
    """At each "..." """
    parts = [[]]
    for word in words:
        if word == "...":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def check(shell, page, command):
    """What the page shows for the command is what the router says."""
    expected = [said for typed, said in screens(page) if typed == command]
    assert len(expected) == 1, f"{page}.rst has no '{command}', which says\n{shell.vtysh(command)}"
    wanted = shape(expected[0])
    try:
        # counts come when they have been counted
        wait_for(lambda: holds(shape(shell.vtysh(command)), wanted), f"the screen of '{command}'")
        return
    except TimeoutError:
        said = shell.vtysh(command)
    assert holds(shape(said), wanted), f"{page}.rst shows something else for '{command}', which says\n{said}"
