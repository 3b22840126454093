/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a container's stdout and stderr apart again. */
#ifndef CBPF_ENGINE_DEMUX_H
#define CBPF_ENGINE_DEMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEMUX_STDOUT 1
#define DEMUX_STDERR 2

/* Returns 0, or a negative errno that ends the stream. */
typedef int (*demux_sink)(void *arg, int stream, const char *data, size_t len);

/*
 * Frames are an 8-byte header (stream, three zeros, length big-endian) and as
 * many bytes as it says; @raw streams (of a terminal) have none. Start zeroed.
 */
struct demux {
	bool raw;
	uint8_t head[8];
	size_t have; /* bytes of @head */
	uint32_t left; /* of the frame's data */
};

/* Data may be cut anywhere. 0, -EPROTO for what is no header, or what @sink returned. */
int demux_feed(struct demux *d, const char *data, size_t len, demux_sink sink, void *arg);

#endif
