// SPDX-License-Identifier: Apache-2.0
/* Separate debuginfo: where it is looked for, and what is taken for it. */
#include "symbol/elf_debug.h"

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
#include "symbol/elf.h"
#include "symbol/elf_file.h"
#include "unit.h"

#define FN(n, at, bind)                                                                            \
	{                                                                                          \
		n, FAKE_CODE + (at), 8, bind, STT_FUNC, FAKE_TEXT                                  \
	}
#define ID "abcdefgh"
#define BY_ID "usr/lib/debug/.build-id/61/62636465666768.debug"

static const struct fake_symbol exported[] = { FN("exported", 0x10, STB_GLOBAL), { 0 } };
static const struct fake_symbol hidden[] = { FN("hidden", 0x20, STB_LOCAL),
					     FN("__exported", 0x10, STB_LOCAL),
					     { 0 } };
static const struct fake_symbol others[] = { FN("other", 0x20, STB_LOCAL), { 0 } };

static char dir[64];

/* File @name below the root, whose directories are made. */
static void put(const char *name, const struct fake_elf *fake)
{
	scratch_write(dir, name, "");
	fake_elf_write(dir, name, fake);
}

/* The file that has @debug, as @at, for its debuginfo, with the checksum in its link. */
static void put_both(struct fake_elf file, const char *at, const struct fake_elf *debug)
{
	put(at, debug);
	file.crc = fake_elf_crc(dir, at);
	put("opt/lib/file", &file);
}

/* The function at 0x20 of "/opt/lib/file", which only debuginfo has; NULL: there was none. */
static bool found_is(const char *want)
{
	cleanup_close int root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int fd = openat(root, "opt/lib/file", O_RDONLY | O_CLOEXEC);
	struct elf_symbols *s = NULL;
	const char *got;
	struct err err;
	bool is;

	assert_int_equal(elf_symbols_open(fd, root, "/opt/lib/file", NULL, &s, &err), 0);
	/* What the file itself exports is there in any case. */
	assert_string_equal(elf_symbols_at(s, FAKE_CODE_OFFSET + 0x10), "exported");
	got = elf_symbols_at(s, FAKE_CODE_OFFSET + 0x20);
	is = want ? got && !strcmp(got, want) : !got;
	if (!is)
		print_message("%s, not %s\n", got, want);
	elf_symbols_close(s);
	return is;
}

