// SPDX-License-Identifier: Apache-2.0
/* Every rule: a report in which it is seen, one in which it is not, and one that lacks its input. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "finding/finding.h"
#include "unit.h"

enum verdict { FOUND, SILENT, NOT_JUDGED };

struct rule_case {
	const char *id;
	enum verdict want;
	const char *what; /* of the case, in words */
	const char *target; /* keys of the only target, with ' for " */
	const char *run; /* further keys of the run; NULL: none */
};

#define BLOCK "'backends': {'block': 'tp_btf'}"
#define IOR(more) "'results': [{'tool': 'ior', 'op': 'write', 'iteration': 0" more "}]"
#define RAN(op, rows) "'results': [" rows "]"
#define REP(op, bw, s) "{'tool': 'ior', 'op': '" op "', 'bw_mib_s': " bw ", 'total_s': " s "}"

#define WROTE(fs, n)                                                                               \
	", 'vfs': {}, 'vfs_mounts': [{'fs': '" fs "', 'dev': '8:1', 'ops': {'write': {'bytes': " n \
	"}}}]"
#define DISK(left)                                                                                 \
	"'backends': {'vfs': 'kprobe'}, 'filesystems': [{'dev': '8:1', 'at': '/d', "               \
	"'used_bytes': 950, 'free_bytes': " left "}]"

