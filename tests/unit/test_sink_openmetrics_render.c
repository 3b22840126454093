// SPDX-License-Identifier: Apache-2.0
/* What is scraped, as exact text in both formats. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hist.h"
#include "base/loss.h"
#include "fake_points.h"
#include "sink/openmetrics_parts.h"
#include "unit.h"

static struct losses losses = LOSSES_INIT;
static const struct om_health health = {
	.now_ns = 1764155041000000000ull, .n_scrapes = 3, .cpu_ns = 1500000000, .rss_bytes = 4096
};
static const struct om_health unknown = { .cpu_ns = -1, .rss_bytes = -1 };

/* The text before what cbpf tells of itself. */
static char *render(const struct om_registry *r, const struct om_health *h, enum om_format format)
{
	struct buf text = BUF_INIT(1 << 24);
	char *own;

	assert_int_equal(om_render(r, h, format, &text), 0);
	own = strstr(text.data, "# TYPE cbpf_exporter_up");
	assert_non_null(own);
	*own = '\0';
	return text.data;
}

static void requests(struct om_registry *r, int64_t seq, const char *target)
{
	struct point p;

	fake_point(&p, &fake_block, seq);
	fake_tag(&p, "benchmark_id", "run");
	fake_tag(&p, "target", target);
	fake_int(&p, "ios", 3);
	fake_int(&p, "queue_ns", 1500);
	fake_int(&p, "depth", seq);
	fake_real(&p, "busy", 12.5);
	fake_bool(&p, "stacked", true);
	fake_int(&p, "total_p99", 1000);
	fake_text(&p, "scheduler", "none");
	fake_real(&p, "cache_l1-misses", 2.5);
	assert_int_equal(om_registry_put(r, &p), 0);
}

static const char openmetrics[] =
	"# TYPE cbpf_block_ios counter\n"
	"# HELP cbpf_block_ios requests completed\n"
	"cbpf_block_ios_total{benchmark_id=\"run\",target=\"a\"} 6\n"
	"cbpf_block_ios_total{benchmark_id=\"run\",target=\"\\\"b\\\\\\n\xc3\xa9\"} 3\n"
	"# TYPE cbpf_block_queue_seconds counter\n"
	"# UNIT cbpf_block_queue_seconds seconds\n"
	"# HELP cbpf_block_queue_seconds time in the queue\n"
	"cbpf_block_queue_seconds_total{benchmark_id=\"run\",target=\"a\"} 0.000003\n"
	"cbpf_block_queue_seconds_total{benchmark_id=\"run\",target=\"\\\"b\\\\\\n\xc3\xa9\"} "
	"0.0000015\n"
	"# TYPE cbpf_block_depth gauge\n"
	"# HELP cbpf_block_depth requests in flight\n"
	"cbpf_block_depth{benchmark_id=\"run\",target=\"a\"} 1\n"
	"cbpf_block_depth{benchmark_id=\"run\",target=\"\\\"b\\\\\\n\xc3\xa9\"} 1\n"
	"# TYPE cbpf_block_busy_ratio gauge\n"
	"# UNIT cbpf_block_busy_ratio ratio\n"
	"# HELP cbpf_block_busy_ratio how busy the device was\n"
	"cbpf_block_busy_ratio{benchmark_id=\"run\",target=\"a\"} 0.125\n"
	"cbpf_block_busy_ratio{benchmark_id=\"run\",target=\"\\\"b\\\\\\n\xc3\xa9\"} 0.125\n"
	"# TYPE cbpf_block_cache counter\n"
	"# HELP cbpf_block_cache counter of the cache\n"
	"cbpf_block_cache_total{benchmark_id=\"run\",target=\"a\",name=\"cache_l1-misses\"} 2.5\n"
	"cbpf_block_cache_total{benchmark_id=\"run\",target=\"\\\"b\\\\\\n\xc3\xa9\","
	"name=\"cache_l1-misses\"} 2.5\n"
	"# TYPE cbpf_block_stacked gauge\n"
	"# HELP cbpf_block_stacked made of other devices\n"
	"cbpf_block_stacked{benchmark_id=\"run\",target=\"a\"} 1\n"
	"cbpf_block_stacked{benchmark_id=\"run\",target=\"\\\"b\\\\\\n\xc3\xa9\"} 1\n";

static const char classic[] =
	"# TYPE cbpf_block_ios_total counter\n"
	"# HELP cbpf_block_ios_total requests completed\n"
	"cbpf_block_ios_total{benchmark_id=\"run\",target=\"a\"} 3\n"
	"# TYPE cbpf_block_queue_seconds_total counter\n"
	"# HELP cbpf_block_queue_seconds_total time in the queue\n"
	"cbpf_block_queue_seconds_total{benchmark_id=\"run\",target=\"a\"} 0.0000015\n"
	"# TYPE cbpf_block_depth gauge\n"
	"# HELP cbpf_block_depth requests in flight\n"
	"cbpf_block_depth{benchmark_id=\"run\",target=\"a\"} 0\n"
	"# TYPE cbpf_block_busy_ratio gauge\n"
	"# HELP cbpf_block_busy_ratio how busy the device was\n"
	"cbpf_block_busy_ratio{benchmark_id=\"run\",target=\"a\"} 0.125\n"
	"# TYPE cbpf_block_cache_total counter\n"
	"# HELP cbpf_block_cache_total counter of the cache\n"
	"cbpf_block_cache_total{benchmark_id=\"run\",target=\"a\",name=\"cache_l1-misses\"} 2.5\n"
	"# TYPE cbpf_block_stacked gauge\n"
	"# HELP cbpf_block_stacked made of other devices\n"
	"cbpf_block_stacked{benchmark_id=\"run\",target=\"a\"} 1\n";

