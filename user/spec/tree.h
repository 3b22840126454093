/* SPDX-License-Identifier: Apache-2.0 */
/* Any YAML as JSON, without regard to what a spec may say. */
#ifndef CBPF_SPEC_TREE_H
#define CBPF_SPEC_TREE_H

#include <jansson.h>
#include <stddef.h>

/*
 * @text as a new value: mappings are objects, lists are arrays, scalars are texts as they are
 * written, and nothing is null. NULL: no YAML, none that a spec could be written in (as of doc.h,
 * or nested too deep), or no memory.
 */
json_t *spec_tree(const char *text, size_t len);

#endif
