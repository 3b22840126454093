/* SPDX-License-Identifier: Apache-2.0 */
/* Where an engine listens and how to talk to it, from DOCKER_HOST and friends. */
#ifndef CBPF_ENGINE_ENDPOINT_H
#define CBPF_ENGINE_ENDPOINT_H

#include <limits.h>
#include <stdbool.h>

struct err;

struct engine_endpoint {
	char shown[320]; /* for people: "unix:///var/run/docker.sock" */
	char base[320]; /* scheme and authority of requests: "http://localhost" */
	char socket[108]; /* path of a unix socket; "" for TCP */
	bool tls; /* the three files below are used */
	bool verify; /* the server's certificate is checked */
	char ca[PATH_MAX], cert[PATH_MAX], key[PATH_MAX];
};

/*
 * @host: "unix:///PATH", "tcp://HOST[:PORT]", "http://..." or "https://...".
 * @cert_path and @tls_verify are the values of DOCKER_CERT_PATH and
 * DOCKER_TLS_VERIFY (NULL or "" when unset), @home stands in for an unset
 * cert path. -EINVAL with words for anything else.
 */
int engine_endpoint_parse(const char *host, const char *cert_path, const char *tls_verify,
			  const char *home, struct engine_endpoint *ret, struct err *err);

/* DOCKER_HOST and friends of the environment, else /var/run/docker.sock. */
int engine_endpoint_docker(struct engine_endpoint *ret, struct err *err);
/* CONTAINER_HOST of the environment, else /run/podman/podman.sock. */
int engine_endpoint_podman(struct engine_endpoint *ret, struct err *err);

#endif
