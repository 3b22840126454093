/* SPDX-License-Identifier: Apache-2.0 */
/* MPI-IO hints: from a file, from the environment, and back to the user. */
#ifndef CBPF_IOR_HINTS_H
#define CBPF_IOR_HINTS_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

/*
 * Collect IOR_HINT__MPI__<name>=<value> from @path (NULL: no file; '#' starts
 * a comment) and from the environment, which wins. @ret is MPI_INFO_NULL when
 * there is none, else the caller frees it. 0 or a negative errno.
 */
int hints_load(const char *path, MPI_Info *ret, struct err *err);

/* One line "IOR_HINT__MPI__name = value": true and both parts (borrowed from @line, which is cut). */
bool hints_split(char *line, char **ret_name, char **ret_value);

/* Print what is in effect on an open file, on rank 0. */
void hints_print(MPI_File fh, const char *path);

#endif
