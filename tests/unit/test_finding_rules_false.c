// SPDX-License-Identifier: Apache-2.0
/* Reports in which something looks like a finding and is none, beside those in which it is. */
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "finding/finding.h"
#include "unit.h"

enum verdict { FOUND, SILENT, NOT_JUDGED };

static const struct {
	const char *id, *what;
	enum verdict want;
	const char *report; /* with ' for " */
} cases[] = {
#define VDA(ios, device, share)                                                                    \
	"'block': {'vda': {'write': {'ios': " ios ", 'device_ns': {'sum': " device "}}}}, "        \
	"'sharing': {'vda': {'share_ns': " share "}}"
#define HOST(share) "{'name': 'host', 'kind': 'host', 'sharing': {'vda': {'share_ns': " share "}}}"
#define A "{'name': 'a', 'kind': 'container', "
#define BLOCK "'backends': {'block': 'tp_btf'}, "
	{ "noisy-neighbour", "others had the device while it ran", FOUND,
	  "{" BLOCK "'targets': [" A "'block': {'vda': {'read': {'ios': 500}}}, 'sharing': {'vda': "
	  "{'share_ns': 9, 'meanwhile': [{'name': 'a', 'kind': 'container', 'share_ns': 9}, "
	  "{'name': 'host', 'kind': 'host', 'share_ns': 9}]}}}, " HOST("9") "]}" },
	{ "noisy-neighbour", "others had it before and after", SILENT,
	  "{" BLOCK "'targets': [" A "'block': {'vda': {'read': {'ios': 500}}}, 'sharing': {'vda': "
	  "{'share_ns': 9, 'meanwhile': [{'name': 'a', 'kind': 'container', 'share_ns': "
	  "9}]}}}, " HOST("900") "]}" },
	{ "noisy-neighbour", "it hardly asked the device for anything", SILENT,
	  "{" BLOCK "'targets': [" A VDA("20", "5", "5") "}, " HOST("900") "]}" },
	{ "noisy-neighbour", "a request of the host that was not seen to end", NOT_JUDGED,
	  "{" BLOCK "'devices': [{'name': 'vda', 'busy_ns': 1e8, 'probe': {'busy_ns': 1e9}}], "
	  "'targets': [" A VDA("500", "5", "5") "}, " HOST("900") "]}" },
	{ "noisy-neighbour", "all requests of the host were seen", FOUND,
	  "{" BLOCK "'devices': [{'name': 'vda', 'busy_ns': 1e9, 'probe': {'busy_ns': 1e9}}], "
	  "'targets': [" A VDA("500", "5", "5") "}, " HOST("900") "]}" },
	{ "starved", "one request at a time", FOUND,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "1e9") "}]}" },
	{ "starved", "others keep the device busy", SILENT,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "5e8") "}, {'name': 'b', 'kind': 'container', " VDA("500", "9e9",
										    "5e8") "}]}" },
	{ "starved", "many at once, of which one was not seen to end", SILENT,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e8}], 'targets': [" A VDA(
		  "500", "8e8", "8e9") "}]}" },
	{ "starved", "its limit of I/O holds it back", SILENT,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "1e9") ", 'io_limits': [{'device': 'vda', 'write_bps': 1000, "
				       "'write_bps_reached': 990}]}]}" },
	{ "starved", "its quota of CPU time holds it back", SILENT,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9",
		  "1e9") ", 'cgroup': {'cpu_nr_periods': 10, 'cpu_nr_throttled': 9}}]}" },
	{ "starved", "the program that starts ranks elsewhere", NOT_JUDGED,
	  "{" BLOCK
	  "'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': 1e9}], 'targets': [" A VDA(
		  "500", "1e9", "1e9") ", 'ranks': [{'rank': 0, 'host': 'b'}]}]}" },
#define BACK                                                                                       \
	"'block': {'vda': {'read': {'ios': 4000, 'consecutive': 1000, 'forward': 0, "              \
	"'backward': 3000}}}"
#define IOR(tasks, command)                                                                        \
	"'results': [{'tool': 'ior', 'op': 'read', 'tasks': " tasks ", 'command': '" command "'}]"
	{ "random", "two ranks at random", FOUND,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("2", "ior -F -z -r") "}]}" },
	{ "random", "one rank in order, and files in pieces", FOUND,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("1", "ior -r") "}]}" },
	{ "random", "two ranks, each in order", SILENT,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("2", "ior -F -r") "}]}" },
