// SPDX-License-Identifier: Apache-2.0
/* Names of functions by offsets, in made-up files of all classes and byte orders. */
#include "symbol/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_elf.h"
#include "scratch.h"
#include "unit.h"

#define FN(n, at, bytes, b)                                                                        \
	{                                                                                          \
		n, FAKE_CODE + (at), bytes, b, STT_FUNC, FAKE_TEXT                                 \
	}
#define GLOBAL(n, at, bytes) FN(n, at, bytes, STB_GLOBAL)
#define LOCAL(n, at, bytes) FN(n, at, bytes, STB_LOCAL)
#define WEAK(n, at, bytes) FN(n, at, bytes, STB_WEAK)
#define TYPED(n, at, bytes, t)                                                                     \
	{                                                                                          \
		n, FAKE_CODE + (at), bytes, STB_GLOBAL, t, FAKE_TEXT                               \
	}

#define MAX_SYMBOLS 8
#define MAX_LOOKS 8

static char dir[64];
static int root;

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(root);
	return fs_remove_tree(dir);
}

static int open_file(const char *name, struct elf_symbols **ret, struct err *err)
{
	char path[512];
	cleanup_close int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return elf_symbols_open(fd, root, path + strlen(dir), NULL, ret, err);
}

/* @at is from the begin of the code. */
struct look {
	uint64_t at;
	const char *want; /* NULL: no function */
};

static void look(const char *label, const struct fake_elf *e, const struct look *looks, size_t n)
{
	struct elf_symbols *s = NULL;
	struct err err = { 0 };

	fake_elf_write(dir, "fake", e);
	if (open_file("fake", &s, &err))
		fail_msg("%s: %s", label, err.text);
	for (size_t i = 0; i < n && (looks[i].at || looks[i].want); i++) {
		const char *got = elf_symbols_at(s, FAKE_CODE_OFFSET + looks[i].at);

		if (looks[i].want ? !got || strcmp(got, looks[i].want) != 0 : got != NULL)
			fail_msg("%s: %#llx is in %s, not %s", label,
				 (unsigned long long)looks[i].at, got, looks[i].want);
	}
	elf_symbols_close(s);
}

