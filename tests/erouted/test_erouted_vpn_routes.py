# SPDX-License-Identifier: GPL-2.0-or-later
"""Static backup routes, ways to neighbors and pins: what zebra has of them, and when."""

import json
import signal

import pytest

from frrlab import BACKS, PEERING, STATIC, FakeBgpd, circuit, static_state, wait_for
from vpnlab import (PREFIX, PREFIX6, Monitor, backup, circuits, down, gateway, ip, over, route,
                    static_route, up)

BOTH = ["ertun0", "ertun1"]


@pytest.fixture
def lab(scenery, bare):
    """mgmtd, zebra, staticd and erouted, with one circuit."""
    for daemon in ("mgmtd", "zebra", "staticd", "erouted"):
        bare.start(daemon)
    bare.configure(circuit(a="ert1", b="ert2"))
    wait_for("the circuit", lambda: "ams-1" in bare.show("show expressroute"))
    return bare


def in_kernel(prefix):
    """The interfaces of the kernel's route to it."""
    family = "-6" if ":" in prefix else "-4"
    found = json.loads(ip(family + " -json route show " + prefix) or "[]")
    return sorted(hop["dev"] for entry in found for hop in entry.get("nexthops", [entry]))


def wait_route(lab, what, prefix=PREFIX):
    wait_for("%s to be %s" % (prefix, what), lambda: static_route(lab, prefix) == what)


@pytest.fixture
def standby(lab):
    """A static backup in standby, and the module."""
    lab.merge(backup())
    with FakeBgpd(lab) as module:
        up(module)
        wait_route(lab, (240, BOTH))
        yield lab, module


# Static prefixes


def test_standby_is_floating_and_goes_over_both_tunnels(standby):
    lab, _ = standby
    for prefix in (PREFIX, PREFIX6):
        wait_route(lab, (240, BOTH), prefix)
        entry = route(lab, prefix)
        # the only route there is in use, whatever its distance
        wait_for("zebra to have it installed", lambda: route(lab, prefix).get("installed"))
        wait_for("the kernel to have it", lambda: in_kernel(prefix) == BOTH)
        assert entry["instance"] < 256


def test_the_kernel_takes_ipv6_over_tunnels_that_ipv4_uses_already(lab):
    lab.merge(backup(static=False, **{"ipv4-prefix": [PREFIX]}))
    with FakeBgpd(lab) as module:
        up(module)
        wait_for("IPv4 in the kernel", lambda: in_kernel(PREFIX) == BOTH)
        lab.merge({"vpn-backup": [{"name": "az", "ipv6-prefix": [PREFIX6]}]})
        wait_for("IPv6 in the kernel", lambda: in_kernel(PREFIX6) == BOTH)


def test_a_better_route_keeps_the_floating_one_out(standby):
    lab, _ = standby
    lab.configure("ip route %s 192.168.100.2 20\n" % PREFIX)
    wait_for("the better one", lambda: not route(lab).get("selected"))

    def shown():
        vpn = lab.show_json("show expressroute vpn-backup az json")["vpnBackup"]["az"]
        return vpn["state"]["staticRoute"][PREFIX]
    wait_for("the state", lambda: shown()["installed"] is False)
    assert shown()["gateway"] == [0, 1]
    assert "standby" in lab.show("show expressroute vpn-backup az")


def test_a_tunnel_that_goes_down_or_away_takes_only_itself(standby, scenery):
    lab, _ = standby
    ip("link set ertun0 down")
    wait_route(lab, (240, ["ertun1"]))
    ip("link set ertun0 up")
    wait_route(lab, (240, BOTH))
    ip("link del ertun1")
    wait_route(lab, (240, ["ertun0"]))
    scenery.make_tunnel(1)
    wait_route(lab, (240, BOTH))


def test_without_any_tunnel_there_is_no_route(standby):
    lab, module = standby
    for n in (0, 1):
        ip("link set ertun%d down" % n)
    wait_route(lab, None)
    def screen():
        return " ".join(lab.show("show expressroute vpn-backup az").split())
    wait_for("the state", lambda: "UNAVAILABLE" in screen())
    assert "traffic goes over ExpressRoute and has no backup" in screen()
    down(module)
    wait_for("the links", lambda: "nothing works: no link of ExpressRoute carries" in screen())
    assert "goes over" not in screen().split("ipv6:")[0]


