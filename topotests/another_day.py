#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""another_day.py TABLE.csv OTHER.csv [SEED]

Another day's table, made from a published one.  Real lists of Azure's prefixes
differ from week to week by a few per cent: prefixes come and go, are given to
another region or service, are announced in halves.  So here, by what a hash of
seed and prefix says, the same on every machine:

    3 %   are gone
    2 %   carry the communities of another prefix
    2 %   have lost one of their communities, or have one of another prefix as well
    2 %   are announced as two halves
    2 %   have a new neighbor, the next prefix of their size

A list of another day that was really published can be put into topotests/data
instead (test_microsoft_table.py).
"""
import csv
import hashlib
import ipaddress
import sys

SEED = "2025-10-15"


def read(path):
    """{prefix: set of communities}"""
    with open(path, encoding="utf-8", newline="") as file:
        return {row["prefix"]: set(row["communities"].split()) for row in csv.DictReader(file)}


def write(path, routes):
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["prefix", "communities"])
        for prefix in sorted(routes, key=lambda p: (":" in p, ipaddress.ip_network(p))):
            table.writerow([prefix, " ".join(sorted(routes[prefix]))])


def draw(seed, what, below):
    """A number, 0 to below - 1"""
    return int.from_bytes(hashlib.sha256(f"{seed} {what}".encode()).digest()[:8], "big") % below


def halves(prefix):
    network = ipaddress.ip_network(prefix)
    longest = 32 if network.version == 4 else 64
    return [str(half) for half in network.subnets()] if network.prefixlen < longest else [prefix]


def neighbor(prefix):
    """None where there is none on the internet"""
    network = ipaddress.ip_network(prefix)
    after = int(network.broadcast_address) + 1
    if after >> network.max_prefixlen:
        return None
    following = type(network)((after, network.prefixlen))
    return str(following) if following.is_global and not following.is_multicast else None


def retag(seed, prefix, communities, other):
    """One less, or one of another's when there is only one."""
    if len(communities) == 1:
        return communities | {sorted(other)[draw(seed, "gains " + prefix, len(other))]}
    return communities - {sorted(communities)[draw(seed, "loses " + prefix, len(communities))]}


def derive(routes, seed=SEED):
    prefixes, day = sorted(routes), {}
    for prefix in prefixes:
        communities = routes[prefix]
        other = routes[prefixes[draw(seed, "other " + prefix, len(prefixes))]]
        lot, becomes = draw(seed, prefix, 100), [prefix]
        if lot < 3:
            continue
        if lot < 5:
            communities = other
        elif lot < 7:
            communities = retag(seed, prefix, communities, other)
        elif lot < 9:
            becomes = [half for half in halves(prefix) if half == prefix or half not in routes]
        elif lot < 11:
            following = neighbor(prefix)
            becomes += [following] if following and following not in routes else []
        for each in becomes:
            day.setdefault(each, set(communities))
    return day


def main(source, target, seed=SEED):
    routes = read(source)
    write(target, derive(routes, seed))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
