# SPDX-License-Identifier: GPL-2.0-or-later
"""What the module answers when asked what became of a route."""

import pytest

import wire

OWN = ["203.0.113.0/24", "198.51.100.0/24", "192.168.1.0/24"]

#: what the first MSEE sends: communities, what it prepends
SENT = {
    "20.1.0.0/16": ("12076:5010 12076:51004", ""),
    "20.2.0.0/16": ("12076:5020", ""),
    "20.3.0.0/16": ("", ""),
    "20.4.0.0/16": ("12076:5010", "65001"),
    "20.5.0.0/16": ("12076:5010", "64496"),
    "20.6.0.0/16": ("12076:5010", ""),
    "10.5.0.0/16": ("12076:5010", ""),
    "0.0.0.0/0": ("12076:5010", ""),
    "198.51.100.128/25": ("12076:5010", ""),
}


def edge_conf():
    return ("router bgp 65001\n no bgp network import-check\n address-family ipv4 unicast\n%s"
            " exit-address-family\nexit\nip prefix-list SIX permit 20.6.0.0/16\n"
            "route-map THEIRS deny 10\n match ip address prefix-list SIX\nexit\n"
            "route-map THEIRS permit 20\nexit\n" % "".join("  network %s\n" % n for n in OWN))


def send(msee, sent):
    lines = []
    for seq, (net, (communities, path)) in enumerate(sent.items(), 1):
        lines += ["ip prefix-list N%d permit %s" % (seq, net), "route-map OUT permit %d" % seq,
                  "match ip address prefix-list N%d" % seq]
        lines += ["set community " + communities] if communities else []
        lines += ["set as-path prepend " + path] if path else []
    lines += ["router bgp 12076", "address-family ipv4 unicast"]
    msee.configure(*lines, *["network " + net for net in sent])


@pytest.fixture
def microsoft(edge):
    send(edge.m1, SENT)
    edge.start(conf=edge_conf())
    configure(edge)
    edge.erouted.until(lambda: edge.erouted.session(peering="microsoft").get("accepted") == 1, 20)
    return edge


def configure(edge, *more, route_filter="F", map_in="THEIRS", advertise=OWN[:2], **kwargs):
    edge.erouted.configure(
        *wire.route_filter("F", "12076:5010"),
        *edge.both(peering="microsoft", map_in=map_in, **kwargs),
        wire.peering("microsoft", route_filter=route_filter, limit=200),
        *[wire.advertise(n, peering="microsoft") for n in advertise], *more)


def ask(edge, net, stage, role="primary", peering="microsoft"):
    """[(rule, verdict, text)] of one session at one stage, in order"""
    key = ("c1", peering, "ipv4", role)
    return [(a["rule"], a["verdict"], a["text"])
            for a in edge.erouted.ask(wire.ask_route, net)
            if a["stage"] == stage and (a["session"] == key or stage == "best")]


def test_an_accepted_route_from_end_to_end(microsoft):
    steps = ask(microsoft, "20.1.0.0/16", "inbound")
    assert [s[:2] for s in steps] == [
        ("none", "info"), ("first-as", "pass"), ("own-as", "pass"), ("reserved-as", "pass"),
        ("default-route", "pass"), ("private-space", "pass"), ("own-prefix", "pass"),
        ("filter", "pass"), ("operator", "pass"), ("local-preference", "info")]
    assert steps[0][2].startswith("received: AS path 12076; communities 12076:5010 allowed")
    assert "12076:51004" in steps[7][2] and "12076:51004 allowed" not in steps[7][2]
    assert steps[8][2] == "route-map THEIRS permits"
    assert steps[9][2].startswith("local-preference 150: the circuit's")
    # bgpd selects the best path a little later
    microsoft.erouted.until(lambda: [s[1] for s in ask(microsoft, "20.1.0.0/16", "best")] == [
        "pass"])
    best = ask(microsoft, "20.1.0.0/16", "best")
    assert best[0][2].startswith("best: c1 microsoft primary ipv4, local-preference 150, "
                                 "next hop 172.16.1.2, chosen by: ")
    out = ask(microsoft, "20.1.0.0/16", "outbound")
    assert out[-1] == ("not-advertised", "refuse", "not in the set that the peering advertises")


@pytest.mark.parametrize("net,rule,text", [
    ("20.2.0.0/16", "filter", "communities: 12076:5020"),
    ("20.3.0.0/16", "filter", "communities: none"),
    ("20.4.0.0/16", "own-as", "our own AS is in the path"),
    ("20.5.0.0/16", "reserved-as", "reserved or documentation AS"),
    ("20.6.0.0/16", "operator", "route-map THEIRS denies"),
    ("10.5.0.0/16", "private-space", "overlaps private space"),
    ("0.0.0.0/0", "default-route", "a default route"),
    ("198.51.100.128/25", "own-prefix", "something we advertise"),
], ids=["filter", "no community", "own AS", "reserved AS", "operator", "private space",
        "default route", "own prefix"])
