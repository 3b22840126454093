// SPDX-License-Identifier: Apache-2.0
/* JSON requests and answers over http_perform(). */
#include "engine/call.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"

static int parse_answer(const struct engine *e, const struct http_reply *reply, json_t **ret,
			struct err *err)
{
	json_error_t why;

	*ret = json_loadb(buf_str(&reply->body), reply->body.len, JSON_DECODE_ANY, &why);
	if (!*ret)
		return err_say(err, -EPROTO,
			       "the %s engine at %s answered something that is not JSON: %s",
			       e->server.product, e->server.at.shown, why.text);
	return 0;
}

int call_json(struct engine *e, const struct http_call *how, json_t *body, json_t **ret_json,
	      struct err *err)
{
	cleanup_free char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct http_call call = *how;
	struct http_reply reply;
	char path[CALL_PATH_MAX];
	int rc;

	json_decref(body);
	if (body && !text) /* only its address is looked at */
		return err_set(err, -ENOMEM, "request to the %s engine", e->server.product);
	if (snprintf(path, sizeof(path), "%s%s", e->prefix, how->path) >= (int)sizeof(path))
		return err_set(err, -ENAMETOOLONG, "request to the %s engine", e->server.product);
	call.path = path;
	if (body)
		call.body = text;
	rc = http_perform(&e->server, &call, &reply, err);
	if (!rc && ret_json)
		rc = parse_answer(e, &reply, ret_json, err);
	http_reply_fini(&reply);
	return rc;
}

int call_path(char *path, const char *before, const char *name, const char *rest, struct err *err)
{
	cleanup_buf struct buf b = BUF_INIT(CALL_PATH_MAX - 1);

	buf_puts(&b, before);
	http_escape(&b, name);
	buf_puts(&b, rest);
	if (b.failed)
		return err_set(err, b.failed, "request about '%.64s'", name);
	memcpy(path, buf_str(&b), b.len + 1);
	return 0;
}

const char *call_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_t *call_labels(const struct str_map *labels)
{
	json_t *object = json_object();

	for (size_t i = 0; object && labels && i < labels->n; i++) {
		if (json_object_set_new(object, labels->v[i].key,
					json_string(labels->v[i].value))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
