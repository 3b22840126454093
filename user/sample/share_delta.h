/* SPDX-License-Identifier: Apache-2.0 */
/* Who was in each device within a tick, and what they lost to each other. */
#ifndef CBPF_SAMPLE_SHARE_DELTA_H
#define CBPF_SAMPLE_SHARE_DELTA_H

#include <stdbool.h>
#include <stdint.h>

struct block_probe;
struct err;
struct frame;
struct owner_map;
struct share_delta;

int share_delta_open(struct share_delta **ret, struct err *err);

/*
 * Put what changed since the last call into @f, as of @now_ns. Owners that are
 * not known yet, and what finds no room, are left for the next call; with @last
 * the answers of @owners are final.
 */
void share_delta_put(struct share_delta *d, struct block_probe *probe, struct owner_map *owners,
		     uint64_t now_ns, bool last, struct frame *f);

void share_delta_close(struct share_delta *d);

#endif
