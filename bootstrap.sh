#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes configure and the Makefile.in, wherever it is called from.
set -e
cd "$(dirname "$0")"
exec autoreconf -is -Wall,no-override,no-portability
