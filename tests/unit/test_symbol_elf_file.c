// SPDX-License-Identifier: Apache-2.0
/* ELF files that are cut or lie: refused, in words, and read within what they have. */
#include "symbol/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_elf.h"
#include "scratch.h"
#include "symbol/elf.h"
#include "unit.h"

#define FN(n, at)                                                                                  \
	{                                                                                          \
		n, FAKE_CODE + (at), 8, STB_GLOBAL, STT_FUNC, FAKE_TEXT                            \
	}
#define SYMTAB 3 /* index of .symtab; its names are before it */

static char dir[64];
static struct buf image = BUF_INIT(1 << 16);

static int setup(void **state)
{
	static const struct fake_symbol symbols[] = { FN("one", 0x10), FN("two", 0x20), { 0 } };
	const struct fake_elf fake = { .symtab = symbols, .build_id = "12345678" };
	char path[128];

	(void)state;
	scratch_make(dir);
	fake_elf_write(dir, "fake", &fake);
	snprintf(path, sizeof(path), "%s/fake", dir);
	return fs_slurp_at(AT_FDCWD, path, &image);
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&image);
	return fs_remove_tree(dir);
}

/* A file with the first @len bytes of @data, and open()'s result for it. */
static int open_bytes(const void *data, size_t len, uint64_t size, struct err *err)
{
	cleanup_close int fd = memfd_create("elf", MFD_CLOEXEC);
	struct elf_symbols *s = NULL;
	int rc;

	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(ftruncate(fd, size), 0);
	rc = elf_symbols_open(fd, -1, "/elf", NULL, &s, err);
	assert_true(rc ? !s : !!s);
	elf_symbols_close(s);
	return rc;
}

