#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make-catalogue.py TABLE.csv LIST.json

The published table of communities, in the form of Azure's own list: what
`az network route-filter rule list-service-communities` prints, and one key of
ours, geography.
"""

import csv
import json
import os
import sys


def community_name(row):
    """A region's community is named after the region alone."""
    if row["kind"] == "region":
        return row["region"]
    if row["kind"] == "region-service":
        return f"{row['service']} {row['region']}"
    return row["service"]


def services(rows):
    """One object per service, in the table's order."""
    found = {}
    for row in rows:
        service = found.setdefault(
            row["service"],
            {
                "name": row["service"].replace(" ", ""),
                "serviceName": row["service"],
                "bgpCommunities": [],
            },
        )
        community = {
            "serviceSupportedRegion": row["region"],
            "communityName": community_name(row),
            "communityValue": row["community"],
            "communityPrefixes": [],
            "isAuthorizedToUse": row["authorization"] != "auth",
            "serviceGroup": "Azure" if row["kind"] != "service" else "",
        }
        if row["geography"]:
            community["geography"] = row["geography"]
        service["bgpCommunities"].append(community)
    return list(found.values())


def main():
    table, target = sys.argv[1:]
    with open(table, encoding="utf-8", newline="") as file:
        listed = services(csv.DictReader(file))
    # whole or not at all: make takes what is there for finished
    with open(target + ".new", "w", encoding="utf-8") as file:
        json.dump(listed, file, indent=2)
        file.write("\n")
    os.replace(target + ".new", target)


if __name__ == "__main__":
    main()