#define OPENS(dirtied)                                                                             \
	"{'targets': [" A "'results': [{'tool': 'ior', 'op': 'write', 'open_s': 0.6, 'total_s': "  \
	"1}], 'pagecache': {'dirtied_pages': " dirtied "}, 'vfs': {'write': {'bytes': 4096000}}, " \
	"'vfs_mounts': [{'fs': 'overlay', 'ops': {'write': {'bytes': 4096000}}}]}]}"
	{ "copy-up", "the kernel wrote more than the program", FOUND, OPENS("100000") },
	{ "copy-up", "opening a new file takes most of a short phase", SILENT, OPENS("1010") },
	{ "copy-up", "pages that did not become dirty", SILENT, OPENS("0") },
#define UNOWNED                                                                                    \
	"{'name': 'unattributed (writeback)', 'kind': 'unattributed', 'block': {'vda': "           \
	"{'write': {'bytes': 100000000}}}}"
	{ "wb-unowned", "its dirty pages", FOUND,
	  "{" BLOCK "'targets': [" A "'pagecache': {'dirtied_pages': 20000}}, " UNOWNED "]}" },
	{ "wb-unowned", "those of others", SILENT,
	  "{" BLOCK "'targets': [" A "'pagecache': {'dirtied_pages': 20}}, " UNOWNED "]}" },
	{ "wb-unowned", "nobody knows whose", FOUND,
	  "{" BLOCK "'targets': [" A "'x': 1}, " UNOWNED "]}" },
#define CLUSTER(bytes)                                                                             \
	"{" BLOCK "'targets': [" A                                                                 \
	"'ranks': [{'rank': 0, 'host': 'b'}, {'rank': 1, 'host': 'b'}], "                          \
	"'application': {'read': {'bytes': 100000000}}}, {'name': 'b', 'kind': 'container', "      \
	"'block_total': {'read': {'bytes': " bytes "}}}]}"
	{ "cache-reads", "where its ranks ran devices read nothing", FOUND, CLUSTER("0") },
	{ "cache-reads", "where its ranks ran devices read it all", SILENT, CLUSTER("100000000") },
#define SPLIT(moved)                                                                               \
	"{" BLOCK "'targets': [" A                                                                 \
	"'results': [{'tool': 'ior', 'op': 'read', 'xfer_kib': 1024}], "                           \
	"'application': {'read': {'bytes': " moved                                                 \
	"}}, 'block': {'vda': {'read': {'ios': 500, 'bytes': 5000000, 'size': {'buckets': "        \
	"[[8192, 500]]}}}}}]}"
	{ "split", "its reads, in small pieces", FOUND, SPLIT("5000000") },
	{ "split", "its reads are from memory, and the program from a disk", SILENT,
	  SPLIT("50000000") },
	{ "split", "less than the program that was loaded for it", SILENT, SPLIT("3000000") },
	{ "split", "the program that starts ranks elsewhere", NOT_JUDGED,
	  "{" BLOCK "'targets': [" A
	  "'ranks': [{'rank': 0, 'host': 'b'}], 'results': [{'tool': 'ior', "
	  "'op': 'read', 'xfer_kib': 1024}], 'block': {'vda': {'read': {'ios': 500, 'size': "
	  "{'buckets': [[8192, 500]]}, 'bytes': "
	  "5000000}}}}]}" },
#define SAID(who, text)                                                                            \
	"{'targets': [" A "'exit_code': 0}], 'events': [{'what': 'said', 'target': '" who          \
	"', 'text': '" text "'}]}"
	{ "cma", "in the middle of its output", FOUND,
	  SAID("a", "[x:1] Read -1, expected 9, errno = 1") },
	{ "cma", "another container's output", SILENT,
	  SAID("b", "Read -1, expected 9, errno = 1") },
	{ "shm", "Open MPI says so", FOUND, SAID("a", "not enough space for /dev/shm/vader (the") },
	{ "shm", "its files are in memory, and one is not there", SILENT,
	  "{'targets': [" A "'exit_code': 1, 'failure': 'cannot open /dev/shm/x'}]}" },
#define ASKED(op, command, more)                                                                   \
	"{" BLOCK "'targets': [" A "'results': [{'tool': 'ior', 'op': '" op                        \
	"', 'tasks': 2, 'bytes': 1000, "                                                           \
	"'dirty_at_end_bytes': 500, 'command': '" command "'}]" more "}]}"
