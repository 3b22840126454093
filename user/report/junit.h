/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds as JUnit XML, which systems of continuous integration show one by one. */
#ifndef CBPF_REPORT_JUNIT_H
#define CBPF_REPORT_JUNIT_H

#include <jansson.h>

struct buf;
struct err;

/*
 * <testsuites> with a <testsuite> for each report of @reports, which has a <testcase> for each line
 * of `expect:`, and one, "run", that fails when the run did not end well. The dialect is that of
 * Ant's JUnit task, as Jenkins and GitLab read it.
 */
int junit_runs(const json_t *reports, struct buf *out);
/* One suite, of the thresholds of report_compare(). */
int junit_comparison(const json_t *comparison, struct buf *out);

/* The same into a file. 0, or -errno and @err. */
int junit_write_runs(const char *path, const json_t *reports, struct err *err);
int junit_write_comparison(const char *path, const json_t *comparison, struct err *err);

#endif
