// SPDX-License-Identifier: Apache-2.0
/* The page that web/ is built into, as a part of this program; the build says where it is. */
#include "html/html.h"
#include "html/parts.h"

#ifdef CBPF_PAGE
__asm__(".pushsection .rodata\n"
	".global cbpf_page\n"
	"cbpf_page:\n"
	".incbin \"" CBPF_PAGE "\"\n"
	".global cbpf_page_end\n"
	"cbpf_page_end:\n"
	".byte 0\n"
	".popsection\n");
extern const char cbpf_page[], cbpf_page_end[];

const char *html_template(size_t *ret_len)
{
	*ret_len = cbpf_page_end - cbpf_page;
	return cbpf_page;
}
#else
const char *html_template(size_t *ret_len)
{
	*ret_len = 0;
	return "";
}
#endif

bool html_available(void)
{
	size_t len;

	(void)html_template(&len);
	return len > 0;
}
