# SPDX-License-Identifier: GPL-2.0-or-later
"""
Put FRR's own vtysh sources, changed in a few guarded places, into the build
tree, and write beside them what FRR's configure would have told them.

Run by clippy, for its ELF reader:
  clippy adapt.py --frr-source DIR --frr-include DIR --vtysh FILE --out DIR

The set of daemons is read from the command notes of the installed vtysh, so
it is that of the distribution's build and not a guess.
"""

import argparse
import os
import re
import shlex
import sys


def die(text):
    sys.stderr.write("adapt.py: " + text + "\n")
    sys.exit(1)


def replace_once(name, text, anchor, make_new):
    """Replace the only match of anchor; anything else is another FRR."""
    found = list(re.finditer(anchor, text, re.M))
    if len(found) != 1:
        die(
            "%s: expected exactly one place matching %r, found %d: "
            "this vtysh differs from the one known" % (name, anchor, len(found))
        )
    match = found[0]
    return text[: match.start()] + make_new(match) + text[match.end() :]


# file -> [(anchor, replacement from the match)]
CHANGES = {
    "vtysh.h": [
        (
            r"^(extern struct vtysh_client vtysh_client)\[(\d+)\];$",
            lambda m: "%s[%d];" % (m.group(1), int(m.group(2)) + 1),
        ),
        (
            r"^#endif /\* VTYSH_H \*/$",
            lambda m: '#include "vtysh/er_vtysh.h"\n\n' + m.group(0),
        ),
    ],
    "vtysh.c": [
        (
            r'^\t\{\.name = "watchfrr", \.flag = VTYSH_WATCHFRR\},$',
            lambda m: '\t{.name = "erouted", .flag = VTYSH_EROUTED},\n' + m.group(0),
        ),
        (
            r"^DEFINE_MTYPE_STATIC\(MVTYSH, VTYSH_CMD, .*\);$",
            lambda m: "#define fprintf er_vtysh_fprintf\n\n" + m.group(0),
        ),
        (
            r"^(\t{5}cmd_stat = )vtysh_client_execute\(\n\t{6}&vtysh_client\[i\], vty->buf\);$",
            lambda m: m.group(1)
            + "er_vtysh_send_line(vtysh_client_execute,\n"
            + "\t\t\t\t\t\t&vtysh_client[i], cmd, vty);",
        ),
    ],
    "vtysh_main.c": [
        (
            r'^#include "vtysh/vtysh_user\.h"$',
            lambda m: m.group(0)
            + "\n\n#define add_history(line) add_history(er_vtysh_public(line))",
        ),
        (
            r'^\tfprintf\(logfile, "%s:%s %s\\n", tod, user, line\);$',
            lambda m: m.group(0).replace("line", "er_vtysh_public(line)"),
        ),
    ],
    "vtysh_config.c": [
        (
            r'^#include "vtysh/vtysh_user\.h"$',
            lambda m: m.group(0)
            + "\n\n#define vtysh_config_parse_line er_vtysh_stock_config_parse_line"
            + "\n#define vtysh_config_dump er_vtysh_stock_config_dump",
        ),
        (
            r"^\tret = vtysh_read_file\(confp, dry_run\);$",
            lambda m: "\ter_vtysh_reads(config_file_path);\n" + m.group(0),
        ),
    ],
    "vtysh_user.c": [],
    "vtysh_user.h": [],
}


def write_if_changed(path, text):
    """Keep the time stamp of what stays the same, to spare compilations."""
    try:
        with open(path, encoding="utf-8") as fd:
            if fd.read() == text:
                return
    except FileNotFoundError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as fd:
        fd.write(text)


def copy_sources(frr_source, out):
    for name, changes in CHANGES.items():
        path = os.path.join(frr_source, "vtysh", name)
        try:
            with open(path, encoding="utf-8") as fd:
                text = fd.read()
        except OSError as e:
            die("%s: %s" % (path, e.strerror))
        for anchor, make_new in changes:
            text = replace_once(path, text, anchor, make_new)
        write_if_changed(os.path.join(out, "vtysh", name), text)


def daemons_of(vtysh):
    """The daemons the installed vtysh was configured with, in its order."""
    import xrelfo

    xrelfo.elf_notes = False  # vtysh has the section, but no note: no warning
    xrefs = xrelfo.Xrelfo()
    xrefs.load_elf(vtysh, "vtysh/vtysh")
    for spec in xrefs["cli"].get("vtysh_show_work_queues_daemon_cmd", {}).values():
        match = re.fullmatch(r"show work-queues <([a-z0-9|]+)>", spec["string"])
        if match:
            return [d for d in match.group(1).split("|") if d != "erouted"]
    return die("%s: no list of daemons in its command notes" % vtysh)


def daemons_header(daemons):
    return (
        '#define DAEMONS_LIST "<%s>"\n' % "|".join(daemons)
        + '#define DAEMONS_STR "%s"\n'
        % "".join("For the %s daemon\\n" % d for d in daemons)
    )


def configure_arguments(frr_include):
    """The arguments of the installed FRR's configure, as a dictionary."""
    path = os.path.join(frr_include, "lib", "version.h")
    with open(path, encoding="utf-8") as fd:
        match = re.search(r'^#define FRR_CONFIG_ARGS "(.*)"$', fd.read(), re.M)
    if match is None:
        die("%s: no FRR_CONFIG_ARGS" % path)
    words = shlex.split(match.group(1).replace('\\"', '"'))
    return dict(word.partition("=")[::2] for word in words)


def build_header(daemons, args):
    """What vtysh's sources expect from FRR's config.h and ours need not have."""
    macros = {"HAVE_" + d.upper(): "1" for d in daemons}
    macros["HAVE_APPEND_HISTORY"] = "1"
    macros["HAVE_RL_CLEAR_VISIBLE_LINE"] = "1"
    macros["VTYSH_PAGER"] = '"%s"' % args.get("--with-vtysh-pager", "more")
    macros["CONFIGFILE_MASK"] = args.get("--enable-configfile-mask", "0600")
    if args.get("--with-libpam", "no") != "no":
        macros.update(
            USE_PAM="1", HAVE_PAM_MISC_H="1", PAM_CONV_FUNC="misc_conv"
        )
    return "/* written by vtysh/adapt.py */\n" + "".join(
        "#ifndef %s\n#define %s %s\n#endif\n" % (name, name, value)
        for name, value in sorted(macros.items())
    )


def main():
    argp = argparse.ArgumentParser()
    argp.add_argument("--frr-source", required=True)
    argp.add_argument("--frr-include", required=True)
    argp.add_argument("--vtysh", required=True)
    argp.add_argument("--out", required=True)
    args = argp.parse_args()

    sys.dont_write_bytecode = True  # the source may be anybody's
    sys.path.insert(0, os.path.join(args.frr_source, "python"))
    copy_sources(args.frr_source, args.out)
    daemons = daemons_of(args.vtysh)
    write_if_changed(
        os.path.join(args.out, "lib", "vtysh_daemons.h"),
        daemons_header(daemons + ["erouted"]),
    )
    write_if_changed(
        os.path.join(args.out, "er_vtysh_build.h"),
        build_header(daemons, configure_arguments(args.frr_include)),
    )


if __name__ == "__main__":
    main()
