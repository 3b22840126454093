// SPDX-License-Identifier: Apache-2.0
/* Names in this program and in libc, as nm has them, and with debuginfo that objcopy makes. */
#include "symbol/elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "scratch.h"
#include "symbol/elf_debug.h"
#include "symbol/elf_file.h"
#include "unit.h"

/* Functions of this program that are looked for. */
static __attribute__((noinline)) int a_static_function(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n + 1;
}

int a_global_function(int n);
__attribute__((noinline)) int a_global_function(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n + 2;
}

/* An object that is loaded, and where. */
struct object {
	const void *has; /* an address in it: what is looked for */
	char path[PATH_MAX]; /* "": this program */
	uintptr_t base;
	struct {
		uintptr_t address, bytes, offset; /* before relocation */
	} code[8];
	int n;
};

static int look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object *o = arg, found = { .base = info->dlpi_addr };
	uintptr_t at = (uintptr_t)o->has - info->dlpi_addr;
	bool is_it = false;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X) || found.n == 8)
			continue;
		found.code[found.n].address = p->p_vaddr;
		found.code[found.n].bytes = p->p_filesz;
		found.code[found.n++].offset = p->p_offset;
		is_it = is_it || at - p->p_vaddr < p->p_filesz;
	}
	if (!is_it)
		return 0;
	snprintf(found.path, sizeof(found.path), "%s", info->dlpi_name);
	*o = found;
	return 1;
}

static struct object object_of(const void *address)
{
	struct object o = { .has = address };

	assert_int_equal(dl_iterate_phdr(look_at, &o), 1);
	if (!o.path[0]) {
		ssize_t n = readlink("/proc/self/exe", o.path, sizeof(o.path) - 1);

		assert_true(n > 0);
		o.path[n] = '\0';
	}
	return o;
}

/* The offset in the file of a virtual address before relocation; false: it is no code. */
static bool offset_of(const struct object *o, uintptr_t address, uint64_t *ret)
{
	for (int i = 0; i < o->n; i++) {
		if (address - o->code[i].address >= o->code[i].bytes)
			continue;
		*ret = address - o->code[i].address + o->code[i].offset;
		return true;
	}
	return false;
}

static struct elf_symbols *open_below(const char *root_path, const char *file, const char *path)
{
	cleanup_close int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct elf_symbols *s = NULL;
	struct err err;

