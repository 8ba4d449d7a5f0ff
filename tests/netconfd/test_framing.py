# SPDX-License-Identifier: GPL-2.0-or-later
"""
Bytes on the daemon's own socket, as no decent client sends them: they end that
session and no other.
"""
import itertools
import pathlib
import random
import select
import socket
import subprocess
import sys
import time

import pytest

import ncserver
from ncserver import NS, wait_for

END = b"]]>]]>"
HELLO = (
    f'<hello xmlns="{NS["nc"]}"><capabilities><capability>urn:ietf:params:netconf:base:1.%d</capability>'
    f"</capabilities></hello>"
)
GET = f'<rpc xmlns="{NS["nc"]}" message-id="%s"><get-config><source><running/></source></get-config></rpc>'
# connects as another user and copies both ways: what a pump would do, for any bytes
AS_USER = """
import os, socket, sys, threading
os.setgroups([]); os.setgid(65534); os.setuid(int(sys.argv[1]))
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[2])
def down():
    while (d := s.recv(65536)):
        os.write(1, d)
    os._exit(0)
threading.Thread(target=down, daemon=True).start()
while (d := os.read(0, 65536)):
    s.sendall(d)
s.shutdown(socket.SHUT_WR)
threading.Event().wait(60)
"""

# opens many sessions as another user, has each ask for the same, and says what came
MANY = """
import os, select, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(int(sys.argv[1]))
path, count, hello, question = sys.argv[2], int(sys.argv[3]), *(a.encode() for a in sys.argv[4:])
def until(sock, mark):
    got = b""
    while mark not in got:
        part = sock.recv(65536)
        if not part:
            return None
        got += part
    return got
socks, open_ones = [], []
for _ in range(count):
    sock = socket.socket(socket.AF_UNIX); sock.connect(path); sock.settimeout(60); socks.append(sock)
for sock in socks:
    try:
        if until(sock, b"]]>]]>"):
            sock.sendall(hello); open_ones.append(sock)
    except OSError:
        pass
answered = 0
for sock in open_ones:
    sock.sendall(question)
for sock in open_ones:
    answered += b"<data" in (until(sock, b"]]>]]>") or b"")
print(len(open_ones), answered, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server():
    running = ncserver.Server("--hello-timeout", "2", "--max-message", "2", "--max-sessions", "20")
    try:
        yield running.start()
    finally:
        running.stop()


class Raw:
    def __init__(self, server, version=1, hello=True):
        self.ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-c", AS_USER, "7002", str(server.socket)], stdin=theirs, stdout=theirs
        )
        theirs.close()
        self.ours.settimeout(30)
        self.got = b""
        self.version = version
        if hello:
            self.until(END)
            self.send((HELLO % version).encode() + END)

    def send(self, data):
        try:
            self.ours.sendall(data)
        except OSError:
            pass  # it has been cut, as the test is about to see

    def until(self, mark):
        while mark not in self.got:
            part = self.ours.recv(65536)
            assert part, f"cut while waiting for {mark}: {self.got[-300:]}"
            self.got += part
        head, _, self.got = self.got.partition(mark)
        return head

    def chunked(self, text, sizes=None):
        data, out = text.encode(), b""
        sizes = iter(sizes or [len(data)])
        while data:
            size = min(next(sizes), len(data))
            out += b"\n#%d\n" % size + data[:size]
            data = data[size:]
        return out + b"\n##\n"

    def ask(self, number="1"):
        self.send(self.chunked(GET % number) if self.version else (GET % number).encode() + END)
        reply = self.until(b"\n##\n" if self.version else END)
        assert b"<data" in reply and f'message-id="{number}"'.encode() in reply, reply
        return reply

    def is_cut(self):
        try:
            while self.ours.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def close(self):
        self.ours.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def raw(server):
    made = []

    def make(**more):
        made.append(Raw(server, **more))
        return made[-1]

    yield make
    bystander = make()
    bystander.ask()
    for each in made:
        each.close()
    assert not server.alive()


@pytest.mark.parametrize("version", [0, 1], ids=["end-of-message", "chunked"])
def test_plain(raw, version):
    session = raw(version=version)
    for number in "12":
        session.ask(number)


def test_every_byte_alone(raw):
    for version in (0, 1):
        session = raw(version=version)
        text = GET % "7"
        data = session.chunked(text) if version else text.encode() + END
        for byte in data:
            session.send(bytes([byte]))
        assert b"<data" in session.until(b"\n##\n" if version else END)


def test_chunks_of_odd_sizes(raw):
    session = raw()
    generator = random.Random(1)
    for sizes in (itertools.repeat(1), iter([3, 1, 500]), iter(lambda: generator.randrange(1, 9), 0)):
        session.send(session.chunked(GET % "9", sizes))
        assert b'message-id="9"' in session.until(b"\n##\n")


def test_several_requests_at_once_even_behind_the_hello(raw):
    session = raw(hello=False)
    requests = b"".join(session.chunked(GET % n) for n in range(5))
    session.send((HELLO % 1).encode() + END + requests)
    session.until(END)
    for number in range(5):
        assert b'message-id="%d"' % number in session.until(b"\n##\n")


@pytest.mark.parametrize(
    "data",
    [
        b"\n#0\n", b"\n#01\nx", b"\n#-1\n", b"\n#99999999999\n", b"\n#4294967295\n", b"\n##\n", b"\n#1x\n", b"#5\nhello",
        b"garbage", b"\n\n#5\n", b"\n#5\nab\0de\n##\n", b"\n#3\nabcd\n##\n", b"\xff" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_framing_is_cut(raw, data):
    session = raw()
    session.send(data)
    assert session.is_cut()


def memory(server):
    """Kilobytes."""
    status = open(f"/proc/{server.processes['netconfd'].pid}/status", encoding="utf-8").read()
    return int(status.partition("VmRSS:")[2].split()[0])


def answered_or_cut(session):
    try:
        assert b"rpc-error" in session.until(b"\n##\n")
    except (AssertionError, ConnectionError) as failure:
        assert "cut" in str(failure) or isinstance(failure, ConnectionError), failure


def test_oversized_message_is_cut_and_not_kept(server, raw):
    before = memory(server)
    for version in (0, 1):
        session = raw(version=version)
        for _ in range(40):
            session.send(b"\n#100000\n" + b" " * 100000 if version else b" " * 100000)
        assert session.is_cut()
    assert memory(server) - before < 20000, "kilobytes"


def test_gigabyte_is_refused_before_it_has_come(server, raw):
    session = raw()
    session.send(b"\n#1000000000\n")
    assert session.is_cut()
    session = raw(version=0)
    sent, piece = 0, b" " * 65536
    session.send(b"<rpc>")
    with pytest.raises(OSError):
        while sent < 1 << 30:
            session.ours.sendall(piece)
            sent += len(piece)
    assert sent < 8 << 20, "octets that were taken"


def test_entities_are_not_expanded(server, raw):
    session = raw()
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{levels}]>' + (GET % 1).replace("<running/>", "<running>&e9;</running>")
    before = memory(server)
    session.send(session.chunked(bomb))
    answered_or_cut(session)
    assert memory(server) - before < 20000, "kilobytes"


@pytest.mark.parametrize("number", ["", "0", "-1", "&lt;&quot;&amp;&gt;", "\u00e9\u4e2d", "x" * 4000, "1 2"])
def test_odd_message_id_comes_back(raw, number):
    session = raw()
    for _ in range(2):  # the same one twice is the client's affair
        session.send(session.chunked(GET % number))
        reply = session.until(b"\n##\n").decode()
        shown = reply.partition("message-id=")[2]
        assert shown[1:].startswith(number.replace("&quot;", '"')) or shown[1:].startswith(number), reply[:300]


def test_hello_that_drips_is_cut_in_time(raw):
    session = raw(hello=False)
    session.until(END)
    begun = time.monotonic()
    for byte in itertools.cycle(b"<hello "):
        session.send(bytes([byte]))
        # nothing comes any more but the end
        if select.select([session.ours], [], [], 0.1)[0]:
            break
        assert time.monotonic() < begun + 20, "the hello drips on"
    assert session.is_cut() and time.monotonic() > begun + 1


def many(server, count):
    process = subprocess.Popen(
        [sys.executable, "-c", MANY, "7002", str(server.socket), str(count), (HELLO % 0) + "]]>]]>", (GET % 1) + "]]>]]>"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    served, answered = map(int, process.stdout.readline().split())
    return process, served, answered


def threads(server):
    return len(list(pathlib.Path(f"/proc/{server.processes['netconfd'].pid}/task").iterdir()))


def test_thousand_sessions_are_no_more_than_the_cap(server, raw):
    before = threads(server)
    process, served, answered = many(server, 1000)
    assert served == answered and 10 <= served <= 20
    process.communicate("")
    wait_for(lambda: threads(server) <= before, "their threads to end")


def test_five_hundred_sessions_at_once():
    server = ncserver.Server("--max-sessions", "500")
    try:
        server.start()
        process, served, answered = many(server, 501)
        assert served == answered == 500
        process.communicate("")
        wait_for(lambda: threads(server) <= 2, "their threads to end", 60)
        with server.connect() as session:
            session.get_config("running")
    finally:
        server.stop()


BAD_XML = {
    "not-xml": "hello",
    "unclosed": "<rpc",
    "entity": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rpc>&b;</rpc>',
    "no-id": (GET % 1).replace(' message-id="1"', ""),
    "unknown": f'<rpc xmlns="{NS["nc"]}" message-id="1"><frobnicate/></rpc>',
    "foreign": '<rpc xmlns="urn:x" message-id="1"><get/></rpc>',
    "reply": f'<rpc-reply xmlns="{NS["nc"]}" message-id="1"><ok/></rpc-reply>',
    "hello-again": HELLO % 1,
    "deep": f'<rpc xmlns="{NS["nc"]}" message-id="1"><get><filter>' + "<a>" * 100000,
    "utf-8": b"<rpc>\xc3\x28</rpc>".decode("latin-1"),
    "running": f'<rpc xmlns="{NS["nc"]}" message-id="1"><edit-config><target><running/></target><config/></edit-config></rpc>',
    "startup": f'<rpc xmlns="{NS["nc"]}" message-id="1"><get-config><source><startup/></source></get-config></rpc>',
}


@pytest.mark.parametrize("name", BAD_XML)
def test_bad_xml_is_answered_or_cut(raw, name):
    session = raw()
    session.send(session.chunked(BAD_XML[name]))
    answered_or_cut(session)


def test_no_hello_in_time_is_cut(raw):
    silent, slow = raw(hello=False), raw(hello=False)
    slow.send(b"<hel")
    for session in (silent, slow):
        session.until(END)
        assert session.is_cut()


def test_operation_before_hello_is_cut(raw):
    session = raw(hello=False)
    session.until(END)
    session.send((GET % 1).encode() + END)
    assert session.is_cut()


def test_client_that_does_not_read_blocks_nobody(server, raw):
    greedy = raw()
    for number in range(200):
        greedy.send(greedy.chunked(GET % number))
    raw().ask()


def test_foreign_user_is_refused(server):
    out = subprocess.run(
        [sys.executable, "-c", AS_USER, "65534", str(server.socket)], input=b"", capture_output=True, check=False
    )
    assert out.stdout == b""
    wait_for(lambda: "neither in group" in server.log.read_text(errors="replace"), "line in the log")


def test_random_bytes(raw):
    generator = random.Random(7)
    for _ in range(20):
        session = raw(version=generator.randrange(2))
        good = session.chunked(GET % 1) if session.version else (GET % 1).encode() + END
        data = bytearray(good)
        for _ in range(generator.randrange(1, 6)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        session.send(bytes(data))
        session.ours.shutdown(socket.SHUT_WR)
        assert session.is_cut()
        session.close()
