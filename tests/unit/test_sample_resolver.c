// SPDX-License-Identifier: Apache-2.0
/* The resolver, with a directory walk that the test controls. */
#include "sample/resolver.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"

static atomic_bool walk_may_end;

/* Stands in for the host's: even ids are found, odd ones are gone. */
int cgroup_path_of_id(const struct cgroup_layout *l, bool io, uint64_t id, char *path, size_t size)
{
	(void)l;
	if (!io)
		return -EINVAL;
	while (!atomic_load(&walk_may_end))
		sched_yield();
	if (id % 2)
		return -ENOENT;
	snprintf(path, size, "/c%llu", (unsigned long long)id);
	return 0;
}

static int wait_for(struct resolver *r, int ticket, const char **path)
{
	int rc;

	while ((rc = resolver_answer(r, ticket, path)) == -EAGAIN)
		sched_yield();
	return rc;
}

static void answers_off_the_tick(void **state)
{
	struct cgroup_layout layout = { 0 };
	struct err err = { 0 };
	const char *path = NULL;
	struct resolver *r;
	int a, b;

	(void)state;
	assert_int_equal(resolver_open(&layout, &r, &err), 0);
	a = resolver_ask(r, 42);
	b = resolver_ask(r, 43);
	assert_true(a >= 0 && b >= 0 && a != b);
	assert_int_equal(resolver_answer(r, a, &path), -EAGAIN);
	resolver_wait(r, a, clock_mono_ns() + NSEC_PER_MSEC); /* comes back without one */
	resolver_wait(r, -ENOSPC, UINT64_MAX); /* nothing was asked */
	assert_int_equal(resolver_answer(r, a, &path), -EAGAIN);
	atomic_store(&walk_may_end, true);
	assert_int_equal(wait_for(r, a, &path), 0);
	assert_string_equal(path, "/c42");
	resolver_wait(r, b, UINT64_MAX);
	assert_int_equal(resolver_answer(r, b, &path), -ENOENT);
	/* The answer stays. */
	assert_int_equal(resolver_answer(r, a, &path), 0);
	resolver_close(r);
}

static void takes_a_bounded_number_of_questions(void **state)
{
	struct cgroup_layout layout = { 0 };
	const char *path = NULL;
	struct err err = { 0 };
	struct resolver *r;

	(void)state;
	atomic_store(&walk_may_end, true);
	assert_int_equal(resolver_open(&layout, &r, &err), 0);
	for (int i = 0; i < RESOLVER_MAX; i++)
		assert_int_equal(resolver_ask(r, i), i);
	assert_int_equal(resolver_ask(r, 1), -ENOSPC);
	assert_int_equal(resolver_answer(r, -ENOSPC, &path), -ENOENT);
	assert_int_equal(wait_for(r, RESOLVER_MAX - 2, &path), 0);
	resolver_close(r);
	resolver_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_off_the_tick),
		cmocka_unit_test(takes_a_bounded_number_of_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
