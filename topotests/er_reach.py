# SPDX-License-Identifier: GPL-2.0-or-later
"""
Global Reach: three sites with two circuits each, and Microsoft's backbone between them.

    paris (65020)  paris-1  p1, p2 \\              / a1, a2  amsterdam
                   paris-2  p3, p4  |  backbone   |                     ce (65001)
    twin (65001)   twin-1   t1, t2  |  AS 12076   |
                   twin-2   t3, t4 /               \\ b1, b2  frankfurt
    vnet (65515) ------------------/

The MSEEs are FRR, strip 65515, and put 12076 once more in front of what comes from another
of them.  Those of two circuits speak iBGP when the circuits are joined (JOINED), so that
nothing passes from one connection to another; all speak with the VNet's gateway.  twin has
ce's own AS.  Everything is IPv4 and IPv6, each in sessions of its own.

running(whole=True) has BFD towards ce, and a VPN backup of both of ce's circuits: a cable
between ce and vnet stands for its tunnel.
"""
import contextlib
import functools

import er_lab
import er_router
import pytest
import scenery
from lib.topogen import Topogen, set_topogen
from parts import OUR_DAEMONS
from scenery import CUSTOMER_AS, MICROSOFT_AS, frr_conf, interface_conf, wait_for

FAMILIES = (4, 6)
PARIS_AS, STRANGE_AS = 65020, 65099
# circuit -> (its MSEEs, who is behind their ports, that one's AS)
CIRCUITS = {
    "amsterdam": (("a1", "a2"), "ce", CUSTOMER_AS),
    "frankfurt": (("b1", "b2"), "ce", CUSTOMER_AS),
    "paris-1": (("p1", "p2"), "paris", PARIS_AS),
    "paris-2": (("p3", "p4"), "paris", PARIS_AS),
    "twin-1": (("t1", "t2"), "twin", CUSTOMER_AS),
    "twin-2": (("t3", "t4"), "twin", CUSTOMER_AS),
}
JOINED = [
    ("amsterdam", "paris-1"),
    ("amsterdam", "twin-1"),
    ("frankfurt", "paris-2"),
    ("frankfurt", "twin-2"),
    # our own with each other: what we advertise over one comes back over the other
    ("amsterdam", "frankfurt"),
]
LINKS = {name: CIRCUITS[name][0] for name in ("amsterdam", "frankfurt")}
CIRCUIT_OF = {msee: circuit for circuit, (msees, _, _) in CIRCUITS.items() for msee in msees}
MSEES = list(CIRCUIT_OF)

VNET = {4: "10.1.0.0/16", 6: "2001:db8:1::/48"}
PARIS = {4: {"10.20.1.0/24", "10.20.2.0/24"}, 6: {"2001:db8:20:1::/64", "2001:db8:20:2::/64"}}
PARIS_MAY = {4: "10.20.0.0/16", 6: "2001:db8:20::/48"}
HIJACK = {4: "10.66.0.0/16", 6: "2001:db8:66::/48"}
STRANGER = {4: "10.99.0.0/16", 6: "2001:db8:99::/48"}
TWIN = {4: "10.50.1.0/24", 6: "2001:db8:50:1::/64"}
TWIN_MAY = {4: "10.50.0.0/16", 6: "2001:db8:50::/48"}
OURS = {
    "amsterdam": {4: "10.100.0.0/24", 6: "2001:db8:100::/48"},
    "frankfurt": {4: "10.101.0.0/24", 6: "2001:db8:101::/48"},
}
TUNNEL = {4: "172.31.255.0/30", 6: "2001:db8:fd::/126"}
DAEMONS = ("mgmtd", "zebra", "bgpd")


def number_of(msee):
    return MSEES.index(msee) + 1


VNET_NUMBER = len(MSEES) + 1


def port_net(msee, family):
    """Between an MSEE and who is behind it."""
    number = number_of(msee)
    return f"172.16.{number}.0/30" if family == 4 else f"2001:db8:ff:{number:x}::/126"


def customer(msee, family=4):
    return scenery.host(port_net(msee, family), 1)


def neighbor(msee, family=4):
    """The MSEE's address on its port."""
    return scenery.host(port_net(msee, family), 2)


def backbone(number, family):
    return f"100.64.0.{number}" if family == 4 else f"2001:db8:fe::{number:x}"


