// SPDX-License-Identifier: Apache-2.0
/* One function per controller; v1 and v2 side by side. */
#include "host/cgroup_limits.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define PERIOD_US 100000
#define UNSET UINT64_MAX

struct writer {
	const struct cgroup_layout *l;
	struct cgroup_writes *out;
	struct err *err;
};

/* True when @ctrl is a v2 controller here; fails when it is none at all. */
static int version_of(struct writer *w, enum cgroup_ctrl ctrl, const char *what, bool *ret_v2)
{
	*ret_v2 = !*w->l->v1[ctrl];
	if (cgroup_can(w->l, ctrl))
		return 0;
	return err_say(w->err, -EOPNOTSUPP,
		       "the limit \"%s\" needs the cgroup controller \"%s\", which this host does "
		       "not offer (%s)",
		       what, *ret_v2 && ctrl == CG_BLKIO ? "io" : cgroup_ctrl_name(ctrl),
		       *w->l->v2 ? "see cgroup.controllers of the cgroup2 root"
				 : "it is not mounted");
}

__attribute__((format(printf, 6, 7))) static struct cgroup_write *
add(struct writer *w, enum cgroup_ctrl ctrl, bool v2, const char *what, const char *file,
    const char *fmt, ...)
{
	struct cgroup_write *row = &w->out->v[w->out->n++];
	va_list ap;

	*row = (struct cgroup_write){ .ctrl = ctrl, .v2 = v2, .what = what, .file = file };
	va_start(ap, fmt);
	vsnprintf(row->text, sizeof(row->text), fmt, ap);
	va_end(ap);
	return row;
}

static int put_cpu(struct writer *w, const struct cgroup_limits *limits)
{
	bool v2;
	int rc;

	if (limits->cpus) {
		rc = version_of(w, CG_CPUSET, "cpus", &v2);
		if (rc)
			return rc;
		add(w, CG_CPUSET, v2, "cpus", "cpuset.cpus", "%s", limits->cpus);
	}
	if (isnan(limits->cpu_limit))
		return 0;
	rc = version_of(w, CG_CPU, "cpu_limit", &v2);
	if (rc)
		return rc;
	/* The kernel's smallest quota is 1 ms. */
	if (!(limits->cpu_limit >= 0.01) || limits->cpu_limit > 1e6)
		return err_say(w->err, -EINVAL, "cpu_limit %g: must be from 0.01 to 1000000",
			       limits->cpu_limit);
	if (v2) {
		add(w, CG_CPU, v2, "cpu_limit", "cpu.max", "%.0f %d", limits->cpu_limit * PERIOD_US,
		    PERIOD_US);
	} else {
		add(w, CG_CPU, v2, "cpu_limit", "cpu.cfs_period_us", "%d", PERIOD_US);
		add(w, CG_CPU, v2, "cpu_limit", "cpu.cfs_quota_us", "%.0f",
		    limits->cpu_limit * PERIOD_US);
	}
	return 0;
}

static int put_memory(struct writer *w, const struct cgroup_limits *limits)
{
	bool v2;
	int rc;

	if (limits->memory == UNSET && limits->memory_swap == UNSET)
		return 0;
	rc = version_of(w, CG_MEMORY, limits->memory != UNSET ? "memory" : "memory_swap", &v2);
	if (rc)
		return rc;
	if (limits->memory == UNSET)
		return err_say(w->err, -EINVAL,
			       "memory_swap needs memory to be given too: it is "
			       "the limit of memory and swap together");
	if (limits->memory_swap < limits->memory)
		return err_say(w->err, -EINVAL,
			       "memory_swap is the limit of memory and swap together: it cannot be "
			       "less than memory");
	add(w, CG_MEMORY, v2, "memory", v2 ? "memory.max" : "memory.limit_in_bytes", "%" PRIu64,
	    limits->memory);
	if (limits->memory_swap == UNSET)
		return 0;
	if (v2)
		add(w, CG_MEMORY, v2, "memory_swap", "memory.swap.max", "%" PRIu64,
		    limits->memory_swap - limits->memory);
	else
		add(w, CG_MEMORY, v2, "memory_swap", "memory.memsw.limit_in_bytes", "%" PRIu64,
		    limits->memory_swap);
	return 0;
}

static int put_pids(struct writer *w, const struct cgroup_limits *limits)
{
	bool v2;
	int rc;

	if (limits->pids == UNSET)
		return 0;
	rc = version_of(w, CG_PIDS, "pids", &v2);
	if (rc)
		return rc;
	add(w, CG_PIDS, v2, "pids", "pids.max", "%" PRIu64, limits->pids);
	return 0;
}

static int put_weight(struct writer *w, uint64_t weight)
{
	struct cgroup_write *row;
	bool v2;
	int rc = version_of(w, CG_BLKIO, "io.weight", &v2);

	if (rc)
		return rc;
	if (weight < 10 || weight > 1000)
		return err_say(w->err, -EINVAL, "io.weight %" PRIu64 ": must be from 10 to 1000",
			       weight);
	if (!v2) {
		row = add(w, CG_BLKIO, v2, "io.weight", "blkio.bfq.weight", "%" PRIu64, weight);
		row->or_file = "blkio.weight";
		return 0;
	}
	/* io.weight goes from 1 to 10000; the mapping is the one that OCI runtimes use. */
	row = add(w, CG_BLKIO, v2, "io.weight", "io.weight", "default %" PRIu64,
		  1 + (weight - 10) * 9999 / 990);
	row->or_file = "io.bfq.weight";
	snprintf(row->or_text, sizeof(row->or_text), "%" PRIu64, weight);
	return 0;
}

static int put_io(struct writer *w, const struct cgroup_limits *limits)
{
	const struct {
		const char *what, *v1, *v2;
		uint64_t value;
	} rows[] = {
		{ "io.read_iops", "blkio.throttle.read_iops_device", "riops", limits->read_iops },
		{ "io.write_iops", "blkio.throttle.write_iops_device", "wiops",
		  limits->write_iops },
		{ "io.read_bps", "blkio.throttle.read_bps_device", "rbps", limits->read_bps },
		{ "io.write_bps", "blkio.throttle.write_bps_device", "wbps", limits->write_bps },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool v2;
		int rc;

		if (rows[i].value == UNSET)
			continue;
		rc = version_of(w, CG_BLKIO, rows[i].what, &v2);
		if (rc)
			return rc;
		if (rows[i].value == 0)
			return err_say(w->err, -EINVAL, "%s: 0 is no limit that a device can keep",
				       rows[i].what);
		if (v2)
			add(w, CG_BLKIO, v2, rows[i].what, "io.max", "%u:%u %s=%" PRIu64,
			    limits->io_major, limits->io_minor, rows[i].v2, rows[i].value);
		else
			add(w, CG_BLKIO, v2, rows[i].what, rows[i].v1, "%u:%u %" PRIu64,
			    limits->io_major, limits->io_minor, rows[i].value);
	}
	return limits->io_weight == UNSET ? 0 : put_weight(w, limits->io_weight);
}

int cgroup_limits_writes(const struct cgroup_layout *l, const struct cgroup_limits *limits,
			 struct cgroup_writes *ret, struct err *err)
{
	struct cgroup_writes out = { 0 };
	struct writer w = { l, &out, err };
	int rc = put_cpu(&w, limits);

	if (!rc)
		rc = put_memory(&w, limits);
	if (!rc)
		rc = put_pids(&w, limits);
	if (!rc)
		rc = put_io(&w, limits);
	if (!rc)
		*ret = out;
	return rc;
}