static void text_is_exact(void **state)
{
	cleanup_free char *text = NULL, *older = NULL;
	struct om_registry r;

	(void)state;
	om_registry_init(&r, 1000, &losses);
	requests(&r, 0, "a");
	older = render(&r, &health, OM_CLASSIC);
	assert_string_equal(older, classic);
	requests(&r, 1, "a");
	requests(&r, 1, "\"b\\\n\xc3\xa9");
	text = render(&r, &health, OM_OPENMETRICS);
	assert_string_equal(text, openmetrics);
	om_registry_fini(&r);
}

static void histograms_are_cumulative(void **state)
{
	static struct hist total, size;
	cleanup_free char *text = NULL;
	struct om_registry r;
	struct point p;

	(void)state;
	hist_add(&total, 255); /* the last value of the first bucket */
	hist_add(&total, 256);
	hist_add(&total, 1500);
	hist_add(&total, 1ull << 40); /* beyond all edges */
	hist_add(&size, 4096 - 1); /* as sizes are */
	size.sum = size.max = 4096;
	om_registry_init(&r, 1000, &losses);
	for (int64_t seq = 0; seq < 2; seq++) {
		fake_point(&p, &fake_block, seq);
		fake_tag(&p, "op", "read");
		fake_int(&p, "ios", 1);
		fake_hist(&p, "total", &total);
		fake_hist(&p, "size", &size);
		assert_int_equal(om_registry_put(&r, &p), 0);
	}
	text = render(&r, &health, OM_OPENMETRICS);
	assert_non_null(
		strstr(text, "# TYPE cbpf_block_total_seconds histogram\n"
			     "# UNIT cbpf_block_total_seconds seconds\n"
			     "# HELP cbpf_block_total_seconds cbpf_block: histogram of total\n"
			     "cbpf_block_total_seconds_bucket{op=\"read\",le=\"2.55e-07\"} 2\n"
			     "cbpf_block_total_seconds_bucket{op=\"read\",le=\"5.11e-07\"} 4\n"
			     "cbpf_block_total_seconds_bucket{op=\"read\",le=\"1.023e-06\"} 4\n"
			     "cbpf_block_total_seconds_bucket{op=\"read\",le=\"2.047e-06\"} 6\n"));
	assert_non_null(
		strstr(text, "cbpf_block_total_seconds_bucket{op=\"read\",le=\"68.719476735\"} 6\n"
			     "cbpf_block_total_seconds_bucket{op=\"read\",le=\"+Inf\"} 8\n"
			     "cbpf_block_total_seconds_sum{op=\"read\"} 2199.023259574\n"
			     "cbpf_block_total_seconds_count{op=\"read\"} 8\n"
			     "# TYPE cbpf_block_size_bytes histogram\n"
			     "# UNIT cbpf_block_size_bytes bytes\n"
			     "# HELP cbpf_block_size_bytes cbpf_block: histogram of size\n"
			     "cbpf_block_size_bytes_bucket{op=\"read\",le=\"512.0\"} 0\n"));
	assert_non_null(strstr(text,
			       "cbpf_block_size_bytes_bucket{op=\"read\",le=\"2048.0\"} 0\n"
			       "cbpf_block_size_bytes_bucket{op=\"read\",le=\"4096.0\"} 2\n"));
	assert_non_null(strstr(text, "cbpf_block_size_bytes_sum{op=\"read\"} 8192\n"));
	om_registry_fini(&r);
}

