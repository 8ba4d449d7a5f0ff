# SPDX-License-Identifier: GPL-2.0-or-later
# Finding FRR: the installed one, its upstream source, and clippy.

# The oldest FRR with dynamic mgmtd backends and with frr.pc
m4_define([ER_FRR_MINIMUM], [10.6])

AC_DEFUN([ER_INSTALL_HINT], [
  Debian, Ubuntu:  apt-get install $1
  Fedora, EL:      dnf install $2])

# ER_FRR_ARG(VARIABLE, OPTION, DEFAULT): what the installed FRR's own configure
# was given as --OPTION=, last one wins, ${prefix} and the like expanded.
AC_DEFUN([ER_FRR_ARG], [
  $1=`printf '%s\n' "$er_frr_args" | tr "'" '\n' | sed -n 's/^--$2=//p' | tail -n 1`
  AS_IF([test -z "[$]$1"], [$1="$3"])
  $1=`prefix=$er_frr_prefix exec_prefix=$er_frr_prefix; eval echo "\"[$]$1\""`
])

AC_DEFUN([ER_FRR], [
  AC_MSG_CHECKING([for FRR by pkg-config])
  AS_IF([$PKG_CONFIG --exists frr], [], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([FRR's headers and frr.pc are missing.
  Needed: FRR >= ER_FRR_MINIMUM and its development package of the same version.
  Debian, Ubuntu:  apt-get install frr frr-dev
  Fedora, EL:      FRR's own RPMs have no development files any more: build FRR
                   from its source and 'make install' it
  An FRR in a place of its own: set PKG_CONFIG_PATH to where its frr.pc is.])])
  FRR_INCLUDEDIR=`$PKG_CONFIG --variable=includedir frr`
  er_version_h=$FRR_INCLUDEDIR/lib/version.h
  AS_IF([test -r "$er_version_h"], [], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([$er_version_h is missing: frr.pc is there, FRR's headers are not.ER_INSTALL_HINT([--reinstall frr-dev], [frr-devel])])])
  FRR_VERSION=`sed -n 's/^#define FRR_VER_SHORT *"\(.*\)".*/\1/p' "$er_version_h"`
  er_frr_args=`sed -n 's/^#define FRR_CONFIG_ARGS *"\(.*\)".*/\1/p' "$er_version_h"`
  AC_MSG_RESULT([$FRR_VERSION])

  AS_VERSION_COMPARE([$FRR_VERSION], ER_FRR_MINIMUM, [
    AC_MSG_ERROR([FRR $FRR_VERSION is too old: ER_FRR_MINIMUM is the first with mgmtd backends that are not compiled in.
  Install FRR >= ER_FRR_MINIMUM and its development package (Debian 14 or newer, or FRR's own repository).])])
  # 10.7.1 becomes 100701; a -dev or -rc suffix does not count
  FRR_VERSION_NUMBER=`printf '%s\n' "$FRR_VERSION" | sed 's/[[^0-9.]].*//' | awk -F. '{ printf "%d", $[]1 * 10000 + $[]2 * 100 + $[]3 }'`

  PKG_CHECK_MODULES([LIBYANG], [libyang >= 2.1.128], [], [
    AC_MSG_ERROR([libyang's headers are missing: FRR's northbound needs them.ER_INSTALL_HINT([libyang-dev], [libyang-devel])])])
  PKG_CHECK_MODULES([JSON_C], [json-c], [], [
    AC_MSG_ERROR([json-c's headers are missing: FRR's vty headers need them.ER_INSTALL_HINT([libjson-c-dev], [json-c-devel])])])
  FRR_CFLAGS=`$PKG_CONFIG --cflags-only-other frr`
  AC_CHECK_HEADER([sys/capability.h], [], [
    AC_MSG_ERROR([libcap's headers are missing: FRR's privs.h needs them.ER_INSTALL_HINT([libcap-dev], [libcap-devel])])])

  er_frr_prefix=/usr
  ER_FRR_ARG([er_frr_prefix], [prefix], [/usr/local])
  AS_IF([test "$prefix" = NONE], [prefix=$er_frr_prefix])

  moduledir=`$PKG_CONFIG --variable=moduledir frr | tr -d '"'`
  FRR_MODULEDIR=$moduledir
  ER_FRR_ARG([FRR_LIBDIR], [libdir], [${moduledir%/modules}])
  AS_IF([test -e "$FRR_LIBDIR/libfrr.so.0"], [],
        [FRR_LIBDIR=`dirname "$moduledir"`])
  AS_IF([test -e "$FRR_LIBDIR/libfrr.so.0"], [], [
    AC_MSG_ERROR([libfrr.so.0 is not in $FRR_LIBDIR: FRR's headers are installed, FRR itself is not.ER_INSTALL_HINT([frr], [frr])])])
  FRR_LIBS="-L$FRR_LIBDIR -Wl,-rpath,$FRR_LIBDIR -l:libfrr.so.0"

  ER_FRR_ARG([frrsbindir], [sbindir], [$er_frr_prefix/sbin])
  ER_FRR_ARG([yangmodelsdir], [with-yangmodelsdir], [$er_frr_prefix/share/yang])
  FRR_SBINDIR=$frrsbindir
  FRR_MODULEDIR=$moduledir
  AC_ARG_WITH([daemondir],
    [AS_HELP_STRING([--with-daemondir=DIR], [where erouted goes, default: beside FRR's daemons])],
    [frrsbindir=$withval])
  AC_ARG_WITH([moduledir],
    [AS_HELP_STRING([--with-moduledir=DIR], [where the modules go, default: FRR's module directory])],
    [moduledir=$withval])
  AC_ARG_WITH([yangmodelsdir],
    [AS_HELP_STRING([--with-yangmodelsdir=DIR], [where the YANG model goes, default: beside FRR's])],
    [yangmodelsdir=$withval])

  ER_FRR_ARG([FRR_USER], [enable-user], [frr])
  ER_FRR_ARG([FRR_GROUP], [enable-group], [frr])
  ER_FRR_ARG([FRR_VTY_GROUP], [enable-vty-group], [])

  AC_DEFINE_UNQUOTED([ER_FRR_VERSION], ["$FRR_VERSION"], [the FRR this is built for])
  AC_DEFINE_UNQUOTED([ER_FRR_VERSION_NUMBER], [$FRR_VERSION_NUMBER],
                     [the same as major * 10000 + minor * 100 + patch])
  AC_DEFINE_UNQUOTED([FRR_USER], ["$FRR_USER"], [user FRR runs as])
  AC_DEFINE_UNQUOTED([FRR_GROUP], ["$FRR_GROUP"], [group FRR runs as])
  AS_IF([test -n "$FRR_VTY_GROUP"],
        [AC_DEFINE_UNQUOTED([VTY_GROUP], ["$FRR_VTY_GROUP"], [group that may use vtysh])])

  dnl FRR's headers see our config.h: what follows decides the layout of FRR's
  dnl structs.  MULTIPATH_NUM belongs here, too, but frr.pc brings it.
  dnl HAVE_PROC_NET_DEV stays undefined: it and HAVE_NETLINK exclude each other.
  AC_DEFINE([_GNU_SOURCE], [1], [as FRR])
  AC_DEFINE([GNU_LINUX], [1], [as FRR])
  AC_DEFINE([HAVE_NETLINK], [1], [as FRR on Linux; changes struct layouts])
  AC_DEFINE([HAVE_NETNS], [1], [as FRR on Linux])
  AC_DEFINE([USE_EPOLL], [1], [as FRR on Linux])
  AS_CASE(["$er_frr_args"], [*--disable-bgp-vnc\'*], [],
          [AC_DEFINE([ENABLE_BGP_VNC], [1], [bgpd was built with VNC; changes struct layouts])])
  AS_CASE(["$er_frr_args"], [*--enable-config-rollbacks*],
          [AC_DEFINE([HAVE_SQLITE3], [1], [FRR was built with rollbacks; changes struct layouts])])
  AS_CASE(["$FRR_CFLAGS"], [*-DMULTIPATH_NUM=*], [], [
    AC_MSG_ERROR([frr.pc does not name MULTIPATH_NUM; without it struct layouts would not match.])])

  AC_SUBST([FRR_VERSION])
  AC_SUBST([FRR_INCLUDEDIR])
  AC_SUBST([FRR_CFLAGS])
  AC_SUBST([FRR_LIBDIR])
  AC_SUBST([FRR_MODULEDIR])
  AC_SUBST([FRR_LIBS])
  AC_SUBST([FRR_SBINDIR])
  AC_SUBST([FRR_MODULEDIR])
  AC_SUBST([FRR_USER])
  AC_SUBST([FRR_GROUP])
  AC_SUBST([FRR_VTY_GROUP])
  AC_SUBST([frrsbindir])
  AC_SUBST([moduledir])
  AC_SUBST([yangmodelsdir])
])

# bgpd's headers, vtysh's sources, clippy and the topotest framework are in no
# package: they come from the upstream source of exactly the installed version.
AC_DEFUN([ER_FRR_SOURCE], [
  AC_ARG_WITH([frr-source],
    [AS_HELP_STRING([--with-frr-source=DIR],
       [unpacked upstream source of the installed FRR; tools/fetch-frr-source.sh gets it])])
  AC_MSG_CHECKING([for the upstream source of FRR $FRR_VERSION])
  er_cache=${FRR_EXPRESSROUTE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/frr-expressroute}
  AS_CASE(["$with_frr_source"],
    [yes|no|""], [er_candidates="/usr/src/frr/frr-$FRR_VERSION /usr/src/frr-$FRR_VERSION $er_cache/frr-$FRR_VERSION"],
    [er_candidates=$with_frr_source])
  FRR_SOURCE= er_seen=
  for er_dir in $er_candidates; do
    test -r "$er_dir/configure.ac" || continue
    er_found=`sed -n 's/^AC[[_]]INIT(.frr., *.\([[0-9]][[^,]]*\)., .*/\1/p' "$er_dir/configure.ac"`
    AS_IF([test "$er_found" = "$FRR_VERSION" &&
           test -r "$er_dir/bgpd/bgpd.h" && test -r "$er_dir/python/clidef.py"],
          [FRR_SOURCE=`cd "$er_dir" && pwd`; break],
          [er_seen="$er_seen
  $er_dir holds ${er_found:+FRR }${er_found:-no FRR source}"])
  done
  AS_IF([test -z "$FRR_SOURCE"], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([the source of exactly FRR $FRR_VERSION was not found in: $er_candidates$er_seen
  Get it with:  tools/fetch-frr-source.sh        (Debian; puts it into $er_cache)
  or unpack FRR's release $FRR_VERSION and say:  --with-frr-source=DIR])])
  AC_MSG_RESULT([$FRR_SOURCE])
  AC_SUBST([FRR_SOURCE])
])

# What building FRR's own CLI preprocessor takes (tools/build-clippy.sh).
AC_DEFUN([ER_CLIPPY], [
  AS_IF([test "$YACC" = "bison -y" || test "$YACC" = bison], [],
    [AC_MSG_ERROR([bison is missing: FRR's command parser needs it.ER_INSTALL_HINT([bison], [bison])])])
  AS_IF([test "$LEX" = flex], [],
    [AC_MSG_ERROR([flex is missing: FRR's command parser needs it.ER_INSTALL_HINT([flex], [flex])])])
  PKG_CHECK_MODULES([PYEMBED], [python3-embed], [], [
    AC_MSG_ERROR([Python's headers are missing: clippy needs them.ER_INSTALL_HINT([python3-dev], [python3-devel])])])
  PKG_CHECK_MODULES([LIBELF], [libelf], [], [
    AC_MSG_ERROR([libelf's headers are missing: clippy needs them.ER_INSTALL_HINT([libelf-dev], [elfutils-libelf-devel])])])
])
