/* SPDX-License-Identifier: Apache-2.0 */
/* Words in a program's output that tell why it was slow or has failed, whatever its exit status says. */
#ifndef CBPF_LAUNCH_SAID_H
#define CBPF_LAUNCH_SAID_H

#include <stddef.h>

#define SAID_MAX 8

struct said {
	char text[152]; /* one line, cut; what is not printable is a space */
};

/*
 * Look through the first and the last 256 KiB of a log. The first line with each of the known
 * words is in @ret, in the order of said.c's table; how many. None when it cannot be read.
 */
size_t said_look(const char *path, struct said ret[SAID_MAX]);

#endif
