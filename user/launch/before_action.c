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
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
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

static int open_place(const struct before_config *c, struct err *err)
{
	int fd = c->path ? open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!c->path)
		return err_say(err, -ENODEV,
			       "before: trim: no file system of this host is behind its files");
	return fd >= 0 ? fd : err_set(err, -errno, "before: trim: cannot open %s", c->path);
}

/* Words for what the kernel says of a file system that cannot be trimmed. */
static int trim_failed(const struct before_config *c, int code, struct err *err)
{
	if (code == EOPNOTSUPP || code == ENOTTY)
		return err_say(
			err, -EOPNOTSUPP,
			"before: trim: the file system of %s, or the device below it, cannot "
			"discard; leave trim out",
			c->path);
	return err_set(err, -code, "before: trim: discarding free blocks of %s%s", c->path,
		       code == EPERM ? " (it takes root)" : "");
}

int before_can_trim(const struct before_config *c, struct err *err)
{
	/* A range shorter than a block is refused, after all that could be refused before. */
	struct fstrim_range range = { .start = 0, .len = 0 };
	cleanup_close int fd = open_place(c, err);

	if (fd < 0)
		return fd;
	if (ioctl(fd, FITRIM, &range) && errno != EINVAL)
		return trim_failed(c, errno, err);
	return 0;
}

int before_trim(const struct before_config *c, struct before_line *ret, struct err *err)
{
	struct fstrim_range range = { .start = 0, .len = UINT64_MAX };
	cleanup_close int fd = open_place(c, err);
	uint64_t begin_ns = clock_mono_ns();
	char size[32];

	if (fd < 0)
		return fd;
	if (ioctl(fd, FITRIM, &range))
		return trim_failed(c, errno, err);
	units_format_size(range.len, size, sizeof(size));
	return line(ret, true, "trim: %s of free blocks were discarded in %.3g s", size,
		    seconds_since(begin_ns));
}

/* Which device is waited for; all when it is not one alone. */
struct watched {
	bool all;
	unsigned int major, minor;
	char name[64];
};

static struct watched find_device(const struct before_config *c)
{
	struct watched w = { .all = true, .name = "all devices" };
	struct disk disk;
	struct err ignored;

	if (c->path && !disk_of_path(c->path, &disk, &ignored)) {
		w = (struct watched){ .major = disk.major, .minor = disk.minor };
		snprintf(w.name, sizeof(w.name), "%s", disk.node);
	}
	return w;
}

/* Busy time of the device, or the longest of all; -1 when it cannot be read. */
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
		if (!rc || (!w->all && (d.major != w->major || d.minor != w->minor)))
			continue;
		/* Of all devices the sum: what any of them does more shows. */
		busy = (busy < 0 ? 0 : busy) + (int64_t)d.busy_ns;
	}
	return busy;
}

int before_settle(const struct before_config *c, struct before_line *ret, struct err *err)
{
	uint64_t begin_ns = clock_mono_ns(), bound_ns = c->what->settle_ns;
	struct watched w = find_device(c);
	int64_t last = busy_ns(c, &w), now = last;
	double share = 0;
	char bound[32];

	(void)err;
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
