// SPDX-License-Identifier: Apache-2.0
/* What the output formats have in common. */
#include "ior/output.h"

#include <sys/utsname.h>
#include <time.h>

#include "ior/options.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

const struct output *output_of(const struct ior_options *o)
{
	switch ((enum ior_format)o->format) {
	case FORMAT_JSON: return &output_json;
	case FORMAT_CSV: return &output_csv;
	case FORMAT_TEXT: break;
	}
	return &output_text;
}

const char *output_time(char *text, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, size, "%a %b %e %H:%M:%S %Y", &tm);
	return text;
}

const char *output_machine(bool full, char *text, size_t size)
{
	struct utsname u;

	if (uname(&u))
		snprintf(text, size, "unknown");
	else if (full)
		snprintf(text, size, "%s %s %s %s %s", u.sysname, u.nodename, u.release, u.version,
			 u.machine);
	else
		snprintf(text, size, "%s %s", u.sysname, u.nodename);
	return text;
}

const char *output_size(uint64_t bytes, char *text, size_t size)
{
	uint64_t unit = bytes >= GIB ? GIB : MIB;
	const char *name = bytes >= GIB ? "GiB" : "MiB";

	if (bytes < MIB)
		snprintf(text, size, "%llu bytes", (unsigned long long)bytes);
	else if (bytes % unit)
		snprintf(text, size, "%.2f %s", (double)bytes / (double)unit, name);
	else
		snprintf(text, size, "%llu %s", (unsigned long long)(bytes / unit), name);
	return text;
}

static void reorder_lines(const struct ior_options *o, option_line_fn line, void *ctx)
{
	if (o->reorder_random) {
		line(ctx, "ordering inter file", "random task offset", 0);
		line(ctx, "task offset", NULL, o->task_offset);
		line(ctx, "reorder random seed", NULL, o->reorder_seed);
	} else if (o->reorder_constant) {
		line(ctx, "ordering inter file", "constant task offset", 0);
		line(ctx, "task offset", NULL, o->task_offset);
	} else {
		line(ctx, "ordering inter file", "no tasks offsets", 0);
	}
}

void output_options(const struct report *r, option_line_fn line, void *ctx)
{
	const struct ior_options *o = r->options;
	uint64_t total = o->block_bytes * (uint64_t)o->segments * (uint64_t)r->tasks;
	char text[64];

	line(ctx, "api", ior_api_name(o), 0);
	line(ctx, "apiVersion", r->api_version, 0);
	line(ctx, "test filename", o->test_file, 0);
	line(ctx, "access", o->file_per_proc ? "file-per-process" : "single-shared-file", 0);
	line(ctx, "type", o->collective ? "collective" : "independent", 0);
	line(ctx, "segments", NULL, o->segments);
	line(ctx, "ordering in a file", o->random_offset ? "random" : "sequential", 0);
	reorder_lines(o, line, ctx);
	line(ctx, "nodes", NULL, r->nodes);
	line(ctx, "tasks", NULL, r->tasks);
	line(ctx, "clients per node", NULL, r->tasks_per_node);
	line(ctx, "memoryBuffer", "CPU", 0);
	line(ctx, "dataAccess", "CPU", 0);
	line(ctx, "GPUDirect", "0", 0);
	line(ctx, "repetitions", NULL, o->repetitions);
	line(ctx, "xfersize", output_size(o->transfer_bytes, text, sizeof(text)), 0);
	line(ctx, "blocksize", output_size(o->block_bytes, text, sizeof(text)), 0);
	line(ctx, "aggregate filesize", output_size(total, text, sizeof(text)), 0);
	if (o->outlier_s)
		line(ctx, "outlierThreshold", NULL, o->outlier_s);
	if (o->deadline_s) {
		line(ctx, "stonewallingTime", NULL, o->deadline_s);
		line(ctx, "stoneWallingWearOut", NULL, o->wear_out);
	}
	if (o->verbose)
		line(ctx, "verbose", NULL, o->verbose);
}