	if (elf_symbols_open(fd, root, path, NULL, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

static bool is_at(const struct elf_symbols *s, const struct object *o, const void *address,
		  const char *want)
{
	uint64_t offset = 0;
	const char *got;

	assert_true(offset_of(o, (uintptr_t)address - o->base, &offset));
	got = elf_symbols_at(s, offset);
	return want ? got && !strcmp(got, want) : !got;
}

static void this_program(void **state)
{
	const struct object o = object_of((const void *)a_static_function);
	struct elf_symbols *s = open_below("/", o.path, o.path);

	(void)state;
	assert_int_equal(a_static_function(1), 2);
	assert_int_equal(a_global_function(1), 3);
	assert_true(is_at(s, &o, (const void *)a_static_function, "a_static_function"));
	assert_true(is_at(s, &o, (const char *)a_static_function + 1, "a_static_function"));
	assert_true(is_at(s, &o, (const void *)a_global_function, "a_global_function"));
	assert_true(is_at(s, &o, (const void *)elf_symbols_open, "elf_symbols_open"));
	assert_true(elf_symbols_count(s) > 50);
	elf_symbols_close(s);
}

/* A function of libc, and not what a sanitizer has instead. */
static const void *in_libc(const char *name)
{
	void *handle = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), *address;

	assert_non_null(handle);
	address = dlsym(handle, name);
	assert_non_null(address);
	dlclose(handle);
	return address;
}

static void libc(void **state)
{
	static const char *const names[] = { "write", "malloc", "qsort", "getenv",
					     "pthread_create" };
	char empty[64];
	struct object o;
	struct elf_symbols *s;

	(void)state;
	scratch_make(empty);
	o = object_of(in_libc("write"));
	/* Stripped, and in an empty root it has no debuginfo. */
	s = open_below(empty, o.path, o.path);
	assert_true(elf_symbols_count(s) > 500);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!is_at(s, &o, in_libc(names[i]), names[i]))
			fail_msg("%s is not found", names[i]);
	elf_symbols_close(s);
	assert_int_equal(fs_remove_tree(empty), 0);
}

struct line {
	uint64_t from, size;
	char name[200];
};

/* What nm tells of functions with a size, up to @max; 0: there is no nm, or nothing. */
static size_t run_nm(const char *options, const char *path, struct line *v, size_t max)
{
	char command[PATH_MAX + 64], text[1024];
	size_t n = 0;
	FILE *f;

	snprintf(command, sizeof(command), "nm -f sysv --defined-only %s '%s' 2>/dev/null", options,
		 path);
	f = popen(command, "re");
	assert_non_null(f);
	/* NAME|VALUE|CLASS|TYPE|SIZE|LINE|SECTION */
	while (n < max && fgets(text, sizeof(text), f)) {
		unsigned long long from, size;
		char type[32];

		if (sscanf(text, "%199[^| ] | %llx | %*[^|] | %31[^|] | %llx |", v[n].name, &from,
			   type, &size) != 4 ||
		    !size || (!strstr(type, "FUNC") && !strstr(type, "<OS specific>: 10")))
			continue;
		v[n].name[strcspn(v[n].name, "@")] = '\0';
		v[n].from = from;
		v[n++].size = size;
	}
	pclose(f);
	return n;
}

/* Is @got a name of what begins last of all that have @address? */
static bool agrees(const struct line *v, size_t n, uint64_t address, const char *got)
{
	uint64_t last = 0;
	bool any = false, is = false;

	for (size_t i = 0; i < n; i++)
		if (address - v[i].from < v[i].size && v[i].from >= last) {
			any = true;
			last = v[i].from;
		}
	for (size_t i = 0; got && i < n; i++)
		is = is || (v[i].from == last && !strcmp(v[i].name, got));
	return !any || is;
}

/* First, middle and last byte of some functions of all parts of the file. */
static void compare_with_nm(const char *options, const struct object *o, const char *root)
{
	enum { MOST = 20000, LOOKS = 300 };
	cleanup_free struct line *v = calloc(MOST, sizeof(*v));
	struct elf_symbols *s = open_below(root, o->path, o->path);
	size_t n, step, compared = 0;

	assert_non_null(v);
	n = run_nm(options, o->path, v, MOST);
	if (!n) {
		elf_symbols_close(s);
		print_message("there is no nm, which comes with binutils\n");
		skip();
	}
	step = n / LOOKS + 1;
	for (size_t i = 0; i < n; i += step)
		for (int k = 0; k < 3; k++) {
			uint64_t at = v[i].from + k * (v[i].size - 1) / 2, offset;

			if (!offset_of(o, at, &offset))
				continue;
			compared++;
			if (!agrees(v, n, at, elf_symbols_at(s, offset)))
				fail_msg("%llx: %s, but nm has %s", (unsigned long long)at,
					 elf_symbols_at(s, offset), v[i].name);
		}
	print_message("%zu addresses of %s compared\n", compared, o->path);
	assert_true(compared > 100);
	elf_symbols_close(s);
}

static void as_nm_has_this_program(void **state)
{
	const struct object o = object_of((const void *)a_static_function);

	(void)state;
	compare_with_nm("", &o, "/");
}

static void as_nm_has_libc(void **state)
{
	const struct object o = object_of(in_libc("write"));
	char empty[64];

	(void)state;
	scratch_make(empty);
	compare_with_nm("-D", &o, empty);
	assert_int_equal(fs_remove_tree(empty), 0);
}

/* Runs @command in directory @dir; false when that fails. */
static bool shell(const char *dir, const char *command, const char *program)
{
	char line[PATH_MAX + 512];

	snprintf(line, sizeof(line), "cd '%s' && p='%s' && %s", dir, program, command);
	return system(line) == 0;
}

static bool no_objcopy(void)
{
	if (!system("objcopy --version >/dev/null 2>&1"))
		return false;
	print_message("there is no objcopy, which comes with binutils\n");
	return true;
}

/* The stripped copy "file" of this program in @dir: has it a name for static functions? */
static bool has_static(const char *dir, const struct object *o)
{
	char file[128];
	struct elf_symbols *s;
	bool has;

	snprintf(file, sizeof(file), "%s/file", dir);
	s = open_below(dir, file, "/file");
	has = is_at(s, o, (const void *)a_static_function, "a_static_function");
	elf_symbols_close(s);
	return has;
}

static void with_a_debuglink(void **state)
{
	const struct object o = object_of((const void *)a_static_function);
	char dir[64];

	(void)state;
	if (no_objcopy())
		skip();
	scratch_make(dir);
	assert_true(shell(dir, "objcopy --strip-all \"$p\" file", o.path));
	assert_false(has_static(dir, &o));
	assert_true(shell(dir,
			  "objcopy --only-keep-debug \"$p\" file.debug && "
			  "objcopy --add-gnu-debuglink=file.debug file",
			  o.path));
	assert_true(has_static(dir, &o));
	assert_true(shell(dir, "mkdir .debug && mv file.debug .debug", o.path));
	assert_true(has_static(dir, &o));
	assert_true(shell(dir, "mkdir -p usr/lib/debug && mv .debug/* usr/lib/debug", o.path));
	assert_true(has_static(dir, &o));
	assert_int_equal(fs_remove_tree(dir), 0);
}

/* Where debuginfo of this program belongs, below a root; false: it has no build id. */
static bool place_by_id(const struct object *o, char *ret, size_t size)
{
	cleanup_close int fd = open(o->path, O_RDONLY | O_CLOEXEC);
	struct elf_build_id id;
	struct elf_file f;
	struct err err;
	int n;

	assert_int_equal(elf_file_init(&f, fd, &err), 0);
	elf_build_id(&f, &id);
	elf_file_fini(&f);
	n = snprintf(ret, size, "usr/lib/debug/.build-id/%02x/", id.bytes[0]);
	for (size_t i = 1; i < id.len; i++)
		n += snprintf(ret + n, size - n, "%02x", id.bytes[i]);
	snprintf(ret + n, size - n, ".debug");
	return id.len != 0;
}

static void with_a_build_id(void **state)
{
	const struct object o = object_of((const void *)a_static_function);
	char dir[64], place[256], command[512];

	(void)state;
	if (no_objcopy())
		skip();
	if (!place_by_id(&o, place, sizeof(place))) {
		print_message("this program was linked without a build id\n");
		skip();
	}
	scratch_make(dir);
	snprintf(command, sizeof(command),
		 "objcopy --strip-all \"$p\" file && mkdir -p \"$(dirname %s)\" && "
		 "objcopy --only-keep-debug \"$p\" %s",
		 place, place);
	assert_true(shell(dir, command, o.path));
	assert_true(has_static(dir, &o));
	assert_int_equal(fs_remove_tree(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_program),		  cmocka_unit_test(libc),
		cmocka_unit_test(as_nm_has_this_program), cmocka_unit_test(as_nm_has_libc),
		cmocka_unit_test(with_a_debuglink),	  cmocka_unit_test(with_a_build_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
