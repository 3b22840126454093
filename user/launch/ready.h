/* SPDX-License-Identifier: Apache-2.0 */
/* Is a target ready? One bounded look, by a command inside it or by a TCP port. */
#ifndef CBPF_LAUNCH_READY_H
#define CBPF_LAUNCH_READY_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct runtime;
struct spec_ready;

/*
 * 0 when it is ready; -EAGAIN when it is not, with what was seen in @err.
 * -EINTR and -ENOTCONN are the runtime's. Blocks for 2 s at most.
 */
int ready_check(const struct runtime *runtime, void *state, size_t i, const struct spec_ready *r,
		struct err *err);

/*
 * The same, and what is sent there by itself begins with @banner: -EPROTO when it begins
 * with something else, -ETIMEDOUT when nothing came.
 */
int ready_banner(const char *address, uint16_t port, const char *banner, uint64_t timeout_ns);

/* 0 when @address accepts TCP connections on @port within @timeout_ns, else a negative errno. */
int ready_port(const char *address, uint16_t port, uint64_t timeout_ns);

#endif
