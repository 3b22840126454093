/* SPDX-License-Identifier: Apache-2.0 */
/* Files as a process with another root sees them. */
#ifndef CBPF_SYMBOL_ROOT_H
#define CBPF_SYMBOL_ROOT_H

#include <stdint.h>

/*
 * @path below @root (a directory's descriptor, /proc/PID/root say; borrowed), open for reading: a
 * descriptor or -errno. Symbolic links, absolute ones and "..", stay below @root; links of
 * /proc that lead anywhere (-ELOOP) are not followed. -EINVAL: it is no regular file. Nothing
 * else is opened, since with devices and FIFOs that alone can do something, or block.
 */
int root_open(int root, const char *path);

/*
 * The same of the file that is mapped from @start to @end in the process whose directory in /proc is @process
 * (borrowed), wherever it is, and though it is removed or replaced. Needs CAP_SYS_ADMIN.
 */
int root_open_mapping(int process, uint64_t start, uint64_t end);

#endif
