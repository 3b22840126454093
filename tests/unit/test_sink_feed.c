// SPDX-License-Identifier: Apache-2.0
/* The points of a run: all of them, each once, and the same however it is read. */
#include "sink/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "fake_building.h"
#include "fake_feed.h"
#include "fake_full.h"
#include "sink/point.h"
#include "store/store.h"
#include "unit.h"

#define ALL (FAKE_BUCKETS | FAKE_HISTS)

static void must(int rc, const struct err *err)
{
	if (rc)
		fail_msg("%s", err->text);
}

/* Of the first line in which they differ. */
static void assert_same(const char *got, const char *want, const char *why)
{
	size_t line = 0;

	for (size_t i = 0; got[i] == want[i]; i++) {
		if (!got[i])
			return;
		if (got[i] == '\n')
			line = i + 1;
	}
	fail_msg("%s\n is: %.*s\nnot: %.*s", why, (int)strcspn(got + line, "\n"), got + line,
		 (int)strcspn(want + line, "\n"), want + line);
}

/* A run of three ticks with something everywhere: what each measurement makes of it. */
static void every_measurement(void **state)
{
	cleanup_buf struct buf want = BUF_INIT(1 << 20);
	cleanup_free char *got = NULL;
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_full_make(&r, 3);
	s = fake_run_open(&r);
	got = fake_points(s, NULL, ALL, 0, 0);
	store_close(s);
	fake_run_fini(&r);
	assert_int_equal(fs_slurp_at(AT_FDCWD, "tests/data/sink/points.txt", &want), 0);
	assert_same(got, buf_str(&want), "tests/data/sink/points.txt");
}

static const struct {
	int step, fresh;
	const char *why;
} pieces[] = {
	{ 1, 0, "tick by tick" },
	{ 1, 1, "each by a process of its own" },
	{ 7, 0, "in pieces" },
	{ 7, 1, "which are resumed" },
};

static void pieces_are_the_whole(void **state)
{
	cleanup_free char *whole = NULL;
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_full_make(&r, 20);
	s = fake_run_open(&r);
	whole = fake_points(s, NULL, ALL, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		cleanup_free char *got = fake_points(s, NULL, ALL, pieces[i].step, pieces[i].fresh);

		assert_same(got, whole, pieces[i].why);
	}
	store_close(s);
	fake_run_fini(&r);
}

struct text {
	FILE *to;
	char *text;
	size_t size;
};

static void text_begin(struct text *t)
{
	t->to = open_memstream(&t->text, &t->size);
	assert_non_null(t->to);
}

static int keep(void *data, const struct point *p, struct err *err)
{
	struct text *t = data;

	(void)err;
	fake_point_print(t->to, p, FAKE_WALL_NS);
	return 0;
}

/* What was told before is not what the next is made from. */
static void later_ticks_first(void **state)
{
	struct feed_config config = { 0 };
	cleanup_free char *whole = NULL;
	struct feed *f = NULL;
	struct err err = { 0 };
	struct fake_run r;
	struct text t;

	(void)state;
	fake_full_make(&r, 10);
	config.store = fake_run_open(&r);
	whole = fake_points(config.store, NULL, FAKE_TICKS_ONLY, 0, 0);
	must(feed_open(&config, &f, &err), &err);
	text_begin(&t);
	must(feed_ticks(f, 5, 9, keep, &t, &err), &err);
	fclose(t.to);
	assert_non_null(strstr(whole, t.text));
	free(t.text);
	text_begin(&t);
	must(feed_ticks(f, 0, 4, keep, &t, &err), &err);
	must(feed_ticks(f, 5, 9, keep, &t, &err), &err);
	must(feed_ticks(f, 7, 6, keep, &t, &err), &err); /* none */
	fclose(t.to);
	assert_same(t.text, whole, "and the earlier ones then");
	free(t.text);
	feed_close(f);
	store_close(config.store);
	fake_run_fini(&r);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "name,tags @time" of each line; two that are the same would replace each other. */
static void assert_apart(char *text)
{
	char *heads[8192];
	size_t n = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *fields = line, *at = strrchr(line, '@');

		while ((fields = strchr(fields + 1, ' ')) && fields[-1] == '\\')
			;
		/* Text of fields may have lines. */
		if (!at || !fields ||
		    (strncmp(line, "cbpf_", 5) && strncmp(line, "benchmark_", 10)))
			continue;
		memmove(fields, at, strlen(at) + 1);
		assert_true(n < ARRAY_SIZE(heads));
		heads[n++] = line;
	}
	qsort(heads, n, sizeof(*heads), by_text);
	assert_true(n > 100);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(heads[i], heads[i - 1]))
			fail_msg("told twice: %s", heads[i]);
}

