// SPDX-License-Identifier: Apache-2.0
/* Functions within functions: each address has the one that begins last, by a search through all. */
#include "symbol/elf_range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_random.h"
#include "symbol/elf_function.h"
#include "unit.h"

#define SPACE 200 /* addresses */
#define FUNCTIONS 24

/* The slow way: the last in order of those that have @address. */
static const struct elf_function *search(const struct elf_functions *l, uint64_t address)
{
	const struct elf_function *found = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].from <= address && address < l->v[i].to)
			found = &l->v[i];
	return found;
}

static void compare(const struct elf_functions *l)
{
	struct elf_ranges r;
	struct err err;

	assert_int_equal(elf_ranges_init(&r, l, &err), 0);
	for (uint64_t address = 0; address < SPACE + 10; address++) {
		const struct elf_function *want = search(l, address);
		const char *got = elf_ranges_at(&r, address);

		if (want ? !got || strcmp(got, want->name) != 0 : got != NULL)
			fail_msg("%d: %s, not %s", (int)address, got, want ? want->name : "none");
	}
	for (size_t i = 1; i < r.n; i++)
		assert_true(r.v[i - 1].from + r.v[i - 1].bytes <= r.v[i].from);
	elf_ranges_fini(&r);
}

static void as_a_search_finds(void **state)
{
	static struct elf_function v[FUNCTIONS];
	static char names[FUNCTIONS][8];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct elf_functions l = { .v = v, .n = round % (FUNCTIONS + 1) };

		for (size_t i = 0; i < l.n; i++) {
			snprintf(names[i], sizeof(names[i]), "f%zu", i);
			v[i] = (struct elf_function){ .from = random_u64() % SPACE,
						      .name = names[i],
						      .len = strlen(names[i]),
						      .rank = random_u64() % 3,
						      .is_sized = random_u64() % 4 };
			v[i].to = v[i].is_sized ? v[i].from + 1 + random_u64() % 60 : SPACE;
		}
		elf_functions_sort(&l);
		compare(&l);
	}
}

static void sizes(void **state)
{
	/* Sorted, they reach as far as is said here. */
	static const struct {
		const char *label;
		struct elf_function v[3];
		uint64_t to[3];
	} cases[] = {
		{ "without a size: to the next one",
		  { { .from = 10, .to = 100 },
		    { .from = 20, .to = 100 },
		    { .from = 50, .to = 60 } },
		  { 20, 50, 60 } },
		{ "or as far as another name of it does",
		  { { .from = 10, .to = 100 },
		    { .from = 10, .to = 15, .is_sized = true, .rank = 1 },
		    { .from = 50, .to = 60 } },
		  { 15, 15, 60 } },
		{ "or as far as it can",
		  { { .from = 10, .to = 15 }, { .from = 20, .to = 30 }, { .from = 50, .to = 60 } },
		  { 15, 30, 60 } },
		{ "one with a size keeps it",
		  { { .from = 10, .to = 90, .is_sized = true },
		    { .from = 20, .to = 30, .is_sized = true },
		    { .from = 50, .to = 60 } },
		  { 90, 30, 60 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct elf_function v[3];
		struct elf_functions l = { .v = v, .n = 3 };

		memcpy(v, cases[i].v, sizeof(v));
		for (int k = 0; k < 3; k++)
			v[k].name = "";
		elf_functions_sort(&l);
		for (int k = 0; k < 3; k++)
			if (v[k].to != cases[i].to[k])
				fail_msg("%s: %d reaches to %d", cases[i].label, k, (int)v[k].to);
	}
}

static void many_names(void **state)
{
	static char name[1023];
	struct elf_functions l = { .n = ELF_NAMES_MAX / sizeof(name) + 1 };
	struct elf_ranges r;
	struct err err;

	(void)state;
	/* A table can have a million functions whose name is the same thousand bytes. */
	memset(name, 'a', sizeof(name));
	l.v = calloc(l.n, sizeof(*l.v));
	assert_non_null(l.v);
	for (size_t i = 0; i < l.n; i++)
		l.v[i] = (struct elf_function){
			.from = i, .to = i + 1, .name = name, .len = sizeof(name), .is_sized = true
		};
	assert_int_equal(elf_ranges_init(&r, &l, &err), -EFBIG);
	assert_null(r.v);
	free(l.v);
}

static void long_functions(void **state)
{
	struct elf_function v = {
		.from = 1, .to = 1ULL << 40, .name = "f", .len = 1, .is_sized = true
	};
	const struct elf_functions l = { .v = &v, .n = 1 };
	struct elf_ranges r;
	struct err err;

	(void)state;
	assert_int_equal(elf_ranges_init(&r, &l, &err), 0);
	assert_string_equal(elf_ranges_at(&r, UINT32_MAX), "f");
	assert_null(elf_ranges_at(&r, 0));
	assert_null(elf_ranges_at(&r, 1ULL << 33));
	elf_ranges_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_search_finds),
		cmocka_unit_test(sizes),
		cmocka_unit_test(many_names),
		cmocka_unit_test(long_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
