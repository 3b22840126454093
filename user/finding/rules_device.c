// SPDX-License-Identifier: Apache-2.0
/* The device, and who shares it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define MIB (1024.0 * 1024)
#define BUSY_ROWS                                                                                  \
	"SELECT d.name, count(*), sum(s.share_ns), sum(s.depth_ns) FROM share s JOIN device d ON " \
	"d.dev = s.device WHERE s.target = ?1 GROUP BY d.dev"
#define ENOUGH_IOS 100 /* below which a device says nothing */
#define OF_OTHER_THINGS                                                                            \
	1.25 /* times what the tool moved: beyond that, devices moved more than its */
#define HELD 0.05 /* of a limit, and of periods: near and often enough */

static bool has_block(struct judging *j)
{
	if (text_at(j->report, "backends.block"))
		return true;
	not_judged(j, "the collector block");
	return false;
}

static bool same_name(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* One owner's part of the device's busy time, added to all and to its side. */
struct shares {
	double all, mine, most;
	const char *own, *who; /* has the most of others */
};

static void add_share(struct shares *s, const char *name, const char *kind, double ns)
{
	/* What is nobody's is mostly its own doing: its journal, its writeback. */
	if (isnan(ns) || (same_name(kind, "unattributed") && !same_name(name, s->own)))
		return;
	s->all += ns;
	if (same_name(name, s->own)) {
		s->mine += ns;
	} else if (ns > s->most) {
		s->most = ns;
		s->who = name;
	}
}

/*
 * Whose requests had how much of a device's busy time while it ran, or in the whole run where that is
 * not known: the share of others, and who had the most.
 */
static double share_of_others(const struct judging *j, const json_t *its, const char *device,
			      const char **ret_who)
{
	struct shares s = { .own = text_at(j->target, "name") };
	const json_t *meanwhile = json_object_get(its, "meanwhile"), *t;
	size_t i;

	json_array_foreach(meanwhile, i, t)
		add_share(&s, text_at(t, "name"), text_at(t, "kind"), number_at(t, "share_ns"));
	if (!meanwhile)
		json_array_foreach(json_object_get(j->report, "targets"), i, t)
			add_share(&s, text_at(t, "name"), text_at(t, "kind"),
				  number_at(json_object_get(json_object_get(t, "sharing"), device),
					    "share_ns"));
	*ret_who = s.who;
	return s.all > 0 && s.mine > 0 ? 1 - s.mine / s.all : NAN;
}

/* Its reads and writes of a device. */
static double requests(const json_t *target, const char *device)
{
	const json_t *own = json_object_get(json_object_get(target, "block"), device);
	double reads = number_at(own, "read.ios"), writes = number_at(own, "write.ios");

	return (isnan(reads) ? 0 : reads) + (isnan(writes) ? 0 : writes);
}

/*
 * Was the device busy for about as long as the kernel says? A request whose completion the probe did not
 * see stays in the device, as its owner's share of what is not so.
 */
static bool shares_are_right(const struct judging *j, const char *device)
{
	const json_t *d;
	size_t i;

	json_array_foreach(json_object_get(j->report, "devices"), i, d)
		if (same_name(text_at(d, "name"), device))
			return !(number_at(d, "probe.busy_ns") >
				 number_at(d, "busy_ns") * 1.25 + 10e6);
	return true;
}

static void judge_noisy_neighbour(struct judging *j)
{
	const char *device, *who;
	json_t *own;

	if (!has_block(j))
		return;
	json_object_foreach((json_t *)json_object_get(j->target, "sharing"), device, own) {
		double others = share_of_others(j, own, device, &who);

		/* Who has hardly asked the device has hardly waited for it. */
		if (isnan(others) || others <= j->at[0] || !who ||
		    requests(j->target, device) < ENOUGH_IOS)
			continue;
		if (!shares_are_right(j, device)) {
			not_judged(j,
				   "who shared %s: requests seem to be there that are not (see "
				   "losses)",
				   device);
			continue;
		}
		found(j, CONFIDENCE_HIGH,
		      with_text(with_text(numbers("others_ratio", others, NULL), "device", device),
				"most", who),
		      "SELECT t.name, d.name, sum(s.share_ns) FROM share s JOIN target t ON t.id = "
		      "s.target JOIN device d ON d.dev = s.device GROUP BY t.id, d.dev",
		      "while it ran, others had %.0f %% of the time that %s was busy, most of all "
		      "%s",
		      others * 100, device, who);
	}
	if (!json_object_get(j->target, "sharing") &&
	    json_object_size(json_object_get(j->target, "block")))
		not_judged(j, "who shared the device (collectors.block.sharing)");
}

const struct finding_rule rule_noisy_neighbour = {
	.id = "noisy-neighbour",
	.severity = "warning",
	.title = "others used the device",
	.why = "What it waited for was not its own work.",
	.advice = "move one of them to another device, or limit the other (io: {write_bps: ...})",
	.thresholds = { { "ratio", 0.1, "ratio",
			  "others' share of the device's busy time, above "
			  "which it is told" } },
	.judge = judge_noisy_neighbour,
};

static void judge_queue_wait(struct judging *j)
{
	static const char *const ops[] = { "read", "write" };

	if (!has_block(j))
		return;
	for (size_t i = 0; i < 2; i++) {
		double queued = over_devices(j->target, ops[i], "queue_ns.sum");
		double total = over_devices(j->target, ops[i], "total_ns.sum");
		double ios = over_devices(j->target, ops[i], "ios");

		if (!(ios >= ENOUGH_IOS) || !(total > 0) || queued / total <= j->at[0])
			continue;
		found(j, CONFIDENCE_HIGH,
		      with_text(numbers("queue_s", queued / 1e9, "total_s", total / 1e9, NULL),
				"op", ops[i]),
		      "SELECT layer, op, sum(sum) FROM histogram WHERE target = ?1 AND layer LIKE "
		      "'block_%' GROUP BY layer, op",
		      "its %ss spent %.0f %% of their time in the queue, before the device had "
		      "them",
		      ops[i], queued / total * 100);
	}
}

const struct finding_rule rule_queue_wait = {
	.id = "queue-wait",
	.severity = "warning",
	.title = "time goes to the block queue, not the device",
	.why = "A scheduler, or more requests than the device takes at once, hold them back; an "
	       "I/O limit does so earlier, and is told as io-throttled.",
	.advice = "look at the scheduler and nr_requests of the disk (cbpf report --json: "
		  "host.disks), at who else queues there, and ask for less at once",
	.thresholds = { { "ratio", 0.5, "ratio",
			  "queue / whole latency, above which it is told" } },
	.judge = judge_queue_wait,
};

struct use { /* of a device by a target */
	double depth; /* requests in it, on average while its own were */
	double outstanding; /* the same with those that waited in the queue */
	double busy; /* of the run */
	double busy_meanwhile; /* of the ticks in which the target had requests there */
};

/* Time of all requests of a device in @layer. */
static double layer_ns(const json_t *own, const char *layer)
{
	static const char *const all[] = { "read", "write", "flush", "discard" };
	double sum = 0;
	char path[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		double ns;

		snprintf(path, sizeof(path), "%s.%s.sum", all[i], layer);
		ns = number_at(own, path);
		sum += isnan(ns) ? 0 : ns;
	}
	return sum;
}

/*
 * Each of n requests in a device has the n-th part of the time as its share, so that the time of requests
 * over their share is how many there were. A request whose completion nobody saw has a share for longer
 * than it was there, but the kernel's busy time is known. False: nobody looked.
 */
static bool use_of(const struct judging *j, const json_t *device, struct use *ret)
{
	const char *name = text_at(device, "name");
	const json_t *own = json_object_get(json_object_get(j->target, "block"), name);
	const json_t *sharing = json_object_get(json_object_get(j->target, "sharing"), name);
	double busy_ns = number_at(device, "busy_ns");
	double share = fmin(number_at(sharing, "share_ns"), busy_ns);

	ret->depth = fmax(1, layer_ns(own, "device_ns") / share);
	ret->outstanding = fmax(ret->depth, layer_ns(own, "total_ns") / share);
	ret->busy = busy_ns / (number_at(j->report, "duration_s") * 1e9);
	ret->busy_meanwhile =
		number_at(sharing, "active_busy_ns") / number_at(sharing, "active_ns");
	return sharing && share > 0 && busy_ns > 0;
}

/* Each leaf that has enough requests of the target. */
static void each_device(struct judging *j,
			void (*judge)(struct judging *j, const char *device, const struct use *use))
{
	json_t *devices = json_object_get(j->report, "devices"), *d;
	size_t i;

	if (ranks_elsewhere(j->target)) {
		not_judged(j, "the requests of its ranks alone, which ran in other containers");
		return;
	}
	json_array_foreach(devices, i, d) {
		const char *name = text_at(d, "name");
		struct use use;

		if (name && !json_is_true(json_object_get(d, "stacked")) && use_of(j, d, &use) &&
		    requests(j->target, name) >= ENOUGH_IOS)
			judge(j, name, &use);
	}
	if (!json_object_get(j->target, "sharing") &&
	    json_object_size(json_object_get(j->target, "block")))
		not_judged(j, "how many requests were in the device (collectors.block.sharing)");
}

static void saturated(struct judging *j, const char *device, const struct use *use)
{
	double busy = fmin(1, use->busy_meanwhile);

	if (!(use->busy_meanwhile >= j->at[0]) || use->outstanding < j->at[1])
		return;
	found(j, CONFIDENCE_LOW,
	      with_text(numbers("busy_ratio", busy, "depth", use->outstanding, NULL), "device",
			device),
	      BUSY_ROWS,
	      "%s was busy in %.0f %% of the time in which it had requests there, and %.1f waited "
	      "or were served on average",
	      device, busy * 100, use->outstanding);
}

static void judge_saturated(struct judging *j)
{
	if (has_block(j))
		each_device(j, saturated);
}

const struct finding_rule rule_saturated = {
	.id = "saturated",
	.severity = "info",
	.title = "the device is saturated",
	.why = "More requests at once only wait longer: this is the device's own limit.",
	.advice = "compare with fewer ranks or a smaller depth: if bandwidth stays, this is the "
		  "limit that was looked for",
	.thresholds = { { "busy", 0.95, "ratio",
			  "time in which the device was busy / in which it had requests there, "
			  "from which "
			  "it is told" },
			{ "depth", 4, "requests",
			  "waiting or served on average, from which it is told" } },
	.judge = judge_saturated,
};

static void starved(struct judging *j, const char *device, const struct use *use)
{
	/* What holds it back then is told by other rules, and more requests at once were no help. */
	if (use->depth >= j->at[0] || use->busy >= j->at[1] || io_limit_reached(j->target, HELD) ||
	    number_at(j->target, "cgroup.cpu_nr_throttled") >
		    number_at(j->target, "cgroup.cpu_nr_periods") * HELD)
		return;
	/* It takes one at a time, and others wait. */
	if (use->outstanding >= 2 * j->at[0])
		return;
	found(j, CONFIDENCE_LOW,
	      with_text(numbers("busy_ratio", use->busy, "depth", use->depth, NULL), "device",
			device),
	      BUSY_ROWS,
	      "%.1f requests were in %s on average while its own were, and it was busy in %.0f %% "
	      "of the time: the device could have taken more",
	      use->depth, device, use->busy * 100);
}

static void judge_starved(struct judging *j)
{
	if (has_block(j))
		each_device(j, starved);
}

const struct finding_rule rule_starved = {
	.id = "starved",
	.severity = "info",
	.title = "the device is starved",
	.why = "It is not the device that limits: it waits for requests.",
	.advice = "more ranks, or asynchronous I/O with a depth",
	.thresholds = { { "depth", 1.2, "requests",
			  "in flight on average, below which it is told" },
			{ "busy", 0.5, "ratio",
			  "busy time of the device, below which it is told" } },
	.judge = judge_starved,
};

/* What the tool says that it moved; NAN: it says nothing. */
static double moved_by(const json_t *target, const char *op)
{
	return number_at(json_object_get(json_object_get(target, "application"), op), "bytes");
}

/* Of the bytes of @op, the size of the request in which they moved, on average; NAN: unknown. */
static double request_of_bytes(const json_t *target, const char *op)
{
	const json_t *device, *bucket;
	double bytes = 0, weighed = 0;
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(target, "block"), name, device) {
		const json_t *o = json_object_get(device, op);

		if (json_is_true(json_object_get(o, "stacked")))
			continue;
		json_array_foreach(value_at(o, "size.buckets"), i, bucket) {
			double size = json_number_value(json_array_get(bucket, 0));
			double moved = size * json_number_value(json_array_get(bucket, 1));

			bytes += moved;
			weighed += moved * size;
		}
	}
	return bytes > 0 ? weighed / bytes : NAN;
}