static const struct rule_case cases[] = {
	{ "cache-reads", FOUND, "all from memory",
	  "'application': {'read': {'bytes': 1073741824}}, 'block_total': {'read': {'bytes': "
	  "4096}}",
	  BLOCK },
	{ "cache-reads", FOUND, "and devices saw none at all",
	  "'vfs': {'read': {'bytes': 1073741824}}", BLOCK },
	{ "cache-reads", SILENT, "all from the device",
	  "'application': {'read': {'bytes': 1073741824}}, 'block_total': {'read': {'bytes': "
	  "1073741824}}",
	  BLOCK },
	{ "cache-reads", SILENT, "of a file in memory nothing else can be expected",
	  "'application': {'read': {'bytes': 1073741824}}, 'vfs_mounts': [{'fs': 'tmpfs', 'ops': "
	  "{'read': {'bytes': 1073741824}}}]",
	  BLOCK },
#define READ_OF(fs)                                                                                \
	"'vfs': {'read': {'bytes': 1073741824}}, 'vfs_mounts': [{'fs': '" fs "', 'mount': '/d', "  \
	"'dev': '253:1', 'ops': {'read': {'bytes': 1073741824}}}]"
#define ZRAM(kernel)                                                                               \
	BLOCK ", 'devices': [{'name': 'zram1', 'dev': 265289729, 'read': {'bytes': 0, "            \
	      "'kernel_bytes': " kernel "}}]"
	{ "cache-reads", FOUND, "and its device was not read", READ_OF("ext4"), ZRAM("0") },
	{ "cache-reads", NOT_JUDGED, "its device was read without requests that are seen",
	  READ_OF("ext4"), ZRAM("1073741824") },
	{ "cache-reads", NOT_JUDGED, "over a network", READ_OF("nfs4"), BLOCK },
	{ "cache-reads", NOT_JUDGED, "over a network, and what it was loaded from is on a device",
	  READ_OF("nfs4") ", 'block_total': {'read': {'bytes': 200000000}}", BLOCK },
	{ "cache-reads", NOT_JUDGED, "in user space", READ_OF("fuse.x"), BLOCK },
	{ "cache-reads", SILENT, "too little to tell", "'application': {'read': {'bytes': 65536}}",
	  BLOCK },
	{ "cache-reads", NOT_JUDGED, "nobody looked at devices",
	  "'application': {'read': {'bytes': 1073741824}}", NULL },
#define LIMIT(more) "'io_limits': [{'device': 'vda', 'write_bps': 1000000" more "}]"
	{ "io-throttled", FOUND, "as much as it may", LIMIT(", 'write_bps_reached': 980000"),
	  BLOCK },
	{ "io-throttled", SILENT, "half of it", LIMIT(", 'write_bps_reached': 500000"), BLOCK },
	{ "io-throttled", SILENT, "much more", LIMIT(", 'write_bps_reached': 5e6"), BLOCK },
	{ "io-throttled", SILENT, "another limit", LIMIT(", 'read_bps_reached': 1e6"), BLOCK },
	{ "io-throttled", NOT_JUDGED, "nobody looked", LIMIT(""), NULL },
	{ "limit-idle", FOUND, "much more than it may", LIMIT(", 'write_bps_reached': 5e6"),
	  BLOCK },
	{ "limit-idle", FOUND, "buffered writes on v1",
	  LIMIT(", 'version': 1") WROTE("ext4", "80000000"), BLOCK },
	{ "limit-idle", SILENT, "on v2", LIMIT(", 'version': 2") WROTE("ext4", "80000000"), BLOCK },
	{ "limit-idle", SILENT, "memory", LIMIT(", 'version': 1") WROTE("tmpfs", "80000000"),
	  BLOCK },
	{ "limit-idle", NOT_JUDGED, "no calls were looked at", LIMIT(", 'version': 1"), BLOCK },
	{ "disk-full", FOUND, "5 % left", "'image': 'x'" WROTE("ext4", "1"), DISK("50") },
	{ "disk-full", SILENT, "half of it left", "'image': 'x'" WROTE("ext4", "1"), DISK("950") },
	{ "disk-full", SILENT, "not used", "'vfs': {}", DISK("50") },
	{ "disk-full", NOT_JUDGED, "no calls were looked at", "", NULL },
	{ "reorder-noop", FOUND, "-C and two ranks",
	  "'results': [{'tool': 'ior', 'op': 'read', 'tasks': 2, 'command': 'ior -C -r'}]", NULL },
	{ "reorder-noop", SILENT, "with O_DIRECT memory does not matter",
	  "'results': [{'tool': 'ior', 'op': 'read', 'tasks': 2, 'command': 'ior -C "
	  "--posix.odirect'}]",
	  NULL },
	{ "reorder-noop", SILENT, "the value of another option",
	  "'results': [{'tool': 'ior', 'op': 'read', 'tasks': 2, 'command': 'ior -o -C'}]", NULL },
	{ "not-persisted", FOUND, "half of it still dirty",
	  IOR(", 'bytes': 1000, 'dirty_at_end_bytes': 500, 'command': 'ior -w'"), NULL },
	{ "not-persisted", SILENT, "with -e it is not",
	  IOR(", 'bytes': 1000, 'dirty_at_end_bytes': 500, 'command': 'ior -w -e'"), NULL },
	{ "not-persisted", SILENT, "written back in time",
	  IOR(", 'bytes': 1000, 'dirty_at_end_bytes': 50, 'command': 'ior -w'"), NULL },
	{ "not-persisted", NOT_JUDGED, "nobody looked at its memory",
	  IOR(", 'bytes': 1000, 'command': 'ior -w'"), NULL },
	{ "copy-up", FOUND, "opening takes most of it, on an overlay",
	  IOR(", 'open_s': 0.6, 'total_s': 1") ", 'vfs_mounts': [{'fs': 'overlay', 'ops': "
					       "{'write': "
					       "{'bytes': 2000000}}}]",
	  NULL },
	{ "copy-up", SILENT, "the same on ext4",
	  IOR(", 'open_s': 0.6, 'total_s': 1") ", 'vfs_mounts': [{'fs': 'ext4', 'ops': {'write': "
					       "{'bytes': 2000000}}}]",
	  NULL },
	{ "copy-up", NOT_JUDGED, "no calls were looked at", IOR(", 'open_s': 0.6, 'total_s': 1"),
	  NULL },
	{ "writable-layer", FOUND, "an overlay at /",
	  "'vfs': {}, 'vfs_mounts': [{'fs': 'overlay', 'mount': '/', 'ops': {'write': {'bytes': "
	  "2000000}}}]",
	  NULL },
	{ "writable-layer", SILENT, "a volume",
	  "'vfs': {}, 'vfs_mounts': [{'fs': 'ext4', 'mount': '/data', 'ops': {'write': {'bytes': "
	  "2000000}}}]",
	  NULL },
	{ "writable-layer", NOT_JUDGED, "no calls were looked at", "", NULL },
	{ "tmpfs", FOUND, "most of it is there",
	  "'vfs': {}, 'vfs_mounts': [{'fs': 'tmpfs', 'ops': {'write': {'bytes': 2000000}}}]",
	  NULL },
	{ "tmpfs", SILENT, "a little of it is",
	  "'vfs': {}, 'vfs_mounts': [{'fs': 'tmpfs', 'ops': {'write': {'bytes': 2000000}}}, {'fs': "
	  "'ext4', 'ops': {'write': {'bytes': 200000000}}}]",
	  NULL },
	{ "tmpfs", NOT_JUDGED, "no calls were looked at", "", NULL },
	{ "odirect-align", FOUND, "writes fail with EINVAL",
	  IOR(", 'command': 'ior --posix.odirect -w'") ", 'vfs': {'write': {'errnos': {'EINVAL': "
						       "3}}}",
	  NULL },
	{ "odirect-align", FOUND, "the tool says so",
	  IOR(", 'message': 'O_DIRECT on /f needs a multiple of 512'"), NULL },
	{ "odirect-align", SILENT, "not asked for",
	  IOR(", 'command': 'ior -w'") ", 'vfs': {'write': {'errnos': {'EINVAL': 3}}}", NULL },
	{ "odirect-align", NOT_JUDGED, "no calls were looked at",
	  IOR(", 'command': 'ior --posix.odirect -w'"), NULL },
	{ "odirect-lost", FOUND, "all of it in the cache",
	  IOR(", 'command': 'ior --posix.odirect -w'") ", 'application': {'write': {'bytes': "
						       "40960000}}, 'pagecache': "
						       "{'accessed_pages': "
						       "0, 'dirtied_pages': 10000}",
	  NULL },
	{ "odirect-lost", SILENT, "some metadata in the cache",
	  IOR(", 'command': 'ior --posix.odirect -w'") ", 'application': {'write': {'bytes': "
						       "40960000}}, 'pagecache': "
						       "{'accessed_pages': "
						       "10, 'dirtied_pages': 10}",
	  NULL },
	{ "odirect-lost", NOT_JUDGED, "nobody looked at the cache",
	  IOR(", 'command': 'ior --posix.odirect -w'") ", 'application': {'write': {'bytes': "
						       "40960000}}",
	  NULL },
	{ "compressible", FOUND, "a tenth arrives",
	  IOR(", 'command': 'ior -w --posix.odirect'") ", 'application': {'write': {'bytes': "
						       "100000000}}, 'block_total': {'write': "
						       "{'bytes': 10000000}}",
	  BLOCK },
	{ "compressible", SILENT, "all arrives",
	  IOR(", 'command': 'ior -w --posix.odirect'") ", 'application': {'write': {'bytes': "
						       "100000000}}, 'block_total': {'write': "
						       "{'bytes': 100000000}}",
	  BLOCK },
#define SYNCED                                                                                     \
	IOR(", 'command': 'ior -w -e'")                                                            \
	", 'writeback': 'unattributed', 'application': {'write': "                                 \
	"{'bytes': 100000000}}"
#define ALL_WROTE(n) BLOCK ", 'devices': [{'name': 'vda', 'write': {'bytes': " n "}}]"
	{ "compressible", FOUND, "it was not its own, and all together wrote less", SYNCED,
	  ALL_WROTE("40000000") },
	{ "compressible", SILENT, "it was not its own, and somebody wrote as much", SYNCED,
	  ALL_WROTE("90000000") },
	{ "compressible", SILENT, "O_DIRECT was lost: it is in memory",
	  IOR(", 'command': 'ior -w --posix.odirect'") ", 'application': {'write': {'bytes': "
						       "100000000}}, 'pagecache': "
						       "{'accessed_pages': 0, "
						       "'dirtied_pages': 24414}",
	  BLOCK },
	{ "compressible", NOT_JUDGED, "over a network",
	  IOR(", 'command': 'ior -w --posix.odirect'") ", 'application': {'write': {'bytes': "
						       "100000000}}, 'vfs_mounts': [{'fs': "
						       "'lustre', 'ops': {'write': {'bytes': "
						       "100000000}}}]",
	  BLOCK },
	{ "compressible", SILENT, "random data",
	  IOR(", 'command': 'ior -w --posix.odirect -l random'") ", 'application': {'write': "
								 "{'bytes': 100000000}}",
	  BLOCK },
	{ "compressible", NOT_JUDGED, "nobody looked at devices",
	  IOR(", 'command': 'ior -w --posix.odirect'") ", 'application': {'write': {'bytes': "
						       "100000000}}",
	  NULL },
	{ "wb-unowned", FOUND, "much of it",
	  "'name': 'unattributed (writeback)', 'kind': 'unattributed', 'block': {'vda': {'write': "
	  "{'bytes': 100000000}}}",
	  BLOCK },
	{ "wb-unowned", SILENT, "none", "", BLOCK },
	{ "wb-unowned", NOT_JUDGED, "nobody looked at devices", "", NULL },
	{ "too-short", FOUND, "half a second", RAN("write", REP("write", "100", "0.5")), NULL },
	{ "too-short", SILENT, "ten seconds", RAN("write", REP("write", "100", "10")), NULL },
	{ "few-reps", FOUND, "one", RAN("read", REP("read", "100", "10")), NULL },
	{ "few-reps", FOUND, "three that vary much",
	  RAN("read",
	      REP("read", "100", "10") "," REP("read", "200", "10") "," REP("read", "120", "10")),
	  NULL },
	{ "few-reps", SILENT, "three that hardly vary",
	  RAN("read",
	      REP("read", "100", "10") "," REP("read", "101", "10") "," REP("read", "99", "10")),
	  NULL },
	{ "warming", FOUND, "each is faster",
	  RAN("read",
	      REP("read", "100", "10") "," REP("read", "150", "10") "," REP("read", "170", "10")),
	  NULL },
	{ "warming", SILENT, "up and down",
	  RAN("read",
	      REP("read", "100", "10") "," REP("read", "170", "10") "," REP("read", "150", "10")),
	  NULL },
	{ "stonewall", FOUND, "-D alone", IOR(", 'command': 'ior -D 30 -w'"), NULL },
	{ "stonewall", SILENT, "with wear-out",
	  IOR(", 'command': 'ior -D 30 -O stoneWallingWearOut=1'"), NULL },
	{ "stonewall", SILENT, "without a limit", IOR(", 'command': 'ior -D 0 -w'"), NULL },
	{ "straggler", FOUND, "one takes twice as long",
	  IOR(", 'total_s': 2") ", 'rank_results': [{'op': 'write', 'iteration': 0, 'total_s': 1}, "
				"{'op': 'write', 'iteration': 0, 'total_s': 2}]",
	  NULL },
	{ "straggler", SILENT, "all alike",
	  IOR(", 'total_s': 2") ", 'rank_results': [{'op': 'write', 'iteration': 0, 'total_s': "
				"1.9}, {'op': 'write', 'iteration': 0, 'total_s': 2}]",
	  NULL },
	{ "straggler", NOT_JUDGED, "ranks are not told", IOR(", 'total_s': 2"), NULL },
	{ "imbalance", FOUND, "one moved half",
	  IOR("") ", 'rank_results': [{'op': 'write', 'iteration': 0, 'bytes': 100}, {'op': "
		  "'write', 'iteration': 0, 'bytes': 50}]",
	  NULL },
	{ "imbalance", SILENT, "all alike",
	  IOR("") ", 'rank_results': [{'op': 'write', 'iteration': 0, 'bytes': 100}, {'op': "
		  "'write', 'iteration': 0, 'bytes': 100}]",
	  NULL },
	{ "imbalance", NOT_JUDGED, "ranks are not told", IOR(""), NULL },
	{ "cpu-throttled", FOUND, "in half of all periods",
	  "'cgroup': {'cpu_nr_periods': 10, 'cpu_nr_throttled': 5}", NULL },
	{ "cpu-throttled", SILENT, "no quota",
	  "'cgroup': {'cpu_nr_periods': 0, 'cpu_nr_throttled': 0}", NULL },
	{ "cpu-throttled", NOT_JUDGED, "no cpu.stat", "'cgroup': {}", NULL },
	{ "cpu-throttled", NOT_JUDGED, "no cgroup", "", NULL },
	{ "memory-reclaim", FOUND, "limit hit, and tasks waited",
	  "'cgroup': {'memory_events_max': 9, 'memory_some_ns': 5, 'watched_ns': 10}", NULL },
	{ "memory-reclaim", SILENT, "limit hit, and nobody waited",
	  "'cgroup': {'memory_events_max': 9, 'memory_some_ns': 0, 'watched_ns': 10}", NULL },
	{ "memory-reclaim", NOT_JUDGED, "no pressure",
	  "'cgroup': {'memory_events_max': 9, 'watched_ns': 10}", NULL },
	{ "dirty-throttled", FOUND, "paused most of the time",
	  "'sched': {'throttle_sum_ns': 5}, 'vfs': {'write': {'latency_ns': {'sum': 10}}}", NULL },
	{ "dirty-throttled", SILENT, "never paused",
	  "'sched': {'throttle_sum_ns': 0}, 'vfs': {'write': {'latency_ns': {'sum': 10}}}", NULL },
	{ "dirty-throttled", NOT_JUDGED, "no scheduler",
	  "'vfs': {'write': {'latency_ns': {'sum': 10}}}", NULL },
	{ "io-pressure", FOUND, "half of the time", "'cgroup': {'io_full_ns': 5, 'watched_ns': 10}",
	  NULL },
	{ "io-pressure", SILENT, "hardly", "'cgroup': {'io_full_ns': 1, 'watched_ns': 10}", NULL },
	{ "io-pressure", NOT_JUDGED, "no pressure", "'cgroup': {'watched_ns': 10}", NULL },
	{ "oversubscribed", FOUND, "four ranks on one CPU, waiting",
	  IOR(", 'tasks': 4") ", 'cgroup': {'cpuset_cpus_max': 1}, 'sched': {'runq_sum_ns': 5, "
			      "'oncpu_ns': 5}",
	  NULL },
	{ "oversubscribed", SILENT, "four ranks on four CPUs",
	  IOR(", 'tasks': 4") ", 'cgroup': {'cpuset_cpus_max': 4}, 'sched': {'runq_sum_ns': 5, "
			      "'oncpu_ns': 5}",
	  NULL },
	{ "oversubscribed", NOT_JUDGED, "no scheduler",
	  IOR(", 'tasks': 4") ", 'cgroup': {'cpuset_cpus_max': 1}", NULL },
	{ "cma", FOUND, "in its words", "'failure': 'vader: Read -1, expected 4, errno = 1'",
	  NULL },
	{ "cma", SILENT, "other words", "'failure': 'no such file'", NULL },
	{ "shm", FOUND, "a bus error", "'exit_code': 135", NULL },
	{ "shm", SILENT, "another one", "'exit_code': 139", NULL },
	{ "noisy-neighbour", SILENT, "alone", "'sharing': {'vda': {'share_ns': 100}}", BLOCK },
	{ "noisy-neighbour", NOT_JUDGED, "shares are off", "'block': {'vda': {}}", BLOCK },
	{ "noisy-neighbour", NOT_JUDGED, "nobody looked at devices", "", NULL },
	{ "queue-wait", FOUND, "most of it queued",
	  "'block': {'vda': {'read': {'ios': 1000, 'queue_ns': {'sum': 9}, 'total_ns': {'sum': "
	  "10}}}}",
	  BLOCK },
	{ "queue-wait", SILENT, "most of it in the device",
	  "'block': {'vda': {'read': {'ios': 1000, 'queue_ns': {'sum': 1}, 'total_ns': {'sum': "
	  "10}}}}",
	  BLOCK },
	{ "queue-wait", SILENT, "few requests",
	  "'block': {'vda': {'read': {'ios': 10, 'queue_ns': {'sum': 9}, 'total_ns': {'sum': "
	  "10}}}}",
	  BLOCK },
	{ "queue-wait", NOT_JUDGED, "nobody looked at devices", "", NULL },
#define VDA_OF(op, device_ns, total_ns, more)                                                      \
	"'block': {'vda': {'" op "': {'ios': 1000, 'device_ns': {'sum': " device_ns                \
	"}, 'total_ns': {'sum': " total_ns "}}}}, 'sharing': {'vda': {'share_ns': " more "}}"
#define ALL_BUSY "1e9, 'active_ns': 1000, 'active_busy_ns': 990"
#define HALF_BUSY "1e9, 'active_ns': 1000, 'active_busy_ns': 500"
#define VDA_BUSY(ns) BLOCK ", 'duration_s': 10, 'devices': [{'name': 'vda', 'busy_ns': " ns "}]"
	{ "saturated", FOUND, "busy while it was used, with many in it",
	  VDA_OF("read", "8e9", "8e9", ALL_BUSY), VDA_BUSY("1e9") },
	{ "saturated", FOUND, "and one at a time, for which many wait",
	  VDA_OF("write", "1e9", "8e9", ALL_BUSY), VDA_BUSY("1e9") },
	{ "saturated", SILENT, "busy with one at a time", VDA_OF("read", "1e9", "1e9", ALL_BUSY),
	  VDA_BUSY("1e9") },
	{ "saturated", SILENT, "many, and it was idle between",
	  VDA_OF("read", "8e9", "8e9", HALF_BUSY), VDA_BUSY("1e9") },
	{ "saturated", NOT_JUDGED, "nobody looked at devices", "", NULL },
	{ "saturated", NOT_JUDGED, "shares are off", "'block': {'vda': {}}", BLOCK },
	{ "starved", FOUND, "one at a time, and mostly idle", VDA_OF("read", "2e8", "2e8", "2e8"),
	  VDA_BUSY("2e8") },
	{ "starved", SILENT, "many in it", VDA_OF("read", "8e9", "8e9", "4e8"), VDA_BUSY("4e8") },
	{ "starved", SILENT, "one at a time, for which many wait",
	  VDA_OF("read", "2e8", "8e8", "2e8"), VDA_BUSY("2e8") },
	{ "starved", NOT_JUDGED, "nobody looked at devices", "", NULL },
#define OF_1M(buckets)                                                                             \
	IOR(", 'xfer_kib': 1024")                                                                  \
	", 'block': {'vda': {'write': {'ios': 1000, 'size': {'buckets': " buckets "}}}}"
	{ "split", FOUND, "a tenth of a transfer", OF_1M("[[102400, 1000]]"), BLOCK },
	{ "split", FOUND, "several in one", OF_1M("[[4194304, 1000]]"), BLOCK },
	{ "split", SILENT, "as they were asked for", OF_1M("[[1048576, 1000]]"), BLOCK },
	{ "split", SILENT, "and many that are small, of programs and metadata",
	  OF_1M("[[4096, 900], [1048576, 100]]"), BLOCK },
	{ "split", NOT_JUDGED, "nobody looked at devices", IOR(", 'xfer_kib': 1024"), NULL },
	{ "fsync-bound", FOUND, "half of all",
	  "'vfs': {'fsync': {'latency_ns': {'sum': 5}}, 'write': {'latency_ns': {'sum': 5}}}",
	  NULL },
	{ "fsync-bound", SILENT, "a little of it",
	  "'vfs': {'fsync': {'latency_ns': {'sum': 1}}, 'write': {'latency_ns': {'sum': 9}}}",
	  NULL },
	{ "fsync-bound", NOT_JUDGED, "no calls were looked at", "", NULL },
	{ "small-io", FOUND, "2000 of 4 KiB",
	  "'vfs': {'write': {'size_bytes': {'count': 2000, 'darshan': {'1K_10K': 2000}}}}", NULL },
	{ "small-io", SILENT, "all large",
	  "'vfs': {'write': {'size_bytes': {'count': 2000, 'darshan': {'1M_4M': 2000}}}}", NULL },
	{ "small-io", SILENT, "few of them",
	  "'vfs': {'write': {'size_bytes': {'count': 20, 'darshan': {'1K_10K': 20}}}}", NULL },
	{ "small-io", NOT_JUDGED, "no calls were looked at", "", NULL },
	{ "misaligned", FOUND, "as IO500 hard does it",
	  IOR(", 'xfer_kib': 45.90625, 'block_kib': 45.90625"), NULL },
	{ "misaligned", SILENT, "whole pages", IOR(", 'xfer_kib': 64, 'block_kib': 1024"), NULL },
	{ "random", FOUND, "half of them backwards",
	  "'block': {'vda': {'read': {'ios': 4000, 'consecutive': 1000, 'forward': 1000, "
	  "'backward': 2000}}}",
	  BLOCK },
	{ "random", SILENT, "in order",
	  "'block': {'vda': {'read': {'ios': 4000, 'consecutive': 4000, 'forward': 0, 'backward': "
	  "0}}}",
	  BLOCK },
	{ "random", NOT_JUDGED, "nobody looked at devices", "", NULL },
	{ "metadata", FOUND, "mostly opening",
	  "'vfs': {'open': {'latency_ns': {'sum': 900000000}}, 'read': {'latency_ns': {'sum': "
	  "100000000}}}",
	  NULL },
	{ "metadata", SILENT, "mostly reading",
	  "'vfs': {'open': {'latency_ns': {'sum': 100000000}}, 'read': {'latency_ns': {'sum': "
	  "900000000}}}",
	  NULL },
	{ "metadata", NOT_JUDGED, "no calls were looked at", "", NULL },
	{ "shared-file", FOUND, "waiting for each other",
	  IOR(", 'command': 'ior -w'") ", 'sched': {'inode_lock_sum_ns': 5}, 'vfs': {'write': "
				       "{'latency_ns': {'sum': 10}}}",
	  NULL },
	{ "shared-file", SILENT, "a file for each",
	  IOR(", 'command': 'ior -w -F'") ", 'sched': {'inode_lock_sum_ns': 5}, 'vfs': {'write': "
					  "{'latency_ns': {'sum': 10}}}",
	  NULL },
	{ "shared-file", NOT_JUDGED, "no scheduler", IOR(", 'command': 'ior -w'"), NULL },
	{ "shared-inode", SILENT, "its own file",
	  "'files': [{'dev': '8:1', 'inode': 3, 'generation': 1, 'write_bytes': 9}]", NULL },
	{ "shared-inode", NOT_JUDGED, "no files were looked at", "", NULL },
	{ "corruption", FOUND, "the tool says so",
	  "'results': [{'tool': 'ior', 'status': 'corrupt', 'message': 'Incorrect data on write'}]",
	  NULL },
	{ "corruption", SILENT, "all is well", "'results': [{'tool': 'ior', 'status': 'ok'}]",
	  NULL },
	{ "profiler-cost", FOUND, "a tenth", "'cgroup': {'cpu_usage_ns': 1000000000}",
	  "'self': {'cpu_s': 0.1, 'overruns': 0, 'probes': [{'run_ns': 100000000}]}" },
	{ "profiler-cost", SILENT, "a thousandth", "'cgroup': {'cpu_usage_ns': 1000000000}",
	  "'self': {'cpu_s': 0.1, 'overruns': 0, 'probes': [{'run_ns': 1000000}]}" },
	{ "profiler-cost", NOT_JUDGED, "nobody timed the probes",
	  "'cgroup': {'cpu_usage_ns': 1000000000}", "'self': {'cpu_s': 0.1, 'overruns': 0}" },
	{ "rmid", FOUND, "none was left", "",
	  "'losses': [{'what': 'rdt.rmid', 'reason': 'a: no RMID is left'}]" },
	{ "rmid", SILENT, "another loss", "", "'losses': [{'what': 'drain', 'reason': 'x'}]" },
	{ "llc", FOUND, "half of it", "'rdt': {'domains': [{'l3_allocation_pct': 50}]}", NULL },
	{ "llc", SILENT, "all of it", "'rdt': {'domains': [{'l3_allocation_pct': 100}]}", NULL },
	{ "llc", NOT_JUDGED, "the host only monitors", "'rdt': {'domains': [{}]}", NULL },
	{ "llc", NOT_JUDGED, "nobody looked at caches", "", NULL },
};

