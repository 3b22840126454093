// SPDX-License-Identifier: Apache-2.0
/* The environment variables mean what the docker and podman command lines take them to mean. */
#include "engine/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define DOCKER_SOCKET "unix:///var/run/docker.sock"
#define PODMAN_SOCKET "unix:///run/podman/podman.sock"

static bool is_set(const char *s)
{
	return s && *s;
}

static int parse_unix(const char *host, struct engine_endpoint *ep, struct err *err)
{
	const char *path = host + strlen("unix://");

	if (*path != '/')
		return err_say(err, -EINVAL,
			       "engine address '%s': a unix socket needs an absolute path, as in "
			       "unix:///var/run/docker.sock",
			       host);
	if (strlen(path) >= sizeof(ep->socket))
		return err_say(err, -EINVAL,
			       "engine address '%s': a unix socket's path has at most %zu bytes",
			       host, sizeof(ep->socket) - 1);
	strcpy(ep->socket, path);
	strcpy(ep->base, "http://localhost");
	return 0;
}

static int parse_tcp(const char *host, struct engine_endpoint *ep, struct err *err)
{
	const char *rest = strstr(host, "://") + 3;
	size_t len = strcspn(rest, "/");
	const char *port = memchr(rest, ']', len);

	if (!strncmp(host, "https:", 6))
		ep->tls = true;
	port = memchr(port ? port : rest, ':', len - (port ? (size_t)(port - rest) : 0));
	if (!len || rest[len + (rest[len] == '/')] || (port && port == rest))
		return err_say(err, -EINVAL,
			       "engine address '%s': expected a host and a port, as in "
			       "tcp://127.0.0.1:2376",
			       host);
	if (len >= sizeof(ep->base) - 32)
		return err_say(err, -EINVAL, "engine address '%s': too long", host);
	snprintf(ep->base, sizeof(ep->base), "%s://%.*s%s", ep->tls ? "https" : "http", (int)len,
		 rest,
		 port	   ? ""
		 : ep->tls ? ":2376"
			   : ":2375");
	return 0;
}

static int set_files(const char *dir, const char *below, struct engine_endpoint *ep,
		     struct err *err)
{
	const struct {
		char *to;
		const char *name;
	} files[] = { { ep->ca, "ca.pem" }, { ep->cert, "cert.pem" }, { ep->key, "key.pem" } };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (snprintf(files[i].to, PATH_MAX, "%s%s/%s", dir, below, files[i].name) >=
		    PATH_MAX)
			return err_set(err, -ENAMETOOLONG, "certificates of the engine in '%s'",
				       dir);
	return 0;
}

int engine_endpoint_parse(const char *host, const char *cert_path, const char *tls_verify,
			  const char *home, struct engine_endpoint *ret, struct err *err)
{
	struct engine_endpoint ep = { 0 };
	int rc;

	if (snprintf(ep.shown, sizeof(ep.shown), "%s", host) >= (int)sizeof(ep.shown))
		return err_say(err, -EINVAL, "engine address '%.60s...': too long", host);
	ep.verify = true;
	if (!strncmp(host, "unix://", 7)) {
		rc = parse_unix(host, &ep, err);
	} else if (!strncmp(host, "tcp://", 6) || !strncmp(host, "http://", 7) ||
		   !strncmp(host, "https://", 8)) {
		ep.tls = is_set(cert_path) || is_set(tls_verify);
		rc = parse_tcp(host, &ep, err);
		if (!rc && (is_set(cert_path) || is_set(tls_verify))) {
			ep.verify = is_set(tls_verify);
			rc = is_set(cert_path) ? set_files(cert_path, "", &ep, err)
					       : set_files(is_set(home) ? home : "/root",
							   "/.docker", &ep, err);
		}
	} else {
		rc = err_say(err, -EINVAL,
			     "engine address '%s' is not understood: expected unix:///PATH or "
			     "tcp://HOST:PORT%s",
			     host,
			     strncmp(host, "ssh://", 6)
				     ? ""
				     : "; for ssh, forward the socket: ssh -nNT -L "
				       "/tmp/docker.sock:/var/run/docker.sock HOST");
	}
	if (!rc)
		*ret = ep;
	return rc;
}

int engine_endpoint_docker(struct engine_endpoint *ret, struct err *err)
{
	const char *host = getenv("DOCKER_HOST");

	return engine_endpoint_parse(is_set(host) ? host : DOCKER_SOCKET,
				     getenv("DOCKER_CERT_PATH"), getenv("DOCKER_TLS_VERIFY"),
				     getenv("HOME"), ret, err);
}

int engine_endpoint_podman(struct engine_endpoint *ret, struct err *err)
{
	const char *host = getenv("CONTAINER_HOST");

	return engine_endpoint_parse(is_set(host) ? host : PODMAN_SOCKET, NULL, NULL, NULL, ret,
				     err);
}