static void no_point_replaces_another(void **state)
{
	cleanup_free char *full = NULL, *other = NULL;
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_full_make(&r, 20);
	s = fake_run_open(&r);
	full = fake_points(s, NULL, FAKE_BUCKETS, 0, 0);
	assert_apart(full);
	store_close(s);
	fake_run_fini(&r);
	fake_run_make(&r, NULL);
	s = fake_run_open(&r);
	other = fake_points(s, NULL, FAKE_BUCKETS, 0, 0);
	assert_apart(other);
	store_close(s);
	fake_run_fini(&r);
}

/* What is told while a run lasts is told again, to the letter, when it is over. */
static void while_it_lasts(void **state)
{
	struct feed_config config = { 0 };
	cleanup_free char *later = NULL;
	struct feed *f = NULL;
	struct err err = { 0 };
	struct fake_run r;
	bool ended = true;
	struct text t;
	int64_t last;

	(void)state;
	fake_run_begin(&r, NULL);
	config.store = fake_run_open(&r);
	must(feed_open(&config, &f, &err), &err);
	must(feed_last(f, &last, &err), &err);
	assert_int_equal(last, -1);
	text_begin(&t);
	for (int64_t seq = 0; seq < FAKE_TICKS; seq++) {
		must(store_put_event(r.store, FAKE_MONO_NS + seq * FAKE_INTERVAL_NS, "victim",
				     "note", "in time", &err),
		     &err);
		fake_run_tick(&r, seq);
		must(feed_last(f, &last, &err), &err);
		assert_int_equal(last, seq);
		must(feed_ticks(f, seq, last, keep, &t, &err), &err);
		must(feed_ended(f, &ended, &err), &err);
		assert_false(ended);
	}
	fake_run_end(&r, "ok");
	/* It tells of one that was long before, which a real run has told by then. */
	fake_sql(&r, "DELETE FROM event WHERE text IS NULL");
	must(feed_ended(f, &ended, &err), &err);
	assert_true(ended);
	must(feed_end(f, keep, &t, &err), &err);
	fclose(t.to);
	feed_close(f);
	store_close(config.store);
	store_close(r.store);
	r.store = NULL;
	config.store = fake_run_open(&r);
	later = fake_points(config.store, NULL, 0, 0, 0);
	assert_non_null(strstr(t.text, "cbpf_block,"));
	/* the image, which this run only tells at its end, is not in it before */
	for (char *image; (image = strstr(later, ",container_image=cbpf/ior"));)
		memmove(image, image + 25, strlen(image + 25) + 1);
	assert_same(t.text, later, "while it lasted, and later");
	free(t.text);
	store_close(config.store);
	fake_run_fini(&r);
}

static void killed(void **state)
{
	cleanup_free char *got = NULL;
	struct feed_config config = { 0 };
	struct feed *f = NULL;
	struct err err = { 0 };
	struct fake_run r;
	bool ended = false;

	(void)state;
	fake_full_begin(&r, 4);
	store_close(r.store);
	r.store = NULL;
	config.store = fake_run_open(&r);
	must(feed_open(&config, &f, &err), &err);
	must(feed_ended(f, &ended, &err), &err);
	assert_true(ended);
	feed_close(f);
	got = fake_points(config.store, NULL, 0, 0, 0);
	/* the end is that of the last tick, and nobody knows how it went */
	assert_non_null(strstr(got, "host=bench1 status=\"killed\""));
	assert_non_null(strstr(got, "rdt_enabled=true @400000000\n"));
	assert_null(strstr(got, "benchmark_finished="));
	assert_null(strstr(got, ",duration_seconds="));
	assert_null(strstr(got, "job_aborted="));
	assert_null(strstr(got, "cbpf_cost,"));
	assert_non_null(strstr(got, "text=\"late\" @400000001\n"));
	store_close(config.store);
	fake_run_fini(&r);
}

static void empty(void **state)
{
	cleanup_free char *got = NULL;
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_run_begin(&r, NULL);
	store_close(r.store);
	r.store = NULL;
	s = fake_run_open(&r);
	got = fake_points(s, NULL, ALL, 1, 0);
	assert_ptr_equal(strstr(got, "benchmark_meta,"), got);
	assert_non_null(strstr(got, "total_sampling_steps=0i"));
	assert_null(strstr(got, "benchmark_metrics,"));
	store_close(s);
	fake_run_fini(&r);
}

