/* SPDX-License-Identifier: Apache-2.0 */
/* A process beside ours, for calls that may never come back: it can be left behind, and we go on. */
#ifndef CBPF_BASE_ASIDE_H
#define CBPF_BASE_ASIDE_H

#include <stdint.h>
#include <sys/types.h>

#define ASIDE_SOCK 3 /* descriptor of its end of the socket, all that it has open but /dev/null */

/*
 * Runs @main in a copy of this process, called @name (15 bytes), which ends when @main returns. It
 * has our memory as it is now, no signals, "/" as its directory, and one end of a socket of @type
 * (SOCK_SEQPACKET or alike); ours is *ret_sock. Both are ended by aside_end(). -errno.
 */
int aside_start(const char *name, int type, void (*main)(void *arg), void *arg, int *ret_sock,
		pid_t *ret_pid);
/*
 * Closes @sock, at which the other is to end by itself; after 200 ms it is killed, and after as
 * long again it is left, since it hangs in the kernel.
 */
void aside_end(int sock, pid_t pid);
/* CPU time, and the most memory it had, ours included; what is unknown is left as it is. */
void aside_cost(pid_t pid, uint64_t *ret_cpu_ns, uint64_t *ret_rss_max_bytes);

#endif
