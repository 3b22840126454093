/* SPDX-License-Identifier: Apache-2.0 */
/* What a PMU tells in sysfs: where the values of its terms go, and its own names of events. */
#ifndef CBPF_HOST_PERF_EVENT_PMU_H
#define CBPF_HOST_PERF_EVENT_PMU_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct perf_event;

#define PERF_FORMAT_RANGES 8

/* "config1:0-7,32-35": the lowest bits of a value go to the first range, and so on. */
struct perf_format {
	unsigned int config; /* 0: config, 1: config1, 2: config2 */
	size_t n;
	struct {
		uint8_t first, last;
	} range[PERF_FORMAT_RANGES];
};

/* -EBADMSG: not one, or one that overlaps itself. */
int perf_format_parse(const char *text, struct perf_format *ret);
/* The bits of @format in @config become @value; -ERANGE: it has more bits than there is room. */
int perf_format_put(const struct perf_format *format, uint64_t value, uint64_t config[3]);

/*
 * The comma-separated @terms of the PMU @name, below @pmus, into @e. -ENOENT: no such PMU.
 * -EINVAL: it has no such term or event. -EOPNOTSUPP: it counts for more than a CPU.
 */
int perf_pmu_terms(int pmus, const char *name, const char *terms, struct perf_event *e,
		   struct err *err);

/* Has the PMU @name an event that is called so? */
int perf_pmu_has_event(int pmus, const char *name, const char *event);

/* Of @text as a value in terms: decimal, 0x or 0; -EINVAL. */
int perf_value_parse(const char *text, uint64_t *ret);

/*
 * perf_event_preset.c: stalls of a CPU model, by the name of container-bench, as terms of its
 * PMU "cpu". NULL: not one of these names, or not known of this model, and *ret_why says why.
 */
const char *perf_preset_terms(const char *cpuinfo, const char *name, const char **ret_why);

#endif