static const struct {
	const char *label;
	struct fake_symbol symbols[MAX_SYMBOLS];
	struct look looks[MAX_LOOKS];
} cases[] = {
	{ "one after another, with a gap",
	  { GLOBAL("one", 0x10, 0x10), LOCAL("two", 0x30, 8), GLOBAL("three", 0x38, 1) },
	  { { 0xf, NULL },
	    { 0x10, "one" },
	    { 0x1f, "one" },
	    { 0x20, NULL },
	    { 0x37, "two" },
	    { 0x38, "three" },
	    { 0x39, NULL } } },
	{ "in no order",
	  { LOCAL("b", 0x20, 8), LOCAL("a", 0x10, 8) },
	  { { 0x10, "a" }, { 0x20, "b" } } },
	{ "only functions",
	  { TYPED("data", 0x10, 8, STT_OBJECT), TYPED("label", 0x20, 8, STT_NOTYPE),
	    TYPED("chosen", 0x30, 8, STT_GNU_IFUNC), TYPED("section", 0x40, 8, STT_SECTION) },
	  { { 0x10, NULL }, { 0x20, NULL }, { 0x30, "chosen" }, { 0x40, NULL } } },
	{ "only what is defined here",
	  { { "elsewhere", FAKE_CODE + 0x10, 8, STB_GLOBAL, STT_FUNC, SHN_UNDEF } },
	  { { 0x10, NULL } } },
	{ "only what is loaded", { GLOBAL("far", 0x10000, 8) }, { { 0x10000, NULL } } },
	{ "global before weak before local",
	  { LOCAL("l", 0x10, 8), WEAK("weak", 0x10, 8), GLOBAL("the_global", 0x10, 8),
	    LOCAL("k", 0x20, 8), WEAK("weaker", 0x20, 8) },
	  { { 0x10, "the_global" }, { 0x20, "weaker" } } },
	{ "fewer underscores, then shorter, then what sorts first",
	  { GLOBAL("__a", 0x10, 8), GLOBAL("_ab", 0x10, 8), GLOBAL("abc", 0x10, 8),
	    GLOBAL("xyz", 0x20, 8), GLOBAL("zz", 0x20, 8), GLOBAL("zy", 0x20, 8) },
	  { { 0x10, "abc" }, { 0x20, "zy" } } },
	{ "any name before none",
	  { GLOBAL("", 0x10, 8), LOCAL("__local", 0x10, 8), GLOBAL("", 0x20, 8) },
	  { { 0x10, "__local" }, { 0x20, "_" } } },
	{ "without a size: to the next one, or its section's end",
	  { GLOBAL("one", 0x10, 0), GLOBAL("two", 0x30, 0) },
	  { { 0x2f, "one" },
	    { 0x30, "two" },
	    { FAKE_TEXT_BYTES - 1, "two" },
	    { FAKE_TEXT_BYTES, NULL } } },
	{ "without a size or a section: to its segment's end",
	  { { "absolute", FAKE_CODE + 0x10, 0, STB_GLOBAL, STT_FUNC, SHN_ABS } },
	  { { FAKE_CODE_BYTES - 1, "absolute" }, { FAKE_CODE_BYTES, NULL } } },
	{ "another name has the size",
	  { GLOBAL("sizeless", 0x10, 0), LOCAL("sized", 0x10, 8) },
	  { { 0x17, "sizeless" }, { 0x18, NULL } } },
	{ "a name for all of it, and one for its begin",
	  { LOCAL("whole", 0x10, 0x20), GLOBAL("begin", 0x10, 8) },
	  { { 0x17, "begin" }, { 0x18, "whole" }, { 0x2f, "whole" }, { 0x30, NULL } } },
	{ "one within another",
	  { GLOBAL("outer", 0x10, 0x40), GLOBAL("inner", 0x20, 8) },
	  { { 0x1f, "outer" },
	    { 0x20, "inner" },
	    { 0x28, "outer" },
	    { 0x4f, "outer" },
	    { 0x50, NULL } } },
	{ "two that overlap",
	  { GLOBAL("first", 0x10, 0x18), GLOBAL("second", 0x20, 0x10) },
	  { { 0x1f, "first" }, { 0x27, "second" }, { 0x2f, "second" }, { 0x30, NULL } } },
	{ "a size beyond all addresses ends with the segment",
	  { GLOBAL("endless", 0x10, UINT32_MAX) },
	  { { FAKE_CODE_BYTES - 1, "endless" }, { FAKE_CODE_BYTES, NULL } } },
	{ "no version, nothing that breaks a line",
	  { GLOBAL("write@@GLIBC_2.2.5", 0x10, 8), GLOBAL("a;b\nc", 0x20, 8) },
	  { { 0x10, "write" }, { 0x20, "a_b_c" } } },
};

static void looked_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fake_elf full = { .symtab = cases[i].symbols };
		const struct fake_elf stripped = { .dynsym = cases[i].symbols };

		look(cases[i].label, &full, cases[i].looks, MAX_LOOKS);
		look(cases[i].label, &stripped, cases[i].looks, MAX_LOOKS);
	}
}

static void each_class_and_order(void **state)
{
	static const int classes[] = { ELFCLASS32, ELFCLASS64 };
	static const int encodings[] = { ELFDATA2LSB, ELFDATA2MSB };

	(void)state;
	for (int c = 0; c < 2; c++)
		for (int e = 0; e < 2; e++)
			for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
				const struct fake_elf fake = {
					.class = classes[c],
					.encoding = encodings[e],
					.machine = EM_PPC,
					.symtab = cases[i].symbols,
				};

				look(cases[i].label, &fake, cases[i].looks, MAX_LOOKS);
			}
}

static void thumb(void **state)
{
	static const struct fake_symbol symbols[] = { GLOBAL("odd", 0x11, 8), { 0 } };
	static const struct look on_arm[] = { { 0x10, "odd" }, { 0x18, NULL } };
	static const struct look elsewhere[] = { { 0x10, NULL }, { 0x18, "odd" } };
	const struct fake_elf arm = { .class = ELFCLASS32, .machine = EM_ARM, .symtab = symbols };
	const struct fake_elf other = { .symtab = symbols };

	(void)state;
	look("the lowest bit is no part of an address", &arm, on_arm, 2);
	look("on other machines it is", &other, elsewhere, 2);
}

