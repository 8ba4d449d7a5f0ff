# SPDX-License-Identifier: GPL-2.0-or-later
"""
What `service cputime-stats`, on by default, adds to receiving a table: bgpd then
asks the kernel for its CPU time before and after each route-map.
"""

from filter import VARIANTS, Filtered, size
from stage import Stage

SERVICE = {"with": True, "without": False}
# both halves of the table, so that neither accepting nor refusing hides it
ALLOWED = [f"12076:{region}" for region in range(51000, 51060, 2)]


def cputime(prefixes, repeat, say=print):
    """{variant: {with or without: [nanoseconds of bgpd while the table came in]}}"""
    results = {name: {key: [] for key in SERVICE} for name in VARIANTS}
    announced = (prefixes, min(3000, prefixes))
    for turn in range(repeat):
        with Stage("cputime") as stage:
            for name in VARIANTS:
                for key, on in SERVICE.items():
                    variant = Filtered(stage, name, announced, keeps=True, cputime_stats=on, label=key)
                    variant.start()
                    variant.allow(ALLOWED)
                    before = variant.bgpd().cpu_ns()
                    variant.announce()
                    results[name][key].append(variant.bgpd().cpu_ns() - before)
                    if not 0 < variant.accepted() < size(announced):
                        raise RuntimeError(f"{name}: {variant.accepted()} prefixes accepted")
                    say(f"  {turn + 1}/{repeat} {name}, {key}: {results[name][key][-1] / 1e6:.0f} ms")
                    variant.stop()
    return results
