# SPDX-License-Identifier: GPL-2.0-or-later
"""
The scenery of lab/scenery.py built by FRR's framework, and what tests ask of it.

    @pytest.fixture(scope="module")
    def lab(request):
        with er_lab.running(request, scenery.circuit_conf()) as lab:
            yield lab
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import time

import pytest
from lib import topolog
from lib.topogen import Topogen, TopoHost, TopoRouter, get_topogen, set_topogen

import er_router
import names
import scenery
import vpn as vpn_scenery
from parts import OUR_DAEMONS, STOCK_DAEMONS
from scenery import CIRCUIT, LINKS, wait_for


class Shell:
    """A node of the framework, as the scenery knows nodes."""

    def __init__(self, gear):
        self.gear = gear
        self.name = gear.name
        self.net = gear.net

    def sh(self, command):
        return self.net.cmd_raises(command)

    def try_sh(self, command):
        """(exit status, everything it wrote)"""
        status, out, err = self.net.cmd_status(command, warn=False)
        return status, out + err

    def popen(self, argv):
        return self.net.popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
        )

    def vtysh(self, text):
        """Feed lines to vtysh; a refused line raises."""
        status, out = self.try_vtysh(text)
        # FRR says so, too, when a line changes nothing
        out = out.replace("% Configuration applied with notes:\nNo changes found to be committed!\n", "")
        if status or re.search(r"^% ", out, re.M):
            raise AssertionError(f"{self.name}: vtysh refused something of\n{text}\nand said\n{out}")
        return out

    def try_vtysh(self, text):
        """(exit status, what vtysh wrote)"""
        arguments = " ".join("-c " + sh_quote(line) for line in text.split("\n") if line.strip())
        return self.try_sh(f"vtysh {arguments}")

    def show(self, command):
        """A show command's JSON, parsed; {} when there is none (yet)."""
        _, out = self.try_sh(f"vtysh -c {sh_quote(command)} 2>/dev/null")
        try:
            return json.loads(out)
        except ValueError:
            return {}

    def running_config(self):
        return self.sh("vtysh -c 'show running-config'")

    def log(self, daemon):
        """What a daemon has logged since the lab was built."""
        with open(os.path.join(self.gear.gearlogdir, daemon + ".log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def err(self, daemon):
        with open(os.path.join(self.gear.gearlogdir, daemon + ".err"), encoding="utf-8", errors="replace") as file:
            return file.read()


def sh_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def frontend_client():
    """FRR's frontend client of mgmtd, a script."""
    return os.path.join(os.path.dirname(sys.modules["lib.topotest"].__file__), "fe_client.py")


def section(config):
    """Our section of a configuration, "" when there is none."""
    found = re.search(r"^expressroute\n.*?^exit-expressroute$", config, re.M | re.S)
    return found[0] if found else ""


# How erouted's log lines begin: erouted/er_errors.h, stable
FIRST_CODE = 0x45000001
CODES = (
    "redundancy-down redundancy-degraded redundancy-restored redundancy-inactive session-lost"
    " session-established drain-start drain-stop parity-lost parity-restored flapping-start"
    " flapping-stop bgpd-refused channel-protocol channel-peer channel-socket state-file config-swept"
    " limit-full limit-critical limit-warning limit-ok filter-changed catalogue-file catalogue-imported"
).split()


NOTIFICATIONS = (
    "redundancy-change session-change drain-start drain-stop parity-lost parity-restored"
    " flapping-start flapping-stop limit-warning filter-changed audit-change"
).split()


class Notifications:
    """
    A frontend client of mgmtd that listens to our notifications: FRR's own.
    It writes one JSON document after another.
    """

    def __init__(self, ce, names=NOTIFICATIONS):
        self.ce, self.names = ce, names
        self.count = 0
        self._start()

    def _start(self):
        self.path = os.path.join(self.ce.gear.gearlogdir, f"notifications-{self.count}.json")
        self.log = self.path.replace(".json", ".log")
        self.count += 1
        client = frontend_client()
        xpaths = " ".join(f"/frr-expressroute:{name}" for name in self.names)
        # detached: it ends when mgmtd or the node does
        self.ce.sh(
            f"setsid python3 -u {client} -v --listen {xpaths} --notify-count 0 --log {self.log}"
            f" > {self.path} 2>/dev/null < /dev/null &"
        )
        wait_for(
            lambda: os.path.exists(self.log) and "Sent NOTIFY_SELECT" in open(self.log, encoding="utf-8").read(),
            "the frontend client to listen",
        )

    def restart(self):
        """After mgmtd was restarted; what was seen before is forgotten."""
        self._start()

    def all(self):
        """[(name, fields)], oldest first."""
        with open(self.path, encoding="utf-8") as file:
            text = file.read()
        decoder, found, at = json.JSONDecoder(), [], 0
        while True:
            while at < len(text) and text[at].isspace():
                at += 1
            if at == len(text):
                return found
            try:
                document, at = decoder.raw_decode(text, at)
            except ValueError:
                return found  # the rest is still being written
            for name, fields in document.items():
                found.append((name.partition(":")[2] or name, fields))

    def select(self, name, since=0, **fields):
        return [
            got
            for kind, got in self.all()[since:]
            if kind == name and all(got.get(k.replace("_", "-")) == v for k, v in fields.items())
        ]

    def wait(self, name, since=0, timeout=15.0, **fields):
        return wait_for(lambda: self.select(name, since, **fields), f"notification {name} {fields}", timeout)[0]

    def mark(self):
        """Now; give it as since= later."""
        return len(self.all())

    def check(self):
        """Whatever has happened, no change was missed or told twice."""
        check_story(self.all())


def check_story(story):
    """
    [(name, fields)]: each tells a change from what the one before it told, none is
    missing in between and none comes twice.
    """
    last = {}
    for name, got in story:
        about = tuple(got.get(key) for key in ("circuit", "peering", "family", "link"))
        if name == "redundancy-change":
            before = last.get((name, about), got["previous"])
            assert got["previous"] == before, f"missed one before {got}"
            assert got["redundancy"] != before, f"no change: {got}"
            last[name, about] = got["redundancy"]
        elif name == "session-change":
            assert got["established"] != last.get((name, about)), f"told twice: {got}"
            last[name, about] = got["established"]
        elif name == "limit-warning":
            about += (got["direction"],)
            assert got["previous"] == last.get((name, about), got["previous"]), f"missed one before {got}"
            assert got["level"] != got["previous"], f"no change: {got}"
            last[name, about] = got["level"]
        elif name == "audit-change":
            # what changes while erouted is restarted is not told
            assert got["verdict"] != got["previous"], f"no change: {got}"
        elif name == "operator-drain-change":
            assert got["previous"] == last.get((name, about), got["previous"]), f"missed one before {got}"
            assert got["phase"] != got["previous"], f"no change: {got}"
            last[name, about] = got["phase"]
        elif name != "filter-changed":
            kind, _, phase = name.rpartition("-")
            assert phase != last.get((kind, about)), f"told twice: {name} {got}"
            last[kind, about] = phase


class Lab:
    """The running scenery."""

    def __init__(self, tgen):
        self.tgen = tgen
        for name, gear in tgen.gears.items():
            setattr(self, name, Shell(gear))
        self.router = self.ce.net

    @property
    def msees(self):
        return {link.role: getattr(self, link.msee) for link in LINKS.values()}

    def configure(self, text):
        """Configuration lines for ce, in any order of nodes."""
        return self.ce.vtysh("configure terminal\n" + text)

    def circuit(self, name=CIRCUIT):
        return Circuit(self.ce.show(f"show expressroute circuit {name} json"), name)

    def expressroute(self):
        return self.ce.show("show expressroute json")

    def audit(self, name=CIRCUIT):
        """The audit of one circuit."""
        return self.ce.show(f"show expressroute audit circuit {name} json")["audit"]["circuit"][name]

    def wait_circuit(self, check, what, timeout=15.0, name=CIRCUIT):
        """Wait until check(circuit) holds; returns the circuit."""
        return wait_for(lambda: (lambda c: c if c.known and check(c) else None)(self.circuit(name)), what, timeout)

    def wait_redundancy(self, state, families=("ipv4", "ipv6"), timeout=20.0, name=CIRCUIT):
        return self.wait_circuit(
            lambda c: all(c.family(f).get("redundancy") == state for f in families),
            f"{name} to be {state} in {', '.join(families)}",
            timeout,
            name,
        )

    def wait_redundant(self, **kwargs):
        return self.wait_redundancy("redundant", **kwargs)

    def settled(self):
        """Redundant, watched by BFD, with Microsoft's routes used from both links."""
        self.wait_redundant()
        wait_for(lambda: self.paths_installed() == {4: 2, 6: 2}, "both links in the FIB")
        return self.wait_circuit(
            lambda c: all(c.session(role, f).get("bfd") == "up" for role in LINKS for f in ("ipv4", "ipv6")),
            "BFD to be up on every session",
        )

    def nexthops(self, family):
        """ce's interfaces that the kernel sends the VNet's traffic into."""
        out = json.loads(self.ce.sh(f"ip -json -{family} route show {scenery.VNET_NET[family]}") or "[]")
        hops = set()
        for route in out:
            hops |= {hop["dev"] for hop in route.get("nexthops", [route]) if "dev" in hop}
        return hops

    def gateways(self, prefix):
        """The addresses that the kernel sends this prefix's traffic to."""
        family = 6 if ":" in prefix else 4
        out = json.loads(self.ce.sh(f"ip -json -{family} route show {prefix}") or "[]")
        return {hop["gateway"] for route in out for hop in route.get("nexthops", [route]) if "gateway" in hop}

    def routes_from(self, address, vrf=""):
        """Prefixes that bgpd has accepted from this neighbor."""
        family = "ipv6" if ":" in address else "ipv4"
        vrf = f"vrf {vrf} " if vrf else ""
        out = self.ce.show(f"show bgp {vrf}{family} unicast neighbors {address} routes json")
        return {prefix for prefix, paths in out.get("routes", {}).items() if paths}

    def local_preferences(self, prefix):
        """neighbor -> local-preference of its path"""
        family = "ipv6" if ":" in prefix else "ipv4"
        paths = self.ce.show(f"show bgp {family} unicast {prefix} json").get("paths", [])
        return {path["peer"]["peerId"]: path.get("locPrf") for path in paths}

    def explain(self, prefix):
        """[step] of `show expressroute route`"""
        return self.ce.show(f"show expressroute route {prefix} json").get("step", [])

    def paths_installed(self):
        return {family: len(self.nexthops(family)) for family in (4, 6)}

    def uses_only(self, role):
        return all(self.nexthops(family) == {LINKS[role].msee} for family in (4, 6))

    def probe(self, **kwargs):
        return scenery.Probe(self.onprem, self.vnet, **kwargs)

    def bgp_neighbor(self, role, family):
        address = LINKS[role].microsoft(family)
        return self.ce.show(f"show bgp neighbors {address} json").get(address, {})

    def flaps(self):
        """How often each session came up and went, as bgpd counts: a flap changes it."""
        counted = {}
        for role in LINKS:
            for family in (4, 6):
                neighbor = self.bgp_neighbor(role, family)
                counted[role, family] = (neighbor.get("connectionsEstablished"), neighbor.get("connectionsDropped"))
        return counted

    def syslog(self, code):
        """erouted's log lines with this code, oldest first."""
        tag = f"[EC {FIRST_CODE + CODES.index(code)}]"
        return [line for line in self.ce.log("erouted").splitlines() if tag in line]

    def clear(self):
        """Forget flaps and hold-downs."""
        self.ce.vtysh("clear expressroute counters")

    @property
    def bgpd(self):
        """The channel to bgpd's module, as the operator sees it."""
        document = self.expressroute()
        return document.get("state", document).get("bgpd", {})

    def wait_connected(self):
        return wait_for(lambda: self.bgpd.get("state") == "connected", "bgpd's module to be in step", 20)

    def restart(self, *daemons, order=None, between=None):
        """
        Kill daemons all at once, start them in the order given (default: the
        same) and send them their configuration as FRR's watchfrr does.
        """
        for daemon in daemons:
            self.router.kill(daemon)
        if between:
            between()
        for daemon in order or daemons:
            self.router.start(daemon)
            if daemon != "erouted":
                self.ce.try_sh(f"vtysh -b -d {daemon}")

    def bgp_section(self):
        """`router bgp` as running-config shows it."""
        config = self.ce.running_config()
        return re.findall(r"^router bgp .*?^exit$", config, re.M | re.S)


def heard(msee, address):
    """prefix -> AS path of what this router sends to an MSEE."""
    family = "ipv6" if ":" in address else "ipv4"
    routes = msee.show(f"show bgp {family} unicast neighbors {address} received-routes json")
    return {prefix: route.get("path", "") for prefix, route in routes.get("receivedRoutes", {}).items()}


class Circuit:
    """`show expressroute circuit NAME json`: every test reads it through here."""

    def __init__(self, document, name):
        self.document = document
        circuits = document.get("circuit", document)
        if isinstance(circuits, list):
            circuits = next((c for c in circuits if c.get("name") == name), {})
        self.data = circuits.get(name, circuits)

    def __repr__(self):
        return json.dumps(self.data)

    @property
    def known(self):
        return bool(self.data) and "name" in self.data

    @staticmethod
    def _pick(entries, key, value):
        if isinstance(entries, dict):
            return entries.get(value, {})
        return next((entry for entry in entries or [] if entry.get(key) == value), {})

    def peering(self, kind="private"):
        return self._pick(self.data.get("peering"), "type", kind)

    def family(self, name="ipv4", peering="private"):
        return self._pick(self.peering(peering).get("state", self.peering(peering)).get("family"), "name", name)

    def link(self, role, peering="private"):
        return self._pick(self.peering(peering).get("link"), "role", role)

    def session(self, role, family="ipv4", peering="private"):
        link = self.link(role, peering)
        return self._pick(link.get("state", link).get("session"), "family", family)

    @property
    def state(self):
        return self.data.get("state", self.data)


def backbone(lab):
    """iBGP between the MSEEs, over the VNet's network."""
    for number, (role, msee) in enumerate(lab.msees.items(), 1):
        lines = ["configure terminal", f"router bgp {scenery.MICROSOFT_AS}"]
        for family, net in scenery.VNET_NET.items():
            other = scenery.host(net, 3 - number)
            lines += [f"neighbor {other} remote-as internal", f"neighbor {other} timers connect 1"]
            lines += [f"neighbor {other} advertisement-interval 0"]
            lines += [f"address-family ipv{family} unicast", f"neighbor {other} activate"]
            lines += [f"neighbor {other} next-hop-self", "exit-address-family"]
        msee.vtysh("\n".join(lines))
        msee.sh("sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.azure.send_redirects=0")


@contextlib.contextmanager
def nothing_lost_either_way(lab):
    """From the customer's host to that in the VNet and back."""
    back = scenery.Probe(lab.vnet, lab.onprem, port=7100, targets=list(scenery.ONPREM_ADDRESS.values()))
    with lab.probe() as out, back:
        yield
    for way in (out, back):
        assert way.report.sent > 0
        assert way.report.lost == 0, way.report


def _build(ours, vpn):
    hosts, routers = ["onprem"], list(scenery.MSEES)
    if vpn:
        hosts.append("internet")
        routers += ["vnet", *vpn_scenery.GATEWAYS]
    else:
        hosts.append("vnet")

    def build(tgen):
        for name in hosts:
            tgen.gears[name] = TopoHost(tgen, name)
        tgen.add_router("ce", cls=er_router.ErRouter if ours else er_router.PlainRouter)
        for name in routers:
            tgen.add_router(name, cls=er_router.PlainRouter)
        for one, port, other, other_port in scenery.wires() + (vpn_scenery.wires() if vpn else []):
            tgen.add_link(tgen.gears[one], tgen.gears[other], port, other_port)

    return build


def load(gear, conf, daemons):
    """What a router of the framework is to run, when it is started."""
    gear.net.DAEMONS = daemons
    path = os.path.join(gear.gearlogdir, "frr.conf.given")
    with open(path, "w", encoding="utf-8") as file:
        file.write(conf)
    gear.load_config(TopoRouter.RD_FRR, path)
    for daemon in daemons:
        gear.net.daemons[daemon] = 1


def _set_up_hosts(lab, vpn):
    for name in ("ce", *scenery.MSEES):
        scenery.router_setup(getattr(lab, name))
    scenery.onprem_setup(lab.onprem)
    if not vpn:
        scenery.vnet_setup(lab.vnet)
        return
    vpn_scenery.vnet_setup(lab.vnet)
    vpn_scenery.internet_setup(lab.internet)
    for name, gateway in vpn_scenery.GATEWAYS.items():
        vpn_scenery.gateway_setup(getattr(lab, name), gateway)


def _start_azure(lab, msees, vpn, scheme):
    """Microsoft's side: the MSEEs, and with a VPN the gateways and the VNet's own router."""
    confs = {}
    for link in LINKS.values():
        given = msees.get(link.role, {})
        if given is not None:
            confs[link.msee] = scenery.msee_conf(link, **given) + (vpn_scenery.msee_bgp() if vpn else "")
    daemons = dict.fromkeys(confs, STOCK_DAEMONS)
    if vpn:
        confs["vnet"] = vpn_scenery.vnet_conf()
        confs.update({name: vpn_scenery.gateway_conf(gateway, scheme) for name, gateway in vpn_scenery.GATEWAYS.items()})
    for name, conf in confs.items():
        load(lab.tgen.gears[name], conf, daemons.get(name, vpn_scenery.DAEMONS))
        lab.tgen.gears[name].start()


@contextlib.contextmanager
def _tunnels(lab, vpn):
    """The VPN's own processes: lab.vpn, with its tunnels down."""
    if not vpn:
        yield
        return
    lab.vpn = vpn_scenery.Vpn({name: getattr(lab, name) for name in ("ce", *vpn_scenery.NODES)}, vpn)
    try:
        lab.vpn.start()
        names.resolved_by(lab.ce, lab.vpn.directory)
        yield
    finally:
        lab.vpn.stop()


@contextlib.contextmanager
def running(
    request, *circuits, ce_conf=None, msees=None, ours=True, wrapper=None, options=None, before=None,
    vpn=None, scheme="subnet", way_out=True,
):  # fmt: skip
    """
    Build and start the scenery, with these circuits on ce.

    ce_conf  the whole configuration of ce instead
    msees    role -> keyword arguments of scenery.msee_conf(), or None: no FRR there
    ours     False: ce is stock FRR
    wrapper  daemon -> command that it runs under on ce
    options  daemon -> more options of it on ce
    before   called with the lab before ce's daemons start
    vpn      "ipsec" or "wireguard": with lab/vpn.py's nodes; lab.vpn has the tunnels, which are up
    scheme   of lab/vpn.py: the addresses of BGP over the tunnels
    way_out  False: ce's configuration has no way to the internet yet; WireGuard's tunnels wait for one
    """
    if ours and er_router.BUILD.missing():
        pytest.fail("not built: " + ", ".join(er_router.BUILD.missing()))
    tgen = Topogen(_build(ours, vpn), request.module.__name__)
    try:
        tgen.start_topology()
        lab = Lab(tgen)
        _set_up_hosts(lab, vpn)
        with _tunnels(lab, vpn):
            _start_azure(lab, msees or {}, vpn, scheme)
            ports = [vpn_scenery.ce_interfaces(scheme)] if vpn else []
            conf = scenery.ce_conf(*ports, *circuits) if ce_conf is None else ce_conf
            load(tgen.gears["ce"], conf, (OUR_DAEMONS if ours else STOCK_DAEMONS) + (("staticd",) if vpn else ()))
            lab.router.wrapper.update(wrapper or {})
            for daemon, text in (options or {}).items():
                lab.router.daemons_options[daemon] = f"{lab.router.daemons_options.get(daemon, '')}{text}"
            if before:
                before(lab)
            tgen.gears["ce"].start()
            if vpn:
                if way_out:
                    lab.vpn.await_internet()
                lab.vpn.up()
            yield lab
    finally:
        tgen.stop_topology()
        set_topogen(None)


def screens():
    """What a person would look at, for the report of a failed test."""
    tgen = get_topogen()
    if tgen is None or "ce" not in tgen.gears or tgen.topology_stopped:
        return []
    ce = Shell(tgen.gears["ce"])
    shows = ["show expressroute", "show bgp summary", "show ip route bgp", "show bfd peers brief"]
    return [(show, ce.try_sh(f"timeout 10 vtysh -c {sh_quote(show)}")[1]) for show in shows]