def test_a_refused_route_ends_at_the_rule_that_refuses(microsoft, net, rule, text):
    steps = ask(microsoft, net, "inbound")
    assert steps[0][0] == "none" and steps[0][2].startswith("received")
    assert steps[-1][:2] == (rule, "refuse") and text in steps[-1][2]
    assert all(s[1] == "pass" for s in steps[1:-1])


def test_no_route_filter(microsoft):
    configure(microsoft, route_filter="")
    assert ask(microsoft, "20.1.0.0/16", "inbound")[-1][:2] == ("no-filter", "refuse")


def test_an_address_is_looked_up_by_its_longest_match(microsoft):
    answers = microsoft.erouted.ask(wire.ask_route, "20.1.2.3/32")
    assert {a["prefix"] for a in answers} == {"20.1.0.0/16"}
    # refused, but received: it is the longest match of what came
    answers = microsoft.erouted.ask(wire.ask_route, "198.51.100.200/32")
    assert {a["prefix"] for a in answers} == {"198.51.100.128/25"}
    assert "198.51.100.0/24 is used for it" in [
        a["text"] for a in answers if a["stage"] == "best"][-1]


def test_a_prefix_that_nobody_has(microsoft):
    microsoft.msee(microsoft.m1, "router bgp 12076", "address-family ipv4 unicast",
                   "no network 0.0.0.0/0")
    microsoft.erouted.until(lambda: ask(microsoft, "9.9.9.9/32", "inbound") == [
        ("none", "info", "nothing received")])
    assert ask(microsoft, "9.9.9.9/32", "best") == [
        ("none", "info", "no best path for 9.9.9.9/32")]
    assert ask(microsoft, "9.9.9.9/32", "outbound")[0][2] == "no best path: nothing to advertise"


def test_what_is_advertised_and_with_how_many_copies(microsoft):
    def steps():
        return ask(microsoft, "203.0.113.0/24", "outbound", "secondary")

    microsoft.erouted.until(lambda: steps()[-1] == ("none", "pass", "advertised"))
    assert [s[0] for s in steps()] == ["default-route", "private-space", "not-advertised",
                                       "limit", "none"]
    configure(microsoft, prepend=2)
    microsoft.erouted.until(lambda: "prepended 2 times" in steps()[-1][2])
    best = ask(microsoft, "203.0.113.0/24", "best")
    assert "this router's own" in best[0][2]
    configure(microsoft, map_out="THEIRS", advertise=OWN)
    assert ask(microsoft, "192.168.1.0/24", "outbound")[-1] == (
        "private-space", "refuse", "overlaps private space")


def test_drained_and_region(microsoft):
    microsoft.prepend(microsoft.m1, 0)
    configure(microsoft, wire.region("12076:51004", 180, kind="microsoft"))
    assert ask(microsoft, "20.1.0.0/16", "inbound")[-1][:2] == ("region-preference", "info")
    assert "local-preference 180: region-preference of 12076:51004" in ask(
        microsoft, "20.1.0.0/16", "inbound")[-1][2]
    microsoft.msee(microsoft.m1, "route-map OUT permit 1",
                   "set as-path prepend " + " ".join(["12076"] * 8))
    microsoft.erouted.until(lambda: ask(microsoft, "20.1.0.0/16", "inbound")[-1][0] == "drain")
    assert "local-preference 110" in ask(microsoft, "20.1.0.0/16", "inbound")[-1][2]


def test_to_explain_changes_nothing(microsoft):
    def state():
        return (microsoft.ce.vty("bgpd", "show bgp ipv4 unicast json"),
                microsoft.ce.vty("bgpd", "show bgp neighbors 172.16.1.2 filtered-routes json"),
                microsoft.erouted.session(peering="microsoft"))

    microsoft.erouted.poll(2)
    before, said = state(), len(microsoft.erouted.log)
    for net in SENT:
        microsoft.erouted.ask(wire.ask_route, net)
    microsoft.erouted.ask(wire.ask_held)
    microsoft.erouted.poll(2)
    assert state() == before
    assert {r[1] for r in microsoft.erouted.log[said:]} == {wire.ANSWER, wire.ANSWER_END}


def test_without_adj_rib_in_it_says_what_it_cannot_know(edge):
    edge.start()
    edge.bring_up()
    steps = ask(edge, "10.0.0.0/16", "inbound", peering="private")
    assert steps[0][2].startswith("accepted: AS path 12076")
    assert steps[-1][2].startswith("local-preference 150")
    assert "keeps only what it accepts" in ask(edge, "9.9.9.9/32", "inbound",
                                               peering="private")[0][2]
    # bgpd chooses a moment after both paths have come
    for _ in range(50):
        best = ask(edge, "10.0.0.0/16", "best")
        if [s[1] for s in best] == ["pass", "pass"]:
            break
        edge.erouted.poll(0.1)
    assert {s[2].split(":")[0] for s in best} == {"best", "used beside it"}


