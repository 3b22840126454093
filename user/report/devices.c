// SPDX-License-Identifier: Apache-2.0
/* What devices are made of, and what each target did to disks, each byte counted once. */
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

static json_t *device_by_dev(const json_t *devices, int64_t dev)
{
	json_t *d;
	size_t i;

	json_array_foreach(devices, i, d)
		if (json_integer_value(json_object_get(d, "dev")) == dev)
			return d;
	return NULL;
}

static int add_topology(struct building *b, json_t *devices)
{
	sqlite3_stmt *row;

	/* Databases of schema version 1 know only that a device is stacked. */
	if (!has_column(b, "device", "leaves"))
		return 0;
	row = query(b, "SELECT dev, kind, label, leaves FROM device");
	while (next(b, &row)) {
		const char *leaves = (const char *)sqlite3_column_text(row, 3);
		json_t *d = device_by_dev(devices, sqlite3_column_int64(row, 0));
		json_t *names = leaves ? json_loads(leaves, 0, NULL) : NULL;

		if (d) {
			put_column(b, d, "kind", row, 1);
			put_column(b, d, "label", row, 2);
			if (json_is_array(names))
				put(b, d, "leaves", json_incref(names));
		}
		json_decref(names);
	}
	return b->err->code;
}

/* Whose bytes are not seen again below it: a disk, or a device on a file that is on none. */
static bool is_leaf(const json_t *devices, const char *name)
{
	const json_t *leaves;
	json_t *d;
	size_t i;

	json_array_foreach(devices, i, d) {
		const char *its = json_string_value(json_object_get(d, "name"));

		if (!its || strcmp(its, name))
			continue;
		leaves = json_object_get(d, "leaves");
		return !json_is_true(json_object_get(d, "stacked")) ||
		       (leaves && !json_array_size(leaves));
	}
	return true; /* nothing says that it is stacked */
}

static void add_to(struct building *b, json_t *sum, const char *key, int64_t more)
{
	put(b, sum, key, json_integer(json_integer_value(json_object_get(sum, key)) + more));
}

static void add_device(struct building *b, json_t *total, json_t *of_device)
{
	static const char *const keys[] = { "ios", "bytes", "errors" };
	const char *op;
	json_t *o;

	json_object_foreach(of_device, op, o) {
		json_t *sum = json_object_get(total, op);

		if (!sum) {
			sum = json_object();
			put(b, total, op, sum);
		}
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			add_to(b, sum, keys[i], json_integer_value(json_object_get(o, keys[i])));
		add_to(b, sum, "devices", 1);
	}
}

int build_devices(struct building *b)
{
	json_t *devices = json_object_get(b->report, "devices"), *t, *of_device;
	int rc = add_topology(b, devices);
	const char *name;
	size_t i;

	if (rc)
		return rc;
	json_array_foreach(json_object_get(b->report, "targets"), i, t) {
		json_t *total = json_object();

		json_object_foreach(json_object_get(t, "block"), name, of_device)
			if (is_leaf(devices, name))
				add_device(b, total, of_device);
		put(b, t, "block_total", total);
	}
	return 0;
}
