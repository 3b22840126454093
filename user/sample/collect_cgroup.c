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
#include "base/fd_limit.h"
#include "base/fs.h"
#include "base/loss.h"
#include "host/netdev.h"
#include "host/topology.h"
#include "launch/target.h"
#include "sample/cgroup_base.h"
#include "sample/cgroup_hugetlb.h"
#include "sample/cgroup_source.h"
#include "sample/collector.h"
#include "sample/frame.h"

#define TEXT_BYTES (32 * 1024)

struct open_target {
	bool opened;
	bool seen; /* a file of its cgroup was read */
	bool io_opened, io_seen; /* v1 blkio files: there, and with counts */
	int fd[CGROUP_SOURCES_MAX]; /* -1: not there, or gone */
	int net_fd;
	struct netdev_totals net; /* the last that was told */
	struct hugetlb huge;
	char cpus[FRAME_LIST], mems[FRAME_LIST]; /* as put into a frame last */
	struct cgroup_base base; /* of one that ran before */
};

struct cgroup_state {
	const struct target_set *targets; /* borrowed */
	struct losses *losses; /* borrowed */
	struct topology_cache kinds;
	bool last_told;
	_Alignas(uint64_t) char text[TEXT_BYTES]; /* directories are read into it too */
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
		for (size_t i = 0; i < cgroup_n_sources; i++)
			close_fd(&s->v[t].fd[i]);
		close_fd(&s->v[t].net_fd);
		hugetlb_close(&s->v[t].huge);
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
		for (size_t i = 0; i < cgroup_n_sources; i++)
			s->v[t].fd[i] = -1;
	}
	fd_limit_raise(n * (cgroup_n_sources + HUGETLB_SIZES * HUGETLB_FILES + 1));
	*ret_state = s;
	return 0;
}

/* Names of the files that a target lacks in the normal course, for one loss in place of many. */
struct lacking {
	const char *last; /* of a group, whose files are together */
	char names[160];
};

static void lack(struct lacking *l, const char *group)
{
	size_t at = strlen(l->names);

	if (l->last != group && (!l->last || strcmp(l->last, group) != 0))
		snprintf(l->names + at, sizeof(l->names) - at, "%s%s", at ? ", " : "", group);
	l->last = group;
}

