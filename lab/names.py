# SPDX-License-Identifier: GPL-2.0-or-later
"""
The names of the gateways: a real DNS server, knot, authoritative for one zone, on
an address of the internet.  In front of it stands lab/dns_front.py, which passes
everything on, or answers badly when told to.
"""
import os

from scenery import wait_for
from tunnel import Background, write

ZONE = "vpn.example"
SERVER = {4: "198.51.100.53", 6: "2001:db8:53::53"}
TTL = 60
KNOT_PORT = 5300
HERE = os.path.dirname(os.path.abspath(__file__))


class Names:
    """
    The DNS server on a node.  After set() and remove() have returned, the next
    question gets the new answer.  But FRR's resolver (c-ares 1.34) asks again only
    when the TTL of what it has is over, and takes an hour for "no such record":
    give a name both families from the start, or one for good.
    """

    def __init__(self, shell, directory):
        self.shell, self.directory = shell, directory
        self.knot = self.front = None

    def _file(self, name):
        return os.path.join(self.directory, name)

    def start(self):
        os.makedirs(self.directory)
        write(self._file("knot.conf"), f"""
server:
    rundir: {self.directory}
    listen: 127.0.0.1@{KNOT_PORT}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: {self._file("knot.sock")}
log:
  - target: stderr
    any: info
database:
    storage: {self._file("db")}
zone:
  - domain: {ZONE}
    storage: {self.directory}
    file: zone
    zonefile-sync: -1
    journal-content: none
""")  # fmt: skip
        soa = f"@ {TTL} SOA ns admin 1 3600 600 86400 1"
        write(self._file("zone"), f"$ORIGIN {ZONE}.\n{soa}\n@ {TTL} NS ns\nns {TTL} A {SERVER[4]}\n")
        self.good()
        self.knot = Background(self.shell, f"knotd -c {self._file('knot.conf')}", self._file("knot.log"))
        addresses = " ".join(SERVER.values())
        command = f"python3 {HERE}/dns_front.py {self._file('fault')} {KNOT_PORT} {addresses}"
        self.front = Background(self.shell, command, self._file("front.log"))
        wait_for(lambda: self.knot.must_live() and os.path.exists(self._file("knot.sock")), "knot's control socket")
        wait_for(self._loaded, "knot to have loaded the zone")
        wait_for(lambda: self.front.must_live() and "ready\n" in self._front_lines(), "the DNS front")

    def stop(self):
        for process in (self.front, self.knot):
            if process:
                process.kill()

    def _loaded(self):
        return "serial: 1" in self.shell.sh(f"{self._knotc()} zone-status {ZONE} 2>&1 || true")

    def _knotc(self):
        return f"knotc -s {self._file('knot.sock')}"

    def _change(self, name, *records):
        """All records of the name are these; whether there were any before is not asked."""
        lines = [f"{self._knotc()} zone-begin {ZONE}", f"{{ {self._knotc()} zone-unset {ZONE} {name} || true; }}"]
        lines += [f"{self._knotc()} zone-set {ZONE} {name} {record}" for record in records]
        self.shell.sh(" && ".join([*lines, f"{self._knotc()} zone-commit {ZONE}"]))

    def set(self, name, *addresses, ttl=TTL):
        """These are all its addresses, of both families."""
        self._change(name, *(f"{ttl} {'AAAA' if ':' in address else 'A'} {address}" for address in addresses))

    def remove(self, name):
        """The name does not exist any more."""
        self._change(name)

    def good(self):
        """Answer as knot does."""
        self._tell("")

    def servfail(self):
        self._tell("servfail")

    def garbage(self):
        """What comes back is no DNS message, but for its number."""
        self._tell("garbage")

    def silent(self):
        self._tell("silent")

    def late(self, seconds):
        """The right answer, after this time."""
        self._tell(f"late {seconds}")

    def _tell(self, text):
        # in one step: the front reads it for each question
        write(self._file("fault.new"), text)
        os.rename(self._file("fault.new"), self._file("fault"))

    def asked(self):
        """How many questions have come so far."""
        return self._front_lines().count("asked\n")

    def _front_lines(self):
        with open(self.front.log, encoding="utf-8") as file:
            return file.readlines()


def resolved_by(shell, directory):
    """From now on this node (a mount namespace of its own) asks our server."""
    path = os.path.join(directory, f"resolv.conf-{shell.name}")
    write(path, "".join(f"nameserver {address}\n" for address in SERVER.values()), 0o644)
    shell.sh(f"mount --bind {path} /etc/resolv.conf")
