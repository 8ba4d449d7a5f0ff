# SPDX-License-Identifier: GPL-2.0-or-later
# A package, so that tests here and in tests/ may have the same names.
