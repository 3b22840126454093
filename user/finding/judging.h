/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule has in its hands while it judges. */
#ifndef CBPF_FINDING_JUDGING_H
#define CBPF_FINDING_JUDGING_H

#include "finding/finding.h"

struct judging {
	const struct finding_rule *rule;
	const json_t *report;
	const json_t *target; /* NULL: the run as a whole */
	double at[FINDING_THRESHOLDS]; /* its thresholds, in the order of its row */
	json_t *found, *not_judged;
	bool failed; /* no memory */
};

enum confidence { CONFIDENCE_HIGH, CONFIDENCE_MEDIUM, CONFIDENCE_LOW };

/*
 * It was seen. @evidence: an object of numbers, taken over. @rows: an SQL query of the run's
 * database that shows them, where ?1 is the target's id; NULL: they are only in the tool's output.
 */
__attribute__((format(printf, 5, 6))) void found(struct judging *j, enum confidence confidence,
						 json_t *evidence, const char *rows,
						 const char *fmt, ...);
/* It cannot be told for want of something: "the collector vfs". */
__attribute__((format(printf, 2, 3))) void not_judged(struct judging *j, const char *fmt, ...);

/*
 * Evidence: "key", double, ... and NULL at the end; what is NAN or infinite is absent. NULL: no
 * memory, as found() takes it.
 */
json_t *numbers(const char *key, ...) __attribute__((sentinel));
/* The same object with a text besides, unless that is NULL. */
json_t *with_text(json_t *evidence, const char *key, const char *text);

/* The number at "block_total.read.bytes" below @from; NAN: there is none. */
double number_at(const json_t *from, const char *path);
/* The same of whatever there is; NULL: nothing. */
const json_t *value_at(const json_t *from, const char *path);
const char *text_at(const json_t *from, const char *path);

/* What the tool was called with: of the first result that tells it; NULL: none does. */
const char *command_of(const json_t *target);
/* Who ran the ranks of @j's target: another, or itself where none did. */
const json_t *workload_of(const struct judging *j);
/* Its tasks, in the test that has most; NAN: unknown. */
double tasks_of(const json_t *target);
/* Was direct I/O asked for? */
bool is_direct(const json_t *target);
/*
 * Was IOR asked for its option @name, which is the long name: by its letter, alone or with others, by
 * --name, or by -O name=value; and not by a value of 0? The last counts. @command: NULL, none.
 */
bool has_option(const char *command, const char *name);
/* Its value as a number, of "-D 30", "-wD30", "--deadlineForStonewalling=30"; NAN: it has none. */
double option_number(const char *command, const char *name);
/* Does @target have results of IOR, of @op if that is not NULL, that are not an error's? */
bool ran_ior(const json_t *target, const char *op);

/* Its ranks with their hosts when they ran in other targets; NULL: what is counted of it is theirs. */
const json_t *ranks_elsewhere(const json_t *target);
/* Where it worked: itself, or each target where its ranks ran, from *@at = 0 on; NULL: no more of them. */
const json_t *next_host(const struct judging *j, size_t *at);
/* For an SQL query of those: a condition of a column "target". */
#define ROWS_OF_HOSTS                                                                              \
	"target IN (SELECT host FROM rank WHERE workload = ?1 "                                    \
	"UNION SELECT ?1 WHERE ?1 NOT IN (SELECT workload FROM rank))"
/* Has any of those such a @key? */
bool any_host_has(const struct judging *j, const char *key);
/* Sum of the number at @path over those; NAN: none has it. */
double over_hosts(const struct judging *j, const char *path);

/* Of the bytes of @op, the share that calls moved on mounts that @which is true of; NAN: unknown. */
double share_on(const json_t *target, const char *op, bool (*which)(const json_t *mount));
/* The same over all where it worked. */
double share_over_hosts(const struct judging *j, const char *op,
			bool (*which)(const json_t *mount));
bool is_fs(const json_t *mount, const char *fs);
bool is_tmpfs(const json_t *mount);
/*
 * Did calls that were looked at move less than half of what the tool says it moved by @op, as storage libraries
 * in user space do? Then it says so as not judged.
 */
bool is_by_other_means(struct judging *j, const char *op);
/*
 * The same, or did more than a tenth of the bytes of @op go where no requests are seen: over a network, to a
 * file system in user space, or to a device that has none, as zram? Then it says so as not judged.
 */
bool is_unseen(struct judging *j, const char *op);
/* Bytes written to all leaves by whomever: no target's can be more. */
double written_by_all(const json_t *report);

/* Has it reached a limit of its I/O, within @distance of it? */
bool io_limit_reached(const json_t *target, double distance);

/* Sum of @key over the leaves among a target's devices: block.*.@op.@key; NAN: there is none. */
double over_devices(const json_t *target, const char *op, const char *key);

#endif
