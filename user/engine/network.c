// SPDX-License-Identifier: Apache-2.0
/* Networks and volumes. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "engine/call.h"
#include "engine/engine.h"

static int no_memory(struct engine *e, struct err *err)
{
	return err_set(err, -ENOMEM, "request to the %s engine", e->server.product);
}

static int post(struct engine *e, const char *path, json_t *body, struct err *err)
{
	return call_json(e,
			 &(struct http_call){
				 .method = "POST", .path = path, .timeout_ms = CALL_TIMEOUT_MS },
			 body, NULL, err);
}

static int get(struct engine *e, const char *before, const char *name, json_t **ret,
	       struct err *err)
{
	char path[CALL_PATH_MAX];
	int rc = call_path(path, before, name, "", err);

	return rc ? rc
		  : call_json(e,
			      &(struct http_call){ .method = "GET",
						   .path = path,
						   .cleanup = true,
						   .timeout_ms = CALL_TIMEOUT_MS },
			      NULL, ret, err);
}

/* Gone already is as good as removed. */
static int remove_by_path(struct engine *e, const char *before, const char *name, const char *rest,
			  struct err *err)
{
	char path[CALL_PATH_MAX];
	int rc = call_path(path, before, name, rest, err);

	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "DELETE",
						    .path = path,
						    .cleanup = true,
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, NULL, err);
	return rc == -ENOENT ? 0 : rc;
}

int engine_network_create(struct engine *e, const char *name, const char *driver,
			  const char *subnet, const struct str_map *labels, struct err *err)
{
	json_t *body =
		json_pack("{s:s, s:b, s:s, s:o}", "Name", name, "CheckDuplicate", 1, "Driver",
			  driver ? driver : "bridge", "Labels", call_labels(labels));

	if (body && subnet &&
	    json_object_set_new(body, "IPAM",
				json_pack("{s:[{s:s}]}", "Config", "Subnet", subnet))) {
		json_decref(body);
		body = NULL;
	}
	if (!body)
		return no_memory(e, err);
	if (post(e, "/networks/create", body, err))
		return err_wrap(err, "creating network '%s'%s%s", name,
				subnet ? " with subnet " : "", subnet ? subnet : "");
	return 0;
}

int engine_network_inspect(struct engine *e, const char *name, char *subnet, size_t size,
			   struct err *err)
{
	json_t *json;
	int rc = get(e, "/networks/", name, &json, err);

	if (rc)
		return err_wrap(err, "looking for network '%s'", name);
	if (subnet)
		snprintf(subnet, size, "%s",
			 call_text(json_array_get(json_object_get(json_object_get(json, "IPAM"),
								  "Config"),
						  0),
				   "Subnet"));
	json_decref(json);
	return 0;
}

int engine_network_connect(struct engine *e, const char *network, const char *container,
			   json_t *endpoint, struct err *err)
{
	json_t *body = json_pack("{s:s, s:o}", "Container", container, "EndpointConfig", endpoint);
	char path[CALL_PATH_MAX];
	int rc;

	if (!body)
		return no_memory(e, err);
	rc = call_path(path, "/networks/", network, "/connect", err);
	if (rc)
		json_decref(body);
	else
		rc = post(e, path, body, err);
	return rc ? err_wrap(err, "connecting container '%s' to network '%s'", container, network)
		  : 0;
}

int engine_network_remove(struct engine *e, const char *name, struct err *err)
{
	int rc = remove_by_path(e, "/networks/", name, "", err);

	return rc ? err_wrap(err, "removing network '%s'", name) : 0;
}

int engine_volume_create(struct engine *e, const char *name, const struct str_map *labels,
			 struct err *err)
{
	json_t *body = json_pack("{s:s, s:o}", "Name", name, "Labels", call_labels(labels));

	if (!body)
		return no_memory(e, err);
	if (post(e, "/volumes/create", body, err))
		return err_wrap(err, "creating volume '%s'", name);
	return 0;
}

int engine_volume_inspect(struct engine *e, const char *name, char *mountpoint, size_t size,
			  struct err *err)
{
	json_t *json;
	int rc = get(e, "/volumes/", name, &json, err);

	if (rc)
		return err_wrap(err, "looking for volume '%s'", name);
	if (mountpoint)
		snprintf(mountpoint, size, "%s", call_text(json, "Mountpoint"));
	json_decref(json);
	return 0;
}

int engine_volume_remove(struct engine *e, const char *name, struct err *err)
{
	int rc = remove_by_path(e, "/volumes/", name, "?force=1", err);

	return rc ? err_wrap(err, "removing volume '%s'", name) : 0;
}