def backbone_ports(number):
    return interface_conf("bb", f"{backbone(number, 4)}/24", f"{backbone(number, 6)}/64")


def tunnel_end(number):
    return interface_conf("tun", *(scenery.on_interface(net, number) for net in TUNNEL.values()))


def port(name, msee, number):
    return interface_conf(name, *(scenery.on_interface(port_net(msee, family), number) for family in FAMILIES))


def joined_to(msee):
    """The MSEEs at the other ends of its circuit's connections."""
    mine, others = CIRCUIT_OF[msee], []
    for pair in JOINED:
        if mine in pair:
            (other,) = set(pair) - {mine}
            others += CIRCUITS[other][0]
    return others


def bgp(asn, number, neighbors, networks, extra, more=()):
    """
    neighbors: family -> {address: AS}; networks: family -> prefixes; extra: family ->
    lines of the family; more: lines outside the families
    """
    own, families = [], {}
    for family in FAMILIES:
        for address, remote in neighbors[family].items():
            own += [f"neighbor {address} remote-as {remote}", f"neighbor {address} timers connect 1",
                    f"neighbor {address} advertisement-interval 0"]
        families[family] = [f"network {net}" for net in networks.get(family, ())]
        families[family] += [f"neighbor {address} activate" for address in neighbors[family]]
        families[family] += extra.get(family, [])
    return "\n".join([
        f"router bgp {asn}", f" bgp router-id 10.255.0.{number}", " no bgp ebgp-requires-policy",
        " no bgp network import-check", " no bgp default ipv4-unicast", *(f" {line}" for line in [*own, *more]),
        *scenery.address_families(families), "exit", "!",
    ])  # fmt: skip


def msee_conf(name, bfd=False):
    number, asn = number_of(name), CIRCUITS[CIRCUIT_OF[name]][2]
    neighbors, extra = {}, {}
    for family in FAMILIES:
        others = [backbone(number_of(other), family) for other in joined_to(name)]
        gateway = backbone(VNET_NUMBER, family)
        neighbors[family] = {customer(name, family): asn, gateway: 65515, **dict.fromkeys(others, MICROSOFT_AS)}
        extra[family] = [f"neighbor {customer(name, family)} route-map TO-CUSTOMER out", f"neighbor {gateway} route-map STRIP in"]
        extra[family] += [f"neighbor {other} next-hop-self force" for other in others]
    watched = [f"neighbor {customer(name, family)} bfd {scenery.MICROSOFT_BFD}" for family in FAMILIES] if bfd else []
    return frr_conf(
        name,
        port("edge", name, 2),
        backbone_ports(number),
        "bgp as-path access-list SITES permit .+",
        "route-map TO-CUSTOMER permit 10\n match as-path SITES",
        f" set as-path prepend {MICROSOFT_AS}\nexit",
        "route-map TO-CUSTOMER permit 20\nexit",
        "route-map STRIP permit 10\n set as-path exclude 65515\nexit",
        bgp(MICROSOFT_AS, number, neighbors, {}, extra, watched),
    )


def site_conf(name, networks, strange=None):
    """strange: family -> a prefix that seems to come from behind it, of another AS"""
    strange = strange or {}
    msees = [msee for msee in MSEES if CIRCUITS[CIRCUIT_OF[msee]][1] == name]
    neighbors = {family: {neighbor(msee, family): MICROSOFT_AS for msee in msees} for family in FAMILIES}
    maps, extra = [], {}
    for family in FAMILIES:
        ip = "ip" if family == 4 else "ipv6"
        unused = "192.0.2.0/24" if family == 4 else "2001:db8:ffff::/48"
        maps += [
            f"{ip} prefix-list STRANGE permit {strange.get(family, unused)}",
            f"route-map OUT permit {family}0\n match {ip} address prefix-list STRANGE\n set as-path prepend {STRANGE_AS}\nexit",
        ]
        extra[family] = [f"neighbor {address} route-map OUT out" for address in neighbors[family]]
    networks = {family: sorted(networks[family]) + ([strange[family]] if strange else []) for family in FAMILIES}
    asn = CIRCUITS[CIRCUIT_OF[msees[0]]][2]
    return frr_conf(
        name,
        *(port(msee, msee, 1) for msee in msees),
        *maps,
        "route-map OUT permit 100\nexit",
        bgp(asn, 100 + number_of(msees[0]), neighbors, networks, extra),
    )


