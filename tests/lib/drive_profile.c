// SPDX-License-Identifier: Apache-2.0
/*
 * Programs of which it is known what they run:
 *   drive_profile split SECONDS FILE    burn_one() and burn_three() by turns, a quarter and the rest of its time
 *   drive_profile short N               burn_short() for 20 ms in each of N processes, programs of their own
 *   drive_profile forked N              burn_forked() for 20 ms in each of N processes that are not
 *   drive_profile deep SECONDS          a stack that is another one each time
 *   drive_profile thread SECONDS        burn_thread() in a thread called "worker"
 * FILE gets one line of JSON: the time on CPUs of each function in ns, by the thread's own clock.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLICE_NS 20000000ull

static volatile uint64_t sink;

static uint64_t own_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noinline, noclone)) /* clones have other names */
#endif

#define STOOD_STILL                                                                                \
	100000000 /* ns between two looks: a CPU of a guest did, and nobody could sample it */

/* Functions of their own, though they do the same: the clock is seldom asked. */
#define BURN(name)                                                                                 \
	APART static uint64_t name(uint64_t ns)                                                    \
	{                                                                                          \
		uint64_t begin = own_ns(), now = begin, last;                                      \
                                                                                                   \
		while (now - begin < ns) {                                                         \
			for (unsigned int i = 0; i < 100000; i++)                                  \
				sink += i ^ __LINE__;                                              \
			last = now;                                                                \
			now = own_ns();                                                            \
			if (now - last > STOOD_STILL)                                              \
				begin += now - last;                                               \
		}                                                                                  \
		return now - begin;                                                                \
	}
BURN(burn_one)
BURN(burn_three)
BURN(burn_short)
BURN(burn_forked)
BURN(burn_thread)

static int split(double seconds, const char *path)
{
	uint64_t one = 0, three = 0;
	FILE *file;

	while ((double)(one + three) < seconds * 1e9) {
		one += burn_one(SLICE_NS);
		three += burn_three(3 * SLICE_NS);
	}
	file = fopen(path, "w");
	if (!file)
		return 1;
	fprintf(file, "{\"burn_one\": %llu, \"burn_three\": %llu}\n", (unsigned long long)one,
		(unsigned long long)three);
	return fclose(file) ? 1 : 0;
}

/* Each in a process, one after the other. */
static int children(int n, char *const *argv)
{
	int bad = 0, status;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0) {
			if (argv)
				execv("/proc/self/exe", argv);
			else
				burn_forked(SLICE_NS);
			_exit(argv ? 127 : 0);
		}
		bad |= waitpid(pid, &status, 0) != pid || status;
	}
	return bad;
}

/* Two ways to go deeper, so that the way down is a number in binary. */
__attribute__((noinline)) static void way_zero(uint32_t path, int depth);

__attribute__((noinline)) static void way_one(uint32_t path, int depth)
{
	if (depth && path & 1)
		way_one(path >> 1, depth - 1);
	else if (depth)
		way_zero(path >> 1, depth - 1);
	else
		burn_one(100000);
	__asm__ volatile(""); /* no jump instead of the call */
}

static void way_zero(uint32_t path, int depth)
{
	if (depth && path & 1)
		way_one(path >> 1, depth - 1);
	else if (depth)
		way_zero(path >> 1, depth - 1);
	else
		burn_three(100000);
	__asm__ volatile("");
}

static int deep(double seconds)
{
	uint32_t path = 1;

	while ((double)own_ns() < seconds * 1e9) {
		path = path * 1664525 + 1013904223; /* numbers that look random */
		way_zero(path >> 8, 24);
	}
	return 0;
}

static void *work(void *seconds)
{
	prctl(PR_SET_NAME, "worker");
	burn_thread((uint64_t)(*(double *)seconds * 1e9));
	return NULL;
}

static int in_thread(double seconds)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, work, &seconds) || pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const double amount = argc > 2 ? strtod(argv[2], NULL) : 0;

	if (!strcmp(what, "split") && argc == 4)
		return split(amount, argv[3]);
	if (!strcmp(what, "short") && argc == 3)
		return children((int)amount,
				(char *const[]){ (char *)"drive_profile", (char *)"burn", NULL });
	if (!strcmp(what, "burn"))
		return !burn_short(SLICE_NS);
	if (!strcmp(what, "forked") && argc == 3)
		return children((int)amount, NULL);
	if (!strcmp(what, "deep") && argc == 3)
		return deep(amount);
	if (!strcmp(what, "thread") && argc == 3)
		return in_thread(amount);
	fprintf(stderr,
		"usage: drive_profile split SECONDS FILE | short N | forked N | deep SECONDS | "
		"thread SECONDS\n");
	return 2;
}
