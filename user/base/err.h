/* SPDX-License-Identifier: Apache-2.0 */
/* Why a call failed, in words; reporting a failure cannot itself fail. */
#ifndef CBPF_BASE_ERR_H
#define CBPF_BASE_ERR_H

/*
 * The caller owns it, usually on the stack. Nothing is allocated. A message
 * says what was attempted, on what, why it failed and, where the user can do
 * something, what.
 */
struct err {
	int code; /* negative errno; 0 while nothing failed */
	char text[1024]; /* outermost context first */
};

/*
 * Record a failure and return @code (negative errno), so that callers can
 * `return err_set(...)`. The words of errno are appended.
 */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int code, const char *fmt, ...);

/* As err_set(), but the message is complete: errno's words are left out. */
__attribute__((format(printf, 3, 4))) int err_say(struct err *err, int code, const char *fmt, ...);

/* Put context in front of a failure already recorded; returns its code. */
__attribute__((format(printf, 2, 3))) int err_wrap(struct err *err, const char *fmt, ...);

#endif
