# SPDX-License-Identifier: GPL-2.0-or-later
"""
The scenery of one circuit on two routers: what test_partner*.py share.

ce has the primary link, ce2 the secondary one; they speak iBGP over the lan between
them.  A plain ce2 has the operator's own neighbor and route-map towards Microsoft.

running(two=True) has a second circuit over the same two routers, FRANKFURT, which is
less preferred; each of the two has a site-of-origin.
"""
import contextlib
import json

import pytest
from lib.topogen import Topogen, TopoHost, set_topogen

import er_lab
import er_router
import scenery
from parts import OUR_DAEMONS, STOCK_DAEMONS
from scenery import CUSTOMER_AS, LINKS, MICROSOFT_AS, ONPREM_NET, VNET_NET, frr_conf, interface_conf, wait_for

ROUTERS = {"ce": LINKS["primary"], "ce2": LINKS["secondary"]}
# of the second circuit
FRANKFURT = "frankfurt"
SECONDS = {
    "ce": scenery.Link("primary", "msee3", {4: "172.16.0.8/30", 6: "2001:db8:e0::8/126"}),
    "ce2": scenery.Link("secondary", "msee4", {4: "172.16.0.12/30", 6: "2001:db8:e0::c/126"}),
}
# circuit -> its links, and what its configuration has besides
TWO = {
    scenery.CIRCUIT: (ROUTERS, ["preference 1", "site-of-origin 65001:1"]),
    FRANKFURT: (SECONDS, ["site-of-origin 65001:2"]),
}
ONE = {scenery.CIRCUIT: (ROUTERS, [])}
# more than one prefix, so that "all of them" means something
SECOND = {"10.2.0.0/16": "12076:50004", "2001:db8:2::/64": "12076:50004"}
KEEPALIVE = 1


def number_of(name):
    return list(ROUTERS).index(name) + 1


def address_of(name, family=4):
    return scenery.host(ONPREM_NET[family], number_of(name))


def other_than(name):
    (other,) = set(ROUTERS) - {name}
    return other


def ibgp_lines(name):
    partner = f"neighbor {address_of(other_than(name))}"
    own = [
        f"{partner} remote-as internal",
        f"{partner} timers {KEEPALIVE} {3 * KEEPALIVE}",
        f"{partner} timers connect 1",
        f"{partner} advertisement-interval 0",
    ]
    in_family = [f"{partner} activate", f"{partner} addpath-tx-all-paths"]
    # next-hop-self of IPv6 over IPv4 needs that address to be there before the session
    return own, {4: [*in_family, f"{partner} next-hop-self"], 6: [*in_family, f"{partner} route-map NEXT-HOP out"]}


def circuit_conf(name, circuit, links, lines):
    """The circuit, one of whose links ends on this router."""
    link = links[name]
    (other,) = (other for other in links.values() if other is not link)
    conf = scenery.circuit_conf(name=circuit, links={link.role: link}, circuit=lines).split("\n")
    at = conf.index("  exit-peering")
    conf[at:at] = [f"   link {other.role}", f"    partner {address_of(other_than(name))}", "   exit-link"]
    return conf


def router_conf(name, ours, preference, circuits=ONE):
    """preference: local-preference that a plain router gives to what Microsoft sends, None: BGP's own"""
    link = ROUTERS[name]
    own, in_family = ibgp_lines(name)
    maps, families = [f"route-map NEXT-HOP permit 10\n set ipv6 next-hop global {address_of(name, 6)}\nexit"], in_family
    if not ours:
        maps += ["route-map FROM-MICROSOFT permit 10", *([f" set local-preference {preference}"] if preference else []), "exit"]
        for family, lines in families.items():
            neighbor = f"neighbor {link.microsoft(family)}"
            own += [f"{neighbor} remote-as {MICROSOFT_AS}", f"{neighbor} bfd {scenery.MICROSOFT_BFD}"]
            lines += [f"{neighbor} activate", f"{neighbor} route-map FROM-MICROSOFT in"]
    for family, lines in families.items():
        lines.append(f"network {ONPREM_NET[family]}")
    extra = ["no bgp ebgp-requires-policy", "no bgp default ipv4-unicast", f"bgp router-id {address_of(name)}", *own]
    circuit = []
    for which, (links, more) in circuits.items() if ours else ():
        circuit += circuit_conf(name, which, links, more)
    ports = [links[name] for links, _ in circuits.values()]
    return frr_conf(
        name,
        interface_conf("lan", *(scenery.on_interface(net, number_of(name)) for net in ONPREM_NET.values())),
        *(interface_conf(port.msee, *(scenery.on_interface(net, 1) for net in port.subnet.values())) for port in ports),
        *maps,
        "\n".join([f"router bgp {CUSTOMER_AS}", *(f" {line}" for line in extra),
                   *scenery.address_families(families), "exit", "!"]),
        *circuit,
    )


