#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Send numbered UDP packets at a steady pace, or note which ones arrive.

    probe.py receive PORT
    probe.py send PORT FLOWS INTERVAL_MS ADDRESS...

Both write "ready" when they are, stop at a line (or the end) of standard
input, and write what they know as JSON: the sender, per flow, when it sent each
packet (seconds since the epoch), the receiver, per flow, the numbers it got.
The receiver's line may say how many were sent: it waits for the last of them.
"""
import itertools
import json
import select
import socket
import struct
import sys
import time

# the receiver waits so long for what is still under way: a busy machine is slow
SETTLE = 1.0
# what it may fall behind: bytes
BUFFER = 4 << 20
# Linux: more than net.core.rmem_max, for root
SO_RCVBUFFORCE = 33
PACKET = struct.Struct("!8sI")


def asked_to_stop(timeout=0.0, *sockets):
    readable, _, _ = select.select([sys.stdin, *sockets], [], [], timeout)
    return sys.stdin in readable


def listen(port):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    sock.setblocking(False)
    sock.bind(("::", port))
    return sock


def receive(port):
    sock = listen(port)
    print("ready", flush=True)
    got, count, end, sent = {}, 0, None, None
    while end is None or (time.monotonic() < end and count != sent):
        if end is None and asked_to_stop(0.1, sock):
            line = sys.stdin.readline().strip()
            end = time.monotonic() + SETTLE
            sent = int(line) if line.isdigit() else None
        elif end is not None:
            select.select([sock], [], [], 0.02)
        try:
            while True:
                flow, number = PACKET.unpack(sock.recv(64)[: PACKET.size])
                got.setdefault(flow.rstrip(b"\0").decode(), []).append(number)
                count += 1
        except BlockingIOError:
            pass
    print(json.dumps(got))


def send(port, flows, interval, addresses):
    sockets = {}
    numbers = {"v4": itertools.count(), "v6": itertools.count()}
    for address in addresses:
        kind, family = (socket.AF_INET6, "v6") if ":" in address else (socket.AF_INET, "v4")
        for _ in range(flows):
            sock = socket.socket(kind, socket.SOCK_DGRAM)
            sock.connect((address, port))
            sockets[f"{family}-{next(numbers[family])}"] = sock
    sent = {flow: [] for flow in sockets}
    names = {flow: flow.encode() for flow in sockets}
    print("ready", flush=True)
    number, due = 0, time.monotonic()
    while not asked_to_stop(max(0.0, due - time.monotonic())):
        if time.monotonic() < due:
            continue
        for flow, sock in sockets.items():
            sent[flow].append(time.time())
            try:
                sock.send(PACKET.pack(names[flow], number))
            except OSError:
                pass  # no route, refused: it counts as lost
        number += 1
        # what a busy machine did not send in time is not sent in a burst, which queues would lose
        due = max(due + interval / 1000, time.monotonic())
    print(json.dumps(sent))


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(int(sys.argv[2]))
    else:
        send(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
