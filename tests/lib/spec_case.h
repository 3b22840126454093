/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of specs and of what is said about them. */
#ifndef CBPF_TESTS_SPEC_CASE_H
#define CBPF_TESTS_SPEC_CASE_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "spec/spec.h"
#include "unit.h"

struct spec_case {
	const char *label;
	const char *yaml;
	const char *messages; /* all of them, the file being "f"; "" when there are none */
};

/* The valid spec that checks are added to. */
#define SPEC_A "runtime: native\ncontainers:\n  a:\n    command: [x]\n"
/* The same up to a workload's keys, which go on in line 6. */
#define SPEC_IOR "runtime: native\ncontainers:\n  a:\n    workload:\n      ior:\n"

/*
 * The spec that @yaml makes, or NULL; what was said is appended to @messages.
 * @set: overrides, ended by NULL, or NULL.
 */
static inline struct spec *spec_case_parse(const char *yaml, const char *const *set,
					   struct buf *messages)
{
	struct str_list overrides = { 0 };
	struct spec *spec = NULL;
	int rc;

	for (; set && *set; set++)
		assert_int_equal(str_list_add(&overrides, *set), 0);
	rc = spec_parse("f", yaml, strlen(yaml), &overrides, messages, &spec);
	str_list_fini(&overrides);
	assert_true((rc == 0) == (spec != NULL));
	return spec;
}

/* A spec that must be valid. */
static inline struct spec *spec_case_valid(const char *yaml)
{
	struct buf messages = BUF_INIT(1 << 20);
	struct spec *spec = spec_case_parse(yaml, NULL, &messages);

	if (!spec)
		fail_msg("not valid:\n%s", buf_str(&messages));
	buf_fini(&messages);
	return spec;
}

static inline void spec_case_run(const struct spec_case *c, const char *const *set)
{
	struct buf messages = BUF_INIT(1 << 20);
	struct spec *spec = spec_case_parse(c->yaml, set, &messages);

	if (strcmp(buf_str(&messages), c->messages) != 0)
		fail_msg("%s: expected\n%sgot\n%s", c->label, c->messages, buf_str(&messages));
	spec_free(spec);
	buf_fini(&messages);
}

#define spec_case_run_all(cases)                                                                   \
	do {                                                                                       \
		for (size_t spec_case_i = 0; spec_case_i < sizeof(cases) / sizeof((cases)[0]);     \
		     spec_case_i++)                                                                \
			spec_case_run(&(cases)[spec_case_i], NULL);                                \
	} while (0)

#endif
