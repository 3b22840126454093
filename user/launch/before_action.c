// SPDX-License-Identifier: Apache-2.0
/* Caches, free blocks, idle devices and governors of a host. */
#include "launch/before_action.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "base/units.h"
#include "host/disk.h"
#include "host/diskstats.h"
#include "plan/plan.h"

#define STATS_MAX (1 << 20)
#define WINDOW_NS (500 * NSEC_PER_MSEC) /* of what is looked at to call a device idle */
#define IDLE_SHARE 50 /* busy for one part of so many is idle: cbpf itself writes, too */

__attribute__((format(printf, 3, 4))) static int line(struct before_line *ret, bool good,
						      const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ret->text, sizeof(ret->text), fmt, ap);
	va_end(ap);
	ret->good = good;
	return 0;
}

static double seconds_since(uint64_t begin_ns)
{
	return (double)(clock_mono_ns() - begin_ns) / 1e9;
}

int before_sync(const struct before_config *c, struct before_line *ret, struct err *err)
{
	uint64_t begin_ns = clock_mono_ns();

	(void)c;
	(void)err;
	sync(); /* cannot fail */
	return line(ret, true, "sync: dirty pages were written in %.3g s", seconds_since(begin_ns));
}

static int open_drop(const struct before_config *c, struct err *err)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%.3000s/sys/vm/drop_caches", c->place.proc);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 ? fd
		       : err_set(err, -errno,
				 "before: drop_caches needs to write %s, which takes root and a "
				 "/proc that is not read-only",
				 path);
}

int before_can_drop(const struct before_config *c, struct err *err)
{
	cleanup_close int fd = open_drop(c, err);

	return fd < 0 ? fd : 0;
}

int before_drop_caches(const struct before_config *c, struct before_line *ret, struct err *err)
{
	cleanup_close int fd = open_drop(c, err);
	uint64_t begin_ns = clock_mono_ns();

	if (fd < 0)
		return fd;
	if (write(fd, "3\n", 2) != 2)
		return err_set(err, -errno, "before: drop_caches");
	return line(ret, true, "drop_caches: the clean page cache was dropped in %.3g s",
		    seconds_since(begin_ns));
}

static int open_place(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, -errno, "before: trim: cannot open %s", path);
}

/* Words for what the kernel says of a file system that cannot be trimmed. */
static int trim_failed(const char *path, int code, struct err *err)
{
	if (code == EOPNOTSUPP || code == ENOTTY)
		return err_say(
			err, -EOPNOTSUPP,
			"before: trim: the file system of %s, or the device below it, cannot "
			"discard; leave trim out",
			path);
	return err_set(err, -code, "before: trim: discarding free blocks of %s%s", path,
		       code == EPERM ? " (it takes root)" : "");
}

int before_can_trim(const struct before_config *c, struct err *err)
{
	if (!c->places->n || c->elsewhere)
		return err_say(
			err, -ENODEV,
			"before: trim: no file system of this host is behind %s of its files",
			c->places->n ? "all" : "any");
	for (size_t i = 0; i < c->places->n; i++) {
		/* A range shorter than a block is refused, after all that could be refused before. */
		struct fstrim_range range = { .start = 0, .len = 0 };
		const char *path = c->places->v[i];
		cleanup_close int fd = open_place(path, err);

		if (fd < 0)
			return fd;
		if (ioctl(fd, FITRIM, &range) && errno != EINVAL)
			return trim_failed(path, errno, err);
	}
	return 0;
}

/* Is the file system of place @i that of one before it? */
static bool seen_before(const struct before_config *c, size_t i, int fd)
{
	struct stat this, other;

	if (fstat(fd, &this))
		return false;
	for (size_t j = 0; j < i; j++)
		if (!stat(c->places->v[j], &other) && other.st_dev == this.st_dev)
			return true;
	return false;
}

int before_trim(const struct before_config *c, struct before_line *ret, struct err *err)
{
	uint64_t begin_ns = clock_mono_ns(), bytes = 0;
	char size[32], where[64] = "";
	size_t n = 0;

	for (size_t i = 0; i < c->places->n; i++) {
		struct fstrim_range range = { .start = 0, .len = UINT64_MAX };
		const char *path = c->places->v[i];
		cleanup_close int fd = open_place(path, err);

		if (fd < 0)
			return fd;
		if (seen_before(c, i, fd))
			continue;
		if (ioctl(fd, FITRIM, &range))
			return trim_failed(path, errno, err);
		bytes += range.len;
		n++;
	}
	if (n > 1)
		snprintf(where, sizeof(where), " of %zu file systems", n);
	units_format_size(bytes, size, sizeof(size));
	return line(ret, true, "trim: %s of free blocks%s were discarded in %.3g s", size, where,
		    seconds_since(begin_ns));
}

