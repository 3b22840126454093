// SPDX-License-Identifier: Apache-2.0
/* Walking sysfs from a device down to what it rests upon. */
#include "host/topology.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "host/disk.h"

#define LOOP_MAJOR 7

const char *device_kind_name(enum device_kind kind)
{
	static const char *const names[] = {
		[DEVICE_DISK] = "disk",	    [DEVICE_PARTITION] = "partition",
		[DEVICE_LOOP] = "loop",	    [DEVICE_DM] = "dm",
		[DEVICE_MD] = "md",	    [DEVICE_NVME_HEAD] = "nvme-head",
		[DEVICE_BCACHE] = "bcache", [DEVICE_ZRAM] = "zram",
		[DEVICE_RAM] = "ram",	    [DEVICE_STACKED] = "stacked",
	};

	return names[kind];
}

bool device_kind_is_stacked(enum device_kind kind)
{
	switch (kind) {
	case DEVICE_DISK:
	case DEVICE_PARTITION:
	case DEVICE_ZRAM:
	case DEVICE_RAM: return false;
	default: return true;
	}
}

typedef void (*entry_fn)(void *arg, const char *name);

/* Calls @fn for each entry of a directory. opendir() allocates; the raw call does not. */
static int each_entry(int dirfd, const char *path, entry_fn fn, void *arg)
{
	cleanup_close int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent64) char buf[1024];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = getdents64(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n;) {
			const struct dirent64 *e = (const void *)(buf + i);

			if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
				fn(arg, e->d_name);
			i += e->d_reclen;
		}
	}
	return n < 0 ? -errno : 0;
}

static void note_entry(void *arg, const char *name)
{
	(void)name;
	*(bool *)arg = true;
}

/* Last part but @skip of where a symbolic link leads; false when it is none or too long. */
static bool link_part(int dirfd, const char *path, int skip, char *ret)
{
	char to[PATH_MAX], *slash;
	ssize_t n = readlinkat(dirfd, path, to, sizeof(to) - 1);

	if (n <= 0)
		return false;
	to[n] = '\0';
	while ((slash = strrchr(to, '/')) && skip--)
		*slash = '\0';
	slash = slash ? slash + 1 : to;
	if (!*slash || strlen(slash) >= TOPOLOGY_NAME)
		return false;
	strcpy(ret, slash);
	return true;
}

/* "loop12" is numbered "loop". */
static bool is_numbered(const char *name, const char *stem)
{
	size_t len = strlen(stem);

	return !strncmp(name, stem, len) && name[len] &&
	       name[len + strspn(name + len, "0123456789")] == '\0';
}

/* The device called @name in sysfs, whose directory is @dir. */
static enum device_kind kind_of(int dir, const char *name)
{
	static const struct {
		const char *stem;
		enum device_kind kind;
	} stems[] = { { "loop", DEVICE_LOOP },
		      { "zram", DEVICE_ZRAM },
		      { "ram", DEVICE_RAM },
		      { "bcache", DEVICE_BCACHE } };
	char parent[TOPOLOGY_NAME];
	bool any = false;

	if (!faccessat(dir, "partition", F_OK, 0))
		return DEVICE_PARTITION;
	for (size_t i = 0; i < ARRAY_SIZE(stems); i++)
		if (is_numbered(name, stems[i].stem))
			return stems[i].kind;
	if (!faccessat(dir, "dm", F_OK, 0))
		return DEVICE_DM;
	if (!faccessat(dir, "md", F_OK, 0))
		return DEVICE_MD;
	/* A head belongs to the subsystem, a namespace without one to its controller. */
	if (!strncmp(name, "nvme", 4) && link_part(dir, "device", 0, parent) &&
	    !strncmp(parent, "nvme-subsys", 11))
		return DEVICE_NVME_HEAD;
	(void)each_entry(dir, "slaves", note_entry, &any); /* what has none is no stack */
	return any ? DEVICE_STACKED : DEVICE_DISK;
}

enum device_kind topology_kind(int sysfd, uint32_t major, uint32_t minor)
{
	char number[32], name[TOPOLOGY_NAME];
	cleanup_close int dir = -1;

	snprintf(number, sizeof(number), "%u:%u", major, minor);
	dir = openat(sysfd, number, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || !link_part(sysfd, number, 0, name))
		return major == LOOP_MAJOR ? DEVICE_LOOP : DEVICE_DISK;
	return kind_of(dir, name);
}

