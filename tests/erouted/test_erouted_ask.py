# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that wait for bgpd's answer, while the daemon does not."""

import time

import pytest

from frrlab import FakeBgpd, answer, answer_end

ROUTE = "show expressroute route 10.0.0.1/24"
HELD = "show expressroute held-prefixes"
SESSION = ("ams-1", "private", "ipv4", "primary")


class Command:
    """One that is still waiting."""

    def __init__(self, lab, command):
        self.vty = lab.vty("erouted")
        self.vty.run("enable")
        self.vty.sock.sendall(command.encode() + b"\0")

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.vty.sock.close()

    def output(self):
        data = b""
        while len(data) < 4 or data[-4:-1] != b"\0\0\0":
            chunk = self.vty.sock.recv(65536)
            assert chunk
            data += chunk
        return data[:-4].decode()


def alive(lab):
    return "ams-1" in lab.show("show expressroute")


def test_the_answer_is_shown_when_it_has_ended(configured):
    with FakeBgpd(configured) as module:
        module.up()
        with Command(configured, ROUTE) as command:
            number, what, prefix, _ = module.asked()
            assert (what, prefix) == ("route", "10.0.0.0/24")
            module.send(answer(number, "received", session=SESSION, net="10.0.0.0/24"))
            # others are served meanwhile
            assert alive(configured)
            module.send(answer(number, "12076:5060", session=SESSION, net="10.0.0.0/24",
                               rule="filter", verdict="refuse"))
            module.send(answer_end(number))
            assert "12076:5060" in command.output()
            # and the vty goes on
            assert "ams-1" in command.vty.run("show expressroute")


def test_held_prefixes_are_asked_for_by_circuit(configured):
    with FakeBgpd(configured) as module:
        module.up()
        with Command(configured, HELD + " circuit ams-1 json") as command:
            # of bgpd all are asked: a circuit has several peerings
            number, what, _, peering = module.asked()
            assert what == "held" and peering[0] == ""
            module.send(answer(number, "priority 0", stage="outbound", session=SESSION,
                               net="10.9.0.0/16", rule="limit", verdict="refuse"))
            module.send(answer_end(number))
            assert "10.9.0.0/16" in command.output()
    assert "no circuit" in configured.show(HELD + " circuit nobody")


@pytest.mark.parametrize("command", [ROUTE, ROUTE + " json", HELD, HELD + " json"])
def test_without_bgpd_the_end_comes_at_once(configured, command):
    begin = time.monotonic()
    assert "not connected" in configured.show(command)
    assert time.monotonic() - begin < 1.5


def test_a_bgpd_that_does_not_answer(configured):
    with FakeBgpd(configured) as module:
        module.up()
        begin = time.monotonic()
        with Command(configured, HELD) as command:
            number = module.asked()[0]
            assert "in time" in command.output()
            assert 1.5 < time.monotonic() - begin < 4
        # what comes too late is nobody's
        module.send(answer(number, "late"))
        module.send(answer_end(number))
        assert alive(configured)


def test_a_bgpd_that_dies_over_it(configured):
    module = FakeBgpd(configured)
    module.up()
    with Command(configured, HELD) as command:
        number = module.asked()[0]
        module.send(answer(number, "first", stage="outbound", session=SESSION,
                           net="10.9.0.0/16", rule="limit", verdict="refuse"))
        module.sock.close()
        assert "was lost" in command.output()
    assert alive(configured)


def test_a_problem_that_bgpd_tells(configured):
    with FakeBgpd(configured) as module:
        module.up()
        with Command(configured, HELD) as command:
            module.send(answer_end(module.asked()[0], "too much is going on"))
            assert "too much is going on" in command.output()


@pytest.mark.parametrize("command", [ROUTE, HELD])
def test_a_vty_that_is_closed_over_it(configured, command):
    with FakeBgpd(configured) as module:
        module.up()
        with Command(configured, command):
            number = module.asked()[0]
        module.send(answer(number, "nobody listens"))
        module.send(answer_end(number))
        assert alive(configured)
        # another that is closed with output still in its way
        vty = configured.vty("erouted")
        vty.run("enable")
        for _ in range(20):
            vty.sock.sendall(b"show expressroute communities json\0")
        vty.sock.sendall(command.encode() + b"\0")
        vty.sock.close()
        assert alive(configured)


def test_many_at_once_get_their_own_answers(configured):
    with FakeBgpd(configured) as module:
        module.up()
        commands = [Command(configured, "show expressroute route 10.%d.0.0/16 json" % n)
                    for n in range(20)]
        asked = [module.asked() for _ in commands]
        for number, _, prefix, _ in reversed(asked):
            module.send(answer(number, "answer to %s" % prefix, session=SESSION, net=prefix))
            module.send(answer_end(number))
        for n, command in enumerate(commands):
            with command:
                assert "answer to 10.%d.0.0/16" % n in command.output()


def test_an_answer_to_nobody(configured):
    with FakeBgpd(configured) as module:
        module.up()
        module.send(answer(12345, "nobody asked"))
        module.send(answer_end(12345))
        module.synced(1)
        assert alive(configured)
        assert "connection closed" not in configured.log("erouted")


def test_erouted_ends_over_it(configured):
    with FakeBgpd(configured) as module:
        module.up()
        with Command(configured, ROUTE):
            module.asked()
            assert configured.stop("erouted") == 0


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0", "x", "2001:db8::/129"])
def test_what_is_no_prefix(configured, text):
    assert "%" in configured.show("show expressroute route " + text)


def test_an_address_is_a_host_prefix(configured):
    with FakeBgpd(configured) as module:
        module.up()
        for text, asked in (("10.1.2.3", "10.1.2.3/32"), ("2001:db8::1", "2001:db8::1/128"),
                            ("2001:db8::1/48", "2001:db8::/48")):
            with Command(configured, "show expressroute route " + text) as command:
                number, _, prefix, _ = module.asked()
                assert prefix == asked
                module.send(answer_end(number))
                command.output()
