#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The figures that frr-expressroute promises, measured and compared with plain FRR.

Runs as root where FRR and frr-expressroute are installed and nothing else runs,
that is in the lab: lab/run bench.  Ratios of one run count, not its absolute
times; doc/developer/figures.rst says how each is measured.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import change as change_bench  # noqa: E402  pylint: disable=wrong-import-position
import cputime as cputime_bench  # noqa: E402  pylint: disable=wrong-import-position
import drain as drain_bench  # noqa: E402  pylint: disable=wrong-import-position
import failover as failover_bench  # noqa: E402  pylint: disable=wrong-import-position
import filter as filter_bench  # noqa: E402  pylint: disable=wrong-import-position
import latency as latency_bench  # noqa: E402  pylint: disable=wrong-import-position
import netconf as netconf_bench  # noqa: E402  pylint: disable=wrong-import-position
import overhead as overhead_bench  # noqa: E402  pylint: disable=wrong-import-position
import scale as scale_bench  # noqa: E402  pylint: disable=wrong-import-position

LATENCY_GOAL_MS = 5
CPU_GOAL = 1.05
BYTES_GOAL = 16
# of plain FRR's community-list with one entry; ours must not grow beyond it
FILTER_GOAL = 1.1
FILTER_MISSES_GOAL = 8
CHANGE_GOAL = 0.10

COLUMNS = ("figure", "ours", "plain FRR", "ratio", "goal", "")


def row(figure, ours, plain="", ratio="", goal="", passed=None):
    verdict = {None: "", True: "pass", False: "MISSED"}[passed]
    return (figure, ours, plain, ratio, goal, verdict)


def spread(values, form="{:.2f}"):
    """Median, and from lowest to highest."""
    low, middle, high = (form.format(f(values)) for f in (min, statistics.median, max))
    return f"{middle} ({low} .. {high})"


#
# One function per benchmark: it measures and returns rows
#
def latency(args):
    results = latency_bench.latency(args.repeat or 20, say=args.say)
    rows = []
    for measure, values in results.items():
        rows.append(row(
            f"session lost -> {latency_bench.WORDS[measure]}", spread(values) + " ms",
            goal=f"<= {LATENCY_GOAL_MS} ms", passed=statistics.median(values) <= LATENCY_GOAL_MS,
        ))  # fmt: skip
    return rows


def drain(args):
    results = drain_bench.drain(args.repeat or 3, say=args.say)

    def lost(name):
        samples = results[name]
        return f"{sum(s[1] for s in samples)} of {sum(s[0] for s in samples)}"

    def left(name):
        times = [s[2] for s in results[name]]
        return "never" if None in times else spread([t * 1000 for t in times], "{:.0f}") + " ms"

    rows = []
    for mode, plain in (
        ("active-passive", "plain, local-preference 200/100"),
        ("active-active", "plain, same local-preference"),
    ):
        ours = f"ours, {mode}"
        passed = not any(sample[1] for sample in results[ours])
        rows.append(row(f"drain, {mode}: packets lost", lost(ours), lost(plain), goal="0", passed=passed))
        rows.append(row(f"drain, {mode}: traffic has left after", left(ours), left(plain)))
    return rows


def overhead(args):
    counter = overhead_bench.Instructions if args.instructions else overhead_bench.CpuTime
    load = overhead_bench.Arguments(prefixes=args.prefixes, cputime_stats=not args.no_cputime_stats)
    results = overhead_bench.overhead(args.repeat or 3, load, counter, say=args.say)
    ours = results["ours"]
    rows = []
    for name, fair in (("route-map", True), ("no policy", False)):
        total = [sum(sum(results[who][phase]) for phase in overhead_bench.PHASES) for who in ("ours", name)]
        for phase in overhead_bench.PHASES:
            plain = results[name][phase]
            rows.append(row(
                f"bgpd, {phase}, against {name}",
                f"{statistics.median(ours[phase]) / counter.scale:.0f} {counter.unit}",
                f"{statistics.median(plain) / counter.scale:.0f} {counter.unit}",
                spread([a / b for a, b in zip(ours[phase], plain)], "{:.3f}"),
            ))  # fmt: skip
        ratio = total[0] / total[1]
        rows.append(row(
            f"bgpd, all of it, against {name}", *(f"{value / counter.scale:.0f} {counter.unit}" for value in total),
            f"{ratio:.3f}", *((f"<= {CPU_GOAL}", ratio <= CPU_GOAL) if fair else ()),
        ))  # fmt: skip
    if not args.instructions:
        per_prefix = [count / args.prefixes for count in ours["module"]]
        rows.append(row(
            "module's memory per prefix", spread(per_prefix, "{:.1f}") + " bytes",
            goal=f"<= {BYTES_GOAL} bytes", passed=max(per_prefix) <= BYTES_GOAL,
        ))  # fmt: skip
        rows.append(row("bgpd grows by", *(
            f"{statistics.median(results[name]['rss']) / 2**20:.1f} MiB" for name in ("ours", "route-map")
        )))  # fmt: skip
    return rows


