// SPDX-License-Identifier: Apache-2.0
/* The page of a comparison: all that report_compare() made, for the same script as a report's. */
#include "base/buf.h"
#include "html/html.h"
#include "html/parts.h"

int html_compare_page(const json_t *comparison, struct buf *out, struct err *err)
{
	int rc = html_open(out, err);

	if (rc)
		return rc;
	buf_puts(out, "{\"comparison\":");
	(void)html_json(out, comparison, NULL, 0); /* @out keeps the failure */
	buf_puts(out, "}\n");
	return html_close(out, err);
}
