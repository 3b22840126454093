// SPDX-License-Identifier: Apache-2.0
/* Network counters: the kernel's table, its parts and what is no table. */
#include "host/netdev.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"

#define HEAD                                                                                       \
	"Inter-|   Receive                                                |  Transmit\n"           \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"

static void tables(void **state)
{
	static const struct {
		const char *label, *text;
		int rc;
		struct netdev_totals want;
	} cases[] = {
		{ "all but lo are added",
		  HEAD "    lo: 99 9 0 0 0 0 0 0 99 9 0 0 0 0 0 0\n"
		       "  eth0: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n"
		       "  eth1: 100 3 0 0 0 0 0 0 200 4 0 0 0 0 0 0\n",
		  0,
		  { 110, 4, 220, 6 } },
		{ "a long number stands right behind the colon",
		  HEAD "eth0:18446744073709551615 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n",
		  0,
		  { UINT64_MAX, 1, 20, 2 } },
		{ "an alias has a colon of its own",
		  HEAD "eth0:1: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n",
		  0,
		  { 10, 1, 20, 2 } },
		{ "names that begin with lo are not lo",
		  HEAD "lo0: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n",
		  0,
		  { 10, 1, 20, 2 } },
		{ "a namespace with lo alone has moved nothing",
		  HEAD "lo: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n",
		  0,
		  { 0 } },
		{ "a cut table has no totals",
		  HEAD "eth0: 10 1 0 0 0 0 0 0 20 2",
		  -EBADMSG,
		  { 0 } },
		{ "a line with too few numbers", HEAD "eth0: 10 1 0\n", -EBADMSG, { 0 } },
		{ "a number that overflows",
		  HEAD "eth0: 99999999999999999999 1 0 0 0 0 0 0 20 2\n",
		  -EBADMSG,
		  { 0 } },
		{ "no header", "eth0: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n", -EBADMSG, { 0 } },
		{ "nothing", "", -EBADMSG, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netdev_totals t = { 0 };
		int rc = netdev_parse(cases[i].text, &t);

		if (rc != cases[i].rc || t.rx_bytes != cases[i].want.rx_bytes ||
		    t.rx_packets != cases[i].want.rx_packets ||
		    t.tx_bytes != cases[i].want.tx_bytes ||
		    t.tx_packets != cases[i].want.tx_packets)
			fail_msg("%s: %d", cases[i].label, rc);
	}
}

static void the_real_table(void **state)
{
	cleanup_close int fd = netdev_open(getpid());
	struct netdev_totals t;
	char text[16384];

	(void)state;
	assert_true(fd >= 0);
	assert_true(fs_pread_text(fd, text, sizeof(text)) > 0);
	assert_int_equal(netdev_parse(text, &t), 0);
	assert_int_equal(netdev_shared_with(getpid()), 1);
}

static void processes_that_are_not(void **state)
{
	(void)state;
	assert_int_equal(netdev_shared_with(-1), -ENOENT);
	assert_int_equal(netdev_open(-1), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(the_real_table),
		cmocka_unit_test(processes_that_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
