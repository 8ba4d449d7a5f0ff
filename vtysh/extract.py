# SPDX-License-Identifier: GPL-2.0-or-later
"""
Write vtysh's command tables from the command notes that every FRR binary,
stripped or not, carries: those of the installed FRR and those of ours.

Run by clippy, for its ELF reader and its command parser:
  clippy extract.py --frr-source DIR --sbindir DIR --libdir DIR --moduledir DIR
                    --nodes er_nodes.h [--ours DAEMON=FILE]... FILE.c...

FRR's generator decides by the *directory* of a binary which daemon a command
is sent to, so every file is given the name it had in FRR's build tree.
"""

import argparse
import filecmp
import glob
import os
import re
import sys

# daemons that are built in another one's directory
DAEMON_DIR = {"fabricd": "isisd", "pim6d": "pimd"}
# modules whose name does not start with their daemon's
MODULE_DAEMON = {"dplane_fpm_nl": "zebra"}
# libraries with commands that belong to one daemon
LIBRARY_DAEMON = {"libmgmt_be_nb": "mgmtd"}
# how our daemons leave a node; vtysh has these of its own (er_vtysh_nodes.c)
LEAVING = re.compile(r"(exit(-[a-z-]+)?|quit|end)")


def die(text):
    sys.stderr.write("extract.py: " + text + "\n")
    sys.exit(1)


def is_frrs_daemon(path, frr_source):
    """Ours and other people's may be installed beside FRR's."""
    name = os.path.basename(path)
    if not os.path.isdir(os.path.join(frr_source, DAEMON_DIR.get(name, name))):
        return False
    with open(path, "rb") as fd:
        return fd.read(4) == b"\x7fELF"


def installed_binaries(sbindir, libdir, moduledir, frr_source):
    """(real file, name in FRR's build tree) of everything with commands."""
    daemons = []
    for path in sorted(glob.glob(os.path.join(sbindir, "*"))):
        if not is_frrs_daemon(path, frr_source):
            continue
        name = os.path.basename(path)
        daemons.append(name)
        yield path, "%s/%s" % (DAEMON_DIR.get(name, name), name)

    for path in sorted(glob.glob(os.path.join(libdir, "lib*.so.0"))):
        name = os.path.basename(path)[: -len(".so.0")]
        yield path, "%s/%s.so" % (LIBRARY_DAEMON.get(name, "lib"), name)

    for path in sorted(glob.glob(os.path.join(moduledir, "*.so"))):
        name = os.path.basename(path)[: -len(".so")]
        if name.endswith("_expressroute"):  # ours, of an earlier installation
            continue
        daemon = MODULE_DAEMON.get(name, name.partition("_")[0])
        if daemon in daemons:
            yield path, "%s/%s.so" % (daemon, name)
        else:
            sys.stderr.write("extract.py: %s left out: whose is it?\n" % path)


def our_nodes(path, node_type_max):
    """number -> name of the nodes in mgmtd/er_nodes.h"""
    with open(path, encoding="utf-8") as fd:
        enum = re.search(r"enum er_node_type \{(.*?)\}", fd.read(), re.S)
    names = re.sub(r"/\*.*?\*/", "", enum.group(1), flags=re.S) if enum else ""
    first = re.match(r"\s*(\w+)\s*=\s*NODE_TYPE_MAX\s*\+\s*(\d+)\s*,", names)
    if first is None:
        die("%s: no enum er_node_type from NODE_TYPE_MAX + n" % path)
    rest = names[first.end() :].replace(",", " ").split()
    base = node_type_max + int(first.group(2))
    return {base + i: n for i, n in enumerate([first.group(1)] + rest)}


def load(xrefs, path, origin):
    """Add one installed binary; those without commands have no notes."""
    try:
        xrefs.load_elf(path, origin)
    except ValueError as e:
        if origin == "lib/libfrr.so":
            die("%s: %s" % (path, e))


