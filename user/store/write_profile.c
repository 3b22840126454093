// SPDX-License-Identifier: Apache-2.0
/* Rows of a sampling profile. */
#include "base/cleanup.h"
#include "base/err.h"
#include "base/mend.h"
#include "store/internal.h"
#include "store/row.h"

static int put_run(struct store *s, const struct store_profile *p)
{
	struct row r = row_of(s, STMT_PROFILE_RUN);

	row_int(&r, p->frequency_hz);
	row_int(&r, p->samples);
	row_int_if(&r, p->expected, p->expected);
	row_int(&r, p->idle);
	row_int(&r, p->others);
	row_int(&r, p->lost);
	return row_end(&r);
}

static int put_stack(struct store *s, const struct store_profile_stack *stack)
{
	/* Programs call themselves and their functions anything. */
	cleanup_free char *text = mend_utf8(stack->stack);
	struct row r;

	if (!text)
		return SQLITE_NOMEM;
	r = row_of(s, STMT_PROFILE);
	row_int(&r, stack->target);
	row_text(&r, text);
	row_int(&r, stack->samples);
	return row_end(&r);
}

int store_put_profile(struct store *s, const struct store_profile *p, struct err *err)
{
	int rc;

	if (store_begin(s, "write a profile to", err))
		return err->code;
	rc = put_run(s, p);
	for (size_t i = 0; rc == SQLITE_OK && i < p->n_stacks; i++)
		rc = put_stack(s, &p->stacks[i]);
	return store_end(s, rc, "write a profile to", err);
}