#define MOVED(op)                                                                                  \
	", 'application': {'" op "': {'bytes': 40960000}}, 'pagecache': {'accessed_pages': 0, "    \
	"'dirtied_pages': 10000}, 'vfs': {'" op "': {'bytes': 40960000, 'errnos': {'EINVAL': 3}, " \
	"'latency_ns': {'sum': 10}}}, 'sched': {'inode_lock_sum_ns': 5}"
	{ "reorder-noop", "among other switches", FOUND, ASKED("read", "ior -rCF", "") },
	{ "reorder-noop", "as a directive", FOUND,
	  ASKED("read", "ior -O reorderTasksConstant=1", "") },
	{ "reorder-noop", "direct by a directive", SILENT,
	  ASKED("read", "ior -C -O useO_DIRECT=1", "") },
	{ "stonewall", "as a directive", FOUND,
	  ASKED("write", "ior -O deadlineForStonewalling=30", "") },
	{ "stonewall", "among other switches", FOUND, ASKED("write", "ior -wD30", "") },
	{ "stonewall", "a directive, with wear-out", SILENT,
	  ASKED("write", "ior -O deadlineForStonewalling=30,stoneWallingWearOut=1", "") },
	{ "stonewall", "with wear-out by its name", SILENT,
	  ASKED("write", "ior -D 30 --stoneWallingWearOut", "") },
	{ "not-persisted", "no fsync", FOUND, ASKED("write", "ior -O fsync=0", "") },
	{ "not-persisted", "fsync by a directive", SILENT, ASKED("write", "ior -O fsync=1", "") },
	{ "not-persisted", "fsync among other switches", SILENT, ASKED("write", "ior -weF", "") },
	{ "odirect-lost", "asked for by a directive", FOUND,
	  ASKED("write", "ior -O useO_DIRECT=1", MOVED("write")) },
	{ "odirect-lost", "and refused", SILENT,
	  ASKED("write", "ior -O useO_DIRECT=0", MOVED("write")) },
	{ "odirect-align", "asked for by a directive", FOUND,
	  ASKED("write", "ior -O useO_DIRECT=1", MOVED("write")) },
	{ "compressible", "fsync among other switches", FOUND,
	  ASKED("write", "ior -we", MOVED("write")) },
	{ "compressible", "random data by a directive", SILENT,
	  ASKED("write", "ior -we -O dataPacketType=random", MOVED("write")) },
	{ "shared-file", "one file", FOUND, ASKED("write", "ior -w", MOVED("write")) },
	{ "shared-file", "a file for each, among other switches", SILENT,
	  ASKED("write", "ior -wF", MOVED("write")) },
	{ "random", "in random order, among other switches", FOUND,
	  "{" BLOCK "'targets': [" A BACK ", " IOR("2", "ior -rzF") "}]}" },
#define IN_USER_SPACE(calls) ", 'vfs': {'read': {'bytes': 14946}" calls "}"
#define READ_BY(calls)                                                                             \
	"{" BLOCK "'targets': [" A "'application': {'read': {'bytes': 67108864}}" calls "}]}"
	{ "cache-reads", "a library in user space reads", NOT_JUDGED, READ_BY(IN_USER_SPACE("")) },
	{ "cache-reads", "it reads by calls", FOUND,
	  READ_BY(", 'vfs': {'read': {'bytes': 67108864}}") },
	{ "cache-reads", "it reads by io_uring", FOUND,
	  READ_BY(IN_USER_SPACE(", 'uring_read': {'bytes': 67108864}")) },
	{ "cache-reads", "it copies", FOUND,
	  READ_BY(IN_USER_SPACE(", 'copy': {'bytes': 67108864}")) },
	{ "cache-reads", "calls were looked at, and there were none", NOT_JUDGED,
	  "{'backends': {'block': 'tp_btf', 'vfs': 'kprobe'}, 'targets': [" A
	  "'application': {'read': {'bytes': 67108864}}}]}" },
#define CLIENT(op, app, client)                                                                    \
	"{" BLOCK "'targets': [" A "'ranks': [{'rank': 0, 'host': 'b'}], 'application': {'" op     \
	"': {'bytes': 100000000}}, "                                                               \
	"'vfs': {'" op "': {'bytes': 1000}}" app                                                   \
	"}, {'name': 'b', 'kind': 'container', 'vfs': {'" op "': {'bytes': 100000000}}" client     \
	"}]}"
