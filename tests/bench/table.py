# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tables to announce: one that was published (topotests/data), or one made up in
its shape: many prefixes over few sets of attributes, some sets large, most small.
"""

import csv
import random
from pathlib import Path

PUBLISHED = Path(__file__).resolve().parents[2] / "topotests/data/microsoft-peering-2025-10-08.csv"

# Prefix lengths and their shares in per cent, from a published table of 2025.
# What is shorter than a /20 there is one here, so that 100,000 are disjoint.
LENGTHS = {20: 16, 21: 3, 22: 4, 23: 9, 24: 24, 25: 5, 26: 9, 27: 10, 28: 8, 29: 4, 30: 2, 31: 2, 32: 4}


def attribute_sets(count, rng):
    """AS paths behind Microsoft's own AS, with communities: `count` different ones."""
    regions = range(51000, 51060)
    services = [None, *range(52000, 52060), *range(53000, 53060), *range(54000, 54060)]
    sets = {}
    while len(sets) < count:
        region, service = rng.choice(regions), rng.choice(services)
        behind = tuple(rng.sample(range(8068, 8076), rng.choice((0, 0, 1, 2))))
        communities = (region,) if service is None else (region, service)
        sets[(behind, communities)] = None
    return list(sets)


def prefixes(count, rng):
    """`count` disjoint prefixes, from 16.0.0.0 upwards."""
    address = 16 << 24
    for length in rng.choices(list(LENGTHS), LENGTHS.values(), k=count):
        size = 1 << (32 - length)
        address = (address + size - 1) // size * size
        yield f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}/{length}"
        address += size


def routes(count, sets, common=None, seed=1):
    """[(prefix, as path behind 12076, communities)], the same for the same arguments; all carry the common one."""
    rng = random.Random(seed)
    kinds = attribute_sets(sets, rng)
    weights = [1 / (rank + 10) for rank in range(sets)]
    drawn = rng.choices(kinds, weights, k=count)
    # every set occurs
    drawn[:sets] = kinds[:count]
    rng.shuffle(drawn)
    more = () if common is None else (common,)
    return [(prefix, behind, its + more) for prefix, (behind, its) in zip(prefixes(count, rng), drawn)]


def published(path=PUBLISHED):
    """The same of a published table: its IPv4 part, without the AS paths, which are not published."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if ":" not in row["prefix"]]
    return [(row["prefix"], (), tuple(int(c.split(":")[1]) for c in row["communities"].split())) for row in rows]
