// SPDX-License-Identifier: Apache-2.0
/*
 * Calls of the engine client against the engine of DOCKER_HOST, for integration tests.
 *
 *   drive_engine info
 *   drive_engine pull IMAGE [CANCEL_AFTER_MS]
 *   drive_engine walk IMAGE SUBNET	every other call, one line each
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "engine/endpoint.h"
#include "engine/engine.h"
#include "engine/stream.h"

#define NAME "cbpf-test-walk"

static atomic_bool cancel;
static struct err err;

static void tell(const char *what, int rc, const char *value)
{
	printf("%s: %s\n", what, rc < 0 ? err.text : value);
}

static void *cancel_later(void *arg)
{
	(void)clock_sleep_until(clock_mono_ns() + *(const unsigned int *)arg * NSEC_PER_MSEC);
	atomic_store(&cancel, true);
	return NULL;
}

static int info(struct engine *e)
{
	struct engine_info i;
	int rc = engine_info(e, &i, &err);

	tell("version", rc, i.version);
	tell("api", rc, i.api);
	tell("cgroup driver", rc, i.cgroup_driver);
	tell("root", rc, i.root_dir);
	return rc;
}

static int pull(struct engine *e, const char *image, const char *after_ms)
{
	unsigned int ms = after_ms ? (unsigned int)atoi(after_ms) : 0;
	pthread_t thread;
	int rc;

	if (ms && pthread_create(&thread, NULL, cancel_later, &ms))
		return -1;
	rc = engine_image_pull(e, image, NULL, NULL, &err);
	if (ms)
		pthread_join(thread, NULL);
	printf("pull: %d %s\n", rc, rc ? err.text : "ok");
	return rc;
}

static void tell_number(const char *what, int rc, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	tell(what, rc, text);
}

static void tell_lists(struct engine *e)
{
	static const char *const names[] = { "containers", "networks", "volumes" };

	for (int k = ENGINE_CONTAINERS; k <= ENGINE_VOLUMES; k++) {
		struct engine_list list = { 0 };
		int rc = engine_list(e, k, NAME "=yes", &list, &err);

		tell_number(names[k], rc, (long)list.n);
		engine_list_fini(&list);
	}
}

struct sunk {
	struct buf out, err;
};

static int sink(void *arg, int stream, const char *data, size_t len)
{
	struct sunk *s = arg;

	return buf_put(stream == DEMUX_STDERR ? &s->err : &s->out, data, len);
}

static void walk_networks(struct engine *e, const char *subnet, const struct str_map *labels)
{
	char text[128] = "";
	int rc = engine_network_create(e, NAME, "bridge", subnet, labels, &err);

	tell("network create", rc, "ok");
	rc = engine_network_create(e, NAME, "bridge", subnet, labels, &err);
	tell("network create again", rc, "ok");
	rc = engine_network_inspect(e, NAME, text, sizeof(text), &err);
	tell("network inspect", rc, text);
	rc = engine_volume_create(e, NAME, labels, &err);
	tell("volume create", rc, "ok");
	rc = engine_volume_inspect(e, NAME, text, sizeof(text), &err);
	tell("volume inspect", rc, strstr(text, NAME) ? "its directory" : text);
}

static void walk_container(struct engine *e, const char *image)
{
	static const char script[] = "echo to stdout; echo to stderr >&2; trap 'exit 5' TERM; "
				     "while :; do sleep 0.1; done";
	json_t *body =
		json_pack("{s:s, s:[s,s,s], s:{s:s}, s:{s:s}}", "Image", image, "Cmd", "sh", "-c",
			  script, "Labels", NAME, "yes", "HostConfig", "NetworkMode", "none");
	struct engine_container c = { 0 };
	struct engine_image i = { 0 };
	char id[80] = "";
	int rc;

	tell("image", engine_image_inspect(e, image, &i, &err), "there");
	tell("no image", engine_image_inspect(e, "cbpf-test/none", &i, &err), "there");
	rc = engine_container_create(e, NAME, body, id, sizeof(id), NULL, &err);
	tell("create", rc, strlen(id) == 64 ? "an id" : id);
	rc = engine_container_has(e, NAME, "/bin/sh", &err);
	tell_number("has sh", rc, rc);
	rc = engine_container_has(e, NAME, "/bin/none", &err);
	tell_number("has nothing", rc, rc);
	rc = engine_container_inspect(e, NAME, &c, &err);
	tell("inspect", rc, c.running ? "running" : "not running");
}

static void walk_exec(struct engine *e)
{
	char *const ends[] = { (char *)"sh", (char *)"-c", (char *)"exit 7", NULL };
	char *const stays[] = { (char *)"sleep", (char *)"60", NULL };
	char *const none[] = { (char *)"no-such-program", NULL };
	int code = -1, pid = 0, rc;

	rc = engine_exec(e, NAME, ends, 10000, &code, NULL, &err);
	tell_number("exec", rc, code);
	rc = engine_exec(e, NAME, stays, 3000, &code, &pid, &err);
	tell("exec too long", rc, "ended");
	printf("exec's pid: %s\n", pid > 0 ? "known" : "unknown");
	rc = engine_exec(e, NAME, none, 10000, &code, NULL, &err);
	tell("exec nothing", rc, code ? "fails" : "ends well");
}

static void walk_running(struct engine *e, struct engine_streams *all)
{
	struct engine_stream *wait = NULL, *logs = NULL;
	struct sunk s = { BUF_INIT(1000), BUF_INIT(1000) };
	struct engine_container c = { 0 };
	uint64_t at;
	int rc, code = -1;

	tell("wait", engine_wait_open(all, NAME, &wait, &err), "ok");
	tell("start", engine_container_start(e, NAME, NULL, NULL, &err), "ok");
	tell("start again", engine_container_start(e, NAME, NULL, NULL, &err), "ok");
	tell("logs", engine_logs_open(all, NAME, false, sink, &s, &logs, &err), "ok");
	rc = engine_container_inspect(e, NAME, &c, &err);
	tell("inspect", rc, c.running && c.pid > 0 ? "running" : "not running");
	tell_number("still", engine_wait_poll(wait, &code, &at), 1);
	walk_exec(e);
	tell("stop", engine_container_stop(e, NAME, 20, &err), "ok");
	rc = engine_stream_finish(wait, 10000, &err);
	if (!rc)
		rc = engine_wait_poll(wait, &code, &at);
	tell_number("ended", rc, code);
	tell("logs", engine_stream_finish(logs, 10000, &err), "complete");
	printf("stdout: %sstderr: %s", buf_str(&s.out), buf_str(&s.err));
	rc = engine_container_inspect(e, NAME, &c, &err);
	tell_number("exit code", rc, c.exit_code);
	printf("finished: %s\n", c.finished_ns && c.finished_ns < clock_wall_ns() ? "before" : "?");
	tell("kill", engine_container_kill(e, NAME, "SIGKILL", &err), "ok");
	engine_stream_close(wait);
	engine_stream_close(logs);
	buf_fini(&s.out);
	buf_fini(&s.err);
}

static void walk_removal(struct engine *e)
{
	tell("remove", engine_container_remove(e, NAME, &err), "ok");
	tell("remove again", engine_container_remove(e, NAME, &err), "ok");
	tell("network remove", engine_network_remove(e, NAME, &err), "ok");
	tell("volume remove", engine_volume_remove(e, NAME, &err), "ok");
}

static int walk(struct engine *e, const char *image, const char *subnet)
{
	struct engine_streams *all = NULL;
	struct str_map labels = { 0 };

	if (str_map_set(&labels, NAME, "yes") || engine_streams_open(e, &all, &err))
		return -1;
	walk_networks(e, subnet, &labels);
	walk_container(e, image);
	tell_lists(e);
	walk_running(e, all);
	walk_removal(e);
	tell_lists(e);
	engine_streams_close(all);
	str_map_fini(&labels);
	return 0;
}

int main(int argc, char **argv)
{
	struct engine_endpoint at;
	struct engine *e = NULL;
	int rc = engine_endpoint_docker(&at, &err);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!rc)
		rc = engine_open(&(struct engine_config){ &at, "Docker", "systemctl start docker",
							  &cancel },
				 &e, &err);
	if (rc)
		printf("open: %d %s\n", rc, err.text);
	else if (argc == 2 && !strcmp(argv[1], "info"))
		rc = info(e);
	else if (argc > 2 && !strcmp(argv[1], "pull"))
		rc = pull(e, argv[2], argv[3]);
	else if (argc == 4 && !strcmp(argv[1], "walk"))
		rc = walk(e, argv[2], argv[3]);
	engine_close(e);
	return rc ? 1 : 0;
}
