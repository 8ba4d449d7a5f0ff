# SPDX-License-Identifier: GPL-2.0-or-later
"""The command table of our vtysh is the distribution's, and ours."""

import re
from collections import defaultdict

from conftest import BINARIES, notes

EROUTED = 0x1000000
NODES = {  # name: (parent, prompt, arguments of the entering command)
    "expressroute": ("config", "%s(config-er)# ", ""),
    "circuit": ("expressroute", "%s(config-er-circuit)# ", " NAME$er_circuit"),
    "peering": ("circuit", "%s(config-er-peering)# ", " <private|microsoft>$type"),
    "route-filter": ("expressroute", "%s(config-er-filter)# ", " NAME$er_filter"),
    "link": ("peering", "%s(config-er-link)# ", " <primary|secondary>$role"),
    "vpn-backup": ("expressroute", "%s(config-er-vpn)# ", " NAME$er_vpn"),
    "gateway": ("vpn-backup", "%s(config-er-gateway)# ", " <0|1>$instance"),
    "site": ("expressroute", "%s(config-er-site)# ", " NAME$er_site"),
    "global-reach": ("expressroute", "%s(config-er-global-reach)# ", " NAME$er_joint"),
}
DAEMON_LIST = re.compile(r"\|erouted\b")
DAEMON_HELP = "For the erouted daemon\n"


def as_stock(string):
    """Our version of a text, without erouted in the lists of daemons."""
    return DAEMON_LIST.sub("", string).replace(DAEMON_HELP, "")


def commands_of(node):
    return {
        (as_stock(c["string"]), as_stock(c["doc"]), c["attr"]): c["daemon"]
        for c in node["commands"]
    }


def test_every_stock_node_is_there(stock, ours):
    assert len(stock) > 70
    for number, node in stock.items():
        for key in "name", "prompt", "parent":
            assert ours[number][key] == node[key]


def test_every_stock_command_is_there(stock, ours):
    assert sum(len(n["commands"]) for n in stock.values()) > 5000
    for number, node in stock.items():
        missing = commands_of(node).keys() - commands_of(ours[number]).keys()
        assert not missing, node["name"]


def test_every_stock_command_goes_to_the_same_daemons(stock, ours):
    for number, node in stock.items():
        our_daemons = commands_of(ours[number])
        for command, daemons in commands_of(node).items():
            added = our_daemons[command] ^ daemons
            assert added in (0, EROUTED), command


def test_every_stock_path_through_the_graph_is_there(stock, ours):
    """
    Walk both graphs together: whatever the distribution's parser can read
    next, ours can, too, and ends in the same command.
    Forks have no label, so several places of ours can stand for one of theirs.
    """
    edges = 0
    for number, node in stock.items():
        theirs, mine = node["graph"], ours[number]["graph"]
        labels = [as_stock(vertex["label"]) for vertex in mine]
        start = (0, frozenset([0]))
        todo, seen = [start], {start}
        while todo:
            at, my_places = todo.pop()
            my_next = defaultdict(set)
            for place in my_places:
                for i in mine[place]["next"]:
                    my_next[labels[i]].add(i)
            for i in theirs[at]["next"]:
                edges += 1
                label = as_stock(theirs[i]["label"])
                assert label in my_next, (node["name"], label)
                state = (i, frozenset(my_next[label]))
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
    assert edges > 40000


def test_nothing_but_our_commands_is_added(stock, ours):
    for number, node in stock.items():
        added = commands_of(ours[number]).keys() - commands_of(node).keys()
        for string, _, _ in added:
            assert "expressroute" in string, (node["name"], string)


def test_our_nodes_nest_and_prompt(ours):
    by_name = {node["name"]: node for node in ours.values()}
    for name, (parent, prompt, _) in NODES.items():
        assert by_name[name]["prompt"] == prompt
        assert by_name[name]["parent"] == by_name[parent]["node"]


def test_our_nodes_can_be_entered_and_left(ours):
    by_name = {node["name"]: node for node in ours.values()}
    for name, (parent, _, arguments) in NODES.items():
        enter = [c["string"] for c in by_name[parent]["commands"]]
        assert enter.count(name + arguments) == 1
        leave = [c["string"] for c in by_name[name]["commands"]]
        for string in "exit-" + name, "exit", "quit", "end":
            assert leave.count(string) == 1, (name, string)


def spelled(string):
    """A command without the names its daemon has for the arguments."""
    return re.sub(r"\$[a-z]\w*", "", string)


def our_notes():
    for path in BINARIES:
        for command in notes(path):
            # FRR's vtysh has one "show debugging" for all daemons
            if not command["string"].startswith("show debugging"):
                yield path, command


def test_every_command_of_our_binaries_is_there(ours):
    """
    Also what vtysh has of its own, because the daemon's is a ..._NOSH one: the
    same words, with the same help.
    """
    for path, command in our_notes():
        for number in command["nodes"]:
            same = [
                c
                for c in ours[number]["commands"]
                if spelled(c["string"]) == spelled(command["string"])
            ]
            assert len(same) == 1, (path, command)
            if command["nosh"]:
                assert same[0]["doc"] == command["doc"], (path, command)


def test_no_command_is_in_two_of_our_binaries():
    """vtysh would send it to both, and do it twice."""
    homes = defaultdict(set)
    for path, command in our_notes():
        for node in command["nodes"]:
            homes[spelled(command["string"]), node].add(path)
    twice = {command: paths for command, paths in homes.items() if len(paths) > 1}
    assert not twice, "defined twice, keep one"


def test_show_and_debug_go_to_erouted_alone(ours, need):
    need("erouted")
    found = set()
    for node in ours.values():
        for command in node["commands"]:
            match = re.match(r"(?:\[?no\]? )?(show|debug) expressroute", command["string"])
            if match:
                assert command["daemon"] == EROUTED, command
                found.add(match.group(1))
    assert found == {"show", "debug"}


def test_configuration_goes_to_mgmtd_alone(stock, ours):
    mgmtd = next(
        c["daemon"]
        for n in stock.values()
        for c in n["commands"]
        if c["string"] == "link-params"
    )
    for number, node in ours.items():
        if number in stock:
            continue
        for command in node["commands"]:
            if command["string"] != "end" and command["daemon"]:
                assert command["daemon"] == mgmtd, command
