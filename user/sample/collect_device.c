// SPDX-License-Identifier: Apache-2.0
/* Collector "device": the kernel's own totals per disk, to check everything else against. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "host/diskstats.h"
#include "host/topology.h"
#include "sample/collector.h"
#include "sample/frame.h"

#define TEXT_BYTES (64 * 1024) /* some 500 devices */

struct device_state {
	struct losses *losses; /* borrowed */
	int fd;
	bool cut_told; /* the loss of what did not fit is told once */
	struct topology_cache kinds;
	char text[TEXT_BYTES];
};

static void device_close(void *state)
{
	struct device_state *s = state;

	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	topology_cache_fini(&s->kinds);
	free(s);
}

static int device_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	struct device_state *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, -ENOMEM, "collector device");
	s->losses = env->losses;
	topology_cache_init(&s->kinds);
	s->fd = open("/proc/diskstats", O_RDONLY | O_CLOEXEC);
	if (s->fd < 0) {
		int rc = err_set(err, -errno, "opening /proc/diskstats");

		device_close(s);
		return rc;
	}
	*ret_state = s;
	return 0;
}

/* Never used since it was made: ram disks, unused loops. */
static bool idle(const struct diskstats *d)
{
	return !(d->read_ios | d->write_ios | d->discard_ios | d->flush_ios);
}

/*
 * Whether the block probe tells of it in this tick, which it does from the first request that is
 * issued: what a device is belongs to all of its rows, and to the first ones, too.
 */
static bool named(const struct frame *f, uint32_t dev)
{
	for (size_t i = 0; i < f->n_depths; i++)
		if (f->depths[i].dev == dev)
			return true;
	for (size_t i = 0; i < f->n_shares; i++)
		if (f->shares[i].dev == dev)
			return true;
	for (size_t i = 0; i < f->n_crosses; i++)
		if (f->crosses[i].dev == dev)
			return true;
	for (size_t i = 0; i < f->n_blocks; i++)
		if (f->blocks[i].dev == dev)
			return true;
	for (size_t i = 0; i < f->n_errors; i++)
		if (f->errors[i].dev == dev)
			return true;
	for (size_t i = 0; i < f->n_hists; i++)
		if (f->hists[i].dev == dev && f->hists[i].layer < LAYER_BLOCKS)
			return true;
	return false;
}

static void put(struct frame_device *to, const struct diskstats *d, bool stacked)
{
	*to = (struct frame_device){
		.dev = d->major << 20 | d->minor,
		.stacked = stacked,
		.ios = { d->read_ios, d->write_ios, d->discard_ios },
		.bytes = { d->read_bytes, d->write_bytes, d->discard_bytes },
		.flushes = d->flush_ios,
		.busy_ns = d->busy_ns,
	};
	snprintf(to->name, sizeof(to->name), "%s", d->name);
}

static void device_read(void *state, struct frame *f)
{
	struct device_state *s = state;
	const char *at = s->text;
	ssize_t len = fs_pread_text(s->fd, s->text, sizeof(s->text));
	bool cut = len == sizeof(s->text) - 1;
	struct diskstats d;
	int rc;

	if (len < 0)
		return;
	while ((rc = diskstats_next(&at, &d)) >= 0) {
		enum device_kind kind;

		if (!rc || (idle(&d) && !named(f, d.major << 20 | d.minor)))
			continue;
		kind = topology_cache_kind(&s->kinds, d.major, d.minor);
		if (kind == DEVICE_PARTITION)
			continue;
		if (f->n_devices == f->max_devices) {
			cut = true;
			break;
		}
		put(&f->devices[f->n_devices++], &d, device_kind_is_stacked(kind));
	}
	if (cut && !s->cut_told) {
		s->cut_told = true;
		loss_add(s->losses, "collector device", 1, "only the first %zu disks are kept",
			 f->n_devices);
	}
}

const struct collector collector_device = {
	.name = "device",
	.help = "requests and bytes per disk, from /proc/diskstats",
	.open = device_open,
	.read = device_read,
	.close = device_close,
};
