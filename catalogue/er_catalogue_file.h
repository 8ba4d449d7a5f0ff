// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue's files.
 *
 * core/catalogue.h knows what a list of communities says; here it is read from
 * and written to disk.  Two files count:
 *
 *   built-in   communities.json, installed with the plugin, made at build time
 *              by make-catalogue.py from communities.csv, the published table
 *   imported   expressroute-communities.json in FRR's state directory, written
 *              by erouted when the operator imports a list; it stands in place
 *              of the built-in one
 *
 * erouted and mgmtd's module each keep the catalogue in memory and look at the
 * files' time, size and inode whenever it is asked for: what erouted imports,
 * mgmtd knows at the next command.  A broken imported file does not lose the
 * built-in one.
 *
 * Ownership: er_catalogue_current() and er_catalogue_builtin() lend; what they
 * return may be gone after the next call of either.  The catalogue that
 * er_catalogue_read_file() returns is the caller's (er_catalogue_free()).
 * A problem is one sentence without the final stop, at most ER_TEXT_LEN.
 */
#ifndef ER_CATALOGUE_FILE_H
#define ER_CATALOGUE_FILE_H

#include "core/catalogue.h"

/* Name of the imported file in FRR's state directory. */
#define ER_CATALOGUE_IMPORTED "expressroute-communities.json"

/*
 * Which files; nothing is read yet.  builtin NULL: as installed.  imported
 * NULL: ER_CATALOGUE_IMPORTED in FRR's state directory.
 */
void er_catalogue_init(const char *builtin, const char *imported);
void er_catalogue_fini(void);

/* Where er_catalogue_store() has to put an imported list. */
const char *er_catalogue_imported_path(void);

/*
 * The catalogue that is in force: the imported one, else the built-in one.
 * Read again when a file has changed.  `problem` (may be NULL) says why an
 * existing imported file or the built-in one does not count, else "".
 * NULL when there is none at all; every function of core/ takes that for an
 * empty catalogue.
 */
const struct er_catalogue *er_catalogue_current(char *problem, size_t len);
/* The built-in one alone: the base of what is imported in place of it. */
const struct er_catalogue *er_catalogue_builtin(char *problem, size_t len);
/* What er_catalogue_current() last returned is the imported one. */
bool er_catalogue_is_imported(void);
/* Grows whenever er_catalogue_current() has read a file again: compare after it. */
uint64_t er_catalogue_version(void);

/*
 * Read a list from a file of the operator's; base and extend as in
 * er_catalogue_parse().  NULL on a fault, which `problem` tells.
 */
struct er_catalogue *er_catalogue_read_file(const char *path, const struct er_catalogue *base,
					    bool extend, char *problem, size_t len);

/*
 * Write the catalogue to path, which then is either as before or complete,
 * whatever happens meanwhile.
 */
bool er_catalogue_store(const char *path, const struct er_catalogue *catalogue, char *problem,
			size_t len);

#endif /* ER_CATALOGUE_FILE_H */
