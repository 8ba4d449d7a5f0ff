#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
One circuit through maintenance, loss and recovery, then with a VPN as its
backup (strongSwan, IKEv2 and ESP), with a stream of packets running all the time.  Needs root and a place where our parts are installed
beside FRR (lab/run demo), or ER_BUILD.

Exit status: 0 when everything was as it should be.
"""
import json
import os
import re
import sys
import time

import nodes
import scenery
import vpn
from parts import OUR_DAEMONS, STOCK_DAEMONS, Build
from scenery import CIRCUIT, LINKS, wait_for

CONFIGURATION = f"""\
expressroute
 circuit {CIRCUIT}
  peering private
   advertise {scenery.ONPREM_NET[4]}
   advertise {scenery.ONPREM_NET[6]}
   link primary
    interface msee1
    ipv4-subnet {LINKS["primary"].subnet[4]}
    ipv6-subnet {LINKS["primary"].subnet[6]}
   exit-link
   link secondary
    interface msee2
    ipv4-subnet {LINKS["secondary"].subnet[4]}
    ipv6-subnet {LINKS["secondary"].subnet[6]}
   exit-link
  exit-peering
 exit-circuit
exit-expressroute"""

PICTURE = """\
                    .- primary --- msee1 -.
   onprem --- ce --<-- secondary - msee2 --+--- vnet
                    '- internet --- gw0/1 -'

   ce      the router with frr-expressroute       onprem  a host of the customer
   msee1/2 stock FRR as Microsoft's edge routers  vnet    Azure's virtual network
   gw0/1   Azure's VPN gateway: strongSwan and stock FRR"""

# the times are short, for a demo: a circuit is trusted again after 2 s
BACKUP_CONFIGURATION = vpn.backup_conf("pin interface wan next-hop " + vpn.INTERNET[4], scheme="apipa")

# BFD detects after 3 x 300 ms; the rest is bgpd's and zebra's, on a busy machine
LONGEST_GAP_MS = 2000
LOG = "/var/log/frr/frr.log"
LOG_LINE = re.compile(r"^(\d+/\d+/\d+ \d+:\d+:\d+)(\.\d+)? EROUTED: .*?\[EC (\d+)\] (.*)$")
FIRST_CODE = 0x45000001

