/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup attributes for things that live as long as a scope. */
#ifndef CBPF_BASE_CLEANUP_H
#define CBPF_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_p(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close_p(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose_p(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_closedir_p(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_p)))
#define cleanup_close __attribute__((cleanup(cleanup_close_p)))
#define cleanup_fclose __attribute__((cleanup(cleanup_fclose_p)))
#define cleanup_closedir __attribute__((cleanup(cleanup_closedir_p)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