#define ON(fs, op)                                                                                 \
	", 'vfs_mounts': [{'fs': '" fs "', 'mount': '/d', 'ops': {'" op "': {'bytes': "            \
	"100000000}}}]"
#define SYNCED ", 'results': [{'tool': 'ior', 'op': 'write', 'command': 'ior -w -e'}]"
	{ "cache-reads", "in a client, from a disk", FOUND,
	  CLIENT("read", "", ON("ext4", "read")) },
	{ "cache-reads", "in a client, over a network", NOT_JUDGED,
	  CLIENT("read", "", ON("nfs4", "read")) },
	{ "cache-reads", "in a client, in user space", NOT_JUDGED,
	  CLIENT("read", "", ON("fuse.x", "read")) },
	{ "cache-reads", "in a client, in memory", SILENT,
	  CLIENT("read", "", ON("tmpfs", "read")) },
	{ "cache-reads", "in a client, and what starts it is on a network", FOUND,
	  CLIENT("read", ON("nfs4", "read"), ON("ext4", "read")) },
	{ "cache-reads", "in a client, by a library", NOT_JUDGED,
	  CLIENT("read", "", ", 'vfs': {}") },
	{ "compressible", "in a client, to a disk", FOUND,
	  CLIENT("write", SYNCED, ON("ext4", "write")) },
	{ "compressible", "in a client, over a network", NOT_JUDGED,
	  CLIENT("write", SYNCED, ON("nfs4", "write")) },
	{ "compressible", "in a client, to memory", SILENT,
	  CLIENT("write", SYNCED, ON("tmpfs", "write")) },
	{ "compressible", "in a client, by a library", NOT_JUDGED,
	  CLIENT("write", SYNCED, ", 'vfs': {}") },
	{ "compressible", "in a client, and written back for nobody", SILENT,
	  "{" BLOCK "'devices': [{'name': 'vda', 'write': {'bytes': 100000000}}], 'targets': [" A
	  "'ranks': [{'rank': 0, 'host': 'b'}], 'application': {'write': {'bytes': "
	  "100000000}}" SYNCED "}, {'name': 'b', 'writeback': 'unattributed'}]}" },
#define REORDERED(from_device, calls)                                                              \
	"{" BLOCK "'targets': [" A                                                                 \
	"'application': {'read': {'bytes': 67108864}}, 'vfs': {'read': {'bytes': " calls           \
	"}}, 'block_total': {'read': {'bytes': " from_device "}}, " IOR("2", "ior -C -r") "}]}"
	{ "reorder-noop", "from memory", FOUND, REORDERED("1000000", "67108864") },
	{ "reorder-noop", "caches were dropped", SILENT, REORDERED("67108864", "67108864") },
	{ "reorder-noop", "a library that keeps nothing", NOT_JUDGED,
	  REORDERED("1000000", "14946") },
#define TEST(test, iteration, bw)                                                                  \
	"{'tool': 'ior', 'op': 'read', 'test': " test ", 'iteration': " iteration                  \
	", 'bw_mib_s': " bw ", 'total_s': 10, 'xfer_kib': 64, 'block_kib': 64, 'tasks': 1}"
#define THREE(test, a, b, c) TEST(test, "0", a) ", " TEST(test, "1", b) ", " TEST(test, "2", c)
#define RESULTS(more) "'results': [" more "]"
	{ "few-reps", "tests that differ, whose repetitions do not", SILENT,
	  "{'targets': [" A RESULTS(
		  THREE("0", "100", "101", "99") ", " THREE("1", "900", "901", "899")) "}]}" },
	{ "few-reps", "repetitions of the second test", FOUND,
	  "{'targets': [" A RESULTS(
		  THREE("0", "100", "101", "99") ", " THREE("1", "900", "400", "899")) "}]}" },
	{ "few-reps", "three tests, once each", FOUND,
	  "{'targets': [" A RESULTS(TEST("0", "0", "100") ", " TEST("1", "0", "100") ", " TEST(
		  "2", "0", "100")) "}]}" },
	{ "warming", "tests that are faster and faster", SILENT,
	  "{'targets': [" A RESULTS(TEST("0", "0", "100") ", " TEST("1", "0", "200") ", " TEST(
		  "2", "0", "300")) "}]}" },
	{ "warming", "the repetitions of one of them", FOUND,
	  "{'targets': [" A RESULTS(
		  TEST("0", "0", "900") ", " THREE("1", "100", "200", "300")) "}]}" },
