// SPDX-License-Identifier: Apache-2.0
/* Connecting to an engine and agreeing on an API version with it. */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/call.h"

/* 1.40 (Docker 19.03) is the first with all that is used here. */
#define API_MAJOR 1u
#define API_MIN_MINOR 40u
#define API_MAX_MINOR 48u

/* "1.41" -> 41; -1 for anything that is not 1.x. */
static int minor_of(const char *api)
{
	unsigned int major, minor;
	char end;

	if (sscanf(api, "%u.%u%c", &major, &minor, &end) != 2 || major != API_MAJOR ||
	    minor > 10000)
		return -1;
	return (int)minor;
}

static int negotiate(struct engine *e, const json_t *version, struct err *err)
{
	const struct http_server *s = &e->server;
	const char *api = call_text(version, "ApiVersion");
	const char *least = call_text(version, "MinAPIVersion");
	int theirs = minor_of(api), floor = *least ? minor_of(least) : 0;

	if (theirs < 0)
		return err_say(err, -EPROTO,
			       "what answers at %s is no container engine: its API version is "
			       "'%.32s'",
			       s->at.shown, api);
	if (theirs < (int)API_MIN_MINOR)
		return err_say(err, -EPROTONOSUPPORT,
			       "the %s engine at %s speaks API %s; cbpf needs 1.%u or newer "
			       "(Docker 19.03, Podman 3.0): update the engine",
			       s->product, s->at.shown, api, API_MIN_MINOR);
	if (floor > (int)API_MAX_MINOR)
		return err_say(err, -EPROTONOSUPPORT,
			       "the %s engine at %s speaks API %s and newer; this cbpf knows up "
			       "to 1.%u: update cbpf",
			       s->product, s->at.shown, least, API_MAX_MINOR);
	snprintf(e->prefix, sizeof(e->prefix), "/v1.%u",
		 theirs < (int)API_MAX_MINOR ? (unsigned int)theirs : API_MAX_MINOR);
	snprintf(e->version, sizeof(e->version), "%s", call_text(version, "Version"));
	return 0;
}

int engine_open(const struct engine_config *config, struct engine **ret, struct err *err)
{
	struct engine *e = calloc(1, sizeof(*e));
	json_t *version = NULL;
	int rc;

	if (!e)
		return err_set(err, -ENOMEM, "client of the %s engine", config->product);
	e->server =
		(struct http_server){ *config->at, config->product, config->hint, config->cancel };
	rc = call_json(
		e, &(struct http_call){ .method = "GET", .path = "/version", .timeout_ms = 10000 },
		NULL, &version, err);
	if (!rc)
		rc = negotiate(e, version, err);
	json_decref(version);
	if (rc)
		engine_close(e);
	else
		*ret = e;
	return rc;
}

void engine_close(struct engine *e)
{
	free(e);
}

int engine_info(struct engine *e, struct engine_info *ret, struct err *err)
{
	json_t *info;
	int rc =
		call_json(e,
			  &(struct http_call){
				  .method = "GET", .path = "/info", .timeout_ms = CALL_TIMEOUT_MS },
			  NULL, &info, err);

	if (rc)
		return err_wrap(err, "asking the %s engine about itself", e->server.product);
	*ret = (struct engine_info){ 0 };
	snprintf(ret->version, sizeof(ret->version), "%s", e->version);
	snprintf(ret->api, sizeof(ret->api), "%s", e->prefix + strlen("/v"));
	snprintf(ret->cgroup_driver, sizeof(ret->cgroup_driver), "%s",
		 call_text(info, "CgroupDriver"));
	snprintf(ret->root_dir, sizeof(ret->root_dir), "%s", call_text(info, "DockerRootDir"));
	json_decref(info);
	return 0;
}
