// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every difference between the FRR versions we build for, and nothing else.
 *
 * Included after <zebra.h>.  configure found the FRR at hand and wrote
 * ER_FRR_VERSION ("10.7.1") and ER_FRR_VERSION_NUMBER (100701) into config.h.
 * A difference becomes a macro or an inline function here, named after what
 * the newest FRR calls it, so that the rest of the tree is written for the
 * newest FRR only.
 */
#ifndef _FRR_EXPRESSROUTE_COMPAT_H
#define _FRR_EXPRESSROUTE_COMPAT_H

#define ER_FRR_AT_LEAST(major, minor) (ER_FRR_VERSION_NUMBER >= (major) * 10000 + (minor) * 100)

#if !ER_FRR_AT_LEAST(10, 6)
#error "FRR 10.6 is the first with mgmtd backends that are not compiled in"
#endif

/* struct layouts depend on these: configure takes them from the FRR at hand */
#if !defined(MULTIPATH_NUM) || defined(HAVE_PROC_NET_DEV)
#error "config.h does not fit FRR's headers"
#endif

#endif /* _FRR_EXPRESSROUTE_COMPAT_H */