/* Tables and columns that came later, as a database of the first version lacks them. */
static const char first_version[] =
	"DROP TABLE interference; DROP TABLE share; DROP TABLE block; DROP TABLE block_error; "
	"DROP TABLE device_depth; DROP TABLE mount; DROP TABLE call_time; DROP TABLE vfs_error; "
	"DROP TABLE file; DROP TABLE preemption; DROP TABLE perf; DROP TABLE perf_event; "
	"DROP TABLE rdt; DROP TABLE rdt_class; DROP TABLE rdt_alloc; DROP TABLE cpuset; "
	"DROP TABLE profile; DROP TABLE profile_run; DELETE FROM histogram WHERE layer NOT IN "
	"('block_queue', 'block_device', 'block_total'); "
	"ALTER TABLE device DROP COLUMN kind; ALTER TABLE device DROP COLUMN label; "
	"ALTER TABLE device RENAME leaves TO later; ALTER TABLE target DROP COLUMN attribution; "
	"ALTER TABLE target DROP COLUMN attribution_reason; ALTER TABLE target DROP COLUMN cpus; "
	"ALTER TABLE target DROP COLUMN writeback; ALTER TABLE target DROP COLUMN start_after_ns; "
	"ALTER TABLE target DROP COLUMN stop_after_ns; ALTER TABLE run DROP COLUMN description; "
	"ALTER TABLE run DROP COLUMN duration_ns; ALTER TABLE run DROP COLUMN scheduler; "
	"ALTER TABLE cursor DROP COLUMN done; ALTER TABLE sample DROP COLUMN pagecache_evicted; "
	"ALTER TABLE sample DROP COLUMN rdt_mbm_local_bytes; PRAGMA user_version = 1";

/* Each line of the run as it is now that an older one can have, without fields that it has not. */
static void of_the_first_version(void **state)
{
	cleanup_free char *got = NULL;
	struct fake_run r;
	struct store *s;
	sqlite3_stmt *st;

	(void)state;
	fake_full_begin(&r, 3);
	fake_full_end(&r);
	fake_sql(&r, "%s", first_version);
	store_close(r.store);
	r.store = NULL;
	s = fake_run_open(&r);
	got = fake_points(s, NULL, ALL, 0, 0);
	assert_non_null(strstr(got, "cbpf_block,benchmark_id=" FAKE_ID ",host=bench1,target=victim,"
				    "target_id=0,kind=container,device=vda,dev=253:0,stacked=no,"
				    "op=read ios=6i,bytes=24576i,errors=1i,queue_count=5i"));
	assert_non_null(strstr(got, "container_image=cbpf/ior,benchmark_started=2026-01-02T03:04:"
				    "05Z step_number=2i,docker_cpu_usage_total=3000i"));
	assert_non_null(strstr(got, "pagecache_written=59000i @"));
	assert_null(strstr(got, "pagecache_evicted"));
	assert_null(strstr(got, "size_count"));
	assert_null(strstr(got, "cbpf_perf,"));
	assert_non_null(strstr(got, "cbpf_loss,"));
	assert_non_null(strstr(got, "benchmark_name=\"demo\",trace_checksum="));
	/* what was made up is gone */
	assert_int_equal(sqlite3_prepare_v2(store_db(s), "SELECT name FROM sqlite_temp_master", -1,
					    &st, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
	store_close(s);
	fake_run_fini(&r);
}

static const struct {
	const char *sql, *measurement, *want, *without, *why;
} cases[] = {
	{ "UPDATE sample SET memory_high_bytes = -2", "cbpf_cgroup", "memory_low_bytes=",
	  "memory_high_bytes", "what does not fit a signed number is left out" },
	{ "UPDATE histogram SET buckets = x'ff'", "cbpf_vfs", "latency_p50_ns=100i",
	  " latency:", "buckets that are none cost only the buckets" },
	{ "UPDATE histogram SET count = 0, sum = 0, p50 = NULL, p90 = NULL, p99 = NULL, p999 = "
	  "NULL, "
	  "max = NULL, buckets = NULL",
	  "cbpf_block", "queue_count=0i,queue_sum_ns=0i,device_count", "p50",
	  "no latency has no percentiles" },
	{ "UPDATE device SET name = NULL, stacked = NULL", "cbpf_share",
	  "device=253:0,dev=253:0 share_ns=11i", "stacked", "a device without a name" },
	{ "DELETE FROM device", "cbpf_block", "device=253:0,dev=253:0,op=read", "stacked",
	  "nor even a row" },
	{ "UPDATE run SET host = 'no JSON', backends = NULL, self = '{'", "benchmark_meta",
	  "sampling_frequency_ms=100i", "hostname", "what cannot be read is not there" },
	{ "UPDATE run SET host = NULL", "cbpf_self", "cbpf_self,benchmark_id=" FAKE_ID " late_ns",
	  "host", "a host that nobody knows has no name" },
	{ "UPDATE tick SET begin_ns = due_ns - 7", "cbpf_self", "late_ns=0i", NULL,
	  "a sweep is not early" },
	{ "UPDATE target SET name = '' WHERE id = 0", "cbpf_share", ",target=,target_id=0",
	  "victim", "an empty name is one" },
	{ "DELETE FROM tick WHERE seq = 1", "cbpf_share", "@300000000", "@200000000",
	  "a tick that is not there has no time" },
	{ "UPDATE target SET state = 'stopped' WHERE id = 0", "benchmark_container_meta",
	  "job_aborted=true", "job_aborted=false", "ended from outside" },
};

static void odd_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *got = NULL;
		struct fake_run r;

		fake_full_begin(&r, 3);
		fake_full_end(&r);
		fake_sql(&r, "%s", cases[i].sql);
		got = fake_points(r.store, cases[i].measurement, FAKE_HISTS, 0, 0);
		if (!strstr(got, cases[i].want) ||
		    (cases[i].without && strstr(got, cases[i].without)))
			fail_msg("%s: %s", cases[i].why, got);
		fake_run_fini(&r);
	}
}

