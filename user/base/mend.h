/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside made fit for what takes only UTF-8. */
#ifndef CBPF_BASE_MEND_H
#define CBPF_BASE_MEND_H

/*
 * A copy of @text in which each byte that is no part of a well-formed sequence
 * (RFC 3629, section 4) is a '?': as many bytes, and the same where there is
 * none. Caller frees; NULL when out of memory.
 */
char *mend_utf8(const char *text);

#endif
