# SPDX-License-Identifier: GPL-2.0-or-later
# frr-netconfd is built where libnetconf2 is, unless --disable-netconfd.

AC_DEFUN([ER_NETCONFD], [
  AC_ARG_ENABLE([netconfd],
    [AS_HELP_STRING([--disable-netconfd], [do not build the NETCONF server, default: build it when libnetconf2 is found])],
    [], [enable_netconfd=auto])
  er_netconfd=no
  AS_IF([test "$enable_netconfd" != no], [
    PKG_CHECK_MODULES([LIBNETCONF2], [libnetconf2 >= 4.0], [er_netconfd=yes], [
      AS_IF([test "$enable_netconfd" = yes], [
        AC_MSG_ERROR([libnetconf2 4.0 or newer is missing: frr-netconfd needs it.ER_INSTALL_HINT([libnetconf2-dev], [libnetconf2-devel])])])
    ])
  ])
  NETCONF2_YANG_DIR=
  AS_IF([test $er_netconfd = yes], [
    NETCONF2_YANG_DIR=`$PKG_CONFIG --variable=LN2_SCHEMAS_DIR libnetconf2`
    AS_IF([test -z "$NETCONF2_YANG_DIR"],
          [NETCONF2_YANG_DIR=`$PKG_CONFIG --variable=prefix libnetconf2`/share/yang/modules/libnetconf2])
    AS_IF([test -r "$NETCONF2_YANG_DIR/ietf-netconf-monitoring@2010-10-04.yang"], [], [
      AC_MSG_ERROR([libnetconf2's models are not in $NETCONF2_YANG_DIR.])])
  ])
  AC_SUBST([NETCONF2_YANG_DIR])
  AM_CONDITIONAL([NETCONFD], [test $er_netconfd = yes])
])
