// SPDX-License-Identifier: Apache-2.0
/* What an engine sends, cut where the network likes; and its address, as users write it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/demux.h"
#include "engine/endpoint.h"
#include "engine/pull.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(void *arg, int stream, const char *data, size_t len)
{
	uint64_t *sum = arg;

	/* Each byte weighs by its place and its stream, so that any difference shows. */
	for (size_t i = 0; i < len; i++)
		*sum = *sum * 31 + (uint8_t)data[i] * 4 + (unsigned int)stream;
	return 0;
}

static uint64_t demux_in_steps(const char *text, size_t size, bool raw, size_t step, int *ret_rc)
{
	struct demux d = { .raw = raw };
	uint64_t sum = 0;
	int rc = 0;

	for (size_t at = 0; at < size && !rc; at += step)
		rc = demux_feed(&d, text + at, size - at < step ? size - at : step, count, &sum);
	*ret_rc = rc;
	return sum;
}

static void try_demux(const char *text, size_t size, bool raw, size_t step)
{
	int rc, rc_whole;
	uint64_t sum = demux_in_steps(text, size, raw, step, &rc);

	if (sum != demux_in_steps(text, size, raw, size + 1, &rc_whole) || rc != rc_whole)
		abort();
}

static void try_pull(const char *text, size_t size, size_t step)
{
	uint64_t done, total;
	struct pull p;

	pull_init(&p);
	for (size_t at = 0; at < size; at += step)
		if (pull_feed(&p, text + at, size - at < step ? size - at : step))
			break;
	pull_totals(&p, &done, &total);
	pull_fini(&p);
}

static void try_endpoint(const char *text, size_t size)
{
	char *host = strndup(text, size);
	struct engine_endpoint ep;
	struct err err;

	if (!host)
		return;
	(void)engine_endpoint_parse(host, NULL, "1", "/home", &ep, &err);
	free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (!size)
		return 0;
	try_demux(text, size - 1, data[0] & 1, (data[0] >> 1) + 1);
	try_pull(text, size - 1, (data[0] >> 1) + 1);
	try_endpoint(text, size - 1);
	return 0;
}
