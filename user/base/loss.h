/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that was dropped, missed, estimated or could not be measured, and why. */
#ifndef CBPF_BASE_LOSS_H
#define CBPF_BASE_LOSS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define LOSS_MAX 128

struct loss {
	char what[96]; /* "block.start_missing", "collector rdt" */
	char reason[256];
	uint64_t count; /* how often; 1 for a plain fact */
};

/* Thread-safe; what does not fit is counted in the last entry, "other". */
struct losses {
	pthread_mutex_t lock;
	size_t n;
	struct loss v[LOSS_MAX];
};

#define LOSSES_INIT                                                                                \
	{                                                                                          \
		.lock = PTHREAD_MUTEX_INITIALIZER                                                  \
	}

/* Adds @count to the entry with this @what and reason, which is made when new. */
__attribute__((format(printf, 4, 5))) void loss_add(struct losses *l, const char *what,
						    uint64_t count, const char *fmt, ...);

/* For counters that are read as a total: the entry called @what becomes @count; none at 0. */
void loss_set(struct losses *l, const char *what, uint64_t count, const char *reason);

/* Adds all of @from to @l, and leaves @from empty. */
void loss_move(struct losses *l, struct losses *from);
void loss_forget(struct losses *l); /* all of it */

#endif
