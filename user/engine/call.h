/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls of one engine share: its versioned address and JSON both ways. */
#ifndef CBPF_ENGINE_CALL_H
#define CBPF_ENGINE_CALL_H

#include <jansson.h>

#include "engine/http.h"

struct str_map;

struct engine {
	struct http_server server;
	char prefix[24]; /* "/v1.41"; "" before a version is agreed on */
	char version[64]; /* of the engine */
};

#define CALL_PATH_MAX 4096
#define CALL_TIMEOUT_MS 60000

/*
 * @how: method, path without the version, and what else differs; its body is
 * @body, stolen (NULL: its own, if it has one). @ret_json (may be NULL) gets the
 * answer, a new reference.
 */
int call_json(struct engine *e, const struct http_call *how, json_t *body, json_t **ret_json,
	      struct err *err);

/*
 * "/containers/" and the like, @name escaped, and @rest, into @path of
 * CALL_PATH_MAX bytes.
 */
int call_path(char *path, const char *before, const char *name, const char *rest, struct err *err);

/* The string at @key, or "". */
const char *call_text(const json_t *object, const char *key);
/* A JSON object of strings; NULL when out of memory. */
json_t *call_labels(const struct str_map *labels);

#endif