def vnet_conf(gateway=False):
    """gateway: it is the VPN's as well, which offers the VNet there and takes nothing."""
    neighbors = {family: {backbone(number_of(msee), family): MICROSOFT_AS for msee in MSEES} for family in FAMILIES}
    networks, extra, ports = {family: [net] for family, net in VNET.items()}, {}, []
    if gateway:
        ports = [tunnel_end(2), "bgp as-path access-list LOCAL permit ^$",
                 "route-map TO-CE permit 10\n match as-path LOCAL\nexit", "route-map FROM-CE deny 10\nexit"]  # fmt: skip
        for family, net in TUNNEL.items():
            ce = scenery.host(net, 1)
            neighbors[family][ce] = CUSTOMER_AS
            extra[family] = [f"neighbor {ce} route-map TO-CE out", f"neighbor {ce} route-map FROM-CE in"]
    return frr_conf("vnet", backbone_ports(VNET_NUMBER), *ports, bgp(65515, VNET_NUMBER, neighbors, networks, extra))


def circuit_conf(name):
    lines = [f" circuit {name}", "  peering private", *(f"   advertise {net}" for net in OURS[name].values())]
    for role, msee in zip(("primary", "secondary"), LINKS[name]):
        lines += [f"   link {role}", f"    interface {msee}", f"    ipv4-subnet {port_net(msee, 4)}",
                  f"    ipv6-subnet {port_net(msee, 6)}", "   exit-link"]
    return lines + ["  exit-peering", " exit-circuit"]


SITES = f""" site paris
  as {PARIS_AS}
  prefix {PARIS_MAY[4]}
  prefix {PARIS_MAY[6]}
 exit-site
 site twin
  prefix {TWIN_MAY[4]}
  prefix {TWIN_MAY[6]}
  circuit amsterdam
  preference backup
  same-as
 exit-site
 global-reach ams-paris
  circuit amsterdam
  remote-circuit paris-1
  site paris
  ipv4-subnet 172.31.0.8/29
 exit-global-reach
 global-reach ams-twin
  circuit amsterdam
  remote-circuit twin-1
  site twin
 exit-global-reach
 global-reach fra-paris
  circuit frankfurt
  remote-circuit paris-2
  site paris
  ipv4-subnet 172.31.0.16/29
 exit-global-reach
 undeclared-sites refuse"""


BACKUP = " vpn-backup azure\n circuit amsterdam\n circuit frankfurt\n gateway 0\n interface tun\n" + "".join(
    f" neighbor {scenery.host(net, 2)}\n" for net in TUNNEL.values()
) + " exit-gateway\n restore hold 2 maximum 4\n exit-vpn-backup"


def ce_conf(backup=False):
    networks = {family: [nets[family] for nets in OURS.values()] for family in FAMILIES}
    nobody = {family: {} for family in FAMILIES}
    return frr_conf(
        "ce",
        *(port(msee, msee, 1) for msee in sum(LINKS.values(), ())),
        *([tunnel_end(1)] if backup else []),
        bgp(CUSTOMER_AS, 200, nobody, networks, {}),
        "expressroute", *(line for name in LINKS for line in circuit_conf(name)), SITES,
        *([BACKUP] if backup else []), "exit-expressroute", "!",
    )  # fmt: skip


def build(tgen, tunnel=False):
    tgen.add_router("ce", cls=er_router.ErRouter)
    switch = tgen.add_switch("s1")
    for name in (*MSEES, "paris", "twin", "vnet"):
        tgen.add_router(name, cls=er_router.PlainRouter)
    for name in (*MSEES, "vnet"):
        switch.add_link(tgen.gears[name], nodeif="bb")
    for name in MSEES:
        tgen.add_link(tgen.gears[CIRCUITS[CIRCUIT_OF[name]][1]], tgen.gears[name], name, "edge")
    if tunnel:
        tgen.add_link(tgen.gears["ce"], tgen.gears["vnet"], "tun", "tun")


def confs(whole=False):
    paris = {family: PARIS[family] | {HIJACK[family]} for family in FAMILIES}
    twin = {family: {TWIN[family]} for family in FAMILIES}
    return {
        **{name: msee_conf(name, whole and name in sum(LINKS.values(), ())) for name in MSEES},
        "paris": site_conf("paris", paris, STRANGER),
        "twin": site_conf("twin", twin),
        "vnet": vnet_conf(whole),
    }


