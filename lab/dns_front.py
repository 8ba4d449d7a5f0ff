#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
In front of a DNS server: passes questions on and answers back, or answers badly.

    dns_front.py FAULT_FILE PORT ADDRESS...

Listens on port 53 of the addresses, UDP and TCP; the server is at PORT of
127.0.0.1.  The file says for each question what is to be done: nothing in it
(pass on), "servfail", "garbage", "silent", or "late SECONDS".  Writes "ready",
and "asked" for each question.
"""
import asyncio
import socket
import sys

SERVFAIL = 2
ANSWER = 0x80
HEADER = 12
LONGEST = 65535


def servfail(question):
    """The question itself with the two marks set, and without anything behind its first part."""
    end = question.index(0, HEADER) + 5
    counts = b"\0\1" + b"\0" * 6
    return question[:2] + bytes((question[2] | ANSWER, SERVFAIL)) + counts + question[HEADER:end]


def garbage(question):
    return question[:2] + bytes(range(255, 155, -1))


class Front:
    def __init__(self, fault_file, port):
        self.fault_file, self.port = fault_file, port

    def fault(self):
        with open(self.fault_file, encoding="utf-8") as file:
            word, _, argument = file.read().strip().partition(" ")
        return word, float(argument or 0)

    async def answer(self, question, ask):
        """The bytes to send back, or None."""
        print("asked", flush=True)
        word, seconds = self.fault()
        if word == "silent":
            return None
        if word == "servfail":
            return servfail(question)
        if word == "garbage":
            return garbage(question)
        answer = await ask(question)
        await asyncio.sleep(seconds)
        return answer

    async def ask_udp(self, question):
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect(("127.0.0.1", self.port))
            await loop.sock_sendall(sock, question)
            return await loop.sock_recv(sock, LONGEST)

    async def ask_tcp(self, question):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            return await exchange(reader, writer, question)
        finally:
            writer.close()

    async def serve_tcp(self, reader, writer):
        try:
            while True:
                question = await read_message(reader)
                answer = await self.answer(question, self.ask_tcp)
                if answer:
                    send_message(writer, answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def read_message(reader):
    """One message of DNS over TCP: its length stands before it."""
    length = int.from_bytes(await reader.readexactly(2), "big")
    return await reader.readexactly(length)


def send_message(writer, message):
    writer.write(len(message).to_bytes(2, "big") + message)


async def exchange(reader, writer, message):
    send_message(writer, message)
    return await read_message(reader)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, front):
        self.front, self.transport, self.tasks = front, None, set()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        task = asyncio.ensure_future(self.reply(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def reply(self, question, client):
        answer = await self.front.answer(question, self.front.ask_udp)
        if answer:
            self.transport.sendto(answer, client)


async def main(fault_file, port, *addresses):
    front, loop = Front(fault_file, int(port)), asyncio.get_running_loop()
    for address in addresses:
        await loop.create_datagram_endpoint(lambda: Datagrams(front), local_addr=(address, 53))
        await asyncio.start_server(front.serve_tcp, address, 53)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
