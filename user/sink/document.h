/* SPDX-License-Identifier: Apache-2.0 */
/* The document of measurements, from their tables. */
#ifndef CBPF_SINK_DOCUMENT_H
#define CBPF_SINK_DOCUMENT_H

struct buf;

/* Markdown: every measurement with its tags and fields. 0 or -errno. */
int measure_document(struct buf *out);

#endif