static void tables(void **state)
{
	static const struct fake_symbol with[] = { LOCAL("full", 0x10, 8), { 0 } };
	static const struct fake_symbol without[] = { TYPED("data", 0x10, 8, STT_OBJECT), { 0 } };
	static const struct fake_symbol exported[] = { GLOBAL("exported", 0x10, 8),
						       GLOBAL("more", 0x20, 8),
						       { 0 } };
	static const struct {
		const char *label;
		struct fake_elf fake;
		struct look looks[2];
	} tables[] = {
		{ "the full table alone counts",
		  { .symtab = with, .dynsym = exported },
		  { { 0x10, "full" }, { 0x20, NULL } } },
		{ "one without functions does not",
		  { .symtab = without, .dynsym = exported },
		  { { 0x10, "exported" }, { 0x20, "more" } } },
		{ "neither is there", { 0 }, { { 0x10, NULL }, { 0x20, NULL } } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		look(tables[i].label, &tables[i].fake, tables[i].looks, 2);
}

static void counted(void **state)
{
	static const struct fake_symbol symbols[] = { GLOBAL("outer", 0x10, 0x40),
						      GLOBAL("inner", 0x20, 8),
						      LOCAL("alias", 0x20, 8),
						      { 0 } };
	const struct fake_elf fake = { .symtab = symbols }, none = { 0 };
	struct elf_symbols *s;
	struct err err;

	(void)state;
	fake_elf_write(dir, "fake", &fake);
	assert_int_equal(open_file("fake", &s, &err), 0);
	assert_int_equal(elf_symbols_count(s), 2);
	assert_true(elf_symbols_bytes(s) > 0 && elf_symbols_bytes(s) < 500);
	/* Not in the file's headers, or beyond them. */
	assert_null(elf_symbols_at(s, 0));
	assert_null(elf_symbols_at(s, FAKE_DATA_OFFSET));
	assert_null(elf_symbols_at(s, UINT64_MAX));
	elf_symbols_close(s);
	fake_elf_write(dir, "fake", &none);
	assert_int_equal(open_file("fake", &s, &err), 0);
	assert_int_equal(elf_symbols_count(s), 0);
	elf_symbols_close(s);
	elf_symbols_close(NULL);
}

/* What is read is counted, and ends at a bound. */
static void bounded(void **state)
{
	static const struct fake_symbol symbols[] = {
		{ "f", FAKE_CODE, 8, STB_GLOBAL, STT_FUNC, FAKE_TEXT }, { 0 }
	};
	const struct fake_elf e = { .symtab = symbols };
	uint64_t left = 1 << 20, used;
	struct elf_symbols *s;
	struct err err = { 0 };
	char path[128];
	cleanup_close int fd = -1;

	(void)state;
	fake_elf_write(dir, "fake", &e);
	snprintf(path, sizeof(path), "%s/fake", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(elf_symbols_open(fd, root, "/fake", &left, &s, &err), 0);
	elf_symbols_close(s);
	used = (1 << 20) - left;
	assert_true(used >= 2 * sizeof(Elf64_Sym) && used < 65536);
	left = used;
	assert_int_equal(elf_symbols_open(fd, root, "/fake", &left, &s, &err), 0);
	elf_symbols_close(s);
	assert_int_equal(left, 0);
	left = used - 1;
	assert_int_equal(elf_symbols_open(fd, root, "/fake", &left, &s, &err), -EFBIG);
	assert_int_equal(left, 0);
}

static void no_elf_files(void **state)
{
	struct elf_symbols *s = NULL;
	struct err err;
	char path[128];

	(void)state;
	scratch_write(dir, "empty", "");
	scratch_write(dir, "short", "\177ELF");
	scratch_write(dir, "script", "#!/bin/sh\necho this is no ELF file\n");
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(open_file("empty", &s, &err), -ENOEXEC);
	assert_int_equal(open_file("short", &s, &err), -ENOEXEC);
	assert_int_equal(open_file("script", &s, &err), -ENOEXEC);
	assert_string_equal(err.text, "functions of /script: it is no ELF file");
	assert_int_equal(open_file("pipe", &s, &err), -EINVAL);
	assert_int_equal(open_file("", &s, &err), -EINVAL);
	assert_int_equal(open_file("nothing", &s, &err), -EBADF);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looked_up),	cmocka_unit_test(each_class_and_order),
		cmocka_unit_test(thumb),	cmocka_unit_test(tables),
		cmocka_unit_test(counted),	cmocka_unit_test(bounded),
		cmocka_unit_test(no_elf_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
