// SPDX-License-Identifier: Apache-2.0
/* Frames of folded stacks: one after the other, in order, and of which kind. */
#include "report/stack.h"

#include <string.h>

static const char kernel_mark[] = "_[k]";

bool stack_next(const char **at, struct stack_frame *ret)
{
	const char *name = *at + strspn(*at, ";");
	size_t len = strcspn(name, ";");

	*at = name + len;
	if (!len)
		return false;
	*ret = (struct stack_frame){ name, len };
	return true;
}

size_t stack_depth(const char *stack)
{
	struct stack_frame f;
	size_t n = 0;

	while (stack_next(&stack, &f))
		n++;
	return n;
}

int stack_compare_frames(const struct stack_frame *a, const struct stack_frame *b)
{
	int order = memcmp(a->name, b->name, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

int stack_compare(const char *a, const char *b)
{
	struct stack_frame of_a, of_b;
	int order = 0;

	while (!order) {
		bool more_a = stack_next(&a, &of_a), more_b = stack_next(&b, &of_b);

		if (!more_a || !more_b)
			return more_a - more_b;
		order = stack_compare_frames(&of_a, &of_b);
	}
	return order;
}

bool stack_in_kernel(const struct stack_frame *f)
{
	size_t mark = sizeof(kernel_mark) - 1;

	return f->len >= mark && !memcmp(f->name + f->len - mark, kernel_mark, mark);
}

bool stack_is_nameless(const struct stack_frame *f)
{
	size_t len = f->len - (stack_in_kernel(f) ? sizeof(kernel_mark) - 1 : 0);

	return len && f->name[0] == '[' && f->name[len - 1] == ']';
}

size_t stack_fit(const struct stack_frame *f, size_t columns)
{
	size_t used = 0, fits = 0;

	for (size_t i = 0; i < f->len; i++) {
		unsigned char c = f->name[i];

		/* Later bytes of a character have been counted with its first. */
		if ((c & 0xc0) == 0x80)
			continue;
		if (used + 2 <= columns)
			fits = i;
		used += c < 0x80 ? 1 : 2;
	}
	return used <= columns ? f->len : fits;
}
