// SPDX-License-Identifier: Apache-2.0
/* Capturing libbpf's words, explaining failures, counting a tracepoint's arguments. */
#include "probe/load.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "unit.h"

static void log_keeps_the_last_words(void **state)
{
	static const struct {
		const char *why;
		const char *first, *second;
		const char *want;
	} cases[] = {
		{ "one line", "libbpf: no luck\n", NULL, "no luck" },
		{ "two messages", "one\n", "two\n", "one; two" },
		{ "a message of several lines", "one\ntwo\n\nthree", NULL, "one; two; three" },
		{ "nothing", "", "\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct probe_log log = { 0 };

		probe_log_add(&log, cases[i].first);
		if (cases[i].second)
			probe_log_add(&log, cases[i].second);
		if (strcmp(log.text, cases[i].want))
			fail_msg("%s: \"%s\"", cases[i].why, log.text);
	}
}

static void log_forgets_the_oldest(void **state)
{
	struct probe_log log = { 0 };
	char line[4096], last[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "verifier line %d\n", i);
		probe_log_add(&log, line);
		assert_true(strlen(log.text) < sizeof(log.text));
	}
	snprintf(last, sizeof(last), "; verifier line 999");
	assert_string_equal(log.text + strlen(log.text) - strlen(last), last);
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	probe_log_add(&log, line);
	assert_int_equal(strlen(log.text), sizeof(log.text) - 1);
}

static int printed;

static int count_prints(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return printed++;
}

static void libbpf_is_silent_while_captured(void **state)
{
	libbpf_print_fn_t before = libbpf_set_print(count_prints);
	struct probe_log log;

	(void)state;
	probe_log_begin(&log);
	assert_null(bpf_object__open("/no/such/file"));
	probe_log_end();
	assert_int_equal(printed, 0);
	assert_non_null(strstr(log.text, "/no/such/file"));
	/* Afterwards it speaks as it did before. */
	assert_null(bpf_object__open("/no/such/file"));
	assert_true(printed > 0);
	libbpf_set_print(before);
}

static void failures_say_what_and_why(void **state)
{
	static const struct {
		const char *why;
		int code;
		const char *words;
		const char *want;
	} cases[] = {
		{ "what and why", -EBUSY, "",
		  "cannot load the block probe: Device or resource busy" },
		{ "libbpf's words come last", -EBUSY, "prog 'on_issue': failed",
		  "Device or resource busy; libbpf: prog 'on_issue': failed" },
		{ "no permission is curable", -EPERM, "", "Operation not permitted (" },
		{ "no access is curable", -EACCES, "", "Permission denied (" },
		{ "no memory is curable", -ENOMEM, "", "RLIMIT_MEMLOCK" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct probe_log log = { 0 };
		struct err err = { 0 };

		probe_log_add(&log, cases[i].words);
		assert_int_equal(probe_fail(&err, cases[i].code, "load the block probe", &log),
				 cases[i].code);
		assert_int_equal(err.code, cases[i].code);
		if (!strstr(err.text, cases[i].want))
			fail_msg("%s: %s", cases[i].why, err.text);
	}
}

/* void (*)(void *data, <n arguments>), as a kernel describes its raw tracepoints. */
static void add_tracepoint(struct btf *btf, const char *name, int args)
{
	int proto, data = btf__add_ptr(btf, 0);

	assert_true(data > 0);
	proto = btf__add_func_proto(btf, 0);
	assert_true(proto > 0);
	assert_int_equal(btf__add_func_param(btf, "__data", data), 0);
	for (int i = 0; i < args; i++)
		assert_int_equal(btf__add_func_param(btf, "arg", data), 0);
	assert_true(btf__add_typedef(btf, name, btf__add_ptr(btf, proto)) > 0);
}

static void arguments_are_counted(void **state)
{
	struct btf *btf = btf__new_empty();

	(void)state;
	assert_non_null(btf);
	add_tracepoint(btf, "btf_trace_block_rq_issue", 1);
	add_tracepoint(btf, "btf_trace_block_rq_insert", 2);
	add_tracepoint(btf, "btf_trace_block_rq_complete", 3);
	add_tracepoint(btf, "block_rq_merge", 1);
	assert_true(btf__add_typedef(btf, "btf_trace_odd", 0) > 0);
	assert_int_equal(probe_tracepoint_args(btf, "block_rq_issue"), 1);
	assert_int_equal(probe_tracepoint_args(btf, "block_rq_insert"), 2);
	assert_int_equal(probe_tracepoint_args(btf, "block_rq_complete"), 3);
	assert_int_equal(probe_tracepoint_args(btf, "block_rq_merge"), -ENOENT);
	assert_int_equal(probe_tracepoint_args(btf, "block_rq"), -ENOENT);
	assert_int_equal(probe_tracepoint_args(btf, "odd"), -ENOENT);
	btf__free(btf);
}

static void enumerators_are_found_in_any_enum(void **state)
{
	struct btf *btf = btf__new_empty();

	(void)state;
	assert_non_null(btf);
	assert_true(btf__add_enum(btf, "named", 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, "FIRST", 3), 0);
	assert_true(btf__add_enum(btf, NULL, 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, "SECOND", 5), 0);
	assert_int_equal(btf__add_enum_value(btf, "THIRD", 6), 0);
	assert_int_equal(probe_enumerator(btf, "FIRST"), 3);
	assert_int_equal(probe_enumerator(btf, "THIRD"), 6);
	assert_int_equal(probe_enumerator(btf, "FOURTH"), -ENOENT);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_keeps_the_last_words),
		cmocka_unit_test(log_forgets_the_oldest),
		cmocka_unit_test(libbpf_is_silent_while_captured),
		cmocka_unit_test(failures_say_what_and_why),
		cmocka_unit_test(arguments_are_counted),
		cmocka_unit_test(enumerators_are_found_in_any_enum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
