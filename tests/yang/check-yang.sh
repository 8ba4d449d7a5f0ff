#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run by make check: the model and its example instances.

command -v yanglint >/dev/null || {
	echo "yanglint is not installed"
	exit 77
}
"${PYTHON:-python3}" -c 'import pytest' 2>/dev/null || {
	echo "pytest is not installed"
	exit 77
}
exec "${PYTHON:-python3}" -B -m pytest -q -p no:cacheprovider "$@" "${srcdir:-.}/tests/yang"