class ReachLab(er_lab.Lab):
    """The running scenery."""

    def joint(self, name, family=4):
        found = self.ce.show("show expressroute global-reach json").get("globalReach", {})
        return found.get(name, {}).get("state", {}).get("family", {}).get(f"ipv{family}", {})

    def wait_joint(self, name, what, families=FAMILIES, timeout=30, **values):
        """values: leaves as JSON names them"""
        def has():
            return all(values.items() <= self.joint(name, family).items() for family in families)

        wait_for(has, f"{name} to be {what}", timeout)

    def wait_joints(self):
        for name in ("ams-paris", "ams-twin", "fra-paris"):
            self.wait_joint(name, "established on both links", state="established", asymmetric=False,
                            incomplete=False)

    def accepted(self, msee, family):
        return self.routes_from(neighbor(msee, family))

    def as_paths(self, prefix):
        """MSEE's address -> AS path"""
        family = "ipv6" if ":" in prefix else "ipv4"
        found = self.ce.show(f"show bgp {family} unicast {prefix} json").get("paths", [])
        return {path["peer"]["peerId"]: path["aspath"]["string"] for path in found}

    def refused(self, prefix, circuit):
        """The rules that refuse it there."""
        return {
            step["rule"]
            for step in self.explain(prefix)
            if step["stage"] == "inbound" and step.get("circuit") == circuit and step["verdict"] == "refuse"
        }

    def offered(self, msee, family):
        """What an MSEE has from ce."""
        command = f"show bgp ipv{family} unicast neighbors {customer(msee, family)} routes json"
        return set(getattr(self, msee).show(command).get("routes", {}))

    def exits(self, prefix):
        """The links that the kernel sends its traffic into: by MSEE."""
        out = self.ce.sh(f"ip -{6 if ':' in prefix else 4} route show {prefix}")
        return {msee for msees in LINKS.values() for msee in msees if f"dev {msee} " in out}

    def told(self, name):
        """The states that were said of a connection, IPv4's and IPv6's, oldest first."""
        return [(entry["family"], entry["state"]) for entry in self.ce.show("show expressroute history json")["history"]
                if entry.get("name") == name]

    def set_sessions(self, msee, addresses, up):
        lines = [f"{'no ' if up else ''}neighbor {address} shutdown" for address in addresses]
        getattr(self, msee).vtysh("\n".join(["configure terminal", f"router bgp {MICROSOFT_AS}", *lines]))

    def set_edge(self, msee, up):
        """Microsoft's side ends the site's sessions there, or lets them come back."""
        self.set_sessions(msee, [customer(msee, family) for family in FAMILIES], up)

    def set_connection(self, one, other, up, only=None):
        """Azure's side of a connection, of one MSEE of the first circuit or of both."""
        for msee in [only] if only else CIRCUITS[one][0]:
            ends = [backbone(number_of(end), family) for end in CIRCUITS[other][0] for family in FAMILIES]
            self.set_sessions(msee, ends, up)

    def has_edge(self, msee):
        """Does it get the site's routes there?"""
        for family in FAMILIES:
            command = f"show bgp ipv{family} unicast neighbors {customer(msee, family)} routes json"
            if not PARIS[family] <= set(getattr(self, msee).show(command).get("routes", {})):
                return False
        return True


@contextlib.contextmanager
def running(request, whole=False):
    if er_router.BUILD.missing():
        pytest.fail("not built: " + ", ".join(er_router.BUILD.missing()))
    tgen = Topogen(functools.partial(build, tunnel=whole), request.module.__name__)
    try:
        tgen.start_topology()
        lab = ReachLab(tgen)
        for name, conf in confs(whole).items():
            watched = whole and name in sum(LINKS.values(), ())
            er_lab.load(tgen.gears[name], conf, (*DAEMONS, "bfdd") if watched else DAEMONS)
            tgen.gears[name].start()
        er_lab.load(tgen.gears["ce"], ce_conf(whole), OUR_DAEMONS)
        tgen.gears["ce"].start()
        yield lab
    finally:
        tgen.stop_topology()
        set_topogen(None)