def test_active_takes_the_place_of_a_better_route_without_a_gap(standby):
    lab, module = standby
    lab.configure("ip route %s 192.168.100.2 20\n" % PREFIX)
    wait_for("the better one", lambda: not route(lab).get("selected"))
    with Monitor(PREFIX) as monitor:
        down(module)
        wait_for("activation", lambda: static_route(lab) == (15, BOTH))
        wait_for("selection", lambda: route(lab).get("selected"))
        lines = monitor.lines()
    assert lines and not [line for line in lines if line.startswith("Deleted")]


def test_a_change_of_distance_is_one_replacement(standby):
    lab, module = standby
    with Monitor(PREFIX) as monitor:
        down(module)
        wait_route(lab, (15, BOTH))
        wait_for("the kernel", lambda: route(lab).get("installed"))
        lines = monitor.lines()
    assert not [line for line in lines if line.startswith("Deleted")]


def test_a_more_specific_prefix_is_kept_out_on_request(lab):
    lab.merge(backup(**{"more-specifics": "suppress"}))
    with FakeBgpd(lab) as module:
        up(module)
        wait_route(lab, (240, BOTH))
        key = ("az", "vpn", "ipv4")
        module.send(static_state(key, PREFIX, True))
        wait_route(lab, None)
        state = lab.show_json("show expressroute vpn-backup az json")["vpnBackup"]["az"]["state"]
        assert state["staticRoute"][PREFIX]["suppressed"] is True
        module.send(static_state(key, PREFIX, False))
        wait_route(lab, (240, BOTH))


def test_a_new_prefix_is_kept_out_until_the_module_tells_where_it_lies(lab):
    lab.merge(backup(**{"more-specifics": "suppress"}))
    inner, key = "10.1.2.0/24", ("az", "vpn", "ipv4")
    with FakeBgpd(lab) as module:
        up(module)
        wait_route(lab, (240, BOTH))
        with Monitor(inner) as monitor:
            lab.merge({"vpn-backup": [{"name": "az", "ipv4-prefix": [inner]}]})
            generation = module.take_config()
            assert (STATIC, key + (inner,)) in module.policy
            # what is decided by then is carried out: the other one's route is looked at after it
            lab.merge({"vpn-backup": [{"name": "az", "ipv4-prefix": ["10.77.0.0/16"]}]})
            generation = module.take_config()
            module.send(static_state(key, inner, True))
            module.send(static_state(key, "10.77.0.0/16", False))
            module.synced(generation)
            wait_route(lab, (240, BOTH), "10.77.0.0/16")
            assert static_route(lab, inner) is None
            assert monitor.lines() == []
        module.send(static_state(key, inner, False))
        wait_route(lab, (240, BOTH), inner)


def test_what_is_kept_out_stays_out_over_a_restart(lab):
    """Until the module has told, it may be more specific than ExpressRoute."""
    lab.merge(backup(**{"more-specifics": "suppress"}))
    key = ("az", "vpn", "ipv4")
    with FakeBgpd(lab) as module:
        up(module)
        wait_route(lab, (240, BOTH))
        module.send(static_state(key, PREFIX, True))
        wait_route(lab, None)
        wait_for("the kernel", lambda: in_kernel(PREFIX) == [])
        with Monitor(PREFIX) as monitor:
            lab.stop("erouted", signal.SIGKILL)
            lab.start("erouted")
            with FakeBgpd(lab) as again:
                generation = again.take_config()
                again.established(circuits(again))
                again.send(static_state(key, PREFIX, True))
                again.send(static_state(("az", "vpn", "ipv6"), PREFIX6, False))
                again.synced(generation)
                wait_for("the settling", lambda: settled(lab), 30)
                wait_route(lab, (240, BOTH), PREFIX6)
                assert static_route(lab) is None
            assert monitor.lines() == []


def test_what_is_configured_away_goes(standby):
    lab, _ = standby
    lab.merge({"vpn-backup": [{"name": "az", "shutdown": True}]})
    wait_route(lab, None)
    lab.merge({"vpn-backup": [{"name": "az", "shutdown": False}]})
    wait_route(lab, (240, BOTH))


