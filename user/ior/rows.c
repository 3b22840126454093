// SPDX-License-Identifier: Apache-2.0
/* The table of IOR's options: which are understood, which are refused by name. */
#include <limits.h>

#include "ior/options.h"

static const char *const apis[] = { "POSIX", "MPIIO", NULL };
static const char *const packets[] = { "generic",   "offset", "incompressible",
				       "timestamp", "random", NULL };
static const char *const formats[] = { "default", "JSON", "CSV", NULL };

#define AT(field) offsetof(struct ior_options, field)
#define FLAG(letter, name, field, help)                                                            \
	{                                                                                          \
		letter, name, ROW_FLAG, AT(field), NULL, 0, 1, NULL, help                          \
	}
#define COUNT(letter, name, field, hi, help)                                                       \
	{                                                                                          \
		letter, name, ROW_COUNT, AT(field), NULL, 0, hi, NULL, help                        \
	}
#define INT(letter, name, field, preset, lo, hi, help)                                             \
	{                                                                                          \
		letter, name, ROW_INT, AT(field), preset, lo, hi, NULL, help                       \
	}
#define SIZE(letter, name, field, preset, help)                                                    \
	{                                                                                          \
		letter, name, ROW_SIZE, AT(field), preset, 0, 0, NULL, help                        \
	}
#define TEXT(letter, name, field, preset, help)                                                    \
	{                                                                                          \
		letter, name, ROW_TEXT, AT(field), preset, 0, 0, NULL, help                        \
	}
#define CHOICE(letter, name, field, preset, from, help)                                            \
	{                                                                                          \
		letter, name, ROW_CHOICE, AT(field), preset, 0, 0, from, help                      \
	}
#define REFUSED(letter, name)                                                                      \
	{                                                                                          \
		letter, name, ROW_REFUSED, 0, NULL, 0, 0, NULL, NULL                               \
	}
#define REFUSED_ARG(letter, name)                                                                  \
	{                                                                                          \
		letter, name, ROW_REFUSED_ARG, 0, NULL, 0, 0, NULL, NULL                           \
	}