void topology_cache_init(struct topology_cache *c)
{
	c->sysfd = open("/sys/dev/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	c->n = 0;
}

enum device_kind topology_cache_kind(struct topology_cache *c, uint32_t major, uint32_t minor)
{
	enum device_kind kind;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].major == major && c->v[i].minor == minor)
			return c->v[i].kind;
	kind = topology_kind(c->sysfd, major, minor);
	if (c->n < TOPOLOGY_CACHE) {
		c->v[c->n].major = major;
		c->v[c->n].minor = minor;
		c->v[c->n++].kind = kind;
	}
	return kind;
}

void topology_cache_fini(struct topology_cache *c)
{
	if (c->sysfd >= 0)
		close(c->sysfd);
	c->sysfd = -1;
}

/* --- downwards; names are those of sysfs here, which writes '/' as '!' --- */

struct names {
	size_t n;
	bool cut; /* some did not fit */
	char v[TOPOLOGY_MAX][TOPOLOGY_NAME];
};

static void add_name(struct names *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], name))
			return;
	if (l->n == TOPOLOGY_MAX || strlen(name) >= TOPOLOGY_NAME) {
		l->cut = true;
		return;
	}
	strcpy(l->v[l->n++], name);
}

struct walk {
	const char *sys, *mountinfo; /* borrowed */
	int block; /* /sys/class/block */
	bool complete;
};

struct below { /* what each_entry() is told to fill */
	const struct walk *w;
	struct names *lower;
	unsigned int subsystem, namespace; /* of an NVMe head */
};

/* Name of the device with a number; false when there is none. */
static bool name_of(const char *sys, uint32_t major, uint32_t minor, char *ret)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.4000s/dev/block/%u:%u", sys, major, minor);
	return link_part(AT_FDCWD, path, 0, ret);
}

/* A partition stands for its disk. */
static void add_lower(const struct walk *w, struct names *lower, const char *name)
{
	char path[TOPOLOGY_NAME + 16], disk[TOPOLOGY_NAME];

	snprintf(path, sizeof(path), "%.31s/partition", name);
	if (!faccessat(w->block, path, F_OK, 0) && link_part(w->block, name, 1, disk))
		name = disk;
	add_name(lower, name);
}

static void add_slave(void *arg, const char *name)
{
	const struct below *b = arg;

	add_lower(b->w, b->lower, name);
}

static void add_path(void *arg, const char *name)
{
	const struct below *b = arg;
	unsigned int subsystem, controller, namespace;
	int end = 0;

	if (sscanf(name, "nvme%uc%un%u%n", &subsystem, &controller, &namespace, &end) == 3 &&
	    name[end] == '\0' && subsystem == b->subsystem && namespace == b->namespace)
		add_name(b->lower, name);
}

static void swap(char *text, char from, char to)
{
	for (; (text = strchr(text, from)); text++)
		*text = to;
}

/* A device of devtmpfs, or a file on a file system. */
static void add_backing(struct walk *w, int dir, struct names *lower)
{
	static const char deleted[] = " (deleted)";
	char path[PATH_MAX], name[TOPOLOGY_NAME];
	struct disk disk;
	size_t len;
	int rc;

	if (fs_read_at(dir, "loop/backing_file", path, sizeof(path)) || path[0] != '/') {
		w->complete = false;
		return;
	}
	len = strlen(path);
	if (len >= sizeof(deleted) && !strcmp(path + len - (sizeof(deleted) - 1), deleted))
		path[len - (sizeof(deleted) - 1)] = '\0';
	if (!strncmp(path, "/dev/", 5) && strlen(path + 5) < sizeof(name)) {
		strcpy(name, path + 5);
		swap(name, '/', '!');
		if (!faccessat(w->block, name, F_OK, 0)) {
			add_lower(w, lower, name);
			return;
		}
	}
	rc = disk_of_mount(w->sys, w->mountinfo, path, &disk);
	if (rc == -ENODEV)
		return;
	if (rc || !name_of(w->sys, disk.major, disk.minor, name))
		w->complete = false;
	else
		add_lower(w, lower, name);
}

/* What is one step below @name, whose directory is @dir. */
static void find_lower(struct walk *w, int dir, const char *name, enum device_kind kind,
		       struct names *lower)
{
	struct below b = { .w = w, .lower = lower };
	char text[32], cache[TOPOLOGY_NAME];
	unsigned int maj, min;

