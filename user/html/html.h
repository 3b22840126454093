/* SPDX-License-Identifier: Apache-2.0 */
/* The report as one HTML file with its charts: the page that web/ is built into, and the run's data. */
#ifndef CBPF_HTML_HTML_H
#define CBPF_HTML_HTML_H

#include <jansson.h>
#include <stdbool.h>

struct buf;
struct err;
struct store;

/* Of the whole page; what has more is refused (-EMSGSIZE). */
#define HTML_MAX (64u << 20)

/* False: this program was built without the page (WEB=0), and html_page() fails with -ENOTSUP. */
bool html_available(void);

/*
 * The page, appended to @out: @report is what report_build() made of @s, from which the series
 * over time come. -EMSGSIZE: it has more than @out may; -ENOMEM; or what reading @s failed with.
 * @err has the words.
 */
int html_page(struct store *s, const json_t *report, struct buf *out, struct err *err);

/* The same of what report_compare() made with its buckets. */
int html_compare_page(const json_t *comparison, struct buf *out, struct err *err);

#endif
