// SPDX-License-Identifier: Apache-2.0
/* Images: what is there, and fetching what is not. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/pull.h"

int engine_image_inspect(struct engine *e, const char *image, struct engine_image *ret,
			 struct err *err)
{
	char path[CALL_PATH_MAX];
	json_t *json = NULL, *config, *item;
	size_t i;
	int rc = call_path(path, "/images/", image, "/json", err);

	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "GET",
						    .path = path,
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, &json, err);
	if (rc)
		return err_wrap(err, "looking for image '%s'", image);
	*ret = (struct engine_image){ 0 };
	config = json_object_get(json, "Config");
	snprintf(ret->id, sizeof(ret->id), "%s", call_text(json, "Id"));
	snprintf(ret->user, sizeof(ret->user), "%s", call_text(config, "User"));
	json_array_foreach(json_object_get(config, "Env"), i, item) {
		const char *text = json_string_value(item);

		if (text && !strncmp(text, "PATH=", 5))
			snprintf(ret->path, sizeof(ret->path), "%s", text + 5);
	}
	json_decref(json);
	return 0;
}

struct pulling {
	struct pull pull;
	engine_pull_fn progress;
	void *arg;
};

static int on_pull_data(void *arg, const char *data, size_t len)
{
	struct pulling *p = arg;
	uint64_t done, total;
	int rc = pull_feed(&p->pull, data, len);

	if (rc || !p->progress)
		return rc;
	pull_totals(&p->pull, &done, &total);
	p->progress(p->arg, done, total);
	return 0;
}

/* Without a tag or digest the engine would fetch every tag there is. */
static bool has_tag(const char *image)
{
	const char *last = strrchr(image, '/');

	return strpbrk(last ? last : image, ":@") != NULL;
}

int engine_image_pull(struct engine *e, const char *image, engine_pull_fn progress, void *arg,
		      struct err *err)
{
	struct pulling p = { .progress = progress, .arg = arg };
	char path[CALL_PATH_MAX];
	int rc = call_path(path, "/images/create?fromImage=", image,
			   has_tag(image) ? "" : "&tag=latest", err);

	if (rc)
		return rc;
	pull_init(&p.pull);
	rc = call_json(e,
		       &(struct http_call){
			       .method = "POST",
			       .path = path,
			       .header = "X-Registry-Auth: e30=", /* {}: nobody in particular */
			       .data = on_pull_data,
			       .data_arg = &p },
		       NULL, NULL, err);
	if (!rc && p.pull.line.len)
		rc = pull_feed(&p.pull, "\n", 1);
	/* The status was sent before the pull began: a late failure is in the text. */
	if (!rc && *p.pull.error)
		rc = err_say(err, -ENOENT, "%s", p.pull.error);
	pull_fini(&p.pull);
	return rc ? err_wrap(err, "pulling image '%s'", image) : 0;
}
