# SPDX-License-Identifier: GPL-2.0-or-later
# What building vtysh takes beyond FRR's headers and source.

AC_DEFUN([ER_VTYSH], [
  AC_REQUIRE([ER_FRR])
  ER_FRR_ARG([er_vtysh_bindir], [bindir], [$er_frr_prefix/bin])
  FRR_VTYSH=$er_vtysh_bindir/vtysh
  AS_IF([test -r "$FRR_VTYSH"], [], [
    AC_MSG_ERROR([$FRR_VTYSH is missing: FRR's own vtysh says which daemons it was built with.ER_INSTALL_HINT([--reinstall frr], [frr])])])

  AC_CHECK_HEADER([readline/history.h], [], [
    AC_MSG_ERROR([readline's headers are missing: vtysh needs them.ER_INSTALL_HINT([libreadline-dev], [readline-devel])])],
    [#include <stdio.h>])
  VTYSH_LIBS=-lreadline
  AS_CASE(["$er_frr_args"], [*--with-libpam\'*|*--with-libpam=yes*], [
    AC_CHECK_HEADER([security/pam_misc.h], [], [
      AC_MSG_ERROR([PAM's headers are missing: this FRR's vtysh asks PAM.ER_INSTALL_HINT([libpam0g-dev], [pam-devel])])])
    VTYSH_LIBS="$VTYSH_LIBS -lpam -lpam_misc"])
  AC_SUBST([FRR_VTYSH])
  AC_SUBST([VTYSH_LIBS])
])
