#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# frr-headers.sh FRR-SOURCE INSTALLED-INCLUDES OUT
#
# Makes OUT, an include directory with what the installed headers lack: the
# directories of bgpd and mgmtd, and the few of lib/ that are not installed.
# The installed ones of lib/ always win: distributions patch them.
set -eu
source=$1 installed=$2 out=$3

rm -rf "$out"
mkdir -p "$out/lib/printf"
for dir in bgpd mgmtd; do
	mkdir "$out/$dir"
	for header in "$source/$dir"/*.h; do
		ln -s "$header" "$out/$dir/"
	done
done
for header in "$source"/lib/*.h "$source"/lib/printf/*.h; do
	name=${header#"$source"/}
	[ -e "$installed/$name" ] || ln -s "$header" "$out/$name"
done
