/* SPDX-License-Identifier: Apache-2.0 */
/* A machine of files, and what is told of it. */
#ifndef CBPF_TEST_FACTS_CASE_H
#define CBPF_TEST_FACTS_CASE_H

#include "host/facts.h"
#include "scratch.h"
#include "unit.h"

static char facts_root[64];

static inline struct facts_place facts_fake(void)
{
	static char sys[80], proc[80];

	snprintf(sys, sizeof(sys), "%s/sys", facts_root);
	snprintf(proc, sizeof(proc), "%s/proc", facts_root);
	return (struct facts_place){ sys, proc };
}

/* @got is decref'd; @want is JSON with ' for ". */
static inline void facts_are(json_t *got, const char *want)
{
	char text[4096];
	json_t *wanted;

	snprintf(text, sizeof(text), "%s", want);
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	wanted = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(wanted);
	if (!json_equal(got, wanted)) {
		char *said = json_dumps(got, 0);

		fail_msg("%s\nis not\n%s", said, text);
		free(said);
	}
	json_decref(got);
	json_decref(wanted);
}

static inline json_t *facts_at(json_t *o, const char *key)
{
	return json_incref(json_object_get(o, key));
}

#endif