static void places(void **state)
{
	static const struct {
		const char *label;
		struct fake_elf file, debug;
		const char *at, *want;
	} cases[] = {
		{ "by build id",
		  { .dynsym = exported, .build_id = ID },
		  { .symtab = hidden, .build_id = ID },
		  BY_ID,
		  "hidden" },
		{ "by build id, whose file has none",
		  { .dynsym = exported, .build_id = ID },
		  { .symtab = hidden },
		  BY_ID,
		  "hidden" },
		{ "not with another build id",
		  { .dynsym = exported, .build_id = ID },
		  { .symtab = hidden, .build_id = "abcdefgx" },
		  BY_ID,
		  NULL },
		{ "not with a longer one",
		  { .dynsym = exported, .build_id = ID },
		  { .symtab = hidden, .build_id = ID "ijkl" },
		  BY_ID,
		  NULL },
		{ "not without a build id",
		  { .dynsym = exported },
		  { .symtab = hidden, .build_id = ID },
		  BY_ID,
		  NULL },
		{ "of 32 bits in the other order",
		  { .class = ELFCLASS32,
		    .encoding = ELFDATA2MSB,
		    .dynsym = exported,
		    .build_id = ID },
		  { .class = ELFCLASS32,
		    .encoding = ELFDATA2MSB,
		    .symtab = hidden,
		    .build_id = ID },
		  BY_ID,
		  "hidden" },
		{ "by its name beside the file",
		  { .dynsym = exported, .debuglink = "file.debug" },
		  { .symtab = hidden },
		  "opt/lib/file.debug",
		  "hidden" },
		{ "in .debug there",
		  { .dynsym = exported, .debuglink = "file.debug" },
		  { .symtab = hidden },
		  "opt/lib/.debug/file.debug",
		  "hidden" },
		{ "in the system's directory",
		  { .dynsym = exported, .debuglink = "file.debug" },
		  { .symtab = hidden },
		  "usr/lib/debug/opt/lib/file.debug",
		  "hidden" },
		{ "by its name, when no build id leads there",
		  { .dynsym = exported, .build_id = ID, .debuglink = "file.debug" },
		  { .symtab = hidden, .build_id = ID },
		  "opt/lib/file.debug",
		  "hidden" },
		{ "not by its name with another build id",
		  { .dynsym = exported, .build_id = ID, .debuglink = "file.debug" },
		  { .symtab = hidden, .build_id = "12345678" },
		  "opt/lib/file.debug",
		  NULL },
		{ "a name with directories is none",
		  { .dynsym = exported, .debuglink = "../file.debug" },
		  { .symtab = hidden },
		  "opt/file.debug",
		  NULL },
		{ "a name without an end",
		  { .dynsym = exported, .debuglink = "" },
		  { .symtab = hidden },
		  "opt/lib/file.debug",
		  NULL },
		{ "no debuginfo: symbols are lacking",
		  { .dynsym = exported, .build_id = ID },
		  { .dynsym = hidden, .build_id = ID },
		  BY_ID,
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scratch_make(dir);
		put_both(cases[i].file, cases[i].at, &cases[i].debug);
		if (!found_is(cases[i].want))
			fail_msg("%s", cases[i].label);
		assert_int_equal(fs_remove_tree(dir), 0);
	}
}

static void the_first_that_fits(void **state)
{
	const struct fake_elf file = { .dynsym = exported, .build_id = ID, .debuglink = "d" };
	const struct fake_elf right = { .symtab = hidden, .build_id = ID };
	const struct fake_elf wrong = { .symtab = others, .build_id = "12345678" };
	const struct fake_elf far = { .symtab = others };

	(void)state;
	scratch_make(dir);
	put_both(file, "usr/lib/debug/opt/lib/d", &far);
	assert_true(found_is("other"));
	put("opt/lib/.debug/d", &right);
	assert_true(found_is("hidden"));
	put("opt/lib/d", &wrong);
	assert_true(found_is("hidden"));
	put(BY_ID, &far);
	assert_true(found_is("other"));
	assert_int_equal(fs_remove_tree(dir), 0);
}

/* A container's files lead nowhere else, and do not keep the names that there are. */
static void hostile(void **state)
{
	struct fake_elf file = { .dynsym = exported, .debuglink = "d" };
	const struct fake_elf debug = { .symtab = hidden };
	char outside[64], target[128];
	cleanup_close int root = -1;

	(void)state;
	scratch_make(outside);
	fake_elf_write(outside, "d", &debug);
	snprintf(target, sizeof(target), "%s/d", outside);
	scratch_make(dir);
	file.crc = fake_elf_crc(outside, "d");
	put("opt/lib/file", &file);
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* What is outside */
	assert_int_equal(symlinkat(target, root, "opt/lib/d"), 0);
	assert_true(found_is(NULL));
	/* What hangs who opens it */
	assert_int_equal(unlinkat(root, "opt/lib/d", 0), 0);
	assert_int_equal(mkfifoat(root, "opt/lib/d", 0644), 0);
	assert_true(found_is(NULL));
	/* What is no ELF file */
	assert_int_equal(unlinkat(root, "opt/lib/d", 0), 0);
	scratch_write(dir, "opt/lib/d", "\177ELF");
	assert_true(found_is(NULL));
	/* A link to what is inside */
	assert_int_equal(unlinkat(root, "opt/lib/d", 0), 0);
	assert_int_equal(symlinkat("/d", root, "opt/lib/d"), 0);
	put("d", &debug);
	assert_true(found_is("hidden"));
	/* Itself */
	assert_int_equal(unlinkat(root, "opt/lib/d", 0), 0);
	assert_int_equal(symlinkat("file", root, "opt/lib/d"), 0);
	assert_true(found_is(NULL));
	assert_int_equal(fs_remove_tree(outside), 0);
	assert_int_equal(fs_remove_tree(dir), 0);
}

/* Without build ids it is the checksum that tells. */
static void checksums(void **state)
{
	static const struct {
		const char *label;
		const char *file_id, *debug_id;
		bool wrong;
		const char *want;
	} cases[] = {
		{ "the right one", NULL, NULL, false, "hidden" },
		{ "of another build", NULL, NULL, true, NULL },
		{ "of another build, though the file has a build id", ID, NULL, true, NULL },
		{ "of another build, though the debuginfo has a build id", NULL, ID, true, NULL },
		{ "where build ids are the same it does not matter", ID, ID, true, "hidden" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_elf file = { .dynsym = exported,
					 .debuglink = "d",
					 .build_id = cases[i].file_id };
		const struct fake_elf debug = { .symtab = hidden, .build_id = cases[i].debug_id };

		scratch_make(dir);
		put("opt/lib/d", &debug);
		file.crc = fake_elf_crc(dir, "opt/lib/d") ^ cases[i].wrong;
		put("opt/lib/file", &file);
		if (!found_is(cases[i].want))
			fail_msg("%s", cases[i].label);
		assert_int_equal(fs_remove_tree(dir), 0);
	}
}

/* One whose symbols lie: those of the file itself are left. */
static void lying(void **state)
{
	struct fake_elf file = { .dynsym = exported, .debuglink = "d" };
	const struct fake_elf debug = { .symtab = hidden };
	cleanup_close int fd = -1;
	Elf64_Shdr section;
	Elf64_Ehdr header;
	char path[128];
	off_t at;

	(void)state;
	scratch_make(dir);
	put("opt/lib/d", &debug);
	snprintf(path, sizeof(path), "%s/opt/lib/d", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
	at = header.e_shoff + 3 * sizeof(section);
	assert_int_equal(pread(fd, &section, sizeof(section), at), sizeof(section));
	assert_int_equal(section.sh_type, SHT_SYMTAB);
	section.sh_size = 24 << 10;
	assert_int_equal(pwrite(fd, &section, sizeof(section), at), sizeof(section));
	file.crc = fake_elf_crc(dir, "opt/lib/d");
	put("opt/lib/file", &file);
	assert_true(found_is(NULL));
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void ids(void **state)
{
	static const struct {
		const char *label;
		size_t len, want;
	} cases[] = {
		{ "as ld makes it", 20, 20 },	   { "the longest", 64, 64 },
		{ "a longer one is none", 68, 0 }, { "not a multiple of four", 18, 18 },
		{ "one byte is none", 1, 0 },
	};

	(void)state;
	scratch_make(dir);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char id[80] = "";
		const struct fake_elf fake = { .build_id = id };
		struct elf_build_id got;
		cleanup_close int fd = -1;
		struct elf_file f;
		char path[128];
		struct err err;

		memset(id, 'x', cases[i].len);
		fake_elf_write(dir, "f", &fake);
		snprintf(path, sizeof(path), "%s/f", dir);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(elf_file_init(&f, fd, &err), 0);
		elf_build_id(&f, &got);
		if (got.len != cases[i].want || memcmp(got.bytes, id, got.len) != 0)
			fail_msg("%s: %zu", cases[i].label, got.len);
		elf_file_fini(&f);
	}
	assert_int_equal(fs_remove_tree(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),    cmocka_unit_test(the_first_that_fits),
		cmocka_unit_test(hostile),   cmocka_unit_test(lying),
		cmocka_unit_test(checksums), cmocka_unit_test(ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
