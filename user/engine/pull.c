// SPDX-License-Identifier: Apache-2.0
/* Layers are told apart by their id; only downloading counts, unpacking would count twice. */
#include "engine/pull.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "engine/call.h"

void pull_init(struct pull *p)
{
	*p = (struct pull){ .line = BUF_INIT(PULL_LINE_MAX) };
}

void pull_fini(struct pull *p)
{
	buf_fini(&p->line);
}

static struct pull_layer *layer_of(struct pull *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strncmp(p->layers[i].id, id, sizeof(p->layers[i].id) - 1))
			return &p->layers[i];
	if (p->n == PULL_LAYERS)
		return NULL;
	snprintf(p->layers[p->n].id, sizeof(p->layers[p->n].id), "%s", id);
	return &p->layers[p->n++];
}

static void take_progress(struct pull *p, const json_t *line)
{
	const json_t *detail = json_object_get(line, "progressDetail");
	json_int_t done = json_integer_value(json_object_get(detail, "current"));
	json_int_t total = json_integer_value(json_object_get(detail, "total"));
	const char *status = call_text(line, "status");
	const char *id = call_text(line, "id");
	struct pull_layer *layer;

	if (!*id)
		return;
	if (!strcmp(status, "Downloading") && done >= 0 && total > 0) {
		layer = layer_of(p, id);
		if (layer) {
			layer->done = (uint64_t)done;
			layer->total = (uint64_t)total;
		}
	} else if (!strcmp(status, "Download complete") || !strcmp(status, "Pull complete")) {
		layer = layer_of(p, id);
		if (layer)
			layer->done = layer->total;
	}
}

static void take_line(struct pull *p)
{
	json_t *line = json_loadb(buf_str(&p->line), p->line.len, 0, NULL);
	const char *error = call_text(line, "error");

	if (*error && !*p->error)
		snprintf(p->error, sizeof(p->error), "%s", error);
	take_progress(p, line);
	json_decref(line);
	buf_reset(&p->line);
}

int pull_feed(struct pull *p, const char *data, size_t len)
{
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) : len;
		int rc = buf_put(&p->line, data, n);

		if (rc)
			return rc;
		if (end) {
			take_line(p);
			n++;
		}
		data += n;
		len -= n;
	}
	return 0;
}

void pull_totals(const struct pull *p, uint64_t *ret_done, uint64_t *ret_total)
{
	*ret_done = *ret_total = 0;
	for (size_t i = 0; i < p->n; i++) {
		*ret_done += p->layers[i].done;
		*ret_total += p->layers[i].total;
	}
}