def load_ours(xrefs, path, origin):
    """The same with one of ours, which has notes even if it has no command."""
    xrefs.note_warn = False
    xrefs.load_elf(path, origin)
    if xrefs.note_warn:
        die("%s: no command notes" % path)


def path_in_frr(path, frr_source):
    """The longest tail of a path that is a file in FRR's source tree.

    The compiler saw ../lib/x.c or /build/frr/lib/x.c, as the packager pleased.
    """
    parts = path.split("/")
    for start in range(len(parts)):
        tail = os.path.join(*parts[start:])
        if not tail.startswith("../") and os.path.exists(os.path.join(frr_source, tail)):
            return tail
    return path.lstrip("./")


def set_source_paths(xrefs, frr_source, origins):
    """FRR's generator knows lib/ by its place below FRR's source tree."""
    for specs in xrefs["cli"].values():
        for origin, spec in specs.items():
            if "defun" not in spec:
                continue
            path = spec["defun"]["file"]
            if origin in origins:  # must not look like FRR's lib/
                path = os.path.join("/expressroute", path)
            else:
                path = os.path.join(frr_source, path_in_frr(path, frr_source))
            spec["defun"]["file"] = path


def keep_own_leaving(xrefs, origins):
    """exit-... is in vtysh's own node table: not a second time from notes."""
    for specs in xrefs["cli"].values():
        for origin, spec in specs.items():
            if origin in origins and LEAVING.fullmatch(spec.get("string", "")):
                spec.setdefault("attrs", []).append("nosh")


def name_nodes(NodeDict, xrefs, er_nodes_h, origins):
    NodeDict.load_nodenames()
    names = NodeDict.nodenames
    node_type_max = next(k for k, v in names.items() if v == "NODE_TYPE_MAX")
    ours = our_nodes(er_nodes_h, node_type_max)
    names.update(ours)
    for name, specs in xrefs["cli"].items():
        for origin, spec in specs.items():
            for node in spec.get("nodes", []):
                number = node["node"]
                if origin in origins and number >= node_type_max:
                    if number not in ours:
                        die("%s: node %d is not in er_nodes.h" % (name, number))


def main():
    argp = argparse.ArgumentParser()
    argp.add_argument("--frr-source", required=True)
    argp.add_argument("--sbindir", required=True)
    argp.add_argument("--libdir", required=True)
    argp.add_argument("--moduledir", required=True)
    argp.add_argument("--nodes", required=True)
    argp.add_argument("--ours", action="append", default=[], metavar="DAEMON=FILE")
    argp.add_argument("output", nargs="+")
    args = argp.parse_args()

    sys.dont_write_bytecode = True  # the source may be anybody's
    sys.path.insert(0, os.path.join(args.frr_source, "python"))
    from xref2vtysh import CommandEntry, NodeDict
    from xrelfo import Xrelfo

    xrefs = Xrelfo()
    for path, origin in installed_binaries(
        args.sbindir, args.libdir, args.moduledir, args.frr_source
    ):
        load(xrefs, path, origin)
    ours = set()
    for item in args.ours:
        daemon, _, path = item.partition("=")
        is_module = ".so" in os.path.basename(path)
        origin = "%s/%s" % (daemon, daemon + "_expressroute.so" if is_module else daemon)
        load_ours(xrefs, path, origin)
        ours.add(origin)

    set_source_paths(xrefs, args.frr_source, ours)
    keep_own_leaving(xrefs, ours)
    name_nodes(NodeDict, xrefs, args.nodes, ours)

    fds = [open(name + ".tmp", "w", encoding="utf-8") for name in args.output]
    for fd in fds:
        fd.write("#define vtysh_init_cmd er_vtysh_init_tables\n")
    CommandEntry.run(xrefs, list(fds))
    for fd in fds:
        fd.close()
        name = fd.name[: -len(".tmp")]
        # compiling takes longer than this: keep the time of what is the same
        if os.path.exists(name) and filecmp.cmp(fd.name, name, shallow=False):
            os.remove(fd.name)
        else:
            os.replace(fd.name, name)


if __name__ == "__main__":
    main()