class Pair:
    """One of the two routers, and what it says of the circuit."""

    def __init__(self, lab, name, which=scenery.CIRCUIT):
        self.lab, self.name, self.shell, self.which = lab, name, getattr(lab, name), which
        self.shell_link = ROUTERS[name]
        self.own, self.other = ROUTERS[name].role, ROUTERS[other_than(name)].role
        self.partner = address_of(other_than(name))

    def circuit(self):
        return er_lab.Circuit(self.shell.show(f"show expressroute circuit {self.which} json"), self.which)

    def wait(self, check, what, timeout=30.0):
        def asked():
            circuit = self.circuit()
            return circuit if circuit.known and check(circuit) else None

        try:
            return wait_for(asked, f"{what} on {self.name}", timeout)
        except TimeoutError:
            print(self.shell.try_sh("vtysh -c 'show expressroute' -c 'show bgp ipv4 unicast'")[1])
            raise

    def warnings(self, family="ipv4"):
        found = self.circuit().family(family).get("warning", [])
        return [found] if isinstance(found, str) else found

    def wait_warnings(self):
        return wait_for(self.warnings, f"a warning on {self.name}", 20)


class PartnerLab(er_lab.Lab):
    """The running scenery."""

    ours = True

    def pair(self, name, which=scenery.CIRCUIT):
        return Pair(self, name, which)

    def pairs(self, which=scenery.CIRCUIT):
        """Those that run us."""
        return [self.pair(name, which) for name in ROUTERS if self.ours or name == "ce"]

    def wait_both(self, redundancy, which=scenery.CIRCUIT):
        for pair in self.pairs(which):
            pair.wait(
                lambda c: all(c.family(f).get("redundancy") == redundancy for f in ("ipv4", "ipv6")),
                f"{which} to be {redundancy}", 25,
            )

    def wait_health(self, role, health, which=scenery.CIRCUIT):
        for pair in self.pairs(which):
            for family in ("ipv4", "ipv6"):
                pair.wait(lambda c: c.session(role, family).get("health") == health, f"{role} of {which} to be {health}")

    def clear(self):
        for pair in self.pairs():
            pair.shell.vtysh("clear expressroute counters")

    #
    # Where traffic goes
    #
    def exit_of(self, name):
        """Who is next on the way to the VNet: an MSEE, the other router, or nobody."""
        hops = set()
        for family, net in VNET_NET.items():
            out = json.loads(getattr(self, name).sh(f"ip -json -{family} route show {net}") or "[]")
            for route in out:
                hops |= {hop["dev"] for hop in route.get("nexthops", [route]) if "dev" in hop}
            if not out:
                hops.add("nobody")
        return "+".join(sorted(other_than(name) if hop == "lan" else hop for hop in hops))

    def exits(self):
        """A loop would be each other's."""
        found = {name: self.exit_of(name) for name in ROUTERS}
        return found

    def wait_exits(self, want):
        wait_for(lambda: self.exits() == want, f"traffic to go {want}, not {self.exits()}", 30)

    def preferences(self, name, own=False):
        """role -> local-preference of the path over that link, as this router sees it"""
        shell = getattr(self, name)
        paths = shell.show(f"show bgp ipv4 unicast {VNET_NET[4]} json").get("paths", [])
        found = {}
        for path in paths:
            peer = path["peer"]["peerId"]
            role = ROUTERS[name].role if peer == ROUTERS[name].microsoft(4) else ROUTERS[other_than(name)].role
            found[role] = path.get("locPrf", 100)
        return {ROUTERS[name].role: found.get(ROUTERS[name].role)} if own else found

    def advertised(self, name):
        """What the router's own MSEE has from it."""
        return set(er_lab.heard(getattr(self, ROUTERS[name].msee), ROUTERS[name].customer(4)))

    def _counts(self):
        """Of each BGP neighbor: updates both ways, and keepalives received."""
        counts, beats = {}, {}
        for name in ROUTERS:
            for address, neighbor in getattr(self, name).show("show bgp neighbors json").items():
                stats = neighbor.get("messageStats")
                if stats:
                    counts[name, address] = (stats["updatesSent"], stats["updatesRecv"])
                    beats[name, address] = stats["keepalivesRecv"]
        ibgp = [beats.get((name, address_of(other_than(name))), 0) for name in ROUTERS]
        return counts, min(ibgp)

    def wait_quiet(self, beats=3):
        """For so many keepalives of iBGP nobody has told anybody anything."""
        state = {}

        def quiet():
            counts, beat = self._counts()
            if state.get("counts") != counts or beat < state["beat"]:
                state.update(counts=counts, beat=beat, exits=self.exits())
            return beat - state["beat"] >= beats

        wait_for(quiet, "BGP to come to rest", 60, 0.2)
        assert self.exits() == state["exits"]

    #
    # What happens to it
    #
    def cut_ibgp(self, on=True):
        rules = {"in": ("prerouting", -400, "iifname lan"), "out": ("postrouting", 400, "oifname lan")}
        scenery.drop(self.ce2, "ibgp", rules if on else {})

    def mend_all(self):
        self.cut_ibgp(False)
        for msee in self.msees.values():
            scenery.mend(msee)
            scenery.prepend(msee, False)
        for pair in self.pairs():
            if not pair.shell.net.path_exists(f"{pair.shell.net.shell_run('erouted')}.pid"):
                pair.shell.net.start("erouted")

    def _in_families(self, name, line, families=(4, 6)):
        text = [f"configure terminal\nrouter bgp {CUSTOMER_AS}"]
        for family in families:
            text += [f"address-family ipv{family} unicast", line, "exit-address-family"]
        getattr(self, name).vtysh("\n".join(text))

    def send_all_paths(self, name, on):
        no = "" if on else "no "
        self._in_families(name, f"{no}neighbor {address_of(other_than(name))} addpath-tx-all-paths")
        # it is a capability: told when the session begins
        getattr(self, name).vtysh(f"clear bgp {address_of(other_than(name))}")

    def next_hop_self(self, name, on):
        no = "" if on else "no "
        self._in_families(name, f"{no}neighbor {address_of(other_than(name))} next-hop-self", [4])

    def _ibgp_is(self, established):
        shell, address = self.ce, address_of("ce2")
        state = shell.show(f"show bgp neighbors {address} json").get(address, {}).get("bgpState")
        return (state == "Established") == established

    def _link_is(self, role, established):
        (name,) = (name for name, link in ROUTERS.items() if link.role == role)
        for family in (4, 6):
            address = LINKS[role].microsoft(family)
            state = getattr(self, name).show(f"show bgp neighbors {address} json").get(address, {}).get("bgpState")
            if (state == "Established") != established:
                return False
        return True

    def _set(self, part, up):
        if part in LINKS:
            (scenery.mend if up else scenery.cut)(self.msees[part])
            wait_for(lambda: self._link_is(part, up), f"{part}: established {up}", 60)
        elif part == "ibgp":
            self.cut_ibgp(not up)
            wait_for(lambda: self._ibgp_is(up), f"iBGP: established {up}", 60)
        else:
            shell = self.ce if part == "erouted" else self.ce2
            (shell.net.start if up else shell.net.kill)("erouted")

    def take_down(self, parts):
        for part in parts:
            self._set(part, False)

    def bring_up(self, part):
        self._set(part, True)


