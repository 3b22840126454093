// SPDX-License-Identifier: Apache-2.0
/* Names of runs and the order of their targets. */
#include "plan/plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "spec_case.h"

#define HEAD "name: n\nruntime: native\ncontainers:\n"
#define C(name, after) "  " name ": {command: [x, " name "], depends_on: " after "}\n"

/* 2026-11-21 10:15:00 UTC */
#define WALL_NS 1795256100000000000ull

static const struct {
	const char *label, *yaml, *order;
} orders[] = {
	{ "the file's order", HEAD C("c", "[]") C("a", "[]") C("b", "[]"), "c a b" },
	{ "dependencies first", HEAD C("a", "[b]") C("b", "[c]") C("c", "[]"), "c b a" },
	{ "the rest keeps the file's order",
	  HEAD C("a", "[c]") C("b", "[]") C("c", "[]") C("d", "[]"), "b c a d" },
	{ "a diamond", HEAD C("top", "[l, r]") C("r", "[base]") C("l", "[base]") C("base", "[]"),
	  "base r l top" },
};

static void targets_are_ordered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct spec *spec = spec_case_valid(orders[i].yaml);
		struct buf order = BUF_INIT(256);
		struct plan *plan = NULL;
		struct err err = { 0 };

		if (plan_make(spec, WALL_NS, 0, NULL, &plan, &err))
			fail_msg("%s: %s", orders[i].label, err.text);
		for (size_t j = 0; j < plan->n; j++) {
			const struct plan_target *t = &plan->v[j];

			buf_printf(&order, "%s%s", j ? " " : "", t->name);
			assert_string_equal(t->argv.v[1], t->name);
			assert_int_equal(t->n_after, t->c->depends_on.n);
			for (size_t k = 0; k < t->n_after; k++) {
				assert_true(t->after[k] < j);
				assert_string_equal(plan->v[t->after[k]].name,
						    t->c->depends_on.v[k]);
			}
		}
		if (strcmp(buf_str(&order), orders[i].order) != 0)
			fail_msg("%s: got %s", orders[i].label, buf_str(&order));
		plan_free(plan);
		spec_free(spec);
		buf_fini(&order);
	}
}

static void runs_are_named_by_time(void **state)
{
	struct spec *spec = spec_case_valid(HEAD C("a", "[]"));
	struct plan *first = NULL, *second = NULL;
	const char start[] = "20261121T101500-n-";
	struct err err;

	(void)state;
	assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &first, &err), 0);
	assert_memory_equal(first->id, start, sizeof(start) - 1);
	assert_int_equal(strlen(first->id), strlen(start) + 8);
	for (const char *c = first->id + strlen(start); *c; c++)
		assert_true(isxdigit((unsigned char)*c) && !isupper((unsigned char)*c));
	assert_string_equal(first->group, first->id);
	assert_int_equal(first->repetition, 0);
	assert_int_equal(plan_make(spec, WALL_NS + 999999999, 1, first->group, &second, &err), 0);
	assert_memory_equal(second->id, start, sizeof(start) - 1);
	assert_string_equal(second->group, first->id);
	assert_int_equal(second->repetition, 1);
	plan_free(first);
	plan_free(second);
	spec_free(spec);
}

/* Many hosts may begin at the same time what they write into one bucket. */
static void no_two_hosts_have_one_name(void **state)
{
	struct spec *spec = spec_case_valid(HEAD C("a", "[]"));
	bool same = true;
	struct err err;

	(void)state;
	for (int i = 0; same && i < 8; i++) {
		struct plan *one = NULL, *two = NULL;

		assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &one, &err), 0);
		assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &two, &err), 0);
		same = !strcmp(one->id, two->id);
		plan_free(one);
		plan_free(two);
	}
	assert_false(same);
	spec_free(spec);
}

static void the_longest_name_fits(void **state)
{
	struct spec *spec = spec_case_valid(
		"name: a12345678901234567890123456789012345678901234567890123456789012\n" SPEC_A);
	struct plan *plan = NULL;
	struct err err;

	(void)state;
	assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &plan, &err), 0);
	assert_int_equal(strlen(plan->id), 16 + 63 + 9);
	plan_free(plan);
	spec_free(spec);
}

/* Specs that spec_parse() would refuse: a plan does not rely on it. */
static const struct {
	const char *label, *depends_on, *error;
} wrong[] = {
	{ "an unknown name", "zzz", "a depends on 'zzz', which is unknown" },
	{ "a circle", "b",
	  "a waits, through depends_on or as its workload's hosts, for a container that waits for "
	  "itself" },
};

static void contradictions_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct spec *spec = spec_case_valid(HEAD C("a", "[]") C("b", "[a]"));
		struct spec_container *c = spec->containers.v;
		struct plan *plan = NULL;
		struct err err = { 0 };

		assert_int_equal(str_list_add(&c[0].depends_on, wrong[i].depends_on), 0);
		assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &plan, &err), -EINVAL);
		assert_null(plan);
		if (strcmp(err.text, wrong[i].error) != 0)
			fail_msg("%s: got %s", wrong[i].label, err.text);
		spec_free(spec);
	}
}

static void a_target_does_one_thing(void **state)
{
	struct spec *spec = spec_case_valid(SPEC_A);
	struct spec_container *c = spec->containers.v;
	struct plan *plan = NULL;
	struct err err;

	(void)state;
	c->workload.has_ior = FLAG_ON;
	assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &plan, &err), -EINVAL);
	assert_string_equal(err.text, "a has a command and a workload");
	c->workload.has_ior = FLAG_OFF;
	str_list_fini(&c->command);
	assert_int_equal(plan_make(spec, WALL_NS, 0, NULL, &plan, &err), -EINVAL);
	assert_string_equal(err.text, "a has neither a command nor a workload");
	spec_free(spec);
}

static void nothing_can_be_freed(void **state)
{
	(void)state;
	plan_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_ordered),
		cmocka_unit_test(runs_are_named_by_time),
		cmocka_unit_test(the_longest_name_fits),
		cmocka_unit_test(no_two_hosts_have_one_name),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(a_target_does_one_thing),
		cmocka_unit_test(nothing_can_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
