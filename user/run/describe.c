// SPDX-License-Identifier: Apache-2.0
/* From the devices of a frame to rows of the device table. */
#include "run/describe.h"

#include <errno.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "host/topology.h"
#include "sample/frame.h"
#include "store/store.h"

static struct described *find(struct describer *d, uint32_t dev)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].dev == dev)
			return &d->v[i];
	if (d->n == DESCRIBE_MAX)
		return NULL;
	d->v[d->n] = (struct described){ .dev = dev };
	return &d->v[d->n++];
}

static uint64_t ios_of(const struct frame_device *d)
{
	return d->ios[0] + d->ios[1] + d->ios[2] + d->flushes;
}

static bool is_due(const struct described *v, const struct frame_device *d, uint64_t now_ns)
{
	if (!v->stored)
		return true;
	if (!d->stacked || ios_of(d) == v->ios)
		return false;
	return !v->complete || now_ns - v->looked_ns >= NSEC_PER_SEC;
}

/* NULL for a leaf, and while nothing below is known. */
static int leaves_json(const struct topology *t, char **ret)
{
	json_t *a;

	*ret = NULL;
	if (!device_kind_is_stacked(t->kind) || (!t->complete && !t->n_leaves))
		return 0;
	a = json_array();
	for (size_t i = 0; i < t->n_leaves; i++)
		json_array_append_new(a, json_string(t->leaves[i]));
	*ret = a ? json_dumps(a, JSON_COMPACT) : NULL;
	json_decref(a);
	return *ret ? 0 : -ENOMEM;
}

static int describe(struct describer *d, struct described *v, struct store *s, struct err *err)
{
	cleanup_free char *leaves = NULL;
	struct topology t;

	/* Gone already, or less to be seen than before: torn down. */
	if (topology_read(d->sys, d->mountinfo, v->dev >> 20, v->dev & 0xfffff, &t) ||
	    (v->complete && !t.complete))
		return 0;
	if (leaves_json(&t, &leaves))
		return err_set(err, -ENOMEM, "describing a device");
	v->stored = true;
	v->complete = t.complete;
	return store_put_device(s,
				&(struct store_device){
					.dev = v->dev,
					.kind = device_kind_name(t.kind),
					.label = t.label,
					.leaves_json = leaves,
				},
				err);
}

int describe_devices(struct describer *d, const struct frame *f, struct store *s, struct err *err)
{
	for (size_t i = 0; i < f->n_devices; i++) {
		const struct frame_device *device = &f->devices[i];
		struct described *v = find(d, device->dev);
		int rc;

		if (!v || !is_due(v, device, f->end_ns))
			continue;
		v->ios = ios_of(device);
		v->looked_ns = f->end_ns;
		rc = describe(d, v, s, err);
		if (rc)
			return rc;
	}
	return 0;
}