def test_of_two_backups_of_one_prefix_the_active_one_has_it(lab):
    first = backup("az", gateway=[gateway(0)])["vpn-backup"]
    second = backup("bz", gateway=[gateway(0, interface="ertun1")],
                    circuit=["ams-2"])["vpn-backup"]
    lab.configure(circuit("ams-2", net=101))
    lab.merge({"vpn-backup": first + second})
    with FakeBgpd(lab) as module:
        up(module)
        wait_route(lab, (240, ["ertun0"]))
        wait_for("it to be in use", lambda: route(lab).get("installed"))
        with Monitor(PREFIX) as monitor:
            assert lab.show("expressroute switchover bz to vpn") == ""
            wait_route(lab, (15, ["ertun1"]))
            assert lab.show("expressroute switchover bz to expressroute") == ""
            wait_route(lab, (240, ["ertun0"]))
            # the other one's end is not the prefix's
            lab.merge({"vpn-backup": [{"name": "az", "shutdown": True}]})
            wait_route(lab, (240, ["ertun1"]))
            wait_for("the kernel", lambda: in_kernel(PREFIX) == ["ertun1"])
            assert not [line for line in monitor.lines() if line.startswith("Deleted")]


# What bgpd's module is told


def test_the_set_names_the_backup_what_it_backs_and_what_is_static(lab):
    lab.merge(backup(gateway=[gateway(0, **{"ipv4-neighbor": "169.254.20.2"}), gateway(1)]))
    with FakeBgpd(lab) as module:
        module.take_config()
        assert ("az", "vpn", "ipv4", "primary") in module.sessions
        kinds = [kind for kind, _ in module.policy]
        assert kinds.index(PEERING) < kinds.index(BACKS) < kinds.index(STATIC)
        assert (BACKS, ("az", "ams-1")) in module.policy
        assert (STATIC, ("az", "vpn", "ipv4", PREFIX)) in module.policy
        assert (STATIC, ("az", "vpn", "ipv6", PREFIX6)) in module.policy


def test_activation_is_sent_at_once(lab):
    lab.merge(backup(gateway=[gateway(0, **{"ipv4-neighbor": "169.254.20.2"}), gateway(1)]))
    session = ("az", "vpn", "ipv4", "primary")
    with FakeBgpd(lab) as module:
        generation = module.take_config()
        assert module.preference[session] == 90
        module.established()
        module.synced(generation)
        down(module)
        # whether by the first set or by one that follows for another reason
        wait_for("activation", lambda: module.take_config() and module.preference[session] == 5000)


# Neighbors


def test_a_neighbor_behind_the_tunnel_gets_a_way_through_it(lab):
    lab.merge(backup(static=False, gateway=[
        gateway(0, **{"ipv4-neighbor": "10.200.255.4", "ipv6-neighbor": "2001:db8:200::4"}),
        gateway(1, **{"ipv4-neighbor": "169.254.21.2"})]))
    with FakeBgpd(lab) as module:
        up(module)
        wait_for("the way", lambda: over(route(lab, "10.200.255.4/32")) == ["ertun0"])
        wait_for("IPv6", lambda: over(route(lab, "2001:db8:200::4/128")) == ["ertun0"])
        # one on the tunnel's own subnet needs none
        assert route(lab, "169.254.21.2/32") is None
        def reachable(n):
            vpn = lab.show_json("show expressroute vpn-backup az json")["vpnBackup"]["az"]
            return vpn["gateway"][str(n)]["state"]["session"]["ipv4"]["neighborReachable"]
        wait_for("both neighbors", lambda: reachable(0) and reachable(1))


# Restarts


def test_routes_survive_erouted_and_are_taken_over(standby):
    lab, module = standby
    wait_for("the kernel", lambda: route(lab).get("installed"))
    with Monitor(PREFIX) as monitor:
        lab.stop("erouted", signal.SIGKILL)
        wait_for("zebra to notice", lambda: "disconnected" in lab.log("zebra"))
        assert static_route(lab) == (240, BOTH)
        lab.start("erouted")
        with FakeBgpd(lab) as again:
            up(again)
            wait_for("the settling", lambda: settled(lab), 30)
            assert static_route(lab) == (240, BOTH)
        lines = monitor.lines()
    assert not [line for line in lines if line.startswith("Deleted")]