BOLD, DIM, RED, GREEN, PLAIN = (
    ("\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("",) * 5
)


def say(text=""):
    print(text, flush=True)


def heading(text):
    say(f"\n{BOLD}== {text}{PLAIN}")


def indented(text):
    return "\n".join("   " + line for line in text.rstrip().splitlines())


class Demo:
    def __init__(self):
        self.build = Build()
        self.nodes = []
        self.began = time.time()
        self.failures = []
        self.rows = []  # the table at the end: (what, sent, lost, longest gap, verdict)

    #
    # The lab
    #
    def node(self, kind, name):
        node = kind(name)
        self.nodes.append(node)
        return node

    def bring_up(self):
        heading("The lab")
        say(PICTURE)
        self.ce = self.node(nodes.Router, "ce")
        self.msees = {role: self.node(nodes.Router, link.msee) for role, link in LINKS.items()}
        self.onprem, self.vnet = self.node(nodes.Node, "onprem"), self.node(nodes.Router, "vnet")
        self.internet = self.node(nodes.Node, "internet")
        self.gateways = {name: self.node(nodes.Router, name) for name in vpn.GATEWAYS}
        named = {node.name: node for node in self.nodes}
        for router in (self.ce, *self.msees.values()):
            scenery.router_setup(router)
        for one, port, other, other_port in scenery.wires() + vpn.wires():
            nodes.connect(named[one], port, named[other], other_port)
        scenery.onprem_setup(self.onprem)
        self.start_azure()
        self.vpn = vpn.Vpn({name: named[name] for name in ("ce", *vpn.NODES)}, "ipsec")
        self.vpn.start()
        log = f"log file {LOG} informational\nlog timestamp precision 6"
        conf = scenery.frr_conf("ce", log, scenery.ce_interfaces(), vpn.ce_interfaces("apipa"), scenery.ce_bgp())
        self.ce.start(conf, (*OUR_DAEMONS, "staticd"), self.build)
        self.vpn.await_internet()
        self.vpn.up()
        say(f"\n   up after {time.time() - self.began:.1f} s: {len(self.nodes)} nodes, FRR with and without frr-expressroute")

    def start_azure(self):
        vpn.vnet_setup(self.vnet)
        vpn.internet_setup(self.internet)
        for role, msee in self.msees.items():
            msee.start(scenery.msee_conf(LINKS[role]) + vpn.msee_bgp(), STOCK_DAEMONS)
        self.vnet.start(vpn.vnet_conf(), vpn.DAEMONS)
        for name, gateway in vpn.GATEWAYS.items():
            vpn.gateway_setup(self.gateways[name], gateway)
            self.gateways[name].start(vpn.gateway_conf(gateway, "apipa"), vpn.DAEMONS)

    def tear_down(self):
        if hasattr(self, "vpn"):
            self.vpn.stop()
        for node in self.nodes:
            node.stop()

    #
    # What is to be seen
    #
    def screen(self, command="show expressroute"):
        say(f"\n   {DIM}ce# {command}{PLAIN}")
        say(indented(self.ce.vtysh(command)))

    def backup_screen(self):
        self.screen(f"show expressroute vpn-backup {vpn.BACKUP}")

    def backup(self):
        document = json.loads(self.ce.vtysh(f"show expressroute vpn-backup {vpn.BACKUP} json"))
        return document["vpnBackup"][vpn.BACKUP]

    def wait_backup(self, **leaves):
        """Until these leaves of both families' state have these values."""
        def there():
            families = self.backup()["state"]["family"].values()
            return all(family.get(leaf) == value for family in families for leaf, value in leaves.items())
        wait_for(there, f"the backup to have {leaves}", 40)

    def wait_gateways(self):
        def up():
            sessions = [s for g in self.backup()["gateway"].values() for s in g["state"]["session"].values()]
            return len(sessions) == 4 and all(s["health"] == "up" for s in sessions)
        wait_for(up, "both gateways to be up", 40)

    def told_since(self, begin):
        """What erouted has logged of the circuit since then: [(when, text)]."""
        lines = []
        for line in self.ce.read(LOG).splitlines():
            match = LOG_LINE.match(line)
            if not match or not FIRST_CODE <= int(match[3]) < FIRST_CODE + 0x1000:
                continue
            when = time.mktime(time.strptime(match[1], "%Y/%m/%d %H:%M:%S")) + float(match[2] or 0)
            if when >= begin:
                lines.append((when, match[4]))
        return lines

    def peering(self):
        document = json.loads(self.ce.vtysh(f"show expressroute circuit {CIRCUIT} json"))
        return document["circuit"][CIRCUIT]["peering"]["private"]

    def redundancy(self):
        """The word of both families, "" while they differ."""
        words = {family["redundancy"] for family in self.peering()["state"]["family"].values()}
        return words.pop() if len(words) == 1 else ""

    def wait_bfd(self):
        """A session that BFD does not watch yet would be lost after minutes only."""
        def up():
            links = self.peering()["link"].values()
            return all(s["bfd"] == "up" for link in links for s in link["state"]["session"].values())
        wait_for(up, "BFD to be up on every session", 20)

    def wait_redundancy(self, word, timeout=30):
        wait_for(lambda: self.redundancy() == word, f"the circuit to be {word}", timeout)

    def ports(self, family):
        """ce's interfaces that carry the VNet's traffic."""
        route = self.ce.sh(f"ip -{family} route show {scenery.VNET_NET[family]}")
        return set(re.findall(r"dev (\S+)", route))

    def uses(self, *roles):
        wanted = {LINKS[role].msee for role in roles}
        return all(self.ports(family) == wanted for family in (4, 6))

    def wait_uses(self, *roles):
        wait_for(lambda: self.uses(*roles), f"traffic on {' and '.join(roles) or 'no link'}", 30)

    #
    # What is to be shown
    #
    def expect(self, holds, what):
        if not holds:
            self.failures.append(what)
            say(f"   {RED}not as it should be: {what}{PLAIN}")

    def act(self, title, explanation, action, lossless, longest=None, screen=True, note="as it should be"):
        """Something happens to the circuit, under a stream of packets; then a screen, or none."""
        screen = self.screen if screen is True else screen
        heading(title)
        say(indented(explanation))
        probe = scenery.Probe(self.onprem, self.vnet)
        dropped = self.vpn.dropped()
        with probe:
            begin = time.time()
            action()
            took = time.time() - begin
            if screen:
                screen()
        report = probe.report
        told = self.told_since(begin)
        if told:
            say("\n   what the router has logged, and when (seconds after the event):")
        for when, text in told:
            say(f"   {when - begin:+8.3f}  {text}")
        gap = max((gap.milliseconds for gap in report.gaps), default=0)
        if told:
            say(f"   {took:+8.3f}  all done")
        say(f"\n   packets: {BOLD}{report.sent} sent, {report.lost} lost{PLAIN}" + (f", longest gap {gap:.0f} ms" if gap else ""))
        dropped = self.vpn.dropped() - dropped
        if report.lost and dropped:
            say(f"   {dropped} of them in the tunnels' own buffers: this machine lets their processes wait")
        good = True
        if lossless:
            good = report.lost <= dropped
            self.expect(good, f"{report.lost} packets lost where none had to be")
        elif longest:
            good = 0 < gap <= longest
            self.expect(good, f"a gap of {gap:.0f} ms, expected more than none and at most {longest}")
        self.rows.append((title, report.sent, report.lost, gap, note if good else ""))
        return report

    def configure(self):
        heading("One circuit, configured in one place")
        say("   `router bgp` knows its AS and network, nothing of Microsoft. What is typed:\n")
        say(indented(CONFIGURATION))
        begin = time.time()
        self.ce.vtysh("configure terminal\n" + CONFIGURATION)
        self.wait_redundancy("redundant")
        self.wait_uses("primary", "secondary")
        self.wait_bfd()
        say(f"\n   four BGP sessions with BFD, redundant after {time.time() - begin:.1f} s:")
        self.screen()
        config = self.ce.vtysh("show running-config")
        section = re.search(r"^router bgp.*?^exit$", config, re.M | re.S)[0]
        self.expect("neighbor" not in section, "a neighbor of ours shows in `router bgp`")

    def drain(self):
        left = scenery.drain(self.msees["primary"], lambda: self.uses("secondary"))
        self.expect(left, "traffic stayed on the link that Microsoft drains")
        self.wait_redundancy("degraded")

    def undrain(self):
        scenery.undrain(self.msees["primary"])
        self.wait_uses("primary", "secondary")
        self.wait_redundancy("redundant")

    def cut_primary(self):
        scenery.cut(self.msees["primary"])
        self.wait_uses("secondary")
        self.wait_redundancy("degraded")

    def mend_primary(self):
        scenery.mend(self.msees["primary"])
        self.wait_uses("primary", "secondary")
        self.wait_redundancy("redundant")
        self.wait_bfd()

    def cut_both(self):
        for msee in self.msees.values():
            scenery.cut(msee)
        self.wait_uses()
        self.wait_redundancy("down")

    def mend_both(self):
        for msee in self.msees.values():
            scenery.mend(msee)
        self.wait_uses("primary", "secondary")
        self.wait_redundancy("redundant")
        self.wait_bfd()

    #
    # The VPN
    #
    def configure_backup(self):
        heading("A VPN as its backup")
        say("   Two IPsec tunnels to Azure's VPN gateway are up; whoever made them, ce knows only\n"
            "   their interfaces. What is typed:\n")
        say(indented(BACKUP_CONFIGURATION))
        begin = time.time()
        self.ce.vtysh("configure terminal\n" + BACKUP_CONFIGURATION.rstrip("!\n"))
        self.wait_gateways()
        self.wait_backup(state="standby")
        say(f"\n   BGP through both tunnels, ready after {time.time() - begin:.1f} s:")
        self.backup_screen()

    def carried_by(self, *interfaces):
        wait_for(lambda: all(self.ports(family) == set(interfaces) for family in (4, 6)), "traffic to move", 30)

    def fail_over(self):
        for msee in self.msees.values():
            scenery.cut(msee)
        self.carried_by(*(gateway.interface for gateway in vpn.GATEWAYS.values()))
        self.wait_backup(state="active", sendsOver="vpn")

    def return_from_vpn(self):
        for msee in self.msees.values():
            scenery.mend(msee)
        self.wait_redundancy("redundant")
        self.wait_backup(state="standby", sendsOver="expressroute", receivesOver="expressroute")
        self.wait_uses("primary", "secondary")
        self.wait_bfd()

    def failover_test(self):
        self.ce.vtysh(f"expressroute failover-test {vpn.BACKUP} 5")
        wait_for(lambda: self.backup()["state"]["test"]["result"] not in ("none", "running"), "the test to end", 60)
        self.expect(self.backup()["state"]["test"]["result"] == "passed", "the failover test did not pass")
        self.wait_uses("primary", "secondary")

    def story(self):
        self.configure()
        self.act(
            "Microsoft drains the primary link",
            "Planned maintenance: msee1 prepends AS 12076 eight times, its session stays\n"
            "Established. Some time later it discards what is still sent to it.",
            self.drain, lossless=True,
        )
        self.act(
            "Maintenance is over", "msee1 forwards again and sends its usual paths.",
            self.undrain, lossless=True, screen=False,
        )
        self.configure_passive()
        self.act(
            "The same, active-passive, primary active",
            "Local-preference alone would keep the traffic on the drained link.",
            self.drain_passive, lossless=True, screen=False,
        )
        self.act(
            "The primary link is cut silently",
            "Nothing passes, the carrier stays: only BFD (3 x 300 ms) can tell.",
            self.cut_primary, lossless=False, longest=LONGEST_GAP_MS,
        )
        self.act("The primary link is repaired", "", self.mend_primary, lossless=True, screen=False)
        self.act(
            "Both links are cut silently", "No path is left: loss is what must be seen.",
            self.cut_both, lossless=False, note="lost: no path is left",
        )
        self.act(
            "Both links are repaired", "Packets are lost until BGP is back on the first link.",
            self.mend_both, lossless=False, note="lost until the first link was back",
        )
        self.configure_backup()
        encrypted = self.vpn.seen()["data"]
        self.act(
            "Both links are cut, and the VPN carries it", "The same loss, with a backup that stands by.",
            self.fail_over, lossless=False, longest=LONGEST_GAP_MS, screen=self.backup_screen,
        )
        self.expect(self.vpn.seen()["data"] > encrypted + 100, "no encrypted packets were seen on the internet")
        self.act(
            "ExpressRoute returns",
            "Traffic stays on the VPN until the circuit has lasted for the hold, then moves back\n"
            "in two steps: Microsoft's, then ours.",
            self.return_from_vpn, lossless=True, screen=False,
        )
        self.act(
            "The quarterly failover test",
            f"expressroute failover-test {vpn.BACKUP} 5: checks, moves, measures, moves back.",
            self.failover_test, lossless=True,
            screen=lambda: self.screen(f"show expressroute vpn-backup {vpn.BACKUP} test"),
        )
        self.without_us()
        self.act(
            "The first drain again, on plain FRR",
            "For comparison: the circuit removed, the same sessions configured by hand, with\n"
            "a local-preference per neighbor (150 and 140) as the vendor's samples set it.\n"
            "The router goes on sending into the link that Microsoft has drained.",
            self.drain_plain, lossless=False, screen=False, note="lost as long as it lasts",
        )

    def configure_passive(self):
        self.ce.vtysh(f"configure terminal\nexpressroute\ncircuit {CIRCUIT}\nredundancy active-passive")
        self.wait_uses("primary")

    def drain_passive(self):
        self.drain()
        scenery.undrain(self.msees["primary"])
        self.wait_uses("primary")
        self.ce.vtysh(f"configure terminal\nexpressroute\ncircuit {CIRCUIT}\nno redundancy")
        self.wait_uses("primary", "secondary")
        self.wait_redundancy("redundant")

    def without_us(self):
        self.ce.vtysh("configure terminal\nno expressroute")
        wait_for(lambda: "No BGP neighbors" in self.ce.try_sh("vtysh -c 'show bgp summary'")[1], "our neighbors to go")
        self.ce.vtysh("configure terminal\n" + scenery.plain_bgp())
        self.wait_uses("primary")

    def drain_plain(self):
        left = scenery.drain(self.msees["primary"], lambda: self.uses("secondary"), grace=2.0)
        before = scenery.received_from_ce(self.msees["primary"])
        wait_for(
            lambda: scenery.received_from_ce(self.msees["primary"]) > before + 500, "packets into the drained link"
        )
        self.expect(not left, "plain FRR left the drained link: nothing is shown by this comparison")

    def summary(self):
        heading("Summary")
        say(f"   {'':42}  {'packets':>8}  {'lost':>6}  {'longest gap':>11}")
        for title, sent, lost, gap, verdict in self.rows:
            mark = f"{GREEN}{verdict}{PLAIN}" if verdict else f"{RED}NOT as it should be{PLAIN}"
            say(f"   {title:42}  {sent:8}  {lost:6}  {f'{gap:.0f} ms' if gap else '-':>11}  {mark}")
        for what in self.failures:
            say(f"   {RED}{what}{PLAIN}")
        say(f"\n   {time.time() - self.began:.0f} seconds in all")

    def run(self):
        if self.build.missing():
            say("not installed: " + ", ".join(self.build.missing()))
            return 2
        try:
            self.bring_up()
            self.story()
        except (TimeoutError, RuntimeError) as error:
            self.failures.append(str(error))
            self.give_evidence()
        finally:
            self.tear_down()
        self.summary()
        return 1 if self.failures else 0

    def give_evidence(self):
        """Something did not come: what a person would look at next."""
        if not hasattr(self, "ce"):
            return
        for command in ("show expressroute", "show bgp summary", "show bfd peers brief"):
            say(f"\n   {DIM}ce# {command}{PLAIN}\n" + indented(self.ce.try_sh(f"vtysh -c '{command}'")[1]))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("lab/demo.py needs root, to make namespaces")
    sys.exit(Demo().run())
