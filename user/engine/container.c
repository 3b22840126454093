// SPDX-License-Identifier: Apache-2.0
/* Containers from creation to removal. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/call.h"
#include "engine/engine.h"

#define START_TIMEOUT_MS 120000
#define REMOVE_TRIES 50
#define REMOVE_PAUSE_NS (100 * NSEC_PER_MSEC)

int engine_container_create(struct engine *e, const char *name, json_t *body, char *id, size_t size,
			    json_t **ret_warnings, struct err *err)
{
	char path[CALL_PATH_MAX];
	json_t *answer = NULL;
	int rc = call_path(path, "/containers/create?name=", name, "", err);

	if (rc) {
		json_decref(body);
		return rc;
	}
	rc = call_json(e,
		       &(struct http_call){
			       .method = "POST", .path = path, .timeout_ms = START_TIMEOUT_MS },
		       body, &answer, err);
	if (!rc)
		snprintf(id, size, "%s", call_text(answer, "Id"));
	if (!rc && ret_warnings)
		*ret_warnings = json_incref(json_object_get(answer, "Warnings"));
	json_decref(answer);
	return rc ? err_wrap(err, "creating container '%s'", name) : 0;
}

/* A POST without body or answer; its words start with @what. */
static int order(struct engine *e, const char *id, const struct http_call *how, const char *rest,
		 const char *what, struct err *err)
{
	struct http_call call = *how;
	char path[CALL_PATH_MAX];
	int rc = call_path(path, "/containers/", id, rest, err);

	call.path = path;
	if (!rc)
		rc = call_json(e, &call, NULL, NULL, err);
	return rc ? err_wrap(err, "%s container '%.160s'", what, id) : 0;
}

int engine_container_start(struct engine *e, const char *id, void (*idle)(void *arg), void *arg,
			   struct err *err)
{
	return order(e, id,
		     &(struct http_call){ .method = "POST",
					  .timeout_ms = START_TIMEOUT_MS,
					  .idle = idle,
					  .idle_arg = arg },
		     "/start", "starting", err);
}

int engine_container_stop(struct engine *e, const char *id, unsigned int grace_s, struct err *err)
{
	char rest[32];

	snprintf(rest, sizeof(rest), "/stop?t=%u", grace_s);
	return order(e, id,
		     &(struct http_call){ .method = "POST",
					  .timeout_ms = CALL_TIMEOUT_MS + grace_s * 1000ull,
					  .cleanup = true },
		     rest, "stopping", err);
}

int engine_container_kill(struct engine *e, const char *id, const char *signal, struct err *err)
{
	char rest[64];
	int rc;

	snprintf(rest, sizeof(rest), "/kill?signal=%s", signal);
	rc = order(e, id,
		   &(struct http_call){
			   .method = "POST", .timeout_ms = CALL_TIMEOUT_MS, .cleanup = true },
		   rest, "signalling", err);
	return rc == -EEXIST ? 0 : rc; /* 409: it is not running */
}

int engine_container_remove(struct engine *e, const char *id, struct err *err)
{
	const struct http_call how = { .method = "DELETE",
				       .timeout_ms = CALL_TIMEOUT_MS,
				       .cleanup = true };
	int rc = 0;

	/* 409: somebody else is removing it; it counts when it is gone. */
	for (int i = 0; i < REMOVE_TRIES; i++) {
		rc = order(e, id, &how, "?force=1&v=1", "removing", err);
		if (rc != -EEXIST)
			break;
		(void)clock_sleep_until(clock_mono_ns() + REMOVE_PAUSE_NS);
	}
	return rc == -ENOENT ? 0 : rc;
}

/* "2026-11-21T10:15:00.123456789Z" or with "+02:00"; 0 for the year 1, which means never. */
static uint64_t parse_time(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t ns = 0, unit = NSEC_PER_SEC;
	long hours, minutes, offset_s = 0;
	time_t at;
	char sign;

	if (!rest || tm.tm_year < 70)
		return 0;
	at = timegm(&tm);
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
			unit /= 10;
			ns += unit * (uint64_t)(*rest - '0');
		}
	if (sscanf(rest, "%c%2ld:%2ld", &sign, &hours, &minutes) == 3)
		offset_s = (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return (uint64_t)(at - offset_s) * NSEC_PER_SEC + ns;
}

static int inspect(struct engine *e, const char *id, json_t **ret, struct err *err)
{
	char path[CALL_PATH_MAX];
	int rc = call_path(path, "/containers/", id, "/json", err);

	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "GET",
						    .path = path,
						    .cleanup = true,
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, ret, err);
	return rc ? err_wrap(err, "inspecting container '%.160s'", id) : 0;
}

int engine_container_inspect(struct engine *e, const char *id, struct engine_container *ret,
			     struct err *err)
{
	const json_t *state;
	json_t *json;
	int rc = inspect(e, id, &json, err);

	if (rc)
		return rc;
	state = json_object_get(json, "State");
	*ret = (struct engine_container){
		.running = json_is_true(json_object_get(state, "Running")),
		.oom_killed = json_is_true(json_object_get(state, "OOMKilled")),
		.pid = (int)json_integer_value(json_object_get(state, "Pid")),
		.exit_code = (int)json_integer_value(json_object_get(state, "ExitCode")),
		.finished_ns = parse_time(call_text(state, "FinishedAt")),
	};
	snprintf(ret->id, sizeof(ret->id), "%s", call_text(json, "Id"));
	snprintf(ret->error, sizeof(ret->error), "%s", call_text(state, "Error"));
	snprintf(ret->image, sizeof(ret->image), "%s",
		 call_text(json_object_get(json, "Config"), "Image"));
	json_decref(json);
	return 0;
}

int engine_container_address(struct engine *e, const char *id, char *text, size_t size,
			     struct err *err)
{
	json_t *json, *network;
	const char *key;
	int rc = inspect(e, id, &json, err);

	if (rc)
		return rc;
	rc = -EADDRNOTAVAIL;
	json_object_foreach(json_object_get(json_object_get(json, "NetworkSettings"), "Networks"),
			    key, network) {
		const char *ip = call_text(network, "IPAddress");

		if (*ip) {
			snprintf(text, size, "%s", ip);
			rc = 0;
			break;
		}
	}
	json_decref(json);
	return rc ? err_say(err, rc, "container '%.160s' has no address of its own", id) : 0;
}

int engine_container_has(struct engine *e, const char *id, const char *path, struct err *err)
{
	char before[160], url[CALL_PATH_MAX];
	int rc;

	snprintf(before, sizeof(before), "/containers/%.100s/archive?path=", id);
	rc = call_path(url, before, path, "", err);
	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "HEAD",
						    .path = url,
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, NULL, err);
	if (rc == -ENOENT)
		return 0;
	return rc ? err_wrap(err, "looking for %s in container '%.160s'", path, id) : 1;
}

int engine_container_put(struct engine *e, const char *id, const char *path, const void *tar,
			 size_t len, struct err *err)
{
	char before[160], url[CALL_PATH_MAX];
	int rc;

	snprintf(before, sizeof(before), "/containers/%.100s/archive?path=", id);
	rc = call_path(url, before, path, "", err);
	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "PUT",
						    .path = url,
						    .body = tar,
						    .body_len = len,
						    .type = "application/x-tar",
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, NULL, err);
	return rc ? err_wrap(err, "putting files into container '%.160s'", id) : 0;
}
