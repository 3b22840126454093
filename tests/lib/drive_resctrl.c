// SPDX-License-Identifier: Apache-2.0
/*
 * Monitor groups on a mounted resctrl:
 *   drive_resctrl ROOT take NAME PID CGROUP   a group under PID's control group, with CGROUP's tasks
 *   drive_resctrl ROOT held NAME CGROUP PID   the same, CGROUP's tasks being taken before PID is known
 *   drive_resctrl ROOT make NAME              a group under this process's control group
 * tells "CLASS PATH moved=N early=0|1" or the error, waits for a line on standard input, and removes
 * what it made. Exit status: 0, 1 when something failed, 2 for usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "host/cgroup.h"
#include "host/resctrl_set.h"

static int find(const char *path, struct cgroup_ref *ret, struct err *err)
{
	*ret = (struct cgroup_ref){ 0 };
	(void)err;
	return snprintf(ret->v2, sizeof(ret->v2), "%s", path) < (int)sizeof(ret->v2) ? 0 : -1;
}

/* Of a v1 hierarchy, whose directories have no cgroup.threads. */
static void as_v1(struct cgroup_ref *cg)
{
	char path[CGROUP_PATH + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.threads", cg->v2);
	f = fopen(path, "re");
	if (f) {
		fclose(f);
		return;
	}
	strcpy(cg->v1[CG_CPU], cg->v2);
	cg->v2[0] = '\0';
}

static int act(struct resctrl_set *set, int argc, char **argv, struct err *err)
{
	struct cgroup_ref cg;
	int rc = 0;

	if (!strcmp(argv[2], "make"))
		return resctrl_set_make(set, 0, argv[3], err);
	if (argc != 6)
		return 2;
	if (!strcmp(argv[2], "take")) {
		rc = find(argv[5], &cg, err);
		as_v1(&cg);
		return rc ? rc : resctrl_set_take(set, 0, argv[3], atoi(argv[4]), &cg, false, err);
	}
	rc = find(argv[4], &cg, err);
	as_v1(&cg);
	rc = rc ? rc : resctrl_set_make(set, 0, argv[3], err);
	if (!rc)
		resctrl_set_hold_cgroup(set, 0, &cg);
	return rc ? rc : resctrl_set_take(set, 0, argv[3], atoi(argv[5]), &cg, false, err);
}

int main(int argc, char **argv)
{
	struct resctrl_set *set = NULL;
	struct err err = { 0 };
	int rc;

	if (argc < 4)
		return 2;
	rc = resctrl_set_open(argv[1], 1, &set, &err);
	if (!rc)
		rc = act(set, argc, argv, &err);
	if (rc == 2)
		return 2;
	if (rc)
		printf("%s\n", err.text);
	else
		printf("%s %s moved=%zu early=%d\n",
		       *set->v[0].group.class ? set->v[0].group.class : "/", set->v[0].group.path,
		       set->v[0].moved, set->v[0].early);
	fflush(stdout);
	if (!rc)
		(void)getchar();
	rc |= resctrl_set_close(set, &err);
	return rc ? 1 : 0;
}
