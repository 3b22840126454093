/* SPDX-License-Identifier: Apache-2.0 */
/* Folded stacks: frames from the root to the leaf, joined by ';', the first the task's name. */
#ifndef CBPF_REPORT_STACK_H
#define CBPF_REPORT_STACK_H

#include <stdbool.h>
#include <stddef.h>

struct stack_frame {
	const char *name; /* borrowed from the stack; not terminated */
	size_t len; /* bytes, never 0 */
};

/* The next frame from @at on, which moves behind it; false at the end. Empty frames are none. */
bool stack_next(const char **at, struct stack_frame *ret);
size_t stack_depth(const char *stack);

/*
 * An order by frames, each by its bytes, a stack before those that begin with it: what has
 * its first frames in common lies together. An order by the whole text would not do that,
 * since ';' is not the least of characters.
 */
int stack_compare(const char *a, const char *b);
int stack_compare_frames(const struct stack_frame *a, const struct stack_frame *b);

bool stack_in_kernel(const struct stack_frame *f); /* "vfs_write_[k]" */
/* All of it in brackets: "[unknown]", "[libc.so.6+0x8a0]", "[anon]", and in the kernel "[unknown]_[k]". */
bool stack_is_nameless(const struct stack_frame *f);

/*
 * Bytes of the name that fit @columns, whole characters; less than all where that takes two
 * for "..". What is no ASCII counts as two: it may be that wide.
 */
size_t stack_fit(const struct stack_frame *f, size_t columns);

#endif
