// SPDX-License-Identifier: Apache-2.0
/* Manual pages of made-up commands. */
#include "base/buf.h"
#include "cmd/help.h"
#include "commands.h"

static const struct command *const all[] = { &command_sail, &command_anchor, NULL };

static void expect_all(const struct buf *out, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strstr(buf_str(out), words[i]))
			fail_msg("'%s' is not in:\n%s", words[i], buf_str(out));
}

static void test_command_page(void **state)
{
	static const char *const words[] = {
		".Dt CBPF-SAIL 1\n",
		".Nd go to sea\n",
		"Hoists the sails.\nThen goes.\n", /* a sentence, a line */
		"\n\\&.Dd is no macro here, nor is a \\e.", /* and none by accident */
		".It Fl k , Fl Fl knots Ar \"N\"\n",
		".It Fl Fl [no-]ballast\n",
		"The preset is\n.Ql \"5\" .\n",
		".Xr cbpf 1\n",
	};
	cleanup_buf struct buf out = BUF_INIT(65536);

	(void)state;
	man_print(all, &command_sail, &out);
	assert_int_equal(out.failed, 0);
	expect_all(&out, words, sizeof(words) / sizeof(words[0]));
}

static void test_whole_page(void **state)
{
	static const char *const words[] = {
		".Dt CBPF 1\n", ".It Cm sail\n", ".It 130\n",
		".Xr cbpf-anchor 1 ,\n.Xr cbpf-sail 1\n", /* in alphabetical order */
	};
	cleanup_buf struct buf out = BUF_INIT(65536);

	(void)state;
	man_print(all, NULL, &out);
	assert_int_equal(out.failed, 0);
	expect_all(&out, words, sizeof(words) / sizeof(words[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_page),
		cmocka_unit_test(test_whole_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
