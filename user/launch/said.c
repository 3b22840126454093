// SPDX-License-Identifier: Apache-2.0
/* Looking through a log for words that mean something. */
#include "launch/said.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PART (256 << 10)

static const char *const words[] = {
	"Read -1, expected ", /* Open MPI: process_vm_readv() was refused */
	"enough space for /dev/shm", /* Open MPI: of its shared memory; how much follows */
	"Space Requested:",	     "Space Available:", "Bus error",
};

_Static_assert(ARRAY_SIZE(words) <= SAID_MAX, "a line for each");

/* From @at to the end of the line or of the text. */
static void keep_line(struct said *line, const char *from, const char *at)
{
	size_t n = 0;

	while (at > from && at[-1] != '\n')
		at--;
	while (*at == ' ' || *at == '\t')
		at++;
	for (; n + 1 < sizeof(line->text) && at[n] && at[n] != '\n'; n++)
		line->text[n] = isprint((unsigned char)at[n]) ? at[n] : ' ';
	while (n && line->text[n - 1] == ' ')
		n--;
	line->text[n] = '\0';
}

static void look(int fd, off_t offset, char *text, struct said lines[])
{
	ssize_t n = pread(fd, text, PART, offset);

	if (n <= 0)
		return;
	text[n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	for (size_t w = 0; w < ARRAY_SIZE(words); w++) {
		const char *at = lines[w].text[0] ? NULL : strstr(text, words[w]);

		if (at)
			keep_line(&lines[w], text, at);
	}
}

size_t said_look(const char *path, struct said ret[SAID_MAX])
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = malloc(PART + 1);
	struct said lines[ARRAY_SIZE(words)] = { 0 };
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	size_t n = 0;

	if (!text || size <= 0)
		return 0;
	look(fd, 0, text, lines);
	if (size > PART)
		look(fd, size - PART, text, lines);
	for (size_t w = 0; w < ARRAY_SIZE(words); w++)
		if (lines[w].text[0])
			ret[n++] = lines[w];
	return n;
}
