# SPDX-License-Identifier: GPL-2.0-or-later
"""
A frontend client of mgmtd, as a NETCONF server would be one: its native
protocol, blocking, with the time at which each message came.
"""

import json
import select
import socket
import struct
import time

MARKER = 0x23232301
FRAME = struct.Struct("=II")  # marker, length with this header
HEADER = struct.Struct("=H2xIQQ")  # code, where a second string begins, session, request
ERROR, TREE_DATA, GET_DATA, NOTIFY, NOTIFY_SELECT, SESSION_REQ, SESSION_REPLY = 0, 2, 3, 4, 9, 10, 11
JSON = 2
GET_STATE = 1
OPERATIONAL = 3


class Frontend:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.buffer = b""
        self.session = self.request = 0
        self.pending = []  # notifications that came while something else was awaited
        self._send(SESSION_REQ, struct.pack("=B7x", JSON) + b"bench\0")
        _, header, _ = self._await(SESSION_REPLY)
        self.session = header[2]

    def close(self):
        self.socket.close()

    def _send(self, code, body):
        self.request += 1
        message = HEADER.pack(code, 0, self.session, self.request) + body
        self.socket.sendall(FRAME.pack(MARKER, FRAME.size + len(message)) + message)

    def _read(self):
        """The next message: (seconds since the epoch, header, body)."""
        while True:
            if len(self.buffer) >= FRAME.size:
                marker, length = FRAME.unpack_from(self.buffer)
                if marker != MARKER:
                    raise RuntimeError("mgmtd sent something else")
                if len(self.buffer) >= length:
                    message, self.buffer = self.buffer[FRAME.size : length], self.buffer[length:]
                    return self.when, HEADER.unpack_from(message), message[HEADER.size :]
            data = self.socket.recv(65536)
            self.when = time.time()
            if not data:
                raise RuntimeError("mgmtd closed the connection")
            self.buffer += data

    def _await(self, code):
        while True:
            when, header, body = self._read()
            if header[0] == code:
                return when, header, body
            if header[0] == ERROR:
                raise RuntimeError(body[8:].rstrip(b"\0").decode())
            if header[0] == NOTIFY:
                self.pending.append((when, header, body))

    def subscribe(self, *xpaths):
        body = struct.pack("=BBBBI", 1, 0, 0, 0, 0)
        self._send(NOTIFY_SELECT, body + b"".join(x.encode() + b"\0" for x in xpaths))

    def get(self, xpath):
        """State below an xpath: (seconds since the epoch, parsed)."""
        self._send(GET_DATA, struct.pack("=BBBB4x", JSON, GET_STATE, 0, OPERATIONAL) + xpath.encode() + b"\0")
        when, _, body = self._await(TREE_DATA)
        return when, json.loads(body[8:].rstrip(b"\0") or b"{}")

    def forget(self):
        """Drop what has come so far."""
        self.pending.clear()
        while self.buffer or select.select([self.socket], [], [], 0)[0]:
            self._read()

    def notification(self):
        """The next one: (seconds since the epoch, name without module, fields)."""
        when, header, body = self.pending.pop(0) if self.pending else self._await(NOTIFY)
        document = json.loads(body[max(8, header[1] + 8 if header[1] else 8) :].rstrip(b"\0"))
        name, fields = next(iter(document.items()))
        return when, name.partition(":")[2] or name, fields