def test_a_session_that_is_not_there(edge):
    edge.start(conf="")
    edge.erouted.configure(*edge.both())
    steps = ask(edge, "10.0.0.0/16", "inbound", peering="private")
    assert "router bgp" in steps[0][2]


def test_no_session_at_all_is_a_problem(edge):
    edge.start()
    edge.erouted.configure()
    edge.erouted.send(wire.ask_route(7, "10.0.0.0/16"), wire.ask_held(8, "nowhere"))
    edge.erouted.until(lambda: 8 in edge.erouted.answered)
    assert edge.erouted.answered[7] == ("no IPv4 session runs over BGP", [])
    assert "circuit nowhere has no private peering" in edge.erouted.answered[8][0]


def test_thousands_of_held_prefixes(edge):
    nets = ["172.%d.%d.0/24" % (20 + i // 250, i % 250) for i in range(3000)]
    edge.start(conf="router bgp 65001\n no bgp network import-check\n"
               " address-family ipv4 unicast\n%s exit-address-family\nexit\n"
               % "".join("  network %s\n" % n for n in nets))
    edge.bring_up(*edge.both(), wire.peering(limit=10), wire.priority("172.31.0.0/16", 7),
                  *[wire.advertise(n) for n in nets])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 2990, 20)
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 10)
    held = edge.erouted.ask(wire.ask_held, "c1")
    assert len({a["prefix"] for a in held}) == len(held) == 2990
    assert all(a["rule"] == "limit" and a["verdict"] == "refuse" for a in held)
    # those with priority are next
    first = [a["prefix"].startswith("172.31.") for a in held]
    assert first == sorted(first, reverse=True) and any(first)
    assert held[0]["text"].startswith("priority 7, number 1 in the queue: 10 of at most 10")
    again = edge.erouted.ask(wire.ask_held)
    assert [a["prefix"] for a in again] == [a["prefix"] for a in held]


def test_what_leads_elsewhere_is_named_and_nothing_else(edge):
    edge.start(conf="router bgp 65001\n no bgp network import-check\nexit\n")
    edge.bring_up(*edge.both(), wire.peering())
    edge.wait_up("primary", prefixes=2)
    edge.erouted.until(lambda: not edge.erouted.ask(wire.ask_elsewhere))
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast", "network 10.0.0.0/16")
    edge.erouted.until(lambda: edge.erouted.ask(wire.ask_elsewhere))
    only, = edge.erouted.ask(wire.ask_elsewhere)
    assert (only["prefix"], only["text"]) == ("10.0.0.0/16", "this router's own")
    assert only["session"][:3] == ("c1", "private", "ipv4") and only["stage"] == "best"
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast", "no network 10.0.0.0/16")
    edge.erouted.until(lambda: not edge.erouted.ask(wire.ask_elsewhere))


def test_an_operators_neighbor_whose_own_list_refuses(edge):
    edge.start()
    edge.ce.configure("ip prefix-list ONE permit 10.0.0.0/16", "route-map OUTBOUND deny 10")
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
                      "address-family ipv4 unicast",
                      "neighbor 172.16.1.2 soft-reconfiguration inbound",
                      "neighbor 172.16.1.2 route-map OUTBOUND out",
                      "neighbor 172.16.1.2 prefix-list ONE in")
    edge.erouted.configure(edge.session(1, mode="attached"))
    edge.wait_up("primary", prefixes=1)
    assert ask(edge, "10.0.0.0/16", "inbound", peering="private")[-1][0] == "local-preference"
    last = ask(edge, "10.1.0.0/16", "inbound", peering="private")[-1]
    assert last[:2] == ("none", "refuse") and "bgpd's own" in last[2]
    assert ask(edge, "192.168.1.0/24", "outbound", peering="private")[-1] == (
        "operator", "refuse", "route-map OUTBOUND denies")
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "no neighbor 172.16.1.2 route-map OUTBOUND out")
    edge.erouted.until(lambda: "ebgp-requires-policy" in ask(
        edge, "192.168.1.0/24", "outbound", peering="private")[-1][2])


def test_erouteds_question_who_lives_is_answered_at_any_time(microsoft):
    erouted = microsoft.erouted
    erouted.send(wire.ask_held(0, "?"))
    erouted.until(lambda: 0 in erouted.answered, 5, "an answer")
    # and by a module that has nothing to do
    erouted.answered.clear()
    erouted.configure()
    erouted.send(wire.ask_held(0, "?"))
    erouted.until(lambda: 0 in erouted.answered, 5, "an answer")
