#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fetch-frr-source.sh [-v VERSION] [DIR]
#
# Debian and its kin: gets the upstream source of the installed FRR from the
# archive that apt already knows, and unpacks it as DIR/frr-VERSION.  DIR is by
# default where configure looks for it.
set -eu

die() {
	echo "fetch-frr-source.sh: $*" >&2
	exit 1
}

version=
while getopts v: option; do
	case $option in
	v) version=$OPTARG ;;
	*) die "usage: fetch-frr-source.sh [-v VERSION] [DIR]" ;;
	esac
done
shift $((OPTIND - 1))
dir=${1:-${FRR_EXPRESSROUTE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/frr-expressroute}}

if [ -z "$version" ]; then
	package=$(dpkg-query -W -f '${Version}' frr-dev 2>/dev/null) ||
		die "frr-dev is not installed: apt-get install frr-dev, or name the version with -v"
	version=${package#*:}
	version=${version%-*}
fi
if [ -d "$dir/frr-$version" ]; then
	echo "$dir/frr-$version is already there"
	exit 0
fi
# shellcheck disable=SC2016
apt-get indextargets --format '$(CREATED_BY)' | grep -q '^Sources$' ||
	die "apt knows no source packages: add a deb-src line (or deb-src to Types:) and run apt-get update"

mkdir -p "$dir"
work=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
# the .dsc is not needed, and not every mirror has it
(cd "$work" && apt-get source --download-only --tar-only -qq "frr=${package:-$version}") ||
	die "apt-get source found no frr ${package:-$version}"
mkdir "$work/unpacked"
tar -C "$work/unpacked" --strip-components=1 --no-same-owner -xf "$work"/frr_"$version"*.orig.tar.* ||
	die "no upstream archive of frr $version came"
mv "$work/unpacked" "$dir/frr-$version"
echo "$dir/frr-$version"
