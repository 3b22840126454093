// SPDX-License-Identifier: Apache-2.0
/* Functions within functions laid flat, so that a look-up is a binary search. */
#include "symbol/elf_range.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "symbol/elf_function.h"
#include "symbol/name.h"

#define UNNAMED UINT32_MAX

/* A function that has begun, and may go on when what began after it ends. */
struct begun {
	const struct elf_function *fn;
	uint32_t name; /* UNNAMED until it is needed */
};

struct flat {
	struct elf_ranges *to;
	struct buf names;
	struct begun *stack;
	size_t depth;
	uint64_t at; /* all before it is done */
};

static int name_of(struct flat *f, struct begun *b)
{
	char clean[SYMBOL_NAME_MAX + 2];
	size_t len;

	if (b->name != UNNAMED)
		return 0;
	len = symbol_name_clean(clean, b->fn->name, b->fn->len);
	b->name = f->names.len;
	f->to->n_functions++;
	return buf_put(&f->names, clean, len + 1);
}

static int emit(struct flat *f, struct begun *b, uint64_t end)
{
	uint64_t bytes = end - f->at;
	int rc;

	if (end <= f->at)
		return 0;
	rc = name_of(f, b);
	if (rc)
		return rc;
	f->to->v[f->to->n++] = (struct elf_range){
		.from = f->at,
		.bytes = bytes < UINT32_MAX ? bytes : UINT32_MAX,
		.name = b->name,
	};
	f->at = end;
	return 0;
}

/* What has begun has its addresses up to @until. */
static int advance(struct flat *f, uint64_t until)
{
	while (f->depth) {
		struct begun *top = &f->stack[f->depth - 1];
		int rc = emit(f, top, top->fn->to < until ? top->fn->to : until);

		if (rc)
			return rc;
		if (top->fn->to > until)
			break;
		f->depth--;
	}
	f->at = until;
	return 0;
}

static int lay(struct flat *f, const struct elf_functions *l)
{
	for (size_t i = 0; i < l->n; i++) {
		int rc = advance(f, l->v[i].from);

		if (rc)
			return rc;
		f->stack[f->depth++] = (struct begun){ &l->v[i], UNNAMED };
	}
	return advance(f, UINT64_MAX);
}

/* To what is used; a failure leaves more, which is no harm. */
static void fit(struct elf_ranges *r)
{
	struct elf_range *v = reallocarray(r->v, r->n + 1, sizeof(*v));
	char *names = realloc(r->names, r->names_bytes + 1);

	r->v = v ? v : r->v;
	r->names = names ? names : r->names;
}

int elf_ranges_init(struct elf_ranges *r, const struct elf_functions *l, struct err *err)
{
	struct flat f = { .to = r, .names = BUF_INIT(ELF_NAMES_MAX) };
	cleanup_free struct begun *stack = calloc(l->n + 1, sizeof(*stack));
	int rc;

	/* Each function begins once, and goes on once for each that ended within it. */
	*r = (struct elf_ranges){ .v = calloc(2 * l->n + 1, sizeof(*r->v)) };
	f.stack = stack;
	if (!r->v || !stack) {
		elf_ranges_fini(r);
		return err_set(err, -ENOMEM, "%zu functions", l->n);
	}
	rc = lay(&f, l);
	if (rc) {
		buf_fini(&f.names);
		elf_ranges_fini(r);
		return rc == -EMSGSIZE ? err_say(err, -EFBIG, "its names have more than %u bytes",
						 ELF_NAMES_MAX)
				       : err_set(err, rc, "names of functions");
	}
	r->names_bytes = f.names.len;
	r->names = f.names.data;
	fit(r);
	return 0;
}

void elf_ranges_fini(struct elf_ranges *r)
{
	free(r->v);
	free(r->names);
	*r = (struct elf_ranges){ 0 };
}

const char *elf_ranges_at(const struct elf_ranges *r, uint64_t address)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->v[middle].from <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - r->v[low - 1].from >= r->v[low - 1].bytes)
		return NULL;
	return r->names + r->v[low - 1].name;
}