static void own_health(void **state)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 20), none = BUF_INIT(1 << 20);
	const struct om_health with_id = { .id = "r\"1", .cpu_ns = -1, .rss_bytes = -1 };
	struct om_registry r;

	(void)state;
	om_registry_init(&r, 1000, &losses);
	requests(&r, 1, "a");
	assert_int_equal(om_render(&r, &health, OM_OPENMETRICS, &text), 0);
	assert_string_equal(
		strstr(buf_str(&text), "# TYPE cbpf_exporter_up"),
		"# TYPE cbpf_exporter_up gauge\n"
		"# HELP cbpf_exporter_up cbpf answers\n"
		"cbpf_exporter_up 1\n"
		"# TYPE cbpf_exporter_ticks counter\n"
		"# HELP cbpf_exporter_ticks ticks of the run told so far\n"
		"cbpf_exporter_ticks_total 1\n"
		"# TYPE cbpf_exporter_last_tick_age_seconds gauge\n"
		"# UNIT cbpf_exporter_last_tick_age_seconds seconds\n"
		"# HELP cbpf_exporter_last_tick_age_seconds how long ago the last tick was\n"
		"cbpf_exporter_last_tick_age_seconds 0.776543211\n"
		"# TYPE cbpf_exporter_points counter\n"
		"# HELP cbpf_exporter_points points taken so far\n"
		"cbpf_exporter_points_total 1\n"
		"# TYPE cbpf_exporter_series gauge\n"
		"# HELP cbpf_exporter_series series that are served\n"
		"cbpf_exporter_series 6\n"
		"# TYPE cbpf_exporter_series_limit gauge\n"
		"# HELP cbpf_exporter_series_limit series that are served at most\n"
		"cbpf_exporter_series_limit 1000\n"
		"# TYPE cbpf_exporter_refused_values counter\n"
		"# HELP cbpf_exporter_refused_values values that are not served because their "
		"series would be too many\n"
		"cbpf_exporter_refused_values_total 0\n"
		"# TYPE cbpf_exporter_scrapes counter\n"
		"# HELP cbpf_exporter_scrapes scrapes answered, this one included\n"
		"cbpf_exporter_scrapes_total 3\n"
		"# TYPE process_cpu_seconds counter\n"
		"# UNIT process_cpu_seconds seconds\n"
		"# HELP process_cpu_seconds CPU time of cbpf\n"
		"process_cpu_seconds_total 1.5\n"
		"# TYPE process_resident_memory_bytes gauge\n"
		"# UNIT process_resident_memory_bytes bytes\n"
		"# HELP process_resident_memory_bytes memory of cbpf that is in RAM\n"
		"process_resident_memory_bytes 4096\n"
		"# EOF\n");
	om_registry_fini(&r);
	/* What is unknown is absent: before the first tick, without the kernel's word. */
	om_registry_init(&r, 1000, &losses);
	assert_int_equal(om_render(&r, &with_id, OM_OPENMETRICS, &none), 0);
	assert_null(strstr(buf_str(&none), "last_tick"));
	assert_null(strstr(buf_str(&none), "process_"));
	assert_memory_equal(buf_str(&none), "# TYPE cbpf_run info\n", 21);
	assert_non_null(strstr(buf_str(&none), "\ncbpf_run_info{benchmark_id=\"r\\\"1\",version="));
	om_registry_fini(&r);
}

/* The baseline of an older format has neither an end nor an info. */
static void older_format_ends(void **state)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 20);
	const struct om_health with_id = { .id = "r", .cpu_ns = -1, .rss_bytes = -1 };
	struct om_registry r;

	(void)state;
	om_registry_init(&r, 1000, &losses);
	assert_int_equal(om_render(&r, &with_id, OM_CLASSIC, &text), 0);
	assert_null(strstr(buf_str(&text), "EOF"));
	assert_null(strstr(buf_str(&text), "# UNIT"));
	assert_memory_equal(buf_str(&text), "# TYPE cbpf_run_info gauge\n", 27);
	om_registry_fini(&r);
}

static void states(struct om_registry *r, int64_t seq, const char *target, const char *kind)
{
	struct point p;

	fake_point(&p, &fake_block, seq);
	fake_tag(&p, "target_id", target);
	fake_tag(&p, "kind", kind);
	fake_int(&p, "ios", 3);
	fake_int(&p, "depth", seq);
	assert_int_equal(om_registry_put(r, &p), 0);
}

/* Containers that have gone keep their counters, and have no state any more. */
static void stale_states_go(void **state)
{
	cleanup_free char *soon = NULL, *later = NULL;
	struct om_registry r;

	(void)state;
	om_registry_init(&r, 1000, &losses);
	states(&r, 0, "1", "container");
	states(&r, 0, "2", "host"); /* says so only when it changes */
	states(&r, 10, "3", "workload");
	soon = render(&r, &unknown, OM_OPENMETRICS);
	assert_non_null(strstr(soon, "cbpf_block_depth{target_id=\"1\",kind=\"container\"} 0\n"));
	states(&r, 11, "3", "workload");
	later = render(&r, &unknown, OM_OPENMETRICS);
	assert_null(strstr(later, "cbpf_block_depth{target_id=\"1\""));
	assert_non_null(strstr(later, "cbpf_block_depth{target_id=\"2\",kind=\"host\"} 0\n"));
	assert_non_null(strstr(later, "cbpf_block_depth{target_id=\"3\",kind=\"workload\"} 11\n"));
	assert_non_null(
		strstr(later, "cbpf_block_ios_total{target_id=\"1\",kind=\"container\"} 3\n"));
	om_registry_fini(&r);
}

static void no_room_is_told(void **state)
{
	struct buf text = BUF_INIT(100);
	struct om_registry r;

	(void)state;
	om_registry_init(&r, 1000, &losses);
	requests(&r, 0, "a");
	assert_int_not_equal(om_render(&r, &health, OM_OPENMETRICS, &text), 0);
	buf_fini(&text);
	om_registry_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_exact),   cmocka_unit_test(histograms_are_cumulative),
		cmocka_unit_test(own_health),	   cmocka_unit_test(older_format_ends),
		cmocka_unit_test(stale_states_go), cmocka_unit_test(no_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