static void host_can_be_named(void **state)
{
	struct feed_config config = { .host = "rack 7" };
	struct feed *f = NULL;
	struct err err = { 0 };
	struct fake_run r;
	struct text t;

	(void)state;
	fake_full_make(&r, 1);
	config.store = fake_run_open(&r);
	must(feed_open(&config, &f, &err), &err);
	assert_string_equal(feed_id(f), FAKE_ID);
	text_begin(&t);
	must(feed_ticks(f, 0, 0, keep, &t, &err), &err);
	fclose(t.to);
	assert_non_null(strstr(t.text, "host=rack\\ 7"));
	assert_null(strstr(t.text, "bench1"));
	free(t.text);
	feed_close(f);
	store_close(config.store);
	fake_run_fini(&r);
}

/* Of the seventh point. */
static int refuse(void *data, const struct point *p, struct err *err)
{
	int *n = data;

	(void)p;
	return ++*n == 7 ? err_say(err, -ECANCELED, "enough") : 0;
}

static void who_reads_may_stop(void **state)
{
	struct feed_config config = { 0 };
	cleanup_free char *whole = NULL;
	struct feed *f = NULL;
	struct err err = { 0 };
	struct fake_run r;
	struct text t;
	int n = 0;

	(void)state;
	fake_full_make(&r, 5);
	config.store = fake_run_open(&r);
	whole = fake_points(config.store, NULL, FAKE_TICKS_ONLY, 0, 0);
	must(feed_open(&config, &f, &err), &err);
	assert_int_equal(feed_ticks(f, 0, 4, refuse, &n, &err), -ECANCELED);
	assert_int_equal(n, 7);
	assert_string_equal(err.text, "enough");
	n = 0;
	assert_int_equal(feed_end(f, refuse, &n, &err), -ECANCELED);
	text_begin(&t);
	must(feed_ticks(f, 0, 4, keep, &t, &err), &err);
	fclose(t.to);
	assert_same(t.text, whole, "and begin again");
	free(t.text);
	feed_close(f);
	feed_close(NULL);
	store_close(config.store);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_measurement),
		cmocka_unit_test(pieces_are_the_whole),
		cmocka_unit_test(later_ticks_first),
		cmocka_unit_test(no_point_replaces_another),
		cmocka_unit_test(while_it_lasts),
		cmocka_unit_test(killed),
		cmocka_unit_test(empty),
		cmocka_unit_test(of_the_first_version),
		cmocka_unit_test(odd_rows),
		cmocka_unit_test(host_can_be_named),
		cmocka_unit_test(who_reads_may_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
