# SPDX-License-Identifier: GPL-2.0-or-later
"""
The same change by NETCONF and by vtysh, and readers beside a commit.

Each time with new daemons, so that one change does not pay for another. vtysh
reads the lines from a file, as `vtysh -f`; NETCONF's time is a client's: one
edit-config and one commit, with ncclient and OpenSSH in it, without the login.
"""

import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "netconfd"))

import ncserver  # noqa: E402  pylint: disable=wrong-import-position
from stage import FRR_SBIN, MODULE, VTYSH, run, wait_for  # noqa: E402  pylint: disable=wrong-import-position

ROUTING = "http://frrouting.org/yang/routing"
STATICD = "http://frrouting.org/yang/staticd"
READERS = 50


def prefix(number):
    return f"10.{number >> 8}.{number & 255}.0/24"


def routes_xml(count):
    entries = "".join(
        f'<route-list><prefix>{prefix(n)}</prefix><src-prefix>::/0</src-prefix><afi-safi xmlns:r="{ROUTING}">r:ipv4-unicast</afi-safi>'
        "<path-list><table-id>0</table-id><nh-type>blackhole</nh-type><vrf>default</vrf><gateway/>"
        "<interface>(null)</interface><bh-type>unspec</bh-type><distance>1</distance></path-list></route-list>"
        for n in range(count)
    )
    return ncserver.config(
        f'<routing xmlns="{ROUTING}"><control-plane-protocols><control-plane-protocol>'
        f'<type xmlns:s="{STATICD}">s:staticd</type><name>staticd</name><vrf>default</vrf>'
        f'<staticd xmlns="{STATICD}">{entries}</staticd></control-plane-protocol></control-plane-protocols></routing>'
    )


def routes_cli(count):
    return [f"ip route {prefix(n)} blackhole" for n in range(count)]


def links(number):
    return ((role, f"172.16.{number}.{4 * at}/30") for at, role in enumerate(("primary", "secondary")))


def circuits_xml(count):
    def circuit(number):
        inner = "".join(
            f"<link><role>{role}</role><interface>eth{number}</interface><ipv4-subnet>{net}</ipv4-subnet></link>"
            for role, net in links(number)
        )
        return (
            f"<circuit><name>c{number}</name><peering><type>private</type><vlan>{number + 2}</vlan>"
            f"<advertise><ipv4-prefix>{prefix(number)}</ipv4-prefix></advertise>{inner}</peering></circuit>"
        )

    inner = "".join(map(circuit, range(count)))
    return ncserver.config(f'<expressroute xmlns="{ncserver.NS["er"]}">{inner}</expressroute>')


def circuits_cli(count):
    lines = ["expressroute"]
    for number in range(count):
        lines += [f" circuit c{number}", "  peering private", f"   vlan {number + 2}", f"   advertise {prefix(number)}"]
        for role, net in links(number):
            lines += [f"   link {role}", f"    interface eth{number}", f"    ipv4-subnet {net}", "   exit-link"]
        lines += ["  exit-peering", " exit-circuit"]
    return lines + ["exit-expressroute"]


WAYS = ("netconf", "vtysh")
# what -> (how many, XML, lines, what the configuration then has as often)
CASES = {
    "1,000 static routes": (1000, routes_xml, routes_cli, "<route-list>"),
    "4,000 static routes": (4000, routes_xml, routes_cli, "<route-list>"),
    "100 circuits": (100, circuits_xml, circuits_cli, "<circuit>"),
}


def as_if_built(top):
    """What is installed, where ncserver looks in a build directory."""
    moduledir = Path(run(["pkg-config", "--variable=moduledir", "frr"]).strip().strip('"'))
    for path in (FRR_SBIN / "erouted", FRR_SBIN / "frr-netconfd", FRR_SBIN / "frr-netconf-subsystem"):
        directory = top / ("erouted" if path.name == "erouted" else "netconfd")
        directory.mkdir(exist_ok=True)
        (directory / path.name).symlink_to(path)
    (top / "mgmtd").mkdir()
    (top / "mgmtd" / f"mgmtd_{MODULE}.so").symlink_to(moduledir / f"mgmtd_{MODULE}.so")
    return top


class Fresh:
    """A server of its own, for one measurement."""

    def __enter__(self):
        self.server = ncserver.Server().start()
        return self.server

    def __exit__(self, *_):
        self.server.stop()


