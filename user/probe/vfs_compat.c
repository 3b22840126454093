// SPDX-License-Identifier: Apache-2.0
/* Numbers of system calls of 32-bit programs, apart from all others. */
#ifdef __x86_64__
#include <asm/unistd_32.h>
#endif

#include "base/cleanup.h"
#include "probe/vfs_internal.h"

/* Those of shared/vfs_calls.h, and what only 32 bits need. */
static const unsigned short numbers[] = {
#ifdef __x86_64__
	__NR_read,	  __NR_pread64,	  __NR_readv,		__NR_preadv,
	__NR_preadv2,	  __NR_write,	  __NR_pwrite64,	__NR_writev,
	__NR_pwritev,	  __NR_pwritev2,  __NR_fsync,		__NR_fdatasync,
	__NR_sync,	  __NR_syncfs,	  __NR_msync,		__NR_open,
	__NR_openat,	  __NR_openat2,	  __NR_creat,		__NR_close,
	__NR_stat,	  __NR_lstat,	  __NR_fstat,		__NR_oldstat,
	__NR_oldlstat,	  __NR_oldfstat,  __NR_stat64,		__NR_lstat64,
	__NR_fstat64,	  __NR_fstatat64, __NR_statx,		__NR_getdents,
	__NR_getdents64,  __NR_rename,	  __NR_renameat,	__NR_renameat2,
	__NR_unlink,	  __NR_unlinkat,  __NR_rmdir,		__NR_mkdir,
	__NR_mkdirat,	  __NR_truncate,  __NR_truncate64,	__NR_ftruncate,
	__NR_ftruncate64, __NR_fallocate, __NR_splice,		__NR_sendfile,
	__NR_sendfile64,  __NR_io_submit, __NR_sync_file_range, __NR_copy_file_range,
#else
	0,
#endif
};

size_t vfs_compat_numbers(const unsigned short **ret)
{
	*ret = numbers;
#ifdef __x86_64__
	return ARRAY_SIZE(numbers);
#else
	return 0;
#endif
}
