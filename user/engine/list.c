// SPDX-License-Identifier: Apache-2.0
/* Finding containers, networks and volumes by a label. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "engine/call.h"
#include "engine/engine.h"

static const struct {
	const char *what;
	const char *path; /* with the filter to come */
	const char *inside; /* key of the array; NULL: the answer is the array */
	const char *id, *name;
} kinds[] = {
	[ENGINE_CONTAINERS] = { "containers", "/containers/json?all=1&filters=", NULL, "Id", NULL },
	[ENGINE_NETWORKS] = { "networks", "/networks?filters=", NULL, "Id", "Name" },
	[ENGINE_VOLUMES] = { "volumes", "/volumes?filters=", "Volumes", "Name", "Name" },
};

static const char *name_of(enum engine_kind kind, const json_t *json)
{
	const char *name;

	if (kinds[kind].name)
		return call_text(json, kinds[kind].name);
	/* Containers have a list of names, the first character of each a slash. */
	name = json_string_value(json_array_get(json_object_get(json, "Names"), 0));
	if (!name)
		return "";
	return name + (*name == '/');
}

static int take_item(enum engine_kind kind, const json_t *json, struct engine_item *item)
{
	const char *key;
	json_t *value;
	int rc = 0;

	snprintf(item->id, sizeof(item->id), "%s", call_text(json, kinds[kind].id));
	snprintf(item->name, sizeof(item->name), "%s", name_of(kind, json));
	json_object_foreach(json_object_get(json, "Labels"), key, value) {
		const char *text = json_string_value(value);

		if (text && !rc)
			rc = str_map_set(&item->labels, key, text);
	}
	return rc;
}

static int take_items(enum engine_kind kind, const json_t *array, struct engine_list *list)
{
	size_t n = json_array_size(array);

	list->v = calloc(n ? n : 1, sizeof(*list->v));
	if (!list->v)
		return -ENOMEM;
	while (list->n < n) {
		int rc = take_item(kind, json_array_get(array, list->n), &list->v[list->n]);

		list->n++;
		if (rc)
			return rc;
	}
	return 0;
}

int engine_list(struct engine *e, enum engine_kind kind, const char *label, struct engine_list *ret,
		struct err *err)
{
	json_t *filter = json_pack("{s:[s]}", "label", label), *json = NULL;
	cleanup_free char *text = filter ? json_dumps(filter, JSON_COMPACT) : NULL;
	struct engine_list list = { 0 };
	char path[CALL_PATH_MAX];
	int rc;

	json_decref(filter);
	if (!text)
		return err_set(err, -ENOMEM, "request to the %s engine", e->server.product);
	rc = call_path(path, kinds[kind].path, text, "", err);
	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "GET",
						    .path = path,
						    .cleanup = true,
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, &json, err);
	if (!rc) {
		rc = take_items(kind,
				kinds[kind].inside ? json_object_get(json, kinds[kind].inside)
						   : json,
				&list);
		if (rc)
			err_set(err, rc, "answer of the %s engine", e->server.product);
	}
	json_decref(json);
	if (rc) {
		engine_list_fini(&list);
		return err_wrap(err, "listing %s with label '%s'", kinds[kind].what, label);
	}
	*ret = list;
	return 0;
}

void engine_list_fini(struct engine_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		str_map_fini(&list->v[i].labels);
	free(list->v);
	*list = (struct engine_list){ 0 };
}
