#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Microsoft's side of a BGP session, for measuring: it sends the same bytes every
time.  (A real speaker groups prefixes into updates as its timing has it, and
each update costs the receiver more than the prefixes in it.)

    speaker.py LOCAL NEIGHBOR PREFIXES SETS [COMMUNITY OF ALL]
    speaker.py LOCAL NEIGHBOR published

Connects until it is accepted and says "established".  Then it obeys lines of
its standard input, "announce" and "withdraw", says "done" when all has been
sent, and ends with its input.  A route refresh is answered.
"""

import ipaddress
import os
import select
import socket
import struct
import sys
import time

from table import published, routes

OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5
MARKER = b"\xff" * 16
MAX_LEN = 4096
MICROSOFT_AS = 12076


def message(kind, body=b""):
    return MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def open_message(router_id):
    capabilities = struct.pack("!BBHBB", 1, 4, 1, 0, 1)  # IPv4 unicast
    capabilities += struct.pack("!BB", 2, 0)  # route refresh
    capabilities += struct.pack("!BBI", 65, 4, MICROSOFT_AS)
    # hold time 0: no keepalives either
    body = struct.pack("!BHH4sBBB", 4, MICROSOFT_AS, 0, router_id, len(capabilities) + 2, 2, len(capabilities))
    return message(OPEN, body + capabilities)


def attribute(flags, kind, value):
    return struct.pack("!BBB", flags, kind, len(value)) + value


def attributes(behind, communities, next_hop):
    path = (MICROSOFT_AS, *behind)
    return (
        attribute(0x40, 1, b"\0")  # ORIGIN IGP
        + attribute(0x40, 2, struct.pack(f"!BB{len(path)}I", 2, len(path), *path))
        + attribute(0x40, 3, next_hop)
        + attribute(0xC0, 8, b"".join(struct.pack("!HH", MICROSOFT_AS, value) for value in communities))
    )


def nlri(prefix):
    network = ipaddress.IPv4Network(prefix)
    return bytes([network.prefixlen]) + network.network_address.packed[: (network.prefixlen + 7) // 8]


def batches(items, room):
    """Join encoded prefixes into blocks of at most room bytes."""
    block = b""
    for item in items:
        if len(block) + len(item) > room:
            yield block
            block = b""
        block += item
    if block:
        yield block


def announcement(table, next_hop):
    groups = {}
    for prefix, behind, communities in table:
        groups.setdefault((behind, communities), []).append(nlri(prefix))
    out = []
    for (behind, communities), prefixes in groups.items():
        head = attributes(behind, communities, next_hop)
        head = struct.pack("!HH", 0, len(head)) + head
        out += [message(UPDATE, head + block) for block in batches(prefixes, MAX_LEN - 19 - len(head))]
    return b"".join(out)


def withdrawal(table):
    blocks = batches((nlri(prefix) for prefix, _, _ in table), MAX_LEN - 19 - 4)
    return b"".join(message(UPDATE, struct.pack("!H", len(block)) + block + b"\0\0") for block in blocks)


class Session:
    def __init__(self, local, neighbor):
        self.buffer = b""
        while True:
            self.socket = socket.socket()
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((local, 0))
            try:
                self.socket.connect((neighbor, 179))
                self.socket.sendall(open_message(socket.inet_aton(local)))
                if self.handshake():
                    return
            except OSError:
                pass
            self.socket.close()
            time.sleep(0.2)

    def handshake(self):
        self.buffer = b""
        for wanted in (OPEN, KEEPALIVE):
            if self.receive() != wanted:
                return False
            if wanted == OPEN:
                self.socket.sendall(message(KEEPALIVE))
        self.socket.sendall(message(UPDATE, b"\0\0\0\0"))  # End-of-RIB
        return True

    def receive(self):
        """The type of the next message; None when the session is gone."""
        while True:
            if len(self.buffer) >= 19:
                length, kind = struct.unpack_from("!HB", self.buffer, 16)
                if len(self.buffer) >= length:
                    self.buffer = self.buffer[length:]
                    return None if kind == NOTIFICATION else kind
            data = self.socket.recv(65536)
            if not data:
                return None
            self.buffer += data


def main(local, neighbor, table):
    announce, withdraw = announcement(table, socket.inet_aton(local)), withdrawal(table)
    session = Session(local, neighbor)
    print("established", flush=True)
    announced = False
    while True:
        ready, _, _ = select.select([0, session.socket], [], [])
        if session.socket in ready:
            kind = session.receive()
            if kind is None:
                sys.exit("the neighbor has closed the session")
            if kind == REFRESH and announced:
                session.socket.sendall(announce)
        if 0 in ready:
            command = os.read(0, 64).decode().strip()
            if not command:
                return
            announced = command == "announce"
            session.socket.sendall(announce if announced else withdraw)
            print("done", flush=True)


if __name__ == "__main__":
    made_up = sys.argv[3:] != ["published"]
    main(*sys.argv[1:3], routes(*map(int, sys.argv[3:])) if made_up else published())
