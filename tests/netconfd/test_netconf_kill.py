# SPDX-License-Identifier: GPL-2.0-or-later
"""frr-netconfd killed at each step of its conversation with mgmtd, which is listened to from between."""
import signal
import socket
import struct
import threading

import pytest

import ncserver
from ncserver import NS, config, wait_for

ER = NS["er"]
FILTER = "http://frrouting.org/yang/filter"
NC = f'xmlns:nc="{NS["nc"]}"'
GET, EDIT, LOCK, COMMIT = 3, 5, 19, 21
HEAD = struct.Struct("=II")


class Between:
    """
    A socket for frr-netconfd that leads to mgmtd. Requests that change or lock
    something are counted; before one of them is passed on, or after its answer has
    been, it calls.
    """

    def __init__(self, server):
        self.path, self.target = server.dir / "between.sock", server.run / "mgmtd_fe.sock"
        self.seen, self.at, self.call = [], None, None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o777)
        self.listener.listen(20)
        threading.Thread(target=self.accept, daemon=True).start()

    def listen(self, at=None, call=None):
        """at: (number, before or after)"""
        self.seen, self.at, self.call = [], at, call

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            mgmtd = socket.socket(socket.AF_UNIX)
            mgmtd.connect(str(self.target))
            threading.Thread(target=self.converse, args=(client, mgmtd), daemon=True).start()

    def converse(self, client, mgmtd):
        """One question, one answer; notifications are not asked for here."""
        try:
            while question := self.message(client):
                code = struct.unpack_from("=H", question, HEAD.size)[0]
                number = None
                if code in (EDIT, LOCK, COMMIT):
                    number = len(self.seen)
                    self.seen.append(code)
                if self.calls(number, "before"):
                    break
                mgmtd.sendall(question)
                answer = self.message(mgmtd)
                self.calls(number, "after")
                client.sendall(answer)
        except (OSError, TypeError):
            pass  # one of them has gone
        client.close()
        mgmtd.close()

    def calls(self, number, when):
        if self.at != (number, when):
            return False
        self.at = None
        self.call()
        return True

    def message(self, sock):
        head = self.exactly(sock, HEAD.size)
        return head and head + self.exactly(sock, HEAD.unpack(head)[1] - HEAD.size)

    def exactly(self, sock, size):
        data = b""
        while len(data) < size:
            part = sock.recv(size - len(data))
            if not part:
                return None
            data += part
        return data


@pytest.fixture(scope="module")
def server():
    running = ncserver.Server()
    try:
        running.start()
        running.signal("netconfd")
        running.between = Between(running)
        running.mgmtd = running.between.path
        running.start_netconfd()
        yield running
    finally:
        running.stop()


def access_list(name, operation="merge"):
    return (
        f'<lib xmlns="{FILTER}" {NC}><access-list nc:operation="{operation}"><type>ipv4</type><name>{name}</name>'
        f"<entry><sequence>5</sequence><action>deny</action><any/></entry></access-list></lib>"
    )


def circuit(name, operation="merge"):
    return f'<expressroute xmlns="{ER}" {NC}><circuit nc:operation="{operation}"><name>{name}</name></circuit></expressroute>'


BEFORE = config(access_list("old") + circuit("old"))
# something goes from two models, so that no merge can say it
CHANGE = config(access_list("old", "delete") + access_list("new") + circuit("old", "delete") + circuit("new"))


def state(session):
    text = session.get_config("running").xml
    return [name for name in ("old", "new") for _ in range(text.count(f"<name>{name}</name>"))]


def begin(server):
    session = server.connect()
    session.edit_config(target="candidate", config=config(access_list("new", "remove") + circuit("new", "remove")))
    session.edit_config(target="candidate", config=BEFORE)
    session.commit()
    assert state(session) == ["old", "old"]
    session.edit_config(target="candidate", config=CHANGE)
    return session


def steps(server, operation):
    """What a run that nobody disturbs says to mgmtd."""
    with begin(server) as session:
        server.between.listen()
        operation(session)
        return list(server.between.seen)


def killed(server, operation, at):
    session = begin(server)
    process = server.processes["netconfd"]
    server.between.listen(at, lambda: process.send_signal(signal.SIGKILL) or process.wait())
    with pytest.raises(Exception):
        operation(session)
    wait_for(lambda: process.poll() is not None, "its death")
    server.start_netconfd()


def commit(session):
    session.commit()


def validate(session):
    session.validate("candidate")


def test_commit_of_anything_is_one_edit(server):
    assert steps(server, commit) == [LOCK, LOCK, EDIT, LOCK, LOCK]
    with server.connect() as session:
        assert state(session) == ["new", "new"]


@pytest.mark.parametrize("operation", [commit, validate], ids=["commit", "validate"])
def test_killed_at_any_step_leaves_all_or_nothing_and_no_edit_behind(server, operation):
    told = steps(server, operation)
    for number in range(len(told)):
        for when in ("before", "after"):
            killed(server, operation, (number, when))
            # whatever vtysh does next, it commits nothing but its own
            server.vtysh("enable", "configure terminal", "expressroute", "circuit cli", "exit-circuit", "no circuit cli", "end")
            with server.connect() as session:
                edited = told[: number + (when == "after")].count(EDIT)
                assert state(session) == ["new" if edited and operation is commit else "old"] * 2, (number, when)
                session.edit_config(target="candidate", config=config(circuit(f"c{number}{when}")))
                session.commit()
    assert server.logged("half way is dropped") == (0 if operation is commit else 2 * (told.count(EDIT) + told.count(COMMIT)))
    assert not (server.dir / "unfinished").exists()


def test_edit_that_was_not_ours_survives_a_kill(server):
    with begin(server) as session:
        session.discard_changes()
    tree = '{"frr-expressroute:expressroute":{"circuit":[{"name":"foreign"}]}}'
    server.vtysh("enable", "configure terminal", f"mgmt edit merge / json {tree}", "end")
    server.signal("netconfd", signal.SIGKILL)
    server.start_netconfd()
    with server.connect() as session:
        session.edit_config(target="candidate", config=config(circuit("ours")))
        with pytest.raises(Exception, match="another client"):
            session.commit()
        session.discard_changes()


def test_commit_that_waits_for_confirmation_does_not_survive_a_kill(server):
    for first, then in (({}, {}), ({"persist": "token"}, {"persist_id": "token"})):
        session = begin(server)
        session.commit(confirmed=True, timeout="600", **first)
        session.edit_config(target="candidate", config=config(circuit("second")))
        session.commit(confirmed=True, timeout="600", **then)
        server.signal("netconfd", signal.SIGKILL)
        server.start_netconfd()
        with server.connect() as session:
            wait_for(lambda: state(session) == ["old", "old"], "the way back")
            assert "second" not in session.get_config("running").xml
            wait_for(lambda: not (server.dir / "unconfirmed").exists(), "the end of the file")


def test_confirmed_commit_survives_a_kill(server):
    with begin(server) as session:
        session.commit(confirmed=True, timeout="600")
        session.commit()
    server.signal("netconfd", signal.SIGKILL)
    server.start_netconfd()
    with server.connect() as session:
        assert state(session) == ["new", "new"]


def test_way_back_of_a_commit_that_was_not_made_changes_nothing(server):
    def confirmed(session):
        session.commit(confirmed=True, timeout="600")

    edit = steps(server, confirmed).index(EDIT)
    killed(server, confirmed, (edit, "before"))
    with server.connect() as session:
        wait_for(lambda: server.logged("is taken back") and not (server.dir / "unconfirmed").exists(), "the way back")
        assert state(session) == ["old", "old"]
