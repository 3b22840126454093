// SPDX-License-Identifier: Apache-2.0
/* What is around the data of a page: the page that web/ is built into, before its mark and after. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "html/html.h"
#include "html/parts.h"

static const char *find_mark(size_t *ret_len)
{
	const char *page = html_template(ret_len);

	return memmem(page, *ret_len, HTML_DATA_MARK, strlen(HTML_DATA_MARK));
}

int html_open(struct buf *out, struct err *err)
{
	size_t len;
	const char *page = html_template(&len), *mark = find_mark(&len);

	if (!len)
		return err_say(err, -ENOTSUP,
			       "this cbpf was built without the HTML report (WEB=0): build it with "
			       "npm there, or use --json");
	if (!mark)
		return err_say(err, -EINVAL, "the page in this cbpf has no place for data");
	buf_put(out, page, mark - page);
	return 0;
}

int html_close(struct buf *out, struct err *err)
{
	size_t len;
	const char *page = html_template(&len);
	const char *rest = find_mark(&len) + strlen(HTML_DATA_MARK);

	buf_put(out, rest, page + len - rest);
	if (out->failed == -EMSGSIZE)
		return err_say(err, out->failed, "the page would have more than %zu MiB",
			       out->max >> 20);
	return out->failed ? err_set(err, out->failed, "cannot make a page") : 0;
}
