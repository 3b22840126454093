// SPDX-License-Identifier: Apache-2.0
/* Sinks beside a run that is being written: they get all of it, or it is told what they lack. */
#include "run/sinks.h"

#include <dirent.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_http.h"
#include "fake_run.h"
#include "run/progress.h"
#include "spec/spec.h"
#include "unit.h"

struct beside {
	struct fake_run run;
	struct spec_sinks spec;
	struct losses losses;
	struct progress progress;
	struct sinks *sinks;
	char path[512]; /* of the file that it writes */
};

static void begin(struct beside *b)
{
	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->losses.lock, NULL);
	progress_init(&b->progress, true);
	fake_run_begin(&b->run, "victim");
	snprintf(b->path, sizeof(b->path), "%s/points.jsonl", b->run.root);
}

static int open_sinks(struct beside *b, struct err *err)
{
	return sinks_open(&(struct sinks_config){ .spec = &b->spec,
						  .run_dir = b->run.dir,
						  .id = FAKE_ID,
						  .store = b->run.store,
						  .losses = &b->losses,
						  .progress = &b->progress },
			  &b->sinks, err);
}

static size_t lines(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;

	for (int c; f && (c = fgetc(f)) != EOF;)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static void finish(struct beside *b, bool at_once)
{
	const atomic_bool now = at_once;

	fake_run_end(&b->run, "ok");
	sinks_finish(b->sinks, &now);
	sinks_close(b->sinks);
	store_close(b->run.store);
	b->run.store = NULL;
}

/* While it lasts a file has the ticks that are committed, and at the end all of it. */
static void test_live(void **state)
{
	static struct beside b;
	struct err err = { 0 };
	size_t before;

	(void)state;
	begin(&b);
	b.spec.jsonl = (struct spec_points){ .given = FLAG_ON,
					     .path = b.path,
					     .flush_timeout_ns = 60 * NSEC_PER_SEC };
	if (open_sinks(&b, &err))
		fail_msg("%s", err.text);
	for (uint64_t seq = 0; seq < FAKE_TICKS - 1; seq++)
		fake_run_tick(&b.run, seq);
	for (int tries = 0; tries < 1000 && !lines(b.path); tries++)
		clock_sleep_until(clock_mono_ns() + 10 * NSEC_PER_MSEC);
	before = lines(b.path);
	assert_true(before > 0);
	fake_run_tick(&b.run, FAKE_TICKS - 1);
	assert_true(sinks_cpu_ns(b.sinks) > 0); /* of the process that wrote them */
	assert_true(sinks_cpu_ns(NULL) == 0);
	finish(&b, false);
	assert_true(lines(b.path) > before);
	assert_int_equal(b.losses.n, 0);
	fake_run_fini(&b.run);
}

static void test_none(void **state)
{
	static struct beside b;
	struct err err = { 0 };

	(void)state;
	begin(&b);
	assert_int_equal(open_sinks(&b, &err), 0);
	assert_null(b.sinks);
	sinks_tell(b.sinks);
	finish(&b, false);
	fake_run_fini(&b.run);
}

/* A socket that takes connections and never answers. */
static int deaf(uint16_t *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* A server that does not answer costs the end of a run what its spec allows, and a loss. */
static void deaf_server(bool at_once, uint64_t patience_ns)
{
	static struct beside b;
	struct err err = { 0 };
	uint16_t port;
	int fd = deaf(&port);
	char url[64];

	begin(&b);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
	b.spec.influxdb = (struct spec_influxdb){ .given = FLAG_ON,
						  .url = url,
						  .database = "d",
						  .batch_lines = 100,
						  .batch_bytes = 1 << 20,
						  .timeout_ns = 60 * NSEC_PER_SEC,
						  .flush_timeout_ns = patience_ns };
	if (open_sinks(&b, &err))
		fail_msg("%s", err.text);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&b.run, seq);
	finish(&b, at_once);
	assert_int_equal(b.losses.n, 1);
	assert_string_equal(b.losses.v[0].what, "sink.influxdb.behind");
	assert_non_null(strstr(b.losses.v[0].reason, "cbpf export"));
	fake_run_fini(&b.run);
	close(fd);
}

static void test_deaf(void **state)
{
	(void)state;
	deaf_server(false, 200 * NSEC_PER_MSEC);
}

/* Who asks twice to stop does not wait at all: an hour of patience is none. */
static void test_at_once(void **state)
{
	(void)state;
	alarm(60);
	deaf_server(true, 3600 * NSEC_PER_SEC);
	alarm(0);
}

struct busy {
	const char *headers;
	unsigned int requests;
	unsigned int refuses; /* so many of them */
};

static void answer_busy(void *arg, const struct fake_request *rq, struct buf *out)
{
	struct busy *busy = arg;
	bool refused = busy->requests++ < busy->refuses;

	(void)rq;
	fake_http_answer(out, refused ? 429 : 204, refused ? busy->headers : "", "");
}

/* The first round is while the run lasts. Its end comes by itself, and before the alarm. */
static void busy_server(struct busy *busy, bool at_once, uint64_t patience_ns, bool lacks)
{
	static struct beside b;
	struct fake_http *http = fake_http_start(answer_busy, busy);
	struct err err = { 0 };

	alarm(60);
	begin(&b);
	b.spec.influxdb = (struct spec_influxdb){ .given = FLAG_ON,
						  .url = (char *)fake_http_url(http),
						  .database = "d",
						  .batch_lines = 5000,
						  .batch_bytes = 1 << 20,
						  .timeout_ns = 60 * NSEC_PER_SEC,
						  .flush_timeout_ns = patience_ns };
	if (open_sinks(&b, &err))
		fail_msg("%s", err.text);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&b.run, seq);
	while (!*(volatile unsigned int *)&busy->requests)
		clock_sleep_until(clock_mono_ns() + 10 * NSEC_PER_MSEC);
	finish(&b, at_once);
	fake_http_stop(http);
	assert_int_equal(b.losses.n, lacks);
	if (lacks) {
		assert_string_equal(b.losses.v[0].what, "sink.influxdb.behind");
		/* Who stops at once may do so before the answer has come. */
		if (!at_once)
			assert_non_null(strstr(b.losses.v[0].reason, "HTTP status 429"));
	}
	fake_run_fini(&b.run);
	alarm(0);
}

