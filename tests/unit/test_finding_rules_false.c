// SPDX-License-Identifier: Apache-2.0
/* Reports in which something looks like a finding and is none, beside those in which it is. */
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "finding/finding.h"
#include "unit.h"

static const struct {
	const char *id, *what;
	bool found;
	const char *report; /* with ' for " */
} cases[] = {
#define VDA(ios, device, share)                                                                    \
	"'block': {'vda': {'write': {'ios': " ios ", 'device_ns': {'sum': " device "}}}}, "        \
	"'sharing': {'vda': {'share_ns': " share "}}"
#define HOST(share) "{'name': 'host', 'kind': 'host', 'sharing': {'vda': {'share_ns': " share "}}}"
#define A "{'name': 'a', 'kind': 'container', "
#define BLOCK "'backends': {'block': 'tp_btf'}, "
	{ "noisy-neighbour", "others had the device while it ran", true,
	  "{" BLOCK "'targets': [" A "'block': {'vda': {'read': {'ios': 500}}}, 'sharing': {'vda': "
	  "{'share_ns': 9, 'meanwhile': [{'name': 'a', 'kind': 'container', 'share_ns': 9}, "
	  "{'name': 'host', 'kind': 'host', 'share_ns': 9}]}}}, " HOST("9") "]}" },
	{ "noisy-neighbour", "others had it before and after", false,
	  "{" BLOCK "'targets': [" A "'block': {'vda': {'read': {'ios': 500}}}, 'sharing': {'vda': "
	  "{'share_ns': 9, 'meanwhile': [{'name': 'a', 'kind': 'container', 'share_ns': "
	  "9}]}}}, " HOST("900") "]}" },
	{ "noisy-neighbour", "it hardly asked the device for anything", false,
	  "{" BLOCK "'targets': [" A VDA("20", "5", "5") "}, " HOST("900") "]}" },
	{ "noisy-neighbour", "a request of the host that was not seen to end", false,
	  "{" BLOCK "'devices': [{'name': 'vda', 'busy_ns': 1e8, 'probe': {'busy_ns': 1e9}}], "
	  "'targets': [" A VDA("500", "5", "5") "}, " HOST("900") "]}" },
	{ "noisy-neighbour", "all requests of the host were seen", true,
	  "{" BLOCK "'devices': [{'name': 'vda', 'busy_ns': 1e9, 'probe': {'busy_ns': 1e9}}], "
	  "'targets': [" A VDA("500", "5", "5") "}, " HOST("900") "]}" },
	{ "starved", "one request at a time", true,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "1e9") "}]}" },
	{ "starved", "others keep the device busy", false,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "5e8") "}, {'name': 'b', 'kind': 'container', " VDA("500", "9e9",
										    "5e8") "}]}" },
	{ "starved", "many at once, of which one was not seen to end", false,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e8}], 'targets': [" A VDA(
		  "500", "8e8", "8e9") "}]}" },
	{ "starved", "its limit of I/O holds it back", false,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "1e9") ", 'io_limits': [{'device': 'vda', 'write_bps': 1000, "
				       "'write_bps_reached': 990}]}]}" },
	{ "starved", "its quota of CPU time holds it back", false,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9",
		  "1e9") ", 'cgroup': {'cpu_nr_periods': 10, 'cpu_nr_throttled': 9}}]}" },
	{ "starved", "the program that starts ranks elsewhere", false,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "1e9") ", 'ranks': [{'rank': 0, 'host': 'b'}]}]}" },
#define BACK                                                                                       \
	"'block': {'vda': {'read': {'ios': 4000, 'consecutive': 1000, 'forward': 0, "              \
	"'backward': 3000}}}"
#define IOR(tasks, command)                                                                        \
	"'results': [{'tool': 'ior', 'op': 'read', 'tasks': " tasks ", 'command': '" command "'}]"
	{ "random", "two ranks at random", true,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("2", "ior -F -z -r") "}]}" },
	{ "random", "one rank in order, and files in pieces", true,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("1", "ior -r") "}]}" },
	{ "random", "two ranks, each in order", false,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("2", "ior -F -r") "}]}" },