static void lies(void **state)
{
	Elf64_Ehdr *header;
	Elf64_Shdr *sections;
	Elf64_Phdr *segments;
	/* What is changed in a copy of the file, and what comes of it. */
	enum {
		NOTHING,
		SHOFF,
		SHOFF_MAX,
		SHNUM,
		SHNUM_0,
		SHENTSIZE,
		PHOFF,
		PHOFF_MAX,
		PHENTSIZE,
		PHNUM_MAX,
		SHSTRNDX,
		CLASS,
		ORDER,
		VERSION,
		MEMSZ,
		TABLE_OFFSET,
		TABLE_SIZE,
		TABLE_MAX,
		TABLE_MANY,
		TABLE_ENTSIZE,
		TABLE_LINK,
		TABLE_LINK_SELF,
		NAMES_OFFSET,
		NAMES_SIZE,
		NAMES_MANY,
		NAMES_0,
	};
	static const struct {
		const char *label;
		int what, rc;
	} cases[] = {
		{ "as it is", NOTHING, 0 },
		{ "section headers behind the end", SHOFF, -EBADMSG },
		{ "section headers behind all ends", SHOFF_MAX, -EBADMSG },
		{ "more section headers than there are", SHNUM, -EBADMSG },
		{ "more section headers than the header can say", SHNUM_0, -EFBIG },
		{ "section headers of another size", SHENTSIZE, -EBADMSG },
		{ "program headers behind the end", PHOFF, -EBADMSG },
		{ "program headers behind all ends", PHOFF_MAX, -EBADMSG },
		{ "program headers of another size", PHENTSIZE, -EBADMSG },
		{ "more program headers than the header can say", PHNUM_MAX, -EFBIG },
		{ "names of sections are nowhere: they are not needed", SHSTRNDX, 0 },
		{ "no class", CLASS, -ENOEXEC },
		{ "no order of bytes", ORDER, -ENOEXEC },
		{ "no version", VERSION, -ENOEXEC },
		{ "a segment beyond all addresses", MEMSZ, -EBADMSG },
		{ "symbols behind the end", TABLE_OFFSET, -EBADMSG },
		{ "more symbols than the file has bytes", TABLE_SIZE, -EBADMSG },
		{ "as many as there are bytes", TABLE_MAX, -EFBIG },
		{ "more than a million", TABLE_MANY, -EFBIG },
		{ "symbols of no size", TABLE_ENTSIZE, -EBADMSG },
		{ "names in no section", TABLE_LINK, -EBADMSG },
		{ "names in what holds no names", TABLE_LINK_SELF, -EBADMSG },
		{ "names behind the end", NAMES_OFFSET, -EBADMSG },
		{ "more names than the file has bytes", NAMES_SIZE, -EBADMSG },
		{ "more names than are read", NAMES_MANY, -EFBIG },
		{ "symbols whose names are outside: they have none", NAMES_0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *copy = malloc(image.len);
		uint64_t size = image.len;
		struct err err = { 0 };
		int rc;

		assert_non_null(copy);
		memcpy(copy, image.data, image.len);
		header = (Elf64_Ehdr *)copy;
		sections = (Elf64_Shdr *)(copy + header->e_shoff);
		segments = (Elf64_Phdr *)(copy + header->e_phoff);
		switch (cases[i].what) {
		case NOTHING: break;
		case SHOFF: header->e_shoff = image.len - 10; break;
		case SHOFF_MAX: header->e_shoff = UINT64_MAX - 10; break;
		case SHNUM: header->e_shnum = 1000; break;
		case SHNUM_0: header->e_shnum = 0; break;
		case SHENTSIZE: header->e_shentsize = 1; break;
		case PHOFF: header->e_phoff = image.len - 10; break;
		case PHOFF_MAX: header->e_phoff = UINT64_MAX - 10; break;
		case PHENTSIZE: header->e_phentsize = 1; break;
		case PHNUM_MAX: header->e_phnum = PN_XNUM; break;
		case SHSTRNDX: header->e_shstrndx = SHN_XINDEX; break;
		case CLASS: copy[EI_CLASS] = 3; break;
		case ORDER: copy[EI_DATA] = 0; break;
		case VERSION: copy[EI_VERSION] = 2; break;
		case MEMSZ: segments[1].p_memsz = UINT64_MAX; break;
		case TABLE_OFFSET: sections[SYMTAB].sh_offset = UINT64_MAX - 10; break;
		case TABLE_SIZE: sections[SYMTAB].sh_size = 24 << 10; break;
		case TABLE_MAX: sections[SYMTAB].sh_size = UINT64_MAX; break;
		case TABLE_MANY:
			sections[SYMTAB].sh_size = (1 << 20) * 24 + 24;
			size = 1 << 28;
			break;
		case TABLE_ENTSIZE: sections[SYMTAB].sh_entsize = 0; break;
		case TABLE_LINK: sections[SYMTAB].sh_link = 1000; break;
		case TABLE_LINK_SELF: sections[SYMTAB].sh_link = SYMTAB; break;
		case NAMES_OFFSET: sections[SYMTAB - 1].sh_offset = UINT64_MAX; break;
		case NAMES_SIZE: sections[SYMTAB - 1].sh_size = UINT64_MAX; break;
		case NAMES_MANY:
			sections[SYMTAB - 1].sh_size = (128 << 20) + 1;
			size = 1 << 28;
			break;
		case NAMES_0: sections[SYMTAB - 1].sh_size = 0; break;
		}
		rc = open_bytes(copy, image.len, size, &err);
		if (rc != cases[i].rc)
			fail_msg("%s: %d, %s", cases[i].label, rc, err.text);
	}
}

/* Wherever it is cut, its section headers, which come last, are not whole any more. */
static void cut(void **state)
{
	struct err err;

	(void)state;
	for (size_t len = 0; len < image.len; len++) {
		int rc = open_bytes(image.data, len, len, &err);

		if (rc != (len < EI_NIDENT ? -ENOEXEC : -EBADMSG))
			fail_msg("%zu of %zu bytes: %d", len, image.len, rc);
	}
}

/* A byte changed to anything: an answer, never more than that. The sanitizers look at it, too. */
static void broken(void **state)
{
	cleanup_free char *copy = malloc(image.len);
	struct err err;

	(void)state;
	assert_non_null(copy);
	for (size_t at = 0; at < image.len; at++)
		for (int v = 0; v < 3; v++) {
			memcpy(copy, image.data, image.len);
			copy[at] = v == 0 ? 0 : v == 1 ? 0xff : copy[at] ^ 0x80;
			(void)open_bytes(copy, image.len, image.len, &err);
		}
}

static void many_segments(void **state)
{
	const uint16_t counts[] = { 256, 257 };
	Elf64_Ehdr *header = (Elf64_Ehdr *)image.data;

	(void)state;
	for (int i = 0; i < 2; i++) {
		size_t size = sizeof(*header) + counts[i] * sizeof(Elf64_Phdr);
		cleanup_free char *copy = calloc(1, size);
		Elf64_Ehdr *h = (Elf64_Ehdr *)copy;
		Elf64_Phdr *p = (Elf64_Phdr *)(h + 1);
		struct err err;

		assert_non_null(copy);
		*h = *header;
		h->e_phoff = sizeof(*h);
		h->e_phnum = counts[i];
		h->e_shoff = h->e_shnum = 0;
		for (int k = 0; k < counts[i]; k++)
			p[k].p_type = PT_LOAD;
		assert_int_equal(open_bytes(copy, size, size, &err), i ? -EFBIG : 0);
	}
}

/* Data that is said to have the same bytes of the file, first: what runs is code. */
static void the_same_bytes(void **state)
{
	cleanup_free char *copy = malloc(image.len);
	cleanup_close int fd = memfd_create("elf", MFD_CLOEXEC);
	struct elf_symbols *s = NULL;
	Elf64_Phdr *segments;
	struct err err;

	(void)state;
	assert_non_null(copy);
	memcpy(copy, image.data, image.len);
	segments = (Elf64_Phdr *)(copy + ((Elf64_Ehdr *)copy)->e_phoff);
	assert_int_equal(segments[0].p_vaddr, FAKE_DATA);
	segments[0].p_offset = FAKE_CODE_OFFSET;
	assert_int_equal(write(fd, copy, image.len), image.len);
	assert_int_equal(elf_symbols_open(fd, -1, "/elf", NULL, &s, &err), 0);
	assert_string_equal(elf_symbols_at(s, FAKE_CODE_OFFSET + 0x10), "one");
	elf_symbols_close(s);
}

/* What is read after the file was cut. */
static void cut_meanwhile(void **state)
{
	cleanup_close int fd = memfd_create("elf", MFD_CLOEXEC);
	char *text = NULL;
	struct elf_file f;
	struct err err;

	(void)state;
	assert_int_equal(write(fd, image.data, image.len), image.len);
	assert_int_equal(elf_file_init(&f, fd, &err), 0);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(elf_file_section(&f, &f.sections[SYMTAB], 1000, &text, &err), -EBADMSG);
	assert_string_equal(err.text, "it was cut while it was read");
	assert_null(text);
	elf_file_fini(&f);
}

static void position(void **state)
{
	char path[128];
	cleanup_close int fd = -1;
	struct elf_file f;
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/fake", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_int_equal(elf_file_init(&f, fd, &err), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 7);
	elf_file_fini(&f);
	elf_file_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies),		  cmocka_unit_test(cut),
		cmocka_unit_test(broken),	  cmocka_unit_test(many_segments),
		cmocka_unit_test(the_same_bytes), cmocka_unit_test(cut_meanwhile),
		cmocka_unit_test(position),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
