// SPDX-License-Identifier: Apache-2.0
/* Finding and mounting resctrl, and reading its info/. */
#include "host/resctrl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

#define TYPE "resctrl"
#define OWN_DIRS 3 /* info, mon_data, mon_groups */

const char *const resctrl_event_files[RESCTRL_EVENTS] = { "llc_occupancy", "mbm_total_bytes",
							  "mbm_local_bytes" };

static int by_id(const void *a, const void *b)
{
	const struct resctrl_domain *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* The L3 caches that the default group tells of. */
static int look_at_domains(int dirfd, struct resctrl *r)
{
	int fd = openat(dirfd, "mon_data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	uint32_t id;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return -ENOENT;
	}
	while ((e = readdir(d))) {
		if (!resctrl_text_domain(e->d_name, &id))
			continue;
		if (r->n_domains == RESCTRL_MAX_DOMAINS)
			return -E2BIG;
		r->domains[r->n_domains++].id = id;
	}
	qsort(r->domains, r->n_domains, sizeof(r->domains[0]), by_id);
	return r->n_domains ? 0 : -ENOENT;
}

static void look_at_masks(int dirfd, const char *const *names, struct resctrl_mask_rule *rule)
{
	char path[64], text[64], *end;
	uint64_t sparse;

	for (; *names && !rule->known; names++) {
		snprintf(path, sizeof(path), "info/%s/cbm_mask", *names);
		if (fs_read_at(dirfd, path, text, sizeof(text)))
			continue;
		rule->mask = strtoull(text, &end, 16);
		rule->known = rule->mask && !*end;
		snprintf(path, sizeof(path), "info/%s/min_cbm_bits", *names);
		(void)fs_read_u64_at(dirfd, path, &rule->min_bits); /* else 0: no rule */
		snprintf(path, sizeof(path), "info/%s/sparse_masks", *names);
		rule->sparse = fs_read_u64_at(dirfd, path, &sparse) || sparse;
	}
}

/* Percent is what Intel has, whose scale is linear; the mount option makes it MiB/s. */
static void look_at_mba(int dirfd, struct resctrl_rules *rules)
{
	uint64_t linear = 0;

	if (fs_read_u64_at(dirfd, "info/MB/min_bandwidth", &rules->mba_min) ||
	    fs_read_u64_at(dirfd, "info/MB/bandwidth_gran", &rules->mba_step))
		return;
	rules->mba_known = true;
	(void)fs_read_u64_at(dirfd, "info/MB/delay_linear", &linear); /* else it is not */
	rules->mba_unit = linear ? MBA_PERCENT : MBA_HARDWARE;
}

/* How large a cache is: the default group's part of it in bytes, and in bits of all its bits. */
static void look_at_sizes(int dirfd, struct resctrl *r)
{
	cleanup_buf struct buf masks = BUF_INIT(RESCTRL_SCHEMATA);
	cleanup_buf struct buf sizes = BUF_INIT(RESCTRL_SCHEMATA);
	struct resctrl_scan mask_scan, size_scan;
	struct resctrl_alloc mask, size;
	int all = __builtin_popcountll(r->rules.l3.mask);

	if (fs_slurp_at(dirfd, "schemata", &masks))
		return;
	r->allocates = true;
	if (fs_slurp_at(dirfd, "size", &sizes))
		return;
	resctrl_scan_begin(&mask_scan, buf_str(&masks), false);
	resctrl_scan_begin(&size_scan, buf_str(&sizes), true);
	/* Both have the same entries in the same order. */
	while (resctrl_scan_next(&mask_scan, &mask) == 1 &&
	       resctrl_scan_next(&size_scan, &size) == 1) {
		if (strcmp(mask.resource, "MB") == 0 && mask.value > UINT32_MAX / 2)
			r->rules.mba_unit = MBA_MIB_S; /* without a limit */
		if (strncmp(mask.resource, "L3", 2) || mask.domain != size.domain || !mask.value ||
		    strcmp(mask.resource, size.resource))
			continue;
		for (size_t i = 0; i < r->n_domains; i++)
			if (r->domains[i].id == mask.domain)
				r->domains[i].cache_bytes =
					size.value / __builtin_popcountll(mask.value) * all;
	}
}

static void look_at_events(int dirfd, struct resctrl *r)
{
	char text[512], *save = NULL;

	if (fs_read_at(dirfd, "info/L3_MON/mon_features", text, sizeof(text)))
		return;
	for (char *word = strtok_r(text, "\n", &save); word; word = strtok_r(NULL, "\n", &save))
		for (int e = 0; e < RESCTRL_EVENTS; e++)
			if (!strcmp(word, resctrl_event_files[e]))
				r->has[e] = true;
}

int resctrl_look(int dirfd, const char *root, struct resctrl *ret, const char **ret_why)
{
	static const char *const l3[] = { "L3", "L3CODE", "L3DATA", NULL };
	static const char *const l2[] = { "L2", "L2CODE", "L2DATA", NULL };
	cleanup_close int at = openat(dirfd, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool any = false;
	int rc;

	*ret = (struct resctrl){ 0 };
	if (at < 0) {
		*ret_why = strerrordesc_np(errno);
		return -errno;
	}
	*ret_why = "it is not resctrl: there is no info/last_cmd_status";
	if (faccessat(at, "info/last_cmd_status", F_OK, 0))
		return -EINVAL;
	look_at_events(at, ret);
	for (int e = 0; e < RESCTRL_EVENTS; e++)
		any |= ret->has[e];
	*ret_why = "it cannot monitor L3 caches: info/L3_MON has none of llc_occupancy, "
		   "mbm_total_bytes and mbm_local_bytes";
	if (!any)
		return -EOPNOTSUPP;
	*ret_why = "mon_data has no L3 cache, or too many";
	rc = look_at_domains(at, ret);
	if (rc)
		return rc;
	(void)fs_read_u64_at(at, "info/L3_MON/num_rmids", &ret->rmids); /* else not known */
	look_at_masks(at, l3, &ret->rules.l3);
	look_at_masks(at, l2, &ret->rules.l2);
	look_at_mba(at, &ret->rules);
	look_at_sizes(at, ret);
	return 0;
}

/* 0 when it is mounted there now. */
static int try_mount(const char *root, bool *ret_mounted, struct err *err)
{
	char path[RESCTRL_PATH];

	snprintf(path, sizeof(path), "%s/info", root);
	if (!access(path, F_OK))
		return 0;
	if (mount(TYPE, root, TYPE, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0) {
		*ret_mounted = true;
		return 0;
	}
	if (errno == EBUSY) /* another one was faster */
		return 0;
	if (errno == ENODEV || errno == ENOENT)
		return err_say(err, -EOPNOTSUPP,
			       "there is no resctrl on this host: the kernel or the CPU lacks it");
	return err_set(err, -errno, "cannot mount resctrl on %s", root);
}

int resctrl_open(const char *root, struct resctrl *ret, struct err *err)
{
	bool mounted = false;
	const char *why;
	int rc = root ? 0 : try_mount(RESCTRL_ROOT, &mounted, err);

	if (rc)
		return rc;
	if (!root)
		root = RESCTRL_ROOT;
	rc = strlen(root) < RESCTRL_PATH ? resctrl_look(AT_FDCWD, root, ret, &why) : -ENAMETOOLONG;
	if (rc == -ENAMETOOLONG)
		return err_set(err, rc, "cannot use %s", root);
	if (rc && mounted)
		(void)umount(root); /* busy: somebody has begun to use it */
	if (rc)
		return err_say(err, rc, "%s: %s", root, why);
	strcpy(ret->root, root);
	ret->mounted = mounted;
	return 0;
}

/* Nobody has groups there, ours being gone. */
static bool is_unused(const char *root)
{
	char path[RESCTRL_PATH + 16];
	size_t dirs = 0, groups = 0;

	for (int i = 0; i < 2; i++) {
		cleanup_closedir DIR *d = NULL;
		struct dirent *e;

		snprintf(path, sizeof(path), "%s%s", root, i ? "/mon_groups" : "");
		d = opendir(path);
		while (d && (e = readdir(d)))
			if (e->d_type == DT_DIR && e->d_name[0] != '.')
				(*(i ? &groups : &dirs))++;
	}
	return dirs <= OWN_DIRS && !groups;
}

void resctrl_close(struct resctrl *r)
{
	if (r->mounted && is_unused(r->root))
		(void)umount(r->root); /* in use after all: it stays */
	r->mounted = false;
}

void resctrl_last_status(const struct resctrl *r, char *text, size_t size)
{
	char path[RESCTRL_PATH + 32];

	snprintf(path, sizeof(path), "%s/info/last_cmd_status", r->root);
	if (fs_read_at(AT_FDCWD, path, text, size) || !strcmp(text, "ok"))
		text[0] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

int resctrl_class_path(const struct resctrl *r, const char *class, const char *file, char *path,
		       size_t size)
{
	int len = snprintf(path, size, "%s%s%s%s%s", r->root, *class ? "/" : "", class,
			   *file ? "/" : "", file);

	return len < (int)size ? 0 : -ENAMETOOLONG;
}

/* Is @tid a line of this tasks file? -errno when it cannot be read. */
static int lists_task(const char *path, pid_t tid)
{
	cleanup_fclose FILE *f = fopen(path, "re");
	char line[32];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (atoi(line) == tid)
			return 1;
	return ferror(f) ? -EIO : 0;
}

static bool is_class(const struct dirent *e)
{
	static const char *const others[] = { "info", "mon_data", "mon_groups" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(e->d_name, others[i]))
			return false;
	return e->d_type == DT_DIR && e->d_name[0] != '.';
}

/*
 * Every task is in one control group, and in the default one unless another has it: a host
 * that only monitors does not even list them there.
 */
int resctrl_class_of(const struct resctrl *r, pid_t tid, char class[RESCTRL_NAME], struct err *err)
{
	cleanup_closedir DIR *d = opendir(r->root);
	char path[RESCTRL_PATH + RESCTRL_NAME + 16];
	struct dirent *e;

	if (!d)
		return err_set(err, -errno, "cannot list %s", r->root);
	while ((e = readdir(d))) {
		if (!is_class(e) || resctrl_class_path(r, e->d_name, "tasks", path, sizeof(path)))
			continue;
		if (lists_task(path, tid) == 1) {
			snprintf(class, RESCTRL_NAME, "%s", e->d_name);
			return 0;
		}
	}
	class[0] = '\0';
	return 0;
}
