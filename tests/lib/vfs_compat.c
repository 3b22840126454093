// SPDX-License-Identifier: Apache-2.0
/* A case of drive_vfs: calls as 32-bit programs make them, which do not count. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

#include "vfs_load.h"

#ifdef __x86_64__

/* By its number in the other table, where it has one argument. */
static long call32(long number, long arg)
{
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number), "b"(arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static sigjmp_buf back;

static void jump(int signal)
{
	siglongjmp(back, signal);
}

static void compat(void)
{
	signal(SIGSEGV, jump);
	if (sigsetjmp(back, 1)) {
		vfs_skip("calls of 32-bit programs", -ENOSYS);
		return;
	}
	for (int i = 0; i < 10; i++) {
		call32(6, 899); /* close */
		call32(118, 899); /* fsync */
		call32(20, 0); /* getpid: no I/O, but the number of writev in the other table */
		call32(17, 0); /* none; that of pread64 */
	}
	signal(SIGSEGV, SIG_DFL);
}

#else

static void compat(void)
{
	vfs_skip("calls of 32-bit programs", -ENOSYS);
}

#endif

const struct vfs_case vfs_compat_cases[] = {
	{ "compat", compat, "twenty calls with numbers of 32-bit programs" },
	{ 0 },
};
