/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, and files in it. */
#ifndef CBPF_TEST_SCRATCH_H
#define CBPF_TEST_SCRATCH_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

/* Made anew at @path, which has room for 64 bytes. Ends the test when that fails. */
static inline void scratch_make(char *path)
{
	strcpy(path, "/tmp/cbpf-unit-XXXXXX");
	if (!mkdtemp(path)) {
		perror(path);
		exit(1);
	}
}

/* File @name (with directories, "a/b") of @dir holds @text from now on. */
static inline void scratch_write(const char *dir, const char *name, const char *text)
{
	char path[512], *slash;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (fs_mkdirs(path, 0755))
		perror(path);
	*slash = '/';
	if (fs_create_at(AT_FDCWD, path, text, strlen(text))) {
		perror(path);
		exit(1);
	}
}

#endif