def filters(args):
    rows = []
    for case, results in filter_bench.filters(args.prefixes, say=args.say).items():
        one = results["community-list"][1]
        for number in filter_bench.ENTRIES:
            ours, plain = (results[name][number] for name in filter_bench.VARIANTS)
            goal, passed = "", None
            if filter_bench.CASES[case][2]:
                goal, passed = f"<= {FILTER_GOAL} x {one:.0f}", ours <= FILTER_GOAL * one
                if number == max(filter_bench.ENTRIES):
                    goal += f", {FILTER_MISSES_GOAL} x fewer"
                    passed = passed and plain >= FILTER_MISSES_GOAL * ours
            rows.append(row(
                f"{case}: {number} entries", f"{ours:.0f} instructions", f"{plain:.0f}", f"{ours / plain:.3f}", goal, passed,
            ))  # fmt: skip
    return rows


def change(args):
    times, share = change_bench.cpu_time(args.prefixes, args.repeat or 5, say=args.say)
    counted = change_bench.instructions(args.prefixes, say=args.say)
    ours, plain = (times[name] for name in change_bench.VARIANTS)
    ratio = sum(ours) / sum(plain)
    rows = [row(
        f"{share:.1%} of {args.prefixes} prefixes change: bgpd's CPU",
        *(f"{statistics.median(values) / 1e6:.0f} ms" for values in (ours, plain)), f"{ratio:.3f}",
        f"<= {CHANGE_GOAL}", ratio <= CHANGE_GOAL,
    )]  # fmt: skip
    for which, word in enumerate(("allowed", "taken back")):
        ours, plain = (counted[name][which] for name in change_bench.VARIANTS)
        rows.append(row(f"{word}: prefixes through policy again", str(ours[0]), str(plain[0]), f"{ours[0] / plain[0]:.3f}"))
        rows.append(row(
            f"{word}: instructions", *(f"{got[1] / 1e6:.0f} M" for got in (ours, plain)), f"{ours[1] / plain[1]:.3f}",
        ))  # fmt: skip
    return rows


def cputime(args):
    results = cputime_bench.cputime(args.prefixes, args.repeat or 3, say=args.say)
    medians = {name: {key: statistics.median(v) / 1e6 for key, v in got.items()} for name, got in results.items()}
    ours, plain = (medians[name] for name in cputime_bench.VARIANTS)
    rows = [
        row(f"{args.prefixes} prefixes, {key} cputime-stats: bgpd's CPU", f"{ours[key]:.0f} ms", f"{plain[key]:.0f} ms", f"{ours[key] / plain[key]:.3f}")
        for key in cputime_bench.SERVICE
    ]  # fmt: skip
    saved = [spread([1 - a / b for a, b in zip(got["without"], got["with"])]) for got in results.values()]
    return rows + [row("without it, less by", *saved)]


def failover(args):
    results = failover_bench.failover(args.repeat or 3, args.counts, kind=args.tunnel, say=args.say)
    rows = []
    for (interval, count), samples in results.items():
        for kind in dict.fromkeys(kind for kind, _ in samples):
            ours, plain = (samples.get((kind, who)) for who in ("ours", "plain"))
            both = ours and plain
            gaps = [got and statistics.median(got.gaps) for got in (ours, plain)]
            rows.append(row(
                f"BFD {interval} x 3, {count} prefixes to the VPN by {kind}: gap after detection",
                *(spread(got.gaps, "{:.0f}") + " ms" if got else "" for got in (ours, plain)),
                *((f"{gaps[0] / gaps[1]:.2f}", "<= 1", gaps[0] <= gaps[1]) if both else ()),
            ))  # fmt: skip
            cpu = [got and statistics.median(got.cpu) for got in (ours, plain)]
            rows.append(row(
                "  bgpd's CPU", *(spread(got.cpu, "{:.0f}") + " ms" if got else "" for got in (ours, plain)),
                f"{cpu[0] / cpu[1]:.2f}" if both else "",
            ))  # fmt: skip
            rows.append(row(
                "  packets lost on the way back",
                *(str(sum(got.lost_on_return)) if got else "" for got in (ours, plain)),
                goal="0" if ours else "", passed=not any(ours.lost_on_return) if ours else None,
            ))  # fmt: skip
    return rows


