// SPDX-License-Identifier: Apache-2.0
/* Which target has which monitor group, in which control group. */
#include "host/resctrl_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "host/cgroup.h"

int resctrl_set_open(const char *root, size_t n, struct resctrl_set **ret, struct err *err)
{
	struct resctrl_set *s = calloc(1, sizeof(*s));
	int rc;

	if (s)
		s->v = calloc(n + 1, sizeof(*s->v));
	if (!s || !s->v) {
		free(s);
		return err_set(err, -ENOMEM, "cannot prepare monitor groups");
	}
	s->n = n;
	for (size_t i = 0; i < n; i++)
		s->v[i].group.lock = -1;
	rc = resctrl_open(root, &s->fs, err);
	if (rc) {
		free(s->v);
		free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

int resctrl_set_make(struct resctrl_set *s, size_t i, const char *name, struct err *err)
{
	char class[RESCTRL_NAME];
	int rc = resctrl_class_of(&s->fs, getpid(), class, err);

	return rc ? rc : resctrl_group_make(&s->fs, class, name, &s->v[i].group, err);
}

/* Its RMID may be the last one: the old group goes before the new one is made. */
static int follow(struct resctrl_set *s, size_t i, const char *name, pid_t pid, struct err *err)
{
	struct resctrl_member *m = &s->v[i];
	char class[RESCTRL_NAME];
	int rc = resctrl_class_of(&s->fs, pid, class, err);

	if (rc || (*m->group.path && !strcmp(class, m->group.class)))
		return rc;
	m->early = false;
	m->moved = 0;
	rc = resctrl_group_remove(&m->group, err);
	return rc ? rc : resctrl_group_make(&s->fs, class, name, &m->group, err);
}

int resctrl_set_hold(struct resctrl_set *s, size_t i, const char *name, pid_t pid, struct err *err)
{
	struct resctrl_member *m = &s->v[i];
	int rc = follow(s, i, name, pid, err);

	if (!rc)
		rc = resctrl_group_add(&s->fs, &m->group, pid, err);
	if (!rc)
		m->moved++;
	m->early = !rc;
	return rc;
}

bool resctrl_set_hold_cgroup(struct resctrl_set *s, size_t i, const struct cgroup_ref *cg)
{
	struct resctrl_member *m = &s->v[i];
	struct err err;
	size_t n;

	if (!*m->group.path)
		return true;
	m->early = !resctrl_group_add_cgroup(&s->fs, &m->group, cg, &n, NULL, &err) && n;
	m->moved += n;
	return n;
}

int resctrl_set_take(struct resctrl_set *s, size_t i, const char *name, pid_t pid,
		     const struct cgroup_ref *cg, bool attached, struct err *err)
{
	struct resctrl_member *m = &s->v[i];
	size_t n = 0;
	int rc;

	if (!pid)
		pid = resctrl_cgroup_task(cg);
	rc = pid ? follow(s, i, name, pid, err) : 0;
	if (!rc && *m->group.path)
		rc = resctrl_group_add_cgroup(&s->fs, &m->group, cg, &n, attached ? &m->left : NULL,
					      err);
	m->moved += n;
	return rc;
}

void resctrl_set_ready(struct resctrl_set *s, size_t i)
{
	atomic_store_explicit(&s->v[i].ready, true, memory_order_release);
}

int resctrl_set_close(struct resctrl_set *s, struct err *err)
{
	struct err each;
	int first = 0;

	if (!s)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		int rc = resctrl_group_remove(&s->v[i].group, &each);

		if (rc && !first) {
			first = rc;
			*err = each;
		}
	}
	resctrl_close(&s->fs);
	free(s->v);
	free(s);
	return first;
}
