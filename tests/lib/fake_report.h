/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a fake run, for what renders and judges it. */
#ifndef CBPF_TESTS_FAKE_REPORT_H
#define CBPF_TESTS_FAKE_REPORT_H

#include <jansson.h>

/* Of a complete run; the database's path in it is "run.db". Caller decrefs. */
json_t *fake_report(const char *victim_name);
/* The value at "targets.0.block.vda.read.ios"; fails the test when it is not there. */
json_t *fake_at(json_t *root, const char *path);
/* As fake_at(), NULL when it is not there. */
json_t *fake_find(json_t *root, const char *path);

#endif