def settled(lab):
    """Has zebra been told that everything is sent?"""
    return "AFI 1 enabled, route sync DONE" in lab.show("show zebra client", "zebra")


def remembered_active(lab):
    with open(lab.lib_dir + "/erouted.json", encoding="ascii") as file:
        return any(backup.get("active") for backup in json.load(file).get("vpnBackups", []))


def test_an_active_backup_stays_active_over_a_restart(standby):
    lab, module = standby
    down(module)
    wait_route(lab, (15, BOTH))
    # what follows from a decision goes out before it is written
    wait_for("its memory", lambda: remembered_active(lab))
    with Monitor(PREFIX) as monitor:
        lab.stop("erouted", signal.SIGKILL)
        lab.start("erouted")
        with FakeBgpd(lab) as again:
            generation = again.take_config()
            down(again)
            again.synced(generation)
            wait_for("its state", lambda: "ACTIVE" in lab.show("show expressroute vpn-backup az"))
            assert static_route(lab) == (15, BOTH)
        lines = monitor.lines()
    assert not [line for line in lines if line.startswith("Deleted")]


def test_what_was_removed_while_erouted_was_away_is_swept(standby):
    lab, _ = standby
    lab.stop("erouted", signal.SIGKILL)
    lab.remove("vpn-backup[name='az']/ipv4-prefix[.='%s']" % PREFIX)
    assert static_route(lab) == (240, BOTH)
    lab.start("erouted")
    with FakeBgpd(lab) as again:
        up(again)
        wait_for("the sweep", lambda: static_route(lab) is None)
        assert static_route(lab, PREFIX6) == (240, BOTH)


def test_an_orderly_end_leaves_routes_as_well(standby):
    lab, _ = standby
    assert lab.stop("erouted") == 0
    assert static_route(lab) == (240, BOTH)


def test_a_new_zebra_gets_them_again(standby):
    lab, _ = standby
    lab.stop("zebra", signal.SIGKILL)
    lab.start("zebra")
    wait_route(lab, (240, BOTH))
    wait_route(lab, (240, BOTH), PREFIX6)


# Redistribution


def test_redistribute_static_never_takes_one(standby):
    lab, module = standby
    lab.start("bgpd")
    down(module)
    wait_route(lab, (15, BOTH))
    lab.configure("ip route 10.99.0.0/16 192.168.100.2\n")
    with lab.vty("bgpd") as vty:
        for line in ("enable", "configure terminal", "router bgp 64700",
                     "address-family ipv4 unicast", "redistribute static", "end"):
            vty.run(line)

    def table():
        return json.loads(lab.show("show bgp ipv4 unicast json", "bgpd")).get("routes", {})
    wait_for("the operator's own", lambda: "10.99.0.0/16" in table())
    assert route(lab)["selected"]
    assert PREFIX not in table()


# Pins


ADDRESSES = {"address": "20.1.2.3"}, {"address": "2603:1000::3"}


def pinned(lab, address="20.1.2.3/32"):
    entry = route(lab, address)
    return entry and [(hop.get("ip"), hop.get("interfaceName")) for hop in entry["nexthops"]]


def pins(lab, n=0):
    vpn = lab.show_json("show expressroute vpn-backup az json")["vpnBackup"]["az"]
    return vpn["gateway"][str(n)]["state"].get("pin", {})


@pytest.fixture
def pinning(lab):
    def configure(**pin):
        lab.merge(backup(pin=pin, gateway=[gateway(0, **ADDRESSES[0]), gateway(1, **ADDRESSES[1])]))
    with FakeBgpd(lab) as module:
        up(module)
        yield lab, configure


def test_without_pinning_there_is_none(pinning):
    lab, configure = pinning
    configure(mode="none")
    wait_route(lab, (240, BOTH))
    assert pinned(lab) is None


