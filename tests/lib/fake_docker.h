/* SPDX-License-Identifier: Apache-2.0 */
/* The docker runtime on top of a fake engine, for a spec in YAML. */
#ifndef CBPF_TESTS_FAKE_DOCKER_H
#define CBPF_TESTS_FAKE_DOCKER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_engine.h"
#include "launch/docker.h"
#include "plan/plan.h"

/* Names of what it makes begin with this. */
#define FAKE_RUN "cbpf-run-"
#define FAKE_INFO                                                                                  \
	{                                                                                          \
		.request = "GET /v1.41/info", .status = 200,                                       \
		.answer = "{\"CgroupDriver\": \"cgroupfs\", \"DockerRootDir\": \"/\"}"             \
	}
#define FAKE_IMAGE                                                                                 \
	{                                                                                          \
		.request = "GET /v1.41/images/img/json", .status = 200,                            \
		.answer = "{\"Id\": \"1\", \"Config\": {\"Env\": [\"PATH=/bin:/opt\"]}}"           \
	}

struct fake_docker {
	char dir[64]; /* of the run; removed at close */
	struct fake_engine *f;
	struct spec *spec;
	struct plan *plan;
	struct target_set set;
	struct losses losses;
	struct buf notes; /* "target: text\n" */
	struct docker *d; /* NULL when it could not be opened */
	struct err err;
	int rc; /* of open */
};

/* Ends the test when the spec is wrong; what docker_open() said is in @rc and @err. */
void fake_docker_open(struct fake_docker *x, const char *yaml, const struct fake_exchange *v,
		      size_t n);
/* Also checks that the engine was asked for all that was expected. */
void fake_docker_close(struct fake_docker *x);

#define FAKE_DOCKER_OPEN(x, yaml, v) fake_docker_open(x, yaml, v, sizeof(v) / sizeof((v)[0]))

#endif