def peak(server, daemon):
    """Most memory that a daemon has had so far, in octets."""
    text = Path(f"/proc/{server.processes[daemon].pid}/status").read_text(encoding="utf-8")
    return int(text.partition("VmHWM:")[2].split()[0]) * 1024


def cpu(server):
    """CPU time of all daemons so far, in seconds: without sshd and the client, with frr-netconfd."""
    total = 0
    for name, process in server.processes.items():
        if name != "sshd":
            tasks = Path(f"/proc/{process.pid}/task").iterdir()
            total += sum(int((task / "schedstat").read_text(encoding="utf-8").split()[0]) for task in tasks)
    return total / 1e9


@dataclass
class Cost:
    seconds: float
    cpu: float
    memory: dict  # daemon -> octets by which its peak has grown


def cost_of(server, change):
    before = {daemon: peak(server, daemon) for daemon in ("netconfd", "mgmtd")}
    begin, spent = time.monotonic(), cpu(server)
    change()
    seconds, spent = time.monotonic() - begin, cpu(server) - spent
    return Cost(seconds, spent, {daemon: peak(server, daemon) - size for daemon, size in before.items()})


def by_netconf(server, session, text):
    def change():
        session.edit_config(target="candidate", config=text)
        session.commit()

    return cost_of(server, change)


def by_vtysh(server, path):
    def change():
        command = [VTYSH, "-N", server.space, "-f", path]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    return cost_of(server, change)


def change_once(way, count, xml, cli, mark):
    with Fresh() as server, server.connect() as session:
        session.get_config("running")  # libyang's context is made for the first session
        path = server.dir / "lines"
        path.write_text("\n".join(cli(count)) + "\n", encoding="utf-8")
        cost = by_netconf(server, session, xml(count)) if way == "netconf" else by_vtysh(server, path)
        assert session.get_config("running").xml.count(mark) == count, f"{mark} by {way}"
        return cost


def changes(repeat, say=print):
    """case -> way -> [Cost]"""
    results = {}
    for case, what in CASES.items():
        results[case] = {way: [] for way in WAYS}
        for number in range(repeat):
            for way in WAYS:
                cost = change_once(way, *what)
                results[case][way].append(cost)
                say(f"  {case} by {way}, {number + 1} of {repeat}: {cost.seconds:.2f} s, {cost.cpu:.2f} s of CPU")
    return results


class Reader(threading.Thread):
    """Asks for one circuit's configuration again and again."""

    FILTER = ("subtree", f'<expressroute xmlns="{ncserver.NS["er"]}"><circuit><name>c0</name></circuit></expressroute>')

    def __init__(self, server):
        super().__init__(daemon=True)
        self.session = server.connect("ncread")
        self.ending = threading.Event()
        self.reads = []  # (begin, seconds)

    def run(self):
        while not self.ending.is_set():
            begin = time.monotonic()
            self.session.get_config("running", filter=self.FILTER)
            self.reads.append((begin, time.monotonic() - begin))

    def stop(self):
        self.ending.set()
        self.join()
        self.session.close_session()
        return self.reads


def measure(repeat, say=print):
    """(what changes() gives, what readers() gives), of what is installed"""
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o755)
        ncserver.BUILD = as_if_built(Path(top))
        return changes(repeat, say), readers(say)


def readers(say=print):
    """
    How long 50 readers wait while nobody writes, and while one commits 4,000
    routes; and how long the commit took: ([seconds], [seconds], seconds).
    """
    with Fresh() as server:
        writer = server.connect()
        writer.edit_config(target="candidate", config=circuits_xml(1))
        writer.commit()
        crowd = [Reader(server) for _ in range(READERS)]
        for reader in crowd:
            reader.start()
        wait_for("readers to have read", lambda: all(len(reader.reads) > 10 for reader in crowd))
        writer.edit_config(target="candidate", config=routes_xml(4000))
        begin = time.monotonic()
        writer.commit()
        end = time.monotonic()
        wait_for("readers to go on", lambda: all(reader.reads[-1][0] > end for reader in crowd))
        quiet, busy = [], []
        for reader in crowd:
            for at, took in reader.stop():
                if at + took < begin - 1:
                    quiet.append(took)
                elif at < end and at + took > begin:
                    busy.append(took)
        writer.close_session()
    say(f"  {len(busy)} reads during a commit of {end - begin:.2f} s")
    return quiet, busy, end - begin
