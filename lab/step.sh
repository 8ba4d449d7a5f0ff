# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by lab/'s scripts: how they report progress and failure.

die() {
	printf 'lab: %s\n' "$*" >&2
	exit 1
}

# step LOG NAME TEXT PROGRAM...: one line of progress, with the time it took.
# PROGRAM's output goes to LOG; its end is shown if it fails.  PROGRAM is no
# shell function: set -e would not hold in one whose failure is looked at.
step() {
	local log=$1 name=$2 text=$3 begin=$EPOCHREALTIME status=0
	shift 3
	printf '%-10s %-54s ' "$name" "$text"
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [ $status -ne 0 ]; then
		printf 'failed\n'
		# what make says about a failed sibling is not the news
		grep -v '^make' "$log" | tail -n 30 | sed 's/^/    /'
		return $status
	fi
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.1f s\n", b - a }'
}