	if (kind == DEVICE_PARTITION) {
		add_lower(w, lower, name);
	} else if (kind == DEVICE_LOOP) {
		add_backing(w, dir, lower);
	} else if (kind == DEVICE_NVME_HEAD) {
		if (sscanf(name, "nvme%un%u", &b.subsystem, &b.namespace) != 2 ||
		    each_entry(w->block, ".", add_path, &b))
			w->complete = false;
	} else {
		(void)each_entry(dir, "slaves", add_slave, &b); /* not there: none */
	}
	/* bcache links the disk that it caches for, but not the one it caches on. */
	if (kind == DEVICE_BCACHE &&
	    !fs_read_at(dir, "bcache/cache/cache0/../dev", text, sizeof(text)) &&
	    sscanf(text, "%u:%u", &maj, &min) == 2 && name_of(w->sys, maj, min, cache))
		add_lower(w, lower, cache);
}

static enum device_kind look(struct walk *w, const char *name, struct names *lower)
{
	cleanup_close int dir = openat(w->block, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	enum device_kind kind = dir < 0 ? DEVICE_DISK : kind_of(dir, name);

	*lower = (struct names){ 0 };
	if (dir >= 0)
		find_lower(w, dir, name, kind, lower);
	return kind;
}

static void put_names(const struct names *from, size_t *n, char (*to)[TOPOLOGY_NAME])
{
	for (*n = 0; *n < from->n; ++*n) {
		strcpy(to[*n], from->v[*n]);
		swap(to[*n], '!', '/');
	}
}

/* Type of a dm device: what made it begins its uuid. */
static const char *dm_type(const char *uuid)
{
	static const char *const types[] = { "LVM", "CRYPT", "mpath", "DMRAID" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t len = strlen(types[i]);

		if (!strncmp(uuid, types[i], len) && uuid[len] == '-')
			return types[i];
	}
	return NULL;
}

static void read_label(int dir, struct topology *t)
{
	char text[sizeof(t->label)] = "", uuid[192];
	const char *type = NULL, *file = t->kind == DEVICE_LOOP ? "loop/backing_file"
					 : t->kind == DEVICE_DM ? "dm/name"
					 : t->kind == DEVICE_MD ? "md/level"
								: NULL;

	if (!file || fs_read_at(dir, file, text, sizeof(text)))
		return;
	if (t->kind == DEVICE_DM && !fs_read_at(dir, "dm/uuid", uuid, sizeof(uuid)))
		type = dm_type(uuid);
	snprintf(t->label, sizeof(t->label), "%.200s%s%s%s", text, type ? " (" : "",
		 type ? type : "", type ? ")" : "");
}

/* Breadth first: each device is looked at once, so a circle ends too. */
static void follow(struct walk *w, const char *name, struct topology *t)
{
	struct names seen = { 0 }, lower, leaves = { 0 };

	add_name(&seen, name);
	for (size_t i = 0; i < seen.n; i++) {
		bool known = w->complete;

		w->complete = true;
		(void)look(w, seen.v[i], &lower);
		if (i == 0)
			put_names(&lower, &t->n_lower, t->lower);
		else if (!lower.n && w->complete)
			add_name(&leaves, seen.v[i]);
		for (size_t k = 0; k < lower.n; k++)
			add_name(&seen, lower.v[k]);
		w->complete &= known && !lower.cut && !seen.cut;
	}
	put_names(&leaves, &t->n_leaves, t->leaves);
	t->complete = w->complete;
}

int topology_read(const char *sys, const char *mountinfo, uint32_t major, uint32_t minor,
		  struct topology *ret)
{
	struct walk w = { .sys = sys, .mountinfo = mountinfo, .block = -1, .complete = true };
	char path[PATH_MAX], name[TOPOLOGY_NAME];
	struct topology t = { 0 };
	int dir, rc = -ENODEV;

	snprintf(path, sizeof(path), "%.4000s/class/block", sys);
	w.block = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%.4000s/dev/block/%u:%u", sys, major, minor);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w.block >= 0 && dir >= 0 && name_of(sys, major, minor, name)) {
		t.kind = kind_of(dir, name);
		read_label(dir, &t);
		follow(&w, name, &t);
		*ret = t;
		rc = 0;
	}
	if (dir >= 0)
		close(dir);
	if (w.block >= 0)
		close(w.block);
	return rc;
}
