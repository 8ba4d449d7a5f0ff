#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A module with one symbol that its daemon cannot resolve keeps the daemon from
# starting.  So each undefined symbol of $MODULES must be defined in the daemon
# it is for, or in a library of that daemon.  The sanitisers' own are excused:
# they are preloaded.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# defined FILE: the dynamic symbols FILE offers, without their versions
defined() {
	${NM:-nm} -D --defined-only "$1" | awk '{ sub(/@.*/, "", $NF); print $NF }'
}

for module in ${MODULES-}; do
	name=${module##*/}
	daemon=$FRR_SBINDIR/${name%%_*}
	{
		defined "$daemon"
		for library in $(ldd "$daemon" "$module" | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// && $1 !~ /:$/ { print $1 }' | sort -u); do
			defined "$library"
		done
	} | sort -u >"$work/defined"
	${NM:-nm} -D --undefined-only "$module" |
		awk '$1 == "U" { sub(/@.*/, "", $NF); print $NF }' |
		grep -Ev '^__(asan|ubsan|sanitizer)_' | sort -u >"$work/wanted" || :
	missing=$(comm -23 "$work/wanted" "$work/defined")
	if [ -n "$missing" ]; then
		echo "$module: $daemon does not offer:" "$missing"
		status=1
	else
		echo "$module: all of $(wc -l <"$work/wanted") symbols are found by $daemon"
	fi
done
exit $status