const struct ior_row ior_rows[] = {
	CHOICE('a', "api", api, "POSIX", apis, "backend: POSIX or MPIIO"),
	SIZE('b', "blockSize", block_bytes, "1m", "contiguous bytes per task and segment"),
	FLAG('c', "collective", collective, "collective I/O (MPIIO)"),
	FLAG('C', "reorderTasks", reorder_constant, "read what a task of the next node wrote"),
	INT('d', "interTestDelay", delay_s, "0", 0, 86400, "seconds to wait between phases"),
	INT('D', "deadlineForStonewalling", deadline_s, "0", 0, INT_MAX,
	    "stop writing or reading after N seconds"),
	FLAG('e', "fsync", fsync, "fsync after the last write, before close"),
	FLAG('E', "useExistingTestFile", use_existing, "do not remove the file before writing"),
	FLAG('F', "filePerProc", file_per_proc, "one file per task"),
	FLAG('g', "intraTestBarriers", barriers, "barriers between open, transfer and close"),
	INT('G', "setTimeStampSignature", signature, "0", INT_MIN, UINT_MAX,
	    "signature (seed) of the data"),
	FLAG('h', "showHelp", help, "print this help"),
	INT('i', "repetitions", repetitions, "1", 1, INT_MAX, "repetitions of the test"),
	INT('j', "outlierThreshold", outlier_s, "0", 0, INT_MAX,
	    "warn of tasks N seconds away from the mean"),
	FLAG('k', "keepFile", keep, "do not remove the files at the end"),
	FLAG('K', "keepFileWithError", keep_on_error, "keep files in which wrong data was found"),
	CHOICE('l', "dataPacketType", packet, "generic", packets,
	       "data: offset, incompressible, timestamp or random"),
	FLAG('m', "multiFile", multi_file, "files of their own for each repetition"),
	TEXT('o', "testFile", test_file, "testFile", "path of the file"),
	INT('Q', "taskPerNodeOffset", task_offset, "1", 0, INT_MAX,
	    "nodes to move by for -C, at least to move by for -Z"),
	FLAG('r', "readFile", read, "read"),
	FLAG('R', "checkRead", check_read, "read and verify the data"),
	INT('s', "segmentCount", segments, "1", 1, LLONG_MAX, "segments per file"),
	SIZE('t', "transferSize", transfer_bytes, "256k", "bytes per call"),
	FLAG('u', "uniqueDir", unique_dir, "one directory per task (with -F)"),
	COUNT('v', "verbose", verbose, 5, "print more; repeat for even more"),
	FLAG('w', "writeFile", write, "write"),
	FLAG('W', "checkWrite", check_write, "read back and verify after writing"),
	INT('X', "reorderTasksRandomSeed", reorder_seed, "0", INT_MIN, INT_MAX,
	    "seed of -Z and -z; negative: another one in each repetition"),
	FLAG('Y', "fsyncPerWrite", fsync_per_write, "fsync after each write"),
	COUNT('z', "randomOffset", random_offset, 2,
	      "random order within the file; twice: with replacement"),
	FLAG('Z', "reorderTasksRandom", reorder_random, "read what a random task wrote"),

	CHOICE(0, "summaryFormat", format, "default", formats, "default, JSON or CSV"),
	TEXT(0, "summaryFile", summary_file, NULL, "results go to this file instead of stdout"),
	TEXT(0, "saveRankPerformanceDetailsCSV", rank_csv, NULL, "one line per phase and rank"),
	TEXT(0, "savePerOpDataCSV", op_csv, NULL, "prefix of per-rank files, one line per call"),
	FLAG(0, "stoneWallingWearOut", wear_out,
	     "after the deadline, all tasks finish as many transfers as the fastest"),
	INT(0, "stoneWallingWearOutIterations", wear_out_iterations, "0", 0, LLONG_MAX,
	    "transfers per task at most"),
	TEXT(0, "stoneWallingStatusFile", status_file, NULL,
	     "keeps the number of transfers from write to read"),
	INT(0, "minTimeDuration", min_duration_s, "0", 0, INT_MAX,
	    "start over until N seconds have passed"),
	INT(0, "interIODelay", io_delay_us, "0", 0, INT_MAX, "microseconds to wait between calls"),
	SIZE(0, "memoryPerTask", memory_bytes, "0",
	     "memory that each task takes, as an application would, away from the page cache"),
	FLAG(0, "dryRun", dry_run, "print the options, do no I/O"),
	FLAG(0, "warningAsErrors", warnings_fail, "a warning fails the run"),
	FLAG(0, "reorderTasksConstant", reorder_constant, "the same as reorderTasks"),
	FLAG(0, "posix.odirect", odirect, "bypass the page cache (O_DIRECT)"),
	FLAG(0, "useO_DIRECT", odirect, "the same under its older name"),
	FLAG(0, "mpiio.preallocate", preallocate, "preallocate the file before writing"),
	FLAG(0, "mpiio.useFileView", file_view, "access through a file view"),
	FLAG(0, "mpiio.showHints", show_hints, "print the hints in effect"),
	TEXT(0, "mpiio.hintsFileName", hints_file, NULL,
	     "file with IOR_HINT__MPI__name=value lines"),

	REFUSED_ARG('A', "refNum"),
	REFUSED_ARG('f', "script"),
	REFUSED('H', "showHints"),
	REFUSED_ARG('M', "memoryPerNode"),
	REFUSED_ARG('N', "numTasks"),
	REFUSED_ARG('T', "maxTimeDuration"),
	REFUSED('x', "singleXferAttempt"),
	REFUSED('y', "dualMount"),
	REFUSED('B', "useO_DIRECT by its old letter; use --posix.odirect"),
	REFUSED_ARG(0, "allocateBufferOnGPU"),
	REFUSED_ARG(0, "GPUid"),
	REFUSED_ARG(0, "gpuDirect"),
	REFUSED_ARG(0, "gpuMemoryFlags"),
	REFUSED(0, "mpiio.useStridedDatatype"),
	REFUSED(0, "posix.mmap"),
	REFUSED_ARG(0, "posix.lustre.stripecount"),
	REFUSED_ARG(0, "posix.lustre.stripesize"),
	REFUSED_ARG(0, "posix.lustre.startost"),
	REFUSED(0, "posix.lustre.ignorelocks"),
	REFUSED(0, "posix.gpfs.hintaccess"),
	REFUSED(0, "posix.gpfs.releasetoken"),
	REFUSED(0, "posix.gpfs.finegrainwritesharing"),
	REFUSED(0, "posix.gpfs.finegrainreadsharing"),
	REFUSED(0, "posix.gpfs.createsharing"),
	{ 0 },
};
