/* SPDX-License-Identifier: Apache-2.0 */
/* The document of findings, from their table. */
#ifndef CBPF_FINDING_DOCUMENT_H
#define CBPF_FINDING_DOCUMENT_H

struct buf;

/* Markdown: every rule with what it says, why, its thresholds, and what to do. 0 or -errno. */
int findings_document(struct buf *out);

#endif