def _build(ours, hosts, circuits):
    def build(tgen):
        tgen.add_router("ce", cls=er_router.ErRouter)
        tgen.add_router("ce2", cls=er_router.ErRouter if ours else er_router.PlainRouter)
        azure, lan = tgen.add_switch("s1"), tgen.add_switch("s2")
        for name in ROUTERS:
            lan.add_link(tgen.gears[name], nodeif="lan")
        for name, switch in ({"onprem": lan, "vnet": azure} if hosts else {}).items():
            tgen.gears[name] = TopoHost(tgen, name)
            switch.add_link(tgen.gears[name], nodeif="port")
        for name, link in ports_of(circuits):
            tgen.add_router(link.msee, cls=er_router.PlainRouter)
            tgen.add_link(tgen.gears[name], tgen.gears[link.msee], link.msee, "ce")
            if link in LINKS.values():
                azure.add_link(tgen.gears[link.msee], nodeif="azure")

    return build


def ports_of(circuits):
    """(router, its link) of all circuits"""
    return [port for links, _ in circuits.values() for port in links.items()]


def _set_up_hosts(lab):
    for name, net in {"onprem": ONPREM_NET, "vnet": VNET_NET}.items():
        scenery.host_setup(getattr(lab, name), ["port"], net, 10, [1, 2])
    # a router whose way is the other one must stay the one that is asked
    for name in ROUTERS:
        getattr(lab, name).sh("sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.lan.send_redirects=0")
    lab.onprem.sh("sysctl -qw net.ipv6.conf.all.accept_redirects=0 net.ipv6.conf.br0.accept_redirects=0")


@contextlib.contextmanager
def running(request, ours=True, preference=None, hosts=False, two=False):
    """
    two     a second circuit over the same two routers
    ours    ce2 runs us, else it is plain FRR, with this local-preference for what Microsoft sends
    hosts   one on the lan, which uses both routers, and one in the VNet
    """
    if er_router.BUILD.missing():
        pytest.fail("not built: " + ", ".join(er_router.BUILD.missing()))
    circuits = TWO if two else ONE
    tgen = Topogen(_build(ours, hosts, circuits), request.module.__name__)
    try:
        tgen.start_topology()
        lab = PartnerLab(tgen)
        lab.ours = ours
        for name in (*ROUTERS, *(link.msee for _, link in ports_of(circuits))):
            scenery.router_setup(getattr(lab, name))
        if hosts:
            _set_up_hosts(lab)
        for _, link in ports_of(circuits):
            er_lab.load(tgen.gears[link.msee], scenery.msee_conf(link, tagged=SECOND), STOCK_DAEMONS)
            tgen.gears[link.msee].start()
        for name in ROUTERS:
            runs_us = ours or name == "ce"
            er_lab.load(tgen.gears[name], router_conf(name, runs_us, preference, circuits), OUR_DAEMONS if runs_us else STOCK_DAEMONS)
            tgen.gears[name].start()
        yield lab
    finally:
        tgen.stop_topology()
        set_topogen(None)
