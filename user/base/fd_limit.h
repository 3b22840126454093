/* SPDX-License-Identifier: Apache-2.0 */
/* How many descriptors this process may have, which its children must not notice. */
#ifndef CBPF_BASE_FD_LIMIT_H
#define CBPF_BASE_FD_LIMIT_H

#include <stddef.h>

/*
 * Room for @more descriptors than before, as far as the hard limit allows: who
 * opens them sees what is missing. Not to be called while another thread does.
 */
void fd_limit_raise(size_t more);

/* In a child, between fork and exec: the limit that cbpf was started with. Async-signal-safe. */
void fd_limit_restore(void);

#endif
