/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of a network namespace's interfaces. */
#ifndef CBPF_HOST_NETDEV_H
#define CBPF_HOST_NETDEV_H

#include <stdint.h>
#include <sys/types.h>

struct netdev_totals { /* over all interfaces but lo */
	uint64_t rx_bytes, rx_packets, tx_bytes, tx_packets;
};

/*
 * Text of /proc/net/dev. -EBADMSG when it is cut or not what it should be: a
 * part of the interfaces would be a wrong total.
 */
int netdev_parse(const char *text, struct netdev_totals *ret);

/* 1 when @pid has the caller's network namespace, 0 when another, or -errno. */
int netdev_shared_with(pid_t pid);

/* /proc/PID/net/dev, open: goes on counting for that namespace after @pid's end. fd or -errno. */
int netdev_open(pid_t pid);

#endif
