# SPDX-License-Identifier: GPL-2.0-or-later
"""
Print the commands one of our binaries carries, as JSON.  Run by clippy:
  clippy list_notes.py FRR_SOURCE FILE
"""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(sys.argv[1], "python"))
from xrelfo import Xrelfo  # noqa: E402

xrefs = Xrelfo()
xrefs.load_elf(sys.argv[2], "file")
print(
    json.dumps(
        [
            {
                "string": spec["string"],
                "doc": spec["doc"],
                "nosh": "nosh" in spec.get("attrs", []),
                "nodes": sorted({n["node"] for n in spec.get("nodes", [])}),
            }
            for specs in xrefs["cli"].values()
            for spec in specs.values()
        ]
    )
)
