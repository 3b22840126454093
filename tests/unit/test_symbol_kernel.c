// SPDX-License-Identifier: Apache-2.0
#include "symbol/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "unit.h"

static struct kernel_symbols *read_text(const char *text, int want)
{
	char path[] = "/tmp/test_symbol_kernel.XXXXXX";
	struct kernel_symbols *k = NULL;
	struct err err = { 0 };
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(kernel_symbols_open(path, &k, &err), want);
	unlink(path);
	return k;
}

static void a_function_reaches_to_the_next_one(void **state)
{
	struct kernel_symbols *k = read_text("0000000000000010 A fixed_percpu_data\n"
					     "ffffffff81000000 T _stext\n"
					     "ffffffff81000000 T second_name\n"
					     "ffffffff81000100 t do_it\n"
					     "ffffffff81000180 d no_function\n"
					     "ffffffff81000200 W weak\n"
					     "ffffffffc0a00000 t in_module\t[ext4]\n"
					     "ffffffffc0900000 t bpf_prog_1_x\t[bpf]\n",
					     0);

	(void)state;
	assert_int_equal(kernel_symbols_count(k), 6);
	assert_null(kernel_symbols_at(k, 0xffffffff80ffffff));
	assert_string_equal(kernel_symbols_at(k, 0xffffffff81000000), "_stext");
	assert_string_equal(kernel_symbols_at(k, 0xffffffff810000ff), "_stext");
	assert_string_equal(kernel_symbols_at(k, 0xffffffff81000190), "do_it");
	assert_string_equal(kernel_symbols_at(k, 0xffffffff81000200), "weak");
	assert_string_equal(kernel_symbols_at(k, 0xffffffffc0900001), "bpf_prog_1_x");
	assert_string_equal(kernel_symbols_at(k, 0xffffffffffffffff), "in_module");
	kernel_symbols_close(k);
}

static void hidden_addresses_are_no_names(void **state)
{
	(void)state;
	assert_null(read_text("0000000000000000 T _stext\n0000000000000000 t do_it\n", -EACCES));
	assert_null(read_text("", -EACCES));
	assert_null(read_text("what is this\nffffffff81000000\nffffffff81000000 T\n"
			      "ffffffff81000000 T \n",
			      -EACCES));
	kernel_symbols_close(NULL);
}

static void who_is_missing_is_told(void **state)
{
	struct kernel_symbols *k = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(kernel_symbols_open("/nonexistent", &k, &err), -ENOENT);
}

static void this_kernels_own(void **state)
{
	struct kernel_symbols *k = NULL;
	struct err err = { 0 };

	(void)state;
	if (kernel_symbols_open(NULL, &k, &err)) {
		print_message("no addresses for us: %s\n", err.text);
		skip();
	}
	assert_true(kernel_symbols_count(k) > 10000);
	kernel_symbols_close(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_reaches_to_the_next_one),
		cmocka_unit_test(hidden_addresses_are_no_names),
		cmocka_unit_test(who_is_missing_is_told),
		cmocka_unit_test(this_kernels_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
