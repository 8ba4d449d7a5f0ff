#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build-clippy.sh FRR-SOURCE INSTALLED-INCLUDES OUT
#
# Compiles OUT/clippy, FRR's CLI preprocessor, from FRR's unpacked source,
# without FRR's configure.  CC, CLIPPY_CFLAGS and CLIPPY_LIBS (python3-embed
# and libelf) come from the environment.
set -eu
source=$1 installed=$2 out=$3

mkdir -p "$out/lib"
cd "$out"
out=$PWD
cat >"$out/config.h" <<EOF
#define HAVE_ELF_GETDATA_RAWCHUNK 1
#define HAVE_GELF_GETNOTE 1
EOF
# the grammars name their headers lib/..., relative to where they are compiled
bison -d -Dapi.prefix='{cmd_yy}' -o lib/command_parse.c "$source/lib/command_parse.y"
flex -o lib/command_lex.c "$source/lib/command_lex.l"
flex -o lib/defun_lex.c "$source/lib/defun_lex.l"

set --
for file in jhash clippy command_graph command_py elf_py graph libfrr_trace memory typesafe vector; do
	set -- "$@" "$source/lib/$file.c"
done
# word splitting of the flags is meant
# shellcheck disable=SC2086
${CC:-cc} -std=gnu11 -g -O1 -w -DBUILDING_CLIPPY -DHAVE_CONFIG_H -D_GNU_SOURCE -fms-extensions \
	-I"$out" -I"$out/lib" -I"$source" -I"$source/lib" -I"$installed" -I"$installed/lib" \
	${CLIPPY_CFLAGS-} "$@" lib/command_parse.c lib/command_lex.c lib/defun_lex.c \
	-Wl,--export-dynamic ${CLIPPY_LIBS-} -o clippy.new
mv clippy.new clippy