def test_pinned_to_an_interface(pinning):
    lab, configure = pinning
    configure(mode="interface", interface="erwan0")
    wait_for("the pin", lambda: pinned(lab) == [(None, "erwan0")])
    wait_for("IPv6", lambda: pinned(lab, "2603:1000::3/128") == [(None, "erwan0")])
    wait_for("the state", lambda: pins(lab)["20.1.2.3"]["installed"])
    assert route(lab, "20.1.2.3/32")["distance"] == 2
    ip("link set erwan0 down")
    wait_for("the problem", lambda: "down" in pins(lab)["20.1.2.3"].get("problem", ""))
    assert "erwan0 is down" in lab.show("show expressroute vpn-backup az")
    ip("link set erwan0 up")
    wait_for("its end", lambda: pins(lab)["20.1.2.3"]["installed"])


def test_pinned_to_a_next_hop_on_an_interface(pinning):
    lab, configure = pinning
    configure(**{"mode": "interface", "interface": "erwan0", "ipv4-next-hop": "192.0.2.1"})
    wait_for("the pin", lambda: pinned(lab) == [("192.0.2.1", "erwan0")])


def test_pinned_to_a_next_hop(pinning):
    lab, configure = pinning
    configure(**{"mode": "next-hop", "ipv4-next-hop": "192.0.2.1"})
    wait_for("the pin", lambda: pinned(lab) == [("192.0.2.1", "erwan0")])
    wait_for("the other", lambda: "no ipv6 next hop" in
             pins(lab, 1)["2603:1000::3"].get("problem", ""))


def test_a_next_hop_that_only_a_route_reaches_is_none(pinning):
    """... for that route may be ExpressRoute's."""
    lab, configure = pinning
    lab.configure("ip route 198.51.100.0/24 192.168.100.2\n")
    configure(**{"mode": "next-hop", "ipv4-next-hop": "198.51.100.1"})
    wait_for("the problem", lambda: "not on a connected subnet" in
             pins(lab).get("20.1.2.3", {}).get("problem", ""))
    assert not pins(lab)["20.1.2.3"]["installed"]


def test_pins_follow_the_default_route_and_keep_the_last_good(pinning):
    lab, configure = pinning
    configure(mode="default-route")
    wait_for("the problem", lambda: "no ipv4 default route" in
             pins(lab).get("20.1.2.3", {}).get("problem", ""))
    ip("route add default via 192.0.2.1 dev erwan0")
    try:
        wait_for("the pin", lambda: pinned(lab) == [("192.0.2.1", "erwan0")])
        ip("route replace default via 192.0.2.9 dev erwan0")
        wait_for("another", lambda: pinned(lab) == [("192.0.2.9", "erwan0")])
        # over ExpressRoute: not followed
        ip("route replace default via 192.168.100.2 dev ert1")
        wait_for("the problem", lambda: "primary link of circuit ams-1" in
                 pins(lab)["20.1.2.3"].get("problem", ""))
        assert pinned(lab) == [("192.0.2.9", "erwan0")]
        # over a tunnel: neither
        ip("route replace default via 169.254.20.2 dev ertun0")
        wait_for("the problem", lambda: "tunnel to gateway 0" in
                 pins(lab)["20.1.2.3"].get("problem", ""))
        assert pinned(lab) == [("192.0.2.9", "erwan0")]
        ip("route del default")
        wait_for("the problem", lambda: "no ipv4 default route: the last next hop stays" in
                 pins(lab)["20.1.2.3"].get("problem", ""))
        assert pinned(lab) == [("192.0.2.9", "erwan0")]
        # nor does a restart take it away, which knows it from zebra alone
        lab.stop("erouted", signal.SIGKILL)
        lab.start("erouted")
        with FakeBgpd(lab) as again:
            up(again)
            wait_for("the settling", lambda: settled(lab), 30)
            assert pinned(lab) == [("192.0.2.9", "erwan0")]
            wait_for("it to be known", lambda: pins(lab)["20.1.2.3"]["installed"])
            assert "the last next hop stays" in pins(lab)["20.1.2.3"]["problem"]
        ip("route add default via 192.0.2.1 dev erwan0")
        wait_for("the first", lambda: pinned(lab) == [("192.0.2.1", "erwan0")])
        assert "problem" not in pins(lab)["20.1.2.3"]
    finally:
        ip("route del default", check=False)