static json_t *report_of(const struct rule_case *c)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 16);
	json_error_t error;
	json_t *report;

	/* What comes last counts: a case may be called otherwise. */
	buf_printf(&text,
		   "{'schema': 1%s%s, 'targets': [{'name': 'victim', 'kind': 'container'%s%s}]}",
		   c->run ? ", " : "", c->run ? c->run : "", c->target[0] ? ", " : "", c->target);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\'')
			text.data[i] = '"';
	report = json_loads(buf_str(&text), 0, &error);
	if (!report)
		fail_msg("%s, %s: %s in %s", c->id, c->what, error.text, buf_str(&text));
	return report;
}

static bool has(const json_t *array, const char *id)
{
	json_t *o;
	size_t i;

	json_array_foreach(array, i, o)
		if (!strcmp(json_string_value(json_object_get(o, "id")), id))
			return true;
	return false;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rule_case *c = &cases[i];
		json_t *report = report_of(c), *findings, *not_judged;
		struct err err = { 0 };

		assert_int_equal(findings_judge(report, NULL, &findings, &not_judged, &err), 0);
		if (has(findings, c->id) != (c->want == FOUND) ||
		    has(not_judged, c->id) != (c->want == NOT_JUDGED))
			fail_msg("%s, %s: %s%s", c->id, c->what,
				 has(findings, c->id) ? "found" : "not found",
				 has(not_judged, c->id) ? ", not judged" : "");
		json_decref(findings);
		json_decref(not_judged);
		json_decref(report);
	}
}

/* Each rule has a case in which it is found, and one in which it is silent or not judged. */
static void test_all_rules(void **state)
{
	(void)state;
	for (const struct finding_rule *const *r = finding_rules; *r; r++) {
		bool seen = false, not_seen = false;

		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			if (strcmp(cases[i].id, (*r)->id))
				continue;
			seen = seen || cases[i].want == FOUND;
			not_seen = not_seen || cases[i].want != FOUND;
		}
		/* Those take more than one target: see test_finding_rules_several.c. */
		if (!strcmp((*r)->id, "noisy-neighbour") || !strcmp((*r)->id, "shared-inode"))
			seen = true;
		if (!seen || !not_seen)
			fail_msg("%s has no case in which it is %s", (*r)->id,
				 seen ? "silent" : "found");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_all_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
