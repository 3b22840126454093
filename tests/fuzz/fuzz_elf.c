// SPDX-License-Identifier: Apache-2.0
/* Fuzz target: functions of an ELF file, which is its own debuginfo when it says so. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "symbol/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/cbpf-fuzz-XXXXXX";
static int root = -1, file = -1;

static void forget(void)
{
	(void)fs_remove_tree(dir);
}

/* A root with /f, which is found by the link "d" and by the build id that seeds have, too. */
static void prepare(void)
{
	char path[128];

	if (!mkdtemp(dir))
		abort();
	atexit(forget);
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	file = openat(root, "f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	snprintf(path, sizeof(path), "%s/usr/lib/debug/.build-id/61", dir);
	if (root < 0 || file < 0 || symlinkat("f", root, "d") || fs_mkdirs(path, 0700) ||
	    symlinkat("/f", root, "usr/lib/debug/.build-id/61/62636465666768.debug"))
		abort();
}

/* Names are there, and can be shown. */
static void look(const struct elf_symbols *s, uint64_t offset)
{
	const char *name = elf_symbols_at(s, offset);

	if (!name)
		return;
	if (!*name || strpbrk(name, ";\n\r\033"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_symbols *s = NULL;
	struct err err;

	if (root < 0)
		prepare();
	if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		return 0;
	if (elf_symbols_open(file, root, "/f", NULL, &s, &err))
		return 0;
	for (uint64_t offset = 0; offset < 0x2000; offset += 7)
		look(s, offset);
	look(s, UINT64_MAX);
	elf_symbols_close(s);
	return 0;
}
