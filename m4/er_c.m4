# SPDX-License-Identifier: GPL-2.0-or-later
# Compiler settings: those of FRR's own build that change meaning or warnings.

# ER_C_FLAG(FLAG): add FLAG to ER_CFLAGS when the compiler knows it.  Unknown
# -Wno-xxx flags are accepted in silence by gcc, so the positive form is tried.
AC_DEFUN([ER_C_FLAG], [
  AS_VAR_PUSHDEF([er_var], [er_cv_c_flag_$1])
  AC_CACHE_CHECK([whether $CC knows $1], [er_var], [
    er_save_cflags=$CFLAGS
    CFLAGS="-Werror -Wformat m4_bpatsubst([$1], [^-Wno-], [-W])"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [AS_VAR_SET([er_var], [yes])],
                      [AS_VAR_SET([er_var], [no])])
    CFLAGS=$er_save_cflags
  ])
  AS_VAR_IF([er_var], [yes], [ER_CFLAGS="$ER_CFLAGS $1"])
  AS_VAR_POPDEF([er_var])
])

AC_DEFUN([ER_C_DEFAULTS], [
  AC_REQUIRE([AC_PROG_CC])
  AS_IF([test -z "$user_cflags"], [CFLAGS="-g -O2"])
  ER_CFLAGS=
  ER_C_FLAG([-std=gnu11])
  # libercore and liberwire are linked into modules, too
  ER_C_FLAG([-fPIC])
  ER_C_FLAG([-fno-omit-frame-pointer])
  ER_C_FLAG([-funwind-tables])
  ER_C_FLAG([-Wall])
  ER_C_FLAG([-Wextra])
  ER_C_FLAG([-Wformat-nonliteral])
  ER_C_FLAG([-Wformat-security])
  ER_C_FLAG([-Wstrict-prototypes])
  ER_C_FLAG([-Wmissing-prototypes])
  ER_C_FLAG([-Wmissing-declarations])
  ER_C_FLAG([-Wpointer-arith])
  ER_C_FLAG([-Wwrite-strings])
  ER_C_FLAG([-Wundef])
  ER_C_FLAG([-Wimplicit-fallthrough])
  ER_C_FLAG([-Wshadow])
  # FRR's headers embed structs the Microsoft way, and mean it
  ER_C_FLAG([-Wno-microsoft-anon-tag])

  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [make every warning an error])])
  WERROR=
  AS_IF([test "$enable_werror" = yes],
        [WERROR="-Werror -Wno-error=deprecated-declarations"])
  AC_SUBST([ER_CFLAGS])
  AC_SUBST([WERROR])
])

# The sanitisers reach everything we build.  A module is loaded by a daemon
# that is not sanitised: that daemon must be started with libasan preloaded.
AC_DEFUN([ER_SANITIZERS], [
  AC_ARG_ENABLE([asan],
    [AS_HELP_STRING([--enable-asan], [build with AddressSanitizer])])
  AC_ARG_ENABLE([ubsan],
    [AS_HELP_STRING([--enable-ubsan],
                    [build with UndefinedBehaviorSanitizer, errors are fatal])])
  SAN_FLAGS=
  AS_IF([test "$enable_asan" = yes], [SAN_FLAGS="-fsanitize=address"])
  AS_IF([test "$enable_ubsan" = yes],
        [SAN_FLAGS="$SAN_FLAGS -fsanitize=undefined -fno-sanitize-recover=undefined"])
  AC_SUBST([SAN_FLAGS])
])
