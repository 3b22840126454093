// SPDX-License-Identifier: Apache-2.0
/* Running a command inside a running container. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/call.h"
#include "engine/engine.h"

#define PAUSE_NS (5 * NSEC_PER_MSEC)

static int discard(void *arg, const char *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return 0;
}

static int create(struct engine *e, const char *id, char *const argv[], char *exec_id, size_t size,
		  struct err *err)
{
	json_t *cmd = json_array(), *body, *answer = NULL;
	char path[CALL_PATH_MAX];
	int rc = 0;

	for (; cmd && *argv; argv++)
		if (json_array_append_new(cmd, json_string(*argv)))
			rc = err_say(err, -EINVAL, "argument '%.160s' is not UTF-8", *argv);
	body = json_pack("{s:b, s:b, s:o}", "AttachStdout", 1, "AttachStderr", 1, "Cmd", cmd);
	if (!rc && !body)
		rc = err_set(err, -ENOMEM, "request to the %s engine", e->server.product);
	if (!rc)
		rc = call_path(path, "/containers/", id, "/exec", err);
	if (rc) {
		json_decref(body);
		return rc;
	}
	rc = call_json(e,
		       &(struct http_call){
			       .method = "POST", .path = path, .timeout_ms = CALL_TIMEOUT_MS },
		       body, &answer, err);
	if (!rc)
		snprintf(exec_id, size, "%s", call_text(answer, "Id"));
	json_decref(answer);
	return rc;
}

static int inspect(struct engine *e, const char *exec_id, int *ret_code, int *ret_pid,
		   struct err *err)
{
	char path[CALL_PATH_MAX];
	json_t *json;
	int rc = call_path(path, "/exec/", exec_id, "/json", err);

	if (!rc)
		rc = call_json(e,
			       &(struct http_call){ .method = "GET",
						    .path = path,
						    .cleanup = true,
						    .timeout_ms = CALL_TIMEOUT_MS },
			       NULL, &json, err);
	if (rc)
		return rc;
	*ret_pid = (int)json_integer_value(json_object_get(json, "Pid"));
	*ret_code = (int)json_integer_value(json_object_get(json, "ExitCode"));
	if (json_is_true(json_object_get(json, "Running")))
		rc = err_say(err, -EAGAIN, "it is still running");
	json_decref(json);
	return rc;
}

/* The answer is the command's output and ends with it. */
static int start(struct engine *e, const char *exec_id, uint64_t timeout_ms, struct err *err)
{
	json_t *body = json_pack("{s:b, s:b}", "Detach", 0, "Tty", 0);
	char path[CALL_PATH_MAX];
	int rc = call_path(path, "/exec/", exec_id, "/start", err);

	if (!rc && !body)
		rc = err_set(err, -ENOMEM, "request to the %s engine", e->server.product);
	if (rc) {
		json_decref(body);
		return rc;
	}
	return call_json(e,
			 &(struct http_call){ .method = "POST",
					      .path = path,
					      .timeout_ms = timeout_ms,
					      .data = discard },
			 body, NULL, err);
}

/* Its output may end before it does. */
static int await(struct engine *e, const char *exec_id, uint64_t until_ns, int *ret_code,
		 int *ret_pid, struct err *err)
{
	int rc;

	while ((rc = inspect(e, exec_id, ret_code, ret_pid, err)) == -EAGAIN) {
		if (clock_mono_ns() >= until_ns)
			return -ETIMEDOUT;
		(void)clock_sleep_until(clock_mono_ns() + PAUSE_NS);
	}
	return rc;
}

int engine_exec(struct engine *e, const char *id, char *const argv[], uint64_t timeout_ms,
		int *ret_code, int *ret_pid, struct err *err)
{
	struct err ignored;
	char exec_id[80];
	uint64_t until = clock_mono_ns() + timeout_ms * NSEC_PER_MSEC;
	int rc, code, pid = 0;

	rc = create(e, id, argv, exec_id, sizeof(exec_id), err);
	if (!rc)
		rc = start(e, exec_id, timeout_ms ? timeout_ms : 1, err);
	if (rc == -ETIMEDOUT)
		err_say(err, rc, "it did not end within %llu ms", (unsigned long long)timeout_ms);
	if (rc == -ETIMEDOUT || rc == -EINTR)
		/* Best effort: without its pid it ends with the container. */
		(void)inspect(e, exec_id, &code, &pid, &ignored);
	else if (!rc)
		rc = await(e, exec_id, until, ret_code, &pid, err);
	if (ret_pid)
		*ret_pid = pid;
	return rc ? err_wrap(err, "running '%s' in container '%.160s'", argv[0], id) : 0;
}
