# SPDX-License-Identifier: GPL-2.0-or-later
"""
A real table on Microsoft peering: every prefix of Azure's published list of a
day (topotests/data), with its communities, announced by BIRD on both links of
two circuits.  What a route filter lets in is compared, prefix for prefix, with
what a few lines of Python compute from the same file and from the published
communities.  Then the next day's table comes, over the same sessions: the second
newest list when there are two, else one that another_day.py makes.
"""
import csv
import os
import pathlib
import re
import shutil

import pytest

import another_day
import er_lab
import scenery
from scenery import LINKS, MICROSOFT_AS, wait_for

HERE = pathlib.Path(__file__).resolve().parent
# the newest first: put another day's beside what is there, and that is tested
TABLES = sorted((HERE / "data").glob("microsoft-peering-*.csv"), reverse=True)
COMMUNITIES = HERE.parent / "catalogue" / "communities.csv"
OURS = {4: "198.51.100.0/24", 6: "2001:db8:c0::/48"}

# circuit -> its /29 and /125, VLAN
CIRCUITS = {
    "amsterdam": ({4: "203.0.113.0/29", 6: "2001:db8:f0::/125"}, 200),
    "frankfurt": ({4: "203.0.113.8/29", 6: "2001:db8:f0::8/125"}, 300),
}

BIRD_SOCKET = "/tmp/gearlogdir/bird.ctl"

pytestmark = pytest.mark.skipif(not shutil.which("bird"), reason="bird3 is not installed")


def halves(net):
    network = scenery.ipaddress.ip_network(net)
    return dict(zip(LINKS, (str(half) for half in network.subnets(prefixlen_diff=1))))


def address(circuit, role, family, number):
    return scenery.host(halves(CIRCUITS[circuit][0][family])[role], number)


#
# What must come in, from the files alone
#
def another_days_table():
    return another_day.read(TABLES[1]) if len(TABLES) > 1 else another_day.derive(ROUTES)


