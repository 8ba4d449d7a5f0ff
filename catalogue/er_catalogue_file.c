// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of catalogues: see er_catalogue_file.h. */
#include <zebra.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/libfrr.h"
#include "lib/memory.h"

#include "catalogue/er_catalogue_file.h"

DEFINE_MGROUP(ER_CATALOGUE_FILES, "ExpressRoute catalogue files");
DEFINE_MTYPE_STATIC(ER_CATALOGUE_FILES, ER_CATALOGUE_TEXT, "ExpressRoute catalogue text");

/* What tells that a file is another than the one that was read. */
struct stamp {
	bool exists;
	dev_t dev;
	ino_t inode;
	off_t size;
	struct timespec modified;
};

/* One of the two files, and what was read of it. */
struct kept_file {
	char path[PATH_MAX];
	bool looked; /* stamp, catalogue and problem are of a read */
	struct stamp stamp;
	struct er_catalogue *catalogue;
	char problem[ER_TEXT_LEN];
};

static struct kept_file builtin_file, imported_file;
static uint64_t version;

/* ------------------------------------------------------------------ *
 * reading
 * ------------------------------------------------------------------ */

/* O_NONBLOCK: opening a FIFO must not wait for its other end. */
static int open_regular(const char *path, size_t *size, char *problem, size_t len)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(problem, len, "%s: %s", path, safe_strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		snprintf(problem, len, "%s is a directory", path);
	} else if (!S_ISREG(st.st_mode)) {
		snprintf(problem, len, "%s is not a regular file", path);
	} else if (st.st_size > (off_t)ER_CATALOGUE_MAX) {
		snprintf(problem, len, "%s has %lld bytes, at most %u (%u MB) are read", path,
			 (long long)st.st_size, ER_CATALOGUE_MAX, ER_CATALOGUE_MAX >> 20);
	} else {
		*size = st.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Up to size bytes; -1: errno says why not. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, text + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += n;
	}
	return got;
}

struct er_catalogue *er_catalogue_read_file(const char *path, const struct er_catalogue *base,
					    bool extend, char *problem, size_t len)
{
	struct er_catalogue *catalogue = NULL;
	char fault[ER_TEXT_LEN], *text;
	ssize_t got;
	size_t size;
	int fd;

	problem[0] = '\0';
	fd = open_regular(path, &size, problem, len);
	if (fd < 0)
		return NULL;
	text = XMALLOC(MTYPE_ER_CATALOGUE_TEXT, size + 1);
	got = read_all(fd, text, size);
	if (got < 0) {
		snprintf(problem, len, "%s: %s", path, safe_strerror(errno));
	} else {
		catalogue = er_catalogue_parse(text, got, base, extend, fault, sizeof(fault));
		if (!catalogue)
			snprintf(problem, len, "%s: %s", path, fault);
	}
	close(fd);
	XFREE(MTYPE_ER_CATALOGUE_TEXT, text);
	return catalogue;
}

/* ------------------------------------------------------------------ *
 * writing
 * ------------------------------------------------------------------ */

static bool write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		size -= n;
	}
	return true;
}

/* The rename survives a power failure once its directory is on the disk. */
static bool sync_directory(const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	bool ok;
	int fd;

	if (slash)
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path + 1), path);
	fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

/* 0644: mgmtd reads what erouted has written. */
static bool write_temporary(int fd, const char *text)
{
	bool ok = fchmod(fd, 0644) == 0 && write_all(fd, text, strlen(text)) && fsync(fd) == 0;
	int error = errno;

	if (close(fd) < 0 && ok)
		return false;
	errno = error;
	return ok;
}

bool er_catalogue_store(const char *path, const struct er_catalogue *catalogue, char *problem,
			size_t len)
{
	char temporary[PATH_MAX], *text;
	bool ok;
	int fd;

	problem[0] = '\0';
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary)) {
		snprintf(problem, len, "%.100s... is too long a path", path);
		return false;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		snprintf(problem, len, "%s: %s", path, safe_strerror(errno));
		return false;
	}
	text = er_catalogue_print(catalogue);
	ok = write_temporary(fd, text) && rename(temporary, path) == 0;
	if (!ok) {
		snprintf(problem, len, "%s: %s", path, safe_strerror(errno));
		unlink(temporary);
	} else if (!sync_directory(path)) {
		ok = false;
		snprintf(problem, len, "%s is written, but perhaps not on the disk yet: %s", path,
			 safe_strerror(errno));
	}
	free(text);
	return ok;
}

/* ------------------------------------------------------------------ *
 * the catalogue in force
 * ------------------------------------------------------------------ */

static void file_forget(struct kept_file *file)
{
	er_catalogue_free(&file->catalogue);
	memset(file, 0, sizeof(*file));
}

void er_catalogue_fini(void)
{
	file_forget(&builtin_file);
	file_forget(&imported_file);
}

void er_catalogue_init(const char *builtin, const char *imported)
{
	er_catalogue_fini();
	strlcpy(builtin_file.path, builtin ? builtin : ER_CATALOGUE_FILE,
		sizeof(builtin_file.path));
	if (imported)
		strlcpy(imported_file.path, imported, sizeof(imported_file.path));
	else
		snprintf(imported_file.path, sizeof(imported_file.path), "%s/%s", frr_libstatedir,
			 ER_CATALOGUE_IMPORTED);
}

const char *er_catalogue_imported_path(void)
{
	return imported_file.path;
}

static struct stamp stamp_of(const char *path)
{
	struct stamp stamp;
	struct stat st;

	/* compared as bytes: padding, too */
	memset(&stamp, 0, sizeof(stamp));
	if (stat(path, &st) == 0) {
		stamp.exists = true;
		stamp.dev = st.st_dev;
		stamp.inode = st.st_ino;
		stamp.size = st.st_size;
		stamp.modified = st.st_mtim;
	}
	return stamp;
}

static bool stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->exists == b->exists && a->dev == b->dev && a->inode == b->inode &&
	       a->size == b->size && a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

/* Read the file again when it is another, or when its base is. */
static bool file_refresh(struct kept_file *file, const struct er_catalogue *base, bool base_changed)
{
	struct stamp stamp = stamp_of(file->path);

	if (file->looked && !base_changed && stamp_same(&stamp, &file->stamp))
		return false;
	er_catalogue_free(&file->catalogue);
	file->problem[0] = '\0';
	if (stamp.exists || file == &builtin_file)
		file->catalogue = er_catalogue_read_file(file->path, base, false, file->problem,
							 sizeof(file->problem));
	file->stamp = stamp;
	file->looked = true;
	version++;
	return true;
}

static void refresh(void)
{
	bool changed = file_refresh(&builtin_file, NULL, false);

	file_refresh(&imported_file, builtin_file.catalogue, changed);
}

static void tell(const char *text, char *problem, size_t len)
{
	if (problem)
		strlcpy(problem, text, len);
}

const struct er_catalogue *er_catalogue_builtin(char *problem, size_t len)
{
	refresh();
	tell(builtin_file.problem, problem, len);
	return builtin_file.catalogue;
}

const struct er_catalogue *er_catalogue_current(char *problem, size_t len)
{
	refresh();
	tell(*imported_file.problem ? imported_file.problem : builtin_file.problem, problem, len);
	return imported_file.catalogue ? imported_file.catalogue : builtin_file.catalogue;
}

bool er_catalogue_is_imported(void)
{
	return imported_file.catalogue != NULL;
}

uint64_t er_catalogue_version(void)
{
	return version;
}
