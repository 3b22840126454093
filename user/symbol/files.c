// SPDX-License-Identifier: Apache-2.0
#include "symbol/files.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "symbol/elf.h"
#include "symbol/root.h"

#define FILES_MAX 65536 /* that are remembered, open or not */
#define BYTES_MAX (256u << 20) /* of all symbols: targets choose what is in their files */

/* In linux/fs/, not for programs. */
#define CEPH_MAGIC 0x00c36400
#define LUSTRE_MAGIC 0x0bd00bd0

struct file {
	struct space_file id;
	int fd; /* -1: not open */
	enum symbol_lack lack; /* SYMBOL_LACKS: none */
	bool looked; /* at its symbols */
	struct elf_symbols *symbols; /* NULL: none */
	char path[];
};

struct symbol_files {
	size_t n, max, count;
	size_t bytes; /* that symbols take */
	size_t lacks[SYMBOL_LACKS];
	void *tree; /* of tsearch() */
};

struct key {
	const struct space_file *id;
	const char *path;
};

static int compare(const struct space_file *a, const char *path, const struct space_file *b,
		   const char *other)
{
	int rc = memcmp(a, b, sizeof(*a)); /* there is nothing between fields */

	return rc ? rc : strcmp(path, other);
}

static int by_identity(const void *a, const void *b)
{
	const struct file *l = a, *r = b;

	return compare(&l->id, l->path, &r->id, r->path);
}

static int by_key(const void *key, const void *file)
{
	const struct key *l = key;
	const struct file *r = file;

	return compare(l->id, l->path, &r->id, r->path);
}

static struct file *find(const struct symbol_files *f, const struct space_map *map)
{
	const struct key key = { &map->file, map->path };
	struct file **file = (struct file **)tfind(&key, &f->tree, by_key);

	return file ? *file : NULL;
}

int symbol_files_open(size_t max, struct symbol_files **ret)
{
	struct symbol_files *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->max = max;
	*ret = f;
	return 0;
}

static void lacks(struct symbol_files *f, struct file *file, enum symbol_lack why)
{
	if (file->lack < SYMBOL_LACKS)
		f->lacks[file->lack]--;
	file->lack = why;
	if (why < SYMBOL_LACKS)
		f->lacks[why]++;
}

static struct file *file_made(struct symbol_files *f, const struct space_map *map)
{
	size_t len = strlen(map->path) + 1;
	struct file *file = f->n < FILES_MAX ? calloc(1, sizeof(*file) + len) : NULL;

	if (!file)
		return NULL;
	file->id = map->file;
	file->fd = -1;
	file->lack = SYMBOL_LACKS;
	memcpy(file->path, map->path, len);
	if (!tsearch(file, &f->tree, by_identity)) {
		free(file);
		return NULL;
	}
	f->n++;
	return file;
}

static bool may_never_answer(int fd)
{
	struct statfs s;

	if (fstatfs(fd, &s))
		return true;
	switch ((unsigned long)s.f_type & 0xffffffff) {
	case FUSE_SUPER_MAGIC:
	case NFS_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CEPH_MAGIC:
	case LUSTRE_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case NCP_SUPER_MAGIC:
	case V9FS_MAGIC: return true;
	default: return false;
	}
}

/*
 * Is the file that is open the one that was mapped? Its number must be the same; its device, too, but where a file
 * system has another one inside than outside; and if it tells how often the number was used, that.
 */
static bool is_same(int fd, const struct space_file *id)
{
	struct statfs fs;
	struct stat st;
	long used;

	if (fstat(fd, &st) || st.st_ino != id->inode || fstatfs(fd, &fs))
		return false;
	if (ioctl(fd, FS_IOC_GETVERSION, &used) == 0 && id->generation &&
	    (uint32_t)used != (uint32_t)id->generation)
		return false;
	return fs.f_type == OVERLAYFS_SUPER_MAGIC || fs.f_type == BTRFS_SUPER_MAGIC ||
	       st.st_dev == makedev(id->major, id->minor);
}

static int open_path(int root, const struct space_map *map)
{
	int fd = root < 0 ? -ENOENT : root_open(root, map->path);

	if (fd >= 0 && !is_same(fd, &map->file)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

void symbol_files_want(struct symbol_files *f, const struct space_map *map, int process, int root)
{
	struct file *file;
	int fd;

	if (map->path[0] != '/' || map->path[1] == '/') /* "//anon" */
		return;
	file = find(f, map);
	if (!file)
		file = file_made(f, map);
	if (!file) {
		f->lacks[SYMBOL_ROOM]++;
		return;
	}
	if (file->fd >= 0 || (file->lack != SYMBOL_LACKS && file->lack != SYMBOL_GONE))
		return;
	if (f->count == f->max) {
		lacks(f, file, SYMBOL_ROOM);
		return;
	}
	fd = process < 0 ? -ESRCH : root_open_mapping(process, map->start, map->end);
	if (fd < 0)
		fd = open_path(root, map);
	if (fd >= 0 && may_never_answer(fd)) {
		close(fd);
		lacks(f, file, SYMBOL_REMOTE);
	} else if (fd >= 0) {
		file->fd = fd;
		f->count++;
		lacks(f, file, SYMBOL_LACKS);
	} else {
		lacks(f, file, fd == -EMFILE || fd == -ENFILE ? SYMBOL_ROOM : SYMBOL_GONE);
	}
}

static void look(struct symbol_files *f, struct file *file, int root)
{
	struct err err = { 0 };

	file->looked = true;
	if (f->bytes >= BYTES_MAX) {
		lacks(f, file, SYMBOL_ROOM);
	} else if (elf_symbols_open(file->fd, root, file->path, &file->symbols, &err)) {
		file->symbols = NULL;
		f->bytes += 1u << 20; /* it took its time, and may have been meant to */
		lacks(f, file, SYMBOL_BAD);
	} else {
		f->bytes += elf_symbols_bytes(file->symbols);
	}
}

const char *symbol_files_at(struct symbol_files *f, const struct space_map *map, uint64_t offset,
			    int root)
{
	struct file *file = find(f, map);

	if (!file || file->fd < 0)
		return NULL;
	if (!file->looked)
		look(f, file, root);
	return file->symbols ? elf_symbols_at(file->symbols, offset) : NULL;
}

size_t symbol_files_lack(const struct symbol_files *f, enum symbol_lack why)
{
	return f->lacks[why];
}

size_t symbol_files_count(const struct symbol_files *f)
{
	return f->count;
}

static void file_free(void *p)
{
	struct file *file = p;

	elf_symbols_close(file->symbols);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

void symbol_files_close(struct symbol_files *f)
{
	if (!f)
		return;
	tdestroy(f->tree, file_free);
	free(f);
}
