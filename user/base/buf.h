/* SPDX-License-Identifier: Apache-2.0 */
/* A growing, always NUL-terminated byte buffer that is born with a limit. */
#ifndef CBPF_BASE_BUF_H
#define CBPF_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data; /* owned; NULL while empty */
	size_t len; /* bytes used, without the NUL */
	size_t cap;
	size_t max; /* never holds more than this many bytes */
	int failed; /* first failure (-ENOMEM, -EMSGSIZE); later puts do nothing */
};

#define BUF_INIT(limit)                                                                            \
	{                                                                                          \
		.max = (limit)                                                                     \
	}

/* Each put returns 0 or the first failure; check @failed once at the end. */
int buf_put(struct buf *b, const void *data, size_t len);
int buf_puts(struct buf *b, const char *s);
__attribute__((format(printf, 2, 3))) int buf_printf(struct buf *b, const char *fmt, ...);
int buf_vprintf(struct buf *b, const char *fmt, va_list ap);

/* The text so far; "" when empty. Borrowed until the next put. */
const char *buf_str(const struct buf *b);

/* Hand the data to the caller, who frees it; "" is allocated when empty. */
char *buf_steal(struct buf *b);

/* Forget the content, keep the memory and the limit. */
void buf_reset(struct buf *b);
void buf_fini(struct buf *b);

#define cleanup_buf __attribute__((cleanup(buf_fini)))

#endif
