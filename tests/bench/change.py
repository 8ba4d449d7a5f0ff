# SPDX-License-Identifier: GPL-2.0-or-later
"""
What it costs to allow one service more, or one less, while a whole table is there.

The filter allows half of the services; the one that comes and goes is carried by
about one prefix in a hundred.  Plain FRR, with the same communities in a
community-list and soft-reconfiguration inbound, runs its route-map for the whole
table again.  Both keep what they receive.
"""

from collections import Counter

import table
from filter import VARIANTS, Filtered, inbound
from overhead import Callgrind, callgrind_total, under_callgrind
from stage import Stage

SERVICES = range(52000, 55000)


def choose(prefixes, sets):
    """(services that are allowed all the time, the one that comes and goes, how many prefixes carry it)"""
    count = Counter(c for route in table.routes(prefixes, sets) for c in route[2] if c in SERVICES)
    toggled = min(count, key=lambda service: abs(count[service] - prefixes / 100))
    allowed = [service for service in sorted(count)[::2] if service != toggled]
    return [f"12076:{service}" for service in allowed], f"12076:{toggled}", count[toggled]


def changes(variant, toggled, repeat):
    """Allow it, take it back, and so on; yields after each change's name what is to be measured."""
    for _ in range(repeat):
        yield "more", lambda: variant.allow([toggled])
        yield "less", lambda: variant.allow([toggled], "no")


def prepared(stage, name, prefixes, allowed, **how):
    variant = Filtered(stage, name, (prefixes, min(3000, prefixes)), keeps=True)
    variant.start(**how)
    variant.allow(allowed)
    variant.announce()
    return variant


def check(variant, base, change, carrying):
    got, want = variant.accepted(), base + (carrying if change == "more" else 0)
    if got != want:
        raise RuntimeError(f"{variant.name}: {got} accepted instead of {want}")
    variant.settle()


def cpu_time(prefixes, repeat, say=print):
    """{variant: [nanoseconds of bgpd per change]}; changes at the same place followed each other."""
    allowed, toggled, carrying = choose(prefixes, min(3000, prefixes))
    results = {name: [] for name in VARIANTS}
    with Stage("change") as stage:
        variants = [prepared(stage, name, prefixes, allowed) for name in VARIANTS]
        base = [variant.accepted() for variant in variants]
        if len(set(base)) != 1:
            raise RuntimeError(f"{base} accepted")
        for steps in zip(*(changes(variant, toggled, repeat) for variant in variants)):
            for variant, (change, step) in zip(variants, steps):
                before = variant.bgpd().cpu_ns()
                step()
                results[variant.name].append(variant.bgpd().cpu_ns() - before)
                check(variant, base[0], change, carrying)
                say(f"  {variant.name}, one service {change}: {results[variant.name][-1] / 1e6:.1f} ms")
        for variant in variants:
            variant.stop()
    return results, carrying / prefixes


def instructions(prefixes, say=print):
    """{variant: [(prefixes evaluated again, instructions of bgpd) per change]}"""
    allowed, toggled, carrying = choose(prefixes, min(3000, prefixes))
    results = {}
    for name in VARIANTS:
        with Stage("change") as stage:
            variant = prepared(stage, name, prefixes, allowed, **under_callgrind(stage))
            base, results[name] = variant.accepted(), []
            for change, step in changes(variant, toggled, 1):
                with Callgrind(stage, variant.bgpd()) as counted:
                    step()
                again, _ = inbound(counted.path)
                results[name].append((again, callgrind_total(counted.path)))
                check(variant, base, change, carrying)
                say(f"  {name}, one service {change}: {again} prefixes, {results[name][-1][1] / 1e6:.1f} M instructions")
            variant.stop()
    return results
