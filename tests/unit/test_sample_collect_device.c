// SPDX-License-Identifier: Apache-2.0
/* The device collector against this host's own /proc/diskstats. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks_and_nothing_else),
		cmocka_unit_test(a_full_frame_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
