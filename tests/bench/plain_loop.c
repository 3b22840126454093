// SPDX-License-Identifier: Apache-2.0
/* The simplest program that moves the same bytes: plain_loop w|r FILE TRANSFER COUNT; prints MiB/s. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char *argv[])
{
	size_t transfer, count;
	double begin;
	void *data;
	int fd;

	if (argc != 5)
		return 2;
	transfer = strtoull(argv[3], NULL, 10);
	count = strtoull(argv[4], NULL, 10);
	if (posix_memalign(&data, 4096, transfer))
		return 1;
	memset(data, 0x5a, transfer);
	begin = now_s();
	fd = open(argv[2], argv[1][0] == 'w' ? O_RDWR | O_CREAT : O_RDONLY, 0644);
	if (fd < 0)
		return 1;
	for (size_t i = 0; i < count; i++) {
		off_t at = (off_t)(i * transfer);
		ssize_t n = argv[1][0] == 'w' ? pwrite(fd, data, transfer, at)
					      : pread(fd, data, transfer, at);

		if (n != (ssize_t)transfer)
			return 1;
	}
	if (close(fd))
		return 1;
	printf("%.2f\n", (double)transfer * (double)count / 0x1p20 / (now_s() - begin));
	free(data);
	return 0;
}