/* What the server asks for is kept from one round to the next, and at the end of the run. */
static void test_busy(void **state)
{
	static const struct {
		const char *label, *headers;
		bool at_once;
		uint64_t patience_ns;
	} cases[] = {
		{ "asks for more than the end has", "Retry-After: 3600\r\n", false, NSEC_PER_SEC },
		{ "which is not waited for in vain", "Retry-After: 7200\r\n", false,
		  3600 * NSEC_PER_SEC },
		{ "nor when there is no time at all", "Retry-After: 3600\r\n", true,
		  7200 * NSEC_PER_SEC },
	};
	struct busy later = { "Retry-After: 7\r\n", 0, 1 }, down = { "", 0, 9 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct busy busy = { cases[i].headers, 0, UINT_MAX };

		busy_server(&busy, cases[i].at_once, cases[i].patience_ns, true);
		if (busy.requests != 1)
			fail_msg("%s: %u requests", cases[i].label, busy.requests);
	}
	/* Longer than a round may take, but not than the end. */
	busy_server(&later, false, 3600 * NSEC_PER_SEC, false);
	/* One that asks for nothing is tried every second at the end, however often it failed. */
	busy_server(&down, false, 30 * NSEC_PER_SEC, false);
}

/* A pipe that nobody reads holds up neither the run nor its end for longer than it may. */
static void deaf_pipe(bool at_once, uint64_t patience_ns)
{
	static struct beside b;
	struct err err = { 0 };

	alarm(60);
	begin(&b);
	assert_int_equal(mkfifo(b.path, 0600), 0);
	b.spec.jsonl = (struct spec_points){ .given = FLAG_ON,
					     .path = b.path,
					     .histograms = FLAG_ON,
					     .flush_timeout_ns = patience_ns };
	b.spec.line = b.spec.jsonl;
	if (open_sinks(&b, &err))
		fail_msg("%s", err.text);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&b.run, seq);
	finish(&b, at_once);
	assert_int_equal(b.losses.n, 2);
	assert_string_equal(b.losses.v[0].what, "sink.jsonl.behind");
	assert_string_equal(b.losses.v[1].what, "sink.line.behind");
	assert_non_null(strstr(b.losses.v[0].reason, "cbpf export"));
	fake_run_fini(&b.run);
	alarm(0);
}