/* Bytes of a transfer of @op, 0 where tests have several sizes; NAN: unknown. */
static double transfer_of(const json_t *target, const char *op)
{
	const json_t *r;
	double size = NAN;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r) {
		double is = number_at(r, "xfer_kib") * 1024;

		if (isnan(is) || !text_at(r, "op") || strcmp(text_at(r, "op"), op) != 0)
			continue;
		if (!isnan(size) && is != size)
			return 0;
		size = is;
	}
	return size;
}

static void judge_split_of(struct judging *j, const char *op)
{
	double transfer = transfer_of(j->target, op);
	double ios = over_devices(j->target, op, "ios");
	/* Programs that are loaded and metadata are many requests, and few bytes. */
	double size = request_of_bytes(j->target, op);
	double bytes = over_devices(j->target, op, "bytes");
	double moved = moved_by(j->target, op);

	/* Of reads from memory only those of the program itself reach the device. */
	if (isnan(transfer) || !(ios >= ENOUGH_IOS) || !ran_ior(j->target, op) || isnan(size) ||
	    bytes < moved / 2 || bytes > moved * OF_OTHER_THINGS)
		return;
	if (transfer == 0) {
		not_judged(j, "which %s requests are of which test: their transfers differ", op);
		return;
	}
	if (size >= transfer * j->at[0] && size <= transfer / j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      with_text(numbers("transfer_bytes", transfer, "request_bytes", size, "splits",
				over_devices(j->target, op, "splits"), NULL),
			"op", op),
	      "SELECT op, sum(ios), sum(bytes) FROM histogram WHERE layer = 'block_total' "
	      "AND target = ?1 GROUP BY op",
	      "its transfers of %.0f KiB reached the device in requests of %.0f KiB (%s)",
	      transfer / 1024, size / 1024, op);
}

static void judge_split(struct judging *j)
{
	if (!ran_ior(j->target, NULL) ||
	    (isnan(transfer_of(j->target, "read")) && isnan(transfer_of(j->target, "write"))))
		return;
	if (!has_block(j))
		return;
	if (ranks_elsewhere(j->target)) {
		not_judged(j, "the requests of its ranks alone, which ran in other containers");
		return;
	}
	judge_split_of(j, "read");
	judge_split_of(j, "write");
}

const struct finding_rule rule_split = {
	.id = "split",
	.severity = "info",
	.title = "requests are split or merged",
	.why = "What the device sees is not what the tool asked for.",
	.advice = "compare with max_sectors_kb of the disk (host.disks), and with readahead for "
		  "buffered reads",
	.thresholds = { { "ratio", 0.5, "ratio",
			  "request / transfer size, or its inverse, below "
			  "which it is told" } },
	.judge = judge_split,
};
