// SPDX-License-Identifier: Apache-2.0
/* Keeps the header that has come so far and how much of the frame is left. */
#include "engine/demux.h"

#include <errno.h>
#include <string.h>

static int take_header(struct demux *d, const char **data, size_t *len)
{
	size_t n = sizeof(d->head) - d->have < *len ? sizeof(d->head) - d->have : *len;
	const uint8_t *h = d->head;

	memcpy(d->head + d->have, *data, n);
	d->have += n;
	*data += n;
	*len -= n;
	if (d->have < sizeof(d->head))
		return 0;
	if (h[0] > DEMUX_STDERR || h[1] || h[2] || h[3])
		return -EPROTO;
	d->left = (uint32_t)h[4] << 24 | h[5] << 16 | h[6] << 8 | h[7];
	if (!d->left)
		d->have = 0;
	return 0;
}

int demux_feed(struct demux *d, const char *data, size_t len, demux_sink sink, void *arg)
{
	while (len) {
		size_t n;
		int rc;

		if (d->raw)
			return sink(arg, DEMUX_STDOUT, data, len);
		if (d->have < sizeof(d->head)) {
			rc = take_header(d, &data, &len);
			if (rc)
				return rc;
			continue;
		}
		n = d->left < len ? d->left : len;
		/* Stream 0 is stdin echoed back; it belongs with the output. */
		rc = sink(arg, d->head[0] == DEMUX_STDERR ? DEMUX_STDERR : DEMUX_STDOUT, data, n);
		if (rc)
			return rc;
		data += n;
		len -= n;
		d->left -= n;
		if (!d->left)
			d->have = 0;
	}
	return 0;
}
