// SPDX-License-Identifier: Apache-2.0
/* Backend "cgroup": an event per CPU and target, which the kernel switches with its cgroup. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/loss.h"
#include "host/cgroup.h"
#include "probe/perf_internal.h"

/* With the hierarchy's root, on all CPUs: 0, or why it cannot be done. */
static int try_event(struct perf_probe *p, struct err *err)
{
	struct cgroup_layout layout;
	cleanup_close int dir = -1;
	int rc = cgroup_layout_read(&layout, err);

	if (rc)
		return rc;
	if (!*layout.v2)
		return err_say(err, -EOPNOTSUPP, "there is no hierarchy of version 2");
	dir = open(layout.v2, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_set(err, -errno, "%s", layout.v2);
	rc = perf_open_cpus(p, &p->events[0], dir, p->cpu_fds);
	if (!rc)
		perf_close_cpus(p, p->cpu_fds);
	return rc ? err_set(err, rc,
			    "the kernel has no events of cgroups of version 2 (CONFIG_CGROUP_PERF, "
			    "and "
			    "no controller perf_event of version 1)")
		  : 0;
}

int perf_by_cgroup_open(struct perf_probe *p, struct err *err)
{
	/* What was opened to see whether it can be had would count for nobody. */
	for (size_t e = 0; e < p->n_events; e++)
		perf_close_cpus(p, p->cpu_fds + e * p->n_cpus);
	if (try_event(p, err))
		return err_wrap(err, "cannot count by cgroup");
	fd_limit_raise(p->n_targets * p->n_events * p->n_cpus);
	p->target_fds = calloc(p->n_targets, sizeof(*p->target_fds));
	return p->target_fds ? 0 : err_set(err, -ENOMEM, "the perf probe");
}

static void close_fds(const struct perf_probe *p, int *fds)
{
	for (size_t e = 0; fds && e < p->n_events; e++)
		perf_close_cpus(p, fds + e * p->n_cpus);
	free(fds);
}

static int open_target(struct perf_probe *p, int dir, int **ret)
{
	int *fds = malloc(p->n_events * p->n_cpus * sizeof(*fds)), rc = fds ? 0 : -ENOMEM;

	for (size_t i = 0; fds && i < p->n_events * p->n_cpus; i++)
		fds[i] = -1;
	for (size_t e = 0; e < p->n_events && !rc; e++)
		rc = perf_open_cpus(p, &p->events[e], dir, fds + e * p->n_cpus);
	if (rc)
		close_fds(p, fds);
	else
		*ret = fds;
	return rc;
}

int perf_by_cgroup_add(struct perf_probe *p, size_t target, const char *dir)
{
	cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int *fds, rc;

	if (target >= p->n_targets)
		return -EINVAL;
	if (atomic_load(&p->target_fds[target]))
		return 0;
	rc = fd < 0 ? -errno : open_target(p, fd, &fds);
	if (rc) {
		p->not_opened++;
		p->not_opened_code = rc;
		return rc;
	}
	atomic_store_explicit(&p->target_fds[target], fds, memory_order_release);
	return 0;
}

bool perf_by_cgroup_read(const struct perf_probe *p, size_t target, size_t event,
			 struct perf_count *ret)
{
	const int *fds = atomic_load_explicit(&p->target_fds[target], memory_order_acquire);

	return fds && perf_sum_cpus(p, fds + event * p->n_cpus, ret);
}

static const char *why_not_opened(int code)
{
	switch (-code) {
	case EMFILE:
		return "targets whose events were too many open files: raise the limit (ulimit "
		       "-n), or "
		       "use the backend bpf";
	case ENOENT:
		return "targets whose cgroups are not known to the controller perf_event: they are "
		       "gone, "
		       "or, on older kernels, no controller was ever enabled above them";
	default: return "targets whose events could not be opened";
	}
}

void perf_by_cgroup_losses(struct perf_probe *p, struct losses *losses)
{
	loss_set(losses, "perf.targets", p->not_opened, why_not_opened(p->not_opened_code));
}

void perf_by_cgroup_close(struct perf_probe *p)
{
	for (size_t i = 0; p->target_fds && i < p->n_targets; i++)
		close_fds(p, atomic_load(&p->target_fds[i]));
	free(p->target_fds);
}