#define OPENS(dirtied)                                                                             \
	"{'targets': [" A "'results': [{'tool': 'ior', 'op': 'write', 'open_s': 0.6, 'total_s': "  \
	"1}], 'pagecache': {'dirtied_pages': " dirtied "}, 'vfs': {'write': {'bytes': 4096000}}, " \
	"'vfs_mounts': [{'fs': 'overlay', 'ops': {'write': {'bytes': 4096000}}}]}]}"
	{ "copy-up", "the kernel wrote more than the program", true, OPENS("100000") },
	{ "copy-up", "opening a new file takes most of a short phase", false, OPENS("1010") },
	{ "copy-up", "pages that did not become dirty", false, OPENS("0") },
#define UNOWNED                                                                                    \
	"{'name': 'unattributed (writeback)', 'kind': 'unattributed', 'block': {'vda': "           \
	"{'write': {'bytes': 100000000}}}}"
	{ "wb-unowned", "its dirty pages", true,
	  "{" BLOCK "'targets': [" A "'pagecache': {'dirtied_pages': 20000}}, " UNOWNED "]}" },
	{ "wb-unowned", "those of others", false,
	  "{" BLOCK "'targets': [" A "'pagecache': {'dirtied_pages': 20}}, " UNOWNED "]}" },
	{ "wb-unowned", "nobody knows whose", true,
	  "{" BLOCK "'targets': [" A "'x': 1}, " UNOWNED "]}" },
#define CLUSTER(bytes)                                                                             \
	"{" BLOCK "'targets': [" A                                                                 \
	"'ranks': [{'rank': 0, 'host': 'b'}, {'rank': 1, 'host': 'b'}], "                          \
	"'application': {'read': {'bytes': 100000000}}}, {'name': 'b', 'kind': 'container', "      \
	"'block_total': {'read': {'bytes': " bytes "}}}]}"
	{ "cache-reads", "where its ranks ran devices read nothing", true, CLUSTER("0") },
	{ "cache-reads", "where its ranks ran devices read it all", false, CLUSTER("100000000") },
#define SPLIT(moved)                                                                               \
	"{" BLOCK "'targets': [" A                                                                 \
	"'results': [{'tool': 'ior', 'op': 'read', 'xfer_kib': 1024}], "                           \
	"'application': {'read': {'bytes': " moved                                                 \
	"}}, 'block': {'vda': {'read': {'ios': 500, 'bytes': 5000000, 'size': {'buckets': "        \
	"[[8192, 500]]}}}}}]}"
	{ "split", "its reads, in small pieces", true, SPLIT("5000000") },
	{ "split", "its reads are from memory, and the program from a disk", false,
	  SPLIT("50000000") },
	{ "split", "less than the program that was loaded for it", false, SPLIT("3000000") },
	{ "split", "the program that starts ranks elsewhere", false,
	  "{" BLOCK "'targets': [" A
	  "'ranks': [{'rank': 0, 'host': 'b'}], 'results': [{'tool': 'ior', "
	  "'op': 'read', 'xfer_kib': 1024}], 'block': {'vda': {'read': {'ios': 500, 'size': "
	  "{'buckets': [[8192, 500]]}, 'bytes': "
	  "5000000}}}}]}" },
#define SAID(who, text)                                                                            \
	"{'targets': [" A "'exit_code': 0}], 'events': [{'what': 'said', 'target': '" who          \
	"', 'text': '" text "'}]}"
	{ "cma", "in the middle of its output", true,
	  SAID("a", "[x:1] Read -1, expected 9, errno = 1") },
	{ "cma", "another container's output", false, SAID("b", "Read -1, expected 9, errno = 1") },
	{ "shm", "Open MPI says so", true, SAID("a", "not enough space for /dev/shm/vader (the") },
	{ "shm", "its files are in memory, and one is not there", false,
	  "{'targets': [" A "'exit_code': 1, 'failure': 'cannot open /dev/shm/x'}]}" },
