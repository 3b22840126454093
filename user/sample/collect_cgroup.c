// SPDX-License-Identifier: Apache-2.0
/* Collector "cgroup": CPU, memory, I/O, pressure and network of each target. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "host/netdev.h"
#include "host/topology.h"
#include "launch/target.h"
#include "sample/cgroup_text.h"
#include "sample/collector.h"
#include "sample/frame.h"

#define TEXT_BYTES (32 * 1024)
#define NO_LIMIT_V1 (1ull << 62) /* v1 says "no limit" with the largest page-aligned number */

enum parse { PARSE_U64, PARSE_LIMIT, PARSE_FLAT, PARSE_PRESSURE, PARSE_IO_STAT, PARSE_BLKIO };

/* A file in the v2 directory, used where @ctrl has no v1 directory; or one in @ctrl's v1 directory. */
struct source {
	const char *file;
	const char *else_file; /* of older kernels; may be NULL */
	bool v1;
	enum cgroup_ctrl ctrl; /* CG_NCTRL: on v2 alone */
	enum parse parse;
	enum metric metric[3];
	const struct text_key *keys; /* PARSE_FLAT */
	size_t n_keys;
};

#define KEY(key, metric, scale)                                                                    \
	{                                                                                          \
		key, METRIC_##metric, scale                                                        \
	}

static const struct text_key cpu_v2[] = {
	KEY("usage_usec", cpu_usage_ns, 1000),	  KEY("user_usec", cpu_user_ns, 1000),
	KEY("system_usec", cpu_system_ns, 1000),  KEY("nr_periods", cpu_nr_periods, 1),
	KEY("nr_throttled", cpu_nr_throttled, 1), KEY("throttled_usec", cpu_throttled_ns, 1000),
};
static const struct text_key cpu_v1[] = {
	KEY("nr_periods", cpu_nr_periods, 1),
	KEY("nr_throttled", cpu_nr_throttled, 1),
	KEY("throttled_time", cpu_throttled_ns, 1),
};
static const struct text_key memory_v2[] = {
	KEY("anon", memory_anon_bytes, 1),
	KEY("file", memory_file_bytes, 1),
	KEY("file_dirty", memory_dirty_bytes, 1),
	KEY("file_writeback", memory_writeback_bytes, 1),
};
static const struct text_key memory_v1[] = {
	KEY("total_rss", memory_anon_bytes, 1),
	KEY("total_cache", memory_file_bytes, 1),
	KEY("total_swap", memory_swap_bytes, 1),
	KEY("total_dirty", memory_dirty_bytes, 1),
	KEY("total_writeback", memory_writeback_bytes, 1),
};
static const struct text_key memory_events[] = {
	KEY("high", memory_events_high, 1),
	KEY("max", memory_events_max, 1),
	KEY("oom", memory_events_oom, 1),
	KEY("oom_kill", memory_events_oom_kill, 1),
};
static const struct text_key oom_control[] = {
	KEY("oom_kill", memory_events_oom_kill, 1),
};

#define FLAT(name, is_v1, ctrl, table)                                                             \
	{                                                                                          \
		name, NULL, is_v1, ctrl, PARSE_FLAT, { 0 }, table, ARRAY_SIZE(table)               \
	}
