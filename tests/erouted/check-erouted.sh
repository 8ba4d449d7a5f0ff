#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run by make check in the build directory: erouted among real daemons.

"${PYTHON:-python3}" -c 'import pytest' 2>/dev/null || {
	echo "pytest is not installed"
	exit 77
}
[ "$(id -u)" = 0 ] || {
	echo "the daemons need root"
	exit 77
}
exec "${PYTHON:-python3}" -B -m pytest -q -p no:cacheprovider "$@" "${srcdir:-.}/tests/erouted"
