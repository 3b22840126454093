// SPDX-License-Identifier: Apache-2.0
/* IOR's JSON summary; beginNs, endNs, bytes and iter of a result are our additions. */
#include <string.h>
#include <sys/utsname.h>

#include "ior/files.h"
#include "ior/options.h"
#include "ior/output.h"

#define KIB 1024.0
#define MIB 0x1p20
#define GIB 0x1p30

static void quote(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void text_field(FILE *f, const char *indent, const char *key, const char *text)
{
	fprintf(f, "%s\"%s\": ", indent, key);
	quote(f, text);
	fputs(",\n", f);
}

/* Collects lines so that the last one has no comma. */
struct lines {
	FILE *f;
	const char *indent;
	bool more;
};

static void option_line(void *ctx, const char *key, const char *text, int64_t number)
{
	struct lines *l = ctx;

	fprintf(l->f, "%s%s\"%s\": ", l->more ? ",\n" : "", l->indent, key);
	if (text)
		quote(l->f, text);
	else
		fprintf(l->f, "%lld", (long long)number);
	l->more = true;
}

/* IOR's one-letter name of a packet kind. */
static const char *packet_letter(const struct ior_options *o)
{
	static const char *const letters[] = { "g", "o", "i", "t", "r" };

	return letters[o->packet];
}

static void parameters(FILE *f, const struct report *r)
{
	const struct ior_options *o = r->options;
	struct lines l = { .f = f, .indent = "      " };
	char platform[256] = "unknown";
	struct utsname u;
	const struct {
		const char *key, *text;
		int64_t number;
	} rows[] = {
		{ "testID", NULL, 0 },
		{ "refnum", NULL, 0 },
		{ "api", ior_api_name(o), 0 },
		{ "platform", platform, 0 },
		{ "testFileName", o->test_file, 0 },
		{ "deadlineForStonewall", NULL, o->deadline_s },
		{ "stoneWallingWearOut", NULL, o->wear_out },
		{ "maxTimeDuration", NULL, 0 },
		{ "outlierThreshold", NULL, o->outlier_s },
		{ "options", "(null)", 0 },
		{ "dryRun", NULL, o->dry_run },
		{ "nodes", NULL, r->nodes },
		{ "memoryPerTask", NULL, (int64_t)o->memory_bytes },
		{ "memoryPerNode", NULL, 0 },
		{ "tasksPerNode", NULL, r->tasks_per_node },
		{ "repetitions", NULL, o->repetitions },
		{ "multiFile", NULL, o->multi_file },
		{ "interTestDelay", NULL, o->delay_s },
		{ "fsync", NULL, o->fsync },
		{ "fsyncperwrite", NULL, o->fsync_per_write },
		{ "useExistingTestFile", NULL, o->use_existing },
		{ "uniqueDir", NULL, o->unique_dir },
		{ "singleXferAttempt", NULL, 0 },
		{ "readFile", NULL, o->read },
		{ "writeFile", NULL, o->write },
		{ "filePerProc", NULL, o->file_per_proc },
		{ "reorderTasks", NULL, o->reorder_constant },
		{ "reorderTasksRandom", NULL, o->reorder_random },
		{ "reorderTasksRandomSeed", NULL, o->reorder_seed },
		{ "randomOffset", NULL, o->random_offset },
		{ "checkWrite", NULL, o->check_write },
		{ "checkRead", NULL, o->check_read },
		{ "dataPacketType", NULL, o->packet },
		{ "keepFile", NULL, o->keep },
		{ "keepFileWithError", NULL, o->keep_on_error },
		{ "warningAsErrors", NULL, o->warnings_fail },
		{ "verbose", NULL, o->verbose },
		{ "data packet type", packet_letter(o), 0 },
		{ "setTimeStampSignature/incompressibleSeed", NULL, o->signature },
		{ "collective", NULL, o->collective },
		{ "segmentCount", NULL, o->segments },
		{ "transferSize", NULL, (int64_t)o->transfer_bytes },
		{ "blockSize", NULL, (int64_t)o->block_bytes },
	};

	if (!uname(&u))
		snprintf(platform, sizeof(platform), "%s(%s)", u.nodename, u.sysname);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		option_line(&l, rows[i].key, rows[i].text, rows[i].number);
}

static void space(FILE *f, const struct report *r)
{
	struct files_space s;

	if (files_space(r->path, &s))
		return;
	fprintf(f,
		"      \"Capacity\": \"%.1f %s\",\n      \"Used Capacity\": \"%2.1f%%\",\n"
		"      \"Inodes\": \"%.1f Mi\",\n      \"Used Inodes\": \"%2.1f%%\",\n",
		s.bytes / (s.bytes >= KIB * GIB ? KIB * GIB : GIB),
		s.bytes >= KIB * GIB ? "TiB" : "GiB", s.used_pct, s.inodes / MIB,
		s.used_inodes_pct);
}

static void json_begin(FILE *f, const struct report *r)
{
	struct lines l = { .f = f, .indent = "        " };
	char text[512];

	fputs("{\n", f);
	text_field(f, "  ", "Version", IOR_VERSION);
	text_field(f, "  ", "Began", output_time(text, sizeof(text)));
	text_field(f, "  ", "Command line", r->command);
	text_field(f, "  ", "Machine", output_machine(r->options->verbose > 0, text, sizeof(text)));
	fputs("  \"tests\": [\n    {\n      \"TestID\": 0,\n", f);
	text_field(f, "      ", "StartTime", output_time(text, sizeof(text)));
	text_field(f, "      ", "Path", r->path);
	space(f, r);
	fputs("      \"Parameters\": {\n", f);
	parameters(f, r);
	fputs("\n      },\n      \"Options\": {\n", f);
	output_options(r, option_line, &l);
	fputs("\n      },\n      \"Results\": [", f);
	fflush(f);
}

static void json_row(FILE *f, const struct report *r, const struct row *row)
{
	fprintf(f,
		"%s\n        {\n          \"access\": \"%s\",\n          \"bwMiB\": %.9g,\n"
		"          \"blockKiB\": %.9g,\n          \"xferKiB\": %.9g,\n"
		"          \"iops\": %.9g,\n          \"latency\": %.9f,\n"
		"          \"openTime\": %.9f,\n          \"wrRdTime\": %.9f,\n"
		"          \"closeTime\": %.9f,\n          \"totalTime\": %.9f,\n",
		r->n_rows ? "," : "", row->access, row->bw_mib,
		(double)r->options->block_bytes / KIB, (double)r->options->transfer_bytes / KIB,
		row->iops, row->latency_s, row->open_s, row->wrrd_s, row->close_s, row->total_s);
	fprintf(f,
		"          \"iter\": %d,\n          \"bytes\": %llu,\n"
		"          \"beginNs\": %llu,\n          \"endNs\": %llu\n        }",
		row->rep, (unsigned long long)row->bytes, (unsigned long long)row->begin_ns,
		(unsigned long long)row->end_ns);
	fflush(f);
}

static void stats(FILE *f, const struct row_stats *s, const char *max, const char *min,
		  const char *mean, const char *sd)
{
	fprintf(f,
		"      \"%s\": %.9g,\n      \"%s\": %.9g,\n      \"%s\": %.9g,\n"
		"      \"%s\": %.9g,\n",
		max, s->max, min, s->min, mean, s->mean, sd, s->sd);
}

static bool summary(FILE *f, const struct report *r, const char *access, bool more)
{
	const struct ior_options *o = r->options;
	struct lines l = { .f = f, .indent = "      " };
	struct row_summary s;

	if (!row_summarize(&s, r->rows, r->n_rows, access, o->transfer_bytes))
		return more;
	fprintf(f, "%s\n    {\n", more ? "," : "");
	option_line(&l, "operation", access, 0);
	option_line(&l, "API", ior_api_name(o), 0);
	option_line(&l, "TestID", NULL, 0);
	option_line(&l, "ReferenceNumber", NULL, 0);
	option_line(&l, "segmentCount", NULL, o->segments);
	option_line(&l, "blockSize", NULL, (int64_t)o->block_bytes);
	option_line(&l, "transferSize", NULL, (int64_t)o->transfer_bytes);
	option_line(&l, "numTasks", NULL, r->tasks);
	option_line(&l, "tasksPerNode", NULL, r->tasks_per_node);
	option_line(&l, "repetitions", NULL, o->repetitions);
	option_line(&l, "filePerProc", NULL, o->file_per_proc);
	option_line(&l, "reorderTasks", NULL, o->reorder_constant);
	option_line(&l, "taskPerNodeOffset", NULL, o->task_offset);
	option_line(&l, "reorderTasksRandom", NULL, o->reorder_random);
	option_line(&l, "reorderTasksRandomSeed", NULL, o->reorder_seed);
	fputs(",\n", f);
	stats(f, &s.bw, "bwMaxMIB", "bwMinMIB", "bwMeanMIB", "bwStdMIB");
	stats(f, &s.ops, "OPsMax", "OPsMin", "OPsMean", "OPsSD");
	fprintf(f, "      \"MeanTime\": %.9f,\n", s.mean_s);
	if (s.has_stonewall)
		fprintf(f, "      \"StoneWallTime\": %.9f,\n      \"StoneWallbwMeanMIB\": %.9g,\n",
			s.stonewall_s, s.stonewall_bw_mib);
	fprintf(f, "      \"xsizeMiB\": %.9g\n    }", s.bytes / MIB);
	return true;
}

/* An aborted run has no summary and never finished, but its document is whole. */
static void json_end(FILE *f, const struct report *r)
{
	char text[64];

	fputs("\n      ]\n    }\n  ],\n  \"summary\": [", f);
	if (!r->aborted)
		(void)summary(f, r, "read", summary(f, r, "write", false));
	fputs("\n  ]", f);
	if (r->error) {
		fputs(",\n  \"Error\": ", f);
		quote(f, r->error);
	}
	if (!r->aborted) {
		fputs(",\n  \"Finished\": ", f);
		quote(f, output_time(text, sizeof(text)));
	}
	fputs("\n}\n", f);
}

const struct output output_json = {
	.begin = json_begin,
	.row = json_row,
	.end = json_end,
};