static void test_deaf_pipe(void **state)
{
	(void)state;
	deaf_pipe(false, 200 * NSEC_PER_MSEC);
	deaf_pipe(true, 3600 * NSEC_PER_SEC);
}

/* So do tables: one of them cannot be opened, as on a disk that hangs. */
static void deaf_tables(bool at_once, uint64_t patience_ns)
{
	static struct beside b;
	struct err err = { 0 };
	char dir[600], part[700];

	alarm(60);
	begin(&b);
	snprintf(dir, sizeof(dir), "%s/" FAKE_ID, b.run.root);
	snprintf(part, sizeof(part), "%s/cursor.csv.part", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkfifo(part, 0600), 0);
	b.spec.csv = (struct spec_csv){ .given = FLAG_ON,
					.path = b.run.root,
					.flush_timeout_ns = patience_ns };
	if (open_sinks(&b, &err))
		fail_msg("%s", err.text);
	fake_run_tick(&b.run, 0);
	finish(&b, at_once);
	assert_int_equal(b.losses.n, 1);
	assert_string_equal(b.losses.v[0].what, "sink.csv.behind");
	assert_non_null(strstr(b.losses.v[0].reason, "cbpf export"));
	fake_run_fini(&b.run);
	alarm(0);
}

static void test_deaf_tables(void **state)
{
	(void)state;
	deaf_tables(false, 200 * NSEC_PER_MSEC);
	deaf_tables(true, 3600 * NSEC_PER_SEC);
}

/* Whoever waits for a signal is to get it: no other thread takes it. */
static void test_signals(void **state)
{
	static struct beside b;
	struct err err = { 0 };
	unsigned int others = 0;
	struct dirent *e;
	DIR *tasks;

	(void)state;
	begin(&b);
	b.spec.jsonl = (struct spec_points){ .given = FLAG_ON, .path = b.path };
	b.spec.openmetrics = (struct spec_openmetrics){ FLAG_ON, (char *)"127.0.0.1:0" };
	if (open_sinks(&b, &err))
		fail_msg("%s", err.text);
	tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	while ((e = readdir(tasks))) {
		char path[300], line[256];
		uint64_t blocked = 0;
		FILE *f;

		if (e->d_name[0] == '.' || atoi(e->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", e->d_name);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			if (!strncmp(line, "SigBlk:", 7))
				blocked = strtoull(line + 7, NULL, 16);
		fclose(f);
		assert_true(blocked & 1ull << (SIGINT - 1));
		assert_true(blocked & 1ull << (SIGTERM - 1));
		assert_true(blocked & 1ull << (SIGHUP - 1));
		others++;
	}
	closedir(tasks);
	assert_true(others >= 2);
	finish(&b, true);
	fake_run_fini(&b.run);
}

/* What is wrong for certain is told before anything begins, with the sink's name. */
static void test_wrong(void **state)
{
	static struct beside b;
	struct err err = { 0 };
	uint16_t port;
	int fd = deaf(&port);
	char listen[32];

	(void)state;
	begin(&b);
	snprintf(listen, sizeof(listen), "127.0.0.1:%u", port);
	b.spec.openmetrics = (struct spec_openmetrics){ .given = FLAG_ON, .listen = listen };
	assert_int_not_equal(open_sinks(&b, &err), 0);
	assert_non_null(strstr(err.text, "sink openmetrics"));
	assert_null(b.sinks);
	finish(&b, false);
	fake_run_fini(&b.run);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live),	    cmocka_unit_test(test_none),
		cmocka_unit_test(test_deaf),	    cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_wrong),	    cmocka_unit_test(test_deaf_pipe),
		cmocka_unit_test(test_busy),	    cmocka_unit_test(test_signals),
		cmocka_unit_test(test_deaf_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
