/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What happens at nearly every event stands together, since each line of code has to be fetched. */
#ifndef CBPF_LIKELY_BPF_H
#define CBPF_LIKELY_BPF_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