#define ASKED(op, command, more)                                                                   \
	"{" BLOCK "'targets': [" A "'results': [{'tool': 'ior', 'op': '" op                        \
	"', 'tasks': 2, 'bytes': 1000, "                                                           \
	"'dirty_at_end_bytes': 500, 'command': '" command "'}]" more "}]}"
#define MOVED(op)                                                                                  \
	", 'application': {'" op "': {'bytes': 40960000}}, 'pagecache': {'accessed_pages': 0, "    \
	"'dirtied_pages': 10000}, 'vfs': {'" op "': {'bytes': 40960000, 'errnos': {'EINVAL': 3}, " \
	"'latency_ns': {'sum': 10}}}, 'sched': {'inode_lock_sum_ns': 5}"
	{ "reorder-noop", "among other switches", true, ASKED("read", "ior -rCF", "") },
	{ "reorder-noop", "as a directive", true,
	  ASKED("read", "ior -O reorderTasksConstant=1", "") },
	{ "reorder-noop", "direct by a directive", false,
	  ASKED("read", "ior -C -O useO_DIRECT=1", "") },
	{ "stonewall", "as a directive", true,
	  ASKED("write", "ior -O deadlineForStonewalling=30", "") },
	{ "stonewall", "among other switches", true, ASKED("write", "ior -wD30", "") },
	{ "stonewall", "a directive, with wear-out", false,
	  ASKED("write", "ior -O deadlineForStonewalling=30,stoneWallingWearOut=1", "") },
	{ "stonewall", "with wear-out by its name", false,
	  ASKED("write", "ior -D 30 --stoneWallingWearOut", "") },
	{ "not-persisted", "no fsync", true, ASKED("write", "ior -O fsync=0", "") },
	{ "not-persisted", "fsync by a directive", false, ASKED("write", "ior -O fsync=1", "") },
	{ "not-persisted", "fsync among other switches", false, ASKED("write", "ior -weF", "") },
	{ "odirect-lost", "asked for by a directive", true,
	  ASKED("write", "ior -O useO_DIRECT=1", MOVED("write")) },
	{ "odirect-lost", "and refused", false,
	  ASKED("write", "ior -O useO_DIRECT=0", MOVED("write")) },
	{ "odirect-align", "asked for by a directive", true,
	  ASKED("write", "ior -O useO_DIRECT=1", MOVED("write")) },
	{ "compressible", "fsync among other switches", true,
	  ASKED("write", "ior -we", MOVED("write")) },
	{ "compressible", "random data by a directive", false,
	  ASKED("write", "ior -we -O dataPacketType=random", MOVED("write")) },
	{ "shared-file", "one file", true, ASKED("write", "ior -w", MOVED("write")) },
	{ "shared-file", "a file for each, among other switches", false,
	  ASKED("write", "ior -wF", MOVED("write")) },
	{ "random", "in random order, among other switches", true,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("2", "ior -rzF") "}]}" },
};

static json_t *load(const char *quoted)
{
	json_error_t error;
	char text[2048];
	json_t *o;

	snprintf(text, sizeof(text), "%s", quoted);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	o = json_loads(text, 0, &error);
	if (!o)
		fail_msg("%s in %s", error.text, text);
	return o;
}

static bool has(const json_t *findings, const char *id)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
		if (!strcmp(json_string_value(json_object_get(f, "id")), id))
			return true;
	return false;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *report = load(cases[i].report), *findings, *not_judged;
		struct err err = { 0 };

		assert_int_equal(findings_judge(report, NULL, &findings, &not_judged, &err), 0);
		if (has(findings, cases[i].id) != cases[i].found)
			fail_msg("%s, %s: %s", cases[i].id, cases[i].what,
				 cases[i].found ? "not found" : "found");
		json_decref(findings);
		json_decref(not_judged);
		json_decref(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
