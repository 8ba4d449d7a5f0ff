#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run by make check in the build directory: our module in a stock mgmtd.

[ "$(id -u)" = 0 ] || {
	echo "mgmtd is started by root only"
	exit 77
}
[ -x "${FRR_SBINDIR:-/usr/lib/frr}/mgmtd" ] || {
	echo "mgmtd is not installed"
	exit 77
}
"${PYTHON:-python3}" -c 'import pytest' 2>/dev/null || {
	echo "pytest is not installed"
	exit 77
}
exec "${PYTHON:-python3}" -B -m pytest -q -p no:cacheprovider "$@" "${srcdir:-.}/tests/mgmtd"
