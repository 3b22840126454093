// SPDX-License-Identifier: Apache-2.0
/* The page cache probe without a kernel; what it counts is seen in tests/integration/pagecache-tp_btf.bats. */
#include "probe/pagecache.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "probe/targets.h"
#include "spec/spec.h"
#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	pagecache_probe_close(NULL);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct pagecache_slot), 128); /* two cache lines */
	assert_true(PAGECACHE_COUNTERS <= sizeof(struct pagecache_slot) / sizeof(__u64));
	assert_int_equal(sizeof(struct pagecache_group), 64); /* one */
	assert_int_equal(PAGECACHE_GROUPS & (PAGECACHE_GROUPS - 1), 0);
}

static void backends_are_called_as_a_spec_calls_them(void **state)
{
	static const struct {
		enum pagecache_backend backend;
		int choice;
		const char *name;
	} cases[] = {
		{ PAGECACHE_AUTO, CACHE_AUTO, "auto" },
		{ PAGECACHE_TP_BTF, CACHE_TP_BTF, "tp_btf" },
		{ PAGECACHE_FENTRY, CACHE_FENTRY, "fentry" },
		{ PAGECACHE_KPROBE, CACHE_KPROBE, "kprobe" },
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(cases), PAGECACHE_BACKENDS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(cases[i].backend, cases[i].choice);
		assert_string_equal(pagecache_backends[cases[i].backend], cases[i].name);
	}
}

static void without_privilege_it_says_why(void **state)
{
	struct err err = { 0 };

	(void)state;
	if (!geteuid() && seteuid(65534))
		skip();
	for (int b = PAGECACHE_AUTO; b < PAGECACHE_BACKENDS; b++) {
		err = (struct err){ 0 };
		assert_true(pagecache_probe_try(b, &err) < 0);
		assert_non_null(strstr(err.text, "cannot "));
	}
	if (!getuid())
		assert_int_equal(seteuid(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(backends_are_called_as_a_spec_calls_them),
		cmocka_unit_test(without_privilege_it_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