#define RANK(op, seconds, more)                                                                    \
	"{'op': '" op "', 'iteration': 0, 'total_s': " seconds ", 'bytes': " seconds more "}"
#define RANKS(more) ", 'rank_results': [" more "]"
#define SLOW(test, seconds)                                                                        \
	"{'tool': 'ior', 'op': 'read', 'iteration': 0, 'test': " test ", 'total_s': " seconds "}"
	{ "straggler", "tests of unequal length, and nobody knows whose ranks", NOT_JUDGED,
	  "{'targets': [" A RESULTS(SLOW("0", "1") ", " SLOW("1", "9"))
		  RANKS(RANK("read", "1", "") ", " RANK("read", "9", "")) "}]}" },
	{ "imbalance", "the same of bytes", NOT_JUDGED,
	  "{'targets': [" A RESULTS(SLOW("0", "1") ", " SLOW("1", "9"))
		  RANKS(RANK("read", "1", "") ", " RANK("read", "9", "")) "}]}" },
	{ "straggler", "each test with its ranks, all alike", SILENT,
	  "{'targets': [" A RESULTS(SLOW("0", "1") ", " SLOW("1", "9")) RANKS(
		  RANK("read", "1", ", 'test': 0") ", " RANK("read", "9", ", 'test': 1")) "}]}" },
	{ "straggler", "a rank of one test", FOUND,
	  "{'targets': [" A RESULTS(SLOW("0", "9"))
		  RANKS(RANK("read", "1", "") ", " RANK("read", "9", "")) "}]}" },
/* Ranks in b and c: what starts them has no part in it. */
#define RANKS_ELSEWHERE                                                                            \
	"'ranks': [{'rank': 0, 'host': 'b'}, {'rank': 1, 'host': 'b'}, {'rank': 2, 'host': 'b'}, " \
	"{'rank': 3, 'host': 'c'}]"
#define STARTS(op, command, more)                                                                  \
	"{" BLOCK "'host': {'cpus': 8}, 'targets': [{'name': 'a', 'kind': 'container', "           \
	"'cgroup': {'cpuset_cpus_max': 1}, 'sched': {'runq_sum_ns': 9, 'oncpu_ns': 9, "            \
	"'inode_lock_sum_ns': 0}, 'vfs': {'write': {'latency_ns': {'sum': 5}}}, 'results': "       \
	"[{'tool': 'ior', 'op': '" op "', 'tasks': 4, 'command': '" command                        \
	"', 'open_s': 0.6, 'total_s': 1}], " RANKS_ELSEWHERE "}, " more "]}"
#define B(more)                                                                                    \
	"{'name': 'b', 'kind': 'container', 'ranks_here': [{'rank': 0, 'workload': 'a'}], " more   \
	"}, {'name': 'c', 'kind': 'container', 'cgroup': {'cpuset_cpus_max': 4}}"
#define CPUS(n, waited)                                                                            \
	B("'cgroup': {'cpuset_cpus_max': " n "}, 'sched': {'runq_sum_ns': " waited                 \
	  ", 'oncpu_ns': 100}")
	{ "oversubscribed", "what starts ranks elsewhere has one CPU", SILENT,
	  STARTS("write", "ior", CPUS("3", "1000")) },
	{ "oversubscribed", "three ranks on one CPU, and four for the fourth", FOUND,
	  STARTS("write", "ior", CPUS("1", "1000")) },
	{ "oversubscribed", "that did not wait", SILENT, STARTS("write", "ior", CPUS("1", "1")) },
	{ "oversubscribed", "nobody looked there", NOT_JUDGED,
	  STARTS("write", "ior", B("'cgroup': {'cpuset_cpus_max': 1}")) },
