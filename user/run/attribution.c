// SPDX-License-Identifier: Apache-2.0
/* From a target's cgroups to words about its block I/O. */
#include "run/attribution.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "host/cgroup_text.h"
#include "launch/target.h"

static bool any_cgroup(const struct cgroup_ref *cg)
{
	bool any = cg->v2[0];

	for (size_t c = 0; c < CG_NCTRL; c++)
		any |= cg->v1[c][0] != '\0';
	return any;
}

/* "echo +io | tee /c/cgroup.subtree_control /c/a/cgroup.subtree_control": from the ancestor down. */
static void put_command(const struct cgroup_ref *cg, struct buf *out)
{
	const char *dir = cg->v2, *parent = strrchr(dir, '/');
	size_t end = cg->io_above;

	buf_puts(out, "echo +io | tee");
	while (parent && dir + end <= parent) {
		buf_printf(out, " %.*s/cgroup.subtree_control", (int)end, dir);
		end += 1 + strcspn(dir + end + 1, "/");
	}
}

static void of_ancestor(const struct cgroup_layout *l, const struct target *t,
			struct attribution *ret)
{
	cleanup_buf struct buf fix = BUF_INIT(sizeof(ret->fix) - 1);
	size_t len = 0;
	const char *path = target_io_path(l, t, &len);

	ret->how = "ancestor";
	if (path)
		snprintf(ret->reason, sizeof(ret->reason),
			 "its block I/O is charged to %.*s, as that of everyone there is", (int)len,
			 path);
	else if (l->io_on_v2)
		snprintf(ret->reason, sizeof(ret->reason),
			 "its block I/O is charged to a cgroup above what is mounted here; run "
			 "cbpf where it sees the host's cgroup root");
	else
		snprintf(ret->reason, sizeof(ret->reason),
			 "it has no blkio cgroup of its own: its block I/O is the host's");
	if (path && t->cg.io_above)
		put_command(&t->cg, &fix);
	if (!fix.failed)
		snprintf(ret->fix, sizeof(ret->fix), "%s", buf_str(&fix));
}

/* Does the kernel account block I/O to cgroups at all? */
static bool is_accounted(const struct cgroup_layout *l)
{
	if (!l->io_on_v2)
		return l->v1[CG_BLKIO][0];
	/* A part of the hierarchy does not tell what the whole has. */
	return strcmp(l->v2_root, "/") || cgroup_has_word(l->v2_controllers, "io", " ");
}

void attribution_of(const struct cgroup_layout *l, const struct target *t, struct attribution *ret)
{
	*ret = (struct attribution){ 0 };
	if (!atomic_load_explicit(&t->published, memory_order_acquire) || !any_cgroup(&t->cg))
		return;
	if (!is_accounted(l)) {
		ret->how = "none";
		snprintf(ret->reason, sizeof(ret->reason),
			 "this kernel charges block I/O to no cgroup; boot without "
			 "cgroup_disable=io");
		return;
	}
	if (!l->io_on_v2)
		ret->writeback = "unattributed";
	if (target_owns_io(l, t))
		ret->how = "exact";
	else
		of_ancestor(l, t, ret);
}

const char *attribution_words(const struct attribution *a, char *text, size_t size)
{
	int n = snprintf(text, size, "%s%s%s", a->reason, a->fix[0] ? "; before a run: " : "",
			 a->fix);

	if (n >= (int)size)
		snprintf(text, size, "%s", a->reason);
	return text;
}