#define DEVICES_MAX 64

/* Which devices are waited for; all when some of them are not known. */
struct watched {
	size_t n; /* 0: all */
	struct disk v[DEVICES_MAX];
	char name[128];
};

static bool is_watched(const struct watched *w, unsigned int major, unsigned int minor)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].major == major && w->v[i].minor == minor)
			return true;
	return false;
}

static void find_devices(const struct before_config *c, struct watched *w)
{
	struct err ignored;
	size_t len = 0;

	*w = (struct watched){ .name = "all devices" };
	for (size_t i = 0; i < c->places->n && !c->elsewhere; i++) {
		struct disk disk;

		if (disk_of_path(c->places->v[i], &disk, &ignored) || w->n == DEVICES_MAX) {
			*w = (struct watched){ .name = "all devices" };
			return;
		}
		if (is_watched(w, disk.major, disk.minor))
			continue;
		if (len < sizeof(w->name))
			len += (size_t)snprintf(w->name + len, sizeof(w->name) - len, "%s%s",
						w->n ? ", " : "", disk.node);
		w->v[w->n++] = disk;
	}
}

/* Busy time of the devices, summed: what any of them does shows; -1 when it cannot be read. */
static int64_t busy_ns(const struct before_config *c, const struct watched *w)
{
	cleanup_buf struct buf text = BUF_INIT(STATS_MAX);
	struct diskstats d;
	char path[PATH_MAX];
	const char *at;
	int64_t busy = -1;
	int rc;

	snprintf(path, sizeof(path), "%.3000s/diskstats", c->place.proc);
	if (fs_slurp_at(AT_FDCWD, path, &text))
		return -1;
	at = buf_str(&text);
	while ((rc = diskstats_next(&at, &d)) >= 0) {
		if (!rc || (w->n && !is_watched(w, d.major, d.minor)))
			continue;
		busy = (busy < 0 ? 0 : busy) + (int64_t)d.busy_ns;
	}
	return busy;
}

int before_settle(const struct before_config *c, struct before_line *ret, struct err *err)
{
	uint64_t begin_ns = clock_mono_ns(), bound_ns = c->what->settle_ns;
	int64_t last, now;
	struct watched w;
	double share = 0;
	char bound[32];

	(void)err;
	find_devices(c, &w);
	last = now = busy_ns(c, &w);
	if (last < 0)
		return line(ret, false, "settle: nothing is known of %s", w.name);
	do {
		(void)clock_sleep_until(clock_mono_ns() + WINDOW_NS); /* a signal: looks early */
		now = busy_ns(c, &w);
		share = (double)(now - last) / WINDOW_NS;
		last = now;
		if (share * IDLE_SHARE <= 1)
			return line(ret, true, "settle: %s idle after %.3g s", w.name,
				    seconds_since(begin_ns));
		if (before_cancelled(c))
			return line(ret, false, "settle: given up");
	} while (clock_mono_ns() - begin_ns + WINDOW_NS <= bound_ns);
	units_format_duration(bound_ns, bound, sizeof(bound));
	return line(ret, false, "settle: %s not idle within %s: busy %.0f %% of the time", w.name,
		    bound, share * 100);
}

/* 1: a CPU has another governor, which is in @other; 0: none has; -errno: not known. */
static int find_other(const struct before_config *c, int *ret_cpu, char *other, size_t size)
{
	int known = 0, rc = 0;
	cpu_set_t cpus;
	bool all = !c->cpus || units_parse_cpus(c->cpus, &cpus);

	for (int cpu = 0; cpu < CPU_SETSIZE && !rc; cpu++) {
		char path[PATH_MAX], text[64];

		if (!all && !CPU_ISSET(cpu, &cpus))
			continue;
		snprintf(path, sizeof(path),
			 "%.3000s/devices/system/cpu/cpu%d/cpufreq/scaling_governor", c->place.sys,
			 cpu);
		if (fs_read_at(AT_FDCWD, path, text, sizeof(text)))
			continue;
		known++;
		if (strcmp(text, c->what->governor)) {
			snprintf(other, size, "%s", text);
			*ret_cpu = cpu;
			rc = 1;
		}
	}
	return rc ? rc : known ? 0 : -ENOENT;
}

int before_governor(const struct before_config *c, struct before_line *ret, struct err *err)
{
	char other[64];
	int cpu, rc = find_other(c, &cpu, other, sizeof(other));

	(void)err;
	if (rc > 0)
		return line(ret, false, "governor: CPU %d has %s, not %s; it was left as it is",
			    cpu, other, c->what->governor);
	if (rc < 0)
		return line(ret, false,
			    "governor: not known, this host does not tell of any (no cpufreq)");
	return line(ret, true, "governor: %s, as asked for", c->what->governor);
}
