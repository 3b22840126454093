// SPDX-License-Identifier: Apache-2.0
/*
 * Serves made-up points as OpenMetrics: prints where, then a tick for each line of standard
 * input ("tick N": N of them), each followed by "told", until it ends. Names are hostile. With an
 * argument: so many targets more, of which not all fit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "fake_points.h"
#include "sink/openmetrics.h"
#include "sink/sink.h"

static const char *const targets[] = {
	"plain",
	"quote \" backslash \\ newline \n end",
	"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 {a=\"b\"}, # HELP x",
	"no UTF-8 \xff\xc3",
	"\\n",
};

static int put(struct sink *s, const struct point *p)
{
	struct err err;

	if (!s->ops->put(s, p, &err))
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return 1;
}

static int put_target(struct sink *s, int64_t seq, const char *target, unsigned int which)
{
	static struct hist total, size;
	struct point p;

	memset(&total, 0, sizeof(total));
	memset(&size, 0, sizeof(size));
	for (unsigned int i = 0; i < 10; i++)
		hist_add(&total, (which + 1) * 100000ull << i);
	hist_add(&size, 4096 - 1); /* as sizes are */
	size.sum = size.max = 4096;
	fake_point(&p, &fake_block, seq);
	fake_tag(&p, "benchmark_id", "run");
	fake_tag(&p, "target", target);
	fake_tag(&p, "device", "vda");
	fake_tag(&p, "op", "read");
	fake_int(&p, "ios", 10 + which);
	fake_int(&p, "bytes", 40960);
	fake_int(&p, "queue_ns", 1234567);
	fake_int(&p, "depth", which);
	fake_real(&p, "share", 0.25);
	fake_real(&p, "busy", 50);
	fake_bool(&p, "stacked", which % 2);
	fake_int(&p, "total_p99", 1);
	fake_real(&p, "cache_L1-dcache:u \"\\\n", 1.5 * seq);
	fake_text(&p, "scheduler", "none");
	fake_hist(&p, "total", &total);
	fake_hist(&p, "size", &size);
	if (put(s, &p))
		return 1;
	fake_point(&p, &fake_cgroup, seq);
	fake_tag(&p, "benchmark_id", "run");
	fake_tag(&p, "target", target);
	fake_int(&p, "cpu_usage_ns", 1000000001ll * (seq + 1));
	fake_int(&p, "memory_bytes", 1 << 20);
	return put(s, &p);
}

static int put_tick(struct sink *s, int64_t seq, unsigned int more)
{
	int rc = 0;

	for (unsigned int i = 0; !rc && i < ARRAY_SIZE(targets); i++)
		rc = put_target(s, seq, targets[i], i);
	for (unsigned int i = 0; !rc && i < more; i++) {
		char name[32];

		snprintf(name, sizeof(name), "more %u", i);
		rc = put_target(s, seq, name, i);
	}
	return rc;
}

int main(int argc, char **argv)
{
	unsigned int more = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const struct openmetrics_config config = { .address = "127.0.0.1:0", .id = "run \"1\"" };
	static struct losses losses = LOSSES_INIT;
	struct err err = { 0 };
	struct sink *s;
	int64_t seq = 0;
	char line[64];

	if (openmetrics_open(&config, &losses, NULL, &s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%s\n", strchr(s->where, ' ') + 1);
	while (fgets(line, sizeof(line), stdin)) {
		long n = strtol(line + strcspn(line, " "), NULL, 10);

		for (long i = 0; i < n; i++)
			if (put_tick(s, seq++, more))
				return 1;
		puts("told");
	}
	sink_close(s);
	for (size_t i = 0; i < losses.n; i++)
		printf("%s %llu: %s\n", losses.v[i].what, (unsigned long long)losses.v[i].count,
		       losses.v[i].reason);
	return 0;
}
