/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that asks an engine for one container; pure. */
#ifndef CBPF_LAUNCH_DOCKER_BODY_H
#define CBPF_LAUNCH_DOCKER_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct docker_mount;
struct err;
struct plan;
struct spec_attachment;
struct spec_container;
struct str_list;
struct str_map;

struct docker_body {
	const struct plan *plan; /* tells which networks are the run's own */
	const struct spec_container *c;
	const struct str_list *argv; /* empty: the image's own command */
	bool whole_command; /* argv is all of it: the image's entrypoint is not asked for */
	const struct str_map *env; /* added to the container's own */
	const struct str_map *labels; /* added to the container's own */
	const struct docker_mount *mounts;
	size_t n_mounts;
	const char *io_node; /* "/dev/vda" for the I/O limits; NULL when there are none */
	const char *log_driver;
};

/* -EINVAL with words for what the engine would misunderstand. */
int docker_body(const struct docker_body *b, json_t **ret, struct err *err);

/* EndpointSettings of one network. NULL when out of memory. */
json_t *docker_body_endpoint(const struct spec_container *c, const struct spec_attachment *a);

/*
 * What the engine is to call the network @name of the spec: the run's id stands
 * before it, unless the spec does not declare it and means one that exists.
 */
void docker_body_network(const struct plan *plan, const char *name, char *text, size_t size);

#endif
