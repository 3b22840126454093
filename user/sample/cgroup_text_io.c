// SPDX-License-Identifier: Apache-2.0
/* Scanners over the files of block I/O, which have devices. */
#include "sample/cgroup_scan.h"
#include "sample/cgroup_text.h"
#include "sample/frame.h"

static bool scan_device(const char **at, uint32_t *ret_major, uint32_t *ret_minor)
{
	const char *p = *at;
	uint64_t maj, min;

	if (!scan_u64(&p, &maj) || *p++ != ':' || !scan_u64(&p, &min) || maj > UINT32_MAX ||
	    min > UINT32_MAX || (*p && !isspace((unsigned char)*p)))
		return false;
	*at = p;
	*ret_major = maj;
	*ret_minor = min;
	return true;
}

/* What several devices make together: all of it, or of limits and means the worst. */
enum fold { SUM, MOST, LEAST };
enum form {
	PLAIN,
	OR_MAX, /* "max" is none */
	PERCENT, /* with two decimals */
	SIGNED, /* -1, 0 or a number of users: is it in use? */
};

/*
 * What every kernel prints comes first. Then blk-iocost, the latter three with
 * the kernel's blkcg_debug_stats alone, as all that follows: blk-iolatency on
 * rotating disks (avg_lat, win) and others (missed, total), and the delay that
 * either has made for tasks.
 */
static const struct io_key {
	const char *key;
	enum metric metric;
	enum fold fold;
	enum form form;
	uint64_t scale;
} io_keys[] = {
	{ "rbytes=", METRIC_io_read_bytes, SUM, PLAIN, 1 },
	{ "wbytes=", METRIC_io_write_bytes, SUM, PLAIN, 1 },
	{ "dbytes=", METRIC_io_discard_bytes, SUM, PLAIN, 1 },
	{ "rios=", METRIC_io_read_ops, SUM, PLAIN, 1 },
	{ "wios=", METRIC_io_write_ops, SUM, PLAIN, 1 },
	{ "dios=", METRIC_io_discard_ops, SUM, PLAIN, 1 },
	{ "cost.vrate=", METRIC_io_cost_vrate_bp, LEAST, PERCENT, 1 },
	{ "cost.usage=", METRIC_io_cost_usage_ns, SUM, PLAIN, 1000 },
	{ "cost.wait=", METRIC_io_cost_wait_ns, SUM, PLAIN, 1000 },
	{ "cost.indebt=", METRIC_io_cost_indebt_ns, SUM, PLAIN, 1000 },
	{ "cost.indelay=", METRIC_io_cost_indelay_ns, SUM, PLAIN, 1000 },
	{ "depth=", METRIC_io_latency_depth, LEAST, OR_MAX, 1 },
	{ "avg_lat=", METRIC_io_latency_avg_ns, MOST, PLAIN, 1000 },
	{ "win=", METRIC_io_latency_window_ns, MOST, PLAIN, 1000000 },
	{ "missed=", METRIC_io_latency_missed, SUM, PLAIN, 1 },
	{ "total=", METRIC_io_latency_total, SUM, PLAIN, 1 },
	{ "use_delay=", METRIC_io_delayed_devices, SUM, SIGNED, 1 },
	{ "delay_nsec=", METRIC_io_delay_ns, MOST, PLAIN, 1 },
};
#define N_IO_KEYS (sizeof(io_keys) / sizeof(io_keys[0]))
#define N_IO_ALWAYS 6

struct io_sum {
	uint64_t value;
	bool seen, bad;
};

/* The value at *@at. False when it is none. */
static bool scan_io_value(const char **at, const struct io_key *k, uint64_t *ret)
{
	uint64_t v, hundredths;

	if (k->form == SIGNED && **at == '-')
		++*at;
	if (!scan_u64(at, &v))
		return false;
	if (k->form == PERCENT) {
		if (**at != '.' || !isdigit((unsigned char)(*at)[1]) ||
		    !isdigit((unsigned char)(*at)[2]))
			return false;
		++*at;
		if (!scan_u64(at, &hundredths) || hundredths > 99 ||
		    __builtin_mul_overflow(v, 100, &v) || __builtin_add_overflow(v, hundredths, &v))
			return false;
	}
	if (k->form == SIGNED)
		v = v != 0;
	return !__builtin_mul_overflow(v, k->scale, ret);
}

static void add_io_value(struct io_sum *s, enum fold fold, uint64_t v)
{
	if (fold == SUM)
		s->bad |= __builtin_add_overflow(s->value, v, &s->value);
	else if (!s->seen || (fold == MOST ? v > s->value : v < s->value))
		s->value = v;
	s->seen = true;
}

/* Takes the word at @at. False when it is cut, or is a total and no number. */
static bool take_io_word(const char *at, bool counts, struct io_sum *sums)
{
	for (size_t i = 0; i < N_IO_KEYS; i++) {
		const char *value = at;
		uint64_t v;
		bool ok;

		if (!scan_prefix(&value, io_keys[i].key))
			continue;
		if (io_keys[i].form == OR_MAX && scan_prefix(&value, "max"))
			return *value != '\0';
		ok = scan_io_value(&value, &io_keys[i], &v);
		if (ok && *value == '\0')
			return false;
		ok = ok && isspace((unsigned char)*value);
		if (!ok && i < N_IO_ALWAYS)
			return false;
		if (counts && ok)
			add_io_value(&sums[i], io_keys[i].fold, v);
		else if (counts)
			sums[i].bad = true;
		return true;
	}
	return true;
}

void cgroup_text_io_stat(const char *text, device_is_stacked_fn stacked, void *arg,
			 struct frame_row *row)
{
	struct io_sum sums[N_IO_KEYS] = { 0 };
	bool counts = false; /* the device named last is known and not stacked */
	const char *at = text;

	for (;;) {
		uint32_t maj, min;

		at += strspn(at, " \t\n");
		if (!*at)
			break;
		if (scan_device(&at, &maj, &min)) {
			counts = !stacked(arg, maj, min);
			continue;
		}
		/* "(unknown)" names a device too, one that is counted elsewhere. */
		if (*at == '(')
			counts = false;
		/* Half a file has half the totals: rather none. */
		if (!take_io_word(at, counts, sums))
			return;
		at += strcspn(at, " \t\n");
	}
	for (size_t i = 0; i < N_IO_KEYS; i++)
		if ((i < N_IO_ALWAYS || sums[i].seen) && !sums[i].bad)
			frame_put(row, io_keys[i].metric, sums[i].value);
}

void cgroup_text_blkio(const char *text, device_is_stacked_fn stacked, void *arg, enum metric read,
		       enum metric write, enum metric discard, struct frame_row *row)
{
	static const char *const ops[] = { " Read ", " Write ", " Discard " };
	const enum metric metrics[] = { read, write, discard };
	uint64_t sum[3] = { 0 };
	bool seen[3] = { false };

	for (const char *line = text; *line; line = scan_next_line(line)) {
		const char *at = line;
		uint32_t maj, min;

		if (!scan_device(&at, &maj, &min))
			continue;
		for (size_t i = 0; i < 3; i++) {
			const char *value = at;
			uint64_t v;

			if (!scan_prefix(&value, ops[i]))
				continue;
			if (!scan_u64(&value, &v) || *value != '\n')
				return;
			seen[i] = true;
			if (!stacked(arg, maj, min))
				sum[i] += v;
		}
	}
	for (size_t i = 0; i < 3; i++)
		if (seen[i])
			frame_put(row, metrics[i], sum[i]);
}