def netconf(args):
    rows = []
    changes, (quiet, busy, took) = netconf_bench.measure(args.repeat or 3, say=args.say)
    for case, ways in changes.items():
        for name, words in (("seconds", "by NETCONF and by vtysh"), ("cpu", "CPU of all daemons")):
            ours, plain = ([getattr(cost, name) for cost in ways[way]] for way in netconf_bench.WAYS)
            ratio = statistics.median(ours) / statistics.median(plain)
            rows.append(row(f"{case}: {words}", spread(ours) + " s", spread(plain) + " s", f"{ratio:.3f}"))
        for daemon in ("netconfd", "mgmtd"):
            grown = [statistics.median(cost.memory[daemon] for cost in ways[way]) for way in netconf_bench.WAYS]
            rows.append(row(f"{case}: {daemon}'s peak grows by", *(f"{size / 2**20:.1f} MiB" for size in grown)))
    rows.append(row(f"{netconf_bench.READERS} readers, nobody writes", spread([t * 1000 for t in quiet], "{:.0f}") + " ms"))
    rows.append(row(
        f"{netconf_bench.READERS} readers during a commit of {took:.2f} s", spread([t * 1000 for t in busy], "{:.0f}") + " ms",
        goal="none waits for its end", passed=max(busy) < took,
    ))  # fmt: skip
    return rows


def scale(args):
    results = scale_bench.scale(args.circuits, say=args.say)
    few, many = min(args.circuits), max(args.circuits)
    rows = []
    for count in args.circuits:
        ours, plain = (results[variant][count] for variant in scale_bench.VARIANTS)
        what = f"{count} circuits, {count * 4} sessions"
        rows.append(row(f"{what}: start to redundant", *(f"{r.started[0]:.1f} s" for r in (ours, plain)),
                        f"{ours.started[0] / plain.started[0]:.2f}"))  # fmt: skip
        rows.append(row(f"{what}: link lost -> notification", spread(ours.lost, "{:.0f}") + " ms"))
        rows.append(row(f"{what}: erouted killed -> all known", f"{ours.restarted:.1f} s"))
        for daemon in scale_bench.DAEMONS:
            rest = [r.rest.get(daemon) for r in (ours, plain)]
            size = [r.rss.get(daemon) for r in (ours, plain)]
            rows.append(row(f"{what}: {daemon} at rest, CPU", *(f"{v:.2f} ms/s" if v is not None else "" for v in rest)))
            rows.append(row(f"{what}: {daemon}, memory", *(f"{v / 2**20:.1f} MiB" if v else "" for v in size)))
    ours = results["ours"]
    growth = many / few
    for figure, value in (
        ("start", lambda r: r.started[0]),
        ("link lost -> notification", lambda r: statistics.median(r.lost)),
        ("CPU at rest of erouted and bgpd", lambda r: r.rest["erouted"] + r.rest["bgpd"]),
        ("memory of erouted", lambda r: r.rss["erouted"]),
    ):
        ratio = value(ours[many]) / value(ours[few])
        rows.append(row(f"{figure}: {many} against {few} circuits", "", "", f"{ratio:.1f}", f"<= {growth:.0f}", ratio <= growth))
    return rows


BENCHES = {
    "latency": latency, "drain": drain, "overhead": overhead, "filter": filters, "change": change, "cputime": cputime,
    "failover": failover, "netconf": netconf, "scale": scale,
}  # fmt: skip


def show(rows):
    widths = [max(len(line[i]) for line in (COLUMNS, *rows)) for i in range(len(COLUMNS))]
    for line in (COLUMNS, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", nargs="?", default="all", choices=[*BENCHES, "all"])
    parser.add_argument("--repeat", type=int, help="how often (latency: 20, change: 5, others: 3)")
    parser.add_argument("--prefixes", type=int, default=100_000, help="size of the made-up table")
    parser.add_argument(
        "--instructions", action="store_true",
        help="overhead: count instructions with valgrind instead of CPU time: slow, but exact on a busy machine",
    )  # fmt: skip
    parser.add_argument(
        "--no-cputime-stats", action="store_true",
        help="overhead: with `no service cputime-stats`, which takes half of what a route-map costs",
    )  # fmt: skip
    parser.add_argument("--counts", type=int, nargs="+", default=failover_bench.COUNTS, help="failover: numbers of prefixes")
    parser.add_argument("--circuits", type=int, nargs="+", default=scale_bench.CIRCUITS, help="scale: numbers of circuits")
    parser.add_argument("--tunnel", choices=["wireguard", "ipsec"], default="wireguard", help="failover: through which")
    parser.add_argument("--quiet", action="store_true", help="print the table only")
    args = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("needs root, to make network namespaces")
    args.say = (lambda text: None) if args.quiet else (lambda text: print(text, flush=True))

    rows = []
    begin = time.monotonic()
    for name, bench in BENCHES.items():
        if args.bench in (name, "all"):
            args.say(f"{name}:")
            rows += bench(args)
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs, {time.monotonic() - begin:.0f} s\n")
    show(rows)
    return 1 if any(line[-1] == "MISSED" for line in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
