// SPDX-License-Identifier: Apache-2.0
/* Checks: programs that workloads need, and room for what a run leaves. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/units.h"
#include "host/feature.h"

#define SPACE_LEAST (64ull << 20) /* bytes: a short run's database, and logs */
#define SPACE_GOOD (1ull << 30)

static void check_mpirun(const struct feature *self, const struct feature_env *env,
			 struct feature_result *ret)
{
	cleanup_free char *path = fs_find_program("mpirun", env->path);

	(void)self;
	if (path)
		feature_yes(ret, "%s", path);
	else
		feature_degraded(ret, "apt-get install openmpi-bin",
				 "no mpirun in PATH: native workloads have one rank only");
}

static void check_ior(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret)
{
	cleanup_free char *ior = fs_find_program("ior", env->path);
	cleanup_free char *ours = NULL;
	char dir[PATH_MAX];

	(void)self;
	if (fs_program_dir(dir, sizeof(dir)) == 0)
		ours = fs_find_program("cbpf-ior", dir);
	if (!ours)
		ours = fs_find_program("cbpf-ior", env->path);
	if (ior || ours)
		feature_yes(ret, "%s", ior ? ior : ours);
	else
		feature_degraded(ret, "make install, or set `binary:` in the spec",
				 "neither ior nor cbpf-ior is in PATH: native IOR workloads "
				 "cannot run");
}

/* @path itself, or the nearest directory above that is there. */
static void nearest_dir(const char *path, char *dir, size_t size)
{
	snprintf(dir, size, "%s", path);
	while (access(dir, F_OK)) {
		char *slash = strrchr(dir, '/');

		if (!slash) {
			snprintf(dir, size, ".");
			return;
		}
		slash[slash == dir] = '\0'; /* "/" stays */
		if (!strcmp(dir, "/"))
			return;
	}
}

static void check_space(const struct feature *self, const struct feature_env *env,
			struct feature_result *ret)
{
	char dir[PATH_MAX], room[32];
	struct statvfs fs;
	unsigned long long bytes;

	(void)self;
	nearest_dir(env->store, dir, sizeof(dir));
	if (access(dir, W_OK)) {
		feature_no(ret, "choose another directory with --store", "%s: %s", dir,
			   strerror(errno));
		return;
	}
	if (statvfs(dir, &fs)) {
		feature_no(ret, NULL, "%s: %s", dir, strerror(errno));
		return;
	}
	bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	units_format_size((double)bytes, room, sizeof(room));
	if (bytes < SPACE_LEAST)
		feature_no(ret, "make room, or choose another directory with --store",
			   "%s free in %s", room, dir);
	else if (bytes < SPACE_GOOD)
		feature_degraded(ret, "make room, or choose another directory with --store",
				 "%s free in %s, enough for short runs", room, dir);
	else
		feature_yes(ret, "%s free in %s", room, dir);
}

const struct feature features_place[] = {
	{ "mpirun", "mpirun", check_mpirun, 0 },
	{ "ior", "IOR", check_ior, 0 },
	{ "space", "room for runs", check_space, 0 },
	{ 0 },
};
