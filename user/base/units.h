/* SPDX-License-Identifier: Apache-2.0 */
/* Durations, sizes and CPU lists as people write them. */
#ifndef CBPF_BASE_UNITS_H
#define CBPF_BASE_UNITS_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

/* "100ms", "1.5s", "2m", "1h", "250us", "10ns"; a bare "0" is zero. */
int units_parse_duration(const char *text, uint64_t *ret_ns);

/*
 * "4096", "4KiB", "4k", "1m", "2GiB", "1.5g", "1t": binary multiples, as IOR
 * reads them; "KB" is refused because people disagree on what it means.
 */
int units_parse_size(const char *text, uint64_t *ret_bytes);

/* "0,2,4-7", no spaces. -EINVAL when empty, reversed or repeated, -ERANGE past CPU_SETSIZE. */
int units_parse_cpus(const char *text, cpu_set_t *ret_cpus);

/* The other way, for people: "1.5 s", "820 us", "4.0 MiB". @text of 32 bytes is enough. */
void units_format_duration(uint64_t ns, char *text, size_t size);
/* Of what is not known better: "40 s", "12 min", "3 h 20 min". */
void units_format_about(uint64_t ns, char *text, size_t size);
void units_format_size(double bytes, char *text, size_t size);

#endif
