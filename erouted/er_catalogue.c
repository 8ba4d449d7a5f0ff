// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue in use; importing another.
 *
 * catalogue/ reads and writes the files.  Here one version of them is held,
 * and changes only with an import: what a filter means never changes unseen.
 */
#include <zebra.h>

#include <sys/stat.h>

#include "log.h"

#include "catalogue/er_catalogue_file.h"
#include "erouted/er_errors.h"
#include "erouted/erouted.h"

/* catalogue/ owns it */
static const struct er_catalogue *current;
static char problem[ER_TEXT_LEN];
static int64_t imported_wall;
static uint64_t version;

/* true: another one than was held */
static bool hold(void)
{
	uint64_t was = version;
	struct stat st;

	problem[0] = '\0';
	current = er_catalogue_current(problem, sizeof(problem));
	imported_wall = 0;
	if (er_catalogue_is_imported() && !stat(er_catalogue_imported_path(), &st))
		imported_wall = st.st_mtime;
	version = er_catalogue_version();
	return version != was;
}

/* What names mean goes with the catalogue, whoever has written it. */
static void hold_and_compile(void)
{
	if (!hold())
		return;
	er_policy_compile(true);
	er_channel_config_changed();
}

void er_communities_init(const char *builtin)
{
	er_catalogue_init(builtin, NULL);
	hold();
	if (problem[0])
		flog_warn(EC_ER_CATALOGUE_FILE, "communities: %s", problem);
}

void er_communities_fini(void)
{
	current = NULL;
	er_catalogue_fini();
}

const struct er_catalogue *er_communities(void)
{
	return current;
}

int64_t er_communities_imported(void)
{
	return imported_wall;
}

const char *er_communities_problem(void)
{
	return problem;
}

/*
 * The new catalogue, or NULL; *listed: how many communities the list itself
 * has.  A list that is to be added is read once alone for that.
 */
static struct er_catalogue *read_list(const char *path, bool extend, size_t *listed, char *text,
				      size_t len)
{
	struct er_catalogue *alone, *both;
	const struct er_catalogue *base;

	base = extend ? er_catalogue_current(NULL, 0) : er_catalogue_builtin(NULL, 0);
	alone = er_catalogue_read_file(path, base, false, text, len);
	if (!alone)
		return NULL;
	*listed = er_catalogue_count(alone);
	if (!extend)
		return alone;

	both = er_catalogue_read_file(path, base, true, text, len);
	er_catalogue_free(&alone);
	return both;
}

/* What an operator who is root may not expect. */
static bool path_fits(const char *path, char *text, size_t len)
{
	/* our working directory is nobody's */
	if (path[0] != '/') {
		snprintf(text, len, "'%s' is not a whole path: it has to begin with '/'", path);
		return false;
	}
	if (access(path, R_OK) < 0 && errno == EACCES) {
		snprintf(text, len, "%s: user %s may not read it", path, FRR_USER);
		return false;
	}
	return true;
}

bool er_communities_import(const char *path, bool extend, struct er_import *import)
{
	struct er_catalogue *list;
	bool stored;

	memset(import, 0, sizeof(*import));
	if (!path_fits(path, import->text, sizeof(import->text)))
		return false;
	list = read_list(path, extend, &import->listed, import->text, sizeof(import->text));
	stored = list && er_catalogue_store(er_catalogue_imported_path(), list, import->text,
					    sizeof(import->text));
	er_catalogue_free(&list);
	/* reading may have let go of what we held */
	hold_and_compile();
	if (!stored)
		return false;

	import->now = er_catalogue_count(current);
	_zlog_ecref(EC_ER_CATALOGUE_IMPORTED, LOG_NOTICE,
		    "communities: %zu imported from %s, %zu in the catalogue now", import->listed,
		    path, import->now);
	return true;
}
