// SPDX-License-Identifier: Apache-2.0
/* The device collector against this host's own /proc/diskstats. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/loss.h"
#include "sample/collector.h"
#include "sample/frame.h"

static struct losses losses = LOSSES_INIT;

static void disks_and_nothing_else(void **state)
{
	struct collector_env env = { .losses = &losses };
	struct err err = { 0 };
	struct frame f;
	void *s = NULL;
	char path[96];

	(void)state;
	assert_int_equal(frame_init(&f, 0, 0, &err), 0);
	assert_int_equal(collector_device.open(&env, &s, &err), 0);
	collector_device.read(s, &f);
	for (size_t i = 0; i < f.n_devices; i++) {
		const struct frame_device *d = &f.devices[i];
		unsigned int major = d->dev >> 20, minor = d->dev & 0xfffff;

		assert_true(strlen(d->name) > 0);
		assert_true(d->ios[0] + d->ios[1] + d->ios[2] + d->flushes > 0);
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major, minor);
		assert_int_not_equal(access(path, F_OK), 0);
		if (!strncmp(d->name, "loop", 4) || !strncmp(d->name, "dm-", 3))
			assert_true(d->stacked);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(d->dev, f.devices[k].dev);
	}
	assert_int_equal(losses.n, 0);
	collector_device.close(s);
	collector_device.close(NULL);
	frame_fini(&f);
}

static void a_full_frame_is_told_once(void **state)
{
	struct collector_env env = { .losses = &losses };
	struct err err = { 0 };
	struct frame f;
	void *s = NULL;
	size_t n;

	(void)state;
	assert_int_equal(frame_init(&f, 0, 0, &err), 0);
	assert_int_equal(collector_device.open(&env, &s, &err), 0);
	collector_device.read(s, &f);
	n = f.n_devices;
	f.max_devices = 0;
	for (int i = 0; i < 3 && n; i++) {
		frame_reset(&f);
		collector_device.read(s, &f);
		assert_int_equal(f.n_devices, 0);
		assert_int_equal(losses.n, 1);
		assert_int_equal(losses.v[0].count, 1);
	}
	collector_device.close(s);
	frame_fini(&f);
}

/* Put @text in the place of /proc/diskstats, in a mount namespace that is this process' own. */
static void play_diskstats(const char *text)
{
	char path[] = "/tmp/cbpf-diskstats-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS))
		fail_msg("no mount namespace of its own: %s", strerror(errno));
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount(path, "/proc/diskstats", NULL, MS_BIND, NULL), 0);
	unlink(path);
}

#define DEV (7u << 20 | 250)

/* Its first request is in flight, or had no part in the totals yet. */
static void what_the_block_probe_tells_of_is_not_left_out(void **state)
{
	static const struct {
		const char *label;
		struct frame f; /* how many of each, all of DEV */
		uint8_t layer;
		bool told;
	} cases[] = {
		{ "nobody tells of it", { 0 }, 0, false },
		{ "requests in the device", { .n_depths = 1 }, 0, true },
		{ "an owner's share", { .n_shares = 1 }, 0, true },
		{ "what one lost to another", { .n_crosses = 1 }, 0, true },
		{ "what has no latency", { .n_blocks = 1 }, 0, true },
		{ "errors", { .n_errors = 1 }, 0, true },
		{ "completions", { .n_hists = 1 }, LAYER_BLOCK_TOTAL, true },
		{ "a mount of that number", { .n_hists = 1 }, LAYER_VFS, false },
	};
	struct collector_env env = { .losses = &losses };
	struct err err = { 0 };
	struct frame f;
	void *s = NULL;

	(void)state;
	play_diskstats("   7     250 loop250 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0\n"
		       "   8     240 sdp 1 0 8 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
	assert_int_equal(frame_init(&f, 1, 1, &err), 0);
	assert_int_equal(collector_device.open(&env, &s, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		frame_reset(&f);
		f.n_depths = cases[i].f.n_depths;
		f.n_shares = cases[i].f.n_shares;
		f.n_crosses = cases[i].f.n_crosses;
		f.n_blocks = cases[i].f.n_blocks;
		f.n_errors = cases[i].f.n_errors;
		f.n_hists = cases[i].f.n_hists;
		f.depths[0].dev = f.shares[0].dev = f.crosses[0].dev = DEV;
		f.blocks[0].dev = f.errors[0].dev = f.hists[0].dev = DEV;
		f.hists[0].layer = cases[i].layer;
		collector_device.read(s, &f);
		if (f.n_devices != 1u + cases[i].told)
			fail_msg("%s: %zu devices", cases[i].label, f.n_devices);
		assert_string_equal(f.devices[f.n_devices - 1].name, "sdp");
		if (cases[i].told) {
			assert_int_equal(f.devices[0].dev, DEV);
			assert_true(f.devices[0].stacked);
		}
	}
	collector_device.close(s);
	frame_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks_and_nothing_else),
		cmocka_unit_test(a_full_frame_is_told_once),
		/* The last one: other tests are about this host's. */
		cmocka_unit_test(what_the_block_probe_tells_of_is_not_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