/* @ret_no_dir: it is the directory that could not be opened. */
static int open_in(const char *dir, const struct cgroup_source *src, bool *ret_no_dir)
{
	cleanup_close int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	*ret_no_dir = dirfd < 0;
	if (dirfd < 0)
		return -errno;
	fd = openat(dirfd, src->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && src->else_file)
		fd = openat(dirfd, src->else_file, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Open one file of target @t; tells the loss when it should be there and is not. */
static int open_source(struct cgroup_state *s, const struct target *t,
		       const struct cgroup_source *src, struct lacking *lacking)
{
	const char *v1_dir = src->ctrl == CG_NCTRL ? "" : t->cg.v1[src->ctrl];
	const char *dir = src->v1 ? v1_dir : t->cg.v2;
	bool no_dir = false;
	int fd = -ENOENT;

	/* Each controller is either on v1 or on v2. */
	if (src->v1 ? !v1_dir[0] : v1_dir[0] != '\0')
		return -1;
	if (dir[0])
		fd = open_in(dir, src, &no_dir);
	if (fd >= 0)
		return fd;
	if (no_dir) {
		if (!atomic_load(&t->gone)) /* strerror() allocates in newer C libraries */
			loss_add(s->losses, src->group ? src->group : src->file, 1,
				 "the target's cgroup: %s", strerrordesc_np(-fd));
	} else if (fd == -ENOENT && src->group) {
		lack(lacking, src->group);
	} else if (!dir[0]) {
		loss_add(s->losses, src->file, 1, "the target has no cgroup v2 of its own");
	} else {
		loss_add(s->losses, src->file, 1,
			 fd == -ENOENT ? "not in the target's cgroup: an older kernel, or a "
					 "controller that is not enabled there"
				       : "opening it: %s",
			 strerrordesc_np(-fd));
	}
	return -1;
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

static void open_huge(struct cgroup_state *s, const struct target *t, struct open_target *o,
		      struct lacking *lacking)
{
	bool v1 = t->cg.v1[CG_HUGETLB][0] != '\0';
	const char *dir = v1 ? t->cg.v1[CG_HUGETLB] : t->cg.v2;
	int n = dir[0] ? hugetlb_open(dir, v1, s->text, sizeof(s->text), &o->huge) : 0;

	if (!n)
		lack(lacking, "hugetlb");
	else if (n < 0 && !atomic_load(&t->gone))
		loss_add(s->losses, "hugetlb", 1, "the target's cgroup: %s", strerrordesc_np(-n));
}

static void open_target(struct cgroup_state *s, const struct target *t, struct open_target *o)
{
	struct lacking lacking = { 0 };

	for (size_t i = 0; i < cgroup_n_sources; i++) {
		o->fd[i] = open_source(s, t, &cgroup_sources[i], &lacking);
		o->io_opened |= cgroup_sources[i].parse == PARSE_BLKIO && o->fd[i] >= 0;
	}
	open_huge(s, t, o, &lacking);
	if (*lacking.names)
		loss_add(s->losses, "cgroup.files", 1,
			 "not in the target's cgroup, as the kernel lacks them or their controller "
			 "is not enabled there: %s",
			 lacking.names);
	o->net_fd = open_net(s, t);
	o->opened = true;
}

/* The head of an NVMe namespace counts: it hands its bios on, and they are charged once. */
static bool is_stacked(void *arg, uint32_t major, uint32_t minor)
{
	enum device_kind kind = topology_cache_kind(arg, major, minor);

	return device_kind_is_stacked(kind) && kind != DEVICE_NVME_HEAD;
}

/* True: it was read, whatever there was in it. */
static bool read_source(struct cgroup_state *s, const struct cgroup_source *src, int *fd,
			struct frame_row *row)
{
	/* cgroup files are shown whole by one read. */
	ssize_t n = pread(*fd, s->text, sizeof(s->text) - 1, 0);

	if (n < 0 && errno == EINTR)
		return false;
	if (n < 0) {
		/* The cgroup has gone: a gap. Anything else is a loss. */
		if (errno != ENODEV && errno != ENOENT)
			loss_add(s->losses, src->file, 1, "reading it: %s", strerrordesc_np(errno));
		close_fd(fd);
		return false;
	}
	s->text[n] = '\0';
	cgroup_source_parse(src, s->text, is_stacked, &s->kinds, row);
	return true;
}

/* A list as a frame has it: what does not fit is cut, which is seen. */
static void copy_list(char to[FRAME_LIST], const char *text)
{
	static const char cut[] = "...";
	size_t len = strcspn(text, "\n");

	if (len >= FRAME_LIST)
		snprintf(to, FRAME_LIST, "%.*s%s", (int)(FRAME_LIST - sizeof(cut)), text, cut);
	else
		snprintf(to, FRAME_LIST, "%.*s", (int)len, text);
}

/* What was read from @src is in @s->text. True when it is another list than before. */
static bool take_list(struct cgroup_state *s, const struct cgroup_source *src,
		      struct open_target *o)
{
	char *list = src->metric[0] == METRIC_cpuset_cpus ? o->cpus : o->mems;
	char now[FRAME_LIST];

	copy_list(now, s->text);
	if (!strcmp(now, list))
		return false;
	memcpy(list, now, sizeof(now));
	return true;
}

static void put_lists(const struct open_target *o, uint32_t owner, struct frame *f)
{
	struct frame_cpuset *c = &f->cpusets[f->n_cpusets++];

	c->owner = owner;
	memcpy(c->cpus, o->cpus, sizeof(c->cpus));
	memcpy(c->mems, o->mems, sizeof(c->mems));
}

static void read_sources(struct cgroup_state *s, struct open_target *o, struct frame_row *row,
			 struct frame *f)
{
	bool other_lists = false;

	for (size_t k = 0; k < cgroup_n_sources; k++) {
		const struct cgroup_source *src = &cgroup_sources[k];

		if (o->fd[k] < 0)
			continue;
		o->seen |= read_source(s, src, &o->fd[k], row);
		if (src->parse == PARSE_LIST && frame_has(row, src->metric[0]))
			other_lists |= take_list(s, src, o);
	}
	if (other_lists && f->n_cpusets < f->max_cpusets)
		put_lists(o, row->owner, f);
}

static void read_net(struct cgroup_state *s, struct open_target *o, struct frame_row *row)
{
	struct netdev_totals net;

	if (fs_pread_text(o->net_fd, s->text, sizeof(s->text)) < 0 || netdev_parse(s->text, &net))
		return;
	/* An engine takes a container's interfaces away when it ends, and their counts with them. */
	if (net.rx_bytes < o->net.rx_bytes || net.tx_bytes < o->net.tx_bytes)
		return;
	o->net = net;
	frame_put(row, METRIC_net_rx_bytes, net.rx_bytes);
	frame_put(row, METRIC_net_tx_bytes, net.tx_bytes);
	frame_put(row, METRIC_net_rx_packets, net.rx_packets);
	frame_put(row, METRIC_net_tx_packets, net.tx_packets);
}

/* Files that are there but have never counted. */
static void tell_empty_blkio(struct cgroup_state *s, size_t t)
{
	if (s->v[t].io_opened && !s->v[t].io_seen)
		loss_add(s->losses, "blkio.throttle.io_service_bytes_recursive", 1,
			 "stayed empty: this kernel counts v1 I/O only where a throttle "
			 "rule is set");
}

/* A gap of all of a target's life. Of what was there and could not be opened it was told why. */
static void tell_unseen(struct cgroup_state *s, size_t t)
{
	const struct target *target = &s->targets->v[t];

	if (s->v[t].opened && !s->v[t].seen && atomic_load(&target->gone))
		loss_add(s->losses, "cgroup.gone", 1,
			 "%s: its cgroup was gone before a tick could read it: a shorter interval "
			 "sees more",
			 target->name);
}

/* Once, when the run is over. */
static void tell_last(struct cgroup_state *s)
{
	for (size_t t = 0; t < s->targets->n; t++) {
		tell_empty_blkio(s, t);
		tell_unseen(s, t);
	}
	s->last_told = true;
}

static void cgroup_read(void *state, struct frame *f)
{
	struct cgroup_state *s = state;

	for (size_t i = 0; i < s->targets->n; i++) {
		const struct target *t = &s->targets->v[i];
		struct open_target *o = &s->v[i];
		struct frame_row *row, before;
		bool gone;

		if (!atomic_load_explicit(&t->published, memory_order_acquire))
			continue;
		row = frame_row_of(f, i);
		if (!row)
			return;
		before = *row;
		gone = atomic_load(&t->gone);
		if (!o->opened)
			open_target(s, t, o);
		read_sources(s, o, row, f);
		hugetlb_read(&o->huge, t->cg.v1[CG_HUGETLB][0] != '\0', s->text, sizeof(s->text),
			     row);
		o->io_seen |= frame_has(row, METRIC_io_read_bytes);
		if (o->net_fd >= 0)
			read_net(s, o, row);
		if (t->attached)
			cgroup_base_apply(&o->base, &before, row);
		/* An open file would keep the namespace and its interfaces alive. */
		if (gone)
			close_fd(&o->net_fd);
		if (frame_row_empty(row) && row == &f->rows[f->n_rows - 1])
			f->n_rows--;
	}
	if (f->last && !s->last_told)
		tell_last(s);
}

const struct collector collector_cgroup = {
	.name = "cgroup",
	.help = "CPU, memory, I/O, pressure and network per target, from cgroup files",
	.open = cgroup_open,
	.read = cgroup_read,
	.close = cgroup_close,
};