def published():
    with open(COMMUNITIES, encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return list(csv.DictReader(lines))


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


ROUTES, PUBLISHED = another_day.read(TABLES[0]), published()


def values(service=None, region=None):
    """The communities of a service, of a region, or of a service in a region."""
    if not service:
        return {r["community"] for r in PUBLISHED if r["kind"] == "region" and slug(r["region"]) == region}
    rows = [r for r in PUBLISHED if slug(r["service"]) == service]
    if region:
        return {r["community"] for r in rows if slug(r["region"]) == region}
    return {r["community"] for r in rows if r["kind"] == "service"} or {r["community"] for r in rows}


def expected(entries, routes=ROUTES):
    allowed = set().union(*(values(**entry) for entry in entries))
    return {prefix for prefix, communities in routes.items() if communities & allowed}


def line(service=None, region=None):
    words = ["allow"]
    words += ["service", service] if service else []
    words += ["region", region] if region else []
    return " ".join(words)


def is_family(prefix, family):
    return (":" in prefix) == (family == 6)


REGIONS = sorted({slug(r["region"]) for r in PUBLISHED if r["kind"] == "region" and r["peering"] == "microsoft"})
SERVICES = sorted({slug(r["service"]) for r in PUBLISHED if r["kind"] == "service"})
FILTERS = {
    "nothing": [],
    "one": [{"service": "microsoft-entra-id"}],
    "ten": [
        {"service": "storage"},
        {"service": "azure-resource-manager"},
        {"service": "azure-global-services"},
        {"service": "sql", "region": "east-us"},
        {"service": "sql", "region": "west-europe"},
        {"service": "azure-cosmos-db", "region": "north-europe"},
        {"service": "backup"},
        {"region": "france-central"},
        {"region": "japan-east"},
        {"region": "brazil-south"},
    ],
    "everything": [{"region": region} for region in REGIONS] + [{"service": service} for service in SERVICES],
}


#
# Microsoft's side and ours
#
def bird_conf(role, routes):
    parts = [f"router id {address('amsterdam', role, 4, 2)};", "protocol device {}"]
    for family in (4, 6):
        lines = []
        for prefix, communities in routes.items():
            if is_family(prefix, family):
                added = " ".join(f"bgp_community.add(({c.replace(':', ',')}));" for c in sorted(communities))
                lines.append(f"    route {prefix} unreachable {{ {added} }};")
        parts.append(f"protocol static microsoft{family} {{\n    ipv{family};\n" + "\n".join(lines) + "\n}")
        for name in CIRCUITS:
            parts.append(
                f"""protocol bgp {name}{family} {{
    local {address(name, role, family, 2)} as {MICROSOFT_AS};
    neighbor {address(name, role, family, 1)} as {scenery.CUSTOMER_AS};
    connect delay time 1;
    connect retry time 1;
    error wait time 1, 2;
    ipv{family} {{ import all; export where source = RTS_STATIC; next hop self; }};
}}"""
            )
    return "\n".join(parts)


def write_bird_conf(shell, role, routes):
    # thousands of lines: too long for a command line
    path = os.path.join(str(shell.gear.gearlogdir), "bird.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(bird_conf(role, routes))
    return path


def announce(lab, routes):
    """These from now on, on every session."""
    for role, msee in lab.msees.items():
        write_bird_conf(msee, role, routes)
        msee.sh(f"birdc -s {BIRD_SOCKET} configure")


def start_bird(shell, role):
    for name, (nets, _) in CIRCUITS.items():
        for family in nets:
            nodad = " nodad" if family == 6 else ""
            shell.sh(f"ip address add {scenery.on_interface(halves(nets[family])[role], 2)} dev ce{nodad}")
    path = write_bird_conf(shell, role, ROUTES)
    shell.sh(f"bird -c {path} -s {BIRD_SOCKET} -P /tmp/gearlogdir/bird.pid")


def circuits():
    lines = ["expressroute", " route-filter table", " exit-route-filter"]
    for name, (nets, vlan) in CIRCUITS.items():
        lines += [f" circuit {name}", "  peering microsoft", f"   vlan {vlan}", "   route-filter table"]
        lines += [f"   advertise {net}" for net in OURS.values()]
        for role, link in LINKS.items():
            lines += [f"   link {role}", f"    interface {link.msee}"]
            lines += [f"    ipv{family}-subnet {halves(net)[role]}" for family, net in nets.items()]
            lines.append("   exit-link")
        lines += ["  exit-peering", " exit-circuit"]
    return "\n".join(lines + ["exit-expressroute", "!"])


@pytest.fixture(scope="module")
def lab(request):
    ports = [
        scenery.interface_conf(
            link.msee,
            *(scenery.on_interface(halves(net)[role], 1) for nets, _ in CIRCUITS.values() for net in nets.values()),
        )
        for role, link in LINKS.items()
    ]
    bgp = scenery.ce_bgp(extra=["no bgp network import-check"])
    for family, net in OURS.items():
        line_of_ours = f"  network {scenery.ONPREM_NET[family]}"
        bgp = bgp.replace(line_of_ours, f"{line_of_ours}\n  network {net}")
    conf = scenery.frr_conf("ce", scenery.ce_interfaces(), *ports, bgp, circuits())
    with er_lab.running(request, ce_conf=conf, msees={"primary": None, "secondary": None}) as lab:
        for role, msee in lab.msees.items():
            start_bird(msee, role)
        yield lab


SESSIONS = [(name, role, family) for name in CIRCUITS for role in LINKS for family in (4, 6)]


def accepted(lab, name, role, family):
    peer = address(name, role, family, 2)
    out = lab.ce.show(f"show bgp ipv{family} unicast neighbors {peer} routes json")
    return set(out.get("routes", {}))


def microsoft_session(lab, name, role, family):
    return lab.circuit(name).session(role, f"ipv{family}", "microsoft")


def established(lab):
    return all(microsoft_session(lab, *session).get("state") == "established" for session in SESSIONS)


def resets(lab):
    count = {}
    for name, role, family in SESSIONS:
        peer = address(name, role, family, 2)
        neighbor = lab.ce.show(f"show bgp neighbors {peer} json")[peer]
        count[name, role, family] = (neighbor["connectionsEstablished"], neighbor["connectionsDropped"])
    return count


def counts_are(lab, want):
    """As the circuit's state tells, which is what the test waits on: the table itself is compared afterwards."""
    for name, role, family in SESSIONS:
        number = sum(is_family(prefix, family) for prefix in want)
        if microsoft_session(lab, name, role, family).get("acceptedPrefixes") != number:
            return False
    return True


def check(lab, entries, routes=ROUTES):
    want = expected(entries, routes)
    wait_for(lambda: counts_are(lab, want), f"{len(want)} prefixes on each session", 90, every=0.5)
    for session in SESSIONS:
        of_family = {prefix for prefix in want if is_family(prefix, session[2])}
        # the counts may have been right by chance while what has changed came in
        wait_for(lambda: accepted(lab, *session) == of_family, f"exactly those on {session}", 30, every=0.5)


def set_filter(lab, was, now):
    lines = ["expressroute", "route-filter table"]
    lines += [f"no {line(**entry)}" for entry in was if entry not in now]
    lines += [line(**entry) for entry in now if entry not in was]
    lab.configure("\n".join(lines))


def test_without_an_entry_nothing_comes_in(lab):
    wait_for(lambda: established(lab), "the sessions", 60)
    check(lab, FILTERS["nothing"])


@pytest.mark.parametrize("name", ["one", "ten", "everything"])
def test_filter_lets_in_exactly_what_it_names(lab, name):
    before = resets(lab)
    names = list(FILTERS)
    set_filter(lab, FILTERS[names[names.index(name) - 1]], FILTERS[name])
    check(lab, FILTERS[name])
    if name == "everything":
        assert expected(FILTERS[name]) == set(ROUTES)
    assert resets(lab) == before, "a filter's change resets no session"


def test_what_is_taken_back_goes(lab):
    before = resets(lab)
    set_filter(lab, FILTERS["everything"], FILTERS["ten"])
    check(lab, FILTERS["ten"])
    assert resets(lab) == before


def test_filter_tells_what_it_lets_in_and_refuses(lab):
    """The screen's counts are those of the files as well, once for each circuit."""

    def state():
        document = lab.ce.show("show expressroute route-filter table json")
        filters = document.get("routeFilter", document)
        return filters.get("table", filters).get("state", {})

    allowed = set().union(*(values(**entry) for entry in FILTERS["ten"]))
    carrying = {}
    for communities in ROUTES.values():
        for community in communities:
            carrying[community] = carrying.get(community, 0) + 1

    def told():
        found = state().get("allowed", {})
        entries = found.values() if isinstance(found, dict) else found
        return {entry["community"]: entry.get("accepted", 0) for entry in entries}

    want = {community: carrying.get(community, 0) * len(CIRCUITS) for community in allowed}
    wait_for(lambda: told() == want, "the counts of the allowed communities", 30, every=0.5)
    found = state().get("refused", {})
    refused = {e["community"]: e["refused"] for e in (found.values() if isinstance(found, dict) else found)}
    want = {}
    for communities in ROUTES.values():
        if not communities & allowed:
            for community in communities:
                want[community] = want.get(community, 0) + len(CIRCUITS)
    assert refused == want


def test_route_is_explained(lab):
    """One that is in and one that is not: the filter is named, with what it saw."""
    inside = next(p for p in expected(FILTERS["one"] + FILTERS["ten"]) if p in expected(FILTERS["ten"]) and ":" not in p)
    outside = next(p for p in ROUTES if p not in expected(FILTERS["ten"]) and ":" not in p)
    for prefix in (inside, outside):
        text = lab.ce.vtysh(f"show expressroute route {prefix}")
        for community in ROUTES[prefix]:
            assert community in text, text
        assert "amsterdam" in text and "frankfurt" in text
    assert "REFUSE" in lab.ce.vtysh(f"show expressroute route {outside}")


def test_another_days_table_comes_over_the_same_sessions(lab):
    before, day = resets(lab), another_days_table()
    assert len(day.keys() - ROUTES.keys()) > 100 and len(ROUTES.keys() - day.keys()) > 100
    assert sum(day[prefix] != ROUTES[prefix] for prefix in day.keys() & ROUTES.keys()) > 100
    announce(lab, day)
    check(lab, FILTERS["ten"], day)
    set_filter(lab, FILTERS["ten"], FILTERS["everything"])
    check(lab, FILTERS["everything"], day)
    set_filter(lab, FILTERS["everything"], FILTERS["one"])
    check(lab, FILTERS["one"], day)
    assert resets(lab) == before


def test_another_day_is_the_same_everywhere_and_another_seed_another_one():
    few = dict(list(ROUTES.items())[:500])
    assert another_day.derive(few) == another_day.derive(dict(reversed(few.items())))
    assert another_day.derive(few) != another_day.derive(few, seed="another")