#define ONE(name, is_v1, ctrl, parse, m)                                                           \
	{                                                                                          \
		name, NULL, is_v1, ctrl, parse, { METRIC_##m }, NULL, 0                            \
	}
#define PRESSURE(name, some, full)                                                                 \
	{                                                                                          \
		name, NULL, false, CG_NCTRL, PARSE_PRESSURE, { METRIC_##some, METRIC_##full },     \
			NULL, 0                                                                    \
	}
#define BLKIO(name, else_name, read, write, discard)                                               \
	{                                                                                          \
		name, else_name, true, CG_BLKIO, PARSE_BLKIO,                                      \
			{ METRIC_##read, METRIC_##write, METRIC_##discard }, NULL, 0               \
	}

static const struct source sources[] = {
	FLAT("cpu.stat", false, CG_CPUACCT, cpu_v2),
	ONE("memory.current", false, CG_MEMORY, PARSE_U64, memory_bytes),
	ONE("memory.max", false, CG_MEMORY, PARSE_LIMIT, memory_limit_bytes),
	ONE("memory.peak", false, CG_MEMORY, PARSE_U64, memory_peak_bytes),
	ONE("memory.swap.current", false, CG_MEMORY, PARSE_U64, memory_swap_bytes),
	FLAT("memory.stat", false, CG_MEMORY, memory_v2),
	FLAT("memory.events", false, CG_MEMORY, memory_events),
	ONE("pids.current", false, CG_PIDS, PARSE_U64, pids_current),
	{ "io.stat", NULL, false, CG_BLKIO, PARSE_IO_STAT, { METRIC_io_read_bytes }, NULL, 0 },
	PRESSURE("cpu.pressure", cpu_some_ns, cpu_full_ns),
	PRESSURE("memory.pressure", memory_some_ns, memory_full_ns),
	PRESSURE("io.pressure", io_some_ns, io_full_ns),
	ONE("cpuacct.usage", true, CG_CPUACCT, PARSE_U64, cpu_usage_ns),
	ONE("cpuacct.usage_user", true, CG_CPUACCT, PARSE_U64, cpu_user_ns),
	ONE("cpuacct.usage_sys", true, CG_CPUACCT, PARSE_U64, cpu_system_ns),
	FLAT("cpu.stat", true, CG_CPU, cpu_v1),
	ONE("memory.usage_in_bytes", true, CG_MEMORY, PARSE_U64, memory_bytes),
	ONE("memory.limit_in_bytes", true, CG_MEMORY, PARSE_LIMIT, memory_limit_bytes),
	ONE("memory.max_usage_in_bytes", true, CG_MEMORY, PARSE_U64, memory_peak_bytes),
	FLAT("memory.stat", true, CG_MEMORY, memory_v1),
	ONE("memory.failcnt", true, CG_MEMORY, PARSE_U64, memory_events_max),
	FLAT("memory.oom_control", true, CG_MEMORY, oom_control),
	ONE("pids.current", true, CG_PIDS, PARSE_U64, pids_current),
	BLKIO("blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes",
	      io_read_bytes, io_write_bytes, io_discard_bytes),
	BLKIO("blkio.throttle.io_serviced_recursive", "blkio.throttle.io_serviced", io_read_ops,
	      io_write_ops, io_discard_ops),
};

struct open_target {
	bool opened;
	bool io_opened, io_seen; /* v1 blkio files: there, and with counts */
	int fd[ARRAY_SIZE(sources)]; /* -1: not there, or gone */
	int net_fd;
};

struct cgroup_state {
	const struct target_set *targets; /* borrowed */
	struct losses *losses; /* borrowed */
	struct topology_cache kinds;
	bool last_told;
	char text[TEXT_BYTES];
	struct open_target v[];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void cgroup_close(void *state)
{
	struct cgroup_state *s = state;

	if (!s)
		return;
	for (size_t t = 0; t < s->targets->n; t++) {
		for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
			close_fd(&s->v[t].fd[i]);
		close_fd(&s->v[t].net_fd);
	}
	topology_cache_fini(&s->kinds);
	free(s);
}

static int cgroup_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	size_t n = env->targets->n;
	struct cgroup_state *s = calloc(1, sizeof(*s) + n * sizeof(s->v[0]));

	if (!s)
		return err_set(err, -ENOMEM, "collector cgroup");
	s->targets = env->targets;
	s->losses = env->losses;
	topology_cache_init(&s->kinds);
	for (size_t t = 0; t < n; t++) {
		s->v[t].net_fd = -1;
		for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
			s->v[t].fd[i] = -1;
	}
	*ret_state = s;
	return 0;
}

/* Open one file of target @t; tells the loss when it should be there and is not. */
static int open_source(struct cgroup_state *s, const struct target *t, const struct source *src)
{
	const char *v1_dir = src->ctrl == CG_NCTRL ? "" : t->cg.v1[src->ctrl];
	const char *dir = src->v1 ? v1_dir : t->cg.v2;
	int dirfd, fd, rc;

	/* Each controller is either on v1 or on v2. */
	if (src->v1 ? !v1_dir[0] : v1_dir[0] != '\0')
		return -1;
	if (!dir[0]) {
		loss_add(s->losses, src->file, 1, "the target has no cgroup v2 of its own");
		return -1;
	}
	dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0) {
		rc = -errno;
		if (!atomic_load(&t->gone)) /* strerror() allocates in newer C libraries */
			loss_add(s->losses, src->file, 1, "the target's cgroup: %s",
				 strerrordesc_np(-rc));
		return -1;
	}
	fd = openat(dirfd, src->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && src->else_file)
		fd = openat(dirfd, src->else_file, O_RDONLY | O_CLOEXEC);
	rc = -errno;
	close(dirfd);
	if (fd < 0)
		loss_add(s->losses, src->file, 1,
			 rc == -ENOENT ? "not in the target's cgroup: an older kernel, or a "
					 "controller that is not enabled there"
				       : "opening it: %s",
			 strerrordesc_np(-rc));
	return fd;
}

static int open_net(struct cgroup_state *s, const struct target *t)
{
	int rc = t->pid ? netdev_shared_with(t->pid) : -ESRCH;

	if (rc == 1) {
		loss_add(s->losses, "network", 1,
			 "the target shares the host's network: its counters would be the host's");
		return -1;
	}
	if (!rc)
		rc = netdev_open(t->pid);
	if (rc < 0)
		loss_add(s->losses, "network", 1, "the network namespace of the target: %s",
			 strerrordesc_np(-rc));
	return rc < 0 ? -1 : rc;
}

static void open_target(struct cgroup_state *s, const struct target *t, struct open_target *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		o->fd[i] = open_source(s, t, &sources[i]);
		o->io_opened |= sources[i].parse == PARSE_BLKIO && o->fd[i] >= 0;
	}
	o->net_fd = open_net(s, t);
	o->opened = true;
}

/* The head of an NVMe namespace counts: it hands its bios on, and they are charged once. */
static bool is_stacked(void *arg, uint32_t major, uint32_t minor)
{
	enum device_kind kind = topology_cache_kind(arg, major, minor);

	return device_kind_is_stacked(kind) && kind != DEVICE_NVME_HEAD;
}

static void parse(struct cgroup_state *s, const struct source *src, struct frame_row *row)
{
	const char *text = s->text;
	uint64_t v;

	switch (src->parse) {
	case PARSE_U64:
		if (cgroup_text_u64(text, &v))
			frame_put(row, src->metric[0], v);
		break;
	case PARSE_LIMIT:
		if (cgroup_text_u64(text, &v) && v < NO_LIMIT_V1)
			frame_put(row, src->metric[0], v);
		break;
	case PARSE_FLAT: cgroup_text_flat(text, src->keys, src->n_keys, row); break;
	case PARSE_PRESSURE: cgroup_text_pressure(text, src->metric[0], src->metric[1], row); break;
	case PARSE_IO_STAT: cgroup_text_io_stat(text, is_stacked, &s->kinds, row); break;
	case PARSE_BLKIO:
		cgroup_text_blkio(text, is_stacked, &s->kinds, src->metric[0], src->metric[1],
				  src->metric[2], row);
		break;
	}
}

static void read_source(struct cgroup_state *s, const struct source *src, int *fd,
			struct frame_row *row)
{
	/* cgroup files are shown whole by one read. */
	ssize_t n = pread(*fd, s->text, sizeof(s->text) - 1, 0);

	if (n < 0 && errno == EINTR)
		return;
	if (n < 0) {
		/* The cgroup has gone: a gap. Anything else is a loss. */
		if (errno != ENODEV && errno != ENOENT)
			loss_add(s->losses, src->file, 1, "reading it: %s", strerrordesc_np(errno));
		close_fd(fd);
		return;
	}
	s->text[n] = '\0';
	parse(s, src, row);
}

static void read_net(struct cgroup_state *s, int fd, struct frame_row *row)
{
	struct netdev_totals net;

	if (fs_pread_text(fd, s->text, sizeof(s->text)) < 0 || netdev_parse(s->text, &net))
		return;
	frame_put(row, METRIC_net_rx_bytes, net.rx_bytes);
	frame_put(row, METRIC_net_tx_bytes, net.tx_bytes);
	frame_put(row, METRIC_net_rx_packets, net.rx_packets);
	frame_put(row, METRIC_net_tx_packets, net.tx_packets);
}

/* Files that are there but have never counted: told once, when the run is over. */
static void tell_empty_blkio(struct cgroup_state *s)
{
	for (size_t t = 0; t < s->targets->n; t++)
		if (s->v[t].io_opened && !s->v[t].io_seen)
			loss_add(s->losses, "blkio.throttle.io_service_bytes_recursive", 1,
				 "stayed empty: this kernel counts v1 I/O only where a throttle "
				 "rule is set");
	s->last_told = true;
}

static void cgroup_read(void *state, struct frame *f)
{
	struct cgroup_state *s = state;

	for (size_t i = 0; i < s->targets->n; i++) {
		const struct target *t = &s->targets->v[i];
		struct open_target *o = &s->v[i];
		struct frame_row *row;
		bool gone;

		if (!atomic_load_explicit(&t->published, memory_order_acquire))
			continue;
		row = frame_row_of(f, i);
		if (!row)
			return;
		gone = atomic_load(&t->gone);
		if (!o->opened)
			open_target(s, t, o);
		for (size_t k = 0; k < ARRAY_SIZE(sources); k++)
			if (o->fd[k] >= 0)
				read_source(s, &sources[k], &o->fd[k], row);
		o->io_seen |= frame_has(row, METRIC_io_read_bytes);
		if (o->net_fd >= 0)
			read_net(s, o->net_fd, row);
		/* An open file would keep the namespace and its interfaces alive. */
		if (gone)
			close_fd(&o->net_fd);
		if (frame_row_empty(row) && row == &f->rows[f->n_rows - 1])
			f->n_rows--;
	}
	if (f->last && !s->last_told)
		tell_empty_blkio(s);
}

const struct collector collector_cgroup = {
	.name = "cgroup",
	.help = "CPU, memory, I/O, pressure and network per target, from cgroup files",
	.open = cgroup_open,
	.read = cgroup_read,
	.close = cgroup_close,
};
