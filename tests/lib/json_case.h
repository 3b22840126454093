/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of test tables, written with ' in place of ". */
#ifndef CBPF_TESTS_JSON_CASE_H
#define CBPF_TESTS_JSON_CASE_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* Any value; the caller decrefs. Fails the test when it is none. */
static inline json_t *json_case(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	assert_non_null(copy);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	json = json_loads(copy, JSON_DECODE_ANY, &error);
	if (!json)
		fail_msg("%s: %s", copy, error.text);
	free(copy);
	return json;
}

/* Fails the test, which @why tells, unless @got is what @want says. */
static inline void json_case_is(const json_t *got, const char *want, const char *why)
{
	json_t *wanted = json_case(want);
	char *text;

	if (!json_equal(got, wanted)) {
		text = json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);
		fail_msg("%s: %s", why, text ? text : "nothing");
	}
	json_decref(wanted);
}

#endif
