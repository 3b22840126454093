/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPUs events can be opened on. */
#ifndef CBPF_PROBE_CPUS_H
#define CBPF_PROBE_CPUS_H

#include <sched.h>

/* Those that are online, of the first CPU_SETSIZE (1024). 0 or -errno. */
int probe_cpus_online(cpu_set_t *ret);

#endif