#define WAITED(ns)                                                                                 \
	B("'sched': {'inode_lock_sum_ns': " ns "}, 'vfs': {'write': {'latency_ns': {'sum': "       \
	  "1000}}}")
	{ "shared-file", "where ranks ran they waited", FOUND,
	  STARTS("write", "ior", WAITED("900")) },
	{ "shared-file", "where ranks ran they did not", SILENT,
	  STARTS("write", "ior", WAITED("9")) },
	{ "shared-file", "nobody looked where ranks ran", NOT_JUDGED,
	  STARTS("write", "ior", B("'vfs': {}")) },
	{ "odirect-align", "where ranks ran calls failed", FOUND,
	  STARTS("write", "ior -B", B("'vfs': {'write': {'errnos': {'EINVAL': 3}}}")) },
	{ "odirect-align", "where ranks ran none failed", SILENT,
	  STARTS("write", "ior -B", B("'vfs': {}")) },
	{ "odirect-align", "nobody looked where ranks ran", NOT_JUDGED,
	  STARTS("write", "ior -B", B("'image': 'x'")) },
#define LAYER(fs, pages)                                                                           \
	B("'pagecache': {'dirtied_pages': " pages                                                  \
	  "}, 'vfs': {'write': {'bytes': 4096000}}, 'vfs_mounts': [{'fs': '" fs                    \
	  "', 'ops': {'write': {'bytes': 4096000}}}]")
	{ "copy-up", "where ranks ran", FOUND, STARTS("write", "ior", LAYER("overlay", "100000")) },
	{ "copy-up", "where ranks ran nothing was copied", SILENT,
	  STARTS("write", "ior", LAYER("overlay", "1000")) },
	{ "copy-up", "where ranks ran, no overlay", SILENT,
	  STARTS("write", "ior", LAYER("ext4", "100000")) },
	{ "copy-up", "nobody looked where ranks ran", NOT_JUDGED,
	  STARTS("write", "ior", B("'image': 'x'")) },
#define RANKS_HERE(command)                                                                        \
	"{" BLOCK "'targets': [" A BACK ", 'ranks_here': [{'rank': 0, 'workload': 'w'}]}, "        \
	"{'name': 'w', 'kind': 'container', " IOR("2", command) "}]}"
	{ "random", "ranks of another, each in order", SILENT, RANKS_HERE("ior -r") },
	{ "random", "ranks of another, at random", FOUND, RANKS_HERE("ior -r -z") },
#define SIZES(first, second)                                                                       \
	RESULTS("{'tool': 'ior', 'op': 'read', 'test': 0, 'xfer_kib': " first                      \
		", 'block_kib': 1024}, {'tool': 'ior', 'op': 'read', 'test': 1, "                  \
		"'xfer_kib': " second ", 'block_kib': 1024}")
	{ "misaligned", "the second test", FOUND, "{'targets': [" A SIZES("64", "45.90625") "}]}" },
	{ "misaligned", "none of them", SILENT, "{'targets': [" A SIZES("64", "128") "}]}" },
#define IN_REQUESTS                                                                                \
	", 'application': {'read': {'bytes': 5000000}}, 'block': {'vda': {'read': {'ios': 500, "   \
	"'bytes': 5000000, 'size': {'buckets': [[8192, 500]]}}}}"
	{ "split", "tests of several sizes", NOT_JUDGED,
	  "{" BLOCK "'targets': [" A SIZES("1024", "8") IN_REQUESTS "}]}" },
	{ "split", "tests of one size", FOUND,
	  "{" BLOCK "'targets': [" A SIZES("1024", "1024") IN_REQUESTS "}]}" },
	{ "split", "tests of the size of requests", SILENT,
	  "{" BLOCK "'targets': [" A SIZES("8", "8") IN_REQUESTS "}]}" },
};

static json_t *load(const char *quoted)
{
	json_error_t error;
	char text[4096];
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

/* Of the target that the case is about, or of the run. */
static bool has(const json_t *findings, const char *id)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f) {
		const char *target = json_string_value(json_object_get(f, "target"));

		if ((!target || !strcmp(target, "a")) &&
		    !strcmp(json_string_value(json_object_get(f, "id")), id))
			return true;
	}
	return false;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *report = load(cases[i].report), *findings, *not_judged;
		struct err err = { 0 };

		assert_int_equal(findings_judge(report, NULL, &findings, &not_judged, &err), 0);
		if (has(findings, cases[i].id) != (cases[i].want == FOUND))
			fail_msg("%s, %s: %s", cases[i].id, cases[i].what,
				 cases[i].want == FOUND ? "not found" : "found");
		if (has(not_judged, cases[i].id) != (cases[i].want == NOT_JUDGED))
			fail_msg("%s, %s: %s", cases[i].id, cases[i].what,
				 cases[i].want == NOT_JUDGED ? "silent" : "not judged");
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
