/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C: once means end the run properly, twice means at once. */
#ifndef CBPF_RUN_INTERRUPT_H
#define CBPF_RUN_INTERRUPT_H

#include <stdatomic.h>

struct err;

/* Catch SIGINT, SIGTERM and SIGHUP from now on; SIGPIPE is ignored. */
int interrupt_install(struct err *err);

/* How often the user has asked to stop. */
int interrupt_count(void);

/* Set at the first signal: lets calls that take long give up with -EINTR. */
const atomic_bool *interrupt_flag(void);

/* Set at the second one. */
const atomic_bool *interrupt_at_once_flag(void);

#endif
